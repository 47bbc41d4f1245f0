# -*- coding: utf-8 -*-
"""What a pickle loads to, as text that is the same in every Python and NumPy: what tests/live/targets.py compares. Runs in Python 2.7 and 3.

usage: python normal.py FILE [START] [MODULE...]

FILE is a row of records: a size of 32 bits, least significant byte first, and a pickle. Of each from number START on a line of JSON is
printed: its number, "ok" or "fails", and the normal form or the error. Warnings are errors while it loads, but not while the MODULEs, which
are imported before, are.
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
import re
import struct
import sys
import types
import warnings

PY2 = sys.version_info[0] == 2
DEEPEST, LONGEST = 9, 6000
TEXT = (str, unicode) if PY2 else (str,)  # noqa: F821
NUMBER = (int, long) if PY2 else (int,)  # noqa: F821
BARE = (type(None), type(Ellipsis), type(NotImplemented), bool, complex)
#: Names of Python 2 and 3, and those by which a release has the same thing.
SAME = {'unicode': 'str', 'basestring': 'str', 'long': 'int', 'xrange': 'range', 'unichr': 'chr', 'bool_': 'bool', 'str0': 'bytes',
        'unicode_': 'str_', 'string_': 'bytes_', 'bytes0': 'bytes_', 'izip': 'zip', 'imap': 'map', 'ifilter': 'filter', 'izip_longest': 'zip_longest',
        'ifilterfalse': 'filterfalse', 'IterableUserDict': 'UserDict', 'SRE_Pattern': 'Pattern', 'instancemethod': 'method', 'IOError': 'OSError',
        'EnvironmentError': 'OSError', 'StandardError': 'Exception', 'type': 'type', 'classobj': 'type', 'insort_right': 'insort',
        'PyCFuncPtr': 'CFuncPtr', '_compare_digest': 'compare_digest', '_socketobject': 'socket', 'weakref': 'ReferenceType', 'weakproxy': 'ProxyType',
        'weakcallableproxy': 'CallableProxyType', 'Session': 'SSLSession', 'fatal': 'critical', '_exitfunc': '_shutdown', 'currentThread': 'current_thread',
        'activeCount': 'active_count', '_show_warning': 'showwarning', 'lexists': 'exists', 'trapz': 'trapezoid', 'row_stack': 'vstack', 'product': 'prod',
        'PatternError': 'error', 'cumproduct': 'cumprod', 'sometrue': 'any', 'alltrue': 'all', 'round_': 'round'}

#: In Python 2 numpy.divide rounds ints down; of Python 3 it is numpy.true_divide, by either name. No other ufunc has had two names.
UFUNCS = {'divide': 'divide of Python 2' if PY2 else 'true_divide'}


def class_of(value):
    return value.__class__ if PY2 and type(value) is types.InstanceType else type(value)


def name_of(value):
    name = getattr(value, '__qualname__', None) or getattr(value, '__name__', None) or type(value).__name__
    last = name.split('.')[-1].split('[')[0]
    return SAME.get(last, last)


def text_of(value):
    """s"..." for a str of Python 2: text or bytes of Python 3, which are "..." and b"..."; targets.py knows."""
    if isinstance(value, bytes):
        return ('s' if PY2 else 'b') + json.dumps(value.decode('latin-1'))
    return json.dumps(value)


def bytes_of(value):
    """Six bytes of the sixteen of a longdouble are padding."""
    data = value.tobytes()
    if value.dtype.char in 'gG' and value.dtype.itemsize in (16, 32):
        data = b''.join(data[i:i + 10] for i in range(0, len(data), 16))
    return data


def of_numpy(value, form):
    """The normal form of what is NumPy's, else None."""
    np = sys.modules.get('numpy')
    if np is None:
        return None
    kind = type(value).__name__
    if isinstance(value, np.ma.MaskedArray):
        data = np.asarray(value.data if value.dtype.names else value.filled(0))
        return 'masked(%s, %s, %s)' % (form(data), form(np.ma.getmaskarray(value)), form(value.fill_value))
    if isinstance(value, np.ndarray):
        if value.dtype.byteorder == '>':  # below protocol 5 NumPy makes it the machine's
            value = value.astype(value.dtype.newbyteorder('='))
        if value.dtype.kind == 'T' or value.dtype.hasobject:
            return '%s(%s, %r, %s)' % (kind, form(value.dtype), tuple(map(int, value.shape)), form(value.tolist()))
        return '%s(%s, %r, %s)' % (kind, form(value.dtype), tuple(map(int, value.shape)), form(bytes_of(np.ascontiguousarray(value))))
    if isinstance(value, np.dtype):
        if value.names:
            fields = ['%s: %s@%d' % (form(name), form(value.fields[name][0]), value.fields[name][1]) for name in value.names]
            return 'dtype(%s, %d)' % (', '.join(fields), value.itemsize)
        return 'dtype(%s)' % value.str
    if isinstance(value, np.generic):
        return 'scalar(%s, %s)' % (form(value.dtype), form(value.item() if value.dtype.hasobject else bytes_of(value)))
    if isinstance(value, np.random.RandomState):
        return 'RandomState(%s)' % form([float(x) for x in value.random_sample(3)] + [int(x) for x in value.randint(0, 1000, 3)] +
                                        [float(value.normal()), float(value.normal())])
    if isinstance(value, getattr(np.random, 'Generator', ())):
        drawn = [int(x) for x in value.integers(0, 1000, 5)] + [float(value.random())]
        return 'Generator(%s, %s)' % (type(value.bit_generator).__name__, form(drawn))
    if type(value).__module__.startswith('numpy') and hasattr(value, 'random_raw'):
        return '%s(%s)' % (kind, form([int(x) for x in value.random_raw(5)]))
    if kind == 'SeedSequence':
        return 'SeedSequence(%s)' % form([int(x) for x in value.generate_state(4)])
    if isinstance(value, np.ufunc):
        return 'ufunc ' + UFUNCS.get(value.__name__, value.__name__)
    if isinstance(value, np.poly1d):
        return 'poly1d(%s)' % form(np.asarray(value.coeffs))
    if kind == 'finfo' or kind == 'iinfo':
        return '%s(%s)' % (kind, form(value.dtype))
    if class_of(value).__name__ == 'NumpyVersion':
        return 'NumpyVersion ' + value.vstring
    if type(value).__module__.startswith('numpy.polynomial'):
        return '%s(%s, %s, %s)' % (kind, form(value.coef), form(value.domain), form(value.window))
    return None


