/* What came to two objects: items, keys and states in the same order; and how much of it calls have taken. */
#include "compare/state.h"

#include "known/known.h"
#include "value/event.h"

/* The next of these from an index on. Items and keys in batches are those of one. An array or a dtype has a state by
 * one spelling and none by another. */
static npki_event next_event(const npk_value *value, size_t *index)
{
    npki_event found = {.kind = NPKI_EVENT_NOTHING};
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    const bool says_it_all = object != NULL && (object->array != NULL || object->dtype != NULL);
    for (; *index < npki_event_count(value); ++*index) {
        const npki_event event = npki_event_of(value, *index);
        const bool batch = event.kind == NPKI_EVENT_ITEMS || event.kind == NPKI_EVENT_KEYS;
        if ((!batch && (event.kind != NPKI_EVENT_STATE || says_it_all)) ||
            event.first == event.end) /* all of it was taken out: nothing is written for it */
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

void npki_compare_events(npki_compare *c, const npk_value *a, const npk_value *b)
{
    npki_event left, right;
    size_t i = 0, k = 0;
    if (npki_events_of(a) == NULL && npki_events_of(b) == NULL)
        return;
    do {
        if (!npki_compare_charge(c, 1))
            return;
        left = next_event(a, &i);
        right = next_event(b, &k);
    } while (left.kind == right.kind && left.first == right.first && left.end == right.end &&
             left.kind != NPKI_EVENT_NOTHING);
    if (left.kind != NPKI_EVENT_NOTHING || right.kind != NPKI_EVENT_NOTHING)
        npki_compare_say(c, "items, keys and states in another order");
}

static bool adds(const npki_event *event)
{
    return event->kind == NPKI_EVENT_ITEMS || event->kind == NPKI_EVENT_KEYS;
}

/* Whether an event comes behind an offset, or the next one that has an offset. What was there before anything else had
 * the value has none. */
static bool is_behind(npki_compare *c, const npk_value *value, size_t index, uint64_t offset)
{
    for (; index < npki_event_count(value) && npki_compare_charge(c, 1); index++) {
        const npki_event event = npki_event_of(value, index);
        if (event.offset != 0 || adds(&event))
            return event.offset > offset;
    }
    return true;
}

/* How many items, keys or states a value has. */
static size_t count_of(const npk_value *value, npki_event_kind kind)
{
    if (kind == NPKI_EVENT_STATE)
        return value->kind == NPK_KIND_OBJECT ? npki_state_count(value->u.object) : 0;
    return npki_count_of(npki_added_to(value, kind)) / (kind == NPKI_EVENT_KEYS ? 2 : 1);
}

/* How many of them came after an offset: events lie in the order in which they came. */
static size_t come_after(npki_compare *c, const npk_value *value, npki_event_kind kind, uint64_t offset)
{
    const size_t all = npki_event_count(value), count = count_of(value, kind);
    size_t low = 0, high = all;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const bool behind = is_behind(c, value, middle, offset);
        low = behind ? low : middle + 1;
        high = behind ? middle : high;
    }
    while (low < all && npki_event_kind_of(value, low) != kind && npki_compare_charge(c, 1))
        low++;
    const size_t first = low < all ? (size_t)npki_event_of(value, low).first : count;
    return first < count ? count - first : 0;
}

/* Whether something may have come to it after another had it, and it says so. */
static bool says(const npk_value *value)
{
    return npki_events_of(value) != NULL || (value->kind == NPK_KIND_OBJECT && value->u.object->state != NULL);
}

/* Whether the offsets of a call and of what came to what it took say which was first. */
static bool are_told(const npk_value *call, const npk_value *taken)
{
    const npki_order *of_call = npki_order_of(call), *order = npki_order_of(taken);
    return !says(taken) || (order != NULL && (of_call == NULL || of_call == order) && !order->lost && !order->edited);
}

/* Whether as much came to the two after the calls that took it. */
static bool are_taken_alike(npki_compare *c, const npk_value *const calls[2], const npk_value *const taken[2])
{
    const uint64_t offsets[2] = {calls[0]->u.object->offset, calls[1]->u.object->offset};
    bool alike = true;
    if ((!says(taken[0]) && !says(taken[1])) || !are_told(calls[0], taken[0]) || !are_told(calls[1], taken[1]))
        return true;
    for (npki_event_kind kind = NPKI_EVENT_ITEMS; kind <= NPKI_EVENT_STATE; kind++)
        alike = alike && come_after(c, taken[0], kind, offsets[0]) == come_after(c, taken[1], kind, offsets[1]);
    return alike;
}

void npki_compare_taken(npki_compare *c, const npk_value *a, const npk_value *b)
{
    const npki_object *left = a->u.object, *right = b->u.object;
    npki_taken at[2] = {{.args = left->args, .reads = npki_rules[left->meaning].reads},
                        {.args = right->args, .reads = npki_rules[right->meaning].reads}};
    const npk_value *const calls[2] = {a, b};
    bool alike = left->meaning == right->meaning;
    while (alike && npki_compare_charge(c, 1)) {
        const npk_value *const taken[2] = {npki_take_next(&at[0]), npki_take_next(&at[1])};
        if (taken[0] == NULL || taken[1] == NULL)
            return;
        alike = are_taken_alike(c, calls, taken);
    }
    if (!alike && left->meaning == right->meaning)
        npki_compare_say(c, "items come before or after a call that takes them");
}
