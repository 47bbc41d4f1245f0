/* What is taken stays as it is: lists, dicts and sets of which arrays, dtypes, sets and calls were made, and which grow before or
 * after. lib/known/known.c, npki_freeze(). */
#include "golden.h"

#include <npickle.h>

/* Written at every protocol, what was read reads as the same. */
static void write_and_read(const char *name, const npk_doc *doc)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        npk_writer *w = NULL;
        npk_doc *again = NULL;
        npk_error error = {.status = NPK_OK};
        uint8_t *bytes = NULL;
        uint64_t differences = 1;
        size_t size = 0;
        cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
        npk_write_value(w, npk_doc_root(doc));
        npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
        if (status == NPK_ERR_UNSUPPORTED && strncmp(name, "joblib", 6) == 0) /* its elements are no part of the pickle */
            continue;
        cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
        status = npk_doc_load_memory(bytes, size, NULL, &again, &error);
        cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
        status = npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error);
        cr_expect(status == NPK_OK && differences == 0, "%s, protocol %d: %s", name, protocol, npk_status_name(status));
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(frozen, all_that_take_and_all_that_add)
{
    golden g;
    int good = 0, refused = 0;
    golden_open(&g, "frozen.golden");
    for (char *line; (line = golden_line(&g)) != NULL;) {
        const char *name = golden_word(&line), *expected = golden_word(&line), *offset = golden_word(&line);
        golden_bytes bytes = golden_unquote(golden_word(&line));
        npk_doc *doc = NULL;
        npk_error error = {.offset = NPK_NO_OFFSET};
        npk_status status = npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error);
        cr_expect_str_eq(npk_status_name(status), expected, "%s: %s, expected %s (%s)", name, npk_status_name(status), expected,
                         status == NPK_OK ? "" : error.message);
        if (status != NPK_OK) {
            cr_expect_eq(error.offset, strtoull(offset, NULL, 10), "%s: at byte %llu, expected %s", name,
                         (unsigned long long)error.offset, offset);
            refused++;
        } else {
            write_and_read(name, doc);
            good++;
        }
        npk_doc_free(doc);
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(good >= 240 && refused >= 120, "%d good, %d refused", good, refused);
}
