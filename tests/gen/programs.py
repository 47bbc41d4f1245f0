"""Random valid programs of opcodes, as no pickler writes them: calls that are dropped wherever they are, objects that are given things in any
order, values that are fetched, doubled and dropped.

    program(seed)     a pickle; the same seed gives the same one
    wild(seed)        likewise, longer and with more: memo numbers used again, buffers outside, cycles of every way to make an object
"""
import pickle
import random
import struct


class Value(object):
    """What lies on the stack: as much of it as says which opcodes may follow."""

    def __init__(self, kind, hashable=True, number=None):
        self.kind, self.hashable = kind, hashable


MARK = Value('mark')
OBJECTS = 'call', 'new'
WORDS = 'alpha', 'beta', 'gamma', 'delta'


class Program(object):
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.protocol = self.random.choice([0, 1, 2, 3, 4, 5])
        self.out = bytearray(pickle.PROTO + bytes([self.protocol]) if self.protocol >= 2 else b'')
        self.stack, self.memo, self.puts = [], {}, 0

    def chance(self, probability):
        return self.random.random() < probability

    # What opcodes there are at the protocol; the older spelling stands beside the newer one, as both are valid.

    def emit(self, *parts):
        for part in parts:
            self.out += part

    def push(self, kind, hashable=True):
        self.stack.append(Value(kind, hashable))

    def above(self):
        """Values above the topmost mark."""
        for count, value in enumerate(reversed(self.stack)):
            if value is MARK:
                return count
        return len(self.stack)

    def marked(self):
        return MARK in self.stack

    def take(self, count):
        if count == 0:
            return []
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def take_mark(self):
        taken = self.take(self.above())
        self.stack.pop()
        return taken

    def atom(self):
        text = self.random.choice(WORDS).encode()
        ways = [lambda: self.emit(b'N'), lambda: self.emit(b'I%d\n' % self.random.randrange(-5, 300)), lambda: self.emit(b'F1.5\n'),
                lambda: self.emit(b'V' + text + b'\n'), lambda: self.emit(b'L12345678901L\n')]
        if self.protocol >= 1:
            ways += [lambda: self.emit(b'K', bytes([self.random.randrange(256)])), lambda: self.emit(b'X', struct.pack('<I', len(text)), text),
                     lambda: self.emit(b'G', struct.pack('>d', 2.5))]
        if self.protocol >= 2:
            ways += [lambda: self.emit(b'\x88'), lambda: self.emit(b'\x8a\x02\x00\x01')]
        if self.protocol >= 3:
            ways += [lambda: self.emit(b'C', bytes([len(text)]), text)]
        if self.protocol >= 4:
            ways += [lambda: self.emit(b'\x8c', bytes([len(text)]), text)]
        self.random.choice(ways)()
        self.push('atom')

    def global_(self):
        name = self.random.choice([b'f', b'g', b'setter', b'Class', b'Other'])
        if self.protocol >= 4 and self.chance(0.7):
            self.emit(b'\x8c\x04mods\x8c', bytes([len(name)]), name, b'\x93')
        elif self.protocol >= 2 and self.chance(0.1):
            self.emit(b'\x82', bytes([self.random.randrange(1, 4)]))
        else:
            self.emit(b'cmods\n', name, b'\n')
        self.push('global')

    def container(self):
        kind = self.random.choice(['list', 'dict', 'list', 'dict', 'set'])
        if kind == 'set':
            if self.protocol >= 4:
                self.emit(b'\x8f')
                self.push('set', False)
            return
        if self.protocol >= 1:
            self.emit(b']' if kind == 'list' else b'}')
        else:
            self.emit(b'(l' if kind == 'list' else b'(d')
        self.push(kind, False)

    def buffer(self):
        """NEXT_BUFFER, READONLY_BUFFER. It is no key: the buffer may be writable."""
        if self.protocol >= 5:
            self.emit(b'\x97' + (b'\x98' if self.chance(0.4) else b''))
            self.push('buffer', False)

    def bytearray(self):
        if self.protocol >= 5:
            self.emit(b'\x96', struct.pack('<Q', 2), b'ab')
            self.push('bytearray', False)

    def mark(self):
        if self.stack.count(MARK) < 4:
            self.emit(b'(')
            self.stack.append(MARK)

    def tuple_(self):
        above = self.above()
        if self.protocol >= 2 and above and self.chance(0.6):
            count = min(above, self.random.randrange(1, 4))
            self.emit({1: b'\x85', 2: b'\x86', 3: b'\x87'}[count])
            taken = self.take(count)
        elif self.protocol >= 1 and self.chance(0.3):
            self.emit(b')')
            taken = []
        elif self.marked():
            self.emit(b't')
            taken = self.take_mark()
        else:
            return
        self.push('tuple', all(value.hashable for value in taken))

    def from_mark(self):
        if not self.marked():
            return
        taken = self.stack[len(self.stack) - self.above():]
        kind = self.random.choice(['list', 'dict', 'frozenset'])
        if kind == 'dict' and (len(taken) % 2 or not all(value.hashable for value in taken[::2])):
            return
        if kind == 'frozenset' and (self.protocol < 4 or not all(value.hashable for value in taken)):
            return
        self.take_mark()
        self.emit({'list': b'l', 'dict': b'd', 'frozenset': b'\x91'}[kind])
        self.push(kind, kind == 'frozenset')

    def add_one(self):
        """APPEND, SETITEM."""
        above = self.above()
        if above >= 2 and self.stack[-2].kind in ('list',) + OBJECTS and self.chance(0.6):
            self.take(1)
            self.emit(b'a')
        elif above >= 3 and self.stack[-3].kind in ('dict',) + OBJECTS and self.stack[-2].hashable:
            self.take(2)
            self.emit(b's')

    def add_many(self):
        """APPENDS, SETITEMS, ADDITEMS."""
        above = self.above()
        if self.protocol < 1 or not self.marked() or len(self.stack) < above + 2 or self.stack[-above - 2] is MARK:
            return
        target, taken = self.stack[-above - 2], self.stack[len(self.stack) - above:]
        if target.kind in OBJECTS:
            opcode = self.random.choice([b'e', b'u'])
        else:
            opcode = {'list': b'e', 'dict': b'u', 'set': b'\x90'}.get(target.kind)
        if opcode is None or opcode == b'u' and (len(taken) % 2 or not all(value.hashable for value in taken[::2])):
            return
        if opcode == b'\x90' and not all(value.hashable for value in taken):
            return
        self.take_mark()
        self.emit(opcode)

    def callable_(self, value):
        return value.kind in ('global',) + OBJECTS

    def call(self):
        """With what lies there, or with arguments that are made for it."""
        if self.above() >= 2 and self.stack[-1].kind == 'tuple' and self.callable_(self.stack[-2]):
            opcode = self.random.choice([b'R', b'\x81'] if self.protocol >= 2 and self.stack[-2].kind == 'global' else [b'R'])
            self.take(2)
            self.emit(opcode)
            self.push('call')
            return
        self.global_()
        if self.protocol >= 4 and self.chance(0.2):
            self.arguments()
            self.emit(b'}')
            if self.chance(0.7):
                self.emit(b'(\x8c\x03key')
                self.stack.append(MARK)
                self.push('atom')
                self.argument()
                self.take_mark()
                self.emit(b'u')
            self.emit(b'\x92')
        else:
            self.arguments()
            self.emit(b'R' if self.protocol < 2 or self.chance(0.5) else b'\x81')
        self.take(2)
        self.push('call')

    def arguments(self):
        self.emit(b'(')
        self.stack.append(MARK)
        for _ in range(self.random.randrange(3)):
            self.argument()
        self.take_mark()
        self.emit(b't')
        self.push('tuple')

    def argument(self):
        self.random.choice([self.atom, self.get, self.container, self.global_])()

    def instance(self):
        """INST, OBJ."""
        self.emit(b'(')
        self.stack.append(MARK)
        as_obj = self.protocol >= 1 and self.chance(0.5)
        if as_obj:
            self.global_()
        for _ in range(self.random.randrange(3)):
            self.argument()
        self.take_mark()
        self.emit(b'o' if as_obj else b'imods\nClass\n')
        self.push('call')

    def build(self):
        if self.above() >= 2 and self.stack[-2].kind in OBJECTS:
            self.take(1)
            self.emit(b'b')

    def dropped_call(self):
        """f(top, ...), the result dropped: what a state setter is."""
        if not self.above():
            return
        self.put()
        number = self.puts - 1
        self.global_()
        self.emit(b'(')
        self.emit(b'h' + bytes([number]) if self.protocol >= 1 else b'g%d\n' % number)
        self.stack.append(MARK)
        for _ in range(self.random.randrange(3)):
            self.argument()
        self.take_mark()
        self.emit(b'tR0')
        self.take(1)

    def free_call(self):
        """A call that is dropped wherever it is."""
        depth = len(self.stack)
        self.call()
        if len(self.stack) == depth + 1:
            if self.chance(0.3):
                self.put()
            self.take(1)
            self.emit(b'0')

    def twice(self):
        """REDUCE, POP, GET of an object that was made of the same arguments."""
        if len(self.memo) > 200:
            return
        self.emit(b'cmods\nf\n(')
        self.emit(b']' if self.protocol >= 1 else b'(l')
        self.push('list', False)
        self.put()
        inner = self.puts - 1
        get = b'g%d\n' % inner
        self.emit(b'cmods\nf\n(', get, b'tR')
        self.push('call')
        self.put()
        outer = self.puts - 1
        for _ in range(self.random.randrange(3)):
            self.random.choice([self.build_new, self.append_new])()
        self.emit(b'a')
        self.take(1)
        self.emit(b'tR0g%d\n' % outer)
        self.take(1)
        self.push('call')

    def build_new(self):
        self.emit(b'(l' if self.protocol < 1 else b']', b'b')

    def append_new(self):
        self.emit(b'I7\na')

    def rebind(self):
        """PUT of a number that has a value already."""
        if self.above() and self.memo:
            number = self.random.choice(list(self.memo))
            self.emit(b'q' + bytes([number]) if self.protocol >= 1 else b'p%d\n' % number)
            self.memo[number] = self.stack[-1]

    def frozenset_cycle(self):
        """A frozenset or a tuple that holds itself through an object, as picklers write it, or nearly."""
        if self.protocol < 4 or self.puts > 200:
            return
        self.emit(b'(')
        self.global_()
        self.emit(b')\x81')
        self.take(1)
        self.push('call')
        self.put()
        holder = self.puts - 1
        self.emit(b'}\x8c\x04back(h' + bytes([holder]))
        self.emit(b'\x91' if self.chance(0.5) else b't')
        self.push('frozenset', True)
        self.put()
        whole = self.puts - 1
        self.emit(b'sb')
        self.take(1)
        self.emit(b'1h' + bytes([whole]))
        self.take(1)
        self.push('frozenset')

    def tuple_cycle(self):
        """A tuple that holds itself through a list: its items are written twice."""
        if self.protocol < 2 or self.puts > 200:
            return
        self.emit(b']')
        self.push('list', False)
        self.put()
        inner = self.puts - 1
        self.argument()
        extra = self.take(1)[0]
        self.emit(b'0')
        self.emit(b'h' + bytes([inner]), b'\x85')
        self.take(1)
        self.push('tuple', False)
        self.put()
        whole = self.puts - 1
        self.emit(b'a' if self.chance(0.1) else b'0')
        self.take(1)
        self.emit(b'h' + bytes([inner]), b'h' + bytes([whole]), b'a0', b'h' + bytes([whole]))
        self.push('tuple', False)

    def new_of_cycle(self):
        """An object that holds itself through its arguments, and keywords where the protocol has them; NEWOBJ, NEWOBJ_EX, REDUCE, INST or OBJ."""
        if self.protocol < 1 or self.puts > 200:
            return
        self.global_()
        self.take(1)
        self.emit(b'(]')
        self.push('list', False)
        self.put()
        inner = self.puts - 1
        how = self.random.choice('Ro' if self.protocol < 2 else 'RN' if self.protocol < 4 else 'RNX')
        out = self.out
        name = b'cmods\nf\n'
        if how == 'o':
            self.emit(b'(', name, b'h', bytes([inner]), b'o')
        else:
            self.emit(name, b'(h', bytes([inner]), b't', {'R': b'R', 'N': b'\x81', 'X': b'}\x92'}[how])
        self.push('call')
        self.put()
        made = self.puts - 1
        if self.chance(0.5):
            self.emit(b'Nb')
        self.emit(b'a')
        self.take(1)
        self.emit(b't')
        self.take(1)
        self.emit({'R': b'R', 'o': b'R', 'N': b'\x81' if self.protocol >= 2 else b'R', 'X': b'}\x92'}[how])
        self.emit(b'0h' + bytes([made]))
        self.push('call')

    def pop(self):
        if self.above() and self.chance(0.3):
            self.take(1)
            self.emit(b'0')
        elif self.protocol >= 1 and self.marked() and self.chance(0.2):
            self.take_mark()
            self.emit(b'1')

    def dup(self):
        if self.above():
            self.emit(b'2')
            self.stack.append(self.stack[-1])

    def put(self):
        if not self.above() or self.puts > 250:
            return
        if self.protocol >= 4 and self.chance(0.5):
            self.emit(b'\x94')
        elif self.protocol >= 1:
            self.emit(b'q', bytes([self.puts]))
        else:
            self.emit(b'p%d\n' % self.puts)
        self.memo[self.puts] = self.stack[-1]
        self.puts += 1

    def get(self):
        if not self.memo:
            return self.atom()
        number = self.random.choice(list(self.memo))
        self.emit(b'h' + bytes([number]) if self.protocol >= 1 else b'g%d\n' % number)
        self.stack.append(self.memo[number])

    def persistent(self):
        if self.protocol >= 1 and self.above() and self.chance(0.5):
            self.emit(b'Q')
            self.take(1)
        else:
            self.emit(b'Pan id\n')
        self.push('persid')

    def finish(self):
        """One value is left."""
        while self.marked():
            above = self.above()
            if self.chance(0.5):
                self.take_mark()
                self.emit(b't')
                self.push('tuple', False)
            else:
                self.emit(b'0' * (above + 1))
                self.take_mark()
        if not self.stack:
            self.atom()
        while len(self.stack) > 1:
            if self.protocol >= 2 and self.chance(0.7):
                count = min(len(self.stack), 3)
                self.take(count)
                self.emit({2: b'\x86', 3: b'\x87'}[count])
                self.push('tuple', False)
            else:
                self.take(1)
                self.emit(b'0')
        self.emit(b'.')
        return bytes(self.out)


def wild(seed):
    made = Program(seed)
    return run(made, [made.buffer, made.rebind, made.frozenset_cycle, made.tuple_cycle, made.new_of_cycle], [15, 30, 60, 120])


def program(seed):
    return run(Program(seed), [], [3, 8, 15, 30, 60])


def run(made, more, lengths):
    if made.chance(0.7):
        made.mark()  # so that much of it comes to the end
    ways = [made.atom, made.atom, made.global_, made.container, made.container, made.mark, made.tuple_, made.from_mark, made.add_one,
            made.add_one, made.add_many, made.add_many, made.call, made.call, made.instance, made.build, made.build, made.dropped_call, made.dropped_call,
            made.free_call, made.pop, made.dup, made.put, made.put, made.get, made.get, made.persistent, made.bytearray, made.twice]
    for _ in range(made.random.choice(lengths)):
        made.random.choice(ways + more)()
    return made.finish()
