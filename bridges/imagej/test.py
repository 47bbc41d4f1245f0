"""Images from Python and C in a running ImageJ, and back: see README.md. Run by bridges/check.sh.

Two ImageJs on one Xvfb: that of images.sh, with an object of Pyro4, and the stock program, to which C's push serves TIFF. SCREENSHOT=FILE.png keeps what they show.
"""
import glob
import os
import pickle
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import numpy

import table

HERE = os.path.dirname(os.path.abspath(__file__))
JARS = os.environ.get('JARS', '/usr/share/java')
for name in ['jython.jar', 'ij.jar', 'bcpkix.jar']:
    if not os.path.exists(os.path.join(JARS, name)):
        table.skip('imagej', '%s is not here' % name)
for name in ['java', 'Xvfb']:
    if shutil.which(name) is None:
        table.skip('imagej', '%s is not here' % name)
try:
    import Pyro4
    from Pyro4 import message
except ImportError:
    table.skip('imagej', 'Pyro4 is not here')

KEY = 'the key'
Pyro4.config.SERIALIZER = 'pickle'
Pyro4.config.PICKLE_PROTOCOL_VERSION = 2
results = table.Results('imagej')
work = tempfile.mkdtemp()
os.chdir(work)  # where something that is run would leave its traces
ENVIRONMENT = dict(os.environ, HOME=work, JAVA_TOOL_OPTIONS='-Duser.home=%s -Djava.io.tmpdir=%s -Xmx512m -XX:TieredStopAtLevel=1' % (work, work))
STOCK = ['java', '-cp', os.path.join(JARS, 'ij.jar'), 'ij.ImageJ', '-ijpath', work, '-port7']
processes = []


def start(command, **options):
    process = subprocess.Popen(command, start_new_session=True, **options)
    processes.append(process)
    return process


def stop():
    for process in reversed(processes):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass
        process.wait()


