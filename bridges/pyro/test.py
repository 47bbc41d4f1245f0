"""Pyro between C and Python: see README.md. Run by bridges/check.sh."""
import hashlib
import hmac
import os
import pickle
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import zlib

import numpy

import table

try:
    import Pyro4
    from Pyro4 import errors, message
except ImportError:
    table.skip('pyro', 'there is no Pyro4 (python3-pyro4)')

results = table.Results('pyro')
KEY = 'the key'
work = tempfile.mkdtemp(dir='/dev/shm' if os.path.isdir('/dev/shm') else None)  # each answer is synced to its disk
Pyro4.config.SERIALIZER = 'pickle'
Pyro4.config.SERIALIZERS_ACCEPTED = {'pickle'}
CONNECT = pickle.dumps({'handshake': 'hello', 'object': 'npickle'})


def proxy_of(uri, key=None):
    proxy = Pyro4.Proxy(uri)
    proxy._pyroHmacKey = key.encode() if key else None
    return proxy


def raised(function, *arguments):
    """What a call raises."""
    try:
        return 'no exception, but %r' % (function(*arguments),)
    except Exception as exception:
        return exception


# --- a daemon in C ---

def arrays_through_the_daemon():
    for key, protocol in [(None, pickle.HIGHEST_PROTOCOL), (KEY, 4), (None, 2)]:
        Pyro4.config.PICKLE_PROTOCOL_VERSION = protocol
        with table.Program('pyro/daemon', '127.0.0.1:0', *(['--key', key] if key else [])) as program:
            with proxy_of(program.start(), key) as proxy:
                for name, array in table.arrays():
                    results.check('%s, protocol %d' % (name, protocol), table.same(proxy.push(array), array))
                for value in [None, {'a': [1, 2.5, 'x'], 'b': (True, b'y')}, [numpy.arange(3)] * 2, 'é']:
                    results.check('a value', repr(proxy.push(value)) == repr(value))
                big = numpy.arange(3000000, dtype='f8')
                results.check('a large array', table.same(proxy.push(big), big) and proxy.sum(big) == big.sum())
            results.check('nothing on standard error', program.stop() == '')
    Pyro4.config.PICKLE_PROTOCOL_VERSION = pickle.HIGHEST_PROTOCOL


def memory():
    """With a key, too, and Pyro3."""
    def asker_with(key):
        def asker(program):
            uri = program.start()

            def asks():
                try:
                    with proxy_of(uri, key) as proxy:
                        batch = Pyro4.batch(proxy)
                        batch.push(1), batch.push(2)
                        return table.same(proxy.push(array), array) and list(batch()) == [1, 2] and proxy.sum(array) == array.sum()
                except errors.CommunicationError:
                    return False
                except MemoryError:  # an answer of sum
                    return None
            return asks
        return asker

    def asker_of_pyro3(program):
        where = '@' + program.start()[len('PYROLOC://'):-len('/npickle')]

        def asks():
            try:
                return asked3(where, frame3(b'CONNECT' + bytes(16)), pickle.dumps(('npickle', 'push', 3, ((5,), {})), 2)) == 5
            except (OSError, struct.error):
                return False
        return asks

    array = numpy.arange(1000.)
    for key in [None, KEY]:
        table.check_memory(results, 'pyro/daemon', ['127.0.0.1:0', *(['--key', key] if key else [])], asker_with(key))
    table.check_memory(results, 'pyro/daemon', ['127.0.0.1:0', '--pyro3'], asker_of_pyro3)


