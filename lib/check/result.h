/* What a check came to. */
#ifndef NPKI_CHECK_RESULT_H
#define NPKI_CHECK_RESULT_H

#include <npickle/check.h>

/* The path becomes the result's own. False without memory. */
bool npki_keep_path(npk_check_result *out, const npk_allocator *allocator, const char *path);

/* The reason: both texts, as much of the second as there is room for. */
void npki_say_reason(npk_check_result *out, const char *what, const char *text);

#endif
