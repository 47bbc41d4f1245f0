/* What bytes are that are no pickle. */
#ifndef NPKI_READER_SNIFF_H
#define NPKI_READER_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NPKI_SNIFFED ((size_t)96) /* first bytes of an input that are looked at, at most */

/* "a gzip file", by the first bytes of an input; NULL where they say nothing. *more: one more byte may change
 * that. */
const char *npki_sniff(const uint8_t *bytes, size_t size, bool *more);

#endif
