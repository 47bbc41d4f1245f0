"""The recording unpickler of trace.py: pickle.py's own with its opcodes replaced. Values are atoms, which are tuples, and nodes."""
import _compat_pickle
import codecs
import io
import pickle
import pickletools
import struct

OPCODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}

# What stands for itself wherever it appears: numbers, texts, bytes, globals, extension codes.
Atom = tuple
NONE = ('None',)
EMPTY = ('()',)


class Node(object):
    """kind: 'tuple', 'list', 'dict', 'set', 'frozenset', 'bytearray', 'persid', 'buffer', 'call', 'new', 'inst'."""
    __slots__ = 'kind', 'parts', 'events', 'keywords', 'given', 'shared', 'grown', 'taken'

    def __init__(self, kind, parts=(), given=None):
        self.kind, self.parts, self.given = kind, list(parts), given
        self.keywords = [] if given is None else pairs_of(given)
        self.events = []  # (kind, value or key, value or None)
        self.shared = False  # the memo gave it out, or DUP
        self.grown = 0        # by so many items and keys
        self.taken = []       # of a call: how many items each of its arguments had

    def items(self):
        """What was appended, or put in."""
        return [event[1] for event in self.events if event[0] == 'item']


NAN = float('nan')
#: Not empty: each NaN is as good as another, as those of protocol 0, which are a word, have to be.
ONE_NAN = []

CALLED = 'call', 'new', 'inst'
GROWING = 'list', 'dict', 'set', 'call', 'new', 'inst'


class Error(Exception):
    pass


def is_global(value, names):
    return isinstance(value, Atom) and value[0] == 'global' and value[1:] in names


def named(value, module, name):
    return isinstance(value, Atom) and value == ('global', module, name)


def text_of(value):
    return value[1] if isinstance(value, Atom) and value[0] == 'str' else None


def tuple_of(value):
    """The elements of a tuple; None if it is none."""
    if value == EMPTY:
        return []
    return value.parts if isinstance(value, Node) and value.kind == 'tuple' else None


def pairs_of(value):
    return [event[1:] for event in value.events if event[0] == 'key'] if isinstance(value, Node) and value.kind == 'dict' else None


# --- values that a call spells -----------------------------------------------------------------------------------------


def spelled_encode(args):
    text, encoding = text_of(args[0]), text_of(args[1]) if len(args) == 2 else None
    if text is None or encoding is None or codecs.lookup(encoding).name != 'iso8859-1':
        return None
    try:
        return 'bytes', text.encode('latin-1')
    except UnicodeEncodeError:
        return None


def spelled_bytes(args):
    return ('bytes', b'') if not args else None


def spelled_bytearray(args):
    if not args:
        return Node('bytearray', [('bytes', b'')])
    if len(args) == 1 and isinstance(args[0], Atom) and args[0][0] == 'bytes':
        return Node('bytearray', args)
    if len(args) == 2 and text_of(args[0]) is not None and text_of(args[1]) is not None:
        return Node('bytearray', [spelled_encode(args)])
    return None


def is_unhashable(value):
    if not isinstance(value, Node):
        return False
    return value.kind in ('list', 'dict', 'set', 'bytearray') or (value.kind == 'tuple' and any(is_unhashable(part) for part in value.parts))


def spelled_items(args, kind):
    """Raises Error where Python would not make a set of them."""
    if not args:
        return Node(kind)
    out = Node(kind)
    if len(args) == 1 and tuple_of(args[0]) is not None:
        out.events = [('item', item, None) for item in tuple_of(args[0])]
    elif len(args) == 1 and isinstance(args[0], Node) and args[0].kind == 'list':
        out.events = list(args[0].events)
    else:
        return None
    if any(is_unhashable(item) for item in out.items()):
        raise Error('an item of a %s is unhashable' % kind)
    return out


def spelled_set(args):
    return spelled_items(args, 'set')


def spelled_frozenset(args):
    return spelled_items(args, 'frozenset')


def spelled_complex(args):
    if len(args) == 2 and all(isinstance(a, Atom) and a[0] == 'float' for a in args):
        return 'complex', args[0][1], args[1][1]
    return None


