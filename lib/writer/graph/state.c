/* What the states of dtypes have otherwise in other releases of NumPy.
 *
 *   flags      an aligned struct's are above 127 in NumPy 2, and the same as a char with a sign, below 0, in NumPy 1,
 *              which refuses others; what both are to load gets those of NumPy 1, of which NumPy 2 forgets that the
 *              struct is aligned
 *   names      of fields are strs of Python 2 there, which takes those of Python 3 that are ASCII
 *   metadata   that a unit has none is None since 2.4, {} before, where None breaks the dtype
 *
 * numpy: core/src/multiarray/descriptor.c arraydescr_setstate() */
#include "writer/graph/graph.h"

#include "text/unicode.h"

enum { NAMES = 3, FLAGS = 7, METADATA = 8 }; /* items of a state */

static bool is_negative(int64_t flags)
{
    return flags < 0 && flags >= INT8_MIN;
}

static bool is_above(int64_t flags)
{
    return flags > INT8_MAX && flags <= UINT8_MAX;
}

static bool flags_differ(const npk_writer *w, const npk_value *value)
{
    return value->kind == NPK_KIND_INT &&
           (w->numpy->signed_flags ? is_above(value->u.integer) : is_negative(value->u.integer));
}

static bool translate_flags(npk_writer *w, const npk_value *value)
{
    const int64_t flags = value->u.integer;
    w->came_to |= is_negative(flags) || is_above(flags) ? NPKI_CAME_TO_NUMPY : 0u;
    if ((is_negative(flags) || is_above(flags)) && w->numpy->signed_flags && npki_is_for_both(w))
        npki_leave_out(w, NPKI_LEFT_OUT_ALIGNED);
    if (!flags_differ(w, value))
        return false;
    npk_write_int(w, is_negative(flags) ? flags + UINT8_MAX + 1 : flags - UINT8_MAX - 1);
    return true;
}

/* Of the metadata of a time, with its unit: NumPy 1 has an empty dict there. */
static bool unit_differs(const npk_writer *w, const npk_value *item)
{
    return item->kind == NPK_KIND_NONE && !w->numpy->no_metadata;
}

/* Whether Python 2 takes the names of fields, which many dtypes may have: looked at once. */
static bool are_native(npk_writer *w, const npk_value *names)
{
    bool added = false;
    size_t size;
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_TOLD, (uint64_t)(uintptr_t)names), &added);
    if (known == NULL)
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    if (added)
        *known = 1;
    for (size_t i = 0; added && i < npki_count_of(names) && *known != 0; i++) {
        const char *name = npk_value_as_str(npki_item_of(names, i), &size);
        *known = name == NULL || npki_is_ascii((const uint8_t *)name, size);
    }
    return known == NULL || *known != 0;
}

static void check_names(npk_writer *w, const npk_value *dtype, const npk_value *names)
{
    if (!w->python->python2 || w->unloadable != NPK_UNLOADABLE_REFUSE || are_native(w, names))
        return;
    npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "the name of a field that is not ASCII, which Python 2 does not take");
    w->refused = dtype;
}

void npki_check_state(npk_writer *w, const npk_value *value, const npk_value *state)
{
    if (!w->translate_names || value->u.object->meaning != NPKI_DTYPE || state->kind != NPK_KIND_TUPLE)
        return;
    const size_t count = npki_count_of(state);
    const npk_value *metadata = count > METADATA ? npki_item_of(state, METADATA) : NULL;
    const bool has_unit = metadata != NULL && metadata->kind == NPK_KIND_TUPLE && npki_count_of(metadata) > 0 &&
                          unit_differs(w, npki_item_of(metadata, 0));
    const bool shared = (state->flags & NPKI_IS_SHARED) != 0;
    if ((shared && count > FLAGS && flags_differ(w, npki_item_of(state, FLAGS))) ||
        (has_unit && (shared || (metadata->flags & NPKI_IS_SHARED) != 0)))
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "the target has another state of this dtype, and something else has this one, too");
    if (count > NAMES)
        check_names(w, value, npki_item_of(state, NAMES));
}

bool npki_translate_state(npk_writer *w, const npki_object *call, const npk_value *inner, size_t index,
                          const npk_value *value)
{
    if (call == NULL || call->meaning != NPKI_DTYPE || call->state == NULL || call->state->kind != NPK_KIND_TUPLE)
        return false;
    if (inner == NULL)
        return index == FLAGS && value->kind == NPK_KIND_INT && translate_flags(w, value);
    bool unit = npki_count_of(call->state) > METADATA && npki_item_of(call->state, METADATA) == inner;
    if (!unit || index != 0)
        return false;
    w->came_to |= NPKI_CAME_TO_NUMPY;
    if (w->states == NPKI_STATES_STAY && w->numpy->no_metadata && value->kind == NPK_KIND_DICT &&
        npki_count_of(value) == 0) {
        npk_write_none(w); /* as that NumPy itself writes it; what is for it to load may stay */
        return true;
    }
    if (!unit_differs(w, value))
        return false;
    if (w->memo_policy != NPK_MEMO_MINIMAL)
        w->numbered = npki_numbered_of(w); /* as a pickler puts it */
    npki_begin(w, NPK_KIND_DICT, 0, NPKI_NUMBER_IF_HELD);
    npki_end(w);
    w->numbered = w->graph_numbered;
    return true;
}
