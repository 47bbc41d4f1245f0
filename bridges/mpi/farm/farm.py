"""Rank 0: gives tiles of the complex plane to all other ranks, each a new one when it has answered, and puts the answers together.

    mpirun -n 1 python3 -m mpi4py farm.py [--tiles N] [--size PIXELS] [--steps N] [--out FILE.npy] : -n 2 worker

The ranks are `worker` in C or `work.py`, in any mixture. The last line is JSON: tiles and peak memory (KiB) by rank, seconds, bytes of the messages.
"""
import argparse
import json
import sys
import time

import numpy
from mpi4py import MPI
from mpi4py.util import pkl5

import work


def plane(tiles, size):
    """So many tiles, from the left to the right."""
    x, y = numpy.linspace(-2, 0.6, tiles * size), numpy.linspace(-1.2, 1.2, size)
    whole = x + 1j * y[:, None]
    return [numpy.ascontiguousarray(whole[:, i * size:(i + 1) * size]) for i in range(tiles)]


def farm(comm, tasks):
    """{number: result} of the tasks (number, ...), and how many each rank did. A ValueError of a rank is raised."""
    todo, results, done, sent = iter(tasks), {}, {}, {}

    def give(rank):
        task = next(todo, None)
        if task is not None:
            sent[rank] = comm.isend(task, rank)
        return task is not None

    busy = sum([give(rank) for rank in range(1, comm.Get_size())])
    status = MPI.Status()
    while busy:
        while not comm.Iprobe(MPI.ANY_SOURCE, MPI.ANY_TAG, status):
            time.sleep(0.0001)  # rank 0 leaves its core to the others
        rank = status.Get_source()
        answer = comm.recv(source=rank)
        sent[rank].wait()
        if isinstance(answer, Exception):
            raise answer
        results[answer[0]] = answer[1]
        done[rank] = done.get(rank, 0) + 1
        busy -= not give(rank)
    return results, done


def main():
    parser = argparse.ArgumentParser()
    for name, value in [('--tiles', 32), ('--size', 128), ('--steps', 500)]:
        parser.add_argument(name, type=int, default=value)
    parser.add_argument('--out')
    parser.add_argument('--check', action='store_true', help='compare with NumPy in this process')
    options = parser.parse_args()
    for name, value in [('--tiles', options.tiles), ('--size', options.size)]:
        if value < 1:
            sys.exit('farm.py: %s: expected 1 or more, found %d' % (name, value))
    if MPI.COMM_WORLD.Get_size() < 2:
        sys.exit('farm.py: no ranks that work: mpirun starts them beside this program')
    comm = pkl5.Intracomm(MPI.COMM_WORLD)
    ranks = range(1, comm.Get_size())
    tiles = plane(options.tiles, options.size)
    start = time.time()
    results, done = farm(comm, [(i, options.steps, tile) for i, tile in enumerate(tiles)])
    seconds = time.time() - start
    for rank in ranks:
        comm.send(None, rank)
    report = {'seconds': seconds, 'tiles': done, 'peak': {rank: comm.recv(source=rank) for rank in ranks}, 'peak0': work.peak(),
              'bytes': sum(tile.nbytes for tile in tiles) + sum(result.nbytes for result in results.values())}
    counts = numpy.concatenate([results[i] for i in range(len(tiles))], axis=1)
    if options.check:
        start = time.time()
        report['equal'] = all(numpy.array_equal(results[i], work.count_steps(tile, options.steps)) for i, tile in enumerate(tiles))
        report['numpy'] = time.time() - start
    if options.out:
        numpy.save(options.out, counts)
    print(json.dumps(report))


if __name__ == '__main__':
    main()
