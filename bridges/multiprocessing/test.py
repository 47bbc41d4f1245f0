"""multiprocessing.connection between C and Python, and a worker of a BaseManager: see README.md. Run by bridges/check.sh."""
import hmac
import itertools
import os
import pickle
import queue
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import connection, managers

import numpy

import table

results = table.Results('multiprocessing')
KEY = b'the key'
work = tempfile.mkdtemp()


def ask(address, value, key=KEY):
    client = connection.Client(address, authkey=key)
    client.send(value)
    answer = client.recv()
    client.close()
    return answer


def address_of(program):
    host, port = program.start().rsplit(':', 1)
    return host, int(port)


def arrays_through_the_listener():
    with table.Program('multiprocessing/listener', '127.0.0.1:0', '--key', KEY.decode()) as program:
        client = connection.Client(address_of(program), authkey=KEY)
        for name, array in table.arrays():
            client.send(array)
            results.check(name, table.same(client.recv(), array))
        for value in [None, {'a': [1, 2.5, 'x'], 'b': (True, b'y')}, [numpy.arange(3)] * 2]:
            client.send(value)
            results.check('a value', repr(client.recv()) == repr(value))
        client.close()
        path = os.path.join(work, 'in.pkl')
        numpy_dump(path, numpy.arange(5))
        table.check_times(results, lambda *words: table.run('multiprocessing/client', program.where, path, path + '.out', '--key', KEY.decode(), *words))
        table.check_full(results, lambda address, *words: table.run('multiprocessing/client', address, path, path + '.out', *words), 'multiprocessing/listener')
        results.check('the listener lives', program.alive())


def memory():
    """Those of libcrypto are thousands in each process."""
    def asker(program):
        address = program.start()

        def asks():
            try:
                return table.same(ask(address, array), array)
            except (EOFError, OSError, connection.AuthenticationError):
                return False
        return asks

    array = numpy.arange(1000.)
    table.check_memory(results, 'multiprocessing/listener', [os.path.join(work, 'memory'), '--key', KEY.decode()], asker, False)


def on_a_path():
    path = os.path.join(work, 'socket')
    with table.Program('multiprocessing/listener', path, '--key', KEY.decode()) as program:
        program.start()
        results.check('a Unix socket', ask(path, 5) == 5)


def on_ipv6():
    try:
        socket.create_server(('::1', 0), family=socket.AF_INET6).close()
    except OSError:
        table.left_out('multiprocessing', 'IPv6: ::1 is not here')
        return
    path = os.path.join(work, 'six.pkl')
    numpy_dump(path, numpy.arange(5))
    for address in ['::1:0', '[::1]:0', ':0']:
        with table.Program('multiprocessing/listener', address, '--key', KEY.decode()) as program:
            host, port = address_of(program)
            status, _, errors = table.run('multiprocessing/client', program.where, path, path + '.out', '--key', KEY.decode())
            results.check(address, (host, status) == (address[:-2], 0) and port > 0, '%s %s' % (program.where, errors))


def bad_peers():
    """Each ends its own connection with a line, and the next one is served."""
    with table.Program('multiprocessing/listener', '127.0.0.1:0', '--limit', 1000000, '--timeout', 1) as program:
        address = address_of(program)
        for name, body in list(table.bad_bodies()) + [('another type', b'\x80\x04\x85.')]:
            table.raw(address, struct.pack('!i', len(body)) + body)
            results.check(name, ask(address, 1, None) == 1)
        for name, data in [('a short frame', b'\0\0'), ('a message that ends early', struct.pack('!i', 100) + b'x'), ('2 GiB', struct.pack('!i', 0x7fffffff)),
                           ('2**60', struct.pack('!iQ', -1, 1 << 60)), ('2**63', struct.pack('!iQ', -1, 1 << 63)), ('a negative size', struct.pack('!i', -5))]:
            table.raw(address, data)
            results.check(name, ask(address, 1, None) == 1)
        results.check('a byte now and then', table.drip(address, struct.pack('!i', 100) + bytes(100)) and ask(address, 1, None) == 1)
        quiet = socket.create_connection(address)
        results.check('a peer that says nothing', ask(address, 1, None) == 1 and quiet.recv(1) == b'')
        quiet.close()
        results.check('200 at once', table.crowd(address, [b'', b'\0\0', struct.pack('!i', 100) + b'x', struct.pack('!i', 900000) + bytes(5000)], lambda: ask(address, 1, None) == 1))
        errors = program.stop()
        results.check('lines of errors', errors.count('\n') >= 11 and 'longer than the limit' in errors and 'nothing for 1 seconds' in errors and 'too slow' in errors, errors)
        results.check('nothing was run', not os.path.exists('hostile') and 'hostile' not in errors)


