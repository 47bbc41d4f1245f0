/* What the bytes of a pickle show of who wrote it. */
#ifndef NPKI_CHECK_SEEN_H
#define NPKI_CHECK_SEEN_H

#include "writer/python/dialect.h"

#include <npickle/reader.h>

/* What was there before the first row of npki_numpys. */
typedef enum npki_old_numpy { NPKI_OLD_NONE, NPKI_OLD_SCIPY_CORE, NPKI_OLD_NUMPY } npki_old_numpy;

typedef struct npki_seen {
    uint64_t pythons;   /* a bit for each row of npki_pythons that agrees with what was seen */
    uint64_t numpys;    /* the same for npki_numpys */
    npki_old_numpy old; /* not NPKI_OLD_NONE: no row agrees */
} npki_seen;

/* Errors: NPK_ERR_MEMORY. */
npk_status npki_see(const npk_doc *doc, const npk_allocator *allocator, npki_seen *out, npk_error *error);

#endif
