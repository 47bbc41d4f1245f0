/* TIFF files: the bytes are those that tests/gen/tiff.py gives, which tifffile and Pillow have read. */
#include "saved.h"
#include "tiff.h"

#include <errno.h>

Test(tiff, as_others_read_it)
{
    golden g;
    saved s;
    golden_bytes ours = {NULL, 0};
    npk_error error;
    int rows = 0;
    golden_open(&g, "tiff.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        saved_read(&s, line);
        cr_assert(tool_tiff_write(golden_collect, &ours, &s.array, NULL, &error) == NPK_OK, "%s: %s", s.name, error.message);
        saved_expect_same(&s, &ours);
        cr_expect(tool_tiff_is(s.file.bytes, 4) && !tool_tiff_is(s.file.bytes, 3), "%s", s.name);
        saved_free(&s);
    }
    golden_close(&g);
    cr_expect_eq(rows, 88);
}

/* Rows of more than a block, many blocks, many pages, and steps that go backwards: what NumPy calls a[::-1, ..., ::2]. */
Test(tiff, strides)
{
    enum { PAGES = 3, ROWS = 700, COLUMNS = 1100 };
    uint16_t *pixels = malloc(PAGES * ROWS * COLUMNS * sizeof *pixels);
    for (int i = 0; i < PAGES * ROWS * COLUMNS; i++)
        pixels[i] = (uint16_t)(i * 7);
    npk_view view;
    npk_error error;
    golden_bytes ours = {NULL, 0};
    const npk_array whole = NPK_ARRAY(pixels, PAGES, ROWS, COLUMNS);
    cr_assert(npk_view_slice(&whole, 0, INT64_MAX, INT64_MIN, -1, &view, &error) == NPK_OK);
    cr_assert(npk_view_slice(&view.array, 2, 0, INT64_MAX, 2, &view, &error) == NPK_OK);
    cr_assert(tool_tiff_write(golden_collect, &ours, &view.array, NULL, &error) == NPK_OK, "%s", error.message);
    const size_t size = PAGES * ROWS * (COLUMNS / 2) * sizeof *pixels;
    cr_assert(ours.size > size);
    uint16_t *found = (uint16_t *)(void *)(ours.bytes + ours.size - size);
    for (int page = 0; page < PAGES; page++)
        for (int row = 0; row < ROWS; row++)
            for (int column = 0; column < COLUMNS / 2; column++)
                cr_assert_eq(*found++, pixels[((PAGES - 1 - page) * ROWS + row) * COLUMNS + 2 * column]);
    free(ours.bytes);
    free(pixels);
}

/* A row of two blocks and a bit. */
Test(tiff, wide)
{
    enum { COLUMNS = (2 << 20) + 5 };
    uint8_t *pixels = malloc(2 * COLUMNS);
    for (int i = 0; i < 2 * COLUMNS; i++)
        pixels[i] = (uint8_t)(i * 13 >> 3);
    npk_array array = NPK_ARRAY(pixels, 2, COLUMNS);
    golden_bytes ours = {NULL, 0};
    npk_error error;
    array.order = 'F';
    cr_assert(tool_tiff_write(golden_collect, &ours, &array, NULL, &error) == NPK_OK, "%s", error.message);
    const uint8_t *found = ours.bytes + ours.size - 2 * COLUMNS;
    for (int i = 0; i < COLUMNS; i++)
        cr_assert(found[i] == pixels[2 * i] && found[COLUMNS + i] == pixels[2 * i + 1]);
    free(ours.bytes);
    free(pixels);
}

static npk_status count(const npk_array *array, uint64_t *size, npk_error *error)
{
    *size = 0;
    return tool_tiff_write(npk_sink_count, size, array, NULL, error);
}

