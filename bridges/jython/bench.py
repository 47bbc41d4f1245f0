"""Pickles of a file through Jython's answer.py and back into another, by exchange in C beside a program in Python that does the same, in turn: medians, and the ratio of Python's
time through C's.

    BRIDGES=build/bridges PYTHONPATH=bridges/common python3 bridges/jython/bench.py [ROUNDS]

Jython itself takes the time, from one question to the next, and after as many as come first to warm it up: its start is not in it. Protocol 2, a pipe."""
import os
import pickle
import struct
import subprocess
import sys
import tempfile

import pairs
import table

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [('64 B', 64, 500), ('8 KiB', 8 << 10, 300), ('1 MiB', 1 << 20, 10), ('16 MiB', 16 << 20, 2)]
TIMED = """
import sys
sys.path.insert(0, %r)
import answer, numpy_stubs
from java.lang import System
times = []
def loads(text):
    times.append(System.nanoTime())
    return numpy_stubs.loads(text)
answer.serve(loads)
with open(%r, 'w') as file:
    file.write(repr((times[-1] - times[len(times) // 2]) * 1e-9 / (len(times) - 1 - len(times) // 2)))
"""


def exchange(source, target, command):
    """As exchange in C."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(source, 'rb') as questions, open(target, 'wb') as answers:
        while True:
            try:
                question = pickle.dumps(pickle.load(questions), 2)
            except EOFError:
                break
            process.stdin.write(struct.pack('>i', len(question)))
            process.stdin.write(question)
            process.stdin.flush()
            size, = struct.unpack('>i', process.stdout.read(4))
            pickle.dump(pickle.loads(process.stdout.read(size)), answers, 2)
    process.stdin.close()
    process.wait()


def main():
    with tempfile.TemporaryDirectory(dir='/dev/shm') as work:
        script, times, source, target = [os.path.join(work, name) for name in ['timed.py', 'times', 'in.pkl', 'out.pkl']]
        with open(script, 'w') as file:
            file.write(TIMED % (HERE, times))

        def timed(run):
            def seconds(array, count):
                with open(source, 'wb') as file:
                    file.write(pickle.dumps(array, 2) * (2 * count + 1))
                run()
                with open(times) as file:
                    return float(file.read())
            return seconds

        def in_c():
            status, _, errors = table.run('jython/exchange', source, target, 'jython', script, '--timeout', 600, timeout=600)
            assert status == 0, errors

        pairs.compare('Python', {'exchange': (timed(lambda: exchange(source, target, ['jython', script])), timed(in_c))}, sizes=SIZES)


main()
