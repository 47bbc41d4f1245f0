"""npickle check --strict names the Python and the NumPy that wrote a pickle: those that run this.

usage: PYTHON writers.py NPICKLE               (tests/check-live.sh calls it; Python 2.7 or 3, with NumPy)

Of everything that tests/gen/packages.py finds here to pickle:
  named     check --strict --dialect=OWN says identical, OWN being this Python with this NumPy
  any       check --strict does too, and what it says of the writer has this Python among those that it may be
"""
from __future__ import print_function

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import numpy

RELEASE = sys.version_info[:2]
OWN = 'cpython%d.%d+numpy%s' % (RELEASE + ('.'.join(numpy.__version__.split('.')[:2]),))
MAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen', 'packages.py')
# Names that come back as the other name that NumPy has for the same thing.
ALIASES = ('_internal._reconstruct', 'numpy.ma.round_')


def checked(tool, files, *options):
    for at in range(0, len(files), 500):
        done = subprocess.Popen([tool, 'check', '--strict', '--json'] + list(options) + files[at:at + 500],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for file in json.loads(done.communicate()[0].decode('utf-8', 'replace'))['files']:
            if file['pickles']:  # else it is refused, as a dtype of fields over an int, which NumPy does not load either
                yield file['file'], file['pickles'][0]


def releases(text):
    return [tuple(int(n) for n in release.split('.')) for release in re.findall(r'\d+\.\d+', text)]


def may_be(writer):
    """Whether "CPython 3.8 and later or pickle.py 2.7, NumPy before 1.27" has this Python's own pickler."""
    pythons = writer.split(', NumPy')[0]
    if 'no pickler' in pythons:
        return False
    if 'ython' not in pythons:  # nothing is known of it
        return 'pickle.py' not in pythons
    for part in pythons.split(' or '):
        found = releases(part)
        if not found or 'pickle.py' in part or 'Jython' in part or found[0][0] != RELEASE[0]:
            continue
        last = found[-1] if ' to ' in part else RELEASE if 'and later' in part or RELEASE[0] == 2 else found[0]
        if found[0] <= RELEASE <= last:
            return True
    return False


def main(tool):
    work, wrong, read = tempfile.mkdtemp(), collections.OrderedDict(), 0
    try:
        with open(os.devnull, 'w') as nowhere:
            subprocess.check_call([sys.executable, MAKE, 'make', work, 'names', 'values', 'arrays', 'random'],
                                  stdout=nowhere, stderr=nowhere)
        files = sorted(os.path.join(work, name) for name in os.listdir(work) if name.endswith('.pkl'))
        for path, pickle in checked(tool, files, '--dialect=' + OWN):
            if not pickle['identical']:
                wrong[os.path.basename(path)] = 'is not ' + OWN + "'s"
        for path, pickle in checked(tool, files):
            read += 1
            if not pickle['identical'] or not may_be(pickle['writer']):
                wrong[os.path.basename(path)] = 'is said to be of: ' + pickle['writer']
    finally:
        shutil.rmtree(work)
    wrong = [(name, what) for name, what in wrong.items() if not any(alias in name for alias in ALIASES)]
    for name, what in wrong[:20]:
        print('%s %s' % (name, what))
    print('%s: writers of %d pickles: %d wrong' % (OWN, read, len(wrong)))
    return 1 if wrong or read < 1000 else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
