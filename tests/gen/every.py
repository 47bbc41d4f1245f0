"""The struct of tests/every.h in NumPy: its dtype on x86-64, and the same values. Not run by itself."""
import numpy as np


def unaligned(dtype):
    """The same layout, written out instead of NumPy's flag, at any depth."""
    if dtype.subdtype is not None:
        return np.dtype((unaligned(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.names is None:
        return dtype
    names = [name for name in dtype.names if name != 'left_out']
    return np.dtype({'names': names, 'formats': [unaligned(dtype.fields[name][0]) for name in names],
                     'offsets': [dtype.fields[name][1] for name in names], 'itemsize': dtype.itemsize})


POINT = np.dtype([('x', 'f4'), ('y', 'f8')], align=True)
CORNER = np.dtype([('at', POINT), ('tag', 'u1')], align=True)

FIELDS = [
    ('b', '?'), ('sc', 'i1'), ('uc', 'u1'), ('c', 'S1'), ('ss', 'i2'), ('us', 'u2'), ('si', 'i4'), ('ui', 'u4'),
    ('sl', 'i8'), ('ul', 'u8'), ('sll', 'i8'), ('ull', 'u8'), ('i8', 'i1', (3,)), ('u8', 'u1', (2,)), ('f', 'f4'),
    ('d', 'f8'), ('cf', 'c8'), ('cd', 'c16'), ('color', 'u4'), ('name', 'S8'), ('lines', 'S5', (2,)),
    ('v', 'f4', (3,)), ('m', 'f8', (2, 3)), ('t', 'i2', (2, 1, 2)), ('one', 'u4', (1,)), ('at', POINT),
    ('corners', CORNER, (2,)), ('left_out', 'i4'), ('ld', 'g'), ('cld', 'G')]
WIDE = {'ss': 300, 'us': 700, 'si': 20000000, 'ui': 40000000, 'sl': 20000000, 'ul': 40000000, 'sll': 10**17,
        'ull': 2 * 10**17, 'f': 2.0**100, 'd': 2.0**1000}


def c_dtype():
    """As a C compiler lays it out; `left_out` has its place, and no name."""
    return unaligned(np.dtype(FIELDS, align=True))


def small(i, k, j, signed):
    value = 7 * i + 2 * k + j + 1
    return -value if signed and (i + j) % 2 == 1 else value


def text(letters):
    return bytes(bytearray(range(ord('a'), ord('a') + letters)))


def fill_point(point, i, k, j):
    point['x'] = small(i, k, j, True) * 0.5
    point['y'] = small(i, k, j + 1, True) * 0.5


def clean(number):
    """Zeros for the bytes of a long double, or of both in a complex, that hold nothing: NumPy leaves there what was."""
    if number.dtype.char not in 'gG' or np.finfo(number.dtype).nmant != 63:
        return
    halves = number.reshape(1).view('u1').reshape(-1, number.dtype.itemsize // (2 if number.dtype.char == 'G' else 1))
    if number.dtype.newbyteorder('=') == number.dtype:
        halves[:, 10:] = 0
    else:
        halves[:, :-10] = 0


def fill_item(item, i, wide):
    """`item`: an array of no dimensions, which may lack fields."""
    names = item.dtype.names
    for k, field in enumerate(FIELDS[:19]):
        name = field[0]
        if name not in names or name in ('b', 'c', 'color', 'cf', 'cd'):
            continue
        kind = field[1][0]
        factor = (0.5 if kind == 'f' else 1) * (WIDE.get(name, 1) if wide else 1)
        if len(field) > 2:
            item[name] = [small(i, k, j, kind == 'i') for j in range(field[2][0])]
        else: # floats exactly: 32-bit x86 would round them in another place
            item[name] = small(i, k, 0, kind in 'if') * factor
    special = {
        'b': i % 2 == 1, 'c': bytes(bytearray([ord('p') + i])), 'color': i % 3,
        'cf': complex(small(i, 16, 0, True) * 0.5, small(i, 16, 1, True)),
        'cd': complex(small(i, 17, 0, True) * 0.5, small(i, 17, 1, True)),
        'name': text(4 * i % 9), 'lines': [text((i + j) % 6) for j in range(2)],
        'v': [small(i, 21, j, True) * 0.5 for j in range(3)],
        'm': [[small(i, 22, 3 * r + j, True) * 0.5 for j in range(3)] for r in range(2)],
        't': [[[small(i, 23, 2 * r + j, True) for j in range(2)]] for r in range(2)],
        'one': [small(i, 24, 0, False)],
        'ld': small(i, 27, 0, True) * 0.5, 'cld': complex(small(i, 28, 0, True) * 0.5, small(i, 28, 1, True))}
    for name in special:
        if name in names:
            item[name] = special[name]
            clean(item[name])
    if 'at' in names:
        fill_point(item['at'], i, 25, 0)
    if 'corners' in names:
        for j in range(2):
            fill_point(item['corners'][j:j + 1]['at'], i, 26, 2 * j)
            item['corners'][j:j + 1]['tag'] = small(i, 26, j, False)


def fill(array, wide):
    """Every item of a C-contiguous or other array, in C order."""
    for i, index in enumerate(np.ndindex(*array.shape)):
        fill_item(array[index + (Ellipsis,)], i, wide)
    return array