def spelled_getattr(args):
    """A class inside another is getattr(outer, name) below protocol 4."""
    if len(args) == 2 and isinstance(args[0], Atom) and args[0][0] == 'global' and text_of(args[1]) is not None:
        return 'global', args[0][1], args[0][2] + '.' + args[1][1]
    return None


def spelled_newobj(args):
    return Node('new', args) if args else None


def spelled_newobj_ex(args):
    if len(args) == 3 and tuple_of(args[1]) is not None and pairs_of(args[2]) is not None:
        return Node('new', [args[0]] + tuple_of(args[1]), args[2])
    return None


def spelled_reconstructor(args):
    """object.__new__(cls): a dialect writes NEWOBJ where the class can't be made so any more."""
    return Node('new', args[:1]) if len(args) == 3 and named(args[1], 'builtins', 'object') and args[2] == NONE else None


def spelled_generator(args):
    """Newer NumPys say beside the name of the bit generator what makes it; older ones take the name alone."""
    return Node('call', [('global', 'numpy', '__generator_ctor')] + args[:1])


def spelled_ufunc(args):
    return ('global', 'numpy', args[1][1]) if len(args) == 2 and text_of(args[1]) is not None else None


def spelled_type(args):
    """dill's for a builtin class."""
    return ('global', 'builtins', text_of(args[0])) if len(args) == 1 and text_of(args[0]) is not None else None


SPELLED = {
    ('_codecs', 'encode'): spelled_encode,
    ('builtins', 'bytes'): spelled_bytes,
    ('builtins', 'bytearray'): spelled_bytearray,
    ('builtins', 'set'): spelled_set,
    ('builtins', 'frozenset'): spelled_frozenset,
    ('builtins', 'complex'): spelled_complex,
    ('builtins', 'getattr'): spelled_getattr,
    ('copyreg', '__newobj__'): spelled_newobj,
    ('copyreg', '__newobj_ex__'): spelled_newobj_ex,
    ('copyreg', '_reconstructor'): spelled_reconstructor,
    ('numpy', '__generator_ctor'): spelled_generator,
    ('numpy', '_ufunc_reconstruct'): spelled_ufunc,
    ('dill._dill', '_load_type'): spelled_type,
    ('dill.dill', '_load_type'): spelled_type,
}


def is_addition(function, args):
    """operator.ior of two sets: what the first gets where there is no ADDITEMS."""
    return (isinstance(function, Atom) and function[1:] in [('operator', 'ior'), ('_operator', 'ior')] and len(args) == 2
            and all(isinstance(arg, Node) and arg.kind == 'set' for arg in args))


def is_new(function):
    """cls.__new__: a name, or getattr of a class that has none."""
    if isinstance(function, Node):
        return function.kind == 'call' and named(function.parts[0], 'builtins', 'getattr') and function.parts[2:] == [('str', '__new__')]
    return function[0] == 'global' and function[2].endswith('.__new__')


# Those that are values of npickle.
VALUES = {key: function for key, function in SPELLED.items() if key[1] in ('encode', 'bytes', 'bytearray', 'set', 'frozenset', 'complex')}


def spelled_partial(function, args):
    """functools.partial(cls.__new__, cls, *args, **keywords)(): an object by class, arguments and keywords."""
    if args or not isinstance(function, Node) or function.kind != 'call' or not named(function.parts[0], 'functools', 'partial'):
        return None
    parts, keywords = function.parts[1:], None
    states = [event[1] for event in function.events if event[0] == 'state']
    if states:
        state = tuple_of(states[-1])
        if state is None or len(state) != 4 or tuple_of(state[1]) is None or len(parts) != 1 or not is_new(parts[0]):  # all that partial() takes
            return None
        parts, keywords = [state[0]] + tuple_of(state[1]), state[2] if pairs_of(state[2]) is not None else None
    if len(parts) < 2 or not is_new(parts[0]):
        return None
    return Node('new', parts[1:], keywords)


# --- names -------------------------------------------------------------------------------------------------------------

