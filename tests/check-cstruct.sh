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

cat > "$work/uses-good" << 'END'
NPK_STRUCT(x, struct good, f);
NPK_STRUCT(x, struct good, NPK_NESTED(c, corner));
NPK_STRUCT(x, struct good, f); npk_status r(npk_array *a, struct good *p); npk_status r(npk_array *a, struct good *p) { return NPK_ARRAY_READ_STRUCTS(a, x, NULL, p, 1, NULL); }
END
cat > "$work/uses-bad" << 'END'
NPK_STRUCT(x, struct good, nothing);
NPK_STRUCT(x, struct good, f, f.g);
NPK_STRUCT(x, struct good, NPK_NESTED(f, point));
NPK_STRUCT(x, struct good, NPK_NESTED(c, point));
NPK_STRUCT(x, struct good, NPK_NESTED(c, later)); NPK_STRUCT(later, struct corner, tag);
NPK_STRUCT(x, struct good, NPK_NESTED(p, point));
NPK_STRUCT(x, struct good, f); npk_status r(npk_array *a, struct point *p); npk_status r(npk_array *a, struct point *p) { return NPK_ARRAY_READ_STRUCTS(a, x, NULL, p, 1, NULL); }
END

# try COMPILER good|bad TEXT: compiles try.c, which should compile or not
try() {
    if $1 $flags -c "$work/try.c" -o "$work/try.o" 2> /dev/null; then is=good; else is=bad; fi
    [ $is = "$2" ] || { echo "$1 finds this $is: $3" >&2; failed=1; }
}

tried=
for compiler in "$CC" gcc clang; do
    $compiler --version > /dev/null 2>&1 || continue
    case "$tried" in *"<$compiler>"*) continue ;; esac
    tried="$tried<$compiler>"
    for level in -O0 -O2; do
        $compiler $flags $level "$work/good.c" -o "$work/good" && "$work/good" > "$work/out" || { failed=1; continue; }
        first=$work/first$(sed q "$work/out")
        [ -f "$first" ] || cp "$work/out" "$first"
        cmp "$work/out" "$first" || failed=1
    done
    for kind in good bad; do
        while IFS= read -r text; do
            printf '#include "every.h"\nstruct bad { int before; %s; };\nNPK_STRUCT(bad, struct bad, before, m);\n' "$text" > "$work/try.c"
            echo 'size_t used(void); size_t used(void) { return bad.count + every.count; }' >> "$work/try.c"
            try "$compiler" $kind "$text"
        done < "$work/members-$kind"
        while IFS= read -r text; do
            printf '#include "every.h"\nstruct good { float f; struct corner c; struct point *p; };\n%s\n' "$text" > "$work/try.c"
            echo 'size_t used(void); size_t used(void) { return x.count + every.count; }' >> "$work/try.c"
            try "$compiler" $kind "$text"
        done < "$work/uses-$kind"
    done
done
members=$(grep -c ' at [0-9]*, ' "$first")
[ "$members" -ge 30 ] || { echo "only $members members" >&2; failed=1; }
echo "$members members with $tried"
exit "$failed"
