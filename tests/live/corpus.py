"""Compares npickle with the index of a corpus of real files. Standard library only.

usage: python3 corpus.py NPICKLE DIR                    (tests/corpus.sh calls it)

For every entry of DIR/index.json of kind 'pickle', and for the pickle inside every entry of kind 'npy':
  read      `npickle info --json` gets to the STOP of as many pickles as the index says
  arrays    each array the index lists is among those of `npickle info` and `npickle extract`, with the same dtype,
            shape, order and the same SHA-256 of its bytes as they lie in memory. The index lists arrays in the order
            of BUILD, and no more than 60 a file, npickle in the order of appearance, and all: so they are compared
            as multisets.
  dis       `npickle dis` writes what `python3 -m pickletools` writes, up to where that gives up or ends
Files that no unpickler reads, or that have bytes after their last pickle, are listed below; they must fail as said
there.
"""
import ast
import collections
import hashlib
import io
import json
import os
import pickletools
import re
import subprocess
import sys
import tempfile

MOST_ROWS = 60

# First digits of the SHA-256: (pickles that are read, codes of the error it then ends with, why). CPython refuses all
# that have 0 pickles but for the empty names, which it can't import, and 5fe129d3.
ODD = {
    'd897b11e': (0, ('PROTOCOL',), 'PROTO 255, made by a fuzzer'),
    'ce9a7932': (0, ('TYPE',), 'STACK_GLOBAL of None, from the tests of CPython'),
    '5fc57fea': (0, ('TYPE',), 'STACK_GLOBAL of None, from the tests of CPython'),
    'b32b4cee': (0, ('ARGUMENT',), 'STACK_GLOBAL of an empty name, from the tests of CPython'),
    '19e97ae7': (0, ('ARGUMENT',), 'STACK_GLOBAL of an empty name, from the tests of CPython'),
    '2b49d5de': (0, ('ARGUMENT',), 'STACK_GLOBAL of an empty name, from the tests of CPython'),
    'f98f22db': (0, ('TYPE',), 'REDUCE with None for arguments, from the tests of CPython'),
    '55785ba0': (0, ('TYPE',), 'NEWOBJ with None for arguments, from the tests of CPython'),
    '681e2dd8': (0, ('TYPE',), 'NEWOBJ_EX with None for arguments, from the tests of CPython'),
    'dd492918': (0, ('TYPE',), 'NEWOBJ_EX with None for keywords, from the tests of CPython'),
    'd8462f70': (0, ('ARGUMENT', 'TRUNCATED'), 'GLOBAL of empty names, made by a fuzzer'),
    'b0b6ddb0': (0, ('TRUNCATED', 'NPY'), 'a .npy file of a header only'),
    'e5a391d4': (0, ('STACK', 'MEMO', 'TYPE'), 'BUILD on an empty stack, half of a pickle of the tests of CPython'),
    '5fe129d3': (0, ('STACK',), 'values left on the stack, made by a fuzzer'),
}


def index_dtype(text):
    """(group, what np.lib.format.dtype_to_descr gives, as JSON text)"""
    match = re.match(r'([<>|=][Mm]8)\[(\w+),(\d+),1,1\]$', text)
    if match:
        code, unit, times = match.groups()
        return 'plain', json.dumps('%s[%s%s]' % (code, '' if times == '1' else times, unit))
    if text.startswith('V{'):
        rows = []
        for name, kind, shape in re.findall(r'(\w+):\(?([<>|]\w+)(?:,(\(?[\d,]+\)?)\))?@\d+', text):
            dims = [int(n) for n in re.findall(r'\d+', shape)]
            rows.append([name, kind] + ([dims] if dims else []))
        return 'struct', json.dumps(rows)
    return 'object' if text[1:2] == 'O' else 'plain', json.dumps(text)


def index_rows(entry):
    """Counter of (how, group, dtype, shape, order, hash)"""
    rows = collections.Counter()
    for array in entry['detail'][0]['arrays'] or []:
        group, dtype = index_dtype(array['dtype'])
        shape = tuple(int(n) for n in re.findall(r'\d+', array['shape']))
        order = 'F' if array['fortran'] in (True, 'F') else 'C'
        rows[array['how'].lstrip('_'), group, dtype, shape, order, array['data_sha16']] += 1
    return rows


