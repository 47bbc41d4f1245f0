#include "dtype/equal.h"

#include "base/allocator.h"
#include "dtype/facts.h"

#include <string.h>

/* A pair of descriptors whose parts are compared, one part after the other. */
typedef struct pair {
    const npk_dtype *a;
    const npk_dtype *b;
    size_t next;
} pair;

/* A dtype out of a pickle may share its parts so that a walk over all pairs of them would never end. Those that were
 * found to be equal are kept, as long as no newer pair takes their place; what it takes more looks than these to tell
 * counts as different. */
enum { MOST_FIELDS = 1 << 20 };

bool npki_dtype_same_shape(const npk_dtype *a, const npk_dtype *b)
{
    if ((a->base == NULL) != (b->base == NULL) || a->base_ndim != b->base_ndim)
        return false;
    for (int i = 0; a->base != NULL && i < a->base_ndim; i++)
        if (a->base_shape[i] != b->base_shape[i])
            return false;
    return true;
}

static size_t slot_of(const void *a, const void *b)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)a ^ (uint64_t)(uintptr_t)b << 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) % NPKI_EQUAL_PAIRS;
}

static bool is_known(const npki_equal_pairs *known, const void *a, const void *b)
{
    size_t slot = slot_of(a, b);
    return a == b || (known->begun && known->a[slot] == a && known->b[slot] == b);
}

static void keep(npki_equal_pairs *known, const void *a, const void *b)
{
    size_t slot = slot_of(a, b);
    if (!known->begun) {
        memset(known->a, 0, sizeof known->a);
        memset(known->b, 0, sizeof known->b);
    }
    known->begun = true;
    known->a[slot] = a;
    known->b[slot] = b;
}

/* What its parts are known by, to be kept: of structs the fields, which many of a pickle may have together. */
static const void *parts_of(const npk_dtype *dtype)
{
    return dtype->base == NULL && dtype->field_count > 0 ? (const void *)dtype->fields : dtype;
}

/* Everything but the parts. */
static bool same_shell(const npk_dtype *a, const npk_dtype *b)
{
    return a->type == b->type && a->byteorder == b->byteorder && a->itemsize == b->itemsize && a->unit == b->unit &&
           a->multiple == b->multiple && a->is_struct == b->is_struct && a->field_count == b->field_count &&
           npki_dtype_same_shape(a, b);
}

static bool same_besides(const npki_equal_pairs *known, const npk_dtype *a, const npk_dtype *b)
{
    return known == NULL || known->also == NULL || known->also(known->context, a, b);
}

#define LONG_NAME 256 /* bytes: one that many dtypes may share is looked at once */

static bool same_text(npki_equal_pairs *known, const char *a, size_t a_size, const char *b, size_t b_size)
{
    bool is_long = a_size >= LONG_NAME;
    if (a == b)
        return a_size == b_size;
    if (a == NULL || b == NULL || a_size != b_size)
        return false;
    if (is_long && is_known(known, a, b))
        return true;
    bool same = a_size == 0 || memcmp(a, b, a_size) == 0;
    if (same && is_long)
        keep(known, a, b);
    return same;
}

static bool same_field(npki_equal_pairs *known, const npk_field *a, const npk_field *b)
{
    return a->offset == b->offset && same_text(known, a->name, a->name_size, b->name, b->name_size) &&
           same_text(known, a->title, a->title_size, b->title, b->title_size);
}

/* The next part of both in *a and *b: false where there is none, or where the two differ (*same says). */
static bool next_part(npki_equal_pairs *known, pair *of, const npk_dtype **a, const npk_dtype **b, bool *same)
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
    *same = same_field(known, &of->a->fields[i], &of->b->fields[i]);
    *a = of->a->fields[i].dtype;
    *b = of->b->fields[i].dtype;
    return *same;
}

/* Two that have parts, and the same shell. */
static bool same_parts(pair stack[NPKI_DTYPE_DEEPEST], npki_equal_pairs *known, const npk_dtype *a, const npk_dtype *b)
{
    size_t depth = 0;
    bool same = true;
    stack[depth++] = (pair){a, b, 0};
    for (uint32_t parts = 0; depth > 0; parts++) {
        if (!next_part(known, &stack[depth - 1], &a, &b, &same)) {
            if (!same)
                return false;
            depth--;
            keep(known, parts_of(stack[depth].a), parts_of(stack[depth].b));
            continue;
        }
        if (a == b)
            continue;
        if (!same_shell(a, b) || !same_besides(known, a, b))
            return false;
        if (!npki_dtype_is_plain(a) && is_known(known, parts_of(a), parts_of(b)))
            continue;
        if (parts > MOST_FIELDS || depth == NPKI_DTYPE_DEEPEST)
            return false;
        if (!npki_dtype_is_plain(a))
            stack[depth++] = (pair){a, b, 0};
    }
    return true;
}

bool npki_dtype_equal(const npk_dtype *a, const npk_dtype *b, npki_equal_pairs *known)
{
    if (a == NULL || b == NULL)
        return false;
    if (a == b)
        return true;
    if (!same_shell(a, b) || !same_besides(known, a, b))
        return false;
    if (npki_dtype_is_plain(a) || is_known(known, parts_of(a), parts_of(b)))
        return true;
    if (npk_dtype_hash(a) != npk_dtype_hash(b))
        return false;
    npk_allocator allocator = npki_allocator(NULL);
    pair *stack = npki_allocate(&allocator, NPKI_DTYPE_DEEPEST * sizeof *stack);
    bool same = stack != NULL && same_parts(stack, known, a, b);
    npki_free(&allocator, stack, NPKI_DTYPE_DEEPEST * sizeof *stack);
    return same;
}

bool npk_dtype_equal(const npk_dtype *a, const npk_dtype *b)
{
    if (a == NULL || b == NULL || npki_dtype_is_plain(a)) /* no pairs of parts */
        return npki_dtype_equal(a, b, NULL);
    npk_allocator allocator = npki_allocator(NULL);
    npki_equal_pairs *known = npki_allocate(&allocator, sizeof *known);
    if (known == NULL)
        return false;
    known->also = NULL;
    known->begun = false;
    bool same = npki_dtype_equal(a, b, known);
    npki_free(&allocator, known, sizeof *known);
    return same;
}
