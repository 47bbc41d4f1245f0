/* SipHash with one round for each word and three at the end, as CPython and Rust use it: Jean-Philippe Aumasson and
 * Daniel J. Bernstein, "SipHash: a fast short-input PRF", 2012. */
#include "base/siphash.h"

typedef struct state {
    uint64_t a, b, c, d;
} state;

static inline uint64_t turn(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static inline void mix(state *v)
{
    v->a += v->b;
    v->c += v->d;
    v->b = turn(v->b, 13) ^ v->a;
    v->d = turn(v->d, 16) ^ v->c;
    v->a = turn(v->a, 32);
    v->c += v->b;
    v->a += v->d;
    v->b = turn(v->b, 17) ^ v->c;
    v->d = turn(v->d, 21) ^ v->a;
    v->c = turn(v->c, 32);
}

static inline void take(state *v, uint64_t word)
{
    v->d ^= word;
    mix(v);
    v->a ^= word;
}

static inline state begin(const npki_hash_key *key)
{
    return (state){key->words[0] ^ UINT64_C(0x736f6d6570736575), key->words[1] ^ UINT64_C(0x646f72616e646f6d),
                   key->words[0] ^ UINT64_C(0x6c7967656e657261), key->words[1] ^ UINT64_C(0x7465646279746573)};
}

static inline uint64_t end(state *v)
{
    v->c ^= 0xff;
    mix(v);
    mix(v);
    mix(v);
    return v->a ^ v->b ^ v->c ^ v->d;
}

static inline uint64_t word_at(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return npki_native_order() == '<' ? word : npki_load_le(p, sizeof word);
}

/* Fewer than 8 bytes. */
static inline uint64_t rest_at(const uint8_t *p, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

uint64_t npki_siphash(const npki_hash_key *key, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint64_t last = (uint64_t)size << 56;
    size_t left = size;
    state v = begin(key);
    for (; left >= 8; left -= 8, p += 8)
        take(&v, word_at(p));
    if (left > 0 && size >= 8) /* the last 8, without those that were taken */
        last |= word_at(p + left - 8) >> (64 - 8 * left);
    else
        last |= rest_at(p, left);
    take(&v, last);
    return end(&v);
}

uint64_t npki_siphash_word(const npki_hash_key *key, uint64_t word)
{
    state v = begin(key);
    take(&v, word);
    take(&v, UINT64_C(8) << 56);
    return end(&v);
}

npki_hash_key npki_hash_key_new(const void *place)
{
    static const char here;
    const npki_hash_key addresses = {.words = {(uint64_t)(uintptr_t)place, (uint64_t)(uintptr_t)&here}};
    const void *const stack = &addresses;
    npki_hash_key made = {{npki_siphash_word(&addresses, (uint64_t)(uintptr_t)stack)}};
    for (size_t i = 1; i < sizeof made.words / sizeof *made.words; i++)
        made.words[i] = npki_siphash_word(&addresses, i);
    return made;
}
