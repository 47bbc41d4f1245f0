/* Where in a graph it is that can't be written, that the target can't load, or that is left out for it. */
#include "writer/graph/walk.h"

#include <string.h>

#define SHOWN ((size_t)90) /* of a path */
#define PATH_ROOM (SHOWN + sizeof "...")

void npki_walk_around(const npki_walk *k, npki_around *out)
{
    out->count = k->depth < NPKI_AROUND ? k->depth : NPKI_AROUND;
    for (size_t i = 0; i < out->count; i++)
        out->values[i] = k->ways[k->depth - out->count + i].value;
}

void npki_walk_keep_left(npki_walk *k, const npk_value *value)
{
    k->left_before = k->w->left_out;
    npki_walk_around(k, &k->left);
    if (value != NULL && k->left.count == NPKI_AROUND)
        k->left.values[NPKI_AROUND - 1] = value;
    else if (value != NULL)
        k->left.values[k->left.count++] = value;
}

/* How near a value is: 0, none of them. */
static size_t nearness(const npk_value *wanted, const npk_value *value, const npki_around *around)
{
    if (value == wanted)
        return around->count + 1;
    for (size_t i = around->count; i-- > 0;)
        if (around->values[i] == value)
            return i + 1;
    return 0;
}

/* The path of the value, or of the nearest that lies around it; "" is the root, or not known. */
static void find_nearest(npk_writer *w, const npk_value *root, const npk_value *value, const npki_around *around,
                         char path[PATH_ROOM])
{
    npk_walk *walk;
    const npk_value *met;
    path[0] = '\0';
    if (npk_walk_start(root, &w->allocator, &walk, NULL) != NPK_OK)
        return;
    uint64_t looked_at = 0;
    for (size_t best = 0; npk_walk_next(walk, &met, NULL) == NPK_OK && met != NULL; looked_at++) {
        size_t near = nearness(value, met, around);
        if (near <= best)
            continue;
        best = near;
        const char *whole = npk_walk_path(walk);
        size_t size = strlen(whole);
        memcpy(path, whole, size < SHOWN ? size + 1 : SHOWN);
        if (size >= SHOWN)
            memcpy(path + SHOWN, "...", sizeof "...");
    }
    npki_take_steps_after(w, looked_at);
    npk_walk_free(walk);
}

void npki_place_refused(npk_writer *w, const npk_value *root, const npki_around *around)
{
    npk_error why = w->error;
    char path[PATH_ROOM];
    bool of_value = npk_status_band(why.status) != NPK_BAND_SYSTEM && why.status != NPK_ERR_USAGE;
    if (!of_value || (w->refused == NULL && around->count == 0))
        return;
    find_nearest(w, root, w->refused, around, path);
    if (path[0] != '\0') {
        w->error.status = NPK_OK;
        npki_writer_fail(w, why.status, "at %s: %s", path, why.message);
        w->error.offset = why.offset;
    }
    w->refused = NULL;
}

void npki_place_left(npk_writer *w, const npk_value *root, const npki_around *around)
{
    char path[PATH_ROOM];
    find_nearest(w, root, NULL, around, path);
    if (path[0] != '\0')
        npki_place_left_out(w, path);
}
