"""Writes lib/text/shuffle.inc: for each set of places in a row of eight that go out, the places of those that stay, one
after the other, the first in the lowest byte."""

ROWS = 4

print("/* Made by tests/gen/shuffle.py. Row m: the places, 0 to 7, whose bits are not set in m. */")
for first in range(0, 256, ROWS):
    words = []
    for mask in range(first, first + ROWS):
        stay = [place for place in range(8) if not mask >> place & 1]
        words.append("0x%016x," % sum(place << 8 * i for i, place in enumerate(stay)))
    print(" ".join(words))
