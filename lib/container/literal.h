/* Python literals, as the header of a .npy file has them: dict, list, tuple, str, int, bool, None. */
#ifndef NPKI_CONTAINER_LITERAL_H
#define NPKI_CONTAINER_LITERAL_H

#include "value/value.h"

/* The value of a text in UTF-8. A trailing L of an int (Python 2) is read. Errors: NPK_NPY, NPK_LIMIT, NPK_MEMORY. */
npk_status npki_literal(npki_arena *arena, const char *text, size_t size, npk_value **out, npk_error *error);

/* A dtype out of its descr: a str, or a list of fields (name, descr[, shape]). Errors as above and NPK_DTYPE. */
npk_status npki_dtype_of_descr(npki_arena *arena, const npk_limits *limits, const npk_value *descr, const npk_dtype **out,
                               npk_error *error);

#endif
