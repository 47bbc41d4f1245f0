/* What is made and dropped: a call for the sake of what it does, or for something that refers to it later. It belongs
 * to what lies under it, or to the document.
 *
 * CPython drops values in two other places, which are no events. An object that holds itself through its arguments is
 * made inside them, then once more, and dropped for the first (REDUCE POP GET); the items of a tuple or frozenset that
 * holds itself are dropped for the one that was made on the way. Modules/_pickle.c save_reduce(), save_tuple(),
 * save_frozenset(). */
#include "reader/build.h"

#include "value/event.h"
#include "value/key.h"
#include "value/same.h"
#include "value/walk.h"

#include <string.h>

#define TOGETHER ((size_t)64) /* dropped values that are looked at in one go: as many as a cache has */

/* A value that a POP or POP_MARK has dropped. */
typedef struct dropped {
    const npk_value *value;
    npk_value *holder; /* of the event, its last one, or of POP_MARK one of its last ones; NULL: it is none */
    bool late;         /* it is not where it was made, but has had events here */
} dropped;

/* Whether anything happens when it is made: an import, a call, a look-up. Values without parts are only values. */
static bool does_something(const npk_value *value)
{
    return value->kind >= NPK_KIND_GLOBAL ||
           (value->kind >= NPK_KIND_TUPLE && (npki_count_of(value) > 0 || npki_events_of(value) != NULL));
}

/* Whether what is dropped over a value can belong to it, so that it comes after it again. `fetched`: npki_was_fetched */
static bool can_hold(npki_builder *b, const npk_value *value, size_t at, size_t *fetched)
{
    const npk_kind kind = value->kind;
    const bool whole = kind == NPK_KIND_TUPLE || kind == NPK_KIND_FROZENSET;
    if (whole ? npki_count_of(value) == 0
              : kind != NPK_KIND_OBJECT && kind != NPK_KIND_PERSID && !npki_is_container(value))
        return false;
    /* what an earlier pickle made stays as it is */
    return !(*fetched > 0 && npki_was_fetched(b, value, at, fetched)) && !npki_earlier_has(&b->earlier, value);
}

/* The nearest value below that can; NULL for none. Looks over all of the stack together at no more values than the
 * pickle has opcodes. */
static npk_value *holder_on_stack(npki_builder *b)
{
    size_t fetched = b->fetched.size > 0 ? npki_first_fetched(b, b->height) : 0;
    for (size_t i = b->height; i-- > b->machine.floor && b->looked < b->doc->info.opcodes; b->looked++)
        if (can_hold(b, b->stack[i], i, &fetched))
            return b->stack[i];
    return NULL;
}

/* What is dropped now belongs to a value on the stack, or to the document. NULL where the arena ends. */
static npk_value *find_holder(npki_builder *b)
{
    npk_value *holder = holder_on_stack(b);
    if (holder != NULL)
        return holder;
    if (b->machine.before == NULL)
        b->machine.before = npki_value_new(b->site.arena, NPK_KIND_TUPLE);
    return b->machine.before;
}

/* What may be looked at behind it: a value that comes out of the memo, and what is dropped before that. */
static const bool looks_back[UINT8_MAX + 1] = {
    [NPKI_BYTE_POP] = true,    [NPKI_BYTE_POP_MARK] = true,    [NPKI_BYTE_GET] = true,
    [NPKI_BYTE_BINGET] = true, [NPKI_BYTE_LONG_BINGET] = true,
};

/* Whether to note what is dropped now. Where the next opcode is not at hand, it may be any. */
static bool is_noted(npki_builder *b)
{
    const npki_source *source = b->source;
    const bool noted = source->at == source->end || looks_back[source->at[0]];
    b->dropped.size = noted ? b->dropped.size : 0;
    return noted;
}

/* What was dropped before counts no more, but for what POPs just before have dropped. */
static void begin_noting(npki_builder *b)
{
    if (b->last_drop_end != b->site.offset && b->last_drop_end != b->source->offset)
        b->dropped.size = 0;
    b->last_drop_end = b->source->offset;
}

