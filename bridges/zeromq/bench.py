"""There and back between a REQ and a REP socket, one of them in C, beside both in pyzmq, in turn: medians, and the ratio of Python's time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/zeromq/bench.py [ROUNDS]

TCP on the loopback; send_pyobj at protocol 4, and with the elements in a frame of their own ("buffers", protocol 5)."""
import os
import pickle
import subprocess
import sys
import tempfile

import zmq

import pairs
import table

context = zmq.Context()


def send(peer, value, buffers):
    if not buffers:
        return peer.send_pyobj(value, protocol=4)
    found = []
    body = pickle.dumps(value, 5, buffer_callback=found.append)
    return peer.send_multipart([body] + found, copy=False)


def receive(peer):
    """(value, whether it came with buffers)"""
    body, *found = peer.recv_multipart(copy=False)
    return pickle.loads(body.buffer, buffers=[frame.buffer for frame in found]), bool(found)


def serve():
    """As the server in C."""
    peer = context.socket(zmq.REP)
    peer.bind('tcp://127.0.0.1:*')
    print(peer.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip('\0'), flush=True)
    while True:
        send(peer, *receive(peer))


def client(endpoint, path, buffers, count):
    """As the client in C: loads the pickle, and sends it so often."""
    with open(path, 'rb') as file:
        array = pickle.load(file)
    with context.socket(zmq.REQ) as peer:
        peer.connect(endpoint)

        def once():
            send(peer, array, buffers)
            receive(peer)
        return pairs.after_one(once, count)


def main():
    python = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'serve'], stdout=subprocess.PIPE, text=True)
    endpoint = python.stdout.readline().strip()
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work, table.Program('zeromq/server', 'tcp://127.0.0.1:*') as program:
        path, answer, c_endpoint = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl'), program.start()

        def in_python(to, buffers):
            return lambda array, count: client(to, path, buffers, count)

        def in_c(to, buffers):
            return lambda array, count: pairs.program(count, 'zeromq/client', to, path, answer, *['--buffers'] * buffers)

        rows = {}
        for buffers, text in enumerate(['', ', buffers']):
            rows['client' + text] = in_python(endpoint, buffers), in_c(endpoint, buffers)
            rows['server' + text] = in_python(endpoint, buffers), in_python(c_endpoint, buffers)
            rows['both' + text] = in_python(endpoint, buffers), in_c(c_endpoint, buffers)
        pairs.compare('pyzmq', rows, pairs.saver(path))
    python.kill()
    python.wait()


if sys.argv[1:2] == ['serve']:
    serve()
else:
    main()
