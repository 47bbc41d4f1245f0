/* The globals that carry data. */
#ifndef NPKI_GLOBALS_GLOBAL_H
#define NPKI_GLOBALS_GLOBAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum npki_meaning {
    NPKI_UNKNOWN, /* a name that means nothing to npickle: it stays a name */
#define MEANING(meaning) NPKI_##meaning,
#include "globals/global.def"
#undef MEANING
    NPKI_MEANINGS
} npki_meaning;

/* Who writes a spelling: bits. */
typedef enum npki_writes {
    NPKI_WRITES_NONE = 0,
    NPKI_WRITES_NUMPY1 = 1,
    NPKI_WRITES_NUMPY2 = 2,
    NPKI_WRITES_BELOW3 = 4,
    NPKI_WRITES_FROM3 = 8,
    NPKI_WRITES_ALL = 15
} npki_writes;

typedef struct npki_global_row {
    npki_meaning meaning;
    npki_writes writes;
    const char *module;
    const char *name;
    uint8_t module_size;
    uint8_t name_size;
} npki_global_row;

/* Whether a module is another one, or inside that. */
bool npki_is_in_module(const char *module, size_t size, const char *outer);

/* The row of a global; NULL for an unknown one. */
const npki_global_row *npki_global_find(const char *module, size_t module_size, const char *name, size_t name_size);

/* The spelling that a writer of these two bits (a NumPy, a range of protocols) gives to a meaning. Never NULL. */
const npki_global_row *npki_global_spelling(npki_meaning meaning, npki_writes numpy, npki_writes protocol);

/* The first row of a meaning. */
const npki_global_row *npki_global_canonical(npki_meaning meaning);

#endif
