#!/bin/sh
# npk_compare finds dicts and sets equal whatever the order of their items, but not where a call among them saw something else: programs of opcodes get the
# items of their dicts and sets in other orders, and what it says of each and of what became of it is what their calls saw.
#
#   sh tests/check-permuted.sh [COUNT [SEED]]
#
# COUNT programs (300; with NPICKLE_FULL=1 10000) from SEED (0) on. Ends with status 77 if there is no Python 3.8 or later.
# NPICKLE_PYTHONS: interpreters, with blanks between; the first that will do is taken.
srcdir=${srcdir:-$(dirname "$0")/..}
. "$srcdir/tests/live/with_rewrite.sh"
with_rewrite permuted.py 300 10000 "$@"
