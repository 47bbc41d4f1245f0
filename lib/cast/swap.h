/* Byte order. */
#ifndef NPKI_CAST_SWAP_H
#define NPKI_CAST_SWAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Turns the bytes of `count` components of `width` bytes around: 2, 4, 8, or more than 8. `from` and `to` may be the
 * same. */
void npki_swap(const uint8_t *from, size_t width, size_t count, uint8_t *to);

/* Components of 2, 4 or 8 bytes at distances. False for any other width, and at the plain level: nothing is done. */
bool npki_swap_items(uint8_t *to, int64_t to_stride, const uint8_t *from, int64_t from_stride, size_t count,
                     size_t width);

#endif
