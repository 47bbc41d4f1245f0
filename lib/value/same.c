#include "value/same.h"

#include "value/value.h"

#include <string.h>

#define PAIRS 32 /* that wait */

typedef struct pairs {
    const npk_value *at[PAIRS][2];
    size_t count;
    bool same;
} pairs;

static void want_same(pairs *p, const npk_value *a, const npk_value *b)
{
    if (a == b || !p->same)
        return;
    p->same = a != NULL && b != NULL && a->kind == b->kind && p->count < PAIRS;
    if (!p->same)
        return;
    p->at[p->count][0] = a;
    p->at[p->count++][1] = b;
}

static void want_same_call(pairs *p, const npki_object *a, const npki_object *b)
{
    p->same = p->same && a->construction == b->construction;
    want_same(p, a->callable, b->callable);
    want_same(p, a->args, b->args);
    want_same(p, a->kwargs, b->kwargs);
}

static bool is_same_text(const npk_value *a, const npk_value *b)
{
    const char *left, *right;
    size_t left_size, right_size;
    if (npki_is_encoded(a) && npki_is_encoded(b))
        return a->encoding == b->encoding && a->u.encoded->size == b->u.encoded->size &&
               memcmp(a->u.encoded->bytes, b->u.encoded->bytes, (size_t)a->u.encoded->size) == 0;
    return npki_text_of(a, &left, &left_size) && npki_text_of(b, &right, &right_size) && left_size == right_size &&
           memcmp(left, right, left_size) == 0;
}

static bool is_same_global(const npki_global *a, const npki_global *b)
{
    return a->module_size == b->module_size && a->name_size == b->name_size &&
           memcmp(a->module, b->module, a->module_size) == 0 && memcmp(a->name, b->name, a->name_size) == 0;
}

static bool is_same_int(const npk_value *a, const npk_value *b)
{
    uint8_t left[8], right[8];
    size_t left_size, right_size;
    const uint8_t *of_a = npk_value_as_long(a, left, &left_size), *of_b = npk_value_as_long(b, right, &right_size);
    return left_size == right_size && memcmp(of_a, of_b, left_size) == 0;
}

/* Two values that are not one. */
static void look_at(pairs *p, const npk_value *a, const npk_value *b)
{
    switch ((npk_kind)a->kind) {
    case NPK_KIND_GLOBAL:
        p->same = is_same_global(a->u.global, b->u.global);
        return;
    case NPK_KIND_OBJECT:
        want_same_call(p, a->u.object, b->u.object);
        want_same(p, a->u.object->state, b->u.object->state);
        return;
    case NPK_KIND_TUPLE:
    case NPK_KIND_LIST:
    case NPK_KIND_DICT:
    case NPK_KIND_SET:
    case NPK_KIND_FROZENSET: /* the same writer has their items in the same order */
        p->same = npki_count_of(a) == npki_count_of(b);
        for (size_t i = 0; p->same && i < npki_count_of(a); i++)
            if (npki_item_of(a, i) != npki_item_of(b, i))
                want_same(p, npki_item_of(a, i), npki_item_of(b, i));
        return;
    case NPK_KIND_INT:
        p->same = is_same_int(a, b);
        return;
    case NPK_KIND_COMPLEX:
        p->same = memcmp(a->u.complex, b->u.complex, sizeof a->u.complex) == 0;
        return;
    case NPK_KIND_EXTENSION:
    case NPK_KIND_PERSID:
        want_same(p, a->u.id, b->u.id);
        return;
    case NPK_KIND_FLOAT:
        p->same = memcmp(&a->u.real, &b->u.real, sizeof a->u.real) == 0;
        return;
    default:
        p->same = is_same_text(a, b);
    }
}

/* What a pair costs to look at, in items or bytes. */
static uint64_t cost_of(const npk_value *value)
{
    if (npki_is_container(value))
        return 1 + npki_count_of(value);
    if (npki_is_encoded(value))
        return 1 + value->u.encoded->size;
    return value->kind >= NPK_KIND_STR && value->kind <= NPK_KIND_PYTHON2_STR ? 1 + value->u.text.size : 1;
}

bool npki_is_same_call(const npki_object *left, const npki_object *right, uint64_t *spent, uint64_t most)
{
    pairs p = {.same = true};
    want_same_call(&p, left, right);
    while (p.same && p.count > 0) {
        p.count--;
        const npk_value *x = p.at[p.count][0], *y = p.at[p.count][1];
        *spent += cost_of(x);
        if (*spent > most)
            return false;
        look_at(&p, x, y);
    }
    return p.same;
}
