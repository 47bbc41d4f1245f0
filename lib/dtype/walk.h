/* What lies inside a dtype: fields, and the base of a subarray. */
#ifndef NPKI_DTYPE_WALK_H
#define NPKI_DTYPE_WALK_H

#include "dtype/dtype.h"

/* A dtype on the way down. */
typedef struct npki_nest {
    const npk_dtype *dtype;
    int64_t offset; /* from the start of the outermost item; in a subarray, of its first element */
    int64_t times;  /* it comes so often in the outermost item; -1: more than 64 bits can count */
    size_t next;    /* the field, or the base, to go down to next */
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

/* To the next inner dtype of the one at hand; false where there is none left. */
bool npki_dtype_walk_down(npki_dtype_walk *walk);

static inline npki_nest *npki_dtype_walk_top(npki_dtype_walk *walk)
{
    return &walk->way[walk->depth - 1];
}

static inline void npki_dtype_walk_up(npki_dtype_walk *walk)
{
    walk->depth--;
}

/* For each byte of an item 0xff if it is data, 0 if it is padding: between fields, or in an x87 long double.
 * Ownership: *mask, of itemsize bytes, is the caller's; NULL if there is no padding. False without memory. */
bool npki_dtype_mask(const npk_dtype *dtype, const npk_allocator *allocator, uint8_t **mask);

/* The bools that numpy.ma keeps for one item: one, of a struct one for each plain value in it (numpy:
 * ma.make_mask_descr()). -1: more than 64 bits can count; -2 without memory. */
int64_t npki_dtype_mask_size(const npk_dtype *dtype, const npk_allocator *allocator);

/* Whether NumPy can tell others what is in the items, which a buffer of protocol 5 needs (numpy: buffer.c
 * _buffer_format_string()): 1; 0: it can't; -1 without memory. */
int npki_dtype_has_format(const npk_dtype *dtype, const npk_allocator *allocator);

#endif
