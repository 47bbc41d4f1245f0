/* Values of a document without parts, and plain containers of them, in runs. */
#include "writer/core/run.h"
#include "writer/graph/walk.h"

/* Of a value that no call made, and that is what it is at every protocol. */
static bool is_simple(const npk_value *value)
{
    return (value->history & (NPKI_WAS_CALLED | NPKI_WAS_WRITTEN)) == 0 && value->encoding == NPK_ENCODING_RAW;
}

/* npki_value_key and npki_value_number of a value in a run: nothing happens to it, no call made it and no caller gave
 * it, and the memo is Python's. */
static inline uint64_t key_of(const npk_writer *w, const npk_value *value)
{
    const bool once = w->alone && !npki_is_referred_to(w, value);
    return npki_key(once ? NPKI_KEYS_NOBODY_ASKS_FOR : NPKI_IS_VALUE, (uint64_t)(uintptr_t)value);
}

static inline npki_number_when number_of(const npk_writer *w, const npk_value *value)
{
    return npki_number_always_if((value->history & NPKI_WAS_PUT) != 0 || npki_is_referred_to(w, value));
}

/* A str, or bytes where the protocol has these: one that had a number, or is referred to, has one again. */
static bool write_text(npk_writer *w, const npk_value *value)
{
    const uint64_t key = key_of(w, value);
    int64_t number;
    const bool known = npki_known(w, key, &number);
    uint8_t *at = known || value->u.text.size < NPKI_RUN_TEXT ? npki_run_room(w, NPKI_RUN_STR) : NULL;
    if (at == NULL)
        return false;
    if (known) {
        npki_run_put(w, npki_spell_get(at, number));
        w->last = number;
        return true;
    }
    at = value->kind == NPK_KIND_STR
             ? npki_spell_str(w, at, value->u.text.bytes, (size_t)value->u.text.size)
             : npki_spell_counted(at, NPKI_BYTE_SHORT_BINBYTES, value->u.text.bytes, (size_t)value->u.text.size);
    if (number_of(w, value) != NPKI_NUMBER_ALWAYS) {
        w->came_to |= NPKI_CAME_TO_OBJECT;
        npki_run_put(w, at);
        return true;
    }
    npki_run_put_str(w, at);
    if (npki_is_asked_for(key))
        npki_remember(w, key);
    return true;
}

/* An int of more than 8 bytes, for which there is one opcode. */
static bool write_long(npk_writer *w, const npk_value *value)
{
    const size_t size = (size_t)value->u.text.size;
    uint8_t *at = size > 8 && size < NPKI_RUN_TEXT ? npki_run_room(w, NPKI_RUN_STR) : NULL;
    if (at == NULL)
        return false;
    npki_run_put(w, npki_spell_counted(at, NPKI_BYTE_LONG1, value->u.text.bytes, size));
    return true;
}

/* A number, bool or None that is what it is at every protocol, and has no number in the memo. */
static inline bool is_plain(const npk_value *value)
{
    return value->kind >= NPK_KIND_NONE && value->kind <= NPK_KIND_FLOAT &&
           (value->history & (NPKI_WAS_CALLED | NPKI_WAS_WRITTEN | NPKI_WAS_PUT)) == 0 &&
           (value->flags & (NPKI_IS_SHARED | NPKI_IS_LONG)) == 0 && value->encoding == NPK_ENCODING_RAW;
}

static inline uint8_t *spell_plain(uint8_t *at, const npk_value *value)
{
    switch (value->kind) {
    case NPK_KIND_INT:
        return npki_spell_int(at, value->u.integer);
    case NPK_KIND_FLOAT:
        return npki_spell_float(at, value->u.real);
    case NPK_KIND_BOOL:
        return npki_spell_byte(at, value->u.boolean ? NPKI_BYTE_NEWTRUE : NPKI_BYTE_NEWFALSE);
    default:
        return npki_spell_byte(at, NPKI_BYTE_NONE);
    }
}

static bool write_one(npk_writer *w, const npk_value *value)
{
    if (value->kind == NPK_KIND_STR ||
        (value->kind == NPK_KIND_BYTES && w->protocol >= npki_opcodes[NPKI_ROW_SHORT_BINBYTES].protocol))
        return write_text(w, value);
    if (value->kind == NPK_KIND_INT && (value->flags & NPKI_IS_LONG) != 0) {
        /* it may have a number */
        const bool is_put = (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_PUT) != 0;
        return !is_put && write_long(w, value);
    }
    uint8_t *at = is_plain(value) ? npki_run_room(w, NPKI_RUN_NUMBER) : NULL;
    if (at == NULL)
        return false;
    npki_run_put(w, spell_plain(at, value));
    return true;
}

/* As many of these as follow one another, once a run goes on. */
static size_t write_plain(npk_writer *w, npk_value *const *values, size_t count)
{
    uint8_t *at = npki_run_at(w);
    const uint8_t *const full = w->out.bytes + w->run_until;
    size_t i = 0;
    if (!npki_run_goes_on(w))
        return 0;
    count = (uint64_t)w->run < count ? (size_t)w->run : count;
    for (; i < count && at < full && is_plain(values[i]); i++)
        at = spell_plain(at, values[i]);
    if (i > 0)
        npki_run_put_many(w, at, i);
    return i;
}

