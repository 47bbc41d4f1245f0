#include <npickle/array.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What NumPy makes of edge values of every type: VALUES has them as they are, the CASTs after it as another type. */
static const struct {
    const char *from;
    const char *to; /* NULL: the values themselves */
    const char *values;
} rows[] = {
#define VALUES(from, values) {from, NULL, values},
#define CAST(from, to, values) {from, to, values},
#include "data/cast.inc"
};

enum { ROWS = sizeof rows / sizeof *rows, MOST = 128 };

static const npk_dtype *dtype_of(const char *code, char order)
{
    char text[32];
    const npk_dtype *dtype;
    snprintf(text, sizeof text, "%c%s", order, code);
    cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, NULL), NPK_OK, "%s", text);
    return dtype;
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The values of a row as they lie in an array of `dtype`; the bytes behind a long double are `fill`. Those that
 * NumPy does not give every time are left out, and their place in `absent` is set. Returns how many there are. */
static size_t lay_down(const char *values, const npk_dtype *dtype, uint8_t fill, uint8_t *out, bool *absent)
{
    size_t itemsize = (size_t)npk_dtype_itemsize(dtype);
    size_t parts = npk_dtype_kind(dtype) == 'c' ? 2 : 1, part = itemsize / parts;
    size_t bytes = part == 12 || part == 16 ? 10 : part, count = 0;
    for (; *values != '\0'; count++, out += itemsize) {
        memset(out, fill, itemsize);
        absent[count] = *values == '-';
        if (absent[count]) {
            values += 2;
            continue;
        }
        for (size_t i = 0; i < parts * bytes; i++, values += 2)
            out[i / bytes * part + i % bytes] = (uint8_t)(digit(values[0]) << 4 | digit(values[1]));
        cr_assert_eq(*values, ' ');
        values++;
        for (size_t i = 0; i < parts && npk_dtype_byteorder(dtype) == '>'; i++)
            for (size_t low = i * part, high = low + part - 1; low < high; low++, high--) {
                uint8_t byte = out[low];
                out[low] = out[high];
                out[high] = byte;
            }
    }
    return count;
}

static void check_cast(size_t of, size_t row, const char *from_code, char from_order, const char *to_code,
                       char to_order)
{
    static uint8_t in[MOST * 32], wanted[MOST * 32], got[MOST * 32 + 1];
    bool absent[MOST], ignored[MOST];
    npk_error error;
    const npk_dtype *from = dtype_of(from_code, from_order), *to = dtype_of(to_code, to_order);
    size_t itemsize = (size_t)npk_dtype_itemsize(to);
    size_t count = lay_down(rows[of].values, from, 0x77, in, ignored);
    cr_assert_eq(lay_down(rows[row].values, to, 0, wanted, absent), count);
    memset(got, 0xee, sizeof got);
    npk_array array = {.dtype = from, .data = in, .ndim = 1, .shape = (const int64_t[]){(int64_t)count}};
    cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_UNSAFE, got, count, &error), NPK_OK, "%s", error.message);
    for (size_t i = 0; i < count; i++)
        cr_expect(absent[i] || memcmp(got + i * itemsize, wanted + i * itemsize, itemsize) == 0,
                  "%c%s -> %c%s, value %zu: got %02x%02x..., expected %02x%02x...", from_order, from_code, to_order,
                  to_code, i, got[i * itemsize], got[i * itemsize + 1], wanted[i * itemsize], wanted[i * itemsize + 1]);
    cr_expect_eq(got[count * itemsize], 0xee);
    npk_dtype_free(from);
    npk_dtype_free(to);
}

/* The long double of 32-bit x86 holds the same ten bytes. */
static const char *narrow(const char *code)
{
    return strcmp(code, "f16") == 0 ? "f12" : strcmp(code, "c32") == 0 ? "c24" : code;
}

ParameterizedTestParameters(cast, as_numpy)
{
    static int indices[ROWS];
    static size_t count;
    count = 0;
    for (int row = 0; row < ROWS; row++)
        if (rows[row].to == NULL)
            indices[count++] = row;
    return cr_make_param_array(int, indices, count);
}

