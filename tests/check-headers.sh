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
[ "$failed" = 0 ] || exit 1
if [ "$CXX" = no ]; then
    echo "every header is C99; there is no C++ compiler, so C++ was not tried"
    exit 77
fi
