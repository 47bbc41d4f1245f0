"""The same objects as different releases of NumPy and Python pickle them, for tests/test_translate.c.

usage: python targets.py DIALECT >> tests/data/targets.golden

DIALECT is that of the release that runs it: a case is NAME and DIALECT. Run by Python 2.7 and NumPy 1.16 (python2), 3.6 and 1.19
(cpython3.6+numpy1.19), 3.9 and 1.21, 3.11 and 1.26, 3.13 and 2.5 (cpython3.13+numpy2.5), at protocol 2, which all of them have.
"""
import sys

import numpy as np

import golden

try:
    from cPickle import dumps
except ImportError:
    from pickle import dumps


def exceptions():
    return np.exceptions if hasattr(np, 'exceptions') else np


def path():
    from pathlib import PurePosixPath
    return PurePosixPath('a')


VALUES = [
    ('twister', lambda: np.random.RandomState(5)),
    ('state-of-pcg', lambda: np.random.RandomState(np.random.PCG64(7))),
    ('generator', lambda: np.random.Generator(np.random.PCG64(7))),
    ('bit-generator', lambda: np.random.SFC64(7)),
    ('newer-bit-generator', lambda: np.random.PCG64DXSM(7)),
    ('seeds', lambda: np.random.SeedSequence(42)),
    ('ufunc', lambda: np.add),
    ('newer-ufunc', lambda: np.bitwise_count),
    ('exception', lambda: exceptions().AxisError),
    ('string-dtype', lambda: np.dtypes.StringDType()),
    ('string-scalar', lambda: np.bytes_),
    ('path', path),
    ('zone', lambda: __import__('zoneinfo').ZoneInfo('UTC')),
    ('group', lambda: ExceptionGroup),
    ('aligned-struct', lambda: np.dtype([('a', 'i1'), ('b', 'f8')], align=True)),
    ('unit', lambda: np.dtype('M8[ms]')),
    ('unit-with-metadata', lambda: np.dtype('M8[ms]', metadata={'unit': 'm'})),
    ('version', lambda: np.lib.NumpyVersion('1.2.3')),
    ('no-seeds', lambda: np.random.bit_generator.SeedlessSeedSequence()),
    ('ufunc-of-others', lambda: __import__('scipy.special').special.gamma),
]

for name, make in VALUES:
    try:
        value = make()
    except (AttributeError, ImportError, NameError):
        continue
    print('case %s %s' % (name, sys.argv[1]))
    print('p2 - ' + golden.quote(dumps(value, 2)))
