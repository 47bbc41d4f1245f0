"""Which classes and functions NumPy pickles by name, and which of them a release has: what the rows of NumPy in lib/globals/has.def
are made of.

usage: python names.py write > names.json          the names that this release gives what it pickles by name
       python names.py load < names.json           1 for each name that it loads, a text for one that it warns of, 0 else

Works on Python 2.7 and 3. "write" is run by each release, "load" by each on all of their names together.
"""
from __future__ import print_function

import importlib
import json
import pickle
import pickletools
import pkgutil
import sys
import types
import warnings

import numpy

LEFT_OUT = ('.tests', 'f2py', 'distutils', 'setup', 'testing', 'conftest', 'typing', 'array_api', 'compat', '_pyinstaller', 'generate')


def modules():
    for _, name, _ in pkgutil.walk_packages(numpy.__path__, 'numpy.'):
        old = name.startswith('numpy.core') and numpy.__version__[0] == '2'
        if not old and not any(part in name for part in LEFT_OUT):
            yield name


def name_of(value):
    """'module name' of what is pickled by name alone, else None"""
    try:
        ops = [(op.name, argument) for op, argument, _ in pickletools.genops(pickle.dumps(value, 2))]
    except Exception:
        return None
    names = [argument for op, argument in ops if op == 'GLOBAL']
    return names[0] if len(names) == 1 and len(ops) <= 4 and names[0].startswith('numpy') else None


def write():
    found = set()
    for name in ['numpy'] + list(modules()):
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        for value in list(vars(module).values()):
            if callable(value) and hasattr(value, '__name__') and not isinstance(value, types.ModuleType):
                found.add(name_of(value))
    return sorted(found - {None})


def load(name):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            pickle.loads(('c%s\n%s\n.' % tuple(name.split(' '))).encode('ascii'))
        return 1
    except Warning as warning:
        return str(warning)
    except BaseException:
        return 0


warnings.simplefilter('ignore')
if sys.argv[1] == 'write':
    json.dump(write(), sys.stdout)
else:
    json.dump({name: load(name) for name in json.load(sys.stdin)}, sys.stdout)
