"""Files of joblib, whose arrays have their elements in the middle of the pickle.

usage: python3 joblibs.py > tests/data/joblibs.golden        (CPython 3.11, NumPy 1.26, joblib 1.6)

A line p0 to p5 of each case is what joblib.dump writes, by pickle.py's Pickler. The words of a case are the paths of its arrays that
are no arrays of objects.
"""
import io

import joblib
import numpy as np

import golden


def values():
    array = np.arange(6, dtype='<f8').reshape(2, 3)
    yield 'one', '.', np.arange(3, dtype='<i4')
    yield 'many', '[0] [1] [2] [3] [4] [6]', [array, np.asfortranarray(array), np.array(7, '>i2'), np.zeros((0, 3), '<f4'), array, 'text', array[:, ::2]]
    yield 'lone', '[0]', [np.arange(3, dtype='u1')]
    yield 'dict', "['w'] ['b'][0] ['b'][1]['c'] ['t'][0]", {'w': array, 'b': [np.arange(9, dtype='>i4'), {'c': np.array(['x', 'yz'])}],
                                                            't': (np.arange(3, dtype='u1'),)}
    yield 'objects', '[1]', [np.array(['a', 1, None, [1, 2]], dtype=object), np.arange(2, dtype='u1')]
    yield 'nested', '', np.array([np.arange(3, dtype='u1'), {'k': array}], dtype=object)
    yield 'struct', '.', np.array([(1, 2.5)], dtype=[('x', '<i2'), ('y', '<f4')])
    yield 'matrix', '.', np.matrix([[1, 2], [3, 4]], dtype='<i2')


def main():
    print('# Files of joblib %s, by tests/gen/joblibs.py: CPython 3.11, NumPy %s.' % (joblib.__version__, np.__version__))
    for name, paths, value in values():
        print('case %s %s' % (name, paths))
        for protocol in range(6):
            out = io.BytesIO()
            joblib.dump(value, out, protocol=protocol)
            print('p%d - %s' % (protocol, golden.quote(out.getvalue())))


main()
