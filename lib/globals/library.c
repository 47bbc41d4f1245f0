/* Which Python has which name of its standard library. */
#include "globals/library.h"

#include "globals/name_table.h"

#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

#define MOVED_TEXT(name, module, other) name "\0" module "\0" other

static const struct texts {
#define LIBRARY(name, since, until) NPKI_NAME_TEXT(name)
#define MOVED(name, since, until, module, other) NPKI_NAME_TEXT(MOVED_TEXT(name, module, other))
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

static const npki_name_row rows[] = {
#define ROW(since, until, moved) {offsetof(struct texts, NPKI_NAME_LINE), since, until, moved},
#define LIBRARY(name, since, until) ROW(since, until, false)
#define MOVED(name, since, until, module, other) ROW(since, until, true)
#include "globals/library.def"
#undef LIBRARY
#undef MOVED
};

static const npki_name_table table = {(const char *)&texts, rows, sizeof rows / sizeof *rows};

static npki_global_name moved_to(size_t row)
{
    const char *first = table.texts + rows[row].at, *module = first + strlen(first) + 1,
               *name = module + strlen(module) + 1;
    return (npki_global_name){module, strlen(module), name, strlen(name)};
}

/* Whether all of a target have it; else *why, and *other if there is one. */
static bool has(const npki_global_name *name, npki_release first, npki_release last, npki_lack *why,
                npki_global_name *other)
{
    size_t row = npki_name_find(&table, name), from = row;
    npki_release past = 0; /* the last that has it before `first` */
    for (; npki_name_is_at(&table, row, name); row++) {
        bool begun = rows[row].since <= first, ends = rows[row].until != NPKI_EVER && rows[row].until < last;
        if (begun && !ends)
            return true;
        if (begun)
            past = rows[row].until;
        else if (why->since == NPKI_EVER)
            why->since = rows[row].since;
    }
    if (from == table.count)
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
    const size_t row = npki_name_find(&table, name);
    if (row == table.count || !rows[row].moved)
        return false;
    *other = moved_to(row);
    return true;
}
