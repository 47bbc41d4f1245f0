/* What a caller may have put into npk_read_options. */
#ifndef NPKI_READER_OPTIONS_H
#define NPKI_READER_OPTIONS_H

#include <npickle/reader.h>

/* `options` may be NULL. Errors: NPK_ERR_USAGE. */
npk_status npki_read_options_check(const npk_read_options *options, npk_error *error);

#endif
