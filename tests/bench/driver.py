"""The benchmark: npickle beside every Python with NumPy that is found.

    python3 driver.py OURS NPICKLE ROWS ROUNDS

    OURS     the program of main.c; NPICKLE: the tool
    ROWS     a regular expression: of the rows in rows.py those that it is found in; empty: all
    ROUNDS   how many; empty: as many as each row says

    NPICKLE_PYTHONS    Pythons that take part too, with a ':' between them; Python 2 for the rows that are about it
    NPICKLE_LEVEL      what npickle may use of the machine, 0 to 4 (base/cpu.h)

Other formats and libraries have rows where they are there: those that OURS was built with, and the programs of others.sh beside it.

Each side is a child that times its own loop on the CPU's clock. A row has rounds; in each every side has its turn, in an order
that rotates, with as many repetitions as take 5 to 10 ms. What counts is the median over the rounds of the ratio of two times of
one round; beside it are the 10th and the 90th percentile. All Pythons take part, and the fastest of them is the one of the row. A
side whose result is wrong has no time. The bounds of malloc are the same for all. The tables go to bench-results.md and
bench-results.json.
"""
import glob
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

import report
import rows
from rows import BAD, MACHINE, PEAK, PROCESS

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 5e6  # nanoseconds of CPU at least
PATIENCE = 60  # seconds for an answer
# glibc raises both bounds as a process frees large blocks, so that a row would depend on the rows before it: a block of 1 MiB has
# fresh pages each time, or pages that are there. Here they stand from the start as high as glibc would ever raise them.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
SLOWER = 1.2  # a Python that is so much slower than the fastest at first has no further turn


class Failed(Exception):
    pass


class Side(object):
    """A child, or what is left of it."""

    def __init__(self, label, command):
        self.label, self.command = label, command
        self.child, self.case, self.count = None, None, 1

    def ask(self, line):
        if self.child is None:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, **MALLOC), bufsize=0
            )
        try:
            self.child.stdin.write((line + "\n").encode())
            answer = self.read_line(time.time() + PATIENCE)
        except (OSError, Failed) as error:
            self.stop()
            raise Failed(str(error) or "ended")
        if answer.startswith("absent"):
            raise Failed(answer[7:])
        return answer

    def read_line(self, until):
        got = b""
        while not got.endswith(b"\n"):
            if not select.select([self.child.stdout], [], [], max(0, until - time.time()))[0]:
                raise Failed("no answer after %d s" % PATIENCE)
            part = os.read(self.child.stdout.fileno(), 4096)
            if not part:
                raise Failed("ended")
            got += part
        return got.decode().strip()

    def prepare(self, case):
        """True where it has the case, and what it does is right."""
        self.case, self.count = case, 1
        self.ask("prep " + case)
        if self.ask("check").split()[-1] != "ok":
            raise Failed("INVALID")

    def calibrate(self):
        used = self.run()
        while used * self.count < BATCH:
            self.count = max(2 * self.count, min(64 * self.count, int(1.3 * BATCH / max(used, 1))))
            used = self.run()
        return used

    def run(self):
        return int(self.ask("run %d" % self.count).split()[0]) / self.count

    def stop(self):
        if self.child is not None:
            self.child.kill()
            self.child.wait()
        self.child = None


# --- who takes part ---


def version(python):
    program = "import sys, numpy; print('%d.%d.%d+NumPy %s' % (tuple(sys.version_info[:3]) + (numpy.__version__,)))"
    try:
        return subprocess.check_output([python, "-c", program], stderr=subprocess.DEVNULL).decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def pythons():
    """{label: path}, each Python with NumPy once; Debian's first."""
    named = [one for one in os.environ.get("NPICKLE_PYTHONS", "").split(":") if one]
    found = {}
    for path in ["/usr/bin/python3", sys.executable, shutil.which("python3")] + named + sorted(
        glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python"))
    ):
        label = version(path) if path else None
        if label and label not in found:
            found[label] = path
    return found


