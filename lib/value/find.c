/* Paths into a graph: the value that one leads to. */
#include "value/key.h"
#include "value/lookup.h"
#include "value/step.h"
#include "value/walk.h"

#include "base/cpu.h"
#include "base/error.h"
#include "text/literal.h"
#include "text/quote.h"
#include "text/unicode.h"

#include <string.h>

/* A step ends where the next begins. */
static bool starts_with(const char *path, const npki_sink *step, size_t *length)
{
    *length = step->size;
    if (step->size == 0 || strncmp(path, step->bytes, step->size) != 0)
        return false;
    char after = path[step->size];
    return after == '\0' || after == '[' || after == '.';
}

#define DEEPEST 8 /* an object and parts of it in one another: state, what holds an array, attributes */

/* A value whose children are looked at, and how the path to it begins. */
typedef struct stop {
    const npk_value *value;
    npki_trail at;
    size_t left; /* children */
    size_t base, size;
} stop;

/* From the last child to the first: what is set twice is what came last, and slots come before what is below them. */
static size_t next_child(const npk_value *value, size_t left)
{
    return value->kind == NPK_KIND_OBJECT ? npki_children(value) - left : left - 1;
}

/* Whether `path` may begin with the long key of this child. One that has more bytes is not spelled: it may stand in any
 * number of places. */
static bool may_be_full(const npk_value *dict, size_t index, const char *path)
{
    return npki_has_full_step(dict, index) && npki_size_of_key(npki_item_of(dict, index - 1)) < strlen(path);
}

/* Whether the start of `path` leads to this child of the value; then *base is that of a step out of it. False without
 * memory too: then step->status says so. */
static bool leads_to(const stop *top, size_t index, const char *path, size_t *base, npki_sink *step, size_t *length)
{
    npki_sink_cut(step, top->size);
    *base = top->base;
    if (may_be_full(top->value, index, path) && npki_full_step(top->at, top->value, index, base, step) &&
        starts_with(path, step, length))
        return true;
    npki_sink_cut(step, top->size);
    *base = top->base;
    return npki_step(top->at, top->value, index, base, step) && starts_with(path, step, length);
}

/* --- by key --- */

/* What a path says of a dict without a look at what is in it. */
typedef enum way {
    MANY,    /* any of its children may be meant */
    NOTHING, /* none is */
    ONE      /* no other than this one */
} way;

static bool is_end(char after)
{
    return after == '\0' || after == '[' || after == '.';
}

/* "123]" as put_index writes it. */
static bool take_int(const char **at, int64_t *number)
{
    const char *p = *at;
    bool negative = *p == '-';
    uint64_t value = 0;
    p += negative;
    const char *first = p;
    for (; *p >= '0' && *p <= '9' && p - first < 18; p++)
        value = value * 10 + (uint64_t)(*p - '0');
    if (p == first || *p != ']' || (*first == '0' && (p - first > 1 || negative)))
        return false;
    *number = negative ? -(int64_t)value : (int64_t)value;
    *at = p + 1;
    return true;
}

static way pair_way(size_t pair, size_t *index)
{
    *index = 2 * pair + 1;
    return pair != NPKI_NO_PAIR ? ONE : NOTHING;
}

/* "'key']": with an escape in it, several keys may have the same spelling. */
static way text_way(const npk_value *dict, const char *text, size_t *index)
{
    npk_value key = {.kind = NPK_KIND_BYTES};
    bool bytes = text[0] == 'b';
    text += bytes;
    const char *end = text[0] == '\'' || text[0] == '"' ? strchr(text + 1, text[0]) : NULL;
    if (end == NULL || memchr(text, '\\', (size_t)(end - text)) != NULL || end[1] != ']' || !is_end(end[2]))
        return MANY;
    key.u.text.bytes = (const uint8_t *)text + 1;
    key.u.text.size = (uint64_t)(end - text - 1);
    return pair_way(bytes ? npki_dict_find(dict, &key) : npki_dict_find_text(dict, text + 1, (size_t)key.u.text.size),
                    index);
}

/* "<values>[12]": by its place. */
static way place_way(const npk_value *dict, const char *text, size_t *index)
{
    bool values = strncmp(text, "<values>[", 9) == 0;
    int64_t number;
    if (!values && strncmp(text, "<keys>[", 7) != 0)
        return MANY;
    text += values ? 9 : 7;
    if (!take_int(&text, &number) || number < 0 || !is_end(*text))
        return MANY;
    *index = 2 * (size_t)number + values;
    return (uint64_t)number < npk_value_size(dict) ? ONE : NOTHING;
}

static way number_way(const npk_value *dict, const char *text, size_t *index)
{
    npk_value key = {.kind = NPK_KIND_INT};
    if (!take_int(&text, &key.u.integer) || !is_end(*text))
        return MANY;
    way found = pair_way(npki_dict_find(dict, &key), index);
    /* 1.0 has no such step */
    return found == ONE && npki_item_of(dict, *index - 1)->kind != NPK_KIND_INT ? MANY : found;
}

