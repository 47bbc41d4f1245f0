#!/bin/sh
# usage: symbols.sh INCLUDE-DIRECTORY
# Prints the names that the public headers declare with NPK_API, one a line, sorted.
set -eu
cat "$1"/npickle.h "$1"/npickle/*.h | tr '\n' ' ' | awk '{
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, " ")          # comments
    count = split($0, statements, ";")
    for (i = 1; i <= count; i++) {
        text = statements[i]
        if (!match(text, /NPK_API[ *]/) || text ~ /#define NPK_API *$/)
            continue
        text = substr(text, RSTART)
        if (match(text, /npk_[a-z0-9_]+ *\(/)) {
            name = substr(text, RSTART, RLENGTH)
            sub(/ *\($/, "", name)
            print name
        }
    }
}' | LC_ALL=C sort -u
