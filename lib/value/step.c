#include "value/step.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

/* --- children --- */

/* Of an object whose class npickle does not know, in the order in which a pickle has them. */
typedef enum slot { CALLABLE, ARGS, KWARGS, LISTITEMS, DICTITEMS, STATE, LATER, SLOTS } slot;

static const char *const slot_names[SLOTS] = {".callable", ".args", ".kwargs", "", "", ".state", ".later"};

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

size_t npki_children(const npk_value *value)
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

const npk_value *npki_child(const npk_value *value, size_t index)
{
    if (value->kind == NPK_KIND_PERSID)
        return value->u.id;
    if (value->kind != NPK_KIND_OBJECT)
        return npki_item_of(value, index);
    const npki_object *object = value->u.object;
    if (is_known(value)) {
        const npk_value *items = object_items(value);
        return items != NULL && index < npki_count_of(items) ? npki_item_of(items, index) : extra(value);
    }
    const npk_value *const slots[SLOTS] = {object->callable,  object->args,      object->kwargs,
                                           object->listitems, object->dictitems, object->state,
                                           object->later};
    return slots[index];
}

npk_value **npki_place_of(npk_value *value, size_t index)
{
    if (value->kind == NPK_KIND_PERSID)
        return &value->u.id;
    if (value->kind != NPK_KIND_OBJECT)
        return &value->u.items->at[index];
    npki_object *object = value->u.object;
    if (is_known(value)) {
        bool item = object_items(value) != NULL && index < npki_count_of(object_items(value));
        return item ? &object->array->payload->u.items->at[index] : NULL;
    }
    npk_value **const places[SLOTS] = {&object->callable,  &object->args,      &object->kwargs, &object->listitems,
                                       &object->dictitems, &object->state, &object->later};
    return places[index];
}

bool npki_is_state(const npk_value *value, size_t index)
{
    return value->kind == NPK_KIND_OBJECT && !is_known(value) && index == STATE && value->u.object->state != NULL &&
           value->u.object->state->kind == NPK_KIND_DICT;
}

bool npki_is_through(const npk_value *value, size_t index)
{
    return value->kind == NPK_KIND_OBJECT && !is_known(value) &&
           (index == LISTITEMS || index == DICTITEMS || npki_is_state(value, index));
}

/* --- steps --- */

static bool add_text(npki_dynbuf *out, const char *text)
{
    return npki_dynbuf_add(out, text, strlen(text));
}

static bool add_number(npki_dynbuf *out, int64_t number)
{
    char text[21];
    return npki_dynbuf_add(out, text, npki_print_int64(number, text));
}

/* Position `index` in C order as "[1, 2]"; "[()]" where there are no dimensions. */
static bool add_position(npki_dynbuf *out, const npki_array_state *array, size_t index)
{
    int64_t place[NPK_MAXDIMS];
    for (int i = array->ndim; i-- > 0;) {
        place[i] = (int64_t)index % array->shape[i];
        index = (size_t)((int64_t)index / array->shape[i]);
    }
    bool good = add_text(out, array->ndim == 0 ? "[()" : "[");
    for (int i = 0; good && i < array->ndim; i++)
        good = (i == 0 || add_text(out, ", ")) && add_number(out, place[i]);
    return good && add_text(out, "]");
}

typedef uint64_t repr_function(const uint8_t *bytes, size_t size, uint8_t *out);

static bool add_repr(npki_dynbuf *out, const npk_value *key, repr_function *repr)
{
    const char *text;
    size_t size;
    if (!npki_text_of(key, &text, &size))
        return false;
    uint64_t needed = repr((const uint8_t *)text, size, NULL);
    uint8_t *room = needed > SIZE_MAX ? NULL : npki_dynbuf_room(out, (size_t)needed);
    if (room == NULL)
        return false;
    repr((const uint8_t *)text, size, room);
    out->size += (size_t)needed;
    return true;
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
    for (size_t i = 0; i < SLOTS; i++) /* these words are taken */
        if (slot_names[i][0] == '.' && npki_text_is(key, slot_names[i] + 1))
            return false;
    return !npki_text_is(key, "keys") && !npki_text_is(key, "values");
}

/* By the key where it is one that can be written down, else by place. */
static bool add_dict_step(npki_dynbuf *out, const npk_value *dict, size_t index, bool from_state)
{
    const npk_value *key = npki_item_of(dict, index & ~(size_t)1);
    const char *text;
    size_t size;
    if (index % 2 == 1 && from_state && is_identifier(key))
        return add_text(out, ".") && npki_text_of(key, &text, &size) && npki_dynbuf_add(out, text, size);
    if (from_state && !add_text(out, ".state"))
        return false;
    if (index % 2 == 1 && key->kind == NPK_KIND_INT && (key->flags & NPKI_IS_LONG) == 0)
        return add_text(out, "[") && add_number(out, key->u.integer) && add_text(out, "]");
    if (index % 2 == 1 && (key->kind == NPK_KIND_STR || key->kind == NPK_KIND_PYTHON2_STR))
        return add_text(out, "[") && add_repr(out, key, npki_repr_str) && add_text(out, "]");
    if (index % 2 == 1 && key->kind == NPK_KIND_BYTES && key->encoding == NPK_ENCODING_RAW)
        return add_text(out, "[") && add_repr(out, key, npki_repr_bytes) && add_text(out, "]");
    return add_text(out, index % 2 == 1 ? ".values[" : ".keys[") && add_number(out, (int64_t)(index / 2)) &&
           add_text(out, "]");
}

bool npki_step(const npk_value *value, size_t index, bool through, bool from_state, npki_dynbuf *out)
{
    switch ((npk_kind)value->kind) {
    case NPK_KIND_DICT:
        return add_dict_step(out, value, index, from_state);
    case NPK_KIND_SET:
    case NPK_KIND_FROZENSET:
        return add_text(out, ".values[") && add_number(out, (int64_t)index) && add_text(out, "]");
    case NPK_KIND_PERSID:
        return add_text(out, ".id");
    case NPK_KIND_OBJECT:
        if (!is_known(value))
            return (through && npki_is_through(value, index)) || add_text(out, slot_names[index]);
        if (object_items(value) != NULL && index < npki_count_of(object_items(value)))
            return add_position(out, value->u.object->array, index);
        return add_text(out, value->u.object->meaning == NPKI_MASKED ? ".fill_value" : ".state");
    default:
        return add_text(out, "[") && add_number(out, (int64_t)index) && add_text(out, "]");
    }
}
