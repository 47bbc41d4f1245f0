/* Which Python has which name of its standard library. */
#ifndef NPKI_GLOBALS_LIBRARY_H
#define NPKI_GLOBALS_LIBRARY_H

#include "globals/has.h"

/* Whether every Python from `first` to `last` has a name, one of Python 3 where Python 2 has another; of "Class.method"
 * that is asked of the class too. True for what is no name of the library. False: *why, and *other, another name of the
 * same thing, whose module has no bytes if there is none. */
bool npki_library_has(const npki_global_name *name, npki_release first, npki_release last, npki_lack *why,
                      npki_global_name *other);

/* Whether the same object has another name, by which some have it that have not got this one. */
bool npki_library_moved(const npki_global_name *name, npki_global_name *other);

#endif
