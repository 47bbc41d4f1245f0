"""Golden bytes of streams by one Pickler whose memo was cleared between some of the dumps, for tests/test_streams.c.

usage: PYTHON cleared.py > tests/data/cleared.golden        (CPython 3.11, NumPy 1.26)

A case is named for what was done, d: dump, c: clear_memo; the word is the number of dumps. Not protocols 4 and 5: there
MEMOIZE counts what the Unpickler has, which nobody clears, so no one Unpickler can read them.
"""
import collections
import datetime
import io
import os
import pickle
import random
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402


def make(choice, shared):
    times, fields = np.dtype('M8[s]'), np.dtype([('x', 'i4'), ('y', 'f4')])
    return choice([shared, {'k': shared}, (1, 'a', shared), np.zeros(2, times), times, np.zeros(1, fields), np.float64(1.5), len,
                   collections.OrderedDict([('a', shared), ('b', 1)]), datetime.date(2020, 1, 2), {1}, b'xy', 1 << 70, None,
                   collections.OrderedDict])


def write(seed, protocol, pickler):
    choose, out, done = random.Random(seed), io.BytesIO(), ''
    pickler, shared, before = pickler(out, protocol), ['s', 's'], []
    for number in range(choose.randrange(2, 5)):
        if number > 0 and choose.random() < 0.6:
            pickler.clear_memo()
            done += 'c'
        before.append([make(choose.choice, shared), choose.choice(before) if before else 'first', make(choose.choice, shared)])
        pickler.dump(before[-1])
        done += 'd'
    return done, out.getvalue()


print('# Streams of one Pickler each with a memo that was cleared, by tests/gen/cleared.py: Python 3.11, NumPy 1.26.')
for seed in range(8):
    for name, pickler in (('c', pickle.Pickler), ('py', pickle._Pickler)):
        made = [write(seed, protocol, pickler) for protocol in range(4)]
        print('case %s-%d-%s %d' % (name, seed, made[0][0], made[0][0].count('d')))
        for protocol, (done, pickled) in enumerate(made):
            print('p%d - %s' % (protocol, golden.quote(pickled)))
