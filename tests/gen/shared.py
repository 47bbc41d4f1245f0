"""Something large of which small things take part: what each of these costs may not be what the large one does.

    shared.py DIRECTORY [SIZE] [REGEX]

Writes shared-KIND.pkl of about SIZE (1000000) bytes for each kind below whose name REGEX is found in, one half of it the large one and the other what
takes it out of the memo; and beside it the same as .other, with another last item. For tests/live/proportion.py.
"""

import os
import re
import struct
import sys

BIG, F, DTYPE, MAKER, MADE_OF, NDARRAY, SMALL, HELPER, LIST, KEY = range(10)  # numbers of the memo


def u32(n):
    return struct.pack("<I", n)


def get(n):
    return b"h%c" % n


def put(n, what):
    return what + b"q%c0" % n


def tuple_(*items):
    return b"(" + b"".join(items) + b"t" if not 0 < len(items) < 4 else b"".join(items) + b"\x84\x85\x86\x87"[len(items):len(items) + 1]


def name(module, what):
    return b"c%s\n%s\n" % (module, what)


def int_(n):
    return b"J" + struct.pack("<i", n)


def text(size):
    return b"X" + u32(size) + b"x" * size


def str_(what):
    return b"X" + u32(len(what)) + what


def bytes_(size):
    return b"B" + u32(size) + b"\1" * size


def old_str(size):
    return b"T" + u32(size) + b"\x81" * size


def long_(size):
    return b"\x8b" + u32(size) + b"\1" * size


def digits(size):
    return b"L" + b"7" * size + b"L\n"


def list_of(size, each=lambda n: b"K\1"):
    parts, length, n = [], 0, 0
    while length < size:
        parts.append(each(n))
        length += len(parts[-1])
        n += 1
    return b"](" + b"".join(parts) + b"e"


def tuple_of(size, each=lambda n: b"K\1"):
    return b"(" + list_of(size, each)[2:-1] + b"t"


def dict_of(size, each=lambda n: int_(n) + b"N"):
    return b"}(" + list_of(size, each)[2:-1] + b"u"


def set_of(size):
    return b"\x8f(" + list_of(size, int_)[2:-1] + b"\x90"


