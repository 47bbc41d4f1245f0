/* The encodings of the text protocols, in which some bytes are escapes that begin with a backslash: RAW_UNICODE_ESCAPE and STRING_ESCAPE. */
#include "text/encodings.h"

#include <string.h>

/* --- plain bytes to escapes --- */

/* For each byte a row: up to six bytes that spell it, zeros, and last how many count. A whole row is copied and then
 * only its length taken: there is no branch on the data. */
enum { ROW = 8, LENGTH = 7 };

typedef const uint8_t row_table[256][ROW];

#define HEX(digit) ((digit) < 10 ? '0' + (digit) : 'a' + (digit)-10)

/* NUL, LF, CR, 0x1a and the backslash are \u00XX, the others stay: CPython since 3.7. */
#define STAYS(c) ((c) != 0x00 && (c) != 0x0a && (c) != 0x0d && (c) != 0x1a && (c) != '\\')
#define UNICODE_ROW(c, quote)                                                                                          \
    {                                                                                                                  \
        STAYS(c) ? (c) : '\\', 'u', '0', '0', HEX((c) >> 4), HEX((c)&15), 0, STAYS(c) ? 1 : 6                          \
    }

/* Python 2: Objects/stringobject.c string_repr(). */
#define LETTER(c, quote)                                                                                               \
    ((c) == '\t' ? 't' : (c) == '\n' ? 'n' : (c) == '\r' ? 'r' : (c) == '\\' || (c) == (quote) ? (c) : 0)
#define PRINTS(c) ((c) >= 0x20 && (c) < 0x7f)
#define REPR_ROW(c, quote)                                                                                             \
    {                                                                                                                  \
        PRINTS(c) && LETTER(c, quote) == 0 ? (c) : '\\', LETTER(c, quote) != 0 ? LETTER(c, quote) : 'x',               \
            HEX((c) >> 4), HEX((c)&15), 0, 0, 0,                                                                       \
            LETTER(c, quote) != 0 ? 2                                                                                  \
            : PRINTS(c)           ? 1                                                                                  \
                                  : 4                                                                                  \
    }

#define ROWS_4(row, c, quote) row(c, quote), row((c) + 1, quote), row((c) + 2, quote), row((c) + 3, quote)
#define ROWS_16(row, c, quote)                                                                                         \
    ROWS_4(row, c, quote), ROWS_4(row, (c) + 4, quote), ROWS_4(row, (c) + 8, quote), ROWS_4(row, (c) + 12, quote)
#define ROWS_64(row, c, quote)                                                                                         \
    ROWS_16(row, c, quote), ROWS_16(row, (c) + 16, quote), ROWS_16(row, (c) + 32, quote), ROWS_16(row, (c) + 48, quote)
#define ROWS(row, quote)                                                                                               \
    {                                                                                                                  \
        ROWS_64(row, 0, quote), ROWS_64(row, 64, quote), ROWS_64(row, 128, quote), ROWS_64(row, 192, quote)            \
    }

static row_table unicode_rows = ROWS(UNICODE_ROW, 0);
static row_table single_rows = ROWS(REPR_ROW, '\'');
static row_table twofold_rows = ROWS(REPR_ROW, '"');

/* Eight bytes, in room for eight rows. */
static inline uint8_t *put_8(row_table rows, const uint8_t *in, uint8_t *out)
{
    for (int i = 0; i < 8; i++) {
        const uint8_t *row = rows[in[i]];
        memcpy(out, row, ROW);
        out += row[LENGTH];
    }
    return out;
}

static void put_last(row_table rows, npki_stream *s)
{
    while (s->in < s->in_end && s->out_end - s->out >= rows[*s->in][LENGTH]) {
        const uint8_t *row = rows[*s->in++];
        memcpy(s->out, row, row[LENGTH]);
        s->out += row[LENGTH];
    }
}

static uint64_t count_rows(row_table rows, const uint8_t *bytes, size_t size)
{
    uint64_t total = 0;
    for (size_t i = 0; i < size; i++)
        total += rows[bytes[i]][LENGTH];
    return total;
}

/* 0 where each of the eight bytes stands for itself in RAW_UNICODE_ESCAPE. The subtraction sets bit 7 of a byte that
 * was 0, and of no other below 0x80 unless a lower one was 0. */
