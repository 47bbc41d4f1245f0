"""What a pickle does is seen by running it: programs of opcodes are run by Python before and after their conversion, with a log of all calls.

usage: PYTHON execute.py REWRITE [COUNT [SEED]]        (PYTHON 3.8 or later)

REWRITE is tests/live/rewrite of the build folder. COUNT programs (500) call functions and make instances of the classes below, put things in the
memo, drop them, fetch and change them; some of the things are containers of the standard library and NumPy's arrays and dtypes (where it is there). The functions, __init__, __new__, __setstate__ and persistent_load log what they are given, in depth, as it is at that time. Each
program is converted to protocols 0 to 5; what comes out must give the same log and the same value, and npk_compare finds no difference. What npickle refuses is counted by
reason. Exit status 1 if a conversion does something else.
"""
import collections
import io
import os
import pickle
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import traces  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None

# --- what the programs call --------------------------------------------------------------------------------------------

LOG = []
ATOMS = int, float, str, bytes, type(None)


def snapshot(value, seen=None):
    """All that can be seen of a value, with its sharing."""
    seen = {} if seen is None else seen
    if isinstance(value, ATOMS):
        return type(value).__name__, repr(value)
    if isinstance(value, type) or callable(value):
        return 'global', value.__qualname__
    if id(value) in seen:
        return 'same', seen[id(value)]
    number = seen[id(value)] = len(seen)
    parts = attributes = None
    if numpy and isinstance(value, numpy.dtype):
        parts = value.str
    elif numpy and isinstance(value, numpy.ndarray):
        parts = value.dtype.str, value.shape, [snapshot(item, seen) for item in value.ravel().tolist()]
    elif isinstance(value, dict):
        parts = [(snapshot(key, seen), snapshot(item, seen)) for key, item in list(dict.items(value))]
    elif isinstance(value, (list, tuple, collections.deque)):
        parts = [snapshot(item, seen) for item in tuple(value)]
    elif isinstance(value, set):
        parts = sorted((snapshot(item) for item in value), key=repr)
    if hasattr(value, '__dict__') and not isinstance(value, collections.OrderedDict):
        attributes = [(key, snapshot(item, seen)) for key, item in list(value.__dict__.items())]
    return type(value).__name__, number, parts, attributes


def log(name, *values):
    LOG.append((name, snapshot(list(values))))


class Plain:
    pass


class Begun:
    def __init__(self, *args):
        log('__init__', self, args)
        self.args = args


class New:
    def __new__(cls, *args, **keywords):
        log('__new__', args, keywords)
        self = object.__new__(cls)
        self.tag = args
        return self


class Stateful:
    def __setstate__(self, state):
        log('__setstate__', self, state)
        self.__dict__['state'] = state


class List(list):
    pass


class Dict(dict):
    pass


class Taker:
    """Takes items and keys, and keeps them in order."""

    def append(self, item):
        self.__dict__.setdefault('taken', []).append(item)

    def __setitem__(self, key, item):
        self.__dict__.setdefault('taken', []).append((key, item))


def holder(*args):
    log('holder', args)
    out = Plain()
    out.args = args
    return out


def first(*args):
    log('first', args)
    return args[0] if args else None


def push(*args):
    log('push', args)
    if len(args) > 1 and isinstance(args[0], list):
        list.append(args[0], args[1])
    return args[-1] if args else None


def maker(class_):
    def make(*args):
        log(make.__qualname__, args)
        return class_()
    return make


taker, lister, dicter, stateful, plain = maker(Taker), maker(List), maker(Dict), maker(Stateful), maker(Plain)
for _name in ('taker', 'lister', 'dicter', 'stateful', 'plain'):
    globals()[_name].__qualname__ = _name

MAKES = {'holder': 'Plain', 'first': None, 'push': None, 'taker': 'Taker', 'lister': 'List', 'dicter': 'Dict', 'stateful': 'Stateful', 'plain': 'Plain'}