static uint32_t made_from(const npki_builder *b, const npk_value *value)
{
    return value == b->last_made ? b->last_made_from : NPKI_NOWHERE;
}

/* One of those that POPs one after another have dropped. */
static npk_status note_dropped(npki_builder *b, const npk_value *value, npk_value *holder, bool late)
{
    const dropped entry = {.value = value, .holder = holder, .late = late};
    begin_noting(b);
    b->last_drop = holder;
    b->last_drop_from = made_from(b, value);
    b->dropped_together = 1;
    return npki_dynbuf_add(&b->dropped, &entry, sizeof entry)
               ? NPK_OK
               : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

/* Room for those that are on top of the stack, the last one first. NULL without memory. */
static dropped *note_many(npki_builder *b, size_t count)
{
    begin_noting(b);
    b->last_drop_from = made_from(b, b->stack[b->height - count]);
    dropped *entries = (dropped *)(void *)npki_dynbuf_room(&b->dropped, count * sizeof *entries);
    b->dropped.size += entries == NULL ? 0 : count * sizeof *entries;
    return entries;
}

/* Whether a copy of it is no event, as it is noted that it was fetched. */
static bool is_noted_as_copy(const npk_value *value)
{
    return npki_is_container(value) || value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_PERSID;
}

/* Whether nothing but a DUP has given it out, by which its copies lie above it: so they are gone, or go with it, and
 * nothing has happened to any of them where it lay. */
static bool has_gone(const npki_builder *b, const npk_value *value)
{
    return (value->flags & NPKI_PLACED) == 0 && (value->history & NPKI_WAS_PUT) == 0 && b->last_late == 0 &&
           b->given_count == 0 && !b->keeps_malformed;
}

/* What may turn out to be part of the graph. */
static inline bool is_kept(const npki_builder *b, const npk_value *value)
{
    const bool known = (value->flags & (NPKI_PLACED | NPKI_IS_SHARED)) != 0 || (value->history & NPKI_WAS_PUT) != 0;
    return known && !(is_noted_as_copy(value) && has_gone(b, value));
}

/* ... of what is dropped with all of its copies. */
static inline bool is_kept_of_many(const npki_builder *b, const npk_value *value)
{
    return is_kept(b, value) && !(value->kind == NPK_KIND_EXTENSION && has_gone(b, value));
}

static npk_status need(npki_builder *b, npk_value *holder, size_t index)
{
    const npki_needed entry = {holder, index};
    return npki_dynbuf_add(&b->needed, &entry, sizeof entry)
               ? NPK_OK
               : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

/* Those of the holder's last events, of these values, that may. Before it holds them: then something has each. */
static npk_status add_needed(npki_builder *b, npk_value *holder, npk_value *const *values, size_t count)
{
    const size_t first = npki_event_count(holder) - count;
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < count; i++)
        status = is_kept_of_many(b, values[i]) ? need(b, holder, first + i) : NPK_OK;
    return status;
}

/* As npki_adopt; whether it is a key stays as it is. */
static npk_status hold(npki_builder *b, npk_value *holder, npk_value *const *values, size_t count)
{
    npk_value *deepest = values[0];
    for (size_t i = 0; i < count; i++) {
        deepest = values[i]->depth > deepest->depth ? values[i] : deepest;
        if ((values[i]->flags & (NPKI_IS_SHARED_ATOM | NPKI_PLACED)) == 0)
            values[i]->flags |= NPKI_PLACED;
    }
    if (deepest->depth < holder->depth && holder->depth <= b->limits.depth)
        return NPK_OK;
    const uint8_t hashable = holder->flags & NPKI_UNHASHABLE;
    npk_status status = npki_adopt(b, holder, &deepest, 1);
    holder->flags = (uint8_t)((holder->flags & ~NPKI_UNHASHABLE) | hashable);
    return status;
}

/* Events of the holder: of the values, which have been made one after another; from one on they may be needed. */
static npk_status add_events(npki_builder *b, npk_value *holder, npk_value *const *values, size_t count, size_t needed)
{
    const npki_event_kind kind = holder != b->machine.before ? NPKI_EVENT_CALL : NPKI_EVENT_BEFORE;
    npki_events *events = holder == NULL ? NULL : npki_event_drop(b->site.arena, holder, kind, values, count);
    if (events == NULL)
        return npki_site_full(&b->site);
    b->doc->drops = true;
    if (events->order == NULL && npki_is_container(holder))
        events->order = b->order;
    npk_status status = needed < count ? add_needed(b, holder, values + needed, count - needed) : NPK_OK;
    return status == NPK_OK ? hold(b, holder, values, count) : status;
}

/* The same of one alone. Where its holder has more than one it knows the rest already. */
static npk_status add_event(npki_builder *b, npk_value *holder, npk_value *value, bool called)
{
    const bool kept = is_kept(b, value);
    const npki_event_kind kind = holder != b->machine.before ? NPKI_EVENT_CALL : NPKI_EVENT_BEFORE;
    if (kept || holder == NULL || value->depth >= holder->depth || holder->depth > b->limits.depth ||
        !npki_event_drop_on(holder, kind, value)) {
        npk_status status = add_events(b, holder, &value, 1, 1);
        return status == NPK_OK && kept && !called ? need(b, holder, npki_event_count(holder) - 1) : status;
    }
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0)
        value->flags |= NPKI_PLACED;
    return NPK_OK;
}

