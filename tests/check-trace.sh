#!/bin/sh
# What a pickle does, its conversion does, at every protocol and back; and no opcode is above its protocol. The pickles are random ones,
# of objects with a history and of opcodes put together by chance; those of cloudpickle and dill where Python has them; and files.
#
#   sh tests/check-trace.sh [COUNT [SEED]] [FILE or DIRECTORY...]
#
# COUNT random pickles (200; with NPICKLE_FULL=1 2000) from SEED (0) on. Ends with status 77 if there is no Python 3.8 or later.
# NPICKLE_PYTHONS: interpreters, with blanks between; the first that will do is taken. The trace is that of tests/live/trace.py.
srcdir=${srcdir:-$(dirname "$0")/..}
. "$srcdir/tests/live/with_rewrite.sh"
with_rewrite traces.py 200 2000 "$@"
