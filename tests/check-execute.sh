#!/bin/sh
# What a pickle does, its conversion does: chance programs of opcodes are run by Python before and after their conversion, and all that is called logs
# what it is given.
#
#   sh tests/check-execute.sh [COUNT [SEED]]
#
# COUNT programs (200; with NPICKLE_FULL=1 1000) from SEED (0) on. Ends with status 77 if there is no Python 3.8 or later.
# NPICKLE_PYTHONS: interpreters, with blanks between; the first that will do is taken.
srcdir=${srcdir:-$(dirname "$0")/..}
rewrite=${builddir:-build}/tests/live/rewrite
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

[ $# -gt 0 ] || set -- "$([ -n "${NPICKLE_FULL-}" ] && echo 1000 || echo 200)"
for python in ${NPICKLE_PYTHONS:-python3}; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        exec "$python" "$srcdir/tests/live/execute.py" "$rewrite" "$@"
    fi
done
echo "skipped: no Python 3.8 or later found; name one in NPICKLE_PYTHONS"
exit 77
