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

/* Adds the cells of a region, all of them empty. */
static bool add_region(npki_met_values *numbers, size_t region)
{
    bool added;
    uint8_t *cells = npki_dynbuf_room(&numbers->cells, REGION);
    uint64_t *index = cells == NULL ? NULL : npki_map_put(&numbers->regions, region, &added);
    if (index == NULL)
        return false;
    memset(cells, 0, REGION);
    numbers->cells.size += REGION;
    *index = numbers->cells.size / REGION;
    return true;
}

uint32_t *npki_met_look_up(npki_met_values *numbers, size_t region, size_t within, bool add)
{
    const uint64_t *index = npki_map_get(&numbers->regions, region);
    if (index == NULL && add && add_region(numbers, region))
        index = npki_map_get(&numbers->regions, region);
    if (index == NULL)
        return NULL;
    numbers->recent[region % NPKI_MET_RECENT].region = region;
    numbers->recent[region % NPKI_MET_RECENT].index = (size_t)*index;
    return (uint32_t *)(void *)numbers->cells.bytes + ((size_t)*index - 1) * NPKI_MET_CELLS + within;
}

npki_met_value *npki_met_add(npki_met_values *numbers, uint32_t *cell, const npk_value *value)
{
    const npki_met_value new = {.value = value};
    if (!npki_dynbuf_add(&numbers->at, &new, sizeof new))
        return NULL;
    *cell = (uint32_t)npki_met_count(numbers);
    return npki_met_at(numbers, *cell);
}