static way name_way(const npk_value *dict, const char *name, size_t *index)
{
    size_t size = 0;
    while (!is_end(name[size]))
        size++;
    return pair_way(npki_dict_find_text(dict, name, size), index);
}

/* "[123]" of a list or tuple: the item there is tried first. */
static way item_way(const npk_value *list, const char *text, size_t *index)
{
    int64_t number;
    if (*text++ != '[' || !take_int(&text, &number) || number < 0 || !is_end(*text))
        return MANY;
    *index = (size_t)number;
    return (uint64_t)number < npk_value_size(list) ? ONE : MANY;
}

/* Out of a value that was reached by `step`, to the start of `path`. */
static way way_out(const stop *top, const char *path, const npki_sink *step, size_t *index)
{
    const npk_value *dict = top->value;
    const bool follows = top->size == 0 || strncmp(path, step->bytes, top->size) == 0;
    if (dict->kind == NPK_KIND_LIST || dict->kind == NPK_KIND_TUPLE)
        return follows ? item_way(dict, path + top->size, index) : MANY;
    bool attributes = top->at.part == NPKI_PART_ATTRIBUTES || top->at.part == NPKI_PART_BELOW;
    bool simple = top->at.part != NPKI_PART_HOLDER && top->at.part != NPKI_PART_SLOTS;
    if (dict->kind != NPK_KIND_DICT || npk_value_size(dict) <= NPKI_FEW_KEYS || !simple ||
        npki_cpu_level() == NPKI_CPU_PLAIN)
        return MANY;
    if (attributes && strncmp(path, step->bytes, top->base) == 0) { /* where the owner is left */
        const char *name = path + top->base;
        if (name[0] == '.' && name[1] != '<')
            return name_way(dict, name + 1, index);
    }
    if (!follows)
        return MANY;
    const char *rest = path + top->size;
    if (strncmp(rest, ".<", 2) == 0)
        return place_way(dict, rest + 1, index);
    if (rest[0] != '[')
        return MANY;
    return rest[1] == '-' || (rest[1] >= '0' && rest[1] <= '9') ? number_way(dict, rest + 1, index)
                                                                : text_way(dict, rest + 1, index);
}

/* The child of `value` that the start of `path` leads to, directly or through parts of an object; NULL without one. */
static npk_status follow(const npk_value *value, const char *path, npki_sink *step, const npk_value **out,
                         size_t *length, npk_error *error)
{
    stop stops[DEEPEST] = {{.value = value, .left = npki_children(value)}};
    size_t depth = 1, index = 0, base;
    *out = NULL;
    while (depth > 0 && step->status == NPK_OK) {
        stop *top = &stops[depth - 1];
        way to_go = top->left == npki_children(top->value) ? way_out(top, path, step, &index) : MANY;
        if (to_go == ONE && leads_to(top, index, path, &base, step, length)) {
            *out = npki_child(top->value, index);
            return NPK_OK;
        }
        if (top->left == 0 || to_go == NOTHING) {
            depth--;
            continue;
        }
        index = next_child(top->value, top->left--);
        const npk_value *child = npki_child(top->value, index);
        if (child == NULL || npki_is_of_state(top->at, top->value, index))
            continue;
        if (leads_to(top, index, path, &base, step, length)) {
            *out = child;
            return NPK_OK;
        }
        npki_trail to = npki_trail_to(top->at, top->value, index);
        if (to.part != NPKI_PART_NONE && depth < DEEPEST)
            stops[depth++] = (stop){child, to, npki_children(child), base, step->size};
    }
    return step->status == NPK_OK ? NPK_OK : npki_no_memory(error);
}

/* "#57" at the start of a path: its length, 0 where there is none. */
static size_t take_number(const char *path, uint64_t *number)
{
    size_t length = 1;
    *number = 0;
    if (path[0] != '#')
        return 0;
    for (; path[length] >= '0' && path[length] <= '9' && *number < UINT64_MAX / 10; length++)
        *number = *number * 10 + (uint64_t)(path[length] - '0');
    return length > 1 ? length : 0;
}

/* Why nothing was found at a step that has an end as no path has it: at which of the path's characters, from 1 on; else
 * that there is nothing. */