def the_program():
    table.check_usage(results, 'multiprocessing/client', 'multiprocessing/listener', 'multiprocessing/worker')
    with table.Program('multiprocessing/listener', '127.0.0.1:0', '--timeout', 2) as program:
        address, body = address_of(program), pickle.dumps(numpy.zeros(4000000))
        line, soon = table.unread(program, address, struct.pack('!i', len(body)) + body, 2)
        results.check('an answer that is not read', line == 'listener: write: nothing taken for 2 seconds\n' and soon, line)
        for _ in range(10):
            results.check('after it', ask(address, 1, None) == 1)
        end = time.monotonic() + 10
        while table.children(program.process.pid) > 0 and time.monotonic() < end:
            time.sleep(.1)
        results.check('no zombies', table.children(program.process.pid) == 0)
    with table.Program('multiprocessing/listener', '127.0.0.1:0') as program:
        address = address_of(program)
        table.check_descriptors(results, program, address, lambda: ask(address, 1, None) == 1)


def keys():
    with table.Program('multiprocessing/listener', '127.0.0.1:0', '--key', KEY.decode()) as program:
        address = address_of(program)
        try:
            ask(address, 1, b'another')
            results.check('another key', False)
        except connection.AuthenticationError:
            results.check('another key', True)
        results.check('the right one', ask(address, 2) == 2)
        results.check('the line of it', 'another key' in program.stop())


def bytes_that_look_like_a_name():
    """Random ones of Python 3.11 and before, in the challenge and in the digest, may have braces."""
    with table.Program('multiprocessing/listener', '127.0.0.1:0', '--key', KEY.decode()) as program:
        address = address_of(program)
        for _ in range(60000):
            with connection.Client(address) as peer:
                digest = hmac.digest(KEY, peer.recv_bytes()[len(connection.CHALLENGE):], 'md5')
                peer.send_bytes(digest)
                welcome = peer.recv_bytes() == connection.WELCOME
                if digest[:1] == b'{' and b'}' in digest:
                    results.check('a digest with braces', welcome, repr(digest))
                    break
                connection.deliver_challenge(peer, KEY)  # or the listener complains of each
    path = os.path.join(work, 'in.pkl')
    numpy_dump(path, numpy.arange(3))
    with connection.Listener(('127.0.0.1', 0)) as listener:
        client = table.Program('multiprocessing/client', '127.0.0.1:%d' % listener.address[1], path, path + '.out', '--key', KEY.decode())
        with client, listener.accept() as peer:
            challenge = b'{sha999}'.ljust(20)
            peer.send_bytes(connection.CHALLENGE + challenge)
            try:
                found = peer.recv_bytes()
            except EOFError:
                found = b''
            results.check('a challenge with braces', found == hmac.digest(KEY, challenge, 'md5'), repr(found))


