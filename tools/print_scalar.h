/* NumPy's scalars, as repr() prints them with NumPy 2: np.float64(1.5) */
#ifndef NPICKLE_PRINT_SCALAR_H
#define NPICKLE_PRINT_SCALAR_H

#include "out.h"

#include <npickle/ndarray.h>

/* `scalar`: an array of no dimensions, as npk_as_scalar gives. */
void print_scalar(tool_out *out, const npk_ndarray *scalar);

#endif
