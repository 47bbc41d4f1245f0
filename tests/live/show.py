"""`npickle show` against repr(), for some hundred arrays.

usage: PYTHON show.py NPICKLE                    (tests/check-live.sh calls it; Python 3.8 and later with NumPy 2.2
                                                 and later)

Exit status 77 on an older NumPy, which prints shapes and scalars in another way.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import warnings

import numpy as np

NUMPY = tuple(int(n) for n in np.__version__.split('.')[:2])
warnings.simplefilter('ignore')  # units that NumPy has begun to deprecate


def ints():
    for code in 'i1 u1 i2 u2 i4 u4 i8 u8'.split():
        info = np.iinfo(code)
        yield np.array([0, 1, info.max, info.min], code)
        yield np.arange(12, dtype=code).reshape(3, 4)
    yield np.array([], 'i8')
    yield np.array(7)
    yield np.array([[]], 'i4')
    yield np.zeros((0, 3), 'u2')
    yield np.arange(24).reshape(2, 3, 4)
    yield np.arange(24).reshape(2, 3, 4).T
    yield np.arange(16).reshape(2, 2, 2, 2)
    yield np.arange(1000)
    yield np.arange(1001)
    yield np.arange(2000).reshape(2, 1000)
    yield np.arange(2000).reshape(1000, 2)
    yield np.arange(8000).reshape(20, 20, 20)
    yield np.arange(100) * 10**12
    yield np.asfortranarray(np.arange(6, dtype='i2').reshape(2, 3))


def floats():
    nan, inf = np.nan, np.inf
    for code in 'f2 f4 f8'.split():
        yield np.array([0, -0.0, 1, 1.5, -2.25, 1 / 3], code)
        yield np.array([nan, inf, -inf, 1], code)
        yield np.array([1e-3, 1, 1e3], code)
        yield np.array([nan], code)
        yield np.array(0.1, code)
        yield np.arange(8, dtype=code).reshape(2, 2, 2) / 3
    yield np.array([1e-5, 1.0])
    yield np.array([1e-300, 1e300])
    yield np.array([5e-324, 1.7976931348623157e308, 0.0])
    yield np.array([1e8, 1.0])
    yield np.array([1e8 - 1, 1.5])
    yield np.array([99999999.0])
    yield np.array([1e16, 1e15, 123456789.123456789])
    yield np.array([0.0001, 0.001])
    yield np.array([0.00001])
    yield np.array([1.0, 1000.0, 1000.1])
    yield np.array([inf, 1e20, nan, -0.0])
    yield np.array([[1.0, nan], [-inf, 1e-10]])
    yield np.array([], 'f4')
    yield np.zeros((2, 0, 3), 'f8')
    yield np.linspace(0, 1, 1001)
    yield np.linspace(-1, 1, 3000).reshape(30, 100)
    yield np.sqrt(np.arange(40))
    yield np.array([0.1, 0.12, 0.123, 0.1234, 0.12345, 0.123456, 0.1234567, 0.12345678, 0.123456789])
    yield np.array([1e5, 123456.7, 0.5], 'f4')
    yield np.array([16777216, 0.1], 'f4')
    yield np.array([65504, 6e-8], 'f2')
    random = np.random.default_rng(1)
    for scale in (1e-30, 1e-4, 1.0, 1e6, 1e30):
        yield random.standard_normal(7) * scale
    yield random.standard_normal((3, 4)).astype('f4')
    yield np.exp(random.uniform(-20, 20, 9))
    yield np.ldexp(random.uniform(1, 2, 30), random.integers(-1000, 1000, 30))


def complexes():
    for code in 'c8 c16'.split():
        yield np.array([0, 1, 1j, -1.5 - 2.25j], code)
        yield np.array([complex(np.nan, 1), complex(1, np.inf), complex(-0.0, -0.0)], code)
        yield np.array(1 + 2j, code)
        yield np.arange(6, dtype=code).reshape(2, 3) * (1 + 0.1j)
    yield np.array([1e-10 + 1e10j, 1])
    yield np.array([], 'c16')
    yield np.arange(1500) * 1j


def others():
    yield np.array([True, False])
    yield np.array(True)
    yield np.array([], bool)
    yield np.arange(1200) % 3 == 0
    yield np.array(['a', 'bcd', '', 'caf\xe9', '\u4f60\u597d', '\U0001f600', "it's", '"both\'', 'new\nline', 'tab\t',
                    '\\', '\x7f'])
    yield np.array('text')
    yield np.array([['a', 'bb'], ['ccc', 'd']])
    yield np.array([], 'U3')
    yield np.array(['x' * 30] * 5)
    yield np.array(['word%d' % i for i in range(1500)])
    yield np.array([b'a', b'bcd', b'', b"it's", b'\x00\xff\n', b'\\'])
    yield np.array([b'abc'] * 1100)
    yield np.array([b'\x00\x01\xff\x7f', b'abcd'], 'V4')
    yield np.zeros((2, 2), 'V2')
    for unit in 'Y M W D h m s ms us ns ps fs as'.split():
        yield np.array([0, 1, -1, 1000000], 'M8[%s]' % unit)
    yield np.array(['2021-02-03T04:05:06', 'NaT', '1969-12-31T23:59:59'], 'M8[s]')
    yield np.array(['NaT', 'NaT'], 'M8[D]')
    yield np.array('2021-02-03', 'M8[D]')
    yield np.array([1, 26, -5], 'm8[25us]')
    yield np.array([0, 1000, 'NaT'], 'm8[s]')
    yield np.array([], 'm8[ns]')
    yield np.array([1, 2], 'm8')
    yield np.arange('2000-01', '2010-01', dtype='M8[D]')
    yield np.array([(1, 2.5), (3, np.nan)], [('x', 'i4'), ('y', 'f8')])
    yield np.array((1, 'ab'), [('x', 'i4'), ('name', 'U3')])
    yield np.zeros(3, [('p', 'f4', (2,)), ('q', [('a', 'u1'), ('b', 'S2')])])


def main(argv):
    if len(argv) != 2:
        print(__doc__)
        return 4
    if sys.version_info < (3, 8) or NUMPY < (2, 2):
        print('show: skipped on NumPy %d.%d' % NUMPY)
        return 77
    arrays = list(ints()) + list(floats()) + list(complexes()) + list(others())
    passed, failed = 0, []
    with tempfile.TemporaryDirectory(prefix='npickle-live.') as work:
        path = os.path.join(work, 'x.pkl')
        for i, array in enumerate(arrays):
            with open(path, 'wb') as file:
                pickle.dump(array, file, i % 6)
            ran = subprocess.run([argv[1], 'show', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wanted, found = repr(array) + '\n', ran.stdout.decode('utf-8', 'replace')
            if ran.returncode == 0 and found == wanted:
                passed += 1
            else:
                failed.append('array %d at protocol %d, exit status %d: expected\n%sfound\n%s%s' % (
                    i, i % 6, ran.returncode, wanted, found, ran.stderr.decode('utf-8', 'replace')))
    for text in failed[:10]:
        print('FAIL: ' + text)
    print('show, NumPy %d.%d: %d passed, %d failed' % (NUMPY + (passed, len(failed))))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
