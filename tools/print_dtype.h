/* Descriptors as NumPy prints them. */
#ifndef NPICKLE_PRINT_DTYPE_H
#define NPICKLE_PRINT_DTYPE_H

#include "out.h"

#include <npickle/dtype.h>

/* repr(dtype): dtype('<f8'), dtype([('x', '<f4')], align=True) */
void print_dtype(tool_out *out, const npk_dtype *dtype);

/* str(dtype): float64, >f8, [('x', '<f4')] */
void print_dtype_str(tool_out *out, const npk_dtype *dtype);

/* The same as if the items of a struct were numpy.void: a recarray shows its numpy.record so. */
void print_dtype_plain(tool_out *out, const npk_dtype *dtype);

/* What stands after "dtype=" in the repr of an array: float32, '<U3', 'datetime64[us]', [('x', '<f4')] */
void print_dtype_short(tool_out *out, const npk_dtype *dtype);

/* Whether the repr of an array leaves it away: bool, int64, float64 and complex128. */
bool dtype_is_implied(const npk_dtype *dtype);

/* "(2, 3)", "(5,)", "()" */
void print_shape(tool_out *out, int ndim, const int64_t *shape);

#endif
