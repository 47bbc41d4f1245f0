/* An array out of an input that comes in pieces. */
#ifndef NPKI_CONTAINER_STREAM_H
#define NPKI_CONTAINER_STREAM_H

#include "container/own.h"

/* A file of one pickle that is an array, its elements straight to *own. False: it is something else, or something is
 * wrong, and nothing has been done. */
bool npki_stream_path(const char *path, const char *where, const npk_dtype *dtype, const npk_load_options *options,
                      npk_array **own);

#endif
