"""What repr() makes of values and arrays: the pickle of each, and the text.

usage: PYTHON show.py > tests/data/show.golden      (CPython 3.11 to 3.13 with NumPy 2.5)

A line of the file is one of
  # comment
  case NAME        begins a case
  HEX              its pickle
  |TEXT            a line of its text, in UTF-8
Arrays of the other byte order are shown as they are, not as a pickle below protocol 5 gives them back.
"""
import pickle
import sys
import warnings

import numpy as np

warnings.simplefilter('ignore')
count = 0


def padded(array):
    """Long doubles with zeros in the bytes that are not used."""
    if array.dtype.char in 'gG' and array.size:
        array = array.copy()
        parts = array.reshape(-1).view('u1').reshape(-1, 16)
        parts[:, slice(0, 6) if array.dtype.byteorder == '>' else slice(10, 16)] = 0
    return array


def case(name, value, text=None, protocol=None):
    global count
    if isinstance(value, np.ndarray):
        value = padded(value)
    elif isinstance(value, np.generic) and value.dtype.char in 'gG':
        value = padded(value.reshape(1))[0]
    protocol = count % 6 if protocol is None else protocol
    count += 1
    text = repr(value) if text is None else text
    print('case %s-p%d' % (name, protocol))
    print(pickle.dumps(value, protocol).hex())
    for line in text.split('\n'):
        print('|' + line)


def raw(name, data, text):
    print('case ' + name)
    print(data.hex())
    for line in text.split('\n'):
        print('|' + line)


def python_values():
    values = {
        'none': None, 'true': True, 'false': False, 'list-bool': [True, False, None],
        'int-0': 0, 'int-neg': -1, 'int-64': 2**63 - 1, 'int-min': -2**63, 'int-u64': 2**64 - 1, 'int-65': 2**64,
        'int-big': 3**200, 'int-bigneg': -7**300, 'int-4300': 10**4299, 'int-4300neg': -(10**4300 - 1),
        'floats': [0.0, -0.0, 1.0, 0.1, 1e16, 9999999999999998.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 1 / 3],
        'floats-odd': [float('inf'), -float('inf'), float('nan')], 'float-2': 2.0**-44, 'float-1e22': 1e22, 'float-23': 1e23,
        'complex': [1j, complex(-0.0, 1), complex(1, float('nan')), complex(1, -0.0), 0j, complex(0, -0.0),
                    complex(float('nan'), float('inf')), complex(1e16, 1e-5), complex(1.5, -2.25), complex(0, -1e300)],
        'str': 'abc', 'str-empty': '', 'str-quote': "it's", 'str-both': "it's \"so\"", 'str-escape': 'a\\b\n\r\t\x00\x1b\x7f',
        'str-latin': 'é ü\xa0\xad\xff', 'str-wide': '你好 \U0001f600', 'str-odd': '\u2028\u200b\ue000\U000e0001\ufeff',
        'str-surrogate': 'a\ud800b\udfff',
        'bytes': b'abc', 'bytes-all': bytes(range(256)), 'bytes-quote': b"it's", 'bytes-both': b"it's \"so\"", 'bytes-empty': b'',
        'bytearray': bytearray(b'abc'), 'bytearray-empty': bytearray(), 'bytearray-quote': bytearray(b"it's"),
        'bytearray-both': bytearray(b"'\"\\\n\xff"), 'bytearray-double': bytearray(b'"'),
        'tuple-0': (), 'tuple-1': (1,), 'tuple-2': (1, 'a'), 'tuple-4': (1, (2,), [3], {4: ()}),
        'list-0': [], 'list-1': [[]], 'dict-0': {}, 'dict': {'a': 1, 2: [3, 4], (5, 6): {'x': None}, b'y': 1.5},
        'set-0': set(), 'set-1': {1}, 'frozenset-0': frozenset(), 'frozenset-1': frozenset({'a'}), 'set-nested': {frozenset({1})},
        'deep': [[[[[[[[1]]]]]]]],
    }
    for name, value in values.items():
        case(name, value, protocol=2 if name == 'int-4300neg' else None)
    loop = [1]
    loop.append(loop)
    case('cycle-list', loop, protocol=2)
    loop = {}
    loop['me'] = loop
    case('cycle-dict', loop, protocol=4)
    loop = ([],)
    loop[0].append(loop)
    case('cycle-tuple', loop, protocol=2)
    case('cycle-tuple', loop, protocol=0)
    shared = [1]
    case('shared', [shared, shared, {'k': shared}], protocol=1)


