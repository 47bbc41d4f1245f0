# -*- coding: utf-8 -*-
"""Objects of the whole standard library of the Python that runs it (2.7 or 3), pickled: for tests/live/targets.py.

usage: python standard.py DIRECTORY

Every module is walked. There are files of
  name-MODULE.NAME     each class and function, which a pickle names
  value-MODULE.NAME    what else a module has, such as members of enums
  new-MODULE.NAME-N    what a class makes of simple arguments, the first few of ARGUMENTS that it takes
  method-CLASS.NAME    methods of built-in classes
  some-NAME            the list below, of what takes more
at protocols 0 (but for names), 2, 4 and the highest. What the same Python does not load again is left out.
"""
from __future__ import print_function

import array
import collections
import copy
import datetime
import decimal
import fractions
import functools
import importlib
import io
import itertools
import operator
import os
import pkgutil
import random
import re
import signal
import sys
import tempfile
import threading
import time
import types
import uuid
import warnings

try:
    from cPickle import HIGHEST_PROTOCOL, dumps, loads
except ImportError:
    from pickle import HIGHEST_PROTOCOL, dumps, loads

PY2 = sys.version_info[0] == 2
#: Not walked at all: what opens windows, prints, or is no library.
NO_MODULES = re.compile(r'(^|\.)(test|tests|idlelib|lib2to3|turtle|turtledemo|tkinter|lib-tk|antigravity|this|ensurepip|pydoc_data|__main__|'
                        r'site-packages|idle|msilib|curses|Tkinter|Tix|ttk|tk\w+|sre_compile|sre_parse|sre_constants|_test\w*|xx\w*|'
                        r'_pyrepl|__phello__\S*|_xx\w*|venv|webbrowser)($|\.)')
#: Of these nothing is made: they reach for networks, processes, files or threads.
NOTHING_NEW = re.compile(r'^(multiprocessing|subprocess|ftplib|smtplib|telnetlib|poplib|imaplib|nntplib|socket|socketserver|SocketServer|_socket|'
                         r'ssl|_ssl|mailbox|pty|os|posix|signal|threading|thread|_thread|asyncio|concurrent|faulthandler|gc|sys|ctypes|_ctypes|'
                         r'urllib2?|sched|trace|pdb|bdb|cProfile|profile|rlcompleter|code|cgitb?|CGIHTTPServer|wsgiref|xmlrpc|dbm|anydbm|'
                         r'shelve|sqlite3|logging\.handlers|logging\.config|dummy_threading|mhlib|popen2|commands|fileinput|tempfile|zipapp|'
                         r'_posixsubprocess|posixfile|runpy|resource|bsddb|dumbdbm|whichdb|compileall|py_compile|zipimport|imp|_imp)(\.|$)')
ARGUMENTS = [(), (1,), ('a',), (b'a',), (u'a',), ([1, 2],), ({'a': 1},), ('a', 'b'), (1, 2), (1, 2, 3), ('a', 1), (int,), ((1, 2),),
             ('a', 'b', 'c'), (int, 1), (len, [1]), (1.5,), ('1.2.3.4',), (u'1.2.3.4',), (u'::1',), ('a', ['b']), (2020, 1, 2), (range(9),),
             ((1, 2, 3, 4, 5, 6, 7, 8, 9),), ('a', {}), ('a', 'b', 'c', 'd'), (tuple(range(1, 11)),)]
MOST = 4  # of a class


def modules():
    names = set(sys.builtin_module_names)
    folders = [p for p in sys.path if p.endswith('python%d.%d' % sys.version_info[:2]) or p.endswith('lib-dynload')]

    def walk(folders, prefix):
        for _, name, is_package in pkgutil.iter_modules(folders):
            name = prefix + name
            if NO_MODULES.search(name):
                continue
            names.add(name)
            if is_package:
                walk([os.path.join(f, name[len(prefix):]) for f in folders], name + '.')
    walk(folders, '')
    return sorted(n for n in names if not NO_MODULES.search(n))


class TooLong(BaseException):
    pass


def too_long(*_):
    raise TooLong()


