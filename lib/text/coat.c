#include "text/coat.h"

#include "base/bytes.h"

#include <string.h>

/* --- what a byte becomes --- */

/* Rows of eight bytes: up to seven that spell the byte, zeros, and how many count. Whole rows are copied, then only the
 * length is kept: there is no branch on the data. */
enum { ROW = 8, LENGTH = 7 };

#define HEX(n) ((n) < 10 ? '0' + (n) : 'a' + (n)-10)

#define UTF8_ROW(c)                                                                                                    \
    {                                                                                                                  \
        (c) < 0x80 ? (c) : 0xc0 | (c) >> 6, (c) < 0x80 ? 0 : 0x80 | ((c)&0x3f), 0, 0, 0, 0, 0, (c) < 0x80 ? 1 : 2      \
    }

/* NUL, LF, CR, 0x1a and the backslash are \u00XX; the others stay: CPython since 3.7. */
#define UNICODE_PLAIN(c) ((c) != 0x00 && (c) != 0x0a && (c) != 0x0d && (c) != 0x1a && (c) != '\\')
#define UNICODE_ROW(c)                                                                                                 \
    {                                                                                                                  \
        UNICODE_PLAIN(c) ? (c) : '\\', UNICODE_PLAIN(c) ? 0 : 'u', UNICODE_PLAIN(c) ? 0 : '0',                         \
            UNICODE_PLAIN(c) ? 0 : '0', UNICODE_PLAIN(c) ? 0 : HEX((c) >> 4), UNICODE_PLAIN(c) ? 0 : HEX((c)&15), 0,   \
            UNICODE_PLAIN(c) ? 1 : 6                                                                                   \
    }

/* Python 2: string_repr(). */
#define REPR_LETTER(c, quote)                                                                                          \
    ((c) == '\t' ? 't' : (c) == '\n' ? 'n' : (c) == '\r' ? 'r' : (c) == '\\' || (c) == (quote) ? (c) : 0)
#define REPR_PLAIN(c, quote) ((c) >= 0x20 && (c) < 0x7f && REPR_LETTER(c, quote) == 0)
#define REPR_HEX(c, quote) (!REPR_PLAIN(c, quote) && REPR_LETTER(c, quote) == 0)
#define REPR_ROW(c, quote)                                                                                             \
    {                                                                                                                  \
        REPR_PLAIN(c, quote) ? (c) : '\\', REPR_HEX(c, quote) ? 'x' : REPR_LETTER(c, quote),                           \
            REPR_HEX(c, quote) ? HEX((c) >> 4) : 0, REPR_HEX(c, quote) ? HEX((c)&15) : 0, 0, 0, 0,                     \
            REPR_PLAIN(c, quote) ? 1                                                                                   \
            : REPR_HEX(c, quote) ? 4                                                                                   \
                                 : 2                                                                                   \
    }
#define REPR_SINGLE_ROW(c) REPR_ROW(c, '\'')
#define REPR_DOUBLE_ROW(c) REPR_ROW(c, '"')

#define ROWS_4(row, c) row(c), row((c) + 1), row((c) + 2), row((c) + 3)
#define ROWS_16(row, c) ROWS_4(row, c), ROWS_4(row, (c) + 4), ROWS_4(row, (c) + 8), ROWS_4(row, (c) + 12)
#define ROWS_64(row, c) ROWS_16(row, c), ROWS_16(row, (c) + 16), ROWS_16(row, (c) + 32), ROWS_16(row, (c) + 48)
#define ROWS(row)                                                                                                      \
    {                                                                                                                  \
        ROWS_64(row, 0), ROWS_64(row, 64), ROWS_64(row, 128), ROWS_64(row, 192)                                        \
    }

static const uint8_t utf8_rows[256][ROW] = ROWS(UTF8_ROW);
static const uint8_t unicode_rows[256][ROW] = ROWS(UNICODE_ROW);
static const uint8_t repr_single_rows[256][ROW] = ROWS(REPR_SINGLE_ROW);
static const uint8_t repr_double_rows[256][ROW] = ROWS(REPR_DOUBLE_ROW);

