/* The order of a pickle. A call may do something that another one sees, and sees what it is given as it is then: so
 * what is written of a graph calls in the order in which its pickle did. A pickler makes each object where the graph
 * has it first, and the writer comes to the same order; what was dropped and what grew while others referred to it, has
 * its place among the events. In what another order is left, which no pickler makes, is refused. */
#include "writer/graph/walk.h"

#include "known/known.h"
#include "value/event.h"
#include "value/same.h"

/* In the place of the offset of a document's last call: there is no order to keep. */
#define OF_PART UINT64_MAX

void npki_order_begin(npki_walk *k)
{
    npki_map_init(&k->kept.others, &k->w->allocator);
    npki_map_init(&k->kept.open, &k->w->allocator);
    npki_map_init(&k->kept.waiting, &k->w->allocator);
    npki_map_init(&k->kept.taken, &k->w->allocator);
    npki_map_init(&k->kept.over, &k->w->allocator);
    npki_map_init(&k->kept.drops, &k->w->allocator);
    npki_map_init(&k->kept.happened, &k->w->allocator);
}

void npki_order_end(npki_walk *k)
{
    npki_map_free(&k->kept.others);
    npki_map_free(&k->kept.open);
    npki_map_free(&k->kept.waiting);
    npki_map_free(&k->kept.taken);
    npki_map_free(&k->kept.over);
    npki_map_free(&k->kept.drops);
    npki_map_free(&k->kept.happened);
}

static uint64_t *slot_of(npki_walk *k, npki_map *map, const void *key)
{
    bool added;
    uint64_t *slot = npki_map_put(map, (uint64_t)(uintptr_t)key, &added);
    if (slot == NULL)
        npki_writer_fail(k->w, NPK_ERR_MEMORY, "an allocation failed");
    else if (added)
        *slot = 0;
    return slot;
}

/* Whether the walk comes to a document from a part of it: what pickles that part calls in an order of its own. Asked
 * where the first call of the document is met. */
static bool is_of_part(const npki_walk *k, const npk_value *value, const npki_order *order)
{
    bool whole = order->root == k->w->spending.root || order->root == value;
    for (size_t i = 0; !whole && i < k->depth; i++)
        whole = k->ways[i].value == order->root;
    return !whole;
}

/* The offsets of another pickle say nothing of those of this one. */
static bool turn_to(npki_walk *k, const npk_value *value, const npki_order *order)
{
    npki_order_kept *kept = &k->kept;
    uint64_t *from = kept->order == NULL ? NULL : slot_of(k, &kept->others, kept->order);
    if (from != NULL)
        *from = kept->last;
    const uint64_t *to = slot_of(k, &kept->others, order);
    kept->order = order;
    kept->last = to == NULL ? 0 : *to == 0 && is_of_part(k, value, order) ? OF_PART : *to;
    return to != NULL;
}

static void refuse(npki_walk *k, const npk_value *value, const char *message)
{
    npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED, "%s", message);
    k->w->refused = value;
}

void npki_in_order(npki_walk *k, const npk_value *value, const npki_order *order, uint64_t offset)
{
    if (order != NULL && order->drops)
        k->kept.proved = order;
    if (order == NULL || order->lost || offset == 0 || k->w->error.status != NPK_OK)
        return;
    if (order != k->kept.order && !turn_to(k, value, order))
        return;
    if (k->kept.last == OF_PART)
        offset = OF_PART;
    if (offset < k->kept.last)
        refuse(k, value,
               "calls would come in another order: in its pickle this one stands before others that are written before "
               "it");
    else if (k->kept.early != NULL)
        refuse(k, k->kept.early,
               "a call would be given this before all of its items are in it, as they were in its pickle");
    k->kept.last = offset;
}

void npki_looked_up(npki_walk *k, const npk_value *persid)
{
    k->kept.called = true;
    npki_in_order(k, persid, persid->u.outside->looked_up.order, persid->u.outside->looked_up.offset);
}

/* Whether it may be that the walk comes to a value by another way than its pickle did: an edit took away what had it
 * first, or only a part of the document is written. */