def what_a_proxy_may_ask(where, key):
    with table.Program('pyro/daemon', where, '--object', 'an.object', *(['--key', key] if key else [])) as program:
        uri = program.start()
        results.check('the name of the object', uri.startswith('PYRO:an.object@'), uri)
        proxy, other = proxy_of(uri, key), proxy_of(uri, key)
        results.check('two proxies at a time', proxy.push(1) == 1 and other.push(2) == 2 and proxy.push(3) == 3)
        results.check('methods', proxy._pyroMethods == {'push', 'echo', 'sum', 'fail', 'tick', 'ticks'} and proxy._pyroOneway == {'tick'})
        results.check('oneway', [proxy.tick() for _ in range(5)] == [None] * 5 and proxy.ticks() == 5)
        for name, call, kind, text in [
                ('fail', lambda: proxy.fail('no such é'), ValueError, 'no such é'), ('sum of a list', lambda: proxy.sum([1]), TypeError, 'expected an array'),
                ('sum of complex', lambda: proxy.sum(numpy.ones(2, 'c8')), TypeError, 'same-kind cast'), ('too few', lambda: proxy.sum(), TypeError, 'expected 1 argument, found 0'),
                ('by name', lambda: proxy.push(1, x=2), TypeError, 'push() takes no arguments by name'), ('all by name', lambda: proxy.push(image=3), TypeError, 'push() takes no arguments by name'),
                ('a NUL', lambda: proxy.fail('a\0b'), TypeError, 'without a NUL'), ('no text', lambda: proxy.fail(5), TypeError, 'expected a text, found int'),
                ('an empty text', lambda: proxy.fail(''), ValueError, ''), ('no such method', lambda: proxy.nothing(), AttributeError, 'nothing'),
                ('unasked', lambda: proxy._pyroInvoke('nothing', (), {}), AttributeError, 'no method nothing'),
                ('a long text', lambda: proxy.fail('é' * 1000), ValueError, 'é' * 99),
                ('unknown object', lambda: proxy._pyroInvoke('push', (1,), {}, objectId='x'), errors.DaemonError, 'unknown object')]:
            exception = raised(call)
            results.check(name, type(exception) is kind and text in str(exception), repr(exception))
            if kind not in (AttributeError, errors.DaemonError):
                results.check(name + ': traceback', 'raised in C' in ''.join(exception._pyroTraceback))
        batch = Pyro4.batch(proxy)
        batch.push(1), batch.sum(numpy.arange(4)), batch.fail('the third'), batch.push(4)
        answers = batch()
        results.check('a batch', next(answers) == 1 and next(answers) == 6.0)
        results.check('an exception in a batch', str(raised(next, answers)) == 'the third')
        daemon = proxy_of('PYRO:Pyro.Daemon@' + uri.split('@')[1], key)
        results.check('Pyro.Daemon', daemon.ping() is None and daemon.registered() == ['Pyro.Daemon', 'an.object'])
        results.check('get_metadata', set(daemon.get_metadata('an.object')['methods']) == proxy._pyroMethods)
        results.check('metadata of another', 'unknown object' in str(raised(daemon.get_metadata, 'x')))
        stranger = proxy_of('PYRO:another@' + uri.split('@')[1], key)
        results.check('another object', 'unknown object' in str(raised(lambda: stranger.push(1))))
        Pyro4.config.METADATA = False
        simple = proxy_of(uri, key)
        results.check('a proxy without metadata', simple.push(7) == 7)
        Pyro4.config.METADATA = True
        results.check('ping', pinged(uri, key))
        for each in (proxy, other, daemon, stranger, simple):
            each._pyroRelease()
        results.check('the daemon lives', program.alive())


def pinged(uri, key):
    with proxy_of(uri, key) as proxy:
        proxy.push(1)
        ping = message.Message(message.MSG_PING, b'ping', 42, 0, 7, hmac_key=key and key.encode())
        proxy._pyroConnection.send(ping.to_bytes())
        answer = message.Message.recv(proxy._pyroConnection, [message.MSG_PING], hmac_key=key and key.encode())
        return answer.data == b'pong' and answer.seq == 7


def keys():
    with table.Program('pyro/daemon', '127.0.0.1:0', '--key', KEY) as program:
        uri = program.start()
        for key, text in [('another', 'hmac mismatch'), (None, 'not symmetric')]:
            exception = raised(lambda: proxy_of(uri, key).push(1))
            results.check('key %s' % key, isinstance(exception, errors.CommunicationError) and text in str(exception), repr(exception))
        # A good handshake, and then a call whose HMAC is wrong: its pickle must not be looked at.
        call = frame(4, pickle.dumps(('npickle', 'tick', (), {})), hmac_of=lambda data: hmac.new(b'another', data, hashlib.sha1).digest())
        results.check('a wrong HMAC later', raw(uri, frame(1, CONNECT, key=KEY) + call))
        results.check('the right key', proxy_of(uri, KEY).ticks() == 0)
        lines = program.lines(3) + program.stop()
        results.check('lines of keys', lines.count('another key') == 2 and 'no HMAC key' in lines, lines)
    with table.Program('pyro/daemon', '127.0.0.1:0') as program:
        exception = raised(lambda: proxy_of(program.start(), KEY).push(1))
        results.check('a key that is not asked for', 'not symmetric' in str(exception), repr(exception))


