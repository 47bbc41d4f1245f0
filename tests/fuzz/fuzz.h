/* What the fuzzers share: a finding ends the program. */
#ifndef NPICKLE_TESTS_FUZZ_H
#define NPICKLE_TESTS_FUZZ_H

#include <npickle.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)                                                                                              \
    ((condition) ? (void)0                                                                                             \
                 : (fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition), abort()))

/* One of the dialects. */
static inline npk_dialect fuzz_dialect(size_t number)
{
    npk_dialect dialect = NPK_DIALECT_DEFAULT;
    size_t count = 0;
    while (npk_dialect_at(count, &dialect))
        count++;
    npk_dialect_at(number % count, &dialect);
    return dialect;
}

/* Deals out the bytes of an input; zeros behind its end. */
typedef struct dealer {
    const uint8_t *at, *end;
} dealer;

static inline uint64_t deal(dealer *d, size_t bytes)
{
    uint64_t value = 0;
    for (; bytes > 0; bytes--)
        value = value << 8 | (d->at < d->end ? *d->at++ : 0);
    return value;
}

/* Up to `most` bytes, in a block of their own, so that a step past their end is seen. The caller frees it. */
static inline uint8_t *deal_block(dealer *d, size_t most, size_t *size)
{
    size_t left = (size_t)(d->end - d->at);
    *size = most < left ? most : left;
    uint8_t *block = malloc(*size > 0 ? *size : 1);
    DEMAND(block != NULL);
    memcpy(block, d->at, *size);
    d->at += *size;
    return block;
}

#endif
