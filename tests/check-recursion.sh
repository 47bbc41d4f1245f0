# No function of the library can come back to itself, so no input decides how deep the stack is. Calls through pointers are
# left out. And no stack frame is large: those over 1 KiB are named below, none is over 24.
set -eu
cd "$srcdir"

# Long numbers; the levels of a header or dtype; elements that are converted or gathered by the block; shapes of 64 lengths; the dialects
# that a check has left; the first steps of a timeline; what a rule is given for a call; a walk of the writer.
LARGE='^(none'\
'|add_steps'\
'|check_doc'\
'|convert'\
'|convert_block'\
'|convert_few'\
'|copy_across'\
'|choose'\
'|copy_planes'\
'|copy_straight'\
'|copy_tile'\
'|npki_chain_run'\
'|decode'\
'|npk_dtype_equal'\
'|npk_dtype_hash'\
'|npk_array_get'\
'|npk_array_get_text'\
'|npk_array_get_time'\
'|make'\
'|npki_compare_calls'\
'|npki_timeline_init'\
'|npk_array_read_texts'\
'|npk_array_read_times'\
'|npk_view_reshape'\
'|npk_write_value'\
'|load_known'\
'|npki_big_compare_sum'\
'|npki_literal_read'\
'|npki_big_divide'\
'|rounded_exactly'\
'|shortest_exactly'\
'|npki_write_elements'\
'|put_composed'\
'|put_list'\
'|read_across'\
'|read_encoded'\
'|read_plain'\
'|read_singly'\
'|read_straight'\
'|strides_over'\
'|string64'\
'|unicode64'\
'|write_as_buffer'\
'|write_data'\
')$'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo 'int probe(void) { return 0; }' > "$scratch/probe.c"
if ! (cd "$scratch" && $CC -fcallgraph-info=su -c probe.c -o probe.o) 2> /dev/null || [ ! -s "$scratch/probe.ci" ]; then
    echo "$CC has no -fcallgraph-info: nothing is checked" >&2
    exit 77
fi
rm -f "$scratch"/probe.*

echo '#define PACKAGE_VERSION "0"' > "$scratch/config.h"
for file in lib/*/*.c lib/*/*/*.c; do
    # Not optimized: nothing is inlined, so each function has its node and its own frame.
    $CC -std=c11 -O0 -D_FILE_OFFSET_BITS=64 -D_POSIX_C_SOURCE=200809L -I"$scratch" -Iinclude -Ilib -fcallgraph-info=su -c "$file" \
        -o "$scratch/$(echo "$file" | tr / _ | sed 's/c$/o/')"
done

# node: { title: "file.c:name" label: "name\n...\n96 bytes (static)" }
# edge: { sourcename: "file.c:name" targetname: "other" }
cat "$scratch"/*.ci | awk -v large="$LARGE" '
    function plain(name) { sub(/^.*:/, "", name); return name }
    /^node:/ && /bytes \(/ {
        split($0, part, "\"")
        name = plain(part[2])
        bytes = part[4]
        sub(/ bytes \(.*/, "", bytes)
        sub(/.*\\n/, "", bytes)
        functions++
        if (part[4] ~ /dynamic/ && part[4] !~ /bounded/) {
            print part[2] " has a frame of no fixed size" > "/dev/stderr"
            failed = 1
        }
        if (bytes + 0 > (name ~ large ? 24576 : 1024)) {
            print part[2] " has a frame of " bytes " bytes" > "/dev/stderr"
            failed = 1
        }
        id[part[2]] = 1
    }
    /^edge:/ {
        split($0, part, "\"")
        if (part[4] != "__indirect_call")
            calls[part[2]] = calls[part[2]] "\n" part[4]
    }
    END {
        # Functions that call nothing, and those that nothing calls, are taken away until none is left: what stays is a circle,
        # or lies between two.
        for (from in calls)
            alive[from] = 1
        do {
            removed = 0
            for (from in called)
                delete called[from]
            for (from in alive) {
                count = split(calls[from], to, "\n")
                held = 0
                for (i = 1; i <= count; i++)
                    if (to[i] in alive) {
                        held = 1
                        called[to[i]] = 1
                    }
                if (!held) {
                    delete alive[from]
                    removed = 1
                }
            }
            for (from in alive)
                if (!(from in called)) {
                    delete alive[from]
                    removed = 1
                }
        } while (removed)
        for (from in alive) {
            print from " can reach itself" > "/dev/stderr"
            failed = 1
        }
        if (functions < 300) {
            print "only " functions " functions were seen" > "/dev/stderr"
            failed = 1
        }
        print functions " functions, none recursive"
        exit failed
    }'
