"""ImageJ with an object of Pyro4 that Python and C call: push(image, title), get(title), measure(title), titles(), close(title). Run by images.sh, in Jython.

    sh images.sh [--address HOST:PORT] [--key TEXT] [--limit BYTES] [--timeout SECONDS]
"""
import optparse
import os
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(here, os.pardir, 'jython'), os.environ.get('PYRO4', '/usr/lib/python3/dist-packages')]
import numpy_stubs
import Pyro4
from ij import CompositeImage, ImageJ, ImagePlus, ImageStack, WindowManager
from ij.process import ByteProcessor, ColorProcessor, FloatProcessor, ShortProcessor
from java.io import BufferedInputStream, DataInputStream, IOException
from java.lang import String, Throwable
from java.net import InetAddress, ServerSocket, SocketTimeoutException
from java.util import Arrays
import array
import jarray

# The dtype: its Java array, and what makes a processor of width, height and that.
KINDS = {
    'u1': ('b', ByteProcessor),
    'u2': ('h', lambda width, height, pixels: ShortProcessor(width, height, pixels, None)),
    'f4': ('f', FloatProcessor),
}
OF_TYPE = {ImagePlus.GRAY8: 'u1', ImagePlus.GRAY16: 'u2', ImagePlus.GRAY32: 'f4', ImagePlus.COLOR_256: 'u1', ImagePlus.COLOR_RGB: 'u1'}


# --- an array as an image, and back ---

class Layout(object):
    """What the axes of an array are: (frames, slices, channels,) rows, columns (, colors)."""

    def __init__(self, image):
        if not isinstance(image, numpy_stubs.ndarray):
            raise TypeError('expected an array, found %s' % type(image).__name__)
        self.kind, shape = image.dtype.name, image.shape
        if self.kind not in KINDS:
            raise TypeError('expected an array of u1, u2 or f4, found %s' % image.dtype.str)
        self.samples = 3 if self.kind != 'f4' and len(shape) > 2 and shape[-1] == 3 else 1
        rows = len(shape) - (3 if self.samples == 3 else 2)
        if not 0 <= rows <= 3 or 0 in shape:
            raise ValueError('expected an image, or a stack with up to 3 axes before rows and columns, found the shape %s' % (shape,))
        if self.samples == 3 and self.kind == 'u2' and rows == 3:
            raise ValueError('expected no channels beside colors of u2, found the shape %s' % (shape,))
        self.leading, self.height, self.width = shape[:rows], shape[rows], shape[rows + 1]
        self.pages, self.size = numpy_stubs.count_of(self.leading), self.height * self.width


def transposed(pixels, layout):
    """Columns one after another become rows."""
    turned = KINDS[layout.kind][1](layout.height, layout.width, pixels).rotateRight()
    turned.flipHorizontal()
    return turned.getPixels()


def planes(image, layout):
    """For each page the Java arrays of its samples, in C order."""
    step = layout.pages * layout.size
    for page in range(layout.pages):
        if not image.fortran:
            yield [image.data[page * layout.size * layout.samples + sample:(page + 1) * layout.size * layout.samples:layout.samples]
                   for sample in range(layout.samples)]
            continue
        first, rest, stride = 0, page, layout.pages
        for length in reversed(layout.leading):
            stride //= length
            first += rest % length * stride
            rest //= length
        yield [transposed(image.data[first + sample * step:(sample + 1) * step:layout.pages], layout) for sample in range(layout.samples)]


def to_image(image, title):
    layout = Layout(image)
    stack = ImageStack(layout.width, layout.height)
    for samples in planes(image, layout):
        if layout.samples == 3 and layout.kind == 'u1':
            color = ColorProcessor(layout.width, layout.height)
            color.setRGB(*samples)
            samples = [color.getPixels()]
        for pixels in samples:
            stack.addSlice(None, pixels)
    plus = ImagePlus(title, stack)
    channels = 3 if layout.samples == 3 and layout.kind == 'u2' else 1
    frames, slices, more = [(1, 1, 1), (1,) + layout.leading + (1,), layout.leading + (1,), layout.leading][len(layout.leading)]
    plus.setDimensions(channels * more, slices, frames)
    if channels == 3:
        plus = CompositeImage(plus, CompositeImage.COMPOSITE)
    plus.setOpenAsHyperStack(stack.getSize() > 1 and (channels == 3 or len(layout.leading) > 1))
    plus.setProperty('array', (layout.leading, channels))
    return plus


