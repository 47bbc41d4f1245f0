"""What a pickle does: a recording unpickler, and the trace of a pickle that it gives. Nothing is imported or called.

    Trace(pickle.dumps(value)).lines        a list of tuples: two pickles that do the same have the same lines
    difference(Trace(one), Trace(other))    None, or (kind, text)

usage: python3 trace.py FILE...             prints the traces      (Python 3.8 or later)

An object is a node: how it was made (its callable and arguments, or class, arguments and keywords) and what happened to
it, in order: states, appended items (batches joined), keys that were set, and calls whose result was dropped. Nodes are
numbered by their first appearance from the root and written as a line each. What old protocols spell by a call (bytes,
sets, complex numbers, nested classes, classes called with keywords) is the value itself, whatever protocol it stands in.

A call whose result is dropped (POP, POP_MARK, or left on the stack at STOP), and which nothing but the stack had, belongs to the
nearest value below it on the stack that a call made, or that is a list, dict or set, at this place of its history; if there
is none, to the document. It is none if it is the outer call of an object that was made inside its own arguments: REDUCE,
POP, GET of an object made by the same callable of the same arguments, which hold it.

What is dropped and something else has is no event: it was made where it was made, and dropping it does nothing. The calls
that only such values hold, and not the root, are counted at the end, in an order of their own.
"""
import hashlib
import sys

from recorder import CALLED, OPCODES, VALUES, Atom, Error, NONE, Node, pairs_of, record, tuple_of  # noqa: F401

# --- which dropped values are events -----------------------------------------------------------------------------------


EVERY = range(sys.maxsize)


def children(node, drops):
    """With the dropped values of these places."""
    out = list(node.parts)
    for pair in node.keywords:
        out += pair
    for kind, one, two in node.events:
        if kind != 'drop' or two in drops:
            out.append(one)
        if kind == 'key':
            out.append(two)
    return out


def reach(values, reached, drops):
    """Adds the ids of the nodes below; returns those that are new."""
    todo, new = list(values), []
    while todo:
        value = todo.pop()
        if isinstance(value, Node) and id(value) not in reached:
            reached.add(id(value))
            new.append(value)
            todo += children(value, drops)
    return new


def settle_keywords(roots):
    """Keywords that came to hold the object that was made with them: how many it was given hangs on the batches of its protocol. They count as
    they are at the end."""
    for node in reach(roots, set(), EVERY):
        if node.given is not None and len(pairs_of(node.given)) > len(node.keywords) and any(one is node for one in reach([node.given], set(), ())):
            node.keywords = pairs_of(node.given)


def choose_drops(root, document, drops):
    """{place in drops: 'drop'} of the calls that nothing but the stack had, each where it was dropped last; and the calls that only other dropped
    values hold."""
    dropped = [value for value in drops if value is not None]
    held = {id(part) for node in reach([root] + dropped, set(), EVERY) for part in children(node, ())}
    last = {id(value): place for place, value in enumerate(drops) if value is not None and value.kind in CALLED and value is not root}
    chosen = {place: 'drop' for place in last.values() if id(drops[place]) not in held}
    reached = set()
    reach([root] + [value for value, place in document if place in chosen], reached, chosen)
    return chosen, [node for node in reach(dropped, reached, chosen) if node.kind in CALLED]


# --- NumPy's objects and array.array: one form of each -----------------------------------------------------------------


def raw(value):
    if isinstance(value, Node):
        return value.parts[0][1] if value.kind == 'bytearray' else None
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


def reconstruct_form(node):
    state = tuple_of(node.events[0][1]) if node.events and node.events[0][0] == 'state' else None
    if state is None or len(node.parts) < 2:
        return reconstruct_call(node)
    if len(state) == 5:
        state = state[1:]
    if len(state) != 4 or tuple_of(state[0]) is None:
        return reconstruct_call(node)
    return array_form(node.parts[1], state[0], state[1], true(state[2]), state[3], node.events[1:])


def frombuffer_form(node):
    if len(node.parts) != 5 or tuple_of(node.parts[3]) is None:
        return None
    return array_form(('global', 'numpy', 'ndarray'), node.parts[3], node.parts[2], node.parts[4] == ('str', 'F'), node.parts[1], node.events)


