#!/usr/bin/env python3
"""Writes times of every unit as those of every other, by ndarray.astype: times.py > ../data/times.inc

Needs NumPy 2.5, the first that fails where a value goes beyond 64 bits. SCALE(from, to, values): each value and what
becomes of it, '-' where NumPy fails; values is NULL where NumPy fails for all of them.
"""
import random
import re
import warnings

import numpy

UNITS = 'Y M W D h m s ms us ns ps fs as 25us 7D 3M 1000ms'.split()
NAT = -2**63


SECONDS = {'Y': 31556952, 'M': 2629746, 'W': 604800, 'D': 86400, 'h': 3600, 'm': 60, 's': 1}
SECONDS.update((unit, 1000.0 ** -(i + 1)) for i, unit in enumerate('ms us ns ps fs as'.split()))


def overflows(value, from_, to):
    """Beyond 64 bits in the unit itself, of which NumPy then takes the multiple, from years and months without a word."""
    digits, unit = re.match(r'.8.(\d*)(\w+)', from_).groups()
    other = re.match(r'.8.\d*(\w+)', to).group(1)
    return (from_[0] == 'M' and (unit in 'YM' or other in 'YM') and
            abs(value) * int(digits or 1) * SECONDS[unit] / SECONDS[other] > 2.0**63)


def one(value, from_, to):
    if value != NAT and overflows(value, from_, to):
        return None
    try:
        return int(numpy.array([value], 'i8').view(from_).astype(to).view('i8')[0])
    except OverflowError:
        return None


def scales(rng):
    for kind in 'Mm':
        for unit in UNITS:
            for other in UNITS:
                from_, to = '%s8[%s]' % (kind, unit), '%s8[%s]' % (kind, other)
                # the factor of these NumPy computes wrongly, without a word
                if from_ == to or (kind == 'm' and '3M' in (unit, other)):
                    continue
                if one(0, from_, to) is None:
                    yield from_, to, None
                    continue
                values = [1, -1, NAT, rng.randrange(-10**4, 10**4), rng.randrange(-10**9, 10**9),
                          rng.randrange(-10**13, 10**13)]
                yield from_, to, [(value, one(value, from_, to)) for value in values]


def number(value):
    return 'NaT' if value == NAT else '-' if value is None else str(value)


def main():
    warnings.simplefilter('ignore')
    print('/* Made by tests/gen/times.py with NumPy %s. */' % numpy.__version__)
    for from_, to, pairs in scales(random.Random(1)):
        text = 'NULL' if pairs is None else '"%s"' % ' '.join('%s %s' % (number(a), number(b)) for a, b in pairs)
        print('SCALE("%s", "%s", %s)' % (from_, to, text))


if __name__ == '__main__':
    main()
