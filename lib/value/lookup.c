#include "value/lookup.h"

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/map.h"
#include "value/key.h"

#define LONG_KEY ((size_t)64)                      /* bytes: a longer one may stand in a dict again and again */
#define MOST_PAIRS ((uint64_t)UINT32_MAX / 2)      /* more are searched one by one */
#define PATIENCE 8                                 /* searches one by one after an edit, before there is a new index */
#define AT_ONCE ((size_t)32)                       /* keys whose slots are fetched together */

/* Open addressing. In the bits of `mask` a slot has the number of a pair and 1, in the others some of its key's hash; 0
 * is free. Of pairs with one key the last is here. */
typedef struct table {
    size_t size; /* in bytes */
    npki_hash_key key;
    uint64_t pairs; /* that the dict had: with another number it is not the dict's any more */
    uint64_t used;
    uint32_t mask;
    uint32_t slots[];
} table;

struct npki_index {
    npki_guest guest;
    _Atomic(table *) table;
    atomic_uint patience;
};

/* Where a dict was searched once. */
static npki_index searched;

static inline bool is_text(const npk_value *key)
{
    return key->kind == NPK_KIND_STR || key->kind == NPK_KIND_PYTHON2_STR;
}

static inline bool is_plain_text(const npk_value *key)
{
    return is_text(key) && key->encoding == NPK_ENCODING_RAW;
}

static inline bool is_long(const npk_value *key)
{
    return (is_plain_text(key) ? key->u.text.size : npki_size_of_key(key)) > LONG_KEY;
}

/* --- a key's hash, and a text that is looked for --- */

typedef struct wanted {
    const char *text;
    size_t size;
    npki_short words; /* of one that is short */
} wanted;

static inline wanted want(const char *text, size_t size)
{
    return (wanted){text, size, size <= NPKI_SHORT ? npki_short_of(text, size) : (npki_short){{0}}};
}

static inline bool is_wanted(const npk_value *key, const wanted *w)
{
    if (!is_plain_text(key) || key->u.text.size != w->size)
        return false;
    if (w->size > NPKI_SHORT)
        return memcmp(key->u.text.bytes, w->text, w->size) == 0;
    npki_short words = npki_short_of(key->u.text.bytes, w->size);
    return words.words[0] == w->words.words[0] && words.words[1] == w->words.words[1];
}

static inline uint64_t hash_text(const npki_hash_key *by, const void *text, size_t size)
{
    return size <= NPKI_SHORT ? npki_short_hash(by, npki_short_of(text, size), size) : npki_siphash(by, text, size);
}

static inline uint64_t hash_wanted(const npki_hash_key *by, const wanted *w)
{
    return w->size <= NPKI_SHORT ? npki_short_hash(by, w->words, w->size) : npki_siphash(by, w->text, w->size);
}

/* Text has that of its bytes, however it is kept: keys that are one share a hash. */
static inline uint64_t hash_key(const npki_hash_key *by, const npk_value *key)
{
    const char *text;
    size_t size;
    if (is_plain_text(key))
        return hash_text(by, key->u.text.bytes, (size_t)key->u.text.size);
    return is_text(key) && npki_text_of(key, &text, &size) ? hash_text(by, text, size) : npki_key_hash(by, key);
}

/* --- tables --- */

/* Whether a slot may have a key of this hash: where it begins to look depends on the lower half. */
static inline bool may_be(const table *t, uint32_t slot, uint64_t hash)
{
    return ((slot ^ (uint32_t)(hash >> 32)) & ~t->mask) == 0;
}

static inline size_t pair_in(const table *t, uint32_t slot)
{
    return (size_t)(slot & t->mask) - 1;
}

static inline const npk_value *key_in(const table *t, const npk_value *dict, uint32_t slot)
{
    return npki_item_of(dict, 2 * pair_in(t, slot));
}

/* The slot that has the key, or the free one where it would be. */
static inline uint32_t *seek(table *t, const npk_value *dict, const npk_value *key, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & t->mask;
    while (t->slots[at] != 0 && !(may_be(t, t->slots[at], hash) && npki_same_key(key_in(t, dict, t->slots[at]), key)))
        at = (at + 1) & t->mask;
    return &t->slots[at];
}

static inline void put(table *t, uint32_t *slot, uint64_t hash, size_t pair)
{
    *slot = ((uint32_t)(hash >> 32) & ~t->mask) | (uint32_t)(pair + 1);
    t->used++;
}

