"""The farm with 1, 2 and 4 ranks in C, beside as many in Python, on this host; and with one rank on the first and two on the second of two hosts, where it may make
those. In turn: medians, the ratio of Python's time through C's, bytes of tiles and results, highest memory of a rank.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/mpi/farm/bench.py [ROUNDS]
"""
import json

import hosts
import pairs
import test_farm


def job(worker, *ranks, mpirun=hosts.MPIRUN, addresses=(None,)):
    """With so many ranks of the worker on each address."""
    parts = [(addresses[0], 1, test_farm.FARM)] + [(address, count, worker) for address, count in zip(addresses, ranks)]
    status, out, errors = hosts.run(mpirun + hosts.VENDOR.job(parts), 600)
    assert status == 0, errors
    return json.loads(out.strip().split('\n')[-1])


def compare(name, *ranks, **where):
    found = list(pairs.in_turn([lambda: job(test_farm.PYTHON, *ranks, **where), lambda: job([test_farm.WORKER], *ranks, **where)]))
    pairs.row('farm', name, [[one['seconds'] for one in both] for both in found], ('s', 1))
    peaks = [max(max(both[i]['peak'].values()) for both in found) / 1024 for i in range(2)]
    return 'ranks %s: %.1f MB of tiles and results; memory of a rank of Python %.0f MiB, of C %.0f MiB' % ((name, found[0][0]['bytes'] / 1e6) + tuple(peaks))


pairs.head('Python', 'ranks')
more = [compare('%d' % ranks, ranks) for ranks in [1, 2, 4]]
try:
    with hosts.Hosts() as two:
        more.append(compare('1 and 2 on two hosts', 1, 2, mpirun=two.mpirun, addresses=(hosts.ADDRESSES['a'], hosts.ADDRESSES['b'])))
        more.append('%.1f MB went over the veth in all of these' % (two.bytes() / 1e6))
except OSError as error:
    more.append(str(error))
print('\n'.join(more))
