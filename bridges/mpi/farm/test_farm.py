"""The farm, on this host and on two: called by ../test.py."""
import json
import os
import signal
import subprocess
import sys
import time

import hosts
import table

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER = hosts.program('farm/worker')
FARM = [sys.executable, '-m', 'mpi4py', os.path.join(HERE, 'farm.py')]
PYTHON = [sys.executable, '-m', 'mpi4py', os.path.join(HERE, 'work.py')]


def report(results, name, command):
    status, out, errors = hosts.run(command)
    try:
        found = json.loads(out.strip().split('\n')[-1])
    except ValueError:
        found = {}
    results.check(name, status == 0 and found.get('equal') and sum(found['tiles'].values()) == 32, '%s %s %s' % (status, out, errors))
    return found


def on_one_host(results):
    for ranks in [1, 2, 4]:
        report(results, '%d ranks in C' % ranks, hosts.MPIRUN + ['-n', '1'] + FARM + ['--check', '--size', '64', '--steps', '100', ':', '-n', str(ranks), WORKER])
    found = report(results, 'C and Python', hosts.MPIRUN + ['-n', '1'] + FARM + ['--check', '--size', '64', '--steps', '100', ':', '-n', '1', WORKER, ':', '-n', '1'] + PYTHON)
    results.check('both had tiles', len(found.get('tiles', {})) == 2, found)
    status, out, errors = hosts.run(hosts.MPIRUN + ['-n', '1'] + FARM + ['--size', '64', '--steps', '-1', ':', '-n', '1', WORKER])
    results.check('what is no task', status == 1 and 'ValueError: expected (number, steps, tile)' in errors, '%s %s' % (status, errors))


def what_can_not_be(results):
    """A line and a status, of the farm itself: mpirun says something of its own."""
    worker = [':', '-n', '1', WORKER]
    for options, ranks, text in [(['--tiles', '0'], worker, 'farm.py: --tiles: expected 1 or more, found 0'), (['--tiles', '-3'], worker, 'found -3'),
                                 (['--size', '0'], worker, 'farm.py: --size: expected 1 or more, found 0'), ([], [], 'farm.py: no ranks that work')]:
        status, out, errors = hosts.run(hosts.MPIRUN + ['-n', '1'] + FARM + options + ranks)
        results.check(text, status not in (0, None) and text in errors and errors.count('farm.py: ') == 1 and 'Traceback' not in errors and out == '', '%s %s %s' % (status, out, errors))


def kill_one(results, name, mpirun, address):
    """A rank that dies takes the job along: the message says so, nothing hangs, nor is the status 0."""
    parts = [(address, 1, FARM + ['--steps', '1000000', '--size', '64']), (address, 2, [WORKER])]
    process = subprocess.Popen(mpirun + hosts.VENDOR.job(parts, FARM_RANK=str(os.getpid())), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.time() + 20
    victim = None
    while victim is None and time.time() < end and process.poll() is None:
        time.sleep(0.2)
        victim = find_rank(2)
    if victim is not None:
        os.kill(victim, signal.SIGKILL)
    start = time.time()
    try:
        out, errors = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.terminate()
        out, errors = process.communicate()
    errors += out
    status, words = hosts.VENDOR.killed
    results.check(name, victim is not None and process.returncode == status and all(word in errors for word in words) and time.time() - start < 25,
                  '%s %s' % (process.returncode, errors))


def find_rank(rank):
    """The process of that rank which this test started, and which has begun to work."""
    for name in os.listdir('/proc'):
        try:
            with open('/proc/%s/environ' % name, 'rb') as file:
                environment = file.read().split(b'\0')
            with open('/proc/%s/stat' % name) as file:
                ticks = int(file.read().rsplit(')', 1)[1].split()[11])
        except (OSError, ValueError):
            continue
        if {b'FARM_RANK=%d' % os.getpid(), b'%s=%d' % (hosts.VENDOR.rank.encode(), rank)} <= set(environment) and ticks > 20:
            return int(name)
    return None


def spread(results, two):
    """One rank on the first host and two on the second."""
    first, second = hosts.ADDRESSES['a'], hosts.ADDRESSES['b']
    command = two.mpirun + hosts.VENDOR.job([(first, 1, FARM + ['--check']), (first, 1, [WORKER]), (second, 2, [WORKER])])
    found = report(results, 'two hosts', command)
    wire = two.bytes()
    results.check('all ranks had tiles', len(found.get('tiles', {})) == 3, found)
    # What the ranks on the other host got and gave, and less than twice as much.
    there = found['bytes'] * (32 - found['tiles'].get('1', 0)) / 32 if found else 1
    results.check('bytes on the veth', there <= wire < 2 * there, '%d %d' % (there, wire))
    print('mpi: two hosts: tiles %s, %.1f MB on the veth' % (found.get('tiles'), wire / 1e6))


def on_two_hosts(results):
    try:
        with hosts.Hosts() as two:
            if hosts.VENDOR.hangs:
                table.left_out('mpi', 'two hosts with %s: its MPI_Finalize hangs over TCP, which MPICH 4.2 mends' % hosts.NAME)
            else:
                spread(results, two)
            kill_one(results, 'a rank on another host is killed', two.mpirun, hosts.ADDRESSES['b'])
    except OSError as error:
        table.left_out('mpi', 'two hosts with %s: %s' % (hosts.NAME, error))


def test(results):
    on_one_host(results)
    what_can_not_be(results)
    kill_one(results, 'a rank is killed', hosts.MPIRUN, None)
    on_two_hosts(results)
