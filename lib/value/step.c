#include "value/step.h"

#include "base/bytes.h"
#include "text/quote.h"
#include "text/unicode.h"
#include "value/event.h"

#include <string.h>

/* --- children --- */

/* Of any object; of an array, whose elements the numbers are of. */
static const char *const slot_names[NPKI_SLOTS][2] = {
    {".<callable>", ".<callable>"}, {".<args>", ".<args>"},   {".<kwargs>", ".<kwargs>"}, {"", ".<listitems>"},
    {"", ".<dictitems>"},           {".<state>", ".<state>"}, {".<states>", ".<states>"},
};

#define MASKED_FILL_VALUE 6 /* the last of a masked array's */
#define MOST_KEYS 64        /* of a dict that is searched for a key at each step */

/* Whether there are items in what is added to an object: an edit may have taken the last one out. */
static bool has_items(const npk_value *part)
{
    return part != NULL && npki_count_of(part) + npki_dropped_count(part) > 0; /* a list or dict */
}

/* The first of an object's parts that are children. All of one that npickle does not know; of an array none, but for
 * what a class of its own has: items that were added to it, the state in which there is something beside NumPy's; of an
 * array.array its attributes. */
static npki_slot first_slot(const npki_object *object)
{
    const npki_array_state *array = object->array;
    if (array == NULL)
        return object->dtype == NULL ? NPKI_SLOT_CALLABLE : NPKI_SLOTS;
    if (array->holders != NULL && array->of_unknown)
        return NPKI_SLOT_CALLABLE;
    const bool more = has_items(object->listitems) || has_items(object->dictitems);
    return array->holders != NULL || array->typecode != 0 || more ? NPKI_SLOT_LISTITEMS : NPKI_SLOTS;
}

/* The end of those parts: the tuple that is an array's state is none of them. */
static npki_slot end_slot(const npki_object *object)
{
    const npki_array_state *array = object->array;
    const bool of_state = array != NULL && array->holders == NULL && array->typecode == 0;
    return of_state && first_slot(object) < NPKI_SLOTS ? NPKI_SLOT_STATE : NPKI_SLOTS;
}

/* The tuple that holds an array's state, and where in it that begins. */
static npk_value *state_of(const npki_object *object, size_t *start)
{
    const npki_array_state *array = object->array;
    *start = array->holders != NULL ? array->start : 0;
    return array->holders != NULL ? array->holders[array->holder_count - 1] : object->state;
}

/* The place of a masked array's fill value; NULL for other arrays. */
static npk_value **fill_value(const npki_object *object)
{
    size_t start;
    if (object->array == NULL || object->array->mask == NULL)
        return NULL;
    npk_value *state = state_of(object, &start);
    return &state->u.items->at[start + MASKED_FILL_VALUE];
}

/* The list of an array's items, if those are Python objects. */
static npk_value *object_items(const npki_object *object)
{
    const npki_array_state *array = object->array;
    return array != NULL && array->payload != NULL && array->payload->kind == NPK_KIND_LIST ? array->payload : NULL;
}

/* Items and fill value, which come before its parts. */
static size_t before_slots(const npki_object *object)
{
    const npk_value *items = object_items(object);
    return (items != NULL ? npki_count_of(items) : 0) + (fill_value(object) != NULL);
}

/* All parts of it are its children, and it has no others. */
static bool is_all_parts(const npki_object *object)
{
    return object->array == NULL && object->dtype == NULL;
}

static const npk_value *part_of(npki_object *object, npki_slot at)
{
    const npk_value *part = *npki_place_of_slot(object, at);
    const bool of_items = at == NPKI_SLOT_LISTITEMS || at == NPKI_SLOT_DICTITEMS || at == NPKI_SLOT_LATER;
    return of_items && !has_items(part) ? NULL : part;
}

