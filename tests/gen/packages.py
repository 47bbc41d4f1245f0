# -*- coding: utf-8 -*-
"""What NumPy, and the packages that are built on it, pickle; and what a release makes of such a file.

usage: python packages.py make DIR [SECTION...]   files NAME.pPROTOCOL.pkl in DIR, and DIR/index.json: what each holds, as text
       python packages.py load < LIST             for each file of the list a line of JSON: [file, status, text, culprit]

DIR is what tests/live/targets.py takes with --pickles.

Works on Python 2.7 and 3, with any NumPy from 1.16 on, and with whichever packages are there: what is not is left out and said on
standard error. NumPy's namespace is walked: each class, function, ufunc and other thing in it that can be pickled, each dtype and each
scalar of it, each bit generator; of scikit-learn each estimator (0.20 lists them where pytest is there too), of scipy.special each ufunc.

`status` is "ok"; "own", with a warning or an error of a package's own; "warning"; or "error". `culprit` is the name that was looked for,
called or given a state when it went wrong.
"""
from __future__ import print_function

import array
import collections
import datetime
import functools
import importlib
import io
import json
import os
import pickle
import pickletools
import pkgutil
import sys
import tempfile
import types
import warnings

import numpy as np

PY2 = sys.version_info[0] == 2
TEXT = type(u'')
VERSION = tuple(int(n) for n in np.__version__.split('.')[:2])
PACKAGES = ('pandas scipy.special scipy.sparse scipy.stats sklearn xarray astropy.units astropy.table astropy.time astropy.coordinates unyt jax '
            'jax.numpy ml_dtypes').split()

# --- what an object is, as text that is the same in every release -------------------------------------------------------------

NAMES = {  # the same thing under several names
    'bool_': 'bool', 'bool8': 'bool', 'unicode_': 'str_', 'string_': 'bytes_', 'float_': 'float64', 'complex_': 'complex128', 'unicode': 'str',
    'long': 'int', 'xrange': 'range', 'float128': 'longdouble', 'complex256': 'clongdouble', 'true_divide': 'divide', 'conj': 'conjugate',
    'trapz': 'trapezoid', 'row_stack': 'vstack', 'product': 'prod', 'cumproduct': 'cumprod', 'sometrue': 'any', 'alltrue': 'all',
    'round_': 'round', 'unichr': 'chr', 'izip': 'zip', 'imap': 'map', 'StandardError': 'Exception', 'abs': 'absolute',
}


def text_of_array(a, c):
    if a.dtype.kind == 'T' or a.dtype.hasobject:
        return c(a.tolist())
    if a.dtype.names is not None:
        return '{%s}' % ', '.join('%s: %s' % (c(n), text_of_array(a[n], c)) for n in a.dtype.names)
    data = np.ascontiguousarray(a).tobytes()
    if a.dtype.char in 'gG' and a.dtype.itemsize in (16, 32):  # six bytes of sixteen are padding
        data = b''.join(data[i:i + 10] for i in range(0, len(data), 16))
    return c(data)


def text_of_dtype(d, c):
    extra = ''
    if d.metadata:
        extra = ' metadata %s' % c(dict(d.metadata))
    if d.subdtype:
        return 'dtype(%s of %s)%s' % (c(tuple(int(n) for n in d.shape)), c(d.base), extra)
    if d.names is not None:
        parts = ['%s @%d %s%s' % (c(n), d.fields[n][1], c(d.fields[n][0]), ' title %s' % c(d.fields[n][2]) if len(d.fields[n]) > 2 else '')
                 for n in d.names]
        return 'dtype(%s, %d, %s %s)%s' % (', '.join(parts), d.itemsize, d.isalignedstruct, d.type.__name__, extra)
    if d.kind == 'T':
        return 'dtype(T %s %s)%s' % (getattr(d, 'coerce', None), c(getattr(d, 'na_object', 'none')), extra)
    module = d.type.__module__.split('.')[0]
    return 'dtype(%s%s)%s' % (d.str, '' if module == 'numpy' else ' ' + module + '.' + d.type.__name__, extra)


def is_method(o):
    return callable(o) and hasattr(o, '__name__') and not isinstance(getattr(o, '__self__', None), (type(None), types.ModuleType))


