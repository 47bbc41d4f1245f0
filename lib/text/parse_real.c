/* Text to the nearest double. */
#include "base/bytes.h"
#include "base/cpu.h"
#include "text/bignum.h"
#include "text/digits.h"
#include "text/number.h"
#include "text/power10.h"

#define INFINITE UINT64_C(0x7ff0000000000000)
#define NOT_A_NUMBER UINT64_C(0x7ff8000000000000)
#define CHUNK 19 /* digits that 64 bits hold */

/* The digits of a number without its sign, and what they are without looking at them again. */
typedef struct decimal {
    const uint8_t *first, *end; /* all of them, with at most one point between them */
    uint64_t value;             /* of the first 19 that count */
    int64_t exponent;           /* of ten, of the last of these */
    int64_t written;            /* what the text says after its 'e' */
    bool more;                  /* others follow, that may be zeros */
} decimal;

/* --- taking the text apart --- */

static bool is_word(const uint8_t *text, size_t size, const char *word)
{
    if (size != strlen(word))
        return false;
    for (size_t i = 0; i < size; i++)
        if ((text[i] | 0x20) != (uint8_t)word[i])
            return false;
    return true;
}

/* Digits from p on, added to *value, which wraps. */
static inline const uint8_t *take_digits(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    uint64_t so_far = *value;
    for (; end - p >= 8; p += 8) {
        uint64_t eight = npki_load_eight(p);
        if (!npki_are_digits(eight))
            break;
        so_far = so_far * 100000000 + npki_number_of(eight);
    }
    for (; p < end && (unsigned)(*p - '0') < 10; p++)
        so_far = so_far * 10 + (uint64_t)(*p - '0');
    *value = so_far;
    return p;
}

static bool take_exponent(int64_t *out, const uint8_t *p, const uint8_t *end)
{
    bool negative = p < end && *p == '-';
    int64_t exponent = 0;
    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        if (exponent < INT64_C(100000000000000000)) /* beyond any float, however many digits there are */
            exponent = 10 * exponent + (*p - '0');
    }
    *out += negative ? -exponent : exponent;
    return true;
}

/* With more than 19 digits: the first 19 that are not leading zeros. `point`: where it is, or else the end. */
static void shorten(decimal *d, const uint8_t *point)
{
    const uint8_t *p = d->first;
    int count = 0;
    while (p < d->end && (*p == '0' || *p == '.'))
        p++;
    if (d->end - p - (p <= point && point < d->end) <= CHUNK) {
        d->exponent -= point < d->end ? d->end - point - 1 : 0;
        return; /* zeros changed nothing */
    }
    d->value = 0;
    for (; p < d->end && count < CHUNK; p++)
        if (*p != '.') {
            d->value = d->value * 10 + (uint64_t)(*p - '0');
            count++;
        }
    d->more = p < d->end;
    /* the digits between here and the point count, or those behind it up to here */
    d->exponent += p <= point ? point - p : point + 1 - p;
}

static bool take_decimal(decimal *d, const uint8_t *p, const uint8_t *end)
{
    *d = (decimal){.first = p};
    const uint8_t *point = take_digits(p, end, &d->value);
    bool has_point = point < end && *point == '.';
    d->end = has_point ? take_digits(point + 1, end, &d->value) : point;
    if (d->end - p - has_point == 0)
        return false;
    if (d->end < end && ((*d->end | 0x20) != 'e' || !take_exponent(&d->written, d->end + 1, end)))
        return false;
    d->exponent = d->written;
    if (d->end - p - has_point > CHUNK)
        shorten(d, point);
    else if (has_point)
        d->exponent -= d->end - point - 1;
    return true;
}

/* --- to the nearest double --- */

/* mantissa x 2^exponent, and whether something follows, to the nearest double, half to even. mantissa has its top
 * bit. */
static inline double round_to_double(uint64_t mantissa, int exponent, bool more)
{
    int drop = 11;                                 /* 64 - 53 */
    /* normal before and after; the mantissa's top bit counts as one of the exponent */
    if (exponent >= -1085 && exponent <= 959) {
        bool tie = (mantissa & 0x7ff) == 0x400 && !more;
        uint64_t kept = ((mantissa >> 10) + 1) >> 1;
        return npki_double_of(((uint64_t)(exponent + 1085) << 52) + (tie ? kept & ~UINT64_C(1) : kept));
    }
    if (exponent + 11 < -1074)
        drop = -1074 - exponent;
    if (drop > 64)
        return 0.0;
    uint64_t kept = drop == 64 ? 0 : mantissa >> drop;
    uint64_t half = UINT64_C(1) << (drop - 1), lost = drop == 64 ? mantissa : mantissa & ((half << 1) - 1);
    kept += lost > half || (lost == half && (more || (kept & 1) != 0));
    exponent += drop;
    if (kept >> 53 != 0) {
        kept >>= 1;
        exponent++;
    }
    if (exponent > 971)
        return npki_double_of(INFINITE);
    if (kept >> 52 == 0) /* subnormal */
        return npki_double_of(kept);
    return npki_double_of((uint64_t)(exponent + 1075) << 52 | (kept & ((UINT64_C(1) << 52) - 1)));
}

static double round_whole(uint64_t value, int exponent)
{
    int up = __builtin_clzll(value);
    return round_to_double(value << up, exponent - up, false);
}

/* value x 10^q by one product with 10^q to 128 bits: D. Lemire, "Number parsing at a gigabyte per second", 2021. False
 * where the product can't tell which double is the nearest. value > 0. */
