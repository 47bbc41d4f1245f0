#!/usr/bin/env python3
"""Prints the table of lib/text/printable.c: the ranges of characters that str.isprintable() calls not printable.

Run it with CPython 3.11: python3 tests/gen/printable.py > lib/text/printable.inc
"""
ranges = []
for c in range(0x110000):
    if not chr(c).isprintable():
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
line = ""
for first, last in ranges:
    item = "{0x%x, 0x%x}," % (first, last)
    if len(line) + len(item) > 114:
        print(line)
        line = ""
    line += (" " if line else "") + item
print(line)
