/* What is described here is the behaviour of numpy/_core/arrayprint.py, FloatingFormat, and of scalartypes.c.src,
 * floattype_repr. */
#include "print/float.h"

#include "base/bytes.h"
#include "text/bignum.h"
#include "text/digits.h"

#include <string.h>

typedef struct float_row {
    uint8_t bits;         /* of the mantissa */
    uint64_t array_most;  /* an array that holds as much is printed in scientific notation */
    uint64_t scalar_most; /* so is a scalar */
} float_row;

/* NumPy 2.5: 10 ** min(8, finfo.precision) for an array. */
static const float_row rows[NPKI_FLOAT_KINDS] = {
    [NPKI_FLOAT_HALF] = {11, 1000, 1000},
    [NPKI_FLOAT_SINGLE] = {24, 1000000, 1000000},
    [NPKI_FLOAT_DOUBLE] = {53, 100000000, 10000000000000000},
    [NPKI_FLOAT_EXTENDED] = {64, 100000000, 10000000000000000},
};

/* --- the numbers --- */

static npki_float_value ieee(uint64_t bits, int exponent_bits, int mantissa_bits)
{
    uint64_t mantissa = bits & (((uint64_t)1 << mantissa_bits) - 1);
    uint64_t exponent = bits >> mantissa_bits & (((uint64_t)1 << exponent_bits) - 1);
    npki_float_value value = {.is = NPKI_FLOAT_FINITE, .negative = bits >> (mantissa_bits + exponent_bits) & 1};
    if (exponent == ((uint64_t)1 << exponent_bits) - 1)
        value.is = mantissa != 0 ? NPKI_FLOAT_NAN : NPKI_FLOAT_INFINITE;
    else if (exponent == 0 && mantissa == 0)
        value.is = NPKI_FLOAT_ZERO;
    return value;
}

static uint64_t load(const uint8_t *p, size_t width, bool big)
{
    if (width == 8)
        return big ? __builtin_bswap64(npki_load_eight(p)) : npki_load_eight(p);
    return big ? npki_load_be(p, width) : npki_load_le(p, width);
}

static npki_float_value load_extended(const uint8_t *p)
{
    uint64_t mantissa = npki_load_le(p, 8);
    uint16_t exponent = (uint16_t)npki_load_le(p + 8, 2);
    npki_float_value value = {.is = NPKI_FLOAT_FINITE, .negative = exponent >> 15};
    exponent &= 0x7fff;
    if (exponent == 0x7fff)
        value.is = mantissa << 1 != 0 ? NPKI_FLOAT_NAN : NPKI_FLOAT_INFINITE;
    else if (exponent == 0 && mantissa == 0)
        value.is = NPKI_FLOAT_ZERO;
    else if (exponent != 0 && mantissa >> 63 == 0)
        value.is = NPKI_FLOAT_NAN; /* no number since the 80387 */
    else
        value.real = npki_real_of_extended(mantissa, exponent);
    return value;
}

npki_float_value npki_float_load(npki_float_kind kind, const uint8_t *p, size_t width, bool big)
{
    uint8_t swapped[16] = {0};
    if (kind == NPKI_FLOAT_EXTENDED) {
        for (size_t i = 0; i < width && i < sizeof swapped; i++)
            swapped[i] = p[big ? width - 1 - i : i];
        return load_extended(swapped);
    }
    uint64_t bits = load(p, width, big);
    npki_float_value value;
    if (kind == NPKI_FLOAT_HALF) {
        value = ieee(bits, 5, 10);
        if (value.is == NPKI_FLOAT_FINITE)
            value.real = npki_real_of_half((uint16_t)(bits & 0x7fff));
    } else if (kind == NPKI_FLOAT_SINGLE) {
        value = ieee(bits, 8, 23);
        uint32_t positive = (uint32_t)bits & 0x7fffffff;
        float single;
        memcpy(&single, &positive, sizeof single);
        if (value.is == NPKI_FLOAT_FINITE)
            value.real = npki_real_of_float(single);
    } else {
        value = ieee(bits, 11, 52);
        if (value.is == NPKI_FLOAT_FINITE)
            value.real = npki_real_of_double(npki_double_of(bits & INT64_MAX));
    }
    return value;
}

/* With the highest bit of the mantissa set. */
static npki_real normal(npki_real real)
{
    int up = 64 - npki_bit_length(real.mantissa);
    real.mantissa <<= up;
    real.exponent -= up;
    return real;
}

static int compare_reals(npki_real a, npki_real b)
{
    a = normal(a);
    b = normal(b);
    if (a.exponent != b.exponent)
        return a.exponent < b.exponent ? -1 : 1;
    return a.mantissa < b.mantissa ? -1 : a.mantissa > b.mantissa;
}

static npki_real whole(uint64_t value)
{
    return (npki_real){.mantissa = value};
}

/* 0.0001 as NumPy compares an array's elements with it: rounded to the elements' own type. That of a long double is a
 * double's. */
