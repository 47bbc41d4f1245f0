/* The fields of a structured dtype, out of its state. */
#ifndef NPKI_KNOWN_FIELDS_H
#define NPKI_KNOWN_FIELDS_H

#include "known/known.h"

/* Checks names and fields, freezes them and gives them to *dtype; both None (or NULL) for what has none. Before NumPy
 * 1.0 the names stood in the dict, under the key -1. Errors: NPK_ERR_DTYPE, NPK_ERR_LIMIT, NPK_ERR_MEMORY. */
npk_status npki_take_fields(npki_site *site, npk_value *names, npk_value *fields, npk_dtype *dtype);

#endif
