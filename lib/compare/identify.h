/* Which Python and which NumPy wrote a pickle. */
#ifndef NPKI_COMPARE_IDENTIFY_H
#define NPKI_COMPARE_IDENTIFY_H

#include "writer/python/dialect.h"

#include <npickle.h>

#define NPKI_IDENTIFY_ROOM 256
#define NPKI_IDENTIFY_ANY UINT64_MAX

/* "Python 3.4 and later, NumPy 2.3 and later", "CPython 2.7, NumPy before 1.19", "unknown": as far as the bytes
 * tell. `pythons`: a bit for each row of npki_pythons that it may be. Looks at no payload. Errors: NPK_ERR_MEMORY. */
npk_status npki_identify(const npk_doc *doc, uint64_t pythons, char text[NPKI_IDENTIFY_ROOM], npk_error *error);

#endif
