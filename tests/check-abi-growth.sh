# The interface can grow: a copy of the library with one more option in each options struct, one more limit, status, dtype, unit,
# kind and function runs a program that was built against the headers as they are, and abidiff finds nothing that breaks it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$SHARED" != yes ]; then
    echo "there is no shared library to grow"
    exit 77
fi
case $CFLAGS in
*-fsanitize*) echo "not with sanitizers, which the program would need too"; exit 77 ;;
esac
# Libtool's wrappers and automake's make are left out: these are a compiler's own files.
compile="$CC -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -g -O0"

cp -R "$srcdir/include" "$srcdir/lib" "$work"
headers=$work/include/npickle

# add_row FILE TABLE ROW: after the last row of the table; VALUE in it becomes the value of the last row + 1.
add_row() {
    awk -v table="#define $2(X)" -v row="$3" '
        index($0, table) == 1 { inside = 1 }
        inside && /^ *X\(/ {
            split($0, part, /, */)
            value = part[2] + 1
        }
        inside && $0 !~ /\\$/ {
            gsub(/VALUE/, value, row)
            print $0 " \\"
            print "    " row
            inside = 0
            added = 1
            next
        }
        { print }
        END { exit !added }' "$headers/$1" > "$work/new" || { echo "$1 has no table $2" >&2; exit 1; }
    mv "$work/new" "$headers/$1"
}

# add_option STRUCT MEMBERS: in the place of the first reserved word.
options=0
add_option() {
    file=$(grep -l "^} $1;" "$headers"/*.h)
    awk -v name="$1" -v members="$2" '
        { lines[NR] = $0 }
        $0 == "} " name ";" { end = NR }
        END {
            for (at = end; at > 0 && lines[at] !~ / reserved\[/; at--)
                ;
            match(lines[at], /reserved\[[0-9]+\]/)
            count = substr(lines[at], RSTART + 9, RLENGTH - 10)
            for (i = 1; i <= NR; i++) {
                if (i == at) {
                    print "    " members
                    sub(/reserved\[[0-9]+\]/, "reserved[" count - 1 "]", lines[i])
                }
                print lines[i]
            }
            exit at == 0
        }' "$file" > "$work/new" || { echo "$1 has nothing reserved" >&2; exit 1; }
    mv "$work/new" "$file"
    options=$((options + 1))
}

sed -n 's/^} \(npk_[a-z_]*_options\);$/\1/p' "$headers"/*.h > "$work/structs"
while read -r name; do
    add_option "$name" "const char *added; /* $name */"
done < "$work/structs"
[ "$options" -gt 2 ] || { echo "$options options structs were found" >&2; exit 1; }
add_row options.h NPK_LIMIT_ROWS 'X(added, 17, "what was added")'
add_row status.h NPK_STATUS_ROWS 'X(ADDED, VALUE, USAGE, "what was added")'
add_row value.h NPK_KIND_ROWS 'X(ADDED, VALUE, "added")'
add_row dtype.h NPK_UNIT_ROWS 'X(ADDED, VALUE, "added")'
add_row dtype.h NPK_ML_DTYPE_ROWS "X(ADDED, VALUE, 'V', 1, 1, 1, 'X', UINT, 0, 1, 0, NONE, \"added\", \"ml_dtypes\")"
printf '\nNPK_API int npk_added(void);\n' > "$work/function"
sed -i "/^NPK_API const char \*npk_version/r $work/function" "$headers/status.h"
printf '\nint npk_added(void)\n{\n    return 1;\n}\n' >> "$work/lib/base/status.c"
{ echo "NPICKLE_0 {"; echo "global:"; sed 's/$/;/' "$srcdir/lib/npickle.sym"; echo "npk_added;"; echo "local: *;"; echo "};"; } \
    > "$work/map"

library() { # library INCLUDE LIB OUT
    mkdir -p "$3"
    $compile -fvisibility=hidden -fPIC -shared -I"$1" -I"$2" -I"$builddir" -Wl,--version-script="$4" \
        -Wl,-soname,libnpickle.so.0 $(find "$2" -name '*.c' | LC_ALL=C sort) -o "$3/libnpickle.so.0"
}

sed '/^npk_added;$/d' "$work/map" > "$work/map.before"
library "$srcdir/include" "$srcdir/lib" "$work/before" "$work/map.before" &
library "$work/include" "$work/lib" "$work/after" "$work/map"
wait $!

cat > "$work/program.c" <<'END'
#include <npickle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    int32_t a;
    double b;
};
NPK_STRUCT(pair, struct pair, a, b);

#define CHECK(condition) ((condition) ? (void)0 : fail(#condition))

static npk_error error;

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, error.message);
    exit(1);
}

