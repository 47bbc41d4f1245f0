"""C -> Python -> C with a struct that has a member of every type, on the machine that `machine` was built for.

usage: PYTHON machines.py COMMAND...    (tests/machines.sh calls it; COMMAND runs tests/live/machine.c)

What the program writes at each protocol is loaded by NumPy, must hold the values of tests/gen/every.py field by field, and zeros
between the fields. It goes back as it is, packed, with its fields in reverse, in the other byte order and in Fortran order; so do
the arrays of tests/gen/cstruct.py. The program must find the same values in all of them.
"""
import os
import pickle
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'gen'))
import cstruct  # noqa: E402
import every  # noqa: E402


def same(left, right, path=''):
    """The path of the first field in which two arrays differ, or None."""
    if left.dtype.names is None:
        return None if left.shape == right.shape and left.tolist() == right.tolist() else path or '(all)'
    for name in left.dtype.names:
        found = same(left[name], right[name], '%s[%r]' % (path, name))
        if found:
            return found
    return None


def padding(dtype):
    """True for each byte of an item that belongs to no field."""
    free = np.ones(dtype.itemsize, bool)
    for name in dtype.names:
        field, offset = dtype.fields[name][:2]
        base, count = (field.subdtype[0], int(np.prod(field.subdtype[1]))) if field.subdtype else (field, 1)
        inner = padding(base) if base.names is not None else np.zeros(base.itemsize, bool)
        free[offset:offset + field.itemsize] = np.tile(inner, count)
    return free


def filled(dtype, shape=(6,), order='C'):
    return every.fill(np.zeros(shape, dtype, order), True)


def forms(dtype):
    """The dtype, and others with the same fields."""
    packed = cstruct.changed(dtype, lambda plain: plain)
    turned = cstruct.turned(dtype)
    return {'same': dtype, 'packed': packed, 'turned': turned, 'swapped': turned.newbyteorder('S')}


class Machine(object):
    def __init__(self, command, directory):
        self.command, self.path = command, os.path.join(directory, 'file')
        self.passed, self.failed = 0, 0

    def run(self, *arguments):
        done = subprocess.run(self.command + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode() if done.returncode else ''

    def judge(self, what, problem):
        self.passed += not problem
        if problem:
            self.failed += 1
            print('FAIL: %s: %s' % (what, problem))

    def written(self, protocol):
        problem = self.run('write', str(protocol), self.path)
        if problem:
            self.judge('written at protocol %d' % protocol, problem)
            return None
        with open(self.path, 'rb') as file:
            array = pickle.load(file)
        raw = array.view(np.uint8).reshape(len(array), -1)
        problem = same(array, filled(array.dtype)) or (
            'bytes between the fields' if raw[:, padding(array.dtype)].any() else None)
        self.judge('written at protocol %d' % protocol, problem)
        return array.dtype

    def reads(self, what, array, protocol):
        with open(self.path, 'wb') as file:
            pickle.dump(array, file, protocol)
        self.judge('%s at protocol %d' % (what, protocol), self.run('read', self.path))


def main():
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(sys.argv[1:], directory)
        for protocol in range(6):
            dtype = machine.written(protocol)
            if dtype is None:
                continue
            for name, form in sorted(forms(dtype).items()):
                machine.reads(name, filled(form), protocol)
                machine.reads(name + ' in Fortran order', filled(form, (2, 3), 'F'), protocol)
            for row in cstruct.cases():
                if row[4] and row[6] == '-': # all fields, and values of all their width
                    machine.reads(row[0], filled(row[1], row[2], row[3]), protocol)
    print('NumPy %s, byte order %s: %d passed, %d failed' % (np.__version__, dtype['si'].str[0] if dtype else '?',
                                                             machine.passed, machine.failed))
    return 1 if machine.failed or not machine.passed else 0


if __name__ == '__main__':
    sys.exit(main())