NUMPY_ALIASES = {'bool': 'bool_', 'string_': 'bytes_', 'unicode_': 'str_', 'float_': 'float64', 'complex_': 'complex128',
                 'bool8': 'bool_', 'round': 'round_', 'dtypedescr': 'dtype'}

# Of the modules in which something was that was renamed or moved.
NUMPY_PARTS = set('core _core _exceptions _internal _methods _multiarray_umath _ufunc_config arrayprint char defchararray defmatrix einsumfunc fromnumeric function_base '
                  'getlimits ma matrixlib memmap mrecords multiarray numeric numerictypes overrides random _generator _pickle mtrand rec records shape_base umath lib '
                  '_version arrayterator polynomial utils'.split())


def python3_name(module, name):
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def is_of_numpy(module):
    parts = module.split('.')
    return parts[0] == 'numpy' and NUMPY_PARTS.issuperset(parts[1:]) or module in ('scipy.base', 'scipy.base.multiarray', 'scipy.base._internal')


def normal_name(module, name):
    """NumPy 1 and 2 have the same things in different modules."""
    if is_of_numpy(module):
        return 'numpy', NUMPY_ALIASES.get(name, name)
    return module, name


# --- the unpickler -----------------------------------------------------------------------------------------------------


class Recorder(pickle._Unpickler):
    """names: 'own', Python 2's names become those of Python 3 below protocol 3, as Python does it; 'all': always."""
    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file, names='own', spelled=SPELLED):
        # The str of Python 2 is latin-1, so that it is equal to what a writer makes of it.
        pickle._Unpickler.__init__(self, file, encoding='latin-1', buffers=[])
        self.names, self.spelled = names, spelled
        self.identities = []
        self.called = None    # the value of the REDUCE, NEWOBJ or NEWOBJ_EX just before
        self.dropped = None   # that value, just after its POP
        self.calls = []       # all that happens, in order: ('made', node), ('state', node), ('has', node, items now, whether something else has it)
        self.other = set()    # ids of nodes that are no calls, or not of their own: parts of a spelling, made once more to be dropped
        self.kept = []        # so that no id is given twice
        self.opcodes = set()
        self.count = 0        # opcodes so far
        self.begins = []      # of each value on the stack: the opcode at which its first part was put there
        self.made = {}        # id of what a call made: the opcode
        self.dropped_from = 0
        self.buffers = 0

    def load(self):
        self._unframer = pickle._Unframer(self._file_read, self._file_readline)
        self.read, self.readline = self._unframer.read, self._unframer.readline
        self.readinto = getattr(self._unframer, 'readinto', None)
        self.metastack, self.stack, self.proto = [], [], 0
        self.append = self.stack.append
        read, dispatch = self.read, self.dispatch
        while True:
            key = read(1)
            if not key:
                raise EOFError
            self.opcodes.add(key[0])
            called, dropped = self.called, self.dropped
            try:
                function = dispatch[key[0]]
            except KeyError:
                raise Error('invalid opcode %r' % key)
            if function is stop:
                break
            self.count += 1
            function(self)
            self.step(key, called, dropped)
        if not self.stack:
            raise Error('STOP on an empty stack')
        root = self.stack.pop()
        return root

    def step(self, key, called, dropped):
        """Of the opcodes before only what two of them mean together counts."""
        height = len(self.stack) + sum(len(level) for level in self.metastack)
        if self.dropped is not dropped:
            self.dropped_from = self.begins[height]
        if self.called is not called:
            self.made[id(self.called)] = self.count
        if key in (pickle.GET, pickle.BINGET, pickle.LONG_BINGET, pickle.DUP):
            self.share(self.stack[-1])
        del self.begins[height:]
        self.begins += [self.count] * (height - len(self.begins))
        if self.called is called:
            self.called = None
        if dropped is not None and key in (pickle.GET, pickle.BINGET, pickle.LONG_BINGET) and self.is_inside(self.stack[-1], dropped):
            self.other.add(id(dropped))
            self.begins[-1] = self.dropped_from
        if self.dropped is dropped:
            self.dropped = None

    def is_inside(self, value, dropped):
        """Whether a value was made while the arguments of the same call were."""
        return self.made.get(id(value), -1) > self.dropped_from and same_making(dropped, value)

    def place(self, values):
        """Something else has the lists, dicts and sets among them: whoever has that."""
        for value in values:
            if isinstance(value, Node) and value.kind in ('list', 'dict', 'set'):
                self.share(value)

    def share(self, node):
        """From now on something else has it."""
        if isinstance(node, Node) and not node.shared:
            node.shared = True
            self.note('has', node)

    def grow(self, node, events):
        self.place([part for event in events for part in event[1:]])
        node.events += events
        node.grown += len(events)
        self.note('has', node)

    def note(self, kind, node):
        """What Python does with an object is a call. It sees what others have by then, and how much is in that."""
        self.kept.append(node)
        if kind != 'has' and node.kind in CALLED + ('persid',):
            self.calls.append((kind, node))
        elif kind == 'has' and node.kind in CALLED + ('list', 'dict', 'set'):
            self.calls.append(('has', node, node.grown, node.shared))

    def persistent_load(self, pid):
        self.identities.append(('str', pid) if isinstance(pid, str) else ('value',) if isinstance(pid, Node) else pid)
        node = Node('persid', [('str', pid) if isinstance(pid, str) else pid])
        self.note('made', node)
        return node

    def get_extension(self, code):
        if code <= 0:
            raise Error('extension code %d' % code)
        self.append(('extension', code))

    def find_class(self, module, name):
        if self.names == 'all' or self.proto < 3:
            module, name = python3_name(module, name)
        return ('global',) + normal_name(module, name)

    def call(self, function, args):
        if isinstance(function, Atom) and function[0] not in ('global', 'extension'):
            raise Error('a call of %s' % function[0])
        made = None
        if is_addition(function, args):
            self.grow(args[0], args[1].events)
            return args[0]
        if isinstance(function, Atom) and function[1:] in self.spelled:
            made = self.spelled[function[1:]](args)
        if made is None and self.spelled is SPELLED:
            made = spelled_partial(function, args)
        if made is not None:
            parts = args + [function] + (function.parts if isinstance(function, Node) else [])
            self.other |= {id(part) for part in parts if isinstance(part, Node) and part.kind in CALLED and not held(made, part)}
            if isinstance(made, Node):
                made.grown = len(made.events)  # of a set
        if made is None:
            made = Node('call', [function] + args)
            made.taken = [arg.grown if isinstance(arg, Node) and arg.kind in GROWING else None for arg in args]
        return made


