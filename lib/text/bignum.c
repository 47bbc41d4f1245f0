#include "text/bignum.h"

#include "base/wide.h"

#include <string.h>

void npki_big_set(npki_big *big, uint64_t value)
{
    big->size = value > 0;
    big->words[0] = value;
}

void npki_big_scale(npki_big *big, uint64_t factor, uint64_t add)
{
    uint64_t carry = add;
    for (int i = 0; i < big->size; i++) {
        uint64_t low, high = npki_mul_wide(big->words[i], factor, &low);
        low += carry;
        carry = high + (low < carry);
        big->words[i] = low;
    }
    if (carry > 0)
        big->words[big->size++] = carry;
}

void npki_big_shift(npki_big *big, int bits)
{
    int words = bits / 64;
    if (big->size == 0)
        return;
    if (words > 0) {
        memmove(big->words + words, big->words, (size_t)big->size * sizeof *big->words);
        memset(big->words, 0, (size_t)words * sizeof *big->words);
        big->size += words;
    }
    if (bits % 64 > 0)
        npki_big_scale(big, UINT64_C(1) << bits % 64, 0);
}

const uint64_t npki_fives[NPKI_FIVES + 1] = {
    1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125,
    6103515625, 30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625,
    476837158203125, 2384185791015625, 11920928955078125, 59604644775390625, 298023223876953125,
    1490116119384765625, UINT64_C(7450580596923828125),
};

void npki_big_power5(npki_big *big, int exponent)
{
    static const uint64_t high[] = {/* 5^270, from where the least of the doubles are reached in a few steps */
                                    UINT64_C(0x21aba2e18b971de9), UINT64_C(0x5717233663944362),
                                    UINT64_C(0xfb534166d9544225), UINT64_C(0x14640ee208c563ee),
                                    UINT64_C(0x02b0653724e40d31), UINT64_C(0x0285e53303887f14),
                                    UINT64_C(0x8be3a6c4b744ef26), UINT64_C(0x6761ece2266979b4),
                                    UINT64_C(0xe67de319d9cb39e4), UINT64_C(0x000792500d39e796)};
    if (exponent >= 270 && big->size == 1 && big->words[0] == 1) {
        memcpy(big->words, high, sizeof high);
        big->size = sizeof high / sizeof *high;
        exponent -= 270;
    }
    for (; exponent >= NPKI_FIVES; exponent -= NPKI_FIVES)
        npki_big_scale(big, npki_fives[NPKI_FIVES], 0);
    if (exponent > 0)
        npki_big_scale(big, npki_fives[exponent], 0);
}

void npki_big_power10(npki_big *big, int exponent)
{
    npki_big_power5(big, exponent);
    npki_big_shift(big, exponent);
}

void npki_big_subtract(npki_big *big, const npki_big *less)
{
    uint64_t borrow = 0;
    for (int i = 0; i < big->size; i++) {
        uint64_t left;
        bool first = __builtin_sub_overflow(big->words[i], i < less->size ? less->words[i] : 0, &left);
        borrow = first | __builtin_sub_overflow(left, borrow, &big->words[i]);
    }
    while (big->size > 0 && big->words[big->size - 1] == 0)
        big->size--;
}

int npki_big_compare(const npki_big *a, const npki_big *b)
{
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    for (int i = a->size; i-- > 0;)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

int npki_big_compare_sum(const npki_big *a, const npki_big *b, const npki_big *c)
{
    npki_big sum;
    uint64_t carry = 0;
    int size = a->size > b->size ? a->size : b->size;
    if (size > c->size)
        return 1;
    for (int i = 0; i < size; i++) {
        uint64_t first = i < a->size ? a->words[i] : 0, second = first + carry;
        carry = second < first;
        first = second + (i < b->size ? b->words[i] : 0);
        carry += first < second;
        sum.words[i] = first;
    }
    if (carry > 0)
        sum.words[size++] = carry;
    sum.size = size;
    return npki_big_compare(&sum, c);
}

int npki_bit_length(uint64_t value)
{
    return value == 0 ? 0 : 64 - __builtin_clzll(value);
}

int npki_big_bits(const npki_big *big)
{
    return big->size == 0 ? 0 : 64 * (big->size - 1) + npki_bit_length(big->words[big->size - 1]);
}

/* The quotient of high x 2^32 + next by a divisor that has its highest bit set and is over `high`: 32 bits. *high: the
 * rest. */
static uint64_t divide_half(uint64_t *high, uint64_t next, uint64_t divisor)
{
    uint64_t first = divisor >> 32, second = divisor & UINT32_MAX;
    uint64_t quotient = *high / first, rest = *high % first;
    while (rest >> 32 == 0 && (quotient >> 32 != 0 || quotient * second > (rest << 32 | next))) { /* twice at most */
        quotient--;
        rest += first;
    }
    *high = (*high << 32 | next) - quotient * divisor;
    return quotient;
}

/* high x 2^64 + low by a divisor with its highest bit set, at most UINT64_MAX. No compiler's library has to help. */
static uint64_t divide_words(uint64_t high, uint64_t low, uint64_t divisor)
{
    if (high >= divisor)
        return UINT64_MAX;
    uint64_t upper = divide_half(&high, low >> 32, divisor);
    return upper << 32 | divide_half(&high, low & UINT32_MAX, divisor);
}

/* One step of the long division of D. E. Knuth, "The Art of Computer Programming", volume 2, 4.3.1, algorithm D: the
 * first words give a quotient that is at most 2 too large. */
uint64_t npki_big_divide(npki_big *big, npki_big *divisor)
{
    int last = divisor->size - 1, up = 64 - npki_bit_length(divisor->words[last]);
    npki_big_shift(big, up);
    npki_big_shift(divisor, up);
    if (big->size <= last)
        return 0;
    uint64_t high = big->size > last + 1 ? big->words[last + 1] : 0;
    uint64_t quotient = divide_words(high, big->words[last], divisor->words[last]);
    npki_big product;
    product.size = divisor->size;
    memcpy(product.words, divisor->words, (size_t)divisor->size * sizeof *divisor->words);
    npki_big_scale(&product, quotient > 0 ? quotient : 1, 0);
    while (quotient > 0 && npki_big_compare(&product, big) > 0) {
        npki_big_subtract(&product, divisor);
        quotient--;
    }
    if (quotient > 0)
        npki_big_subtract(big, &product);
    return quotient;
}
