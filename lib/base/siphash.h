/* A hash of bytes that an enemy chose, who does not know the key: whatever the bytes, they share a hash by chance alone. */
#ifndef NPKI_BASE_SIPHASH_H
#define NPKI_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct npki_hash_key {
    uint64_t words[2];
} npki_hash_key;

/* A key that nobody outside knows: out of where things lie, as npki_map's seed. `place` is memory of the caller's. */
npki_hash_key npki_hash_key_new(const void *place);

/* SipHash-1-3 of the bytes. */
uint64_t npki_siphash(const npki_hash_key *key, const void *bytes, size_t size);

/* The same of a number, as its 8 bytes, least significant first. */
uint64_t npki_siphash_word(const npki_hash_key *key, uint64_t word);

#endif
