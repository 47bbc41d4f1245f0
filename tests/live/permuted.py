"""npk_compare finds dicts and sets equal whatever the order of their items, but not where a call among them saw something else.

usage: PYTHON permuted.py REWRITE [COUNT [SEED]]        (PYTHON 3.8 or later)

REWRITE is tests/live/rewrite of the build folder. COUNT programs (300) of dicts, sets, lists and objects that get their items bit by bit, of calls that are given some of them, and of
calls that are dropped, are written four times more with the items of dicts and sets in another order, and in other batches. An Unpickler whose callables note what they are given,
as it is then, says what each saw; where every call saw the same npk_compare must find no difference, else one, and as many the other way round. A state that a class without __setstate__
takes calls nothing, and whether an object had its state when a call saw it is no difference: where no more than that is another, either is right. Exit status 1 if one of these is
not so.
"""
import collections
import io
import os
import pickle
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import differs  # noqa: E402

# --- programs: ('atom', number), ('ref', place), ('call', number, arguments, dropped), ('container', place, kind, batches of items, state) ----------


class Program(object):
    def __init__(self, chance):
        self.chance, self.places, self.calls, self.atoms = chance, [], 0, 100
        self.root = self.container(0)

    def atom(self):
        self.atoms += 1
        return 'atom', self.atoms

    def value(self, depth, is_key=False):
        kind = self.chance.random()
        if kind < .3 or depth > 3:
            return self.ref() if not is_key and self.chance.random() < .5 else self.atom()
        if kind < .65 or is_key:
            self.calls += 1
            return 'call', self.calls, [self.argument(depth + 1) for _ in range(self.chance.choice([0, 1, 1, 2]))], self.chance.random() < .15
        return self.container(depth + 1)

    def ref(self):
        return 'ref', self.chance.choice(self.places)

    def argument(self, depth):
        return self.ref() if self.chance.random() < .6 else self.value(depth)

    def item(self, kind, depth):
        if kind == 'dict':
            return self.atom() if self.chance.random() < .8 else self.value(depth, True), self.value(depth)
        return self.value(depth, kind == 'set'),

    def container(self, depth):
        kind, place = self.chance.choice(['dict', 'dict', 'dict', 'set', 'set', 'set'] + ['list', 'list', 'object'] * (depth > 0)), len(self.places)
        self.places.append(place)
        batches = [[self.item(kind, depth) for _ in range(self.chance.choice([1, 1, 2, 3]))] for _ in range(self.chance.choice([1, 1, 2, 3]))]
        state = (self.chance.random() < .6, self.value(depth)) if kind == 'object' and self.chance.random() < .7 else None
        return 'container', place, kind, batches, state


def permuted(value, chance):
    if value[0] == 'call':
        return value[:2] + ([permuted(part, chance) for part in value[2]], value[3])
    if value[0] != 'container':
        return value
    batches = [[tuple(permuted(part, chance) for part in item) for item in batch] for batch in value[3]]
    if value[2] in ('dict', 'set') and chance.random() < .7:
        sizes, items = [len(batch) for batch in batches], sum(batches, [])
        if chance.random() < .4:
            chance.shuffle(items)
        elif len(items) > 1:
            at = chance.randrange(len(items) - 1)
            items[at], items[at + 1] = items[at + 1], items[at]
        batches = []
        anew = chance.random() < .4
        while items:
            size = chance.randint(1, len(items)) if anew else sizes[len(batches)]
            batches.append(items[:size])
            items = items[size:]
    return value[:3] + (batches, value[4] and (value[4][0], permuted(value[4][1], chance)))


def in_one_batch(value):
    """The same without its batches: only where the order is another are calls compared by what they see."""
    if value[0] == 'call':
        return value[:2] + ([in_one_batch(part) for part in value[2]], value[3])
    if value[0] != 'container':
        return value
    return value[:3] + ([tuple(in_one_batch(part) for part in item) for batch in value[3] for item in batch], value[4] and (value[4][0], in_one_batch(value[4][1])))


class Unmade(Exception):
    """It refers to what comes later."""


OPENS = {'dict': b'}', 'set': b'\x8f', 'list': b']', 'object': b'cm\nC\n)\x81'}
ADDS = {'dict': b'u', 'set': b'\x90', 'list': b'e', 'object': b'e'}


def number(what):
    return b'M' + what.to_bytes(2, 'little')


