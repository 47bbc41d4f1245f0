/* What lies between the elements' own bytes is written as zeros, or, if the caller wants it, as it is. */
#include <criterion/criterion.h>
#include <npickle.h>
#include <string.h>

/* The last `size` bytes before what ends the pickle at protocol 3: the tuple, its number, BUILD, STOP. */
static void expect_payload(npk_writer *w, const uint8_t *expected, size_t size)
{
    uint8_t *bytes;
    size_t length;
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &length, NULL), NPK_OK);
    cr_assert_gt(length, size + 7);
    cr_expect_eq(memcmp(bytes + length - 7 - size, expected, size), 0);
    npk_bytes_free(NULL, bytes, length);
}

static npk_writer *padding_writer(bool keep)
{
    npk_writer *w;
    npk_write_options options = {.protocol_given = true, .protocol = 3, .keep_padding = keep};
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    return w;
}

Test(family, padding_is_zero)
{
    const npk_dtype *inner, *pair, *outer;
    const npk_field pair_fields[] = {
        {.name = "a", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = NPK_AUTO},
        {.name = "b", .name_size = 1, .dtype = npk_dtype_native(NPK_INT16), .offset = NPK_AUTO}};
    static const int64_t two[] = {2};
    cr_assert_eq(npk_dtype_new_struct(pair_fields, 2, NPK_AUTO, true, NULL, &inner, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_new_subarray(inner, 1, two, NULL, &pair, NULL), NPK_OK);
    const npk_field outer_fields[] = {{.name = "p", .name_size = 1, .dtype = pair, .offset = 1},
                                      {.name = "q", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = 10}};
    cr_assert_eq(npk_dtype_new_struct(outer_fields, 2, 12, false, NULL, &outer, NULL), NPK_OK);
    static const uint8_t data[12] = {0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0};
    uint8_t dirty[24], clean[24];
    memset(dirty, 0xee, sizeof dirty);
    for (int i = 0; i < 24; i++)
        clean[i] = data[i % 12] ? 0xee : 0;
    npk_array array = {.dtype = outer, .data = dirty, .ndim = 1, .shape = two};
    npk_writer *w = padding_writer(false);
    npk_write_array(w, &array);
    expect_payload(w, clean, 24);
    w = padding_writer(true);
    npk_write_array(w, &array);
    expect_payload(w, dirty, 24);
    w = padding_writer(false); /* in parts too */
    npk_write_begin_array(w, &array);
    npk_write_part(w, dirty, 5);
    npk_write_part(w, dirty, 19);
    npk_write_end(w);
    expect_payload(w, clean, 24);
    npk_dtype_free(outer);
    npk_dtype_free(pair);
    npk_dtype_free(inner);
}

/* np.dtype([]) has no bytes, and no padding. */
Test(family, nothing_in_parts)
{
    static const int64_t two[] = {2};
    const npk_dtype *nothing;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(npk_dtype_new_struct(NULL, 0, NPK_AUTO, false, NULL, &nothing, NULL), NPK_OK);
    npk_writer *w = padding_writer(false);
    npk_write_begin_array(w, &(npk_array){.dtype = nothing, .ndim = 1, .shape = two});
    npk_write_end(w);
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_OK);
    npk_bytes_free(NULL, bytes, size);
    npk_dtype_free(nothing);
}

Test(family, padding_of_long_doubles)
{
    static const int64_t one[] = {1};
    uint8_t dirty[32], clean[32];
    memset(dirty, 0xee, sizeof dirty);
    npk_array array = {.data = dirty, .ndim = 1, .shape = one};
    for (int big = 0; big < 2; big++) {
        array.dtype = npk_dtype_ordered(NPK_COMPLEX256, big ? '>' : '<');
        for (int i = 0; i < 32; i++)
            clean[i] = (big ? i % 16 >= 6 : i % 16 < 10) ? 0xee : 0;
        npk_writer *w = padding_writer(false);
        npk_write_array(w, &array);
        expect_payload(w, clean, 32);
        w = padding_writer(true);
        npk_write_array(w, &array);
        expect_payload(w, dirty, 32);
    }
}

/* Items and arrays larger than what is gathered at a time. */
Test(family, padding_of_large_items)
{
    const npk_dtype *dtype;
    enum { SIZE = 40000 };
    const npk_field fields[] = {{.name = "a", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = 0},
                                {.name = "z", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = SIZE - 1}};
    static const int64_t three[] = {3}, backwards[] = {-SIZE};
    static uint8_t dirty[3 * SIZE], clean[3 * SIZE];
    memset(dirty, 0xee, sizeof dirty);
    for (int i = 0; i < 3 * SIZE; i++)
        clean[i] = i % SIZE == 0 || i % SIZE == SIZE - 1 ? 0xee : 0;
    cr_assert_eq(npk_dtype_new_struct(fields, 2, SIZE, false, NULL, &dtype, NULL), NPK_OK);
    npk_array array = {.dtype = dtype, .data = dirty, .ndim = 1, .shape = three};
    npk_writer *w = padding_writer(false);
    npk_write_array(w, &array);
    expect_payload(w, clean, sizeof clean);
    array.data = dirty + 2 * SIZE;
    array.strides = backwards;
    w = padding_writer(false);
    npk_write_array(w, &array);
    expect_payload(w, clean, sizeof clean);
    npk_dtype_free(dtype);
}
