/* Arrays as TIFF files, which ImageJ and all else that shows images opens. */
#ifndef NPICKLE_TIFF_H
#define NPICKLE_TIFF_H

#include "tool.h"

/* Hands to `write` one TIFF file, from its first byte to its last, so that it may go to a pipe. The last two axes are
 * rows and columns, in front of a last one of 3 or 4 of u1 or u2: RGB, or RGB and alpha. Up to three axes before them
 * are ImageJ's frames, slices and channels: each image is a page, and the description of the first one says to ImageJ
 * which is which. The byte order is the array's, and so is the type. Returns NPK_OK when all is handed on. Errors:
 * NPK_ERR_UNSUPPORTED for another type, shape or size, NPK_ERR_IO from `write`, NPK_ERR_MEMORY. */
npk_status tool_tiff_write(npk_write_function *write, void *context, const npk_array *array,
                           const npk_write_options *options, npk_error *error);

/* Such a file is known, so that tool_tiff_open can say that it is not read. */
bool tool_tiff_is(const void *bytes, size_t size);
npk_status tool_tiff_open(const void *bytes, size_t size, const npk_read_options *options, void **state,
                          npk_error *error);
void tool_tiff_close(void *state);

#endif
