/* The encodings of encoding.h one by one; encoding.c chooses among them. Semantics as there. */
#ifndef NPKI_TEXT_ENCODINGS_H
#define NPKI_TEXT_ENCODINGS_H

#include "text/encoding.h"

#include "base/bytes.h"

/* UTF8: latin1.c */
size_t npki_latin1_utf8_measure(const uint8_t *bytes, size_t size, uint64_t *decoded);
void npki_latin1_utf8_decode(npki_stream *stream);
void npki_latin1_utf8_encode(char quote, npki_stream *stream);
uint64_t npki_latin1_utf8_encoded_size(char quote, const uint8_t *bytes, size_t size);

/* UNICODE and REPR: escape.c */
size_t npki_raw_unicode_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded);
void npki_raw_unicode_escape_decode(npki_stream *stream);
void npki_raw_unicode_escape_encode(char quote, npki_stream *stream);
uint64_t npki_raw_unicode_escape_encoded_size(char quote, const uint8_t *bytes, size_t size);
size_t npki_string_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded);
void npki_string_escape_decode(npki_stream *stream);
void npki_string_escape_encode(char quote, npki_stream *stream);
uint64_t npki_string_escape_encoded_size(char quote, const uint8_t *bytes, size_t size);

/* What hex digits count, and that they are some: NPKI_HEX_DIGIT. 0 for others. escape.c */
#define NPKI_HEX_DIGIT 0x10
extern const uint8_t npki_hex_values[256];

/* Eight bytes as a word, the first lowest: one load where that is how the machine keeps words. */
static inline uint64_t npki_load_word(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return npki_native_order() == '<' ? word : npki_load_le(p, sizeof word);
}

/* The same bit of every byte of a word. */
#define NPKI_EVERY(bit) (UINT64_C(0x0101010101010101) * (bit))

#endif
