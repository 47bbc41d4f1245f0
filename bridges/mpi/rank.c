/* A rank in C of a program of mpi4py: takes what Python sends, and sends it back.
 *
 *     mpirun -n 1 python3 -m mpi4py PROGRAM.py : -n 1 rank [--mpi4py 3|4] [--limit BYTES] [--timeout SECONDS]
 *
 * The tag of a message says what its sender does next: the table below. What this rank does with a value is `answer`:
 * the place for what yours should do. Errors are lines on standard error, and ValueErrors for who waits for the
 * answer. */
#include "comm.h"
#include "options.h"

#include <stdio.h>

/* The answer to a value: the same value. */
static npk_status answer(npk_writer *writer, void *question)
{
    return npk_write_value(writer, npk_doc_root(question));
}

static bool send_answer(struct comm *comm, const struct envelope *to, npk_doc *question)
{
    npk_write_options options = {0};
    if (question != NULL)
        options = message_options_for(question);
    bool sent = question != NULL && comm_send(comm, to, answer, question, &options);
    npk_doc_free(question);
    return sent;
}

/* comm.send(value), comm.recv() */
static bool sends(struct comm *comm, const struct envelope *peer)
{
    return send_answer(comm, peer, comm_recv(comm, peer));
}

/* The message that says that something comes next: its value does not count. */
static bool announced(struct comm *comm, const struct envelope *peer)
{
    const struct envelope plain = {peer->rank, peer->tag, false};
    npk_doc *doc = comm_recv(comm, &plain);
    npk_doc_free(doc);
    return doc != NULL || !comm->lost; /* what comes next comes all the same */
}

/* comm.send(None), comm.bcast(value), comm.recv() */
static bool broadcasts(struct comm *comm, const struct envelope *peer)
{
    return announced(comm, peer) && send_answer(comm, peer, comm_bcast(comm, peer));
}

/* comm.send(None), comm.scatter(values), comm.gather(None) */
static bool scatters(struct comm *comm, const struct envelope *peer)
{
    npk_write_options options = {0};
    npk_doc *question = announced(comm, peer) ? comm_scatter(comm, peer->rank) : NULL;
    if (comm->lost)
        return false;
    if (question != NULL)
        options = message_options_for(question);
    else
        comm_complain(comm);
    bool sent = comm_gather(comm, peer->rank, question == NULL ? NULL : answer, question, &options);
    npk_doc_free(question);
    return sent;
}

/* By tag. */
static const struct {
    bool (*serve)(struct comm *comm, const struct envelope *peer);
    bool outside; /* the communicator is one of mpi4py.util.pkl5 */
} kinds[] = {{sends, false}, {sends, true}, {broadcasts, false}, {broadcasts, true}, {scatters, false}};
enum { KINDS = sizeof kinds / sizeof *kinds, STOP = 99 };

static void serve(struct comm *comm)
{
    for (;;) {
        MPI_Status status;
        if (!comm_wait(comm, MPI_ANY_SOURCE, &status))
            comm_abort(comm);
        const bool known = status.MPI_TAG < KINDS;
        const struct envelope peer = {status.MPI_SOURCE, status.MPI_TAG, known && kinds[status.MPI_TAG].outside};
        bool good = known ? kinds[peer.tag].serve(comm, &peer) : announced(comm, &peer);
        if (peer.tag == STOP)
            return;
        if (good && !known)
            good = peer_fail(&comm->peer, "a message of tag %d: there is none", peer.tag);
        if (comm->lost)
            comm_abort(comm);
        if (good)
            continue;
        comm_complain(comm);
        if (!comm_send_error(comm, &peer))
            comm_abort(comm);
    }
}

static const char usage[] = "usage: rank [--mpi4py 3|4] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    const char *mpi4py = NULL;
    const bridge_option more[] = {{"--mpi4py", &mpi4py, NULL}, {NULL, NULL, NULL}};
    peer_limits limits;
    struct comm comm;
    if (bridge_options(argc, argv, &limits, more, usage) != 1)
        return bridge_usage(usage);
    if (!comm_start(&comm, &argc, &argv, &limits, mpi4py)) {
        comm_abort(&comm);
    }
    serve(&comm);
    comm_end(&comm);
    return 0;
}
