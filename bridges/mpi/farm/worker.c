/* A rank that works: takes (number, steps, tile) from rank 0, a program of mpi4py, and gives (number, result), until it
 * gets None.
 *
 *     mpirun -n 1 python3 -m mpi4py farm.py : -n 2 worker [--limit BYTES] [--timeout SECONDS]
 *
 * Tiles and results come and go outside of their pickles (mpi4py.util.pkl5). What it does is `work`: the place for
 * yours; here how often a point of the complex plane can be squared and moved before it is farther than 2 from the
 * origin, steps at most. work.py is the same with NumPy. */
#include "comm.h"
#include "options.h"

#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* --- the work --- */

struct result {
    int64_t number;
    int32_t *counts;
    npk_array array; /* of them, in the shape of the tile */
};

/* No operation here may be joined with another: the results are to be NumPy's. */
static int32_t count_steps(double complex point, int64_t steps)
{
    const double cx = creal(point), cy = cimag(point);
    double x = 0, y = 0;
    int32_t count = 0;
    while (count < steps) {
        const double xx = x * x, yy = y * y;
        if (!(xx + yy <= 4))
            break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        count++;
    }
    return count;
}

/* False: comm->peer.error. The shape is borrowed from the task. */
static bool work(struct comm *comm, const npk_value *task, struct result *out)
{
    npk_array tile;
    npk_error error;
    int64_t steps;
    if (npk_value_size(task) != 3 || !npk_value_as_int64(npk_value_item(task, 0), &out->number) ||
        !npk_value_as_int64(npk_value_item(task, 1), &steps) || steps < 0 || steps > INT32_MAX)
        return peer_fail(&comm->peer, "expected (number, steps, tile), found a %s",
                         npk_kind_name(npk_value_kind(task)));
    if (npk_array_of(npk_value_item(task, 2), &tile, &error) != NPK_OK)
        return peer_fail(&comm->peer, "%s", error.message);
    const size_t count = (size_t)npk_array_count(&tile);
    double complex *points = malloc((count + 1) * sizeof *points);
    out->counts = malloc((count + 1) * sizeof *out->counts);
    bool good = points != NULL && out->counts != NULL;
    if (!good)
        (void)peer_fail(&comm->peer, "not enough memory");
    else if (npk_array_read_as(&tile, npk_dtype_native(NPK_COMPLEX128), NPK_CAST_SAFE, points, count, &error) != NPK_OK)
        good = peer_fail(&comm->peer, "%s", error.message);
    for (size_t i = 0; good && i < count; i++)
        out->counts[i] = count_steps(points[i], steps);
    free(points);
    out->array =
        (npk_array){.dtype = npk_dtype_native(NPK_INT32), .data = out->counts, .ndim = tile.ndim, .shape = tile.shape};
    return good;
}

static npk_status write_result(npk_writer *writer, void *context)
{
    const struct result *result = context;
    npk_write_begin_tuple(writer, 2);
    npk_write_int(writer, result->number);
    npk_write_array(writer, &result->array);
    return npk_write_end(writer);
}

/* --- what it cost --- */

/* The highest amount of memory this process had, in KiB: the last answer. */
static npk_status write_peak(npk_writer *writer, void *context)
{
    struct rusage usage = {0};
    (void)context;
    getrusage(RUSAGE_SELF, &usage);
    return npk_write_int(writer, usage.ru_maxrss);
}

/* One task. False: comm->peer.error, for rank 0 too. */
static bool serve(struct comm *comm, const struct envelope *master, bool *ended)
{
    struct result result = {0};
    npk_doc *task = comm_recv(comm, master);
    *ended = npk_value_kind(npk_doc_root(task)) == NPK_KIND_NONE;
    bool good = task != NULL;
    if (*ended)
        good = comm_send(comm, master, write_peak, NULL, NULL);
    else if (good)
        good = work(comm, npk_doc_root(task), &result) && comm_send(comm, master, write_result, &result, NULL);
    free(result.counts);
    npk_doc_free(task);
    return good;
}

static const char usage[] = "usage: worker [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    peer_limits limits;
    struct comm comm;
    bool ended = false;
    if (bridge_options(argc, argv, &limits, NULL, usage) != 1)
        return bridge_usage(usage);
    if (!comm_start(&comm, &argc, &argv, &limits, NULL))
        comm_abort(&comm);
    while (!ended) {
        MPI_Status status;
        if (!comm_wait(&comm, 0, &status))
            comm_abort(&comm);
        const struct envelope master = {0, status.MPI_TAG, true};
        if (serve(&comm, &master, &ended))
            continue;
        if (comm.lost)
            comm_abort(&comm);
        comm_complain(&comm);
        if (!comm_send_error(&comm, &master))
            comm_abort(&comm);
    }
    comm_end(&comm);
    return 0;
}