static inline uint64_t load_8(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
           (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* The eight bytes of a word, in room for eight rows. */
static inline uint8_t *put_8(const uint8_t rows[256][ROW], uint64_t word, uint8_t *out)
{
    for (int i = 0; i < 8; i++, word >>= 8) {
        const uint8_t *row = rows[word & 0xff];
        memcpy(out, row, ROW);
        out += row[LENGTH];
    }
    return out;
}

static void put_last(const uint8_t rows[256][ROW], npki_stream *s)
{
    while (s->in < s->in_end && s->out_end - s->out >= rows[*s->in][LENGTH]) {
        const uint8_t *row = rows[*s->in++];
        memcpy(s->out, row, row[LENGTH]);
        s->out += row[LENGTH];
    }
}

static void encode_rows(const uint8_t rows[256][ROW], npki_stream *s)
{
    const uint8_t *in = s->in, *in_end = s->in_end;
    uint8_t *out = s->out, *out_end = s->out_end;
    for (; in_end - in >= 8 && out_end - out >= 8 * ROW; in += 8)
        out = put_8(rows, load_8(in), out);
    s->in = in;
    s->out = out;
    put_last(rows, s);
}

static uint64_t count_rows(const uint8_t rows[256][ROW], const uint8_t *bytes, size_t size)
{
    uint64_t total = 0;
    for (size_t i = 0; i < size; i++)
        total += rows[bytes[i]][LENGTH];
    return total;
}

/* --- RAW --- */

static size_t measure_raw(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    (void)bytes;
    *decoded = size;
    return size;
}

static void copy_raw(npki_stream *s)
{
    size_t room = (size_t)(s->out_end - s->out), left = (size_t)(s->in_end - s->in);
    size_t size = left < room ? left : room;
    if (size > 0) {
        memcpy(s->out, s->in, size);
        s->in += size;
        s->out += size;
    }
}

/* --- UTF-8, eight bytes a step: what a byte is stands in bit 7 of its place in a word --- */

#define HIGH_BITS UINT64_C(0x8080808080808080)

static inline unsigned count_high(uint64_t high)
{
    return (unsigned)((high >> 7) * UINT64_C(0x0101010101010101) >> 56);
}

/* Right are ASCII, and C2 or C3 with one byte 80 to BF behind it. */
static size_t measure_utf8(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    size_t i = 0;
    uint64_t leads = 0, open = 0; /* open: the step before ended in a lead */
    for (; i + 8 <= size; i += 8) {
        uint64_t word = load_8(bytes + i), high = word & HIGH_BITS;
        if ((high | open) == 0)
            continue;
        uint64_t lead = high & word << 1, behind = lead << 8 | open;
        uint64_t beyond = lead & (word << 2 | word << 3 | word << 4 | word << 5 | ~(word << 6));
        if ((beyond | (behind ^ (high & ~lead))) != 0)
            break;
        leads += count_high(lead);
        open = lead >> 56;
    }
    if (open != 0) {
        i--;
        leads--;
    }
    while (i < size) {
        bool two = bytes[i] >= 0x80;
        if (two && ((bytes[i] & 0xfe) != 0xc2 || i + 1 == size || (bytes[i + 1] & 0xc0) != 0x80))
            break;
        leads += two;
        i += two ? 2 : 1;
    }
    *decoded = i - leads;
    return i;
}

/* A lead gives no byte of its own. The byte behind it is the character already, but for bit 6, which is set behind a
 * C3. */
static void decode_utf8(npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    uint64_t open = 0, sixth = 0;
    for (; s->in_end - in >= 8 && s->out_end - out >= 8; in += 8) {
        uint64_t word = load_8(in), lead = word & word << 1 & HIGH_BITS, odd = lead & word << 7;
        if (((word & HIGH_BITS) | open) == 0) {
            memcpy(out, in, 8);
            out += 8;
            continue;
        }
        word |= (odd << 8 | sixth) >> 1;
        open = lead >> 63;
        sixth = odd >> 56;
        lead = ~lead >> 7;
        for (int i = 0; i < 8; i++, word >>= 8, lead >>= 8) {
            *out = (uint8_t)word;
            out += lead & 1;
        }
    }
    in -= open;
    while (in < s->in_end && out < s->out_end) {
        bool two = in[0] >= 0x80 && s->in_end - in >= 2;
        *out++ = two ? (uint8_t)(in[0] << 6 | (in[1] & 0x3f)) : in[0];
        in += two ? 2 : 1;
    }
    s->in = in;
    s->out = out;
}

static void encode_utf8(npki_stream *s)
{
    const uint8_t *in = s->in, *in_end = s->in_end;
    uint8_t *out = s->out, *out_end = s->out_end;
    for (; in_end - in >= 8 && out_end - out >= 8 * ROW; in += 8) {
        uint64_t word = load_8(in);
        if ((word & HIGH_BITS) != 0) {
            out = put_8(utf8_rows, word, out);
        } else {
            memcpy(out, in, 8);
            out += 8;
        }
    }
    s->in = in;
    s->out = out;
    put_last(utf8_rows, s);
}

static uint64_t count_utf8(const uint8_t *bytes, size_t size)
{
    uint64_t high = 0;
    size_t i = 0;
    for (; i + 8 <= size; i += 8)
        high += count_high(load_8(bytes + i) & HIGH_BITS);
    for (; i < size; i++)
        high += bytes[i] >> 7;
    return size + high;
}

/* --- escapes --- */

#define DIGIT 0x10
static const uint8_t hex_values[256] = {
    ['0'] = DIGIT,      ['1'] = DIGIT | 1,  ['2'] = DIGIT | 2,  ['3'] = DIGIT | 3,  ['4'] = DIGIT | 4,
    ['5'] = DIGIT | 5,  ['6'] = DIGIT | 6,  ['7'] = DIGIT | 7,  ['8'] = DIGIT | 8,  ['9'] = DIGIT | 9,
    ['a'] = DIGIT | 10, ['b'] = DIGIT | 11, ['c'] = DIGIT | 12, ['d'] = DIGIT | 13, ['e'] = DIGIT | 14,
    ['f'] = DIGIT | 15, ['A'] = DIGIT | 10, ['B'] = DIGIT | 11, ['C'] = DIGIT | 12, ['D'] = DIGIT | 13,
    ['E'] = DIGIT | 14, ['F'] = DIGIT | 15,
};

#define WRONG UINT32_MAX

/* `count` hex digits at `in`; WRONG where they are none or the text ends. */
static uint32_t hex(const uint8_t *in, const uint8_t *end, int count)
{
    uint32_t value = 0;
    uint8_t all = DIGIT;
    if (end - in < count)
        return WRONG;
    for (int i = 0; i < count; i++) {
        uint8_t digit = hex_values[in[i]];
        all &= digit;
        value = value << 4 | (digit & 15);
    }
    return all == DIGIT ? value : WRONG;
}

/* --- raw-unicode-escape --- */

/* What starts at the backslash `in`: how many bytes an escape takes, and its character; 0 where it is malformed or
 * beyond latin-1. 1 for a backslash that starts no escape: then what follows it starts none either. */
static size_t unicode_escape(const uint8_t *in, const uint8_t *end, uint8_t *character)
{
    int digits = end - in < 2 ? 0 : in[1] == 'u' ? 4 : in[1] == 'U' ? 8 : 0;
    *character = '\\';
    if (digits == 0)
        return 1;
    uint32_t value = hex(in + 2, end, digits);
    if (value > 0xff)
        return 0;
    *character = (uint8_t)value;
    return 2 + (size_t)digits;
}

static size_t measure_unicode(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    const uint8_t *in = bytes, *end = bytes + size;
    uint64_t saved = 0;
    uint8_t character;
    while (in < end) {
        if (*in != '\\') {
            in = memchr(in, '\\', (size_t)(end - in));
            if (in == NULL)
                in = end;
            continue;
        }
        size_t taken = unicode_escape(in, end, &character);
        if (taken == 0)
            break;
        saved += taken - 1;
        in += taken > 1 ? taken : end - in < 2 ? 1 : 2;
    }
    *decoded = (uint64_t)(in - bytes) - saved;
    return (size_t)(in - bytes);
}

static void decode_unicode(npki_stream *s)
{
    while (s->in < s->in_end && s->out < s->out_end) {
        size_t taken = 1;
        uint8_t character = *s->in;
        if (s->paired || character == '\\') {
            taken = s->paired ? 1 : unicode_escape(s->in, s->in_end, &character);
            s->paired = !s->paired && taken == 1;
            s->in += taken > 0 ? taken : 1;
            *s->out++ = character;
            continue;
        }
        size_t room = (size_t)(s->out_end - s->out), left = (size_t)(s->in_end - s->in);
        size_t reach = left < room ? left : room;
        const uint8_t *backslash = memchr(s->in, '\\', reach);
        size_t run = backslash != NULL ? (size_t)(backslash - s->in) : reach;
        memcpy(s->out, s->in, run);
        s->in += run;
        s->out += run;
    }
}

/* --- repr of Python 2 --- */

/* The escapes of a letter; 0 for other bytes. */
static const uint8_t repr_meanings[256] = {
    ['\\'] = '\\', ['\''] = '\'', ['"'] = '"',  ['a'] = '\a', ['b'] = '\b',
    ['f'] = '\f',  ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t', ['v'] = '\v',
};

/* What starts at the backslash `in`: how many bytes it takes and whether it gives one, for a newline gives none. 0:
 * it is malformed. 1 for a backslash that starts no escape and stands for itself, as what follows does. Python 2:
 * PyString_DecodeEscape(). */
static size_t repr_escape(const uint8_t *in, const uint8_t *end, uint8_t *byte, bool *given)
{
    *given = true;
    *byte = '\\';
    if (end - in < 2)
        return 0;
    if (in[1] == 'x') {
        uint32_t value = hex(in + 2, end, 2);
        *byte = (uint8_t)value;
        return value == WRONG ? 0 : 4;
    }
    if (repr_meanings[in[1]] != 0) {
        *byte = repr_meanings[in[1]];
        return 2;
    }
    if (in[1] == '\n') {
        *given = false;
        return 2;
    }
    size_t taken = 1;
    unsigned octal = 0;
    while (taken < 4 && in + taken < end && in[taken] >= '0' && in[taken] <= '7')
        octal = octal << 3 | (unsigned)(in[taken++] - '0');
    if (taken > 1)
        *byte = (uint8_t)octal;
    return taken;
}

static size_t measure_repr(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    const uint8_t *in = bytes, *end = bytes + size;
    uint64_t count = 0;
    while (in < end) {
        size_t taken = 1;
        uint8_t byte;
        bool given = true;
        if (*in == '\\' && (taken = repr_escape(in, end, &byte, &given)) == 0)
            break;
        count += given;
        in += taken;
    }
    *decoded = count;
    return (size_t)(in - bytes);
}

static void decode_repr(npki_stream *s)
{
    const uint8_t *in = s->in, *in_end = s->in_end;
    uint8_t *out = s->out;
    while (in < in_end) {
        size_t taken = 1;
        uint8_t byte = *in;
        bool given = true;
        if (byte == '\\')
            taken = repr_escape(in, in_end, &byte, &given);
        if (given) {
            if (out == s->out_end)
                break;
            *out++ = byte;
        }
        in += taken > 0 ? taken : 1;
    }
    s->in = in;
    s->out = out;
}

/* --- by coat --- */

static const struct {
    size_t (*measure)(const uint8_t *bytes, size_t size, uint64_t *decoded);
    void (*decode)(npki_stream *stream);
} coats[] = {
    [NPK_COAT_RAW] = {measure_raw, copy_raw},
    [NPK_COAT_UTF8] = {measure_utf8, decode_utf8},
    [NPK_COAT_UNICODE] = {measure_unicode, decode_unicode},
    [NPK_COAT_REPR] = {measure_repr, decode_repr},
};

size_t npki_coat_measure(npk_coat coat, const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    return coats[coat].measure(bytes, size, decoded);
}

void npki_coat_decode(npk_coat coat, npki_stream *stream)
{
    coats[coat].decode(stream);
}

void npki_coat_encode(npk_coat coat, char quote, npki_stream *stream)
{
    if (coat == NPK_COAT_RAW)
        copy_raw(stream);
    else if (coat == NPK_COAT_UTF8)
        encode_utf8(stream);
    else if (coat == NPK_COAT_UNICODE)
        encode_rows(unicode_rows, stream);
    else
        encode_rows(quote == '"' ? repr_double_rows : repr_single_rows, stream);
}

uint64_t npki_coat_encoded_size(npk_coat coat, char quote, const uint8_t *bytes, size_t size)
{
    if (coat == NPK_COAT_RAW)
        return size;
    if (coat == NPK_COAT_UTF8)
        return count_utf8(bytes, size);
    return count_rows(coat == NPK_COAT_UNICODE ? unicode_rows
                      : quote == '"'           ? repr_double_rows
                                               : repr_single_rows,
                      bytes, size);
}

char npki_coat_quote(const uint8_t *bytes, size_t size)
{
    return size > 0 && memchr(bytes, '\'', size) != NULL && memchr(bytes, '"', size) == NULL ? '"' : '\'';
}
