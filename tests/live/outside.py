"""Payloads outside the pickle through npickle's tool: what Python and NumPy pickle with a buffer_callback, and without.

usage: PYTHON outside.py NPICKLE        (PYTHON from 3.8, with NumPy; pandas is tried too where it is there)

Each value goes through "npickle convert": outside, outside again from within, and into the pickle at every protocol; pickle.loads must give
what it was, with what could be written to and what not, and "npickle diff" must find no difference. Exit status 1 if anything differs.
"""
import collections
import glob
import os
import pickle
import shutil
import subprocess
import sys
import tempfile

import numpy as np

DIALECT = '--dialect=numpy2' if int(np.__version__.split('.')[0]) >= 2 else '--dialect=cpython3.8+numpy%s' % '.'.join(np.__version__.split('.')[:2])


class Chunk:
    """An object that gives its bytes out itself, as numcodecs, zarr and messages of mpi4py do."""

    def __init__(self, data):
        self.data = data

    def __reduce_ex__(self, protocol):
        return (Chunk, (pickle.PickleBuffer(self.data),)) if protocol >= 5 else (Chunk, (self.data,))

    def __eq__(self, other):
        return isinstance(other, Chunk) and bytes(self.data) == bytes(other.data)


def arrays():
    for code in '<f8', '>i4', '?', 'S3', '<U2', '<c16', '<f2', 'V5', [('x', '<i2'), ('y', '>f4')], '<M8[s]', 'u1':
        dtype = np.dtype(code)
        for shape in (), (0,), (5,), (2, 3):
            size = int(np.prod(shape)) * dtype.itemsize
            plain = np.frombuffer(bytes(i % (2 if code == '?' else 100) for i in range(size)), dtype).reshape(shape) if size else np.zeros(shape, dtype)
            yield plain  # read-only
            yield plain.copy()
            yield plain.copy('F')
            yield plain.copy().T
            if shape:
                yield plain.copy()[::-1]
                yield plain.copy()[..., :1]


def values():
    every = list(arrays())
    for array in every:
        yield array
    yield every
    grid = np.arange(12.0).reshape(3, 4)
    fixed = grid.copy()
    fixed.flags.writeable = False
    yield {'grid': grid, 'more': [grid, {'fixed': fixed}], 'view': grid[1], 'text': 'text'}
    yield collections.OrderedDict(w=grid, b=fixed)
    yield [('tag', 7, grid[i].copy()) for i in range(3)]
    yield Chunk(bytearray(b'some bytes'))
    yield [Chunk(b'read only'), Chunk(bytearray(300)), Chunk(bytearray())]
    yield np.array([grid, None, 'x'], dtype=object)
    yield np.ma.masked_array(grid, grid > 5)
    yield np.asmatrix(grid)
    try:
        import pandas
    except ImportError:
        print('pandas is not there')
        return
    yield pandas.DataFrame({'a': np.arange(5.0), 'b': np.arange(5), 'c': list('abcde')}, index=pandas.date_range('2020', periods=5))
    yield pandas.Series(np.arange(4.0), name='s')


def same(a, b):
    if isinstance(a, np.ma.MaskedArray):
        return type(a) is type(b) and (a.mask == b.mask).all() and (a.compressed() == b.compressed()).all()
    if isinstance(a, np.ndarray):
        if a.dtype != b.dtype:  # a state is swapped to the machine's byte order when it is loaded
            a = a.astype(a.dtype.newbyteorder('='))
        if not (type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.flags.fnc == b.flags.fnc):
            return False
        return all(same(x, y) for x, y in zip(a.flat, b.flat)) if a.dtype.hasobject else a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return type(a) is type(b) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return a.equals(b) if hasattr(a, 'equals') else a == b


def flags(value):
    """What may be written to, of all arrays in it."""
    if isinstance(value, np.ndarray):
        return [value.flags.writeable]
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(flags, value), []) if isinstance(value, (list, tuple)) else []


class Run:
    def __init__(self, npickle, work):
        self.npickle, self.work, self.done, self.wrong = npickle, work, 0, 0

    def path(self, name):
        return os.path.join(self.work, name)

    def call(self, *words):
        run = subprocess.run([self.npickle] + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return '' if run.returncode == 0 else '%s: %s' % (' '.join(words[:2]), run.stdout.decode()[-300:])

    def check(self, what, value, problem, loaded, writeable=None):
        """writeable: what flags() must say, where the form of the pickle has it: protocol 5."""
        self.done += 1
        if not problem and not (same(value, loaded()) and writeable in (None, flags(loaded()))):
            problem = 'another value: %r' % (loaded(),)
        if problem:
            self.wrong += 1
            print('FAIL: %s of %s: %s' % (what, repr(value)[:200], problem))

    def load(self, name, buffers=()):
        with open(self.path(name), 'rb') as file:
            return pickle.load(file, buffers=buffers)

    @staticmethod
    def memory(raw):
        return bytes(raw) if raw.readonly else bytearray(raw)

    def taken(self):
        """The files of --buffers-out, in memory that may be written to."""
        names = sorted(glob.glob(self.path('out/*.buf')))
        return [bytearray(open(name, 'rb').read()) for name in names]

    def go_through(self, value):
        buffers, words = [], []
        shutil.rmtree(self.path('out'), ignore_errors=True)
        with open(self.path('a.pkl'), 'wb') as file:
            pickle.dump(value, file, 5, buffer_callback=buffers.append)
        with open(self.path('in.pkl'), 'wb') as file:
            pickle.dump(value, file, 5)
        for i, buffer in enumerate(buffers):
            with open(self.path('%d.buf' % i), 'wb') as file:
                file.write(buffer.raw())
            words += ['--buffer', self.path('%d.buf' % i)]
        writeable = flags(self.load('a.pkl', [self.memory(buffer.raw()) for buffer in buffers]))
        problem = self.call('convert', DIALECT, *words, '--buffers-out', self.path('out'), self.path('a.pkl'), self.path('b.pkl'))
        self.check('outside', value, problem, lambda: self.load('b.pkl', self.taken()), writeable)
        mine = self.taken()
        if not problem and not all(bytes(buffer.raw()) in mine for buffer in buffers):  # states of arrays go out too
            self.check('buffers', value, 'a buffer that Python has is missing', None)
        shutil.rmtree(self.path('out'), ignore_errors=True)
        problem = self.call('convert', DIALECT, '--buffers-out', self.path('out'), self.path('in.pkl'), self.path('b.pkl'))
        self.check('moved out', value, problem, lambda: self.load('b.pkl', self.taken()), writeable)
        problem = self.call('check', *words, self.path('a.pkl'))
        self.check('check', value, problem, lambda: value)
        for protocol in range(6):
            problem = self.call('convert', DIALECT, '-p', str(protocol), *words, self.path('a.pkl'), self.path('c.pkl'))
            self.check('protocol %d' % protocol, value, problem, lambda: self.load('c.pkl'), writeable if protocol == 5 else None)
            if protocol >= 2:  # below there are other calls in place of __new__
                self.check('diff', value, self.call('diff', *words, self.path('a.pkl'), self.path('c.pkl')), lambda: value)


def main(npickle):
    if sys.version_info < (3, 8):
        print('skipped: protocol 5 came with Python 3.8')
        return 77
    with tempfile.TemporaryDirectory(prefix='npickle-outside-') as work:
        run = Run(npickle, work)
        for value in values():
            run.go_through(value)
    print('%d conversions with payloads outside, %d wrong' % (run.done, run.wrong))
    return run.wrong > 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
