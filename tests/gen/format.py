"""What doc/format.md says, from those it speaks of, for tests/test_format.c.

usage: PYTHON format.py python >FILE     CPython 2.7, 3.6, 3.8, 3.11: pickles that stand in the document byte by byte
       PYTHON format.py numpy >FILE      NumPy 1.15, 1.16, 1.26, 2.0, 2.4, 2.5: flags of structs, and names that it has
       PYTHON format.py joblib >FILE     joblib 1.1 and 1.6
       cat FILE... >tests/data/format-python.golden, tests/data/format-numpy.golden

  case NAME WRITER REPR    WRITER: "-" where the pickles were made by hand; REPR: what Python loads, "-" where it is no value of Python's own
  flags NUMPY ROW ALIGN FLAGS BYTES   ROW: the first column of the table of section 5; ALIGN: 1 or 0; BYTES: the dtype at protocol 2
  name NUMPY MODULE.NAME yes|no       the table of section 7
  joblib VERSION DTYPE BYTES          three elements, 0, 1 and 2
"""
from __future__ import print_function

import os
import pickle
import sys
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402

PYTHON2 = sys.version_info[0] == 2
RELEASE = '%d.%d' % sys.version_info[:2]
LONG = long if PYTHON2 else int  # noqa: F821
PICKLERS = {'pickle.py': pickle._dumps if hasattr(pickle, '_dumps') else pickle.dumps}
if PYTHON2:
    import cPickle
    PICKLERS['cpython'] = cPickle.dumps
else:
    PICKLERS['cpython'] = pickle.dumps

# --- classes of a module that has no file -------------------------------------------------------------------------------

shapes = types.ModuleType('shapes')
sys.modules['shapes'] = shapes


class Ring(object):
    """Holds itself through the argument that it is made with."""
    def __init__(self, inside):
        self.inside = inside

    def __reduce__(self):
        return Ring, (self.inside,)


class Point(object):
    """Its state is set by a function."""
    def __reduce__(self):
        return Point, (), 1, None, None, move


class Member(object):
    """Its state is what it is in."""
    def __reduce__(self):
        return Member, (), self.of


def move(point, state):
    point.x = state


for _thing in (Ring, Point, Member, move):
    _thing.__module__ = 'shapes'
    setattr(shapes, _thing.__name__, _thing)


# --- values, each made anew: cPickle of Python 2 goes by reference counts ------------------------------------------------

def text(value):
    return (unicode if PYTHON2 else str)().join(list(value))  # noqa: F821


def tuple_ring():
    ring = ([],)
    ring[0].append(ring)
    return ring


def long_tuple_ring():
    ring = (1, 2, 3, [])
    ring[3].append(ring)
    return ring


def frozenset_ring():
    member = Member()
    member.of = frozenset([member])
    return member.of


def object_ring():
    inside = []
    inside.append(Ring(inside))
    return inside[0]


CASES = [
    ('2**40', lambda: 2**40, {'cpython2.7': (0, 1, 2), 'cpython3.6': (0,), 'cpython3.11': (1, 2)}),
    ('long-5', lambda: LONG(5), {'cpython2.7': (0, 2)}),
    ('minus-7', lambda: -7, {'cpython2.7': (0,), 'cpython3.6': (0, 1), 'cpython3.11': (0,)}),
    ('0.1', lambda: 0.1, {'cpython2.7': (0,), 'pickle.py2.7': (0,), 'cpython3.11': (0,)}),
    ('escapes', lambda: text(u'\\\n\r\0\x1a'), {'cpython2.7': (0,), 'cpython3.6': (0,), 'cpython3.11': (0,)}),
    ('escaped-bytes', lambda: bytes(bytearray(b'\0\n\r\x1a\\')), {'cpython2.7': (0,), 'cpython3.6': (0,), 'cpython3.11': (0,)}),
    ('puts', lambda: [1, (), text(u'ab'), (text(u'cd'),), []], {'cpython2.7': (2,), 'pickle.py2.7': (2,), 'cpython3.11': (3, 4)}),
    ('puts-in-dict', lambda: {1: tuple([2, 3])}, {'cpython2.7': (0, 1, 2)}),
    ('puts-short', lambda: [text(u'a'), text(u''), str('x')], {'cpython2.7': (2,)}),
    ('bytearray', lambda: bytearray(b'ab'), {'cpython3.8': (5,), 'pickle.py3.8': (5,)}),
    ('small', lambda: 1, {'cpython3.6': (4,), 'cpython3.11': (4,)}),
    ('large', lambda: [b'\0' * 65536], {'cpython3.6': (4,), 'cpython3.11': (4,)}),
    ('large-bytearray', lambda: bytearray(65536), {'cpython3.11': (5,)}),
    ('full', lambda: [b'\0' * 40000, b'\1' * 40000, 1, 2], {'cpython3.11': (4,)}),
    ('tuple-ring', tuple_ring, {'cpython3.11': (0, 1, 2)}),
    ('long-tuple-ring', long_tuple_ring, {'cpython3.11': (2,)}),
    ('frozenset-ring', frozenset_ring, {'cpython3.11': (4,)}),
    ('object-ring', object_ring, {'cpython2.7': (2,), 'cpython3.6': (2,), 'cpython3.11': (2, 4)}),
    ('setter', Point, {'cpython3.11': (2, 4)}),
]

