"""Arrays from C to Jython and back, through a pipe and through files: see README.md. Run by bridges/check.sh."""
import array
import os
import pickle
import shutil
import struct
import subprocess
import tempfile
import threading
import time

import numpy

import table

HERE = os.path.dirname(os.path.abspath(__file__))
if shutil.which('jython') is None:
    table.skip('jython', 'jython is not here')
results = table.Results('jython')
work = tempfile.mkdtemp()
QUESTIONS, ANSWERS = os.path.join(work, 'in.pkl'), os.path.join(work, 'out.pkl')
OTHERS = [numpy.array(['ab', 'c']), numpy.array([b'a\xff', b'']), numpy.array([1, 'x', None], dtype=object), numpy.arange(3, dtype='f2'),
          numpy.zeros(2, dtype=[('a', '<i2'), ('b', '>f4')]), numpy.array(['2020-01-01'], dtype='M8[D]'), {'a': [numpy.arange(3)]},
          numpy.float32(1.5), numpy.complex64(2 - 1j), numpy.int8(-3), numpy.bool_(True),
          array.array('i', [1, -2]), array.array('d', [1, .5]), array.array('B', [1, 255]), array.array('h', [-1])]


def same(one, other):
    return table.same(one, other) if isinstance(other, numpy.ndarray) else repr(one) == repr(other) and type(one) is type(other)


def write(values, protocol):
    with open(QUESTIONS, 'wb') as file:
        for value in values:
            pickle.dump(value, file, protocol)


def compare(name, values, text=''):
    with open(ANSWERS, 'rb') as file:
        for value in values:
            try:
                answer = pickle.load(file)
            except Exception as error:
                answer = error
            results.check('%s: %r' % (name, value), same(answer, value), '%r %s' % (answer, text))
        results.check(name + ': no more', file.read() == b'')


def all_values():
    return [value for _, value in table.arrays()] + OTHERS


def through_a_pipe():
    """C writes protocol 2 for Python 2, whatever it has read."""
    write(all_values(), 4)
    status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'jython', os.path.join(HERE, 'answer.py'))
    if results.check('exchange', status == 0, errors):
        compare('a pipe', all_values())


def jython(*arguments):
    return subprocess.run(['jython'] + [str(argument) for argument in arguments], capture_output=True, text=True, timeout=60)


def through_files():
    """What Python and C write, by both modules of Jython, at all of its protocols."""
    for protocol, module in [(0, 'pickle'), (1, 'cPickle'), (2, 'cPickle')]:
        write(all_values(), protocol)
        done = jython(os.path.join(HERE, 'files.py'), QUESTIONS, ANSWERS, protocol, module)
        if results.check('files', done.returncode == 0, done.stderr):
            compare('files, %s, protocol %d' % (module, protocol), all_values())


LOOK = """
import sys
sys.path.insert(0, %r)
import numpy_stubs, pickle, array
file = open(%r, 'rb')
for _ in range(%d):
    value = pickle.load(file)
    print value.shape, value.dtype.str, value.data.typecode, repr(value.tolist())
print isinstance(value.data, array.array), isinstance(1, array.array), repr(array.zeros('i', 2))
image = numpy_stubs.ndarray((2, 3), 'u2', array.array('h', [1, 2, 3, 4, 5, -1]))
pickle.dump([image, numpy_stubs.Bytes('a\\xff')], open(%r, 'wb'), 2)
try:
    pickle.loads(pickle.dumps(numpy_stubs.ndarray((2, 3), 'u2', array.array('h', [1]))))
except ValueError, error:
    print error
"""
TYPECODES = {'b1': 'b', 'i1': 'b', 'u1': 'b', 'i2': 'h', 'u2': 'h', 'i4': 'i', 'u4': 'i', 'f4': 'f', 'i8': 'l', 'u8': 'l', 'f8': 'd', 'c8': 'f', 'c16': 'd'}


