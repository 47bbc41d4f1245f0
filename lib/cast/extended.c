#include "cast/extended.h"

#include "base/bytes.h"

#define SIGN 0x8000u
#define EXPONENT 0x7fffu
#define BIAS 16383
#define TOP ((uint64_t)1 << 63)

/* value / 2^shift, half to even; shift is 1 to 64. */
static uint64_t shift_round(uint64_t value, int shift)
{
    uint64_t half = (uint64_t)1 << (shift - 1);
    uint64_t rest = value & (half | (half - 1));
    uint64_t quotient = shift < 64 ? value >> shift : 0;
    return quotient + (rest > half || (rest == half && (quotient & 1) != 0));
}

/* Shifts the top bit of `value`, which is not 0, to bit 63; returns by how much. */
static int normalise(uint64_t *value)
{
    int shifted = 0;
    for (int step = 32; step > 0; step /= 2)
        if (*value >> (64 - step) == 0) {
            *value <<= step;
            shifted += step;
        }
    return shifted;
}

uint16_t npki_half_of_double(double value)
{
    uint64_t bits = npki_bits_of(value);
    uint32_t sign = (uint32_t)(bits >> 48) & SIGN;
    uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    uint64_t result;
    if (exponent == 1024 && fraction != 0)
        result = 0x7c00 | (fraction >> 42 != 0 ? fraction >> 42 : 1);
    else if (exponent > 15)
        result = 0x7c00;
    else if (exponent >= -14) /* a carry out of the fraction goes into the exponent, up to infinity */
        result = ((uint64_t)(exponent + 14) << 10) + shift_round(fraction | (uint64_t)1 << 52, 42);
    else if (exponent >= -25)
        result = shift_round(fraction | (uint64_t)1 << 52, 28 - exponent);
    else
        result = 0;
    return (uint16_t)(sign | result);
}

double npki_double_of_half(uint16_t bits)
{
    uint64_t sign = (uint64_t)(bits & SIGN) << 48;
    uint64_t fraction = bits & 0x3ffu;
    uint64_t exponent = bits >> 10 & 0x1fu;
    if (exponent == 31)
        return npki_double_of(sign | (uint64_t)0x7ff << 52 | fraction << 42);
    if (exponent != 0)
        return npki_double_of(sign | (exponent + 1023 - 15) << 52 | fraction << 42);
    if (fraction == 0)
        return npki_double_of(sign);
    uint64_t shifted = (uint64_t)normalise(&fraction); /* fraction x 2^-24: bit 63 now stands for 2^(39 - shifted) */
    return npki_double_of(sign | (1023 + 39 - shifted) << 52 | (fraction & ~TOP) >> 11);
}

double npki_float_of_bits(uint64_t bits, size_t width)
{
    float narrow;
    uint32_t narrow_bits = (uint32_t)bits;
    memcpy(&narrow, &narrow_bits, sizeof narrow);
    return width == 2 ? npki_double_of_half((uint16_t)bits) : width == 4 ? (double)narrow : npki_double_of(bits);
}

uint64_t npki_bits_of_float(double value, size_t width)
{
    float narrow = (float)value;
    uint32_t narrow_bits;
    memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
    return width == 2 ? npki_half_of_double(value) : width == 4 ? narrow_bits : npki_bits_of(value);
}

npki_extended npki_extended_load(const uint8_t *bytes)
{
    return (npki_extended){npki_load_le(bytes, 8), (uint16_t)npki_load_le(bytes + 8, 2)};
}

void npki_extended_store(npki_extended value, uint8_t *bytes)
{
    npki_store_le(bytes, value.mantissa, 8);
    npki_store_le(bytes + 8, value.head, 2);
}

npki_extended npki_extended_of_double(double value)
{
    uint64_t bits = npki_bits_of(value);
    uint32_t sign = (uint32_t)(bits >> 48) & SIGN;
    uint32_t exponent = (uint32_t)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits << 11 & ~TOP;
    if (exponent == 0x7ff) /* a NaN is made quiet, as FLD does it */
        return (npki_extended){TOP | (mantissa != 0 ? TOP >> 1 : 0) | mantissa, (uint16_t)(sign | EXPONENT)};
    if (exponent != 0)
        return (npki_extended){TOP | mantissa, (uint16_t)(sign | (exponent + BIAS - 1023))};
    if (mantissa == 0)
        return (npki_extended){0, (uint16_t)sign};
    uint32_t shifted = (uint32_t)normalise(&mantissa);
    return (npki_extended){mantissa, (uint16_t)(sign | (BIAS - 1022 - shifted))};
}

