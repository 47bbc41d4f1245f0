#!/bin/sh
# What bridges/check.sh says of tests that pass, in part or whole, that fail, and whose peer is not here. The tests are scripts of sh, in the place of Python.

bridges=$(cd "${srcdir:-$(dirname "$0")/..}/bridges" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

for folder in common whole part none bad; do
    mkdir "$folder"
done
cp "$bridges/check.sh" .
echo 'echo "whole: 5 checks, 0 failed"' >whole/test.py
printf 'echo "part: %s"\n' 'left out: one' 'a word' 'left out: two' '5 checks, 0 failed' >part/test.py
echo 'echo "none: skipped: no peer"; exit 77' >none/test.py
echo 'echo "bad: FAIL: it"; echo "bad: 1 checks, 1 failed"; exit 1' >bad/test.py

# says FOLDER...: the lines, without the seconds
says() {
    PYTHON=sh sh check.sh "$@" | sed 's/ ([0-9]* s)$//' >found
}

says whole part none
cat >wanted <<'END'
PASS: whole: 5 checks, 0 failed
PASS: part: 5 checks, 0 failed
  part: left out: one
  part: left out: two
SKIP: none: skipped: no peer
bridges: parts left out: 2
bridges: 2 passed, 0 failed, 1 skipped
END
same found wanted
says whole bad
cat >wanted <<'END'
PASS: whole: 5 checks, 0 failed
bad: FAIL: it
bad: 1 checks, 1 failed
FAIL: bad: 1 checks, 1 failed
bridges: 1 passed, 1 failed, 0 skipped
END
same found wanted
PYTHON=sh expect 1 sh check.sh
PYTHON=sh expect 0 sh check.sh whole part none

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
