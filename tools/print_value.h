/* Values as repr() of Python prints them. */
#ifndef NPICKLE_PRINT_VALUE_H
#define NPICKLE_PRINT_VALUE_H

#include "out.h"

#include <npickle/value.h>

/* What is no value of Python's own or NumPy's stands in angle brackets: <collections.OrderedDict> is a class or
 * function, <m.C object state={...}> an object. Fails by out_fail: NPK_LIMIT for what is too deep or too long. */
void print_value(tool_out *out, const npk_value *value);

/* An array that is no value of a pickle. */
void print_ndarray(tool_out *out, const npk_ndarray *array, const char *class);

#endif
