/* What happened to two values: what was made and dropped over them, and in which order they got items, keys and states. */
#include "compare/state.h"

#include "value/event.h"
#include "value/step.h"

#define DROPPED_INSIDE 8 /* values that were dropped over one that was dropped itself, and so on: then it counts */

/* Whether it makes a difference that a value was made and dropped. How a cycle through a tuple is written says which names are,
 * and an empty list is nothing, nor is one over which there was nothing dropped but such. */
static bool does_something(const npk_value *dropped)
{
    for (int level = 0; level < DROPPED_INSIDE && dropped != NULL; level++) {
        const npk_value *inside = NULL;
        if (npk_value_kind(dropped) == NPK_KIND_OBJECT || npk_value_kind(dropped) == NPK_KIND_PERSID)
            return true;
        if (npki_own_children(dropped) > 0)
            return true;
        for (size_t i = 0; i < npki_dropped_count(dropped); i++) {
            const npk_value *one = *npki_dropped_at(dropped, i);
            bool empty = npki_is_container(one) && npki_own_children(one) == 0;
            if (npk_value_kind(one) == NPK_KIND_OBJECT || (npki_is_container(one) && !empty) ||
                (empty && inside != NULL))
                return true;
            inside = empty ? one : inside;
        }
        dropped = inside;
    }
    return dropped != NULL;
}

/* Whether it was seen to be there for what comes of it later. */
static bool was_passed(const npki_compare *c, const npk_value *dropped)
{
    return c->passed.count > 0 && npki_map_get(&c->passed, (uint64_t)(uintptr_t)dropped) != NULL;
}

/* Whether an event says more than how a cycle was written. */
static bool counts(const npki_compare *c, const npk_value *value, const npki_event *event)
{
    if (event->kind == NPKI_EVENT_CALL || event->kind == NPKI_EVENT_BEFORE) {
        const npk_value *dropped = *npki_dropped_at(value, (size_t)event->first);
        return does_something(dropped) && !was_passed(c, dropped);
    }
    if (value->kind != NPK_KIND_OBJECT) /* in how many batches a container grew */
        return false;
    if ((event->kind == NPKI_EVENT_ITEMS || event->kind == NPKI_EVENT_KEYS) && event->first == event->end)
        return false; /* all of it was taken out: nothing is written for it */
    return event->kind != NPKI_EVENT_RETURN && event->kind != NPKI_EVENT_NOTHING;
}

/* The next event that counts, where *index goes through them twice: first those before the value was begun. Items and keys in batches are
 * those of one. */
static npki_event next_event(const npki_compare *c, const npk_value *value, size_t *index)
{
    npki_event found = {.kind = NPKI_EVENT_NOTHING};
    const size_t count = npki_event_count(value);
    for (; *index < 2 * count; ++*index) {
        const npki_event event = npki_event_of(value, *index % count);
        bool batch = event.kind == NPKI_EVENT_ITEMS || event.kind == NPKI_EVENT_KEYS;
        if ((event.kind == NPKI_EVENT_BEFORE) != (*index < count) || !counts(c, value, &event))
            continue;
        if (found.kind == NPKI_EVENT_NOTHING)
            found = event;
        else if (batch && found.kind == event.kind && found.end == event.first)
            found.end = event.end;
        else
            break;
    }
    return found;
}

static bool same_event(const npki_event *left, const npki_event *right)
{
    bool of_drop = left->kind == NPKI_EVENT_CALL || left->kind == NPKI_EVENT_BEFORE;
    return left->kind == right->kind && left->end == right->end && (of_drop || left->first == right->first);
}

/* The next of the values dropped over one, from *next on, that does something; NULL for none. */
static const npk_value *next_doing(const npk_value *value, size_t *next)
{
    while (*next < npki_dropped_count(value)) {
        const npk_value *dropped = *npki_dropped_at(value, (*next)++);
        if (does_something(dropped))
            return dropped;
    }
    return NULL;
}

