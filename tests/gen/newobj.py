"""Objects that NEWOBJ and NEWOBJ_EX make, at protocols that have these opcodes and at those below, for
tests/test_translate.c.

usage: python3 newobj.py > tests/data/newobj.golden        (CPython 3.11)

The objects have no state, so that nothing is in them that the spelling of the call makes two of.
"""
import copyreg
import functools
import pickle
import sys

import golden


class Plain(tuple):
    __slots__ = ()

    def __new__(cls, *items):
        return tuple.__new__(cls, items)

    def __reduce_ex__(self, protocol):
        return copyreg.__newobj__, (Plain,) + tuple(self)


class Keywords(tuple):
    __slots__ = ()

    def __new__(cls, *items, **more):
        return tuple.__new__(cls, items)

    def __reduce_ex__(self, protocol):
        if protocol < 2:  # where there is no way of its own, that of protocol 2
            return functools.partial(Keywords.__new__, Keywords, *self, key='word'), ()
        return copyreg.__newobj_ex__, (Keywords, tuple(self), {'key': 'word'})


class NoKeywords(Plain):
    __slots__ = ()

    def __reduce_ex__(self, protocol):
        if protocol < 4:
            return copyreg.__newobj__, (NoKeywords,) + tuple(self)
        return copyreg.__newobj_ex__, (NoKeywords, tuple(self), {})


VALUES = [('newobj', Plain(1, 'two')), ('newobj-none', Plain()), ('newobj-inside', [Plain(Plain(1), 2), Plain(3)]),
          ('newobj_ex', Keywords(1, 'two')), ('newobj_ex-inside', [Keywords(Keywords(1), 2), Keywords()]),
          ('newobj_ex-no-keywords', NoKeywords(1, 2))]

for c in (Plain, Keywords, NoKeywords):
    c.__module__ = 'made'
sys.modules['made'] = sys.modules['__main__']
out = golden.Writer(sys.stdout, ['NEWOBJ and NEWOBJ_EX at every protocol, written by tests/gen/newobj.py.'])
for name, value in VALUES:
    out.case(name, [], {protocol: pickle.dumps(value, protocol) for protocol in range(6)})
