/* What arrays, dtypes and sets are made of: the tuples, lists and dicts that say so have to stay as they are, since
 * they were checked. */
#include "known/known.h"

#include "base/dynbuf.h"
#include "base/error.h"

#include <string.h>

/* A value to look into; or (`fixed`) a container whose items make something. */
typedef struct entry {
    npk_value *value;
    bool fixed;
} entry;

/* All that was met, so that it can be forgotten again. */
typedef struct queue {
    npki_dynbuf entries;
    bool good;
} queue;

/* Whether a container has to stay as it is, or is only looked into. */
typedef enum look { LOOK_INTO, FIX } look;

static bool is_container(const npk_value *value)
{
    return value->kind >= NPK_KIND_TUPLE && value->kind <= NPK_KIND_FROZENSET;
}

static void add(queue *q, npk_value *value, look how)
{
    if (value == NULL || (value->flags & NPKI_IS_SHARED_ATOM) != 0 || !q->good)
        return;
    bool fixed = how == FIX && is_container(value); /* an object in there is one of its own */
    if (!is_container(value) && npki_call_of(value) == NULL && value->kind != NPK_KIND_OBJECT &&
        value->kind != NPK_KIND_PERSID)
        return;
    uint8_t bit = fixed ? NPKI_IS_FIXED : NPKI_IS_MARKED;
    const entry met = {value, fixed};
    if ((value->history & bit) != 0)
        return;
    q->good = npki_dynbuf_add(&q->entries, &met, sizeof met);
    if (q->good)
        value->history |= bit;
}

static void add_items(queue *q, const npk_value *container, size_t from, look how)
{
    for (size_t i = from; i < npki_count_of(container); i++)
        add(q, npki_item_of(container, i), how);
}

/* The state of an array or a dtype; of a class of its own, (the array's, its own). */
static void add_state(queue *q, const npki_object *object)
{
    const npki_array_state *array = object->array;
    if (array != NULL && array->wrapped) {
        object->state->history |= NPKI_IS_FIXED;
        add(q, npki_item_of(object->state, 0), FIX);
        add_items(q, object->state, 1, LOOK_INTO);
    } else {
        add(q, object->state, array != NULL || object->dtype != NULL ? FIX : LOOK_INTO);
    }
    if (array != NULL && array->payload != NULL && array->payload->kind == NPK_KIND_LIST) {
        add(q, array->payload, FIX);
        array->payload->history |= NPKI_IS_SIZED;
    }
}

static void look_into(queue *q, const entry *met)
{
    npk_value *value = met->value;
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : npki_call_of(value);
    if (is_container(value)) /* the only lists in a state are those of items */
        add_items(q, value, 0, met->fixed && value->kind != NPK_KIND_LIST);
    if (value->kind == NPK_KIND_PERSID)
        add(q, value->u.id, LOOK_INTO);
    if (call == NULL || met->fixed)
        return;
    const npki_rule *rule = &npki_rules[call->meaning];
    add(q, call->args, rule->call != NULL || rule->build != NULL);
    if (value->kind != NPK_KIND_OBJECT)
        return;
    add(q, call->callable, LOOK_INTO);
    add(q, call->kwargs, LOOK_INTO);
    add(q, call->listitems, LOOK_INTO);
    add(q, call->dictitems, LOOK_INTO);
    add(q, call->later, LOOK_INTO);
    add_state(q, call);
}

npk_status npki_find_fixed(npk_value *from, const npk_allocator *allocator, npk_error *error)
{
    queue q = {.good = true};
    npki_dynbuf_init(&q.entries, allocator, SIZE_MAX / 2);
    add(&q, from, LOOK_INTO);
    for (size_t at = 0; q.good && at < q.entries.size; at += sizeof(entry)) {
        entry met;
        memcpy(&met, q.entries.bytes + at, sizeof met);
        look_into(&q, &met);
    }
    for (size_t at = 0; !q.good && at < q.entries.size; at += sizeof(entry)) {
        entry met;
        memcpy(&met, q.entries.bytes + at, sizeof met);
        met.value->history &= (uint8_t) ~(met.fixed ? NPKI_IS_FIXED | NPKI_IS_SIZED : NPKI_IS_MARKED);
    }
    npk_status status = q.good ? NPK_OK : npki_no_memory(error);
    npki_dynbuf_free(&q.entries);
    return status;
}