npki_extended npki_extended_of_uint64(uint64_t value)
{
    if (value == 0)
        return (npki_extended){0, 0};
    int shifted = normalise(&value);
    return (npki_extended){value, (uint16_t)(BIAS + 63 - shifted)};
}

npki_extended npki_extended_of_int64(int64_t value)
{
    npki_extended result = npki_extended_of_uint64(value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0)
        result.head = (uint16_t)(result.head | SIGN);
    return result;
}

/* Encodings that the 80387 and later refuse, an exponent without the top bit of the mantissa, count as NaN. */
static bool is_nan(npki_extended value)
{
    uint32_t exponent = value.head & EXPONENT;
    return exponent != 0 && ((value.mantissa & TOP) == 0 || (exponent == EXPONENT && value.mantissa != TOP));
}

/* The bits of an IEEE format of `width` bits of which `precision` (with the hidden one) are the mantissa. */
static uint64_t pack(npki_extended value, int width, int precision)
{
    uint64_t sign = (uint64_t)(value.head >> 15) << (width - 1);
    int bias = (1 << (width - precision - 1)) - 1;
    uint64_t infinity = (uint64_t)(2 * bias + 1) << (precision - 1);
    int exponent = value.head & (int)EXPONENT;
    if (is_nan(value))
        return sign | infinity | (uint64_t)1 << (precision - 2) | (value.mantissa & ~TOP) >> (64 - precision);
    if (exponent == (int)EXPONENT)
        return sign | infinity;
    if (value.mantissa == 0)
        return sign;
    exponent = (exponent != 0 ? exponent : 1) - BIAS - normalise(&value.mantissa);
    if (exponent > bias)
        return sign | infinity;
    if (exponent >= 1 - bias)
        return sign |
               (((uint64_t)(exponent + bias - 1) << (precision - 1)) + shift_round(value.mantissa, 64 - precision));
    int shift = 64 - precision + 1 - bias - exponent;
    return sign | (shift <= 64 ? shift_round(value.mantissa, shift) : 0);
}

double npki_double_of_extended(npki_extended value)
{
    int exponent = (value.head & (int)EXPONENT) - BIAS;
    if ((value.mantissa & TOP) != 0 && exponent >= -1022 && exponent <= 1023) { /* as pack(), for most values */
        uint64_t sign = (uint64_t)(value.head >> 15) << 63;
        return npki_double_of(sign | (((uint64_t)(exponent + 1022) << 52) + shift_round(value.mantissa, 11)));
    }
    return npki_double_of(pack(value, 64, 53));
}

float npki_float_of_extended(npki_extended value)
{
    uint32_t bits = (uint32_t)pack(value, 32, 24);
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

bool npki_extended_is_zero(npki_extended value)
{
    return value.mantissa == 0 && (value.head & EXPONENT) == 0;
}

int64_t npki_int_of_extended(npki_extended value, int bits)
{
    int64_t lowest = bits == 64 ? INT64_MIN : -((int64_t)1 << (bits - 1));
    int exponent = (value.head & (int)EXPONENT) - BIAS;
    if (is_nan(value) ||
        exponent > bits - 2) /* the lowest int has exponent bits - 1, and is the answer for all of those */
        return lowest;
    if (exponent < 0)
        return 0;
    int64_t magnitude = (int64_t)(value.mantissa >> (63 - exponent));
    return (value.head & SIGN) != 0 ? -magnitude : magnitude;
}

uint64_t npki_uint64_of_extended(npki_extended value)
{
    int exponent = (value.head & (int)EXPONENT) - BIAS;
    if (exponent < 63 || (value.head & SIGN) != 0 || is_nan(value))
        return (uint64_t)npki_int_of_extended(value, 64);
    return exponent == 63 ? value.mantissa : 0;
}
