"""Random pickles of real objects: whatever CPython's picklers write of containers and NumPy's objects that hold one another.

    make(seed)     what pickle.dumps(), written in C or in Python, gives of a graph; None where it ends with RecursionError

Every value of the graph may hold every other one, and itself: lists, dicts, sets, tuples, those of collections, subclasses of them with attributes,
exceptions, dataclasses, enums, partials, arrays of objects and of structs with objects in them, masked ones, and objects whose __reduce__ gives one of the
functions that npickle knows (list, tuple, dict, set, OrderedDict, ...) and what is being pickled as its arguments, its state, its items. The same seed gives the same
pickle in one release of Python and NumPy.
"""
import array
import collections
import copyreg
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import operator
import pickle
import random
import sys
import types
import uuid
import warnings

try:
    import numpy
except ImportError:  # those of Python alone
    numpy = None


class Plain(object):
    pass


class Slots(object):
    __slots__ = 'one', 'two', '__dict__'


@dataclasses.dataclass
class Data(object):
    one: object = None
    two: object = None


@dataclasses.dataclass(frozen=True, eq=False)
class Frozen(object):
    __slots__ = 'one', 'two'
    one: object
    two: object

    def __getstate__(self):
        return [getattr(self, name, None) for name in self.__slots__]

    def __setstate__(self, state):
        for name, value in zip(self.__slots__, state):
            object.__setattr__(self, name, value)


Named = collections.namedtuple('Named', 'one two')


class Color(enum.Enum):
    RED = 1
    GREEN = (1, 2)


class Flags(enum.IntFlag):
    A = 1
    B = 2


class List(list):
    pass


class Dict(dict):
    pass


class Set(set):
    pass


class Tuple(tuple):
    pass


class Frozenset(frozenset):
    pass


class Int(int):
    pass


class Str(str):
    pass


class Bytes(bytes):
    pass


class Bytearray(bytearray):
    pass


class Deque(collections.deque):
    pass


class Ordered(collections.OrderedDict):
    pass


class Error(Exception):
    pass


class NewArgs(object):
    def __getnewargs__(self):
        return self.args

    def __new__(cls, *args):
        return object.__new__(cls)


class NewArgsEx(object):
    def __getnewargs_ex__(self):
        return self.args, self.keywords

    def __new__(cls, *args, **keywords):
        return object.__new__(cls)


def setter(value, state):
    value.__dict__['set'] = state


class Reduced(object):
    """What it is pickled as is said by its fields."""

    function, args, state, items, pairs, setter = Plain, (), None, None, None, None

    def __reduce_ex__(self, protocol):
        out = self.function, self.args, self.state, None if self.items is None else iter(self.items), None if self.pairs is None else iter(self.pairs)
        return out if self.setter is None else out + (self.setter,)


def apply(*args):
    return args


TEXTS = 'a', 'name', 'é', '', 'x' * 300, 'latin1', '\ud800', 'a\nb'
FUNCTIONS = [list, tuple, dict, set, frozenset, collections.OrderedDict, collections.defaultdict, collections.Counter, collections.deque, bytes, bytearray,
             complex, int, str, float, iter, apply, getattr, operator.attrgetter, functools.partial, types.SimpleNamespace, collections.ChainMap, slice, range,
             enumerate, reversed, zip, operator.itemgetter, object, type, copyreg.__newobj__, Plain, Exception, super]


