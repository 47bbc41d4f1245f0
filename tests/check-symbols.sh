# The names that the shared library exports are those in lib/npickle.sym, and these are what the headers declare with NPK_API.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sh "$srcdir/build-aux/symbols.sh" "$srcdir/include" > "$work/declared"
if ! diff -u "$srcdir/lib/npickle.sym" "$work/declared"; then
    echo "lib/npickle.sym (-) is not what the headers declare (+): run 'make symbols'" >&2
    exit 1
fi
if grep -v '^npk_[a-z0-9_]*$' "$work/declared"; then
    echo "these names do not begin with npk_" >&2
    exit 1
fi
# tests/test_null.c calls each of them.
sed -n 's/^ROW(\(npk_[a-z0-9_]*\)).*/\1/p' "$srcdir/tests/test_null.c" | LC_ALL=C sort > "$work/rows"
if ! diff -u "$work/declared" "$work/rows"; then
    echo "tests/test_null.c has no row (-) of these functions, or one (+) of what there is not" >&2
    exit 1
fi
if [ "$SHARED" != yes ]; then
    echo "there is no shared library to look into"
    exit 77
fi
$NM -D --defined-only "$builddir/lib/.libs/libnpickle.so" | awk '$2 != "A" {print $3}' > "$work/versioned"
sed 's/@.*//' "$work/versioned" | LC_ALL=C sort > "$work/exported"
# Names of the instrumentation are none of ours.
grep -v -e '^__' -e '^_init$' -e '^_fini$' "$work/exported" > "$work/ours" || true
if ! diff -u "$srcdir/lib/npickle.sym" "$work/ours"; then
    echo "the shared library does not export (+) what lib/npickle.sym lists (-)" >&2
    exit 1
fi
# Each has the version with it, as far as this nm shows versions.
if [ "$SYMBOL_VERSION" != none ] && grep -q '^npk_.*@' "$work/versioned" &&
    grep '^npk_' "$work/versioned" | grep -v "@@$SYMBOL_VERSION\$"; then
    echo "these names have not the version $SYMBOL_VERSION" >&2
    exit 1
fi
if [ "$SYMBOL_VERSION" != none ] && command -v readelf > /dev/null &&
    ! readelf --dyn-syms -W "$builddir/lib/.libs/libnpickle.so" | grep -q " npk_version@@$SYMBOL_VERSION\$"; then
    echo "readelf shows npk_version without the version $SYMBOL_VERSION" >&2
    exit 1
fi
echo "$(wc -l < "$work/ours") names, version $SYMBOL_VERSION"
