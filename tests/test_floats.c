/* Floats that are hard to print and to read, as Python has them; and the fast ways beside the exact ones, which take any float. */
#include "base/bytes.h"
#include "base/cpu.h"
#include "text/number.h"
#include "text/power10.h"

#include <criterion/criterion.h>

enum { ROUNDS = 20000 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

#define PRINTED(bits, repr, seventeen) {bits, repr, seventeen},
#define PARSED(text, bits)
static const struct {
    uint64_t bits;
    const char *repr, *seventeen;
} printed[] = {
#include "data/floats.inc"
};
#undef PRINTED
#undef PARSED
#define PRINTED(bits, repr, seventeen)
#define PARSED(text, bits) {text, bits},
static const struct {
    const char *text;
    uint64_t bits;
} parsed[] = {
#include "data/floats.inc"
};

static void expect_read(const char *text, uint64_t bits)
{
    double value = 17;
    cr_expect(npki_parse_double((const uint8_t *)text, strlen(text), &value), "%s", text);
    cr_expect_eq(npki_bits_of(value), bits, "%s: %016llx", text, (unsigned long long)npki_bits_of(value));
}

static void expect_all(void)
{
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        char text[NPKI_REPR_DOUBLE + 1];
        text[npki_repr_double(npki_double_of(printed[i].bits), text)] = '\0';
        cr_expect_str_eq(text, printed[i].repr, "%s, not %s", text, printed[i].repr);
        text[npki_print_17g(npki_double_of(printed[i].bits), text)] = '\0';
        cr_expect_str_eq(text, printed[i].seventeen, "%s, not %s", text, printed[i].seventeen);
        expect_read(printed[i].repr, printed[i].bits);
        expect_read(printed[i].seventeen, printed[i].bits);
    }
    for (size_t i = 0; i < sizeof parsed / sizeof *parsed; i++)
        expect_read(parsed[i].text, parsed[i].bits);
}

Test(floats, hard)
{
    expect_all();
}

Test(floats, hard_exactly)
{
    npki_cpu_limit(NPKI_CPU_PLAIN);
    expect_all();
}

/* --- both ways --- */

static void expect_same_digits(npki_real real)
{
    char fast[NPKI_DIGITS + 1], exact[NPKI_DIGITS + 1];
    int fast_point, exact_point, places = (int)(next_random() % 20);
    npki_cpu_limit(NPKI_CPU_BASE);
    fast[npki_shortest_digits(real, fast, &fast_point)] = '\0';
    npki_cpu_limit(NPKI_CPU_PLAIN);
    exact[npki_shortest_digits(real, exact, &exact_point)] = '\0';
    cr_expect(strcmp(fast, exact) == 0 && fast_point == exact_point, "%s %d, not %s %d", fast, fast_point, exact,
              exact_point);
    for (int scientific = 0; scientific < 2; scientific++) {
        npki_cpu_limit(NPKI_CPU_BASE);
        fast[npki_rounded_digits(real, scientific == 1, places, fast, NPKI_DIGITS, &fast_point)] = '\0';
        npki_cpu_limit(NPKI_CPU_PLAIN);
        exact[npki_rounded_digits(real, scientific == 1, places, exact, NPKI_DIGITS, &exact_point)] = '\0';
        cr_expect(strcmp(fast, exact) == 0 && (fast[0] == '\0' || fast_point == exact_point),
                  "%s at %d places: %s %d, not %s %d", scientific == 1 ? "scientific" : "fixed", places, fast,
                  fast_point, exact, exact_point);
    }
}

static void expect_same_value(const char *text, size_t size)
{
    double fast = 1, exact = 2;
    npki_cpu_limit(NPKI_CPU_BASE);
    bool good = npki_parse_double((const uint8_t *)text, size, &fast);
    npki_cpu_limit(NPKI_CPU_PLAIN);
    cr_expect_eq(npki_parse_double((const uint8_t *)text, size, &exact), good, "%.*s", (int)size, text);
    if (good)
        cr_expect_eq(npki_bits_of(fast), npki_bits_of(exact), "%.*s", (int)size, text);
}