def of_library(value, form):
    """The same for what third parties have: by what they compute, not by how they keep it."""
    kind, module = type(value).__name__, type(value).__module__ or ''
    np = sys.modules.get('numpy')
    if module.startswith('pandas') and kind in ('DataFrame', 'Series'):
        return kind + json.dumps(json.loads(value.to_json(orient='split', date_format='iso')), sort_keys=True)
    if module.startswith('pandas') and kind == 'Categorical':
        return kind + form([[str(x) for x in value], [str(x) for x in value.categories], bool(value.ordered)])
    if module.startswith('pandas') and hasattr(value, 'values') and hasattr(value, 'nlevels'):
        return 'Index' + form([str(x) for x in value])
    if module.startswith('sklearn') and hasattr(value, 'get_params') and (hasattr(value, 'predict') or hasattr(value, 'transform')):
        grid = np.linspace(0, 1, 8).reshape(4, 2)
        done = value.predict(grid) if hasattr(value, 'predict') else value.transform(grid)
        return kind + form([round(float(x), 6) for x in np.ravel(done)])
    if module.startswith('xarray') and hasattr(value, 'variables'):
        return kind + form(dict((str(k), np.asarray(v.values)) for k, v in value.variables.items()))
    if module.startswith('xarray') and hasattr(value, 'values'):
        return kind + form(np.asarray(value.values))
    if module.startswith('astropy') and hasattr(value, 'unit') and hasattr(value, 'value'):
        return kind + form(np.asarray(value.value)) + str(value.unit)
    if kind == 'Table' and hasattr(value, 'colnames'):
        return 'Table' + form(dict((n, np.asarray(value[n])) for n in value.colnames))
    if module.startswith('jax'):
        return 'jax' + form(np.asarray(value))
    return None


