#include "value/event.h"

#include "base/bytes.h"

#include <string.h>

#define MOST_FIRST (UINT64_MAX >> 7) /* each item has its memory: far below */

static bool keep(npki_arena *arena, npk_value *value, npki_events *events)
{
    if (npki_is_container(value))
        return npki_items_set_events(arena, &value->u.items, events);
    npki_events **place = value->kind == NPK_KIND_OBJECT   ? &value->u.object->events
                          : value->kind == NPK_KIND_PERSID ? &value->u.outside->events
                                                           : &((npki_called *)(void *)value)->call->events;
    *place = events;
    return true;
}

const npki_order *npki_order_of(const npk_value *value)
{
    if (value->kind == NPK_KIND_OBJECT && value->u.object->order != NULL)
        return value->u.object->order;
    if (value->kind == NPK_KIND_PERSID)
        return value->u.outside->looked_up.order;
    return npki_events_of(value) == NULL ? NULL : npki_events_of(value)->order;
}

/* --- what is kept of one --- */

static bool is_dropping(npki_event_kind kind)
{
    return kind == NPKI_EVENT_CALL || kind == NPKI_EVENT_BEFORE;
}

static npki_kept_event packed(const npki_event *event)
{
    npki_kept_event kept_event = {.kind = event->kind & 7u,
                                  .at_once = event->at_once,
                                  .apart = event->apart,
                                  .elsewhere = event->elsewhere,
                                  .unseen = event->unseen,
                                  .first = event->first & MOST_FIRST,
                                  .end = event->end,
                                  .late = event->late};
    if (event->kind == NPKI_EVENT_RETURN) {
        kept_event.call = event->call;
    } else if (is_dropping(event->kind)) {
        kept_event.number = event->number;
        kept_event.late_first = event->late_first;
        kept_event.late_end = event->late_end;
    } else {
        kept_event.offset = event->offset;
    }
    return kept_event;
}

static inline npki_event unpacked(const npki_kept_event *kept_event)
{
    npki_event event = {.kind = (npki_event_kind)kept_event->kind,
                        .at_once = kept_event->at_once,
                        .apart = kept_event->apart,
                        .elsewhere = kept_event->elsewhere,
                        .unseen = kept_event->unseen,
                        .first = kept_event->first,
                        .end = kept_event->end,
                        .late = kept_event->late};
    if (event.kind == NPKI_EVENT_RETURN) {
        event.call = kept_event->call;
    } else if (is_dropping(event.kind)) {
        event.number = kept_event->number;
        event.late_first = kept_event->late_first;
        event.late_end = kept_event->late_end;
    } else {
        event.offset = kept_event->offset;
    }
    return event;
}

/* --- those that are not kept --- */

/* Items, keys, states: as many of an object as it has. */
static size_t usual_count(const npk_value *value)
{
    if (value->kind != NPK_KIND_OBJECT)
        return 0;
    const npki_object *object = value->u.object;
    size_t states = npki_state_count(object);
    return (size_t)(object->listitems != NULL) + (object->dictitems != NULL) + states;
}

static npki_event usual_event(const npki_object *object, size_t index)
{
    if (object->listitems != NULL && index-- == 0)
        return (npki_event){.kind = NPKI_EVENT_ITEMS, .end = npki_count_of(object->listitems)};
    if (object->dictitems != NULL && index-- == 0)
        return (npki_event){.kind = NPKI_EVENT_KEYS, .end = npki_count_of(object->dictitems) / 2};
    return (npki_event){
        .kind = NPKI_EVENT_STATE, .first = index, .end = index + 1, .offset = index == 0 ? npki_built_at(object) : 0};
}

size_t npki_event_count(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events != NULL ? (size_t)events->count : usual_count(value);
}

/* What items and keys are added to. */
static const npk_value *added_to(const npk_value *value, npki_event_kind kind)
{
    if (value->kind != NPK_KIND_OBJECT)
        return value;
    return kind == NPKI_EVENT_ITEMS ? value->u.object->listitems : value->u.object->dictitems;
}

