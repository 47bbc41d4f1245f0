"""There and back between a client and a server, one of them in C or both, beside both in Python, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/shared_memory/bench.py [ROUNDS]

A Unix socket carries descriptions; each side copies its array into a block of its own, and makes that once."""
import os
import pickle
import subprocess
import sys
import tempfile
from multiprocessing import connection

import pairs
import sharing
import table


def serve(path):
    """As the server in C."""
    with connection.Listener(path) as listener:
        print('ready', flush=True)
        while True:
            with listener.accept() as peer:
                block = sharing.Block()
                try:
                    while True:
                        value, memory = sharing.take(peer.recv())
                        peer.send(block.share(value))
                        del value
                        memory.close()
                except EOFError:
                    block.close()


def client(path, source, count):
    """As the client in C."""
    with open(source, 'rb') as file:
        array = pickle.load(file)
    with connection.Client(path) as peer:
        block = sharing.Block()

        def once():
            peer.send(block.share(array))
            value, memory = sharing.take(peer.recv())
            del value
            memory.close()
        found = pairs.after_one(once, count)
        block.close()
    return found


def main():
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work:
        path, source, answer = [os.path.join(work, name) for name in ['python', 'in.pkl', 'out.pkl']]
        python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'serve', path], stdout=subprocess.PIPE)
        python.stdout.readline()
        with table.Program('shared_memory/server', os.path.join(work, 'c')) as program:
            c_path = program.start()

            def in_python(to):
                return lambda array, count: client(to, source, count)

            def in_c(to):
                return lambda array, count: pairs.program(count, 'shared_memory/client', to, source, answer)

            pairs.compare('Python', {'client': (in_python(path), in_c(path)), 'server': (in_python(path), in_python(c_path)), 'both': (in_python(path), in_c(c_path))},
                          pairs.saver(source))
        python.kill()
        python.wait()


if sys.argv[1:2] == ['serve']:
    serve(sys.argv[2])
else:
    main()