class Bench(object):
    def __init__(self, ours, npickle, directory):
        self.npickle, self.directory, self.malloc = npickle, directory, MALLOC
        found = pythons()
        self.pythons = [Side(label, [path, os.path.join(HERE, "peer.py"), directory]) for label, path in found.items()]
        self.makers = {}
        for label, path in found.items():
            self.makers.setdefault(label[0], (label, path))
        if "3" not in self.makers:
            return
        label = self.makers["3"][0]
        dialect = "cpython%s+numpy%s" % (".".join(label.split(".")[:2]), ".".join(label.split(" ")[1].split(".")[:2]))
        level = os.environ.get("NPICKLE_LEVEL", "4")
        command = [os.path.abspath(ours), directory, dialect, level]
        self.ours, self.machine, self.benign = (Side(name, command) for name in ("npickle", "machine", "benign"))
        self.ours_command = command
        self.tools = self.find_tools(os.path.dirname(os.path.abspath(ours)))
        self.benign_case = self.benign_size = None

    def find_tools(self, folder):
        """{name: side} of the other formats and libraries that are there."""
        found = {}
        for command in [self.ours_command] + [[os.path.join(folder, "others-" + one)] for one in ("rust", "go")]:
            if not os.path.exists(command[0]):
                continue
            asked = Side("", command if command == self.ours_command else command + [self.directory])
            for label in asked.ask("others").split(", "):
                if label:
                    found[label.split()[0]] = Side(label, asked.command)
            asked.stop()
        return found

    def make(self, files):
        for name in files:
            if os.path.exists(os.path.join(self.directory, name)):
                continue
            python2 = ".ppy2." in name
            if python2 and "2" not in self.makers:
                raise Failed("no Python 2 with NumPy")
            maker = self.makers["2" if python2 else "3"][1]
            subprocess.check_call([maker, os.path.join(HERE, "make.py"), self.directory, name])

    # --- a row ---

    def measure(self, row, rounds):
        self.make(row.files())
        if row.value == PROCESS:
            return self.measure_processes(row, rounds or row.rounds)
        if row.value == PEAK:
            return self.measure_peak(row)
        self.ours.prepare(row.case)
        result = {"sides": {}, "notes": []}
        sides = [self.ours]
        sides += self.ready([self.machine], row.machine, result) if row.machine else []
        if row.tool:
            self.tools[row.tool].prepare(row.other)
            sides.append(self.tools[row.tool])
        elif row.value == BAD:
            self.measure_benign()
            self.benign.prepare(self.benign_case)
            sides.append(self.benign)
        elif row.value != MACHINE:
            others = [side for side in self.pythons if row.python2() or not side.label.startswith("2")]
            sides += self.ready(others, row.other or row.case, result)
        times = self.rounds(sides, rounds or row.rounds)
        if row.value == BAD:
            size = os.path.getsize(os.path.join(self.directory, row.files()[0]))
            ordinary = [taken / self.benign_size for taken in times.pop(self.benign)]
            result["bytes"] = size
            result["times"] = report.percentiles([a / size / b for a, b in zip(times[self.ours], ordinary)])
        for side, taken in times.items():
            result["sides"][side.label] = {
                "ns": report.median(taken),
                "ratio": report.percentiles([a / b for a, b in zip(taken, times[self.ours])]),
            }
        return result

    def ready(self, sides, case, result):
        good = []
        for side in sides:
            try:
                side.prepare(case)
                good.append(side)
            except Failed as error:
                result["notes"].append("%s: %s" % (side.label, error))
        return good

    def rounds(self, sides, count):
        first = {side: side.calibrate() for side in sides}
        others = [first[side] for side in sides if side not in (self.ours, self.machine)]
        sides = [side for side in sides if side in (self.ours, self.machine) or first[side] <= SLOWER * min(others)]
        times = {side: [] for side in sides}
        for number in range(count):
            turn = number % len(sides)
            for side in sides[turn:] + sides[:turn]:
                times[side].append(side.run())
        return times

    def measure_benign(self):
        """Which ordinary pickle takes most for a byte: it has its turn in each round of bad input."""
        if self.benign_case is not None:
            return
        costs, sizes = {}, {}
        for case in rows.BENIGN:
            words = case.split()
            self.make(rows.files_of(words))
            self.benign.prepare(case)
            self.benign.calibrate()
            used = report.median([self.benign.run() for _ in range(7)])
            sizes[case] = os.path.getsize(os.path.join(self.directory, "%s.p%s" % tuple(words[1:3])))
            costs[case] = used / sizes[case]
        self.benign_case = max(costs, key=costs.get)
        self.benign_size = sizes[self.benign_case]
        print("ordinary input takes up to %.2f ns a byte: %s" % (costs[self.benign_case], self.benign_case))

    def measure_peak(self, row):
        peaks = []
        for _ in range(5):
            asked = ("prep %s\ncheck\n" % row.case).encode()
            lines = subprocess.run(self.ours_command, input=asked, stdout=subprocess.PIPE).stdout.decode().split("\n")
            if lines[0] != "ok" or not lines[1].endswith("ok"):
                raise Failed(" ".join(lines))
            peaks.append(int(lines[1].split()[0]))
        return {"peak": report.median(peaks), "payload": int(row.case.split()[2])}

    # --- whole processes ---

    # npickle's arguments, Python's program, and what each prints: a regular expression; None: that is the same for all
    PROGRAMS = {
        "info": (
            ["info", "FILE"],
            "a = pickle.load(open('FILE', 'rb')); print(type(a), a.dtype, a.shape)",
            r".*: protocol 4, .*\n +\(root\) +dtype\('uint8'\) +\(209715200,\) +C +209715200 bytes +numpy\.ndarray\n",
            r"<class 'numpy.ndarray'> uint8 \(209715200,\)\n",
        ),
        "check": (
            ["check", "FILE"],
            "d = open('FILE', 'rb').read(); assert pickle.dumps(pickle.loads(d), 4) == d",
            r".*: identical .*\n",
            "",
        ),
        "show": (["show", "FILE"], "print(pickle.load(open('FILE', 'rb')))", None, None),
        "diff": (
            ["diff", "FILE", "SAME"],
            "assert pickle.load(open('FILE', 'rb')) == pickle.load(open('SAME', 'rb'))",
            "",
            "",
        ),
        "differ": (
            ["diff", "FILE", "OTHER"],
            "sys.exit(pickle.load(open('FILE', 'rb')) != pickle.load(open('OTHER', 'rb')))",
            r"\[299999\]\['x'\]: 149999\.5 / 149999\.5000\d+\n",
            "",
        ),
        "convert": (
            ["convert", "--to", "pkl", "--protocol", "2", "FILE", "OUT"],
            "pickle.dump(pickle.load(open('FILE', 'rb')), open('OUT', 'wb'), 2)",
            "",
            "",
        ),
    }

    def measure_processes(self, row, rounds):
        name, target = row.case.split()
        self.make(["u1.209715200"] if name == "info" else [])
        self.make([target])
        path = os.path.join(self.directory, target)
        if not os.path.exists(path + ".same"):
            os.symlink(path, path + ".same")
        if name == "differ":
            self.make_other(path)
        names = {"FILE": path, "SAME": path + ".same", "OTHER": path + ".other", "OUT": path + ".out"}
        arguments, program, ours_prints, theirs_print = self.PROGRAMS[name]
        for word, real in names.items():
            program = program.replace("'%s'" % word, repr(real))
        commands = {"npickle": [self.npickle] + [names.get(word, word) for word in arguments]}
        for side in self.pythons:
            if not side.label.startswith("2"):
                commands[side.label] = [side.command[0], "-c", "import pickle, sys, gc; gc.disable(); " + program]
        status = 1 if name == "differ" else 0
        self.check_processes(commands, status, ours_prints, theirs_print, names["OUT"] if "OUT" in arguments else None)
        times = {label: [] for label in commands}
        order = list(commands)
        for number in range(rounds):
            for label in order[number % len(order) :] + order[: number % len(order)]:
                times[label].append(self.process(commands[label], status))
        return {
            "notes": [],
            "sides": {
                label: {
                    "ns": report.median(taken),
                    "ratio": report.percentiles([a / b for a, b in zip(taken, times["npickle"])]),
                }
                for label, taken in times.items()
            },
        }

    @staticmethod
    def check_processes(commands, status, ours_prints, theirs_print, out):
        """That each prints what it must, and that all leave the same file where they write one, and the same text."""
        seen = set()
        for label, command in commands.items():
            done = subprocess.run(command, stdout=subprocess.PIPE)
            expected = ours_prints if label == "npickle" else theirs_print
            wrong = expected is not None and not re.match("(?:%s)\\Z" % expected, done.stdout.decode())
            if done.returncode != status or wrong:
                raise Failed("%s: INVALID" % label)
            result = done.stdout if expected is None else b""
            if out is not None:
                with open(out, "rb") as file:
                    result = file.read()
                os.unlink(out)
            seen.add(result)
        if len(seen) > 1:
            raise Failed("INVALID: not the same from each")

    @staticmethod
    def make_other(path):
        """The same but for the last float, of which the last bit is another."""
        with open(path, "rb") as file:
            data = bytearray(file.read())
        data[data.rindex(b"G") + 8] ^= 1
        with open(path + ".other", "wb") as file:
            file.write(data)

    @staticmethod
    def process(command, expected):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status != expected << 8:
            raise Failed("%s: status %d" % (os.path.basename(command[0]), status >> 8))
        return max(usage.ru_utime + usage.ru_stime, 1e-4) * 1e9

    def stop(self):
        for side in [self.ours, self.machine, self.benign] + self.pythons + list(self.tools.values()):
            side.stop()


def main():
    ours, npickle, pattern, rounds = sys.argv[1:5]
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    directory = tempfile.mkdtemp(prefix="npickle-bench", dir=memory)
    try:
        bench = Bench(ours, os.path.abspath(npickle), directory)
        if "3" not in bench.makers:
            print("make bench: there is no Python 3 with NumPy to compare with (NPICKLE_PYTHONS may name one)")
            return 0
        results = []
        print(report.head(bench))
        for row in rows.chosen(pattern, bench.tools):
            try:
                result = bench.measure(row, int(rounds or 0))
            except (Failed, subprocess.CalledProcessError) as error:
                result = {"failed": str(error)}
            results.append((row, result))
            print(report.line(bench, row, result), flush=True)
        bench.stop()
        with open("bench-results.json", "w") as out:
            json.dump(report.as_json(bench, results), out, indent=1)
        with open("bench-results.md", "w") as out:
            out.write(report.markdown(bench, results))
        print(report.summary(bench, results))
        return 0
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
