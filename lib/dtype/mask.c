#include "dtype/mask.h"

#include "dtype/facts.h"
#include "dtype/parts.h"

#include <string.h>

/* A part takes as much work as so many bytes, beside those that it marks. */
#define WORK_OF_PART 32

static void mark_plain(const npk_dtype *dtype, uint8_t *mask)
{
    size_t component = npki_dtype_rows[dtype->type].swap, bytes = npki_component_bytes(dtype);
    bool big = dtype->byteorder == '>';
    for (size_t at = 0; at < (size_t)dtype->itemsize; at += component)
        memset(mask + at + (big ? component - bytes : 0), 0xff, bytes);
}

/* An inner dtype whose first byte is *mask: all of it, or what its own mask marks. */
static void mark(const npki_dtype_parts *parts, const npk_dtype *inner, uint8_t *mask)
{
    size_t size = (size_t)inner->itemsize;
    if (npki_dtype_is_full(inner)) {
        memset(mask, 0xff, size);
        return;
    }
    const uint8_t *own = (const uint8_t *)npki_dtype_parts_get(parts, inner)->own;
    for (size_t i = 0; i < size; i++)
        mask[i] |= own[i];
}

static bool is_all_data(const uint8_t *mask, size_t size)
{
    size_t i = 0;
    while (i < size && mask[i] == 0xff)
        i++;
    return i == size;
}

/* An inner dtype is marked in its first place: so are the others. */
static void repeat(size_t item, uint8_t *mask, size_t size)
{
    for (size_t at = item; at < size; at++)
        mask[at] = mask[at - item];
}

static bool spend(uint64_t *work, uint64_t bytes)
{
    bool enough = bytes <= *work;
    *work = enough ? *work - bytes : 0;
    return enough;
}

/* What a part takes: its own bytes and those of its fields. */
static bool can_pay(const npk_dtype *dtype, uint64_t *work)
{
    bool enough = spend(work, WORK_OF_PART + (uint64_t)dtype->itemsize);
    for (size_t i = 0; enough && i < dtype->field_count; i++)
        enough = spend(work, WORK_OF_PART + (uint64_t)dtype->fields[i].dtype->itemsize);
    return enough;
}

/* The mask of a part whose own parts have theirs. */
static npk_status mark_part(const npki_dtype_parts *parts, npki_dtype_part *part, const npk_allocator *allocator,
                            uint64_t *work)
{
    const npk_dtype *dtype = part->dtype;
    size_t size = (size_t)dtype->itemsize;
    if (npki_dtype_is_full(dtype))
        return NPK_OK;
    if (!can_pay(dtype, work))
        return NPK_ERR_LIMIT;
    uint8_t *mask = npki_allocate(allocator, size);
    if (mask == NULL)
        return NPK_ERR_MEMORY;
    part->own = (uintptr_t)mask;
    memset(mask, 0, size);
    if (npki_dtype_is_plain(dtype))
        mark_plain(dtype, mask);
    if (dtype->base != NULL) { /* not full: it has bytes */
        mark(parts, dtype->base, mask);
        repeat((size_t)dtype->base->itemsize, mask, size);
    }
    for (size_t i = 0; i < dtype->field_count; i++)
        mark(parts, dtype->fields[i].dtype, mask + dtype->fields[i].offset);
    return NPK_OK;
}

npk_status npki_dtype_mask(const npk_dtype *dtype, const npk_allocator *allocator, uint64_t *work, uint8_t **mask)
{
    npki_dtype_parts parts;
    *mask = NULL;
    if (npki_dtype_is_full(dtype))
        return NPK_OK;
    npk_status status = npki_dtype_parts_find(&parts, dtype, allocator) ? NPK_OK : NPK_ERR_MEMORY;
    size_t count = npki_dtype_parts_count(&parts), size = (size_t)dtype->itemsize;
    for (size_t i = count; status == NPK_OK && i-- > 0;)
        status = mark_part(&parts, npki_dtype_parts_at(&parts, i), allocator, work);
    uint8_t *whole = count > 0 ? (uint8_t *)npki_dtype_parts_at(&parts, 0)->own : NULL;
    for (size_t i = 1; i < count; i++)
        npki_free(allocator, (uint8_t *)npki_dtype_parts_at(&parts, i)->own,
                  (size_t)npki_dtype_parts_at(&parts, i)->dtype->itemsize);
    npki_dtype_parts_free(&parts);
    if (status != NPK_OK || is_all_data(whole, size)) {
        npki_free(allocator, whole, size);
        return status;
    }
    *mask = whole;
    return NPK_OK;
}
