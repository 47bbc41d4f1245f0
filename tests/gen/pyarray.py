"""Golden bytes of array.array, for tests/test_pyarray.c.

usage: PYTHON pyarray.py > tests/data/pyarray-NAME.golden

       NAME      PYTHON
       python2   CPython 2.7: cPickle, the list form
       python38  CPython 3.8 (3.9 writes the same): at protocol 4 the class shares its module's name
       python3   CPython 3.13 (3.10 to 3.12 write the same but for 'w', which is new in 3.13)
       jython    Jython 2.7: cPickle, raw bytes
       jython-py the same by its pickle.py: jython pyarray.py pickle.py

The words of a case: for each array its typecode, the dtype and the bytes of its elements, least significant first; =N for one
that is the N-th again. A case whose name begins with list/ is a list of them, any other the one array.
"""
from __future__ import print_function

import array
import platform
import struct
import sys
import warnings

try:
    import cPickle as pickle
except ImportError:
    import pickle

import golden

PYTHON2 = sys.version_info[0] == 2
JYTHON = sys.platform.startswith('java')
warnings.simplefilter('ignore')  # 'u' is going away
INF, NAN = float('inf'), struct.unpack('<d', b'\0\0\0\0\0\0\xf8\x7f')[0]  # without a sign, which text does not have

SIZES = {'b': 1, 'B': 1, 'h': 2, 'H': 2, 'i': 4, 'I': 4, 'l': 8, 'L': 8, 'q': 8, 'Q': 8}
DTYPES = {'b': '|i1', 'B': '|u1', 'h': '<i2', 'H': '<u2', 'i': '<i4', 'I': '<u4', 'l': '<i8', 'L': '<u8', 'q': '<i8', 'Q': '<u8',
          'f': '<f4', 'd': '<f8', 'u': '<U1', 'w': '<U1', 'c': '|S1', 'z': '|b1'}


def text(*characters):
    """What array.array('u', ...) takes, out of code points."""
    return b''.join(struct.pack('<I', c) for c in characters).decode('utf-32-le')


def values_of(typecode):
    """name, elements"""
    yield 'none', []
    if typecode in SIZES:
        bits = 8 * SIZES[typecode]
        least, most = (0, 2 ** bits - 1) if typecode.isupper() else (-2 ** (bits - 1), 2 ** (bits - 1) - 1)
        yield 'one', [98]
        yield 'some', [0, 1, least, most, 127, most // 2, least // 2, 127]
    elif typecode in 'fd':
        yield 'one', [1.5]
        yield 'some', [0.0, -0.0, 1.0, 0.1, -2.5, 1e30, INF, -INF, NAN]
    elif typecode == 'z':
        yield 'some', [True, False, True]
    elif typecode == 'c':
        yield 'one', ['b']
        yield 'some', list('a\x00\xff\n\'"\\a')
    else:
        yield 'one', [98]
        yield 'some', [0x61, 0xe9, 0x61, 0x100, 0x20ac, 0x1f600, 0x27, 0x0a, 0]


def raw(typecode, elements):
    """Their bytes, least significant first."""
    if typecode in 'cz':
        return bytes(bytearray(ord(e) if typecode == 'c' else e for e in elements))
    code = {'l': 'q', 'L': 'Q', 'u': 'I', 'w': 'I'}.get(typecode, typecode)
    return struct.pack('<%d%s' % (len(elements), code), *elements)


def elements_of(value):
    """What raw() takes, of an array of any typecode."""
    if value.typecode in 'uw':
        data = bytearray(value.tounicode().encode('utf-32-le'))
        return [struct.unpack('<I', bytes(data[i:i + 4]))[0] for i in range(0, len(data), 4)]
    return list(value)


def make(typecode, elements):
    """The array, and its words."""
    value = array.array(typecode, text(*elements) if typecode in 'uw' else ''.join(elements) if typecode == 'c' else elements)
    assert len(value) == len(elements)
    return value, [typecode, DTYPES[typecode], golden.quote(raw(typecode, elements))]


def has(typecode):
    try:
        array.array(typecode)
        return True
    except (ValueError, TypeError):
        return False


def cases():
    for typecode in 'bBhHiIlLqQfduwcz':
        if has(typecode):
            for name, elements in values_of(typecode):
                yield (typecode + '/' + name,) + make(typecode, elements)
    for count in () if JYTHON else (999, 1000, 1001, 2001):
        yield ('i/%d' % count,) + make('i', [7] * count)
    yield ('B/70000',) + make('B', [7] * 70000) if not PYTHON2 else ('B/300',) + make('B', [7] * 300)
    made = [make('i', [1, 2]), make('i', [1, 2]), make('d', [0.5]), make('B', [98]), make('B', [98]), make('h', []), make('u', [98, 98])]
    yield 'list/several', [m[0] for m in made], [w for m in made for w in m[1]]
    yield 'list/shared', [made[0][0], made[3][0], made[0][0], made[3][0]], made[0][1] + made[3][1] + ['=0', '=1']


def main():
    global pickle
    python = 'Jython' if JYTHON else platform.python_implementation()
    if sys.argv[1:] == ['pickle.py']:
        import pickle
        python = 'pickle.py of ' + python
    out = golden.Writer(sys.stdout, ['pickle.dumps(array.array(...), protocol) of %s %s, written by tests/gen/pyarray.py.'
                                     % (python, '.'.join(str(n) for n in sys.version_info[:2]))])
    for name, value, words in cases():
        out.case(name, words, dict((p, pickle.dumps(value, p)) for p in range(3 if PYTHON2 else 6)))


if __name__ == '__main__':
    main()
