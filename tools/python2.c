#include "python2.h"

#include "common.h"
#include "option.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct kind_row {
    const char *name;
    npk_python2_str kind;
} kind_row;

static const kind_row kinds[] = {
    {"text", NPK_PYTHON2_STR_TEXT},
    {"utf8", NPK_PYTHON2_STR_UTF8},
    {"bytes", NPK_PYTHON2_STR_BYTES},
};

/* [PATH=]KIND, taken apart at its last '='. False: there is no such kind. */
static bool take_rule(const char *text, size_t *path_size, npk_python2_str *kind)
{
    const char *equals = strrchr(text, '='), *name = equals == NULL ? text : equals + 1;
    *path_size = equals == NULL ? 0 : (size_t)(equals - text);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *kind = kinds[i].kind;
            return equals == NULL || *path_size > 0;
        }
    return false;
}

/* By address, and the last rule of the command line first. */
static int compare_marks(const void *a, const void *b)
{
    const tool_python2_mark *x = a, *y = b;
    if (x->value != y->value)
        return (uintptr_t)x->value < (uintptr_t)y->value ? -1 : 1;
    return x->order > y->order ? -1 : x->order < y->order;
}

/* npk_python2_str_function */
static npk_python2_str ask(void *context, const npk_value *value)
{
    const tool_python2 *rules = context;
    size_t low = 0, high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)rules->marks[middle].value < (uintptr_t)value)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rules->count && rules->marks[low].value == value ? rules->marks[low].kind : NPK_PYTHON2_STR_KEEP;
}

int tool_parse_python2(const tool_arguments *arguments, size_t row, tool_python2 *rules, npk_write_options *out)
{
    *rules = (tool_python2){
        .arguments = arguments, .row = row, .met = calloc(arguments->given_count + 1, sizeof *rules->met)};
    if (rules->met == NULL)
        return tool_no_memory();
    for (size_t i = 0; i < arguments->given_count; i++) {
        size_t path_size;
        npk_python2_str kind;
        if (arguments->given[i].row != row)
            continue;
        if (!take_rule(arguments->given[i].value, &path_size, &kind))
            return tool_usage(arguments->command,
                              "--py2-str: expected text, utf8 or bytes, or PATH= and one of them, found '%s'",
                              arguments->given[i].value);
        if (npk_dialect_is_python2(out->dialect))
            continue;
        if (path_size == 0) {
            out->python2_str = kind;
            continue;
        }
        out->python2_str_of = ask;
        out->python2_str_context = rules;
    }
    return TOOL_GO_ON;
}

static npk_status add_mark(tool_python2 *rules, const tool_python2_mark *mark, npk_error *error)
{
    if (rules->count == rules->room) {
        size_t room = rules->room == 0 ? 64 : 2 * rules->room;
        tool_python2_mark *marks = realloc(rules->marks, room * sizeof *marks);
        if (marks == NULL)
            return tool_fail(error, NPK_ERR_MEMORY, NPK_NO_OFFSET, "an allocation failed");
        rules->marks = marks;
        rules->room = room;
    }
    rules->marks[rules->count++] = *mark;
    return NPK_OK;
}

/* Every string that a path leads to, or that lies below it. */
static npk_status mark_below(tool_python2 *rules, const npk_value *from, tool_python2_mark mark, npk_error *error)
{
    npk_walk *walk;
    npk_status status = npk_walk_start(from, NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &mark.value, error)) == NPK_OK && mark.value != NULL) {
        if (npk_value_kind(mark.value) == NPK_KIND_PYTHON2_STR)
            status = add_mark(rules, &mark, error);
        if (status != NPK_OK)
            break;
    }
    npk_walk_free(walk);
    return status;
}

npk_status tool_find_python2(tool_python2 *rules, const npk_value *root, npk_error *error)
{
    npk_status status = NPK_OK;
    rules->count = 0;
    for (size_t i = 0; status == NPK_OK && rules->arguments != NULL && i < rules->arguments->given_count; i++) {
        const tool_given *given = &rules->arguments->given[i];
        const npk_value *from;
        size_t path_size;
        tool_python2_mark mark = {.order = i};
        if (given->row != rules->row || !take_rule(given->value, &path_size, &mark.kind) || path_size == 0)
            continue;
        char *path = strndup(given->value, path_size);
        if (path == NULL)
            return tool_fail(error, NPK_ERR_MEMORY, NPK_NO_OFFSET, "an allocation failed");
        status = npk_value_find(root, path, &from, error);
        free(path);
        if (status == NPK_OK) {
            rules->met[i] = true;
            status = mark_below(rules, from, mark, error);
        } else if (status == NPK_ERR_NOT_FOUND) { /* perhaps the next pickle has it */
            status = NPK_OK;
        }
    }
    if (rules->count > 0)
        qsort(rules->marks, rules->count, sizeof *rules->marks, compare_marks);
    return status;
}

npk_status tool_check_python2(const tool_python2 *rules, npk_error *error)
{
    for (size_t i = 0; rules->met != NULL && i < rules->arguments->given_count; i++) {
        const tool_given *given = &rules->arguments->given[i];
        size_t path_size;
        npk_python2_str kind;
        if (given->row == rules->row && take_rule(given->value, &path_size, &kind) && path_size > 0 && !rules->met[i])
            return tool_fail(error, NPK_ERR_NOT_FOUND, NPK_NO_OFFSET, "--py2-str: there is nothing at '%.*s'",
                             (int)(path_size < 200 ? path_size : 200), given->value);
    }
    return NPK_OK;
}

void tool_free_python2(tool_python2 *rules)
{
    free(rules->met);
    free(rules->marks);
}
