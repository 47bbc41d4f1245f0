"""What Python gives a pickler of an array, a dtype, bytes and so on, changed at one place: for tests/test_check.c.

usage: python3 forms.py > tests/data/forms.golden        (CPython 3.11 with NumPy 1.26; tests/live/forms.py has them all)

Each part of what __reduce_ex__ gives is changed in every way there is: a list for a tuple, an int for a bool, another number or text, an item more, no
state. Python's own pickler pickles that. What Python can load of it is pickled anew: the case says whether that gives the same bytes.
"""
import array
import _codecs as codecs
import io
import os
import pickle
import random
import sys
import warnings

import numpy as np

import golden

FEW = 40            # of an object at a protocol
LARGEST, MOST = 400, 500  # bytes of a pickle, and how many of the others, in the golden file


def changed(x, depth=0):
    """All that differs from x at one place."""
    if isinstance(x, bool):
        yield from (int(x), not x, None)
    elif isinstance(x, int):
        yield from [bool(x)] if x in (0, 1) else []
        yield from (x + 1, -x - 1, str(x), float(x), 0, 16, 255, -128)
    elif x is None:
        yield from ((), False, {}, '')
    elif isinstance(x, str):
        yield from (x + ' ', x + 'x', '=', '<', '>', '|', x.upper(), '<' + x, None)
        yield from [x.encode('latin-1')] if all(ord(c) < 256 for c in x) else []
        yield from [(x + '\0')[:-1]] if len(x) > 1 else []  # the same, and another object
    elif isinstance(x, bytes):
        yield from (x.decode('latin-1'), bytearray(x), x + b'a')
    elif isinstance(x, tuple):
        yield from (list(x), x + (None,), x + (0,), x[:-1])
        yield from x if depth > 0 and len(x) == 1 else ()
        for i, item in enumerate(x):
            for other in changed(item, depth + 1):
                yield x[:i] + (other,) + x[i + 1:]
    elif isinstance(x, list):
        yield tuple(x)
        for i, item in enumerate(x[:3]):
            for other in changed(item, depth + 1):
                yield x[:i] + [other] + x[i + 1:]
    elif isinstance(x, dict):
        yield from ({**x, 'zz': None}, list(x.items()), dict(reversed(list(x.items()))))
        for key in x:
            for other in changed(x[key], depth + 1):
                yield {**x, key: other}


class Pickler(pickle.Pickler):
    """Makes `made` by what `reduced` says."""

    def __init__(self, file, protocol, made, reduced):
        super().__init__(file, protocol)
        self.made, self.reduced = made, reduced

    def reducer_override(self, what):
        return self.reduced if what is self.made else NotImplemented


def objects():
    dtype = np.dtype
    yield from (dtype(code) for code in 'b1 i1 u2 >i4 f8 >f8 c16 S3 U2 >U2 V5 V0 O M8[ns] m8 >M8[25s] m8[D]'.split())
    yield from (dtype([('a', 'i4'), ('b', '>f8')]), dtype([(('title', 'a'), 'i4'), ('bc', 'S2')]), dtype([('a', 'i4', (2, 3))]), dtype([('a', 'i4', 2)]),
                dtype([('a', 'i1'), ('b', '>f8')], align=True), dtype('f8', metadata={'a': 1}), dtype([('a', [('x', 'O'), ('y', 'U1')])]),
                dtype({'names': ['aa', 'b'], 'formats': ['i4', 'i2'], 'offsets': [8, 0], 'itemsize': 16}), dtype((np.record, [('a', 'i4')])))
    numbers = np.arange(6)
    yield from (numbers, numbers.reshape(2, 3), np.asfortranarray(numbers.reshape(2, 3)), np.array(5), np.zeros((0, 3)), np.array(['2020-01-01'], 'M8[D]'),
                np.array([1, None, 'a'], object), np.zeros(2, [('a', 'i4')]), np.zeros(2, [('a', 'O')]), np.array([b'a']), np.ma.array([1, 2], mask=[0, 1], fill_value=7),
                np.rec.array([(1, 2.)], dtype=[('aa', 'i4'), ('bb', 'f8')]), np.matrix([[1, 2]]), np.array(['a']).view(np.char.chararray))
    yield from (np.float64(1.5), np.int32(3), np.str_('ab'), np.bytes_(b'ab'), np.datetime64('2020-01-01'), np.bool_(True), np.zeros(1, [('a', 'O')])[0],
                np.complex64(1), np.longdouble(1))
    yield from (1 + 2j, {1}, frozenset([1]), b'ab', b'', b'\xe9', bytearray(b'ab'), array.array('d', [1]), array.array('i', [1, 2]), array.array('i'))