def frame(kind, data, flags=0, serializer=4, sequence=0, size=None, checksum=None, version=48, annotations=b'', key=None, hmac_of=None):
    """A message, also one that Pyro4 would not make."""
    if key:
        hmac_of = lambda data: hmac.new(key.encode(), data, hashlib.sha1).digest()
    if hmac_of:
        annotations += b'HMAC' + struct.pack('!H', 20) + hmac_of(data)
    size = len(data) if size is None else size
    if checksum is None:
        checksum = kind + version + (size & 0xffffffff) + len(annotations) + serializer + flags + sequence + 0x34e9 & 0xffff
    return struct.pack('!4sHHHHiHHHH', b'PYRO', version, kind, flags, sequence, size, serializer, len(annotations), 0, checksum) + annotations + data


def raw(uri, data):
    host, port = uri.split('@')[1].rsplit(':', 1)
    table.raw((host, int(port)), data)
    return True


def bad_visitors():
    hello = frame(1, CONNECT)
    good = pickle.dumps(('npickle', 'push', (1,), {}))
    bad = [('short', hello[:10]), ('half', hello[:40]), ('no Pyro', b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), ('2 GiB', frame(1, b'', size=0x7fffffff)),
           ('2 GiB later', hello + frame(4, b'', size=0x7fffffff)), ('negative', frame(1, b'', size=-5)), ('version', frame(1, CONNECT, version=47)),
           ('checksum', frame(1, CONNECT, checksum=1)), ('a call at once', frame(4, good)), ('another type', hello + frame(5, good)),
           ('type 9', hello + frame(9, good)), ('connect twice', hello + hello), ('a list', hello + frame(4, pickle.dumps([1, 2]))),
           ('three', hello + frame(4, pickle.dumps((1, 2, 3)))), ('an annotation too long', frame(1, CONNECT, annotations=b'ABCD\xff\xff')),
           ('half an annotation', frame(1, CONNECT, annotations=b'ABC')), ('annotations', frame(1, CONNECT, annotations=b'ABCD\0\0' * 40)),
           ('serializer', frame(1, CONNECT, serializer=1)), ('serializer later', hello + frame(4, good, serializer=3)),
           ('compressed', hello + frame(4, zlib.compress(good), flags=2)), ('a great batch', hello + frame(4, pickle.dumps(('npickle', '<batch>', [1] * 5000, None)), flags=8))]
    bad += [('connect: ' + name, frame(1, body)) for name, body in table.bad_bodies()]
    bad += [('call: ' + name, hello + frame(4, body)) for name, body in table.bad_bodies()]
    with table.Program('pyro/daemon', '127.0.0.1:0', '--limit', 1000000, '--timeout', 1) as program:
        uri = program.start()
        quiet = socket.create_connection(uri.split('@')[1].rsplit(':', 1))
        for name, data in bad:
            with proxy_of(uri) as proxy:
                results.check(name, raw(uri, data) and proxy.push(name) == name)
        with proxy_of(uri) as proxy:
            strange = pickle.dumps(('npickle', 5, 7, 'x'))
            proxy.push(1)
            answer = exchange(proxy._pyroConnection, frame(4, strange, sequence=2))
            results.check('a strange call', isinstance(pickle.loads(answer.data), AttributeError) and proxy.push(1) == 1)
        host, port = uri.split('@')[1].rsplit(':', 1)
        results.check('200 at once', table.crowd((host, int(port)), [b'', hello[:2], hello[:30], hello], lambda: proxy_of(uri).push(1) == 1, seconds=60))
        results.check('a byte now and then', table.drip((host, int(port)), hello))
        halfway = socket.create_connection(uri.split('@')[1].rsplit(':', 1))
        halfway.sendall(hello[:30])
        quiet.settimeout(20)
        results.check('a visitor that says nothing', quiet.recv(10) == b'')
        halfway.close()
        Pyro4.config.SERIALIZER = 'serpent'
        exception = raised(lambda: proxy_of(uri).push(1))
        results.check("Pyro4's own serializer", "set Pyro4.config.SERIALIZER = 'pickle'" in str(exception), repr(exception))
        Pyro4.config.SERIALIZER = 'pickle'
        with proxy_of(uri) as proxy:
            results.check('after all of them', proxy.push(1) == 1)  # and the lines about them are out
        lines = program.stop()
        results.check('a line each', lines.count('\n') >= len(bad) + 3 and 'longer than the limit' in lines and 'nothing for 1 seconds' in lines, lines)
        results.check('nothing was run', not os.path.exists('hostile'))


