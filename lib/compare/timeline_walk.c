/* The walk goes as the writer's does (writer/graph/step.c): parts, the call, what happens then; what is late where it
 * is late. */
#include "compare/timeline.h"

#include "compare/state.h"
#include "compare/stays.h"
#include "known/known.h"

#include <string.h>

#define DEPTH 200000u /* ways inside one another */

/* Where a walk is: in a value, or at what is added to an object, or at what happens to a value late. */
struct npki_timeline_way {
    const npk_value *value;
    npki_trail at;
    size_t child;     /* to which the walk has gone last */
    size_t next, end; /* own children to go to before the next event */
    size_t event, end_event;
    size_t begun;    /* 1 + the event of which the parts are being gone through, or 0 */
    uint32_t number; /* of the events to go through that are late, or 0: those that are not */
    uint32_t known;  /* the number of `value` among those that were met, or 0: it has not been asked for */
    uint32_t step;   /* by which the walk came here, if it leaves steps */
    uint64_t latest; /* the time of the latest moment inside it */
    bool dropped;    /* nothing has it but what was dropped */
    bool in_object;  /* it is inside an object, which is compared with it */
    bool calls;      /* it is an object to be made once its parts are */
    bool before;     /* what was dropped before it, and nothing else */
    bool part;       /* `value` is a part of an object */
    bool opened;     /* it was not whole when this way began */
    bool placed;     /* it is known where this way is */
    size_t outer;    /* 1 + the place of the way in which the same value is being made, or 0 */
    /* what was met in something that was dropped is somewhere else too; what comes to it late may not have been met
     * yet */
    bool again;
};

static npki_met_value *number_of(npki_timeline *t, npki_timeline_way *way)
{
    if (way->known != 0)
        return npki_met_at(t->numbers, way->known);
    npki_met_value *number = npki_timeline_number(t, way->value);
    way->known = number == NULL ? 0 : (uint32_t)npki_met_of(t->numbers, number);
    return number;
}

static void make(npki_timeline *t, npki_timeline_way *way)
{
    npki_met_value *number = number_of(t, way);
    way->calls = false;
    if (number == NULL || (number->met & NPKI_MET_MADE) != 0)
        return;
    number->met |= NPKI_MET_MADE;
    npki_timeline_add(t, number, (npki_moment){.kind = NPKI_MOMENT_MADE, .value = way->value},
                      npki_timeline_called_at(way->value).offset, &way->latest);
}

/* --- the way down --- */

/* The step to where the walk goes now. */
static uint32_t step_on(npki_timeline *t)
{
    const npki_timeline_way *top = t->depth == 0 ? NULL : &t->ways[t->depth - 1];
    if (t->steps == NULL || top == NULL)
        return t->rest;
    return npki_timeline_add_step(t, (npki_timeline_step){top->value, top->at, top->child, top->step});
}

static void push(npki_timeline *t, const npki_timeline_way *way)
{
    const uint32_t step = step_on(t);
    if (t->depth == DEPTH) {
        npki_compare_fail(t->c, NPK_ERR_LIMIT);
        return;
    }
    if (t->depth * sizeof *way == t->room) {
        const size_t room = t->room == 0 ? 32 * sizeof *way : 2 * t->room;
        npki_timeline_way *ways = npki_resize(&t->c->allocator, t->ways, t->room, room);
        if (ways == NULL) {
            npki_compare_fail(t->c, NPK_ERR_MEMORY);
            return;
        }
        t->ways = ways;
        t->room = room;
    }
    t->ways[t->depth] = *way;
    t->ways[t->depth++].step = step;
}

/* What has no number before it is whole: met again until then it is made there, too, and that is what it is from then
 * on. */
static bool is_whole_at_once(const npki_timeline_way *way)
{
    return !way->before && !way->again && !way->part && way->number == 0 &&
           (way->calls || way->value->kind == NPK_KIND_TUPLE || way->value->kind == NPK_KIND_FROZENSET);
}