/* The last batch of items or keys goes as far as there are any: an edit may have added some, or taken some out. Where
 * something is called after it, of a list, dict or set, what came to that by an edit comes behind the call; of an
 * object it comes with the batch. */
static npki_event with_all(const npk_value *value, const npki_events *events, size_t index)
{
    npki_event event = unpacked(&events->at[index]);
    const npk_value *items = added_to(value, event.kind);
    const bool keys = event.kind == NPKI_EVENT_KEYS;
    const uint64_t count = npki_count_of(items) / (keys ? 2 : 1);
    const bool followed = (keys ? events->calls_after_keys : events->calls_after_items) > 0;
    const bool last =
        index + 1 == (keys ? events->after_keys : events->after_items) && !(followed && value->kind != NPK_KIND_OBJECT);
    event.first = event.first < count ? event.first : count;
    event.end = last || event.end > count ? count : event.end;
    return event;
}

/* Of those that were dropped one after another. */
static npki_event of_run(const npki_events *events, size_t index)
{
    const npki_items *calls = events->calls->u.items;
    const uint64_t first = calls->count - (events->count - index);
    const npki_event_kind kind = calls->at[first] == NULL ? NPKI_EVENT_NOTHING : (npki_event_kind)events->run_kind;
    return (npki_event){.kind = kind, .first = first, .end = events->run_end};
}

static uint64_t calls_in_run(const npki_events *events)
{
    return events->run_kind == NPKI_EVENT_CALL ? events->count - events->kept : 0;
}

npki_event npki_event_of(const npk_value *value, size_t index)
{
    const npki_events *events = npki_events_of(value);
    if (events == NULL && index < usual_count(value))
        return usual_event(value->u.object, index);
    if (events == NULL || index >= events->count)
        return (npki_event){.kind = NPKI_EVENT_NOTHING};
    if (index >= events->kept)
        return of_run(events, index);
    const npki_event_kind kind = (npki_event_kind)events->at[index].kind;
    return npki_event_adds(kind) ? with_all(value, events, index) : unpacked(&events->at[index]);
}

/* Where the place behind so many is, after some behind `index` have gone, and others have come there. */
static uint64_t moved(uint64_t place, uint64_t index, uint64_t removed, uint64_t count)
{
    if (place <= index)
        return place;
    if (place >= index + removed)
        return place - removed + count;
    return place - index < count ? place : index + count;
}

void npki_events_moved(npk_value *value, const npk_value *items, size_t index, size_t removed, size_t count)
{
    npki_events *events = npki_events_of(value);
    const bool keys = items->kind == NPK_KIND_DICT;
    const size_t per_entry = keys ? 2 : 1;
    const uint64_t after_last = events == NULL ? 0 : keys ? events->after_keys : events->after_items;
    if (events != NULL && calls_in_run(events) > 0 && value == items)
        events->run_end = moved(events->run_end, index, removed, count);
    for (uint64_t i = 0; events != NULL && i < events->kept; i++) {
        npki_kept_event *event = &events->at[i];
        if (event->kind == NPKI_EVENT_CALL && value == items)
            event->end = moved(event->end, index, removed, count);
        if (event->kind != (keys ? NPKI_EVENT_KEYS : NPKI_EVENT_ITEMS))
            continue;
        const bool one = event->end - event->first == 1;
        event->first = moved(event->first, index / per_entry, removed / per_entry, count / per_entry) & MOST_FIRST;
        if (event->late != 0 && i + 1 == after_last && event->end == index / per_entry && removed == 0)
            event->end += count / per_entry; /* what comes last can't come before what comes late */
        else
            event->end = moved(event->end, index / per_entry, removed / per_entry, count / per_entry);
        event->at_once = event->at_once || (one && event->end - event->first > 1); /* what joins one comes with it */
    }
}

/* --- what was dropped --- */