/* Whether the first look says that two values may be equal. */
static bool is_alike(const npk_value *a, const npk_value *b)
{
    if (npk_value_kind(a) != npk_value_kind(b) || npk_value_kind(a) != NPK_KIND_OBJECT)
        return npk_value_kind(a) == npk_value_kind(b);
    const npk_value *left = a->u.object->callable, *right = b->u.object->callable;
    return left->kind != NPK_KIND_GLOBAL || right->kind != NPK_KIND_GLOBAL || npki_compare_same_global(left, right);
}

/* Whether over two values others were dropped that may go together one by one. */
static bool drop_alike(npki_compare *c, const npk_value *a, const npk_value *b)
{
    size_t i = 0, k = 0;
    const npk_value *left, *right;
    do {
        left = next_doing(a, &i);
        right = next_doing(b, &k);
        if ((left == NULL) != (right == NULL) || (left != NULL && !is_alike(left, right)))
            return false;
    } while (left != NULL && npki_compare_charge(c, 1));
    return true;
}

/* Whether something else may have what was dropped over a value. */
static bool drops_shared(npki_compare *c, const npk_value *value)
{
    bool found = false;
    for (size_t i = 0; !found && i < npki_dropped_count(value) && npki_compare_charge(c, 1); i++)
        found = ((*npki_dropped_at(value, i))->flags & NPKI_IS_SHARED) != 0;
    return found;
}

/* What the memo gives out later may be dropped in one pickle and not in the other, whose calls come in the same order. Of what was dropped over these two it is
 * seen at the end what was met. */
static void pass_over(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npk_value *const both[2] = {a, b};
    bool added;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < npki_dropped_count(both[side]) && npki_compare_charge(c, 1); i++)
            if (npki_map_put(&c->passed, (uint64_t)(uintptr_t)*npki_dropped_at(both[side], i), &added) == NULL)
                npki_compare_fail(c, NPK_ERR_MEMORY);
    if (!npki_dynbuf_add(&c->later, both, sizeof both))
        npki_compare_fail(c, NPK_ERR_MEMORY);
}

void npki_compare_events(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npki_event left, right;
    size_t i = 0, k = 0;
    if (npki_events_of(a) == NULL && npki_events_of(b) == NULL)
        return;
    if (!drop_alike(c, a, b) && (drops_shared(c, a) || drops_shared(c, b)))
        pass_over(c, a, b);
    do {
        if (!npki_compare_charge(c, 1))
            return;
        left = next_event(c, a, &i);
        right = next_event(c, b, &k);
        if (left.kind == right.kind && a->kind == NPK_KIND_OBJECT)
            npki_compare_called(c, (npki_called_at[2]){{a->u.object->order, left.offset}, {b->u.object->order, right.offset}});
    } while (same_event(&left, &right) && left.kind != NPKI_EVENT_NOTHING);
    if (left.kind != NPKI_EVENT_NOTHING || right.kind != NPKI_EVENT_NOTHING)
        npki_compare_say(c, "calls that were dropped, or items, keys and states, in another order");
}

const npk_value *npki_compare_next_dropped(const npki_compare *c, const npk_value *value, size_t *next)
{
    const npk_value *dropped;
    do
        dropped = next_doing(value, next);
    while (dropped != NULL && was_passed(c, dropped));
    return dropped;
}

const npk_value *npki_compare_last_passed(npki_compare *c, size_t side, const npk_value *value, size_t *end)
{
    while (*end > 0 && npki_compare_charge(c, 1)) {
        const npk_value *dropped = *npki_dropped_at(value, --*end);
        if (does_something(dropped) && was_passed(c, dropped) &&
            npki_map_get(&c->numbers[side], (uint64_t)(uintptr_t)npki_self_of(dropped)) == NULL)
            return dropped;
    }
    return NULL;
}
