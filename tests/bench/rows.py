"""The rows of the benchmark: what is measured, what it must reach (floor) and what it should (goal).

value  RATIO    the fastest Python's CPU time / npickle's: at least floor and goal
       OTHER    the same against another row of Python's, `other`: numpy.save for pickle.dump
       BESIDE   the same against another format or library, `tool`, and its case `other`; no floor
       MACHINE  what the machine takes (memcpy, write(2)) / npickle's
       TIME     npickle's nanoseconds: at most
       BAD      npickle's time for a byte of this input / for a byte of ordinary input: at most
       PEAK     bytes beyond what was there: at most
       PROCESS  whole processes: Python's CPU time / npickle's
"""
import re

RATIO, OTHER, BESIDE, MACHINE = "ratio", "other", "beside", "machine"
TIME, BAD, PEAK, PROCESS = "time", "bad", "peak", "process"
KIB, MIB = 1 << 10, 1 << 20


class Row(object):
    def __init__(self, name, case, floor, goal, value=RATIO, machine=None, other=None, rounds=15, items=1, group="", tool=None):
        self.name, self.case, self.floor, self.goal, self.value = name, case, floor, goal, value
        self.machine, self.other, self.rounds, self.items, self.group = machine, other, rounds, items, group
        self.tool = tool

    def python2(self):
        return "py2." in self.case

    def files(self):
        """What of make.py it needs, in the order in which to make it."""
        return files_of(self.case.split()) + (files_of(self.other.split()) if self.tool else [])


def sized(size):
    return str({"64B": 64, "4K": 4 * KIB, "1M": MIB, "64M": 64 * MIB, "256M": 256 * MIB}[size])


# Other formats and libraries: the files that each works on.
TOOLS = {
    "yyjson": ["%(work)s.json", "%(work)s.digest"],
    "mpack": ["%(work)s.digest"],
    "serde-pickle": ["%(work)s.p4", "%(work)s.digest"],
    "pyferrite": ["%(work)s.p4", "%(work)s.digest"],
    "og-rek": ["%(work)s.p4", "%(work)s.digest"],
}


def sources_of(work):
    """What a work is written from."""
    sources = {"dict": ["strs.raw"], "records": ["names.raw"], "tuples": [], "nested": []}
    return sources.get(work, [work + ".raw"])


def files_of(words):
    name, rest = words[0], words[1:]
    tool = name.rpartition("-")[0]
    if tool in TOOLS:
        return [one % {"work": rest[0]} for one in TOOLS[tool]] + (sources_of(rest[0]) if tool == "mpack" else [])
    if name in ("array-dumps", "array-dump-file", "array-loads", "view"):
        return ["%s.%s" % tuple(rest[:2]), "%s.%s.p%s" % tuple(rest[:3])]
    if name in ("small-write", "small-read", "mixed-write", "mixed-read"):
        work = name.split("-")[0]
        return [work, "%s.p%s" % (work, rest[0])]
    if name == "walk":
        return ["%s.p%s" % tuple(rest), "%s.p%s.count" % tuple(rest)]
    if name == "loads" or name == "dumps-graph":
        return ["%s.p%s" % tuple(rest[:2])]
    if name.startswith("typed"):
        return ["%s.p%s" % tuple(rest[:2]), rest[0] + ".raw"]
    if name in ("dumps", "dumps-batch"):
        return ["%s.p%s" % tuple(rest[:2])] + sources_of(rest[0])
    if name == "lookup":
        return ["lookup%s.p4" % rest[0], "lookup%s.keys" % rest[0]]
    if name.startswith("float-"):
        return [rest[0] + ".raw", rest[0] + ".txt"]
    if name == "cast":
        return ["cast." + rest[0], "cast.%s-%s" % tuple(rest)]
    if name == "hostile":
        return [rest[0] + ".pbad"]
    if name == "peak":
        return ["u1." + rest[1], "u1.%s.p%s" % tuple(rest[1:3])]
    return {
        "transpose": ["cast.square", "cast.transposed"],
        "strided": ["cast.square", "cast.strided"],
        "fields": ["cast.structs", "cast.fields"],
    }.get(name, [])


ROWS = []


def row(name, case, floor, goal, *args, **keywords):
    ROWS.append(Row(name, case, floor, goal, *args, **keywords))


def protocol_name(protocol):
    return protocol.replace(".", "-p") if "." in protocol else "p" + protocol