def client_to_python():
    path, answer = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
    listener = connection.Listener(('127.0.0.1', 0), authkey=KEY)

    def serve():
        for _ in range(5):
            try:
                with listener.accept() as peer:
                    peer.send({'back': peer.recv()})
            except (connection.AuthenticationError, OSError):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    address = '127.0.0.1:%d' % listener.address[1]
    big = numpy.arange(3000000, dtype='f8')
    for value in [numpy.arange(6, dtype='>i2').reshape(2, 3), big]:
        numpy_dump(path, value)
        status, _, errors = table.run('multiprocessing/client', address, path, answer, '--key', KEY.decode())
        results.check('client', status == 0 and table.same(numpy.load(answer, allow_pickle=True)['back'], value), errors)
    for value in [numpy.arange(6), big]:
        numpy_dump(path, value)
        status, _, errors = table.run('multiprocessing/client', address, path, answer)
        results.check('client without a key', (status, errors) == (1, 'client: the peer asks for a key, and takes no message without one\n'), errors)
    status, _, errors = table.run('multiprocessing/client', address, path, answer, '--key', 'another')
    results.check('client with another key', status == 1 and 'does not take the key' in errors, errors)
    thread.join()


def numpy_dump(path, value):
    with open(path, 'wb') as file:
        value.dump(file)


class Manager(managers.BaseManager):
    pass


def manager_and_worker():
    tasks, sums, one = queue.Queue(), queue.Queue(), queue.Queue(1)
    Manager.register('one', callable=lambda: one)
    Manager.register('tasks', callable=lambda: tasks)
    Manager.register('sums', callable=lambda: sums)
    server = Manager(('127.0.0.1', 0), KEY).get_server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    arrays = [numpy.arange(10 * i).astype(dtype).reshape(i, 10) for i, dtype in enumerate(['u1', 'i4', '>f4', 'f8', '?', '>i8'])]
    for item in list(enumerate(arrays)) + [None, None]:
        tasks.put(item)
    address = '127.0.0.1:%d' % server.address[1]
    status, _, errors = table.run('multiprocessing/worker', address, 'tasks', 'sums', '--key', KEY.decode())
    found = dict(sums.get() for _ in range(sums.qsize()))
    results.check('worker', status == 0 and found == {i: float(array.sum()) for i, array in enumerate(arrays)}, errors + repr(found))
    tasks.get()
    what_can_not_be_done(tasks, sums, address)
    status, _, errors = table.run('multiprocessing/worker', address, 'tasks', 'sums')
    results.check('worker without a key', (status, errors) == (1, 'worker: the peer asks for a key, and takes no message without one\n'), errors)
    nothing_to_do(tasks, sums, address)
    no_room(tasks, one, address)
    what_can_not_be_read(tasks, sums, address)
    results.check('nothing was run', not os.path.exists('hostile'))


def no_room(tasks, one, address):
    """A full queue of results is waited for as well."""
    for task in [(1, numpy.arange(4)), (2, numpy.arange(5)), None]:
        tasks.put(task)
    with table.Program('multiprocessing/worker', address, 'tasks', 'one', '--key', KEY.decode(), '--timeout', 1) as program:
        time.sleep(2.5)
        results.check('a full queue', program.alive() and one.get(timeout=20) == (1, 6.0) and one.get(timeout=20) == (2, 10.0))
        results.check('after it', program.process.wait(20) == 0 and program.stop() == '', program.process.returncode)


class Hostile(object):
    def __reduce__(self):
        return os.system, ('echo hostile >&2; touch hostile',)


def what_can_not_be_read(tasks, sums, address):
    """Too long, not to be pickled, or hostile: each is answered, and the next one is done."""
    for task, text in [((1, numpy.zeros(30000)), 'longer than the limit of 200000'), ((2, lambda: None), "can't pickle it"), (Hostile(), 'expected (number, array)'),
                       ((3, numpy.zeros(1000000)), 'longer than the limit of 200000'), ((4, threading.Lock()), "can't pickle it")]:
        tasks.put(task)
        tasks.put((100, numpy.arange(4)))
    tasks.put(None)
    status, _, errors = table.run('multiprocessing/worker', address, 'tasks', 'sums', '--key', KEY.decode(), '--limit', 200000)
    results.check('what can not be read', status == 0 and errors.count('worker: ') == errors.count('\n') == 5 and 'hostile' not in errors, errors)
    for text in ['longer than the limit of 200000', "can't pickle it", 'expected (number, array)', 'longer than the limit of 200000', "can't pickle it"]:
        found, good = sums.get(timeout=20), sums.get(timeout=20)
        results.check(text, found[0] is None and type(found[1]) is ValueError and text in str(found[1]) and good == (100, 6.0), repr((found, good)))


