# -*- coding: utf-8 -*-
"""Golden bytes of NumPy's family: structured arrays, arrays of objects, masked arrays, scalars, subclasses, dtypes; for tests/test_objects.c.

usage: PYTHON-WITH-NUMPY family.py > tests/data/family-numpy1.golden     (NumPy 1.26, CPython 3.10; numpy2: NumPy 2.5, CPython 3.13)
       PYTHON-WITH-NUMPY family.py masked > tests/data/family-cpython311.golden      (NumPy 1.26, CPython 3.11)
       PYTHON2-WITH-NUMPY family.py > tests/data/family-python2.golden               (NumPy 1.16, CPython 2.7, its cPickle)

The word of a case is the call that writes it: array, subclass MODULE NAME, scalar, masked, dtype. test_family.c reads each pickle, and
writes the view it got by that call at every protocol: the bytes are those of Python at that protocol.

CPython 3.11 and 3.12 have two objects for some texts of one character, one of them the 'b' of numpy.ma; the others have one. So they have a
file of their own, with the masked arrays alone.

Names of fields are made so that equal ones are one object, as the texts of a program are.
"""
import sys
import warnings

import numpy as np

import golden

try:
    import cPickle as pickle
    PROTOCOLS = range(3)
    intern_text = intern
except ImportError:
    import pickle
    PROTOCOLS = range(6)
    intern_text = sys.intern


def name(text):
    return chr(ord(text)) if len(text) == 1 else intern_text(text)


def fields(*rows):
    return [(name(row[0]),) + row[1:] for row in rows]


def titled(*rows):
    return [((name(row[0]), name(row[1])),) + row[2:] for row in rows]


INNER = np.dtype(fields(('x', '<i2'), ('yy', '>f4')))
STRUCTS = {
    'packed': np.dtype(fields(('x', '<f4'), ('y', '<f8'))),
    'one': np.dtype(fields(('value', 'i1'))),
    'none': np.dtype([]),
    'swapped': np.dtype(fields(('aa', '>i4'), ('bb', '<i4'), ('cc', '>U3'))),
    'texts': np.dtype(fields(('text', 'U5'), ('bytes', 'S3'), ('raw', 'V2'), ('flag', '?'))),
    'aligned': np.dtype(fields(('x', 'i1'), ('y', '<f8'), ('z', '<i2')), align=True),
    'titles': np.dtype(titled(('a title', 'name', '<i4'), ('Other', 'b', 'S2'))),
    'padded': np.dtype({'names': [name('a'), name('bb')], 'formats': ['<i2', '<f8'], 'offsets': [2, 8], 'itemsize': 24}),
    'reordered': np.dtype({'names': [name('a'), name('bb')], 'formats': ['<i2', '<f8'], 'offsets': [8, 0], 'itemsize': 10}),
    'overlapping': np.dtype({'names': [name('a'), name('bb')], 'formats': ['<i4', '<i2'], 'offsets': [0, 2], 'itemsize': 4}),
    'nested': np.dtype(fields(('x', INNER), ('in', INNER), ('z', fields(('x', '<i2'), ('w', 'S1'))))),
    'subarrays': np.dtype(fields(('m', '<f8', (3, 3)), ('row', '>i2', (2,)), ('inner', INNER, (2,)), ('names', 'U2', (2,)))),
    'padded subarray': np.dtype(fields(('p', np.dtype(fields(('x', 'i1'), ('y', '<i4')), align=True), (2, 2)), ('q', 'u1'))),
    'aligned nested': np.dtype(fields(('k', 'i1'), ('p', np.dtype(fields(('x', 'i1'), ('y', '<i4')), align=True))), align=True),
    'times': np.dtype(fields(('when', '<M8[us]'), ('long', 'm8[25s]'))),
    'colon': np.dtype(fields(('a:b', '<i4'))),
    'long double': np.dtype(fields(('g', '<f16'), ('k', 'i1'))),
    'swapped long double': np.dtype(fields(('g', '>f16'), ('k', 'i1'))),
    'record': np.dtype((np.record, fields(('x', '<f4'), ('y', '<i2')))),
    'many': np.dtype(fields(*[('field %d' % i, '<i2') for i in range(130)])),
}
if len(PROTOCOLS) == 6:  # Python 2 has no such names
    STRUCTS['unicode'] = np.dtype(fields(('\u00e9', '<i4'), ('\u4f60\u597d', '<i4')))
PLAIN = {'f8': np.dtype('f8'), '>f8': np.dtype('>f8'), 'u1': np.dtype('u1'), 'S3': np.dtype('S3'), 'U2': np.dtype('U2'),
         'M8': np.dtype('M8[ns]'), 'S0': np.dtype('S0'), 'V4': np.dtype('V4')}


