"""Converting to a dialect means that the target loads it: conversions loaded in the real Pythons and NumPys, with warnings as errors.

usage: python3 targets.py REWRITE --python COMMAND... [--pickles LABEL=DIRECTORY]... [--to DIALECT]... [--only REGEX] [--show N] [--json FILE]

REWRITE is tests/live/rewrite of the build folder. Each COMMAND ('python3.11', 'env PYTHONPATH=... python2.7') is a target; what Python and NumPy
it is it says itself, and that makes its label ('2.7+1.16', '3.13+2.5', '3.12') and its dialects: python2, or cpython3.11+numpy1.26; the default
one besides where that is meant for it (CPython 3.10 and NumPy 1.26 and later), numpy2 from NumPy 2 on.

DIRECTORY holds pickles that the target LABEL wrote, of any name; NAME.p4.pkl is the object NAME at protocol 4, which targets may have of their own
under that name. Without one each COMMAND makes objects of its whole standard library (tests/gen/standard.py).

Each pickle that its own maker loads is converted to each dialect at the protocols 0, 2 and the highest of the target, which loads it. It is
  equal      what its maker has (normal.py), or what the target makes of the pickle as it was, or of its own one of that NAME
  refused    by reason
  can't      the target fails with its own pickle of that NAME likewise; or for what a package has not got, or warns of, in the release that is
             there, as it fails with the pickle as it was; or for what this machine's Python was built without
  wrong      anything else
Exit status 1 if something is wrong.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STANDARD = os.path.join(HERE, '..', 'gen', 'standard.py')
NORMAL = os.path.join(HERE, 'normal.py')
WHO = '''
import sys, pickle
sys.stdout.write("%d %d %d" % (sys.version_info[0], sys.version_info[1], pickle.HIGHEST_PROTOCOL))
try:
    import numpy
    sys.stdout.write(" %s %s" % tuple(numpy.__version__.split(".")[:2]))
except ImportError:
    pass
'''
#: Imported by a target before it loads: what they warn of then is no matter of ours.
PACKAGES = ('numpy numpy.ma numpy.random pandas sklearn.ensemble sklearn.svm sklearn.cluster sklearn.neighbors sklearn.linear_model '
            'xarray astropy.units astropy.table unyt jax.numpy ml_dtypes').split()


class Target(object):
    def __init__(self, command):
        self.command = shlex.split(command)
        said = [int(x) for x in subprocess.check_output(self.command + ['-c', WHO]).decode().split()]
        self.python, self.highest, self.numpy = tuple(said[:2]), said[2], tuple(said[3:5])
        self.label = '%d.%d' % self.python + ('+%d.%d' % self.numpy if self.numpy else '')
        numpy = '+numpy%d.%d' % self.numpy if self.numpy else ''
        self.dialects = ['python2' if self.python < (3,) else 'cpython%d.%d%s' % (self.python + (numpy,))]
        if self.python >= (3, 10) and (not self.numpy or self.numpy >= (1, 26)):
            self.dialects.append('default')
            if self.numpy >= (2,):
                self.dialects.append('numpy2')
        self.known = {}

    def load(self, pickles):
        """Fills self.known: {bytes: (status, normal form or error)}."""
        new = [data for data in sorted(set(pickles)) if data not in self.known]
        with tempfile.NamedTemporaryFile(suffix='.records', delete=False) as f:
            for data in new:
                f.write(struct.pack('<I', len(data)) + data)
        at = 0
        while at < len(new):
            run = subprocess.Popen(self.command + [NORMAL, f.name, str(at)] + PACKAGES, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, cwd=os.path.dirname(f.name))
            out, err = run.communicate()
            for line in out.decode('utf-8', 'replace').split('\n'):
                try:
                    number, status, text = json.loads(line)
                except ValueError:
                    continue
                self.known[new[number]] = (status, text)
                at = number + 1
            if at < len(new):
                self.known[new[at]] = ('fails', 'ENDED with %d: %s' % (run.returncode, err.decode('utf-8', 'replace')[-200:]))
                at += 1
        os.unlink(f.name)


class Converter(object):
    def __init__(self, program):
        self.program, self.run, self.known = program, None, {}

    def __call__(self, data, dialect, protocol, strings):
        """(bytes or None, error)"""
        key = (data, dialect, protocol, strings)
        if key not in self.known:
            self.known[key] = self.convert(*key)
        return self.known[key]

    def convert(self, data, dialect, protocol, strings):
        if self.run is None or self.run.poll() is not None:
            self.run = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        record = ('%d%s%s\n' % (protocol, strings, dialect)).encode() + data
        try:
            self.run.stdin.write(b'c' + struct.pack('<I', len(record)) + record)
            self.run.stdin.flush()
        except OSError:
            pass
        head = self.run.stdout.read(5)
        if len(head) < 5:
            return None, 'ENDED with %d' % self.run.wait()
        kind, size = struct.unpack('<cI', head)
        body = self.run.stdout.read(size)
        return (body, '') if kind == b'p' else (None, body.decode('utf-8', 'replace'))


#: A name is as it is at any protocol of the same half.
def protocols(target, name):
    if name.startswith('name-'):
        return sorted({2, target.highest})
    return sorted({0, 2, min(4, target.highest), target.highest})


def read_directory(path):
    """[(name, bytes)]"""
    out = []
    for root, _, files in sorted(os.walk(path)):
        for file in sorted(files):
            match = re.match(r'(.*)\.p\d+\.pkl$', file)
            if file.endswith(('.pkl', '.pickle', '.p')) or match:
                with open(os.path.join(root, file), 'rb') as f:
                    out.append((match.group(1) if match else file, f.read()))
    return out


def reason(error):
    error = re.sub(r'^NPK_|^at [^ ]*: |(?<=: )at \S+: ', '', error)
    return re.sub(r'has no .*', 'has no such name', error)[:90]


def same(text, other, target, maker):
    """Whether two normal forms are; the strings of Python 2 are bytes and text."""
    if target.python >= (3,) and maker.python >= (3,):
        return text == other
    return python2(text) == python2(other)


#: What Python 2 has as another class, as the picklers of both say.
OLDER = [(r'[bs](?=")', ''), (r'\b(BrokenPipe|ChildProcess|Connection\w*|FileExists|FileNotFound|Interrupted|IsADirectory|NotADirectory|Permission|'
         r'ProcessLookup|Timeout)Error', 'OSError'), (r'\bRecursionError', 'RuntimeError'), (r'\bModuleNotFoundError', 'ImportError'),
         (r'\blistiterator|\b(tuple|range|str|str_ascii|bytearray|bytes)_iterator', 'list_iterator'), (r'\blistreverseiterator', 'list_reverseiterator')]


def python2(text):
    for pattern, to in OLDER:
        text = re.sub(pattern, to, text)
    return text


#: What a Python is built with, or without: OpenSSL, Windows, characters of 16 bits. And NumPy 2.5 warns of chararray by whatever name.
BUILD = re.compile(r"No module named '?_hashlib|_type_ 'v' not supported|bad character range|The chararray class is deprecated")


def is_of_package(text):
    """Whether an error of loading is a package's: by what was looked for last, or by what the error says."""
    looked_for = re.search(r'\((\S+) \S+\)$', text)
    module = looked_for.group(1).split('.')[0] if looked_for else ''
    return re.search(r'\b(%s)\b' % '|'.join(sorted({package.split('.')[0] for package in PACKAGES + ['scipy', 'jaxlib']} - {'numpy'})),
                     module + ' ' + text) is not None


