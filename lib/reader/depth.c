/* How deep containers lie in one another, once all is read.
 *
 * As values are placed, a container is as deep as its items, and one. That is too little for what holds a container
 * that grows later, and too much where it grows by something that holds it. Then this counts: by the longest way down,
 * whatever is shared being measured once. A way that comes back to a container which it is still in ends there, the
 * items taken in their order: so a list in itself is one deep. */
#include "reader/build.h"

#include "base/error.h"
#include "value/step.h"

#include <inttypes.h>

#define MADE_OF 2 /* what npki_children leaves out of a value that npickle knows */

/* A value that was met has this bit in its depth until all is measured: to ask a map about each value of a graph takes
 * longer than all else that is done with it. The others are what was found, 0 while the way is in the value. */
#define IS_MET ((uint32_t)1 << 31)

typedef struct frame {
    npk_value *value;
    size_t next, children, count; /* of the children and what else it is made of */
    uint32_t deepest;
} frame;

/* The depth that a value had before. */
typedef struct was_deep {
    npk_value *value;
    uint32_t depth;
} was_deep;

typedef struct measure {
    npk_allocator allocator;
    frame *frames;
    size_t depth, room;
    npki_dynbuf met; /* was_deep, of each value that was met */
    uint64_t limit;
    const npki_earlier *earlier;
    npk_error *error;
} measure;

static frame frame_of(npk_value *value)
{
    const size_t children = npki_children(value);
    const bool known =
        value->kind == NPK_KIND_OBJECT && (value->u.object->array != NULL || value->u.object->dtype != NULL);
    return (frame){.value = value, .children = children, .count = children + (known ? MADE_OF : 0)};
}

static const npk_value *part_of(const frame *holder, size_t index)
{
    if (index < holder->children)
        return npki_child(holder->value, index);
    return index == holder->children ? holder->value->u.object->args : holder->value->u.object->state;
}

/* The next part that has anything in it; NULL: there is none. */
static const npk_value *next_part(frame *holder)
{
    const npk_value *part = NULL;
    while (holder->next < holder->count && (part == NULL || part->depth == 0))
        part = part_of(holder, holder->next++);
    return part == NULL || part->depth == 0 ? NULL : part;
}

static npk_status too_deep(const measure *m)
{
    return npki_fail(m->error, NPK_ERR_LIMIT, "containers more than %" PRIu64 " deep", m->limit);
}

/* Goes into a value that was not met before. *depth is that of one that was. */
static npk_status enter(measure *m, npk_value *value, uint32_t *depth)
{
    const was_deep was = {value, value->depth};
    *depth = value->depth & ~IS_MET;
    if ((value->depth & IS_MET) != 0 || (m->earlier != NULL && npki_earlier_has(m->earlier, value)))
        return NPK_OK;
    *depth = 0;
    if (m->depth >= m->limit)
        return too_deep(m);
    if (m->depth == m->room) {
        size_t room = m->room == 0 ? 32 : 2 * m->room;
        frame *frames = npki_resize(&m->allocator, m->frames, m->room * sizeof *frames, room * sizeof *frames);
        if (frames == NULL)
            return npki_no_memory(m->error);
        m->frames = frames;
        m->room = room;
    }
    if (!npki_dynbuf_add(&m->met, &was, sizeof was))
        return npki_no_memory(m->error);
    value->depth = IS_MET;
    m->frames[m->depth++] = frame_of(value);
    return NPK_OK;
}

static void deepen(frame *holder, uint32_t depth)
{
    holder->deepest = depth > holder->deepest ? depth : holder->deepest;
}

/* One part of the innermost value, or its end. */
static npk_status step(measure *m)
{
    frame *top = &m->frames[m->depth - 1];
    const npk_value *part = next_part(top);
    if (part != NULL) {
        uint32_t depth = 0;
        size_t holder = m->depth - 1;
        npk_status status = enter(m, (npk_value *)(uintptr_t)part, &depth);
        deepen(&m->frames[holder], depth);
        return status;
    }
    uint32_t depth = top->deepest + 1;
    if (depth > m->limit)
        return too_deep(m);
    top->value->depth = IS_MET | depth;
    if (--m->depth > 0)
        deepen(&m->frames[m->depth - 1], depth);
    return NPK_OK;
}

/* Values keep what was found, once all of it is good; else what they had. */
static void keep(const measure *m, bool good)
{
    const was_deep *met = (const was_deep *)(const void *)m->met.bytes;
    for (size_t i = 0; i < m->met.size / sizeof *met; i++)
        met[i].value->depth = good ? met[i].value->depth & ~IS_MET : met[i].depth;
}

npk_status npki_recount_depth(npk_value *root, const npk_allocator *allocator, const npk_limits *limits,
                              const npki_earlier *earlier, npk_error *error)
{
    measure m = {.allocator = *allocator, .earlier = earlier, .error = error};
    uint32_t depth;
    m.limit = limits->depth < IS_MET ? limits->depth : IS_MET - 1;
    npki_dynbuf_init(&m.met, allocator, SIZE_MAX / 2);
    npk_status status = root->depth > 0 ? enter(&m, root, &depth) : NPK_OK;
    while (status == NPK_OK && m.depth > 0)
        status = step(&m);
    keep(&m, status == NPK_OK);
    npki_free(&m.allocator, m.frames, m.room * sizeof *m.frames);
    npki_dynbuf_free(&m.met);
    return status;
}
