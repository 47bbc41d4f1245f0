"""Arrays set inside pickles of objects that npickle knows nothing of, and Python loads what comes out.

usage: python3 edit.py NPICKLE [COUNT [SEED]]

Random graphs of objects of classes made here (attributes, slots, a state of their own, arguments, items of a list or a dict), which hold arrays,
some of them in several places. One array is set with `npickle set`; the same is done in Python, and both must be the same graph.
"""
import os
import pickle
import random
import subprocess
import sys
import tempfile

import numpy as np

NPICKLE = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 60
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1


class Plain(object):
    pass


class Slotted(object):
    __slots__ = ('first', 'second')


class Stateful(object):
    def __getstate__(self):
        return ('state', self.inside)

    def __setstate__(self, state):
        self.inside = state[1]


class Listed(list):
    pass


class Keyed(dict):
    pass


DTYPES = ['<f8', '>f4', 'i1', '?', '<U3', 'S4', '<M8[s]', '>c16', '<u2']


def new_array(rng, dtype=None):
    shape = [rng.randrange(0, 4) for _ in range(rng.randrange(0, 3))]
    array = (np.arange(int(np.prod(shape))) * 7 + rng.randrange(100)).reshape(shape).astype(dtype or rng.choice(DTYPES))
    return np.asfortranarray(array) if rng.random() < 0.3 else array


def new_value(rng, arrays, depth):
    kind = rng.randrange(9 if depth < 4 else 3)
    inner = lambda: new_value(rng, arrays, depth + 1)
    if kind == 0:
        return rng.choice([None, 'text', 12345, b'bytes', 1.5, ()])
    if kind <= 2:
        return rng.choice(arrays)
    if kind == 3:
        return [inner() for _ in range(rng.randrange(4))]
    if kind == 4:
        return {'k%d' % i: inner() for i in range(rng.randrange(4))}
    if kind == 5:
        value = Plain()
        value.a, value.b = inner(), inner()
        return value
    if kind == 6:
        value = Slotted()
        value.first, value.second = inner(), inner()
        return value
    if kind == 7:
        value = Stateful()
        value.inside = inner()
        return value
    value = Listed([inner()]) if rng.random() < 0.5 else Keyed(x=inner())
    value.more = inner()
    return value


def run(directory, rng, protocol):
    arrays = [new_array(rng) for _ in range(3)]
    document = {'target': [arrays[0]], 'rest': [new_value(rng, arrays, 0) for _ in range(6)]}
    new = new_array(rng)
    names = [os.path.join(directory, name) for name in ('in.pkl', 'new.npy', 'out.pkl')]
    with open(names[0], 'wb') as out:
        pickle.dump(document, out, protocol)
    np.save(names[1], new)
    subprocess.check_call([NPICKLE, 'set', names[0], "['target'][0]", names[1], names[2]])
    with open(names[2], 'rb') as changed:
        found = pickle.load(changed)
    array = found['target'][0]
    native = [a.dtype.newbyteorder('=') for a in (array, new)] # NumPy swaps bytes when it loads
    assert native[0] == native[1] and array.shape == new.shape and np.array_equal(array, new), (array, new)
    document['target'][0], old = array, arrays[0]
    assert same(document, found, {id(old): id(array)}), (document, found)


def parts(value):
    """What a value holds, beside what it is."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        yield from value
    for name in ('a', 'b', 'first', 'second', 'inside', 'more'):
        if hasattr(value, name):
            yield getattr(value, name)


def same(a, b, met):
    """One graph: the same values, and what is one object there is one object here. `met`: of the mutable ones, which is which."""
    if id(a) in met:
        return met[id(a)] == id(b)
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        met[id(a)] = id(b)
        return a.dtype.newbyteorder('=') == b.dtype.newbyteorder('=') and a.shape == b.shape and a.tolist() == b.tolist()
    if a is None or isinstance(a, (str, bytes, int, float)):
        return a == b
    if not isinstance(a, tuple):
        met[id(a)] = id(b)
    mine, other = list(parts(a)), list(parts(b))
    return len(mine) == len(other) and all(same(x, y, met) for x, y in zip(mine, other))


rng = random.Random(SEED)
done = 0
with tempfile.TemporaryDirectory() as directory:
    for i in range(COUNT):
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            run(directory, rng, protocol)
            done += 1
print('edit: %d pickles, an array set in each (%s, NumPy %s)' % (done, sys.version.split()[0], np.__version__))
