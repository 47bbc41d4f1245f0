/* LATIN1_UTF8: every byte as the character of its number, in UTF-8. A byte below 0x80 is itself; the others are a lead,
 * C2 or C3, and a byte behind it, which is the plain byte but for bit 6: that is set where the lead is C3.
 *
 * The loops over single bytes are all that is needed. The loops over blocks of latin1_utf8_blocks.c go before them
 * where the machine has what they take, and leave to them what is left, or wrong.
 */
#include "text/latin1_utf8.h"

#include <string.h>

static bool is_lead(uint8_t byte)
{
    return (byte & 0xfe) == 0xc2;
}

/* --- nothing by blocks --- */

static size_t none(const uint8_t *bytes, size_t size, uint64_t *count)
{
    (void)bytes;
    (void)size;
    *count = 0;
    return 0;
}

static void nothing(npki_stream *s)
{
    (void)s;
}

static const npki_latin1_utf8 plain = {none, none, nothing, nothing, 0};

/* --- by words, where there is nothing better from the start --- */

static size_t count_words(const uint8_t *bytes, size_t size, uint64_t *high)
{
    size_t i = 0;
    *high = 0;
    for (; size - i >= 8; i += 8)
        *high += ((npki_load_word(bytes + i) & NPKI_EVERY(0x80)) >> 7) * NPKI_EVERY(1) >> 56;
    return i;
}

#ifndef NPKI_NEON

static size_t measure_words(const uint8_t *bytes, size_t size, uint64_t *leads)
{
    size_t i = 0;
    while (size - i >= 8 && (npki_load_word(bytes + i) & NPKI_EVERY(0x80)) == 0)
        i += 8;
    *leads = 0;
    return i;
}

/* Whole words of ASCII, in either direction. */
static void copy_words(npki_stream *s)
{
    while (s->in_end - s->in >= 8 && s->out_end - s->out >= 8 && (npki_load_word(s->in) & NPKI_EVERY(0x80)) == 0) {
        memcpy(s->out, s->in, 8);
        s->in += 8;
        s->out += 8;
    }
}

static const npki_latin1_utf8 words = {measure_words, count_words, copy_words, copy_words, 0};

#endif

static const npki_latin1_utf8 *const rows[NPKI_CPUS] = {[NPKI_CPU_PLAIN] = &plain,
                                                        NPKI_BLOCK_LEVELS(&words, &npki_latin1_utf8)};

static const npki_latin1_utf8 *blocks(void)
{
    return rows[npki_cpu_level()];
}

/* --- what is left is a block too, with zeros behind it, which are characters --- */

enum { REST = 64, SHORT = 6 }; /* that is less than all blocks are, and than is worth it */

/* All of it, or nothing. */
static size_t measure_rest(const uint8_t *bytes, size_t size, uint64_t *leads)
{
    uint8_t rest[REST] = {0};
    uint64_t more;
    if (blocks()->block == 0 || size < SHORT || size > REST || is_lead(bytes[size - 1]))
        return 0;
    memcpy(rest, bytes, size);
    if (blocks()->measure(rest, REST, &more) != REST)
        return 0;
    *leads += more;
    return size;
}

static size_t count_rest(const uint8_t *bytes, size_t size, uint64_t *high)
{
    uint8_t rest[REST] = {0};
    uint64_t more;
    if (blocks()->block == 0 || size < SHORT || size > REST)
        return 0;
    memcpy(rest, bytes, size);
    blocks()->count(rest, REST, &more);
    *high += more;
    return size;
}