class Teller(object):
    def __init__(self):
        self.open, self.deep = [], 0

    def __call__(self, o):
        if any(o is other for other in self.open):
            return '<again>'
        if len(self.open) > 12:
            return '...'
        self.open.append(o)
        try:
            return self.tell(o)
        finally:
            self.open.pop()

    def pairs(self, items):
        return '{%s}' % ', '.join(sorted('%s: %s' % (self(k), self(v)) for k, v in items))

    def each(self, items):
        return '[%s]' % ', '.join(self(item) for item in items)

    def tell(self, o):
        kind = type(o).__name__
        if o is None or o is Ellipsis or o is NotImplemented or isinstance(o, bool):
            return repr(o)
        if isinstance(o, TEXT):
            return 'U' + json.dumps(o if isinstance(o, str) or PY2 else str(o))
        if isinstance(o, np.generic):
            return self.scalar(o)
        if isinstance(o, bytes):
            return 'B' + json.dumps(o.decode('latin-1'))
        for test, tell in () if isinstance(o, type) else self.rows():
            if test(o):
                return tell(o)
        for prefix, tell in PACKAGE_TELLERS:
            if (type(o).__module__ or '').split('.')[0] == prefix:
                said = tell(o, self)
                if said is not None:
                    return said
        if isinstance(o, type) or callable(o) and hasattr(o, '__name__'):
            module = (getattr(o, '__module__', None) or '').split('.')[0]
            return 'name %s' % NAMES.get(o.__name__, o.__name__) + (' of ' + module if module not in ('', 'numpy', 'builtins', '__builtin__') else '')
        return self.other(o)

    def scalar(self, o):
        value = np.asarray(o)
        if isinstance(o, np.void) and o.dtype.names is not None and value.dtype.names is None:
            return 'void'
        return 'scalar %s %s %s' % (NAMES.get(type(o).__name__, type(o).__name__), self(o.dtype), text_of_array(value.reshape(1), self))

    def rows(self):
        yield lambda o: isinstance(o, np.ma.core.MaskedConstant), lambda o: 'masked'
        yield lambda o: isinstance(o, np.ma.MaskedArray), self.masked
        yield lambda o: isinstance(o, np.ndarray) and type(o).__module__.split('.')[0] == 'numpy', self.array
        yield lambda o: isinstance(o, np.dtype), lambda o: text_of_dtype(o, self)
        yield lambda o: isinstance(o, np.random.RandomState), self.random_state
        yield lambda o: type(o).__name__ == 'Generator' and hasattr(o, 'bit_generator'), self.generator
        yield lambda o: hasattr(o, 'random_raw'), lambda o: '%s %s' % (type(o).__name__, self([int(n) for n in o.random_raw(5)]))
        yield lambda o: type(o).__name__ == 'SeedSequence', lambda o: 'seeds %s %s' % (self([int(n) for n in o.generate_state(4)]), self(
            [int(n) for n in o.spawn(1)[0].generate_state(2)]))
        yield lambda o: type(o).__name__ == 'SeedlessSeedSequence', lambda o: 'seeds of nothing'
        yield lambda o: isinstance(o, np.ufunc), lambda o: 'ufunc %s %d %d' % (NAMES.get(o.__name__, o.__name__), o.nin, o.nout)
        yield lambda o: isinstance(o, np.poly1d), lambda o: 'poly1d %s %s' % (self(np.asarray(o.coeffs)), self(o.variable))
        yield lambda o: getattr(o, '__class__', type(o)).__name__ == 'NumpyVersion', lambda o: 'version ' + str(o.vstring)
        yield lambda o: isinstance(o, float), repr
        yield lambda o: PY2 and type(o).__name__ == 'long', lambda o: '%d' % o
        yield lambda o: type(o) in (int, complex), repr
        yield lambda o: isinstance(o, dict), lambda o: ('' if type(o) is dict else type(o).__name__) + self.pairs(o.items())
        yield lambda o: isinstance(o, (set, frozenset)), lambda o: '%s%s' % (type(o).__name__, sorted(self(x) for x in o))
        yield lambda o: isinstance(o, (list, tuple, collections.deque)), lambda o: type(o).__name__ + self.each(o)
        yield lambda o: type(o).__name__ in ('range', 'xrange'), lambda o: 'range' + str(list(o))
        yield lambda o: isinstance(o, slice), lambda o: 'slice' + self((o.start, o.stop, o.step))
        yield lambda o: isinstance(o, array.array), lambda o: 'array' + self(o.tolist())
        yield lambda o: isinstance(o, datetime.timedelta), lambda o: 'timedelta %d %d %d' % (o.days, o.seconds, o.microseconds)
        yield lambda o: isinstance(o, (datetime.date, datetime.time)), lambda o: type(o).__name__ + ' ' + o.isoformat()
        yield lambda o: type(o).__name__ == 'AxisError', lambda o: 'raises AxisError ' + str(o)  # its arguments are others since 1.25
        yield lambda o: isinstance(o, BaseException), lambda o: 'raises %s %s' % (type(o).__name__, self(list(o.args)))
        yield lambda o: isinstance(o, functools.partial), lambda o: 'partial' + self((o.func, o.args, o.keywords or {}))
        yield is_method, lambda o: 'method %s of %s' % (o.__name__, self(o.__self__))

    def masked(self, o):
        plain = o.data.view(np.ndarray)
        mask = np.ma.getmaskarray(o)
        # what lies under the mask counts too
        return 'masked %s %s %s mask %s fill %s hard %s%s' % (type(o).__name__, self(o.dtype), o.shape, text_of_array(np.asarray(mask), self),
                                                            self(np.asarray(o.fill_value)), bool(o.hardmask), text_of_array(plain, self))

    def array(self, o):
        flags = 'F' if o.flags['F_CONTIGUOUS'] and not o.flags['C_CONTIGUOUS'] else ''  # other orders of axes are kept since NumPy 2.3
        if o.dtype.kind != 'V':  # below protocol 5 NumPy makes the order of bytes the machine's
            o = o.astype(o.dtype.newbyteorder('='), order='K', copy=False) if o.dtype.byteorder == '>' else o
        return '%s %s %s %s %s' % (type(o).__name__, self(o.dtype), tuple(int(n) for n in o.shape), flags, text_of_array(o.view(np.ndarray), self))

    def random_state(self, o):
        return 'RandomState %s' % self([float(x) for x in o.random_sample(3)] + [int(x) for x in o.randint(0, 1000, 3)] +
                                       [float(o.normal()), float(o.normal()), float(o.normal())])

    def generator(self, o):
        return 'Generator %s %s' % (type(o.bit_generator).__name__, self([int(x) for x in o.integers(0, 1000, 5, dtype='i4')] + [float(o.random())]))

    def other(self, o):
        said = type(o).__module__.split('.')[0] + '.' + type(o).__name__
        state = getattr(o, '__dict__', None)
        if state:
            return said + self.pairs((k, v) for k, v in state.items() if k not in ('__doc__', '__signature__', '__module__'))
        try:
            reduced = o.__reduce_ex__(2)
        except Exception:
            return said
        return said if isinstance(reduced, str) else said + self([x for x in reduced[1:3] if x is not None])