static npk_status fail_step(const char *path, const char *step, npk_error *error)
{
    const int shown = (int)(strlen(path) < 120 ? strlen(path) : 120);
    const char *text = step + 1 + (step[1] == 'b'), *end = NULL;
    const char quote = *step == '[' && (*text == '\'' || *text == '"') ? *text : '\0';
    if (quote != '\0')
        for (end = text + 1; *end != '\0' && *end != quote; end++)
            end += *end == '\\' && end[1] != '\0';
    if (end != NULL && *end == '\0')
        return npki_fail(error, NPK_ERR_USAGE, "the path %.*s: the quote at character %zu has no other at its end",
                         shown, path, (size_t)(text - path) + 1);
    if (*step == '[' && (end != NULL ? end[1] != ']' : strchr(step, ']') == NULL))
        return npki_fail(error, NPK_ERR_USAGE, "the path %.*s: the '[' at character %zu has no ']' behind its key",
                         shown, path, (size_t)(step - path) + 1);
    if (end != NULL && !is_end(end[2]))
        return npki_fail(error, NPK_ERR_USAGE, "the path %.*s: expected [...] or .name from character %zu on", shown,
                         path, (size_t)(end + 2 - path) + 1);
    if (*step == '[' && end == NULL && strchr("0123456789-", step[1]) == NULL)
        return npki_fail(error, NPK_ERR_USAGE,
                         "the path %.*s: expected a str, bytes or an int at character %zu; what a dict has under "
                         "another key is .<values>[0], and so on",
                         shown, path, (size_t)(step - path) + 2);
    return npki_fail(error, NPK_ERR_NOT_FOUND, "there is nothing at '%.*s'", shown, path);
}

/* One in the spelling that npki_step has. */
static npk_status find_spelled(const npk_value *root, const char *path, const npk_value **out, npk_error *error)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_sink step;
    npki_sink_start(&step, &allocator, NULL, NULL, NPK_UNLIMITED);
    const npk_value *value = root;
    uint64_t number;
    const char *rest = path + take_number(path, &number);
    npk_status status = rest > path ? npki_walk_find(root, number, &value, error) : NPK_OK;
    if (status == NPK_OK && value == NULL)
        status = npki_fail(error, NPK_ERR_NOT_FOUND, "there is nothing at '%.24s'", path);
    while (status == NPK_OK && *rest != '\0') {
        const npk_value *child = NULL;
        size_t length = 0;
        if (*rest != '[' && *rest != '.')
            status = npki_fail(error, NPK_ERR_USAGE, "a path is made of [...] and .name, found '%.20s'", rest);
        if (status == NPK_OK)
            status = follow(value, rest, &step, &child, &length, error);
        if (status == NPK_OK && child == NULL)
            status = fail_step(path, rest, error);
        value = child;
        rest += length;
    }
    npki_sink_drop(&step);
    if (status == NPK_OK)
        *out = value;
    return status;
}

/* --- other spellings --- */

/* "['key']" in the start of a path, by any escapes and quotes of a Python literal, in the spelling of npki_step.
 * Returns its length; 0: it is none. */
static size_t respell_key(const char *path, npki_arena *arena, npki_sink *out)
{
    const char *text = path + 1, *quoted = text + (*text == 'b'), *end = quoted + 1;
    npki_literal *key;
    if (*path != '[' || (*quoted != '\'' && *quoted != '"'))
        return 0;
    while (*end != '\0' && *end != *quoted)
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    if (*end == '\0' || end[1] != ']')
        return 0;
    const npki_script script = {
        .text = text, .size = (size_t)(end + 1 - text), .what = "path", .status = NPK_ERR_USAGE, .arena = arena};
    if (npki_utf8_check((const uint8_t *)text, script.size) != script.size ||
        npki_literal_read(&script, &key) != NPK_OK)
        return 0;
    npki_sink_char(out, '[');
    npki_quote(out, key->kind == NPKI_LITERAL_BYTES ? NPK_TEXT_BYTES : NPK_TEXT_STR, key->text, key->size);
    npki_sink_char(out, ']');
    return (size_t)(end + 2 - path);
}

/* All of it. False without memory. */
static bool respell(const char *path, const npk_allocator *allocator, npki_sink *out)
{
    npki_arena arena;
    npki_arena_init(&arena, allocator, NPK_UNLIMITED);
    while (*path != '\0') {
        const size_t length = respell_key(path, &arena, out);
        if (length == 0)
            npki_sink_char(out, *path);
        path += length == 0 ? 1 : length;
    }
    npki_sink_char(out, '\0');
    npki_arena_free(&arena);
    return out->status == NPK_OK;
}

npk_status npk_value_find(const npk_value *root, const char *path, const npk_value **out, npk_error *error)
{
    if (root == NULL || path == NULL || out == NULL)
        return npki_fail(error, root == NULL ? NPK_ERR_TYPE : NPK_ERR_USAGE,
                         "expected a value, a path and a place for what is there, found NULL");
    npk_error missing;
    npk_status status = find_spelled(root, path, out, &missing);
    if (status == NPK_ERR_NOT_FOUND) {
        npk_allocator allocator = npki_allocator(NULL);
        npki_sink spelled;
        npki_sink_start(&spelled, &allocator, NULL, NULL, NPK_UNLIMITED);
        if (!respell(path, &allocator, &spelled))
            status = npki_no_memory(&missing);
        else if (strcmp(path, spelled.bytes) != 0 && find_spelled(root, spelled.bytes, out, NULL) == NPK_OK)
            status = NPK_OK;
        npki_sink_drop(&spelled);
    }
    if (status != NPK_OK && error != NULL)
        *error = missing;
    return status;
}