def tried(make, *args):
    """What a function returns, or None; a second at most."""
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return make(*args)
    except (Exception, SystemExit, TooLong):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Writer(object):
    def __init__(self, path):
        self.path, self.seen = path, set()

    def put(self, name, value, names_alone=False):
        """Whether any protocol could."""
        name = re.sub(r'[^\w.<>+-]', '_', name)
        any_ = False
        for protocol in sorted(set([0, 2, min(4, HIGHEST_PROTOCOL), HIGHEST_PROTOCOL])):
            if names_alone and protocol not in (2, HIGHEST_PROTOCOL):
                continue
            data = tried(dumps, value, protocol)
            if data is None or len(data) > 20000 or b'standard' in data or (data[:2] + data) in self.seen:
                continue
            self.seen.add(data[:2] + data)
            with open(os.path.join(self.path, '%s.p%d.pkl' % (name, protocol)), 'wb') as f:
                f.write(data)
            any_ = True
        return any_


def new_of(writer, name, cls):
    count = 0
    for number, arguments in enumerate(ARGUMENTS):
        value = tried(cls, *copy.deepcopy(arguments)) if count < MOST else None
        if value is not None and isinstance(value, cls) and not isinstance(value, type):
            count += writer.put('new-%s-%d' % (name, number), value)


def of_module(writer, module_name):
    module = tried(importlib.import_module, module_name)
    for name in sorted(vars(module)) if module is not None else ():
        value = vars(module)[name]
        full = module_name + '.' + name
        own = getattr(value, '__module__', None) in (module_name, None)
        if isinstance(value, types.ModuleType):
            continue
        if callable(value) and hasattr(value, '__name__'):
            writer.put('name-' + full, value, True)
            if own and isinstance(value, type) and not NOTHING_NEW.search(module_name):
                new_of(writer, full, value)
        elif not name.startswith('__') and (type(value).__module__ not in ('builtins', '__builtin__') or
                                            isinstance(value, (tuple, frozenset, BaseException))):
            writer.put('value-' + full, value)


def walk(writer):
    """Each module in a process of its own: what its classes do, or how they crash, is no matter of the others."""
    for module_name in modules():
        child = os.fork()
        if child == 0:
            signal.alarm(0)
            try:
                of_module(writer, module_name)
            finally:
                os._exit(0)
        ends = time.time() + 6
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            if time.time() > ends:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.003)


def methods(writer):
    values = [1, 1.5, 1j, 'a', b'a', u'a', (1,), [1], {'a': 1}, set([1]), frozenset([1]), bytearray(b'a'), True]
    for value in values:
        cls = type(value)
        for name in dir(cls):
            if name in ('__class__', '__dict__', '__doc__'):
                continue
            writer.put('method-%s.%s' % (cls.__name__, name), getattr(cls, name, None))
            writer.put('bound-%s.%s' % (cls.__name__, name), getattr(value, name, None))


def logging_record():
    import logging
    return logging.LogRecord('a', 20, '/p', 3, 'm %s', ('x',), None)


def message(text=u'From: a@b\nSubject: =?utf-8?q?=C3=A9?=\nContent-Type: text/plain\n\nbody\n', policy=None):
    import email
    import email.policy
    return email.message_from_string(text, policy=getattr(email.policy, policy)) if policy else email.message_from_string(text)


def old_message():
    import email
    return email.message_from_string('From: a@b\nSubject: x\n\nbody\n')


def cause():
    try:
        try:
            raise KeyError('a')
        except KeyError as inner:
            error = ValueError('b')
            error.__cause__ = inner
            raise error
    except ValueError as error:
        return error


def noted():
    error = ValueError('b')
    error.add_note('n')
    return error


def advanced(iterator, steps=2):
    for _ in range(steps):
        next(iterator)
    return iterator


def module(name):
    return importlib.import_module(name)


