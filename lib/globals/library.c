/* Which Python has which name of its standard library: a table by name, looked up by halves.
 *
 * The texts lie in one struct and the rows say where in it, so that all of it is data that no loader has to write
 * to. */
#include "globals/library.h"

#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define TEXT(text) char JOIN(line_, __LINE__)[sizeof(text)];
#define MOVED_TEXT(name, module, other) name "\0" module "\0" other

static const struct texts {
#define LIBRARY(name, since, until) TEXT(name)
#define MOVED(name, since, until, module, other) TEXT(MOVED_TEXT(name, module, other))
#include "globals/library.def"
#undef LIBRARY
#undef MOVED
} texts = {
#define LIBRARY(name, since, until) name,
#define MOVED(name, since, until, module, other) MOVED_TEXT(name, module, other),
#include "globals/library.def"
#undef LIBRARY
#undef MOVED
};

typedef struct library_row {
    uint32_t at; /* in texts */
    uint16_t since, until;
    bool moved; /* its text goes on with the other name */
} library_row;

static const library_row rows[] = {
#define ROW(since, until, moved) {offsetof(struct texts, JOIN(line_, __LINE__)), since, until, moved},
#define LIBRARY(name, since, until) ROW(since, until, false)
#define MOVED(name, since, until, module, other) ROW(since, until, true)
#include "globals/library.def"
#undef LIBRARY
#undef MOVED
};

#define COUNT (sizeof rows / sizeof *rows)

static const char *text_of(size_t row)
{
    return (const char *)&texts + rows[row].at;
}

/* How `size` bytes compare with as many of the text at *text, which goes past those that are the same. */
static int order_of(const char **text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++, ++*text)
        if (**text != bytes[i] || **text == '\0')
            return (uint8_t) * *text <= (uint8_t)bytes[i] ? -1 : 1;
    return 0;
}

/* How "module name" of a row compares with a name. */
static int order(size_t row, const npki_global_name *name)
{
    const char *text = text_of(row);
    int order = order_of(&text, name->module, name->module_size);
    if (order == 0)
        order = order_of(&text, " ", 1);
    if (order == 0)
        order = order_of(&text, name->name, name->name_size);
    return order != 0 ? order : *text != '\0';
}

/* The first row of a name; COUNT: it has none. */
static size_t find(const npki_global_name *name)
{
    size_t low = 0, high = COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(middle, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < COUNT && order(low, name) == 0 ? low : COUNT;
}

static npki_global_name moved_to(size_t row)
{
    const char *module = text_of(row) + strlen(text_of(row)) + 1, *name = module + strlen(module) + 1;
    return (npki_global_name){module, strlen(module), name, strlen(name)};
}

/* Whether all of a target have it; else *why, and *other if there is one. */
static bool has(const npki_global_name *name, npki_release first, npki_release last, npki_lack *why,
                npki_global_name *other)
{
    size_t row = find(name), from = row;
    npki_release past = 0; /* the last that has it before `first` */
    for (; row < COUNT && order(row, name) == 0; row++) {
        bool begun = rows[row].since <= first, ends = rows[row].until != NPKI_EVER && rows[row].until < last;
        if (begun && !ends)
            return true;
        if (begun)
            past = rows[row].until;
        else if (why->since == NPKI_EVER)
            why->since = rows[row].since;
    }
    if (from == COUNT)
        return true;
    *why = (npki_lack){.project = NPKI_OF_PYTHON, .target = first, .since = why->since, .until = past};
    if (past >= first || why->since == NPKI_EVER) /* it ends in the middle of what loads it, or before */
        *why = (npki_lack){.project = NPKI_OF_PYTHON, .target = last, .until = past};
    if (rows[from].moved)
        *other = moved_to(from);
    return false;
}

bool npki_library_has(const npki_global_name *name, npki_release first, npki_release last, npki_lack *why,
                      npki_global_name *other)
{
    const char *dot = memchr(name->name, '.', name->name_size);
    npki_global_name outer = *name;
    *why = (npki_lack){.project = NPKI_OF_PYTHON};
    *other = (npki_global_name){.module = ""};
    if (dot == NULL)
        return has(name, first, last, why, other);
    outer.name_size = (size_t)(dot - name->name);
    if (has(&outer, first, last, why, other))
        return has(name, first, last, why, other);
    if (other->module_size > 0) { /* the class moved, what it has went with it */
        bool same = other->name_size == outer.name_size && memcmp(other->name, outer.name, outer.name_size) == 0;
        other->name = name->name;
        other->name_size = name->name_size;
        other->module_size = same ? other->module_size : 0;
    }
    return false;
}

bool npki_library_moved(const npki_global_name *name, npki_global_name *other)
{
    const size_t row = find(name);
    if (row == COUNT || !rows[row].moved)
        return false;
    *other = moved_to(row);
    return true;
}
