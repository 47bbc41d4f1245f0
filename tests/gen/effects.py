"""Random pickles that do things: what picklers write for objects with a history, and random valid programs of opcodes.

    graph(seed)         a pickle of CPython's picklers, written in C or in Python, of one of the protocols
    make_pickle(seed)   that, or a program of opcodes put together by chance (programs.py)

usage: python3 effects.py > tests/data/effects.golden         (CPython 3.11)

The same seed gives the same pickle. The objects: six items of __reduce_ex__ (a state setter), listitems and dictitems,
objects that hold themselves through the arguments of their constructor (a call, a class, a class with keywords),
subclasses of tuple, frozenset, set, list and dict in cycles, slots, persistent ids, extension codes, nested classes,
bound methods, numbers, texts and bytes of every size, shared wherever they may be.
"""
import collections
import copyreg
import datetime
import decimal
import enum
import fractions
import functools
import io
import os
import pickle
import random
import sys

import golden
from programs import program

# --- what is pickled ---------------------------------------------------------------------------------------------------


class Made(object):
    """How it is made, and what happens to it, is said by its fields."""

    def __init__(self):
        self.way = self.args = self.keywords = self.state = self.items = self.pairs = self.setter = None

    def __call__(self, *args):
        return self

    def __reduce_ex__(self, protocol):
        if self.way == 'new':
            function, args = copyreg.__newobj__, (type(self),) + self.args
        elif self.way == 'new_ex':
            function, args = copyreg.__newobj_ex__, (type(self), self.args, self.keywords)
        else:
            function, args = self.way, self.args
        out = (function, args, self.state, iter(self.items) if self.items is not None else None,
               iter(self.pairs) if self.pairs is not None else None)
        return out if self.setter is None else out + (self.setter,)


class Other(Made):
    pass


class Tuple(tuple):
    pass


class Frozen(frozenset):
    pass


class Set(set):
    pass


class List(list):
    pass


class Dict(dict):
    pass


class Slots(object):
    __slots__ = 'one', 'two'


class SlotsAndDict(Slots):
    pass


class Keywords(object):
    def __new__(cls, *args, **keywords):
        self = object.__new__(cls)
        self.given = args, keywords
        return self

    def __getnewargs_ex__(self):
        return self.given

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != 'given'} or None


class Arguments(tuple):
    """Of which a subclass of tuple is made again, with all that it holds."""

    def __getnewargs__(self):
        return (tuple(self),)


class Plain(object):
    class Inner(object):
        class Innermost(object):
            pass

    def method(self):
        pass


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


Pair = collections.namedtuple('Pair', 'one two')


class Given(object):
    """Made by a type of Python's own of items that others may have, too."""

    def __init__(self, type_, items):
        self.made = type_, (items,)

    def __reduce__(self):
        return self.made


class Outside(object):
    """Named by an id."""

    def __init__(self, identity):
        self.identity = identity


def make(*args):
    pass


def make_other(*args):
    pass


def apply(*args):
    pass


def apply_other(*args):
    pass


EXTENSIONS = [('Plain', 1), ('make_other', 255), ('Slots', 256), ('Set', 65535), ('apply_other', 65536)]


