/* array.array as repr() of Python 3 prints it: array('i', [1, 2]), array('u', 'ab'), array('d'). */
#ifndef NPICKLE_PRINT_PYARRAY_H
#define NPICKLE_PRINT_PYARRAY_H

#include "out.h"

#include <npickle/value.h>

/* False: it is no array.array, and nothing was printed. The bytes of a 'c', which Python 3 does not have, are
 * printed as bytes. */
bool print_pyarray(tool_out *out, const npk_value *value);

#endif
