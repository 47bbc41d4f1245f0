/* Floats of 16 bits and less, by the columns of their rows (npickle/dtype.h). Where these are constants, so is all that
 * hangs on them. Source: ml_dtypes/include/float8.h, ConvertImpl; what is rounded there is always a float. */
#ifndef NPKI_CAST_SMALL_H
#define NPKI_CAST_SMALL_H

#include "base/bytes.h"
#include "dtype/dtype.h"

typedef struct npki_small {
    int exponent; /* bits */
    int mantissa; /* bits, without the leading one */
    int bias;
    npki_special special;
} npki_small;

enum { FLOAT_BIAS = 127, FLOAT_MANTISSA = 23 };

static inline uint32_t npki_small_sign(npki_small f)
{
    return f.special == NPKI_SPECIAL_FNU ? 0 : UINT32_C(1) << (f.exponent + f.mantissa);
}

/* All bits but the sign. */
static inline uint32_t npki_small_ones(npki_small f)
{
    return (UINT32_C(1) << (f.exponent + f.mantissa)) - 1;
}

/* The bits of an infinity, or of what lies where IEEE has it. */
static inline uint32_t npki_small_infinity(npki_small f)
{
    return npki_small_ones(f) >> f.mantissa << f.mantissa;
}

/* The upper half of a float. */
static inline bool npki_small_is_cut(npki_small f)
{
    return f.exponent == 8 && f.special == NPKI_SPECIAL_IEEE;
}

static inline bool npki_small_is_nan(npki_small f, uint32_t bits)
{
    switch (f.special) {
    case NPKI_SPECIAL_IEEE:
        return (bits & npki_small_ones(f)) > npki_small_infinity(f);
    case NPKI_SPECIAL_FN:
    case NPKI_SPECIAL_FNU:
        return (bits & npki_small_ones(f)) == npki_small_ones(f);
    case NPKI_SPECIAL_FNUZ:
        return bits == npki_small_sign(f);
    default:
        return false;
    }
}

/* Exact. Every NaN is the quiet one, with its sign; those of a cut float keep their payload. Of less than 8 bits it is
 * negative where there is any bit above the magnitude. */
