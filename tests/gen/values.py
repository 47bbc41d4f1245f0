"""Golden bytes of CPython's C pickler for plain values, each with the calls of npickle's writer that must give the
same bytes.

usage: python3 values.py > tests/data/values.golden                 (CPython 3.11; no NumPy)
       PYTHON-WITH-NUMPY values.py mixed > tests/data/mixed-DIALECT.golden   (values that hold arrays; numpy1, numpy2)

Words of a case are the calls, in order:
  none  true  false  int N  long "..."  float BITS  complex BITS BITS  str "UTF-8"  bytes "..."
                         int: -2**63 to 2**64 - 1; long: any other int, as npk_write_long takes it (little-endian two's
                         complement); BITS: the IEEE 754 double as 16 hexadecimal digits; lone surrogates in UTF-8
                         have three bytes
  list N ... end         also tuple N and dict N (N pairs); N is the count given to npk_begin_...
  keep K                 the object written (or ended) last is number K from here on
  again K                object number K once more
  times N CALL           the next call (with its arguments) N times
  pairs A B              for each i from A to B - 1: int i, none
  dtype K CODE           descriptor number K is npk_dtype_parse(CODE)
  array K SHAPE ORDER "MEMORY"   an array of descriptor K, in 'C' or 'F' order; SHAPE as in plain.py
This file executes the same words in Python to make the object. Two equal strings are then different objects, as they
are for the writer, but for those that CPython has only once: '' and one character of latin-1, bytes of length 0 and
1.
"""
import pickle
import struct
import sys

import golden


def bits(value):
    return struct.pack('>d', value).hex()


def build(words):
    """The object that the words make."""
    stack, kept, dtypes, word, last = [[]], {}, {}, iter(words), None

    def one(call):
        if call in ('none', 'true', 'false'):
            return {'none': None, 'true': True, 'false': False}[call]
        if call == 'int':
            return int(next(word))
        if call == 'long':
            return int.from_bytes(golden.unquote(next(word)), 'little', signed=True)
        if call == 'float':
            return struct.unpack('>d', bytes.fromhex(next(word)))[0]
        if call == 'complex':
            return complex(*struct.unpack('>dd', bytes.fromhex(next(word) + next(word))))
        if call == 'str':
            return golden.unquote(next(word)).decode('utf-8', 'surrogatepass')
        if call == 'bytes':
            return b''.join([golden.unquote(next(word))])
        raise ValueError('no such call: ' + call)

    for call in word:
        if call in ('list', 'tuple', 'dict'):
            stack.append([call, int(next(word))])
            continue
        if call == 'keep':
            kept[next(word)] = last
            continue
        if call == 'dtype':
            import numpy
            number, code = next(word), next(word)
            dtypes[number] = numpy.dtype(code)
            continue
        if call == 'end':
            kind, count, *items = stack.pop()
            assert len(items) == count * (2 if kind == 'dict' else 1), (kind, count, len(items))
            last = dict(zip(items[::2],
                            items[1::2])) if kind == 'dict' else list(items) if kind == 'list' else tuple(items)
            assert kind != 'dict' or len(last) == count
        elif call == 'again':
            last = kept[next(word)]
        elif call == 'times':
            count, inner = int(next(word)), [next(word)]
            if inner[0] not in ('none', 'true', 'false'):
                inner.append(next(word))
            for _ in range(count):
                stack[-1].append(build(inner))
            continue
        elif call == 'pairs':
            for i in range(int(next(word)), int(next(word))):
                stack[-1] += [i, None]
            continue
        elif call == 'array':
            import numpy
            dtype, shape, order = dtypes[next(word)], next(word), next(word)
            shape = tuple(int(n) for n in shape.split(',')) if shape != '-' else ()
            memory = bytearray(golden.unquote(next(word)))
            last = numpy.ndarray(shape, dtype, memory or bytearray(dtype.itemsize), 0, order=order)
        else:
            last = one(call)
        stack[-1].append(last)
    assert len(stack) == 1 and len(stack[0]) == 1, stack
    return stack[0][0]


INTS = [0, 1, 2, 127, 128, 255, 256, 257, 65535, 65536, 2**31 - 1, 2**31, -1, -128, -129, -2**31, -2**31 - 1,
        2**32 - 1, 2**32,
        2**39 - 1, 2**39, -2**39, -2**39 - 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64 - 1, 2**64, 2**100, -2**100,
        10**30,
        2**2031, 2**2031 - 1, 2**2039 - 1, 2**2039, -2**2039, -2**2039 - 1, -2**2040, 2**2040, 10**4299]

FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 0.5, 1e15, 1e16, 1e17, 123456789012345680.0, 1e22, 1e23, 1e-4, 1e-5, 1.5e-5,
          1e100, 1e308,
          1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 3.141592653589793, 2.0**53, 2.0**53 + 2, 1e21,
          123456.789, float('inf'), float('-inf'), float('nan')]

STRS = ['', 'a', 'b', '\xe9', '\0', '\n', '\\', 'ab', 'latin1', 'numpy', 'na\xefve', '\x80\x9f\xa0\xff', '\u0100',
        '\u4f60\u597d',
        '\uffff', '\U00010000', '\U0001f600', '\U0010ffff', '\ud800', 'a\udfffb', 'a\0b', 'a\nb', 'a\rb', 'a\x1ab',
        'a\\b',
        '\\u0041', '\\\\', ' ', "it's", '"', '\t\x7f', 'x' * 255, 'x' * 256, '\xe9' * 127, '\xe9' * 128, 'x' * 65535,
        'x' * 65536,
        '\xe9' * 32768, ''.join(map(chr, range(256)))]

BYTES = [b'', b'a', b'\0', b'\xff', b'ab', b'\n\r\\\x1a\0', b'x' * 255, b'x' * 256, b'\xff' * 300, b'x' * 65535,
         b'x' * 65536,
         b'x' * 70000, bytes(range(256))]

COUNTS = [0, 1, 2, 3, 4, 999, 1000, 1001, 2000, 2001]


def number(value):
    if -2**63 <= value < 2**64:
        return 'int %d' % value
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return 'long ' + golden.quote(value.to_bytes(size, 'little', signed=True))


def text(value):
    return 'str ' + golden.quote(value.encode('utf-8', 'surrogatepass'))


def data(value):
    return 'bytes ' + golden.quote(value)


def name_of(value):
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else '%d-bits%s-%02x' % (value.bit_length(),
                '-negative' if value < 0 else '', value & 255)
    return '%d-%s' % (len(value), golden.quote(value[:6].encode('utf-8', 'surrogatepass') if isinstance(value, str)
                                               else value[:6])[1:-1])


def plain():
    """Yields (name, words as one string)."""
    for word in ('none', 'true', 'false'):
        yield word, word
    for value in INTS:
        yield 'int/' + name_of(value), number(value)
    for value in FLOATS:
        yield 'float/%r' % value, 'float ' + bits(value)
    yield 'float/nan-with-payload', 'float fff8000000000123'
    yield 'complex', 'complex %s %s' % (bits(1.0), bits(-2.5))
    yield 'complex/odd', 'complex %s %s' % (bits(-0.0), bits(float('nan')))
    yield 'complex/twice', 'list 2 complex %s %s complex %s %s end' % ((bits(1.0), bits(2.0)) * 2)
    for value in STRS:
        yield 'str/' + name_of(value), text(value)
    for value in BYTES:
        yield 'bytes/' + name_of(value), data(value)
    for kind in ('list', 'tuple', 'dict'):
        for n in COUNTS:
            yield '%s/%d' % (kind, n), '%s %d%s end' % (kind, n, '' if not n else ' pairs 0 %d' % n if kind == 'dict'
                                                        else ' times %d none' % n)
    for n in (1, 2, 3, 4):
        yield 'tuple/of-int-%d' % n, 'tuple %d times %d int 7 end' % (n, n)
        yield 'list/of-str-%d' % n, 'list %d times %d str "ab" end' % (n, n)
        yield 'list/of-1-char-%d' % n, 'list %d times %d str "a" end' % (n, n)
    yield from identity()
    yield from nested()
    yield from framed()


