/* Floats as text, exactly: the shortest digits that come back as the same float (Steele and White's free-format
 * algorithm), digits rounded at a place, and digits back to the nearest float. */
#include "text/bignum.h"
#include "text/number.h"

#include "base/bytes.h"

/* --- floats as mantissa and exponent --- */

static npki_real real_of(uint64_t bits, int mantissa_bits, int exponent_bits)
{
    uint64_t fraction = bits & ((UINT64_C(1) << mantissa_bits) - 1);
    int biased = (int)(bits >> mantissa_bits & ((UINT64_C(1) << exponent_bits) - 1));
    int bias = (1 << (exponent_bits - 1)) - 1 + mantissa_bits;
    return (npki_real){
        .mantissa = biased > 0 ? fraction | UINT64_C(1) << mantissa_bits : fraction,
        .exponent = (biased > 0 ? biased : 1) - bias,
        .narrow = fraction == 0 && biased > 1,
        .even = (fraction & 1) == 0,
    };
}

npki_real npki_real_of_double(double value)
{
    return real_of(npki_bits_of(value), 52, 11);
}

npki_real npki_real_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return real_of(bits, 23, 8);
}

npki_real npki_real_of_half(uint16_t bits)
{
    return real_of(bits, 10, 5);
}

npki_real npki_real_of_extended(uint64_t mantissa, uint16_t exponent)
{
    exponent &= 0x7fff; /* without a sign, the digits always fit an npki_big */
    return (npki_real){
        .mantissa = mantissa,
        .exponent = (exponent > 0 ? exponent : 1) - 16383 - 63,
        .narrow = mantissa == UINT64_C(1) << 63 && exponent > 1,
        .even = (mantissa & 1) == 0,
    };
}

/* --- digits --- */

/* The float as rest / scale x 10^point, and half the way to its neighbours in the same unit. */
typedef struct fraction {
    npki_big rest, scale, above, below;
    int point;
    bool even;
} fraction;

static void times10(fraction *f)
{
    npki_big_scale(&f->rest, 10, 0);
    npki_big_scale(&f->above, 10, 0);
    npki_big_scale(&f->below, 10, 0);
}

/* With the margins the number counts as 1 where what lies half the way above it does: then no digit comes out as 10. */
static bool reaches_one(const fraction *f, bool margins)
{
    int order = margins ? npki_big_compare_sum(&f->rest, &f->above, &f->scale) : npki_big_compare(&f->rest, &f->scale);
    return margins && !f->even ? order > 0 : order >= 0;
}

/* Afterwards the number lies in [0.1, 1). */
static void start(fraction *f, npki_real real, bool margins)
{
    int twofold = real.narrow ? 2 : 1; /* so that half the way to either neighbour is a whole number */
    int up = real.exponent > 0 ? real.exponent : 0, down = real.exponent < 0 ? -real.exponent : 0;
    npki_big_set(&f->rest, real.mantissa);
    npki_big_shift(&f->rest, up + twofold);
    npki_big_set(&f->scale, 1);
    npki_big_shift(&f->scale, down + twofold);
    npki_big_set(&f->above, 1);
    npki_big_shift(&f->above, up + twofold - 1);
    npki_big_set(&f->below, 1);
    npki_big_shift(&f->below, up);
    f->even = real.even;
    /* floor(log10) from below: log10(2) x (bits - 1) is at most 1 too small */
    double log = 0.30102999566398119 * (npki_bit_length(real.mantissa) + real.exponent - 1);
    f->point = (int)log - (log < 0);
    if (f->point > 0) {
        npki_big_power10(&f->scale, f->point);
    } else {
        npki_big_power10(&f->rest, -f->point);
        npki_big_power10(&f->above, -f->point);
        npki_big_power10(&f->below, -f->point);
    }
    while (reaches_one(f, margins)) {
        npki_big_scale(&f->scale, 10, 0);
        f->point++;
    }
}

/* The next digit; the rest is what follows it. */
static int next_digit(fraction *f)
{
    int digit = 0;
    while (npki_big_compare(&f->rest, &f->scale) >= 0) {
        npki_big_subtract(&f->rest, &f->scale);
        digit++;
    }
    return digit;
}

/* What follows, compared with one half. */
static int compare_half(const fraction *f)
{
    return npki_big_compare_sum(&f->rest, &f->rest, &f->scale);
}

int npki_shortest_digits(npki_real real, char digits[NPKI_DIGITS], int *point)
{
    fraction f;
    int count = 0;
    start(&f, real, true);
    *point = f.point;
    for (;;) {
        times10(&f);
        int digit = next_digit(&f);
        int low_order = npki_big_compare(&f.rest, &f.below);
        int high_order = npki_big_compare_sum(&f.rest, &f.above, &f.scale);
        bool low = f.even ? low_order <= 0 : low_order < 0;
        bool high = f.even ? high_order >= 0 : high_order > 0;
        if (low || high) {
            int half = compare_half(&f);
            bool up = high && (!low || half > 0 || (half == 0 && digit % 2 == 1));
            digits[count++] = (char)('0' + digit + up);
            return count;
        }
        digits[count++] = (char)('0' + digit);
    }
}