static inline double npki_double_of_small(npki_small f, uint32_t bits)
{
    if (npki_small_is_cut(f)) {
        float value;
        bits <<= FLOAT_MANTISSA - f.mantissa;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    bool negative = f.special != NPKI_SPECIAL_FNU && bits > npki_small_ones(f);
    uint64_t sign = negative ? UINT64_C(1) << 63 : 0;
    uint32_t exponent = (bits & npki_small_ones(f)) >> f.mantissa;
    uint32_t fraction = bits & ((UINT32_C(1) << f.mantissa) - 1);
    bool normal = exponent != 0 || f.special == NPKI_SPECIAL_FNU; /* which has no 0, and none below the normal ones */
    if (npki_small_is_nan(f, bits))
        return npki_double_of(sign | UINT64_C(0x7ff8) << 48);
    if (f.special == NPKI_SPECIAL_IEEE && (bits & npki_small_ones(f)) == npki_small_infinity(f))
        return npki_double_of(sign | UINT64_C(0x7ff0) << 48);
    int scale = (normal ? (int)exponent : 1) - f.bias - f.mantissa;
    double value = (double)(normal ? fraction | UINT32_C(1) << f.mantissa : fraction) *
                   npki_double_of((uint64_t)(1023 + scale) << 52);
    return npki_double_of(sign | npki_bits_of(value));
}

/* A NaN, of the sign that the float has (where it has one). */
static inline uint32_t npki_small_nan(npki_small f, bool negative)
{
    uint32_t sign = negative ? npki_small_sign(f) : 0;
    switch (f.special) {
    case NPKI_SPECIAL_IEEE:
        return sign | npki_small_infinity(f) | UINT32_C(1) << (f.mantissa - 1);
    case NPKI_SPECIAL_FNUZ:
        return npki_small_sign(f);
    case NPKI_SPECIAL_FINITE: /* a zero, of the other sign */
        return sign ^ npki_small_sign(f);
    default:
        return sign | npki_small_ones(f);
    }
}

/* What is too large. */
static inline uint32_t npki_small_overflow(npki_small f, bool negative)
{
    uint32_t sign = negative ? npki_small_sign(f) : 0;
    switch (f.special) {
    case NPKI_SPECIAL_IEEE:
        return sign | npki_small_infinity(f);
    case NPKI_SPECIAL_FINITE:
        return sign | npki_small_ones(f);
    default:
        return npki_small_nan(f, negative);
    }
}

/* value / 2^shift, half to even; shift is 0 to 25, value below 2^24. */
static inline uint32_t npki_small_shift(uint32_t value, int shift)
{
    uint32_t kept = value >> shift, rest = value - (kept << shift), half = shift > 0 ? UINT32_C(1) << (shift - 1) : 1;
    return kept + (rest > half || (rest == half && (kept & 1) != 0));
}

/* Of a finite float that is not 0, without its sign: may be one more than the highest number there is. */
static inline uint32_t npki_small_round(npki_small f, uint32_t magnitude)
{
    if (f.special == NPKI_SPECIAL_FNU && magnitude >> FLOAT_MANTISSA == 0) /* the exponents are those of a float */
        return npki_small_shift(magnitude, FLOAT_MANTISSA);
    int exponent = (int)(magnitude >> FLOAT_MANTISSA);
    uint32_t fraction = magnitude & ((UINT32_C(1) << FLOAT_MANTISSA) - 1);
    for (exponent = exponent != 0 ? exponent : 1; (magnitude >> FLOAT_MANTISSA) == 0 && fraction >> FLOAT_MANTISSA == 0;
         exponent--)
        fraction <<= 1;
    fraction |= UINT32_C(1) << FLOAT_MANTISSA;
    int field = exponent - FLOAT_BIAS + f.bias, shift = FLOAT_MANTISSA - f.mantissa;
    if (f.special == NPKI_SPECIAL_FNU)
        return (uint32_t)field - 1 + npki_small_shift(fraction, shift);
    if (field >= 1) /* a carry out of the mantissa goes into the exponent */
        return ((uint32_t)(field - 1) << f.mantissa) + npki_small_shift(fraction, shift);
    shift += 1 - field;
    return shift <= FLOAT_MANTISSA + 2 ? npki_small_shift(fraction, shift) : 0;
}

/* Half to even. */
static inline uint32_t npki_small_of_float(npki_small f, float value)
{
    uint32_t bits, infinity = UINT32_C(0xff) << FLOAT_MANTISSA;
    memcpy(&bits, &value, sizeof bits);
    uint32_t magnitude = bits & ~(UINT32_C(1) << 31);
    bool negative = magnitude != bits;
    if (magnitude > infinity)
        return npki_small_nan(f, negative);
    if (npki_small_is_cut(f)) {
        int shift = FLOAT_MANTISSA - f.mantissa;
        return (bits + (UINT32_C(1) << (shift - 1)) - 1 + (bits >> shift & 1)) >> shift;
    }
    if (magnitude == infinity)
        return npki_small_overflow(f, negative);
    if (f.special == NPKI_SPECIAL_FNU && (negative || magnitude == 0))
        return npki_small_nan(f, negative);
    uint32_t highest = npki_small_ones(f) - (f.special == NPKI_SPECIAL_FN || f.special == NPKI_SPECIAL_FNU);
    uint32_t rounded = magnitude == 0 ? 0 : npki_small_round(f, magnitude);
    if (rounded > highest || (f.special == NPKI_SPECIAL_IEEE && rounded >= npki_small_infinity(f)))
        return npki_small_overflow(f, negative);
    bool has_sign = negative && (rounded != 0 || f.special != NPKI_SPECIAL_FNUZ);
    return (has_sign ? npki_small_sign(f) : 0) | rounded;
}

#endif
