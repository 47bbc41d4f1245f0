/* Copies of elements that lie at distances. */
#ifndef NPKI_ARRAY_COPY_ITEMS_H
#define NPKI_ARRAY_COPY_ITEMS_H

#include <stddef.h>
#include <stdint.h>

/* Copies `count` elements of `size` bytes that lie at equal distances to where they lie at others. */
void npki_copy_items(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                     size_t size);

#endif
