/* Two arrays, element by element. */
#ifndef NPKI_COMPARE_ARRAY_H
#define NPKI_COMPARE_ARRAY_H

#include "compare/state.h"

/* Tells what differs: dtype, shape, or how many elements. True if they have the same shape, so that the items of
 * arrays of Python objects can be compared one by one. `what`: told instead where elements differ, or NULL. */
bool npki_compare_arrays(npki_compare *c, const npk_array *a, const npk_array *b, const char *what);

/* The same for two views of array.array: their typecodes too, but not the order of bytes. */
bool npki_compare_pyarrays(npki_compare *c, const npk_array *a, const npk_array *b);

/* The masks of two masked arrays. */
void npki_compare_masks(npki_compare *c, const npk_value *a, const npk_value *b);

#endif
