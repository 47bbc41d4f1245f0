/* What the states of dtypes have otherwise in other releases of NumPy.
 *
 *   flags      an aligned struct's are above 127 in NumPy 2, and the same as a char with a sign, below 0, in NumPy 1, which refuses
 *              others; what both are to load gets those of NumPy 1, of which NumPy 2 forgets that the struct is aligned
 *   names      of fields are strs of Python 2 there, which takes those of Python 3 that are ASCII
 *   metadata   that a unit has none is None since 2.4, {} before, where None breaks the dtype
 *
 * numpy: core/src/multiarray/descriptor.c arraydescr_setstate() */
#include "writer/graph/graph.h"

#include "text/unicode.h"

enum { NAMES = 3, FLAGS = 7, METADATA = 8 }; /* items of a state */

static bool translate_flags(npk_writer *w, const npk_value *value)
{
    const int64_t flags = value->u.integer;
    bool negative = flags < 0 && flags >= INT8_MIN, above = flags > INT8_MAX && flags <= UINT8_MAX;
    if ((negative || above) && w->numpy->signed_flags && npki_is_for_both(w))
        npki_leave_out(w, NPKI_LEFT_OUT_ALIGNED);
    if (!(w->numpy->signed_flags ? above : negative))
        return false;
    npk_write_int(w, negative ? flags + UINT8_MAX + 1 : flags - UINT8_MAX - 1);
    return true;
}

static void check_name(npk_writer *w, const npk_value *value)
{
    size_t size;
    const char *name = npk_value_as_str(value, &size);
    if (!w->python->python2 || w->unloadable != NPK_UNLOADABLE_REFUSE || name == NULL ||
        npki_is_ascii((const uint8_t *)name, size))
        return;
    npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "the name of a field that is not ASCII, which Python 2 does not take");
    w->refused = value;
}

bool npki_translate_state(npk_writer *w, const npki_object *call, const npk_value *inner, size_t index,
                          const npk_value *value)
{
    if (call == NULL || call->meaning != NPKI_DTYPE || call->state == NULL || call->state->kind != NPK_KIND_TUPLE)
        return false;
    if (inner == NULL)
        return index == FLAGS && value->kind == NPK_KIND_INT && translate_flags(w, value);
    if (npki_count_of(call->state) > NAMES && npki_item_of(call->state, NAMES) == inner)
        check_name(w, value);
    bool unit = npki_count_of(call->state) > METADATA && npki_item_of(call->state, METADATA) == inner;
    if (!unit || index != 0 || value->kind != NPK_KIND_NONE || w->numpy->no_metadata)
        return false;
    if (w->memo_policy != NPK_MEMO_MINIMAL)
        w->numbered = npki_numbered_of(w); /* as a pickler puts it */
    npki_begin(w, NPK_KIND_DICT, 0, NPKI_NUMBER_IF_HELD);
    npki_end(w);
    w->numbered = w->graph_numbered;
    return true;
}
