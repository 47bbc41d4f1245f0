"""npickle against random dtypes: nested, padded, titled, aligned, of every kind of element.

usage: PYTHON dtypes.py NPICKLE [COUNT [SEED]]   (tests/check-live.sh calls it; Python 3.8 and later, with NumPy)

For each of COUNT dtypes, at each protocol, the pickle of an array of random elements:
  repr     npickle info prints the dtype as NumPy 2's repr() does
  descr    npickle info --json gives np.lib.format.dtype_to_descr(), or dtype.str where there is none
  check    npickle check says identical
  values   npickle extract to .npy, read by NumPy, has the same elements and the same dtype (not of structs with Python objects that
           NumPy can't save)
  pack     npickle pack --dtype LITERAL of the raw bytes is what pickle.dumps writes, where no Python object is inside
and the pickle of the dtype alone:
  show     npickle show prints repr(dtype)
"""
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np

NUMPY2 = int(np.__version__.split('.')[0]) >= 2
DIALECT = 'cpython%d.%d+numpy%s' % (sys.version_info[:2] + ('.'.join(np.__version__.split('.')[:2]),))
PLAIN = ('? i1 u1 <i2 >i2 <u2 >u4 <i4 <i8 >i8 u8 <f2 >f4 <f4 <f8 >f8 g >g <c8 >c16 S1 S3 S0 <U2 >U1 U0 V5 V1 '
         'O O O <M8[us] >m8[25s] M8 m8[D] <M8[7ms]').split()
WORDS = ['a', 'c', 'x', 'y', 'long name', 'it\'s', 'q"', '\u00e9', '\u20ac', '\U0001f600', 'tab\t', 'n', 'velocity']


class Maker(object):
    """Literals that numpy.dtype() takes. Every name of more than one character is there once, and none is the 'b' that NumPy
    pickles too: whether two that are equal are one object is Python's affair, and shows in the bytes."""

    def __init__(self, rng):
        self.rng, self.names = rng, 0

    def name(self):
        word = self.rng.choice(WORDS)
        self.names += 1
        return word if len(word) == 1 and ord(word) < 128 else word + str(self.names)

    def words(self, count):
        words = []
        while len(words) < count:
            word = self.name()
            if word not in words:
                words.append(word)
        return words

    def shape(self):
        return self.rng.choice([(2,), (3,), (2, 3), (1,), (0,), (2, 0, 1), (2, 1, 2), 4])

    def type(self, depth, objects):
        kind = self.rng.random()
        if depth <= 0 or kind < 0.35:
            plain = self.rng.choice(PLAIN)
            return plain if objects or plain != 'O' else '<f8'
        if kind < 0.5:
            return self.type(depth - 1, objects), self.shape()
        return self.struct(depth, objects)

    def struct(self, depth, objects):
        words = self.words(self.rng.randint(0 if NUMPY2 else 1, 4))  # NumPy 1 divides by the alignment of an empty one, 0
        types = [self.type(depth - 1, objects) for _ in words]
        titles = ['title of ' + self.name() + str(self.names) if self.rng.random() < 0.2 else None for word in words]
        if self.rng.random() < 0.5:
            return [((title, word), type_) if title else (word, type_)
                    for word, title, type_ in zip(words, titles, types)]
        made = {'names': words, 'formats': types}
        if any(titles) or self.rng.random() < 0.1:
            made['titles'] = titles
        if self.rng.random() < 0.3 and not any('O' in str(type_) for type_ in types):  # in any order, or over one another
            made['offsets'] = [16 * self.rng.randint(0, 5) for _ in words]
        elif self.rng.random() < 0.5:  # in order, with holes
            made['offsets'], end = [], 0
            for type_ in types:
                end = (end + 15) // 16 * 16 + 16 * self.rng.randint(0, 1)
                made['offsets'].append(end)
                end += np.dtype(type_).itemsize
        if self.rng.random() < 0.3:
            made['aligned'] = True
        if self.rng.random() < 0.3:
            made['itemsize'] = (np.dtype(made).itemsize + 15) // 16 * 16 + 16 * self.rng.randint(0, 2)
        return made


