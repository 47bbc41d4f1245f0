"""The numbers of ml_dtypes (bfloat16, float8 and the others) against npickle: casts, rules, pickles.

usage: PYTHON mldtypes.py LIBRARY                (tests/check-live.sh calls it; LIBRARY is the shared library of the
                                                 build; Python 3 with NumPy and ml_dtypes, else exit status 77)

  out       every pattern of bits of every type, as every type of NumPy and as every other of ml_dtypes
  in        numbers of NumPy, at ties and beside them, at the edges and at random, as every type of ml_dtypes
  rules     npk_dtype_can_cast is numpy.can_cast, wherever ml_dtypes has a cast at all (npickle has one between any two)
  pickles   what ml_dtypes pickles at protocols 0 to 5 is read as the same values
"""
import ctypes as c
import pickle
import sys
import warnings

try:
    import ml_dtypes
    import numpy as np
except ImportError as error:
    print('mldtypes: skipped, %s' % error)
    sys.exit(77)

from library import CASTINGS, Library

warnings.simplefilter('ignore')
np.seterr(all='ignore')

NAMES = ['bfloat16', 'float8_e3m4', 'float8_e4m3', 'float8_e4m3b11fnuz', 'float8_e4m3fn', 'float8_e4m3fnuz', 'float8_e5m2',
         'float8_e5m2fnuz', 'float8_e8m0fnu', 'float6_e2m3fn', 'float6_e3m2fn', 'float4_e2m1fn', 'int4', 'uint4', 'int2',
         'uint2', 'int1', 'uint1']
TYPES = [np.dtype(getattr(ml_dtypes, name)) for name in NAMES if hasattr(ml_dtypes, name)]
PLAIN = [np.dtype(code) for code in '? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 f16 c8 c16 c32'.split()]


def version():
    return tuple(int(part) for part in ml_dtypes.__version__.split('.')[:2])


# Older ones left the upper bits of an int4 as they came, and could not cast it to and from ints.
def is_left_out(a, b):
    return version() < (0, 5) and ('int4' in a.name or 'int4' in b.name)


# What C leaves to the machine: floats beyond the range of an unsigned int. And NaNs of a bfloat16 that signal stay so only where
# a float alone is made of them.
def is_open(array, to):
    if array.dtype.name != 'bfloat16':
        return np.zeros(len(array), bool)
    values = array.astype('f4')
    if to.kind == 'u':
        return ~((values > -1) & (values < 2.0**31))
    return np.isnan(values) if to.kind == 'c' else np.zeros(len(array), bool)


def every(dtype):
    return np.arange(1 << 8 * dtype.itemsize).astype('u%d' % dtype.itemsize).view(dtype)


def sources():
    upper = np.arange(65536, dtype='u4') << 16
    lower = np.array([0, 1, 0x7fff, 0x8000, 0x8001, 0xffff], 'u4')
    floats = (upper[:, None] | lower).ravel().view('f4')
    doubles = floats.astype('f8').view('u8')
    doubles = np.concatenate([doubles, doubles + np.uint64(1), doubles - np.uint64(1)]).view('f8')
    top = np.arange(-600, 600, dtype='i8')[:, None, None] << np.arange(55, dtype='i8')[:, None]
    ints = (top + np.array([-1, 0, 1])).ravel()
    yield floats
    yield doubles
    yield doubles.astype('f16')
    yield doubles.astype('f16') * np.longdouble('1.00000000000000000011')
    for code in 'c8', 'c16', 'c32':
        yield doubles.astype(code) + 1j
    yield np.arange(65536, dtype='u2').view('f2')
    for code in '? i1 u1 i2 u2 i4 u4 i8 u8'.split():
        yield ints.astype(code)


def bare(array):
    """Its bytes, without those behind a long double."""
    array = np.ascontiguousarray(array)
    if array.dtype.type not in (np.longdouble, np.clongdouble):  # their letters are those of others too
        return array.view('u1').reshape(len(array), -1)
    halves = array.view('u1').reshape(-1, 16)[:, :10]
    return halves.reshape(len(array), -1)


class Checks(object):
    def __init__(self, library):
        self.library, self.passed, self.failed, self.left_out = library, 0, [], 0

    def cast(self, what, array, to):
        from_ = array.dtype
        try:
            wanted = array.astype(to)
        except TypeError:  # ml_dtypes has no such cast
            self.left_out += 1
            return
        result = np.zeros(array.shape, to)
        status = self.library.read_as(array, code(from_), code(to), 'unsafe', result)
        same = (bare(wanted) == bare(result)).all(axis=1) if status[0] == 'OK' else np.zeros(len(array), bool)
        same |= is_open(array, to)
        if same.all():
            self.passed += 1
        else:
            i = int(np.flatnonzero(~same)[0])
            self.failed.append('%s: %s -> %s: %d of %d differ, first %r (%s): npickle has %s, ml_dtypes %s; %s' % (
                what, from_, to, (~same).sum(), len(array), array[i], bare(array)[i].tobytes().hex(),
                bare(result)[i].tobytes().hex(), bare(wanted)[i].tobytes().hex(), status))

    def rule(self, from_, to):
        if not np.can_cast(from_, to, 'unsafe'):
            self.left_out += 1
            return
        for casting in CASTINGS:
            ours, theirs = self.library.can_cast(code(from_), code(to), casting), bool(np.can_cast(from_, to, casting))
            if ours == theirs:
                self.passed += 1
            else:
                self.failed.append('rules: %s -> %s %s: npickle says %s, NumPy %s' % (from_, to, casting, ours, theirs))

    def pickle(self, array, protocol):
        data = pickle.dumps(array, protocol)
        lib, doc, view, out = self.library.lib, c.c_void_p(), VIEW(), np.zeros(array.shape, 'f8')
        status = lib.npk_doc_load_memory(data, c.c_size_t(len(data)), None, c.byref(doc), None)
        lib.npk_doc_root.restype = lib.npk_dtype_native.restype = c.c_void_p
        if status == 0:
            root = c.c_void_p(lib.npk_doc_root(doc))
            status = lib.npk_array_of(root, c.byref(view), None) or lib.npk_array_read_as(
                c.byref(view), self.library.dtype('f8'), CASTINGS.index('unsafe'), c.c_void_p(out.ctypes.data),
                c.c_size_t(out.size), None)
            lib.npk_doc_free(doc)
        if status == 0 and bare(out).tobytes() == bare(array.astype('f8')).tobytes():
            self.passed += 1
        else:
            self.failed.append('pickles: %s at protocol %d: status %d' % (array.dtype, protocol, status))


VIEW = c.c_uint8 * 512  # more than an npk_array


def code(dtype):
    return dtype.name if dtype in TYPES else dtype.str


def main():
    checks = Checks(Library(sys.argv[1]))
    for from_ in TYPES:
        for to in PLAIN + TYPES:
            if is_left_out(from_, to):
                continue
            checks.cast('out', every(from_), to)
            checks.rule(from_, to)
            checks.rule(to, from_)
        for protocol in range(6):
            checks.pickle(every(from_), protocol)
    for source in sources():
        for to in TYPES:
            if not is_left_out(to, to):
                checks.cast('in', source, to)
    for line in checks.failed[:200]:
        print(line)
    print('mldtypes: ml_dtypes %s, NumPy %s: %d passed, %d failed, %d left out where ml_dtypes has no cast' % (
        ml_dtypes.__version__, np.__version__, checks.passed, len(checks.failed), checks.left_out))
    return 1 if checks.failed else 0


if __name__ == '__main__':
    sys.exit(main())
