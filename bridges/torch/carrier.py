"""A rank of torch.distributed that lends its place to the program `objects`: it carries the tensors of broadcast_object_list, and unpickles nothing.

    torch.distributed.init_process_group('gloo', ...)
    carrier = Carrier('/tmp/socket')
    carrier.take(count, source)      # where the others call broadcast_object_list(objects, src=source)
    carrier.give()                   # where they call broadcast_object_list(objects, src=the rank of this one)
"""
import socket
import struct

import torch
import torch.distributed


class Carrier(object):
    def __init__(self, path):
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.connect(path)

    def take(self, count, source):
        """What `source` broadcasts, so many objects, goes to C."""
        sizes = torch.empty(count, dtype=torch.int64)
        torch.distributed.broadcast(sizes, source)
        body = torch.empty(int(sizes.sum()), dtype=torch.uint8)
        torch.distributed.broadcast(body, source)
        self.peer.sendall(struct.pack('=q', count))
        self.peer.sendall(sizes.numpy())
        self.peer.sendall(body.numpy())

    def give(self):
        """What C answers goes to all."""
        count, = struct.unpack('=q', self.read(8).numpy())
        sizes = self.read(8 * count).view(torch.int64)
        body = self.read(int(sizes.sum()))
        rank = torch.distributed.get_rank()
        torch.distributed.broadcast(sizes, rank)
        torch.distributed.broadcast(body, rank)

    def read(self, size):
        found = torch.empty(size, dtype=torch.uint8)
        view, done = memoryview(found.numpy()), 0
        while done < size:
            count = self.peer.recv_into(view[done:])
            if count == 0:
                raise EOFError('the program in C has closed the connection: its standard error says why')
            done += count
        return found
