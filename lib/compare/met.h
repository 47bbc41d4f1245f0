/* The values of one of two graphs that were met, each with a small number, and what is known of it. */
#ifndef NPKI_COMPARE_MET_H
#define NPKI_COMPARE_MET_H

#include "base/dynbuf.h"
#include "base/map.h"
#include "value/value.h"

typedef struct npki_met_value {
    const npk_value *value;
    /* the number of the value of the other graph that it was compared with first; 0: it was not compared */
    uint32_t partner;
    uint32_t met;     /* how a timeline met it */
    uint32_t last;    /* 1 + the index of its last moment, or 0 */
    /* one number for it and those that it was compared with on the walk from the roots; 0: it was not */
    uint32_t alike;
} npki_met_value;

#define NPKI_NO_PARTNER UINT32_MAX /* it was compared, but as no part of a pair */

/* Values are made one after another, and met about in that order: so what is known of neighbours lies together, and a
 * hash finds only the region in which a value lies. The cells of a region are one for each place where a value may
 * begin, of which none is nearer to another. */
#define NPKI_MET_CELL ((size_t)16)
#define NPKI_MET_CELLS ((size_t)128)
#define NPKI_MET_RECENT 32 /* of a small graph there are no others */

_Static_assert(sizeof(npk_value) >= NPKI_MET_CELL, "two values have two cells");

typedef struct npki_met_values {
    npki_dynbuf at;    /* npki_met_value */
    npki_dynbuf cells; /* uint32_t, NPKI_MET_CELLS of each region: numbers, from 1 on; 0: there is none */
    /* the number of a region -> 1 + its index among the cells, of those that are not recent any more */
    npki_map regions;
    struct {
        size_t region, index; /* 1 + its index, or 0 */
        bool mapped;
    } recent[NPKI_MET_RECENT];
} npki_met_values;

/* The most bytes of so many as 32 bits count, of this size. */
static inline size_t npki_met_most(size_t size)
{
    const uint64_t most = (uint64_t)(UINT32_MAX - 1) * size;
    return most < SIZE_MAX / 2 ? (size_t)most : SIZE_MAX / 2;
}

void npki_met_init(npki_met_values *numbers, const npk_allocator *allocator);
void npki_met_free(npki_met_values *numbers);

static inline size_t npki_met_count(const npki_met_values *numbers)
{
    return numbers->at.size / sizeof(npki_met_value);
}

static inline npki_met_value *npki_met_at(const npki_met_values *numbers, size_t number)
{
    return (npki_met_value *)(void *)numbers->at.bytes + number - 1;
}

/* From 1 on. */
static inline size_t npki_met_of(const npki_met_values *numbers, const npki_met_value *one)
{
    return (size_t)(one - (const npki_met_value *)(const void *)numbers->at.bytes) + 1;
}

/* The cell of a value, where its region is not one of the recent ones. `add`: where there is none it gets one. NULL:
 * there is none, or no memory. */
uint32_t *npki_met_look_up(npki_met_values *numbers, size_t region, size_t within, bool add);
npki_met_value *npki_met_add(npki_met_values *numbers, uint32_t *cell, const npk_value *value);

static inline uint32_t *npki_met_cell(npki_met_values *numbers, const npk_value *self, bool add)
{
    const size_t place = (size_t)(uintptr_t)self / NPKI_MET_CELL, region = place / NPKI_MET_CELLS,
                 within = place % NPKI_MET_CELLS, recent = region % NPKI_MET_RECENT;
    if (numbers->recent[recent].index == 0 || numbers->recent[recent].region != region)
        return npki_met_look_up(numbers, region, within, add);
    return (uint32_t *)(void *)numbers->cells.bytes + (numbers->recent[recent].index - 1) * NPKI_MET_CELLS + within;
}

/* What is known of a value, or of its copy that has events. Valid until the next npki_met_put. NULL: it was not met;
 * and without memory. */
static inline npki_met_value *npki_met_find(npki_met_values *numbers, const npk_value *value)
{
    const uint32_t *cell = npki_met_cell(numbers, npki_self_of(value), false);
    return cell == NULL || *cell == 0 ? NULL : npki_met_at(numbers, *cell);
}

static inline npki_met_value *npki_met_put(npki_met_values *numbers, const npk_value *value)
{
    const npk_value *self = npki_self_of(value);
    uint32_t *cell = npki_met_cell(numbers, self, true);
    if (cell != NULL && *cell != 0)
        return npki_met_at(numbers, *cell);
    return cell == NULL ? NULL : npki_met_add(numbers, cell, self);
}

#endif