def dtype_form(node):
    """Which version of its state NumPy wrote, and flags and metadata that say nothing, are not the dtype's."""
    parts, events = [node.parts[1]], list(node.events)
    state = tuple_of(events[0][1]) if events and events[0][0] == 'state' else None
    if state and len(state) == 5:
        state = [NONE] + state  # of NumPy 0.9: no version
    if state and len(state) == 6:
        state = state[:3] + [NONE] + state[3:]  # and no names
    if state:
        parts += [part for value in state[1:7] for part in flat(value)]
        events = events[1:]
    return 'dtype', parts, [], events


def scalar_form(node):
    if len(node.parts) == 3 and raw(node.parts[2]) is not None:
        return 'scalar', [node.parts[1], ('bytes', raw(node.parts[2]))], [], node.events
    return None


def datetime_form(node):
    """Of a str of Python 2 or of bytes, which Python 3 takes both."""
    parts = [('bytes', raw(part)) if isinstance(part, Atom) and part[0] == 'str' else part for part in node.parts[:2]]
    return node.kind, parts + node.parts[2:], node.keywords, node.events


FORMS = {
    ('numpy', '_reconstruct'): reconstruct_form,
    ('numpy', '_frombuffer'): frombuffer_form,
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


class Trace(object):
    """lines: (kind, parts, keywords, events) of each node, with the numbers of others in it; the last line is the
    document's. size: of the pickle, in bytes; opcodes: those in it, as pickletools has them."""

    def __init__(self, data, names='own'):
        recorder = record(data, names)
        root = recorder.root
        self.size, self.opcodes = recorder.size, [OPCODES[code] for code in sorted(recorder.opcodes)]
        settle_keywords([root] + [value for value, _ in recorder.document])
        self.chosen, lost = choose_drops(root, recorder.document, recorder.drops)
        self.numbers, self.queue, self.lines, self.kept = {}, [], [], recorder.drops
        self.write(root, recorder.document, lost)

    def write(self, root, document, lost):
        last = [('root', self.ref(root))]
        self.drain()
        for value, place in document:
            last += self.event('drop', value, place)
            self.drain()
        left = list(lost)
        while left:  # each in its turn the first by what it is, now that others have numbers
            node = min(left, key=self.alone) if len(left) < 100 else left[0]
            self.ref(node)
            self.drain()
            left = [node for node in left if id(node) not in self.numbers]
        last += [('lost', number) for number in sorted(self.numbers[id(node)] for node in lost)]
        self.lines.append(('document', last))

    def drain(self):
        while len(self.lines) < len(self.queue):
            kind, parts, keywords, events = form_of(self.queue[len(self.lines)])
            line = [kind, tuple(self.ref(part) for part in parts), tuple((self.ref(k), self.ref(v)) for k, v in keywords)]
            for event in events:
                line += self.event(*event)
            self.lines.append(tuple(line))

    def alone(self, node):
        """What a call is that nothing has a number for yet: by this others of its like are put in order, what holds the most first."""
        numbers, queue, lines = self.numbers, self.queue, self.lines
        self.numbers, self.queue, self.lines = dict(numbers), queue[:], lines[:]
        self.ref(node)
        self.drain()
        found = len(lines) - len(self.lines), repr(self.lines[len(lines):])
        self.numbers, self.queue, self.lines = numbers, queue, lines
        return found

    def event(self, kind, one, two):
        if kind == 'drop':
            return [(self.chosen[two], self.ref(one))] if two in self.chosen else []
        return [(kind, self.ref(one), self.ref(two)) if kind == 'key' else (kind, self.ref(one))]

    def ref(self, value):
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
            out |= {'%s' % line[0]} | {'dropped call' for event in line[1:] if isinstance(event, tuple) and event[:1] == ('drop',)}
            if len(states) > 1:
                out.add('several states')
            if line[0] == 'new' and line[2]:
                out.add('keywords')
        if any(event[0] == 'drop' for event in self.lines[-1][1]):
            out.add('dropped call of the document')
        return out


def short(value, room=160):
    text = repr(value)
    return text if len(text) <= room else text[:room] + '...'


def difference(one, other):
    """None if they are the same; else the kind of the first difference, and its text."""
    if one.lines == other.lines:
        return None
    for number, (a, b) in enumerate(zip(one.lines, other.lines)):
        if a != b:
            return difference_of_lines(number, a, b)
    return 'length', '%d against %d lines' % (len(one.lines), len(other.lines))


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
        return 'document', '%s against %s' % (short(a[1]), short(b[1]))
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
