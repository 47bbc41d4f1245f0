/* What the changes of a document share. */
#include "edit/edit.h"

#include "base/error.h"
#include "known/form.h"
#include "text/unicode.h"
#include "value/event.h"
#include "value/step.h"

#include <string.h>

/* Values are const to those who read a document; who has the document may change them. */
static npk_value *changeable(const npk_value *value)
{
    union {
        const npk_value *constant;
        npk_value *value;
    } same = {value};
    return same.value;
}

npk_status npki_edit_own(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error)
{
    if (doc == NULL || value == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a document and a value of it, found NULL");
    if ((value->flags & NPKI_IS_SHARED_ATOM) == 0 && !npki_arena_holds(&doc->arena, value))
        return npki_fail(
            error, NPK_ERR_USAGE,
            "a value of another document; npk_write_value between npk_edit_begin and npk_edit_finish copies it");
    doc->bytes = NULL; /* it may be another's soon */
    *out = changeable(value);
    return NPK_OK;
}

/* Whether a value was made and dropped: then nothing refers to it. */
static npk_status find_dropped(const npk_doc *doc, const npk_value *value, bool *found, npk_error *error)
{
    npk_walk *walk = NULL;
    const npk_value *holder;
    npk_status status = npk_walk_start(doc->root, &doc->allocator, &walk, error);
    while (status == NPK_OK && !*found && (status = npk_walk_next(walk, &holder, error)) == NPK_OK && holder != NULL)
        for (size_t i = 0; !*found && i < npki_dropped_count(holder); i++)
            *found = *npki_dropped_at(holder, i) == value;
    npk_walk_free(walk);
    return status;
}

/* Whether an array was found by this tuple, in what a class has made of its state: it would be found in another object
 * too. */
static npk_status find_in_array(const npk_doc *doc, const npk_value *state, bool *found, npk_error *error)
{
    npk_walk *walk = NULL;
    const npk_value *holder;
    npk_status status = npk_walk_start(doc->root, &doc->allocator, &walk, error);
    while (status == NPK_OK && !*found && (status = npk_walk_next(walk, &holder, error)) == NPK_OK && holder != NULL) {
        const npki_array_state *array = holder->kind == NPK_KIND_OBJECT ? holder->u.object->array : NULL;
        *found = array != NULL && array->holders != NULL && array->holders[array->holder_count - 1] == state;
    }
    npk_walk_free(walk);
    return status;
}

npk_status npki_edit_placeable(const npk_doc *doc, const npk_value *value, npk_error *error)
{
    bool dropped = false, of_array = false;
    npki_found state;
    bool new = ((value->history & NPKI_WAS_WRITTEN) != 0 && (value->flags & NPKI_PLACED) == 0) ||
               (value->flags & NPKI_IS_SHARED_ATOM) != 0;
    if ((value->history & NPKI_IS_SIZED) != 0)
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "the list of an array's items is part of the array alone");
    if (npki_is_added(value))
        return npki_fail(error, NPK_ERR_UNSUPPORTED, "what was added to an object is part of the object alone");
    npk_status status = doc->drops && !new ? find_dropped(doc, value, &dropped, error) : NPK_OK;
    if (status == NPK_OK && dropped)
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "the value was made and dropped, for what that does: it can't be placed");
    if (status == NPK_OK)
        npki_find_state(changeable(value), NPKI_STATE_SIZE, &state);
    if (status == NPK_OK && state.times > 0)
        status = find_in_array(doc, state.holders[state.count - 1], &of_array, error);
    if (status == NPK_OK && of_array)
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "the state of an array that a class has made its own is part of that alone");
    return status;
}

npk_status npki_edit_take(npk_doc *doc, const npk_value *value, npk_value **out, npk_error *error)
{
    npk_status status = npki_edit_own(doc, value, out, error);
    if (status != NPK_OK)
        return status;
    *out = changeable(npki_self_of(value)); /* what was dropped before the root stays with that */
    return npki_edit_placeable(doc, *out, error);
}

/* A str or what stands for a missing one, or a tuple with each field. */
static bool is_alike(const npk_value *a, const npk_value *b)
{
    bool texts = a->kind != NPK_KIND_TUPLE && b->kind == NPK_KIND_STR;
    return texts || (a->kind == b->kind && (a->kind != NPK_KIND_TUPLE || npki_count_of(a) == npki_count_of(b)));
}