static bool convert_fast(uint64_t value, int64_t q, double *out)
{
    if (q < NPKI_POWER10_LEAST || q > 308) { /* whatever the digits are */
        *out = npki_double_of(q < 0 ? 0 : INFINITE);
        return true;
    }
    int power = (int)q, up = __builtin_clzll(value);
    npki_product p = npki_times_power10(value << up, power);
    int exponent = npki_log2_power10(power) + 1 - up;
    if (p.high >> 63 == 0) {
        p.high = p.high << 1 | p.middle >> 63;
        p.middle <<= 1;
        exponent--;
    }
    *out = round_to_double(p.high, exponent, p.middle > 0 || p.low > 0 || !p.exact);
    if (p.exact || p.middle < UINT64_MAX - 1)
        return true;
    /* the true product may be that of the next number, or more by a little */
    if (p.high < UINT64_MAX && *out == round_to_double(p.high + 1, exponent, true) &&
        *out == round_to_double(p.high + 1, exponent, false))
        return true;
    if (q >= 0 || -q > NPKI_FIVES || value % npki_fives[-q] != 0)
        return false;
    *out = round_whole(value / npki_fives[-q], power);
    return true;
}

/* --- exactly --- */

#define MANTISSA_DIGITS 800 /* more only say whether something follows: half the way between two doubles has 768 */

/* All the digits; returns the exponent of ten of the last. */
static int64_t take_number(npki_big *number, const decimal *d)
{
    uint64_t chunk = 0, scale = 1;
    int64_t exponent = d->written;
    int count = 0;
    bool after_point = false, more = false;
    npki_big_set(number, 0);
    for (const uint8_t *p = d->first; p < d->end; p++) {
        if (*p == '.') {
            after_point = true;
            continue;
        }
        if (count == MANTISSA_DIGITS) {
            more |= *p != '0';
            exponent += !after_point;
            continue;
        }
        if (count > 0 && count <= MANTISSA_DIGITS - 8 && scale <= UINT64_C(100000000000) && d->end - p >= 8 &&
            npki_are_digits(npki_load_eight(p))) {
            chunk = chunk * 100000000 + npki_number_of(npki_load_eight(p));
            scale *= 100000000;
            exponent -= after_point ? 8 : 0;
            count += 8;
            p += 7;
        } else {
            exponent -= after_point;
            count += count > 0 || *p != '0';
            chunk = chunk * 10 + (uint64_t)(*p - '0');
            scale *= 10;
        }
        if (scale == UINT64_C(10000000000000000000)) {
            npki_big_scale(number, scale, chunk);
            chunk = 0;
            scale = 1;
        }
    }
    npki_big_scale(number, scale, chunk);
    if (more) { /* a digit that says so */
        npki_big_scale(number, 10, 1);
        exponent--;
    }
    return exponent;
}

static double convert(const decimal *d)
{
    npki_big number, divisor;
    int64_t q = take_number(&number, d);
    npki_big_set(&divisor, 1);
    npki_big_power5(q < 0 ? &divisor : &number, (int)(q < 0 ? -q : q));
    /* The quotient shall have 64 bits or 63. */
    int shift = npki_big_bits(&divisor) + 63 - npki_big_bits(&number);
    npki_big_shift(shift > 0 ? &number : &divisor, shift > 0 ? shift : -shift);
    uint64_t quotient = npki_big_divide(&number, &divisor);
    if (quotient >> 63 == 0) { /* 63 bits: one more */
        quotient <<= 1;
        shift++;
        npki_big_shift(&number, 1);
        if (npki_big_compare(&number, &divisor) >= 0) {
            npki_big_subtract(&number, &divisor);
            quotient |= 1;
        }
    }
    return round_to_double(quotient, (int)q - shift, number.size > 0);
}

/* `least` or the one above it: what of the number is over half the way between them. */
static double choose(const decimal *d, double least)
{
    npki_big number, half;
    npki_real real = npki_real_of_double(least);
    int64_t q = take_number(&number, d);
    npki_big_set(&half, 1);
    npki_big_power5(q < 0 ? &half : &number, (int)(q < 0 ? -q : q));
    npki_big_scale(&half, 2 * real.mantissa + 1, 0);
    int shift = (int)q - (real.exponent - 1);
    npki_big_shift(shift > 0 ? &number : &half, shift > 0 ? shift : -shift);
    int order = npki_big_compare(&number, &half);
    return npki_double_of(npki_bits_of(least) + (order > 0 || (order == 0 && !real.even)));
}

static double nearest(const decimal *d)
{
    double least, most;
    if (d->value == 0) /* of 19 digits the first is not 0 */
        return 0.0;
    if (d->exponent < -400 || d->exponent > 400)
        return npki_double_of(d->exponent < 0 ? 0 : INFINITE);
    if (npki_cpu_level() == NPKI_CPU_PLAIN || !convert_fast(d->value, d->exponent, &least))
        return convert(d);
    if (!d->more)
        return least;
    if (!convert_fast(d->value + 1, d->exponent, &most))
        return convert(d);
    uint64_t apart = npki_bits_of(most) - npki_bits_of(least);
    return apart == 0 ? least : apart == 1 ? choose(d, least) : convert(d);
}

bool npki_parse_double(const uint8_t *text, size_t size, double *out)
{
    decimal d;
    const uint8_t *p = text, *end = text + size;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p<end && * p> '9') {
        if (is_word(p, (size_t)(end - p), "inf") || is_word(p, (size_t)(end - p), "infinity"))
            *out = npki_double_of(INFINITE);
        else if (is_word(p, (size_t)(end - p), "nan"))
            *out = npki_double_of(NOT_A_NUMBER);
        else
            return false;
    } else if (!take_decimal(&d, p, end)) {
        return false;
    } else {
        *out = nearest(&d);
    }
    if (negative)
        *out = npki_double_of(npki_bits_of(*out) | UINT64_C(1) << 63);
    return true;
}
