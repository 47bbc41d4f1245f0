# NPK_STRUCT compiles without a warning and says the same with every compiler there is, optimized or not; what is no member
# it can describe does not compile.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wdouble-promotion -Wwrite-strings
    -Wstrict-prototypes -Wvla -Werror"
flags="-std=c11 $warnings -I$srcdir/include -I$srcdir/tests"
failed=0

cat > "$work/good.c" << 'END'
#include "every.h"
#include <stdio.h>

static void show(const char *name, const npk_struct *structure)
{
    printf("%s: %zu members, %zu bytes\n", name, structure->count, structure->size);
    for (size_t i = 0; i < structure->count; i++) {
        const npk_member *m = &structure->members[i];
        printf("%s %d %d %zu %zu %zu %zu at %zu, %s\n", m->name, (int)m->type, m->ndim, m->sizes[0], m->sizes[1], m->sizes[2],
               m->sizes[3], m->offset, m->nested == &point ? "point" : m->nested == &corner ? "corner" : "-");
    }
}

int main(void)
{
    typedef struct {
        volatile float v[2];
        const unsigned long long *hidden; /* not named, so no matter */
        enum color colors[3];
        struct corner nested[2][2];
    } local_type;
    NPK_STRUCT(local, local_type, v, NPK_NAMED(colors, "the colors", "title"), NPK_NESTED_NAMED(nested, corner, "n", NULL));
    printf("%zu\n", sizeof(void *)); /* compilers for the same machine agree */
    show("every", &every);
    show("local", &local);
    return 0;
}
END

# Each line: a member. Only those of the first list can be described.
cat > "$work/members-good" << 'END'
float m
char m[2][3]
END
cat > "$work/members-bad" << 'END'
float *m
float *m[3]
float (*m)[3]
float (*m)[2][3]
char *m
char *m[2][3]
void *m
void (*m)(void)
float **m
const char *const m
struct point *m
struct point m
struct point m[2]
union { int a; float b; } m
int m : 3
float m[2][2][2][2]
END

# The same, of uses of the macros; "@" is the number of the line.
cat > "$work/uses-good" << 'END'
NPK_STRUCT(x@, struct good@, f);
NPK_STRUCT(x@, struct good@, NPK_NESTED(c, corner));
NPK_STRUCT(x@, struct good@, f); npk_status r@(npk_array *a, struct good@ *p); npk_status r@(npk_array *a, struct good@ *p) { return NPK_ARRAY_READ_STRUCTS(a, x@, NULL, p, 1, NULL); }
END
cat > "$work/uses-bad" << 'END'
NPK_STRUCT(x@, struct good@, nothing);
NPK_STRUCT(x@, struct good@, f, f.g);
NPK_STRUCT(x@, struct good@, NPK_NESTED(f, point));
NPK_STRUCT(x@, struct good@, NPK_NESTED(c, point));
NPK_STRUCT(x@, struct good@, NPK_NESTED(c, later@)); NPK_STRUCT(later@, struct corner, tag);
NPK_STRUCT(x@, struct good@, NPK_NESTED(p, point));
NPK_STRUCT(x@, struct good@, f); npk_status r@(npk_array *a, struct point *p); npk_status r@(npk_array *a, struct point *p) { return NPK_ARRAY_READ_STRUCTS(a, x@, NULL, p, 1, NULL); }
END

# one_member NUMBER TEXT, one_use NUMBER TEXT: what a line of a list is as C.
one_member() {
    printf 'struct m%s { int before; %s; };\nNPK_STRUCT(s%s, struct m%s, before, m);\n' "$1" "$2" "$1" "$1"
    printf 'size_t of%s(void);\nsize_t of%s(void) { return s%s.count + every.count; }\n' "$1" "$1" "$1"
}
one_use() {
    printf 'struct good@ { float f; struct corner c; struct point *p; };\n%s\n' "$2" | sed "s/@/$1/g"
    printf 'size_t by%s(void);\nsize_t by%s(void) { return x%s.count + every.count; }\n' "$1" "$1" "$1"
}

# refuse COMPILER LIST: no line of the list compiles. All are in one compilation, in which each stands for a file of its own, which its
# errors name. What has no errors there is tried alone, in case those before it ended the compilation.
refuse() {
    output=$($1 $flags $unlimited -fsyntax-only "$work/$2.c" 2>&1) || true
    number=0
    while IFS= read -r text; do
        number=$((number + 1))
        case $output in *"$2:$number:"*) continue ;; esac
        { echo '#include "every.h"'; cat "$work/$2:$number"; } > "$work/alone.c"
        if $1 $flags -c "$work/alone.c" -o "$work/alone.o" 2> /dev/null; then
            echo "$1 compiles this: $text" >&2
            failed=1
        fi
    done < "$work/$2"
}

for list in members-good members-bad uses-good uses-bad; do
    number=0
    echo '#include "every.h"' > "$work/$list.c"
    while IFS= read -r text; do
        number=$((number + 1))
        case $list in
        members*) one_member $number "$text" ;;
        *) one_use $number "$text" ;;
        esac > "$work/$list:$number"
        { echo "#line 1 \"$list:$number\""; cat "$work/$list:$number"; } >> "$work/$list.c"
    done < "$work/$list"
done

tried=
for compiler in "$CC" gcc clang; do
    version=$(echo '__VERSION__ __SIZEOF_POINTER__' | $compiler -E -P -x c - 2> /dev/null) || continue
    case "$tried" in *"<$version>"*) continue ;; esac
    tried="$tried<$version>"
    unlimited=-ferror-limit=0
    echo 'int x;' | $compiler $unlimited -E -x c - > /dev/null 2>&1 || unlimited=
    for level in -O0 -O2; do
        $compiler $flags $level "$work/good.c" -o "$work/good" && "$work/good" > "$work/out" || { failed=1; continue; }
        first=$work/first$(sed q "$work/out")
        [ -f "$first" ] || cp "$work/out" "$first"
        cmp "$work/out" "$first" || failed=1
    done
    for list in members-good uses-good; do
        $compiler $flags -c "$work/$list.c" -o "$work/good.o" || failed=1
    done
    refuse "$compiler" members-bad
    refuse "$compiler" uses-bad
done
members=$(grep -c ' at [0-9]*, ' "$first")
[ "$members" -ge 30 ] || { echo "only $members members" >&2; failed=1; }
echo "$members members with $tried"
exit "$failed"