ZONE = datetime.timezone(datetime.timedelta(hours=2)) if not PY2 else None
SOME = [
    ('datetime', lambda: datetime.datetime(2020, 5, 17, 1, 2, 3, 456)),
    ('datetime-high', lambda: datetime.datetime(0x8181 % 9999, 12, 31, 23, 59, 59, 999999)),
    ('datetime-fold', lambda: datetime.datetime(2020, 5, 17, 1, 2, fold=1)),
    ('datetime-zone', lambda: datetime.datetime(2020, 5, 17, tzinfo=ZONE)),
    ('datetime-zone-fold', lambda: datetime.datetime(2020, 5, 17, tzinfo=ZONE, fold=1)),
    ('time', lambda: datetime.time(23, 59, 1)), ('time-fold', lambda: datetime.time(23, 59, 1, fold=1)),
    ('time-zone-fold', lambda: datetime.time(3, 59, 1, 3, ZONE, fold=1)), ('time-zone', lambda: datetime.time(3, 59, tzinfo=ZONE)),
    ('date', lambda: datetime.date(2020, 12, 31)), ('timedelta', lambda: datetime.timedelta(3, 4, 5)),
    ('utc', lambda: datetime.timezone.utc), ('timezone', lambda: datetime.timezone(datetime.timedelta(hours=2), 'X')),
    ('zone', lambda: module('zoneinfo').ZoneInfo('Europe/Paris')), ('zone-new', lambda: module('zoneinfo').ZoneInfo.no_cache('UTC')),
    ('datetimes', lambda: [datetime.datetime(y, m, 3, m) for y in (1, 255, 256, 2020, 9999) for m in (1, 10, 12)]),
    ('union', lambda: int | str), ('union-list', lambda: [int | None, list[int] | str]),
    ('union-typing', lambda: module('typing').Union[int, str]), ('optional', lambda: module('typing').Optional[int]),
    ('typing-list', lambda: module('typing').List[int]), ('typing-dict', lambda: module('typing').Dict[str, int]),
    ('typing-callable', lambda: module('typing').Callable[[int], str]), ('typing-tuple', lambda: module('typing').Tuple[int, ...]),
    ('typing-literal', lambda: module('typing').Literal['a', 1]), ('typing-any', lambda: module('typing').Any),
    ('typing-annotated', lambda: module('typing').Annotated[int, 'x']), ('typing-class', lambda: module('typing').ClassVar[int]),
    ('typing-final', lambda: module('typing').Final[int]), ('typing-type', lambda: module('typing').Type[int]),
    ('generic-alias', lambda: list[int]), ('generic-dict', lambda: dict[str, list[int]]),
    ('generic-callable', lambda: module('collections.abc').Callable[[int], str]),
    ('userdict', lambda: (module('UserDict') if PY2 else collections).UserDict(a=1)),
    ('userlist', lambda: (module('UserList') if PY2 else collections).UserList([1, 2])),
    ('userstring', lambda: (module('UserString') if PY2 else collections).UserString('ab')),
    ('completed', lambda: module('subprocess').CompletedProcess(['a'], 1, b'o', b'e')),
    ('called-process-error', lambda: module('subprocess').CalledProcessError(1, ['a'], b'o')),
    ('called-process-error2', lambda: module('subprocess').CalledProcessError(1, ['a'], b'o', b'e')),
    ('timeout-expired', lambda: module('subprocess').TimeoutExpired(['a'], 2.5, b'o')),
    ('re', lambda: re.compile('a+b', re.I)), ('re-bytes', lambda: re.compile(b'a+b', re.S)), ('re-text', lambda: re.compile(u'a+b', re.M | re.X)),
    ('re-flags', lambda: [re.I, re.I | re.M]), ('re-ascii', lambda: re.compile('a', re.A)), ('re-unicode', lambda: re.compile(u'a', re.U)),
    ('decimal', lambda: [decimal.Decimal('1.25'), decimal.Decimal('NaN'), decimal.Decimal('-Infinity'), decimal.Decimal('1E+999')]),
    ('decimal-context', lambda: decimal.getcontext()), ('decimal-context2', lambda: decimal.Context(prec=5, traps=[decimal.Inexact])),
    ('decimal-tuple', lambda: decimal.Decimal('1.5').as_tuple()),
    ('fraction', lambda: fractions.Fraction(3, 4)),
    ('uuid', lambda: uuid.UUID(int=5)), ('uuid1', lambda: uuid.uuid1()), ('uuid-safe', lambda: uuid.UUID(int=5, is_safe=uuid.SafeUUID.safe)),
    ('path', lambda: module('pathlib').Path('/a/b')), ('pure-path', lambda: module('pathlib').PurePosixPath('a', 'b')),
    ('pure-windows-path', lambda: module('pathlib').PureWindowsPath('C:/a')), ('paths', lambda: [module('pathlib').Path(), module('pathlib').Path]),
    ('random', lambda: random.Random(5)), ('random-gauss', lambda: (lambda r: (r.gauss(0, 1), r)[1])(random.Random(5))),
    ('random-state', lambda: random.Random(5).getstate()), ('system-random', lambda: random.SystemRandom),
    ('ordered', lambda: collections.OrderedDict([('a', 1), ('b', 2)])), ('counter', lambda: collections.Counter('abca')),
    ('default', lambda: collections.defaultdict(list, a=[1])), ('default-none', lambda: collections.defaultdict(None, a=1)),
    ('deque', lambda: collections.deque([1, 2], 5)), ('deque2', lambda: collections.deque([1, 2])),
    ('chain', lambda: collections.ChainMap({'a': 1}, {'b': 2})),
    ('namespace', lambda: types.SimpleNamespace(a=1, b=[2])), ('proxy', lambda: types.MappingProxyType({})),
    ('partial', lambda: functools.partial(int, base=2)), ('partial2', lambda: functools.partial(functools.partial(max, 1), 2)),
    ('partialmethod', lambda: functools.partialmethod(int, 1)), ('cmp-to-key', lambda: functools.cmp_to_key), ('lru', lambda: re._compile_template),
    ('attrgetter', lambda: operator.attrgetter('real', 'imag.real')), ('itemgetter', lambda: operator.itemgetter(1, 'a')),
    ('methodcaller', lambda: operator.methodcaller('a', 1)), ('methodcaller2', lambda: operator.methodcaller('a', 1, k=2)),
    ('operators', lambda: [operator.add, operator.mul, operator.getitem, operator.matmul] if not PY2 else [operator.add, operator.div]),
    ('pyarray-u', lambda: array.array('u', u'ab\xe9')), ('pyarray-u-empty', lambda: array.array('u')),
    ('pyarray-w', lambda: array.array('w', u'ab')), ('pyarray-c', lambda: array.array('c', 'ab')),
    ('range', lambda: range(3, 9, 2) if not PY2 else xrange(3, 9, 2)), ('range-long', lambda: range(2 ** 40)),  # noqa: F821
    ('slice', lambda: slice(1, 2, 3)), ('ellipsis', lambda: [Ellipsis, NotImplemented, None]), ('types-none', lambda: [type(None), type(Ellipsis),
                                                                                                                     type(NotImplemented)]),
    ('memoryview', lambda: memoryview), ('complex', lambda: [1 + 2j, complex(0.0, -0.0)]), ('bytearray', lambda: [bytearray(b'abc\xff'), bytearray()]),
    ('bytes', lambda: [b'', b'a\xff', b'\0' * 300]), ('texts', lambda: [u'', u'a', u'\xe9\u20ac\U0001f600']), ('long', lambda: [2 ** 31, 2 ** 70, -1]),
    ('sets', lambda: [set([1]), frozenset([2]), set()]), ('floats', lambda: [float('inf'), float('-inf'), 0.1, -0.0]),
    ('builtins', lambda: [int, str, bytes, list, dict, type, object, float, complex, set, frozenset, slice, property, super, map, filter, zip]),
    ('struct-time', lambda: time.gmtime(0)), ('struct-time-zone', lambda: time.localtime(0)), ('stat', lambda: os.stat('/')),
    ('statvfs', lambda: os.statvfs('/')), ('times', lambda: os.times()), ('uname', lambda: os.uname()), ('usage', lambda: module('shutil').disk_usage('/')),
    ('terminal', lambda: module('os').terminal_size((3, 4))), ('version-info', lambda: tuple(sys.version_info)),
    ('record', logging_record), ('arguments', lambda: module('argparse').Namespace(a=1, b='x')), ('parser', lambda: module('argparse').ArgumentParser('x')),
    ('options', lambda: module('optparse').Values({'a': 1})), ('config', lambda: module('ConfigParser' if PY2 else 'configparser').RawConfigParser()),
    ('message', message), ('message-new', lambda: message(policy='default')), ('message-old', old_message),
    ('cookie', lambda: module('Cookie' if PY2 else 'http.cookies').SimpleCookie('a=b; c=d')),
    ('url', lambda: module('urlparse' if PY2 else 'urllib.parse').urlparse('http://a/b?c#d')),
    ('url-split', lambda: module('urlparse' if PY2 else 'urllib.parse').urlsplit('http://a/b?c#d')),
    ('url-bytes', lambda: module('urllib.parse').urlparse(b'http://a/b?c#d')), ('statistics', lambda: module('statistics').NormalDist(1, 2)),
    ('exceptions', lambda: [ValueError('x', 1), KeyError('k'), OSError(2, 'x', 'f'), UnicodeDecodeError('ascii', b'a', 0, 1, 'r'),
                            StopIteration(3), SystemExit(2), SyntaxError('x', ('f', 1, 2, 't'))]),
    ('not-found', lambda: FileNotFoundError(2, 'x')), ('module-not-found', lambda: ModuleNotFoundError('x', name='m')),  # noqa: F821
    ('import-error', lambda: ImportError('x', name='m', path='p')), ('attribute-error', lambda: AttributeError('x', name='n', obj=3)),
    ('name-error', lambda: NameError('x', name='n')), ('stop-async', lambda: StopAsyncIteration(1)), ('group', lambda: ExceptionGroup('x', [ValueError(1)])),
    ('recursion', lambda: RecursionError('x')), ('timeout', lambda: TimeoutError('x')), ('connection', lambda: ConnectionResetError(4, 'x')),
    ('noted', noted), ('cause', cause), ('blocking', lambda: BlockingIOError(1, 'x', 3)),
    ('ip', lambda: [module('ipaddress').ip_address(u'1.2.3.4'), module('ipaddress').ip_network(u'10.0.0.0/8')]),
    ('ip6', lambda: [module('ipaddress').ip_address(u'fe80::1'), module('ipaddress').ip_interface(u'::1/64')]),
    ('ip6-scope', lambda: module('ipaddress').ip_address(u'fe80::1%eth0')),
    ('enum', lambda: [module('http').HTTPStatus.OK, signal.SIGINT, module('socket').AF_INET]),
    ('enum-classes', lambda: [module('enum').Enum, module('enum').Flag]), ('auto', lambda: module('enum').auto),
    ('hash', lambda: [module('hashlib').sha256, module('hashlib').md5]), ('hashes', lambda: [module('hashlib').sha3_256, module('hashlib').blake2b]),
    ('iterators', lambda: [iter([1, 2]), iter((1, 2)), iter('ab'), reversed([1, 2])]), ('enumerate', lambda: enumerate([1, 2])),
    ('iterators2', lambda: [advanced(iter([1, 2, 3])), advanced(iter(range(5))), iter(bytearray(b'ab'))]),
    ('iterator-dict', lambda: [iter({'a': 1}), iter(set([1]))]), ('map', lambda: [map(str, [1, 2]), filter(None, [1]), zip([1], [2])]),
    ('count', lambda: [itertools.count(5), itertools.repeat(1, 3), itertools.count(1, 2)]), ('cycle', lambda: itertools.cycle([1, 2])),
    ('cycle2', lambda: advanced(itertools.cycle([1, 2, 3]))), ('chain-iter', lambda: itertools.chain([1], [2])),
    ('combinations', lambda: advanced(itertools.combinations([1, 2, 3, 4], 2))), ('permutations', lambda: advanced(itertools.permutations([1, 2, 3]))),
    ('product', lambda: advanced(itertools.product([1, 2], [3, 4]))), ('islice', lambda: itertools.islice([1, 2, 3], 1, 3)),
    ('takewhile', lambda: [itertools.takewhile(len, ['a']), itertools.dropwhile(len, ['a']), itertools.starmap(pow, [(1, 2)])]),
    ('accumulate', lambda: itertools.accumulate([1, 2, 3])), ('groupby', lambda: itertools.groupby([1, 1, 2])), ('tee', lambda: itertools.tee([1, 2])),
    ('pairwise', lambda: itertools.pairwise), ('compress', lambda: itertools.compress([1, 2], [1, 0])), ('zip-longest', lambda: itertools.zip_longest([1], [])),
    ('stringio', lambda: io.StringIO(u'ab')), ('bytesio', lambda: io.BytesIO(b'ab')), ('stringio-old', lambda: module('StringIO').StringIO('ab')),
    ('tree', lambda: module('xml.etree.ElementTree').fromstring('<a b="c">d<e/></a>')), ('dom', lambda: module('xml.dom.minidom').parseString('<a/>')),
    ('dataclass', lambda: [module('dataclasses').field, module('dataclasses').MISSING]), ('local', lambda: threading.local),
    ('calendar', lambda: module('calendar').Calendar(2)), ('template', lambda: module('string').Template('a $b')),
    ('formatter', lambda: module('logging').Formatter('x')), ('handler', lambda: module('logging').NullHandler), ('logger', lambda: module('logging').getLogger('a')),
    ('sequence', lambda: module('difflib').SequenceMatcher(None, 'a', 'b').ratio), ('tokens', lambda: module('tokenize').TokenInfo(1, 'a', (1, 0), (1, 1), 'a')),
    ('zipinfo', lambda: module('zipfile').ZipInfo('a')), ('tarinfo', lambda: module('tarfile').TarInfo('a')), ('cookies', lambda: module('http.cookiejar').Cookie),
    ('ast', lambda: module('ast').parse('x = 1\nf(a, *b)')), ('ast-num', lambda: module('ast').parse('1 + 2.5', mode='eval')),
    ('ast-function', lambda: module('ast').parse('def f(a, b=1): return "x"')), ('symtable', lambda: module('symtable').Symbol),
    ('graph', lambda: module('graphlib').TopologicalSorter), ('contextvar', lambda: module('contextvars').ContextVar), ('plist', lambda: module('plistlib').UID(3)),
    ('textwrap', lambda: module('textwrap').TextWrapper(20)), ('mime', lambda: module('mimetypes').MimeTypes()), ('shelf', lambda: module('sched').Event),
    ('fraction-big', lambda: fractions.Fraction(10 ** 30, 7)), ('traceback', lambda: module('traceback').StackSummary.from_list([('f', 1, 'n', 'l')])),
    ('frame', lambda: module('traceback').FrameSummary('f', 1, 'n', line='l')), ('signature', lambda: module('inspect').signature(message)),
    ('parameter', lambda: module('inspect').Parameter('a', module('inspect').Parameter.KEYWORD_ONLY)), ('argspec', lambda: module('inspect').getfullargspec(walk)),
    ('stats', lambda: module('pstats').SortKey), ('netrc', lambda: module('netrc').netrc), ('header', lambda: module('email.header').Header(u'a')),
    ('charset', lambda: module('email.charset').Charset('utf-8')), ('policy', lambda: module('email.policy').SMTP),
    ('xmlrpc', lambda: [module('xmlrpclib' if PY2 else 'xmlrpc.client').DateTime(0), module('xmlrpclib' if PY2 else 'xmlrpc.client').Fault(1, 'a')]),
    ('http-error', lambda: module('urllib.error').URLError('x')), ('incomplete', lambda: module('httplib' if PY2 else 'http.client').IncompleteRead(b'a')),
    ('codecs', lambda: [module('codecs').lookup, module('codecs').CodecInfo]), ('codec-info', lambda: module('codecs').lookup('utf-8')),
    ('weakset', lambda: module('weakref').WeakSet), ('json-error', lambda: module('json').JSONDecodeError('m', 'd', 1)), ('fnmatch', lambda: module('fnmatch').fnmatch),
    ('super', lambda: [classmethod, staticmethod, property]), ('bool-list', lambda: [True, False]), ('heapq', lambda: module('heapq').heappush),
    ('bisect', lambda: module('bisect').bisect), ('json', lambda: [module('json').loads, module('json').JSONEncoder]), ('abc', lambda: module('abc').ABCMeta),
    ('sys', lambda: [sys.intern if not PY2 else intern, sys.getsizeof]), ('getattr', lambda: [getattr, setattr, isinstance]),  # noqa: F821
]


def main():
    path = os.path.abspath(sys.argv[1])
    if not os.path.isdir(path):
        os.makedirs(path)
    os.chdir(tempfile.mkdtemp())
    signal.signal(signal.SIGALRM, too_long)
    out, sys.stdout, sys.stderr = sys.stdout, open(os.devnull, 'w'), open(os.devnull, 'w')
    writer = Writer(path)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for name, make in SOME:
            value = tried(make)
            if value is not None:
                writer.put('some-' + name, value)
        methods(writer)
        walk(writer)
    out.write('%d files in %s\n' % (len(os.listdir(path)), path))
    out.flush()
    os._exit(0)  # whatever threads there are


if __name__ == '__main__':
    main()
