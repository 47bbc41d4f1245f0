"""Arrays whose items have no bytes: what NumPy says of their order, check --strict takes for NumPy's own.

usage: PYTHON orders.py TOOL        (PYTHON with any NumPy)

Shapes of up to three axes, of V0, of structs without fields and of structs of V0, made in C and in Fortran order, and views of them (transposed,
sliced, broadcast, with strides of 0), at every protocol. TOOL check --strict must call each identical. Exit status 1 if one is not; it is named then.
"""
import itertools
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from numpy.lib.stride_tricks import as_strided

DTYPES = {'V0': 'V0', 'none': [], 'two': [('a', 'V0'), ('b', 'V0')]}


def views(made):
    yield 'itself', made
    yield 'transposed', made.T
    yield 'transposed-copy', made.T.copy('K')
    yield 'strides', as_strided(made, made.shape, (0,) * made.ndim)
    yield 'broadcast', np.broadcast_to(made, (2,) + made.shape)
    if made.ndim:
        yield 'reversed', made[::-1]
        yield 'sliced', made[..., ::2]
    if made.ndim > 2:
        yield 'swapped', made.swapaxes(0, 1)


def arrays():
    for name, dtype in sorted(DTYPES.items()):
        for ndim in range(4):
            for shape in itertools.product((0, 1, 2, 3), repeat=ndim):
                for order in 'CF':
                    made = np.zeros(shape, dtype, order=order)
                    if made.dtype.itemsize == 0:
                        for view, value in views(made):
                            yield '%s.%s.%s.%s' % (name, 'x'.join(str(n) for n in shape) or 'scalar', order, view), value


def main(tool):
    warnings.simplefilter('ignore')
    folder, seen, wrong = tempfile.mkdtemp(), set(), 0
    for name, value in arrays():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(value, protocol)
            if data not in seen:
                seen.add(data)
                with open(os.path.join(folder, '%s.p%d.pkl' % (name, protocol)), 'wb') as f:
                    f.write(data)
    names = sorted(os.listdir(folder))
    for at in range(0, len(names), 200):
        run = subprocess.Popen([tool, 'check', '--strict'] + [os.path.join(folder, name) for name in names[at:at + 200]], stdout=subprocess.PIPE)
        lines = [line for line in run.communicate()[0].decode('utf-8', 'replace').splitlines() if ': identical' not in line]
        wrong += len(lines) if run.returncode else 0
        print(''.join(line + '\n' for line in lines[:5] if run.returncode).rstrip('\n') or '%d of %d' % (min(at + 200, len(names)), len(names)))
    shutil.rmtree(folder)
    print('NumPy %s: %d pickles, %d not identical' % (np.__version__, len(names), wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
