/* What is described here is the behaviour of numpy/_core/src/multiarray/descriptor.c, _convert_from_any() and what
 * it calls. */
#include "dtype/parse_literal.h"

#include "base/bytes.h"
#include "base/error.h"
#include "dtype/parse_stack.h"

#include <npickle/array.h>

npk_status npki_parse_fail(const npki_dtype_parser *c, const npki_literal *literal, const char *expected)
{
    return npki_script_fail(&c->script, literal->at, expected);
}

npk_status npki_parse_unsupported(const npki_dtype_parser *c, const npki_literal *literal, const char *expected)
{
    npki_script script = c->script;
    script.status = NPK_ERR_UNSUPPORTED;
    return npki_script_fail(&script, literal->at, expected);
}

npk_status npki_parse_fail_with(const npki_dtype_parser *c, const npki_literal *literal, npk_status status,
                                const npk_error *told)
{
    if (status == NPK_OK || status == NPK_ERR_MEMORY)
        return status == NPK_OK ? NPK_OK : npki_no_memory(c->script.error);
    return npki_fail(c->script.error, status, "character %zu of the %s: %s", literal->at, c->script.what,
                     told->message);
}

npk_status npki_parse_full(const npki_dtype_parser *c)
{
    return npki_script_full(&c->script);
}

npk_dtype *npki_parse_new(const npki_dtype_parser *c, const npk_dtype *dtype)
{
    npk_dtype *own = npki_arena_take(c->script.arena, sizeof *own);
    if (own != NULL) {
        *own = *dtype;
        own->storage = NPKI_STORED_INSIDE;
    }
    return own;
}

/* --- (type, shape), (type, size), (type, type) --- */

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

/* --- str --- */

static npk_status refuse_plain(npki_dtype_parser *c, const npki_literal *literal)
{
    return npki_parse_fail(c, literal,
                           strchr(literal->text, '[') != NULL ? "a unit of time such as M8[25us]"
                                                              : "a dtype such as <f8, int16 or S5");
}

static npk_status take_plain(npki_dtype_parser *c, const npki_literal *literal, const npk_dtype **out)
{
    npk_dtype parsed = npki_dtype_void();
    if (!npki_dtype_parse_into(literal->text, literal->size, &parsed))
        return refuse_plain(c, literal);
    /* NumPy has one descriptor for a native number, and makes a new one for a swapped one each time. */
    *out = npki_dtype_is_native(&parsed) ? npki_dtype_intern(&parsed) : &parsed;
    if (*out == &parsed)
        *out = npki_parse_new(c, &parsed);
    return *out == NULL ? npki_parse_full(c) : NPK_OK;
}

/* --- any of them --- */

static npk_status push(npki_dtype_parser *c, const npki_parse_form *form, const npki_literal *literal)
{
    npki_parse_frame *frame = npki_arena_take(c->script.arena, sizeof *frame);
    if (frame == NULL)
        return npki_parse_full(c);
    *frame = (npki_parse_frame){.outer = c->top,
                                .form = form,
                                .literal = literal,
                                .next = literal->first,
                                .aligned = c->top != NULL && c->top->aligned,
                                .itemsize = NPK_AUTO};
    c->top = frame;
    return form->begin(c, frame);
}

static const npki_parse_form *form_of(const npki_literal *dict)
{
    bool names = npki_literal_get(dict, "names") != NULL && npki_literal_get(dict, "formats") != NULL;
    return names ? &npki_parse_form_names : &npki_parse_form_entries;
}

/* A type that is no more than a str is made at once, of any other the work begins. */
static npk_status enter(npki_dtype_parser *c, const npki_literal *literal, const npk_dtype **out)
{
    bool text = literal->kind == NPKI_LITERAL_STR || literal->kind == NPKI_LITERAL_BYTES;
    npki_literal *items;
    if (text && npki_is_comma_string(literal->text, literal->size)) {
        npk_status status = npki_parse_comma(&c->script, literal, &items);
        if (status != NPK_OK)
            return status;
        literal = items;
        if (items->kind == NPKI_LITERAL_LIST)
            return push(c, &npki_parse_form_types, items);
    }
    switch (literal->kind) {
    case NPKI_LITERAL_STR:
    case NPKI_LITERAL_BYTES:
        return take_plain(c, literal, out);
    case NPKI_LITERAL_LIST:
        return push(c, &npki_parse_form_list, literal);
    case NPKI_LITERAL_TUPLE:
        return push(c, &npki_parse_form_tuple, literal);
    case NPKI_LITERAL_DICT:
        return c->as == NPKI_PARSE_DESCR ? npki_parse_fail(c, literal, "a str, a tuple or a list")
                                         : push(c, form_of(literal), literal);
    case NPKI_LITERAL_NONE:
        *out = npk_dtype_native(NPK_FLOAT64);
        return c->as == NPKI_PARSE_DESCR ? npki_parse_fail(c, literal, "a str, a tuple or a list") : NPK_OK;
    default:
        return npki_parse_fail(c, literal, "a dtype");
    }
}

npk_status npki_dtype_parse_literal(const npki_script *script, const npk_limits *limits, const npki_literal *literal,
                                    npki_parse_language as, const npk_dtype **out)
{
    npki_dtype_parser c = {.script = *script, .limits = limits, .as = as};
    const npk_dtype *done = NULL;
    c.script.status = NPK_ERR_DTYPE;
    npk_status status = enter(&c, literal, &done);
    while (status == NPK_OK && c.top != NULL) {
        npki_parse_frame *frame = c.top;
        const npki_literal *inner = NULL;
        if (done != NULL) {
            status = frame->form->take(&c, frame, done);
            done = NULL;
            continue;
        }
        status = frame->form->ask(&c, frame, &inner);
        if (status != NPK_OK)
            break;
        if (inner != NULL) {
            status = enter(&c, inner, &done);
        } else {
            c.top = frame->outer;
            status = frame->form->finish(&c, frame, &done);
        }
    }
    if (status == NPK_OK)
        *out = done;
    return status;
}
