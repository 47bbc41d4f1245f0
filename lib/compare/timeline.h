/* What a pickle does, in its order: what it calls, and when lists, dicts and objects that others have already get what
 * is in them. */
#ifndef NPKI_COMPARE_TIMELINE_H
#define NPKI_COMPARE_TIMELINE_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "compare/met.h"
#include "text/sink.h"
#include "value/event.h"
#include "value/step.h"

struct npki_compare;

typedef enum npki_moment_kind {
    NPKI_MOMENT_MADE,  /* an object was made, or looked up */
    NPKI_MOMENT_STATE, /* an object got a state */
    NPKI_MOMENT_ITEMS, /* items came, while something else had it: those from `first` up to `end` */
    NPKI_MOMENT_KEYS   /* keys and values, in pairs: likewise */
} npki_moment_kind;

/* What is gone through without the others of a value. */
typedef enum npki_moments {
    NPKI_MOMENTS_CALLS, /* MADE, STATE */
    NPKI_MOMENTS_ITEMS,
    NPKI_MOMENTS_KEYS
} npki_moments;

#define NPKI_MOMENT_EVENTS UINT32_MAX /* no event, but all that came before anything else had the value */
#define NPKI_MOMENT_TIMES (UINT64_MAX >> 4)

typedef struct npki_moment {
    const npk_value *value; /* to which it happened */
    uint64_t kind : 2;
    uint64_t taken : 1; /* it goes together with one of the other timeline */
    uint64_t all : 1;   /* it is of all that was there before the event, or at a CALL by then */
    /* what is later has more; where two have the same, the later stands behind the other. Ranked: its place in the
     * order of all */
    uint64_t time : 60;
    uint32_t event;     /* of the value: STATE, ITEMS, KEYS */
    uint32_t before[3]; /* 1 + the index of the one before of the same value, of each npki_moments; 0: there is none */
} npki_moment;

static inline npki_moments npki_moments_of(npki_moment_kind kind)
{
    return kind == NPKI_MOMENT_ITEMS  ? NPKI_MOMENTS_ITEMS
           : kind == NPKI_MOMENT_KEYS ? NPKI_MOMENTS_KEYS
                                      : NPKI_MOMENTS_CALLS;
}

static inline npki_moments npki_moment_among(const npki_moment *moment)
{
    return npki_moments_of((npki_moment_kind)moment->kind);
}

typedef struct npki_timeline_late {
    const npk_value *value;
    size_t event;
} npki_timeline_late;

/* From a value, where the walk came to it, to one of its children. */
typedef struct npki_timeline_step {
    const npk_value *value;
    npki_trail at;
    size_t child;   /* or: */
    uint32_t outer; /* the number of the step to the value, from 1 on; 0: there is none */
} npki_timeline_step;

#define NPKI_TIMELINE_REST SIZE_MAX /* no step: the walk began anew with this value */

typedef struct npki_timeline_way npki_timeline_way;

/* A walk over all that a pickle makes, in the order in which it is written. */
typedef struct npki_timeline {
    struct npki_compare *c;
    const npk_value *root;
    npki_dynbuf *steps; /* npki_timeline_step: the walk leaves these, and no moments; or NULL */
    npki_met_values *numbers;         /* of what was met, and how */
    npki_dynbuf moments; /* npki_moment, as the walk came to them */
    /* const npk_value *: what was dropped and has no moment: objects of which npickle knows what they are, and what is
     * malformed */
    npki_dynbuf known;
    npki_dynbuf late;        /* npki_timeline_late: events that come elsewhere ... */
    npki_dynbuf come;        /* ... and for each number whether they have with that: numbers go from 1 on */
    uint32_t rest; /* with steps: the one to what the walk has not come to by any of these, if it is in that, or 0 */
    const npki_order *order; /* of the offsets */
    bool by_walk;            /* there is no order, but that of the walk */
    uint64_t now;            /* the time of the latest moment */
    npki_timeline_way *ways; /* timeline_walk.c: so many, in so many bytes */
    size_t depth, room;
} npki_timeline;