/* The event of one that is not where it was made, but has had events here. */
static npk_status add_late(npki_builder *b, npk_value *holder, npk_value *value, uint32_t from)
{
    npk_status status = add_events(b, holder, &value, 1, 1);
    if (status != NPK_OK)
        return status;
    if (!npki_events_spell(b->site.arena, holder) || !npki_events_spell(b->site.arena, value))
        return npki_site_full(&b->site);
    npki_events_are_late(holder, value, from, ++b->late);
    return NPK_OK;
}

static bool is_name(const npk_value *value)
{
    return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_MALFORMED;
}

/* Whether that a value is dropped is an event. `from`: npki_late_from. `outside`: it is none if something else has the
 * value. */
static bool is_event(const npk_value *value, const uint32_t *from, bool outside)
{
    if (from != NULL)
        return *from != NPKI_NOT_LATE;
    return does_something(value) && (!outside || (value->flags & NPKI_PLACED) == 0);
}

npk_status npki_drop(npki_builder *b, npk_value *value)
{
    const uint32_t *from = npki_late_from(b, value, b->height);
    const bool outside = is_name(value) || (value->kind == NPK_KIND_PERSID &&
                                            npki_events_of(value) == NULL); /* it is in what was dropped before */
    const bool event = is_event(value, from, outside), late = event && from != NULL;
    const bool called = !late && npki_calls_go(b);
    npk_value *holder = event ? find_holder(b) : NULL;
    npk_status status = !event ? NPK_OK
                        : late ? add_late(b, holder, value, *from)
                               : add_event(b, holder, value, called);
    return status == NPK_OK && is_noted(b) ? note_dropped(b, value, holder, late) : status;
}

/* The items above it may have been dropped for the tuple that comes next; an object that comes next was not made by
 * what was. */
void npki_pop_mark(npki_builder *b)
{
    b->mark_count--;
    if (b->last_drop_end == b->site.offset)
        b->last_drop_end = b->source->offset;
    b->last_drop_from = NPKI_NOWHERE;
}

/* Values that are dropped together. */
typedef struct together {
    npk_value *holder; /* of their events; NULL: there was none yet */
    dropped *notes;    /* of all, the last one first; NULL: none are wanted */
    size_t end;        /* a place on the stack, behind the last one */
    size_t called;     /* nothing was called for those from here on */
    size_t fetched;    /* npki_late_behind */
} together;

