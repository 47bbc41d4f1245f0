"""push() between C and Python, one of them in C or both, beside Python and Python, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/pyro/bench.py [ROUNDS]

Pyro4, pickle protocol 4, loopback, without and with an HMAC."""
import os
import pickle
import subprocess
import sys
import tempfile

import Pyro4

import pairs
import table

Pyro4.config.SERIALIZER = 'pickle'
Pyro4.config.SERIALIZERS_ACCEPTED = {'pickle'}
Pyro4.config.PICKLE_PROTOCOL_VERSION = 4


@Pyro4.expose
class Screen(object):
    def push(self, image):
        return image


def serve(key):
    """As the daemon in C."""
    daemon = Pyro4.Daemon('127.0.0.1', 0)
    daemon._pyroHmacKey = key
    print(daemon.register(Screen(), 'screen'), flush=True)
    daemon.requestLoop()


def client(uri, key, path, count):
    """As the client in C: loads the pickle, and sends it so often."""
    with open(path, 'rb') as file:
        image = pickle.load(file)
    with Pyro4.Proxy(uri) as proxy:
        proxy._pyroHmacKey = key
        return pairs.after_one(lambda: proxy.push(image), count)


def measure(key):
    words = ['--key', key.decode()] if key else []
    python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'serve', (key or b'').decode()], stdout=subprocess.PIPE, text=True)
    uri = python.stdout.readline().strip()
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work, table.Program('pyro/daemon', '127.0.0.1:0', '--object', 'screen', *words) as program:
        path, answer, c_uri = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl'), program.start()

        def in_python(to):
            return lambda array, count: client(to, key, path, count)

        def in_c(to):
            return lambda array, count: pairs.program(count, 'pyro/client', to.split('@')[1], 'screen', 'push', path, answer, *words)

        pairs.compare('Python, with HMAC' if key else 'Python', {
            'client': (in_python(uri), in_c(uri)), 'daemon': (in_python(uri), in_python(c_uri)), 'both': (in_python(uri), in_c(c_uri))}, pairs.saver(path))
    python.kill()
    python.wait()


if sys.argv[1:2] == ['serve']:
    serve(sys.argv[2].encode() or None)
else:
    measure(None)
    measure(b'secret')