class Graph(object):
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.cycles = random.Random('%s, cycles' % seed)
        self.shared = []  # what may be referred to again
        self.hashable = []
        self.left = self.random.choice([3, 6, 10, 20, 40])  # objects to make

    def chance(self, probability):
        return self.random.random() < probability

    def count(self):
        return self.random.choice([0, 1, 1, 2, 2, 3, 5])

    def text(self):
        size = self.random.choice([0, 1, 3, 3, 3, 10, 40, 255, 256, 300] if self.chance(0.97) else [65536])
        if size > 40:
            return self.random.choice('ab\xe9') * size
        return ''.join(chr(self.random.choice([97, 98, 99, 10, 92, 0, 233, 0x4f60, 0x1f600, 0xd800, 13, 26, 39])) for _ in range(size))

    def data(self):
        size = self.random.choice([0, 1, 3, 3, 3, 10, 40, 255, 256] if self.chance(0.97) else [65536])
        return bytes(bytearray(self.random.randrange(256) for _ in range(min(size, 40)))) * (1 if size <= 40 else size // 40)

    def integer(self):
        bits = self.random.choice([1, 7, 8, 15, 16, 31, 32, 63, 64, 100, 2100])
        return self.random.choice([-1, 1]) * self.random.getrandbits(bits)

    def number(self):
        return self.random.choice([0.0, -0.0, 1.5, float('inf'), float('nan'), self.random.random(), 1e300, 5e-324])

    def atom(self):
        return self.random.choice([lambda: None, lambda: self.chance(0.5), self.integer, self.integer, self.number, self.text, self.text, self.data,
                                   lambda: self.random.choice([Plain, make, Plain.Inner, Plain.Inner.Innermost, len, Slots, collections.OrderedDict]),
                                   lambda: complex(self.number(), self.number())])()

    def key(self):
        if self.hashable and self.chance(0.2):
            return self.random.choice(self.hashable)
        return self.random.choice([self.integer, self.text, self.data, lambda: (self.integer(), self.text()), lambda: self.random.choice([Plain, make])])()

    def value(self):
        if self.shared and self.chance(0.3):
            return self.random.choice(self.shared)
        if self.left <= 0 or self.chance(0.3):
            return self.atom()
        self.left -= 1
        ways = [self.list, self.dict, self.tuple, self.made, self.made, self.made, self.made, self.tuple_subclass, self.frozen_subclass,
                self.subclass, self.slots, self.keywords, self.plain, self.set, self.frozen, self.outside, self.library, self.bytearray, self.method]
        return self.random.choice(ways)()

    def values(self):
        return [self.value() for _ in range(self.count())]

    def keep(self, value, hashable=False):
        self.shared.append(value)
        if hashable:
            self.hashable.append(value)
        return value

    def list(self):
        made = self.keep([])
        made.extend(self.values())
        if self.chance(0.02):
            made.extend(range(self.random.choice([998, 1000, 1001])))
        return made

    def dict(self):
        made = self.keep({})
        for _ in range(self.count()):
            made[self.key()] = self.value()
        return made

    def tuple(self):
        inside = [] if self.chance(0.3) else None
        made = self.keep(tuple(self.values() + ([inside] if inside is not None else [])))
        if inside is not None:
            inside.append(made)  # a tuple that holds itself
        return made

    def set(self):
        made = self.keep(set())
        for _ in range(self.count()):
            made.add(self.key())
        if self.cycles.random() < 0.5:
            made.add(self.back_to(made))
        return made

    def back_to(self, value):
        """An object that refers to what it is in, by its state, which a setter may be given, or its items."""
        made = Made()
        made.way, made.args = self.cycles.choice(['new', make, Plain]), ()
        made.state = self.cycles.choice([{'in': value}, [value], None])
        made.items = [value] if made.state is None or self.cycles.random() < 0.2 else None
        made.setter = apply if made.state is not None and self.cycles.random() < 0.4 else None
        return made

    def frozen(self):
        return self.keep(frozenset(self.key() for _ in range(self.count())), True)

    def bytearray(self):
        return self.keep(bytearray(self.data()))

    def made(self):
        """Any of the six items of __reduce_ex__, the object itself in any of them, once it is within a list or dict."""
        made = self.keep(Made() if self.chance(0.7) else Other(), True)
        made.way = self.random.choice(['new', 'new', 'new_ex', make, make_other, Plain])
        made.args = tuple(self.arguments(made))
        made.keywords = {name: self.argument(made) for name in ['one', 'two', 'three'][:self.random.randrange(4)]}
        if self.chance(0.6):
            made.state = self.random.choice([lambda: {self.text(): self.value()}, self.value, lambda: (None, {'slot': self.value()}), lambda: {'self': made}])()
        if self.chance(0.3):
            made.items = self.values()
        if self.chance(0.3):
            made.pairs = [(self.key(), self.value()) for _ in range(self.count())]
        if made.state is not None and self.chance(0.5):
            made.setter = self.random.choice([apply, apply_other] + [other for other in self.shared if isinstance(other, Made)][:1])
        if made.way in (make, Plain) and self.chance(0.2):
            callables = [other for other in self.shared if isinstance(other, Made) and other is not made]
            made.way = self.random.choice(callables) if callables else made.way
        return made

    def arguments(self, made):
        return [self.argument(made) for _ in range(self.random.randrange(4))]

    def argument(self, made):
        """A list or dict that holds the object: it is made inside its own arguments."""
        if self.chance(0.3):
            return self.keep([made]) if self.chance(0.5) else self.keep({'self': made})
        # What is made already can't hold this object without a list or dict between them.
        return self.atom() if self.chance(0.5) else self.keep(self.values())

    def tuple_subclass(self):
        inside = []
        made = self.keep(self.random.choice([Tuple, Arguments])(self.values() + [inside]) if self.chance(0.7) else Pair(inside, self.value()), True)
        self.hashable.pop()
        if self.chance(0.6):
            inside.append(made)
        if self.chance(0.5) and not isinstance(made, Pair):
            made.attribute = self.value()
        return made

    def frozen_subclass(self):
        holder = self.keep(Plain(), True)
        made = self.keep((Frozen if self.chance(0.7) else frozenset)([holder, self.key()]), True)
        if self.chance(0.7):
            holder.back = made
        if isinstance(made, Frozen) and self.chance(0.5):
            made.attribute = self.value()
        return made

    def subclass(self):
        made = self.keep(self.random.choice([List, Dict, Set, collections.OrderedDict, collections.deque, lambda: collections.defaultdict(list)])())
        for _ in range(self.count()):
            if isinstance(made, dict):
                made[self.key()] = self.value()
            elif isinstance(made, set):
                made.add(self.key())
            else:
                made.append(self.value())
        if hasattr(made, '__dict__') and self.chance(0.5):
            made.attribute = self.value()
        return made

    def slots(self):
        made = self.keep(Slots() if self.chance(0.5) else SlotsAndDict(), True)
        made.one = self.value()
        if self.chance(0.5):
            made.two = self.random.choice([made, self.value()])
        if isinstance(made, SlotsAndDict) and self.chance(0.5):
            made.three = self.value()
        return made

    def keywords(self):
        inside = []
        made = self.keep(Keywords(*[self.atom(), inside][:self.random.randrange(3)], **{'named': self.value(), 'other': inside}), True)
        if self.chance(0.6):
            inside.append(made)
        if self.chance(0.5):
            made.attribute = self.value()
        return made

    def plain(self):
        made = self.keep(self.random.choice([Plain, Plain.Inner, Plain.Inner.Innermost])(), True)
        for name in 'abcde'[:self.count()]:
            setattr(made, name, self.value())
        return made

    def outside(self):
        return self.keep(Outside(self.random.choice(['id', 'an id', self.atom(), ('a', self.value())])), True)

    def library(self):
        return self.keep(self.random.choice([
            lambda: datetime.datetime(2020, 1, 2, 3, 4, 5, self.random.randrange(1000)), lambda: decimal.Decimal('1.5'), lambda: fractions.Fraction(1, 3),
            lambda: Colour.RED, lambda: range(3), lambda: slice(1, None), lambda: ValueError('text', self.integer()),
            lambda: functools.partial(make, self.value(), key=self.value()), lambda: datetime.timezone(datetime.timedelta(0, 60)),
            lambda: iter([self.value()]), lambda: collections.Counter('abca'), lambda: collections.ChainMap({})])())

    def method(self):
        return self.keep(self.random.choice([lambda: [self.value()].append, lambda: self.plain().__reduce_ex__, lambda: 'text'.join])())


def named_outside(base):
    class Pickler(base):
        protocol = 0

        def persistent_id(self, thing):
            if not isinstance(thing, Outside):
                return None
            return thing.identity if self.protocol > 0 else 'the id'
    return Pickler


PICKLERS = named_outside(pickle.Pickler), named_outside(pickle._Pickler)


def pickled(value, protocol, python):
    out = io.BytesIO()
    pickler = PICKLERS[python](out, protocol)
    pickler.protocol = protocol
    pickler.dump(value)
    return out.getvalue()


def given(value, seed):
    """Beside the value something that Python's own types are called with, and what they are called with is there too, or both are used again."""
    some = random.Random('%s, given' % seed)
    if some.random() < 0.6:
        return value
    inside = [some.choice([Outside('id'), Outside(some.choice(['id', 'other'])), some.choice([1, 70000, 1.5]), 'text', (1, 'a'), b'ab', 1 << 70, make])
              for _ in range(some.choice([1, 2, 3]))]
    items = some.choice([list, list, tuple])(inside)
    calls = [Given(some.choice([set, set, frozenset, frozenset, list, tuple, collections.deque]), items) for _ in range(some.choice([1, 1, 2]))]
    whole = calls + some.sample([items, value, calls[0], inside[0]], some.choice([1, 2, 3, 4]))
    some.shuffle(whole)
    return whole


def graph(seed, protocols=range(6)):
    made = Graph(seed)
    value = made.value() if made.chance(0.2) else [made.value() for _ in range(made.random.choice([1, 2, 4]))]
    value = given(value, seed)
    extended = made.chance(0.2)
    for name, code in EXTENSIONS if extended else []:
        copyreg.add_extension(__name__, name, code)
    protocol, python = made.random.choice(protocols), made.chance(0.3)
    try:
        try:
            return pickled(value, protocol, python)
        except TypeError:  # slots have no state below protocol 2
            return pickled(value, max(protocol, 2), python)
    except RecursionError:
        return None
    finally:
        for name, code in EXTENSIONS if extended else []:
            copyreg.remove_extension(__name__, name, code)


def make_pickle(seed):
    """('graph' or 'program', pickle) of a seed; of three two are graphs."""
    if seed % 3 != 2:
        data = graph('graph %d' % seed)
        if data is not None:
            return 'graph', data
    return 'program', program('program %d' % seed)


# What npickle once got wrong: seeds of make_pickle().
WRONG = [16, 104, 260, 504, 583, 622, 734, 766, 909, 1078, 1082, 1455, 1466, 1492, 1722]


def count_calls(recorder, trace):
    """Objects that calls make, in the graph and dropped; -1 where other protocols spell one by several: functools.partial, getattr."""
    nodes = trace.reach([recorder.root] + [call[1] for call in recorder.calls if call[0] == 'made' and id(call[1]) not in recorder.other])
    calls = [node for node in nodes if node.kind in trace.CALLED]
    spelled = any(node.given is not None or ('global', 'functools', 'partial') in node.parts for node in calls) or any(part[0] == 'global' and '.' in part[2] for node in nodes
                                                                   for part in trace.children(node) if isinstance(part, tuple))
    return -1 if spelled else len(calls)


def lowest_protocol(recorder, trace):
    """That has a spelling for all of it: protocol 0 has one for a persistent id that is a line, and extension codes came with 2."""
    lowest = 2 if any(trace.OPCODES[code].name.startswith('EXT') for code in recorder.opcodes) else 0
    for identity in recorder.identities:
        line = identity[0] == 'str' and identity[1].isascii() and '\n' not in identity[1]
        lowest = max(lowest, 0 if line else 1)
    return lowest


def main():
    import trace
    out = golden.Writer(sys.stdout, ['Pickles of objects with a history, and programs of opcodes, of random seeds, by tests/gen/effects.py on CPython 3.11.',
                                     'Words: objects that calls make (-1: not counted), the lowest protocol that can hold it.'])
    seen = set()
    for seed in WRONG + [seed for seed in range(1000) if seed not in WRONG]:
        kind, data = effects.make_pickle(seed)
        if len(data) > (3000 if seed in WRONG else 700):
            continue
        recorder = trace.record(data, spelled=trace.VALUES)
        protocol = data[1] if data[:1] == b'\x80' else 0
        new = {(kind, protocol, what) for what in trace.Trace(data).kinds()} - seen
        if not new and seed not in WRONG:
            continue
        seen |= new
        out.case('%s/%d' % (kind, seed), [str(count_calls(recorder, trace)), str(lowest_protocol(recorder, trace))], {protocol: data})


if __name__ == '__main__':
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'live'))
    import effects  # of its own name, as the classes have it in the pickles
    main()