bool npki_edit_may_set(const npk_value *container, const npk_value *old, const npk_value *value)
{
    bool shared = (container->history & NPKI_IS_SIZED) != 0 && (container->flags & NPKI_IS_SHARED) != 0;
    bool formed = container->kind == NPK_KIND_LIST && (container->history & NPKI_IS_FORMED) != 0;
    return (container->flags & NPKI_IS_FROZEN) == 0 && !shared && (!formed || is_alike(old, value));
}

/* What the items of arrays are asked for. */
typedef struct fit {
    const npk_doc *doc;
    const npk_value *list, *old; /* of one array; or wherever this is */
    npk_value *value;
    const npk_dtype *last; /* of the field that it was looked at for */
    npki_map seen;
    bool fits;
} fit;

static npk_status fit_field(fit *f, const npk_dtype *dtype)
{
    if (dtype == f->last)
        return NPK_OK;
    f->last = dtype;
    npk_status status = npki_form_fits(dtype, f->value, &f->doc->allocator, &f->fits);
    if (status == NPK_OK && f->fits)
        npki_form_mark(dtype, f->value);
    return status;
}

static npk_status fit_items(fit *f, const npki_array_state *array)
{
    npk_status status = f->list != NULL ? fit_field(f, array->dtype) : NPK_OK;
    for (size_t i = 0; f->list == NULL && status == NPK_OK && f->fits && i < npki_count_of(array->payload); i++) {
        npki_form form;
        npki_formed at;
        npk_value *item = npki_item_of(array->payload, i);
        if (item == f->old)
            status = fit_field(f, array->dtype);
        npki_form_start(&form, array->dtype, item, &f->seen);
        while (status == NPK_OK && f->fits && npki_form_next(&form, &at))
            if (npki_item_of(at.holder, at.index) == f->old)
                status = fit_field(f, at.dtype);
        status = form.full ? NPK_ERR_MEMORY : status;
    }
    return status;
}

npk_status npki_edit_fits(const npk_doc *doc, const npk_value *list, const npk_value *old, npk_value *value,
                          npk_error *error)
{
    fit f = {.doc = doc, .list = list, .old = old, .value = value, .fits = true};
    npk_walk *walk = NULL;
    const npk_value *holder;
    npki_map_init(&f.seen, &doc->allocator);
    npk_status status = npk_walk_start(doc->root, &doc->allocator, &walk, error);
    while (status == NPK_OK && f.fits && (status = npk_walk_next(walk, &holder, error)) == NPK_OK && holder != NULL) {
        const npki_array_state *array = holder->kind == NPK_KIND_OBJECT ? holder->u.object->array : NULL;
        const bool formed = array != NULL && array->dtype->is_struct && array->dtype->has_object;
        if (formed && array->payload != NULL && (list == NULL || array->payload == list) &&
            fit_items(&f, array) != NPK_OK)
            status = npki_no_memory(error);
    }
    npk_walk_free(walk);
    npki_map_free(&f.seen);
    return f.fits || status != NPK_OK
               ? status
               : npki_fail(error, NPK_ERR_TYPE,
                           "a field of an array's items has another dtype or shape: it can't be %s",
                           npk_kind_name(npk_value_kind(value)));
}

npk_status npki_edit_open(npk_doc *doc, const npk_value *value, npk_kind kind, npk_value **out, npk_error *error)
{
    npk_status status = npki_edit_own(doc, value, out, error);
    if (status != NPK_OK)
        return status;
    if (value->kind != kind)
        return npki_fail(error, NPK_ERR_TYPE, "expected %s %s, found %s", kind == NPK_KIND_OBJECT ? "an" : "a",
                         npk_kind_name(kind), npk_kind_name(npk_value_kind(value)));
    if ((value->flags & NPKI_IS_FROZEN) != 0 || (value->history & NPKI_IS_SIZED) != 0)
        return npki_fail(error, NPK_ERR_UNSUPPORTED,
                         "an array, a dtype or a set is made of this %s, so it cannot be changed", npk_kind_name(kind));
    return NPK_OK;
}

/* The depth that a value has noted is that of some time, and what holds itself has none: where it says too much, or
 * where the holder lies in something, the graph is measured. */
