/* Names that Python 3 or NumPy 2 gave to what had another before. */
#include "globals/rename.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Ways of a row: from its older names to its newer ones, and back. */
enum { TO2 = 1, TO3 = 2, BOTH = 3 }; /* Python 2 and 3 */
enum { TO_NUMPY2 = 2 };

typedef struct rename_row {
    npki_global_name older, newer;
    int ways; /* bit 0: to the older names, bit 1: to the newer ones */
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

/* A byte of each module, by which nearly all rows of others are passed over: of its size and three of its characters. */
#define MARK_OF(size, first, middle, last)                                                                             \
    ((uint8_t)(29u * (uint8_t)(size) + 3u * (uint8_t)(first) + 7u * (uint8_t)(middle) + 13u * (uint8_t)(last)))
#define MARK(module)                                                                                                   \
    MARK_OF(sizeof(module) - 1, (module)[0], (module)[(sizeof(module) - 1) / 2], (module)[sizeof(module) - 2])

static const uint8_t python_marks[][sizeof pythons / sizeof *pythons] = {
    [NPKI_TO_OLDER] =
        {
#define RENAME(module2, name2, module3, name3, ways) MARK(module3),
#include "globals/rename.def"
#undef RENAME
        },
    [NPKI_TO_NEWER] =
        {
#define RENAME(module2, name2, module3, name3, ways) MARK(module2),
#include "globals/rename.def"
#undef RENAME
        },
};

static const uint8_t numpy_marks[][sizeof numpys / sizeof *numpys] = {
    [NPKI_TO_OLDER] =
        {
#define NUMPY(module1, name1, module2, name2, ways) MARK(module2),
#define UFUNC(name) MARK("numpy"),
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
        },
    [NPKI_TO_NEWER] =
        {
#define NUMPY(module1, name1, module2, name2, ways) MARK(module1),
#define UFUNC(name) MARK("numpy.core._multiarray_umath"),
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
        },
};

static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || (a[0] == b[0] && memcmp(a, b, a_size) == 0));
}

/* The first row that fits counts. */
static void rename_by(const rename_row *rows, const uint8_t *marks, size_t count, npki_rename_to way,
                      npki_global_name *spelling)
{
    bool to_older = way == NPKI_TO_OLDER;
    const size_t size = spelling->module_size;
    if (size == 0)
        return;
    const uint8_t mark =
        MARK_OF(size, spelling->module[0], spelling->module[size / 2], spelling->module[size - 1]), *found = marks;
    for (; (found = memchr(found, mark, count - (size_t)(found - marks))) != NULL; found++) {
        const size_t i = (size_t)(found - marks);
        const npki_global_name *from = to_older ? &rows[i].newer : &rows[i].older;
        const npki_global_name *to = to_older ? &rows[i].older : &rows[i].newer;
        if ((rows[i].ways & (to_older ? 1 : 2)) == 0 ||
            !same(spelling->module, spelling->module_size, from->module, from->module_size))
            continue;
        if (from->name_size == 0) {
            spelling->module = to->module;
            spelling->module_size = to->module_size;
            return;
        }
        if (same(spelling->name, spelling->name_size, from->name, from->name_size)) {
            *spelling = *to;
            return;
        }
    }
}

void npki_rename_python(npki_rename_to to, npki_global_name *spelling)
{
    rename_by(pythons, python_marks[to], sizeof pythons / sizeof *pythons, to, spelling);
}

void npki_rename_numpy(npki_rename_to to, npki_global_name *spelling)
{
    static const char numpy[] = "numpy"; /* so all modules of the table begin */
    size_t size = sizeof numpy - 1;
    if (spelling->module_size < size || memcmp(spelling->module, numpy, size) != 0)
        return;
    rename_by(numpys, numpy_marks[to], sizeof numpys / sizeof *numpys, to, spelling);
}
