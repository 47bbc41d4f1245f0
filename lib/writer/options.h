/* What a caller may have put into npk_write_options. */
#ifndef NPKI_WRITER_OPTIONS_H
#define NPKI_WRITER_OPTIONS_H

#include <npickle/writer.h>

/* `options` may be NULL. Protocol and dialect are not looked at. Errors: NPK_ERR_USAGE. */
npk_status npki_write_options_check(const npk_write_options *options, npk_error *error);

#endif