static bool may_come_elsewhere(const npki_walk *k, const npk_value *value)
{
    const npki_order *order = npki_order_of(value);
    return k->w->part != NULL || (order != NULL && (order->lost || order->edited != NULL));
}

void npki_made_inside(npki_walk *k, const npki_stop *way, bool again)
{
    if (way->making.after != SIZE_MAX && !again && !may_come_elsewhere(k, way->value))
        refuse(k, way->value,
               "in its pickle this was called twice, the first time inside its own arguments, where it does not come "
               "here");
}

/* What takes the items of its arguments has no order of its own: outside of edits it is never made twice. */
bool npki_order_once(const npki_walk *k, const npki_stop *way)
{
    const npki_object *call = way->call;
    const bool takes = npki_rules[call->meaning].reads != NPKI_READS_NOTHING && k->w->part == NULL &&
                       (way->value->history & NPKI_WAS_WRITTEN) == 0;
    return way->value->kind == NPK_KIND_OBJECT && way->making.after == SIZE_MAX &&
           (call->order == NULL ? takes : call->order->edited != NULL);
}

void npki_order_not_called(npki_walk *k, const npki_stop *way)
{
    if (way->spelled.row->to_mark) /* which takes all that is above the mark */
        refuse(k, way->value,
               "in its pickle this is called once, here it would be called inside its own arguments and once more");
    if (way->call->order != NULL)
        k->kept.proved = way->call->order;
}

void npki_order_called(npki_walk *k, const npki_object *call)
{
    k->kept.called = k->kept.called || call->order != NULL || npki_is_unknown(call);
    k->kept.gone.called = npki_offset(k->w);
}

void npki_order_drop(npki_walk *k, const npki_stop *way)
{
    npki_gone *gone = &k->kept.gone;
    const bool bare = k->w->last == NPK_UNKNOWN && gone->called == npki_offset(k->w);
    gone->count = gone->end == npki_offset(k->w) ? gone->count : 0;
    gone->values[gone->count++ % NPKI_GONE] = way->value;
    npki_op(k->w, NPKI_ROW_POP);
    gone->call = bare ? npki_call_of(way->value) : NULL;
    gone->from = way->from;
    gone->end = npki_offset(k->w);
    uint64_t *slot = way->made_there && k->depth > 0 ? slot_of(k, &k->kept.drops, way[-1].value) : NULL;
    if (slot != NULL)
        *slot = 1;
}

void npki_order_drops(npki_walk *k, npki_stop *way)
{
    int64_t number;
    way->made_there = !way->comes_again && !npki_known(k->w, npki_value_key(k->w, way->value), &number);
}

bool npki_order_has_dropped(const npki_walk *k, const npk_value *over)
{
    return npki_map_get(&k->kept.drops, (uint64_t)(uintptr_t)over) != NULL;
}

/* Whether the reader may take what was dropped last for the items of a tuple: drop.c, are_items. */
static bool may_be_items(const npki_gone *gone, const npk_value *value)
{
    const bool has_items = value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_FROZENSET;
    const size_t count = has_items ? npki_count_of(value) : 0;
    bool good = count > 0 && count <= gone->count;
    for (size_t i = 0; good && i < count && i < NPKI_GONE; i++) {
        const npk_value *item = npki_item_of(value, i), *one = gone->values[(gone->count - 1 - i) % NPKI_GONE];
        good = item == one || (item->kind == one->kind && item->kind != NPK_KIND_OBJECT);
    }
    return good;
}

bool npki_order_returns(npki_walk *k, const npk_value *value)
{
    npki_gone *gone = &k->kept.gone;
    const npki_object *call = npki_call_of(value), *outer = gone->call;
    const uint64_t offset = npki_offset(k->w);
    int64_t number;
    if (offset != gone->end) {
        gone->call = NULL;
        gone->count = 0;
    }
    if (may_be_items(gone, value))
        return true;
    const bool inside = gone->call != NULL && call != NULL && call != outer &&
                        npki_known(k->w, npki_value_key(k->w, value), &number) && number >= gone->from;
    return inside &&
           (npki_is_same_call(call, outer, &gone->compared, offset) || gone->compared > offset); /* in doubt too */
}

#define UNSEEN (UINT64_C(1) << 63) /* in `happened`: something came late where nothing had been called yet */

