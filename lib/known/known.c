#include "known/known.h"

#include "base/budget.h"
#include "base/bytes.h"
#include "base/error.h"
#include "text/encoding.h"
#include "value/event.h"

#include <stdarg.h>

npk_status npki_site_fail(const npki_site *site, npk_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    npki_vfail_at(site->error, status, site->offset, site->opcode, format, arguments);
    va_end(arguments);
    return status;
}

npk_status npki_site_place(const npki_site *site, npk_status status)
{
    return npki_place(site->error, status, site->offset, site->opcode);
}

npk_status npki_site_full(const npki_site *site)
{
    return npki_place(site->error, npki_arena_failed(site->arena, site->error), site->offset, site->opcode);
}

npk_status npki_repeat(npki_site *site, uint64_t bytes)
{
    if (bytes > site->arena->limit || site->repeated > site->arena->limit - bytes)
        return npki_site_fail(site, NPK_ERR_LIMIT, "the same long texts or lists are used over and over");
    site->repeated += bytes;
    return NPK_OK;
}

npk_status npki_pay(npki_site *site, uint64_t bytes)
{
    uint64_t most = npki_output_of(site->offset, site->limits->output);
    if (bytes > most || site->made > most - bytes)
        return npki_site_fail(site, NPK_ERR_LIMIT, "the same texts or lists are made into other values over and over");
    site->made += bytes;
    return NPK_OK;
}

npk_status npki_site_decode(npki_site *site, npk_value *value)
{
    npk_status status = npki_is_encoded(value) ? npki_pay(site, value->u.encoded->size) : NPK_OK;
    return status == NPK_OK ? npki_site_place(site, npki_value_decode(site->arena, value, site->error)) : status;
}

#define SHORT_BYTES 4096

npk_status npki_set_encoded(npki_site *site, npk_value *value, npk_kind kind, npk_encoding encoding,
                            const uint8_t *bytes, uint64_t size)
{
    uint64_t decoded = size;
    size_t wrong = npki_encoding_measure(encoding, bytes, (size_t)size, &decoded);
    if (wrong != size)
        return npki_site_fail(site, kind == NPK_KIND_PYTHON2_STR ? NPK_ERR_ARGUMENT : NPK_ERR_CALL,
                              "byte %zu of the text spells no byte", wrong);
    value->kind = (uint8_t)kind;
    if (decoded == size) {
        value->encoding = NPK_ENCODING_RAW;
        value->u.text.bytes = bytes;
        value->u.text.size = size;
        return NPK_OK;
    }
    npki_encoded *encoded = npki_arena_take(site->arena, sizeof *encoded);
    if (encoded == NULL)
        return npki_site_full(site);
    *encoded = (npki_encoded){bytes, size, decoded, site->offset, site->encoded};
    value->encoding = (uint8_t)encoding;
    value->u.encoded = encoded;
    if (size <= SHORT_BYTES) /* a name or a code, perhaps: at hand at once */
        return npki_site_decode(site, value);
    site->encoded = value;
    return NPK_OK;
}

npk_status npki_encode_latin1(npki_site *site, npk_value *value, npk_kind kind, npk_value *text)
{
    npk_status status =
        npki_repeat(site, text->encoding == NPK_ENCODING_RAW ? text->u.text.size : text->u.encoded->size);
    if (status != NPK_OK)
        return status;
    text->flags |= NPKI_IS_PAYLOAD;
    if (text == site->plain) {
        const npki_encoded *encoded = text->u.encoded;
        value->kind = (uint8_t)kind;
        value->encoding = NPK_ENCODING_RAW;
        value->u.text.bytes = encoded->bytes;
        value->u.text.size = encoded->decoded;
        return NPK_OK;
    }
    if (text->encoding == NPK_ENCODING_RAW) /* UTF-8, checked */
        return npki_set_encoded(site, value, kind, NPK_ENCODING_LATIN1_UTF8, text->u.text.bytes, text->u.text.size);
    return npki_set_encoded(site, value, kind, (npk_encoding)text->encoding, text->u.encoded->bytes,
                            text->u.encoded->size);
}