BY_HAND = [  # of which each Python that can must load the same
    ('SETITEM', b'\x7dK\x01K\x02s.'),
    ('SETITEMS', b'\x7d(K\x01K\x02K\x03K\x04u.'),
    ('APPENDS', b'](K\x01K\x02e.'),
    ('REDUCE', b'cbuiltins\ncomplex\nK\x01K\x02\x86R.'),
    ('INST', b'(K\x01K\x02ibuiltins\ncomplex\n.'),
    ('OBJ', b'(cbuiltins\ncomplex\nK\x01K\x02o.'),
    ('NEWOBJ', b'cbuiltins\ncomplex\nK\x01K\x02\x86\x81.'),
    ('NEWOBJ_EX', b'cbuiltins\ncomplex\nK\x01\x85}\x8c\x04imagK\x02s\x92.'),
    ('STACK_GLOBAL', b'\x8c\x08builtins\x8c\x07complex\x93K\x01K\x02\x86R.'),
    ('padding', b'K\x01.\x0d\x0a\x20\x00'),
    ('two', b'K\x01.K\x02.'),
]


def quoted(value):
    return golden.quote(value.encode('latin-1')) if value != '-' else value


def shown(value):
    return '-' if isinstance(value, (Ring, Point, tuple, list, frozenset, bytearray)) or (isinstance(value, bytes) and not PYTHON2) else repr(value)


def pythons():
    print('# Pickles that stand in doc/format.md, by tests/gen/format.py: CPython %s.' % RELEASE)
    for name, make, writers in CASES:
        for kind in sorted(PICKLERS):
            protocols = writers.get(kind + RELEASE, ())
            if not protocols:
                continue
            print('case %s %s%s %s' % (name, kind, RELEASE, '-' if PYTHON2 else quoted(shown(make()))))
            for protocol in protocols:
                print('p%d - %s' % (protocol, golden.quote(PICKLERS[kind](make(), protocol))))
    if RELEASE != '3.11':
        return
    for name, made in BY_HAND:
        value = pickle.loads(made)
        assert pickle._loads(made) == value
        print('case %s - %s' % (name, quoted(repr(value))))
        print('p0 - %s' % golden.quote(made))


# --- NumPy --------------------------------------------------------------------------------------------------------------

NAMES = ['numpy.chararray', 'numpy.char.chararray', 'numpy.core.defchararray.chararray', 'numpy.lib.polynomial.poly1d',
         'numpy.poly1d', 'numpy.core.memmap.memmap', 'numpy.core.records.recarray', 'numpy.matrixlib.defmatrix.matrix']


def has(name):
    module, attribute = name.rsplit('.', 1)
    try:
        __import__(module)
        getattr(sys.modules[module], attribute)
    except (ImportError, AttributeError):
        return False
    return True


def numpys():
    import warnings

    import numpy
    warnings.simplefilter('ignore')
    version = '.'.join(numpy.__version__.split('.')[:2])
    print('# What NumPy %s has, by tests/gen/format.py: CPython %s.' % (numpy.__version__, RELEASE))
    for name in NAMES:
        print('name %s %s %s' % (version, name, 'yes' if has(name) else 'no'))
    if version not in ('1.26', '2.5'):
        return

    def struct(fields, align=False):
        return numpy.dtype([('f%d' % i, field) for i, field in enumerate(fields)], align=align)
    number = struct(['<i4'])
    rows = [('numbers, `S`, `V`, datetimes', ['<i4', 'S3', 'V2', '<M8[s]']), ('none', []), ('`U`', ['<i4', '<U3']),
            ('objects', ['O', '<i4']), ('`U` and objects', ['<U3', 'O']), ('a struct of numbers', [number]),
            ('an aligned struct of numbers', [struct(['<i4'], True)]), ('an aligned struct with a `U`', [struct(['<U1'], True)]),
            ('a struct with objects', [struct(['O'])]), ('a subarray of `U`', [('<U1', (2,))]),
            ('a subarray of objects', [('O', (2,))])]
    for name, fields in rows:
        for align in (False, True):
            dtype = struct(fields, align)
            state = dtype.__reduce__()[2]
            flags = state[-1 if state[0] == 3 else 7]
            print('flags %s %s %d %d %s' % (version, golden.quote(name.encode()), align, flags,
                                            golden.quote(pickle.dumps(dtype, 2))))


def joblibs():
    import io

    import joblib
    import numpy
    print('# What joblib %s writes, by tests/gen/format.py: CPython %s.' % (joblib.__version__, RELEASE))
    for code in ('u1', 'O'):
        out = io.BytesIO()
        joblib.dump(numpy.arange(3).astype(code), out, protocol=3)
        print('joblib %s %s %s' % (joblib.__version__, code, golden.quote(out.getvalue())))


{'python': pythons, 'numpy': numpys, 'joblib': joblibs}[sys.argv[1]]()
