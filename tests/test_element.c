#include <npickle/element.h>
#include <npickle/view.h>

#include <criterion/criterion.h>

#include <string.h>

static const npk_dtype *dtype_of(const char *code)
{
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_parse(code, NULL, &dtype, NULL), NPK_OK, "%s", code);
    return dtype;
}

/* --- numbers --- */

Test(element, numbers)
{
    static const int32_t in[2][3] = {{1, -2, 3}, {0, 5, 6}};
    npk_array array = NPK_ARRAY(&in[0][0], 2, 3);
    const int64_t at[] = {0, 1}, zero[] = {1, 0};
    double real, both[2];
    int64_t whole;
    uint64_t natural;
    bool truth;
    npk_error error;
    cr_assert_eq(npk_array_get_double(&array, at, NPK_CAST_SAFE, &real, NULL), NPK_OK);
    cr_assert_eq(real, -2.0);
    cr_assert_eq(npk_array_get_int64(&array, at, NPK_CAST_SAFE, &whole, NULL), NPK_OK);
    cr_assert_eq(whole, -2);
    cr_assert_eq(npk_array_get_uint64(&array, at, NPK_CAST_SAFE, &natural, &error), NPK_ERR_CAST);
    cr_assert_neq(strstr(error.message, "u8 is not a safe cast"), NULL);
    cr_assert_eq(npk_array_get_uint64(&array, at, NPK_CAST_UNSAFE, &natural, NULL), NPK_OK);
    cr_assert_eq(natural, (uint64_t)-2);
    cr_assert_eq(npk_array_get_complex(&array, at, NPK_CAST_SAFE, both, NULL), NPK_OK);
    cr_assert(both[0] == -2.0 && both[1] == 0.0);
    cr_assert_eq(npk_array_get_bool(&array, at, NPK_CAST_SAFE, &truth, NULL), NPK_ERR_CAST);
    cr_assert_eq(npk_array_get_bool(&array, at, NPK_CAST_UNSAFE, &truth, NULL), NPK_OK);
    cr_assert(truth);
    cr_assert_eq(npk_array_get_bool(&array, zero, NPK_CAST_UNSAFE, &truth, NULL), NPK_OK);
    cr_assert_not(truth);
}

Test(element, bounds)
{
    static const int64_t outside[][2] = {{2, 0}, {-1, 0}, {0, 3}, {0, -1}, {INT64_MAX, 0}, {0, INT64_MIN}};
    static const int16_t in[2][3] = {{0}};
    npk_array array = NPK_ARRAY(&in[0][0], 2, 3);
    int64_t found;
    npk_error error;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        cr_expect_eq(npk_array_get_int64(&array, outside[i], NPK_CAST_SAFE, &found, &error), NPK_ERR_USAGE, "row %zu",
                     i);
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){0, -1}, NPK_CAST_SAFE, &found, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "expected an index from 0 to 2 on axis 1, found -1");
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){1, 2}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(npk_array_get_int64(&array, NULL, NPK_CAST_SAFE, &found, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){0, 0}, NPK_CAST_SAFE, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_get_bool(&array, (const int64_t[]){0, 0}, NPK_CAST_UNSAFE, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_get(&array, (const int64_t[]){0, 0}, NULL, NPK_CAST_SAFE, &found, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_get_int64(NULL, NULL, NPK_CAST_SAFE, &found, NULL), NPK_ERR_USAGE);
    array.dtype = npk_dtype_native(NPK_OBJECT);
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){0, 0}, NPK_CAST_UNSAFE, &found, NULL), NPK_ERR_CAST);
}

/* No dimensions, negative, zero and no strides, Fortran order, an odd address. */
Test(element, layouts)
{
    static const uint8_t memory[13] = {0xff, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
    npk_array array = {.dtype = npk_dtype_ordered(NPK_INT16, '<'), .data = memory + 1};
    int64_t found;
    cr_assert_eq(npk_array_get_int64(&array, NULL, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(found, 1);
    array.ndim = 2;
    array.shape = (const int64_t[]){2, 3};
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){1, 0}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(found, 4);
    array.order = 'F';
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){1, 0}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(found, 2);
    array.data = memory + 11;
    array.strides = (const int64_t[]){-4, -2};
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){1, 2}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(found, 2);
    array.strides = (const int64_t[]){0, -2};
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){1, 2}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    cr_assert_eq(found, 4);
    array.shape = (const int64_t[]){0, 3};
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){0, 0}, NPK_CAST_SAFE, &found, NULL), NPK_ERR_USAGE);
}

