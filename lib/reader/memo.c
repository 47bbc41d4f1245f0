#include "reader/memo.h"

#include <string.h>

#define FIRST_ROOM ((size_t)64)

void npki_memo_init(npki_memo *memo, const npk_allocator *allocator)
{
    *memo = (npki_memo){.allocator = *allocator, .first = UINT64_MAX};
    npki_map_init(&memo->sparse, allocator);
}

/* Makes the dense numbers go beyond this one. Those of the others that are below their end then move there; what the
 * map has of them is not looked at any more. */
static bool grow(npki_memo *memo, uint64_t number)
{
    size_t room = memo->room == 0 ? FIRST_ROOM : memo->room;
    while (room <= number)
        room *= 2;
    npk_value **dense =
        npki_resize(&memo->allocator, memo->dense, memo->room * sizeof *dense, room * sizeof *dense);
    if (dense == NULL)
        return false;
    memset(dense + memo->room, 0, (room - memo->room) * sizeof *dense);
    for (size_t i = 0; i < memo->sparse.room; i++) {
        const npki_map_slot slot = memo->sparse.slots[i];
        if (slot.key >= memo->room && slot.key < room)
            dense[slot.key] = (npk_value *)(uintptr_t)slot.value;
    }
    memo->dense = dense;
    memo->room = room;
    return true;
}

bool npki_memo_put(npki_memo *memo, uint64_t number, npk_value *value)
{
    if (memo->first == UINT64_MAX)
        memo->first = number;
    if (number >= memo->past)
        memo->past = number == UINT64_MAX ? number : number + 1;
    /* A pickler counts up, so the room doubles just before it is needed; a number far ahead of the count goes
     * elsewhere. */
    if (number >= memo->room && number < 2 * memo->count + FIRST_ROOM && !grow(memo, number))
        return false;
    bool added;
    if (number < memo->room) {
        added = memo->dense[number] == NULL;
        memo->dense[number] = value;
    } else {
        uint64_t *slot = npki_map_put(&memo->sparse, number, &added);
        if (slot == NULL)
            return false;
        *slot = (uint64_t)(uintptr_t)value;
    }
    memo->count += added;
    return true;
}

npk_value *npki_memo_get(const npki_memo *memo, uint64_t number)
{
    if (number < memo->room)
        return memo->dense[number];
    const uint64_t *slot = npki_map_get(&memo->sparse, number);
    return slot == NULL ? NULL : (npk_value *)(uintptr_t)*slot;
}

void npki_memo_free(npki_memo *memo)
{
    npki_free(&memo->allocator, memo->dense, memo->room * sizeof *memo->dense);
    npki_map_free(&memo->sparse);
}

void npki_memo_go_on(npki_memo *memo)
{
    memo->before = memo->past > memo->before ? memo->past : memo->before;
    memo->past = 0;
    memo->first = UINT64_MAX;
}

void npki_memo_clear(npki_memo *memo)
{
    npki_memo_go_on(memo);
    const size_t used = memo->before < memo->room ? (size_t)memo->before : memo->room;
    if (used > 0)
        memset(memo->dense, 0, used * sizeof *memo->dense);
    npki_map_free(&memo->sparse);
    npki_map_init(&memo->sparse, &memo->allocator);
    memo->count = 0;
    memo->before = 0;
}
