/* Copies of two axes at a time. */
#ifndef NPKI_ARRAY_PLANE_H
#define NPKI_ARRAY_PLANE_H

#include <stddef.h>
#include <stdint.h>

/* Elements at places of their own become rows, one behind the other and without gaps in themselves. */
typedef struct npki_plane {
    const uint8_t *from;
    uint8_t *to;
    int64_t rows, columns;
    int64_t from_row, from_column; /* bytes to the next */
    int64_t to_row;
    size_t size; /* of an element */
} npki_plane;

static inline uint64_t npki_distance(int64_t stride)
{
    return stride < 0 ? -(uint64_t)stride : (uint64_t)stride;
}

/* Where rows lie closer together in `from` than columns, by tiles. `from` and `to` do not overlap. */
void npki_plane_copy(const npki_plane *plane);

#endif
