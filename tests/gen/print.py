"""What NumPy prints with other print options than the default, and what values are in JSON: the pickle of each, and the text.

usage: PYTHON print.py > tests/data/print.golden      (CPython 3.11 to 3.13 with NumPy 2.5)

A line of the file is one of
  # comment
  case NAME FORM WIDTH PRECISION THRESHOLD EDGE_ITEMS     begins a case; FORM: repr, json, python (json with NaN as Python has it)
  HEX                                                     its pickle
  |TEXT                                                   a line of its text, in UTF-8
"""
import datetime
import json
import math
import pickle
import warnings
from collections import deque

import numpy as np

warnings.simplefilter('ignore')
DEFAULT = (75, 8, 1000, 3)
count = 0


def case(name, form, value, text, options=DEFAULT, protocol=None):
    global count
    protocol = count % 6 if protocol is None else protocol
    count += 1
    print('case %s-p%d %s %d %d %d %d' % ((name, protocol, form) + options))
    print(pickle.dumps(value, protocol).hex())
    for line in text.split('\n'):
        print('|' + line)


# --- repr ---------------------------------------------------------------------------------------------------------------

def arrays():
    rng = np.random.default_rng(8)
    record = np.dtype([('x', 'f4'), ('n', 'i8'), ('s', 'U4'), ('m', 'f8', (2, 7))])
    struct = np.zeros(9, record)
    struct['x'] = rng.normal(size=9)
    struct['n'] = np.arange(9) ** 5
    struct['s'] = ['a', 'bc', 'Ü', '', 'wxyz', "'", '"', '\n', 'd']
    struct['m'] = rng.normal(size=(9, 2, 7)) * 1e3
    yield 'f8', rng.normal(size=30)
    yield 'f8-few', np.array([1.5, 2.5, -0.5, 3.49999, 1e3, 0.0])
    yield 'f8-sci', rng.normal(size=20) * 10.0 ** np.arange(-10, 10)
    yield 'f8-odd', np.array([1 / 3, np.nan, np.inf, -np.inf, -2 / 3, 0])
    yield 'f8-tiny', np.array([1e-5, 0.1, 0.99999999])
    yield 'f8-0d', np.array(2 / 3)
    yield 'f4', (rng.normal(size=17) * 100).astype('f4')
    yield 'f4-sci', np.array([1e-9, 1.2345678, 3e7], 'f4')
    yield 'f2', rng.normal(size=12).astype('f2')
    yield 'f2-big', np.array([6.1e-5, 1000, 65504], 'f2')
    yield 'g', np.array([1, 3, 7], 'g') / 9
    yield 'i4', np.arange(-20, 20, dtype='i4') ** 3
    yield 'u8', np.array([2**64 - 1, 0, 7, 12, 1], 'u8')
    yield 'bool', np.arange(25) % 3 == 0
    yield 'i2-2d', np.arange(120, dtype='i2').reshape(10, 12)
    yield 'f8-2d', rng.normal(size=(7, 8))
    yield 'f8-3d', rng.normal(size=(3, 6, 6))
    yield 'c16', rng.normal(size=9) + 1j * rng.normal(size=9)
    yield 'c16-sci', np.array([1 + 1e-9j, 1e10 - 3j, complex(math.nan, 1)])
    yield 'c8-2d', (rng.normal(size=(6, 2)) - 1j).astype('c8')
    yield 'str', np.array(['wide', 'äöü', '', 'x' * 15, 'y', 'z', 'ab'])
    yield 'bytes', np.array([b'ab', b'\xff\x00c', b'', b'd' * 9, b'e', b'f'])
    yield 'M8s', np.datetime64('2001-02-03T04:05:06', 's') + np.arange(9) * 86399
    yield 'M8D', np.array(['1969-12-31', 'NaT', '2024-02-29', '2100-01-01', '0001-01-01', '2000-01-01'], 'M8[D]')
    yield 'm8', np.arange(-3, 6) * np.timedelta64(3600, 's')
    yield 'struct', struct
    yield 'struct-2d', struct[:8].reshape(4, 2)
    yield 'struct-0d', np.array(struct[2])
    yield 'struct-scalar', struct[1]
    yield 'object', np.array([1, 'two', None, [3, 4], 5.5, np.arange(9) / 7, {}], object)
    yield 'object-2d', np.array([[None] * 7] * 7, object)
    yield 'empty', np.zeros((0, 5), 'f4')
    yield 'list', [np.arange(12) / 7, {'a': np.eye(4)}]
    yield 'f8-scalar', np.float64(2 / 3)


def options():
    yield 40, 3, 5, 2
    yield 75, 0, 1000, 3
    yield 20, 2, 4, 1
    yield 120, 17, 0, 3
    yield 10, 1, 3, 5
    yield 33, 5, 20, 4