ParameterizedTest(int *of, cast, as_numpy)
{
    size_t first = (size_t)*of;
    for (size_t row = first + 1; row < ROWS && rows[row].to != NULL; row++)
        for (int orders = 0; orders < 4; orders++) {
            char from = "<>"[orders & 1], to = "<>"[orders >> 1];
            check_cast(first, row, rows[row].from, from, rows[row].to, to);
            check_cast(first, row, narrow(rows[row].from), from, rows[row].to, to);
            check_cast(first, row, rows[row].from, from, narrow(rows[row].to), to);
        }
}

Test(cast, table_is_whole)
{
    size_t of = 0;
    for (size_t row = 0; row < ROWS; row++)
        of += rows[row].to == NULL;
    cr_assert_eq(of, 18);
    cr_assert_eq(ROWS, 18 + 18 * 17 - 2);
}

/* The same type in the other order keeps every bit, the bytes behind a long double too. */
Test(cast, same_type_other_order)
{
    static const char *const codes[] = {"i2", "u4", "i8", "f2", "f4", "f8", "f12", "f16", "c8", "c16", "c24", "c32"};
    static const size_t parts[] = {2, 4, 8, 2, 4, 8, 12, 16, 4, 8, 12, 16};
    uint8_t in[96], got[96];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(7 * i + 1);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const npk_dtype *from = dtype_of(codes[i], '<'), *to = dtype_of(codes[i], '>');
        size_t count = sizeof in / (size_t)npk_dtype_itemsize(from);
        npk_array array = {.dtype = from, .data = in, .ndim = 1, .shape = (const int64_t[]){(int64_t)count}};
        cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_SAME, got, count, NULL), NPK_OK);
        for (size_t j = 0; j < sizeof in; j++)
            cr_assert_eq(got[j], in[j / parts[i] * parts[i] + parts[i] - 1 - j % parts[i]], "%s", codes[i]);
        cr_assert_eq(npk_array_read_as(&array, from, NPK_CAST_SAFE, got, count, NULL), NPK_OK);
        cr_assert_arr_eq(got, in, sizeof in);
        npk_dtype_free(from);
        npk_dtype_free(to);
    }
}

/* More elements than any buffer inside holds, in every number around those of a block. */
Test(cast, lengths)
{
    enum { LONGEST = 3000 };
    static int16_t in[2 * LONGEST];
    static double got[LONGEST + 1];
    for (int i = 0; i < 2 * LONGEST; i++)
        in[i] = (int16_t)(i - LONGEST);
    for (int64_t count = 0; count <= LONGEST; count += count < 600 ? 1 : 97) {
        int64_t step = count % 2 + 1;
        npk_array array = {.dtype = npk_dtype_native(NPK_INT16),
                           .data = in,
                           .ndim = 1,
                           .shape = &count,
                           .strides = (const int64_t[]){2 * step}};
        got[count] = 0.5;
        cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, got, (size_t)count, NULL), NPK_OK);
        for (int64_t i = 0; i < count; i++)
            cr_assert_eq(got[i], (double)(i * step - LONGEST));
        cr_assert_eq(got[count], 0.5);
    }
}

Test(cast, layouts)
{
    static const int32_t in[2][3] = {{1, 2, 3}, {4, 5, 6}};
    static const float c[] = {1, 2, 3, 4, 5, 6}, f[] = {1, 3, 5, 2, 4, 6}, back[] = {6, 5, 4, 3, 2, 1};
    float got[6];
    npk_array array = {.dtype = npk_dtype_native(NPK_INT32), .data = in, .ndim = 2, .shape = (const int64_t[]){2, 3}};
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, got, 6, NULL), NPK_OK);
    cr_assert_arr_eq(got, c, sizeof got);
    array.order = 'F';
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, got, 6, NULL), NPK_OK);
    cr_assert_arr_eq(got, f, sizeof got);
    array.data = &in[1][2];
    array.strides = (const int64_t[]){-12, -4};
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAME_KIND, got, 6, NULL), NPK_OK);
    cr_assert_arr_eq(got, back, sizeof got);
}

