"""The trace is the test: what a pickle does, its conversion does, at every protocol and back.

usage: PYTHON traces.py REWRITE [COUNT [SEED]] [FILE or DIRECTORY...]        (PYTHON 3.8 or later)

REWRITE is tests/live/rewrite of the build folder. COUNT random pickles (300) of tests/gen/effects.py, a third as many programs of opcodes that are
wilder yet, as many of real objects (tests/gen/real.py) and of lists that grow after a call took them (tests/gen/taken.py), half of all these as
pickletools.optimize leaves them, too, those of cloudpickle and dill where PYTHON has them, COUNT graphs as the picklers write them once dill is
imported (tests/gen/dilled.py), and every pickle of the files named are converted to protocols 0 to 5, each of these back to the protocol that the
pickle has, and the pickle is written again in its own dialect. All must have its trace (trace.py), no opcode above their protocol, and, but for
programs put together by chance, no difference for npk_compare. What npickle refuses is
counted by reason. Exit status 1 if one of these is not so, or random pickles are refused for a reason that is not known.

  --keep DIRECTORY   keeps there the smallest pickle of each kind of difference, with what became of it
"""
import bz2
import collections
import gzip
import lzma
import os
import pickletools
import re
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import dilled  # noqa: E402
import effects  # noqa: E402
import programs  # noqa: E402
import real  # noqa: E402
import recorder  # noqa: E402
import taken  # noqa: E402
import trace  # noqa: E402

WAYS = ['to %d' % p for p in range(6)] + ['to %d and back' % p for p in range(6)] + ['its own']


class Rewriter(object):
    def __init__(self, program):
        self.program = program
        self.run = None

    def start(self):
        self.run = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, data, strings='k'):
        """[(bytes or None, message)] for each of the WAYS."""
        if self.run is None or self.run.poll() is not None:
            self.start()
        try:
            self.run.stdin.write(strings.encode() + struct.pack('<I', len(data)) + data)
            self.run.stdin.flush()
        except OSError:
            pass
        out = []
        for _ in WAYS:
            head = self.run.stdout.read(5)
            if len(head) < 5:
                status = self.run.wait()
                return out + [(None, 'ENDED with status %d' % status)] * (len(WAYS) - len(out))
            kind, size = struct.unpack('<cI', head)
            body = self.run.stdout.read(size)
            out.append((body, 'npk_compare' if kind == b'q' else '') if kind in b'pq' else (None, body.decode('utf-8', 'replace')))
        return out


def reason(message):
    """A message without what is of this pickle alone."""
    message = re.sub(r"'[^']*'|\"[^\"]*\"", "''", message)
    return re.sub(r'\d+', 'N', message)[:110]


def smaller(data, fails):
    """A pickle of fewer opcodes for which fails() is true as well."""
    try:
        places = [(opcode.name, place) for opcode, _, place in pickletools.genops(data)]
    except ValueError:
        return data
    ends = [place for _, place in places[1:]] + [len(data)]
    parts = [data[place:end] for (name, place), end in zip(places, ends) if name != 'FRAME']
    if not fails(b''.join(parts)):
        return data
    size, tries = len(parts) // 2, 1500
    while size and tries > 0:
        at = 0
        while at < len(parts) and tries > 0:
            left = parts[:at] + parts[at + size:]
            tries -= 1
            if fails(b''.join(left)):
                parts = left
            else:
                at += size
        size //= 2
    return b''.join(parts)


