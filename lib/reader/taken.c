/* What a call was given, and changes after it.
 *
 * A writer writes all of a list where it first comes to it. That is the order of the pickle while the list is being made: the call
 * stands among its items. Where the list comes out of the memo after the call, and grows then, the call would be given what it
 * was not. No pickler writes that, and what npickle knows of the callable does not matter. */
#include "reader/build.h"

#include <string.h>

#define LOOKED_AT 64 /* arguments of a call */

/* Packages whose calls only keep what they are given, and which fill it afterwards: dill makes a function of the dict of its globals,
 * and then the globals. */
static const char *const keepers[] = {"dill"};

static bool only_keeps(const npk_value *callable)
{
    const npki_global *global = callable->kind == NPK_KIND_GLOBAL ? callable->u.global : NULL;
    for (size_t i = 0; global != NULL && i < sizeof keepers / sizeof *keepers; i++) {
        size_t size = strlen(keepers[i]);
        if (global->module_size >= size && memcmp(global->module, keepers[i], size) == 0 &&
            (global->module_size == size || global->module[size] == '.'))
            return true;
    }
    return false;
}

static bool can_change(const npk_value *value)
{
    return value->kind == NPK_KIND_LIST || value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_SET ||
           value->kind == NPK_KIND_OBJECT;
}

npk_status npki_give_to_call(npki_builder *b, const npki_object *call)
{
    const npk_value *args = call->args;
    bool added;
    if (only_keeps(call->callable))
        return NPK_OK;
    for (size_t i = 0; i < npki_count_of(args) && i < LOOKED_AT; i++) {
        const npk_value *value = npki_item_of(args, i);
        if (!can_change(value))
            continue;
        uint64_t *slot = npki_map_put(&b->given_to_calls, (uint64_t)(uintptr_t)value, &added);
        if (slot == NULL)
            return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
        *slot = 0;
    }
    return NPK_OK;
}

/* The lowest place on the stack where it is since, + 1. */
void npki_came_again(npki_builder *b, const npk_value *value)
{
    uint64_t *slot = can_change(value) ? npki_map_get(&b->given_to_calls, (uint64_t)(uintptr_t)value) : NULL;
    if (slot != NULL && (*slot == 0 || b->height < *slot))
        *slot = b->height;
}

npk_status npki_may_change(npki_builder *b, size_t depth)
{
    const npk_value *value = npki_peek(b, depth);
    const uint64_t *slot = value != NULL ? npki_map_get(&b->given_to_calls, (uint64_t)(uintptr_t)value) : NULL;
    if (slot == NULL || *slot != b->height - depth)
        return NPK_OK;
    return npki_build_fail(b, NPK_ERR_UNSUPPORTED, "a call was given this %s, which changes afterwards",
                           npk_kind_name(npk_value_kind(value)));
}