/* Which part a child of an object is; NPKI_SLOTS for its items and fill value. */
static npki_slot slot_at(const npk_value *value, size_t index)
{
    const npki_object *object = value->u.object;
    size_t before = before_slots(object);
    return index < before ? NPKI_SLOTS : (npki_slot)(first_slot(object) + (index - before));
}

size_t npki_child_at(const npk_value *object, npki_slot slot)
{
    return before_slots(object->u.object) + slot;
}

size_t npki_own_children_of(const npk_value *value)
{
    switch ((npk_kind)value->kind) {
    case NPK_KIND_PERSID:
    case NPK_KIND_MALFORMED:
        return 1;
    case NPK_KIND_OBJECT:
        if (is_all_parts(value->u.object))
            return NPKI_SLOTS;
        return before_slots(value->u.object) + (end_slot(value->u.object) - first_slot(value->u.object));
    default:
        return 0;
    }
}

npk_value **npki_place_of(npk_value *value, size_t index)
{
    size_t own = npki_own_children(value);
    if (index >= own)
        return npki_dropped_at(value, index - own);
    if (value->kind == NPK_KIND_PERSID)
        return &value->u.id;
    if (value->kind == NPK_KIND_MALFORMED)
        return &value->u.malformed->args;
    if (value->kind != NPK_KIND_OBJECT)
        return &value->u.items->at[index];
    npki_object *object = value->u.object;
    npk_value *items = object_items(object);
    if (items != NULL && index < npki_count_of(items))
        return &items->u.items->at[index];
    npki_slot at = slot_at(value, index);
    bool holds_array = object->array != NULL && object->array->holders != NULL &&
                       at == (object->array->in_arguments ? NPKI_SLOT_ARGS : NPKI_SLOT_STATE);
    return at == NPKI_SLOTS || holds_array ? NULL : npki_place_of_slot(object, at);
}

const npk_value *npki_child_of(const npk_value *value, size_t index)
{
    size_t own = npki_own_children(value);
    if (index >= own)
        return *npki_dropped_at(value, index - own);
    if (value->kind == NPK_KIND_PERSID)
        return value->u.id;
    if (value->kind == NPK_KIND_MALFORMED)
        return value->u.malformed->args;
    if (value->kind != NPK_KIND_OBJECT)
        return npki_item_of(value, index);
    const npki_object *object = value->u.object;
    const npk_value *items = object_items(object);
    if (items != NULL && index < npki_count_of(items))
        return npki_item_of(items, index);
    npki_slot at = slot_at(value, index);
    if (at == NPKI_SLOTS)
        return *fill_value(object);
    return part_of(value->u.object, at);
}

/* --- where they stand --- */

static bool is_dict(const npk_value *value)
{
    return value->kind == NPK_KIND_DICT;
}

/* copyreg: (state or None, slots) */
static bool is_slots(const npk_value *state)
{
    return npki_is_tuple_of(state, 2) && is_dict(npki_item_of(state, 1)) &&
           (is_dict(npki_item_of(state, 0)) || npki_item_of(state, 0)->kind == NPK_KIND_NONE);
}

static npki_part part_of_object(const npk_value *value, size_t index)
{
    const npki_object *object = value->u.object;
    const npki_array_state *array = object->array;
    npki_slot at = slot_at(value, index);
    if (array != NULL && array->holders != NULL && at == (array->in_arguments ? NPKI_SLOT_ARGS : NPKI_SLOT_STATE))
        return NPKI_PART_HOLDER;
    switch (at) {
    case NPKI_SLOT_LISTITEMS:
        return array != NULL ? NPKI_PART_NONE : NPKI_PART_ITEMS;
    case NPKI_SLOT_DICTITEMS:
        return array != NULL ? NPKI_PART_NONE : has_items(object->listitems) ? NPKI_PART_KEYS : NPKI_PART_ITEMS;
    case NPKI_SLOT_STATE:
        if (object->state == NULL)
            return NPKI_PART_NONE;
        return is_dict(object->state)    ? NPKI_PART_ATTRIBUTES
               : is_slots(object->state) ? NPKI_PART_SLOTS
                                         : NPKI_PART_NONE;
    case NPKI_SLOT_LATER:
        return NPKI_PART_STATES;
    default:
        return NPKI_PART_NONE;
    }
}

