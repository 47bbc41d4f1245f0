#!/bin/sh
# usage: VALGRIND=valgrind valgrind.sh PROGRAM...
# Runs Criterion programs under memcheck: an error, a leak or a descriptor left open in any test fails.
set -eu
valgrind=${VALGRIND:-valgrind}
command -v "$valgrind" > /dev/null || { echo "valgrind is missing" >&2; exit 1; }

failed=0
for program in "$@"; do
    echo "memcheck $program"
    # Criterion runs each test in a process of its own: those are what is watched. --jobs 1: one at a time.
    "$valgrind" -q --trace-children=yes --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --error-exitcode=99 "$program" --jobs 1 --timeout 600 || failed=1
done
exit "$failed"
