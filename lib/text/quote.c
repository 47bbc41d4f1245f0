#include "text/quote.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "text/unicode.h"

#include <string.h>

/* Which characters beyond ASCII stand as they are. */
typedef enum beyond_ascii { ESCAPED, PRINTABLE, SEEN } beyond_ascii;

#define EACH UINT64_C(0x0101010101010101) /* of eight bytes */

/* What stands for a byte that is not UTF-8. */
typedef enum wrong_byte {
    NONE_IS_WRONG,   /* the bytes are latin-1 */
    WRONG_SURROGATE, /* as Python's surrogateescape has it */
    WRONG_ESCAPED,   /* \xNN */
    ALL_WRONG        /* \xNN, and every other byte beyond ASCII too */
} wrong_byte;

typedef struct form_row {
    const char *before, *after;
    const char *quotes;  /* the first, or the second where that escapes less; "": none */
    const char *escaped; /* characters that get a backslash, beside the quote */
    const char *letters; /* controls that are escaped by a letter, and the letters */
    const char *kept;    /* controls that stand as they are */
    beyond_ascii beyond;
    wrong_byte wrong;
    bool json; /* \u0007 and pairs of surrogates, rather than \x07, \u202e, \U000e0001 */
} form_row;

#define PYTHON_LETTERS "\tt\nn\rr"

/* bytearray: ' is escaped in any case (CPython: Objects/bytearrayobject.c, bytearray_repr()). */
static const form_row rows[NPKI_TEXT_FORMS] = {
    [NPK_TEXT_STR] = {"", "", "'\"", "\\", PYTHON_LETTERS, "", PRINTABLE, WRONG_SURROGATE, false},
    [NPK_TEXT_LATIN1] = {"", "", "'\"", "\\", PYTHON_LETTERS, "", PRINTABLE, NONE_IS_WRONG, false},
    [NPK_TEXT_ASCII] = {"", "", "'\"", "\\", PYTHON_LETTERS, "", ESCAPED, NONE_IS_WRONG, false},
    [NPK_TEXT_BYTES] = {"b", "", "'\"", "\\", PYTHON_LETTERS, "", ESCAPED, NONE_IS_WRONG, false},
    [NPK_TEXT_BYTEARRAY] = {"bytearray(b", ")", "'\"", "\\'", PYTHON_LETTERS, "", ESCAPED, NONE_IS_WRONG, false},
    [NPK_TEXT_JSON] = {"", "", "\"", "\\\"", "", "", PRINTABLE, WRONG_SURROGATE, true},
    [NPK_TEXT_TERMINAL] = {"", "", "", "", PYTHON_LETTERS, "", PRINTABLE, WRONG_ESCAPED, false},
    [NPK_TEXT_JSON_LATIN1] = {"", "", "\"", "\\\"", "", "", PRINTABLE, NONE_IS_WRONG, true},
    [NPK_TEXT_NAME] = {"", "", "", "\\", PYTHON_LETTERS, "", PRINTABLE, ALL_WRONG, false},
    [NPK_TEXT_CSV] = {"", "", "", "", "", "\t\n\r", SEEN, ALL_WRONG, false},
};

/* What a terminal would take for a command, or can't show. */
static bool is_seen(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {{0x7f, 0x9f}, {0x202a, 0x202e}, {0x2066, 0x2069}, {0xd800, 0xdfff}, {0x110000, UINT32_MAX}};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (character >= hidden[i].first && character <= hidden[i].last)
            return false;
    return true;
}

static bool is_printable(uint32_t character)
{
    return character <= 0x10ffff && npki_is_printable(character);
}

