#include "comm.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- errors --- */

static bool good(struct comm *comm, int code, const char *what)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (code == MPI_SUCCESS)
        return true;
    MPI_Error_string(code, text, &length);
    comm->lost = true;
    return peer_fail(&comm->peer, "%s: %.150s", what, text);
}

static bool too_long(struct comm *comm, uint64_t size)
{
    if (size <= comm->peer.limits.message)
        return false;
    (void)peer_fail(&comm->peer, "a message of %" PRIu64 " bytes is longer than the limit of %" PRIu64, size,
                    comm->peer.limits.message);
    return true;
}

void comm_complain(const struct comm *comm)
{
    fprintf(stderr, "rank %d: %s\n", comm->rank, comm->peer.error);
}

void comm_abort(const struct comm *comm)
{
    comm_complain(comm);
    fprintf(stderr, "rank %d: ends the job\n", comm->rank);
    MPI_Abort(comm->of, 1);
    exit(1);
}

/* --- beginning and end --- */

bool comm_start(struct comm *comm, int *argc, char ***argv, const peer_limits *limits, const char *mpi4py)
{
    int size = 0;
    *comm = (struct comm){.peer = {.fd = -1, .limits = *limits}, .of = MPI_COMM_WORLD, .count = MPI_INT};
    MPI_Init(argc, argv);
    MPI_Comm_set_errhandler(comm->of, MPI_ERRORS_RETURN);
    MPI_Comm_rank(comm->of, &comm->rank);
    MPI_Comm_size(comm->of, &size);
    if (mpi4py != NULL && strcmp(mpi4py, "4") == 0)
        comm->count = MPI_COUNT;
    else if (mpi4py != NULL && strcmp(mpi4py, "3") != 0)
        return peer_fail(&comm->peer, "--mpi4py: expected 3 or 4, found %s", mpi4py);
    return size > 1 || peer_fail(&comm->peer, "alone: mpirun starts it beside a program of mpi4py");
}

void comm_end(struct comm *comm)
{
    free(comm->out);
    free(comm->parts);
    peer_close(&comm->peer);
    MPI_Finalize();
}

/* --- memory: kept from message to message, so that a long one does not ask the system for its pages each time --- */

static bool has_room(struct comm *comm, uint8_t **room, size_t *held, uint64_t size)
{
    if (*room != NULL && size <= *held)
        return true;
    free(*room);
    *held = (size_t)size + 1;
    *room = malloc(*held);
    if (*room != NULL)
        return true;
    *held = 0;
    return peer_fail(&comm->peer, "a message of %" PRIu64 " bytes: not enough memory", size);
}

/* --- bytes: MPI counts in ints, so that 2 GiB and more are one element of a type, as mpi4py has it --- */

struct bytes {
    MPI_Datatype type;
    int count;
};

static struct bytes bytes_of(uint64_t size)
{
    enum { BLOCK = 1 << 30 };
    struct bytes bytes = {MPI_BYTE, (int)size};
    MPI_Datatype pieces[2];
    if (size <= INT_MAX)
        return bytes;
    const MPI_Aint at[2] = {0, (MPI_Aint)(size / BLOCK * BLOCK)};
    MPI_Type_vector((int)(size / BLOCK), BLOCK, BLOCK, MPI_BYTE, &pieces[0]);
    MPI_Type_contiguous((int)(size % BLOCK), MPI_BYTE, &pieces[1]);
    MPI_Type_create_struct(2, (const int[]){1, 1}, at, pieces, &bytes.type);
    MPI_Type_commit(&bytes.type);
    MPI_Type_free(&pieces[0]);
    MPI_Type_free(&pieces[1]);
    bytes.count = 1;
    return bytes;
}

static void bytes_free(struct bytes *bytes)
{
    if (bytes->type != MPI_BYTE)
        MPI_Type_free(&bytes->type);
}

static bool send_bytes(struct comm *comm, const struct envelope *to, const void *from, uint64_t size)
{
    struct bytes bytes = bytes_of(size);
    int code = MPI_Send(from, bytes.count, bytes.type, to->rank, to->tag, comm->of);
    bytes_free(&bytes);
    return good(comm, code, "send");
}

static bool bcast_bytes(struct comm *comm, int root, void *to, uint64_t size)
{
    struct bytes bytes = bytes_of(size);
    int code = MPI_Bcast(to, bytes.count, bytes.type, root, comm->of);
    bytes_free(&bytes);
    return good(comm, code, "bcast");
}

/* --- messages that come --- */

