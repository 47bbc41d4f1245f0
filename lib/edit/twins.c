/* Objects that were made inside their own arguments, and once more: each call may have lists and dicts of its own,
 * which a pickler made of one. What an edit does to those of the call that stayed happens to those of the calls that
 * were dropped, too. */
#include "edit/edit.h"

#include "base/dynbuf.h"
#include "base/error.h"
#include "base/map.h"
#include "value/event.h"
#include "value/step.h"
#include "value/walk.h"

#include <string.h>

typedef struct search {
    npk_doc *doc;
    npki_dynbuf *out; /* of npki_twin */
    npki_map seen;    /* those of the dropped calls */
    npk_error *error;
} search;

static npk_status pair(search *s, npk_value *kept, npk_value *dropped)
{
    const npki_twin twin = {kept, dropped};
    bool added;
    if (kept == dropped || kept == NULL || dropped == NULL || kept->kind != dropped->kind ||
        kept->kind < NPK_KIND_TUPLE)
        return NPK_OK;
    if (npki_map_put(&s->seen, (uint64_t)(uintptr_t)dropped, &added) == NULL)
        return npki_no_memory(s->error);
    return !added || npki_dynbuf_add(s->out, &twin, sizeof twin) ? NPK_OK : npki_no_memory(s->error);
}

/* What value/same looks at, and what came to an object later. */
static npk_status pair_parts(search *s, const npki_object *kept, const npki_object *dropped)
{
    npk_value *const parts[][2] = {{kept->callable, dropped->callable},   {kept->args, dropped->args},
                                   {kept->kwargs, dropped->kwargs},       {kept->state, dropped->state},
                                   {kept->listitems, dropped->listitems}, {kept->dictitems, dropped->dictitems}};
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < sizeof parts / sizeof *parts; i++)
        status = pair(s, parts[i][0], parts[i][1]);
    return status;
}

static bool has_as_many(npki_twin twin)
{
    return npki_own_children(twin.kept) == npki_own_children(twin.dropped);
}

/* What the two values of a pair hold, place by place. */
static npk_status pair_children(search *s, npki_twin twin)
{
    if (twin.kept->kind == NPK_KIND_OBJECT)
        return pair_parts(s, twin.kept->u.object, twin.dropped->u.object);
    const size_t count = npki_own_children(twin.kept);
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < count && has_as_many(twin); i++)
        status = pair(s, *npki_place_of(twin.kept, i), *npki_place_of(twin.dropped, i));
    return status;
}

static npk_status find(search *s)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_status status = npk_walk_start(s->doc->root, &s->doc->allocator, &walk, s->error);
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, s->error)) == NPK_OK && value != NULL) {
        const npki_object *kept = value->kind == NPK_KIND_OBJECT ? value->u.object : npki_call_of(value);
        const size_t count = kept != NULL && npki_events_of(value) != NULL ? npki_event_count(value) : 0;
        for (size_t i = 0; status == NPK_OK && i < count; i++) {
            const npki_event event = npki_event_of(value, i);
            status = event.kind == NPKI_EVENT_RETURN ? pair_parts(s, kept, event.call) : NPK_OK;
        }
    }
    npk_walk_free(walk);
    for (size_t i = 0; status == NPK_OK && i < npki_twin_count(s->out); i++)
        status = pair_children(s, npki_twin_at(s->out, i));
    return status;
}

npk_status npki_edit_twins(npk_doc *doc, const npk_value *of, npki_dynbuf *out, npk_error *error)
{
    search s = {.doc = doc, .out = out, .error = error};
    size_t count = 0;
    npki_dynbuf_init(out, &doc->allocator, SIZE_MAX / 2);
    if (!doc->returns)
        return NPK_OK;
    npki_map_init(&s.seen, &doc->allocator);
    npk_status status = find(&s);
    npki_map_free(&s.seen);
    for (size_t i = 0; status == NPK_OK && of != NULL && i < npki_twin_count(out); i++) {
        const npki_twin twin = npki_twin_at(out, i);
        if (twin.dropped == of)
            status =
                npki_fail(error, NPK_ERR_UNSUPPORTED,
                          "an object is made once more of this %s, and inside its own arguments of another one that "
                          "would not change",
                          npk_kind_name(npk_value_kind(of)));
        if (twin.kept != of)
            continue;
        memcpy(out->bytes + count++ * sizeof twin, &twin, sizeof twin);
        if (status == NPK_OK && !has_as_many(twin))
            status = npki_fail(error, NPK_ERR_UNSUPPORTED,
                               "an object is made of this %s inside its own arguments, and once more of another one "
                               "that is not the same",
                               npk_kind_name(npk_value_kind(of)));
    }
    out->size = of != NULL ? count * sizeof(npki_twin) : out->size;
    return status;
}

npk_status npki_edit_has_no_twin(npk_doc *doc, const npk_value *value, npk_error *error)
{
    npki_dynbuf twins;
    npk_status status = npki_edit_twins(doc, value, &twins, error);
    if (status == NPK_OK && twins.size > 0)
        status = npki_fail(
            error, NPK_ERR_UNSUPPORTED,
            "an object is made of this %s inside its own arguments, and once more of another one that would not change",
            npk_kind_name(npk_value_kind(value)));
    npki_dynbuf_free(&twins);
    return status;
}
