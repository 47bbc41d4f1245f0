/* Arrays as CSV: RFC 4180, lines end in LF. */
#ifndef NPKI_PRINT_CSV_H
#define NPKI_PRINT_CSV_H

#include "text/sink.h"

#include <npickle/array.h>

/* One line for each element of an array of structs, after one with the names; for each of an array of one dimension; or
 * for each row of one of two. `mask` (NULL: none; else as npk_masked_of gives it): where it is true the field is empty.
 * Fails by npki_sink_fail, but for an array that is no table: NPK_ERR_UNSUPPORTED, and why. */
npk_status npki_csv_print(npki_sink *out, const npk_array *array, const npk_array *mask, npk_error *error);

#endif
