#!/bin/sh
# usage: run-test.sh PROGRAM
# Runs a Criterion program for "make check". Criterion does not look at how the process of a test ends, so a leak that the sanitizers
# find at its end would pass: what they say counts here. A program that says nothing of its tests has failed too.
output=$(mktemp) || exit 99
trap 'rm -f "$output"' EXIT
"$@" > "$output" 2>&1
status=$?
cat "$output"
if grep -q -e 'ERROR: [A-Za-z]*Sanitizer' -e 'runtime error:' "$output"; then
    echo "a sanitizer has found something" >&2
    status=1
fi
if ! grep -q 'Synthesis: Tested:' "$output"; then
    echo "Criterion did not sum up" >&2
    [ "$status" != 0 ] || status=1
fi
exit "$status"
