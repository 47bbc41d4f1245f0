#include "sharing.h"

#include "common.h"

#include <inttypes.h>

#define VALUES_FREE ((uint64_t)1 << 18)
#define VALUES_PER_BYTE 4

npk_status tool_charge_sharing(tool_sharing *sharing, const npk_doc *doc, npk_error *error)
{
    npk_doc_info info;
    npk_walk *walk;
    const npk_value *value;
    if (!npk_doc_info_of(doc, &info))
        return NPK_OK;
    sharing->bytes += info.size;
    if (info.earlier == 0)
        return NPK_OK;
    const uint64_t most = VALUES_FREE + VALUES_PER_BYTE * sharing->bytes;
    npk_status status = npk_walk_start(npk_doc_root(doc), NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while (sharing->values <= most && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        sharing->values++;
    npk_walk_free(walk);
    if (status == NPK_OK && sharing->values > most)
        return tool_fail(error, NPK_ERR_LIMIT, info.offset,
                         "expected pickles of at most %" PRIu64
                         " values, with what they refer to in earlier ones, found more",
                         most);
    return status;
}
