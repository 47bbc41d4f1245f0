/* Arrays whose elements come in parts. */
#include "writer/core/writer.h"

#include "dtype/walk.h"
#include "array/layout.h"

#include <inttypes.h>
#include <string.h>

/* A payload in parts can be written where its length is that of the bytes: raw. */
static npk_kind payload_kind(const npk_writer *w, bool buffer)
{
    if (buffer)
        return NPK_KIND_BYTEARRAY;
    return w->python->python2 ? NPK_KIND_PYTHON2_STR : NPK_KIND_BYTES;
}

static bool can_hold_parts(npk_writer *w)
{
    const npk_opcode *raw = &npki_opcodes[w->python->python2 ? NPKI_ROW_BINSTRING : NPKI_ROW_BINBYTES];
    if (w->protocol < raw->protocol)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "an array in parts at protocol %d: from %d on", w->protocol,
                         raw->protocol);
    return w->error.status == NPK_OK;
}

void npki_free_parts(npk_writer *w, npki_parts *parts)
{
    if (parts != NULL)
        npki_free(&w->allocator, parts->mask, parts->itemsize);
    npki_free(&w->allocator, parts, sizeof *parts);
}

npk_status npk_write_begin_array(npk_writer *w, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    npk_error error;
    npki_parts *parts = w->error.status == NPK_OK ? npki_allocate(&w->allocator, sizeof *parts) : NULL;
    if (parts == NULL)
        return npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    memset(parts, 0, sizeof *parts);
    parts->array = npki_without_data(array);
    if (w->parts != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "an array among the parts of another");
    else if (npki_array_check(&parts->array, &error) != NPK_OK)
        npki_writer_fail(w, error.status, "%s", error.message);
    else if (npk_dtype_has_object(array->dtype) || array->dtype->base != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "an array of %s has no parts that are bytes",
                         array->dtype->base != NULL ? "subarrays" : "Python objects");
    if (w->error.status == NPK_OK) {
        parts->itemsize = (size_t)array->dtype->itemsize;
        if (!w->keep_padding && !npki_dtype_mask(array->dtype, &w->allocator, &parts->mask))
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    }
    if (w->error.status != NPK_OK || !can_hold_parts(w)) {
        npki_free_parts(w, parts);
        return w->error.status;
    }
    memcpy(parts->shape, array->shape, (size_t)array->ndim * sizeof *array->shape);
    parts->array.shape = parts->shape;
    parts->order = npki_written_order(w, &parts->array);
    parts->buffer = npki_has_buffer(w, array->dtype);
    parts->size = parts->left = (uint64_t)npk_array_nbytes(&parts->array);
    npki_begin_ndarray(w, &parts->array, parts->buffer, false);
    if (npki_before(w))
        parts->opcode = npki_begin_text(w, payload_kind(w, parts->buffer), parts->size);
    w->parts = parts;
    return w->error.status;
}

npk_status npk_write_part(npk_writer *w, const void *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected bytes, found NULL");
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (w->parts == NULL || size > w->parts->left)
        return npki_writer_fail(
            w, NPK_ERR_USAGE, w->parts == NULL ? "a part of %zu bytes of no array" : "a part of %zu bytes is too large",
            size);
    if (w->parts->mask != NULL)
        npki_part_masked(w, bytes, size, w->parts->mask, w->parts->itemsize, w->parts->size - w->parts->left);
    else
        npki_text(w, bytes, size);
    w->parts->left -= size;
    return w->error.status;
}

void npki_end_parts(npk_writer *w)
{
    npki_parts *parts = w->parts;
    w->parts = NULL;
    if (w->error.status == NPK_OK && parts->left > 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "%" PRIu64 " bytes of the array are missing", parts->left);
    if (w->error.status == NPK_OK) {
        npki_end_text(w, parts->opcode, parts->size);
        npki_put_text(w, payload_kind(w, parts->buffer), NULL, (size_t)parts->size, 0, false);
        npki_after(w);
        npki_end_ndarray(w, &parts->array, parts->buffer, parts->order, NULL);
    }
    npki_free_parts(w, parts);
}