/* 12000 uint8 encoded, more than are decoded at once, in either order. */
Test(element, encoding)
{
    enum { LINES = 100, COLUMNS = 120 };
    static const int64_t by_row[] = {COLUMNS, 1}, by_column[] = {1, LINES};
    static uint8_t payload[LINES * COLUMNS];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i % 127);
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .ndim = 2,
                       .shape = (const int64_t[]){LINES, COLUMNS},
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    for (int fortran = 0; fortran < 2; fortran++) {
        array.order = fortran ? 'F' : 'C';
        array.strides = fortran ? by_column : by_row;
        for (int64_t i = 0; i < LINES; i += 9)
            for (int64_t j = 0; j < COLUMNS; j += 7) {
                int64_t found, flat = fortran ? i + j * LINES : i * COLUMNS + j;
                cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){i, j}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
                cr_assert_eq(found, flat % 127);
            }
    }
    int64_t found;
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){99, 119}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
    array.payload_size -= 1;
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){99, 119}, NPK_CAST_SAFE, &found, NULL), NPK_ERR_ARRAY);
    cr_assert_eq(npk_array_get_int64(&array, (const int64_t[]){98, 119}, NPK_CAST_SAFE, &found, NULL), NPK_OK);
}

/* Any byte but 0 is true, and comes out as 1. */
Test(element, bools)
{
    static const uint8_t in[4] = {0, 1, 2, 255};
    uint8_t out[4] = {9, 9, 9, 9};
    npk_array array = {.dtype = npk_dtype_native(NPK_BOOL), .data = in, .ndim = 1, .shape = (const int64_t[]){4}};
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_BOOL), NPK_CAST_SAME, out, 4, NULL), NPK_OK);
    cr_assert(out[0] == 0 && out[1] == 1 && out[2] == 1 && out[3] == 1);
    for (int64_t i = 0; i < 4; i++) {
        bool found;
        cr_assert_eq(npk_array_get_bool(&array, &i, NPK_CAST_SAFE, &found, NULL), NPK_OK);
        cr_assert_eq(found, i > 0);
    }
}

/* --- texts --- */

/* Made by numpy.array(['', 'caf\xe9', '\0a\0', '\U0001f600\ud800'], '<U4'): what is read is each .item() in UTF-8 (with
 * surrogatepass). */
static const uint32_t characters[4][4] = {{0}, {'c', 'a', 'f', 0xe9}, {0, 'a', 0, 0}, {0x1f600, 0xd800, 0, 0}};
static const struct {
    const char *text;
    size_t size;
} utf8[4] = {{"", 0}, {"caf\xc3\xa9", 5}, {"\0a", 2}, {"\xf0\x9f\x98\x80\xed\xa0\x80", 7}};

/* The characters in the byte order of `code`. */
static npk_array texts_of(const npk_dtype *dtype, uint8_t memory[64])
{
    static const int64_t shape[] = {4};
    for (size_t i = 0; i < 16; i++)
        for (size_t j = 0; j < 4; j++)
            memory[4 * i + j] =
                (uint8_t)(characters[i / 4][i % 4] >> 8 * (npk_dtype_byteorder(dtype) == '<' ? j : 3 - j));
    return (npk_array){.dtype = dtype, .data = memory, .ndim = 1, .shape = shape};
}

Test(text, one)
{
    uint8_t memory[65];
    char found[16];
    size_t needed;
    for (int order = 0; order < 2; order++) {
        const npk_dtype *dtype = dtype_of(order == 0 ? "<U4" : ">U4");
        npk_array array = texts_of(dtype, memory + 1);
        for (int64_t i = 0; i < 4; i++) {
            cr_assert_eq(npk_array_get_text(&array, &i, NULL, 0, &needed, NULL), NPK_OK);
            cr_assert_eq(needed, utf8[i].size);
            memset(found, 'x', sizeof found);
            cr_assert_eq(npk_array_get_text(&array, &i, found, needed, NULL, NULL), NPK_ERR_USAGE);
            cr_assert_eq(npk_array_get_text(&array, &i, found, needed + 1, NULL, NULL), NPK_OK);
            cr_assert_arr_eq(found, utf8[i].text, needed + 1);
            cr_assert_eq(found[needed + 1], 'x');
        }
        npk_dtype_free(dtype);
    }
}