/* Any bits; few digits; subnormal. */
static uint64_t any_double(void)
{
    uint64_t random = next_random();
    switch (next_random() % 4) {
    case 0:
        return npki_bits_of((double)(random % 100000000) / (double)(1 << (next_random() % 20)));
    case 1:
        return (random >> 12 >> next_random() % 52) + 1;
    case 2:
        return npki_bits_of((double)(random >> 11 | 1) * 0x1p-53);
    default:
        return random % UINT64_C(0x7fefffffffffffff) + 1;
    }
}

Test(floats, both_ways)
{
    for (int i = 0; i < ROUNDS; i++) {
        char text[NPKI_REPR_DOUBLE];
        double value = npki_double_of(any_double());
        expect_same_digits(npki_real_of_double(value));
        npki_cpu_limit(NPKI_CPU_BASE);
        expect_same_value(text, npki_repr_double(value, text));
        uint32_t bits = (uint32_t)(next_random() % 0x7f7fffff) + 1;
        float single;
        memcpy(&single, &bits, sizeof single);
        expect_same_digits(npki_real_of_float(single));
    }
}

Test(floats, every_half)
{
    for (uint16_t bits = 1; bits < 0x7c00; bits++)
        expect_same_digits(npki_real_of_half(bits));
}

Test(floats, texts_both_ways)
{
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        size_t size = 1 + next_random() % 40;
        for (size_t k = 0; k < size; k++) {
            uint64_t random = next_random();
            text[k] = (char)('0' + random % (random >> 32 & 1 ? 10 : 1));
        }
        text[next_random() % size] = '.';
        if (next_random() % 2 == 0) {
            text[size++] = 'e';
            text[size++] = '-';
            size += npki_print_uint64(next_random() % 400, text + size);
        }
        if (next_random() % 16 == 0)
            text[next_random() % size] = "+-. e/:x"[next_random() % 8];
        expect_same_value(text, size);
    }
}

/* The steps between two floats double at each of them. */
Test(floats, powers_of_two)
{
    for (uint64_t exponent = 1; exponent < 2047; exponent++)
        expect_same_digits(npki_real_of_double(npki_double_of(exponent << 52)));
}

/* Long doubles: any bits; few of them, which have few digits and lie on borders; all exponents, with the steps that double. */
Test(floats, extended_both_ways)
{
    for (uint32_t i = 0; i < 3000; i++) {
        uint64_t mantissa = next_random();
        uint16_t exponent = (uint16_t)(next_random() % 0x7fff);
        if (i % 4 == 0)
            mantissa = UINT64_C(1) << 63;
        else if (i % 4 == 1)
            mantissa >>= 40 + next_random() % 23;
        if (i % 8 >= 5)
            exponent = (uint16_t)(0x3fff - 70 + next_random() % 140);
        if (i % 16 == 15)
            exponent = (uint16_t)(next_random() % 2);
        mantissa |= 1u << i % 3;
        expect_same_digits(
            npki_real_of_extended(exponent > 1 ? mantissa << __builtin_clzll(mantissa) : mantissa, exponent));
    }
    for (uint16_t exponent = 0; exponent < 0x7fff; exponent += 37)
        expect_same_digits(npki_real_of_extended(UINT64_C(1) << 63, exponent));
}

/* --- the logarithms, counted up --- */

static bool power10_is_at_most(int q, int power2)
{
    return npki_log2_power10(q) + (q != 0) <= power2;
}

Test(floats, logarithms)
{
    const uint64_t limit = UINT64_C(0xcccccccccccccccc); /* ten times as much takes four bits more, not three */
    cr_expect_eq(npki_log2_power10(0), 0);
    for (int q = NPKI_POWER10_LEAST; q < NPKI_POWER10_MOST; q++)
        cr_expect_eq(npki_log2_power10(q + 1), npki_log2_power10(q) + (npki_power10_of(q).high >= limit ? 4 : 3), "%d",
                     q);
    for (int power2 = -1100; power2 <= 1100; power2++) {
        int q = npki_log10_power2(power2);
        cr_expect(power10_is_at_most(q, power2) && !power10_is_at_most(q + 1, power2), "%d", power2);
    }
}
