# Every source file stands in a list of its fragment: one that does not would be missing from the tarball.
set -eu
cd "$srcdir"

# find_missing FRAGMENT FILE...
find_missing() {
    fragment=$1
    shift
    for file in "$@"; do
        [ -e "$file" ] || continue
        name=${file%.c}
        grep -q -e "^\(.*[ 	]\)\{0,1\}$file\([ 	].*\)\{0,1\}$" -e "^	$name\( .\)\{0,1\}$" "$fragment" && continue
        echo "$file stands in no list of $fragment" >&2
        failed=1
    done
}

failed=0
find_missing lib/lib.am include/*.h* include/npickle/*.h* lib/*/*.[ch] lib/*/*/*.[ch] lib/*/*.def lib/*/*.inc
find_missing tools/tools.am tools/*.[ch]
find_missing tests/tests.am tests/*.[ch] tests/check-*.sh tests/bench/*.c tests/cpp/*.cc
find_missing doc/doc.am doc/man/*.1 doc/examples/*.c doc/examples/*.cc
exit "$failed"
