/* Transfers in text mode: what they did to pickles and .npy files is seen, and undone where that is certain. */
#include "golden.h"

#include <npickle.h>

/* What FTP's ASCII mode does on the way to Windows. */
static golden_bytes to_crlf(golden_bytes from)
{
    golden_bytes out = {NULL, 0};
    golden_add(&out, "", 0);
    for (size_t i = 0; i < from.size; i++) {
        if (from.bytes[i] == '\n')
            golden_add(&out, "\r", 1);
        golden_add(&out, from.bytes + i, 1);
    }
    return out;
}

/* And on the way back. */
static golden_bytes to_lf(golden_bytes from)
{
    golden_bytes out = {NULL, 0};
    golden_add(&out, "", 0);
    for (size_t i = 0; i < from.size; i++)
        if (from.bytes[i] != '\r' || i + 1 == from.size || from.bytes[i + 1] != '\n')
            golden_add(&out, from.bytes + i, 1);
    return out;
}

static bool same(golden_bytes a, const uint8_t *bytes, size_t size)
{
    return a.size == size && (size == 0 || memcmp(a.bytes, bytes, size) == 0);
}

typedef struct counts {
    int pickles, unchanged, undone, binary, seen_lf;
} counts;

/* A good pickle: damaged and mended it is what it was; as it is nothing is done to it; what the way back damages is not
 * made into something else. */
static void check_pickle(const golden *g, golden_bytes good, counts *count)
{
    npk_error error = {.message = ""};
    uint8_t *mended;
    size_t size;
    golden_bytes damaged = to_crlf(good), cut = to_lf(good);
    count->pickles++;
    cr_expect_eq(npk_undo_crlf(good.bytes, good.size, NULL, &mended, &size, &error), NPK_OK, "%s: %s", g->name,
                 error.message);
    bool ends_in_cr = mended != NULL; /* a str of protocol 0 that ends in CR, the only one in the pickle, may be damage */
    npk_bytes_free(NULL, mended, size);
    cr_expect(!ends_in_cr || good.bytes[0] == 'V', "%s", g->name);
    cr_expect_eq(npk_undo_crlf(damaged.bytes, damaged.size, NULL, &mended, &size, &error), NPK_OK, "%s: %s", g->name,
                 error.message);
    if (damaged.size == good.size) {
        cr_expect_null(mended, "%s", g->name);
        count->unchanged++;
    } else {
        cr_expect(mended != NULL && same(good, mended, size), "%s, %zu bytes: not what it was", g->name, good.size);
        cr_expect_eq(npk_text_mode_of(damaged.bytes, damaged.size), NPK_TEXT_MODE_CRLF);
        count->undone++;
        count->binary += good.bytes[0] == 0x80;
    }
    npk_bytes_free(NULL, mended, size);
    if (cut.size < good.size && npk_undo_crlf(cut.bytes, cut.size, NULL, &mended, &size, &error) == NPK_OK) {
        cr_expect(mended == NULL, "%s", g->name);
        npk_bytes_free(NULL, mended, size);
    }
    count->seen_lf += cut.size < good.size;
    free(damaged.bytes);
    free(cut.bytes);
}

Test(textmode, every_golden_pickle)
{
    static const char *const files[] = {"values.golden",        "pythons.golden",       "plain-numpy1.golden",
                                        "plain-numpy2.golden",  "plain-python2.golden", "family-numpy1.golden",
                                        "family-numpy2.golden", "family-python2.golden"};
    counts count = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden g;
        int protocol;
        golden_bytes pickle;
        golden_open(&g, files[i]);
        while (golden_case(&g))
            while (golden_pickle(&g, &protocol, &pickle))
                if (pickle.size < 20000)
                    check_pickle(&g, pickle, &count);
        golden_close(&g);
    }
    cr_expect(count.pickles > 5000 && count.undone > 3000 && count.binary > 1000 && count.unchanged > 500,
              "%d pickles, %d unchanged, %d undone, %d of them binary", count.pickles, count.unchanged, count.undone,
              count.binary);
}

