/* The order of calls, and the place on the stack where each was made or fetched. */
#include "reader/build.h"

#include "base/bytes.h"
#include "known/known.h"
#include "value/event.h"

/* --- calls --- */

npk_status npki_begin_order(npki_builder *b)
{
    if (b->order != NULL)
        return NPK_OK;
    b->order = npki_arena_take(b->site.arena, sizeof *b->order);
    if (b->order == NULL)
        return npki_site_full(&b->site);
    *b->order = (npki_order){.root = NULL};
    return NPK_OK;
}

void npki_end_order(npki_builder *b, npk_value *root)
{
    b->doc->root = root;
    if (root->kind != NPK_KIND_BUFFER && npki_can_have_events(root)) /* it may be placed later, by a pickle behind it */
        root->flags |= NPKI_IS_ROOT;
    if (b->order != NULL)
        b->order->root = root;
}

/* Forgets the places from `at` on; whether there were any. */
static bool forget_calls(npki_builder *b, uint32_t at)
{
    bool any = false;
    for (npki_places *last; (last = npki_last_of(&b->called, sizeof *last)) != NULL && last->end > at; any = true) {
        last->end = at;
        if (last->from >= at)
            b->called.size -= sizeof *last;
    }
    return any;
}

static bool add_place(npki_builder *b, uint32_t at)
{
    const npki_places one = {at, at + 1};
    npki_places *last = npki_last_of(&b->called, sizeof *last);
    if (last == NULL || last->end != at)
        return npki_dynbuf_add(&b->called, &one, sizeof one);
    last->end++;
    return true;
}

/* What is forgotten may be of a value that was put together below. */
bool npki_note_call_at(npki_builder *b, size_t at)
{
    const uint32_t place = (uint32_t)at;
    const npki_places *last = npki_last_of(&b->called, sizeof *last);
    const bool is_there = last != NULL && last->end == at + 1 && last->from < at; /* with the one below: all stays */
    if (at >= UINT32_MAX || is_there)
        return true;
    if (forget_calls(b, place) && place > 0) {
        forget_calls(b, place - 1);
        if (!add_place(b, place - 1))
            return false;
    }
    return add_place(b, place);
}

bool npki_calls_return(npki_builder *b)
{
    return npki_note_call(b, b->height);
}

bool npki_forget_calls_at(npki_builder *b, size_t at)
{
    return at < UINT32_MAX && forget_calls(b, (uint32_t)at);
}

bool npki_calls_below(npki_builder *b)
{
    return b->height == 0 || npki_note_call(b, b->height - 1);
}

bool npki_forget_calls(npki_builder *b)
{
    const bool any = npki_forget_calls_at(b, b->height);
    if (any)
        (void)npki_calls_below(b); /* there was room for one */
    return any;
}

static bool may_get_more(const npk_value *value)
{
    return npki_can_grow(value) &&
           (value->kind != NPK_KIND_OBJECT || (value->u.object->array == NULL && value->u.object->dtype == NULL));
}

/* ... while others have it already, or may get it out of the memo. */
static bool may_get_more_by_others(const npk_value *value)
{
    const bool had = (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_PUT) != 0;
    return had && may_get_more(value);
}

/* A call takes what is in something that others have already, or may get out of the memo, and that may get more: how
 * much it takes is when it is called, and what that gets later comes later. Whether it does so. */
static bool takes_shared(const npki_object *object, const npki_order *order)
{
    npki_taken at = {.args = object->args, .reads = npki_rules[object->meaning].reads};
    bool any = false;
    for (npk_value *item; (item = npki_take_next(&at)) != NULL;) {
        const bool shared = may_get_more_by_others(item);
        if (shared && item->kind == NPK_KIND_OBJECT && item->u.object->order == NULL)
            item->u.object->order = order;
        any = any || shared;
    }
    return any;
}

/* Whether npickle knows what is called, and made nothing of it: Python looks at the arguments, and may refuse them. */
static bool is_left(const npki_object *object)
{
    const npki_rule *rule = &npki_rules[object->meaning];
    return rule->call != NULL && !rule->names && rule->build == NULL && object->array == NULL && object->dtype == NULL;
}

