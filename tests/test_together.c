/* What NumPy pickles, two in one pickle, read at each protocol and written at each below 5, byte for byte as NumPy does: what both have in common
 * is written once, whichever form it had. */
#include "golden.h"

#include <npickle.h>

static void check(const golden *g, int from, int to)
{
    const npk_write_options options = {.protocol = to, .protocol_given = true, .translate_names = true};
    npk_error error;
    npk_doc *doc;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_doc_load_memory(g->last[from].bytes, g->last[from].size, NULL, &doc, &error), NPK_OK, "%s: %s", g->name, error.message);
    cr_expect_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%s: %s", g->name, error.message);
    cr_expect(size == g->last[to].size && memcmp(bytes, g->last[to].bytes, size) == 0, "%s: protocol %d as %d", g->name, from, to);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
}

Test(together, as_numpy_writes_them)
{
    golden g;
    int cases = 0;
    golden_open(&g, "together.golden");
    for (; golden_case(&g); cases++) {
        golden_bytes pickle;
        int protocol;
        while (golden_pickle(&g, &protocol, &pickle))
            ;
        for (int from = 0; from < GOLDEN_PROTOCOLS; from++)
            for (int to = 0; to < 5; to++)
                if (to != 1)
                    check(&g, from, to);
    }
    golden_close(&g);
    cr_expect_eq(cases, 121);
}
