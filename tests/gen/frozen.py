"""Lists, dicts and sets of which something is made, and which grow before or after: all that take x all that add.

usage: python3 frozen.py > tests/data/frozen.golden          (any Python 3; nothing is unpickled)
       PYTHON-WITH-NUMPY frozen.py check                     what CPython and NumPy make of each row

The lines are those of hostile.py. What grows first is as good as any. What grows afterwards does not reach what was made
of it in Python ("check" says so: the row loads, and what was made is as large as it was). Where npickle made something of it too, it is refused where it
grows; a call that stays one is written again between the same items, or the writer refuses it.
"""
import sys

import golden
import hostile as h
from hostile import byt, glob, num, tup, txt

ROWS = []
L = b'h\0'  # the container, from the memo
BUILTINS = ('builtins', '__builtin__')

# How a container of a kind begins, and what adds `new` entries to it: the opcode at fault is the last byte.
BEGIN = {'list': b']', 'dict': b'}', 'set': b'\x8f'}
ADD = {
    'list': {'append': lambda new: b''.join(e + b'a' for e in new), 'appends': lambda new: b'(' + b''.join(new) + b'e'},
    'dict': {'setitem': lambda new: b''.join(e + b's' for e in new), 'setitems': lambda new: b'(' + b''.join(new) + b'u'},
    'set': {'additems': lambda new: b'(' + b''.join(new) + b'\x90'},
}


def call(module, name, *args):
    return glob(module, name) + tup(*args) + b'R'


# What a call makes grows as a list or a dict does.
MADE = {'deque': 'list', 'OrderedDict': 'dict', 'Counter': 'dict', 'made list': 'list', 'made dict': 'dict'}
for _name, _like in MADE.items():
    BEGIN[_name] = call('builtins', _name[5:]) if _name.startswith('made ') else call('collections', _name)
    ADD[_name] = ADD[_like]


def numbers(kind):
    """Entries without end: 1, 2, 3 ...; of a dict with None."""
    return lambda i: num(i + 1) + (b'N' if MADE.get(kind, kind) == 'dict' else b'')


def array(dtype, items, *length):
    return h.RECONSTRUCT + tup(num(1), tup(*[num(n) for n in length]), dtype, h.NO, items) + b'b'


def object_array(n):
    return array(h.OBJECT, L, n)


def without_version(n):
    return h.RECONSTRUCT + tup(tup(num(n)), h.OBJECT, h.NO, L) + b'b'


def wrapped(n):
    unknown = glob(h.MULTIARRAY, '_reconstruct') + tup(glob('m', 'Sub'), tup(num(0)), byt(b'b')) + b'R'
    return unknown + tup(tup(num(1), tup(num(n)), h.OBJECT, h.NO, L), b'}') + b'b'


def masked(n):
    begin = glob('numpy.ma.core', '_mareconstruct') + tup(glob('numpy.ma.core', 'MaskedArray'), h.ARRAY, tup(num(0)), byt(b'b')) + b'R'
    return begin + tup(num(1), tup(num(n)), h.OBJECT, h.NO, L, byt(bytes(n)), b'N') + b'b'


def struct_array(n):
    pair = h.dtype('V16', **h.fields(('a', h.OBJECT, 0), ('b', h.OBJECT, 8), size=16, align=8, flags=27))
    return array(pair, L, n)


def struct(n):
    names = tup(*[txt('f%d' % i) for i in range(n)])
    return h.dtype('V%d' % n, order='|', names=names, fields=L, size=n, align=1, flags=16)


def old_struct(n):
    """Before NumPy 1.0 the names stood among the fields."""
    table = b'}(' + b''.join(txt('f%d' % i) + tup(h.I1, num(i)) for i in range(n)) + num(-1) + L + b'u'
    return h.dtype_call('V%d' % n) + tup(num(1), txt('|'), b'N', table, num(n), num(1)) + b'b'


def axes(n):
    return call('numpy._core.numeric', '_frombuffer', byt(b'a'), h.I1, tup(*[num(1)] * n), txt('K'), L)


def shape(n):
    return glob('numpy', 'ndarray') + tup(L) + b'R' + tup(num(1), tup(num(1)), h.I1, h.NO, byt(b'a')) + b'b'


def joblib(n):
    return glob('joblib.numpy_pickle', 'NumpyArrayWrapper') + b')\x81' + L + b'b' + bytes(16)


