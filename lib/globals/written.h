/* By which of its names a release pickles a class or a function. */
#ifndef NPKI_GLOBALS_WRITTEN_H
#define NPKI_GLOBALS_WRITTEN_H

#include "globals/has.h"

/* Whether every release of a project from `first` to `last` that has a name, one of Python 3 where Python 2 has
 * another, writes it for what has it: they may have that by several. True where nothing is known. */
bool npki_is_written(npki_project project, const npki_global_name *name, npki_release first, npki_release last);

#endif
