"""Golden TIFF files for tests/test_tiff.c, made by this program after TIFF 6.0 and tools/tiff.c's comment, and read back by tifffile and Pillow.

usage: PYTHON-WITH-NUMPY-TIFFFILE-PILLOW tiff.py > tests/data/tiff.golden        (tifffile 2026.11.8, Pillow 13.0, NumPy 2.5)

Lines: NAME DTYPE SHAPE ORDER MEMORY FILE; MEMORY (in that order) and FILE are quoted words of golden.py.
"""
import io
import struct
import sys

import numpy as np
import PIL.Image
import tifffile

import golden

FORMATS = {'u': 1, 'i': 2, 'f': 3, 'c': 6}
PILLOW = {'u1', 'u2', 'i2', 'i4', 'f4'}  # what Pillow reads as it is; of colors u1 alone


def tiff(array):
    """One file: head, what is shared, directories, pixels."""
    order = '>' if array.dtype.byteorder == '>' else '<'
    color = array.ndim > 2 and array.dtype.kind == 'u' and array.itemsize < 3 and array.shape[-1] in (3, 4)
    samples = array.shape[-1] if color else 1
    leading = array.shape[:-3] if color else array.shape[:-2]
    height, width = array.shape[len(leading):len(leading) + 2]
    pages = int(np.prod(leading, dtype=int))
    text = b''
    if pages > 1:
        names = ['channels', 'slices', 'frames'][3 - len(leading) if len(leading) == 3 else 1:]
        lines = ['ImageJ=1.53t', 'images=%d' % pages] + ['%s=%d' % pair for pair in zip(names, leading[::-1])] + ['hyperstack=true'] * (len(leading) > 1)
        text = '\n'.join(lines + ['']).encode() + b'\0'
    bits, form = 8 * array.itemsize, FORMATS[array.dtype.kind]
    shared = struct.pack(order + 'II4H4H', 1, 1, *[bits] * 4 + [form] * 4) + text + b'\0' * (len(text) % 2)
    first = 8 + len(shared)

    def directory(page, at, pixels):
        rows = [(256, 'I', [width]), (257, 'I', [height]), (258, 'H', [bits] if samples == 1 else (samples, 16)), (259, 'H', [1]),
                (262, 'H', [1 if samples == 1 else 2])]
        if text and page == 0:
            rows.append((270, 'c', (len(text), 32)))
        rows += [(273, 'I', [pixels + page * array.nbytes // pages]), (277, 'H', [samples]), (278, 'I', [height]), (279, 'I', [array.nbytes // pages]),
                 (282, 'II', (1, 8)), (283, 'II', (1, 8)), (284, 'H', [1]), (296, 'H', [1])]
        if samples == 4:
            rows.append((338, 'H', [2]))
        rows.append((339, 'H', [form] if samples == 1 else (samples, 24)))
        out = struct.pack(order + 'H', len(rows))
        for tag, code, value in rows:
            kind = {'c': 2, 'H': 3, 'I': 4, 'II': 5}[code]
            if isinstance(value, tuple):
                out += struct.pack(order + 'HHII', tag, kind, *value)
            else:
                out += struct.pack(order + 'HHI', tag, kind, 1) + struct.pack(order + code, value[0]).ljust(4, b'\0')
        return out + struct.pack(order + 'I', at + len(out) + 4 if page + 1 < pages else 0)

    pixels, directories = 0, b''
    for _ in range(2):  # the second time with the place of the pixels
        directories = b''
        for page in range(pages):
            directories += directory(page, first + len(directories), pixels)
        pixels = -(-(first + len(directories)) // 16) * 16
    head = struct.pack(order + '2sHI', b'MM' if order == '>' else b'II', 42, first)
    return (head + shared + directories).ljust(pixels, b'\0') + np.ascontiguousarray(array).tobytes()


def check(name, array, data):
    """What tifffile, and Pillow where it can, read in it."""
    read = tifffile.imread(io.BytesIO(data))
    good = np.array_equal(read.squeeze(), array.squeeze()) and read.dtype.newbyteorder('=') == array.dtype.newbyteorder('=')
    code = array.dtype.str[1:]
    if code in PILLOW and (array.ndim == 2 or array.shape[-1] not in (3, 4) or code == 'u1'):
        image, pages = PIL.Image.open(io.BytesIO(data)), []
        for page in range(image.n_frames):
            image.seek(page)
            pages.append(np.asarray(image))
        good = good and np.array_equal(np.array(pages).ravel(), array.ravel())
    if not good:
        sys.exit('%s: read as something else' % name)


def main():
    print('# NAME DTYPE SHAPE ORDER MEMORY FILE, TIFF files that tifffile and Pillow have read, written by tests/gen/tiff.py.')
    cases = [(dtype, shape) for dtype in '|u1 <u2 >u2 <f4 >f4'.split() for shape in ((2, 3), (3, 2, 3), (2, 1, 5))]
    cases += [(dtype, (2, 3)) for dtype in '|i1 <i2 >i2 <u4 >u4 <i4 <u8 >i8 <f2 <f8 >f8 <c8 >c16'.split()]
    cases += [(dtype, shape) for dtype in '|u1 <u2 >u2'.split() for shape in ((2, 2, 3), (2, 2, 4), (3, 2, 1, 3))]
    cases += [('|u1', shape) for shape in ((1, 1), (1, 2, 2), (2, 3, 2, 2), (2, 1, 3, 2, 2), (2, 1, 3, 2, 2, 3), (2, 3, 2, 2, 4))]
    cases += [('<f4', (2, 2, 3))]  # no colors
    for dtype, shape in cases:
        for layout in 'CF':
            data = (np.arange(1, np.prod(shape) + 1) * 37 % 101).astype(dtype).reshape(shape)
            array = np.array(data, dtype=dtype, order=layout)
            name = '%s/%s%s' % (dtype, 'x'.join(map(str, shape)), layout)
            file = tiff(array)
            check(name, array, file)
            print(name, dtype, ','.join(map(str, shape)), layout, golden.quote(array.tobytes('A')), golden.quote(file))


main()
