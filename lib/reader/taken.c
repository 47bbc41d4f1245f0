/* What a call was given, and changes after it.
 *
 * A writer writes all of a list where it first comes to it. That is the order of the pickle while the list is being made: the call
 * stands among its items. Where the list comes out of the memo after the call, and grows then, the call would be given what it
 * was not. No pickler writes that, and what npickle knows of the callable does not matter.
 *
 * A call was given all that its parts hold. Each value is looked at once: what a value gets that a call was given already waits for
 * the next call, which is taken to have been given it. The calls that npickle knows are those of containers and arrays, which copy
 * what they are given and keep the items. */
#include "reader/build.h"

#include "globals/keeper.h"
#include "value/step.h"

#include <string.h>

#define LOOKED_INTO ((uint64_t)1 << 63) /* beside the place on the stack */

static bool only_keeps(const npk_value *callable)
{
    const npki_global *global = callable->kind == NPK_KIND_GLOBAL ? callable->u.global : NULL;
    return global != NULL &&
           npki_global_only_keeps(global->module, global->module_size, global->name, global->name_size);
}

static bool can_change(const npk_value *value)
{
    return value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET ||
           value->kind == NPK_KIND_OBJECT;
}

static npk_status no_memory(npki_builder *b)
{
    return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
}

/* Waits to be looked at. Values without parts can't change. */
static npk_status let_wait(npki_builder *b, const npk_value *value)
{
    bool holds =
        value != NULL && (npki_is_container(value) || value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_PERSID);
    return !holds || npki_dynbuf_add(&b->waiting, &value, sizeof value) ? NPK_OK : no_memory(b);
}

/* A call was given it; NULL, and an error, without memory. */
static uint64_t *give(npki_builder *b, const npk_value *value)
{
    bool added;
    uint64_t *slot = npki_map_put(&b->given_to_calls, (uint64_t)(uintptr_t)value, &added);
    if (slot == NULL)
        no_memory(b);
    else if (added)
        *slot = 0;
    return slot;
}

/* One that waits, and its parts wait then, if it comes for the first time. What a call keeps may still be filled. */
static npk_status look_at_next(npki_builder *b)
{
    const npk_value *value;
    b->waiting.size -= sizeof value;
    memcpy(&value, b->waiting.bytes + b->waiting.size, sizeof value);
    uint64_t *slot = give(b, value);
    if (slot == NULL)
        return NPK_ERR_MEMORY;
    bool looked_into = (*slot & LOOKED_INTO) != 0;
    *slot |= LOOKED_INTO;
    if (looked_into || (value->kind == NPK_KIND_OBJECT && only_keeps(value->u.object->callable)))
        return NPK_OK;
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < npki_children(value); i++)
        status = let_wait(b, npki_child(value, i));
    return status;
}

npk_status npki_give_to_call(npki_builder *b, const npki_object *call)
{
    const npk_value *callable = call->callable;
    bool known = callable->kind == NPK_KIND_GLOBAL && callable->u.global->row != NULL;
    npk_status status = let_wait(b, callable);
    if (only_keeps(callable))
        return status;
    for (size_t i = 0; status == NPK_OK && i < npki_count_of(call->args); i++) {
        const npk_value *value = npki_item_of(call->args, i);
        if (!known)
            status = let_wait(b, value);
        else if (can_change(value) && give(b, value) == NULL)
            status = NPK_ERR_MEMORY;
    }
    if (status == NPK_OK && call->kwargs != NULL)
        status = let_wait(b, call->kwargs);
    while (status == NPK_OK && b->waiting.size > 0)
        status = look_at_next(b);
    return status;
}

npk_status npki_gave(npki_builder *b, const npk_value *value, npk_value *const *items, size_t count)
{
    npk_status status = NPK_OK;
    if (b->given_to_calls.count == 0 || npki_map_get(&b->given_to_calls, (uint64_t)(uintptr_t)value) == NULL)
        return NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < count; i++)
        status = let_wait(b, items[i]);
    return status;
}

/* The lowest place on the stack where it is since, + 1. */
void npki_came_again(npki_builder *b, const npk_value *value)
{
    uint64_t *slot = can_change(value) ? npki_map_get(&b->given_to_calls, (uint64_t)(uintptr_t)value) : NULL;
    uint64_t lowest = slot != NULL ? *slot & ~LOOKED_INTO : 0;
    if (slot != NULL && (lowest == 0 || b->height < lowest))
        *slot = b->height | (*slot & LOOKED_INTO);
}

npk_status npki_may_change(npki_builder *b, size_t depth)
{
    const npk_value *value = npki_peek(b, depth);
    const uint64_t *slot = value != NULL ? npki_map_get(&b->given_to_calls, (uint64_t)(uintptr_t)value) : NULL;
    if (slot == NULL || (*slot & ~LOOKED_INTO) != b->height - depth)
        return NPK_OK;
    return npki_build_fail(b, NPK_ERR_UNSUPPORTED, "a call was given this %s, which changes afterwards",
                           npk_kind_name(npk_value_kind(value)));
}
