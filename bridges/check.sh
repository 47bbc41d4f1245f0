#!/bin/sh
# usage: bridges/check.sh [FOLDER...]: the test of each folder against its real peer, a line each; those whose peer is not here say so, and below
# the line of one that passes stands what it left out (table.left_out).
#
# BRIDGES: the folder with the programs, NPICKLE: the tool. PYTHON: what runs the tests (/usr/bin/python3, which has Debian's peers).
set -u
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONPATH="$here/common${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
python=${PYTHON:-/usr/bin/python3}
passed=0 failed=0 skipped=0 left_out=0
[ $# -gt 0 ] || set -- $(cd "$here" && ls -d */ | tr -d / | grep -v '^common$')
for folder; do
    [ -f "$here/$folder/test.py" ] || continue
    start=$(date +%s)
    log=$("$python" "$here/$folder/test.py" 2>&1)
    case $? in
    0) passed=$((passed + 1)) word=PASS ;;
    77) skipped=$((skipped + 1)) word=SKIP ;;
    *) failed=$((failed + 1)) word=FAIL ;;
    esac
    [ $word != FAIL ] || printf '%s\n' "$log"
    printf '%s: %s (%s s)\n' "$word" "$(printf '%s\n' "$log" | tail -n 1)" $(($(date +%s) - start))
    [ $word = PASS ] || continue
    parts=$(printf '%s\n' "$log" | grep ': left out: ') || continue
    printf '%s\n' "$parts" | sed 's/^/  /'
    left_out=$((left_out + $(printf '%s\n' "$parts" | wc -l)))
done
[ $left_out = 0 ] || echo "bridges: parts left out: $left_out"
echo "bridges: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