static size_t find(const table *t, const npk_value *dict, const npk_value *key)
{
    uint64_t hash = hash_key(&t->key, key);
    uint32_t at = (uint32_t)hash & t->mask, slot;
    for (; (slot = t->slots[at]) != 0; at = (at + 1) & t->mask)
        if (may_be(t, slot, hash) && npki_same_key(key_in(t, dict, slot), key))
            return pair_in(t, slot);
    return NPKI_NO_PAIR;
}

static inline size_t find_text(const table *t, const npk_value *dict, const wanted *w)
{
    uint64_t hash = hash_wanted(&t->key, w);
    uint32_t at = (uint32_t)hash & t->mask, slot;
    for (; (slot = t->slots[at]) != 0; at = (at + 1) & t->mask)
        if (may_be(t, slot, hash) && is_wanted(key_in(t, dict, slot), w))
            return pair_in(t, slot);
    return NPKI_NO_PAIR;
}

/* Whether a long key is met for the first time: what is in the input once is looked at once. */
static bool is_new(npki_map *met, const npk_value *key, bool *fresh)
{
    *fresh = true;
    return !is_long(key) || npki_map_put(met, (uint64_t)(uintptr_t)key, fresh) != NULL;
}

/* The `count` pairs below `end`. Their slots lie anywhere, and the processor gets many of them in the time of one. */
static bool fill_some(table *t, const npk_value *dict, size_t end, size_t count, npki_map *met)
{
    uint64_t hashes[AT_ONCE];
    uint32_t taken = 0, skip = 0;
    for (size_t i = 0; i < count; i++) {
        const npk_value *key = npki_item_of(dict, 2 * (end - 1 - i));
        bool fresh;
        if (!is_new(met, key, &fresh))
            return false;
        skip |= (uint32_t)!fresh << i;
        hashes[i] = fresh ? hash_key(&t->key, key) : 0;
    }
    for (size_t i = 0; i < count; i++)
        taken |= (uint32_t)(t->slots[(uint32_t)hashes[i] & t->mask] != 0) << i;
    for (size_t i = 0; i < count; i++) {
        size_t pair = end - 1 - i;
        uint32_t *slot = &t->slots[(uint32_t)hashes[i] & t->mask];
        if ((taken >> i & 1) != 0 || *slot != 0) /* the latter by one of these */
            slot = seek(t, dict, npki_item_of(dict, 2 * pair), hashes[i]);
        if ((skip >> i & 1) == 0 && *slot == 0)
            put(t, slot, hashes[i], pair);
    }
    return true;
}

static bool fill(table *t, const npki_arena *arena, const npk_value *dict)
{
    npki_map met;
    bool good = true;
    npki_map_init(&met, &arena->allocator);
    for (size_t end = (size_t)t->pairs, count; good && end > 0; end -= count) {
        count = end < AT_ONCE ? end : AT_ONCE;
        good = fill_some(t, dict, end, count, &met);
    }
    npki_map_free(&met);
    return good;
}

/* At most half full, and two thirds after edits. */
static table *new_table(npki_arena *arena, const npk_value *dict)
{
    uint64_t pairs = npki_count_of(dict) / 2, slots = 16;
    while (slots < 2 * pairs)
        slots *= 2;
    size_t size;
    if (pairs > MOST_PAIRS || slots > SIZE_MAX || !npki_mul_size((size_t)slots, sizeof(uint32_t), &size) ||
        !npki_add_size(size, sizeof(table), &size))
        return NULL;
    table *t = npki_arena_beside(arena, size);
    if (t == NULL)
        return NULL;
    memset(t, 0, size);
    t->size = size;
    t->key = npki_hash_key_new(t);
    t->pairs = pairs;
    t->mask = (uint32_t)(slots - 1);
    if (fill(t, arena, dict))
        return t;
    npki_arena_give_back(arena, t, size);
    return NULL;
}

/* --- the index of a dict --- */

static void leave(npki_arena *arena, npki_guest *guest)
{
    npki_index *index = (npki_index *)(void *)guest;
    table *t = atomic_load_explicit(&index->table, memory_order_relaxed);
    if (t != NULL)
        npki_arena_give_back(arena, t, t->size);
    npki_arena_give_back(arena, index, sizeof *index);
}

