#!/bin/sh
# The library on other machines: with 32 bits (gcc -m32), with the most significant byte first (s390x under qemu), and with the loops for
# NEON (aarch64 under qemu). Not run by "make check".
#
#   NPICKLE_PYTHONS="python3 ..." NPICKLE_MACHINES="m32 s390x aarch64" sh tests/machines.sh [DIRECTORY...]
#
# For this machine and each of those, library, tool and tests are built anew, and the tests run. Then live/machines.py takes a struct with a member of
# every type from C to each Python and back; and the tool must say the same on every machine about the pickles of tests/data
# and about the files of the DIRECTORIES: show, info and check. A machine whose compiler or emulator is not there is
# left out, and said so. Exit status 1 if anything failed, 77 if there was nothing but this machine.

srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd -P) || exit 99
work=$(mktemp -d "${TMPDIR:-/tmp}/npickle-machines.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
python=${PYTHON:-python3}
failed=0
machines=0

# The pickles: short names, so that messages are the same whatever the directory.
mkdir "$work/files"
"$python" "$srcdir/tests/fuzz/seeds.py" "$srcdir/tests/data" "$work/files" || exit 1
# dtypes that name no byte order, which is then the reader's own
for file in 437cb178194c78bfebe7d50f9774313f608146ab 7f0273ae21691469a6faf01aa9fb136515ee0e0a \
    8e90ea81d5b967654696e205f37821d1a9caf4a7 b56bcff1c1e8fc064194ab5b0b57173fd2a19375; do
    rm "$work/files/$file" || exit 1
done
n=0
for directory in "$@"; do
    n=$((n + 1))
    find "$directory" -type f -size -64k | LC_ALL=C sort | while IFS= read -r file; do
        cp "$file" "$work/files/$n-$(basename "$file")"
    done
done

version=$(sed -n 's/^AC_INIT(\[npickle\], \[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac")

# build NAME COMPILER FLAG...: NAME/npickle, NAME/machine, and each test as NAME/test_*
build() {
    name=$1
    shift
    mkdir -p "$work/$name/objects" && echo "#define PACKAGE_VERSION \"$version\"" > "$work/$name/config.h" || exit 1
    flags="-O1 -D_FILE_OFFSET_BITS=64 -I$work/$name -I$srcdir/include -I$srcdir/lib"
    for file in "$srcdir"/lib/*/*.c "$srcdir"/lib/*/*/*.c "$srcdir"/tools/*.c; do
        "$@" -std=c11 -D_POSIX_C_SOURCE=200809L $flags -Wall -Wextra -Werror -c "$file" \
            -o "$work/$name/objects/$(echo "${file#"$srcdir"/}" | tr / -).o" || return 1
    done
    "$@" "$work/$name"/objects/*.o -o "$work/$name/npickle" || return 1
    rm "$work/$name/objects/tools-npickle.c.o"
    # The tests come with a Criterion of their own: live/criterion.
    for file in "$srcdir"/tests/live/machine.c "$srcdir"/tests/test_*.c; do
        "$@" -std=gnu11 $flags -I"$srcdir/tools" -I"$srcdir/tests" -I"$srcdir/tests/live" -include "$srcdir/tests/above.h" "$file" "$work/$name"/objects/*.o \
            -o "$work/$name/$(basename "$file" .c)" || return 1
    done
}

# run_tests NAME RUNNER...
run_tests() {
    name=$1
    shift
    for program in "$work/$name"/test_*; do
        NPICKLE_TEST_DATA=$srcdir/tests/data timeout 1800 "$@" "$program" > "$work/out" 2>&1 && continue
        failed=$((failed + 1))
        echo "FAIL: $name: $(basename "$program")"
        tail -n 20 "$work/out"
    done
    echo "$name: $(ls "$work/$name"/test_* | wc -l) test programs"
}

# say NAME RUNNER...: NAME/said, what the tool says about every file
say() {
    name=$1
    shift
    (
        cd "$work/files" || exit 1
        for file in *; do
            echo "== show $file"
            timeout 60 "$@" "$work/$name/npickle" show "$file" 2>&1
            echo "= $?"
        done
        for command in info check; do
            echo "== $command"
            printf '%s\n' * | xargs sh -c 'timeout 600 "$@" 2>&1; echo "= $?"' sh "$@" "$work/$name/npickle" "$command"
        done
    ) > "$work/$name/said"
}

# try NAME RUNNER...
try() {
    name=$1
    shift
    machines=$((machines + 1))
    for python in ${NPICKLE_PYTHONS:-$python}; do
        "$python" -c 'import numpy, sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || { echo "$python: no NumPy"; continue; }
        echo "$name, $python:"
        "$python" -W ignore "$srcdir/tests/live/machines.py" "$@" "$work/$name/machine" || failed=$((failed + 1))
    done
    run_tests "$name" "$@"
    say "$name" "$@"
    if grep -a -B 1 '^= [1-9][0-9]' "$work/$name/said"; then # neither one of ours (0 to 5) nor in time
        failed=$((failed + 1))
        echo "FAIL: $name: the tool died, or took forever"
    fi
    if [ "$name" != here ] && ! diff -a "$work/here/said" "$work/$name/said" > "$work/difference"; then
        failed=$((failed + 1))
        echo "FAIL: $name: the tool says other things than here ($(grep -c '^[<>]' "$work/difference") lines):"
        sed 20q "$work/difference"
    fi
}

# machine NAME RUNNER... -- COMPILER FLAG...: built and tried, where it was asked for and a program can be built and run
machine() {
    name=$1
    runner=
    shift
    case " ${NPICKLE_MACHINES:-$name} " in
    *" $name "*) ;;
    *) return 0 ;;
    esac
    while [ "$1" != -- ]; do runner="$runner $1"; shift; done
    shift
    printf '#include <errno.h>\nint main(void) { return errno; }\n' > "$work/one.c"
    if "$@" "$work/one.c" -o "$work/one" 2>/dev/null && $runner "$work/one"; then
        build "$name" "$@" && try "$name" $runner || failed=$((failed + 1))
    else
        echo "left out: $*$runner"
    fi
}

build here "${CC:-cc}" && try here || failed=$((failed + 1))

# Debian's gcc without gcc-multilib does not find the kernel's headers, which are the same for 32 bits.
machine m32 -- gcc -m32 -idirafter "/usr/include/$(gcc -print-multiarch 2>/dev/null)"
machine s390x qemu-s390x-static -- s390x-linux-gnu-gcc -static
machine aarch64 qemu-aarch64-static -- aarch64-linux-gnu-gcc -static
echo "$(ls "$work/files" | wc -l) pickles, $machines machines, $failed failed"
[ $failed -eq 0 ] || exit 1
[ $machines -gt 1 ] || exit 77
