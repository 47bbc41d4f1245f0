/* Events that come late: not where their value was made, but where it was fetched, with the event by which it is dropped
 * there. What is fetched and dropped while another is fetched, above that, has its events between those of the other:
 * the first of them says where they end, so that each is passed over once. */
#include "value/event.h"

/* Whether there is room for that: the kinds by which something comes to a value, of which one is the first. */
static bool may_say_end(const npki_kept_event *event)
{
    return npki_event_adds((npki_event_kind)event->kind) || event->kind == NPKI_EVENT_STATE;
}

/* The next after one that is passed over. */
static size_t behind(const npki_events *events, size_t index)
{
    const npki_kept_event *event = &events->at[index];
    return may_say_end(event) && event->late_end > index ? event->late_end : index + 1;
}

size_t npki_next_late(const npk_value *value, size_t index, size_t end, uint32_t number)
{
    const npki_events *events = npki_events_of(value);
    const size_t kept = events == NULL ? 0 : (size_t)events->kept; /* those of a run come where they were made */
    const size_t count = events == NULL || number != 0 ? kept : (size_t)events->count;
    while (index < end && index < kept && events->at[index].late != number)
        index = behind(events, index);
    return index < end && index < count ? index : end;
}

void npki_events_are_late(npk_value *holder, const npk_value *value, size_t first, uint32_t number)
{
    npki_events *events = npki_events_of(holder), *of = npki_events_of(value);
    const size_t end = (size_t)of->count - (of == events); /* without this one */
    npki_kept_event *dropped = &events->at[events->count - 1];
    dropped->number = number;
    dropped->late_first = dropped->late_end = (uint32_t)first;
    for (size_t i = first; i < end; i = behind(of, i)) {
        if (of->at[i].late != 0)
            continue;
        dropped->late_first = dropped->late_end == first ? (uint32_t)i : dropped->late_first;
        dropped->late_end = (uint32_t)i + 1;
        of->at[i].late = number;
    }
    if (first < end && of->at[first].late == number && may_say_end(&of->at[first]))
        of->at[first].late_end = (uint32_t)end;
}

void npki_events_are_late_no_more(const npk_value *value, const npki_event *dropped)
{
    npki_events *events = npki_events_of(value);
    for (size_t i = dropped->late_first; events != NULL && i < dropped->late_end; i++) {
        npki_kept_event *event = &events->at[i];
        if (event->late != dropped->number) {
            i = behind(events, i) - 1;
            continue;
        }
        event->late = 0;
        event->late_end = may_say_end(event) ? 0 : event->late_end;
    }
}
