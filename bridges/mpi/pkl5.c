#include "pkl5.h"

#include "transfer.h"

#include <inttypes.h>
#include <stdlib.h>

/* --- payloads outside: the sizes of the pickle and of each buffer as int64, and then these, a message each --- */

enum { ALIGNMENT = 64, PARTS_MOST = 1 << 16 };

/* More bytes than a process has addresses for: who says so sends no such parts, and nothing is waited for. */
#define MEMORY_MOST ((int64_t)1 << 57)

/* The parts of a message: sizes[0] is the pickle's. */
struct parts {
    int64_t *sizes;
    size_t count;
    bool bad; /* peer->error says why */
};

static uint64_t aligned(uint64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Whether a message can have these parts at all. */
static bool can_be(struct comm *comm, const struct parts *parts)
{
    uint64_t total = 0;
    for (size_t i = 0; i < parts->count; i++) {
        const int64_t size = parts->sizes[i];
        const bool good = size >= 0 && size <= MEMORY_MOST;
        total += good ? (uint64_t)size : 0;
        if (!good || total > MEMORY_MOST)
            return peer_fail(&comm->peer, "expected the sizes of the parts of a message, found %" PRId64,
                             good ? (int64_t)total : size);
    }
    return true;
}

/* A place in comm->peer.room for all parts, of which comm->parts are those but the first. */
static bool lay_out(struct comm *comm, const struct parts *parts)
{
    uint64_t total = 0;
    for (size_t i = 0; i < parts->count; i++) {
        if (transfer_too_long(comm, (uint64_t)parts->sizes[i]) ||
            transfer_too_long(comm, total += aligned((uint64_t)parts->sizes[i])))
            return false;
    }
    free(comm->parts);
    comm->part_count = parts->count - 1;
    comm->parts = calloc(parts->count, sizeof *comm->parts);
    if (comm->parts == NULL)
        return peer_fail(&comm->peer, "%zu parts: not enough memory", parts->count);
    if (!transfer_has_room(comm, &comm->peer.room, &comm->peer.size, total))
        return false;
    total = aligned((uint64_t)parts->sizes[0]);
    for (size_t i = 1; i < parts->count; i++) {
        comm->parts[i - 1] = (npk_buffer){.bytes = comm->peer.room + total, .size = (size_t)parts->sizes[i]};
        total += aligned((uint64_t)parts->sizes[i]);
    }
    return true;
}

static uint8_t *part_room(struct comm *comm, size_t index)
{
    return index == 0 ? comm->peer.room : (uint8_t *)(uintptr_t)comm->parts[index - 1].bytes;
}

static bool recv_sizes(struct comm *comm, const struct envelope *from, struct parts *parts)
{
    struct found found;
    if (!transfer_find(comm, from, &found))
        return false;
    parts->count = found.size / sizeof *parts->sizes;
    if (found.size % sizeof *parts->sizes != 0 || parts->count == 0 || parts->count > PARTS_MOST) {
        return transfer_drop(comm, &found) &&
               peer_fail(&comm->peer, "expected the sizes of the parts of a message, found %" PRIu64 " bytes",
                         found.size);
    }
    parts->sizes = malloc(parts->count * sizeof *parts->sizes);
    if (parts->sizes == NULL)
        return peer_fail(&comm->peer, "not enough memory");
    return transfer_take(comm, &found, parts->sizes) && can_be(comm, parts);
}

/* All parts are taken, also where one is not what was promised: what comes after them is the next message. */
static bool recv_parts(struct comm *comm, const struct envelope *from, struct parts *parts)
{
    parts->bad = !lay_out(comm, parts);
    for (size_t i = 0; i < parts->count; i++) {
        struct found found;
        if (!transfer_find(comm, from, &found))
            return false;
        if (!parts->bad && found.size == (uint64_t)parts->sizes[i]) {
            if (!transfer_take(comm, &found, part_room(comm, i)))
                return false;
            continue;
        }
        if (!transfer_drop(comm, &found))
            return false;
        if (!parts->bad)
            parts->bad = !peer_fail(&comm->peer, "part %zu: expected %" PRId64 " bytes, found %" PRIu64, i,
                                    parts->sizes[i], found.size);
    }
    return !parts->bad;
}

npk_doc *pkl5_recv(struct comm *comm, const struct envelope *from)
{
    struct parts parts = {NULL, 0, false};
    npk_doc *doc = NULL;
    if (recv_sizes(comm, from, &parts) && recv_parts(comm, from, &parts))
        doc = message_load(&comm->peer, 0, (size_t)parts.sizes[0], comm->parts, comm->part_count);
    free(parts.sizes);
    return doc;
}

/* Buffers of 256 KiB and more go outside, as in pkl5. */
enum { THRESHOLD = 256 * 1024 };

struct outside {
    npk_buffers buffers;
    size_t next; /* of the second writing, which offers the same again */
};

static bool keep_outside(void *context, const npk_buffer *buffer)
{
    struct outside *outside = context;
    if (buffer->size < THRESHOLD)
        return false;
    if (outside->next < outside->buffers.count)
        return outside->buffers.items[outside->next++].bytes == buffer->bytes;
    return npk_buffers_collect(&outside->buffers, buffer) && ++outside->next > 0;
}

static bool send_parts(struct comm *comm, const struct envelope *to, uint64_t size, const npk_buffers *buffers)
{
    int64_t *sizes = malloc((buffers->count + 1) * sizeof *sizes);
    if (sizes == NULL)
        return peer_fail(&comm->peer, "not enough memory");
    sizes[0] = (int64_t)size;
    for (size_t i = 0; i < buffers->count; i++)
        sizes[i + 1] = (int64_t)buffers->items[i].size;
    bool sent =
        transfer_good(comm, MPI_Send(sizes, (int)buffers->count + 1, MPI_INT64_T, to->rank, to->tag, comm->of), "send");
    free(sizes);
    sent = sent && transfer_send(comm, to, comm->out, size);
    for (size_t i = 0; sent && i < buffers->count; i++)
        sent = transfer_send(comm, to, buffers->items[i].bytes, buffers->items[i].size);
    return sent;
}

bool pkl5_send(struct comm *comm, const struct envelope *to, message_body *body, void *context,
               const npk_write_options *given)
{
    struct outside outside = {0};
    npk_write_options options = given == NULL ? (npk_write_options){0} : *given;
    message_outside(&options, keep_outside, &outside);
    uint64_t size;
    bool sent = transfer_write_once(comm, body, context, &options, &size);
    if (sent && size > comm->out_size) {
        outside.next = 0;
        sent = transfer_has_room(comm, &comm->out, &comm->out_size, size) &&
               transfer_write_once(comm, body, context, &options, &size);
    }
    sent = sent && send_parts(comm, to, size, &outside.buffers);
    npk_buffers_free(&outside.buffers);
    return sent;
}

npk_doc *pkl5_bcast(struct comm *comm, int root)
{
    int64_t count = 0;
    npk_doc *doc = NULL;
    if (!transfer_good(comm, MPI_Bcast(&count, 1, MPI_INT64_T, root, comm->of), "bcast"))
        return NULL;
    struct parts parts = {NULL, (size_t)count, false};
    comm->lost = true; /* until all is there */
    if (count < 1 || count > PARTS_MOST)
        (void)peer_fail(&comm->peer, "a message of %" PRId64 " parts", count);
    else if ((parts.sizes = malloc(parts.count * sizeof *parts.sizes)) == NULL)
        (void)peer_fail(&comm->peer, "not enough memory");
    else if (transfer_good(comm, MPI_Bcast(parts.sizes, (int)count, MPI_INT64_T, root, comm->of), "bcast"))
        comm->lost = !can_be(comm, &parts) || !lay_out(comm, &parts);
    for (size_t i = 0; !comm->lost && i < parts.count; i++)
        (void)transfer_bcast(comm, root, part_room(comm, i), (uint64_t)parts.sizes[i]);
    if (!comm->lost)
        doc = message_load(&comm->peer, 0, (size_t)parts.sizes[0], comm->parts, comm->part_count);
    free(parts.sizes);
    return doc;
}
