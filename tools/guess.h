/* Which Python and which NumPy wrote a pickle. */
#ifndef NPICKLE_GUESS_H
#define NPICKLE_GUESS_H

#include "tool.h"

#define GUESS_ROOM 64

/* "Python >= 3.4, NumPy 2", "Python 2 cPickle, NumPy < 1.19", "unknown": as far as the bytes tell. Looks at no payload.
 * Errors: NPK_MEMORY. */
npk_status tool_guess_writer(const npk_doc *doc, char text[GUESS_ROOM], npk_error *error);

#endif
