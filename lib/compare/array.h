/* Two arrays: what differs, in words. */
#ifndef NPKI_COMPARE_ARRAY_H
#define NPKI_COMPARE_ARRAY_H

#include "compare/state.h"

/* What counts in two arrays. */
typedef enum npki_compare_order {
    NPKI_COMPARE_BYTE_ORDER, /* the order of bytes too, as it is part of a NumPy dtype */
    NPKI_COMPARE_ANY_ORDER   /* only the values */
} npki_compare_order;

/* What came out. */
typedef struct npki_compare_outcome {
    bool same_shape; /* so that the items of arrays of Python objects can be compared one by one */
    bool unequal;    /* elements differ: this alone is not reported yet */
    int64_t count;   /* of them */
    int64_t first;
} npki_compare_outcome;

/* Whether two dtypes are equal, and have the same na_object. */
bool npki_compare_same_dtype(npki_compare *c, const npk_dtype *a, const npk_dtype *b);

/* Two dtypes that are the same in this: reports what else they differ in, and notes their metadata to be compared. */
void npki_compare_besides(npki_compare *c, const npk_dtype *a, const npk_dtype *b);

/* Reports what differs in dtype and shape, and finds out which elements differ. */
npki_compare_outcome npki_compare_array(npki_compare *c, const npk_array *a, const npk_array *b,
                                        npki_compare_order order);

/* "3 of 4 elements differ, the first at [0, 1]" */
void npki_compare_say_elements(npki_compare *c, const npk_array *a, const npki_compare_outcome *found);

/* Whether the classes are the same, by whatever names; reports it if not. */
bool npki_compare_classes(npki_compare *c, const char *left, const char *right);
void npki_compare_scalar_classes(npki_compare *c, const npk_dtype *a, const npk_dtype *b);

/* The masks of two masked arrays. */
void npki_compare_masks(npki_compare *c, const npk_value *a, const npk_value *b);

#endif
