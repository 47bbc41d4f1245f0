#include "reader/meet.h"

#include "base/error.h"

/* What is known of a value. Those that were met and were not sought are of no interest but that they were. */
enum { IS_SOUGHT = 1, WAS_MET = 2 };

void npki_meeting_start(npki_meeting *m, const npk_allocator *allocator, bool everything)
{
    *m = (npki_meeting){.allocator = *allocator, .everything = everything};
    npki_map_init(&m->known, allocator);
}

void npki_meeting_end(npki_meeting *m)
{
    npki_free(&m->allocator, m->frames, m->room * sizeof *m->frames);
    npki_map_free(&m->known);
}

bool npki_meeting_seek(npki_meeting *m, const npk_value *value)
{
    bool added;
    uint64_t *known = npki_map_put(&m->known, (uint64_t)(uintptr_t)value, &added);
    if (known == NULL)
        return false;
    *known = IS_SOUGHT;
    m->open += added;
    return true;
}

bool npki_meeting_has_met(const npki_meeting *m, const npk_value *value)
{
    const uint64_t *known = npki_map_get(&m->known, (uint64_t)(uintptr_t)value);
    return known != NULL && *known == WAS_MET;
}

/* Whether there may be more ways to a value than one: other values need not be remembered. The items of an array are
 * children of it and of its state, should something have been dropped over that: they are gone through twice then, and
 * what lies in them must not be so twice for each such array around it. */
static bool may_come_again(const npki_meeting *m, const npk_value *value)
{
    return npki_meeting_may_have(m, value) || npki_may_be_met_again(value) ||
           (value->kind == NPK_KIND_OBJECT && value->u.object->array != NULL);
}

/* *fresh: it was not met before. */
static npk_status note(npki_meeting *m, const npk_value *value, bool *fresh, npk_error *error)
{
    uint64_t *known = npki_map_put(&m->known, (uint64_t)(uintptr_t)value, fresh);
    if (known == NULL)
        return npki_no_memory(error);
    if (*known == IS_SOUGHT) {
        m->open--;
        *fresh = true;
    }
    *known = WAS_MET;
    return NPK_OK;
}

/* Goes into a value that has children. */
static npk_status enter(npki_meeting *m, const npk_value *value, npki_trail at, size_t count, npk_error *error)
{
    if (m->depth == m->room) {
        const size_t room = m->room == 0 ? 32 : 2 * m->room;
        npki_meeting_frame *frames =
            npki_resize(&m->allocator, m->frames, m->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL)
            return npki_no_memory(error);
        m->frames = frames;
        m->room = room;
    }
    m->frames[m->depth++] = (npki_meeting_frame){value, at, 0, count};
    return NPK_OK;
}

/* The one part of a persistent id over which nothing was dropped; NULL: it is something else. */
static const npk_value *id_of(const npk_value *value)
{
    return value->kind == NPK_KIND_PERSID && value->u.outside->events == NULL ? value->u.id : NULL;
}

/* One child of the innermost value, which is left as soon as there is none behind: so a chain needs no room. */
static npk_status step(npki_meeting *m, npk_error *error)
{
    npki_meeting_frame *top = &m->frames[m->depth - 1];
    const npk_value *holder = top->value;
    const npki_trail at = top->at;
    const size_t index = top->next++;
    const npk_value *child = npki_child(holder, index);
    m->depth -= top->next == top->count;
    if (child == NULL || npki_is_of_state(at, holder, index))
        return NPK_OK;
    const bool is_plain = holder->kind != NPK_KIND_OBJECT && at.part == NPKI_PART_NONE;
    bool fresh = true;
    npk_status status = may_come_again(m, child) ? note(m, child, &fresh, error) : NPK_OK;
    for (const npk_value *id; is_plain && status == NPK_OK && fresh && (id = id_of(child)) != NULL; child = id)
        status = may_come_again(m, id) ? note(m, id, &fresh, error) : NPK_OK;
    const size_t count = status == NPK_OK && fresh ? npki_children(child) : 0;
    const npki_trail to = is_plain ? (npki_trail){0} : npki_trail_to(at, holder, index);
    return count > 0 ? enter(m, child, to, count, error) : status;
}

npk_status npki_meeting_go(npki_meeting *m, const npk_value *from, npk_error *error)
{
    bool fresh = true;
    if (m->open == 0)
        return NPK_OK;
    m->depth = 0;
    npk_status status = may_come_again(m, from) ? note(m, from, &fresh, error) : NPK_OK;
    const size_t count = status == NPK_OK && fresh ? npki_children(from) : 0;
    status = count > 0 ? enter(m, from, (npki_trail){0}, count, error) : status;
    while (status == NPK_OK && m->open > 0 && m->depth > 0)
        status = step(m, error);
    return status;
}