def tell_pandas(o, c):
    import pandas
    if isinstance(o, pandas.DataFrame):
        return 'DataFrame columns %s index %s %s' % (c(list(o.columns)), c(list(o.index)), c([list(o.iloc[:, i]) for i in range(o.shape[1])]))
    if isinstance(o, pandas.Series):
        return 'Series %s index %s %s' % (c(o.name), c(list(o.index)), c(list(o)))
    if isinstance(o, pandas.Index):
        return 'Index %s %s' % (c(list(o.names)), c(list(o)))
    if hasattr(o, '__array__') and hasattr(o, 'dtype') and hasattr(o, '__len__'):
        return type(o).__name__ + c(list(o))
    if isinstance(o, (pandas.Timedelta, pandas.Timestamp, pandas.Period, pandas.Interval)) or o is pandas.NaT or 'dtype' in type(o).__name__.lower():
        return type(o).__name__ + ' ' + str(o)
    if type(o).__module__.startswith('pandas._libs.missing'):
        return 'NA'
    if type(o).__module__.startswith('pandas._libs.tslibs') or type(o).__module__.startswith('pandas.tseries'):
        return type(o).__name__ + ' ' + str(o)


def tell_sklearn(o, c):
    x = np.linspace(0, 1, 8).reshape(4, 2)
    for name in ('predict', 'transform'):
        if hasattr(o, 'get_params') and hasattr(o, name):
            for data in (x, np.abs(np.round(x)), x[:, 0], [u'a b', u'b'], x[:, :1], [{u'a': 1}]):
                try:
                    said = getattr(o, name)(data)
                except Exception:
                    continue
                if hasattr(said, 'toarray'):
                    said = said.toarray()
                said = np.asarray(said)
                return '%s %s %s' % (type(o).__name__, name, c([round(float(v), 5) for v in said.ravel()] if said.dtype.kind in 'fiu' else said.tolist()))
    if hasattr(o, 'get_params'):
        return type(o).__name__ + c({str(k): str(v) for k, v in o.get_params().items()})


def tell_xarray(o, c):
    if hasattr(o, 'data_vars'):
        return 'Dataset' + c({str(k): (list(v.dims), np.asarray(v.values)) for k, v in o.variables.items()})
    if hasattr(o, 'values') and not callable(o.values):
        return type(o).__name__ + c((list(o.dims), np.asarray(o.values)))


def tell_astropy(o, c):
    if hasattr(o, 'unit') and hasattr(o, 'value') and isinstance(o, np.ndarray):
        return type(o).__name__ + c(np.asarray(o.value)) + str(o.unit)
    if type(o).__name__ in ('Table', 'QTable'):
        return type(o).__name__ + c({str(n): np.ma.asarray(o[n]) for n in o.colnames})
    if type(o).__name__ in ('Column', 'MaskedColumn'):
        return type(o).__name__ + c(np.ma.asarray(o)) + str(o.unit)
    if type(o).__module__.startswith('astropy.units'):
        return 'unit ' + str(o)
    if type(o).__name__ in ('Time', 'TimeDelta'):
        return type(o).__name__ + c((np.asarray(o.jd1), np.asarray(o.jd2), o.scale))
    if hasattr(o, 'spherical'):
        return type(o).__name__ + c([float(x) for x in np.ravel(o.spherical.lon.deg)] + [float(x) for x in np.ravel(o.spherical.lat.deg)])


def tell_unyt(o, c):
    if isinstance(o, np.ndarray):
        return type(o).__name__ + c(np.asarray(o.view(np.ndarray))) + str(o.units)
    return type(o).__name__ + ' ' + str(o)


def tell_scipy(o, c):
    if hasattr(o, 'toarray'):
        return type(o).__name__ + c(o.toarray())


PACKAGE_TELLERS = (('pandas', tell_pandas), ('sklearn', tell_sklearn), ('xarray', tell_xarray), ('astropy', tell_astropy), ('unyt', tell_unyt),
                   ('scipy', tell_scipy), ('jaxlib', lambda o, c: 'jax ' + c(np.asarray(o)) if hasattr(o, '__array__') else None),
                   ('jax', lambda o, c: 'jax ' + c(np.asarray(o)) if hasattr(o, '__array__') else type(o).__name__))


def text(o):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return Teller()(o)


# --- NumPy's namespace ---------------------------------------------------------------------------------------------------------

PLAIN = (types.ModuleType, str, bytes, TEXT, int, float, type(None), dict, list, set, tuple)
LEFT_OUT = ('.tests', 'f2py', 'distutils', 'setup', 'testing', 'conftest', 'typing', 'array_api', '_pyinstaller', 'generate')


def modules(package):
    for _, name, _ in pkgutil.walk_packages(package.__path__, package.__name__ + '.', onerror=lambda name: None):
        old = name.startswith('numpy.core') and VERSION[0] == 2
        if not old and not any(part in name for part in LEFT_OUT):
            yield name


def names():
    """What lies in NumPy's modules: each once, under the shortest path to it."""
    seen = set()
    for name in ['numpy'] + sorted(modules(np), key=lambda name: (name.count('.'), name)):
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        for key, value in sorted(vars(module).items()):
            if key.startswith('__') or isinstance(value, PLAIN) or type(value).__module__ == '__future__':
                continue
            try:
                data = pickle.dumps(value, 2)
            except Exception:
                continue
            if b'numpy' in data and data not in seen:
                seen.add(data)
                yield 'name-%s.%s' % (name, key), lambda value=value: value


# --- dtypes, arrays and scalars ------------------------------------------------------------------------------------------------

UNITS = 'Y M W D h m s ms us ns ps fs as'.split()