def held(made, part):
    return isinstance(made, Node) and any(one is part for one in made.parts)


def same_making(one, other):
    """By the same callable of the same arguments, which hold the other; a list or tuple may be made anew for each call, as the __reduce__ of
    frozenset does it."""
    if not isinstance(other, Node) or one.kind != other.kind or one is other or len(one.parts) != len(other.parts):
        return False
    if one.given is not other.given and not (len(one.keywords) == len(other.keywords) and all(same(a, b) for a, b in zip(one.keywords, other.keywords))):
        return False
    return all(same([a], [b]) or same_items(a, b) for a, b in zip(one.parts, other.parts)) and holds(one, other)


def holds(one, other):
    """Whether a way leads from the parts of one to the other."""
    met, todo = {id(one)}, list(one.parts) + [part for pair in one.keywords for part in pair]
    while todo:
        value = todo.pop()
        if value is other:
            return True
        if isinstance(value, Node) and id(value) not in met:
            met.add(id(value))
            todo += value.parts + [part for pair in value.keywords for part in pair] + [part for event in value.events for part in event[1:]]
    return False


def same_items(one, other):
    if not isinstance(one, Node) or not isinstance(other, Node) or one.kind != other.kind:
        return False
    return one.kind == 'tuple' and same(one.parts, other.parts) or one.kind == 'list' and same(one.items(), other.items())


def same(some, others):
    """Atoms by value, nodes by identity."""
    return len(some) == len(others) and all(a is b or isinstance(a, Atom) and a == b or is_same_id(a, b) for a, b in zip(some, others))


