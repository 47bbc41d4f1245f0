/* The way down to the value at hand. */
#ifndef NPKI_WRITER_GRAPH_WALK_H
#define NPKI_WRITER_GRAPH_WALK_H

#include "base/dynbuf.h"
#include "base/siphash.h"
#include "known/known.h"
#include "value/event.h"
#include "writer/graph/graph.h"

/* A container or call on the way down, or a value that is dropped, and what of it comes next. */
typedef struct npki_stop {
    const npk_value *value;
    const npki_object *call; /* the call that makes it, or NULL */
    npki_spelled spelled;    /* the call, at the writer's protocol */
    size_t next;             /* of a call 1 once it is written; of a value that is dropped likewise */
    const npki_items *items; /* of a container, or what is added to an object, at `next_item` */
    size_t next_item, end_item;
    size_t grown;       /* those below it are in it, and npki_order_grown knows it */
    npki_making making; /* of an object */
    size_t event, end_event;
    /* those below it have been made, and those up to the other are, as they have to be before any is added */
    size_t made_item, made_end;
    bool dropped;    /* nothing but this value, which is dropped then */
    bool made_there; /* ... and does not come out of the memo */
    bool written;    /* the event before, once the step at hand has ended */
    bool once;       /* an object is not called once more, if it is made inside its own arguments */
    uint32_t number; /* of the event by which it is dropped */
    int64_t from;    /* the first number in the memo that it, or what it is made of, may have */
    size_t late;    /* events that it has there, as far as they are written */
    /* a list or dict that has all its items, or as many as in its pickle, while a call is written that was dropped over
     * it */
    bool whole;
    bool comes_again; /* ... and is an item of what it was made over */
    bool again;       /* it may be made once more inside itself */
    bool called_over; /* a tuple or frozenset, over which something is dropped once it is made */
    bool by_call;   /* a set, that a call makes; what comes to it later is given to others */
    bool over;      /* something is dropped over it once it is made: npki_order_over */
    bool in_call;   /* ... in the list of which the walk is: up to `call_end` */
    bool adds_by_call;
    size_t call_end;
    /* of something malformed: what stands before the next operand, or a later one */
    const npki_malformed_spelling *spelling;
    npki_role role;  /* of the strings in it */
    uint32_t serial; /* of all stops of the walk, in the order in which it came to them, from 1 on: npki_next_serial */
} npki_stop;

/* What keys are equal to, here and in the target, of those that are shared; by npki_key of their role. */
typedef struct npki_keys {
    bool asked;      /* keys may become equal */
    bool of_strings; /* also by what becomes of strings */
    npki_map here, there;
    npki_hash_key by;
} npki_keys;

#define NPKI_GONE 4 /* values that were dropped one after another, as far as they are looked at */

/* What was made and dropped last, for what that does. */
typedef struct npki_gone {
    const npk_value *values[NPKI_GONE]; /* the last are `count`, that at `count` - 1 by the rest of a division */
    uint64_t count;
    const npki_object *call; /* NULL: there is none, or it has a number */
    int64_t from;            /* the first number in the memo of what was made for it */
    uint64_t called, end;    /* the ends of the last call of all, and of the POP */
    uint64_t compared;       /* with others, of all: what that cost */
} npki_gone;

/* What of the order of a pickle is to be kept: order.c. */
typedef struct npki_order_kept {
    const npki_order *order; /* of the last call */
    uint64_t last;           /* its offset */
    bool called;             /* something has been called by now, or looked up */
    npki_map others;         /* address of another order -> the offset of its last call */
    npki_map open;           /* address of a list or dict -> 1 + its place on the way; 0 when it was left */
    size_t open_count;
    /* the outermost of those, referred to though its pickle did so only when it was whole; or NULL */
    const npk_value *early;
    uint64_t early_at;
    npki_map waiting; /* address of a value -> whether something is to happen to it late */
    size_t waiting_count;
    npki_map taken; /* address of what can grow, and a call took the items of -> 1 */
    npki_gone gone;
    npki_map drops; /* address of what something was dropped over that was made there -> 1 */
    /* of a part of a document, and of what comes late: address of a value -> 1 + the index of its last event */
    npki_map happened;
    const npki_order *proved; /* of a document that was edited, and has to be proved; or NULL */
    npki_map over;  /* address of what something is dropped over once it is made -> how often it is being made */
} npki_order_kept;

/* Where things are on the way, so that nobody looks through all of it: way.c, stays.c. */
typedef struct npki_way_index {
    npki_map places;  /* address of a value -> 1 + the place of its innermost stop, or 0 */
    npki_dynbuf known; /* the stops, from the outermost on, that `places` has */
    /* address of a dtype that may get its own state yet -> `serial` of the outermost that has it as an item */
    npki_map holders;
} npki_way_index;

typedef struct npki_walk {
    npk_writer *w;
    npki_stop *ways;
    size_t depth, room;
    uint32_t last_serial;
    npki_way_index *index;
    npki_keys keys;
    npki_order_kept kept;
    npki_left_out left_before; /* the writer's, before the walk */
    npki_around left;          /* what lay around it when it left something out: the nearest last */
} npki_walk;

