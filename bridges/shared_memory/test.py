"""Arrays in multiprocessing.shared_memory between C and Python: see README.md. Run by bridges/check.sh."""
import glob
import itertools
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import connection

import numpy

import table

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import sharing

if not os.path.isdir('/dev/shm'):
    table.skip('shared_memory', 'no /dev/shm, in which this test looks for blocks that are left')

servers = set()  # the processes that have peers
numbers = itertools.count()
results = table.Results('shared_memory')
work = tempfile.TemporaryDirectory()
FILE, ANSWER = os.path.join(work.name, 'in.pkl'), os.path.join(work.name, 'out.pkl')


def left(program):
    """The blocks that are there of a program in C, and of its processes, each of which has a peer."""
    if program.alive():
        with open('/proc/%d/task/%d/children' % (program.process.pid, program.process.pid)) as file:
            servers.update(file.read().split())
    return [name for pid in servers for name in glob.glob('/dev/shm/npk_%s_*' % pid)]


def gone(program):
    """Whether none is there any more, soon: the guard takes its time."""
    end = time.time() + 20
    while left(program) and time.time() < end:
        time.sleep(0.02)
    return not left(program)


def server(*options):
    return table.Program('shared_memory/server', os.path.join(work.name, 'socket%d' % next(numbers)), *options)


def ask(peer, block, value):
    """(answer, its block)"""
    peer.send(block.share(value))
    return sharing.take(peer.recv())


def through_the_server():
    """Python makes a block, and C another for the answer; nothing but the description goes over the socket."""
    with server() as program:
        path = program.start()
        block = sharing.Block()
        with connection.Client(path) as peer:
            for name, array in table.arrays():
                back, memory = ask(peer, block, array)
                results.check(name, table.same(back, array) and back.flags.aligned, repr(back))
                results.check('%s: in shared memory' % name, not back.flags.owndata)
                del back
                memory.close()
            shared = numpy.arange(5.)
            for value in [None, {'a': [1, 2.5, 'x']}, [shared, shared, {'b': numpy.arange(6)[::-1]}], [numpy.full(i, i) for i in range(40)], bytearray(b'x')]:
                back, memory = ask(peer, block, value)
                results.check('a value', repr(back) == repr(value))
                del back
                if memory is not None:
                    memory.close()
            description = block.share(numpy.zeros(1000000))
            results.check('no elements in the description', len(pickle.dumps(description)) < 400)
            results.check('the block is kept', len(left(program)) == 1)
        block.close()
        with connection.Client(path) as peer:
            results.check('no block any more', gone(program))
            peer.send((None, 0, [], pickle.dumps([{1, 2}, range(3)], 2)))
            results.check('names of Python 2 and those of protocol 5', sharing.take(peer.recv())[0] == [{1, 2}, range(3)])
            peer.send((None, 0, [], pickle.dumps(5, 5)))
            results.check('the server lives', sharing.take(peer.recv()) == (5, None))
        results.check('nothing on standard error', program.stop() == '')


def memory():
    def asker(program):
        path = program.start()

        def asks():
            try:
                with connection.Client(path) as peer:
                    back, memory = ask(peer, block, array)
            except (EOFError, OSError):
                return False
            good = table.same(back, array)
            del back
            if memory is not None:  # or no memory for a buffer that is outside
                memory.close()
            return good
        return asks

    array, block = numpy.arange(1000.), sharing.Block()
    table.check_memory(results, 'shared_memory/server', [os.path.join(work.name, 'memory')], asker)
    block.close()