def is_of_other_machine(way, own):
    """array.array of a machine with the other order of bytes."""
    return len(own[1]) == 4 and isinstance(own[1][2], int) and way[1][2:3] == (own[1][2] + 1,)


def reduced(what, protocol):
    """What a pickler makes of it: of some types without asking them."""
    if isinstance(what, bytes):
        return (codecs.encode, (what.decode('latin-1'), 'latin1')) if what else (bytes, ())
    if isinstance(what, (set, frozenset)):
        return type(what), (list(what),)
    if isinstance(what, complex):
        return complex, (what.real, what.imag)
    return what.__reduce_ex__(protocol)


class Reader:
    """Another process that reads pickles, and is started again where one ends it: damaged states crash NumPy."""

    def __init__(self):
        self.child = None

    def start(self):
        asked, ask = os.pipe()
        answers, answer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(ask)
            sys.stdout = sys.stderr = open(os.devnull, 'w')
            self.answer(os.fdopen(asked, 'rb'), answer)
        os.close(asked)
        os.close(answer)
        self.ask, self.answers = os.fdopen(ask, 'wb'), os.fdopen(answers, 'rb')

    @staticmethod
    def answer(asked, answer):
        try:
            while True:
                protocol, data = pickle.load(asked)
                try:
                    same = pickle.dumps(pickle.loads(data), protocol) == data
                    os.write(answer, b'%d' % same)
                except Exception:
                    os.write(answer, b'-')
        finally:
            os._exit(0)

    def does(self, data, protocol):
        """b'1' where it loads the pickle and pickles the same; b'0': another; else it doesn't load."""
        if self.child is None:
            self.start()
        pickle.dump((protocol, data), self.ask)
        self.ask.flush()
        said = self.answers.read(1)
        if not said:
            os.waitpid(self.child, 0)
            self.child = None
        return said


def make(chance):
    """Of each object at each protocol: itself, and itself changed; the bytes, whether Python writes them so, and what it is of. At protocols 0, 1, 3
    and 4 a FEW of each."""
    reader = Reader()
    for what in objects():
        for protocol in range(6):
            own = tuple(reduced(what, protocol))
            ways = [other for other in changed(own) if isinstance(other, tuple) and len(other) >= 2 and not is_of_other_machine(other, own)]
            if protocol not in (2, 5):
                ways = chance.sample(ways, min(len(ways), FEW))
            for number, way in enumerate([own] + ways):
                stands_for, file = object.__new__(type('made', (), {})), io.BytesIO()
                try:
                    Pickler(file, protocol, stands_for, way).dump(stands_for)
                except Exception:
                    continue
                said = reader.does(file.getvalue(), protocol)
                if said in (b'0', b'1'):
                    yield file.getvalue(), said == b'1', number == 0, '%s at protocol %d: %r' % (type(what).__name__, protocol, way)


def main():
    warnings.simplefilter('ignore')
    made = [(data, same, own) for data, same, own, _ in make(random.Random(0)) if len(data) < LARGEST]
    others = random.Random(0).sample([data for data, same, _ in made if not same], MOST)
    print('# Pickles of CPython 3.11 with NumPy 1.26, and others that these would not write, by tests/gen/forms.py.')
    for name, cases in ('same', [data for data, same, own in made if same and own]), ('other', others):
        for number, data in enumerate(cases):
            print('case %s/%d\np%d - %s' % (name, number, data[1] if data[:1] == b'\x80' else 0, golden.quote(data)))


if __name__ == '__main__':
    main()