/* Of a value that comes next: python2.c. */
npki_role npki_role_at(const npki_walk *k, const npk_value *value);

/* A container is written in a role, and may come again; it comes again: an error if its strings would be others in the
 * role that it has now. */
void npki_keep_role(npki_walk *k, const npk_value *value, npki_role role);
void npki_check_role(npki_walk *k, const npk_value *value);

/* --- keys.c --- */

void npki_start_keys(npki_walk *k);
void npki_end_keys(npki_walk *k);

/* Whether keys of a dict, or items of a set, may become equal to one another; then: an error if two of them are one in
 * the target, but not here. */
bool npki_has_keys_to_check(const npki_walk *k, const npk_value *value);
void npki_check_keys(npki_walk *k, const npk_value *value);
/* Items of an entry: a dict has a key and a value. */
static inline size_t npki_items_per_entry(const npk_value *container)
{
    return container->kind == NPK_KIND_DICT ? 2 : 1;
}

/* --- way.c --- */

/* The parts of a value come next, or those of a call. NULL: no memory, and the writer's error. */
npki_stop *npki_walk_push(npki_walk *k, const npk_value *value, const npki_object *call);

/* Where a value is being written, the innermost; NULL: it is not. */
const npki_stop *npki_way_of(const npki_walk *k, const npk_value *value);

/* The stop of a serial; NULL: the walk has left it, or has come to more than can be told from one another. */
const npki_stop *npki_way_by_serial(const npki_walk *k, uint64_t serial);
static inline uint32_t npki_next_serial(npki_walk *k)
{
    k->last_serial += k->last_serial < UINT32_MAX;
    return k->last_serial;
}

void npki_start_ways(npki_walk *k);
void npki_end_ways(npki_walk *k);

/* --- begin.c --- */

/* A value is written as far as it has no parts. */
void npki_walk_begin(npki_walk *k, const npk_value *value);

/* The value at hand, while the byte to be watched is not written yet. After it the writer's error is NPK_ERR_IO: nobody
 * wants the rest. */
void npki_walk_watch(npki_walk *k, const npk_value *value);

/* --- refused.c --- */

/* If something was left out just now, that was at this value (NULL: at that which the walk is in). */
void npki_walk_keep_left(npki_walk *k, const npk_value *value);
static inline void npki_walk_note_left(npki_walk *k, const npk_value *value)
{
    if (k->w->left_out != k->left_before)
        npki_walk_keep_left(k, value);
}

/* --- stays.c --- */

/* An item of a container is begun. */
void npki_note_holder(npki_walk *k, const npki_stop *way, const npk_value *dtype);
static inline void npki_note_item(npki_walk *k, const npki_stop *way, const npk_value *item)
{
    if (npki_is_open_dtype(item))
        npki_note_holder(k, way, item);
}

/* Before its parts, of a call that npickle knows and that stays one. Made already, by what is dropped over its
 * arguments, it would be known there: nothing has been dropped over them yet. An error if it would not stay one. */
void npki_check_stays(npki_walk *k, npki_stop *way);

/* All parts of a call are written: an error if it was to stay one for what was dropped over its arguments, and that
 * came out of the memo there. */
void npki_check_stayed(npki_walk *k, const npki_stop *way);

/* The values that the walk is in, the nearest last. */
void npki_walk_around(const npki_walk *k, npki_around *out);

/* --- step.c --- */

/* The next step of the value that the walk is in. */
void npki_walk_step(npki_walk *k);

/* A value for the sake of what it does, while another is at hand, and of what happens to it there: `event`, or NULL. */
bool npki_walk_drop(npki_walk *k, const npk_value *value, const npki_event *event);

/* --- malformed.c --- */

/* What is malformed, so deep in the graph, as it was in its pickle: whether it has operands, which come first; else all
 * of it is written, or the error says why it can't be. What stands before the next one, and that; NULL where all of it
 * is written. */
bool npki_has_operands(npk_writer *w, size_t depth, const npk_value *malformed);
const npk_value *npki_next_operand(npk_writer *w, npki_stop *way);

/* --- order.c --- */

void npki_order_begin(npki_walk *k);
void npki_order_end(npki_walk *k);

/* An opcode was written that calls something. An error where it comes too late, or could see what is not whole. */
void npki_in_order(npki_walk *k, const npk_value *value, const npki_order *order, uint64_t offset);

/* ... as it looks up a persistent id. */
void npki_looked_up(npki_walk *k, const npk_value *persid);

/* The object of a call is there, again or for the first time: an error for one that its pickle made inside its own
 * arguments before. */
void npki_made_inside(npki_walk *k, const npki_stop *way, bool again);

/* Whether an object is called once in its pickle, and so is not to be called twice: an edit may have the walk come to
 * it first where its arguments lead back to it. Then no call is made after them. */
bool npki_order_once(const npki_walk *k, const npki_stop *way);
void npki_order_not_called(npki_walk *k, const npki_stop *way);

