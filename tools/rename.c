#include "rename.h"

#include "common.h"
#include "option.h"

#include <stdlib.h>
#include <string.h>

/* OLD or NEW, taken apart at its ':'. */
typedef struct place {
    const char *module;
    size_t module_size;
    const char *name; /* NULL: all of the module, and of those inside it */
    size_t name_size;
} place;

static place take_place(const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    if (colon == NULL)
        return (place){text, size, NULL, 0};
    return (place){text, (size_t)(colon - text), colon + 1, size - (size_t)(colon + 1 - text)};
}

/* A name, or several with dots between them: what import can take. */
static bool is_dotted(const char *text, size_t size)
{
    bool between = true;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || strchr(":=/", text[i]) != NULL ||
            (between && text[i] == '.'))
            return false;
        between = text[i] == '.';
    }
    return !between;
}

static bool is_place(const place *at)
{
    return is_dotted(at->module, at->module_size) && (at->name == NULL || is_dotted(at->name, at->name_size));
}

/* False: there is no '='. */
static bool take_rule(const char *text, place *from, place *to)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        return false;
    *from = take_place(text, (size_t)(equals - text));
    *to = take_place(equals + 1, strlen(equals + 1));
    return true;
}

/* Whether a name is `outer`, or inside it: "A" and "A.B" are in "A". */
static bool is_in(const char *name, size_t size, const char *outer, size_t outer_size)
{
    return size >= outer_size && memcmp(name, outer, outer_size) == 0 &&
           (size == outer_size || name[outer_size] == '.');
}

static bool fits(const place *from, const npk_name *name)
{
    if (from->name == NULL)
        return is_in(name->module, name->module_size, from->module, from->module_size);
    return name->module_size == from->module_size && memcmp(name->module, from->module, from->module_size) == 0 &&
           is_in(name->name, name->name_size, from->name, from->name_size);
}

/* `text` with its first `old` bytes replaced, at *at. */
static const char *put(char **at, const char *to, size_t to_size, const char *text, size_t size, size_t old)
{
    char *start = *at;
    memcpy(start, to, to_size);
    memcpy(start + to_size, text + old, size - old);
    *at += to_size + size - old;
    return start;
}

static bool answer(tool_renames *renames, const place *from, const place *to, const npk_name *name, npk_name *out)
{
    size_t most = to->module_size + name->module_size + to->name_size + name->name_size;
    char *room = realloc(renames->room, most), *at = room;
    if (room == NULL) { /* an empty name: the writer fails */
        *out = (npk_name){.module = "", .name = ""};
        return renames->failed = true;
    }
    renames->room = room;
    out->module = put(&at, to->module, to->module_size, name->module, name->module_size, from->module_size);
    out->module_size = (size_t)(at - out->module);
    out->name = put(&at, to->name != NULL ? to->name : "", to->name_size, name->name, name->name_size, from->name_size);
    out->name_size = (size_t)(at - out->name);
    return true;
}

/* npk_rename_function: the first rule that fits counts. */
static bool ask(void *context, const npk_name *name, npk_name *out)
{
    tool_renames *renames = context;
    place from, to;
    for (size_t i = 0; i < renames->arguments->given_count; i++) {
        const tool_given *given = &renames->arguments->given[i];
        if (given->row != renames->row || !take_rule(given->value, &from, &to) || !fits(&from, name))
            continue;
        renames->used[i] = true;
        return answer(renames, &from, &to, name, out);
    }
    return false;
}

int tool_parse_renames(const tool_arguments *arguments, size_t row, tool_renames *renames, npk_write_options *out)
{
    *renames = (tool_renames){
        .arguments = arguments, .row = row, .used = calloc(arguments->given_count + 1, sizeof *renames->used)};
    if (renames->used == NULL)
        return tool_no_memory();
    for (size_t i = 0; i < arguments->given_count; i++) {
        const tool_given *given = &arguments->given[i];
        place from, to;
        if (given->row != row)
            continue;
        if (!take_rule(given->value, &from, &to) || (from.name == NULL) != (to.name == NULL) || !is_place(&from) ||
            !is_place(&to))
            return tool_usage(
                arguments->command,
                "--rename: expected old.module=new.module or old.module:Class=new.module:Class, found '%s'",
                given->value);
        if (is_in(from.module, from.module_size, "numpy", 5))
            return tool_usage(arguments->command,
                              "--rename: what is NumPy's has the names that --dialect says, found '%s'", given->value);
        out->rename = ask;
        out->rename_context = renames;
    }
    return TOOL_GO_ON;
}

void tool_note_unused_renames(const tool_renames *renames, const char *file)
{
    for (size_t i = 0; i < renames->arguments->given_count; i++)
        if (renames->arguments->given[i].row == renames->row && !renames->used[i])
            tool_note(file, "--rename=%s renamed nothing", renames->arguments->given[i].value);
}

void tool_free_renames(tool_renames *renames)
{
    free(renames->used);
    free(renames->room);
}
