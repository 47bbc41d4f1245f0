"""How long a value takes to Redis and from it in C, beside redis-py, in pairs: ratios of Python's time through C's, the medians.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/redis/bench.py [ROUNDS]

Pickle protocol 4, TCP on the loopback. "stream" is there and back by a worker in C, and by one in Python, for a Python that waits for the answer."""
import os
import pickle
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import redis

import table

SIZES = [('64 B', 64, 1000), ('8 KiB', 8 << 10, 1000), ('1 MiB', 1 << 20, 40), ('64 MiB', 64 << 20, 2)]


def worker(port):
    """As the worker in C."""
    server, group = redis.Redis(port=port), 'python'
    server.xgroup_create('python tasks', group, '0', mkstream=True)
    while True:
        for _, entries in server.xreadgroup(group, 'worker', {'python tasks': '>'}, 1, block=15000):
            for task, fields in entries:
                server.xadd('python done', {'task': task, 'value': pickle.dumps(pickle.loads(fields[b'value']), 4)})
                server.xack('python tasks', group, task)


def seconds(function, count):
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


def in_c(port, count, *words):
    """Seconds for one of `count`, without connecting."""
    def run(times):
        status, _, errors = table.run('redis/client', 'localhost:%d' % port, *words, '--times', times)
        assert status == 0, errors
    once = seconds(lambda: run(1), 1)
    return (seconds(lambda: run(count + 1), 1) - once) / count


def there_and_back(server, who, array):
    last = server.xadd(who + ' tasks', {'value': pickle.dumps(array, 4)}, maxlen=1)
    found = server.xread({who + ' done': '0'}, block=20000)[0][1][0][1]
    assert found[b'task'] == last
    pickle.loads(found[b'value'])
    server.delete(who + ' done')


def main(rounds):
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work:
        path, out = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
        process = subprocess.Popen(['redis-server', '--port', str(port), '--save', '', '--dir', work], stdout=subprocess.DEVNULL)
        server = redis.Redis(port=port)
        while True:
            try:
                server.ping()
                break
            except redis.exceptions.ConnectionError:
                time.sleep(0.05)
        python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'worker', str(port)])
        with table.Program('redis/worker', 'localhost:%d' % port, 'c tasks', 'c done'):
            print('| | size | redis-py | C | ratio |\n|---|---|---|---|---|')
            for text, size, count in SIZES:
                array = numpy.arange(size // 8, dtype='f8')
                with open(path, 'wb') as file:
                    pickle.dump(array, file, 4)
                rows = {
                    'SET': (lambda: seconds(lambda: server.set('x', pickle.dumps(array, 4)), count), lambda: in_c(port, count, 'send', path, 'SET', 'x')),
                    'GET': (lambda: seconds(lambda: pickle.loads(server.get('x')), count), lambda: in_c(port, count, 'receive', out, 'GET', 'x')),
                    'stream': tuple(lambda who=who: seconds(lambda: there_and_back(server, who, array), count) for who in ('python', 'c'))}
                for name, pair in rows.items():
                    pairs = [tuple(one() for one in pair) for _ in range(rounds)]
                    print('| %s | %s | %.3f ms | %.3f ms | %.2f |' % (name, text, 1e3 * statistics.median(a for a, _ in pairs), 1e3 * statistics.median(b for _, b in pairs),
                                                                     statistics.median(a / b for a, b in pairs)), flush=True)
        python.kill()
        python.wait()
        process.terminate()
        process.wait()


if sys.argv[1:2] == ['worker']:
    worker(int(sys.argv[2]))
else:
    main(int((sys.argv + ['15'])[1]))
