/* What a program that was built against an older header relies on: the values of enums, and the sizes of structs. Each number
 * here is written out once more, so that renumbering fails. A new row adds its line; no line ever changes. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#define PIN(name, value)                                                                                               \
    {                                                                                                                  \
#name, name, value                                                                                             \
    }

static const struct {
    const char *name;
    int is, pinned;
} values[] = {
    PIN(NPK_CURSOR_OTHER, 0),
    PIN(NPK_CURSOR_ALONE, 1),
    PIN(NPK_CURSOR_BYTE, 2),
    PIN(NPK_CURSOR_SHORT, 3),
    PIN(NPK_CURSOR_NUMBER, 4),
    PIN(NPK_CURSOR_COUNTED, 5),
    PIN(NPK_CURSOR_LINE, 6),
    PIN(NPK_OK, 0),
    PIN(NPK_ERR_TRUNCATED, 1),
    PIN(NPK_ERR_NOT_A_PICKLE, 2),
    PIN(NPK_ERR_OPCODE, 3),
    PIN(NPK_ERR_ARGUMENT, 4),
    PIN(NPK_ERR_PROTOCOL, 5),
    PIN(NPK_ERR_FRAME, 6),
    PIN(NPK_ERR_TRAILING, 7),
    PIN(NPK_ERR_STACK, 8),
    PIN(NPK_ERR_MEMO, 9),
    PIN(NPK_ERR_TYPE, 10),
    PIN(NPK_ERR_CALL, 11),
    PIN(NPK_ERR_DTYPE, 12),
    PIN(NPK_ERR_ARRAY, 13),
    PIN(NPK_ERR_NPY, 14),
    PIN(NPK_ERR_LIMIT, 15),
    PIN(NPK_ERR_MEMORY, 16),
    PIN(NPK_ERR_IO, 17),
    PIN(NPK_ERR_USAGE, 18),
    PIN(NPK_ERR_NOT_FOUND, 19),
    PIN(NPK_ERR_CAST, 20),
    PIN(NPK_ERR_TOO_LARGE, 21),
    PIN(NPK_ERR_UNSUPPORTED, 22),

    PIN(NPK_BAND_OK, 0),
    PIN(NPK_BAND_MALFORMED, 1),
    PIN(NPK_BAND_LIMIT, 2),
    PIN(NPK_BAND_SYSTEM, 3),
    PIN(NPK_BAND_USAGE, 4),

    PIN(NPK_BOOL, 0),
    PIN(NPK_INT8, 1),
    PIN(NPK_UINT8, 2),
    PIN(NPK_INT16, 3),
    PIN(NPK_UINT16, 4),
    PIN(NPK_INT32, 5),
    PIN(NPK_UINT32, 6),
    PIN(NPK_INT64, 7),
    PIN(NPK_UINT64, 8),
    PIN(NPK_FLOAT16, 9),
    PIN(NPK_FLOAT32, 10),
    PIN(NPK_FLOAT64, 11),
    PIN(NPK_FLOAT96, 12),
    PIN(NPK_FLOAT128, 13),
    PIN(NPK_COMPLEX64, 14),
    PIN(NPK_COMPLEX128, 15),
    PIN(NPK_COMPLEX192, 16),
    PIN(NPK_COMPLEX256, 17),
    PIN(NPK_BYTES, 18),
    PIN(NPK_STR, 19),
    PIN(NPK_VOID, 20),
    PIN(NPK_DATETIME64, 21),
    PIN(NPK_TIMEDELTA64, 22),
    PIN(NPK_VSTRING, 23),
    PIN(NPK_OBJECT, 24),
    PIN(NPK_BFLOAT16, 25),
    PIN(NPK_FLOAT8_E3M4, 26),
    PIN(NPK_FLOAT8_E4M3, 27),
    PIN(NPK_FLOAT8_E4M3B11FNUZ, 28),
    PIN(NPK_FLOAT8_E4M3FN, 29),
    PIN(NPK_FLOAT8_E4M3FNUZ, 30),
    PIN(NPK_FLOAT8_E5M2, 31),
    PIN(NPK_FLOAT8_E5M2FNUZ, 32),
    PIN(NPK_FLOAT8_E8M0FNU, 33),
    PIN(NPK_FLOAT6_E2M3FN, 34),
    PIN(NPK_FLOAT6_E3M2FN, 35),
    PIN(NPK_FLOAT4_E2M1FN, 36),
    PIN(NPK_INT4, 37),
    PIN(NPK_UINT4, 38),
    PIN(NPK_INT2, 39),
    PIN(NPK_UINT2, 40),
    PIN(NPK_INT1, 41),
    PIN(NPK_UINT1, 42),

    PIN(NPK_UNIT_GENERIC, 0),
    PIN(NPK_UNIT_YEAR, 1),
    PIN(NPK_UNIT_MONTH, 2),
    PIN(NPK_UNIT_WEEK, 3),
    PIN(NPK_UNIT_DAY, 4),
    PIN(NPK_UNIT_HOUR, 5),
    PIN(NPK_UNIT_MINUTE, 6),
    PIN(NPK_UNIT_SECOND, 7),
    PIN(NPK_UNIT_MILLISECOND, 8),
    PIN(NPK_UNIT_MICROSECOND, 9),
    PIN(NPK_UNIT_NANOSECOND, 10),
    PIN(NPK_UNIT_PICOSECOND, 11),
    PIN(NPK_UNIT_FEMTOSECOND, 12),
    PIN(NPK_UNIT_ATTOSECOND, 13),

    PIN(NPK_KIND_NOTHING, 0),
    PIN(NPK_KIND_NONE, 1),
    PIN(NPK_KIND_BOOL, 2),
    PIN(NPK_KIND_INT, 3),
    PIN(NPK_KIND_FLOAT, 4),
    PIN(NPK_KIND_COMPLEX, 5),
    PIN(NPK_KIND_STR, 6),
    PIN(NPK_KIND_BYTES, 7),
    PIN(NPK_KIND_BYTEARRAY, 8),
    PIN(NPK_KIND_PYTHON2_STR, 9),
    PIN(NPK_KIND_TUPLE, 10),
    PIN(NPK_KIND_LIST, 11),
    PIN(NPK_KIND_DICT, 12),
    PIN(NPK_KIND_SET, 13),
    PIN(NPK_KIND_FROZENSET, 14),
    PIN(NPK_KIND_GLOBAL, 15),
    PIN(NPK_KIND_OBJECT, 16),
    PIN(NPK_KIND_PERSID, 17),
    PIN(NPK_KIND_EXTENSION, 18),
    PIN(NPK_KIND_BUFFER, 19),
    PIN(NPK_KIND_MALFORMED, 20),

    PIN(NPK_BY_CALL, 0),
    PIN(NPK_BY_NEW, 1),

    PIN(NPK_EVENT_NOTHING, 0),
    PIN(NPK_EVENT_ITEMS, 1),
    PIN(NPK_EVENT_KEYS, 2),
    PIN(NPK_EVENT_STATE, 3),
    PIN(NPK_EVENT_CALL, 4),
    PIN(NPK_EVENT_CALL_BEFORE, 5),
    PIN(NPK_EVENT_RETURN, 6),

    PIN(NPK_TEXT_STR, 0),
    PIN(NPK_TEXT_LATIN1, 1),
    PIN(NPK_TEXT_ASCII, 2),
    PIN(NPK_TEXT_BYTES, 3),
    PIN(NPK_TEXT_BYTEARRAY, 4),
    PIN(NPK_TEXT_NAME, 5),
    PIN(NPK_TEXT_JSON, 6),
    PIN(NPK_TEXT_JSON_LATIN1, 7),
    PIN(NPK_TEXT_TERMINAL, 8),
    PIN(NPK_TEXT_CSV, 9),

    PIN(NPK_ENCODING_RAW, 0),
    PIN(NPK_ENCODING_LATIN1_UTF8, 1),
    PIN(NPK_ENCODING_RAW_UNICODE_ESCAPE, 2),
    PIN(NPK_ENCODING_STRING_ESCAPE, 3),

    PIN(NPK_CAST_SAFE, 0),
    PIN(NPK_CAST_SAME, 1),
    PIN(NPK_CAST_SAME_KIND, 2),
    PIN(NPK_CAST_UNSAFE, 3),

    PIN(NPK_MISSING_REFUSE, 0),
    PIN(NPK_MISSING_LEAVE, 1),
    PIN(NPK_MISSING_ZERO, 2),

    PIN(NPK_INPUT_AUTO, 0),
    PIN(NPK_INPUT_READ, 1),
    PIN(NPK_INPUT_MAP, 2),
    PIN(NPK_MALFORMED_REFUSE, 0),
    PIN(NPK_MALFORMED_KEEP, 1),

    PIN(NPK_ARRAY_GUESS, 0),
    PIN(NPK_ARRAY_CPYTHON, 1),
    PIN(NPK_ARRAY_CPYTHON32, 2),
    PIN(NPK_ARRAY_JYTHON, 3),

    PIN(NPK_PYARRAY_DEFAULT, 0),
    PIN(NPK_PYARRAY_LIST, 1),
    PIN(NPK_PYARRAY_MACHINE, 2),
    PIN(NPK_PYARRAY_RAW, 3),
    PIN(NPK_PYARRAY_JYTHON, 4),

    PIN(NPK_PYTHON2_STR_KEEP, 0),
    PIN(NPK_PYTHON2_STR_TEXT, 1),
    PIN(NPK_PYTHON2_STR_BYTES, 2),
    PIN(NPK_PYTHON2_STR_REFUSE, 3),
    PIN(NPK_PYTHON2_STR_UTF8, 4),

    PIN(NPK_MEMO_PYTHON, 0),
    PIN(NPK_MEMO_MINIMAL, 1),
    PIN(NPK_MEMO_NONE, 2),

    PIN(NPK_MEMO_OF_PICKLE, 0),
    PIN(NPK_MEMO_OF_STREAM, 1),
    PIN(NPK_UNLOADABLE_WRITE, 0),
    PIN(NPK_UNLOADABLE_REFUSE, 1),

    PIN(NPK_TORCH_LEGACY, 0),
    PIN(NPK_TORCH_ARCHIVE, 1),
    PIN(NPK_TORCH_MAGIC, 0),
    PIN(NPK_TORCH_PROTOCOL, 1),
    PIN(NPK_TORCH_SYSTEM, 2),
    PIN(NPK_TORCH_OBJECT, 3),
    PIN(NPK_TORCH_KEYS, 4),
    PIN(NPK_TEXT_MODE_NONE, 0),
    PIN(NPK_TEXT_MODE_CRLF, 1),
    PIN(NPK_TEXT_MODE_LF, 2),
    PIN(NPK_VERDICT_NONE, 0),
    PIN(NPK_VERDICT_IDENTICAL, 1),
    PIN(NPK_VERDICT_FRAMES, 2),
    PIN(NPK_VERDICT_SPELLING, 3),
    PIN(NPK_VERDICT_VALUE, 4),
    PIN(NPK_VERDICT_UNREADABLE, 5),
    PIN(NPK_VERDICT_UNWRITABLE, 6),

    PIN(NPK_CHECK_PROTOCOL, 1),
    PIN(NPK_CHECK_DIALECT, 2),
    PIN(NPK_CHECK_STRICT, 4),

    PIN(NPK_BUFFERS_BORROW, 0),
    PIN(NPK_BUFFERS_COPY, 1),

    PIN(NPK_JSON_NAN_NULL, 0),
    PIN(NPK_JSON_NAN_PYTHON, 1),
    PIN(NPK_JSON_NAN_REFUSE, 2),
    PIN(NPK_SHARED_REPEAT, 0),
    PIN(NPK_SHARED_REFER, 1),

};

Test(abi, values_of_enums)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        cr_expect_eq(values[i].is, values[i].pinned, "%s is %d, and was %d", values[i].name, values[i].is,
                     values[i].pinned);
}

#define SIZE(type, bytes)                                                                                              \
    {                                                                                                                  \
#type, sizeof(type), bytes                                                                                     \
    }

/* Of an LP64 machine. */
static const struct {
    const char *name;
    size_t is, pinned;
} sizes[] = {
    SIZE(npk_error, 288),
    SIZE(npk_allocator, 16),
    SIZE(npk_limits, 192),
    SIZE(npk_budget, 64),
    SIZE(npk_field, 64),
    SIZE(npk_array, 112),
    SIZE(npk_view, 1168),
    SIZE(npk_time, 16),
    SIZE(npk_member, 96),
    SIZE(npk_struct, 40),
    SIZE(npk_fields_options, 88),
    SIZE(npk_object, 104),
    SIZE(npk_event, 48),
    SIZE(npk_buffer, 40),
    SIZE(npk_read_options, 296),
    SIZE(npk_doc_info, 88),
    SIZE(npk_write_options, 304),
    SIZE(npk_pyarray, 32),
    SIZE(npk_instruction, 96),
    SIZE(npk_print_options, 128),
    SIZE(npk_instruction_options, 48),
    SIZE(npk_load_options, 336),
    SIZE(npk_output_options, 40),
    SIZE(npk_identity, 592),
    SIZE(npk_buffers, 72),
    SIZE(npk_fixed_buffer, 24),
    SIZE(npk_dialect_range, 8),
    SIZE(npk_compare_options, 112),
    SIZE(npk_difference, 64),
    SIZE(npk_check_options, 96),
    SIZE(npk_check_result, 1024),
};

