"""mpi4py between C and Python, with each MPI that is here: see README.md and farm/README.md. Run by bridges/check.sh."""
import os
import re
import subprocess
import sys
import tempfile

import table

HERE = os.path.dirname(os.path.abspath(__file__))
BRIDGES = os.environ.get('BRIDGES', 'bridges')
NEWER = os.environ.get('PYTHON_MPI4') or os.path.join(os.path.abspath(BRIDGES), 'mpi/python/bin/python')
ASK = 'import mpi4py; mpi4py.rc.initialize = False; from mpi4py import MPI; vendor, release = MPI.get_vendor(); print("%s %d.%d.%d" % ((vendor,) + release))'


def library():
    """The MPICH that the programs are linked with, under the name that mpi4py's wheel asks for, which Debian does not give it: the folder. None: there is none."""
    done = subprocess.run(['ldd', os.path.join(BRIDGES, 'mpi/mpich/rank')], capture_output=True, text=True)
    path = re.search(r'libmpi\w*\.so\.\d+ => (/\S+)', done.stdout)
    if done.returncode or not path:
        return None
    folder = tempfile.mkdtemp()
    os.symlink(path.group(1), os.path.join(folder, 'libmpi.so.12'))
    return folder


def candidates():
    """(what it should be, a Python with mpi4py, environment): that of PYTHON, and mpi4py 4 with Open MPI, with the system's MPICH and with the one of its virtual environment."""
    yield '', sys.executable, {}
    yield 'Open MPI', NEWER, {'MPI4PY_MPIABI': 'openmpi'}
    folder = library()
    if folder:
        yield 'MPICH', NEWER, {'MPI4PY_MPIABI': 'mpich', 'MPI4PY_LIBMPI': os.path.join(folder, 'libmpi.so.12'), 'LD_LIBRARY_PATH': folder}
    beside = os.path.dirname(NEWER)
    if os.path.exists(os.path.join(beside, 'mpiexec')):
        yield 'MPICH', NEWER, {'MPIEXEC': os.path.join(beside, 'mpiexec'), 'LD_LIBRARY_PATH': os.path.join(os.path.dirname(beside), 'lib')}


def here():
    """(Python, environment), each MPI with each mpi4py once."""
    seen = set()
    for wanted, python, environment in candidates():
        environment = dict(os.environ, **environment)
        try:
            name = subprocess.run([python, '-c', ASK], env=environment, capture_output=True, text=True).stdout.strip()
        except OSError:
            continue
        if name.startswith(wanted) and name and (name, python) not in seen:
            seen.add((name, python))
            yield python, environment


def run(python, environment):
    """All of the test with one of them: its name, how many checks, how many failed. None: there are no programs for it."""
    done = subprocess.run([python, os.path.join(HERE, 'test_one.py')], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    sys.stdout.write(done.stdout)
    found = re.search(r'^mpi: (.*): (\d+) checks, (\d+) failed\n\Z', done.stdout, re.MULTILINE)
    if found:
        return found.group(1), int(found.group(2)), int(found.group(3))
    return None if done.returncode == 77 else ('a test that broke off', 1, 1)


ran = [one for one in [run(python, environment) for python, environment in here()] if one]
if not ran:
    table.skip('mpi', 'mpi4py, or an MPI and the programs for it, are not here')
if not any(name.startswith('MPICH') for name, _, _ in ran):
    table.left_out('mpi', 'MPICH: it needs mpich, libmpich-dev, and an mpi4py that speaks it (get.sh)')
if not any('mpi4py 4' in name for name, _, _ in ran):
    table.left_out('mpi', 'mpi4py 4: neither get.sh nor PYTHON_MPI4 gave a Python that has it')
print('mpi: %d checks, %d failed, with %s' % (sum(one[1] for one in ran), sum(one[2] for one in ran), '; '.join(name for name, _, _ in ran)))
sys.exit(any(one[2] for one in ran))
