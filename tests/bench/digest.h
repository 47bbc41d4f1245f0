/* What a value is, in 64 bits: make.py's digest, which the readers of other formats are checked with. A list and a tuple of
 * the same items are the same, and the order of a dict's items doesn't count: not all formats tell them. */
#ifndef NPICKLE_BENCH_DIGEST_H
#define NPICKLE_BENCH_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where the digest of each type begins. */
enum { DIGEST_NONE = 1, DIGEST_BOOL, DIGEST_INT, DIGEST_FLOAT, DIGEST_STR, DIGEST_LIST, DIGEST_DICT };

static inline uint64_t digest_mix(uint64_t digest, uint64_t with)
{
    return (digest ^ with) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static inline uint64_t digest_float(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return digest_mix(DIGEST_FLOAT, bits);
}

static inline uint64_t digest_str(const char *text, size_t size)
{
    uint64_t digest = DIGEST_STR;
    for (size_t i = 0; i < size; i++)
        digest = digest_mix(digest, (unsigned char)text[i]);
    return digest;
}

#endif
