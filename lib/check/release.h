/* The releases of Python and NumPy that may have written the names of a pickle. */
#ifndef NPKI_CHECK_RELEASE_H
#define NPKI_CHECK_RELEASE_H

#include "writer/python/dialect.h"

#include <npickle/reader.h>

#define NPKI_MAJORS 4 /* of Python and NumPy, and more */

typedef struct npki_releases {
    uint64_t minors[2][NPKI_MAJORS]; /* by npki_project and the major version, a bit for each release */
    bool names_numpy;                /* something of NumPy has a name in it: which release it was tells */
} npki_releases;

/* The names that a pickle has, and behind them the values that it took out of the memo of earlier ones, which may be
 * names. NULL: there are no more. */
const npk_value *npki_name_at(const npk_doc *doc, size_t index);

/* All that there are rows for, but for those that do not write one of its names, or that make one of its objects in
 * another way. Errors: NPK_ERR_UNSUPPORTED where none is left, with the name; NPK_ERR_MEMORY. */
npk_status npki_releases_of(const npk_doc *doc, const npk_allocator *allocator, npki_releases *out, npk_error *error);

/* An error where a dialect, which has rows, knows one of these things by no name, or makes one of the objects in
 * another way. */
npk_status npki_releases_in(const npk_doc *doc, const npk_allocator *allocator, npk_dialect dialect, npk_error *error);

typedef struct npki_release_range {
    npki_release first, last; /* of one major version; 0: none */
} npki_release_range;

/* What a row of npki_pythons or of npki_numpys stands for, and which of these are left, of NULL all. */
npki_release_range npki_releases_of_row(npki_project project, size_t row);
npki_release_range npki_releases_left(const npki_releases *releases, npki_project project, size_t row);

/* The dialect of a row of npki_pythons, at the last release of that row; 0: none is left. */
npk_dialect npki_releases_python(const npki_releases *releases, size_t row);

/* Whether the Python of a dialect is left, or it is of several. */
bool npki_releases_have(const npki_releases *releases, npk_dialect dialect);

/* The last NumPy of a major version that a Python can have; 0: none is left. */
npk_dialect npki_releases_numpy(const npki_releases *releases, npki_release major, npk_dialect python);

#endif
