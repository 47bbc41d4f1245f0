/* The dialects in which a pickle may have been written, the likeliest first. */
#ifndef NPKI_COMPARE_CANDIDATE_H
#define NPKI_COMPARE_CANDIDATE_H

#include "writer/python/dialect.h"

#include <npickle/reader.h>

/* What the order of the candidates depends on. */
typedef struct npki_candidates {
    const npk_dialect *likely; /* come first; then a dialect for each Python */
} npki_candidates;

npki_candidates npki_candidates_of(const npk_doc *doc);

/* False: there are no more. */
bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out);

/* Whether at this protocol it can write other bytes of a graph than all candidates before it. */
bool npki_candidate_is_new(const npki_candidates *candidates, size_t index, int protocol);

/* The rows of npki_pythons that write a graph as a dialect does, a bit for each. */
uint64_t npki_rows_like(npk_dialect dialect, int protocol);

/* Those that give the same values a number. */
uint64_t npki_rows_numbering_like(const npki_python_row *row);

#endif
