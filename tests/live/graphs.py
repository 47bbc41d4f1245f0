"""Random graphs: pickled by Python, read and written again by npickle, the same to the byte.

usage: PYTHON graphs.py TOOL [COUNT [SEED [all]]]        (PYTHON with NumPy 1.x or 2.x)

COUNT graphs (1000) of lists, tuples, dicts, sets, texts, bytes and numbers of every size, with sharing and cycles, and of NumPy's arrays
(every plain dtype; C, Fortran, strided, read-only, of objects, masked, structured, of subclasses, of strings), scalars, dtypes, array.arrays and
random states, each at one protocol of 0 to 5, with "all" at every one. TOOL check must call each identical. Exit status 1 if one is not; the file is kept then.
"""
import array
import os
import pickle
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np

DTYPES = '? i1 <i2 >i2 <i4 >i4 <i8 >i8 u1 <u2 <u4 >u8 <f2 <f4 >f4 <f8 >f8 <c8 <c16 S5 <U3 >U2 V4 <M8[us] <m8[D] <M8[25s]'.split()
STRUCTS = [[('a', '<i2'), ('b', '>f8')], [('x', 'S3'), ('y', '<U2', (2,))], [(('a title', 'a'), '<i4')]]
BATCH = 250


class Graph:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = []  # what may be shared

    def text(self):
        size = self.random.choice([0, 1, 2, 5, 30, 300])
        return ''.join(chr(self.random.choice([97, 10, 92, 0, 233, 0x4f60, 0x1f600, 0xd800, 13, 26, 39])) for _ in range(size))

    def data(self):
        return bytes(self.random.randrange(256) for _ in range(self.random.choice([0, 1, 2, 5, 40, 300, 70000])))

    def number(self):
        bits = self.random.choice([1, 7, 8, 15, 16, 31, 32, 63, 64, 100, 2100])
        return self.random.choice([-1, 1]) * self.random.getrandbits(bits)

    def real(self):
        return self.random.choice([0.0, -0.0, 1.5, float('inf'), float('nan'), self.random.random(), 1e300, 5e-324])

    def array(self):
        shape = tuple(self.random.choice([0, 1, 2, 3]) for _ in range(self.random.choice([0, 1, 1, 2, 2, 3])))
        dtype = np.dtype(self.random.choice(DTYPES) if self.random.random() < 0.85 else self.random.choice(STRUCTS))
        count = int(np.prod(shape, dtype=int))
        memory = bytes(self.random.randrange(2 if dtype == bool else 120) for _ in range(count * dtype.itemsize))
        made = np.frombuffer(memory, dtype, count).reshape(shape) if dtype.itemsize and count else np.zeros(shape, dtype)
        if self.random.random() < 0.8:
            made = made.copy(self.random.choice('CF'))
        if self.random.random() < 0.2:
            made = made[..., ::-1] if made.ndim else made
        if self.random.random() < 0.2:
            made = made.T
        return made

    def numpy_value(self):
        made, kind = self.array(), self.random.randrange(8)
        if kind < 4:
            return made
        if kind == 4 and made.size:
            return made.ravel()[0]
        if kind == 5 and not made.dtype.names:
            return np.ma.array(made, mask=np.zeros(made.shape, bool) if self.random.random() < 0.5 else np.ma.nomask)
        if kind == 6:
            objects = np.empty(self.random.choice([(), (2,), (2, 2)]), object, order=self.random.choice('CF'))
            for index in np.ndindex(*objects.shape):
                objects[index] = self.value(3)
            return objects
        return self.random.choice([made.dtype, np.float64, np.matrix([[1, 2]]), np.add, made, self.special()])

    def special(self):
        kind = self.random.randrange(6)
        if kind == 0:
            return np.random.RandomState(self.random.randrange(100))
        if kind == 1:
            return np.random.default_rng(self.random.randrange(100))
        if kind == 2:
            return np.array([(1, 2.5)] * 2, [('x', '<i4'), ('y', '<f8')]).view(np.recarray)
        if kind == 3:
            return np.array([b'ab', b'c']).view(np.char.chararray)
        if kind == 4 and hasattr(np, 'dtypes') and hasattr(np.dtypes, 'StringDType'):
            return np.array([self.text().encode('utf-8', 'replace').decode() for _ in range(3)], np.dtypes.StringDType())
        return array.array(self.random.choice('bBhHiIlLqQfd'), [self.random.randrange(100) for _ in range(self.random.randrange(4))])

    def value(self, depth):
        kind = self.random.randrange(16)
        if self.made and self.random.random() < 0.15:
            return self.random.choice(self.made)
        if depth >= 5 and kind >= 8:
            kind -= 8
        plain = [lambda: None, lambda: self.random.random() < 0.5, self.number, self.real, self.text, self.data,
                 lambda: complex(self.real(), 1.0), lambda: bytearray(self.data())]
        if kind < 8:
            made = plain[kind]()
        elif kind < 11:
            made = self.numpy_value()
        elif kind == 11:
            return self.container([], depth, lambda made, value: made.append(value))
        elif kind == 12:
            return self.container({}, depth, lambda made, value: made.__setitem__(self.key(), value))
        elif kind == 13:
            made = tuple(self.value(depth + 1) for _ in range(self.random.randrange(6)))
        else:
            made = (set if kind == 14 else frozenset)(self.random.randrange(1000) for _ in range(self.random.randrange(4)))
        self.made.append(made)
        return made

    def key(self):
        return self.random.choice([self.number, self.text, lambda: (1, self.number())])()

    def container(self, made, depth, add):
        self.made.append(made)  # before it is filled: it may come to hold itself
        for _ in range(self.random.choice([0, 1, 2, 3, 8])):
            add(made, self.value(depth + 1))
        if self.random.random() < 0.02:
            for i in range(self.random.choice([999, 1000, 1001])):
                add(made, i)
        return made


def check(tool, names):
    run = subprocess.run([tool, 'check'] + names, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wrong = [line for line in run.stdout.splitlines() if ': identical' not in line]
    return wrong or ([] if run.returncode == 0 else ['exit status %d' % run.returncode])


def main(tool, count=1000, seed=0, protocols=None):
    warnings.simplefilter('ignore')  # chararray is deprecated
    work = tempfile.mkdtemp(prefix='npickle-graphs-')
    failed = written = 0
    for start in range(0, int(count), BATCH):
        names = []
        for number in range(start, min(start + BATCH, int(count))):
            value = Graph('%s %d' % (seed, number)).value(0)
            for protocol in range(6) if protocols == 'all' else [number % 6]:
                names.append(os.path.join(work, '%06d.%d.pkl' % (number, protocol)))
                with open(names[-1], 'wb') as file:
                    pickle.dump(value, file, protocol)
                written += 1
        for line in check(tool, names):
            failed += 1
            print('FAIL:', line)
        if not failed:
            for name in names:
                os.unlink(name)
    if not failed:
        os.rmdir(work)
    print('%d pickles of graphs of CPython %s with NumPy %s: %d not identical' % (written, sys.version.split()[0], np.__version__, failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
