# The tool is a client like any other: its files include <npickle.h> and one another, its objects need no name of the library but
# those in lib/npickle.sym, and it links with the shared library. (check-floors.sh looks for circles.)
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# includes DIRECTORY: says which #include "..." are not of files in it
includes() {
    for file in "$1"/*.[ch]; do
        sed -n 's/^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*\("[^"]*"\).*/\1/p; s/.*include[[:blank:]]*<\(npickle\/[^>]*\)>.*/<\1>/p' "$file" |
            while read -r name; do
                plain=${name#?}
                case $name in
                '<'*) [ -e "$srcdir/include/${plain%?}" ] || echo "$file includes $name" ;;
                *) [ -e "$1/${plain%?}" ] || echo "$file includes $name" ;;
                esac
            done
    done
}

# strangers OBJECT...: says which names of the library they need that are not in npickle.sym
strangers() {
    for object in "$@"; do
        $NM -u "$object" | awk -v file="${object##*/}" '$NF ~ /^npk/ { print $NF, file }'
    done | LC_ALL=C sort -u >"$work/needed"
    LC_ALL=C join -v 1 "$work/needed" "$srcdir/lib/npickle.sym" | sed 's/^\([^ ]*\) \(.*\)/\2 needs \1, which is not in lib\/npickle.sym/'
}

# none: good if nothing was found
none() {
    if [ -s "$work/found" ]; then
        cat "$work/found" >&2
        failed=1
    fi
}

# --- the tool -------------------------------------------------------------------------------------------------------------

includes "$srcdir/tools" >"$work/found"
none
if grep -n -w 'npki_[a-z0-9_]*' "$srcdir"/tools/*.[ch] >&2; then
    echo "npki_ is for names of the library" >&2
    failed=1
fi

# Those of the files that there are now: a build folder keeps others. Libtool puts the ones for a shared library into .libs.
cd "$builddir/tools"
objects=
for file in "$srcdir"/tools/*.c; do
    name=${file##*/}
    name=libnpickle_tool_la-${name%.c}.o
    if [ -e ".libs/$name" ]; then
        objects="$objects .libs/$name"
    elif [ -e "$name" ]; then
        objects="$objects $name"
    elif [ "$name" != libnpickle_tool_la-npickle.o ]; then
        echo "there is no object of $file" >&2
        failed=1
    fi
done
objects="$objects npickle-npickle.o"
strangers $objects >"$work/found"
none
needed=$(awk '{ print $1 }' "$work/needed" | LC_ALL=C sort -u | wc -l)
[ "$needed" -gt 9 ] || { echo "the tool needs nothing of the library: nothing was checked" >&2; exit 1; }

if [ "$SHARED" = yes ]; then
    if $CC $CFLAGS -o "$work/npickle" $objects -L../lib/.libs -lnpickle 2>"$work/found"; then
        LD_LIBRARY_PATH="$builddir/lib/.libs" "$work/npickle" --version >/dev/null || failed=1
    else
        cat "$work/found" >&2
        echo "the tool does not link with the shared library" >&2
        failed=1
    fi
fi

# --- what these find ------------------------------------------------------------------------------------------------------

mkdir "$work/bad"
cat >"$work/bad/a.c" <<'C'
#include "b.h"
#include "base/error.h"
#include <npickle/nothing.h>
int b(void), npki_fail(void);
int a(void) { return b() + npki_fail(); }
C
echo 'int a(void); int b(void) { return a(); }' >"$work/bad/b.c"
echo '/* here */' >"$work/bad/b.h"
for name in a b; do
    sed '/include/d' "$work/bad/$name.c" >"$work/$name.c"
    $CC -c -o "$work/$name.o" "$work/$name.c"
done
expect() {
    if ! grep -q "$1" "$work/found"; then
        echo "this check does not find: $1" >&2
        failed=1
    fi
}
includes "$work/bad" >"$work/found"
expect 'a.c includes "base/error.h"'
expect 'a.c includes <npickle/nothing.h>'
[ "$(wc -l <"$work/found")" = 2 ] || { echo "this check finds too many includes" >&2; failed=1; }
strangers "$work/a.o" "$work/b.o" >"$work/found"
expect 'a.o needs npki_fail'

echo "$(echo $objects | wc -w) objects need $needed names of the library"
exit "$failed"
