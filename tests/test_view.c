#include <npickle/reader.h>
#include <npickle/view.h>
#include <npickle/writer.h>

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Views of views, and what NumPy makes of them; tests/gen/view.py says how to read them. */
static const struct {
    const char *base, *steps, *shape, *values;
} rows[] = {
#define VIEW(base, steps, shape, values) {base, steps, shape, values},
#include "data/view.inc"
};

enum { ROWS = sizeof rows / sizeof *rows, ELEMENTS = 24 };

/* The base, at an odd address. */
static npk_array base_of(const char *kind, uint8_t memory[2 * 2 * ELEMENTS + 1])
{
    static const int64_t shape[] = {2, 3, 4}, backwards[] = {-48, -16, -4};
    npk_array array = {.dtype = npk_dtype_ordered(NPK_INT16, '<'),
                       .data = memory + 1,
                       .ndim = 3,
                       .shape = shape,
                       .order = *kind == 'F' ? 'F' : 'C'};
    for (int i = 0; i < 2 * ELEMENTS; i++) {
        int place = *kind == 'F' ? i / 12 % 2 + i / 4 % 3 * 2 + i % 4 * 6 : i;
        memory[1 + 2 * place] = (uint8_t)i;
        memory[2 + 2 * place] = 0;
        if (*kind != 'S' && i == ELEMENTS - 1)
            break;
    }
    if (*kind == 'S') {
        array.data = memory + 1 + 2 * 47;
        array.strides = backwards;
    }
    return array;
}

static size_t numbers_of(const char *text, int64_t *out)
{
    size_t count = 0;
    while (*text != '\0' && *text != ';') {
        char *end;
        if (text[0] == '-' && (text[1] == ' ' || text[1] == ';' || text[1] == '\0')) {
            out[count++] = INT64_MAX;
            end = (char *)text + 1;
        } else {
            out[count++] = strtoll(text, &end, 10);
        }
        text = end + (*end == ' ');
    }
    return count;
}

static npk_status apply(const char *step, const npk_array *array, npk_view *out, npk_error *error)
{
    int64_t n[8];
    int axes[8];
    size_t count = numbers_of(step[1] == ' ' ? step + 2 : step + 1, n);
    for (size_t i = 0; i < count; i++)
        axes[i] = (int)n[i];
    switch (*step) {
    case 's':
        n[3] = n[3] == INT64_MAX ? 1 : n[3];
        n[1] = n[1] == INT64_MAX && n[3] > 0 ? 0 : n[1];
        n[2] = n[2] == INT64_MAX && n[3] < 0 ? INT64_MIN : n[2];
        return npk_view_slice(array, axes[0], n[1], n[2], n[3], out, error);
    case 'i':
        return npk_view_index(array, axes[0], n[1], out, error);
    case 't':
        return npk_view_transpose(array, count > 0 ? axes : NULL, out, error);
    case 'b':
        return npk_view_broadcast(array, (int)count, n, out, error);
    case 'r':
        return npk_view_reshape(array, (int)count, n, out, error);
    case 'n':
        return npk_view_newaxis(array, axes[0], out, error);
    default:
        return npk_view_squeeze(array, axes[0], out, error);
    }
}

static void shape_text(const npk_array *array, char text[64])
{
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < array->ndim; i++)
        at += (size_t)snprintf(text + at, 64 - at, "%s%jd", i > 0 ? " " : "", (intmax_t)array->shape[i]);
}

