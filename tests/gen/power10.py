#!/usr/bin/env python3
"""Prints the table of lib/text/power10.c: the first 128 bits of each power of ten from 10^-342 to 10^341, what follows them cut off.

python3 tests/gen/power10.py > lib/text/power10.inc
"""
LEAST, MOST = -342, 341
rows = []
for exponent in range(LEAST, MOST + 1):
    if exponent >= 0:
        value = 10**exponent
        bits = value.bit_length()
        first = value << 128 >> bits
    else:
        divisor = 10**-exponent
        bits = 1 - divisor.bit_length() + (divisor & (divisor - 1) == 0)
        first = (1 << 128 - bits) // divisor
        while first >> 128:
            bits += 1
            first = (1 << 128 - bits) // divisor
        while not first >> 127:
            bits -= 1
            first = (1 << 128 - bits) // divisor
    assert first >> 127 == 1
    rows.append("{0x%016x, 0x%016x}," % (first >> 64, first & (1 << 64) - 1))
for i in range(0, len(rows), 2):
    print(" ".join(rows[i : i + 2]))
