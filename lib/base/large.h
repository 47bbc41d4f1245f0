/* Large memory, in pages of its own, huge ones where the kernel has them: to fault in an array by pages of 4 KiB takes
 * longer than to copy it. */
#ifndef NPKI_BASE_LARGE_H
#define NPKI_BASE_LARGE_H

#include <stdbool.h>
#include <stddef.h>

/* From how many bytes on; never where there is no such memory, as where a checker wants to see every allocation. */
bool npki_is_large(size_t size);

/* NULL: there is none. */
void *npki_large_take(size_t size);

/* Grown or shrunk, and perhaps moved. NULL: there is none, and the old one stays. */
void *npki_large_resize(void *old, size_t old_size, size_t new_size);

void npki_large_give(void *old, size_t size);

#endif