Test(text, all)
{
    static const char packed[] = "\0caf\xc3\xa9\0\0a\0\xf0\x9f\x98\x80\xed\xa0\x80"; /* and the last NUL */
    uint8_t memory[64];
    char found[32];
    size_t offsets[5], needed;
    const npk_dtype *dtype = dtype_of("<U4");
    npk_array array = texts_of(dtype, memory);
    cr_assert_eq(npk_array_read_texts(&array, NULL, 0, NULL, &needed, NULL), NPK_OK);
    cr_assert_eq(needed, sizeof packed);
    cr_assert_eq(npk_array_read_texts(&array, found, needed - 1, offsets, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_read_texts(&array, found, needed, offsets, &needed, NULL), NPK_OK);
    cr_assert_arr_eq(found, packed, sizeof packed);
    cr_assert(offsets[0] == 0 && offsets[1] == 1 && offsets[2] == 7 && offsets[3] == 10 && offsets[4] == 18);
    array.shape = (const int64_t[]){0};
    cr_assert_eq(npk_array_read_texts(&array, found, 0, offsets, &needed, NULL), NPK_OK);
    cr_assert(needed == 0 && offsets[0] == 0);
    npk_dtype_free(dtype);
}

/* numpy.array([b'ab', b'', b'\xff\0c'], 'S3'): bytes stay what they are. Backwards by a stride. */
Test(text, bytes)
{
    static const char in[] = "ab\0\0\0\0\xff\0c", packed[] = "\xff\0c\0\0ab";
    char found[16];
    size_t offsets[4], needed;
    const npk_dtype *dtype = dtype_of("S3");
    npk_array array = {
        .dtype = dtype, .data = in + 6, .ndim = 1, .shape = (const int64_t[]){3}, .strides = (const int64_t[]){-3}};
    cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, offsets, &needed, NULL), NPK_OK);
    cr_assert_eq(needed, sizeof packed);
    cr_assert_arr_eq(found, packed, sizeof packed);
    cr_assert(offsets[1] == 4 && offsets[2] == 5 && offsets[3] == 8);
    npk_dtype_free(dtype);
}

Test(text, without_characters)
{
    char found[4] = "xxx";
    size_t offsets[3];
    const npk_dtype *dtype = dtype_of("S0");
    npk_array array = {.dtype = dtype, .ndim = 1, .shape = (const int64_t[]){2}};
    cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, offsets, NULL, NULL), NPK_OK);
    cr_assert(offsets[2] == 2 && found[0] == 0 && found[1] == 0 && found[2] == 'x');
    cr_assert_eq(npk_array_get_text(&array, (const int64_t[]){1}, found, 1, NULL, NULL), NPK_OK);
    npk_dtype_free(dtype);
}

/* A pickle may have so many of them in no bytes: they are not counted one by one. */
Test(text, without_characters_without_end)
{
    size_t needed = 0;
    const npk_dtype *dtype = dtype_of("U0");
    npk_array array = {.dtype = dtype, .ndim = 1, .shape = (const int64_t[]){INT64_MAX}};
    npk_status status = npk_array_read_texts(&array, NULL, 0, NULL, &needed, NULL);
    if (SIZE_MAX > INT64_MAX)
        cr_assert(status == NPK_OK && needed == INT64_MAX);
    else
        cr_assert_eq(status, NPK_ERR_USAGE);
    npk_dtype_free(dtype);
}

Test(text, no_character)
{
    static const uint32_t in[1] = {0x110000};
    npk_array array = {.data = in, .ndim = 1, .shape = (const int64_t[]){1}};
    size_t needed;
    const uint16_t one = 1;
    array.dtype = dtype_of(*(const uint8_t *)&one == 1 ? "<U1" : ">U1");
    cr_assert_eq(npk_array_get_text(&array, (const int64_t[]){0}, NULL, 0, &needed, NULL), NPK_ERR_ARRAY);
    cr_assert_eq(npk_array_read_texts(&array, NULL, 0, NULL, &needed, NULL), NPK_ERR_ARRAY);
    npk_dtype_free(array.dtype);
    array.dtype = npk_dtype_native(NPK_UINT32);
    cr_assert_eq(npk_array_get_text(&array, (const int64_t[]){0}, NULL, 0, &needed, NULL), NPK_ERR_CAST);
    cr_assert_eq(npk_array_read_texts(&array, NULL, 0, NULL, &needed, NULL), NPK_ERR_CAST);
}

