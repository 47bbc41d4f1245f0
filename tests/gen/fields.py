"""What NumPy makes of a value in a field of an array of structs that holds objects, when the pickle is loaded.

    PYTHON-WITH-NUMPY fields.py > tests/data/fields.golden

The first line is the array, of one item. Then a line is FIELD VERDICT "PICKLE OF THE VALUE": FIELD is the number of the field;
VERDICT is "same" if an array whose state has the value there is loaded with just that value, "other" if it has another, and
"raises" if it can't be loaded. The quotes are those of golden.py.
"""

import datetime
import pickle
import pickletools
import sys
import warnings
from fractions import Fraction

import golden
import numpy as np

FIELDS = [("a", "<f8", (2,)), ("n", "<i2"), ("w", "<u8"), ("f", "<f4"), ("c", "<c16"), ("s", "S3"), ("u", "<U2"), ("v", "V2"), ("b", "?"),
          ("t", "<M8[s]"), ("d", "<m8[s]"), ("i", [("x", "<f4"), ("o", "O")]), ("oo", "O", (2,)), ("g", "<f8", (2, 1)), ("o", "O")]
objects = np.empty(2, "O")
objects[:] = [None, "x"]
VALUES = [None, True, False, 0, 5, -5, 127, 32767, 32768, -32768, -32769, 2**63, 2**64 - 1, 2**64, 1.5, -2.0, 1 + 2j, b"", b"ab", b"abc", b"abcd", "", "x",
          "xy", "xyz", "\u20ac\u20ac", "5", (), (1.5, None), (1.5, "x", 2), ("x", None), (None, 1), (1.5,), [1.0, 2.0], [], {}, np.array([1.0, 2.0]),
          np.array([1.0, 2.0], ">f8"), np.array([1.0, 2.0], "f4"), np.array([1.0]), np.array([[1.0], [2.0]]), np.array([[1.0, 2.0]]), np.array(1.0),
          np.array([1.0, 2.0, 3.0]), np.array([]), np.array([1j, 2]), np.array(["1", "2"]), np.array([1, 2]), objects, np.float64(1.5), np.float32(1.5),
          np.int16(5), np.int64(5), np.bool_(True), np.complex128(1j), np.datetime64(5, "s"), np.datetime64("2020-01-01"), np.timedelta64(5, "s"),
          datetime.datetime(2020, 1, 2, 3, 4, 5), datetime.date(2020, 1, 2), datetime.timedelta(seconds=7), datetime.time(1), Fraction(1, 2)]


def is_same(array, index, value):
    dtype = array.dtype[index]
    got = array[array.dtype.names[index]][0]
    if dtype.kind == "O" or value is None:
        return got is value or got == value or (value is None and np.isnat(got))
    if isinstance(value, tuple):
        return got.item() == value
    if isinstance(value, (list, dict)):
        return False
    if dtype.subdtype is not None:
        return isinstance(value, np.ndarray) and value.shape == got.shape and value.dtype.kind == got.dtype.kind and (got == value).all()
    if np.ndim(value):
        return False
    kinds = {"M": "M", "m": "m"}.get(dtype.kind, dtype.kind)
    numbers = {"b": "b", "i": "iu", "u": "iu", "f": "iuf", "c": "iufc"}.get(dtype.kind, kinds)
    if dtype.kind in "Mm" and isinstance(value, int) and not isinstance(value, bool):
        return got.astype("i8") == value
    if dtype.kind == "V":
        return isinstance(value, bytes) and bytes(got) == value
    if dtype.kind == "S":
        return isinstance(value, bytes) and bytes(got) == value
    if isinstance(value, datetime.date):
        return dtype.kind == "M" and bool(got == np.datetime64(value))
    if isinstance(value, int) and "i" in numbers and not isinstance(value, bool):
        return bool(got == value)
    given = np.array(value)
    if given.dtype.kind == "O":
        return isinstance(value, datetime.timedelta) and got.astype(object) == value
    return given.dtype.kind in numbers and bool(got == value)


def main():
    warnings.simplefilter("ignore")
    first = np.zeros(1, FIELDS)
    version, shape, dtype, fortran, items = first.__reduce__()[2]
    print(golden.quote(pickletools.optimize(pickle.dumps(first, 4))))
    for index in range(len(FIELDS)):
        for value in VALUES:
            array = np.ndarray(0, "b")
            row = tuple(value if i == index else item for i, item in enumerate(items[0]))
            try:
                array.__setstate__((version, shape, dtype, fortran, [row]))
                verdict = "same" if is_same(array, index, value) else "other"
            except Exception:
                verdict = "raises"
            print(index, verdict, golden.quote(pickletools.optimize(pickle.dumps(value, 4))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
