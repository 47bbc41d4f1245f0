#!/bin/sh
# usage: VALGRIND=valgrind valgrind.sh PROGRAM...
# Runs Criterion programs under memcheck: an error or a leak in any test fails.
set -eu
valgrind=${VALGRIND:-valgrind}
command -v "$valgrind" > /dev/null || { echo "valgrind is missing" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Criterion runs each test in a process of its own, and does not look at how that ends: so what memcheck wrote tells.
failed=0
for program in "$@"; do
    echo "memcheck $program"
    "$valgrind" -q --trace-children=yes --leak-check=full --show-leak-kinds=definite,indirect \
        --log-file="$work/%p" "$program" --jobs 1 --timeout 600 || failed=1
    for log in "$work"/*; do
        if [ -s "$log" ]; then
            cat "$log" >&2
            failed=1
        fi
    done
    rm -f "$work"/*
done
exit "$failed"
