#include "dtype/dtype.h"
#include "array/layout.h"
#include "array/scatter.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define I64(...) ((const int64_t[]){__VA_ARGS__})

Test(layout, contiguous_strides)
{
    int64_t strides[3];
    cr_assert(npki_contiguous_strides(3, I64(2, 3, 4), 8, 'C', strides));
    cr_assert(strides[0] == 96 && strides[1] == 32 && strides[2] == 8);
    cr_assert(npki_contiguous_strides(3, I64(2, 3, 4), 8, 'F', strides));
    cr_assert(strides[0] == 8 && strides[1] == 16 && strides[2] == 48);
    /* pickle.loads(pickle.dumps(np.zeros((3, 0, 4)))).strides */
    cr_assert(npki_contiguous_strides(3, I64(3, 0, 4), 8, 'C', strides));
    cr_assert(strides[0] == 32 && strides[1] == 32 && strides[2] == 8);
    cr_assert(npki_contiguous_strides(0, NULL, 8, 'C', strides));
    cr_assert_not(npki_contiguous_strides(2, I64(INT64_MAX, 2), 8, 'C', strides));
    cr_assert_not(npki_contiguous_strides(3, I64(1, (int64_t)1 << 40, (int64_t)1 << 40), 1, 'F', strides));
}

/* a.flags of NumPy; strides of 0 length mean: none given, in `order`. */
static const struct {
    int ndim;
    int64_t shape[3], strides[3];
    bool has_strides;
    char order;
    bool c, f;
} flags[] = {
    {0, {0}, {0}, false, 0, true, true},
    {1, {5}, {0}, false, 0, true, true},
    {1, {5}, {4}, true, 0, true, true},
    {1, {5}, {8}, true, 0, false, false},
    {1, {5}, {-4}, true, 0, false, false},
    {1, {5}, {0}, true, 0, false, false},
    {1, {1}, {-400}, true, 0, true, true},
    {2, {2, 3}, {0}, false, 0, true, false},
    {2, {2, 3}, {0}, false, 'F', false, true},
    {2, {2, 3}, {12, 4}, true, 0, true, false},
    {2, {2, 3}, {4, 8}, true, 0, false, true},
    {2, {2, 3}, {24, 4}, true, 0, false, false},
    {2, {1, 3}, {999, 4}, true, 0, true, true},
    {2, {3, 1}, {4, 999}, true, 0, true, true},
    {2, {1, 1}, {1, 2}, true, 0, true, true},
    {2, {2, 0}, {77, 5}, true, 0, true, true},
    {3, {2, 1, 3}, {12, 7, 4}, true, 0, true, false},
    {3, {2, 1, 3}, {4, 7, 8}, true, 0, false, true},
};

Test(layout, contiguity)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        npk_array array = {.dtype = npk_dtype_native(NPK_INT32),
                           .ndim = flags[i].ndim,
                           .shape = flags[i].shape,
                           .strides = flags[i].has_strides ? flags[i].strides : NULL,
                           .order = flags[i].order};
        cr_expect_eq(npki_is_c_contiguous(&array), flags[i].c, "row %zu", i);
        cr_expect_eq(npki_is_f_contiguous(&array), flags[i].f, "row %zu", i);
        cr_expect_eq(npk_array_order(&array), flags[i].c ? 'C' : flags[i].f ? 'F' : 'K', "row %zu", i);
    }
}

