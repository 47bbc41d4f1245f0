/* Arrays of joblib, whose elements stand in the middle of the pickle, behind the BUILD of their wrapper.
 * joblib: numpy_pickle.py NumpyArrayWrapper.write_array(). */
#include "writer/graph/graph.h"

#include "known/known.h"
#include "writer/python/dialect.h"

#include <errno.h>
#include <string.h>

#define MOST_PADDING 255 /* its length is a byte */

static const npki_array_state *array_of(const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    return object != NULL && npki_rules[object->meaning].inline_data ? object->array : NULL;
}

/* --- in the middle of the pickle --- */

/* A byte that says how many follow, so that the elements are aligned in the file; none before joblib 1.2. */
static void write_padding(npk_writer *w, const npk_value *state)
{
    uint8_t bytes[1 + MOST_PADDING];
    int64_t alignment;
    const npk_value *value = npk_dict_get(state, "numpy_array_alignment_bytes");
    if (value == NULL)
        return;
    bool good = npk_value_as_int64(value, &alignment) && alignment > 0 && alignment <= MOST_PADDING;
    size_t size = good ? (size_t)alignment - (size_t)((w->base + npki_offset(w) + 1) % (uint64_t)alignment) : 0;
    memset(bytes, 0xff, sizeof bytes);
    bytes[0] = (uint8_t)size;
    npki_text(w, bytes, 1 + size);
}

/* npk_write_function */
static int write_on(void *context, const void *bytes, size_t size)
{
    npk_writer *w = context;
    npki_text(w, bytes, size);
    return w->error.status == NPK_OK ? 0 : EIO;
}

/* Of the pickle that the wrapper is out of. */
static int protocol_of(const npk_value *value)
{
    const npk_value *callable = value->u.object->callable;
    return callable->kind == NPK_KIND_GLOBAL ? callable->u.global->protocol : NPK_PROTOCOL_MAX;
}

/* As its pickle had it, and no higher than the writer may have where that has another protocol than the document. Names
 * of Python 2 are in it only where they are around it, too: since joblib 1.6 the one that reads what is around it looks
 * them up, by the protocol that this has (numpy_pickle.py read_array()). */
static int inner_protocol(const npk_writer *w, const npk_value *value, const npki_array_state *array)
{
    const int was = protocol_of(value);
    const bool same = was == w->protocol || (was < 2 && w->protocol < 2); /* without PROTO it is one of these */
    const bool stays = same || w->protocol < NPKI_FIRST_WITH_NEWER_NAMES ||
                       array->inner_protocol >= NPKI_FIRST_WITH_NEWER_NAMES;
    const int most = same ? npki_highest_protocol(w->python) : w->protocol;
    return stays && array->inner_protocol < most ? array->inner_protocol : most;
}

/* Objects are a pickle of their own, with a memo of its own. */
static void write_inner(npk_writer *w, const npk_value *value, const npki_array_state *array)
{
    const npki_writer_hooks hooks = {.write_value = w->hooks->write_value};
    const npk_write_options options = {.allocator = &w->allocator,
                                       .limits = w->limits,
                                       .memo = w->memo_policy,
                                       .keep_padding = w->keep_padding,
                                       .translate_names = w->translate_names,
                                       .unloadable = w->unloadable,
                                       .rename = w->rename,
                                       .rename_context = w->rename_context,
                                       .python2_str = w->python2_str,
                                       .python2_str_of = w->python2_str_of,
                                       .python2_str_context = w->python2_str_context};
    npk_writer *inner;
    npk_error error;
    npk_status status =
        npki_writer_new(w->python, w->numpy, inner_protocol(w, value, array), &options, &hooks, &inner, &error);
    if (status == NPK_OK) {
        inner->target = w->target;
        inner->states = w->states;
        inner->opcodes = w->opcodes;
        inner->graph_numbered = w->graph_numbered;
        inner->is_inner = true;
        inner->write = write_on;
        inner->context = w;
        hooks.write_value(inner, array->inner);
        status = npki_writer_end(inner, &error);
        w->came_to |= inner->came_to | (inner->unnumbered != UINT64_MAX ? NPKI_CAME_TO_OBJECT : 0u);
        npki_leave_out(w, inner->left_out);
        if (status != NPK_OK && w->refused == NULL)
            w->refused = inner->refused;
        npk_writer_abandon(inner);
    }
    if (status != NPK_OK)
        npki_writer_fail(w, status, "%s", error.message);
}

void npki_write_inline(npk_writer *w, const npk_value *value)
{
    const npki_array_state *array = array_of(value);
    if (array == NULL || w->error.status != NPK_OK)
        return;
    npki_begin_inline(w);
    if (array->inner != NULL) {
        if (w->is_inner)
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "an array of joblib inside the pickle of another");
        else
            write_inner(w, value, array);
    } else {
        write_padding(w, value->u.object->state);
        npki_expect(w, array->nbytes);
        npki_text(w, array->raw, (size_t)array->nbytes);
    }
    npki_end_inline(w);
}

/* --- as any other array --- */

/* Where a reader knows the wrapper again: of NEWOBJ, which is another call below protocol 2; of copyreg._reconstructor,
 * by its name there. */
static bool can_be_inline(const npk_writer *w, const npk_value *value)
{
    if (value->u.object->construction != NPK_BY_CALL)
        return w->protocol >= npki_opcodes[NPKI_ROW_NEWOBJ].protocol;
    return w->translate_names || (protocol_of(value) < 3) == (w->protocol < 3);
}

const npk_value *npki_out_of_wrapper(const npk_writer *w, const npk_value *value)
{
    const npki_array_state *array = array_of(value);
    return array == NULL || array->inner == NULL || can_be_inline(w, value) ? value : array->inner;
}

bool npki_is_unwrapped(const npk_writer *w, const npk_value *value)
{
    return array_of(value) != NULL && !can_be_inline(w, value);
}

void npki_write_unwrapped(npk_writer *w, const npk_value *value)
{
    npk_array array;
    npk_error error;
    const char *class_name = npk_array_class(value);
    if (npk_array_of(value, &array, &error) != NPK_OK)
        npki_writer_fail(w, error.status, "%s", error.message);
    else if (strcmp(class_name, "numpy.matrix") == 0)
        npk_write_subclass(w, "numpy", "matrix", &array);
    else if (strcmp(class_name, "numpy.ndarray") == 0 ||
             strcmp(class_name, "numpy.memmap") == 0) /* joblib loads an ndarray */
        npk_write_array(w, &array);
    else
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "an array of joblib, of the class %s, below protocol 2", class_name);
}