static inline uint64_t any_escape(uint64_t word)
{
    uint64_t zeros = (word - NPKI_EVERY(1)) | ((word ^ NPKI_EVERY(0x0a)) - NPKI_EVERY(1)) |
                     ((word ^ NPKI_EVERY(0x0d)) - NPKI_EVERY(1)) | ((word ^ NPKI_EVERY(0x1a)) - NPKI_EVERY(1)) |
                     ((word ^ NPKI_EVERY('\\')) - NPKI_EVERY(1));
    return zeros & ~word & NPKI_EVERY(0x80);
}

void npki_raw_unicode_escape_encode(char quote, npki_stream *s)
{
    (void)quote;
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    for (; s->in_end - in >= 8 && s->out_end - out >= 8 * ROW; in += 8) {
        if (any_escape(npki_load_word(in)) != 0) {
            out = put_8(unicode_rows, in, out);
        } else {
            memcpy(out, in, 8);
            out += 8;
        }
    }
    s->in = in;
    s->out = out;
    put_last(unicode_rows, s);
}

uint64_t npki_raw_unicode_escape_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    (void)quote;
    return count_rows(unicode_rows, bytes, size);
}

void npki_string_escape_encode(char quote, npki_stream *s)
{
    const uint8_t(*rows)[ROW] = quote == '"' ? twofold_rows : single_rows;
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    for (; s->in_end - in >= 8 && s->out_end - out >= 8 * ROW; in += 8)
        out = put_8(rows, in, out);
    s->in = in;
    s->out = out;
    put_last(rows, s);
}

uint64_t npki_string_escape_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    return count_rows(quote == '"' ? twofold_rows : single_rows, bytes, size);
}

/* --- hex digits --- */

#define DIGIT 0x10 /* a hex digit; what it counts is below */
static const uint8_t hex_values[256] = {
    ['0'] = DIGIT,      ['1'] = DIGIT | 1,  ['2'] = DIGIT | 2,  ['3'] = DIGIT | 3,  ['4'] = DIGIT | 4,
    ['5'] = DIGIT | 5,  ['6'] = DIGIT | 6,  ['7'] = DIGIT | 7,  ['8'] = DIGIT | 8,  ['9'] = DIGIT | 9,
    ['a'] = DIGIT | 10, ['b'] = DIGIT | 11, ['c'] = DIGIT | 12, ['d'] = DIGIT | 13, ['e'] = DIGIT | 14,
    ['f'] = DIGIT | 15, ['A'] = DIGIT | 10, ['B'] = DIGIT | 11, ['C'] = DIGIT | 12, ['D'] = DIGIT | 13,
    ['E'] = DIGIT | 14, ['F'] = DIGIT | 15,
};

#define WRONG UINT32_MAX

/* `count` hex digits at `in`; WRONG where they are none or the text ends. */
static inline uint32_t hex(const uint8_t *in, const uint8_t *end, int count)
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

/* --- UNICODE to plain bytes --- */

/* Bit 7 of the byte where the first backslash of eight bytes stands, 0 without one. Above it other bits may be set. */
static inline uint64_t find_backslash(const uint8_t *in)
{
    uint64_t word = npki_load_word(in) ^ NPKI_EVERY('\\');
    return (word - NPKI_EVERY(1)) & ~word & NPKI_EVERY(0x80);
}

/* How many bytes lie below the lowest bit that is set. */
static inline size_t bytes_below(uint64_t high_bits)
{
    return (size_t)((((high_bits - 1) & ~high_bits & NPKI_EVERY(0x80)) >> 7) * NPKI_EVERY(1) >> 56);
}

/* How many bytes from `in` on are no backslash, of at most `size`. */
static inline size_t plain_run(const uint8_t *in, size_t size)
{
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t found = find_backslash(in + i);
        if (found != 0)
            return i + bytes_below(found);
    }
    while (i < size && in[i] != '\\')
        i++;
    return i;
}

/* The same, copied as it goes: `out` has room for `size` bytes. */
static inline size_t copy_run(const uint8_t *in, size_t size, uint8_t *out)
{
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t found = find_backslash(in + i);
        memcpy(out + i, in + i, 8);
        if (found != 0)
            return i + bytes_below(found);
    }
    for (; i < size && in[i] != '\\'; i++)
        out[i] = in[i];
    return i;
}

/* What starts at the backslash `in`: how many bytes an escape takes, and its byte; 0 where it is malformed or beyond
 * latin-1. 1 for a backslash that starts no escape: then what follows it starts none either. CPython:
 * _PyUnicode_DecodeRawUnicodeEscape*(). */
