#!/bin/sh
# What a pickle does, its conversion does: chance programs of opcodes are run by Python before and after their conversion, and all that is called logs
# what it is given.
#
#   sh tests/check-execute.sh [COUNT [SEED]]
#
# COUNT programs (200; with NPICKLE_FULL=1 1000) from SEED (0) on. Ends with status 77 if there is no Python 3.8 or later.
# NPICKLE_PYTHONS: interpreters, with blanks between; the first that will do is taken.
srcdir=${srcdir:-$(dirname "$0")/..}
. "$srcdir/tests/live/with_rewrite.sh"
with_rewrite execute.py 200 1000 "$@"
