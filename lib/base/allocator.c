#include "base/allocator.h"

#include <stdlib.h>

static void *resize_by_malloc(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    if (new_size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, new_size);
}

npk_allocator npki_allocator(const npk_allocator *given)
{
    return given != NULL && given->resize != NULL ? *given : (npk_allocator){resize_by_malloc, NULL};
}

void *npki_allocate(const npk_allocator *allocator, size_t size)
{
    return allocator->resize(allocator->context, NULL, 0, size);
}

void *npki_resize(const npk_allocator *allocator, void *old, size_t old_size, size_t new_size)
{
    return allocator->resize(allocator->context, old, old_size, new_size);
}

void npki_free(const npk_allocator *allocator, void *old, size_t old_size)
{
    if (old != NULL)
        allocator->resize(allocator->context, old, old_size, 0);
}
