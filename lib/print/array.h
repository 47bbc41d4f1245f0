/* Arrays as repr() prints them with NumPy 2 and the print options of the settings. */
#ifndef NPKI_PRINT_ARRAY_H
#define NPKI_PRINT_ARRAY_H

#include "print/settings.h"

#include <npickle/value.h>

typedef struct npki_print_array npki_print_array;

typedef enum npki_print_elements {
    NPKI_ELEMENTS_SHOWN,
    NPKI_ELEMENTS_DOTS /* "...": the array is being printed already, further out, or lies too deep */
} npki_print_elements;

/* An array that is being printed: *print is freed by npki_print_array_end. `class` as npk_array_class has it; the
 * settings are borrowed. */
npk_status npki_print_array_begin(npki_print_array **print, const npk_array *array, const char *class,
                                  npki_print_elements elements, const npki_print_settings *settings, npki_sink *out);

/* Prints on. Where the next element is a Python object it is returned, and the caller adds its repr and calls again;
 * NULL: the array is complete, or out->status is an error. */
const npk_value *npki_print_array_next(npki_print_array *print);
void npki_print_array_end(npki_print_array *print);

#endif
