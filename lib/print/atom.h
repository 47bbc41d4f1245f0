/* Values without others inside. */
#ifndef NPKI_PRINT_ATOM_H
#define NPKI_PRINT_ATOM_H

#include "text/sink.h"

#include <npickle/value.h>

/* False: it is no such value, and nothing was printed. */
bool npki_print_atom(npki_sink *out, const npk_value *value);

/* module.name */
void npki_print_global_name(npki_sink *out, const npk_value *value);

#endif
