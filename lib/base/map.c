#include "base/map.h"

#include "base/bytes.h"

#define FIRST_BITS 4
#define FIRST_ROOM ((size_t)1 << FIRST_BITS)

/* By the highest bits of what it is mixed to: in twice the room the keys come in the same order, so that to move them
 * there is a walk through both and no leap about the larger one. */
static inline npki_map_slot *find(const npki_map *map, uint64_t key)
{
    npki_map_slot *slots = map->slots;
    const size_t room = map->room;
    size_t at = (size_t)(npki_map_mix(key, map->seed) >> map->shift);
    if (key == 0)
        return &slots[room];
    while (slots[at].key != 0 && slots[at].key != key)
        at = (at + 1) & (room - 1);
    return &slots[at];
}

uint64_t *npki_map_get(const npki_map *map, uint64_t key)
{
    if (map->room == 0)
        return NULL;
    npki_map_slot *slot = find(map, key);
    return slot->key != 0 ? &slot->value : NULL;
}

static size_t size_of(const npki_map *map)
{
    return map->room == 0 ? 0 : (map->room + 1) * sizeof *map->slots;
}

static bool grow(npki_map *map)
{
    npki_map larger = *map;
    size_t size;
    larger.room = map->room == 0 ? FIRST_ROOM : 2 * map->room;
    larger.shift = map->room == 0 ? 64 - FIRST_BITS : map->shift - 1;
    if (!npki_mul_size(larger.room + 1, sizeof *map->slots, &size))
        return false;
    larger.slots = npki_allocate(&map->allocator, size);
    if (larger.slots == NULL)
        return false;
    memset(larger.slots, 0, size);
    for (size_t i = 0; i < map->room; i++)
        if (map->slots[i].key != 0)
            *find(&larger, map->slots[i].key) = map->slots[i];
    if (map->room > 0)
        larger.slots[larger.room] = map->slots[map->room];
    npki_free(&map->allocator, map->slots, size_of(map));
    *map = larger;
    return true;
}

uint64_t *npki_map_put(npki_map *map, uint64_t key, bool *added)
{
    if (map->count >= map->room / 4 * 3 && !grow(map))
        return NULL;
    npki_map_slot *slot = find(map, key);
    *added = slot->key == 0;
    if (*added) {
        *slot = (npki_map_slot){.key = key == 0 ? 1 : key};
        map->count++;
    }
    return &slot->value;
}

void npki_map_drop_slots(npki_map *map)
{
    npki_free(&map->allocator, map->slots, size_of(map));
    map->slots = NULL;
    map->room = map->count = 0;
}

#define KEPT_ROOM ((size_t)64) /* to clear more of it may take longer than what it was for */

void npki_map_clear(npki_map *map)
{
    if (map->room > KEPT_ROOM)
        npki_map_free(map);
    else if (map->count > 0)
        memset(map->slots, 0, size_of(map));
    map->count = 0;
}

uint64_t npki_hash_bytes(uint64_t seed, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint64_t h = npki_map_mix(size, seed);
    for (; size >= 8; p += 8, size -= 8)
        h = npki_map_mix(npki_load_le(p, 8), h);
    return npki_map_mix(npki_load_le(p, size), h);
}
