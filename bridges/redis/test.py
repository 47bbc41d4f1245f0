"""Values and streams of Redis between C and Python: see README.md. Run by bridges/check.sh."""
import os
import pickle
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import numpy

import table

try:
    import redis
except ImportError:
    table.skip('redis', 'no redis-py')
if shutil.which('redis-server') is None:
    table.skip('redis', 'no redis-server')
if not os.path.exists(os.path.join(os.environ.get('BRIDGES', 'bridges'), 'redis/client')):
    table.skip('redis', 'not built: no hiredis')

results = table.Results('redis')
work = tempfile.TemporaryDirectory()
*NO_PICKLES, (_, HOSTILE) = table.bad_bodies()
FILE, ANSWER = os.path.join(work.name, 'in.pkl'), os.path.join(work.name, 'out.pkl')


class Server(object):
    """A redis-server that keeps nothing, on a Unix socket of its own; `python` is a connection to it."""

    def __init__(self, name, *options):
        self.path = os.path.join(work.name, name)
        self.process = subprocess.Popen(['redis-server', '--port', '0', '--unixsocket', self.path, '--save', '', '--appendonly', 'no', '--dir', work.name] +
                                        list(options), stdout=subprocess.DEVNULL)
        self.python = redis.Redis(unix_socket_path=self.path)
        end = time.time() + 30
        while time.time() < end:
            try:
                self.python.ping()
                break
            except redis.exceptions.AuthenticationError:
                break
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait(20)


def write(value, protocol=4):
    with open(FILE, 'wb') as file:
        pickle.dump(value, file, protocol)


def read_all(path):
    found = []
    with open(path, 'rb') as file:
        while file.peek(1):
            found.append(pickle.load(file))
    return found


def client(server, *words, **options):
    return table.run('redis/client', getattr(server, 'path', server), *words, **options)


def refused(name, server, text, *words):
    """A line on standard error, status 1, and no file."""
    if os.path.exists(ANSWER):
        os.remove(ANSWER)
    status, _, errors = client(server, *words)
    results.check(name, status == 1 and errors.startswith('client: ') and errors.count('\n') == 1 and text in errors and not os.path.exists(ANSWER), errors)


def values(server):
    """The whole table from C to Python, and from Python to C, as keys."""
    arrays = list(table.arrays())
    for name, array in arrays:
        write(array)
        status, out, errors = client(server, 'send', FILE, 'SET', 'one')
        results.check('SET %s' % name, status == 0 and out == b'OK\n' and table.same(pickle.loads(server.python.get('one')), array), errors)
    for protocol in [0, 2, 4, 5]:
        server.python.mset({str(i): pickle.dumps(array, protocol) for i, (_, array) in enumerate(arrays)})
        status, _, errors = client(server, 'receive', ANSWER, 'MGET', *range(len(arrays)))
        back = read_all(ANSWER) if status == 0 else []
        results.check('MGET', len(back) == len(arrays), errors)
        for (name, array), found in zip(arrays, back):
            results.check('MGET protocol %d: %s' % (protocol, name), table.same(found, array))


def types_of_redis(server):
    big = numpy.arange(3000000, dtype='f8')
    write({'a': [1, 2.5, 'x'], 'b': big})
    for words, out, back in [(['SET', 'k' * 800], b'OK\n', ['GET', 'k' * 800]), (['RPUSH', 'list'], b'1\n', ['LPOP', 'list']), (['HSET', 'hash', 'field'], b'1\n', ['HGET', 'hash', 'field'])]:
        status, found, errors = client(server, 'send', FILE, *words)
        results.check(words[0], status == 0 and found == out, errors)
        status, _, errors = client(server, 'receive', ANSWER, *back)
        value = read_all(ANSWER)[0] if status == 0 else {}
        results.check(back[0], status == 0 and value['a'] == [1, 2.5, 'x'] and table.same(value['b'], big), errors)
    status, found, errors = client(server, 'send', FILE, 'XADD', 'stream', '*', 'value')
    results.check('XADD', status == 0 and table.same(pickle.loads(server.python.xrange('stream')[0][1][b'value'])['b'], big), errors)
    write(5)
    client(server, 'send', FILE, 'SET', 'there', '--db', 3)
    results.check('another database', redis.Redis(unix_socket_path=server.path, db=3).get('there') == pickle.dumps(5, 4) and not server.python.exists('there'))


