#include "compare/state.h"

#include "text/unicode.h"
#include "value/value.h"

#include <stdlib.h>
#include <string.h>

typedef struct text_view {
    const uint8_t *bytes;
    size_t size;
    uint8_t *copy;
} text_view;

/* The bytes of a text; `as_str`: of a str of Python 2, the UTF-8 of the characters of latin-1 that they are. */
static bool view_text(npki_compare *c, const npk_value *value, bool as_str, text_view *out)
{
    *out = (text_view){.bytes = NULL};
    out->bytes = (const uint8_t *)npk_value_as_str(value, &out->size);
    if (out->bytes != NULL)
        return true;
    int64_t size = npk_value_bytes_size(value);
    out->bytes = npk_value_as_bytes(value, &out->size);
    if (size < 0)
        return false;
    if (out->bytes != NULL && !as_str)
        return true;
    out->copy = malloc(2 * (size_t)size + 1);
    if (out->copy == NULL || npk_value_bytes_copy(value, out->copy, (size_t)size) != size) {
        c->status = NPK_ERR_MEMORY;
        return false;
    }
    out->bytes = out->copy;
    out->size = (size_t)size;
    for (int64_t i = as_str ? size : 0; i-- > 0;) /* from the end, where there is room */
        out->copy[size + i] = out->copy[i];
    for (int64_t i = 0, at = 0; as_str && i < size; i++, out->size = (size_t)at) {
        uint8_t utf8[4];
        size_t length = npki_utf8_put(out->copy[size + i], utf8);
        memcpy(out->copy + at, utf8, length);
        at += (int64_t)length;
    }
    return true;
}

static void compare_texts(npki_compare *c, const npk_value *a, const npk_value *b)
{
    bool as_str = npk_value_kind(a) != npk_value_kind(b);
    text_view x = {NULL, 0, NULL}, y = {NULL, 0, NULL};
    if (view_text(c, a, as_str, &x) && view_text(c, b, as_str, &y)) {
        size_t from = 0, least = x.size < y.size ? x.size : y.size;
        npki_compare_charge(c, least / 16);
        if (x.size != y.size || memcmp(x.bytes, y.bytes, least) != 0) {
            while (from < least && x.bytes[from] == y.bytes[from])
                from++;
            npki_compare_say_values(c, a, b, from);
        }
    }
    free(x.copy);
    free(y.copy);
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

void npki_compare_atoms(npki_compare *c, const npk_value *a, const npk_value *b)
{
    if (npk_value_as_str(a, &(size_t){0}) != NULL || npk_value_bytes_size(a) >= 0)
        compare_texts(c, a, b);
    else if (!same_atom(a, b))
        npki_compare_say_values(c, a, b, 0);
}
