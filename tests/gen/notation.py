#!/usr/bin/env python3
"""Writes what numpy.dtype() makes of a few hundred texts: notation.py > ../data/notation.inc

Needs NumPy 1.26 on x86-64. GOOD(text, dtype.str, itemsize) is a plain dtype, BAD(text) none at all. Left out
are texts for a struct or a subarray, and those where npickle differs on purpose, which tests/test_notation.c
has one by one.
"""
import re
import warnings

import numpy

LETTERS = '? b B h H i I l L q Q p P e f d g F D G S a U V O M m c'.split()
CODES = [kind + str(size) for kind in 'biufcSaUVOMm' for size in (0, 1, 2, 4, 8, 16, 32)]
UNITS = 'Y M W D h m s ms us ns ps fs as generic B'.split()
NAMES = '''
    datetime64 timedelta64 float64 int float complex bool str bytes object unicode void string_ str_ bytes0
    object0 bool8 int0 longlong ulonglong byte ubyte short ushort intc uintc int_ uint long ulong half single
    double longdouble csingle cdouble clongdouble longfloat clongfloat longcomplex singlecomplex cfloat float_
    complex_ bool_ object_ void0 str0 unicode_ intp uintp uint0 float128 complex256 float16 float32 int8 int16
    int32 int64 uint8 uint16 uint32 uint64 complex64 complex128 <float64 >int =int Float64 string float8
    int128 complex32 timedelta datetime Str longint uint_ str5 type None Datetime64 numpy.float64 Complex64
    Bool >bool |bool int16[ <datetime64[s] datetime64[] datetime64[25us]x
'''.split()
ODD = '''
    = < > | || ||i1 <>i4 i i0 i3 u u16 b2 B1 ?1 c1 c4 O3 M4 i4i4 >f >? >b1 >S5 >U3 >V3 >O |M8[s] |U3 S5x S05
    i04 f08 M08 x y z A E i10 e2 d8 g16 l8 h2 S4] f4] b1b ?b O1 S1e3 t4 S2147483647 V2147483647 U536870911
    M8[] M8us M[us] M8[us M8[-1s] M8[s]x M8[B] M8[2generic] M8[2147483647s] M8[2147483648s] m8[ m8] m8[01s]
    m8[3s]/2 M8[s/2] M8[s/7] M8[s/] M8[s/x] M8[D/24] M8[3s/2] M8[Y/12] M8[Y/4] M8[W/7] M8[M/30] M8[as/2]
    M8[s/1] M8[us/3] M8[\u03bcs] M8[\u00b5s]
'''.split() + ['', 'f4 ', ' f4', '< f4', 'int8 ', 'M8[25 us]', 'M8[ us]', 'M8[us ]', 'M8 [s]', 'i4\n']


def spell(text):
    return re.sub(r'([^ -~]+)', lambda m: ''.join('\\%03o' % byte for byte in m[1].encode()), text)


def main():
    warnings.simplefilter('ignore')
    texts = [order + code for order in ['', '<', '>', '=', '|'] for code in LETTERS + CODES[::3]]
    texts += CODES + NAMES + ODD
    for code, number in [('M8', ''), ('>m8', '25'), ('datetime64', '7')]:
        texts += ['%s[%s%s]' % (code, number, unit) for unit in UNITS]
    print('/* Made by tests/gen/notation.py with NumPy %s. */' % numpy.__version__)
    for text in dict.fromkeys(texts):
        try:
            dtype = numpy.dtype(text)
        except (TypeError, ValueError):
            print('BAD("%s")' % spell(text))
        else:
            print('GOOD("%s", "%s", %d)' % (spell(text), dtype.str, dtype.itemsize))


if __name__ == '__main__':
    main()
