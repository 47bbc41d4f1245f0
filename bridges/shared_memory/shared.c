#include "shared.h"

#include "connection.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A description is (name, size, [(offset, size), ...], pickle): the name and the size of the block, where in it the
 * buffers are that the pickle leaves outside, in order, and the pickle as bytes. The name is None where there are no
 * buffers. */

/* --- one that comes --- */

static bool take_buffer(struct peer *peer, const npk_value *place, const struct block *block, npk_buffer *out)
{
    uint64_t offset, size;
    if (npk_value_size(place) != 2 || !npk_value_as_uint64(npk_value_item(place, 0), &offset) ||
        !npk_value_as_uint64(npk_value_item(place, 1), &size))
        return peer_fail(peer, "expected (offset, size) of a buffer, found a %s", npk_kind_name(npk_value_kind(place)));
    if (offset > block->size || size > block->size - offset)
        return peer_fail(peer, "a buffer of %" PRIu64 " bytes at %" PRIu64 " is not inside the block of %zu", size,
                         offset, block->size);
    if (offset % SHARED_ALIGNMENT != 0)
        return peer_fail(peer, "a buffer begins at %" PRIu64 ", which is no multiple of %d", offset, SHARED_ALIGNMENT);
    *out = (npk_buffer){.bytes = block->bytes + offset, .size = (size_t)size};
    return true;
}

static bool open_block(struct peer *peer, const npk_value *root, struct block *block, struct shared *out)
{
    const npk_value *places = npk_value_item(root, 2);
    uint64_t size;
    size_t length;
    const char *name = npk_value_as_str(npk_value_item(root, 0), &length);
    out->count = npk_value_size(places);
    if (out->count == 0 && npk_value_kind(npk_value_item(root, 0)) == NPK_KIND_NONE)
        return true;
    if (name == NULL || !npk_value_as_uint64(npk_value_item(root, 1), &size))
        return peer_fail(peer, "expected the name and the size of a block, found a %s and a %s",
                         npk_kind_name(npk_value_kind(npk_value_item(root, 0))),
                         npk_kind_name(npk_value_kind(npk_value_item(root, 1))));
    if (size > peer->limits.message)
        return peer_fail(peer, "a block of %" PRIu64 " bytes is longer than the limit of %" PRIu64, size,
                         peer->limits.message);
    if (!block_open(peer, block, name, length, size))
        return false;
    out->buffers = calloc(out->count + 1, sizeof *out->buffers);
    bool good = out->buffers != NULL || peer_fail(peer, "not enough memory");
    for (size_t i = 0; good && i < out->count; i++)
        good = take_buffer(peer, npk_value_item(places, i), block, &out->buffers[i]);
    return good;
}

static bool load_value(struct peer *peer, const npk_value *pickle, struct shared *out)
{
    size_t size;
    npk_doc_info info = {0};
    npk_error error;
    const uint8_t *bytes = npk_value_as_bytes(pickle, &size);
    const npk_read_options options = {.buffers = out->buffers, .buffer_count = out->count};
    if (bytes == NULL)
        return peer_fail(peer, "expected a pickle as bytes, found a %s", npk_kind_name(npk_value_kind(pickle)));
    if (npk_doc_load_memory(bytes, size, &options, &out->doc, &error) != NPK_OK)
        return peer_fail(peer, "%s", error.message);
    npk_doc_info_of(out->doc, &info);
    return info.buffers == out->count ||
           peer_fail(peer, "expected %" PRIu64 " buffers in the block, found %zu", info.buffers, out->count);
}

bool shared_load(struct peer *peer, size_t size, struct block *block, struct shared *out)
{
    *out = (struct shared){.description = connection_load(peer, size)};
    const npk_value *root = npk_doc_root(out->description);
    if (out->description == NULL)
        return false;
    bool good = (npk_value_kind(root) == NPK_KIND_TUPLE && npk_value_size(root) == 4 &&
                 npk_value_kind(npk_value_item(root, 2)) == NPK_KIND_LIST) ||
                peer_fail(peer, "expected (name, size, [(offset, size), ...], pickle), found a %s",
                          npk_kind_name(npk_value_kind(root)));
    good = good && open_block(peer, root, block, out) && load_value(peer, npk_value_item(root, 3), out);
    if (!good)
        shared_free(out);
    return good;
}

void shared_free(struct shared *shared)
{
    npk_doc_free(shared->doc);
    npk_doc_free(shared->description);
    free(shared->buffers);
    *shared = (struct shared){.count = 0};
}

/* --- one that goes --- */

struct description {
    const struct block *block;
    const npk_buffers *buffers;
    const uint8_t *pickle;
    size_t size;
};

static uint64_t aligned(uint64_t offset)
{
    return (offset + SHARED_ALIGNMENT - 1) / SHARED_ALIGNMENT * SHARED_ALIGNMENT;
}

static npk_status write_description(npk_writer *writer, void *context)
{
    const struct description *description = context;
    const npk_buffers *buffers = description->buffers;
    uint64_t offset = 0;
    npk_write_begin_tuple(writer, 4);
    if (buffers->count == 0)
        npk_write_none(writer);
    else
        npk_write_str(writer, description->block->name);
    npk_write_uint(writer, description->block->size);
    npk_write_begin_list(writer, (int64_t)buffers->count);
    for (size_t i = 0; i < buffers->count; i++) {
        npk_write_begin_tuple(writer, 2);
        npk_write_uint(writer, offset);
        npk_write_uint(writer, buffers->items[i].size);
        npk_write_end(writer);
        offset = aligned(offset + buffers->items[i].size);
    }
    npk_write_end(writer);
    npk_write_bytes(writer, description->pickle, description->size);
    return npk_write_end(writer);
}

/* Where an array lies in the other side's block is no place of ours: it is copied once, into our block. */
static bool fill(struct peer *peer, struct block *block, const npk_buffers *buffers)
{
    uint64_t total = 0, offset = 0;
    for (size_t i = 0; i < buffers->count && total <= peer->limits.message; i++)
        total = aligned(total) + buffers->items[i].size;
    if (total > peer->limits.message)
        return peer_fail(peer, "a block of %" PRIu64 " bytes is longer than the limit of %" PRIu64, total,
                         peer->limits.message);
    if (buffers->count > 0 && !block_make(peer, block, (size_t)total))
        return false;
    for (size_t i = 0; i < buffers->count; i++) {
        if (buffers->items[i].size > 0)
            memcpy(block->bytes + offset, buffers->items[i].bytes, buffers->items[i].size);
        offset = aligned(offset + buffers->items[i].size);
    }
    return true;
}

bool shared_send(struct peer *peer, struct block *block, npk_write_options options, message_body *body, void *context)
{
    npk_buffers buffers = {0};
    npk_writer *writer = NULL;
    npk_error error;
    uint8_t *pickle = NULL;
    size_t size = 0;
    const npk_write_options outer = {.protocol_given = true, .protocol = 5};
    message_outside(&options, npk_buffers_collect, &buffers);
    npk_status status = npk_writer_memory(&options, &writer, &error);
    if (status == NPK_OK) {
        (void)body(writer, context); /* what is wrong npk_writer_finish_memory says */
        status = npk_writer_finish_memory(writer, &pickle, &size, &error);
    }
    bool good = status == NPK_OK || peer_fail(peer, "%s", error.message);
    struct description description = {block, &buffers, pickle, size};
    good = good && fill(peer, block, &buffers) && connection_send(peer, &outer, write_description, &description);
    npk_bytes_free(NULL, pickle, size);
    npk_buffers_free(&buffers);
    return good;
}
