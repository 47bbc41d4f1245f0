/* Pickles of one stream that share a memo: what one of them takes from those before it. */
#ifndef NPKI_READER_EARLIER_H
#define NPKI_READER_EARLIER_H

#include "base/map.h"
#include "value/value.h"

#include <npickle/reader.h>

/* A value that an earlier pickle stored under this number. */
typedef struct npki_earlier_value {
    npk_value *value;
    uint64_t number;
} npki_earlier_value;

/* While a pickle is read: the memo that it found, and what it took out of that. */
typedef struct npki_earlier {
    uint64_t numbers; /* earlier pickles stored something under numbers below this; 0: there were none */
    bool kept;        /* and what they stored is still there */
    uint64_t first;   /* the number under which they stored something first; UINT64_MAX: nothing */
    uint64_t next;    /* one more than the last, by which their pickler goes on unless its memo was cleared */
    npki_map own;     /* of those numbers, which this pickle gave to a value of its own */
    npki_map taken;   /* address of the value -> its number */
} npki_earlier;

void npki_earlier_init(npki_earlier *earlier, const npk_allocator *allocator);
void npki_earlier_free(npki_earlier *earlier);

/* At a PUT, and at a GET of `value`. False without memory. */
bool npki_earlier_put(npki_earlier *earlier, uint64_t number);
bool npki_earlier_get(npki_earlier *earlier, uint64_t number, const npk_value *value);

/* Whether the value came out of an earlier pickle by a GET of its own. */
bool npki_earlier_took(const npki_earlier *earlier, const npk_value *value);
static inline bool npki_earlier_has(const npki_earlier *earlier, const npk_value *value)
{
    return earlier->taken.count > 0 && npki_earlier_took(earlier, value);
}

/* Why there may be nothing under a number: an end for the message, or "". */
const char *npki_earlier_hint(const npki_earlier *earlier, uint64_t number);

/* What was taken, as a list in no order; NULL for none. False where the arena ends. */
bool npki_earlier_list(const npki_earlier *earlier, npki_arena *arena, npki_earlier_value **out, size_t *count);

#endif
