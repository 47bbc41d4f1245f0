/* The dialects in which a pickle may have been written, the likeliest first. */
#ifndef NPKI_COMPARE_CANDIDATE_H
#define NPKI_COMPARE_CANDIDATE_H

#include "writer/python/dialect.h"

#include <npickle/reader.h>

#define NPKI_CANDIDATES_MOST 32

/* What the order of the candidates depends on, and at which of two protocols one can write other bytes than all before it: worked out
 * once, for there are many small pickles. */
typedef struct npki_candidates {
    const npk_dialect *likely; /* come first; then a dialect for each Python */
    size_t count;
    int protocol;                           /* the first of the two */
    unsigned holds;                         /* what there is in the pickle that some write in another way: bits */
    uint32_t ways[2][NPKI_CANDIDATES_MOST]; /* two with the same number write the same; 0: it has not that protocol */
    bool is_new[2][NPKI_CANDIDATES_MOST];
} npki_candidates;

/* Those for this protocol, and the next if that is the last. */
npki_candidates npki_candidates_of(const npk_doc *doc, int protocol, int last, const npk_allocator *allocator);

/* False: there are no more. */
bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out);

/* Whether at this protocol it can write other bytes of a graph than all candidates before it. */
bool npki_candidate_is_new(const npki_candidates *candidates, size_t index, int protocol);

/* The rows of npki_pythons that write a graph as a dialect does, a bit for each. */
uint64_t npki_rows_like(const npki_candidates *candidates, npk_dialect dialect, int protocol);

/* Those that give the same values a number, at this protocol. */
uint64_t npki_rows_numbering_like(const npki_python_row *row, int protocol);

#endif
