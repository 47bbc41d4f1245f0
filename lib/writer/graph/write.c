/* A graph of values, as its pickle had it. A walk with a stack of its own: nothing recurses. */
#include "writer/graph/walk.h"

#include "value/event.h"

/* All that there is to write before the walk is at its beginning again. */
static void finish(npki_walk *k)
{
    npk_writer *w = k->w;
    while (k->depth > 0 && w->error.status == NPK_OK) {
        npki_run_even(k);
        if (k->depth > 0 && w->error.status == NPK_OK)
            npki_walk_step(k);
        npki_walk_note_left(k, NULL);
        const npk_value *at_hand = k->depth > 0 ? k->ways[k->depth - 1].value : NULL;
        if (at_hand != NULL)
            npki_walk_watch(k, at_hand);
        npki_check_spending(w, at_hand);
        npki_take_step(w, at_hand);
    }
}

/* What was made and dropped before the value was begun. */
static void write_before(npki_walk *k, const npk_value *value)
{
    int64_t number;
    bool known = npki_known(k->w, npki_value_key(k->w, value), &number);
    for (size_t i = 0; !known && npki_events_of(value) != NULL && i < npki_event_count(value); i++) {
        const npki_event event = npki_event_of(value, i);
        if (event.kind == NPKI_EVENT_BEFORE)
            npki_walk_drop(k, *npki_dropped_at(value, (size_t)event.first), &event);
        finish(k);
    }
}

/* Of what can't be written, or is left out. */
static void say_where(const npki_walk *k, const npk_value *root, bool outermost)
{
    npki_around around;
    npki_walk_around(k, &around);
    if (k->w->error.status == NPK_OK && outermost && k->left.count > 0)
        npki_place_left(k->w, root, &k->left);
    if (k->w->error.status != NPK_OK && k->w->say == NPKI_ERRORS_SAY_ALL)
        npki_place_refused(k->w, root, &around);
}

/* The memory of the last walk, which no other has at the moment: a value in a dtype is written while its array is. */
static void take_ways(npki_walk *k)
{
    k->ways = k->w->ways;
    k->room = k->w->ways_room / sizeof *k->ways;
    k->w->ways = NULL;
    k->w->ways_room = 0;
}

static void give_ways(const npki_walk *k)
{
    npki_free(&k->w->allocator, k->w->ways, k->w->ways_room);
    k->w->ways = k->ways;
    k->w->ways_room = k->room * sizeof *k->ways;
}

/* Whether a value lies in others: it may come again inside itself then, where all of its pickle has it but once. */
static bool is_part(const npk_value *value)
{
    return (value->flags & (NPKI_PLACED | NPKI_IS_ROOT)) == NPKI_PLACED && npki_can_have_events(value);
}

npk_status npk_write_value(npk_writer *w, const npk_value *value)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (value == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a value, found NULL");
    npki_way_index index;
    npki_walk k = {.w = w, .index = &index, .left_before = w->left_out};
    npki_start_ways(&k);
    npki_start_keys(&k);
    npki_order_begin(&k);
    if (w->error.status != NPK_OK || (w->hooks->reference != NULL && w->hooks->reference(w, value)))
        return w->error.status;
    take_ways(&k);
    w->numbered = w->graph_numbered;
    w->from_graph = true;
    bool outermost = npki_begin_spending(w, value);
    if (outermost) {
        w->part = is_part(value) ? value : NULL;
        w->alone = w->roots == 0 && w->hooks->reference == NULL && w->memo_scope == NPK_MEMO_OF_PICKLE;
    }
    write_before(&k, value);
    npki_walk_begin(&k, value);
    finish(&k);
    npki_order_check(&k);
    if (outermost) {
        npki_order_prove(&k);
        npki_end_spending(w);
        w->alone = false;
        w->part = NULL;
    }
    w->numbered = npki_numbered_of(w);
    w->from_graph = false;
    say_where(&k, value, outermost);
    npki_order_end(&k);
    give_ways(&k);
    npki_end_keys(&k);
    npki_end_ways(&k);
    return w->error.status;
}
