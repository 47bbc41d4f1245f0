#!/usr/bin/env python3
"""Writes the values that NumPy makes of edge values of every numeric type: cast.py > ../data/cast.inc

Needs NumPy 1.26 on x86-64. A value is written as its bytes in hex, least significant first; of a long double
the ten that count. '-' stands for a result that NumPy does not give every time: there its loop over many
elements and its loop over one differ.
"""
import sys
import warnings

import numpy

TYPES = [
    'b1', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'f16', 'c8', 'c16',
    'c32', 'M8[s]', 'm8[s]',
]
INTS = [
    0, 1, -1, 2, 100, 127, 128, -128, -129, 255, 256, 2049, 2051, 32767, 32768, -32768, 65519,
    65520, 65535, 65536, 2**24 + 1, 2**24 + 3, 2**31 - 1, 2**31, -2**31, 2**32 - 1, 2**32, 2**53 +
    1, 2**53 + 3, 2**62 + 1, 2**63 - 513, 2**63 - 1, -2**63, 2**63, 2**63 + 1024, 2**63 + 1025,
    2**64 - 1025, 2**64 - 1024, 2**64 - 1,
]
REALS = [
    '0', '-0.0', '1', '-1', '0.5', '-0.5', '1.5', '-1.99', '127.99', '128', '-128.5', '-129',
    '255.5', '256', '300', '-300', '32767.5', '-32769', '65503.9', '65504', '65519.999', '65520',
    '70000', '-70000', '2147483647.5', '2147483648', '-2147483649', '3e9', '-3e9', '5e9', '9.2e18',
    '9223372036854775808', '-9223372036854775808', '1e19', '-1e19', '18446744073709551615',
    '18446744073709551616', '2e19', 'inf', '-inf', 'nan', '1.00048828125', '1.0004882812501',
    '1.00146484375', '1.0000000596046448', '1.00000005960464484', '5.960464477539063e-08',
    '2.9802322387695312e-08', '2.98023223876954e-08', '8.940696716308594e-08',
    '6.1005353927612305e-05', '6.103515625e-05', '1.401298464324817e-45', '7.006492321624085e-46',
    '7.1e-46', '1.1754943508222875e-38', '1.1754942e-38', '3.4028234663852886e+38',
    '3.4028235677973366e+38', '3.5e38', '4.9406564584124654e-324', '2.4703282292062328e-324',
    '2.2250738585072014e-308', '2.225073858507201e-308', '1.7976931348623157e308',
    '1.7976931348623158079e308', '1e309', '3.6451995318824746025e-4951',
    '1.18973149535723176502e+4932', '0.1', '1.0000000000000001110223', '-123.456',
]


def values(code):
    kind = code[0]
    if kind == 'b':
        return numpy.array([False, True])
    if kind in 'iu':
        info = numpy.iinfo(code)
        return numpy.array([x for x in INTS if info.min <= x <= info.max], code)
    if kind in 'Mm':
        return numpy.array([x for x in INTS if -2**63 <= x < 2**63], 'i8').view(code)
    wide = numpy.array([numpy.longdouble(x) for x in REALS])
    if kind == 'f':
        narrow = wide.astype(code)
        if code == 'f16':
            return narrow
        return narrow[[i for i, x in enumerate(narrow) if x.tobytes() not in narrow[:i].tobytes()]]
    half = numpy.dtype('f%d' % (numpy.dtype(code).itemsize // 2))
    result = numpy.zeros(len(wide), code)
    result.real = wide.astype(half)
    result.imag = wide[::-1].astype(half)
    result[1] = complex(0, 1)
    result[2] = complex(0, float('nan'))
    return result


def bare(item):
    """The bytes of one element, without those behind a long double."""
    data = item.tobytes()
    if item.dtype.char in 'gG':
        return b''.join(data[i:i + 10] for i in range(0, len(data), 16))
    return data


def cast(array, code):
    result = []
    for i in range(len(array)):
        one = array[i:i + 1].copy().astype(code)
        many = numpy.repeat(array[i:i + 1], 67).astype(code)
        same = all(bare(many[j:j + 1]) == bare(one) for j in range(67))
        result.append(bare(one).hex() if same else '-')
    return result


def string(words):
    lines, line = [], ''
    for word in words:
        if len(line) + len(word) > 108:
            lines.append(line)
            line = ''
        line += word + ' '
    return '\n'.join('    "%s"' % line for line in lines + [line])


def main():
    warnings.simplefilter('ignore')
    numpy.seterr(all='ignore')
    print('/* Made by tests/gen/cast.py with NumPy %s. */' % numpy.__version__)
    for code in TYPES:
        array = values(code)
        print('VALUES("%s",\n%s)' % (code, string(bare(array[i:i + 1]).hex() for i in range(len(array)))))
        for other in TYPES:
            if other != code and not (code[0] in 'Mm' and other[0] in 'Mm'):
                print('CAST("%s", "%s",\n%s)' % (code, other, string(cast(array, other))))


if __name__ == '__main__':
    main()
