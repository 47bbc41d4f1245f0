/* What lies inside a dtype: fields, and the base of a subarray, each as often as it comes. What wants each once takes
 * dtype/parts.h, and a question about all of it has its answer in dtype/facts.h. */
#ifndef NPKI_DTYPE_WALK_H
#define NPKI_DTYPE_WALK_H

#include "dtype/dtype.h"

/* A dtype on the way down. */
typedef struct npki_nest {
    const npk_dtype *dtype;
    size_t next; /* the field, or the base, to go down to next */
} npki_nest;

typedef struct npki_dtype_walk {
    npk_allocator allocator;
    npki_nest *way; /* the outermost first */
    size_t depth, room;
    npki_nest plain; /* the way of a dtype with nothing inside */
} npki_dtype_walk;

/* At the dtype itself. False without memory. */
bool npki_dtype_walk_start(npki_dtype_walk *walk, const npk_dtype *dtype, const npk_allocator *allocator);
void npki_dtype_walk_end(npki_dtype_walk *walk);

/* To the next inner dtype of the one at hand; false where there is none left. Who goes down to what it was at before
 * asks npki_dtype_has_text first: else the walk may never end. */
bool npki_dtype_walk_down(npki_dtype_walk *walk);

static inline npki_nest *npki_dtype_walk_top(npki_dtype_walk *walk)
{
    return &walk->way[walk->depth - 1];
}

static inline void npki_dtype_walk_up(npki_dtype_walk *walk)
{
    walk->depth--;
}

#endif
