/* Bytes that grow, up to a maximum they were born with. */
#ifndef NPKI_BASE_BUFFER_H
#define NPKI_BASE_BUFFER_H

#include "base/allocator.h"

typedef struct npki_buffer {
    npk_allocator allocator;
    uint8_t *bytes;
    size_t size;
    size_t room;
    size_t maximum;
} npki_buffer;

void npki_buffer_init(npki_buffer *buffer, const npk_allocator *allocator, size_t maximum);

/* Room for `size` more bytes; NULL where memory or the maximum ends. The caller adds to buffer->size what it wrote. */
uint8_t *npki_buffer_room(npki_buffer *buffer, size_t size);
bool npki_buffer_add(npki_buffer *buffer, const void *bytes, size_t size);
void npki_buffer_free(npki_buffer *buffer);

#endif