/* A payload in the UTF-8 of Python 3 at protocol 2: the int16s 0x0080, 0x00ff, 1, 2, 3, 4. */
Test(cast, encoded)
{
    static const uint8_t payload[] = {0xc2, 0x80, 0, 0xc3, 0xbf, 0, 1, 0, 2, 0, 3, 0, 4, 0};
    static const int32_t c[] = {0x80, 0xff, 1, 2, 3, 4}, f[] = {0x80, 1, 3, 0xff, 2, 4};
    int32_t got[6];
    npk_error error;
    npk_array array = {.dtype = npk_dtype_ordered(NPK_INT16, '<'),
                       .ndim = 2,
                       .shape = (const int64_t[]){2, 3},
                       .strides = (const int64_t[]){6, 2},
                       .order = 'C',
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, got, 6, NULL), NPK_OK);
    cr_assert_arr_eq(got, c, sizeof got);
    array.strides = (const int64_t[]){2, 4};
    array.order = 'F';
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, got, 6, NULL), NPK_OK);
    cr_assert_arr_eq(got, f, sizeof got);
    array.payload_size -= 1;
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, got, 6, &error), NPK_ERR_ARRAY);
}

/* A long payload in Fortran order, item by item at its place. */
Test(cast, encoded_fortran_long)
{
    enum { LINES = 70, COLUMNS = 90 };
    static uint8_t payload[LINES * COLUMNS];
    static double got[LINES][COLUMNS];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i % 127);
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .ndim = 2,
                       .shape = (const int64_t[]){LINES, COLUMNS},
                       .strides = (const int64_t[]){1, LINES},
                       .order = 'F',
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, &got[0][0], LINES * COLUMNS, NULL), NPK_OK);
    for (size_t line = 0; line < LINES; line++)
        for (size_t column = 0; column < COLUMNS; column++)
            cr_assert_eq(got[line][column], (double)((column * LINES + line) % 127));
}

Test(cast, refusals)
{
    static const double in[3] = {1, 2, 3};
    static double out[3];
    npk_error error;
    npk_array array = NPK_ARRAY(in, 3);
    const npk_dtype *bytes = dtype_of("S8", '|');
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_INT32), NPK_CAST_SAFE, out, 3, &error), NPK_ERR_CAST);
    cr_assert_neq(strstr(error.message, "i4 is not a safe cast"), NULL);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT32), NPK_CAST_SAME, out, 3, &error), NPK_ERR_CAST);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_OBJECT), NPK_CAST_UNSAFE, out, 3, &error),
                 NPK_ERR_CAST);
    cr_assert_eq(npk_array_read_as(&array, bytes, NPK_CAST_UNSAFE, out, 3, &error), NPK_ERR_CAST);
    cr_assert_neq(strstr(error.message, "f8 cannot be converted to |S8"), NULL);
    npk_dtype_free(bytes);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, out, 2, &error),
                 NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "expected room for 3 elements, found 2");
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT64), (npk_casting)9, out, 3, &error),
                 NPK_ERR_USAGE);
    cr_assert_eq(npk_array_read_as(&array, NULL, NPK_CAST_SAFE, out, 3, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, NULL, 3, &error),
                 NPK_ERR_USAGE);
    cr_assert_eq(npk_array_read_as(NULL, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, out, 3, &error), NPK_ERR_USAGE);
    array.data = NULL;
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, out, 3, &error),
                 NPK_ERR_USAGE);
    array.shape = (const int64_t[]){0};
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_FLOAT64), NPK_CAST_SAFE, NULL, 0, &error), NPK_OK);
}

/* numpy.can_cast for every pair, '1' where it is true; lines are `from`, columns `to`. */
static const char *const plain[] = {"b1", "i1", "u1",  "i2", "u2",  "i4",  "u4",    "i8",    "u8", "f2",
                                    "f4", "f8", "f16", "c8", "c16", "c32", "M8[s]", "m8[s]", "M8", "m8"};
