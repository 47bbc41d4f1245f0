"""CPython and NumPy's side of the benchmark: a child of driver.py that answers as main.c does. Python 2.7 and 3.

    python peer.py DIRECTORY

It times its own loops on the CPU's clock. The garbage collector is off, which makes it faster.
"""
import array
import gc
import os
import resource
import struct
import sys
import time

import numpy as np

import make

PYTHON2 = sys.version_info[0] == 2
if PYTHON2:
    import cPickle as pickle
else:
    import pickle
    import pickletools

DIRECTORY = make.DIRECTORY


class Absent(Exception):
    pass


def path(name):
    return os.path.join(DIRECTORY, name)


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


def read_set(name):
    data, index = read(name), read(name + ".idx")
    at = struct.unpack("=%dQ" % (len(index) // 8), index)
    return [data[at[i] : at[i + 1]] for i in range(len(at) - 1)]


def loads(data, protocol):
    if protocol.startswith("py2.") and not PYTHON2:
        return pickle.loads(data, encoding="latin1")
    if not protocol.startswith("py2.") and PYTHON2:
        raise Absent("Python 2")
    return pickle.loads(data)


def same(one, other):
    """The same values, of the same types."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, list) and one and isinstance(one[0], np.ndarray):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and repr(one) == repr(other)


def rotate(work, items):
    """work(item) for each in turn."""
    state = [0]

    def once():
        work(items[state[0] % len(items)])
        state[0] += 1

    return once


# --- each gives what is timed, a check, and what is done before each time, or None ---


def array_dumps(kind, size, protocol, sink):
    if protocol.startswith("py2.") != PYTHON2:
        raise Absent("another Python")
    number = int(protocol[-1])
    values = make.arrays(kind, int(size))

    def check():
        return all(same(pickle.loads(pickle.dumps(value, number)), value) for value in values)

    def check_file():
        with open(target, "rb") as file:
            return same(pickle.load(file), values[0])

    if sink == "file":
        target = path("written")

        def dump():
            with open(target, "wb") as file:
                pickle.dump(values[0], file, number)

        return dump, check_file, lambda: os.path.exists(target) and os.unlink(target)
    return rotate(lambda value: pickle.dumps(value, number), values), check, None


def array_loads(kind, size, protocol, where):
    name = "%s.%s.p%s" % (kind, size, protocol)
    values, pickles = make.arrays(kind, int(size)), read_set(name)

    def check():
        return all(same(loads(one, protocol), value) for one, value in zip(pickles, values))

    def load():
        with open(path(name), "rb") as file:
            return pickle.load(file)

    check()
    if where == "file":
        return load, lambda: same(load(), values[0]), None
    if protocol.startswith("py2.") and not PYTHON2:
        return rotate(lambda one: pickle.loads(one, encoding="latin1"), pickles), check, None
    return rotate(pickle.loads, pickles), check, None


def np_save(kind, size):
    value, target = make.arrays(kind, int(size))[0], path("written.npy")
    return (
        lambda: np.save(target, value),
        lambda: np.array_equal(np.load(target), value),
        lambda: os.path.exists(target) and os.unlink(target),
    )


def np_load(kind, size):
    value, target = make.arrays(kind, int(size))[0], path("saved.npy")
    np.save(target, value)
    return lambda: np.load(target), lambda: np.array_equal(np.load(target), value), None


def np_copyto(kind, size):
    value = make.arrays(kind, int(size))[0]
    return copyto(np.zeros_like(value), value, "%s.%s" % (kind, size))


def work_loads(work, protocol, _how=""):
    if PYTHON2:
        raise Absent("Python 2")
    data = read(work + ".p" + protocol)
    expected = make.WORKS[work]()
    return lambda: pickle.loads(data), lambda: same(pickle.loads(data), expected), None


def typed(work, protocol):
    if PYTHON2:
        raise Absent("Python 2")
    data = read(work + ".p" + protocol)
    code = "d" if work.endswith("floats") else "q"  # array.array takes less time than numpy.array
    expected = read(work + ".raw")
    return lambda: array.array(code, pickle.loads(data)), lambda: array.array(code, pickle.loads(data)).tobytes() == expected, None


def work_dumps(work, protocol):
    if PYTHON2:
        raise Absent("Python 2")
    number, value = int(protocol), make.separate(make.WORKS[work]())
    return lambda: pickle.dumps(value, number), lambda: same(pickle.loads(pickle.dumps(value, number)), value), None


def walk(work, protocol):
    if PYTHON2:
        raise Absent("Python 2")
    data = read(work + ".p" + protocol)

    def once():
        for _ in pickletools.genops(data):
            pass

    expected = struct.unpack("=Q", read("%s.p%s.count" % (work, protocol)))[0]
    return once, lambda: sum(1 for _ in pickletools.genops(data)) == expected, None


def lookup(count):
    if PYTHON2:
        raise Absent("Python 2")
    table = pickle.loads(read("lookup%s.p4" % count))
    keys = [key.decode() for key in read("lookup%s.keys" % count).split(b"\0")[:-1]]

    def once():
        total = 0
        for key in keys:
            total += table[key]
        return total

    return once, lambda: once() == len(keys) * (len(keys) - 1) // 2, None


def float_print(work):
    values = np.frombuffer(read(work + ".raw"), "f8").tolist()
    expected = read(work + ".txt")
    return lambda: list(map(repr, values)), lambda: "".join(repr(v) + "\n" for v in values).encode() == expected, None


def float_parse(work):
    lines = read(work + ".txt").decode().split("\n")[:-1]
    expected = np.frombuffer(read(work + ".raw"), "f8").tolist()
    return lambda: list(map(float, lines)), lambda: list(map(float, lines)) == expected, None


def copyto(out, value, expected):
    """numpy.copyto, and that it gives these bytes."""

    def once():
        np.copyto(out, value, casting="unsafe")

    return once, lambda: once() or out.tobytes() == read(expected), None


def cast(kind, to):
    value = np.frombuffer(read("cast." + kind), kind)
    return copyto(np.zeros(len(value), to), value, "cast.%s-%s" % (kind, to))


def square():
    return np.frombuffer(read("cast.square"), "f8").reshape(make.SIDE, make.SIDE)


def transpose():
    return copyto(np.zeros((make.SIDE, make.SIDE)), square().T, "cast.transposed")


def strided():
    return copyto(np.zeros((make.SIDE, make.SIDE // 2)), square()[:, ::2], "cast.strided")


def fields():
    value = np.frombuffer(read("cast.structs"), "<f4,<i8,<f8")
    out = np.zeros(make.STRUCTS, "<f8,<f4")

    def once():
        out["f0"] = value["f2"]
        out["f1"] = value["f0"]

    return once, lambda: once() or out.tobytes() == read("cast.fields"), None


CASES = {
    "array-dumps": array_dumps,
    "array-dump-file": array_dumps,
    "array-loads": array_loads,
    "view": lambda kind, size, protocol: array_loads(kind, size, protocol, "own"),
    "np-copyto": np_copyto,
    "np-save": np_save,
    "np-load": np_load,
    "small-write": lambda protocol: work_dumps("small", protocol),
    "small-read": lambda protocol: work_loads("small", protocol),
    "mixed-write": lambda protocol: work_dumps("mixed", protocol),
    "mixed-read": lambda protocol: work_loads("mixed", protocol),
    "loads": work_loads,
    "typed-floats": typed,
    "typed-ints": typed,
    "typed-graph-floats": typed,
    "typed-graph-ints": typed,
    "dumps": work_dumps,
    "dumps-batch": work_dumps,
    "dumps-graph": work_dumps,
    "walk": walk,
    "lookup": lookup,
    "float-print": float_print,
    "float-parse": float_parse,
    "cast": cast,
    "transpose": transpose,
    "strided": strided,
    "fields": fields,
}


# --- the clock, and the protocol ---

if hasattr(time, "process_time_ns"):
    cpu = time.process_time_ns
else:

    def cpu():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return int((usage.ru_utime + usage.ru_stime) * 1e9)


def run(once, before, count):
    at_once = 1 if before else count
    used, wall = 0, time.time()
    for _ in range(0, count, at_once):
        if before:
            before()
        start = cpu()
        for _ in range(at_once):
            once()
        used += cpu() - start
    return "%d %d" % (used, (time.time() - wall) * 1e9)


def answer(words, state):
    if words[0] == "prep":
        state[:] = []
        if words[1] not in CASES:
            return "absent no such case"
        state.extend(CASES[words[1]](*words[2:]))
        return "ok"
    if words[0] == "check":
        if state[2]:
            state[2]()
        state[0]()
        return "ok" if state[1]() else "wrong"
    if words[0] == "run":
        return run(state[0], state[2], int(words[1]))
    state[:] = []
    return "ok"


def main():
    gc.disable()
    state = []
    while True:
        words = sys.stdin.readline().split()
        if not words or words[0] == "quit":
            return
        try:
            reply = answer(words, state)
        except (Absent, IOError, KeyError, MemoryError) as error:
            reply = "absent " + " ".join(str(error).split())
        sys.stdout.write(reply + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