/* What happens to one value of a part happens in its order all the same, and what is late but once. */
static void in_own_order(npki_walk *k, const npk_value *value, size_t index, bool late)
{
    uint64_t *next = slot_of(k, &k->kept.happened, value);
    if (next == NULL)
        return;
    if (index + !late < (*next & ~UNSEEN))
        refuse(k, value, "this would get items or a state after others that it got later in its pickle, or twice");
    *next = (index + 1) | (*next & UNSEEN) | (late && !k->kept.called ? UNSEEN : 0);
}

void npki_in_place(npki_walk *k, const npk_value *value, size_t index)
{
    const npki_order *order = npki_order_of(value);
    const npki_event event = npki_event_of(value, index);
    if (event.elsewhere && event.late == 0 && order != NULL)
        refuse(k, value, "this gets more in its pickle after others have it, and may have been seen without");
    if (event.offset != 0)
        npki_in_order(k, value, order, event.offset);
    if (k->w->part != NULL || event.late != 0)
        in_own_order(k, value, index, npki_event_is_late(value, index));
}

bool npki_order_has_happened(const npki_walk *k, const npk_value *value, size_t index)
{
    const uint64_t *next = npki_map_get(&k->kept.happened, (uint64_t)(uintptr_t)value);
    return next != NULL && (*next & ~UNSEEN) > index;
}

bool npki_order_was_seen(const npki_walk *k, const npk_value *value)
{
    const uint64_t *next = npki_map_get(&k->kept.happened, (uint64_t)(uintptr_t)value);
    return next == NULL || (*next & UNSEEN) == 0;
}

static bool can_be_open(const npk_value *value)
{
    const bool grows = value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET;
    return (value->flags & NPKI_IS_SHARED) != 0 && grows && (value->history & NPKI_WAS_WRITTEN) == 0;
}

void npki_order_open(npki_walk *k, const npk_value *value)
{
    uint64_t *slot = can_be_open(value) ? slot_of(k, &k->kept.open, value) : NULL;
    if (slot == NULL)
        return;
    *slot = k->depth;
    k->kept.open_count++;
}

void npki_order_close(npki_walk *k, const npk_value *value)
{
    uint64_t *slot =
        k->kept.open_count > 0 && can_be_open(value) ? npki_map_get(&k->kept.open, (uint64_t)(uintptr_t)value) : NULL;
    if (slot == NULL || *slot == 0)
        return;
    *slot = 0;
    k->kept.open_count--;
    k->kept.early = k->kept.early == value ? NULL : k->kept.early;
}

/* Whether its pickle referred to it before it had all of its items. */
static bool grew(const npk_value *value)
{
    const npki_events *events = npki_events_of(value);
    return events != NULL && events->after_items + events->after_keys > 0;
}

#define MOST_HOLDERS 8 /* of a list in the state of an array */

/* Whether the state at hand is that of an array, or a dtype, which takes what is in it at once. */
static bool is_taken(const npki_walk *k, const npk_value *value)
{
    const npki_object *call = NULL;
    for (size_t i = k->depth; call == NULL && i > 0 && k->depth - i < MOST_HOLDERS; i--)
        call = k->ways[i - 1].call;
    return call != NULL && ((call->array != NULL && call->array->payload == value) || call->dtype != NULL);
}

/* The array that is written alone, as a file of its own, stands in a field of an array that leads to it: NumPy copies
 * the elements out of it when it makes that one. */
static bool is_copied(const npki_walk *k, const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT && (value->history & NPKI_IS_FORMED) != 0 && value == k->w->spending.root;
}

void npki_order_refer(npki_walk *k, const npk_value *value)
{
    if (k->depth > 0 && is_copied(k, value))
        refuse(k, value, "an array would take the elements of this before it has them");
    if (k->kept.open_count == 0 || !can_be_open(value) || grew(value))
        return;
    const uint64_t *slot = npki_map_get(&k->kept.open, (uint64_t)(uintptr_t)value);
    if (slot == NULL || *slot == 0 || k->ways[*slot - 1].whole)
        return;
    if (is_taken(k, value))
        refuse(k, value, "an array would take this before all of its items are in it");
    if (k->kept.early == NULL || *slot < k->kept.early_at)
        k->kept.early = value;
    k->kept.early_at = *slot;
}

