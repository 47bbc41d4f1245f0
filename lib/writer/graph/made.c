/* Whether an object of NumPy is made as NumPy makes it: what check --strict asks, where a call that means the same is
 * written as it was read. */
#include "writer/graph/graph.h"

#include <string.h>

static const npk_value *arg(const npki_object *call, size_t index)
{
    bool there = call->args->kind == NPK_KIND_TUPLE && index < npki_count_of(call->args);
    return there ? npki_item_of(call->args, index) : NULL;
}

/* False and True, or the ints that NumPy before 1.19 has. */
static bool is_flag(const npk_value *value, bool flag)
{
    int64_t number;
    bool is;
    return npk_value_as_bool(value, &is) ? is == flag : npk_value_as_int64(value, &number) && number == (int64_t)flag;
}

/* A letter and a number of bytes, without the byte order. */
static bool is_code(const char *text, size_t size)
{
    return size > 1 && memchr("biufcmMOSUV", text[0], 11) != NULL && strspn(text + 1, "0123456789") == size - 1;
}

/* `|` where there is nothing to swap. */
static bool is_order_of(const char *code, size_t size, const npk_value *order)
{
    bool plain = memchr("bOSV", code[0], 4) != NULL || (code[0] != 'U' && size == 2 && code[1] == '1');
    return plain ? npki_text_is(order, "|") : npki_text_is(order, "<") || npki_text_is(order, ">");
}

/* An item of a state, which begins with the version but before NumPy 1.0. NULL: there is none. */
static const npk_value *part_of(const npk_value *state, size_t index)
{
    const size_t count = state != NULL && state->kind == NPK_KIND_TUPLE ? npki_count_of(state) : 0;
    const size_t first = count > 0 && npki_item_of(state, 0)->kind == NPK_KIND_INT ? 0 : 1;
    return index - first < count ? npki_item_of(state, index - first) : NULL;
}

/* Of a type by itself: 63 of objects, of text 0 or 8. What a struct or a subarray has its parts tell. */
static bool has_flags_of(const char *code, const npk_value *state)
{
    static const size_t parts[] = {2, 3, 4};
    const npk_value *flags = part_of(state, 7);
    int64_t number;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (part_of(state, parts[i]) != NULL && part_of(state, parts[i])->kind != NPK_KIND_NONE)
            return true;
    return flags == NULL || !npk_value_as_int64(flags, &number) || number == (code[0] == 'O' ? 63 : 0) ||
           (code[0] == 'U' && number == 8);
}

/* dtype(code, False, True), and a state whose second item is the byte order: arraydescr_reduce() in descriptor.c. Of
 * a class in the place of a code it is the class that has made the state. */
static bool is_dtype(const npki_object *call)
{
    const char *code;
    size_t size;
    const npk_value *first = arg(call, 1), *second = arg(call, 2);
    if (!npki_is_tuple_of(call->args, 3) || !is_flag(first, false) || !is_flag(second, true) ||
        first->kind != second->kind)
        return false;
    if (!npki_text_of(arg(call, 0), &code, &size))
        return arg(call, 0)->kind == NPK_KIND_GLOBAL;
    const npk_value *order = part_of(call->state, 1);
    return is_code(code, size) && (order == NULL || is_order_of(code, size, order)) && has_flags_of(code, call->state);
}

/* _reconstruct(class, (0,), b'b'), and (version, shape, dtype, whether in Fortran's order, elements) as its state:
 * array_reduce() in methods.c. Classes of others may have more, or call it in ways of their own. */
static bool is_array(const npki_object *call)
{
    int64_t length;
    const npk_value *shape = arg(call, 1), *order = part_of(call->state, 3);
    if (!npki_is_global(arg(call, 0), "numpy", "ndarray") || !npki_is_tuple_of(call->state, 5))
        return true;
    return npki_is_tuple_of(call->args, 3) && npki_is_tuple_of(shape, 1) &&
           npk_value_as_int64(npki_item_of(shape, 0), &length) && length == 0 && npki_text_is(arg(call, 2), "b") &&
           (is_flag(order, false) || is_flag(order, true));
}

bool npki_is_as_numpy_makes_it(const npki_object *call)
{
    return call->meaning == NPKI_DTYPE ? is_dtype(call) : call->meaning != NPKI_RECONSTRUCT || is_array(call);
}