def is_same_id(one, other):
    return isinstance(one, Node) and isinstance(other, Node) and one.kind == other.kind == 'persid' and same(one.parts, other.parts)


def replaces(*opcodes):
    def add(function):
        for opcode in opcodes:
            Recorder.dispatch[opcode[0]] = function
        return function
    return add


def atom_of(value):
    if value is None:
        return NONE
    if isinstance(value, float):
        return 'float', struct.pack('>d', NAN if value != value and ONE_NAN else value)
    return type(value).__name__, value


def wraps(load):
    """pickle.py's own, and the Python value that it pushes becomes an atom."""
    def function(self):
        load(self)
        self.stack[-1] = atom_of(self.stack[-1])
    return function


for _opcode in ('NONE NEWFALSE NEWTRUE INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING '
                'BINBYTES SHORT_BINBYTES BINBYTES8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8').split():
    _byte = getattr(pickle, _opcode)[0]
    Recorder.dispatch[_byte] = wraps(pickle._Unpickler.dispatch[_byte])


@replaces(pickle.BYTEARRAY8)
def bytearray8(self):
    size, = struct.unpack('<Q', self.read(8))
    self.append(Node('bytearray', [('bytes', self.read(size))]))


@replaces(pickle.NEXT_BUFFER)
def next_buffer(self):
    self.append(Node('buffer', [('int', self.buffers), ('bool', False)]))
    self.buffers += 1


@replaces(pickle.READONLY_BUFFER)
def readonly_buffer(self):
    value = self.stack[-1]
    if isinstance(value, Node) and value.kind == 'buffer':
        self.stack[-1] = Node('buffer', [value.parts[0], ('bool', True)])


@replaces(pickle.TUPLE)
def tuple_(self):
    items = self.pop_mark()
    self.place(items)
    self.append(Node('tuple', items) if items else EMPTY)


@replaces(pickle.EMPTY_TUPLE)
def empty_tuple(self):
    self.append(EMPTY)


def tuple_n(count):
    def function(self):
        if len(self.stack) < count:
            raise Error('stack')
        items = self.stack[-count:]
        self.place(items)
        self.stack[-count:] = [Node('tuple', items)]
    return function


replaces(pickle.TUPLE1)(tuple_n(1))
replaces(pickle.TUPLE2)(tuple_n(2))
replaces(pickle.TUPLE3)(tuple_n(3))
replaces(pickle.EMPTY_LIST)(lambda self: self.append(Node('list')))
replaces(pickle.EMPTY_DICT)(lambda self: self.append(Node('dict')))
replaces(pickle.EMPTY_SET)(lambda self: self.append(Node('set')))


def add_items(self, node, items, kinds):
    if not isinstance(node, Node) or node.kind not in kinds + CALLED:
        raise Error('items are added to %s' % (node.kind if isinstance(node, Node) else node[0]))
    self.grow(node, [('item', item, None) for item in items])


def add_pairs(self, node, items):
    if len(items) % 2 != 0:
        raise Error('an odd number of keys and values')
    if not isinstance(node, Node) or node.kind not in ('dict',) + CALLED:
        raise Error('keys are set in %s' % (node.kind if isinstance(node, Node) else node[0]))
    self.grow(node, [('key', items[i], items[i + 1]) for i in range(0, len(items), 2)])


@replaces(pickle.FROZENSET)
def frozenset_(self):
    items, node = self.pop_mark(), Node('frozenset')
    node.events = [('item', item, None) for item in items]
    self.append(node)


@replaces(pickle.LIST)
def list_(self):
    items, node = self.pop_mark(), Node('list')
    add_items(self, node, items, ('list',))
    self.append(node)


@replaces(pickle.DICT)
def dict_(self):
    items, node = self.pop_mark(), Node('dict')
    add_pairs(self, node, items)
    self.append(node)


@replaces(pickle.APPEND)
def append_(self):
    item = self.stack.pop()
    add_items(self, self.stack[-1], [item], ('list',))


@replaces(pickle.APPENDS)
def appends(self):
    items = self.pop_mark()
    add_items(self, self.stack[-1], items, ('list',))