def dtypes():
    for code in '?bBhHiIlLqQefdgFDG':
        d = np.dtype(code)
        yield code, lambda d=d: d
        if d.itemsize > 1:
            yield code + '-swapped', lambda d=d: d.newbyteorder('S')
    for unit in UNITS:
        for kind in 'mM':
            yield '%s8-%s' % (kind, unit), lambda kind=kind, unit=unit: np.dtype('%s8[%s]' % (kind, unit))
    for t in ('M8', 'm8', 'M8[25s]', '>M8[7D]', 'm8[3ns]', 'S0', 'S1', 'S5', 'U0', 'U1', 'U5', '>U5', 'V0', 'V1', 'V6', 'O'):
        yield t, lambda t=t: np.dtype(t)
    yield 'struct', lambda: np.dtype([('a', 'i4'), ('b', 'f8')])
    yield 'struct-swapped', lambda: np.dtype([('a', '>i4'), ('b', '<f8')])
    yield 'struct-aligned', lambda: np.dtype([('a', 'i1'), ('b', 'f8'), ('c', 'U3')], align=True)
    yield 'struct-offsets', lambda: np.dtype({'names': ['a', 'b'], 'formats': ['i4', 'i2'], 'offsets': [8, 2], 'itemsize': 20})
    yield 'struct-titles', lambda: np.dtype([(('The first', 'a'), 'i4'), (('Second', 'b'), 'f4')])
    yield 'struct-nested', lambda: np.dtype([('a', [('x', 'i2'), ('y', 'S3', (2,))]), ('b', 'f8', (2, 3))])
    yield 'struct-object', lambda: np.dtype([('a', 'O'), ('b', 'i4')])
    yield 'struct-void', lambda: np.dtype([('a', 'V3'), ('b', 'M8[us]')])
    yield 'struct-empty', lambda: np.dtype([])
    yield 'struct-metadata', lambda: np.dtype([('a', np.dtype('i4', metadata={'unit': 'm'}))])
    yield 'record', lambda: np.dtype((np.record, [('a', 'i4'), ('b', 'f8')]))
    yield 'union', lambda: np.dtype(('i4', [('low', 'i2'), ('high', 'i2')]))
    yield 'subarray', lambda: np.dtype(('i4', (2, 3)))
    yield 'metadata', lambda: np.dtype('f8', metadata={'unit': 'm'})
    yield 'metadata-time', lambda: np.dtype('M8[ms]', metadata={'unit': 'm'})
    yield 'metadata-object', lambda: np.dtype('O', metadata={'vlen': str})
    if hasattr(np, 'dtypes') and hasattr(np.dtypes, 'StringDType'):
        yield 'string', lambda: np.dtypes.StringDType()
        yield 'string-strict', lambda: np.dtypes.StringDType(coerce=False)
        yield 'string-none', lambda: np.dtypes.StringDType(na_object=None)
        yield 'string-nan', lambda: np.dtypes.StringDType(na_object=np.nan)
    try:
        import ml_dtypes
        for name in sorted(vars(ml_dtypes)):
            if isinstance(getattr(ml_dtypes, name), type) and issubclass(getattr(ml_dtypes, name), np.generic):
                yield 'ml-' + name, lambda name=name: np.dtype(getattr(ml_dtypes, name))
    except ImportError:
        pass


def filled(d, shape):
    """An array that is not all zero, without padding that nobody set."""
    if d.subdtype:
        d, shape = d.base, tuple(shape) + d.shape
    a = np.zeros(shape, d)
    flat = a.reshape(-1)
    if d.names is not None:
        for name in d.names:
            part = filled(d.fields[name][0], shape)
            a[name] = part
        return a
    for i in range(a.size):
        if d.kind == 'O':
            flat[i] = [i, u'text', None, (1, 2)][i % 4]
        elif d.kind in 'SUT':
            flat[i] = u'ab'[:i % 3]
        elif d.kind == 'V' and d.isbuiltin != 2 and d.type is np.void:
            flat[i] = np.void(b'\x01\x02\x03\x04\x05\x06'[:d.itemsize]) if d.itemsize else flat[i]
        elif d.kind in 'mM':
            flat[i] = np.array(i, 'i8').view('i8').astype(d)
        elif d.kind == 'b':
            flat[i] = i % 2
        else:
            flat[i] = i % 2 + (0.5 if d.kind in 'fc' else 0)
    return a


def values():
    for name, make in dtypes():
        yield 'dtype-' + name, make
        yield 'array-' + name, lambda make=make: filled(make(), (3,))
        yield 'scalar-' + name, lambda make=make: filled(make(), (3,))[1]
        yield 'class-' + name, lambda make=make: make().type
        yield 'two-' + name, lambda make=make: [filled(make(), (2,)), filled(make(), (2,))]


def read_only(a):
    a.setflags(write=False)
    return a


def mapped():
    with tempfile.NamedTemporaryFile() as file:
        m = np.memmap(file.name, 'f8', 'w+', shape=(2, 3))
        m[:] = 1.5
        return m


