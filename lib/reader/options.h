/* What a caller may have put into npk_read_options. */
#ifndef NPKI_READER_OPTIONS_H
#define NPKI_READER_OPTIONS_H

#include <npickle/reader.h>

/* `options` may be NULL. Errors: NPK_ERR_USAGE. */
npk_status npki_read_options_check(const npk_read_options *options, npk_error *error);

/* Whether a pickle may be recognised in memory, without a document: where no more is said than an allocator, for a scan
 * knows no limits and looks for nothing outside. Not at NPKI_CPU_PLAIN. */
bool npki_read_may_scan(const npk_read_options *options);

#endif
