#!/bin/sh
# What bridges/check.sh says of tests that pass, in part or whole, that fail, and whose peer is not here: the tests are scripts of sh, in the place of Python. And that
# doc/bridges.md has the figures of the folders' pages.

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

# The ratios in doc/bridges.md are those of the folders' pages: folder, row, size, ratio.
for page in "$bridges"/*/README.md; do
    folder=${page%/README.md}
    awk -F' *[|] *' -v folder="${folder##*/}" '
        /^[|] [|] size/ { more = /HMAC/ ? ", HMAC" : "" }
        NF == 8 && $6 ~ /^[0-9]/ { print folder, $2 more, $3, $6 }' "$page"
done >folders
awk -F' *[|] *' '
    NF == 8 && $4 ~ /^[0-9.]+$/ {
        split("64 B,8 KiB,1 MiB,64 MiB", sizes, ",")
        if (sub(/ *[(]16 MiB[)]/, "", $7)) sizes[4] = "16 MiB"
        for (i = 1; i <= 4; i++) print $2, $3, sizes[i], $(3 + i)
    }' "$bridges/../doc/bridges.md" >table
grep -v -x -F -f folders table >others
: >nothing
same others nothing 'doc/bridges.md beside bridges/*/README.md'
cat others
expect 0 [ "$(wc -l <table)" -ge 100 ]

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
