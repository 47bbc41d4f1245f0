#include "base/reserved.h"

#include "base/error.h"

npk_status npki_check_reserved(const void *reserved, size_t size, const char *name, npk_error *error)
{
    const unsigned char *bytes = reserved;
    unsigned char any = 0;
    for (size_t i = 0; i < size; i++)
        any |= bytes[i];
    if (any == 0)
        return NPK_OK;
    return npki_fail(error, NPK_ERR_USAGE,
                     "expected zero in the reserved part of %s, found something else: begin it with = {0}", name);
}
