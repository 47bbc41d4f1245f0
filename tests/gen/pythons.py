"""Golden bytes of values under each Python, each with the calls of npickle's writer that must give the same bytes.

usage: PYTHON pythons.py one > FILE              this Python's bytes, one line for each value, protocol and pickler
       python3 pythons.py all FILE... > tests/data/pythons.golden       such lines, put together

Was run by CPython 2.7, 3.6 to 3.13 and Jython 2.7. The first word of a case is the dialects that it is for, with commas between. The
others are calls as in values.py, and
  bytearray "..."  global MODULE NAME   ints A B: each int from A to B - 1
  set N ... end, frozenset N ... end, call ... end, new ... end, appended N ... end, assigned N ... end
They are found by walking a value as a pickler does. cPickle of Python 2 goes by reference counts: so each value is made anew, and
nothing but what contains it holds it. Runs on Python 2.7 and 3.
"""
from __future__ import print_function

import array
import binascii
import collections
import datetime
import decimal
import pickle
import struct
import sys

import golden

PYTHON2 = sys.version_info[0] == 2
JYTHON = sys.platform.startswith('java')
RELEASE = '%d.%d' % sys.version_info[:2]
try:
    import cPickle
except ImportError:
    cPickle = None
if PYTHON2:
    INT, LONG, TEXT, CHR = int, long, unicode, unichr  # noqa: F821
else:
    INT, LONG, TEXT, CHR = int, None, str, chr
FUNCTIONS = (type(len), type(pickle.dumps))
CLASSES = (type, type(FUNCTIONS)) + ((type(pickle.Pickler),) if PYTHON2 else ())


def text(value):
    """A new object each time, of more than one character."""
    return TEXT().join(list(value))


def data(value):
    return bytes(bytearray(value))


# --- the values -------------------------------------------------------------------------------------------------------

INTS = [0, 1, 2, 9, 10, 255, 256, 257, 65535, 65536, 65537, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**33, 2**63 - 1,
        2**63, 2**64 - 1, 2**64, -1, -2, -128, -129, -255, -256, -257, -32768, -65536, -2**31, -2**31 - 1, -2**31 + 1, -2**32,
        -2**63, -2**63 - 1, -2**64, 2**2039 - 1, 2**2039, -2**2039, 2**2040 - 1, 2**2040,
        10**30, -10**30]
FLOATS = [0.0, -0.0, 1.0, 1.5, -2.25, 0.1, 1e16, 1e17, 1e22, 1e23, 1e-05, 0.0001, 123456789.123, 1e300, 1e-300, 5e-324,
          1.7976931348623157e308, float('inf'), float('-inf'), float('nan'), 100.0, 1e15, 123456.0, 1.0 / 3]
STRS = [('empty', u''), ('a', u'a'), ('abc', u'abc'), ('e9', u'\xe9'), ('nl', u'a\nb'), ('cr', u'a\rb'), ('nul', u'a\0b'), ('1a', u'a\x1ab'),
        ('bs', u'a\\b'), ('bs-u', u'\\u0041'), ('latin1', u''.join(CHR(i) for i in range(256))), ('bmp', u'\u1234'),
        ('astral', u'\U0001f600'), ('astral-2', u'x\U0001f600'), ('255', u'x' * 255), ('256', u'x' * 256), ('e9x128', u'\xe9' * 128),
        ('quote', u'a\'b"c')] + ([] if JYTHON else [('surrogate', CHR(0xd800))])
DATA = [('empty', b''), ('a', b'a'), ('abc', b'abc'), ('ff', b'\xff'), ('all', bytearray(range(256))), ('255', b'y' * 255),
        ('256', b'y' * 256), ('quote', b"it's"), ('quotes', b'it\'s "x"'), ('nl', b'a\nb'), ('bs', b'a\\b'), ('nul', b'\0')]
TIMES = [('datetime', datetime.datetime(2020, 1, 2, 3, 4, 5, 6)), ('date', datetime.date(2020, 1, 2)), ('time', datetime.time(1, 2, 3, 4)),
         ('timedelta', datetime.timedelta(1, 2, 3))]
RANGE = xrange if PYTHON2 else range  # noqa: F821
TYPES = [int, type(None), len, list, TEXT, bytes, bytearray, set, RANGE, dict, object, complex, ValueError, OSError]


