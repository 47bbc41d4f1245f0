/* A map from 64-bit keys to 64-bit values. The keys may be chosen by an enemy: where they land depends on a seed. */
#ifndef NPKI_BASE_MAP_H
#define NPKI_BASE_MAP_H

#include "base/allocator.h"

typedef struct npki_map_slot {
    uint64_t key; /* 0: nothing is there */
    uint64_t value;
} npki_map_slot;

typedef struct npki_map {
    npk_allocator allocator;
    npki_map_slot *slots; /* and one more behind them, for the key 0, whose own key is 1 if it is there */
    size_t room;          /* a power of two, or 0 */
    unsigned shift;       /* of what a key is mixed to: the rest is where it lands */
    size_t count;
    uint64_t seed;
} npki_map;

/* NULL if the key is not there. Valid until the next npki_map_put. */
uint64_t *npki_map_get(const npki_map *map, uint64_t key);

/* The value of the key, a new one holding 0 if it was not there (then *added). NULL without memory. */
uint64_t *npki_map_put(npki_map *map, uint64_t key, bool *added);

/* Takes all keys out. What it has for many of them is freed. */
void npki_map_clear(npki_map *map);

void npki_map_drop_slots(npki_map *map);

static inline void npki_map_free(npki_map *map)
{
    if (map->room > 0)
        npki_map_drop_slots(map);
}

/* Where a key lands. */
static inline uint64_t npki_map_mix(uint64_t key, uint64_t seed)
{
    uint64_t h = (key ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 29;
}

/* A seed for what hashes with this and lies there: where that is, is not the enemy's to choose or to know. */
static inline uint64_t npki_map_seed(const void *place)
{
    return npki_map_mix((uint64_t)(uintptr_t)place, UINT64_C(0x2545f4914f6cdd1d));
}

static inline void npki_map_init(npki_map *map, const npk_allocator *allocator)
{
    *map = (npki_map){.allocator = *allocator, .seed = npki_map_seed(map)};
}

/* A key for bytes. Different bytes may share one: compare. */
uint64_t npki_hash_bytes(uint64_t seed, const void *bytes, size_t size);

#endif
