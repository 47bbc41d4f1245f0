#include "array/copy_items.h"
#include "array/plane.h"
#include "array/scatter.h"

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/scratch.h"
#include "dtype/dtype.h"
#include "text/encoding.h"

#include <inttypes.h>

/* Puts an axis behind those of the walk, or into the last one if the two lie together. No axis has a length of 1. */
static void add_axis(npki_gather *gather, int64_t length, int64_t stride)
{
    int last = gather->ndim - 1;
    int64_t span;
    if (last >= 0 && npki_mul_int64(stride, length, &span) && span == gather->strides[last]) {
        gather->shape[last] *= length;
        gather->strides[last] = stride;
        return;
    }
    gather->shape[gather->ndim] = length;
    gather->strides[gather->ndim] = stride;
    gather->index[gather->ndim++] = 0;
}

static bool is_encoded(const npk_array *array)
{
    return array->data == NULL && array->payload != NULL;
}

void npki_gather_start(npki_gather *gather, const npk_array *array, char order)
{
    int64_t contiguous[NPK_MAXDIMS];
    const int64_t *strides = array->strides;
    gather->array = array;
    gather->ndim = 0;
    gather->at = array->data;
    gather->in = array->payload;
    gather->paired = false;
    gather->in_end = gather->in != NULL ? gather->in + array->payload_size : NULL;
    gather->left = array->dtype->itemsize > 0 ? npk_array_count(array) : 0;
    if (gather->left <= 0 || is_encoded(array))
        return;
    if (strides == NULL) {
        npki_contiguous_strides(array->ndim, array->shape, array->dtype->itemsize, array->order, contiguous);
        strides = contiguous;
    }
    for (int i = 0; i < array->ndim; i++) {
        int axis = order == 'F' ? array->ndim - 1 - i : i;
        if (array->shape[axis] != 1)
            add_axis(gather, array->shape[axis], strides[axis]);
    }
    if (gather->ndim == 0)
        add_axis(gather, 1, array->dtype->itemsize);
}

/* The last axis has come to its end: the next row. `at` never leaves the elements of the array. */
static void next_row(npki_gather *gather)
{
    gather->index[gather->ndim - 1] = 0;
    for (int axis = gather->ndim - 1; axis-- > 0;) {
        if (++gather->index[axis] < gather->shape[axis]) {
            gather->at += gather->strides[axis];
            return;
        }
        gather->index[axis] = 0;
        gather->at -= gather->strides[axis] * (gather->shape[axis] - 1);
    }
}

bool npki_gather_run(npki_gather *gather, size_t most, npki_run *run)
{
    int last = gather->ndim - 1;
    if (gather->left <= 0 || most == 0)
        return false;
    int64_t count = gather->shape[last] - gather->index[last];
    if ((uint64_t)count > most)
        count = (int64_t)most;
    run->at = gather->at + gather->index[last] * gather->strides[last];
    run->stride = gather->strides[last];
    run->count = (size_t)count;
    gather->left -= count;
    gather->index[last] += count;
    if (gather->index[last] == gather->shape[last])
        next_row(gather);
    return true;
}

/* 0 where the payload ends before the array does. */
static size_t next_decoded(npki_gather *gather, uint8_t *scratch, size_t room)
{
    size_t itemsize = (size_t)gather->array->dtype->itemsize;
    size_t items = room / itemsize;
    if ((uint64_t)gather->left < items)
        items = (size_t)gather->left;
    npki_stream stream = {gather->in, gather->in_end, scratch, scratch + items * itemsize, gather->paired};
    npki_encoding_decode(gather->array->encoding, &stream);
    gather->in = stream.in;
    gather->paired = stream.paired;
    if (stream.out != stream.out_end)
        return 0;
    gather->left -= (int64_t)items;
    return items * itemsize;
}