def reprs():
    for width, precision, threshold, edge in options():
        for name, value in arrays():
            with np.printoptions(linewidth=width, precision=precision, threshold=threshold, edgeitems=edge):
                text = repr(value)
            if isinstance(value, np.ndarray) and value.dtype.char == 'g':
                value = value.copy()
                value.view('u1').reshape(-1, 16)[:, 10:] = 0
            case('%s-%d-%d-%d-%d' % (name, width, precision, threshold, edge), 'repr', value, text,
                 (width, precision, threshold, edge))


# --- JSON ---------------------------------------------------------------------------------------------------------------

def string(text):
    out = ['"']
    for c in text:
        if c in '"\\':
            out.append('\\' + c)
        elif c.isprintable():
            out.append(c)
        else:
            data = c.encode('utf-16-be', 'surrogatepass')
            out += ['\\u' + data[i:i + 2].hex() for i in range(0, len(data), 2)]
    return ''.join(out) + '"'


def number(value, python):
    if not math.isfinite(value) and not python:
        return 'null'
    return json.dumps(float(value))


class Spelled(str):
    """JSON already."""


def dumps(value, python=False):
    """Values that Python's own json has, and Spelled ones."""
    def inner(v):
        return dumps(v, python)
    if isinstance(value, Spelled):
        return str(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, float):
        return number(value, python)
    if isinstance(value, list):
        return '[' + ', '.join(map(inner, value)) + ']'
    if isinstance(value, dict):
        return '{' + ', '.join(string(k) + ': ' + inner(v) for k, v in value.items()) + '}'
    return json.dumps(value)


def element(value):
    """One element of an array, as print.h says."""
    if isinstance(value, np.void) and value.dtype.names:
        return {name: nested(value[name]) for name in value.dtype.names}
    if isinstance(value, np.void):
        return value.tobytes().decode('latin1')
    if isinstance(value, np.bytes_):
        return bytes(value).decode('latin1')
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.timedelta64):
        return None if np.isnat(value) else int(value.astype('i8'))
    if isinstance(value, np.complexfloating):
        return [element(value.real), element(value.imag)]
    if isinstance(value, np.floating):
        if not np.isfinite(value):
            return float(value)
        return Spelled(str(value))  # the shortest digits of its own type
    if isinstance(value, np.generic):
        return value.item()
    return value


def nested(array):
    if not isinstance(array, np.ndarray):
        return element(array)
    if array.ndim == 0:
        return element(array[()])
    return [nested(part) for part in array]


class Thing:
    def __init__(self):
        self.a = 1
        self.b = [2.5, None]


def same(text, value):
    read = json.loads(text)
    assert read == value, (text, value)


