/* An array's elements on their way out of an input straight to where they shall be, decoded as they come. What was read
 * can be read once more, so whoever finds something else than the elements that were expected leaves the whole input to
 * the plain way, which judges it. */
#ifndef NPKI_READER_INCOMING_H
#define NPKI_READER_INCOMING_H

#include "text/encoding.h"

#include <npickle/opcode.h>
#include <npickle/source.h>

#define NPKI_INCOMING_HEAD ((size_t)8 << 10)    /* what stands before the elements is to fit here, */
#define NPKI_INCOMING_CHUNK ((size_t)128 << 10) /* and what stands behind them here */
#define NPKI_INCOMING_STAGE ((size_t)4 << 10)

/* Where `size` of the `nbytes` bytes of the elements are to be, with those that are there already; NULL: nowhere. The
 * array says of them what is known: no dtype where that follows them, and then no shape. */
typedef uint8_t *npki_place_function(void *context, const npk_array *array, uint64_t nbytes, uint64_t size);

typedef struct npki_incoming {
    npk_allocator allocator;
    npk_read_function *read;
    void *context;
    npki_place_function *place;
    void *place_context;
    bool rereads; /* whoever gives it up begins anew by himself: npki_incoming_again is not called */

    /* What came. */
    bool ended, failed;
    int system;
    size_t head_size, head_used; /* used: what stands before the elements, once they were begun; 0 before that */
    size_t from, held;           /* of the chunk: what was read and is not used yet */

    /* The elements. */
    npk_encoding encoding;
    char quote;         /* of a line */
    unsigned spellings; /* a bit for each of npki_escapes: may have been the writer's */
    uint8_t *to;
    uint64_t nbytes, given, taken; /* bytes of them: all, decoded so far, and what these were in the input */
    bool whole;                    /* all are there, and the input has ended */
    const uint8_t *tail;           /* then: what stands behind them */
    size_t tail_size;

    /* What was read once more. */
    size_t again_head, stage_at, stage_size;
    uint64_t again;

    uint8_t head[NPKI_INCOMING_HEAD], stage[NPKI_INCOMING_STAGE], chunk[NPKI_INCOMING_CHUNK];
} npki_incoming;

/* NULL without memory. */
npki_incoming *npki_incoming_new(const npk_allocator *allocator, npk_read_function *read, void *context);
void npki_incoming_free(npki_incoming *incoming);

/* Reads the head. False where the input is no longer than that: there is nothing to gain. */
bool npki_incoming_begin(npki_incoming *incoming);

/* The elements are the argument of the opcode at `at` in the head. UINT64_MAX for `nbytes`: as many as there are. True:
 * they are all there, and so is the tail. */
bool npki_incoming_take(npki_incoming *incoming, const uint8_t *at, const npk_opcode *row, const npk_array *array,
                        uint64_t nbytes);

/* An npk_read_function, whose context is an npki_incoming: all of the input from its start, as it came. The elements
 * stay where they are until then. */
int64_t npki_incoming_again(void *context, void *out, size_t size, int *system);

#endif
