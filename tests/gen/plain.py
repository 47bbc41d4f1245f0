"""Golden bytes of NumPy's own pickles: every plain dtype x layout x protocol.

usage: PYTHON plain.py > tests/data/plain-DIALECT.golden
  numpy1   CPython 3.11 with NumPy 1.26   (the default dialect)
  numpy2   CPython 3.13 with NumPy 2.5    (the numpy2 dialect)
  python2  CPython 2.7 with NumPy 1.16    (the python2 dialect; cPickle, protocols 0 to 2)

Words of a case: dtype, shape, strides (bytes), offset of the element with all indices 0, 'rw' or 'ro', memory. Shape
and strides are numbers with commas between, '-' for none; memory is a quoted word. A case is np.ndarray(shape,
dtype, memory, offset, strides). The padding in long doubles is zero. Runs on Python 2.7 and 3.
"""
import struct
import sys

import numpy as np

import golden

try:
    import cPickle as pickle
except ImportError:
    import pickle

ORDERED = 'i2 i4 i8 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 U3 M8[s] m8[D]'.split()
DTYPES = ['?', 'i1', 'u1', 'S5', 'V4'] + [order + code for code in ORDERED for order in '<>'] + \
    ['<M8[25us]', '<M8', '<m8', '<M8[ns]', '<M8[Y]', '<m8[as]', 'S1', '<U1', 'V1']

# Bytes that some spelling of a pickle treats in a way of its own: NUL, LF, CR, ^Z, quotes, backslash, DEL, C1, 0xff.
ODD = bytearray(b'\x00\n\r\x1a\'"\\ab\x7f\x80\xff\xc3\xa9u\tU"00?')

FLOATS = [1.5, -2.0, 0.0, float('inf'), -0.0, 1e-5, 3.25, float('nan'), 65504.0, 0.1, 100.0, -7.0]
TEXTS = [u'ab', u'\xe9\xfc', u'\u4f60', u'\U0001f600', u'', u'\n\\\x1a', u'xyz', u'\xff', u'\ud7ff', u'\x80', u'b',
         u'"\'']
INTS = [0, 1, -1, 98, 0x0a0d, -0x5c1a, 0x7fff, -0x8000, 39, 34, 92, 127]
NAT = -2**63
TIMES = [0, 1, NAT, -1, 10, 1000000, 2**62, 26, 92, 39, 1234567890, 365]


def extended(value, order):
    """The 80-bit format of the x87 in 16 bytes, the last 6 of them zero."""
    parts = np.array([value], 'f8').view('<u8').tolist()[0]
    sign, exponent, fraction = parts >> 63, parts >> 52 & 0x7ff, parts & (1 << 52) - 1
    if exponent == 0x7ff:
        top, mantissa = 0x7fff, 1 << 63 | fraction << 11
    elif exponent:
        top, mantissa = exponent - 1023 + 16383, 1 << 63 | fraction << 11
    else:
        top, mantissa = 0, 0
    little = struct.pack('<QH', mantissa, sign << 15 | top) + b'\0' * 6
    return little if order == '<' else little[::-1]


