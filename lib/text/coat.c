#include "text/coats.h"

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
} coats[] = {
    [NPK_COAT_RAW] = {measure_raw, decode_raw, encode_raw, encoded_size_raw},
    [NPK_COAT_UTF8] = {npki_latin1_measure, npki_latin1_decode, npki_latin1_encode, npki_latin1_encoded_size},
    [NPK_COAT_UNICODE] = {npki_unicode_measure, npki_unicode_decode, npki_unicode_encode, npki_unicode_encoded_size},
    [NPK_COAT_REPR] = {npki_escaped_measure, npki_escaped_decode, npki_escaped_encode, npki_escaped_encoded_size},
};

size_t npki_coat_measure(npk_coat coat, const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    *decoded = 0;
    return size == 0 ? 0 : coats[coat].measure(bytes, size, decoded);
}

void npki_coat_decode(npk_coat coat, npki_stream *stream)
{
    coats[coat].decode(stream);
}

void npki_coat_encode(npk_coat coat, char quote, npki_stream *stream)
{
    coats[coat].encode(quote, stream);
}

uint64_t npki_coat_encoded_size(npk_coat coat, char quote, const uint8_t *bytes, size_t size)
{
    return size == 0 ? 0 : coats[coat].encoded_size(quote, bytes, size);
}

char npki_coat_quote(const uint8_t *bytes, size_t size)
{
    return size > 0 && memchr(bytes, '\'', size) != NULL && memchr(bytes, '"', size) == NULL ? '"' : '\'';
}