static npki_real array_least(npki_float_kind kind)
{
    switch (kind) {
    case NPKI_FLOAT_HALF:
        return npki_real_of_half(0x068e);
    case NPKI_FLOAT_SINGLE:
        return npki_real_of_float(1e-4f);
    default:
        return npki_real_of_double(1e-4);
    }
}

/* A scalar's: a double's, but of a long double its own. */
static npki_real scalar_least(npki_float_kind kind)
{
    return kind == NPKI_FLOAT_EXTENDED ? npki_real_of_extended(0xd1b71758e219652c, 0x3ff1) : npki_real_of_double(1e-4);
}

/* Whether most / least, rounded to `bits` bits, is over 1000. Rounded it is if it is over 1000 + half a unit in the
 * last place, which is 2^(9-bits); both sides are multiplied by least. */
static bool thousandfold(npki_real most, npki_real least, int bits)
{
    most = normal(most);
    least = normal(least);
    int apart = most.exponent - least.exponent;
    if (apart != 9 && apart != 10)
        return apart > 10;
    uint64_t high = most.mantissa >> (64 - apart), low = most.mantissa << apart;
    uint64_t first = (least.mantissa & UINT32_MAX) * 1000, second = (least.mantissa >> 32) * 1000;
    uint64_t product = first + (second << 32);
    uint64_t carried = (second >> 32) + (product < first);
    if (high < carried || (high == carried && low <= product))
        return false;
    uint64_t over = high - carried - (low < product);
    return over > 0 || low - product > least.mantissa >> (bits - 9);
}

/* --- digits --- */

typedef struct decimal {
    char digits[NPKI_DIGITS_ROOM];
    int count;
    int point; /* 0.d1d2d3 x 10^point */
} decimal;

