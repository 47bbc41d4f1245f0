#include "base/allocator.h"

#include "base/large.h"

#include <stdlib.h>
#include <string.h>

/* malloc's, but that what is large has pages of its own. Both ends of a resize say which it is by their size. */
static void *resize_default(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    bool was_large = old != NULL && npki_is_large(old_size), is_large = npki_is_large(new_size);
    if (was_large && is_large)
        return npki_large_resize(old, old_size, new_size);
    if (!was_large && !is_large && new_size > 0)
        return realloc(old, new_size);
    void *made = is_large ? npki_large_take(new_size) : new_size > 0 ? malloc(new_size) : NULL;
    if (made == NULL && new_size > 0)
        return NULL;
    if (made != NULL && old != NULL)
        memcpy(made, old, old_size < new_size ? old_size : new_size);
    if (was_large)
        npki_large_give(old, old_size);
    else
        free(old);
    return made;
}

npk_allocator npki_allocator(const npk_allocator *given)
{
    return given != NULL && given->resize != NULL ? *given : (npk_allocator){resize_default, NULL};
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
