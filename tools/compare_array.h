/* Two arrays, element by element. */
#ifndef NPICKLE_COMPARE_ARRAY_H
#define NPICKLE_COMPARE_ARRAY_H

#include "compare_state.h"

/* Tells what differs: dtype, shape, or how many elements. True if they have the same shape, so that the items of
 * arrays of Python objects can be compared one by one. `what`: told instead where elements differ, or NULL. */
bool compare_arrays(compare *c, const npk_ndarray *a, const npk_ndarray *b, const char *what);

/* The same for two views of array.array: their typecodes too, but not the order of bytes. */
bool compare_pyarrays(compare *c, const npk_ndarray *a, const npk_ndarray *b);

/* The masks of two masked arrays. */
void compare_masks(compare *c, const npk_value *a, const npk_value *b);

#endif
