"""array.array between npickle and every Python at hand: CPython 2, CPython 3, Jython.

usage: PYTHON3 pyarray.py NPICKLE PYTHON...      (tests/check-live.sh calls it; standard library only)

For every typecode and protocol of every PYTHON, of which those that are not there are left out:
  to us     what it pickles is read with the right values: npickle show prints what repr() does, npickle convert makes
            the right .npy; and npickle check says that it comes out as it went in
  from us   what npickle pack makes of raw bytes, in each form that the Python has, loads with the right values
  through   what one Python pickled and npickle convert wrote for another loads there with the right values

The same script is run by the PYTHONs, with the words --dump and --load.
"""
from __future__ import print_function

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gen'))
import golden  # noqa: E402
import pyarray  # noqa: E402

TYPECODES = 'bBhHiIlLqQfduwcz'
WHERE = {'python3': 'bBhHiIlLqQfduw', 'python2': 'bBhHiIlLfduc', 'jython': 'bBhHiIlLfducz'}
INSTEAD = {'python3': {'c': 'B', 'z': 'B'}, 'python2': {'q': 'l', 'Q': 'L', 'w': 'u', 'z': 'B'},
           'jython': {'q': 'l', 'Q': 'L', 'w': 'u'}}

# For whom, form, dialect, protocols. A form of None is the dialect's own.
FORMS = [('python3', None, 'default', range(6)), ('python3', 'list', 'default', range(6)), ('python3', 'machine', 'default', range(6)),
         ('python3', None, 'numpy2', range(6)), ('python2', None, 'python2', range(3)), ('python2', 'list', 'default', range(3)),
         ('python2', 'raw', 'python2', range(3)), ('python2', 'raw', 'default', range(3)), ('jython', None, 'python2', range(3)),
         ('jython', None, 'jython2.7', range(3)), ('jython', 'jython', 'python2', range(3)), ('jython', 'jython', 'default', range(3))]
CONVERSIONS = [('python3', 'default', (0, 2, 3, 5)), ('python2', 'python2', (0, 2)), ('jython', 'python2', (0, 2)), ('jython', 'jython2.7', (0, 2))]
# Which conversions are refused, and what is said: the Pythons of a dialect have no such typecode, and none that stands for it.
REFUSED = {('w', 'default'): 'which came with 3.13'}


# --- in the Pythons ---------------------------------------------------------------------------------------------------

def dump(directory):
    """A file for each pickle; prints their names and what is in them."""
    for name, value, words in pyarray.cases():
        for protocol in range(3 if pyarray.PYTHON2 else 6):
            if not name.startswith('list/'):
                file = '%02x%s.%d.pkl' % (ord(name[0]), name[1:].replace('/', '-'), protocol)
                with open(os.path.join(directory, file), 'wb') as out:
                    out.write(pyarray.pickle.dumps(value, protocol))
                print(' '.join([file, str(protocol)] + words))


def load(directory):
    """Prints what each file holds."""
    for file in sorted(os.listdir(directory)):
        with open(os.path.join(directory, file), 'rb') as source:
            data = source.read()
        try:
            value = pyarray.pickle.loads(data) if pyarray.PYTHON2 else pyarray.pickle.loads(data, encoding='latin1')
            assert isinstance(value, pyarray.array.array), type(value)
            elements = [pyarray.NAN if e != e else e for e in pyarray.elements_of(value)]  # as text it has no sign
            print(file, value.typecode, golden.quote(pyarray.raw(value.typecode, elements)))
        except:  # noqa: E722  (Java's are no Exception)
            print(file, '!', ' '.join(repr(sys.exc_info()[1]).split()))


# --- around them --------------------------------------------------------------------------------------------------------

