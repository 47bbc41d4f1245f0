#include <npickle/view.h>

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/dtype.h"
#include "array/layout.h"
#include "array/view.h"

#include <inttypes.h>

/* The shape with its -1 worked out. */
static npk_status settle(const npk_array *array, int ndim, const int64_t *shape, int64_t *out, npk_error *error)
{
    int64_t count = npk_array_count(array), given = 1;
    int open = -1;
    if (ndim < 0 || ndim > NPK_MAXDIMS || (ndim > 0 && shape == NULL))
        return npki_fail(error, NPK_ERR_USAGE, "expected 0 to %d dimensions, found %d", NPK_MAXDIMS, ndim);
    for (int i = 0; i < ndim; i++) {
        if (shape[i] < -1 || (shape[i] == -1 && open >= 0))
            return npki_fail(error, NPK_ERR_USAGE, "dimension %d has the length %" PRId64, i, shape[i]);
        out[i] = shape[i];
        if (shape[i] == -1)
            open = i;
        else if (!npki_mul_int64(given, shape[i], &given))
            given = -1;
        if (given < 0)
            return npki_fail(error, NPK_ERR_USAGE, "the shape has more elements than 64 bits can count");
    }
    if (open >= 0 ? given == 0 || count % given != 0 : count != given)
        return npki_fail(error, NPK_ERR_USAGE, "%" PRId64 " elements do not fit this shape", count);
    if (open >= 0)
        out[open] = count / given;
    return npki_view_check_shape(array->dtype, ndim, out, error);
}

/* Axes that lie together joined to one; those of length 1 left out. Each needs an element at least. */
static int join(int ndim, const int64_t *shape, const int64_t *strides, int64_t *lengths, int64_t *steps)
{
    int count = 0;
    int64_t span;
    for (int i = 0; i < ndim; i++) {
        if (shape[i] == 1)
            continue;
        if (count > 0 && npki_mul_int64(strides[i], shape[i], &span) && span == steps[count - 1])
            lengths[count - 1] *= shape[i];
        else
            lengths[count++] = shape[i];
        steps[count - 1] = strides[i];
    }
    return count;
}

/* Cuts the axes of `shape` out of the joined ones, from the last on. False where one would have to go over an end. */
static bool cut(int ndim, const int64_t *shape, int count, int64_t *lengths, int64_t *steps, int64_t *strides)
{
    for (int i = ndim; i-- > 0;) {
        while (count > 0 && lengths[count - 1] == 1)
            count--;
        strides[i] = count > 0 ? steps[count - 1] : 0;
        if (shape[i] == 1)
            continue;
        if (lengths[count - 1] % shape[i] != 0)
            return false;
        lengths[count - 1] /= shape[i];
        steps[count - 1] *= lengths[count - 1] > 1 ? shape[i] : 1;
    }
    return true;
}

static bool strides_over(const npk_array *array, int ndim, const int64_t *shape, int64_t *strides)
{
    int64_t lengths[NPK_MAXDIMS], steps[NPK_MAXDIMS], contiguous[NPK_MAXDIMS];
    const int64_t *given = array->strides;
    if (npk_array_count(array) == 0)
        return npki_contiguous_strides(ndim, shape, array->dtype->itemsize, 'C', strides);
    if (given == NULL) {
        npki_contiguous_strides(array->ndim, array->shape, array->dtype->itemsize, array->order, contiguous);
        given = contiguous;
    }
    int count = join(array->ndim, array->shape, given, lengths, steps);
    return cut(ndim, shape, count, lengths, steps, strides);
}

npk_status npk_view_reshape(const npk_array *array, int ndim, const int64_t *shape, npk_view *out, npk_error *error)
{
    int64_t lengths[NPK_MAXDIMS], strides[NPK_MAXDIMS];
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = settle(array, ndim, shape, lengths, error);
    if (status == NPK_OK && !strides_over(array, ndim, lengths, strides))
        status = npki_fail(error, NPK_ERR_UNSUPPORTED,
                           "the elements lie so that this shape takes a copy: npk_array_copy first");
    if (status == NPK_OK)
        status = npk_view_of(array, out, error);
    if (status != NPK_OK)
        return status;
    memcpy(out->shape, lengths, (size_t)ndim * sizeof *lengths);
    memcpy(out->strides, strides, (size_t)ndim * sizeof *strides);
    out->array.ndim = ndim;
    return NPK_OK;
}
