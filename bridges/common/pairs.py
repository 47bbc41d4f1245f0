"""What the bench.py of a folder measures with: the same by Python and by C in turn, in rounds, and the ratio of each round: other work on the machine
makes both longer. The row has the medians, and of the ratios the quartiles as well."""
import pickle
import statistics
import sys
import time

import numpy

import table

SIZES = [('64 B', 64, 2000), ('8 KiB', 8 << 10, 2000), ('1 MiB', 1 << 20, 60), ('64 MiB', 64 << 20, 4)]


def seconds(function, count):
    """For one of `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return (time.perf_counter() - start) / count


def after_one(function, count):
    """The same, after one that is not counted, as programs in C have it with --clock."""
    function()
    return seconds(function, count)


def program(count, name, *words):
    """For one of `count` times of a program in C, by its own clock, after one that is not counted."""
    status, out, errors = table.run(name, *words, '--times', count + 1, '--clock', timeout=600)
    assert status == 0, errors
    return float(out.split()[-1])


def saver(path):
    """A `prepare` that saves the array, at protocol 4."""
    def save(array):
        with open(path, 'wb') as file:
            pickle.dump(array, file, 4)
    return save


def head(peer, measured='size'):
    print('| | %s | %s | C | ratio | middle half |\n|---|---|---|---|---|---|' % (measured, peer), flush=True)


def row(name, text, rounds, unit=('ms', 1e3)):
    """A line of the table. rounds: (seconds of Python, seconds of C) of each."""
    python, c = (unit[1] * statistics.median(times) for times in zip(*rounds))
    low, ratio, high = statistics.quantiles([a / b for a, b in rounds], n=4, method='inclusive')
    print('| %s | %s | %.3f %s | %.3f %s | %.2f | %.2f to %.2f |' % (name, text, python, unit[0], c, unit[0], ratio, low, high), flush=True)


def rounds(usual=11):
    return int((sys.argv + [usual])[1])


def in_turn(functions):
    """(Python, C): what each function gives, for each round; who is first changes."""
    for i in range(rounds()):
        order = (0, 1) if i % 2 else (1, 0)
        found = {which: functions[which]() for which in order}
        yield found[0], found[1]


def compare(peer, rows, prepare=None, sizes=SIZES):
    """A table. rows: {name: (python, c)}, each a function of an array and a count that gives seconds for one. prepare: is called with each array first."""
    head(peer)
    for text, size, count in sizes:
        array = numpy.arange(size // 8, dtype='f8')
        if prepare is not None:
            prepare(array)
        for name, functions in rows.items():
            row(name, text, list(in_turn([lambda one=one: one(array, count) for one in functions])))
