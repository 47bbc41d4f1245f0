/* The memo: values by number. Dense while the numbers are, so that a number nobody counted up to costs no memory. */
#ifndef NPKI_READER_MEMO_H
#define NPKI_READER_MEMO_H

#include "base/map.h"
#include "value/value.h"

typedef struct npki_memo {
    npk_allocator allocator;
    npk_value **dense; /* numbers below `room`; NULL: not stored */
    size_t room;
    npki_map sparse;   /* the others */
    uint64_t count;    /* different numbers: what MEMOIZE goes by */
    uint64_t first;    /* the number stored first; UINT64_MAX before that */
    uint64_t past;     /* one more than the highest number stored */
    uint64_t before;   /* the same of earlier pickles, whose values are there still */
} npki_memo;

void npki_memo_init(npki_memo *memo, const npk_allocator *allocator);
bool npki_memo_put(npki_memo *memo, uint64_t number, npk_value *value); /* false without memory */
npk_value *npki_memo_get(const npki_memo *memo, uint64_t number);      /* NULL: never stored */
void npki_memo_free(npki_memo *memo);
void npki_memo_clear(npki_memo *memo); /* nothing is stored; its memory stays */
void npki_memo_go_on(npki_memo *memo); /* with another pickle: `first` and `past` are of that alone */

#endif
