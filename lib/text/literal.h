/* Python literals, as repr() prints them: the header of a .npy file, the notation of a dtype. */
#ifndef NPKI_TEXT_LITERAL_H
#define NPKI_TEXT_LITERAL_H

#include "base/arena.h"

typedef enum npki_literal_kind {
    NPKI_LITERAL_NONE,
    NPKI_LITERAL_BOOL,
    NPKI_LITERAL_INT,
    NPKI_LITERAL_STR,
    NPKI_LITERAL_BYTES,
    NPKI_LITERAL_TUPLE,
    NPKI_LITERAL_LIST,
    NPKI_LITERAL_DICT
} npki_literal_kind;

typedef struct npki_literal npki_literal;

struct npki_literal {
    npki_literal_kind kind;
    size_t at;                  /* where it stands in the text */
    int64_t number;             /* INT, BOOL */
    const char *text;           /* STR in UTF-8, BYTES; a NUL follows */
    size_t size;
    npki_literal *first, *last; /* of the items; of a DICT the keys and values by turns */
    size_t count;
    npki_literal *next;         /* in the same container */
};

/* What is read, and how its errors are told: "character 7 of the header: expected a key, found '[1]'". */
typedef struct npki_script {
    const char *text; /* checked: UTF-8 */
    size_t size;
    const char *what;  /* "header" */
    npk_status status; /* of its errors: NPK_ERR_NPY */
    npki_arena *arena;
    npk_error *error;
} npki_script;

/* The one literal in the text. A trailing L of an int, and the u of u'...' (Python 2), are read. Errors: the script's,
 * NPK_ERR_LIMIT, NPK_ERR_MEMORY. */
npk_status npki_literal_read(const npki_script *script, npki_literal **out);

/* A new literal of no items. NULL without memory. */
npki_literal *npki_literal_new(npki_arena *arena, npki_literal_kind kind, size_t at);

/* Puts `item`, which is in no other container, at the end of one. */
void npki_literal_add(npki_literal *container, npki_literal *item);

/* The value under a str key, the last one; NULL without one. */
const npki_literal *npki_literal_get(const npki_literal *dict, const char *key);

/* Fills the script's error; returns its status. */
npk_status npki_script_fail(const npki_script *script, size_t at, const char *expected);
npk_status npki_script_full(const npki_script *script);

#endif
