#include "compare/state.h"

#include "text/unicode.h"
#include "value/value.h"

#include <string.h>

typedef struct text_view {
    const uint8_t *bytes;
    size_t size;
    uint8_t *copy; /* or NULL */
    size_t room;   /* bytes of it */
} text_view;

/* Bytes, as characters of latin-1, into the UTF-8 that they are; they stand at the end of `out`, which has twice their
 * size. Returns the size. */
static size_t spread_latin1(uint8_t *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t utf8[4];
        size_t length = npki_utf8_put(out[size + i], utf8);
        memcpy(out + at, utf8, length);
        at += length;
    }
    return at;
}

/* The bytes of a text; `as_str`: of bytes, the UTF-8 of the characters of latin-1 that they are. */
static bool view_text(npki_compare *c, const npk_value *value, bool as_str, text_view *out)
{
    *out = (text_view){.bytes = NULL};
    out->bytes = (const uint8_t *)npk_value_as_str(value, &out->size);
    if (out->bytes != NULL)
        return true;
    int64_t bytes = npk_value_bytes_size(value);
    out->bytes = npk_value_as_bytes(value, &out->size);
    if (bytes < 0 || (out->bytes != NULL && !as_str))
        return bytes >= 0;
    size_t size = (size_t)bytes, needed;
    if (__builtin_mul_overflow(size, (size_t)2, &needed)) {
        npki_compare_fail(c, NPK_ERR_MEMORY);
        return false;
    }
    out->room = needed + 1;
    out->copy = npki_compare_allocate(c, out->room);
    if (out->copy == NULL)
        return false;
    uint8_t *to = out->copy + (as_str ? size : 0); /* from the end, where there is room */
    if (npk_value_bytes_copy(value, to, size) != bytes)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    out->bytes = out->copy;
    out->size = as_str && c->status == NPK_OK ? spread_latin1(out->copy, size) : size;
    return c->status == NPK_OK;
}

static void free_text(npki_compare *c, text_view *text)
{
    npki_free(&c->allocator, text->copy, text->room);
}

static void compare_texts(npki_compare *c, const npk_value *a, const npk_value *b)
{
    bool as_str = npk_value_kind(a) == NPK_KIND_STR || npk_value_kind(b) == NPK_KIND_STR;
    text_view x = {.bytes = NULL}, y = {.bytes = NULL};
    if (view_text(c, a, as_str, &x) && view_text(c, b, as_str, &y)) {
        size_t from = 0, least = x.size < y.size ? x.size : y.size;
        npki_compare_charge(c, least / 16);
        if (c->status == NPK_OK && (x.size != y.size || memcmp(x.bytes, y.bytes, least) != 0)) {
            while (from < least && x.bytes[from] == y.bytes[from])
                from++;
            npki_compare_say_values(c, a, b, from);
        }
    }
    free_text(c, &x);
    free_text(c, &y);
}

bool npki_compare_is_text_pair(const npki_compare *c, npk_kind a, npk_kind b)
{
    npk_kind other = a == NPK_KIND_PYTHON2_STR ? b : a;
    if (a == b || (a != NPK_KIND_PYTHON2_STR && b != NPK_KIND_PYTHON2_STR))
        return false;
    return (c->options.python2_str == NPK_PYTHON2_STR_TEXT && other == NPK_KIND_STR) ||
           (c->options.python2_str == NPK_PYTHON2_STR_BYTES && other == NPK_KIND_BYTES);
}

/* What a payload outside is inside. */
static npk_kind kind_inside(const npk_value *value)
{
    const bool readonly = (value->flags & NPKI_IS_READONLY) != 0;
    return npk_value_kind(value) != NPK_KIND_BUFFER ? npk_value_kind(value)
           : readonly                               ? NPK_KIND_BYTES
                                                    : NPK_KIND_BYTEARRAY;
}

bool npki_compare_is_buffer_pair(const npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_kind left = kind_inside(a), right = kind_inside(b);
    return (npk_value_kind(a) == NPK_KIND_BUFFER) != (npk_value_kind(b) == NPK_KIND_BUFFER) &&
           (left == right || npki_compare_is_text_pair(c, left, right));
}

static bool same_real(double a, double b)
{
    return a == b || (a != a && b != b);
}

