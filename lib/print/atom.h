/* Values that have no others inside: Python's own, NumPy's dtypes and scalars. */
#ifndef NPKI_PRINT_ATOM_H
#define NPKI_PRINT_ATOM_H

#include "print/settings.h"

/* False where it is another value: then nothing was printed. */
bool npki_print_atom(npki_sink *out, const npk_value *value, const npki_print_settings *settings);

#endif
