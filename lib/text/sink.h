/* Text in the making, on its way to a function that takes bytes, to memory that grows, or to a caller's buffer.
 *
 * The end of it stays in a buffer, where the last lines can still be laid out anew. Once something fails all calls do
 * nothing, so that only the end has to be looked at. */
#ifndef NPKI_TEXT_SINK_H
#define NPKI_TEXT_SINK_H

#include "base/allocator.h"

#include <npickle/sink.h>

#include <string.h>

typedef struct npki_sink {
    npk_allocator allocator;
    npk_write_function *write; /* NULL: the text stays in the buffer */
    void *context;
    char *bytes;
    size_t size; /* bytes in the buffer */
    size_t room;
    bool fixed;          /* the buffer is the caller's: what does not fit is counted only */
    uint64_t added;      /* bytes, also those that were handed on, counted or taken back */
    uint64_t limit; /* bytes that may be added in all */
    uint64_t left;  /* bytes that may still be added */
    /* Asked once, when nothing is left: how many more there may be. NULL: none. */
    uint64_t (*allow)(const void *what, const npk_allocator *allocator);
    const void *what;
    struct npki_kept *kept; /* text that may come again; NULL: none */
    npk_budget *budget; /* that all of it comes out of, once it is finished; NULL: none */
    unsigned held;     /* while it is not 0, nothing leaves the buffer */
    npk_status status; /* the first failure: NPK_ERR_LIMIT, NPK_ERR_MEMORY, NPK_ERR_IO or what npki_sink_fail says */
    int system;        /* the errno of an NPK_ERR_IO */
} npki_sink;

/* `write` NULL: into memory. The limit is what a hostile pickle, in which every list holds the next one twice, runs
 * into: all that is added counts, also what is taken back later. Ends with npki_sink_finish, or npki_sink_drop. */
void npki_sink_start(npki_sink *out, const npk_allocator *allocator, npk_write_function *write, void *context,
                     uint64_t limit);

/* Into `size` bytes at `text` (NULL and 0: nowhere), of which the last is a NUL. */
void npki_sink_start_fixed(npki_sink *out, char *text, size_t size);

/* To a function, through `size` bytes at `room`: no memory is needed, and what is added is never changed. */
void npki_sink_start_staged(npki_sink *out, char *room, size_t size, npk_write_function *write, void *context);

/* As npki_sink_bytes, for which it does what is not done at once. */
void npki_sink_add(npki_sink *out, const void *bytes, size_t size);

/* A hostile pickle is printed a byte or two at a time. A byte of the room stays free: for the NUL, or so that what is
 * full is seen to be. */
static inline void npki_sink_bytes(npki_sink *out, const void *bytes, size_t size)
{
    if (out->status != NPK_OK || size > out->left || size >= out->room - out->size || size == 0) {
        npki_sink_add(out, bytes, size);
        return;
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    out->added += size;
    out->left -= size;
}

static inline void npki_sink_text(npki_sink *out, const char *text)
{
    npki_sink_bytes(out, text, strlen(text));
}

static inline void npki_sink_char(npki_sink *out, char c)
{
    npki_sink_bytes(out, &c, 1);
}

void npki_sink_repeat(npki_sink *out, char c, size_t times);
void npki_sink_int(npki_sink *out, int64_t value);
void npki_sink_uint(npki_sink *out, uint64_t value);

/* Room for `size` bytes, which are then part of the text: the caller fills all of them. NULL after a failure. Not for
 * a fixed sink. */
char *npki_sink_room(npki_sink *out, uint64_t size);

/* Memory for the work at hand, not 0 bytes, which the caller frees with npki_free; NULL after a failure. `paid`: it
 * counts as text, because the pickle need not have as many bytes. */
typedef enum npki_sink_price { NPKI_SINK_FREE, NPKI_SINK_PAID } npki_sink_price;
void *npki_sink_allocate(npki_sink *out, size_t size, npki_sink_price price);

/* Counts work that adds no text. */
void npki_sink_charge(npki_sink *out, uint64_t bytes);

/* So much is still to come, or more: what can't be paid for fails at once, and not when all that could be was
 * written. */
void npki_sink_expect(npki_sink *out, uint64_t bytes);

/* Text that many things of a document have together, and is long, is printed once. The first adds what was kept for
 * `what`, an address that is a multiple of 8, and may not change while the sink is there; `how`, below 8, tells its
 * texts apart. False, and nothing was added: it is to be printed. The second keeps what was added since out->added was
 * `since`, if it is worth it; not of a caller's buffer. */
bool npki_sink_again(npki_sink *out, const void *what, unsigned how);
void npki_sink_keep(npki_sink *out, const void *what, unsigned how, uint64_t since);

/* Takes back all but the first `size` bytes of the buffer. */
void npki_sink_cut(npki_sink *out, size_t size);

/* Ends the line before the byte `at` of the buffer, and begins the next one, with `indent` blanks, there. Blanks before
 * it go. */
void npki_sink_break(npki_sink *out, size_t at, size_t indent);

/* Hands all but the end of the buffer on if it has grown large and is not held. */
void npki_sink_pass(npki_sink *out);

void npki_sink_fail(npki_sink *out, npk_status status);

/* Hands on what is left, frees the buffer, and returns the status. Of a fixed sink: ends the text with a NUL. */
npk_status npki_sink_finish(npki_sink *out);

/* Frees the buffer of a sink into memory. */
void npki_sink_drop(npki_sink *out);

/* Characters (not bytes) of UTF-8. */
size_t npki_sink_characters(const char *text, size_t size);

#endif
