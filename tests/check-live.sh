#!/bin/sh
# npickle against real Pythons: the golden bytes derived anew, bytes and values both ways, what repr() says, and
# what astype makes of values.
#
#   NPICKLE=build/tools/npickle NPICKLE_PYTHONS="python3.11 python2.7 ..." sh tests/check-live.sh
#
# NPICKLE_PYTHONS: interpreters with NumPy, with blanks between; without it python3 and python2 are tried. Exit
# status 77 if none of them has NumPy. python2 and jython are tried for array.array besides. NPICKLE_TARGETS: commands, one a line, of Pythons
# in which conversions are to load, as tests/live/targets.py says. What each part does stands at the head of tests/live/*.py.

srcdir=${srcdir:-$(dirname "$0")/..}
NPICKLE=${NPICKLE:-${builddir:-build}/tools/npickle}
live=$srcdir/tests/live
library=${builddir:-build}/lib/.libs/libnpickle.so
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

ran=0
failed=0

# part PYTHON SCRIPT ARGUMENT...: counts it as failed unless it passed or was skipped
part() {
    "$@"
    status=$?
    if [ $status -ne 0 ] && [ $status -ne 77 ]; then
        failed=$((failed + 1))
        echo "FAIL: $* ended with status $status"
    fi
}

# The system's own python3 may have NumPy where another one comes first in PATH.
if [ -z "${NPICKLE_PYTHONS-}" ] && ! python3 -c 'import numpy' 2>/dev/null && [ -x /usr/bin/python3 ]; then
    pythons="/usr/bin/python3 python2"
else
    pythons=${NPICKLE_PYTHONS:-python3 python2}
fi
for python in $pythons; do
    if ! "$python" -c 'import numpy' 2>/dev/null; then
        [ -z "$NPICKLE_PYTHONS" ] || echo "$python: not there, or without NumPy"
        continue
    fi
    ran=$((ran + 1))
    part "$python" "$live/goldens.py"
    if [ ! -f "$library" ]; then
        echo "cast, notation: skipped, there is no shared library at '$library'"
    elif "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
        part "$python" "$live/cast.py" "$library"
        part "$python" "$live/notation.py" "$library"
        part "$python" "$live/load.py" "$library"
        part "$python" "$live/mldtypes.py" "$library"
    fi
    if [ -x "$NPICKLE" ]; then
        part "$python" "$live/roundtrip.py" "$NPICKLE"
        part "$python" "$live/writers.py" "$NPICKLE"
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
            part "$python" "$live/forms.py" "$NPICKLE"
            part "$python" "$live/dtypes.py" "$NPICKLE"
            part "$python" "$live/show.py" "$NPICKLE"
            part "$python" "$live/table.py" "$NPICKLE"
            part "$python" "$live/graphs.py" "$NPICKLE"
            part "$python" "$live/orders.py" "$NPICKLE"
            part "$python" "$live/reload.py" "$NPICKLE"
            part "$python" "$live/edit.py" "$NPICKLE"
            part "$python" "$live/buffers.py" "${builddir:-build}/tests/live/buffers"
            part "$python" "$live/outside.py" "$NPICKLE"
            part "$python" "$live/zodb.py" "$NPICKLE"
        fi
    else
        failed=$((failed + 1))
        echo "FAIL: there is no tool at '$NPICKLE': set NPICKLE"
    fi
done

# array.array needs no NumPy, but each of the three Pythons: what is not there is left out with a message.
for python in ${NPICKLE_PYTHONS:-python3}; do
    if [ -x "$NPICKLE" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        part "$python" "$live/pyarray.py" "$NPICKLE" $NPICKLE_PYTHONS "$python" python2 jython
        break
    fi
done

# Damaged pickles, of which each does after a conversion what it did before.
for python in ${NPICKLE_PYTHONS:-python3}; do
    if [ -x "${builddir:-build}/tests/live/rewrite" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        part "$python" "$live/damaged.py" "${builddir:-build}/tests/live/rewrite"
        break
    fi
done

# Conversions loaded in the Pythons that they are for, which takes some minutes: where NPICKLE_TARGETS names these, a command a line.
rewrite=${builddir:-build}/tests/live/rewrite
if [ -z "${NPICKLE_TARGETS-}" ]; then
    echo "targets: skipped, NPICKLE_TARGETS names no Pythons to load conversions in"
elif [ ! -x "$rewrite" ]; then
    echo "targets: skipped, there is no '$rewrite'"
else
    set --
    while IFS= read -r command; do
        [ -z "$command" ] || set -- "$@" --python "$command"
    done <<END
$NPICKLE_TARGETS
END
    for python in ${NPICKLE_PYTHONS:-python3}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            ran=$((ran + 1))
            part "$python" "$live/targets.py" "$rewrite" "$@"
            break
        fi
    done
fi

if [ $ran -eq 0 ] && [ $failed -eq 0 ]; then
    echo "skipped: no Python with NumPy found; name some in NPICKLE_PYTHONS"
    exit 77
fi
[ $failed -eq 0 ]