def elements(dtype):
    """Memory of twelve elements."""
    kind, size, order = dtype.kind, dtype.itemsize, '>' if dtype.str[0] == '>' else '<'
    if kind == 'b':
        return bytes(bytearray([1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0]))
    if kind in 'iu':
        return b''.join(struct.pack(order + '1q', v if size == 8 else v % 256**size << 0)[slice(0, size) if order == '<'
                                                                                          else slice(8 - size, 8)]
                        for v in INTS)
    if kind in 'fc' and size // (1 + (kind == 'c')) == 16:
        return b''.join(extended(v, order) for v in (FLOATS if kind == 'f' else FLOATS + FLOATS[::-1]))
    if kind in 'fc':
        part = np.dtype(order + 'f%d' % (size // (1 + (kind == 'c'))))
        return np.array(FLOATS if kind == 'f' else FLOATS + FLOATS[::-1]).astype(part).tobytes()
    if kind == 'U':
        codec = 'utf-32-le' if order == '<' else 'utf-32-be'
        return b''.join((t[:size // 4].encode(codec) + b'\0' * size)[:size] for t in TEXTS)
    if kind in 'Mm':
        return b''.join(struct.pack(order + 'q', v) for v in TIMES)
    return bytes((ODD * 4)[:12 * size])


def layouts(size):
    """(name, shape, strides, offset, elements used, writeable)"""
    yield '0-d', (), (), 0, 1, True
    yield 'empty', (0,), (size,), 0, 0, True
    yield 'empty-0x3', (0, 3), (3 * size, size), 0, 0, True
    yield 'empty-3x0-f', (3, 0), (size, 3 * size), 0, 0, True
    yield 'one', (1,), (size,), 0, 1, True
    yield '1-d', (4,), (size,), 0, 4, True
    yield '2-d-c', (2, 3), (3 * size, size), 0, 6, True
    yield '2-d-f', (2, 3), (size, 2 * size), 0, 6, True
    yield '1x3-f', (1, 3), (size, size), 0, 3, True
    yield 'step-2', (3,), (2 * size,), 0, 6, True
    yield 'reversed', (4,), (-size,), 3 * size, 4, True
    yield '2-d-step', (2, 2), (6 * size, 2 * size), size, 12, True
    yield '2-d-flipped', (2, 3), (-3 * size, -size), 5 * size, 6, True
    yield '3-d-c', (2, 1, 3), (3 * size, 3 * size, size), 0, 6, True
    yield '3-d-f', (2, 1, 3), (size, 2 * size, 2 * size), 0, 6, True
    yield '3-d-middle-first', (2, 2, 3), (3 * size, 6 * size, size), 0, 12, True
    yield 'broadcast', (2, 3), (0, size), 0, 3, True
    yield '1-d-read-only', (4,), (size,), 0, 4, False


# Layouts that only some dtypes are given: one dtype of each width and kind shows what they do.
MANY = ('?', 'i1', '<i4', '<f8', '>f8', '>i2', '<c16', 'S5', '<U3', '<M8[s]')
RARE = ('empty-3x0-f', '1x3-f', '2-d-step', '2-d-flipped', '3-d-c', '3-d-f', '3-d-middle-first', 'broadcast',
        '1-d-read-only')


def cases():
    """Yields (name, words, array)."""
    for code in DTYPES:
        dtype = np.dtype(code)
        memory, size = elements(dtype), dtype.itemsize
        for name, shape, strides, offset, used, writeable in layouts(size):
            if name not in RARE or code in MANY:
                yield make(code, name, shape, strides, offset, memory[:used * size], writeable)
    for code in ('?', 'i1', 'u1', 'S1', 'V1'):
        for byte in (0, 1, 10, 0x62, 0x80, 0xff)[:2 if code == '?' else 6]:
            yield make(code, 'byte-%02x' % byte, (1,), (1,), 0, bytes(bytearray([byte])), True)
    for code, count in (('u1', 255), ('u1', 256), ('u1', 65535), ('u1', 65536), ('<f8', 32), ('<f8', 8192),
                        ('<M8[s]', 8192)):
        size = np.dtype(code).itemsize
        yield make(code, 'long-%d' % count, (count,), (size,), 0, b'x' * (count * size), True)
    yield make('u1', '32-d', (1,) * 32, (1,) * 32, 0, b'q', True)
    yield make('<i2', '17-d', (1,) * 15 + (2, 2), (8,) * 15 + (4, 2), 0, b'abcdefgh', True)
    yield make('<i2', 'wide-1x300', (1, 300), (600, 2), 0, b'ab' * 300, True)
    yield make('<i2', 'wide-0x70000', (0, 70000), (140000, 2), 0, b'', True)


def make(code, layout, shape, strides, offset, memory, writeable):
    # an empty array needs a buffer to point into, however small
    room = bytearray(memory or bytearray(max(1, np.dtype(code).itemsize)))
    dtype = np.dtype(code)
    array = np.ndarray(shape, dtype, room, offset, strides)
    array.flags.writeable = writeable
    numbers = [','.join(str(n) for n in t) or '-' for t in (shape, strides)]
    name = '%s/%s' % (dtype.str.replace('|', ''), layout)
    return name, [dtype.str] + numbers + [str(offset), 'rw' if writeable else 'ro', golden.quote(memory)], array


def main(out):
    top = pickle.HIGHEST_PROTOCOL
    out = golden.Writer(out,
                        ['pickle.dumps(array, protocol) of CPython %d.%d with NumPy %s, written by tests/gen/plain.py.' %
                              (sys.version_info[:2] + ('.'.join(np.__version__.split('.')[:2]),))])
    for name, words, array in cases():
        out.case(name, words, dict((p, pickle.dumps(array, p)) for p in range(top + 1)))


if __name__ == '__main__':
    main(sys.stdout)
