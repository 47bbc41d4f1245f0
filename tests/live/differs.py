"""npk_compare tells two pickles apart if they do something else, and only then.

usage: PYTHON differs.py REWRITE [COUNT [SEED]]        (PYTHON 3.8 or later)

REWRITE is tests/live/rewrite of the build folder. COUNT programs of opcodes (300), those of execute.py and of programs.py, are changed by chance, twenty-one times each: opcodes
are left out, done twice, done in another order, have another number, text or name, a call becomes an OBJ, and calls are added that are dropped. Where what comes of it is a pickle that does the same by
its trace (trace.py), npk_compare must find no difference; where it does something else one, with a path at which there is something in one of the two. How values are shared and
the order of the items of dicts and sets are no difference to npk_compare: what has no other one is left out. So is what npickle does not read. Some of the programs have arrays, dtypes
and containers of the library, of which those that are made and dropped have no place in a trace; what they are must be told apart all the same. Exit status 1 if one of these is not so.
"""
import collections
import os
import pickletools
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import execute  # noqa: E402
import programs  # noqa: E402
import trace  # noqa: E402
import traces  # noqa: E402

# --- changes -----------------------------------------------------------------------------------------------------------


def parts_of(data):
    """The opcodes, as bytes, but for frames."""
    places = [(opcode.name, place) for opcode, _, place in pickletools.genops(data)]
    ends = [place for _, place in places[1:]] + [len(data)]
    return [data[place:end] for (name, place), end in zip(places, ends) if name != 'FRAME']


def other(part, chance):
    """The same opcode with another argument, if it has one that is simple."""
    if part[:1] in (b'K', b'h', b'q') and len(part) == 2:
        return part[:1] + bytes([chance.randrange(12)])
    if part[:1] in b'IVcgp' and b'\n' in part:
        at = part.index(b'\n') - 1
        return part[:at] + bytes([chance.choice(b'1234abcdefxyz')]) + part[at + 1:]
    if part[:1] in b'X\x8c' and len(part) > 3:
        return part[:-1] + bytes([chance.choice(b'abcdefxyz')])
    return part


def leave_out(parts, chance):
    at, count = chance.randrange(len(parts)), chance.choice([1, 1, 2, 3, 4, 5, 6, 8, 12])
    return parts[:at] + parts[at + count:]


def do_twice(parts, chance):
    at, count = chance.randrange(len(parts)), chance.choice([1, 2, 3, 4, 5, 6, 8])
    return parts[:at] + parts[at:at + count] * 2 + parts[at + count:]


def swap(parts, chance):
    at, one, two = chance.randrange(len(parts)), chance.randrange(1, 8), chance.randrange(1, 8)
    return parts[:at] + parts[at + one:at + one + two] + parts[at:at + one] + parts[at + one + two:]


def change(parts, chance):
    at = chance.randrange(len(parts))
    return parts[:at] + [other(parts[at], chance)] + parts[at + 1:]


def insert(parts, chance):
    """A call that is dropped, or something out of the memo."""
    at = chance.randrange(1, len(parts))
    new = chance.choice([b'cexecute\nfirst\n(tR0', b'cexecute\nfirst\n(I1\ntR0', b'h\x000', b'h\x010', b'(l0', b'N0', b'(l(tt0'])
    return parts[:at] + [new] + parts[at:]


def respell(parts, chance):
    """The call of a name without arguments, by OBJ: an instance that is not initialized. What has no such call is changed."""
    places = [(at, size) for at in range(len(parts)) for size in (3, 4)
              if parts[at][:1] == b'c' and parts[at + 1:at + size] in ([b')', b'R'], [b'(', b't', b'R'])]
    if not places:
        return change(parts, chance)
    at, size = chance.choice(places)
    return parts[:at] + [b'(', parts[at], b'o'] + parts[at + size:]


CHANGES = leave_out, do_twice, swap, change

# --- what counts -------------------------------------------------------------------------------------------------------


def colours(traced):
    """{(which, line): colour} of several traces, with what they dropped: equal for what is equal, however it is shared."""
    all_lines = [one.lines[:-1] + one.dropped_lines for one in traced]
    lines = [(side, number) for side, some in enumerate(all_lines) for number in range(len(some))]
    colour = {key: 0 for key in lines}
    count = 1
    while True:
        def of(side, value):
            return ('#', colour[side, value]) if isinstance(value, int) and not isinstance(value, bool) else value
        seen = {}
        new = {}
        for side, number in lines:
            kind, parts, keywords = all_lines[side][number][:3]
            events = [(event[0],) + tuple(of(side, value) for value in event[1:]) for event in all_lines[side][number][3:]]
            if kind in ('set', 'frozenset'):
                events.sort(key=repr)
            keys = sorted((event for event in events if event[0] == 'key'), key=repr)  # of a dict, or in an object
            events = [keys.pop(0) if event[0] == 'key' else event for event in events]
            what = kind, tuple(of(side, part) for part in parts), tuple(sorted(((of(side, k), of(side, v)) for k, v in keywords), key=repr)), tuple(events)
            new[side, number] = seen.setdefault(repr(what), len(seen))
        colour = new
        if len(seen) == count:
            return colour
        count = len(seen)