def our_own():
    """What Python has no repr of, or one with an address in it."""
    raw('int-4301', pickle.dumps(10**4300, 2), '<int of more than 4300 digits: 0x%x>' % 10**4300)
    raw('int-4301neg', pickle.dumps(-10**5000, 2), '<int of more than 4300 digits: -0x%x>' % 10**5000)
    raw('str-python2', b"(S'a\\xff'\nU\x02it(dp0\nl.", "[b'a\\xff', b'it', {}]")
    raw('global', b'cos\nsystem\n.', '<os.system>')
    raw('global-odd', b'cos\nsys\x1b[31mtem\n.', '<os.sys\\x1b[31mtem>')
    raw('reduce', b'cos\nsystem\n(S\'ls\'\ntR.', "<os.system args=(b'ls',)>")
    raw('newobj', b'\x80\x02cm\nC\n)\x81.', '<m.C object>')
    raw('newobj-args', b'\x80\x02cm\nC\n(K\x01t\x81.', '<m.C object args=(1,)>')
    raw('newobj-state', b'\x80\x02cm\nC\n)\x81}X\x01\x00\x00\x00aK\x01sb.', "<m.C object state={'a': 1}>")
    raw('items', b'\x80\x02cm\nL\n)R(K\x01K\x02eb.'.replace(b'eb.', b'e.'), '<m.L args=() items=[1, 2]>')
    raw('pairs', b'\x80\x02ccollections\nOrderedDict\n)R(K\x01K\x02u.', '<collections.OrderedDict args=() pairs={1: 2}>')
    raw('cycle-object', b'\x80\x02cm\nC\n)\x81q\x00}X\x01\x00\x00\x00ah\x00sb.', "<m.C object state={'a': <...>}>")
    for name, m in {'float': np.ma.array([1.5, 2, 3], mask=[0, 1, 0]), 'none': np.ma.array([[1, 2], [3, 4]], 'i2'),
                    'fortran': np.ma.array(np.asfortranarray([[1, 2, 3], [4, 5, 6]]), mask=[[0, 1, 0], [0, 0, 1]])}.items():
        for protocol in 0, 2, 4:
            case('masked-' + name, m, '<numpy.ma.MaskedArray data=%r mask=%r fill_value=%r>' %
                 (m.data, np.ma.getmaskarray(m), m.__reduce__()[2][6]), protocol)
    raw('persid', b'Pab c\n.', "<persistent id 'ab c'>")
    raw('binpersid', b'\x80\x02K\x05Q.', '<persistent id 5>')
    raw('extension', b'\x80\x02\x82\x07.', '<extension code 7>')


def dtypes():
    for text in ['?', 'i1', 'u8', 'f2', '>f4', 'f8', 'f16', 'F', '>c16', 'S5', 'S0', 'U3', '>U3', 'V4', 'O', 'M8[us]', '>M8[25us]', 'M8',
                 'm8[s]']:
        case('dtype-' + text, np.dtype(text))
    case('dtype-struct', np.dtype([('x', '<f4'), ('y', '>i2', (2, 3)), ('z', [('t', 'S3'), ('u', '?')])]))
    case('dtype-aligned', np.dtype([('x', 'i1'), ('y', 'f8')], align=True))
    case('dtype-offsets', np.dtype({'names': ['a', 'b'], 'formats': ['i4', 'f8'], 'offsets': [4, 16], 'itemsize': 32}))
    case('dtype-title', np.dtype([(('a title', 'x'), 'i4'), ('y', 'f8')]))
    case('dtype-subarray', np.dtype(('f4', (2, 3))))


