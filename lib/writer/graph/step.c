/* The next step of writing a value that was begun: a part, what happens to it, its end. */
#include "writer/graph/walk.h"

#include "known/known.h"
#include "value/event.h"

/* A value for the sake of what it does, while another is at hand. */
bool npki_walk_drop(npki_walk *k, const npk_value *value, const npki_event *event)
{
    npki_stop *way = value == NULL ? NULL : npki_walk_push(k, value, NULL);
    if (way == NULL)
        return false;
    if (event != NULL && event->late_end > event->late_first && npki_event_is_late(value, event->late_first)) {
        way->event = event->late_first;
        way->end_event = event->late_end;
        way->number = event->number;
    }
    way->dropped = true;
    way->role = NPKI_ROLE_OWN;
    npki_begin_as(k->w, &(npki_container){.kind = NPK_KIND_OBJECT, .count = NPK_UNKNOWN, .parts = 1, .added = true});
    return true;
}

/* Whether it makes a difference that a value is made twice. */
static bool may_do_something(const npk_value *value)
{
    const bool empty = npki_is_container(value) && npki_count_of(value) == 0 && npki_events_of(value) == NULL;
    const bool made = value->kind >= NPK_KIND_TUPLE && value->kind != NPK_KIND_GLOBAL;
    return (made || (value->history & NPKI_WAS_CALLED) != 0) && !empty;
}

/* Whether a part of what is at hand comes again, so that it has to have a number: that is made once more, or is a tuple
 * of which a call has the items one by one, and that may come as such, too, before the call or after it. */
static bool comes_again(const npki_walk *k, const npki_stop *way, const npk_value *part)
{
    const npk_value *each = NULL;
    if (way->call != NULL && way->items == NULL)
        each = way->spelled.row->to_mark ? way->call->args : way->spelled.each;
    else if (way->value->kind == NPK_KIND_TUPLE &&
             npki_is_spread(way->value, k->w->protocol, k->w->opcodes == NPKI_OPCODES_OF_PROTOCOL))
        each = way->value;
    return (way->again && way->next == 0 && may_do_something(part)) ||
           (each != NULL && (each->flags & NPKI_IS_SHARED) != 0);
}

/* A part of a call or container. Another spelling has a class twice, which may be made by a call, or looked up. The
 * arguments of a call that comes again are new each time, as a pickler has them. */
static void begin_part(npki_walk *k, const npki_stop *way, const npk_value *part)
{
    const bool is_made = part->kind == NPK_KIND_OBJECT || part->kind == NPK_KIND_PERSID,
               args = way->call != NULL && part == way->call->args && part->kind == NPK_KIND_TUPLE,
               twice = way->spelled.moves != NULL && part == way->call->callable && is_made;
    k->w->to_number = twice || (!args && comes_again(k, way, part)) ? part : NULL;
    npki_walk_begin(k, part);
    k->w->to_number = NULL;
}

static bool is_to_be_made(const npki_walk *k, const npk_value *item)
{
    int64_t number;
    return item->kind >= NPK_KIND_TUPLE && !npki_known(k->w, npki_value_key(k->w, item), &number);
}

/* How far those go of the items of a batch that have to be there before the first is added: those of the first entry
 * only if others have, too. */
static size_t end_of_made(const npki_walk *k, const npki_items *items, size_t from, size_t stop, size_t per_entry)
{
    size_t end = from;
    for (size_t i = from + per_entry; i < stop; i++)
        if (items->at[i] != items->at[from + per_entry - 1] && is_to_be_made(k, items->at[i]))
            end = i + 1;
    return end;
}

/* Of items that are to come at once, where the protocol adds them one by one, what calls make has to be there before
 * the first. */
static bool make_before(npki_walk *k, npki_stop *way, const npki_items *items, size_t from, size_t stop,
                        size_t per_entry)
{
    if (k->w->protocol >= npki_opcodes[NPKI_ROW_APPENDS].protocol)
        return false;
    if (way->made_item <= from) {
        way->made_item = from;
        way->made_end = end_of_made(k, items, from, stop, per_entry);
        k->w->alone = k->w->alone && way->made_end == from; /* they are asked for again */
    }
    while (way->made_item < way->made_end) {
        const npk_value *item = items->at[way->made_item++];
        if (!is_to_be_made(k, item))
            continue;
        if (npki_walk_drop(k, item, NULL))
            k->ways[k->depth - 1].comes_again = true;
        return true;
    }
    way->made_item = stop;
    return false;
}