/* S2 and U1 in the UTF-8 of Python 3 at protocol 2. */
Test(text, encoding)
{
    static const uint8_t payload[] = {'a', 0, 0xc3, 0xbf, 'b'};
    char found[16];
    size_t needed;
    npk_array array = {.dtype = dtype_of("S2"),
                       .ndim = 2,
                       .shape = (const int64_t[]){1, 2},
                       .order = 'C',
                       .strides = (const int64_t[]){4, 2},
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, NULL, &needed, NULL), NPK_OK);
    cr_assert_eq(needed, 5);
    cr_assert_arr_eq(found, "a\0\xff" "b", 5);
    cr_assert_eq(npk_array_get_text(&array, (const int64_t[]){0, 1}, found, sizeof found, &needed, NULL), NPK_OK);
    cr_assert_str_eq(found, "\xff" "b");
    array.shape = (const int64_t[]){2, 2};
    array.strides = (const int64_t[]){2, 4};
    cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, NULL, &needed, NULL), NPK_ERR_UNSUPPORTED);
    array.strides = (const int64_t[]){4, 2};
    cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, NULL, &needed, NULL), NPK_ERR_ARRAY);
    npk_dtype_free(array.dtype);
}

/* One element of 8 KiB encoded is read, one of more is not, but as plain bytes it is. */
Test(text, size_in_an_encoding)
{
    static char payload[8196], found[8200];
    size_t needed;
    memset(payload, 'x', sizeof payload);
    for (int over = 0; over < 2; over++) {
        const npk_dtype *dtype = dtype_of(over ? "S8193" : "S8192");
        npk_array array = {
            .dtype = dtype, .encoding = NPK_ENCODING_LATIN1_UTF8, .payload = payload, .payload_size = 8192 + over};
        npk_status wanted = over ? NPK_ERR_UNSUPPORTED : NPK_OK;
        cr_assert_eq(npk_array_get_text(&array, NULL, found, sizeof found, &needed, NULL), wanted);
        cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, NULL, &needed, NULL), wanted);
        cr_assert_eq(npk_array_read_as(&array, dtype, NPK_CAST_SAME, found, 1, NULL), wanted);
        array.data = payload;
        array.payload = NULL;
        cr_assert_eq(npk_array_read_texts(&array, found, sizeof found, NULL, &needed, NULL), NPK_OK);
        cr_assert_eq(needed, 8193u + over);
        memset(found, 0, sizeof found);
        cr_assert_eq(npk_array_read_as(&array, dtype, NPK_CAST_SAME, found, 1, NULL), NPK_OK);
        cr_assert_arr_eq(found, payload, 8192u + over);
        npk_dtype_free(dtype);
    }
}

Test(text, put)
{
    static const struct {
        const char *code, *text;
        size_t size;
        npk_status status;
    } puts[] = {
        {"<U2", "\xc3\xa9\xf0\x9f\x98\x80", 6, NPK_OK},
        {">U2", "\xed\xa0\x80", 3, NPK_OK},
        {"<U2", "abc", 3, NPK_ERR_CAST},
        {"<U2", "\xff", 1, NPK_ERR_USAGE},
        {"<U2", "\xc3", 1, NPK_ERR_USAGE},
        {"<U2", "", 0, NPK_OK},
        {"S3", "\xff\0c", 3, NPK_OK},
        {"S3", "abcd", 4, NPK_ERR_CAST},
        {"i4", "1", 1, NPK_ERR_CAST},
        {"V4", "1", 1, NPK_ERR_CAST},
    };
    for (size_t i = 0; i < sizeof puts / sizeof *puts; i++) {
        const npk_dtype *dtype = dtype_of(puts[i].code);
        uint8_t item[16];
        char back[16];
        size_t needed;
        memset(item, 0xee, sizeof item);
        npk_array array = {.dtype = dtype, .data = item};
        cr_expect_eq(npk_element_put_text(dtype, puts[i].text, puts[i].size, item, NULL), puts[i].status, "row %zu", i);
        if (puts[i].status == NPK_OK) {
            cr_assert_eq(npk_array_get_text(&array, NULL, back, sizeof back, &needed, NULL), NPK_OK);
            cr_expect(needed == puts[i].size && memcmp(back, puts[i].text, needed) == 0, "row %zu", i);
        }
        cr_expect_eq(item[npk_dtype_itemsize(dtype)], 0xee);
        npk_dtype_free(dtype);
    }
    uint8_t item;
    cr_assert_eq(npk_element_put_text(NULL, "", 0, &item, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_element_put_text(npk_dtype_native(NPK_INT8), NULL, 1, &item, NULL), NPK_ERR_USAGE);
}
