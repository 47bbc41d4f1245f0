/* The rows of tests/data/frozen.golden, and whether what was written of a document reads as that. */
#ifndef NPICKLE_TESTS_FROZEN_H
#define NPICKLE_TESTS_FROZEN_H

#include "golden.h"

#include <npickle.h>

typedef struct frozen_row {
    const char *name, *expected; /* the status */
    uint64_t offset;             /* at which it is refused */
    golden_bytes bytes;
} frozen_row;

/* The next row; false at the end. Its bytes are there until the one after it. */
static inline bool frozen_next(golden *g, frozen_row *row)
{
    char *line = golden_line(g);
    free(row->bytes.bytes);
    *row = (frozen_row){.name = NULL};
    if (line == NULL)
        return false;
    row->name = golden_word(&line);
    row->expected = golden_word(&line);
    row->offset = strtoull(golden_word(&line), NULL, 10);
    row->bytes = golden_unquote(golden_word(&line));
    return true;
}

/* Elements of joblib are no part of the pickle. */
static inline bool frozen_is_joblib(const char *name)
{
    return strncmp(name, "joblib", 6) == 0;
}

/* The last one. */
static inline void frozen_take_difference(void *context, const npk_difference *difference)
{
    char *said = context;
    snprintf(said, 300, ", at '%.100s': %.150s", difference->path, difference->message);
}

static inline void frozen_expect_same(const char *name, int protocol, const npk_doc *written, const npk_doc *read)
{
    char said[300] = "";
    uint64_t differences = 1;
    const npk_compare_options comparing = {.work = 1 << 20, .report = frozen_take_difference, .context = said};
    npk_status status = npk_compare(npk_doc_root(written), npk_doc_root(read), &comparing, &differences, NULL);
    cr_expect((status == NPK_OK || status == NPK_ERR_LIMIT) && differences == 0, "%s, protocol %d: %s%s", name, protocol,
              npk_status_name(status), said);
}

#endif
