"""What every command takes for a file, against what it takes for ordinary files of the same size.

    proportion.py [--count instructions] NPICKLE MEASURE FILE-OR-DIRECTORY...

MEASURE is the program of measure.c. --count instructions: valgrind's, in millions, for a machine that has other work,
with the clock beside it. That takes fifty times as long, so files of 64 KB are enough, and what takes less than twice
as long as ordinary files by the clock, to which other work only adds, is not counted.

Ordinary are four files that are made here: records (dicts of texts and numbers), the same in a pickle each, small
arrays, and one large array; the dearest of them counts. A file NAME.pkl is compared with itself, and with NAME.other if
that is there. Flags what takes more than 10 times as much time or memory (below 5 ms, half a million instructions and
8 MiB nothing is flagged: that much is starting the program), what writes more than 10 times as much, than 100 times its
size and than 8 MiB, what ends by a signal or not within 5 seconds. The least of three runs counts, of the ordinary ones
and of what is looked at more closely: whatever else the machine does only adds. To make a file takes the system longer
than anything else that is done for a small array: where extract makes more files than of the ordinary ones, each of
these more may take what one of those took.

Prints a line for each command of each file that is flagged; a table of the highest of all, as it stands in
doc/performance.md; and the highest of each command. Exit status 1 if anything was flagged.
"""

import argparse
import collections
import os
import pickle
import re
import shutil
import struct
import subprocess
import sys
import tempfile

TIMES = 10
LEAST_SECONDS = 0.005
LEAST_INSTRUCTIONS = 0.5e6
LEAST_KIBIBYTES = 8 << 10
LEAST_OUTPUT = 8 << 20
OUTPUT_TIMES = 100
SECONDS = 5
RUNS = 3
LOOK_TIMES = 2
VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
LONGEST_ARGUMENT = 100 << 10  # Linux has 128 KiB

ARRAY = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K%c\x85"
         b"cnumpy\ndtype\nX\x02\x00\x00\x00f8\x89\x88\x87R(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
         b"\x89B%s%stb")


def array(count):
    payload = bytes(range(8)) * count
    head = ARRAY.replace(b"K%c\x85", b"J" + struct.pack("<i", count) + b"\x85")
    return head.replace(b"%s%s", struct.pack("<I", len(payload)) + payload)