/* How a value was met: bits, and above them 1 + the place of the innermost way in which it is being made. */
enum {
    NPKI_MET_DROPPED = 1,
    NPKI_MET = 2,
    NPKI_MET_MADE = 4,
    NPKI_MET_HELPER = 8,
    NPKI_MET_IN_OBJECT = 16,
    NPKI_MET_TIMED = 32, /* it is to be known, too, when it got what it had before anything else had it */
    NPKI_MET_BITS = 6,
    NPKI_MET_ALL = 63
};

/* --- timeline.c --- */

/* Whether a value is made by a call that has its place among the others: of what npickle does not know, or to look up a
 * persistent id. */
bool npki_timeline_calls(const npk_value *value);
npki_called_at npki_timeline_called_at(const npk_value *value);

/* Whether offsets tell in which order a value is written with all that it holds: no edit has changed that, and it is
 * the whole of its document. */
bool npki_timeline_tells(const npki_order *order, const npk_value *root);

void npki_timeline_init(npki_timeline *t, struct npki_compare *c, const npk_value *root, npki_met_values *numbers);
void npki_timeline_free(npki_timeline *t);

/* What came to a value at a moment of ITEMS or KEYS. */
npki_event npki_timeline_growth(const npki_moment *moment);

/* For the walk. What is known of a value, of which npki_met_value.met is to be changed (NULL without memory), or how it
 * was met. A moment, of the value of which that is known: `offset` of its opcode, or 0 where it came right after what
 * is inside it, of which *latest is the time of the last. The order of all, once they are there. */
npki_met_value *npki_timeline_number(npki_timeline *t, const npk_value *value);
uint32_t npki_timeline_has_met(const npki_timeline *t, const npk_value *value);
void npki_timeline_add(npki_timeline *t, npki_met_value *number, npki_moment moment, uint64_t offset, uint64_t *latest);
void npki_timeline_rank(npki_timeline *t);

/* With steps: the number of one, 0 without memory; that by which the walk has come to a value, 1 + which is its `last`,
 * if it is the first. */
uint32_t npki_timeline_add_step(npki_timeline *t, npki_timeline_step step);
void npki_timeline_note_first(npki_timeline *t, const npk_value *value, uint32_t step);

static inline npki_timeline_step *npki_timeline_step_at(const npki_dynbuf *steps, uint32_t number)
{
    return (npki_timeline_step *)(void *)steps->bytes + number - 1;
}

static inline size_t npki_timeline_count(const npki_timeline *t)
{
    return t->moments.size / sizeof(npki_moment);
}

static inline npki_moment *npki_timeline_at(const npki_timeline *t, size_t index)
{
    return (npki_moment *)(void *)t->moments.bytes + index;
}

/* The last moment of a value among these, NULL for none; the one before another moment of it. */
npki_moment *npki_timeline_last(const npki_timeline *t, const npk_value *value, npki_moments among);
npki_moment *npki_timeline_before(const npki_timeline *t, const npki_moment *moment, npki_moments among);

/* Whether a value is there at all; whether nothing has it but what was dropped; whether it is a part of another object
 * that was. */
bool npki_timeline_has(const npki_timeline *t, const npk_value *value);
bool npki_timeline_only_dropped(const npki_timeline *t, const npk_value *value);
bool npki_timeline_in_object(const npki_timeline *t, const npk_value *value);

/* --- dropped.c --- */

/* Compares what two pickles made and dropped: of each, the walk through all of it. */
void npki_compare_dropped(struct npki_compare *c, const npki_timeline t[2]);

/* --- timeline_walk.c --- */

/* Walks through the whole. A failure is that of the comparison. */
void npki_timeline_walk(npki_timeline *t);

#endif
