/* Powers of ten to 128 bits: what the fast conversions of floats multiply with. */
#ifndef NPKI_TEXT_POWER10_H
#define NPKI_TEXT_POWER10_H

#include "base/wide.h"

#include <stdbool.h>

#define NPKI_POWER10_LEAST (-342)
#define NPKI_POWER10_MOST 341

/* 10^q = (high x 2^64 + low + less than 1) x 2^(npki_log2_power10(q) - 127); high has its highest bit set. */
typedef struct npki_power10 {
    uint64_t high, low;
} npki_power10;

extern const npki_power10 npki_powers10[NPKI_POWER10_MOST - NPKI_POWER10_LEAST + 1];

static inline npki_power10 npki_power10_of(int q)
{
    return npki_powers10[q - NPKI_POWER10_LEAST];
}

/* 5^55 is the last that 128 bits hold. */
static inline bool npki_power10_is_exact(int q)
{
    return q >= 0 && q <= 55;
}

/* The logarithms are right for every exponent of a double: tests/test_floats.c counts them up. Shifts of negative
 * numbers round down with every compiler this is built with. */

/* floor(log2(10^q)) */
static inline int npki_log2_power10(int q)
{
    return (q * 1741647) >> 19;
}

/* floor(log10(2^e)) */
static inline int npki_log10_power2(int e)
{
    return (e * 1262611) >> 22;
}

/* floor(log10(3/4 x 2^e)) */
static inline int npki_log10_three_quarters(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

/* value x 10^q, in units of 2^(npki_log2_power10(q) - 127). The product is not over the true one; where it is not
 * exact, the true one is above it, by less than `value`. */
typedef struct npki_product {
    uint64_t high, middle, low;
    bool exact;
} npki_product;

static inline npki_product npki_times_power10(uint64_t value, int q)
{
    npki_power10 power = npki_power10_of(q);
    npki_product p = {.exact = npki_power10_is_exact(q)};
    uint64_t carried = npki_mul_wide(value, power.low, &p.low);
    p.high = npki_mul_wide(value, power.high, &p.middle);
    p.middle += carried;
    p.high += p.middle < carried;
    return p;
}

#endif
