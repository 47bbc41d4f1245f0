/* The encodings of the text protocols, in which some bytes are escapes that begin with a backslash: RAW_UNICODE_ESCAPE
 * and STRING_ESCAPE. */
#include "text/escape.h"

#include <string.h>

/* --- by blocks, or as well as it goes without --- */

static size_t measure_none(const uint8_t *bytes, size_t size, uint64_t *more)
{
    (void)bytes;
    (void)size;
    *more = 0;
    return 0;
}

static void decode_none(npki_stream *s)
{
    (void)s;
}

static size_t count_none(const npki_escape_rule *rule, const uint8_t *bytes, size_t size, uint64_t *more)
{
    (void)rule;
    return measure_none(bytes, size, more);
}

static void encode_none(const npki_escape_rule *rule, npki_stream *s)
{
    (void)rule;
    (void)s;
}

static const npki_escape_blocks none = {measure_none, decode_none, count_none, encode_none};

/* 0 where each of the eight bytes stands for itself in RAW_UNICODE_ESCAPE. The subtraction sets bit 7 of a byte that
 * was 0, and of no other below 0x80 unless a lower one was 0. */
static inline uint64_t any_escape(uint64_t word)
{
    uint64_t zeros = (word - NPKI_EVERY(1)) | ((word ^ NPKI_EVERY(0x0a)) - NPKI_EVERY(1)) |
                     ((word ^ NPKI_EVERY(0x0d)) - NPKI_EVERY(1)) | ((word ^ NPKI_EVERY(0x1a)) - NPKI_EVERY(1)) |
                     ((word ^ NPKI_EVERY('\\')) - NPKI_EVERY(1));
    return zeros & ~word & NPKI_EVERY(0x80);
}

static void encode_unicode_words(const npki_escape_rule *rule, npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    for (; s->in_end - in >= 8 && s->out_end - out >= 8 * NPKI_ESCAPE_ROW; in += 8) {
        if (any_escape(npki_load_word(in)) != 0) {
            out = npki_escape_8(rule->rows, in, out);
        } else {
            memcpy(out, in, 8);
            out += 8;
        }
    }
    s->in = in;
    s->out = out;
}

static void encode_string_rows(const npki_escape_rule *rule, npki_stream *s)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    for (; s->in_end - in >= 8 && s->out_end - out >= 8 * NPKI_ESCAPE_ROW; in += 8)
        out = npki_escape_8(rule->rows, in, out);
    s->in = in;
    s->out = out;
}

static const npki_escape_blocks unicode_words = {measure_none, decode_none, count_none, encode_unicode_words};
static const npki_escape_blocks string_rows = {measure_none, decode_none, count_none, encode_string_rows};

static const npki_escape_blocks *const unicode_levels[NPKI_CPUS] = {
    [NPKI_CPU_PLAIN] = &none,
    NPKI_BLOCK_LEVELS(&unicode_words, &npki_raw_unicode_escape),
};
static const npki_escape_blocks *const string_levels[NPKI_CPUS] = {
    [NPKI_CPU_PLAIN] = &none,
    NPKI_BLOCK_LEVELS(&string_rows, &npki_string_escape),
};

static const npki_escape_blocks *unicode_blocks(void)
{
    return unicode_levels[npki_cpu_level()];
}

static const npki_escape_blocks *string_blocks(void)
{
    return string_levels[npki_cpu_level()];
}

/* Bytes that are looked at one by one before blocks are tried again. */
enum { AT_A_TIME = 256 };

static inline const uint8_t *stop_of(const uint8_t *in, const uint8_t *end)
{
    return end - in > AT_A_TIME ? in + AT_A_TIME : end;
}

/* --- plain bytes to escapes --- */

#define LOWER(digit) ((digit) < 10 ? '0' + (digit) : 'a' + (digit)-10)
#define UPPER(digit) ((digit) < 10 ? '0' + (digit) : 'A' + (digit)-10)

/* NUL, LF, CR, 0x1a and the backslash are \u00XX, the others stay: CPython since 3.7. Of these only LF and the
 * backslash: before. */
#define NEW(c) ((c) == 0x00 || (c) == 0x0a || (c) == 0x0d || (c) == 0x1a || (c) == '\\')
#define OLD(c) ((c) == 0x0a || (c) == '\\')
#define UNICODE_ROW(c, goes, hex)                                                                                      \
    {                                                                                                                  \
        goes(c) ? '\\' : (c), 'u', '0', '0', hex((c) >> 4), hex((c)&15), 0, goes(c) ? 6 : 1                            \
    }

/* Python 2: Objects/stringobject.c string_repr(). */
#define LETTER(c, quote)                                                                                               \
    ((c) == '\t' ? 't' : (c) == '\n' ? 'n' : (c) == '\r' ? 'r' : (c) == '\\' || (c) == (quote) ? (c) : 0)
