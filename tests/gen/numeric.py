"""Writes tests/data/numeric.golden: arrays of Numeric, NumPy's predecessor, whose pickles name a function of it.

    python2.7 tests/gen/numeric.py >tests/data/numeric.golden

Needs Python 2.7 with NumPy 1.16. Numeric itself builds nowhere any more; what its Numeric.py registers with copy_reg stands below, and
the elements are those that NumPy has in the type of the same size. The words of a case are those of found.golden.
"""
import cPickle
import copy_reg
import sys
import types

import numpy as np

import golden

numeric = types.ModuleType('Numeric')
sys.modules['Numeric'] = numeric
TYPES = {'1': 'i1', 'b': 'u1', 's': 'i2', 'w': 'u2', 'i': 'i4', 'u': 'u4', 'l': 'i8', 'f': 'f4', 'd': 'f8', 'F': 'c8', 'D': 'c16',
         'c': 'S1', 'O': 'O'}


def array_constructor(shape, typecode, thestr, Endian):
    raise NotImplementedError


class ArrayType(object):
    def __init__(self, array, typecode, little=1):
        self.array, self.typecode, self.little = array, typecode, little


def pickle_array(a):
    elements = a.array.tolist() if a.typecode == 'O' else a.array.tostring()
    return array_constructor, (a.array.shape, a.typecode, elements, a.little)


array_constructor.__module__ = 'Numeric'
numeric.array_constructor = array_constructor
copy_reg.pickle(ArrayType, pickle_array, array_constructor)


def case(name, array, typecode, little=1, beside=()):
    words = [name, '-', golden.quote(repr(array.dtype.str)), ','.join(map(str, array.shape)) or '-', 'Numeric.array',
             golden.quote('' if typecode == 'O' else array.tostring())]
    for path, value in beside:
        words += [golden.quote(path), golden.quote(repr(value))]
    print('case ' + ' '.join(words))
    for protocol in range(3):
        print('p%d - %s' % (protocol, golden.quote(cPickle.dumps(ArrayType(array, typecode, little), protocol))))


print('# Arrays of Numeric, as cPickle of CPython %s has them, written by tests/gen/numeric.py.' % sys.version.split()[0])
for typecode in sorted(TYPES):
    values = ['a', 'b', '\xff', '\n'] if typecode == 'c' else [1, 7, None, 2.5] if typecode == 'O' else [0, 1, 2, 100]
    array = np.array(values, TYPES[typecode])
    beside = [('[1]', 7), ('[3]', 2.5)] if typecode == 'O' else []
    case('typecode-' + typecode, array, typecode, beside=beside)
    if array.dtype.itemsize > 1 and typecode != 'O':
        case('big-' + typecode, array.astype(array.dtype.newbyteorder('>')), typecode, 0)
case('long-of-32-bits', np.array([[1, -2, 3], [4, 5, 6]], 'i4'), 'l')
case('two-dimensions', np.arange(6.).reshape(2, 3), 'd')
case('no-dimensions', np.array(1.5), 'd')
case('empty', np.zeros((0, 3)), 'd')
