#!/bin/sh
# usage: CLANG=clang fuzz.sh SOURCE-DIRECTORY WORK-DIRECTORY SECONDS CORPUS CONFIG.H
# Builds each tests/fuzz/fuzz_*.c with the whole library under ASan and UBSan, and runs each for SECONDS from the files of CORPUS and
# the bytes in tests/data. A finding ends it; its input is left in WORK-DIRECTORY.
set -eu
source=$1 work=$2 seconds=$3 corpus=$4 config=$5
clang=${CLANG:-clang}

command -v "$clang" > /dev/null || { echo "fuzzing needs clang" >&2; exit 1; }
set -- "$source"/tests/fuzz/fuzz_*.c
[ -e "$1" ] || { echo "there is no tests/fuzz/fuzz_*.c" >&2; exit 1; }

mkdir -p "$work/seeds"
cp "$config" "$work/config.h"
if command -v python3 > /dev/null; then
    PYTHONDONTWRITEBYTECODE=1 python3 "$source/tests/fuzz/seeds.py" "$source/tests/data" "$work/seeds"
else
    echo "there is no python3 to take the pickles out of tests/data: starting from the whole files"
    cp "$source"/tests/data/*.pkl "$work/seeds"
fi
for target in "$@"; do
    name=$(basename "$target" .c)
    echo "building $name"
    "$clang" -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
        -D_FILE_OFFSET_BITS=64 -D_POSIX_C_SOURCE=200809L -I"$work" -I"$source/include" -I"$source/lib" -I"$source/tests" \
        "$target" "$source"/lib/*/*.c -o "$work/$name"
    found=$work/$name.corpus
    mkdir -p "$found"
    options="-max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$work/$name."
    [ ! -f "$source/tests/fuzz/pickle.dict" ] || options="$options -dict=$source/tests/fuzz/pickle.dict"
    echo "running $name for $seconds s"
    # libFuzzer adds what it finds to the first directory, and leaves the others alone.
    "$work/$name" $options "$found" "$work/seeds" ${corpus:+"$corpus"}
done
