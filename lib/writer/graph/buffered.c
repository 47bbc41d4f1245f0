/* Arrays whose elements are a buffer at protocol 5, and a state elsewhere: made as the target makes them, of the dtype
 * that the document has. */
#include "writer/graph/graph.h"

#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

/* An array whose elements are in a state, while the caller takes payloads out of band: not those that something else
 * has, too, which would go out as often. */
static bool could_be_out(npk_writer *w, const npk_value *value, const npki_object *call)
{
    return w->buffer != NULL && w->states == NPKI_STATES_MAY_GO_OUT &&
           w->protocol >= npki_opcodes[NPKI_ROW_NEXT_BUFFER].protocol && call->meaning == NPKI_RECONSTRUCT &&
           call->array != NULL && call->array->holders == NULL && call->array->raw == NULL && call->later == NULL &&
           (call->array->payload == NULL || (call->array->payload->flags & NPKI_IS_SHARED) == 0) &&
           npki_has_buffer(w, call->array->dtype) && strcmp(npk_array_class(value), "numpy.ndarray") == 0;
}

/* The axes in another order than those of C and Fortran came with 2.3, as one more argument. */
bool npki_buffer_differs(npk_writer *w, const npk_value *value)
{
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    if (call == NULL || call->array == NULL || call->array->dtype->base != NULL || call->array->dtype->has_object)
        return false; /* NumPy makes no such arrays: as it was read */
    if (could_be_out(w, value, call))
        return true;
    if (call->meaning != NPKI_FROMBUFFER || call->state != NULL ||
        (!npki_is_for_both(w) && (npki_count_of(call->args) <= 4 || w->target.first[NPKI_OF_NUMPY] >= RELEASE(2, 3))))
        return false;
    const npk_value *payload = call->array->payload;
    if (payload != NULL && call->array->nbytes > 0 && (payload->flags & NPKI_IS_SHARED) != 0 &&
        payload->kind != NPK_KIND_BYTES && (payload->flags & NPKI_IS_READONLY) == 0)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "an array in memory that something else has, too: the target's own would be a copy");
    return true;
}

/* Whether an array that is made by a state would be another: one that can be written to, or, in nearly every machine,
 * of another dtype. numpy: methods.c array_setstate() */
static bool loses_by_state(const npk_array *array)
{
    return array->readonly || npk_dtype_byteorder(array->dtype) == '>';
}

/* The dtype among the parts by which an array was made; NULL: it is none of them. */
static const npk_value *dtype_of(const npki_object *call)
{
    const npk_value *const parts[2] = {call->args, call->state};
    const npk_value *found = NULL;
    for (size_t i = 0; i < 2; i++) {
        const size_t count = parts[i] != NULL && parts[i]->kind == NPK_KIND_TUPLE ? npki_count_of(parts[i]) : 0;
        for (size_t k = 0; k < count && found == NULL; k++) {
            const npk_value *item = npki_item_of(parts[i], k);
            found = item->kind == NPK_KIND_OBJECT && item->u.object->dtype == call->array->dtype ? item : NULL;
        }
    }
    return found;
}

/* --- one dtype, as the document has it and as it is written --- */

/* What is written of one from now on is the other; or, where that is not written yet, is written anew, but for the
 * dtypes that NumPy has once. The value that was written last is so still. */
static void is_one_with(npk_writer *w, uint64_t key, uint64_t other)
{
    const int64_t last = w->last;
    int64_t number;
    if (npki_known(w, other, &number))
        npki_knows(w, key, (uint64_t)number);
    else if (key >> 56 != NPKI_IS_BUILTIN_DTYPE)
        npki_forget(w, key);
    w->last = last;
}

typedef enum way { FROM_DOCUMENT, TO_DOCUMENT } way;

