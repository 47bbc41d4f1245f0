# Each folder of lib/ is a floor; an #include may point down or sideways, never up. See HACKING.
set -eu
cd "$srcdir"

# Lowest first. The tool and the tests stand on top and may include anything.
floors="base text opcode globals dtype array cast value known reader writer edit container print compare"

rank() {
    number=0
    for floor in $floors; do
        number=$((number + 1))
        if [ "$floor" = "$1" ]; then
            echo "$number"
            return
        fi
    done
    echo "lib/$1 is no floor: $floors" >&2
    exit 1
}

failed=0
checked=0
for file in lib/*/*.[ch] lib/*/*/*.[ch] lib/*/*.def lib/*/*.inc; do
    [ -e "$file" ] || continue
    folder=${file#lib/}
    own=$(rank "${folder%%/*}")
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
        other=$(rank "${included%%/*}")
        checked=$((checked + 1))
        if [ "$other" -gt "$own" ]; then
            echo "$file includes \"$included\", which is above it" >&2
            failed=1
        fi
    done
done
[ "$checked" -gt 0 ] || { echo "no #include was found: nothing was checked" >&2; exit 1; }
echo "$checked includes checked"
exit "$failed"
