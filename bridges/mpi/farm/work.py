"""The work of worker.c with NumPy, and a rank that does it: the same messages. mpirun -n 1 python3 -m mpi4py farm.py : -n 2 python3 -m mpi4py work.py"""
import resource

import numpy


def count_steps(tile, steps):
    """How often each point can be squared and moved before it is farther than 2 from the origin; steps at most."""
    cx, cy = tile.real.copy(), tile.imag.copy()
    x, y = numpy.zeros_like(cx), numpy.zeros_like(cy)
    counts = numpy.zeros(tile.shape, numpy.int32)
    with numpy.errstate(over='ignore', invalid='ignore'):
        for _ in range(steps):
            xx, yy = x * x, y * y
            inside = xx + yy <= 4
            if not inside.any():
                break
            counts += inside
            y = 2 * x * y + cy
            x = xx - yy + cx
    return counts


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main():
    from mpi4py import MPI
    from mpi4py.util import pkl5
    comm = pkl5.Intracomm(MPI.COMM_WORLD)
    while True:
        task = comm.recv(source=0)
        if task is None:
            break
        number, steps, tile = task
        comm.send((number, count_steps(tile, steps)), 0)
    comm.send(peak(), 0)


if __name__ == '__main__':
    main()
