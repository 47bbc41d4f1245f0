/* Arrays whose elements come in parts. */
#include "writer/numpy/numpy.h"

#include "array/layout.h"

#include <inttypes.h>
#include <string.h>

/* An array whose elements come in parts. */
typedef struct parts {
    npki_payload payload; /* first: what the writer knows of it */
    npk_array array;
    int64_t shape[NPK_MAXDIMS];
    const npk_opcode *opcode; /* of its payload */
    uint64_t size;            /* of the payload */
    uint64_t left;            /* of it, not written yet */
    uint8_t *mask;            /* of an item, where there is padding; or NULL */
    size_t itemsize;
    npki_array_form form;
    char order;
} parts;

/* A payload in parts can be written where its length is that of the bytes: raw. */
static npk_kind payload_kind(const npk_writer *w, npki_array_form form)
{
    if (form != NPKI_ARRAY_STATE)
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

static void free_parts(npk_writer *w, npki_payload *payload)
{
    parts *p = (parts *)(void *)payload;
    npki_free(&w->allocator, p->mask, p->itemsize);
    npki_free(&w->allocator, p, sizeof *p);
}

static void end_parts(npk_writer *w, npki_payload *payload)
{
    parts *p = (parts *)(void *)payload;
    if (w->error.status == NPK_OK && p->left > 0)
        npki_writer_fail(w, NPK_ERR_USAGE, "the array ends early: %" PRIu64 " bytes are missing", p->left);
    if (w->error.status == NPK_OK) {
        npki_end_text(w, p->opcode, p->size);
        npki_put_text(w, payload_kind(w, p->form), NULL, (size_t)p->size, 0, NPKI_NUMBER_IF_HELD);
        npki_after(w);
        npki_end_ndarray(w, &p->array, p->form, p->order, NULL);
    }
    free_parts(w, payload);
}

npk_status npk_write_begin_array(npk_writer *w, const npk_array *array)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (array == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected an array, found NULL");
    npk_error error;
    parts *p = w->error.status == NPK_OK ? npki_allocate(&w->allocator, sizeof *p) : NULL;
    if (p == NULL)
        return npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    memset(p, 0, sizeof *p);
    p->payload = (npki_payload){end_parts, free_parts};
    p->array = npki_without_data(array);
    if (w->payload != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "an array among the parts of another");
    else if (npki_array_check(&p->array, &error) != NPK_OK)
        npki_writer_fail(w, error.status, "%s", error.message);
    else if (npk_dtype_has_object(array->dtype) || array->dtype->base != NULL)
        npki_writer_fail(w, NPK_ERR_USAGE, "an array of %s has no parts that are bytes",
                         array->dtype->base != NULL ? "subarrays" : "Python objects");
    if (w->error.status == NPK_OK) {
        p->itemsize = (size_t)array->dtype->itemsize;
        npki_make_mask(w, array, &p->mask);
    }
    if (w->error.status != NPK_OK || !can_hold_parts(w)) {
        free_parts(w, &p->payload);
        return w->error.status;
    }
    memcpy(p->shape, array->shape, (size_t)array->ndim * sizeof *array->shape);
    p->array.shape = p->shape;
    p->order = npki_written_order(w, &p->array);
    p->form = npki_has_buffer(w, array->dtype) && !npki_is_for_both(w) ? NPKI_ARRAY_BUFFER : NPKI_ARRAY_STATE;
    p->size = p->left = (uint64_t)npk_array_nbytes(&p->array);
    npki_begin_ndarray(w, &p->array, p->form);
    if (npki_before(w))
        p->opcode = npki_begin_text(w, payload_kind(w, p->form), p->size);
    w->payload = &p->payload;
    return w->error.status;
}

npk_status npk_write_part(npk_writer *w, const void *bytes, size_t size)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (bytes == NULL && size > 0)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected bytes, found NULL");
    parts *p = (parts *)(void *)w->payload;
    if (w->error.status != NPK_OK)
        return w->error.status;
    if (p == NULL || size > p->left)
        return npki_writer_fail(w, NPK_ERR_USAGE,
                                p == NULL ? "a part of %zu bytes outside an array"
                                          : "a part of %zu bytes is too large for the array",
                                size);
    if (p->mask != NULL)
        npki_part_masked(w, bytes, size, p->mask, p->itemsize, p->size - p->left);
    else
        npki_text(w, bytes, size);
    p->left -= size;
    return w->error.status;
}
