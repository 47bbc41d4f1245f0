"""How the tests start ranks, with Open MPI and with MPICH: that which mpi4py is linked with. And two network namespaces as two hosts, "a" and "b", joined by a veth; mpirun on "a"
starts ranks on both. All speak TCP: the two have one name, and memory that they share would be taken for that of one host. Needs root:

    python3 hosts.py -n 1 -H 10.77.0.1 python3 -m mpi4py farm.py : -n 1 -H 10.77.0.1 worker : -n 2 -H 10.77.0.2 worker
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import mpi4py

mpi4py.rc.initialize = False  # this process is no rank
from mpi4py import MPI  # noqa: E402

os.environ.setdefault('OMPI_ALLOW_RUN_AS_ROOT', '1')
os.environ.setdefault('OMPI_ALLOW_RUN_AS_ROOT_CONFIRM', '1')


class OpenMPI(object):
    """mpirun: more ranks than cores give way to each other; memory is not read across processes, which containers do not allow. tcp: how ranks are started by AGENT on another host,
    and speak to it. folder: of the programs. rank: where one finds its number. killed: status and words when one is."""
    mpirun = ['mpirun', '--oversubscribe', '--bind-to', 'none', '--mca', 'btl_vader_single_copy_mechanism', 'none', '--mca', 'mpi_yield_when_idle', '1']
    tcp = '--mca plm_rsh_agent AGENT --mca btl self,tcp --mca btl_tcp_if_include veth0 --mca oob_tcp_if_include veth0'
    folder, hangs = '', False
    rank, killed = 'OMPI_COMM_WORLD_RANK', (137, ['rank 2', 'signal 9'])

    @staticmethod
    def job(parts, **variables):
        """The arguments for parts (address or None, count, command)."""
        words, exported = [], [word for name, value in variables.items() for word in ('-x', '%s=%s' % (name, value))]
        for address, count, command in parts:
            words += [':', '-n', str(count)] + exported + (['-H', address + ':8'] if address else []) + command
        return words[1:]


class MPICH(object):
    """The same. Hosts are a list in front of all parts, filled up one after another. hangs: in MPI_Finalize, over TCP: see ../README.md."""
    mpirun = [os.environ.get('MPIEXEC', 'mpiexec.mpich')]
    tcp = '-launcher rsh -launcher-exec AGENT -iface veth0 -genv UCX_TLS tcp,self'
    folder, hangs = 'mpich/', MPI.get_vendor()[1] < (4, 2)
    rank, killed = 'PMI_RANK', (9, ['Killed (signal 9)'])

    @staticmethod
    def job(parts, **variables):
        words = []
        for _, count, command in parts:
            words += [':', '-n', str(count)] + command
        places = ['%s:%d' % (address, count) for address, count, _ in parts if address]
        return [word for name, value in variables.items() for word in ('-genv', name, value)] + (['-hosts', ','.join(places)] if places else []) + words[1:]


VENDOR = {'Open MPI': OpenMPI, 'MPICH': MPICH}[MPI.get_vendor()[0]]
NAME = '%s %d.%d.%d, mpi4py %s' % ((MPI.get_vendor()[0],) + MPI.get_vendor()[1] + (mpi4py.__version__,))
MPIRUN = VENDOR.mpirun
ADDRESSES = {'a': '10.77.0.1', 'b': '10.77.0.2'}


def program(name):
    """The path of one that was built with this MPI."""
    return os.path.join(os.environ.get('BRIDGES', 'bridges'), 'mpi', VENDOR.folder + name)


def run(command, timeout=60):
    """(status, output, errors); a status of None: it took too long."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, errors = process.communicate(timeout=timeout)
        return process.returncode, out, errors
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate()
        return None, out, errors


class Hosts(object):
    """In a with statement. `mpirun`: the command on host "a", with which -H ADDRESS names a host."""

    def __init__(self):
        self.suffix = '%d' % os.getpid()
        self.names = {host: 'npk-%s-%s' % (host, self.suffix) for host in ADDRESSES}
        self.work = None

    def ip(self, *arguments):
        subprocess.run(['ip'] + list(arguments), check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def inside(self, host, *command):
        self.ip('netns', 'exec', self.names[host], *command)

    def read(self, host, name):
        """What the kernel says of its end of the veth."""
        command = ['ip', 'netns', 'exec', self.names[host], 'cat', '/sys/class/net/veth0/' + name]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def __enter__(self):
        try:
            self.begin()
        except (OSError, subprocess.CalledProcessError):
            self.end()
            raise OSError('no network namespaces here: they need root, and iproute2')
        return self

    def begin(self):
        self.work = tempfile.mkdtemp()
        for name in self.names.values():
            self.ip('netns', 'add', name)
        self.ip('link', 'add', 'veth0', 'netns', self.names['a'], 'type', 'veth', 'peer', 'name', 'veth0', 'netns', self.names['b'])
        for host, address in ADDRESSES.items():
            self.inside(host, 'ip', 'address', 'add', address + '/24', 'dev', 'veth0')
            self.inside(host, 'ip', 'link', 'set', 'veth0', 'up')
            self.inside(host, 'ip', 'link', 'set', 'lo', 'up')
        deadline = time.monotonic() + 20
        while not all(self.read(host, 'operstate') == 'up' for host in ADDRESSES) and time.monotonic() < deadline:
            time.sleep(0.05)  # the kernel takes up to a second to say so, and MPICH believes it
        self.agent = os.path.join(self.work, 'agent')
        with open(self.agent, 'w') as file:
            file.write('#!/bin/sh\n# In the place of ssh: AGENT ADDRESS COMMAND...\ncase $1 in\n')
            for host, address in ADDRESSES.items():
                file.write('%s) shift; exec ip netns exec %s sh -c "$*" ;;\n' % (address, self.names[host]))
            file.write('esac\necho "$1: there is no such host" >&2\nexit 1\n')
        os.chmod(self.agent, 0o700)
        self.mpirun = ['ip', 'netns', 'exec', self.names['a']] + MPIRUN + VENDOR.tcp.replace('AGENT', self.agent).split()

    def end(self):
        for name in self.names.values():
            subprocess.run(['ip', 'netns', 'delete', name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.work:
            shutil.rmtree(self.work, ignore_errors=True)

    def __exit__(self, *exception):
        self.end()

    def bytes(self):
        """What went over the veth, in both directions."""
        return sum(int(self.read('a', 'statistics/%s_bytes' % direction)) for direction in ['rx', 'tx'])


if __name__ == '__main__':
    with Hosts() as two:
        status = subprocess.call(two.mpirun + sys.argv[1:])
        print('%.1f MB went over the veth' % (two.bytes() / 1e6))
    sys.exit(status)