npk_status npki_take_text(npki_site *site, const npk_value *value, const char **text, size_t *size)
{
    npk_value decoded = *value;
    npk_status status = NPK_OK;
    *text = NULL;
    if (npki_is_encoded(value)) {
        status = npki_repeat(site, value->u.encoded->size);
        if (status == NPK_OK)
            status = npki_site_decode(site, &decoded);
    }
    if (status == NPK_OK)
        (void)npki_text_of(&decoded, text, size);
    return status;
}

bool npki_take_int(const npk_value *value, int64_t *out)
{
    return value != NULL && npk_value_as_int64(value, out);
}

bool npki_is_callable(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT)
        return value->u.object->array == NULL && value->u.object->dtype == NULL;
    return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_PERSID || value->kind == NPK_KIND_EXTENSION ||
           value->kind == NPK_KIND_MALFORMED;
}

void npki_freeze(npk_value *value, npki_freeze_how how)
{
    if (value->kind == NPK_KIND_OBJECT && value->u.object->dtype != NULL)
        value->flags |= NPKI_IS_FROZEN;
    if (value->kind == NPK_KIND_OBJECT) /* its items, if it has any */
        value->history |= NPKI_IS_TAKEN;
    if (!npki_is_container(value))
        return;
    if (how == NPKI_FREEZE_ALL)
        value->flags |= NPKI_IS_FROZEN;
    else
        value->history |= how == NPKI_FREEZE_READ ? NPKI_IS_TAKEN : NPKI_IS_SIZED;
    if (how == NPKI_FREEZE_FORM)
        value->history |= NPKI_IS_FORMED;
}

bool npki_is_frozen(const npk_value *container)
{
    return (container->flags & NPKI_IS_FROZEN) != 0 || (container->history & NPKI_IS_SIZED) != 0;
}

#define FEW_ITEMS 16 /* of a container that calls may have one after another: a shape, a list of names */

static uint64_t work_of(const npk_value *taken, bool again)
{
    const size_t count = again && npki_is_container(taken) ? npki_count_of(taken) : 0;
    return count > FEW_ITEMS ? npki_mul_saturated(count, NPKI_WORK_OF_ITEM) : 1;
}

static bool was_taken(const npk_value *value)
{
    return npki_is_frozen(value) || (value->history & NPKI_IS_TAKEN) != 0;
}

/* One that the call took. */
static inline npk_status freeze_taken(npki_site *site, npk_value *taken, npki_freeze_how how)
{
    npk_status status = npki_repeat(site, work_of(taken, was_taken(taken)));
    if (taken->kind >= NPK_KIND_TUPLE)
        npki_freeze(taken, how);
    return status;
}

npk_status npki_freeze_arguments(npki_site *site, const npk_value *value, npk_value *args, const npki_rule *rule)
{
    const bool call_stays = value->kind == NPK_KIND_OBJECT && value->u.object->array == NULL;
    const npki_freeze_how how = call_stays ? NPKI_FREEZE_READ : NPKI_FREEZE_ALL;
    if (npki_rule_reads(rule))
        npki_freeze(args, NPKI_FREEZE_ALL);
    if (rule->reads == NPKI_READS_NOTHING)
        return NPK_OK;
    npki_taken at = {.args = args, .reads = rule->reads};
    npk_status status = npki_repeat(site, work_of(args, (args->flags & NPKI_IS_SHARED) != 0));
    for (npk_value *item; status == NPK_OK && (item = npki_take_next(&at)) != NULL;)
        status = freeze_taken(site, item, how);
    return status;
}

/* Items of a container that are looked at: more than the state of an array, an instance or a dtype has. */
#define MOST_ITEMS 16

typedef bool is_function(const npk_value *, const npki_now *);

