"""What a pickle does: a recording unpickler, and the trace of a pickle that it gives. Nothing is imported or called.

    Trace(pickle.dumps(value)).lines        a list of tuples: two pickles that do the same have the same lines
    difference(Trace(one), Trace(other))    None, or (kind, text)

usage: python3 trace.py FILE...             prints the traces      (Python 3.8 or later)

An object is a node: how it was made (its callable and arguments, or class, arguments and keywords) and what happened to
it, in order: states, appended items (batches joined) and keys that were set. Nodes are numbered by their first appearance from the root and
written as a line each. What old protocols spell by a call (bytes, sets, complex numbers, nested classes, classes called with keywords) is the
value itself, whatever protocol it stands in.

The last line is the document's: the root, and all that Python calls, in its order, whether the root has it or not: objects that are made and states. What
a call may see is how much there is in what something else has by then (Trace.seen). A protocol may make an object once more inside its own
arguments, and drop that; it is one call.
"""
import hashlib
import sys

from recorder import CALLED, OPCODES, VALUES, Atom, Error, NONE, Node, named, pairs_of, record, tuple_of  # noqa: F401

# --- nodes -------------------------------------------------------------------------------------------------------------


def children(node):
    out = list(node.parts)
    for pair in node.keywords:
        out += pair
    for kind, one, two in node.events:
        out.append(one)
        if kind == 'key':
            out.append(two)
    return out


def reach(values):
    """The nodes that lead from values, themselves included."""
    todo, reached, out = list(values), set(), []
    while todo:
        value = todo.pop()
        if isinstance(value, Node) and id(value) not in reached:
            reached.add(id(value))
            out.append(value)
            todo += children(value)
    return out


def settle_keywords(roots):
    """Keywords that came to hold the object that was made with them: how many it was given hangs on the batches of its protocol. They count as
    they are at the end."""
    for node in reach(roots):
        if node.given is not None and len(pairs_of(node.given)) > len(node.keywords) and any(one is node for one in reach([node.given])):
            node.keywords = pairs_of(node.given)


# --- NumPy's objects and array.array: one form of each -----------------------------------------------------------------


#: Not empty: texts of latin-1 are the bytes that a str of Python 2 may be as well.
ONE_TEXT = []


def raw(value):
    if isinstance(value, Node):
        return value.parts[0][1] if value.kind == 'bytearray' else None
    if value[0] == 'str' and ONE_TEXT and not all(character <= '\xff' for character in value[1]):
        return None
    return value[1].encode('latin-1') if value[0] == 'str' else value[1] if value[0] == 'bytes' else None


def flat(value):
    """A tuple, list or dict as one atom with its items in it: ('flat', kind, items...)."""
    if not isinstance(value, Node):
        return [value]
    if value.kind == 'tuple':
        out = [('(',)]
        for item in value.parts:
            out += flat(item)
        return out + [(')',)]
    return [value]


def array_form(class_, shape, dtype, fortran, data, events):
    ndim = len(tuple_of(shape) or [])
    parts = [class_] + flat(shape) + [dtype, ('order', 'F' if fortran and ndim > 1 else 'C')]
    bytes_ = raw(data)
    if bytes_ is not None:
        parts.append(('bytes', bytes_))
    elif isinstance(data, Node) and data.kind == 'list':
        parts += data.items()
    else:
        parts.append(data)
    return 'array', parts, [], events


def true(value):
    return isinstance(value, Atom) and len(value) > 1 and bool(value[1])


def reconstruct_call(node):
    """Of a class with a state of its own; the last argument is a str of Python 2, or bytes."""
    parts = [('bytes', raw(part)) if isinstance(part, Atom) and part[0] == 'str' else part for part in node.parts]
    for kind, value, _ in node.events:
        if kind == 'state' and tuple_of(value):
            for inner in [value] + tuple_of(value):
                items = tuple_of(inner)
                if items and len(items) >= 5 and tuple_of(items[1]) is not None and isinstance(items[4], Atom) and items[4][0] == 'str':
                    items[4] = 'bytes', raw(items[4])
    return node.kind, parts, node.keywords, node.events


def form_of_state(class_, node):
    """Of an array that was given its state, or None."""
    state = tuple_of(node.events[0][1]) if node.events and node.events[0][0] == 'state' else None
    if state is not None and len(state) == 5:
        state = state[1:]
    if state is None or len(state) != 4 or tuple_of(state[0]) is None:
        return None
    return array_form(class_, state[0], state[1], true(state[2]), state[3], node.events[1:])


