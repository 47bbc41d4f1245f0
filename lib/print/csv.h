/* Arrays as CSV: npk_print_csv into a sink. */
#ifndef NPKI_PRINT_CSV_H
#define NPKI_PRINT_CSV_H

#include "print/settings.h"

/* `mask` (NULL: none; else as npk_masked_of gives it): where it is true the field is empty. Fails by npki_sink_fail,
 * but for an array that is no table: NPK_ERR_UNSUPPORTED, and why. */
npk_status npki_csv_print(npki_sink *out, const npk_array *array, const npk_array *mask,
                          const npki_print_settings *settings, npk_error *error);

#endif
