#!/bin/sh
# usage: CLANG=clang fuzz.sh SOURCE-DIRECTORY WORK-DIRECTORY SECONDS CORPUS CONFIG.H
# Builds each tests/fuzz/fuzz_*.c with the whole library under ASan and UBSan, and runs each for SECONDS from the pickles and .npy
# files of tests/data and of CORPUS. A finding ends it; its input is left in WORK-DIRECTORY.
set -eu
source=$1 work=$2 seconds=$3 corpus=$4 config=$5
clang=${CLANG:-clang}

command -v "$clang" > /dev/null || { echo "fuzzing needs clang" >&2; exit 1; }
set -- "$source"/tests/fuzz/fuzz_*.c
[ -e "$1" ] || { echo "there is no tests/fuzz/fuzz_*.c" >&2; exit 1; }

mkdir -p "$work/object" "$work/seeds"
cp "$config" "$work/config.h"
if command -v python3 > /dev/null; then
    python3 "$source/tests/fuzz/seeds.py" "$source/tests/data" "$work/seeds"
fi

compile() {
    "$clang" -std=c11 -g -O1 -fsanitize=address,undefined,"$1" -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
        -D_FILE_OFFSET_BITS=64 -D_POSIX_C_SOURCE=200809L -I"$work" -I"$source/include" -I"$source/lib" -I"$source/tests" \
        "$2" "$3" "$4" "$5"
}

echo "building the library"
rm -f "$work"/object/*.o
for file in "$source"/lib/*/*.c "$source"/lib/*/*/*.c; do
    compile fuzzer-no-link -c "$file" -o "$work/object/$(echo "${file#"$source"/}" | tr / -).o"
done
"${AR:-ar}" rcs "$work/object/library.a" "$work"/object/*.o

for target in "$@"; do
    name=$(basename "$target" .c)
    compile fuzzer "$target" "$work/object/library.a" -o "$work/$name"
    found=$work/$name.corpus
    mkdir -p "$found"
    echo "running $name for $seconds s"
    # libFuzzer adds what it finds to the first directory, and leaves the others alone.
    "$work/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$work/$name." -dict="$source/tests/fuzz/pickle.dict" "$found" "$work/seeds" ${corpus:+"$corpus"}
done
