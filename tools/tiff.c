/* A TIFF file: its head, of 8 bytes; what its directories share; a directory for each page, one after another; then the
 * pixels of all pages, as they lie in a C array. Sizes are known before the first byte is written, so nothing is gone
 * back to.
 *
 *      0  "II", 42 or "MM", 42, four bytes: where the first directory begins
 *      8  1/1, the resolution
 *     16  bits of each sample, four times
 *     24  their type, four times
 *     32  the description, with a NUL, up to an even number of bytes
 *
 * The pixels begin at a multiple of 16, so that who maps the file finds them aligned. TIFF 6.0; what ImageJ looks for:
 * ij/io/TiffDecoder.java */
#include "tiff.h"

#include "common.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHARED_RESOLUTION = 8, SHARED_BITS = 16, SHARED_TYPES = 24, SHARED_TEXT = 32 };
enum { ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5 };
enum { UNSIGNED = 1, SIGNED = 2, FLOAT = 3, COMPLEX = 6 };
enum { LEADING = 3, ROOM = 4096, BLOCK = 1 << 20 };

static const struct element {
    npk_type type;
    uint16_t format;
} elements[] = {
    {NPK_UINT8, UNSIGNED},     {NPK_UINT16, UNSIGNED}, {NPK_UINT32, UNSIGNED}, {NPK_UINT64, UNSIGNED},
    {NPK_INT8, SIGNED},        {NPK_INT16, SIGNED},    {NPK_INT32, SIGNED},    {NPK_INT64, SIGNED},
    {NPK_FLOAT16, FLOAT},      {NPK_FLOAT32, FLOAT},   {NPK_FLOAT64, FLOAT},   {NPK_COMPLEX64, COMPLEX},
    {NPK_COMPLEX128, COMPLEX},
};

#define ELEMENTS (sizeof elements / sizeof *elements)

typedef struct tiff {
    bool big_endian;
    uint16_t bits, format; /* of a sample */
    uint16_t samples;      /* of a pixel */
    int leading;           /* axes before rows and columns */
    uint32_t width, height;
    uint64_t pages, page_size;
    uint64_t directories, pixels; /* where they begin */
    char description[160];
    uint32_t description_size; /* with its NUL; 0: there is none */
    /* On the way out: */
    npk_write_function *write;
    void *context;
    int failed; /* an errno */
    size_t used;
    uint8_t room[ROOM];
} tiff;

/* --- what it will be --- */

static npk_status take_dtype(tiff *t, const npk_dtype *dtype, npk_error *error)
{
    char found[128];
    size_t row = 0;
    while (row < ELEMENTS && elements[row].type != npk_dtype_type(dtype))
        row++;
    if (row == ELEMENTS) {
        npk_dtype_repr(dtype, found, sizeof found);
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET,
                         "expected elements that TIFF has (i1 to i8, u1 to u8, f2 to f8, c8, c16), found %s", found);
    }
    t->big_endian = npk_dtype_byteorder(dtype) == '>';
    t->bits = (uint16_t)(8 * npk_dtype_itemsize(dtype));
    t->format = elements[row].format;
    return NPK_OK;
}

static bool is_color(const npk_array *array)
{
    npk_type type = npk_dtype_type(array->dtype);
    int64_t last = array->ndim < 3 ? 0 : array->shape[array->ndim - 1];
    return (type == NPK_UINT8 || type == NPK_UINT16) && (last == 3 || last == 4);
}

static npk_status take_shape(tiff *t, const npk_array *array, npk_error *error)
{
    const bool color = is_color(array);
    const int64_t size = npk_array_nbytes(array);
    t->leading = array->ndim - (color ? 3 : 2);
    if (t->leading < 0 || t->leading > LEADING)
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET,
                         "expected an image or a stack, 2 to %d dimensions%s, found %d", LEADING + 2 + color,
                         color ? " with the colors" : "", array->ndim);
    if (size <= 0)
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET,
                         "expected an image, found an array without elements");
    int64_t height = array->shape[t->leading], width = array->shape[t->leading + 1], pages = 1;
    for (int i = 0; i < t->leading; i++)
        pages *= array->shape[i];
    t->samples = color ? (uint16_t)array->shape[array->ndim - 1] : 1;
    t->pages = (uint64_t)pages;
    t->page_size = (uint64_t)(size / pages);
    t->width = (uint32_t)width; /* take_places() refuses what these don't hold */
    t->height = (uint32_t)height;
    return NPK_OK;
}