/* The header of a .npy file ends in a newline, and its data may have any bytes. */
Test(textmode, npy)
{
    uint8_t elements[700];
    npk_npy *npy;
    golden_bytes good = {NULL, 0};
    for (size_t i = 0; i < sizeof elements; i++)
        elements[i] = (uint8_t)(i * i + 10 * (i % 3));
    elements[5] = '\r';
    elements[6] = '\n';
    npk_array array = NPK_ARRAY(elements, sizeof elements);
    char *file = NULL;
    size_t file_size = 0;
    FILE *out = open_memstream(&file, &file_size);
    cr_assert_eq(npk_npy_write(npk_sink_file, out, &array, NULL, NULL), NPK_OK);
    fclose(out);
    good.bytes = (uint8_t *)file;
    good.size = file_size;
    golden_bytes damaged = to_crlf(good);
    uint8_t *mended;
    size_t size;
    cr_expect_neq(npk_npy_load_memory(damaged.bytes, damaged.size, NULL, &npy, NULL), NPK_OK);
    cr_expect_eq(npk_text_mode_of(damaged.bytes, damaged.size), NPK_TEXT_MODE_CRLF);
    cr_assert_eq(npk_undo_crlf(damaged.bytes, damaged.size, NULL, &mended, &size, NULL), NPK_OK);
    cr_expect(mended != NULL && same(good, mended, size));
    npk_bytes_free(NULL, mended, size);
    cr_assert_eq(npk_undo_crlf(good.bytes, good.size, NULL, &mended, &size, NULL), NPK_OK);
    cr_expect_null(mended);
    free(damaged.bytes);
    free(file);
}

/* Protocol 0 as Python reads it: in 'Va\r\n.' the CR is a part of the str, in 'I1\r\n.' it is a blank; to be undone both are
 * damage. A single LF without CR says that there was none. */
Test(textmode, certain_or_not)
{
    static const struct {
        const char *bytes, *mended; /* NULL: nothing is done */
        npk_status status;
    } rows[] = {
        {"Va\r\n.", "Va\n.", NPK_OK},
        {"I1\r\n.", "I1\n.", NPK_OK},
        {"(lp0\r\nI1\r\na.", "(lp0\nI1\na.", NPK_OK},
        {"(lp0\r\nI1\r\na.\r\n", "(lp0\nI1\na.\n", NPK_OK},
        {"(lp0\r\nI1\na.", NULL, NPK_ERR_ARGUMENT},
        {"I1\r\nx", NULL, NPK_ERR_ARGUMENT},
        {"Va\r\r\n.", "Va\r\n.", NPK_OK},
        {"\xef\xbb\xbfI1\n.", "I1\n.", NPK_OK},
        {"\xef\xbb\xbfI1\nI2\r\na.", NULL, NPK_ERR_NOT_A_PICKLE},
        {"\xef\xbb\xbfI1\r\n.", "I1\n.", NPK_OK},
        {"\xef\xbb\xbf(t.", "(t.", NPK_OK},
        {"(X\2", NULL, NPK_ERR_TRUNCATED},
        {"N.\r\n", NULL, NPK_OK},
        {"N.", NULL, NPK_OK},
        {"U\2\r\n.", NULL, NPK_OK},
        {"U\1\r\n.", "U\1\n.", NPK_OK},
        {"U\2\r\r\n.", "U\2\r\n.", NPK_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *mended;
        size_t size;
        npk_error error = {.message = ""};
        npk_status status = npk_undo_crlf(rows[i].bytes, strlen(rows[i].bytes), NULL, &mended, &size, &error);
        cr_expect_eq(status, rows[i].status, "row %zu: %s", i, error.message);
        cr_expect_eq(mended != NULL, rows[i].mended != NULL, "row %zu", i);
        if (mended != NULL && rows[i].mended != NULL)
            cr_expect(size == strlen(rows[i].mended) && memcmp(mended, rows[i].mended, size) == 0, "row %zu", i);
        npk_bytes_free(NULL, mended, size);
    }
}

/* Half a million bytes at random have eight CR LF; none at all means that they became LF. */
Test(textmode, lf)
{
    golden_bytes noise = {NULL, 0};
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < 700000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint8_t byte = (uint8_t)(state >> 24);
        golden_add(&noise, &byte, 1);
    }
    golden_bytes cut = to_lf(noise), more = to_crlf(noise);
    cr_expect_eq(npk_text_mode_of(noise.bytes, noise.size), NPK_TEXT_MODE_NONE);
    cr_expect_eq(npk_text_mode_of(cut.bytes, cut.size), NPK_TEXT_MODE_LF);
    cr_expect_eq(npk_text_mode_of(cut.bytes, 100000), NPK_TEXT_MODE_NONE, "too few bytes to tell");
    cr_expect_eq(npk_text_mode_of(more.bytes, more.size), NPK_TEXT_MODE_CRLF);
    cr_expect_eq(npk_text_mode_of("", 0), NPK_TEXT_MODE_NONE);
    cr_expect(strstr(npk_text_mode_text(NPK_TEXT_MODE_CRLF), "0x0a became 0x0d 0x0a") != NULL);
    free(noise.bytes);
    free(cut.bytes);
    free(more.bytes);
}
