"""Arrays of the struct in tests/every.h as NumPy pickles them: its layout in C and others, in which fields lie elsewhere,
have other types, come in another order, are missing or too many.

usage: PYTHON cstruct.py > tests/data/cstruct-numpy1.golden     (NumPy 1 on x86-64; with NumPy 2: cstruct-numpy2.golden)

Words of a case: SHAPE WIDE CASTING MISSING EXTRA
  SHAPE    numbers with commas between
  WIDE     1: the values need all of their type in C
  CASTING  the casting rule that reading it into the struct needs: safe, same, same-kind
  MISSING  names of fields that are not there, with commas between; or -
  EXTRA    a field that the struct does not have; or -
"""
import pickle
import sys

import numpy as np

import every
import golden


NUMPY = int(np.__version__.split('.')[0])
EVERY_PROTOCOL = ('c', 'aligned', 'fortran-big-turned')


def plain(dtype):
    """[(name, format)] with the subarrays in the formats."""
    return [(name, dtype.fields[name][0]) for name in dtype.names]


def changed(dtype, change):
    """The dtype packed, each of its plain formats through `change`, at any depth."""
    if dtype.subdtype is not None:
        return np.dtype((changed(dtype.subdtype[0], change), dtype.subdtype[1]))
    if dtype.names is not None:
        return np.dtype([(name, changed(dtype.fields[name][0], change)) for name in dtype.names])
    return np.dtype(change(dtype))


def turned(dtype):
    """The fields in the reverse order, at any depth, and a gap before each."""
    if dtype.subdtype is not None:
        return np.dtype((turned(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.names is None:
        return dtype
    at, names, formats, offsets = 3, dtype.names[::-1], [], []
    for name in names:
        formats.append(turned(dtype.fields[name][0]))
        offsets.append(at)
        at += formats[-1].itemsize + 1
    return np.dtype({'names': list(names), 'formats': formats, 'offsets': offsets, 'itemsize': at + 2})


WIDER = {'b': '?', 'i': 'i8', 'u': 'u8', 'f': 'f8', 'c': 'c16'}
NARROWER = {'b': '?', 'i': 'i1', 'u': 'u1', 'f': 'f2', 'c': 'c8'}


def by_kind(table, text):
    return lambda dtype: table.get(dtype.kind, text(dtype))


def longer(dtype):
    return 'S%d' % (dtype.itemsize + 3)


def unicode_of(dtype):
    return '>U%d' % (dtype.itemsize + 1)


def cases():
    c = every.c_dtype()
    aligned = np.dtype([field for field in every.FIELDS if field[0] != 'left_out'], align=True)
    little = [field for field in plain(c) if field[0] not in ('si', 'name', 'at', 'm')]
    extra = plain(c)
    extra.insert(4, ('extra', 'U3'))
    return [
        # name, dtype, shape, order, wide, casting, missing, extra
        ('c', c, (3,), 'C', 1, 'same', '-', '-'),
        ('aligned', aligned, (3,), 'C', 1, 'same', '-', '-'),
        ('packed', np.dtype(plain(c)), (3,), 'C', 1, 'same', '-', '-'),
        ('big', c.newbyteorder('>'), (3,), 'C', 1, 'same', '-', '-'),
        ('fortran', c, (2, 2), 'F', 1, 'same', '-', '-'),
        ('fortran-big-turned', turned(c).newbyteorder('>'), (2, 2), 'F', 1, 'same', '-', '-'),
        ('one', c, (), 'C', 1, 'same', '-', '-'),
        ('none', c, (0, 3), 'C', 1, 'same', '-', '-'),
        ('turned', turned(c), (3,), 'C', 1, 'same', '-', '-'),
        ('record', np.dtype((np.record, c)), (3,), 'C', 1, 'same', '-', '-'),
        ('wider', changed(c, by_kind(WIDER, longer)), (3,), 'C', 0, 'same-kind', '-', '-'),
        ('narrower', changed(c, by_kind(NARROWER, unicode_of)), (3,), 'C', 0, 'safe', '-', '-'),
        ('missing', np.dtype(little), (3,), 'C', 1, 'same', 'si,name,m,at', '-'),
        ('extra', np.dtype(extra), (3,), 'C', 1, 'same', '-', 'extra'),
    ]


def fresh():
    """{case: (words, object)}, in the order of cases(). The layouts of C and Fortran for NumPy 2 too, the rest for
    NumPy 1."""
    out = {}
    for name, dtype, shape, order, wide, casting, missing, extra in cases():
        if NUMPY == 1 or name in EVERY_PROTOCOL:
            words = [','.join(map(str, shape)) or '-', str(wide), casting, missing, extra]
            out[name] = (words, every.fill(np.zeros(shape, dtype, order), wide))
    return out


def protocols(name):
    return range(6) if name in EVERY_PROTOCOL else (0, 2)


def main():
    out = golden.Writer(sys.stdout, ['NumPy %d, Python %s: tests/gen/cstruct.py' % (NUMPY, sys.version.split()[0])])
    for name, (words, array) in fresh().items():
        out.case(name, words, {protocol: pickle.dumps(array, protocol) for protocol in protocols(name)})


if __name__ == '__main__':
    main()
