/* The elements of array.array: out of values, and characters out of bytes. */
#ifndef NPKI_KNOWN_ITEM_H
#define NPKI_KNOWN_ITEM_H

#include "globals/typecode.h"
#include "value/value.h"

typedef enum npki_outcome { NPKI_ITEM_IS_GOOD, NPKI_ITEM_WRONG_KIND, NPKI_ITEM_OUT_OF_RANGE } npki_outcome;

/* One value as an element of `width` bytes, as this machine has them. `out` is left alone where it can't be one. */
npki_outcome npki_put_item(npki_item kind, const npk_value *item, size_t width, uint8_t *out);

/* Whether bytes are characters of UCS-4, or (width 2) units of UTF-16: that is a matter of their number. */
bool npki_are_characters(const uint8_t *bytes, uint64_t size, int width, char order);

/* The characters, four bytes each as this machine has them; returns how many. `bytes` may be the second half of `out`:
 * no byte is written before it was read. A surrogate that stands alone stays. */
uint64_t npki_decode_characters(const uint8_t *bytes, uint64_t size, int width, char order, uint8_t *out);

#endif