def arrays():
    yield 'a2', lambda: np.arange(6.).reshape(2, 3)
    yield 'a2-fortran', lambda: np.asfortranarray(np.arange(6.).reshape(2, 3))
    yield 'a3-axes', lambda: np.arange(24.).reshape(2, 3, 4).transpose(1, 0, 2)
    yield 'a3-reverse', lambda: np.arange(24.)[::-2]
    yield 'a-read-only', lambda: read_only(np.arange(4))
    yield 'a-0d', lambda: np.array(3.5)
    yield 'a-0d-object', lambda: np.array([1, 2], dtype=object)[0:0].sum()
    yield 'a-empty', lambda: np.zeros((0, 3))
    yield 'a-objects', lambda: np.array([1, u'x', None, [2], np.float32(1), np.arange(2)], dtype=object)
    yield 'a-ragged', lambda: np.array([np.arange(2), np.arange(3)], dtype=object)
    yield 'a-large', lambda: np.arange(20000)
    yield 'a-dict', lambda: {u'a': np.arange(3), u'b': [np.arange(3).astype('f4'), np.datetime64('2020-01-02'), np.bool_(True)]}
    yield 'a-shared', lambda: [np.arange(3)] * 3
    yield 'a-dtype-shared', lambda: [np.dtype('f8'), np.zeros(2), np.float64(1)]
    yield 'matrix', lambda: np.matrix([[1, 2], [3, 4]])
    yield 'recarray', lambda: np.rec.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])
    yield 'recarray-nested', lambda: np.rec.array([((1, 2), 2.5)], dtype=[('a', [('x', 'i4'), ('y', 'i4')]), ('b', 'f8')])
    yield 'record', lambda: np.rec.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])[0]
    yield 'chararray', lambda: np.char.array(['ab', 'c'])
    yield 'chararray-text', lambda: np.char.array([u'ab', u'c'])
    yield 'memmap', mapped
    yield 'masked', lambda: np.ma.array([1., 2., 3.], mask=[0, 1, 0])
    yield 'masked-none', lambda: np.ma.array([1., 2., 3.])
    yield 'masked-hard', lambda: np.ma.array([1, 2], mask=[1, 0], hard_mask=True, fill_value=7)
    yield 'masked-2d', lambda: np.ma.array(np.arange(6).reshape(2, 3), mask=np.eye(2, 3))
    yield 'masked-struct', lambda: np.ma.array([(1, 2.), (3, 4.)], mask=[(0, 1), (1, 0)], dtype=[('a', 'i4'), ('b', 'f8')])
    yield 'masked-void', lambda: np.ma.array([(1, 2.), (3, 4.)], mask=[(0, 1), (1, 0)], dtype=[('a', 'i4'), ('b', 'f8')])[0]
    yield 'masked-text', lambda: np.ma.array([u'a', u'bc'], mask=[0, 1])
    yield 'masked-object', lambda: np.ma.array([u'a', 1], mask=[0, 1], dtype=object)
    yield 'masked-dates', lambda: np.ma.array(['2020-01-01', '2020-01-02'], mask=[0, 1], dtype='M8[D]')
    yield 'masked-constant', lambda: np.ma.masked
    yield 'masked-records', lambda: importlib.import_module('numpy.ma.mrecords').fromarrays([np.array([1, 2]), np.array([1., 2.])], names='a,b')
    yield 'poly1d', lambda: np.poly1d([1, 2, 3])
    yield 'poly1d-variable', lambda: np.poly1d([1, 2, 3], variable='z')
    for name in ('Polynomial', 'Chebyshev', 'Legendre', 'Hermite', 'HermiteE', 'Laguerre'):
        yield 'poly-' + name, lambda name=name: getattr(np.polynomial, name)([1., 2.], domain=[0, 2])
    yield 'version', lambda: np.lib.NumpyVersion('1.2.3')
    yield 'finfo', lambda: np.finfo('f4')
    yield 'iinfo', lambda: np.iinfo('i4')
    yield 'errstate', lambda: np.errstate(all='ignore')
    yield 'vectorize', lambda: np.vectorize(np.add)
    yield 'iterator', lambda: np.lib.Arrayterator(np.arange(4), 2)
    yield 'ndindex', lambda: np.ndindex(2, 2)
    yield 'broadcast', lambda: np.broadcast(np.arange(3), 1)
    yield 'slices', lambda: np.s_[1:2, ::3]
    yield 'linalg-error', lambda: np.linalg.LinAlgError('x')
    yield 'axis-error', lambda: (np.exceptions if hasattr(np, 'exceptions') else np).AxisError(3, 2)
    yield 'axis-error-text', lambda: (np.exceptions if hasattr(np, 'exceptions') else np).AxisError('text')
    yield 'eig', lambda: np.linalg.eig(np.eye(2))
    yield 'svd', lambda: np.linalg.svd(np.eye(2))
    yield 'unique', lambda: np.unique_counts(np.arange(3))
    yield 'method', lambda: np.arange(3).sum
    yield 'ufunc-method', lambda: np.add.reduce
    yield 'partial', lambda: functools.partial(np.add, 1)
    yield 'frompyfunc', lambda: np.frompyfunc(len, 1, 1)


def generators():
    kinds = sorted(name for name, value in vars(np.random).items() if isinstance(value, type) and 'random_raw' in dir(value) and name != 'BitGenerator')

    def used(r):
        r.normal()
        return r

    def half(kind):
        g = np.random.Generator(getattr(np.random, kind)(3))
        g.integers(0, 10, 3, dtype=np.int32)
        return g

    def shared(kind):
        b = getattr(np.random, kind)(3)
        return [np.random.Generator(b), np.random.Generator(b)]

    def twice(kind):
        g = np.random.Generator(getattr(np.random, kind)(3))
        return [g, g]

    yield 'random', lambda: np.random.RandomState(5)
    yield 'random-gauss', lambda: used(np.random.RandomState(5))
    yield 'random-array', lambda: np.random.RandomState([1, 2, 3])
    yield 'random-global', lambda: (np.random.seed(3), np.random.mtrand._rand)[1]
    yield 'random-several', lambda: {u'a': np.random.RandomState(1), u'b': [np.random.RandomState(2)] * 2}
    for kind in kinds:
        yield 'bits-' + kind, lambda kind=kind: getattr(np.random, kind)(7)
        yield 'generator-' + kind, lambda kind=kind: np.random.Generator(getattr(np.random, kind)(7))
        yield 'generator-half-' + kind, lambda kind=kind: half(kind)
        yield 'generator-shared-' + kind, lambda kind=kind: shared(kind)
        yield 'generator-twice-' + kind, lambda kind=kind: twice(kind)
        yield 'generator-spawned-' + kind, lambda kind=kind: np.random.Generator(getattr(np.random, kind)(3)).spawn(2)[1]
        yield 'random-' + kind, lambda kind=kind: np.random.RandomState(getattr(np.random, kind)(7))
        yield 'random-gauss-' + kind, lambda kind=kind: used(np.random.RandomState(getattr(np.random, kind)(7)))
        yield 'random-method-' + kind, lambda kind=kind: np.random.Generator(getattr(np.random, kind)(7)).normal
    yield 'random-method', lambda: np.random.RandomState(5).normal
    yield 'seeds', lambda: np.random.SeedSequence(42)
    yield 'seeds-spawned', lambda: np.random.SeedSequence(42).spawn(2)[1]
    yield 'seeds-parent', lambda: (lambda s: (s.spawn(2), s)[1])(np.random.SeedSequence([1, 2 ** 40], pool_size=8))
    yield 'seeds-none', lambda: np.random.bit_generator.SeedlessSeedSequence()


