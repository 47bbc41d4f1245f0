"""Notations of dtypes, put together and damaged at random, judged by npickle and by the NumPy that runs this.

usage: PYTHON notation.py LIBRARY [COUNT [SEED]]  (tests/check-live.sh calls it; Python 3.8 and later, with NumPy)

npk_dtype_parse refuses what numpy.dtype() refuses; of all others str, repr, descr, itemsize, alignment and offsets are NumPy's. Those
where npickle differs on purpose (doc/differences.md, notation.differs()) are left out, and counted.
"""
import ctypes
import os
import random
import sys
import warnings

import numpy as np

import library

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import notation  # noqa: E402


class Field(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('name_size', ctypes.c_size_t), ('title', ctypes.c_void_p),
                ('title_size', ctypes.c_size_t), ('dtype', ctypes.c_void_p), ('offset', ctypes.c_int64),
                ('reserved', ctypes.c_void_p * 2)]


class Dtypes(object):
    def __init__(self, path):
        self.lib = library.Library(path).lib
        for name in ('npk_dtype_itemsize', 'npk_dtype_alignment'):
            getattr(self.lib, name).restype = ctypes.c_int64
        for name in ('npk_dtype_repr', 'npk_dtype_descr', 'npk_dtype_str', 'npk_dtype_fields'):
            getattr(self.lib, name).restype = ctypes.c_size_t

    def text(self, function, *arguments):
        size = function(*(arguments + (None, ctypes.c_size_t(0))))
        room = ctypes.create_string_buffer(size + 1)
        function(*(arguments + (room, ctypes.c_size_t(size + 1))))
        return room.value.decode('utf-8', 'surrogatepass')

    def parse(self, text):
        """As notation.told(), or the message of a refusal."""
        dtype, error, fields = ctypes.c_void_p(), library.Error(), ctypes.POINTER(Field)()
        if self.lib.npk_dtype_parse(text.encode('utf-8', 'surrogatepass'), None, ctypes.byref(dtype), ctypes.byref(error)) != 0:
            return error.message.decode('utf-8', 'replace')
        count = self.lib.npk_dtype_fields(dtype, ctypes.byref(fields))
        told = (self.text(self.lib.npk_dtype_str, dtype), self.text(self.lib.npk_dtype_repr, dtype),
                self.text(self.lib.npk_dtype_descr, dtype, ctypes.c_bool(False)), self.lib.npk_dtype_itemsize(dtype),
                self.lib.npk_dtype_alignment(dtype), [fields[i].offset for i in range(count)])
        self.lib.npk_dtype_free(dtype)
        return told


def main(path, count=2000, seed=1):
    rng = random.Random(int(seed))
    dtypes = Dtypes(path)
    taken = refused = apart = 0
    failed = []
    warnings.simplefilter('ignore')
    texts = [text for line in notation.COMPOSED.strip('\n').split('\n') for text in line.split('|')]
    texts += [notation.put_together(rng) for _ in range(int(count))]
    for text in dict.fromkeys(texts):
        if '\0' in text or not text or notation.crashes(text):
            continue
        dtype = notation.judge(text)
        if notation.differs(text, dtype):
            apart += 1
            continue
        found = dtypes.parse(text)
        if dtype is None:
            refused += 1
            if not isinstance(found, str):
                failed.append('%r is taken for %s' % (text, found[1]))
        else:
            taken += 1
            if found != notation.told(dtype):
                failed.append('%r: %s, not %s' % (text, found, notation.told(dtype)))
    for failure in failed[:20]:
        print('FAIL: ' + failure)
    print('notation: NumPy %s, seed %s: %d taken, %d refused, %d left out; %d failed' %
          (np.__version__, seed, taken, refused, apart, len(failed)))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