def identity():
    """What CPython has once, and what it has not."""
    yield 'same/str-1-char', 'list 5 str "a" str "a" str "\\c3\\a9" str "\\c3\\a9" str "a" end'
    yield 'same/str-empty', 'list 3 str "" str "" str "" end'
    yield 'same/str-beyond-latin1', 'list 2 str "\\c4\\80" str "\\c4\\80" end'
    yield 'same/str-two-chars', 'list 2 str "ab" str "ab" end'
    yield 'same/bytes-1', 'list 4 bytes "a" bytes "a" bytes "\\ff" bytes "\\ff" end'
    yield 'same/bytes-empty', 'list 3 bytes "" bytes "" bytes "" end'
    yield 'same/bytes-two', 'list 2 bytes "ab" bytes "ab" end'
    yield 'same/bytes-and-its-text', 'list 3 bytes "a" str "a" bytes "ab" end'
    yield 'same/text-and-its-bytes', 'list 4 str "b" bytes "b" str "latin1" bytes "bc" end'
    yield 'same/tuple-empty', 'list 3 tuple 0 end tuple 0 end tuple 0 end end'
    yield 'same/tuple', 'list 2 tuple 1 int 1 end tuple 1 int 1 end end'
    yield 'same/numbers', 'list 6 int 1 int 1 float %s float %s true none end' % (bits(1.5), bits(1.5))
    yield 'again/list', 'list 3 list 1 int 1 end keep 1 again 1 again 1 end'
    yield 'again/tuple', 'tuple 2 tuple 2 int 1 int 2 end keep 1 again 1 end'
    yield 'again/dict', 'list 2 dict 1 str "k" none end keep 1 again 1 end'
    yield 'again/str', 'list 3 str "key" keep 1 again 1 str "key" end'
    yield 'again/bytes', 'list 2 bytes "data" keep 1 again 1 end'
    yield 'again/complex', 'list 2 complex %s %s keep 1 again 1 end' % (bits(1.0), bits(2.0))
    yield 'again/key-as-value', 'dict 1 str "key" keep 1 again 1 end'
    yield 'again/records', 'list 2 dict 2 str "id" keep 1 int 1 str "name" keep 2 str "x1" end dict 2 again 1 int 2 again 2 ' \
        'str "x2" end end'
    many = ' '.join('tuple 1 int 0 end keep %d' % i for i in range(300))
    yield 'again/over-256-memo-entries', 'list 303 %s again 0 again 254 again 299 end' % many


def nested():
    yield 'nested/lists', 'list 2 list 1 list 0 end end list 2 int 1 list 1 none end end end'
    yield 'nested/tuples', 'tuple 4 tuple 0 end tuple 1 none end tuple 2 none none end tuple 3 none none none end end'
    yield 'nested/dicts', 'dict 2 str "a" dict 0 end tuple 2 int 1 int 2 end dict 1 int 1 list 0 end end end'
    yield 'nested/all', 'dict 5 str "n" none str "i" int -5 str "f" float %s str "b" bytes "\\00\\ff" str "l" list 3 true false ' \
        'str "\\f0\\9f\\98\\80" end end' % bits(0.25)
    yield 'nested/100-lists', ' '.join(['list 1'] * 100 + ['none'] + ['end'] * 100)
    yield 'nested/100-tuples', ' '.join(['tuple 1'] * 100 + ['none'] + ['end'] * 100)
    yield 'nested/lists-of-two', ' '.join(['list 2 none'] * 30 + ['none'] + ['end'] * 30)
    yield 'keys/of-every-kind', 'dict 6 none none true none float %s none str "s" none bytes "xy" none tuple 1 int 3 end none end' \
        % bits(2.5)


def framed():
    """Around the 64 KiB of a frame."""
    big = 'bytes "\\{65536:78}"'
    yield 'frame/two-big-bytes', 'list 2 %s %s end' % (big, big)
    yield 'frame/big-small-big', 'list 3 %s int 1 %s end' % (big, big)
    yield 'frame/big-none-str-big', 'tuple 4 %s none str "abc" %s end' % (big, big)
    yield 'frame/big-text', 'list 2 str "\\{65536:78}" str "\\{65535:78}" end'
    yield 'frame/two-of-65535', 'list 3 bytes "\\{65535:78}" bytes "\\{65535:79}" none end'
    yield 'frame/many-small', 'list 100 times 100 bytes "\\{1400:78}" end'
    yield 'frame/many-nones', 'tuple 140000 times 140000 none end'
    yield 'frame/one-long-int', 'list 3 %s %s int 5 end' % (big, number(2**100))
    yield 'frame/single-item-after', 'list 1 %s end' % big
    yield 'frame/dict-of-big', 'dict 2 str "a" %s str "b" %s end' % (big, big)
    # a frame ends in the middle of a container: how many items it has must be known by then
    yield 'frame/list-of-one-that-is-long', 'list 1 tuple 70000 times 70000 none end end'
    yield 'frame/tuple-of-three-long', 'tuple 3 tuple 70000 times 70000 none end tuple 70000 times 70000 none end none end'