WANT = 'not enough memory|an allocation failed'


def worker_without_memory():
    """Each allocation of the worker fails, alone and with all behind it for a while, from a task to the next: it is answered, or its result waits for memory, and the worker goes on.
    It ends where memory does not come back, and says which task that was."""
    memory = table.Memory('multiprocessing')
    if not memory.is_here:
        return
    tasks, sums = queue.Queue(), queue.Queue()
    Manager.register('tasks', callable=lambda: tasks)
    Manager.register('sums', callable=lambda: sums)
    server = Manager(('127.0.0.1', 0), KEY).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    arguments = ['multiprocessing/worker', '127.0.0.1:%d' % server.address[1], 'tasks', 'sums', '--key', KEY.decode()]
    array = numpy.arange(1000.)

    def is_answer(found, number):
        return found == (number, array.sum()) or (found[0] in (number, None) and type(found[1]) is ValueError and re.search(WANT, str(found[1])))

    def before(program):
        """Where it waits for a task."""
        memory.fail(1 << 62, 0, False)
        tasks.put((-1, array))
        results.check('memory: a good task', sums.get(timeout=20) == (-1, array.sum()), program.alive())
        time.sleep(.05)

    def starve(program, number, left, count):
        """How many failed until it was answered, None: it was not."""
        memory.fail(left, count, False)
        tasks.put((number, array))
        try:
            found = sums.get(timeout=20 if count == 1 else .3)
        except queue.Empty:
            return None
        results.check('memory: %d allocations are good: %d' % (left, count), is_answer(found, number), repr(found))
        return memory.rest()

    with table.Program(*arguments, env=memory.env) as program:
        before(program)
        for left in itertools.count():
            failed = [starve(program, left, left, count) for count in (1, 1 << 60)]
            if failed[1] is None:
                memory.rest()
                results.check('memory: its result waits', is_answer(sums.get(timeout=20), left), program.alive())
            before(program)
            if failed == [0, 0]:
                break
        tasks.put(None)
        status, errors = program.process.wait(20), program.stop()
        results.check('memory: the end', status == 0 and left > 3 and sums.empty() and tasks.empty(), '%s after %d: %s' % (status, left, errors))
        results.check('memory: lines', errors.count('it is tried again') >= 2 and all(re.search(WANT, line) for line in errors.splitlines()), errors)
    lost = 0
    for left in range(40):
        with table.Program(*arguments, '--timeout', 1, env=memory.env) as program:
            before(program)
            if starve(program, 7, left, 1 << 60) is not None:
                tasks.put(None)
                program.process.wait(20)
                continue
            status, errors = program.process.wait(20), program.stop()
            memory.rest()
            last = errors.splitlines()[-1]
            results.check('memory: it stays away', status == 1 and re.fullmatch('worker: (task 7|a task without a number): its result is lost: .*(%s)' % WANT, last), errors)
            lost += 1
            if lost == 2:
                break
    results.check('memory: it stays away, where it holds a result', lost == 2, lost)


