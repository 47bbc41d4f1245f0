/* Steele and White's digits as real.c has them, but of numbers that are cut off behind 256 bits. Where a comparison is
 * closer than what may be wrong by then it is left to the exact way: F. Loitsch, "Printing floating-point numbers
 * quickly and accurately with integers", 2010.
 *
 * A power of five is wrong by less than 2^-240 of itself: 5000 factors, each of them cut off twice. A comparison behind
 * so many digits is wrong by less than 10^21 of that, 2^-170, and is believed where the two differ by 2^-128. */
#include "text/real_wide.h"

#include "base/wide.h"
#include "text/bignum.h"

#define WORDS 4
#define BITS (64 * WORDS)
#define MOST_DIGITS 21

/* In units of 2^-256; the least word first. */
typedef struct fixed {
    uint64_t words[WORDS];
} fixed;

/* bits x 2^exponent, the highest bit being set. */
typedef struct scaled {
    fixed bits;
    int exponent;
} scaled;

static const scaled one = {{{0, 0, 0, UINT64_C(1) << 63}}, 1 - BITS};
static const scaled five = {{{0, 0, 0, UINT64_C(5) << 61}}, 3 - BITS};
static const scaled fifth = {{{UINT64_C(0xcccccccccccccccc), UINT64_C(0xcccccccccccccccc), UINT64_C(0xcccccccccccccccc),
                               UINT64_C(0xcccccccccccccccc)}},
                             -2 - BITS};
static const fixed half = {{0, 0, 0, UINT64_C(1) << 63}};

/* number x factor; returns what is carried beyond it. */
static uint64_t times(fixed *number, uint64_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        uint64_t low, high = npki_mul_wide(number->words[i], factor, &low);
        low += carry;
        carry = high + (low < carry);
        number->words[i] = low;
    }
    return carry;
}

static scaled product_of(const scaled *a, const scaled *b)
{
    uint64_t all[2 * WORDS] = {0};
    for (int i = 0; i < WORDS; i++) {
        uint64_t carry = 0;
        for (int k = 0; k < WORDS; k++) {
            uint64_t low, high = npki_mul_wide(a->bits.words[i], b->bits.words[k], &low);
            low += carry;
            high += low < carry;
            all[i + k] += low;
            carry = high + (all[i + k] < low);
        }
        all[i + WORDS] = carry;
    }
    const int up = all[2 * WORDS - 1] >> 63 == 0;
    scaled out = {.exponent = a->exponent + b->exponent + BITS - up};
    for (int i = 0; i < WORDS; i++)
        out.bits.words[i] = all[WORDS + i] << up | (up ? all[WORDS + i - 1] >> 63 : 0);
    return out;
}

/* 5^exponent. */
static scaled power5(int exponent)
{
    const scaled *base = exponent < 0 ? &fifth : &five;
    const unsigned count = (unsigned)(exponent < 0 ? -exponent : exponent);
    scaled power = count == 0 ? one : *base;
    for (int bit = npki_bit_length(count) - 2; bit >= 0; bit--) {
        power = product_of(&power, &power);
        if ((count >> bit & 1) != 0)
            power = product_of(&power, base);
    }
    return power;
}

/* number / 2^down, of one more word above it; returns what that has then. */
static uint64_t shift_down(fixed *number, uint64_t above, int down)
{
    for (; down >= 64; down -= 64) {
        for (int i = 0; i < WORDS; i++)
            number->words[i] = i + 1 < WORDS ? number->words[i + 1] : above;
        above = 0;
    }
    for (int i = 0; down > 0 && i < WORDS; i++)
        number->words[i] = number->words[i] >> down | (i + 1 < WORDS ? number->words[i + 1] : above) << (64 - down);
    return above >> down;
}

/* --- comparisons --- */

typedef enum order { UNSURE, LESS, MORE } order;

/* Of a number that is over or under zero by `words`, in two's complement. */
static order order_of(const fixed *words, bool is_less)
{
    const uint64_t flip = is_less ? UINT64_MAX : 0;
    if (((words->words[WORDS - 1] ^ flip) | (words->words[WORDS - 2] ^ flip)) == 0)
        return UNSURE;
    return is_less ? LESS : MORE;
}