def mixed():
    f8, swapped, time = 'dtype 1 <f8', 'dtype 2 >f8', 'dtype 3 <M8[s]'
    one, two = 'array 1 1 C "\\00\\00\\00\\00\\00\\00\\f8?"', 'array 1 2 C "\\00\\00\\00\\00\\00\\00\\f8?\\00\\00\\00\\00\\00\\00\\00@"'
    yield 'array', '%s %s' % (f8, two)
    yield 'two-of-one-dtype', '%s list 2 %s %s end' % (f8, one, two)
    yield 'one-array-twice', '%s list 2 %s keep 1 again 1 end' % (f8, one)
    yield 'name-and-array', '%s dict 2 str "name" str "field" str "data" %s end' % (f8, two)
    yield 'two-dtypes', '%s dtype 4 <i4 list 3 %s array 4 1 C "\\01\\00\\00\\00" %s end' % (f8, one, two)
    yield 'native-and-swapped', '%s %s list 4 %s array 2 1 C "?\\f8\\00\\00\\00\\00\\00\\00" array 2 0 C "" %s end' % (
        f8, swapped, one, two)
    yield 'two-swapped-dtypes', '%s dtype 4 >f8 list 2 array 2 1 C "12345678" array 4 1 C "12345678" end' % swapped
    yield 'two-of-one-time', '%s list 2 array 3 1 C "12345678" array 3 2,1 F "1234567887654321" end' % time
    yield 'two-times', '%s dtype 4 <M8[s] list 2 array 3 1 C "12345678" array 4 1 C "12345678" end' % time
    yield 'two-texts', 'dtype 1 <U2 dtype 2 <U2 dtype 3 S3 list 4 array 1 1 C "a\\00\\00\\00b\\00\\00\\00" array 2 1 C ' \
        '"a\\00\\00\\00b\\00\\00\\00" array 1 - C "b\\00\\00\\00b\\00\\00\\00" array 3 2 C "abcdef" end'
    yield 'byte-b-twice', 'dtype 1 u1 list 3 array 1 1 C "b" array 1 1 C "b" array 1 1 C "c" end'
    yield 'one-byte-twice', 'dtype 1 i1 list 2 array 1 1 C "x" array 1 - C "x" end'
    yield 'empty-twice', '%s list 3 array 1 0 C "" array 1 0,3 C "" bytes "" end' % f8
    yield 'bytes-b-before', '%s list 3 bytes "b" %s bytes "b" end' % (f8, one)
    yield 'str-b-before', '%s list 3 str "b" %s str "b" end' % (f8, one)
    yield 'str-latin1-before', '%s list 3 str "latin1" bytes "xy" %s end' % (f8, one)
    yield 'order-letters-before', '%s list 7 str "<" str ">" str "|" str "C" str "F" %s array 1 2,2 F "\\{4:6162636465666768}" end' \
        % (f8, one)
    yield 'order-letters-after', '%s %s list 6 %s array 2 1 C "12345678" str "<" str ">" str "C" str "numpy" end' % (
        f8, swapped, one)
    yield 'names-before', '%s list 4 str "numpy" str "ndarray" str "f8" %s end' % (f8, one)
    yield 'complex-and-bytes-and-array', '%s list 4 complex 3ff0000000000000 4000000000000000 bytes "xy" bytes "" %s end' % (f8, one)
    yield 'fortran-and-c', '%s list 2 array 1 2,2 C "\\{4:6162636465666768}" array 1 2,2 F "\\{4:6162636465666768}" end' % f8
    yield 'array-in-tuple', '%s tuple 1 %s end' % (f8, one)
    yield 'array-as-single-item', '%s dict 1 str "a" list 1 %s end end' % (f8, one)
    yield 'three-then-long', '%s dtype 4 u1 list 4 %s array 4 65536 C "\\{65536:78}" %s array 4 65535 C "\\{65535:78}" end' % (
        f8, one, two)
    yield 'long-doubles', 'dtype 1 <f16 dtype 2 >f16 dtype 3 <c32 tuple 3 array 1 1 C "1234567890\\{6:00}" array 2 1 C ' \
        '"\\{6:00}1234567890" array 3 1 C "1234567890\\{6:00}1234567890\\{6:00}" end'
    many = ' '.join('array 1 1 C "%s"' % chr(97 + i) for i in range(20))
    yield 'twenty-arrays', 'dtype 1 S1 list 20 %s end' % many
    yield 'over-256-memo-entries', '%s list 40 %s end' % (f8, ' '.join([one] * 40))


def main(argv, out):
    with_arrays = argv[1:] == ['mixed']
    version = 'CPython %d.%d' % sys.version_info[:2]
    if with_arrays:
        import numpy
        version += ' with NumPy ' + '.'.join(numpy.__version__.split('.')[:2])
    out = golden.Writer(out, ['pickle.dumps(value, protocol) of %s, written by tests/gen/values.py.' % version])
    cases = list(mixed() if with_arrays else plain())
    assert len({name for name, _ in cases}) == len(cases)
    for name, words in cases:
        value = build(words.split(' '))
        out.case(name, [words], {p: pickle.dumps(value, p) for p in range(6)})


if __name__ == '__main__':
    main(sys.argv, sys.stdout)
