#!/bin/sh
# The interface of the library as a compiler sees it, with libabigail (Debian: abigail-tools).
#
# usage: abi.sh record LIBRARY INCLUDE
#            prints it as XML: what the headers in INCLUDE declare, and LIBRARY (with debugging information) exports
#        abi.sh compare OLD OLD-INCLUDE NEW NEW-INCLUDE
#            each a library or a record. Status 0: a program that was built against OLD runs with NEW. Another status: it
#            may not, and what is different is printed. Not different are functions, enumerators, and members of a struct in
#            the room that OLD has reserved for them.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the headers declare and do not define is the library's own, and so is whatever begins with npki_. (libabigail would
# know it by the header that it stands in, but looks at names without their folders: there are two dtype.h.)
opaque() {
    cat "$1"/npickle/*.h > "$work/headers"
    sed -n 's/^typedef struct \(npk_[a-z0-9_]*\) \1;$/\1/p; s/^struct \(npk_[a-z0-9_]*\);$/\1/p' "$work/headers" |
        LC_ALL=C sort -u |
        while read -r name; do
            grep -q "^\(typedef \)\{0,1\}struct $name {" "$work/headers" || echo "$name"
        done
}

# record LIBRARY INCLUDE. No paths of this machine get into it.
record() {
    {
        printf '[suppress_type]\nname_regexp = ^(%s_IO_FILE)$\ndrop = yes\n\n' "$(opaque "$2" | tr '\n' '|')"
        printf '[suppress_type]\nname_regexp = ^npki_\ndrop = yes\n'
    } > "$work/suppressions"
    abidw --suppressions "$work/suppressions" --headers-dir "$2" --no-corpus-path --no-comp-dir-path --no-show-locs \
        --no-elf-needed --no-parameter-names --no-write-default-sizes --exported-interfaces-only --drop-undefined-syms \
        --drop-private-types "$1" | sed "s|path='[^']*/lib/|path='lib/|"
}

# read_in FILE INCLUDE: a record, or a library's.
read_in() {
    if head -c 4 "$1" | grep -q '<abi'; then
        cat "$1"
    else
        record "$1" "$2"
    fi
}

# Drops the members from where OLD has its reserved room. (Suppressions of libabigail that know of such room let other
# changes of the same struct through.)
drop_reserved='
function attribute(name) {
    return match($0, name "=\047[^\047]*\047") ? substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 3) : ""
}
/<class-decl / { struct = attribute("name") }
/<data-member / { offset = attribute("layout-offset-in-bits") + 0; held = $0; next }
held != "" && /<var-decl / {
    if (FNR == NR && attribute("name") == "reserved")
        room[struct] = offset
    keep = !(struct in room && offset >= room[struct])
    if (FNR != NR && keep)
        print held
    held = ""
    inside = 1
}
FNR != NR && (!inside || keep) { print }
/<\/data-member>/ { inside = 0 }'

case $1 in
record)
    record "$2" "$3"
    ;;
compare)
    read_in "$2" "$3" > "$work/old"
    read_in "$4" "$5" > "$work/new"
    for which in old new; do
        awk "$drop_reserved" "$work/old" "$work/$which" > "$work/$which.abi"
    done
    grep -q "<data-member" "$work/old.abi"
    abidiff --no-show-locs --no-added-syms "$work/old.abi" "$work/new.abi"
    ;;
esac