def fill(rng, array):
    """Random elements, leaf by leaf: what lies between them stays zero."""
    dtype = array.dtype
    if dtype.names is not None:
        for name in dtype.names:
            fill(rng, array[name])
    elif dtype.kind == 'O':
        for index in np.ndindex(array.shape):
            array[index] = rng.choice([None, 1, -70000, 'text', 2.5, (1, 'x'), b'raw', True])
    elif dtype.kind == 'U':
        for index in np.ndindex(array.shape):
            array[index] = ''.join(rng.choice('ab\u00e9\u20ac\U0001f600') for _ in range(dtype.itemsize // 4))
    elif dtype.kind == 'b':
        for index in np.ndindex(array.shape):
            array[index] = rng.random() < 0.5
    elif dtype.itemsize:
        width = 10 if dtype.char == 'g' else dtype.itemsize  # and 6 bytes that are none of the value
        raw = array.view('V%d' % dtype.itemsize)
        for index in np.ndindex(array.shape):
            item = bytes(rng.randrange(256) for _ in range(width)) + bytes(dtype.itemsize - width)
            raw[index] = np.void(item if dtype.byteorder != '>' else item[::-1])


def is_odd(dtype):
    """(dtype of no bytes, 4): NumPy makes a subarray of it whose size is not that of its items."""
    inner = [dtype.fields[name][0] for name in dtype.names or ()]
    if dtype.subdtype is not None:
        inner.append(dtype.base)
        if dtype.itemsize != dtype.base.itemsize * int(np.prod(dtype.shape)):
            return True
    return any(is_odd(part) for part in inner)


def make(rng):
    """(literal, dtype, array)"""
    while True:
        objects = rng.random() < 0.3
        maker = Maker(rng)
        try:
            literal = maker.type(rng.randint(1, 5), objects)
            dtype = np.dtype(literal)
        except (TypeError, ValueError):  # objects that overlap, an offset that is not aligned
            continue
        if dtype.itemsize > 20000 or is_odd(dtype):
            continue
        if isinstance(literal, str) and dtype.itemsize == 0:  # numpy.zeros() makes S1 of S0
            continue
        shape, base = rng.choice([(), (2,), (1,), (3,), (2, 2), (0,)]), dtype
        while base.subdtype is not None:
            shape, base = shape + base.shape, base.base
        array = np.zeros(shape, base)
        fill(rng, array)
        try:
            pickle.loads(pickle.dumps(array, 0))
        except (SystemError, ValueError, pickle.UnpicklingError):  # NumPy can't, of some that have no bytes; or a U that lies under
            continue  # other fields and beside an object became a str that is none
        return literal, dtype, array


def plain_json(value):
    return [plain_json(item) for item in value] if isinstance(value, (tuple, list)) else value


def descr(dtype):
    try:
        return plain_json(np.lib.format.dtype_to_descr(dtype))
    except ValueError:
        return dtype.str


def equal(a, b):
    """Field by field, bit by bit."""
    if a.dtype.names is not None:
        return a.shape == b.shape and all(equal(a[name], b[name]) for name in a.dtype.names)
    if a.dtype.kind == 'O':
        return a.shape == b.shape and all(type(a[i]) is type(b[i]) and a[i] == b[i] for i in np.ndindex(a.shape))
    if a.dtype.char in 'gG':  # beside the 10 bytes of each number there is what was there before
        a, b = (array.astype(array.dtype.newbyteorder('<')).reshape(-1).view('V16') for array in (a, b))
        return [bytes(item)[:10] for item in a] == [bytes(item)[:10] for item in b]
    return a.shape == b.shape and a.tobytes() == b.tobytes()


class Checks(object):
    def __init__(self, tool, work):
        self.tool, self.work, self.counts, self.failed = tool, work, {}, []

    def run(self, *words):
        process = subprocess.run([self.tool] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if process.returncode != 0:
            self.failed.append('%s: exit status %d, %r' % (' '.join(words)[:300], process.returncode,
                                                           (process.stderr + process.stdout)[:400]))
        return process.stdout.decode('utf-8', 'surrogatepass')

    def note(self, what, good, text):
        self.counts[what] = self.counts.get(what, 0) + bool(good)
        if not good:
            self.failed.append('%s: %s' % (what, text))

    def file(self, name, data):
        path = os.path.join(self.work, name)
        with open(path, 'wb') as file:
            file.write(data)
        return path

    def read(self, cases, protocol):
        """All of them in one file, one pickle behind the other."""
        pickles = [pickle.dumps(array, protocol) for _, _, array in cases]
        path = self.file('arrays.pkl', b''.join(pickles))
        lines = [line for line in self.run('info', path).split('\n') if line.startswith('  (root)')]
        told = json.loads(self.run('info', '--json', path))['files'][0]['pickles']
        checked = json.loads(self.run('check', '--json', path))['files'][0]['pickles']
        self.note('count', len(lines) == len(told) == len(checked) == len(cases), 'protocol %d: %d of %d' %
                  (protocol, len(lines), len(cases)))
        for i, (literal, _, array) in enumerate(cases[:len(lines)]):
            text = 'protocol %d of %r' % (protocol, literal)
            self.note('repr', lines[i][24:].startswith(repr(array.dtype) + '  '), text + ': ' + lines[i])
            found = told[i]['arrays'][0]['dtype']
            self.note('descr', found == descr(array.dtype), '%s: %s' % (text, found))
            self.note('check', checked[i]['identical'], '%s: %s' % (text, checked[i]))

    def extract(self, cases, protocol):
        cases = [case for case in cases if not has_no_descr(case[2].dtype)]
        path = self.file('values.pkl', b''.join(pickle.dumps(array, protocol) for _, _, array in cases))
        out = os.path.join(self.work, 'npy')
        shutil.rmtree(out, ignore_errors=True)
        self.run('extract', '-d', out, path)
        with open(os.path.join(out, 'manifest.json')) as file:  # elements with subarrays of objects hold arrays: those have a path
            npy = [entry['file'] for entry in json.load(file) if entry['path'] == '']
        for (literal, _, array), name in zip(cases, npy):
            if array.dtype.hasobject:  # NumPy pickles its elements as Python objects: what comes of them is what counts
                array = pickle.loads(pickle.dumps(array, protocol))
            self.same(array, os.path.join(out, name), 'protocol %d of %r' % (protocol, literal))

    def same(self, array, path, text):
        try:
            back = np.load(path, allow_pickle=True)
        except Exception as error:
            return self.note('values', False, '%s: %s' % (text, error))
        self.note('values', back.dtype == array.dtype and equal(array, back), '%s: %s' % (text, back.dtype))

    def show(self, cases, protocol):
        path = self.file('dtypes.pkl', b''.join(pickle.dumps(dtype, protocol) for _, dtype, _ in cases))
        lines = self.run('show', path).split('\n')
        for i, (literal, dtype, _) in enumerate(cases):
            self.note('show', lines[i:i + 1] == [repr(dtype)], 'protocol %d of %r: %r' % (protocol, literal, lines[i:i + 1]))

    def pack(self, literal, array, protocol):
        raw, out = self.file('raw', array.tobytes()), os.path.join(self.work, 'packed.pkl')
        text = literal if isinstance(literal, str) else repr(literal)
        self.run('pack', '--dtype', text, '--shape', ','.join(map(str, shape_of(literal, array))), '--protocol', str(protocol), '--dialect',
                 DIALECT, raw, out)
        with open(out, 'rb') as file:
            self.note('pack', file.read() == pickle.dumps(array, protocol), 'protocol %d, shape %s of %s' %
                      (protocol, array.shape, text))


def has_no_descr(dtype):
    """Of fields that overlap or are out of order numpy.save() writes no array, nor does npickle."""
    return (dtype.hasobject or dtype.names is not None) and descr(dtype) == dtype.str


def shape_of(literal, array):
    """The lengths of the array without those that its subarrays add."""
    dtype, inner = np.dtype(literal), 0
    while dtype.subdtype is not None:
        dtype, inner = dtype.base, inner + dtype.ndim
    return array.shape[:array.ndim - inner]


def main(tool, count=40, seed=1):
    rng = random.Random(int(seed))
    warnings.simplefilter('ignore')
    work = tempfile.mkdtemp()
    checks = Checks(tool, work)
    try:
        for start in range(0, int(count), 100):
            cases = [make(rng) for _ in range(min(100, int(count) - start))]
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                checks.read(cases, protocol)
                checks.extract(cases, protocol)
                checks.show(cases, protocol)
                for literal, _, array in cases:
                    if not array.dtype.hasobject:
                        checks.pack(literal, array, protocol)
    finally:
        shutil.rmtree(work)
    for failure in checks.failed[:20]:
        print('FAIL: ' + failure)
    print('dtypes: NumPy %s, %s dtypes, seed %s: %s; %d failed' % (
        np.__version__, count, seed, ', '.join('%s %d' % item for item in sorted(checks.counts.items())), len(checks.failed)))
    return 1 if checks.failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