/* One unit more in the last of `count` digits. */
static void round_up(char *digits, int *count, int *point)
{
    while (*count > 0 && digits[*count - 1] == '9')
        --*count;
    if (*count > 0) {
        digits[*count - 1]++;
        return;
    }
    digits[(*count)++] = '1';
    ++*point;
}

int npki_rounded_digits(npki_real real, bool scientific, int places, char *digits, int room, int *point)
{
    fraction f;
    int count = 0;
    start(&f, real, false);
    *point = f.point;
    int wanted = scientific ? places + 1 : f.point + places;
    if (wanted < 0)
        return 0;
    if (wanted > room)
        wanted = room;
    while (count < wanted && f.rest.size > 0) {
        times10(&f);
        digits[count++] = (char)('0' + next_digit(&f));
    }
    int half = compare_half(&f);
    if (half > 0 || (half == 0 && count > 0 && (digits[count - 1] - '0') % 2 == 1))
        round_up(digits, &count, point);
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

/* --- printing --- */

static size_t add_exponent(char *out, int exponent)
{
    char digits[21];
    size_t length = npki_print_int64(exponent < 0 ? -exponent : exponent, digits), at = 0;
    out[at++] = 'e';
    out[at++] = exponent < 0 ? '-' : '+';
    if (length == 1)
        out[at++] = '0';
    memcpy(out + at, digits, length);
    return at + length;
}

/* As Python does: exponent form from 10^-5 down and from 10^highest up. `dot_zero`: a whole number ends in ".0". */
static size_t layout(char *out, const char *digits, int count, int point, int highest, bool dot_zero)
{
    size_t at = 0;
    if (point <= -4 || point > highest) {
        out[at++] = digits[0];
        if (count > 1) {
            out[at++] = '.';
            memcpy(out + at, digits + 1, (size_t)count - 1);
            at += (size_t)count - 1;
        }
        return at + add_exponent(out + at, point - 1);
    }
    if (point <= 0) {
        memcpy(out, "0.000", (size_t)(2 - point));
        at = (size_t)(2 - point);
        memcpy(out + at, digits, (size_t)count);
        return at + (size_t)count;
    }
    for (int i = 0; i < count || i < point; i++) {
        if (i == point)
            out[at++] = '.';
        out[at++] = i < count ? digits[i] : '0';
    }
    if (dot_zero && count <= point) {
        out[at++] = '.';
        out[at++] = '0';
    }
    return at;
}

/* The sign, and what is no number; true if that was all. */
static bool special(double value, char *out, size_t *length)
{
    uint64_t bits = npki_bits_of(value), magnitude = bits << 1;
    const char *word = magnitude > UINT64_C(0xffe0000000000000)    ? "nan"
                       : magnitude == UINT64_C(0xffe0000000000000) ? "inf"
                                                                   : "";
    *length = 0;
    if (bits >> 63 != 0 && word[0] != 'n')
        out[(*length)++] = '-';
    memcpy(out + *length, word, strlen(word));
    *length += strlen(word);
    return word[0] != '\0';
}

size_t npki_repr_double(double value, char out[NPKI_REPR_DOUBLE])
{
    char digits[NPKI_DIGITS] = "0";
    int count = 1, point = 1;
    size_t length;
    if (special(value, out, &length))
        return length;
    if (npki_bits_of(value) << 1 != 0)
        count = npki_shortest_digits(npki_real_of_double(value), digits, &point);
    return length + layout(out + length, digits, count, point, 16, true);
}

size_t npki_print_g(double value, int significant, char out[NPKI_REPR_DOUBLE])
{
    char digits[NPKI_DIGITS] = "0";
    int count = 1, point = 1;
    size_t length;
    if (special(value, out, &length))
        return length;
    if (npki_bits_of(value) << 1 != 0)
        count = npki_rounded_digits(npki_real_of_double(value), true, significant - 1, digits, NPKI_DIGITS, &point);
    return length + layout(out + length, digits, count, point, significant, false);
}

size_t npki_print_17g(double value, char out[NPKI_REPR_DOUBLE])
{
    return npki_print_g(value, 17, out);
}

/* --- parsing --- */

#define MANTISSA_DIGITS 800 /* more only say whether something follows: half the way between two doubles has 768 */

typedef struct decimal {
    bool negative;
    uint8_t digits[MANTISSA_DIGITS + 1];
    int count;
    int64_t exponent; /* of ten, of the last digit */
} decimal;

static bool is_word(const uint8_t *text, size_t size, const char *word)
{
    if (size != strlen(word))
        return false;
    for (size_t i = 0; i < size; i++)
        if ((text[i] | 0x20) != (uint8_t)word[i])
            return false;
    return true;
}

static void take_digit(decimal *d, uint8_t digit, bool after_point)
{
    if (d->count < MANTISSA_DIGITS) {
        if (d->count > 0 || digit > 0)
            d->digits[d->count++] = digit;
        d->exponent -= after_point;
    } else {
        if (digit > 0)
            d->digits[MANTISSA_DIGITS] = 1;
        d->exponent += !after_point;
    }
}

static bool take_exponent(decimal *d, const uint8_t *p, const uint8_t *end)
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
    d->exponent += negative ? -exponent : exponent;
    return true;
}

