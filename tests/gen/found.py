"""Writes tests/data/found.golden: arrays whose NumPy state lies inside what a class or a program has made of it.

    python tests/gen/found.py >tests/data/found.golden

Needs NumPy and astropy, unyt, quantities, JAX, dill and cloudpickle, whose own classes these are; the classes that stand here are the
recipes of NumPy's manual and others of their kind.

  case NAME PATH DESCR SHAPE CLASS BYTES [PATH REPR]...

The array at PATH (- for the root): its descr, shape and class, and its elements in C order. Behind them what lies beside it: a path
and repr() of what is there, all quoted.
"""
import pickle
import sys
import warnings

import numpy as np

import golden

warnings.simplefilter('ignore')


class Longer(np.ndarray):
    """NumPy's manual: a state with more items."""
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, state + (self.info,)

    def __setstate__(self, state):
        self.info = state[-1]
        super().__setstate__(state[:-1])


class LongerDict(np.ndarray):
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, state + (self.__dict__,)

    def __setstate__(self, state):
        self.__dict__.update(state[-1])
        super().__setstate__(state[:-1])


class Before(np.ndarray):
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, (self.__dict__, state)

    def __setstate__(self, state):
        self.__dict__.update(state[0])
        super().__setstate__(state[1])


class Nested(np.ndarray):
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, {'version': 2, 'parts': [(state, 'rest')]}

    def __setstate__(self, state):
        super().__setstate__(state['parts'][0][0])


class Keyed(np.ndarray):
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, dict(self.__dict__, data=state)

    def __setstate__(self, state):
        super().__setstate__(state.pop('data'))
        self.__dict__.update(state)


class Shadow(np.ndarray):
    """Attributes that .name does not find: ndarray has these of its own."""
    def __reduce__(self):
        function, arguments, state = super().__reduce__()
        return function, arguments, (state, {'shape': 'round', 'form': 'square'})

    def __setstate__(self, state):
        super().__setstate__(state[0])
        self.__dict__.update(state[1])


class LongerMasked(np.ma.MaskedArray):
    def __getstate__(self):
        return super().__getstate__() + ('more',)

    def __setstate__(self, state):
        super().__setstate__(state[:-1])


class Plain(np.ndarray):
    pass


class Holder:
    """No array, but made of one's parts."""
    def __init__(self, array):
        self.array = array

    def __getstate__(self):
        return {'array': self.array.__reduce__()[2], 'name': 'it'}

    def __setstate__(self, state):
        self.array = np.ndarray(0)
        self.array.__setstate__(state['array'])


def with_attributes(array, class_, **attributes):
    array = array.view(class_)
    array.__dict__.update(attributes)
    return array


def own_cases():
    ints, floats = np.arange(6).reshape(2, 3), np.array([1.5, -2.5])
    yield 'longer', with_attributes(ints, Longer, info='a name'), [('.<state>[5]', "'a name'")]
    yield 'longer-fortran', with_attributes(np.asfortranarray(ints), Longer, info=None), [('.<state>[5]', 'None')]
    yield 'longer-scalar', with_attributes(np.array(5), Longer, info=(1, 2)), [('.<state>[5][1]', '2')]
    yield 'longer-empty', with_attributes(floats[:0], Longer, info=[]), [('.<state>[5]', '[]')]
    yield 'longer-strings', with_attributes(np.array(['a', 'bc']), Longer, info=7), [('.<state>[5]', '7')]
    yield 'longer-struct', with_attributes(np.zeros(2, 'i4,f8'), Longer, info=7), [('.<state>[5]', '7')]
    objects = np.array([['a', None], [(1, 2), floats]], dtype=object)
    yield 'longer-objects', with_attributes(objects, Longer, info='more'), [('[0, 0]', "'a'"), ('[1, 0][1]', '2'), ('.<state>[5]', "'more'")]
    yield 'longer-dict', with_attributes(floats, LongerDict, unit='m', scale=[2]), [('.unit', "'m'"), ('.scale[0]', '2')]
    yield 'before', with_attributes(floats, Before, unit='m'), [('.unit', "'m'"), ('.<state>[0]', "{'unit': 'm'}")]
    yield 'nested', floats.view(Nested), [('.version', '2'), ('.parts[0][1]', "'rest'")]
    yield 'keyed', with_attributes(floats, Keyed, unit='m'), [('.unit', "'m'")]
    yield 'shadow', floats.view(Shadow), [('.form', "'square'"), ("['shape']", None), ('.shape', None),
                                          (".<state>[1]['shape']", "'round'")]
    yield 'longer-masked', np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9).view(LongerMasked), [('.<state>[7]', "'more'")]
    yield 'holder', Holder(floats), [('.name', "'it'")]