def containers():
    yield '()', ()
    for n in (1, 2, 3, 4):
        yield 'tuple-%d' % n, tuple(range(1, n + 1))
    yield 'tuple-of-()', ((), ())
    yield 'tuple-of-new', (text('ab'), data(b'cd'), (text('ef'), 1), [text('gh')], [], {}, {1: text('ij')})
    one = (1, 2)
    yield 'tuple-of-one-twice', (one, one)
    yield 'list-of-()', [(), (1,), (), (), (2,)]
    for n in (0, 1, 2, 3):
        yield 'list-%d' % n, list(range(1, n + 1))
        yield 'dict-%d' % n, dict((2 * i + 1, 2 * i + 2) for i in range(n))
    yield 'list-of-new', [text('ab'), data(b'cd'), (text('ef'), 1), [], [text('gh')], {}, set([5]), frozenset(), 1 + 2j]
    yield 'dict-of-new', {1: text('ab')}
    yield 'dict-of-key', {text('ab'): data(b'cd')}
    for n in (999, 1000, 1001, 1002, 1024, 1025, 2000, 2001):
        yield 'list-%d' % n, [None] * n
    for n in (1000, 1001, 1024, 1025) if JYTHON else (999, 1000, 1001, 2000, 2001):
        yield 'dict-%d' % n, dict((i, None) for i in range(n))
    for n in (0, 1000, 1001):
        yield 'set-%d' % n, set(range(n))
    yield 'set-1', set([1])
    yield 'frozenset', frozenset()
    yield 'frozenset-1', frozenset([1])
    itself = []
    itself.append(itself)
    yield 'list-of-itself', itself
    itself = {}
    itself[1] = itself
    yield 'dict-of-itself', itself
    itself = {}
    itself[text('me')] = itself
    yield 'dict-of-itself-by-name', itself


def shared():
    one, two, three, four = text('shared string'), data(b'shared bytes'), [], {}
    yield 'shared-str', [one, one]
    yield 'shared-str-in-tuple', (one, one)
    yield 'shared-bytes', [two, two]
    yield 'shared-bytes-in-tuple', (two, two)
    yield 'shared-long', [2**70] * 2
    yield 'shared-float', [1.5] * 2
    yield 'shared-list', (three, three)
    yield 'shared-dict', {1: four, 2: four}
    yield 'characters', [TEXT('a'), TEXT('a'), TEXT(), TEXT(), CHR(0xe9), CHR(0xe9), CHR(0x20ac)]
    yield 'single-bytes', [b'ab'[:1], b'ab'[:1], b'ab'[:0], b'ab'[:0], b'\xff\0'[:1]]
    yield '300-strs', [text('ab') for _ in range(300)]


def objects():
    yield 'complex', 1 + 2j
    yield 'complex-inf', complex(-0.0, float('inf'))
    for n in (0, 1, 3):
        yield 'bytearray-%d' % n, bytearray(b'abc'[:n])
    yield 'bytearray-x', bytearray(b'x')
    yield 'bytearray-odd', bytearray(b'\0\n\r\x1a\\\xff')
    yield 'bytearrays', [bytearray(b'ab'), bytearray(b'cd'), bytearray(), bytearray()]
    yield 'slice', slice(1, 2, 3)
    yield 'range', RANGE(1, 10, 2)
    yield 'Ellipsis', Ellipsis
    yield 'NotImplemented', NotImplemented
    yield 'error', ValueError(text('x'), 1)
    yield 'error-of-text', ValueError(text('xy'))
    for kind in TYPES:
        yield 'type-%s' % getattr(kind, '__name__', kind).replace('str' if not PYTHON2 else 'unicode', 'str'), kind
    yield 'types', [collections.OrderedDict, complex, collections.OrderedDict, complex, bytearray]
    yield 'functions', [len, len, abs]
    yield 'OrderedDict', collections.OrderedDict([('k', 1), ('l', 2)])
    yield 'defaultdict', collections.defaultdict(list, {'k': [1]})
    if not JYTHON:  # whose order is another in each copy
        yield 'defaultdict-1001', collections.defaultdict(int, dict((i, None) for i in range(1001)))
    yield 'deque', collections.deque([1, 2])
    yield 'deque-of-5', collections.deque([1, 2], 5)
    yield 'deque-1', collections.deque([1])
    yield 'deque-1001', collections.deque([None] * 1001)
    yield 'Counter', collections.Counter({data(b'a1').decode() if not PYTHON2 else data(b'a1'): 3})
    for name, value in TIMES:
        yield name, value
    yield 'Decimal', decimal.Decimal('1.5')
    for code, items in (('B', [1, 2, 3]), ('d', [1.5]), ('i', []), ('h', [-1, 256]), ('f', [0.1]), ('l', [2**40])):
        yield 'array-' + code, array.array(code, items)
    yield 'array-u', array.array('u', u'ab' if PYTHON2 else u'ab\U0001f600')
    if PYTHON2:
        yield 'array-c', array.array('c', 'xyz')


