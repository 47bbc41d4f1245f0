"""There and back between multiprocessing.connection's Client and Listener, one of them in C, beside both in Python, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/multiprocessing/bench.py [ROUNDS]

With a key, on the loopback; protocol 4. Each client is a process of its own: where the system puts one that it has just begun, beside the
listener or apart from it, makes more of a difference than what it does."""
import os
import pickle
import subprocess
import sys
import tempfile
from multiprocessing import connection

import pairs
import table

KEY = b'secret'


def listen():
    """As the listener in C."""
    with connection.Listener(('127.0.0.1', 0), authkey=KEY) as listener:
        print('127.0.0.1:%d' % listener.address[1], flush=True)
        while True:
            with listener.accept() as peer:
                try:
                    while True:
                        peer.send(peer.recv())
                except EOFError:
                    pass


def client(address, path, count):
    """As the client in C: loads the pickle, and sends it so often."""
    host, port = address.rsplit(':', 1)
    with open(path, 'rb') as file:
        array = pickle.load(file)
    with connection.Client((host, int(port)), authkey=KEY) as peer:
        def once():
            peer.send(array)
            peer.recv()
        return pairs.after_one(once, count)


def main():
    python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'listen'], stdout=subprocess.PIPE, text=True)
    address = python.stdout.readline().strip()
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work, table.Program('multiprocessing/listener', '127.0.0.1:0', '--key', KEY.decode()) as program:
        path, answer, c_address = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl'), program.start()

        def python_client(to):
            return lambda array, count: float(subprocess.check_output([sys.executable, os.path.abspath(__file__), 'client', to, path, str(count)]))

        def client_in_c(to):
            return lambda array, count: pairs.program(count, 'multiprocessing/client', to, path, answer, '--key', KEY.decode())

        in_python = python_client(address)
        pairs.compare('Python', {'client': (in_python, client_in_c(address)), 'listener': (in_python, python_client(c_address)),
                                 'both': (in_python, client_in_c(c_address))}, pairs.saver(path))
    python.kill()
    python.wait()


if sys.argv[1:2] == ['listen']:
    listen()
elif sys.argv[1:2] == ['client']:
    print(client(*sys.argv[2:4], int(sys.argv[4])))
else:
    main()
