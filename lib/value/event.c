#include "value/event.h"

#include "base/bytes.h"

#include <string.h>

static bool is_container(const npk_value *value)
{
    return value->kind >= NPK_KIND_TUPLE && value->kind <= NPK_KIND_FROZENSET;
}

bool npki_can_have_events(const npk_value *value)
{
    return is_container(value) || value->kind == NPK_KIND_OBJECT || (value->history & NPKI_WAS_CALLED) != 0;
}

static npki_events *kept(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT)
        return value->u.object->events;
    if (is_container(value))
        return npki_items_events(value->u.items);
    return (value->history & NPKI_WAS_CALLED) != 0 ? ((const npki_called *)(const void *)value)->call->events : NULL;
}

const npki_events *npki_events_of(const npk_value *value)
{
    return kept(value);
}

static bool keep(npki_arena *arena, npk_value *value, npki_events *events)
{
    if (is_container(value))
        return npki_items_set_events(arena, &value->u.items, events);
    npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : ((npki_called *)(void *)value)->call;
    object->events = events;
    return true;
}

/* --- those that are not kept --- */

/* Items, keys, states: as many of an object as it has. */
static size_t usual_count(const npk_value *value)
{
    if (value->kind != NPK_KIND_OBJECT)
        return 0;
    const npki_object *object = value->u.object;
    size_t states = object->state == NULL ? 0 : 1 + (object->later == NULL ? 0 : npki_count_of(object->later));
    return (size_t)(object->listitems != NULL) + (object->dictitems != NULL) + states;
}

static npki_event usual_event(const npki_object *object, size_t index)
{
    if (object->listitems != NULL && index-- == 0)
        return (npki_event){.kind = NPKI_EVENT_ITEMS, .end = npki_count_of(object->listitems)};
    if (object->dictitems != NULL && index-- == 0)
        return (npki_event){.kind = NPKI_EVENT_KEYS, .end = npki_count_of(object->dictitems) / 2};
    return (npki_event){.kind = NPKI_EVENT_STATE, .first = index, .end = index + 1};
}

size_t npki_event_count(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events != NULL ? (size_t)events->count : usual_count(value);
}

npki_event npki_event_of(const npk_value *value, size_t index)
{
    const npki_events *events = npki_events_of(value);
    if (index >= npki_event_count(value))
        return (npki_event){.kind = NPKI_EVENT_NOTHING};
    return events != NULL ? events->at[index] : usual_event(value->u.object, index);
}

/* --- what was dropped --- */

size_t npki_dropped_count(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events == NULL || events->calls == NULL ? 0 : (size_t)events->calls->count;
}

npk_value **npki_dropped_at(const npk_value *value, size_t index)
{
    return &npki_events_of(value)->calls->at[index];
}

npk_value *npki_with_events(npki_arena *arena, const npk_value *value)
{
    npki_called *copy = npki_arena_take(arena, sizeof *copy);
    npki_object *none = npki_arena_take(arena, sizeof *none);
    if (copy == NULL || none == NULL)
        return NULL;
    memset(none, 0, sizeof *none);
    copy->value = *value;
    copy->value.flags &= (uint8_t)~NPKI_IS_SHARED_ATOM;
    copy->value.history |= NPKI_WAS_CALLED;
    copy->call = none;
    return &copy->value;
}

/* --- adding --- */

static npki_events *grown(npki_arena *arena, const npki_events *old, uint64_t room)
{
    uint64_t size = sizeof *old + room * sizeof old->at[0]; /* each event has its opcode: far below 2^60 */
    npki_events *events = size > SIZE_MAX ? NULL : npki_arena_take(arena, (size_t)size);
    if (events == NULL)
        return NULL;
    *events = (npki_events){.room = room};
    if (old != NULL) {
        events->calls = old->calls;
        events->count = old->count;
        memcpy(events->at, old->at, (size_t)old->count * sizeof old->at[0]);
    }
    return events;
}

/* The events, which are kept from here on, with room for one more. NULL where the arena ends. */
static npki_events *with_room(npki_arena *arena, npk_value *value)
{
    npki_events *old = kept(value);
    size_t usual = old == NULL ? usual_count(value) : 0;
    if (old != NULL && old->count < old->room)
        return old;
    npki_events *events = grown(arena, old, old == NULL ? usual + 2 : 2 * old->room);
    if (events == NULL || !keep(arena, value, events))
        return NULL;
    for (; events->count < usual; events->count++)
        events->at[events->count] = usual_event(value->u.object, (size_t)events->count);
    return events;
}

bool npki_event_add(npki_arena *arena, npk_value *value, const npki_event *event)
{
    npki_events *events = with_room(arena, value);
    if (events == NULL)
        return false;
    npki_event *last = events->count > 0 ? &events->at[events->count - 1] : NULL;
    bool batch = event->kind == NPKI_EVENT_ITEMS || event->kind == NPKI_EVENT_KEYS;
    if (batch && last != NULL && last->kind == event->kind && last->end == event->first)
        last->end = event->end;
    else
        events->at[events->count++] = *event;
    return true;
}

bool npki_event_note(npki_arena *arena, npk_value *value, npki_event_kind kind, uint64_t first, uint64_t end)
{
    const npki_object *object = value->u.object;
    bool usual = object->events == NULL &&
                 (kind == NPKI_EVENT_STATE || (object->state == NULL && (kind == NPKI_EVENT_KEYS || object->dictitems == NULL)));
    return usual || npki_event_add(arena, value, &(npki_event){.kind = kind, .first = first, .end = end});
}

bool npki_event_drop(npki_arena *arena, npk_value *value, npki_event_kind kind, npk_value *dropped)
{
    npki_events *events = with_room(arena, value);
    if (events == NULL || !npki_items_add(arena, &events->calls, &dropped, 1))
        return false;
    npki_event event = {.kind = kind, .first = events->calls->count - 1};
    if (value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET)
        event.end = npki_count_of(value);
    return npki_event_add(arena, value, &event);
}

void npki_event_undo(npk_value *value)
{
    npki_events *events = kept(value);
    events->calls->count--;
    events->count--;
}

void npki_event_take_back(npk_value *value, size_t index)
{
    npki_events *events = kept(value);
    events->calls->at[events->at[index].first] = NULL;
    events->at[index].kind = NPKI_EVENT_NOTHING;
}

void npki_events_forget(npk_value *value)
{
    value->u.object->events = NULL;
}
