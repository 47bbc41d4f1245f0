# Each public header compiles alone, as C99 and as C++, without a warning. Its first comment shows a life cycle in C, which
# compiles too, as do the other blocks of code in its comments.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-Wall -Wextra -pedantic -Werror -fsyntax-only -I$srcdir/include"

failed=0
for header in npickle.h $(cd "$srcdir/include" && ls npickle/*.h); do
    printf '#include <%s>\n' "$header" | tee "$work/alone.c" > "$work/alone.cc"
    $CC -std=c99 $flags "$work/alone.c" || { echo "$header is not C99" >&2; failed=1; }
    if [ "$CXX" != no ]; then
        $CXX -std=c++11 $flags "$work/alone.cc" || { echo "$header is not C++" >&2; failed=1; }
    fi
done

# What has loops for x86-64 and for NEON compiles where there are none, and for NEON where there is a compiler: each file and each header
# alone, and wholly, as only that tells what is not used.
alone() {
    for file in $(cd "$srcdir/lib" && ls base/*.[ch] text/*.[ch] cast/*.[ch] array/*.[ch]); do
        printf '#include "%s"\ntypedef int nothing_else;\n' "$file" > "$work/alone.c"
        "$@" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -pedantic -Werror -I"$builddir" -I"$srcdir/include" -I"$srcdir/lib" \
            -S "$work/alone.c" -o /dev/null ||
            { echo "lib/$file does not compile alone by $*" >&2; failed=1; }
    done
}
alone $CC -DNPKI_PLAIN_MACHINE
if command -v aarch64-linux-gnu-gcc > /dev/null; then
    alone aarch64-linux-gnu-gcc
fi

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

# What a block may use without declaring it. Where it declares the same name, its own counts.
cat > "$work/before" <<'END'
#include <npickle.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

END
cat > "$work/around" <<'END'
void example(void);
void example(void)
{
    npk_error error;
    npk_doc *doc = NULL, *a = NULL, *b = NULL;
END

# The blocks of code in the comments of $1, one file for each comment that has any: $work/block.N, N the number of the line on
# which it begins. Code stands five blanks behind the star, with an empty line before it; paragraphs are apart by one empty line.
# One that begins with struct or static and ends in a brace or NPK_STRUCT is for the outside of a function.
blocks() {
    rm -f "$work"/block.* "$work"/outside "$work"/inside
    awk -v work="$work" '
        function flush() {
            if (text == "") return
            if (text ~ /^ *(struct|static)[^;]*[{(]/ && (text ~ /\n *}\n$/ || text ~ /NPK_STRUCT\(/)) outside = outside text
            else inside = inside text
            text = ""
        }
        function done(   name) {
            flush()
            if (inside outside != "") {
                name = work "/block." first
                while ((getline line < (work "/before")) > 0) print line > name
                close(work "/before")
                printf "%s", outside > name
                while ((getline line < (work "/around")) > 0) print line > name
                close(work "/around")
                printf "    {\n%s    }\n}\n", inside > name
                close(name)
            }
            inside = outside = ""
        }
        /^\/\*/ { first = NR; comment = 1; empty = 0; code = 0 }
        comment && /^ \*$/ { flush(); empty = 1; code = 0; next }
        comment && ((empty && /^ \*     [^ ]/) || (code && /^ \*     /)) { text = text substr($0, 3) "\n"; code = 1; empty = 0; next }
        comment { flush(); code = 0; empty = 0 }
        comment && /\*\// { done(); comment = 0 }
    ' "$1"
}

count=0
for header in $(cd "$srcdir/include" && ls npickle/*.h); do
    blocks "$srcdir/include/$header"
    [ -f "$work/block.1" ] || { echo "$header does not open with a life cycle in C" >&2; failed=1; }
    for block in "$work"/block.*; do
        [ -f "$block" ] || continue
        count=$((count + 1))
        if ! $CC -std=c11 -Wall -Werror -Wno-unused-variable -Wno-unused-function -Wno-unused-but-set-variable -Wno-missing-braces \
            -fsyntax-only -I"$srcdir/include" -x c "$block"; then
            echo "$header: the code in the comment on line ${block##*.} does not compile" >&2
            failed=1
        fi
    done
done
[ "$failed" = 0 ] || exit 1
echo "$count blocks of code in comments compile"
if [ "$CXX" = no ]; then
    echo "every header is C99; there is no C++ compiler, so C++ was not tried"
    exit 77
fi