static bool is_outside(const npk_value *value, const npki_now *now)
{
    if (value->kind != NPK_KIND_OBJECT || value->u.object->stays_call == NPKI_STAYS_NOT)
        return value->kind == NPK_KIND_PERSID;
    return now == NULL || now->is_made(now->context, value);
}

/* Its items, those that are in it; 0 for what is not gone into. */
static size_t items_in(const npk_value *value, bool (*is_entered)(const npk_value *), const npki_now *now)
{
    const size_t count = is_entered(value) ? npki_count_of(value) : 0;
    const bool may_be_begun = now != NULL && now->is_begun != NULL && count > 0 && npki_may_be_met_again(value);
    return may_be_begun && now->is_begun(now->context, value) ? 0 : count;
}

/* Whether a value is such a one, or has one among its first items, or these have; those are gone into that may be. */
static bool has_one(const npk_value *value, bool (*is_entered)(const npk_value *), is_function *is, const npki_now *now)
{
    const size_t count = items_in(value, is_entered, now);
    bool found = is(value, now);
    for (size_t i = 0; i < count && i < MOST_ITEMS && !found; i++) {
        const npk_value *item = npki_item_of(value, i);
        const size_t inner = items_in(item, is_entered, now);
        found = is(item, now);
        for (size_t k = 0; k < inner && k < MOST_ITEMS && !found; k++)
            found = is(npki_item_of(item, k), now);
    }
    return found;
}

bool npki_has_outside(const npki_object *object, const npki_now *now)
{
    return has_one(object->args, npki_is_container, is_outside, now) ||
           (object->state != NULL && has_one(object->state, npki_is_container, is_outside, now));
}

/* Whether something is dropped over it: more than what comes out of the memo for what happens to it there, where an
 * edit has given up that this does. */
static bool drops_something(const npk_value *value, const npki_now *now)
{
    const size_t count = npki_dropped_count(value) == 0 ? 0 : npki_event_count(value);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        const npki_event event = npki_event_of(value, i);
        if (event.kind != NPKI_EVENT_CALL)
            continue;
        const npk_value *dropped = *npki_dropped_at(value, (size_t)event.first);
        found = event.number == 0 ? now == NULL || now->drops(now->context, value, dropped)
                                  : npki_event_is_late(dropped, event.late_first) &&
                                        (now == NULL || now->happens(now->context, value, dropped, event.late_first));
    }
    return found;
}

/* Whether nobody comes to it who goes through the graph: an object that is no dtype is met there. */
static bool is_hidden(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT ? value->u.object->dtype != NULL : value->kind <= NPK_KIND_FROZENSET;
}

static bool hides_dropped(const npk_value *value, const npki_now *now)
{
    return is_hidden(value) && drops_something(value, now);
}

static bool hides_dropped_but_in_dict(const npk_value *value, const npki_now *now)
{
    return value->kind != NPK_KIND_DICT && hides_dropped(value, now);
}

static bool is_tuple(const npk_value *value)
{
    return value->kind == NPK_KIND_TUPLE;
}

/* The fields of a dtype lie in a dict. */
static bool is_tuple_or_dict(const npk_value *value)
{
    return is_tuple(value) || value->kind == NPK_KIND_DICT;
}

bool npki_has_dropped(const npk_value *part, const npki_rule *rule, const npki_now *now)
{
    return rule->attributes ? has_one(part, is_tuple, hides_dropped_but_in_dict, now)
                            : has_one(part, is_tuple_or_dict, hides_dropped, now);
}

bool npki_can_grow(const npk_value *value)
{
    return value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET ||
           value->kind == NPK_KIND_OBJECT;
}

const npk_dtype *npki_take_dtype(npk_value *value)
{
    if (value == NULL || value->kind != NPK_KIND_OBJECT || value->u.object->dtype == NULL)
        return NULL;
    npki_freeze(value, NPKI_FREEZE_ALL);
    return value->u.object->dtype;
}

