/* Arrays as JSON: lists in lists. */
#ifndef NPKI_PRINT_JSON_ARRAY_H
#define NPKI_PRINT_JSON_ARRAY_H

#include "print/settings.h"

typedef struct npki_json_array npki_json_array;

/* An array that is being printed, in C order; *print is freed by npki_json_array_end. `mask` (NULL: none; else as
 * npk_masked_of gives it): what is masked is null. Array, mask and settings are borrowed. Fails by npki_sink_fail:
 * then *print may be NULL. */
void npki_json_array_begin(npki_json_array **print, const npk_array *array, const npk_array *mask,
                           const npki_print_settings *settings, npki_sink *out);

/* Prints on. Where the next element is a Python object it is returned, and the caller adds it and calls again; NULL:
 * the array is complete, or the sink failed. */
const npk_value *npki_json_array_next(npki_json_array *print);
void npki_json_array_end(npki_json_array *print);

#endif
