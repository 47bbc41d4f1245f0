/* Names that Python 3 or NumPy 2 gave to what had another before. */
#ifndef NPKI_GLOBALS_RENAME_H
#define NPKI_GLOBALS_RENAME_H

#include <stdbool.h>
#include <stddef.h>

/* A module and a name in it, neither of which needs a NUL at its end. */
typedef struct npki_global_name {
    const char *module;
    size_t module_size;
    const char *name;
    size_t name_size;
} npki_global_name;

/* Protocols below this have the names of Python 2. CPython: fix_imports of pickler and unpickler. */
#define NPKI_FIRST_WITH_NEWER_NAMES 3

typedef enum npki_rename_to { NPKI_TO_OLDER, NPKI_TO_NEWER } npki_rename_to;

/* The name of Python 2 for one of Python 3, or the other way, where the two differ; else *name stays. */
void npki_rename_python(npki_rename_to to, npki_global_name *name);
/* The same for one of Python 3 that its own picklers call otherwise, as nothing in Python 2 is called. False: it is
 * none, and stays. */
bool npki_rename_missed(npki_global_name *name);

void npki_rename_numpy(npki_rename_to to, npki_global_name *name); /* the same for NumPy 1 and 2 */

#endif