static order compare(const fixed *a, const fixed *b)
{
    fixed difference;
    uint64_t borrow = 0;
    for (int i = 0; i < WORDS; i++) {
        uint64_t left;
        bool first = __builtin_sub_overflow(a->words[i], b->words[i], &left);
        borrow = first | __builtin_sub_overflow(left, borrow, &difference.words[i]);
    }
    return order_of(&difference, borrow != 0);
}

/* a + b beside 1. */
static order compare_sum(const fixed *a, const fixed *b)
{
    fixed sum;
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        uint64_t added;
        bool first = __builtin_add_overflow(a->words[i], b->words[i], &added);
        carry = first | __builtin_add_overflow(added, carry, &sum.words[i]);
    }
    return order_of(&sum, carry == 0);
}

/* --- digits --- */

/* 0.d1d2d3... x 10^point, and half the way to its neighbours in the same unit. */
typedef struct fraction {
    fixed rest, above, below;
    int point;
} fraction;

/* With this point; LESS: it is under 1. */
static order place(fraction *f, npki_real real)
{
    static const fixed none;
    const scaled power = power5(-f->point);
    const int up = 64 - npki_bit_length(real.mantissa), down = f->point - real.exponent - power.exponent - BITS;
    f->rest = power.bits;
    uint64_t whole = times(&f->rest, real.mantissa << up);
    whole = shift_down(&f->rest, whole, down + up);
    const order beside = whole > 1 ? MORE : whole == 1 ? order_of(&f->rest, false) : compare_sum(&f->rest, &none);
    f->above = power.bits;
    if (beside == LESS)
        shift_down(&f->above, 0, down + 1);
    f->below = f->above;
    if (real.narrow)
        shift_down(&f->below, 0, 1);
    return beside;
}

/* Afterwards the number lies in [0.1, 1); with the margins it counts as 1 where what lies half the way above it
 * does. */
static bool start(fraction *f, npki_real real, bool margins)
{
    const double log =
        0.30102999566398119 * (npki_bit_length(real.mantissa) + real.exponent - 1); /* at most 1 too small */
    f->point = (int)log - (log < 0);
    order beside = MORE;
    for (int i = 0; i < 3 && beside == MORE; i++) {
        beside = place(f, real);
        if (beside == LESS && margins)
            beside = compare_sum(&f->rest, &f->above);
        f->point += beside == MORE;
    }
    return beside == LESS;
}

int npki_wide_shortest(npki_real real, char digits[NPKI_DIGITS], int *point)
{
    fraction f;
    if (!start(&f, real, true))
        return 0;
    *point = f.point;
    for (int count = 0; count < MOST_DIGITS;) {
        const uint64_t digit = times(&f.rest, 10);
        const order low = times(&f.below, 10) > 0 ? LESS : compare(&f.rest, &f.below),
                    high = times(&f.above, 10) > 0 ? MORE : compare_sum(&f.rest, &f.above);
        if (low == UNSURE || high == UNSURE)
            return 0;
        const bool ends = low == LESS || high == MORE;
        const order nearer = ends ? compare(&f.rest, &half) : LESS;
        if (nearer == UNSURE)
            return 0;
        const bool up = high == MORE && (low != LESS || nearer == MORE);
        digits[count++] = (char)('0' + digit + up);
        if (ends)
            return count;
    }
    return 0;
}

/* What is wrong in the rest makes 1 of 0.999... : that is rounded up again. */
bool npki_wide_rounded(npki_real real, bool scientific, int places, char digits[NPKI_DIGITS], int *count, int *point,
                       bool *up)
{
    fraction f;
    if (!start(&f, real, false))
        return false;
    const int wanted = scientific ? places + 1 : f.point + places;
    if (wanted > MOST_DIGITS)
        return false;
    for (*count = 0; *count < wanted; ++*count)
        digits[*count] = (char)('0' + times(&f.rest, 10));
    const order nearer = wanted < 0 ? LESS : compare(&f.rest, &half);
    *point = f.point;
    *up = nearer == MORE;
    return nearer != UNSURE;
}
