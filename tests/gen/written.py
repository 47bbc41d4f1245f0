# -*- coding: utf-8 -*-
"""By which of its names each Python and NumPy pickles a class or a function: lib/globals/written.def.

usage: python3 written.py PYTHON... -- NUMPY... > written.def       each a command that starts a CPython, those behind -- with a NumPy each
       python written.py python, python written.py numpy            {"module name": ["module name" by which a pickle has it]}: JSON

The first runs the others with each command. A name has rows if some release pickles what has it by that name, and another one, which has it too, by
another one. A release that has it not is as the later one; where none is later, as the one before. What several commands start counts as one release:
NumPy 1.16 has other names in Python 2. Names are those of Python 3, as its Unpickler takes those of Python 2, which are also those of Python 3 below
protocol 3.
"""
from __future__ import print_function

import collections
import importlib
import json
import os
import pickle
import pickletools
import pkgutil
import re
import shlex
import subprocess
import sys
import warnings

import library

#: Modules of NumPy that are no part of it once it is installed, or do something when they are imported.
LEFT_OUT = re.compile(r'(^|\.)(tests|distutils|f2py|testing|setup|conftest|_pyinstaller|generate\w*|code_generators|typing)($|\.)')
NAMES = ('SHORT_BINUNICODE', 'BINUNICODE')
AROUND = NAMES + ('PROTO', 'FRAME', 'MEMOIZE', 'STACK_GLOBAL', 'STOP', 'GLOBAL', 'BINPUT')


def modules_of_numpy():
    def walk(module):
        yield module.__name__
        for _, name, is_package in pkgutil.iter_modules(getattr(module, '__path__', ())):
            name = '%s.%s' % (module.__name__, name)
            if LEFT_OUT.search(name):
                continue
            try:
                inner = importlib.import_module(name)
            except BaseException:
                continue
            for found in walk(inner) if is_package else [name]:
                yield found
    return sorted(set(walk(importlib.import_module('numpy'))) |
                  set(name for name, module in sys.modules.items() if name.startswith('numpy.') and module and not LEFT_OUT.search(name)))


def pickled_as(value, protocol):
    """None: by more than a name."""
    try:
        ops = [(op.name, arg) for op, arg, _ in pickletools.genops(pickle.dumps(value, protocol))]
    except BaseException:
        return None
    names = [arg for op, arg in ops if op in NAMES] or [part for op, arg in ops if op == 'GLOBAL' for part in arg.split(' ')]
    return ' '.join(names) if len(names) == 2 and all(op in AROUND for op, _ in ops) else None


def write(project):
    out = {}
    for module_name in modules_of_numpy() if project == 'numpy' else library.modules():
        try:
            module = importlib.import_module(module_name)
        except BaseException:
            continue
        for name in dir(module):
            try:
                value = getattr(module, name)
            except BaseException:
                continue
            spelled = [pickled_as(value, protocol) for protocol in (2, min(4, pickle.HIGHEST_PROTOCOL))] if callable(value) else [None]
            if None not in spelled:
                out['%s %s' % (module_name, name)] = [newer(spelled[0]), spelled[1]]
    return out


def newer(name):
    if library.PY2:
        return name  # the first process does it
    import _compat_pickle
    module, name = name.split(' ')
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return ' '.join(_compat_pickle.NAME_MAPPING[module, name])
    return '%s %s' % (_compat_pickle.IMPORT_MAPPING.get(module, module), name)


def ask(project, command):
    """(release, names that it has, names that it writes)"""
    command = shlex.split(command)
    of = 'list(sys.version_info[:2])' if project == 'python' else '[int(part) for part in numpy.__version__.split(".")[:2]]'
    release = json.loads(subprocess.check_output(command + ['-c', 'import sys%s; print(%s)' % (', numpy' * (project == 'numpy'), of)]).decode())
    found = json.loads(subprocess.check_output(command + [os.path.abspath(__file__), project], stderr=subprocess.DEVNULL, cwd='/').decode())
    spell = newer if project == 'python' and release[0] == 2 else str
    return tuple(release), {spell(name) for name in found}, {spell(name) for names in found.values() for name in names}


def runs_of(states):
    """[(first, last)] of those that are True, where None is as the next one that is not."""
    for i in reversed(range(len(states) - 1)):
        states[i] = states[i + 1] if states[i] is None else states[i]
    for i in range(1, len(states)):
        states[i] = states[i - 1] if states[i] is None else states[i]
    begins = [i for i, state in enumerate(states) if state and (i == 0 or not states[i - 1])]
    ends = [i for i, state in enumerate(states) if state and (i + 1 == len(states) or not states[i + 1])]
    return list(zip(begins, ends))


def rows(project, commands):
    has, writes = collections.defaultdict(set), collections.defaultdict(set)
    for command in commands:
        release, has_now, writes_now = ask(project, command)
        has[release] |= has_now
        writes[release] |= writes_now
    releases = sorted(has)

    def number(at, is_first):
        if at == (0 if is_first else len(releases) - 1):
            return 'NPKI_EVER'
        after2 = is_first and project == 'python' and releases[at - 1][0] == 2
        return 'RELEASE(%d, %d)' % ((3, 0) if after2 else releases[at])
    found = []
    for name in sorted(set().union(*writes.values())):
        if project == 'numpy' and not re.match(r'numpy[. ]', name):
            continue
        states = [True if name in writes[release] else False if name in has[release] else None for release in releases]
        if False in states:
            found += ['%s("%s", %s, %s)' % (project.upper(), name, number(first, True), number(last, False)) for first, last in runs_of(states)]
    return releases, found


def main(arguments):
    at = arguments.index('--')
    pythons, of_library = rows('python', arguments[:at])
    numpys, of_numpy = rows('numpy', arguments[at + 1:])
    print(HEAD % tuple(', '.join('%d.%d' % release for release in releases) for releases in (pythons, numpys)), end='')
    for project, found in ('PYTHON', of_library), ('NUMPY', of_numpy):
        print('\n'.join(['#ifdef %s' % project] + found + ['#endif']))
    print('%d rows, %d rows' % (len(of_library), len(of_numpy)), file=sys.stderr)


HEAD = """/* Names that are not the one by which every release that has them pickles what has them: made by tests/gen/written.py, not by hand.
 *
 * PYTHON("module name", since, until)
 * NUMPY(the same)
 *
 *   since  the first release that writes it, NPKI_EVER for one before all others
 *   until  the last, NPKI_EVER for none
 *
 * A name that was not written for a while has a row for each time; all releases of names that have no row write them, if they have them. In the order
 * of their bytes. Names are those of Python 3 where Python 2 has another. Asked: CPython %s;
 * NumPy %s.
 */
"""

if __name__ == '__main__':
    warnings.simplefilter('ignore')
    if sys.argv[1:] in (['python'], ['numpy']):
        out, sys.stdout = sys.stdout, open(os.devnull, 'w')
        json.dump(write(sys.argv[1]), out)
        out.flush()
        os._exit(0)
    main(sys.argv[1:])
