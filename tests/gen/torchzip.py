"""Zip archives laid out as torch.save() lays them out since PyTorch 1.6, and some that somebody has damaged.

usage: python3 torchzip.py tests/data       (any Python 3; needs neither PyTorch nor NumPy)

The layout is that of caffe2/serialize/inline_container.cc: every member stored, its bytes at a multiple of 64 behind an extra field
FB of Zs, sizes behind it (PK 7 8) and in the directory, a ZIP64 end before the end. The object, in every file:

    {'a': tensor of float32 [[0, 1, 2], [3, 4, 5]],        storage '0'
     'b': the same storage from element 1, size (2,), stride (3,): [1, 4],
     'c': tensor of bool [True, False, True]}               storage '1'
"""
import binascii
import os
import pickle
import struct
import sys
import zipfile

FLAGS = 0x0808  # sizes follow; names in UTF-8


def tensor(kind, key, count, offset, size, stride):
    def text(s):
        return b'X' + struct.pack('<I', len(s)) + s.encode()

    def numbers(them):
        return b''.join(b'K' + bytes([n]) for n in them) + bytes([0x84 + len(them)])
    return (b'ctorch._utils\n_rebuild_tensor_v2\n((' + text('storage') + b'ctorch\n' + kind.encode() + b'\n' + text(key) +
            text('cpu') + b'K' + bytes([count]) + b'tQK' + bytes([offset]) + numbers(size) + numbers(stride) +
            b'\x89ccollections\nOrderedDict\n)RtR')


OBJECT = (b'\x80\x02}(X\x01\0\0\0a' + tensor('FloatStorage', '0', 6, 0, (2, 3), (3, 1)) +
          b'X\x01\0\0\0b' + tensor('FloatStorage', '0', 6, 1, (2,), (3,)) +
          b'X\x01\0\0\0c' + tensor('BoolStorage', '1', 3, 0, (3,), (1,)) + b'u.')


ONE = (b'\x80\x02}(X\x01\0\0\0a' + tensor('FloatStorage', '0', 6, 0, (2, 3), (3, 1)) + b'X\x05\0\0\0epochK\3u.')


def members(order='<', name='archive', pickled=OBJECT):
    return [(name + '/data.pkl', pickled),
            (name + '/byteorder', b'little' if order == '<' else b'big'),
            (name + '/data/0', struct.pack(order + '6f', *range(6))),
            (name + '/data/1', b'\1\0\1'),
            (name + '/version', b'3\n'),
            (name + '/.data/serialization_id', b'0' * 40)]


def archive(parts, large=False, change=lambda i, entry: entry, entries=None):
    """The bytes. `large`: the sizes and places stand in extra fields; `change` has the last word on an entry of the directory."""
    out, directory = b'', b''
    for i, (name, data) in enumerate(parts):
        name = name.encode()
        at, crc = len(out), binascii.crc32(data)
        padding = -(at + 30 + len(name) + 4) % 64
        extra = b'FB' + struct.pack('<H', padding) + b'Z' * padding
        out += struct.pack('<4sHHHHHIIIHH', b'PK\3\4', 0, FLAGS, 0, 0, 0, 0, 0, 0, len(name), len(extra)) + name + extra
        out += data + struct.pack('<4sIII', b'PK\7\x08', crc, len(data), len(data))
        entry = change(i, {'size': len(data), 'at': at})
        extra = b''
        if large:
            extra = b'XX\2\0zz' + struct.pack('<HHQQQ', 1, 24, entry['size'], entry['size'], entry['at'])
            entry = {'size': 0xffffffff, 'at': 0xffffffff}
        directory += struct.pack('<4sHHHHHHIIIHHHHHII', b'PK\1\2', 0, 0, FLAGS, 0, 0, 0, crc, entry['size'], entry['size'],
                                 len(name), len(extra), 0, 0, 0, 0, entry['at']) + name + extra
    start, end64 = len(out), len(out) + len(directory)
    count = len(parts) if entries is None else entries
    out += directory + struct.pack('<4sQHHIIQQQQ', b'PK\6\6', 44, 798, 45, 0, 0, count, count, len(directory), start)
    out += struct.pack('<4sIQI', b'PK\6\7', 0, end64, 1)
    return out + struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, len(parts), len(parts), len(directory), start, 0)


def main(folder):
    def put(name, data):
        with open(os.path.join(folder, 'torch-archive%s.pt' % name), 'wb') as out:
            out.write(data)

    def repacked(name, compression, first):
        path = os.path.join(folder, 'torch-archive%s.pt' % name)
        with zipfile.ZipFile(path, 'w', compression) as out:
            for name, data in first + sorted(members(name='m')):
                out.writestr(zipfile.ZipInfo(name), data, compression)

    first = members()
    put('', archive(first))
    put('-one', archive(members(pickled=ONE)))
    put('-none', archive([(name, b'\x80\2}X\5\0\0\0epochK\3s.' if name.endswith('.pkl') else data)
                          for name, data in first if '/data/' not in name]))
    put('-big-endian', archive(members('>')))
    put('-large', archive(first, large=True))
    put('-twice', archive(first[:1] + first))
    put('-key-twice', archive(first + first[2:3]))
    put('-entries', archive(first, entries=1 << 32))
    put('-overlapping', archive(first, change=lambda i, e: dict(e, at=0) if i == 3 else e))
    put('-same', archive(first, change=lambda i, e: dict(e, size=3) if i == 2 else e))
    put('-beyond', archive(first, change=lambda i, e: dict(e, size=4000) if i == 2 else e))
    put('-nowhere', archive(first, change=lambda i, e: dict(e, at=0xfffffff0) if i == 2 else e))
    repacked('-repacked', zipfile.ZIP_STORED, [('m/', b'')])
    repacked('-compressed', zipfile.ZIP_DEFLATED, [])


if __name__ == '__main__':
    main(*sys.argv[1:])
