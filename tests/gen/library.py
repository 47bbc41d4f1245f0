# -*- coding: utf-8 -*-
"""Which names the standard library of each Python has: lib/globals/library.def.

usage: python3 library.py RENAME.DEF COMMAND... > library.def       each COMMAND is a CPython, RENAME.DEF is lib/globals/rename.def
       python library.py write                                     what a pickle of this Python can name in it: JSON
       python library.py load < JSON                               which of these names it has: 1, 0; 2 where its module is not built, 3 where
                                                                   that warns when it is imported

The first runs the others with each COMMAND, 2.7 or later. A name is one if any of them has it by it. Names are those of Python 3 where Python 2 has
another. What only some of them have gets a row for each run of releases that do; a release between two of them is as the later one, so that names
that 2.7 has not and the next one has are of 3.0 on. A module that warns when it is imported is there where what is in it has no other name. What none of them has on this machine, such as winreg, has no row and is in all.
"""
from __future__ import print_function

import importlib
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import types
import warnings

#: Whose modules are no library, or do something when they are imported.
LEFT_OUT = re.compile(r'(^|\.)(test|tests|idlelib|turtle\w*|antigravity|this|__main__|site-packages|idle\w*|_test\w*|xx\w*|__phello__\S*|'
                      r'lib-tk|lib-dynload|lib-old|_sysconfigdata\w*|pip|setuptools|pkg_resources|_distutils_hack|easy_install|_ctypes_test)($|\.)')
#: C modules that every release has, if it is built with an OpenSSL that it knows, which this machine's may not be.
OPTIONAL = ['_hashlib', '_ssl', 'ssl']
PY2 = sys.version_info[0] == 2
#: Of a value of these types a pickle has the value.
VALUES = (int, float, complex, bytes, type(u''), tuple, list, dict, set, frozenset, type(None), types.ModuleType, bytearray, object)
NAME = re.compile(r'[A-Za-z_]\w*(\.(\w+|<\w+>))?$')


def modules():
    names = set(sys.builtin_module_names)
    folders = [p for p in sys.path if p.endswith('python%d.%d' % sys.version_info[:2]) or p.endswith('lib-dynload')]

    def walk(folders, prefix):
        for _, name, is_package in pkgutil.iter_modules(folders):
            if LEFT_OUT.search(prefix + name):
                continue
            names.add(prefix + name)
            if is_package:
                walk([os.path.join(f, name) for f in folders], prefix + name + '.')
    walk(folders, '')
    return sorted(n for n in names if not LEFT_OUT.search(n))


def write():
    """[{module: [name]}, {"module name": ["module name"]}, ["module name"]]: what is there, by which other names, and what was seen there"""
    names, seen, own = {}, {}, set()
    for module_name in modules():
        names.setdefault(module_name, set())
        try:
            module = importlib.import_module(module_name)
        except BaseException:
            continue
        public = getattr(module, '__all__', ())
        for name, value in sorted(vars(module).items()):
            if type(value) in VALUES or (name.startswith('__') and name.endswith('__') and not callable(value)):
                continue
            home = getattr(value, '__module__', None)
            owners = seen.setdefault(id(value), (value, [], []))
            owners[1].append('%s %s' % (module_name, name))
            if callable(value) and (name in public or not module_name.startswith('_')):
                owners[2].append('%s %s' % (module_name, name))
            if home in (module_name, None) or name in public or not callable(value):
                names[module_name].add(name)
                own.add('%s %s' % (module_name, name))
            first = (getattr(value, '__qualname__', None) or getattr(value, '__name__', None) or '')
            if isinstance(home, str) and isinstance(first, str) and not LEFT_OUT.search(home):
                names.setdefault(home, set()).add(first.split('.')[0])
    for module_name in list(names):
        module = sys.modules.get(module_name)
        for name in list(names[module_name]):
            names[module_name].update('%s.%s' % (name, part) for part in forms_of(getattr(module, name, None), module_name))
    home = 'builtins' if 'builtins' in names else '__builtin__'
    for name in list(names[home]):  # methods of built-in classes are pickled, as getattr(class, name)
        value = getattr(sys.modules[home], name, None)
        if isinstance(value, type) and not issubclass(value, BaseException):
            names[home].update('%s.%s' % (name, part) for part in dir(value))
    names = {module: sorted(n for n in found if NAME.match(n)) for module, found in names.items() if module != '__main__'}
    faces = {}
    for value, all_, public in seen.values():
        for name in all_:
            module, last = name.split(' ')
            others = [o for o in public if o != name and o.split(' ')[1] == last and
                      (o.split(' ')[0] in (module.lstrip('_'), module.rpartition('.')[0]) or last in getattr(sys.modules[o.split(' ')[0]], '__all__', ()))]
            if others and module != '_ast':  # whose classes are not those that newer releases have in "ast" by their names
                faces[name] = sorted(others)
    return [names, faces, sorted(own)]


