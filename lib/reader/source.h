/* Where the bytes come from: memory, a file, or a function that is asked for more. */
#ifndef NPKI_READER_SOURCE_H
#define NPKI_READER_SOURCE_H

#include "base/file.h"

#include <npickle/reader.h>

#include <stdatomic.h>

/* A piece of input. Documents borrow from it: it goes when the last of them and the source have let go. */
typedef struct npki_chunk {
    atomic_size_t users;
    npk_allocator allocator;
    npki_input input; /* its bytes, where they are a file's */
    uint8_t *bytes;   /* or its own */
    size_t room;
} npki_chunk;

typedef struct npki_source {
    npk_allocator allocator;
    const uint8_t *at, *end; /* what is at hand */
    uint64_t offset;         /* of `at` in the input */
    npki_chunk *chunk;       /* that `at` lies in; NULL: the caller's memory */
    npk_read_function *read; /* NULL: nothing more will come */
    void *context;
    int fd; /* of npk_reader_fd */
    bool ended;
} npki_source;

/* More bytes at hand, `needed` in all if the input has them. False: it has not, and source->ended; or *status is not
 * NPK_OK. What was at hand may have moved; older chunks stay where they are. Grows by what has come, never by what
 * is claimed. */
bool npki_source_more(npki_source *source, size_t needed, npk_status *status, npk_error *error);

/* The next so many bytes, which are at hand, have been read. */
static inline void npki_source_pass(npki_source *source, size_t bytes)
{
    source->at += bytes;
    source->offset += bytes;
}

npki_chunk *npki_chunk_new(const npk_allocator *allocator, size_t room);
npki_chunk *npki_chunk_keep(npki_chunk *chunk); /* NULL is good */
void npki_chunk_release(npki_chunk *chunk);     /* NULL is good */

#endif
