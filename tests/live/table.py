"""`npickle show --csv` against Python's csv module, for tables of every dtype.

usage: PYTHON table.py NPICKLE                   (tests/check-live.sh calls it; Python 3.8 and later, NumPy 1.20 and
                                                 later)

A row of the table is what csv.writer makes of str() of each plain value; names are those of fields, "a.b" and "m[0][1]".
"""
import csv
import io
import itertools
import os
import pickle
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np

warnings.simplefilter('ignore')

PLAIN = '? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16 S5 U4'.split() + [
    'M8[%s]' % unit for unit in 'Y M W D h m s ms us ns ps fs as 25us'.split()] + ['m8[s]', 'm8[7D]']
if str(np.float16(3082)) != '3.082e+03':
    PLAIN.remove('f2')  # NumPy 2.3 and before print large ones in another way
WORDS = ['', 'a', 'a,b', '"', 'x"y"', '\n', '\r\n', 'caf\xe9', '\u4f60', '\U0001f600', ' ', "'", '\\', 'a\tb']


def columns(dtype, name=''):
    """Name, and how to get there."""
    if dtype.subdtype:
        base, shape = dtype.subdtype
        for index in itertools.product(*[range(n) for n in shape]):
            for tail, path in columns(base, name + ''.join('[%d]' % i for i in index)):
                yield tail, [index] + path
    elif dtype.names is not None:
        for field in dtype.names:
            for tail, path in columns(dtype[field], name + '.' + field if name else field):
                yield tail, [field] + path
    else:
        yield name, []


def text(value):
    if isinstance(value, np.bytes_):
        return value.decode('ascii')
    if isinstance(value, np.timedelta64):
        return 'NaT' if np.isnat(value) else str(value.astype('i8'))
    return '' if value is None else str(value)


def follow(value, path):
    for step in path:
        value = value[step]
    return value


def table(array):
    out = io.StringIO(newline='')
    writer = csv.writer(out, lineterminator='\n')
    if array.dtype.names is not None:
        names = list(columns(array.dtype))
        writer.writerow([name for name, _ in names])
        for element in array.reshape(-1):
            writer.writerow([text(follow(element, path)) for _, path in names])
    else:
        for row in array.reshape(array.shape if array.ndim == 2 else (-1, 1)):
            writer.writerow([text(row[i]) for i in range(len(row))])
    return out.getvalue()


def fill(rng, dtype, shape):
    """An array of values that have a text in every NumPy."""
    array = np.zeros(shape, dtype)
    if dtype.names is not None:
        for field in dtype.names:
            inner = dtype[field]
            base, more = inner.subdtype or (inner, ())
            array[field] = fill(rng, base, tuple(shape) + tuple(more))
        return array
    for index in np.ndindex(*shape):
        if dtype.kind == 'U':
            array[index] = rng.choice(WORDS)
        elif dtype.kind == 'S':
            array[index] = rng.choice([word for word in WORDS if word.isascii()]).encode()
        elif dtype.kind == 'b':
            array[index] = rng.random() < 0.5
        elif dtype.kind in 'fc':
            value = rng.choice([0, -0.0, 1, 0.1, 1e16, 1e-5, np.inf, -np.inf, np.nan, rng.gauss(0, 1e4)])
            array[index] = value if dtype.kind == 'f' else complex(value, rng.choice([0.0, -0.0, 1.5, np.nan, value]))
        elif dtype.kind in 'mM':
            array[index] = np.array(rng.choice([0, 1, -1, -2**63, rng.randrange(-10**4, 10**4)]), 'i8').view(
                dtype.newbyteorder('='))
        else:
            info = np.iinfo(dtype)
            array[index] = rng.choice([0, info.min, info.max, rng.randrange(100)])
    return array


def random_dtype(rng, depth=0):
    fields = []
    for i in range(rng.randrange(1, 5)):
        what = random_dtype(rng, depth + 1) if depth < 3 and rng.random() < 0.2 else np.dtype(
            rng.choice('<>') + rng.choice(PLAIN[1:]))
        name = rng.choice(['f%d', 'a b%d', 'c,%d', 'q"%d', '\xe9%d']) % i
        fields.append((name, what, rng.choice([(), (), (), (2,), (1, 3), (2, 1, 2)])))
    return np.dtype(fields, align=rng.random() < 0.3)


def arrays(rng):
    for code in PLAIN:
        for order in '<>':
            dtype = np.dtype(code if code == '?' else order + code)
            yield fill(rng, dtype, (7,))
            yield fill(rng, dtype, (3, 4))
            yield fill(rng, dtype, (4, 3)).T
            yield fill(rng, dtype, ())
    yield np.zeros(0)
    yield np.zeros((0, 3))
    yield np.zeros((3, 0))
    for _ in range(6):  # once at each protocol
        yield np.array([['a', None], ['b,c', 1], [1.5, True], [np.float32(0.1), 10**30], [np.str_('x,'), [1, 'y']],
                        [np.datetime64('2021-02-03'), np.bool_(True)]], object)
    for _ in range(100):
        yield fill(rng, random_dtype(rng), (rng.randrange(4),))


def main(argv):
    if len(argv) != 2:
        print(__doc__)
        return 4
    passed, failed = 0, []
    with tempfile.TemporaryDirectory(prefix='npickle-live.') as work:
        path = os.path.join(work, 'x.pkl')
        for i, array in enumerate(arrays(random.Random(5))):
            with open(path, 'wb') as file:
                pickle.dump(array, file, i % 6)
            ran = subprocess.run([argv[1], 'show', '--csv', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wanted, found = table(array), ran.stdout.decode('utf-8', 'replace')
            if ran.returncode == 0 and found == wanted:
                passed += 1
            else:
                failed.append('%r at protocol %d, exit status %d: expected\n%sfound\n%s%s' % (
                    array.dtype, i % 6, ran.returncode, wanted, found, ran.stderr.decode('utf-8', 'replace')))
    for text_ in failed[:5]:
        print('FAIL: ' + text_)
    print('table, NumPy %s: %d passed, %d failed' % (np.__version__, passed, len(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
