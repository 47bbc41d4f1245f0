/* Arrays, scalars and dtypes among the values: what the rules have checked, as the public views. */
#include "known/known.h"

#include "base/error.h"

static const npki_array_state *array_of(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT ? value->u.object->array : NULL;
}

static bool is_scalar(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT && value->u.object->meaning == NPKI_SCALAR;
}

bool npk_is_ndarray(const npk_value *value)
{
    return array_of(value) != NULL && !is_scalar(value);
}

bool npk_is_scalar(const npk_value *value)
{
    return array_of(value) != NULL && is_scalar(value);
}

/* The bytes that a view is of, in their coat or without. */
static void look_at(npk_ndarray *out, const npk_value *payload)
{
    if (payload->coat == NPK_COAT_RAW) {
        out->payload = out->data = payload->u.text.bytes;
        out->payload_size = (size_t)payload->u.text.size;
    } else {
        out->coat = (npk_coat)payload->coat;
        out->payload = payload->u.coated->bytes;
        out->payload_size = (size_t)payload->u.coated->size;
    }
}

static void view(const npk_value *value, npk_ndarray *out)
{
    const npki_array_state *array = array_of(value);
    const npk_value *payload = array->payload;
    *out = (npk_ndarray){
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

npk_status npk_as_ndarray(const npk_value *value, npk_ndarray *out, npk_error *error)
{
    if (!npk_is_ndarray(value))
        return npki_fail(error, NPK_TYPE, "no array but %s", npk_kind_name(npk_kind_of(value)));
    view(value, out);
    return NPK_OK;
}

npk_status npk_as_masked(const npk_value *value, npk_ndarray *data, npk_ndarray *mask, const npk_value **fill,
                         npk_error *error)
{
    if (!npk_is_masked(value))
        return npki_fail(error, NPK_TYPE, "no masked array but %s", npk_kind_name(npk_kind_of(value)));
    const npki_mask *state = array_of(value)->mask;
    view(value, data);
    *mask = (npk_ndarray){
        .dtype = npk_dtype_of(NPK_BOOL),
        .ndim = state->ndim,
        .shape = state->shape,
        .strides = state->strides,
        .order = state->order,
        .source = value,
    };
    look_at(mask, state->bytes);
    *fill = state->fill;
    return NPK_OK;
}

bool npk_is_masked(const npk_value *value)
{
    return array_of(value) != NULL && array_of(value)->mask != NULL;
}

npk_status npk_as_scalar(const npk_value *value, npk_ndarray *out, npk_error *error)
{
    if (!npk_is_scalar(value))
        return npki_fail(error, NPK_TYPE, "no NumPy scalar but %s", npk_kind_name(npk_kind_of(value)));
    view(value, out);
    return NPK_OK;
}

const npk_dtype *npk_as_dtype(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT ? value->u.object->dtype : NULL;
}

const char *npk_ndarray_class(const npk_value *value)
{
    return npk_is_ndarray(value) ? array_of(value)->class_name : NULL;
}
