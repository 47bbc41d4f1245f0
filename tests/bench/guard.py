"""What may not become dearer, counted and not measured: instructions (callgrind), memory and calls to the system.

    python3 guard.py OURS EXACT COMPILER COUNTS [record]

    COMPILER   its command and options
    COUNTS     the file of what was counted before; record: it is written anew for this compiler

Instructions are those of the program itself, libc's apart, in one call of bench_measured, with the machine's level set: within 2 %
of what was counted before by the same compiler of the same major version. Of another there is nothing to compare with, which is no
failure. Memory and calls to the system are to be exactly the same.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import driver
import rows

TOLERANCE = 0.02
PLAIN, SSE41, AVX2 = 0, 2, 3  # base/cpu.h; valgrind has no AVX-512

CELLS = [(case, level) for case in (
    "array-dumps u1 65536 2 fixed", "array-loads u1 65536 2 into", "array-dumps u1 65536 0 fixed", "array-loads u1 65536 0 into",
) for level in (PLAIN, SSE41, AVX2)] + [(case, AVX2) for case in (
    "array-dumps u1 64 4 fixed", "array-loads u1 64 4 into", "view u1 64 4", "small-write 2", "small-write 4", "small-read 4",
    "loads ints8 4 fresh", "loads floats 4 fresh", "loads strs 4 fresh", "loads dict 4 fresh", "loads records 4 fresh",
    "dumps ints32 4", "dumps strs 4", "dumps records 4", "dumps-graph dict 4", "dumps-graph records 4",
    "float-print floats", "float-parse floats", "walk records 4", "lookup 10000", "cast i2 f8", "cast >f8 <f8", "transpose", "fields",
)]  # fmt: skip

EXACT = ["write u1.4194304 %d" % protocol for protocol in (0, 2, 3, 4, 5)]
EXACT += ["own u1.4194304 %d" % protocol for protocol in (2, 4)]
EXACT += ["read u1.4194304 %d %s" % (protocol, way) for protocol in (0, 2, 4) for way in ("read", "map")]
EXACT += ["view u1.4194304 4", "load records 4", "load small 4", "dump records 4"]


def compiler_of(command):
    """gcc-12 -O2"""
    words = command.split()
    compiler = [word for word in words if not word.startswith("-")]
    about = subprocess.check_output([compiler[-1], "--version"]).decode()
    number = subprocess.check_output([compiler[-1], "-dumpversion"]).decode().strip().split(".")[0]
    level = ([word for word in words if word.startswith("-O")] or ["-O0"])[-1]
    return "%s-%s %s" % ("clang" if "clang" in about else "gcc", number, level)


def instructions(path, program):
    """Of a callgrind file: what the functions of `program` took themselves."""
    names, total, ours, skip = {}, 0, False, False
    with open(path) as file:
        for line in file:
            named = re.match(r"ob=\((\d+)\)(?: (.*))?$", line.rstrip())
            if named:
                names.setdefault(named.group(1), named.group(2))
                ours = os.path.basename(names[named.group(1)] or "") == program
            elif re.match(r"cob=\((\d+)\) ", line):
                number, name = re.match(r"cob=\((\d+)\) (.*)", line.rstrip()).groups()
                names.setdefault(number, name)
            elif line.startswith("calls="):
                skip = True  # the next line is what the called function took
            elif line[0] in "0123456789+-*":
                total += 0 if skip or not ours else int(line.split()[1])
                skip = False
    return total


def count_cell(command, case, level, directory):
    out = os.path.join(directory, "callgrind.out")
    valgrind = ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + out, "--toggle-collect=bench_measured"]
    done = subprocess.run(valgrind + command[:3] + [str(level)] + case.split(), stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        return None
    return str(instructions(out, os.path.basename(command[0])))


def read_counts(path):
    with open(path) as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {(compiler, cell): count for compiler, cell, count in lines}


def write_counts(path, counts):
    with open(path, "w") as out:
        out.write("# make bench-guard-record: compiler, cell, count\n")
        for compiler, cell in sorted(counts):
            out.write("%s\t%s\t%s\n" % (compiler, cell, counts[compiler, cell]))


def count_all(bench, ours, exact, directory):
    """{cell: count}, None for what could not be counted."""
    command = [os.path.abspath(ours)] + bench.ours_command[1:3]
    counted = {}
    for case, level in CELLS if shutil.which("valgrind") else []:
        bench.make(rows.files_of(case.split()))
        counted["%s @%d" % (case, level)] = count_cell(command, case, level, directory)
    bench.make(["u1.4194304"])
    for scenario in EXACT:
        words = scenario.split()
        bench.make(["%s.p%s" % tuple(words[1:3])])
        done = subprocess.run([os.path.abspath(exact)] + command[1:] + words, stdout=subprocess.PIPE)
        counted["exact " + scenario] = done.stdout.decode().strip() if done.returncode == 0 else None
    return counted


def compare(cell, now, before):
    """What to say, and whether it is a failure."""
    if now is None:
        return "could not be counted", True
    if before is None:
        return "%s: not counted before" % now, False
    if cell.startswith("exact"):
        return ("the same", False) if now == before else ("%s, was %s" % (now, before), True)
    change = int(now) / int(before) - 1
    return "%s, %+.2f %%" % (now, 100 * change), abs(change) > TOLERANCE


def main():
    ours, exact, compiler, path = sys.argv[1:5]
    recording = sys.argv[5:] == ["record"]
    directory = tempfile.mkdtemp(prefix="npickle-guard", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        bench = driver.Bench(ours, "", directory)
        if "3" not in bench.makers:
            print("make bench-guard: there is no Python 3 with NumPy to make the files (NPICKLE_PYTHONS may name one)")
            return 0
        if not shutil.which("valgrind"):
            print("make bench-guard: there is no valgrind: no instructions are counted")
        name = compiler_of(compiler)
        counts = read_counts(path)
        if not recording and not any(known == name for known, _ in counts):
            print("make bench-guard: nothing was counted with %s; make bench-guard-record does it" % name)
        failed = 0
        counted = count_all(bench, ours, exact, directory)
        for cell, now in counted.items():
            key = ("any" if cell.startswith("exact") else name, cell)
            said, failure = compare(cell, now, counts.get(key))
            failed += failure
            print("%-6s %-44s %s" % ("FAILED" if failure else "ok", cell, said))
            if recording and now is not None:
                counts[key] = now
        if recording:
            kept = {key: count for key, count in counts.items() if key[0] not in (name, "any") or key[1] in counted}
            write_counts(path, kept)
            return 0
        print("%d of %d cells failed (%s)" % (failed, len(counted), name))
        return 1 if failed else 0
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