KNOWN = {  # what npickle has rules for: module, name and arguments
    'OrderedDict': b'ccollections\nOrderedDict\n(t',
    'defaultdict': b'ccollections\ndefaultdict\n(t',
    'Counter': b'ccollections\nCounter\n(t',
    'deque': b'ccollections\ndeque\n(t',
    'ndarray': b'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\nt',
    'dtype': b'cnumpy\ndtype\n(Vi4\nI0\nI1\nt',
}

TAKERS = {  # likewise, called with a list or dict: module and name; what it takes; what it makes
    'list': (b'cbuiltins\nlist\n', list, list),
    'list of keys': (b'cbuiltins\nlist\n', dict, list),
    'tuple': (b'cbuiltins\ntuple\n', list, None),
    'set': (b'cbuiltins\nset\n', list, 'set'),
    'frozenset': (b'cbuiltins\nfrozenset\n', list, None),
    'dict': (b'cbuiltins\ndict\n', dict, dict),
    'bytes': (b'cbuiltins\nbytes\n', list, None),
    'bytearray': (b'cbuiltins\nbytearray\n', list, None),
    'OrderedDict': (b'ccollections\nOrderedDict\n', dict, 'OrderedDict'),
    'Counter': (b'ccollections\nCounter\n', list, 'Counter'),
    'deque': (b'ccollections\ndeque\n', list, 'deque'),
}

# --- programs ----------------------------------------------------------------------------------------------------------