def bad_descriptions():
    """Each ends its own connection with a line, and the next one is served."""
    array = numpy.arange(100.)
    block = sharing.Block()
    name, size, found, body = block.share(array)
    empty = open('/dev/shm/npk_test_empty', 'wb')
    empty.close()
    os.mkfifo('/dev/shm/npk_test_fifo')
    lines = 0
    with server('--limit', 1000000, '--timeout', 1) as program:
        path = program.start()

        def served():
            with connection.Client(path) as peer:
                back, memory = ask(peer, block, array)
                good = table.same(back, array)
                del back
                memory.close()
                return good

        for what, description, text in [
                ('no such block', ('npk_test_none', size, found, body), 'No such file'),
                ('a block that is too small', (name, size + 4096, found, body), 'and should have'),
                ('a FIFO', ('npk_test_fifo', size, found, body), 'no block'),
                ('a terminal would obey its name', ('npk_\x1b[31m', size, found, body), 'npk_\\x1b[31m'),
                ('an empty block', ('npk_test_empty', 0, [(0, 0)], body), 'has 0 bytes'),
                ('a buffer that ends outside', (name, size, [(0, 4097)], body), 'not inside the block'),
                ('a buffer that begins outside', (name, size, [(1 << 40, 1)], body), 'not inside the block'),
                ('2**63', (name, size, [((1 << 64) - 64, 64)], body), 'not inside the block'),
                ('a negative offset', (name, size, [(-64, 64)], body), 'expected (offset, size)'),
                ('more than 64 bits', (name, size, [(1 << 64, 64)], body), 'expected (offset, size)'),
                ('an offset that is not aligned', (name, size, [(3, 5)], body), 'no multiple of 64'),
                ('a buffer that is too short', (name, size, [(0, 792)], body), ''),
                ('a buffer that is too long', (name, size, [(0, 808)], body), ''),
                ('a buffer that is not there', (name, size, [], body), ''),
                ('a buffer too many', (name, size, found + [(0, 64)], body), 'expected 1 buffers'),
                ('no buffer, and a name of None', (None, 0, [], body), ''),
                ('over the limit', (name, 1000001, found, body), 'longer than the limit of 1000000'),
                ('a slash in the name', ('../../etc/passwd', size, found, body), 'no slash'),
                ('a NUL in the name', ('a\0b', size, found, body), 'no slash'),
                ('no name', ('', size, found, body), 'no slash'),
                ('a long name', ('x' * 300, size, found, body), 'no slash'),
                ('a name that is a number', (5, size, found, body), 'expected the name'),
                ('buffers that are none', (name, size, [5], body), 'expected (offset, size)'),
                ('no list', (name, size, 5, body), 'expected (name'),
                ('no pickle', (name, size, found, 'text'), 'expected a pickle as bytes'),
                ('three of four', (name, size, found), 'expected (name'),
                ('another type', 5, 'expected (name')] + [('within: %s' % what, (name, size, found, bad), '') for what, bad in list(table.bad_bodies())]:
            with connection.Client(path) as peer:
                peer.send(description)
                try:
                    peer.recv_bytes()
                    results.check('%s: refused' % what, False)
                except EOFError:
                    pass
            line = program.process.stderr.readline()
            lines += 1
            results.check(what, line.startswith('server: ') and text in line, line)
            results.check('%s: the next one' % what, served())
        for what, bad in list(table.bad_bodies()):
            table.raw(path, struct.pack('!i', len(bad)) + bad)
            results.check(what, served())
        for what, data in [('a short frame', b'\0\0'), ('a message that ends early', struct.pack('!i', 100) + b'x'), ('2 GiB', struct.pack('!i', 0x7fffffff)), ('2**60', struct.pack('!iQ', -1, 1 << 60)), ('2**63', struct.pack('!iQ', -1, 1 << 63))]:
            table.raw(path, data)
            results.check(what, served())
        with socket.socket(socket.AF_UNIX) as quiet:
            quiet.connect(path)
            results.check('a peer that says nothing', served() and quiet.recv(1) == b'')
        results.check('a byte now and then', table.drip(path, struct.pack('!i', 100) + bytes(100)) and served())
        results.check('200 at once', table.crowd(path, [b'', b'\0\0', struct.pack('!i', 100) + b'x', struct.pack('!i', 900000) + bytes(5000)], served))
        errors = program.stop()
        results.check('lines of errors', errors.count('\n') >= len(list(table.bad_bodies())) + 7 and 'too slow' in errors and 'nothing for 1 seconds' in errors, errors)
        results.check('nothing was run', not os.path.exists('hostile') and 'echo' not in errors)
    block.close()
    os.remove('/dev/shm/npk_test_empty')
    os.remove('/dev/shm/npk_test_fifo')


