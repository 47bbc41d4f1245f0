/* What is made and dropped: a call for the sake of what it does. It belongs to what lies under it, or to the document.
 *
 * CPython drops values in two other places, which are no events. An object that holds itself through its arguments is
 * made inside them, then once more, and dropped for the first (REDUCE POP GET); the parts of a tuple that holds itself
 * are dropped for the tuple that was made on the way. Modules/_pickle.c save_reduce(), save_tuple(). */
#include "reader/build.h"

#include "base/map.h"
#include "value/event.h"
#include "value/walk.h"

#include <string.h>

/* Where a value that may be needed yet was dropped. */
typedef struct dropped {
    npk_value *holder; /* of the event */
    size_t index;      /* of the event */
} dropped;

/* Whether anything happens when it is made: an import, a call, a look-up. Values without parts are only values. */
static bool does_something(const npk_value *value)
{
    return value->kind >= NPK_KIND_GLOBAL ||
           (value->kind >= NPK_KIND_TUPLE && (npki_count_of(value) > 0 || npki_events_of(value) != NULL));
}

/* The nearest value below that can be said to have been acted on; NULL for none. What an earlier pickle made stays as it is. Looks over
 * all of the stack together at no more values than the pickle has opcodes. */
static npk_value *holder_on_stack(npki_builder *b)
{
    for (size_t i = b->height; i-- > b->machine.floor && b->looked < b->doc->info.opcodes; b->looked++) {
        npk_kind kind = npk_value_kind(b->stack[i]);
        bool holds = kind == NPK_KIND_OBJECT || kind == NPK_KIND_LIST || kind == NPK_KIND_DICT || kind == NPK_KIND_SET;
        if (holds && !npki_earlier_has(&b->earlier, b->stack[i]))
            return b->stack[i];
    }
    return NULL;
}

npk_status npki_drop(npki_builder *b, npk_value *value)
{
    npk_value *holder = does_something(value) ? holder_on_stack(b) : NULL;
    npki_event_kind kind = holder != NULL ? NPKI_EVENT_CALL : NPKI_EVENT_BEFORE;
    bool placed = (value->flags & NPKI_PLACED) != 0;
    bool needed = placed || (value->flags & NPKI_IS_SHARED) != 0 || (value->history & NPKI_WAS_PUT) != 0;
    if (!does_something(value) || (placed && value->kind == NPK_KIND_GLOBAL))
        return NPK_OK;
    if (holder == NULL) {
        if (b->machine.before == NULL)
            b->machine.before = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
        holder = b->machine.before;
    }
    uint8_t flags = holder == NULL ? 0 : holder->flags;
    if (holder == NULL || !npki_event_drop(b->site.arena, holder, kind, value))
        return npki_site_full(&b->site);
    b->doc->drops = true;
    const dropped entry = {holder, npki_event_count(holder) - 1};
    if (needed && !npki_dynbuf_add(&b->dropped, &entry, sizeof entry))
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    b->last_drop = needed ? NULL : holder;
    b->last_drop_end = b->source->offset;
    b->last_drop_from = value == b->last_made ? b->last_made_from : NPKI_NOWHERE;
    npk_status status = npki_adopt(b, holder, &value, 1);
    holder->flags = flags | (holder->flags & (uint8_t)~NPKI_UNHASHABLE);
    return status;
}

/* --- made inside its own arguments --- */

#define PAIRS 32 /* that wait */

typedef struct pairs {
    const npk_value *at[PAIRS][2];
    size_t count;
    bool same;
} pairs;

static void want_same(pairs *p, const npk_value *a, const npk_value *b)
{
    if (a == b || !p->same)
        return;
    p->same = a != NULL && b != NULL && a->kind == b->kind && p->count < PAIRS;
    if (!p->same)
        return;
    p->at[p->count][0] = a;
    p->at[p->count++][1] = b;
}

static void want_same_call(pairs *p, const npki_object *a, const npki_object *b)
{
    p->same = p->same && a->construction == b->construction;
    want_same(p, a->callable, b->callable);
    want_same(p, a->args, b->args);
    want_same(p, a->kwargs, b->kwargs);
}

/* A text that is not decoded yet. */
static bool is_encoded(const npk_value *value)
{
    return value->kind >= NPK_KIND_STR && value->kind <= NPK_KIND_PYTHON2_STR && value->encoding != NPK_ENCODING_RAW;
}

static bool is_same_text(const npk_value *a, const npk_value *b)
{
    const char *left, *right;
    size_t left_size, right_size;
    if (is_encoded(a) && is_encoded(b))
        return a->encoding == b->encoding && a->u.encoded->size == b->u.encoded->size &&
               memcmp(a->u.encoded->bytes, b->u.encoded->bytes, (size_t)a->u.encoded->size) == 0;
    return npki_text_of(a, &left, &left_size) && npki_text_of(b, &right, &right_size) && left_size == right_size &&
           memcmp(left, right, left_size) == 0;
}