/* ImageJ's axes, the last one first. */
static void describe(tiff *t, const npk_array *array)
{
    static const char *const names[LEADING][LEADING] = {
        {"slices"}, {"slices", "frames"}, {"channels", "slices", "frames"}};
    if (t->pages == 1)
        return;
    int size = snprintf(t->description, sizeof t->description, "ImageJ=1.53t\nimages=%" PRIu64 "\n", t->pages);
    for (int i = 0; i < t->leading; i++)
        size += snprintf(t->description + size, sizeof t->description - (size_t)size, "%s=%" PRId64 "\n",
                         names[t->leading - 1][i], array->shape[t->leading - 1 - i]);
    if (t->leading > 1)
        size += snprintf(t->description + size, sizeof t->description - (size_t)size, "hyperstack=true\n");
    t->description_size = (uint32_t)size + 1;
}

static uint64_t round_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

/* A field of a directory. */
typedef struct entry {
    uint16_t tag, type;
    uint32_t count, value; /* 0 of them: it is left out */
} entry;

enum { MOST_ENTRIES = 16 };

static size_t entries_of(const tiff *t, uint64_t page, entry entries[MOST_ENTRIES])
{
    const bool one = t->samples == 1;
    const entry all[MOST_ENTRIES] = {
        {256, LONG, 1, t->width},
        {257, LONG, 1, t->height},
        {258, SHORT, t->samples, one ? t->bits : SHARED_BITS},
        {259, SHORT, 1, 1},                                             /* Compression: none */
        {262, SHORT, 1, one ? 1 : 2},                                   /* PhotometricInterpretation: 0 is black; RGB */
        {270, ASCII, page == 0 ? t->description_size : 0, SHARED_TEXT}, /* ImageDescription */
        {273, LONG, 1, (uint32_t)(t->pixels + page * t->page_size)},    /* StripOffsets */
        {277, SHORT, 1, t->samples},                                    /* SamplesPerPixel */
        {278, LONG, 1, t->height},                                      /* RowsPerStrip */
        {279, LONG, 1, (uint32_t)t->page_size},                         /* StripByteCounts */
        {282, RATIONAL, 1, SHARED_RESOLUTION},                          /* XResolution */
        {283, RATIONAL, 1, SHARED_RESOLUTION},                          /* YResolution */
        {284, SHORT, 1, 1},                                             /* PlanarConfiguration: pixel by pixel */
        {296, SHORT, 1, 1},                                             /* ResolutionUnit: none */
        {338, SHORT, t->samples == 4, 2},                               /* ExtraSamples: alpha, not multiplied in */
        {339, SHORT, t->samples, one ? t->format : SHARED_TYPES},       /* SampleFormat */
    };
    size_t count = 0;
    for (size_t i = 0; i < MOST_ENTRIES; i++)
        if (all[i].count > 0)
            entries[count++] = all[i];
    return count;
}

static uint64_t directory_size(const tiff *t, uint64_t page)
{
    entry entries[MOST_ENTRIES];
    return 2 + 12 * entries_of(t, page, entries) + 4;
}

/* Where everything lies: 32 bits must be enough for that. */
static npk_status take_places(tiff *t, npk_error *error)
{
    const uint64_t most = UINT32_MAX;
    t->directories = round_up(SHARED_TEXT + t->description_size, 2);
    if (t->pages <= most && t->page_size <= most / t->pages) {
        t->pixels = round_up(t->directories + directory_size(t, 0) + (t->pages - 1) * directory_size(t, 1), 16);
        if (t->pixels <= most - t->pages * t->page_size)
            return NPK_OK;
    }
    return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET,
                     "expected less than 4 GiB, which is what a TIFF file can be, found %" PRIu64 " images of %" PRIu64
                     " bytes",
                     t->pages, t->page_size);
}

/* --- writing --- */

static void put_straight(tiff *t, const void *bytes, size_t size)
{
    if (t->failed == 0 && size > 0)
        t->failed = t->write(t->context, bytes, size);
}

static void flush(tiff *t)
{
    put_straight(t, t->room, t->used);
    t->used = 0;
}

static void put(tiff *t, const void *bytes, size_t size)
{
    if (size > ROOM - t->used)
        flush(t);
    memcpy(t->room + t->used, bytes, size);
    t->used += size;
}