/* Of the same kind, neither text nor with parts. */
static bool same_atom(const npk_value *a, const npk_value *b)
{
    uint8_t rooms[2][8];
    size_t sizes[2] = {0, 0};
    double x[2] = {0, 0}, y[2] = {0, 0};
    switch (npk_value_kind(a)) {
    case NPK_KIND_BOOL:
        return a->u.boolean == b->u.boolean;
    case NPK_KIND_INT: {
        const uint8_t *p = npk_value_as_long(a, rooms[0], &sizes[0]), *q = npk_value_as_long(b, rooms[1], &sizes[1]);
        return sizes[0] == sizes[1] && memcmp(p, q, sizes[0]) == 0;
    }
    case NPK_KIND_FLOAT:
        return npk_value_as_double(a, &x[0]) && npk_value_as_double(b, &y[0]) && same_real(x[0], y[0]);
    case NPK_KIND_COMPLEX:
        return npk_value_as_complex(a, x) && npk_value_as_complex(b, y) && same_real(x[0], y[0]) &&
               same_real(x[1], y[1]);
    case NPK_KIND_GLOBAL:
        return npki_compare_same_global(a, b);
    case NPK_KIND_EXTENSION:
        return a->u.id->u.integer == b->u.id->u.integer;
    default:
        return true;
    }
}

/* Whether two long ones are known to be equal. */
static bool is_known(const npki_compare *c, const npk_value *a, const npk_value *b)
{
    const uint64_t *left = npki_map_get(&c->same, (uintptr_t)a), *right = npki_map_get(&c->same, (uintptr_t)b);
    return left != NULL && right != NULL && *left == *right;
}

/* Two long ones that are. What was equal to both is from now on with what came first. */
static void keep_same(npki_compare *c, const npk_value *a, const npk_value *b)
{
    bool added[2];
    uint64_t *left = npki_map_put(&c->same, (uintptr_t)a, &added[0]);
    const uint64_t first = left == NULL ? 0 : added[0] ? (*left = c->same.count) : *left;
    uint64_t *right = left == NULL ? NULL : npki_map_put(&c->same, (uintptr_t)b, &added[1]);
    if (right == NULL) {
        npki_compare_fail(c, NPK_ERR_MEMORY);
        return;
    }
    *right = added[1] || first < *right ? first : *right;
    left = npki_map_get(&c->same, (uintptr_t)a);
    *left = *right;
}

/* The same as same_atom; a large int costs as a text of its bytes does. */
static bool is_same(npki_compare *c, const npk_value *a, const npk_value *b)
{
    size_t size = 0;
    (void)npk_value_as_long(a, (uint8_t[8]){0}, &size);
    return npki_compare_charge(c, size / 16) && same_atom(a, b);
}

bool npki_compare_is_same_atom(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const bool both_long = npki_compare_is_long(a) && npki_compare_is_long(b);
    size_t a_size = 0, b_size = 0;
    const char *left = npk_value_as_str(a, &a_size), *right = npk_value_as_str(b, &b_size);
    const bool texts = left != NULL && right != NULL;
    if (npk_value_kind(a) != npk_value_kind(b))
        return false;
    if (!texts && a->kind != NPK_KIND_INT)
        return left == right && same_atom(a, b);
    if (both_long && is_known(c, a, b))
        return npki_compare_charge(c, 1);
    const bool same = texts ? a_size == b_size && npki_compare_charge(c, 1 + a_size / 16) &&
                                  memcmp(left, right, a_size) == 0
                            : is_same(c, a, b);
    if (same && both_long)
        keep_same(c, a, b);
    return same;
}

void npki_compare_atoms(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const bool both_long = npki_compare_is_long(a) && npki_compare_is_long(b);
    const uint64_t before = c->differences;
    if (both_long && is_known(c, a, b))
        return;
    if (npki_compare_same_at_sight(a, b))
        (void)npki_compare_charge(c, a->kind == NPK_KIND_STR ? a->u.text.size / 16 : 0);
    else if (npk_value_as_str(a, &(size_t){0}) != NULL || npk_value_bytes_size(a) >= 0)
        compare_texts(c, a, b);
    else if (!is_same(c, a, b) && c->status == NPK_OK)
        npki_compare_say_values(c, a, b, 0);
    if (both_long && c->differences == before && c->status == NPK_OK)
        keep_same(c, a, b);
}