def array(what, kind, size, protocol, where, floor, goal, **keywords):
    """A row of one array; `where`: what is written to, or read into."""
    case = {"dumps": "array-dumps", "loads": "array-loads", "dump": "array-dump-file", "load": "array-loads"}[what]
    keywords.setdefault("machine", None if size == "64B" else "memcpy " + sized(size))
    if size == "64M":
        keywords.setdefault("rounds", 5)
    row(
        "%s-%s-%s-%s-%s" % (protocol_name(protocol), what, kind, size, where),
        "%s %s %s %s %s" % (case, kind, sized(size), protocol, where),
        floor,
        goal,
        group="Arrays",
        **keywords
    )


# --- arrays ---
array("dumps", "u1", "1M", "2", "fixed", 20, 35)
array("dumps", "f8", "1M", "2", "fixed", 20, 28)
array("loads", "u1", "1M", "2", "into", 14, 20)
array("loads", "f8", "1M", "2", "into", 14, 20)
array("dumps", "i4", "1M", "2", "fixed", 3, 5)
array("loads", "i4", "1M", "2", "into", 2.5, 4)
array("dump", "u1", "64M", "2", "file", 7, 10, machine="write %d" % (64 * MIB))
array("load", "u1", "64M", "2", "file", 7, 10)
for size in ("1M", "64M"):
    for what in ("dumps", "loads"):
        for protocol in "012345":
            array(what, "u1", size, protocol, "own", *((8, 13) if protocol in "12" else (1, 1.5)))
for kind, loads in (("u1", (4, 6)), ("f8", (4, 6)), ("i4", (2.5, 4))):
    array("dumps", kind, "1M", "0", "fixed", 5, 8)
    array("loads", kind, "1M", "0", "into", *loads)
array("dumps", "u1", "1M", "py2.0", "fixed", 30, 40)
array("loads", "u1", "1M", "py2.0", "into", 5, 8)
array("dumps", "u1", "64M", "3", "fixed", 6, 10)
array("dumps", "u1", "64M", "4", "fixed", 6, 10)
FILE5 = "array-dump-file u1 %d 5 file" % (64 * MIB)
row("p5-dump-64M-np.save", FILE5, 0.95, 0.95, OTHER, other="np-save u1 %d" % (64 * MIB), rounds=7, group="Arrays")
row("p5-dump-64M-write(2)", FILE5, None, 0.95, MACHINE, machine="write %d" % (64 * MIB), rounds=7, group="Arrays")
for protocol, size in (("2", "64B"), ("3", "64B"), ("4", "64B"), ("2", "4K"), ("4", "4K")):
    array("dumps", "u1", size, protocol, "fixed", 8, 15)
VIEWED = ("3", "4", "5", "py2.1", "py2.2")
for protocol in VIEWED:
    row("view-64B-" + protocol_name(protocol), "view u1 64 " + protocol, 500, 250, TIME, group="Views")
for protocol in VIEWED:
    row("view-1G-" + protocol_name(protocol), "view-1g " + protocol, 500, 250, TIME, group="Views")
SMALL = [("write", 2, 15, 30), ("write", 4, 10, 20), ("read", 2, 5, 10), ("read", 4, 5, 7)]
for what, protocol, floor, goal in SMALL:
    row("small-%s-p%d" % (what, protocol), "small-%s %d" % (what, protocol), floor, goal, items=10000, group="Small arrays")
for what, protocol, floor, goal in SMALL: # five types, lengths of 1 to 40, one and two dimensions
    row("mixed-%s-p%d" % (what, protocol), "mixed-%s %d" % (what, protocol), floor, goal, items=10000, group="Small arrays")

# --- many small values: name, how many of it, floors and goals ---
GENERIC = [
    # work, items, loads reused, dumps by calls, dumps of a graph
    ("ints8", 100000, (1, 1.5), (1, None), (0.5, 1)),
    ("ints32", 100000, (4, 8), (2, 4), (0.5, 1)),
    ("ints64", 100000, (4, 8), (2, 4), (0.5, 1)),
    ("floats", 100000, (4, 8), (2, 4), (0.5, 1)),
    ("strs", 100000, (4, 8), (5, 8), (1.2, 2)),
    ("repeated", 100000, (None, None), (None, None), (0.5, 1)),
    ("dict", 100000, (6, 12), (5, 8), (1.2, 2)),
    ("tuples", 120000, (2, 4), (None, None), (0.5, 1)),
    ("nested", 110000, (None, None), (None, None), (0.5, 1)),
    ("records", 120000, (2, 4), (1.2, 2), (0.5, 1)),
]
NOT_ASCII = ("cyrillic", "accents", "han")
for work, items, loads, dumps, graph in GENERIC:
    row("loads-%s-reused" % work, "loads %s 4 reused" % work, loads[0], loads[1], items=items, group="Loads, protocol 4")
