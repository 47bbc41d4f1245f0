/* Data and padding in the items of a dtype. */
#ifndef NPKI_DTYPE_MASK_H
#define NPKI_DTYPE_MASK_H

#include "dtype/dtype.h"

/* For each byte of an item 0xff if it is data, 0 if it is padding: between fields, or in an x87 long double. `*work`:
 * the bytes that may still be marked for it; what was marked is taken away.
 * Ownership: *mask, of itemsize bytes, is the caller's; NULL if there is no padding. Errors: NPK_ERR_MEMORY;
 * NPK_ERR_LIMIT: fields lie over one another so often that it takes too much work. */
npk_status npki_dtype_mask(const npk_dtype *dtype, const npk_allocator *allocator, uint64_t *work, uint8_t **mask);

/* The work that items of so many bytes are worth. */
static inline uint64_t npki_dtype_mask_work(uint64_t bytes)
{
    const uint64_t free = (uint64_t)16 << 20, times = 64;
    return bytes > (UINT64_MAX - free) / times ? UINT64_MAX : free + times * bytes;
}

#endif