static bool is_same_global(const npki_global *a, const npki_global *b)
{
    return a->module_size == b->module_size && a->name_size == b->name_size &&
           memcmp(a->module, b->module, a->module_size) == 0 && memcmp(a->name, b->name, a->name_size) == 0;
}

static bool is_same_int(const npk_value *a, const npk_value *b)
{
    uint8_t left[8], right[8];
    size_t left_size, right_size;
    const uint8_t *of_a = npk_value_as_long(a, left, &left_size), *of_b = npk_value_as_long(b, right, &right_size);
    return left_size == right_size && memcmp(of_a, of_b, left_size) == 0;
}

/* Two values that are not one. */
static void look_at(pairs *p, const npk_value *a, const npk_value *b)
{
    switch ((npk_kind)a->kind) {
    case NPK_KIND_GLOBAL:
        p->same = is_same_global(a->u.global, b->u.global);
        return;
    case NPK_KIND_OBJECT:
        want_same_call(p, a->u.object, b->u.object);
        want_same(p, a->u.object->state, b->u.object->state);
        return;
    case NPK_KIND_TUPLE:
    case NPK_KIND_LIST:
    case NPK_KIND_DICT:
        p->same = npki_count_of(a) == npki_count_of(b);
        for (size_t i = 0; p->same && i < npki_count_of(a); i++)
            if (npki_item_of(a, i) != npki_item_of(b, i))
                want_same(p, npki_item_of(a, i), npki_item_of(b, i));
        return;
    case NPK_KIND_INT:
        p->same = is_same_int(a, b);
        return;
    case NPK_KIND_COMPLEX:
        p->same = memcmp(a->u.complex, b->u.complex, sizeof a->u.complex) == 0;
        return;
    case NPK_KIND_EXTENSION:
    case NPK_KIND_PERSID:
        want_same(p, a->u.id, b->u.id);
        return;
    case NPK_KIND_FLOAT:
        p->same = memcmp(&a->u.real, &b->u.real, sizeof a->u.real) == 0;
        return;
    default:
        p->same = is_same_text(a, b);
    }
}

/* What a pair costs to look at, in items or bytes. */
static uint64_t cost_of(const npk_value *value)
{
    if (npki_is_container(value))
        return 1 + npki_count_of(value);
    if (is_encoded(value))
        return 1 + value->u.encoded->size;
    return value->kind >= NPK_KIND_STR && value->kind <= NPK_KIND_PYTHON2_STR ? 1 + value->u.text.size : 1;
}

/* Whether two calls are the same one. All that are asked for together may cost as much as the input is long: then
 * they count as two, which they are as well. */
static bool is_same_call(npki_builder *b, const npki_object *left, const npki_object *right)
{
    pairs p = {.same = true};
    want_same_call(&p, left, right);
    while (p.same && p.count > 0) {
        p.count--;
        const npk_value *x = p.at[p.count][0], *y = p.at[p.count][1];
        b->compared += cost_of(x);
        if (b->compared > b->source->offset)
            return false;
        look_at(&p, x, y);
    }
    return p.same;
}

/* Whether a way leads from the parts of a call, which may be those of functools.partial, to a value. Where that takes longer than the input is long it is taken to be so. */
static npk_status holds(npki_builder *b, const npki_object *call, const npk_value *value, bool *out)
{
    const npk_value *const parts[3] = {call->args, call->callable, call->kwargs};
    const npk_value *part = NULL;
    npk_walk *walk = NULL;
    npk_status status = npk_walk_start(call->args, &b->doc->allocator, &walk, b->site.error);
    *out = false;
    for (size_t i = 0; i < 3 && parts[i] != NULL && status == NPK_OK && !*out; i++) {
        npki_walk_again(walk, parts[i]);
        do {
            status = npk_walk_next(walk, &part, b->site.error);
            *out = status == NPK_OK && part != NULL && (part == value || ++b->compared > b->source->offset);
        } while (status == NPK_OK && part != NULL && !*out);
    }
    npk_walk_free(walk);
    return status == NPK_OK ? NPK_OK : npki_site_place(&b->site, status);
}

npk_status npki_returned(npki_builder *b, npk_value *value, uint32_t *from)
{
    npk_value *holder = b->last_drop;
    if (holder == NULL || b->last_drop_end != b->site.offset)
        return NPK_OK;
    const npki_object *inner = npki_call_of(value);
    const npki_object *outer = npki_call_of(*npki_dropped_at(holder, npki_dropped_count(holder) - 1));
    b->last_drop = NULL;
    bool inside = inner != NULL && inner->offset - b->doc->info.offset > b->last_drop_from &&
                  !npki_earlier_has(&b->earlier, value);
    if (!inside || outer == NULL || !is_same_call(b, inner, outer))
        return NPK_OK;
    npk_status status = holds(b, outer, value, &inside);
    if (status != NPK_OK || !inside)
        return status;
    *from = b->last_drop_from;
    npki_event_undo(holder);
    return npki_event_add(b->site.arena, value, &(npki_event){.kind = NPKI_EVENT_RETURN, .call = outer})
               ? NPK_OK
               : npki_site_full(&b->site);
}