bool npki_is_dropped_over(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    for (uint64_t i = 0; events != NULL && i < events->kept; i++)
        if (events->at[i].kind == NPKI_EVENT_CALL)
            return true;
    return events != NULL && calls_in_run(events) > 0;
}

/* --- adding --- */

static uint64_t size_of(uint64_t room)
{
    return sizeof(npki_events) + room * sizeof(npki_kept_event); /* each event has its opcode: far below 2^60 */
}

/* The same with more room; the old ones are gone. */
static npki_events *grown(npki_arena *arena, npki_events *old, uint64_t room)
{
    const uint64_t size = size_of(room);
    npki_events *events = size > SIZE_MAX
                              ? NULL
                              : npki_arena_grow(arena, old, old == NULL ? 0 : (size_t)size_of(old->room), (size_t)size);
    if (events != NULL && old == NULL)
        *events = (npki_events){.count = 0};
    if (events != NULL)
        events->room = room;
    return events;
}

/* Where the last batch of items and the last of keys ends, how many calls come behind, and where RETURNs are: so many
 * events are there, of which the last has come. */
static void note_last(npki_events *events, uint64_t count)
{
    npki_kept_event *last = &events->at[count - 1];
    const npki_event_kind kind = (npki_event_kind)last->kind;
    if (kind == NPKI_EVENT_RETURN) {
        *(events->after_returns > 0 ? &events->at[events->after_returns - 1].end : &events->after_first_return) = count;
        last->first = events->after_returns & MOST_FIRST;
        last->end = 0;
        events->after_returns = count;
    } else if (kind == NPKI_EVENT_ITEMS) {
        events->after_items = count;
        events->calls_after_items = 0;
    } else if (kind == NPKI_EVENT_KEYS) {
        events->after_keys = count;
        events->calls_after_keys = 0;
    } else if (kind == NPKI_EVENT_CALL) {
        events->calls_after_items++;
        events->calls_after_keys++;
    }
}

static void find_last(npki_events *events)
{
    events->after_items = events->after_keys = events->calls_after_items = events->calls_after_keys = 0;
    events->after_first_return = events->after_returns = 0;
    for (uint64_t count = 1; count <= events->kept; count++)
        note_last(events, count);
    events->calls_after_items += calls_in_run(events);
    events->calls_after_keys += calls_in_run(events);
}

/* One of them is a call no more. */
static void forget_call(npki_events *events, uint64_t index)
{
    if ((index < events->kept ? events->at[index].kind : events->run_kind) != NPKI_EVENT_CALL)
        return;
    events->calls_after_items -= index >= events->after_items;
    events->calls_after_keys -= index >= events->after_keys;
}

/* ... of those that were not kept. */
static void keep_usual(npki_events *events, const npki_object *object, size_t index)
{
    const npki_event event = usual_event(object, index);
    events->at[index] = packed(&event);
}

/* Those of the run, for which there is room, are kept one by one. */
static void spell(npki_events *events)
{
    for (; events->kept < events->count; events->kept++) {
        const npki_event event = of_run(events, (size_t)events->kept);
        events->at[events->kept] = packed(&event);
    }
}

/* The events, all of which are kept from here on, with room for so many more. NULL where the arena ends. */
static npki_events *with_room(npki_arena *arena, npk_value *value, size_t more)
{
    npki_events *old = npki_events_of(value);
    const size_t usual = old == NULL ? usual_count(value) : 0;
    const uint64_t least = (old == NULL ? usual : old->count) + more;
    const uint64_t room = old != NULL ? 2 * old->room : usual + (more > 0 ? 2 : 0);
    npki_events *events = old != NULL && least <= old->room ? old : grown(arena, old, room < least ? least : room);
    if (events == NULL || (events != old && !keep(arena, value, events)))
        return NULL;
    for (; events->kept < usual; events->kept++)
        keep_usual(events, value->u.object, (size_t)events->kept);
    events->count = old == NULL ? usual : events->count;
    if (old == NULL)
        find_last(events);
    spell(events);
    return events;
}

