/* The dict of a dtype's fields: its entries, in the order in which Python gives them out. */
#include "writer/numpy/numpy.h"

#include "base/bytes.h"
#include "dtype/dtype.h"

#include <string.h>

size_t npki_entry_count(const npk_dtype *dtype)
{
    size_t count = dtype->field_count;
    for (size_t i = 0; i < dtype->field_count; i++)
        count += dtype->fields[i].title != NULL;
    return count;
}

/* As they are put in: each name, and its title after it. Since Python 3.7 they come out so too. */
static void list_entries(const npk_dtype *dtype, npki_entry *out)
{
    for (size_t i = 0; i < dtype->field_count; i++) {
        *out++ = (npki_entry){.field = i};
        if (dtype->fields[i].title != NULL)
            *out++ = (npki_entry){.field = i, .is_title = true, .is_second = true};
    }
}

/* --- Python 2: by hash --- */

/* CPython 2.7: Objects/stringobject.c string_hash(), where long has 64 bits. */
static uint64_t hash_text(const char *text, size_t size)
{
    const uint8_t *p = (const uint8_t *)text;
    uint64_t x = size == 0 ? 0 : (uint64_t)p[0] << 7;
    if (size == 0)
        return 0;
    for (size_t i = 0; i < size; i++)
        x = (UINT64_C(1000003) * x) ^ p[i];
    x ^= size;
    return x == UINT64_MAX ? UINT64_MAX - 1 : x;
}

#define FREE SIZE_MAX
#define SMALLEST ((size_t)8) /* slots */

typedef struct slot {
    uint64_t hash;
    size_t entry; /* FREE: none */
} slot;

typedef struct table {
    slot *slots;
    size_t room; /* a power of two */
} table;

/* Objects/dictobject.c lookdict_string(): all keys are different. */
static void insert(table *t, uint64_t hash, size_t entry)
{
    size_t mask = t->room - 1, at = (size_t)hash & mask;
    for (uint64_t perturb = hash; t->slots[at & mask].entry != FREE; perturb >>= 5)
        at = (at << 2) + at + (size_t)perturb + 1;
    t->slots[at & mask] = (slot){hash, entry};
}

static bool make_table(npk_writer *w, size_t room, table *out)
{
    size_t size;
    if (!npki_mul_size(room, sizeof *out->slots, &size))
        return false;
    *out = (table){npki_allocate(&w->allocator, size), room};
    for (size_t i = 0; out->slots != NULL && i < room; i++)
        out->slots[i].entry = FREE;
    return out->slots != NULL;
}

/* dictresize(): to four times what is in it, from 50,000 on to twice. */
static bool grow(npk_writer *w, table *t, size_t used)
{
    size_t wanted = (used > 50000 ? 2 : 4) * used, room = SMALLEST;
    table larger;
    while (room <= wanted)
        room *= 2;
    if (!make_table(w, room, &larger))
        return false;
    for (size_t i = 0; i < t->room; i++)
        if (t->slots[i].entry != FREE)
            insert(&larger, t->slots[i].hash, t->slots[i].entry);
    npki_free(&w->allocator, t->slots, t->room * sizeof *t->slots);
    *t = larger;
    return true;
}

/* `listed`: a copy of `entries`. */
static bool order_by_hash(npk_writer *w, const npk_dtype *dtype, npki_entry *entries, size_t count,
                          const npki_entry *listed)
{
    table t;
    bool good = make_table(w, SMALLEST, &t);
    for (size_t i = 0; good && i < count; i++) {
        const npk_field *field = &dtype->fields[listed[i].field];
        insert(&t,
               listed[i].is_title ? hash_text(field->title, field->title_size)
                                  : hash_text(field->name, field->name_size),
               i);
        if ((i + 1) * 3 >= t.room * 2)
            good = grow(w, &t, i + 1);
    }
    for (size_t i = 0; good && i < t.room; i++)
        if (t.slots[i].entry != FREE)
            *entries++ = listed[t.slots[i].entry];
    npki_free(&w->allocator, t.slots, t.room * sizeof *t.slots);
    return good;
}

/* The key that comes second finds the tuple written. */
static void mark_second(npki_entry *entries, size_t count, bool *seen)
{
    for (size_t i = 0; i < count; i++) {
        entries[i].is_second = seen[entries[i].field];
        seen[entries[i].field] = true;
    }
}

static bool order(npk_writer *w, const npk_dtype *dtype, npki_entry *entries, size_t count)
{
    npki_entry *listed = npki_allocate(&w->allocator, count * sizeof *listed);
    bool *seen = npki_allocate(&w->allocator, dtype->field_count);
    bool good = listed != NULL && seen != NULL;
    if (good) {
        memcpy(listed, entries, count * sizeof *listed);
        memset(seen, 0, dtype->field_count);
        good = order_by_hash(w, dtype, entries, count, listed);
    }
    if (good)
        mark_second(entries, count, seen);
    npki_free(&w->allocator, seen, dtype->field_count);
    npki_free(&w->allocator, listed, count * sizeof *listed);
    return good;
}

/* --- */

bool npki_entries(npk_writer *w, const npk_dtype *dtype, npki_entry **out)
{
    size_t count = npki_entry_count(dtype);
    *out = NULL;
    if (count == 0)
        return true;
    npki_entry *entries = npki_allocate(&w->allocator, count * sizeof *entries);
    if (entries == NULL)
        return false;
    list_entries(dtype, entries);
    if (w->python->hash_order && !order(w, dtype, entries, count)) {
        npki_free(&w->allocator, entries, count * sizeof *entries);
        return false;
    }
    *out = entries;
    return true;
}
