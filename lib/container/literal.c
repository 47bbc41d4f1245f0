#include "container/literal.h"

#include "base/bytes.h"
#include "base/error.h"
#include "text/number.h"
#include "text/unicode.h"

#include <string.h>

#define DEEPEST 64 /* containers inside one another: a dtype has no more levels */

typedef struct parser {
    npki_arena *arena;
    const char *start, *at, *end;
    npk_error *error;
    struct level {
        npk_value *container;
        char close;
        bool comma; /* one was met: (1,) is a tuple and (1) is not */
    } levels[DEEPEST];
    int depth;
    npk_value *result;
} parser;

static npk_status fail(const parser *p, const char *expected)
{
    return npki_fail(p->error, NPK_NPY, "character %td of the header: expected %s", p->at - p->start, expected);
}

static npk_status full(const parser *p)
{
    return npki_arena_failed(p->arena, p->error);
}

/* A finished value goes to the container that is open, or is the result. */
static npk_status deliver(parser *p, npk_value *value)
{
    if (value == NULL)
        return full(p);
    if (p->depth == 0) {
        p->result = value;
        return NPK_OK;
    }
    npk_value *container = p->levels[p->depth - 1].container;
    if (container->kind == NPK_KIND_DICT && npki_count_of(container) % 2 == 0 && (value->flags & NPKI_UNHASHABLE) != 0)
        return fail(p, "a key");
    return npki_items_add(p->arena, &container->u.items, &value, 1) ? NPK_OK : full(p);
}

static npk_status open_container(parser *p, npk_kind kind, char close)
{
    if (p->depth == DEEPEST)
        return npki_fail(p->error, NPK_LIMIT, "a header with more than %d containers inside one another", DEEPEST);
    npk_value *container = npki_value_new(p->arena, kind);
    if (container == NULL)
        return full(p);
    if (kind != NPK_KIND_TUPLE)
        container->flags = NPKI_UNHASHABLE;
    p->levels[p->depth++] = (struct level){container, close, false};
    p->at++;
    return NPK_OK;
}

static npk_status close_container(parser *p)
{
    struct level *level = &p->levels[p->depth - 1];
    npk_value *value = level->container;
    if (value->kind == NPK_KIND_DICT && npki_count_of(value) % 2 != 0)
        return fail(p, "a value");
    if (value->kind == NPK_KIND_TUPLE && npki_count_of(value) == 1 && !level->comma) /* only brackets */
        value = npki_item_of(value, 0);
    p->at++;
    p->depth--;
    return deliver(p, value);
}

static npk_status take_number(parser *p)
{
    const char *from = p->at;
    int64_t number;
    while (p->at < p->end && (*p->at == '-' || *p->at == '+' || (*p->at >= '0' && *p->at <= '9')))
        p->at++;
    if (!npki_parse_int64((const uint8_t *)from, (size_t)(p->at - from), &number))
        return fail(p, "an int of 64 bits");
    if (p->at < p->end && *p->at == 'L')
        p->at++;
    return deliver(p, npki_value_int(p->arena, number));
}

static npk_status take_word(parser *p)
{
    static const struct {
        const char *word;
        int value; /* -1: None */
    } words[] = {{"True", 1}, {"False", 0}, {"None", -1}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(p->end - p->at) >= length && memcmp(p->at, words[i].word, length) == 0) {
            p->at += length;
            return deliver(p, words[i].value < 0 ? npki_value_none() : npki_value_bool(words[i].value == 1));
        }
    }
    return fail(p, "a value");
}

/* \xHH, \uXXXX, \UXXXXXXXX: the digits after the letter; false where they are none. */
static bool take_hex(parser *p, int digits, uint32_t *out)
{
    *out = 0;
    for (; digits > 0 && p->at < p->end; digits--, p->at++) {
        char c = *p->at;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return false;
        *out = *out << 4 | digit;
    }
    return digits == 0 && *out <= 0x10ffff;
}