npk_status npki_edit_deepen(npk_doc *doc, npk_value *holder, const npk_value *value, npk_error *error)
{
    if (value->depth < holder->depth)
        return NPK_OK;
    npk_status status = npki_recount_depth(doc->root, &doc->allocator, &doc->limits, NULL, error);
    if (status == NPK_OK && holder != doc->root && (holder->flags & NPKI_PLACED) == 0)
        status = npki_recount_depth(holder, &doc->allocator, &doc->limits, NULL, error);
    if (status == NPK_OK && value->depth < doc->limits.depth)
        holder->depth = value->depth + 1;
    return status;
}

/* Whether anything came to a value elsewhere than where it is made: calls between may have seen it without. */
static bool came_elsewhere(const npk_value *value)
{
    bool found = false;
    for (size_t i = 0; npki_events_of(value) != NULL && !found && i < npki_event_count(value); i++) {
        const npki_event event = npki_event_of(value, i);
        found = event.elsewhere || event.late != 0;
    }
    return found;
}

static bool has_elsewhere(const npk_doc *doc)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    bool found = false;
    npk_status status = npk_walk_start(doc->root, &doc->allocator, &walk, NULL);
    while (status == NPK_OK && !found && (status = npk_walk_next(walk, &value, NULL)) == NPK_OK && value != NULL)
        found = came_elsewhere(value);
    npk_walk_free(walk);
    return found;
}

void npki_edit_reordered(const npk_doc *doc)
{
    npki_order *order = doc->order;
    if (order == NULL || order->lost || order->is_fixed)
        return;
    order->is_fixed = has_elsewhere(doc);
    order->lost = !order->is_fixed;
}

static void note_edit(const npk_doc *doc)
{
    npki_order *order = doc->order;
    if (order == NULL)
        return;
    order->edited = doc;
    order->prove = npki_edit_prove;
    order->drops = doc->drops;
}

void npki_edit_removed(const npk_doc *doc, const npk_value *value)
{
    note_edit(doc);
    if (value != NULL && npki_children(value) > 0)
        npki_edit_reordered(doc);
}

void npki_edit_placed(const npk_doc *doc, npk_value *value)
{
    note_edit(doc);
    if ((value->flags & NPKI_IS_SHARED_ATOM) != 0)
        return;
    if (value == npki_self_of(doc->root) || (value->flags & NPKI_PLACED) != 0) {
        value->flags |= NPKI_IS_SHARED;
        npki_edit_reordered(doc);
    }
    value->flags |= NPKI_PLACED;
}

npk_status npki_edit_new_root(npk_doc *doc, npk_value *old, npk_error *error)
{
    npki_arena *arena = &doc->arena;
    const size_t count = npki_events_of(old) == NULL || old == doc->root ? 0 : npki_event_count(old);
    size_t given = 0;
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        const npki_event event = npki_event_of(old, i);
        if (event.kind != NPKI_EVENT_BEFORE)
            continue;
        if (!npki_can_have_events(doc->root))
            doc->root = npki_with_events(arena, doc->root);
        good = doc->root != NULL &&
               npki_event_drop_also(arena, doc->root, &event, *npki_dropped_at(old, (size_t)event.first));
        given += good;
    }
    for (; !good && doc->root != NULL && given > 0; given--)
        npki_event_undo(doc->root);
    for (size_t i = 0; given > 0 && i < count; i++)
        if (npki_event_of(old, i).kind == NPKI_EVENT_BEFORE)
            npki_event_take_back(old, i);
    if (count > 0)
        npki_events_tidy(old);
    return good ? NPK_OK : npki_arena_failed(arena, error);
}

npk_status npki_edit_text(npk_doc *doc, npk_kind kind, const char *text, npk_value **out, npk_error *error)
{
    if (text == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected the text of a key or name, found NULL");
    size_t size = strlen(text);
    if (kind == NPK_KIND_STR && npki_utf8_check((const uint8_t *)text, size) != size)
        return npki_fail(error, NPK_ERR_USAGE, "expected a key or name in UTF-8, found other bytes");
    npk_value *value = npki_value_new(&doc->arena, kind);
    uint8_t *bytes = npki_arena_take(&doc->arena, size);
    if (value == NULL || bytes == NULL)
        return npki_arena_failed(&doc->arena, error);
    memcpy(bytes, text, size);
    value->history = kind == NPK_KIND_STR ? NPKI_WAS_WRITTEN | NPKI_WAS_PUT : 0; /* as npk_write_str */
    value->u.text.bytes = bytes;
    value->u.text.size = size;
    *out = value;
    return NPK_OK;
}
