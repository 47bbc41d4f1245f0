/* The rows of the dialects, and the look-ups. */
#ifndef NPKI_WRITER_PYTHON_DIALECT_H
#define NPKI_WRITER_PYTHON_DIALECT_H

#include "globals/has.h"
#include "writer/core/dialect.h"

/* The parts of a dialect: the pickler, and the releases of Python and NumPy, with a major and a minor version each. */
#define NPKI_PICKLER_IN(dialect) ((dialect) >> 28)
#define NPKI_PYTHON_IN(dialect) ((dialect) >> 16 & 0xfff)
#define NPKI_NUMPY_IN(dialect) ((dialect)&0xffff)
#define NPKI_MAJOR(release) ((release) >> 8)
#define NPKI_MINOR(release) ((release)&0xff)

extern const npki_python_row npki_pythons[];
extern const size_t npki_python_count;
extern const npki_python_row npki_python_of_documents; /* of no dialect: what documents are built in */
extern const npki_numpy_row npki_numpys[];
#define NPKI_NUMPY_BITS 4 /* the number of a row fits them, and is not all ones */
extern const npki_numpy_row npki_numpy_of_documents;
extern const size_t npki_numpy_count;

/* The rows of a dialect; NULL: there is none. */
const npki_python_row *npki_python_of(npk_dialect dialect);
const npki_numpy_row *npki_numpy_of(npk_dialect dialect);

/* What loads what is written in it. */
npki_target npki_target_of(npk_dialect dialect);

/* The last NumPy that a Python can have; NPKI_EVER: any. */
npki_release npki_last_numpy_of(npk_dialect dialect);

/* Whether the NumPy of a dialect runs on its Python, of which this is the row; `refused` where it does not. */
npk_status npki_dialect_exists(npk_dialect dialect, const npki_python_row *python, npk_status refused,
                               npk_error *error);

/* The highest protocol that it has: of npki_python_of_documents, that there is. */
int npki_highest_protocol(const npki_python_row *python);

/* Both. Errors: NPK_ERR_USAGE where one is not there. */
npk_status npki_dialect_rows(npk_dialect dialect, const npki_python_row **python, const npki_numpy_row **numpy,
                             npk_error *error);

#endif
