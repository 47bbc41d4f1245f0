"""npk_dtype_can_cast and npk_array_read_as against numpy.can_cast and ndarray.astype.

usage: PYTHON cast.py LIBRARY                    (tests/check-live.sh calls it; LIBRARY is the shared library of the
                                                 build; Python 3, NumPy 1.20 and later)

  rules     every ordered pair of dtypes under every casting rule. Between numbers, times, S, U and V the answers are
            equal, but for what npickle has no conversion for (it says so, and refuses to read)
  numbers   every ordered pair of numbers, bools and times, in both byte orders, times values at the edges, under every
            rule: the bytes of astype, or refused where can_cast refuses. Floats beyond the range of an int are left out:
            their ints are whatever the machine gives
  times     every ordered pair of units, with and without multiples: values at random and at the edges, where astype does
            not overflow; beyond, npickle refuses
  texts     S, U and V of several sizes
"""
import datetime
import itertools
import random
import sys
import warnings

import numpy as np

from library import CASTINGS, Library

warnings.simplefilter('ignore')
np.seterr(all='ignore')

INTS = ['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8']
NUMBERS = ['b1'] + INTS + ['f2', 'f4', 'f8', 'f16', 'c8', 'c16', 'c32']
UNITS = 'Y M W D h m s ms us ns ps fs as'.split()
TIMES = [kind + '8[%s]' % unit for kind in 'Mm' for unit in UNITS + ['25us', '7D', '1000ms', '2001ms', '3M', '2s',
                                                                      '1000000us', '1000000000ns']]
GENERIC = ['M8', 'm8']
TEXTS = ['S0', 'S1', 'S3', 'S8', 'U0', 'U1', 'U3', 'U8', 'V1', 'V3', 'V8']
OTHERS = ['O']
NAT = -2**63
QUIRK = ('2001ms]', '2s]')  # can_cast divides ints, and finds them equal


class Checks(object):
    def __init__(self):
        self.passed, self.failed, self.left_out = 0, [], 0

    def note(self, good, *words):
        if good:
            self.passed += 1
        else:
            self.failed.append(' '.join(str(word) for word in words))


def ordered(code, order):
    return code if code in ('b1', 'i1', 'u1') or code[0] in 'SVO' else order + code


def kind_of(code):
    return 'time' if code[0] in 'Mm' else code[0] if code[0] in 'SUVO' else 'number'


def rules(checks, library):
    codes = NUMBERS + TIMES + GENERIC + TEXTS + OTHERS
    for from_, to in itertools.product(codes, codes):
        if from_ in ('S0', 'U0') and to not in ('S0', 'U0') or to in ('S0', 'U0'):
            continue  # to can_cast a size of 0 is any size
        kinds = kind_of(from_), kind_of(to)
        whole = kinds[0] in ('number', 'time') and kinds[1] in ('number', 'time') or kinds in (
            ('S', 'S'), ('U', 'U'), ('V', 'V'), ('S', 'U'), ('U', 'S'))
        any_ = library.can_cast(ordered(from_, '<'), ordered(to, '<'), 'unsafe')
        for casting in CASTINGS:
            ours = library.can_cast(ordered(from_, '<'), ordered(to, '>'), casting)
            numpy = bool(np.can_cast(ordered(from_, '<'), ordered(to, '>'), casting))
            if (from_[3:], to[3:]) == QUIRK:
                continue
            checks.note(ours == numpy if whole and any_ else not ours or numpy,
                        'rules: %s -> %s %s: npickle says %s, NumPy %s' % (from_, to, casting, ours, numpy))


def edges_of_ints(code):
    values = [0, 1, 2, 3, 127, 128, 129, 255, 256, 2049, 32767, 32768, 65519, 65520, 65535, 65536, 2**24 + 1, 2**31 - 1,
              2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**53 + 3, 2**62 + 1, 2**63 - 513, 2**63 - 1, 2**63, 2**63 + 1025,
              2**64 - 1025, 2**64 - 1]
    info = np.iinfo(code)
    return [x for y in values for x in (y, -y) if info.min <= x <= info.max] + [info.min, info.max]


