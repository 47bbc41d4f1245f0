#!/bin/sh
# usage: CLANG=clang fuzz.sh SOURCE-DIRECTORY WORK-DIRECTORY SECONDS CORPUS CONFIG.H
# Builds each tests/fuzz/fuzz_*.c with the whole library under ASan and UBSan, and runs each for SECONDS from the files of CORPUS.
# A finding ends it; its input is left in WORK-DIRECTORY.
set -eu
source=$1 work=$2 seconds=$3 corpus=$4 config=$5
clang=${CLANG:-clang}

command -v "$clang" > /dev/null || { echo "fuzzing needs clang" >&2; exit 1; }
set -- "$source"/tests/fuzz/fuzz_*.c
[ -e "$1" ] || { echo "there is no tests/fuzz/fuzz_*.c" >&2; exit 1; }

mkdir -p "$work"
cp "$config" "$work/config.h"
for target in "$@"; do
    name=$(basename "$target" .c)
    echo "building $name"
    "$clang" -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
        -D_FILE_OFFSET_BITS=64 -D_POSIX_C_SOURCE=200809L -I"$work" -I"$source/include" -I"$source/lib" -I"$source/tests" \
        "$target" "$source"/lib/*/*.c -o "$work/$name"
    seeds=$work/$name.corpus
    mkdir -p "$seeds"
    options="-max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$work/$name."
    [ ! -f "$source/tests/fuzz/pickle.dict" ] || options="$options -dict=$source/tests/fuzz/pickle.dict"
    echo "running $name for $seconds s"
    # libFuzzer adds what it finds to the first directory, and leaves the second alone.
    "$work/$name" $options "$seeds" "$corpus"
done
