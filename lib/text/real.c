/* Floats as digits: the shortest that come back as the same float, and digits rounded at a place. The fast way is taken
 * for what is on the grid of the doubles, the wide one for long doubles and many digits, and the exact one where these
 * are not sure of their result. */
#include "base/bytes.h"
#include "base/cpu.h"
#include "text/bignum.h"
#include "text/digits.h"
#include "text/number.h"
#include "text/real_fast.h"
#include "text/real_wide.h"

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

/* --- digits, exactly: Steele and White's free-format algorithm --- */

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

static int shortest_exactly(npki_real real, char digits[NPKI_DIGITS], int *point)
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

static int finish_rounded(char *digits, int count, int *point, bool up)
{
    if (up)
        round_up(digits, &count, point);
    while (count > 0 && digits[count - 1] == '0')
        count--;
    return count;
}

static int rounded_exactly(npki_real real, bool scientific, int places, char *digits, int room, int *point)
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
    return finish_rounded(digits, count, point,
                          half > 0 || (half == 0 && count > 0 && (digits[count - 1] - '0') % 2 == 1));
}

/* --- the fast way --- */

/* The digits of value > 0, of up to 20; its last digit stands for 10^exponent. */
static int put_value(uint64_t value, int exponent, char *digits, int *point)
{
    int count = (int)npki_print_uint64(value, digits);
    *point = count + exponent;
    while (count > 8 && npki_load_eight(digits + count - 8) == UINT64_C(0x3030303030303030))
        count -= 8;
    while (digits[count - 1] == '0')
        count--;
    return count;
}

int npki_shortest_digits(npki_real real, char digits[NPKI_DIGITS], int *point)
{
    int exponent;
    if (npki_cpu_level() == NPKI_CPU_PLAIN)
        return shortest_exactly(real, digits, point);
    if (!npki_fast_has_shortest(real)) {
        const int count = npki_wide_shortest(real, digits, point);
        return count > 0 ? count : shortest_exactly(real, digits, point);
    }
    uint64_t value = npki_fast_shortest(real, &exponent);
    return put_value(value, exponent, digits, point);
}

int npki_rounded_digits(npki_real real, bool scientific, int places, char *digits, int room, int *point)
{
    uint64_t value;
    int exponent;
    if (npki_cpu_level() == NPKI_CPU_PLAIN || room < NPKI_DIGITS)
        return rounded_exactly(real, scientific, places, digits, room, point);
    if (!npki_fast_rounded(real, scientific, places, &value, &exponent)) {
        int count;
        bool up;
        return npki_wide_rounded(real, scientific, places, digits, &count, point, &up)
                   ? finish_rounded(digits, count, point, up)
                   : rounded_exactly(real, scientific, places, digits, room, point);
    }
    if (value > 0)
        return put_value(value, exponent, digits, point);
    *point = exponent;
    return 0;
}
