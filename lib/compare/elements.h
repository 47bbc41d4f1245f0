/* The elements of two arrays, side by side. */
#ifndef NPKI_COMPARE_ELEMENTS_H
#define NPKI_COMPARE_ELEMENTS_H

#include "compare/state.h"

typedef struct npki_unequal {
    int64_t count; /* of elements that differ */
    int64_t first; /* in C order */
} npki_unequal;

/* Two arrays of one shape, without Python objects, of which b's elements can be cast to a's dtype as the same type.
 * False after a failure. */
bool npki_compare_elements(npki_compare *c, const npk_array *a, const npk_array *b, npki_unequal *out);

/* Frees what c->elements holds. */
void npki_compare_elements_free(npki_compare *c);

#endif
