#include "text/literal.h"

#include "base/bytes.h"
#include "base/error.h"
#include "text/number.h"
#include "text/unicode.h"

#define DEEPEST 200 /* containers inside one another, as in CPython's tokenizer */

typedef struct parser {
    const npki_script *script;
    const char *at, *end;
    struct level {
        npki_literal *container;
        char close;
        bool comma; /* one was met: (1,) is a tuple and (1) is not */
    } levels[DEEPEST];
    int depth;
    npki_literal *result;
} parser;

npk_status npki_script_fail(const npki_script *script, size_t at, const char *expected)
{
    size_t left = at < script->size ? script->size - at : 0;
    if (left == 0)
        return npki_fail(script->error, script->status, "character %zu of the %s: expected %s, found its end", at,
                         script->what, expected);
    return npki_fail(script->error, script->status, "character %zu of the %s: expected %s, found %.*s%s", at,
                     script->what, expected, (int)(left < 40 ? left : 40), script->text + at, left > 40 ? "..." : "");
}

npk_status npki_script_full(const npki_script *script)
{
    return npki_arena_failed(script->arena, script->error);
}

npki_literal *npki_literal_new(npki_arena *arena, npki_literal_kind kind, size_t at)
{
    npki_literal *literal = npki_arena_take(arena, sizeof *literal);
    if (literal != NULL)
        *literal = (npki_literal){.kind = kind, .at = at};
    return literal;
}

void npki_literal_add(npki_literal *container, npki_literal *item)
{
    if (container->last == NULL)
        container->first = item;
    else
        container->last->next = item;
    container->last = item;
    container->count++;
}

const npki_literal *npki_literal_get(const npki_literal *dict, const char *key)
{
    const npki_literal *found = NULL;
    size_t size = strlen(key);
    for (const npki_literal *at = dict->first; at != NULL; at = at->next->next)
        if (at->kind == NPKI_LITERAL_STR && at->size == size && memcmp(at->text, key, size) == 0)
            found = at->next;
    return found;
}

static size_t place(const parser *p)
{
    return (size_t)(p->at - p->script->text);
}

static npk_status fail(const parser *p, const char *expected)
{
    return npki_script_fail(p->script, place(p), expected);
}

/* A list, a dict, or a tuple that holds one. */
static bool is_unhashable(const npki_literal *literal)
{
    return literal->kind == NPKI_LITERAL_LIST || literal->kind == NPKI_LITERAL_DICT ||
           (literal->kind == NPKI_LITERAL_TUPLE && literal->number != 0);
}

/* A finished literal goes to the container that is open, or is the result. */
static npk_status deliver(parser *p, npki_literal *literal)
{
    if (literal == NULL)
        return npki_script_full(p->script);
    if (p->depth == 0) {
        p->result = literal;
        return NPK_OK;
    }
    npki_literal *container = p->levels[p->depth - 1].container;
    if (is_unhashable(literal)) {
        if (container->kind == NPKI_LITERAL_DICT && container->count % 2 == 0)
            return npki_script_fail(p->script, literal->at, "a key");
        container->number = container->kind == NPKI_LITERAL_TUPLE;
    }
    npki_literal_add(container, literal);
    return NPK_OK;
}

static npk_status open_container(parser *p, npki_literal_kind kind, char close)
{
    if (p->depth == DEEPEST)
        return npki_fail(p->script->error, NPK_ERR_LIMIT, "a %s with more than %d containers inside one another",
                         p->script->what, DEEPEST);
    npki_literal *container = npki_literal_new(p->script->arena, kind, place(p));
    if (container == NULL)
        return npki_script_full(p->script);
    p->levels[p->depth++] = (struct level){container, close, false};
    p->at++;
    return NPK_OK;
}

static npk_status close_container(parser *p)
{
    struct level *level = &p->levels[p->depth - 1];
    npki_literal *literal = level->container;
    if (literal->kind == NPKI_LITERAL_DICT && literal->count % 2 != 0)
        return fail(p, "a value");
    if (literal->kind == NPKI_LITERAL_TUPLE && literal->count == 1 && !level->comma) /* only brackets */
        literal = literal->first;
    p->at++;
    p->depth--;
    return deliver(p, literal);
}

static npk_status take_number(parser *p)
{
    const char *from = p->at;
    npki_literal *literal = npki_literal_new(p->script->arena, NPKI_LITERAL_INT, place(p));
    if (literal == NULL)
        return npki_script_full(p->script);
    while (p->at < p->end && (*p->at == '-' || *p->at == '+' || (*p->at >= '0' && *p->at <= '9')))
        p->at++;
    const char *digits = from + (*from == '-' || *from == '+');
    bool zeros = p->at - digits > 1 && *digits == '0'; /* "00" is an int to Python, "03" is none */
    if (!npki_parse_int64((const uint8_t *)from, (size_t)(p->at - from), &literal->number) ||
        (zeros && literal->number != 0))
        return npki_script_fail(p->script, literal->at, "an int of 64 bits");
    if (p->at < p->end && *p->at == 'L')
        p->at++;
    return deliver(p, literal);
}

