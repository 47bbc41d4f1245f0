"""npickle against the Python and the NumPy that run this: bytes and values.

usage: PYTHON roundtrip.py NPICKLE               (tests/check-live.sh calls it; Python 2.7 or 3, with NumPy)

For every plain dtype and layout of tests/gen/plain.py that a .npy file can hold:
  convert   .npy -> .pkl at each protocol is what pickle.dumps writes (Python 3: in the dialect of this Python and this NumPy)
  back      .pkl, from npickle and from pickle.dumps, -> .npy is what numpy.save writes
  pack      raw bytes -> .pkl is what pickle.dumps writes
  load      what the default dialect writes loads with equal values here, on Python 2.7 and 3; and so do the numpy2
            dialect on NumPy 2 and the python2 dialect, on Python 3 with encoding='latin1'
"""
from __future__ import print_function

import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import plain  # noqa: E402

try:
    import cPickle as pickle
except ImportError:
    import pickle

PYTHON2 = sys.version_info[0] == 2
NUMPY2 = int(np.__version__.split('.')[0]) >= 2
OWN = 'cpython%d.%d+numpy%s' % (sys.version_info[:2] + ('.'.join(np.__version__.split('.')[:2]),))
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Checks(object):
    def __init__(self, tool, work):
        self.tool, self.work, self.passed, self.failed = tool, work, 0, []

    def path(self, name):
        return os.path.join(self.work, name)

    def run(self, *words):
        """The bytes of the file 'out', None if the tool failed."""
        out = self.path('out')
        words = [out if word == 'OUT' else word for word in words]
        if os.path.exists(out):
            os.remove(out)
        process = subprocess.Popen([self.tool] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = process.communicate()[1]
        if process.returncode != 0:
            self.note(False, '%s: exit status %d, %r' % (' '.join(words), process.returncode, text[:200]))
            return None
        with open(out, 'rb') as file:
            return file.read()

    def note(self, good, text):
        if good:
            self.passed += 1
        else:
            self.failed.append(text)

    def same(self, found, wanted, text):
        if found is not None:
            at = next((i for i, (a, b) in enumerate(zip(bytearray(found), bytearray(wanted))) if a != b),
                      min(len(found), len(wanted)))
            self.note(found == wanted, '%s: differs at byte %d: expected %r, found %r' % (
                text, at, wanted[at:at + 24], found[at:at + 24]))


def equal(loaded, array):
    """Same type, shape and bytes; NumPy turns the other byte order into its own when it loads."""
    if type(loaded) is not np.ndarray or loaded.shape != array.shape:
        return False
    if loaded.dtype != array.dtype:
        loaded = loaded.byteswap().view(loaded.dtype.newbyteorder())
    return loaded.dtype == array.dtype and loaded.tobytes() == array.tobytes()


def load(data):
    return pickle.loads(data) if PYTHON2 else pickle.loads(data, encoding='latin1')


def dialects():
    """(dialect, protocols) that load here."""
    yield 'default', range(5 if NUMPY2 else 6)[:len(PROTOCOLS)]  # protocol 5 names numpy.core.numeric
    yield 'python2', range(3)
    if NUMPY2:
        yield 'numpy2', PROTOCOLS


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def check_convert(checks, name, array):
    source = checks.path('in.npy')
    np.save(source, array)
    with open(source, 'rb') as file:
        saved = file.read()
    array = np.load(source)
    for protocol in PROTOCOLS:
        where = '%s at protocol %d' % (name, protocol)
        wanted = pickle.dumps(array, protocol)
        found = checks.run('convert', source, 'OUT', '--to', 'pkl', '--protocol', str(protocol), '--dialect', OWN)
        if not PYTHON2:
            checks.same(found, wanted, 'convert ' + where)
        for what, data in (('of npickle', found), ('of pickle.dumps', wanted)):
            if data is None or (data == wanted and what == 'of npickle'):
                continue
            write(checks.path('in.pkl'), data)
            back = checks.run('convert', checks.path('in.pkl'), 'OUT', '--to', 'npy')
            if PYTHON2 and back is not None:  # NumPy 1.16 pads the header in another way
                write(checks.path('back.npy'), back)
                checks.note(equal(np.load(checks.path('back.npy')), array), 'back %s %s' % (what, where))
            else:
                checks.same(back, saved, 'back %s %s' % (what, where))
    for dialect, protocols in dialects():
        for protocol in protocols:
            found = checks.run('convert', source, 'OUT', '--to', 'pkl', '--protocol', str(protocol), '--dialect',
                               dialect)
            if found is not None:
                where = 'load %s at protocol %d of the %s dialect' % (name, protocol, dialect)
                try:
                    checks.note(equal(load(found), array), where)
                except Exception as error:  # whatever the loader raises is a finding
                    checks.note(False, '%s: %r' % (where, error))


def check_pack(checks, name, array):
    write(checks.path('in.raw'), array.tobytes())
    shape = ','.join(str(n) for n in array.shape)
    words = ['pack', '--dtype', array.dtype.str, '--shape', shape]
    for protocol in PROTOCOLS:
        found = checks.run(*words + ['--protocol', str(protocol), '--dialect', OWN, checks.path('in.raw'), 'OUT'])
        if PYTHON2:
            checks.note(found is not None and equal(load(found), array), 'pack %s' % name)
        else:
            checks.same(found, pickle.dumps(array, protocol), 'pack %s at protocol %d' % (name, protocol))


def main(argv):
    if len(argv) != 2:
        print(__doc__)
        return 4
    work = tempfile.mkdtemp(prefix='npickle-live.')
    checks = Checks(os.path.abspath(argv[1]), work)
    try:
        for name, _, array in plain.cases():
            flags = array.flags
            if not (flags.c_contiguous or flags.f_contiguous) or not flags.writeable:
                continue
            check_convert(checks, name, array)
            if name.endswith(('/1-d', '/2-d-c', '/empty', '/0-d', '/one')):
                check_pack(checks, name, array)
    finally:
        shutil.rmtree(work)
    for text in checks.failed[:40]:
        print('FAIL: ' + text)
    print('roundtrip, Python %d.%d, NumPy %s: %d passed, %d failed' % (
        sys.version_info[:2] + (np.__version__, checks.passed, len(checks.failed))))
    return 1 if checks.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
