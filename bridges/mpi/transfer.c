#include "transfer.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* --- errors --- */

bool transfer_good(struct comm *comm, int code, const char *what)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (code == MPI_SUCCESS)
        return true;
    MPI_Error_string(code, text, &length);
    comm->lost = true;
    return peer_fail(&comm->peer, "%s: %.150s", what, text);
}

bool transfer_too_long(struct comm *comm, uint64_t size)
{
    if (size <= comm->peer.limits.message)
        return false;
    (void)peer_fail(&comm->peer, "a message of %" PRIu64 " bytes is longer than the limit of %" PRIu64, size,
                    comm->peer.limits.message);
    return true;
}

/* --- memory: kept from message to message, so that a long one does not ask the system for its pages each time --- */

bool transfer_has_room(struct comm *comm, uint8_t **room, size_t *held, uint64_t size)
{
    if (*room != NULL && size <= *held)
        return true;
    free(*room);
    *held = (size_t)size + 1;
    *room = malloc(*held);
    if (*room != NULL)
        return true;
    *held = 0;
    return peer_fail(&comm->peer, "%" PRIu64 " bytes for messages: not enough memory", size);
}

/* --- bytes: MPI counts in ints, so that 2 GiB and more are one element of a type, as mpi4py has it --- */

struct bytes transfer_bytes(uint64_t size)
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

void transfer_bytes_free(struct bytes *bytes)
{
    if (bytes->type != MPI_BYTE)
        MPI_Type_free(&bytes->type);
}

bool transfer_send(struct comm *comm, const struct envelope *to, const void *from, uint64_t size)
{
    struct bytes bytes = transfer_bytes(size);
    int code = MPI_Send(from, bytes.count, bytes.type, to->rank, to->tag, comm->of);
    transfer_bytes_free(&bytes);
    return transfer_good(comm, code, "send");
}

bool transfer_bcast(struct comm *comm, int root, void *to, uint64_t size)
{
    struct bytes bytes = transfer_bytes(size);
    int code = MPI_Bcast(to, bytes.count, bytes.type, root, comm->of);
    transfer_bytes_free(&bytes);
    return transfer_good(comm, code, "bcast");
}

/* --- messages that come --- */

/* For so many seconds it looks without a pause, then once in each 0.1 ms, which is little of what has gone by until
 * then. */
#define BUSY 0.004
#define NAP 100000

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void transfer_rest(double *since)
{
    const double time = now();
    *since = *since == 0 ? time : *since;
    if (time - *since < BUSY)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = NAP}, NULL);
}

bool transfer_find(struct comm *comm, const struct envelope *from, struct found *out)
{
    int found = 0;
    MPI_Status status;
    MPI_Count size = 0;
    const int seconds = comm->peer.limits.seconds;
    double since = 0;
    while (!found) {
        if (!transfer_good(comm, MPI_Improbe(from->rank, from->tag, comm->of, &found, &out->message, &status), "recv"))
            return false;
        if (!found && seconds > 0 && since > 0 && now() - since > seconds) {
            comm->lost = true;
            return peer_fail(&comm->peer, "rank %d promises a message that does not come: nothing for %d seconds",
                             from->rank, seconds);
        }
        if (!found)
            transfer_rest(&since);
    }
    if (!transfer_good(comm, MPI_Get_elements_x(&status, MPI_BYTE, &size), "recv"))
        return false;
    out->size = (uint64_t)size;
    return true;
}

bool transfer_take(struct comm *comm, struct found *found, void *to)
{
    struct bytes bytes = transfer_bytes(found->size);
    int code = MPI_Mrecv(to, bytes.count, bytes.type, &found->message, MPI_STATUS_IGNORE);
    transfer_bytes_free(&bytes);
    return transfer_good(comm, code, "recv");
}

/* So many addresses with the same few pages behind them, again and again; NULL: there are none. */
static void *bottomless(size_t size, size_t *span)
{
    const size_t step = (size + 1023) / 1024 < (1 << 21) ? 1 << 21 : ((size + 1023) / 1024 + 4095) / 4096 * 4096;
    *span = (size + step - 1) / step * step;
    const int fd = memfd_create("dropped", MFD_CLOEXEC);
    uint8_t *room = fd < 0 || ftruncate(fd, (off_t)step) != 0
                        ? MAP_FAILED
                        : mmap(NULL, *span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool good = room != MAP_FAILED;
    for (size_t at = 0; good && at < *span; at += step)
        good = mmap(room + at, step, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
    if (fd >= 0)
        close(fd);
    if (!good && room != MAP_FAILED)
        munmap(room, *span);
    return good ? room : NULL;
}

/* Taken whole: where Open MPI copies out of the sender's memory it writes past the end of a room that is too short. */
bool transfer_drop(struct comm *comm, struct found *found)
{
    size_t span = 0;
    void *room = bottomless((size_t)found->size + 1, &span);
    if (room == NULL) {
        comm->lost = true;
        return peer_fail(&comm->peer, "a message of %" PRIu64 " bytes can't be dropped", found->size);
    }
    const bool good = transfer_take(comm, found, room);
    munmap(room, span);
    return good;
}

/* --- messages that go: MPI wants all of one in memory, where it is written once if the last one was as long --- */

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

bool transfer_write_once(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                       uint64_t *size)
{
    struct out out = {comm, 0};
    npk_error error;
    npk_status status = message_write(body, context, options, count_and_hold, &out, &error);
    *size = out.size;
    return status == NPK_OK || peer_fail(&comm->peer, "%s", error.message);
}

bool transfer_write(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                       uint64_t *size)
{
    return transfer_write_once(comm, body, context, options, size) &&
           (*size <= comm->out_size || (transfer_has_room(comm, &comm->out, &comm->out_size, *size) &&
                                        transfer_write_once(comm, body, context, options, size)));
}
