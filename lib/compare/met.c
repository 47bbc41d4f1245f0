#include "compare/met.h"

#include "base/bytes.h"
#include "base/map.h"

#include <string.h>

#define FIRST_ROOM ((size_t)16)

void npki_met_init(npki_met_values *numbers, const npk_allocator *allocator)
{
    *numbers = (npki_met_values){.seed = npki_map_seed(numbers)};
    npki_dynbuf_init(&numbers->at, allocator, npki_met_most(sizeof(npki_met_value)));
}

void npki_met_free(npki_met_values *numbers)
{
    npki_free(&numbers->at.allocator, numbers->slots, numbers->room * sizeof *numbers->slots);
    npki_dynbuf_free(&numbers->at);
    numbers->slots = NULL;
    numbers->room = 0;
}

/* Where the number of a value is, or is to be. */
static uint32_t *slot_of(const npki_met_values *numbers, const npk_value *value)
{
    size_t at = (size_t)npki_map_mix((uint64_t)(uintptr_t)value, numbers->seed) & (numbers->room - 1);
    while (numbers->slots[at] != 0 && npki_met_at(numbers, numbers->slots[at])->value != value)
        at = (at + 1) & (numbers->room - 1);
    return &numbers->slots[at];
}

static bool grow(npki_met_values *numbers)
{
    const size_t room = numbers->room == 0 ? FIRST_ROOM : 2 * numbers->room;
    size_t size;
    if (!npki_mul_size(room, sizeof *numbers->slots, &size))
        return false;
    uint32_t *slots = npki_resize(&numbers->at.allocator, numbers->slots, numbers->room * sizeof *slots, size);
    if (slots == NULL)
        return false;
    memset(slots, 0, size);
    numbers->slots = slots;
    numbers->room = room;
    for (size_t i = 1; i <= npki_met_count(numbers); i++)
        *slot_of(numbers, npki_met_at(numbers, i)->value) = (uint32_t)i;
    return true;
}

npki_met_value *npki_met_find(const npki_met_values *numbers, const npk_value *value)
{
    const uint32_t number = numbers->room == 0 ? 0 : *slot_of(numbers, npki_self_of(value));
    return number == 0 ? NULL : npki_met_at(numbers, number);
}

npki_met_value *npki_met_put(npki_met_values *numbers, const npk_value *value)
{
    const npki_met_value new = {.value = npki_self_of(value)};
    if (npki_met_count(numbers) >= numbers->room / 4 * 3 && !grow(numbers))
        return NULL;
    uint32_t *slot = slot_of(numbers, new.value);
    if (*slot == 0) {
        if (!npki_dynbuf_add(&numbers->at, &new, sizeof new))
            return NULL;
        *slot = (uint32_t)npki_met_count(numbers);
    }
    return npki_met_at(numbers, *slot);
}
