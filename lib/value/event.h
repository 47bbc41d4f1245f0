/* What happened to a value after it was made, in order: its history. Where that is what a pickler does anyway (items,
 * keys, states), nothing is kept; the fields of the object say it. */
#ifndef NPKI_VALUE_EVENT_H
#define NPKI_VALUE_EVENT_H

#include "value/value.h"

typedef enum npki_event_kind {
    /* a value was made and dropped before this one was begun: of the root, for what belongs to none */
    NPKI_EVENT_BEFORE,
    NPKI_EVENT_ITEMS,  /* items were appended: those from `first` up to `end` */
    NPKI_EVENT_KEYS,   /* keys were set: likewise, in pairs */
    NPKI_EVENT_STATE,  /* a state: the object's for `first` 0, else the one of `later` before that */
    NPKI_EVENT_CALL,   /* a value was made and dropped: npki_events.calls[first]; of a container, after `end` items */
    NPKI_EVENT_RETURN, /* the object was made inside the arguments of `call`, which is the same call: REDUCE POP GET */
    NPKI_EVENT_NOTHING /* was taken back */
} npki_event_kind;

/* Whether an event of this kind adds to a container, or to what is added to an object. */
static inline bool npki_event_adds(npki_event_kind kind)
{
    return kind == NPKI_EVENT_ITEMS || kind == NPKI_EVENT_KEYS;
}

typedef struct npki_event {
    npki_event_kind kind;
    uint64_t first, end;
    uint64_t offset;         /* ITEMS, KEYS, STATE: of its opcode, or 0 where nobody can tell when it was */
    const npki_object *call; /* RETURN */
    /* ITEMS, KEYS: calls were made, or something grew late, while the items waited on the stack, to be added by one
     * opcode */
    bool at_once;
    bool apart;              /* ... and it does not go on from the batch before */
    /* ITEMS, KEYS, STATE: where the value came out of the memo, while something else had it and calls may have seen
     * that */
    bool elsewhere;
    /* ITEMS, KEYS: nothing was called between when something else had the container for the first time and this */
    bool unseen;
    /* the number of the CALL or BEFORE where it comes, for it does not where the value was made; 0: it does */
    uint32_t late;
    uint32_t number;         /* CALL, BEFORE: its own, if the value dropped has events there: */
    uint32_t late_first, late_end; /* those of this number between these */
} npki_event;

/* The same in half the room, as events are kept: a kind needs a part of it. */
typedef struct npki_kept_event {
    uint64_t kind : 3;
    uint64_t at_once : 1;
    uint64_t apart : 1;
    uint64_t elsewhere : 1;
    uint64_t unseen : 1;
    uint64_t first : 57;
    uint64_t end;
    union {
        uint64_t offset;         /* ITEMS, KEYS, STATE */
        const npki_object *call; /* RETURN */
        struct {
            uint32_t number, late_first; /* CALL, BEFORE */
        };
    };
    uint32_t late;
    /* CALL, BEFORE: as above. Of ITEMS, KEYS, STATE that come late, unless it is 0: up to there all have their place */
    uint32_t late_end;
} npki_kept_event;

struct npki_events {
    const npki_order *order; /* of their offsets */
    /* a list of the values that were dropped, or NULL; until npki_events_tidy NULL for one taken back */
    npk_value *calls;
    bool untidy;
    uint8_t run_kind; /* npki_event_kind: below */
    uint64_t after_items, after_keys; /* how many events end with the last of their kind; 0: there is none */
    uint64_t calls_after_items, calls_after_keys; /* those of CALL that come behind that */
    /* RETURNs: how many events end with the first and the last; of one its own `first` and `end` say it of those beside
     * it */
    uint64_t after_first_return, after_returns;
    /* Of `count` events `kept` are in `at`. The others, the last ones, are a run: CALLs or BEFOREs that come in order,
     * after `run_end` items each, of the last values in `calls`. */
    uint64_t count, kept, run_end;
    uint64_t room;
    npki_kept_event at[];
};

/* The events of a value that has other ones than those a pickler gives any, else NULL. */
static inline npki_events *npki_events_of(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT)
        return value->u.object->events;
    if (npki_is_container(value))
        return npki_items_events(value->u.items);
    if (value->kind == NPK_KIND_PERSID)
        return value->u.outside->events;
    return (value->history & NPKI_WAS_CALLED) != 0 ? ((const npki_called *)(const void *)value)->call->events : NULL;
}

/* All events of a value, kept or not. The kind of one past the end is NOTHING. */
size_t npki_event_count(const npk_value *value);
npki_event npki_event_of(const npk_value *value, size_t index);
static inline npki_event_kind npki_event_kind_of(const npk_value *value, size_t index)
{
    const npki_events *events = npki_events_of(value);
    if (events == NULL)
        return npki_event_of(value, index).kind;
    return index < events->kept ? (npki_event_kind)events->at[index].kind : npki_event_of(value, index).kind;
}

/* A RETURN of a value, the first or the last one, or that behind or before one: how many events end with it; 0 without
 * one. */
