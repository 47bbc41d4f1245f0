"""push() and get() of an image by the client in C, beside Python's Proxy, of an object of Pyro4 in ImageJ, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common xvfb-run -a python3 bridges/imagej/bench.py [ROUNDS]

A new connection each time. Both push as often before the windows are closed again: more windows cost more. Protocol 2, loopback."""
import os
import pickle
import subprocess
import tempfile

import numpy
import Pyro4

import pairs

HERE = os.path.dirname(os.path.abspath(__file__))
JARS = os.environ.get('JARS', '/usr/share/java')
SIZES = [('64 B', 64, 40), ('8 KiB', 8 << 10, 40), ('1 MiB', 1 << 20, 8), ('16 MiB', 16 << 20, 2)]
Pyro4.config.SERIALIZER = 'pickle'
Pyro4.config.PICKLE_PROTOCOL_VERSION = 2


def main():
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work:
        image, title, target = [os.path.join(work, name) for name in ['in.pkl', 'title.pkl', 'out.pkl']]
        with open(title, 'wb') as file:
            pickle.dump('array', file, 2)
        java = subprocess.Popen(['java', '-cp', ':'.join(os.path.join(JARS, jar + '.jar') for jar in ['jython', 'ij', 'bcpkix']), 'org.python.util.jython', os.path.join(HERE, 'images.py')],
                                stdout=subprocess.PIPE, text=True)
        uri = java.stdout.readline().strip()
        try:
            with Pyro4.Proxy(uri) as proxy:
                measure(proxy, uri.split('@')[1], image, title, target)
        finally:
            java.kill()
            java.wait()


def measure(proxy, address, image, title, target):
    def prepare(array):
        with open(image, 'wb') as file:
            pickle.dump(numpy.arange(array.nbytes // 4, dtype='f4').reshape(4, -1), file, 2)

    def timed(run):
        def seconds(array, count):
            for one in proxy.titles():
                proxy.close(one)
            with open(image, 'rb') as file:
                value = pickle.load(file)
            return run(value, count)
        return seconds

    def by_proxy(method, value, count):
        with Pyro4.Proxy('PYRO:imagej@' + address) as ours:  # a new connection, as the client's
            return pairs.after_one(lambda: getattr(ours, method)(value), count)

    def by_client(method, path, count):
        return pairs.program(count, 'pyro/client', address, 'imagej', method, path, target, '--python2')

    pairs.compare('Python', {
        'push': (timed(lambda value, count: by_proxy('push', value, count)), timed(lambda value, count: by_client('push', image, count))),
        'get': (timed(lambda value, count: proxy.push(value) and by_proxy('get', 'array', count)), timed(lambda value, count: proxy.push(value) and by_client('get', title, count)))},
        prepare, SIZES)


main()
