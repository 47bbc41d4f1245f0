/* Natural numbers of a fixed greatest size: what exact conversions of floats need. */
#ifndef NPKI_TEXT_BIGNUM_H
#define NPKI_TEXT_BIGNUM_H

#include <stdbool.h>
#include <stdint.h>

#define NPKI_BIG_WORDS 264 /* the extended floats of the x87 take 16 511 bits and a digit */

typedef struct npki_big {
    int size; /* words that count; the last is not 0 */
    uint64_t words[NPKI_BIG_WORDS];
} npki_big;

#define NPKI_FIVES 27 /* 5^27 has 63 bits, and is the last that 64 can hold */
extern const uint64_t npki_fives[NPKI_FIVES + 1]; /* 5^0, 5^1 ... */

void npki_big_set(npki_big *big, uint64_t value);
void npki_big_scale(npki_big *big, uint64_t factor, uint64_t add);                 /* big x factor + add; factor > 0 */
void npki_big_shift(npki_big *big, int bits);                                      /* big x 2^bits */
void npki_big_power5(npki_big *big, int exponent);                                 /* big x 5^exponent */
void npki_big_power10(npki_big *big, int exponent);                                /* big x 10^exponent */
void npki_big_subtract(npki_big *big, const npki_big *less);                       /* less <= big */
int npki_big_compare(const npki_big *a, const npki_big *b);                        /* < 0, 0, > 0 */
int npki_big_compare_sum(const npki_big *a, const npki_big *b, const npki_big *c); /* a + b with c */
int npki_big_bits(const npki_big *big);
int npki_bit_length(uint64_t value); /* 0 has none */

/* big / divisor, which is less than 2^64; big becomes the remainder. Both are shifted by as much before. */
uint64_t npki_big_divide(npki_big *big, npki_big *divisor);

#endif
