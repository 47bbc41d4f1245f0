/* float16 and the 80-bit extended format of the x87, in integers: the same on every machine, whatever its long
 * double is. */
#ifndef NPKI_CAST_EXTENDED_H
#define NPKI_CAST_EXTENDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Half to even, from the double itself. The upper bits of a NaN's payload are kept. */
uint16_t npki_half_of_double(double value);
double npki_double_of_half(uint16_t bits);

/* Of IEEE's formats of 2, 4 and 8 bytes. */
double npki_float_of_bits(uint64_t bits, size_t width);
uint64_t npki_bits_of_float(double value, size_t width);

/* The 80 bits: value = mantissa x 2^(exponent - 16383 - 63); `head` is the sign (its top bit) and the exponent. */
typedef struct npki_extended {
    uint64_t mantissa;
    uint16_t head;
} npki_extended;

/* Ten bytes, least significant first. */
npki_extended npki_extended_load(const uint8_t *bytes);
void npki_extended_store(npki_extended value, uint8_t *bytes);

npki_extended npki_extended_of_double(double value);
npki_extended npki_extended_of_int64(int64_t value);
npki_extended npki_extended_of_uint64(uint64_t value);

/* Rounded once, half to even. */
double npki_double_of_extended(npki_extended value);
float npki_float_of_extended(npki_extended value);

bool npki_extended_is_zero(npki_extended value);

/* Towards zero. What `bits` (16, 32, 64) can't hold, and NaN, becomes the lowest int of so many bits: FISTP's
 * answer. */
int64_t npki_int_of_extended(npki_extended value, int bits);

/* As gcc makes it for x86-64 out of the above: from 2^63 on 2^63 is taken off before and put back after. */
uint64_t npki_uint64_of_extended(npki_extended value);

#endif