class Program(object):
    """A valid program of a protocol, put together by chance: .data. With this probability some of the things are those of KNOWN and TAKERS."""

    def __init__(self, seed, known=.3):
        self.random = random.Random('execute %d' % seed)
        self.protocol = self.random.randrange(6)
        self.data, self.memo, self.open = bytearray(), {}, []
        self.known = .4 if known and self.chance(known) else 0
        if self.protocol >= 2:
            self.data += b'\x80' + bytes([self.protocol])
        if self.chance(.2):
            self.junk(3)
        self.value(5)
        self.data += b'.'

    def chance(self, likely):
        return self.random.random() < likely

    def some(self, most):
        return range(self.random.randrange(most + 1))

    def name(self, name):
        if self.protocol >= 4 and self.chance(.7):
            for text in (__name__, name):
                self.data += b'\x8c' + bytes([len(text)]) + text.encode()
            self.data += b'\x93'
        else:
            self.data += b'c' + self.lines(name)

    @staticmethod
    def lines(name):
        return ('%s\n%s\n' % (__name__, name)).encode()

    def text(self, text):
        self.data += b'X' + bytes([len(text), 0, 0, 0]) + text if self.protocol else b'V' + text + b'\n'

    def atom(self):
        kind = self.random.randrange(4)
        if kind == 0:
            self.data += b'N'
        elif kind == 1:
            number = self.random.randrange(9)
            self.data += b'K' + bytes([number]) if self.protocol else b'I%d\n' % number
        else:
            self.text(b'%c' % self.random.choice(b'abcdefz'))

    def put(self, kind):
        """Its number in the memo, or None."""
        if not self.chance(.6):
            return None
        number = len(self.memo) if self.chance(.8) else self.random.randrange(30)
        if self.protocol >= 4 and self.chance(.5):
            number = len(self.memo)
            self.data += b'\x94'
        else:
            self.data += b'q' + bytes([number]) if self.protocol else b'p%d\n' % number
        self.memo[number] = kind
        return number

    def get(self):
        """Out of the memo, what is whole. False: there is nothing."""
        whole = [number for number in self.memo if number not in self.open]
        if not whole:
            return None
        number = self.random.choice(whole)
        self.data += b'h' + bytes([number]) if self.protocol else b'g%d\n' % number
        return number

    def value(self, depth):
        """One value; its class where items or a state may come to it."""
        likely = self.random.random()
        if depth <= 0 or likely < .15:
            number = self.get() if self.chance(.6) else None
            if number is None:
                self.atom()
            return self.memo.get(number)
        if likely < .36:
            return self.container(depth, list if likely < .28 else dict)
        if likely < .45:
            self.tuple(depth)
            return None
        if likely < .48 and self.protocol >= 4:
            self.data += b'\x8f'
            self.put(None)
            return None
        if likely < .52:
            self.outside(depth)
            return None
        return self.known_object(depth) if self.known and self.chance(self.known) else self.object(depth)

    def container(self, depth, kind):
        empty, marked = (b']', b'(l') if kind is list else (b'}', b'(d')
        self.data += empty if self.protocol and self.chance(.7) else marked
        number = self.put(kind)
        if self.chance(.2):
            self.junk(depth - 1)
        self.fill(depth, kind, number)
        if self.memo and self.chance(.1):
            self.change(depth)
        return kind

    def fill(self, depth, kind, number):
        """Items or keys for what is on top of the stack; it may be referred to meanwhile, but by chance is not."""
        if self.chance(.5):
            self.open.append(number)
        one, many = (b'a', b'e') if kind is list else (b's', b'u')
        for _ in self.some(2):
            several = self.protocol and self.chance(.5)
            self.data += b'(' if several else b''
            for _ in (self.some(3) if several else range(1)):
                if kind is dict:
                    self.atom()
                self.value(depth - 1)
            self.data += many if several else one
            if self.chance(.1):
                self.junk(depth - 1)
        if self.open and self.open[-1] == number:
            self.open.pop()

    def tuple(self, depth):
        count = self.random.randrange(4)
        short = self.protocol >= 2 and self.chance(.7)
        self.data += b'' if short else b'('
        for _ in range(count):
            self.value(depth - 1)
        self.data += b')\x85\x86\x87'[count:count + 1] if short else b't'
        self.put(None)

    def outside(self, depth):
        """What a persistent id stands for."""
        if self.protocol and self.chance(.5):
            self.value(depth - 1)
            self.data += b'Q'
        else:
            self.data += b'P%c\n' % self.random.choice(b'abcdefz')
        self.put(None)

    def junk(self, depth):
        """Made and dropped."""
        likely = self.random.random()
        if likely < .6:
            self.value(depth)
            self.data += b'0'
        elif likely < .8:
            self.data += b'('
            for _ in self.some(2):
                self.value(depth)
            self.data += b'1'
        elif likely < .9:
            self.data += b'20'
        else:
            self.change(depth)

    def change(self, depth):
        """Fetched, changed and dropped."""
        number = self.get()
        if number is None:
            return
        self.after(depth - 1, self.memo[number], number)
        self.data += b'0'

    def arguments(self, depth, name):
        if name in ('Begun', 'New'):
            self.tuple(depth)
        else:
            self.data += b')' if self.protocol else b'(t'

    def object(self, depth):
        likely = self.random.random()
        kind = self.random.choice(['Plain', 'New', 'Stateful', 'List', 'Dict', 'Taker'])
        if likely < .45:
            function = self.random.choice(sorted(MAKES))
            self.name(function)
            self.tuple(depth)
            self.data += b'R'
            kind = MAKES[function]
        elif likely < .6 and self.protocol >= 2:
            self.name(kind)
            self.arguments(depth, kind)
            self.data += b'\x81'
        elif likely < .65 and self.protocol >= 4:
            kind = 'New'
            self.name(kind)
            self.tuple(depth)
            self.data += b'}('
            for key in b'xy'[:self.random.randrange(3)]:
                self.text(bytes([key]))
                self.value(depth - 1)
            self.data += b'u\x92'
        else:
            kind = self.random.choice(['Begun', kind])
            count = self.random.randrange(3) if kind in ('Begun', 'New') else 0
            marked = self.protocol and self.chance(.5)
            self.data += b'('
            if marked:
                self.name(kind)
            for _ in range(count):
                self.value(depth - 1)
            self.data += b'o' if marked else b'i' + self.lines(kind)
        number = self.put(kind)
        self.after(depth, kind, number)
        return kind

    def take(self, depth):
        """A list or dict, which something else may have, as the argument of what takes its items; the class of what that makes."""
        name, takes, makes = TAKERS[self.random.choice(sorted(TAKERS))]
        self.data += name + b'('
        if takes not in self.memo.values() or self.chance(.4):
            self.container(depth - 1, takes)
        else:
            number = self.random.choice([number for number in self.memo if self.memo[number] is takes])
            self.data += b'h' + bytes([number]) if self.protocol else b'g%d\n' % number
        self.data += b't'
        return makes

    def known_object(self, depth):
        if self.chance(.5):
            kind = self.take(depth)
        else:
            kind = self.random.choice(sorted(KNOWN))
            self.data += KNOWN[kind]
        self.data += b'R'
        number = self.put(kind)
        self.after(depth, kind, number)
        return kind

    def state_of_array(self, depth):
        self.data += b'(I1\n(I2\nt'
        if self.chance(.3):
            self.data += KNOWN['dtype'].replace(b'i4', b'O') + b'RI00\n('
            for _ in range(2):
                self.value(depth - 1)
            self.data += b'l'
        else:
            number = self.get() if self.chance(.4) else None
            if number is None or self.memo[number] != 'dtype':
                self.data += (b'0' if number is not None else b'') + KNOWN['dtype'] + b'R'
                self.after(depth, 'dtype', self.put('dtype'))
            self.data += b"I00\nc_codecs\nencode\n(V\\u0001\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u%04x\nVlatin1\ntR" % self.random.randrange(9)
        self.data += b'tb'

    def after(self, depth, kind, number):
        """Items, keys, states and what is dropped, for what is on top of the stack."""
        for _ in self.some(2):
            likely = self.random.random()
            if likely < .12:
                self.junk(depth - 1)
            elif kind in (list, dict):
                self.fill(depth, kind, number)
            elif kind == 'ndarray':
                self.state_of_array(depth)
            elif kind == 'dtype':
                self.data += b'(I3\nV%c\nNNNI-1\nI-1\nI0\ntb' % self.random.choice(b'<>')
            elif kind == 'deque':
                self.fill(depth, list, number)
            elif kind in KNOWN:
                self.fill(depth, dict, number)
            elif kind in ('List', 'Taker') and likely < .5:
                self.fill(depth, list, number)
            elif kind in ('Dict', 'Taker') and likely < .7:
                self.fill(depth, dict, number)
            elif kind == 'Stateful':
                self.value(depth - 1)
                self.data += b'b'
            elif kind == 'set':
                if self.protocol >= 4:
                    self.data += b'('
                    self.atom()
                    self.data += b'\x90'
            elif kind is not None:
                self.data += b'}' if self.protocol else b'(d'
                for _ in self.some(2):
                    self.text(b'%c' % self.random.choice(b'abcdef'))
                    self.value(depth - 1)
                    self.data += b's'
                self.put(dict)
                self.data += b'b'