# --- packages ------------------------------------------------------------------------------------------------------------------

def pandas_values():
    import pandas as pd
    yield 'frame', lambda: pd.DataFrame({u'a': [1, 2, 3], u'b': [1.5, 2.5, 3.5]})
    yield 'frame-mixed', lambda: pd.DataFrame({u'a': [1, 2, 3], u'c': [u'x', u'y', u'z'], u't': pd.date_range('2020', periods=3)})
    yield 'frame-empty', lambda: pd.DataFrame()
    yield 'frame-index', lambda: pd.DataFrame({u'a': [1, 2]}, index=[u'p', u'q'])
    yield 'frame-multi', lambda: pd.DataFrame({u'a': [1, 2]}, index=pd.MultiIndex.from_tuples([(u'p', 1), (u'q', 2)], names=[u'x', u'y']))
    yield 'frame-category', lambda: pd.DataFrame({u'a': pd.Categorical([u'a', u'b', u'a'])})
    yield 'frame-nullable', lambda: pd.DataFrame({u'a': pd.array([1, None], dtype='Int64')})
    yield 'frame-zone', lambda: pd.DataFrame({u't': pd.date_range('2020', periods=3, tz='UTC')})
    yield 'series', lambda: pd.Series([1., 2.], name=u's')
    yield 'series-text', lambda: pd.Series([u'a', u'bc'])
    yield 'series-bool', lambda: pd.Series([True, False])
    yield 'series-string', lambda: pd.Series([u'a', None], dtype='string')
    yield 'series-category', lambda: pd.Series(pd.Categorical([u'a', u'b', u'a'], ordered=True))
    yield 'series-interval', lambda: pd.Series(pd.interval_range(0, 3))
    yield 'series-period', lambda: pd.Series(pd.period_range('2020', periods=3, freq='M'))
    yield 'series-sparse', lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1]))
    yield 'series-delta', lambda: pd.Series(pd.to_timedelta([1, 2], unit='s'))
    yield 'index', lambda: pd.Index([u'a', u'b'])
    yield 'index-int', lambda: pd.Index([1, 2])
    yield 'index-float', lambda: pd.Index([1.5, 2])
    yield 'index-range', lambda: pd.RangeIndex(3)
    yield 'index-dates', lambda: pd.date_range('2020', periods=3)
    yield 'index-dates-zone', lambda: pd.date_range('2020', periods=3, tz='Europe/Berlin')
    yield 'index-delta', lambda: pd.timedelta_range('1s', periods=2)
    yield 'index-period', lambda: pd.period_range('2020', periods=2, freq='D')
    yield 'index-multi', lambda: pd.MultiIndex.from_product([[1, 2], [u'a']])
    yield 'index-category', lambda: pd.CategoricalIndex([u'a', u'b'])
    yield 'index-interval', lambda: pd.interval_range(0, 2)
    yield 'timestamp', lambda: pd.Timestamp('2020-01-01 01:02:03.000000004')
    yield 'timestamp-zone', lambda: pd.Timestamp('2020-01-01', tz='UTC')
    yield 'timedelta', lambda: pd.Timedelta(5, 's')
    yield 'period', lambda: pd.Period('2020-01', 'M')
    yield 'interval', lambda: pd.Interval(1, 2)
    yield 'nat', lambda: pd.NaT
    yield 'na', lambda: pd.NA
    yield 'offset', lambda: pd.offsets.Day(2)
    yield 'offset-month', lambda: pd.offsets.MonthEnd()
    yield 'dtype-category', lambda: pd.CategoricalDtype([u'a', u'b'])
    yield 'dtype-zone', lambda: pd.DatetimeTZDtype('ns', 'UTC')
    yield 'dtype-int', lambda: pd.Int64Dtype()
    yield 'groupby', lambda: pd.DataFrame({u'a': [1, 1], u'b': [1., 2.]}).groupby(u'a')


def sklearn_values():
    import sklearn
    try:
        from sklearn.utils import all_estimators
    except ImportError:
        from sklearn.utils.testing import all_estimators
    x = np.array([[0, 0.], [1, 1], [0, 1], [1, 0]] * 4)
    y = np.array([0, 1, 1, 0] * 4)

    def fitted(cls):
        options = {}
        for made in (lambda: cls(), lambda: cls(sklearn.linear_model.LogisticRegression())):
            try:
                model = made()
                known = model.get_params()
                for key, value in (('random_state', 0), ('n_estimators', 3), ('max_iter', 20), ('n_components', 1), ('n_neighbors', 2), ('n_clusters', 2),
                                   ('n_init', 1), ('cv', 2)):
                    if key in known:
                        options[key] = value
                model.set_params(**options)
                for data in ((x, y), (x,), (x, np.stack([y, y], 1)), ([u'a b', u'b c'],), (y,), (x[:, 0], y), ([{u'a': 1, u'b': 2}],)):
                    try:
                        return model.fit(*data)
                    except Exception:
                        continue
            except TypeError:
                continue
        return cls()

    for name, cls in all_estimators():
        if name not in ('DummyEstimator',):
            yield name, lambda cls=cls: fitted(cls)
    import sklearn.ensemble
    yield 'forest-state', lambda: sklearn.ensemble.RandomForestClassifier(n_estimators=3, random_state=np.random.RandomState(0)).fit(x, y)
    yield 'pipeline', lambda: __import__('sklearn.pipeline').pipeline.make_pipeline(
        sklearn.preprocessing.StandardScaler(), sklearn.linear_model.LinearRegression()).fit(x, y)
    yield 'bunch', lambda: __import__('sklearn.datasets').datasets.load_iris()


