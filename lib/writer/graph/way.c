/* The way from the root to the value at hand. */
#include "writer/graph/walk.h"

/* Whether a value is there only once its parts are, and may come again among them: in a part of a document, as all of
 * that has it where its pickle had it. So may what is in such a one. */
static bool may_come_again(const npki_walk *k, const npk_value *value, const npki_object *call)
{
    const npk_writer *w = k->w;
    const npki_stop *outer = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    const bool last = call != NULL || value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_FROZENSET ||
                      (value->kind == NPK_KIND_SET && !npki_has_sets(w));
    return w->part != NULL && last &&
           (value == w->part || (value->flags & NPKI_IS_SHARED) != 0 ||
            (outer != NULL && outer->again && outer->next == 0));
}

npki_stop *npki_walk_push(npki_walk *k, const npk_value *value, const npki_object *call)
{
    if (k->depth == k->room) {
        size_t room = k->room == 0 ? 32 : 2 * k->room;
        npki_stop *ways = npki_resize(&k->w->allocator, k->ways, k->room * sizeof *ways, room * sizeof *ways);
        if (ways == NULL) {
            npki_writer_fail(k->w, NPK_ERR_MEMORY, "an allocation failed");
            return NULL;
        }
        k->ways = ways;
        k->room = room;
    }
    npki_role role = call == NULL ? npki_role_at(k, value) : NPKI_ROLE_OWN;
    const bool again = may_come_again(k, value, call);
    npki_stop *way = &k->ways[k->depth++];
    *way = (npki_stop){.value = value, .serial = npki_next_serial(k), .call = call, .role = role, .again = again};
    npki_keep_role(k, value, role);
    return way;
}

/* A stop that is known by its value, and what was known by that before. */
typedef struct known_stop {
    uint64_t serial, key, before;
} known_stop;

#define FEW_STOPS 16 /* that are looked through */

void npki_start_ways(npki_walk *k)
{
    npki_map_init(&k->index->places, &k->w->allocator);
    npki_map_init(&k->index->holders, &k->w->allocator);
    npki_dynbuf_init(&k->index->known, &k->w->allocator, SIZE_MAX / 2);
}

void npki_end_ways(npki_walk *k)
{
    npki_map_free(&k->index->places);
    npki_map_free(&k->index->holders);
    npki_dynbuf_free(&k->index->known);
}

static bool know_stop(npki_way_index *index, const npki_stop *way)
{
    bool added;
    const uint64_t key = (uint64_t)(uintptr_t)way->value, place = index->known.size / sizeof(known_stop) + 1;
    uint64_t *slot = npki_map_put(&index->places, key, &added);
    const known_stop stop = {way->serial, key, slot == NULL ? 0 : *slot};
    if (slot == NULL || !npki_dynbuf_add(&index->known, &stop, sizeof stop))
        return false;
    *slot = place;
    return true;
}

/* What the walk has left since the last time is forgotten, and what it has come to is known: each stop once. Of one
 * that it is in still it has not left those above it either. False without memory. */
static bool know_stops(const npki_walk *k)
{
    npki_way_index *index = k->index;
    size_t count = index->known.size / sizeof(known_stop);
    const known_stop *last;
    for (; (last = npki_last_of(&index->known, sizeof *last)) != NULL &&
           (count > k->depth || k->ways[count - 1].serial != last->serial);
         count--) {
        *npki_map_get(&index->places, last->key) = last->before;
        index->known.size -= sizeof *last;
    }
    while (count < k->depth && know_stop(index, &k->ways[count]))
        count++;
    return count == k->depth;
}

const npki_stop *npki_way_of(const npki_walk *k, const npk_value *value)
{
    if (k->depth > FEW_STOPS && k->last_serial < UINT32_MAX && know_stops(k)) {
        const uint64_t *place = npki_map_get(&k->index->places, (uint64_t)(uintptr_t)value);
        return place == NULL || *place == 0 ? NULL : &k->ways[*place - 1];
    }
    const npki_stop *way = NULL;
    for (size_t i = k->depth; i > 0 && way == NULL; i--)
        way = k->ways[i - 1].value == value ? &k->ways[i - 1] : NULL;
    return way;
}

const npki_stop *npki_way_by_serial(const npki_walk *k, uint64_t serial)
{
    size_t low = 0, high = k->depth;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool below = k->ways[middle].serial < serial;
        low = below ? middle + 1 : low;
        high = below ? high : middle;
    }
    return low < k->depth && k->ways[low].serial == serial && serial < UINT32_MAX ? &k->ways[low] : NULL;
}