enum { PLAIN = sizeof plain / sizeof *plain };
static const char safe[PLAIN][PLAIN + 1] = {
    "11111111111111110101", /* b1 */
    "01010101011111110101", /* i1 */
    "00111111111111110101", /* u1 */
    "00010101001111110101", /* i2 */
    "00001111101111110101", /* u2 */
    "00000101000110110101", /* i4 */
    "00000011100110110101", /* u4 */
    "00000001000110110101", /* i8 */
    "00000000100110110000", /* u8 */
    "00000000011111110000", /* f2 */
    "00000000001111110000", /* f4 */
    "00000000000110110000", /* f8 */
    "00000000000010010000", /* f16 */
    "00000000000001110000", /* c8 */
    "00000000000000110000", /* c16 */
    "00000000000000010000", /* c32 */
    "00000000000000001000", /* M8[s] */
    "00000000000000000100", /* m8[s] */
    "00000000000000001010", /* M8 */
    "00000000000000000101", /* m8 */
};
static const char same_kind[PLAIN][PLAIN + 1] = {
    "11111111111111110101", /* b1 */
    "01010101011111110101", /* i1 */
    "01111111111111110101", /* u1 */
    "01010101011111110101", /* i2 */
    "01111111111111110101", /* u2 */
    "01010101011111110101", /* i4 */
    "01111111111111110101", /* u4 */
    "01010101011111110101", /* i8 */
    "01111111111111110101", /* u8 */
    "00000000011111110000", /* f2 */
    "00000000011111110000", /* f4 */
    "00000000011111110000", /* f8 */
    "00000000011111110000", /* f16 */
    "00000000000001110000", /* c8 */
    "00000000000001110000", /* c16 */
    "00000000000001110000", /* c32 */
    "00000000000000001000", /* M8[s] */
    "00000000000000000100", /* m8[s] */
    "00000000000000001010", /* M8 */
    "00000000000000000101", /* m8 */
};

Test(cast, rules)
{
    for (size_t i = 0; i < PLAIN; i++)
        for (size_t j = 0; j < PLAIN; j++) {
            const npk_dtype *from = dtype_of(plain[i], '<'), *to = dtype_of(plain[j], '>');
            cr_expect_eq(npk_dtype_can_cast(from, to, NPK_CAST_SAFE), safe[i][j] == '1', "%s %s", plain[i], plain[j]);
            cr_expect_eq(npk_dtype_can_cast(from, to, NPK_CAST_SAME_KIND), same_kind[i][j] == '1', "%s %s", plain[i],
                         plain[j]);
            cr_expect_eq(npk_dtype_can_cast(from, to, NPK_CAST_SAME), i == j, "%s %s", plain[i], plain[j]);
            if (i < 16 || j < 16)
                cr_expect(npk_dtype_can_cast(from, to, NPK_CAST_UNSAFE), "%s %s", plain[i], plain[j]);
            npk_dtype_free(from);
            npk_dtype_free(to);
        }
}

static bool can_cast(const char *from_code, const char *to_code, npk_casting casting)
{
    const npk_dtype *from = dtype_of(from_code, '<'), *to = dtype_of(to_code, '<');
    bool can = npk_dtype_can_cast(from, to, casting);
    npk_dtype_free(from);
    npk_dtype_free(to);
    return can;
}

/* What numpy.can_cast says; and two refusals of our own: to no unit, and as far apart as days and attoseconds. */
Test(cast, units)
{
    static const struct {
        const char *from, *to;
        bool same, safe, same_kind, unsafe;
    } pairs[] = {
        {"M8[s]", "M8[ms]", false, true, true, true},      {"M8[ms]", "M8[s]", false, false, true, true},
        {"M8[s]", "M8[2s]", false, false, true, true},     {"M8[2s]", "M8[s]", false, true, true, true},
        {"M8[1000ms]", "M8[s]", true, true, true, true},   {"M8[1000ms]", "M8[2s]", false, false, true, true},
        {"M8[Y]", "M8[D]", false, true, true, true},       {"M8[D]", "M8[Y]", false, false, true, true},
        {"m8[Y]", "m8[M]", false, true, true, true},       {"m8[Y]", "m8[D]", false, false, false, true},
        {"m8[D]", "m8[M]", false, false, false, true},     {"M8", "M8[2s]", false, true, true, true},
        {"M8[s]", "M8", false, false, false, false},       {"M8[s]", "m8[s]", false, false, false, true},
        {"m8[s]", "M8[ms]", false, false, false, true},    {"M8[D]", "M8[as]", false, false, false, false},
        {"M8[25us]", "M8[us]", false, true, true, true},   {"M8[us]", "M8[25us]", false, false, true, true},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        cr_expect_eq(can_cast(pairs[i].from, pairs[i].to, NPK_CAST_SAME), pairs[i].same, "%zu", i);
        cr_expect_eq(can_cast(pairs[i].from, pairs[i].to, NPK_CAST_SAFE), pairs[i].safe, "%zu", i);
        cr_expect_eq(can_cast(pairs[i].from, pairs[i].to, NPK_CAST_SAME_KIND), pairs[i].same_kind, "%zu", i);
        cr_expect_eq(can_cast(pairs[i].from, pairs[i].to, NPK_CAST_UNSAFE), pairs[i].unsafe, "%zu", i);
    }
}

