"""How long a value takes to Redis and from it in C, beside redis-py, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/redis/bench.py [ROUNDS]

Pickle protocol 4, TCP on the loopback. "stream" is there and back by a worker in C, and by one in Python, for a Python that waits for the answer."""
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import time

import redis

import pairs
import table


def worker(port):
    """As the worker in C."""
    server, group = redis.Redis(port=port), 'python'
    server.xgroup_create('python tasks', group, '0', mkstream=True)
    while True:
        for _, entries in server.xreadgroup(group, 'worker', {'python tasks': '>'}, 1, block=15000):
            for task, fields in entries:
                server.xadd('python done', {'task': task, 'value': pickle.dumps(pickle.loads(fields[b'value']), 4)})
                server.xack('python tasks', group, task)


def there_and_back(server, who, array):
    sent = server.xadd(who + ' tasks', {'value': pickle.dumps(array, 4)}, maxlen=1)
    found = server.xread({who + ' done': '0'}, block=20000)[0][1][0][1]
    assert found[b'task'] == sent
    pickle.loads(found[b'value'])
    server.delete(who + ' done')


def measure(port, server, work):
    address, path, out = 'localhost:%d' % port, os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
    pairs.compare('redis-py', {
        'SET': (lambda array, count: pairs.after_one(lambda: server.set('x', pickle.dumps(array, 4)), count),
                lambda array, count: pairs.program(count, 'redis/client', address, 'send', path, 'SET', 'x')),
        'GET': (lambda array, count: pairs.after_one(lambda: pickle.loads(server.get('x')), count),
                lambda array, count: pairs.program(count, 'redis/client', address, 'receive', out, 'GET', 'x')),
        'stream': tuple(lambda array, count, who=who: pairs.after_one(lambda: there_and_back(server, who, array), count) for who in ('python', 'c'))}, pairs.saver(path))


def main():
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work:
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
            measure(port, server, work)
        for each in [python, process]:
            each.kill()
            each.wait()


if sys.argv[1:2] == ['worker']:
    worker(int(sys.argv[2]))
else:
    main()
