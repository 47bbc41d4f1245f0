#include "array/view.h"

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/dtype.h"
#include "array/layout.h"

#include <inttypes.h>

npk_status npki_view_check(const npk_array *array, const npk_view *out, npk_error *error)
{
    npk_status status = npki_array_check(array, error);
    if (status != NPK_OK)
        return status;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected memory for a view, found NULL");
    if (array->dtype->has_object)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are Python objects, which no view can show");
    if (array->data == NULL && npk_array_nbytes(array) > 0)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are encoded: npk_view_decode first");
    return NPK_OK;
}

npk_status npki_view_check_shape(const npk_dtype *dtype, int ndim, const int64_t *shape, npk_error *error)
{
    const npk_array asked = {.dtype = dtype, .ndim = ndim, .shape = shape, .data = dtype}; /* no element is looked at */
    return npki_array_check(&asked, error);
}

static npk_status check_axis(const npk_array *array, int axis, int end, npk_error *error)
{
    if (axis < 0 || axis >= end)
        return npki_fail(error, NPK_ERR_USAGE, "expected an axis of the array, found %d of %d dimensions", axis,
                         array->ndim);
    return NPK_OK;
}

/* The whole array, in *out. It may be the array of *out itself. */
static void take(const npk_array *array, npk_view *out)
{
    npk_array source = *array;
    size_t size = (size_t)source.ndim * sizeof *out->shape;
    if (source.strides != NULL && size > 0)
        memmove(out->strides, source.strides, size);
    else if (size > 0)
        npki_contiguous_strides(source.ndim, source.shape, source.dtype->itemsize, source.order, out->strides);
    if (size > 0)
        memmove(out->shape, source.shape, size);
    out->array = (npk_array){.dtype = source.dtype,
                             .data = source.data,
                             .ndim = source.ndim,
                             .shape = out->shape,
                             .strides = out->strides,
                             .order = 'K',
                             .readonly = source.readonly};
    memset(out->reserved, 0, sizeof out->reserved);
}

/* An array without bytes may be without data, and its strides may lead anywhere. */
static void move(npk_view *view, int64_t bytes)
{
    if (npk_array_nbytes(&view->array) > 0)
        view->array.data = (const uint8_t *)view->array.data + bytes;
}

static void drop_axis(npk_view *view, int axis)
{
    size_t behind = (size_t)(view->array.ndim - axis - 1);
    memmove(view->shape + axis, view->shape + axis + 1, behind * sizeof *view->shape);
    memmove(view->strides + axis, view->strides + axis + 1, behind * sizeof *view->strides);
    view->array.ndim--;
}

npk_status npk_view_of(const npk_array *array, npk_view *out, npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        take(array, out);
    return status;
}

/* --- parts --- */

/* Python's slice.indices(): one end of a slice. */
static int64_t clamp(int64_t at, int64_t length, bool down)
{
    int64_t lowest = down ? -1 : 0, highest = down ? length - 1 : length;
    if (at < 0)
        at += length;
    return at < lowest ? lowest : at > highest ? highest : at;
}

npk_status npk_view_slice(const npk_array *array, int axis, int64_t start, int64_t stop, int64_t step, npk_view *out,
                          npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = check_axis(array, axis, array->ndim, error);
    if (status == NPK_OK && step == 0)
        status = npki_fail(error, NPK_ERR_USAGE, "the step of a slice is 0");
    if (status != NPK_OK)
        return status;
    take(array, out);
    int64_t length = out->shape[axis], stride = out->strides[axis], distance;
    bool down = step < 0;
    step = step == INT64_MIN ? -INT64_MAX : step;
    start = clamp(start, length, down);
    stop = clamp(stop, length, down);
    distance = down ? start - stop : stop - start;
    out->shape[axis] = distance > 0 ? (distance - 1) / (down ? -step : step) + 1 : 0;
    if (out->shape[axis] > 0)
        move(out, start * stride);
    if (npki_mul_int64(stride, step, &distance)) /* it fits wherever there are two elements */
        out->strides[axis] = distance;
    return NPK_OK;
}