/* --- the end --- */

static dropped entry_of(const npki_builder *b, size_t index)
{
    dropped entry;
    memcpy(&entry, b->dropped.bytes + b->machine.first_dropped + index * sizeof entry, sizeof entry);
    return entry;
}

/* Where the value lies that an entry is about. */
static npk_value **place_of(const dropped *entry)
{
    return npki_dropped_at(entry->holder, (size_t)npki_event_of(entry->holder, entry->index).first);
}

#define WAS_MET 1

/* Walks on from a value, and notes which of the values that were dropped it meets. */
static npk_status meet(npk_walk *walk, const npk_value *from, npki_map *values, npk_error *error)
{
    const npk_value *value;
    npki_walk_again(walk, from);
    for (;;) {
        npk_status status = npk_walk_next(walk, &value, error);
        if (status != NPK_OK || value == NULL)
            return status;
        uint64_t *met = npki_map_get(values, (uint64_t)(uintptr_t)value);
        if (met != NULL)
            *met = WAS_MET;
    }
}

/* What the root, or what was dropped later, has somewhere was not dropped. `values`: those of the entries. */
static npk_status settle(npki_builder *b, const npk_value *root, size_t count, npk_value **values, npki_map *met)
{
    npk_walk *walk = NULL;
    bool added;
    for (size_t i = 0; i < count; i++) {
        dropped entry = entry_of(b, i);
        values[i] = *place_of(&entry);
        if (npki_map_put(met, (uint64_t)(uintptr_t)values[i], &added) == NULL)
            return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
        *place_of(&entry) = NULL; /* so that the walk does not go there */
    }
    npk_status status = npk_walk_start(root, &b->doc->allocator, &walk, b->site.error);
    if (status == NPK_OK)
        status = meet(walk, root, met, b->site.error);
    if (status == NPK_OK && b->machine.before != NULL)
        status = meet(walk, b->machine.before, met, b->site.error);
    for (size_t i = count; status == NPK_OK && i-- > 0;) {
        dropped entry = entry_of(b, i);
        uint64_t *is = npki_map_get(met, (uint64_t)(uintptr_t)values[i]);
        if (is == NULL || *is == WAS_MET) {
            npki_event_take_back(entry.holder, entry.index);
            continue;
        }
        *place_of(&entry) = values[i];
        status = meet(walk, values[i], met, b->site.error);
    }
    npk_walk_free(walk);
    for (size_t i = 0; i < count; i++)
        npki_events_tidy(entry_of(b, i).holder);
    return status == NPK_OK ? NPK_OK : npki_site_place(&b->site, status);
}

/* What belongs to no value goes to the root. */
static npk_status give_before(npki_builder *b, npk_value **root)
{
    const npk_value *before = b->machine.before;
    size_t count = before == NULL ? 0 : npki_dropped_count(before);
    if (count == 0)
        return NPK_OK;
    if (npki_earlier_has(&b->earlier, *root)) /* which has no place for it */
        return npki_refuse_earlier(b, *root);
    if (!npki_can_have_events(*root))
        *root = npki_with_events(b->site.arena, *root);
    if (*root == NULL)
        return npki_site_full(&b->site);
    uint8_t hashable = (*root)->flags & NPKI_UNHASHABLE;
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        npk_value *value = *npki_dropped_at(before, i);
        if (value != NULL && !npki_event_drop(b->site.arena, *root, NPKI_EVENT_BEFORE, value))
            status = npki_site_full(&b->site);
        else if (value != NULL)
            status = npki_adopt(b, *root, &value, 1);
    }
    (*root)->flags = (uint8_t)(((*root)->flags & ~NPKI_UNHASHABLE) | hashable);
    return status;
}

npk_status npki_settle(npki_builder *b, npk_value **root)
{
    size_t count = (b->dropped.size - b->machine.first_dropped) / sizeof(dropped);
    if (count > 0) {
        const npk_allocator *allocator = &b->doc->allocator;
        npk_value **values = npki_allocate(allocator, count * sizeof *values);
        npki_map met;
        npki_map_init(&met, allocator);
        npk_status status = values == NULL ? npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed")
                                           : settle(b, *root, count, values, &met);
        npki_map_free(&met);
        npki_free(allocator, values, count * sizeof *values);
        b->dropped.size = b->machine.first_dropped;
        if (status != NPK_OK)
            return status;
    }
    return give_before(b, root);
}