Test(abi, sizes_of_structs)
{
    if (sizeof(void *) != 8)
        cr_skip_test("sizes are those of an LP64 machine");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        cr_expect_eq(sizes[i].is, sizes[i].pinned, "%s has %zu bytes, and had %zu", sizes[i].name, sizes[i].is,
                     sizes[i].pinned);
}

/* A limit that is added comes after all others, in the room that was reserved. */
Test(abi, limits_stay_where_they_are)
{
#define AT(number, field) cr_expect_eq(offsetof(npk_limits, field), (size_t)8 * (number))
    AT(0, depth);
    AT(1, items);
    AT(2, memory);
    AT(3, text);
    AT(4, digits);
    AT(5, ndim);
    AT(6, fields);
    AT(7, dtype_depth);
    AT(8, output);
    AT(9, steps);
#undef AT
}

/* --- what is reserved must be zero --- */

static npk_error error;

static bool refuses(npk_status status, const char *name)
{
    char text[200];
    snprintf(text, sizeof text, "expected zero in the reserved part of %s, ", name);
    return status == NPK_ERR_USAGE && error.status == NPK_ERR_USAGE && strncmp(error.message, text, strlen(text)) == 0;
}

#define LAST(array) (array)[sizeof(array) / sizeof *(array)-1]

