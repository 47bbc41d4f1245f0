/* Which Python and which NumPy has a name. */
#ifndef NPKI_GLOBALS_HAS_H
#define NPKI_GLOBALS_HAS_H

#include "globals/rename.h"

#include <stdbool.h>
#include <stdint.h>

/* A release: 3.13 is 0x30d. */
typedef uint32_t npki_release;
/* No release before it; a name that any release may have, or not have. */
enum { NPKI_EVER = 0, NPKI_PRIVATE = 0xffff };

#define NPKI_MOST_PARTS 5 /* between dots, of a module that has a row for all of it */

typedef enum npki_project { NPKI_OF_PYTHON, NPKI_OF_NUMPY } npki_project;

/* What a name is loaded by: one release of each, or all from one to another. */
typedef struct npki_target {
    npki_release first[2], last[2]; /* by npki_project */
} npki_target;

/* A target that has not got a name. */
typedef struct npki_lack {
    npki_project project;
    npki_release target; /* that has not */
    npki_release since;  /* first release that has, where the target is before it; else NPKI_EVER */
    npki_release until;  /* the last one, where the target is after it; else NPKI_EVER */
} npki_lack;

/* Whether a target has a name, one of Python 3 where Python 2 has another. If it has not, but knows the same thing by
 * another one, *name becomes that. False: it has it by no name, *why tells. */
bool npki_target_has(const npki_target *target, npki_global_name *name, npki_lack *why);

/* Whether all releases of a project that are the target may write this name: also a private one, and one that they warn
 * of. */
bool npki_may_write(npki_project project, const npki_target *target, const npki_global_name *name);

/* Of the names that releases have for one thing, each becomes the same one. */
void npki_one_name(npki_global_name *name);

#endif
