/* Pickles written again, one after another, for another Python or NumPy. */
#ifndef NPICKLE_RETELL_H
#define NPICKLE_RETELL_H

#include "common.h"

/* Where it failed. */
typedef enum retell_place { RETELL_READING, RETELL_WRITING } retell_place;

/* Writes all pickles of an input to a file, which appears whole or not at all, or to standard output ("-"). A pickle
 * that is a plain array gets the bytes that pickle.dumps gives; all others stay what they are, in the spelling that
 * the options say. */
npk_status retell(tool_input *input, const char *path, const npk_write_options *options, retell_place *place,
                  npk_error *error);

#endif