def what_jython_sees():
    values = [numpy.array([[1, 2, 3], [4, 5, 250]], order=layout).astype(order + code) for code in TYPECODES if code != 'i1' for order in '<>' for layout in 'CF']
    values += [numpy.array([[65000, 1]], '>u2'), numpy.array([2 ** 63 + 1], '>u8'), numpy.array(7, '>i4'), numpy.array([-1], 'i1')]
    write(values, 2)
    script = os.path.join(work, 'look.py')
    with open(script, 'w') as file:
        file.write(LOOK % (HERE, QUESTIONS, len(values), ANSWERS))
    done = jython(script)
    lines = done.stdout.splitlines()
    if not results.check('look', len(lines) == len(values) + 2, done.stderr):
        return
    for value, line in zip(values, lines):
        shape = repr(value.shape)
        expected = '%s %s %s ' % (shape, value.dtype.str, TYPECODES[value.dtype.str[1:]])
        found = line[len(expected):].replace('L', '')
        results.check('Jython sees %s' % expected, line.startswith(expected) and eval(found) == value.tolist(), line + done.stderr)
    results.check('array.array', lines[len(values)] == "True False array('i', [0, 0])", done.stdout + done.stderr)
    results.check('a size that is wrong', lines[-1] == 'expected 12 bytes of <u2, found 2', done.stdout + done.stderr)
    with open(ANSWERS, 'rb') as file:
        image, text = pickle.load(file)
    results.check('made by Jython', table.same(image, numpy.array([[1, 2, 3], [4, 5, 65535]], 'u2')) and text == b'a\xff')


def bad_input():
    """From the file, and from a program that does not answer well: a line, and no answers."""
    if os.path.exists(ANSWERS):
        os.remove(ANSWERS)
    for name, body in table.bad_bodies():
        if name == 'a system command':
            continue  # C carries it; answer.py would run it
        with open(QUESTIONS, 'wb') as file:
            file.write(body)
        status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'cat')
        results.check(name, status == 1 and errors.count('\n') == 1 and not os.path.exists(ANSWERS), errors)
    write([1], 2)
    for command, words in [("true", 'ended without an answer|went away|write|Broken pipe|reset'), ("printf '\\0\\0'; cat >/dev/null & exit", 'nothing for|middle|write|reset'),
                           ("printf '\\177\\377\\377\\377'; cat >/dev/null", 'longer than the limit'), ("printf '\\0\\0\\0\\002xx'; cat >/dev/null", 'expected|found'),
                           ("exec sleep 100", 'nothing for 1 seconds'), ("exec ./not-there", 'ended without|write|reset')]:
        status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'sh', '-c', command, '--timeout', 1, '--limit', 1000000)
        results.check(command, status == 1 and any(word in errors for word in words.split('|')) and not os.path.exists(ANSWERS), errors)
    write([numpy.zeros(4000000)], 2)
    start = time.monotonic()
    status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'sleep', 100, '--timeout', 2)
    results.check('a program that takes nothing', status == 1 and errors == 'exchange: write: nothing taken for 2 seconds\n' and time.monotonic() - start < 3.8, errors)


def programs_that_stay():
    """After their answer, or although they are told to end: they are waited for as long as was said, and then killed."""
    write([5], 2)
    answer = "printf '\\0\\0\\0\\005\\200\\002K\\007.'; "
    for name, command, good in [('answers, and stays', answer + 'exec sleep 100', True), ('answers, and ignores SIGTERM', "trap '' TERM; " + answer + 'exec sleep 100', True),
                                ('ignores SIGTERM', "trap '' TERM; exec sleep 100", False)]:
        start = time.monotonic()
        status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'sh', '-c', command, '--timeout', 1, timeout=20)
        expected = 'the program had not ended 1 seconds after its last answer, and was killed; %s is complete' % ANSWERS if good else 'read: nothing for 1 seconds'
        results.check(name, status == 1 and errors == 'exchange: %s\n' % expected and time.monotonic() - start < 10, errors)
        if results.check(name + ': the answers', os.path.exists(ANSWERS) == good) and good:
            compare(name, [7])
            os.remove(ANSWERS)
    start = time.monotonic()
    status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'sh', '-c', answer + 'exec sleep 2', '--timeout', 0, timeout=20)
    results.check('without an end', status == 0 and errors == '' and time.monotonic() - start > 1.9, errors)
    status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'sh', '-c', answer + 'exec sleep 1')
    results.check('in time', status == 0 and errors == '', errors)