class Maker(object):
    """All values first, then what is in them."""

    def __init__(self, seed):
        self.chance = random.Random('real %d' % seed)
        self.made = []
        self.fillers = []
        self.kinds = [name for name in dir(self) if name.startswith('make_') and (numpy or not name.startswith('make_np'))]
        few = self.chance.sample(self.kinds, self.chance.randint(1, 6))
        self.kinds = self.chance.choice([self.kinds, few, few])

    def atom(self):
        return self.chance.choice([None, True, 0, 1, 255, -1, 70000, 2**40, 10**30, 0.5, 1e300, b'', b'a', b'\xff\x00', b'y' * 300, 1j, Plain, len,
                                   Color.RED, Color.GREEN, Flags.A | Flags.B, Ellipsis, NotImplemented, int, datetime.date(2020, 1, 2),
                                   datetime.timedelta(1, 2, 3), decimal.Decimal('1.5'), fractions.Fraction(1, 3), uuid.UUID(int=5), range(3),
                                   datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), Int(7), Str('s'), Bytes(b'b'), bytearray(b'ba'),
                                   array.array('i', [1, 2]), Named] + list(TEXTS) + self.np_atoms())

    def np_atoms(self):
        if numpy is None:
            return []
        return [numpy.float64(1.5), numpy.int8(-1), numpy.datetime64('2020-01-02'), numpy.timedelta64(5, 's'), numpy.str_('ü'), numpy.bytes_(b'q'), numpy.bool_(True),
                numpy.dtype('f4'), numpy.dtype([('a', 'i4'), ('b', 'O')]), numpy.arange(3), numpy.ma.masked, numpy.add, numpy.float32, numpy.complex64(1 + 2j),
                numpy.dtype('M8[ns]'), numpy.array('text'), numpy.zeros((2, 0)), numpy.dtype({'names': ['x'], 'formats': ['u1'], 'offsets': [3]})]

    def any(self):
        return self.chance.choice(self.made) if self.made and self.chance.random() < 0.7 else self.atom()

    def hashable(self):
        for _ in range(5):
            value = self.any()
            try:
                hash(value)
                return value
            except TypeError:
                pass
        return 'key %d' % self.chance.randint(0, 3)

    def some(self, most=4, of=None):
        return [(of or self.any)() for _ in range(self.chance.choice([0, 1, 1, 2, 3, most]))]

    def pairs(self):
        return [(self.hashable(), self.any()) for _ in range(self.chance.choice([0, 1, 1, 2, 3]))]

    def arguments(self):
        """A tuple that others may have, too, and they alone what is in it."""
        if self.chance.random() < 0.4:
            self.made.insert(0, ([self.atom()], Plain()))
            return self.made[0]
        return tuple(self.some(2))

    def later(self, value, fill):
        self.made.append(value)
        self.fillers.append(fill)
        return value

    # --- what can grow ---

    def make_list(self):
        value = self.chance.choice([list, list, List, collections.deque, Deque, collections.UserList])()
        self.later(value, lambda: [value.append(item) for item in self.some()])

    def make_dict(self):
        kind = self.chance.choice([dict, dict, Dict, collections.OrderedDict, Ordered, collections.Counter, lambda: collections.defaultdict(list), collections.UserDict])
        value = kind()
        self.later(value, lambda: [value.__setitem__(*pair) for pair in self.pairs()])

    def make_set(self):
        value = self.chance.choice([set, set, Set])()
        self.later(value, lambda: [value.add(item) for item in self.some(of=self.hashable)])

    def make_chain(self):
        value = collections.ChainMap()
        self.later(value, lambda: value.maps.extend(one for one in self.made if isinstance(one, dict)))

    # --- what holds others from the beginning: made late, of what there is then ---

    def make_tuple(self):
        self.made.append(self.chance.choice([tuple, tuple, tuple, Tuple])(self.some()))

    def make_named(self):
        self.made.append(Named(self.any(), self.any()))

    def make_frozenset(self):
        self.made.append(self.chance.choice([frozenset, frozenset, Frozenset])(self.some(of=self.hashable)))

    # --- objects ---

    def attributes(self, value, names=('one', 'two', 'self', 'x')):
        def fill():
            for name in names[:self.chance.randint(0, len(names))]:
                setattr(value, name, self.any())
        return fill

    def make_object(self):
        value = self.chance.choice([Plain, Plain, Data, types.SimpleNamespace])()
        self.later(value, self.attributes(value))

    def make_subclass(self):
        value = self.chance.choice([List, Dict, Set, Tuple, Frozenset, Str, Bytes, Int, Bytearray, Deque, Ordered, Error, collections.OrderedDict])()
        self.later(value, self.attributes(value))

    def make_vars(self):
        """The attributes of an object, which others have before it or after it, and may hold it."""
        held = [value for value in self.made if type(getattr(value, '__dict__', None)) is dict and not isinstance(value, type)]
        if not held:
            self.make_object()
            return
        self.made.insert(self.chance.randint(0, len(self.made)), vars(self.chance.choice(held)))

    def make_slots(self):
        value = Slots()
        self.later(value, self.attributes(value))

    def make_frozen(self):
        value = Frozen(None, None)
        self.later(value, lambda: value.__setstate__([self.any(), self.any()]))

    def make_error(self):
        value = self.chance.choice([Error, ValueError, KeyError, OSError, StopIteration])(*self.some(2))
        self.later(value, self.attributes(value, ('one', 'two')))

    def make_partial(self):
        value = functools.partial(self.chance.choice([len, Plain, apply]))

        def fill():
            keywords = {name: self.any() for name in TEXTS[:self.chance.randint(0, 3)]}
            value.__setstate__((value.func, tuple(self.some(2)), keywords, self.chance.choice([None, {'x': self.any()}])))
        self.later(value, fill)

    def make_new(self):
        value = NewArgs()
        value.args = ()

        def fill():
            value.args = self.arguments()
        self.later(value, fill)

    def make_new_ex(self):
        value = NewArgsEx()
        value.args, value.keywords = (), {}

        def fill():
            value.args = self.arguments()
            value.keywords = {name: self.any() for name in TEXTS[:self.chance.randint(0, 3)]}
        self.later(value, fill)

    def make_reduced(self):
        value = Reduced()

        def fill():
            value.function = self.chance.choice(FUNCTIONS)
            value.args = tuple(self.some(2))
            if value.function is copyreg.__newobj__:
                value.args = (self.chance.choice([Plain, Slots]),)
            value.state = self.chance.choice([None, None, self.any(), {'a': self.any()}, (None, {'one': self.any()}), ({'a': 1}, {'one': self.any()})])
            value.items = self.chance.choice([None, None, self.some()])
            value.pairs = self.chance.choice([None, None, self.pairs(), [(self.any(), self.any())]])
            value.setter = self.chance.choice([None, None, None, setter]) if value.state is not None and sys.version_info >= (3, 8) else None
        self.later(value, fill)

    make_reduced_too = make_reduced

    def make_taken(self):
        """What is made of a container that others have, and that may hold it."""
        value = Reduced()

        def fill():
            value.function = self.chance.choice(FUNCTIONS[:12])
            value.args = (self.chance.choice(self.made),)
            if value.function is collections.defaultdict:
                value.args = (None,) + value.args
        self.later(value, fill)

    # --- NumPy's ---

    def make_np_objects(self):
        shape = self.chance.choice([(), (1,), (3,), (2, 2), (0,), (2, 0)])
        value = numpy.empty(shape, object, self.chance.choice('CF'))
        value = self.chance.choice([value, value, value, numpy.ma.array(value), value.T, value[..., None]])

        def fill():
            for index in numpy.ndindex(*value.shape):
                value[index] = self.any()
        self.later(value, fill)

    def make_np_struct(self):
        dtype = numpy.dtype(self.chance.choice([[('a', 'i4'), ('b', object)], [('b', object, (2,))], [('in', [('b', object), ('c', 'S3')])], [(('title', 'b'), 'O')]]))
        value = numpy.zeros(self.chance.choice([(), (1,), (2,)]), dtype)
        value = self.chance.choice([value, value, value.view(numpy.recarray), numpy.ma.array(value)])

        def fill():
            if value.ndim and value.size and 'b' in (dtype.names or ()) and dtype['b'].shape == ():
                for i in range(value.shape[0]):
                    value['b'][i] = self.any()
        self.later(value, fill)

    def make_np_array(self):
        value = self.chance.choice([numpy.matrix([[1, 2]]), numpy.arange(6).reshape(2, 3)[:, ::2], numpy.ma.array([1, 2], mask=[0, 1]),
                                    numpy.rec.array([(1, 'a')], dtype=[('x', 'i4'), ('y', 'U1')]), numpy.asfortranarray(numpy.ones((2, 3))), numpy.array([1, 2], '>i2'),
                                    numpy.array(['2020-01-02', 'NaT'], 'M8[D]'), numpy.array(['a', 'bbb']), numpy.polynomial.Polynomial([1, 2]), numpy.poly1d([1, 2])])
        self.made.append(value)

    def make_np_metadata(self):
        held = []
        value = numpy.dtype('u1', metadata={'held': held, 'text': 'm'})
        self.made.append(self.chance.choice([value, numpy.zeros(2, value), numpy.dtype([('a', value)])]))
        self.later(held, lambda: [held.append(self.atom()) for _ in range(3)])

    def make_np_subclass(self):
        value = numpy.arange(3).view(Array)
        self.later(value, self.attributes(value))

    # --- the graph ---

    def graph(self):
        for _ in range(self.chance.choice([1, 2, 3, 4, 6, 9, 14])):
            getattr(self, self.chance.choice(self.kinds))()
        for fill in self.fillers:
            try:
                fill()
            except (TypeError, ValueError, AttributeError):  # what this kind does not take
                pass
        return self.chance.choice([self.made[-1], self.made[0], list(self.made), list(self.made), tuple(self.made), {'all': list(self.made)}])


if numpy is not None:
    class Array(numpy.ndarray):
        """With attributes of its own beside NumPy's state."""

        def __reduce__(self):
            function, args, state = numpy.ndarray.__reduce__(self)
            return function, args, (state, self.__dict__)

        def __setstate__(self, state):
            numpy.ndarray.__setstate__(self, state[0])
            self.__dict__.update(state[1])


def make(seed):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of what NumPy is about to drop
        return pickled(seed)


def pickled(seed):
    maker = Maker(seed)
    value = maker.graph()
    protocol = maker.chance.randint(0, 5)
    dumps = maker.chance.choice([pickle.dumps, pickle.dumps, pickle._dumps])
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(600)
        return dumps(value, protocol)
    except (RecursionError, pickle.PicklingError, TypeError, ValueError, AttributeError, UnicodeError, OverflowError, NotImplementedError):
        return None
    except AssertionError:  # pickle.py: a writable buffer in band, whose bytearray was pickled before
        return None
    finally:
        sys.setrecursionlimit(limit)
