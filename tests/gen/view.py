#!/usr/bin/env python3
"""Writes what NumPy makes of views of views: view.py > ../data/view.inc

VIEW(base, steps, shape, values): `base` is np.arange(24, dtype='<i2') as (2, 3, 4) in the order 'C' or 'F', or every
other element of 48 from behind ('S'); each of `steps` is made of what the one before left:

  s axis start stop step   slice; '-' for what is left out
  i axis index             index
  t axis...                transpose; without axes .T
  b length...              broadcast_to
  r length...              reshape
  n axis, q axis           newaxis, squeeze

Shape '!': the last step fails in NumPy; '+': there NumPy's reshape copies.
"""
import random

import numpy

ENDS = ['-', 0, 1, 2, 3, 5, -1, -2, -7]


def base_of(kind):
    if kind == 'S':
        return numpy.arange(48, dtype='<i2')[::-2].reshape(2, 3, 4)
    return numpy.array(numpy.arange(24, dtype='<i2').reshape(2, 3, 4), order=kind)


def divisors(rng, count):
    shape = []
    while count > 1 and len(shape) < 4:
        length = rng.choice([n for n in range(1, count + 1) if count % n == 0])
        shape.append(length)
        count //= length
    return shape + [count] if count > 1 or not shape else shape


def propose(rng, array):
    axis = rng.randrange(max(array.ndim, 1) + (rng.random() < 0.05))
    what = rng.choice('sssiittbrrnq')
    if what == 's':
        return [what, axis, rng.choice(ENDS), rng.choice(ENDS), rng.choice(['-', 1, 2, 3, -1, -2])]
    if what == 'i':
        length = array.shape[axis] if axis < array.ndim else 1
        return [what, axis, rng.randrange(length + (rng.random() < 0.1)) if length else 0]
    if what == 't':
        axes = list(range(array.ndim))
        rng.shuffle(axes)
        return [what] + (axes if rng.random() < 0.7 else [])
    if what == 'b':
        front = [rng.choice([1, 2])] * rng.randrange(2)
        return [what] + front + [2 if n == 1 else n for n in array.shape][rng.random() < 0.05:]
    if what == 'r':
        shape = divisors(rng, array.size) if array.size else rng.choice([[0], [2, 0], [0, 3]])
        if rng.random() < 0.3:
            shape[rng.randrange(len(shape))] = -1
        return [what] + shape + [1] * (rng.random() < 0.2) + [2] * (rng.random() < 0.05)
    return [what, axis + (what == 'n' and rng.random() < 0.3)]


def apply(array, step):
    what, numbers = step[0], step[1:]
    if what in 'si':
        index = [slice(None)] * array.ndim
        index[numbers[0]] = numbers[1] if what == 'i' else slice(*[None if x == '-' else x for x in numbers[1:]])
        return array[tuple(index)]
    if what == 't':
        return array.transpose(numbers) if numbers else array.T
    if what == 'b':
        return numpy.broadcast_to(array, numbers)
    if what == 'r':
        return array.reshape(numbers)
    if what == 'n':
        return numpy.expand_dims(array, numbers[0])
    return array.squeeze(numbers[0])


def main():
    rng = random.Random(7)
    print('/* Made by tests/gen/view.py with NumPy %s. */' % numpy.__version__)
    rows = set()
    while len(rows) < 300:
        kind = rng.choice('CCFS')
        array, steps, shape = base_of(kind), [], None
        for _ in range(rng.randrange(1, 5)):
            step = propose(rng, array)
            steps.append(step)
            try:
                view = apply(array, step)
            except (IndexError, ValueError):
                shape = '!'
                break
            if step[0] == 'r' and view.size and not numpy.shares_memory(view, array):
                shape = '+'
                break
            array = view
        if array.size > 30:
            continue
        text = '; '.join(' '.join(str(x) for x in step) for step in steps)
        values = '' if shape else ' '.join(str(x) for x in array.flatten())
        shape = shape or ' '.join(str(n) for n in array.shape)
        row = 'VIEW("%s", "%s", "%s", "%s")' % (kind, text, shape, values)
        if row not in rows:
            rows.add(row)
            print(row)


if __name__ == '__main__':
    main()
