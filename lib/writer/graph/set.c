/* Sets that a call makes, where the protocol has no opcode for them, and what they get later: operator.ior(set,
 * set([...])). */
#include "writer/graph/walk.h"

#include "value/event.h"

/* How many items the call that makes a set is given: those that it has before something else may have it, or something
 * is called. */
static size_t first_items(const npk_value *set)
{
    size_t count = npki_count_of(set);
    for (size_t i = 0; set->kind == NPK_KIND_SET && npki_events_of(set) != NULL && i < npki_event_count(set); i++) {
        const npki_event event = npki_event_of(set, i);
        const bool later = event.kind == NPKI_EVENT_ITEMS && (event.offset != 0 || event.first > 0);
        const uint64_t end = later ? event.first : event.kind == NPKI_EVENT_CALL ? event.end : count;
        count = end < count ? (size_t)end : count;
    }
    return count;
}

void npki_begin_called_set(npki_walk *k, const npk_value *value)
{
    npk_writer *w = k->w;
    npki_stop *way = npki_walk_push(k, value, NULL);
    size_t late;
    if (way == NULL)
        return;
    npki_order_wait(k, value, npki_late_events(value, &late));
    way->items = value->u.items;
    way->end_item = npki_count_of(value);
    way->end_event = npki_event_count(value);
    way->by_call = way->in_call = way->end_event > 0;
    way->call_end = first_items(value);
    if (way->by_call && npki_order_over(k, way)) {
        way->end_event = 0;
        way->end_item = way->call_end;
    }
    const bool from_pickle = (value->history & NPKI_WAS_WRITTEN) == 0;
    npki_begin_set_call(w, npk_value_kind(value), (int64_t)way->call_end, npki_value_key(w, value),
                        from_pickle ? NPKI_NUMBER_ALWAYS : npki_value_number(w, value));
    if (way->by_call && w->depth > 0)
        w->containers[w->depth - 1].also_ends--; /* the call, so that what follows it has the set at hand */
}

/* A set that is at hand once more. `number`: in the memo, or NPK_UNKNOWN. */
static void write_again(npk_writer *w, const npk_value *set, int64_t number)
{
    if (npki_write_known(w, npki_value_key(w, set)))
        return;
    if (number == NPK_UNKNOWN)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a set that gets items later is not in the memo");
    if (!npki_before(w))
        return;
    npki_get(w, number);
    npki_after(w);
}

void npki_begin_addition(npki_walk *k, npki_stop *way, size_t end)
{
    npk_writer *w = k->w;
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    const size_t count = end - way->next_item;
    const int64_t number = w->depth > 0 ? w->containers[w->depth - 1].memo : NPK_UNKNOWN;
    way->by_call = way->in_call = way->adds_by_call = true;
    way->call_end = end;
    npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                       .count = call->pops,
                                       .call = call,
                                       .parts = call->pops,
                                       .added = true,
                                       .dropped = true});
    npki_write_meaning(w, NPKI_IOR);
    npki_begin_as(w, &(npki_container){.kind = NPK_KIND_TUPLE, .count = 2, .dropped = true});
    write_again(w, way->value, number);
    npki_begin_set_call(w, NPK_KIND_SET, (int64_t)count, 0, npki_number_temporaries(w));
    if (w->error.status == NPK_OK)
        w->containers[w->depth - 1].also_ends += 2;
}
