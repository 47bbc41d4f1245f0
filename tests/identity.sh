#!/bin/sh
# Runs "npickle check" over real pickles, and over what Python and NumPy wrote, and tells how many come back the same to the byte.
#
#   NPICKLE=build/tools/npickle sh tests/identity.sh CORPUS [GOLDEN]
#
# CORPUS holds index.json and the files it names, of which those of kind "pickle" are checked. GOLDEN holds python/py_*.txt (lines of
# name, protocol, hex) and numpy/ (one pickle a file). Prints the counts, and each difference with its reason. Exit status 1 if
# anything of GOLDEN differs, or a file of CORPUS that info reads can't be checked; 77 without CORPUS or without Python 3.
# What is compared stands at the head of live/identity.py, which does the work.

directory=${1:-}
srcdir=${srcdir:-$(dirname "$0")/..}
NPICKLE=${NPICKLE:-${builddir:-build}/tools/npickle}
PYTHON=${PYTHON:-python3}

if [ -z "$directory" ] || [ ! -f "$directory/index.json" ]; then
    echo "usage: NPICKLE=TOOL sh identity.sh CORPUS [GOLDEN]: there is no '${directory:-CORPUS}/index.json'"
    exit 77
fi
if ! command -v "$PYTHON" >/dev/null 2>&1; then
    echo "skipped: there is no $PYTHON"
    exit 77
fi
if [ ! -x "$NPICKLE" ]; then
    echo "there is no tool at '$NPICKLE': set NPICKLE"
    exit 1
fi
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec "$PYTHON" "$srcdir/tests/live/identity.py" "$NPICKLE" "$directory" ${2:+"$2"}