def edges(code):
    kind = code[0]
    if kind == 'b':
        return np.array([False, True])
    if kind in 'iu':
        return np.array(edges_of_ints(code), code)
    if kind in 'Mm':
        return np.array(edges_of_ints('i8'), 'i8').view(code)
    real = code if kind == 'f' else 'f%d' % (int(code[1:]) // 2)
    info, one, two = np.finfo(real), np.ones((), real)[()], np.ones((), real)[()] * 2
    least = np.nextafter(np.zeros((), real)[()], one)
    values = [0 * one, one, one / 2, one / 3, least, least * 3, info.tiny, info.max, info.max / 2,
              one * np.inf, one * np.nan, np.nextafter(one, two)]
    for int_ in INTS:
        for edge in (np.iinfo(int_).min, np.iinfo(int_).max):
            x = np.array(edge).astype(real)[()]
            values += [x, np.nextafter(x, one * 0), np.nextafter(x, x * 2), x - one / 2, x + one / 2]
    for other in ('f2', 'f4', 'f8'):
        if np.dtype(other).itemsize < np.dtype(real).itemsize:
            limits = np.finfo(other)
            for edge in (limits.max, limits.tiny, np.nextafter(np.zeros((), other)[()], np.ones((), other)[()])):
                x = edge.astype(real)
                values += [x, x / 2, x + x / 4096 / 4096 / 512, np.nextafter(x, x * 2), np.nextafter(x / 2, x)]
    values = np.array(values, real)
    values = np.concatenate([values, -values])
    if kind == 'f':
        return values
    result = np.zeros(2 * len(values), code)
    result.real[:len(values)], result.imag[:len(values)] = values, values[::-1]
    result.real[len(values):], result.imag[len(values):] = 0, values
    return result


def defined(array, to):
    """Which elements C says how to convert: no float that is no int of the target."""
    kind = np.dtype(to).kind
    if array.dtype.kind not in 'fc' or kind not in 'iuMm':
        return np.ones(array.shape, bool)
    info = np.iinfo(to) if kind in 'iu' else np.iinfo('i8')
    whole = np.trunc(array.real.astype('f16'))
    return (whole >= np.longdouble(info.min)) & (whole < np.longdouble(2) ** (info.bits - (info.min < 0)))


def meaningful(array):
    """As bytes, without those behind a long double and without what a NaN carries."""
    array = array.astype(array.dtype.newbyteorder('='))
    if array.dtype.kind in 'fc':
        array = array.copy()
        for part in [array.real, array.imag] if array.dtype.kind == 'c' else [array]:
            part[np.isnan(part)] = np.nan
    raw = array.view('u1').reshape(len(array), -1)
    if array.dtype.char in 'gG':
        raw = raw.reshape(len(array), -1, 16)[:, :, :10].reshape(len(array), -1)
    return raw


def read(library, array, from_, to, casting):
    result = np.full(array.shape, 1, to) if np.dtype(to).kind not in 'SUV' else np.zeros(array.shape, to)
    status, message = library.read_as(array, from_, to, casting, result)
    return status, message, result


def numbers(checks, library):
    codes = NUMBERS + ['M8[s]', 'm8[s]']
    for from_, to in itertools.product(codes, codes):
        for orders in ('<<', '<>', '><', '>>'):
            array = edges(from_).astype(ordered(from_, orders[0]))
            source, target = ordered(from_, orders[0]), ordered(to, orders[1])
            good = defined(array, to)
            checks.left_out += int((~good).sum())
            for casting in CASTINGS:
                status, message, result = read(library, array, source, target, casting)
                words = 'numbers: %s -> %s %s' % (source, target, casting)
                if not np.can_cast(source, target, casting):
                    checks.note(status == 'CAST', words, status, message)
                    continue
                wanted = array.astype(target, casting=casting)
                equal = (meaningful(result) == meaningful(wanted)).all(axis=1) | ~good
                checks.note(status == 'OK' and equal.all(), words, status, message, array[~equal], wanted[~equal],
                            result[~equal])


# --- times ---

def days_of(year, month):
    """From 1970-01-01, by the calendar of Python, whose years repeat after 400."""
    cycles, year = divmod(year - 2000, 400)
    return (datetime.date(2000 + year, month, 1) - datetime.date(1970, 1, 1)).days + cycles * 146097


def month_of(days):
    cycles, day = divmod(days - 10957, 146097)  # from 2000-01-01
    date = datetime.date(2000, 1, 1) + datetime.timedelta(day)
    return 12 * (date.year - 1970 + 400 * cycles) + date.month - 1


PER_DAY = {'h': 24, 'm': 1440, 's': 86400}
PER_DAY.update((unit, 86400 * 1000 ** (i + 1)) for i, unit in enumerate('ms us ns ps fs as'.split()))


def split(code):
    text = code[3:-1]
    digits = ''.join(x for x in text if x.isdigit())
    return text[len(digits):], int(digits or 1)


def exact(value, from_, to):
    """With ints of any size; as floor, or None for what has no conversion."""
    (unit, multiple), (other, divisor) = split(from_), split(to)
    if from_[0] == 'm':
        length = {'Y': (146097 * 86400, 400), 'M': (146097 * 86400, 4800), 'W': (7 * 86400, 1), 'D': (86400, 1)}
        length.update((u, (86400, n)) for u, n in PER_DAY.items())
        (a, b), (x, y) = length[unit], length[other]
        if unit in 'YM' and other in 'YM':
            (a, b), (x, y) = [(12 if u == 'Y' else 1, 1) for u in (unit, other)]
        return value * multiple * a * y // (b * x * divisor)
    value *= multiple
    if unit in 'YM' and other in 'YM':
        months = value * (12 if unit == 'Y' else 1)
        return months // (12 if other == 'Y' else 1) // divisor
    if unit in 'YM':
        months = value * (12 if unit == 'Y' else 1)
        days, ticks, per = days_of(1970 + months // 12, months % 12 + 1), 0, 1
    elif unit in 'WD':
        days, ticks, per = value * (7 if unit == 'W' else 1), 0, 1
    else:
        per = PER_DAY[unit]
        days, ticks = divmod(value, per)
    if other in 'YM':
        return month_of(days) // (12 if other == 'Y' else 1) // divisor
    if other in 'WD':
        return days // (7 if other == 'W' else 1) // divisor
    return (days * PER_DAY[other] + ticks * PER_DAY[other] // per) // divisor


def fits(value):
    return -2**63 < value < 2**63


def times(checks, library):
    rng = random.Random(4)
    for from_, to in itertools.product(TIMES, TIMES):
        if from_[0] != to[0] or (from_[3:], to[3:]) == QUIRK:
            continue
        values = [0, 1, -1, 2, -2, 11, -11, 12, -12, 365, -365, 366, 59, 60, 86399, 86400, -86400, -86401, NAT]
        values += [rng.randrange(-2**bits, 2**bits) for bits in (10, 20, 30, 40, 50, 60, 63) for _ in range(4)]
        values += [2**63 - 1, -2**63 + 1]
        wanted, whole = [], []
        try:
            np.zeros(0, from_).astype(to)
        except OverflowError:
            whole = None
        for value in values:
            array = np.array([value], 'i8').view(from_)
            status, message, result = read(library, array, '<' + from_, '>' + to, 'unsafe')
            found = int(result.astype('<' + to).view('i8')[0])
            words = 'times: %s -> %s, %d' % (from_, to, value)
            if whole is None:
                checks.note(status == 'CAST', words, status, message)
                continue
            right = NAT if value == NAT else exact(value, from_, to)
            checks.note((status == 'OK' and found == right) or (status == 'CAST' and value != NAT), words, status,
                        message, found, right)
            if status == 'OK':
                whole.append(value)
                wanted.append(right)
        if whole and not (from_[0] == 'm' and '3M' in from_ + to):  # there NumPy's factors overflow unnoticed
            checks.note(exact_enough(whole, from_, to, wanted), 'times: NumPy', from_, to)
        if whole:
            few = sum(1 for value in values if value == NAT or fits(
                max(abs(exact(value, from_, to)) * split(to)[1], abs(value) * split(from_)[1]) * 10**6))
            checks.note(len(whole) >= few, 'times: %s -> %s: %d of %d refused' % (
                from_, to, len(values) - len(whole), len(values)))


def exact_enough(values, from_, to, wanted):
    """NumPy agrees, where its own arithmetic, which may overflow on the way, does not."""
    good = 0
    for value, right in zip(values, wanted):
        try:
            found = int(np.array([value], 'i8').view(from_).astype(to).view('i8')[0])
        except OverflowError:
            continue
        if found != right and abs(value) < 2**40:
            return False
        good += found == right
    return good > len(values) // 2


def texts(checks, library):
    words = [b'', b'a', b'ab', b'abc', b'a\0c', b'abcdefgh', b'\0b', b'\x7f']
    for from_, to in itertools.product(TEXTS, TEXTS):
        source, target = ordered(from_, '<'), ordered(to, '>')
        if 'V' in (from_[0], to[0]) and from_[0] != to[0] or '0' in from_ + to:
            continue
        base = np.array(words, from_.replace('V', 'S'))
        array = base.view(from_) if from_[0] == 'V' else base
        for casting in CASTINGS:
            status, message, result = read(library, array, source, target, casting)
            note = 'texts: %s -> %s %s' % (source, target, casting)
            if not np.can_cast(source, target, casting):
                checks.note(status == 'CAST', note, status, message)
            else:
                wanted = array.astype(target)
                checks.note(status == 'OK' and result.tobytes() == wanted.tobytes(), note, status, result, wanted)
    for from_, to, value in (('U3', 'S3', '\xe9'), ('S3', 'U3', b'\xe9')):
        status, message, result = read(library, np.array([value], from_), ordered(from_, '<'), ordered(to, '<'), 'unsafe')
        checks.note(status == 'CAST', 'texts', from_, to, status)


def main(argv):
    if len(argv) != 2:
        print(__doc__)
        return 4
    if np.dtype('g').itemsize != 16 or np.finfo('g').nmant != 63:
        print('cast: skipped where long double is not that of x86-64')
        return 77
    checks, library = Checks(), Library(argv[1])
    for part in (rules, numbers, times, texts):
        before, failed = checks.passed, len(checks.failed)
        part(checks, library)
        print('cast, NumPy %s, %s: %d passed, %d failed' % (np.__version__, part.__name__, checks.passed - before,
                                                            len(checks.failed) - failed))
    for text in checks.failed[:10]:
        print('FAIL: ' + text)
    print('cast: %d floats beyond the range of an int left out' % checks.left_out)
    return 1 if checks.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
