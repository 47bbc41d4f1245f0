#include "base/dynbuf.h"

#include "base/bytes.h"

#define FIRST_ROOM ((size_t)256)

void npki_dynbuf_init(npki_dynbuf *buffer, const npk_allocator *allocator, size_t maximum)
{
    *buffer = (npki_dynbuf){.allocator = *allocator, .maximum = maximum};
}

/* Twice the room; or, where something large comes, what it takes and a little for what follows. */
static size_t grown(size_t room, size_t needed)
{
    if (room < needed - needed / 2)
        return needed > SIZE_MAX - FIRST_ROOM ? needed : needed + FIRST_ROOM;
    return room > SIZE_MAX / 2 ? SIZE_MAX : 2 * room > FIRST_ROOM ? 2 * room : FIRST_ROOM;
}

uint8_t *npki_dynbuf_room(npki_dynbuf *buffer, size_t size)
{
    size_t needed;
    if (!npki_add_size(buffer->size, size, &needed) || needed > buffer->maximum)
        return NULL;
    if (needed > buffer->room) {
        size_t room = grown(buffer->room, needed);
        room = room < buffer->maximum ? room : buffer->maximum;
        uint8_t *bytes = npki_resize(&buffer->allocator, buffer->bytes, buffer->room, room);
        if (bytes == NULL)
            return NULL;
        buffer->bytes = bytes;
        buffer->room = room;
    }
    return buffer->bytes + buffer->size;
}

bool npki_dynbuf_reserve(npki_dynbuf *buffer, size_t room)
{
    if (room <= buffer->room)
        return true;
    uint8_t *bytes = room > buffer->maximum ? NULL : npki_resize(&buffer->allocator, buffer->bytes, buffer->room, room);
    if (bytes == NULL)
        return false;
    buffer->bytes = bytes;
    buffer->room = room;
    return true;
}

#define LITTLE ((size_t)4096) /* room that is not worth giving back */

void npki_dynbuf_trim(npki_dynbuf *buffer)
{
    if (buffer->room - buffer->size <= LITTLE)
        return;
    uint8_t *bytes =
        buffer->size == 0 ? NULL : npki_resize(&buffer->allocator, buffer->bytes, buffer->room, buffer->size);
    if (buffer->size == 0)
        npki_dynbuf_free(buffer);
    else if (bytes != NULL) {
        buffer->bytes = bytes;
        buffer->room = buffer->size;
    }
}

bool npki_dynbuf_add_more(npki_dynbuf *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return true;
    uint8_t *room = npki_dynbuf_room(buffer, size);
    if (room == NULL)
        return false;
    memcpy(room, bytes, size);
    buffer->size += size;
    return true;
}

void npki_dynbuf_free(npki_dynbuf *buffer)
{
    npki_free(&buffer->allocator, buffer->bytes, buffer->room);
    buffer->bytes = NULL;
    buffer->size = buffer->room = 0;
}