bool npki_events_spell(npki_arena *arena, npk_value *value)
{
    return with_room(arena, value, 0) != NULL;
}

bool npki_event_add(npki_arena *arena, npk_value *value, const npki_event *event)
{
    npki_events *events = with_room(arena, value, 1);
    if (events == NULL)
        return false;
    npki_kept_event *last = events->count > 0 ? &events->at[events->count - 1] : NULL;
    bool batch = npki_event_adds(event->kind);
    if (batch && last != NULL && last->kind == event->kind && last->end == event->first &&
        event->offset == last->offset) {
        last->end = event->end;
        return true;
    }
    events->at[events->count++] = packed(event);
    events->kept++;
    note_last(events, events->count);
    return true;
}

/* Whether the batch before is longer by this one: they may be added by as many opcodes as one likes, as nothing was
 * called since but, of an object, by the batch itself. */
static bool goes_on(npki_events *events, const npki_event *event, uint64_t call)
{
    const bool is_kept = events != NULL && events->count > 0 && events->kept == events->count;
    npki_kept_event *last = is_kept ? &events->at[events->count - 1] : NULL;
    if (last == NULL || event->kind == NPKI_EVENT_STATE || last->kind != event->kind || last->end != event->first ||
        last->offset == 0 || last->offset < call || last->at_once || event->at_once || event->apart ||
        last->elsewhere != event->elsewhere)
        return false;
    last->end = event->end;
    last->offset = event->offset;
    return true;
}

bool npki_event_note(npki_arena *arena, npk_value *value, const npki_event *event, uint64_t call)
{
    npki_object *object = value->u.object;
    bool state = event->kind == NPKI_EVENT_STATE, keys = event->kind == NPKI_EVENT_KEYS;
    bool usual = object->events == NULL && (state || (object->state == NULL && (keys || object->dictitems == NULL)));
    if (usual && state && event->first == 0 && !event->apart)
        npki_built(object, event->offset);
    else if ((!usual || event->offset != 0) && !goes_on(object->events, event, call)) {
        if (!npki_event_add(arena, value, event))
            return false;
        npki_events_are_of(value, object->order); /* what npickle knows has none, but what its events may have got */
    }
    return true;
}

bool npki_event_grow(npki_arena *arena, npk_value *container, const npki_order *order, npki_event event, uint64_t call)
{
    const npki_event before = {.kind = event.kind, .end = event.first};
    npki_events *events = npki_events_of(container);
    const bool first = events == NULL || events->after_items + events->after_keys == 0;
    if (first && call == 0 && !event.apart)
        event.first = 0;
    if (first && event.first > 0 && !npki_event_add(arena, container, &before))
        return false;
    if (!first && goes_on(events, &event, call))
        return true;
    if (!npki_event_add(arena, container, &event))
        return false;
    npki_events_of(container)->order = order;
    return true;
}

size_t npki_late_events(const npk_value *value, size_t *items)
{
    const npki_events *events = npki_events_of(value);
    size_t count = 0;
    *items = 0;
    for (size_t i = 0; events != NULL && i < events->count; i++) {
        if (!npki_event_is_late(value, i))
            continue;
        const npki_event event = npki_event_of(value, i);
        count++;
        if (npki_event_adds(event.kind))
            *items += (size_t)(event.end - event.first);
    }
    return count;
}

/* Adds to the list of what was dropped. */
static bool add_calls(npki_arena *arena, npki_events *events, npk_value *const *dropped, size_t count)
{
    npki_items *items = events->calls == NULL ? NULL : events->calls->u.items;
    if (items != NULL && items->room - items->count >= count) {
        for (size_t i = 0; i < count; i++)
            items->at[items->count++] = dropped[i];
        return true;
    }
    if (events->calls == NULL) {
        events->calls = npki_value_new(arena, NPK_KIND_LIST);
        if (events->calls == NULL)
            return false;
        events->calls->flags = NPKI_UNHASHABLE;
        events->calls->history = NPKI_IS_SIZED; /* the events say how many there are */
        events->calls->depth = 1;
    }
    return npki_items_add(arena, &events->calls->u.items, dropped, count);
}

