#!/usr/bin/env python3
"""States of a dtype, of every version, and what NumPy makes of them: states.py > ../data/states.inc

Needs NumPy 1.26; the rows of NUMPY2 are what NumPy 2 makes of theirs. STATE(name, pickle, its size, repr(dtype), descr, alignment), where descr is
that of tests/gen/notation.py.
"""
import pickle
import re
import warnings

import numpy

import notation

I4, F8, O, U2 = (numpy.dtype(code) for code in ('<i4', '<f8', 'O', '<U2'))
FIELDS = {'a': (I4, 0), 'b': (F8, 4)}
TITLED = (I4, 0, 'Title')


class Made:
    def __init__(self, key, *state):
        self.key, self.state = key, state

    def __reduce__(self):
        return (numpy.dtype, (self.key, False, True)) + ((self.state,) if self.state else ())


def struct(fields, size, names=None, align=1, flags=16):
    return 3, '|', None, tuple(fields) if names is None else names, fields, size, align, flags


def time(*unit):
    return 4, '<', None, None, None, -1, -1, 0, ({},) + ((unit,) if unit else ((b's', 1),))


ROWS = {
    'no state': Made('f8'),
    '5 items': Made('f8', '>', None, None, -1, -1),
    '5 items, struct': Made('V12', '|', None, dict(FIELDS, **{}) | {-1: ('b', 'a')}, 12, 1),
    '5 items, subarray': Made('V8', '|', (I4, (2,)), None, 8, 4),
    '6 items, version 0': Made('f8', 0, '<', None, None, -1, -1),
    '6 items, version 1': Made('V12', 1, '|', None, FIELDS | {-1: ('a', 'b')}, 12, 1),
    '7 items': Made('V12', 2, '|', None, ('a', 'b'), FIELDS, 12, 1),
    '7 items, plain': Made('S3', 2, '|', None, None, None, 3, 1),
    '8 items': Made('i4', 3, '>', None, None, None, -1, -1, 0),
    '8 items, version 4': Made('i4', 4, '=', None, None, None, -1, -1, 0),
    '9 items': Made('f8', 4, '<', None, None, None, -1, -1, 0, {'k': 1}),
    '9 items, no metadata': Made('f8', 4, '<', None, None, None, -1, -1, 0, None),
    'order as bytes': Made('f8', 3, b'>', None, None, None, -1, -1, 0),
    'key a3': Made('a3', 3, '|', None, None, None, 3, 1, 0),
    'key O4': Made('O4', 3, '|', None, None, None, -1, -1, 63),
    'key with order': Made('|b1', 3, '|', None, None, None, -1, -1, 0),
    'key U': Made('U2', 3, '>', None, None, None, 8, 4, 8),
    'key U, flags of NumPy 1.8': Made('U2', 3, '<', None, None, None, 8, 4, 0),
    'record': Made(numpy.record, *struct(FIELDS, 12)),
    'empty': Made('V0', *struct({}, 0)),
    'padded': Made('V24', *struct({'a': (I4, 4), 'b': (F8, 12)}, 24)),
    'out of order': Made('V12', *struct({'a': (I4, 8), 'b': (F8, 0)}, 12)),
    'overlapping': Made('V8', *struct({'a': (I4, 2), 'b': (F8, 0)}, 8)),
    'titled': Made('V4', *struct({'a': TITLED, 'Title': TITLED}, 4, names=('a',))),
    'objects': Made('V12', *struct({'o': (O, 0), 'i': (I4, 8)}, 12, flags=27)),
    'U in a struct': Made('V8', *struct({'u': (U2, 0)}, 8, flags=24)),
    'flags of NumPy 1.7': Made('V12', *struct(FIELDS, 12, flags=0)),
    'aligned': Made('V16', *struct({'a': (I4, 0), 'b': (F8, 8)}, 16, align=8, flags=-112)),
    'aligned, NumPy 1.7': Made('V16', *struct({'a': (I4, 0), 'b': (F8, 8)}, 16, align=8, flags=-128)),
    'aligned, objects': Made('V16', *struct({'a': (I4, 0), 'o': (O, 8)}, 16, align=8, flags=-101)),
    'subarray': Made('V16', 3, '|', (F8, (2,)), None, None, 16, 8, 0),
    'subarray, length': Made('V16', 3, '|', (F8, 2), None, None, 16, 8, 0),
    'subarray, NumPy 1.8': Made('V48', 3, '|', (F8, (2, 3)), None, None, 48, 1, 0),
    'subarray of none': Made('V0', 3, '|', (F8, (2, 0)), None, None, 0, 8, 0),
    'time': Made('M8', *time(b'us', 25, 1, 1)),
    'time, 8 items': Made('m8', 3, '>', None, None, None, -1, -1, 0),
    'time, generic': Made('m8', *time(b'generic', 1, 1, 1)),
    'time, str': Made('M8', *time('ns', 1, 1, 1)),
    'time, micro': Made('M8', *time('\u03bcs', 1, 1, 1)),
    'time, pair': Made('M8', *time(b'ms', 3)),
    'time, event': Made('M8', *time(b's', 2, 9)),
    'time, denominator': Made('m8', *time(b's', 7, 2, 1)),
    'time, denominator and event': Made('m8', *time(b'D', 1, 48, -4)),
    'time, events of NumPy 1.6': Made('M8', *time(b's', 1, 1, 100)),
}

# What NumPy 1 refuses, by NumPy 2.5.
NUMPY2 = {
    'aligned, NumPy 2': (Made('V16', *struct({'a': (I4, 0), 'b': (F8, 8)}, 16, align=8, flags=144)),
                         "dtype([('a', '<i4'), ('b', '<f8')], align=True)", "[('a', '<i4'), ('', '|V4'), ('b', '<f8')]", 8),
    'aligned, objects, NumPy 2': (Made('V16', *struct({'a': (I4, 0), 'o': (O, 8)}, 16, align=8, flags=155)),
                                  "dtype([('a', '<i4'), ('o', 'O')], align=True)", "[('a', '<i4'), ('', '|V4'), ('o', '|O')]", 8),
}


def spell(data):
    """The inside of a string in C; octal, so that no digit after it is taken along."""
    return re.sub(rb'[^ !#-\[\]^-~]|\?', lambda m: b'\\%03o' % m[0][0], data).decode()


def row(name, data, shown, descr, alignment):
    print('STATE("%s", "%s", %d, "%s", "%s", %d)' % (name, spell(data), len(data), notation.spell(shown), notation.spell(descr), alignment))


def main():
    warnings.simplefilter('ignore')
    print('/* Made by tests/gen/states.py with NumPy %s. */' % numpy.__version__)
    for name, made in ROWS.items():
        data = pickle.dumps(made, 2)
        dtype = pickle.loads(data)
        row(name, data, repr(dtype), notation.describe(dtype), dtype.alignment)
    for name, (made, shown, descr, alignment) in NUMPY2.items():
        row(name, pickle.dumps(made, 2), shown, descr, alignment)


if __name__ == '__main__':
    main()