class BadManager(object):
    """Answers `get`, or the `method`, with these bytes in turn, after which it closes the connection (True), goes away for good ('all of it') or does neither, and in the end as it should:
    `get` with None; keeps what is put."""

    def __init__(self, replies, method='get', tasks=()):
        self.replies, self.method, self.tasks, self.found, self.peers = list(replies), method, list(tasks), [], []
        self.listener = connection.Listener(('127.0.0.1', 0), authkey=KEY)
        self.address = '127.0.0.1:%d' % self.listener.address[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer = self.listener.accept()
            except (OSError, EOFError):
                return
            self.peers.append(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            while True:
                _, method, arguments, _ = peer.recv()
                if method == self.method and self.replies:
                    reply, leaves = self.replies.pop(0)
                    os.write(peer.fileno(), reply)
                    if leaves == 'all of it':
                        self.listener._listener._socket.shutdown(socket.SHUT_RDWR)  # its thread waits there
                        for other in self.peers:
                            socket.socket(fileno=os.dup(other.fileno())).shutdown(socket.SHUT_RDWR)
                    if leaves:
                        break
                    continue
                if method == 'put':
                    self.found.append(arguments[0])
                task = self.tasks.pop(0) if method == 'get' and self.tasks else None
                peer.send(('#RETURN', ('id', ()) if method == 'create' else task))
        except (OSError, EOFError):
            pass
        peer.close()

    def run(self, *options):
        return table.run('multiprocessing/worker', self.address, 'tasks', 'sums', '--key', KEY.decode(), *options)


def framed(value):
    body = value if isinstance(value, bytes) else pickle.dumps(value, 4)
    return struct.pack('!i', len(body)) + body


def bad_managers():
    """After each the worker answers that the task can't be done, and does the next one: on the same connection where the message came to its end, on a new one where it did not."""
    good = framed(('#RETURN', (5, numpy.arange(4)))), False
    whole = [(name, framed(body), False, '') for name, body in table.bad_bodies()]
    whole += [('a list', framed(['#RETURN', 5]), False, 'found a list'), ('one of three', framed(('#RETURN', 5, 6)), False, 'found a tuple'), ('another kind', framed(('#PROXY', 5)), False, 'found a tuple')]
    broken = [('a short frame', b'\0\0', True, 'went away in the middle'), ('a message that ends early', struct.pack('!i', 100) + b'x', True, 'went away in the middle'),
              ('2 GiB', struct.pack('!i', 0x7fffffff), False, 'longer than the limit'), ('2 GiB and more', struct.pack('!iQ', -1, 1 << 31), False, 'longer than the limit'),
              ('2**63', struct.pack('!iQ', -1, 1 << 63), False, 'longer than the limit'), ('a negative size', struct.pack('!i', -5), False, 'negative size'),
              ('a message that stops', struct.pack('!i', 100) + b'x', False, 'nothing for 1 seconds')]
    for bad, more in [(whole, 0), (broken, len(broken))]:
        manager = BadManager(reply for name, data, leaves, _ in bad for reply in [(data, leaves), good])
        status, _, errors = manager.run('--limit', 1000000, '--timeout', 1)
        results.check('bad managers', status == 0 and errors.count('worker: ') == errors.count('\n') == len(bad) and len(manager.peers) == 4 + more and 'hostile' not in errors,
                      '%d connections\n%s' % (len(manager.peers), errors))
        results.check('as many answers', len(manager.found) == 2 * len(bad), repr(manager.found))
        for (name, _, _, text), found, after in zip(bad, manager.found[::2], manager.found[1::2]):
            results.check('a task: %s' % name, found[0] is None and type(found[1]) is ValueError and text in str(found[1]), repr(found))
            results.check('after it', after == (5, 6.0), repr(after))
    manager = BadManager([(b'', True), good, (b'', True), good])
    status, _, errors = manager.run()
    line = 'worker: the connection for tasks ended: it is connected again, and a task may be lost\n'
    results.check('a connection that is closed between tasks', (status, errors, manager.found) == (0, 2 * line, [(5, 6.0)] * 2), errors)
    for name, replies, text in [('closed again and again', [(b'', True)] * 9, 'the manager went away'), ('an error', [(framed(('#ERROR', ValueError('x'))), False)], 'get: the manager answers with an error'),
                                ('a traceback', [(framed(('#TRACEBACK', 'x')), False)], 'get: the manager answers with an error')]:
        manager = BadManager(replies)
        status, _, errors = manager.run()
        results.check(name, status == 1 and 'worker: %s' % text in errors and errors.count('\n') == 1 + (replies[0][0] == b'') and not manager.found, errors)


def results_that_are_not_taken():
    """A connection that breaks while a result goes: it is put once more. Where that goes wrong as well, or the manager says no, the last line says whose result is lost."""
    task, rest = [(5, numpy.arange(4)), (6, numpy.arange(5))], [(5, 6.0), (6, 10.0)]
    for name, reply, leaves in [('closed', b'', True), ('a short frame', b'\0\0', True), ('a message that stops', struct.pack('!i', 100) + b'x', False), ('2 GiB', struct.pack('!i', 0x7fffffff), False)]:
        manager = BadManager([(reply, leaves)], 'put', task)
        status, _, errors = manager.run('--timeout', 1)
        results.check('a result: ' + name, status == 0 and manager.found == rest and errors.startswith('worker: task 5: its result is put once more, and may be there twice: ') and
                      errors.count('\n') == 1, '%r %s' % (manager.found, errors))
        manager = BadManager([(reply, leaves)] * 2, 'put', task)
        status, _, errors = manager.run('--timeout', 1)
        results.check('a result, twice: ' + name, status == 1 and manager.found == [] and errors.splitlines()[-1].startswith('worker: task 5: its result is lost: ') and errors.count('\n') == 2, errors)
    for name, number, reply, leaves, text in [('an error', 5, framed(('#ERROR', ValueError('x'))), False, 'put: the manager answers with an error'),
                                              ('no pickle', 5, framed(b'x'), False, ''), ('no number', None, framed(('#TRACEBACK', 'x')), False, 'put: the manager answers with an error'),
                                              ('the manager goes away', 5, b'', 'all of it', 'the manager went away: ')]:
        manager = BadManager([(reply, leaves)], 'put', task if number else ['no task'])
        status, _, errors = manager.run()
        lost = 'worker: %s: its result is lost: %s' % ('task 5' if number else 'a task without a number', text)
        results.check('a result: ' + name, status == 1 and errors.splitlines()[-1].startswith(lost), errors)


def manager_that_goes_away():
    """Nobody is left to serve: a line, and the end."""
    tasks, sums = queue.Queue(), queue.Queue()
    Manager.register('tasks', callable=lambda: tasks)
    Manager.register('sums', callable=lambda: sums)
    manager = Manager(('127.0.0.1', 0), KEY)
    manager.start()
    with table.Program('multiprocessing/worker', '127.0.0.1:%d' % manager.address[1], 'tasks', 'sums', '--key', KEY.decode()) as program:
        manager.tasks().put((5, numpy.arange(4)))
        results.check('before', manager.sums().get(timeout=20) == (5, 6.0))
        manager._process.kill()
        status, errors = program.process.wait(20), program.stop()
        results.check('the manager is killed', status == 1 and errors.startswith('worker: the manager went away: ') and errors.count('\n') == 1, errors)
    for name, reply in [('between tasks', b''), ('in a frame', b'\0\0'), ('in a message', struct.pack('!i', 100) + b'x')]:
        manager = BadManager([(reply, 'all of it')])
        status, _, errors = manager.run()
        lines = errors.split('\n')[:-1]
        results.check('the manager goes away ' + name, status == 1 and len(lines) == 1 + bool(reply) and all(line.startswith('worker: ') for line in lines), errors)


def what_can_not_be_done(tasks, sums, address):
    """Each is answered by an exception and a line, and the next task is done."""
    structs = numpy.zeros(2, dtype=[('a', 'i4')])
    bad = [('no task', None, 'expected (number, array), found a str'), ((1, 2, 3), None, 'found a tuple'), (('1', numpy.ones(2)), None, 'found a tuple'), ({1: 2, 3: 4}, None, 'found a dict'),
           ((1 << 70, numpy.ones(2)), None, 'found a tuple'), (5, None, 'found a int'), ([], None, 'found a list'), ((7, numpy.ones(2, 'c16')), 7, 'same-kind cast'), ((8, numpy.array(['a'])), 8, ''),
           ((9, numpy.array([None])), 9, ''), ((10, numpy.array(['2020-01-01'], 'M8[D]')), 10, ''), ((11, structs), 11, ''), ((12, 'text'), 12, 'expected an array')]
    for number, (task, _, _) in enumerate(bad):
        tasks.put(task)
        tasks.put((100 + number, numpy.arange(number)))
    tasks.put(None)
    status, _, errors = table.run('multiprocessing/worker', address, 'tasks', 'sums', '--key', KEY.decode())
    results.check('what is no task', status == 0 and errors.count('worker: ') == errors.count('\n') == len(bad), errors)
    for count, (task, number, text) in enumerate(bad):
        found, good = sums.get(timeout=20), sums.get(timeout=20)
        results.check('what is no task: %r' % (task,), found[0] == number and type(found[1]) is ValueError and text in str(found[1]) and str(found[1]) in errors, repr(found))
        results.check('after it', good == (100 + count, count * (count - 1) / 2), repr(good))
    results.check('no more of them', sums.empty() and tasks.empty())


def nothing_to_do(tasks, sums, address):
    """An empty queue is waited for, whatever --timeout says."""
    with table.Program('multiprocessing/worker', address, 'tasks', 'sums', '--key', KEY.decode(), '--timeout', 1) as program:
        time.sleep(2.5)
        results.check('an empty queue', program.alive())
        tasks.put((5, numpy.arange(4)))
        results.check('a task at last', sums.get(timeout=20) == (5, 6.0))
        tasks.put(None)
        results.check('the end at last', program.process.wait(20) == 0 and program.stop() == '', program.process.returncode)


CLIENT = """
from multiprocessing import connection
peer = connection.Client((%r, %d), authkey=%r)
peer.send([1, 'two'])
print(peer.recv())
"""
DIGESTS = ['md5', 'sha256', 'sha384', 'sha3_256', 'sha3_384']
LISTENER = """
from multiprocessing import connection
key, digests = %r
listener = connection.Listener(('127.0.0.1', 0))
print(listener.address[1], flush=True)
for digest in digests:
    with listener.accept() as peer:
        connection.deliver_challenge(peer, key, digest)
        connection.answer_challenge(peer, key)
        peer.send([digest, peer.recv()])
"""


def errors_that_nobody_reads():
    """A task that is no good is answered all the same, and so is the next one."""
    tasks, sums = queue.Queue(), queue.Queue()
    Manager.register('tasks', callable=lambda: tasks)
    Manager.register('sums', callable=lambda: sums)
    server = Manager(('127.0.0.1', 0), KEY).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with table.Program('multiprocessing/worker', '127.0.0.1:%d' % server.address[1], 'tasks', 'sums', '--key', KEY.decode()) as program:
        program.process.stderr.close()
        for task in ['no task', (5, numpy.arange(4)), None]:
            tasks.put(task)
        found, good = sums.get(timeout=20), sums.get(timeout=20)
        results.check('standard error that nobody reads', found[0] is None and good == (5, 6.0) and program.process.wait(20) == 0, repr((found, good)))


def newer():
    """The digests of 3.12 and later, both ways."""
    found = table.pythons((3, 12))
    if not found:
        table.left_out('multiprocessing', 'the digests of Python 3.12 and later: there is none (NPICKLE_PYTHONS)')
    path, answer = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
    with open(path, 'wb') as file:
        pickle.dump('question', file)
    for python in found:
        with table.Program('multiprocessing/listener', '127.0.0.1:0', '--key', KEY.decode()) as program:
            done = subprocess.run([python, '-c', CLIENT % (address_of(program) + (KEY,))], capture_output=True, text=True)
            results.check('%s to C' % python, done.stdout == "[1, 'two']\n", done.stderr)
        listener = subprocess.Popen([python, '-c', LISTENER % ((KEY, DIGESTS),)], stdout=subprocess.PIPE, text=True)
        address = '127.0.0.1:%s' % listener.stdout.readline().strip()
        for digest in DIGESTS:
            status, _, errors = table.run('multiprocessing/client', address, path, answer, '--key', KEY.decode())
            results.check('C to %s, %s' % (python, digest), status == 0 and pickle.load(open(answer, 'rb')) == [digest, 'question'], errors)
        listener.wait(20)


for test in [arrays_through_the_listener, memory, on_a_path, on_ipv6, bad_peers, the_program, keys, bytes_that_look_like_a_name, client_to_python, manager_and_worker, worker_without_memory, bad_managers, results_that_are_not_taken,
             manager_that_goes_away, errors_that_nobody_reads, newer]:
    test()
results.done()
