/* npk_identify from the inside. */
#ifndef NPKI_CHECK_IDENTIFY_H
#define NPKI_CHECK_IDENTIFY_H

#include "writer/python/dialect.h"

#include <npickle/identify.h>

#define NPKI_IDENTIFY_ANY UINT64_MAX

/* npk_identify, among the Pythons that are left: `pythons` has a bit for each row of npki_pythons. Errors:
 * NPK_ERR_MEMORY. */
npk_status npki_identify(const npk_doc *doc, const npk_allocator *allocator, uint64_t pythons, npk_identity *out,
                         npk_error *error);

#endif
