/* The values of one of two graphs that were met, each with a small number, and what is known of it. */
#ifndef NPKI_COMPARE_MET_H
#define NPKI_COMPARE_MET_H

#include "base/dynbuf.h"
#include "value/value.h"

typedef struct npki_met_value {
    const npk_value *value;
    uint32_t partner; /* the number of the value of the other graph that it was compared with first; 0: it was not compared */
    uint32_t met;     /* how a timeline met it */
    uint32_t last;    /* 1 + the index of its last moment, or 0 */
} npki_met_value;

#define NPKI_NO_PARTNER UINT32_MAX /* it was compared, but as no part of a pair */

typedef struct npki_met_values {
    npki_dynbuf at;  /* npki_met_value */
    uint32_t *slots; /* numbers, from 1 on, by a hash of the address; 0: there is none */
    size_t room;     /* a power of two, or 0 */
    uint64_t seed;
} npki_met_values;

/* The most bytes of so many as 32 bits count, of this size. */
static inline size_t npki_met_most(size_t size)
{
    const uint64_t most = (uint64_t)(UINT32_MAX - 1) * size;
    return most < SIZE_MAX / 2 ? (size_t)most : SIZE_MAX / 2;
}

void npki_met_init(npki_met_values *numbers, const npk_allocator *allocator);
void npki_met_free(npki_met_values *numbers);

/* What is known of a value, or of its copy that has events. Valid until the next npki_met_put. NULL: it was not met; and without memory. */
npki_met_value *npki_met_find(const npki_met_values *numbers, const npk_value *value);
npki_met_value *npki_met_put(npki_met_values *numbers, const npk_value *value);

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

#endif
