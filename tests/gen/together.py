"""Writes tests/data/together.golden: pairs of what NumPy pickles, in one pickle, where they have a class, a module, a dtype or its byte order in common.

usage: python3 together.py > tests/data/together.golden        (CPython 3.11, NumPy 1.26)

Each protocol has them in another way, protocol 5 the elements of some as a buffer. Whichever is read, what is written at a protocol below 5
must be what pickle.dumps() gives there. Names have two letters: CPython before 3.12 has those of one letter twice. No array is swapped: that of
protocol 5 stays so when it is loaded, and is written as a call that stays so, too.
"""
import itertools
import pickle
import sys

import numpy as np

import golden

KINDS = {
    'array': lambda: np.arange(3, dtype='u1'),
    'empty': lambda: np.zeros(0, 'u1'),
    'fortran': lambda: np.arange(6.).reshape(2, 3).T,
    'struct': lambda: np.zeros(2, [('aa', '<i4'), ('bb', '<f8')]),
    'nested': lambda: np.zeros(2, [('xx', [('yy', '<i4'), ('zz', 'S3')]), ('ww', '<f8', (2,))]),
    'native': lambda: np.array([1, 2], '<i4'),
    'text': lambda: np.array(['a'], 'U3'),
    'objects': lambda: np.array([None] * 3, object),
    'masked': lambda: np.ma.array([1, 2], '<i4'),
    'scalar': lambda: np.float64(3),
    'dtype': lambda: np.dtype('<i4'),
}

out = golden.Writer(sys.stdout, ['Pairs of NumPy %s on CPython %d.%d, by tests/gen/together.py.' % ((np.__version__,) + sys.version_info[:2])])
for pair in itertools.product(KINDS, repeat=2):
    value = [KINDS[kind]() for kind in pair]
    out.case('-'.join(pair), [], {protocol: pickle.dumps(value, protocol) for protocol in range(6)})