Test(layout, order_of_what_is_not_an_array)
{
    const npk_dtype *dtype = npk_dtype_native(NPK_INT32);
    const npk_array rows[] = {
        {.ndim = 1, .shape = I64(5)},
        {.dtype = dtype, .ndim = 1},
        {.dtype = dtype, .ndim = -1, .shape = I64(5)},
        {.dtype = dtype, .ndim = NPK_MAXDIMS + 1, .shape = I64(5)},
    };
    cr_assert_eq(npk_array_order(NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(npk_array_order(&rows[i]), 0, "row %zu", i);
}

Test(layout, counts)
{
    npk_array array = {.dtype = npk_dtype_native(NPK_COMPLEX128), .ndim = 2, .shape = I64(3, 4)};
    cr_assert_eq(npk_array_count(&array), 12);
    cr_assert_eq(npk_array_nbytes(&array), 192);
    array.ndim = 0;
    cr_assert_eq(npk_array_count(&array), 1);
    cr_assert_eq(npk_array_nbytes(&array), 16);
    array.ndim = 2;
    array.shape = I64(0, 7);
    cr_assert_eq(npk_array_count(&array), 0);
    array.shape = I64(-1, 7);
    cr_assert_eq(npk_array_count(&array), -1);
    array.shape = I64((int64_t)1 << 32, (int64_t)1 << 31);
    cr_assert_eq(npk_array_count(&array), -1);
    array.shape = I64((int64_t)1 << 32, (int64_t)1 << 28);
    cr_assert_eq(npk_array_count(&array), (int64_t)1 << 60);
    cr_assert_eq(npk_array_nbytes(&array), -1);
    array.shape = I64((int64_t)1 << 31, (int64_t)1 << 27);
    cr_assert_eq(npk_array_nbytes(&array), (int64_t)1 << 62);
    array.ndim = 3;
    array.shape = I64(INT64_MAX, 0, 1); /* no elements, and so no bytes, however many there would be of others */
    cr_assert_eq(npk_array_count(&array), 0);
    cr_assert_eq(npk_array_nbytes(&array), 0);
    array.shape = I64(INT64_MAX, 0, 2);
    cr_assert_eq(npk_array_count(&array), -1);
    array.ndim = 65;
    cr_assert_eq(npk_array_count(&array), -1);
}

static void expect_usage(const npk_array *array, const char *message)
{
    npk_error error;
    cr_expect_eq(npki_array_check(array, &error), NPK_ERR_USAGE, "%s", message);
    cr_expect_str_eq(error.message, message, "'%s', not '%s'", error.message, message);
}

Test(layout, check)
{
    static const double data[6] = {0};
    npk_array good = NPK_ARRAY(data, 2, 3), array = good;
    cr_assert_eq(npki_array_check(&array, NULL), NPK_OK);
    expect_usage(NULL, "expected an array with a dtype, found none");
    array.dtype = NULL;
    expect_usage(&array, "expected an array with a dtype, found none");
    array = good;
    array.ndim = 65;
    expect_usage(&array, "expected 0 to 64 dimensions, found 65");
    array.ndim = -1;
    expect_usage(&array, "expected 0 to 64 dimensions, found -1");
    array = good;
    array.shape = NULL;
    expect_usage(&array, "an array of 2 dimensions without a shape");
    array.shape = I64(2, -3);
    expect_usage(&array, "dimension 1 has the length -3");
    array.shape = I64((int64_t)1 << 40, (int64_t)1 << 40);
    expect_usage(&array, "the array has more bytes than 64 bits can count");
    array = good;
    array.ndim = 3;
    array.shape = I64((int64_t)1 << 40, 0, (int64_t)1 << 40);
    expect_usage(&array, "the array has more bytes than 64 bits can count");
    array = good;
    array.order = 'A';
    expect_usage(&array, "expected the order 'C' or 'F', found 0x41");
    array.order = 'K';
    expect_usage(&array, "expected the order 'C' or 'F', found 0x4b");
    array.strides = I64(24, 8);
    cr_assert_eq(npki_array_check(&array, NULL), NPK_OK);
    array.strides = I64(INT64_MIN, INT64_MIN);
    expect_usage(&array, "strides that reach further than 64 bits can count");
    array.strides = I64(INT64_MAX, INT64_MAX / 2);
    expect_usage(&array, "strides that reach further than 64 bits can count");
    array = good;
    array.data = NULL;
    expect_usage(&array, "an array of 48 bytes without data");
    array.shape = I64(0, 3);
    cr_assert_eq(npki_array_check(&array, NULL), NPK_OK);
    array = good;
    array.data = NULL;
    array.payload = "x";
    cr_assert_eq(npki_array_check(&array, NULL), NPK_OK);
    array.payload = NULL;
    array.objects = (const struct npk_value *)&array;
    expect_usage(&array, "an array of 48 bytes without data");
}

Test(layout, whole_pieces)
{
    static const int32_t data[4][3] = {{0}};
    uint8_t scratch[4];
    const uint8_t *piece;
    npki_gather gather;
    npk_array array = {.dtype = npk_dtype_native(NPK_INT32), .data = data, .ndim = 3, .shape = I64(4, 1, 3)};
    npki_gather_start(&gather, &array, 'C');
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), sizeof data);
    cr_assert_eq(piece, (const uint8_t *)data);
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 0);
    array.strides = I64(4, 999, 16);
    npki_gather_start(&gather, &array, 'F');
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), sizeof data);
    cr_assert_eq(piece, (const uint8_t *)data);
    array.shape = I64(4, 0, 3);
    npki_gather_start(&gather, &array, 'F');
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 0);
    array.ndim = 0;
    npki_gather_start(&gather, &array, 'C');
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 4);
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 0);
}

