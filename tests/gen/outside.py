"""Golden bytes of pickles with payloads outside, for tests/test_outside.c.

usage: python3 outside.py > tests/data/outside.golden        (CPython 3.11, NumPy 1.26)

Three cases for each value, at protocol 5: NAME/out as pickle.dumps(..., buffer_callback) writes it, its words the buffers, "r" before one that is
read-only and "w" before others; NAME/in as pickle.dumps writes it without; and NAME/both, with its own buffers, as it is written for NumPy 1 and 2: each array a call of its class,
which loads in both without a warning. At the end NAME/kept, an array at each protocol, written so too, which keeps what a state loses: that it is
read-only, and big-endian. NAME ends in "~" where what is in the pickle would not go out
again: Python offers no bytes and bytearrays.
"""
import collections
import io
import pickle

import numpy as np

import golden


def values():
    array = np.arange(6, dtype='<f8').reshape(2, 3)
    fixed = np.arange(3, dtype='<i2')
    fixed.flags.writeable = False
    yield 'array', array
    yield 'fortran', np.asfortranarray(array)
    yield 'readonly', fixed
    yield 'scalar-array', np.array(7, '<i4')
    yield 'empty', np.zeros((0, 3), '<f4')
    yield 'one-byte', np.array([98], 'u1')
    yield 'list', [array, fixed, array, 'text', np.arange(2, dtype='>i4')]
    yield 'dict', {'a': array, 'b': [array, {'c': fixed}], 'dtype': array.dtype}
    yield 'object', collections.OrderedDict([('w', array), ('b', fixed)])
    yield 'gaps', [np.arange(10, dtype='<i4')[::2], np.arange(4, dtype='<i4')]
    yield 'struct', np.array([(1, 2.5)], dtype=[('x', '<i2'), ('y', '<f4')])
    yield 'large', np.zeros(20000, '<f4')
    yield 'objects', np.array([array, None], dtype=object)
    yield 'bytearray~', [pickle.PickleBuffer(bytearray(b'abc')), 1]
    yield 'bytes~', {'k': pickle.PickleBuffer(b'abc')}
    yield 'bare~', pickle.PickleBuffer(bytearray(b'abc'))
    yield 'empty-bytes~', [pickle.PickleBuffer(b''), pickle.PickleBuffer(bytearray())]


class ForBoth(pickle.Pickler):
    def reducer_override(self, value):
        if type(value) is not np.ndarray or value.dtype.hasobject:
            return NotImplemented
        order = 'F' if value.flags.fnc else 'C'
        plain = value if value.flags.forc else np.ascontiguousarray(value)
        return np.ndarray, (value.shape, value.dtype, pickle.PickleBuffer(plain), 0, None, order)


def for_both(value):
    out, buffers = io.BytesIO(), []
    ForBoth(out, 5, buffer_callback=buffers.append).dump(value)
    return out.getvalue(), [buffer.raw() for buffer in buffers]


class Kept(pickle.Pickler):
    def reducer_override(self, value):
        if type(value) is not np.ndarray:
            return NotImplemented
        order = 'F' if value.flags.fnc else 'C'
        elements = value.tobytes(order)
        return np.ndarray, (value.shape, value.dtype, bytearray(elements) if value.flags.writeable else elements, 0, None, order)


def kept():
    fortran = np.asfortranarray(np.arange(6, dtype='<f8').reshape(2, 3))
    struct = np.array([(1, 2.5)], dtype=[('x', '<i2'), ('y', '<f4')])
    for name, array in ('integers', np.arange(200, 203, dtype='<i2')), ('fortran', fortran), ('struct', struct), ('empty', np.zeros((0, 3), '<f4')):
        array.flags.writeable = False
        yield name, array
    yield 'big-endian', np.arange(200, 203, dtype='>i2')
    yield 'big-endian-fortran', np.asfortranarray(np.arange(6, dtype='>f8').reshape(2, 3))


def words(buffers):
    return [('r' if one.readonly else 'w') + golden.quote(bytes(one)) for one in buffers]


def main():
    print('# Payloads outside the pickle, by tests/gen/outside.py: CPython 3.11, NumPy %s.' % np.__version__)
    for name, value in values():
        buffers = []
        outside = pickle.dumps(value, 5, buffer_callback=buffers.append)
        print(' '.join(['case', name + '/out'] + words([buffer.raw() for buffer in buffers])))
        print('p5 - ' + golden.quote(outside))
        print('case %s/in' % name)
        print('p5 - ' + golden.quote(pickle.dumps(value, 5)))
        both, buffers = for_both(value)
        print(' '.join(['case', name + '/both'] + words(buffers)))
        print('p5 - ' + golden.quote(both))
    for name, array in kept():
        print('case %s/kept %s' % (name, golden.quote(pickle.dumps(array, 5))))
        for protocol in range(6):
            out = io.BytesIO()
            Kept(out, protocol).dump(array)
            print('p%d - %s' % (protocol, golden.quote(out.getvalue())))


if __name__ == '__main__':
    main()
