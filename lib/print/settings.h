/* What the caller wants of the text, with every default in its place. */
#ifndef NPKI_PRINT_SETTINGS_H
#define NPKI_PRINT_SETTINGS_H

#include "text/sink.h"

#include <npickle/print.h>

#define NPKI_PRINT_DEEPEST 4000 /* values inside one another, those that an array is made of among them */

typedef struct npki_print_settings {
    npk_allocator allocator;
    size_t width;       /* characters in a line */
    int precision;      /* digits behind the point, at most */
    uint64_t threshold; /* elements in an array that is printed whole */
    int64_t edge_items; /* elements at either end of an axis that is not */
    size_t depth;       /* containers inside one another; SIZE_MAX: any */
    uint64_t most;      /* bytes; 0: in proportion to what is printed */
    npk_budget *budget; /* NULL: none */
    npk_json_nan nan;
    npk_print_shared shared;
} npki_print_settings;

/* What each call that prints begins with: settings out of `options` (which may be NULL), and a sink for all that is
 * reached from the value, or for the elements of the array. Ends with npki_print_finish where NPK_OK is returned.
 * Errors: NPK_ERR_USAGE. */
npk_status npki_print_start(npki_sink *out, npki_print_settings *settings, const npk_value *value,
                            const npk_print_options *options, npk_write_function *write, void *context,
                            npk_error *error);
npk_status npki_print_start_array(npki_sink *out, npki_print_settings *settings, const npk_array *array,
                                  const npk_print_options *options, npk_write_function *write, void *context,
                                  npk_error *error);

/* Ends the sink. `status` and *error: what was wrong with the value, or NPK_OK and anything; a sink that failed comes
 * first. */
npk_status npki_print_finish(npki_sink *out, npk_status status, npk_error *error);

#endif
