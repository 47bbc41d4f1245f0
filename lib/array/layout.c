#include "array/layout.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/reserved.h"
#include "dtype/dtype.h"

#include <inttypes.h>

/* The axis that runs i-th slowest in `order`. */
static int axis_at(int ndim, char order, int i)
{
    return order == 'F' ? ndim - 1 - i : i;
}

/* An axis without elements counts as one of length 1, as in NumPy's _array_fill_strides(). */
bool npki_contiguous_strides(int ndim, const int64_t *shape, int64_t itemsize, char order, int64_t *strides)
{
    int64_t stride = itemsize;
    bool fits = true;
    for (int i = ndim; i-- > 0;) {
        int axis = axis_at(ndim, order, i);
        strides[axis] = fits ? stride : 0;
        if (fits && shape[axis] != 0)
            fits = npki_mul_int64(stride, shape[axis], &stride);
    }
    return fits;
}

/* _UpdateContiguousFlags() of NumPy. Without strides the array lies in one piece in its own order. */
static bool is_contiguous(const npk_array *array, char order)
{
    int64_t strides[NPK_MAXDIMS];
    const int64_t *given = array->strides;
    int64_t expected = array->dtype->itemsize;
    bool is_good = true;
    if (given == NULL) {
        if (!npki_contiguous_strides(array->ndim, array->shape, expected, array->order, strides))
            return false;
        given = strides;
    }
    for (int i = array->ndim; i-- > 0;) {
        int axis = axis_at(array->ndim, order, i);
        if (array->shape[axis] == 0)
            return true;
        if (array->shape[axis] == 1 || !is_good)
            continue;
        is_good = given[axis] == expected && npki_mul_int64(expected, array->shape[axis], &expected);
    }
    return is_good;
}

bool npki_is_c_contiguous(const npk_array *array)
{
    return is_contiguous(array, 'C');
}

bool npki_is_f_contiguous(const npk_array *array)
{
    return is_contiguous(array, 'F');
}

char npk_array_order(const npk_array *array)
{
    if (array == NULL || array->dtype == NULL || array->ndim < 0 || array->ndim > NPK_MAXDIMS ||
        (array->shape == NULL && array->ndim > 0))
        return 0;
    if (npki_is_c_contiguous(array))
        return 'C';
    return npki_is_f_contiguous(array) ? 'F' : 'K';
}

/* The product of the lengths that are not 0, times `itemsize`; false where it overflows or a length is negative. */
static bool measure(const npk_array *array, int64_t itemsize, int64_t *product, bool *is_empty)
{
    int64_t count = 1;
    *is_empty = false;
    if (array == NULL)
        return false;
    if (array->ndim < 0 || array->ndim > NPK_MAXDIMS || (array->ndim > 0 && array->shape == NULL))
        return false;
    for (int i = 0; i < array->ndim; i++) {
        if (array->shape[i] < 0)
            return false;
        *is_empty |= array->shape[i] == 0;
        if (array->shape[i] != 0 && !npki_mul_int64(count, array->shape[i], &count))
            return false;
    }
    return npki_mul_int64(count, itemsize, product);
}

int64_t npk_array_count(const npk_array *array)
{
    int64_t count;
    bool is_empty;
    if (!measure(array, 1, &count, &is_empty))
        return -1;
    return is_empty ? 0 : count;
}

int64_t npk_array_nbytes(const npk_array *array)
{
    int64_t count = array == NULL || array->dtype == NULL ? -1 : npk_array_count(array), nbytes;
    return count < 0 || !npki_mul_int64(count, array->dtype->itemsize, &nbytes) ? -1 : nbytes;
}

/* Whether every element's distance from the first fits an int64. */
static bool strides_fit(const npk_array *array)
{
    int64_t lowest = 0, highest = 0, reach;
    for (int i = 0; array->strides != NULL && i < array->ndim; i++) {
        if (!npki_mul_int64(array->strides[i], array->shape[i] > 0 ? array->shape[i] - 1 : 0, &reach) ||
            !npki_add_int64(reach < 0 ? lowest : highest, reach, reach < 0 ? &lowest : &highest))
            return false;
    }
    return true;
}