def reconstruct_form(node):
    return len(node.parts) > 1 and form_of_state(node.parts[1], node) or reconstruct_call(node)


def is_int(value):
    return isinstance(value, Atom) and value[0] == 'int'


def ndarray_form(node):
    """Of a state; or of a buffer, as an array that is read-only has to be made where it can't be outside."""
    of_state = form_of_state(('global', 'numpy', 'ndarray'), node)
    if of_state:
        return of_state
    if len(node.parts) != 7 or node.parts[4:6] != [('int', 0), NONE] or tuple_of(node.parts[1]) is None:
        return None
    return array_form(('global', 'numpy', 'ndarray'), node.parts[1], node.parts[2], node.parts[6] == ('str', 'F'), node.parts[3], node.events)


def frombuffer_form(node):
    if len(node.parts) == 5 and is_int(node.parts[3]):
        shape = Node('tuple', [node.parts[3]])
        return frombuffer_form(Node('call', node.parts[:3] + [shape] + node.parts[4:]))
    if len(node.parts) == 6 and node.parts[4] == ('str', 'K') and [one for one in tuple_of(node.parts[3]) or [None] * 2 if one != ('int', 1)][1:] == []:
        return frombuffer_form(Node('call', node.parts[:4] + [('str', 'C')]))  # of one axis: in any order
    if len(node.parts) != 5 or tuple_of(node.parts[3]) is None:
        return None
    return array_form(('global', 'numpy', 'ndarray'), node.parts[3], node.parts[2], node.parts[4] == ('str', 'F'), node.parts[1], node.events)


def dtype_form(node):
    """Which version of its state NumPy wrote, and flags and metadata that say nothing, are not the dtype's; nor is a state that says nothing."""
    parts, events = [node.parts[1]], list(node.events)
    state = tuple_of(events[0][1]) if events and events[0][0] == 'state' else None
    if state and len(state) == 5:
        state = [NONE] + state  # of NumPy 0.9: no version
    if state and len(state) == 6:
        state = state[:3] + [NONE] + state[3:]  # and no names
    if state:
        parts += [part for value in state[1:7] for part in flat(value)]
        events = events[1:]
    if parts[1:] == USUAL_STATE and raw(parts[0]) in (b'i4', b'f8'):
        del parts[1:]
    return 'dtype', parts, [], events


#: Of a number in the order of bytes that its key has.
USUAL_STATE = [('str', '<'), NONE, NONE, NONE, ('int', -1), ('int', -1)]


def scalar_form(node):
    if len(node.parts) == 3 and raw(node.parts[2]) is not None:
        return 'scalar', [node.parts[1], ('bytes', raw(node.parts[2]))], [], node.events
    return None


def datetime_form(node):
    """Of a str of Python 2 or of bytes, which Python 3 takes both."""
    parts = [('bytes', raw(part)) if isinstance(part, Atom) and part[0] == 'str' else part for part in node.parts[:2]]
    return node.kind, parts + node.parts[2:], node.keywords, node.events


def pyarray_form(node):
    """Its typecode and how many bytes of elements it was given: which values they are npk_compare tells. Of a str of Python 2 the order of bytes is not
    known; without a second argument it is empty."""
    at = 2 if node.parts[0][2] == '_array_reconstructor' else 1
    if len(node.parts) <= at or len(node.parts) > at + 3 or not isinstance(node.parts[at], Atom) or node.parts[at][0] not in ('str', 'bytes'):
        return None
    code, given = raw(node.parts[at]), node.parts[-1] if len(node.parts) > at + 1 else None
    size = raw(given) if given is not None else b''
    if size is None and isinstance(given, Node) and given.kind == 'list':
        size = b' ' * (ITEMSIZES.get(code, 1) * len(given.items()))
    count = len(size or b'') if code in ITEMSIZES or code in (b'b', b'B') else 0  # how long texts are goes by the machine
    return None if size is None else ('pyarray', [('bytes', code), ('int', count)], [], node.events)


#: In bytes, of CPython on most machines; of others the raw bytes that a pickle has may be more or fewer.
ITEMSIZES = {b'h': 2, b'H': 2, b'i': 4, b'I': 4, b'l': 8, b'L': 8, b'q': 8, b'Q': 8, b'f': 4, b'd': 8}


