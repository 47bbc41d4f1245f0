"""Golden bytes of documents before and after one of their arrays became another, for tests/test_edit.c.

usage: python3 edit.py > tests/data/edit-numpy2.golden       (CPython 3.13, NumPy 2.5; numpy1: CPython 3.11, NumPy 1.26)

Two cases for each array: name/before and name/after. The array is under 'a' and once more under 'again', among objects of a class that
nobody knows, other arrays and a cycle; after, it is an array of other elements, and of another shape where the name says so.
"""
import datetime
import fractions
import pickle

import numpy as np

import golden


def document(array):
    cycle = [1.5, 'text']
    cycle.append(cycle)
    return {'when': datetime.date(2024, 2, 29), 'a': array, 'cycle': cycle, 'other': np.arange(3, dtype='<f4'),
            'objects': [fractions.Fraction(1, 3), array, b'bytes'], 'again': array, 'big': np.arange(2, dtype='>i2'),
            'words': np.array([b'ab', b'c']), 'nothing': None}


def masked(elements, mask):
    return np.ma.MaskedArray(np.array(elements), mask=mask, fill_value=-1)


numbers = np.arange(24, dtype='<f8')
readonly = np.arange(5, dtype='<f4')
readonly.flags.writeable = False
readonly_after = readonly * 2
readonly_after.flags.writeable = False
CASES = [
    ('f8', numbers, numbers * 3 + 1),
    ('shape', numbers, (numbers * 2).reshape(2, 3, 4)),
    ('fewer', numbers, numbers[:3] + 5),
    ('none', numbers, numbers[:0]),
    ('from-none', numbers[:0].copy(), numbers.reshape(4, 6)),
    ('fortran', np.asfortranarray(numbers.reshape(4, 6)), np.asfortranarray(numbers.reshape(4, 6) * 2)),
    ('fortran-shape', np.asfortranarray(numbers.reshape(4, 6)), np.asfortranarray(numbers.reshape(3, 8) * 2)),
    ('axes', numbers.reshape(2, 3, 4).transpose(1, 0, 2), (numbers * 2).reshape(2, 3, 4).transpose(1, 0, 2)),
    ('scalar', np.array(1.5), np.array(2.5)),
    ('big', np.arange(6, dtype='>u2'), (np.arange(6) * 7).astype('>u2')),
    ('text', np.array(['ab', '\xe9'], dtype='<U3'), np.array(['\u20ac', 'xyz'], dtype='<U3')),
    ('time', np.array(['2020-01-01', 'NaT'], dtype='<M8[D]'), np.array(['1999-12-31', '2000-01-01', 'NaT'], dtype='<M8[D]')),
    ('bytes', np.array([b'ab\0', b'\xff'], dtype='S3'), np.array([b"q'\"", b'\x80'], dtype='S3')),
    ('bool', np.array([True, False]), np.array([False, True])),
    ('record', np.array([(1, 2.5), (3, 4.5)], dtype=[('x', '<i4'), ('y', '<f8')]),
     np.array([(9, -2.5), (7, 4.25), (0, 1)], dtype=[('x', '<i4'), ('y', '<f8')])),
    ('matrix', np.matrix([[1.5, 2], [3, 4]]), np.matrix([[5.5, 6], [7, 8]])),
    ('masked', masked([1.5, 2.5, 3.5], [0, 1, 0]), masked([4.5, 5.5, 6.5], [0, 1, 0])),
    ('readonly', readonly, readonly_after),
]

print('# Documents before and after an array of theirs changed, written by tests/gen/edit.py.')
for name, before, after in CASES:
    if name == 'record': # one descriptor for both
        after = after.astype(before.dtype, copy=False)
    for when, array in [('before', before), ('after', after)]:
        print('case %s/%s' % (name, when))
        for protocol in range(6):
            print('p%d - %s' % (protocol, golden.quote(pickle.dumps(document(array), protocol))))
