#!/bin/sh
# Reads every file of a corpus of real pickles and .npy files with npickle, and compares with what the corpus knows
# of each.
#
#   NPICKLE=build/tools/npickle sh tests/corpus.sh DIR
#
# DIR holds index.json and the files it names. Prints counts and what failed; exit status 1 if anything did, 77
# without DIR or without Python 3. What is compared stands at the head of live/corpus.py, which does the work.

directory=${1:-}
srcdir=${srcdir:-$(dirname "$0")/..}
NPICKLE=${NPICKLE:-${builddir:-build}/tools/npickle}
PYTHON=${PYTHON:-python3}

if [ -z "$directory" ] || [ ! -f "$directory/index.json" ]; then
    echo "usage: NPICKLE=TOOL sh corpus.sh DIR: there is no '${directory:-DIR}/index.json'"
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
status=0
"$PYTHON" "$srcdir/tests/live/corpus.py" "$NPICKLE" "$directory" || status=1
if "$PYTHON" -c 'import numpy' 2>/dev/null; then
    "$PYTHON" "$srcdir/tests/live/structs.py" "$NPICKLE" "$directory" || status=1
else
    echo "structured arrays: skipped, $PYTHON has no NumPy"
fi
exit $status
