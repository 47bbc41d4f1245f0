"""Damaged pickles that Python still reads: what such a one does its conversion does, at every protocol and back, or npickle refuses it.

usage: PYTHON damaged.py REWRITE [COUNT [SEED]] [FILE or DIRECTORY...]        (PYTHON 3.8 or later)

REWRITE is tests/live/rewrite of the build folder. From SEED (0) on COUNT (300) pickles are taken, one after another of each source: random ones of
tests/gen/effects.py and programs.py, those of tests/data/*.golden, and those of the FILEs, none of more than 4 KB. Each is damaged in one or two places in
several ways: a bit of a byte, another byte, one that is gone, doubled or new, two opcodes that change their places, an opcode that is gone or comes twice, another
opcode with the same argument. What the recording unpickler still loads is a test as in traces.py, whose options and report these are. The same seed gives the
same damage.
"""
import glob
import os
import pickletools
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import effects  # noqa: E402
import programs  # noqa: E402
import traces  # noqa: E402

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data')
GOLDENS = 'objects effects states found frozen newobj memo shares outside pyarray'.split()
LARGEST, WAYS = 4096, 6
BY_ARGUMENT = {}
for _opcode in pickletools.opcodes:
    BY_ARGUMENT.setdefault(_opcode.arg, []).append(_opcode.code.encode('latin-1'))


def unquoted(text):
    """The bytes of a word of a golden; None for one that has a run in it."""
    if '\\{' in text:
        return None
    return re.sub(rb'\\([0-9a-f]{2})', lambda m: bytes([int(m.group(1), 16)]), text.encode('latin-1'))


def of_goldens():
    """Each pickle that stands in a golden as a whole, by its file."""
    for path in sorted(glob.glob(os.path.join(DATA, '*.golden'))):
        name = os.path.basename(path).split('.')[0].split('-')[0]
        with open(path, encoding='latin-1') as lines:
            for line in lines if name in GOLDENS else ():
                word = re.search(r'(?:^p\d - |^\S+ \S+ \S+ )"([^"]*)"$', line.rstrip('\n'))
                data = unquoted(word.group(1)) if word else None
                if data and len(data) <= LARGEST:
                    yield name, data


def parts_of(data):
    """Where its opcodes are: [(from, end, opcode)]; of what is no pickle those before it breaks off."""
    found = []
    try:
        for opcode, _, place in pickletools.genops(data):
            found.append((place, opcode))
    except Exception:  # whatever pickletools says of it
        pass
    ends = [place for place, _ in found[1:]] + [len(data)]
    return [(place, end, opcode) for (place, opcode), end in zip(found, ends)]


def bytewise(data, chance):
    at = chance.randrange(len(data))
    how = chance.randrange(5)
    if how == 0:
        new = bytes([data[at] ^ 1 << chance.randrange(8)])
    elif how == 1:
        new = bytes([chance.choice(data)])
    elif how == 2:
        new = b''
    elif how == 3:
        new = data[at:at + 1] * 2
    else:
        new = data[at:at + 1] + bytes([chance.choice(data)])
    return data[:at] + new + data[at + 1:]


def by_opcodes(data, chance):
    parts = parts_of(data)
    if len(parts) < 4:
        return bytewise(data, chance)
    how = chance.randrange(4)
    first, end, opcode = parts[chance.randrange(len(parts))]
    if how == 0:
        other, other_end, _ = parts[chance.randrange(len(parts))]
        (first, end), (other, other_end) = sorted([(first, end), (other, other_end)])
        return data[:first] + data[other:other_end] + data[end:other] + data[first:end] * (other > first) + data[other_end:]
    if how == 1:
        return data[:first] + data[end:]
    if how == 2:
        return data[:end] + data[first:end] + data[end:]
    return data[:first] + chance.choice(BY_ARGUMENT[opcode.arg]) + data[first + 1:]


def damaged(data, chance):
    for _ in range(chance.choice((1, 1, 2))):
        data = chance.choice((bytewise, by_opcodes, by_opcodes))(data, chance) or data
    return data


def sources(paths):
    """One after another of each, for ever."""
    pickles = list(of_goldens())
    for path in traces.files_of(paths):
        if os.path.getsize(path) <= LARGEST:
            with open(path, 'rb') as file:
                pickles += [('files', one) for one in traces.pickles_of(file.read())]
    number = 0
    while True:
        yield effects.make_pickle(number)
        yield 'wild program', programs.wild('wild %d' % number)
        yield pickles[number * 37 % len(pickles)]
        yield pickles[(number * 37 + 18) % len(pickles)]
        number += 1


def main(arguments):
    driver, count, seed, paths = traces.start(arguments)
    made = sources(paths)
    for number in range(seed + count):
        source, data = next(made)
        if number < seed or not data:
            continue
        chance = random.Random('damage %d' % number)
        for _ in range(WAYS):
            driver.pickle('damaged ' + source.split(' ')[0], damaged(data, chance))
    return driver.report() > 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
