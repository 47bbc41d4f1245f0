"""The farm with 1, 2 and 4 ranks in C, beside as many in Python, in turn: medians, the ratio of Python's time through C's, bytes of tiles and results, highest memory of a rank.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/mpi/farm/bench.py [ROUNDS]
"""
import json

import hosts
import pairs
import test_farm


def job(ranks, worker):
    status, out, errors = hosts.run(hosts.MPIRUN + hosts.VENDOR.job([(None, 1, test_farm.FARM), (None, ranks, worker)]), 600)
    assert status == 0, errors
    return json.loads(out.strip().split('\n')[-1])


pairs.head('Python', 'ranks')
more = []
for ranks in [1, 2, 4]:
    found = list(pairs.in_turn([lambda: job(ranks, test_farm.PYTHON), lambda: job(ranks, [test_farm.WORKER])]))
    pairs.row('farm', ranks, [[one['seconds'] for one in both] for both in found], ('s', 1))
    peaks = [max(max(both[i]['peak'].values()) for both in found) / 1024 for i in range(2)]
    more.append('%d ranks: %.1f MB of tiles and results; memory of a rank of Python %.0f MiB, of C %.0f MiB' % ((ranks, found[0][0]['bytes'] / 1e6) + tuple(peaks)))
print('\n'.join(more))
