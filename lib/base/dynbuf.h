/* Bytes that grow, up to a maximum they were born with. */
#ifndef NPKI_BASE_DYNBUF_H
#define NPKI_BASE_DYNBUF_H

#include "base/allocator.h"

#include <string.h>

typedef struct npki_dynbuf {
    npk_allocator allocator;
    uint8_t *bytes;
    size_t size;
    size_t room;
    size_t maximum;
} npki_dynbuf;

void npki_dynbuf_init(npki_dynbuf *buffer, const npk_allocator *allocator, size_t maximum);

/* Room for `size` more bytes; NULL where memory or the maximum ends. The caller adds to buffer->size what it wrote. */
uint8_t *npki_dynbuf_room(npki_dynbuf *buffer, size_t size);
/* Exactly so much room in all, where there is less. False as above. */
bool npki_dynbuf_reserve(npki_dynbuf *buffer, size_t room);
/* Gives back the room behind its bytes, where that is much. */
void npki_dynbuf_trim(npki_dynbuf *buffer);
bool npki_dynbuf_add_more(npki_dynbuf *buffer, const void *bytes, size_t size);
void npki_dynbuf_free(npki_dynbuf *buffer);

/* Inline, as most of what is added has a size that is known where it is, and there is room for it. */
static inline bool npki_dynbuf_add(npki_dynbuf *buffer, const void *bytes, size_t size)
{
    if (size == 0 || size > buffer->room - buffer->size)
        return npki_dynbuf_add_more(buffer, bytes, size);
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}

/* The last of entries of a size; NULL: there is none. */
static inline void *npki_last_of(const npki_dynbuf *entries, size_t size)
{
    return entries->size == 0 ? NULL : entries->bytes + entries->size - size;
}

#endif
