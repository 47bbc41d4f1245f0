/* The stack and its marks, and what a value learns from what it holds. */
#include "reader/build.h"

#include "base/error.h"

#include <inttypes.h>

#define FIRST_ROOM ((size_t)64)

/* --- where what can be called begins --- */

npk_status npki_note_begin(npki_builder *b, uint32_t from)
{
    const npki_beginning entry = {(uint32_t)(b->height - 1), from};
    if (b->height > UINT32_MAX)
        return NPK_OK;
    npki_beginning *last;
    while ((last = npki_last_of(&b->begins, sizeof *last)) != NULL && last->at > entry.at)
        b->begins.size -= sizeof entry;
    if (last != NULL && last->at == entry.at) {
        *last = entry;
        return NPK_OK;
    }
    return npki_dynbuf_add(&b->begins, &entry, sizeof entry)
               ? NPK_OK
               : npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

uint32_t npki_begin_of(npki_builder *b, size_t at)
{
    npki_beginning *last;
    while ((last = npki_last_of(&b->begins, sizeof *last)) != NULL && last->at > at)
        b->begins.size -= sizeof *last;
    return last != NULL && last->at == at ? last->from : NPKI_NOWHERE;
}

/* --- dtypes that wait for their state --- */

/* Whether it is where it lay at its lowest. */
static bool is_on_stack(const npki_builder *b, const npk_value *dtype)
{
    const size_t at = dtype->u.object->lowest;
    return at < b->height && b->stack[at] == dtype;
}

/* Of all the places where it lies the lowest is kept: what lies there is the last to go. */
static void note_open_dtype(npki_builder *b, npk_value *dtype)
{
    const size_t at = b->height - 1;
    if (at <= UINT32_MAX && !is_on_stack(b, dtype))
        dtype->u.object->lowest = (uint32_t)at;
}

bool npki_has_open_dtype(const npki_builder *b, const npk_value *part)
{
    const size_t count = part->kind == NPK_KIND_TUPLE ? npki_count_of(part) : 0;
    bool open = false;
    for (size_t i = 0; i < count && i < NPKI_MOST_GIVEN && !open; i++) {
        const npk_value *item = npki_item_of(part, i);
        open = npki_is_open_dtype(item) && (item->flags & NPKI_IS_SHARED) != 0 && is_on_stack(b, item);
    }
    return open;
}

/* --- pushing --- */

npk_status npki_push(npki_builder *b, npk_value *value)
{
    return npki_push_begun(b, value, npki_here(b));
}

npk_status npki_push_begun(npki_builder *b, npk_value *value, uint32_t from)
{
    if (value == NULL)
        return npki_site_full(&b->site);
    if (b->height == b->room) {
        size_t room = b->room == 0 ? FIRST_ROOM : 2 * b->room;
        npk_value **stack =
            npki_resize(&b->doc->allocator, b->stack, b->room * sizeof *stack, room * sizeof *stack);
        if (stack == NULL)
            return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
        b->stack = stack;
        b->room = room;
    }
    b->stack[b->height++] = value;
    if (value->kind < NPK_KIND_GLOBAL)
        return NPK_OK;
    if (npki_is_open_dtype(value))
        note_open_dtype(b, value);
    return npki_begins(b, from);
}

npk_status npki_wrong_kind(npki_builder *b, const npk_value *found, const char *expected)
{
    const bool outside = found->kind == NPK_KIND_PERSID;
    return npki_build_fail(b, outside ? NPK_ERR_UNSUPPORTED : NPK_ERR_TYPE, "%s, found %s%s", expected,
                           npk_kind_name(npk_value_kind(found)),
                           outside ? ", and what that stands for is not known" : "");
}

npk_status npki_push_mark(npki_builder *b)
{
    if (b->mark_count == b->mark_room) {
        size_t room = b->mark_room == 0 ? FIRST_ROOM : 2 * b->mark_room;
        npki_stack_mark *marks =
            npki_resize(&b->doc->allocator, b->marks, b->mark_room * sizeof *marks, room * sizeof *marks);
        if (marks == NULL)
            return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
        b->marks = marks;
        b->mark_room = room;
    }
    b->marks[b->mark_count++] = (npki_stack_mark){b->height, npki_here(b)};
    return NPK_OK;
}

size_t npki_above(const npki_builder *b)
{
    return b->height - (b->mark_count > b->machine.mark_floor ? b->marks[b->mark_count - 1].height : b->machine.floor);
}

npk_value *npki_peek(const npki_builder *b, size_t depth)
{
    return depth < npki_above(b) ? b->stack[b->height - 1 - depth] : NULL;
}

npk_status npki_need(const npki_builder *b, size_t count)
{
    size_t above = npki_above(b);
    if (above >= count)
        return NPK_OK;
    return npki_build_fail(b, NPK_ERR_STACK, "needs %zu values, the stack has %zu%s", count, above,
                           b->mark_count > b->machine.mark_floor ? " above the mark" : "");
}

npk_status npki_need_mark(const npki_builder *b)
{
    if (b->mark_count > b->machine.mark_floor)
        return NPK_OK;
    return npki_build_fail(b, NPK_ERR_STACK, "expected a mark on the stack, found none");
}

npk_status npki_adopt(npki_builder *b, npk_value *container, npk_value *const *items, size_t count)
{
    uint32_t deepest = 0;
    uint8_t unhashable = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->depth > deepest)
            deepest = items[i]->depth;
        unhashable |= items[i]->flags & NPKI_UNHASHABLE;
        if ((items[i]->flags & NPKI_IS_SHARED_ATOM) == 0)
            items[i]->flags |= NPKI_PLACED;
    }
    container->flags |= unhashable;
    if (deepest + 1 > container->depth) {
        container->depth = deepest + 1;
        b->grew_late = b->grew_late || (container->flags & NPKI_PLACED) != 0;
    }
    if (container->depth > b->limits.depth && !b->grew_late)
        return npki_build_fail(b, NPK_ERR_LIMIT, "containers more than %" PRIu64 " deep", b->limits.depth);
    return NPK_OK;
}

npk_status npki_take_earlier(npki_builder *b, uint64_t number, npk_value *value)
{
    if (!npki_earlier_get(&b->earlier, number, value))
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    return npki_earlier_has(&b->earlier, value) ? npki_site_decode(&b->site, value) /* no array alone has it any more */
                                                : NPK_OK;
}

npk_status npki_refuse_earlier(npki_builder *b, const npk_value *value)
{
    return npki_build_fail(b, NPK_ERR_UNSUPPORTED, "changes a %s of an earlier pickle of the stream",
                           npk_kind_name(npk_value_kind(value)));
}

npk_status npki_keep_input(npki_builder *b)
{
    npk_doc *doc = b->doc;
    npki_chunk *chunk = b->source->chunk;
    if (chunk == NULL || (doc->chunk_count > 0 && doc->chunks[doc->chunk_count - 1] == chunk))
        return NPK_OK;
    npki_chunk **chunks = npki_resize(&doc->allocator, doc->chunks, doc->chunk_count * sizeof *chunks,
                                      (doc->chunk_count + 1) * sizeof *chunks);
    if (chunks == NULL)
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    doc->chunks = chunks;
    doc->chunks[doc->chunk_count++] = npki_chunk_keep(chunk);
    return NPK_OK;
}
