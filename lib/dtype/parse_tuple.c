/* (type, shape), (type, size), (type, type). numpy: descriptor.c _convert_from_tuple(). */
#include "dtype/parse_stack.h"

#include "base/bytes.h"

#include <npickle/array.h>

static npk_status begin_tuple(npki_dtype_parser *c, npki_parse_frame *frame)
{
    return frame->literal->count == 2 ? NPK_OK : npki_parse_fail(c, frame->literal, "a pair of a type and a shape");
}

/* An int, or ints: a shape or a size. Anything else is a second type. */
static bool is_shape(const npki_literal *literal)
{
    if (literal->kind == NPKI_LITERAL_INT)
        return true;
    if (literal->kind != NPKI_LITERAL_TUPLE && (literal->kind != NPKI_LITERAL_LIST || literal->count == 0))
        return false;
    for (const npki_literal *item = literal->first; item != NULL; item = item->next)
        if (item->kind != NPKI_LITERAL_INT)
            return false;
    return true;
}

static npk_status ask_tuple(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal **inner)
{
    const npki_literal *first = frame->literal->first;
    (void)c;
    if (frame->types[0] == NULL)
        *inner = first;
    else if (frame->types[1] == NULL && !is_shape(first->next))
        *inner = first->next;
    return NPK_OK;
}

static npk_status take_tuple(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner)
{
    (void)c;
    frame->types[frame->types[0] != NULL] = inner;
    return NPK_OK;
}

/* S, U or V without a size; to NumPy a subarray of no items too. */
static bool is_unsized(const npk_dtype *dtype)
{
    return dtype->itemsize == 0 && !dtype->is_struct;
}

static npk_status take_size(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal *size,
                            const npk_dtype **out)
{
    npk_dtype *own = npki_parse_new(c, frame->types[0]);
    if (own == NULL)
        return npki_parse_full(c);
    int64_t width = npki_dtype_rows[own->type].swap;
    if (size->kind != NPKI_LITERAL_INT || size->number < 0 || size->number > INT32_MAX / width ||
        (own->base != NULL && size->number != 0))
        return npki_parse_fail(c, size, "the size of an S, U or V");
    own->itemsize = size->number * width;
    *out = own;
    return NPK_OK;
}

static npk_status take_shape(npki_dtype_parser *c, const npk_dtype *base, const npki_literal *shape,
                             const npk_dtype **out)
{
    bool one = shape->kind == NPKI_LITERAL_INT;
    size_t ndim = one ? 1 : shape->count;
    npk_error told;
    npk_dtype made = npki_dtype_void();
    if (ndim > NPK_MAXDIMS)
        return npki_parse_fail(c, shape, "a shape of up to 64 lengths");
    int64_t *lengths = npki_arena_take(c->script.arena, ndim * sizeof *lengths);
    if (lengths == NULL)
        return npki_parse_full(c);
    const npki_literal *item = one ? shape : shape->first;
    for (size_t i = 0; i < ndim; i++, item = item->next)
        lengths[i] = item->number;
    npk_status status = npki_subarray_set(&made, base, (int)ndim, lengths, c->limits, &told);
    if (status != NPK_OK)
        return npki_parse_fail_with(c, shape, status, &told);
    *out = npki_parse_new(c, &made);
    return *out == NULL ? npki_parse_full(c) : NPK_OK;
}

/* (V8, struct): the fields of the second on the first. A second type without fields has only its size to say. */
static npk_status take_union(npki_dtype_parser *c, npki_parse_frame *frame, const npki_literal *literal,
                             const npk_dtype **out)
{
    const npk_dtype *first = frame->types[0], *second = frame->types[1];
    if (first->has_object || second->has_object)
        return npki_parse_fail(c, literal, "a type without Python objects");
    bool fixed = !is_unsized(first) || first->base != NULL;
    if (fixed && first->itemsize != second->itemsize)
        return npki_parse_fail(c, literal, "a type of the same size");
    if (second->is_struct && (first->type != NPK_VOID || first->base != NULL))
        return npki_parse_unsupported(c, literal, "a type without fields: only a V has them here");
    if (!fixed && second->itemsize % npki_dtype_rows[first->type].swap != 0)
        return npki_parse_fail(c, literal, "a type of whole characters");
    npk_dtype *own = npki_parse_new(c, second->is_struct ? second : first);
    if (own == NULL)
        return npki_parse_full(c);
    own->itemsize = second->itemsize;
    own->alignment = first->alignment;
    *out = own;
    return NPK_OK;
}

static npk_status finish_tuple(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype **out)
{
    const npki_literal *second = frame->literal->first->next;
    if (frame->types[1] != NULL)
        return take_union(c, frame, second, out);
    if (is_unsized(frame->types[0]))
        return take_size(c, frame, second, out);
    *out = frame->types[0];
    return second->kind != NPKI_LITERAL_INT && second->count == 0 ? NPK_OK : take_shape(c, *out, second, out);
}

const npki_parse_form npki_parse_form_tuple = {begin_tuple, ask_tuple, take_tuple, finish_tuple};