def npy(path):
    """(dtype, fortran, shape, data) of a .npy file."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:6] != b'\x93NUMPY':
        raise ValueError('%s is no .npy file' % path)
    wide = data[6] > 1
    start = 12 if wide else 10
    end = start + int.from_bytes(data[8:start], 'little')
    text = data[start:end].decode('latin-1' if data[6] < 3 else 'utf-8')
    header = ast.literal_eval(re.sub(r'(\d)L\b', r'\1', text))  # Python 2 wrote (1L, 41L)
    return header['descr'], header['fortran_order'], header['shape'], data[end:]


class Corpus(object):
    def __init__(self, tool, directory):
        self.tool, self.directory = tool, directory
        self.counts, self.failures = collections.Counter(), []

    def fail(self, name, text):
        self.failures.append('%s: %s' % (name, text))

    def run(self, *words, **given):
        return subprocess.run([self.tool] + list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              timeout=300, **given)

    def check(self, entry):
        kind, path = entry['kind'], os.path.join(self.directory, entry['file'])
        name = os.path.basename(path)
        self.counts[kind, 'files'] += 1
        ran = self.run('info', '--json', path)
        if ran.returncode < 0:
            self.fail(name, 'info ended by signal %d' % -ran.returncode)
            return
        try:
            said = json.loads(ran.stdout.decode())['files'][0]
        except (ValueError, LookupError) as error:
            self.fail(name, 'info wrote no JSON (%s): %s' % (error, ran.stderr[:200]))
            return
        read = self.check_read(entry, name, said, ran.returncode)
        self.counts[kind, 'read' if read else 'not read'] += 1
        if read:
            self.check_arrays(entry, name, path, said)
        self.check_dis(entry, name, path)

    def check_read(self, entry, name, said, status):
        """True if all its pickles were read to their STOP."""
        found = len(said['pickles'])
        error = said['error'] or {}
        odd = ODD.get(entry['sha256'][:8])
        wanted = odd[0] if odd else entry['detail'][0]['n_pickles'] or 0
        if odd:
            if found != wanted or error.get('code') not in odd[1] or status != 2:
                self.fail(name, '%s: expected %d pickles and %s, found %d and %s' % (
                    odd[2], wanted, '/'.join(odd[1]), found, error.get('code')))
            else:
                self.counts[entry['kind'], 'odd, end as they should'] += 1
            return wanted > 0
        if error or status != 0 or said['status'] != 'ok' or found != wanted:
            self.fail(name, 'expected %d pickles, found %d, exit status %d, %s' % (
                wanted, found, status, json.dumps(error) if error else 'no error'))
            return False
        return True

    def arrays_of(self, name, path, said):
        """Counter of (group, dtype, shape, order, hash), from info and extract, which must agree."""
        listed = [a for p in said['pickles'] for a in p['arrays']] or said.get('arrays', [])
        rows = collections.Counter()
        with tempfile.TemporaryDirectory(prefix='npickle-corpus.') as work:
            ran = self.run('extract', path, '-d', work)
            if ran.returncode < 0 or not os.path.exists(os.path.join(work, 'manifest.json')):
                self.fail(name, 'extract: exit status %d, %s' % (ran.returncode, ran.stderr[:200]))
                return rows
            with open(os.path.join(work, 'manifest.json'), encoding='utf-8') as file:
                manifest = json.load(file)
            if len(manifest) != len(listed):
                self.fail(name, 'info lists %d arrays, extract %d' % (len(listed), len(manifest)))
            for row, (info, item) in enumerate(zip(listed, manifest)):
                for key in ('path', 'dtype', 'shape', 'class'):
                    if info[key] != item[key]:
                        self.fail(name, 'array %d: %s is %r in info, %r in extract' % (row, key, info[key], item[key]))
                dtype, digest = json.dumps(item['dtype']), None
                group = 'struct' if isinstance(item['dtype'],
                                               list) else 'object' if item['dtype'][1:2] == 'O' else 'plain'
                if item.get('file'):
                    descr, fortran, shape, data = npy(os.path.join(work, item['file']))
                    plain = group != 'object'  # else the data is a pickle
                    digest = hashlib.sha256(data).hexdigest()[:16] if plain else None
                    if json.dumps(descr) != dtype or list(shape) != item['shape'] or fortran != item['fortran'] or \
                            plain and len(data) != info['nbytes']:
                        self.fail(name, 'array %d: the header says %r %r fortran=%r with %d bytes, the manifest %r' % (
                            row, descr, shape, fortran, len(data), item))
                rows[group, dtype, tuple(item['shape']), info['order'], digest] += 1
        return rows

    def check_arrays(self, entry, name, path, said):
        ours, kind, known = self.arrays_of(name, path, said), entry['kind'], 0
        rows = index_rows(entry)
        # What joblib put into the middle of a pickle is no part of the pickle: it is counted, but need not be found.
        in_joblib = any(row[0].startswith('joblib') for row in rows)
        for (how, group, dtype, shape, order, digest), count in sorted(rows.items(), key=str):
            known += count
            if group == 'object':
                alike = [row for row in ours if row[0] == group and row[2] == shape and ours[row] > 0]
                row = alike[0] if alike else None
            else:
                row = (group, dtype, shape, order, digest)
            found = min(count, ours[row]) if row else 0
            if row:
                ours[row] -= found
            while row and group == 'object' and found < count:  # 'O4' and 'O8' of one shape, C and Fortran
                alike = [other for other in ours if other[0] == group and other[2] == shape and ours[other] > 0]
                if not alike:
                    break
                ours[alike[0]] -= 1
                found += 1
            self.counts[kind, '%s arrays, how=%s: agree' % (group, how)] += found
            if found < count:
                self.counts[kind, '%s arrays, how=%s: not found' % (group, how)] += count - found
                if how.startswith('joblib') or in_joblib:
                    continue
                same_shape = [row for row in ours if row[2] == shape and ours[row] > 0]
                self.fail(name, '%d x %s %s %s %s (%s) not found%s' % (
                    count - found, dtype, shape, order, digest, how,
                    '; of that shape: %s' % same_shape[:3] if same_shape else ''))
        more = sum(count for count in ours.values() if count > 0)
        self.counts[kind, 'arrays beyond the %d rows that the index has of a file' % MOST_ROWS if known >= MOST_ROWS
                    else 'arrays that the index does not list'] += more

    def check_dis(self, entry, name, path):
        """The text of pickletools; it ends after the first pickle, and where it fails."""
        with open(path, 'rb') as file:
            data = file.read()
        if entry['kind'] == 'npy':
            if not entry['detail'][0]['n_pickles']:
                return
            data = npy(path)[3]
        text, error = io.StringIO(), None
        try:
            pickletools.dis(data, text)
        except Exception as exception:
            error = exception
        text = text.getvalue().encode('utf-8', 'backslashreplace')
        ran = self.run_on(data)
        whole = error is None and data.find(b'.') >= 0 and self.ends_at(data) == len(data)
        same = ran.stdout == text if whole else ran.stdout.startswith(text)
        self.counts[entry['kind'], 'dis: %s' % ('DIFFER' if not same else 'same text' if error is None
                                                else 'same text up to where pickletools gives up')] += 1
        if not same:
            theirs, ours = text.split(b'\n'), ran.stdout.split(b'\n')
            row = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
            self.fail(name, 'dis differs in line %d: expected %r, found %r' % (
                row + 1, theirs[row:row + 1], ours[row:row + 1]))

    def run_on(self, data):
        with tempfile.NamedTemporaryFile(prefix='npickle-corpus.') as file:
            file.write(data)
            file.flush()
            return self.run('dis', file.name)

    @staticmethod
    def ends_at(data):
        stream = io.BytesIO(data)
        for _ in pickletools.genops(stream):
            pass
        return stream.tell()

    def report(self):
        for kind in sorted({key[0] for key in self.counts}):
            print('%s:' % kind)
            for key in sorted(key for key in self.counts if key[0] == kind):
                print('  %6d  %s' % (self.counts[key], key[1]))
        for text in self.failures:
            print('FAIL: ' + text)
        read = sum(count for key, count in self.counts.items() if key[1] == 'read')
        print('%d files read, %d failures' % (read, len(self.failures)))


def main(argv):
    if len(argv) != 3:
        print(__doc__)
        return 4
    corpus = Corpus(os.path.abspath(argv[1]), argv[2])
    with open(os.path.join(argv[2], 'index.json'), encoding='utf-8') as file:
        entries = json.load(file)
    scalars = 0
    for entry in entries:
        if entry['kind'] in ('pickle', 'npy'):
            corpus.check(entry)
            scalars += sum(count for dtype, count in entry['dtypes'].items() if dtype.startswith('scalar:'))
    corpus.report()
    print('%d NumPy scalars are in these files; the index has no hash of them' % scalars)
    return 1 if corpus.failures else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
