/* The elements of an array, piece by piece. */
#include "writer/numpy/numpy.h"

#include "base/bytes.h"
#include "dtype/mask.h"
#include "array/layout.h"

#include <string.h>

#define SCRATCH ((size_t)16384)
#define PART ((size_t)512)

typedef struct elements {
    const npk_array *array;
    char order;
    npki_gather gather;
    size_t itemsize;
    uint8_t *item;       /* in place of the scratch, for items larger than that */
    uint8_t *mask;       /* of an item: 0 where padding is, which is written as zeros; NULL: there is none */
    const uint8_t *rest; /* gathered, and not masked yet */
    size_t rest_size;
    uint8_t scratch[SCRATCH];
} elements;

static void start_elements(void *context)
{
    elements *e = context;
    e->rest_size = 0;
    npki_gather_start(&e->gather, e->array, e->order);
}

static size_t room_of(const elements *e)
{
    return e->item != NULL ? e->itemsize : SCRATCH - SCRATCH % e->itemsize;
}

static size_t gather(elements *e, const uint8_t **piece)
{
    return e->item != NULL ? npki_gather_next(&e->gather, e->item, e->itemsize, piece)
                           : npki_gather_next(&e->gather, e->scratch, SCRATCH, piece);
}

/* What was gathered may be the array's own memory, or lie in the scratch already. */
static size_t next_masked(elements *e, const uint8_t **piece)
{
    uint8_t *out = e->item != NULL ? e->item : e->scratch;
    if (e->rest_size == 0)
        e->rest_size = gather(e, &e->rest);
    size_t size = e->rest_size < room_of(e) ? e->rest_size : room_of(e);
    for (size_t at = 0; at < size; at += e->itemsize)
        for (size_t i = 0; i < e->itemsize; i++)
            out[at + i] = e->rest[at + i] & e->mask[i];
    e->rest += size;
    e->rest_size -= size;
    *piece = out;
    return size;
}

static size_t next_elements(void *context, const uint8_t **piece)
{
    elements *e = context;
    return e->mask != NULL ? next_masked(e, piece) : gather(e, piece);
}

bool npki_make_mask(npk_writer *w, const npk_array *array, uint8_t **mask)
{
    int64_t nbytes = npk_array_nbytes(array);
    *mask = NULL;
    if (w->keep_padding || nbytes <= 0)
        return true;
    w->elements = npki_add_saturated(w->elements, (uint64_t)nbytes);
    uint64_t most = npki_dtype_mask_work(w->elements), left = most - w->mask_work;
    npk_status status = npki_dtype_mask(array->dtype, &w->allocator, &left, mask);
    w->mask_work = most - left;
    if (status != NPK_OK)
        npki_writer_fail(w, status,
                         status == NPK_ERR_LIMIT ? "expected fields that share fewer bytes, found too many"
                                                 : "an allocation failed");
    return status == NPK_OK;
}

/* Memory for what needs it. */
static bool prepare(npk_writer *w, elements *e)
{
    e->itemsize = (size_t)e->array->dtype->itemsize;
    if (npk_array_nbytes(e->array) > 0 && e->itemsize > SCRATCH) {
        e->item = npki_allocate(&w->allocator, e->itemsize);
        if (e->item == NULL)
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    }
    return w->error.status == NPK_OK && npki_make_mask(w, e->array, &e->mask);
}

char npki_written_order(const npk_writer *w, const npk_array *array)
{
    if (npki_is_fortran_as_made(array))
        return w->numpy->made_order ? 'F' : 'C';
    return w->numpy->strict_order ? npki_strict_order(array) : npki_memory_order(array);
}

void npki_write_elements(npk_writer *w, const npk_array *array, char order, npk_kind kind, npki_bytes_are are)
{
    elements e;
    npki_pieces pieces = {start_elements, next_elements, &e};
    memset(&e, 0, offsetof(elements, scratch));
    e.array = array;
    e.order = order;
    const bool called = kind == NPK_KIND_BYTEARRAY && w->protocol < npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol;
    if (prepare(w, &e) && called)
        npki_write_bytearray_call(w, &pieces, (uint64_t)npk_array_nbytes(array));
    else if (w->error.status == NPK_OK)
        npki_write_pieces(w, kind, &pieces, (uint64_t)npk_array_nbytes(array), are);
    npki_free(&w->allocator, e.item, e.itemsize);
    npki_free(&w->allocator, e.mask, e.itemsize);
}

void npki_part_masked(npk_writer *w, const uint8_t *bytes, size_t size, const uint8_t *mask, size_t itemsize,
                      uint64_t at)
{
    uint8_t scratch[PART];
    while (size > 0 && w->error.status == NPK_OK) {
        size_t now = size < PART ? size : PART, item = (size_t)(at % itemsize);
        for (size_t i = 0; i < now; i++) {
            scratch[i] = bytes[i] & mask[item];
            item = item + 1 < itemsize ? item + 1 : 0;
        }
        npki_text(w, scratch, now);
        bytes += now;
        size -= now;
        at += now;
    }
}

/* --- elements that are all zero --- */

typedef struct zeros {
    uint64_t size, left;
} zeros;

static void start_zeros(void *context)
{
    zeros *z = context;
    z->left = z->size;
}

static size_t next_zeros(void *context, const uint8_t **piece)
{
    static const uint8_t block[4096];
    zeros *z = context;
    size_t size = z->left < sizeof block ? (size_t)z->left : sizeof block;
    z->left -= size;
    *piece = block;
    return size;
}

void npki_write_zeros(npk_writer *w, uint64_t size)
{
    zeros z = {size, size};
    npki_pieces pieces = {start_zeros, next_zeros, &z};
    npki_write_pieces(w, NPK_KIND_BYTES, &pieces, size, NPKI_BYTES_ANY);
}
