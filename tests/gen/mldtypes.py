"""What ml_dtypes writes and converts: the files tests/data/mldtypes.golden, mldtypes.inc and show-mldtypes.golden.

usage: PYTHON mldtypes.py DIRECTORY              (CPython 3.11, NumPy 2.4.6, ml_dtypes 0.6.0; x86-64)

  mldtypes.golden        each type as an array, a scalar, the field of a struct, and twice in a list; protocols 0 to 5. A case has
                         the words TYPE, the bytes of the array or the scalar, and their values as doubles, least significant first.
  mldtypes.inc           OUT(from, to, hash): every pattern of bits of `from`, as astype makes `to` of it
                         IN(from, to, hash): numbers of NumPy, as test_small.c makes them, likewise
                         CAN(from, to, rules): numpy.can_cast for 'safe', 'equiv', 'same_kind', 'unsafe', as "1010"
  show-mldtypes.golden   repr(), as tests/gen/show.py writes it

The hash of bytes b[i] is the sum of (b[i] + 1) * (i * 0x9e3779b97f4a7c15 | 1), modulo 2^64. Of a long double ten bytes count.
What ml_dtypes has no cast for is left out, and what it leaves to the machine: bfloat16 to an unsigned int (beyond its range)
and to complex64 (NaNs that signal).
"""
import contextlib
import io
import os
import pickle
import sys
import warnings

import ml_dtypes
import numpy as np

import golden

warnings.simplefilter('ignore')
np.seterr(all='ignore')

NAMES = ['bfloat16', 'float8_e3m4', 'float8_e4m3', 'float8_e4m3b11fnuz', 'float8_e4m3fn', 'float8_e4m3fnuz', 'float8_e5m2',
         'float8_e5m2fnuz', 'float8_e8m0fnu', 'float6_e2m3fn', 'float6_e3m2fn', 'float4_e2m1fn', 'int4', 'uint4', 'int2',
         'uint2', 'int1', 'uint1']
TYPES = [np.dtype(getattr(ml_dtypes, name)) for name in NAMES]
PLAIN = 'b1 i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 f16 c8 c16 c32'.split()
OPEN = [('bfloat16', to) for to in 'u1 u2 u4 u8 c8'.split()]
CASTINGS = 'safe', 'equiv', 'same_kind', 'unsafe'


def every(dtype):
    return np.arange(1 << 8 * dtype.itemsize).astype('u%d' % dtype.itemsize).view(dtype)


def sources():
    floats = ((np.arange(65536, dtype='u4') << 16)[:, None] | np.array([0, 0x8000], 'u4')).ravel().view('f4')
    doubles = floats.astype('f8').view('u8')[:, None] + np.array([-1, 0, 1]).astype('u8')
    doubles = doubles.ravel().view('f8')
    ints = ((np.arange(-600, 600, dtype='i8')[:, None, None] << np.arange(55, dtype='i8')[:, None])
            + np.array([-1, 0, 1])).ravel()
    yield 'f2', np.arange(65536, dtype='u2').view('f2')
    yield 'f4', floats
    yield 'f8', doubles
    yield 'f16', doubles[::7].astype('f16')
    yield 'c16', doubles[::7].astype('c16')
    yield 'i8', ints
    yield 'u8', ints.view('u8')
    yield 'i2', ints.astype('i2')
    yield 'b1', ints.astype('?')


def bare(array):
    array = np.ascontiguousarray(array)
    if array.dtype.type in (np.longdouble, np.clongdouble):
        return array.view('u1').reshape(-1, 16)[:, :10].tobytes()
    return array.tobytes()


def hash_of(data):
    data = np.frombuffer(data, 'u1').astype('u8')
    i = np.arange(len(data), dtype='u8')
    return int(((data + np.uint64(1)) * (i * np.uint64(0x9e3779b97f4a7c15) | np.uint64(1))).sum(dtype='u8'))


def casts(out):
    out.write('/* Made by tests/gen/mldtypes.py with ml_dtypes %s and NumPy %s. */\n' % (
        ml_dtypes.__version__, np.__version__))
    for from_ in TYPES:
        for to in PLAIN + NAMES:
            target = np.dtype(getattr(ml_dtypes, to)) if to in NAMES else np.dtype(to)
            if not np.can_cast(from_, target, 'unsafe'):
                continue
            for a, b, names in (from_, target, (from_.name, to)), (target, from_, (to, from_.name)):
                if to in PLAIN or names[0] == from_.name:
                    out.write('CAN("%s", "%s", "%s")\n' % (names + (''.join(
                        '%d' % np.can_cast(a, b, casting) for casting in CASTINGS),)))
            if (from_.name, to) not in OPEN:
                out.write('OUT("%s", "%s", 0x%016x)\n' % (
                    from_.name, to, hash_of(bare(every(from_).astype(target)))))
    for name, array in sources():
        for to in TYPES:
            out.write('IN("%s", "%s", 0x%016x)\n' % (name, to.name, hash_of(bare(array.astype(to)))))


def pickles(out):
    writer = golden.Writer(out, ['bfloat16, float8 and the others: tests/gen/mldtypes.py, CPython %s, NumPy %s, ml_dtypes %s' % (
        sys.version.split()[0], np.__version__, ml_dtypes.__version__)])
    for dtype in TYPES:
        values = every(dtype)[::5461 if dtype.itemsize == 2 else 23].copy()
        struct = np.zeros(3, [('n', '<i4'), ('x', dtype)])
        struct['x'] = values[1:4]
        for kind, value in ('array', values), ('scalar', values[3]), ('struct', struct), ('twice', [values, values[:2]]):
            plain = struct['x'] if kind == 'struct' else values if kind == 'twice' else np.asarray(value)
            words = [dtype.name, golden.quote(plain.tobytes()), golden.quote(plain.astype('<f8').tobytes())]
            writer.case(kind + '/' + dtype.name, words, {n: pickle.dumps(value, n) for n in range(6)})


def shown(out):
    out.write('# repr() of the numbers of ml_dtypes: tests/gen/mldtypes.py, NumPy %s, ml_dtypes %s\n' % (
        np.__version__, ml_dtypes.__version__))
    for dtype in TYPES:
        bits = every(dtype)
        values = bits[:32].reshape(4, 8) if dtype.itemsize == 1 else bits[::2047]
        for i, value in enumerate([values, bits[3:4].reshape(()), bits[200], [bits[1], bits[:0]], np.dtype(dtype),
                                   bits[:4].view([('x', dtype)])]):
            out.write('case %s-%d\n%s\n|%s\n' % (dtype.name, i, pickle.dumps(value, i).hex(),
                                                 repr(value).replace('\n', '\n|')))


def main():
    for name, write in ('mldtypes.golden', pickles), ('mldtypes.inc', casts), ('show-mldtypes.golden', shown):
        with io.open(os.path.join(sys.argv[1], name), 'w', newline='\n') as out:
            write(out)


if __name__ == '__main__':
    main()