/* The byte order, a str of one character, which Python has once: one that is not known is the other. */
static void tie_order(npk_writer *w, const npk_value *order, way to)
{
    const char *text;
    size_t size;
    int64_t number;
    if (order->kind != NPK_KIND_STR || !npki_text_of(order, &text, &size) || size != 1)
        return;
    const uint64_t own = npki_value_key(w, order);
    const uint64_t written = npki_singleton(w, NPK_KIND_STR, (const uint8_t *)text, size);
    const uint64_t from = to == TO_DOCUMENT ? written : own, key = to == TO_DOCUMENT ? own : written;
    if (!npki_known(w, key, &number) && npki_known(w, from, &number))
        is_one_with(w, key, from);
}

static void tie_one(npk_writer *w, const npk_value *dtype, way to)
{
    const npk_value *state = dtype->u.object->state;
    const uint64_t own = npki_value_key(w, dtype), written = npki_dtype_key(w, dtype->u.object->dtype);
    if (state != NULL && state->kind == NPK_KIND_TUPLE && npki_count_of(state) > 1)
        tie_order(w, npki_item_of(state, 1), to);
    if (to == TO_DOCUMENT)
        is_one_with(w, own, written);
    else
        is_one_with(w, written, own);
}

/* Dtypes of a document, each once. */
typedef struct dtypes {
    npki_map met; /* by address */
    npki_dynbuf all;
} dtypes;

static const npk_value *dtype_at(const dtypes *of, size_t index)
{
    return ((const npk_value *const *)(const void *)of->all.bytes)[index];
}

static void add(npk_writer *w, dtypes *to, const npk_value *pair)
{
    bool added = false;
    const npk_value *dtype = npki_is_container(pair) && npki_count_of(pair) > 0 ? npki_item_of(pair, 0) : NULL;
    if (dtype == NULL || dtype->kind != NPK_KIND_OBJECT || dtype->u.object->dtype == NULL)
        return;
    if (npki_map_put(&to->met, (uint64_t)(uintptr_t)dtype, &added) == NULL ||
        (added && !npki_dynbuf_add(&to->all, &dtype, sizeof dtype)))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

/* Those inside the first one too: of a subarray's (dtype, shape), and of a dict's (dtype, offset) for each field. What
 * is known will be written no more, nor what is in it. */
static void find_inner(npk_writer *w, dtypes *list)
{
    enum { BASE = 2, FIELDS = 4 }; /* items of a state */
    int64_t number;
    for (size_t i = 0; i < list->all.size / sizeof(npk_value *) && w->error.status == NPK_OK; i++) {
        const npk_value *dtype = dtype_at(list, i), *state = dtype->u.object->state;
        if (state == NULL || state->kind != NPK_KIND_TUPLE || npki_count_of(state) <= FIELDS ||
            npki_known(w, npki_value_key(w, dtype), &number))
            continue;
        const npk_value *fields = npki_item_of(state, FIELDS);
        add(w, list, npki_item_of(state, BASE));
        for (size_t k = 0; fields->kind == NPK_KIND_DICT && k < npk_value_size(fields); k++)
            add(w, list, npk_value_item(fields, 2 * k + 1));
    }
}

static void tie(npk_writer *w, const dtypes *list, way to)
{
    for (size_t i = 0; i < list->all.size / sizeof(npk_value *) && w->error.status == NPK_OK; i++)
        tie_one(w, dtype_at(list, i), to);
}

void npki_translate_buffer(npk_writer *w, const npk_value *value)
{
    npk_array array;
    if (npk_array_of(value, &array, NULL) != NPK_OK)
        return;
    const npk_value *dtype = dtype_of(value->u.object);
    dtypes list;
    npki_map_init(&list.met, &w->allocator);
    npki_dynbuf_init(&list.all, &w->allocator, SIZE_MAX);
    if (dtype != NULL && !npki_dynbuf_add(&list.all, &dtype, sizeof dtype))
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    find_inner(w, &list);
    tie(w, &list, FROM_DOCUMENT);
    npki_write_array(w, &array,
                     w->buffer != NULL        ? NPKI_BUFFER_IF_POSSIBLE
                     : loses_by_state(&array) ? NPKI_BUFFER_ALWAYS
                                              : NPKI_BUFFER_NEVER);
    tie(w, &list, TO_DOCUMENT);
    npki_dynbuf_free(&list.all);
    npki_map_free(&list.met);
}