for work in NOT_ASCII:
    row("loads-%s-reused" % work, "loads %s 4 reused" % work, 4, 8, items=100000, group="Loads, protocol 4")
    row("loads-%s-fresh" % work, "loads %s 4 fresh" % work, 1, 2, items=100000, group="Loads, protocol 4")
for work, items, loads, dumps, graph in GENERIC:
    row("loads-%s-fresh" % work, "loads %s 4 fresh" % work, 1, 2, items=items, group="Loads, protocol 4")
row("typed-floats", "typed-floats million-floats 4", 10, 20, items=10**6, rounds=7, group="Loads, protocol 4")
row("typed-ints", "typed-ints million-ints 4", 10, 20, items=10**6, rounds=7, group="Loads, protocol 4")
row("typed-graph-floats", "typed-graph-floats million-floats 4", None, None, items=10**6, rounds=7, group="Loads, protocol 4")
row("typed-graph-ints", "typed-graph-ints million-ints 4", None, None, items=10**6, rounds=7, group="Loads, protocol 4")
for work, items, loads, dumps, graph in GENERIC:
    row("dumps-%s-calls" % work, "dumps %s 4" % work, dumps[0], dumps[1], items=items, group="Dumps, protocol 4")
for work in ("ints8", "ints32", "ints64", "floats", "strs"):
    row("dumps-%s-batch" % work, "dumps-batch %s 4" % work, 5, 10, items=100000, group="Dumps, protocol 4")
for work, items, loads, dumps, graph in GENERIC:
    row("dumps-%s-graph" % work, "dumps-graph %s 4" % work, graph[0], graph[1], items=items, group="Dumps, protocol 4")
for work in ("ints32", "floats"):
    row("p0-loads-" + work, "loads %s 0 reused" % work, None, None, items=100000, group="Protocol 0")
    row("p0-dumps-" + work, "dumps %s 0" % work, None, None, items=100000, group="Protocol 0")

# --- texts, look-up, opcodes ---
for work in ("floats", "bits"):
    row("print-" + work, "float-print " + work, 5, 10, items=100000, group="Floats as text")
    row("parse-" + work, "float-parse " + work, 4, 7, items=100000, group="Floats as text")
row("lookup-10000", "lookup 10000", 1, 2, items=10**4, group="Look-up")
row("lookup-1000000", "lookup 1000000", 1, 2, items=10**6, rounds=5, group="Look-up")
row("walk-records-p4", "walk records 4", 60, 120, items=0, rounds=9, group="Opcodes")
row("walk-ints-p0", "walk ints32 0", 60, 120, items=0, rounds=9, group="Opcodes")

# --- casts ---
for kind, to in (("i2", "f8"), ("f8", "i4"), ("u1", "f4"), (">i2", "<i2"), (">f8", "<f8"), ("f8", "f4"), ("i8", "f8")):
    row("cast-%s-%s" % (kind, to), "cast %s %s" % (kind, to), 1, 1.2, items=1 << 18, group="Casts")
row("transposed", "transpose", 1, 1.5, items=1 << 20, group="Casts")
row("strided", "strided", 1, 1.5, items=1 << 19, group="Casts")
row("struct-by-name", "fields", 1, 1.5, items=100000, group="Casts")

# --- whole processes: npickle's arguments; Python's program; files ---
row("process-info-200MB", "info big.p4", 100, 300, PROCESS, rounds=3, group="Processes")
for name in ("check", "show", "diff", "differ", "convert"):
    row("process-%s-300k-dicts" % name, name + " many-records.p4", 2, 4, PROCESS, rounds=3, group="Processes")

# --- memory ---
PAYLOAD = 256 * MIB
for way in ("write", "write-fd"):
    for protocol in "0245":
        case = "peak %s %d %s" % (way, PAYLOAD, protocol)
        row("peak-%s-p%s" % (way, protocol), case, 256 * KIB, 256 * KIB, PEAK, group="Memory")
for way in ("read", "read-mapped", "read-fd"):
    for protocol in "024" if way == "read-fd" else "2":
        case = "peak %s %d %s" % (way, PAYLOAD, protocol)
        row("peak-%s-p%s" % (way, protocol), case, 1.01 * PAYLOAD, 1.005 * PAYLOAD, PEAK, group="Memory")
row("peak-read-into-p2", "peak read-into %d 2" % PAYLOAD, 0.01 * PAYLOAD, 0.005 * PAYLOAD, PEAK, group="Memory")
row("peak-view-p4", "peak view %d 4" % PAYLOAD, 256 * KIB, 64 * KIB, PEAK, group="Memory")

