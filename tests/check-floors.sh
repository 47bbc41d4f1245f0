# Each folder of lib/ is a floor, and each of lib/writer/ a layer: an #include and a call may point down or sideways, never up, and
# no files call each other in a circle. Calls are read out of the objects' symbols; one through a pointer is none. See HACKING.
set -eu

# Lowest first. The tool and the tests stand on top and may include anything.
floors="base text opcode globals dtype array cast value known reader
        writer/core writer/python writer/numpy writer/graph writer container print compare edit check"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# --- includes ---

cd "$srcdir"
checked=0
for file in lib/*/*.[ch] lib/*/*/*.[ch] lib/*/*.def lib/*/*.inc; do
    [ -e "$file" ] || continue
    for included in $(sed -n 's/^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*"\([^"]*\)".*/\1/p' "$file"); do
        case $included in
        config.h) continue ;;
        */*) ;;
        *)
            echo "$file includes \"$included\": say its floor, as in \"base/$included\"" >&2
            failed=1
            continue
            ;;
        esac
        echo "$file lib/$included"
    done
done > "$work/includes"
checked=$(wc -l < "$work/includes")
[ "$checked" -gt 0 ] || { echo "no #include was found: nothing was checked" >&2; exit 1; }

# --- calls: "who uses, who defines", by the symbols that more than one file sees ---

# symbols PART: "D symbol file" for what a file defines, "U symbol file" for what it needs. Of several objects of a file, as after a
# file went to another library, the newest counts: the first of "ls -t". One nm reads them all.
symbols() {
    for file in "$1"/*.c "$1"/*/*.c "$1"/*/*/*.c; do
        [ -e "$file" ] && echo "$file"
    done > "$work/sources"
    (cd "$builddir" && find "$1" -name '*.o' -exec ls -t {} +) | awk '
        FNR == NR { source[$0] = 1; next }
        {
            file = $0
            sub(/\.o$/, ".c", file)
            sub(/\/\.libs\//, "/", file)
            if (!(file in source))
                sub(/[^\/]*_la-/, "", file) # the name of the library
            if (!(file in source))
                sub(/[^\/]*-/, "", file) # and that of the program
            if ((file in source) && !(file in seen)) {
                seen[file] = 1
                print $0 > objects
                print $0 ":", file > sources
            }
        }' objects="$work/objects" sources="$work/source-of" "$work/sources" -
    [ -s "$work/objects" ] || return 0
    (cd "$builddir" && xargs ${NM:-nm} -A -P -g < "$work/objects") |
        awk 'FNR == NR { file[$1] = $2; next } { print ($3 == "U" ? "U" : "D"), $2, file[$1] }' "$work/source-of" -
}

for part in lib tools; do
    rm -f "$work/objects" "$work/source-of"
    symbols "$part" > "$work/$part.symbols"
    awk '
        FNR == NR { if ($1 == "D") home[$2] = $3; next }
        $1 == "U" && ($2 in home) && home[$2] != $3 && !(($3, home[$2]) in seen) {
            seen[$3, home[$2]] = 1
            print $3, home[$2], $2
        }' "$work/$part.symbols" "$work/$part.symbols" > "$work/$part.calls"
done
[ -s "$work/lib.calls" ] || { echo "there are no objects in $builddir/lib: calls are not checked" >&2; exit 77; }

# --- no edge points up ---

up() { # up WHAT FILE
    awk -v floors="$floors" -v what="$1" '
        BEGIN {
            count = split(floors, list)
            for (i = 1; i <= count; i++)
                rank[list[i]] = i
        }
        function floor_of(file) {
            sub(/^lib\//, "", file)
            sub(/\/[^\/]*$/, "", file)
            if (!(file in rank)) {
                print "lib/" file " is not a floor: say in tests/check-floors.sh where it stands" > "/dev/stderr"
                failed = 1
                return 0
            }
            return rank[file]
        }
        floor_of($2) > floor_of($1) {
            print $1, what, $2 ", which is above it" ($3 != "" ? ": " $3 : "") > "/dev/stderr"
            failed = 1
        }
        END { exit failed }' "$2" || failed=1
}
up includes "$work/includes"
up calls "$work/lib.calls"

# --- circles: files that reach each other ---

circles() { # circles PART
    awk -v part="$1" '
        { edges[$1] = edges[$1] " " $2; files[$1] = files[$2] = 1; count++ }
        END {
            for (from in files) { # what each file reaches
                top = 1
                stack[1] = from
                while (top > 0) {
                    n = split(edges[stack[top--]], to, " ")
                    for (i = 1; i <= n; i++)
                        if (!((from, to[i]) in reach)) {
                            reach[from, to[i]] = 1
                            stack[++top] = to[i]
                        }
                }
            }
            largest = 1
            for (a in files) {
                total++
                size = 1
                knot = a
                first = 1
                for (b in files)
                    if (a != b && ((a, b) in reach) && ((b, a) in reach)) {
                        size++
                        knot = knot " " b
                        first = first && a < b
                    }
                if (size > 1 && first) {
                    print "these files call each other in a circle: " knot > "/dev/stderr"
                    failed = 1
                }
                largest = size > largest ? size : largest
            }
            printf "%s: %d files, %d edges between them, the largest knot is of %d\n", part, total, count, largest
            exit failed
        }' "$work/$1.calls" || failed=1
}
circles lib
circles tools
echo "$checked includes checked"
exit "$failed"