size_t npki_gather_next(npki_gather *gather, uint8_t *scratch, size_t room, const uint8_t **piece)
{
    size_t itemsize = (size_t)gather->array->dtype->itemsize;
    size_t items = itemsize > 0 ? room / itemsize : 0;
    size_t used = 0;
    int last = gather->ndim - 1;
    npki_run run;
    *piece = scratch;
    if (gather->left <= 0)
        return 0;
    if (is_encoded(gather->array))
        return next_decoded(gather, scratch, room);
    if (gather->strides[last] == (int64_t)itemsize && /* a row that would fill the scratch needs none */
        (gather->ndim == 1 || (uint64_t)(gather->shape[last] - gather->index[last]) >= items)) {
        npki_gather_run(gather, SIZE_MAX, &run);
        *piece = run.at;
        return run.count * itemsize;
    }
    while (used < items && npki_gather_run(gather, items - used, &run)) {
        npki_copy_items(scratch + used * itemsize, (int64_t)itemsize, run.at, run.stride, run.count, itemsize);
        used += run.count;
    }
    return used * itemsize;
}

void npki_scatter_start(npki_scatter *scatter, const npk_array *array, const npk_dtype *dtype, char from_order,
                        char order, void *out)
{
    npki_contiguous_strides(array->ndim, array->shape, dtype->itemsize, order, scatter->strides);
    scatter->view = (npk_array){
        .dtype = dtype, .data = out, .ndim = array->ndim, .shape = array->shape, .strides = scatter->strides};
    scatter->out = out;
    npki_gather_start(&scatter->walk, &scatter->view, from_order);
}

void npki_scatter_put(npki_scatter *scatter, const uint8_t *items, size_t count)
{
    size_t itemsize = (size_t)scatter->view.dtype->itemsize;
    npki_run run;
    while (npki_gather_run(&scatter->walk, count, &run)) {
        uint8_t *to = scatter->out + (run.at - (const uint8_t *)scatter->view.data);
        npki_copy_items(to, run.stride, items, (int64_t)itemsize, run.count, itemsize);
        items += run.count * itemsize;
        count -= run.count;
    }
}

char npki_payload_order(const npk_array *array)
{
    if (npki_is_c_contiguous(array))
        return 'C';
    return npki_is_f_contiguous(array) ? 'F' : 'K';
}

/* The axis that is done together with the last one: where the last one's elements lie far from each other, the one in
 * which they lie closest. */
static int other_axis(const npki_gather *gather)
{
    int last = gather->ndim - 1, axis = last;
    for (int i = last; i-- > 0;)
        if (npki_distance(gather->strides[i]) < npki_distance(gather->strides[axis]))
            axis = i;
    return axis != last ? axis : last - 1;
}

/* Whether no element lies in the bytes that are written. */
static bool lies_apart(const npki_gather *gather, const uint8_t *out, size_t nbytes)
{
    uintptr_t low = (uintptr_t)gather->at, high = low + (uintptr_t)gather->array->dtype->itemsize, to = (uintptr_t)out;
    for (int i = 0; i < gather->ndim; i++) {
        int64_t reach = gather->strides[i] * (gather->shape[i] - 1);
        low += reach < 0 ? (uintptr_t)reach : 0;
        high += reach > 0 ? (uintptr_t)reach : 0;
    }
    return high <= to || to + nbytes <= low;
}

/* Two axes at a time. False where that would not do: then nothing is written. */
static bool copy_planes(const npk_array *array, char order, uint8_t *out, size_t nbytes)
{
    npki_gather g;
    int64_t to_strides[NPK_MAXDIMS];
    npki_gather_start(&g, array, order);
    if (is_encoded(array) || npki_cpu_level() == NPKI_CPU_PLAIN || g.ndim < 2 || !lies_apart(&g, out, nbytes))
        return false;
    int last = g.ndim - 1, axis = other_axis(&g), i;
    int64_t size = array->dtype->itemsize;
    npki_contiguous_strides(g.ndim, g.shape, size, 'C', to_strides);
    npki_plane plane = {.from = g.at,
                        .to = out,
                        .rows = g.shape[axis],
                        .columns = g.shape[last],
                        .from_row = g.strides[axis],
                        .from_column = g.strides[last],
                        .to_row = to_strides[axis],
                        .size = (size_t)size};
    do {
        npki_plane_copy(&plane);
        for (i = last - 1; i >= 0; i--) {
            if (i == axis)
                continue;
            bool goes_on = ++g.index[i] < g.shape[i];
            int64_t steps = goes_on ? 1 : 1 - g.shape[i];
            plane.from += steps * g.strides[i];
            plane.to += steps * to_strides[i];
            if (goes_on)
                break;
            g.index[i] = 0;
        }
    } while (i >= 0);
    return true;
}

