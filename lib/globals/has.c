/* Which Python and which NumPy has a name. */
#include "globals/has.h"

#include "globals/library.h"
#include "globals/written.h"

#include <string.h>

typedef struct has_row {
    npki_project project;
    npki_global_name name; /* without a name: all of a module */
    npki_release since, until;
    npki_global_name other; /* without a module: none */
    bool instead;           /* the other is another thing */
    bool told;              /* later ones write it, and do not load it as those until then do */
} has_row;

#define RELEASE(major, minor) ((major) << 8 | (minor))
#define SPELLING(module, name)                                                                                         \
    {                                                                                                                  \
        (module), sizeof(module) - 1, (name), sizeof(name) - 1                                                         \
    }
#define NOTHING "", ""
#define ROW(project, instead, told, module, name, since, until, ...)                                                   \
    {project, SPELLING(module, name), since, until, SPELLING(__VA_ARGS__), instead, told},

static const has_row pythons[] = {
#define PYTHON(...) ROW(NPKI_OF_PYTHON, false, false, __VA_ARGS__)
#define INSTEAD(...) ROW(NPKI_OF_PYTHON, true, false, __VA_ARGS__)
#define WARNED(...) ROW(NPKI_OF_PYTHON, false, true, __VA_ARGS__)
#include "globals/has.def"
#undef WARNED
#undef INSTEAD
#undef PYTHON
};

static const has_row numpys[] = {
#define NUMPY(...) ROW(NPKI_OF_NUMPY, false, false, __VA_ARGS__)
#define TOLD(...) ROW(NPKI_OF_NUMPY, false, true, __VA_ARGS__)
#include "globals/has.def"
#undef TOLD
#undef NUMPY
};

/* A byte of each row, by which nearly all rows of other names are passed over. That of a single name is odd. */
#define MARK_OF(module_size, name_size, first, last)                                                                   \
    ((uint8_t)(29u * (uint8_t)(module_size) + 7u * (uint8_t)(name_size) + 3u * (uint8_t)(first) +                      \
               5u * (uint8_t)(last)) |                                                                                 \
     1u)
#define WHOLE_OF(size, middle, last)                                                                                   \
    ((uint8_t)(30u * (uint8_t)(size) + 6u * (uint8_t)(middle) + 14u * (uint8_t)(last)) & 0xfeu)
#define IS_SINGLE(name) (sizeof(name) > 2 || (sizeof(name) == 2 && (name)[0] != '_'))
#define MARK(module, name)                                                                                             \
    (IS_SINGLE(name)                                                                                                   \
         ? MARK_OF(sizeof(module) - 1, sizeof(name) - 1, (name)[0], (name)[sizeof(name) > 1 ? sizeof(name) - 2 : 0])   \
         : WHOLE_OF(sizeof(module) - 1, (module)[(sizeof(module) - 1) / 2], (module)[sizeof(module) - 2]))

static const uint8_t python_marks[] = {
#define PYTHON(module, name, ...) MARK(module, name),
#define INSTEAD(module, name, ...) MARK(module, name),
#define WARNED(module, name, ...) MARK(module, name),
#include "globals/has.def"
#undef WARNED
#undef INSTEAD
#undef PYTHON
};

static const uint8_t numpy_marks[] = {
#define NUMPY(module, name, ...) MARK(module, name),
#define TOLD(module, name, ...) MARK(module, name),
#include "globals/has.def"
#undef TOLD
#undef NUMPY
};

/* The rows of a project, whose modules all begin so. */
static const struct {
    const has_row *rows;
    const uint8_t *marks;
    size_t count;
    const char *begin;
} tables[] = {
    [NPKI_OF_PYTHON] = {pythons, python_marks, sizeof pythons / sizeof *pythons, ""},
    [NPKI_OF_NUMPY] = {numpys, numpy_marks, sizeof numpys / sizeof *numpys, "numpy"},
};

/* A name in a module: "" for all, "_" for all private ones, and for those in modules inside it. */
static bool fits(const npki_global_name *row, const npki_global_name *name)
{
    bool inside = name->module_size > row->module_size && name->module[row->module_size] == '.';
    if (name->module_size < row->module_size || memcmp(name->module, row->module, row->module_size) != 0)
        return false;
    if (row->name_size == 0)
        return inside || name->module_size == row->module_size;
    if (row->name_size == 1 && row->name[0] == '_')
        return (inside || name->module_size == row->module_size) && name->name_size > 0 && name->name[0] == '_';
    return name->module_size == row->module_size && name->name_size == row->name_size &&
           memcmp(name->name, row->name, name->name_size) == 0;
}

static bool has(const has_row *row, const npki_target *target, npki_lack *why)
{
    npki_release first = target->first[row->project], last = target->last[row->project];
    *why = (npki_lack){.project = row->project};
    if (first < row->since) {
        why->target = first;
        why->since = row->since;
    } else if (row->until != NPKI_EVER && last > row->until) {
        why->target = last;
        why->until = row->until;
    }
    return why->target == 0;
}

