/* RAW_UNICODE_ESCAPE and STRING_ESCAPE by blocks: what there is of them for each level of the machine. */
#ifndef NPKI_TEXT_ESCAPE_H
#define NPKI_TEXT_ESCAPE_H

#include "text/blocks.h"
#include "text/encodings.h"

#include <string.h>

/* For each byte a row: up to six bytes that spell it, zeros, and last how many count. A whole row is copied and then
 * only its length taken: there is no branch on the data. */
enum { NPKI_ESCAPE_ROW = 8, NPKI_ESCAPE_LENGTH = 7 };

typedef uint8_t npki_escape_row[NPKI_ESCAPE_ROW];

/* How one writer escapes, in rows and once more as blocks want to know it. */
typedef struct npki_escape_rule {
    const npki_escape_row *rows; /* 256 */

    /* By the lower half of a byte the one that is written as \uXXXX, or as two; something else where there is none. */
    uint8_t special[16];
    uint8_t also;     /* UNICODE: one more, as 0a and 1a have the same half */
    uint8_t name[16]; /* STRING: what stands behind the backslash of the special ones */
    uint8_t digits[16];
} npki_escape_rule;

/* Each takes whole blocks from the beginning and leaves the rest: what is less than one, and from a block on in which
 * there is anything that encoders of our time don't write, or that is wrong. None begins or stops between two
 * backslashes of a pair; only `measure` stops inside an escape, whose rest is as good as plain bytes to it. */
typedef struct npki_escape_blocks {
    /* Returns how many bytes have nothing wrong with them; escapes are *more longer than what they mean. */
    size_t (*measure)(const uint8_t *bytes, size_t size, uint64_t *more);
    void (*decode)(npki_stream *stream);

    /* Returns how many plain bytes were looked at; encoded they are *more longer. */
    size_t (*count)(const npki_escape_rule *rule, const uint8_t *bytes, size_t size, uint64_t *more);
    void (*encode)(const npki_escape_rule *rule, npki_stream *stream);
} npki_escape_blocks;

/* By the width of their blocks. */
extern const npki_escape_blocks npki_raw_unicode_escape_16, npki_raw_unicode_escape_32, npki_raw_unicode_escape_64;
extern const npki_escape_blocks npki_string_escape_16, npki_string_escape_32, npki_string_escape_64;

/* Eight bytes, in room for eight rows. */
static inline uint8_t *npki_escape_8(const npki_escape_row *rows, const uint8_t *in, uint8_t *out)
{
    for (int i = 0; i < 8; i++) {
        const uint8_t *row = rows[in[i]];
        memcpy(out, row, NPKI_ESCAPE_ROW);
        out += row[NPKI_ESCAPE_LENGTH];
    }
    return out;
}

#endif