bool npki_is_left_dtype(const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    if (object == NULL || object->stays_call == NPKI_STAYS_NOT || object->callable->kind != NPK_KIND_GLOBAL)
        return false;
    const npki_global_row *row = object->callable->u.global->row;
    return row != NULL && row->meaning == NPKI_DTYPE && object->construction == NPK_BY_CALL;
}

/* Whether something else has, or may get, what the call took its items from. */
static bool is_elsewhere(const npk_value *value)
{
    return (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_PUT) != 0;
}

void npki_forget_call(npk_value *set)
{
    const npki_object *call = npki_call_of(set);
    const npk_value *args = call == NULL ? NULL : call->args;
    const npk_value *from = args == NULL || npki_count_of(args) == 0 ? NULL : npki_item_of(args, 0);
    const bool shared = from != NULL && npki_is_container(from) && (is_elsewhere(from) || is_elsewhere(args));
    for (size_t i = 0; shared && i < npki_count_of(set); i++)
        if (npki_item_of(set, i)->kind >= NPK_KIND_TUPLE)
            npki_item_of(set, i)->flags |= NPKI_IS_SHARED;
    set->history &= (uint8_t)~NPKI_WAS_CALLED;
}

bool npki_is_left_by_state(const npki_object *object)
{
    return object->stays_call == NPKI_STAYS_BY_ITSELF && object->state != NULL &&
           (object->state->flags & NPKI_IS_FROZEN) != 0;
}

npk_status npki_take_shape(npki_site *site, npk_value *value, bool or_int, int *ndim, const int64_t **shape)
{
    npk_value *const single[1] = {value};
    npk_value *const *lengths = single;
    size_t count = 1;
    if (value->kind == NPK_KIND_TUPLE) {
        count = npki_count_of(value);
        lengths = count == 0 ? NULL : value->u.items->at;
        npki_freeze(value, NPKI_FREEZE_ALL);
    } else if (!or_int || value->kind != NPK_KIND_INT) {
        return npki_site_fail(site, NPK_ERR_ARRAY, "a shape is a tuple of ints, found %s",
                              npk_kind_name(npk_value_kind(value)));
    }
    if (count > site->limits->ndim || count > NPK_MAXDIMS)
        return npki_site_fail(site, NPK_ERR_LIMIT, "an array of %zu dimensions; NumPy has at most %d", count,
                              NPK_MAXDIMS);
    int64_t *out = npki_arena_take(site->arena, count * sizeof *out);
    if (out == NULL)
        return npki_site_full(site);
    for (size_t i = 0; i < count; i++) {
        if (!npki_take_int(lengths[i], &out[i]))
            return npki_site_fail(site, NPK_ERR_ARRAY, "expected an int of 64 bits as item %zu of a shape, found %s", i,
                                  npk_kind_name(npk_value_kind(lengths[i])));
        if (out[i] < 0)
            return npki_site_fail(site, NPK_ERR_ARRAY, "item %zu of a shape is negative", i);
    }
    *ndim = (int)count;
    *shape = out;
    return NPK_OK;
}

npk_status npki_shape_bytes(npki_site *site, int ndim, const int64_t *shape, int64_t itemsize, uint64_t *count,
                            uint64_t *nbytes)
{
    int64_t lengths = 1;
    bool empty = false;
    for (int i = 0; i < ndim; i++) {
        if (shape[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(lengths, shape[i], &lengths))
            return npki_site_fail(site, NPK_ERR_ARRAY, "a shape whose product overflows");
    }
    int64_t bytes;
    if (__builtin_mul_overflow(lengths, itemsize > 0 ? itemsize : 1, &bytes))
        return npki_site_fail(site, NPK_ERR_ARRAY, "a shape whose size in bytes overflows");
    *count = empty ? 0 : (uint64_t)lengths;
    *nbytes = empty || itemsize == 0 ? 0 : (uint64_t)bytes;
    return NPK_OK;
}