#define FEW_EVENTS 16 /* of those that are looked at for one that is growth */

/* How many of the events of what a call takes have happened by now. */
static size_t happened_by_now(const npki_walk *k, const npk_value *item)
{
    const npki_stop *way = npki_way_of(k, item);
    const bool adds = way != NULL && way->call != NULL && way->items != NULL; /* they are on the stack so far */
    return way != NULL ? way->event - adds : npki_event_count(item);
}

/* Whether the walk is among the items that it had before anything else had it, so that not all of these are in it. */
static bool is_begun(const npki_walk *k, const npk_value *item, size_t count)
{
    const npki_stop *way = npki_way_of(k, item);
    const size_t from = way != NULL && way->call != NULL ? count : 0;
    uint64_t first = 0;
    if (way == NULL || way->dropped || way->items == NULL || way[1].dropped)
        return false;
    for (size_t i = from; i < from + FEW_EVENTS && i < npki_event_count(item); i++) {
        const npki_event event = npki_event_of(item, i);
        if (npki_event_adds(event.kind) && event.offset == 0)
            first = event.end;
    }
    return way->call != NULL ? first > 0 : way->next_item <= npki_items_per_entry(item) * (size_t)first;
}

/* Whether it had got more of it, when it was called in its pickle, than it has by now: what is late may be missing of
 * those that have happened, too. */
static bool has_less(const npki_walk *k, uint64_t offset, const npk_value *item, size_t count)
{
    const size_t from = count > FEW_EVENTS ? count - FEW_EVENTS : 0;
    for (size_t i = from; i < npki_event_count(item) && i < count + FEW_EVENTS; i++) {
        const npki_event event = npki_event_of(item, i);
        const bool there = event.late == 0 ? i < count : npki_order_has_happened(k, item, i);
        if (!there && npki_event_adds(event.kind) && event.offset != 0 && event.offset < offset)
            return true;
    }
    return false;
}

/* Whether what a call takes has got more by now than when it was called in its pickle. */
static bool has_more(const npki_walk *k, uint64_t offset, const npk_value *item, size_t count)
{
    const uint64_t *happened = npki_map_get(&k->kept.happened, (uint64_t)(uintptr_t)item); /* late, as far as it has */
    for (size_t i = count; i > 0 && count - i < FEW_EVENTS; i--) {
        const npki_event event = npki_event_of(item, i - 1);
        if (npki_event_adds(event.kind) && event.late == 0)
            return event.offset > offset;
        if (npki_event_adds(event.kind) && happened != NULL && i <= (*happened & ~UNSEEN) &&
            event.offset > offset)
            return true;
    }
    return false;
}

/* What a call takes would be more, or less, than in its pickle. */
static void check_taken(npki_walk *k, const npki_object *call, const npk_value *item)
{
    const npki_order *order = npki_order_of(item);
    if (order == NULL || (call->order != NULL && call->order != order))
        return;
    const size_t count = happened_by_now(k, item);
    if (has_more(k, call->offset, item, count))
        refuse(k, item, "something is made of this, which would take more of it than in its pickle");
    else if (is_begun(k, item, count) || has_less(k, call->offset, item, count))
        refuse(k, item, "something is made of this, which would take less of it than in its pickle");
}

void npki_order_take(npki_walk *k, const npki_object *call)
{
    npki_taken at = {.args = call->args, .reads = npki_rules[call->meaning].reads};
    for (const npk_value *item; (item = npki_take_next(&at)) != NULL;) {
        uint64_t *slot = npki_can_grow(item) ? slot_of(k, &k->kept.taken, item) : NULL;
        if (slot != NULL)
            check_taken(k, call, item);
        if (slot != NULL && *slot != 0 && at.item == 0) /* and its items were, if these are */
            at.end = 0;
        if (slot != NULL)
            *slot = 1;
    }
}

/* A state, or a part of it, would be more, or less, than in its pickle when the object is given it. An object whose
 * arguments are being written was made inside these. */
