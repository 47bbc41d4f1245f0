/* Shapes, strides, and walks over the elements of an array. */
#ifndef NPKI_ARRAY_LAYOUT_H
#define NPKI_ARRAY_LAYOUT_H

#include <npickle/array.h>

/* Strides of an array that lies in one piece. False where a product overflows: those from there on are 0. */
bool npki_contiguous_strides(int ndim, const int64_t *shape, int64_t itemsize, char order, int64_t *strides);

/* How many elements there are, where that is known to fit. */
static inline int64_t npki_element_count(int ndim, const int64_t *shape)
{
    int64_t count = 1;
    for (int i = 0; i < ndim; i++)
        count *= shape[i];
    return count;
}

static inline bool npki_is_same_shape(int ndim, const int64_t *shape, int other_ndim, const int64_t *other)
{
    bool same = ndim == other_ndim;
    for (int i = 0; same && i < ndim; i++)
        same = shape[i] == other[i];
    return same;
}

/* As NumPy since 1.12 sees it: lengths of 1 have any stride, an array without elements is both. */
bool npki_is_c_contiguous(const npk_array *array);
bool npki_is_f_contiguous(const npk_array *array);

/* Whether an array lies in Fortran order for no more than that it was made so: of items without bytes, which have one
 * place whatever the order, on more than one axis. NumPy since 1.21 keeps that. */
bool npki_is_fortran_as_made(const npk_array *array);

/* 'F' for an array that lies in Fortran order and not in C order too, or was made so, else 'C': the order in which
 * NumPy writes the elements. */
char npki_memory_order(const npk_array *array);

/* The same as NumPy before 1.12 saw it, for which an axis of length 1 has its one stride too, and an array without
 * elements lies in the order in which it was made. */
char npki_strict_order(const npk_array *array);

/* Checks what a caller filled in: dtype, ndim, shape, and data where there are elements. Errors: NPK_ERR_USAGE. */
npk_status npki_array_check(const npk_array *array, npk_error *error);

/* The elements as one sequence of bytes, gathered piece by piece: in C order or, with order 'F', in Fortran order.
 * Where the array lies in one piece in that order, the pieces are the array's own memory and nothing is copied. For
 * encoded arrays the sequence is the payload decoded, in the order of the payload; `order` must be that one. */
typedef struct npki_gather {
    const npk_array *array;
    int ndim; /* axes left after joining those that lie together; the last runs fastest */
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
    int64_t index[NPK_MAXDIMS];
    const uint8_t *at;
    int64_t left;               /* elements not given yet */
    const uint8_t *in, *in_end; /* the encoded payload not decoded yet */
    bool paired;                /* npki_stream.paired there */
} npki_gather;

void npki_gather_start(npki_gather *gather, const npk_array *array, char order);

/* The next piece: *piece points at it and its bytes are returned, 0 at the end. `scratch` (`room` bytes, at least
 * one item) is used where elements must be gathered. A piece holds whole elements. */
size_t npki_gather_next(npki_gather *gather, uint8_t *scratch, size_t room, const uint8_t **piece);

#endif
