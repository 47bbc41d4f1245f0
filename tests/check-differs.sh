#!/bin/sh
# npk_compare tells two pickles apart if they do something else, and only then: programs of opcodes are changed by chance, and what it says of each and of
# what became of it is what their traces say.
#
#   sh tests/check-differs.sh [COUNT [SEED]]
#
# COUNT programs (100; with NPICKLE_FULL=1 2000) from SEED (0) on. Ends with status 77 if there is no Python 3.8 or later.
# NPICKLE_PYTHONS: interpreters, with blanks between; the first that will do is taken.
srcdir=${srcdir:-$(dirname "$0")/..}
. "$srcdir/tests/live/with_rewrite.sh"
with_rewrite differs.py 100 2000 "$@"