def is_ordered(one, another):
    """Whether no dict or set, or keywords, has its items in another order."""
    def orders(traced):
        return sorted(repr([key for key, _ in line[2]] + [event[1] for event in line[3:] if event[0] == 'key' or line[0] in ('set', 'frozenset')])
                      for line in traced.lines[:-1] if all(not isinstance(event[1], int) for event in line[3:] if event[0] == 'key'))
    return orders(one) == orders(another)


def only_shared(one, another):
    """Whether they differ in no more than what is shared, or in the order of dicts and sets."""
    colour = colours([one, another])
    documents = [[(call[0], ('#', colour[side, call[1]]) if isinstance(call[1], int) else call[1]) for call in traced.lines[-1][1]]
                 for side, traced in enumerate((one, another))]
    if documents[0][0] != documents[1][0]:
        return False
    own = [collections.Counter(colour[side, number] for number in range(traced.reached)) for side, traced in enumerate((one, another))]
    if set(own[0]) == set(own[1]) and own[0] != own[1]:
        return set(documents[0]) == set(documents[1])
    return sorted(documents[0], key=repr) == sorted(documents[1], key=repr) and (documents[0] == documents[1] or not is_ordered(one, another))


def drops(one, another):
    """What they make and drop of what npickle knows: 'the same', 'shared in another way' or 'other things'."""
    colour = colours([one, another]) if one.dropped or another.dropped else {}
    some = [collections.Counter(colour[side, number] for number in traced.dropped) for side, traced in enumerate((one, another))]
    return 'the same' if some[0] == some[1] else 'shared in another way' if set(some[0]) == set(some[1]) else 'other things'


class Comparer(traces.Rewriter):
    def __call__(self, one, another):
        """(number of differences, whether the path leads somewhere, path, message), or None where npickle does not read one of them."""
        if self.run is None or self.run.poll() is not None:
            self.start()
        body = struct.pack('<I', len(one)) + one + another
        self.run.stdin.write(b'd' + struct.pack('<I', len(body)) + body)
        self.run.stdin.flush()
        kind, size = struct.unpack('<cI', self.run.stdout.read(5))
        text = self.run.stdout.read(size).decode('utf-8', 'replace')
        if kind != b'd':
            return None
        count, found, path, message = text.split('\n', 3)
        return int(count), found == '1', path, message


def program(number):
    """A pickle, and how it may be changed. Those of programs.py call the same again and drop it, which is one call to a trace if nothing comes between."""
    if number % 4 < 3:
        return bytes(execute.Program(number).data), CHANGES + (insert, insert)
    return programs.wild('differs %d' % number), (change,)


def judge(compare, one, another, a, b):
    """(what is to be counted, what is wrong or None)"""
    found, back = compare(one, another), compare(another, one)
    if found is None or back is None:
        return 'npickle does not read it', None if found is back else 'only one way can be told: %s, %s' % (found, back)
    if found[0] != back[0]:
        return 'as many both ways', '%d differences, and %d the other way: %s: %s' % (found[0], back[0], *found[2:])
    different = trace.difference(a, b)
    dropped = 'the same' if different else drops(a, b)
    if dropped == 'shared in another way':
        return dropped + ', dropped', None
    if dropped == 'other things':
        different = 'dropped', 'other things'
    if not different:
        return 'does the same', None if found[0] == 0 else 'a difference where there is none: %s: %s' % found[2:]
    if found[0] > 0:
        return 'does something else', None if found[1] else 'there is nothing at %s: %s' % found[2:]
    if different[0] != 'seen' and only_shared(a, b):
        return 'shared in another way, or items in another order', None
    return 'does something else', 'no difference: %s, %s' % different


def main(arguments):
    if not arguments:
        print(__doc__)
        return 4
    compare = Comparer(arguments[0])
    count, seed = ([int(number) for number in arguments[1:]] + [300, 0][len(arguments) - 1:])[:2]
    counts = collections.Counter()
    for number in range(seed, seed + count):
        data, changes = program(number)
        chance = random.Random(number)
        try:
            a = trace.Trace(data)
            parts = parts_of(data[:a.size])
        except (trace.Error, ValueError):
            continue
        if len(parts) > 2000:
            continue
        for turn in range(21):
            changed = b''.join((chance.choice(changes) if turn < 20 else respell)(parts, chance))
            try:
                b = trace.Trace(changed)
            except (trace.Error, ValueError):
                counts['left out: no pickle'] += 1
                continue
            what, wrong = judge(compare, b''.join(parts), changed, a, b)
            counts[what] += 1
            if wrong:
                counts['WRONG'] += 1
                print('seed %d: %s\n    %r\n    %r' % (number, wrong, b''.join(parts), changed))
    for text, many in sorted(counts.items()):
        print('%7d  %s' % (many, text))
    return counts['WRONG'] > 0 or counts['does something else'] == 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