/* What came to a list, dict or set before anything else had it: with this event, or `all` before it. */
static void add_at_once(npki_timeline *t, npki_timeline_way *way, uint64_t event, bool all)
{
    const bool whole = npki_is_container(way->value) && !way->before && !way->part && way->number == 0 && !way->again;
    npki_met_value *number = whole ? npki_met_find(t->numbers, way->value) : NULL;
    /* what goes with something that was dropped is not known yet */
    const bool gone = way->dropped && npki_can_grow(way->value);
    const npki_moment moment = {.kind = way->value->kind == NPK_KIND_DICT ? NPKI_MOMENT_KEYS : NPKI_MOMENT_ITEMS,
                                .value = way->value,
                                .all = all,
                                .event = (uint32_t)event};
    if (number != NULL && ((number->met & NPKI_MET_TIMED) != 0 || gone) && number->last == 0)
        npki_timeline_add(t, number, moment, t->now, &way->latest);
}

static void pop(npki_timeline *t)
{
    npki_timeline_way *way = &t->ways[--t->depth], *outer = way->outer == 0 ? NULL : &t->ways[way->outer - 1];
    if (npki_events_of(way->value) == NULL)
        add_at_once(t, way, NPKI_MOMENT_EVENTS, false);
    npki_met_value *number = way->placed ? number_of(t, way) : NULL;
    if (t->depth > 0 && way[-1].latest < way->latest)
        way[-1].latest = way->latest;
    if (number != NULL)
        number->met =
            (number->met & NPKI_MET_ALL) | (way->opened ? NPKI_MET_MADE : 0) | (uint32_t)way->outer << NPKI_MET_BITS;
    if (outer != NULL && outer->event < way->event)
        outer->event = way->event;
}

/* An object that has its own parts, and not what npickle has found in them: these, then what happens to it. */
static bool is_plain(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT && value->u.object->array == NULL && value->u.object->dtype == NULL;
}

/* An array, a dtype, a container of the library: nothing else sees it called. What comes to such a container is seen. */
static bool is_known(npki_timeline *t, const npk_value *call)
{
    const npk_value *value = npki_compare_as(t->c, call);
    return value->kind == NPK_KIND_OBJECT && !npki_is_unknown(value->u.object);
}

/* Whether what a value holds comes between its events: an array has what is in its state. */
static bool waits_for_state(const npk_value *value)
{
    const bool state = value->kind == NPK_KIND_OBJECT && value->u.object->state != NULL;
    return npki_events_of(value) != NULL && (state || npki_is_container(value));
}

/* What stands in the way of a call only because its protocol has no opcode for it calls nothing. */
static void find_helpers(npki_timeline *t, const npk_value *value)
{
    npki_made made;
    if (!npki_made_of(value, &made))
        return;
    for (size_t i = 0; i < NPKI_MADE_HELPERS && made.helpers[i] != NULL; i++) {
        npki_met_value *number = npki_timeline_number(t, made.helpers[i]);
        if (number != NULL)
            number->met |= NPKI_MET_HELPER;
    }
}

/* The next RETURN from an event on, or how many events there are. */
static size_t next_return(npki_timeline *t, const npk_value *value, size_t event)
{
    size_t after = npki_first_return(value);
    while (after > 0 && after <= event && npki_compare_charge(t->c, 1))
        after = npki_return_behind(value, after);
    return after > 0 ? after - 1 : npki_event_count(value);
}

/* Whether what is dropped where the walk is, is a part of an object that was, which is compared with it. */
static bool is_in_object(const npki_timeline *t)
{
    const npki_timeline_way *holder = t->depth == 0 ? NULL : &t->ways[t->depth - 1];
    return holder != NULL && holder->dropped && holder->child < npki_own_children(holder->value) &&
           (holder->in_object || holder->value->kind == NPK_KIND_OBJECT);
}

