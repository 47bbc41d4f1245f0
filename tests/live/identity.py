"""Counts the pickles that npickle writes again to the byte. Standard library only.

usage: python3 identity.py NPICKLE CORPUS [GOLDEN]    (tests/identity.sh calls it)

Every pickle of every file is given to `npickle check --json`, which picks the dialect itself. Files that `npickle info` does not
read either are counted apart: tests/corpus.sh says which those are. What no pickler of CPython wrote is listed below and counted
apart too.
"""
import binascii
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

# First digits of the SHA-256: who made it. All of them load, and come back as an equal value.
BY_HAND = {
    '602205e0': 'a fuzzer', '33f3fee9': 'a fuzzer', '33b6e4f6': 'a fuzzer', '6f4992a2': 'a fuzzer',
}
MADE_BY_HAND = 'the tests of CPython: written by hand'


def check(tool, files):
    """The objects of the files, in order."""
    done = subprocess.run([tool, 'check', '--json'] + files, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout.decode('utf-8', 'surrogateescape'))['files']


def describe(pickle):
    difference = pickle['difference']
    where = ''
    if difference['opcode'] or difference['written_opcode']:
        where = ' at byte %s (%s) / byte %s (%s), at %s' % (
            difference['offset'], difference['opcode'], difference['written_offset'], difference['written_opcode'],
            difference['path'] or '(root)')
    return '%s, protocol %d%s: %s' % (pickle['dialect'], pickle['protocol'], where, difference['reason'])


def maker(entry, pickle):
    """Why nobody's pickler is to be blamed, or None."""
    if entry['sha256'][:8] in BY_HAND:
        return BY_HAND[entry['sha256'][:8]]
    return MADE_BY_HAND if '-lit-' in entry['file'] else None


def corpus(tool, directory):
    with open(os.path.join(directory, 'index.json')) as f:
        entries = [e for e in json.load(f) if e['kind'] == 'pickle']
    answers = check(tool, [os.path.join(directory, e['file']) for e in entries])
    counts, apart, failed = collections.Counter(), collections.Counter(), 0
    for entry, answer in zip(entries, answers):
        if answer['status'] not in ('ok', 'malformed'):
            failed += 1
            print('%s: %s: %s' % (entry['file'], answer['status'], answer['error']['message']))
        counts['malformed files'] += answer['status'] == 'malformed'
        for pickle in answer['pickles']:
            counts['identical' if pickle['identical'] else 'differ'] += 1
            if pickle['identical']:
                continue
            why = maker(entry, pickle)
            apart[why or 'a pickler of CPython'] += 1
            print('%s: %s [%s]' % (entry['file'], describe(pickle), why or 'a pickler of CPython'))
    print('corpus: %(identical)d identical, %(differ)d differ; %(malformed)d files end malformed'
          % dict(identical=counts['identical'], differ=counts['differ'], malformed=counts['malformed files']))
    for why, count in sorted(apart.items()):
        print('    %d of the differing: %s' % (count, why))
    ours = counts['identical'] + apart['a pickler of CPython']
    print('    of what picklers of CPython wrote: %d of %d, %.1f %%' % (counts['identical'], ours, 100.0 * counts['identical'] / ours))
    return failed == 0


def golden_python(tool, directory, scratch):
    identical, names, files = 0, [], []
    for path in sorted(glob.glob(os.path.join(directory, 'python', 'py_*.txt'))):
        listed, whole = [], b''
        with open(path) as f:
            for line in f:
                name, protocol, digits = line.rstrip('\n').split('\t')
                if set(digits) <= set('0123456789abcdef') and digits.endswith('2e'): # else a checksum, or an exception
                    listed.append('%s, protocol %s' % (name, protocol))
                    whole += binascii.unhexlify(digits)
        files.append(os.path.join(scratch, os.path.basename(path)))
        names.append(listed)
        with open(files[-1], 'wb') as f:
            f.write(whole)
    total = sum(len(listed) for listed in names)
    for path, listed, answer in zip(files, names, check(tool, files) if files else []):
        for name, pickle in zip(listed, answer['pickles']):
            identical += pickle['identical']
            if not pickle['identical']:
                print('%s: %s: %s' % (os.path.basename(path), name, describe(pickle)))
    print('golden/python: %d identical, %d differ' % (identical, total - identical))
    return identical == total


def golden_numpy(tool, directory):
    files = sorted(glob.glob(os.path.join(directory, 'numpy', '*')))
    identical = 0
    for answer in check(tool, files) if files else []:
        good = answer['status'] == 'ok' and all(p['identical'] for p in answer['pickles'])
        identical += good
        if not good:
            print('%s: %s' % (answer['file'], [describe(p) for p in answer['pickles'] if not p['identical']]))
    print('golden/numpy: %d identical, %d differ' % (identical, len(files) - identical))
    return identical == len(files)


def main():
    tool, directory = sys.argv[1:3]
    good = corpus(tool, directory)
    if len(sys.argv) > 3:
        with tempfile.TemporaryDirectory() as scratch:
            good = golden_python(tool, sys.argv[3], scratch) and good
        good = golden_numpy(tool, sys.argv[3]) and good
    return 0 if good else 1


sys.exit(main())