/* The first of the rows with a mark that fits, before `end`; or `end`. */
static size_t find_marked(npki_project project, const npki_global_name *name, uint8_t mark, size_t end)
{
    const uint8_t *marks = tables[project].marks, *found = marks;
    for (; (found = memchr(found, mark, end - (size_t)(found - marks))) != NULL; found++)
        if (fits(&tables[project].rows[found - marks].name, name))
            return (size_t)(found - marks);
    return end;
}

/* The same of the rows for all of a module: of that of the name, or of one that it lies in. */
static size_t find_whole(npki_project project, const npki_global_name *name, size_t end)
{
    const char *module = name->module, *last = module + name->module_size, *dot = module;
    for (size_t part = 0; dot != last && part < NPKI_MOST_PARTS; part++) {
        const char *from = dot == module ? module : dot + 1;
        dot = memchr(from, '.', (size_t)(last - from));
        dot = dot == NULL ? last : dot;
        const size_t size = (size_t)(dot - module);
        if (size > 0)
            end = find_marked(project, name, WHOLE_OF(size, module[size / 2], module[size - 1]), end);
    }
    return end;
}

/* The first row that fits of the project, or NULL. */
static const has_row *find(npki_project project, const npki_global_name *name)
{
    const size_t begin = strlen(tables[project].begin), count = tables[project].count;
    if (name->module_size < begin || name->name_size == 0 || memcmp(name->module, tables[project].begin, begin) != 0)
        return NULL;
    const char *last = name->name + name->name_size - 1;
    size_t row = find_marked(project, name, MARK_OF(name->module_size, name->name_size, name->name[0], *last), count);
    row = find_whole(project, name, row); /* if that comes first */
    return row < count ? &tables[project].rows[row] : NULL;
}

/* Whether a target has a name of a project. False: *why, and *other, whose module has no bytes where it has no other
 * name. A row of a single name says all; of what else is in the library the row of its module says only a part. */
static bool has_name(npki_project project, const npki_target *target, const npki_global_name *name, npki_lack *why,
                     npki_global_name *other)
{
    const has_row *row = find(project, name);
    *other = (npki_global_name){.module = ""};
    if (row != NULL && !has(row, target, why)) {
        *other = row->other;
        if (other->name_size == 0) { /* the module has another name */
            other->name = name->name;
            other->name_size = name->name_size;
        }
        return false;
    }
    bool single = row != NULL && row->name.name_size > 0;
    return single || project != NPKI_OF_PYTHON ||
           npki_library_has(name, target->first[project], target->last[project], why, other);
}

#define NAMES 3 /* that a thing has had, at most, one after another */

bool npki_target_has(const npki_target *target, npki_global_name *name, npki_lack *why)
{
    for (int project = NPKI_OF_PYTHON; project <= NPKI_OF_NUMPY; project++) {
        npki_lack ignored;
        npki_global_name other, next;
        if (has_name((npki_project)project, target, name, why, &other))
            continue;
        bool found = false;
        for (int i = 0; i < NAMES && !found && other.module_size > 0; i++) {
            found = has_name((npki_project)project, target, &other, &ignored, &next);
            if (found)
                *name = other;
            other = next;
        }
        if (!found)
            return false;
    }
    return true;
}

bool npki_may_write(npki_project project, const npki_target *target, const npki_global_name *name)
{
    npki_lack why = {.since = NPKI_EVER};
    npki_global_name other;
    if (!npki_is_written(project, name, target->first[project], target->last[project]))
        return false;
    if (has_name(project, target, name, &why, &other))
        return true;
    const has_row *row = find(project, name);
    return row != NULL && (row->since == NPKI_PRIVATE || (row->told && why.since == NPKI_EVER));
}

/* --- one name of several --- */

static bool same(const npki_global_name *a, const npki_global_name *b)
{
    return a->module_size == b->module_size && a->name_size == b->name_size &&
           memcmp(a->module, b->module, a->module_size) == 0 && memcmp(a->name, b->name, a->name_size) == 0;
}

/* Another name of the same thing, by the tables. */
static bool other_name(const npki_global_name *name, npki_global_name *other)
{
    for (int project = NPKI_OF_PYTHON; project <= NPKI_OF_NUMPY; project++) {
        const has_row *row = find((npki_project)project, name);
        if (row == NULL || row->instead || row->other.module_size == 0)
            continue;
        *other = row->other;
        if (other->name_size == 0)
            *other = (npki_global_name){other->module, other->module_size, name->name, name->name_size};
        return !same(other, name);
    }
    return npki_library_moved(name, other);
}

/* Which of two names that stand for one another. */
static bool is_first(const npki_global_name *a, const npki_global_name *b)
{
    const size_t size = a->module_size < b->module_size ? a->module_size : b->module_size;
    const int order = memcmp(a->module, b->module, size);
    return order != 0 ? order < 0 : a->module_size + a->name_size < b->module_size + b->name_size;
}

void npki_one_name(npki_global_name *name)
{
    npki_global_name other, back;
    for (int i = 0; i < NAMES && other_name(name, &other); i++) {
        const bool round = other_name(&other, &back) && same(&back, name);
        if (!round || is_first(&other, name))
            *name = other;
        if (round)
            return;
    }
}