def scalars():
    for t in np.float16, np.float32, np.float64, np.longdouble:
        for v in '0', '-0', '1.5', '0.1', '1e-4', '9e-5', '999.5', '1000', '123456', '1e6', '1e16', '123456789', 'inf', '-inf', 'nan':
            if abs(t(v)) != np.inf or 'inf' in v:
                case('scalar-%s-%s' % (t.__name__, v), t(v))
    for t in np.complex64, np.complex128, np.clongdouble:
        for v in 1j, complex(-0.0, 1), 1.5 - 2j, complex('nan+infj'), 1e6 - 1e-5j, complex(1, -0.0):
            case('scalar-%s' % t.__name__, t(v))
    for v in [np.True_, np.False_, np.int8(-3), np.uint64(2**64 - 1), np.str_('aé'), np.bytes_(b'a\xff'), np.void(b'abc'),
              np.datetime64('2020-02-29T12:00:00.000001'), np.datetime64('NaT'), np.datetime64('NaT', 's'), np.datetime64(100, '25s'),
              np.datetime64(5, 'h'), np.datetime64(-1, 'D'), np.timedelta64(5, 's'), np.timedelta64(-5), np.timedelta64('NaT'),
              np.timedelta64('NaT', '2D')]:
        case('scalar-' + type(v).__name__, v)
    case('scalar-struct', np.array([(1, 1 / 3, [1e10, 2])], [('a', 'i4'), ('b', 'f8'), ('c', 'f4', 2)])[0])


def numbers():
    arange = np.arange
    for name, a in {
            '1': [1.0, 2.5, -3.0], 'round': [1 / 3, 2 / 3, 1], 'mixed': [1e-4, 0.5, 0.09], 'small': [1e-5, 1.0], 'large': [1e8, 1],
            'ratio': [1000.0, 1], 'ratio-over': [1001.0, 1], 'almost': [99999999.9, 1e5], 'odd': [1.5, np.nan, -np.inf],
            'nan': [np.nan], 'inf': [np.inf, -np.inf], 'zero': [0.0, -0.0], 'exp3': [1e-300, 1e300, 1], 'exp-odd': [1e10, np.nan, -np.inf],
            '0d': 1.5, '0d-exp': 1e-10, 'half-even': [0.000100005, 2.5e-4], 'carry': [9.999999999e9, 1.0]}.items():
        for t in 'f2', 'f4', 'f8', 'f16', '>f4', '>f16', 'F', 'D', '>D', 'G':
            with np.errstate(all='ignore'):
                case('float-%s-%s' % (t, name), np.array(a).astype(t))
    case('float32-digits', np.float32([0.1, 1.2345678e-8, 3]))
    case('complex-both', np.array([1e-5 + 1e10j, 3.25 - 1j, complex('nan-infj')]))
    for t in '?', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', '>i2', '>u8':
        case('int-' + t, np.array([[0, 1, 100], [3, 4, 5]]).astype(t))
        case('int-0d-' + t, np.array(7).astype(t))
    case('int-extremes', np.array([-2**63, 2**63 - 1, 0]))
    case('uint-extremes', np.array([0, 2**64 - 1], 'u8'))
    case('fortran', np.asfortranarray(arange(12.).reshape(3, 4)))
    case('3d', arange(24).reshape(2, 3, 4))
    case('4d', np.zeros((2, 1, 2, 2), 'i1'))
    case('wrap', arange(100, dtype='u1'))
    case('wrap-float', arange(40) / 7)
    case('wrap-2d', arange(120).reshape(3, 40) * 1001)
    case('summary', arange(2000, dtype='i2'))
    case('summary-f2', np.zeros(1001, 'f2'))
    case('summary-1000', (arange(1000) % 100).astype('u1'))
    case('summary-2d', arange(1500, dtype='f2').reshape(30, 50))
    case('summary-3d', arange(8 * 2 * 70, dtype='>i2').reshape(8, 2, 70))
    case('summary-7', np.ones((7, 1, 150), '?'))
    for shape in (0,), (0, 3), (2, 0, 3):
        for t in 'f8', 'f4', 'i8', '?', 'U3', '>M8[s]':
            case('empty-%s' % t, np.zeros(shape, t))