npk_status npk_view_index(const npk_array *array, int axis, int64_t index, npk_view *out, npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = check_axis(array, axis, array->ndim, error);
    if (status == NPK_OK && (index < 0 || index >= array->shape[axis]))
        status = npki_fail(error, NPK_ERR_USAGE, "expected an index from 0 to %" PRId64 " on axis %d, found %" PRId64,
                           array->shape[axis] - 1, axis, index);
    if (status != NPK_OK)
        return status;
    take(array, out);
    move(out, index * out->strides[axis]);
    drop_axis(out, axis);
    return NPK_OK;
}

static const npk_field *find_field(const npk_dtype *dtype, const char *name)
{
    size_t size = name == NULL ? 0 : strlen(name);
    for (size_t i = 0; name != NULL && i < dtype->field_count; i++)
        if (dtype->fields[i].name_size == size && memcmp(dtype->fields[i].name, name, size) == 0)
            return &dtype->fields[i];
    return NULL;
}

/* Whether the axes of `dtype`, and of what is inside it, can be those of an array too. */
static npk_status check_unfolded(const npk_array *array, const npk_dtype *dtype, npk_error *error)
{
    int64_t shape[NPK_MAXDIMS];
    int ndim = array->ndim;
    if (ndim > 0)
        memcpy(shape, array->shape, (size_t)ndim * sizeof *shape);
    for (; dtype->base != NULL; dtype = dtype->base) {
        if (dtype->base_ndim > NPK_MAXDIMS - ndim)
            return npki_fail(error, NPK_ERR_USAGE, "expected 0 to %d dimensions, found %d", NPK_MAXDIMS,
                             ndim + dtype->base_ndim);
        memcpy(shape + ndim, dtype->base_shape, (size_t)dtype->base_ndim * sizeof *shape);
        ndim += dtype->base_ndim;
    }
    return npki_view_check_shape(dtype, ndim, shape, error);
}

/* The axes of a subarray become those of the view, and of what is inside it. */
static void unfold(npk_view *view)
{
    const npk_dtype *dtype;
    while ((dtype = view->array.dtype)->base != NULL) {
        int ndim = view->array.ndim;
        memcpy(view->shape + ndim, dtype->base_shape, (size_t)dtype->base_ndim * sizeof *view->shape);
        npki_contiguous_strides(dtype->base_ndim, dtype->base_shape, dtype->base->itemsize, 'C', view->strides + ndim);
        view->array.ndim += dtype->base_ndim;
        view->array.dtype = dtype->base;
    }
}

npk_status npk_view_field(const npk_array *array, const char *name, npk_view *out, npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status != NPK_OK)
        return status;
    const npk_field *field = find_field(array->dtype, name);
    if (field == NULL)
        return npki_fail(error, NPK_ERR_NOT_FOUND, "the dtype has no field '%.100s'", name == NULL ? "" : name);
    status = check_unfolded(array, field->dtype, error);
    if (status != NPK_OK)
        return status;
    take(array, out);
    move(out, field->offset);
    out->array.dtype = field->dtype;
    unfold(out);
    return NPK_OK;
}

/* --- axes --- */

npk_status npk_view_transpose(const npk_array *array, const int *axes, npk_view *out, npk_error *error)
{
    uint64_t seen = 0;
    int64_t moved[NPK_MAXDIMS];
    npk_status status = npki_view_check(array, out, error);
    for (int i = 0; status == NPK_OK && axes != NULL && i < array->ndim; i++) {
        status = check_axis(array, axes[i], array->ndim, error);
        if (status == NPK_OK && (seen >> axes[i] & 1) != 0)
            status = npki_fail(error, NPK_ERR_USAGE, "axis %d comes twice", axes[i]);
        else if (status == NPK_OK)
            seen |= (uint64_t)1 << axes[i];
    }
    if (status != NPK_OK)
        return status;
    take(array, out);
    int ndim = out->array.ndim;
    int64_t *const both[] = {out->shape, out->strides};
    for (size_t which = 0; which < 2; which++) {
        for (int i = 0; i < ndim; i++)
            moved[i] = both[which][axes != NULL ? axes[i] : ndim - 1 - i];
        if (ndim > 0)
            memcpy(both[which], moved, (size_t)ndim * sizeof *moved);
    }
    return NPK_OK;
}

