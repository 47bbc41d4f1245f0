#include "value/step.h"

#include "base/bytes.h"
#include "text/quote.h"
#include "value/event.h"

/* --- children --- */

/* Of an object whose class npickle does not know, in the order in which a pickle has them. */
typedef enum slot { CALLABLE, ARGS, KWARGS, LISTITEMS, DICTITEMS, STATE, LATER, SLOTS } slot;

static const char *const slot_names[SLOTS] = {".<callable>", ".<args>", ".<kwargs>", "", "", ".<state>", ".<states>"};

#define MASKED_FILL_VALUE 6 /* its place in the state of a masked array */

/* Whether npickle knows what is inside: then its parts as Python would make it are no children. */
static bool is_known(const npk_value *value)
{
    const npki_object *object = value->u.object;
    return value->kind == NPK_KIND_OBJECT && (object->array != NULL || object->dtype != NULL);
}

/* What an array has beside its items, or NULL. */
static const npk_value *extra(const npk_value *value)
{
    const npki_object *object = value->u.object;
    if (object->array == NULL)
        return NULL;
    return object->meaning == NPKI_MASKED && npki_is_tuple_of(object->state, MASKED_FILL_VALUE + 1)
               ? npki_item_of(object->state, MASKED_FILL_VALUE)
           : object->array->wrapped || object->array->typecode != 0 ? object->state
                                                                    : NULL;
}

/* The list of an array's items, if those are Python objects. */
static const npk_value *object_items(const npk_value *value)
{
    const npki_array_state *array = value->u.object->array;
    return array != NULL && array->payload != NULL && array->payload->kind == NPK_KIND_LIST ? array->payload : NULL;
}

/* Without what was dropped. */
static size_t own_children(const npk_value *value)
{
    switch ((npk_kind)value->kind) {
    case NPK_KIND_TUPLE:
    case NPK_KIND_LIST:
    case NPK_KIND_DICT:
    case NPK_KIND_SET:
    case NPK_KIND_FROZENSET:
        return npki_count_of(value);
    case NPK_KIND_PERSID:
        return 1;
    case NPK_KIND_OBJECT:
        if (!is_known(value))
            return SLOTS;
        return (object_items(value) != NULL ? npki_count_of(object_items(value)) : 0) + (extra(value) != NULL);
    default:
        return 0;
    }
}

size_t npki_children(const npk_value *value)
{
    return own_children(value) + npki_dropped_count(value);
}

const npk_value *npki_child(const npk_value *value, size_t index)
{
    size_t own = own_children(value);
    if (index >= own)
        return *npki_dropped_at(value, index - own);
    if (value->kind == NPK_KIND_PERSID)
        return value->u.id;
    if (value->kind != NPK_KIND_OBJECT)
        return npki_item_of(value, index);
    const npki_object *object = value->u.object;
    if (is_known(value)) {
        const npk_value *items = object_items(value);
        return items != NULL && index < npki_count_of(items) ? npki_item_of(items, index) : extra(value);
    }
    const npk_value *const slots[SLOTS] = {object->callable,  object->args,  object->kwargs, object->listitems,
                                           object->dictitems, object->state, object->later};
    return slots[index];
}

npk_value **npki_place_of(npk_value *value, size_t index)
{
    size_t own = own_children(value);
    if (index >= own)
        return npki_dropped_at(value, index - own);
    if (value->kind == NPK_KIND_PERSID)
        return &value->u.id;
    if (value->kind != NPK_KIND_OBJECT)
        return &value->u.items->at[index];
    npki_object *object = value->u.object;
    if (is_known(value)) {
        bool item = object_items(value) != NULL && index < npki_count_of(object_items(value));
        return item ? &object->array->payload->u.items->at[index] : NULL;
    }
    npk_value **const places[SLOTS] = {&object->callable,  &object->args,  &object->kwargs, &object->listitems,
                                       &object->dictitems, &object->state, &object->later};
    return places[index];
}

