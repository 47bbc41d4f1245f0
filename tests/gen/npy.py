"""Golden bytes of numpy.save for tests/test_npy.c.

usage: PYTHON-WITH-NUMPY npy.py > tests/data/npy.golden        (NumPy 1.26 or 2.x: the same bytes)

Lines: NAME DTYPE SHAPE ORDER MEMORY FILE; MEMORY (in that order) and FILE are quoted words of golden.py, '-' for shape ().
"""
import io

import numpy as np

import golden

print('# NAME DTYPE SHAPE ORDER MEMORY FILE, numpy.save of NumPy, written by tests/gen/npy.py.')
for dtype in '|b1 |i1 <i2 >i4 <u8 <f2 >f4 <f8 <c16 |S3 <U2 |V5 <M8[25us] <m8[D]'.split():
    for shape, order in (((), 'C'), ((0,), 'C'), ((3,), 'C'), ((2, 3), 'C'), ((2, 3), 'F'), ((2, 0, 4), 'C'), ((1, 12), 'C')):
        count = int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize
        memory = bytes((7 * i + 1) % 2 if dtype == '|b1' else (7 * i) % 256 for i in range(count))
        array = np.ndarray(shape, dtype, memory, order=order)
        out = io.BytesIO()
        np.save(out, array)
        print('%s/%s%s' % (dtype, 'x'.join(map(str, shape)) or '0-d', order), dtype, ','.join(map(str, shape)) or '-', order,
              golden.quote(memory), golden.quote(out.getvalue()))