# --- bad input ---
BAD_INPUT = "floats-e300 longs-4300 dtype-calls tuple1-chain sparse-put memoize gets deep marks instances".split()
BAD_INPUT += "empty-dicts builds persids dups sparse-memoize calls calls-of-a-list inst globals short-floats".split()
BAD_INPUT += "dropped-persids dropped-tuples walked-persids".split()
BAD_INPUT += "got-persids copied-persids copied-tuples copied-extensions".split()
for name in BAD_INPUT:
    row("bad-" + name, "hostile " + name, 3, 3, BAD, rounds=7, group="Bad input")
BENIGN = ["loads %s %d fresh" % (work[0], protocol) for work in GENERIC for protocol in (0, 2, 4)]
BENIGN += ["loads small %d fresh" % protocol for protocol in (2, 4)]

# --- other formats, and other libraries for pickles. They are no rivals: no row has a floor. ---
BESIDE_ROWS = "Other formats and libraries"
ARRAY_BESIDE = [
    # npickle's case, NumPy's
    ("dumps-u1-1M-np.copyto", "array-dumps u1 %d 5 fixed" % MIB, "np-copyto u1 %d" % MIB),
    ("loads-u1-1M-np.copyto", "array-loads u1 %d 5 into" % MIB, "np-copyto u1 %d" % MIB),
    ("load-u1-64M-np.load", "array-loads u1 %d 5 file" % (64 * MIB), "np-load u1 %d" % (64 * MIB)),
]
for name, case, other in ARRAY_BESIDE:
    row("p5-" + name, case, None, None, OTHER, other=other, rounds=7, group=BESIDE_ROWS)
# The goals are those of reading into memory that is kept.
YYJSON_GOALS = dict.fromkeys(("ints8", "ints32", "ints64", "floats"), 1)
YYJSON_GOALS.update(tuples=1 / 1.5, records=1 / 1.5, dict=1 / 2)
FORMATS = [
    # what it does: npickle's case, its words after the work
    ("yyjson", "loads", "loads %s 4 reused", " reused"),
    ("yyjson", "dumps", "dumps-graph %s 4", ""),
    ("mpack", "loads", "loads %s 4 reused", " reused"),
    ("mpack", "dumps", "dumps %s 4", ""),
]
FORMATS += [(tool, "loads", "loads %s 4 fresh", " 4") for tool in ("serde-pickle", "pyferrite", "og-rek")]
FORMATS += [(tool, "dumps", "dumps-graph %s 4", " 4") for tool in ("serde-pickle", "pyferrite", "og-rek")]
TOO_SLOW = [("pyferrite", "dict")]  # a dict is a list to it, looked through for each key: minutes
for tool, what, case, words in FORMATS:
    for work, items, _, _, _ in GENERIC:
        if (tool, work) in TOO_SLOW:
            continue
        goal = YYJSON_GOALS.get(work) if (tool, what) == ("yyjson", "loads") else None
        other = "%s-%s %s%s" % (tool, what, work, words)
        name = "%s-%s-%s" % (tool, what, work)
        row(name, case % work, None, goal, BESIDE, other=other, tool=tool, rounds=9, items=items, group=BESIDE_ROWS)

HEADLINES = [
    ("p2-dumps-u1-1M-fixed", "1 MiB of bytes to a pickle of protocol 2"),
    ("p2-loads-u1-1M-into", "and back, into an array that is there"),
    ("p2-dump-u1-64M-file", "64 MiB to a new file, protocol 2"),
    ("p0-dumps-i4-1M-fixed", "1 MiB of small int32 to a pickle of protocol 0"),
    ("p4-dumps-u1-64M-fixed", "64 MiB to a pickle of protocol 4, in a buffer that is there"),
    ("view-1G-p4", "a view of 1 GiB in a pickle of protocol 4"),
    ("small-write-p2", "10,000 arrays of 10 doubles, protocol 2, written"),
    ("loads-dict-fresh", "a dict of 100,000 texts and ints, protocol 4, read"),
    ("dumps-strs-calls", "a list of 100,000 texts, protocol 4, written"),
    ("print-floats", "100,000 doubles as text, as repr() has them"),
]


def chosen(pattern, tools):
    """Those whose name the pattern is found in, or whose group is it, and whose tool is there."""
    wanted = [one for one in ROWS if re.search(pattern, one.name) or pattern == one.group]
    return [one for one in wanted if one.tool is None or one.tool in tools]