def jsons():
    plain = {
        'none': None, 'true': True, 'false': False, 'int': -7, 'int-big': 3**300, 'int-64': 2**64 - 1, 'int-4300': -(10**4300 - 1),
        'floats': [0.0, -0.0, 0.1, 1e16, 1e-5, 5e-324, 1.7976931348623157e308, 1 / 3, 100.0],
        'str': 'a"b\\c/\u00e9\u20ac\U0001f600', 'str-odd': '\x00\x07\b\t\n\f\r\x1b\x7f\x9b\u202e\u200b\ufeff\U000e0001',
        'str-long': 'ab\n\u00fc' * 300, 'str-empty': '', 'list': [1, [2, [3, []]], {}], 'list-empty': [],
        'dict': {'a': 1, 'b': {'c': [None]}, '': 0, '"': "'"}, 'deep': None,
        'shared': None,
    }
    deep = []
    for _ in range(90):
        deep = [deep]
    plain['deep'] = deep
    one = [1, 2]
    plain['shared'] = [one, one, {'a': one}]
    for name, value in plain.items():
        text = dumps(value)
        if name != 'deep':
            same(text, value)
        if name not in ('str-odd', 'str-long', 'deep'):
            assert json.dumps(value, ensure_ascii=False) == text, name
        for protocol in (0, 2, 5):
            case(name, 'json', value, text, protocol=protocol)
    case('surrogate', 'json', '\ud800x\udfff', json.dumps('\ud800x\udfff'))
    odd = [math.nan, math.inf, -math.inf, 1.0]
    case('nan-null', 'json', odd, '[null, null, null, 1.0]')
    case('nan-python', 'python', odd, json.dumps(odd))
    keys = {1: 'a', 2.5: 'b', True and 'x': 'c', None: 'd', False: 'e', 2**70: 'f', -0.5: 'g', 1e300: 'h'}
    case('keys', 'json', keys, json.dumps(keys))
    case('key-nan', 'json', {math.inf: 1, -math.inf: 2}, json.dumps({math.inf: 1, -math.inf: 2}))
    case('key-tuple', 'json', {(1, 'a"'): 2}, '{' + string(repr((1, 'a"'))) + ': 2}')
    case('key-bytes', 'json', {b'a\xff': 2}, '{"a\u00ff": 2}', protocol=3)
    case('tuple', 'json', (1, (), ('x',)), json.dumps((1, (), ('x',))))
    case('sets', 'json', [{7}, frozenset({'a'}), set(), frozenset()], '[[7], ["a"], [], []]', protocol=4)
    case('complex', 'json', [1j, complex(2.5, -math.inf)], '[[0.0, 1.0], [2.5, null]]')
    data = bytes(range(256))
    for protocol in range(6):
        case('bytes', 'json', data, string(data.decode('latin1')), protocol=protocol)
        case('bytearray', 'json', bytearray(b'a"\\\x00'), string('a"\\\x00'), protocol=protocol)
    case('global', 'json', [deque, math.gcd], '[{"global": "collections.deque"}, {"global": "math.gcd"}]', protocol=4)
    case('object', 'json', Thing(), '{"class": "__main__.Thing", "state": {"a": 1, "b": [2.5, null]}}', protocol=2)
    case('call', 'json', datetime.timedelta(3), '{"call": "datetime.timedelta", "args": [3, 0, 0]}', protocol=4)
    case('deque', 'json', deque([1, 2]), '{"call": "collections.deque", "args": [], "items": [1, 2]}', protocol=2)
    for name, value in arrays():
        if name == 'list' or name.startswith('object'):
            continue
        if isinstance(value, np.ndarray) and value.dtype.char == 'g':
            value = value.copy()
            value.view('u1').reshape(-1, 16)[:, 10:] = 0
        text = dumps(nested(value))
        json.loads(text)
        case('array-' + name, 'json', value, text)
    more = {
        'dtypes': ([np.dtype('f8'), np.dtype([('a', '>i2'), ('b', 'S3', (2,))])], '["<f8", [["a", ">i2"], ["b", "|S3", [2]]]]'),
        'scalars': ([np.float32(0.1), np.int8(-3), np.True_, np.str_('a'), np.datetime64('NaT'), np.datetime64('2001-01-01T12', 'h'),
                     np.timedelta64(5, 'm'), np.complex64(1 + 2j), np.bytes_(b'x\x00y'), np.float64('nan')],
                    '[0.1, -3, true, "a", null, "2001-01-01T12", 5, [1.0, 2.0], "x\\u0000y", null]'),
        'empty-shapes': ([np.zeros((0,)), np.zeros((2, 0, 3)), np.zeros((0, 2)), np.zeros((3, 0), 'O')],
                         '[[], [[], []], [], [[], [], []]]'),
        'object-array': (np.array([[1, 'a'], [None, np.arange(2)]], object), '[[1, "a"], [null, [0, 1]]]'),
        'fortran': (np.asfortranarray([[1, 2, 3], [4, 5, 6]]), '[[1, 2, 3], [4, 5, 6]]'),
        'big': (np.array([1, -2], '>i4'), '[1, -2]'),
        'thousands': (np.arange(1200, dtype='i2'), json.dumps(list(range(1200)))),
        'void': (np.array([b'a\x00', b'\xff\x01'], 'V2'), '["a\\u0000", "\u00ff\\u0001"]'),
        'masked': (np.ma.array([1.5, 2.5, 3.5], mask=[0, 1, 0]), '[1.5, null, 3.5]'),
        'masked-none': (np.ma.array([[1, 2], [3, 4]]), '[[1, 2], [3, 4]]'),
        'masked-2d': (np.ma.array([[1, 2], [3, 4]], mask=[[1, 0], [0, 1]]), '[[null, 2], [3, null]]'),
        'masked-struct': (np.ma.array([(1, [2.0, 3.0]), (4, [5.0, 6.0])], dtype=[('a', 'i4'), ('b', 'f8', 2)],
                                      mask=[(1, [0, 1]), (0, [1, 0])]),
                          '[{"a": null, "b": [2.0, null]}, {"a": 4, "b": [null, 6.0]}]'),
        'record': (np.rec.array([(1, 'x')], dtype=[('a "b"', 'i4'), ('c', 'U1')]), '[{"a \\"b\\"": 1, "c": "x"}]'),
        'matrix': (np.array([[1.0]]).view(np.matrix), '[[1.0]]'),
    }
    for name, (value, text) in more.items():
        json.loads(text)
        for protocol in (1, 2, 5):
            case(name, 'json', value, text, protocol=protocol)


print('# Print options of NumPy, and JSON: tests/gen/print.py, NumPy %s' % np.__version__)
reprs()
jsons()