static inline size_t unicode_escape(const uint8_t *in, const uint8_t *end, uint8_t *byte)
{
    if (end - in >= 6 && memcmp(in, "\\u00", 4) == 0 && (hex_values[in[4]] & hex_values[in[5]] & DIGIT) != 0) {
        *byte = (uint8_t)(hex_values[in[4]] << 4 | (hex_values[in[5]] & 15)); /* what encoders write */
        return 6;
    }
    int digits = end - in < 2 ? 0 : in[1] == 'u' ? 4 : in[1] == 'U' ? 8 : 0;
    *byte = '\\';
    if (digits == 0)
        return 1;
    uint32_t value = digits == 4 ? hex(in + 2, end, 4) : hex(in + 2, end, 8);
    *byte = (uint8_t)value;
    return value > 0xff ? 0 : 2 + (size_t)digits;
}

size_t npki_raw_unicode_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    const uint8_t *in = bytes, *end = bytes + size;
    uint64_t saved = 0; /* bytes that escapes have beyond one */
    uint8_t byte;
    while (in < end) {
        if (*in != '\\') {
            in += plain_run(in, (size_t)(end - in));
            continue;
        }
        size_t taken = unicode_escape(in, end, &byte);
        if (taken == 0)
            break;
        saved += taken - 1;
        in += taken > 1 ? taken : end - in < 2 ? 1 : 2;
    }
    *decoded = (uint64_t)(in - bytes) - saved;
    return (size_t)(in - bytes);
}

void npki_raw_unicode_escape_decode(npki_stream *s)
{
    const uint8_t *in = s->in, *in_end = s->in_end;
    uint8_t *out = s->out, *out_end = s->out_end;
    bool paired = s->paired;
    while (in < in_end && out < out_end) {
        if (paired) {
            *out++ = *in++;
            paired = false;
        } else if (*in == '\\') {
            size_t taken = unicode_escape(in, in_end, out++);
            paired = taken == 1;
            in += taken > 0 ? taken : 1;
        } else {
            size_t left = (size_t)(in_end - in), room = (size_t)(out_end - out);
            size_t run = copy_run(in, left < room ? left : room, out);
            in += run;
            out += run;
        }
    }
    s->in = in;
    s->out = out;
    s->paired = paired;
}

/* --- REPR to plain bytes --- */

/* What a letter behind a backslash means; 0 for others. */
static const uint8_t meanings[256] = {
    ['\\'] = '\\', ['\''] = '\'', ['"'] = '"',  ['a'] = '\a', ['b'] = '\b',
    ['f'] = '\f',  ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t', ['v'] = '\v',
};

/* What starts at the backslash `in`: how many bytes it takes, and how many, 1 or 0 (a line that goes on), it gives.
 * 0: it is malformed. 1 for a backslash that starts no escape: it stands for itself, and so does what follows, which
 * is none. Python 2: PyString_DecodeEscape(). */
static size_t repr_escape(const uint8_t *in, const uint8_t *end, uint8_t *byte, size_t *given)
{
    *given = 1;
    *byte = '\\';
    if (end - in < 2)
        return 0;
    if (in[1] == 'x') {
        uint32_t value = hex(in + 2, end, 2);
        *byte = (uint8_t)value;
        return value == WRONG ? 0 : 4;
    }
    if (meanings[in[1]] != 0) {
        *byte = meanings[in[1]];
        return 2;
    }
    if (in[1] == '\n') {
        *given = 0;
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

size_t npki_string_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    const uint8_t *in = bytes, *end = bytes + size;
    uint64_t count = 0;
    while (in < end) {
        size_t run = plain_run(in, (size_t)(end - in)), given;
        uint8_t byte;
        in += run;
        count += run;
        if (in == end)
            break;
        size_t taken = repr_escape(in, end, &byte, &given);
        if (taken == 0)
            break;
        count += given;
        in += taken;
    }
    *decoded = count;
    return (size_t)(in - bytes);
}

void npki_string_escape_decode(npki_stream *s)
{
    const uint8_t *in = s->in, *in_end = s->in_end;
    uint8_t *out = s->out, *out_end = s->out_end;
    while (in < in_end) {
        size_t taken = 1, given = 1;
        uint8_t byte = *in;
        if (byte == '\\')
            taken = repr_escape(in, in_end, &byte, &given);
        if (given > 0 && out == out_end)
            break;
        if (given > 0)
            *out++ = byte;
        in += taken > 0 ? taken : 1;
    }
    s->in = in;
    s->out = out;
}