def written(value, made):
    kind, what = value[:2]
    if kind == 'atom':
        return number(what)
    if kind == 'ref':
        if what not in made:
            raise Unmade
        return b'h' + bytes([what])
    if kind == 'call':
        call = b'cm\nf\n(' + number(what) + b''.join([written(part, made) for part in value[2]]) + b'tR'
        return call + (b'0' + number(1000 + what) if value[3] else b'')
    made.add(what)
    out = OPENS[value[2]] + b'q' + bytes([what])
    for batch in value[3]:
        out += b'(' + b''.join([written(part, made) for item in batch for part in item]) + ADDS[value[2]]
    if value[4]:
        part = written(value[4][1], made)
        out += b'}Va\n' + part + b'sb' if value[4][0] else b'(' + part + b'lb'
    return out


# --- what calls see ------------------------------------------------------------------------------------------------------


class TooLarge(Exception):
    pass


class Called(object):
    def __init__(self, args):
        self.args = args


class Object(object):
    def __new__(cls):
        self = object.__new__(cls)
        self.items, self.state, self.seen = [], (), None
        return self

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setstate__(self, state):
        self.state = state,
        if not isinstance(state, dict):
            self.seen = shots(self)


def shot(value, states, after=False):
    """What is in it, as a text. `states`: with those of objects; `after`: with what was seen when it was made."""
    left = [1000]

    def of(value, above):
        left[0] -= 1
        if left[0] < 0:
            raise TooLarge
        if isinstance(value, int):
            return str(value)
        if id(value) in above:
            return 'up %d' % (len(above) - above.index(id(value)))
        above = above + [id(value)]
        if isinstance(value, Called):
            return 'f(%s) %s' % (of(value.args, above), value.seen[states] if after else '')
        if isinstance(value, Object):
            state = [of(part, above) for part in value.state] if states or after else []
            return 'C %s %s %s' % ([of(item, above) for item in value.items], state, value.seen[states] if after and value.seen else '')
        if isinstance(value, dict):
            return 'dict %s' % sorted([(of(key, above), of(part, above)) for key, part in value.items()])
        parts = [of(part, above) for part in value]
        return '%s %s' % (type(value).__name__, sorted(parts) if isinstance(value, set) else parts)
    return of(value, [])


def shots(value):
    return [hash(shot(value, states)) for states in (False, True)]


class Recorder(pickle.Unpickler):
    def find_class(self, module, name):
        return {'f': self.call, 'C': Object}[name]

    def call(self, *args):
        called = Called(args)
        called.seen = shots(args)
        self.calls.append(called)
        return called


def record(data):
    """What it makes and calls, without the states that calls saw and with them."""
    recorder = Recorder(io.BytesIO(data))
    recorder.calls = []
    value = recorder.load()
    return [(shot(value, states, True), sorted(shot(call, states, True) for call in recorder.calls)) for states in (False, True)]


# --- the comparison ------------------------------------------------------------------------------------------------------


def judge(compare, one, another):
    """(what is to be counted, what is wrong or None)"""
    a, b = record(one), record(another)
    found, back = compare(one, another), compare(another, one)
    if found is None or back is None:
        return 'not read', 'npickle does not read it'
    if found[0] != back[0]:
        return 'as many both ways', '%d differences, and %d the other way: %s: %s' % (found[0], back[0], found[2], found[3])
    if a == b:
        return 'calls see the same', 'a difference where there is none: %s: %s' % found[2:] if found[0] > 0 else None
    if a[0] == b[0]:
        return 'calls see another state', None
    return 'calls see something else', 'no difference' if found[0] == 0 else None if found[1] else 'there is nothing at %s: %s' % found[2:]


def main(arguments):
    if not arguments:
        print(__doc__)
        return 4
    compare = differs.Comparer(arguments[0])
    count, seed = ([int(text) for text in arguments[1:]] + [300, 0][len(arguments) - 1:])[:2]
    counts = collections.Counter()
    for at in range(seed, seed + count):
        program = Program(random.Random(at))
        for turn in range(4):
            other = permuted(program.root, random.Random(4 * at + turn))
            if len(program.places) > 40 or in_one_batch(other) == in_one_batch(program.root):
                continue
            try:
                one, another = [b'\x80\x04' + written(root, set()) + b'.' for root in (program.root, other)]
                what, wrong = judge(compare, one, another)
            except (Unmade, TooLarge, TypeError):  # a TypeError: what can't be hashed
                counts['left out'] += 1
                continue
            counts[what] += 1
            if wrong:
                counts['WRONG'] += 1
                print('seed %d: %s\n    %r\n    %r' % (at, wrong, one, another))
    for text, many in sorted(counts.items()):
        print('%7d  %s' % (many, text))
    return counts['WRONG'] > 0 or counts['calls see something else'] == 0 or counts['calls see the same'] == 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