/* Rows longer than the scratch are given as they lie. */
Test(layout, long_rows)
{
    static uint8_t data[3][100];
    uint8_t scratch[64];
    const uint8_t *piece;
    npki_gather gather;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .data = &data[2][0],
                       .ndim = 2,
                       .shape = I64(3, 90),
                       .strides = I64(-100, 1)};
    npki_gather_start(&gather, &array, 'C');
    for (int row = 2; row >= 0; row--) {
        cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 90);
        cr_assert_eq(piece, &data[row][0]);
    }
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 0);
}

static void dtype_of_size(npk_dtype *dtype, int64_t itemsize)
{
    *dtype = *npk_dtype_native(NPK_BOOL);
    dtype->type = NPK_VOID;
    dtype->itemsize = itemsize;
}

/* Every layout of a small array: shapes, orders of axes, steps and directions, sizes of items, rooms of scratch.
 * Item number i is i in its first byte and 255 - i in its last; what must come out is counted by plain nested
 * loops. */
static void check_layout(int64_t itemsize, const int64_t shape[3], const int64_t strides[3], const uint8_t *data,
                         char order, size_t room)
{
    uint8_t scratch[4096], got[4096];
    size_t total = 0, step, items = 0;
    const uint8_t *piece;
    npk_dtype dtype;
    npki_gather gather;
    dtype_of_size(&dtype, itemsize);
    npk_array array = {.dtype = &dtype, .data = data, .ndim = 3, .shape = shape, .strides = strides};
    npki_gather_start(&gather, &array, order);
    while ((step = npki_gather_next(&gather, scratch, room, &piece)) > 0) {
        cr_assert_eq(step % (size_t)itemsize, 0);
        cr_assert_leq(total + step, sizeof got);
        memcpy(got + total, piece, step);
        total += step;
    }
    cr_assert_eq(total, (size_t)(shape[0] * shape[1] * shape[2] * itemsize));
    const int outer = order == 'C' ? 0 : 2, inner = 2 - outer;
    for (int64_t i = 0; i < shape[outer]; i++)
        for (int64_t j = 0; j < shape[1]; j++)
            for (int64_t k = 0; k < shape[inner]; k++, items++)
                cr_assert_eq(memcmp(got + items * (size_t)itemsize,
                                    data + i * strides[outer] + j * strides[1] + k * strides[inner], (size_t)itemsize),
                             0);
    memset(scratch, 0xee, sizeof scratch);
    cr_assert_eq(npk_array_copy(&array, order, scratch, total, NULL), NPK_OK);
    cr_assert_eq(memcmp(scratch, got, total), 0);
    cr_assert_eq(scratch[total], 0xee);
}

Test(layout, every_layout)
{
    static const int64_t sizes[] = {1, 2, 3, 4, 8, 12, 16, 17}, lengths[] = {0, 1, 2, 5}, steps[] = {-2, -1, 0, 1, 3};
    static const int axes[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    enum { AROUND = 40000 };
    static uint8_t memory[2 * AROUND];
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 31 + i / 256);
    srand(1);
    for (int round = 0; round < 6000; round++) {
        int64_t itemsize = sizes[rand() % 8], shape[3], strides[3], span = itemsize;
        const int *axis = axes[rand() % 6];
        for (int i = 2; i >= 0; i--) {
            shape[axis[i]] = lengths[rand() % 8 == 0 ? rand() % 4 : 1 + rand() % 3];
            int64_t by = rand() % 2 ? 1 : steps[rand() % 5];
            strides[axis[i]] = span * by;
            span *= shape[axis[i]] > 0 ? shape[axis[i]] : 1;
            span *= by > 1 ? by : 1;
        }
        size_t room = (size_t)itemsize * (size_t)(1 + rand() % 20) + (size_t)(rand() % 2);
        check_layout(itemsize, shape, strides, memory + AROUND, rand() % 2 ? 'C' : 'F', room);
    }
}