def of_plain(value, form):
    kind = type(value)
    if kind in BARE:
        return repr(value)
    if isinstance(value, TEXT) or isinstance(value, bytes):
        return text_of(value)
    if isinstance(value, bytearray):
        return 'bytearray' + text_of(bytes(value).decode('latin-1'))
    if kind in NUMBER:
        return repr(int(value)).rstrip('L')
    if kind is float:
        return repr(value)
    if kind.__name__ in ('range', 'xrange'):
        return 'range' + (str(list(value)) if len(value) < 100 else str([len(value), value[0], value[1]]))
    if kind in (list, tuple):
        return '%s[%s]' % (kind.__name__, ', '.join(map(form, value)))
    if kind in (set, frozenset):
        return '%s{%s}' % (kind.__name__, ', '.join(sorted(map(form, value))))
    if kind is dict:
        keys = sorted((form(k), number) for number, k in enumerate(value))  # the same order in each release
        values = list(value.values())
        return 'dict{%s}' % ', '.join('%s: %s' % (k, form(values[number])) for k, number in keys)
    return None


class Probe(object):
    """Answers with what it was asked."""

    def __init__(self, asked=()):
        self.asked = list(asked)

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return Probe(self.asked + [str(name)])

    def __getitem__(self, key):
        return Probe(self.asked + ['[', key, ']'])

    def __call__(self, *args, **kwargs):
        return Probe(self.asked + ['(', args, kwargs, ')'])


def of_standard(value, form):
    """What has no attributes to look at, or others in each release."""
    name = SAME.get(type(value).__name__, type(value).__name__)
    if isinstance(value, array.array):
        return 'array' + form([ord(x) for x in value] if value.typecode == 'c' else value.tolist())
    if name in ('attrgetter', 'itemgetter', 'methodcaller'):
        return name + form(value(Probe()))
    if name == 'Logger':
        return 'Logger ' + value.name
    if 'typing' in (type(value).__module__, getattr(value, '__module__', None)):
        text = re.sub(r' at 0x[0-9a-f]+', '', repr(value))
        text = re.sub(r'Optional\[(\w+)\]', r'Union[\1, NoneType]', text)
        return re.sub(r"^<(class|function|type) '?([\w.]+).*>$", r'\2', text).replace('[~AnyStr]', '').replace('typing.', '').replace('collections.abc.', '')
    if name == 'Element':
        return 'Element ' + str(form(list(value) + [value.tag, value.text, value.tail, value.attrib]))
    if name == 'Morsel':
        return 'Morsel ' + form([value.key, value.value, value.coded_value, dict(value)])
    if name == 'CalledProcessError':
        return name + form([value.returncode, value.cmd, value.output])
    if type(value).__module__ in ('ipaddress', 'importlib.abc', 'importlib.metadata'):
        return '%s %s' % (name, re.sub(r' at 0x[0-9a-f]+', '', str(value)))
    if hasattr(type(value), 'n_sequence_fields'):
        return '%s%s' % (name, form(list(value)))
    if isinstance(value, datetime.timedelta):
        return 'timedelta(%d, %d, %d)' % (value.days, value.seconds, value.microseconds)
    if isinstance(value, datetime.datetime):
        return 'datetime(%s, %s, %d)' % (value.isoformat(), value.tzname(), getattr(value, 'fold', 0))
    if isinstance(value, datetime.time):
        return 'time(%s, %d)' % (value.isoformat(), getattr(value, 'fold', 0))
    if isinstance(value, BaseException):
        rest = dict((k, v) for k, v in vars(value).items() if not k.startswith('_') and k not in ('name', 'path', 'obj'))
        args = list(value.args)[:2] if name == 'BlockingIOError' else list(value.args)
        return 'exception %s%s%s' % (name_of(type(value)), form(args), form(rest))
    if isinstance(value, functools.partial):
        return 'partial(%s, %s, %s)' % (form(value.func), form(value.args), form(value.keywords or {}))
    if name == 'Pattern':
        return 're(%s, %d)' % (form(value.pattern), value.flags & ~re.UNICODE)
    if name == 'Random':
        return 'Random' + form([value.random(), value.random(), value.gauss(0, 1)])
    if name in ('Decimal', 'Fraction', 'UUID', 'ZoneInfo', 'timezone') or 'Path' in name:
        return '%s(%s)' % (name, re.sub(r' at 0x[0-9a-f]+', '', str(value)))
    return None


