"""Arrays whose elements have no bytes, so that a few bytes of pickle have more of them than anyone can count.

usage: python3 nobytes.py > tests/data/nobytes.golden        (any Python 3; nothing is unpickled)
       PYTHON-WITH-NUMPY nobytes.py check                    what NumPy says to each row that it can be asked

A line is NAME STATUS "BYTES": STATUS is OK or ARRAY, what npk_doc_load_memory says: a mask has as many bools as there
are plain values. The quotes are those of golden.py.
"""
import os
import pickle
import resource
import signal
import struct
import sys

import golden

NONE = b'N'


def num(n):
    if 0 <= n < 256:
        return b'K' + bytes([n])
    if -2**31 <= n < 2**31:
        return b'J' + struct.pack('<i', n)
    data = n.to_bytes(n.bit_length() // 8 + 1, 'little', signed=True)
    return b'\x8a' + bytes([len(data)]) + data


def text(s):
    return b'\x8c' + bytes([len(s)]) + s.encode()


def tup(*items):
    return b'(' + b''.join(items) + b't'


def shape_of(lengths):
    return tup(*[num(n) for n in lengths])


class Dtype:
    """Its pickle, its size, and how many plain values an item has."""

    def __init__(self, code, order='|', subarray=NONE, names=NONE, fields=NONE, size=-1, alignment=1, flags=0, leaves=1):
        self.flags, self.leaves = flags, leaves
        self.pickle = (b'cnumpy\ndtype\n' + text(code) + b'\x89\x88\x87R' +
                       tup(num(3), text(order), subarray, names, fields, num(size), num(alignment), num(flags)) + b'b')


def struct_of(*fields):
    names = [chr(ord('a') + i) for i in range(len(fields))]
    dict_ = b'}(' + b''.join(text(n) + f.pickle + num(0) + b'\x86' for n, f in zip(names, fields)) + b'u'
    flags = 16 | 27 & sum({f.flags & 27 for f in fields})
    return Dtype('V0', names=tup(*map(text, names)), fields=dict_, size=0, flags=flags, leaves=sum(f.leaves for f in fields))


def subarray_of(base, *lengths):
    count = 1
    for n in lengths:
        count *= n
    return Dtype('V0', subarray=base.pickle + shape_of(lengths) + b'\x86', size=0, flags=base.flags, leaves=count * base.leaves)


MOST = 2**31 - 1
F4 = Dtype('f4', '<', alignment=-1)
S0 = Dtype('S0', size=0)
U0 = Dtype('U0', '<', size=0, alignment=4, flags=8)
V0 = Dtype('V0', size=0)
EMPTY = struct_of()
NO_F4 = subarray_of(F4, 0)
KINDS = [
    ('S', S0), ('U', U0), ('V', V0), ('struct', EMPTY), ('no-floats', NO_F4), ('struct-of-no-floats', struct_of(NO_F4)),
    ('struct-of-texts', struct_of(S0, U0)), ('subarray-of-texts', subarray_of(S0, MOST)),
    ('subarray-of-structs', subarray_of(EMPTY, MOST)), ('struct-of-subarray', struct_of(subarray_of(S0, MOST))),
    ('subarray-of-no-floats', subarray_of(struct_of(NO_F4), MOST)),
    ('struct-of-subarray-of-no-floats', struct_of(subarray_of(struct_of(NO_F4), MOST))),
    ('subarray-of-subarrays', subarray_of(subarray_of(S0, MOST), MOST)), ('subarray-of-none', subarray_of(S0, MOST, 0)),
]
SHAPES = [('long', (2**62,)), ('many-axes', (2,) * 62), ('row', (1, 2**62)), ('column', (2**62, 1)), ('none', (0, 2**62)),
          ('rows-of-none', (2**62, 0)), ('square', (2**31, MOST)), ('one', (1,)), ('scalar', ())]


def array(dtype, lengths, order=b'\x89'):
    return (b'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\1b\x87R' +
            tup(num(1), shape_of(lengths), dtype.pickle, order, b'C\0') + b'b')


def masked(dtype, lengths):
    return (b'cnumpy.ma.core\n_mareconstruct\n(cnumpy.ma.core\nMaskedArray\ncnumpy\nndarray\nK\0\x85C\1btR' +
            tup(num(1), shape_of(lengths), dtype.pickle, b'\x89', b'C\0', b'C\0', NONE) + b'b')


def frombuffer(dtype, lengths):
    return (b'cnumpy.core.numeric\n_frombuffer\n(\x96' + b'\0' * 8 + dtype.pickle + shape_of(lengths) + text('F') + b'tR')


def rows():
    for kind, dtype in KINDS:
        for name, lengths in SHAPES:
            count = 1
            for n in lengths:
                count *= n
            name = kind + '/' + name
            yield name, 'OK', b'\x80\4' + array(dtype, lengths) + b'.'
            if len(lengths) > 1:
                yield name + '-fortran', 'OK', b'\x80\4' + array(dtype, lengths, b'\x88') + b'.'
            yield name + '-masked', 'OK' if count * dtype.leaves == 0 else 'ARRAY', b'\x80\4' + masked(dtype, lengths) + b'.'
            yield name + '-buffer', 'OK', b'\x80\5' + frombuffer(dtype, lengths) + b'.'


def asked(data):
    """What NumPy says in a process of its own: it may go over all elements, or all bools of a mask."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(2)
        resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
        try:
            pickle.loads(data)
        except Exception:
            os._exit(1)
        os._exit(0)
    return {0: 'OK', 256: 'ARRAY'}.get(os.waitpid(pid, 0)[1], 'nothing')


def check():
    import numpy
    said = {}
    for name, status, data in rows():
        if not name.endswith('-buffer'):
            key = (status, asked(data))
            said.setdefault(key, []).append(name)
    for (status, numpys), names in sorted(said.items()):
        print('%d rows %s, NumPy %s says %s: %s' % (len(names), status, numpy.__version__, numpys, ' '.join(names[:9])))


if __name__ == '__main__':
    if sys.argv[1:] == ['check']:
        check()
    else:
        print('# NAME STATUS "BYTES", written by tests/gen/nobytes.py; %d rows.' % len(list(rows())))
        for name, status, data in rows():
            print(name, status, golden.quote(data))
