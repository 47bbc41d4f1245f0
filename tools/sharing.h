/* Pickles that share a memo: what it costs to go through them. */
#ifndef NPICKLE_SHARING_H
#define NPICKLE_SHARING_H

#include "tool.h"

typedef struct tool_sharing {
    uint64_t bytes;  /* of the pickles so far */
    uint64_t values; /* that those of them have which refer to earlier ones */
} tool_sharing;

/* Five bytes can refer to all that an earlier pickle holds, and as often as one likes: so the values of pickles that
 * refer to earlier ones are bounded by the bytes. Errors: NPK_ERR_LIMIT; those of a walk. */
npk_status tool_charge_sharing(tool_sharing *sharing, const npk_doc *doc, npk_error *error);

#endif
