/* The dialects in which a pickle may have been written, the likeliest first. */
#ifndef NPKI_COMPARE_CANDIDATE_H
#define NPKI_COMPARE_CANDIDATE_H

#include "writer/python/dialect.h"

#include <npickle/reader.h>

#define NPKI_CANDIDATES_MOST 40 /* writings: each at two protocols */

/* A writing: its protocol and what its Python has in all columns, and which of them it went by as far as it went. Another Python that has the
 * same there writes the same bytes. */
typedef struct npki_tried {
    uint64_t way, mask;
} npki_tried;

typedef struct npki_candidates {
    const npk_dialect *likely; /* come first; then a dialect for each Python */
    unsigned holds;            /* what there is in the pickle that some write in another way: bits */
    npki_tried tried[NPKI_CANDIDATES_MOST];
    size_t tried_count;
} npki_candidates;

/* Those for this protocol and, if it is 0, the next. */
void npki_candidates_of(const npk_doc *doc, int protocol, const npk_allocator *allocator, npki_candidates *out);

/* False: there are no more. */
bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out);

/* Whether the dialect there can write other bytes of a graph than all that were tried; so can the first. */
bool npki_candidate_is_new(const npki_candidates *candidates, size_t index, int protocol);

/* It was written; came_to: npk_writer.came_to of that. */
void npki_candidate_tried(npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to);

/* The rows of npki_pythons that write what such a writing wrote, a bit for each. */
uint64_t npki_rows_like(const npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to);

/* Those that give the same values a number, at this protocol. */
uint64_t npki_rows_numbering_like(const npki_python_row *row, int protocol, unsigned came_to);

#endif
