/* Names that Python 3 or NumPy 2 gave to what had another before. */
#include "globals/rename.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Ways of a row: from its older names to its newer ones, and back. */
enum { TO2 = 1, TO3 = 2, BOTH = 3, MISSED = 5 }; /* Python 2 and 3 */
enum { TO_NUMPY2 = 2 };

typedef struct rename_row {
    npki_global_name older, newer;
    int ways; /* bit 0: to the older names, bit 1: to the newer ones, bit 2: which Python 3 does not do */
} rename_row;

#define SPELLING(module, name)                                                                                         \
    {                                                                                                                  \
        (module), sizeof(module) - 1, (name), sizeof(name) - 1                                                         \
    }

static const rename_row pythons[] = {
#define RENAME(module2, name2, module3, name3, ways) {SPELLING(module2, name2), SPELLING(module3, name3), ways},
#include "globals/rename.def"
#undef RENAME
};

static const rename_row numpys[] = {
#define NUMPY(module1, name1, module2, name2, ways) {SPELLING(module1, name1), SPELLING(module2, name2), ways},
#define UFUNC(name) NUMPY("numpy.core._multiarray_umath", name, "numpy", name, BOTH)
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
};

/* A byte of each row, by which nearly all rows of others are passed over: of the sizes and some characters of module
 * and name. That of a whole module is even. */
#define MARK_OF(size, first, middle, last)                                                                             \
    (29u * (uint8_t)(size) + 3u * (uint8_t)(first) + 7u * (uint8_t)(middle) + 13u * (uint8_t)(last))
#define NAMED(mark, size, first, middle, last) ((uint8_t)((mark) + 2u * MARK_OF(size, first, middle, last)) | 1u)
#define WHOLE(mark) ((uint8_t)(mark)&0xfeu)
#define LAST(text) (text)[sizeof(text) > 1 ? sizeof(text) - 2 : 0]
#define MARK_OF_TEXT(text) MARK_OF(sizeof(text) - 1, (text)[0], (text)[(sizeof(text) - 1) / 2], LAST(text))
#define MARK(module, name)                                                                                             \
    (sizeof(name) > 1                                                                                                  \
         ? NAMED(MARK_OF_TEXT(module), sizeof(name) - 1, (name)[0], (name)[(sizeof(name) - 1) / 2], LAST(name))        \
         : WHOLE(MARK_OF_TEXT(module)))

static const uint8_t python_marks[][sizeof pythons / sizeof *pythons] = {
    [NPKI_TO_OLDER] =
        {
#define RENAME(module2, name2, module3, name3, ways) MARK(module3, name3),
#include "globals/rename.def"
#undef RENAME
        },
    [NPKI_TO_NEWER] =
        {
#define RENAME(module2, name2, module3, name3, ways) MARK(module2, name2),
#include "globals/rename.def"
#undef RENAME
        },
};

static const uint8_t numpy_marks[][sizeof numpys / sizeof *numpys] = {
    [NPKI_TO_OLDER] =
        {
#define NUMPY(module1, name1, module2, name2, ways) MARK(module2, name2),
#define UFUNC(name) MARK("numpy", name),
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
        },
    [NPKI_TO_NEWER] =
        {
#define NUMPY(module1, name1, module2, name2, ways) MARK(module1, name1),
#define UFUNC(name) MARK("numpy.core._multiarray_umath", name),
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
        },
};

static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || (a[0] == b[0] && memcmp(a, b, a_size) == 0));
}

typedef struct rename_table {
    const rename_row *rows;
    const uint8_t *marks;
    npki_rename_to way;
} rename_table;

static bool fits(const rename_table *table, size_t index, const npki_global_name *spelling)
{
    const rename_row *row = &table->rows[index];
    const npki_global_name *from = table->way == NPKI_TO_OLDER ? &row->newer : &row->older;
    return (row->ways & (table->way == NPKI_TO_OLDER ? 1 : 2)) != 0 &&
           same(spelling->module, spelling->module_size, from->module, from->module_size) &&
           (from->name_size == 0 || same(spelling->name, spelling->name_size, from->name, from->name_size));
}

/* The first of the rows with a mark that fits, before `end`; or `end`. */
static size_t find(const rename_table *table, uint8_t mark, size_t end, const npki_global_name *spelling)
{
    const uint8_t *found = table->marks;
    for (; (found = memchr(found, mark, end - (size_t)(found - table->marks))) != NULL; found++)
        if (fits(table, (size_t)(found - table->marks), spelling))
            return (size_t)(found - table->marks);
    return end;
}

/* The first row that fits counts: of the name, or of its whole module. Returns its ways, 0 where none does. */
static int rename_by(const rename_table *table, size_t count, npki_global_name *spelling)
{
    const size_t size = spelling->module_size, name_size = spelling->name_size;
    const char *module = spelling->module, *name = spelling->name;
    if (size == 0)
        return 0;
    const unsigned mark = MARK_OF(size, module[0], module[size / 2], module[size - 1]);
    size_t row = find(table, WHOLE(mark), count, spelling);
    if (name_size > 0)
        row = find(table, NAMED(mark, name_size, name[0], name[name_size / 2], name[name_size - 1]), row, spelling);
    if (row == count)
        return 0;
    const bool to_older = table->way == NPKI_TO_OLDER;
    const npki_global_name *from = to_older ? &table->rows[row].newer : &table->rows[row].older;
    const npki_global_name *to = to_older ? &table->rows[row].older : &table->rows[row].newer;
    if (from->name_size == 0) {
        spelling->module = to->module;
        spelling->module_size = to->module_size;
    } else {
        *spelling = *to;
    }
    return table->rows[row].ways;
}

void npki_rename_python(npki_rename_to to, npki_global_name *spelling)
{
    const rename_table table = {pythons, python_marks[to], to};
    rename_by(&table, sizeof pythons / sizeof *pythons, spelling);
}

bool npki_rename_missed(npki_global_name *spelling)
{
    const rename_table table = {pythons, python_marks[NPKI_TO_OLDER], NPKI_TO_OLDER};
    npki_global_name older = *spelling;
    if (rename_by(&table, sizeof pythons / sizeof *pythons, &older) != MISSED)
        return false;
    *spelling = older;
    return true;
}

void npki_rename_numpy(npki_rename_to to, npki_global_name *spelling)
{
    static const char numpy[] = "numpy"; /* so all modules of the table begin */
    size_t size = sizeof numpy - 1;
    if (spelling->module_size < size || memcmp(spelling->module, numpy, size) != 0)
        return;
    const rename_table table = {numpys, numpy_marks[to], to};
    rename_by(&table, sizeof numpys / sizeof *numpys, spelling);
}