/* As many of these as are simple enough for a run of items, one after another. Returns how many. */
static size_t write_run(npk_writer *w, npk_value *const *values, size_t count)
{
    size_t i = 0;
    while (i < count) {
        const size_t before = i;
        if (is_plain(values[i]))
            i += write_plain(w, values + i, count - i);
        if (i == before && (!is_simple(values[i]) || !write_one(w, values[i])))
            break;
        i += i == before;
    }
    return i;
}

#define RUN_ITEMS ((size_t)200)              /* after which it is asked again what may be spent */
#define RUN_BYTES (RUN_ITEMS * NPKI_RUN_STR) /* that they take, at most */

/* Parts of a call, and of its state, may be translated: is_translated_state() in write.c. The objects in an array are
 * not. */
static bool is_translated(const npki_walk *k)
{
    const npki_stop *top = &k->ways[k->depth - 1];
    const npki_object *call = k->depth > 2 ? top[-2].call : NULL;
    return npki_is_of_call(k) &&
           (top->value->kind != NPK_KIND_LIST || top[-1].call != NULL || call == NULL || call->array == NULL);
}

static bool may_run(const npki_walk *k)
{
    npk_writer *w = k->w;
    return w->quick && w->watch == 0 && !(w->translate_names && is_translated(k)) &&
           w->spending.steps <= w->spending.most_steps && npki_may_spend(w, RUN_BYTES);
}

/* may_run has been asked. */
static size_t run_some(const npki_walk *k, const npki_stop *way)
{
    const size_t left = way->end_item - way->next_item;
    const size_t count = write_run(k->w, way->items->at + way->next_item, left < RUN_ITEMS ? left : RUN_ITEMS);
    npki_earn(k->w, count);
    k->w->spending.steps += count * NPKI_STEPS_OF_SIMPLE;
    return count;
}

size_t npki_run_items(const npki_walk *k, const npki_stop *way)
{
    return may_run(k) ? run_some(k, way) : 0;
}

/* Such a one as the next item of a run. `clean`: the place of a stop in which a run had another, and nothing has come
 * to that but items; to clear all of it takes longer than the rest. */
static bool run_into(npki_walk *k, npki_stop *way, size_t clean)
{
    npk_writer *w = k->w;
    const npk_value *value = way->items->at[way->next_item];
    if (!npki_is_even(w, value) || k->depth == k->room)
        return false;
    const uint64_t key = key_of(w, value);
    const size_t count = value->u.items == NULL ? 0 : (size_t)value->u.items->count;
    int64_t number;
    way->next_item++;
    if (npki_known(w, key, &number) || (k->keys.asked && npki_has_keys_to_check(k, value)) ||
        !npki_run_begin(w, (npk_kind)value->kind, (int64_t)(value->kind == NPK_KIND_DICT ? count / 2 : count),
                        number_of(w, value), key)) {
        way->next_item--;
        return false;
    }
    npki_earn(w, 1);
    w->spending.steps += NPKI_STEPS_OF_EVEN;
    const npki_role role = way->role == NPKI_ROLE_OWN ? NPKI_ROLE_OWN : npki_role_at(k, value);
    npki_stop *const into = &k->ways[k->depth];
    if (clean != k->depth++)
        *into = (npki_stop){.value = NULL};
    into->value = value;
    into->serial = npki_next_serial(k);
    into->role = role;
    into->items = value->u.items;
    into->next_item = into->grown = 0;
    into->end_item = count;
    if ((value->flags & NPKI_IS_SHARED) != 0) { /* nobody asks for another */
        npki_keep_role(k, value, role);
        npki_order_open(k, value);
    }
    return true;
}

/* Whether the stop is that of an even value, in no call. */
static bool is_even_stop(const npki_walk *k, const npki_stop *way)
{
    return !way->dropped && !way->again && way->call == NULL && (k->depth < 2 || way[-1].call == NULL) &&
           npki_is_even(k->w, way->value);
}

void npki_run_even(npki_walk *k)
{
    npk_writer *w = k->w;
    size_t own = k->depth, clean = SIZE_MAX; /* stops from `own` on were made here */
    size_t even = SIZE_MAX;                  /* from this depth on they are known to be even */
    uint64_t until = 0;                      /* the offset up to which what may be spent was asked */
    if (!w->quick || w->watch != 0)
        return;
    while (k->depth > 0 && w->spending.steps <= w->spending.most_steps && !(w->translate_names && is_translated(k))) {
        npki_stop *way = &k->ways[k->depth - 1];
        if (w->written + w->out.size + RUN_BYTES > until && (until = npki_may_spend_until(w, RUN_BYTES)) == 0)
            return;
        if (k->depth < even && !is_even_stop(k, way))
            return;
        even = k->depth < even ? k->depth : even;
        if (way->next_item < way->end_item && !npki_is_container(way->items->at[way->next_item]))
            way->next_item += run_some(k, way);
        if (way->next_item < way->end_item) {
            if (!run_into(k, way, clean))
                return;
            continue;
        }
        if (!npki_run_end(w))
            return;
        npki_order_grown(k, way);
        npki_order_close(k, way->value);
        k->depth--;
        clean = k->depth >= own ? k->depth : SIZE_MAX;
        own = k->depth < own ? k->depth : own;
    }
}
