#include "comm.h"

#include "pkl5.h"
#include "transfer.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void comm_complain(const struct comm *comm)
{
    fprintf(stderr, "rank %d: %s\n", comm->rank, comm->peer.error);
}

void comm_abort(const struct comm *comm)
{
    comm_complain(comm);
    fprintf(stderr, "rank %d: ends the job\n", comm->rank);
    /* MPICH's mpiexec loses lines that it has not passed on by the end of the job. */
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    MPI_Abort(comm->of, 1);
    exit(1);
}

/* --- beginning and end --- */

bool comm_start(struct comm *comm, int *argc, char ***argv, const peer_limits *limits, const char *mpi4py)
{
    int size = 0, provided;
    *comm = (struct comm){.peer = {.fd = -1, .limits = *limits}, .of = MPI_COMM_WORLD, .count = MPI_INT};
    /* As mpi4py does: with ranks of different levels a bcast of MPICH 5 waits for ever. */
    MPI_Init_thread(argc, argv, MPI_THREAD_MULTIPLE, &provided);
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

/* --- one rank to another --- */

bool comm_wait(struct comm *comm, int source, MPI_Status *status)
{
    int found = 0;
    double since = 0;
    while (!found) {
        if (!transfer_good(comm, MPI_Iprobe(source, MPI_ANY_TAG, comm->of, &found, status), "recv"))
            return false;
        if (!found)
            transfer_rest(&since);
    }
    return true;
}

npk_doc *comm_recv(struct comm *comm, const struct envelope *from)
{
    struct found found;
    if (from->outside)
        return pkl5_recv(comm, from);
    if (!transfer_find(comm, from, &found))
        return NULL;
    if (transfer_too_long(comm, found.size) ||
        !transfer_has_room(comm, &comm->peer.room, &comm->peer.size, found.size)) {
        (void)transfer_drop(comm, &found);
        return NULL;
    }
    if (!transfer_take(comm, &found, comm->peer.room))
        return NULL;
    return message_load(&comm->peer, 0, (size_t)found.size, NULL, 0);
}

bool comm_send(struct comm *comm, const struct envelope *to, message_body *body, void *context,
               const npk_write_options *options)
{
    uint64_t size;
    if (to->outside)
        return pkl5_send(comm, to, body, context, options);
    if (!transfer_write(comm, body, context, options, &size))
        return false;
    if (size > INT_MAX)
        return peer_fail(&comm->peer, "%" PRIu64 " bytes: mpi4py takes less than 2 GiB, but for pkl5", size);
    return transfer_send(comm, to, comm->out, size);
}

bool comm_send_error(struct comm *comm, const struct envelope *to)
{
    char text[sizeof comm->peer.error];
    memcpy(text, comm->peer.error, sizeof text);
    return comm_send(comm, to, message_value_error, text, NULL);
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

/* The room for what all ranks are about to get. A size that can't be taken can't be refused either: the others go
 * on. */
static bool agree(struct comm *comm, const union count *count, uint64_t *size)
{
    const int64_t said = comm->count == MPI_INT ? count->as_int : count->as_count;
    *size = (uint64_t)said;
    if (said < 0)
        (void)peer_fail(&comm->peer, "a message of a negative size, %" PRId64 ": is --mpi4py the other's release?",
                        said);
    if (said >= 0 && !transfer_too_long(comm, *size) &&
        transfer_has_room(comm, &comm->peer.room, &comm->peer.size, *size))
        return true;
    comm->lost = true;
    return false;
}

npk_doc *comm_bcast(struct comm *comm, const struct envelope *root)
{
    union count count = {.as_count = 0};
    uint64_t size;
    if (root->outside)
        return pkl5_bcast(comm, root->rank);
    if (!transfer_good(comm, MPI_Bcast(&count, 1, comm->count, root->rank, comm->of), "bcast") ||
        !agree(comm, &count, &size) || !transfer_bcast(comm, root->rank, comm->peer.room, size))
        return NULL;
    return message_load(&comm->peer, 0, (size_t)size, NULL, 0);
}

npk_doc *comm_scatter(struct comm *comm, int root)
{
    union count count = {.as_count = 0};
    uint64_t size;
    if (!transfer_good(comm, MPI_Scatter(NULL, 0, comm->count, &count, 1, comm->count, root, comm->of), "scatter") ||
        !agree(comm, &count, &size))
        return NULL;
    struct bytes bytes = transfer_bytes(size);
    int code = MPI_Scatterv(NULL, NULL, NULL, MPI_BYTE, comm->peer.room, bytes.count, bytes.type, root, comm->of);
    transfer_bytes_free(&bytes);
    return transfer_good(comm, code, "scatter") ? message_load(&comm->peer, 0, (size_t)size, NULL, 0) : NULL;
}

bool comm_gather(struct comm *comm, int root, message_body *body, void *context, const npk_write_options *options)
{
    char text[sizeof comm->peer.error];
    uint64_t size = 0;
    memcpy(text, comm->peer.error, sizeof text);
    if (body == NULL || !transfer_write(comm, body, context, options, &size) || size > INT_MAX) {
        if (body != NULL && size > INT_MAX)
            (void)peer_fail(&comm->peer, "%" PRIu64 " bytes: gather takes less than 2 GiB", size);
        memcpy(text, comm->peer.error, sizeof text);
        if (!transfer_write(comm, message_value_error, text, NULL, &size))
            size = 0;
    }
    union count count = count_of(comm, size);
    return transfer_good(comm, MPI_Gather(&count, 1, comm->count, NULL, 0, comm->count, root, comm->of), "gather") &&
           transfer_good(comm, MPI_Gatherv(comm->out, (int)size, MPI_BYTE, NULL, NULL, NULL, MPI_BYTE, root, comm->of),
                "gather");
}
