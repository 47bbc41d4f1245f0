"""Little programs, each repeated until it fills a pickle: what one costs for each time that it comes.

    repeated.py DIRECTORY [SIZE [COUNT [SEED]]]

Writes repeated-SEED-NUMBER.pkl for COUNT (500) programs of random opcodes, each SIZE (65536) bytes long. Four of five keep
to the stack; the others are malformed, as a rule, and looked at with -k. For tests/live/proportion.py.
"""

import os
import random
import struct
import sys


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value


PUSHES = [b"N", b"\x88", b"K\1", b"\x8a\1a", b"I1\n", b"G" + bytes(8), text(b"a"), text(b"f8"), text(b"latin1"), b"C\1a", b"U\1a",
          b"\x96" + bytes(8), b"]", b"}", b")", b"\x8f", b"K\0\x85", b"cm\nf\n", b"cnumpy\ndtype\n", b"cnumpy\nndarray\n",
          b"cnumpy.core.multiarray\n_reconstruct\n", b"cbuiltins\nset\n", b"cbuiltins\nbytearray\n", b"cbuiltins\ngetattr\n",
          b"cbuiltins\ncomplex\n", b"carray\narray\n", b"c_codecs\nencode\n", b"ccopyreg\n_reconstructor\n",
          b"cfunctools\npartial\n", b"Pa\n", b"\x82\1", b"h\0"]
CHANGES = [b"\x85", b"\x94", b"q\1", b"Q", b")\x81", b")R", b"}b", b")b", b"K\1a"]
JOINS = {1: [b"\x86", b"R", b"b", b"\x81", b"a", b"0", b"\x85R", b"\x85\x81", b"\x85b"], 2: [b"\x87", b"s", b"\x92"]}
OTHERS = [b"(", b"1", b"2", b"e", b"u", b"t", b"l", b"d", b"o", b"i\nm\n", b"h\1", b"h\xff", b"\x93", b"\x90", b"\x91", b"\x97", b"\x98",
          b"\x95\1" + bytes(7), b"\x80\4", b"Ia\n", b"\xff"]
# what comes before and behind; none: each is a pickle of its own
AROUND = [(b"\x80\4]\x94(", b"e."), (b"\x80\5(K\1\x94", b"t."), (b"\x80\4}\x94", b"."), (b"\x80\5cbuiltins\nset\n\x94)R(", b"e."),
          (b"\x80\4K\1\x94", b"."), (b"", b"")]


def well_formed(r):
    depth, unit = 0, b""
    for _ in range(r.choice((1, 2, 3, 4, 5, 6, 8, 10, 12))):
        chance = r.random()
        if depth == 0 or chance < 0.4:
            unit, depth = unit + r.choice(PUSHES), depth + 1
        elif chance < 0.6:
            unit += r.choice(CHANGES)
        else:
            taken = r.choice([n for n in JOINS if n < depth] or [0])
            unit, depth = unit + (r.choice(JOINS[taken]) if taken else b"0"), depth - max(taken, 1)
    left = r.choice((0, 1, depth))
    return unit + b"0" * max(0, depth - left)


def malformed(r):
    every = PUSHES + CHANGES + JOINS[1] + JOINS[2] + OTHERS
    return b"".join(r.choice(every) for _ in range(r.choice((1, 2, 2, 3, 3, 4, 5, 6))))


def program(r, size):
    before, behind = r.choice(AROUND)
    unit = (well_formed if r.random() < 0.8 else malformed)(r) or b"N"
    if not before:
        unit += b"."
    return before + unit * ((size - len(before) - len(behind)) // len(unit)) + behind


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    size, count, seed = [int(given) for given in sys.argv[2:]] + [65536, 500, 1][len(sys.argv) - 2:]
    os.makedirs(sys.argv[1], exist_ok=True)
    for number in range(count):
        with open(os.path.join(sys.argv[1], "repeated-%d-%d.pkl" % (seed, number)), "wb") as file:
            file.write(program(random.Random("%d %d" % (seed, number)), size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