/* A value of which this is known. */
static void enter(npki_timeline *t, const npk_value *value, npki_met_value *number, npki_trail at, bool dropped,
                  bool again)
{
    npki_timeline_way way = {.value = value, .at = at, .dropped = dropped, .again = again};
    way.known = (uint32_t)npki_met_of(t->numbers, number);
    const size_t own = npki_own_children(value);
    const bool listed = is_known(t, value) || value->kind == NPK_KIND_MALFORMED;
    way.in_object = dropped && is_in_object(t);
    if (listed && dropped && !way.in_object && !npki_dynbuf_add(&t->known, &value, sizeof value))
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
    if (is_plain(value)) {
        if (npki_may_have_helpers(value))
            find_helpers(t, value);
        way.end = again ? own : NPKI_SLOTS_MAKING;
    } else if (!waits_for_state(value) || again) {
        way.end = own;
    }
    way.calls = !again && npki_timeline_calls(npki_compare_as(t->c, value));
    way.end_event = again ? 0 : npki_event_count(value);
    if (way.end_event > NPKI_MOMENT_EVENTS) /* a moment has no room for its number */
        npki_compare_fail(t->c, NPK_ERR_LIMIT);
    way.opened = is_whole_at_once(&way);
    way.placed = way.opened || (dropped && !again);
    number = way.placed ? number_of(t, &way) : NULL; /* the helpers may have moved it */
    if (number != NULL)
        number->met = (number->met & NPKI_MET_ALL) | (uint32_t)(t->depth + 1) << NPKI_MET_BITS;
    push(t, &way);
}

/* A value that is being made: its parts that have not come yet come here, and then it is made, and what happens to an
 * object up to where its pickle came back to it; to a tuple nothing, for it is the outer one that is followed by what
 * comes then. `anew`: those that have come are also that of more than what was dropped. */
static void enter_inside(npki_timeline *t, const npk_value *value, npki_met_value *number, bool anew)
{
    const size_t outer = (size_t)(number->met >> NPKI_MET_BITS);
    npki_timeline_way way = t->ways[outer - 1];
    way.outer = outer;
    way.next = anew ? 0 : way.child; /* the part that the walk is in may not be whole either */
    way.latest = 0;
    way.end_event = value->kind == NPK_KIND_OBJECT ? next_return(t, value, way.event) : way.event;
    number->met = (number->met & NPKI_MET_ALL) | (uint32_t)(t->depth + 1) << NPKI_MET_BITS;
    push(t, &way);
}

/* Whether a walk comes to a value, as it has parts or is made. */
static bool is_visited(const npk_value *value)
{
    if (value->kind < NPK_KIND_TUPLE && (value->history & NPKI_WAS_CALLED) == 0)
        return false;
    return value->kind == NPK_KIND_OBJECT ? !npki_compare_is_name(value) : npki_children(value) > 0;
}

/* Whether a difference may have the path of a value: what has no parts may have had something happen to it. */
static bool is_told_of(const npk_value *value)
{
    return is_visited(value) || (value->kind >= NPK_KIND_TUPLE && npki_events_of(value) != NULL);
}

static void visit(npki_timeline *t, const npk_value *value, npki_trail at, bool dropped, bool again)
{
    if (value == NULL || !npki_compare_charge(t->c, 1))
        return;
    if (t->steps != NULL && is_told_of(value))
        npki_timeline_note_first(t, value, step_on(t));
    npki_met_value *number = is_visited(value) ? npki_timeline_number(t, value) : NULL;
    const uint32_t was = number == NULL ? 0 : number->met & (NPKI_MET | NPKI_MET_DROPPED);
    if (number == NULL || (again && was == 0))
        return;
    const size_t place = (size_t)(number->met >> NPKI_MET_BITS);
    const bool more = (was & NPKI_MET) == 0 && (!dropped || was == 0); /* than what was known of it */
    number->met |= dropped ? NPKI_MET_DROPPED : NPKI_MET;
    if (dropped && place == 0 && is_in_object(t)) /* not in itself */
        number->met |= NPKI_MET_IN_OBJECT;
    if (place > 0 && more)
        t->ways[place - 1].dropped = false;
    if (place > 0 && t->ways[place - 1].opened && (number->met & NPKI_MET_MADE) == 0)
        enter_inside(t, value, number, more);
    else if (more)
        enter(t, value, number, at, dropped, was != 0);
}

