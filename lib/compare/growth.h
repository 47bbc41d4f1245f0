/* When something came to a value: its events are gone through once, however often a comparison asks. */
#ifndef NPKI_COMPARE_GROWTH_H
#define NPKI_COMPARE_GROWTH_H

#include "value/event.h"

struct npki_compare;

/* Items, keys or a state: those from `first` up to `end`. */
typedef struct npki_growth_step {
    npki_event_kind kind;
    uint64_t first, end;
} npki_growth_step;

/* At an offset and at all later ones: so many items or keys came, of which this is the first. */
typedef struct npki_growth_rest {
    uint64_t offset, count, first;
    uint64_t before; /* the offset at which something came before that, or 0 */
} npki_growth_rest;

typedef struct npki_growth {
    npki_growth_step *steps; /* in order, but for what was taken out: items and keys in batches are those of one */
    size_t step_count;
    npki_growth_rest *rests; /* of what came when something else had the value already, by offset */
    size_t rest_count;
    uint64_t built;          /* the offset at which an object got its first state; 0: no event says it */
    bool in_order;           /* of the rests; else their offsets tell nothing */
} npki_growth;

/* Room for that of a value with few events. */
#define NPKI_GROWTH_FEW 6
typedef struct npki_growth_room {
    npki_growth growth;
    npki_growth_step steps[NPKI_GROWTH_FEW];
    npki_growth_rest rests[NPKI_GROWTH_FEW];
} npki_growth_room;

/* In the room, where the events are few. NULL, and a failure, without memory or work. */
const npki_growth *npki_growth_of(struct npki_compare *c, const npk_value *value, npki_growth_room *room);

/* What came after an offset; where nothing did a count of 0, and `offset` and `first` are far behind. */
npki_growth_rest npki_growth_after(const npki_growth *growth, uint64_t offset);

void npki_growth_free(struct npki_compare *c);

#endif
