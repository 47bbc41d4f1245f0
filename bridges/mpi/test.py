"""mpi4py between C and Python: see README.md and farm/README.md. Run by bridges/check.sh."""
import os
import shutil
import subprocess
import sys
import tempfile

import table

try:
    import mpi4py
except ImportError:
    table.skip('mpi', 'mpi4py is not here')
HERE = os.path.dirname(os.path.abspath(__file__))
RANK = os.path.join(os.environ.get('BRIDGES', 'bridges'), 'mpi/rank')
RELEASE = mpi4py.__version__[0]
sys.path.insert(0, os.path.join(HERE, 'farm'))
import hosts  # noqa: E402
import test_farm  # noqa: E402
if not shutil.which(hosts.MPIRUN[0]) or not os.path.exists(RANK):
    table.skip('mpi', '%s is not here' % hosts.MPIRUN[0])

results = table.Results('mpi')
os.chdir(tempfile.mkdtemp())


def inside(name, *arguments, ranks=1, options=(), python=sys.executable, release=RELEASE, mpirun=hosts.MPIRUN):
    """inside.py with so many ranks in C: (status, output, errors). None for the status: it took too long."""
    command = mpirun + ['-n', '1', python, '-m', 'mpi4py', os.path.join(HERE, 'inside.py'), name] + list(arguments)
    command += [':', '-n', str(ranks), RANK, '--mpi4py', release] + [str(option) for option in options]
    return hosts.run(command)


def counted(name, **options):
    status, out, errors = inside(name, **options)
    last = out.strip().split('\n')[-1].split()
    if not results.check(name, status == 0 and len(last) == 2 and last[0] != '0', '%s\n%s\n%s' % (status, out, errors)):
        return errors
    results.good += int(last[0])
    results.bad += int(last[1])
    return errors


def newer():
    """mpi4py 4, where PYTHON_MPI4 has it."""
    python = os.environ.get('PYTHON_MPI4')
    if python:
        counted('arrays', ranks=2, python=python, release='4')
        counted('bad', options=['--limit', 1000000, '--timeout', 5], python=python, release='4')
    else:
        table.left_out('mpi', 'mpi4py 4: no PYTHON_MPI4, a Python that has it')


def bad():
    """Also where Open MPI copies out of the other's memory, if it may here."""
    for mechanism in ['none', 'cma'] if hosts.VENDOR is hosts.OpenMPI else ['']:
        errors = counted('bad', options=['--limit', 1000000, '--timeout', 5], mpirun=' '.join(hosts.MPIRUN).replace('mechanism none', 'mechanism ' + mechanism).split())
        results.check('lines of errors', errors.count('rank 1: ') >= 20 and 'hostile' not in errors, errors)


def ends_of_jobs():
    for name, text in [('negative', 'negative size'), ('too long', 'longer than the limit'), ('promise', 'does not come'), ('raises', 'ZeroDivisionError')]:
        status, out, errors = inside('aborts', name, options=['--limit', 1000000, '--timeout', 1])
        results.check(name, status == 1 and text in errors, '%s %s %s' % (status, out, errors))
    status, _, errors = hosts.run(hosts.MPIRUN + ['-n', '1', RANK])
    results.check('alone', status == 1 and 'alone' in errors, errors)
    results.check('an option that is none', hosts.run([RANK, '--no'])[0] == 2)


counted('arrays', ranks=2)
bad()
ends_of_jobs()
newer()
test_farm.test(results)
table.check_usage(results, 'mpi/rank', 'mpi/farm/worker')
results.done()