enum { BUSY = 2000, NAP = 100000 }; /* looks without a pause; then one each 0.1 ms */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void rest(unsigned looks)
{
    if (looks < BUSY)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = NAP}, NULL);
}

bool comm_wait(struct comm *comm, int source, MPI_Status *status)
{
    int found = 0;
    for (unsigned looks = 0; !found; looks += looks <= BUSY) {
        if (!good(comm, MPI_Iprobe(source, MPI_ANY_TAG, comm->of, &found, status), "recv"))
            return false;
        if (!found)
            rest(looks);
    }
    return true;
}

/* A message that has been found and not yet been taken. */
struct found {
    MPI_Message message;
    uint64_t size;
};

/* The next one of this envelope, which was promised: within the time limit. */
static bool find(struct comm *comm, const struct envelope *from, struct found *out)
{
    int found = 0;
    MPI_Status status;
    MPI_Count size = 0;
    const int seconds = comm->peer.limits.seconds;
    const double start = now();
    for (unsigned looks = 0; !found; looks += looks <= BUSY) {
        if (!good(comm, MPI_Improbe(from->rank, from->tag, comm->of, &found, &out->message, &status), "recv"))
            return false;
        if (!found && seconds > 0 && now() - start > seconds) {
            comm->lost = true;
            return peer_fail(&comm->peer, "rank %d promises a message that does not come: nothing for %d seconds",
                             from->rank, seconds);
        }
        if (!found)
            rest(looks);
    }
    if (!good(comm, MPI_Get_elements_x(&status, MPI_BYTE, &size), "recv"))
        return false;
    out->size = (uint64_t)size;
    return true;
}

static bool take(struct comm *comm, struct found *found, void *to)
{
    struct bytes bytes = bytes_of(found->size);
    int code = MPI_Mrecv(to, bytes.count, bytes.type, &found->message, MPI_STATUS_IGNORE);
    bytes_free(&bytes);
    return good(comm, code, "recv");
}

/* Takes none of its bytes, which MPI calls an error and this program does not. False, so that it may end a line of errors. */
static bool drop(struct found *found)
{
    uint8_t none[1];
    (void)MPI_Mrecv(none, 0, MPI_BYTE, &found->message, MPI_STATUS_IGNORE);
    return false;
}

/* --- payloads outside: the sizes of the pickle and of each buffer as int64, and then these, one message or broadcast each --- */

enum { ALIGNMENT = 64, PARTS_MOST = 1 << 16 };

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

/* A place in comm->peer.room for all parts, of which comm->parts are those but the first. */
static bool lay_out(struct comm *comm, const struct parts *parts)
{
    uint64_t total = 0;
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->sizes[i] < 0)
            return peer_fail(&comm->peer, "a part of a negative size");
        if (too_long(comm, (uint64_t)parts->sizes[i]) || too_long(comm, total += aligned((uint64_t)parts->sizes[i])))
            return false;
    }
    free(comm->parts);
    comm->part_count = parts->count - 1;
    comm->parts = calloc(parts->count, sizeof *comm->parts);
    if (comm->parts == NULL)
        return peer_fail(&comm->peer, "%zu parts: not enough memory", parts->count);
    if (!has_room(comm, &comm->peer.room, &comm->peer.size, total))
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
    if (!find(comm, from, &found))
        return false;
    parts->count = found.size / sizeof *parts->sizes;
    if (found.size % sizeof *parts->sizes != 0 || parts->count == 0 || parts->count > PARTS_MOST) {
        (void)drop(&found);
        return peer_fail(&comm->peer, "expected the sizes of the parts of a message, found %" PRIu64 " bytes",
                         found.size);
    }
    parts->sizes = malloc(parts->count * sizeof *parts->sizes);
    return parts->sizes == NULL ? peer_fail(&comm->peer, "not enough memory") : take(comm, &found, parts->sizes);
}

/* All parts are taken, also where one is not what was promised: what comes after them is the next message. */
static bool recv_parts(struct comm *comm, const struct envelope *from, struct parts *parts)
{
    parts->bad = !lay_out(comm, parts);
    for (size_t i = 0; i < parts->count; i++) {
        struct found found;
        if (!find(comm, from, &found))
            return false;
        if (!parts->bad && found.size == (uint64_t)parts->sizes[i]) {
            if (!take(comm, &found, part_room(comm, i)))
                return false;
            continue;
        }
        (void)drop(&found);
        if (!parts->bad)
            parts->bad = !peer_fail(&comm->peer, "part %zu: expected %" PRId64 " bytes, found %" PRIu64, i,
                                    parts->sizes[i], found.size);
    }
    return !parts->bad;
}

