# A program that was built against the recorded interface, tests/abi/npickle.abi, runs with this library: abidiff finds
# nothing that breaks it. HACKING, "Releasing", says when it is recorded anew.
set -eu
skip() {
    echo "$1"
    exit 77
}
[ "$SHARED" = yes ] || skip "there is no shared library to look at"
command -v abidiff > /dev/null || skip "there is no abidiff (Debian: abigail-tools)"
library=$builddir/lib/.libs/libnpickle.so
case $(uname -sm) in
"Linux x86_64") ;;
*) skip "the record is that of Linux on x86-64" ;;
esac
[ "$(head -c 5 "$library" | tail -c 1)" = "$(printf '\002')" ] || skip "the record is that of a library of 64 bits"
readelf -S -W "$library" | grep -q ' \.debug_info ' || skip "the library was built without -g"
case $CFLAGS in
*-fsanitize*) skip "not with sanitizers" ;;
esac

if grep -n -e "path='/" -e "path='\.\." -e "comp-dir-path" "$srcdir/tests/abi/npickle.abi"; then
    echo "the record has paths of the machine that made it" >&2
    exit 1
fi
if ! sh "$srcdir/build-aux/abi.sh" compare "$srcdir/tests/abi/npickle.abi" - "$library" "$srcdir/include"; then
    echo "programs that were built before would break. If that is meant (before a release, or a new soname): make abi" >&2
    exit 1
fi
echo "$(grep -c '<function-decl' "$srcdir/tests/abi/npickle.abi") recorded functions"
