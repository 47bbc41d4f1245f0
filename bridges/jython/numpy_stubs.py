"""Arrays of NumPy in Jython 2.7: `import numpy_stubs` before pickle.loads, and an array is an object with .shape, .dtype and a Java array.

pickle and cPickle, protocols 0 to 2, both ways: what pickle.dumps makes of it NumPy 1 and 2 load in Python 2 and 3. No NumPy is needed, or here.
loads() is that of cPickle for who does not trust a pickle: arrays and plain values alone, and nothing of it is run.
"""
import array
import copy_reg
import cPickle
import cStringIO
import sys
import types

import _codecs
from java.lang import String, Throwable
from java.nio import ByteBuffer, ByteOrder

# kind and size of an element: the Java array (array.array's typecode), how many of its items make an element, and what makes its items unsigned.
JAVA = {
    'b1': ('b', 1, 0), 'i1': ('b', 1, 0), 'u1': ('b', 1, 0xff),
    'i2': ('h', 1, 0), 'u2': ('h', 1, 0xffff), 'f2': ('h', 1, 0xffff),
    'i4': ('i', 1, 0), 'u4': ('i', 1, 0xffffffff), 'f4': ('f', 1, 0),
    'i8': ('l', 1, 0), 'u8': ('l', 1, 0xffffffffffffffff), 'f8': ('d', 1, 0),
    'M8': ('l', 1, 0), 'm8': ('l', 1, 0), 'c8': ('f', 2, 0), 'c16': ('d', 2, 0),
}
RAW = ('b', None, 0)  # strings, records: their bytes as they are
VIEWS = {'h': 'asShortBuffer', 'i': 'asIntBuffer', 'l': 'asLongBuffer', 'f': 'asFloatBuffer', 'd': 'asDoubleBuffer'}
SIZES = {'b': 1, 'h': 2, 'i': 4, 'l': 8, 'f': 4, 'd': 8}
ORDERS = {'<': ByteOrder.LITTLE_ENDIAN, '>': ByteOrder.BIG_ENDIAN}


def encode(text, encoding='latin1', errors='strict'):
    """_codecs.encode under the name that every Python has: Jython's own pickles as org.python.modules._codecs."""
    return text.encode(encoding, errors)


encode.__module__ = '_codecs'


class Bytes(object):
    """A str of bytes that Python 3 loads as bytes."""

    def __init__(self, text):
        self.text = text if isinstance(text, unicode) else text.decode('latin1')  # a character for each byte

    def __reduce__(self):
        return encode, (self.text, 'latin1')


class dtype(object):
    """kind, itemsize, byteorder ('<', '>', '|') and str as NumPy has them. The rest of a record's dtype is kept as it came."""

    def __init__(self, name, align=False, copy=False):
        name = str(name)
        self.byteorder = '|'
        if name[:1] in '<>|=':
            self.byteorder, name = '<' if name[0] == '=' else name[0], name[1:]
        self.name, self.state = name, None
        self.kind = 'b' if name == '?' else name[:1]
        self.itemsize = 8 if name == 'O8' else int(name[1:] or 1) if name[1:].isdigit() or not name[1:] else 0
        if self.kind == 'U':
            self.itemsize *= 4

    def __setstate__(self, state):
        self.state = tuple(state)
        self.byteorder = str(state[1])
        if self.kind in 'SUV' and state[5] != -1:
            self.itemsize = state[5]

    @property
    def str(self):
        return self.byteorder + self.name

    def java(self):
        """Typecode, how many items make an element, and their mask."""
        typecode, count, mask = JAVA.get(self.name, RAW)
        return typecode, self.itemsize if count is None else count, mask

    def __reduce__(self):
        sizes = (self.itemsize, 1) if self.kind in 'SV' else (self.itemsize, 4) if self.kind == 'U' else (-1, -1)
        flags = 63 if self.kind == 'O' else 0
        return dtype, (self.name, False, True), self.state or (3, self.byteorder, None, None, None) + sizes + (flags,)

    def __eq__(self, other):
        return isinstance(other, dtype) and self.str == other.str

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return 'dtype(%r)' % self.str


