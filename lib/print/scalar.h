/* NumPy's scalars, as repr() prints them with NumPy 2: np.float64(1.5) */
#ifndef NPKI_PRINT_SCALAR_H
#define NPKI_PRINT_SCALAR_H

#include "print/element.h"
#include "print/settings.h"

#include <npickle/array.h>

/* `scalar`: an array of no dimensions, as npk_scalar_of gives. */
void npki_print_scalar(npki_sink *out, const npk_array *scalar, const npki_print_settings *settings);

/* str() of a float or a complex. */
void npki_print_scalar_float(npki_sink *out, const npki_element_format *format, const uint8_t *p);

#endif
