/* Objects of classes that npickle does not know, made without arguments and given a state, as most pickles have them:
 * what fused.c has of them. As in fused.h each function does one instruction or returns false, and has done nothing
 * then that is not done again. */
#ifndef NPKI_READER_FUSED_OBJECT_H
#define NPKI_READER_FUSED_OBJECT_H

#include "reader/fused.h"

/* A class comes out of the memo. */
static inline bool fused_get_class(fused_run *r, size_t width)
{
    if (!fused_has(r, 1 + width))
        return false;
    const npki_memo *memo = &r->b->machine.memo;
    const uint64_t number = npki_load_le(r->at + 1, width);
    npk_value *value = number < memo->room ? memo->dense[number] : NULL;
    if (value == NULL || value->kind != NPK_KIND_GLOBAL || fused_has_dropped(r, r->at))
        return false;
    fused_tell_builder(r);
    if ((value->flags & NPKI_PLACED) == 0 && !npki_note_fetched(r->b, value, r->b->height))
        return false;
    r->b->height++;
    if (npki_begins(r->b, npki_here(r->b)) != NPK_OK)
        return false;
    value->flags |= NPKI_IS_SHARED;
    return fused_push(r, value, 1 + width);
}

static inline bool fused_is_nobodys(const npk_value *callable)
{
    return callable->kind == NPK_KIND_GLOBAL && callable->u.global->row == NULL;
}

/* Whether the object may lie so deep. */
static inline bool fused_may_be_made(const fused_run *r, const npk_value *callable, const npk_value *args)
{
    return fused_is_nobodys(callable) && args->kind == NPK_KIND_TUPLE && npki_count_of(args) == 0 &&
           callable->depth < r->b->limits.depth && args->depth < r->b->limits.depth &&
           r->arena->room >= sizeof(npki_called_object);
}

/* The object stands in the place of all from `at` on. */
static inline bool fused_push_object(fused_run *r, npk_construction construction, npk_value *callable, npk_value *args,
                                     size_t at, uint32_t from)
{
    npki_builder *b = r->b;
    npki_called_object *made = fused_take(r->arena, sizeof *made);
    npki_object *object = &made->object;
    npk_value *const parts[2] = {callable, args};
    *object = (npki_object){.construction = (uint8_t)construction,
                            .opcode = r->at[0],
                            .meaning = NPKI_UNKNOWN,
                            .callable = callable,
                            .args = args,
                            .offset = b->site.offset};
    npk_value *value = &made->called.value;
    made->called = (npki_called){.value = {.kind = NPK_KIND_OBJECT, .history = NPKI_WAS_CALLED, .u.object = object},
                                 .call = object};
    (void)fused_adopt(r, value, parts, 2);
    value->flags &= (uint8_t)~NPKI_UNHASHABLE;
    if (npki_called_now(b, object, at) != NPK_OK)
        return false;
    b->height = at + 1;
    if (npki_begins(b, from) != NPK_OK)
        return false;
    b->last_made = value;
    b->last_made_from = from;
    r->height = at;
    return fused_push(r, value, 1);
}

/* REDUCE, NEWOBJ. */
static inline bool fused_make_object(fused_run *r, npk_construction construction)
{
    if (r->height - fused_base_of(r) < 2 || !fused_may_be_made(r, r->stack[r->height - 2], r->stack[r->height - 1]))
        return false;
    const size_t at = r->height - 2;
    fused_tell_builder(r);
    return fused_push_object(r, construction, r->stack[at], r->stack[at + 1], at, npki_begin_of(r->b, at));
}

/* OBJ: the class alone lies above the mark. */
static inline bool fused_make_marked_object(fused_run *r)
{
    npki_builder *b = r->b;
    static const npk_value empty = {.kind = NPK_KIND_TUPLE, .depth = 1};
    const size_t at = fused_base_of(r);
    if (b->mark_count <= b->machine.mark_floor || r->height - at != 1 || r->arena->room < sizeof empty ||
        !fused_may_be_made(r, r->stack[at], &empty) ||
        r->arena->room - sizeof empty < sizeof(npki_called_object))
        return false;
    npk_value *args = fused_take(r->arena, sizeof *args);
    *args = empty;
    fused_tell_builder(r);
    if (!fused_push_object(r, NPK_BY_CALL, r->stack[at], args, at, npki_begin_of(b, at)))
        return false;
    b->mark_count--;
    return true;
}

/* BUILD: the first state of an object that nothing else has, in which no array is. */
static inline bool fused_build_object(fused_run *r)
{
    if (r->height - fused_base_of(r) < 2)
        return false;
    npk_value *value = r->stack[r->height - 2], *state = r->stack[r->height - 1];
    if (value->kind != NPK_KIND_OBJECT || (value->flags & (NPKI_IS_SHARED | NPKI_PLACED)) != 0)
        return false;
    npki_object *object = value->u.object;
    npki_found found;
    if (object->meaning != NPKI_UNKNOWN || object->state != NULL || object->events != NULL || object->array != NULL ||
        object->fault != NULL || object->order == NULL || state->depth >= r->b->limits.depth)
        return false;
    if (npki_is_container(state) && npki_count_of(state) > 0) {
        npki_find_state(state, NPKI_STATE_SIZE, &found);
        if (found.times == 1)
            return false;
    }
    fused_tell_builder(r);
    if (npki_called_now(r->b, object, r->height - 2) != NPK_OK)
        return false;
    const uint8_t hashable = value->flags & NPKI_UNHASHABLE;
    npki_built(object, r->b->site.offset);
    object->state = state;
    (void)fused_adopt(r, value, &state, 1);
    value->flags = (uint8_t)((value->flags & ~NPKI_UNHASHABLE) | hashable);
    r->height--;
    r->at++;
    return true;
}

#endif