static npk_status take_word(parser *p)
{
    static const struct {
        const char *word;
        npki_literal_kind kind;
        int number;
    } words[] = {{"True", NPKI_LITERAL_BOOL, 1}, {"False", NPKI_LITERAL_BOOL, 0}, {"None", NPKI_LITERAL_NONE, 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(p->end - p->at) < length || memcmp(p->at, words[i].word, length) != 0)
            continue;
        npki_literal *literal = npki_literal_new(p->script->arena, words[i].kind, place(p));
        p->at += length;
        if (literal != NULL)
            literal->number = words[i].number;
        return deliver(p, literal);
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

static npk_status take_escape(parser *p, npki_literal_kind kind, uint8_t **out)
{
    static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
    p->at++;
    if (p->at == p->end)
        return fail(p, "an escape");
    char c = *p->at++;
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    bool wide = kind == NPKI_LITERAL_STR;
    uint32_t character = '\\';
    if (letter != NULL)
        character = (uint8_t)meanings[letter - letters];
    else if (c == 'x' || (wide && (c == 'u' || c == 'U'))) {
        if (!take_hex(p, c == 'x' ? 2 : c == 'u' ? 4 : 8, &character))
            return fail(p, "an escape");
    } else if ((c >= '0' && c <= '7') || c == '\n' || (wide && c == 'N')) { /* repr() has none of these */
        return fail(p, "an escape");
    } else {
        p->at--; /* no escape: the backslash is one */
    }
    uint8_t bytes[4] = {(uint8_t)character};
    size_t size = wide ? npki_utf8_put(character, bytes) : 1;
    memcpy(*out, bytes, size);
    *out += size;
    return NPK_OK;
}

static npk_status take_string(parser *p, npki_literal_kind kind)
{
    npki_literal *literal = npki_literal_new(p->script->arena, kind, place(p));
    char quote = *p->at++;
    const char *from = p->at;
    const char *end = from;
    while (end < p->end && *end != quote)
        end += *end == '\\' && end + 1 < p->end ? 2 : 1;
    /* no escape is shorter than what it means */
    uint8_t *text = npki_arena_take(p->script->arena, (size_t)(end - from) + 1);
    if (literal == NULL || text == NULL)
        return npki_script_full(p->script);
    uint8_t *out = text;
    while (p->at < p->end && *p->at != quote) {
        if (*p->at == '\\') {
            npk_status status = take_escape(p, kind, &out);
            if (status != NPK_OK)
                return status;
        } else {
            *out++ = (uint8_t)*p->at++;
        }
    }
    if (p->at == p->end)
        return fail(p, "the end of a string");
    p->at++;
    *out = '\0';
    literal->text = (const char *)text;
    literal->size = (size_t)(out - text);
    return deliver(p, literal);
}

static bool at_quote(const parser *p, size_t offset)
{
    return (size_t)(p->end - p->at) > offset && (p->at[offset] == '\'' || p->at[offset] == '"');
}

static npk_status take_value(parser *p)
{
    bool prefixed = at_quote(p, 1);
    switch (*p->at) {
    case '{':
        return open_container(p, NPKI_LITERAL_DICT, '}');
    case '[':
        return open_container(p, NPKI_LITERAL_LIST, ']');
    case '(':
        return open_container(p, NPKI_LITERAL_TUPLE, ')');
    case '\'':
    case '"':
        return take_string(p, NPKI_LITERAL_STR);
    case 'u': /* Python 2 */
    case 'b':
        p->at += prefixed;
        return prefixed ? take_string(p, p->at[-1] == 'b' ? NPKI_LITERAL_BYTES : NPKI_LITERAL_STR) : fail(p, "a value");
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
    bool key = level->container->kind == NPKI_LITERAL_DICT && level->container->count % 2 == 1;
    *wanted = *p->at == (key ? ':' : ',');
    if (*wanted) {
        level->comma = true;
        p->at++;
        return NPK_OK;
    }
    return *p->at == level->close && !key ? close_container(p) : fail(p, key ? "':'" : "',' or the end of a container");
}

npk_status npki_literal_read(const npki_script *script, npki_literal **out)
{
    parser p = {.script = script, .at = script->text, .end = script->text + script->size};
    bool wanted = true; /* a value, or the end of a container; else a separator */
    for (;;) {
        npk_status status;
        skip_blanks(&p);
        if (p.result != NULL) {
            if (p.at < p.end)
                return fail(&p, "no more");
            *out = p.result;
            return NPK_OK;
        }
        if (p.at == p.end)
            return fail(&p, "more");
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