/* Gathers into `out` itself; only what lies in one piece is copied from elsewhere. */
static size_t copy_straight(const npk_array *array, char order, uint8_t *out, size_t nbytes)
{
    npki_gather gather;
    size_t done = 0, got;
    const uint8_t *piece;
    if (copy_planes(array, order, out, nbytes))
        return nbytes;
    npki_gather_start(&gather, array, order);
    while ((got = npki_gather_next(&gather, out + done, nbytes - done, &piece)) > 0) {
        if (piece != out + done)
            memcpy(out + done, piece, got);
        done += got;
    }
    return done;
}

/* What lies in the order that it is to lie in, in one piece. False where it does not. */
static bool copy_whole(const npk_array *array, char order, uint8_t *out, size_t nbytes, size_t *done)
{
    const uint8_t *payload = array->payload;
    if (is_encoded(array)) {
        npki_stream stream = {payload, payload + array->payload_size, out, out + nbytes, false};
        npki_encoding_decode(array->encoding, &stream);
        *done = (size_t)(stream.out - out);
        return true;
    }
    if (!(order == 'C' ? npki_is_c_contiguous(array) : npki_is_f_contiguous(array)))
        return false;
    memcpy(out, array->data, nbytes);
    *done = nbytes;
    return true;
}

enum { SCRATCH = 8192 };

/* The payload lies in one order, `out` in the other. Items larger than the scratch are decoded one by one, each
 * straight to its place. */
static size_t copy_across(const npk_array *array, char from_order, char order, uint8_t *out)
{
    NPKI_SCRATCH uint8_t scratch[SCRATCH];
    npki_gather gather;
    npki_scatter scatter;
    size_t itemsize = (size_t)array->dtype->itemsize;
    size_t done = 0, got;
    const uint8_t *piece;
    npki_run run;
    npki_gather_start(&gather, array, from_order);
    npki_scatter_start(&scatter, array, array->dtype, from_order, order, out);
    if (itemsize > sizeof scratch) {
        for (; npki_gather_run(&scatter.walk, 1, &run); done += itemsize)
            if (npki_gather_next(&gather, out + (run.at - out), itemsize, &piece) != itemsize)
                return done;
        return done;
    }
    while ((got = npki_gather_next(&gather, scratch, sizeof scratch, &piece)) > 0) {
        npki_scatter_put(&scatter, piece, got / itemsize);
        done += got;
    }
    return done;
}

npk_status npk_array_copy(const npk_array *array, char order, void *out, size_t size, npk_error *error)
{
    npk_status status = npki_array_check(array, error);
    if (status != NPK_OK)
        return status;
    if (order != 'C' && order != 'F')
        return npki_fail(error, NPK_ERR_USAGE, "expected the order 'C' or 'F', found 0x%02x", (unsigned char)order);
    if (array->dtype->has_object)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the elements are Python objects, which have no bytes to copy");
    int64_t nbytes = npk_array_nbytes(array);
    if ((uint64_t)nbytes > size)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %" PRId64 " bytes, found %zu", nbytes, size);
    if (nbytes == 0)
        return NPK_OK;
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected memory for %" PRId64 " bytes, found NULL", nbytes);
    char lies_in = is_encoded(array) ? npki_payload_order(array) : order;
    bool is_straight = lies_in == order || (order == 'F' && is_encoded(array) && npki_is_f_contiguous(array));
    if (lies_in == 'K')
        return npki_fail(error, NPK_ERR_USAGE, "an encoded array lies in C or in Fortran order, this one in neither");
    size_t done;
    if (!is_straight)
        done = copy_across(array, lies_in, order, out);
    else if (!copy_whole(array, order, out, (size_t)nbytes, &done))
        done = copy_straight(array, order, out, (size_t)nbytes);
    if (done != (size_t)nbytes)
        return npki_fail(error, NPK_ERR_ARRAY, "the payload ends after %zu of %" PRId64 " bytes", done, nbytes);
    return NPK_OK;
}
