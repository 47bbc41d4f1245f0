"""Derives the golden bytes anew with the Python and the NumPy that run this, and compares them with tests/data.

usage: PYTHON goldens.py                         (tests/check-live.sh calls it; Python 2.7 or 3.8 and later, with
                                                 NumPy)

plain, mixed and family: -python2 on Python 2.7, -numpy1 on NumPy 1, -numpy2 on NumPy 2.4 and later, which write alike; the masked arrays of
family -cpython311 on Python 3.11 and 3.12. values on Python 3.
"""
from __future__ import print_function

import os
import sys
import warnings

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'gen'))
import golden  # noqa: E402
import plain  # noqa: E402

try:
    import cPickle as pickle
except ImportError:
    import pickle

PYTHON2 = sys.version_info[0] == 2
NUMPY = int(np.__version__.split('.')[0])
RELEASE = tuple(int(n) for n in np.__version__.split('.')[:2])


def cases_of(name):
    with open(os.path.join(HERE, '..', 'data', name)) as file:
        return list(golden.read(file))


def compare(name, fresh):
    """fresh: {case: (words, object)}"""
    passed, failed = 0, []
    committed = cases_of(name)
    if sorted(case[0] for case in committed) != sorted(fresh):
        failed.append('%s: the cases are not those of the generator' % name)
    for case, words, pickles in committed:
        if case not in fresh:
            continue
        if list(words) != list(fresh[case][0]):
            failed.append('%s: %s: other words' % (name, case))
        for protocol in sorted(pickles):
            if pickle.dumps(fresh[case][1], protocol) == pickles[protocol]:
                passed += 1
            else:
                failed.append('%s: %s at protocol %d' % (name, case, protocol))
    for text in failed[:20]:
        print('FAIL: ' + text)
    print('%s, Python %d.%d, NumPy %s: %d passed, %d failed' % (
        (name,) + sys.version_info[:2] + (np.__version__, passed, len(failed))))
    return not failed


def main():
    dialect = 'python2' if PYTHON2 else 'numpy%d' % NUMPY
    if (2, 0) <= RELEASE < (2, 4):
        print('skipped: NumPy before 2.4 writes datetimes in another way than what the numpy2 goldens are of')
        return 77
    warnings.simplefilter('ignore')
    arrays = dict((name, (words, array)) for name, words, array in plain.cases())
    good = compare('plain-%s.golden' % dialect, arrays)
    if not PYTHON2:
        import values
        for file, cases in (('values', values.plain()), ('mixed-%s' % dialect, values.mixed())):
            fresh = {name: (words.split(' '), values.build(words.split(' '))) for name, words in cases}
            good = compare(file + '.golden', fresh) and good
    import family
    fresh = {key.replace(' ', '_'): (words.split(), value) for key, words, value in family.cases()}
    if sys.version_info[:2] in ((3, 11), (3, 12)):  # numpy.ma's 'b' is another object there
        dialect, fresh = 'cpython311', {key: value for key, value in fresh.items() if key.startswith('masked')}
    if dialect != 'cpython311' or NUMPY == 1:
        good = compare('family-%s.golden' % dialect, fresh) and good
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
