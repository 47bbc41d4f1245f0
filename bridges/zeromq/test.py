"""ZeroMQ between C and pyzmq, payloads in the pickle and in frames of their own: see README.md. Run by bridges/check.sh."""
import os
import pickle
import struct
import tempfile
import threading

import numpy

import table

try:
    import zmq
    from zmq.utils.monitor import parse_monitor_message
except ImportError:
    table.skip('zeromq', 'no pyzmq')
if not os.path.exists(os.path.join(os.environ.get('BRIDGES', 'bridges'), 'zeromq/server')):
    table.skip('zeromq', 'not built: no libzmq')

results = table.Results('zeromq')
work = tempfile.TemporaryDirectory()
context = zmq.Context()


def requester(endpoint):
    peer = context.socket(zmq.REQ)
    peer.setsockopt(zmq.LINGER, 0)
    peer.setsockopt(zmq.RCVTIMEO, 20000)
    peer.connect(endpoint)
    return peer


def send_parts(peer, value):
    """The value, with its buffers in frames of their own; how many there were."""
    buffers = []
    body = pickle.dumps(value, 5, buffer_callback=buffers.append)
    peer.send_multipart([body] + buffers, copy=False)
    return len(buffers)


def receive_parts(peer):
    body, *buffers = peer.recv_multipart(copy=False)
    return pickle.loads(body.buffer, buffers=[frame.buffer for frame in buffers]), len(buffers)


def in_band():
    with table.Program('zeromq/server', 'tcp://127.0.0.1:*') as program:
        peer = requester(program.start())
        for protocol in [0, 2, 4, 5]:
            for name, array in table.arrays():
                peer.send_pyobj(array, protocol=protocol)
                results.check('protocol %d: %s' % (protocol, name), table.same(peer.recv_pyobj(), array))
        for value in [None, {'a': [1, 2.5, 'x'], 'b': (True, b'y')}, [numpy.arange(3)] * 2]:
            peer.send_pyobj(value)
            results.check('a value', repr(peer.recv_pyobj()) == repr(value))
        peer.close()
        path = os.path.join(work.name, 'times.pkl')
        numpy.arange(5).dump(path)
        table.check_times(results, lambda *words: table.run('zeromq/client', program.where, path, path + '.out', *words))
        results.check('the server lives', program.alive())


def memory():
    """libzmq itself ends a program that has no memory for its own lists: what fails here is ours."""
    def asker(program):
        peer = requester(program.start())

        def asks():
            answers = []
            send_parts(peer, several)
            answers.append(receive_parts(peer)[0])
            peer.send_pyobj(several)
            answers.append(peer.recv_pyobj())
            return all(isinstance(answer, list) and all(table.same(one, other) for one, other in zip(answer, several)) for answer in answers)
        return asks

    several = [numpy.arange(1000.) + i for i in range(6)]
    table.check_memory(results, 'zeromq/server', ['tcp://127.0.0.1:*'], asker, False)


def out_of_band():
    path = 'ipc://' + os.path.join(work.name, 'socket')
    with table.Program('zeromq/server', path) as program:
        peer = requester(program.start())
        for name, array in table.arrays():
            sent = send_parts(peer, array)
            back, count = receive_parts(peer)
            results.check('buffers: %s' % name, table.same(back, array) and count == sent, '%d buffers, %d sent' % (count, sent))
        shared = numpy.arange(5.)
        for value in [[shared, shared, {'b': numpy.arange(6)[::-1]}], [numpy.full(i, i) for i in range(40)], bytearray(b'x'), 'none']:
            sent = send_parts(peer, value)
            back, count = receive_parts(peer)
            results.check('several buffers', repr(back) == repr(value) and count >= sent, '%r: %d buffers, %d sent' % (back, count, sent))
        several = [numpy.arange(3000000.) + i for i in range(3)]
        for _ in range(5):
            send_parts(peer, several)
            back, _ = receive_parts(peer)
            results.check('72 MB', all(table.same(one, other) for one, other in zip(back, several)))
        peer.close()


def refused(peer, word):
    answer = peer.recv_pyobj()
    return isinstance(answer, ValueError) and word in str(answer)


READY = b'\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x03REQ'

GREETING = b'\xff' + b'\0' * 8 + b'\x7f\x03\0NULL'.ljust(23, b'\0') + b'\0' * 32 + READY


def raw(endpoint, data):
    """Frames to the socket that pyzmq would not send; none: not even a greeting."""
    host, port = endpoint[len('tcp://'):].split(':')
    table.raw((host, int(port)), b'GET / HTTP/1.1\r\n\r\n' if data is None else GREETING + data)


