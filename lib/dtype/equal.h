/* Whether two descriptors are the same, asked many times. */
#ifndef NPKI_DTYPE_EQUAL_H
#define NPKI_DTYPE_EQUAL_H

#include "dtype/dtype.h"

/* Pairs of descriptors, and of long names in them, that were found to be equal: two documents may ask for the same ones
 * again and again. `begun` false, and `also` NULL, at first; to be dropped with what it knows. */
#define NPKI_EQUAL_PAIRS 256
typedef struct npki_equal_pairs {
    /* NULL, or asked of each two parts that are equal otherwise, and not known yet: false where they are not */
    bool (*also)(void *context, const npk_dtype *a, const npk_dtype *b);
    void *context;
    bool begun; /* there are pairs; else what follows is not set */
    const void *a[NPKI_EQUAL_PAIRS];
    const void *b[NPKI_EQUAL_PAIRS];
} npki_equal_pairs;

/* npk_dtype_equal. `known` may be NULL for plain types. */
bool npki_dtype_equal(const npk_dtype *a, const npk_dtype *b, npki_equal_pairs *known);

#endif
