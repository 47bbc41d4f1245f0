"""The pickles of cloudpickle and dill: functions, classes and modules by value, and what holds them.

    pickles('cloudpickle'), pickles('dill')     bytes, at every protocol that the library has; ImportError without it
"""
import abc
import collections
import dataclasses
import enum
import functools
import logging
import types
import typing
import warnings

Point = collections.namedtuple('Point', 'x y')


def closures():
    """What cloudpickle and dill write by value if it is of no module."""
    count, array = 0, [1.5, 2.5]

    def plain(a, b=2, *rest, c: int = 3, **others) -> list:
        """A docstring."""
        return [a, b, c, rest, others, array]

    def counter():
        nonlocal count
        count += 1
        return count

    def recursive(n):
        return 1 if n < 1 else n * recursive(n - 1)

    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    def generator():
        yield from array

    plain.attribute = {'plain': plain}

    @functools.wraps(plain)
    def wrapped(*args):
        return plain(*args)

    @functools.lru_cache(maxsize=10)
    def cached(n):
        return n

    return {'plain': plain, 'counter': counter, 'recursive': recursive, 'even': even, 'odd': odd, 'generator': generator,
            'wrapped': wrapped, 'lambda': lambda x: x + count, 'global': lambda: collections.OrderedDict(), 'partial': functools.partial(plain, 1, c=4),
            'all': [plain, recursive, even, odd, plain], 'cached': cached}


def classes():
    class Base(object):
        shared = [1, 2]

        def method(self):
            return super().__repr__()

        @property
        def value(self):
            return 1

        @staticmethod
        def static():
            return Base

        @classmethod
        def made(cls):
            return cls()

    class Derived(Base):
        __slots__ = 'one', 'two', 'base'

        def __init__(self):
            self.one, self.two, self.base = 1, self, Base

    class Abstract(abc.ABC):
        @abc.abstractmethod
        def method(self):
            pass

    class Meta(type):
        def __call__(cls, *args):
            return super().__call__(*args)

    class WithMeta(metaclass=Meta):
        class Inner(object):
            pass

    @dataclasses.dataclass
    class Data(object):
        x: int = 1
        y: list = dataclasses.field(default_factory=list)

    class Colour(enum.Enum):
        RED = 1
        GREEN = (2, 'two')

    class Flags(enum.IntFlag):
        A = 1
        B = 2

    class SetState(object):
        def __reduce_ex__(self, protocol):
            return SetState, (), {'a': self}, iter([1]), iter([('k', 2)]), apply_state

        def append(self, value):
            pass

        def extend(self, values):
            pass

        def __setitem__(self, key, value):
            pass

    def apply_state(thing, state):
        thing.state = state

    class Named(typing.NamedTuple):
        a: int
        b: str = 'b'

    return {'base': Base, 'derived': Derived, 'object': Derived(), 'bound': Base().method, 'abstract': Abstract, 'meta': WithMeta, 'inner': WithMeta.Inner,
            'data': Data, 'datum': Data(2, [1]), 'enum': Colour, 'member': Colour.GREEN, 'flags': Flags.A | Flags.B, 'setter': SetState(),
            'several': [Base, Derived, Base(), Derived()], 'named': Named(1), 'namedclass': Named}


def others():
    module = types.ModuleType('a_module_of_its_own')
    module.value = [1]
    exec('def function():\n    return value, other\nother = function', module.__dict__)
    return {'module': module, 'function': module.function, 'known': collections, 'logger': logging.getLogger('a.logger'), 'view': {1: 2}.keys(),
            'type': typing.TypeVar('T'), 'cell': types.SimpleNamespace(a=1), 'not': NotImplemented, 'ellipsis': ..., 'code': closures.__code__,
            'property': property(lambda self: 1), 'namedtuple': Point(1, 2), 'weird': [type(None), type(...), types.FunctionType], 'list': [closures, classes]}


def arrays():
    try:
        import numpy
    except ImportError:
        return {}
    field = numpy.arange(6.0).reshape(2, 3)
    scale = numpy.float32(2.5)

    def apply(values):
        return values * field * scale

    class Model(object):
        weights = field

        def __init__(self):
            self.field, self.function = field, apply

    class Sub(numpy.ndarray):
        pass

    return {'apply': apply, 'model': Model, 'object': Model(), 'sub': field.view(Sub), 'masked': lambda: numpy.ma.array(field, mask=field > 2)}


def pickles(name):
    library = __import__(name)
    values = {}
    for made in (closures, classes, others, arrays):
        values.update(('%s %s' % (made.__name__, key), value) for key, value in made().items())
    out = []
    warnings.simplefilter('ignore')  # dill tells what it can't find
    for key in sorted(values):
        for protocol in range(6):
            for more in ({}, {'recurse': True}, {'byref': True}) if name == 'dill' else ({},):
                try:
                    out.append(library.dumps(values[key], protocol, **more))
                except Exception:  # what the library can't pickle, or not at this protocol
                    continue
    return out