bool npki_is_fortran_as_made(const npk_array *array)
{
    int long_axes = 0;
    if (array->order != 'F' || array->dtype->itemsize != 0)
        return false;
    for (int i = 0; i < array->ndim; i++)
        long_axes += array->shape[i] > 1;
    return long_axes > 1 && npk_array_count(array) != 0;
}

char npki_memory_order(const npk_array *array)
{
    if (npki_is_fortran_as_made(array))
        return 'F';
    return !npki_is_c_contiguous(array) && npki_is_f_contiguous(array) ? 'F' : 'C';
}

/* _IsContiguous() and _IsFortranContiguous() of NumPy 1.8. */
static bool is_strictly_contiguous(const npk_array *array, const int64_t *strides, char order)
{
    int64_t expected = array->dtype->itemsize;
    for (int i = array->ndim; i-- > 0;) {
        int axis = axis_at(array->ndim, order, i);
        if (array->shape[axis] == 0)
            return true;
        if (strides[axis] != expected || !npki_mul_int64(expected, array->shape[axis], &expected))
            return false;
    }
    return true;
}

char npki_strict_order(const npk_array *array)
{
    int64_t room[NPK_MAXDIMS];
    const int64_t *strides = array->strides != NULL ? array->strides : room;
    if (array->strides == NULL &&
        !npki_contiguous_strides(array->ndim, array->shape, array->dtype->itemsize, array->order, room))
        return 'C';
    bool c = is_strictly_contiguous(array, strides, 'C'), f = is_strictly_contiguous(array, strides, 'F');
    return f && (!c || (npk_array_count(array) == 0 && array->order == 'F')) ? 'F' : 'C';
}

npk_status npki_array_check(const npk_array *array, npk_error *error)
{
    int64_t nbytes;
    bool is_empty;
    if (array == NULL || array->dtype == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected an array with a dtype, found none");
    if ((array->reserved[0] | array->reserved[1] | array->reserved[2] | array->reserved[3]) != 0)
        return NPKI_CHECK_RESERVED(array, "npk_array", error);
    if (array->ndim < 0 || array->ndim > NPK_MAXDIMS)
        return npki_fail(error, NPK_ERR_USAGE, "expected 0 to %d dimensions, found %d", NPK_MAXDIMS, array->ndim);
    if (array->ndim > 0 && array->shape == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "an array of %d dimensions without a shape", array->ndim);
    for (int i = 0; i < array->ndim; i++)
        if (array->shape[i] < 0)
            return npki_fail(error, NPK_ERR_USAGE, "dimension %d has the length %" PRId64, i, array->shape[i]);
    if (!measure(array, array->dtype->itemsize, &nbytes, &is_empty))
        return npki_fail(error, NPK_ERR_USAGE, "the array has more bytes than 64 bits can count");
    if ((unsigned)array->encoding > NPK_ENCODING_STRING_ESCAPE)
        return npki_fail(error, NPK_ERR_USAGE, "expected an encoding, found %d", (int)array->encoding);
    if (array->order != 0 && array->order != 'C' && array->order != 'F' &&
        !(array->order == 'K' && array->strides != NULL))
        return npki_fail(error, NPK_ERR_USAGE, "expected the order 'C' or 'F', found 0x%02x",
                         (unsigned char)array->order);
    if (!strides_fit(array))
        return npki_fail(error, NPK_ERR_USAGE, "strides that reach further than 64 bits can count");
    bool is_elsewhere = array->payload != NULL || (array->objects != NULL && array->dtype->has_object);
    if (array->data == NULL && !is_elsewhere && nbytes != 0 && !is_empty)
        return npki_fail(error, NPK_ERR_USAGE, "an array of %" PRId64 " bytes without data", nbytes);
    return NPK_OK;
}
