# Each public header compiles alone, as C99 and as C++, without a warning.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-Wall -Wextra -pedantic -Werror -fsyntax-only -I$srcdir/include"

failed=0
for header in npickle.h $(cd "$srcdir/include" && ls npickle/*.h); do
    printf '#include <%s>\n' "$header" | tee "$work/alone.c" > "$work/alone.cc"
    $CC -std=c99 $flags "$work/alone.c" || { echo "$header is no C99" >&2; failed=1; }
    if [ "$CXX" != no ]; then
        $CXX -std=c++11 $flags "$work/alone.cc" || { echo "$header is no C++" >&2; failed=1; }
    fi
done
# Every enumerator states its value, and tests/test_abi.c has that value once more.
echo '#include <npickle.h>' > "$work/all.c"
$CC -E -P -I"$srcdir/include" "$work/all.c" | tr '\n' ' ' | grep -o 'typedef enum [a-z0-9_]* {[^}]*}' |
    sed 's/.*{//; s/}//; s/"[^"]*"//g' | tr ',' '\n' | sed 's/^ *//; s/ *$//; /^$/d' > "$work/enumerators"
if grep -v '=' "$work/enumerators"; then
    echo "these enumerators do not say what they are" >&2
    failed=1
fi
sed 's/ *=.*//' "$work/enumerators" | LC_ALL=C sort > "$work/declared"
sed -n 's/^ *PIN(\(NPK_[A-Z0-9_]*\),.*/\1/p' "$srcdir/tests/test_abi.c" | LC_ALL=C sort > "$work/pinned"
if [ ! -s "$work/declared" ] || ! diff -u "$work/declared" "$work/pinned"; then
    echo "tests/test_abi.c pins (+) other enumerators than the headers have (-)" >&2
    failed=1
fi
[ "$failed" = 0 ] || exit 1
if [ "$CXX" = no ]; then
    echo "every header is C99; there is no C++ compiler, so C++ was not tried"
    exit 77
fi