def joblib_entry(i):
    return [txt('subclass') + h.ARRAY, txt('shape') + tup(num(2)), txt('order') + txt('C'), txt('dtype') + h.F8][i] if i < 4 else num(i) + b'N'


def marked(opcode, module, name):
    """INST and OBJ."""
    class_ = b'' if opcode == b'i' else glob(module, name)
    names = module.encode() + b'\n' + name.encode() + b'\n' if opcode == b'i' else b''
    return lambda n: b'(' + class_ + L + opcode + names


def takers():
    """(name, kind, entry(i), how many at least, what takes n of them)"""
    yield 'array', 'list', numbers('list'), 1, object_array
    yield 'array-without-version', 'list', numbers('list'), 1, without_version
    yield 'array-of-a-class', 'list', numbers('list'), 1, wrapped
    yield 'array-of-structs', 'list', lambda i: tup(num(i), b'N'), 1, struct_array
    yield 'masked', 'list', numbers('list'), 1, masked
    yield 'array.array', 'list', numbers('list'), 1, lambda n: call('array', 'array', txt('i'), L)
    yield 'fields', 'dict', lambda i: txt('f%d' % i) + tup(h.I1, num(i)), 1, struct
    yield 'names', 'list', lambda i: txt('f%d' % i), 1, old_struct
    yield 'axes', 'list', lambda i: num(i), 1, axes
    yield 'shape', 'list', numbers('list'), 1, shape
    yield 'joblib', 'dict', joblib_entry, 4, joblib
    for module in BUILTINS:
        for kind in 'list', 'dict', 'set':
            for name in 'set', 'frozenset', 'list', 'tuple', 'bytes', 'bytearray':
                yield '%s.%s-of-%s' % (module, name, kind), kind, numbers(kind), 1, lambda n, m=module, c=name: call(m, c, L)
        for kind in sorted(MADE):
            for name in 'set', 'frozenset', 'list', 'tuple', 'bytes', 'bytearray':
                yield '%s.%s-of-%s' % (module, name, kind.replace(' ', '-')), kind, numbers(kind), 1, lambda n, m=module, c=name: call(m, c, L)
        yield module + '.dict-of-OrderedDict', 'OrderedDict', numbers('dict'), 1, lambda n, m=module: call(m, 'dict', L)
        yield module + '.dict-of-dict', 'dict', numbers('dict'), 1, lambda n, m=module: call(m, 'dict', L)
        yield module + '.dict-of-list', 'list', lambda i: tup(num(i), b'N'), 1, lambda n, m=module: call(m, 'dict', L)
        yield module + '.dict-of-pairs', 'list', numbers('list'), 2, lambda n, m=module: call(m, 'dict', b'](' + L + b'e')
    for name in 'OrderedDict', 'Counter', 'deque':
        yield name + '-of-Counter', 'Counter', numbers('dict'), 1, lambda n, c=name: call('collections', c, L)
        yield name + '-of-dict', 'dict', numbers('dict'), 1, lambda n, c=name: call('collections', c, L)
    yield 'OrderedDict-of-pairs', 'list', numbers('list'), 2, lambda n: call('collections', 'OrderedDict', tup(tup(b'N', b'N'), L))
    yield 'defaultdict-of-dict', 'dict', numbers('dict'), 1, lambda n: call('collections', 'defaultdict', b'N', L)
    yield 'deque-of-list', 'list', numbers('list'), 1, lambda n: call('collections', 'deque', L, num(9))
    for opcode, name in (b'i', 'INST'), (b'o', 'OBJ'):
        yield 'set-by-' + name, 'list', numbers('list'), 1, marked(opcode, 'builtins', 'set')
        yield 'array.array-by-' + name, 'list', numbers('list'), 1, lambda n, o=opcode: marked(o, 'array', 'array')(n).replace(L, txt('i') + L)


def stays_call(name):
    """Whether npickle makes nothing of what was taken, but keeps the call."""
    known = 'array', 'masked', 'fields', 'names', 'axes', 'joblib', 'set-by-'
    return not name.startswith(known) and not name.endswith(('.set-of-list', '.frozenset-of-list'))


def good(name, data):
    ROWS.append((name, 'OK', '-', data))


