/* Arrays, scalars and dtypes among the values: what the rules have checked, as the public views. */
#include "known/known.h"

#include "base/error.h"

static const npki_array_state *array_of(const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_OBJECT ? value->u.object->array : NULL;
}

static bool is_scalar(const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_OBJECT && value->u.object->meaning == NPKI_SCALAR;
}

bool npk_value_is_array(const npk_value *value)
{
    return array_of(value) != NULL && !is_scalar(value);
}

bool npk_value_is_scalar(const npk_value *value)
{
    return array_of(value) != NULL && is_scalar(value);
}

/* The bytes that a view is of, encoded or not. */
static void look_at(npk_array *out, const npk_value *payload)
{
    if (payload->encoding == NPK_ENCODING_RAW) {
        out->payload = out->data = payload->u.text.bytes;
        out->payload_size = (size_t)payload->u.text.size;
    } else {
        out->encoding = (npk_encoding)payload->encoding;
        out->payload = payload->u.encoded->bytes;
        out->payload_size = (size_t)payload->u.encoded->size;
    }
}

static void view(const npk_value *value, npk_array *out)
{
    const npki_array_state *array = array_of(value);
    const npk_value *payload = array->payload;
    *out = (npk_array){
        .dtype = array->dtype,
        .ndim = array->ndim,
        .shape = array->shape,
        .strides = array->strides,
        .order = array->order,
        .readonly = array->readonly,
        .source = value,
    };
    if (array->raw != NULL) {
        out->payload = out->data = array->raw;
        out->payload_size = (size_t)array->nbytes;
    } else if (payload == NULL || payload->kind == NPK_KIND_LIST) {
        out->objects = payload;
    } else {
        look_at(out, payload);
    }
}

npk_status npk_array_of(const npk_value *value, npk_array *out, npk_error *error)
{
    if (!npk_value_is_array(value))
        return npki_fail(error, NPK_ERR_TYPE, "expected an array, found %s", npk_kind_name(npk_value_kind(value)));
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the array, found NULL");
    view(value, out);
    return NPK_OK;
}

npk_status npk_walk_next_array(npk_walk *walk, const npk_value **value, npk_array *out, npk_error *error)
{
    npk_status status;
    if (walk == NULL || value == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a walk and room for an array, found NULL");
    do
        status = npk_walk_next(walk, value, error);
    while (status == NPK_OK && *value != NULL && !npk_value_is_array(*value));
    if (status == NPK_OK && *value != NULL)
        view(*value, out);
    return status;
}

npk_status npk_masked_of(const npk_value *value, npk_array *data, npk_array *mask, const npk_value **fill,
                         npk_error *error)
{
    if (!npk_value_is_masked(value))
        return npki_fail(error, NPK_ERR_TYPE, "expected a masked array, found %s",
                         npk_kind_name(npk_value_kind(value)));
    const npki_mask *state = array_of(value)->mask;
    if (data != NULL)
        view(value, data);
    if (fill != NULL)
        *fill = state->fill;
    if (mask == NULL)
        return NPK_OK;
    *mask = (npk_array){
        .dtype = npk_dtype_native(NPK_BOOL),
        .ndim = state->ndim,
        .shape = state->shape,
        .strides = state->strides,
        .order = state->order,
        .source = value,
    };
    look_at(mask, state->bytes);
    return NPK_OK;
}

bool npk_value_is_masked(const npk_value *value)
{
    return array_of(value) != NULL && array_of(value)->mask != NULL;
}

npk_status npk_scalar_of(const npk_value *value, npk_array *out, npk_error *error)
{
    if (!npk_value_is_scalar(value))
        return npki_fail(error, NPK_ERR_TYPE, "expected a NumPy scalar, found %s",
                         npk_kind_name(npk_value_kind(value)));
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the array, found NULL");
    view(value, out);
    return NPK_OK;
}

const npk_dtype *npk_value_dtype(const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_OBJECT ? value->u.object->dtype : NULL;
}

bool npk_value_is_outside(const npk_value *value)
{
    if (npk_value_is_array(value) && array_of(value)->payload != NULL)
        value = array_of(value)->payload;
    return npk_value_kind(value) == NPK_KIND_BUFFER;
}

const char *npk_array_class(const npk_value *value)
{
    return npk_value_is_array(value) ? array_of(value)->class_name : NULL;
}
