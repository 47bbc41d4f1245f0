"""Values whose arrays lie in multiprocessing.shared_memory, for the programs in C beside this file. To be copied.

    block = Block()                             # keep it as long as the other side uses the arrays
    peer.send(block.share(value))               # a description: (name, size, [(offset, size), ...], pickle)
    value, block = take(peer.recv())            # keep the block as long as you use the arrays
"""
import pickle
import sys
from multiprocessing import resource_tracker, shared_memory

ALIGNMENT = 64


def places(buffers):
    """Where each buffer lies in a block, and how long that is."""
    found, end = [], 0
    for buffer in buffers:
        start = -(-end // ALIGNMENT) * ALIGNMENT
        found.append((start, buffer.nbytes))
        end = start + buffer.nbytes
    return found, end


class Block(object):
    """A block of our own. It is made once, and again when something does not fit."""

    def __init__(self):
        self.memory = None

    def share(self, value):
        buffers = []
        body = pickle.dumps(value, 5, buffer_callback=buffers.append)
        if not buffers:
            return None, 0, [], body
        buffers = [buffer.raw() for buffer in buffers]
        found, size = places(buffers)
        if self.memory is None or self.memory.size < size:
            self.close()
            self.memory = shared_memory.SharedMemory(create=True, size=max(size, 1))
        for (start, length), buffer in zip(found, buffers):
            self.memory.buf[start:start + length] = buffer
        return self.memory.name, self.memory.size, found, body

    def close(self):
        if self.memory is not None:
            self.memory.close()
            self.memory.unlink()
        self.memory = None


def attach(name):
    """A block of the other side's, which this side must not remove: until Python 3.12 the resource tracker would, when this process ends."""
    if sys.version_info >= (3, 13):
        return shared_memory.SharedMemory(name, track=False)
    memory = shared_memory.SharedMemory(name)
    resource_tracker.unregister(memory._name, 'shared_memory')
    return memory


def take(description):
    """(value, block): the arrays of the value are in the block, nothing is copied. block.close() comes after the last use of them."""
    name, _, found, body = description
    if name is None:
        return pickle.loads(body), None
    memory = attach(name)
    return pickle.loads(body, buffers=[memory.buf[start:start + length] for start, length in found]), memory
