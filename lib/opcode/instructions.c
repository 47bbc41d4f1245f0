/* Instructions one after another: of memory, or of a stream that is held only as far as the next one reaches. */
#include "base/allocator.h"
#include "base/error.h"
#include "base/map.h"
#include "opcode/opcode.h"

#include <string.h>

#define FIRST_ROOM ((size_t)1 << 16) /* bytes of memory for a stream, to begin with */

struct npk_instructions {
    npk_allocator allocator;
    npk_read_function *read; /* NULL: all bytes are there */
    void *context;
    uint8_t *room; /* of a stream: `bytes` is the same */
    size_t room_size;
    const uint8_t *bytes;
    size_t size;
    size_t at;     /* of the next instruction */
    uint64_t base; /* of bytes[0], from the start of the input */
    bool ended;    /* nothing comes after bytes[size] */
    npki_map memo; /* of those pickles that share one */
};

static npk_status new_instructions(const npk_allocator *given, npk_instructions **out, npk_error *error)
{
    npk_allocator allocator = npki_allocator(given);
    npk_instructions *in = npki_allocate(&allocator, sizeof *in);
    if (in == NULL)
        return npki_no_memory(error);
    *in = (npk_instructions){.allocator = allocator};
    npki_map_init(&in->memo, &in->allocator);
    *out = in;
    return NPK_OK;
}

npk_status npk_instructions_memory(const void *bytes, size_t size, const npk_allocator *allocator,
                                   npk_instructions **out, npk_error *error)
{
    if (out == NULL || (bytes == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for their instructions, found NULL");
    npk_status status = new_instructions(allocator, out, error);
    if (status == NPK_OK) {
        (*out)->bytes = bytes;
        (*out)->size = size;
        (*out)->ended = true;
    }
    return status;
}

npk_status npk_instructions_callback(npk_read_function *read, void *context, const npk_allocator *allocator,
                                     npk_instructions **out, npk_error *error)
{
    if (out == NULL || read == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a function and a place for its instructions, found NULL");
    npk_status status = new_instructions(allocator, out, error);
    if (status == NPK_OK) {
        (*out)->read = read;
        (*out)->context = context;
    }
    return status;
}

static npk_status grow(npk_instructions *in, npk_error *error)
{
    size_t size = in->room_size == 0 ? FIRST_ROOM : 2 * in->room_size;
    uint8_t *room = size < in->room_size ? NULL : npki_resize(&in->allocator, in->room, in->room_size, size);
    if (room == NULL)
        return npki_no_memory(error);
    in->bytes = in->room = room;
    in->room_size = size;
    return NPK_OK;
}

/* Drops what was used, and reads on: at least as much again as is held, so that a long line is looked through only a
 * few times, unless the input ends. */
static npk_status read_on(npk_instructions *in, npk_error *error)
{
    if (in->at > 0) {
        memmove(in->room, in->room + in->at, in->size - in->at);
        in->base += in->at;
        in->size -= in->at;
        in->at = 0;
    }
    if (in->size >= in->room_size / 2 && grow(in, error) != NPK_OK)
        return NPK_ERR_MEMORY;
    for (size_t enough = 2 * in->size; !in->ended;) {
        int system = 0;
        size_t room = in->room_size - in->size;
        int64_t got = in->read(in->context, in->room + in->size, room, &system);
        if (got < 0)
            return npki_fail_system(error, system, "read");
        if ((uint64_t)got > room)
            return npki_fail(error, NPK_ERR_USAGE, "expected at most %zu bytes from the function that reads", room);
        in->size += (size_t)got;
        in->ended = got == 0;
        if (in->size >= enough)
            break;
    }
    return NPK_OK;
}

npk_status npk_instructions_more(npk_instructions *in, bool *more, npk_error *error)
{
    npk_status status = NPK_OK;
    if (in == NULL || more == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected instructions, found NULL");
    for (;;) {
        while (in->at < in->size && npki_is_padding(in->bytes[in->at]))
            in->at++;
        if (in->at < in->size || in->ended || status != NPK_OK)
            break;
        status = read_on(in, error);
    }
    *more = in->at < in->size;
    return status;
}

npk_status npk_instructions_next(npk_instructions *in, npk_instruction *out, npk_error *error)
{
    if (in == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected instructions and room for one, found NULL");
    for (;;) {
        npk_error attempt; /* where more bytes mend it, nothing has gone wrong */
        npk_status status = NPK_ERR_TRUNCATED;
        if (in->size > in->at || in->ended)
            status = npk_instruction_at(in->bytes, in->size, in->at, out, &attempt);
        if (status == NPK_ERR_TRUNCATED && !in->ended) {
            status = read_on(in, error);
            if (status != NPK_OK)
                return status;
            continue;
        }
        if (status == NPK_OK) {
            in->at = (size_t)out->end;
            out->offset += in->base;
            out->end += in->base;
        } else if (error != NULL) {
            *error = attempt;
            if (error->offset != NPK_NO_OFFSET)
                error->offset += in->base;
        }
        return status;
    }
}

uint64_t npk_instructions_offset(const npk_instructions *in)
{
    return in == NULL ? 0 : in->base + in->at;
}

npki_map *npki_instructions_memo(npk_instructions *in)
{
    return &in->memo;
}

void npk_instructions_free(npk_instructions *in)
{
    if (in == NULL)
        return;
    npk_allocator allocator = in->allocator;
    npki_map_free(&in->memo);
    npki_free(&allocator, in->room, in->room_size);
    npki_free(&allocator, in, sizeof *in);
}
