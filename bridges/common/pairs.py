"""What the bench.py of a folder measures with: the same by Python and by C in turn, so often, and the best of each: other work on the machine
makes a time longer, and never shorter."""
import pickle
import sys
import time

import numpy

import table

SIZES = [('64 B', 64, 10000), ('8 KiB', 8 << 10, 10000), ('1 MiB', 1 << 20, 200), ('64 MiB', 64 << 20, 4)]


def seconds(function, count):
    """For one of `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


starts = {}


def program(count, name, *words):
    """For one of `count` times of a program in C with --times, without its start: the shortest of those so far."""
    def run(times):
        status, _, errors = table.run(name, *words, '--times', times, timeout=600)
        assert status == 0, errors
    start = starts.setdefault((name, words, count), [])
    for _ in range(1 if start else 3):
        start.append(seconds(lambda: run(1), 1))
    return (seconds(lambda: run(count + 1), 1) - min(start)) / count


def saver(path):
    """A `prepare` that saves the array, at protocol 4."""
    def save(array):
        with open(path, 'wb') as file:
            pickle.dump(array, file, 4)
    return save


def compare(peer, rows, prepare=None):
    """A table. rows: {name: (python, c)}, each a function of an array and a count that gives seconds for one. prepare: is called with each array first."""
    rounds = int((sys.argv + ['9'])[1])
    print('| | size | %s | C | ratio |\n|---|---|---|---|---|' % peer)
    for text, size, count in SIZES:
        array = numpy.arange(size // 8, dtype='f8')
        starts.clear()
        if prepare is not None:
            prepare(array)
        for name, (python, c) in rows.items():
            a, b = (min(times) for times in zip(*[(python(array, count), c(array, count)) for _ in range(rounds)]))
            print('| %s | %s | %.3f ms | %.3f ms | %.2f |' % (name, text, 1e3 * a, 1e3 * b, a / b), flush=True)