def of_object(value, form):
    kind = type(value)
    if callable(value) and hasattr(value, '__name__') and not hasattr(value, 'func'):
        own = getattr(value, '__module__', None) or ''
        return 'name ' + ({'_md5': 'md5', '_sha': 'sha1'}.get(own, 'new') if own in ('_md5', '_sha', '_hashlib') and name_of(value) == 'new' else re.sub('^openssl_', '', name_of(value)))
    if isinstance(value, types.ModuleType):
        return 'module ' + value.__name__
    parts = [name_of(class_of(value))]
    if isinstance(value, NUMBER + TEXT + (float, bytes)):
        base = [b for b in NUMBER + TEXT + (float, bytes) if isinstance(value, b)][0]
        parts.append(form(base(value) if base is not bytes else bytes(value)))
    if isinstance(value, (list, tuple, collections.deque)):
        parts.append(form(list(value)))
    if isinstance(value, (set, frozenset)):
        parts.append(form(set(value)))
    if isinstance(value, dict):
        parts.append(form(dict(value)))
    state = dict((k, v) for k, v in (getattr(value, '__dict__', None) or {}).items() if not str(k).startswith('_OrderedDict__'))
    for cls in kind.__mro__ if hasattr(kind, '__mro__') else ():
        slots = cls.__dict__.get('__slots__', ())
        for slot in [slots] if isinstance(slots, str) else slots:
            if slot not in ('__dict__', '__weakref__') and hasattr(value, slot):
                state[slot] = getattr(value, slot)
    if state:
        parts.append(form(dict((str(k), v) for k, v in state.items())))
    try:
        text = repr(value)
    except Exception as error:  # what can't even be shown is not what it was
        text = 'repr fails: ' + type(error).__name__
    if text.startswith('<') and (' object' in text or ' instance' in text):
        text = ''  # nothing is said of it
    if len(parts) == 1 or text.startswith('repr fails'):
        parts.append(re.sub(r" at 0x[0-9a-fA-F]+|\bu(?=['\"])", '', text))
    return ' '.join(parts)


def normal(value):
    # Nothing here is deeper than DEEPEST; what is met inside itself is named as that.
    around, left = [], [LONGEST]

    def form(value):
        if len(around) >= DEEPEST or left[0] <= 0:
            return '...'
        if any(value is outer for outer in around):
            return '<itself>'
        left[0] -= 1
        around.append(value)
        try:
            if isinstance(value, Probe):
                return 'probe' + form(value.asked)
            for of in (of_plain, of_numpy, of_library, of_standard):
                text = of(value, form)
                if text is not None:
                    return text
            return of_object(value, form)
        finally:
            around.pop()
    return form(value)


class Watched(pickle.Unpickler):
    """Says what it looked for last."""
    last = ''

    def find_class(self, module, name):
        self.last = '%s %s' % (module, name)
        return pickle.Unpickler.find_class(self, module, name)


def load(data):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            warnings.simplefilter('ignore', ImportWarning)  # how a module imports others is no matter of the pickle's
            if not PY2:
                warnings.simplefilter('ignore', ResourceWarning)  # noqa: F821
            unpickler = Watched(io.BytesIO(data))
            value = unpickler.load()
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            return 'ok', normal(value)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return 'fails', '%s: %s (%s)' % (type(error).__name__, str(error)[:300], unpickler.last)


def main():
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for module in sys.argv[3:]:
            try:
                importlib.import_module(module)
            except BaseException:
                pass
    out, sys.stdout = sys.stdout, open(os.devnull, 'w')
    with open(sys.argv[1], 'rb') as f:
        number = 0
        while True:
            head = f.read(4)
            if len(head) < 4:
                break
            data = f.read(struct.unpack('<I', head)[0])
            if number >= start:
                status, text = load(data)
                out.write(json.dumps([number, status, text]) + '\n')
                out.flush()
            number += 1


if __name__ == '__main__':
    main()