Test(cast, both_long_doubles)
{
    cr_assert(can_cast("f12", "f16", NPK_CAST_SAFE));
    cr_assert(can_cast("f16", "f12", NPK_CAST_SAFE));
    cr_assert(can_cast("f16", "c24", NPK_CAST_SAFE));
    cr_assert_not(can_cast("f16", "f12", NPK_CAST_SAME));
    cr_assert_not(can_cast("f12", "f8", NPK_CAST_SAFE));
}

/* numpy.can_cast; numbers and texts are refused here where NumPy would print and parse. */
Test(cast, texts)
{
    cr_assert(can_cast("S5", "S6", NPK_CAST_SAFE));
    cr_assert(can_cast("S5", "S5", NPK_CAST_SAME));
    cr_assert_not(can_cast("S6", "S5", NPK_CAST_SAFE));
    cr_assert(can_cast("S6", "S5", NPK_CAST_SAME_KIND));
    cr_assert(can_cast("S5", "U5", NPK_CAST_SAFE));
    cr_assert_not(can_cast("S5", "U5", NPK_CAST_SAME));
    cr_assert_not(can_cast("U5", "S5", NPK_CAST_SAME_KIND));
    cr_assert(can_cast("U5", "S5", NPK_CAST_UNSAFE));
    cr_assert(can_cast("V4", "V8", NPK_CAST_SAFE));
    cr_assert_not(can_cast("S4", "V4", NPK_CAST_UNSAFE));
    cr_assert_not(can_cast("S4", "i4", NPK_CAST_UNSAFE));
    cr_assert_not(can_cast("i4", "U9", NPK_CAST_UNSAFE));
    cr_assert_not(can_cast("O", "O", NPK_CAST_UNSAFE));
}

/* What ndarray.astype makes of three texts of four bytes; the last column is empty where it fails. */
Test(cast, text_values)
{
    static const char in[] = "ab\0\0" "a\0c\0" "abcd";
    static const struct {
        const char *from, *to, *wanted;
        size_t size;
    } pairs[] = {
        {"S4", "S4", "ab\0\0a\0c\0abcd", 12},
        {"S4", "S2", "aba\0ab", 6},
        {"S4", "S5", "ab\0\0\0a\0c\0\0abcd\0", 15},
        {"S4", "<U2", "a\0\0\0b\0\0\0a\0\0\0\0\0\0\0a\0\0\0b\0\0\0", 24},
        {"S4", ">U1", "\0\0\0a\0\0\0a\0\0\0a", 12},
        {"V4", "V2", "aba\0ab", 6},
        {"V4", "V5", "ab\0\0\0a\0c\0\0abcd\0", 15},
        {"<U1", ">U1", "\0\0ba\0c\0adcba", 12},
        {"<U1", "S1", "", 0},
        {"<U1", "S0", "", 0}, /* cut off, and looked at all the same */
    };
    char got[64];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const npk_dtype *from, *to;
        cr_assert_eq(npk_dtype_parse(pairs[i].from, NULL, &from, NULL), NPK_OK);
        cr_assert_eq(npk_dtype_parse(pairs[i].to, NULL, &to, NULL), NPK_OK);
        npk_array array = {.dtype = from, .data = in, .ndim = 1, .shape = (const int64_t[]){3}};
        memset(got, 'x', sizeof got);
        cr_expect_eq(npk_array_read_as(&array, to, NPK_CAST_UNSAFE, got, 3, NULL),
                     pairs[i].size == 0 ? NPK_ERR_CAST : NPK_OK);
        cr_expect(pairs[i].size == 0 || memcmp(got, pairs[i].wanted, pairs[i].size) == 0, "row %zu", i);
        cr_expect(pairs[i].size == 0 || got[pairs[i].size] == 'x', "row %zu", i);
        npk_dtype_free(from);
        npk_dtype_free(to);
    }
}