npki_events *npki_event_drop(npki_arena *arena, npk_value *value, npki_event_kind kind, npk_value *const *dropped,
                             size_t count)
{
    npki_events *events = npki_events_of(value);
    const bool grows = value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET;
    const uint64_t end = grows && kind == NPKI_EVENT_CALL ? npki_count_of(value) : 0;
    const bool on =
        events != NULL && events->kept < events->count && events->run_kind == kind && events->run_end == end;
    events = on ? events : with_room(arena, value, 0);
    if (events == NULL || !add_calls(arena, events, dropped, count))
        return NULL;
    events->run_kind = (uint8_t)kind;
    events->run_end = end;
    events->count += count;
    events->calls_after_items += kind == NPKI_EVENT_CALL ? count : 0;
    events->calls_after_keys += kind == NPKI_EVENT_CALL ? count : 0;
    return events;
}

/* Whether these are no other ones than an object has that has none. */
static bool are_usual(const npk_value *value, const npki_events *events)
{
    bool usual = value->kind == NPK_KIND_OBJECT && events->count == usual_count(value);
    for (size_t i = 0; usual && i < events->count; i++) {
        const npki_event is = npki_event_of(value, i), other = usual_event(value->u.object, i);
        usual = is.kind == other.kind && is.first == other.first && is.end == other.end && is.offset == other.offset &&
                !is.at_once && !is.apart && !is.elsewhere && !is.unseen && is.late == 0;
    }
    return usual;
}

void npki_event_undo(npk_value *value)
{
    npki_events *events = npki_events_of(value);
    const npki_event last = npki_event_of(value, (size_t)events->count - 1);
    if (last.number != 0)
        npki_events_are_late_no_more(*npki_dropped_at(value, (size_t)last.first), &last);
    forget_call(events, events->count - 1);
    events->calls->u.items->count--;
    events->count--;
    events->kept = events->kept < events->count ? events->kept : events->count;
    if (events->calls->u.items->count == 0 && are_usual(value, events))
        value->u.object->events = NULL;
}

void npki_event_take_back(npk_value *value, size_t index)
{
    npki_events *events = npki_events_of(value);
    const bool is_kept = index < events->kept;
    events->calls->u.items->at[is_kept ? events->at[index].first : of_run(events, index).first] = NULL;
    forget_call(events, index);
    if (is_kept)
        events->at[index].kind = NPKI_EVENT_NOTHING;
    events->untidy = true;
}

void npki_events_tidy(npk_value *value)
{
    npki_events *events = npki_events_of(value);
    uint64_t count = 0, calls = 0;
    bool late = false; /* then other events say which ones by their places */
    if (events == NULL || !events->untidy)
        return;
    npki_items *values = events->calls->u.items;
    const uint64_t run = events->count - events->kept;
    for (uint64_t i = 0; i < events->kept; i++)
        late = late || events->at[i].late != 0;
    for (uint64_t i = 0; i < events->kept; i++) {
        npki_kept_event event = events->at[i];
        if (is_dropping((npki_event_kind)event.kind)) {
            values->at[calls] = values->at[event.first];
            event.first = calls++ & MOST_FIRST;
        }
        if (event.kind != NPKI_EVENT_NOTHING || late)
            events->at[count++] = event;
    }
    events->kept = count;
    for (uint64_t i = values->count - run; i < values->count; i++) {
        npk_value *value_there = values->at[i];
        values->at[calls] = value_there;
        calls += value_there != NULL;
        count += value_there != NULL;
    }
    values->count = calls;
    events->count = count;
    events->untidy = false;
    find_last(events);
}

void npki_events_are_of(npk_value *value, const npki_order *order)
{
    npki_events *events = npki_events_of(value);
    if (events != NULL && events->order == NULL)
        events->order = order;
}

