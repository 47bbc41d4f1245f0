/* Arrays as repr() prints them with NumPy 2 and its default print options. */
#ifndef NPKI_PRINT_ARRAY_H
#define NPKI_PRINT_ARRAY_H

#include "text/sink.h"

#include <npickle/value.h>

#define NPKI_ARRAY_THRESHOLD 1000 /* more elements are shortened */
#define NPKI_ARRAY_EDGE 3         /* to so many at either end of an axis */
#define NPKI_ARRAY_LINE 75        /* characters in a line, as long as words fit */

typedef struct npki_print_array npki_print_array;

/* An array that is being printed: *print is freed by npki_print_array_end. `class` as npk_array_class has it. `again`: this
 * array is being printed already, further out; its elements are "...". */
npk_status npki_print_array_begin(npki_print_array **print, const npk_array *array, const char *class, bool again,
                                  npki_sink *out);

/* Prints on. Where the next element is a Python object it is returned, and the caller adds its repr and calls again;
 * NULL: the array is complete, or out->status is an error. */
const npk_value *npki_print_array_next(npki_print_array *print);
void npki_print_array_end(npki_print_array *print);

#endif