static const uint8_t none[] = {0x80, 2, 'N', '.'};

static npk_status load(const npk_read_options *options)
{
    npk_doc *doc = NULL;
    npk_reader *reader = NULL;
    npk_npy *npy = NULL;
    npk_status status = npk_doc_load_memory(none, sizeof none, options, &doc, &error);
    npk_doc_free(doc);
    cr_expect_eq(npk_reader_memory(none, sizeof none, options, &reader, NULL), status);
    npk_reader_close(reader);
    cr_expect(status == NPK_OK || npk_npy_load_memory(none, sizeof none, options, &npy, NULL) == status);
    return status;
}

Test(abi, read_options)
{
    npk_buffer buffers[2] = {{.bytes = none, .size = 1}, {.bytes = none, .size = 1}};
    npk_read_options options = {.buffers = buffers, .buffer_count = 2};
    cr_expect_eq(load(&options), NPK_OK);
    for (size_t i = 0; i < sizeof options.reserved / sizeof *options.reserved; i++) {
        options.reserved[i] = 1;
        cr_expect(refuses(load(&options), "npk_read_options"), "%s", error.message);
        options.reserved[i] = 0;
    }
    options.limits.reserved[0] = 1;
    cr_expect(refuses(load(&options), "npk_limits"), "%s", error.message);
    options.limits.reserved[0] = 0;
    LAST(options.limits.reserved) = 1;
    cr_expect(refuses(load(&options), "npk_limits"), "%s", error.message);
    LAST(options.limits.reserved) = 0;
    LAST(buffers[1].reserved) = UINTPTR_MAX;
    cr_expect(refuses(load(&options), "npk_buffer"), "%s", error.message);
    LAST(buffers[1].reserved) = 0;
    options.input = (npk_input)3;
    cr_expect_eq(load(&options), NPK_ERR_USAGE);
    options.input = NPK_INPUT_AUTO;
    options.array_producer = (npk_array_producer)4;
    cr_expect_eq(load(&options), NPK_ERR_USAGE);
    options.array_producer = NPK_ARRAY_GUESS;
    options.buffers = NULL;
    cr_expect_eq(load(&options), NPK_ERR_USAGE);
}

