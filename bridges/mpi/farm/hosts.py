"""Two network namespaces as two hosts, "a" and "b", joined by a veth; mpirun on "a" starts ranks on both. All speak TCP: the two have one name, and memory that they share would
be taken for that of one host. Needs root:

    python3 hosts.py -n 1 -H 10.77.0.1 python3 -m mpi4py farm.py : -n 1 -H 10.77.0.1 worker : -n 2 -H 10.77.0.2 worker
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

os.environ.setdefault('OMPI_ALLOW_RUN_AS_ROOT', '1')
os.environ.setdefault('OMPI_ALLOW_RUN_AS_ROOT_CONFIRM', '1')
# More ranks than cores give way to each other; memory is not read across processes, which containers do not allow.
MPIRUN = ['mpirun', '--oversubscribe', '--bind-to', 'none', '--mca', 'btl_vader_single_copy_mechanism', 'none', '--mca', 'mpi_yield_when_idle', '1']
ADDRESSES = {'a': '10.77.0.1', 'b': '10.77.0.2'}


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
        self.agent = os.path.join(self.work, 'agent')
        with open(self.agent, 'w') as file:
            file.write('#!/bin/sh\n# In the place of ssh: AGENT ADDRESS COMMAND...\ncase $1 in\n')
            for host, address in ADDRESSES.items():
                file.write('%s) shift; exec ip netns exec %s sh -c "$*" ;;\n' % (address, self.names[host]))
            file.write('esac\necho "$1: there is no such host" >&2\nexit 1\n')
        os.chmod(self.agent, 0o700)
        self.mpirun = ['ip', 'netns', 'exec', self.names['a']] + MPIRUN
        for option, value in [('plm_rsh_agent', self.agent), ('btl', 'self,tcp'), ('btl_tcp_if_include', 'veth0'), ('oob_tcp_if_include', 'veth0')]:
            self.mpirun += ['--mca', option, value]

    def end(self):
        for name in self.names.values():
            subprocess.run(['ip', 'netns', 'delete', name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.work:
            shutil.rmtree(self.work, ignore_errors=True)

    def __exit__(self, *exception):
        self.end()

    def bytes(self):
        """What went over the veth, in both directions."""
        total = 0
        for direction in ['rx', 'tx']:
            done = subprocess.run(['ip', 'netns', 'exec', self.names['a'], 'cat', '/sys/class/net/veth0/statistics/%s_bytes' % direction],
                                  check=True, stdout=subprocess.PIPE)
            total += int(done.stdout)
        return total


if __name__ == '__main__':
    with Hosts() as two:
        status = subprocess.call(two.mpirun + sys.argv[1:])
        print('%.1f MB went over the veth' % (two.bytes() / 1e6))
    sys.exit(status)