def exchange(connection, data):
    connection.send(data)
    return message.Message.recv(connection)


# --- a client in C ---

class OfOurs(Exception):
    pass


@Pyro4.expose
class Screen(object):
    images = 0

    def push(self, image):
        return image

    @Pyro4.oneway
    def show(self, image):
        Screen.images += 1

    def shown(self, image):
        return Screen.images

    def fail(self, name):
        raise {'ValueError': ValueError('not in %s' % name), 'KeyError': KeyError(5), 'OfOurs': OfOurs('ours', 2), 'plain': RuntimeError(),
               'control': ValueError('\033[2J\n')}[name]

    def items(self, image):
        return iter([1, 2])


class PythonDaemon(object):
    def __init__(self, key=None):
        self.daemon = Pyro4.Daemon('127.0.0.1', 0)
        self.daemon._pyroHmacKey = key and key.encode()
        self.daemon.register(Screen(), 'screen')
        self.address = self.daemon.locationStr
        self.thread = threading.Thread(target=self.daemon.requestLoop, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.daemon.shutdown()


def call(address, method, value, *options, answer=True, protocol=pickle.HIGHEST_PROTOCOL):
    """(status, what came back, standard error) of the client."""
    path, back = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
    with open(path, 'wb') as file:
        pickle.dump(value, file, protocol)
    status, out, lines = table.run('pyro/client', address, 'screen', method, path, *([back] if answer else []), *options)
    if answer and status == 0:
        with open(back, 'rb') as file:
            out = pickle.load(file, encoding='latin1')  # what Python 2 has pickled, too
    return status, out, lines


def an_answer_that_is_not_read():
    call = frame(4, pickle.dumps(('npickle', 'push', (numpy.zeros(4000000),), {})))
    with table.Program('pyro/daemon', '127.0.0.1:0', '--timeout', 2) as program:
        host, port = program.start().split('@')[1].rsplit(':', 1)
        line, soon = table.unread(program, (host, int(port)), frame(1, CONNECT) + call, 2)
        results.check('an answer that is not read', line == 'daemon: write: nothing taken for 2 seconds\n' and soon, line)


def errors_that_nobody_reads():
    table.unheard(results, 'pyro/daemon', '127.0.0.1:0', bad=lambda uri: raw(uri, b'GET / HTTP/1.1\r\n\r\n'), served=lambda uri: proxy_of(uri).push(1) == 1)


def no_descriptors():
    with table.Program('pyro/daemon', '127.0.0.1:0') as program:
        uri = program.start()
        host, port = uri.split('@')[1].rsplit(':', 1)
        table.check_descriptors(results, program, (host, int(port)), lambda: proxy_of(uri).push(1) == 1)


def more_than_there_is_room_for():
    """80 that have greeted and say nothing more, one of them a proxy; the others, and one in a call, find room."""
    hello = frame(1, CONNECT)
    with table.Program('pyro/daemon', '127.0.0.1:0', '--timeout', 2) as program:
        uri = program.start()
        host, port = uri.split('@')[1].rsplit(':', 1)
        first, busy = proxy_of(uri), proxy_of(uri)
        first.push(1), busy.push(1)
        silent = []
        for _ in range(62):
            silent.append(socket.create_connection((host, int(port)), timeout=20))
            silent[-1].sendall(hello)
        answered = [peer.recv(1) for peer in silent]
        start = time.monotonic()
        for _ in range(18):
            silent.append(socket.create_connection((host, int(port)), timeout=20))
            silent[-1].sendall(hello)
        while time.monotonic() - start < 2.5:
            busy.push(2)
        answered += [peer.recv(1) for peer in silent[62:]]
        results.check('80 that are silent', answered == [b'P'] * 80 and time.monotonic() - start < 10)
        results.check('one that is busy', busy.push(3) == 3)
        results.check('one more', proxy_of(uri).push(4) == 4)
        results.check('one that had to go', isinstance(raised(first.push, 5), errors.ConnectionClosedError) and first.push(5) == 5)
        for peer in silent:
            peer.close()
        lines = program.stop()
        results.check('lines of who had to go', 18 <= lines.count('64 are connected: one that was quiet for 2 seconds must go\n') + lines.count('64 are connected: one that was quiet for 3 seconds must go\n') <= 21, lines)


def arrays_through_the_client():
    for key in [None, KEY]:
        with PythonDaemon(key) as daemon:
            options = ['--key', key] if key else []
            for number, (name, array) in enumerate(table.arrays()):
                status, back, lines = call(daemon.address, 'push', array, *options, protocol=2 if key else number % 4 + 2)
                results.check('client: ' + name, status == 0 and table.same(back, array), lines)
            big = numpy.arange(3000000, dtype='f8')
            results.check('client: a large array', table.same(call(daemon.address, 'push', big, *options)[1], big))
            results.check('client: a value', call(daemon.address, 'push', {'a': [1, None, 'é']}, *options)[1] == {'a': [1, None, 'é']})


def what_a_client_may_ask():
    with PythonDaemon() as daemon:
        status, out, _ = call(daemon.address, 'push', [1, 'two'], answer=False)
        results.check('printed', status == 0 and out == b"[1, 'two']\n", out)
        results.check('many calls', call(daemon.address, 'push', 5, '--times', '70000' if os.environ.get('NPICKLE_FULL') else '100')[1] == 5)
        path = os.path.join(work, 'times.pkl')
        numpy.arange(5).dump(path)
        table.check_times(results, lambda *words: table.run('pyro/client', daemon.address, 'screen', 'push', path, *words))
        table.check_full(results, lambda address, *words: table.run('pyro/client', address, 'screen', 'push', path, *words), 'pyro/daemon')
        before = call(daemon.address, 'shown', None)[1]
        results.check('client: oneway', call(daemon.address, 'show', 1, '--oneway', answer=False)[:2] == (0, b''))
        for _ in range(200):
            if call(daemon.address, 'shown', None)[1] == before + 1:
                break
        results.check('client: it came', call(daemon.address, 'shown', None)[1] == before + 1)
        for name, text in [('ValueError', 'builtins.ValueError: not in ValueError\n'), ('KeyError', 'builtins.KeyError: 5\n'),
                           ('OfOurs', "__main__.OfOurs: ('ours', 2)\n"), ('plain', 'builtins.RuntimeError: \n'), ('control', 'builtins.ValueError:  [2J \n')]:
            status, _, lines = call(daemon.address, 'fail', name)
            results.check('client: ' + name, status == 1 and lines == 'client: ' + text, lines)
        for method, text in [('nothing', 'AttributeError'), ('items', 'generator')]:
            status, _, lines = call(daemon.address, method, 1)
            results.check('client: ' + method, status == 1 and text in lines, lines)
        for options, text in [(['--key', 'x'], 'HMAC key'), (['--limit', '100'], 'longer than the limit of 100')]:
            status, _, lines = call(daemon.address, 'push', numpy.arange(1000), *options)
            results.check('client: ' + options[0], status == 1 and text in lines, lines)
        Pyro4.config.SERIALIZERS_ACCEPTED = {'serpent'}
        with PythonDaemon() as another:
            status, _, lines = call(another.address, 'push', 1)
            results.check('client: pickle is not accepted', status == 1 and 'serializer that is not accepted: 4' in lines, lines)
        Pyro4.config.SERIALIZERS_ACCEPTED = {'pickle'}
    with PythonDaemon(KEY) as daemon:
        for options, text in [([], 'has an HMAC key, and none is set here'), (['--key', 'another'], 'another key')]:
            status, _, lines = call(daemon.address, 'push', 1, *options)
            results.check('client: %s' % options, status == 1 and text in lines, lines)
    status, _, lines = call(daemon.address, 'push', 1)
    results.check('client: nobody there', status == 1 and lines.startswith('client: '), lines)


def protocols():
    """--protocol, whatever the file has; without it that of the file."""
    serializer, seen = Pyro4.util.get_serializer('pickle'), []
    loads = type(serializer).loadsCall

    def look(data):
        seen.append(bytes(data)[1] if bytes(data)[:1] == b'\x80' else 0)
        return loads(serializer, data)

    serializer.loadsCall = look
    try:
        with PythonDaemon() as daemon:
            value = {'a': numpy.arange(6, dtype='>i2').reshape(2, 3), 'b': b'\xff', 'c': ['é', {1, 2}, 1 << 70]}
            for had in [0, 2, 4, 5]:
                for wanted in [None, 0, 1, 2, 3, 4, 5]:
                    status, back, lines = call(daemon.address, 'push', value, *([] if wanted is None else ['--protocol', wanted]), protocol=had)
                    name = 'client: protocol %d, --protocol %s' % (had, wanted)
                    results.check(name, status == 0 and repr(back) == repr(value), lines)
                    results.check(name + ' is sent', (seen or [None])[-1] in ([had] if wanted is None else [wanted, 0 if wanted < 2 else wanted]), seen)
            plain = []
            serializer.loadsCall = lambda data: plain.append(bytes(data)) or loads(serializer, data)
            for had in [0, 2, 4, 5]:
                for image in [value['a'], value['a'].astype('i4')]:
                    status, back, lines = call(daemon.address, 'push', image, '--python2', protocol=had)
                    good = status == 0 and table.same(back, image) and plain[-1][:2] == b'\x80\x02' and b'encode' not in plain[-1] and image.tobytes() in plain[-1]
                    results.check('client: protocol %d, --python2' % had, good, lines)
            status, _, _ = call(daemon.address, 'push', 1, '--python2', '--protocol', 2)
            results.check('client: --python2 and --protocol', status == 2)
            for wrong in [6, -1, '', '2x', 'two']:
                status, _, lines = call(daemon.address, 'push', 1, '--protocol', wrong)
                results.check('client: --protocol %s' % wrong, status == 2 and lines.startswith('--protocol: expected a number from 0 to 5, found %s\n' % wrong), lines)
    finally:
        del serializer.loadsCall


def bad_daemons():
    """Each answers the first message with one of these, or the second."""
    welcome = frame(2, pickle.dumps('hello'))
    answers = [('goes at once', [b''], 'went away'), ('goes later', [welcome, b''], 'went away'), ('half', [welcome[:10]], 'in the middle'),
               ('half later', [welcome, frame(5, b'N.', sequence=1)[:-1]], 'in the middle'), ('no Pyro', [b'HTTP/1.1 400 Bad Request\r\n\r\n'], 'something else'),
               ('2 GiB', [welcome, frame(5, b'', sequence=1, size=0x7fffffff)], 'longer than the limit'), ('type', [frame(5, b'N.')], 'expected a message of type 2'),
               ('sequence', [welcome, frame(5, b'N.', sequence=9)], 'expected the answer to call 1'),
               ('compressed', [welcome, frame(5, zlib.compress(b'N.'), flags=2, sequence=1)], 'COMPRESSION'),
               ('serializer', [welcome, frame(5, b'N.', serializer=1, sequence=1)], 'no pickle'),
               ('no exception', [welcome, frame(5, pickle.dumps(5), flags=1, sequence=1)], 'expected an exception, found int'),
               ('refused', [frame(3, pickle.dumps('full'))], 'refuses the connection: full'), ('quiet', [None], 'nothing for 1 seconds'),
               ('quiet later', [welcome, None], 'nothing for 1 seconds')]
    answers += [(name, [welcome, frame(5, body, sequence=1)], '') for name, body in table.bad_bodies() if name != 'a system command']
    listener = socket.create_server(('127.0.0.1', 0))
    address = '127.0.0.1:%d' % listener.getsockname()[1]
    for name, replies, text in answers:
        thread = threading.Thread(target=answer_with, args=(listener, replies))
        thread.start()
        status, _, lines = call(address, 'push', 1, '--timeout', '1', '--limit', '1000000')
        results.check('client: ' + name, status == 1 and lines.startswith('client: ') and text in lines and lines.count('\n') == 1, '%d %s' % (status, lines))
        thread.join()
    thread = threading.Thread(target=answer_with, args=(listener, [welcome, frame(5, dict(table.bad_bodies())['a system command'], sequence=1)]))
    thread.start()
    path = os.path.join(work, 'in.pkl')
    status, out, lines = table.run('pyro/client', address, 'screen', 'push', path)
    thread.join()
    results.check('client: nothing was run', status == 0 and b'system' in out and not os.path.exists('hostile'), lines)
    listener.close()


def answer_with(listener, replies):
    peer, _ = listener.accept()
    with peer:
        peer.settimeout(20)
        for reply in replies:
            try:
                peer.recv(65536)
                if reply is None:
                    peer.recv(10)
                else:
                    peer.sendall(reply)
            except OSError:
                pass


# --- Pyro3 without Python 2: what is not good, and a proxy of a few lines ---

def frame3(data, size=None, version=5, flags=0):
    return struct.pack('!4sHHlHl', b'PYRO', version, 18, len(data) if size is None else size, flags, 0) + data


def bad_visitors_of_pyro3():
    good = pickle.dumps(('npickle', 'push', 3, ((5,), {})), 2)
    hello = frame3(b'CONNECT' + bytes(16))
    bad = [('short', hello[:9]), ('half', hello[:30]), ('no Pyro', b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), ('2 GiB', frame3(b'', size=0x7fffffff)),
           ('2 GiB later', hello + frame3(b'', size=0x7fffffff)), ('negative', frame3(b'', size=-5)), ('version', frame3(b'CONNECT' + bytes(16), version=4)),
           ('compressed', hello + frame3(good, flags=1)), ('a call at once', frame3(good)), ('a list', hello + frame3(pickle.dumps([1], 2))),
           ('no flags', hello + frame3(pickle.dumps((1, 2, 'x', ()), 2)))]
    bad += [('call: ' + name, hello + frame3(body)) for name, body in table.bad_bodies()]
    with table.Program('pyro/daemon', '127.0.0.1:0', '--pyro3', '--limit', 1000000, '--timeout', 1) as program:
        uri = program.start()
        results.check('Pyro3: where', uri.startswith('PYROLOC://127.0.0.1:') and uri.endswith('/npickle'), uri)
        where = '@' + uri[len('PYROLOC://'):-len('/npickle')]
        for name, data in bad:
            results.check('Pyro3: ' + name, raw(where, data) and asked3(where, hello, good) == 5)
        lines = program.stop()
        results.check('Pyro3: a line each', lines.count('\n') >= len(bad) and 'longer than the limit' in lines and not os.path.exists('hostile'), lines)
    with table.Program('pyro/daemon', '127.0.0.1:0', '--pyro3', '--key', KEY) as program:
        where = '@' + program.start()[len('PYROLOC://'):-len('/npickle')]
        results.check('Pyro3: another key', asked3(where, hello, good) == b'DENIED3' and 'another key' in program.process.stderr.readline())


def asked3(where, hello, call):
    """What comes back, or the word that refuses."""
    host, port = where[1:].rsplit(':', 1)
    with socket.create_connection((host, int(port)), timeout=20) as peer, peer.makefile('rb') as file:
        challenge = file.read(18 + 16)
        if not challenge:
            return None
        results.check('Pyro3: a challenge', challenge[:4] == b'PYRO' and len(challenge) == 34)
        peer.sendall(hello)
        word = file.read(7)
        if word != b'GRANTED':
            return word
        peer.sendall(call if call[:4] == b'PYRO' else frame3(call))
        return pickle.loads(file.read(struct.unpack('!4sHHlHl', file.read(18))[3]))


# --- Python 2.7: Pyro4, and Pyro3, which has other frames ---

def python2():
    """PYTHON27: a Python 2.7 with NumPy and both, where there is one."""
    program = os.environ.get('PYTHON27', 'python2.7')
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'python2.py')
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    try:
        found = subprocess.run([program, '-c', 'import Pyro.core, Pyro4, numpy'], capture_output=True, env=environment, cwd=work).returncode == 0
    except OSError:
        found = False
    if not found:
        return table.left_out('pyro', 'Python 2.7 with Pyro3, Pyro4 and NumPy: there is none (PYTHON27)')
    arrays = os.path.join(work, 'arrays.pkl')
    with open(arrays, 'wb') as file:
        pickle.dump(list(table.arrays()), file, 2)
    for version in ['4', '3']:
        for key in ['', KEY]:
            name = 'Python 2.7, Pyro%s, key %r: ' % (version, key)
            options = (['--key', key] if key else []) + (['--pyro3'] if version == '3' else [])
            with table.Program('pyro/daemon', '127.0.0.1:0', *options) as daemon:
                done = subprocess.run([program, script, 'ask', version, daemon.start(), key, arrays], capture_output=True, text=True, env=environment, cwd=work)
                for line in done.stdout.splitlines():
                    results.check(name + line, line.startswith('good'))
                results.check(name + 'asked', done.returncode == 0 and done.stdout.count('\n') > 200, done.stderr)
            server = subprocess.Popen([program, script, 'serve', version, '', key, arrays], stdout=subprocess.PIPE, text=True, env=environment, cwd=work)
            try:
                clients_of_python2(name, server, options, version)
            finally:
                server.kill()
                server.communicate()