def dill_form(node):
    """What dill makes of an array: NumPy's function, its arguments, the state, and perhaps attributes."""
    given = node.parts[1:]
    if len(given) not in (3, 4) or not named(given[0], 'numpy', '_reconstruct') or given[3:] not in ([], [NONE]):
        return None
    arguments, state = tuple_of(given[1]), tuple_of(given[2])
    if arguments is None or len(arguments) != 3 or state is None or len(state) != 5 or tuple_of(state[1]) is None:
        return None
    return array_form(arguments[0], state[1], state[2], true(state[3]), state[4], node.events)


FORMS = {
    ('array', 'array'): pyarray_form,
    ('array', '_array_reconstructor'): pyarray_form,
    ('dill._dill', '_create_array'): dill_form,
    ('numpy', '_reconstruct'): reconstruct_form,
    ('numpy', '_frombuffer'): frombuffer_form,
    ('numpy', 'ndarray'): ndarray_form,
    ('numpy', 'dtype'): dtype_form,
    ('numpy', 'scalar'): scalar_form,
    ('datetime', 'date'): datetime_form,
    ('datetime', 'datetime'): datetime_form,
    ('datetime', 'time'): datetime_form,
}


def form_of(node):
    """(kind, parts, keywords, events) of a node."""
    if node.kind == 'call' and isinstance(node.parts[0], Atom) and node.parts[0][1:] in FORMS and len(node.parts) > 1:
        form = FORMS[node.parts[0][1:]](node)
        if form is not None:
            return form
    return node.kind, node.parts, node.keywords, node.events


# --- the trace ---------------------------------------------------------------------------------------------------------


# That make containers, and do nothing else: npickle does not keep them in the order of the others.
MAKERS = {('builtins', 'list'), ('builtins', 'tuple'), ('builtins', 'dict'), ('collections', 'OrderedDict'), ('collections', 'defaultdict'),
          ('collections', 'Counter'), ('collections', 'deque')}


def is_maker(node):
    return node.kind == 'call' and isinstance(node.parts[0], Atom) and node.parts[0][1:] in MAKERS


def is_known(node):
    """What makes containers, and NumPy's and others', of which there are several forms."""
    names = FORMS.keys() | MAKERS | {('numpy', '_mareconstruct')}
    return node.kind == 'call' and isinstance(node.parts[0], Atom) and node.parts[0][1:] in names


class Trace(object):
    """lines: (kind, parts, keywords, events) of each node, with the numbers of others in it; the last line is the
    document's. size: of the pickle, in bytes; opcodes: those in it, as pickletools has them. dropped: see there."""

    def __init__(self, data, names='own'):
        recorder = record(data, names)
        root = recorder.root
        self.size, self.opcodes = recorder.size, [OPCODES[code] for code in sorted(recorder.opcodes)]
        settle_keywords([root] + [call[1] for call in recorder.calls])
        self.numbers, self.queue, self.lines, self.kept = {}, [], [], recorder.kept
        last = [('root', self.ref(root))]
        self.drain()
        self.reached = len(self.lines)
        grown, seen = {}, {}  # id -> what has grown since the last call; id -> where it grew
        for call in recorder.calls:
            node = call[1]
            if is_known(node):
                continue
            if call[0] == 'has':
                grown[id(node)] = call[2:]
            elif id(node) not in recorder.other:
                last.append((call[0], self.ref(node)))
                self.drain()
                for key, growth in grown.items():
                    seen.setdefault(key, []).append((len(last) - 1,) + growth)
                grown = {}
        # Of each number: [(which call, how much there is in it then, whether something else has it)]
        self.seen = {self.numbers[key]: growths for key, growths in seen.items() if key in self.numbers}
        # What makers of containers were given: how much there was in it then.
        self.taken = {number: node.taken for number, node in enumerate(self.queue) if is_maker(node)}
        self.drop(recorder)
        self.lines.append(('document', last))

    def drop(self, recorder):
        """dropped: the numbers of what is known, made and dropped, in no order; dropped_lines: the lines behind those of the others."""
        count = len(self.lines)
        made = [call[1] for call in recorder.calls if call[0] == 'made' and is_known(call[1])]
        self.dropped = [self.ref(node) for node in made if id(node) not in recorder.other and id(node) not in self.numbers]
        self.drain()
        self.dropped_lines = self.lines[count:]
        del self.lines[count:]

    def drain(self):
        while len(self.lines) < len(self.queue):
            node = self.queue[len(self.lines)]
            kind, parts, keywords, events = form_of(node)
            line = [kind, tuple(self.ref(part) for part in parts), tuple((self.ref(k), self.ref(v)) for k, v in keywords)]
            for kind, one, two in events:
                line.append((kind, self.ref(one), self.ref(two)) if kind == 'key' else (kind, self.ref(one)))
            self.lines.append(tuple(line))

    def ref(self, value):
        if ONE_TEXT and not isinstance(value, Node) and raw(value) is not None:
            return 'bytes', raw(value)
        if not isinstance(value, Node):
            return value
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.queue)
            self.queue.append(value)
        return number

    def digest(self):
        return hashlib.sha256(repr(self.lines).encode('utf-8', 'backslashreplace')).hexdigest()[:16]

    def kinds(self):
        """What is in it: the effects by which figures are given."""
        out = set()
        for line in self.lines:
            states = [event for event in line[3:] if isinstance(event, tuple) and event[0] == 'state']
            out.add(line[0])
            if len(states) > 1:
                out.add('several states')
            if line[0] == 'new' and line[2]:
                out.add('keywords')
        if any(call[0] == 'made' and call[1] >= self.reached for call in self.lines[-1][1]):
            out.add('dropped call')
        return out


