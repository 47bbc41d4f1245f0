/* Descriptors as NumPy prints them. */
#ifndef NPKI_PRINT_DTYPE_H
#define NPKI_PRINT_DTYPE_H

#include "text/sink.h"

#include "dtype/repr.h"

void npki_print_dtype(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form);

/* Whether the repr of an array leaves it away: bool, int64, float64 and complex128. */
bool npki_print_dtype_is_implied(const npk_dtype *dtype);

/* "(2, 3)", "(5,)", "()" */
void npki_print_shape(npki_sink *out, int ndim, const int64_t *shape);

#endif
