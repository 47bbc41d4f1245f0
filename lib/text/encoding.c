#include "text/encodings.h"

#include <string.h>

static size_t measure_raw(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    (void)bytes;
    *decoded = size;
    return size;
}

static void decode_raw(npki_stream *s)
{
    size_t room = (size_t)(s->out_end - s->out), left = (size_t)(s->in_end - s->in);
    size_t size = left < room ? left : room;
    if (size == 0)
        return;
    memcpy(s->out, s->in, size);
    s->in += size;
    s->out += size;
}

static void encode_raw(char quote, npki_stream *s)
{
    (void)quote;
    decode_raw(s);
}

static uint64_t encoded_size_raw(char quote, const uint8_t *bytes, size_t size)
{
    (void)quote;
    (void)bytes;
    return size;
}

static const struct {
    size_t (*measure)(const uint8_t *bytes, size_t size, uint64_t *decoded);
    void (*decode)(npki_stream *stream);
    void (*encode)(char quote, npki_stream *stream);
    uint64_t (*encoded_size)(char quote, const uint8_t *bytes, size_t size);
} encodings[] = {
    [NPK_ENCODING_RAW] = {measure_raw, decode_raw, encode_raw, encoded_size_raw},
    [NPK_ENCODING_LATIN1_UTF8] = {npki_latin1_utf8_measure, npki_latin1_utf8_decode, npki_latin1_utf8_encode,
                                  npki_latin1_utf8_encoded_size},
    [NPK_ENCODING_RAW_UNICODE_ESCAPE] = {npki_raw_unicode_escape_measure, npki_raw_unicode_escape_decode,
                                         npki_raw_unicode_escape_encode, npki_raw_unicode_escape_encoded_size},
    [NPK_ENCODING_STRING_ESCAPE] = {npki_string_escape_measure, npki_string_escape_decode, npki_string_escape_encode,
                                    npki_string_escape_encoded_size},
};

size_t npki_encoding_measure(npk_encoding encoding, const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    *decoded = 0;
    return size == 0 ? 0 : encodings[encoding].measure(bytes, size, decoded);
}

void npki_encoding_decode(npk_encoding encoding, npki_stream *stream)
{
    encodings[encoding].decode(stream);
}

/* Bytes that are measured and then decoded, while they are near. A lead at the end waits for the next piece. */
enum { PIECE = 16 << 10 };

bool npki_encoding_decode_whole(npk_encoding encoding, const uint8_t *bytes, size_t size, uint8_t *out, size_t count)
{
    while (size > 0) {
        uint64_t made;
        const size_t piece = size < PIECE ? size : PIECE;
        const size_t good = npki_encoding_measure(encoding, bytes, piece, &made);
        if (good == 0 || good < piece - (piece < size) || made > count)
            return false;
        npki_stream stream = {bytes, bytes + good, out, out + made, false};
        if (made == good) /* each byte is itself */
            memcpy(out, bytes, good);
        else
            npki_encoding_decode(encoding, &stream);
        bytes += good;
        size -= good;
        out += made;
        count -= (size_t)made;
    }
    return count == 0;
}

void npki_encoding_encode(npk_encoding encoding, char quote, npki_stream *stream)
{
    encodings[encoding].encode(quote, stream);
}

uint64_t npki_encoding_encoded_size(npk_encoding encoding, char quote, const uint8_t *bytes, size_t size)
{
    return size == 0 ? 0 : encodings[encoding].encoded_size(quote, bytes, size);
}

char npki_encoding_quote(const uint8_t *bytes, size_t size)
{
    return size > 0 && memchr(bytes, '\'', size) != NULL && memchr(bytes, '"', size) == NULL ? '"' : '\'';
}
