"""Pickles that Python writes of NumPy's objects once dill is imported, for tests/test_effects.c.

usage: PYTHON dilled.py > tests/data/dilled.golden         (with dill; NumPy 1.26, so that the C pickler writes the same names)

    make(seed)     [(who, pickle)]: what dill, pickle.py and pickle write of one graph; ImportError without dill

dill adds to what pickle.py knows, and with that every pickler that is made of it: a builtin class is the call _load_type('bytes') there instead of
a name, also where it is the class that is called for b'', a set or a complex number below the protocols with opcodes for these.

A case of the golden is a value as the C pickler writes it (NAME/plain), for which dill makes no difference, and as pickle.py (NAME/py) and dill (NAME/dill)
do: all three are the same. NAME/old is NAME/py with the module as dill named it up to 0.2.7.1.
"""
import argparse
import array
import collections
import datetime
import pickle
import random
import sys
import warnings

import golden

PLAIN = '? i1 <i2 >i2 <i4 >i4 <i8 u1 >u8 <f2 <f4 >f8 <c8 <c16 S5 S0 <U3 U0 V4 V0 <M8[us] <m8[D]'.split()
STRUCTS = [[('a', '<i2'), ('b', '>f8')], [('x', 'S3'), ('y', '<U2', (2,))], [(('a title', 'a'), '<i4')], [('o', 'O'), ('p', '<f4')], []]


def ways():
    """name: function; imports dill, and changes pickle.py by that."""
    import dill
    return {'dill': dill.dumps, 'py': pickle._dumps, 'plain': pickle.dumps}


class Graph(object):
    def __init__(self, seed):
        import numpy
        self.np, self.random = numpy, random.Random(seed)

    def array(self):
        choice, np = self.random.choice, self.np
        shape = tuple(choice([0, 1, 2, 3]) for _ in range(choice([0, 1, 1, 2, 3])))
        dtype = np.dtype(choice(PLAIN) if self.random.random() < 0.8 else choice(STRUCTS))
        made = np.zeros(shape, dtype)
        if not dtype.hasobject and dtype.kind not in 'UV' and dtype.itemsize and made.size:
            memory = bytes(self.random.randrange(2 if dtype == bool else 120) for _ in range(made.nbytes))
            made = np.frombuffer(memory, dtype).reshape(shape).copy(choice('CF'))
        return made[::-1] if made.ndim and self.random.random() < 0.2 else made

    def plain(self):
        return self.random.choice([b'', b'a', b'abc', bytearray(), bytearray(b'xy'), set(), {1, 2}, frozenset(), frozenset([b'']), 1j, complex(-0.0, -2),
                                   datetime.datetime(2020, 1, 1), range(3), slice(1, 2), Ellipsis, collections.Counter('aab'), None, 'x', 1.5])

    def scalar(self):
        np, made = self.np, self.array()
        return self.random.choice([np.float32(2.5), np.int8(3), np.bool_(True), np.str_('a'), np.bytes_(b''), np.complex64(1j), np.void(b'abc'), np.longdouble(1.5),
                                   np.datetime64('2020-01-01'), made.ravel()[0] if made.size else made.dtype, made.dtype])

    def name(self):
        np = self.np
        return self.random.choice([np.add, np.float64, np.ndarray, np.dtype, bytes, list, dict, set, object, complex, int, type(None), type(np.dtype('f8'))])

    def view(self):
        np, made = self.np, self.array()
        if made.dtype.names is None and made.dtype.itemsize and self.random.random() < 0.5:
            return np.ma.array(made, mask=self.random.choice([False, True]))
        return self.random.choice([np.array([(1, 2.5)] * self.random.choice([0, 2]), [('x', '<i4'), ('y', '<f8')]).view(np.recarray),
                                   np.matrix(np.zeros((self.random.choice([0, 2]), 2))), array.array('d', [1.0] * self.random.choice([0, 2]))])

    def objects(self, depth):
        np = self.np
        if self.random.random() < 0.3:
            return np.array([(self.value(depth + 1), 1.5)], [('o', 'O'), ('p', '<f4')])
        made = np.empty(self.random.choice([(), (0,), (2,), (2, 2)]), object)
        for index in np.ndindex(*made.shape):
            made[index] = self.value(depth + 1)
        return made

    def classes(self):
        """Those that values are made by, beside these values, before and after."""
        return self.random.choice([[b'', bytes, b''], [bytes, b'', (set, {1}, [Ellipsis, {1}])], {b'': bytes, 'c': complex, 'd': 1j}, [{1, b''}, [set, slice(1), bytes]],
                                   [slice(1, 2), {2}, slice(3, 4), set, b'', frozenset([1]), bytes], collections.defaultdict(list, {'a': b''})])

    def container(self, depth):
        count = self.random.randrange(4)
        kind = self.random.randrange(4)
        items = [self.value(depth + 1) for _ in range(count)]
        if kind == 0:
            return collections.OrderedDict((str(i), item) for i, item in enumerate(items))
        if kind == 1:
            return {'a': items, b'': items[:1], 'b': items[-1:]}
        return items if kind == 2 else tuple(items)

    def value(self, depth=0):
        kinds = [self.array, self.array, self.array, self.plain, self.scalar, self.name, self.view, self.classes]
        if depth < 4:
            kinds += 4 * [lambda: self.container(depth), lambda: self.objects(depth)]
        return self.random.choice(kinds)()


def make(seed):
    graph, out = Graph(seed), []
    value, protocol = graph.value(), graph.random.randrange(6)
    for who, dumps in sorted(ways().items()):
        try:
            out.append((who, dumps(value, protocol)))
        except Exception:  # what dill finds no name of
            continue
    return out


def values():
    import numpy as np
    empty = np.zeros(0, '<f4')
    made = argparse.Namespace(empty=empty, bytes=b'')
    objects = np.empty(2, object)
    objects[:] = [b'', empty]
    yield 'empty', empty
    yield 'several', [empty, np.zeros((2, 0), '>i2'), b'', bytearray(), np.arange(3, dtype='<i8'), empty]
    yield 'no-bytes', [np.zeros(2, 'V0'), np.zeros(3, []), np.zeros((), 'S0')]
    yield 'scalar', [np.bytes_(b''), np.float64(1.5)]
    yield 'masked', np.ma.array(np.zeros(0, '<f4'), mask=False)
    yield 'struct', np.zeros(0, [('x', '<i4'), ('o', '<f8', (2,))])
    yield 'objects', objects
    yield 'instance', [made, made]
    yield 'dict', {'a': empty, b'': {b'', b'a'}, 'c': 1 + 2j, 'f': frozenset([1]), 'y': bytearray(b'y')}
    yield 'classes', [b'', bytes, {1}, set, [bytes, complex, 1j, int, list]]
    yield 'classes-first', [bytes, b'', set, {1}, collections.defaultdict(list, {'a': b''})]


def main():
    warnings.simplefilter('ignore')
    import dill
    import numpy
    out = golden.Writer(sys.stdout, ["Values by pickle.py and dill %s, and by CPython's own pickler: CPython %d.%d, NumPy %s, written by tests/gen/dilled.py."
                                     % ((dill.__version__,) + sys.version_info[:2] + (numpy.__version__,))])
    for name, value in values():
        made = ways()
        for who in 'plain', 'py', 'dill':
            out.case('%s/%s' % (name, who), [], dict((p, made[who](value, p)) for p in range(5)))
        out.case('%s/old' % name, [], dict((p, pickle._dumps(value, p).replace(b'cdill._dill\n', b'cdill.dill\n')) for p in range(3)))


if __name__ == '__main__':
    main()
