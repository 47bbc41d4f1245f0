"""Takes pickles on standard input and answers each on standard output, in frames of four bytes big-endian: what exchange.c starts.

    jython answer.py [--limit BYTES]

A question that is no good is answered with a ValueError, after a line on standard error, and the next one is served.
"""
import cPickle
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy_stubs
from java.io import BufferedOutputStream, DataOutputStream
from java.lang import OutOfMemoryError, String, System, Throwable
from java.util import Arrays
import jarray


def answer(value):
    """The place for what yours should do: value.data is a Java array, value.shape and value.dtype.str say what it means."""
    return value


class Ended(Exception):
    """The other side has gone in the middle of a frame."""


LONGEST = (1 << 31) - 1  # a Java array has no more
PIECE = 1 << 20


class Questions(object):
    """The frames of standard input."""

    def __init__(self, limit):
        self.source, self.limit = getattr(System, 'in'), limit

    def size(self):
        """That of the next frame; None: there is none."""
        head, found = jarray.zeros(4, 'b'), 0
        while found < 4:
            count = self.source.read(head, found, 4 - found)
            if count < 0 and found == 0:
                return None
            found += self.taken(count, 'a frame', 4, found)
        return sum((byte & 255) << 24 - 8 * at for at, byte in enumerate(head))

    def taken(self, count, what, size, found):
        if count < 0:
            raise Ended('expected %s of %d bytes, found the end after %d' % (what, size, found))
        return count

    def next(self, size):
        """The bytes of a question; what is too long for them is passed over, so that the next frame begins behind it."""
        if size > self.limit:
            self.skip(size, 0)
            raise ValueError('a question of %d bytes is longer than the limit of %d' % (size, self.limit))
        data, at = jarray.zeros(min(size, PIECE), 'b'), 0
        while at < size:
            if at == len(data):  # never more memory than twice what has come
                try:
                    data = Arrays.copyOf(data, min(size, 2 * at))
                except OutOfMemoryError:
                    self.skip(size, at)
                    raise ValueError('a question of %d bytes: not enough memory' % size)
            at += self.taken(self.source.read(data, at, len(data) - at), 'a question', size, at)
        return buffer(data)[:]  # tostring() goes byte by byte

    def skip(self, size, at):
        piece = jarray.zeros(1 << 16, 'b')
        while at < size:
            at += self.taken(self.source.read(piece, 0, min(size - at, len(piece))), 'a question', size, at)


def report(error):
    """The line, and its text."""
    text = numpy_stubs.line_of(error)
    sys.stderr.write('answer: %s\n' % text)
    sys.stderr.flush()
    return text


def answered(questions, size, loads, dumps):
    """The pickle of an answer."""
    try:
        return dumps(answer(loads(questions.next(size))), 2)
    except Ended:
        raise
    except (Exception, Throwable), error:
        return dumps(ValueError(report(error)), 2)


def serve(loads=numpy_stubs.loads, dumps=cPickle.dumps, limit=1 << 30):
    """False: the other side has gone in the middle of a frame."""
    questions, sink = Questions(limit), DataOutputStream(BufferedOutputStream(System.out))
    try:
        size = questions.size()
        while size is not None:
            text = answered(questions, size, loads, dumps)
            sink.writeInt(len(text))
            sink.write(String(text).getBytes('ISO-8859-1'))
            sink.flush()
            size = questions.size()
    except Ended, error:
        report(error)
        return False
    return True


def main():
    limit = 1 << 30
    if len(sys.argv) == 3 and sys.argv[1] == '--limit' and sys.argv[2].isdigit() and 1 <= int(sys.argv[2]) <= LONGEST:
        limit = int(sys.argv[2])
    elif len(sys.argv) > 1:
        sys.stderr.write('usage: jython answer.py [--limit BYTES], which are 1 to %d\n' % LONGEST)
        return 2
    return 0 if serve(limit=limit) else 1


if __name__ == '__main__':
    sys.exit(main())
