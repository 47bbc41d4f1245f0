/* The room for later members at the end of what a caller fills: see npickle/status.h. */
#ifndef NPKI_BASE_RESERVED_H
#define NPKI_BASE_RESERVED_H

#include <npickle/options.h>

/* NPKI_CHECK_RESERVED(options, "npk_write_options", error). Errors: NPK_ERR_USAGE where it is not all zero. */
#define NPKI_CHECK_RESERVED(structure, name, error)                                                                    \
    npki_check_reserved((structure)->reserved, sizeof(structure)->reserved, (name), (error))

npk_status npki_check_reserved(const void *reserved, size_t size, const char *name, npk_error *error);

#endif