def frames():
    """What protocol 4 has frames for."""
    for n in (65535, 65536):
        yield 'bytes-%d' % n, b'x' * n
        yield 'str-%d' % n, u'x' * n
        yield 'bytearray-%d' % n, bytearray(b'x' * n)
    yield 'two-long', [b'x' * 65536, b'x' * 65536]
    yield 'long-int-long', (b'x' * 65536, 1, b'x' * 65536)
    yield 'many', [b'x' * 60000, b'y' * 6000, 1, 2]


def values():
    for value in INTS:
        yield 'int-%d' % value if abs(value) < 10**20 else 'int-%d-bits-%d' % (value.bit_length(), value & 255), value
    for value in (0, 1, -1, 255, 2**31) if PYTHON2 else ():
        yield 'long-%d' % value, LONG(value)
    for value in (None, True, False):
        yield str(value), value
    for value in FLOATS:
        if not JYTHON or repr(value).lower() not in ('9.999999999999999e+22', '4.9e-324'):  # Java's text, not the shortest
            yield 'float-%r' % value, value
    for name, value in STRS:
        yield 'str-' + name, value
    for name, value in DATA:
        yield 'bytes-' + name, bytes(value)
    for part in (containers, shared, objects, frames):
        for name, value in part():
            yield name, value


# --- their calls ------------------------------------------------------------------------------------------------------

def wrap(word, items, count=None):
    return [word] + ([] if count is None else [str(count)]) + items + ['end']


def runs(items):
    """Equal items, or ints that count up, in few words."""
    words = [' '.join(item) for item in items]
    if len(words) > 20 and len(set(words)) == 1 and len(items[0]) <= 2:
        return ['times', str(len(words))] + items[0]
    numbers = [int(item[1]) for item in items if len(item) == 2 and item[0] == 'int']
    if len(words) > 20 and numbers == list(range(numbers[0] if numbers else 0, len(words))):
        return ['ints', str(numbers[0]), str(len(words))]
    return [word for item in items for word in item]


class Walk(object):
    def __init__(self, protocol):
        self.protocol, self.seen, self.kept = protocol, {}, 0

    def count(self, value):
        """Objects that stand in more than one place."""
        self.seen[id(value)] = self.seen.get(id(value), 0) + 1
        if self.seen[id(value)] == 1 and isinstance(value, (list, tuple, dict)):
            for item in list(value) + (list(value.values()) if isinstance(value, dict) else []):
                self.count(item)
        return self

    def keep(self, value):
        """The word after an object that comes again."""
        few = isinstance(value, (TEXT, bytes)) and len(value) < 2 or value == () or value is None
        if few or isinstance(value, (bool, int, float, type) + FUNCTIONS) or self.seen.get(id(value), 0) < 2:
            return []
        self.kept += 1
        self.seen[id(value)] = -self.kept
        return ['keep', str(self.kept)]

    def items(self, values):
        return runs([self.words(value) for value in values])

    def pairs(self, value):
        keys = list(value)
        if len(keys) > 20 and keys == list(range(len(keys))) and set(value.values()) == set([None]):
            return ['pairs', '0', str(len(keys))]
        return [word for key in keys for word in self.words(key) + self.words(value[key])]

    def words(self, value):
        if self.seen.get(id(value), 0) < 0:
            return ['again', str(-self.seen[id(value)])]
        kind = type(value)
        if value is None or kind is bool:
            return [str(value).lower()]
        if kind is LONG or kind is INT and not -2**63 <= value < 2**64:
            return ['long', golden.quote(long_bytes(value))]
        if kind is INT:
            return ['int', str(value)]
        if kind is float:
            return ['float', bits(value)]
        if kind is complex:
            return ['complex', bits(value.real), bits(value.imag)]
        if kind is TEXT:
            return ['str', golden.quote(value.encode('utf-8', *[] if PYTHON2 else ['surrogatepass']))] + self.keep(value)
        if kind is bytes:
            return ['bytes', golden.quote(value)] + self.keep(value)
        if kind is bytearray:
            return ['bytearray', golden.quote(value)] + self.keep(value)
        if kind in (list, dict):
            count = [kind.__name__, str(len(value))]
            return count + self.keep(value) + (self.items(value) if kind is list else self.pairs(value)) + ['end']
        if kind is tuple:
            return wrap('tuple', self.items(value), len(value)) + self.keep(value)
        if kind in (set, frozenset):
            return wrap(kind.__name__, self.items(value), len(value))
        if isinstance(value, CLASSES + FUNCTIONS):
            return self.name(value)
        return self.reduced(value)

    def name(self, value):
        if value is type(None) and not JYTHON:
            return ['call', 'global', module_of(type), 'type', 'tuple', '1', 'none', 'end', 'end']
        return ['global', module_of(value), getattr(value, '__qualname__', value.__name__)]

    def reduced(self, value):
        parts = value.__reduce_ex__(self.protocol)
        if isinstance(parts, str):
            return ['global', 'builtins', parts]
        parts = tuple(parts) + (None,) * 5
        function, args, state, listitems, dictitems = parts[:5]
        new = getattr(function, '__name__', '') == '__newobj__'
        args_words = wrap('tuple', self.items(args[new:]), len(args) - new)
        words = ['new' if new else 'call'] + self.words(args[0] if new else function) + args_words
        if listitems is not None:
            listitems = list(listitems)
            words += wrap('appended', self.items(listitems), len(listitems))
        if dictitems is not None:
            dictitems = dict(dictitems)
            words += wrap('assigned', self.pairs(dictitems), len(dictitems))
        return words + (self.words(state) if state is not None else []) + ['end']