#define PRINTS(c) ((c) >= 0x20 && (c) < 0x7f)
#define REPR_ROW(c, quote, hex)                                                                                        \
    {                                                                                                                  \
        PRINTS(c) && LETTER(c, quote) == 0 ? (c) : '\\', LETTER(c, quote) != 0 ? LETTER(c, quote) : 'x',               \
            hex((c) >> 4), hex((c)&15), 0, 0, 0,                                                                       \
            LETTER(c, quote) != 0 ? 2                                                                                  \
            : PRINTS(c)           ? 1                                                                                  \
                                  : 4                                                                                  \
    }

#define ROWS_4(row, c, a, b) row(c, a, b), row((c) + 1, a, b), row((c) + 2, a, b), row((c) + 3, a, b)
#define ROWS_16(row, c, a, b)                                                                                          \
    ROWS_4(row, c, a, b), ROWS_4(row, (c) + 4, a, b), ROWS_4(row, (c) + 8, a, b), ROWS_4(row, (c) + 12, a, b)
#define ROWS_64(row, c, a, b)                                                                                          \
    ROWS_16(row, c, a, b), ROWS_16(row, (c) + 16, a, b), ROWS_16(row, (c) + 32, a, b), ROWS_16(row, (c) + 48, a, b)
#define ROWS(row, a, b)                                                                                                \
    {                                                                                                                  \
        ROWS_64(row, 0, a, b), ROWS_64(row, 64, a, b), ROWS_64(row, 128, a, b), ROWS_64(row, 192, a, b)                \
    }

static const npki_escape_row new_rows[256] = ROWS(UNICODE_ROW, NEW, LOWER);
static const npki_escape_row old_rows[256] = ROWS(UNICODE_ROW, OLD, LOWER);
static const npki_escape_row upper_rows[256] = ROWS(UNICODE_ROW, OLD, UPPER);
static const npki_escape_row single_rows[256] = ROWS(REPR_ROW, '\'', LOWER);
static const npki_escape_row twofold_rows[256] = ROWS(REPR_ROW, '"', LOWER);

/* The places of a half that no special byte has hold one of another half. */
#define LOWER_DIGITS {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'}
#define UPPER_DIGITS {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'}

static const npki_escape_rule unicode_rules[] = {
    [NPKI_ESCAPES_NEW] = {new_rows, {[0xa] = 0x0a, [0xc] = '\\', [0xd] = 0x0d}, .also = 0x1a, .digits = LOWER_DIGITS},
    [NPKI_ESCAPES_OLD] = {old_rows, {1, [0xa] = 0x0a, [0xc] = '\\'}, .also = 0x0a, .digits = LOWER_DIGITS},
    [NPKI_ESCAPES_UPPER] = {upper_rows, {1, [0xa] = 0x0a, [0xc] = '\\'}, .also = 0x0a, .digits = UPPER_DIGITS},
};

#define LETTERS(half, quote) {1, [half] = (quote), [9] = '\t', [0xa] = '\n', [0xc] = '\\', [0xd] = '\r'}
#define NAMES(half, quote) {[half] = (quote), [9] = 't', [0xa] = 'n', [0xc] = '\\', [0xd] = 'r'}

static const npki_escape_rule single_rule = {single_rows, LETTERS(7, '\''), .name = NAMES(7, '\''),
                                             .digits = LOWER_DIGITS};
static const npki_escape_rule twofold_rule = {twofold_rows, LETTERS(2, '"'), .name = NAMES(2, '"'),
                                              .digits = LOWER_DIGITS};

static void encode(const npki_escape_blocks *blocks, const npki_escape_blocks *eights, const npki_escape_rule *rule,
                   npki_stream *s)
{
    blocks->encode(rule, s);
    if (blocks != &none && blocks != eights) /* less than a block, or less room than it wants */
        eights->encode(rule, s);
    while (s->in < s->in_end && s->out_end - s->out >= rule->rows[*s->in][NPKI_ESCAPE_LENGTH]) {
        const uint8_t *row = rule->rows[*s->in++];
        memcpy(s->out, row, row[NPKI_ESCAPE_LENGTH]);
        s->out += row[NPKI_ESCAPE_LENGTH];
    }
}

static uint64_t encoded_size(const npki_escape_blocks *blocks, const npki_escape_rule *rule, const uint8_t *bytes,
                             size_t size)
{
    uint64_t total;
    size_t i = blocks->count(rule, bytes, size, &total);
    for (total += i; i < size; i++)
        total += rule->rows[bytes[i]][NPKI_ESCAPE_LENGTH];
    return total;
}

void npki_encoding_escape(npki_escapes escapes, npki_stream *s)
{
    encode(unicode_blocks(), &unicode_words, &unicode_rules[escapes], s);
}

uint64_t npki_encoding_escaped_size(npki_escapes escapes, const uint8_t *bytes, size_t size)
{
    return encoded_size(unicode_blocks(), &unicode_rules[escapes], bytes, size);
}

void npki_raw_unicode_escape_encode(char quote, npki_stream *s)
{
    (void)quote;
    npki_encoding_escape(NPKI_ESCAPES_NEW, s);
}

uint64_t npki_raw_unicode_escape_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    (void)quote;
    return npki_encoding_escaped_size(NPKI_ESCAPES_NEW, bytes, size);
}

static const npki_escape_rule *rule_of(char quote)
{
    return quote == '"' ? &twofold_rule : &single_rule;
}