def slots_of(cls):
    """The attributes that a state can set where there is no dict."""
    return [name for base in cls.__mro__ for name, value in vars(base).items() if isinstance(value, types.MemberDescriptorType)
            and not name.startswith('__') and base.__dict__.get('__slots__')]


def fields_of(cls):
    """Of how many a named tuple is made: some say that they have more."""
    code = getattr(cls.__new__, '__code__', None)
    return code.co_argcount - 1 if code and not code.co_flags & 4 else len(getattr(cls, '_fields', ()))


def forms_of(value, module_name):
    """What is asked of a class besides its name: see HEAD."""
    if not PY2 and not isinstance(value, type) or PY2 and not isinstance(value, (type, types.ClassType)):
        return []
    if value.__module__ != module_name:
        return []
    if module_name.startswith('encodings.'):
        return ['__new__']
    parts = ['__new__', '__setstate__', '<object>', '<dict>', '<bare>'] + (slots_of(value) if isinstance(value, type) else [])
    parts += ['<is_%s>' % base.__name__ for base in getattr(value, '__mro__', ())[1:] if base in (int, str, bytes, tuple, list, dict, set, float)]
    if isinstance(value, type) and issubclass(value, tuple) and hasattr(value, '_fields'):
        parts.append('<of_%d>' % fields_of(value))
    if hasattr(value, '__members__') and issubclass(value, int):  # an enum: by its numbers
        return parts + ['<%d>' % member for member in value.__members__.values() if member >= 0]
    if re.search(r'(^|\.)_|^tkinter|^[a-z]*[Tt]k', module_name) or value.__name__.startswith('_'):
        return parts  # of private ones, and widgets, nothing bound is pickled
    return parts + methods_of(value)


def methods_of(cls):
    """Those that it has not from a built-in class."""
    bases = getattr(cls, '__mro__', (cls,))
    home = type.__module__
    inherited = set(name for base in bases if base is not cls and base.__module__ in (home, 'exceptions') for name in dir(base))
    return [name for name in dir(cls) if name not in inherited and callable(getattr(cls, name, None)) and
            (name == '__next__' or not name.startswith('_') or isinstance(vars(cls).get(name), classmethod)) and not isinstance(getattr(cls, name), type)]


def is_made_of_nothing(cls):
    """Some crash."""
    child = os.fork()
    if child == 0:
        try:
            cls.__new__(cls)
        except TypeError as error:
            os._exit(re.search('argument|expected|abstract|instantiated', str(error)) is not None)
        except BaseException:
            pass
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def has_form(cls, form):
    if form.startswith('<is_'):
        return any(base.__name__ == form[4:-1] for base in getattr(cls, '__mro__', ()))
    if form.startswith('<of_'):
        return fields_of(cls) == int(form[4:-1])
    if form[1:-1].isdigit():
        try:
            cls(int(form[1:-1]))
        except ValueError:
            return False
        return True
    if form == '<object>':
        if not isinstance(cls, type):
            return True  # its __new__ says it
        try:
            object.__new__(cls)
        except TypeError as error:
            return not re.search('not safe|not a type object|abstract class', str(error))
        return True
    if form == '<bare>':
        return is_made_of_nothing(cls)
    return not isinstance(cls, type) or hasattr(cls, '__setstate__') or cls.__dictoffset__ != 0