def to_array(plus):
    """The shape is that which was pushed, unless slices have come or gone."""
    stack, kind = plus.getStack(), OF_TYPE[plus.getType()]
    count, size = stack.getSize(), stack.getWidth() * stack.getHeight()
    leading, channels = plus.getProperty('array') or ((), 1)
    if numpy_stubs.count_of(leading) * channels != count:
        leading, channels = (count,) if count > 1 else (), 1
    rgb = plus.getType() == ImagePlus.COLOR_RGB
    samples = 3 if rgb else channels
    data = array.zeros(KINDS[kind][0], count // channels * samples * size)
    for page in range(count // channels):
        if rgb:
            parts = [array.zeros('b', size) for _ in range(3)]
            stack.getProcessor(page + 1).getRGB(*parts)
        else:
            parts = [stack.getPixels(page * channels + sample + 1) for sample in range(samples)]
        for sample, part in enumerate(parts):
            data[page * size * samples + sample:(page + 1) * size * samples:samples] = part
    shape = leading + (stack.getHeight(), stack.getWidth()) + ((3,) if samples == 3 else ())
    return numpy_stubs.ndarray(shape, kind, data)


# --- the object ---

def text_of(title):
    if not isinstance(title, basestring):
        raise TypeError('expected a title that is a text, found %s' % type(title).__name__)
    return title


@Pyro4.expose
class Images(object):
    """Titles are those of ImageJ's windows; None: the image in front."""

    def push(self, image, title='array'):
        """Shows an array, and gives the title that it has got: another one where that was taken."""
        title = text_of(title)
        plus = to_image(image, title if WindowManager.getImage(title) is None else WindowManager.getUniqueName(title))
        plus.show()
        WindowManager.setCurrentWindow(plus.getWindow())  # the toolkit says so later
        plus.resetDisplayRange()
        plus.updateAndDraw()
        return plus.getTitle()

    def get(self, title=None):
        """The pixels as they are now, as an array."""
        return to_array(self._find(title))

    def measure(self, title=None):
        """ImageJ's (mean, min, max, standard deviation) of each slice; of colors those of their brightness."""
        stack = self._find(title).getStack()
        every = [stack.getProcessor(i + 1).getStatistics() for i in range(stack.getSize())]
        return [(one.mean, one.min, one.max, one.stdDev) for one in every]

    def titles(self):
        return list(WindowManager.getImageTitles())

    def close(self, title=None):
        plus = self._find(title)
        plus.changes = False  # or ImageJ asks
        plus.close()

    def _find(self, title):
        plus = WindowManager.getCurrentImage() if title is None else WindowManager.getImage(text_of(title))
        if plus is None:
            raise KeyError('no image' if title is None else 'no image %s' % title)
        return plus


# --- Pyro4 in Jython ---

refused = threading.local()  # why this thread's last pickle was


def loads(data):
    refused.error = None
    data = bytes(data)
    if data[:1] == '\x80' and data[1:2] > '\x02':
        refused.error = ValueError('a pickle of protocol %d; Jython reads up to 2: set Pyro4.config.PICKLE_PROTOCOL_VERSION = 2 (client: --protocol 2)' % ord(data[1]))
        raise refused.error
    return numpy_stubs.loads(data)  # a pickle that names anything but arrays is refused, not run


SLOWEST = 1 << 16


class Wire(object):
    """A socket of Java's as Pyro4 wants to have one: Jython's own take several times as long."""
    family = None

    def __init__(self, sock, timeout):
        self.sock, self.timeout, self.pyroInstances = self, int(timeout * 1000), {}
        self.java, self.first, self.error = sock, -1, None
        self.source, self.sink = DataInputStream(BufferedInputStream(sock.getInputStream(), 1 << 16)), sock.getOutputStream()
        sock.setTcpNoDelay(True)

    def ended(self):
        """Whether the proxy has gone, which is good between messages; it may be quiet there for as long as it likes."""
        self.java.setSoTimeout(0)
        self.first = self.source.read()
        return self.first < 0

    def recv(self, size):
        if size < 0:
            raise self.failed(Pyro4.errors.ProtocolError, 'a message of a negative size, %d' % size)
        data, at = jarray.zeros(min(size, 1 << 20), 'b'), 0
        if self.first >= 0:
            data[0], at, self.first = self.first - (self.first & 128) * 2, 1, -1
        self.window = None
        while at < size:
            if at == len(data):  # never more memory than twice what has come
                data = Arrays.copyOf(data, min(size, 2 * at))
            at += self.some(data, at)
        return buffer(data)[:]  # tostring() goes byte by byte

    def some(self, data, at):
        """Reads what there is. Fewer than SLOWEST bytes in the time, or than the rest, are as good as none: a byte now and then would be waited for for good."""
        now = time.time()
        if self.window is None or self.taken >= SLOWEST:
            self.window, self.taken = now, 0
        left = self.timeout - int(1000 * (now - self.window))
        try:
            if self.timeout > 0 and left <= 0:
                raise SocketTimeoutException()
            self.java.setSoTimeout(left if self.timeout > 0 else 0)
            count = self.source.read(data, at, len(data) - at)
        except SocketTimeoutException:
            found = 'too slow: %d bytes in' % self.taken if self.taken else 'nothing for'
            raise self.failed(Pyro4.errors.TimeoutError, '%s %g seconds' % (found, self.timeout / 1000.0))
        except IOException, error:
            raise self.failed(Pyro4.errors.ConnectionClosedError, 'read: %s' % error.getMessage())
        if count < 0:
            raise self.failed(Pyro4.errors.ConnectionClosedError, 'the peer went away in the middle of a message')
        self.taken += count
        return count

    def failed(self, kind, text):
        """Kept, too: Pyro4 tells the peer why a handshake has failed, and not us."""
        self.error = kind(text)
        return self.error

    def send(self, data):
        try:
            self.sink.write(String(bytes(data)).getBytes('ISO-8859-1'))
        except IOException, error:
            raise Pyro4.errors.ConnectionClosedError('write: %s' % error.getMessage())

    def getpeername(self):
        return self.java.getInetAddress().getHostAddress(), self.java.getPort()

    def getsockname(self):
        return self.java.getLocalAddress().getHostAddress(), self.java.getLocalPort()

    def close(self):
        self.java.close()


def serve(wire, options):
    """All calls of one proxy. Pyro4's own servers need selectors, which Jython lacks."""
    try:
        daemon = Pyro4.Daemon(connected_socket=wire)
        daemon._pyroHmacKey = options.key
        daemon.register(Images(), 'imagej')
        if not daemon._handshake(wire):
            raise wire.error or getattr(refused, 'error', None) or ValueError('expected a proxy of Pyro4 with %s, found something else' % ('the same key' if options.key else 'no key'))
        while not wire.ended():
            daemon.handleRequest(wire)
    except (Exception, Throwable), error:
        report(error)
    finally:
        wire.close()


def report(error):
    sys.stderr.write('images: %s\n' % numpy_stubs.line_of(error))
    sys.stderr.flush()


def serve_all(listener, options):
    """Where there is no descriptor, no memory or no thread for the next one, that is a line, once a minute, and he must wait or is sent away."""
    said = 0
    while True:
        wire = None
        try:
            wire = Wire(listener.accept(), options.timeout)
            thread = threading.Thread(target=serve, args=(wire, options))
            thread.setDaemon(True)
            thread.start()
        except (Exception, Throwable), error:
            if wire is not None:
                wire.close()
            if time.time() - said >= 60:
                report(error)
                said = time.time()
            time.sleep(.1)


def main():
    parser = optparse.OptionParser()
    parser.add_option('--address', default='127.0.0.1:0')
    parser.add_option('--key')
    parser.add_option('--limit', type='int', default=1 << 30)
    parser.add_option('--timeout', type='float', default=30.0)
    options, _ = parser.parse_args()
    if not 1 <= options.limit < 1 << 31:
        parser.error('--limit: expected a number from 1 to %d, found %s' % ((1 << 31) - 1, options.limit))
    if not 0 <= options.timeout <= 86400:
        parser.error('--timeout: expected a number from 0 to 86400, found %s' % options.timeout)
    Pyro4.config.SERIALIZERS_ACCEPTED = set(['pickle'])
    Pyro4.config.SERIALIZER = 'pickle'
    Pyro4.config.PICKLE_PROTOCOL_VERSION = 2
    Pyro4.config.MAX_MESSAGE_SIZE = options.limit
    serializer = Pyro4.util.get_serializer('pickle')
    serializer.loads = serializer.loadsCall = loads
    host, port = options.address.rsplit(':', 1)
    listener = ServerSocket(int(port), 16, InetAddress.getByName(host))
    ImageJ().exitWhenQuitting(True)
    print 'PYRO:imagej@%s:%d' % (host, listener.getLocalPort())
    sys.stdout.flush()
    serve_all(listener, options)


if __name__ == '__main__':
    main()
