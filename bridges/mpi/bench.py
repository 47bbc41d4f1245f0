"""There and back between Python and a rank in C, beside the same between Python and a rank in Python, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/mpi/bench.py [ROUNDS]
"""
import json
import os
import statistics
import sys
import time

import numpy

import pairs

HERE = os.path.dirname(os.path.abspath(__file__))


def master():
    """Rank 0 beside one rank that sends back: JSON, seconds by how and size."""
    from mpi4py import MPI
    from mpi4py.util import pkl5
    found = {}
    for name, comm, tag in [('send', MPI.COMM_WORLD, 0), ('pkl5', pkl5.Intracomm(MPI.COMM_WORLD), 1)]:
        for text, size, _ in pairs.SIZES:
            array, times = numpy.zeros(size, 'u1'), []
            repeats = max(1, min(2000, (1 << 24) // size))
            for _ in range(6):
                start = time.perf_counter()
                for _ in range(repeats):
                    comm.send(array, 1, tag)
                    comm.recv(source=1, tag=tag)
                times.append((time.perf_counter() - start) / repeats)
            found['%s/%s' % (name, text)] = statistics.median(times[1:])
    MPI.COMM_WORLD.send(None, 1, 99)
    print(json.dumps(found))


def echo():
    from mpi4py import MPI
    from mpi4py.util import pkl5
    plain, outside, status = MPI.COMM_WORLD, pkl5.Intracomm(MPI.COMM_WORLD), MPI.Status()
    while True:
        plain.Probe(0, MPI.ANY_TAG, status)
        tag = status.Get_tag()
        comm = outside if tag == 1 else plain
        value = comm.recv(source=0, tag=tag)
        if tag == 99:
            break
        comm.send(value, 0, tag)


def main():
    sys.path.insert(0, os.path.join(HERE, 'farm'))
    import hosts
    python = [sys.executable, '-m', 'mpi4py', os.path.abspath(__file__)]

    def job(rank):
        status, out, errors = hosts.run(hosts.MPIRUN + hosts.VENDOR.job([(None, 1, python + ['master']), (None, 1, rank)]))
        assert status == 0, errors
        return json.loads(out)

    rounds = list(pairs.in_turn([lambda: job(python + ['echo']), lambda: job([hosts.program('rank')])]))
    pairs.head('Python')
    for name in rounds[0][0]:
        pairs.row(*name.split('/'), [(python[name], c[name]) for python, c in rounds])


{'master': master, 'echo': echo}.get((sys.argv + [''])[1], main)()
