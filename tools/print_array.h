/* Arrays as repr() prints them with NumPy 2 and its default print options. */
#ifndef NPICKLE_PRINT_ARRAY_H
#define NPICKLE_PRINT_ARRAY_H

#include "out.h"

#include <npickle/value.h>

#define ARRAY_THRESHOLD 1000 /* more elements are shortened */
#define ARRAY_EDGE 3         /* to so many at either end of an axis */
#define ARRAY_LINE 75        /* characters in a line, as long as words fit */

typedef struct array_print array_print;

/* An array that is being printed: *print is freed by array_end. `class` as npk_ndarray_class has it. `again`: this
 * array is being printed already, further out; its elements are "...". */
npk_status array_begin(array_print **print, const npk_ndarray *array, const char *class, bool again, tool_out *out);

/* Prints on. Where the next element is a Python object it is returned, and the caller adds its repr and calls again;
 * NULL: the array is complete, or out->status is an error. */
const npk_value *array_next(array_print *print);
void array_end(array_print *print);

#endif
