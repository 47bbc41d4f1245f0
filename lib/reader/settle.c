/* The end of a pickle: which of the values that were dropped it has after all, and what the others belong to. */
#include "reader/build.h"
#include "reader/meet.h"

#include "value/event.h"

#include <string.h>

static npki_needed entry_of(const npki_builder *b, size_t index)
{
    npki_needed entry;
    memcpy(&entry, b->needed.bytes + b->machine.first_needed + index * sizeof entry, sizeof entry);
    return entry;
}

/* A value that was dropped, and where it lies. */
typedef struct place {
    npk_value **at;
    npk_value *value;
} place;

static place place_of(const npki_needed *entry)
{
    npk_value **at = npki_dropped_at(entry->holder, (size_t)npki_event_of(entry->holder, entry->index).first);
    return (place){at, *at};
}

/* What the root, or what was dropped later, has somewhere was not dropped. `places`: those of the entries; what was
 * never fetched is nowhere else. */
static npk_status settle(npki_builder *b, const npk_value *root, size_t count, place *places, npki_meeting *m)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const npki_needed entry = entry_of(b, i);
        places[i] = place_of(&entry);
        if (npki_meeting_may_have(m, places[i].value) && !npki_meeting_seek(m, places[i].value))
            return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    }
    if (m->open == 0)
        return NPK_OK;
    for (size_t i = 0; i < count; i++)
        *places[i].at = NULL; /* so that the walk does not go there */
    npk_status status = npki_meeting_go(m, root, b->site.error);
    if (status == NPK_OK && b->machine.before != NULL)
        status = npki_meeting_go(m, b->machine.before, b->site.error);
    for (size_t i = count; status == NPK_OK && i-- > 0;) {
        const npki_needed entry = entry_of(b, i);
        if (npki_meeting_may_have(m, places[i].value) && npki_meeting_has_met(m, places[i].value)) {
            npki_event_take_back(entry.holder, entry.index);
            any = true;
            continue;
        }
        *places[i].at = places[i].value;
        status = npki_meeting_go(m, places[i].value, b->site.error);
    }
    for (size_t i = 0; i < count && any; i++)
        npki_events_tidy(entry_of(b, i).holder);
    return status == NPK_OK ? NPK_OK : npki_site_place(&b->site, status);
}

/* What belongs to no value goes to the root. */
static npk_status give_before(npki_builder *b, npk_value **root)
{
    npk_value *before = b->machine.before;
    size_t count = before == NULL ? 0 : npki_event_count(before);
    if (count == 0)
        return NPK_OK;
    if (npki_earlier_has(&b->earlier, *root)) /* which has no place for it */
        return npki_refuse_earlier(b, *root);
    if (!npki_can_have_events(*root))
        *root = npki_with_events(b->site.arena, *root);
    if (*root == NULL)
        return npki_site_full(&b->site);
    const npki_event last = npki_event_of(before, count - 1);
    if (last.kind == NPKI_EVENT_BEFORE && last.number == 0 && *npki_dropped_at(before, (size_t)last.first) == *root) {
        npki_event_undo(before); /* it comes next anyway */
        count--;
    }
    uint8_t hashable = (*root)->flags & NPKI_UNHASHABLE;
    npk_status status = NPK_OK;
    const bool moved = count > 0 && npki_events_move(b->site.arena, before, *root);
    if (moved)
        status = npki_adopt(b, *root, npki_dropped_at(*root, 0), npki_dropped_count(*root));
    for (size_t i = 0; status == NPK_OK && i < count && !moved; i++) {
        const npki_event event = npki_event_of(before, i);
        npk_value *value = event.kind == NPKI_EVENT_BEFORE ? *npki_dropped_at(before, (size_t)event.first) : NULL;
        if (value != NULL && !npki_event_drop_also(b->site.arena, *root, &event, value))
            status = npki_site_full(&b->site);
        else if (value != NULL)
            status = npki_adopt(b, *root, &value, 1);
    }
    (*root)->flags = (uint8_t)(((*root)->flags & ~NPKI_UNHASHABLE) | hashable);
    return status;
}

npk_status npki_settle(npki_builder *b, npk_value **root)
{
    size_t count = (b->needed.size - b->machine.first_needed) / sizeof(npki_needed);
    if (count > 0) {
        const npk_allocator *allocator = &b->doc->allocator;
        place *places = npki_allocate(allocator, count * sizeof *places);
        npki_meeting m;
        npki_meeting_start(&m, allocator, b->given_count > 0);
        npk_status status = places == NULL ? npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed")
                                           : settle(b, *root, count, places, &m);
        npki_meeting_end(&m);
        npki_free(allocator, places, count * sizeof *places);
        b->needed.size = b->machine.first_needed;
        if (status != NPK_OK)
            return status;
    }
    return give_before(b, root);
}
