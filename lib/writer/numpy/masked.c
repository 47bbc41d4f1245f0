/* Masked arrays. numpy: ma/core.py MaskedArray.__reduce__(), __getstate__(). */
#include "writer/numpy/numpy.h"

#include "base/bytes.h"
#include "dtype/facts.h"

#include <inttypes.h>

/* (_mareconstruct, (MaskedArray, ndarray, (0,), 'b'), ... where the (0,) is the same each time */
static void begin_mareconstruct(npk_writer *w)
{
    static const int64_t none[1] = {0};
    uint64_t shape0 = npki_key(NPKI_IS_SHAPE0, 0);
    npki_begin(w, NPK_KIND_OBJECT, 3, NPKI_NUMBER_ALWAYS);
    npki_can_be_no_key(w);
    npki_write_meaning(w, NPKI_MASKED);
    npki_begin(w, NPK_KIND_TUPLE, 4, NPKI_NUMBER_IF_HELD);
    npki_write_meaning(w, NPKI_MASKED_ARRAY);
    npki_write_meaning(w, NPKI_NDARRAY);
    if (!npki_write_known(w, shape0)) {
        npki_write_shape(w, 1, none, NPKI_NUMBER_ALWAYS);
        npki_remember(w, shape0);
    }
    npki_write_native_str(w, "b", 1, w->python->literal_b ? npki_key(NPKI_IS_LITERAL_B, 0) : 0, NPKI_NUMBER_IF_HELD);
    npki_end(w);
}

/* The bytes of all masks; -1 with an error. */
static int64_t mask_bytes(npk_writer *w, const npk_array *data)
{
    int64_t size = npki_dtype_facts_of(data->dtype).leaves, bytes;
    if (size < 0 || !npki_mul_int64(size, npk_array_count(data), &bytes))
        npki_writer_fail(w, NPK_ERR_USAGE, "masks of more bytes than 64 bits can count");
    else
        return bytes;
    return -1;
}

static bool check_masked(npk_writer *w, const npk_array *mask, const npk_array *fill, int64_t bytes)
{
    if ((mask != NULL && !npki_can_write(w, mask)) || (fill != NULL && !npki_can_write(w, fill)))
        return false;
    if (mask != NULL && (mask->dtype->has_object || npk_array_nbytes(mask) != bytes))
        npki_writer_fail(w, NPK_ERR_USAGE, "a mask of %" PRId64 " bytes on data that takes %" PRId64,
                         npk_array_nbytes(mask), bytes);
    else if (fill != NULL && fill->ndim != 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "a fill value of %d dimensions", fill->ndim);
    return w->error.status == NPK_OK;
}

npk_status npk_write_masked(npk_writer *w, const npk_array *data, const npk_array *mask, const npk_array *fill)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (data == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    if (!npki_can_write(w, data))
        return w->error.status;
    int64_t bytes = mask_bytes(w, data);
    if (bytes < 0 || !check_masked(w, mask, fill, bytes))
        return w->error.status;
    begin_mareconstruct(w);
    npki_begin_state(w, data, 7);
    npki_write_payload(w, data);
    if (mask != NULL)
        npki_write_elements(w, mask, npki_written_order(w, data), NPK_KIND_BYTES, NPKI_BYTES_ANY);
    else
        npki_write_zeros(w, (uint64_t)bytes);
    if (fill != NULL)
        npk_write_array(w, fill);
    else
        npk_write_none(w);
    npki_end(w);
    return npki_end(w);
}