/* What is appended to an object, or set in it. */
static void begin_added(npki_walk *k, npki_stop *way, const npk_value *items, const npki_event *event)
{
    const size_t per_entry = npki_items_per_entry(items);
    npk_writer *w = k->w;
    if (event->end == event->first)
        return;
    if (way->call != NULL && items == k->ways[0].value) {
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "what was added to an object is written alone, and holds the object");
        return;
    }
    way->items = items->u.items;
    way->next_item = way->grown = per_entry * (size_t)event->first;
    way->end_item = per_entry * (size_t)event->end;
    npki_begin_as(w, &(npki_container){.kind = npk_value_kind(items),
                                       .count = (int64_t)(event->end - event->first),
                                       .added = true,
                                       .at_once = event->at_once});
}

/* What comes to an object: at the end of it stands the opcode by which it is called. */
static void step_event(npki_walk *k, npki_stop *way)
{
    const npki_event event = npki_event_of(way->value, way->event);
    const npki_object *object = way->value->kind == NPK_KIND_OBJECT ? way->value->u.object : NULL;
    const npk_value *items = object == NULL                   ? way->value
                             : event.kind == NPKI_EVENT_KEYS  ? object->dictitems
                             : event.kind == NPKI_EVENT_ITEMS ? object->listitems
                                                              : NULL;
    const size_t per_entry = event.kind == NPKI_EVENT_KEYS ? 2 : 1;
    const bool by_call =
        items != NULL && items->kind == NPK_KIND_SET && k->w->protocol < npki_opcodes[NPKI_ROW_ADDITEMS].protocol;
    if (event.at_once && items != NULL && !by_call &&
        make_before(k, way, items->u.items, per_entry * (size_t)event.first, per_entry * (size_t)event.end, per_entry))
        return;
    way->event++;
    way->made_item = 0;
    way->written = event.kind != NPKI_EVENT_BEFORE;
    switch (event.kind) {
    case NPKI_EVENT_ITEMS:
    case NPKI_EVENT_KEYS:
        if (by_call) {
            way->items = items->u.items;
            way->next_item = way->grown = (size_t)event.first;
            npki_begin_addition(k, way, (size_t)event.end);
            return;
        }
        begin_added(k, way, items, &event);
        return;
    case NPKI_EVENT_STATE:
        npki_check_state(k->w, way->value, npki_state_of(object, (size_t)event.first));
        npki_order_give(k, way, &event);
        if (way->spelled.row != NULL && way->spelled.row->to_mark)
            npki_keep_alive(k->w, false);
        npki_walk_begin(k, npki_state_of(object, (size_t)event.first));
        return;
    case NPKI_EVENT_CALL:
        npki_walk_drop(k, *npki_dropped_at(way->value, (size_t)event.first), &event);
        return;
    case NPKI_EVENT_BEFORE: /* npk_write_value has written it */
    case NPKI_EVENT_RETURN:
    case NPKI_EVENT_NOTHING:
        return;
    }
}

/* The event before is written. */
static void end_event(npki_walk *k, npki_stop *way)
{
    if (way->written)
        npki_in_place(k, way->value, way->event - 1);
    way->written = false;
}

static void step_dropped(npki_walk *k, npki_stop *way)
{
    if (way->next++ == 0) {
        way->from = k->w->next_memo;
        npki_order_drops(k, way);
        k->w->to_number = way->comes_again ? way->value : NULL;
        npki_walk_begin(k, way->value);
        k->w->to_number = NULL;
        return;
    }
    way->late += way->written;
    end_event(k, way);
    way->event = npki_next_late(way->value, way->event, way->end_event, way->number);
    if (way->event < way->end_event) {
        step_event(k, way);
        return;
    }
    if (way->late > 0)
        npki_order_waited(k, way->value, way->late);
    k->depth--;
    npki_end(k->w);
    npki_order_drop(k, way);
}