def what_fails(text, native):
    """Whether it is no fault of the conversion that the target fails: `native` is what it says of the pickles as they were."""
    if BUILD.search(text):
        return True
    could = [(status, said) for status, said in native if 'unsupported pickle protocol' not in said]
    if 'Warning: ' in text and 'numpy' not in text:
        return ('fails', text) in could
    return is_of_package(text) and (not could or any(status == 'fails' and said.split(' (')[0] == text.split(' (')[0] for status, said in could))


def verdict(original, maker, target, data, name, own, made):
    """'equal', "can't", 'wrong', for what was written as `data`."""
    status, text = target.known[data]
    if status == 'ok' and same(text, maker.known[original][1], target, maker):
        return 'equal'
    native = [target.known[other] for other in made[name] if other in target.known]
    if status == 'ok' and (any(said == 'ok' and same(text, other, target, target) for said, other in native) or (status, text) in own.get(name, ())):
        return 'equal'
    if status == 'fails':
        if any(s == 'fails' and t.split(':')[0] == text.split(':')[0] for s, t in own.get(name, ())) or what_fails(text, native):
            return "can't"
        missing = re.match(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w]+)", text)
        if missing and missing.group(1) not in STANDARD_MODULES and missing.group(1) != 'numpy':
            return "can't"
    return 'wrong'


