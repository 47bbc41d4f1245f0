/* NULL in the place of each pointer, of every function that the headers declare: nothing crashes, getters answer as for
 * a value of no kind, and what returns a status returns NPK_ERR_USAGE or NPK_ERR_TYPE. tests/check-symbols.sh sees to it
 * that lib/npickle.sym lists no name that has no ROW here.
 *
 * In a row N(pointer) is one that the function needs, and O(pointer) one that may be NULL; one run of the row has all
 * of them, and one run each has one of them NULL. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *name;
    void (*call)(void);
} rows[400];
static size_t row_count, calls;

#define ROW(function)                                                                                                  \
    static void call_##function(void);                                                                                 \
    __attribute__((constructor)) static void add_##function(void)                                                     \
    {                                                                                                                  \
        rows[row_count].name = #function;                                                                              \
        rows[row_count++].call = call_##function;                                                                      \
    }                                                                                                                  \
    static void call_##function(void)

static const char *now;              /* the row that runs */
static int seen, chosen;             /* pointers met so far in this run; the one that is to be NULL, -1 for none */
static enum { ALL, NEEDED, OPTIONAL } missing; /* what was NULL */

static bool is_null(int kind)
{
    bool null = seen++ == chosen;
    if (null)
        missing = kind;
    return null;
}

#define N(pointer) (is_null(NEEDED) ? NULL : (pointer))
#define O(pointer) (is_null(OPTIONAL) ? NULL : (pointer))

/* What the call gave, and what it gives for NULL. */
#define STATUS(call) take_status(call)
#define FALSE(call) take((call) ? 1 : 0, 0, #call)
#define NOTHING(call) take((call) != NULL, 0, #call)
#define NUMBER(call, of_nothing) take((int64_t)(call), of_nothing, #call)
#define VOID(call) (call)

static void take_status(npk_status status)
{
    if (missing == NEEDED)
        cr_expect(status == NPK_ERR_USAGE || status == NPK_ERR_TYPE, "%s with pointer %d NULL returns %s", now, chosen,
                  npk_status_name(status));
    else
        cr_expect_eq(status, NPK_OK, "%s with pointer %d NULL returns %s", now, chosen, npk_status_name(status));
}

static void take(int64_t found, int64_t of_nothing, const char *text)
{
    if (missing == NEEDED)
        cr_expect_eq(found, of_nothing, "%s with pointer %d NULL: %s gives %d", now, chosen, text, (int)found);
    else
        cr_expect_neq(found, of_nothing, "%s with pointer %d NULL: %s gives what it gives for nothing", now, chosen,
                      text);
}

/* --- what the rows are called with --- */

static npk_error error;
static npk_doc *doc;
static uint8_t *pickle;
static size_t pickle_size;
static int32_t numbers[6] = {1, 2, 3, 4, 5, 6};
static const int64_t shape[2] = {2, 3}, first[2] = {0, 0};
static npk_array array, texts, times, mask;
static const npk_dtype *time_dtype, *pair_dtype, *subarray_dtype, *class_dtype;
static char path[] = "/tmp/npickle-null-XXXXXX";

struct pair {
    int32_t a;
    double b;
};
NPK_STRUCT(pair, struct pair, a, b);
static struct pair pairs[2] = {{1, 2}, {3, 4}};
static npk_array structs;

static void write_object(npk_writer *w)
{
    npk_write_begin_call(w);
    npk_write_global(w, "somewhere", "Thing");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    npk_write_begin_dict(w, 1);
    npk_write_str(w, "attribute");
    npk_write_int(w, 300);
    npk_write_end(w);
    npk_write_end(w);
}

static void make_pickle(void)
{
    npk_write_options options = {.protocol = 4};
    npk_writer *w;
    static const uint8_t big[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    npk_array scalar = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = big};
    const char *const keys[] = {"bool",   "int",    "long",   "float",   "complex", "str",
                                "bytes",  "list",   "array",  "masked",  "scalar",  "dtype",
                                "global", "object", "persid", "pyarray", "reals",   "names"};
    size_t at = 0;
#define NEXT npk_write_str(w, keys[at++])
    cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
    npk_write_begin_dict(w, NPK_UNKNOWN);
    NEXT, npk_write_bool(w, true);
    NEXT, npk_write_int(w, 300);
    NEXT, npk_write_long(w, big, sizeof big);
    NEXT, npk_write_float(w, 1.5);
    NEXT, npk_write_complex(w, 1, 2);
    NEXT, npk_write_str(w, "abc");
    NEXT, npk_write_bytes(w, "abc", 3);
    NEXT, npk_write_begin_list(w, 2), npk_write_int(w, 1000), npk_write_str(w, "x"), npk_write_end(w);
    NEXT, npk_write_array(w, &array);
    NEXT, npk_write_masked(w, &array, &mask, NULL);
    NEXT, npk_write_scalar(w, &scalar);
    NEXT, npk_write_dtype(w, pair_dtype);
    NEXT, npk_write_global(w, "somewhere", "thing");
    NEXT, write_object(w);
    NEXT, npk_write_persid(w, "id");
    NEXT, npk_write_pyarray(w, 'i', NPK_PYARRAY_DEFAULT, &NPK_ARRAY(numbers, 6));
    NEXT, npk_write_begin_list(w, 2), npk_write_int(w, 1000), npk_write_float(w, 2), npk_write_end(w);
    NEXT, npk_write_begin_list(w, 2), npk_write_str(w, "a"), npk_write_str(w, "bc"), npk_write_end(w);
    npk_write_end(w);
    cr_assert_eq(npk_writer_finish_memory(w, &pickle, &pickle_size, &error), NPK_OK, "%s", error.message);
#undef NEXT
}

static void setup(void)
{
    static const char letters[2][4] = {"abc", "de"};
    static const int64_t moments[2] = {1, 2}, two[1] = {2};
    static const uint8_t bools[6] = {0, 1, 0, 0, 0, 0};
    static const npk_dtype *text_dtype;
    const npk_dtype *v2;
    cr_assert_eq(npk_dtype_parse("S4", NULL, &text_dtype, &error), NPK_OK);
    cr_assert_eq(npk_dtype_parse("M8[s]", NULL, &time_dtype, &error), NPK_OK);
    cr_assert_eq(npk_struct_dtype(&pair, NULL, &pair_dtype, &error), NPK_OK);
    cr_assert_eq(npk_dtype_parse("(2,3)i4", NULL, &subarray_dtype, &error), NPK_OK);
    cr_assert_eq(npk_dtype_parse("V2", NULL, &v2, &error), NPK_OK);
    cr_assert_eq(npk_dtype_with_class(v2, "module", "name", NULL, &class_dtype, &error), NPK_OK);
    npk_dtype_free(v2);
    array = (npk_array){.dtype = npk_dtype_native(NPK_INT32), .data = numbers, .ndim = 2, .shape = shape};
    mask = (npk_array){.dtype = npk_dtype_native(NPK_BOOL), .data = bools, .ndim = 2, .shape = shape};
    texts = (npk_array){.dtype = text_dtype, .data = letters, .ndim = 1, .shape = two};
    times = (npk_array){.dtype = time_dtype, .data = moments, .ndim = 1, .shape = two};
    structs = (npk_array){.dtype = pair_dtype, .data = pairs, .ndim = 1, .shape = two};
    make_pickle();
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, pickle, pickle_size), (ssize_t)pickle_size);
    close(fd);
}

static const npk_value *at(const char *key)
{
    const npk_value *value = npk_dict_get(npk_doc_root(doc), key);
    cr_assert_not_null(value, "%s", key);
    return value;
}

static npk_writer *a_writer(void)
{
    npk_write_options options = {.protocol = 4};
    npk_writer *w;
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    return w;
}

static int swallow(void *context, const void *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return 0;
}

static int64_t end_of_input(void *context, void *out, size_t size, int *system)
{
    (void)context, (void)out, (void)size, (void)system;
    return 0;
}

/* The rest of a row that began with a writer. */
#define WRITER(call)                                                                                                   \
    npk_writer *w = a_writer();                                                                                        \
    STATUS(call);                                                                                                      \
    npk_writer_abandon(w)

#define DTYPE(call)                                                                                                    \
    const npk_dtype *dtype = NULL;                                                                                     \
    STATUS(call);                                                                                                      \
    npk_dtype_free(dtype)

/* clang-format off: one row, one line */

/* --- status.h, options.h --- */

ROW(npk_status_name) { NOTHING(npk_status_name(NPK_OK)); }
ROW(npk_status_text) { NOTHING(npk_status_text(NPK_OK)); }
ROW(npk_status_band) { NUMBER(npk_status_band(NPK_ERR_IO), NPK_BAND_OK); }
ROW(npk_version) { NOTHING(npk_version()); }
ROW(npk_limits_default)
{
    npk_limits limits;
    VOID(npk_limits_default(N(&limits)));
}
ROW(npk_budget_left)
{
    npk_budget budget = {.input = 0};
    NUMBER(npk_budget_left(N(&budget)) == NPK_UNLIMITED, 1);
}
ROW(npk_budget_steps_left)
{
    npk_budget budget = {.steps_least = 1};
    NUMBER(npk_budget_steps_left(N(&budget)) == NPK_UNLIMITED, 1);
}
ROW(npk_budget_spend)
{
    npk_error error;
    npk_budget budget = {.input = 0};
    STATUS(npk_budget_spend(O(&budget), 1, O(&error)));
}
ROW(npk_array_producer_name) { NOTHING(npk_array_producer_name(NPK_ARRAY_GUESS)); }

/* --- sink.h --- */