def bad_values(server):
    for name, body in NO_PICKLES:
        server.python.set('bad', body)
        refused(name, server, '', 'receive', ANSWER, 'GET', 'bad')
    server.python.set('bad', HOSTILE)
    status, _, errors = client(server, 'receive', ANSWER, 'GET', 'bad')
    results.check('a system command is read, and not run', (status, errors) == (0, '') and not os.path.exists('hostile'), errors)
    server.python.rpush('a list', b'')
    server.python.set('long', pickle.dumps(numpy.zeros(100000)))
    server.python.set('good', pickle.dumps(1))
    server.python.set('half', b'x' * 900)
    for name, text, words in [('no key', 'found nil', ['GET', 'none']), ('WRONGTYPE', 'WRONGTYPE', ['GET', 'a list']), ('an integer', 'found an integer', ['LLEN', 'a list']), ('no list', 'found an array of none', ['LRANGE', 'none', 0, -1]),
                              ('one of them is not there', 'found nil', ['MGET', 'good', 'none']), ('no command', 'ERR', ['TAKE', 'good']),
                              ('over the limit', 'longer than the limit of 1000', ['GET', 'long', '--limit', 1000]),
                              ('together over the limit', 'values of 1800 bytes are longer than the limit of 1000', ['MGET', 'half', 'half', '--limit', 1000]),
                              ('in pieces over the limit', 'longer than the limit of 1000', ['MGET', 'good', 'long', '--limit', 1000])]:
        refused(name, server, text, 'receive', ANSWER, *words)
    write(1)
    refused('WRONGTYPE of what is sent', server, 'WRONGTYPE', 'send', FILE, 'RPUSH', 'good')
    refused('a long key', server, 'too long', 'send', FILE, 'SET', 'k' * 5000)
    missing = os.path.join(work.name, 'none.pkl')
    refused('no file', server, 'client: %s: cannot open' % missing, 'send', missing, 'SET', 'x')
    status, _, errors = client(server, 'receive', ANSWER, 'GET', 'good')
    results.check('and then a good one', status == 0 and read_all(ANSWER) == [1], errors)


def bad_servers():
    """What is no server of Redis, or one that goes away."""
    write(numpy.arange(1000000.))
    for name, reply, text, words in [('goes away in the middle', b'$1000\r\nabc', 'in the middle of a reply: 10 bytes', ['receive', ANSWER, 'GET', 'x']),
                                     ('goes away without a word', b'', 'without a reply', ['receive', ANSWER, 'GET', 'x']),
                                     ('goes away while it is sent to', None, 'client: ', ['send', FILE, 'SET', 'x']),
                                     ('2 GiB', b'$2147483647\r\n', 'in the middle', ['receive', ANSWER, 'GET', 'x']),
                                     ('2**31 elements', b'*2147483647\r\n', 'no reply of Redis', ['receive', ANSWER, 'GET', 'x']),
                                     ('2**21 elements, half as many in each of two', b'*2\r\n' + (b'*1048575\r\n' + b':1\r\n' * 1048575) * 2, 'no reply of Redis', ['receive', ANSWER, 'GET', 'x']),
                                     ('2**63', b'$9223372036854775807\r\n', 'client: ', ['receive', ANSWER, 'GET', 'x']),
                                     ('2**63 elements', b'*9223372036854775807\r\n', 'client: ', ['receive', ANSWER, 'GET', 'x']),
                                     ('a negative size', b'$-7\r\n', 'no reply of Redis', ['receive', ANSWER, 'GET', 'x']),
                                     ('deep', b'*1\r\n' * 5000, 'no reply of Redis', ['receive', ANSWER, 'GET', 'x']),
                                     ('an error that a terminal would obey', b'-ERR \x1b[31m\r\n', 'ERR \\x1b[31m', ['receive', ANSWER, 'GET', 'x']),
                                     ('HTTP', b'HTTP/1.1 400 Bad Request\r\n\r\n', 'no reply of Redis', ['receive', ANSWER, 'GET', 'x']),
                                     ('over the limit', b'$500000\r\n' + b'x' * 500000, 'longer than the limit of 1000', ['receive', ANSWER, 'GET', 'x', '--limit', 1000]),
                                     ('says nothing', 'wait', 'nothing for 1 seconds', ['receive', ANSWER, 'GET', 'x', '--timeout', 1])]:
        listener = socket.create_server(('127.0.0.1', 0))

        def serve():
            peer, _ = listener.accept()
            if reply is None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            else:
                peer.recv(1000)
            try:
                peer.sendall(b'' if reply in (None, 'wait') else reply)
                while reply == 'wait' and peer.recv(1000):
                    pass
            except OSError:
                pass
            peer.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        refused(name, '127.0.0.1:%d' % listener.getsockname()[1], text, *words)
        thread.join(20)
        listener.close()
    refused('a port that is none', '127.0.0.1:99999', 'at most 65535', 'receive', ANSWER, 'GET', 'x')
    refused('nobody there', os.path.join(work.name, 'nothing'), 'No such file', 'receive', ANSWER, 'GET', 'x')


