/* Keys that are one key after a conversion: lib/writer/graph/keys.c. What is lost, Python itself says: tests/gen/merged.py. */
#include <criterion/criterion.h>
#include <npickle.h>
#include <stdlib.h>
#include <string.h>

typedef enum into { TEXT, UTF8, BYTES, PYTHON2 } into;

static const struct {
    into into;
    const char *pickle;
    size_t size;
    int lost;
} rows[] = {
#define MERGED(into, pickle, size, lost) {into, pickle, size, lost},
#include "data/merged.inc"
#undef MERGED
};

static const npk_write_options targets[] = {
    [TEXT] = {.python2_str = NPK_PYTHON2_STR_TEXT},
    [UTF8] = {.python2_str = NPK_PYTHON2_STR_UTF8},
    [BYTES] = {.python2_str = NPK_PYTHON2_STR_BYTES},
    [PYTHON2] = {.dialect = NPK_DIALECT_PYTHON2},
};

static npk_status convert(size_t row, npk_unloadable unloadable, npk_error *error)
{
    npk_doc *doc;
    npk_writer *writer;
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_write_options options = targets[rows[row].into];
    options.translate_names = true;
    options.unloadable = unloadable;
    cr_assert_eq(npk_doc_load_memory(rows[row].pickle, rows[row].size, NULL, &doc, error), NPK_OK, "row %zu: %s", row,
                 error->message);
    cr_assert_eq(npk_writer_memory(&options, &writer, error), NPK_OK);
    npk_status status = npk_write_value(writer, npk_doc_root(doc));
    status = npk_writer_finish_memory(writer, &bytes, &size, error);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
    return status;
}

Test(merged, refused_where_an_entry_would_be_lost)
{
    npk_error error;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_status status = convert(i, NPK_UNLOADABLE_REFUSE, &error);
        cr_expect_eq(status, rows[i].lost > 0 ? NPK_ERR_UNSUPPORTED : NPK_OK, "row %zu: %d lost, status %d", i, rows[i].lost,
                     (int)status);
        if (status != NPK_OK)
            cr_expect_not_null(strstr(error.message, "at ."), "row %zu: %s", i, error.message);
    }
}

Test(merged, written_all_the_same)
{
    npk_error error;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(convert(i, NPK_UNLOADABLE_WRITE, &error), NPK_OK, "row %zu", i);
}
