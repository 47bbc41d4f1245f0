"""Objects of pandas, scikit-learn, xarray, astropy, unyt and JAX, converted and loaded by the same package elsewhere, and by others of its
releases.

usage: python3 packages.py REWRITE --python LABEL=COMMAND... [--only REGEX] [--show N]

REWRITE is tests/live/rewrite of the build folder. Each COMMAND ('python3.11', 'env PYTHONPATH=... python2.7') is a Python with NumPy and whichever
of these packages; it makes objects of them (tests/gen/packages.py), or has made them in a folder of that LABEL if --made FOLDER is given. Each is
converted to the dialects of each Python, its own too, at protocols 0 (where the object is small), 2 and the highest, and loaded there:

  equal     what its maker has, as text
  as it was what the target makes of the pickle as it was, at any protocol, where that is something else
  refused   by reason
  theirs    the target fails with the pickle as it was likewise; or it has another release of the package, and no pickle of that object that it
            could read: what only the package knows
  wrong     anything else

A table says so for each package, by whether the target has the same release of it, another, or none of it ("-"). Exit status 1 if something is wrong.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import targets

GEN = os.path.join(targets.HERE, '..', 'gen', 'packages.py')
PACKAGES = 'astropy jax pandas sklearn unyt xarray'.split()
VERSIONS = '''
import json, sys
out = {}
for name in sys.argv[1:]:
    try:
        out[name] = __import__(name).__version__
    except Exception:
        pass
print(json.dumps(out))
'''


class Package(targets.Target):
    """A Python, what packages it has, and what it makes of files."""

    def __init__(self, option):
        self.name, _, command = option.partition('=')
        targets.Target.__init__(self, command)
        out = subprocess.run(self.command + ['-c', VERSIONS] + PACKAGES, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL, check=True).stdout
        self.versions = json.loads(out.decode().split('\n')[-2])

    def make(self, folder):
        path = os.path.join(folder, self.name)
        if not os.path.exists(os.path.join(path, 'index.json')):
            os.makedirs(path)
            subprocess.run(self.command + [GEN, 'make', path] + PACKAGES, cwd=path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        with open(os.path.join(path, 'index.json')) as f:
            return {os.path.join(path, file): text for file, text in json.load(f).items()}

    def load_files(self, files):
        left = sorted(set(files) - set(self.known))
        while left:
            run = subprocess.run(self.command + [GEN, 'load'], input=''.join(file + '\n' for file in left).encode(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=tempfile.gettempdir())
            for line in run.stdout.decode('utf-8', 'replace').split('\n'):
                if line.startswith('["/'):
                    file, status, text, _ = json.loads(line)
                    self.known[file] = (status, text)
            rest = [file for file in left if file not in self.known]
            if rest:
                self.known[rest[0]] = ('error', 'ENDED with %d' % run.returncode)
            left = rest[1:]


def loose(text, maker, target):
    return re.sub(r'\b[UB](\\?")', r'S\1', text or '') if maker.python[0] != target.python[0] else text


def message(said):
    return said[0], re.sub(r'0x[0-9a-f]+|/\S+', '', said[1] or '')


def verdict(maker, target, text, said, natives, package):
    def same(a, b):
        return loose(a, maker, target) == loose(b, maker, target)
    good = said[0] in ('ok', 'own')
    if good and same(said[1], text):
        return 'equal'
    could = [native for native in natives if native is not None and 'unsupported pickle protocol' not in (native[1] or '')]
    if good and any(native[0] in ('ok', 'own') and same(native[1], said[1]) for native in could):
        return 'as it was'
    if any(message(native) == message(said) for native in could):
        return 'theirs'
    other = target.versions.get(package) != maker.versions.get(package)
    return 'theirs' if other and not any(native[0] in ('ok', 'own') for native in could) else 'wrong'


def relation(maker, target, package):
    if package not in target.versions:
        return '-'
    return 'same' if target.versions[package] == maker.versions[package] else 'other'


def convert_all(args, pythons, made, folder):
    """[(maker, target, package, dialect, protocol, file, written or None, error)]"""
    convert, jobs, files = targets.Converter(args.rewrite), [], {}
    for maker in pythons:
        for file in sorted(made[maker]):
            package, at = os.path.basename(file).split('-')[0], int(file.rsplit('.', 2)[1][1:])
            if package not in PACKAGES or not re.search(args.only, os.path.basename(file)):
                continue
            with open(file, 'rb') as f:
                data = f.read()
            for target in pythons:
                if package not in target.versions:
                    continue
                for dialect in target.dialects:
                    for protocol in {0, 2, target.highest} - ({0} if len(data) > 4000 or at == 0 else set()):
                        strings = 't' if maker.python[0] == 2 and dialect != 'python2' else 'k'
                        written, error = convert(data, dialect, protocol, strings)
                        if written is not None and written not in files:
                            files[written] = os.path.join(folder, '%d.pkl' % len(files))
                            with open(files[written], 'wb') as f:
                                f.write(written)
                        jobs.append((maker, target, package, dialect, protocol, file, files.get(written), error))
    return jobs


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('rewrite')
    parser.add_argument('--python', action='append', default=[])
    parser.add_argument('--made')
    parser.add_argument('--only', default='')
    parser.add_argument('--show', type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        pythons = list(pool.map(Package, args.python))
        made = dict(zip(pythons, pool.map(lambda python: python.make(args.made or folder), pythons)))
        jobs = convert_all(args, pythons, made, folder)
        wanted = collections.defaultdict(set)
        others = collections.defaultdict(set)  # pickles of one object
        for maker in pythons:
            for file in made[maker]:
                others[re.sub(r'\.p\d\.pkl$', '', file)].add(file)
        for maker, target, _, _, _, file, written, _ in jobs:
            wanted[target] |= {written} - {None} | others[re.sub(r'\.p\d\.pkl$', '', file)]
        list(pool.map(lambda target: target.load_files(wanted[target]), pythons))
    sys.exit(report(args, jobs, made, others))


def report(args, jobs, made, others):
    counts, reasons, wrong, theirs = collections.Counter(), collections.Counter(), collections.defaultdict(list), collections.Counter()
    for maker, target, package, dialect, protocol, file, written, error in jobs:
        row = package, relation(maker, target, package)
        if written is None:
            counts[row, 'refused'] += 1
            reasons[package, targets.reason(error)] += 1
            continue
        natives = [target.known.get(other) for other in others[re.sub(r'\.p\d\.pkl$', '', file)]]
        text = maker.known[file][1] if file in maker.known else made[maker][file]
        what = verdict(maker, target, text, target.known[written], natives, package)
        counts[row, what] += 1
        if what == 'theirs':
            theirs[package, re.sub(r"0x\w+|'[^']*'|\d+", 'X', target.known[written][1] or '')[:90]] += 1
        if what == 'wrong':
            wrong[os.path.basename(file).rsplit('.', 2)[0]].append((maker.name, dialect, target.name, protocol, text, target.known[written], natives[:2]))
    print('%-10s %-6s %8s %10s %8s %8s %8s' % ('package', 'there', 'equal', 'as it was', 'refused', 'theirs', 'wrong'))
    for row in sorted({row for row, _ in counts}):
        print('%-10s %-6s %8d %10d %8d %8d %8d' % (row + tuple(counts[row, what] for what in ('equal', 'as it was', 'refused', 'theirs', 'wrong'))))
    for title, found in ('refused', reasons), ('theirs', theirs):
        print(title + ':')
        for (package, why), count in sorted(found.items(), key=lambda item: -item[1])[:args.show]:
            print('  %6d %s: %s' % (count, package, why))
    print('wrong: %d objects' % len(wrong))
    for name in sorted(wrong)[:args.show]:
        maker, dialect, target, protocol, text, said, natives = wrong[name][0]
        print('  %s (%d): %s to %s in %s at protocol %d\n    was %s\n    now %s\n    as it was: %s' % (
            name, len(wrong[name]), maker, dialect, target, protocol, (text or '')[:300], str(said)[:300], str(natives)[:300]))
    return 1 if wrong else 0


if __name__ == '__main__':
    main()
