/* LATIN1_UTF8 by blocks: what there is of it for each level of the machine. */
#ifndef NPKI_TEXT_LATIN1_UTF8_H
#define NPKI_TEXT_LATIN1_UTF8_H

#include "text/blocks.h"
#include "text/encodings.h"

/* Each takes whole blocks from the beginning and leaves the rest: what is less than one, and from a block on in which
 * something is wrong. */
typedef struct npki_latin1_utf8 {
    /* Returns how many bytes have nothing wrong with them; *leads of them are leads, perhaps the last one. */
    size_t (*measure)(const uint8_t *bytes, size_t size, uint64_t *leads);

    /* Returns how many plain bytes were looked at; *high of them take two. */
    size_t (*count)(const uint8_t *bytes, size_t size, uint64_t *high);

    void (*decode)(npki_stream *stream); /* never stops between a lead and its byte */
    void (*encode)(npki_stream *stream);

    /* Plain bytes that `encode` takes at once. 0: here blocks are left that have more than ASCII, in which nothing is
     * wrong. */
    size_t block;
} npki_latin1_utf8;

/* By the width of their blocks. */
extern const npki_latin1_utf8 npki_latin1_utf8_16, npki_latin1_utf8_32, npki_latin1_utf8_64;

#endif
