"""Small pickles that lie, are cut, or are only odd: what the reader must say to each.

usage: python3 hostile.py > tests/data/hostile.golden        (any Python 3; nothing is unpickled)
       PYTHON-WITH-NUMPY hostile.py check                    what CPython and NumPy do with each row

A line is NAME STATUS OFFSET "BYTES": STATUS is OK or the code of include/npickle/status.h that npk_doc_load_memory must
give ('A|B': either); OFFSET is where the opcode at fault stands, '-' where that is a matter of taste. The quotes are
those of golden.py.
Most of these CPython or NumPy accept, or die of: see doc/differences.md.
"""
import struct
import sys

import golden

ROWS = []


def bad(name, status, before, rest):
    """The opcode at fault is the first of `rest`; before=None: not to be told."""
    ROWS.append((name, status, '-' if before is None else str(len(before)), (before or b'') + rest))


def good(name, data):
    ROWS.append((name, 'OK', '-', data))


def u4(n):
    return struct.pack('<I', n & 0xffffffff)


def u8(n):
    return struct.pack('<Q', n)


def num(n):
    if 0 <= n < 256:
        return b'K' + bytes([n])
    if -2**31 <= n < 2**31:
        return b'J' + struct.pack('<i', n)
    size = n.bit_length() // 8 + 1
    return b'\x8a' + bytes([size]) + n.to_bytes(size, 'little', signed=True)


def txt(s):
    s = s.encode()
    return b'X' + u4(len(s)) + s


def byt(b):
    return b'C' + bytes([len(b)]) + b


def tup(*items):
    return b'(' + b''.join(items) + b't'


def glob(module, name):
    return b'c' + module.encode() + b'\n' + name.encode() + b'\n'


def frame(body, size=None):
    return b'\x80\x04\x95' + u8(len(body) if size is None else size) + body


# --- opcodes and stack ------------------------------------------------------------------------------------------------

def opcodes():
    bad('opcode/none-such', 'OPCODE', b'\x80\x02N', b'\xff.')
    bad('opcode/nul', 'OPCODE', b'N', b'\0.')
    bad('opcode/0x99', 'OPCODE', b'', b'\x99.')
    bad('opcode/space', 'OPCODE', b'\x80\x02', b' N.')
    pops = {'0': 1, '1': 1, '2': 1, 'R': 2, 'a': 2, 'b': 2, 's': 3, 'e': 1, 'u': 1, 'd': 1, 't': 1, 'l': 1, 'o': 1,
            'Q': 1, '.': 1,
            '\x81': 2, '\x85': 1, '\x86': 2, '\x87': 3, '\x90': 1, '\x91': 1, '\x92': 3, '\x93': 2, '\x94': 1,
            '\x98': 1}
    for op, count in pops.items():
        code = op.encode('latin-1')
        bad('stack/under-%02x' % ord(op), 'STACK', b'\x80\x02' + b'N' * (count - 1) * (op not in '1eudtlo\x90\x91'),
            code + b'.')
        if op not in '01eudtlo\x90\x91':
            bad('stack/mark-in-the-way-of-%02x' % ord(op), 'STACK', b'\x80\x02' + b'N' * 3 + b'(' + b'N' * (count - 1),
                code + b'.')
    bad('stack/put-on-nothing', 'STACK', b'', b'q\0N.')
    bad('stack/text-put-on-nothing', 'STACK', b'', b'p0\nN.')
    bad('stack/long-put-on-nothing', 'STACK', b'', b'r\0\0\0\0N.')
    bad('stack/put-on-mark', 'STACK', b'N(', b'q\0.')
    bad('stack/memoize-on-mark', 'STACK', b'N(', b'\x94.')
    bad('stack/inst-without-mark', 'STACK', b'N', b'ios\nsystem\n.')
    bad('stack/appends-without-list', 'STACK', b'(N', b'e.')
    bad('stack/setitems-without-dict', 'STACK', b'(NN', b'u.')
    bad('stack/additems-without-set', 'STACK', b'(N', b'\x90.')
    bad('stack/obj-without-class', 'STACK', b'(', b'o.')
    bad('stack/stop-on-mark', 'STACK', b'N(', b'.')
    bad('stack/stop-above-mark', 'STACK', b'(N', b'.')
    bad('stack/left-over', 'STACK', b'NN', b'.')
    bad('stack/left-over-list', 'STACK', b']K\x01', b'.')
    bad('stack/dict-odd', 'STACK', b'(NNN', b'd.')
    bad('stack/setitems-odd', 'STACK', b'}(NNN', b'u.')
    bad('stack/empty-stop', 'STACK', b'', b'.')
    bad('stack/pop-then-stop', 'STACK', b'N0', b'.')
    bad('stack/pop-mark-without', 'STACK', b'NN', b'1.')
    good('stack/pop', b'NK\x010.')
    good('stack/pop-a-mark', b'N(0.')
    good('stack/pop-mark', b'N(NNN1.')
    good('stack/dup-tuple', b'K\x012\x86.')
    good('stack/dup-list', b']2\x86.')
    good('stack/appends-none', b'](e.')
    good('stack/setitems-none', b'}(u.')
    good('stack/additems-none', b'\x8f(\x90.')
    good('stack/frozenset-empty', b'(\x91.')
    good('stack/nothing-needed', b'N.')
    good('stack/inst-on-nothing', b'(ios\nsystem\n.')
    bad('stack/appends-on-nothing', 'STACK', b'(', b'e.')
    bad('stack/obj-on-nothing', 'STACK', b'((', b'o.')


# --- arguments --------------------------------------------------------------------------------------------------------

def lengths():
    for name, head in (('binstring', b'T'), ('binunicode', b'X'), ('binbytes', b'B')):
        bad('length/%s-too-long' % name, 'TRUNCATED', b'\x80\x03', head + u4(5) + b'abc.')
        bad('length/%s-2-gib' % name, 'TRUNCATED', b'\x80\x03', head + u4(0x7fffffff) + b'abc.')
    for name, head in (('binunicode', b'X'), ('binbytes', b'B')):
        bad('length/%s-4-gib' % name, 'TRUNCATED', b'\x80\x03', head + u4(0xffffffff) + b'abc.')
    bad('length/binstring-negative', 'ARGUMENT', b'\x80\x02', b'T' + u4(-1) + b'abc.')
    bad('length/long4-negative', 'ARGUMENT', b'\x80\x02', b'\x8b' + u4(-1) + b'.')
    bad('length/long4-lowest', 'ARGUMENT', b'\x80\x02', b'\x8b' + u4(0x80000000) + b'.')
    bad('length/long4-2-gib', 'TRUNCATED', b'\x80\x02', b'\x8b' + u4(0x7fffffff) + b'\x01.')
    for name, head in (('binunicode8', b'\x8d'), ('binbytes8', b'\x8e'), ('bytearray8', b'\x96')):
        for what, size in (('1-tib', 2**40), ('2-to-63', 2**63), ('wraps', 2**64 - 1), ('wraps-by-10', 2**64 - 10)):
            bad('length/%s-%s' % (name, what), 'TRUNCATED|ARGUMENT', b'\x80\x05', head + u8(size) + b'abc.')
    for name, head in (('short-binstring', b'U'), ('short-binbytes', b'C'), ('short-binunicode', b'\x8c'),
                       ('long1', b'\x8a')):
        bad('length/%s-too-long' % name, 'TRUNCATED', b'\x80\x04', head + b'\xff' + b'abc.')
    for name, data in (('binint', b'J\1\2\3'), ('binint1', b'K'), ('binint2', b'M\1'), ('binfloat', b'G1234567'),
                       ('binget', b'h'),
                       ('long-binget', b'j\0\0\0'), ('binput', b'q'), ('proto', b'\x80'), ('ext1', b'\x82'),
                       ('ext2', b'\x83\1'),
                       ('ext4', b'\x84\1\0\0'), ('frame', b'\x95\1\0\0\0\0\0\0'), ('binunicode', b'X\1\0\0'),
                       ('long1', b'\x8a')):
        bad('cut/%s' % name, 'TRUNCATED', b'N' if data[:1] == b'q' else b'', data)
    for name, data in (('int', b'I12'), ('long', b'L12L'), ('float', b'F1.5'), ('string', b"S'ab'"),
                       ('unicode', b'Vab'),
                       ('global', b'cnumpy\nndarray'), ('global-name', b'cnumpy'), ('get', b'g0'), ('put', b'p0'),
                       ('persid', b'Pab')):
        bad('cut/line-of-%s' % name, 'TRUNCATED', b'N' if data[:1] == b'p' else b'', data)
    bad('cut/no-stop', 'TRUNCATED', None, b'\x80\x02N')
    bad('cut/only-proto', 'TRUNCATED', None, b'\x80\x02')
    bad('cut/inst', 'TRUNCATED', b'(', b'ios\nsystem')


def numbers():
    for name, text in (('blank-before', b' 5'), ('blank-after', b'5 '), ('tab', b'\t7'), ('hex', b'0x10'),
                       ('octal', b'0o17'),
                       ('binary', b'0b1'), ('underscore', b'1_000'), ('nul', b'5\0'), ('empty', b''),
                       ('sign-only', b'-'),
                       ('two-signs', b'--5'), ('cr', b'1\r'), ('letter', b'5x'), ('float', b'1.5'),
                       ('latin1-digit', b'\xb2')):
        bad('number/int-%s' % name, 'ARGUMENT', b'', b'I' + text + b'\n.')
        bad('number/long-%s' % name, 'ARGUMENT', b'', b'L' + text + b'L\n.')
    bad('number/int-with-l', 'ARGUMENT', b'', b'I5L\n.')
    bad('number/long-two-l', 'ARGUMENT', b'', b'L5LL\n.')
    bad('number/long-small-l', 'ARGUMENT', b'', b'L5l\n.')
    bad('number/long-only-l', 'ARGUMENT', b'', b'LL\n.')
    bad('number/bool-true-with-sign', 'ARGUMENT', None, b'I+1 \n.')
    bad('number/int-too-many-digits', 'LIMIT', b'', b'I' + b'9' * 4301 + b'\n.')
    bad('number/long-too-many-digits', 'LIMIT', b'', b'L' + b'9' * 4301 + b'L\n.')
    good('number/long-4300-digits', b'L' + b'9' * 4300 + b'L\n.')
    good('number/int-beyond-64-bits', b'I99999999999999999999\n.')
    good('number/int-plus', b'I+5\n.')
    good('number/int-minus', b'I-5\n.')
    good('number/int-minus-zero', b'I-0\n.')
    good('number/long-without-l', b'L5\n.')
    good('number/false', b'I00\n.')
    good('number/true', b'I01\n.')
    good('number/long1-empty', b'\x80\x02\x8a\0.')
    good('number/long4-empty', b'\x80\x02\x8b\0\0\0\0.')
    good('number/long1-not-shortest', b'\x80\x02\x8a\4\1\0\0\0.')
    good('number/long1-255', b'\x80\x02\x8a\xff' + b'\1' * 255 + b'.')
    for name, text in (('blank-before', b' 1'), ('blank-after', b'1.5 '), ('hex', b'0x1p3'), ('underscore', b'1_0'),
                       ('nul', b'1\0'),
                       ('empty', b''), ('cr', b'1.5\r'), ('exponent-cut', b'1e'), ('junk', b'1.5x'),
                       ('two-points', b'1.2.3'),
                       ('comma', b'1,5'), ('point', b'.'), ('windows-inf', b'1.#INF'), ('inf-cut', b'in'),
                       ('beyond', b'1e999')):
        bad('number/float-%s' % name, 'ARGUMENT', b'', b'F' + text + b'\n.')
    for name, text in (('int', b'1'), ('exponent', b'1.5e3'), ('inf', b'inf'), ('minus-inf', b'-inf'), ('nan', b'nan'),
                       ('infinity', b'-Infinity'),
                       ('plus', b'+1'), ('no-whole', b'.5'), ('no-fraction', b'5.'), ('tiny', b'1e-400'),
                       ('digits-17', b'0.10000000000000001'),
                       ('long', b'0.' + b'3' * 300)):
        good('number/float-%s' % name, b'F' + text + b'\n.')


