/* Products and quotients of 64 bits by 64 bits. */
#ifndef NPKI_BASE_WIDE_H
#define NPKI_BASE_WIDE_H

#include <stdint.h>

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 npki_uint128;
#endif

/* a x b: its upper half; *low gets the lower one. */
static inline uint64_t npki_mul_wide(uint64_t a, uint64_t b, uint64_t *low)
{
#ifdef __SIZEOF_INT128__
    npki_uint128 product = (npki_uint128)a * b;
    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
#else
    uint64_t a1 = a >> 32, a0 = a & UINT32_MAX, b1 = b >> 32, b0 = b & UINT32_MAX;
    uint64_t first = a0 * b0, second = a1 * b0 + (first >> 32), third = a0 * b1 + (second & UINT32_MAX);
    *low = third << 32 | (first & UINT32_MAX);
    return a1 * b1 + (second >> 32) + (third >> 32);
#endif
}

/* high x 2^64 + low divided by `divisor`, which has its highest bit set and is over `high`, with `inverse` = (2^128 -
 * 1) / divisor - 2^64: N. Moller and T. Granlund, "Improved division by invariant integers", 2011, algorithm 4. */
static inline uint64_t npki_divide_wide(uint64_t high, uint64_t low, uint64_t divisor, uint64_t inverse, uint64_t *rest)
{
    uint64_t fraction, quotient = npki_mul_wide(inverse, high, &fraction);
    fraction += low;
    quotient += high + (fraction < low) + 1;
    uint64_t left = low - quotient * divisor;
    uint64_t over = 0 - (uint64_t)(left > fraction); /* as often as not: no branch */
    quotient += over;
    left += divisor & over;
    if (left >= divisor) {
        quotient++;
        left -= divisor;
    }
    *rest = left;
    return quotient;
}

#endif