static inline size_t npki_first_return(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events == NULL ? 0 : (size_t)events->after_first_return;
}
static inline size_t npki_last_return(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events == NULL ? 0 : (size_t)events->after_returns;
}
static inline size_t npki_return_behind(const npk_value *value, size_t after)
{
    return (size_t)npki_events_of(value)->at[after - 1].end;
}
static inline size_t npki_return_before(const npk_value *value, size_t after)
{
    return (size_t)npki_events_of(value)->at[after - 1].first;
}

/* Values that were made and dropped; until npki_events_tidy some may be NULL. */
static inline size_t npki_dropped_count(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events == NULL || events->calls == NULL ? 0 : npki_count_of(events->calls);
}
static inline npk_value **npki_dropped_at(const npk_value *value, size_t index)
{
    return &npki_events_of(value)->calls->u.items->at[index];
}

/* Whether something was dropped over a value once it was there. */
bool npki_is_dropped_over(const npk_value *value);

/* Adds an event: false where the arena ends. Events that were not kept so far are. */
bool npki_event_add(npki_arena *arena, npk_value *value, const npki_event *event);

/* Adds an event of items or keys to an object, or a state, before its fields have it: kept only where it comes in
 * another order than items, keys, states, or its offset tells something. `call`: the offset of the last call before it;
 * 0: there was none. */
bool npki_event_note(npki_arena *arena, npk_value *value, const npki_event *event, uint64_t call);

/* The order of the offsets that a value and its events have; NULL: of none. */
const npki_order *npki_order_of(const npk_value *value);

/* Items or keys come to a list or dict that was referred to before. `call`: as above. */
bool npki_event_grow(npki_arena *arena, npk_value *container, const npki_order *order, npki_event event, uint64_t call);

/* Whether an event does not come where its value was made. */
static inline bool npki_event_is_late(const npk_value *value, size_t index)
{
    const npki_events *events = npki_events_of(value);
    return events != NULL && index < events->kept && events->at[index].late != 0;
}

/* How many of a value's events come late, and how many items these add. */
size_t npki_late_events(const npk_value *value, size_t *items);

/* --- late.c --- */

/* The first from `index` on, before `end`, of those that come late by this number; `end`: there is none. */
size_t npki_next_late(const npk_value *value, size_t index, size_t end, uint32_t number);

/* The events of `value` from an index on, but for those that have their place already, are those of the last event of
 * `holder`, by which it was dropped: it gets this number. Both have no run: npki_events_spell. */
void npki_events_are_late(npk_value *holder, const npk_value *value, size_t first, uint32_t number);

/* That last event is taken back. */
void npki_events_are_late_no_more(const npk_value *value, const npki_event *dropped);

/* --- event.c --- */

/* Adds the events that values were made and dropped, one after another: CALL or BEFORE. Returns the events, of which
 * they are the last; NULL where the arena ends. */
npki_events *npki_event_drop(npki_arena *arena, npk_value *value, npki_event_kind kind, npk_value *const *dropped,
                             size_t count);

/* The events of a value, of which there are some, become such as can be told from one another: there is no run any
 * more. False where the arena ends. */
bool npki_events_spell(npki_arena *arena, npk_value *value);

/* The same of one value, quickly, where it goes on from others that were dropped at the same place; false: it does not,
 * or there is no room for it. */
static inline bool npki_event_drop_on(npk_value *value, npki_event_kind kind, npk_value *dropped)
{
    npki_events *events = npki_events_of(value);
    if (events == NULL || events->kept == events->count || events->run_kind != kind)
        return false;
    npki_items *calls = events->calls->u.items;
    const bool grows = kind == NPKI_EVENT_CALL && value->kind >= NPK_KIND_LIST && value->kind <= NPK_KIND_SET;
    if (calls->count == calls->room || (grows && events->run_end != npki_count_of(value)))
        return false;
    calls->at[calls->count++] = dropped;
    events->count++;
    events->calls_after_items += kind == NPKI_EVENT_CALL;
    events->calls_after_keys += kind == NPKI_EVENT_CALL;
    return true;
}

/* The events of a value have this order, where none was known of them yet. */
void npki_events_are_of(npk_value *value, const npki_order *order);

/* Whether an edit has given up the order of a container's events: what is called over the container may lead back to it
 * then. */
static inline bool npki_events_are_moved(const npk_value *value)
{
    const npki_events *events = npki_is_container(value) ? npki_items_events(value->u.items) : NULL;
    return events != NULL && events->order != NULL && events->order->lost;
}

/* The same, of what was dropped over another value. */
bool npki_event_drop_also(npki_arena *arena, npk_value *value, const npki_event *like, npk_value *dropped);

/* Takes the last one of them back; takes back the one at `index`, which stays as NOTHING. */
void npki_event_undo(npk_value *value);
void npki_event_take_back(npk_value *value, size_t index);

/* Leaves out what was taken back. */
void npki_events_tidy(npk_value *value);

/* All events of a value that has been nothing but their place come after those of another that are not kept so far;
 * false where they are, or the arena ends. */
bool npki_events_move(npki_arena *arena, const npk_value *from, npk_value *to);

/* In `items`, of a container or of what was added to an object, `removed` have gone from `index` on, and `count` have
 * come: what was called between two of them still is. */
void npki_events_moved(npk_value *value, const npk_value *items, size_t index, size_t removed, size_t count);

/* An object has one state from here on, its new one: where the first was, else last. False where the arena ends. */
bool npki_event_new_state(npki_arena *arena, npk_value *value);

#endif