class Driver(object):
    def __init__(self, program, keep):
        self.rewrite, self.keep = Rewriter(program), keep
        self.counts = collections.defaultdict(collections.Counter)
        self.kept = {}
        self.quiet = False  # a pickle is made smaller
        self.checked = 0

    def fail(self, source, kind, way, data, out, text):
        self.counts[source]['DIFFERS  %s' % kind] += 1
        smallest = self.kept.get((source, kind))
        if smallest is None or len(data) < len(smallest[0]):
            self.kept[source, kind] = data, out, way, text

    def pickle(self, source, data):
        counts = self.counts[source]
        try:
            before = trace.Trace(data)
        except trace.Error as error:
            counts['left out: no pickle that Python reads (%s)' % reason(str(error))[:60]] += 1
            return
        counts['pickles'] += 1
        data = data[:before.size]
        for kind in before.kinds():
            counts['with: ' + kind] += 1
        results = self.rewrite(data)
        if results[0][0] is None and results[0][1].startswith('CAST') or any('str of Python 2' in message for _, message in results):
            results = self.rewrite(data, 't')
        strings = any(opcode.name.endswith('STRING') for opcode in before.opcodes)
        own = data[1] if data[:1] == b'\x80' else min(1, max(opcode.proto for opcode in before.opcodes))
        for way, (out, message) in zip(WAYS, results):
            self.compare(source, way, data, before, own, out, message, strings)

    @staticmethod
    def again(rule, data, out):
        """The difference by one of the recorder's rules."""
        rule.append(True)
        try:
            return trace.difference(trace.Trace(data), trace.Trace(out))
        finally:
            rule.clear()

    def compare(self, source, way, data, before, own, out, message, strings):
        counts = self.counts[source]
        counts['conversions'] += 1
        if out is None:
            crashed = message.startswith('ENDED')
            counts['%s  %s' % ('DIFFERS' if crashed else 'refused', reason(message))] += 1
            refused = source, ('crash ' if crashed else 'refused ') + reason(message)
            if refused not in self.kept or len(data) < len(self.kept[refused][0]):
                self.kept[refused] = data, b'', way, message
            return
        target = int(way[3]) if way.startswith('to ') and not way.endswith('back') else own
        self.checked += 1
        try:
            after = trace.Trace(out)
        except (trace.Error, ValueError) as error:
            return self.fail(source, 'not a pickle: ' + reason(str(error)), way, data, out, str(error))
        for opcode in after.opcodes:
            if opcode.proto > target:
                self.fail(source, 'an opcode above the protocol: ' + opcode.name, way, data, out, 'protocol %d' % target)
        if message and b'_create_array' in data and b'_create_array' not in out:
            counts["an array that dill's function makes became NumPy's own"] += 1
        elif message:
            self.fail(source, 'npk_compare finds another value', way, data, out, '')
        different = trace.difference(before, after)
        if different and (target * own == 0 or way.startswith('to 0')):  # a NaN of protocol 0 has no bits
            different = self.again(recorder.ONE_NAN, data, out)
        if different and not trace.difference(trace.Trace(data, 'all'), trace.Trace(out, 'all')):
            counts['equal but for names that Python 2 and 3 both have'] += 1
        elif different and strings and not self.again(trace.ONE_TEXT, data, out):
            counts['equal but for a str of Python 2 that is bytes where NumPy and datetime want them'] += 1
        elif different:
            self.fail(source, different[0], way, data, out, different[1])
        else:
            counts['equal'] += 1

    def report(self):
        failed = 0
        for source in sorted(self.counts):
            counts = self.counts[source]
            print('%s: %d pickles, %d conversions, %d equal' % (source, counts['pickles'], counts['conversions'], counts['equal']))
            for text, count in sorted(counts.items()):
                if text not in ('pickles', 'conversions', 'equal'):
                    print('    %7d  %s' % (count, text))
                failed += count if text.startswith('DIFFERS') else 0
        print('%d pickles looked at for opcodes above their protocol' % self.checked)
        if self.keep:
            self.save()
        return failed

    def kinds_of(self, data):
        """{kind: (output, way, text)} of one pickle, apart from the others."""
        counts, kept, checked = self.counts, self.kept, self.checked
        self.counts, self.kept = collections.defaultdict(collections.Counter), {}
        self.pickle('', data)
        found = {kind: rest[1:] for (_, kind), rest in self.kept.items()}
        self.counts, self.kept, self.checked = counts, kept, checked
        return found

    def make_smaller(self):
        for (source, kind), (data, _, _, _) in sorted(self.kept.items()):
            data = smaller(data, lambda one: kind in self.kinds_of(one))
            found = self.kinds_of(data).get(kind)
            if found:
                self.kept[source, kind] = (data,) + found

    def save(self):
        self.make_smaller()
        os.makedirs(self.keep, exist_ok=True)
        with open(os.path.join(self.keep, 'README'), 'w') as readme:
            for (source, kind), (data, out, way, text) in sorted(self.kept.items()):
                name = re.sub(r'[^A-Za-z0-9]+', '-', '%s %s' % (source, kind)).strip('-')[:90]
                with open(os.path.join(self.keep, name + '.pkl'), 'wb') as file:
                    file.write(data)
                if out:
                    with open(os.path.join(self.keep, name + '.out.pkl'), 'wb') as file:
                        file.write(out)
                readme.write('%s.pkl: %d bytes, %s (%s)\n    %s\n' % (name, len(data), kind, way, text))


