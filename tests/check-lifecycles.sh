# What the first comment of a header shows as code, indented by five blanks, compiles as it stands there, after <npickle.h>.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for header in check compare identify; do
    {
        echo '#include <npickle.h>'
        echo '#include <stdio.h>'
        sed -n -e '/^ \*\//q' -e 's/^ \*     //p' "$srcdir/include/npickle/$header.h"
    } > "$work/$header.c"
    [ "$(wc -l < "$work/$header.c")" -gt 8 ] || { echo "$header.h begins without an example" >&2; exit 1; }
    $CC -std=c11 -Wall -Wextra -Wno-unused-function -pedantic -Werror -fsyntax-only -I"$srcdir/include" "$work/$header.c"
done
