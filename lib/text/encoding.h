/* Encodings: bytes spelled as the text of an old pickle, and back.
 *
 * An encoding works on a stream: both directions take any number of bytes at a time and stop where either side is used
 * up, so an array of any size passes through a small buffer. Wire facts: CPython Objects/unicodeobject.c
 * (raw-unicode-escape), Modules/_pickle.c raw_unicode_escape(), Python 2 Objects/stringobject.c string_repr().
 */
#ifndef NPKI_TEXT_ENCODING_H
#define NPKI_TEXT_ENCODING_H

#include "text/unicode.h"

#include <npickle/array.h>

/* Checks a whole encoded payload and counts the bytes it spells. Returns the offset of the first byte that is wrong
 * (malformed, or a character beyond latin-1), or `size` where there is none; then *decoded is the count. RAW is
 * never wrong. */
size_t npki_encoding_measure(npk_encoding encoding, const uint8_t *bytes, size_t size, uint64_t *decoded);

typedef struct npki_stream {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
    bool paired; /* UNICODE: the byte at `in` is the second of two backslashes; kept from call to call */
} npki_stream;

/* Takes encoded bytes at `in` (measured before: nothing is wrong with them, and in_end is the end of the payload),
 * gives plain bytes. Returns when `out` is full or `in` empty; a character is never split. */
void npki_encoding_decode(npk_encoding encoding, npki_stream *stream);

/* A whole payload that nobody has measured, to the `count` bytes at `out`, in one pass. False, and anything may be at
 * `out`: something is wrong with it, or it spells more of them or fewer. RAW and LATIN1_UTF8 only, of which every piece
 * can be looked at without those behind it. */
bool npki_encoding_decode_whole(npk_encoding encoding, const uint8_t *bytes, size_t size, uint8_t *out, size_t count);

/* The other way: plain bytes in, encoded bytes out. Every plain byte takes at most NPKI_ENCODING_WIDEST bytes, and one
 * is only written where it fits whole. `quote`: for NPK_ENCODING_STRING_ESCAPE the quote character that must be
 * escaped, as npki_encoding_quote gives. */
#define NPKI_ENCODING_WIDEST 6
void npki_encoding_encode(npk_encoding encoding, char quote, npki_stream *stream);

/* How many bytes npki_encoding_encode will give for `size` plain bytes. */
uint64_t npki_encoding_encoded_size(npk_encoding encoding, char quote, const uint8_t *bytes, size_t size);

/* RAW_UNICODE_ESCAPE as this writer has it; npki_encoding_encode is NPKI_ESCAPES_NEW. All are decoded alike. */
void npki_encoding_escape(npki_escapes escapes, npki_stream *stream);
uint64_t npki_encoding_escaped_size(npki_escapes escapes, const uint8_t *bytes, size_t size);

/* The quote that repr() of Python 2 chooses for a str: '"' if it holds a ' and no ", else '\''. */
char npki_encoding_quote(const uint8_t *bytes, size_t size);

#endif