/* Whether an extension that nothing was called for goes with its copy right above it, which stays an event. */
static bool is_copied(const npki_builder *b, const together *t, size_t at)
{
    const npk_value *value = b->stack[at];
    return value->kind == NPK_KIND_EXTENSION && at >= t->called && at + 1 < t->end && b->stack[at + 1] == value &&
           has_gone(b, value);
}

/* What is dropped at this place belongs to their holder. */
static void note_holder(npki_builder *b, together *t, size_t at, bool late)
{
    t->holder = t->holder != NULL ? t->holder : find_holder(b);
    if (t->notes != NULL) {
        t->notes[t->end - 1 - at].holder = t->holder;
        t->notes[t->end - 1 - at].late = late;
    }
}

/* The events of those from a place on that have events like one another. A name is looked at once those before it have
 * theirs: it may be one of them. *at: becomes that behind them. */
static npk_status drop_some(npki_builder *b, together *t, size_t *at)
{
    npk_value *values[TOGETHER], *const *const stack = b->stack;
    const size_t end = t->end, called_end = t->called;
    const bool fetched = b->fetched.size > 0;
    const uint32_t *from = NULL;
    size_t count = 0, called = 0, i = *at;
    bool kept = false;
    for (; i < end && count < TOGETHER; i++) {
        npk_value *value = stack[i];
        const bool name = is_name(value);
        if (name && count > 0)
            break;
        from = fetched ? npki_late_behind(b, value, i, &t->fetched) : NULL;
        if (!is_event(value, from, name) || is_copied(b, t, i))
            continue;
        if (from != NULL && count > 0)
            break;
        if (t->holder == NULL || t->notes != NULL)
            note_holder(b, t, i, from != NULL);
        if (from != NULL)
            break;
        kept = kept || is_kept_of_many(b, value);
        called += i < called_end;
        values[count++] = value;
    }
    const bool late = count == 0 && i < end && from != NULL;
    *at = late ? i + 1 : i;
    if (late)
        return add_late(b, t->holder, stack[i], *from);
    return count > 0 ? add_events(b, t->holder, values, count, kept ? called : count) : NPK_OK;
}

/* None of them lies under another any more: they belong to what lies under all of them, in the order in which they were
 * made. */
