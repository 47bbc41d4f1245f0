"""The .golden format: cases of known bytes that a C test reads without Python.

Not run by itself: the generators beside it and tests/live import it. Works on Python 2.7 and 3.

A file is lines of ASCII:

  # comment                 anywhere; the first ones say what wrote the bytes
  case NAME WORD...         begins a case; what the words mean is up to the file (see README in tests/data)
  pN REF EDIT...            the pickle of the case at protocol N, made from a reference. REF is 'c': the pickle at
                            the same protocol in the case before; 'p': the pickle on the line before, of the same
                            case; '-': no bytes. EDIT is, from the front of the reference to its end: '=n' copy the
                            next n bytes, '-n' leave out the next n bytes, '"TEXT"' put in these.

TEXT, and every other quoted word, is bytes: printable ASCII but for space, '"' and '\\' stands for itself; \\hh is
the byte of that hexadecimal value; \\{N:hhhh} is the bytes hhhh N times.
"""
import difflib
import re


def _plain(byte):
    return 0x21 <= byte <= 0x7e and byte not in (0x22, 0x5c)


def _run(data, i):
    """The repeated unit that begins at i and is worth a \\{N:hh}: (unit size, times)."""
    best, gain = (0, 0), 0
    for size in (1, 2, 3, 4, 6, 8):
        unit = data[i:i + size]
        if data[i + size:i + 2 * size] != unit:
            continue
        times = 2
        while data[i + times * size:i + (times + 1) * size] == unit:
            times += 1
        if times * size > 24 and times * size - 2 * size > gain:
            best, gain = (size, times), times * size - 2 * size
    return best


def quote(data):
    data, out, i = bytearray(data), ['"'], 0
    while i < len(data):
        size, times = _run(data, i)
        if times:
            out.append('\\{%d:%s}' % (times, ''.join('%02x' % b for b in data[i:i + size])))
            i += size * times
        else:
            out.append(chr(data[i]) if _plain(data[i]) else '\\%02x' % data[i])
            i += 1
    return ''.join(out) + '"'


def unquote(text):
    if text[:1] != '"' or text[-1:] != '"' or len(text) < 2:
        raise ValueError('no quoted word: ' + text[:40])

    def one(match):
        run, byte = match.group(1), match.group(2)
        if run:
            times, unit = run.split(':')
            return ''.join(chr(int(unit[i:i + 2], 16)) for i in range(0, len(unit), 2)) * int(times)
        return chr(int(byte, 16))
    out = re.sub(r'\\(?:\{([0-9]+:[0-9a-f]+)\}|([0-9a-f]{2}))', one, text[1:-1])
    return out if isinstance(out, bytes) else out.encode('latin-1')


def _blocks(old, new):
    """(from, to, size) of the pieces that both have, in order."""
    if len(old) + len(new) <= 3000:
        matcher = difflib.SequenceMatcher(None, old.decode('latin-1'), new.decode('latin-1'), autojunk=False)
        return [m for m in matcher.get_matching_blocks() if m[2] >= 6]
    limit, head, tail = min(len(old), len(new)), 0, 0
    while head < limit and old[head] == new[head]:
        head += 1
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]


def _edits(old, new):
    words, i, j = [], 0, 0
    for at, to, size in _blocks(old, new) + [(len(old), len(new), 0)]:
        words += [quote(new[j:to])] if to > j else []
        words += ['-%d' % (at - i)] if at > i else []
        words += ['=%d' % size] if size else []
        i, j = at + size, to + size
    return words


def _apply(old, words):
    new, i = b'', 0
    for word in words:
        if word[0] == '"':
            new += unquote(word)
        else:
            size = int(word[1:])
            if i + size > len(old):
                raise ValueError('past the end of the reference: ' + word)
            new += old[i:i + size] if word[0] == '=' else b''
            i += size
    if i != len(old):
        raise ValueError('%d bytes of the reference are left' % (len(old) - i))
    return new


class Writer(object):
    def __init__(self, out, comments):
        self.out, self.before = out, {}
        for line in comments:
            self.line('# ' + line)

    def line(self, text):
        self.out.write(text + '\n')

    def case(self, name, words, pickles):
        """pickles: {protocol: bytes}"""
        self.line(' '.join(['case', name] + list(words)))
        last = None
        for protocol in sorted(pickles):
            new = bytearray(pickles[protocol])
            best = ['-'] + _edits(b'', new)
            for ref, old in (('c', self.before.get(protocol)), ('p', last)):
                words = [ref] + _edits(old, new) if old is not None else best
                if len(' '.join(words)) + 6 < len(' '.join(best)):
                    best = words
            self.line('p%d ' % protocol + ' '.join(best))
            self.before[protocol] = last = new


def read(lines):
    """Yields (name, words, {protocol: bytes})."""
    case, before, last = None, {}, None
    for line in lines:
        word = line.rstrip('\n').split(' ')
        if word[0] == 'case':
            if case:
                yield case
            case, last = (word[1], word[2:], {}), None
        elif re.match(r'p[0-5]$', word[0]):
            protocol = int(word[0][1:])
            old = {'c': before.get(protocol), 'p': last, '-': b''}[word[1]]
            last = before[protocol] = _apply(old, word[2:])
            case[2][protocol] = last
        elif word[0] not in ('', '#'):
            raise ValueError('no line of a golden file: ' + line)
    if case:
        yield case
