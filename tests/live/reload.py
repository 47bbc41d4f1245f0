"""Random graphs: pickled by Python, written again by npickle at another protocol or the same, loaded by Python: the values are equal.

usage: PYTHON reload.py TOOL [COUNT [SEED]]        (PYTHON from 3.8, with NumPy 1.x or 2.x)

The COUNT graphs (600) are those of graphs.py, with sharing and cycles; TOOL convert takes each to one of the six protocols, in the dialect of
the Python and the NumPy that run this. Types, lengths, order, shapes, dtypes and bytes of elements are compared, NaNs equal; byte orders may
differ, since NumPy itself changes them as it loads. Exit status 1 if anything differs.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import warnings

import numpy as np

import graphs

DIALECT = 'cpython%d.%d+numpy%s' % (sys.version_info[:2] + ('.'.join(np.__version__.split('.')[:2]),))


def state(generator):
    return repr(generator.get_state() if isinstance(generator, np.random.RandomState) else generator.bit_generator.state)


def native(array):
    plain = array.dtype.names is None and array.dtype.kind in '?biufcSUMm'
    return array.astype(array.dtype.newbyteorder('=')) if plain else array


def parts(a, b):
    """(whether a and b are equal but for what is inside, the pairs inside)"""
    if type(a) is not type(b):
        return False, []
    if isinstance(a, (np.random.RandomState, np.random.Generator)):
        return state(a) == state(b), []
    if isinstance(a, np.ma.MaskedArray):
        return True, [(np.ma.getdata(a), np.ma.getdata(b)), (np.ma.getmaskarray(a), np.ma.getmaskarray(b))]
    if isinstance(a, np.ndarray):
        a, b = native(a), native(b)
        if a.dtype.kind in 'OT':
            return a.shape == b.shape and repr(a.dtype) == repr(b.dtype), list(zip(a.ravel().tolist(), b.ravel().tolist()))
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes(), []
    if isinstance(a, (list, tuple)):
        return len(a) == len(b), list(zip(a, b))
    if isinstance(a, dict):
        return len(a) == len(b), list(zip(a, b)) + list(zip(a.values(), b.values()))
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes() or (a != a and b != b), []
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes(), []
    if isinstance(a, (np.dtype, complex, np.ufunc)):
        return repr(a) == repr(b), []
    return a == b, []


def equal(a, b):
    todo, seen = [(a, b)], {}
    while todo:
        a, b = todo.pop()
        if (id(a), id(b)) in seen:
            continue
        seen[id(a), id(b)] = a, b  # kept, so that no other object gets their address
        good, inside = parts(a, b)
        if not good:
            return False
        todo += inside
    return True


def main(tool, count=600, seed=0):
    warnings.simplefilter('ignore')  # chararray is deprecated
    failed = 0
    with tempfile.TemporaryDirectory(prefix='npickle-reload-') as work:
        source, out = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
        for number in range(int(count)):
            value = graphs.Graph('%s %d' % (seed, number)).value(0)
            before, after = number % 6, number // 6 % 6
            with open(source, 'wb') as file:
                pickle.dump(value, file, before)
            run = subprocess.run([tool, 'convert', source, out, '--protocol', str(after), '--dialect', DIALECT], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
            good = run.returncode == 0
            if good:
                with open(out, 'rb') as file:
                    good = equal(value, pickle.load(file))
            if not good:
                failed += 1
                print('FAIL: graph %d of seed %s, from protocol %d to %d: %s' % (number, seed, before, after, run.stdout.decode().strip()))
    print('reload: %d graphs of CPython %s with NumPy %s at another protocol: %d not equal' %
          (int(count), sys.version.split()[0], np.__version__, failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