def others():
    case('S', np.array([b'a', b'it\'s', b'\xff\x00\x01'], 'S4'))
    case('S0', np.zeros(2, 'S0'))
    case('U', np.array(['abc', 'é', '\U0001f600', "it's"]))
    case('U-be', np.array(['a\0b', 'ü']).astype('>U5'))
    case('U-long', np.array(['x' * 80, 'y']))
    case('U-0d', np.array('abc'))
    case('U-wide', np.array(['你好 %d' % i for i in range(30)]))
    case('V', np.array([b'abc', b'\x00\xff '], 'V3'))
    case('V-0d', np.array(b'abc', 'V3'))
    for unit in 'Y', 'M', 'W', 'D', 'h', 'm', 's', 'ms', 'us', 'ns', 'ps', 'fs', 'as', '25s', '3M':
        a = np.array([0, -1, 2**40 + 12345, -2**50, 1582934400], 'i8').view('M8[%s]' % unit)
        case('M8-' + unit, a)
        case('m8-' + unit, a.astype('i8').astype('>m8[%s]' % unit))
    case('M8-nat', np.array(['NaT', '2024-02-29'], 'M8[D]'))
    case('M8-allnat', np.array(['NaT'], '>M8[D]'))
    case('M8-generic', np.array(['NaT'], 'M8'))
    case('M8-0d', np.array('2000-01-01T00:00:01', 'M8[s]'))
    case('m8-nat', np.array(['NaT', 12345], 'm8[s]'))
    case('M8-years', np.array(['0000', '-0001', '-1000', '12345', '0999'], 'M8[Y]'))
    case('matrix', np.matrix([[1, 2.5], [3, 4]]))
    case('record', np.rec.array([(1, 2.), (3, 4.)], dtype=[('a', 'i4'), ('b', 'f8')]), protocol=2)
    case('memmap', np.arange(3).view(np.memmap))


def strings():
    string = np.dtypes.StringDType
    case('T', np.array([['a', 'longer'], ['', "it's"]], string()))
    case('T-0d', np.array('é', string()))
    case('T-empty', np.array([], string()))
    case('T-none', np.array(['x', None], string(na_object=None)))
    case('T-nan', np.array(['x', float('nan')], string(na_object=float('nan'))))
    case('T-in-dict', {'a': np.array(['q'], string())})
    for name, dtype in [('T', string()), ('T-no-coercion', string(coerce=False)), ('T-na', string(na_object=None)),
                        ('T-both', string(coerce=False, na_object='?'))]:
        case('dtype-' + name, dtype)


def structs():
    a = np.zeros(2, [('a', 'f8'), ('b', 'f4', (2,)), ('c', 'c16'), ('d', 'U2'), ('e', 'M8[s]'), ('f', [('g', '?'), ('h', 'V2')])])
    a['a'] = [1 / 3, 1e10]
    case('struct', a)
    case('struct-0d', a[0:1].reshape(()))
    case('struct-one', np.zeros(3, [('x', 'i2')]))
    case('struct-none', np.zeros(2, []))
    case('struct-big', np.zeros(1001, [('x', '>i2'), ('y', 'f2')]), protocol=4)
    case('struct-sub', np.arange(24, dtype='i2').view([('m', 'i2', (2, 3))]))
    case('struct-subbig', np.zeros(1, [('m', '?', (8, 130))]))
    case('struct-aligned', np.zeros(2, np.dtype([('x', 'i1'), ('y', 'f8')], align=True)))


def objects():
    def filled(shape, items):
        a = np.empty(shape, object)
        for i, item in enumerate(items):
            a.flat[i] = item
        return a
    case('object', filled((2, 2), [1, [2, [3]], None, 'é']))
    case('object-0d', filled((), [[1]]))
    case('object-0d-array', filled((), [np.eye(2)]))
    case('object-lines', filled(4, [np.eye(2), 'x' * 60, np.eye(3), 1]))
    case('object-lines-2d', filled((2, 2), [np.eye(2), 'x', np.eye(3), 1]))
    case('object-long', filled(1001, [0] * 1001))
    case('object-empty', filled((0, 2), []))
    loop = filled(2, [None, 1])
    loop[0] = loop
    case('object-cycle', loop, protocol=2)
    case('object-dict', {'a': filled(2, [(1,), {'k': np.arange(3)}]), 'b': [np.float32(1), np.dtype('i4')]})


if __name__ == '__main__':
    print('# repr() of values and arrays: tests/gen/show.py, CPython %d.%d, NumPy %s' % (sys.version_info[:2] + (np.__version__,)))
    for part in (python_values, our_own, dtypes, scalars, numbers, others, structs, objects, strings):
        part()
