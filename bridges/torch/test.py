"""Tensors of PyTorch in C, and objects of torch.distributed: see README.md. Run by bridges/check.sh.

What torch saved is here as files, so that the first part needs no torch: `test.py make` writes them anew. The second part is live, where torch is there."""
import io
import os
import pickle
import socket
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy

import table

try:
    import torch
except ImportError:
    torch = None
HERE = os.path.dirname(os.path.abspath(__file__))
results = table.Results('torch')
work = tempfile.TemporaryDirectory()
ANSWER = os.path.join(work.name, 'out.pkl')
DTYPES = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64', 'bfloat16', 'complex64', 'complex128']
SHAPES = [(), (0,), (7,), (3, 5), (2, 3, 4), (0, 3)]
FILES = ['checkpoint.pth', 'checkpoint-legacy.pth', 'object.pkl']


def array_of(dtype, shape):
    """What is saved under a dtype: NumPy has no bfloat16, and C gives float32 for it."""
    count = int(numpy.prod(shape, dtype=int))
    return (numpy.arange(count) * 37 % 251 % 128).astype('float32' if dtype == 'bfloat16' else dtype).reshape(shape)


def tensor_of(dtype, shape):
    return torch.from_numpy(array_of(dtype, shape)).to(getattr(torch, dtype))


def expected():
    """{path: array} of the files: a state dict, an optimizer's, each dtype, views."""
    weight, grid = array_of('float32', (2, 3)), array_of('float32', (3, 4))
    found = {"['model']['weight']": weight, "['model']['bias']": array_of('float32', (2,)), "['optimizer']['state'][0]['momentum_buffer']": weight + 1,
             "['transposed']": grid.T, "['slice']": grid[1:, 2], "['parameter'].<args>[0]": array_of('float64', (3,))}
    for dtype in DTYPES:
        found["['%s']" % dtype] = array_of(dtype, (2, 3))
    found["['scalar']"] = array_of('float64', ())
    found["['empty']"] = array_of('int32', (0, 3))
    return found


def saved():
    """What `expected` expects, of torch."""
    weight, grid = tensor_of('float32', (2, 3)), tensor_of('float32', (3, 4))
    model = torch.nn.Linear(3, 2)
    model.load_state_dict({'weight': weight, 'bias': tensor_of('float32', (2,))})
    value = {'model': model.state_dict(), 'optimizer': {'state': {0: {'momentum_buffer': weight + 1}}, 'param_groups': [{'lr': 0.1, 'params': [0]}]}, 'epoch': 3,
             'transposed': grid.t(), 'slice': grid[1:, 2], 'parameter': torch.nn.Parameter(tensor_of('float64', (3,)))}
    for dtype in DTYPES:
        value[dtype] = tensor_of(dtype, (2, 3))
    value.update(scalar=tensor_of('float64', ()), empty=tensor_of('int32', (0, 3)))
    return value


def make(folder):
    torch.save(saved(), os.path.join(folder, FILES[0]))
    torch.save(saved(), os.path.join(folder, FILES[1]), _use_new_zipfile_serialization=False)
    with open(os.path.join(folder, FILES[2]), 'wb') as file:
        pickle.dump(saved(), file, 4)


def checkpoint(path):
    status, _, errors = table.run('torch/checkpoint', path, ANSWER)
    if status != 0:
        return {}, errors
    with open(ANSWER, 'rb') as file:
        return pickle.load(file), errors


def same(one, other):
    return one is not None and one.dtype == other.dtype and one.shape == other.shape and numpy.array_equal(one, other)


def compare(name, path, wanted):
    found, errors = checkpoint(path)
    results.check('%s: no others' % name, sorted(found) == sorted(wanted), errors + repr(sorted(set(found) ^ set(wanted))))
    for path, array in wanted.items():
        results.check('%s: %s' % (name, path), same(found.get(path), array), repr(found.get(path)))


def files():
    """The program, and the tool, on what torch saved."""
    for name in FILES:
        compare(name, os.path.join(HERE, name), expected())
    tool = os.environ.get('NPICKLE', 'npickle')
    for name in FILES[:2]:
        folder = os.path.join(work.name, name)
        done = subprocess.run([tool, 'extract', os.path.join(HERE, name), '-d', folder], capture_output=True, text=True)
        arrays = [numpy.load(os.path.join(folder, file)) for file in sorted(os.listdir(folder)) if file.endswith('.npy')] if done.returncode == 0 else []
        results.check('extract %s' % name, len(arrays) == len(expected()) and any(same(array, expected()["['complex128']"]) for array in arrays), done.stderr)