def short(value, room=160):
    text = repr(value)
    return text if len(text) <= room else text[:room] + '...'


def unlike(growths, others):
    """The first call that may see more or less in the one than in the other: (call, how much, how much), or None. What nothing else has is not seen: it gets its
    items one by one or at once."""
    steps = sorted([(growth[0], 0, growth[1:]) for growth in growths] + [(growth[0], 1, growth[1:]) for growth in others])
    now = [(0, False), (0, False)]
    for place, (call, side, growth) in enumerate(steps):
        now[side] = growth
        last = place + 1 == len(steps) or steps[place + 1][0] != call
        if last and now[0][1] and now[1][1] and now[0][0] != now[1][0]:
            return call, now[0][0], now[1][0]
    return None


def difference(one, other):
    """None if they are the same; else the kind of the first difference, and its text."""
    for number, (a, b) in enumerate(zip(one.lines, other.lines)):
        if a != b:
            return difference_of_lines(number, a, b)
    if len(one.lines) != len(other.lines):
        return 'length', '%d against %d lines' % (len(one.lines), len(other.lines))
    for number in one.seen.keys() & other.seen.keys():
        found = unlike(one.seen[number], other.seen[number])
        if found:
            return 'seen', 'call %d of %d sees #%d with %d against %d in it' % (found[0], len(one.lines[-1][1]), number, found[1], found[2])
    for number in one.taken.keys() & other.taken.keys():
        if one.taken[number] != other.taken[number]:
            return 'taken', '#%d is made of %s against %s items' % (number, one.taken[number], other.taken[number])
    return None


def kinds_of(some, others):
    """Of the first that differ: ", str/bytes"."""
    for a, b in zip(some, others):
        if a != b:
            return ', %s/%s' % tuple('object' if isinstance(value, int) else str(value[0])[:20] for value in (a, b))
    return ', count'


def difference_of_lines(number, a, b):
    if a[0] != b[0]:
        return 'made: %s' % a[0], '#%d: %s against %s' % (number, short(a), short(b))
    if a[0] == 'document':
        place = next((i for i, (x, y) in enumerate(zip(a[1], b[1])) if x != y), min(len(a[1]), len(b[1])))
        return 'calls', 'call %d of %d against %d: %s against %s' % (place, len(a[1]), len(b[1]), short(a[1][place:place + 8]), short(b[1][place:place + 8]))
    for place, (x, y) in enumerate(zip(a, b)):
        if x != y:
            if place < 3:
                return '%s: %s%s' % (a[0], ('kind', 'parts', 'keywords')[place], kinds_of(x, y)), '#%d: %s against %s' % (number, short(x), short(y))
            return '%s: event %s' % (a[0], x[0] if x[0] == y[0] else '%s/%s' % (x[0], y[0])), '#%d, event %d: %s against %s' % (number, place - 3, short(x), short(y))
    more, what = (a, '-') if len(a) > len(b) else (b, '+')
    event = more[min(len(a), len(b))]
    return '%s: events %s%s' % (a[0], what, event[0]), '#%d: %d against %d events, %s' % (number, len(a) - 3, len(b) - 3, short(event))


def main(paths):
    for path in paths:
        with open(path, 'rb') as file:
            data = file.read()
        while data:
            trace = Trace(data)
            for number, line in enumerate(trace.lines):
                print(number, short(line, 2000))
            data = data[trace.size:]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
