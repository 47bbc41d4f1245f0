/* array.array as repr() of Python 3 prints it: array('i', [1, 2]), array('u', 'ab'), array('d'). */
#ifndef NPKI_PRINT_PYARRAY_H
#define NPKI_PRINT_PYARRAY_H

#include "text/sink.h"

#include <npickle/value.h>

/* False: it is no array.array, and nothing was printed. The bytes of a 'c', which Python 3 does not have, are
 * printed as bytes. */
bool npki_print_pyarray(npki_sink *out, const npk_value *value);

#endif