static void put_number(tiff *t, uint32_t value, size_t size)
{
    uint8_t bytes[4];
    for (size_t i = 0; i < size; i++)
        bytes[t->big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
    put(t, bytes, size);
}

static void put_head(tiff *t)
{
    static const uint8_t nothing[2] = {0};
    put(t, t->big_endian ? "MM" : "II", 2);
    put_number(t, 42, 2);
    put_number(t, (uint32_t)t->directories, 4);
    put_number(t, 1, 4);
    put_number(t, 1, 4);
    for (int i = 0; i < 4; i++)
        put_number(t, t->bits, 2);
    for (int i = 0; i < 4; i++)
        put_number(t, t->format, 2);
    put(t, t->description, t->description_size);
    put(t, nothing, t->description_size % 2);
}

static void put_directory(tiff *t, uint64_t page)
{
    entry entries[MOST_ENTRIES];
    const size_t count = entries_of(t, page, entries);
    const uint64_t next = t->directories + directory_size(t, 0) + page * directory_size(t, 1);
    put_number(t, (uint32_t)count, 2);
    for (size_t i = 0; i < count; i++) {
        put_number(t, entries[i].tag, 2);
        put_number(t, entries[i].type, 2);
        put_number(t, entries[i].count, 4);
        const bool is_short = entries[i].type == SHORT && entries[i].count == 1;
        put_number(t, entries[i].value, is_short ? 2 : 4);
        put_number(t, 0, is_short ? 2 : 0);
    }
    put_number(t, page + 1 < t->pages ? (uint32_t)next : 0, 4);
}

static void put_directories(tiff *t)
{
    static const uint8_t nothing[16] = {0};
    for (uint64_t page = 0; page < t->pages && t->failed == 0; page++)
        put_directory(t, page);
    put(t, nothing,
        (size_t)(t->pixels - t->directories - directory_size(t, 0) - (t->pages - 1) * directory_size(t, 1)));
    flush(t);
}

/* --- the pixels --- */

/* The page with these indices, in blocks of whole rows. */
static npk_status put_page(tiff *t, const npk_array *array, const int64_t *index, uint8_t *block, npk_error *error)
{
    npk_view page, part;
    const int64_t row_size = (int64_t)(t->page_size / t->height), rows = row_size < BLOCK ? BLOCK / row_size : 1;
    npk_status status = npk_view_of(array, &page, error);
    for (int i = 0; status == NPK_OK && i < t->leading; i++)
        status = npk_view_index(&page.array, 0, index[i], &page, error);
    for (int64_t row = 0; status == NPK_OK && row < t->height && t->failed == 0; row += rows) {
        const int64_t end = rows < t->height - row ? row + rows : t->height;
        const size_t size = (size_t)((end - row) * row_size);
        status = npk_view_slice(&page.array, 0, row, end, 1, &part, error);
        if (status == NPK_OK)
            status = npk_array_copy(&part.array, 'C', block, size, error);
        if (status == NPK_OK)
            put_straight(t, block, size);
    }
    return status;
}

static npk_status put_pages(tiff *t, const npk_array *array, npk_error *error)
{
    const uint64_t row_size = t->page_size / t->height;
    const uint64_t most = row_size > BLOCK ? row_size : BLOCK;
    uint8_t *block = malloc((size_t)(t->page_size < most ? t->page_size : most));
    int64_t index[LEADING] = {0};
    npk_status status = block == NULL ? tool_fail_memory(error) : NPK_OK;
    for (uint64_t page = 0; status == NPK_OK && page < t->pages && t->failed == 0; page++) {
        status = put_page(t, array, index, block, error);
        for (int i = t->leading; i-- > 0 && ++index[i] == array->shape[i];)
            index[i] = 0;
    }
    free(block);
    return status;
}

static npk_status put_pixels(tiff *t, const npk_array *array, npk_error *error)
{
    const size_t size = (size_t)npk_array_nbytes(array);
    npk_view view;
    void *decoded = array->data == NULL ? malloc(size) : NULL;
    if (array->data == NULL && decoded == NULL)
        return tool_fail_memory(error);
    npk_status status = npk_view_decode(array, decoded, size, &view, error);
    if (status == NPK_OK && npk_array_order(&view.array) == 'C')
        put_straight(t, view.array.data, size);
    else if (status == NPK_OK)
        status = put_pages(t, &view.array, error);
    free(decoded);
    return status;
}

npk_status tool_tiff_write(npk_write_function *write, void *context, const npk_array *array,
                           const npk_write_options *options, npk_error *error)
{
    tiff t = {.write = write, .context = context};
    (void)options;
    npk_status status = take_dtype(&t, array->dtype, error);
    if (status == NPK_OK)
        status = take_shape(&t, array, error);
    if (status != NPK_OK)
        return status;
    describe(&t, array);
    status = take_places(&t, error);
    if (status != NPK_OK)
        return status;
    put_head(&t);
    put_directories(&t);
    status = put_pixels(&t, array, error);
    return status == NPK_OK && t.failed != 0 ? tool_fail_system(error, t.failed, "write") : status;
}

/* --- reading, which is not done --- */

bool tool_tiff_is(const void *bytes, size_t size)
{
    return size >= 4 && (memcmp(bytes, "II*\0", 4) == 0 || memcmp(bytes, "MM\0*", 4) == 0);
}

npk_status tool_tiff_open(const void *bytes, size_t size, const npk_read_options *options, void **state,
                          npk_error *error)
{
    (void)bytes;
    (void)size;
    (void)options;
    *state = NULL;
    return tool_fail(error, NPK_ERR_NOT_A_PICKLE, 0,
                     "expected a pickle or a .npy file, found a TIFF file, which npickle writes and does not read");
}

void tool_tiff_close(void *state)
{
    (void)state;
}
