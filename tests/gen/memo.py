"""Golden bytes of one value under each memo policy, for tests/test_graph.c.

usage: python3 memo.py > tests/data/memo.golden        (CPython 3.11)

Three cases for each value: as pickle.dumps writes it, as pickletools.optimize leaves that, as Pickler.fast writes it.
"""
import io
import pickle
import pickletools
from collections import OrderedDict

import golden


def fast(value, protocol):
    out = io.BytesIO()
    pickler = pickle.Pickler(out, protocol)
    pickler.fast = True
    pickler.dump(value)
    return out.getvalue()


shared, pair = ['shared'], (1, 'one')
VALUES = [('shared', [shared, {'k': shared}, shared, pair, pair, (pair, pair)]), ('plain', ['text', b'bytes', {'x': [1.5]}]),
          ('bytes', [b'ab', b'ab' * 2, bytearray(b'ab'), {1}, frozenset([2])]), ('object', [OrderedDict(a=1), OrderedDict(b=2)]),
          ('large', ['x' * 70000, b'y' * 70000, shared, shared])]
WAYS = [('python', pickle.dumps), ('minimal', lambda value, protocol: pickletools.optimize(pickle.dumps(value, protocol))),
        ('none', fast)]

print('# One value under three memo policies, written by tests/gen/memo.py.')
for name, value in VALUES:
    for way, write in WAYS:
        print('case %s/%s' % (name, way))
        for protocol in range(6):
            print('p%d - %s' % (protocol, golden.quote(write(value, protocol))))