/* Of several threads one has made it. NULL without memory. */
static npki_index *index_at(npki_index_place *place)
{
    npki_index *found = atomic_load_explicit(&place->index, memory_order_acquire);
    if (found != &searched)
        return found;
    npki_index *made = npki_arena_beside(place->arena, sizeof *made);
    if (made == NULL)
        return NULL;
    *made = (npki_index){.guest.leave = leave};
    if (atomic_compare_exchange_strong(&place->index, &found, made)) {
        npki_arena_invite(place->arena, &made->guest);
        return made;
    }
    npki_arena_give_back(place->arena, made, sizeof *made);
    return found;
}

static const table *make_table(npki_index_place *place, const npk_value *dict)
{
    npki_index *index = index_at(place);
    if (index == NULL)
        return NULL;
    if (atomic_load_explicit(&index->patience, memory_order_relaxed) > 0) {
        atomic_fetch_sub_explicit(&index->patience, 1, memory_order_relaxed);
        return NULL;
    }
    table *found = NULL, *made = new_table(place->arena, dict);
    if (made == NULL || atomic_compare_exchange_strong(&index->table, &found, made))
        return made;
    npki_arena_give_back(place->arena, made, made->size);
    return found;
}

/* The table of a dict, made if this is not the first look-up; NULL: its pairs are to be searched. */
static const table *table_of(const npk_value *dict)
{
    npki_index_place *place = npki_index_place_of(dict->u.items);
    if (place == NULL || npki_cpu_level() == NPKI_CPU_PLAIN)
        return NULL;
    npki_index *index = atomic_load_explicit(&place->index, memory_order_acquire);
    if (index == NULL) {
        atomic_compare_exchange_strong(&place->index, &index, &searched);
        return NULL;
    }
    const table *t = index != &searched ? atomic_load_explicit(&index->table, memory_order_acquire) : NULL;
    if (t == NULL)
        t = make_table(place, dict);
    return t != NULL && t->pairs == npki_count_of(dict) / 2 ? t : NULL;
}

size_t npki_dict_find(const npk_value *dict, const npk_value *key)
{
    const table *t = table_of(dict);
    if (t != NULL)
        return find(t, dict, key);
    for (size_t i = npki_count_of(dict) / 2; i-- > 0;)
        if (npki_same_key(npki_item_of(dict, 2 * i), key))
            return i;
    return NPKI_NO_PAIR;
}

size_t npki_dict_find_text(const npk_value *dict, const char *text, size_t size)
{
    const table *t = table_of(dict);
    const wanted w = want(text, size);
    if (t != NULL)
        return find_text(t, dict, &w);
    for (size_t i = npki_count_of(dict) / 2; i-- > 0;)
        if (is_wanted(npki_item_of(dict, 2 * i), &w))
            return i;
    return NPKI_NO_PAIR;
}

const npk_value *npk_dict_get(const npk_value *dict, const char *key)
{
    if (dict == NULL || dict->kind != NPK_KIND_DICT || key == NULL)
        return NULL;
    size_t found = npki_dict_find_text(dict, key, strlen(key));
    return found != NPKI_NO_PAIR ? npki_item_of(dict, 2 * found + 1) : NULL;
}

/* --- edits --- */

static npki_index *kept_index(const npk_value *dict)
{
    const npki_index_place *place = dict->kind == NPK_KIND_DICT ? npki_index_place_of(dict->u.items) : NULL;
    npki_index *index = place != NULL ? atomic_load_explicit(&place->index, memory_order_relaxed) : NULL;
    return index != &searched ? index : NULL;
}

static void drop(const npk_value *dict, npki_index *index, unsigned patience)
{
    table *t = atomic_exchange(&index->table, NULL);
    if (t != NULL)
        npki_arena_give_back(npki_index_place_of(dict->u.items)->arena, t, t->size);
    atomic_store(&index->patience, patience);
}

void npki_dict_changed(npk_value *dict)
{
    npki_index *index = kept_index(dict);
    if (index != NULL)
        drop(dict, index, PATIENCE);
}

void npki_dict_grew(npk_value *dict)
{
    npki_index *index = kept_index(dict);
    table *t = index != NULL ? atomic_load_explicit(&index->table, memory_order_relaxed) : NULL;
    uint64_t pairs = npki_count_of(dict) / 2;
    if (t == NULL)
        return;
    if (t->pairs + 1 != pairs || pairs > (uint64_t)t->mask / 3 * 2) {
        drop(dict, index, 0);
        return;
    }
    const npk_value *key = npki_item_of(dict, 2 * (size_t)(pairs - 1));
    uint64_t hash = hash_key(&t->key, key);
    put(t, seek(t, dict, key, hash), hash, (size_t)(pairs - 1));
    t->pairs = pairs;
}