/* Runs that are as long as they can be: axes that lie together are one. */
Test(layout, joined_axes)
{
    static const struct {
        int64_t shape[4], strides[4];
        char order;
        int ndim;
    } rows[] = {
        {{2, 3, 4, 5}, {60, 20, 5, 1}, 'C', 1},  {{2, 3, 4, 5}, {60, 20, 5, 1}, 'F', 4},
        {{2, 3, 4, 5}, {1, 2, 6, 24}, 'F', 1},   {{2, 3, 4, 5}, {-60, -20, -5, -1}, 'C', 1},
        {{2, 3, 4, 5}, {120, 40, 5, 1}, 'C', 2}, {{2, 3, 4, 5}, {0, 0, 0, 0}, 'C', 1},
        {{2, 1, 4, 1}, {4, 77, 1, 33}, 'C', 1},  {{2, 3, 4, 5}, {60, -20, 5, 1}, 'C', 3},
        {{2, 3, 4, 5}, {60, 20, 5, 0}, 'C', 2},
    };
    static const uint8_t data[1000];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                           .data = data + 500,
                           .ndim = 4,
                           .shape = rows[i].shape,
                           .strides = rows[i].strides};
        npki_gather gather;
        npki_gather_start(&gather, &array, rows[i].order);
        cr_expect_eq(gather.ndim, rows[i].ndim, "row %zu: %d", i, gather.ndim);
    }
}

Test(layout, many_dimensions)
{
    static const uint8_t data[64] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint8_t wanted[8] = {1, 5, 3, 7, 2, 6, 4, 8};
    int64_t shape[NPK_MAXDIMS];
    uint8_t got[8];
    for (int i = 0; i < NPK_MAXDIMS; i++)
        shape[i] = i == 5 || i == 30 || i == 63 ? 2 : 1;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8), .data = data, .ndim = NPK_MAXDIMS, .shape = shape};
    cr_assert_eq(npk_array_copy(&array, 'C', got, 8, NULL), NPK_OK);
    cr_assert_arr_eq(got, data, 8);
    cr_assert_eq(npk_array_copy(&array, 'F', got, 8, NULL), NPK_OK);
    cr_assert_arr_eq(got, wanted, 8);
}

/* The bytes 1 to 6 with 0x80 added, as Python 3 spells them at protocol 2. */
static const uint8_t encoding[] = {0xc2, 0x81, 0xc2, 0x82, 0xc2, 0x83, 0xc2, 0x84, 0xc2, 0x85, 0xc2, 0x86};

Test(layout, encoded)
{
    static const uint8_t plain[] = {0x81, 0x82, 0x83, 0x84, 0x85, 0x86};
    static const uint8_t turned[] = {0x81, 0x84, 0x82, 0x85, 0x83, 0x86}, back[] = {0x81, 0x83, 0x85, 0x82, 0x84, 0x86};
    uint8_t got[6];
    npk_error error;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .ndim = 2,
                       .shape = I64(2, 3),
                       .strides = I64(3, 1),
                       .order = 'C',
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = encoding,
                       .payload_size = sizeof encoding};
    cr_assert_eq(npk_array_copy(&array, 'C', got, 6, &error), NPK_OK);
    cr_assert_arr_eq(got, plain, 6);
    cr_assert_eq(npk_array_copy(&array, 'F', got, 6, &error), NPK_OK);
    cr_assert_arr_eq(got, turned, 6);
    array.strides = I64(1, 2);
    array.order = 'F';
    cr_assert_eq(npk_array_copy(&array, 'F', got, 6, &error), NPK_OK);
    cr_assert_arr_eq(got, plain, 6);
    cr_assert_eq(npk_array_copy(&array, 'C', got, 6, &error), NPK_OK);
    cr_assert_arr_eq(got, back, 6);
    array.payload_size = 10;
    cr_assert_eq(npk_array_copy(&array, 'F', got, 6, &error), NPK_ERR_ARRAY);
    cr_assert_eq(npk_array_copy(&array, 'C', got, 6, &error), NPK_ERR_ARRAY);
    array.strides = I64(9, 9);
    cr_assert_eq(npk_array_copy(&array, 'C', got, 6, &error), NPK_ERR_USAGE);
}

