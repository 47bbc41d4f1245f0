/* Who may have written a pickle: it is written in one dialect after another, and compared. */
#ifndef NPKI_CHECK_SEARCH_H
#define NPKI_CHECK_SEARCH_H

#include "check/candidate.h"
#include "check/part.h"

#include "writer/core/writer.h"

#include <npickle/check.h>

/* The pickle in one dialect. */
typedef struct npki_attempt {
    bool made;
    npk_dialect dialect;
    int protocol;
    bool identical;
    npki_parting parting;
    unsigned came_to;  /* of its writer */
    bool all_numbered; /* it met nothing that could have a number and got none */
} npki_attempt;

/* How far it got. */
typedef struct npki_search {
    const npk_doc *doc;
    const uint8_t *bytes;
    size_t size;
    npk_allocator allocator;
    npk_read_options reading;
    bool strict;       /* with the names of the dialect ... */
    bool numbered;     /* ... and its numbers in the memo */
    uint64_t worth;    /* of the document, once a writer had to know it */
    npki_candidates candidates;
    uint64_t pythons;  /* rows that write the same bytes */
    npki_attempt best;     /* the first that is identical, else the one that agrees longest, if any was made */
    npk_error refused; /* why the first that has the protocol could not write it; else why the last has not */
    npk_writer *writer;  /* of all attempts, one after another; NULL before the first */
    npki_dynbuf written; /* by the best of them, where that was written whole */
} npki_search;

/* For the pickle that a document was read from; nothing is tried yet. Allocators must live as long as it. */
void npki_search_start(npki_search *s, const npk_doc *doc, const void *bytes, size_t size,
                       const npk_allocator *allocator);
void npki_search_end(npki_search *s);

/* Tries all that the options leave open. *out, where it is not NULL, gets the dialect and protocol that come first.
 * Errors: NPK_ERR_MEMORY. */
npk_status npki_search_all(npki_search *s, const npk_check_options *options, npk_check_result *out, npk_error *error);

/* s->writer becomes one for the document, that writes what was read, or (strict) what the pickler would have written.
 * Errors: those of npk_writer_memory. */
npk_status npki_search_write(npki_search *s, npk_dialect dialect, int protocol, npk_error *error);

#endif
