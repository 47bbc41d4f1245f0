#include "check/result.h"

#include "base/allocator.h"
#include "text/sink.h"

#include <string.h>

const char *npk_verdict_text(npk_verdict verdict)
{
    static const char *const texts[] = {
#define TEXT(verdict, value, text) [value] = (text),
        NPK_VERDICT_ROWS(TEXT)
#undef TEXT
    };
    return (size_t)verdict < sizeof texts / sizeof *texts ? texts[verdict] : "an unknown verdict";
}

/* What a result owns. */
typedef struct owned_path {
    npk_allocator allocator;
    size_t size; /* of all of it */
    char text[];
} owned_path;

bool npki_keep_path(npk_check_result *out, const npk_allocator *allocator, const char *path)
{
    size_t length = strlen(path) + 1, size = sizeof(owned_path) + length;
    owned_path *owned = npki_allocate(allocator, size);
    if (owned == NULL)
        return false;
    owned->allocator = *allocator;
    owned->size = size;
    memcpy(owned->text, path, length);
    out->owned = owned;
    out->path = owned->text;
    return true;
}

void npk_check_result_free(npk_check_result *result)
{
    owned_path *owned = result == NULL ? NULL : result->owned;
    if (owned != NULL) {
        npk_allocator allocator = owned->allocator;
        npki_free(&allocator, owned, owned->size);
    }
    if (result != NULL)
        memset(result, 0, sizeof *result);
}

void npki_say_reason(npk_check_result *out, const char *what, const char *text)
{
    npki_sink sink;
    size_t room = sizeof out->reason - 1 - strlen(what), size = strlen(text);
    while (size > room || (size > 0 && text[size] != '\0' && ((uint8_t)text[size] & 0xc0) == 0x80))
        size--;
    npki_sink_start_fixed(&sink, out->reason, sizeof out->reason);
    npki_sink_text(&sink, what);
    npki_sink_bytes(&sink, text, size);
    (void)npki_sink_finish(&sink);
}