def ask_worker(reply):
    """What a worker says to a server that answers so to each of its questions for entries, and how many those are: for a second, if it goes on."""
    listener = socket.create_server(('127.0.0.1', 0))
    asked = []

    def serve():
        peer, _ = listener.accept()
        end = time.monotonic() + 1
        try:
            peer.recv(1000)
            peer.sendall(b'+OK\r\n')
            while time.monotonic() < end and peer.recv(1000):
                asked.append(1)
                peer.sendall(reply)
        except OSError:
            pass
        peer.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    status, _, errors = table.run('redis/worker', '127.0.0.1:%d' % listener.getsockname()[1], 'tasks', 'done')
    thread.join(20)
    listener.close()
    return status, errors, len(asked)


def no_streams():
    """Answers to a worker's question for entries that are none: a line, and status 1, instead of the same question for ever."""
    for name, reply, text in [('an integer', b':5\r\n', 'found an integer'), ('a status', b'+OK\r\n', 'found a status'), ('a string', b'$3\r\nabc\r\n', 'found a string'),
                              ('an array of none', b'*0\r\n', 'found an array'), ('an array of another', b'*1\r\n:5\r\n', 'found an array'),
                              ('a stream without entries', b'*1\r\n*1\r\n$1\r\nx\r\n', 'found an array'), ('entries that are none', b'*1\r\n*2\r\n$1\r\nx\r\n:5\r\n', 'found an integer'),
                              ('never an entry', b'*1\r\n*2\r\n$1\r\nx\r\n*0\r\n', 'found an array'), ('an entry that is none', b'*1\r\n*2\r\n$1\r\nx\r\n*1\r\n:7\r\n', 'found an integer'),
                              ('an entry without an id', b'*1\r\n*2\r\n$1\r\nx\r\n*1\r\n*0\r\n', 'found an array')]:
        status, errors, _ = ask_worker(reply)
        results.check('a worker gets %s' % name, status == 1 and errors.startswith('worker: expected ') and text in errors and errors.count('\n') == 1, errors)


def nil_at_once():
    """A server that says at once that there is nothing is not asked again without a pause."""
    status, errors, asked = ask_worker(b'*-1\r\n')
    results.check('a worker gets nil at once', status == 1 and 2 <= asked <= 50, '%d questions; %s' % (asked, errors))


def passwords():
    with Server('locked', '--requirepass', 'secret') as server:
        refused('no password', server, 'NOAUTH', 'receive', ANSWER, 'GET', 'x')
        refused('another one', server, 'WRONGPASS', 'receive', ANSWER, 'GET', 'x', '--password', 'other')
        write(7)
        for more in [[], ['--user', 'default']]:
            status, out, errors = client(server, 'send', FILE, 'SET', 'x', '--password', 'secret', *more)
            results.check('the right one', status == 0 and out == b'OK\n', errors)


def all_results(server, count, stream='done'):
    """{task: value or error} of so many entries. What is hostile stays bytes: Python would run it."""
    found, last = {}, '0'
    while len(found) < count:
        entries = server.python.xread({stream: last}, block=20000)
        if not entries:
            break
        for last, fields in entries[0][1]:
            value = fields.get(b'value', b'')
            found[fields[b'task']] = fields.get(b'error') or (value if b'system' in value else pickle.loads(value))
    return found


def ended(program):
    program.process.wait(30)
    return program.process.returncode, program.stop()


