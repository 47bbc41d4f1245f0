#!/bin/sh
# usage: coverage.sh SOURCE-DIRECTORY WORK-DIRECTORY
# Configures a build of its own with --enable-coverage, runs the tests, and prints which part of the lines and branches of each
# file of lib/ they ran. The lines themselves: WORK-DIRECTORY/*.gcov.
set -eu
source=$(cd "$1" && pwd -P) work=$2

mkdir -p "$work"
cd "$work"
[ -f config.status ] || "$source/configure" --quiet --disable-shared --enable-coverage CC=gcc
find . -name '*.gcda' -exec rm -f {} +
rm -f ./*.gcov
make --no-print-directory -k -j"$(nproc 2> /dev/null || echo 2)" check || echo "some tests have failed; the figures are those of what ran" >&2

objects=$(find lib -name 'libnpickle_core_la-*.gcda' | LC_ALL=C sort)
[ -n "$objects" ] || { echo "the tests left no counts" >&2; exit 1; }
# Two files of one name in two folders do not meet: -p spells the folder in the name of the .gcov file.
gcov -b -c -p -r -s "$source" $objects > gcov.out
awk -v prefix="$source/" '
    /^File / { name = $2; gsub("\x27", "", name); sub(prefix, "", name) }
    /^Lines executed:/ { split($0, part, /[:% ]+/); lines = part[3]; of = part[5] }
    /^No branches/ && name ~ /^lib\/.*\.c$/ { row(0, 0) }
    /^Taken at least once:/ && name ~ /^lib\/.*\.c$/ { split($0, part, /[:% ]+/); row(part[5], part[7]) }
    function row(taken, branches) {
        printf "%-32s lines %6.2f %% of %5d   branches %6.2f %% of %5d\n", name, lines, of, taken, branches
        all_lines += of; run_lines += of * lines / 100; all_branches += branches; run_branches += branches * taken / 100
        name = ""
    }
    END {
        if (all_lines == 0 || all_branches == 0) exit 1
        printf "%-32s lines %6.2f %% of %5d   branches %6.2f %% of %5d\n", "all of lib/", 100 * run_lines / all_lines,
               all_lines, 100 * run_branches / all_branches, all_branches
    }' gcov.out