/* All or some of what is added to an object, or its later states. */
static void visit_part(npki_timeline *t, npki_timeline_way *way, size_t child, size_t first, size_t end)
{
    const npk_value *part = npki_child(way->value, child);
    way->child = child;
    if (part != NULL)
        push(t, &(npki_timeline_way){.value = part,
                                     .at = npki_trail_to(way->at, way->value, child),
                                     .next = first,
                                     .end = end,
                                     .dropped = way->dropped,
                                     .in_object = true,
                                     .part = true,
                                     .again = way->again});
}

static void visit_child(npki_timeline *t, npki_timeline_way *way, size_t child)
{
    const npk_value *value = npki_child(way->value, child);
    way->child = child;
    if (value == NULL || npki_is_of_state(way->at, way->value, child))
        return;
    if (is_plain(way->value) &&
        (child == NPKI_SLOT_LISTITEMS || child == NPKI_SLOT_DICTITEMS || child == NPKI_SLOT_LATER))
        visit_part(t, way, child, 0, npki_own_children(value));
    else
        visit(t, value, npki_trail_to(way->at, way->value, child), way->dropped, way->again);
}

/* Passes over children to which the walk does not come, but for what they cost. */
static void pass_idle(npki_timeline *t, npki_timeline_way *way)
{
    uint64_t cost = 0;
    size_t at = way->next;
    for (; at < way->end; at++) {
        const npk_value *child = npki_child(way->value, at);
        if (child != NULL && (t->steps == NULL ? is_visited(child) : is_told_of(child)))
            break;
        cost += child != NULL;
    }
    if (at > way->next)
        way->child = at - 1;
    way->next = at;
    npki_compare_charge(t->c, cost);
}

static void visit_dropped(npki_timeline *t, npki_timeline_way *way, const npki_event *event)
{
    const npk_value *value = *npki_dropped_at(way->value, (size_t)event->first);
    way->child = npki_own_children(way->value) + (size_t)event->first;
    visit(t, value, (npki_trail){0}, true, false);
}

/* --- what happens --- */

static size_t per_entry(const npki_event *event)
{
    return event->kind == NPKI_EVENT_KEYS ? 2 : 1;
}

/* How many children of a container are gone through before the event, or with it. */
static size_t children_before(const npki_timeline_way *way, const npki_event *event)
{
    const size_t own = npki_own_children(way->value);
    const bool whole = way->value->kind == NPK_KIND_TUPLE || way->value->kind == NPK_KIND_FROZENSET;
    const size_t end = per_entry(event) * (size_t)event->end;
    return whole || end > own ? own : end;
}

/* A tuple over which something is dropped has all that is in it, and a number: what leads back to it from there finds
 * it whole. */
static void note_whole(npki_timeline *t, npki_timeline_way *way)
{
    npki_met_value *number = way->opened ? number_of(t, way) : NULL;
    if (number != NULL)
        number->met |= NPKI_MET_MADE;
}

static void begin_in_container(npki_timeline *t, npki_timeline_way *way, const npki_event *event)
{
    if (npki_event_adds(event->kind) && way->number != 0)
        way->next = per_entry(event) * (size_t)event->first;
    if (npki_event_adds(event->kind))
        way->end = children_before(way, event);
    else if (event->kind == NPKI_EVENT_CALL) {
        add_at_once(t, way, way->event - 1, true);
        note_whole(t, way);
        visit_dropped(t, way, event);
    }
}

/* All that was appended to an array, or set in it: one of its last children. */
static void visit_added(npki_timeline *t, npki_timeline_way *way, const npk_value *added)
{
    const size_t own = npki_own_children(way->value);
    for (size_t i = own; added != NULL && i-- > 0 && own - i <= NPKI_SLOTS - NPKI_SLOTS_MAKING;)
        if (npki_child(way->value, i) == added) {
            visit_child(t, way, i);
            return;
        }
}