/* 208 bytes come before the pixels of one page; offsets have 32 bits. Nothing is read of these arrays. */
Test(tiff, four_gigabytes)
{
    static const struct {
        int64_t pages, height, width;
        uint64_t size; /* 0: refused */
    } rows[] = {{1, 1, INT64_C(4294967087), UINT32_MAX},
                {1, 1, INT64_C(4294967088), 0},
                {1, 65536, 65536, 0},
                {INT64_C(1) << 32, 1, 1, 0},
                {INT64_C(4194304), 1024, 1, 0},
                {4, 32768, 32768, 0},
                {3, 32768, 32768, INT64_C(3) * 32768 * 32768 + 608},
                {INT64_C(1) << 31, INT64_C(1) << 30, 1, 0}};
    static const uint8_t byte;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_error error = {.status = NPK_OK};
        uint64_t size;
        const npk_array array = NPK_ARRAY(&byte, rows[i].pages, rows[i].height, rows[i].width);
        npk_status status = count(&array, &size, &error);
        cr_expect(status == (rows[i].size == 0 ? NPK_ERR_UNSUPPORTED : NPK_OK) && size == rows[i].size, "%zu: %d %d", i,
                  (int)status, (int)size);
        cr_expect(rows[i].size != 0 || strstr(error.message, "4 GiB") != NULL, "%s", error.message);
    }
}

Test(tiff, refused)
{
    static const struct {
        const char *dtype;
        int ndim;
        int64_t shape[7];
        const char *words;
    } rows[] = {
        {"?", 2, {2, 2}, "found dtype('bool')"},
        {"S3", 2, {2, 2}, "found dtype('S3')"},
        {"M8[s]", 2, {2, 2}, "found dtype('<M8[s]')"},
        {"f16", 2, {2, 2}, "found dtype('float128')"},
        {"u1,u1", 2, {2, 2}, "expected elements that TIFF has"},
        {"u1", 0, {0}, "2 to 5 dimensions, found 0"},
        {"u1", 1, {4}, "2 to 5 dimensions, found 1"},
        {"u1", 6, {1, 1, 1, 1, 2, 2}, "2 to 5 dimensions, found 6"},
        {"u1", 7, {1, 1, 1, 1, 2, 2, 3}, "2 to 6 dimensions with the colors, found 7"},
        {"f4", 6, {1, 1, 1, 1, 1, 3}, "2 to 5 dimensions, found 6"},
        {"u1", 2, {0, 4}, "without elements"},
        {"u1", 3, {0, 4, 4}, "without elements"},
        {"u1", 3, {4, 0, 3}, "without elements"},
    };
    static const uint8_t bytes[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_array array = {.data = bytes, .ndim = rows[i].ndim, .shape = rows[i].shape};
        npk_error error = {.status = NPK_OK};
        uint64_t size;
        cr_assert(npk_dtype_parse(rows[i].dtype, NULL, &array.dtype, NULL) == NPK_OK);
        cr_expect_eq(count(&array, &size, &error), NPK_ERR_UNSUPPORTED, "%zu", i);
        cr_expect(strstr(error.message, rows[i].words) != NULL && size == 0, "%s", error.message);
        npk_dtype_free(array.dtype);
    }
}

/* A sink that is full after so many bytes: nothing is given to it after that. */
struct full {
    size_t left;
    bool ended;
};

static int fill(void *context, const void *bytes, size_t size)
{
    struct full *full = context;
    (void)bytes;
    cr_assert(!full->ended);
    full->ended = size > full->left;
    full->left -= full->ended ? 0 : size;
    return full->ended ? ENOSPC : 0;
}

Test(tiff, full)
{
    static const uint8_t bytes[40 * 5 * 3];
    const npk_array array = NPK_ARRAY(bytes, 40, 5, 3);
    uint64_t size;
    npk_error error;
    cr_assert(count(&array, &size, &error) == NPK_OK);
    for (char order = 'C'; order <= 'F'; order = (char)(order + 'F' - 'C'))
        for (size_t room = 0; room <= size; room++) {
            npk_array one = array;
            struct full full = {.left = room};
            one.order = order;
            cr_assert_eq(tool_tiff_write(fill, &full, &one, NULL, &error), room < size ? NPK_ERR_IO : NPK_OK);
        }
}
