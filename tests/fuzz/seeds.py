"""The bytes in tests/data as files of their own, for a fuzzer to begin with; and programs of opcodes (tests/gen/programs.py), with as many bytes
before them as a target takes that are no part of the pickle.

usage: python3 seeds.py tests/data DIRECTORY
"""
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import golden  # noqa: E402
import programs  # noqa: E402

# Numbers of programs, of which those that are long are left out; FUZZ_HEAD of the targets.
PROGRAMS, LONGEST, HEADS = 400, 400, (0, 2, 3, 4)

# Of the goldens of this name, one case in so many.
EVERY = {'cstruct': 4, 'effects': 3, 'family': 4, 'found': 3, 'frozen': 8, 'mixed': 4, 'mldtypes': 8, 'numeric': 2, 'objects': 4,
         'outside': 2, 'plain': 40, 'pyarray': 8, 'streams': 2, 'targets': 4}


def rows(path):
    """Each quoted last word of a line of hostile.golden."""
    with open(path, encoding='ascii') as file:
        for line in file:
            if not line.startswith('#') and '"' in line:
                yield golden.unquote(line[line.index('"'):].rstrip('\n'))


def pickles(path, every):
    """A part of the pickles of the other goldens: what is written there is much alike."""
    with open(path, encoding='ascii') as file:
        for number, (_, _, data) in enumerate(golden.read(file)):
            if number % every == 0:
                yield from data.values()


def write(seeds, out):
    for seed in seeds:
        with open(os.path.join(out, hashlib.sha1(seed).hexdigest()), 'wb') as file:
            file.write(seed)


def chance_programs():
    for number in range(PROGRAMS):
        for program in (programs.program, programs.wild):
            pickle = program(number)
            if len(pickle) <= LONGEST:
                for head in HEADS:
                    yield bytes(number * (place + 1) % 256 for place in range(head)) + pickle


def main(data, out):
    os.makedirs(out, exist_ok=True)
    for name in sorted(os.listdir(data)):
        path = os.path.join(data, name)
        if name.endswith(('.pkl', '.pt', '.npy')):
            with open(path, 'rb') as file:
                found = [file.read()]
        elif name == 'hostile.golden':
            found = rows(path)
        elif name.endswith('.golden') and name.split('-')[0] in EVERY:
            found = pickles(path, EVERY[name.split('-')[0]])
        else:
            continue
        write(found, out)
    write(chance_programs(), out)


main(*sys.argv[1:])