def scipy_values():
    import scipy.sparse
    import scipy.special
    for name, value in sorted(vars(scipy.special).items()):
        if isinstance(value, np.ufunc):
            yield 'ufunc-' + name, lambda value=value: value
    for kind in ('csr', 'csc', 'coo', 'bsr', 'dia', 'dok', 'lil'):
        for form in ('matrix', 'array'):
            yield '%s-%s' % (kind, form), lambda kind=kind, form=form: getattr(scipy.sparse, '%s_%s' % (kind, form))(np.eye(3))
    import scipy.interpolate
    import scipy.spatial
    import scipy.stats
    yield 'interpolate', lambda: scipy.interpolate.interp1d([0., 1, 2], [0., 1, 4])
    yield 'spline', lambda: scipy.interpolate.CubicSpline([0., 1, 2], [0., 1, 4])
    yield 'rotation', lambda: __import__('scipy.spatial.transform').spatial.transform.Rotation.from_rotvec([0, 0, 1.])
    yield 'tree', lambda: scipy.spatial.cKDTree(np.eye(3))
    yield 'kdtree', lambda: scipy.spatial.KDTree(np.eye(3))
    yield 'norm', lambda: scipy.stats.norm(1, 2)
    yield 'multivariate', lambda: scipy.stats.multivariate_normal([0., 1])
    yield 'kde', lambda: scipy.stats.gaussian_kde([1., 2, 3.5])
    yield 'result', lambda: scipy.optimize.minimize(np.sum, [1., 2.], options={'maxiter': 1}) if __import__('scipy.optimize') else None
    yield 'lti', lambda: __import__('scipy.signal').signal.lti([1.], [1., 2.])


def xarray_values():
    import xarray as xr
    yield 'array', lambda: xr.DataArray(np.arange(4.), dims=['x'], coords={'x': [1, 2, 3, 4]})
    yield 'array-attrs', lambda: xr.DataArray(np.arange(4.).reshape(2, 2), dims=['x', 'y'], attrs={'unit': u'm'}, name=u'n')
    yield 'array-dates', lambda: xr.DataArray([1, 2], dims=['t'], coords={'t': np.array(['2020-01-01', '2020-01-02'], 'M8[ns]')})
    yield 'dataset', lambda: xr.Dataset({'a': (('x',), np.arange(3.))})
    yield 'dataset-coords', lambda: xr.Dataset({'a': (('x', 'y'), np.ones((2, 2)))}, coords={'x': [1, 2], 'y': [u'p', u'q']})
    yield 'variable', lambda: xr.Variable(('x',), np.arange(3))
    yield 'index-variable', lambda: xr.IndexVariable('x', np.arange(3))


def astropy_values():
    import astropy.coordinates
    import astropy.table
    import astropy.time
    import astropy.units as u
    yield 'quantity', lambda: np.arange(3.) * u.m
    yield 'quantity-scalar', lambda: 3.5 * u.kg
    yield 'quantity-compound', lambda: np.arange(3.) * u.m / u.s ** 2
    yield 'quantity-2d', lambda: np.arange(6.).reshape(2, 3) * u.one
    yield 'unit', lambda: u.m
    yield 'unit-prefix', lambda: u.km
    yield 'unit-compound', lambda: u.km / u.h
    yield 'unit-mag', lambda: u.mag(u.Jy)
    yield 'magnitude', lambda: u.Magnitude(np.array([10., 20.]) * u.Jy)
    yield 'angle', lambda: astropy.coordinates.Angle([10., 20.], u.deg)
    yield 'longitude', lambda: astropy.coordinates.Longitude([10., 20.], u.deg)
    yield 'latitude', lambda: astropy.coordinates.Latitude([10., 20.], u.deg)
    yield 'coord', lambda: astropy.coordinates.SkyCoord([10., 20.] * u.deg, [1., 2.] * u.deg)
    yield 'location', lambda: astropy.coordinates.EarthLocation(1 * u.km, 2 * u.km, 3 * u.km)
    yield 'time', lambda: astropy.time.Time([2450000.5, 2450001.5], format='jd')
    yield 'time-delta', lambda: astropy.time.TimeDelta(10., format='sec')
    yield 'table', lambda: astropy.table.Table({'a': [1, 2], 'b': [1.5, 2.5]})
    yield 'table-text', lambda: astropy.table.Table([[1, 2], [u'a', u'bc']], names=('a', 'b'), meta={'k': 1})
    yield 'table-masked', lambda: astropy.table.Table([[1, 2], [3., 4.]], names=('a', 'b'), masked=True)
    yield 'qtable', lambda: astropy.table.QTable([[1, 2] * u.m], names=('a',))
    yield 'column', lambda: astropy.table.Column([1, 2], name='a', unit='m')
    yield 'masked-column', lambda: astropy.table.MaskedColumn([1, 2], name='a', mask=[0, 1])
    yield 'masked-quantity', lambda: __import__('astropy.utils.masked').utils.masked.Masked([1., 2.] * u.m, mask=[True, False])
    yield 'cosmology', lambda: __import__('astropy.cosmology').cosmology.FlatLambdaCDM(70, 0.3)
    yield 'constant', lambda: __import__('astropy.constants').constants.c


def unyt_values():
    import unyt
    yield 'array', lambda: unyt.unyt_array([1., 2.], 'km')
    yield 'array-int', lambda: unyt.unyt_array([1, 2], 'g/cm**3')
    yield 'quantity', lambda: unyt.unyt_quantity(1.5, 'g')
    yield 'unit', lambda: unyt.m / unyt.s
    yield 'registry', lambda: unyt.UnitRegistry()


