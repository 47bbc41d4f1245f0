"""usage: demo.py load FILE | save FILE
load: loads what the C program "demo" wrote, and compares it with what NumPy makes of the same numbers.
save: writes numbers that were not there before, and their sum, for the C program to read."""
import pickle
import sys

import numpy

EXPECTED = {
    "field": numpy.array([[0.5, 1.5, 2.5], [10.5, 11.5, 12.5]], dtype="<f4"),
    "image": numpy.array([[0, 32, 64, 96], [32, 64, 96, 128], [64, 96, 128, 255]], dtype="u1"),
    "matrix": numpy.array([[1, 2, 3], [4, 5, 6]], dtype="<f8", order="F"),
    "sensor": {
        "name": "thermometer \N{DEGREE SIGN}C",
        "samples": numpy.array([-300, -1, 0, 32767], dtype="<i2"),
    },
}


def compare(name, found, wanted):
    assert type(found) is type(wanted), name
    if isinstance(wanted, dict):
        assert list(found) == list(wanted), name
        for key in wanted:
            compare(f"{name}[{key!r}]", found[key], wanted[key])
    elif isinstance(wanted, numpy.ndarray):
        assert found.dtype == wanted.dtype, name
        assert found.shape == wanted.shape, name
        assert found.flags.f_contiguous == wanted.flags.f_contiguous, name
        assert numpy.array_equal(found, wanted), name
    else:
        assert found == wanted, name


def load(path):
    with open(path, "rb") as file:
        loaded = pickle.load(file)
    compare("demo", loaded, EXPECTED)
    for name in ["field", "image", "matrix"]:
        print(f"{name}: {loaded[name].dtype} {loaded[name].shape}, the sum is {loaded[name].sum():g}")
    print(f"NumPy {numpy.__version__} has loaded it: every name, type, shape, order and value agrees")


def save(path):
    numbers = numpy.random.default_rng().integers(-4000, 4000, (3, 4)) / 8
    # Neither this machine's order of bytes nor C's order of elements.
    numbers = numpy.asfortranarray(numbers.astype(">f4"))
    with open(path, "wb") as file:
        pickle.dump({"numbers": numbers, "sum": float(numbers.sum())}, file)
    print(numbers)


{"load": load, "save": save}[sys.argv[1]](sys.argv[2])
