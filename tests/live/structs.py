"""Structured arrays of real files: every field as Python reads it.

usage: PYTHON structs.py TOOL DIRECTORY        (PYTHON 3 with NumPy; DIRECTORY holds index.json and the files it names)

Each pickle, and each pickle inside a .npy file, is loaded with classes that only keep what they are given in place of all that are not
NumPy's. The structured arrays in it must be those that TOOL extracts: as many, with the same fields, shapes and values. Prints the
counts; exit status 1 if anything differs.
"""
import collections
import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
import zipfile

import numpy as np


class Anything:
    """An object of a class that need not be there."""

    def __new__(cls, *args, **keywords):
        self = object.__new__(cls)
        self.__dict__['held'] = [args, keywords]
        return self

    def __init__(self, *args, **keywords):
        pass

    def keep(self, *values):
        self.__dict__.setdefault('held', []).extend(values)

    __setstate__ = append = __setitem__ = keep

    def extend(self, items):
        self.keep(*items)

    def __call__(self, *args, **keywords):
        return type(self)(*args, **keywords)


class AnyArray(np.ndarray):
    """An array of a class that need not be there; pandas gives it (the state of the array, its own)."""

    def __setstate__(self, state):
        super().__setstate__(state[0] if len(state) == 2 else state)


def reconstruct(subtype, shape, code):
    known = isinstance(subtype, type) and issubclass(subtype, np.ndarray)
    return np.ndarray.__new__(subtype if known else AnyArray, shape, code)


class Loader(pickle.Unpickler):
    def find_class(self, module, name):
        if name == '_reconstruct':
            return reconstruct
        if module.split('.')[0] in ('numpy', '_codecs', 'builtins', '__builtin__', 'collections', 'copy_reg', 'copyreg'):
            try:
                return super().find_class(module, name)
            except (ImportError, AttributeError):
                pass
        return type(name, (Anything,), {})

    def persistent_load(self, which):
        return Anything(which)


def structured(root):
    """The structured arrays in a graph, each once."""
    found, todo, seen = [], [root], {}
    while todo:
        value = todo.pop()
        if id(value) in seen or isinstance(value, (str, bytes, int, float, complex, bool, type(None))):
            continue
        seen[id(value)] = value
        if isinstance(value, np.ndarray):
            if value.dtype.names is not None:
                found.append(value)
            if value.dtype.hasobject and value.dtype.names is None:
                todo.extend(value.ravel().tolist())
        elif isinstance(value, dict):
            todo.extend(value)
            todo.extend(value.values())
        elif isinstance(value, (list, tuple, set, frozenset)):
            todo.extend(value)
        elif isinstance(value, Anything):
            todo.extend(value.__dict__.get('held', []))
    return found


def fields(array, dtype=None, prefix=''):
    """(name, type, bytes) of every plain field, by name."""
    out = []
    for name in array.dtype.names:
        field = array[name]
        if field.dtype.names is not None:
            out += fields(field, prefix=prefix + name + '.')
        else:
            data = field.tolist() if field.dtype.hasobject else np.ascontiguousarray(field).tobytes()
            out.append((prefix + name, field.dtype.str, field.shape, repr(data) if field.dtype.hasobject else data))
    return tuple(out)


def load(data, kind):
    """What is in a pickle, or in a .npy file."""
    if kind == 'pickle':
        return Loader(io.BytesIO(data), encoding='latin1').load()
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    dtype = read(file)[2]
    if dtype.hasobject:
        return Loader(file, encoding='latin1').load()
    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)


def members(path, kind):
    """(kind, bytes) of what a file is, or of what a .npz file holds."""
    if kind == 'npz':
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield 'npy', archive.read(name)
    elif kind in ('pickle', 'npy'):
        with open(path, 'rb') as file:
            yield kind, file.read()


def extracted(tool, path, work):
    out = os.path.join(work, 'arrays')
    run = subprocess.run([tool, 'extract', path, '-d', out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    arrays = []
    for name in sorted(os.listdir(out)) if run.returncode == 0 else []:
        if name.endswith('.npy'):
            array = np.load(os.path.join(out, name), allow_pickle=True, encoding='latin1')
            if array.dtype.names is not None:
                arrays.append(array)
    return arrays


def main(tool, directory):
    with open(os.path.join(directory, 'index.json')) as file:
        index = json.load(file)
    counts, wrong = collections.Counter(), 0
    for entry in index:
        for kind, data in members(os.path.join(directory, entry['file']), entry['kind']):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter('ignore')
                    ours = structured(load(data, kind))
            except Exception:  # what Python can't load here, the other tests look at
                counts['files that Python does not load without their classes'] += 1
                continue
            if not ours:
                continue
            with tempfile.TemporaryDirectory(prefix='npickle-structs-') as work:
                name = os.path.join(work, 'file.' + kind)
                with open(name, 'wb') as file:
                    file.write(data)
                theirs = extracted(tool, name, work)
            expected = collections.Counter(fields(array) for array in ours)
            found = collections.Counter(fields(array) for array in theirs)
            counts['files with structured arrays'] += 1
            counts['structured arrays'] += len(ours)
            counts['fields'] += sum(len(fields(array)) for array in ours)
            if expected != found:
                wrong += 1
                print('FAIL: %s: %d of %d arrays are not the same' % (entry['file'], sum((expected - found).values()), len(ours)))
    for what, count in sorted(counts.items()):
        print('%6d %s' % (count, what))
    print('%d files differ' % wrong)
    return int(wrong > 0 or counts['structured arrays'] == 0)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