def of_library(name):
    """The pickles of cloudpickle or dill: functions and classes by value, and what holds them."""
    import libraries
    return libraries.pickles(name)


def optimized(data):
    """Without the numbers that nothing asks for, where pickletools can do that: what is shared later through something else has none then."""
    try:
        return pickletools.optimize(data)
    except Exception:  # a program that is no pickler's
        return data


def files_of(paths):
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                for name in sorted(names):
                    yield os.path.join(folder, name)
        else:
            yield path


def pickles_of(data):
    """One after another, as long as they are pickles."""
    for module in gzip, bz2, lzma, zlib:
        try:
            data = module.decompress(data)
        except Exception:  # each has errors of its own
            continue
    if data[:6] == b'\x93NUMPY':  # of objects, as it seems
        data = data[10 + data[8] + 256 * data[9]:] if b"'|O'" in data[:200] and data[6:7] == b'\x01' else b''
    while data:
        try:
            size = trace.Trace(data).size
        except trace.Error:
            yield data
            return
        yield data[:size]
        data = data[size:]


def start(arguments):
    """(the driver, COUNT, SEED, the files)"""
    keep = None
    if '--keep' in arguments:
        at = arguments.index('--keep')
        keep = arguments[at + 1]
        del arguments[at:at + 2]
    driver = Driver(arguments.pop(0), keep)
    numbers = []
    while arguments and arguments[0].isdigit():
        numbers.append(int(arguments.pop(0)))
    return (driver,) + tuple((numbers + [300, 0][len(numbers):])[:2]) + (arguments,)


def main(arguments):
    if not arguments:
        print(__doc__)
        return 4
    driver, count, seed, arguments = start(arguments)
    for number in range(seed, seed + count):
        made = [effects.make_pickle(number), ('real', real.make(number)), ('taken program', taken.make(number))]
        if number % 3 == 0:
            made.append(('wild program', programs.wild('wild %d' % number)))
        for source, data in made:
            if data:
                driver.pickle(source, data)
            if data and number % 2:
                driver.pickle('%s, optimized' % source, optimized(data))
    for name in ('cloudpickle', 'dill'):
        try:
            made = of_library(name)
        except ImportError:
            print('%s: left out, it is not there' % name)
            continue
        for data in made:
            driver.pickle(name, data)
    for number in range(seed, seed + count):  # behind the others: dill changes what pickle.py writes
        try:
            made = dilled.make(number)
        except ImportError:
            break
        for who, data in made:
            driver.pickle('%s, dill imported' % who, data)
    for path in files_of(arguments):
        with open(path, 'rb') as file:
            data = file.read()
        for one in pickles_of(data):
            driver.pickle('files', one)
    return driver.report() > 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