def has(value, name):
    """Whether it has a name, "A.B" also, that it does not warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        try:
            for part in name.split('.'):
                if part == '__new__' and not PY2 and not isinstance(value, type):
                    return False  # something else by the same name
                if part.startswith('<'):
                    return has_form(value, part) if isinstance(value, type) or PY2 else part == '<dict>'
                if PY2 and isinstance(value, type) and value.__module__ == '__builtin__' and not any(part in vars(base) for base in value.__mro__):
                    return False  # type's own
                value = getattr(value, part)
        except Exception:
            return False
    return True


def load(asked):
    """[1, 0, 2 or 3 for each name]"""
    out, known, warns = [], {}, set()
    for module, name in asked:
        if module not in known:
            try:
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter('always')
                    known[module] = importlib.import_module(module)
                if any(module in str(w.message) for w in said):  # not of what it imports
                    warns.add(module)
            except ImportError as error:
                found = re.search(r"No module named '?([\w.]+)", str(error))
                missing = found.group(1) if found else ''
                # Not that one, or a part of its name, which is how Python 2 says it: what it needs is missing.
                known[module] = 0 if missing and (module == missing or module.startswith(missing + '.') or
                                                  module.endswith('.' + missing)) else 2
            except BaseException:
                known[module] = 2
        if known[module] in (0, 2):
            out.append(2 if module in OPTIONAL else known[module])
        else:
            there = has(known[module], name)
            out.append(3 if there and module in warns else int(there))
    return out


def renamer(path):
    """As lib/globals/rename.c does it: to_older, to_newer."""
    rows = re.findall(r'RENAME\("(.*?)", "(.*?)", "(.*?)", "(.*?)", (\w+)\)', open(path).read())

    def rename(module, name, to_older):
        for m2, n2, m3, n3, ways in rows:
            if ways not in (('BOTH', 'TO2', 'MISSED') if to_older else ('BOTH', 'TO3')):
                continue
            (m, n), (to_m, to_n) = ((m3, n3), (m2, n2)) if to_older else ((m2, n2), (m3, n3))
            if m == module and n in ('', name):
                return to_m, to_n if n else name
        return module, name
    return rename


def face_of(name, faces, has, releases):
    """By which other name each release that has a name has the same object, and some that have not got it have that."""
    common = None
    for release, there in zip(releases, has[name]):
        if there:
            others = faces.get(name, {}).get(release, set())
            common = others if common is None else common & others
    rated = [(sum(h == 1 and own != 1 for h, own in zip(has[other], has[name])), other[0].lstrip('_') == name[0].lstrip('_'), -len(other[0]), other)
             for other in common or () if other in has]
    return max(rated)[3] if rated and max(rated)[0] > 0 else None


def run(command, what, given=None):
    out = subprocess.run(command + [os.path.abspath(__file__), what], input=json.dumps(given).encode(), stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True, cwd='/').stdout
    return json.loads(out.decode())


def number(release):
    return 'RELEASE(%d, %d)' % release


def rows_of(has, releases):
    """[(since, until)] of the runs of releases that have it, as the file spells them."""
    out, i = [], 0
    while i < len(has):
        if not has[i]:
            i += 1
            continue
        j = i
        while j + 1 < len(has) and has[j + 1]:
            j += 1
        since = 'NPKI_EVER' if i == 0 else 'RELEASE(3, 0)' if releases[i - 1][0] == 2 else number(releases[i])
        until = 'NPKI_EVER' if j + 1 == len(has) else number(releases[j])
        out.append((since, until))
        i = j + 1
    return out


def main(rename_def, commands):
    rename = renamer(rename_def)
    pythons = []
    for command in map(shlex.split, commands):
        release = tuple(json.loads(subprocess.check_output(command + ['-c', 'import sys; print(list(sys.version_info[:2]))']).decode()))
        pythons.append((release, command))
    pythons.sort()
    releases = [release for release, _ in pythons]
    names, faces, of_python2 = set(), {}, set()
    for release, command in pythons:
        newer = (lambda module, name: rename(module, name, False)) if release < (3, 0) else (lambda *name: name)
        found, also, own = run(command, 'write')
        mine = {newer(module, name) for module in found for name in found[module]}
        # Below protocol 3 they go by what their own Python 3 takes them for.
        mine |= {rename(module, name, False) for module in found for name in found[module] if release >= (3, 0)}
        names |= mine
        if release < (3, 0):
            of_python2 = {newer(*name.split(' ')) for name in own}
        for name in also:
            others = {newer(*other.split(' ')) for other in also[name]}
            faces.setdefault(newer(*name.split(' ')), {})[release] = others
            names.update(others)
    names = sorted(names)
    has = {name: [] for name in names}
    for release, command in pythons:
        asked = names
        if release < (3, 0):
            outer = [rename(module, name.split('.')[0], True) for module, name in names]
            asked = [(module, '.'.join([first] + name.split('.')[1:])) for (module, first), (_, name) in zip(outer, names)]
        for name, answer in zip(names, run(command, 'load', asked)):
            has[name].append(answer)
    for name in of_python2:  # Where another module of Python 2 is what Python 3 calls so, it was not asked for the right one.
        if not any(has[name]):
            has[name][0] = 1
    print(HEAD % ', '.join('%d.%d' % release for release in releases), end='')
    count = 0
    for name in names:
        for at in reversed(range(len(releases))):
            if has[name][at] == 2:  # as the next one, else as if it were there
                has[name][at] = has[name][at + 1] if at + 1 < len(releases) else 1
    for name in sorted(names, key=lambda n: ('%s %s' % n)):
        outer = (name[0], name[1].split('.')[0])
        if name == outer:
            known = [True] * len(releases)
        else:
            known = has.get(outer, has[name])  # a class that Python 3 calls otherwise has none
        other = face_of(name, faces, has, releases) if 3 in has[name] else None
        if all(h == 1 or (h == 3 and not other) for h, o in zip(has[name], known) if o) or not any(has[name]):
            continue
        other = other or face_of(name, faces, has, releases)
        if other and 1 in has[name]:
            has[name] = [h if h == 1 else 0 for h in has[name]]
        for since, until in rows_of(has[name], releases):
            if other:
                print('MOVED("%s %s", %s, %s, "%s", "%s")' % (name + (since, until) + other))
            else:
                print('LIBRARY("%s %s", %s, %s)' % (name + (since, until)))
            count += 1
    print('%d rows, %d names' % (count, len(names)), file=sys.stderr)


HEAD = """/* Names of Python's standard library that not every release has: made by tests/gen/library.py, not by hand.
 *
 * LIBRARY("module name", since, until)
 * MOVED("module name", since, until, other_module, other_name)
 *
 *   since  the first release that has it, NPKI_EVER for one before all others
 *   until  the last, NPKI_EVER for none
 *   other  by which all that have it have the same object, and some that have not got it have that
 *
 * A name that was gone for a while has a row for each time. In the order of their bytes. Names are those of Python 3 where Python 2 has another:
 * rename.def. Of classes that have the name there are rows of Class.__new__, which old-style ones of Python 2 have not; Class.<object>,
 * whether object.__new__ makes one, which copyreg._reconstructor calls; Class.__setstate__; Class.<dict>, whether it takes a dict as its
 * state; Class.<bare>, whether Class.__new__(Class) makes one; Class.<is_list>, what it is derived
 * from; Class.<of_4>, of how many fields a named tuple is; of their slots; of the numbers that an enum has, Class.<42>;
 * and of the methods of public ones. A row of has.def counts before one here. Asked: CPython %s.
 */
"""

if __name__ == '__main__':
    warnings.simplefilter('ignore')
    if sys.argv[1] in ('write', 'load'):
        out, sys.stdout = sys.stdout, open(os.devnull, 'w')
        json.dump(write() if sys.argv[1] == 'write' else load(json.loads(sys.stdin.read())), out)
        out.flush()
        os._exit(0)
    main(sys.argv[1], sys.argv[2:])
