"""Rank 0 of the test: everything that a rank in C answers. Run by test.py under mpirun: inside.py FAMILY; ends with "GOOD BAD"."""
import os
import pickle
import sys

import mpi4py
import numpy
from mpi4py import MPI
from mpi4py.util import pkl5

import table

SEND, SEND_OUTSIDE, BCAST, BCAST_OUTSIDE, SCATTER, STOP = 0, 1, 2, 3, 4, 99
comm = MPI.COMM_WORLD
outside = pkl5.Intracomm(comm)
ranks = range(1, comm.Get_size())
results = table.Results('mpi')


def send(value, rank=1):
    comm.send(value, rank, SEND)
    return comm.recv(source=rank, tag=SEND)


def send_outside(value, rank=1):
    outside.send(value, rank, SEND_OUTSIDE)
    return outside.recv(source=rank, tag=SEND_OUTSIDE)


def bcast(value, through=comm, tag=BCAST):
    for rank in ranks:
        comm.send(None, rank, tag)
    through.bcast(value, 0)
    return [through.recv(source=rank, tag=tag) for rank in ranks]


def bcast_outside(value):
    return bcast(value, outside, BCAST_OUTSIDE)


def scatter(values):
    for rank in ranks:
        comm.send(None, rank, SCATTER)
    comm.scatter([None] + values, 0)
    return comm.gather(None, 0)[1:]


def stop():
    for rank in ranks:
        comm.send(None, rank, STOP)


def arrays():
    for name, array in table.arrays():
        results.check('send ' + name, table.same(send(array), array))
        results.check('pkl5 send ' + name, table.same(send_outside(array), array))
        results.check('bcast ' + name, all(table.same(back, array) for back in bcast(array)))
        results.check('pkl5 bcast ' + name, all(table.same(back, array) for back in bcast_outside(array)))
        results.check('scatter ' + name, all(table.same(back, array) for back in scatter([array for _ in ranks])))
    large = [numpy.arange(500000, dtype=dtype).reshape(1000, 500) for dtype in ['f8', '>i4', 'c16']] + [numpy.asfortranarray(numpy.ones((700, 300)))]
    for array in large:
        for value in [array, {'a': array, 'b': [array, 'x', array[:3]]}]:
            for call in [send, send_outside]:
                results.check('large ' + call.__name__, same_value(call(value), value))
            for call in [bcast, bcast_outside]:
                results.check('large ' + call.__name__, all(same_value(back, value) for back in call(value)))
            results.check('large scatter', all(same_value(back, value) for back in scatter([value for _ in ranks])))
    different = [numpy.full(10 ** rank, rank) for rank in ranks]
    results.check('scatter of different sizes', all(map(table.same, scatter(different), different)))
    for value in [None, 5, {'a': [1, 2.5, 'x'], 'b': (True, b'y')}]:
        results.check('a value', send(value) == value and send_outside(value) == value and set(map(repr, bcast(value))) == {repr(value)})


def same_value(one, other):
    if isinstance(other, dict):
        return table.same(one['a'], other['a']) and one['b'][0] is one['a'] and one['b'][1] == 'x' and table.same(one['b'][2], other['b'][2])
    return table.same(one, other)


def bytes_through(rank, tag, *parts):
    requests = [comm.Isend([part, MPI.BYTE], rank, tag) for part in parts]
    MPI.Request.Waitall(requests)


def refused(name, answer, text=''):
    """A ValueError is the answer, and the next message is served."""
    results.check(name, isinstance(answer, ValueError) and text in str(answer), repr(answer))
    results.check('after ' + name, send('next') == 'next' and send_outside('next') == 'next')


def count(size):
    """As this mpi4py broadcasts it."""
    return numpy.array([size], 'i4' if mpi4py.__version__.startswith('3') else 'i8')


def sizes(*numbers):
    return numpy.array(numbers, 'i8').tobytes()