def a_side_that_dies():
    """C's block goes with C, however that ends; Python's goes with Python, by the resource tracker; neither takes the other's along."""
    array = numpy.arange(1000.)
    for number in [signal.SIGTERM, signal.SIGKILL]:
        with server() as program:
            block = sharing.Block()
            with connection.Client(program.start()) as peer:
                back, memory = ask(peer, block, array)
                results.check('it is there', len(left(program)) == 1)
                os.kill(program.process.pid, number)
                program.process.wait(20)
                results.check('signal %d: gone with the program' % number, gone(program))
                results.check('and still good for who has it', table.same(back, array))
                del back
                memory.close()
            block.close()
    with server() as program, connection.Client(program.start()) as peer:
        block, seen = sharing.Block(), []
        for count in [10, 10, 10000]:
            back, memory = ask(peer, block, numpy.arange(count))
            seen.append(memory.name)
            results.check('without the process that removes blocks', table.same(back, numpy.arange(count)) and len(left(program)) == 1, repr(back))
            del back
            memory.close()
            for child in table.children_of(program.process.pid):
                for guard in table.children_of(child):
                    os.kill(guard, signal.SIGKILL)
            time.sleep(.1)
        back, memory = ask(peer, block, numpy.arange(30000))
        results.check('it is there again', table.same(back, numpy.arange(30000)) and seen[2] != memory.name, repr(seen))
        os.kill(program.process.pid, signal.SIGKILL)
        results.check('and removes them', gone(program))
        del back
        memory.close()
        block.close()
    with server() as program:
        path = program.start()
        child = subprocess.Popen([sys.executable, '-c', CHILD % (HERE, path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        theirs, ours = child.stdout.readline().split()
        child.kill()
        child.communicate()
        results.check("C's block goes with the connection", gone(program) and ours.startswith('npk_') and not os.path.exists('/dev/shm/' + ours))
        end = time.time() + 20
        while os.path.exists('/dev/shm/' + theirs) and time.time() < end:
            time.sleep(0.02)
        results.check("Python's block goes with Python", not os.path.exists('/dev/shm/' + theirs))
        with connection.Client(path) as peer:
            peer.send((None, 0, [], pickle.dumps(5, 5)))
            results.check('the next one is served', sharing.take(peer.recv()) == (5, None))


def the_file_of_the_socket():
    """It stays when a server is killed; the next one takes it, but not from one that is there, nor what is no socket."""
    with server() as program:
        path = program.start()
        status, _, errors = table.run('shared_memory/server', path)
        results.check('another one there', status == 1 and 'in use' in errors, errors)
        with connection.Client(path) as peer:
            peer.send((None, 0, [], pickle.dumps(5, 5)))
            results.check('the first one is still there', sharing.take(peer.recv()) == (5, None))
        program.process.kill()
        program.process.wait(20)
    results.check('the file stays', os.path.exists(path))
    with table.Program('shared_memory/server', path) as program:
        results.check('the next one takes it', program.start() == path)
        with connection.Client(path) as peer:
            peer.send((None, 0, [], pickle.dumps(6, 5)))
            results.check('and serves there', sharing.take(peer.recv()) == (6, None))
    other = os.path.join(work.name, 'file')
    with open(other, 'w') as file:
        file.write('text')
    status, _, errors = table.run('shared_memory/server', other)
    results.check('no socket', status == 1 and 'in use' in errors and open(other).read() == 'text', errors)


CHILD = """
import sys
sys.path.insert(0, %r)
from multiprocessing import connection
import numpy, sharing
peer = connection.Client(%r)
block = sharing.Block()
peer.send(block.share(numpy.arange(1000.)))
back = peer.recv()
value, memory = sharing.take(back)
print(block.memory.name, memory.name, flush=True)
input()
"""


def takers_end():
    """A Python that has taken a block, and ends, does not remove it: it is in use elsewhere."""
    block = sharing.Block()
    description = block.share(pickle.PickleBuffer(bytearray(range(10))))
    code = 'import sys; sys.path.insert(0, %r); import sharing; value, memory = sharing.take(%r); print(sum(value)); del value; memory.close()'
    for python in table.pythons((3, 8)):
        done = subprocess.run([python, '-c', code % (HERE, description)], capture_output=True, text=True)
        results.check('%s takes it' % python, (done.stdout, done.stderr) == ('45\n', ''), done.stderr)
        results.check('%s leaves it' % python, os.path.exists('/dev/shm/' + block.memory.name))
    block.close()


def client_to_python():
    """C makes the block, and Python another for the answer."""
    address = os.path.join(work.name, 'listener')
    listener = connection.Listener(address)
    arrays = list(table.arrays())[::3] + [('big', numpy.arange(3000000, dtype='f8'))]
    seen = []

    def serve():
        block = sharing.Block()
        for _ in range(2 * len(arrays)):
            with listener.accept() as peer:
                value, memory = sharing.take(peer.recv())
                seen.append(None if memory is None else memory.name)
                description = block.share({'back': value})
                del value
                if memory is not None:
                    memory.close()
                peer.send(description)
                try:
                    peer.recv_bytes()
                except EOFError:
                    pass
        block.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    for (name, array), body in [(each, body) for each in arrays for body in (pickle.dumps(each[1], 4), table.python2(each[1]))]:
        with open(FILE, 'wb') as file:
            file.write(body)
        status, _, errors = table.run('shared_memory/client', address, FILE, ANSWER)
        with open(ANSWER, 'rb') as file:
            back = pickle.load(file)['back'] if status == 0 else None
        results.check('client: %s' % name, status == 0 and table.same(back, array) and seen[-1].startswith('npk_'), errors)
        results.check('client: %s: nothing is left' % name, not os.path.exists('/dev/shm/' + seen[-1]))
    thread.join(20)

    def bad(answer):
        with listener.accept() as peer:
            peer.recv()
            if answer is not None:
                peer.send_bytes(answer)

    for name, body in list(table.bad_bodies()) + [('no answer', None), ('another type', pickle.dumps(5))]:
        thread = threading.Thread(target=bad, args=(body,), daemon=True)
        thread.start()
        os.remove(ANSWER) if os.path.exists(ANSWER) else None
        status, _, errors = table.run('shared_memory/client', address, FILE, ANSWER)
        results.check('client: %s' % name, status == 1 and errors.startswith('client: ') and errors.count('\n') == 1 and not os.path.exists(ANSWER), errors)
        thread.join(20)
    listener.close()

    def with_a_key():
        try:
            listener.accept()
        except (connection.AuthenticationError, OSError):
            pass

    listener = connection.Listener(address, authkey=b'key')
    thread = threading.Thread(target=with_a_key, daemon=True)
    thread.start()
    status, _, errors = table.run('shared_memory/client', address, FILE, ANSWER)
    results.check('client: a listener with a key', (status, errors) == (1, 'client: the peer asks for a key, and takes no message without one\n'), errors)
    thread.join(20)
    listener.close()


def times():
    with server() as program:
        path = program.start()
        numpy.arange(5).dump(FILE)
        table.check_times(results, lambda *words: table.run('shared_memory/client', path, FILE, ANSWER, *words))
        table.check_full(results, lambda address, *words: table.run('shared_memory/client', address, FILE, ANSWER, *words), 'shared_memory/server')


for test in [through_the_server, memory, times, bad_descriptions, a_side_that_dies, the_file_of_the_socket, takers_end, client_to_python]:
    test()
work.cleanup()
table.check_usage(results, 'shared_memory/client', 'shared_memory/server')
results.done()
