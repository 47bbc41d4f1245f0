/* Values without others inside. */
#ifndef NPICKLE_PRINT_ATOM_H
#define NPICKLE_PRINT_ATOM_H

#include "out.h"

#include <npickle/value.h>

/* False: it is no such value, and nothing was printed. */
bool print_atom(tool_out *out, const npk_value *value);

/* module.name */
void print_global_name(tool_out *out, const npk_value *value);

#endif