static npk_status begin(const npk_write_options *options)
{
    npk_writer *writer = NULL;
    npk_doc *doc;
    cr_assert_eq(npk_doc_load_memory(none, sizeof none, NULL, &doc, NULL), NPK_OK);
    npk_status status = npk_writer_memory(options, &writer, &error);
    npk_writer_abandon(writer);
    writer = NULL;
    cr_expect_eq(npk_writer_fd(1, options, &writer, NULL), status);
    npk_writer_abandon(writer);
    writer = NULL;
    cr_expect_eq(npk_writer_doc(options, &writer, NULL), status);
    npk_writer_abandon(writer);
    writer = NULL;
    cr_expect_eq(npk_edit_begin(doc, options, &writer, NULL), status);
    npk_writer_abandon(writer);
    cr_expect(status == NPK_OK || npk_doc_save("/nowhere/at/all", doc, options, NULL) != NPK_OK);
    npk_doc_free(doc);
    return status;
}

Test(abi, write_options)
{
    npk_write_options options = {.protocol = 4};
    cr_expect_eq(begin(&options), NPK_OK);
    for (size_t i = 0; i < sizeof options.reserved / sizeof *options.reserved; i++) {
        options.reserved[i] = 1;
        cr_expect(refuses(begin(&options), "npk_write_options"), "%s", error.message);
        options.reserved[i] = 0;
    }
    LAST(options.limits.reserved) = 1;
    cr_expect(refuses(begin(&options), "npk_limits"), "%s", error.message);
    LAST(options.limits.reserved) = 0;
    options.memo = (npk_memo_policy)3;
    cr_expect_eq(begin(&options), NPK_ERR_USAGE);
    options.memo = NPK_MEMO_PYTHON;
    options.python2_str = (npk_python2_str)5;
    cr_expect_eq(begin(&options), NPK_ERR_USAGE);
}

