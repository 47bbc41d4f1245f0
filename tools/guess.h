/* Which Python and which NumPy wrote a pickle. */
#ifndef NPICKLE_GUESS_H
#define NPICKLE_GUESS_H

#include "tool.h"

#define GUESS_ROOM 256
#define GUESS_ANY UINT64_MAX

/* "Python 3.4 and later, NumPy 2.3 and later", "CPython 2.7, NumPy before 1.19", "unknown": as far as the bytes
 * tell. `pythons`: a bit for each row of npki_pythons that it may be. Looks at no payload. Errors: NPK_MEMORY. */
npk_status tool_guess_writer(const npk_doc *doc, uint64_t pythons, char text[GUESS_ROOM], npk_error *error);

#endif
