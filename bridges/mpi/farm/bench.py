"""The farm with 1, 2 and 4 ranks in C, beside as many in Python: seconds, ratio, bytes of tiles and results, highest memory of a rank, in pairs; medians.

    BRIDGES=build/bridges python3 bridges/mpi/farm/bench.py [ROUNDS]
"""
import json
import statistics
import sys

import hosts
import test_farm


def run(ranks, worker):
    status, out, errors = hosts.run(hosts.MPIRUN + ['-n', '1'] + test_farm.FARM + [':', '-n', str(ranks)] + worker, 600)
    if status != 0:
        sys.exit(errors)
    return json.loads(out.strip().split('\n')[-1])


print('| ranks | C | Python | ratio | bytes | memory of a rank, C | Python |\n|---|---|---|---|---|---|---|')
for ranks in [1, 2, 4]:
    pairs = [(run(ranks, [test_farm.WORKER]), run(ranks, test_farm.PYTHON)) for _ in range(int((sys.argv + ['3'])[1]))]
    seconds = [[pair[i]['seconds'] for pair in pairs] for i in range(2)]
    peaks = [max(max(pair[i]['peak'].values()) for pair in pairs) / 1024 for i in range(2)]
    print('| %d | %.2f s | %.2f s | %.1f | %.1f MB | %.0f MiB | %.0f MiB |' % (ranks, statistics.median(seconds[0]), statistics.median(seconds[1]), statistics.median(
        [python / c for c, python in zip(*seconds)]), pairs[0][0]['bytes'] / 1e6, peaks[0], peaks[1]), flush=True)