STANDARD_MODULES = set(getattr(sys, 'stdlib_module_names', ())) | set(
    'asynchat asyncore imp smtpd distutils cgi cgitb crypt pipes sets md5 sha UserDict UserList UserString'.split())


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('rewrite')
    parser.add_argument('--python', action='append', default=[])
    parser.add_argument('--pickles', action='append', default=[])
    parser.add_argument('--to', action='append', default=[])
    parser.add_argument('--only', default='')
    parser.add_argument('--show', type=int, default=20)
    parser.add_argument('--json')
    args = parser.parse_args()
    targets = [Target(command) for command in args.python]
    by_label = {target.label: target for target in targets}
    made = collections.defaultdict(list)
    if args.pickles:
        for option in args.pickles:
            label, _, path = option.partition('=')
            if label not in by_label:
                sys.exit('%s is none of %s' % (label, ' '.join(sorted(by_label))))
            made[label] += read_directory(path)
    else:
        with tempfile.TemporaryDirectory() as directory:
            def make(target):
                path = os.path.join(directory, target.label)
                subprocess.run(target.command + [STANDARD, path], cwd=directory, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                return target.label, read_directory(path)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                made.update(pool.map(make, targets))
    for label in made:
        once = {data: (name, data) for name, data in reversed(made[label]) if re.search(args.only, name)}
        made[label] = sorted(once.values())
    bad = compare(Converter(args.rewrite), targets, by_label, made, args)
    sys.exit(1 if bad else 0)


def compare(convert, targets, by_label, made, args):
    def run(target, pickles):
        target.load(pickles)
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda label: by_label[label].load([data for _, data in made[label]]), made))
    originals = {data for label in made for _, data in made[label]}
    for label in sorted(made):
        maker = by_label[label]
        for name, data in made[label]:
            if maker.known[data][0] != 'ok':
                continue  # no pickle that works
            for target in targets:
                for dialect in target.dialects:
                    if args.to and dialect not in args.to:
                        continue
                    strings = 'k' if dialect == 'python2' or maker.python >= (3,) else 't'
                    for protocol in protocols(target, name):
                        jobs.append((name, maker, target, dialect, protocol, data, convert(data, dialect, protocol, strings)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda t: t.load([j[6][0] for j in jobs if j[2] is t and j[6][0] is not None] + list(originals)), targets))
    return report(jobs, made, by_label, args)


def report(jobs, made, by_label, args):
    counts, reasons, wrong = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    too_strict = collections.defaultdict(list)
    own = {label: collections.defaultdict(set) for label in by_label}
    pickles = {label: collections.defaultdict(list) for label in by_label}
    for label in made:
        for name, data in made[label]:
            own[label][name].add(by_label[label].known[data])
            pickles[label][name].append(data)
    for name, maker, target, dialect, protocol, data, (written, error) in jobs:
        row = (dialect, target.label)
        if written is None:
            counts[row, 'refused'] += 1
            reasons[row, reason(error)] += 1
            if target.known.get(data, ('', ''))[0] == 'ok' and target.known[data] == maker.known[data]:
                too_strict[name].append((maker.label, dialect, protocol, error))
            continue
        what = verdict(data, maker, target, written, name, own[target.label], pickles[maker.label])
        counts[row, what] += 1
        if what == 'wrong':
            wrong[name].append((maker.label, dialect, target.label, protocol, maker.known[data][1], target.known[written],
                                target.known.get(data)))
    print('%-24s %-10s %9s %9s %9s %9s' % ('dialect', 'target', 'equal', 'refused', "can't", 'wrong'))
    for row in sorted({row for row, _ in counts}):
        print('%-24s %-10s' % row + ' '.join('%9d' % counts[row, what] for what in ('equal', 'refused', "can't", 'wrong')))
    print('refused:')
    for (row, why), count in sorted(reasons.items(), key=lambda item: (item[0][0], -item[1])):
        print('  %-24s %6d %s' % (row[0], count, why))
    print('refused, though the target loads it as it was: %d objects' % len(too_strict))
    for name in sorted(too_strict)[:args.show]:
        print('  %s: %s' % (name, ' '.join(map(str, too_strict[name][0]))))
    print('wrong: %d objects' % len(wrong))
    for name in sorted(wrong)[:args.show]:
        maker, dialect, label, protocol, was, (status, text), native = wrong[name][0]
        print('  %s (%d): %s to %s in %s at protocol %d\n    was %s\n    %s %s\n    unconverted: %s' % (
            name, len(wrong[name]), maker, dialect, label, protocol, was[:300], status, text[:300], str(native)[:200]))
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'counts': [[row, what, n] for (row, what), n in sorted(counts.items())],
                       'reasons': [[row, why, n] for (row, why), n in sorted(reasons.items())],
                       'wrong': wrong, 'too_strict': too_strict}, f, indent=1)
    return wrong


if __name__ == '__main__':
    main()