def stream_of_arrays(server):
    """Two workers share the table at each protocol."""
    arrays = list(table.arrays())
    workers = [table.Program('redis/worker', server.path, 'tasks', 'done', '--name', name) for name in 'ab']
    sent = [(server.python.xadd('tasks', {'value': pickle.dumps(array, protocol)}), protocol, name, array) for protocol in [0, 2, 4, 5] for name, array in arrays]
    found = all_results(server, len(sent))
    for task, protocol, name, array in sent:
        results.check('stream, protocol %d: %s' % (protocol, name), table.same(found.get(task), array), repr(found.get(task)))
    for _ in workers:
        server.python.xadd('tasks', {'value': pickle.dumps(None)})
    for worker in workers:
        results.check('a worker ends', ended(worker) == (0, ''))
    results.check('all is done', server.python.xpending('tasks', 'npickle')['pending'] == 0)


def bad_tasks(server):
    """Each has an error as its result, and the next one is served; a task that a worker of this name had and did not finish comes first."""
    server.python.xgroup_create('bad tasks', 'npickle', '0', mkstream=True)
    left = server.python.xadd('bad tasks', {'value': pickle.dumps('left')})
    server.python.xreadgroup('npickle', 'worker', {'bad tasks': '>'})
    long = server.python.xadd('bad tasks', {'value': pickle.dumps(numpy.zeros(100000))})
    longer = server.python.xadd('bad tasks', {'value': pickle.dumps(numpy.zeros(30000))})
    bad = [(name, server.python.xadd('bad tasks', {'value': body})) for name, body in NO_PICKLES] + [('no value', server.python.xadd('bad tasks', {'text': b'x'}))]
    hostile = server.python.xadd('bad tasks', {'value': HOSTILE})
    good = server.python.xadd('bad tasks', {'other': b'x', 'value': pickle.dumps([1])})
    gone = server.python.xadd('bad tasks', {'value': pickle.dumps(2)})
    server.python.xdel('bad tasks', gone)
    server.python.xadd('bad tasks', {'value': pickle.dumps(None)})
    with table.Program('redis/worker', server.path, 'bad tasks', 'bad done', '--limit', 200000) as worker:
        found = all_results(server, len(bad) + 5, 'bad done')
        status, errors = ended(worker)
    results.check('a task that was left', found.get(left) == 'left')
    results.check('over the limit', b'longer than the limit of 200000' in found.get(long, b''), repr(found.get(long)))
    results.check('a little over the limit', b'longer than the limit of 200000' in found.get(longer, b''), repr(found.get(longer)))
    for name, task in bad:
        results.check('task: %s' % name, isinstance(found.get(task), bytes) and ('worker: %s: ' % task.decode()) in errors, errors)
    results.check('a good one after them', found.get(good) == [1] and status == 0 and errors.count('\n') == len(bad) + 2, errors)
    results.check('a system command comes back, and is not run', b'echo hostile' in found.get(hostile, b'') and not os.path.exists('hostile'), errors)


def group_goes_away(server):
    """The stream is deleted, or its group: it is made again, with a line, and the next task is served; of the stream that is still there all three are new."""
    with table.Program('redis/worker', server.path, 'gone', 'gone done', '--timeout', 2) as worker:
        for name, remove, count in [('the stream', lambda: server.python.delete('gone'), 2), ('the group', lambda: server.python.xgroup_destroy('gone', 'npickle'), 3), ('all of it', server.python.flushdb, 1)]:
            server.python.delete('gone done')
            before = server.python.xadd('gone', {'value': pickle.dumps('before')})
            results.check('before it', all_results(server, 1, 'gone done') == {before: 'before'})
            remove()
            line = worker.lines(1)
            results.check('%s is deleted' % name, line.startswith('worker: ') and line.endswith(': the group is made again\n'), line)
            after = server.python.xadd('gone', {'value': pickle.dumps(name)})
            results.check('after it', all_results(server, count, 'gone done').get(after) == name)
        server.python.xadd('gone', {'value': pickle.dumps(None)})
        results.check('the end', ended(worker) == (0, ''), worker.errors)
    status, errors, asked = ask_worker(b'-NOGROUP No such key\r\n')
    results.check('never a group', status == 1 and asked == 1 and errors == 'worker: NOGROUP No such key\n', errors)


