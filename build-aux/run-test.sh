#!/bin/sh
# usage: run-test.sh PROGRAM
# Runs a Criterion program for "make check". Criterion does not look at how the process of a test ends, so a leak that the sanitizers
# find at its end would pass: what they say counts here. A program that says nothing of its tests has failed too.
# A socket that a killed program of another user left in /tmp, under the number of a process that comes again, is nobody's fault: it is
# run again, under another number. And it says how many pickles the program wrote, in which tests/above.h found no opcode above their protocol.
output=$(mktemp) || exit 99
NPICKLE_LOOKED_AT=$(mktemp) || exit 99
export NPICKLE_LOOKED_AT
trap 'rm -f "$output" "$NPICKLE_LOOKED_AT"' EXIT
for run in 1 2 3 4; do
    "$@" > "$output" 2>&1
    status=$?
    grep -q 'Could not initialize the message server' "$output" || break
done
cat "$output"
if grep -q -e 'ERROR: [A-Za-z]*Sanitizer' -e 'runtime error:' "$output"; then
    echo "a sanitizer has found something" >&2
    status=1
fi
if ! grep -q 'Synthesis: Tested:' "$output"; then
    echo "Criterion did not sum up" >&2
    [ "$status" != 0 ] || status=1
fi
echo "$(wc -c < "$NPICKLE_LOOKED_AT") pickles looked at for opcodes above their protocol"
exit "$status"
