"""There and back between Python and a rank in C, beside the same between Python and a rank in Python, in pairs: ratios of the medians.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/mpi/bench.py [ROUNDS]
"""
import json
import os
import statistics
import sys
import time

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [('64 B', 64), ('8 KiB', 8 << 10), ('1 MiB', 1 << 20), ('64 MiB', 64 << 20)]


def master():
    """Rank 0 beside one rank that sends back: JSON, seconds by how and size."""
    from mpi4py import MPI
    from mpi4py.util import pkl5
    found = {}
    for name, comm, tag in [('send', MPI.COMM_WORLD, 0), ('pkl5', pkl5.Intracomm(MPI.COMM_WORLD), 1)]:
        for text, size in SIZES:
            array, times = numpy.zeros(size, 'u1'), []
            repeats = max(1, min(200, (1 << 22) // size))
            for _ in range(6):
                start = time.perf_counter()
                for _ in range(repeats):
                    comm.send(array, 1, tag)
                    comm.recv(source=1, tag=tag)
                times.append((time.perf_counter() - start) / repeats)
            found['%s | %s' % (name, text)] = statistics.median(times[1:])
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


def main(rounds):
    sys.path.insert(0, os.path.join(HERE, 'farm'))
    import hosts
    python = [sys.executable, '-m', 'mpi4py', os.path.abspath(__file__)]
    ranks = [[os.path.join(os.environ.get('BRIDGES', 'bridges'), 'mpi/rank')], python + ['echo']]
    pairs = [[json.loads(hosts.run(hosts.MPIRUN + ['-n', '1'] + python + ['master', ':', '-n', '1'] + rank)[1]) for rank in ranks] for _ in range(rounds)]
    print('| how | array | C | Python | ratio |\n|---|---|---|---|---|')
    for row in pairs[0][0]:
        c, other = [statistics.median(pair[i][row] for pair in pairs) for i in range(2)]
        print('| %s | %.3f ms | %.3f ms | %.2f |' % (row, 1e3 * c, 1e3 * other, statistics.median(pair[1][row] / pair[0][row] for pair in pairs)))


{'master': master, 'echo': echo}.get((sys.argv + [''])[1], lambda: main(int((sys.argv + ['7'])[1])))()
