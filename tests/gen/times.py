#!/usr/bin/env python3
"""Writes what NumPy makes of times: times.py > ../data/times.inc

Needs NumPy 2.5, the first that fails where a value goes beyond 64 bits.

  SCALE(from, to, values)      each value and what astype makes of it, '-' where it fails; NULL where it fails for all
  TEXT(dtype, value, text)     by datetime_as_string, of a timedelta64 by repr() of an array; empty where it fails
  PARSE(dtype, text, value)    by datetime64(), '-' where it fails
  SECONDS(dtype, value, seconds, nanoseconds)
                               by whole numbers, from years and months by astype
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
    """Beyond 64 bits in the unit itself: from and to years and months NumPy fails to notice."""
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


def texts(rng):
    for unit in UNITS:
        code = 'M8[%s]' % unit
        edge = 2**63 - 1 if unit in PER_SECOND or unit in ('W', 'D', 'h', 'm', 's') else 10**16
        values = [0, 1, -1, 11, -11, NAT, edge // 7 if unit == 'W' else edge, rng.randrange(-10**5, 10**5),
                  rng.randrange(-10**10, 10**10), rng.randrange(-10**14, 10**14)]
        if unit in ('D', 'h', 'Y'):
            values += [-735588 * {'D': 1, 'h': 24, 'Y': 0}[unit] - 44 * (unit == 'Y'), -1970, -1971, -2014]
        for value in values:
            try:
                yield code, value, str(numpy.datetime_as_string(numpy.array([value], 'i8').view(code))[0])
            except OverflowError:
                yield code, value, ''
        for value in (values[-1], NAT):
            span = numpy.array([value], 'i8').view('m8[%s]' % unit)
            yield 'm8[%s]' % unit, value, repr(span).split('[')[1].split(']')[0].strip("'")


WORDS = [
    '2021', '2021-02', '2021-02-03', '2021-02-03T04', '2021-02-03 04:05', '2021-02-03T04:05:06', '2021-02-03T04:05:06.',
    '2021-02-03T04:05:06.7', '2021-02-03T04:05:06.123456789', '2021-02-03T04:05:06Z', '1969-12-31T23:59:59.999999999',
    '1970-01-01T00:00:00.123456789123456789', '1970-01-01T00:00:00.1234567891234567891', '-0044-03-15', '+2020-01-01',
    '0000-01-01', '10000-12-31', '292277026596', '2020-02-29', '2021-02-29', '2021-02-30', '1900-02-29', '2000-02-29',
    '2021-00-01', '2021-13-01', '2021-01-00', '2021-04-31', '2021-01-01T24', '2021-01-01T00:60', '2021-01-01T00:00:60',
    '2021-1-1', '21', '2021-', '2021-01-', '2021-01-01T', '2021-01-01T0', '2021-01-01x', 'x', 'NaT', 'nat', '',
    '2021-01-01T00:00:00.x', '2021 ', '--2021', '1582-10-10',
]


def parses():
    for unit in ('Y', '3M', 'W', 'D', 's', 'ns', '25us'):
        for word in WORDS:
            code = 'M8[%s]' % unit
            try:
                value = int(numpy.array(word, code).view('i8'))
            except (ValueError, OverflowError):
                value = None
            # what overflows there overflows without a word
            if value is not None and value != NAT and overflows(
                    int(numpy.datetime64(word, 'Y').astype('i8')), 'M8[Y]', code):
                value = None
            yield code, word, value


PER_SECOND = {unit: 1000 ** (i + 1) for i, unit in enumerate('ms us ns ps fs as'.split())}


def seconds(rng):
    for kind in 'Mm':
        for unit in UNITS:
            digits, bare = re.match(r'(\d*)(\w+)', unit).groups()
            if kind == 'm' and bare in 'YM':
                continue
            for value in (0, 1, -1, rng.randrange(-10**3, 10**3), rng.randrange(-10**7, 10**7)):
                if bare in 'YM':
                    whole, rest = one(value, 'M8[%s]' % unit, 'M8[s]'), 0
                elif bare in PER_SECOND:
                    whole, rest = divmod(value * int(digits or 1), PER_SECOND[bare])
                    rest = rest * 10**9 // PER_SECOND[bare]
                else:
                    whole, rest = value * int(digits or 1) * SECONDS[bare], 0
                yield '%s8[%s]' % (kind, unit), value, whole, rest


def number(value):
    return 'NaT' if value == NAT else '-' if value is None else str(value)


def main():
    warnings.simplefilter('ignore')
    print('/* Made by tests/gen/times.py with NumPy %s. */' % numpy.__version__)
    for from_, to, pairs in scales(random.Random(1)):
        text = 'NULL' if pairs is None else '"%s"' % ' '.join('%s %s' % (number(a), number(b)) for a, b in pairs)
        print('SCALE("%s", "%s", %s)' % (from_, to, text))
    for code, value, text in texts(random.Random(2)):
        print('TEXT("%s", "%s", "%s")' % (code, number(value), text))
    for code, text, value in parses():
        print('PARSE("%s", "%s", "%s")' % (code, text, number(value)))
    for row in seconds(random.Random(3)):
        print('SECONDS("%s", %d, %d, %d)' % row)


if __name__ == '__main__':
    main()
