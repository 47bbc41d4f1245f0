/* Units of time with a divisor. */
#ifndef NPKI_DTYPE_UNIT_H
#define NPKI_DTYPE_UNIT_H

#include "dtype/dtype.h"

/* `multiple` units, divided by `divisor`, as a whole number of a smaller unit: 1 s / 2 is 500 ms. False where
 * NumPy refuses that too. Old states of a dtype, and the notation "M8[s/2]", have a divisor. Source:
 * numpy/core/src/multiarray/datetime.c, convert_datetime_divisor_to_multiple() */
bool npki_unit_divide(npk_unit *unit, int32_t *multiple, int32_t divisor);

#endif
