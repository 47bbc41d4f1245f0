/* Where in a graph it is that can't be written, or that the target can't load. */
#include "writer/graph/graph.h"

#include <string.h>

#define SHOWN ((size_t)90) /* of a path */

/* How near a value is: 0, none of them. */
static size_t nearness(const npk_writer *w, const npk_value *value, const npki_around *around)
{
    if (value == w->refused)
        return around->count + 1;
    for (size_t i = around->count; i-- > 0;)
        if (around->values[i] == value)
            return i + 1;
    return 0;
}

void npki_place_refused(npk_writer *w, const npk_value *root, const npki_around *around)
{
    npk_walk *walk;
    const npk_value *value;
    npk_error why = w->error;
    char path[SHOWN + 1] = "";
    bool of_value = npk_status_band(why.status) != NPK_BAND_SYSTEM && why.status != NPK_ERR_USAGE;
    if (!of_value || (w->refused == NULL && around->count == 0) ||
        npk_walk_start(root, &w->allocator, &walk, NULL) != NPK_OK)
        return;
    for (size_t best = 0; npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL;) {
        size_t near = nearness(w, value, around);
        if (near <= best)
            continue;
        best = near;
        const char *whole = npk_walk_path(walk);
        size_t size = strlen(whole);
        memcpy(path, whole, size < SHOWN ? size + 1 : SHOWN);
    }
    if (path[0] != '\0') {
        w->error.status = NPK_OK;
        npki_writer_fail(w, why.status, "at %s%s: %s", path, strlen(path) == SHOWN ? "..." : "", why.message);
        w->error.offset = why.offset;
    }
    npk_walk_free(walk);
    w->refused = NULL;
}