npk_status npk_view_broadcast(const npk_array *array, int ndim, const int64_t *shape, npk_view *out, npk_error *error)
{
    int64_t lengths[NPK_MAXDIMS]; /* `shape` may be that of *out */
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = npki_view_check_shape(array->dtype, ndim, shape, error);
    if (status != NPK_OK)
        return status;
    int front = ndim - array->ndim;
    if (front < 0)
        return npki_fail(error, NPK_ERR_USAGE, "%d dimensions can't be %d", array->ndim, ndim);
    for (int i = 0; i < array->ndim; i++)
        if (array->shape[i] != 1 && array->shape[i] != shape[front + i])
            return npki_fail(error, NPK_ERR_USAGE, "axis %d has the length %" PRId64 ", which can't be %" PRId64, i,
                             array->shape[i], shape[front + i]);
    if (ndim > 0)
        memcpy(lengths, shape, (size_t)ndim * sizeof *lengths);
    take(array, out);
    for (int i = ndim; i-- > 0;) {
        bool keeps = i >= front && out->shape[i - front] == lengths[i];
        out->strides[i] = keeps ? out->strides[i - front] : 0;
    }
    if (ndim > 0)
        memcpy(out->shape, lengths, (size_t)ndim * sizeof *lengths);
    out->array.ndim = ndim;
    out->array.readonly = true;
    return NPK_OK;
}

npk_status npk_view_newaxis(const npk_array *array, int axis, npk_view *out, npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = check_axis(array, axis, array->ndim + 1, error);
    if (status == NPK_OK && array->ndim == NPK_MAXDIMS)
        status = npki_fail(error, NPK_ERR_USAGE, "the array has %d dimensions already", NPK_MAXDIMS);
    if (status != NPK_OK)
        return status;
    take(array, out);
    size_t behind = (size_t)(out->array.ndim - axis);
    memmove(out->shape + axis + 1, out->shape + axis, behind * sizeof *out->shape);
    memmove(out->strides + axis + 1, out->strides + axis, behind * sizeof *out->strides);
    out->shape[axis] = 1;
    out->strides[axis] = 0;
    out->array.ndim++;
    return NPK_OK;
}

npk_status npk_view_squeeze(const npk_array *array, int axis, npk_view *out, npk_error *error)
{
    npk_status status = npki_view_check(array, out, error);
    if (status == NPK_OK)
        status = check_axis(array, axis, array->ndim, error);
    if (status == NPK_OK && array->shape[axis] != 1)
        status = npki_fail(error, NPK_ERR_USAGE, "axis %d has the length %" PRId64 ", not 1", axis, array->shape[axis]);
    if (status != NPK_OK)
        return status;
    take(array, out);
    drop_axis(out, axis);
    return NPK_OK;
}

/* --- encoded elements --- */

npk_status npk_view_decode(const npk_array *array, void *buffer, size_t size, npk_view *out, npk_error *error)
{
    npk_status status = npki_array_check(array, error);
    if (status != NPK_OK || array->dtype->has_object || array->data != NULL || npk_array_nbytes(array) == 0)
        return status == NPK_OK ? npk_view_of(array, out, error) : status;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected memory for a view, found NULL");
    char order = npki_memory_order(array);
    status = npk_array_copy(array, order, buffer, size, error);
    if (status != NPK_OK)
        return status;
    npk_array plain = *array;
    plain.data = buffer;
    plain.strides = NULL;
    plain.order = order;
    plain.readonly = false;
    take(&plain, out);
    return NPK_OK;
}
