#include "text/bignum.h"

#include <string.h>

void npki_big_set(npki_big *big, uint64_t value)
{
    big->size = 0;
    for (; value > 0; value >>= 32)
        big->words[big->size++] = (uint32_t)value;
}

void npki_big_scale(npki_big *big, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (int i = 0; i < big->size; i++) {
        carry += (uint64_t)big->words[i] * factor;
        big->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        big->words[big->size++] = (uint32_t)carry;
}

void npki_big_shift(npki_big *big, int bits)
{
    int words = bits / 32;
    if (big->size == 0)
        return;
    if (words > 0) {
        memmove(big->words + words, big->words, (size_t)big->size * sizeof *big->words);
        memset(big->words, 0, (size_t)words * sizeof *big->words);
        big->size += words;
    }
    if (bits % 32 > 0)
        npki_big_scale(big, UINT32_C(1) << bits % 32, 0);
}

void npki_big_power10(npki_big *big, int exponent)
{
    static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    for (; exponent >= 9; exponent -= 9)
        npki_big_scale(big, 1000000000, 0);
    if (exponent > 0)
        npki_big_scale(big, powers[exponent], 0);
}

void npki_big_subtract(npki_big *big, const npki_big *less)
{
    uint64_t borrow = 0;
    for (int i = 0; i < big->size; i++) {
        uint64_t word = (uint64_t)big->words[i] - (i < less->size ? less->words[i] : 0) - borrow;
        big->words[i] = (uint32_t)word;
        borrow = word >> 63;
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
        carry += (uint64_t)(i < a->size ? a->words[i] : 0) + (i < b->size ? b->words[i] : 0);
        sum.words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        sum.words[size++] = (uint32_t)carry;
    sum.size = size;
    return npki_big_compare(&sum, c);
}

int npki_bit_length(uint64_t value)
{
    int length = 0;
    for (int step = 32; step > 0; step /= 2)
        if (value >> step > 0) {
            value >>= step;
            length += step;
        }
    return length + (value > 0);
}

int npki_big_bits(const npki_big *big)
{
    return big->size == 0 ? 0 : 32 * (big->size - 1) + npki_bit_length(big->words[big->size - 1]);
}
