/* Hashes of bytes that an enemy chose, who does not know the key: whatever the bytes, they share a hash by chance
 * alone. */
#ifndef NPKI_BASE_SIPHASH_H
#define NPKI_BASE_SIPHASH_H

#include "base/bytes.h"
#include "base/wide.h"

typedef struct npki_hash_key {
    uint64_t words[4]; /* SipHash takes two */
} npki_hash_key;

/* A key that nobody outside knows: out of where things lie, as npki_map's seed. `place` is memory of the caller's. */
npki_hash_key npki_hash_key_new(const void *place);

/* SipHash-1-3 of the bytes. */
uint64_t npki_siphash(const npki_hash_key *key, const void *bytes, size_t size);

/* The same of a number, as its 8 bytes, least significant first. */
uint64_t npki_siphash_word(const npki_hash_key *key, uint64_t word);

/* --- short texts, as most keys are, in a fifth of the time --- */

enum { NPKI_SHORT = 16 };

/* Up to NPKI_SHORT bytes: of texts of one size those that differ have other words. */
typedef struct npki_short {
    uint64_t words[2];
} npki_short;

static inline npki_short npki_short_of(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    if (size >= 8)
        return (npki_short){{npki_load_le(p, 8), npki_load_le(p + size - 8, 8)}};
    if (size >= 4)
        return (npki_short){{npki_load_le(p, 4), npki_load_le(p + size - 4, 4)}};
    return (npki_short){{size == 0 ? 0 : p[0] | (uint64_t)p[size / 2] << 8 | (uint64_t)p[size - 1] << 16, 0}};
}

static inline uint64_t npki_fold(uint64_t a, uint64_t b)
{
    uint64_t low, high = npki_mul_wide(a, b, &low);
    return high ^ low;
}

/* Folded products of what nobody outside knows: Wang Yi et al., "Modern non-cryptographic hash function and
 * pseudorandom number generator", 2019. To choose texts that share a hash takes the key or many hashes, and no table
 * shows one or stays. */
static inline uint64_t npki_short_hash(const npki_hash_key *key, npki_short text, size_t size)
{
    uint64_t first = npki_fold(text.words[0] ^ key->words[0], text.words[1] ^ key->words[1]);
    return npki_fold(first ^ key->words[2], size ^ key->words[3]);
}

#endif
