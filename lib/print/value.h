/* Values as repr() of Python prints them. */
#ifndef NPKI_PRINT_VALUE_H
#define NPKI_PRINT_VALUE_H

#include "text/sink.h"

#include <npickle/value.h>

/* What is no value of Python's own or NumPy's stands in angle brackets: <collections.OrderedDict> is a class or
 * function, <m.C object state={...}> an object. Fails by npki_sink_fail: NPK_ERR_LIMIT for what is too deep or too long. */
void npki_print_value(npki_sink *out, const npk_value *value);

/* An array that is no value of a pickle. */
void npki_print_ndarray(npki_sink *out, const npk_array *array, const char *class);

#endif
