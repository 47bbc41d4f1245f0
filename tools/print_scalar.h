/* NumPy's scalars, as repr() prints them with NumPy 2: np.float64(1.5) */
#ifndef NPICKLE_PRINT_SCALAR_H
#define NPICKLE_PRINT_SCALAR_H

#include "print_element.h"

#include <npickle/ndarray.h>

/* `scalar`: an array of no dimensions, as npk_as_scalar gives. */
void print_scalar(tool_out *out, const npk_ndarray *scalar);

/* str() of a float or a complex. */
void scalar_put_float(tool_out *out, const element_format *format, const uint8_t *p);

#endif
