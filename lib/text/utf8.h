/* UTF-8 by blocks: what there is of the check for each level of the machine. */
#ifndef NPKI_TEXT_UTF8_H
#define NPKI_TEXT_UTF8_H

#include "text/blocks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From `from` on, where a character begins and behind which at least three bytes lie; whole blocks. Returns where a
 * character begins up to which nothing is wrong. */
typedef size_t npki_utf8_blocks(const uint8_t *bytes, size_t from, size_t size);

/* By the width of their blocks. */
npki_utf8_blocks npki_utf8_blocks_16, npki_utf8_blocks_32, npki_utf8_blocks_64;

/* Whether nothing is wrong with a text of up to NPKI_UTF8_SHORT bytes, all of it. */
#define NPKI_UTF8_SHORT ((size_t)61) /* the zeros behind it tell that its last character is whole */
typedef bool npki_utf8_short(const uint8_t *bytes, size_t size);
npki_utf8_short npki_utf8_short_64;

#endif