/* In what holds an array's state: the next of these, or the one dict beside it. Few items: known/search.c. */
static npki_part part_of_holder(const npki_array_state *array, const npk_value *value, const npk_value *child)
{
    size_t dicts = 0;
    for (size_t i = 1; i < array->holder_count; i++)
        if (array->holders[i] == child)
            return NPKI_PART_HOLDER;
    for (size_t i = 0; i < npki_count_of(value); i++)
        dicts += is_dict(npki_item_of(value, i));
    return is_dict(child) && dicts == 1 && !is_dict(value) ? NPKI_PART_ATTRIBUTES : NPKI_PART_NONE;
}

npki_trail npki_trail_by_part(npki_trail at, const npk_value *value, size_t index)
{
    if (value->kind == NPK_KIND_OBJECT ? index < NPKI_SLOTS_MAKING && is_all_parts(value->u.object)
                                       : at.part == NPKI_PART_NONE)
        return (npki_trail){0};
    const npk_value *child = npki_child(value, index);
    npki_trail to = {.owner = value->kind == NPK_KIND_OBJECT ? value : at.owner};
    if (child == NULL || index >= npki_own_children(value))
        return (npki_trail){0};
    if (value->kind == NPK_KIND_OBJECT)
        to.part = part_of_object(value, index);
    else if (at.part == NPKI_PART_HOLDER)
        to.part = part_of_holder(at.owner->u.object->array, value, child);
    else if (at.part == NPKI_PART_SLOTS && is_dict(child))
        to.part = index == 0 ? NPKI_PART_BELOW : NPKI_PART_ATTRIBUTES;
    return to.part == NPKI_PART_NONE ? (npki_trail){0} : to;
}

/* Whether something is dropped over a value, in its place: what comes out of the memo for that comes elsewhere too. */
static bool is_called_over(const npk_value *value)
{
    bool found = false;
    for (size_t i = 0; !found && npki_events_of(value) != NULL && i < npki_event_count(value); i++) {
        const npki_event event = npki_event_of(value, i);
        found = event.kind == NPKI_EVENT_CALL && event.number == 0;
    }
    return found;
}

/* ... or over one of its items: a shape has no more than there are dimensions. */
static bool is_called_inside(const npk_value *value)
{
    bool found = is_called_over(value);
    for (size_t i = 0; !found && value->kind == NPK_KIND_TUPLE && i < npki_count_of(value); i++)
        found = is_called_over(npki_item_of(value, i));
    return found;
}

bool npki_is_of_holder(npki_trail at, const npk_value *value, size_t index)
{
    const npki_array_state *array = at.owner->u.object->array;
    if (array == NULL || value != array->holders[array->holder_count - 1])
        return false;
    return index >= array->start && index < array->end && !is_called_inside(npki_child(value, index));
}

/* --- steps --- */

/* "[", a number, "]" */
static void put_index(npki_sink *out, const char *before, int64_t number)
{
    npki_sink_text(out, before);
    npki_sink_int(out, number);
    npki_sink_char(out, ']');
}

/* Position `index` in C order as "[1, 2]"; "[()]" where there are no dimensions. */
static void put_position(npki_sink *out, const npki_array_state *array, size_t index)
{
    int64_t place[NPK_MAXDIMS];
    for (int i = array->ndim; i-- > 0;) {
        int64_t length = array->shape[i] > 0 ? array->shape[i] : 1; /* where there is an item, no length is 0 */
        place[i] = (int64_t)index % length;
        index = (size_t)((int64_t)index / length);
    }
    npki_sink_text(out, array->ndim == 0 ? "[()" : "[");
    for (int i = 0; i < array->ndim; i++) {
        npki_sink_text(out, i > 0 ? ", " : "");
        npki_sink_int(out, place[i]);
    }
    npki_sink_char(out, ']');
}