def count_of(shape):
    count = 1
    for size in shape:
        if size < 0:
            raise ValueError('a dimension of %d' % size)
        count *= size
    return count


def to_java(data, kind, count):
    """The bytes of so many elements as a Java array of the machine's numbers."""
    typecode, items, _ = kind.java()
    if len(data) != count * items * SIZES[typecode]:
        raise ValueError('expected %d bytes of %s, found %d' % (count * items * SIZES[typecode], kind.str, len(data)))
    if isinstance(data, unicode):
        data = data.encode('latin1')
    data = String(data).getBytes('ISO-8859-1')
    if typecode == 'b':
        return data
    out = array.zeros(typecode, count * items)
    getattr(ByteBuffer.wrap(data).order(ORDERS.get(kind.byteorder, ByteOrder.LITTLE_ENDIAN)), VIEWS[typecode])().get(out)
    return out


def from_java(data, kind):
    """The bytes of a Java array, in the dtype's order."""
    typecode = kind.java()[0]
    if data.typecode != typecode:
        raise TypeError('expected a Java array of %r for %s, found one of %r' % (typecode, kind.str, data.typecode))
    if typecode != 'b':
        room = ByteBuffer.allocate(len(data) * SIZES[typecode]).order(ORDERS.get(kind.byteorder, ByteOrder.LITTLE_ENDIAN))
        getattr(room, VIEWS[typecode])().put(data)
        data = room.array()
    return Bytes(unicode(String(data, 'ISO-8859-1')))


class ndarray(object):
    """shape, dtype, fortran: whether the first index runs fastest, and data: a Java array in the order of memory, or a list of objects.

    ndarray(shape, 'u2', data) makes one of a Java array: b1, i1 and u1 have bytes, u2 shorts and so on; complex numbers are pairs.
    """

    def __init__(self, shape=(0,), kind='<f8', data=None, fortran=False):
        self.shape = tuple(shape)
        self.dtype = kind if isinstance(kind, dtype) else dtype(kind if kind[0] in '<>|' else ('|' if kind[1:] == '1' else '<') + kind)
        self.fortran = fortran
        typecode, items, _ = self.dtype.java()
        self.data = array.zeros(typecode, count_of(self.shape) * items) if data is None else data

    def __setstate__(self, state):
        _, shape, self.dtype, fortran, data = state
        self.shape, self.fortran = tuple(shape), bool(fortran)
        count = count_of(self.shape)
        if self.dtype.kind == 'O':
            if len(data) != count:
                raise ValueError('expected %d objects, found %d' % (count, len(data)))
            self.data = data
        else:
            self.data = to_java(data, self.dtype, count)

    def __reduce__(self):
        data = self.data if self.dtype.kind == 'O' else from_java(self.data, self.dtype)
        return _reconstruct, (ndarray, (0,), 'b'), (1, self.shape, self.dtype, self.fortran, data)

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return count_of(self.shape)

    def flat(self):
        """The elements in the order of memory: numbers with their sign, complex numbers whole; strings and records as bytes."""
        if self.dtype.kind == 'O':
            return list(self.data)
        _, items, mask = self.dtype.java()
        if self.dtype.kind == 'c':
            return [complex(self.data[i], self.data[i + 1]) for i in range(0, len(self.data), 2)]
        if self.dtype.name not in JAVA:
            text = buffer(self.data)[:]
            return [text[i:i + items] for i in range(0, len(text), items or 1)]
        if self.dtype.kind == 'b':
            return [item != 0 for item in self.data]
        return [item & mask for item in self.data] if mask else list(self.data)

    def tolist(self):
        """Lists in lists, the last index innermost; without dimensions: the element."""
        def nested(at, shape, strides):
            if not shape:
                return flat[at]
            return [nested(at + i * strides[0], shape[1:], strides[1:]) for i in range(shape[0])]
        flat = self.flat()
        strides = [count_of(self.shape[:i] if self.fortran else self.shape[i + 1:]) for i in range(self.ndim)]
        return nested(0, self.shape, strides)

    def __repr__(self):
        return '<ndarray %r %s>' % (self.shape, self.dtype.str)