def bad_peers():
    with table.Program('zeromq/server', 'tcp://127.0.0.1:*', '--limit', 1000000, '--timeout', 1) as program:
        endpoint = program.start()
        peer = requester(endpoint)

        def one_more():
            peer.send_pyobj(1)
            return peer.recv_pyobj() == 1

        def lives(name):
            results.check('after ' + name, one_more())

        for name, body in list(table.bad_bodies()) + [('another type', b'\x80\x04\x85.')]:
            peer.send(body)
            if name == 'a system command':  # a call is data to C and goes back as it came: it is not loaded here
                results.check(name, b'system' in peer.recv())
            elif name == 'another type':
                results.check(name, isinstance(peer.recv_pyobj(), (ValueError, tuple)))
            else:
                results.check(name, refused(peer, ''))
            lives(name)
        array = pickle.dumps(numpy.arange(10), 5, buffer_callback=[].append)
        for name, frames, word in [('no buffer', [array], ''), ('a buffer too many', [array, bytes(80), bytes(8)], 'expected 1 buffers'),
                                   ('a short buffer', [array, bytes(79)], ''), ('a long buffer', [array, bytes(81)], ''),
                                   ('too long in all', [array] + [bytes(600000)] * 2, 'longer than the limit'),
                                   ('more after the limit', [array] + [bytes(600000)] * 9, 'longer than the limit'),
                                   ('too many frames', [b'\x80\x02N.'] + [b''] * 70000, 'more than 65536 frames')]:
            peer.send_multipart(frames)
            results.check(name, refused(peer, word))
            lives(name)
        for name, data in [('no ZMTP', None), ('nothing after the greeting', b''), ('a frame of 2 GiB', b'\x02' + struct.pack('!Q', 1 << 31)),
                           ('a frame of 2**60', b'\x02' + struct.pack('!Q', 1 << 60)), ('a frame of 2**63', b'\x02' + struct.pack('!Q', 1 << 63)), ('a frame that ends early', b'\x01\0\0\x64xyz'),
                           ('a message without its last frame', b'\x01\0\x01\x04\x80\x02N.'), ('no frame of nothing in front', b'\0\x04\x80\x02N.')]:
            raw(endpoint, data)
            lives(name)
        quiet = requester(endpoint)
        lives('a peer that says nothing')
        long = requester(endpoint)
        long.setsockopt(zmq.RCVTIMEO, 1000)
        monitor = long.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        monitor.setsockopt(zmq.RCVTIMEO, 20000)
        long.send_pyobj(bytes(1000001))  # one frame: libzmq closes the connection, says so to nobody, and connects anew
        results.check('a frame over the limit: the peer sees the end', parse_monitor_message(monitor.recv_multipart())['event'] == zmq.EVENT_DISCONNECTED)
        try:
            results.check('a frame over the limit', False, repr(long.recv()))
        except zmq.Again:
            results.check('a frame over the limit: no answer', True)
        lives('a frame over the limit')
        long.close()
        gone = requester(endpoint)
        gone.send_pyobj(numpy.zeros(100000))
        gone.close()
        lives('a peer that does not wait for its answer')
        quiet.close()
        host, port = endpoint[len('tcp://'):].split(':')
        results.check('200 at once', table.crowd((host, int(port)), [b'', GREETING[:20], GREETING, GREETING + b'\x01\0\x01\x04\x80\x02N.'], one_more))
        peer.close()
        errors = program.stop()
        results.check('lines of errors', errors.count('\n') >= 12 and 'longer than the limit' in errors, errors)
        results.check('nothing was run', not os.path.exists('hostile') and 'hostile' not in errors)


def client_to_python():
    question, answer = os.path.join(work.name, 'in.pkl'), os.path.join(work.name, 'out.pkl')
    peer = context.socket(zmq.REP)
    peer.setsockopt(zmq.RCVTIMEO, 30000)
    peer.setsockopt(zmq.LINGER, 0)
    endpoint = 'tcp://127.0.0.1:%d' % peer.bind_to_random_port('tcp://127.0.0.1')
    seen = []

    def serve(count):
        for _ in range(count):
            value, buffers = receive_parts(peer)
            seen.append(buffers)
            if buffers:
                send_parts(peer, {'back': value})
            else:
                peer.send_pyobj({'back': value})

    arrays = [array for _, array in table.arrays()][::9] + [numpy.arange(3000000, dtype='f8')]
    cases = [(array, body, flags) for array in arrays for body, flags in [(pickle.dumps(array, 4), []), (pickle.dumps(array, 4), ['--buffers']), (table.python2(array), ['--buffers'])]]
    thread = threading.Thread(target=serve, args=(len(cases),), daemon=True)
    thread.start()
    for array, body, flags in cases:
        with open(question, 'wb') as file:
            file.write(body)
        status, _, errors = table.run('zeromq/client', endpoint, question, answer, *flags)
        with open(answer, 'rb') as file:
            back = pickle.load(file)['back'] if status == 0 else None
        results.check('client %s %s' % (array.dtype, flags), status == 0 and table.same(back, array) and seen[-1] == len(flags), errors)
    thread.join()

    def bad(reply):
        peer.recv()
        peer.send(reply)

    for name, body in list(table.bad_bodies())[:-1]:
        thread = threading.Thread(target=bad, args=(body,), daemon=True)
        thread.start()
        os.remove(answer) if os.path.exists(answer) else None
        status, _, errors = table.run('zeromq/client', endpoint, question, answer)
        results.check('client: %s' % name, status == 1 and errors.startswith('client: ') and not os.path.exists(answer), errors)
        thread.join()
    peer.close()
    status, _, errors = table.run('zeromq/client', endpoint, question, answer, '--timeout', 1)
    results.check('nobody there', status == 1 and 'nothing for 1 seconds' in errors, errors)
    status, _, errors = table.run('zeromq/client', 'nowhere', question, answer)
    results.check('no endpoint', status == 1 and 'Invalid argument' in errors, errors)


for test in [in_band, memory, out_of_band, bad_peers, client_to_python]:
    test()
work.cleanup()
table.check_usage(results, 'zeromq/client', 'zeromq/server')
results.done()
