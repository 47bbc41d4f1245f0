"""Dicts and sets whose keys are one key after a conversion, or stay apart, for tests/test_merged.c.

usage: PYTHON3 merged.py PYTHON2 > tests/data/merged.inc        (CPython 3.11 and 2.7, NumPy 1.26 and 1.16)

    MERGED(into, pickle, size, lost)

into    TEXT, UTF8 and BYTES: what the str of Python 2 become in Python 3, names of attributes text in any case; PYTHON2: from Python 3
        to Python 2
lost    how many entries are lost there, by what that Python itself makes of the keys
"""
import pickle
import random
import subprocess
import sys

import numpy as np

OF_PYTHON2 = r'''
# -*- coding: latin-1 -*-
import argparse, cPickle, collections, random, sys
groups = [['\xe9', u'\xe9', '\xc3\xa9', u'\xc3\xa9'], ['\xff', u'\xff', '\xed\xa0\x80', u'\xed'], ['ab', 'x', u'ab', '', u'y']]
others = [1000, 7.5]
rng = random.Random(9)
def key(pieces):
    way = rng.random()
    if way < 0.6:
        return rng.choice(pieces)
    if way < 0.8:
        return (rng.choice(pieces), rng.choice(others))
    if way < 0.9:
        return frozenset([rng.choice(pieces)])
    return ((rng.choice(pieces),), 1)
for i in range(120):
    pieces = rng.choice(groups)
    keys = set(key(pieces) for _ in range(rng.randrange(2, 6)))
    form = rng.randrange(6)
    if form == 0:
        value = keys
    elif form == 1:
        value = frozenset(keys)
    elif form == 2:
        value = collections.OrderedDict((k, 0) for k in keys)
    elif form == 3:
        value = collections.defaultdict(int, dict.fromkeys(keys, 0))
    else:
        value = dict.fromkeys(keys, 0)
    sys.stdout.write('%d %s\n' % (len(keys), cPickle.dumps(value, rng.randrange(3)).encode('hex')))
for i in range(30):
    pieces = rng.choice(groups)
    names = set(rng.choice(pieces) for _ in range(rng.randrange(2, 4)))
    value = argparse.Namespace()
    value.__dict__.update((name, 0) for name in names)
    sys.stdout.write('attributes %d %s\n' % (len(names), cPickle.dumps(value, rng.randrange(3)).encode('hex')))
'''


class Loader(pickle._Unpickler):
    def _decode_string(self, value):
        if self.into == 'TEXT':
            return value.decode('latin-1')
        try:
            return value.decode('utf-8')
        except UnicodeDecodeError:
            return value


def load(data, into):
    import io
    loader = Loader(io.BytesIO(data))
    loader.into = into
    return loader.load()


def write(into, data, lost):
    text = ''.join(chr(c) if 32 <= c < 127 and chr(c) not in '"\\?' else '\\%03o' % c for c in data)
    print('MERGED(%s, "%s", %d, %d)' % (into, text, len(data), lost))


def main():
    python2 = sys.argv[1]
    print('/* Made by tests/gen/merged.py with CPython %d.%d and 2.7. */' % sys.version_info[:2])
    made = subprocess.run([python2, '-W', 'ignore', '-c', OF_PYTHON2], check=True, stdout=subprocess.PIPE).stdout.decode()
    for line in made.splitlines():
        count, data = line.split()[-2:]
        data = bytes.fromhex(data)
        if line.startswith('attributes'):
            write('BYTES', data, int(count) - len(vars(load(data, 'TEXT'))))
            continue
        for into in 'TEXT', 'UTF8':
            write(into, data, int(count) - len(load(data, into)))
    rng = random.Random(9)
    groups = [['ab', b'ab', b'x'], ['\xe9', b'\xe9', '\xc3\xa9', b'\xc3\xa9'], ['', b'', 'y', b'y']]
    with_numpy = [['ab', np.bytes_(b'ab'), b'x'], [np.str_('ab'), b'ab', 'y'], [np.str_('\xe9'), b'\xe9', np.bytes_(b'\xc3\xa9'), 'y'],
                  [np.str_('y'), np.bytes_(b'y'), np.float64(2)]]
    for i in range(100):
        if i == 60:
            groups = with_numpy
        pieces = rng.choice(groups)
        keys = [rng.choice(pieces) if rng.random() < 0.7 else (rng.choice(pieces), rng.choice([1000, 7.5]))
                for _ in range(rng.randrange(2, 6))]
        value = dict.fromkeys(keys, 0) if rng.random() < 0.6 else set(keys)
        listed = '[%s]' % ', '.join(spell(key) for key in value)
        there = subprocess.run([python2, '-W', 'ignore', '-c', 'import numpy as np; print(len(set(%s)))' % listed], check=True,
                               stdout=subprocess.PIPE).stdout
        write('PYTHON2', pickle.dumps(value, rng.randrange(3, 6)), len(value) - int(there))


def spell(key):
    """A literal of Python 2."""
    if isinstance(key, tuple):
        return '(%s)' % ', '.join(spell(part) for part in key)
    if isinstance(key, np.float64):
        return repr(float(key))
    if isinstance(key, (np.str_, np.bytes_)):
        return 'np.%s(%s)' % (('unicode_', 'u' + ascii(str(key))) if isinstance(key, str) else ('string_', ascii(bytes(key))))
    return 'u' + ascii(key) if isinstance(key, str) else ascii(key)


main()
