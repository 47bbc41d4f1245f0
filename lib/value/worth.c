#include "value/worth.h"

#include "base/dynbuf.h"
#include "base/map.h"
#include "value/event.h"

#define OPCODE 2 /* bytes that a value takes, but for its text: an opcode, and one that puts it where it is */

typedef struct measure {
    npki_dynbuf waiting; /* const npk_value *, that may have parts which were not looked at */
    npki_map met;
    uint64_t bytes;
    bool good;
} measure;

static void add_bytes(measure *m, uint64_t bytes)
{
    if (__builtin_add_overflow(m->bytes, bytes, &m->bytes))
        m->bytes = UINT64_MAX;
}

static void add_own(measure *m, const npk_value *value)
{
    add_bytes(m, OPCODE);
    bool is_long = value->kind == NPK_KIND_INT && (value->flags & NPKI_IS_LONG) != 0;
    bool is_view = value->kind == NPK_KIND_BUFFER && (value->flags & NPKI_IS_VIEW) != 0;
    if (is_long || value->kind == NPK_KIND_STR || (npki_is_bytes(value) && !is_view))
        add_bytes(m, value->encoding != NPK_ENCODING_RAW ? value->u.encoded->size : value->u.text.size);
    else if (value->kind == NPK_KIND_GLOBAL && value->u.global->names[0] == NULL)
        add_bytes(m, value->u.global->module_size + value->u.global->name_size);
}

/* What nothing else refers to is met once. */
static void meet(measure *m, const npk_value *value)
{
    bool fresh = true;
    if (value == NULL || !m->good)
        return;
    if (npki_may_be_met_again(value))
        m->good = npki_map_put(&m->met, (uint64_t)(uintptr_t)value, &fresh) != NULL;
    if (m->good && fresh)
        m->good = npki_dynbuf_add(&m->waiting, &value, sizeof(const npk_value *));
}

/* A place took an opcode too, also for what is met elsewhere. */
static void meet_items(measure *m, const npki_items *items)
{
    add_bytes(m, items == NULL ? 0 : items->count);
    for (size_t i = 0; items != NULL && i < items->count; i++)
        meet(m, items->at[i]);
}

static void meet_object(measure *m, const npki_object *object)
{
    const npk_value *const parts[] = {object->callable, object->args,      object->kwargs,   object->state,
                                      object->later,    object->listitems, object->dictitems};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        meet(m, parts[i]);
    if (object->array != NULL && object->array->raw != NULL)
        add_bytes(m, object->array->nbytes);
}

static void look_into(measure *m, const npk_value *value)
{
    add_own(m, value);
    for (size_t i = 0; npki_events_of(value) != NULL && i < npki_dropped_count(value); i++)
        meet(m, *npki_dropped_at(value, i));
    if (value->kind == NPK_KIND_OBJECT)
        meet_object(m, value->u.object);
    else if ((value->history & NPKI_WAS_CALLED) != 0)
        meet_object(m, ((const npki_called *)(const void *)value)->call);
    if (npki_is_container(value))
        meet_items(m, value->u.items);
    else if (value->kind == NPK_KIND_PERSID || value->kind == NPK_KIND_EXTENSION)
        meet(m, value->u.id);
    else if (value->kind == NPK_KIND_MALFORMED)
        meet(m, value->u.malformed->args);
    else if (value->kind == NPK_KIND_BUFFER && (value->flags & NPKI_IS_VIEW) != 0)
        meet(m, ((const npki_view *)(const void *)value)->of);
    else if (value->kind == NPK_KIND_GLOBAL)
        for (size_t i = 0; i < 2; i++)
            meet(m, value->u.global->names[i]);
}

uint64_t npki_worth_of(const void *root, const npk_allocator *allocator)
{
    measure m = {.good = true};
    npki_dynbuf_init(&m.waiting, allocator, SIZE_MAX / 2);
    npki_map_init(&m.met, allocator);
    meet(&m, root);
    while (m.good && m.waiting.size > 0) {
        m.waiting.size -= sizeof(const npk_value *);
        look_into(&m, *(const npk_value *const *)(const void *)(m.waiting.bytes + m.waiting.size));
    }
    npki_dynbuf_free(&m.waiting);
    npki_map_free(&m.met);
    return m.bytes;
}
