#include "dtype/facts.h"

#include <string.h>

/* A pair of descriptors whose parts are compared, one part after the other. */
typedef struct pair {
    const npk_dtype *a;
    const npk_dtype *b;
    size_t next;
} pair;

/* Depth and number of comparisons are bounded: a descriptor that came out of a pickle may share its parts so that
 * a walk over them all would never end. What lies beyond counts as different. */
enum { DEEPEST = 64, MOST_FIELDS = 1 << 20 };

bool npki_dtype_same_shape(const npk_dtype *a, const npk_dtype *b)
{
    if ((a->base == NULL) != (b->base == NULL) || a->base_ndim != b->base_ndim)
        return false;
    for (int i = 0; a->base != NULL && i < a->base_ndim; i++)
        if (a->base_shape[i] != b->base_shape[i])
            return false;
    return true;
}

/* Everything but the parts. */
static bool same_shell(const npk_dtype *a, const npk_dtype *b)
{
    return a->type == b->type && a->byteorder == b->byteorder && a->itemsize == b->itemsize && a->unit == b->unit &&
           a->multiple == b->multiple && a->is_struct == b->is_struct && a->field_count == b->field_count &&
           npki_dtype_same_shape(a, b);
}

static bool same_text(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static bool same_field(const npk_field *a, const npk_field *b)
{
    return a->offset == b->offset && same_text(a->name, a->name_size, b->name, b->name_size) &&
           same_text(a->title, a->title_size, b->title, b->title_size);
}

/* The next part of both in *a and *b: false where there is none, or where the two differ (*same says). */
static bool next_part(pair *of, const npk_dtype **a, const npk_dtype **b, bool *same)
{
    size_t i = of->next++;
    if (of->a->base != NULL && i == 0) {
        *a = of->a->base;
        *b = of->b->base;
        return true;
    }
    i -= of->a->base != NULL;
    if (i >= of->a->field_count)
        return false;
    *same = same_field(&of->a->fields[i], &of->b->fields[i]);
    *a = of->a->fields[i].dtype;
    *b = of->b->fields[i].dtype;
    return *same;
}

/* Pairs that were found to be equal. A dtype that holds others again and again, each once more in the next, has more
 * parts than anyone can look at: those that were looked at last are not looked at again. */
#define PROVEN 256
typedef struct proven {
    const npk_dtype *a[PROVEN], *b[PROVEN];
} proven;

static size_t slot_of(const npk_dtype *a, const npk_dtype *b)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)a ^ (uint64_t)(uintptr_t)b << 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 56);
}

static bool is_proven(const proven *known, const npk_dtype *a, const npk_dtype *b)
{
    size_t slot = slot_of(a, b);
    return a == b || (known->a[slot] == a && known->b[slot] == b);
}

static void prove(proven *known, const pair *equal)
{
    size_t slot = slot_of(equal->a, equal->b);
    known->a[slot] = equal->a;
    known->b[slot] = equal->b;
}

/* Two that have parts, and the same shell. */
static bool same_parts(const npk_dtype *a, const npk_dtype *b)
{
    pair stack[DEEPEST + 1];
    proven known = {.a = {NULL}};
    size_t depth = 0;
    bool same = true;
    stack[depth++] = (pair){a, b, 0};
    for (uint32_t parts = 0; depth > 0; parts++) {
        if (!next_part(&stack[depth - 1], &a, &b, &same)) {
            if (!same)
                return false;
            prove(&known, &stack[--depth]);
            continue;
        }
        if (is_proven(&known, a, b))
            continue;
        if (parts > MOST_FIELDS || depth > DEEPEST || !same_shell(a, b))
            return false;
        if (!npki_dtype_is_plain(a))
            stack[depth++] = (pair){a, b, 0};
    }
    return true;
}

bool npk_dtype_equal(const npk_dtype *a, const npk_dtype *b)
{
    if (a == NULL || b == NULL)
        return false;
    if (a == b)
        return true;
    if (!same_shell(a, b))
        return false;
    return npki_dtype_is_plain(a) || (npk_dtype_hash(a) == npk_dtype_hash(b) && same_parts(a, b));
}
