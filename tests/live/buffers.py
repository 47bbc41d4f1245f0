"""Buffers outside the pickle, between Python and npickle, both ways.

usage: PYTHON buffers.py PROGRAM        (PYTHON from 3.8, with NumPy; PROGRAM is built from buffers.c)

Python pickles arrays at protocol 5 with a buffer_callback; npickle must see the same types, shapes and elements, and its views must be the
buffers themselves where NumPy's are. Then npickle writes, and pickle.loads(..., buffers=) must get arrays that are those buffers.
Exit status 1 if anything differs.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import warnings

import numpy as np


def arrays():
    for code in '<f8', '>i4', '?', 'S3', '<U2', '<c16', '<f2', 'V5', [('x', '<i2'), ('y', '>f4')], '<M8[s]':
        dtype = np.dtype(code)
        for shape in (), (0,), (5,), (2, 3), (2, 1, 3):
            size = int(np.prod(shape)) * dtype.itemsize
            plain = np.frombuffer(bytes(i % (2 if code == '?' else 100) for i in range(size)), dtype).reshape(shape) if size else np.zeros(shape, dtype)
            yield plain
            yield plain.copy()
            yield plain.copy('F')
            yield plain.copy()[::-1] if shape else plain.copy()
            yield plain.copy().T


def is_buffer(array):
    """Whether NumPy leaves the elements of this one outside."""
    out = []
    pickle.dumps(array, 5, buffer_callback=lambda buffer: out.append(buffer))
    return bool(out)


def order_of(array):
    return 'F' if array.flags.fnc else 'C'


def read(program, work):
    values, buffers = list(arrays()), []
    path = os.path.join(work, 'python.pkl')
    with open(path, 'wb') as file:
        pickle.dump(values, file, 5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    words = ['%d:%s' % (len(one), 'r' if one.readonly else 'w') for one in raw]
    run = subprocess.run([program, 'read', path] + words, input=b''.join(bytes(one) for one in raw), stdout=subprocess.PIPE)
    lines, wrong, outside = run.stdout.decode().splitlines(), 0, 0
    if run.returncode != 0 or len(lines) != len(values):
        print('FAIL: %d lines for %d arrays, exit status %d' % (len(lines), len(values), run.returncode))
        return 1
    for array, line in zip(values, lines):
        dtype, shape, order, readonly, where, data = (line + ' ').split(' ')[:6]
        out = is_buffer(array)
        good = (dtype == array.dtype.str and tuple(map(int, shape.split(',')[:-1])) == array.shape and data == array.tobytes().hex() and
                (where == 'empty' if array.nbytes == 0 else where == str(outside) if out else where == 'copied') and
                (not out or (readonly == '1') == (not array.flags.writeable)))
        if out:
            outside += 1
        if not good:
            wrong += 1
            print('FAIL: %r, %s: %s' % (array.dtype, array.shape, line))
    print('%d arrays read, %d of them outside the pickle, %d wrong' % (len(values), outside, wrong))
    return wrong


def write(program, work, how):
    prefix = os.path.join(work, how)
    subprocess.run([program, how, prefix], check=True)
    buffers = []
    while os.path.exists('%s.%d' % (prefix, len(buffers))):
        with open('%s.%d' % (prefix, len(buffers)), 'rb') as file:
            buffers.append(file.read())
    with open(prefix + '.pkl', 'rb') as file:
        text = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            value = pickle.loads(text, buffers=buffers)
    except ModuleNotFoundError:  # numpy._core: this NumPy has no such names
        value = pickle.loads(text.replace(b'\x13numpy._core.numeric', b'\x12numpy.core.numeric').replace(
            b'\x95' + text[3:11], b'\x95' + (int.from_bytes(text[3:11], 'little') - 1).to_bytes(8, 'little'), 1), buffers=buffers)
    field = np.arange(12).reshape(3, 4) + 0.5
    expected = {'field': field, 'fortran': field.T, 'constant': np.arange(1, 6, dtype='<i2')}
    wrong = 0 if list(value) == ['field', 'fortran', 'constant', 'note'] and value['note'] == 'inside' and len(buffers) == 3 else 1
    for (name, array), buffer in zip(expected.items(), buffers):
        memory = np.frombuffer(buffer, 'u1')
        good = (value[name].dtype == array.dtype and value[name].shape == array.shape and (value[name] == array).all() and
                np.shares_memory(value[name], memory))
        wrong += not good
    wrong += value['constant'].flags.writeable
    wrong += value['field'].flags.writeable or not value['fortran'].flags.f_contiguous  # a file's bytes can't be written to
    if len(text) > 400:
        wrong += 1
    print('%s: %d arrays loaded by Python from %d buffers, %d wrong' % (how, len(expected), len(buffers), wrong))
    return wrong


def main(program):
    if sys.version_info < (3, 8):
        print('skipped: protocol 5 came with Python 3.8')
        return 77
    with tempfile.TemporaryDirectory(prefix='npickle-buffers-') as work:
        return int(read(program, work) + write(program, work, 'write') + write(program, work, 'write-for-both') > 0)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
