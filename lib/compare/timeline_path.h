/* The paths of what differences are told of: one walk over all that a pickle makes finds all of them. */
#ifndef NPKI_COMPARE_TIMELINE_PATH_H
#define NPKI_COMPARE_TIMELINE_PATH_H

#include "text/sink.h"
#include "value/value.h"

struct npki_compare;

/* Adds the steps from the root of a side to where the walk comes to a value first. False without memory. */
bool npki_timeline_path(struct npki_compare *c, size_t side, const npk_value *value, size_t *base, npki_sink *path);

void npki_compare_paths_free(struct npki_compare *c);

#endif
