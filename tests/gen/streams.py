"""Golden bytes of streams: several pickles by one Pickler, for tests/test_streams.c.

usage: PYTHON streams.py > tests/data/streams-python3.golden        (CPython 3.11, NumPy 1.26)
       PYTHON streams.py > tests/data/streams-python2.golden        (CPython 2.7, NumPy 1.16)

A case is what one Pickler writes in several dumps, at each protocol; the word is the number of dumps.
"""
from __future__ import print_function

import collections
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402

try:
    import cPickle as pickle
    from cStringIO import StringIO as Bytes
except ImportError:
    import pickle
    from io import BytesIO as Bytes


class Ghost(object):
    """Something outside, as an object of another record is to ZODB."""


def persistent_id(value):
    return 'oid 7' if isinstance(value, Ghost) else None


def stream(values, protocol):
    out = Bytes()
    if sys.version_info[0] == 2:
        pickler = pickle.Pickler(out, protocol)
        pickler.persistent_id = persistent_id
    else:
        class Pickler(pickle.Pickler):
            def persistent_id(self, value):
                return persistent_id(value)
        pickler = Pickler(out, protocol)
    for value in values:
        pickler.dump(value)
    return out.getvalue()


def cases():
    one, text, pair = [1], u'a text', (u'x', u'y')
    cycle = [2]
    cycle.append(cycle)
    yield 'lists', [one, [one, text, 2], (one, one, {text: one}), [text]]
    yield 'same', [one, one, one]
    yield 'tuples', [pair, (pair, pair), [pair]]
    yield 'cycle', [cycle, [cycle, one], {u'k': cycle}]
    many = [u'text %d' % i for i in range(300)]
    yield 'many', [many, many[::-1], [many, many[255:258]]]
    ordered = collections.OrderedDict
    first = ordered([(u'k', one)])
    yield 'objects', [first, ordered([(u'k', first)]), [first, ordered]]
    # a record of ZODB: the class and its arguments, then the state, in which objects of other records are persistent ids
    ghost = Ghost()
    yield 'record', [(ordered, None), {u'next': ghost, u'class': ordered, u'again': (ordered, None)}]
    array = np.arange(4.0)
    yield 'arrays', [array, {u'a': array, u'b': np.arange(2.0)}, [array, array.dtype]]
    yield 'bytes', [[b'bytes'], (b'bytes', bytearray(b'bytes')), [set([1]), frozenset([2])]]


def main():
    print('# Streams that one Pickler each wrote, by tests/gen/streams.py: Python %d.%d, NumPy %s.' %
          (sys.version_info[0], sys.version_info[1], np.__version__))
    for name, values in cases():
        print('case %s %d' % (name, len(values)))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            print('p%d - %s' % (protocol, golden.quote(stream(values, protocol))))


if __name__ == '__main__':
    main()