def filled(dtype, shape, order='C'):
    """Zeros where padding is, and other bytes where data is."""
    array = np.zeros(shape, dtype, order=order)
    leaves = [(array, dtype)]
    for view, type_ in leaves:
        if type_.names is not None:
            leaves += [(view[key], view[key].dtype) for key in type_.names]
        elif type_.hasobject or type_.itemsize == 0 or type_.str[1:] == 'f16':
            pass  # a long double is left zero: NumPy would put anything into its padding
        elif type_.kind == 'U':
            view[...] = u'ab\u4f60'[:type_.itemsize // 4]
        elif type_.kind in 'SV':
            view[...] = b'abcdefgh'[:type_.itemsize]
        elif type_.kind == 'M' or type_.kind == 'm':
            view[...] = np.arange(view.size).reshape(view.shape).astype('m8').view('i8').astype(type_)
        else:
            view[...] = np.arange(view.size).reshape(view.shape) % 2 if type_.kind == 'b' else np.arange(view.size).reshape(view.shape)
    return array


def masked(array, fill):
    mask = np.zeros(array.shape, np.ma.make_mask_descr(array.dtype), order='F' if array.flags.fnc else 'C')
    if array.dtype.names is None and array.size:
        mask.reshape(-1, order='A')[::2] = True
    elif array.size:
        mask[array.dtype.names[0]][(0,) * array.ndim] = mask[array.dtype.names[-1]][(-1,) * array.ndim] = True
    return np.ma.MaskedArray(array, mask, fill_value=fill) if fill is not None else np.ma.MaskedArray(array, mask)


def cases():
    for key, dtype in sorted(STRUCTS.items()):
        for shape, order in [((), 'C'), ((3,), 'C'), ((2, 3), 'F'), ((0, 2), 'C')] if key != 'many' else []:
            if dtype.itemsize == 0 and order == 'F':
                continue  # by its strides, all zero, such an array is in both orders; only where it was made NumPy knows better
            yield 'array/%s/%s%s' % (key, ','.join(map(str, shape)), order), 'array', filled(dtype, shape, order)
        yield 'dtype/' + key, 'dtype', dtype
    for key, dtype in sorted(PLAIN.items()):
        yield 'dtype/' + key, 'dtype', dtype
    yield 'dtype/subarray', 'dtype', np.dtype(('<f4', (2, 3)))
    yield 'dtype/subarray of structs', 'dtype', np.dtype((INNER, (2,)))
    yield 'dtype/metadata', 'dtype', np.dtype('<f8', metadata={'unit of it': 'metre'})
    for items in [], [None], [1, 'two', 3.5], [[1], {'k': (2,)}]:
        array = np.empty(len(items), object)
        array[:] = items
        yield 'objects/%d' % len(items), 'array', array
    yield 'objects/F', 'array', np.array([[1, 2, 3], [4, 5, 6]], object, order='F')
    yield 'objects/()', 'array', np.array('text', object)
    yield 'objects/struct', 'array', np.array([(1, 'a'), (2, None)], fields(('n', '<i4'), ('o', 'O')))
    for key, value in [('float64', np.float64(1.5)), ('int8', np.int8(-3)), ('bool', np.bool_(True)), ('str', np.str_(u'caf\u00e9') if len(PROTOCOLS) == 6 else np.unicode_(u'caf\u00e9')),
                       ('no str', np.str_('') if len(PROTOCOLS) == 6 else np.unicode_(u'')), ('bytes', np.bytes_(b'a\0b\0')), ('no bytes', np.bytes_(b'')), ('complex', np.complex64(1 + 2j)),
                       ('datetime', np.datetime64('2020-01-02T03:04:05', 's')), ('timedelta', np.timedelta64(5, 'D')), ('half', np.float16(0.1)),
                       ('void', filled(STRUCTS['aligned'], ())[()]), ('record', filled(STRUCTS['record'], ())[()])]:
        yield 'scalar/' + key, 'scalar', value
    for key in 'f8', '>f8', 'u1', 'S3', 'U2', 'M8':
        yield 'masked/' + key, 'masked', masked(filled(PLAIN[key], (3,)), None)
    yield 'masked/F', 'masked', masked(filled(PLAIN['f8'], (2, 3), 'F'), None)
    yield 'masked/fill', 'masked', masked(filled(PLAIN['f8'], (2, 2)), 9.0)
    yield 'masked/one', 'masked', masked(filled(PLAIN['u1'], (1,)), None)
    yield 'masked/none', 'masked', masked(filled(PLAIN['f8'], (0,)), None)
    yield 'masked/struct', 'masked', masked(filled(STRUCTS['packed'], (2,)), None)
    yield 'masked/struct F', 'masked', masked(filled(STRUCTS['packed'], (2, 3), 'F'), None)
    yield 'masked/subarrays', 'masked', masked(filled(STRUCTS['subarrays'], (2,)), None)
    yield 'masked/objects', 'masked', masked(np.array([1, 'two', None], object), None)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        yield 'matrix', 'subclass numpy matrix', np.matrix([[1.0, 2.0], [3.0, 4.0]])
        yield 'recarray', 'subclass numpy recarray', filled(STRUCTS['record'], (3,)).view(np.recarray)
        yield 'chararray', 'subclass numpy chararray', filled(PLAIN['S3'], (3,)).view(np.char.chararray)
    if hasattr(np, 'dtypes') and hasattr(np.dtypes, 'StringDType'):
        for key, dtype in [('T', np.dtypes.StringDType()), ('no coercion', np.dtypes.StringDType(coerce=False)), ('nan', np.dtypes.StringDType(na_object=None))]:
            yield 'strings/' + key, 'array', np.array(['one', 'deux et trois', '', u'\u4f60'], dtype)
            yield 'dtype/strings/' + key, 'dtype', dtype


def main(only=''):
    out = golden.Writer(sys.stdout, ['pickle.dumps(value, protocol) of NumPy %s on CPython %d.%d, written by tests/gen/family.py.'
                                     % ((np.__version__,) + sys.version_info[:2])])
    for key, words, value in cases():
        if key.startswith(only):
            out.case(key.replace(' ', '_'), words.split(), {protocol: pickle.dumps(value, protocol) for protocol in PROTOCOLS})


if __name__ == '__main__':
    main(*sys.argv[1:])
