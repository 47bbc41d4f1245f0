"""The files that the benchmark works on: python make.py DIRECTORY FILE...

Run by a Python with NumPy; by Python 2 for the pickles that end in .ppy2.N. Each file is made from its name alone, the same
each time. A pickle has beside it NAME.idx: where each of those in it begins, and where the last ends.
"""
import functools
import json
import os
import pickletools
import random
import re
import struct
import sys

import numpy as np

try:
    import cPickle as pickle  # Python 2
except ImportError:
    import pickle

DIRECTORY = sys.argv[1] if len(sys.argv) > 1 else "."
COUNT = 100000
SMALL, SMALLS, LENGTHS, COLUMNS = 10, 10000, 40, 3  # small.c
TUPLES, NESTED, NESTED_ITEMS, RECORDS = 30000, 11000, 9, 10000  # dumps.c
SIDE, STRUCTS = 1024, 100000  # casts.c
ROTATED = 256  # arrays of 4 KiB and less come in turn


def path(name):
    return os.path.join(DIRECTORY, name)


def write(name, data):
    with open(path(name), "wb") as out:
        out.write(data)


def write_set(name, pickles):
    offsets = [0]
    for one in pickles:
        offsets.append(offsets[-1] + len(one))
    write(name, b"".join(pickles))
    write(name + ".idx", struct.pack("=%dQ" % len(offsets), *offsets))


# --- arrays ---