def start_display():
    mine, others = os.pipe()
    start(['Xvfb', '-displayfd', str(others), '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], pass_fds=[others], stdout=subprocess.DEVNULL,
          stderr=subprocess.DEVNULL)
    os.close(others)
    number = os.read(mine, 20) if select.select([mine], [], [], 30)[0] else b''
    if not number:
        table.skip('imagej', 'Xvfb does not start')
    ENVIRONMENT['DISPLAY'] = ':' + number.decode().strip()


def start_both():
    """The file that turns the listener on is what Edit > Options > Misc writes."""
    os.mkdir('.imagej')
    with open('.imagej/IJ_Prefs.txt', 'w') as file:
        file.write('.prefs.options=%d\n' % (1 << 22))
    global images, images_errors
    images_errors = open('images.err', 'w+')
    images = start(['sh', os.path.join(HERE, 'images.sh'), '--key', KEY, '--timeout', '2', '--limit', '50000000'], stdout=subprocess.PIPE,
                   stderr=images_errors, text=True, env=ENVIRONMENT)
    start(STOCK, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)


def proxy(key=KEY):
    proxy = Pyro4.Proxy(uri)
    proxy._pyroHmacKey = key and key.encode()
    proxy._pyroTimeout = 60
    return proxy


# --- arrays ---

def made(dtype, shape, layout='C'):
    return numpy.array((numpy.arange(numpy.prod(shape)) * 3701 % 65521).astype(dtype).reshape(shape), dtype=dtype, order=layout)


def is_color(image):
    return image.dtype.kind == 'u' and image.ndim > 2 and image.shape[-1] == 3


def measured(image):
    """What ImageJ should find in each slice: mean, min, max, and the standard deviation of a sample."""
    if is_color(image) and image.itemsize == 1:  # the brightness
        image = numpy.floor(image.astype('f8').sum(-1) / 3 + .5)
    elif is_color(image):  # a channel for each
        image = numpy.moveaxis(image, -1, -3)
    return [(page.mean(), page.min(), page.max(), page.std(ddof=1)) for page in image.astype('f8').reshape((-1,) + image.shape[-2:])]


def close(found, expected):
    return len(found) == len(expected) and numpy.allclose(found, expected, rtol=1e-7, atol=1e-9)


def equal(found, image):
    return isinstance(found, numpy.ndarray) and found.shape == image.shape and found.dtype == image.dtype.newbyteorder('=') and numpy.array_equal(found, image)


def from_python():
    """Pushed, measured and taken back by a Proxy."""
    with proxy() as ours:
        for dtype in ['u1', '<u2', '>u2', '<f4', '>f4']:
            for shape in [(5, 7), (3, 5, 7), (2, 3, 4, 6), (2, 1, 3, 4, 6), (5, 7, 3), (2, 5, 7, 3)]:
                if 'f4' in dtype and shape[-1] == 3:
                    continue
                for layout in 'CF':
                    image, name = made(dtype, shape, layout), 'Python: %s %s %s' % (dtype, shape, layout)
                    title = ours.push(image, name)
                    results.check(name + ': title', title == name, title)
                    results.check(name + ': measured', close(ours.measure(title), measured(image)), ours.measure(title))
                    results.check(name + ': back', equal(ours.get(title), image))
                    ours.close(title)
        first, second = ours.push(made('u1', (2, 2)), 'twice'), ours.push(made('u2', (2, 2)), 'twice')
        results.check('titles', first != second and set(ours.titles()) == {first, second}, ours.titles())
        results.check('in front', ours.get().dtype in ('u1', 'u2'))  # which of them it is the toolkit says, some time later
        for title in [first, second]:
            ours.close(title)
        big = made('<f4', (500, 1000))
        results.check('a large one', equal(ours.get(ours.push(big, 'large')), big) and close(ours.measure('large'), measured(big)))
        ours.close('large')
        for wrong, kind, text in [(made('f8', (3, 4)), TypeError, 'expected an array of u1, u2 or f4, found <f8'), ([1, 2], TypeError, 'expected an array, found list'),
                                  (made('u1', (4,)), ValueError, 'found the shape (4,)'), (made('u1', (0, 4)), ValueError, 'found the shape (0, 4)'),
                                  (made('u1', (1, 1, 1, 1, 2, 2)), ValueError, 'up to 3 axes'), (made('?', (2, 2)), TypeError, 'found |b1')]:
            error = raised(lambda: ours.push(wrong))
            results.check('refused: ' + text, type(error) is kind and text in str(error), repr(error))
        for call in [lambda: ours.get('nothing'), lambda: ours.measure(), lambda: ours.close('x')]:
            error = raised(call)
            results.check('no image', type(error) is KeyError, repr(error))


def raised(call):
    try:
        return call()
    except Exception as error:
        return error


def run_client(method, value, protocol=pickle.DEFAULT_PROTOCOL, *options):
    with open('in.pkl', 'wb') as file:
        pickle.dump(value, file, protocol)
    status, _, errors = table.run('pyro/client', address, 'imagej', method, 'in.pkl', 'out.pkl', '--key', KEY, *(options or ['--protocol', '2']))
    if status != 0:
        return errors
    with open('out.pkl', 'rb') as file:
        return pickle.load(file)


def from_c():
    """Pushed by the client of bridges/pyro, measured by Python, taken back by both."""
    if not os.path.exists(os.path.join(os.environ.get('BRIDGES', 'bridges'), 'pyro', 'client')):
        return table.left_out('imagej', 'images from C: no pyro/client here')
    with proxy() as ours:
        for dtype, shape, layout in [('u1', (5, 7), 'C'), ('>u2', (5, 7), 'F'), ('<f4', (3, 5, 7), 'F'), ('>f4', (5, 7), 'C'), ('u1', (5, 7, 3), 'C')]:
            image, name = made(dtype, shape, layout), 'C: %s %s %s' % (dtype, shape, layout)
            title = run_client('push', image)
            results.check(name + ': measured', close(ours.measure(title), measured(image)), title)
            results.check(name + ': back in Python', equal(ours.get(title), image))
            results.check(name + ': back in C', equal(run_client('get', title), image))
            ours.close(title)
        image = made('>u2', (5, 7))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            title = run_client('push', image, protocol)
            results.check('C: a file of protocol %d' % protocol, equal(ours.get(title), image), title)
            ours.close(title)
            for whole in [numpy.arange(256, dtype='u1').reshape(16, 16), numpy.arange(65536, dtype='>u2').reshape(256, 256), made('<f4', (5, 7)), made('u1', (5, 7, 3), 'F')]:  # all bytes there are
                title = run_client('push', whole, protocol, '--python2')
                results.check('C: a file of protocol %d, %s for Python 2' % (protocol, whole.dtype), equal(ours.get(title), whole), title)
                ours.close(title)
        for protocol in [3, 4, 5]:
            error = run_client('push', image, protocol, '--limit', 1000000)
            results.check('C: protocol %d is sent' % protocol, 'refuses the connection: a pickle of protocol %d; Jython reads up to 2' % protocol in error, error)
        error = run_client('push', made('f8', (2, 2)))
        results.check('C: refused', error.endswith('TypeError: expected an array of u1, u2 or f4, found <f8\n'), error)


# --- what is no call ---

def bad_callers():
    host, port = address.rsplit(':', 1)
    hello = message.Message(message.MSG_CONNECT, pickle.dumps({'handshake': 'hello', 'object': 'imagej'}, 2), 4, message.FLAGS_META_ON_CONNECT, 0, hmac_key=KEY.encode()).to_bytes()

    def call(body, kind=message.MSG_INVOKE):
        return message.Message(kind, body, 4, 0, 1, hmac_key=KEY.encode()).to_bytes()

    most = 0x7fffffff
    huge = struct.pack('!4sHHHHiHHHH', b'PYRO', 48, message.MSG_INVOKE, 0, 1, most, 4, 0, 0, message.MSG_INVOKE + 48 + most + 4 + 1 + 0x34e9 & 0xffff)
    negative = struct.pack('!4sHHHHiHHHH', b'PYRO', 48, message.MSG_INVOKE, 0, 1, -5, 4, 0, 0, message.MSG_INVOKE + 48 - 5 + 4 + 1 + 0x34e9 & 0xffff)
    whole = call(pickle.dumps(('imagej', 'push', (made('u1', (9, 9)),), {}), 2))
    bad = [('short', [hello[:9]]), ('half', [hello[:30]]), ('no Pyro', [b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n']), ('2 GiB', [hello, huge]),
           ('negative', [hello, negative]), ('negative at once', [negative]), ('another type', [hello, call(b'N.', message.MSG_RESULT)]), ('quiet in a call', [hello, whole[:-30]]), ('goes away in a call', [hello, whole[:10]]),
           ('another key', [message.Message(message.MSG_CONNECT, pickle.dumps({'handshake': 'hello', 'object': 'imagej'}, 2), 4, 0, 0, hmac_key=b'x').to_bytes()]),
           ('goes away', [hello]), ('nothing', [b''])]
    bad += [('call: ' + name, [hello, call(body)]) for name, body in table.bad_bodies()]
    with proxy() as ours:
        for name, parts in bad:
            answer = talk((host, int(port)), parts, 'goes away' not in name)
            results.check('after: ' + name, ours.titles() == [])
            results.check('answered by an exception: ' + name, not name.startswith('call: ') or (answer[6:7] == b'\0' and answer[7] == message.MSG_RESULT and
                                                                                             answer[9] & message.FLAGS_EXCEPTION), answer)
        with socket.create_connection((host, int(port)), timeout=30) as quiet:
            quiet.sendall(hello[:30])
            with quiet.makefile('rb') as file:
                results.check('quiet in the middle', b'too slow: 6 bytes in 2 seconds' in file.read())
        start = time.monotonic()
        results.check('a byte now and then', table.drip((host, int(port)), whole + bytes(2000), .05) and time.monotonic() - start < 20)
        for wrong in [5, None, ['a']]:
            error = raised(lambda: ours.push(made('u1', (2, 2)), wrong))
            results.check('a title that is no text', type(error) is TypeError and 'expected a title that is a text' in str(error), repr(error))
        for call_of in [ours.get, ours.measure, ours.close]:
            error = raised(lambda: call_of(-1))
            results.check('a title that is a number', type(error) is TypeError and 'found int' in str(error), repr(error))
        results.check('another call', type(raised(lambda: proxy().nothing(1))) is AttributeError)
    error = raised(lambda: proxy(None).titles())
    results.check('no key', isinstance(error, Pyro4.errors.PyroError), repr(error))
    limits = resource.prlimit(images.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(images.pid, resource.RLIMIT_NOFILE, (2, limits[1]))
    with socket.create_connection((host, int(port)), timeout=30), open('images.err') as file:
        end, found = time.monotonic() + 20, ''
        while 'Too many open files' not in found and time.monotonic() < end:
            time.sleep(.1)
            found += file.read()
        resource.prlimit(images.pid, resource.RLIMIT_NOFILE, limits)
        results.check('no descriptor: one line', found.count('Too many open files') == 1, found)
        with proxy() as ours:
            results.check('no descriptor: served later', ours.titles() == [])
    with proxy() as ours:
        error = raised(lambda: ours.push(Hostile()))
        results.check('hostile', 'expected an array or a plain value, found' in str(error), repr(error))
    images_errors.seek(0)
    lines = images_errors.read()
    for text in ['a pickle of protocol 4; Jython reads up to 2', 'negative size, -5', 'too slow: ', 'in the middle', 'max message size exceeded', 'invalid msg type', 'the same key', 'nothing for 2 seconds']:
        results.check('a line: ' + text, text in lines, lines)
    results.check('no traceback', 'Traceback' not in lines and 'Exception in thread' not in lines, lines)
    results.check('nothing was run', not os.path.exists('hostile'))


def talk(address, parts, wait):
    """The answer to the last of the parts that go out one after another; all but the last one are answered, and that too where there is a wait."""
    with socket.create_connection(address, timeout=30) as peer:
        answer = b''
        try:
            for part in parts:
                peer.sendall(part)
                if part is not parts[-1] or wait:
                    answer = peer.recv(65536)
        except OSError:
            pass
        return answer


class Hostile(object):
    def __reduce__(self):
        return os.system, ('touch hostile',)


# --- TIFF ---

def saved(image):
    with open('image.pkl', 'wb') as file:
        pickle.dump(image, file, 4)
    return 'image.pkl'


def to_the_stock_program():
    """What C serves, ImageJ opens and measures."""
    deadline = time.time() + 60
    while not glob.glob('ImageJ-*.stub') and time.time() < deadline:
        time.sleep(.05)
    cases = [('u1', (5, 7), 'C'), ('>u2', (5, 7), 'F'), ('<f4', (3, 5, 7), 'F'), ('u1', (5, 7, 3), 'C'), ('<u2', (5, 7, 3), 'C'), ('>i2', (2, 3, 4, 6), 'C'), ('>u2', (2, 5, 7, 3), 'C')]
    for dtype, shape, layout in cases:
        image, name = made(dtype, shape, layout), 'TIFF: %s %s %s' % (dtype, shape, layout)
        for _ in range(3):  # it may be there, and not ready yet
            status, out, errors = table.run('imagej/push', saved(image), '--timeout', 15, '--title', name, *STOCK, '-eval', env=ENVIRONMENT)
            if status == 0:
                break
        rows = [[float(number) for number in re.findall('=([^&\n]+)', line)] for line in out.decode().splitlines()]
        results.check(name, status == 0 and [row[0] for row in rows] == list(range(1, len(rows) + 1)) and close([row[1:] for row in rows], measured(image)), '%r %s' % (rows, errors))


def served():
    """push without an ImageJ: what it serves, and to whom."""
    image = made('>f4', (3, 5, 7))
    program = table.Program('imagej/push', saved(image), '--timeout', 2, 'sh', '-c', 'printf %s "$1" > macro.part; mv macro.part macro; exec sleep 20 >/dev/null 2>&1', 'x')
    with program:
        deadline = time.time() + 30
        while not os.path.exists('macro') and time.time() < deadline:
            time.sleep(.02)
        with open('macro') as file:
            macro = file.read()
        url = re.search('"(http://127.0.0.1:[0-9]+/[0-9a-f]{16}/)"', macro).group(1)
        where = ('127.0.0.1', int(url.split(':')[2].split('/')[0]))
        subprocess.run([os.environ['NPICKLE'], 'convert', 'image.pkl', 'image.tif'], check=True)
        with open('image.tif', 'rb') as file:
            tiff = file.read()
        for name, data in [('nothing', b''), ('short', b'GET /'), ('no HTTP', b'\0\1\2\r\n\r\n'), ('POST of 2 GiB', b'POST /x HTTP/1.0\r\nContent-Length: 2147483648\r\n\r\n'),
                           ('long', b'GET /' + b'x' * 100000), ('no path', b'GET /%0a HTTP/1.0\r\n\r\n'), ('another secret', b'GET /0123456789abcdef/image.tif HTTP/1.0\r\n\r\n'),
                           ('measured by another', b'GET /x/measured?slice=1&mean=1 HTTP/1.0\r\n\r\n')]:
            table.raw(where, data)
            with urllib.request.urlopen(url + 'image.tif', timeout=30) as answer:
                results.check('served after: ' + name, answer.read() == tiff)
        with socket.create_connection(where, timeout=30) as quiet:
            results.check('served: quiet', quiet.recv(10) == b'')
        results.check('served: a byte now and then', table.drip(where, b'GET /' + b'x' * 100))
        silent = [socket.create_connection(where, timeout=30) for _ in range(20)]
        start = time.monotonic()
        with urllib.request.urlopen(url + 'image.tif', timeout=30) as answer:
            results.check('served beside 20 that say nothing', answer.read() == tiff and time.monotonic() - start < 2)
        for one in silent:
            one.close()
        for path, status in [('x', 404), ('image.tif/', 404), ('', 404)]:
            error = raised(lambda: urllib.request.urlopen(url + path, timeout=30))
            results.check('served: ' + path, isinstance(error, urllib.error.HTTPError) and error.code == status, repr(error))
        for path in ['measured?slice=1&mean=2.5', 'measured?slice=1&mean=2.5', 'measured?slice=3&mean=1', 'measured?done']:
            urllib.request.urlopen(url + path, timeout=30).read()
        out, errors = program.process.communicate(timeout=30)
        results.check('served: what is printed', program.process.returncode == 0 and out == 'slice=1&mean=2.5\n', out + errors)
        results.check('served: a line each', errors.count('\n') >= 10 and 'nothing for 2 seconds' in errors and 'in the middle' in errors, errors)
    for value, command, text in [(image, ['false'], 'has failed'), (image, ['./not-there'], 'not-there: No such file'), (image, ['sh', '-c', 'exec sleep 100'], 'nothing from ImageJ for 1 seconds'),
                                 (made('f8', (2, 2)), ['false'], "found dtype('float64')"), (made('?', (2, 2)), ['false'], "found dtype('bool')"),
                                 (made('u1', (4,)), ['false'], '2 to 5 dimensions, found 1'), ([1], ['false'], 'expected an array'), (made('u1', (2000, 1000)), ['false'], 'longer than the limit')]:
        status, out, errors = table.run('imagej/push', saved(value), '--timeout', 1, '--limit', 1000000, *command)
        results.check('push: ' + text, status == 1 and text in errors and out == b'', errors)
    for name, body in table.bad_bodies():
        with open('bad.pkl', 'wb') as file:
            file.write(body)
        status, _, errors = table.run('imagej/push', 'bad.pkl', 'false')
        results.check('push: ' + name, status == 1 and errors.count('\n') == 1 and not os.path.exists('hostile'), errors)


def screenshot():
    path = os.environ.get('SCREENSHOT')
    if path:
        rows, columns = numpy.mgrid[:300, :420]
        with proxy() as ours:
            ours.push((numpy.sin(rows / 20) * numpy.cos(columns / 30)).astype('f4'), 'from Python')
            rows, columns = numpy.mgrid[:120, :180] // 20 * 20
            title = run_client('push', numpy.stack([rows * 2, columns, rows + columns // 2], -1).astype('u1'))
            time.sleep(2)
            subprocess.run(['import', '-window', 'root', '-crop', '620x440+320+0', '+repage', '+dither', '-colors', '32', 'PNG8:' + path], env=ENVIRONMENT, check=True)
            for one in ['from Python', title]:
                ours.close(one)


try:
    start_display()
    start_both()
    served()
    to_the_stock_program()
    if not select.select([images.stdout], [], [], 90)[0]:
        raise AssertionError('images.sh does not start')
    uri = images.stdout.readline().strip()
    results.check('where', uri.startswith('PYRO:imagej@127.0.0.1:'), uri)
    address = uri.split('@')[1]
    from_python()
    from_c()
    screenshot()
    bad_callers()
except Exception:
    images_errors.seek(0)
    print(images_errors.read())
    raise
finally:
    stop()
    os.chdir('/')
    shutil.rmtree(work, ignore_errors=True)
table.check_usage(results, 'imagej/push')
results.done()
