/* Arrays as CSV: RFC 4180, lines end in LF. */
#ifndef NPICKLE_CSV_H
#define NPICKLE_CSV_H

#include "out.h"

#include <npickle/ndarray.h>

/* One line for each element of an array of structs, after one with the names; for each of an array of one dimension; or
 * for each row of one of two. `mask` (NULL: none; else as npk_as_masked gives it): where it is true the field is empty.
 * Fails by out_fail, but for an array that is no table: NPK_UNSUPPORTED, and why. */
npk_status csv_print(tool_out *out, const npk_ndarray *array, const npk_ndarray *mask, npk_error *error);

#endif