@replaces(pickle.SETITEM)
def setitem(self):
    value, key = self.stack.pop(), self.stack.pop()
    add_pairs(self, self.stack[-1], [key, value])


@replaces(pickle.SETITEMS)
def setitems(self):
    items = self.pop_mark()
    add_pairs(self, self.stack[-1], items)


@replaces(pickle.ADDITEMS)
def additems(self):
    items, node = self.pop_mark(), self.stack[-1]
    if isinstance(node, Node) and node.kind in CALLED:
        self.grow(node, [('added', item, None) for item in items])
    else:
        add_items(self, node, items, ('set',))


def instantiate(self, class_, args):
    """Without arguments it is class.__new__(class), for old-style classes of Python 2 not even that."""
    value = VALUES[class_[1:]](args) if isinstance(class_, Atom) and class_[1:] in VALUES else None
    if value is not None:
        return self.append(value)
    self.append(Node('call' if args else 'inst', [class_] + args))
    self.called = self.stack[-1]
    if isinstance(self.called, Node):
        self.note('made', self.called)


@replaces(pickle.INST)
def inst(self):
    module, name = self.readline()[:-1].decode('utf-8'), self.readline()[:-1].decode('utf-8')
    instantiate(self, self.find_class(module, name), self.pop_mark())


@replaces(pickle.OBJ)
def obj(self):
    args = self.pop_mark()
    instantiate(self, args[0], args[1:])


def arguments_of(value):
    args = tuple_of(value)
    if args is None:
        raise Error('the arguments of a call are no tuple')
    return args


@replaces(pickle.NEWOBJ)
def newobj(self):
    args, class_ = self.stack.pop(), self.stack.pop()
    self.append(Node('new', [class_] + arguments_of(args)))
    self.called = self.stack[-1]
    if isinstance(self.called, Node):
        self.note('made', self.called)


@replaces(pickle.NEWOBJ_EX)
def newobj_ex(self):
    keywords, args, class_ = self.stack.pop(), self.stack.pop(), self.stack.pop()
    if pairs_of(keywords) is None:
        raise Error('keywords are no dict')
    self.append(Node('new', [class_] + arguments_of(args), keywords))
    self.called = self.stack[-1]
    if isinstance(self.called, Node):
        self.note('made', self.called)


@replaces(pickle.STACK_GLOBAL)
def stack_global(self):
    name, module = text_of(self.stack.pop()), text_of(self.stack.pop())
    if name is None or module is None:
        raise Error('STACK_GLOBAL of no texts')
    self.append(self.find_class(module, name))


@replaces(pickle.REDUCE)
def reduce_(self):
    args, function = self.stack.pop(), self.stack.pop()
    self.append(self.call(function, arguments_of(args)))
    self.called = self.stack[-1]
    if isinstance(self.called, Node):
        self.note('made', self.called)


@replaces(pickle.POP)
def pop(self):
    if not self.stack:
        self.pop_mark()
        return
    value = self.stack.pop()
    if value is self.called:
        self.dropped = value


@replaces(pickle.BUILD)
def build(self):
    state, node = self.stack.pop(), self.stack[-1]
    if not isinstance(node, Node) or node.kind not in CALLED + ('persid',):
        raise Error('BUILD of %s' % (node.kind if isinstance(node, Node) else node[0]))
    self.place([state])
    node.events.append(('state', state, None))
    self.note('state', node)


@replaces(pickle.STOP)
def stop(self):
    raise AssertionError


# Of what a damaged pickle does to the unpickler.
ERRORS = (Error, EOFError, ValueError, LookupError, TypeError, struct.error, pickle.UnpicklingError, AttributeError, OverflowError)


def record(data, names='own', spelled=SPELLED):
    """The unpickler after it read one pickle, with .root, and .size, its size in bytes. Raises Error."""
    file = io.BytesIO(data)
    recorder = Recorder(file, names, spelled)
    try:
        recorder.root = recorder.load()
    except ERRORS as error:
        raise Error('%s: %s' % (type(error).__name__, error))
    recorder.size = file.tell()
    return recorder