def jax_values():
    import jax
    import jax.numpy as jnp
    yield 'float', lambda: jnp.arange(3.)
    yield 'int', lambda: jnp.arange(6).reshape(2, 3)
    yield 'scalar', lambda: jnp.float32(2)
    yield 'bfloat16', lambda: jnp.arange(3.).astype('bfloat16')
    yield 'bool', lambda: jnp.array([True, False])
    yield 'complex', lambda: jnp.array([1j])
    yield 'key', lambda: jax.random.PRNGKey(0)
    yield 'tree', lambda: {u'w': jnp.ones((2, 2)), u'b': [jnp.zeros(2), np.zeros(2)]}
    if tuple(int(n) for n in jax.__version__.split('.')[:3]) >= (0, 4, 20):  # an older jaxlib aborts when it loads its own
        yield 'treedef', lambda: jax.tree_util.tree_structure({'a': 1, 'b': [1, 2]})
    yield 'shape', lambda: jax.ShapeDtypeStruct((2,), jnp.float32)
    yield 'dtype', lambda: jnp.dtype('bfloat16')
    for name in ('add', 'sin', 'float32', 'bfloat16', 'where'):
        yield 'name-' + name, lambda name=name: getattr(jnp, name)


SECTIONS = collections.OrderedDict([
    ('names', names), ('values', values), ('arrays', arrays), ('random', generators), ('pandas', pandas_values), ('sklearn', sklearn_values),
    ('scipy', scipy_values), ('xarray', xarray_values), ('astropy', astropy_values), ('unyt', unyt_values), ('jax', jax_values),
])


def made(make, protocol):
    """(bytes, text) of an object, or None"""
    try:
        value = make()
        if PY2:
            import cPickle
            data = cPickle.dumps(value, protocol)
        else:
            data = pickle.dumps(value, protocol)
        return data, text(pickle.loads(data))
    except Exception:
        return None


def make(directory, sections):
    index = {}
    warnings.simplefilter('ignore')
    np.seterr(all='ignore')
    for section in sections or SECTIONS:
        try:
            for name, maker in SECTIONS[section]():
                protocols = (2,) if section == 'names' or name.startswith('ufunc-') else sorted({0, 2, pickle.HIGHEST_PROTOCOL})
                for protocol in protocols:
                    file = '%s-%s.p%d.pkl' % (section, name.replace('/', '_').replace('>', 'be').replace('<', 'le'), protocol)
                    out = made(maker, protocol)
                    if out is not None:
                        with open(os.path.join(directory, file), 'wb') as f:
                            f.write(out[0])
                        index[file] = out[1]
        except Exception as error:
            print('packages.py: skipped %s: %s' % (section, error), file=sys.stderr)
    with open(os.path.join(directory, 'index.json'), 'w') as f:
        json.dump(index, f, indent=0, sort_keys=True)
    print(directory, len(index))


# --- what a release makes of a file --------------------------------------------------------------------------------------------

Unpickler = pickle.Unpickler if PY2 else pickle._Unpickler


class Watched(Unpickler):
    """Knows what it was about when it failed."""
    dispatch = dict(Unpickler.dispatch)
    last = 'nothing'

    def find_class(self, module, name):
        self.last = 'global %s.%s' % (module, name)
        return Unpickler.find_class(self, module, name)


def name_of(value):
    return '%s.%s' % (getattr(value, '__module__', None) or type(value).__module__, getattr(value, '__name__', None) or type(value).__name__)


def watch(opcode, at, word):
    run = Unpickler.dispatch.get(opcode)
    if run is None:
        return

    def watched(self):
        what = self.stack[at]
        if word == 'build':
            what = type(what)
        self.last = word + ' ' + name_of(what)
        self.about = self.last
        run(self)
    Watched.dispatch[opcode] = watched


for _opcode, _at, _word in ((b'R', -2, 'call'), (b'\x81', -2, 'call'), (b'\x92', -3, 'call'), (b'b', -2, 'build')):
    watch(_opcode if PY2 else _opcode[0], _at, _word)


def culprit(data):
    unpickler = Watched(io.BytesIO(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            unpickler.load()
    except BaseException:
        return unpickler.last
    return 'nothing'


PLACES = [os.sep + name.split('.')[0] + os.sep for name in PACKAGES]


def is_own(warning):
    """A warning that a package gives of itself"""
    return 'binary incompatibility' in str(warning.message) or (warning.category.__module__ or '').split('.')[0] in ('sklearn', 'pandas', 'xarray', 'astropy', 'unyt', 'jax', 'scipy') or (
        any(place in (warning.filename or '') for place in PLACES) and 'numpy.core' not in str(warning.message))


def load(file):
    with open(file, 'rb') as f:
        data = f.read()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        try:
            value = pickle.loads(data)
        except BaseException as error:
            return 'error', '%s: %s' % (type(error).__name__, str(error)[:250]), culprit(data)
    others = [w for w in said if not is_own(w)]
    if others:
        return 'warning', '%s: %s' % (others[0].category.__name__, str(others[0].message)[:250]), str(others[0].filename)[-60:]
    try:
        return 'own' if said else 'ok', text(value), str(said[0].message)[:200] if said else None
    except BaseException as error:
        return 'untold', '%s: %s' % (type(error).__name__, str(error)[:250]), None


def main():
    for name in PACKAGES:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            try:
                importlib.import_module(name)
            except BaseException:
                pass
    if sys.argv[1] == 'make':
        make(sys.argv[2], sys.argv[3:])
    else:
        for line in sys.stdin:
            file = line.rstrip('\n')
            print(json.dumps((file,) + load(file)))
            sys.stdout.flush()


if __name__ == '__main__':
    main()
