"""Streams of tiny pickles, no two of them the same: what is said of one can't be kept for another.

    tiny.py DIRECTORY [SIZE...]

Writes tiny-KIND.SIZE.pkl for each kind below and each size (100000). For tests/live/proportion.py. Some are as a pickler writes them, others
are spelled as none does, so that everything is tried of them.
"""

import os
import pickle
import struct
import sys


def u32(n):
    return struct.pack("<I", n)


def i32(n):
    return b"J" + u32(n)


def line(text):
    return text.encode() + b"\n"


def binunicode(n):
    text = b"%x" % n
    return b"X" + u32(len(text)) + text


def short(opcode, n):
    text = b"%x" % n
    return opcode + bytes([len(text)]) + text


DTYPE = b"cnumpy\ndtype\n(U\x02i4K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(K\x01t"
P4 = b"\x80\x04"


def dumped(make, protocol):
    return lambda n: pickle.dumps(make(n), protocol)


KINDS = {
    "int-i4": lambda n: i32(n) + b".",
    "int-text": lambda n: line("I%d" % n) + b".",
    "int-long-text": lambda n: line("L%dL" % n) + b".",
    "int-long1": lambda n: b"\x80\x02\x8a\x04" + u32(n) + b".",
    "int-p2": dumped(lambda n: n, 2),
    "int-p4": dumped(lambda n: n, 4),
    "float-text": lambda n: line("F%d.5" % n) + b".",
    "float-odd": lambda n: line("F%de0" % n) + b".",
    "float": dumped(float, 4),
    "str-p0": dumped(lambda n: "%x" % n, 0),
    "str-no-put": lambda n: b"\x80\x02" + binunicode(n) + b".",
    "str-p2": dumped(lambda n: "%x" % n, 2),
    "str-p4": dumped(lambda n: "%x" % n, 4),
    "str-unframed": lambda n: P4 + short(b"\x8c", n) + b"\x94.",
    "str-python2": lambda n: short(b"U", n) + b"q\x01.",
    "str-python2-text": lambda n: line("S'%x'" % n) + b"p0\n.",
    "bytes-p0": dumped(lambda n: b"%x" % n, 0),
    "bytes-p2": dumped(lambda n: b"%x" % n, 2),
    "bytes-p3": dumped(lambda n: b"%x" % n, 3),
    "bytearray-p4": dumped(lambda n: bytearray(b"%x" % n), 4),
    "bytearray-p5": dumped(lambda n: bytearray(b"%x" % n), 5),
    "complex": dumped(lambda n: complex(n, 1), 2),
    "tuple-p1": dumped(lambda n: (n,), 1),
    "tuple-p2": dumped(lambda n: (n, n), 2),
    "tuple-marked": lambda n: b"(" + i32(n) + b"t.",
    "list-p0": dumped(lambda n: [n], 0),
    "list-p2": dumped(lambda n: [n, n], 2),
    "list-appends": lambda n: b"](" + i32(n) + b"e.",
    "list-appended": lambda n: b"]" + i32(n) + b"aNa.",
    "list-other-put": lambda n: b"]r" + u32(n) + b".",
    "dict-p2": dumped(lambda n: {n: n}, 2),
    "dict-p4": dumped(lambda n: {"%x" % n: n}, 4),
    "dict-marked": lambda n: b"(" + i32(n) + b"Nd.",
    "dict-setitems": lambda n: b"}(" + i32(n) + b"Nu.",
    "set-p2": dumped(lambda n: {n}, 2),
    "set-p4": dumped(lambda n: {n}, 4),
    "frozenset-p0": dumped(lambda n: frozenset([n]), 0),
    "frozenset-p4": dumped(lambda n: frozenset([n]), 4),
    "nested": dumped(lambda n: [[n], (n,), {}], 2),
    "global": lambda n: line("ca%x" % n) + b"b\n.",
    "global-p4": lambda n: P4 + short(b"\x8c", n) + b"\x8c\x01b\x93.",
    "global-python2": lambda n: b"c__builtin__\n" + line("a%x" % n) + b".",
    "reduce": lambda n: line("ca%x" % n) + b"b\n)R.",
    "reduce-argument": lambda n: b"ca\nb\n(" + i32(n) + b"tR.",
    "newobj": lambda n: b"\x80\x02ca\nb\n)\x81" + i32(n) + b"b.",
    "newobj-ex": lambda n: P4 + b"ca\nb\n)}\x92" + i32(n) + b"b.",
    "inst": lambda n: b"(" + i32(n) + b"ia\nb\n.",
    "obj": lambda n: b"(ca\nb\n" + i32(n) + b"o.",
    "state": lambda n: b"ca\nb\n)R" + i32(n) + b"b.",
    "items": lambda n: b"ca\nb\n)R" + i32(n) + b"a.",
    "dropped": lambda n: b"ca\nb\n" + i32(n) + b"\x85R0N.",
    "persid": lambda n: line("P%x" % n) + b".",
    "persid-bin": lambda n: i32(n) + b"Q.",
    "extension": lambda n: b"\x84" + u32(1 + n) + b".",
    "pushed-and-dropped": lambda n: i32(n) + b"0N.",
    "duplicate": lambda n: b"]" + i32(n) + b"2\x86a.",
    "dtype": lambda n: line("cnumpy\ndtype\n(S'S%d'" % n) + b"K\x00K\x01tR.",
    "scalar": lambda n: b"cnumpy.core.multiarray\nscalar\n(" + DTYPE + b"U\x04" + u32(n) + b"tR.",
    "array": lambda n: ARRAY + DTYPE + b"\x89U\x04" + u32(n) + b"tb.",
    "decimal": lambda n: line("cdecimal\nDecimal\n(S'%d'" % n) + b"tR.",
    "mixed": lambda n: KINDS[MIXED[n % len(MIXED)]](n),
}
MIXED = [name for name in KINDS if name not in ("mixed", "array", "dtype", "scalar")]


def stream(make, size):
    """What begins at a million takes as many bytes for each."""
    made, length = [], 0
    for n in range(1000000, 1000000 + size):
        if length >= size:
            break
        made.append(make(n))
        length += len(made[-1])
    return b"".join(made)


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    os.makedirs(sys.argv[1], exist_ok=True)
    for size in [int(given) for given in sys.argv[2:]] or [100000]:
        for name, make in KINDS.items():
            with open(os.path.join(sys.argv[1], "tiny-%s.%d.pkl" % (name, size)), "wb") as file:
                file.write(stream(make, size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
