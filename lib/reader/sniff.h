/* What bytes are that are no pickle. */
#ifndef NPKI_READER_SNIFF_H
#define NPKI_READER_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <npickle/status.h>

#define NPKI_SNIFFED ((size_t)96) /* first bytes of an input that are looked at, at most */

/* "a gzip file", by the first bytes of an input; NULL where they say nothing. *more: one more byte may change
 * that. */
const char *npki_sniff(const uint8_t *bytes, size_t size, bool *more);

/* Whether bytes of which a pickle can't be read look like text of another kind. `offset`, `status` and `opcode` (its
 * byte, or none): what is wrong with the pickle, from its start. */
bool npki_is_other_text(const uint8_t *bytes, size_t size, uint64_t offset, npk_status status, int opcode);

#endif