/* A state of an object comes next, an event of it: an error where, after an edit, the object would be given more or
 * less of it than in its pickle. */
void npki_order_give(npki_walk *k, const npki_stop *way, const npki_event *event);

/* An event of a value, by its index, has been written. Whether one that comes late has. */
void npki_in_place(npki_walk *k, const npk_value *value, size_t index);
bool npki_order_has_happened(const npki_walk *k, const npk_value *value, size_t index);

/* Whether a reader knows that what has come to it late did so: only where something had been called before. */
bool npki_order_was_seen(const npki_walk *k, const npk_value *value);

/* The opcode of a call is written, and its number. What was dropped for what it does ends, with POP. Whether a value
 * that was written before, and comes next, would be taken for that: it was made inside the arguments of the same call
 * (REDUCE POP GET), or is a tuple that holds itself, of which the items that were dropped may be. */
void npki_order_called(npki_walk *k, const npki_object *call);
void npki_order_drop(npki_walk *k, const npki_stop *way);

/* The value that the walk is about to drop, over the one that it was in before: made there, unless it comes out of the
 * memo. Whether one was. */
void npki_order_drops(npki_walk *k, npki_stop *way);
bool npki_order_has_dropped(const npki_walk *k, const npk_value *over);
bool npki_order_returns(npki_walk *k, const npk_value *value);

/* A call has taken what its arguments hold by then; items have come to a value: an error where such a call has taken it
 * without these. */
void npki_order_take(npki_walk *k, const npki_object *call);
void npki_order_check_grown(npki_walk *k, const npki_stop *way);
static inline void npki_order_grown(npki_walk *k, npki_stop *way)
{
    if (k->kept.taken.count > 0 && way->next_item > way->grown)
        npki_order_check_grown(k, way);
    way->grown = way->next_item;
}

/* What something is dropped over once it is made is begun, or a call that stays one, and whether that was so already: a
 * tuple that holds itself, or a set by a call, is made twice, and it is the outer one that is followed by what comes
 * then. It has ended. Whether it has begun and not ended. */
bool npki_order_over(npki_walk *k, npki_stop *way);
void npki_order_is_over(npki_walk *k, const npki_stop *way);
bool npki_order_is_open(const npki_walk *k, const npk_value *value);

/* A list or dict that something else refers to too is begun; ends; is referred to. */
void npki_order_open(npki_walk *k, const npk_value *value);
void npki_order_close(npki_walk *k, const npk_value *value);
void npki_order_refer(npki_walk *k, const npk_value *value);

/* Something happens to a value late: not now; now. At the end it must have. */
void npki_order_wait(npki_walk *k, const npk_value *value, size_t events);
void npki_order_waited(npki_walk *k, const npk_value *value, size_t events);
void npki_order_check(npki_walk *k);

/* All is written: if it is a document that was edited, it is proved that it is read so. */
void npki_order_prove(const npki_walk *k);

/* --- set.c --- */

static inline bool npki_has_sets(const npk_writer *w)
{
    return w->protocol >= npki_opcodes[NPKI_ROW_EMPTY_SET].protocol;
}

/* A set or frozenset that has no opcode: a call, of the list of its first items, which is open. */
void npki_begin_called_set(npki_walk *k, const npk_value *value);

/* What a set gets once something may have it already, where no opcode adds that: operator.ior(set, set([...])), the
 * list of which is open. */
void npki_begin_addition(npki_walk *k, npki_stop *way, size_t end);

/* --- run.c --- */

/* A container that no call made and to which nothing happens. */
static inline bool npki_is_untouched(const npk_value *value)
{
    return (value->history & (NPKI_WAS_CALLED | NPKI_WAS_WRITTEN)) == 0 &&
           (value->u.items == NULL || (!value->u.items->has_events && value->u.items->spread == 0));
}

/* Such a list, dict or tuple, which is no call's arguments, and no tuple that may come again inside itself. */
static inline bool npki_is_even(const npk_writer *w, const npk_value *value)
{
    return (value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_TUPLE) &&
           npki_is_untouched(value) &&
           (w->part == NULL || value->kind != NPK_KIND_TUPLE || (value->flags & NPKI_IS_SHARED) == 0);
}

/* The same of a set, where it has an opcode. */
static inline bool npki_is_even_set(const npk_writer *w, const npk_value *value)
{
    return value->kind == NPK_KIND_SET && npki_has_sets(w) && npki_is_untouched(value);
}

/* Whether the value at hand is part of a call, or of a part of one: it may be translated. */
static inline bool npki_is_of_call(const npki_walk *k)
{
    const npki_stop *top = &k->ways[k->depth - 1];
    return (k->depth > 1 && top[-1].call != NULL) || (k->depth > 2 && top[-2].call != NULL);
}

/* How many of the next items are written, as items of a run, in which nothing happens and nothing is asked for. */
size_t npki_run_items(const npki_walk *k, const npki_stop *way);

/* Down and up through lists, dicts and tuples that no call made and to which nothing happens, as far as there are no
 * others. */
void npki_run_even(npki_walk *k);

#endif