static int take(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

int main(void)
{
    static const struct pair pairs[2] = {{1, 2.5}, {3, 4.5}};
    struct pair read[2];
    npk_limits limits;
    npk_limits_default(&limits);
    npk_write_options writing = {.limits = limits, .protocol = 4, .memo = NPK_MEMO_PYTHON};
    npk_read_options reading = {.limits = limits, .input = NPK_INPUT_READ};
    npk_fields_options fields = {.casting = NPK_CAST_SAFE, .missing = NPK_MISSING_REFUSE};
    npk_print_options printing = {.width = 60};
    npk_output_options output = {.allocator = NULL};
    npk_writer *writer;
    npk_doc *doc;
    npk_doc_info info;
    npk_array array;
    npk_output *file;
    const npk_dtype *dtype;
    uint8_t *bytes;
    size_t size, printed = 0;

    CHECK(npk_struct_dtype(&pair, NULL, &dtype, &error) == NPK_OK);
    npk_array whole = NPK_ARRAY_OF(dtype, pairs, 2);
    CHECK(npk_writer_memory(&writing, &writer, &error) == NPK_OK);
    npk_write_begin_dict(writer, 2);
    npk_write_str(writer, "pairs");
    npk_write_array(writer, &whole);
    npk_write_str(writer, "n");
    npk_write_int(writer, 2);
    npk_write_end(writer);
    CHECK(npk_writer_finish_memory(writer, &bytes, &size, &error) == NPK_OK);
    CHECK(npk_output_open("saved.pkl", &output, &file, &error) == NPK_OK);
    CHECK(npk_sink_output(file, bytes, size) == 0 && npk_output_commit(file, &error) == NPK_OK);
    npk_bytes_free(NULL, bytes, size);

    CHECK(npk_doc_load("saved.pkl", &reading, &doc, &error) == NPK_OK);
    CHECK(npk_doc_info_of(doc, &info) && info.protocol == 4 && info.size == size);
    const npk_value *value = npk_dict_get(npk_doc_root(doc), "pairs");
    CHECK(npk_value_kind(npk_doc_root(doc)) == NPK_KIND_DICT && npk_value_kind(NULL) == NPK_KIND_NOTHING);
    CHECK(npk_array_of(value, &array, &error) == NPK_OK && npk_array_count(&array) == 2);
    CHECK(NPK_ARRAY_READ_STRUCTS(&array, pair, &fields, read, 2, &error) == NPK_OK);
    CHECK(read[0].a == 1 && read[1].b == 4.5);
    CHECK(npk_print_value(npk_doc_root(doc), &printing, take, &printed, &error) == NPK_OK && printed > 20);
    CHECK(npk_doc_save("saved.pkl", doc, &writing, &error) == NPK_OK);

    CHECK(npk_scalar_of(value, &array, &error) == NPK_ERR_TYPE);
    printf("%s: %s\n", npk_status_name(error.status), error.message);
    reading.limits.depth = 1;
    npk_doc *deep = NULL;
    CHECK(npk_doc_load("saved.pkl", &reading, &deep, &error) == NPK_ERR_LIMIT);
    printf("%s: %s\n", npk_status_name(error.status), error.message);
    reading.reserved[sizeof reading.reserved / sizeof *reading.reserved - 1] = 1;
    CHECK(npk_doc_load("saved.pkl", &reading, &deep, &error) == NPK_ERR_USAGE);
    printf("%s: %s\n", npk_status_name(error.status), error.message);
    npk_doc_free(doc);
    npk_dtype_free(dtype);
    return 0;
}
END
ln -s libnpickle.so.0 "$work/before/libnpickle.so"
$compile -Wall -Wextra -Werror -I"$srcdir/include" "$work/program.c" -L"$work/before" -lnpickle -o "$work/program"
cd "$work"
LD_LIBRARY_PATH=$work/before ./program > before.out
LD_LIBRARY_PATH=$work/after ./program > after.out
cmp before.out after.out
[ "$(wc -l < after.out)" = 3 ]
echo "a program of before runs with $options options, a limit, a status, a kind, a unit, a dtype and a function more"

if ! command -v abidiff > /dev/null; then
    echo "there is no abidiff (Debian: abigail-tools): the interfaces were not compared"
    exit 0
fi
sh "$srcdir/build-aux/abi.sh" compare before/libnpickle.so.0 "$srcdir/include" after/libnpickle.so.0 include

# What breaks programs is found: of a library of a few functions, so that it takes no time.
cat > few.c <<'END'
#include <npickle.h>

npk_status npk_doc_load(const char *path, const npk_read_options *options, npk_doc **out, npk_error *error)
{
    return path != NULL && options != NULL && out != NULL && error != NULL ? NPK_OK : NPK_ERR_USAGE;
}

npk_kind npk_value_kind(const npk_value *value)
{
    return value != NULL ? NPK_KIND_NONE : NPK_KIND_NOTHING;
}

bool npk_doc_info_of(const npk_doc *doc, npk_doc_info *out)
{
    return doc != NULL && out != NULL;
}
END
few() { # few INCLUDE OUT
    $compile -fvisibility=hidden -fPIC -shared -I"$1" -Wl,-soname,libnpickle.so.0 few.c -o "$2"
}
few "$srcdir/include" few.so
few include grown.so
sh "$srcdir/build-aux/abi.sh" compare few.so "$srcdir/include" grown.so include > report
found=0
while read -r header change; do
    rm -rf broken
    cp -R "$srcdir/include" broken
    sed "$change" "$srcdir/include/npickle/$header" > "broken/npickle/$header"
    ! cmp -s "$srcdir/include/npickle/$header" "broken/npickle/$header" || { echo "$header: nothing to $change" >&2; exit 1; }
    few broken broken.so
    if sh "$srcdir/build-aux/abi.sh" compare few.so "$srcdir/include" broken.so broken > report; then
        echo "abi.sh finds nothing wrong with $change in $header" >&2
        exit 1
    fi
    found=$((found + 1))
done <<'END'
reader.h s/uintptr_t reserved.6.;/int *more; uintptr_t reserved[6];/
reader.h s/size_t buffer_count;/int buffer_count;/
reader.h s/npk_input input;/int first; npk_input input;/
reader.h s/uint64_t opcodes;/double opcodes;/
options.h s/reserved.24/reserved[25/
value.h s/X(SET, 13,/X(SET, 33,/
END
echo "$found changes that break programs are found"