/* Items larger than any buffer inside, and an order that is not the payload's. */
Test(layout, encoded_large_items)
{
    enum { ITEM = 20000 };
    static uint8_t payload[6 * ITEM], got[6 * ITEM];
    static const size_t at[] = {0, 3, 1, 4, 2, 5};
    npk_dtype dtype;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i / ITEM * 20 + i % 19);
    dtype_of_size(&dtype, ITEM);
    npk_array array = {.dtype = &dtype,
                       .ndim = 2,
                       .shape = I64(2, 3),
                       .strides = I64(3 * ITEM, ITEM),
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    cr_assert_eq(npk_array_copy(&array, 'F', got, sizeof got, NULL), NPK_OK);
    for (size_t i = 0; i < 6; i++)
        cr_assert_eq(memcmp(got + i * ITEM, payload + at[i] * ITEM, ITEM), 0);
    array.payload_size--;
    cr_assert_eq(npk_array_copy(&array, 'F', got, sizeof got, NULL), NPK_ERR_ARRAY);
}

/* A long payload passes through a small scratch in whole items. */
Test(layout, encoded_pieces)
{
    static uint8_t payload[3 * 1000];
    uint8_t scratch[100];
    const uint8_t *piece;
    npk_dtype dtype;
    npki_gather gather;
    size_t total = 0, got;
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i % 101);
    dtype_of_size(&dtype, 3);
    npk_array array = {.dtype = &dtype,
                       .ndim = 1,
                       .shape = I64(1000),
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    npki_gather_start(&gather, &array, 'C');
    while ((got = npki_gather_next(&gather, scratch, sizeof scratch, &piece)) > 0) {
        cr_assert(got <= 99 && got % 3 == 0);
        cr_assert_eq(memcmp(piece, payload + total, got), 0);
        total += got;
    }
    cr_assert_eq(total, sizeof payload);
}

/* Two backslashes are no escape, even where a piece ends between them. */
Test(layout, encoded_backslashes)
{
    static const char payload[] = "\\\\u0041\\u0041";
    static const char plain[] = "\\\\u0041A";
    uint8_t scratch[1];
    const uint8_t *piece;
    npki_gather gather;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .ndim = 1,
                       .shape = I64(sizeof plain - 1),
                       .encoding = NPK_ENCODING_RAW_UNICODE_ESCAPE,
                       .payload = payload,
                       .payload_size = sizeof payload - 1};
    npki_gather_start(&gather, &array, 'C');
    for (size_t i = 0; i < sizeof plain - 1; i++) {
        cr_assert_eq(npki_gather_next(&gather, scratch, 1, &piece), 1);
        cr_assert_eq(*piece, plain[i], "byte %zu", i);
    }
    cr_assert_eq(npki_gather_next(&gather, scratch, 1, &piece), 0);
}

Test(layout, copy_refuses)
{
    static const double data[2] = {1, 2};
    double got[2];
    npk_error error;
    npk_array array = NPK_ARRAY(data, 2);
    cr_assert_eq(npk_array_copy(&array, 'C', got, 15, &error), NPK_ERR_USAGE);
    cr_assert_str_eq(error.message, "expected room for 16 bytes, found 15");
    cr_assert_eq(npk_array_copy(&array, 'A', got, 16, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_array_copy(&array, 'C', NULL, 16, &error), NPK_ERR_USAGE);
    array.dtype = npk_dtype_native(NPK_OBJECT);
    cr_assert_eq(npk_array_copy(&array, 'C', got, 16, &error), NPK_ERR_UNSUPPORTED);
    array.shape = I64(0);
    array.dtype = npk_dtype_native(NPK_FLOAT64);
    array.data = NULL;
    cr_assert_eq(npk_array_copy(&array, 'C', NULL, 0, &error), NPK_OK);
}

/* Items of no bytes: as many as one likes, and nothing to do. */
Test(layout, items_of_no_bytes, .timeout = 10)
{
    npk_dtype dtype;
    npki_gather gather;
    uint8_t scratch[8];
    const uint8_t *piece;
    dtype_of_size(&dtype, 0);
    npk_array array = {.dtype = &dtype, .ndim = 1, .shape = I64(INT64_MAX)};
    cr_assert_eq(npk_array_count(&array), INT64_MAX);
    cr_assert_eq(npk_array_nbytes(&array), 0);
    cr_assert_eq(npki_array_check(&array, NULL), NPK_OK);
    cr_assert_eq(npk_array_copy(&array, 'F', NULL, 0, NULL), NPK_OK);
    npki_gather_start(&gather, &array, 'C');
    cr_assert_eq(npki_gather_next(&gather, scratch, sizeof scratch, &piece), 0);
}
