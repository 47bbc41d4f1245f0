/* What a walk over a pickle has noted: how each value was met, and the moments, in the order in which they came. Where the offsets are those of one pickle
 * they say what was when; where an edit has moved things, the walk does, as it is the order in which they are written. */
#include "compare/timeline.h"

#include "compare/state.h"
#include "known/known.h"

#include <stdlib.h>
#include <string.h>

void npki_timeline_init(npki_timeline *t, npki_compare *c, const npk_value *root)
{
    *t = (npki_timeline){.c = c, .root = root};
    npki_map_init(&t->met, &c->allocator);
    npki_map_init(&t->last, &c->allocator);
    npki_dynbuf_init(&t->moments, &c->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&t->known, &c->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&t->late, &c->allocator, SIZE_MAX / 2);
    npki_map_init(&t->come, &c->allocator);
}

void npki_timeline_free(npki_timeline *t)
{
    npki_free(&t->c->allocator, t->ways, t->room);
    npki_map_free(&t->met);
    npki_map_free(&t->last);
    npki_dynbuf_free(&t->moments);
    npki_dynbuf_free(&t->known);
    npki_dynbuf_free(&t->late);
    npki_map_free(&t->come);
}

static uint64_t *slot_of(npki_timeline *t, npki_map *map, const npk_value *value)
{
    bool added;
    uint64_t *slot = npki_map_put(map, (uint64_t)(uintptr_t)npki_self_of(value), &added);
    if (slot == NULL)
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
    else if (added)
        *slot = 0;
    return slot;
}

static uint64_t found_in(const npki_map *map, const npk_value *value)
{
    const uint64_t *slot = npki_map_get(map, (uint64_t)(uintptr_t)npki_self_of(value));
    return slot == NULL ? 0 : *slot;
}

uint64_t *npki_timeline_met(npki_timeline *t, const npk_value *value)
{
    return slot_of(t, &t->met, value);
}

uint64_t npki_timeline_has_met(const npki_timeline *t, const npk_value *value)
{
    return found_in(&t->met, value);
}

npki_moment *npki_timeline_last(const npki_timeline *t, const npk_value *value)
{
    const uint64_t last = found_in(&t->last, value);
    return last == 0 ? NULL : npki_timeline_at(t, (size_t)last - 1);
}

npki_moment *npki_timeline_before(const npki_timeline *t, const npki_moment *moment)
{
    return moment->before == 0 ? NULL : npki_timeline_at(t, moment->before - 1);
}

bool npki_timeline_has(const npki_timeline *t, const npk_value *value)
{
    return (found_in(&t->met, value) & (NPKI_MET | NPKI_MET_DROPPED)) != 0;
}

bool npki_timeline_only_dropped(const npki_timeline *t, const npk_value *value)
{
    return (found_in(&t->met, value) & (NPKI_MET | NPKI_MET_DROPPED)) == NPKI_MET_DROPPED;
}

bool npki_timeline_in_object(const npki_timeline *t, const npk_value *value)
{
    return (found_in(&t->met, value) & NPKI_MET_IN_OBJECT) != 0;
}

/* --- moments --- */

bool npki_timeline_calls(const npk_value *value)
{
    if (value->kind == NPK_KIND_PERSID)
        return value->u.outside->looked_up.order != NULL;
    return value->kind == NPK_KIND_OBJECT && npki_is_unknown(value->u.object);
}

npki_called_at npki_timeline_called_at(const npk_value *value)
{
    return value->kind == NPK_KIND_PERSID ? value->u.outside->looked_up
                                          : (npki_called_at){value->u.object->order, value->u.object->offset};
}

void npki_timeline_add(npki_timeline *t, npki_moment moment, uint64_t offset, uint64_t *latest)
{
    const npki_order *order = npki_order_of(moment.value);
    const bool helper = (found_in(&t->met, moment.value) & NPKI_MET_HELPER) != 0;
    uint64_t *last = helper ? NULL : slot_of(t, &t->last, moment.value);
    if (last == NULL)
        return;
    if (t->order == NULL)
        t->order = order;
    t->by_walk = t->by_walk || order == NULL || order->lost || order != t->order;
    moment.time = offset != 0 ? offset : *latest;
    moment.before = (size_t)*last;
    *last = npki_timeline_count(t) + 1;
    *latest = moment.time > *latest ? moment.time : *latest;
    if (!npki_dynbuf_add(&t->moments, &moment, sizeof moment))
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
}

/* By time, and where that is the same by place. */
static int by_time(const void *a, const void *b)
{
    const npki_moment *left = *(npki_moment *const *)a, *right = *(npki_moment *const *)b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return (left > right) - (left < right);
}

void npki_timeline_rank(npki_timeline *t)
{
    const size_t count = npki_timeline_count(t);
    if (count == 0 || !npki_compare_charge(t->c, 4 * (uint64_t)count))
        return;
    npki_moment **order = npki_compare_allocate(t->c, count * sizeof *order);
    if (order == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        order[i] = npki_timeline_at(t, i);
        order[i]->time = t->by_walk ? 0 : order[i]->time;
    }
    qsort(order, count, sizeof *order, by_time);
    for (size_t i = 0; i < count; i++)
        order[i]->rank = i;
    npki_free(&t->c->allocator, order, count * sizeof *order);
}
