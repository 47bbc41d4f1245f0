#include "array/elements.h"

#include "base/error.h"
#include "dtype/dtype.h"

#include <inttypes.h>

static npk_status start(npki_items *items, const npk_array *array, char order, npk_error *error)
{
    items->encoded = array->data == NULL && array->payload != NULL;
    items->run = (npki_run){NULL, array->dtype->itemsize, 0};
    if (array->dtype->has_object)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are Python objects");
    if (items->encoded && array->dtype->itemsize > NPKI_ITEM_ROOM)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "encoded elements of more than %d bytes: npk_view_decode first",
                         NPKI_ITEM_ROOM);
    npki_gather_start(&items->gather, array, order);
    return NPK_OK;
}

npk_status npki_items_start(npki_items *items, const npk_array *array, npk_error *error)
{
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK && array->data == NULL && array->payload != NULL && !npki_is_c_contiguous(array))
        status =
            npki_fail(error, NPK_ERR_UNSUPPORTED, "encoded elements that are not in C order: npk_view_decode first");
    return status == NPK_OK ? start(items, array, 'C', error) : status;
}

/* The next elements at equal distances, at most `most` of them. */
static bool next_run(npki_items *items, size_t most)
{
    const uint8_t *piece;
    if (!items->encoded)
        return npki_gather_run(&items->gather, most, &items->run);
    size_t itemsize = (size_t)items->run.stride, fit = itemsize == 0 ? 0 : sizeof items->scratch / itemsize;
    size_t got = npki_gather_next(&items->gather, items->scratch, (most < fit ? most : fit) * itemsize, &piece);
    items->run.at = items->scratch;
    items->run.count = got == 0 ? 0 : got / itemsize;
    return got > 0;
}

const uint8_t *npki_items_next(npki_items *items)
{
    if (items->run.count == 0 && !next_run(items, SIZE_MAX))
        return NULL;
    const uint8_t *at = items->run.at;
    if (--items->run.count > 0)
        items->run.at += items->run.stride;
    return at;
}

static npk_status check_index(const npk_array *array, const int64_t *index, npk_error *error)
{
    if (array->ndim > 0 && index == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "no index into an array of %d dimensions", array->ndim);
    for (int i = 0; i < array->ndim; i++)
        if (index[i] < 0 || index[i] >= array->shape[i])
            return npki_fail(error, NPK_ERR_USAGE, "expected an index from 0 to %" PRId64 " on axis %d, found %" PRId64,
                             array->shape[i] - 1, i, index[i]);
    return NPK_OK;
}

/* In elements, of an array that lies in one piece in `order`. */
static int64_t flat_index(const npk_array *array, const int64_t *index, char order)
{
    int64_t flat = 0;
    for (int i = 0; i < array->ndim; i++) {
        int axis = order == 'F' ? array->ndim - 1 - i : i;
        flat = flat * array->shape[axis] + index[axis];
    }
    return flat;
}

static npk_status decode_at(npki_items *items, const npk_array *array, const int64_t *index, const uint8_t **out,
                            npk_error *error)
{
    char order = npki_payload_order(array);
    npk_status status = start(items, array, order, error);
    if (status == NPK_OK && order == 'K')
        status =
            npki_fail(error, NPK_ERR_USAGE, "an encoded array lies in C or in Fortran order, this one in neither");
    if (status != NPK_OK)
        return status;
    for (int64_t flat = flat_index(array, index, order); flat >= 0; flat -= (int64_t)items->run.count) {
        size_t most = (uint64_t)flat < SIZE_MAX ? (size_t)flat + 1 : SIZE_MAX;
        if (!next_run(items, most))
            return npki_fail(error, NPK_ERR_ARRAY, "the payload ends before the element");
    }
    *out = items->run.at + (items->run.count - 1) * (size_t)items->run.stride;
    return NPK_OK;
}

npk_status npki_item_at(npki_items *items, const npk_array *array, const int64_t *index, const uint8_t **out,
                        npk_error *error)
{
    static const uint8_t nothing[1];
    npk_status status = npki_array_check(array, error);
    if (status == NPK_OK)
        status = check_index(array, index, error);
    if (status != NPK_OK)
        return status;
    *out = nothing;
    if (array->dtype->has_object)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are Python objects");
    if (array->dtype->itemsize == 0)
        return NPK_OK;
    if (array->data == NULL)
        return decode_at(items, array, index, out, error);
    *out = array->data;
    if (array->strides == NULL) {
        *out += flat_index(array, index, array->order) * array->dtype->itemsize;
        return NPK_OK;
    }
    for (int i = 0; i < array->ndim; i++)
        *out += index[i] * array->strides[i];
    return NPK_OK;
}
