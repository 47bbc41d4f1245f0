#include "plain.h"

#include <string.h>

/* joblib's, around elements in the middle of the pickle. */
static bool is_wrapper(const npk_value *value)
{
    npk_object object;
    return npk_value_as_object(value, &object) &&
           (object.construction == NPK_BY_NEW || npk_value_is_global(object.callable, "copyreg", "_reconstructor"));
}

/* NumPy gives an array that has a state the order of the machine; one that a call has made of bytes is what the call
 * says. */
static bool stays_big_endian(const npk_value *value, const npk_array *array)
{
    npk_object object;
    return npk_dtype_byteorder(array->dtype) == '>' && npk_value_as_object(value, &object) && object.state == NULL;
}

bool tool_is_plain_array(const npk_value *value, npk_array *array)
{
    int ndim;
    const int64_t *shape;
    return npk_array_of(value, array, NULL) == NPK_OK && !array->readonly && !is_wrapper(value) &&
           !stays_big_endian(value, array) && npk_value_calls(value) == NULL &&
           strcmp(npk_array_class(value), "numpy.ndarray") == 0 && npk_dtype_type(array->dtype) != NPK_VSTRING &&
           !npk_dtype_is_struct(array->dtype) && !npk_dtype_has_object(array->dtype) &&
           npk_dtype_subarray(array->dtype, &ndim, &shape) == NULL;
}
