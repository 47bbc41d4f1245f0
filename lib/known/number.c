/* Numbers of any kind: Python's, NumPy's scalars, arrays of no dimensions. */
#include "known/known.h"

#include <string.h>

/* --- an int of any size as the double next to it --- */

#define MANTISSA 53
#define MOST_BITS 1024 /* what a double's exponent takes; its greatest number has that many */

/* Byte i of the magnitude of a two's complement that is negative: complement and one, from the lowest byte on. */
static uint8_t magnitude_at(const uint8_t *bytes, size_t lowest, size_t i, bool negative)
{
    if (!negative || i < lowest)
        return bytes[i];
    return (uint8_t)(i == lowest ? -bytes[i] : ~bytes[i]);
}

/* bits x 2^exponent, to the nearest, ties to even; `bits` has its highest bit set. False: beyond the greatest
 * double. */
static bool round_double(uint64_t bits, int exponent, bool more, double *out)
{
    uint64_t kept = bits >> (64 - MANTISSA), rest = bits << MANTISSA;
    const uint64_t half = UINT64_C(1) << 63;
    if (rest > half || (rest == half && (more || (kept & 1) != 0)))
        kept++;
    int power = exponent + 64 - MANTISSA;
    if (kept >> MANTISSA != 0) {
        kept >>= 1;
        power++;
    }
    if (power + MANTISSA > MOST_BITS)
        return false;
    double value = (double)kept; /* exact */
    for (; power > 0; power--)
        value *= 2;
    for (; power < 0; power++)
        value /= 2;
    *out = value;
    return true;
}

static bool long_to_double(const uint8_t *bytes, size_t size, double *out)
{
    bool negative = size > 0 && bytes[size - 1] >= 0x80, more = false;
    size_t lowest = 0, top = size;
    while (lowest < size && bytes[lowest] == 0)
        lowest++;
    while (top > 0 && magnitude_at(bytes, lowest, top - 1, negative) == 0)
        top--;
    if (top == 0) {
        *out = 0;
        return true;
    }
    if (top > MOST_BITS / 8)
        return false;
    /* Nine bytes hold 64 bits, whatever the highest one begins with; of those below only matters whether they are 0. */
    uint64_t bits = 0;
    size_t at = top, used = 0;
    for (; at > 0 && used < 8; used++)
        bits = bits << 8 | magnitude_at(bytes, lowest, --at, negative);
    int exponent = 8 * (int)at, shift = 0; /* under 8 where bytes are left: the highest one is not 0 */
    while (bits >> (63 - shift) == 0)
        shift++;
    bits <<= shift;
    exponent -= shift;
    if (at > 0 && shift > 0)
        bits |= (uint64_t)magnitude_at(bytes, lowest, at - 1, negative) >> (8 - shift);
    if (at > 0 && (uint8_t)(magnitude_at(bytes, lowest, at - 1, negative) << shift) != 0)
        more = true;
    more = more || (at > 1 && lowest < at - 1);
    if (!round_double(bits, exponent, more, out))
        return false;
    if (negative)
        *out = -*out;
    return true;
}

/* --- NumPy's --- */

/* The one element of a NumPy scalar or of an array without dimensions, if it is a real number. */
static bool element_of(const npk_value *value, npk_array *out)
{
    npk_status status = npk_value_is_scalar(value) ? npk_scalar_of(value, out, NULL) : npk_array_of(value, out, NULL);
    return status == NPK_OK && out->ndim == 0 && !npk_value_is_masked(value) &&
           memchr("biuf", npk_dtype_kind(out->dtype), 4) != NULL;
}

static bool read_as(const npk_array *array, npk_type type, void *out)
{
    return npk_array_read_as(array, npk_dtype_native(type), NPK_CAST_UNSAFE, out, 1, NULL) == NPK_OK;
}

/* --- the calls --- */

bool npk_value_to_double(const npk_value *value, double *out)
{
    npk_array element;
    uint8_t room[8];
    size_t size;
    bool truth;
    double number;
    if (value == NULL || out == NULL)
        return false;
    const uint8_t *bytes = npk_value_as_long(value, room, &size);
    if (bytes != NULL)
        return long_to_double(bytes, size, out);
    if (npk_value_as_double(value, out))
        return true;
    if (npk_value_as_bool(value, &truth)) {
        *out = truth ? 1 : 0;
        return true;
    }
    if (!element_of(value, &element) || !read_as(&element, NPK_FLOAT64, &number))
        return false;
    *out = number;
    return true;
}

/* A float that is a whole number. NaN is none. */
static bool whole(double number, int64_t *out)
{
    if (!(number >= -0x1p63 && number < 0x1p63) || (double)(int64_t)number != number)
        return false;
    *out = (int64_t)number;
    return true;
}

static bool element_to_int64(const npk_array *element, int64_t *out)
{
    double number;
    uint64_t natural;
    switch (npk_dtype_kind(element->dtype)) {
    case 'f': /* what a double can't hold would have to be cut off */
        return npk_dtype_itemsize(element->dtype) <= 8 && read_as(element, NPK_FLOAT64, &number) && whole(number, out);
    case 'u':
        if (!read_as(element, NPK_UINT64, &natural) || natural > INT64_MAX)
            return false;
        *out = (int64_t)natural;
        return true;
    default:
        return read_as(element, NPK_INT64, out);
    }
}

bool npk_value_to_int64(const npk_value *value, int64_t *out)
{
    npk_array element;
    bool truth;
    double number;
    if (value == NULL || out == NULL)
        return false;
    if (npk_value_as_int64(value, out))
        return true;
    if (npk_value_as_bool(value, &truth)) {
        *out = truth ? 1 : 0;
        return true;
    }
    if (npk_value_as_double(value, &number))
        return whole(number, out);
    return element_of(value, &element) && element_to_int64(&element, out);
}
