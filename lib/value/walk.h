/* A walk over several values, each part of them once. */
#ifndef NPKI_VALUE_WALK_H
#define NPKI_VALUE_WALK_H

#include <npickle/value.h>

/* Goes on from another root; what was met from those before is not met again. */
void npki_walk_again(npk_walk *walk, const npk_value *root);

#endif
