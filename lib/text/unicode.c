#include "text/unicode.h"

#include "text/encodings.h"
#include "text/utf8.h"

#include <string.h>

/* --- UTF-8 --- */

/* Bytes of the sequence at `p`, 0 where it is malformed. Surrogates are let through. */
static size_t sequence(const uint8_t *p, size_t left)
{
    uint8_t lead = p[0];
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && p[1] < 0xa0) || (lead == 0xf0 && p[1] < 0x90) || (lead == 0xf4 && p[1] > 0x8f))
        return 0;
    return length;
}

/* Whether these eight bytes are four characters of two bytes: the lead of each is C2 or more. */
static inline bool are_pairs(uint64_t word)
{
    const uint64_t leads = word & UINT64_C(0x001e001e001e001e), high = UINT64_C(0x8000800080008000);
    return (word & UINT64_C(0xc0e0c0e0c0e0c0e0)) == UINT64_C(0x80c080c080c080c0) &&
           ((leads + (high - UINT64_C(0x0001000100010001))) & high) == high;
}

/* Whether the first three of these four bytes are a character: behind E0 stands A0 or more. */
static inline bool is_triple(uint64_t word)
{
    return (word & 0xc0c0f0) == 0x8080e0 && (word & 0x200f) != 0;
}

/* The same as sequence(), for what is mostly there. */
static inline size_t usual_sequence(const uint8_t *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    const uint64_t word = left >= 4 ? npki_load_le(p, 4) : 0;
    if ((word & 0xc0e0) == 0x80c0 && (word & 0x1e) != 0)
        return 2;
    return is_triple(word) ? 3 : sequence(p, left);
}

static npki_utf8_blocks *const levels[NPKI_CPUS] = {NPKI_BLOCK_LEVELS(NULL, npki_utf8_blocks)};

static npki_utf8_short *const shorts[NPKI_CPUS] = {
    [NPKI_CPU_PLAIN] = NULL,
#ifdef NPKI_X86
    [NPKI_CPU_AVX512] = npki_utf8_short_64,
#endif
};

#define LONG_TEXT ((size_t)128)

/* The characters before the third byte and, by blocks, most of what is behind them. */
static size_t check_blocks(const uint8_t *bytes, size_t size)
{
    npki_utf8_blocks *blocks = levels[npki_cpu_level()];
    size_t i = 0;
    while (blocks != NULL && i < 3) {
        size_t length = sequence(bytes + i, size - i);
        if (length == 0)
            return i;
        i += length;
    }
    return blocks != NULL ? blocks(bytes, i, size) : 0;
}

size_t npki_utf8_check(const uint8_t *bytes, size_t size)
{
    npki_utf8_short *is_good = size <= NPKI_UTF8_SHORT ? shorts[npki_cpu_level()] : NULL;
    if (is_good != NULL && is_good(bytes, size))
        return size;
    size_t i = size < LONG_TEXT ? 0 : check_blocks(bytes, size);
    while (i < size) {
        while (size - i >= 8 && (npki_load_word(bytes + i) & NPKI_EVERY(0x80)) == 0)
            i += 8;
        while (size - i >= 8 && are_pairs(npki_load_le(bytes + i, 8)))
            i += 8;
        while (size - i >= 4 && is_triple(npki_load_le(bytes + i, 4)))
            i += 3;
        for (size_t stop = size - i > 32 ? i + 32 : size; i < stop;) {
            size_t length = usual_sequence(bytes + i, size - i);
            if (length == 0)
                return i;
            i += length;
        }
    }
    return size;
}