static npk_status drop_all(npki_builder *b, size_t from)
{
    const npki_places *last = npki_last_of(&b->called, sizeof *last);
    together t = {.end = b->height, .called = last != NULL ? last->end : 0};
    const size_t count = t.end - from;
    npk_status status = NPK_OK;
    if (is_noted(b) && (t.notes = note_many(b, count)) == NULL)
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    for (size_t i = 0; t.notes != NULL && i < count; i++)
        t.notes[i] = (dropped){.value = b->stack[t.end - 1 - i]};
    const bool any = npki_calls_end(b, from);
    t.fetched = b->fetched.size > 0 ? npki_first_fetched(b, from) : 0;
    b->height = from;
    for (size_t at = from; status == NPK_OK && at < t.end;)
        status = drop_some(b, &t, &at);
    b->last_drop = count == 1 ? t.holder : NULL; /* else its last event need not be that of what was dropped last */
    b->dropped_together = count;
    return status != NPK_OK || !any || npki_calls_below(b) ? status
                                                           : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

/* All from a height on, which have been on the stack since `since`, or longer. What was fetched and changed among them
 * knows by what it lies over when that was. */
static npk_status drop_from(npki_builder *b, size_t height, uint32_t since)
{
    npk_status status = NPK_OK;
    if (b->last_late <= since && b->height > height)
        return drop_all(b, height);
    while (status == NPK_OK && b->height > height)
        status = npki_drop(b, b->stack[--b->height]);
    return status;
}

npk_status npki_drop_marked(npki_builder *b)
{
    const npki_stack_mark mark = b->marks[b->mark_count - 1];
    return drop_from(b, mark.height, mark.from);
}

npk_status npki_drop_many(npki_builder *b, size_t count)
{
    return drop_from(b, b->height - count, 0);
}

/* --- made inside its own arguments --- */

/* The one that was dropped so many before the last one of those that were dropped just before. */
static dropped last_dropped(const npki_builder *b, size_t before_it)
{
    return *((const dropped *)(const void *)(b->dropped.bytes + b->dropped.size) - 1 - before_it);
}

/* How many of the items that were dropped before this one were over it. */
static size_t items_over(const npki_builder *b, const npk_value *gone, size_t item, size_t count)
{
    size_t over = 0;
    for (size_t i = item + 1; i < count; i++) {
        const npk_value *holder = last_dropped(b, i).holder;
        if (holder != NULL && holder != gone)
            break;
        over += holder == gone;
    }
    return over;
}

/* Whether two persistent ids may be one that was looked up twice: texts and numbers tell. Where to compare them takes
 * longer than the input is long they may be. */
static bool may_be_same_id(npki_builder *b, const npk_value *id, const npk_value *other)
{
    const char *text;
    size_t size = 0;
    if (id == other || (id->kind >= NPK_KIND_TUPLE && other->kind >= NPK_KIND_TUPLE))
        return true;
    if (id->kind != other->kind) /* True and 1 are one key, and two ids */
        return false;
    (void)npki_text_of(id, &text, &size);
    b->compared += 1 + size / 64;
    return b->compared > b->source->offset || npki_is_same_key(id, other);
}

/* Whether two that are malformed may be one that was made twice. */
static bool may_be_same_malformed(npki_builder *b, const npki_malformed *one, const npki_malformed *other)
{
    const npki_object left = {.args = one->args}, right = {.args = other->args};
    return one->row == other->row && one->raw_size == other->raw_size &&
           (one->raw_size == 0 || memcmp(one->raw, other->raw, one->raw_size) == 0) &&
           npki_is_same_call(&left, &right, &b->compared, b->source->offset);
}

/* Whether what was dropped may have been made anew for an item of a tuple with so many: it is of its kind, there is
 * nothing in it, and nothing has happened to it but that the items behind it were dropped. */
static bool is_as_good(npki_builder *b, const npk_value *gone, const npk_value *item, size_t index, size_t count)
{
    if (item->kind != gone->kind || gone->kind == NPK_KIND_OBJECT ||
        (npki_is_container(gone) && npki_count_of(gone) > 0))
        return false;
    if (item->kind == NPK_KIND_MALFORMED && !may_be_same_malformed(b, item->u.malformed, gone->u.malformed))
        return false;
    if (item->kind == NPK_KIND_PERSID && !may_be_same_id(b, item->u.id, gone->u.id))
        return false;
    return npki_events_of(gone) == NULL || npki_event_count(gone) == items_over(b, gone, index, count);
}

/* Whether what was dropped last, the last item first, are those of the tuple or frozenset. What has no number is made
 * anew. */
static bool are_items(npki_builder *b, const npk_value *value)
{
    const size_t count = npki_is_container(value) ? npki_count_of(value) : 0;
    if ((value->kind != NPK_KIND_TUPLE && value->kind != NPK_KIND_FROZENSET) ||
        count > b->dropped.size / sizeof(dropped))
        return false;
    if (b->dropped_together > 1 && count < b->dropped_together) /* of a POP_MARK all or none */
        return false;
    for (size_t i = 0; i < count; i++) {
        const npk_value *item = npki_item_of(value, i), *gone = last_dropped(b, i).value;
        if (last_dropped(b, i).late || (item != gone && !is_as_good(b, gone, item, i, count)))
            return false;
    }
    return true;
}

/* Whether a way leads from one of these to a value. Where that takes longer than the input is long it is taken to be
 * so. */
static npk_status lead_to(npki_builder *b, npk_value *const *parts, size_t count, const npk_value *value, bool *out)
{
    const npk_value *part = NULL;
    npk_walk *walk = NULL;
    npk_status status = npk_walk_start(value, &b->doc->allocator, &walk, b->site.error);
    *out = false;
    for (size_t i = 0; i < count && status == NPK_OK && !*out; i++) {
        if (parts[i] == NULL)
            continue;
        npki_walk_again(walk, parts[i]);
        do {
            status = npk_walk_next(walk, &part, b->site.error);
            *out = status == NPK_OK && part != NULL && (part == value || ++b->compared > b->source->offset);
        } while (status == NPK_OK && part != NULL && !*out);
    }
    npk_walk_free(walk);
    return status == NPK_OK ? NPK_OK : npki_site_place(&b->site, status);
}

/* The same call was dropped before its object came back, without a number of its own. */
static npk_status return_object(npki_builder *b, npk_value *value, uint32_t *from)
{
    npk_value *holder = b->last_drop;
    const npki_object *inner = npki_call_of(value), *outer = npki_call_of(last_dropped(b, 0).value);
    bool inside = inner != NULL && inner != outer && inner->offset - b->doc->info.offset > b->last_drop_from &&
                  !npki_earlier_has(&b->earlier, value);
    if (!inside || outer == NULL || holder == NULL || (last_dropped(b, 0).value->history & NPKI_WAS_PUT) != 0 ||
        npki_dropped_count(last_dropped(b, 0).value) > 0 ||
        !npki_is_same_call(inner, outer, &b->compared, b->source->offset))
        return NPK_OK;
    npk_value *const parts[] = {outer->args, outer->callable, outer->kwargs}; /* of functools.partial, perhaps */
    npk_status status = lead_to(b, parts, sizeof parts / sizeof *parts, value, &inside);
    if (status != NPK_OK || !inside)
        return status;
    *from = b->last_drop_from;
    npki_event_undo(holder);
    b->doc->returns = true;
    if (!npki_calls_return(b) ||
        !npki_event_add(b->site.arena, value, &(npki_event){.kind = NPKI_EVENT_RETURN, .call = outer}))
        return npki_site_full(&b->site);
    npki_events_are_of(value, b->order);
    return NPK_OK;
}

/* The last event, of an item. */
static void undo(npki_builder *b, npk_value *holder)
{
    const npki_needed event = {holder, npki_event_count(holder) - 1};
    npki_needed last = {NULL, 0};
    if (b->needed.size > b->machine.first_needed)
        memcpy(&last, b->needed.bytes + b->needed.size - sizeof last, sizeof last);
    if (last.holder == event.holder && last.index == event.index)
        b->needed.size -= sizeof last;
    npki_event_undo(holder);
}

/* What was dropped is an item that was written twice. A persistent id was looked up each time, and will be: in no
 * order. */
static void leave_item(npki_builder *b, npk_value *item, dropped gone)
{
    if (gone.holder != NULL)
        undo(b, gone.holder);
    if (item != gone.value && item->kind == NPK_KIND_PERSID)
        item->u.outside->looked_up.order = NULL;
}

/* Whether what was dropped last was dropped for a tuple or frozenset that holds itself: if it was an event, that counts
 * no more. */
static npk_status is_made_inside(npki_builder *b, const npk_value *value, bool *out)
{
    const size_t count = npki_is_container(value) ? npki_count_of(value) : 0;
    bool event = false;
    *out = are_items(b, value);
    for (size_t i = 0; *out && !event && i < count; i++)
        event = last_dropped(b, i).holder != NULL;
    return event ? lead_to(b, value->u.items->at, count, value, out) : NPK_OK;
}

npk_status npki_returned(npki_builder *b, npk_value *value, uint32_t *from, bool *made)
{
    const uint32_t here = *from;
    bool inside = false;
    npk_status status = b->last_drop_end == b->site.offset ? is_made_inside(b, value, &inside) : NPK_OK;
    if (status == NPK_OK && inside) {
        for (size_t i = 0; i < npki_count_of(value); i++)
            leave_item(b, npki_item_of(value, i), last_dropped(b, i));
        *made = true;
        status = npki_calls_return(b) ? NPK_OK : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    } else if (status == NPK_OK && b->last_drop_end == b->site.offset) {
        status = return_object(b, value, from);
        *made = *from != here;
    }
    b->dropped.size = 0;
    return status;
}
