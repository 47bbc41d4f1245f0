/* The buffers that protocol 5 leaves out of a pickle, as a list. */
#include "base/allocator.h"
#include "base/reserved.h"

#include <npickle/writer.h>

#include <string.h>

#define FIRST_ROOM ((size_t)8)

static bool has_room(npk_buffers *buffers, const npk_allocator *allocator)
{
    if (buffers->count < buffers->room)
        return true;
    size_t room = buffers->room == 0 ? FIRST_ROOM : 2 * buffers->room;
    if (room > SIZE_MAX / sizeof *buffers->items)
        return false;
    npk_buffer *items = npki_resize(allocator, buffers->items, buffers->room * sizeof *items, room * sizeof *items);
    if (items == NULL)
        return false;
    buffers->items = items;
    buffers->room = room;
    return true;
}

bool npk_buffers_collect(void *context, const npk_buffer *buffer)
{
    npk_buffers *buffers = context;
    if (buffers == NULL || buffer == NULL || (unsigned)buffers->keep > NPK_BUFFERS_COPY ||
        NPKI_CHECK_RESERVED(buffers, "npk_buffers", NULL) != NPK_OK)
        return false;
    npk_allocator allocator = npki_allocator(buffers->allocator);
    npk_buffer item = *buffer;
    if (!has_room(buffers, &allocator))
        return false;
    if (buffers->keep == NPK_BUFFERS_COPY && item.size > 0) {
        void *copy = npki_allocate(&allocator, item.size);
        if (copy == NULL)
            return false;
        item.bytes = memcpy(copy, item.bytes, item.size);
    }
    buffers->items[buffers->count++] = item;
    return true;
}

void npk_buffers_free(npk_buffers *buffers)
{
    if (buffers == NULL)
        return;
    npk_allocator allocator = npki_allocator(buffers->allocator);
    for (size_t i = 0; buffers->keep == NPK_BUFFERS_COPY && i < buffers->count; i++)
        if (buffers->items[i].size > 0)
            npki_free(&allocator, (void *)(uintptr_t)buffers->items[i].bytes, buffers->items[i].size);
    npki_free(&allocator, buffers->items, buffers->room * sizeof *buffers->items);
    buffers->items = NULL;
    buffers->count = buffers->room = 0;
}