npk_status npki_made_now(npki_builder *b, npki_object *object)
{
    const bool takes = npki_rules[object->meaning].reads != NPKI_READS_NOTHING;
    npk_status status = takes ? npki_begin_order(b) : NPK_OK;
    const bool shared = status == NPK_OK && takes && takes_shared(object, b->order);
    return status == NPK_OK && (shared || npki_is_unknown(object) || is_left(object))
               ? npki_call_now(b, &object->order, b->height)
               : status;
}

npk_status npki_called_now(npki_builder *b, npki_object *object, size_t at)
{
    return npki_is_unknown(object) || object->order != NULL ? npki_call_now(b, &object->order, at) : NPK_OK;
}

/* Whether a state, or one of the two of a pair, is what others have or may have, and may get more: BUILD takes what is
 * in it then. */
static bool is_taken_growing(const npk_value *state)
{
    const size_t parts = npki_is_tuple_of(state, 2) ? 2 : 0;
    bool any = may_get_more_by_others(state);
    for (size_t i = 0; i < parts && !any; i++)
        any = may_get_more_by_others(npki_item_of(state, i));
    return any;
}

npk_status npki_built_now(npki_builder *b, npki_object *object, const npk_value *state, size_t at)
{
    const bool takes = npki_rules[object->meaning].build == NULL && is_taken_growing(state);
    return takes ? npki_call_now(b, &object->order, at) : npki_called_now(b, object, at);
}

/* --- what was fetched --- */

/* A value on the stack that is not where it was made; it is not there any more, if another value is. */
typedef struct fetched {
    const npk_value *value;
    uint32_t at;
    uint32_t from; /* of the events that it has had there: the first; NPKI_NOT_LATE: none */
} fetched;

static fetched *fetched_at(const npki_builder *b, size_t index)
{
    return (fetched *)(void *)b->fetched.bytes + index;
}

bool npki_note_fetched(npki_builder *b, const npk_value *value, size_t at)
{
    const fetched entry = {value, (uint32_t)at, NPKI_NOT_LATE};
    const npk_kind kind = npk_value_kind(value);
    const bool waits =
        kind == NPK_KIND_GLOBAL && (value->flags & NPKI_PLACED) == 0; /* elsewhere on the stack: it is looked up once */
    const bool does_something = (kind >= NPK_KIND_TUPLE && kind <= NPK_KIND_FROZENSET) || kind == NPK_KIND_OBJECT ||
                                kind == NPK_KIND_PERSID || waits;
    if (at >= UINT32_MAX || !does_something)
        return true;
    while (b->fetched.size > 0 && fetched_at(b, b->fetched.size / sizeof entry - 1)->at >= entry.at)
        b->fetched.size -= sizeof entry;
    return npki_dynbuf_add(&b->fetched, &entry, sizeof entry);
}

size_t npki_first_fetched(const npki_builder *b, size_t at)
{
    size_t low = 0, high = b->fetched.size / sizeof(fetched);
    while (low < high) { /* the first that is not below */
        const size_t middle = low + (high - low) / 2;
        const bool below = fetched_at(b, middle)->at < at;
        low = below ? middle + 1 : low;
        high = below ? high : middle;
    }
    return low;
}

uint32_t *npki_late_behind(npki_builder *b, const npk_value *value, size_t at, size_t *index)
{
    const size_t count = b->fetched.size / sizeof(fetched);
    while (*index < count && fetched_at(b, *index)->at < at)
        ++*index;
    fetched *entry = *index < count ? fetched_at(b, *index) : NULL;
    return entry != NULL && entry->at == at && entry->value == value ? &entry->from : NULL;
}

bool npki_was_fetched(const npki_builder *b, const npk_value *value, size_t at, size_t *index)
{
    while (*index > 0 && fetched_at(b, *index - 1)->at > at)
        --*index;
    const fetched *entry = *index > 0 ? fetched_at(b, *index - 1) : NULL;
    return entry != NULL && entry->at == at && entry->value == value;
}

uint32_t *npki_find_late(npki_builder *b, const npk_value *value, size_t at)
{
    size_t index = npki_first_fetched(b, at);
    return npki_late_behind(b, value, at, &index);
}

npk_status npki_push_shared(npki_builder *b, npk_value *value)
{
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        npki_share(b, value);
    return npki_push(b, value);
}

npk_status npki_push_fetched(npki_builder *b, npk_value *value)
{
    return npki_note_fetched(b, value, b->height) ? npki_push_shared(b, value)
                                                  : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}
