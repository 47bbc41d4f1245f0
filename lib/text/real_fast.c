#include "text/real_fast.h"

#include "text/power10.h"

/* --- the shortest digits: R. Giulietti, "The Schubfach way to render doubles", 2021 --- */

/* boundary x power, of which the upper 64 bits are left, and the last says whether anything follows. The power is above
 * the true one by less than one unit: the second bit of what follows is beyond that. */
static uint64_t round_to_odd(npki_power10 power, uint64_t boundary)
{
    uint64_t low, middle, carried = npki_mul_wide(power.low, boundary, &low);
    uint64_t high = npki_mul_wide(power.high, boundary, &middle);
    middle += carried;
    high += middle < carried;
    return high | (middle > 1);
}

/* 10^q rounded up. */
static npki_power10 power_above(int q)
{
    npki_power10 power = npki_power10_of(q);
    if (!npki_power10_is_exact(q)) {
        power.low++;
        power.high += power.low == 0;
    }
    return power;
}

/* Everything in quarters, so that half the way to either neighbour is a whole number, and in units of 10^unit, of which
 * there is one or more between what rounds to the float, and less than ten. */
uint64_t npki_fast_shortest(npki_real real, int *exponent)
{
    uint64_t mantissa = real.mantissa;
    int unit = real.narrow ? npki_log10_three_quarters(real.exponent) : npki_log10_power2(real.exponent);
    int shift = real.exponent + npki_log2_power10(-unit) + 1;
    npki_power10 power = power_above(-unit);
    uint64_t below = round_to_odd(power, (4 * mantissa - 2 + real.narrow) << shift);
    uint64_t value = round_to_odd(power, (4 * mantissa) << shift);
    uint64_t above = round_to_odd(power, (4 * mantissa + 2) << shift);
    uint64_t least = below + !real.even, most = above - !real.even, units = value / 4;
    /* The two at hand, if one of them alone rounds to the float, else the nearer one; a digit less, if one of those
     * alone does. Either is as likely as the other, so that both are worked out and no branch has to guess. */
    uint64_t half = 4 * units + 2, tens = units / 10;
    bool down = least <= 4 * units, up = 4 * units + 4 <= most;
    bool nearer = (value > half) | ((value == half) & ((units & 1) != 0));
    bool less_down = least <= 40 * tens, less_up = 40 * tens + 40 <= most;
    uint64_t less = (uint64_t)((units >= 10) & (less_down != less_up)), chosen = units + (down != up ? up : nearer);
    *exponent = unit + (int)less;
    return chosen ^ ((chosen ^ (tens + less_up)) & (0 - less));
}

/* --- rounded digits --- */

/* real x 10^q, half to even. False where the product can't tell, or has no digit before the point or more than 18 of
 * them. */
static bool rounded_product(npki_real real, int q, uint64_t *value)
{
    if (q < NPKI_POWER10_LEAST || q > NPKI_POWER10_MOST)
        return false;
    int up = __builtin_clzll(real.mantissa);
    npki_product p = npki_times_power10(real.mantissa << up, q);
    int drop = 127 - npki_log2_power10(q) - (real.exponent - up) - 128; /* bits of p.high behind the point */
    if (drop < 4 || drop > 63)
        return false;
    uint64_t whole = p.high >> drop, rest = p.high & ((UINT64_C(1) << drop) - 1), half = UINT64_C(1) << (drop - 1);
    if (!p.exact && rest == half - 1 && p.middle == UINT64_MAX)
        return false; /* the true product may reach one half */
    bool more = p.middle > 0 || p.low > 0 || !p.exact;
    *value = whole + (rest > half || (rest == half && (more || (whole & 1) != 0)));
    return true;
}

bool npki_fast_rounded(npki_real real, bool scientific, int places, uint64_t *value, int *exponent)
{
    static const uint64_t powers[] = {1,
                                      10,
                                      100,
                                      1000,
                                      10000,
                                      100000,
                                      1000000,
                                      10000000,
                                      100000000,
                                      1000000000,
                                      10000000000,
                                      100000000000,
                                      1000000000000,
                                      10000000000000,
                                      100000000000000,
                                      1000000000000000,
                                      10000000000000000,
                                      100000000000000000};
    enum { MOST = sizeof powers / sizeof *powers - 1 };
    int bits = 64 - __builtin_clzll(real.mantissa) + real.exponent;
    if (bits < -1100 || bits > 1100 || places < 0 || places > 400)
        return false;
    int point = npki_log10_power2(bits - 1) + 1; /* or one more */
    int count = scientific ? places + 1 : point + places;
    if (count < 1 || count > MOST)
        return false;
    int q = scientific ? count - point : places;
    if (!rounded_product(real, q, value))
        return false;
    /* the point was one more; a number that only rounding made so long is that power of ten either way */
    if (scientific && *value >= powers[count] && !rounded_product(real, --q, value))
        return false;
    *exponent = -q;
    return true;
}