class Checks(object):
    def __init__(self, tool, work):
        self.tool, self.work, self.count, self.failed = tool, work, {}, []

    def note(self, what, good, text):
        self.count[what] = self.count.get(what, 0) + 1
        if not good:
            self.failed.append('%s: %s' % (what, text))

    def npickle(self, *words):
        done = subprocess.run((self.tool,) + words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout, done.stderr.decode('utf-8', 'replace').strip()

    def directory(self, name):
        path = os.path.join(self.work, name)
        os.mkdir(path)
        return path


def kind_of(python):
    """'python2', 'python3', 'jython'; None for what does not run."""
    code = 'import sys; print("%s %d" % (sys.platform[:4], sys.version_info[0]))'
    try:
        said = subprocess.run([python, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    except OSError:
        return None
    found = re.search(r'(\w+) (\d)\s*$', said)
    return found and ('jython' if found.group(1) == 'java' else 'python' + found.group(2))


def ask(python, what, directory):
    done = subprocess.run([python, os.path.abspath(__file__), what, directory], stdout=subprocess.PIPE, check=True)
    return [line.split(' ') for line in done.stdout.decode('ascii').splitlines()]


def shown(typecode, elements):
    """As npickle show prints it; the str of Python 2 are bytes."""
    if not elements:
        return "array('%s')" % typecode
    if typecode in 'uw':
        text = repr(''.join(map(chr, elements)))
    elif typecode == 'c':
        text = repr(bytes(elements))
    elif typecode == 'z':
        text = repr([bool(e) for e in elements])
    else:
        text = repr(elements)
    return "array('%s', %s)" % (typecode, text)


def elements_in(typecode, data):
    struct = pyarray.struct
    code = {'l': 'q', 'L': 'Q', 'u': 'I', 'w': 'I', 'c': 'B', 'z': 'B'}.get(typecode, typecode)
    return list(struct.unpack('<%d%s' % (len(data) // struct.calcsize('<' + code), code), data))


def npy_elements(data, typecode):
    """The elements of a .npy file of version 1, least significant byte first."""
    start = 10 + data[8] + 256 * data[9]
    header, body = data[10:start].decode('latin-1'), data[start:]
    descr = re.search(r"'descr': '(.)(.)(\d+)'", header)
    width = int(descr.group(3)) * (4 if descr.group(2) == 'U' else 1)
    if descr.group(1) == '>':
        body = b''.join(body[i:i + width][::-1] for i in range(0, len(body), width))
    good = descr.group(2) + descr.group(3) == pyarray.DTYPES[typecode][1:]
    return body if good else header


def to_us(checks, python, kind):
    """The Python's pickles, read; their names, protocols, typecodes and elements are returned."""
    directory = checks.directory('of-' + kind)
    found = []
    for file, protocol, typecode, _, quoted in ask(python, '--dump', directory):
        path, data = os.path.join(directory, file), golden.unquote(quoted)
        status, out, said = checks.npickle('show', path)
        wanted = shown(typecode, elements_in(typecode, data)) + '\n'
        checks.note(kind + ' -> us', status == 0 and out.decode('utf-8', 'surrogatepass') == wanted, '%s: show: %s %r' % (file, said, out[:80]))
        status, out, said = checks.npickle('convert', '--to=npy', path, '-')
        checks.note(kind + ' -> us', status == 0 and npy_elements(out, typecode) == data, '%s: npy: %s' % (file, said))
        status, out, said = checks.npickle('check', path)
        checks.note(kind + ' again', status == 0, '%s: check: %s %s' % (file, said, out))
        if protocol in '024':  # enough of them
            found.append((path, typecode, data))
    return found


def loads(checks, python, what, directory, wanted):
    """wanted: file -> typecode, elements"""
    seen = 0
    for words in ask(python, '--load', directory):
        seen += 1
        good = words[1:] == [wanted[words[0]][0], golden.quote(wanted[words[0]][1])]
        checks.note(what, good, ' '.join(words)[:160])
    checks.note(what, seen == len(wanted), '%d of %d were loaded' % (seen, len(wanted)))


def too_much_for(kind, how, protocol, typecode, data):
    """Jython reads no infinity at protocol 0, not those either that it wrote itself: Double.valueOf('inf') is Java's no."""
    return kind == 'jython' and how in ('python2', 'list', None) and protocol == 0 and typecode in 'fd' and any(
        abs(e) == pyarray.INF or e != e for e in elements_in(typecode, data))


def pack(checks, python, kind):
    directory, wanted = checks.directory('for-' + kind), {}
    raw = os.path.join(checks.work, 'raw')
    for typecode in WHERE[kind]:
        for name, elements in pyarray.values_of(typecode):
            data = pyarray.raw(typecode, elements)
            with open(raw, 'wb') as out:
                out.write(data)
            for target, form, dialect, protocols in FORMS:
                usable = target == kind and not (typecode == 'c' and dialect == 'default' and form in (None, 'list'))
                usable = usable and not (typecode == 'z' and form is None and dialect == 'python2') and not (typecode == 'w' and sys.version_info < (3, 13))
                for protocol in protocols if usable else ():
                    if too_much_for(kind, form if form or dialect != 'jython2.7' else dialect, protocol, typecode, data):
                        continue
                    file = '%02x-%s-%s-%s.%d' % (ord(typecode), name, form, dialect, protocol)
                    status, _, said = checks.npickle(
                        'pack', '--dtype=' + pyarray.DTYPES[typecode], '--shape=%d' % len(elements), '--typecode=' + typecode,
                        '--array-form=' + (form or 'default'), '--dialect=' + dialect, '--protocol=%d' % protocol, raw,
                        os.path.join(directory, file + '.pkl'))
                    if status != 0:
                        checks.note('us -> ' + kind, False, '%s: %s' % (file, said))
                    else:
                        wanted[file + '.pkl'] = typecode, data
    loads(checks, python, 'us -> ' + kind, directory, wanted)


def through(checks, found, source, python, kind):
    directory, wanted = checks.directory('%s-to-%s' % (source, kind)), {}
    for path, typecode, data in found:
        for target, dialect, protocols in CONVERSIONS:
            if target != kind:
                continue
            refused = REFUSED.get((typecode, dialect))
            expected = INSTEAD['python2' if dialect == 'python2' else kind].get(typecode, typecode)
            for protocol in protocols:
                if too_much_for(kind, dialect, protocol, typecode, data):
                    continue
                file = os.path.basename(path)[:-4] + '-%s.%d.pkl' % (dialect, protocol)
                status, _, said = checks.npickle('convert', '--dialect=' + dialect, '--protocol=%d' % protocol, path,
                                                 os.path.join(directory, file))
                if status != 0 or refused:
                    checks.note('%s -> us -> %s' % (source, kind), status != 0 and refused is not None and refused in said,
                                '%s: status %d: %s' % (file, status, said))
                else:
                    wanted[file] = expected, data
    loads(checks, python, '%s -> us -> %s' % (source, kind), directory, wanted)


def main(tool, pythons):
    found, kinds = {}, {}
    for python in pythons:
        kind = kind_of(python)
        if kind:
            kinds.setdefault(kind, python)
    for kind in 'python3', 'python2', 'jython':
        if kind not in kinds:
            print('skipped: array.array to and from %s: there is none' % kind)
    if not kinds:
        return 77
    checks = Checks(tool, tempfile.mkdtemp())
    try:
        for kind, python in sorted(kinds.items()):
            found[kind] = to_us(checks, python, kind)
            pack(checks, python, kind)
        for source in sorted(found):
            for kind, python in sorted(kinds.items()):
                through(checks, found[source], source, python, kind)
    finally:
        shutil.rmtree(checks.work)
    print('array.array with %s: %s; %d failed' % (
        ', '.join('%s (%s)' % item for item in sorted(kinds.items())),
        ', '.join('%s %d' % item for item in sorted(checks.count.items())), len(checks.failed)))
    for text in checks.failed[:20]:
        print('  ' + text)
    return 1 if checks.failed else 0


if __name__ == '__main__':
    if sys.argv[1] in ('--dump', '--load'):
        sys.exit({'--dump': dump, '--load': load}[sys.argv[1]](sys.argv[2]))
    sys.exit(main(sys.argv[1], sys.argv[2:]))