def result_refused():
    """An entry whose result the server does not take stays the worker's, which ends with a line; the next one of this name does it."""
    for name, begin, end in [('WRONGTYPE', lambda pipe: pipe.delete('done').set('done', b''), lambda python: python.delete('done')),
                             ('OOM', lambda pipe: pipe.config_set('maxmemory', 1), lambda python: python.config_set('maxmemory', 0))]:
        for value in [pickle.dumps([name]), b'no pickle']:
            with Server('refuses') as server, table.Program('redis/worker', server.path, 'tasks', 'done') as worker:
                first = server.python.xadd('tasks', {'value': pickle.dumps(1)})
                results.check('%s: before' % name, all_results(server, 1) == {first: 1})
                pipe = server.python.pipeline()  # while the worker waits: it can't even ask where there is no memory
                begin(pipe.xadd('tasks', {'value': value}))
                task = pipe.execute()[0]
                status, errors = ended(worker)
                results.check('%s of a result' % name, status == 1 and errors.splitlines()[-1].startswith('worker: %s: its result is refused: %s' % (task.decode(), name)), errors)
                pending = [entry['message_id'] for entry in server.python.xpending_range('tasks', 'npickle', '-', '+', 10)]
                results.check('%s: the entry stays' % name, pending == [task], pending)
                end(server.python)
                server.python.xadd('tasks', {'value': pickle.dumps(None)})
                status, _, errors = table.run('redis/worker', server.path, 'tasks', 'done')
                _, fields = server.python.xrevrange('done', count=1)[0]
                good = b'error' in fields if value == b'no pickle' else pickle.loads(fields[b'value']) == [name]
                results.check('%s: done later' % name, status == 0 and fields[b'task'] == task and good and server.python.xpending('tasks', 'npickle')['pending'] == 0, errors)


def memory():
    """A worker whose own memory fails answers the task with an error, and does the next."""
    def asker(program):
        def asks():
            task = server.python.xadd('memory', {'value': pickle.dumps(array)})
            while True:
                (_, [(last[0], fields)]), = server.python.xread({'memory done': last[0]}, count=1, block=20000)
                if fields[b'task'] == task:
                    return b'value' in fields and table.same(pickle.loads(fields[b'value']), array)
        return asks

    array, last = numpy.arange(1000.), ['0']
    with Server('memory') as server:
        table.check_memory(results, 'redis/worker', [server.path, 'memory', 'memory done'], asker, False)


def errors_that_nobody_reads(server):
    """A task that is no good is answered all the same, and so is the next one."""
    server.python.flushall()
    with table.Program('redis/worker', server.path, 'tasks', 'done') as worker:
        worker.process.stderr.close()
        for body in [b'no pickle', pickle.dumps(5), pickle.dumps(None)]:
            server.python.xadd('tasks', {'value': body})
        found = list(all_results(server, 2).values())
        results.check('standard error that nobody reads', worker.process.wait(20) == 0 and type(found[0]) is bytes and found[1:] == [5], repr(found))


def server_goes_away():
    with Server('short') as server:
        worker = table.Program('redis/worker', server.path, 'tasks', 'done')
        task = server.python.xadd('tasks', {'value': pickle.dumps(1)})
        results.check('before', all_results(server, 1) == {task: 1})
        server.process.kill()
        status, errors = ended(worker)
        results.check('the server goes away', status == 1 and errors.startswith('worker: ') and errors.count('\n') == 1, errors)
    with Server('types') as server:
        server.python.set('tasks', b'')
        status, _, errors = table.run('redis/worker', server.path, 'tasks', 'done')
        results.check('no stream', status == 1 and 'WRONGTYPE' in errors, errors)


def times(server):
    with open(FILE, 'wb') as file:
        pickle.dump(numpy.arange(5), file)
    table.check_times(results, lambda *words: client(server, 'send', FILE, 'SET', 'times', *words))
    table.check_times(results, lambda *words: client(server, 'receive', ANSWER, 'GET', 'times', *words))
    table.check_full(results, lambda address, *words: table.run('redis/client', address, 'send', FILE, 'SET', 'times', *words))


with Server('socket') as main:
    for test in [values, types_of_redis, bad_values, stream_of_arrays, bad_tasks, errors_that_nobody_reads, group_goes_away, times]:
        test(main)
for test in [result_refused, memory, bad_servers, no_streams, nil_at_once, passwords, server_goes_away]:
    test()
work.cleanup()
table.check_usage(results, 'redis/client', 'redis/worker')
results.done()
