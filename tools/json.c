#include "json.h"

#include "text/unicode.h"

#include <inttypes.h>
#include <string.h>

void npki_json_start(npki_json *json, FILE *out)
{
    *json = (npki_json){.out = out};
}

static void before_value(npki_json *json)
{
    if (json->comma)
        fputc(',', json->out);
    json->comma = true;
}

void npki_json_begin(npki_json *json, char bracket)
{
    before_value(json);
    fputc(bracket, json->out);
    json->comma = false;
}

void npki_json_end(npki_json *json, char bracket)
{
    fputc(bracket, json->out);
    json->comma = true;
}

void npki_json_key(npki_json *json, const char *name)
{
    npki_json_string(json, name);
    fputc(':', json->out);
    json->comma = false;
}

static void put_unit(FILE *out, uint32_t unit)
{
    fprintf(out, "\\u%04" PRIx32, unit);
}

static void put_character(FILE *out, uint32_t character, const uint8_t *bytes, size_t size)
{
    if (npki_is_printable(character)) {
        fwrite(bytes, 1, size, out);
    } else if (character < 0x10000) {
        put_unit(out, character);
    } else {
        put_unit(out, 0xd800 + ((character - 0x10000) >> 10));
        put_unit(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
    }
}

/* `quoted`: it is the inside of a string; else JSON, in which anything odd stands inside strings. */
static void put_text(FILE *out, const uint8_t *at, const uint8_t *end, bool quoted)
{
    while (at < end) {
        const uint8_t *wrong = at + npki_utf8_check(at, (size_t)(end - at));
        while (at < wrong) {
            const uint8_t *first = at;
            uint32_t character = npki_utf8_next(&at);
            if (quoted && (character == '"' || character == '\\'))
                fputc('\\', out);
            put_character(out, character, first, (size_t)(at - first));
        }
        if (at < end)
            put_unit(out, 0xdc00u + *at++);
    }
}

void npki_json_text(npki_json *json, const void *text, size_t size)
{
    before_value(json);
    fputc('"', json->out);
    put_text(json->out, text, (const uint8_t *)text + size, true);
    fputc('"', json->out);
}

void npki_json_literal(npki_json *json, const char *text, size_t size)
{
    before_value(json);
    put_text(json->out, (const uint8_t *)text, (const uint8_t *)text + size, false);
}

void npki_json_string(npki_json *json, const char *text)
{
    npki_json_text(json, text, strlen(text));
}

void npki_json_int(npki_json *json, int64_t value)
{
    before_value(json);
    fprintf(json->out, "%" PRId64, value);
}

void npki_json_uint(npki_json *json, uint64_t value)
{
    before_value(json);
    fprintf(json->out, "%" PRIu64, value);
}

void npki_json_bool(npki_json *json, bool value)
{
    npki_json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void npki_json_null(npki_json *json)
{
    npki_json_raw(json, "null", 4);
}

void npki_json_line(npki_json *json)
{
    before_value(json);
    fputc('\n', json->out);
    json->comma = false;
}

void npki_json_raw(npki_json *json, const char *text, size_t size)
{
    before_value(json);
    fwrite(text, 1, size, json->out);
}