static inline uint32_t next_character(const uint8_t **p)
{
    const uint8_t *at = *p;
    if (at[0] < 0x80) {
        *p += 1;
        return at[0];
    }
    if (at[0] < 0xe0) {
        *p += 2;
        return (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
    }
    if (at[0] < 0xf0) {
        *p += 3;
        return (uint32_t)(at[0] & 0x0f) << 12 | (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
    }
    *p += 4;
    return (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3f) << 12 | (uint32_t)(at[2] & 0x3f) << 6 |
           (at[3] & 0x3f);
}

static inline size_t put_character(uint32_t character, uint8_t out[4])
{
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (uint8_t)(0xc0 | character >> 6);
        out[1] = (uint8_t)(0x80 | (character & 0x3f));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (uint8_t)(0xe0 | character >> 12);
        out[1] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (character & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | character >> 18);
    out[1] = (uint8_t)(0x80 | (character >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (character >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (character & 0x3f));
    return 4;
}

uint32_t npki_utf8_next(const uint8_t **p)
{
    return next_character(p);
}

size_t npki_utf8_put(uint32_t character, uint8_t out[4])
{
    return put_character(character, out);
}

/* --- raw-unicode-escape --- */

static inline uint32_t four_digits(const uint8_t *p, uint8_t *all)
{
    uint8_t a = npki_hex_values[p[0]], b = npki_hex_values[p[1]], c = npki_hex_values[p[2]], d = npki_hex_values[p[3]];
    *all &= a & b & c & d;
    return (uint32_t)(a & 15) << 12 | (uint32_t)(b & 15) << 8 | (uint32_t)(c & 15) << 4 | (d & 15);
}

/* Four or eight digits; UINT32_MAX where they are none, or not there. */
static inline uint32_t hex_digits(const uint8_t *p, size_t left, size_t count)
{
    uint8_t all = NPKI_HEX_DIGIT;
    if (left < count)
        return UINT32_MAX;
    uint32_t value = four_digits(p, &all);
    if (count == 8)
        value = value << 16 | four_digits(p + 4, &all);
    return all != 0 ? value : UINT32_MAX;
}

/* Bytes without a backslash: each is the character of its number. Returns how many bytes of UTF-8 they are. */
static size_t put_latin1(const uint8_t *bytes, size_t size, uint8_t *out)
{
    size_t needed = (size_t)npki_latin1_utf8_encoded_size('\0', bytes, size);
    npki_stream stream = {.in = bytes, .in_end = bytes + size};
    if (out != NULL) {
        stream.out = out;
        stream.out_end = out + needed;
        npki_latin1_utf8_encode('\0', &stream);
    }
    return needed;
}

/* How many bytes are ASCII and nothing that is escaped. */
static size_t plain_run(const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t word = npki_load_word(bytes + i), slash = word ^ NPKI_EVERY('\\');
        if (((word | (word - NPKI_EVERY(0x20)) | (slash - NPKI_EVERY(1))) & NPKI_EVERY(0x80)) != 0)
            break;
    }
    while (i < size && bytes[i] >= 0x20 && bytes[i] < 0x80 && bytes[i] != '\\')
        i++;
    return i;
}

static inline bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '\\';
}

size_t npki_unicode_unescape(const uint8_t *bytes, size_t size, uint8_t *out, uint64_t *needed)
{
    uint8_t counted[4]; /* where nothing is written */
    uint64_t used = 0;
    size_t i = 0;
    while (i < size) {
        uint8_t *to = out != NULL ? out + used : counted;
        if (bytes[i] != '\\') {
            const uint8_t *backslash = memchr(bytes + i, '\\', size - i);
            size_t run = backslash == NULL ? size - i : (size_t)(backslash - bytes) - i;
            used += put_latin1(bytes + i, run, out != NULL ? to : NULL);
            i += run;
            continue;
        }
        if (i + 1 == size) {
            used += put_character(bytes[i++], to);
            continue;
        }
        size_t digits = bytes[i + 1] == 'u' ? 4 : bytes[i + 1] == 'U' ? 8 : 0;
        if (digits == 0) { /* neither this backslash nor what follows starts an escape */
            *to = bytes[i++];
            used++;
            used += put_character(bytes[i++], out != NULL ? to + 1 : counted);
            continue;
        }
        uint32_t character =
            digits == 4 ? hex_digits(bytes + i + 2, size - i - 2, 4) : hex_digits(bytes + i + 2, size - i - 2, 8);
        if (character > 0x10ffff)
            break;
        used += put_character(character, to);
        i += 2 + digits;
    }
    *needed = used;
    return i;
}

static inline void put_four(uint8_t *out, uint32_t value, const char hex[16])
{
    out[0] = (uint8_t)hex[value >> 12 & 15];
    out[1] = (uint8_t)hex[value >> 8 & 15];
    out[2] = (uint8_t)hex[value >> 4 & 15];
    out[3] = (uint8_t)hex[value & 15];
}

/* A backslash, a letter and four hex digits, or eight. */
static inline size_t put_digits(uint8_t *out, uint32_t character, const char hex[16])
{
    bool beyond = character > 0xffff;
    out[0] = '\\';
    out[1] = beyond ? 'U' : 'u';
    if (beyond)
        put_four(out + 2, character >> 16, hex);
    put_four(out + (beyond ? 6 : 2), character, hex);
    return beyond ? 10 : 6;
}

uint64_t npki_unicode_escape(const uint8_t *utf8, size_t size, npki_escapes escapes, uint8_t *out)
{
    uint8_t counted[10]; /* where nothing is written */
    uint64_t used = 0;
    const uint8_t *p = utf8, *end = utf8 + size;
    const char *hex = escapes == NPKI_ESCAPES_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";
    while (p < end) {
        uint8_t *to = out != NULL ? out + used : counted;
        if (is_plain(*p)) {
            size_t run = plain_run(p, (size_t)(end - p));
            if (out != NULL)
                memcpy(to, p, run);
            used += run;
            p += run;
            continue;
        }
        uint32_t character = next_character(&p);
        bool special = character == '\\' || character == '\n' ||
                       (escapes == NPKI_ESCAPES_NEW && (character == '\0' || character == '\r' || character == 0x1a));
        if (character > 0xff || special) {
            used += put_digits(to, character, hex);
        } else {
            *to = (uint8_t)character;
            used++;
        }
    }
    return used;
}
