"""How long push() takes between C and Python, beside Python and Python: bench.py [ROUNDS] in the folder of the build, with PYTHONPATH=bridges/common.

Pairs of the same size run in turn; the ratio is the median of Python's time through C's. Pyro4, pickle protocol 4, loopback."""
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import Pyro4

import table

Pyro4.config.SERIALIZER = 'pickle'
Pyro4.config.SERIALIZERS_ACCEPTED = {'pickle'}
Pyro4.config.PICKLE_PROTOCOL_VERSION = 4
SIZES = [(64, 400), (8192, 400), (1 << 20, 40), (64 << 20, 2)]
ROUNDS = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 7
work = tempfile.mkdtemp(dir='/dev/shm')


@Pyro4.expose
class Screen(object):
    def push(self, image):
        return image


def python_daemon(key):
    daemon = Pyro4.Daemon('127.0.0.1', 0)
    daemon._pyroHmacKey = key
    print(daemon.register(Screen(), 'screen'), flush=True)
    daemon.requestLoop()


def python_client(uri, key, path, times):
    """As the client in C: loads the pickle, and sends it so often."""
    with open(path, 'rb') as file:
        image = pickle.load(file)
    proxy = Pyro4.Proxy(uri)
    proxy._pyroHmacKey = key
    for _ in range(times):
        proxy.push(image)


def timed(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def c_client(uri, key, path, times):
    status, _, lines = table.run('pyro/client', uri.split('@')[1], 'screen', 'push', path, path + '.back', '--times', times, *(['--key', key.decode()] if key else []))
    assert status == 0, lines


def each(client, uri, key, path, count):
    """Seconds for one of `count` calls, without connecting."""
    once = timed(client, uri, key, path, 1)
    return (timed(client, uri, key, path, count + 1) - once) / count


def measure(key):
    with table.Program('pyro/daemon', '127.0.0.1:0', '--object', 'screen', *(['--key', key.decode()] if key else [])) as program:
        c_uri = program.start()
        python = subprocess.Popen([sys.executable, __file__, 'daemon', (key or b'').decode()], stdout=subprocess.PIPE, text=True)
        python_uri = python.stdout.readline().strip()
        for size, count in SIZES:
            path = os.path.join(work, 'in.pkl')
            numpy.arange(size // 8, dtype='f8').dump(path)
            with open(path, 'rb') as file:
                image = pickle.load(file)
            with open(path, 'wb') as file:
                pickle.dump(image, file, 4)
            rows = [(each(python_client, python_uri, key, path, count), each(python_client, c_uri, key, path, count),
                     each(c_client, python_uri, key, path, count), each(c_client, c_uri, key, path, count)) for _ in range(ROUNDS)]
            ratios = [statistics.median(row[0] / row[i] for row in rows) for i in (1, 2, 3)]
            print('%9d B%s: Python %8.3f ms; daemon in C %.2fx, client in C %.2fx, both %.2fx' %
                  ((size, ' with HMAC' if key else '', statistics.median(row[0] for row in rows) * 1e3) + tuple(ratios)), flush=True)
        python.kill()
        python.wait()


if sys.argv[1:2] == ['daemon']:
    python_daemon(sys.argv[2].encode() or None)
else:
    measure(None)
    measure(b'secret')