/* An array, a dtype. */
static void begin_in_known(npki_timeline *t, npki_timeline_way *way, const npki_event *event)
{
    const npki_object *object = way->value->u.object;
    if (event->kind == NPKI_EVENT_STATE)
        way->end = npki_own_children(way->value);
    else if (npki_event_adds(event->kind))
        visit_added(t, way, event->kind == NPKI_EVENT_ITEMS ? object->listitems : object->dictitems);
}

static void begin_in_object(npki_timeline *t, npki_timeline_way *way, const npki_event *event)
{
    const bool plain = is_plain(way->value);
    if (event->kind == NPKI_EVENT_CALL)
        visit_dropped(t, way, event);
    else if (plain && npki_event_adds(event->kind))
        visit_part(t, way, event->kind == NPKI_EVENT_ITEMS ? NPKI_SLOT_LISTITEMS : NPKI_SLOT_DICTITEMS,
                   per_entry(event) * (size_t)event->first, per_entry(event) * (size_t)event->end);
    else if (plain && event->kind == NPKI_EVENT_STATE && event->first > 0)
        visit_part(t, way, NPKI_SLOT_LATER, (size_t)event->first - 1, (size_t)event->first);
    else if (plain && event->kind == NPKI_EVENT_STATE)
        visit_child(t, way, NPKI_SLOT_STATE);
    else if (!plain)
        begin_in_known(t, way, event);
}

/* Whether what is late has come with the event of this number. */
static bool has_come(const npki_timeline *t, uint32_t number)
{
    return number / 8 < t->come.size && (t->come.bytes[number / 8] >> number % 8 & 1) != 0;
}

static void note_come(npki_timeline *t, uint32_t number)
{
    const size_t size = (size_t)number / 8 + 1, more = size > t->come.size ? size - t->come.size : 0;
    uint8_t *room = npki_dynbuf_room(&t->come, more);
    if (more > 0 && room == NULL) {
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
        return;
    }
    if (more > 0)
        memset(room, 0, more);
    t->come.size += more;
    t->come.bytes[number / 8] |= (uint8_t)(1u << number % 8);
}

/* What comes to a value with the event of this number: between these. */
static void enter_late(npki_timeline *t, const npk_value *value, uint32_t number, size_t first, size_t end)
{
    npki_timeline_way way = {.value = value,
                             .event = first,
                             .end_event = end,
                             .number = number,
                             .dropped = npki_timeline_only_dropped(t, value)};
    npki_met_value *met = number_of(t, &way);
    note_come(t, number);
    way.placed = met != NULL && met->met >> NPKI_MET_BITS == 0;
    if (way.placed)
        met->met |= (uint32_t)(t->depth + 1) << NPKI_MET_BITS;
    push(t, &way);
}

/* The parts of an event have been gone through. */
static void end_event(npki_timeline *t, npki_timeline_way *way)
{
    const npki_event event = npki_event_of(way->value, way->begun - 1);
    npki_moment moment = {.value = way->value, .event = (uint32_t)(way->begun - 1)};
    way->begun = 0;
    const bool seen = event.kind == NPKI_EVENT_CALL || event.kind == NPKI_EVENT_BEFORE ||
                      (npki_event_adds(event.kind) && is_plain(way->value));
    if (!seen && is_known(t, way->value))
        return;
    if (npki_event_adds(event.kind) && event.offset != 0) {
        moment.kind = event.kind == NPKI_EVENT_ITEMS ? NPKI_MOMENT_ITEMS : NPKI_MOMENT_KEYS;
        npki_timeline_add(t, number_of(t, way), moment, event.offset, &way->latest);
    } else if (npki_event_adds(event.kind)) {
        add_at_once(t, way, moment.event, false);
    } else if (event.kind == NPKI_EVENT_STATE) {
        moment.kind = NPKI_MOMENT_STATE;
        npki_timeline_add(t, number_of(t, way), moment, event.offset, &way->latest);
    } else if (event.late_end > event.late_first) {
        const npk_value *value = *npki_dropped_at(way->value, (size_t)event.first);
        if (value != NULL && npki_event_is_late(value, event.late_first))
            enter_late(t, value, event.number, event.late_first, event.late_end);
    }
}

