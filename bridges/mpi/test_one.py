"""The test with the MPI that this Python's mpi4py has. Run by test.py."""
import os
import shutil
import sys
import tempfile

import mpi4py

import table

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'farm'))
import hosts  # noqa: E402
import test_farm  # noqa: E402
RANK = hosts.program('rank')
for needed in [hosts.MPIRUN[0], RANK]:
    if not shutil.which(needed):
        table.skip('mpi: ' + hosts.NAME, '%s is not here' % needed)

results = table.Results('mpi: ' + hosts.NAME)
os.chdir(tempfile.mkdtemp())


def inside(name, *arguments, ranks=1, options=(), mpirun=hosts.MPIRUN):
    """inside.py with so many ranks in C: (status, output, errors). None for the status: it took too long."""
    command = mpirun + ['-n', '1', sys.executable, '-m', 'mpi4py', os.path.join(HERE, 'inside.py'), name] + list(arguments)
    command += [':', '-n', str(ranks), RANK, '--mpi4py', mpi4py.__version__[0]] + [str(option) for option in options]
    return hosts.run(command)


def counted(name, **options):
    status, out, errors = inside(name, **options)
    last = out.strip().split('\n')[-1].split()
    if not results.check(name, status == 0 and len(last) == 2 and last[0] != '0', '%s\n%s\n%s' % (status, out, errors)):
        return errors
    results.good += int(last[0])
    results.bad += int(last[1])
    return errors


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
test_farm.test(results)
table.check_usage(results, *[os.path.relpath(hosts.program(name), os.environ.get('BRIDGES', 'bridges')) for name in ['rank', 'farm/worker']])
results.done()
