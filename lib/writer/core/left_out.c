/* What a writer leaves out since its target has no place for it, though all else loads there. */
#include "writer/core/core.h"

#include "base/error.h"

#include <string.h>

/* With the longest path these fit an npk_error's message. */
static const char *const texts[] = {
    [NPKI_LEFT_OUT_NOTHING] = NULL,
    [NPKI_LEFT_OUT_SEEDS] =
        "the SeedSequence, which spawn() needs, is left out: NumPy 1 pickles none; the dialect numpy2 keeps it",
    [NPKI_LEFT_OUT_ALIGNED] =
        "the dtype's align=True is lost in NumPy 2, which has another flag than NumPy 1; the dialect numpy2 keeps it",
    [NPKI_LEFT_OUT_AXES] = "the order of the axes in memory is left out, the values are the same: NumPy 2.3 and later "
                           "keep it, at protocol 5",
};

void npki_leave_out(npk_writer *w, npki_left_out what)
{
    if (w->left_out == NPKI_LEFT_OUT_NOTHING)
        w->left_out = what;
}

void npki_place_left_out(npk_writer *w, const char *path)
{
    npk_error placed;
    npki_fail(&placed, NPK_ERR_UNSUPPORTED, "at %s: %s", path, texts[w->left_out]);
    memcpy(w->left_out_at, placed.message, sizeof placed.message);
}

const char *npk_writer_left_out(const npk_writer *w)
{
    return w == NULL ? NULL : w->left_out_at[0] != '\0' ? w->left_out_at : texts[w->left_out];
}
