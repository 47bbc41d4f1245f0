/* numpy: _core/_internal.py, _commastring(); descriptor.c, _check_for_commastring(). */
#include "dtype/parse_literal.h"

#include "base/bytes.h"

typedef struct parser {
    const npki_script *script;
    const npki_literal *str;
    const char *at, *end;
} parser;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_order(char c)
{
    return c != '\0' && memchr("<>|=", c, 4) != NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool npki_is_comma_string(const char *text, size_t size)
{
    size_t from = size > 1 && is_order(text[0]);
    int brackets = 0;
    if (size > 0 && (is_digit(text[0]) || is_digit(text[from])))
        return true;
    if ((size > 1 && memcmp(text, "()", 2) == 0) || (size > 3 && from == 1 && memcmp(text + 1, "()", 2) == 0))
        return true;
    for (size_t i = 1; i < size; i++) {
        if (text[i] == ',' && brackets == 0)
            return true;
        brackets += (text[i] == '[') - (text[i] == ']');
    }
    return false;
}

static npk_status fail(const parser *p, const char *expected)
{
    return npki_script_fail(p->script, p->str->at, expected);
}

static char take_order(parser *p)
{
    return p->at < p->end && is_order(*p->at) ? *p->at++ : '\0';
}

static void skip(parser *p, char c)
{
    while (p->at < p->end && *p->at == c)
        p->at++;
}

/* A number and what is put after it; -1 where there is none. Python has no numbers with zeros in front. */
static int64_t take_length(parser *p)
{
    int64_t number = 0;
    const char *from = p->at;
    for (; p->at < p->end && is_digit(*p->at); p->at++)
        number = number > INT32_MAX ? number : number * 10 + (*p->at - '0'); /* more is refused later */
    bool zeros = p->at - from > 1 && *from == '0' && number != 0;
    return p->at == from || zeros ? -1 : number;
}

static npki_literal *new_length(const parser *p, int64_t number)
{
    npki_literal *literal = npki_literal_new(p->script->arena, NPKI_LITERAL_INT, p->str->at);
    if (literal != NULL)
        literal->number = number;
    return literal;
}

/* What stands in front of a type: `3`, `2,3`, `(2, 3)`, `(3,)`, `()`, as Python reads it. *out: NULL where there is
 * nothing. */
static npk_status take_shape(parser *p, npki_literal **out)
{
    const char *from = p->at;
    *out = NULL;
    skip(p, ' ');
    bool bracket = p->at < p->end && *p->at == '(';
    bool comma = false;
    npki_literal *shape = npki_literal_new(p->script->arena, NPKI_LITERAL_TUPLE, p->str->at), *length = NULL;
    p->at += bracket;
    for (;;) {
        skip(p, ' ');
        if (p->at == p->end || !is_digit(*p->at))
            break;
        int64_t number = take_length(p);
        length = new_length(p, number);
        if (shape == NULL || length == NULL)
            return npki_script_full(p->script);
        if (number < 0 || (shape->count > 0 && !comma))
            return fail(p, "a shape in front of a type");
        npki_literal_add(shape, length);
        skip(p, ' ');
        comma = p->at < p->end && *p->at == ',';
        p->at += comma;
    }
    if (p->at < p->end && *p->at == ',')
        return fail(p, "a shape in front of a type");
    bool closed = p->at < p->end && *p->at == ')';
    p->at += closed;
    skip(p, ' ');
    if (p->at == from)
        return NPK_OK;
    if (shape == NULL)
        return npki_script_full(p->script);
    if (closed != bracket || (shape->count == 0 && !bracket))
        return fail(p, "a shape in front of a type");
    *out = shape->count == 1 && !comma ? length : shape;
    return NPK_OK;
}

static bool is_type_letter(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '?';
}

/* The name of a type, with what may follow it in brackets. */
static void skip_type(parser *p)
{
    while (p->at < p->end && is_type_letter(*p->at))
        p->at++;
    const char *inside = p->at;
    if (inside == p->end || *inside != '[')
        return;
    do
        inside++;
    while (inside < p->end && *inside != '?' && (is_type_letter(*inside) || *inside == ','));
    if (inside < p->end && *inside == ']')
        p->at = inside + 1;
}

static npk_status take_item(parser *p, npki_literal **out)
{
    npki_literal *shape, *item = npki_literal_new(p->script->arena, NPKI_LITERAL_STR, p->str->at);
    char first = take_order(p);
    npk_status status = take_shape(p, &shape);
    if (status != NPK_OK)
        return status;
    char second = take_order(p), native = npki_native_order();
    const char *from = p->at;
    skip_type(p);
    if (first != '\0' && second != '\0' && (first == '=' ? native : first) != (second == '=' ? native : second))
        return fail(p, "one byte order, not two");
    char order = first != '\0' ? first : second;
    if (order == '|' || order == '=' || order == native)
        order = '\0';
    size_t size = (size_t)(p->at - from);
    char *text = npki_arena_take(p->script->arena, size + 2);
    if (item == NULL || text == NULL)
        return npki_script_full(p->script);
    text[0] = order;
    memcpy(text + (order != '\0'), from, size);
    item->text = text;
    item->size = size + (order != '\0');
    text[item->size] = '\0';
    if (shape == NULL) {
        *out = item;
        return NPK_OK;
    }
    *out = npki_literal_new(p->script->arena, NPKI_LITERAL_TUPLE, p->str->at);
    if (*out == NULL)
        return npki_script_full(p->script);
    npki_literal_add(*out, item);
    npki_literal_add(*out, shape);
    return NPK_OK;
}

/* What stands between two items, or blanks at the end. *more: another item is to come; a last comma is none. */
static npk_status take_separator(parser *p, bool *list, bool *more)
{
    while (p->at < p->end && is_blank(*p->at))
        p->at++;
    *more = false;
    if (p->at == p->end)
        return NPK_OK;
    if (*p->at != ',')
        return fail(p, "types with commas between them");
    *list = true;
    p->at++;
    while (p->at < p->end && is_blank(*p->at))
        p->at++;
    *more = p->at < p->end;
    return NPK_OK;
}

npk_status npki_parse_comma(const npki_script *script, const npki_literal *str, npki_literal **out)
{
    parser p = {script, str, str->text, str->text + str->size};
    npki_literal *all = npki_literal_new(script->arena, NPKI_LITERAL_LIST, str->at), *item = NULL;
    bool list = false, more = true;
    if (all == NULL)
        return npki_script_full(script);
    while (more) {
        npk_status status = take_item(&p, &item);
        if (status == NPK_OK)
            status = take_separator(&p, &list, &more);
        if (status != NPK_OK)
            return status;
        if (more || all->count == 0 || item->kind != NPKI_LITERAL_STR ||
            item->size > 0) /* NumPy drops an empty one at the end */
            npki_literal_add(all, item);
    }
    *out = list ? all : all->first;
    return NPK_OK;
}
