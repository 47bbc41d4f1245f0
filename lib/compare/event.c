/* What came to two objects: items, keys and states in the same order. */
#include "compare/state.h"

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