/* So many bytes at s->in. False, and nothing done: there are too few, or too little room for them. */
static bool convert_rest(void (*convert)(npki_stream *stream), size_t size, npki_stream *s)
{
    uint8_t rest[REST] = {0}, out[3 * REST];
    if (blocks()->block == 0 || size < SHORT)
        return false;
    memcpy(rest, s->in, size);
    npki_stream block = {rest, rest + REST, out, out + sizeof out, false};
    convert(&block);
    if (block.in != rest + REST)
        return false;
    size_t made = (size_t)(block.out - out) - (REST - size);
    if (made > (size_t)(s->out_end - s->out))
        return false;
    memcpy(s->out, out, made);
    s->in += size;
    s->out += made;
    return true;
}

static size_t size_of_rest(const npki_stream *s)
{
    size_t size = (size_t)(s->in_end - s->in);
    return size < REST ? size : REST;
}

static void decode_rest(npki_stream *s)
{
    size_t size;
    do
        size = size_of_rest(s);
    while (size > 0 && convert_rest(blocks()->decode, size - is_lead(s->in[size - 1]), s));
}

/* Behind a block the rest is the end of one more, which begins within that: what both have is written twice, alike.
 * False, and nothing done, where less was encoded since `begin` than that takes, or there is too little room. */
static bool encode_again(const uint8_t *begin, npki_stream *s)
{
    const size_t size = (size_t)(s->in_end - s->in), block = blocks()->block;
    if (size < SHORT || size > block || (size_t)(s->in - begin) < block - size)
        return false;
    const size_t again = block - size;
    const uint8_t *from = s->in - again;
    uint64_t high;
    for (size_t i = count_words(from, again, &high); i < again; i++)
        high += from[i] >> 7;
    npki_stream whole = {from, s->in_end, s->out - again - high, s->out_end, false};
    blocks()->encode(&whole);
    if (whole.in != s->in_end)
        return false;
    s->in = whole.in;
    s->out = whole.out;
    return true;
}

static void encode_rest(const uint8_t *begin, npki_stream *s)
{
    if (s->in == s->in_end || encode_again(begin, s))
        return;
    while (convert_rest(blocks()->encode, size_of_rest(s), s))
        ;
}

/* --- by bytes --- */

size_t npki_latin1_utf8_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    uint64_t leads;
    size_t i = blocks()->measure(bytes, size, &leads);
    if (i > 0 && is_lead(bytes[i - 1])) {
        i--;
        leads--;
    }
    i += measure_rest(bytes + i, size - i, &leads);
    while (i < size) {
        bool two = bytes[i] >= 0x80;
        if (two && (!is_lead(bytes[i]) || size - i < 2 || (bytes[i + 1] & 0xc0) != 0x80))
            break;
        leads += two;
        i += two ? 2 : 1;
    }
    *decoded = i - leads;
    return i;
}

void npki_latin1_utf8_decode(npki_stream *s)
{
    blocks()->decode(s);
    decode_rest(s);
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    while (in < s->in_end && out < s->out_end) {
        bool two = is_lead(in[0]) && s->in_end - in >= 2;
        *out++ = (uint8_t)(two ? in[0] << 6 | (in[1] & 0x3f) : in[0]);
        in += two ? 2 : 1;
    }
    s->in = in;
    s->out = out;
}

void npki_latin1_utf8_encode(char quote, npki_stream *s)
{
    (void)quote;
    const uint8_t *begin = s->in;
    blocks()->encode(s);
    encode_rest(begin, s);
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    while (in < s->in_end && s->out_end - out >= 2) {
        uint8_t byte = *in++, high = byte >> 7;
        out[0] = high ? (uint8_t)(0xc0 | byte >> 6) : byte;
        out[1] = byte & 0xbf; /* written over where it does not count */
        out += 1 + high;
    }
    if (in < s->in_end && out < s->out_end && *in < 0x80)
        *out++ = *in++;
    s->in = in;
    s->out = out;
}

uint64_t npki_latin1_utf8_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    (void)quote;
    uint64_t high;
    size_t i = blocks()->count(bytes, size, &high);
    for (i += count_rest(bytes + i, size - i, &high); i < size; i++)
        high += bytes[i] >> 7;
    return size + high;
}
