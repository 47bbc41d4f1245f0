/* Which pair of a dict has a key. The keys of a dict of more than NPKI_FEW_KEYS have an index, made at the second
 * look-up: it takes more than one search. It lies beside the document's arena; any number of threads may look up at
 * once. */
#ifndef NPKI_VALUE_LOOKUP_H
#define NPKI_VALUE_LOOKUP_H

#include "value/value.h"

typedef struct npki_index npki_index;

/* Behind the items of a dict. */
typedef struct npki_index_place {
    npki_arena *arena;
    _Atomic(npki_index *) index; /* NULL: nothing was looked up */
} npki_index_place;

/* NULL where there is none. A dict is const to those who look up: its index is not what they see of it. */
static inline npki_index_place *npki_index_place_of(const npki_items *items)
{
    union {
        const npki_items *constant;
        npki_items *items;
    } same = {items};
    return items == NULL || !items->has_index
               ? NULL
               : (npki_index_place *)(void *)&same.items->at[items->room + items->has_events];
}

/* What was made for items by then, or NULL. */
static inline npki_index *npki_index_of(const npki_items *items)
{
    const npki_index_place *place = npki_index_place_of(items);
    return place != NULL ? atomic_load_explicit(&place->index, memory_order_relaxed) : NULL;
}

/* For items that have one: with what was made for those that they were before, or NULL. */
static inline void npki_index_place_new(npki_items *items, npki_arena *arena, npki_index *index)
{
    npki_index_place *place = npki_index_place_of(items);
    place->arena = arena;
    atomic_init(&place->index, index);
}

#define NPKI_NO_PAIR SIZE_MAX

/* The last pair with the key, or NPKI_NO_PAIR. Texts, bytes and numbers are one key if Python takes them for one
 * (value/key.h), others if they are one value. */
size_t npki_dict_find(const npk_value *dict, const npk_value *key);

/* The same for the key that is this text, of either Python. */
size_t npki_dict_find_text(const npk_value *dict, const char *text, size_t size);

/* After an edit: the last pair is a new one, of a key that the dict did not have; keys became others, or went. */
void npki_dict_grew(npk_value *dict);
void npki_dict_changed(npk_value *dict);

#endif