def texts():
    for name, line in (('no-quotes', b'abc'), ('one-quote', b"'"), ('unclosed', b"'abc"), ('two-kinds', b'"abc\''),
                       ('blank-after', b"'abc' "),
                       ('cr-after', b"'abc'\r"), ('blank-before', b" 'abc'"), ('escape-at-end', b"'ab\\'"),
                       ('hex-cut', b"'\\x4'"),
                       ('hex-none', b"'\\xzz'"), ('no-characters', b'')):
        bad('string/%s' % name, 'ARGUMENT', b'', b'S' + line + b'\n.')
    for name, line in (('plain', b"'abc'"), ('double', b'"abc"'), ('empty', b"''"),
                       ('escapes', b"'\\x41\\n\\101\\\\\\''"), ('unknown-escape', b"'\\q'"),
                       ('quote-inside', b"'a'b'"), ('latin1', b"'\xff'"), ('unicode-escape-kept', b"'\\u0041'")):
        good('string/%s' % name, b'S' + line + b'\n.')
    for name, data in (('lone-continuation', b'\x80'), ('overlong-2', b'\xc0\x80'), ('overlong-3', b'\xe0\x80\x80'),
                       ('overlong-4', b'\xf0\x80\x80\x80'),
                       ('beyond-10ffff', b'\xf4\x90\x80\x80'), ('cut-2', b'\xc3'), ('cut-3', b'\xe4\xbd'),
                       ('cut-4', b'\xf0\x9f\x98'),
                       ('byte-fe', b'\xfe'), ('latin1', b'caf\xe9'), ('five-bytes', b'\xf8\x88\x80\x80\x80')):
        bad('utf8/%s' % name, 'ARGUMENT', b'\x80\x02', b'X' + u4(len(data)) + data + b'.')
        bad('utf8/short-%s' % name, 'ARGUMENT', b'\x80\x04', b'\x8c' + bytes([len(data)]) + data + b'.')
    good('utf8/lone-surrogate', b'X\3\0\0\0\xed\xa0\x80.')
    good('utf8/surrogates', b'X\6\0\0\0\xed\xa0\xbd\xed\xb8\x80.')
    good('utf8/last', b'X\4\0\0\0\xf4\x8f\xbf\xbf.')
    good('utf8/nul', b'X\3\0\0\0a\0b.')
    bad('unicode/escape-cut', 'ARGUMENT', b'', b'V\\u12\n.')
    bad('unicode/escape-cut-long', 'ARGUMENT', b'', b'V\\U0001f6\n.')
    bad('unicode/escape-no-hex', 'ARGUMENT', b'', b'V\\u12g4\n.')
    bad('unicode/beyond-10ffff', 'ARGUMENT', b'', b'V\\U00110000\n.')
    good('unicode/empty', b'V\n.')
    good('unicode/latin1', b'V\xe9\n.')
    good('unicode/escapes', b'V\\u4f60\\U0001f600\n.')
    good('unicode/surrogate', b'V\\ud800\n.')
    good('unicode/escaped-backslash', b'V\\\\u0041\n.')
    good('unicode/other-escape-kept', b'V\\x41\n.')
    good('unicode/cr', b'Vab\r\n.')


# --- memo, protocol, frames -------------------------------------------------------------------------------------------

def memo():
    bad('memo/get-unset', 'MEMO', b'', b'h\0.')
    bad('memo/text-get-unset', 'MEMO', b'Nq\0', b'g1\n.')
    bad('memo/long-get-unset', 'MEMO', b'Nq\0', b'j\1\0\0\0.')
    bad('memo/long-get-huge', 'MEMO', b'Nq\0', b'j\xff\xff\xff\xff.')
    bad('memo/text-get-huge', 'MEMO|ARGUMENT', b'Nq\0', b'g18446744073709551615\n.')
    bad('memo/text-put-negative', 'ARGUMENT', b'N', b'p-1\n.')
    bad('memo/text-put-blank', 'ARGUMENT', b'N', b'p 1\n.')
    bad('memo/text-put-empty', 'ARGUMENT', b'N', b'p\n.')
    bad('memo/text-put-hex', 'ARGUMENT', b'N', b'p0x1\n.')
    bad('memo/text-put-beyond-64-bits', 'ARGUMENT|LIMIT', b'N', b'p18446744073709551616\n.')
    bad('memo/text-get-negative', 'ARGUMENT', b'N0', b'g-1\n.')
    bad('memo/of-the-pickle-before', 'TRAILING', b'Nq\0.', b'h\0.')
    good('memo/put-huge', b']r\xff\xff\xff\xffj\xff\xff\xff\xff\x86.')
    good('memo/text-put-huge', b'Np9223372036854775807\n.')
    good('memo/text-put-beyond-32-bits', b']p4294967297\ng4294967297\n\x86.')
    good('memo/put-twice', b'K\1q\0K\2q\0h\0\x87.')
    good('memo/leading-zero', b']p01\nh\1\x86.')
    good('memo/text-and-binary', b']p1\nh\1\x86.')
    good('memo/memoize-counts-entries', b']q\5\x94h\1\x86.')
    good('memo/far-apart', b']' + b''.join(b'r' + u4(i * 0x01000000) for i in range(200)) + b'j' +
         u4(199 * 0x01000000) + b'\x86.')
    good('memo/cycle', b']q\0h\0a.')
    good('memo/cycle-through-dict', b'}q\0U\1kh\0s.')
    good('memo/cycle-through-tuple', b']q\0h\0\x85a.')


def protocols():
    bad('proto/6', 'PROTOCOL', b'', b'\x80\x06N.')
    bad('proto/255', 'PROTOCOL', b'', b'\x80\xffN.')
    bad('proto/twice', 'PROTOCOL', b'\x80\x02', b'\x80\x02N.')
    bad('proto/in-the-middle', 'PROTOCOL', b'N0', b'\x80\x02N.')
    bad('proto/between-items', 'PROTOCOL', b'\x80\x02](', b'\x80\x02Ne.')
    for n in range(6):
        good('proto/%d' % n, b'\x80' + bytes([n]) + b'N.')
    good('proto/0-with-binary', b'\x80\0]q\0(K\1C\1ae.')
    good('proto/none-with-5', b'\x96\1\0\0\0\0\0\0\0a.')


def frames():
    bad('frame/too-long', 'FRAME|TRUNCATED', b'\x80\x04', frame(b'N.', 3)[2:])
    bad('frame/far-too-long', 'FRAME|TRUNCATED', b'\x80\x04', frame(b'N.', 2**63)[2:])
    bad('frame/wraps', 'FRAME|TRUNCATED', b'\x80\x04', frame(b'N.', 2**64 - 1)[2:])
    bad('frame/cuts-an-argument', 'FRAME', frame(b'', 3), b'J\1\0\0\0.')
    bad('frame/cuts-a-length', 'FRAME', frame(b'', 2), b'X\1\0\0\0a.')
    bad('frame/cuts-bytes', 'FRAME', frame(b'', 4), b'C\4abcd.')
    bad('frame/cuts-a-line', 'FRAME', frame(b'', 3), b'I123\n.')
    bad('frame/nested', 'FRAME', frame(b'', 11), b'\x95' + u8(2) + b'N.')
    bad('frame/in-a-frame', 'FRAME', frame(b'](', 13), b'\x95' + u8(1) + b'Ne.')
    bad('frame/goes-on-after-stop', 'FRAME|TRAILING', None, frame(b'N.NN'))
    good('frame/exact', frame(b'N.'))
    good('frame/empty', frame(b'') + b'N.')
    good('frame/stop-outside', frame(b'N') + b'.')
    good('frame/two', frame(b'](') + frame(b'Ne.')[2:])
    good('frame/unframed-between', frame(b'](') + b'C\1a' + frame(b'Ne.')[2:])
    good('frame/none-at-protocol-4', b'\x80\x04N.')
    good('frame/one-byte', frame(b'N') + b'.')
    good('frame/at-protocol-2', b'\x80\x02\x95' + u8(2) + b'N.')