struct pair {
    int32_t a;
    double b[2];
};
NPK_STRUCT(pair, struct pair, a, b);

Test(abi, structs_and_their_options)
{
    struct pair one = {1, {2, 3}}, out;
    const npk_dtype *dtype = NULL, *other = NULL;
    npk_fields_options options = {.casting = NPK_CAST_SAFE};
    cr_assert_eq(npk_struct_dtype(&pair, NULL, &dtype, &error), NPK_OK);
    npk_array array = NPK_ARRAY_OF(dtype, &one, 1);
    cr_expect_eq(NPK_ARRAY_READ_STRUCTS(&array, pair, &options, &out, 1, &error), NPK_OK);
    LAST(options.reserved) = 1;
    cr_expect(refuses(NPK_ARRAY_READ_STRUCTS(&array, pair, &options, &out, 1, &error), "npk_fields_options"), "%s",
              error.message);

    npk_member member = pair.members[0];
    npk_struct structure = {.members = &member, .count = 1, .size = sizeof(struct pair)};
    cr_expect_eq(npk_struct_dtype(&structure, NULL, &other, &error), NPK_OK);
    npk_dtype_free(other);
    LAST(member.reserved) = 1;
    cr_expect(refuses(npk_struct_dtype(&structure, NULL, &other, &error), "npk_member"), "%s", error.message);
    LAST(member.reserved) = 0;
    LAST(structure.reserved) = 1;
    cr_expect(refuses(npk_struct_dtype(&structure, NULL, &other, &error), "npk_struct"), "%s", error.message);
    npk_dtype_free(dtype);
}

Test(abi, fields)
{
    const npk_dtype *dtype = NULL;
    npk_field field = {.name = "a", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8), .offset = NPK_AUTO};
    LAST(field.reserved) = 1;
    cr_expect(refuses(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &dtype, &error), "npk_field"), "%s",
              error.message);
    LAST(field.reserved) = 0;
    cr_assert_eq(npk_dtype_new_struct(&field, 1, NPK_AUTO, false, NULL, &dtype, &error), NPK_OK);
    npk_dtype_free(dtype);
}

/* What the library says of a struct can be given back, whichever way the struct was made. */
Test(abi, fields_that_the_library_gives_out)
{
    static const char *const texts[] = {"i4,f8", "[('x', '<f4'), (('t', 'y'), '<i2')]",
                                        "{'a': ('i4', 4), 'b': ('u1', 0)}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const npk_dtype *dtype, *again;
        const npk_field *fields;
        cr_assert_eq(npk_dtype_parse(texts[i], NULL, &dtype, &error), NPK_OK, "%s", error.message);
        size_t count = npk_dtype_fields(dtype, &fields);
        cr_expect_eq(npk_dtype_new_struct(fields, count, NPK_AUTO, false, NULL, &again, &error), NPK_OK, "%s",
                     error.message);
        npk_dtype_free(again);
        npk_dtype_free(dtype);
    }
}

