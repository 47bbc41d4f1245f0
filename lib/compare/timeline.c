/* What a walk over a pickle has noted: how each value was met, and the moments, in the order in which they came. Where
 * the offsets are those of one pickle they say what was when; where an edit has moved things, and of a part of a
 * document, the walk does, as it is the order in which they are written. */
#include "compare/timeline.h"

#include "compare/placing.h"
#include "compare/state.h"
#include "known/known.h"

#include <string.h>

void npki_timeline_init(npki_timeline *t, npki_compare *c, const npk_value *root, npki_met_values *numbers)
{
    *t = (npki_timeline){.c = c, .root = root, .numbers = numbers};
    npki_dynbuf_init(&t->moments, &c->allocator, npki_met_most(sizeof(npki_moment)));
    npki_dynbuf_init(&t->known, &c->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&t->late, &c->allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&t->come, &c->allocator, SIZE_MAX / 2);
}

void npki_timeline_free(npki_timeline *t)
{
    npki_free(&t->c->allocator, t->ways, t->room);
    npki_dynbuf_free(&t->moments);
    npki_dynbuf_free(&t->known);
    npki_dynbuf_free(&t->late);
    npki_dynbuf_free(&t->come);
}

npki_met_value *npki_timeline_number(npki_timeline *t, const npk_value *value)
{
    npki_met_value *number = npki_met_put(t->numbers, value);
    if (number == NULL)
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
    return number;
}

uint32_t npki_timeline_has_met(const npki_timeline *t, const npk_value *value)
{
    const npki_met_value *number = npki_met_find(t->numbers, value);
    return number == NULL ? 0 : number->met;
}

npki_moment *npki_timeline_before(const npki_timeline *t, const npki_moment *moment, npki_moments among)
{
    return moment->before[among] == 0 ? NULL : npki_timeline_at(t, (size_t)moment->before[among] - 1);
}

npki_moment *npki_timeline_last(const npki_timeline *t, const npk_value *value, npki_moments among)
{
    const npki_met_value *number = npki_met_find(t->numbers, value);
    npki_moment *last = number == NULL || number->last == 0 ? NULL : npki_timeline_at(t, number->last - 1);
    return last == NULL || npki_moment_among(last) == among ? last : npki_timeline_before(t, last, among);
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

/* --- steps --- */

uint32_t npki_timeline_add_step(npki_timeline *t, npki_timeline_step step)
{
    const uint32_t count = (uint32_t)(t->steps->size / sizeof step);
    const npki_timeline_step *last = count == 0 ? NULL : npki_timeline_step_at(t->steps, count);
    if (last != NULL && last->value == step.value && last->child == step.child && last->outer == step.outer)
        return count; /* to a value, and then into it */
    if (!npki_dynbuf_add(t->steps, &step, sizeof step)) {
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
        return 0;
    }
    return count + 1;
}

void npki_timeline_note_first(npki_timeline *t, const npk_value *value, uint32_t step)
{
    npki_met_value *number = npki_timeline_number(t, value);
    if (number != NULL && number->last == 0)
        number->last = step + 1;
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

bool npki_timeline_tells(const npki_order *order, const npk_value *root)
{
    return order != NULL && !order->lost && order->root == root;
}

void npki_timeline_add(npki_timeline *t, npki_met_value *number, npki_moment moment, uint64_t offset, uint64_t *latest)
{
    if (number == NULL || (number->met & NPKI_MET_HELPER) != 0 || t->steps != NULL)
        return;
    const npki_order *order = npki_order_of(moment.value);
    const bool at_once = order == NULL && (moment.kind == NPKI_MOMENT_ITEMS || moment.kind == NPKI_MOMENT_KEYS);
    if (t->order == NULL)
        t->order = order;
    t->by_walk = t->by_walk || (!at_once && (order != t->order || !npki_timeline_tells(order, t->root)));
    moment.time = (offset != 0 ? offset : *latest) & NPKI_MOMENT_TIMES;
    if (number->last != 0) {
        const npki_moment *last = npki_timeline_at(t, number->last - 1);
        memcpy(moment.before, last->before, sizeof moment.before);
        moment.before[npki_moment_among(last)] = number->last;
    }
    number->last = (uint32_t)npki_timeline_count(t) + 1;
    *latest = moment.time > *latest ? moment.time : *latest;
    t->now = moment.time > t->now ? moment.time : t->now;
    if (!npki_dynbuf_add(&t->moments, &moment, sizeof moment))
        npki_compare_fail(t->c, NPK_ERR_MEMORY);
}

npki_event npki_timeline_growth(const npki_moment *moment)
{
    const size_t per_entry = moment->kind == NPKI_MOMENT_KEYS ? 2 : 1;
    npki_event event = {.end = npki_count_of(moment->value)};
    if (moment->event != NPKI_MOMENT_EVENTS)
        event = npki_event_of(moment->value, (size_t)moment->event);
    else
        event.end /= per_entry;
    if (moment->all) {
        event.end = event.kind == NPKI_EVENT_CALL ? event.end / per_entry : event.first;
        event.first = 0;
    }
    event.unseen = event.unseen || event.offset == 0;
    return event;
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
    if (t->by_walk || are_in_order(t, count)) {
        for (size_t i = 0; i < count; i++)
            npki_timeline_at(t, i)->time = i & NPKI_MOMENT_TIMES;
        return;
    }
    const size_t size = npki_placing_size(count);
    npki_placing *all = npki_compare_allocate(t->c, size);
    for (size_t i = 0; all != NULL && i < count; i++)
        all[i] = (npki_placing){npki_timeline_at(t, i)->time, i};
    const npki_placing *sorted = all == NULL ? NULL : npki_placing_sort(all, count);
    for (size_t i = 0; sorted != NULL && i < count; i++)
        npki_timeline_at(t, sorted[i].index)->time = i & NPKI_MOMENT_TIMES;
    npki_free(&t->c->allocator, all, size);
}
