# What the library and the tool say: strings in lib/ and tools/ and the texts of the public tables, without turns of phrase
# that are not English as it is spoken ("is no list": "is not a list"; "an array of no dimensions": "without dimensions").
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FILE:LINE: TEXT for each string that has one of them. A text that goes on in another string is joined with it; comments
# and what the preprocessor includes are left out.
look() {
    awk '
        BEGIN { refused = "( (is|are|was|were) no | (of|to|with|by|from|in|into|at|for) no |nowhere to|[Nn]obody|that is none|that are none|what .* is of$| has it | have it )" }
        function report() {
            if ((" " text " ") ~ refused) print place ": " text
            text = ""
        }
        FNR == 1 { report(); comment = 0 }
        {
            line = $0
            gsub(/\\"/, "", line)
            if (line ~ /^ *#include/) next
            inside = 0
            for (i = 1; i <= length(line); i++) {
                c = substr(line, i, 1)
                two = substr(line, i, 2)
                if (comment) { if (two == "*/") { comment = 0; i++ } }
                else if (inside) { if (c == "\"") inside = 0; else text = text c }
                else if (two == "/*") { comment = 1; i++ }
                else if (two == "//") break
                else if (substr(line, i, 3) == "\047\"\047") i += 2
                else if (c == "\"") { if (text == "") place = FILENAME ":" FNR; inside = 1 }
                else if (c != " " && c != "\\") report()
            }
        }
        END { report() }' "$@"
}

# It finds what it should.
printf '%s\n' 'f("the header is " /* x */' '  "no UTF-8"); /* "is no comment" */ g("is not a list", "no list");' > "$work/wrong.c"
[ "$(look "$work/wrong.c")" = "$work/wrong.c:1: the header is no UTF-8" ] || { echo "the check finds nothing" >&2; exit 1; }

# library.def and rename.def have names of Python's own.
find "$srcdir/lib" "$srcdir/tools" "$srcdir/include" -name '*.[ch]' -o -name '*.def' ! -name library.def ! -name rename.def | LC_ALL=C sort > "$work/files"
if ! found=$(look $(cat "$work/files")) || [ -n "$found" ]; then
    printf '%s\n' "$found" | sed "s|^$srcdir/||" >&2
    echo "say it in plain English: what was expected, and what was found" >&2
    exit 1
fi
echo "the strings of $(wc -l < "$work/files") files are English"