def bad_questions():
    """To answer.py itself, which answers each with a ValueError, and the next one as ever; one that ends in the middle is the last."""
    def frame(body):
        return struct.pack('>I', len(body)) + body

    def answers(pieces, *options):
        process = subprocess.Popen(['jython', os.path.join(HERE, 'answer.py')] + list(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=work)

        def write():
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()

        thread = threading.Thread(target=write)
        thread.start()
        out, found = process.stdout.read(), []
        errors = process.stderr.read().decode()
        thread.join()
        while out:
            size, = struct.unpack('>I', out[:4])
            found.append(pickle.loads(out[4:4 + size]))
            out = out[4 + size:]
        return process.wait(), found, errors

    def is_refusal(answer, text=''):
        return isinstance(answer, ValueError) and text in str(answer)

    good, size = numpy.arange(5), 1 << 31
    bodies = list(table.bad_bodies()) + [('another type', pickle.dumps(os.path.join, 2)), ('System.exit', b"cjava.lang\nSystem\n."), ('no function', b'\x80\x02K\x01)R.'),
                                         ('an array that is none', b'\x80\x02cnumpy\nndarray\n)R(K\x01K\x02tb.'), ('nested', b'\x80\x02' + b']' * 100000 + b'a' * 99999 + b'.')]
    bodies += [(name + ', protocol 2', b'\x80\x02' + body[2:]) for name, body in bodies if body[:2] == b'\x80\x05']
    pieces = [piece for _, body in bodies for piece in (frame(body), frame(pickle.dumps(good, 2)))]
    status, found, errors = answers(pieces)
    results.check('bad questions', status == 0 and len(found) == len(pieces) and 'Traceback' not in errors, errors)
    for i, (name, _) in enumerate(bodies):
        # '(.' is a pickle for Jython
        results.check('a bad question: %s' % name, len(found) == len(pieces) and (is_refusal(found[2 * i]) or name == 'deep') and table.same(found[2 * i + 1], good), errors)
    results.check('bad questions: lines', errors.count('\nanswer: ') + 1 in (len(bodies), len(bodies) - 1) and 'found os.system' in errors and 'ends too early' in errors, errors)
    results.check('nothing was run', not os.path.exists(os.path.join(work, 'hostile')) and '\nhostile' not in errors)
    long = [struct.pack('>I', size)] + [bytes(1 << 20)] * (size >> 20)
    status, found, errors = answers([frame(b'\x80\x02K\x05.'), frame(bytes(1000001))] + long + [frame(b'\x80\x02K\x07.'), struct.pack('>I', size), b'abc'], '--limit', '1000000')
    results.check('over the limit', status == 1 and len(found) == 4 and found[0] == 5 and is_refusal(found[1], 'a question of 1000001 bytes is longer than the limit of 1000000'), '%r %s' % (found, errors))
    results.check('2 GiB', len(found) == 4 and is_refusal(found[2], '2147483648 bytes') and found[3] == 7, '%r %s' % (found, errors))
    results.check('2 GiB, and the end', errors.endswith('answer: expected a question of 2147483648 bytes, found the end after 3\n'), errors)
    for name, data, text in [('a short frame', b'\0\0', 'expected a frame of 4 bytes, found the end after 2'), ('a short question', b'\0\0\0\5abc', 'expected a question of 5 bytes, found the end after 3')]:
        status, found, errors = answers([data])
        results.check(name, (status, found, errors) == (1, [], 'answer: %s\n' % text), errors)
    for words in [['--limit', '0'], ['--limit', str(size)], ['--limit'], ['x']]:
        status, found, errors = answers([], *words)
        results.check(' '.join(words), status == 2 and found == [] and errors.startswith('usage: '), errors)
    write([{1: 'not a str of ASCII', 'x': 'é'}, os.path.join, good], 4)
    status, _, errors = table.run('jython/exchange', QUESTIONS, ANSWERS, 'jython', os.path.join(HERE, 'answer.py'))
    with open(ANSWERS, 'rb') as file:
        found = [pickle.load(file) for _ in range(3)] if status == 0 else []
    results.check('exchange takes the refusal', len(found) == 3 and is_refusal(found[1], 'found posixpath.join') and table.same(found[2], good), '%r %s' % (found, errors))


def other_pythons():
    """What Jython wrote last, in the NumPys that are here beside this one: NUMPY_PYTHONS, a list with colons."""
    pythons = [python for python in os.environ.get('NUMPY_PYTHONS', '').split(':') if python]
    if not pythons:
        table.left_out('jython', "other NumPys than this Python's: no NUMPY_PYTHONS")
    for python in pythons:
        code = 'import pickle\nf = open(%r, "rb")\nfor _ in range(%d): pickle.load(f)\nprint("all")' % (ANSWERS, len(all_values()))
        done = subprocess.run([python, '-c', code], capture_output=True, text=True)
        results.check(python, done.stdout == 'all\n', done.stderr)


for test in [bad_input, bad_questions, programs_that_stay, what_jython_sees, through_a_pipe, through_files, other_pythons]:
    test()
shutil.rmtree(work)
table.check_usage(results, 'jython/exchange')
results.done()