def bits(value):
    return binascii.hexlify(struct.pack('>d', value)).decode()


def long_bytes(value):
    """Little-endian two's complement, the shortest."""
    out, size = bytearray(), 1
    while not -1 << 8 * size - 1 <= value < 1 << 8 * size - 1:
        size += 1
    for i in range(size):
        out.append(value >> 8 * i & 255)
    return out


def module_of(value):
    return getattr(value, '__module__', None) or '__builtin__'


# --- out --------------------------------------------------------------------------------------------------------------

def is_of_use(name, protocol):
    """What is kept: protocol 0 has no batches of a dict, and below 4 a set is a list."""
    if name in ('dict-999', 'dict-2000', 'dict-2001'):
        return False
    long = name[-5:] in ('-1000', '-1001', '-1024', '-1025')
    return not long or name.startswith(('list', 'deque')) or protocol >= (4 if name.startswith('set') else 1)


# What holds its arguments itself, which no call of ours can tell cPickle of Python 2.
HOLDERS = ('error', 'error-of-text', 'Counter')


def picklers():
    """Yields (dialect, dumps, protocols)."""
    top = range(pickle.HIGHEST_PROTOCOL + 1)
    if JYTHON:
        yield 'jython' + RELEASE, cPickle.dumps, top
        return
    yield 'cpython' + RELEASE, cPickle.dumps if cPickle else pickle.dumps, top
    yield 'pickle.py' + RELEASE, pickle.dumps if cPickle else pickle._dumps, top


def one():
    for dialect, dumps, protocols in picklers():
        for name, value in values():
            for protocol in protocols:
                if dialect == 'cpython2.7' and name in HOLDERS:
                    continue
                try:
                    words = Walk(protocol).count(value).words(value)
                    made = dumps(value, protocol)
                except Exception as error:
                    print('%s: %s at protocol %d: %s' % (dialect, name, protocol, error), file=sys.stderr)
                    continue
                print('\t'.join([dialect, name, str(protocol), ' '.join(words), binascii.hexlify(made).decode()]))


def everything(files):
    names, found = [], collections.OrderedDict()
    for file in files:
        with open(file) as lines:
            for line in lines:
                dialect, name, protocol, words, made = line.rstrip('\n').split('\t')
                if not is_of_use(name, int(protocol)):
                    continue
                found.setdefault(name, collections.OrderedDict()).setdefault(words, collections.OrderedDict()).setdefault(
                    dialect, {})[int(protocol)] = binascii.unhexlify(made)
    out = golden.Writer(sys.stdout, ['dumps(value, protocol) of each Python, written by tests/gen/pythons.py.'])
    for name, by_words in found.items():
        for words, by_dialect in by_words.items():
            groups = collections.OrderedDict()
            for dialect, pickles in by_dialect.items():
                groups.setdefault(tuple(sorted(pickles.items())), []).append(dialect)
            for pickles, dialects in groups.items():
                out.case(name, [','.join(dialects), words], dict(pickles))


if __name__ == '__main__':
    if sys.argv[1] == 'one':
        one()
    else:
        everything(sys.argv[2:])