def clients_of_python2(name, server, options, version):
    address = server.stdout.readline().strip()
    for number, (what, array) in enumerate(table.arrays()):
        if number % 4 == 0:
            status, back, lines = call(address, 'push', array, *options, protocol=number // 4 % 2 + 1)
            results.check(name + what, status == 0 and table.same(back, array), lines)
        if number % 4 == 2:
            status, back, lines = call(address, 'push', array, '--python2', *options, protocol=number // 4 % 6)
            results.check(name + '--python2 ' + what, status == 0 and table.same(back, array), lines)
    image = numpy.arange(6, dtype='>u2').reshape(2, 3)
    for protocol in [3, 4, 5]:
        status, back, lines = call(address, 'push', image, '--protocol', 2, *options, protocol=protocol)
        results.check(name + '--protocol 2', status == 0 and table.same(back, image), lines)
    if version == '3':
        status, back, lines = call(address, 'push', image, *options, protocol=5)
        results.check(name + 'a file of protocol 5', status == 0 and table.same(back, image), lines)
    status, _, lines = call(address, 'fail', 'what is wrong', *options, protocol=2)
    results.check(name + 'fail', status == 1 and lines == 'client: exceptions.ValueError: what is wrong\n', lines)
    status, _, lines = call(address, 'nothing', 1, *options, protocol=2)
    results.check(name + 'nothing', status == 1 and 'AttributeError' in lines, lines)
    if version == '3':
        guid, path, back = server.stdout.readline().strip(), os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
        results.check(name + 'GUID', table.run('pyro/client', address, guid, 'push', path, back, *options)[0] == 0)
    if '--key' in options:
        status, _, lines = call(address, 'push', 1, *['another' if option == KEY else option for option in options], protocol=2)
        results.check(name + 'another key', status == 1 and ('another key' in lines or 'identification' in lines), lines)


arrays_through_the_daemon()
memory()
what_a_proxy_may_ask('127.0.0.1:0', None)
what_a_proxy_may_ask('127.0.0.1:0', KEY)
what_a_proxy_may_ask(os.path.join(work, 'socket'), None)
keys()
bad_visitors()
an_answer_that_is_not_read()
errors_that_nobody_reads()
no_descriptors()
more_than_there_is_room_for()
arrays_through_the_client()
what_a_client_may_ask()
protocols()
bad_daemons()
bad_visitors_of_pyro3()
python2()
shutil.rmtree(work)
table.check_usage(results, 'pyro/client', 'pyro/daemon')
results.done()