def rows(size):
    return [{"name": "row %d" % i, "value": i * 1.5, "count": i} for i in range(max(1, size // 60))]


def records(size):
    return pickle.dumps(rows(size), 2)


def stream(size):
    return b"".join(pickle.dumps(row, 2) for row in rows(size))


def arrays(size):
    one = array(3)
    return b"\x80\x03](" + one * max(1, size // len(one)) + b"e."


def large_array(size):
    return b"\x80\x03" + array(max(1, (size - 200) // 8)) + b"."


BENIGN = [records, stream, arrays, large_array]


def other_of(path):
    return os.path.splitext(path)[0] + ".other"


def commands(tool, path, out):
    """(name, arguments) of what is run over a file."""
    yield "info", ["info", path]
    yield "info --json", ["info", "--json", path]
    yield "show", ["show", path]
    yield "show KEY", ["show", path, "['\\n']"]
    yield "show --json", ["show", "--json", path]
    yield "show --csv", ["show", "--csv", path]
    yield "check", ["check", path]
    yield "check --strict", ["check", "--strict", path]
    yield "diff", ["diff", path, path]
    if os.path.exists(other_of(path)):
        yield "diff other", ["diff", path, other_of(path)]
    yield "dis", ["dis", path]
    yield "dis -a", ["dis", "-a", path]
    if path.endswith(".npy"):
        yield "convert", ["convert", path, out + "/out.pkl"]
    else:
        for protocol in range(6):
            yield "convert -p %d" % protocol, ["convert", "-p", str(protocol), path, out + "/out.pkl"]
        for kind in "text", "utf8", "bytes":
            yield "convert --py2-str=" + kind, ["convert", "-p", "4", "--py2-str=" + kind, path, out + "/out.pkl"]
        yield "convert python2", ["convert", "--dialect=python2", path, out + "/out.pkl"]
        yield "convert numpy2", ["convert", "--dialect=numpy2", path, out + "/out.pkl"]
    yield "extract", ["extract", path, "-d", out + "/arrays"]
    for kept in "info", "show", "check", "diff", "extract":
        more = {"diff": [path], "extract": ["-d", out + "/arrays"]}.get(kept, [])
        yield kept + " -k", [kept, "-k", path] + more
    if not path.endswith(".npy"):
        yield "convert -k", ["convert", "-k", "-p", "4", path, out + "/out.pkl"]
    found = first_path(tool, path)
    yield "set", ["set", path, found, out + "/one.npy", out + "/set" + os.path.splitext(path)[1]]


def first_path(tool, path):
    """That of the first array, which stands in front of the kind; "" without one."""
    try:
        got = subprocess.run([tool, "info", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    for line in got.stdout.decode("utf-8", "replace").splitlines()[1:]:
        word = line.strip().split("  ")[0]
        if word.startswith("[") or word.startswith("."):
            return word if len(word) < LONGEST_ARGUMENT else ""
    return ""


def files_in(folder):
    return [os.path.join(d, f) for d, _, files in os.walk(folder) for f in files]


def size_of(folder):
    return sum(os.path.getsize(path) for path in files_in(folder))


# seconds of processor time, of which other work on the machine makes more; count: instructions, 0 if not counted
One = collections.namedtuple("One", "status seconds count memory written files")


def run(program, tool, arguments, work):
    """What one command takes, without a count."""
    with open(work + "/one.npy", "wb") as one:
        head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
        one.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + head.ljust(117) + b"\n" + bytes(8))
    got = subprocess.run([program, str(SECONDS), tool] + arguments, stdout=subprocess.PIPE, check=True)
    status, seconds, memory, out, err = got.stdout.split()
    written = int(out) + int(err) + size_of(work) - 136
    files = len(files_in(work + "/arrays"))
    shutil.rmtree(work + "/arrays", ignore_errors=True)
    for left in os.listdir(work):
        if left != "one.npy":
            os.remove(os.path.join(work, left))
    return One(int(status), float(seconds), 0, int(memory), written, files)


def instructions(tool, arguments, work):
    got = subprocess.run(VALGRIND + [tool] + arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    shutil.rmtree(work + "/arrays", ignore_errors=True)
    return int(re.search(rb"== I +refs: +([\d,]+)", got.stderr).group(1).replace(b",", b""))


def measure(program, tool, path, count, looks):
    """{command: One}, of the run that takes the least time; looks(name, one): whether there are others, and a count"""
    results = {}
    work = tempfile.mkdtemp()
    try:
        for name, arguments in commands(tool, path, work):
            one = run(program, tool, arguments, work)
            for _ in range(RUNS - 1):
                if looks(name, one):
                    one = min(one, run(program, tool, arguments, work), key=lambda each: each.seconds)
            if count and looks(name, one):
                one = one._replace(count=instructions(tool, arguments, work))
            results[name] = one
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return results


def ordinary(program, tool, size, count, known={}):
    """The dearest of the ordinary files of about that size, for each command."""
    step = 1024
    while step < size:
        step += step // 8
    if step not in known:
        worst = {}
        folder = tempfile.mkdtemp()
        try:
            for make in BENIGN:
                path = os.path.join(folder, make.__name__ + ".pkl")
                for name, length in (path, size), (other_of(path), size - 200):
                    with open(name, "wb") as file:
                        file.write(make(length))
                for name, one in measure(program, tool, path, count, lambda *_: True).items():
                    worst[name] = One(*map(max, worst.get(name, one), one))
        finally:
            shutil.rmtree(folder)
        known[step] = worst
    return known[step]


Ratios = collections.namedtuple("Ratios", "seconds count memory")


def ratios_of(one, usual):
    files = max(1, one.files / max(1, usual.files))
    return Ratios(one.seconds / max(usual.seconds * files, LEAST_SECONDS),
                  one.count / max(usual.count * files, LEAST_INSTRUCTIONS),
                  one.memory / max(usual.memory, LEAST_KIBIBYTES))


def judge(size, one, usual, count):
    """What is wrong, in words; none if nothing is."""
    ratios = ratios_of(one, usual)
    wrong = []
    if one.status >= 128:
        wrong.append("does not end" if one.status in (128 + 9, 128 + 24) else "ends by signal %d" % (one.status - 128))
    if (ratios.count if count else ratios.seconds) > TIMES:
        wrong.append("time")
    if ratios.memory > TIMES:
        wrong.append("memory")
    if one.written > max(LEAST_OUTPUT, OUTPUT_TIMES * size, TIMES * usual.written):
        wrong.append("output")
    return ", ".join(wrong)


COLUMNS = "%-44s %-24s %6s %9s %6s %9s %6s %9s %6s %10s  %s"
HEAD = "| file | command | millions of instructions | times | ms | times | MiB | times |\n" + 8 * "|---" + "|"
HIGHEST = 25


def line_of(path, name, one, ratios, wrong):
    counted = ("%.1f" % (one.count / 1e6), "%.1f" % ratios.count) if one.count else ("", "")
    return COLUMNS % ((os.path.basename(path)[:44], name, one.status) + counted + (
        "%.1f" % (one.seconds * 1e3), "%.1f" % ratios.seconds, one.memory, "%.1f" % ratios.memory, one.written, wrong))


def row_of(path, name, one, ratios):
    counted = "%.0f | %.1f" % (one.count / 1e6, ratios.count) if one.count else " | "
    return "| %s | %s | %s | %.1f | %.1f | %.1f | %.1f |" % (
        os.path.splitext(os.path.basename(path))[0], name, counted, one.seconds * 1e3, ratios.seconds,
        one.memory / 1024, ratios.memory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", choices=["clock", "instructions"], default="clock")
    parser.add_argument("tool")
    parser.add_argument("measure")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    tool, program, count = options.tool, options.measure, options.count == "instructions"
    paths = []
    for given in options.files:
        if os.path.isdir(given):
            paths += [os.path.join(given, name) for name in sorted(os.listdir(given)) if name.endswith((".pkl", ".npy"))]
        else:
            paths.append(given)
    print(COLUMNS % ("file", "command", "status", "M", "times", "ms", "times", "KiB", "times", "bytes", ""))
    flagged = runs = 0
    worst = []
    highest = {}
    for path in paths:
        size = os.path.getsize(path)
        usual = ordinary(program, tool, size, count)

        def usual_of(name):
            return usual.get(name, usual["convert -p 2"])

        def looks(name, one):
            if count:
                return one.seconds > LOOK_TIMES * usual_of(name).seconds
            return judge(size, one, usual_of(name), False) != ""

        for name, one in measure(program, tool, path, count, looks).items():
            ratios, wrong = ratios_of(one, usual_of(name)), judge(size, one, usual_of(name), count)
            runs += 1
            by = ratios.count if count else ratios.seconds
            highest[name] = max(highest.get(name, (0,)), (by, os.path.basename(path)))
            if wrong:
                flagged += 1
                print(line_of(path, name, one, ratios, wrong))
                sys.stdout.flush()
            worst.append((max(by, ratios.memory), row_of(path, name, one, ratios)))
    print("\n" + HEAD)
    for _, row in sorted(worst, reverse=True)[:HIGHEST]:
        print(row)
    print("\nthe highest in time of each command:")
    for name, (ratio, path) in sorted(highest.items(), key=lambda one: one[1], reverse=True):
        print("%6.1f  %-24s %s" % (ratio, name, path))
    print("\n%d files, %d runs, %d out of proportion" % (len(paths), runs, flagged))
    return 1 if flagged else 0


if __name__ == "__main__":
    sys.exit(main())