static npk_status take_escape(parser *p, uint8_t **out)
{
    static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
    p->at++;
    if (p->at == p->end)
        return fail(p, "an escape");
    char c = *p->at++;
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    uint32_t character = 0;
    if (letter != NULL)
        character = (uint8_t)meanings[letter - letters];
    else if (!((c == 'x' && take_hex(p, 2, &character)) || (c == 'u' && take_hex(p, 4, &character)) ||
               (c == 'U' && take_hex(p, 8, &character))))
        return fail(p, "an escape");
    uint8_t utf8[4];
    size_t size = npki_utf8_put(character, utf8);
    memcpy(*out, utf8, size);
    *out += size;
    return NPK_OK;
}

static npk_status take_string(parser *p)
{
    char quote = *p->at++;
    const char *from = p->at;
    const char *end = from;
    while (end < p->end && *end != quote)
        end += *end == '\\' && end + 1 < p->end ? 2 : 1;
    npk_value *value = npki_value_new(p->arena, NPK_KIND_STR);
    uint8_t *text = npki_arena_take(p->arena, (size_t)(end - from) + 1); /* no escape is shorter than what it means */
    if (value == NULL || text == NULL)
        return full(p);
    uint8_t *out = text;
    while (p->at < p->end && *p->at != quote) {
        if (*p->at == '\\') {
            npk_status status = take_escape(p, &out);
            if (status != NPK_OK)
                return status;
        } else {
            *out++ = (uint8_t)*p->at++;
        }
    }
    if (p->at == p->end)
        return fail(p, "the end of a string");
    p->at++;
    value->u.text.bytes = text;
    value->u.text.size = (uint64_t)(out - text);
    return deliver(p, value);
}

static npk_status take_value(parser *p)
{
    switch (*p->at) {
    case '{':
        return open_container(p, NPK_KIND_DICT, '}');
    case '[':
        return open_container(p, NPK_KIND_LIST, ']');
    case '(':
        return open_container(p, NPK_KIND_TUPLE, ')');
    case '\'':
    case '"':
        return take_string(p);
    case 'u': /* Python 2 */
        p->at++;
        return p->at < p->end && (*p->at == '\'' || *p->at == '"') ? take_string(p) : fail(p, "a string");
    default:
        return (*p->at >= '0' && *p->at <= '9') || *p->at == '-' || *p->at == '+' ? take_number(p) : take_word(p);
    }
}

static void skip_blanks(parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

/* What follows a value: a comma, a colon after a key, or the end of the container. `*wanted`: a value may come next. */
static npk_status take_separator(parser *p, bool *wanted)
{
    struct level *level = &p->levels[p->depth - 1];
    bool key = level->container->kind == NPK_KIND_DICT && npki_count_of(level->container) % 2 == 1;
    *wanted = *p->at == (key ? ':' : ',');
    if (*wanted) {
        level->comma = true;
        p->at++;
        return NPK_OK;
    }
    return *p->at == level->close && !key ? close_container(p) : fail(p, key ? "':'" : "',' or the end of a container");
}

npk_status npki_literal(npki_arena *arena, const char *text, size_t size, npk_value **out, npk_error *error)
{
    parser p = {.arena = arena, .start = text, .at = text, .end = text + size, .error = error};
    bool wanted = true; /* a value, or the end of a container; else a separator */
    if (npki_utf8_check((const uint8_t *)text, size) != size)
        return npki_fail(error, NPK_NPY, "the header is no UTF-8");
    for (;;) {
        npk_status status;
        skip_blanks(&p);
        if (p.result != NULL) {
            if (p.at < p.end)
                return fail(&p, "the end of the header");
            *out = p.result;
            return NPK_OK;
        }
        if (p.at == p.end)
            return fail(&p, "more: the header ends here");
        if (!wanted) {
            status = take_separator(&p, &wanted);
        } else if (p.depth > 0 && *p.at == p.levels[p.depth - 1].close) {
            status = close_container(&p);
            wanted = false;
        } else {
            int depth = p.depth;
            status = take_value(&p);
            wanted = p.depth > depth; /* a container was opened */
        }
        if (status != NPK_OK)
            return status;
    }
}
