"""Reads the pickles of one file and writes them to another, one after another.

    jython files.py IN.pkl OUT.pkl [PROTOCOL [pickle or cPickle]]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy_stubs


def main(source, target, protocol='2', name='pickle'):
    module = __import__(name)
    with open(source, 'rb') as questions, open(target, 'wb') as answers:
        while True:
            try:
                value = module.load(questions)
            except EOFError:
                return
            module.dump(value, answers, int(protocol))


if __name__ == '__main__':
    main(*sys.argv[1:])