def trailing():
    bad('trailing/byte', 'TRAILING', b'N.', b'x')
    good('trailing/nul', b'N.\0\0\0\0')
    good('trailing/newline', b'N.\n')
    good('trailing/crlf', b'N.\r\n')
    good('trailing/blanks', b'N. \t \n\0 ')
    bad('trailing/newline-and-more', 'TRAILING', b'N.', b'\n\x99')
    bad('trailing/newline-and-pickle', 'TRAILING', b'N.', b'\nN.')
    bad('trailing/pickle', 'TRAILING', b'\x80\x02N.', b'\x80\x02N.')
    for name, data in (('npy', b'\x93NUMPY\1\0F\0{\'descr\': \'<f8\', \'fortran_order\': False, \'shape\': (1,), }'),
                       ('zip', b'PK\3\4\x14\0\0\0\0\0'),
                       ('zip-empty', b'PK\5\6' + bytes(18)), ('gzip', b'\x1f\x8b\x08\0\0\0\0\0\0\3'),
                       ('bzip2', b'BZh91AY&SY'),
                       ('xz', b'\xfd7zXZ\0\0\4'), ('zstd', b'\x28\xb5\x2f\xfd\4\0'),
                       ('png', b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR'),
                       ('html', b'<!DOCTYPE html>\n<html></html>\n'), ('json', b'{"a": [1, 2]}\n'),
                       ('hdf5', b'\x89HDF\r\n\x1a\n\0\0'),
                       ('7z', b"7z\xbc\xaf'\x1c\0\4"), ('elf', b'\x7fELF\2\1\1\0'), ('pdf', b'%PDF-1.7\n'),
                       ('git-lfs', b'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
                       ('z-file', b'ZF0x10              x\x9c')):
        bad('other/%s' % name, 'NOT_A_PICKLE|OPCODE|TRUNCATED|MEMO|STACK|ARGUMENT|FRAME', None, data)
    bad('other/zstd-behind-mark', 'NOT_A_PICKLE', b'', b'(\xb5/\xfd\x04\0')
    bad('other/empty', 'TRUNCATED|NOT_A_PICKLE', None, b'')
    bad('other/zlib', 'NOT_A_PICKLE|OPCODE|STACK|TRUNCATED', None, b'x\x9c\x03\x00\x00\x00\x00\x01')
    bad('other/text-mode-crlf', 'ARGUMENT|CALL|TYPE|OPCODE|STACK|NOT_A_PICKLE', None, b"(dp0\r\nS'a'\r\np1\r\nI1\r\ns.")
    bad('other/text-mode-crlf-binary', 'ARGUMENT', b'\x80\x02]q\0(', b'I1\r\ne.')
    bad('other/utf8-bom', 'NOT_A_PICKLE|OPCODE', b'', b'\xef\xbb\xbfI1\n.')


# --- types and calls --------------------------------------------------------------------------------------------------

def types():
    bad('type/append-to-tuple', 'TYPE', b')N', b'a.')
    bad('type/append-to-none', 'TYPE', b'NN', b'a.')
    bad('type/append-to-dict', 'TYPE', b'}N', b'a.')
    bad('type/appends-to-int', 'TYPE', b'K\1(N', b'e.')
    bad('type/appends-to-str', 'TYPE', b'X\1\0\0\0a(N', b'e.')
    bad('type/setitem-on-list', 'TYPE', b']K\0N', b's.')
    bad('type/setitem-on-none', 'TYPE', b'NNN', b's.')
    bad('type/setitems-on-tuple', 'TYPE', b')(NN', b'u.')
    bad('type/additems-to-list', 'TYPE', b'](N', b'\x90.')
    bad('type/additems-to-frozenset', 'TYPE', b'(\x91(N', b'\x90.')
    bad('type/build-on-int', 'TYPE', b'K\1}', b'b.')
    bad('type/build-on-list', 'TYPE', b']}', b'b.')
    bad('type/reduce-args-list', 'TYPE', glob('a', 'b') + b']', b'R.')
    bad('type/reduce-args-none', 'TYPE', glob('a', 'b') + b'N', b'R.')
    bad('type/reduce-of-int', 'TYPE', b'K\1)', b'R.')
    bad('type/reduce-of-str', 'TYPE', txt('os.system') + b')', b'R.')
    bad('type/newobj-args-list', 'TYPE', glob('a', 'B') + b']', b'\x81.')
    bad('type/newobj-of-none', 'TYPE', b'N)', b'\x81.')
    bad('type/newobj-ex-kwargs-list', 'TYPE', glob('a', 'B') + b')]', b'\x92.')
    bad('type/newobj-ex-kwargs-none', 'TYPE', glob('a', 'B') + b')N', b'\x92.')
    bad('type/obj-of-int', 'TYPE', b'(K\1', b'o.')
    bad('type/stack-global-of-none', 'TYPE', b'\x80\x04N\x8c\1a', b'\x93.')
    bad('type/stack-global-of-bytes', 'TYPE', b'\x80\x04C\1aC\1b', b'\x93.')
    bad('type/readonly-of-none', 'TYPE', b'\x80\x05N', b'\x98.')
    bad('type/readonly-of-bytes', 'OK|TYPE', b'\x80\x05C\1a', b'\x98.')
    for name, key in (('list', b']'), ('dict', b'}'), ('set', b'\x8f'), ('bytearray', b'\x96' + u8(1) + b'a'),
                      ('tuple-of-list', b']\x85'),
                      ('tuple-of-tuple-of-dict', b'}\x85\x85')):
        bad('key/%s' % name, 'TYPE', b'\x80\x05}' + key + b'N', b's.')
        bad('key/setitems-%s' % name, 'TYPE', b'\x80\x05}(' + key + b'N', b'u.')
        bad('key/set-of-%s' % name, 'TYPE', b'\x80\x05\x8f(' + key, b'\x90.')
        bad('key/frozenset-of-%s' % name, 'TYPE', b'\x80\x05(' + key, b'\x91.')
        bad('key/dict-%s' % name, 'TYPE', b'\x80\x05(' + key + b'N', b'd.')
    bad('key/itself', 'TYPE', b'}q\0h\0N', b's.')
    good('key/tuple', b'}K\1\x85Ns.')
    good('key/frozenset', b'}(N\x91Ns.')
    good('key/twice', b'}(K\1NK\1Nu.')
    good('key/global', b'}' + glob('a', 'b') + b'Ns.')
    good('key/object', b'}' + glob('a', 'b') + b')RNs.')
    good('key/float-and-int', b'}(K\1NG?\xf0\0\0\0\0\0\0Nu.')


def names():
    good('global/unknown', glob('os', 'system') + b'.')
    good('global/called', glob('os', 'system') + txt('true') + b'\x85R.')
    good('global/inst', b'(ios\nsystem\n.')
    good('global/obj', b'(cos\nsystem\no.')
    good('global/newobj', b'\x80\x02' + glob('a.b', 'C') + b')\x81}b.')
    good('global/newobj-ex', b'\x80\x04' + glob('a', 'B') + b')}\x92.')
    good('global/state-of-any-kind', b'\x80\x02' + glob('a', 'B') + b')\x81K\1b.')
    good('global/list-items', b'\x80\x02' + glob('a', 'B') + b')\x81(K\1K\2e.')
    good('global/dict-items', b'\x80\x02' + glob('a', 'B') + b')\x81(K\1K\2u.')
    good('global/state-twice', b'\x80\x02' + glob('a', 'B') + b')\x81}b}b.')
    good('global/result-called', glob('a', 'b') + b')R)R.')
    good('global/utf8', 'cm\u00f6dul\nn\u00e4me\n.'.encode())
    good('global/cr', b'cnumpy\r\nndarray\n.')
    good('global/nul', b'ca\0b\nc\n.')
    good('global/escape', b'c\x1b[31m\nx\n.')
    good('global/dotted', b'\x80\x04\x8c\1a\x8c\3b.c\x93.')
    bad('global/not-utf8', 'ARGUMENT', b'', b'c\xff\nx\n.')
    bad('global/no-module', 'ARGUMENT', b'', b'c\nx\n.')
    bad('global/no-name', 'ARGUMENT', b'', b'cx\n\n.')
    bad('global/long-name', 'LIMIT', b'', b'c' + b'a' * 70000 + b'\nx\n.')
    good('persid/text', b'Pabc\n.')
    good('persid/empty', b'P\n.')
    good('persid/binary', b'\x80\x02' + tup(txt('storage'), num(7)) + b'Q.')
    good('ext/1', b'\x80\x02\x82\1.')
    good('ext/2', b'\x80\x02\x83\0\1.')
    good('ext/4', b'\x80\x02\x84\0\0\1\0.')
    good('ext/called', b'\x80\x02\x82\1)R.')
    bad('ext/0', 'ARGUMENT', b'\x80\x02', b'\x82\0.')
    bad('ext/2-of-0', 'ARGUMENT', b'\x80\x02', b'\x83\0\0.')
    bad('ext/4-negative', 'ARGUMENT', b'\x80\x02', b'\x84' + u4(-1) + b'.')
    bad('buffer/none-given', 'CALL|USAGE|TYPE|STACK|ARGUMENT', b'\x80\x05', b'\x97.')
    bad('buffer/none-given-readonly', 'CALL|USAGE|TYPE|STACK|ARGUMENT', b'\x80\x05', b'\x97\x98.')


def calls():
    encode = glob('_codecs', 'encode')
    good('encode/latin1', encode + txt('\xe9\x00') + txt('latin1') + b'\x86R.')
    good('encode/empty', encode + txt('') + txt('latin1') + b'\x86R.')
    bad('encode/beyond-255', 'CALL', encode + txt('\u0100') + txt('latin1') + b'\x86', b'R.')
    bad('encode/surrogate', 'CALL', encode + b'X\3\0\0\0\xed\xa0\x80' + txt('latin1') + b'\x86', b'R.')
    for name, codec in (('utf8', 'utf-8'), ('rot13', 'rot13'), ('zlib', 'zlib'), ('latin1-nul', 'latin1\0'),
                        ('nothing', '')):
        bad('encode/%s' % name, 'CALL', encode + txt('abc') + txt(codec) + b'\x86', b'R.')
    bad('encode/of-int', 'CALL', encode + num(5) + txt('latin1') + b'\x86', b'R.')
    bad('encode/no-arguments', 'CALL', encode + b')', b'R.')
    bad('encode/three', 'CALL', encode + txt('a') + txt('latin1') + txt('strict') + b'\x87', b'R.')
    bytes_, array, set_ = glob('__builtin__', 'bytes'), glob('builtins', 'bytearray'), glob('builtins', 'set')
    good('bytes/empty', bytes_ + b')R.')
    good('bytearray/of-bytes', array + byt(b'abc') + b'\x85R.')
    good('bytearray/empty', array + b')R.')
    good('bytearray/of-text', array + txt('abc') + txt('latin-1') + b'\x86R.')
    bad('bytearray/of-huge-int', 'CALL', array + num(2**40) + b'\x85', b'R.')
    good('bytearray/of-text-utf8', array + txt('abc') + txt('utf-8') + b'\x86R.')
    bad('bytes/of-huge-int', 'CALL', bytes_ + num(2**40) + b'\x85', b'R.')
    good('set/of-list', set_ + b'](K\1K\2e\x85R.')
    good('set/empty', set_ + b')R.')
    bad('set/of-int', 'CALL', set_ + num(1) + b'\x85', b'R.')
    bad('set/of-lists', 'CALL|TYPE', set_ + b']]a\x85', b'R.')
    complex_ = glob('builtins', 'complex')
    good('complex/of-floats', complex_ + b'G?\xf0\0\0\0\0\0\0G@\0\0\0\0\0\0\0\x86R.')
    good('complex/of-text', complex_ + txt('1+2j') + b'\x85R.')
    bad('complex/of-three', 'CALL', complex_ + b'K\1K\2K\3\x87', b'R.')


# --- NumPy ------------------------------------------------------------------------------------------------------------

MULTIARRAY = 'numpy.core.multiarray'
ARRAY, DTYPE = glob('numpy', 'ndarray'), glob('numpy', 'dtype')
RECONSTRUCT = glob(MULTIARRAY, '_reconstruct') + tup(ARRAY, tup(num(0)), byt(b'b')) + b'R'
NO, YES = b'\x89', b'\x88'


def dtype_call(code):
    return DTYPE + tup(txt(code) if isinstance(code, str) else code, NO, YES) + b'R'


def state(version=3, order='<', subarray=b'N', names=b'N', fields=b'N', size=-1, align=-1, flags=0, more=b''):
    item = lambda value: num(value) if isinstance(value, int) else txt(value) if isinstance(value, str) else value
    return tup(*[item(v) for v in (version, order, subarray, names, fields, size, align, flags)] + [more])


def dtype(code, **given):
    return dtype_call(code) + state(**given) + b'b'


def fields(*rows, order='|', flags=16, align=1, size=None, more_names=(), more_fields=b''):
    """rows: (name, dtype pickle, offset)."""
    names = tup(*[txt(r[0]) for r in rows] + [txt(n) for n in more_names])
    table = b'}(' + b''.join(txt(r[0]) + tup(r[1], num(r[2]) if isinstance(r[2],
            int) else r[2]) for r in rows) + more_fields + b'u'
    return dict(order=order, names=names, fields=table, size=size, align=align, flags=flags)


F8, F4, I4, I1 = dtype('f8'), dtype('f4'), dtype('i4'), dtype('i1', order='|')
OBJECT = dtype('O8', order='|', flags=63)
S3 = dtype('S3', order='|', size=3, align=1)
U2 = dtype('U2', size=8, align=4, flags=8)


def array(shape, kind, fortran, raw, version=1, outer=tup):
    shape = shape if isinstance(shape, bytes) else tup(*[num(n) for n in shape])
    items = [shape, kind, fortran, raw if raw[:1] in (b'C', b'B', b']', b'N', b'X', b'U', b'(', b'\x96') else byt(raw)]
    return RECONSTRUCT + outer(*([] if version is None else [num(version)]) + items)


def ndarrays():
    x16 = byt(bytes(16))

    def nd(name, status, *args, **kwargs):
        data = array(*args, **kwargs)
        if status == 'OK':
            good('ndarray/' + name, data + b'b.')
        else:
            bad('ndarray/' + name, status, data, b'b.')
    nd('plain', 'OK', (2,), F8, NO, x16)
    nd('no-version', 'OK', (2,), F8, NO, x16, version=None)
    nd('version-0', 'OK', (2,), F8, NO, x16, version=0)
    nd('version-2', 'ARRAY', (2,), F8, NO, x16, version=2)
    nd('version-minus-1', 'ARRAY', (2,), F8, NO, x16, version=-1)
    nd('version-huge', 'ARRAY', (2,), F8, NO, x16, version=2**40)
    nd('fortran-as-int', 'OK', (2,), F8, num(0), x16)
    nd('fortran-none', 'ARRAY', (2,), F8, b'N', x16)
    nd('fortran-str', 'ARRAY', (2,), F8, txt('F'), x16)
    nd('shape-list', 'ARRAY', b'](K\2e', F8, NO, x16)
    nd('shape-of-float', 'ARRAY', tup(b'G@\0\0\0\0\0\0\0'), F8, NO, x16)
    nd('shape-of-str', 'ARRAY', tup(txt('2')), F8, NO, x16)
    nd('shape-of-none', 'ARRAY', tup(b'N'), F8, NO, x16)
    nd('shape-negative', 'ARRAY', (-2,), F8, NO, x16)
    nd('shape-two-negatives', 'ARRAY', (-1, -2), F8, NO, x16)
    nd('shape-beyond-64-bits', 'ARRAY', (2**64,), F8, NO, x16)
    nd('shape-2-to-63', 'ARRAY', (2**63,), F8, NO, x16)
    nd('product-wraps-to-2', 'ARRAY', (2**62, 4, 2), F8, NO, x16)
    nd('product-wraps-to-0', 'ARRAY', (2**32, 2**32), F8, NO, byt(b''))
    nd('bytes-wrap', 'ARRAY', (2**61,), F8, NO, byt(b''))
    nd('zero-and-huge', 'ARRAY', (2**40, 2**40, 0), F8, NO, byt(b''))
    nd('zero-first-and-huge', 'ARRAY', (0, 2**40, 2**40), F8, NO, byt(b''))
    nd('zero-and-some', 'OK', (0, 5), F8, NO, byt(b''))
    nd('zero-but-bytes', 'ARRAY', (0,), F8, NO, byt(bytes(8)))
    nd('1-tib-claimed', 'ARRAY', (2**37,), F8, NO, x16)
    nd('too-few-bytes', 'ARRAY', (3,), F8, NO, x16)
    nd('too-many-bytes', 'ARRAY', (1,), F8, NO, x16)
    objects = dtype('V16', **fields(('a', OBJECT, 0), ('b', OBJECT, 8), size=16, align=8, flags=27))
    nd('structs-with-objects', 'OK', (1,), objects, NO, b'](' + tup(b'N', b'N') + b'e')
    nd('structs-of-one-object', 'ARRAY', (1,), objects, NO, b'](Ne')
    nd('structs-of-short-tuples', 'ARRAY', (1,), objects, NO, b'](' + tup(b'N') + b'e')
    bad('call/of-an-array', 'TYPE', array((2,), F8, NO, x16) + b'b)', b'R.')
    bad('call/of-a-dtype', 'TYPE', F8 + b')', b'R.')
    nd('no-dimensions', 'OK', (), F8, NO, byt(bytes(8)))
    nd('no-dimensions-no-bytes', 'ARRAY', (), F8, NO, byt(b''))
    nd('32-dimensions', 'OK', (1,) * 32, F8, NO, byt(bytes(8)))
    nd('64-dimensions', 'OK', (1,) * 64, F8, NO, byt(bytes(8)))
    nd('65-dimensions', 'LIMIT|ARRAY', (1,) * 65, F8, NO, byt(bytes(8)))
    nd('raw-none', 'ARRAY', (2,), F8, NO, b'N')
    nd('raw-bytearray', 'ARRAY', (2,), F8, NO, b'\x96' + u8(16) + bytes(16))
    nd('raw-tuple', 'ARRAY', (2,), F8, NO, tup(num(1), num(2)))
    nd('raw-list', 'ARRAY', (2,), F8, NO, b'](K\1K\2e')
    nd('raw-text', 'OK', (1,), I4, NO, txt('\xff\x01ab'))
    nd('raw-text-of-another-size', 'ARRAY', (1,), I4, NO, txt('\xff'))
    nd('raw-text-beyond-latin1', 'ARRAY|CALL', (1,), I4, NO, txt('ab\u0100d'))
    nd('raw-python2', 'OK', (2,), I4, NO, b'U\x08abcdefgh')
    nd('dtype-as-str', 'ARRAY', (2,), txt('f8'), NO, x16)
    nd('dtype-none', 'ARRAY', (2,), b'N', NO, x16)
    nd('dtype-is-class', 'ARRAY', (2,), glob('numpy', 'float64'), NO, x16)
    nd('dtype-without-state', 'OK', (2,), dtype_call('f8'), NO, x16)
    nd('swapped', 'OK', (2,), dtype('f8', order='>'), NO, x16)
    nd('bool-of-any-byte', 'OK', (3,), dtype('b1', order='|'), NO, byt(b'\0\1\7'))
    nd('objects', 'OK', (2,), OBJECT, NO, b'](K\1K\2e')
    nd('objects-fortran', 'OK', (1, 2), OBJECT, YES, b'](K\1K\2e')
    nd('objects-too-few', 'ARRAY', (3,), OBJECT, NO, b'](K\1K\2e')
    nd('objects-too-many', 'ARRAY', (1,), OBJECT, NO, b'](K\1K\2e')
    nd('objects-none', 'ARRAY', (2,), OBJECT, NO, b']')
    nd('objects-as-bytes', 'ARRAY', (2,), OBJECT, NO, x16)
    nd('objects-as-tuple', 'ARRAY', (2,), OBJECT, NO, tup(num(1), num(2)))
    nd('objects-1-tib', 'ARRAY', (2**37,), OBJECT, NO, b']')
    good('ndarray/objects-hold-themselves', RECONSTRUCT + b'q\0' + tup(num(1), tup(num(1)), OBJECT, NO, b']h\0a') +
         b'b.')
    good('ndarray/without-state', RECONSTRUCT + b'.')
    good('ndarray/the-type-alone', ARRAY + b'.')
    bad('ndarray/state-twice', 'UNSUPPORTED', array((2,), F8, NO, x16) + b'b' + tup(num(1), tup(num(2)), F8, NO, x16),
        b'b.')
    for name, items in (('3-items', (tup(num(2)), F8, x16)), ('6-items', (num(1), tup(num(2)), F8, NO, x16, b'N')),
                        ('no-items', ())):
        bad('ndarray/state-%s' % name, 'ARRAY', RECONSTRUCT + tup(*items), b'b.')
    bad('ndarray/state-none', 'ARRAY', RECONSTRUCT + b'N', b'b.')
    bad('ndarray/state-dict', 'ARRAY', RECONSTRUCT + b'}', b'b.')
    call = glob(MULTIARRAY, '_reconstruct')
    good('reconstruct/1-tib', call + tup(ARRAY, tup(num(2**40)), byt(b'b')) + b'R' +
         tup(num(1), tup(num(2)), F8, NO, x16) + b'b.')
    bad('reconstruct/1-tib-without-state', 'OK|ARRAY|CALL', None,
        call + tup(ARRAY, tup(num(2**40)), byt(b'b')) + b'R.')
    bad('reconstruct/no-arguments', 'CALL', call + b')', b'R.')
    bad('reconstruct/class-none', 'CALL|TYPE', call + tup(b'N', tup(num(0)), byt(b'b')), b'R.')
    bad('reconstruct/shape-none', 'CALL|ARRAY', call + tup(ARRAY, b'N', byt(b'b')), b'R.')
    bad('reconstruct/four', 'CALL', call + tup(ARRAY, tup(num(0)), byt(b'b'), b'N'), b'R.')
    for module in ('numpy._core.multiarray', 'numpy.core._internal', 'numpy.core._multiarray_umath'):
        good('reconstruct/%s' % module, array((2,), F8, NO, x16).replace(MULTIARRAY.encode(), module.encode()) + b'b.')
    bad('reconstruct/ndarray-called-1-tib', 'OK|CALL|ARRAY', None, ARRAY + tup(tup(num(2**40))) + b'R.')


def dtypes():
    def dt(name, status, code, raw_state=None, **given):
        data = dtype_call(code) + (raw_state if raw_state is not None else state(**given))
        if status == 'OK':
            good('dtype/' + name, data + b'b.')
        else:
            bad('dtype/' + name, status, data, b'b.')
    dt('plain', 'OK', 'f8')
    dt('without-size', 'OK', 'S3', order='|', size=3, align=1)
    for order in '<>=|':
        dt('order-%02x' % ord(order), 'OK' if order != '|' else 'OK|DTYPE', 'i4', order=order)
    for name, order in (('z', 'Z'), ('empty', ''), ('two', '<<'), ('bang', '!'), ('none', b'N'), ('int', num(60))):
        dt('order-%s' % name, 'DTYPE', 'f8', order=order)
    dt('order-bytes', 'OK', 'f8', order=byt(b'<'))
    dt('version-5', 'DTYPE', 'f8', version=5)
    dt('version-minus-1', 'DTYPE', 'f8', version=-1)
    dt('version-str', 'DTYPE', 'f8', version='3')
    dt('state-of-4', 'DTYPE', 'f8', tup(txt('<'), b'N', b'N', num(-1)))
    dt('state-of-10', 'DTYPE', 'f8', tup(num(4), txt('<'), b'N', b'N', b'N', num(-1), num(-1), num(0), b'N', b'N'))
    dt('state-of-5', 'OK', 'f8', tup(txt('<'), b'N', b'N', num(-1), num(-1)))
    dt('state-of-6', 'OK', 'f8', tup(num(1), txt('<'), b'N', b'N', num(-1), num(-1)))
    dt('state-of-7', 'OK', 'f8', tup(num(2), txt('<'), b'N', b'N', b'N', num(-1), num(-1)))
    dt('state-none', 'DTYPE', 'f8', b'N')
    dt('state-list', 'DTYPE', 'f8', b']')
    dt('state-dict', 'DTYPE', 'f8', b'}')
    dt('size-of-f8-is-4', 'DTYPE', 'f8', size=4, align=4)
    dt('size-of-s3-is-7', 'DTYPE', 'S3', order='|', size=7, align=1)
    dt('size-of-s3-is-huge', 'DTYPE', 'S3', order='|', size=2**40, align=1)
    dt('size-negative', 'DTYPE', 'S3', order='|', size=-5, align=1)
    dt('size-of-u2-is-7', 'DTYPE', 'U2', size=7, align=4, flags=8)
    dt('size-str', 'DTYPE', 'S3', order='|', size='3', align=1)
    dt('align-3', 'DTYPE', 'S3', order='|', size=3, align=3)
    dt('align-0', 'DTYPE', 'S3', order='|', size=3, align=0)
    dt('align-negative', 'DTYPE', 'S3', order='|', size=3, align=-4)
    dt('flags-object-on-f8', 'DTYPE', 'f8', flags=63)
    dt('flags-none-on-object', 'DTYPE', 'O8', order='|', flags=0)
    dt('flags-huge', 'DTYPE', 'f8', flags=2**40)
    dt('flags-str', 'DTYPE', 'f8', flags='0')
    dt('names-on-f8', 'DTYPE', 'f8', **dict(fields(('a', I4, 0), ('b', I4, 4), size=8)))
    for name, code in (('empty', ''), ('unknown-kind', 'q9'), ('f3', 'f3'), ('i0', 'i0'), ('i16', 'i16'), ('c4', 'c4'),
                       ('size-negative', 'S-1'), ('size-huge', 'S99999999999999999999'),
                       ('brackets', 'f8[2]'), ('nul', 'f8\0')):
        bad('dtype/code-%s' % name, 'DTYPE|UNSUPPORTED', DTYPE + tup(txt(code), NO, YES), b'R.')
    bad('dtype/code-zeros', 'DTYPE', DTYPE + tup(txt('S' + '0' * 64 + '5'), NO, YES), b'R.')
    bad('dtype/code-int', 'CALL|DTYPE', DTYPE + tup(num(8), NO, YES), b'R.')
    bad('dtype/code-float', 'CALL|DTYPE', DTYPE + tup(b'G' + bytes(8), NO, YES), b'R.')
    bad('dtype/five-arguments', 'CALL', DTYPE + tup(txt('f8'), NO, YES, b'}', NO), b'R.')
    good('dtype/fields-on-f8', dtype('f8', **dict(fields(('a', I4, 0), ('b', I4, 4), order='<', size=8, align=8))) + b'.')
    bad('dtype/fields-on-f8-beyond', 'DTYPE', dtype_call('f8') + state(**dict(fields(('a', I4, 0), order='<', size=9))), b'b.')
    bad('dtype/no-arguments', 'CALL', DTYPE + b')', b'R.')
    good('dtype/ints-for-bools', DTYPE + tup(txt('f8'), num(0), num(1)) + b'R.')
    good('dtype/code-bytes', DTYPE + tup(b'U\2f8', num(0), num(1)) + b'R' + state() + b'b.')
    subarrays(dt)
    times(dt)


def subarrays(dt):
    def sub(name, status, pair, size=16, code='V16'):
        dt('subarray-' + name, status, code, order='|', subarray=pair, size=size, align=8)
    sub('good', 'OK', tup(F8, tup(num(2))))
    sub('shape-int', 'OK', tup(F8, num(2)))
    sub('too-small', 'DTYPE', tup(F8, tup(num(3))))
    sub('too-large', 'DTYPE', tup(F8, tup(num(1))))
    sub('negative', 'DTYPE|ARRAY', tup(F8, tup(num(-2))))
    sub('wraps', 'DTYPE|ARRAY', tup(F8, tup(num(2**32), num(2**32), num(2))))
    sub('shape-list', 'DTYPE|ARRAY', tup(F8, b'](K\2e'))
    sub('no-dtype', 'DTYPE', tup(txt('f8'), tup(num(2))))
    sub('of-three', 'DTYPE', tup(F8, tup(num(2)), b'N'))
    sub('not-a-tuple', 'DTYPE', txt('f8'))
    dt('subarray-on-f8', 'DTYPE', 'f8', subarray=tup(I4, tup(num(2))))
    bad('dtype/subarray-of-itself', 'DTYPE', dtype_call('V8') + b'q\0' +
        state(order='|', subarray=tup(b'h\0', tup(num(1))), size=8, align=1), b'b.')


def times(dt):
    def meta(unit, *numbers):
        return b'}' + tup(unit if isinstance(unit, bytes) else byt(unit.encode()), *[num(n) for n in numbers]) + b'\x86'
    for code in ('M8', 'm8'):
        dt('time-%s' % code, 'OK', code, version=4, more=meta('s', 1, 1, 1))
    dt('time-25-us', 'OK', 'M8', version=4, more=meta('us', 25, 1, 1))
    dt('time-generic', 'OK', 'm8', version=4, more=meta('generic', 1, 1, 1))
    dt('time-unit-str', 'OK', 'M8', version=4, more=meta(txt('ns'), 1, 1, 1))
    for name, unit in (('unknown', 'zz'), ('business', 'B'), ('empty', ''), ('capital', 'S'), ('long', 's' * 40)):
        dt('time-unit-%s' % name, 'DTYPE', 'M8', version=4, more=meta(unit, 1, 1, 1))
    dt('time-unit-none', 'DTYPE', 'M8', version=4, more=meta(b'N', 1, 1, 1))
    dt('time-multiple-0', 'DTYPE', 'M8', version=4, more=meta('s', 0, 1, 1))
    dt('time-multiple-negative', 'DTYPE', 'M8', version=4, more=meta('s', -5, 1, 1))
    dt('time-multiple-huge', 'DTYPE', 'M8', version=4, more=meta('s', 2**40, 1, 1))
    dt('time-denominator-0', 'DTYPE', 'M8', version=4, more=meta('s', 1, 0, 1))
    dt('time-denominator-7', 'DTYPE', 'M8', version=4, more=meta('s', 1, 7, 1))
    dt('time-events', 'OK', 'M8', version=4, more=meta('s', 1, 1, 4))
    dt('time-of-five', 'DTYPE', 'M8', version=4, more=meta('s', 1, 1, 1, 1))
    dt('time-tuple-empty', 'DTYPE', 'M8', version=4, more=b'}' + tup() + b'\x86')
    dt('time-no-tuple', 'DTYPE', 'M8', version=4, more=b'}N\x86')
    dt('time-metadata-int', 'DTYPE', 'M8', version=4, more=num(5))
    dt('metadata-on-f8', 'OK', 'f8', version=4, more=b'}' + txt('k') + num(1) + b's')
    dt('metadata-none', 'OK', 'f8', version=4, more=b'N')
    dt('metadata-int', 'DTYPE', 'f8', version=4, more=num(5))


def structs():
    def st(name, status, size, given):
        data = dtype_call('V%d' % size) + state(**dict(given, size=given.get('size') or size))
        if status == 'OK':
            good('struct/' + name, data + b'b.')
        else:
            bad('struct/' + name, status, data, b'b.')
    a, b = ('a', I4, 0), ('b', F8, 4)
    st('good', 'OK', 12, fields(a, b))
    st('empty', 'OK', 0, dict(order='|', names=b')', fields=b'}', align=1, flags=16))
    st('padded', 'OK', 16, fields(a, ('b', F8, 8)))
    st('overlapping', 'OK', 8, fields(('a', F8, 0), ('b', I4, 4)))
    st('aligned-numpy1', 'OK', 16, fields(a, ('b', F8, 8), align=8, flags=-112))
    st('aligned-numpy2', 'OK', 16, fields(a, ('b', F8, 8), align=8, flags=144))
    st('titled', 'OK', 4, dict(order='|', names=tup(txt('a')),
                               fields=b'}(' + txt('a') + tup(I4, num(0), txt('Title')) + b'q\0' +
                               txt('Title') + b'h\0u', align=1, flags=16))
    st('of-unicode', 'OK', 8, fields(('u', U2, 0), flags=24))
    st('with-objects', 'OK', 12, fields(('o', OBJECT, 0), ('i', I4, 8), flags=27))
    st('offset-beyond', 'DTYPE', 12, fields(a, ('b', F8, 8)))
    st('offset-huge', 'DTYPE', 12, fields(a, ('b', F8, 2**62)))
    st('offset-wraps', 'DTYPE', 12, fields(a, ('b', F8, 2**63 - 4)))
    st('offset-negative', 'DTYPE', 12, fields(a, ('b', F8, -4)))
    st('offset-str', 'DTYPE', 12, fields(a, ('b', F8, txt('4'))))
    st('field-no-dtype', 'DTYPE', 12, fields(a, ('b', txt('f8'), 4)))
    st('field-missing', 'DTYPE', 12, fields(a, more_names=('b',)))
    st('field-unnamed', 'DTYPE', 12, fields(a, more_fields=txt('b') + tup(F8, num(4))))
    st('name-twice', 'DTYPE', 12, fields(a, b, more_names=('a',)))
    st('name-int', 'DTYPE', 4, dict(order='|', names=tup(num(1)), fields=b'}' + num(1) + tup(I4, num(0)) + b's',
                                    align=1, flags=16))
    st('names-list', 'DTYPE', 4, dict(order='|', names=b'](' + txt('a') + b'e',
                                      fields=b'}' + txt('a') + tup(I4, num(0)) + b's', align=1, flags=16))
    st('names-without-fields', 'DTYPE', 4, dict(order='|', names=tup(txt('a')), align=1, flags=16))
    st('fields-without-names', 'DTYPE', 4, dict(order='|', fields=b'}' + txt('a') + tup(I4, num(0)) + b's', align=1,
                                                flags=16))
    st('fields-list', 'DTYPE', 4, dict(order='|', names=tup(txt('a')), fields=b']', align=1, flags=16))
    st('field-no-tuple', 'DTYPE', 4, dict(order='|', names=tup(txt('a')), fields=b'}' + txt('a') + I4 + b's', align=1,
                                          flags=16))
    st('field-of-one', 'DTYPE', 4, dict(order='|', names=tup(txt('a')), fields=b'}' + txt('a') + tup(I4) + b's',
                                        align=1, flags=16))
    st('objects-overlap', 'DTYPE', 12, fields(('o', OBJECT, 0), ('i', I4, 4), flags=27))
    st('two-objects-overlap', 'DTYPE', 12, fields(('o', OBJECT, 0), ('p', OBJECT, 4), flags=27))
    st('objects-but-no-flag', 'DTYPE', 8, fields(('o', OBJECT, 0)))
    st('flag-but-no-objects', 'DTYPE', 4, fields(a, flags=27))
    st('size-in-state-smaller', 'DTYPE', 12, fields(a, b, size=8))
    st('subarray-and-fields', 'DTYPE', 4, dict(fields(a), subarray=tup(I4, tup(num(1)))))
    st('align-3', 'DTYPE', 12, fields(a, b, align=3))
    st('nothing-inside-an-object', 'DTYPE', 8, fields(('o', OBJECT, 0), ('z', dtype('V0', order='|', size=0, align=1), 4), flags=27))
    st('title-of-another', 'DTYPE', 8, dict(fields(a, more_names=('b',), more_fields=txt('b') + tup(I4, num(4), txt('a')))))
    through = dtype_call('V4') + state(**dict(fields(('a', b'h\0', 0)), size=4)) + b'b'
    bad('struct/itself-through-another', 'DTYPE', dtype_call('V4') + b'q\0' + state(**dict(fields(('b', through, 0)), size=4)), b'b.')
    bad('struct/itself', 'DTYPE', dtype_call('V4') + b'q\0' + state(**dict(fields(('a', b'h\0', 0)), size=4)), b'b.')
    inner = dtype_call('V4') + state(**dict(fields(a), size=4)) + b'b'
    good('struct/nested', dtype_call('V4') + state(**dict(fields(('s', inner, 0)), size=4)) + b'b.')
    for depth, status in ((60, 'OK'), (70, 'LIMIT|DTYPE')):
        deep = I4
        for _ in range(depth):
            deep = dtype_call('V4') + state(**dict(fields(('s', deep, 0)), size=4)) + b'b'
        ROWS.append(('struct/%d-deep' % depth, status, '-', deep + b'.'))
    good('struct/array', array((2,), dtype_call('V12') + state(**dict(fields(a, b), size=12)) + b'b', NO,
                               byt(bytes(24))) + b'b.')
    bad('struct/array-too-few', 'ARRAY', array((2,), dtype_call('V12') + state(**dict(fields(a, b), size=12)) + b'b',
                                                 NO, byt(bytes(23))), b'b.')


def scalars():
    scalar, from_buffer = glob(MULTIARRAY, 'scalar'), glob('numpy.core.numeric', '_frombuffer')
    good('scalar/f8', scalar + tup(F8, byt(bytes(8))) + b'R.')
    good('scalar/text', scalar + tup(U2, byt(b'a\0\0\0b\0\0\0')) + b'R.')
    good('scalar/python2', scalar + tup(F8, b'U\x08abcdefgh') + b'R.')
    for name, raw in (('short', byt(bytes(7))), ('long', byt(bytes(9))), ('empty', byt(b'')), ('none', b'N'),
                      ('int', num(5))):
        bad('scalar/%s' % name, 'CALL|ARRAY', scalar + tup(F8, raw), b'R.')
    bad('scalar/object-from-bytes', 'CALL|ARRAY', scalar + tup(OBJECT, byt(bytes(8))), b'R.')
    bad('scalar/object-without-value', 'CALL|ARRAY', scalar + tup(OBJECT), b'R.')
    bad('scalar/no-dtype', 'CALL|ARRAY', scalar + tup(txt('f8'), byt(bytes(8))), b'R.')
    bad('scalar/no-arguments', 'CALL', scalar + b')', b'R.')
    bad('scalar/three', 'CALL', scalar + tup(F8, byt(bytes(8)), b'N'), b'R.')
    buf = b'\x96' + u8(16) + bytes(16)

    def fb(name, status, *items):
        data = b'\x80\x05' + from_buffer + tup(*items)
        if status == 'OK':
            good('frombuffer/' + name, data + b'R.')
        else:
            bad('frombuffer/' + name, status, data, b'R.')
    two = tup(num(2))
    fb('c', 'OK', buf, F8, two, txt('C'))
    fb('f', 'OK', buf, I4, tup(num(2), num(2)), txt('F'))
    fb('read-only', 'OK', byt(bytes(16)), F8, two, txt('C'))
    fb('k', 'OK', buf, I1, tup(num(2), num(4), num(2)), txt('K'), tup(num(1), num(0), num(2)))
    fb('k-list', 'OK', buf, I1, tup(num(2), num(4), num(2)), txt('K'), b'](K\1K\0K\2e')
    fb('k-without-axes', 'CALL', buf, F8, two, txt('K'))
    fb('k-axis-twice', 'CALL', buf, F8, tup(num(1), num(2)), txt('K'), tup(num(0), num(0)))
    fb('k-axis-beyond', 'CALL', buf, F8, tup(num(1), num(2)), txt('K'), tup(num(0), num(2)))
    fb('k-axis-negative', 'CALL', buf, F8, tup(num(1), num(2)), txt('K'), tup(num(0), num(-1)))
    fb('k-too-few-axes', 'CALL', buf, F8, tup(num(1), num(2)), txt('K'), tup(num(0)))
    fb('order-z', 'CALL', buf, F8, two, txt('Z'))
    fb('order-none', 'CALL', buf, F8, two, b'N')
    fb('order-two', 'CALL', buf, F8, two, txt('CF'))
    fb('too-few-bytes', 'CALL|ARRAY', buf, F8, tup(num(3)), txt('C'))
    fb('too-many-bytes', 'CALL|ARRAY', buf, F8, tup(num(1)), txt('C'))
    fb('shape-minus-1', 'CALL|ARRAY', buf, F8, tup(num(-1)), txt('C'))
    fb('shape-wraps', 'CALL|ARRAY', buf, F8, tup(num(2**32), num(2**32)), txt('C'))
    fb('shape-wraps-to-2', 'CALL|ARRAY', buf, F8, tup(num(2**62), num(8)), txt('C'))
    fb('objects', 'CALL|ARRAY', buf, OBJECT, two, txt('C'))
    fb('buffer-none', 'CALL|ARRAY', b'N', F8, two, txt('C'))
    fb('dtype-str', 'OK|CALL|ARRAY', buf, txt('f8'), two, txt('C'))
    fb('no-arguments', 'CALL')
    fb('six', 'CALL', buf, F8, two, txt('C'), b'N', b'N')


def masked():
    """_mareconstruct and its state; StringDType."""
    begin = glob('numpy.ma.core', '_mareconstruct') + tup(glob('numpy.ma.core', 'MaskedArray'), glob('numpy', 'ndarray'),
                                                          tup(num(0)), txt('b')) + b'R'

    def ma(name, status, shape, kind, raw, mask, fill=b'N'):
        data = begin + tup(num(1), tup(*[num(n) for n in shape]), kind, NO, byt(raw), mask, fill)
        if status == 'OK':
            good('masked/' + name, data + b'b.')
        else:
            bad('masked/' + name, status, data, b'b.')
    pair = dtype('V3', **fields(('x', I1, 0), ('y', dtype('V2', **dict(order='|', subarray=tup(I1, tup(num(2))), size=2, align=1)), 1), size=3))
    ma('plain', 'OK', [2], I1, b'ab', byt(b'\0\1'))
    ma('text', 'OK', [2], I1, b'ab', txt('\0\x01'))
    ma('no-elements', 'OK', [0], I1, b'', byt(b''))
    ma('struct', 'OK', [2], pair, b'abcdef', byt(bytes(6)))
    ma('struct-one-bool-an-item', 'ARRAY', [2], pair, b'abcdef', byt(bytes(2)))
    ma('short', 'ARRAY', [2], I1, b'ab', byt(b'\0'))
    ma('long', 'ARRAY', [2], I1, b'ab', byt(b'\0\0\0'))
    ma('none', 'ARRAY', [2], I1, b'ab', b'N')
    ma('list', 'ARRAY', [2], I1, b'ab', b'](K\0K\1e')
    ma('text-beyond-latin1', 'CALL|ARRAY', [1], I1, b'a', txt('\u0100'))
    inside = dtype('V0', order='|', size=0, align=1)
    for _ in range(3):  # structs of no bytes, each with 2**31 - 1 of the one before
        many = dtype('V0', order='|', subarray=tup(inside, tup(num(2**31 - 1))), size=0, align=1)
        inside = dtype('V0', **fields(('x', many, 0), size=0))
    ma('more-bools-than-64-bits-count', 'ARRAY', [2], inside, b'', byt(bytes(2)))
    bad('masked/state-of-an-array', 'ARRAY', begin + tup(num(1), tup(num(1)), I1, NO, byt(b'a')), b'b.')
    bad('masked/three-arguments', 'CALL', glob('numpy.ma.core', '_mareconstruct') + tup(glob('numpy.ma.core', 'MaskedArray'), tup(num(0)), txt('b')), b'R.')
    string = glob('numpy._core._internal', '_convert_to_stringdtype_kwargs')
    good('stringdtype/coerce', string + tup(num(1)) + b'R.')
    good('stringdtype/na', string + tup(num(0), b'N') + b'R.')
    good('stringdtype/array', RECONSTRUCT + tup(num(1), tup(num(2)), string + tup(num(1)) + b'R', NO, b'](' + txt('a') + txt('b') + b'e') + b'b.')
    bad('stringdtype/bytes', 'ARRAY', RECONSTRUCT + tup(num(1), tup(num(2)), string + tup(num(1)) + b'R', NO, byt(bytes(32))), b'b.')
    bad('stringdtype/short-list', 'ARRAY', RECONSTRUCT + tup(num(1), tup(num(2)), string + tup(num(1)) + b'R', NO, b'](' + txt('a') + b'e'), b'b.')
    of_texts = RECONSTRUCT + tup(num(1), tup(num(1)), string + tup(num(1)) + b'R', NO, b'](')[:-1]
    bad('stringdtype/int-item', 'ARRAY', of_texts + num(1) + b'et', b'b.')
    bad('stringdtype/none-item', 'ARRAY', of_texts + b'Net', b'b.')
    good('stringdtype/missing-item', RECONSTRUCT + tup(num(1), tup(num(2)), string + tup(num(1), b'N') + b'R', NO, b'](' + txt('a') + b'Ne') + b'b.')
    bad('stringdtype/other-item', 'ARRAY', RECONSTRUCT + tup(num(1), tup(num(1)), string + tup(num(1), b'N') + b'R', NO, b'](' + num(1) + b'e'), b'b.')
    bad('stringdtype/none', 'CALL', string + b')', b'R.')
    bad('stringdtype/three', 'CALL', string + tup(num(1), b'N', b'N'), b'R.')
    bad('stringdtype/text', 'CALL', string + tup(txt('1')), b'R.')
    bad('stringdtype/state', 'DTYPE|TYPE', string + tup(num(1)) + b'R' + tup(num(3)), b'b.')


# --- too much ---------------------------------------------------------------------------------------------------------

def floods():
    good('flood/depth-900', b']' * 900 + b'a' * 899 + b'.')
    bad('flood/depth-5000', 'LIMIT', None, b']' * 5000 + b'a' * 4999 + b'.')
    bad('flood/depth-5000-tuples', 'LIMIT', None, b'N' + b'\x85' * 5000 + b'.')
    bad('flood/depth-5000-marks', 'LIMIT', None, b'(' * 5000 + b'l' * 5000 + b'.')
    good('flood/laughs', laughs())
    good('flood/quadratic-text', b'](' + b'X' + u4(1000) + b'x' * 1000 + b'q\0' + b'h\0' * 999 + b'e.')
    good('flood/memoize', b'N' + b'\x94' * 3000 + b'.')
    good('flood/dup', b'(' + b'N' + b'2' * 3000 + b't.')
    good('flood/same-key', b'}(' + b'K\1N' * 3000 + b'u.')
    good('flood/tuple-key-twice', b'}' + b'K\1' + b''.join(b'2\x86' for _ in range(30)) + b'Ns.')
    good('flood/dicts-of-one-list', calls_of_one_list(1 + 520))
    bad('flood/dicts-of-one-list-over', 'LIMIT', None, calls_of_one_list(1 + 521))
    good('flood/lists-of-one-tuple', calls_of_one_tuple(520))
    bad('flood/lists-of-one-tuple-over', 'LIMIT', None, calls_of_one_tuple(521))
    bad('flood/marks', 'STACK|LIMIT', None, b'(' * 3000 + b'.')
    bad('flood/stack', 'STACK|LIMIT', None, b'N' * 3000 + b'.')


def encoded_names():
    names, code = b"S'\\xc3\\xa9'\n", lambda text: b"S'" + text + b"'\n"
    head = DTYPE + tup(code(b'V4'), b'I0\n', b'I1\n') + b'R'
    good('struct/name-of-python2-in-escapes', head + tup(
        b'I3\n', code(b'|'), b'N', tup(names), b'(d' + names + tup(F4, b'I0\n') + b's', b'I4\n', b'I1\n', b'I0\n') + b'b.')
    good('array/code-in-escapes', glob('numpy.core.multiarray', '_reconstruct') + tup(
        glob('numpy', 'ndarray'), tup(b'I0\n'), code(b'\\x62')) + b'R.')


def joblib():
    wrapper = glob('joblib.numpy_pickle', 'NumpyArrayWrapper') + b')\x81'

    def of(entries, more=b''):
        return wrapper + b'}(' + b''.join(txt(k) + v for k, v in entries) + more + b'u'
    entries = [('subclass', glob('numpy', 'ndarray')), ('shape', tup(num(2))), ('order', txt('C')), ('dtype', F8)]
    good('joblib/plain', of(entries) + b'b' + bytes(16) + b'.')
    good('joblib/padded', of(entries + [('numpy_array_alignment_bytes', num(16))]) + b'b\3\xff\xff\xff' + bytes(16) + b'.')
    bad('joblib/own-key', 'TYPE', wrapper + b'q\0}(' + b''.join(txt(k) + v for k, v in entries) + b'h\0N', b'ub' + bytes(16) + b'.')
    twice = b'b' + bytes(16) + b'}(' + b''.join(txt(k) + v for k, v in entries) + b'u'
    bad('joblib/two-states', 'UNSUPPORTED', of(entries) + twice, b'b' + bytes(16) + b'.')
    bad('joblib/cut', 'TRUNCATED', of(entries), b'b' + bytes(15))
    bad('joblib/no-order', 'ARRAY', of(entries[:2] + entries[3:]), b'b' + bytes(16) + b'.')
    bad('joblib/huge', 'ARRAY', of([entries[0], ('shape', tup(num(2**62)))] + entries[2:]), b'b' + bytes(16) + b'.')
    bad('joblib/many-entries', 'ARRAY', of(entries, b''.join(num(i) + b'N' for i in range(61))), b'b' + bytes(16) + b'.')


def calls_of_one_list(count):
    """dict([...]) again and again: each takes a thousand items, which count as 129 bytes each but for the first time."""
    return glob('__builtin__', 'dict') + b'q\0](' + b')' * 1000 + b'eq\x0100(' + b'h\0h\1\x85R' * count + b't.'


def calls_of_one_tuple(count):
    """list(*items), which Python refuses, of a tuple that is shared."""
    return b'(' + b'N' * 1000 + b'tq\0' + glob('__builtin__', 'list') + b'q\x0100(' + b'h\1h\0R' * count + b't.'


def laughs():
    """Ten lists, each with ten times the one before: 10**10 items if written out."""
    out = b']q\0'
    for i in range(10):
        out += b'0](' + (b'h' + bytes([i])) * 10 + b'eq' + bytes([i + 1])
    return out + b'.'


def pyarrays():
    class_, rebuild = glob('array', 'array'), glob('array', '_array_reconstructor')

    def py2(text):
        return b'U' + bytes([len(text)]) + text

    def listed(what, status, typecode, *items):
        before = class_ + py2(typecode) + b'](' + b''.join(items) + b'e\x86'
        good('pyarray/' + what, before + b'R.') if status == 'OK' else bad('pyarray/' + what, status, before, b'R.')
    for typecode, bits in ('b', 8), ('h', 16), ('i', 32), ('l', 64), ('q', 64):
        least, most = -2**(bits - 1), 2**(bits - 1) - 1
        listed('list-%s' % typecode, 'OK', typecode.encode(), num(least), num(most), b'\x88')
        listed('list-%s-above' % typecode, 'CALL', typecode.encode(), num(most + 1))
        listed('list-%s-below' % typecode, 'CALL', typecode.encode(), num(least - 1))
    for typecode, bits in ('B', 8), ('H', 16), ('I', 32), ('L', 64), ('Q', 64):
        most = 2**bits - 1
        listed('list-unsigned-%s' % typecode, 'OK', typecode.encode(), num(0), num(most))
        listed('list-unsigned-%s-above' % typecode, 'CALL', typecode.encode(), num(most + 1))
        listed('list-unsigned-%s-below' % typecode, 'CALL', typecode.encode(), num(-1))
    one, text = b'G?\xf0\0\0\0\0\0\0', txt('ab')
    listed('list-of-floats', 'OK', b'd', one, num(5), b'\x89')
    listed('list-of-floats-huge-int', 'CALL', b'd', num(2**70))
    listed('list-float-as-int', 'CALL', b'i', one)
    listed('list-none', 'CALL', b'i', num(1), b'N')
    listed('list-text-as-int', 'CALL', b'B', txt('a'))
    listed('list-list', 'CALL', b'd', b']')
    listed('list-of-characters', 'OK', b'u', txt('a'), txt('\u20ac'), txt('\U0001f600'), b'X\3\0\0\0\xed\xa0\x80')
    listed('list-of-characters-two', 'CALL', b'u', text)
    listed('list-of-characters-none', 'CALL', b'u', txt(''))
    listed('list-of-characters-int', 'CALL', b'u', num(97))
    listed('list-of-bytes', 'OK', b'c', py2(b'a'), py2(b'\0'))
    listed('list-of-bytes-two', 'CALL', b'c', py2(b'ab'))
    listed('list-of-bytes-int', 'CALL', b'c', num(97))
    listed('list-of-bools', 'OK', b'z', b'\x88', num(0))
    listed('list-of-bools-two', 'CALL', b'z', num(2))
    good('pyarray/tuple', class_ + py2(b'i') + b'K\1\x85\x86R.')

    def call(what, status, *args):
        before = class_ + tup(*args)
        good('pyarray/' + what, before + b'R.') if status == 'OK' else bad('pyarray/' + what, status, before, b'R.')
    call('no-arguments', 'CALL')
    call('three-arguments', 'CALL', py2(b'i'), b']', b'N')
    call('only-a-typecode', 'OK', py2(b'i'))
    call('typecode-none', 'CALL', b'N', b']')
    call('typecode-empty', 'CALL', py2(b''), b']')
    call('typecode-two', 'CALL', py2(b'ii'), b']')
    call('typecode-unknown', 'CALL', py2(b'x'), b']')
    call('typecode-long', 'CALL', b"S'" + b'\\x69' * 5000 + b"'\n", b']')
    call('of-int', 'CALL', py2(b'i'), num(2**40))
    call('of-none', 'CALL', py2(b'i'), b'N')
    call('of-text', 'CALL', py2(b'i'), text)
    call('raw', 'OK', py2(b'i'), py2(b'\0\0\0\1'))
    call('raw-of-3', 'CALL', py2(b'i'), py2(b'\0\0\1'))
    call('raw-of-5', 'CALL', py2(b'd'), py2(b'12345'))
    call('raw-long-of-4', 'OK', py2(b'l'), py2(b'1234'))
    call('raw-long-of-2', 'CALL', py2(b'l'), py2(b'12'))
    call('raw-characters-odd', 'CALL', py2(b'u'), py2(b'123'))
    call('raw-characters-beyond', 'CALL', py2(b'w'), py2(b'\xff\xff\xff\xff'))

    def machine(what, status, *args):
        before = rebuild + tup(*args)
        good('pyarray/machine-' + what, before + b'R.') if status == 'OK' else bad('pyarray/machine-' + what, status, before, b'R.')
    for code, size in enumerate([1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 2, 2, 4, 4]):
        typecode = txt('B' if code < 14 else 'd' if code < 18 else 'u')
        machine('code-%d' % code, 'OK', class_, typecode, num(code), byt(bytes(2 * size)))
        if size > 1:
            machine('code-%d-odd' % code, 'CALL', class_, typecode, num(code), byt(bytes(2 * size - 1)))
    for code in (-1, 22, 255, 2**40, 2**70):
        machine('code-%d' % code, 'CALL', class_, txt('i'), num(code), byt(b''))
    machine('code-none', 'CALL', class_, txt('i'), b'N', byt(b''))
    machine('code-float', 'CALL', class_, txt('i'), one, byt(b''))
    machine('floats-as-ints', 'CALL', class_, txt('i'), num(16), byt(bytes(8)))
    machine('characters-as-ints', 'CALL', class_, txt('i'), num(20), byt(bytes(4)))
    machine('floats-as-characters', 'CALL', class_, txt('u'), num(14), byt(bytes(4)))
    machine('character-beyond', 'CALL', class_, txt('u'), num(20), byt(b'\0\0\x11\0'))
    machine('typecode-unknown', 'CALL', class_, txt('x'), num(8), byt(bytes(4)))
    machine('no-class', 'CALL', b'N', txt('i'), num(8), byt(bytes(4)))
    machine('no-bytes', 'CALL', class_, txt('i'), num(8), b']')
    machine('text-for-bytes', 'CALL', class_, txt('i'), num(8), txt('abcd'))
    machine('three-arguments', 'CALL', class_, txt('i'), num(8))
    machine('five-arguments', 'CALL', class_, txt('i'), num(8), byt(bytes(4)), b'N')
    made = class_ + py2(b'i') + b']\x86R'
    bad('pyarray/append', 'UNSUPPORTED', made + b'K\1', b'a.')
    bad('pyarray/appends', 'UNSUPPORTED', made + b'(K\1', b'e.')
    bad('pyarray/setitem', 'UNSUPPORTED', made + b'K\0K\1', b's.')
    good('pyarray/appends-nothing', made + b'(e.')
    good('pyarray/state', made + b'}b.')
    bad('pyarray/as-a-key', 'TYPE', b'}' + made + b'N', b's.')
    bad('pyarray/list-grows-later', 'UNSUPPORTED', b']q\0K\1a' + class_ + py2(b'i') + b'h\0\x86R0N', b'a.')


# What numpy.dtype() takes beside the code of a type; b'...': the pickle of something in it.
NOTATIONS = [
    ('none', None), ('comma', 'i4,f8'), ('repeated', '3i4'), ('shape-before', '(2,3)f4'), ('class-of-python', glob('builtins', 'float')),
    ('class-of-python2', glob('__builtin__', 'unicode')), ('class-of-numpy', glob('numpy', 'float32')), ('dtype', F8),
    ('subarray', ('i4', 3)), ('shape', ('i4', (2, 3))), ('shape-as-list', ('i4', [2, 3])), ('size', ('S', 5)), ('fields-on-a-type', ('i4', {'low': ('i2', 0), 'high': ('i2', 2)})),
    ('fields-as-list', ('i4', [('low', 'i2'), ('high', 'i2')])), ('fields-by-names', ('i4', {'names': ['low'], 'formats': ['i4']})), ('union', ('V8', [('a', 'i4'), ('b', 'i4')])),
    ('class-and-fields', (glob('numpy', 'record'), [('a', 'i4')])), ('two-types', ('i4', '>i4')), ('of-a-dtype', (I4, 3)),
    ('struct', [('a', 'i4'), ('b', 'f8')]), ('struct-of-nothing', []), ('struct-of-class', [('a', glob('builtins', 'int'))]), ('struct-of-dtype', [('a', I4)]),
    ('struct-title', [(('title', 'a'), 'i4')]), ('struct-title-none', [((None, 'a'), 'i4')]), ('struct-title-int', [((1, 'a'), 'i4')]), ('struct-shape', [('a', 'i4', (2,))]),
    ('struct-in-struct', [('a', [('b', 'i4')])]), ('struct-of-fields-on-a-type', [('a', ('i4', {'low': ('i4', 0)}))]),
    ('names', {'names': ['a'], 'formats': ['i4']}), ('names-in-tuples', {'names': ('a',), 'formats': ('i4',)}),
    ('names-all', {'names': ['a'], 'formats': ['i4'], 'offsets': [4], 'titles': ['A'], 'itemsize': 16, 'aligned': True}), ('names-metadata', {'names': ['a'], 'formats': ['i4'], 'metadata': {'k': 1}}),
    ('names-of-dtype', {'names': ['a'], 'formats': [I4]}), ('entries', {'a': ('i4', 0), 'b': ('f8', 8, 'title')}), ('entries-none', {})]


def spell(value):
    """The pickle of a notation."""
    if isinstance(value, bytes):
        return value
    if value is None or isinstance(value, bool):
        return {None: b'N', True: YES, False: NO}[value]
    if isinstance(value, int):
        return num(value)
    if isinstance(value, str):
        return txt(value)
    if isinstance(value, tuple):
        return tup(*map(spell, value))
    if isinstance(value, list):
        return b'](' + b''.join(map(spell, value)) + b'e'
    return b'}(' + b''.join(spell(key) + spell(item) for key, item in value.items()) + b'u'


def notations():
    """Calls of numpy.dtype() that no pickler writes, alone and in what is made of a dtype, stay calls."""
    for name, value in NOTATIONS:
        made = DTYPE + tup(spell(value)) + b'R'
        good('notation/' + name, made + b'.')
        good('notation/%s-aligned' % name, DTYPE + tup(spell(value), YES) + b'R.')
        good('notation/%s-in-an-array' % name, array((0,), made, NO, byt(b'')) + b'b.')
        good('notation/%s-in-a-field' % name, dtype_call('V64') + state(**dict(fields(('a', made, 0)), size=64)) + b'b.')
        good('notation/%s-in-a-subarray' % name, dtype_call('V64') + state(**dict(subarray=tup(made, tup(num(2))), size=64, align=1, order='|')) + b'b.')
        good('notation/%s-of-a-scalar' % name, glob(MULTIARRAY, 'scalar') + tup(made, byt(bytes(64))) + b'R.')
    for name, made in ('an-array', array((0,), b'h\0', NO, byt(b'')) + b'b'), ('a-scalar', glob(MULTIARRAY, 'scalar') + tup(b'h\0', byt(b'a')) + b'R'):
        held = b'}' + txt('held') + made + b's'
        good('notation/%s-in-its-metadata' % name, b']' + dtype_call('u1') + b'q\0' + state(version=4, order='|', more=held) + b'ba.')
    good('notation/comma-long', DTYPE + tup(txt('i4,' * 1366)) + b'R.') # from 4,096 bytes on a text is decoded later
    good('notation/metadata', DTYPE + tup(txt('f8'), NO, YES, b'}') + b'R.')


SECTIONS = [opcodes, lengths, numbers, texts, memo, protocols, frames, trailing, types, names, calls, ndarrays, dtypes, notations,
            structs, scalars, masked,
            floods, encoded_names, joblib, pyarrays]


def check():
    """NumPy's and CPython's own verdict on each row, one process for each."""
    import resource
    import subprocess
    import textwrap
    code = textwrap.dedent('''
        import pickle, sys, warnings, resource
        warnings.simplefilter('ignore')
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        allowed = ('numpy', '_codecs', 'array', 'builtins', '__builtin__')
        class Inert(object):
            def __init__(self, *a, **k): pass
            def __call__(self, *a): return self
            def append(self, x): pass
            def __setitem__(self, k, v): pass
            def __setstate__(self, s): pass
        class U(pickle.Unpickler):
            def find_class(self, m, n):
                return super().find_class(m, n) if m.split('.')[0] in allowed else Inert
            def persistent_load(self, i): return Inert()
        U(sys.stdin.buffer, encoding='latin1').load()
    ''')
    for name, status, _, data in ROWS:
        try:
            run = subprocess.run([sys.executable, '-c', code], input=data, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=20)
            said = (run.stderr.decode(errors='replace').strip().splitlines() or [''])[-1][:90]
            verdict = 'dies' if run.returncode < 0 else 'raises' if run.returncode else 'loads'
        except subprocess.TimeoutExpired:
            verdict, said = 'hangs', ''
        mark = ' ' if (status == 'OK') == (verdict == 'loads') else '*'
        print('%s %-44s %-22s %-6s %s' % (mark, name, status, verdict, said))


def main(argv):
    for section in SECTIONS:
        ROWS.append((section.__name__, None, None, None))
        section()
    rows, ROWS[:] = ROWS[:], [r for r in ROWS if r[1]]
    names = [r[0] for r in ROWS]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    if argv[1:] == ['check']:
        return check()
    print('# NAME STATUS OFFSET "BYTES", written by tests/gen/hostile.py; %d rows.' % len(names))
    for name, status, offset, data in rows:
        print('# ' + name if status is None else ' '.join([name, status, offset, golden.quote(data)]))


if __name__ == '__main__':
    main(sys.argv)