static void check_given(npki_walk *k, const npk_value *object, const npk_value *state, const npki_event *event)
{
    const npki_stop *way = npki_way_of(k, state);
    const size_t count = happened_by_now(k, state);
    const bool open = way != NULL && (way->call == NULL || way->next > 0);
    if (event->offset != 0 && has_more(k, event->offset, state, count))
        refuse(k, object, "this would be given more as its state than in its pickle");
    else if (open && (is_begun(k, state, count) || has_less(k, event->offset, state, count)))
        refuse(k, object, "this would be given its state before all is in it, as it was in its pickle");
}

void npki_order_give(npki_walk *k, const npki_stop *way, const npki_event *event)
{
    const npki_order *order = npki_order_of(way->value);
    const npk_value *state = npki_state_of(way->value->u.object, (size_t)event->first);
    const size_t count = npki_is_tuple_of(state, 2) ? 2 : 1;
    for (size_t i = 0; order != NULL && order->lost && i < count; i++) {
        const npk_value *part = count == 2 ? npki_item_of(state, i) : state;
        const npki_order *of_part = npki_order_of(part);
        if ((part->flags & NPKI_IS_SHARED) != 0 && npki_can_grow(part) && (of_part == NULL || of_part == order))
            check_given(k, way->value, part, event);
    }
}

/* Whether it did so in its pickle, where its events say after which calls. */
static bool grew_between(const npk_value *value)
{
    return grew(value) && npki_order_of(value) != NULL;
}

void npki_order_check_grown(npki_walk *k, const npki_stop *way)
{
    if (!grew_between(way->value) && npki_map_get(&k->kept.taken, (uint64_t)(uintptr_t)way->value) != NULL)
        refuse(k, way->value, "something is made of this, which would take it before all of its items are in it");
}

bool npki_order_over(npki_walk *k, npki_stop *way)
{
    uint64_t *slot = slot_of(k, &k->kept.over, way->value);
    way->over = true;
    return slot != NULL && (*slot)++ > 0;
}

bool npki_order_is_open(const npki_walk *k, const npk_value *value)
{
    const uint64_t *slot = npki_map_get(&k->kept.over, (uint64_t)(uintptr_t)value);
    return slot != NULL && *slot > 0;
}

void npki_order_is_over(npki_walk *k, const npki_stop *way)
{
    uint64_t *slot = way->over ? npki_map_get(&k->kept.over, (uint64_t)(uintptr_t)way->value) : NULL;
    if (slot != NULL)
        --*slot;
}

void npki_order_wait(npki_walk *k, const npk_value *value, size_t events)
{
    if (events > 0 && k->w->memo_policy == NPK_MEMO_NONE)
        refuse(k, value, "without a memo this is made anew each time, and gets items or a state later but once");
    uint64_t *slot = events == 0 ? NULL : slot_of(k, &k->kept.waiting, value);
    if (slot == NULL || *slot > 0)
        return;
    *slot = events;
    k->kept.waiting_count++;
}

void npki_order_waited(npki_walk *k, const npk_value *value, size_t events)
{
    uint64_t *slot = npki_map_get(&k->kept.waiting, (uint64_t)(uintptr_t)value);
    if (slot == NULL || *slot < events) {
        refuse(k, value, "this would get items or a state twice that it got once in its pickle");
        return;
    }
    *slot -= events;
    k->kept.waiting_count -= *slot == 0;
}

void npki_order_prove(const npki_walk *k)
{
    const npki_order *order = k->kept.proved;
    npk_writer *w = k->w;
    if (order != NULL && w->error.status == NPK_OK && w->beside == NULL && !w->is_proof &&
        npk_doc_root(order->edited) == w->spending.root)
        order->prove(w, order->edited);
}

void npki_order_check(npki_walk *k)
{
    if (k->kept.waiting_count == 0 || k->w->error.status != NPK_OK)
        return;
    for (size_t i = 0; i < k->kept.waiting.room; i++)
        if (k->kept.waiting.slots[i].key != 0 && k->kept.waiting.slots[i].value > 0) {
            refuse(k, (const npk_value *)(uintptr_t)k->kept.waiting.slots[i].key,
                   "this gets items or a state where something is called that is not part of what is written");
            return;
        }
}