/* INST or OBJ itself, once its parts are written. */
static void write_marked_call(npk_writer *w, const npk_value *class_, const npk_opcode *row)
{
    if (row->action == NPKI_DO_INST) {
        npki_global_name name;
        npki_translate(w, class_, &name);
        if (!npki_is_name(name.module, name.module_size) || !npki_is_name(name.name, name.name_size))
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a name with a newline in it: INST can't hold it");
        npki_op_lines(w, NPKI_ROW_INST, name.module, name.module_size, name.name, name.name_size);
    } else {
        npki_op(w, NPKI_ROW_OBJ);
    }
    npki_container *made = &w->containers[w->depth - 1];
    if (w->hooks->made != NULL && row->action == NPKI_DO_INST && class_->kind == NPK_KIND_GLOBAL &&
        class_->u.global->protocol < NPKI_FIRST_WITH_NEWER_NAMES) {
        made->named = (npki_origin)(NPKI_FROM_GLOBAL + class_->u.global->protocol);
        made->number = NPKI_NUMBER_ALWAYS;
    }
    npki_put_made(w, made);
}

static void step_call(npki_walk *k, npki_stop *way)
{
    const npk_opcode *row = way->spelled.row;
    const npk_value *part = npki_next_part(k->w, way->call, &way->spelled);
    if (part != NULL) {
        begin_part(k, way, part);
        return;
    }
    if (way->next++ == 0) {
        if (way->call->stays_call != NPKI_STAYS_NOT)
            npki_check_stayed(k, way);
        if (row->to_mark)
            write_marked_call(k->w, way->spelled.moves != NULL ? way->spelled.values[0] : way->call->callable, row);
        bool again = k->w->depth > 0 && k->w->containers[k->w->depth - 1].again;
        npki_events_after(way->value, &way->making, again, &way->event, &way->end_event);
        npki_made_inside(k, way, again);
        if (way->spelled.whole)
            way->event = way->end_event;
        size_t late;
        if (!again)
            npki_order_wait(k, way->value, npki_late_events(way->value, &late));
        if (again && way->once) {
            npki_order_not_called(k, way);
        } else {
            npki_order_called(k, way->call);
            npki_order_take(k, way->call);
            if (!way->spelled.remade)
                npki_in_order(k, way->value, way->call->order, way->call->offset);
        }
    }
    end_event(k, way);
    while (way->event < way->end_event && npki_event_is_late(way->value, way->event))
        way->event++;
    if (npki_rules[way->call->meaning].inline_data && way->event > 0 &&
        npki_event_of(way->value, way->event - 1).kind == NPKI_EVENT_STATE)
        npki_write_inline(k->w, way->value);
    if (way->event < way->end_event) {
        step_event(k, way);
    } else {
        npki_order_is_over(k, way);
        k->depth--;
        npki_end(k->w);
    }
}

/* How far the items of a container go until something happens: it was dropped over them, or referred to while they were
 * on the stack. */
static size_t next_stop(const npki_stop *way, const npki_event *event)
{
    const size_t per_end = event->kind == NPKI_EVENT_CALL ? 1 : npki_items_per_entry(way->value);
    const size_t at = per_end * (size_t)event->end;
    return at < way->end_item ? at : way->end_item;
}

/* Something happens to a container between items, of which all are in it by now; those that come last are added at its
 * end. */
static void step_container_event(npki_walk *k, npki_stop *way, const npki_event *event)
{
    const bool last = way->next_item == way->end_item && way->event + 1 == way->end_event;
    if (event->kind == NPKI_EVENT_CALL || !last)
        npki_break_batch(k->w, &k->w->containers[k->w->depth - 1]);
    npki_order_grown(k, way);
    if (event->kind == NPKI_EVENT_CALL) {
        /* as much as the call saw */
        way->whole = way->next_item == way->end_item || way->next_item == (size_t)event->end;
        step_event(k, way);
        return;
    }
    npki_in_place(k, way->value, way->event++);
}

/* An event of a container that comes elsewhere, or is none. */
static bool pass_event(npki_walk *k, npki_stop *way)
{
    if (way->event == way->end_event)
        return false;
    const npki_event event = npki_event_of(way->value, way->event);
    const bool items = npki_event_adds(event.kind);
    const bool late = npki_event_is_late(way->value, way->event);
    if (!late && (items || event.kind == NPKI_EVENT_CALL))
        return false;
    if (late && items) {
        npki_order_grown(k, way);
        way->next_item = way->grown = npki_items_per_entry(way->value) * (size_t)event.end;
    }
    way->event++;
    return true;
}