Test(abi, arrays)
{
    int32_t numbers[4] = {1, 2, 3, 4}, copy[4];
    npk_array array = NPK_ARRAY(numbers, 4);
    npk_view view;
    npk_writer *writer;
    cr_expect_eq(npk_array_copy(&array, 'C', copy, sizeof copy, &error), NPK_OK);
    LAST(array.reserved) = 1;
    cr_expect(refuses(npk_array_copy(&array, 'C', copy, sizeof copy, &error), "npk_array"), "%s", error.message);
    cr_expect(refuses(npk_view_of(&array, &view, &error), "npk_array"), "%s", error.message);
    cr_assert_eq(npk_writer_memory(NULL, &writer, NULL), NPK_OK);
    npk_write_array(writer, &array);
    cr_expect(refuses(npk_writer_finish(writer, &error), "npk_array"), "%s", error.message);
}

static int swallow(void *context, const void *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return 0;
}

Test(abi, options_of_printing_loading_and_output)
{
    int32_t number = 1;
    npk_array array = NPK_ARRAY(&number, 1), *own = NULL;
    npk_output *output = NULL;
    npk_instruction instruction;
    npk_print_options printing = {.width = 80};
    npk_instruction_options how = {.annotate = true};
    npk_load_options loading = {.casting = NPK_CAST_SAFE};
    npk_output_options opening = {.allocator = NULL};
    cr_assert_eq(npk_instruction_at(none, sizeof none, 2, &instruction, NULL), NPK_OK);
    cr_expect_eq(npk_print_array(&array, &printing, swallow, NULL, &error), NPK_OK);
    cr_expect_eq(npk_print_instruction(&instruction, &how, swallow, NULL, &error), NPK_OK);
    LAST(printing.reserved) = LAST(how.reserved) = LAST(loading.reserved) = LAST(opening.reserved) = 1;
    cr_expect(refuses(npk_print_array(&array, &printing, swallow, NULL, &error), "npk_print_options"), "%s",
              error.message);
    cr_expect(refuses(npk_print_instruction(&instruction, &how, swallow, NULL, &error), "npk_instruction_options"),
              "%s", error.message);
    cr_expect(refuses(npk_array_load_memory(none, sizeof none, NULL, NULL, &loading, &own, &error), "npk_load_options"),
              "%s", error.message);
    cr_expect(refuses(npk_output_open("/nowhere/at/all", &opening, &output, &error), "npk_output_options"), "%s",
              error.message);
    LAST(loading.reserved) = 0;
    LAST(loading.read.reserved) = 1;
    cr_expect(refuses(npk_array_load_memory(none, sizeof none, NULL, NULL, &loading, &own, &error), "npk_read_options"),
              "%s", error.message);
}

/* What a call fills has zero there, whatever was in the caller's memory. */
Test(abi, results_are_zero_there)
{
    npk_doc *doc;
    npk_doc_info info;
    npk_instruction instruction;
    npk_view view;
    int32_t number = 1;
    npk_array array = NPK_ARRAY(&number, 1);
    memset(&info, 0xff, sizeof info);
    memset(&instruction, 0xff, sizeof instruction);
    memset(&view, 0xff, sizeof view);
    memset(&error, 0xff, sizeof error);
    cr_assert_eq(npk_doc_load_memory(none, sizeof none, NULL, &doc, NULL), NPK_OK);
    cr_assert(npk_doc_info_of(doc, &info));
    cr_assert_eq(npk_instruction_at(none, sizeof none, 2, &instruction, NULL), NPK_OK);
    cr_assert_eq(npk_view_of(&array, &view, NULL), NPK_OK);
    cr_assert_neq(npk_array_of(npk_doc_root(doc), &array, &error), NPK_OK);
    uint64_t any = LAST(info.reserved) | info.reserved[0] | LAST(instruction.reserved) | instruction.reserved[0] |
                   LAST(view.reserved) | LAST(view.array.reserved) | LAST(error.reserved) | error.reserved[0];
    cr_expect_eq(any, 0);
    npk_doc_free(doc);
}