static void put_key(npki_sink *out, const npk_value *key, npk_text_form form)
{
    const char *text = "";
    size_t size = 0;
    if (!npki_text_of(key, &text, &size))
        npki_sink_fail(out, NPK_ERR_MEMORY);
    npki_sink_char(out, '[');
    npki_quote(out, form, text, size);
    npki_sink_char(out, ']');
}

/* The second state that an object is given, and those after it. */
static void put_state(npki_sink *out, size_t index)
{
    npki_sink_text(out, ".<state ");
    npki_sink_int(out, (int64_t)index + 2);
    npki_sink_char(out, '>');
}

static bool is_identifier(const npk_value *key)
{
    const char *text;
    size_t size;
    if (key->kind != NPK_KIND_STR && key->kind != NPK_KIND_PYTHON2_STR)
        return false;
    if (!npki_text_of(key, &text, &size) || size == 0 || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!(text[i] == '_' || (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'z') ||
              (text[i] >= 'A' && text[i] <= 'Z')))
            return false;
    return true;
}

/* A str of Python 2 that is no UTF-8 is spelled as the bytes that it is. */
static bool is_text(const npk_value *key)
{
    const char *text;
    size_t size;
    return key->kind == NPK_KIND_STR || (key->kind == NPK_KIND_PYTHON2_STR && npki_text_of(key, &text, &size) &&
                                         npki_utf8_check((const uint8_t *)text, size) == size);
}

static bool is_small_int(const npk_value *key)
{
    return key->kind == NPK_KIND_INT && (key->flags & NPKI_IS_LONG) == 0;
}

static bool is_same_key(const npk_value *key, const npk_value *other)
{
    const char *text, *another;
    size_t size, another_size;
    if (is_small_int(key))
        return is_small_int(other) && other->u.integer == key->u.integer;
    return npki_text_of(key, &text, &size) && npki_text_of(other, &another, &another_size) && another_size == size &&
           memcmp(another, text, size) == 0 && is_text(other) == is_text(key);
}

/* Whether one of the keys from pair `from` on is the same text or int. Of a dict with more than MOST_KEYS: `else_`. */
static bool has_key(const npk_value *dict, size_t from, const npk_value *key, bool else_)
{
    const char *text;
    size_t size, count = npki_count_of(dict) / 2;
    if (count > MOST_KEYS || (!is_small_int(key) && !npki_text_of(key, &text, &size)))
        return else_;
    for (size_t i = from; i < count; i++)
        if (is_same_key(key, npki_item_of(dict, 2 * i)))
            return true;
    return false;
}

