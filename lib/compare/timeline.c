/* What a walk over a pickle has noted: how each value was met, and the moments, in the order in which they came. Where the offsets are those of one pickle
 * they say what was when; where an edit has moved things, the walk does, as it is the order in which they are written. */
#include "compare/timeline.h"

#include "compare/state.h"
#include "known/known.h"

#include <stdlib.h>
#include <string.h>

void npki_timeline_init(npki_timeline *t, npki_compare *c, const npk_value *root, npki_met_values *numbers)
{
    *t = (npki_timeline){.c = c, .root = root, .numbers = numbers != NULL ? numbers : &t->own};
    npki_met_init(&t->own, &c->allocator);
    npki_dynbuf_init(&t->moments, &c->allocator, npki_met_most(sizeof(npki_moment)));
    npki_dynbuf_init(&t->known, &c->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&t->late, &c->allocator, SIZE_MAX / 2);
    npki_map_init(&t->come, &c->allocator);
}

void npki_timeline_free(npki_timeline *t)
{
    npki_free(&t->c->allocator, t->ways, t->room);
    npki_met_free(&t->own);
    npki_dynbuf_free(&t->moments);
    npki_dynbuf_free(&t->known);
    npki_dynbuf_free(&t->late);
    npki_map_free(&t->come);
}

static npki_met_value *number_of(npki_timeline *t, const npk_value *value)
{
    npki_met_value *number = npki_met_put(t->numbers, value);
    if (number == NULL)
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
    return number;
}

uint32_t *npki_timeline_met(npki_timeline *t, const npk_value *value)
{
    npki_met_value *number = number_of(t, value);
    return number == NULL ? NULL : &number->met;
}

uint32_t npki_timeline_has_met(const npki_timeline *t, const npk_value *value)
{
    const npki_met_value *number = npki_met_find(t->numbers, value);
    return number == NULL ? 0 : number->met;
}

npki_moment *npki_timeline_last(const npki_timeline *t, const npk_value *value)
{
    const npki_met_value *number = npki_met_find(t->numbers, value);
    return number == NULL || number->last == 0 ? NULL : npki_timeline_at(t, number->last - 1);
}

npki_moment *npki_timeline_before(const npki_timeline *t, const npki_moment *moment)
{
    return moment->before == 0 ? NULL : npki_timeline_at(t, (size_t)moment->before - 1);
}

bool npki_timeline_has(const npki_timeline *t, const npk_value *value)
{
    return (npki_timeline_has_met(t, value) & (NPKI_MET | NPKI_MET_DROPPED)) != 0;
}

bool npki_timeline_only_dropped(const npki_timeline *t, const npk_value *value)
{
    return (npki_timeline_has_met(t, value) & (NPKI_MET | NPKI_MET_DROPPED)) == NPKI_MET_DROPPED;
}

bool npki_timeline_in_object(const npki_timeline *t, const npk_value *value)
{
    return (npki_timeline_has_met(t, value) & NPKI_MET_IN_OBJECT) != 0;
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
    npki_met_value *number = number_of(t, moment.value);
    if (number == NULL || (number->met & NPKI_MET_HELPER) != 0)
        return;
    if (t->order == NULL)
        t->order = order;
    t->by_walk = t->by_walk || order == NULL || order->lost || order != t->order;
    moment.time = offset != 0 ? offset : *latest;
    moment.before = number->last;
    number->last = (uint32_t)npki_timeline_count(t) + 1;
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

/* Whether the walk came to them in their order, as it does where they were written so. */
static bool are_in_order(const npki_timeline *t, size_t count)
{
    size_t i = 1;
    while (i < count && npki_timeline_at(t, i - 1)->time <= npki_timeline_at(t, i)->time)
        i++;
    return i >= count;
}

void npki_timeline_rank(npki_timeline *t)
{
    const size_t count = npki_timeline_count(t);
    if (count == 0 || !npki_compare_charge(t->c, 4 * (uint64_t)count))
        return;
    const bool sorted = t->by_walk || are_in_order(t, count);
    npki_moment **order = sorted ? NULL : npki_compare_allocate(t->c, count * sizeof *order);
    if (!sorted && order == NULL)
        return;
    for (size_t i = 0; !sorted && i < count; i++)
        order[i] = npki_timeline_at(t, i);
    if (!sorted)
        qsort(order, count, sizeof *order, by_time);
    for (size_t i = 0; i < count; i++)
        (sorted ? npki_timeline_at(t, i) : order[i])->time = i;
    npki_free(&t->c->allocator, order, count * sizeof *order);
}
