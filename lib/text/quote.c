#include "text/quote.h"

#include "text/unicode.h"

#include <stdbool.h>
#include <string.h>

#define ROOM 4096
#define WIDEST 16 /* bytes of one character's escape, and some */

typedef struct quote_row {
    const char *before;
    const char *after;
    bool utf8;         /* characters of several bytes */
    bool beyond_ascii; /* these are printed as they are, if str.isprintable() */
    bool single;       /* ' is escaped in any case (CPython: Objects/bytearrayobject.c, bytearray_repr()) */
} quote_row;

static const quote_row rows[NPKI_QUOTE_KINDS] = {
    [NPKI_QUOTE_STR] = {"", "", true, true, false},
    [NPKI_QUOTE_LATIN1] = {"", "", false, true, false},
    [NPKI_QUOTE_ASCII] = {"", "", false, false, false},
    [NPKI_QUOTE_BYTES] = {"b", "", false, false, false},
    [NPKI_QUOTE_BYTEARRAY] = {"bytearray(b", ")", false, false, true},
};

/* Bytes on their way to the file, and how many characters they are. */
typedef struct quote_sink {
    FILE *out;
    size_t used;
    size_t characters;
    char room[ROOM];
} quote_sink;

static void flush(quote_sink *sink)
{
    fwrite(sink->room, 1, sink->used, sink->out);
    sink->used = 0;
}

static void put_ascii(quote_sink *sink, const void *text, size_t size)
{
    memcpy(sink->room + sink->used, text, size);
    sink->used += size;
    sink->characters += size;
}

static void put_hex(quote_sink *sink, char letter, uint32_t value, int digits)
{
    char text[WIDEST] = {'\\', letter};
    for (int i = 0; i < digits; i++)
        text[2 + i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 0xf];
    put_ascii(sink, text, (size_t)digits + 2);
}

static void put_escape(quote_sink *sink, uint32_t character)
{
    if (character == '\t')
        put_ascii(sink, "\\t", 2);
    else if (character == '\n')
        put_ascii(sink, "\\n", 2);
    else if (character == '\r')
        put_ascii(sink, "\\r", 2);
    else if (character < 0x100)
        put_hex(sink, 'x', character, 2);
    else if (character < 0x10000)
        put_hex(sink, 'u', character, 4);
    else
        put_hex(sink, 'U', character, 8);
}

static void put_character(quote_sink *sink, const quote_row *row, char quote, uint32_t character)
{
    if (character >= 0x7f) {
        if (row->beyond_ascii && npki_is_printable(character)) {
            sink->used += npki_utf8_put(character, (uint8_t *)sink->room + sink->used);
            sink->characters++;
        } else {
            put_escape(sink, character);
        }
    } else if (character < 0x20) {
        put_escape(sink, character);
    } else {
        char text[2] = {'\\', (char)character};
        bool escaped = text[1] == quote || text[1] == '\\' || (row->single && text[1] == '\'');
        put_ascii(sink, escaped ? text : text + 1, escaped ? 2 : 1);
    }
}

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '"' && byte != '\\';
}

size_t npki_quote_print(FILE *out, npki_quote_kind kind, const void *bytes, size_t size)
{
    const quote_row *row = &rows[kind];
    const uint8_t *at = bytes, *end = at + size;
    char quote = '\'';
    if (size > 0 && memchr(at, '\'', size) != NULL && memchr(at, '"', size) == NULL)
        quote = '"';
    quote_sink sink;
    sink.out = out;
    sink.used = sink.characters = 0;
    put_ascii(&sink, row->before, strlen(row->before));
    put_ascii(&sink, &quote, 1);
    while (at < end) {
        const uint8_t *first = at;
        size_t most = ROOM - sink.used - WIDEST;
        while (at < end && is_plain(*at) && (size_t)(at - first) < most)
            at++;
        put_ascii(&sink, first, (size_t)(at - first));
        if (at < end && sink.used + WIDEST < ROOM)
            put_character(&sink, row, quote, row->utf8 ? npki_utf8_next(&at) : *at++);
        if (sink.used + WIDEST >= ROOM)
            flush(&sink);
    }
    put_ascii(&sink, &quote, 1);
    put_ascii(&sink, row->after, strlen(row->after));
    flush(&sink);
    return sink.characters;
}
