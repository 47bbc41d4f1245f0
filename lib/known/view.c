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
    if (array->raw != NULL) { /* joblib */
        out->payload = out->data = array->raw;
        out->payload_size = (size_t)array->nbytes;
    } else if (payload == NULL || payload->kind == NPK_KIND_LIST) {
        out->objects = payload;
    } else if (payload->coat == NPK_COAT_RAW) {
        out->payload = out->data = payload->u.text.bytes;
        out->payload_size = (size_t)payload->u.text.size;
    } else {
        out->coat = (npk_coat)payload->coat;
        out->payload = payload->u.coated->bytes;
        out->payload_size = (size_t)payload->u.coated->size;
    }
}

npk_status npk_as_ndarray(const npk_value *value, npk_ndarray *out, npk_error *error)
{
    if (!npk_is_ndarray(value))
        return npki_fail(error, NPK_TYPE, "no array but %s", npk_kind_name(npk_kind_of(value)));
    view(value, out);
    return NPK_OK;
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
