/* Descriptors out of what numpy.dtype() takes: a str, lists, tuples, dicts. */
#ifndef NPKI_DTYPE_PARSE_LITERAL_H
#define NPKI_DTYPE_PARSE_LITERAL_H

#include "dtype/dtype.h"
#include "text/literal.h"

/* What a literal means. In the descr of a .npy file fields without a name are padding, and there is only str, tuple
 * and list. */
typedef enum npki_parse_language {
    NPKI_PARSE_DTYPE, /* numpy.dtype(literal) */
    NPKI_PARSE_DESCR  /* numpy.lib.format.descr_to_dtype(literal) */
} npki_parse_language;

/* The descriptor of a literal, in the arena of the script or built in. Errors: the script's, NPK_ERR_UNSUPPORTED,
 * NPK_ERR_LIMIT, NPK_ERR_MEMORY. */
npk_status npki_dtype_parse_literal(const npki_script *script, const npk_limits *limits, const npki_literal *literal,
                                    npki_parse_language as, const npk_dtype **out);

/* Whether a str is a list of types ("i4,f8"), or one with a shape in front ("3f8", "(2,3)f4"). */
bool npki_is_comma_string(const char *text, size_t size);

/* Such a str -> the list of its items, each a str or a tuple (str, shape); or, without a comma, that item alone. */
npk_status npki_parse_comma(const npki_script *script, const npki_literal *str, npki_literal **out);

#endif