/* The elements by npk_array_copy, by npk_array_read_as, and through a pickle and back. */
static void check_values(size_t row, const npk_array *array)
{
    int64_t wanted[64], found[64];
    uint8_t bytes[64], *pickle;
    size_t count = numbers_of(rows[row].values, wanted), size;
    npk_writer *writer;
    npk_doc *doc;
    npk_array back;
    cr_assert_eq(npk_array_count(array), (int64_t)count, "row %zu", row);
    cr_assert_eq(npk_array_copy(array, 'C', bytes, sizeof bytes, NULL), NPK_OK, "row %zu", row);
    cr_assert_eq(NPK_ARRAY_READ_AS(array, NPK_CAST_SAFE, found, 64, NULL), NPK_OK, "row %zu", row);
    for (size_t i = 0; i < count; i++)
        cr_expect(bytes[2 * i] == wanted[i] && bytes[2 * i + 1] == 0 && found[i] == wanted[i], "row %zu, element %zu",
                  row, i);
    cr_assert_eq(npk_writer_memory(NULL, &writer, NULL), NPK_OK);
    cr_expect_eq(npk_write_array(writer, array), NPK_OK, "row %zu", row);
    cr_assert_eq(npk_writer_finish_memory(writer, &pickle, &size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(pickle, size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &back, NULL), NPK_OK);
    cr_expect_eq(back.ndim, array->ndim);
    cr_assert_eq(NPK_ARRAY_READ_AS(&back, NPK_CAST_SAFE, found, 64, NULL), NPK_OK);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(found[i], wanted[i], "row %zu, element %zu, by a pickle", row, i);
    npk_doc_free(doc);
    npk_bytes_free(NULL, pickle, size);
}

Test(view, as_numpy)
{
    for (size_t row = 0; row < ROWS; row++)
        for (int in_place = 0; in_place < 2; in_place++) {
            uint8_t memory[2 * 2 * ELEMENTS + 1];
            char shape[64];
            npk_view views[2];
            npk_error error;
            npk_status status = NPK_OK;
            npk_array base = base_of(rows[row].base, memory);
            const npk_array *array = &base;
            const char *step = rows[row].steps;
            for (int i = 0; status == NPK_OK && step != NULL; i++) {
                npk_view *out = &views[in_place ? 0 : i % 2];
                status = apply(step, array, out, &error);
                step = strchr(step, ';');
                step = step == NULL ? NULL : step + 2;
                if (status == NPK_OK)
                    array = &out->array;
            }
            if (strchr("!+", *rows[row].shape) != NULL && *rows[row].shape != '\0') {
                cr_expect(step == NULL && status == (*rows[row].shape == '!' ? NPK_ERR_USAGE : NPK_ERR_UNSUPPORTED),
                          "row %zu, %s: %s", row, rows[row].steps, npk_status_name(status));
                continue;
            }
            cr_assert_eq(status, NPK_OK, "row %zu, %s: %s", row, rows[row].steps, error.message);
            shape_text(array, shape);
            cr_expect_str_eq(shape, rows[row].shape, "row %zu, %s", row, rows[row].steps);
            check_values(row, array);
        }
}

/* A call that fails leaves the view as it was. */
Test(view, failure_changes_nothing)
{
    static const int32_t in[2][3] = {{1, 2, 3}, {4, 5, 6}};
    npk_array array = NPK_ARRAY(&in[0][0], 2, 3);
    npk_view view, before;
    memset(&view, 0, sizeof view); /* the rest of its shape and strides is compared too */
    cr_assert_eq(npk_view_slice(&array, 1, 0, 3, 2, &view, NULL), NPK_OK);
    memcpy(&before, &view, sizeof view);
    cr_assert_eq(npk_view_slice(&view.array, 2, 0, 1, 1, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_slice(&view.array, -1, 0, 1, 1, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_slice(&view.array, 0, 0, 1, 0, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_index(&view.array, 0, 2, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_index(&view.array, 0, -1, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_transpose(&view.array, (const int[]){0, 0}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_transpose(&view.array, (const int[]){0, 2}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_broadcast(&view.array, 1, (const int64_t[]){2}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_broadcast(&view.array, 3, (const int64_t[]){-1, 2, 2}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_broadcast(&view.array, 3, (const int64_t[]){INT64_MAX, 2, 2}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_reshape(&view.array, 1, (const int64_t[]){4}, &view, NULL), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_view_reshape(&view.array, 1, (const int64_t[]){3}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_reshape(&view.array, 2, (const int64_t[]){-1, -1}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_reshape(&view.array, 2, (const int64_t[]){INT64_MAX, 4}, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_newaxis(&view.array, 3, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_squeeze(&view.array, 0, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_field(&view.array, "x", &view, NULL), NPK_ERR_NOT_FOUND);
    cr_assert_arr_eq(&view, &before, sizeof view);
    cr_assert_eq(npk_view_of(NULL, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_of(&array, NULL, NULL), NPK_ERR_USAGE);
}

/* The ends of the numbers that a slice may have. */
Test(view, slice_ends)
{
    static const uint8_t in[5] = {0, 1, 2, 3, 4};
    static const struct {
        int64_t start, stop, step, length;
        uint8_t first;
    } slices[] = {
        {0, INT64_MAX, 1, 5, 0},         {INT64_MIN, INT64_MAX, 1, 5, 0}, {INT64_MAX, INT64_MIN, -1, 5, 4},
        {0, INT64_MAX, INT64_MAX, 1, 0}, {4, INT64_MIN, INT64_MIN, 1, 4}, {INT64_MAX, INT64_MAX, -1, 0, 0},
        {-5, -1, 3, 2, 0},               {-1, -6, -2, 3, 4},
    };
    npk_array array = NPK_ARRAY(in, 5);
    npk_view view;
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        cr_assert_eq(npk_view_slice(&array, 0, slices[i].start, slices[i].stop, slices[i].step, &view, NULL), NPK_OK);
        cr_expect_eq(view.shape[0], slices[i].length, "row %zu", i);
        cr_expect(slices[i].length == 0 || *(const uint8_t *)view.array.data == slices[i].first, "row %zu", i);
    }
}

Test(view, most_dimensions)
{
    static const uint8_t one[1] = {7};
    npk_view view;
    uint8_t found;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8), .data = one};
    cr_assert_eq(npk_view_of(&array, &view, NULL), NPK_OK);
    for (int i = 0; i < NPK_MAXDIMS; i++)
        cr_assert_eq(npk_view_newaxis(&view.array, i / 2, &view, NULL), NPK_OK);
    cr_assert_eq(npk_view_newaxis(&view.array, 0, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_transpose(&view.array, NULL, &view, NULL), NPK_OK);
    cr_assert_eq(npk_array_copy(&view.array, 'C', &found, 1, NULL), NPK_OK);
    cr_assert_eq(found, 7);
    cr_assert_eq(npk_view_reshape(&view.array, 0, NULL, &view, NULL), NPK_OK);
    cr_assert_eq(view.array.ndim, 0);
}

/* The strides of an array without elements may lead anywhere: its data stays where it is. */
Test(view, without_elements)
{
    static const uint8_t in[1] = {0};
    const int64_t far = INT64_MAX / 1000;
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .data = in,
                       .ndim = 2,
                       .shape = (const int64_t[]){0, 1000},
                       .strides = (const int64_t[]){1, far}};
    npk_view view;
    cr_assert_eq(npk_view_slice(&array, 1, 999, INT64_MAX, 1, &view, NULL), NPK_OK);
    cr_expect(view.array.data == in && view.shape[1] == 1);
    cr_assert_eq(npk_view_index(&array, 1, 999, &view, NULL), NPK_OK);
    cr_expect(view.array.data == in && view.array.ndim == 1 && view.shape[0] == 0);
}

/* 0 elements are none whatever the other lengths, but those must have a product too. */
Test(view, lengths_beyond_64_bits)
{
    static const int64_t long_[] = {0, INT64_C(1) << 40, INT64_C(1) << 40};
    npk_field field = {.name = "f", .name_size = 1};
    const npk_dtype *none, *dtype;
    npk_view view;
    cr_assert_eq(npk_dtype_new_sized(NPK_BYTES, 0, '|', NULL, &none, NULL), NPK_OK);
    npk_array array = {.dtype = none, .ndim = 1, .shape = (const int64_t[]){0}};
    cr_expect_eq(npk_view_reshape(&array, 3, long_, &view, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_view_reshape(&array, 2, long_, &view, NULL), NPK_OK);
    array.dtype = npk_dtype_native(NPK_FLOAT64);
    cr_expect_eq(npk_view_reshape(&array, 3, long_, &view, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_view_reshape(&array, 2, long_, &view, NULL), NPK_OK);

    cr_assert_eq(npk_dtype_new_subarray(npk_dtype_native(NPK_UINT8), 4,
                                        (const int64_t[]){0, INT32_MAX, INT32_MAX, INT32_MAX}, NULL, &field.dtype,
                                        NULL),
                 NPK_OK);
    cr_assert_eq(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &dtype, NULL), NPK_OK);
    npk_dtype_free(field.dtype);
    array = (npk_array){.dtype = dtype};
    cr_expect_eq(npk_view_field(&array, "f", &view, NULL), NPK_ERR_USAGE);
    npk_dtype_free(dtype);
    npk_dtype_free(none);
}

/* No elements, and yet too many bytes: numpy.broadcast_to and reshape refuse all but the last, "array is too
 * big", as they do for any array of this shape. */
Test(view, of_nothing)
{
    const double none[1] = {0};
    npk_array array = NPK_ARRAY(none, 0);
    npk_view view;
    cr_expect_eq(npk_view_broadcast(&array, 2, (const int64_t[]){INT64_MAX, 0}, &view, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_view_broadcast(&array, 2, (const int64_t[]){INT64_MAX / 8 + 1, 0}, &view, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_view_reshape(&array, 2, (const int64_t[]){INT64_MAX, 0}, &view, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_view_broadcast(&array, 2, (const int64_t[]){INT64_MAX / 8, 0}, &view, NULL), NPK_OK);
}

/* The shape that is asked for may be that of the place where the view goes. */
Test(view, shape_of_the_view)
{
    static const uint8_t in[3] = {5, 6, 7};
    uint8_t found[6];
    npk_array array = NPK_ARRAY(in, 3), flat = NPK_ARRAY(in, 1, 3);
    npk_view view;
    cr_assert_eq(npk_view_broadcast(&array, 2, (const int64_t[]){2, 3}, &view, NULL), NPK_OK);
    cr_assert_eq(npk_view_broadcast(&flat, 2, view.shape, &view, NULL), NPK_OK);
    cr_assert(view.array.ndim == 2 && view.shape[0] == 2 && view.shape[1] == 3);
    cr_assert_eq(npk_array_copy(&view.array, 'C', found, sizeof found, NULL), NPK_OK);
    cr_assert_arr_eq(found, ((const uint8_t[]){5, 6, 7, 5, 6, 7}), 6);
    cr_assert_eq(npk_view_of(&flat, &view, NULL), NPK_OK);
    cr_assert_eq(npk_view_reshape(&array, 2, view.shape, &view, NULL), NPK_OK);
    cr_assert(view.shape[0] == 1 && view.shape[1] == 3 && view.strides[1] == 1);
}

/* numpy.dtype([('a', 'u1'), ('m', '<i2', (2, 3)), ('n', [('x', '>i4'), ('y', 'u1')])]), packed: 18 bytes. */
Test(view, fields)
{
    static const npk_field inner[] = {{.name = "x", .name_size = 1, .offset = 0}, {.name = "y", .name_size = 1}};
    uint8_t bytes[2 * 18];
    int64_t found[12];
    npk_field fields[3], nested[2] = {inner[0], inner[1]};
    const npk_dtype *matrix, *pair, *dtype;
    npk_view view;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    nested[0].dtype = npk_dtype_ordered(NPK_INT32, '>');
    nested[1].dtype = npk_dtype_native(NPK_UINT8);
    nested[1].offset = 4;
    cr_assert_eq(npk_dtype_new_struct(nested, 2, 5, false, NULL, &pair, NULL), NPK_OK);
    cr_assert_eq(
        npk_dtype_new_subarray(npk_dtype_ordered(NPK_INT16, '<'), 2, (const int64_t[]){2, 3}, NULL, &matrix, NULL),
        NPK_OK);
    fields[0] = (npk_field){.name = "a", .name_size = 1, .dtype = npk_dtype_native(NPK_UINT8), .offset = 0};
    fields[1] = (npk_field){.name = "m", .name_size = 1, .dtype = matrix, .offset = 1};
    fields[2] = (npk_field){.name = "n", .name_size = 1, .dtype = pair, .offset = 13};
    cr_assert_eq(npk_dtype_new_struct(fields, 3, 18, false, NULL, &dtype, NULL), NPK_OK);
    npk_array array = {.dtype = dtype, .data = bytes, .ndim = 1, .shape = (const int64_t[]){2}};

    cr_assert_eq(npk_view_field(&array, "a", &view, NULL), NPK_OK);
    cr_assert_eq(NPK_ARRAY_READ_AS(&view.array, NPK_CAST_SAFE, found, 2, NULL), NPK_OK);
    cr_assert(found[0] == 0 && found[1] == 18);
    cr_assert_eq(npk_view_field(&array, "m", &view, NULL), NPK_OK);
    cr_assert(view.array.ndim == 3 && view.shape[0] == 2 && view.shape[1] == 2 && view.shape[2] == 3);
    cr_assert_eq(NPK_ARRAY_READ_AS(&view.array, NPK_CAST_SAFE, found, 12, NULL), NPK_OK);
    for (int i = 0; i < 12; i++) {
        int low = i / 6 * 18 + 1 + i % 6 * 2;
        cr_expect_eq(found[i], low + 256 * (low + 1));
    }
    cr_assert_eq(npk_view_slice(&view.array, 2, 2, INT64_MIN, -2, &view, NULL), NPK_OK);
    cr_assert_eq(NPK_ARRAY_READ_AS(&view.array, NPK_CAST_SAFE, found, 8, NULL), NPK_OK);
    cr_assert_eq(found[0], 5 + 256 * 6);
    cr_assert_eq(npk_view_field(&array, "n", &view, NULL), NPK_OK);
    cr_assert_eq(npk_view_field(&view.array, "x", &view, NULL), NPK_OK);
    cr_assert_eq(NPK_ARRAY_READ_AS(&view.array, NPK_CAST_SAFE, found, 2, NULL), NPK_OK);
    cr_assert(found[0] == 0x0d0e0f10 && found[1] == 0x1f202122);
    cr_assert_eq(npk_view_field(&array, "z", &view, NULL), NPK_ERR_NOT_FOUND);
    cr_assert_eq(npk_view_field(&array, NULL, &view, NULL), NPK_ERR_NOT_FOUND);
    npk_dtype_free(pair);
    npk_dtype_free(matrix);
    npk_dtype_free(dtype);
}

/* The int16s 0x0080, 0x00ff, 1, 2, 3, 4 in the UTF-8 of Python 3 at protocol 2, in either order. */
Test(view, encoding)
{
    static const uint8_t payload[] = {0xc2, 0x80, 0, 0xc3, 0xbf, 0, 1, 0, 2, 0, 3, 0, 4, 0};
    static const int64_t rows_wanted[] = {0x80, 1, 3}, columns_wanted[] = {0x80, 0xff, 1};
    static const int64_t columns_first[] = {2, 4};
    int64_t found[6];
    uint16_t buffer[6];
    npk_error error;
    npk_view view;
    npk_array array = {.dtype = npk_dtype_ordered(NPK_INT16, '<'),
                       .ndim = 2,
                       .shape = (const int64_t[]){2, 3},
                       .strides = (const int64_t[]){6, 2},
                       .order = 'C',
                       .encoding = NPK_ENCODING_LATIN1_UTF8,
                       .payload = payload,
                       .payload_size = sizeof payload};
    cr_assert_eq(npk_view_slice(&array, 0, 0, 1, 1, &view, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_str_eq(error.message, "the elements are encoded: npk_view_decode first");
    cr_assert_eq(npk_view_decode(&array, buffer, sizeof buffer - 1, &view, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_view_decode(&array, buffer, sizeof buffer, NULL, NULL), NPK_ERR_USAGE);
    for (int fortran = 0; fortran < 2; fortran++) {
        cr_assert_eq(npk_view_decode(&array, buffer, sizeof buffer, &view, NULL), NPK_OK);
        cr_assert_eq(npk_view_index(&view.array, 0, 0, &view, NULL), NPK_OK);
        cr_assert_eq(NPK_ARRAY_READ_AS(&view.array, NPK_CAST_SAFE, found, 3, NULL), NPK_OK);
        cr_assert_arr_eq(found, fortran ? rows_wanted : columns_wanted, sizeof rows_wanted);
        array.strides = columns_first;
        array.order = 'F';
    }
    array.payload_size -= 1;
    cr_assert_eq(npk_view_decode(&array, buffer, sizeof buffer, &view, NULL), NPK_ERR_ARRAY);
}

Test(view, decode_of_plain)
{
    static const int32_t in[3] = {1, 2, 3};
    npk_array array = NPK_ARRAY(in, 3);
    npk_view view;
    cr_assert_eq(npk_view_decode(&array, NULL, 0, &view, NULL), NPK_OK);
    cr_assert_eq(view.array.data, in);
}

Test(view, objects)
{
    npk_view view;
    npk_array array = {.dtype = npk_dtype_native(NPK_OBJECT), .ndim = 1, .shape = (const int64_t[]){0}};
    cr_assert_eq(npk_view_of(&array, &view, NULL), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_view_decode(&array, NULL, 0, &view, NULL), NPK_ERR_UNSUPPORTED);
}
