/* Arrays that are made of a buffer by a call.
 * numpy: core/numeric.py _frombuffer(); core/src/multiarray/arrayobject.c array_new(). */
#include "known/known.h"

#include "array/layout.h"
#include "dtype/dtype.h"

#include <inttypes.h>
#include <string.h>

static const char *kind_of(const npk_value *value)
{
    return value == NULL ? "nothing" : npk_kind_name(npk_value_kind(value));
}

/* An array of these elements, which are checked by the caller. */
static void take(npk_value *object, npki_array_state *array, npk_value *buffer)
{
    buffer->flags |= NPKI_IS_PAYLOAD;
    array->readonly = buffer->kind == NPK_KIND_BYTES || (buffer->flags & NPKI_IS_READONLY) != 0;
    array->payload = buffer;
    object->u.object->array = array;
    object->flags |= NPKI_UNHASHABLE;
}

/* By shape, dtype and order. */
static npk_status lay_out(npki_site *site, npk_value *shape, npk_value *type, bool fortran, npki_array_state **out)
{
    npki_array_state *array;
    uint64_t items;
    npk_status status = npki_new_array(site, &array);
    if (status == NPK_OK)
        status = npki_class_name(site, NULL, &array->class_name);
    if (status == NPK_OK)
        status = npki_take_shape(site, shape, true, &array->ndim, &array->shape);
    if (status != NPK_OK)
        return status;
    array->dtype = npki_take_dtype(type);
    if (array->dtype == NULL)
        return npki_site_fail(site, NPK_ERR_ARRAY, "the type of an array is a dtype object, found %s", kind_of(type));
    *out = array;
    return npki_lay_out(site, array, fortran, &items);
}

/* --- _frombuffer: protocol 5 --- */

/* order 'K': the buffer has the axes in another order; axis_order says where each went. numpy >= 2.3. */
static npk_status transpose(npki_site *site, npki_array_state *array, const npk_value *axis_order)
{
    size_t ndim = (size_t)array->ndim;
    bool seen[NPK_MAXDIMS] = {false};
    if (axis_order->kind != NPK_KIND_TUPLE && axis_order->kind != NPK_KIND_LIST)
        return npki_site_fail(site, NPK_ERR_CALL, "the order of axes is a tuple or a list, found %s",
                              kind_of(axis_order));
    if (npki_count_of(axis_order) != ndim)
        return npki_site_fail(site, NPK_ERR_CALL, "%zu axes in order, %zu in the shape", npki_count_of(axis_order),
                              ndim);
    int64_t *moved = npki_arena_take(site->arena, 2 * ndim * sizeof *moved);
    if (moved == NULL)
        return npki_site_full(site);
    for (size_t i = 0; i < ndim; i++) {
        int64_t axis;
        if (!npki_take_int(npki_item_of(axis_order, i), &axis) || axis < 0 || (size_t)axis >= ndim || seen[axis])
            return npki_site_fail(site, NPK_ERR_CALL,
                                  "expected each axis once in the order of axes, found another item at %zu", i);
        seen[axis] = true;
        moved[i] = array->shape[axis];
        moved[ndim + i] = array->strides[axis];
    }
    array->shape = moved;
    array->strides = moved + ndim;
    npk_array view = {.dtype = array->dtype, .ndim = array->ndim, .shape = array->shape, .strides = array->strides};
    array->order = npki_is_c_contiguous(&view) ? 'C' : npki_is_f_contiguous(&view) ? 'F' : 'K';
    return NPK_OK;
}

/* _frombuffer(buffer, dtype, shape, order[, axis_order]) */
npk_status npki_call_frombuffer(npki_site *site, npk_value *object)
{
    size_t count = npki_call_size(object);
    const char *order = "";
    size_t size = 0;
    if (count < 4 || count > 5 || !npki_text_of(npki_call_item(object, 3), &order, &size) || size != 1 ||
        memchr("CFK", order[0], 3) == NULL || (order[0] == 'K') != (count == 5))
        return npki_site_fail(site, NPK_ERR_CALL,
                              "_frombuffer takes (buffer, dtype, shape, 'C' or 'F' or 'K', axes for 'K')");
    npki_array_state *array;
    npk_value *buffer = npki_call_item(object, 0);
    npk_status status = lay_out(site, npki_call_item(object, 2), npki_call_item(object, 1), order[0] == 'F', &array);
    if (status == NPK_OK && count == 5)
        status = transpose(site, array, npki_call_item(object, 4));
    if (status != NPK_OK)
        return status;
    if (array->dtype->has_object || !npki_is_bytes(buffer) || (uint64_t)npk_value_bytes_size(buffer) != array->nbytes)
        return npki_site_fail(site, NPK_ERR_CALL,
                              "_frombuffer with %" PRId64 " bytes of %s for an array of %" PRIu64 " bytes",
                              npk_value_bytes_size(buffer), kind_of(buffer), array->nbytes);
    take(object, array, buffer);
    return NPK_OK;
}

/* Python's __setstate__ would make another array of it. */
npk_status npki_build_frombuffer(npki_site *site, npk_value *object)
{
    (void)object;
    return npki_site_fail(site, NPK_ERR_UNSUPPORTED, "an array of a buffer is given a state");
}

/* --- numpy.ndarray(shape, dtype, buffer[, 0, None, order]) --- */

/* Whether it is called as npickle does it for every NumPy. What else a program gives to the class is not looked
 * into. */
static bool is_of_buffer(const npk_value *object)
{
    size_t count = npki_call_size(object);
    int64_t offset;
    if (count != 3 && count != 6)
        return false;
    const npk_value *shape = npki_call_item(object, 0), *buffer = npki_call_item(object, 2);
    const npk_dtype *dtype = npk_value_dtype(npki_call_item(object, 1));
    bool good = shape->kind == NPK_KIND_TUPLE && dtype != NULL && !npk_dtype_has_object(dtype) &&
                npki_is_bytes(buffer) && buffer->kind != NPK_KIND_PYTHON2_STR;
    if (count == 3 || !good)
        return good;
    const npk_value *order = npki_call_item(object, 5);
    return npki_take_int(npki_call_item(object, 3), &offset) && offset == 0 &&
           npki_call_item(object, 4)->kind == NPK_KIND_NONE && (npki_text_is(order, "C") || npki_text_is(order, "F"));
}

npk_status npki_call_ndarray(npki_site *site, npk_value *object)
{
    object->flags |= NPKI_UNHASHABLE;
    if (!is_of_buffer(object))
        return NPK_OK;
    npki_array_state *array;
    npk_value *buffer = npki_call_item(object, 2);
    bool fortran = npki_call_size(object) == 6 && npki_text_is(npki_call_item(object, 5), "F");
    npk_status status = lay_out(site, npki_call_item(object, 0), npki_call_item(object, 1), fortran, &array);
    if (status == NPK_OK && (uint64_t)npk_value_bytes_size(buffer) < array->nbytes)
        status = npki_site_fail(site, NPK_ERR_CALL,
                                "numpy.ndarray with %" PRId64 " bytes of %s for an array of %" PRIu64 " bytes",
                                npk_value_bytes_size(buffer), kind_of(buffer), array->nbytes);
    if (status == NPK_OK && (uint64_t)npk_value_bytes_size(buffer) == array->nbytes) /* else a view of a part of it */
        take(object, array, buffer);
    return status;
}