/* Items, and what happens between them; when there are no more, the end. */
static void step_container(npki_walk *k, npki_stop *way)
{
    npk_writer *w = k->w;
    const bool adds = way->call != NULL || way->dropped; /* ... to an object, or late */
    while (!adds && pass_event(k, way))
        ;
    const npki_event event = npki_event_of(way->value, way->event);
    const bool happens = !adds && way->event < way->end_event;
    const size_t stop = happens ? next_stop(way, &event) : way->end_item;
    if (happens && way->next_item >= stop) {
        step_container_event(k, way, &event);
    } else if (way->next_item < way->end_item) {
        if (happens && event.at_once &&
            make_before(k, way, way->items, way->next_item, stop, npki_items_per_entry(way->value)))
            return;
        w->containers[w->depth - 1].at_once = happens && event.at_once;
        size_t count = w->run > 0 && npki_events_of(way->value) == NULL ? npki_run_items(k, way) : 0;
        way->next_item += count;
        if (count == 0) {
            const npk_value *item = way->items->at[way->next_item++];
            npki_note_item(k, way, item);
            begin_part(k, way, item);
        }
    } else {
        npki_order_grown(k, way);
        if (!adds)
            npki_order_close(k, way->value);
        way->items = NULL;
        k->depth -= !adds;
        npki_end(w);
    }
}

/* The end of the call that makes a set, or of one that adds to it. */
static void end_set_call(npki_walk *k, npki_stop *way)
{
    npki_order_grown(k, way);
    npki_end(k->w);
    if (way->adds_by_call)
        npki_op(k->w, NPKI_ROW_POP);
    way->in_call = way->adds_by_call = false;
    if (way->dropped) { /* all that comes late */
        way->by_call = false;
        way->items = NULL;
    }
}

/* A set, where that is a call: of what it had at first; for what comes later there are others, in between whatever
 * happens. */
static void step_called_set(npki_walk *k, npki_stop *way)
{
    if (way->in_call && way->next_item < way->call_end) {
        begin_part(k, way, way->items->at[way->next_item++]);
        return;
    }
    if (way->in_call) {
        end_set_call(k, way);
        return;
    }
    while (pass_event(k, way))
        ;
    const npki_event event = npki_event_of(way->value, way->event);
    const bool happens = way->event < way->end_event;
    const size_t stop = happens ? next_stop(way, &event) : way->end_item;
    if (way->next_item < stop) {
        npki_begin_addition(k, way, stop);
    } else if (happens) {
        step_container_event(k, way, &event);
    } else {
        npki_order_is_over(k, way);
        k->depth--;
        npki_end(k->w);
    }
}

static void step_called_over(npki_walk *k, npki_stop *way)
{
    npki_container *container = &k->w->containers[k->w->depth - 1];
    const size_t next = way->next++;
    if (next == 0) {
        container->memo = k->w->last;
        container->unhashable = k->w->last_unhashable;
    } else if (way->event < way->end_event) {
        step_event(k, way);
    } else {
        npki_order_is_over(k, way);
        k->depth--;
        npki_end(k->w);
    }
}

static void step_persid(npki_walk *k, npki_stop *way)
{
    if (way->next++ == 0) {
        npki_walk_begin(k, way->value->u.id);
        return;
    }
    npki_looked_up(k, way->value);
    k->depth--;
    npki_end(k->w);
}

static void step_malformed(npki_walk *k, npki_stop *way)
{
    const npk_value *operand = npki_next_operand(k->w, way);
    if (operand != NULL) {
        npki_walk_begin(k, operand);
        return;
    }
    k->depth--;
    npki_end(k->w);
}

void npki_walk_step(npki_walk *k)
{
    npki_stop *way = &k->ways[k->depth - 1];
    if (way->dropped && way->items == NULL)
        step_dropped(k, way);
    else if (way->called_over)
        step_called_over(k, way);
    else if (way->by_call)
        step_called_set(k, way);
    else if (way->call != NULL && way->items == NULL)
        step_call(k, way);
    else if (way->value->kind == NPK_KIND_PERSID)
        step_persid(k, way);
    else if (way->value->kind == NPK_KIND_MALFORMED)
        step_malformed(k, way);
    else
        step_container(k, way);
}
