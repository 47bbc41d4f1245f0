#include "compare/met.h"

#include <string.h>

#define REGION (NPKI_MET_CELLS * sizeof(uint32_t))

void npki_met_init(npki_met_values *numbers, const npk_allocator *allocator)
{
    memset(numbers, 0, sizeof *numbers);
    npki_dynbuf_init(&numbers->at, allocator, npki_met_most(sizeof(npki_met_value)));
    npki_dynbuf_init(&numbers->cells, allocator, SIZE_MAX / 2);
    npki_map_init(&numbers->regions, allocator);
}

void npki_met_free(npki_met_values *numbers)
{
    npki_dynbuf_free(&numbers->at);
    npki_dynbuf_free(&numbers->cells);
    npki_map_free(&numbers->regions);
}

/* Adds the cells of a region, all of them empty. 1 + their index, or 0 without memory. */
static size_t add_region(npki_met_values *numbers)
{
    uint8_t *cells = npki_dynbuf_room(&numbers->cells, REGION);
    if (cells == NULL)
        return 0;
    memset(cells, 0, REGION);
    numbers->cells.size += REGION;
    return numbers->cells.size / REGION;
}

/* The map gets what is recent no longer. */
static bool remember(npki_met_values *numbers, size_t recent)
{
    bool added;
    if (numbers->recent[recent].index == 0 || numbers->recent[recent].mapped)
        return true;
    uint64_t *index = npki_map_put(&numbers->regions, numbers->recent[recent].region, &added);
    if (index == NULL)
        return false;
    *index = numbers->recent[recent].index;
    return true;
}

uint32_t *npki_met_look_up(npki_met_values *numbers, size_t region, size_t within, bool add)
{
    const uint64_t *found = npki_map_get(&numbers->regions, region);
    const size_t recent = region % NPKI_MET_RECENT;
    if (found == NULL && !add)
        return NULL;
    const bool mapped = found != NULL;
    const size_t index = mapped ? (size_t)*found : add_region(numbers);
    const bool good = index != 0 && remember(numbers, recent);
    if (!mapped && !good)
        return NULL;
    if (good) {
        numbers->recent[recent].region = region;
        numbers->recent[recent].index = index;
        numbers->recent[recent].mapped = mapped;
    }
    return (uint32_t *)(void *)numbers->cells.bytes + (index - 1) * NPKI_MET_CELLS + within;
}

npki_met_value *npki_met_add(npki_met_values *numbers, uint32_t *cell, const npk_value *value)
{
    const npki_met_value new = {.value = value};
    if (!npki_dynbuf_add(&numbers->at, &new, sizeof new))
        return NULL;
    *cell = (uint32_t)npki_met_count(numbers);
    return npki_met_at(numbers, *cell);
}