#define SINK(call) NUMBER((call) != 0 ? 1 : 2, 1)
ROW(npk_sink_file)
{
    FILE *file = fopen("/dev/null", "w");
    SINK(npk_sink_file(N(file), N("abc"), 3));
    fclose(file);
}
ROW(npk_sink_fd)
{
    FILE *file = fopen("/dev/null", "w");
    int fd = fileno(file);
    SINK(npk_sink_fd(N(&fd), N("abc"), 3));
    fclose(file);
}
ROW(npk_sink_count)
{
    uint64_t count = 0;
    SINK(npk_sink_count(N(&count), O("abc"), 3));
}
ROW(npk_sink_fixed)
{
    uint8_t memory[3];
    npk_fixed_buffer buffer = {N(memory), 3, 0};
    SINK(npk_sink_fixed(N(&buffer), N("abc"), 3));
}
ROW(npk_output_temporary)
{
    npk_output *output = NULL;
    cr_assert_eq(npk_output_open(path, NULL, &output, NULL), NPK_OK);
    NOTHING(npk_output_temporary(N(output)));
    npk_output_abandon(output);
}
ROW(npk_output_open)
{
    npk_output *output = NULL;
    STATUS(npk_output_open(N(path), O(&(npk_output_options){0}), N(&output), O(&error)));
    npk_output_abandon(output);
}
ROW(npk_sink_output)
{
    npk_output *output = NULL;
    cr_assert_eq(npk_output_open(path, NULL, &output, NULL), NPK_OK);
    SINK(npk_sink_output(N(output), N("abc"), 3));
    npk_output_abandon(output);
}
ROW(npk_output_commit)
{
    npk_output *output = NULL;
    cr_assert_eq(npk_output_open(path, NULL, &output, NULL), NPK_OK);
    cr_assert_eq(npk_sink_output(output, pickle, pickle_size), 0);
    STATUS(npk_output_commit(N(output), O(&error)));
    if (missing == NEEDED)
        npk_output_abandon(output);
}
ROW(npk_outputs_commit)
{
    npk_output *outputs[1] = {NULL};
    cr_assert_eq(npk_output_open(path, NULL, &outputs[0], NULL), NPK_OK);
    cr_assert_eq(npk_sink_output(outputs[0], pickle, pickle_size), 0);
    STATUS(npk_outputs_commit(N(outputs), 1, O(&error)));
    if (missing == NEEDED)
        npk_output_abandon(outputs[0]);
}
ROW(npk_output_abandon)
{
    npk_output *output = NULL;
    cr_assert_eq(npk_output_open(path, NULL, &output, NULL), NPK_OK);
    VOID(npk_output_abandon(N(output)));
    if (missing == NEEDED)
        npk_output_abandon(output);
}

/* --- source.h --- */

static npk_file *a_file(void)
{
    npk_file *file = NULL;
    cr_assert_eq(npk_file_open(path, NPK_INPUT_AUTO, NULL, &file, NULL), NPK_OK);
    return file;
}

ROW(npk_source_fd)
{
    uint8_t bytes[4];
    int system;
    FILE *file = fopen("/dev/zero", "r");
    int fd = fileno(file);
    NUMBER(npk_source_fd(N(&fd), N(bytes), sizeof bytes, O(&system)), -1);
    fclose(file);
}
ROW(npk_source_file)
{
    uint8_t bytes[4];
    int system;
    FILE *file = fopen("/dev/zero", "r");
    NUMBER(npk_source_file(N(file), N(bytes), sizeof bytes, O(&system)), -1);
    fclose(file);
}
ROW(npk_file_open)
{
    npk_file *file = NULL;
    STATUS(npk_file_open(N(path), NPK_INPUT_AUTO, NULL, N(&file), O(&error)));
    npk_file_close(file);
}
ROW(npk_file_bytes)
{
    npk_file *file = a_file();
    size_t size;
    NOTHING(npk_file_bytes(N(file), O(&size)));
    npk_file_close(file);
}
ROW(npk_file_close)
{
    npk_file *file = a_file();
    VOID(npk_file_close(N(file)));
    if (missing == NEEDED)
        npk_file_close(file);
}

/* --- dtype.h --- */

