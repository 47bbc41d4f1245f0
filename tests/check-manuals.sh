# A manual page for the tool and for each of its commands; mandoc, where there is one, has nothing to say about any of them.
set -eu
failed=0
commands=$("$builddir/tools/npickle" --help | sed -n '/^Commands:/,/^$/s/^  *\([a-z]*\) .*/\1/p')
[ -n "$commands" ] || { echo "'npickle --help' lists no commands" >&2; exit 1; }
for page in npickle $(printf 'npickle-%s ' $commands); do
    if [ ! -f "$srcdir/doc/man/$page.1" ]; then
        echo "doc/man/$page.1 is missing" >&2
        failed=1
    fi
done
# mdoc takes quotes around an argument away: an example or a word with some spells them \\(dq.
if grep -n '^\.[A-Z][a-z].*"' "$srcdir"/doc/man/*.1 >&2 || grep -n '^\.[A-Z].*Qq .*Qq' "$srcdir"/doc/man/*.1 >&2; then
    echo "these lines lose their quotes, or nest them: spell them \\(dq" >&2
    failed=1
fi
[ "$failed" = 0 ] || exit 1
if ! command -v mandoc > /dev/null; then
    echo "every page is there; mandoc is not, so their text was not checked"
    exit 77
fi
mandoc -Tlint -Wwarning "$srcdir"/doc/man/*.1