npki_part npki_part_at(const npk_value *value, size_t index)
{
    static const npki_part parts[SLOTS] = {
        [LISTITEMS] = NPKI_PART_ITEMS,
        [DICTITEMS] = NPKI_PART_ITEMS,
        [STATE] = NPKI_PART_STATE,
        [LATER] = NPKI_PART_STATES,
    };
    if (value->kind != NPK_KIND_OBJECT || is_known(value) || index >= SLOTS)
        return NPKI_PART_NONE;
    const npki_object *object = value->u.object;
    if (index == STATE && (object->state == NULL || object->state->kind != NPK_KIND_DICT))
        return NPKI_PART_NONE;
    return index == DICTITEMS && object->listitems != NULL ? NPKI_PART_KEYS : parts[index];
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

typedef enum key_form { KEY_SHORT, KEY_FULL } key_form;

static bool is_long(const npk_value *key)
{
    const char *text;
    size_t size;
    return npki_text_of(key, &text, &size) && size > NPKI_LONGEST_KEY;
}

/* By the key where it is one that can be written down, else by place. */
static void put_dict_step(npki_sink *out, const npk_value *dict, size_t index, npki_part from, key_form form)
{
    const npk_value *key = npki_item_of(dict, index & ~(size_t)1);
    bool by_key = index % 2 == 1 && (form == KEY_FULL || !is_long(key));
    const char *text = "";
    size_t size = 0;
    if (by_key && from == NPKI_PART_STATE && is_identifier(key)) {
        (void)npki_text_of(key, &text, &size); /* is_identifier has seen it */
        npki_sink_char(out, '.');
        npki_sink_bytes(out, text, size);
        return;
    }
    npki_sink_text(out, from == NPKI_PART_STATE ? ".<state>" : "");
    if (by_key && key->kind == NPK_KIND_INT && (key->flags & NPKI_IS_LONG) == 0 && from != NPKI_PART_KEYS)
        put_index(out, "[", key->u.integer);
    else if (by_key && (key->kind == NPK_KIND_STR || key->kind == NPK_KIND_PYTHON2_STR))
        put_key(out, key, NPK_TEXT_STR);
    else if (by_key && key->kind == NPK_KIND_BYTES && key->encoding == NPK_ENCODING_RAW)
        put_key(out, key, NPK_TEXT_BYTES);
    else
        put_index(out, index % 2 == 1 ? ".<values>[" : ".<keys>[", (int64_t)(index / 2));
}

bool npki_has_full_step(const npk_value *value, size_t index)
{
    return value->kind == NPK_KIND_DICT && index % 2 == 1 && is_long(npki_item_of(value, index - 1));
}

bool npki_full_step(const npk_value *value, size_t index, npki_part from, npki_sink *out)
{
    put_dict_step(out, value, index, from, KEY_FULL);
    return out->status == NPK_OK;
}

/* The step from an object. */
static void put_object_step(npki_sink *out, const npk_value *value, size_t index, bool through)
{
    if (!is_known(value))
        npki_sink_text(out, through && npki_part_at(value, index) != NPKI_PART_NONE ? "" : slot_names[index]);
    else if (object_items(value) != NULL && index < npki_count_of(object_items(value)))
        put_position(out, value->u.object->array, index);
    else
        npki_sink_text(out, value->u.object->meaning == NPKI_MASKED ? ".fill_value" : ".<state>");
}

/* What was made and dropped, by its place among those. */
static void put_dropped(npki_sink *out, size_t index, npki_part from)
{
    npki_sink_text(out, from == NPKI_PART_STATE ? ".<state>" : "");
    npki_sink_text(out, ".<call ");
    npki_sink_int(out, (int64_t)index + 1);
    npki_sink_char(out, '>');
}

bool npki_step(const npk_value *value, size_t index, bool through, npki_part from, npki_sink *out)
{
    size_t own = own_children(value);
    if (index >= own) {
        put_dropped(out, index - own, from);
        return out->status == NPK_OK;
    }
    switch ((npk_kind)value->kind) {
    case NPK_KIND_DICT:
        put_dict_step(out, value, index, from, KEY_SHORT);
        break;
    case NPK_KIND_SET:
    case NPK_KIND_FROZENSET:
        put_index(out, ".<values>[", (int64_t)index);
        break;
    case NPK_KIND_PERSID:
        npki_sink_text(out, ".<id>");
        break;
    case NPK_KIND_OBJECT:
        put_object_step(out, value, index, through);
        break;
    default:
        if (from == NPKI_PART_STATES)
            put_state(out, index);
        else
            put_index(out, "[", (int64_t)index);
    }
    return out->status == NPK_OK;
}
