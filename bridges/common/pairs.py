"""What the bench.py of a folder measures with: the same by Python and by C in turn, and the median of the ratios of these pairs."""
import statistics
import sys
import time

import numpy

import table

SIZES = [('64 B', 64, 1000), ('8 KiB', 8 << 10, 1000), ('1 MiB', 1 << 20, 40), ('64 MiB', 64 << 20, 2)]


def seconds(function, count):
    """For one of `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


def program(count, name, *words):
    """For one of `count` times of a program in C with --times, without its start."""
    def run(times):
        status, _, errors = table.run(name, *words, '--times', times, timeout=600)
        assert status == 0, errors
    once = min(seconds(lambda: run(1), 1) for _ in range(3))
    return (seconds(lambda: run(count + 1), 1) - once) / count


def compare(peer, rows, prepare=None):
    """A table. rows: {name: (python, c)}, each a function of an array and a count that gives seconds for one. prepare: is called with each array first."""
    rounds = int((sys.argv + ['9'])[1])
    print('| | size | %s | C | ratio |\n|---|---|---|---|---|' % peer)
    for text, size, count in SIZES:
        array = numpy.arange(size // 8, dtype='f8')
        if prepare is not None:
            prepare(array)
        for name, (python, c) in rows.items():
            pairs = [(python(array, count), c(array, count)) for _ in range(rounds)]
            print('| %s | %s | %.3f ms | %.3f ms | %.2f |' % (name, text, 1e3 * statistics.median(a for a, _ in pairs), 1e3 * statistics.median(b for _, b in pairs),
                                                             statistics.median(a / b for a, b in pairs)), flush=True)