def library_cases():
    import astropy.table
    import astropy.units
    import jax.numpy
    import quantities
    import unyt
    km = np.arange(3.) * astropy.units.km
    yield 'astropy-quantity', km, [('._unit._names', repr(km.unit._names))]
    column = astropy.table.Column([1, 2, 3], name='depth', unit='m', description='of water')
    yield 'astropy-column', column, [('.<state>[5][0]', repr(column.name)), ('.<state>[5][3]', repr(column.description))]
    masked = astropy.table.MaskedColumn([1, 2, 3], name='depth', mask=[0, 1, 0])
    yield 'astropy-masked-column', masked, [('.<state>[7][0]', repr(masked.name))]
    registry = unyt.UnitRegistry(lut={'m': (1.0, unyt.dimensions.length, 0.0, 'm', False)}, add_default_symbols=False)
    metres = unyt.unyt_array([1., 2.], unyt.Unit('m', registry=registry))
    yield 'unyt', metres, [('.<state>[0][0]', repr(str(metres.units))), ("['m']", None)]
    pq = np.array([1., 2.]) * quantities.m
    yield 'quantities', pq, [('.<args>[2]', '(0,)')]
    yield 'jax', jax.numpy.arange(3.), [('.weak_type', 'False')]
    yield 'jax-bfloat16', jax.numpy.ones(3, jax.numpy.bfloat16), [('.weak_type', 'False')]


def class_of(value):
    import jax
    if isinstance(value, jax.Array):
        return 'jax._src.array._reconstruct_array'
    return type(value).__module__ + '.' + type(value).__name__


def elements(value):
    if isinstance(value, Holder):
        return value.array
    if isinstance(value, np.ma.MaskedArray):
        return np.asarray(value.data)
    return np.asarray(value).view(np.ndarray)


def case(name, value, beside, pickles, class_name):
    array = elements(value)
    descr = array.dtype.descr if array.dtype.names else array.dtype.str
    words = [name, '-', golden.quote(repr(descr).encode()), ','.join(map(str, array.shape)) or '-', class_name,
             golden.quote(b'' if array.dtype.hasobject else array.tobytes())]
    for path, text in beside:
        words += [golden.quote(path.encode()), golden.quote((text or '').encode())]
    print('case ' + ' '.join(words))
    for protocol, data in pickles:
        print('p%d - %s' % (protocol, golden.quote(data)))


def main():
    import cloudpickle
    import dill
    import jax
    print('# Arrays whose state lies inside another: NumPy %s on CPython %s, written by tests/gen/found.py.' %
          (np.__version__, sys.version.split()[0]))
    for name, value, beside in list(own_cases()) + list(library_cases()):
        pickles = []
        for protocol in range(6):
            try:
                data = pickle.dumps(value, protocol)
                pickle.loads(data)
                pickles.append((protocol, data))
            except (NotImplementedError, TypeError) as error: # sympy below protocol 2
                print('# %s, protocol %d: %s' % (name, protocol, error))
        case(name, value, beside, pickles[:1] + pickles[2:5:2] if name != 'longer' else pickles, class_of(value))
    plain = np.array([1.5, -2.5])
    sub = with_attributes(plain, LongerDict, unit='m')
    case('dill', plain, [], [(p, dill.dumps(plain, p)) for p in (2, 4)], 'numpy.ndarray')
    case('dill-subclass', with_attributes(plain, Plain, unit='m'), [('.unit', "'m'")],
         [(p, dill.dumps(with_attributes(plain, Plain, unit='m'), p, byref=True)) for p in (2, 4)], '__main__.Plain')
    case('cloudpickle-class', sub, [('.unit', "'m'")], [(4, cloudpickle.dumps(sub, 4))], 'LongerDict')


if __name__ == '__main__':
    main()
