/* Descriptors as NumPy prints them. */
#ifndef NPKI_PRINT_DTYPE_H
#define NPKI_PRINT_DTYPE_H

#include "dtype/repr.h"
#include "print/settings.h"

void npki_print_dtype(npki_sink *out, const npk_dtype *dtype, npki_dtype_form form,
                      const npki_print_settings *settings);

/* Whether the repr of an array leaves it away: bool, int64, float64 and complex128. */
bool npki_print_dtype_is_implied(const npk_dtype *dtype);

#endif
