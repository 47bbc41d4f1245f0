/* What mpi4py's communicators do with pickles, from C: send and recv, bcast, scatter and gather, and the same with
 * payloads outside, mpi4py.util.pkl5. */
#ifndef BRIDGES_MPI_COMM_H
#define BRIDGES_MPI_COMM_H

#include "message.h"
#include "peer.h"

#include <mpi.h>

/* This rank among the others. */
struct comm {
    struct peer peer; /* no socket: the limits, the room of the last message, and the error in words */
    MPI_Comm of;
    int rank;
    MPI_Datatype count; /* of the sizes in bcast, scatter, gather: MPI_INT in mpi4py 3, MPI_COUNT in 4 */
    bool lost;          /* the error leaves the ranks out of step: comm_abort is all that is left */
    uint8_t *out;       /* what was sent last, kept for the next one */
    size_t out_size;
    npk_buffer *parts; /* the payloads of the last message */
    size_t part_count;
};

/* MPI_Init; `mpi4py`: "3", "4", or NULL for 3. False: comm->peer.error. */
bool comm_start(struct comm *comm, int *argc, char ***argv, const peer_limits *limits, const char *mpi4py);

/* MPI_Finalize, and frees what is kept. */
void comm_end(struct comm *comm);

/* Says the error on standard error, with the rank; comm_abort ends the job after that: all ranks, status 1. */
void comm_complain(const struct comm *comm);
void comm_abort(const struct comm *comm) __attribute__((noreturn));

/* Waits for a message, for any time, without taking it, and without taking a core while there is none. */
bool comm_wait(struct comm *comm, int source, MPI_Status *status);

/* Where to and how: a row of values rather than arguments. */
struct envelope {
    int rank;
    int tag;
    bool outside; /* payloads outside of the pickle: mpi4py.util.pkl5 */
};

/* comm.recv(source, tag). The document borrows comm->peer.room until the next call that gives one. NULL:
 * comm->peer.error; what came is gone then, and the next message can be taken, but for comm->lost. */
npk_doc *comm_recv(struct comm *comm, const struct envelope *from);

/* comm.send(value, dest, tag): what `body` writes. */
bool comm_send(struct comm *comm, const struct envelope *to, message_body *body, void *context,
               const npk_write_options *options);

/* comm.send(ValueError(comm->peer.error), dest, tag): for the peer that waits for an answer. */
bool comm_send_error(struct comm *comm, const struct envelope *to);

/* comm.bcast(None, root): envelope->rank is the root, its tag does not count. */
npk_doc *comm_bcast(struct comm *comm, const struct envelope *root);

/* comm.scatter(None, root), and comm.gather(value, root); without a body: gather the ValueError. */
npk_doc *comm_scatter(struct comm *comm, int root);
bool comm_gather(struct comm *comm, int root, message_body *body, void *context, const npk_write_options *options);

#endif