def taken(name, kind, entry, least, take):
    n = max(least, 2)
    entries = [entry(i) for i in range(n + 1)]
    make = BEGIN[kind] + b'q\0'
    for adder, add in ADD[kind].items():
        first = make + (add(entries[:n - 1]) if n > 1 else b'') + b'0'
        late = make + add(entries[:n]) + b'0'
        good('%s/%s-before' % (name, adder), first + L + add(entries[n - 1:n]) + b'0' + b'(' + take(n) + L + b't.')
        before = late + b'(' + take(n) + L + add(entries[n:n + 1])[:-1]
        after = '%s/%s-after' % (name, adder), before + add(entries[n:n + 1])[-1:] + b't.'
        if stays_call(name):
            good(*after)
        else:
            ROWS.append((after[0], 'UNSUPPORTED', str(len(before)), after[1]))
        if add([]):
            good('%s/%s-of-nothing-after' % (name, adder), late + b'(' + take(n) + L + add([]) + b't.')
        good('%s/%s-taken-twice' % (name, adder), late + b'(' + take(n) + take(n) + L + b't.')


def others():
    """What is kept as it is, not taken: its changes are seen in Python too. And what takes nothing more."""
    grown = b']q\0K\1a0'
    good('not-taken/argument-of-any-class', grown + b'(' + call('m', 'C', L) + L + b'K\2a' + b't.')
    good('not-taken/item', grown + b'(' + call('builtins', 'list', b'](' + L + b'e') + L + b'K\2a' + b't.')
    good('not-taken/item-of-an-array', grown + b'(' + array(h.OBJECT, b']' + L + b'a', 1) + L + b'K\2a' + b't.')
    good('not-taken/state-of-a-class', b'(' + call('m', 'C') + b'}q\1b' + b'h\1' + num(1) + b'Ns' + b't.')
    good('not-taken/own-state-of-an-array', b'}q\0' + b'0(' + wrapped(1).replace(b'}', b'h\1').replace(L, b'](K\1e').replace(b'h\1', L) + L + num(1) + b'Ns' + b't.')
    meta = h.dtype_call('i1') + tup(num(4), txt('|'), b'N', b'N', b'N', num(1), num(1), num(0), L) + b'b'
    good('not-taken/metadata', b'}q\0' + b'0(' + meta + L + num(1) + b'Ns' + b't.')
    for what, made in ('array', object_array(1)), ('array.array', call('array', 'array', txt('i'), L)), ('dtype', h.I1), (
            'array-of-a-buffer', call('numpy._core.numeric', '_frombuffer', byt(b'a'), h.I1, tup(num(1)), txt('C'))):
        for kind, adder in ('list', 'append'), ('list', 'appends'), ('dict', 'setitem'), ('dict', 'setitems'):
            before = grown + made + ADD[kind][adder]([num(0) + (b'N' if kind == 'dict' else b'')])[:-1]
            ROWS.append(('items-of/%s/%s' % (what, adder), 'UNSUPPORTED', str(len(before)), before + ADD[kind][adder]([])[-1:] + b'.'
                         if ADD[kind][adder]([]) else before + {'append': b'a', 'setitem': b's'}[adder] + b'.'))
    buffer = call('numpy._core.numeric', '_frombuffer', byt(b'a'), h.I1, tup(num(1)), txt('C')) + tup(num(1), tup(num(1)), h.I1, h.NO, byt(b'b'))
    ROWS.append(('state-of/array-of-a-buffer', 'UNSUPPORTED', str(len(buffer)), buffer + b'b.'))
    good('set-that-a-call-made/additems', b'(' + call('builtins', 'set', b'](K\1e') + b'q\1(K\2\x90h\1t.')


def check():
    import pickle
    import io
    import numpy

    class Stub:
        def __init__(self, *args, **more):
            self.args = args

        def __setstate__(self, state):
            self.state = state

    class Sub(numpy.ndarray):
        def __setstate__(self, state):
            super().__setstate__(state[0])

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if name == 'Sub':
                return Sub
            if module.split('.')[0] in ('m', 'joblib'):
                return Stub
            return super().find_class(module, name)
    for name, status, offset, data in ROWS:
        if name.startswith('joblib'):
            continue
        try:
            got = Unpickler(io.BytesIO(data)).load()
            said = repr(got)
        except Exception as e:
            said = repr(e)
        print('%-50s %-12s %s' % (name, status, said[:150].replace('\n', ' ')))


def main(argv):
    for taker in takers():
        taken(*taker)
    others()
    names = [r[0] for r in ROWS]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    if argv[1:] == ['check']:
        return check()
    print('# NAME STATUS OFFSET "BYTES", written by tests/gen/frozen.py; %d rows.' % len(names))
    for name, status, offset, data in ROWS:
        print(' '.join([name, status, offset, golden.quote(data)]))


if __name__ == '__main__':
    main(sys.argv)
