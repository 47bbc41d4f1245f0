# Every file stands in a list of a fragment, and so in the tarball: in a clone every one that git has, elsewhere the sources. And none
# that is listed is ignored by git, which would leave it out of a clone.
set -eu
cd "$srcdir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fragments="Makefile.am bridges/bridges.am lib/lib.am tools/tools.am doc/doc.am tests/tests.am"

# The words of the lists; a program is listed by the name of its source without ".c".
sed -e '/^#/d' -e 's/\\$//' $fragments | tr -s ' \t=' '\n\n\n' | LC_ALL=C sort -u > "$work/listed"

if [ -e .git ] && git ls-files > "$work/all" 2> /dev/null && [ -s "$work/all" ]; then
    # What Automake puts in by itself.
    grep -v -e '\.am$' -e '^configure\.ac$' -e '^npickle\.pc\.in$' -e '^m4/' "$work/all" |
        while IFS= read -r file; do [ ! -e "$file" ] || printf '%s\n' "$file"; done > "$work/files"
    while IFS= read -r word; do
        case $word in
        /* | .. | ../*) ;;
        *) [ ! -f "$word" ] || printf '%s\n' "$word" ;;
        esac
    done < "$work/listed" > "$work/present"
    if git check-ignore --no-index --stdin < "$work/present" > "$work/ignored"; then
        sed 's/$/ is listed, and ignored by git: a clone will not have it/' "$work/ignored" >&2
        exit 1
    fi
else
    find include lib tools doc/examples doc/man tests -name '*.[ch]' -o -name '*.h*' -o -name '*.cc' -o -name '*.def' -o -name '*.inc' \
        -o -name '*.1' -o -name 'check-*.sh' > "$work/files"
fi

LC_ALL=C sort -u "$work/files" | awk -v listed="$work/listed" '
    BEGIN { while ((getline word < listed) > 0) is_listed[word] = 1 }
    {
        name = $0
        sub(/\.c$/, "", name)
        if (!($0 in is_listed) && !(name in is_listed)) {
            print $0 " stands in no list: " (($0 ~ /^(lib|include)\//) ? "lib/lib.am" : "the fragment of its folder") > "/dev/stderr"
            failed = 1
        }
        count++
    }
    END {
        if (count < 100) {
            print "only " count + 0 " files were seen" > "/dev/stderr"
            failed = 1
        }
        print count + 0 " files"
        exit failed
    }'