def deep(size, inner=b"N"):
    """As deep as a reader takes; around it what fills the room."""
    depth = min(900, size // 2)
    return b"]" * depth + inner + b"a" * depth


def struct_state(size):
    """What a dtype of many fields is given."""
    count = max(1, size // 40)
    names = [b"f%x" % n for n in range(count)]
    i1 = put(SMALL, name(b"numpy", b"dtype") + tuple_(str_(b"i1"), b"K\0", b"K\1") + b"R")
    fields = b"".join(str_(one) + tuple_(get(SMALL), int_(n)) for n, one in enumerate(names))
    return i1, tuple_(b"K\3", str_(b"|"), b"N", tuple_of(0)[:-1] + b"".join(map(str_, names)) + b"t", b"}(" + fields + b"u", int_(count), b"K\1", b"K\0")


def raw_dtype(size):
    """Of so many bytes for each item."""
    return name(b"numpy", b"dtype") + tuple_(str_(b"V%d" % size), b"K\0", b"K\1") + b"R"


F8 = name(b"numpy", b"dtype") + tuple_(str_(b"f8"), b"K\0", b"K\1") + b"R" + tuple_(
    b"K\3", str_(b"<"), b"N", b"N", b"N", b"J\xff\xff\xff\xff", b"J\xff\xff\xff\xff", b"K\0") + b"b"
OBJECT = F8.replace(b"f8", b"O8").replace(str_(b"<"), str_(b"|")).replace(b"K\0tb", b"K\x3ftb")
EMPTY = name(b"numpy.core.multiarray", b"_reconstruct") + tuple_(name(b"numpy", b"ndarray"), tuple_(b"K\0"), b"C\1b") + b"R"
NEW_ARRAY = get(F) + get(NDARRAY) + b"R"


def array_head(maker=F, made_of=NDARRAY):
    return put(maker, name(b"numpy.core.multiarray", b"_reconstruct")) + put(
        made_of, tuple_(name(b"numpy", b"ndarray"), tuple_(b"K\0"), b"C\1b"))


def array_state(shape, dtype, payload):
    return tuple_(b"K\1", tuple_(*map(int_, shape)), dtype, b"\x89", payload)


def payload_array(size):
    return put(BIG, array_state([size // 8], F8, bytes_(size // 8 * 8)))


def objects(size):
    items = list_of(size)
    return put(BIG, array_state([items.count(b"K\1")], OBJECT, items))


def struct_head(size):
    i1, state = struct_state(size)
    return i1 + put(BIG, state) + put(F, name(b"numpy", b"dtype")) + put(SMALL, tuple_(str_(b"V%d" % max(1, size // 40)), b"K\0", b"K\1"))


A_STRUCT = get(F) + get(SMALL) + b"R" + get(BIG) + b"b"  # after struct_head


def of(module, what, big):
    return lambda size: put(F, name(module, what)) + put(BIG, tuple_(big(size)))


def calls(n):
    return get(F) + get(BIG) + b"R"


def f(big):
    return lambda size: put(F, name(b"m", b"f")) + put(BIG, big(size))


def taken(n):
    return get(BIG)


# what stands in front, each item
KINDS = {
    "text": (f(text), taken),
    "bytes": (f(bytes_), taken),
    "old-str": (f(old_str), taken),
    "long": (f(long_), taken),
    "list": (f(list_of), taken),
    "dict": (f(dict_of), taken),
    "tuple": (f(tuple_of), taken),
    "tuple-in-tuple": (f(tuple_of), lambda n: tuple_(get(BIG), int_(n))),
    "key": (f(text), lambda n: b"}" + get(BIG) + b"Ns"),
    "key-bytes": (f(bytes_), lambda n: b"}" + get(BIG) + b"Ns"),
    "key-old-str": (f(old_str), lambda n: b"}" + get(BIG) + b"Ns"),
    "key-long": (f(long_), lambda n: b"}" + get(BIG) + b"Ns"),
    "key-tuple": (f(tuple_of), lambda n: b"}" + get(BIG) + b"Ns"),
    "key-in-tuple": (f(text), lambda n: b"}" + tuple_(get(BIG), int_(n)) + b"Ns"),
    "key-tuple-in-tuple": (f(tuple_of), lambda n: b"}" + tuple_(get(BIG), int_(n)) + b"Ns"),
    "keys-of-one": (lambda size: f(text)(size) + b"}q\x090", lambda n: get(KEY) + tuple_(get(BIG), int_(n)) + b"Ns"),
    "keys-of-one-tuples": (lambda size: f(tuple_of)(size) + b"}q\x090", lambda n: get(KEY) + tuple_(get(BIG), int_(n)) + b"Ns"),
    "keys-of-one-object": (lambda size: f(text)(size) + b"cm\nf\n)Rq\x090", lambda n: get(KEY) + tuple_(get(BIG), int_(n)) + b"Ns"),
    "frozenset": (f(text), lambda n: b"(" + get(BIG) + int_(n) + b"\x91"),
    "frozenset-tuple": (f(tuple_of), lambda n: b"(" + tuple_(get(BIG), int_(n)) + b"\x91"),
    "frozenset-of-frozenset": (lambda size: put(F, name(b"m", b"f")) + put(BIG, b"(" + list_of(size, int_)[2:-1] + b"\x91"),
                               lambda n: b"(" + get(BIG) + int_(n) + b"\x91"),
    "name": (f(text), lambda n: get(BIG) + str_(b"%x" % n) + b"\x93"),
    "name-same": (f(text), lambda n: get(BIG) + get(BIG) + b"\x93"),
    "name-of": (f(text), lambda n: str_(b"%x" % n) + get(BIG) + b"\x93"),
    "name-called": (f(text), lambda n: get(BIG) + get(BIG) + b"\x93)R"),
    "persid": (f(text), lambda n: get(BIG) + b"Q"),
    "persid-tuple": (f(tuple_of), lambda n: get(BIG) + b"Q"),
    "persid-list": (f(list_of), lambda n: get(BIG) + b"Q"),
    "args": (f(tuple_of), lambda n: get(F) + get(BIG) + b"R"),
    "args-text": (f(lambda size: tuple_(text(size))), calls),
    "args-list": (f(lambda size: tuple_(list_of(size))), calls),
    "args-new": (f(tuple_of), lambda n: get(F) + get(BIG) + b"\x81"),
    "kwargs": (f(lambda size: dict_of(size, lambda n: str_(b"%x" % n) + b"N")), lambda n: get(F) + b")" + get(BIG) + b"\x92"),
    "state": (f(dict_of), lambda n: get(F) + b")R" + get(BIG) + b"b"),
    "state-tuple": (f(tuple_of), lambda n: get(F) + b")R" + get(BIG) + b"b"),
    "state-text": (f(text), lambda n: get(F) + b")R" + get(BIG) + b"b"),
    "state-list": (f(list_of), lambda n: get(F) + b")R" + get(BIG) + b"b"),
    "state-deep": (f(deep), lambda n: get(F) + b")R" + get(BIG) + b"b"),
    "states-of-one": (lambda size: f(dict_of)(size) + b"cm\nf\n)Rq\x090", lambda n: get(KEY) + get(BIG) + b"b0"),
    "item-of-one": (lambda size: f(list_of)(size) + b"cm\nf\n)Rq\x090", lambda n: get(KEY) + get(BIG) + b"a0"),
    "dropped": (f(list_of), lambda n: get(F) + tuple_(get(BIG)) + b"R0"),
    "dropped-tuple": (f(tuple_of), lambda n: get(F) + get(BIG) + b"R0"),
    "dropped-text": (f(text), lambda n: get(F) + tuple_(get(BIG)) + b"R0"),
    "list-of": (of(b"__builtin__", b"list", tuple_of), calls),
    "tuple-of": (of(b"__builtin__", b"tuple", list_of), calls),
    "set-of": (of(b"__builtin__", b"set", lambda size: list_of(size, int_)), calls),
    "frozenset-of": (of(b"__builtin__", b"frozenset", lambda size: list_of(size, int_)), calls),
    "set-of-texts": (of(b"__builtin__", b"set", lambda size: list_of(size, lambda n: str_(b"%x" % n))), calls),
    "dict-of": (of(b"__builtin__", b"dict", lambda size: list_of(size, lambda n: tuple_(int_(n), b"N"))), calls),
    "dict-of-dict": (of(b"__builtin__", b"dict", dict_of), calls),
    "ordered-of": (of(b"collections", b"OrderedDict", lambda size: list_of(size, lambda n: tuple_(int_(n), b"N"))), calls),
    "ordered-of-lists": (of(b"collections", b"OrderedDict", lambda size: list_of(size, lambda n: b"](" + int_(n) + b"Ne")), calls),
    "counter-of": (of(b"collections", b"Counter", dict_of), calls),
    "deque-of": (of(b"collections", b"deque", list_of), calls),
    "bytes-of": (of(b"__builtin__", b"bytes", list_of), calls),
    "bytearray-of": (of(b"__builtin__", b"bytearray", list_of), calls),
    "bytearray-of-bytes": (of(b"__builtin__", b"bytearray", bytes_), calls),
    "bytearray-of-text": (lambda size: put(F, name(b"__builtin__", b"bytearray")) + put(BIG, tuple_(text(size), str_(b"latin-1"))), calls),
    "encode": (lambda size: put(F, name(b"_codecs", b"encode")) + put(BIG, tuple_(text(size), str_(b"latin1"))), calls),
    "complex-of": (lambda size: put(F, name(b"__builtin__", b"complex")) + put(BIG, tuple_(text(size))), calls),
    "int-of": (of(b"__builtin__", b"int", text), calls),
    "getattr": (lambda size: put(F, name(b"__builtin__", b"getattr")) + put(BIG, tuple_(name(b"m", b"f"), text(size))), calls),
    "list-of-many": (lambda size: put(F, name(b"__builtin__", b"list")) + put(BIG, tuple_of(size)), calls),
    "set-of-many": (lambda size: put(F, name(b"__builtin__", b"set")) + put(BIG, tuple_of(size)), calls),
    "partial": (lambda size: put(F, name(b"functools", b"partial")) + put(BIG, tuple_of(size)), calls),
    "newobj": (lambda size: put(F, name(b"copyreg", b"__newobj__")) + put(BIG, b"(cm\nf\n" + list_of(size)[2:-1] + b"t"), calls),
    "reconstructor": (lambda size: put(F, name(b"copy_reg", b"_reconstructor")) + put(BIG, tuple_(name(b"m", b"f"), name(b"__builtin__", b"list"), list_of(size))), calls),
    "pyarray": (lambda size: put(F, name(b"array", b"array")) + put(BIG, tuple_(str_(b"d"), list_of(size))), calls),
    "pyarray-bytes": (lambda size: put(F, name(b"array", b"array")) + put(BIG, tuple_(b"U\1d", old_str(size // 8 * 8))), calls),
    "pyarray-text": (lambda size: put(F, name(b"array", b"array")) + put(BIG, tuple_(str_(b"u"), list_of(size, lambda n: str_(b"x")))), calls),
    "pyarray-machine": (lambda size: put(F, name(b"array", b"_array_reconstructor")) + put(BIG, tuple_(
        name(b"array", b"array"), str_(b"d"), b"K\x10", bytes_(size // 8 * 8))), calls),
    "array": (lambda size: payload_array(size) + array_head(), lambda n: NEW_ARRAY + get(BIG) + b"b"),
    "array-text": (lambda size: put(BIG, array_state([size // 8], F8, put(KEY, text(size // 8 * 8))[:-3])) + array_head(), lambda n: NEW_ARRAY + get(BIG) + b"b"),
    "array-old-str": (lambda size: put(BIG, array_state([size // 8], F8, old_str(size // 8 * 8))) + array_head(), lambda n: NEW_ARRAY + get(BIG) + b"b"),
    "array-own-states": (lambda size: put(SMALL, F8) + put(BIG, bytes_(size // 8 * 8)) + put(KEY, tuple_(int_(size // 8))) + array_head(),
                         lambda n: NEW_ARRAY + b"(K\1" + get(KEY) + get(SMALL) + b"\x89" + get(BIG) + b"tb"),
    "array-objects": (lambda size: objects(size) + array_head(), lambda n: NEW_ARRAY + get(BIG) + b"b"),
    "array-object-items": (lambda size: put(SMALL, OBJECT) + put(BIG, list_of(size)) + put(KEY, tuple_(int_(size // 2))) + array_head(),
                           lambda n: NEW_ARRAY + b"(K\1" + get(KEY) + get(SMALL) + b"\x89" + get(BIG) + b"tb"),
    "array-struct": (lambda size: struct_head(size) + put(BIG, array_state([0], get(F) + get(SMALL) + b"R" + get(BIG) + b"b", b"C\0")) + array_head(),
                     lambda n: NEW_ARRAY + get(BIG) + b"b"),
    "array-struct-own": (lambda size: struct_head(size) + array_head(MAKER, MADE_OF),
                         lambda n: get(MAKER) + get(MADE_OF) + b"R(K\1K\0\x85" + A_STRUCT + b"\x89C\0tb"),
    "array-structs": (lambda size: struct_head(size) + put(KEY, A_STRUCT) + put(DTYPE, A_STRUCT) + array_head(MAKER, MADE_OF),
                      lambda n: get(MAKER) + get(MADE_OF) + b"R(K\1K\0\x85" + get((KEY, DTYPE)[n % 2]) + b"\x89C\0tb"),
    "dtype-name": (lambda size: put(BIG, text(min(size, 4000))) + put(SMALL, F8) + put(F, name(b"numpy", b"dtype")) + put(KEY, tuple_(str_(b"V8"), b"K\0", b"K\1")),
                   lambda n: get(F) + get(KEY) + b"R(K\3" + str_(b"|") + b"N" + get(BIG) + b"\x85}" + get(BIG) + get(SMALL)
                   + b"K\0\x86s" + b"K\x08K\1K\0tb"),
    "array-shape": (lambda size: put(SMALL, F8) + put(BIG, tuple_(*[int_(1)] * 64)) + array_head(),
                    lambda n: NEW_ARRAY + b"(K\1" + get(BIG) + get(SMALL) + b"\x89C\x08abcdefghtb"),
    "array-deep": (lambda size: payload_array(800) + array_head() + put(LIST, b"]" * 900 + b"q\x09" + b"a" * 899),
                   lambda n: get(KEY) + NEW_ARRAY + get(BIG) + b"ba0"),
    "array-under-key": (lambda size: payload_array(800) + array_head() + put(LIST, b"}" + text(size) + b"]q\x09s"),
                        lambda n: get(KEY) + NEW_ARRAY + get(BIG) + b"ba0"),
    "frombuffer": (lambda size: put(F, name(b"numpy.core.numeric", b"_frombuffer")) + put(BIG, tuple_(bytes_(size // 8 * 8), F8, tuple_(int_(size // 8)), str_(b"C"))), calls),
    "scalar": (lambda size: put(F, name(b"numpy.core.multiarray", b"scalar")) + put(BIG, tuple_(raw_dtype(size) + tuple_(
        b"K\3", str_(b"|"), b"N", b"N", b"N", int_(size), b"K\1", b"K\0") + b"b", bytes_(size))), calls),
    "dtype": (lambda size: struct_head(size), lambda n: get(F) + get(SMALL) + b"R" + get(BIG) + b"b"),
    "dtype-same": (lambda size: struct_head(size) + put(KEY, get(F) + get(SMALL) + b"R" + get(BIG) + b"b"), lambda n: get(KEY)),
    "dtype-field": (lambda size: struct_head(size) + put(KEY, get(F) + get(SMALL) + b"R" + get(BIG) + b"b"),
                    lambda n: get(F) + get(SMALL) + b"R(K\3" + str_(b"|") + b"N" + str_(b"x") + b"\x85}" + str_(b"x") + get(KEY) + b"K\0\x86s"
                    + int_(DTYPE_SIZE) + b"K\1K\0tb"),
    "dtype-notation": (lambda size: put(F, name(b"numpy", b"dtype")) + put(BIG, tuple_(str_(b",".join([b"i1"] * (size // 3))), b"K\0", b"K\1")), calls),
    "dtype-list": (lambda size: put(F, name(b"numpy", b"dtype")) + put(BIG, tuple_(list_of(size, lambda n: tuple_(str_(b"f%x" % n), str_(b"i1"))), b"K\0", b"K\1")), calls),
    "masked": (lambda size: put(F, name(b"numpy.ma.core", b"_mareconstruct")) + put(NDARRAY, tuple_(
        name(b"numpy.ma.core", b"MaskedArray"), name(b"numpy", b"ndarray"), tuple_(b"K\0"), b"C\1b")) + put(BIG, tuple_(
            b"K\1", tuple_(int_(size // 16)), F8, b"\x89", bytes_(size // 16 * 8), b"B" + u32(size // 16) + bytes(size // 16), b"N")),
        lambda n: NEW_ARRAY + get(BIG) + b"b"),
}  # fmt: skip
DTYPE_SIZE = 1


def made(kind, size, last=0):
    global DTYPE_SIZE
    head, each = KINDS[kind]
    DTYPE_SIZE = max(1, size // 2 // 40)
    parts = [b"\x80\x04", head(size // 2), b"]"]
    length, n = sum(map(len, parts)), 1000000
    leaves = each(0).endswith(b"0")
    while length < size:
        n += 1
        part = each(n) if leaves else each(n) + b"a"
        parts.append(part)
        length += len(part)
    return b"".join(parts) + get_all(kind) + int_(last) + b"a."


def get_all(kind):
    """What got items without being in the list comes to it."""
    head = KINDS[kind][0](100)
    return (get(LIST) + b"a" if b"q\x080" in head else get(KEY) + b"a" if KINDS[kind][1](0).endswith(b"0") and get(KEY) in KINDS[kind][1](0) else b"")


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    wanted = re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
    os.makedirs(sys.argv[1], exist_ok=True)
    for kind in KINDS:
        if not wanted.search("shared-" + kind):
            continue
        for last, ending in (0, ".pkl"), (1, ".other"):
            with open(os.path.join(sys.argv[1], "shared-" + kind + ending), "wb") as file:
                file.write(made(kind, size, last))
    return 0


if __name__ == "__main__":
    sys.exit(main())