void npki_string_escape_encode(char quote, npki_stream *s)
{
    encode(string_blocks(), &string_rows, rule_of(quote), s);
}

uint64_t npki_string_escape_encoded_size(char quote, const uint8_t *bytes, size_t size)
{
    return encoded_size(string_blocks(), rule_of(quote), bytes, size);
}

/* --- hex digits --- */

#define DIGIT NPKI_HEX_DIGIT
const uint8_t npki_hex_values[256] = {
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
        uint8_t digit = npki_hex_values[in[i]];
        all &= digit;
        value = value << 4 | (digit & 15);
    }
    return all == DIGIT ? value : WRONG;
}

/* By blocks, and what they leave by `one`: from `in` on to `stop` or a byte that is wrong. *more: as of
 * npki_escape_blocks. */
typedef const uint8_t *measure_one(const uint8_t *in, const uint8_t *stop, const uint8_t *end, uint64_t *more);

static size_t measure(const npki_escape_blocks *blocks, measure_one *one, const uint8_t *bytes, size_t size,
                      uint64_t *decoded)
{
    const uint8_t *in = bytes, *end = bytes + size, *stop;
    uint64_t saved = 0, more;
    do {
        in += blocks->measure(in, (size_t)(end - in), &more);
        stop = stop_of(in, end);
        saved += more;
        in = one(in, stop, end, &saved);
    } while (in >= stop && in < end);
    *decoded = (uint64_t)(in - bytes) - saved;
    return (size_t)(in - bytes);
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
    if (end - in >= 6 && memcmp(in, "\\u00", 4) == 0 &&
        (npki_hex_values[in[4]] & npki_hex_values[in[5]] & DIGIT) != 0) {
        *byte = (uint8_t)(npki_hex_values[in[4]] << 4 | (npki_hex_values[in[5]] & 15)); /* what encoders write */
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

static const uint8_t *measure_unicode(const uint8_t *in, const uint8_t *stop, const uint8_t *end, uint64_t *more)
{
    uint8_t byte;
    while (in < stop) {
        if (*in != '\\') {
            in += plain_run(in, (size_t)(stop - in));
            continue;
        }
        size_t taken = unicode_escape(in, end, &byte);
        if (taken == 0)
            break;
        *more += taken - 1;
        in += taken > 1 ? taken : end - in < 2 ? 1 : 2;
    }
    return in;
}

size_t npki_raw_unicode_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    return measure(unicode_blocks(), measure_unicode, bytes, size, decoded);
}

static void decode_unicode(npki_stream *s, const uint8_t *stop)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out, *out_end = s->out_end;
    bool paired = s->paired;
    while (in < stop && out < out_end) {
        if (paired) {
            *out++ = *in++;
            paired = false;
        } else if (*in == '\\') {
            size_t taken = unicode_escape(in, s->in_end, out++);
            paired = taken == 1;
            in += taken > 0 ? taken : 1;
        } else {
            size_t left = (size_t)(stop - in), room = (size_t)(out_end - out);
            size_t run = copy_run(in, left < room ? left : room, out);
            in += run;
            out += run;
        }
    }
    s->in = in;
    s->out = out;
    s->paired = paired;
}

void npki_raw_unicode_escape_decode(npki_stream *s)
{
    const npki_escape_blocks *blocks = unicode_blocks();
    while (s->in < s->in_end && s->out < s->out_end) {
        if (!s->paired)
            blocks->decode(s);
        decode_unicode(s, stop_of(s->in, s->in_end));
    }
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

static const uint8_t *measure_string(const uint8_t *in, const uint8_t *stop, const uint8_t *end, uint64_t *more)
{
    while (in < stop) {
        size_t given;
        uint8_t byte;
        if (*in != '\\') {
            in += plain_run(in, (size_t)(stop - in));
            continue;
        }
        size_t taken = repr_escape(in, end, &byte, &given);
        if (taken == 0)
            break;
        *more += taken - given;
        in += taken;
    }
    return in;
}

size_t npki_string_escape_measure(const uint8_t *bytes, size_t size, uint64_t *decoded)
{
    return measure(string_blocks(), measure_string, bytes, size, decoded);
}

/* Returns when `out` is full, too. */
static void decode_string(npki_stream *s, const uint8_t *stop)
{
    const uint8_t *in = s->in;
    uint8_t *out = s->out;
    while (in < stop) {
        size_t taken = 1, given = 1;
        uint8_t byte = *in;
        if (byte == '\\')
            taken = repr_escape(in, s->in_end, &byte, &given);
        if (given > 0 && out == s->out_end)
            break;
        if (given > 0)
            *out++ = byte;
        in += taken > 0 ? taken : 1;
    }
    s->in = in;
    s->out = out;
}

void npki_string_escape_decode(npki_stream *s)
{
    const npki_escape_blocks *blocks = string_blocks();
    const uint8_t *stop;
    do {
        blocks->decode(s);
        stop = stop_of(s->in, s->in_end);
        decode_string(s, stop);
    } while (s->in >= stop && s->in < s->in_end);
}
