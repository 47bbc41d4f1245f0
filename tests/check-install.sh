# An installed copy, found by pkg-config, builds and runs the examples, shared and static.
set -eu
if ! command -v pkg-config > /dev/null; then
    echo "there is no pkg-config"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL

"$MAKE" -s -C "$builddir" install DESTDIR="$work/root" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

pc=$(find "$work/root" -name npickle.pc)
PKG_CONFIG_PATH=${pc%/npickle.pc}
PKG_CONFIG_SYSROOT_DIR=$work/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
flags=$(pkg-config --cflags --libs npickle)
# What configure was given (sanitizers, coverage) must be linked here too.
instrumented=$(printf '%s\n' $CFLAGS | grep -e '^-fsanitize' -e '^--coverage' | tr '\n' ' ' || true)
libraries=$(dirname "$(find "$work/root" -name 'libnpickle.la')")

build_and_run() {
    for example in 01-write 02-read; do
        $CC -std=c11 $instrumented "$srcdir/doc/examples/$example.c" -o "$work/$example" "$@"
    done
    (cd "$work" && rm -f field.pkl && LD_LIBRARY_PATH=$libraries ./01-write && LD_LIBRARY_PATH=$libraries ./02-read)
}

wanted="2 dimensions, the last element is 6.5"
build=
[ -e "$libraries/libnpickle.so" ] && build="shared"
[ -e "$libraries/libnpickle.a" ] && build="$build static"
for kind in $build; do
    case $kind in
    shared) found=$(build_and_run $flags) ;;
    static) found=$(build_and_run $(pkg-config --cflags npickle) "$libraries/libnpickle.a") ;;
    esac
    if [ "$found" != "$wanted" ]; then
        printf '%s: expected\n%s\nfound\n%s\n' "$kind" "$wanted" "$found" >&2
        exit 1
    fi
    echo "$kind: good"
done
# Where the dynamic linker does not look, the installation says what programs need.
sh "$srcdir/build-aux/ldconfig.sh" "" "$libraries" > "$work/log"
if [ -e "$libraries/libnpickle.so" ] && PATH=$PATH:/usr/sbin:/sbin command -v ldconfig > /dev/null; then
    grep -q "LD_LIBRARY_PATH=$libraries" "$work/log" || { echo "nothing is said of LD_LIBRARY_PATH" >&2; exit 1; }
fi
installed=$(find "$work/root" -path '*/bin/npickle')
[ "$(LD_LIBRARY_PATH=$libraries "$installed" --version)" = "npickle $(pkg-config --modversion npickle)" ]
