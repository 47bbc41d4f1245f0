#include "reader/earlier.h"

#include <string.h>

void npki_earlier_init(npki_earlier *earlier, const npk_allocator *allocator)
{
    memset(earlier, 0, sizeof *earlier);
    earlier->first = UINT64_MAX;
    npki_map_init(&earlier->own, allocator);
    npki_map_init(&earlier->taken, allocator);
}

void npki_earlier_free(npki_earlier *earlier)
{
    npki_map_free(&earlier->own);
    npki_map_free(&earlier->taken);
}

static uint64_t key_of(const npk_value *value)
{
    return (uint64_t)(uintptr_t)value;
}

bool npki_earlier_put(npki_earlier *earlier, uint64_t number)
{
    bool added;
    return !earlier->kept || number >= earlier->numbers || npki_map_put(&earlier->own, number, &added) != NULL;
}

bool npki_earlier_get(npki_earlier *earlier, uint64_t number, const npk_value *value)
{
    bool added;
    if (!earlier->kept || number >= earlier->numbers || (value->flags & NPKI_IS_SHARED_ATOM) != 0 ||
        npki_map_get(&earlier->own, number) != NULL)
        return true;
    uint64_t *slot = npki_map_put(&earlier->taken, key_of(value), &added);
    if (slot != NULL && added)
        *slot = number;
    return slot != NULL;
}

bool npki_earlier_took(const npki_earlier *earlier, const npk_value *value)
{
    return npki_map_get(&earlier->taken, key_of(value)) != NULL;
}

const char *npki_earlier_hint(const npki_earlier *earlier, uint64_t number)
{
    if (earlier->kept || number >= earlier->numbers)
        return "";
    return ": the pickle refers to what an earlier one of the stream stored; a memo of the stream is kept on request "
           "(memo_scope, --keep-memo)";
}

bool npki_earlier_list(const npki_earlier *earlier, npki_arena *arena, npki_earlier_value **out, size_t *count)
{
    size_t found = 0;
    *out = NULL;
    *count = 0;
    if (earlier->taken.count == 0)
        return true;
    npki_earlier_value *list = npki_arena_take(arena, earlier->taken.count * sizeof *list);
    if (list == NULL)
        return false;
    for (size_t i = 0; i < earlier->taken.room; i++)
        if (earlier->taken.slots[i].key != 0)
            list[found++] = (npki_earlier_value){(npk_value *)(uintptr_t)earlier->taken.slots[i].key,
                                                 earlier->taken.slots[i].value};
    *out = list;
    *count = found;
    return true;
}
