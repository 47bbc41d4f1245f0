/* Descriptors as NumPy prints them. */
#ifndef NPICKLE_PRINT_DTYPE_H
#define NPICKLE_PRINT_DTYPE_H

#include "out.h"

#include "numpy/repr.h"

void print_dtype(tool_out *out, const npk_dtype *dtype, npki_dtype_form form);

/* Whether the repr of an array leaves it away: bool, int64, float64 and complex128. */
bool dtype_is_implied(const npk_dtype *dtype);

/* "(2, 3)", "(5,)", "()" */
void print_shape(tool_out *out, int ndim, const int64_t *shape);

#endif
