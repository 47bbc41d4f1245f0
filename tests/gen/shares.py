"""Pickles that share, as large as asked for: what comes of them shall be in proportion to their size all the same.

    shares.py DIRECTORY [SIZE...]

Writes NAME.SIZE.pkl for each kind below and each size (4096 and 300000). For tests/live/proportion.py.
"""

import os
import struct
import sys


def u32(n):
    return struct.pack("<I", n)


def put(n):
    return b"r" + u32(n)


def get(n):
    return b"j" + u32(n)


def text(s):
    return b"X" + u32(len(s)) + s


DTYPE = b"cnumpy\ndtype\n"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + b"C\x01btR"
ARRAY2 = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"


def f8():
    return DTYPE + b"(" + text(b"f8") + b"K\x00K\x01tR(K\x03" + text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"


def obj():
    return DTYPE + b"(" + text(b"O8") + b"K\x00K\x01tR(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"


def shared_item(item, protocol=2):
    """A list of one thing many times, out of the memo."""
    def make(size):
        one = item(max(16, size // 2))
        count = max(1, (size - len(one) - 20) // 2)
        return b"\x80" + bytes([protocol]) + b"](" + one + b"q\x00" + b"h\x00" * count + b"e."
    return make


def doubling(open_, between, close):
    """Each level holds the one before it twice."""
    def make(size):
        out, level = b"\x80\x02](K\x01" + put(0), 0
        while len(out) < size and level < 900:
            level += 1
            out += open_ + get(level - 1) + between + get(level - 1) + close + put(level)
        return out + b"e."
    return make


def doubling_dup(close, limit=900):
    def make(size):
        return b"\x80\x02K\x01" + (b"2" + close) * min(limit, size // 2) + b"."
    return make


def flat_doublings(make_one, depth):
    """Many such, of a few levels each."""
    def make(size):
        one = make_one(depth)
        return b"\x80\x02](" + one * max(1, size // len(one)) + b"e."
    return make


def tuples(depth):
    return b"K\x01" + b"2\x86" * depth


def persids(depth):
    return b"K\x01" + b"2\x86Q" * depth


def dict_keys(size):
    """A large tuple as the key of many dicts, and as the value."""
    one = b"(" + b"K\x01K\x02" * (size // 8) + b"tq\x00"
    return b"\x80\x02](" + one + b"}h\x00Ns" * (size // 2 // 5) + b"e."


def nested_keys(size):
    out = b"\x80\x02](K\x01q\x00"
    for i in range(min(size // 12, 60)):
        out += b"h\x00h\x00\x86q\x000}h\x00h\x00s"
    return out + b"e."


def long_field(size):
    """A dtype with long names, that many arrays have."""
    name = b"n" * (size // 3)
    dtype = DTYPE + b"(" + text(b"V8") + b"K\x00K\x01tR(K\x03" + text(b"|") + b"N(" + text(name[:60000]) + b"q\x00t}h\x00(" + f8() + \
        b"K\x00tsK\x08K\x01K\x10tbq\x05"
    one = ARRAY + b"(K\x01(K\x01th\x05\x89C\x0800000000tb"
    return b"\x80\x03](" + dtype + one * max(1, (size - len(dtype)) // len(one)) + b"e."


def shared_payload(size):
    """One payload for many arrays."""
    payload = b"B" + u32(size // 2 // 8 * 8) + bytes(size // 2 // 8 * 8)
    head = b"\x80\x03](" + payload + b"q\x00" + f8() + b"q\x01"
    one = ARRAY + b"(K\x01(J" + u32(size // 2 // 8) + b"th\x01\x89h\x00tb"
    return head + one * max(1, (size // 2) // len(one)) + b"e."


def shared_frombuffer(size):
    payload = b"B" + u32(size // 2 // 8 * 8) + bytes(size // 2 // 8 * 8)
    head = b"\x80\x05](" + payload + b"q\x00" + f8() + b"q\x01cnumpy.core.numeric\n_frombuffer\nq\x02"
    one = b"h\x02(h\x00h\x01J" + u32(size // 2 // 8) + b"\x85" + text(b"C") + b"tR"
    return head + one * max(1, (size // 2) // len(one)) + b"e."


def nested_dtypes(size):
    """Each dtype has the one before it in two fields."""
    out = b"\x80\x02](" + f8() + put(0)
    width, level = 8, 0
    while len(out) < size and level < 50:
        level += 1
        out += (DTYPE + b"(" + text(b"V%d" % min(width, 1 << 30)) + b"K\x00K\x01tR(K\x03" + text(b"|") + b"N(" + text(b"a") + text(b"b") +
                b"t}(" + text(b"a") + b"(" + get(level - 1) + b"K\x00t" + text(b"b") + b"(" + get(level - 1) + b"K\x00tuJ" +
                u32(width) + b"K\x01K\x10tb" + put(level))
    return out + b"e."


def object_arrays(size):
    """Arrays of objects, each with the one before it twice."""
    out = b"\x80\x02](" + obj() + put(0) + b"K\x01" + put(1)
    level = 1
    while len(out) < size and level < 300:
        level += 1
        out += ARRAY2 + b"(K\x01(K\x02t" + get(0) + b"\x89](" + get(level - 1) + get(level - 1) + b"etb" + put(level)
    return out + b"e."


def object_array_of_long(size):
    out = b"\x80\x02](" + obj() + put(0) + text(b"x" * (size // 2)) + put(1)
    one = ARRAY2 + b"(K\x01(K\x01t" + get(0) + b"\x89](" + get(1) + b"etb"
    return out + one * max(1, size // 2 // len(one)) + b"e."


def calls(size):
    """Calls that share their arguments, and themselves."""
    out, level = b"\x80\x02](cm\nf\n" + put(0) + b"K\x01" + put(1), 1
    while len(out) < size and level < 400:
        level += 1
        out += get(0) + get(level - 1) + get(level - 1) + b"\x86R" + put(level)
    return out + b"e."


def states(size):
    """Objects whose states refer back to all before."""
    out = b"\x80\x02](cm\nC\n" + put(0)
    for i in range(1, max(2, size // 40)):
        out += get(0) + b")\x81" + put(i) + b"}" + text(b"a") + get(max(1, i - 1 if i % 400 else 1)) + b"sb"
    return out + b"e."


def dropped(item):
    def make(size):
        head = b"\x80\x02]q\x00cm\nf\nq\x010"
        return head + item * max(1, size // len(item)) + b"."
    return make


def globals_again(size):
    name = b"m" * min(size // 2, 4000)
    head = b"\x80\x04](" + text(name) + b"\x94\x8c\x01n\x94"
    return head + b"h\x00h\x01\x93" * min(15000, max(1, (size - len(head)) // 5)) + b"e."


def globals_newobj(size):
    name = b"m" * min(size // 2, 4000)
    head = b"\x80\x04](" + text(name) + b"\x94\x8c\x01n\x94"
    return head + b"h\x00h\x01\x93)\x81" * min(15000, max(1, (size - len(head)) // 7)) + b"e."


def long_keys(size):
    """A long text as the key of many dicts, each with an array."""
    head = b"\x80\x03](" + text(b"k" * (size // 2)) + b"q\x00" + f8() + b"q\x01"
    one = b"}h\x00" + ARRAY + b"(K\x01(K\x01th\x01\x89C\x0800000000tbs"
    return head + one * max(1, (size - len(head)) // len(one)) + b"e."


def many_small(size):
    """Pickles one after another, each of which would be long."""
    one = b"\x80\x02" + tuples(40) + b"."
    return one * max(1, size // len(one))


def stream(*pickles):
    """Pickles one after another, of the fewest bytes."""
    def make(size):
        many = b"".join(pickles)
        return many * max(1, size // len(many))
    return make


def stream_rising(size):
    """No two neighbours of one length."""
    return b"".join(b"N" + b"0N" * (i % 7) + b"." for i in range(max(1, size // 8)))


def empty_arrays(size):
    head = b"\x80\x03](" + f8() + b"q\x01"
    one = ARRAY + b"(K\x01(J\xff\xff\xff\x7fK\x00th\x01\x89C\x00tb"
    return head + one * max(1, size // len(one)) + b"e."


def frozensets(depth):
    return b"\x80\x04(K\x01\x91" + b"(2\x91" * depth


def marks(size):
    return b"\x80\x02" + b"(" * min(900, size // 2) + b"t" * min(900, size // 2) + b"."


VIEW = b"cnumpy.core.multiarray\n_reconstruct\nq\x02(cnumpy\nndarray\n(K\x00tC\x01btq\x03"


def views(count, payload):
    """Arrays of a few bytes each, all of whose states are one tuple."""
    def make(size):
        head = b"\x80\x03](" + f8() + b"q\x01" + payload + b"q\x00" + VIEW + b"(K\x01(J" + u32(count) + b"th\x01\x89h\x00tq\x04"
        return head + b"h\x02h\x03Rh\x04b" * max(1, (size - len(head)) // 8) + b"e."
    return make


def object_views(size):
    """The same of objects: one list has the items of all."""
    head = b"\x80\x03](" + obj() + b"q\x01](" + b"N" * (size // 2) + b"eq\x00" + VIEW + b"(K\x01(J" + u32(size // 2) + \
        b"th\x01\x89h\x00tq\x04"
    return head + b"h\x02h\x03Rh\x04b" * max(1, (size - len(head)) // 8) + b"e."


def wide_arguments(call):
    """Many calls are given one long tuple."""
    def make(size):
        head = b"\x80\x02](cm\nf\nq\x00(" + b"]" * (size // 2) + b"tq\x01"
        return head + call * max(1, size // 2 // len(call)) + b"e."
    return make


def repeated(head, item, tail=b"e."):
    def make(size):
        return head + item * max(1, (size - len(head)) // len(item)) + tail
    return make


def nested_frozensets(size):
    return b"\x80\x04](" + (b"(" * 300 + b"\x91" * 300) * max(1, size // 600) + b"e."


KINDS = {
    "text": shared_item(lambda n: text(b"t" * n)),
    "text-escaped": shared_item(lambda n: text(b"\x01" * n)),
    "text-wide": shared_item(lambda n: text("\U0001f600".encode() * (n // 4))),
    "bytes": shared_item(lambda n: b"B" + u32(n) + b"\xff" * n, 3),
    "bytearray": shared_item(lambda n: b"\x96" + struct.pack("<Q", n) + b"\xff" * n, 5),
    "str2": shared_item(lambda n: b"T" + u32(n) + b"\xff" * n),
    "int": shared_item(lambda n: b"\x8b" + u32(min(n, 1700)) + b"\x7f" * min(n, 1700)),
    "tuple": shared_item(lambda n: b"(" + b"K\x01" * (n // 2) + b"t"),
    "list": shared_item(lambda n: b"](" + b"K\x01" * (n // 2) + b"e"),
    "persid": shared_item(lambda n: text(b"p" * n) + b"Q"),
    "persid-line": shared_item(lambda n: b"P" + b"p" * n + b"\n"),
    "object": shared_item(lambda n: b"cm\nC\n)\x81}" + text(b"a") + text(b"v" * n) + b"sb"),
    "doubling-list": doubling(b"](", b"", b"e"),
    "doubling-dict": doubling(b"}(K\x01", b"K\x02", b"u"),
    "doubling-tuple": doubling_dup(b"\x86"),
    "doubling-triple": doubling_dup(b"2\x87"),
    "doubling-persid": doubling_dup(b"\x86Q", 300),
    "many-tuples": flat_doublings(tuples, 20),
    "many-persids": flat_doublings(persids, 20),
    "many-persids-deep": flat_doublings(persids, 100),
    "dict-keys": dict_keys,
    "nested-keys": nested_keys,
    "long-field": long_field,
    "long-keys": long_keys,
    "payload": shared_payload,
    "frombuffer": shared_frombuffer,
    "dtypes": nested_dtypes,
    "object-arrays": object_arrays,
    "object-arrays-of-long": object_array_of_long,
    "calls": calls,
    "states": states,
    "dropped": dropped(b"h\x01h\x00\x85R0"),
    "dropped-new": dropped(b"cm\nC\n)\x810"),
    "dropped-global": dropped(b"cm\nf\nh\x00\x85R0"),
    "dropped-state": dropped(b"cm\nC\n)\x81}X\x01\x00\x00\x00aK\x01sb0"),
    "globals": globals_again,
    "globals-newobj": globals_newobj,
    "pickles": many_small,
    "stream-none": stream(b"N."),
    "stream-ints": stream(b"K\x01.", b"K\x02."),
    "stream-mixed": stream(b"N.", b"].", b"K\x01.", b"\x80\x02N.", b"}.", b"\x80\x04)."),
    "stream-rising": stream_rising,
    "stream-differs": stream(b"J\x01\x00\x00\x00.", b"(t."),
    "stream-arrays": stream(b"\x80\x03" + ARRAY + b"(K\x01(K\x00t" + f8() + b"\x89C\x00tb."),
    "empty-arrays": empty_arrays,
    "marks": marks,
    "views": views(1, b"C\x0812345678"),
    "views-thousand": views(1000, b"B" + u32(8000) + b"\x12\x34\x56\x78\x9a\xbc\xde\x3f" * 1000),
    "object-views": object_views,
    "wide-arguments": wide_arguments(b"h\x00h\x01R"),
    "wide-arguments-dropped": wide_arguments(b"h\x00h\x01R0"),
    "doubling-keys": repeated(b"\x80\x02](", b"}N" + b"2\x86" * 12 + b"Ns"),
    "doubling-items": repeated(b"\x80\x04](", b"\x8f(N" + b"2\x86" * 12 + b"\x90"),
    "nested-frozensets": nested_frozensets,
    "stream-calls": stream(b"ca\nb\n)R.", b"ca\nc\n)R."),
    "stream-tuples": stream(b"N\x85.", b"K\x01\x85."),
    "stream-lists": stream(b"]Na.", b"]K\x01a."),
}


def main():
    folder, sizes = sys.argv[1], [int(s) for s in sys.argv[2:]] or [4096, 300000]
    os.makedirs(folder, exist_ok=True)
    for name, make in sorted(KINDS.items()):
        for size in sizes:
            with open(os.path.join(folder, "%s.%d.pkl" % (name, size)), "wb") as file:
                file.write(make(size))


if __name__ == "__main__":
    main()
