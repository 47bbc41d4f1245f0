"""Containers and objects that grow between calls: what each part of a pickle may cost a reader and a writer, and its size has paid for.

    growing.py DIRECTORY [SIZE] [REGEX]

Writes growing-CONTAINER-ITEM-BETWEEN.PROTOCOL.pkl of SIZE (1000000) bytes for each kind that the tables below give and whose name REGEX is found
in, and beside it the same as .other with another last item; every-... likewise, where the other has other numbers everywhere. For
tests/live/proportion.py.
"""

import os
import re
import struct
import sys

F, SELF, OTHER, THING, NEXT = range(5)  # numbers of the memo: a class, what grows, a list, an object, what items may use


class Spelling:
    """The opcodes that a protocol has."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.text = protocol == 0
        self.begin = b"" if protocol < 2 else b"\x80%c" % protocol
        self.list = b"(l" if self.text else b"]"
        self.dict = b"(d" if self.text else b"}"
        self.nothing = b"(t" if self.text else b")"
        self.f = b"cm\nf\n" if protocol < 4 else b"\x8c\x01m\x8c\x01f\x93"

    def get(self, n):
        return b"g%d\n" % n if self.text else b"h%c" % n

    def put(self, n):
        return b"p%d\n" % n if self.text else b"q%c" % n

    def int(self, n):
        return b"I%d\n" % n if self.text else b"J" + struct.pack("<i", n)

    def str(self, n):
        text = b"%x" % n
        return b"V%s\n" % text if self.text else (b"X" + struct.pack("<I", len(text)) if self.protocol < 4 else b"\x8c%c" % len(text)) + text

    def call(self, *args):
        return self.get(F) + self.tuple(*args) + b"R"

    def tuple(self, *items):
        if self.protocol < 2 or not 0 < len(items) < 4:
            return b"(" + b"".join(items) + b"t" if items else self.nothing
        return b"".join(items) + b"\x84\x85\x86\x87"[len(items):len(items) + 1]

    def memoized(self, n):
        """A number for each."""
        return b"\x94" if self.protocol >= 4 else b"r" + struct.pack("<I", n)

    def global_(self, module, name):
        return b"c%s\n%s\n" % (module, name)


# how it begins, how an item comes to it, the lowest protocol
CONTAINERS = {
    "list": (lambda s: s.list, lambda s, n, item: item + b"a", 0),
    "batches": (lambda s: s.list, lambda s, n, item: b"(" + item + b"e", 2),
    "pairs": (lambda s: s.list, lambda s, n, item: b"(" + item + item + b"e", 2),
    "dict": (lambda s: s.dict, lambda s, n, item: s.int(n) + item + b"s", 0),
    "texts": (lambda s: s.dict, lambda s, n, item: b"(" + s.str(n) + item + b"u", 2),
    "set": (lambda s: b"\x8f", lambda s, n, item: b"(" + item + b"\x90", 4),
    "items": (lambda s: s.f + s.nothing + b"R", lambda s, n, item: item + b"a", 0),
    "keys": (lambda s: s.f + s.nothing + b"R", lambda s, n, item: s.int(n) + item + b"s", 0),
    "states": (lambda s: s.f + s.nothing + b"R", lambda s, n, item: item + b"b", 0),
    "newobj": (lambda s: s.f + s.nothing + b"\x81", lambda s, n, item: item + b"b", 2),
    "deque": (lambda s: s.global_(b"collections", b"deque") + s.nothing + b"R", lambda s, n, item: item + b"a", 0),
    "ordered": (lambda s: s.global_(b"collections", b"OrderedDict") + s.nothing + b"R", lambda s, n, item: s.int(n) + item + b"s", 0),
    "tuple": (lambda s: b"(", lambda s, n, item: item, 0),
    "nested": (lambda s: s.list, lambda s, n, item: s.tuple(s.tuple(s.tuple(item))) + b"a", 0),
    "frozen": (lambda s: s.list, lambda s, n, item: b"(" + item + b"\x91a", 4),
    "tuple-keys": (lambda s: s.dict, lambda s, n, item: s.tuple(s.int(n), s.str(n)) + item + b"s", 0),
    "growing-keys": (lambda s: s.dict, lambda s, n, item: s.tuple(*[s.int(n)] * (n % 50)) + item + b"s", 0),
    "object-keys": (lambda s: s.dict, lambda s, n, item: s.call(s.int(n)) + item + b"s", 0),
    "in-ordered": (lambda s: s.global_(b"collections", b"OrderedDict") + s.tuple(s.list) + b"R", lambda s, n, item: s.str(n) + s.list + item + b"as", 2),
    "in-default": (lambda s: s.global_(b"collections", b"defaultdict") + s.tuple(s.get(F)) + b"R", lambda s, n, item: s.int(n) + item + b"s", 0),
    "deep": (lambda s: s.list, lambda s, n, item: s.list * 20 + item + b"a" * 21, 1),
    "wide": (lambda s: s.list, lambda s, n, item: b"(" + (s.list + item + b"a") * 20 + b"e", 2),
    "new-ex": (lambda s: s.f + s.nothing + s.dict + b"\x92", lambda s, n, item: item + b"b", 4),
    "extension": (lambda s: b"\x84\x01\x02\x03\x04" + s.nothing + b"R", lambda s, n, item: item + b"a", 2),
}

ITEMS = {
    "none": lambda s, n: b"N",
    "int": lambda s, n: s.int(n),
    "str": lambda s, n: s.str(n),
    "empty": lambda s, n: s.list,
    "tuple": lambda s, n: s.tuple(b"N"),
    "class": lambda s, n: s.get(F),
    "self": lambda s, n: s.get(SELF),
    "thing": lambda s, n: s.get(THING),
    "call": lambda s, n: s.call(),
    "call-self": lambda s, n: s.call(s.get(SELF)),
    "call-other": lambda s, n: s.call(s.get(OTHER)),
    "call-int": lambda s, n: s.call(s.int(n)),
    "call-call": lambda s, n: s.call(s.call()),
    "object": lambda s, n: s.call() + b"Nb",
    "object-dict": lambda s, n: s.call() + s.dict + s.int(n) + b"Nsb",
    "persid": lambda s, n: b"P%x\n" % n if s.text else s.int(n) + b"Q",
    "put": lambda s, n: s.call() + (b"p%d\n" % (NEXT + n % 5) if s.text else s.put(NEXT + n % 5)),
    "memoize": lambda s, n: s.call() + s.memoized(n),
    "memoize-list": lambda s, n: s.list + s.memoized(n) + s.call(s.get(SELF)) + b"a",
    "extension": lambda s, n: b"\x84" + struct.pack("<I", 1 + n % 1000),
    "extension-call": lambda s, n: b"\x82\x05" + s.tuple(s.get(SELF)) + b"R",
    "persid-object": lambda s, n: s.call() + b"Q",
    "bytes": lambda s, n: b"\x8e" + struct.pack("<Q", 3) + b"abc",
    "bytearray": lambda s, n: b"\x96" + struct.pack("<Q", 3) + b"abc",
    "array": lambda s, n: ARRAY % (s.int(n), s.call(s.get(SELF))),
    "set": lambda s, n: b"\x8f(" + s.int(n) + s.call() + b"\x90",
    "tuple-self": lambda s, n: s.tuple(s.get(SELF), s.call()),
    "dict": lambda s, n: s.dict + s.str(n) + s.call() + b"s",
}
LOWEST = {"memoize": 1, "memoize-list": 1, "extension": 2, "extension-call": 2, "persid-object": 1, "bytes": 4,
          "bytearray": 5, "array": 2, "set": 4}  # fmt: skip
ARRAY = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\n"
         b"U\x02O8K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ftb\x89](%s%setb")

BETWEEN = {
    "": lambda s, n: b"",
    "again": lambda s, n: b"0" + s.get(SELF),
    "called": lambda s, n: s.call(s.get(SELF)) + b"0",
    "call": lambda s, n: s.call() + b"0",
    "call-other": lambda s, n: s.call(s.get(OTHER)) + b"0",
    "call-int": lambda s, n: s.call(s.int(n)) + b"0",
    "before": lambda s, n: b"0" + s.call() + b"0" + s.get(SELF),
    "before-called": lambda s, n: b"0" + s.call(s.get(SELF)) + b"0" + s.get(SELF),
    "state": lambda s, n: s.get(THING) + b"Nb0",
    "grown": lambda s, n: s.get(OTHER) + b"Na0",
    "state-called": lambda s, n: s.get(THING) + s.call(s.get(SELF)) + b"b0",
    "grown-called": lambda s, n: s.get(OTHER) + s.call(s.get(SELF)) + b"a0",
    "list": lambda s, n: s.list + b"0",
    "object": lambda s, n: s.call() + s.dict + b"b0",
    "mark": lambda s, n: b"(" + s.call() + (b"0" * 1 + b"t0" if s.text else b"1"),
    "dup": lambda s, n: b"20",
    "get": lambda s, n: s.get(SELF) + b"0",
    "gets": lambda s, n: s.get(SELF) * 8 + b"0" * 8,
    "call-tuple": lambda s, n: s.call(s.tuple(s.get(SELF), s.get(OTHER))) + b"0",
    "call-set": lambda s, n: s.get(F) + b"(\x8f(" + s.int(n) + b"\x90tR0",
    "persid": lambda s, n: (b"P%x\n" % n if s.text else s.int(n) + b"Q") + b"0",
    "persid-called": lambda s, n: s.call(s.get(SELF)) + (b"0P%x\n0" % n if s.text else b"Q0"),
    "called-twice": lambda s, n: s.call(s.call(s.get(SELF)), s.get(SELF)) + b"0",
    "state-self": lambda s, n: s.get(THING) + s.get(SELF) + b"b0",
}
LOWEST_BETWEEN = {"call-set": 4}

UNHASHABLE = "empty", "self", "memoize-list", "bytearray", "array", "set", "dict", "tuple-self"
PROTOCOLS = 0, 2, 4, 5


def made(container, item, between, protocol, size, last=0, first=1000000):
    s = Spelling(protocol)
    begin, add, _ = CONTAINERS[container]
    head = [s.begin, s.f, s.put(F), b"0", s.list, s.put(OTHER), b"0", s.f + s.nothing + b"R", s.put(THING), b"0"]
    if container == "tuple":
        head += [s.list, s.put(SELF), b"0"]
    head.append(begin(s))
    if container != "tuple":
        head.append(s.put(SELF))
    length, n = sum(map(len, head)), first
    parts = head
    while length < size:
        n += 1
        part = add(s, n, ITEMS[item](s, n)) + BETWEEN[between](s, n)
        parts.append(part)
        length += len(part)
    parts.append(add(s, n + 1 + last, ITEMS["int"](s, 1 + last)))
    return b"".join(parts) + (b"t." if container == "tuple" else b".")


def kinds():
    for container, (_, _, of_container) in CONTAINERS.items():
        for item in ITEMS:
            for between in BETWEEN:
                lowest = of_container
                on_top = "again", "before", "before-called", "dup"
                if container == "tuple" and between in on_top or container in ("set", "frozen") and item in UNHASHABLE:
                    continue
                lowest = max(lowest, LOWEST.get(item, 0), LOWEST_BETWEEN.get(between, 0))
                for protocol in PROTOCOLS:
                    if protocol >= lowest:
                        yield container, item, between, protocol


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    wanted = re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
    os.makedirs(sys.argv[1], exist_ok=True)
    for kind in kinds():
        for prefix, first in ("growing", 1000000), ("every", 2000000):
            name = prefix + "-%s-%s-%s.%d" % kind
            if not wanted.search(name):
                continue
            for ending, difference in (".pkl", ()), (".other", (1, first)):
                with open(os.path.join(sys.argv[1], name + ending), "wb") as file:
                    file.write(made(*kind, size, *difference))
    return 0


if __name__ == "__main__":
    sys.exit(main())