def bad():
    """With a limit of 1,000,000 bytes."""
    for name, body in [body for body in table.bad_bodies() if body[0] != 'a system command'] + [('what is no tuple', b'\x80\x04\x85.')]:
        bytes_through(1, SEND, body)
        refused(name, comm.recv(source=1, tag=SEND))
        bytes_through(1, SEND_OUTSIDE, sizes(len(body)), body)
        refused('pkl5 ' + name, outside.recv(source=1, tag=SEND_OUTSIDE))
    comm.send(bytes(3000000), 1, SEND)
    refused('too long', comm.recv(source=1, tag=SEND), 'longer than the limit of 1000000')
    outside.send(numpy.zeros(3000000), 1, SEND_OUTSIDE)
    refused('pkl5 too long', outside.recv(source=1, tag=SEND_OUTSIDE), 'longer than the limit of 1000000')
    comm.send(None, 1, 7)
    refused('another tag', comm.recv(source=1, tag=7), 'a message of tag 7')
    pickled = pickle.dumps(None)
    for name, parts, text in [('sizes that are none', [b'abc'], 'expected the sizes'), ('no sizes', [b''], 'expected the sizes'),
                              ('2**57', [sizes(1 << 57), pickled], 'longer than the limit'),
                              ('a part that is shorter', [sizes(500), pickled], 'expected 500 bytes'), ('a part that is longer', [sizes(2), pickled], 'expected 2 bytes'),
                              ('a buffer that is shorter', [sizes(len(pickled), 100), pickled, b'x'], 'expected 100 bytes')]:
        bytes_through(1, SEND_OUTSIDE, *parts)
        refused(name, outside.recv(source=1, tag=SEND_OUTSIDE), text)
    for numbers in [[-1], [-1 << 63], [1 << 62], [10, -5], [(1 << 57) + 1], [1 << 57, 1], [1 << 62] * 4]:  # no parts come after these, and none are waited for
        start = MPI.Wtime()
        bytes_through(1, SEND_OUTSIDE, sizes(*numbers))
        answer = outside.recv(source=1, tag=SEND_OUTSIDE)
        results.check('%s: at once' % numbers, MPI.Wtime() - start < 3)
        refused('sizes %s' % numbers, answer, 'expected the sizes of the parts of a message, found %d' % (sum(numbers) if numbers[0] == 1 << 57 else numbers[-1]))
    bytes_through(1, SEND_OUTSIDE, sizes(len(pickle.dumps(numpy.arange(9), 5))), pickle.dumps(numpy.arange(9), 5, buffer_callback=lambda buffer: None).ljust(len(pickle.dumps(numpy.arange(9), 5))))
    refused('a buffer that is missing', outside.recv(source=1, tag=SEND_OUTSIDE), 'buffer')
    bytes_through(1, SEND_OUTSIDE, sizes(len(pickled), 1), pickled, b'x')
    refused('a buffer too many', outside.recv(source=1, tag=SEND_OUTSIDE), 'expected 0 buffers')
    bcast_bytes(b'no pickle')
    hostile(dict(table.bad_bodies())['a system command'])
    results.check('nothing was run', not os.path.exists('hostile'))



def bcast_bytes(body):
    for rank in ranks:
        comm.send(None, rank, BCAST)
    comm.Bcast(count(len(body)), 0)
    comm.Bcast([body, MPI.BYTE], 0)
    answers = [comm.recv(source=rank, tag=BCAST) for rank in ranks]
    refused('bcast', answers[0])


def hostile(body):
    """Goes through C as what it is, and nothing is run there; Python would run it, so the answer is not loaded here."""
    bytes_through(1, SEND, body)
    found = bytearray(1000)
    comm.Recv([found, MPI.BYTE], 1, SEND)
    results.check('the command comes back', b'hostile' in found)
    results.check('after it', send('next') == 'next')


def count_of(size):
    """A broadcast that begins with this size."""
    comm.send(None, 1, BCAST)
    comm.Bcast(count(size), 0)
    comm.recv(source=1, tag=BCAST)


def aborts():
    """Each ends the job."""
    {'negative': lambda: count_of(-5), 'too long': lambda: count_of(1 << 30), 'promise': lambda: (bytes_through(1, SEND_OUTSIDE, sizes(5)), outside.recv(source=1)),
     'raises': lambda: 1 / 0}[sys.argv[2]]()


{'arrays': arrays, 'bad': bad, 'aborts': aborts}[sys.argv[1]]()
stop()
print('%d %d' % (results.good, results.bad))
