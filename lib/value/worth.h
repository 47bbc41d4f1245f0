/* What a graph has cost its input. */
#ifndef NPKI_VALUE_WORTH_H
#define NPKI_VALUE_WORTH_H

#include "base/allocator.h"

/* So many bytes at least have been read, or given by a caller, for a value and all that it is made of or holds: each
 * value that there is counts once. `root` is an npk_value. Without memory it is what was counted until then. */
uint64_t npki_worth_of(const void *root, const npk_allocator *allocator);

#endif
