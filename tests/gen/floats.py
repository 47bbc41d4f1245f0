#!/usr/bin/env python3
"""Prints tests/data/floats.inc: floats that are hard to print, PRINTED(bits, repr(x), '%.17g' % x), and texts that are hard to read,
PARSED(text, bits of float(text)).

python3 tests/gen/floats.py > tests/data/floats.inc"""
import random
import struct
import sys
from fractions import Fraction


def bits_of(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def float_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def exactly(value, digits=None):
    """The digits of a fraction whose denominator is 2^n: all of them, or so many."""
    n = value.denominator.bit_length() - 1
    number = value.numerator * 5**n
    text = str(number)
    if digits is not None and len(text) > digits:
        return "%se%d" % (text[:digits], len(text) - digits - n)
    return "%se-%d" % (text, n)


def halfway(bits):
    """Half the way from a float to the next one."""
    return (Fraction(float_of(bits)) + Fraction(float_of(bits + 1))) / 2


def to_print(rng):
    yield from (1, 2, 3, 4, 5, 0xFFFFFFFFFFFFF, 0x10000000000000, 0x10000000000001, 0x7FEFFFFFFFFFFFFF)
    for exponent in range(1, 2047, 41):  # powers of two, where the float below is nearer, and their neighbours
        yield from ((exponent << 52) - 1, exponent << 52, (exponent << 52) + 1)
    for exponent in range(-323, 309, 15):  # powers of ten, and their neighbours
        near = bits_of(float("1e%d" % exponent))
        yield from (near - 1, near, near + 1)
    for exponent in range(-30, 90, 7):  # ties: 17 digits and a half
        yield bits_of(float((2**53 - 2 * rng.randrange(2**20) - 1) * Fraction(2) ** exponent))
    for _ in range(20):
        yield rng.getrandbits(64) % (0x7FF << 52)
        yield rng.getrandbits(1 + rng.randrange(52))
        yield bits_of(round(rng.random() * 10 ** rng.randrange(9), rng.randrange(9)))


def to_parse(rng):
    yield from ("1e-324", "2e-324", "3e-324", "1e-342", "1e-343", "9999999999999999999e-343", "1e308", "1e309", "0.1e310", "1e-400")
    yield from ("17976931348623158079372897140530341507e271", "179769313486231580793e289", "0.000000000000000000000000000000001e33")
    for _ in range(5):
        for bits in (rng.getrandbits(64) % (0x7FE << 52), rng.getrandbits(52), bits_of(rng.random())):
            half = halfway(bits)
            text = exactly(half)
            yield from (text, exactly(half, 19), exactly(half, 20), exactly(half, 25))
            mantissa, exponent = text.split("e")
            zeros = rng.randrange(400)
            yield mantissa + "0" * zeros + "1e" + str(int(exponent) - zeros - 1)
            yield str(int(mantissa) - 1) + "e" + exponent
    for _ in range(25):
        odd = 2 * rng.getrandbits(53) | 1 << 53 | 1
        exponent = rng.randrange(-27, 28)  # half the way, with a point, in up to 19 digits
        yield "%de%d" % (odd * 5 ** rng.randrange(4), exponent)
        yield "%d.%s" % (odd // 2 | 1 << 53, rng.choice(("5", "50", "500", "5000000000000000000000001", "4999", "49999999999999999999")))
        yield "%d.%de%d" % (rng.getrandbits(rng.randrange(1, 64)), rng.getrandbits(rng.randrange(1, 90)), rng.randrange(-340, 310))
        yield "0.%s%d" % ("0" * rng.randrange(30), rng.getrandbits(60))


def main():
    rng = random.Random(10)
    print("/* Made by tests/gen/floats.py with Python %d.%d. */" % sys.version_info[:2])
    for bits in dict.fromkeys(to_print(rng)):
        x = float_of(bits)
        print('PRINTED(0x%016x, "%r", "%.17g")' % (bits, x, x))
    for text in dict.fromkeys(to_parse(rng)):
        lines = '"\n       "'.join(text[i : i + 110] for i in range(0, len(text), 110))
        print('PARSED("%s", 0x%016x)' % (lines, bits_of(float(text))))


main()
