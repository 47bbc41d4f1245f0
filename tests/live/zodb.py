"""ZODB's records and exports through npickle's tool: each record is two pickles by one Pickler.

usage: PYTHON zodb.py NPICKLE        (PYTHON with ZODB and NumPy; exit status 77 without)

A database with BTrees, persistent objects that refer to each other, and arrays: "npickle check" must find every pickle of its records and of
its export identical, and a record that was written again at another protocol must load as it did. Exit status 1 if anything differs.
"""
import datetime
import io
import os
import pickle
import subprocess
import sys
import tempfile

try:
    import BTrees.IOBTree
    import BTrees.OOBTree
    import numpy as np
    import persistent
    import persistent.list
    import persistent.mapping
    import transaction
    import ZODB
    import ZODB.FileStorage
except ImportError as error:
    print('skipped: %s' % error)
    sys.exit(77)


class Account(persistent.Persistent):
    def __init__(self, name):
        self.name, self.log, self.data = name, [(0, name)], np.arange(4.0)


def fill(root):
    root['accounts'] = BTrees.OOBTree.OOBTree()
    for i in range(200):
        account = Account('n%d' % i)
        account.friend = root['accounts'].get('n%d' % (i - 1))
        root['accounts']['n%d' % i] = account
    root['ints'] = BTrees.IOBTree.IOBTree({i: str(i) for i in range(100)})
    root['when'], root['array'] = datetime.datetime(2020, 1, 1), np.zeros((3, 4))
    root['mapping'] = persistent.mapping.PersistentMapping({'a': [1]})
    root['list'] = persistent.list.PersistentList([root['mapping'], root['mapping']])


class Unpickler(pickle.Unpickler):
    def persistent_load(self, what):
        return ('persistent', repr(what))


def load(data):
    """Both pickles, as text: what they share stands in both."""
    unpickler = Unpickler(io.BytesIO(data))
    return repr((unpickler.load(), unpickler.load()))


def call(*words):
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8')
    return run.returncode, run.stdout


def main(npickle):
    records, wrong, conversions = [], 0, 0
    with tempfile.TemporaryDirectory(prefix='npickle-zodb-') as work:
        path = os.path.join(work, 'export.zexp')
        database = ZODB.DB(ZODB.FileStorage.FileStorage(os.path.join(work, 'data.fs')))
        connection = database.open()
        fill(connection.root())
        transaction.commit()
        with open(path, 'wb') as file:
            connection.exportFile(connection.root()._p_oid, file)
        for change in database.storage.iterator():
            records += [record.data for record in change]
        database.close()
        status, text = call(npickle, 'check', path)
        wrong += status != 0
        exported = text.count(': identical')
        print(text if status != 0 else 'export: %d pickles identical' % exported)
        for i, data in enumerate(records):
            path, other = os.path.join(work, 'record.pkl'), os.path.join(work, 'other.pkl')
            with open(path, 'wb') as file:
                file.write(data)
            status, text = call(npickle, 'check', '--keep-memo', path)
            problem = '' if status == 0 and text.count(': identical') == 2 else text
            for protocol in (1, 2, 4, 5) if i % 10 == 0 else (4,):
                status, text = call(npickle, 'convert', '--keep-memo', '-p', str(protocol), '--py2-str=bytes',
                                    '--dialect=numpy2' if int(np.__version__.split('.')[0]) >= 2 else '--dialect=default', path, other)
                conversions += 1
                if status != 0:
                    problem += text
                else:
                    with open(other, 'rb') as file:
                        problem += '' if load(file.read()) == load(data) else 'protocol %d: another value' % protocol
            if problem:
                wrong += 1
                print('FAIL: record %d: %s' % (i, problem))
    print('%d records, %d conversions, %d wrong' % (len(records), conversions, wrong))
    return wrong > 0 or len(records) < 200 or exported < 400


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
