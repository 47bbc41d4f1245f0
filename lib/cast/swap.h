/* Byte order. */
#ifndef NPKI_CAST_SWAP_H
#define NPKI_CAST_SWAP_H

#include <stddef.h>
#include <stdint.h>

/* Turns the bytes of `count` components of `width` bytes around: 2, 4, 8, or more than 8. `from` and `to` may be the
 * same. */
void npki_swap(const uint8_t *from, size_t width, size_t count, uint8_t *to);

#endif
