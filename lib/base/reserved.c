#include "base/reserved.h"

#include "base/error.h"

#include <string.h>

npk_status npki_check_reserved(const void *reserved, size_t size, const char *name, npk_error *error)
{
    const unsigned char *bytes = reserved;
    uint64_t any = 0, word;
    size_t i = 0;
    for (; size - i >= sizeof word; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        any |= word;
    }
    for (; i < size; i++)
        any |= bytes[i];
    if (any == 0)
        return NPK_OK;
    return npki_fail(error, NPK_ERR_USAGE,
                     "expected zero in the reserved part of %s, found something else: begin it with = {0}", name);
}
