"""Pickles that end too early, or can't be read on: what CPython has on its stack by then.

usage: python3 damage.py > tests/data/damage.golden          (CPython 3.8 or newer)

A case is a pickle and a list: for each of its instructions the values that are on the stack before it, from the lowest one up, those below
marks too, as they are at that time. STOP comes last.
"""
import copy
import io
import pickle
import pickletools
import sys

import golden




class Unpickler(pickle._Unpickler):
    """One that is asked for its stack between two instructions, with pickles in frames as if they had none."""
    dispatch = dict(pickle._Unpickler.dispatch)
    dispatch[pickle.FRAME[0]] = lambda self: self.read(8)


    def stacks(self):
        self._unframer = pickle._Unframer(self._file_read, self._file_readline)
        self.read, self.readinto, self.readline = self._unframer.read, self._unframer.readinto, self._unframer.readline
        self.metastack, self.stack, self.proto = [], [], 0
        self.append = self.stack.append
        while True:
            yield copy.deepcopy([v for part in self.metastack for v in part] + self.stack)
            key = self.read(1)
            if key == pickle.STOP:
                return
            self.dispatch[key[0]](self)


def values():
    shared = [1, 'one']
    itself = ['x']
    itself.append(itself)
    return {
        'numbers': [0, 1, -1, 255, 256, 65536, 2 ** 40, -2 ** 70, 1.5, None, True, False],
        'texts': ['', 'a', 'caf\xe9', 'x' * 300, ('a', 'b')],
        'tuples': ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [(5, [6])]),
        'dict': {'a': [1, {'b': (2, 3)}], 'c': {}, 'd': {'e': 4}, 5: [[[]]]},
        'shared': [shared, shared, {'k': shared}, (shared,)],
        'itself': itself,
        'one': 7,
    }


def line(name, data, stacks):
    return 'case %s %s %s' % (name, golden.quote(data), golden.quote(pickle.dumps(stacks, 2)))


def main():
    print('# CPython %d.%d' % sys.version_info[:2])
    for name, value in values().items():
        for protocol in range(6):
            data = pickle.dumps(value, protocol)
            stacks = list(Unpickler(io.BytesIO(data)).stacks())
            assert len(stacks) == len(list(pickletools.genops(data)))
            print(line('%s/%d' % (name, protocol), data, stacks))


main()
