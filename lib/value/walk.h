/* A walk over several values, each part of them once; or up to one of them. */
#ifndef NPKI_VALUE_WALK_H
#define NPKI_VALUE_WALK_H

#include <npickle/value.h>

/* Goes on from another root; what was met from those before is not met again. */
void npki_walk_again(npk_walk *walk, const npk_value *root);

/* The value that a walk comes to after `number` others; *out is NULL without one. */
npk_status npki_walk_find(const npk_value *root, uint64_t number, const npk_value **out, npk_error *error);

#endif