static npk_doc *recv_outside(struct comm *comm, const struct envelope *from)
{
    struct parts parts = {NULL, 0, false};
    npk_doc *doc = NULL;
    if (recv_sizes(comm, from, &parts) && recv_parts(comm, from, &parts))
        doc = message_load(&comm->peer, 0, (size_t)parts.sizes[0], comm->parts, comm->part_count);
    free(parts.sizes);
    return doc;
}

npk_doc *comm_recv(struct comm *comm, const struct envelope *from)
{
    struct found found;
    if (from->outside)
        return recv_outside(comm, from);
    if (!find(comm, from, &found))
        return NULL;
    if (too_long(comm, found.size) || !has_room(comm, &comm->peer.room, &comm->peer.size, found.size)) {
        (void)drop(&found);
        return NULL;
    }
    if (!take(comm, &found, comm->peer.room))
        return NULL;
    return message_load(&comm->peer, 0, (size_t)found.size, NULL, 0);
}

/* --- messages that go: MPI wants all of one in memory, in which it is written once where the last one was as long --- */

struct out {
    struct comm *comm;
    uint64_t size;
};

static int count_and_hold(void *context, const void *bytes, size_t size)
{
    struct out *out = context;
    if (out->size + size <= out->comm->out_size)
        memcpy(out->comm->out + out->size, bytes, size);
    out->size += size;
    return 0;
}

static bool write_once(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                       uint64_t *size)
{
    struct out out = {comm, 0};
    npk_writer *writer = NULL;
    npk_error error;
    npk_status status = npk_writer_callback(count_and_hold, &out, options, &writer, &error);
    if (status == NPK_OK) {
        (void)body(writer, context); /* npk_writer_finish says it again */
        status = npk_writer_finish(writer, &error);
    }
    *size = out.size;
    return status == NPK_OK || peer_fail(&comm->peer, "%s", error.message);
}

static bool write_body(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                       uint64_t *size)
{
    return write_once(comm, body, context, options, size) &&
           (*size <= comm->out_size ||
            (has_room(comm, &comm->out, &comm->out_size, *size) && write_once(comm, body, context, options, size)));
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
    bool sent = good(comm, MPI_Send(sizes, (int)buffers->count + 1, MPI_INT64_T, to->rank, to->tag, comm->of), "send");
    free(sizes);
    sent = sent && send_bytes(comm, to, comm->out, size);
    for (size_t i = 0; sent && i < buffers->count; i++)
        sent = send_bytes(comm, to, buffers->items[i].bytes, buffers->items[i].size);
    return sent;
}

static bool send_outside(struct comm *comm, const struct envelope *to, message_body *body, void *context,
                         const npk_write_options *given)
{
    struct outside outside = {0};
    npk_write_options options = given == NULL ? (npk_write_options){0} : *given;
    options.protocol_given = true;
    options.protocol = 5;
    if (npk_dialect_is_python2(options.dialect))
        options.dialect = NPK_DIALECT_DEFAULT;
    options.buffer = keep_outside;
    options.buffer_context = &outside;
    uint64_t size;
    bool sent = write_once(comm, body, context, &options, &size);
    if (sent && size > comm->out_size) {
        outside.next = 0;
        sent = has_room(comm, &comm->out, &comm->out_size, size) && write_once(comm, body, context, &options, &size);
    }
    sent = sent && send_parts(comm, to, size, &outside.buffers);
    npk_buffers_free(&outside.buffers);
    return sent;
}

bool comm_send(struct comm *comm, const struct envelope *to, message_body *body, void *context,
               const npk_write_options *options)
{
    uint64_t size;
    if (to->outside)
        return send_outside(comm, to, body, context, options);
    if (!write_body(comm, body, context, options, &size))
        return false;
    if (size > INT_MAX)
        return peer_fail(&comm->peer, "%" PRIu64 " bytes: mpi4py takes less than 2 GiB, but for pkl5", size);
    return send_bytes(comm, to, comm->out, size);
}

static npk_status write_error(npk_writer *writer, void *context)
{
    npk_write_begin_call(writer);
    npk_write_global(writer, "builtins", "ValueError");
    npk_write_begin_tuple(writer, 1);
    npk_write_str(writer, context);
    npk_write_end(writer);
    return npk_write_end(writer);
}

bool comm_send_error(struct comm *comm, const struct envelope *to)
{
    char text[sizeof comm->peer.error];
    memcpy(text, comm->peer.error, sizeof text);
    return comm_send(comm, to, write_error, text, NULL);
}

