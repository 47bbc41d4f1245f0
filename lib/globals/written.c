#include "globals/written.h"

#include "globals/name_table.h"

#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

static const struct texts_of_python {
#define PYTHON(name, since, until) NPKI_NAME_TEXT(name)
#include "globals/written.def"
#undef PYTHON
} texts_of_python = {
#define PYTHON(name, since, until) name,
#include "globals/written.def"
#undef PYTHON
};

static const struct texts_of_numpy {
#define NUMPY(name, since, until) NPKI_NAME_TEXT(name)
#include "globals/written.def"
#undef NUMPY
} texts_of_numpy = {
#define NUMPY(name, since, until) name,
#include "globals/written.def"
#undef NUMPY
};

static const npki_name_row rows_of_python[] = {
#define PYTHON(name, since, until) {offsetof(struct texts_of_python, NPKI_NAME_LINE), since, until, false},
#include "globals/written.def"
#undef PYTHON
};

static const npki_name_row rows_of_numpy[] = {
#define NUMPY(name, since, until) {offsetof(struct texts_of_numpy, NPKI_NAME_LINE), since, until, false},
#include "globals/written.def"
#undef NUMPY
};

static const npki_name_table tables[] = {
    [NPKI_OF_PYTHON] = {(const char *)&texts_of_python, rows_of_python, sizeof rows_of_python / sizeof *rows_of_python},
    [NPKI_OF_NUMPY] = {(const char *)&texts_of_numpy, rows_of_numpy, sizeof rows_of_numpy / sizeof *rows_of_numpy},
};

bool npki_is_written(npki_project project, const npki_global_name *name, npki_release first, npki_release last)
{
    const npki_name_table *table = &tables[project];
    const char *dot = name->name_size == 0 ? NULL : memchr(name->name, '.', name->name_size);
    npki_global_name outer = *name; /* a class inside another goes with that */
    outer.name_size = dot != NULL ? (size_t)(dot - name->name) : name->name_size;
    size_t row = npki_name_find(table, &outer);
    bool written = row == table->count;
    for (; !written && npki_name_is_at(table, row, &outer); row++)
        written =
            table->rows[row].since <= first && (table->rows[row].until == NPKI_EVER || last <= table->rows[row].until);
    return written;
}