def payload(kind, size):
    rng = np.random.RandomState(1)
    whole = size * (ROTATED if size <= 4096 else 1)
    if kind == "u1":
        return rng.randint(0, 256, whole).astype("u1")
    if kind == "f8":
        return rng.random_sample(whole // 8)
    return rng.randint(0, 100, whole // 4).astype("<i4")


def arrays(kind, size):
    with open(path("%s.%d" % (kind, size)), "rb") as file:
        whole = file.read()
    return [np.frombuffer(whole[at : at + size], kind).copy() for at in range(0, len(whole), size)]


# --- many small values ---


def texts():
    rng = random.Random(1)
    return ["%06d%04d" % (i, rng.randrange(10000)) for i in range(COUNT)]


def repeated():
    rng = random.Random(1)
    return [rng.randrange(4) for _ in range(COUNT)]


def random_bits():
    rng = np.random.RandomState(1)
    bits = rng.randint(0, 2**63, 2 * COUNT).astype("u8") * np.uint64(2) + rng.randint(0, 2, 2 * COUNT).astype("u8")
    values = bits.view("f8")
    return values[np.isfinite(values)][:COUNT].tolist()


def small():
    return np.random.RandomState(1).random_sample(SMALL * SMALLS)


def mixed():
    """Five types in turn, 1 to 40 rows, every other array of three columns."""
    rng = np.random.RandomState(1)
    shapes = [(i * 7 % LENGTHS + 1,) + (COLUMNS,) * (i % 2) for i in range(SMALLS)]
    kinds = ["f8", "i4", "u1", "f4", "i8"]
    return [(rng.random_sample(shape) * 200).astype(kinds[i % len(kinds)]) for i, shape in enumerate(shapes)]


def alien(letters, shortest, longest):
    """Texts of these letters, each other than the others."""
    rng = random.Random(1)
    return ["%s%d" % ("".join(map(rng.choice, [letters] * rng.randint(shortest, longest))), i) for i in range(COUNT)]


def numbers(name, count=COUNT):
    rng = random.Random(1)
    if name in ("floats", "million-floats"):
        return [rng.random() for _ in range(count)]
    bits = {"ints8": 8, "ints32": 32, "ints64": 64, "million-ints": 32}[name]
    lowest = 0 if bits == 8 else -(2 ** (bits - 1))
    return [rng.randrange(lowest, lowest + 2**bits) for _ in range(count)]


def records(count):
    return [{"id": i, "name": "n%d" % i, "x": i * 0.5, "ok": i % 2 == 0, "tag": None} for i in range(count)]


WORKS = {
    "ints8": lambda: numbers("ints8"),
    "ints32": lambda: numbers("ints32"),
    "ints64": lambda: numbers("ints64"),
    "floats": lambda: numbers("floats"),
    "bits": random_bits,
    "million-floats": lambda: numbers("million-floats", 10**6),
    "million-ints": lambda: numbers("million-ints", 10**6),
    "strs": texts,
    "cyrillic": lambda: alien([chr(code) for code in range(0x430, 0x450)], 10, 30),
    "accents": lambda: ["Montr\u00e9al %d" % i for i in range(COUNT)],
    "han": lambda: alien([chr(code) for code in range(0x4E00, 0x9000)], 5, 15),
    "repeated": lambda: [["alpha", "beta", "gamma", "delta"][k] for k in repeated()],
    "dict": lambda: {key: i for i, key in enumerate(texts())},
    "tuples": lambda: [(i, i + 1, i + 2) for i in range(TUPLES)],
    "nested": lambda: [[i + k for k in range(NESTED_ITEMS)] for i in range(NESTED)],
    "records": lambda: records(RECORDS),
    "many-records": lambda: records(300000),
    "mixed": mixed,
    "small": lambda: list(small().reshape(SMALLS, SMALL).copy()),
    "lookup10000": lambda: {"key%d" % (i * 7919 % 10**9): i for i in range(10**4)},
    "lookup1000000": lambda: {"key%d" % (i * 7919 % 10**10): i for i in range(10**6)},
    "big": lambda: np.frombuffer(open(path("u1.209715200"), "rb").read(), "u1").copy(),
}


def separate(value):
    """The same arrays, each with memory and a descriptor of its own, as a program has them."""
    return [np.array(row) for row in value] if isinstance(value, list) and isinstance(value[0], np.ndarray) else value


def raw(name):
    if name == "strs":
        return b"".join(text.encode() + b"\0" for text in texts())
    if name == "names":
        return b"".join(b"n%d\0" % i for i in range(RECORDS))
    values = repeated() if name == "repeated" else WORKS[name]()
    return np.array(values, "f8" if isinstance(values[0], float) else "i8").tobytes()


# --- for other formats ---


def mix(digest, other):
    return ((digest ^ other) * 0x9E3779B97F4A7C15 + 1) % 2**64


def digest(value):
    """What a value is, in 64 bits: digest.h says of what the formats that are compared don't tell."""
    if value is None:
        return 1
    if isinstance(value, bool):
        return mix(2, value)
    if isinstance(value, int):
        return mix(3, value % 2**64)
    if isinstance(value, float):
        return mix(4, struct.unpack("=Q", struct.pack("=d", value))[0])
    if isinstance(value, str):
        return functools.reduce(mix, value.encode(), 5)
    if isinstance(value, dict):
        return (7 + sum(mix(digest(key), digest(item)) for key, item in value.items())) % 2**64
    return functools.reduce(mix, map(digest, value), 6)


# --- bad input: what costs most for each of its bytes ---

MEBIBYTE = 1 << 20
DEEP = 990  # below npk_limits.depth


def times(part, before=b"", after=b".", limit=MEBIBYTE):
    return before + part * (limit // len(part)) + after


BAD = {
    "floats-e300": lambda: times(b"F1.2345678901234567e-300\na", b"(lp0\n"),
    "longs-4300": lambda: times(b"L" + b"7" * 4300 + b"L\na", b"(lp0\n"),
    "dtype-calls": lambda: times(b"h\0U\x02f8K\0K\x01\x87Ra", b"\x80\x02cnumpy\ndtype\nq\x000]"),
    "tuple1-chain": lambda: times(b"N" + b"\x85" * DEEP + b"a", b"\x80\x02]"),
    "sparse-put": lambda: b"\x80\x02]"
    + b"".join(b"r" + struct.pack("<I", i * 10007 % (2**31 - 1)) for i in range(MEBIBYTE // 5))
    + b".",
    "sparse-memoize": lambda: b"\x80\x04]"
    + b"".join(b"r" + struct.pack("<I", i * 10007 % (2**31 - 1)) + b"\x94" for i in range(MEBIBYTE // 6))
    + b".",
    "memoize": lambda: times(b"]\x940", b"\x80\x04]"),
    "gets": lambda: times(b"h\0a", b"\x80\x02]q\x01]q\x000"),
    "deep": lambda: times(b"]" * DEEP + b"a" * DEEP, b"\x80\x02]"),
    "marks": lambda: times(b"(1", b"\x80\x02N"),
    "instances": lambda: times(b"(h\0oa", b"\x80\x02cm\nA\nq\x000]"),
    "empty-dicts": lambda: times(b"}a", b"\x80\x02]"),
    "builds": lambda: times(b"h\0)R}ba", b"\x80\x02cm\nA\nq\x000]"),
    "calls": lambda: times(b"h\0)Ra", b"\x80\x02cbuiltins\nbytearray\nq\x000]"),
    "calls-of-a-list": lambda: times(b"h\0]\x85Ra", b"\x80\x02cbuiltins\nset\nq\x000]"),
    "inst": lambda: times(b"(im\nA\na", b"]"),
    "globals": lambda: times(b"cm\nA\na", b"\x80\x02]"),
    "short-floats": lambda: times(b"F0.1\na", b"(l"),
    "dropped-persids": lambda: times(b"P\n0", b"\x80\x02]"),
    "dropped-tuples": lambda: times(b"N\x85", b"\x80\x02](", b"1."),
    "walked-persids": lambda: times(b"P\nQ", b"\x80\x02cm\nA\nq\x000h\x000](", b"e."),
    "persids": lambda: times(b"Px\na", b"]"),
    "got-persids": lambda: times(b"h\0", b"\x80\x02P\nq\x000](", b"e."),
    "copied-persids": lambda: times(b"P\n22", b"\x80\x02](", b"1."),
    "copied-tuples": lambda: times(b"N\x852", b"\x80\x02](", b"1."),
    "copied-extensions": lambda: times(b"N\x82\x012", b"\x80\x02](", b"1."),
    "dups": lambda: times(b"2", b"\x80\x02](N", b"e."),
}

# --- casts ---


def cast(name):
    rng = np.random.RandomState(1)
    square = np.arange(SIDE * SIDE, dtype="f8").reshape(SIDE, SIDE)
    structs = np.zeros(STRUCTS, "<f4,<i8,<f8")
    structs["f0"], structs["f1"], structs["f2"] = (np.arange(STRUCTS) * k for k in (0.5, 3, 0.25))
    if name == "fields":
        out = np.zeros(STRUCTS, "<f8,<f4")
        out["f0"], out["f1"] = structs["f2"], structs["f0"]
        return out
    fixed = {"square": square, "transposed": square.T, "strided": square[:, ::2], "structs": structs}
    if name in fixed:
        return fixed[name]
    kind = name.split("-")[0]
    values = rng.randint(0, 100, 1 << 18).astype(kind)
    return values.astype(name.split("-")[1]) if "-" in name else values


# --- by name ---


def make_pickle(name, protocol):
    found = re.match(r"(u1|f8|i4)\.(\d+)$", name)
    if found:
        values = arrays(found.group(1), int(found.group(2)))
        write_set("%s.p%s" % (name, protocol), [pickle.dumps(value, int(protocol[-1])) for value in values])
    elif protocol == "bad":
        write_set(name + ".pbad", [BAD[name]()])
    else:
        write_set("%s.p%s" % (name, protocol), [pickle.dumps(separate(WORKS[name]()), int(protocol[-1]))])


def make(name):
    array = re.match(r"(u1|f8|i4)\.(\d+)$", name)
    pickled = re.match(r"(.+)\.p(py2\.\d|\d|bad)$", name)
    if array:
        write(name, payload(array.group(1), int(array.group(2))).tobytes())
    elif pickled:
        make_pickle(*pickled.groups())
    elif name in ("small", "mixed"):
        write(name, b"".join(one.tobytes() for one in WORKS[name]()))
    elif name.endswith(".raw"):
        write(name, raw(name[:-4]))
    elif name.endswith(".json"):
        write(name, json.dumps(WORKS[name[:-5]](), separators=(",", ":")).encode())
    elif name.endswith(".digest"):
        write(name, struct.pack("=Q", digest(WORKS[name[:-7]]())))
    elif name.endswith(".txt"):
        write(name, b"".join(repr(value).encode() + b"\n" for value in WORKS[name[:-4]]()))
    elif name.endswith(".count"):
        with open(path(name[:-6]), "rb") as file:
            write(name, struct.pack("=Q", sum(1 for _ in pickletools.genops(file.read()))))
    elif name.endswith(".keys"):
        write(name, b"".join(key.encode() + b"\0" for key in WORKS[name[:-5]]()))
    else:
        write(name, np.ascontiguousarray(cast(name[len("cast.") :])).tobytes())


if __name__ == "__main__":
    for wanted in sys.argv[2:]:
        make(wanted)
