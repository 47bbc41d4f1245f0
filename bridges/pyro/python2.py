"""The peers of test.py in Python 2.7, with Pyro4 or Pyro3: python2.py ask|serve 4|3 URI KEY ARRAYS. A line for each check: 'good NAME' or 'bad NAME TEXT'."""
from __future__ import print_function

import cPickle
import sys

import numpy


def same(one, other):
    return (type(one) is type(other) and one.dtype.newbyteorder('=') == other.dtype.newbyteorder('=') and one.shape == other.shape and
            numpy.array_equal(one, other) and (one.ndim < 2 or one.size == 0 or one.flags.fnc == other.flags.fnc))


def check(name, good, text=''):
    print('good' if good else 'bad', name, text)


def raised(function, *arguments):
    try:
        return 'no exception, but %r' % (function(*arguments),)
    except Exception as exception:
        return exception


def ask(proxy, arrays):
    """What a proxy of Python 2 asks a daemon in C."""
    for name, array in arrays:
        check(name, same(proxy.push(array), array))
    for value in [None, {'a': [1, 2.5, 'x'], u'b': (True, u'\xe9')}, [numpy.arange(3)] * 2, 1 << 70, '\xff']:
        check('a value', repr(proxy.push(value)) == repr(value), repr(value))
    big = numpy.arange(300000, dtype='f8')
    check('a large array', same(proxy.push(big), big) and proxy.sum(big) == big.sum())
    check('oneway', [proxy.tick() for _ in range(3)] == [None] * 3 and proxy.ticks() == 3)
    for name, call, kind, text in [('fail', lambda: proxy.fail('no such'), ValueError, 'no such'), ('a list', lambda: proxy.sum([1]), TypeError, 'expected an array'),
                                   ('too few', lambda: proxy.sum(), TypeError, 'found 0'), ('by name', lambda: proxy.push(1, x=2), TypeError, 'by name'),
                                   ('no such method', lambda: proxy.nothing(), AttributeError, 'nothing')]:
        exception = raised(call)
        check(name, type(exception) is kind and text in str(exception), repr(exception))
    check('the proxy lives', proxy.push(1) == 1)


class Screen(object):
    def push(self, image):
        return image

    def fail(self, text):
        raise ValueError(text)


def pyro4(command, uri, key, arrays):
    import Pyro4
    Pyro4.config.SERIALIZER = 'pickle'
    Pyro4.config.SERIALIZERS_ACCEPTED = {'pickle'}
    if command == 'ask':
        proxy = Pyro4.Proxy(uri)
        proxy._pyroHmacKey = key or None
        ask(proxy, arrays)
        stranger = Pyro4.Proxy(uri)
        stranger._pyroHmacKey = 'another'
        check('another key', 'hmac' in str(raised(lambda: stranger.push(1))))
        return
    daemon = Pyro4.Daemon('127.0.0.1', 0)
    daemon._pyroHmacKey = key or None
    daemon.register(Pyro4.expose(Screen), 'screen')
    print(daemon.locationStr)
    sys.stdout.flush()
    daemon.requestLoop()


def pyro3(command, uri, key, arrays):
    import Pyro.core
    import Pyro.errors
    import Pyro.protocol
    Pyro.config.PYRO_TRACELEVEL = 0
    if command == 'ask':
        proxy = Pyro.core.getProxyForURI(uri)
        proxy._setIdentification(key)
        proxy._setOneway(['tick'])
        ask(proxy, arrays)
        check('a traceback', 'raised in C' in ''.join(raised(lambda: proxy.fail('x')).remote_stacktrace))
        by_guid = Pyro.core.getProxyForURI(uri.replace('PYROLOC', 'PYRO'))
        by_guid._setIdentification(key)
        check('PYRO://', by_guid.push(2) == 2)
        other = Pyro.core.getProxyForURI(uri + 'x')
        other._setIdentification(key)
        check('another object', isinstance(raised(lambda: other.push(1)), Pyro.errors.NamingError))
        stranger = Pyro.core.getProxyForURI(uri)
        stranger._setIdentification('another')
        exception = raised(lambda: stranger.push(1))
        check('another key', not key or isinstance(exception, Pyro.errors.ConnectionDeniedError) and 'security' in str(exception), repr(exception))
        return
    Pyro.core.initServer(banner=0)
    daemon = Pyro.core.Daemon(host='127.0.0.1', port=0, norange=1)
    if key:
        daemon.setAllowedIdentifications([key])
    screen = Pyro.core.ObjBase()
    screen.delegateTo(Screen())
    daemon.connect(screen, 'screen')
    print('127.0.0.1:%d' % daemon.port)
    print(screen.GUID())
    sys.stdout.flush()
    daemon.requestLoop()


arrays = cPickle.load(open(sys.argv[5], 'rb'))
{'4': pyro4, '3': pyro3}[sys.argv[2]](sys.argv[1], sys.argv[3], sys.argv[4], arrays)
