/* The dialects in which a pickle may have been written, the likeliest first. */
#ifndef NPKI_CHECK_CANDIDATE_H
#define NPKI_CHECK_CANDIDATE_H

#include "check/release.h"

#include <npickle/reader.h>

#define NPKI_CANDIDATES_LIKELY 2
#define NPKI_PYTHONS_MOST 64    /* rows of npki_pythons, of which sets are bits */
#define NPKI_CANDIDATES_MOST 40 /* writings: each at two protocols */

/* A writing: its protocol and what its Python has in all columns, and which of them it went by as far as it went.
 * Another Python that has the same there writes the same bytes. */
typedef struct npki_tried {
    uint64_t way, mask;
} npki_tried;

typedef struct npki_candidates {
    const npk_dialect *likely; /* come first; then a dialect for each Python */
    bool exact;                /* the names are the dialect's: each is a release that has those of the pickle ... */
    bool fits[NPKI_CANDIDATES_LIKELY];
    npki_releases releases;
    npk_dialect pythons[NPKI_PYTHONS_MOST]; /* ... by the row of npki_pythons; 0: none */
    npk_dialect bare[NPKI_PYTHONS_MOST];    /* the same without a NumPy */
    /* below protocol 4 a class inside another, which is a call of getattr that numbers as nothing else does */
    bool nested;
    bool bare_name; /* a class or function without a number */
    unsigned holds; /* what there is in the pickle that some write in another way: bits */
    npki_tried tried[NPKI_CANDIDATES_MOST];
    size_t tried_count;
} npki_candidates;

/* Those for this protocol and, if it is 0, the next. */
void npki_candidates_of(const npk_doc *doc, int protocol, const npk_allocator *allocator, npki_candidates *out);

/* The same, as releases. Errors: those of npki_releases_of. */
npk_status npki_candidates_exact(const npk_doc *doc, const npk_allocator *allocator, npki_candidates *out,
                                 npk_error *error);

/* Exact ones get the last NumPy of a major version; 0: none of its names is in the pickle. */
void npki_candidates_with_numpy(npki_candidates *candidates, npki_release major);

/* False: there are no more. */
bool npki_candidate_at(const npki_candidates *candidates, size_t index, npk_dialect *out);

/* Whether the one there has the names of the pickle, if it is to have them. */
bool npki_candidate_fits(const npki_candidates *candidates, size_t index);

/* Whether a dialect can write other bytes of a graph than all that were tried; so can the first. */
bool npki_candidate_is_new(const npki_candidates *candidates, npk_dialect dialect, int protocol);

/* It was written; came_to: npk_writer.came_to of that. */
void npki_candidate_tried(npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to);

/* The rows of npki_pythons that write what such a writing wrote, a bit for each. */
uint64_t npki_rows_like(const npki_candidates *candidates, npk_dialect dialect, int protocol, unsigned came_to);

/* Those that give the same values a number, at this protocol. */
uint64_t npki_rows_numbering_like(const npki_python_row *row, int protocol, unsigned came_to);

#endif