ROW(npk_dtype_type) { NUMBER(npk_dtype_type(N(npk_dtype_native(NPK_INT8))), NPK_VOID); }
ROW(npk_dtype_kind) { NUMBER(npk_dtype_kind(N(pair_dtype)), 0); }
ROW(npk_dtype_byteorder) { NUMBER(npk_dtype_byteorder(N(pair_dtype)), 0); }
ROW(npk_dtype_itemsize) { NUMBER(npk_dtype_itemsize(N(pair_dtype)), -1); }
ROW(npk_dtype_alignment) { NUMBER(npk_dtype_alignment(N(pair_dtype)), -1); }
ROW(npk_dtype_is_aligned_struct)
{
    DTYPE(npk_dtype_new_struct(&(npk_field){.name = "a", .name_size = 1, .dtype = npk_dtype_native(NPK_INT8)}, 1,
                               NPK_AUTO, true, NULL, &dtype, NULL));
    FALSE(npk_dtype_is_aligned_struct(N(pair_dtype)) || missing != NEEDED);
}
ROW(npk_dtype_has_object) { FALSE(npk_dtype_has_object(N(npk_dtype_native(NPK_OBJECT)))); }
ROW(npk_dtype_has_metadata) { FALSE(npk_dtype_has_metadata(N(pair_dtype)) || missing != NEEDED); }
ROW(npk_dtype_unit)
{
    int32_t multiple = 0;
    NUMBER(npk_dtype_unit(N(time_dtype), O(&multiple)), NPK_UNIT_GENERIC);
}
ROW(npk_dtype_fields)
{
    const npk_field *fields;
    NUMBER(npk_dtype_fields(N(pair_dtype), O(&fields)), 0);
}
ROW(npk_dtype_is_struct) { FALSE(npk_dtype_is_struct(N(pair_dtype))); }
ROW(npk_dtype_subarray)
{
    int ndim;
    const int64_t *lengths;
    NOTHING(npk_dtype_subarray(N(subarray_dtype), O(&ndim), O(&lengths)));
}
ROW(npk_dtype_class)
{
    const char *module, *name;
    size_t module_size, name_size;
    FALSE(npk_dtype_class(N(class_dtype), O(&module), O(&module_size), O(&name), O(&name_size)));
}
ROW(npk_dtype_equal) { FALSE(npk_dtype_equal(N(pair_dtype), N(pair_dtype))); }
ROW(npk_dtype_hash) { NUMBER(npk_dtype_hash(N(pair_dtype)), 0); }
ROW(npk_dtype_native) { NOTHING(npk_dtype_native(NPK_INT8)); }
ROW(npk_dtype_ordered) { NOTHING(npk_dtype_ordered(NPK_INT8, '<')); }
ROW(npk_dtype_new_struct)
{
    npk_field field = {.name = N("a"), .name_size = 1, .dtype = N(npk_dtype_native(NPK_INT8)), .offset = NPK_AUTO};
    DTYPE(npk_dtype_new_struct(N(&field), 1, NPK_AUTO, false, NULL, N(&dtype), O(&error)));
}
ROW(npk_dtype_new_subarray)
{
    DTYPE(npk_dtype_new_subarray(N(npk_dtype_native(NPK_INT8)), 2, N(shape), NULL, N(&dtype), O(&error)));
}
ROW(npk_dtype_new_sized) { DTYPE(npk_dtype_new_sized(NPK_STR, 8, '<', NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_new_time)
{
    DTYPE(npk_dtype_new_time(NPK_DATETIME64, NPK_UNIT_DAY, 1, '<', NULL, N(&dtype), O(&error)));
}
ROW(npk_dtype_with_byteorder) { DTYPE(npk_dtype_with_byteorder(N(pair_dtype), '>', NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_copy) { DTYPE(npk_dtype_copy(N(pair_dtype), NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_of_mask) { DTYPE(npk_dtype_of_mask(N(pair_dtype), NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_with_class)
{
    DTYPE(npk_dtype_with_class(N(pair_dtype), N("numpy"), N("record"), NULL, N(&dtype), O(&error)));
}
ROW(npk_dtype_parse) { DTYPE(npk_dtype_parse(N("i4,f8"), NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_parse_descr) { DTYPE(npk_dtype_parse_descr(N("[('a', '<i4')]"), NULL, N(&dtype), O(&error))); }
ROW(npk_dtype_free)
{
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_copy(pair_dtype, NULL, &dtype, NULL), NPK_OK);
    VOID(npk_dtype_free(N(dtype)));
    if (missing == NEEDED)
        npk_dtype_free(dtype);
}
ROW(npk_dtype_str)
{
    char text[80];
    NUMBER(npk_dtype_str(N(pair_dtype), O(text), sizeof text), 0);
}
ROW(npk_dtype_repr)
{
    char text[80];
    NUMBER(npk_dtype_repr(N(pair_dtype), O(text), sizeof text), 0);
}
ROW(npk_dtype_descr)
{
    char text[80];
    NUMBER(npk_dtype_descr(N(pair_dtype), false, O(text), sizeof text), 0);
}
ROW(npk_dtype_can_cast) { FALSE(npk_dtype_can_cast(N(time_dtype), N(time_dtype), NPK_CAST_SAFE)); }

/* --- array.h, view.h --- */

ROW(npk_array_order) { NUMBER(npk_array_order(N(&array)), 0); }
ROW(npk_array_count) { NUMBER(npk_array_count(N(&array)), -1); }
ROW(npk_array_nbytes)
{
    npk_array given = array;
    given.dtype = N(given.dtype);
    NUMBER(npk_array_nbytes(N(&given)), -1);
}
ROW(npk_array_copy)
{
    int32_t copy[6];
    npk_array given = array;
    given.dtype = N(given.dtype);
    given.shape = N(given.shape);
    given.data = N(given.data);
    STATUS(npk_array_copy(N(&given), 'C', N(copy), sizeof copy, O(&error)));
}
ROW(npk_array_read_as)
{
    double copy[6];
    STATUS(npk_array_read_as(N(&array), N(npk_dtype_native(NPK_FLOAT64)), NPK_CAST_SAFE, N(copy), 6, O(&error)));
}
static npk_view view;
ROW(npk_view_of) { STATUS(npk_view_of(N(&array), N(&view), O(&error))); }
ROW(npk_view_slice) { STATUS(npk_view_slice(N(&array), 0, 0, 1, 1, N(&view), O(&error))); }
ROW(npk_view_index) { STATUS(npk_view_index(N(&array), 0, 0, N(&view), O(&error))); }
ROW(npk_view_transpose) { STATUS(npk_view_transpose(N(&array), O(((const int[2]){1, 0})), N(&view), O(&error))); }
ROW(npk_view_broadcast) { STATUS(npk_view_broadcast(N(&array), 2, N(shape), N(&view), O(&error))); }
ROW(npk_view_reshape) { STATUS(npk_view_reshape(N(&array), 2, N(shape), N(&view), O(&error))); }
ROW(npk_view_newaxis) { STATUS(npk_view_newaxis(N(&array), 0, N(&view), O(&error))); }
ROW(npk_view_squeeze)
{
    cr_assert_eq(npk_view_newaxis(&array, 0, &view, NULL), NPK_OK);
    npk_view out;
    STATUS(npk_view_squeeze(N(&view.array), 0, N(&out), O(&error)));
}
ROW(npk_view_field)
{
    npk_status status = npk_view_field(N(&structs), N("a"), N(&view), O(&error));
    STATUS(missing == NEEDED && status == NPK_ERR_NOT_FOUND ? NPK_ERR_USAGE : status); /* no name, no field */
}
ROW(npk_view_decode) { STATUS(npk_view_decode(N(&array), O(numbers), sizeof numbers, N(&view), O(&error))); }

/* --- element.h --- */

ROW(npk_array_get)
{
    double out;
    STATUS(npk_array_get(N(&array), N(first), N(npk_dtype_native(NPK_FLOAT64)), NPK_CAST_SAFE, N(&out), O(&error)));
}
ROW(npk_array_get_double)
{
    double out;
    STATUS(npk_array_get_double(N(&array), N(first), NPK_CAST_SAFE, N(&out), O(&error)));
}
ROW(npk_array_get_int64)
{
    int64_t out;
    STATUS(npk_array_get_int64(N(&array), N(first), NPK_CAST_SAFE, N(&out), O(&error)));
}
ROW(npk_array_get_uint64)
{
    uint64_t out;
    STATUS(npk_array_get_uint64(N(&array), N(first), NPK_CAST_UNSAFE, N(&out), O(&error)));
}
ROW(npk_array_get_bool)
{
    bool out;
    STATUS(npk_array_get_bool(N(&array), N(first), NPK_CAST_UNSAFE, N(&out), O(&error)));
}
ROW(npk_array_get_complex)
{
    double out[2];
    STATUS(npk_array_get_complex(N(&array), N(first), NPK_CAST_SAFE, N(out), O(&error)));
}
ROW(npk_array_get_text)
{
    char text[8];
    size_t needed;
    STATUS(npk_array_get_text(N(&texts), N(first), O(text), sizeof text, O(&needed), O(&error)));
}
ROW(npk_array_read_texts)
{
    char text[16];
    size_t offsets[3], needed;
    STATUS(npk_array_read_texts(N(&texts), O(text), sizeof text, O(offsets), O(&needed), O(&error)));
}
ROW(npk_element_put_text)
{
    char out[4];
    STATUS(npk_element_put_text(N(texts.dtype), N("abc"), 3, N(out), O(&error)));
}
static npk_time moment;
ROW(npk_time_of) { STATUS(npk_time_of(N(time_dtype), 1, N(&moment), O(&error))); }
ROW(npk_time_value)
{
    int64_t value;
    npk_time zero = {0, 0, false};
    STATUS(npk_time_value(N(time_dtype), N(&zero), N(&value), O(&error)));
}
ROW(npk_time_text)
{
    char text[NPK_TIME_TEXT];
    NUMBER(npk_time_text(N(time_dtype), 1, O(text), sizeof text), 0);
}
ROW(npk_time_parse)
{
    int64_t value;
    STATUS(npk_time_parse(N(time_dtype), N("2024-01-01"), N(&value), O(&error)));
}
ROW(npk_array_get_time) { STATUS(npk_array_get_time(N(&times), N(first), N(&moment), O(&error))); }
ROW(npk_array_read_times)
{
    npk_time out[2];
    STATUS(npk_array_read_times(N(&times), N(out), 2, O(&error)));
}

/* --- cstruct.h --- */

ROW(npk_struct_dtype) { DTYPE(npk_struct_dtype(N(&pair), NULL, N(&dtype), O(&error))); }
ROW(npk_array_read_fields)
{
    struct pair out[2];
    npk_fields_options options = {.casting = NPK_CAST_SAFE};
    STATUS(npk_array_read_fields(N(&structs), N(pair_dtype), O(&options), N(out), 2, O(&error)));
}
ROW(npk_array_read_structs)
{
    struct pair out[2];
    npk_fields_options options = {.casting = NPK_CAST_SAFE};
    STATUS(npk_array_read_structs(N(&structs), N(&pair), O(&options), N(out), 2, O(&error)));
}

/* --- value.h --- */

ROW(npk_value_kind) { NUMBER(npk_value_kind(N(at("int"))), NPK_KIND_NOTHING); }
ROW(npk_kind_name) { NOTHING(npk_kind_name(NPK_KIND_NOTHING)); }
ROW(npk_value_as_bool)
{
    bool out;
    FALSE(npk_value_as_bool(N(at("bool")), N(&out)));
}
ROW(npk_value_as_int64)
{
    int64_t out;
    FALSE(npk_value_as_int64(N(at("int")), N(&out)));
}
ROW(npk_value_as_uint64)
{
    uint64_t out;
    FALSE(npk_value_as_uint64(N(at("int")), N(&out)));
}
ROW(npk_value_as_double)
{
    double out;
    FALSE(npk_value_as_double(N(at("float")), N(&out)));
}
ROW(npk_value_to_double)
{
    double out;
    FALSE(npk_value_to_double(N(at("scalar")), N(&out)));
}
ROW(npk_value_to_int64)
{
    int64_t out;
    FALSE(npk_value_to_int64(N(at("int")), N(&out)));
}
ROW(npk_list_to_doubles)
{
    double out[2];
    STATUS(npk_list_to_doubles(N(at("reals")), N(out), 2, O(&error)));
}
ROW(npk_list_to_ints)
{
    int64_t out[2];
    STATUS(npk_list_to_ints(N(at("reals")), N(out), 2, O(&error)));
}
ROW(npk_doubles_load_memory)
{
    double out[2];
    size_t count;
    STATUS(npk_doubles_load_memory(N("]K\1a."), 5, O(""), O(&(npk_read_options){0}), O(out), 2, N(&count), O(&error)));
}
ROW(npk_ints_load_memory)
{
    int64_t out[2];
    size_t count;
    STATUS(npk_ints_load_memory(N("]K\1a."), 5, O(""), O(&(npk_read_options){0}), O(out), 2, N(&count), O(&error)));
}
ROW(npk_list_to_strs)
{
    int64_t offsets[3];
    char text[4];
    STATUS(npk_list_to_strs(N(at("names")), N(offsets), 2, O(text), sizeof text, O(&error)));
}
ROW(npk_value_as_complex)
{
    double out[2];
    FALSE(npk_value_as_complex(N(at("complex")), N(out)));
}
ROW(npk_value_as_long)
{
    uint8_t room[8];
    size_t size;
    NOTHING(npk_value_as_long(N(at("int")), N(room), O(&size)));
}
ROW(npk_value_as_str)
{
    size_t size;
    NOTHING(npk_value_as_str(N(at("str")), O(&size)));
}
ROW(npk_value_text)
{
    size_t size;
    NOTHING(npk_value_text(N(at("str")), O(&size)));
}
ROW(npk_value_is_text)
{
    FALSE(npk_value_is_text(N(at("str")), N("abc")));
}
ROW(npk_value_is_global)
{
    FALSE(npk_value_is_global(N(at("global")), N("somewhere"), N("thing")));
}
ROW(npk_value_as_bytes)
{
    size_t size;
    NOTHING(npk_value_as_bytes(N(at("bytes")), O(&size)));
}
ROW(npk_value_bytes_size) { NUMBER(npk_value_bytes_size(N(at("bytes"))), -1); }
ROW(npk_value_bytes_copy)
{
    char out[3];
    NUMBER(npk_value_bytes_copy(N(at("bytes")), N(out), sizeof out), -1);
}
ROW(npk_value_size) { NUMBER(npk_value_size(N(at("list"))), 0); }
ROW(npk_value_item) { NOTHING(npk_value_item(N(at("list")), 0)); }
ROW(npk_dict_key) { NOTHING(npk_dict_key(N(npk_doc_root(doc)), 0)); }
ROW(npk_dict_value) { NOTHING(npk_dict_value(N(npk_doc_root(doc)), 0)); }
ROW(npk_dict_get) { NOTHING(npk_dict_get(N(npk_doc_root(doc)), N("int"))); }
ROW(npk_value_as_global)
{
    const char *module, *name;
    size_t module_size, name_size;
    FALSE(npk_value_as_global(N(at("global")), O(&module), O(&module_size), O(&name), O(&name_size)));
}
ROW(npk_value_as_object)
{
    npk_object out;
    FALSE(npk_value_as_object(N(at("object")), N(&out)));
}
ROW(npk_value_events) { NUMBER(npk_value_events(N(at("object"))), 0); }
ROW(npk_value_event)
{
    npk_event out;
    FALSE(npk_value_event(N(at("object")), 0, N(&out)));
}
ROW(npk_value_calls)
{
    static const char pickle[] = "\x80\2]cm\nf\n)R0.";
    npk_doc *dropping = NULL;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &dropping, NULL), NPK_OK);
    NOTHING(npk_value_calls(N(npk_doc_root(dropping))));
    npk_doc_free(dropping);
}
ROW(npk_value_id) { NOTHING(npk_value_id(N(at("persid")))); }
static npk_array found, other;
ROW(npk_array_of) { STATUS(npk_array_of(N(at("array")), N(&found), O(&error))); }
ROW(npk_value_is_array) { FALSE(npk_value_is_array(N(at("array")))); }
ROW(npk_masked_of)
{
    const npk_value *fill;
    STATUS(npk_masked_of(N(at("masked")), O(&found), O(&other), O(&fill), O(&error)));
}
ROW(npk_value_is_masked) { FALSE(npk_value_is_masked(N(at("masked")))); }
ROW(npk_scalar_of) { STATUS(npk_scalar_of(N(at("scalar")), N(&found), O(&error))); }
ROW(npk_value_is_scalar) { FALSE(npk_value_is_scalar(N(at("scalar")))); }
ROW(npk_value_dtype) { NOTHING(npk_value_dtype(N(at("dtype")))); }
ROW(npk_value_is_outside)
{
    const npk_buffer buffer = {.bytes = "abc", .size = 3};
    const npk_read_options options = {.buffers = &buffer, .buffer_count = 1};
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory("\x80\5\x97.", 4, &options, &doc, NULL), NPK_OK);
    FALSE(npk_value_is_outside(N(npk_doc_root(doc))));
    npk_doc_free(doc);
}
ROW(npk_array_class) { NOTHING(npk_array_class(N(at("array")))); }

static npk_walk *a_walk(void)
{
    npk_walk *walk;
    const npk_value *value;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    cr_assert_eq(npk_walk_next(walk, &value, NULL), NPK_OK);
    return walk;
}

ROW(npk_walk_start)
{
    npk_walk *walk = NULL;
    STATUS(npk_walk_start(N(npk_doc_root(doc)), NULL, N(&walk), O(&error)));
    npk_walk_free(walk);
}
ROW(npk_walk_next)
{
    npk_walk *walk = a_walk();
    const npk_value *value;
    STATUS(npk_walk_next(N(walk), N(&value), O(&error)));
    npk_walk_free(walk);
}
ROW(npk_walk_next_array)
{
    npk_walk *walk = a_walk();
    const npk_value *value;
    STATUS(npk_walk_next_array(N(walk), N(&value), N(&found), O(&error)));
    npk_walk_free(walk);
}
ROW(npk_walk_path)
{
    npk_walk *walk = a_walk();
    cr_expect_not_null(npk_walk_path(N(walk))); /* "" for NULL, as for the root */
    npk_walk_free(walk);
}
ROW(npk_walk_depth)
{
    npk_walk *walk = a_walk();
    NUMBER(npk_walk_depth(N(walk)), 0);
    npk_walk_free(walk);
}
ROW(npk_walk_skip)
{
    npk_walk *walk = a_walk();
    VOID(npk_walk_skip(N(walk)));
    npk_walk_free(walk);
}
ROW(npk_walk_free)
{
    npk_walk *walk = a_walk();
    VOID(npk_walk_free(N(walk)));
    if (missing == NEEDED)
        npk_walk_free(walk);
}
ROW(npk_value_find)
{
    const npk_value *value;
    STATUS(npk_value_find(N(npk_doc_root(doc)), N("['int']"), N(&value), O(&error)));
}

/* --- reader.h --- */

ROW(npk_doc_root) { NOTHING(npk_doc_root(N(doc))); }
ROW(npk_doc_free)
{
    npk_doc *own;
    cr_assert_eq(npk_doc_load_memory(pickle, pickle_size, NULL, &own, NULL), NPK_OK);
    VOID(npk_doc_free(N(own)));
    if (missing == NEEDED)
        npk_doc_free(own);
}
ROW(npk_doc_info_of)
{
    npk_doc_info info;
    FALSE(npk_doc_info_of(N(doc), N(&info)));
}
ROW(npk_doc_global) { NOTHING(npk_doc_global(N(doc), 0)); }
ROW(npk_doc_load)
{
    npk_doc *own = NULL;
    STATUS(npk_doc_load(N(path), O(&(npk_read_options){0}), N(&own), O(&error)));
    npk_doc_free(own);
}
static npk_array_view at_hand;
ROW(npk_array_view_memory)
{
    uint8_t *own = NULL;
    size_t size = 0;
    cr_assert_eq(npk_array_save_memory(&array, NULL, &own, &size, NULL), NPK_OK);
    STATUS(npk_array_view_memory(N(own), size, O(&(npk_read_options){0}), N(&at_hand), O(&error)));
    npk_array_view_free(&at_hand);
    npk_bytes_free(NULL, own, size);
}
ROW(npk_array_views_memory)
{
    STATUS(npk_array_views_memory(N("]."), 2, O(&(npk_read_options){0}), N(&at_hand), O(&error)));
    npk_array_view_free(&at_hand);
}
ROW(npk_array_view_next)
{
    bool more;
    cr_assert_eq(npk_array_views_memory("].", 2, NULL, &at_hand, NULL), NPK_OK);
    STATUS(npk_array_view_next(N(&at_hand), N(&more), O(&error)));
    npk_array_view_free(&at_hand);
}
ROW(npk_array_view_free)
{
    cr_assert_eq(npk_array_views_memory("].", 2, NULL, &at_hand, NULL), NPK_OK);
    npk_array_view_free(N(&at_hand));
    npk_array_view_free(&at_hand);
}
ROW(npk_doc_load_memory)
{
    npk_doc *own = NULL;
    STATUS(npk_doc_load_memory(N(pickle), pickle_size, O(&(npk_read_options){0}), N(&own), O(&error)));
    npk_doc_free(own);
}

#define READER(call)                                                                                                   \
    npk_reader *reader = NULL;                                                                                         \
    STATUS(call);                                                                                                      \
    npk_reader_close(reader)

ROW(npk_reader_open) { READER(npk_reader_open(N(path), O(&(npk_read_options){0}), N(&reader), O(&error))); }
ROW(npk_reader_memory)
{
    READER(npk_reader_memory(N(pickle), pickle_size, O(&(npk_read_options){0}), N(&reader), O(&error)));
}
ROW(npk_reader_fd) { READER(npk_reader_fd(0, O(&(npk_read_options){0}), N(&reader), O(&error))); }
ROW(npk_reader_file)
{
    READER(npk_reader_file(N(stdin), O(&(npk_read_options){0}), N(&reader), O(&error)));
}
ROW(npk_reader_callback)
{
    READER(npk_reader_callback(N(end_of_input), O(path), O(&(npk_read_options){0}), N(&reader), O(&error)));
}
ROW(npk_reader_again)
{
    npk_reader *reader = NULL;
    cr_assert_eq(npk_reader_memory("N.", 2, NULL, &reader, NULL), NPK_OK);
    STATUS(npk_reader_again(N(reader), N("N."), 2, O(&error)));
    npk_reader_close(reader);
}
ROW(npk_reader_reuse)
{
    npk_reader_reuse(NULL, NULL);
}
ROW(npk_reader_next)
{
    npk_reader *reader;
    npk_doc *own = NULL;
    cr_assert_eq(npk_reader_memory(pickle, pickle_size, NULL, &reader, NULL), NPK_OK);
    STATUS(npk_reader_next(N(reader), N(&own), O(&error)));
    npk_doc_free(own);
    npk_reader_close(reader);
}
ROW(npk_reader_offset)
{
    npk_reader *reader;
    npk_doc *own = NULL;
    cr_assert_eq(npk_reader_memory(pickle, pickle_size, NULL, &reader, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &own, NULL), NPK_OK);
    NUMBER(npk_reader_offset(N(reader)), 0);
    npk_doc_free(own);
    npk_reader_close(reader);
}
/* A document with one malformed object. */
static npk_doc *load_malformed(void)
{
    static const char bytes[] = "cnumpy\ndtype\n(tR."; /* without arguments */
    const npk_read_options keep = {.malformed = NPK_MALFORMED_KEEP};
    npk_doc *own = NULL;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, &keep, &own, NULL), NPK_OK);
    return own;
}
ROW(npk_doc_fault)
{
    npk_doc *own = load_malformed();
    NOTHING(npk_doc_fault(N(own), 0));
    npk_doc_free(own);
}
ROW(npk_value_fault)
{
    npk_doc *own = load_malformed();
    FALSE(npk_value_fault(N(npk_doc_root(own)), O(&error)));
    npk_doc_free(own);
}
ROW(npk_reader_padding)
{
    npk_reader *reader;
    cr_assert_eq(npk_reader_memory("N.\n", 3, NULL, &reader, NULL), NPK_OK);
    npk_doc *own = NULL;
    cr_assert_eq(npk_reader_next(reader, &own, NULL), NPK_OK);
    npk_doc_free(own);
    cr_assert_eq(npk_reader_next(reader, &own, NULL), NPK_OK);
    NUMBER(npk_reader_padding(N(reader)), 0);
    npk_reader_close(reader);
}
ROW(npk_reader_close)
{
    npk_reader *reader;
    cr_assert_eq(npk_reader_memory(pickle, pickle_size, NULL, &reader, NULL), NPK_OK);
    VOID(npk_reader_close(N(reader)));
    if (missing == NEEDED)
        npk_reader_close(reader);
}

/* --- dialect.h --- */

ROW(npk_dialect_parse)
{
    npk_dialect out;
    STATUS(npk_dialect_parse(N("numpy2"), N(&out), O(&error)));
}
ROW(npk_dialect_str)
{
    char text[40];
    NUMBER(npk_dialect_str(NPK_DIALECT_NUMPY2, O(text), sizeof text), 0);
}
ROW(npk_dialect_at)
{
    npk_dialect out;
    FALSE(npk_dialect_at(0, N(&out)));
}

ROW(npk_dialect_is_python2)
{
    VOID(npk_dialect_is_python2(NPK_DIALECT_PYTHON2));
}

/* --- identify.h --- */

static npk_identity identity;
ROW(npk_identify_bytes) { STATUS(npk_identify_bytes(N(doc), N("."), 1, NULL, N(&identity), O(&error))); }
ROW(npk_identify) { STATUS(npk_identify(N(doc), NULL, N(&identity), O(&error))); }
ROW(npk_identity_includes)
{
    cr_assert_eq(npk_identify(doc, NULL, &identity, NULL), NPK_OK);
    FALSE(npk_identity_includes(N(&identity), NPK_CPYTHON(3, 12)));
}

/* --- compare.h, check.h --- */

ROW(npk_compare)
{
    uint64_t differences;
    STATUS(npk_compare(O(npk_doc_root(doc)), O(at("array")), O(&(npk_compare_options){0}), N(&differences), O(&error)));
}
ROW(npk_compare_arrays)
{
    uint64_t differences;
    STATUS(npk_compare_arrays(N(&array), N(&array), O(&(npk_compare_options){0}), N(&differences), O(&error)));
}
static npk_check_result checked;
ROW(npk_check) { STATUS(npk_check(N(path), O(&(npk_check_options){0}), N(&checked), O(&error))); }
ROW(npk_check_memory)
{
    STATUS(npk_check_memory(N(pickle), pickle_size, O(&(npk_check_options){0}), N(&checked), O(&error)));
}
ROW(npk_check_doc)
{
    STATUS(npk_check_doc(N(doc), N(pickle), pickle_size, O(&(npk_check_options){0}), N(&checked), O(&error)));
}
ROW(npk_check_result_free) { VOID(npk_check_result_free(N(&checked))); }
ROW(npk_verdict_text) { NOTHING(npk_verdict_text(NPK_VERDICT_NONE)); }

/* --- writer.h --- */

#define NEW_WRITER(call)                                                                                               \
    npk_writer *w = NULL;                                                                                              \
    STATUS(call);                                                                                                      \
    npk_writer_abandon(w)

ROW(npk_writer_memory) { NEW_WRITER(npk_writer_memory(O(&(npk_write_options){0}), N(&w), O(&error))); }
ROW(npk_writer_file) { NEW_WRITER(npk_writer_file(N(stdout), O(&(npk_write_options){0}), N(&w), O(&error))); }
ROW(npk_writer_fd) { NEW_WRITER(npk_writer_fd(1, O(&(npk_write_options){0}), N(&w), O(&error))); }
ROW(npk_writer_open)
{
    NEW_WRITER(npk_writer_open(N(path), O(&(npk_write_options){0}), N(&w), O(&error)));
}
ROW(npk_writer_append)
{
    NEW_WRITER(npk_writer_append(N(path), O(&(npk_write_options){0}), N(&w), O(&error)));
}
ROW(npk_write_options_for)
{
    npk_write_options options;
    FALSE(npk_write_options_for(N(doc), N(&options)));
}
ROW(npk_buffers_collect)
{
    npk_buffers buffers = {0};
    FALSE(npk_buffers_collect(N(&buffers), N((&(npk_buffer){.bytes = "abc", .size = 3}))));
    npk_buffers_free(&buffers);
}
ROW(npk_buffers_free)
{
    npk_buffers buffers = {0};
    VOID(npk_buffers_free(N(&buffers)));
}
ROW(npk_writer_callback)
{
    NEW_WRITER(npk_writer_callback(N(swallow), O(path), O(&(npk_write_options){0}), N(&w), O(&error)));
}
ROW(npk_writer_finish)
{
    npk_writer *w = a_writer();
    npk_write_none(w);
    STATUS(npk_writer_finish(N(w), O(&error)));
    if (missing == NEEDED)
        npk_writer_abandon(w);
}
ROW(npk_writer_finish_memory)
{
    npk_writer *w = a_writer(), *given;
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_write_none(w);
    given = N(w);
    STATUS(npk_writer_finish_memory(given, N(&bytes), N(&size), O(&error)));
    if (given == NULL)
        npk_writer_abandon(w);
    npk_bytes_free(NULL, bytes, size);
}
ROW(npk_bytes_free)
{
    uint8_t *bytes = malloc(3);
    VOID(npk_bytes_free(O(&(npk_allocator){0}), N(bytes), 3));
    if (missing == NEEDED)
        free(bytes);
}
ROW(npk_writer_next)
{
    npk_writer *w = a_writer();
    npk_write_none(w);
    STATUS(npk_writer_next(N(w)));
    npk_writer_abandon(w);
}
ROW(npk_writer_left_out)
{
    const npk_dtype *dtype;
    npk_writer *w = a_writer();
    cr_assert_eq(npk_dtype_parse("{'names': ['a'], 'formats': ['i1'], 'aligned': True}", NULL, &dtype, NULL), NPK_OK);
    cr_assert_eq(npk_write_dtype(w, dtype), NPK_OK);
    NOTHING(npk_writer_left_out(N(w)));
    npk_writer_abandon(w);
    npk_dtype_free(dtype);
}

ROW(npk_writer_begins_at)
{
    npk_writer *w = a_writer();
    STATUS(npk_writer_begins_at(N(w), 3));
    npk_writer_abandon(w);
}
ROW(npk_writer_abandon)
{
    npk_writer *w = a_writer();
    VOID(npk_writer_abandon(N(w)));
    if (missing == NEEDED)
        npk_writer_abandon(w);
}
ROW(npk_writer_status) { WRITER(npk_writer_status(N(w))); }
ROW(npk_write_begin_list) { WRITER(npk_write_begin_list(N(w), 1)); }
ROW(npk_write_begin_tuple) { WRITER(npk_write_begin_tuple(N(w), 1)); }
ROW(npk_write_begin_dict) { WRITER(npk_write_begin_dict(N(w), 1)); }
ROW(npk_write_begin_set) { WRITER(npk_write_begin_set(N(w), 1)); }
ROW(npk_write_begin_frozenset) { WRITER(npk_write_begin_frozenset(N(w), 1)); }
ROW(npk_write_end) { WRITER((npk_write_begin_list(w, 0), npk_write_end(N(w)))); }
ROW(npk_write_none) { WRITER(npk_write_none(N(w))); }
ROW(npk_write_bool) { WRITER(npk_write_bool(N(w), true)); }
ROW(npk_write_int) { WRITER(npk_write_int(N(w), 1)); }
ROW(npk_write_uint) { WRITER(npk_write_uint(N(w), 1)); }
ROW(npk_write_long) { WRITER(npk_write_long(N(w), N(pickle), 3)); }
ROW(npk_write_float) { WRITER(npk_write_float(N(w), 1)); }
ROW(npk_write_complex) { WRITER(npk_write_complex(N(w), 1, 2)); }
ROW(npk_write_str) { WRITER(npk_write_str(N(w), N("abc"))); }
ROW(npk_write_str_size) { WRITER(npk_write_str_size(N(w), N("abc"), 3)); }
ROW(npk_write_bytes) { WRITER(npk_write_bytes(N(w), N("abc"), 3)); }
ROW(npk_write_bytearray) { WRITER(npk_write_bytearray(N(w), N("abc"), 3)); }
ROW(npk_write_doubles)
{
    static const double values[] = {1, 2};
    WRITER(npk_write_doubles(N(w), N(values), 2));
}
ROW(npk_write_ints)
{
    static const int64_t values[] = {1, 2};
    WRITER(npk_write_ints(N(w), N(values), 2));
}
ROW(npk_write_strs)
{
    static const char *const texts[] = {"a", "b"};
    static const size_t sizes[] = {1, 1};
    WRITER(npk_write_strs(N(w), N(texts), O(sizes), 2));
}
ROW(npk_write_persid) { WRITER(npk_write_persid(N(w), N("id"))); }
ROW(npk_write_global) { WRITER(npk_write_global(N(w), N("module"), N("name"))); }
ROW(npk_write_begin_call) { WRITER(npk_write_begin_call(N(w))); }
ROW(npk_write_begin_new) { WRITER(npk_write_begin_new(N(w))); }
ROW(npk_write_begin_new_ex) { WRITER(npk_write_begin_new_ex(N(w))); }

static npk_writer *in_an_object(npk_writer *w)
{
    npk_write_begin_call(w);
    npk_write_global(w, "module", "name");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    return w;
}

ROW(npk_write_begin_appended) { WRITER((in_an_object(w), npk_write_begin_appended(N(w), 1))); }
ROW(npk_write_begin_assigned) { WRITER((in_an_object(w), npk_write_begin_assigned(N(w), 1))); }
ROW(npk_write_array) { WRITER(npk_write_array(N(w), N(&array))); }
ROW(npk_write_begin_array) { WRITER(npk_write_begin_array(N(w), N(&array))); }
ROW(npk_write_part) { WRITER((npk_write_begin_array(w, &array), npk_write_part(N(w), N(numbers), 4))); }
ROW(npk_write_dtype) { WRITER(npk_write_dtype(N(w), N(pair_dtype))); }
ROW(npk_write_scalar)
{
    npk_array scalar = {.dtype = npk_dtype_native(NPK_INT32), .data = numbers};
    WRITER(npk_write_scalar(N(w), N(&scalar)));
}
ROW(npk_write_subclass) { WRITER(npk_write_subclass(N(w), N("numpy"), N("matrix"), N(&array))); }
ROW(npk_write_begin_objects)
{
    npk_array objects = {.dtype = npk_dtype_native(NPK_OBJECT), .ndim = 2, .shape = shape};
    WRITER(npk_write_begin_objects(N(w), N(&objects)));
}
ROW(npk_write_masked)
{
    npk_array fill = {.dtype = npk_dtype_native(NPK_INT32), .data = numbers};
    WRITER(npk_write_masked(N(w), N(&array), O(&mask), O(&fill)));
}
ROW(npk_write_value) { WRITER(npk_write_value(N(w), N(npk_doc_root(doc)))); }
ROW(npk_write_pyarray)
{
    npk_array one = NPK_ARRAY(numbers, 6);
    WRITER(npk_write_pyarray(N(w), 'i', NPK_PYARRAY_DEFAULT, N(&one)));
}
ROW(npk_writer_last)
{
    npk_writer *w = a_writer();
    npk_write_str(w, "abc");
    NUMBER(npk_writer_last(N(w)), NPK_UNKNOWN);
    npk_writer_abandon(w);
}
ROW(npk_write_again)
{
    npk_writer *w = a_writer();
    npk_write_begin_list(w, 2);
    npk_write_str(w, "abc");
    STATUS(npk_write_again(N(w), npk_writer_last(w)));
    npk_writer_abandon(w);
}

/* --- load.h --- */

ROW(npk_array_load)
{
    npk_array *own = NULL;
    STATUS(npk_array_load(N(path), "['array']", O(npk_dtype_native(NPK_INT64)), O(&(npk_load_options){0}), N(&own),
                          O(&error)));
    npk_array_free(own);
}
ROW(npk_array_load_memory)
{
    npk_array *own = NULL;
    STATUS(npk_array_load_memory(N(pickle), pickle_size, "['array']", O(npk_dtype_native(NPK_INT64)),
                                 O(&(npk_load_options){0}), N(&own), O(&error)));
    npk_array_free(own);
}
static size_t pickle_read; /* bytes of it */
static int64_t read_pickle(void *context, void *out, size_t size, int *system)
{
    size_t left = pickle_size - pickle_read;
    (void)context, (void)system;
    size = size < left ? size : left;
    memcpy(out, pickle + pickle_read, size);
    pickle_read += size;
    return (int64_t)size;
}
ROW(npk_array_load_callback)
{
    npk_array *own = NULL;
    pickle_read = 0;
    STATUS(npk_array_load_callback(N(read_pickle), O(path), "['array']", O(npk_dtype_native(NPK_INT64)),
                                   O(&(npk_load_options){0}), N(&own), O(&error)));
    npk_array_free(own);
}
ROW(npk_array_load_fd)
{
    npk_array *own = NULL;
    int fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0);
    STATUS(npk_array_load_fd(fd, "['array']", O(npk_dtype_native(NPK_INT64)), O(&(npk_load_options){0}), N(&own),
                             O(&error)));
    npk_array_free(own);
    close(fd);
}
ROW(npk_array_free)
{
    npk_array *own = NULL;
    cr_assert_eq(npk_array_load_memory(pickle, pickle_size, "['array']", NULL, NULL, &own, NULL), NPK_OK);
    VOID(npk_array_free(N(own)));
    if (missing == NEEDED)
        npk_array_free(own);
}
ROW(npk_array_save) { STATUS(npk_array_save(N(path), N(&array), O(&(npk_write_options){0}), O(&error))); }
ROW(npk_array_save_memory)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    STATUS(npk_array_save_memory(N(&array), O(&(npk_write_options){0}), N(&bytes), N(&size), O(&error)));
    npk_bytes_free(NULL, bytes, size);
}
ROW(npk_doc_save) { STATUS(npk_doc_save(N(path), N(doc), O(&(npk_write_options){0}), O(&error))); }
ROW(npk_doc_save_memory)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    STATUS(npk_doc_save_memory(N(doc), O(&(npk_write_options){0}), N(&bytes), N(&size), O(&error)));
    npk_bytes_free(NULL, bytes, size);
}

/* --- edit.h --- */

ROW(npk_writer_doc) { NEW_WRITER(npk_writer_doc(O(&(npk_write_options){0}), N(&w), O(&error))); }
ROW(npk_writer_finish_doc)
{
    npk_writer *w, *given;
    npk_doc *own = NULL;
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    given = N(w);
    STATUS(npk_writer_finish_doc(given, N(&own), O(&error)));
    if (given == NULL)
        npk_writer_abandon(w);
    npk_doc_free(own);
}
ROW(npk_edit_begin) { NEW_WRITER(npk_edit_begin(N(doc), O(&(npk_write_options){0}), N(&w), O(&error))); }

static const npk_value *new_value(void)
{
    npk_writer *w;
    const npk_value *value;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_str(w, "new");
    cr_assert_eq(npk_edit_finish(w, &value, NULL), NPK_OK);
    return value;
}

ROW(npk_edit_finish)
{
    npk_writer *w, *given;
    const npk_value *value;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_none(w);
    given = N(w);
    STATUS(npk_edit_finish(given, N(&value), O(&error)));
    if (given == NULL)
        npk_writer_abandon(w);
}
ROW(npk_edit_replace) { STATUS(npk_edit_replace(N(doc), N(at("list")), N(new_value()), O(&error))); }
ROW(npk_edit_root) { STATUS(npk_edit_root(N(doc), N(at("list")), O(&error))); }
ROW(npk_edit_list_set) { STATUS(npk_edit_list_set(N(doc), N(at("list")), 0, N(new_value()), O(&error))); }
ROW(npk_edit_list_insert) { STATUS(npk_edit_list_insert(N(doc), N(at("list")), 0, N(new_value()), O(&error))); }
ROW(npk_edit_list_append) { STATUS(npk_edit_list_append(N(doc), N(at("list")), N(new_value()), O(&error))); }
ROW(npk_edit_list_remove) { STATUS(npk_edit_list_remove(N(doc), N(at("list")), 0, O(&error))); }
ROW(npk_edit_dict_set)
{
    STATUS(npk_edit_dict_set(N(doc), N(npk_doc_root(doc)), N("key"), N(new_value()), O(&error)));
}
ROW(npk_edit_dict_set_value)
{
    STATUS(npk_edit_dict_set_value(N(doc), N(npk_doc_root(doc)), N(at("str")), N(new_value()), O(&error)));
}
ROW(npk_edit_dict_remove) { STATUS(npk_edit_dict_remove(N(doc), N(npk_doc_root(doc)), N("int"), O(&error))); }
ROW(npk_edit_dict_remove_value)
{
    STATUS(npk_edit_dict_remove_value(N(doc), N(npk_doc_root(doc)), N(npk_dict_key(npk_doc_root(doc), 0)), O(&error)));
}
ROW(npk_edit_object_state) { STATUS(npk_edit_object_state(N(doc), N(at("object")), N(new_value()), O(&error))); }
ROW(npk_edit_attribute) { STATUS(npk_edit_attribute(N(doc), N(at("object")), N("name"), N(new_value()), O(&error))); }
ROW(npk_edit_array) { STATUS(npk_edit_array(N(doc), N(at("array")), N(&array), O(&error))); }

/* --- pyarray.h, npy.h, opcode.h --- */

ROW(npk_pyarray_form_name) { NOTHING(npk_pyarray_form_name(NPK_PYARRAY_LIST)); }
ROW(npk_pyarray_of)
{
    npk_pyarray out;
    FALSE(npk_pyarray_of(N(at("pyarray")), N(&out)));
}

static const uint8_t npy_file[] = "\x93NUMPY\1\0\x76\0{'descr': '<i2', 'fortran_order': False, 'shape': (1,), }"
                                  "                                                            \nab";
#define NPY_SIZE (sizeof npy_file - 1)

#define NPY(call)                                                                                                      \
    npk_npy *npy = NULL;                                                                                               \
    STATUS(call);                                                                                                      \
    npk_npy_free(npy)

static npk_npy *a_npy(void)
{
    npk_npy *npy = NULL;
    cr_assert_eq(npk_npy_load_memory(npy_file, NPY_SIZE, NULL, &npy, &error), NPK_OK, "%s", error.message);
    return npy;
}

/* None and no storages, as PyTorch would save them. */
static const char torch_file[] =
    "\200\2\212\12\154\374\234\106\371\40\152\250\120\31.\200\2M\351\3.\200\2}.\200\2ctorch._utils\n_rebuild_tensor_v2\n"
    "((U\7storagectorch\nByteStorage\nU\1aU\3cpuK\1NtQK\0K\1\205K\1\205\211NtR.\200\2]U\1aa.\1\0\0\0\0\0\0\0x";
#define TORCH_SIZE (sizeof torch_file - 1)
static npk_torch *load_torch(void)
{
    npk_torch *torch = NULL;
    cr_assert_eq(npk_torch_load_memory(torch_file, TORCH_SIZE, NULL, &torch, NULL), NPK_OK);
    return torch;
}
ROW(npk_torch_is) { FALSE(npk_torch_is(N(torch_file), TORCH_SIZE)); }
ROW(npk_torch_load)
{
    npk_torch *torch = NULL;
    FILE *out = fopen(path, "wb");
    cr_assert(out != NULL && fwrite(torch_file, TORCH_SIZE, 1, out) == 1 && fclose(out) == 0);
    STATUS(npk_torch_load(N(path), O(&(npk_read_options){0}), N(&torch), O(&error)));
    npk_torch_free(torch);
    out = fopen(path, "wb");
    cr_assert(out != NULL && fwrite(pickle, pickle_size, 1, out) == 1 && fclose(out) == 0);
}
ROW(npk_torch_load_memory)
{
    npk_torch *torch = NULL;
    STATUS(npk_torch_load_memory(N(torch_file), TORCH_SIZE, O(&(npk_read_options){0}), N(&torch), O(&error)));
    npk_torch_free(torch);
}
ROW(npk_torch_free)
{
    npk_torch *torch = load_torch();
    VOID(npk_torch_free(N(torch)));
    if (missing == NEEDED)
        npk_torch_free(torch);
}
ROW(npk_torch_doc)
{
    npk_torch *torch = load_torch();
    NOTHING(npk_torch_doc(N(torch), NPK_TORCH_OBJECT));
    npk_torch_free(torch);
}
ROW(npk_torch_form_of)
{
    npk_torch *torch = load_torch();
    VOID(npk_torch_form_of(N(torch)));
    npk_torch_free(torch);
}
ROW(npk_torch_base)
{
    npk_torch *torch = load_torch();
    VOID(npk_torch_base(N(torch)));
    npk_torch_free(torch);
}
ROW(npk_torch_storage_of)
{
    npk_torch *torch = load_torch();
    npk_torch_storage storage;
    FALSE(npk_torch_storage_of(N(torch), 0, N(&storage)));
    npk_torch_free(torch);
}
ROW(npk_text_mode_of) { NUMBER(npk_text_mode_of(N("\r\n"), 2), NPK_TEXT_MODE_NONE); }
ROW(npk_text_mode_text) { cr_expect_not_null(npk_text_mode_text((npk_text_mode)99)); }
ROW(npk_undo_crlf)
{
    uint8_t *mended = NULL;
    size_t mended_size;
    STATUS(npk_undo_crlf(N("I1\r\n."), 5, O(&(npk_read_options){0}), N(&mended), N(&mended_size), O(&error)));
    npk_bytes_free(NULL, mended, mended == NULL ? 0 : mended_size);
}
ROW(npk_npy_is) { FALSE(npk_npy_is(N(npy_file), NPY_SIZE)); }
ROW(npk_npy_load)
{
    cr_assert_eq(npk_npy_save(path, &array, NULL, NULL), NPK_OK);
    NPY(npk_npy_load(N(path), O(&(npk_read_options){0}), N(&npy), O(&error)));
}
ROW(npk_npy_load_memory)
{
    NPY(npk_npy_load_memory(N(npy_file), NPY_SIZE, O(&(npk_read_options){0}), N(&npy), O(&error)));
}
ROW(npk_npy_free)
{
    npk_npy *npy = a_npy();
    VOID(npk_npy_free(N(npy)));
    if (missing == NEEDED)
        npk_npy_free(npy);
}
ROW(npk_npy_array)
{
    npk_npy *npy = a_npy();
    NOTHING(npk_npy_array(N(npy)));
    npk_npy_free(npy);
}
ROW(npk_npy_doc)
{
    npk_npy *npy = a_npy();
    cr_expect_null(npk_npy_doc(N(npy)));
    npk_npy_free(npy);
}
ROW(npk_npy_header_size)
{
    npk_npy *npy = a_npy();
    NUMBER(npk_npy_header_size(N(npy)), 0);
    npk_npy_free(npy);
}
ROW(npk_npy_version)
{
    npk_npy *npy = a_npy();
    NUMBER(npk_npy_version(N(npy)), 0);
    npk_npy_free(npy);
}
ROW(npk_npy_write) { STATUS(npk_npy_write(N(swallow), O(path), N(&array), NULL, O(&error))); }
ROW(npk_npy_write_as) { STATUS(npk_npy_write_as(N(swallow), O(path), N(&array), NULL, O(&error))); }
ROW(npk_npy_write_noting)
{
    STATUS(npk_npy_write_noting(N(swallow), O(path), N(&array), NULL, O(&error), O(&error)));
}
ROW(npk_npy_save) { STATUS(npk_npy_save(N(path), N(&array), NULL, O(&error))); }
ROW(npk_opcode_row) { NOTHING(npk_opcode_row('N')); }
ROW(npk_instruction_at)
{
    npk_instruction out;
    STATUS(npk_instruction_at(N(pickle), pickle_size, 0, N(&out), O(&error)));
}

ROW(npk_cursor_start)
{
    npk_cursor cursor;
    STATUS(npk_cursor_start(N(&cursor), N(pickle), pickle_size, O(&error)));
}
ROW(npk_cursor_decode)
{
    npk_cursor cursor;
    cr_assert_eq(npk_cursor_start(&cursor, pickle, pickle_size, NULL), NPK_OK);
    STATUS(npk_cursor_decode(N(&cursor), O(&error)));
}
ROW(npk_cursor_instruction)
{
    npk_cursor cursor;
    npk_instruction out;
    cr_assert_eq(npk_cursor_start(&cursor, pickle, pickle_size, NULL), NPK_OK);
    cr_assert_eq(npk_cursor_next(&cursor, NULL), NPK_OK);
    FALSE(npk_cursor_instruction(N(&cursor), N(&out)));
}
ROW(npk_cursor_more)
{
    npk_cursor cursor;
    cr_assert_eq(npk_cursor_start(&cursor, pickle, pickle_size, NULL), NPK_OK);
    FALSE(npk_cursor_more(N(&cursor)));
}

static npk_instructions *some_instructions(void)
{
    npk_instructions *in = NULL;
    cr_assert_eq(npk_instructions_memory(pickle, pickle_size, NULL, &in, NULL), NPK_OK);
    return in;
}

#define INSTRUCTIONS(call)                                                                                             \
    npk_instructions *in = some_instructions();                                                                        \
    call;                                                                                                              \
    npk_instructions_free(in)

ROW(npk_instructions_memory)
{
    npk_instructions *in = NULL;
    STATUS(npk_instructions_memory(N(pickle), pickle_size, NULL, N(&in), O(&error)));
    npk_instructions_free(in);
}
ROW(npk_instructions_callback)
{
    npk_instructions *in = NULL;
    STATUS(npk_instructions_callback(N(end_of_input), O(path), NULL, N(&in), O(&error)));
    npk_instructions_free(in);
}
ROW(npk_instructions_more)
{
    bool more;
    INSTRUCTIONS(STATUS(npk_instructions_more(N(in), N(&more), O(&error))));
}
ROW(npk_instructions_next)
{
    npk_instruction out;
    INSTRUCTIONS(STATUS(npk_instructions_next(N(in), N(&out), O(&error))));
}
ROW(npk_instructions_offset)
{
    npk_instruction out;
    INSTRUCTIONS((void)!npk_instructions_next(in, &out, NULL); NUMBER(npk_instructions_offset(N(in)), 0));
}
ROW(npk_instructions_free)
{
    npk_instructions *in = some_instructions();
    VOID(npk_instructions_free(N(in)));
    if (missing == NEEDED)
        npk_instructions_free(in);
}

/* --- print.h --- */

ROW(npk_print_value)
{
    STATUS(npk_print_value(N(npk_doc_root(doc)), O(&(npk_print_options){0}), N(swallow), O(path), O(&error)));
}
ROW(npk_print_array) { STATUS(npk_print_array(N(&array), O(&(npk_print_options){0}), N(swallow), O(path), O(&error))); }
ROW(npk_print_json)
{
    STATUS(npk_print_json(N(npk_doc_root(doc)), O(&(npk_print_options){0}), N(swallow), O(path), O(&error)));
}
ROW(npk_print_array_json)
{
    STATUS(npk_print_array_json(N(&array), O(&(npk_print_options){0}), N(swallow), O(path), O(&error)));
}
ROW(npk_print_csv) { STATUS(npk_print_csv(N(at("array")), O(&(npk_print_options){0}), N(swallow), O(path), O(&error))); }
ROW(npk_print_array_csv)
{
    STATUS(npk_print_array_csv(N(&array), O(&(npk_print_options){0}), N(swallow), O(path), O(&error)));
}
ROW(npk_print_text) { STATUS(npk_print_text(N("abc"), 3, NPK_TEXT_STR, N(swallow), O(path), O(&error))); }
ROW(npk_print_instructions)
{
    npk_instruction_options options = {.allocator = NULL};
    INSTRUCTIONS(STATUS(npk_print_instructions(N(in), O(&options), N(swallow), O(path), O(&error))));
}
ROW(npk_print_instruction)
{
    npk_instruction one;
    npk_instruction_options options = {.allocator = NULL};
    cr_assert_eq(npk_instruction_at(pickle, pickle_size, 0, &one, NULL), NPK_OK);
    STATUS(npk_print_instruction(N(&one), O(&options), N(swallow), O(path), O(&error)));
}

/* clang-format on */

/* --- the runs --- */

static void say(int number)
{
    static const char text[] = ": crashed\n";
    if (write(2, now, strlen(now)) + write(2, text, sizeof text - 1) < 0)
        _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

static void run(size_t row, int which)
{
    static const int64_t fresh[6] = {1, 2, 3, 4, 5, 6};
    for (int i = 0; i < 6; i++)
        numbers[i] = (int32_t)fresh[i];
    now = rows[row].name;
    seen = 0;
    chosen = which;
    missing = ALL;
    cr_assert_eq(npk_doc_load_memory(pickle, pickle_size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    rows[row].call();
    npk_doc_free(doc);
    calls++;
}

Test(null, every_pointer_of_every_function, .init = setup)
{
    signal(SIGSEGV, say);
    for (size_t row = 0; row < row_count; row++) {
        run(row, -1);
        for (int which = 0, count = seen; which < count; which++)
            run(row, which);
    }
    unlink(path);
    printf("%zu functions, %zu calls\n", row_count, calls);
    fflush(stdout);
}

/* What a message of a stranger may lead to. */
Test(null, a_chain_of_getters, .init = setup)
{
    cr_assert_eq(npk_doc_load_memory(pickle, pickle_size, NULL, &doc, &error), NPK_OK);
    const npk_value *nowhere = npk_value_item(npk_value_item(npk_dict_get(npk_doc_root(doc), "no such"), 2), 0);
    cr_expect_null(nowhere);
    cr_expect_eq(npk_array_of(nowhere, &found, &error), NPK_ERR_TYPE);
    cr_expect_str_eq(error.message, "expected an array, found nothing");
    cr_expect_eq(npk_dtype_itemsize(npk_value_dtype(nowhere)), -1);
    cr_expect_str_eq(npk_kind_name(npk_value_kind(nowhere)), "nothing");
    npk_doc_free(doc);
    unlink(path);
}

/* --- sizes that no object has --- */

Test(null, sizes, .init = setup)
{
    npk_writer *w;
    npk_doc *own = NULL;
    npk_npy *npy = NULL;
    npk_reader *reader = NULL;
    npk_instruction instruction;
    const npk_dtype *dtype = NULL;
    int64_t longest[2] = {INT64_MAX, INT64_MAX};
    npk_array huge = {.dtype = npk_dtype_native(NPK_INT32), .data = numbers, .ndim = 2, .shape = longest};
    char text[8];
    static const size_t sizes[] = {1, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX - 1, SIZE_MAX};
    cr_assert_eq(npk_doc_load_memory(pickle, pickle_size, NULL, &doc, &error), NPK_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        cr_expect_eq(npk_doc_load_memory(NULL, size, NULL, &own, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_reader_memory(NULL, size, NULL, &reader, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_npy_load_memory(NULL, size, NULL, &npy, NULL), NPK_ERR_USAGE);
        cr_expect_not(npk_npy_is(NULL, size));
        cr_expect_eq(npk_instruction_at(NULL, size, 0, &instruction, NULL), NPK_ERR_USAGE);
        cr_expect_neq(npk_instruction_at(pickle, 1, size, &instruction, NULL), NPK_OK);
        cr_expect_null(npk_value_item(at("list"), size > 64 ? size : 64));
        cr_expect_null(npk_dict_key(npk_doc_root(doc), size > 64 ? size : 64));
        cr_expect_null(npk_dict_value(npk_doc_root(doc), size > 64 ? size : 64));
        cr_expect_null(npk_doc_global(doc, size > 64 ? size : 64));
        cr_expect_eq(npk_edit_list_set(doc, at("list"), size > 64 ? size : 64, at("int"), NULL), NPK_ERR_NOT_FOUND);
        cr_expect_eq(npk_value_bytes_copy(at("bytes"), NULL, size), -1);
        cr_expect_eq(npk_dtype_str(pair_dtype, NULL, size), 4);
        cr_expect_eq(npk_dtype_str(pair_dtype, text, size < sizeof text ? size : SIZE_MAX), 4);
        cr_expect_eq(npk_array_copy(&huge, 'C', numbers, size, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_array_read_as(&huge, huge.dtype, NPK_CAST_SAFE, numbers, size, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_element_put_text(texts.dtype, NULL, size, text, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_dtype_new_struct(NULL, size, NPK_AUTO, false, NULL, &dtype, NULL), NPK_ERR_USAGE);
        cr_expect_eq(npk_dtype_new_struct(&(npk_field){.name = "a", .name_size = 1, .dtype = NULL}, size, NPK_AUTO,
                                          false, NULL, &dtype, NULL) != NPK_OK, true);
        for (int kind = 0; kind < 5; kind++) {
            w = a_writer();
            npk_status status = kind == 0   ? npk_write_str_size(w, NULL, size)
                                : kind == 1 ? npk_write_bytes(w, NULL, size)
                                : kind == 2 ? npk_write_bytearray(w, NULL, size)
                                : kind == 3 ? npk_write_long(w, NULL, size)
                                            : (npk_write_begin_array(w, &array), npk_write_part(w, NULL, size));
            cr_expect_eq(status, NPK_ERR_USAGE, "%d", kind);
            cr_expect_eq(npk_writer_finish(w, NULL), NPK_ERR_USAGE);
        }
    }
    npk_doc_free(doc);
    unlink(path);
}

Test(null, zero_and_the_largest_counts, .init = setup)
{
    static const int64_t counts[] = {INT64_MIN, -2, 0, INT64_MAX - 1, INT64_MAX};
    const npk_dtype *dtype = NULL;
    npk_view out;
    npk_doc *own = NULL;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(npk_doc_load_memory(NULL, 0, NULL, &own, &error), NPK_ERR_TRUNCATED);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = counts[i];
        npk_status (*const begin[])(npk_writer *, int64_t) = {npk_write_begin_list, npk_write_begin_tuple,
                                                              npk_write_begin_dict, npk_write_begin_set,
                                                              npk_write_begin_frozenset};
        for (size_t k = 0; k < sizeof begin / sizeof *begin; k++) {
            npk_writer *w = a_writer();
            npk_status status = begin[k](w, n);
            cr_expect(n == 0 ? status == NPK_OK : n > 0 || status == NPK_ERR_USAGE, "%s", npk_status_name(status));
            npk_write_end(w);
            status = npk_writer_finish_memory(w, &bytes, &size, NULL);
            cr_expect_eq(status == NPK_OK, n == 0);
            if (status == NPK_OK)
                npk_bytes_free(NULL, bytes, size);
        }
        npk_writer *w = a_writer();
        cr_expect_eq(npk_write_again(w, n), NPK_ERR_USAGE);
        npk_writer_abandon(w);
        if (n != 0) {
            cr_expect_neq(npk_dtype_new_sized(NPK_BYTES, n, '|', NULL, &dtype, NULL), NPK_OK);
            cr_expect_neq(npk_dtype_new_struct(NULL, 0, n, false, NULL, &dtype, NULL), NPK_OK);
            cr_expect_neq(npk_view_index(&array, 0, n, &out, NULL), NPK_OK);
            cr_expect_neq(npk_view_broadcast(&array, 1, &n, &out, NULL), NPK_OK);
            cr_expect_neq(npk_view_reshape(&array, 1, &n, &out, NULL), NPK_OK);
        }
        cr_expect_eq(npk_view_slice(&array, 0, n, n, n == 0 ? 1 : n, &out, NULL), NPK_OK);
        npk_array given = {.dtype = array.dtype, .data = numbers, .ndim = 1, .shape = &n};
        cr_expect_eq(npk_array_count(&given), n < 0 ? -1 : n);
        given.ndim = n < 0 ? -1 : n == 0 ? 65 : INT32_MAX;
        cr_expect_eq(npk_array_count(&given), -1);
        cr_expect_eq(npk_view_of(&given, &out, NULL), NPK_ERR_USAGE);
    }
    for (size_t kind = 0; kind < 3; kind++) {
        npk_writer *w = a_writer();
        npk_status status = kind == 0   ? npk_write_str_size(w, NULL, 0)
                            : kind == 1 ? npk_write_bytes(w, NULL, 0)
                                        : npk_write_bytearray(w, NULL, 0);
        cr_expect_eq(status, NPK_OK);
        npk_writer_abandon(w);
    }
    unlink(path);
}

/* --- no bytes --- */

static npk_status array_view_of(const void *bytes, size_t size)
{
    npk_array_view view;
    npk_status status = npk_array_view_memory(bytes, size, NULL, &view, NULL);
    npk_array_view_free(&view);
    return status;
}

static npk_status array_views_of(const void *bytes, size_t size)
{
    npk_array_view view;
    npk_status status = npk_array_views_memory(bytes, size, NULL, &view, NULL);
    npk_array_view_free(&view);
    return status;
}

static npk_status check_of(const void *bytes, size_t size)
{
    npk_check_result result;
    return npk_check_memory(bytes, size, NULL, &result, NULL);
}

static npk_doc *a_document(void)
{
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory("N.", 2, NULL, &doc, NULL), NPK_OK);
    return doc;
}

static npk_status check_doc_of(const void *bytes, size_t size)
{
    npk_check_result result;
    npk_doc *doc = a_document();
    npk_status status = npk_check_doc(doc, bytes, size, NULL, &result, NULL);
    npk_doc_free(doc);
    return status;
}

static npk_status identify_of(const void *bytes, size_t size)
{
    npk_identity identity;
    npk_doc *doc = a_document();
    npk_status status = npk_identify_bytes(doc, bytes, size, NULL, &identity, NULL);
    npk_doc_free(doc);
    return status;
}

static npk_status cursor_of(const void *bytes, size_t size)
{
    npk_cursor cursor;
    npk_status status = npk_cursor_start(&cursor, bytes, size, NULL);
    return status == NPK_OK ? npk_cursor_next(&cursor, NULL) : status;
}

static npk_status array_load_of(const void *bytes, size_t size)
{
    npk_array *own = NULL;
    return npk_array_load_memory(bytes, size, NULL, NULL, NULL, &own, NULL);
}

static npk_status doubles_of(const void *bytes, size_t size)
{
    size_t count;
    return npk_doubles_load_memory(bytes, size, NULL, NULL, NULL, 0, &count, NULL);
}

static npk_status ints_of(const void *bytes, size_t size)
{
    size_t count;
    return npk_ints_load_memory(bytes, size, NULL, NULL, NULL, 0, &count, NULL);
}

static npk_status npy_of(const void *bytes, size_t size)
{
    npk_npy *npy = NULL;
    return npk_npy_load_memory(bytes, size, NULL, &npy, NULL);
}

static npk_status instruction_of(const void *bytes, size_t size)
{
    npk_instruction instruction;
    return npk_instruction_at(bytes, size, 0, &instruction, NULL);
}

static npk_status instructions_of(const void *bytes, size_t size)
{
    npk_instructions *all = NULL;
    npk_instruction instruction;
    npk_status status = npk_instructions_memory(bytes, size, NULL, &all, NULL);
    if (status == NPK_OK)
        status = npk_instructions_next(all, &instruction, NULL);
    npk_instructions_free(all);
    return status;
}

static npk_status doc_of(const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    return npk_doc_load_memory(bytes, size, NULL, &doc, NULL);
}

static npk_status reader_of(const void *bytes, size_t size)
{
    npk_reader *reader = NULL;
    npk_doc *doc = NULL;
    npk_status status = npk_reader_memory(bytes, size, NULL, &reader, NULL);
    if (status == NPK_OK)
        status = npk_reader_next(reader, &doc, NULL);
    npk_reader_close(reader);
    return status;
}

static npk_status again_of(const void *bytes, size_t size)
{
    npk_reader *reader = NULL;
    npk_doc *doc = NULL;
    cr_assert_eq(npk_reader_memory("N.", 2, NULL, &reader, NULL), NPK_OK);
    npk_status status = npk_reader_again(reader, bytes, size, NULL);
    if (status == NPK_OK)
        status = npk_reader_next(reader, &doc, NULL);
    npk_reader_close(reader);
    return status;
}

static npk_status undo_of(const void *bytes, size_t size)
{
    uint8_t *out = NULL;
    size_t out_size;
    return npk_undo_crlf(bytes, size, NULL, &out, &out_size, NULL);
}

static npk_status torch_of(const void *bytes, size_t size)
{
    npk_torch *torch = NULL;
    return npk_torch_load_memory(bytes, size, NULL, &torch, NULL);
}

Test(null, is_no_bytes_where_there_is_no_size)
{
    static const struct {
        const char *name;
        npk_status (*of)(const void *bytes, size_t size);
        npk_status none; /* what is said of an empty input */
    } takers[] = {
        {"npk_doc_load_memory", doc_of, NPK_ERR_TRUNCATED},
        {"npk_reader_memory", reader_of, NPK_OK}, /* of several pickles, and there are no more */
        {"npk_reader_again", again_of, NPK_OK},
        {"npk_array_view_memory", array_view_of, NPK_ERR_TRUNCATED},
        {"npk_array_views_memory", array_views_of, NPK_ERR_TRUNCATED},
        {"npk_array_load_memory", array_load_of, NPK_ERR_TRUNCATED},
        {"npk_doubles_load_memory", doubles_of, NPK_ERR_TRUNCATED},
        {"npk_ints_load_memory", ints_of, NPK_ERR_TRUNCATED},
        {"npk_check_memory", check_of, NPK_ERR_TRUNCATED},
        {"npk_check_doc", check_doc_of, NPK_OK}, /* they are not the document's, says the result */
        {"npk_identify_bytes", identify_of, NPK_OK},
        {"npk_cursor_start", cursor_of, NPK_ERR_TRUNCATED},
        {"npk_instruction_at", instruction_of, NPK_ERR_TRUNCATED},
        {"npk_instructions_memory", instructions_of, NPK_ERR_TRUNCATED},
        {"npk_npy_load_memory", npy_of, NPK_ERR_NPY},
        {"npk_torch_load_memory", torch_of, NPK_ERR_NOT_A_PICKLE},
        {"npk_undo_crlf", undo_of, NPK_OK},
    };
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        npk_status empty = takers[i].of("", 0), null = takers[i].of(NULL, 0), missing_bytes = takers[i].of(NULL, 2);
        cr_expect_eq(empty, takers[i].none, "%s of \"\": %s", takers[i].name, npk_status_name(empty));
        cr_expect_eq(null, takers[i].none, "%s of NULL: %s", takers[i].name, npk_status_name(null));
        cr_expect_eq(missing_bytes, NPK_ERR_USAGE, "%s of 2 bytes at NULL: %s", takers[i].name, npk_status_name(missing_bytes));
    }
}