def bad_files():
    with open(os.path.join(HERE, FILES[0]), 'rb') as file:
        good = file.read()
    with open(os.path.join(HERE, FILES[2]), 'rb') as file:
        pickled = file.read()
    hostile = list(table.bad_bodies())[-1][1]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w', zipfile.ZIP_STORED) as archive:
        archive.writestr('archive/data.pkl', hostile)
        archive.writestr('archive/version', b'3\n')
    compressed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(compressed, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name in old.namelist():
            archive.writestr(name, old.read(name))
    view = b'K\x00K\x02K\x03\x86'  # offset and shape (2, 3) of the first tensor that is pickled by itself
    assert pickled.count(view) >= 1
    for name, body in list(table.bad_bodies())[:-1] + [('half an archive', good[:len(good) // 2]), ('an archive that is compressed', compressed.getvalue()),
                                                       ('a tensor that is too large', pickled.replace(view, b'K\x00K\x02K\xff\x86', 1)),
                                                       ('a tensor that begins behind', pickled.replace(view, b'K\x07K\x02K\x03\x86', 1))]:
        path = os.path.join(work.name, 'bad')
        with open(path, 'wb') as file:
            file.write(body)
        os.remove(ANSWER) if os.path.exists(ANSWER) else None
        found, errors = checkpoint(path)
        results.check(name, found == {} and errors.startswith('checkpoint: ') and errors.count('\n') == 1 and not os.path.exists(ANSWER), errors)
    for name, body in [('hostile', hostile), ('a hostile archive', packed.getvalue())]:
        path = os.path.join(work.name, 'bad')
        with open(path, 'wb') as file:
            file.write(body)
        found, errors = checkpoint(path)
        results.check('%s: nothing was run' % name, found == {} and not os.path.exists('hostile'), errors)


def batch(bodies, sizes=None, count=None):
    sizes = sizes or [len(body) for body in bodies]
    return struct.pack('=q', len(sizes) if count is None else count) + struct.pack('=%dq' % len(sizes), *sizes) + b''.join(bodies)


def read(peer, size):
    found = b''
    while len(found) < size:
        more = peer.recv(size - len(found))
        if not more:
            return None
        found += more
    return found


def objects(path, bodies):
    """What C answers to a batch of pickles, without torch."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        peer.sendall(batch(bodies))
        count, = struct.unpack('=q', read(peer, 8))
        sizes = struct.unpack('=%dq' % count, read(peer, 8 * count))
        return [read(peer, size) for size in sizes]


def memory():
    def asker(program):
        path = program.start()

        def asks():
            try:
                return objects(path, bodies) == bodies
            except (OSError, struct.error, TypeError):
                return False
        return asks

    bodies = [pickle.dumps(numpy.arange(1000.), 4)] * 3
    table.check_memory(results, 'torch/objects', [os.path.join(work.name, 'memory')], asker)


def batches():
    """The tensors of broadcast_object_list, as bytes."""
    with table.Program('torch/objects', os.path.join(work.name, 'batches'), '--limit', 1000000, '--timeout', 1) as program:
        path = program.start()
        arrays = list(table.arrays())
        for protocol in [2, 4, 5]:
            back = objects(path, [pickle.dumps(array, protocol) for _, array in arrays])
            for (name, array), body in zip(arrays, back):
                results.check('objects, protocol %d: %s' % (protocol, name), table.same(pickle.loads(body), array))
        results.check('no objects', objects(path, []) == [])
        bad = [(name, batch([pickle.dumps(1), body])) for name, body in list(table.bad_bodies())[:-1]]
        bad += [('half a count', b'\1\0\0'), ('an object that ends early', batch([b'x'], [100])), ('2 GiB', batch([], [1 << 31])), ('a negative size', batch([], [-1])),
                ('sizes that overflow', batch([], [1 << 62] * 4)), ('many objects', batch([], [], 1 << 60)), ('a negative count', batch([], [], -1)), ('a count of 2**63', batch([], [], -1 << 63)), ('no sizes', batch([], [], 5))]
        for name, data in bad:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(path)
                peer.sendall(data)
                peer.shutdown(socket.SHUT_WR)
                try:
                    results.check('%s: no answer' % name, peer.recv(1) == b'')
                except OSError:
                    pass
            results.check('%s: the next one' % name, objects(path, [pickle.dumps(5)]) == [pickle.dumps(5)])
        hostile = list(table.bad_bodies())[-1][1]
        results.check('hostile', b'echo' in objects(path, [hostile])[0] and not os.path.exists('hostile'))
        with socket.socket(socket.AF_UNIX) as quiet:
            quiet.connect(path)
            results.check('a peer that says nothing', objects(path, [pickle.dumps(5)]) == [pickle.dumps(5)] and quiet.recv(1) == b'')
        results.check('a byte now and then', table.drip(path, batch([bytes(100)])[:100]) and objects(path, [pickle.dumps(5)]) == [pickle.dumps(5)])
        results.check('200 at once', table.crowd(path, [b'', b'\1\0', batch([b'x'], [100]), batch([bytes(5000)], [900000])], lambda: objects(path, [pickle.dumps(5)]) == [pickle.dumps(5)]))
        errors = program.stop()
        results.check('lines of errors', errors.count('\n') >= len(bad) + 2 and 'too slow' in errors and 'nothing for 1 seconds' in errors, errors)


def live_files():
    """Each dtype and shape as torch saves it now."""
    value = {'%s %s' % (dtype, shape): tensor_of(dtype, shape) for dtype in DTYPES for shape in SHAPES}
    wanted = {"['%s %s']" % (dtype, shape): array_of(dtype, shape) for dtype in DTYPES for shape in SHAPES}
    path = os.path.join(work.name, 'live')
    for name, save in [('zip', lambda: torch.save(value, path)), ('legacy', lambda: torch.save(value, path, _use_new_zipfile_serialization=False)),
                       ('pickle', lambda: pickle.dump(value, open(path, 'wb'), 4))]:
        save()
        compare('torch %s, %s' % (torch.__version__, name), path, wanted)
    back = torch.from_numpy(checkpoint(path)[0]["['float64 (3, 5)']"])
    results.check('and to torch again', torch.equal(back, tensor_of('float64', (3, 5))))


RANK = """
import sys
rank, meeting, sockets, here, common = sys.argv[1:]
sys.path[:0] = [here, common]
import numpy, torch, torch.distributed as distributed, table
distributed.init_process_group('gloo', init_method='file://' + meeting, rank=int(rank), world_size=2)
arrays = list(table.arrays())
values = [array for _, array in arrays] + [{'a': [1, 2.5, 'x']}, {'t': torch.arange(12.).reshape(3, 4).t()}]
if rank == '1':
    from carrier import Carrier
    carrier = Carrier(sockets)
    carrier.take(len(values), 0)
    carrier.give()
else:
    distributed.broadcast_object_list(values, src=0)
    back = [None] * len(values)
    distributed.broadcast_object_list(back, src=1)
    print(sum(table.same(one, other) for one, other in zip(back, values[:-2])), back[-2] == values[-2], torch.equal(back[-1]['t'], values[-1]['t']))
distributed.barrier()
"""


def live_broadcast():
    """Two ranks of gloo: one broadcasts objects as programs do, the other carries them to C and back."""
    with table.Program('torch/objects', os.path.join(work.name, 'ranks')) as program:
        path = program.start()
        ranks = [subprocess.Popen([sys.executable, '-c', RANK, str(rank), os.path.join(work.name, 'meeting'), path, HERE, os.path.dirname(table.__file__)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for rank in range(2)]
        done = [rank.communicate(timeout=55) for rank in ranks]
        # Gloo of torch 2 says on standard output who is connected.
        results.check('broadcast_object_list there and back', done[0][0].endswith('%d True True\n' % len(list(table.arrays()))), ''.join(done[0] + done[1]))
        results.check('nothing on standard error', program.stop() == '')


if sys.argv[1:] == ['make']:
    make(HERE)
    sys.exit()
tests = [memory, files, bad_files, batches]
if torch is None:
    table.left_out('torch', 'torch itself: there is none; what it saved is read, and what it sends is sent by NumPy')
else:
    tests += [live_files]
    if torch.distributed.is_available() and torch.distributed.is_gloo_available():
        tests += [live_broadcast]
    else:
        table.left_out('torch', 'broadcast_object_list: this torch has no gloo')
for test in tests:
    test()
work.cleanup()
table.check_usage(results, 'torch/objects')
results.done()