static void put_hex(npki_sink *out, char letter, uint32_t value, size_t digits)
{
    char text[10] = {'\\', letter};
    for (size_t i = 0; i < digits; i++)
        text[2 + i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
    npki_sink_bytes(out, text, digits + 2);
}

static void put_escape(npki_sink *out, const form_row *row, uint32_t character)
{
    for (const char *at = row->letters; *at != '\0'; at += 2)
        if (character == (uint8_t)*at) {
            char text[2] = {'\\', at[1]};
            npki_sink_bytes(out, text, 2);
            return;
        }
    if (row->json && character > 0x10ffff) {
        put_hex(out, 'u', 0xfffd, 4); /* JSON has no such character */
    } else if (row->json && character > 0xffff) {
        put_hex(out, 'u', 0xd800 + ((character - 0x10000) >> 10), 4);
        put_hex(out, 'u', 0xdc00 + ((character - 0x10000) & 0x3ff), 4);
    } else if (character > 0xffff) {
        put_hex(out, 'U', character, 8);
    } else if (row->json || character > 0xff) {
        put_hex(out, 'u', character, 4);
    } else {
        put_hex(out, 'x', character, 2);
    }
}

static bool holds(const char *characters, uint32_t character)
{
    return character != 0 && character < 0x80 && strchr(characters, (int)character) != NULL;
}

static void put_character(npki_sink *out, const form_row *row, char quote, uint32_t character)
{
    uint8_t utf8[4];
    bool control = character < 0x20 || character == 0x7f;
    bool plain = control ? holds(row->kept, character)
                         : character < 0x80 || (row->beyond == PRINTABLE && is_printable(character)) ||
                               (row->beyond == SEEN && is_seen(character));
    if (!plain) {
        put_escape(out, row, character);
        return;
    }
    if (holds(row->escaped, character) || (quote != '\0' && character == (uint8_t)quote))
        npki_sink_char(out, '\\');
    npki_sink_bytes(out, utf8, npki_utf8_put(character, utf8));
}

/* A bit for each byte of the word that is 0 (and perhaps for some above it). */
static uint64_t zeros(uint64_t word)
{
    return (word - EACH) & ~word & EACH << 7;
}

/* Whether one of eight bytes is no ASCII that stands as it is in every form, but for one of the two quotes. */
static bool is_any_escaped(uint64_t word, char quote, char other)
{
    return ((word | (word - EACH * 0x20) | zeros(word ^ EACH * 0x7f) | zeros(word ^ EACH * (uint8_t)quote) |
             zeros(word ^ EACH * (uint8_t)other) | zeros(word ^ EACH * '\\')) &
            EACH << 7) != 0;
}

/* Past what is ASCII and stands as it is; a quote is `\\` where it does, too. */
static const uint8_t *pass_plain(const uint8_t *at, const uint8_t *end, char quote, char other)
{
    while (end - at >= 8 && !is_any_escaped(npki_load_le(at, 8), quote, other))
        at += 8;
    while (at < end && *at >= 0x20 && *at < 0x7f && *at != (uint8_t)quote && *at != (uint8_t)other && *at != '\\')
        at++;
    return at;
}

/* The bytes that are spelled by two digits: controls without a letter, and where bytes are characters those beyond
 * ASCII that are not printed. */
typedef struct numbered {
    uint32_t controls; /* a bit for each */
    uint8_t last;      /* those from 0x7f up to this one */
} numbered;

static numbered numbered_of(const form_row *row)
{
    numbered all = {UINT32_MAX, row->wrong != NONE_IS_WRONG ? 0 : row->beyond == ESCAPED ? 0xff : 0x9f};
    for (const char *at = row->letters; *at != '\0'; at += 2)
        all.controls &= ~((uint32_t)1 << *at);
    for (const char *at = row->kept; *at != '\0'; at++)
        all.controls &= ~((uint32_t)1 << *at);
    return all;
}

static inline bool is_numbered(const numbered *all, uint8_t byte)
{
    return byte < 0x20 ? (all->controls >> byte & 1) != 0 : byte >= 0x7f && byte <= all->last;
}

/* As many of them as come one after another, but for what is left to the next call. */
static const uint8_t *put_numbered(npki_sink *out, const form_row *row, const numbered *all, const uint8_t *at,
                                   const uint8_t *end)
{
    static const char digits[] = "0123456789abcdef";
    char text[64 * 6 + 2];
    const size_t before = row->json ? 4 : 2;
    size_t size = 0;
    for (; at < end && size < 64 * 6 && is_numbered(all, *at); at++, size += before + 2) {
        memcpy(text + size, row->json ? "\\u00" : "\\x\0", 4);
        text[size + before] = digits[*at >> 4];
        text[size + before + 1] = digits[*at & 15];
    }
    npki_sink_bytes(out, text, size);
    return at;
}

/* A byte that is not part of UTF-8, or one of latin-1. */
static void put_byte(npki_sink *out, const form_row *row, char quote, uint8_t byte)
{
    if (row->wrong == NONE_IS_WRONG || byte < 0x80)
        put_character(out, row, quote, byte);
    else
        put_escape(out, row, row->wrong == WRONG_SURROGATE ? 0xdc00u + byte : byte);
}

/* What stands between the quotes. */
static void put_all(npki_sink *out, const form_row *row, char quote, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *wrong = at; /* up to here it is UTF-8 */
    const numbered all = numbered_of(row);
    bool utf8 = row->wrong == WRONG_SURROGATE || row->wrong == WRONG_ESCAPED;
    const char single = quote == '\'' || holds(row->escaped, '\'') ? '\'' : '\\';
    const char pair = quote == '"' || holds(row->escaped, '"') ? '"' : '\\';
    if (row->wrong == ALL_WRONG && npki_utf8_check(at, (size_t)(end - at)) == (size_t)(end - at))
        wrong = end;
    while (at < end && out->status == NPK_OK) {
        const uint8_t *first = at;
        at = pass_plain(at, end, single, pair);
        if (at > first)
            npki_sink_bytes(out, first, (size_t)(at - first));
        if (at < end && is_numbered(&all, *at)) {
            at = put_numbered(out, row, &all, at, end);
            npki_sink_pass(out);
            continue;
        }
        if (utf8 && at >= wrong)
            wrong = at + npki_utf8_check(at, (size_t)(end - at));
        if (at < wrong)
            put_character(out, row, quote, npki_utf8_next(&at));
        else if (at < end)
            put_byte(out, row, quote, *at++);
        npki_sink_pass(out);
    }
}

size_t npki_quote_short(char *out, char quote, const void *text, size_t size)
{
    const uint8_t *from = text;
    uint8_t *to = (uint8_t *)out;
    size_t at = 0;
    *to++ = (uint8_t)quote;
    for (; size - at >= 8; at += 8) {
        const uint64_t word = npki_load_le(from + at, 8);
        if (is_any_escaped(word, quote, quote))
            return 0;
        npki_store_le(to + at, word, 8);
    }
    const uint64_t rest = npki_load_le(from + at, size - at) | EACH * ' ' << 8 * (size - at);
    if (is_any_escaped(rest, quote, quote))
        return 0;
    npki_store_le(to + at, rest, 8);
    to[size] = (uint8_t)quote;
    return size + 2;
}

#define SHORT 64 /* bytes of a name */

/* Straight to the room of the sink, if it is short and stands as it is. */
static bool put_short(npki_sink *out, const form_row *row, const void *text, size_t size)
{
    if (row->quotes[0] == '\0' || row->before[0] != '\0' || size == 0 || size > SHORT ||
        size + NPKI_SHORT_QUOTE >= out->room - out->size || size + 2 > out->left || out->status != NPK_OK)
        return false;
    const size_t quoted = npki_quote_short(out->bytes + out->size, row->quotes[0], text, size);
    out->size += quoted;
    out->added += quoted;
    out->left -= quoted;
    return quoted > 0;
}

void npki_quote(npki_sink *out, npk_text_form form, const void *text, size_t size)
{
    const form_row *row = &rows[form];
    char quote = row->quotes[0];
    if (put_short(out, row, text, size))
        return;
    if (size > 0 && quote == '\'')
        quote = npki_encoding_quote(text, size);
    if (row->before[0] != '\0')
        npki_sink_text(out, row->before);
    npki_sink_bytes(out, &quote, quote != '\0');
    if (size > 0)
        put_all(out, row, quote, text, (const uint8_t *)text + size);
    npki_sink_bytes(out, &quote, quote != '\0');
    if (row->after[0] != '\0')
        npki_sink_text(out, row->after);
}

void npki_quote_inside(npki_sink *out, npk_text_form form, const void *text, size_t size)
{
    if (size > 0)
        put_all(out, &rows[form], rows[form].quotes[0], text, (const uint8_t *)text + size);
}

void npki_quote_character(npki_sink *out, npk_text_form form, uint32_t character)
{
    put_character(out, &rows[form], '\0', character);
}