/* Structs are read as what they are, in one piece; in another order of bytes or as numbers they are not. */
Test(cast, structs)
{
    static const uint8_t in[2][5] = {{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}};
    uint8_t got[10];
    const npk_dtype *dtype, *other;
    npk_field fields[2] = {{.name = "a", .name_size = 1, .dtype = npk_dtype_ordered(NPK_INT32, '<'), .offset = 0},
                           {.name = "b", .name_size = 1, .dtype = npk_dtype_native(NPK_UINT8), .offset = 4}};
    cr_assert_eq(npk_dtype_new_struct(fields, 2, 5, false, NULL, &dtype, NULL), NPK_OK);
    fields[0].dtype = npk_dtype_ordered(NPK_INT32, '>');
    cr_assert_eq(npk_dtype_new_struct(fields, 2, 5, false, NULL, &other, NULL), NPK_OK);
    npk_array array = {
        .dtype = dtype, .data = in[1], .ndim = 1, .shape = (const int64_t[]){2}, .strides = (const int64_t[]){-5}};
    cr_assert_eq(npk_array_read_as(&array, dtype, NPK_CAST_SAME, got, 2, NULL), NPK_OK);
    cr_assert(memcmp(got, in[1], 5) == 0 && memcmp(got + 5, in[0], 5) == 0);
    cr_assert_not(npk_dtype_can_cast(dtype, other, NPK_CAST_UNSAFE));
    cr_assert_eq(npk_array_read_as(&array, other, NPK_CAST_UNSAFE, got, 2, NULL), NPK_ERR_CAST);
    cr_assert_eq(npk_array_read_as(&array, npk_dtype_native(NPK_INT32), NPK_CAST_UNSAFE, got, 2, NULL), NPK_ERR_CAST);
    npk_dtype_free(dtype);
    npk_dtype_free(other);
}

/* Elements larger than any buffer inside, from a stride and cut off. */
Test(cast, long_texts)
{
    enum { LONG = 9000 };
    static char in[4][LONG], got[2][LONG + 1];
    const npk_dtype *from, *to;
    for (int i = 0; i < 4; i++)
        memset(in[i], 'a' + i, LONG);
    cr_assert_eq(npk_dtype_parse("S9000", NULL, &from, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_parse("S9001", NULL, &to, NULL), NPK_OK);
    npk_array array = {
        .dtype = from, .data = in, .ndim = 1, .shape = (const int64_t[]){2}, .strides = (const int64_t[]){2 * LONG}};
    cr_assert_eq(npk_array_read_as(&array, to, NPK_CAST_SAFE, got, 2, NULL), NPK_OK);
    cr_assert_arr_eq(got[0], in[0], LONG);
    cr_assert_arr_eq(got[1], in[2], LONG);
    cr_assert(got[0][LONG] == 0 && got[1][LONG] == 0);
    npk_dtype_free(from);
    npk_dtype_free(to);
}

/* Bit patterns that no x87 since the 80387 makes: the exponent says 1, the mantissa has no leading 1. */
Test(cast, odd_long_doubles)
{
    static const uint8_t in[3][16] = {
        {0, 0, 0, 0, 0, 0, 0, 0x40, 0xff, 0x3f}, /* an unnormal: no number */
        {0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0},       /* a pseudo-denormal: 2^-16382 */
        {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x7f},    /* an infinity without its leading 1: no number */
    };
    double out[3];
    int64_t ints[3];
    npk_array array = {
        .dtype = npk_dtype_ordered(NPK_FLOAT128, '<'), .data = in, .ndim = 1, .shape = (const int64_t[]){3}};
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_UNSAFE, out, 3, NULL), NPK_OK);
    cr_assert(isnan(out[0]) && out[1] == 0 && isnan(out[2]));
    cr_assert_eq(NPK_ARRAY_READ_AS(&array, NPK_CAST_UNSAFE, ints, 3, NULL), NPK_OK);
    cr_assert(ints[0] == INT64_MIN && ints[1] == 0 && ints[2] == INT64_MIN);
}