/* Whether an event is none of those that this way goes through. */
static bool is_passed(const npki_timeline_way *way, const npki_event *event)
{
    if (way->before || event->kind == NPKI_EVENT_BEFORE)
        return !way->before || event->kind != NPKI_EVENT_BEFORE;
    return way->number == 0 && npki_event_is_late(way->value, way->event);
}

static void step_event(npki_timeline *t, npki_timeline_way *way)
{
    if (way->number != 0) /* no other than those of this number */
        way->event = npki_next_late(way->value, way->event, way->end_event, way->number);
    if (way->event >= way->end_event)
        return;
    const npki_event event = npki_event_of(way->value, way->event);
    const bool container = npki_is_container(way->value) && !way->before, passed = is_passed(way, &event);
    const size_t until = npki_event_adds(event.kind) ? per_entry(&event) * (size_t)event.first
                         : container                 ? children_before(way, &event)
                                                     : 0;
    if (container && way->number == 0 && way->next < until) {
        way->end = until;
        return;
    }
    const npki_timeline_late late = {way->value, way->event++};
    if (passed && way->number == 0 && npki_event_is_late(late.value, late.event) &&
        !npki_dynbuf_add(&t->late, &late, sizeof late))
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
    if (passed && container && way->number == 0 && npki_event_adds(event.kind)) {
        add_at_once(t, way, late.event, true);
        way->next = way->end = children_before(way, &event);
    }
    if (passed)
        return;
    way->begun = way->event;
    if (way->before)
        visit_dropped(t, way, &event);
    else if (container)
        begin_in_container(t, way, &event);
    else if (way->value->kind == NPK_KIND_OBJECT)
        begin_in_object(t, way, &event);
    else if (event.kind == NPKI_EVENT_CALL)
        visit_dropped(t, way, &event);
}

/* Whether there are children left that no event has brought. */
static bool has_rest(const npki_timeline_way *way)
{
    return way->number == 0 && !way->before && !way->part && !way->again && !is_plain(way->value) &&
           way->next < npki_own_children(way->value);
}

static void step(npki_timeline *t)
{
    npki_timeline_way *way = &t->ways[t->depth - 1];
    if (way->next < way->end)
        pass_idle(t, way);
    if (way->next < way->end)
        visit_child(t, way, way->next++);
    else if (way->calls)
        make(t, way);
    else if (way->begun != 0)
        end_event(t, way);
    else if (way->event < way->end_event)
        step_event(t, way);
    else if (has_rest(way))
        way->end = npki_own_children(way->value);
    else
        pop(t);
}

static void walk(npki_timeline *t)
{
    while (t->depth > 0 && t->c->status == NPK_OK)
        step(t);
}

/* What comes late with an event to which nothing leads but itself, as in no pickle that a pickler writes. */
static void walk_rest(npki_timeline *t)
{
    for (size_t i = 0; t->c->status == NPK_OK && i < t->late.size / sizeof(npki_timeline_late); i++) {
        npki_timeline_late late;
        memcpy(&late, t->late.bytes + i * sizeof late, sizeof late);
        const uint32_t number = npki_event_of(late.value, late.event).late;
        if (has_come(t, number))
            continue;
        if (t->steps != NULL)
            t->rest = npki_timeline_add_step(t, (npki_timeline_step){late.value, {0}, NPKI_TIMELINE_REST, 0});
        enter_late(t, late.value, number, late.event, npki_event_count(late.value));
        walk(t);
    }
}

void npki_timeline_walk(npki_timeline *t)
{
    push(t, &(npki_timeline_way){.value = t->root, .end_event = npki_event_count(t->root), .before = true});
    walk(t);
    visit(t, t->root, (npki_trail){0}, false, false);
    walk(t);
    walk_rest(t);
    if (t->steps == NULL)
        npki_timeline_rank(t);
}