# --- before and after --------------------------------------------------------------------------------------------------


class Unpickler(pickle.Unpickler):
    def persistent_load(self, id_):
        log('persistent_load', id_)
        return holder(id_)


def run(data):
    """(log, value), or None where Python can't."""
    del LOG[:]
    try:
        value = Unpickler(io.BytesIO(data)).load()
        return list(LOG), snapshot(value)
    except Exception:  # whatever a chance program does
        return None


def main(arguments):
    if not arguments:
        print(__doc__)
        return 4
    rewrite = traces.Rewriter(arguments[0])
    count, seed = ([int(number) for number in arguments[1:]] + [500, 0][len(arguments) - 1:])[:2]
    counts = collections.Counter()
    for number in range(seed, seed + count):
        data = bytes(Program(number).data)
        expected = run(data)
        if expected is None:
            counts['left out: Python does not load it'] += 1
            continue
        for way, (out, message) in zip(traces.WAYS, rewrite(data)):
            if out is None:
                counts['refused  ' + traces.reason(message)] += 1
            elif run(out) != expected or message:
                counts['DIFFERS'] += 1
                print('seed %d, %s: %s' % (number, way, message or 'does something else'))
            else:
                counts['equal'] += 1
    for text, many in sorted(counts.items()):
        print('%7d  %s' % (many, text))
    return counts['DIFFERS'] > 0 or counts['equal'] == 0


if __name__ == '__main__':
    sys.modules['execute'] = sys.modules['__main__']
    __name__ = 'execute'
    for _thing in list(globals().values()):
        if isinstance(_thing, type) and _thing.__module__ == '__main__':
            _thing.__module__ = 'execute'
    sys.exit(main(sys.argv[1:]))