static decimal shortest(npki_float_value value)
{
    decimal d = {.digits = "0", .count = 1, .point = 1};
    if (value.is == NPKI_FLOAT_FINITE)
        d.count = npki_shortest_digits(value.real, d.digits, &d.point);
    return d;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* The digits NumPy prints at up to `precision` places after the point. */
static decimal fixed_digits(npki_float_value value, int precision)
{
    decimal d = shortest(value);
    if (d.count - d.point > precision) {
        d.count = npki_rounded_digits(value.real, false, precision, d.digits, NPKI_DIGITS, &d.point);
        if (d.count == 0)
            d = (decimal){.digits = "0", .count = 1, .point = 1};
    }
    return d;
}

/* The digits with `places` after the first. Where the shortest have fewer, `filled` asks for those of the exact value
 * to follow instead of zeros: 1.00000001e-01 is what NumPy makes of a float32 at 8 places. */
static decimal scientific_digits(npki_float_value value, int places, bool filled)
{
    decimal d = shortest(value);
    if (value.is == NPKI_FLOAT_FINITE && (d.count - 1 > places || (filled && d.count - 1 < places)))
        d.count = npki_rounded_digits(value.real, true, places, d.digits, NPKI_DIGITS, &d.point);
    return d;
}

/* --- text --- */

static size_t put(char *text, size_t at, char c, int times)
{
    for (; times > 0 && at < NPKI_FLOAT_TEXT; times--)
        text[at++] = c;
    return at;
}

static size_t put_digits(char *text, size_t at, const decimal *d, int from, int to)
{
    for (int i = from; i < to && at < NPKI_FLOAT_TEXT; i++)
        text[at++] = i < 0 || i >= d->count ? '0' : d->digits[i];
    return at;
}

static bool has_sign(npki_float_value value, bool plus)
{
    return value.is == NPKI_FLOAT_NAN ? plus : value.negative || plus;
}

static size_t put_sign(char *text, size_t at, npki_float_value value, bool plus)
{
    bool minus = value.negative && value.is != NPKI_FLOAT_NAN;
    return has_sign(value, plus) ? put(text, at, minus ? '-' : '+', 1) : at;
}

/* "12.5": the whole part, the point, and no zeros at the end. */
static size_t put_fixed(char *text, size_t at, const decimal *d)
{
    at = d->point > 0 ? put_digits(text, at, d, 0, d->point) : put(text, at, '0', 1);
    at = put(text, at, '.', 1);
    return put_digits(text, at, d, d->point, d->count);
}

/* "1.25e+01" */
static size_t put_scientific(char *text, size_t at, const decimal *d, int places, int exponent_digits)
{
    at = put_digits(text, at, d, 0, 1);
    at = put(text, at, '.', 1);
    at = put_digits(text, at, d, 1, 1 + places);
    at = put(text, at, 'e', 1);
    int exponent = d->point - 1;
    at = put(text, at, exponent < 0 ? '-' : '+', 1);
    char digits[21];
    int count = (int)npki_print_int64(exponent < 0 ? -exponent : exponent, digits);
    at = put(text, at, '0', exponent_digits - count);
    for (int i = 0; i < count && at < NPKI_FLOAT_TEXT; i++)
        text[at++] = digits[i];
    return at;
}

static size_t put_odd(char *text, size_t at, npki_float_value value, bool plus)
{
    at = put_sign(text, at, value, plus);
    memcpy(text + at, value.is == NPKI_FLOAT_NAN ? "nan" : "inf", 3);
    return at + 3;
}

/* --- arrays --- */

void npki_float_start(npki_float_format *format, npki_float_kind kind, bool plus, int precision)
{
    *format = (npki_float_format){.kind = kind, .plus = plus, .precision = precision};
}

void npki_float_scan(npki_float_format *format, npki_float_value value)
{
    format->any_odd |= value.is == NPKI_FLOAT_NAN || value.is == NPKI_FLOAT_INFINITE;
    format->any_minus_infinity |= value.is == NPKI_FLOAT_INFINITE && value.negative;
    format->any_finite |= value.is == NPKI_FLOAT_ZERO || value.is == NPKI_FLOAT_FINITE;
    if (value.is != NPKI_FLOAT_FINITE)
        return;
    if (!format->any || compare_reals(value.real, format->least) < 0)
        format->least = value.real;
    if (!format->any || compare_reals(value.real, format->most) > 0)
        format->most = value.real;
    format->any = true;
}

void npki_float_choose(npki_float_format *format)
{
    const float_row *row = &rows[format->kind];
    if (format->any)
        format->scientific = compare_reals(format->most, whole(row->array_most)) >= 0 ||
                             compare_reals(format->least, array_least(format->kind)) < 0 ||
                             thousandfold(format->most, format->least, row->bits);
    format->exponent_digits = 2;
}

void npki_float_measure(npki_float_format *format, npki_float_value value)
{
    if (value.is != NPKI_FLOAT_ZERO && value.is != NPKI_FLOAT_FINITE)
        return;
    int sign = has_sign(value, format->plus);
    if (format->scientific) {
        decimal d = scientific_digits(value, format->precision, false);
        int exponent = d.point > 0 ? d.point - 1 : 1 - d.point, digits = 1;
        for (; exponent >= 10; exponent /= 10)
            digits++;
        format->before = max_int(format->before, sign + 1);
        format->after = max_int(format->after, d.count - 1);
        format->exponent_digits = max_int(format->exponent_digits, digits);
    } else {
        decimal d = fixed_digits(value, format->precision);
        format->before = max_int(format->before, sign + max_int(d.point, 1));
        format->after = max_int(format->after, value.is == NPKI_FLOAT_ZERO ? 0 : d.count - d.point);
    }
}

/* All that follows the first point. */
static int behind(const npki_float_format *format)
{
    return format->after + (format->scientific ? format->exponent_digits + 2 : 0);
}

void npki_float_settle(npki_float_format *format)
{
    if (!format->any_odd)
        return;
    int widest = 3 + (format->any_minus_infinity || format->plus);
    format->before = max_int(format->before, widest - behind(format) - 1);
}

size_t npki_float_print(const npki_float_format *format, npki_float_value value, char text[NPKI_FLOAT_TEXT])
{
    char bare[NPKI_FLOAT_TEXT];
    size_t size = 0;
    int width = format->before + behind(format) + 1, blanks;
    if (value.is == NPKI_FLOAT_NAN || value.is == NPKI_FLOAT_INFINITE) {
        size = put_odd(bare, 0, value, format->plus);
        blanks = width - (int)size;
    } else if (format->scientific) {
        decimal d = scientific_digits(value, format->after, true);
        size = put_sign(bare, 0, value, format->plus);
        blanks = format->before - (int)size - 1;
        size = put_scientific(bare, size, &d, format->after, format->exponent_digits);
    } else {
        decimal d = fixed_digits(value, format->precision);
        size = put_sign(bare, 0, value, format->plus);
        blanks = format->before - (int)size - max_int(d.point, 1);
        size = put_fixed(bare, size, &d);
    }
    size_t at = put(text, 0, ' ', blanks);
    if (size > NPKI_FLOAT_TEXT - at)
        size = NPKI_FLOAT_TEXT - at;
    memcpy(text + at, bare, size);
    return put(text, at + size, ' ', width - (int)(at + size));
}

/* --- scalars --- */

size_t npki_float_print_scalar(npki_float_kind kind, npki_float_value value, bool part, char text[NPKI_FLOAT_TEXT])
{
    if (value.is == NPKI_FLOAT_NAN || value.is == NPKI_FLOAT_INFINITE)
        return put_odd(text, 0, value, false);
    size_t at = put_sign(text, 0, value, false);
    decimal d = shortest(value);
    npki_notation notation = part ? NPKI_FIXED_BARE : NPKI_FIXED;
    if (value.is == NPKI_FLOAT_FINITE && (compare_reals(value.real, whole(rows[kind].scalar_most)) >= 0 ||
                                          compare_reals(value.real, scalar_least(kind)) < 0))
        notation = NPKI_SCIENTIFIC;
    return at + npki_spell_digits(text + at, d.digits, d.count, d.point, notation);
}
