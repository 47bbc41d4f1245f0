"""There and back by a server in C, beside one in Python that does the same, for a Python that waits, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/shared_memory/bench.py [ROUNDS]

A Unix socket carries descriptions; each side copies its array into a block of its own, and makes that once."""
import os
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


class Asker(object):
    """A client with a block of its own."""

    def __init__(self, path):
        self.peer, self.block = connection.Client(path), sharing.Block()

    def ask(self, array, count):
        return pairs.seconds(lambda: self.once(array), count)

    def once(self, array):
        self.peer.send(self.block.share(array))
        value, memory = sharing.take(self.peer.recv())
        del value
        memory.close()


def main():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, 'python')
        python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'serve', path], stdout=subprocess.PIPE)
        python.stdout.readline()
        with table.Program('shared_memory/server', os.path.join(work, 'c')) as program:
            askers = [Asker(path), Asker(program.start())]
            pairs.compare('Python', {'there and back': tuple(asker.ask for asker in askers)})
            for asker in askers:
                asker.peer.close()
                asker.block.close()
        python.wait()


if sys.argv[1:2] == ['serve']:
    serve(sys.argv[2])
else:
    main()
