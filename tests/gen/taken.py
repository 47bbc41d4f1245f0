"""Random pickles in which calls take the items of lists that grow later: tuple(l) and list(l), while l is at hand, in the
memo, in what is made of it, or made in the arguments themselves.

    make(seed)          such a pickle, which Python loads

The same seed gives the same pickle. No pickler writes most of them.
"""
import pickle
import random


class Program(object):
    def __init__(self, chance):
        self.chance = chance
        self.data = b'('
        self.numbers = 0
        self.lists, self.items = [], []  # numbers of the memo: of lists; of what may be an item of one

    def put(self, numbers):
        numbers.append(self.numbers)
        self.numbers += 1
        return b'q' + bytes([numbers[-1]])

    def get(self, numbers):
        return b'h' + bytes([self.chance.choice(numbers)])

    def item(self):
        kind = self.chance.randrange(10)
        if kind < 2 and self.items:
            return self.get(self.items)
        return b'N' if kind < 4 else b'(K\1K\2t' if kind < 5 else b'K' + bytes([self.chance.randrange(256)])

    def grown(self):
        """What adds to a list that is at hand, by one opcode."""
        if self.chance.randrange(2):
            return self.item() + b'a'
        return b'(' + b''.join(self.item() for _ in range(self.chance.randrange(1, 4))) + b'e'

    def new_list(self):
        return b']' + self.put(self.lists) + b''.join(self.item() + b'a' for _ in range(self.chance.randrange(3)))

    def step(self):
        kind = self.chance.randrange(10)
        if kind < 3 or not self.lists:
            self.data += self.new_list()
        elif kind < 6:
            name = self.chance.choice([b'tuple', b'list'])
            taken = self.new_list() if self.chance.randrange(3) == 0 else self.get(self.lists)
            self.data += b'c__builtin__\n' + name + b'\n(' + taken + b'tR'
            if self.chance.randrange(2):
                self.data += self.put(self.items if name == b'tuple' else [])
        else:
            self.data += self.get(self.lists) + self.grown()
        if self.chance.randrange(5) < 2:
            self.data += b'0'


def make(seed):
    chance = random.Random('taken %d' % seed)
    while True:
        made = Program(chance)
        for _ in range(chance.randrange(3, 12)):
            made.step()
        try:
            pickle.loads(made.data + b't.')
            return made.data + b't.'
        except (TypeError, pickle.UnpicklingError):  # nothing below a POP
            continue
