#include "reader/source.h"

#include "base/error.h"

#include <string.h>

#define FIRST_CHUNK ((size_t)1 << 16)

npki_chunk *npki_chunk_new(const npk_allocator *allocator, size_t room)
{
    npki_chunk *chunk = npki_allocate(allocator, sizeof *chunk);
    if (chunk == NULL)
        return NULL;
    memset(chunk, 0, sizeof *chunk);
    atomic_init(&chunk->users, 1);
    chunk->allocator = *allocator;
    if (room > 0) {
        chunk->bytes = npki_allocate(allocator, room);
        chunk->room = room;
        if (chunk->bytes == NULL) {
            npki_free(allocator, chunk, sizeof *chunk);
            return NULL;
        }
    }
    return chunk;
}

npki_chunk *npki_chunk_keep(npki_chunk *chunk)
{
    if (chunk != NULL)
        atomic_fetch_add(&chunk->users, 1);
    return chunk;
}

void npki_chunk_release(npki_chunk *chunk)
{
    if (chunk == NULL || atomic_fetch_sub(&chunk->users, 1) != 1)
        return;
    npk_allocator allocator = chunk->allocator;
    npki_input_close(&chunk->input);
    npki_free(&allocator, chunk->bytes, chunk->room);
    npki_free(&allocator, chunk, sizeof *chunk);
}

/* The bytes at hand move to the start of a chunk with more room: a new one, unless nothing else lies in this one. */
static bool move(npki_source *source, size_t room)
{
    size_t held = (size_t)(source->end - source->at);
    npki_chunk *chunk = source->chunk;
    if (chunk != NULL && chunk->bytes == source->at && atomic_load(&chunk->users) == 1) {
        uint8_t *bytes = npki_resize(&source->allocator, chunk->bytes, chunk->room, room);
        if (bytes == NULL)
            return false;
        chunk->bytes = bytes;
        chunk->room = room;
    } else {
        npki_chunk *fresh = npki_chunk_new(&source->allocator, room);
        if (fresh == NULL)
            return false;
        if (held > 0)
            memcpy(fresh->bytes, source->at, held);
        npki_chunk_release(chunk);
        source->chunk = chunk = fresh;
    }
    source->at = chunk->bytes;
    source->end = chunk->bytes + held;
    return true;
}

bool npki_source_more(npki_source *source, size_t needed, npk_status *status, npk_error *error)
{
    *status = NPK_OK;
    while ((size_t)(source->end - source->at) < needed) {
        size_t held = (size_t)(source->end - source->at);
        if (source->read == NULL || source->ended) {
            source->ended = true;
            return false;
        }
        size_t room = source->chunk == NULL ? 0 : source->chunk->room - (size_t)(source->end - source->chunk->bytes);
        if (room == 0) {
            room = held < FIRST_CHUNK / 2 ? FIRST_CHUNK : 2 * held;
            if (!move(source, room)) {
                *status = npki_no_memory(error);
                return false;
            }
            room -= held;
        }
        int system = 0;
        int64_t got =
            source->read(source->context, source->chunk->bytes + (source->end - source->chunk->bytes), room, &system);
        if (got < 0 || (uint64_t)got > room) {
            *status = npki_fail_system(error, system, "read");
            return false;
        }
        source->ended = got == 0;
        source->end += got;
    }
    return true;
}
