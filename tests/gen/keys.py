"""Which values are one key of a dict, as Python's own dicts have it.

usage: (python3 keys.py python3; python2.7 keys.py python2) > tests/data/keys.golden

A line is NAME COUNT "BYTES" ROW...: the pickle is (values, dicts of one key), the key of the dict
at i being equal to the value at i; row j has in bit i of a hexadecimal number whether the value i is a key of the dict j, after the
pickle was loaded (a NaN is itself alone, so what counts is which of them is one object).
"""
import pickle
import random
import sys
import warnings

import golden

warnings.simplefilter('ignore')  # Python 2 compares 'e-acute' with u'e-acute' with a word
PYTHON2 = sys.version_info[0] == 2
NAN, INF = float('nan'), float('inf')


def values():
    out = [None, False, True, 0, 0.0, -0.0, 0j, complex(0, -0.0), complex(-0.0, 0), 1, 1.0, 1 + 0j, complex(1, -0.0), 1j, 1 + 1j, -1, -1.0, 0.5,
           complex(0.5, 0), complex(-0.0, 2), complex(0.0, 2), 127, 128.0, -128, -128.0, -129, 255.0, 255, 2**31, float(-2**31), 2**53, 2**53 + 1, float(2**53),
           2**63 - 1, 2**63, float(2**63), -2**63, float(-2**63), -2**63 - 1, complex(2**63, 0), 2**64, 10**22, 1e22, 10**23, 1e23, int(1e23),
           2**1000, 2.0**1000, complex(-2.0**1000), -2**1000, sys.float_info.max, int(sys.float_info.max), 5e-324, -sys.float_info.min,
           INF, -INF, complex(INF, 0), NAN, complex(NAN, 0), complex(0, NAN), complex(1, INF), 2**1024]
    chance = random.Random(9)
    for _ in range(8):
        real = chance.choice((1, -1)) * chance.getrandbits(53) * 2.0**chance.randrange(0, 120)
        out += [real, int(real), int(real) + 1]
    texts = [u'', u'a', u'\xe9', u'\u20ac', u'a\n', u'k' * 70]
    return out + texts + [text.encode('utf8') for text in texts] + [text.encode('latin1') for text in texts[1:3]]


def main():
    found = values()
    for protocol in range(0, pickle.HIGHEST_PROTOCOL + 1, 2):
        data = pickle.dumps((found, [{value: 0} for value in found]), protocol)
        loaded, dicts = pickle.loads(data)
        rows = [sum((value in dicts[j]) << i for i, value in enumerate(loaded)) for j in range(len(dicts))]
        print('%s-%d %d %s %s' % (sys.argv[1], protocol, len(found), golden.quote(bytearray(data)), ' '.join('%x' % row for row in rows)))


main()