class generic(object):
    """A scalar: dtype, and item()."""

    def __init__(self, kind, data):
        self.dtype = kind
        self.array = ndarray((), kind, data if kind.kind == 'O' else to_java(data, kind, 1))

    def item(self):
        return self.array.tolist()

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __reduce__(self):
        return scalar, (self.dtype, from_java(self.array.data, self.dtype))

    def __repr__(self):
        return '<scalar %r %s>' % (self.item(), self.dtype.str)


def scalar(kind, data=''):
    return generic(kind, data)


def _reconstruct(subtype, shape, kind):
    return subtype.__new__(subtype)


class ArrayType(type):
    def __instancecheck__(cls, value):
        return type(value) is JavaArray


class Array(object):
    """array.array under its name: takes the typecodes of every Python, as text too. isinstance(value, array.array) is as before."""
    __metaclass__ = ArrayType
    CODES = {'q': 'l', 'Q': 'L', 'w': 'u'}

    def __new__(cls, typecode, *items):
        return JavaArray(cls.CODES.get(typecode, str(typecode)) if isinstance(typecode, basestring) else typecode, *items)


JavaArray = array.array
Array.__name__ = 'array'
Array.__module__ = 'array'


def reduce_array(value):
    """A list, as every Python loads it: Jython's own pickle has big-endian bytes there. What only Jython has becomes bytes."""
    typecode = {'z': 'b', 'c': 'B'}.get(value.typecode, value.typecode)
    items = [ord(item) for item in value] if value.typecode == 'c' else [int(item) for item in value] if typecode in 'bBhHiIlL' else list(value)
    return Array, (typecode, items)


def install():
    """The modules under the names that pickles of NumPy 1 and 2 have."""
    if 'numpy' in sys.modules:
        return
    for java, name, ours in [(_codecs, '_codecs', encode), (array, 'array', Array)]:
        module = sys.modules[name] = types.ModuleType(name)
        module.__dict__.update((key, getattr(java, key)) for key in dir(java) if hasattr(java, key) and not key.startswith('__'))
        setattr(module, ours.__name__, ours)
    for name in ['numpy', 'numpy.core', 'numpy._core', 'numpy.core.multiarray', 'numpy._core.multiarray']:
        module = sys.modules[name] = types.ModuleType(name)
        parent, _, last = name.rpartition('.')
        if parent:
            setattr(sys.modules[parent], last, module)
        for item in [ndarray, dtype, generic] if name == 'numpy' else [_reconstruct, scalar] if last == 'multiarray' else []:
            setattr(module, item.__name__, item)
    for item in [ndarray, dtype, generic]:
        item.__module__ = 'numpy'
    for item in [_reconstruct, scalar]:
        item.__module__ = 'numpy.core.multiarray'
    copy_reg.pickle(JavaArray, reduce_array)


install()

NAMES = set([('numpy', 'ndarray'), ('numpy', 'dtype'), ('_codecs', 'encode'), ('__builtin__', 'bytes'), ('array', 'array')] +
            [(module, name) for module in ('numpy.core.multiarray', 'numpy._core.multiarray') for name in ('_reconstruct', 'scalar')])


def find_global(module, name):
    """What arrays are made of, and nothing else."""
    if (module, name) not in NAMES:
        raise cPickle.UnpicklingError('expected an array or a plain value, found %s.%s' % (module, name))
    __import__(module)
    return getattr(sys.modules[module], name)


def loads(text):
    """As cPickle.loads, but that a pickle which names anything but NAMES is refused, and not run."""
    unpickler = cPickle.Unpickler(cStringIO.StringIO(text))
    unpickler.find_global = find_global
    try:
        return unpickler.load()
    except EOFError:
        raise cPickle.UnpicklingError('the pickle ends too early')


def line_of(error):
    """What an exception says, of Python or Java: one line of ASCII, whatever it was given."""
    try:
        text = ' '.join(unicode(error).split()) or type(error).__name__
    except (Exception, Throwable):  # bytes that are no text
        text = repr(error)
    return ''.join(character if ' ' <= character < '\x7f' else '?' for character in text)[:300]