/* --- all ranks together: the size first, which all must believe --- */

/* A size as mpi4py's release has it. */
union count {
    int as_int;
    MPI_Count as_count;
};

static union count count_of(const struct comm *comm, uint64_t size)
{
    union count count = {.as_count = 0};
    if (comm->count == MPI_INT)
        count.as_int = (int)size;
    else
        count.as_count = (MPI_Count)size;
    return count;
}

/* The room for what all ranks are about to get. A size that can't be taken can't be refused either: the others go on. */
static bool agree(struct comm *comm, const union count *count, uint64_t *size)
{
    const int64_t said = comm->count == MPI_INT ? count->as_int : count->as_count;
    *size = (uint64_t)said;
    if (said < 0)
        (void)peer_fail(&comm->peer, "a message of a negative size, %" PRId64 ": is --mpi4py the other's release?",
                        said);
    if (said >= 0 && !too_long(comm, *size) && has_room(comm, &comm->peer.room, &comm->peer.size, *size))
        return true;
    comm->lost = true;
    return false;
}

static npk_doc *bcast_outside(struct comm *comm, int root)
{
    int64_t count = 0;
    npk_doc *doc = NULL;
    if (!good(comm, MPI_Bcast(&count, 1, MPI_INT64_T, root, comm->of), "bcast"))
        return NULL;
    struct parts parts = {NULL, (size_t)count, false};
    comm->lost = true; /* until all is there */
    if (count < 1 || count > PARTS_MOST)
        (void)peer_fail(&comm->peer, "a message of %" PRId64 " parts", count);
    else if ((parts.sizes = malloc(parts.count * sizeof *parts.sizes)) == NULL)
        (void)peer_fail(&comm->peer, "not enough memory");
    else if (good(comm, MPI_Bcast(parts.sizes, (int)count, MPI_INT64_T, root, comm->of), "bcast"))
        comm->lost = !lay_out(comm, &parts);
    for (size_t i = 0; !comm->lost && i < parts.count; i++)
        (void)bcast_bytes(comm, root, part_room(comm, i), (uint64_t)parts.sizes[i]);
    if (!comm->lost)
        doc = message_load(&comm->peer, 0, (size_t)parts.sizes[0], comm->parts, comm->part_count);
    free(parts.sizes);
    return doc;
}

npk_doc *comm_bcast(struct comm *comm, const struct envelope *root)
{
    union count count = {.as_count = 0};
    uint64_t size;
    if (root->outside)
        return bcast_outside(comm, root->rank);
    if (!good(comm, MPI_Bcast(&count, 1, comm->count, root->rank, comm->of), "bcast") || !agree(comm, &count, &size) ||
        !bcast_bytes(comm, root->rank, comm->peer.room, size))
        return NULL;
    return message_load(&comm->peer, 0, (size_t)size, NULL, 0);
}

npk_doc *comm_scatter(struct comm *comm, int root)
{
    union count count = {.as_count = 0};
    uint64_t size;
    if (!good(comm, MPI_Scatter(NULL, 0, comm->count, &count, 1, comm->count, root, comm->of), "scatter") ||
        !agree(comm, &count, &size))
        return NULL;
    struct bytes bytes = bytes_of(size);
    int code = MPI_Scatterv(NULL, NULL, NULL, MPI_BYTE, comm->peer.room, bytes.count, bytes.type, root, comm->of);
    bytes_free(&bytes);
    return good(comm, code, "scatter") ? message_load(&comm->peer, 0, (size_t)size, NULL, 0) : NULL;
}

bool comm_gather(struct comm *comm, int root, message_body *body, void *context, const npk_write_options *options)
{
    char text[sizeof comm->peer.error];
    uint64_t size = 0;
    memcpy(text, comm->peer.error, sizeof text);
    if (body == NULL || !write_body(comm, body, context, options, &size) || size > INT_MAX) {
        if (body != NULL && size > INT_MAX)
            (void)peer_fail(&comm->peer, "%" PRIu64 " bytes: gather takes less than 2 GiB", size);
        memcpy(text, comm->peer.error, sizeof text);
        if (!write_body(comm, write_error, text, NULL, &size))
            size = 0;
    }
    union count count = count_of(comm, size);
    return good(comm, MPI_Gather(&count, 1, comm->count, NULL, 0, comm->count, root, comm->of), "gather") &&
           good(comm, MPI_Gatherv(comm->out, (int)size, MPI_BYTE, NULL, NULL, NULL, MPI_BYTE, root, comm->of),
                "gather");
}
