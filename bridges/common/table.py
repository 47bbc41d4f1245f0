"""What the tests of all bridges share: the table of arrays that goes through each, bodies that are not good, and a program as a process."""
import glob
import itertools
import mmap
import os
import pickle
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy

DTYPES = ['?', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f4', 'f8', 'c8', 'c16']
SHAPES = [(), (0,), (7,), (3, 5), (2, 3, 4), (0, 3)]


def arrays():
    """(name, array): each dtype in both byte orders, C and Fortran, without dimensions, empty."""
    for code, order, layout, shape in itertools.product(DTYPES, '<>', 'CF', SHAPES):
        if layout == 'F' and len(shape) < 2:
            continue
        dtype = numpy.dtype(code).newbyteorder(order)
        count = int(numpy.prod(shape, dtype=int))
        data = (numpy.arange(count) * 37 % 251).astype(dtype).reshape(shape)
        yield '%s%s %s %s' % (order, code, layout, shape), numpy.array(data, order=layout, copy=True)


def same(one, other):
    """Whether two arrays are the same but for the byte order of the dtype: NumPy itself loads what is not native as native, at most protocols."""
    return (type(one) is type(other) and one.dtype.newbyteorder('=') == other.dtype.newbyteorder('=') and one.shape == other.shape and
            numpy.array_equal(one, other) and (one.ndim < 2 or one.size == 0 or one.flags.fnc == other.flags.fnc))


def python2(array):
    """What Python 2 pickles of it, at protocol 2."""
    shape = b''.join(b'K' + bytes([size]) if size < 256 else b'J' + struct.pack('<i', size) for size in array.shape)
    data, kind = array.tobytes('A'), array.dtype.str.encode()
    return (b'\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01(' + shape + b'tcnumpy\ndtype\nU' + bytes([len(kind) - 1]) + kind[1:] +
            b'K\x00K\x01\x87R(K\x03U\x01' + kind[:1] + b'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb' + (b'\x88' if array.flags.fnc else b'\x89') +
            b'T' + struct.pack('<i', len(data)) + data + b'tb.')


def bad_bodies():
    """(name, bytes): what is not a good pickle."""
    yield 'nothing', b''
    yield 'no pickle', b'GET / HTTP/1.1\r\n\r\n'
    yield 'half a pickle', pickle.dumps(numpy.arange(100), 2)[:60]
    yield 'deep', b'\x80\x02' + b'(' * 100000 + b'.'
    yield 'an array of 2**60', b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85c_codecs\nencode\nX\x01\x00\x00\x00bX\x06\x00\x00\x00latin1\x86R\x87R(K\x01\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x10\x85cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89c_codecs\nencode\nX\x00\x00\x00\x00X\x06\x00\x00\x00latin1\x86Rtb."
    for name, opcode, size in [('LONG4 of 2**31', b'\x8b', struct.pack('<I', (1 << 31) - 1)), ('LONG4 below 0', b'\x8b', struct.pack('<i', -(1 << 31))),
                               ('BINSTRING of 2**31', b'T', struct.pack('<I', (1 << 31) - 1)), ('BINUNICODE of 2**32', b'X', b'\xff' * 4),
                               ('BINUNICODE8 of 2**31', b'\x8d', struct.pack('<Q', 1 << 31)), ('BINUNICODE8 of 2**63', b'\x8d', struct.pack('<Q', 1 << 63)),
                               ('BINBYTES8 of 2**40', b'\x8e', struct.pack('<Q', 1 << 40)), ('BINBYTES8 of 2**64', b'\x8e', b'\xff' * 8),
                               ('BYTEARRAY8 of 2**40', b'\x96', struct.pack('<Q', 1 << 40)), ('FRAME of 2**63', b'\x95', struct.pack('<Q', 1 << 63))]:
        yield name, b'\x80\x05' + opcode + size + b'abc.'
    yield 'a list of 2**31 in an array', b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01\x8a\x05\x00\x00\x00\x80\x00\x85cnumpy\ndtype\nX\x02\x00\x00\x00O8K\x00K\x01\x87R(K\x03X\x01\x00\x00\x00|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89]K\x01atb."
    yield 'a system command', b"cos\nsystem\n(S'echo hostile >&2; touch hostile'\ntR."


class Program(object):
    """A program of bridges/ in the background, until the end of a with statement. `where`: what it says on its first line."""

    def __init__(self, name, *arguments, env=None):
        path = os.path.join(os.environ.get('BRIDGES', 'bridges'), name)
        self.process = subprocess.Popen([path] + [str(argument) for argument in arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **(env or {})))
        self.where = None

    def start(self):
        self.where = self.process.stdout.readline().strip()
        if not self.where:
            raise AssertionError('the program ended: %s' % self.process.stderr.read())
        return self.where

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.out, self.errors = self.process.communicate(timeout=20)
        return self.errors

    def lines(self, count):
        """So many lines of its standard error, as they come: fewer where that takes 20 seconds, after which it is killed."""
        timer = threading.Timer(20, self.process.kill)
        timer.start()
        try:
            return ''.join(self.process.stderr.readline() for _ in range(count))
        finally:
            timer.cancel()

    def alive(self):
        return self.process.poll() is None


def run(name, *arguments, **options):
    """(status, standard output, standard error) of a program that ends by itself."""
    path = os.path.join(os.environ.get('BRIDGES', 'bridges'), name)
    done = subprocess.run([path] + [str(argument) for argument in arguments], capture_output=True, timeout=options.pop('timeout', 60), **options)
    return done.returncode, done.stdout, done.stderr.decode()


def check_times(results, run):
    """--times and --clock of a client: run(*words) gives what `run` above does."""
    status, out, errors = run('--times', 4, '--clock')
    last = (out.split() or [b''])[-1].decode()
    results.check('--clock', status == 0 and re.fullmatch(r'\d+\.\d{9}', last) and 0 < float(last) < 10, '%s %s' % (out, errors))
    for words in [('--times', 0), ('--times', -1), ('--times', ''), ('--times', '5x'), ('--times', 1, '--clock'), ('--clock',), ('--times',)]:
        results.check(' '.join(map(str, words)), run(*words)[0] == 2)


def check_full(results, ask, server=None):
    """A listener that has no room for one more, on a path and a port: ask(address, *words) of a client gives what `run` above does, within its time limit. server: one that
    can't listen on that path, and says so at once."""
    path = os.path.join(tempfile.mkdtemp(), 'socket')
    with socket.socket(socket.AF_UNIX) as one, socket.create_server(('127.0.0.1', 0), backlog=0) as other:
        one.bind(path)
        one.listen(0)
        peers = [socket.socket(socket.AF_UNIX)] + [socket.socket() for _ in range(4)]
        for peer in peers:
            peer.setblocking(False)
            peer.connect_ex(path if peer.family == socket.AF_UNIX else other.getsockname())
        for address in [path, '127.0.0.1:%d' % other.getsockname()[1]]:
            start = time.monotonic()
            status, _, errors = ask(address, '--timeout', 1)
            results.check('a full listener', status == 1 and errors == 'client: %s: Connection timed out\n' % address and time.monotonic() - start < 5, errors)
        if server is not None:
            status, _, errors = run(server, path, timeout=5)
            results.check('a path with a full listener', status == 1 and errors == path + ': Address already in use\n', errors)
        for peer in peers:
            peer.close()


def check_usage(results, *programs):
    """--help, and the numbers that --limit and --timeout have not."""
    for program in programs:
        status, out, errors = run(program, '--help')
        results.check(program + ' --help', status == 0 and out.startswith(b'usage: ' + program.split('/')[-1].encode()) and errors == '', '%d %r %s' % (status, out, errors))
        for option, least, values in [('--limit', 1, [0, 1 << 63, 1 << 64, 10 ** 20, -1, '', '5x']), ('--timeout', 0, [86401, 1 << 64, 10 ** 20, -1, '', '5x'])]:
            for value in values:
                status, _, errors = run(program, option, value)
                results.check('%s %s %s' % (program, option, value), status == 2 and errors.startswith('%s: expected a number from %d to ' % (option, least)), errors)
            for value in [least, 86400]:
                results.check('%s %s %d is taken' % (program, option, value), option not in run(program, option, value)[2].split('usage:')[0])


def unheard(results, name, *arguments, bad, served):
    """Nobody reads standard error any more: bad(where) makes the program say something there, and after it the next one is served(where)."""
    with Program(name, *arguments) as program:
        where = program.start()
        program.process.stderr.close()
        for _ in range(3):
            bad(where)
        results.check('standard error that nobody reads', served(where) and program.alive(), program.process.poll())


def unread(program, address, data, seconds):
    """Sends to (host, port) what has a long answer, and reads nothing of it: the program's line on standard error, and whether it came in time."""
    with socket.create_connection(address, timeout=20) as peer:
        peer.sendall(data)
        start = time.monotonic()
        line = program.lines(1)
        return line, time.monotonic() - start < 1.8 * seconds + 0.5


def children(pid):
    """How many processes this one has begun that are not gone, zombies among them."""
    return len(children_of(pid))


def children_of(pid):
    found = []
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(path) as file:
                if file.read().rsplit(')', 1)[1].split()[1] == str(pid):
                    found.append(int(path.split('/')[2]))
        except OSError:
            pass
    return found


def raw(address, data):
    """Bytes to (host, port), or a path, that no peer would send; waits until they are answered by a closed connection."""
    unix = isinstance(address, str)
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as peer:
        peer.settimeout(20)
        peer.connect(address)
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except OSError:
            pass


def drip(address, data, pause=0.2):
    """A byte now and then, to (host, port) or a path: whether the connection is closed within so many bytes."""
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as peer:
        peer.connect(address)
        peer.settimeout(pause)
        try:
            for i in range(len(data)):
                peer.sendall(data[i:i + 1])
                try:
                    if peer.recv(65536) == b'':
                        return True
                except socket.timeout:
                    pass
        except OSError:
            return True
    return False


def crowd(address, begins, served, count=200, seconds=30):
    """So many at once, at (host, port) or a path, that send one of `begins` and then nothing more; and one as it should be: whether it is served in time."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    peers = [socket.socket(family) for _ in range(count)]
    for peer, begin in zip(peers, itertools.cycle(begins)):
        peer.settimeout(0.05)
        try:
            peer.connect(address)
            peer.sendall(begin)
        except OSError:
            pass  # there is no room for more of them
    start = time.monotonic()
    good = served() and time.monotonic() - start < seconds
    for peer in peers:
        peer.close()
    return good


def cpu_seconds(pid):
    with open('/proc/%d/stat' % pid) as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def check_descriptors(results, program, address, served):
    """Somebody connects while the program has no descriptor left: it says so once, does not look for one all the time, and serves him and others when it has some."""
    pid = program.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (2, limits[1]))
    with socket.create_connection(address, timeout=20):
        line, before = program.lines(1), cpu_seconds(pid)
        time.sleep(1)
        results.check('no descriptor: a line', line.endswith(': accept: Too many open files: who connects now must wait\n'), line)
        results.check('no descriptor: quiet', program.alive() and cpu_seconds(pid) - before < .3)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        results.check('no descriptor: served later', served())
    results.check('no descriptor: one line', program.stop().count('accept') == 0, program.errors)


class Memory(object):
    """That of a Program, which is given `env`, made to fail: see starve.c."""

    def __init__(self, folder):
        library = os.path.join(os.environ.get('BRIDGES', 'bridges'), 'starve.so')
        self.file = tempfile.NamedTemporaryFile()
        self.file.truncate(32)
        self.cells = mmap.mmap(self.file.fileno(), 32)
        self.env = {'LD_PRELOAD': library, 'STARVE': self.file.name}
        self.fail(0, 1, True)  # whether it does
        subprocess.run(['ls', '/'], env=dict(os.environ, **self.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.is_here = self.rest() > 0
        if not self.is_here:
            left_out(folder, 'memory that fails: no %s' % library)

    def fail(self, left, count, libraries):
        self.cells[:] = struct.pack('=qqqq', left, count, libraries, 0)

    def rest(self):
        """How many have failed. From now on none does."""
        failed, = struct.unpack('=q', self.cells[24:])
        self.fail(1 << 62, 0, False)
        return failed


def check_memory(results, name, arguments, asker, libraries=True):
    """Each allocation of a program fails that it makes from the moment when somebody asks until he has his answer, alone and with all behind it: he is answered, or refused
    with a line, and the next one is served. asker(program) gives a function that asks: whether the answer was good. libraries: theirs fail as well."""
    memory = Memory(results.folder)
    if not memory.is_here:
        return
    if run(name, '--help', env=dict(os.environ, **memory.env))[0] != 0:
        left_out(results.folder, 'memory that fails: the program does not start with it')
        return
    with Program(name, *arguments, env=memory.env) as program:
        ask = asker(program)
        results.check('memory: a good question', ask())
        refused = 0
        for left, count in ((left, count) for left in itertools.count() for count in [1, 1 << 60]):
            memory.fail(left, count, libraries)
            answered = ask()
            failed = memory.rest()
            refused += answered is False
            results.check('memory: %d allocations are good: %d' % (left, count), program.alive() and ask(), '' if program.alive() else program.stop())
            if not (program.alive() and failed):
                break
        errors = program.stop()
    results.check('memory: refused', left > 3 and refused > 3, '%d of %d' % (refused, left))
    lines = [line for line in errors.splitlines() if not re.search('memory|an allocation failed|a thread for the next visitor', line)]
    results.check('memory: lines', errors.count('\n') >= refused and lines == [], '%d refused, %d lines, among them %r' % (refused, errors.count('\n'), lines[:9]))


class Results(object):
    """Counts checks; `done` ends the test with a line that says how many."""

    def __init__(self, folder):
        self.folder, self.good, self.bad = folder, 0, 0

    def check(self, name, good, text=''):
        if good:
            self.good += 1
        else:
            self.bad += 1
            print('%s: FAIL: %s %s' % (self.folder, name, text))
        return good

    def done(self):
        print('%s: %d checks, %d failed' % (self.folder, self.good + self.bad, self.bad))
        sys.exit(1 if self.bad or not self.good else 0)


def skip(folder, reason):
    """The peer is not here."""
    print('%s: skipped: %s' % (folder, reason))
    sys.exit(77)


def left_out(folder, reason):
    """A part of the peer is not here, or a part of the test can't run: check.sh lists these lines below that of the test."""
    print('%s: left out: %s' % (folder, reason))


def pythons(least):
    """The Pythons of this version and later that are here, one for each version: this one, NPICKLE_PYTHONS (blanks or colons between), PATH, and pyenv's."""
    paths = [sys.executable] + os.environ.get('NPICKLE_PYTHONS', '').replace(':', ' ').split()
    for folder in os.environ.get('PATH', '').split(os.pathsep) + ['/usr/bin', os.path.expanduser('~/.pyenv/versions/*/bin')]:
        paths += sorted(glob.glob(os.path.join(folder, 'python3.[0-9]*')))
    found = {}
    for path in paths:
        if not re.fullmatch(r'python3?(\.\d+)?', os.path.basename(path)) or not os.access(path, os.X_OK):
            continue
        done = subprocess.run([path, '-c', 'import sys; print(*sys.version_info[:2])'], capture_output=True, text=True)
        version = done.stdout.split()
        if version and tuple(map(int, version)) >= least:
            found.setdefault(tuple(version), path)
    return list(found.values())
