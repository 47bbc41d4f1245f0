"""Golden bytes of CPython's C pickler for sets, bytearrays, globals, calls and persistent ids, for tests/test_writer.c.

usage: python3 objects.py > tests/data/objects.golden        (CPython 3.11)

A case has no words: test_writer.c has the calls of each by its name.
"""
import io
import pickle
from collections import OrderedDict

import golden


class Outside:
    """What the pickler is told to name by an id, a new str each time."""


class Made:
    """Made by a call, with items and a state."""

    def __reduce__(self):
        return OrderedDict, (), {'kind': 1}, iter([7, 8]), iter([(1, 2)])


def dumps(value, protocol):
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol)
    pickler.persistent_id = lambda thing: ''.join(['the ', 'id']) if thing is Outside else None
    pickler.dump(value)
    return out.getvalue()


CASES = [('set/0', set()), ('set/1', {1}), ('set/3', {1, 2, 3}), ('set/1000', set(range(1000))), ('set/1001', set(range(1001))),
         ('frozenset/0', frozenset()), ('frozenset/2', frozenset([1, 2])), ('bytearray/0', bytearray()),
         ('bytearray/3', bytearray(b'abc')), ('globals', [OrderedDict, complex, OrderedDict, range]), ('persistent', [Outside, Outside]),
         ('call', Made())]

print('# pickle.dumps(value, protocol) of CPython 3.11, written by tests/gen/objects.py.')
for name, value in CASES:
    print('case ' + name)
    for protocol in range(6):
        print('p%d - %s' % (protocol, golden.quote(dumps(value, protocol))))
