"""npickle check --strict says identical of nothing that this Python and NumPy would have written otherwise.

usage: PYTHON forms.py NPICKLE [SEED]          (PYTHON 3.8 or later, with NumPy; tests/check-live.sh calls it)

The pickles are those of tests/gen/forms.py. Exit status 1 if it does say so of any, or if it says it of less than a third of the rest: NumPy keeps
numbers in the state of a dtype that it would not give one itself.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import forms  # noqa: E402

OWN = 'cpython%d.%d+numpy%s' % (sys.version_info[:2] + ('.'.join(np.__version__.split('.')[:2]),))


def write(folder, seed):
    made = {}
    for data, same, _, what in forms.make(random.Random(seed)):
        path = os.path.join(folder, '%d.pkl' % len(made))
        with open(path, 'wb') as out:
            out.write(data)
        made[path] = (same, what)
    return made


def identical(tool, files):
    for at in range(0, len(files), 500):
        done = subprocess.run([tool, 'check', '--strict', '--dialect=' + OWN, '--json'] + files[at:at + 500], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        for file in json.loads(done.stdout.decode('utf-8', 'replace'))['files']:
            if file['pickles'] and all(pickle['identical'] for pickle in file['pickles']):
                yield file['file']


def main():
    warnings.simplefilter('ignore')
    with tempfile.TemporaryDirectory() as folder:
        made = write(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        said = set(identical(sys.argv[1], list(made)))
    wrong = [path for path in made if path in said and not made[path][0]]
    for path in wrong[:20]:
        print('FAIL: identical, and not what Python writes: %s' % made[path][1][:200])
    counts = collections.Counter((same, path in said) for path, (same, _) in made.items())
    print('forms: %s: %d that Python writes otherwise, %d of them said to be identical; %d that it writes so, %d of them'
          % (OWN, sum(counts[False, i] for i in (False, True)), len(wrong), sum(counts[True, i] for i in (False, True)), counts[True, True]))
    sys.exit(bool(wrong) or 3 * counts[True, True] < counts[True, False] + counts[True, True])


main()