bool npki_event_drop_also(npki_arena *arena, npk_value *value, const npki_event *like, npk_value *dropped)
{
    npki_events *events = npki_event_drop(arena, value, like->kind, &dropped, 1);
    if (events == NULL || (like->number != 0 && with_room(arena, value, 0) == NULL))
        return false;
    if (like->number == 0)
        return true;
    events = npki_events_of(value);
    npki_kept_event *event = &events->at[events->count - 1];
    event->number = like->number;
    event->late_first = like->late_first;
    event->late_end = like->late_end;
    return true;
}

bool npki_events_move(npki_arena *arena, const npk_value *from, npk_value *to)
{
    npki_events *events = npki_events_of(from);
    const size_t usual = usual_count(to);
    if (events == NULL || events->untidy || events->calls == NULL || npki_events_of(to) != NULL)
        return false;
    const uint64_t count = events->kept;
    if (usual > 0) {
        npki_events *others = grown(arena, NULL, count + usual);
        if (others != NULL) {
            memcpy(others, events, (size_t)size_of(count));
            others->room = count + usual;
        }
        events = others;
    }
    if (events == NULL || !keep(arena, to, events))
        return false;
    memmove(events->at + usual, events->at, (size_t)count * sizeof events->at[0]);
    for (size_t i = 0; i < usual; i++)
        keep_usual(events, to->u.object, i);
    events->kept += usual;
    events->count += usual;
    find_last(events);
    return true;
}

bool npki_event_new_state(npki_arena *arena, npk_value *value)
{
    npki_events *events = npki_events_of(value);
    bool found = events == NULL;
    for (uint64_t i = 0; events != NULL && i < events->kept; i++) {
        if (events->at[i].kind != NPKI_EVENT_STATE)
            continue;
        if (found)
            events->at[i] = (npki_kept_event){.kind = NPKI_EVENT_NOTHING};
        found = true;
    }
    return found || npki_event_add(arena, value, &(npki_event){.kind = NPKI_EVENT_STATE, .end = 1});
}

/* --- the public view of them --- */

size_t npk_value_events(const npk_value *value)
{
    return value == NULL ? 0 : npki_event_count(value);
}

bool npk_value_event(const npk_value *value, size_t index, npk_event *out)
{
    static const npk_event_kind kinds[] = {
        [NPKI_EVENT_BEFORE] = NPK_EVENT_CALL_BEFORE, [NPKI_EVENT_ITEMS] = NPK_EVENT_ITEMS,
        [NPKI_EVENT_KEYS] = NPK_EVENT_KEYS,          [NPKI_EVENT_STATE] = NPK_EVENT_STATE,
        [NPKI_EVENT_CALL] = NPK_EVENT_CALL,          [NPKI_EVENT_RETURN] = NPK_EVENT_RETURN,
        [NPKI_EVENT_NOTHING] = NPK_EVENT_NOTHING,
    };
    if (value == NULL || out == NULL || index >= npki_event_count(value))
        return false;
    const npki_event event = npki_event_of(value, index);
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    *out = (npk_event){.kind = kinds[event.kind]};
    if (npki_event_adds(event.kind)) {
        out->value = added_to(value, event.kind);
        out->first = (size_t)event.first;
        out->count = (size_t)(event.end - event.first);
    } else if (event.kind == NPKI_EVENT_STATE) {
        out->value = event.first == 0 ? object->state : npki_item_of(object->later, (size_t)event.first - 1);
    } else if (event.kind == NPKI_EVENT_CALL || event.kind == NPKI_EVENT_BEFORE) {
        out->value = *npki_dropped_at(value, (size_t)event.first);
        out->first = value->kind == NPK_KIND_DICT ? (size_t)event.end / 2 : (size_t)event.end;
    }
    return true;
}

const npk_value *npk_value_calls(const npk_value *value)
{
    return value == NULL || npki_dropped_count(value) == 0 ? NULL : npki_events_of(value)->calls;
}
