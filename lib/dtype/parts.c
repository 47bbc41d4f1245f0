#include "dtype/parts.h"

#include <stdlib.h>

size_t npki_dtype_parts_count(const npki_dtype_parts *parts)
{
    return parts->list.size / sizeof(npki_dtype_part);
}

npki_dtype_part *npki_dtype_parts_at(const npki_dtype_parts *parts, size_t index)
{
    return (npki_dtype_part *)(void *)parts->list.bytes + index;
}

npki_dtype_part *npki_dtype_parts_get(const npki_dtype_parts *parts, const npk_dtype *dtype)
{
    return npki_dtype_parts_at(parts, (size_t)*npki_map_get(&parts->places, (uintptr_t)dtype));
}

static bool add(npki_dtype_parts *parts, const npk_dtype *dtype)
{
    bool added;
    uint64_t *place = npki_map_put(&parts->places, (uintptr_t)dtype, &added);
    if (place == NULL || !added)
        return place != NULL;
    *place = npki_dtype_parts_count(parts);
    return npki_dynbuf_add(&parts->list, &(npki_dtype_part){dtype, 0}, sizeof(npki_dtype_part));
}

/* The deepest first: what holds another is deeper than that. */
static int by_depth(const void *a, const void *b)
{
    uint32_t left = ((const npki_dtype_part *)a)->dtype->depth, right = ((const npki_dtype_part *)b)->dtype->depth;
    return (left < right) - (left > right);
}

bool npki_dtype_parts_find(npki_dtype_parts *parts, const npk_dtype *dtype, const npk_allocator *allocator)
{
    npki_dynbuf_init(&parts->list, allocator, SIZE_MAX);
    npki_map_init(&parts->places, allocator);
    bool good = add(parts, dtype);
    for (size_t i = 0; good && i < npki_dtype_parts_count(parts); i++) {
        const npk_dtype *holder = npki_dtype_parts_at(parts, i)->dtype;
        good = holder->base == NULL || add(parts, holder->base);
        for (size_t k = 0; good && k < holder->field_count; k++)
            good = add(parts, holder->fields[k].dtype);
    }
    if (good && npki_dtype_parts_count(parts) > 2)
        qsort(npki_dtype_parts_at(parts, 0), npki_dtype_parts_count(parts), sizeof(npki_dtype_part), by_depth);
    for (size_t i = 0; good && i < npki_dtype_parts_count(parts); i++)
        *npki_map_get(&parts->places, (uintptr_t)npki_dtype_parts_at(parts, i)->dtype) = i;
    return good;
}

void npki_dtype_parts_free(npki_dtype_parts *parts)
{
    npki_map_free(&parts->places);
    npki_dynbuf_free(&parts->list);
}