/* What an ndarray has of its own: type(array).__dict__ has them, so that no attribute of an instance is found there. */
static bool is_of_ndarray(const npk_value *key)
{
    static const char *const names[] = {"T",     "base", "ctypes", "data",     "device", "dtype",
                                        "flags", "flat", "imag",   "itemsize", "mT",     "nbytes",
                                        "ndim",  "real", "shape",  "size",     "strides"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (npki_text_is(key, names[i]))
            return true;
    return false;
}

/* Whether .name finds it. What is set twice is what came last. */
static bool is_attribute(npki_trail at, const npk_value *key)
{
    bool entries = at.part == NPKI_PART_ATTRIBUTES || at.part == NPKI_PART_BELOW || at.part == NPKI_PART_HOLDER;
    if (!entries || !is_identifier(key))
        return false;
    const npki_object *owner = at.owner->u.object;
    if (owner->array != NULL && is_of_ndarray(key))
        return false;
    return at.part != NPKI_PART_BELOW || !has_key(npki_item_of(owner->state, 1), 0, key, true);
}

typedef enum key_form { KEY_SHORT, KEY_FULL } key_form;

static bool is_long(const npk_value *key)
{
    const char *text;
    size_t size;
    return npki_text_of(key, &text, &size) && size > NPKI_LONGEST_KEY;
}

/* By the key where it is one that can be written down, else by place. */
static void put_dict_step(npki_trail at, const npk_value *dict, size_t index, size_t base, npki_sink *out,
                          key_form form)
{
    const npk_value *key = npki_item_of(dict, index & ~(size_t)1);
    bool by_key = index % 2 == 1 && (form == KEY_FULL || !is_long(key));
    const char *text = "";
    size_t size = 0;
    bool again = by_key && has_key(dict, index / 2 + 1, key, false);
    if (by_key && !again && is_attribute(at, key)) {
        (void)npki_text_of(key, &text, &size); /* is_identifier has seen it */
        npki_sink_cut(out, base);
        npki_sink_char(out, '.');
        npki_sink_bytes(out, text, size);
        return;
    }
    if (by_key && !again && is_small_int(key) && at.part != NPKI_PART_KEYS)
        put_index(out, "[", key->u.integer);
    else if (by_key && !again && is_text(key))
        put_key(out, key, NPK_TEXT_STR);
    else if (by_key && !again && (key->kind == NPK_KIND_BYTES || key->kind == NPK_KIND_PYTHON2_STR) &&
             key->encoding == NPK_ENCODING_RAW)
        put_key(out, key, NPK_TEXT_BYTES);
    else
        put_index(out, index % 2 == 1 ? ".<values>[" : ".<keys>[", (int64_t)(index / 2));
}

bool npki_has_full_step(const npk_value *value, size_t index)
{
    return value->kind == NPK_KIND_DICT && index % 2 == 1 && index < npki_own_children(value) &&
           is_long(npki_item_of(value, index - 1));
}

bool npki_full_step(npki_trail at, const npk_value *value, size_t index, size_t *base, npki_sink *out)
{
    if (at.part == NPKI_PART_NONE)
        *base = out->size;
    put_dict_step(at, value, index, *base, out, KEY_FULL);
    return out->status == NPK_OK;
}

/* The step from an object; none to its items, as they are reached from the object. */
static void put_object_step(npki_sink *out, const npk_value *value, size_t index)
{
    const npki_object *object = value->u.object;
    npki_slot at = slot_at(value, index);
    if (at != NPKI_SLOTS)
        npki_sink_text(out, slot_names[at][object->array != NULL]);
    else if (object_items(object) != NULL && index < npki_count_of(object_items(object)))
        put_position(out, object->array, index);
    else
        npki_sink_text(out, ".fill_value");
}

/* What was made and dropped, by its place among those. */
static void put_dropped(npki_sink *out, size_t index)
{
    npki_sink_text(out, ".<call ");
    npki_sink_int(out, (int64_t)index + 1);
    npki_sink_char(out, '>');
}

bool npki_step(npki_trail at, const npk_value *value, size_t index, size_t *base, npki_sink *out)
{
    size_t own = npki_own_children(value);
    if (at.part == NPKI_PART_NONE)
        *base = out->size;
    if (index >= own) {
        put_dropped(out, index - own);
        return out->status == NPK_OK;
    }
    switch ((npk_kind)value->kind) {
    case NPK_KIND_DICT:
        put_dict_step(at, value, index, *base, out, KEY_SHORT);
        break;
    case NPK_KIND_SET:
    case NPK_KIND_FROZENSET:
        put_index(out, ".<values>[", (int64_t)index);
        break;
    case NPK_KIND_PERSID:
        npki_sink_text(out, ".<id>");
        break;
    case NPK_KIND_MALFORMED:
        npki_sink_text(out, slot_names[NPKI_SLOT_ARGS][0]);
        break;
    case NPK_KIND_OBJECT:
        put_object_step(out, value, index);
        break;
    default:
        if (at.part == NPKI_PART_STATES) {
            npki_sink_cut(out, *base);
            put_state(out, index);
        } else {
            put_index(out, "[", (int64_t)index);
        }
    }
    return out->status == NPK_OK;
}
