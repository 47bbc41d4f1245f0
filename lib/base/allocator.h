/* The allocator that a call was given, or malloc's. */
#ifndef NPKI_BASE_ALLOCATOR_H
#define NPKI_BASE_ALLOCATOR_H

#include <npickle/options.h>

npk_allocator npki_allocator(const npk_allocator *given);

void *npki_allocate(const npk_allocator *allocator, size_t size);
void *npki_resize(const npk_allocator *allocator, void *old, size_t old_size, size_t new_size);
void npki_free(const npk_allocator *allocator, void *old, size_t old_size);

#endif