static bool take_decimal(decimal *d, const uint8_t *p, const uint8_t *end)
{
    bool any = false, point = false;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && !point) {
            point = true;
        } else if (*p >= '0' && *p <= '9') {
            take_digit(d, (uint8_t)(*p - '0'), point);
            any = true;
        } else {
            return false;
        }
    }
    if (!any || (p < end && !take_exponent(d, p + 1, end)))
        return false;
    if (d->digits[MANTISSA_DIGITS] > 0) { /* something follows the digits that were kept */
        d->count = MANTISSA_DIGITS + 1;
        d->exponent--;
    }
    return true;
}

/* mantissa x 2^exponent, and whether something follows, to the nearest double, half to even. mantissa has its top
 * bit. */
static double round_to_double(uint64_t mantissa, int exponent, bool more)
{
    int drop = 11; /* 64 - 53 */
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
        return npki_double_of(UINT64_C(0x7ff0000000000000));
    if (kept >> 52 == 0) /* subnormal */
        return npki_double_of(kept);
    return npki_double_of((uint64_t)(exponent + 1075) << 52 | (kept & ((UINT64_C(1) << 52) - 1)));
}

static double convert(const decimal *d)
{
    npki_big number, divisor;
    npki_big_set(&number, 0);
    for (int i = 0; i < d->count; i++) {
        if (number.size == 0)
            npki_big_set(&number, d->digits[i]);
        else
            npki_big_scale(&number, 10, d->digits[i]);
    }
    npki_big_set(&divisor, 1);
    npki_big_power10(d->exponent < 0 ? &divisor : &number, (int)(d->exponent < 0 ? -d->exponent : d->exponent));
    /* The quotient shall have 64 bits or 63: the divisor's 64th multiple is compared first. */
    int shift = npki_big_bits(&divisor) + 63 - npki_big_bits(&number);
    npki_big_shift(shift > 0 ? &number : &divisor, shift > 0 ? shift : -shift);
    npki_big_shift(&divisor, 63);
    uint64_t quotient = 0;
    for (int i = 0; i < 64; i++) {
        quotient <<= 1;
        if (npki_big_compare(&number, &divisor) >= 0) {
            npki_big_subtract(&number, &divisor);
            quotient |= 1;
        }
        npki_big_shift(&number, 1);
    }
    if (quotient >> 63 == 0) { /* 63 bits: one more */
        quotient <<= 1;
        shift++;
        if (npki_big_compare(&number, &divisor) >= 0) {
            npki_big_subtract(&number, &divisor);
            quotient |= 1;
        }
    }
    return round_to_double(quotient, -shift, number.size > 0);
}

/* Up to 15 digits and 10^22 are doubles themselves, and one operation rounds once. */
static bool convert_fast(const decimal *d, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count > 15 || d->exponent < -22 || d->exponent > 22)
        return false;
    uint64_t mantissa = 0;
    for (int i = 0; i < d->count; i++)
        mantissa = 10 * mantissa + d->digits[i];
    *out = d->exponent < 0 ? (double)mantissa / powers[-d->exponent] : (double)mantissa * powers[d->exponent];
    return true;
}

bool npki_parse_double(const uint8_t *text, size_t size, double *out)
{
    decimal d;
    const uint8_t *p = text, *end = text + size;
    d.count = 0;
    d.exponent = 0;
    d.digits[MANTISSA_DIGITS] = 0;
    d.negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (is_word(p, (size_t)(end - p), "inf") || is_word(p, (size_t)(end - p), "infinity"))
        *out = npki_double_of(UINT64_C(0x7ff0000000000000));
    else if (is_word(p, (size_t)(end - p), "nan"))
        *out = npki_double_of(UINT64_C(0x7ff8000000000000));
    else if (!take_decimal(&d, p, end))
        return false;
    else if (d.count == 0 || d.exponent + d.count < -330)
        *out = 0.0;
    else if (d.exponent + d.count > 310)
        *out = npki_double_of(UINT64_C(0x7ff0000000000000));
    else if (!convert_fast(&d, out))
        *out = convert(&d);
    if (d.negative)
        *out = npki_double_of(npki_bits_of(*out) | UINT64_C(1) << 63);
    return true;
}
