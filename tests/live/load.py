"""Arrays that NumPy saved, loaded and saved again by npickle, and loaded by NumPy: what came back is what went out.

usage: PYTHON load.py LIBRARY  (tests/check-live.sh calls it; Python 3.8 and later, with NumPy)

Each dtype in each shape and order, as .npy and as a pickle of each protocol inside a dict, through npk_array_load and
npk_array_save to .npy and to a pickle; and the float64 and float32 of each that numpy.can_cast allows.
"""
import ctypes as c
import os
import pickle
import sys
import tempfile

import numpy as np

import library

TYPES = ['?', 'i1', 'u1', '<i2', '>i2', '<u4', '>i8', '<f2', '<f4', '>f8', '<c8', '>c16', 'S5', '<U3', '>U3', 'V4', '<M8[s]',
         '>m8[us]', [('a', '<i4'), ('b', '>f8', (2,))]]
SHAPES = [(), (0,), (3,), (2, 3), (2, 0, 2), (2, 3, 4)]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
EXTENDED = np.dtype('longdouble')


def make(dtype, shape):
    """Some array of it, with no two elements alike."""
    count = int(np.prod(shape))
    if dtype.kind in 'SU':
        return np.array(['h\u00e9%d' % i if dtype.kind == 'U' else 'b%d' % i for i in range(count)]).astype(dtype).reshape(shape)
    if dtype.kind in 'V':
        raw = np.arange(1, count * dtype.itemsize + 1, dtype=np.uint8)
        return raw.view(dtype)[:count].reshape(shape) if count > 0 else np.zeros(shape, dtype)
    return np.arange(count).astype(dtype).reshape(shape)


class Files(object):
    def __init__(self, path):
        self.library = library.Library(path)
        self.lib = self.library.lib
        self.lib.npk_array_count.restype = c.c_int64
        self.lib.npk_array_free.restype = None
        self.error = library.Error()

    def load(self, path, where, dtype=None):
        own = c.POINTER(library.Array)()
        wanted = self.library.dtype(dtype) if dtype else None
        status = self.lib.npk_array_load(path.encode(), where.encode(), wanted, None, c.byref(own), c.byref(self.error))
        assert status == 0, (path, where, dtype, self.error.message)
        return own

    def save(self, path, own):
        status = self.lib.npk_array_save(path.encode(), own, None, c.byref(self.error))
        assert status == 0, (path, self.error.message)


def put(array, protocol):
    """The file, and where the array is in it. `protocol` None: .npy"""
    if protocol is None:
        np.save('in.npy', array)
        return 'in.npy', ''
    with open('in.pkl', 'wb') as file:
        pickle.dump({'k': [0, array]}, file, protocol)
    return 'in.pkl', "['k'][1]"


def same(found, expected):
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    if found.dtype == EXTENDED:  # of whose bytes six are not used
        return bool((found == expected).all())
    return found.tobytes() == expected.tobytes()


def back(files, array, protocol):
    path, where = put(array, protocol)
    own = files.load(path, where)
    files.save('out.npy', own)
    files.save('out.pkl', own)
    files.lib.npk_array_free(own)
    with open('out.pkl', 'rb') as file:
        unpickled = pickle.load(file)
    # NumPy turns the bytes of what it unpickles to the machine's order.
    assert same(np.load('out.npy'), array), (array, protocol)
    assert same(unpickled, pickle.loads(pickle.dumps(array, 2))), (array, protocol)


def cast(files, array, to):
    path, where = put(array, 2)
    own = files.load(path, where, to)
    count = files.lib.npk_array_count(own)
    expected = array.astype(to)
    assert count == array.size
    assert c.string_at(own.contents.data, expected.nbytes) == expected.tobytes(), (array, to)
    files.lib.npk_array_free(own)


def main():
    files = Files(os.path.abspath(sys.argv[1]))
    arrays = casts = 0
    # Where there is a file system in memory: each file is synced to its disk.
    os.chdir(tempfile.mkdtemp(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None))
    for dtype in [np.dtype(t) for t in TYPES] + ([EXTENDED] if EXTENDED.itemsize > 8 else []):
        for shape in SHAPES:
            for order in 'CF':
                array = np.array(make(dtype, shape), order=order)
                for protocol in [None] + list(PROTOCOLS):
                    back(files, array, protocol)
                    arrays += 1
                for to in ('<f4', '<f8', '>f8'):
                    if dtype.kind in 'biuf' and np.can_cast(dtype, to):
                        cast(files, array, to)
                        casts += 1
    for name in os.listdir('.'):
        os.remove(name)
    os.rmdir(os.getcwd())
    print('load: NumPy %s, %d arrays came back, %d were cast' % (np.__version__, arrays, casts))


if __name__ == '__main__':
    main()
