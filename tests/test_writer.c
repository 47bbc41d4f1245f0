/* The bytes of the writer are those of CPython's C pickler and NumPy: goldens of tests/data, byte for byte. */
#include "calls.h"

#include <npickle.h>

static int64_t lengths[NPK_MAXDIMS], steps[NPK_MAXDIMS];

static void compare(const golden *g, int protocol, golden_bytes expected, npk_writer *w, int *same, int *other)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_error error;
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    bool equal = status == NPK_OK && size == expected.size && memcmp(bytes, expected.bytes, size) == 0;
    size_t at = 0;
    while (status == NPK_OK && at < size && at < expected.size && bytes[at] == expected.bytes[at])
        at++;
    ++*(equal ? same : other);
    cr_expect(equal, "%s at protocol %d: %s; first difference at byte %zu of %zu, expected %zu", g->name, protocol,
              status == NPK_OK ? "other bytes" : error.message, at, size, expected.size);
    if (status == NPK_OK)
        npk_bytes_free(NULL, bytes, size);
}

static npk_writer *writer(int protocol, npk_dialect dialect)
{
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
    cr_assert(npk_writer_memory(&options, &w, NULL) == NPK_OK);
    return w;
}

static void write_plain_arrays(const char *file, npk_dialect dialect, int at_least, int way)
{
    golden g;
    int same = 0, other = 0, protocol;
    golden_open_way(&g, file, way);
    while (golden_case(&g)) {
        const npk_dtype *dtype = NULL;
        char *words = g.words;
        const char *code = golden_word(&words);
        cr_assert(npk_dtype_parse(code, NULL, &dtype, NULL) == NPK_OK, "%s", code);
        npk_array array = {.dtype = dtype, .shape = lengths, .strides = steps};
        array.ndim = golden_numbers(golden_word(&words), lengths);
        golden_numbers(golden_word(&words), steps);
        long offset = strtol(golden_word(&words), NULL, 10);
        array.readonly = strcmp(golden_word(&words), "ro") == 0;
        golden_bytes memory = golden_unquote(golden_word(&words)), expected;
        array.data = memory.bytes + offset;
        while (golden_pickle(&g, &protocol, &expected)) {
            if (golden_is_foreign(&g))
                continue;
            npk_writer *w = writer(protocol, dialect);
            npk_write_array(w, &array);
            compare(&g, protocol, expected, w, &same, &other);
        }
        free(memory.bytes);
        npk_dtype_free(dtype);
    }
    golden_close(&g);
    cr_log_info("%s: %d pickles the same, %d not\n", file, same, other);
    cr_expect(same >= at_least, "%s: %d the same, %d expected", file, same, at_least);
}

Test(writer, arrays_of_numpy1)
{
    for (int way = 0; way < golden_ways(); way++)
        write_plain_arrays("plain-numpy1.golden", NPK_NUMPY(1, 26), 2000, way);
}

Test(writer, arrays_of_numpy2)
{
    for (int way = 0; way < golden_ways(); way++)
        write_plain_arrays("plain-numpy2.golden", NPK_DIALECT_NUMPY2, 2000, way);
}

Test(writer, arrays_of_python2)
{
    for (int way = 0; way < golden_ways(); way++)
        write_plain_arrays("plain-python2.golden", NPK_DIALECT_PYTHON2, 1000, way);
}

/* --- values: the words of tests/gen/values.py --- */

static void write_values(const char *file, npk_dialect dialect, int at_least, int way)
{
    golden g;
    int same = 0, other = 0, protocol;
    golden_bytes expected;
    golden_open_way(&g, file, way);
    while (golden_case(&g)) {
        char *words = strdup(g.words);
        while (golden_pickle(&g, &protocol, &expected)) {
            if (golden_is_foreign(&g))
                continue;
            npk_writer *w = writer(protocol, dialect);
            calls_run(w, words);
            compare(&g, protocol, expected, w, &same, &other);
        }
        free(words);
    }
    golden_close(&g);
    cr_log_info("%s: %d pickles the same, %d not\n", file, same, other);
    cr_expect(same >= at_least, "%s: %d the same, %d expected", file, same, at_least);
}

Test(writer, values)
{
    for (int way = 0; way < golden_ways(); way++)
        write_values("values.golden", NPK_DIALECT_DEFAULT, 1000, way);
}

Test(writer, values_with_arrays_of_numpy1)
{
    for (int way = 0; way < golden_ways(); way++)
        write_values("mixed-numpy1.golden", NPK_NUMPY(1, 26), 50, way);
}

Test(writer, values_with_arrays_of_numpy2)
{
    for (int way = 0; way < golden_ways(); way++)
        write_values("mixed-numpy2.golden", NPK_DIALECT_NUMPY2, 50, way);
}

/* --- what no golden can show --- */

/* More than 4 GiB out of one byte: a stride of 0. */
Test(writer, text_beyond_4_gib)
{
    static const uint8_t byte = 1;
    const int64_t shape[1] = {INT64_C(1) << 32}, strides[1] = {0};
    npk_array array = {
        .dtype = npk_dtype_native(NPK_UINT8), .data = &byte, .ndim = 1, .shape = shape, .strides = strides};
    for (int protocol = 1; protocol <= 3; protocol++) {
        npk_error error;
        npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
        cr_expect_eq(npk_write_array(w, &array), NPK_ERR_TOO_LARGE);
        cr_expect_eq(npk_writer_finish(w, &error), NPK_ERR_TOO_LARGE);
        cr_expect(strstr(error.message, "protocol 4 can") != NULL, "%s", error.message);
    }
}

static npk_status misuse(void (*calls)(npk_writer *))
{
    uint8_t *bytes = NULL;
    size_t size;
    npk_writer *w = writer(2, NPK_DIALECT_DEFAULT);
    calls(w);
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, NULL);
    if (status == NPK_OK)
        npk_bytes_free(NULL, bytes, size);
    return status;
}

static void odd_dict(npk_writer *w)
{
    npk_write_begin_dict(w, NPK_UNKNOWN);
    npk_write_int(w, 1);
    npk_write_end(w);
}

static void end_too_often(npk_writer *w)
{
    npk_write_begin_list(w, 0);
    npk_write_end(w);
    npk_write_end(w);
}

static void never_ended(npk_writer *w)
{
    npk_write_begin_list(w, 1);
    npk_write_int(w, 1);
}

static void two_values(npk_writer *w)
{
    npk_write_int(w, 1);
    npk_write_int(w, 2);
}

static void too_few(npk_writer *w)
{
    npk_write_begin_tuple(w, 2);
    npk_write_int(w, 1);
    npk_write_end(w);
}

static void too_many(npk_writer *w)
{
    npk_write_begin_tuple(w, 1);
    npk_write_int(w, 1);
    npk_write_int(w, 2);
    npk_write_end(w);
}

static void nothing(npk_writer *w)
{
    (void)w;
}

static void no_utf8(npk_writer *w)
{
    npk_write_str(w, "\xff");
}

static void again_of_nothing(npk_writer *w)
{
    npk_write_again(w, 0);
}

Test(writer, misuse_is_an_error)
{
    void (*const cases[])(npk_writer *) = {odd_dict, end_too_often, never_ended, two_values,      too_few,
                                           too_many, nothing,       no_utf8,     again_of_nothing};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(misuse(cases[i]), NPK_ERR_USAGE, "case %zu", i);
}

/* cPickle's memo counts from 1. */
Test(writer, references_of_python2_begin_at_1)
{
    for (int64_t reference = 0; reference < 3; reference++) {
        npk_writer *w = writer(2, NPK_DIALECT_PYTHON2);
        npk_write_begin_list(w, 2);
        npk_write_str(w, "shared");
        npk_write_again(w, reference);
        npk_write_end(w);
        cr_expect_eq(npk_writer_finish(w, NULL), reference == 0 ? NPK_ERR_USAGE : NPK_OK);
    }
}

/* Without counts the bytes are the same as with them. */
static void write_nested(npk_writer *w, bool counts)
{
    npk_write_begin_list(w, counts ? 6 : NPK_UNKNOWN);
    npk_write_begin_list(w, counts ? 0 : NPK_UNKNOWN);
    npk_write_end(w);
    npk_write_begin_list(w, counts ? 1 : NPK_UNKNOWN);
    npk_write_begin_tuple(w, counts ? 3 : NPK_UNKNOWN);
    for (int i = 0; i < 3; i++) {
        npk_write_begin_dict(w, counts ? i : NPK_UNKNOWN);
        for (int k = 0; k < i; k++) {
            npk_write_int(w, k);
            npk_write_str(w, "value");
        }
        npk_write_end(w);
    }
    npk_write_end(w);
    npk_write_end(w);
    for (int n = 0; n < 4; n += 3) {
        npk_write_begin_tuple(w, counts ? n : NPK_UNKNOWN);
        for (int i = 0; i < n; i++)
            npk_write_float(w, i);
        npk_write_end(w);
    }
    npk_write_begin_tuple(w, counts ? 4 : NPK_UNKNOWN);
    for (int i = 0; i < 4; i++)
        npk_write_none(w);
    npk_write_end(w);
    npk_write_begin_list(w, counts ? 2001 : NPK_UNKNOWN);
    for (int i = 0; i < 2001; i++)
        npk_write_int(w, i);
    npk_write_end(w);
    npk_write_end(w);
}

Test(writer, counts_are_optional)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        uint8_t *bytes[2];
        size_t size[2];
        for (int counts = 0; counts < 2; counts++) {
            npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
            write_nested(w, counts == 1);
            cr_assert_eq(npk_writer_finish_memory(w, &bytes[counts], &size[counts], NULL), NPK_OK);
        }
        cr_expect(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0, "protocol %d", protocol);
        npk_bytes_free(NULL, bytes[0], size[0]);
        npk_bytes_free(NULL, bytes[1], size[1]);
    }
}

/* A descriptor that is freed, and another that comes to lie at its address, are two. */
Test(writer, descriptors_by_address_and_content)
{
    static const char items[8] = "abcdefg";
    const int64_t shape[1] = {1};
    static char text[16];
    npk_writer *w = writer(2, NPK_DIALECT_DEFAULT);
    npk_write_begin_list(w, 2);
    for (int i = 0; i < 2; i++) {
        const npk_dtype *dtype;
        snprintf(text, sizeof text, "S%d", 2 + i);
        cr_assert_eq(npk_dtype_parse(text, NULL, &dtype, NULL), NPK_OK);
        npk_write_array(w, &(npk_array){.dtype = dtype, .data = items, .ndim = 1, .shape = shape});
        npk_dtype_free(dtype);
    }
    npk_write_end(w);
    uint8_t *bytes;
    size_t size;
    npk_doc *doc;
    npk_array array;
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, NULL), NPK_OK);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(npk_array_of(npk_value_item(npk_doc_root(doc), i), &array, NULL), NPK_OK);
        cr_expect_eq(npk_dtype_itemsize(array.dtype), 2 + (int64_t)i);
    }
    npk_doc_free(doc);
    npk_bytes_free(NULL, bytes, size);
}

/* --- sets, calls, what is outside: tests/gen/objects.py --- */

static void write_numbers(npk_writer *w, int64_t count, int64_t from)
{
    for (int64_t i = 0; i < count; i++)
        npk_write_int(w, from + i);
    npk_write_end(w);
}

static void write_call(npk_writer *w)
{
    npk_write_begin_call(w);
    npk_write_global(w, "collections", "OrderedDict");
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    npk_write_begin_appended(w, 2);
    write_numbers(w, 2, 7);
    npk_write_begin_assigned(w, 1);
    write_numbers(w, 2, 1);
    npk_write_begin_dict(w, 1);
    npk_write_str(w, "kind");
    npk_write_int(w, 1);
    npk_write_end(w);
    npk_write_end(w);
}

static void write_object(npk_writer *w, const char *name)
{
    long count = strchr(name, '/') != NULL ? strtol(strchr(name, '/') + 1, NULL, 10) : 0;
    if (strncmp(name, "set", 3) == 0) {
        npk_write_begin_set(w, count);
        write_numbers(w, count, count < 1000);
    } else if (strncmp(name, "frozenset", 9) == 0) {
        npk_write_begin_frozenset(w, count);
        write_numbers(w, count, 1);
    } else if (strncmp(name, "bytearray", 9) == 0) {
        npk_write_bytearray(w, "abc", (size_t)count);
    } else if (strcmp(name, "globals") == 0) {
        npk_write_begin_list(w, 4);
        npk_write_global(w, "collections", "OrderedDict");
        npk_write_global(w, "builtins", "complex");
        npk_write_global(w, "collections", "OrderedDict");
        npk_write_global(w, "builtins", "range");
        npk_write_end(w);
    } else if (strcmp(name, "persistent") == 0) {
        npk_write_begin_list(w, 2);
        npk_write_persid(w, "the id");
        npk_write_persid(w, "the id");
        npk_write_end(w);
    } else {
        write_call(w);
    }
}

/* The bytes of a set whose count is known are CPython's: objects.golden. */
Test(writer, sets_of_unknown_size)
{
    for (int protocol = 0; protocol <= 5; protocol++)
        for (long count = 0; count <= 2; count++) {
            uint8_t *bytes[2];
            size_t sizes[2];
            for (int known = 0; known < 2; known++) {
                npk_writer *w;
                npk_write_options options = {.protocol_given = true, .protocol = protocol};
                cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
                npk_write_begin_set(w, known ? count : NPK_UNKNOWN);
                write_numbers(w, count, 1);
                cr_assert_eq(npk_writer_finish_memory(w, &bytes[known], &sizes[known], NULL), NPK_OK);
            }
            cr_expect(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0, "%ld at %d", count, protocol);
            for (int known = 0; known < 2; known++)
                npk_bytes_free(NULL, bytes[known], sizes[known]);
        }
}

Test(writer, objects)
{
    golden g;
    int same = 0, other = 0, protocol;
    golden_bytes expected;
    golden_open(&g, "objects.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &expected)) {
            npk_writer *w = writer(protocol, NPK_DIALECT_DEFAULT);
            write_object(w, g.name);
            compare(&g, protocol, expected, w, &same, &other);
        }
    golden_close(&g);
    cr_expect_eq(same, 72);
}

static void no_tuple(npk_writer *w)
{
    npk_write_begin_call(w);
    npk_write_global(w, "collections", "deque");
    npk_write_none(w);
    npk_write_end(w);
}

static void no_arguments(npk_writer *w)
{
    npk_write_begin_call(w);
    npk_write_global(w, "collections", "deque");
    npk_write_end(w);
}

static void appended_to_nothing(npk_writer *w)
{
    npk_write_begin_list(w, 1);
    npk_write_begin_appended(w, 1);
}

static void no_name(npk_writer *w)
{
    npk_write_global(w, "os\nsystem", "x");
}

Test(writer, misuse_of_calls)
{
    void (*const cases[])(npk_writer *) = {no_tuple, no_arguments, appended_to_nothing, no_name};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(misuse(cases[i]), NPK_ERR_USAGE, "case %zu", i);
}

/* --- in parts, and out of band --- */

static golden_bytes finish(npk_writer *w)
{
    golden_bytes out;
    npk_error error;
    npk_status status = npk_writer_finish_memory(w, &out.bytes, &out.size, &error);
    cr_assert(status == NPK_OK, "%s", error.message);
    return out;
}

Test(writer, arrays_in_parts)
{
    enum { ITEMS = 40000 };
    static double items[ITEMS];
    const int64_t shape[2] = {200, 200};
    for (int i = 0; i < ITEMS; i++)
        items[i] = i;
    for (int k = 0; k < 10; k++) { /* five protocols and dialects, in either order */
        static const struct {
            int protocol;
            npk_dialect dialect;
        } ways[5] = {{3, NPK_DIALECT_DEFAULT},
                     {4, NPK_DIALECT_NUMPY2},
                     {5, NPK_NUMPY(1, 26)},
                     {1, NPK_DIALECT_PYTHON2},
                     {2, NPK_DIALECT_PYTHON2}};
        npk_array array = {.dtype = npk_dtype_native(NPK_FLOAT64),
                           .data = items,
                           .ndim = 2,
                           .shape = shape,
                           .order = k < 5 ? 'C' : 'F'};
        npk_writer *whole = writer(ways[k % 5].protocol, ways[k % 5].dialect), *parts = writer(ways[k % 5].protocol, ways[k % 5].dialect);
        npk_write_array(whole, &array);
        npk_write_begin_array(parts, &array);
        size_t left = sizeof items;
        for (size_t size = 1; left > 0; left -= size, size = 3 * size < left ? 3 * size : left)
            npk_write_part(parts, (const uint8_t *)items + sizeof items - left, size);
        npk_write_end(parts);
        golden_bytes a = finish(whole), b = finish(parts);
        cr_expect(a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0, "way %d", k);
        npk_bytes_free(NULL, a.bytes, a.size);
        npk_bytes_free(NULL, b.bytes, b.size);
    }
}

static void too_short(npk_writer *w)
{
    const int64_t shape[1] = {2};
    npk_write_begin_array(w, &(npk_array){.dtype = npk_dtype_native(NPK_UINT8), .ndim = 1, .shape = shape});
    npk_write_part(w, "a", 1);
    npk_write_end(w);
}

static void too_long(npk_writer *w)
{
    const int64_t shape[1] = {2};
    npk_write_begin_array(w, &(npk_array){.dtype = npk_dtype_native(NPK_UINT8), .ndim = 1, .shape = shape});
    npk_write_part(w, "abc", 3);
    npk_write_end(w);
}

static void value_among_parts(npk_writer *w)
{
    const int64_t shape[1] = {2};
    npk_write_begin_array(w, &(npk_array){.dtype = npk_dtype_native(NPK_UINT8), .ndim = 1, .shape = shape});
    npk_write_int(w, 1);
    npk_write_part(w, "ab", 2);
    npk_write_end(w);
}

Test(writer, misuse_of_parts)
{
    void (*const cases[])(npk_writer *) = {too_short, too_long, value_among_parts};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        npk_writer *w = writer(4, NPK_DIALECT_DEFAULT);
        cases[i](w);
        cr_expect_eq(npk_writer_finish(w, NULL), NPK_ERR_USAGE, "case %zu", i);
    }
    cr_expect_eq(misuse(too_short), NPK_ERR_UNSUPPORTED); /* protocol 2 */
}

typedef struct taken {
    npk_buffer buffers[4];
    size_t count;
} taken;

static bool take_buffer(void *context, const npk_buffer *buffer)
{
    taken *t = context;
    if (buffer->size < 16) /* small ones stay in */
        return false;
    t->buffers[t->count++] = *buffer;
    return true;
}

Test(writer, buffers_out_of_band)
{
    static const double large[4] = {1, 2, 3, 4};
    static const float small[1] = {5};
    taken t = {.count = 0};
    npk_writer *w = NULL;
    npk_error error;
    npk_write_options options = {.protocol = 5, .buffer = take_buffer, .buffer_context = &t};
    cr_assert(npk_writer_memory(&options, &w, NULL) == NPK_OK);
    npk_write_begin_list(w, 3);
    npk_write_array(w, &NPK_ARRAY(large, 2, 2));
    npk_write_array(w, &NPK_ARRAY(small, 1));
    npk_array readonly = NPK_ARRAY(large, 4);
    readonly.readonly = true;
    npk_write_array(w, &readonly);
    npk_write_end(w);
    golden_bytes out = finish(w);
    cr_assert_eq(t.count, 2);
    cr_assert_eq(t.buffers[0].bytes, large);
    npk_read_options reading = {.buffers = t.buffers, .buffer_count = t.count};
    npk_doc *doc;
    npk_array array;
    cr_assert(npk_doc_load_memory(out.bytes, out.size, &reading, &doc, &error) == NPK_OK, "%s", error.message);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(npk_array_of(npk_value_item(npk_doc_root(doc), i), &array, NULL) == NPK_OK);
        cr_expect_eq(array.data == large, i != 1);
        cr_expect_eq(array.readonly, i == 2);
    }
    npk_doc_free(doc);
    cr_expect_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &doc, NULL), NPK_ERR_STACK);
    npk_bytes_free(NULL, out.bytes, out.size);
}

static void one_to_four(npk_writer *w)
{
    npk_write_begin_tuple(w, NPK_UNKNOWN);
    for (int i = 1; i <= 4; i++)
        npk_write_int(w, i);
    npk_write_end(w);
}

/* A tuple that opens its frame gets its MARK inside of it: pickle.dumps((1, 2, 3, 4), 4) and so on. */
Test(writer, tuple_of_unknown_count_at_the_start_of_a_frame)
{
    static const char plain[] = "\x80\4\x95\x0c\0\0\0\0\0\0\0(K\1K\2K\3K\4t\x94.";
    static const char nested[] = "\x80\4\x95\x15\0\0\0\0\0\0\0((K\1K\2K\3K\4t\x94K\5K\6K\7t\x94.";
    static const char behind[] = "\x95\x0f\0\0\0\0\0\0\0\x94(K\1K\2K\3K\4t\x94\x86\x94.";
    static char large[65536];
    npk_writer *w = writer(4, NPK_DIALECT_DEFAULT);
    one_to_four(w);
    golden_bytes out = finish(w);
    cr_expect(out.size == sizeof plain - 1 && memcmp(out.bytes, plain, out.size) == 0);
    npk_bytes_free(NULL, out.bytes, out.size);
    w = writer(4, NPK_DIALECT_DEFAULT);
    npk_write_begin_tuple(w, NPK_UNKNOWN);
    one_to_four(w);
    for (int i = 5; i <= 7; i++)
        npk_write_int(w, i);
    npk_write_end(w);
    out = finish(w);
    cr_expect(out.size == sizeof nested - 1 && memcmp(out.bytes, nested, out.size) == 0);
    npk_bytes_free(NULL, out.bytes, out.size);
    w = writer(4, NPK_DIALECT_DEFAULT);
    npk_write_begin_tuple(w, NPK_UNKNOWN);
    npk_write_bytes(w, large, sizeof large); /* outside of frames; what follows is in a new one */
    one_to_four(w);
    npk_write_end(w);
    out = finish(w);
    size_t tail = sizeof behind - 1;
    cr_expect(out.size > tail && memcmp(out.bytes + out.size - tail, behind, tail) == 0);
    npk_bytes_free(NULL, out.bytes, out.size);
}

/* --- what can't be a key: as Python has it, hash() of a list, dict, set, bytearray, array or a tuple with one fails --- */

static const int64_t one[1] = {1};

static void write_list(npk_writer *w)
{
    npk_write_begin_list(w, 0);
    npk_write_end(w);
}

static void write_dict(npk_writer *w)
{
    npk_write_begin_dict(w, 0);
    npk_write_end(w);
}

static void write_set(npk_writer *w)
{
    npk_write_begin_set(w, 0);
    npk_write_end(w);
}

static void write_some_bytearray(npk_writer *w)
{
    npk_write_bytearray(w, "abc", 3);
}

static void write_number_array(npk_writer *w)
{
    static const double number = 1;
    npk_write_array(w, &(npk_array){.dtype = npk_dtype_native(NPK_FLOAT64), .data = &number, .ndim = 1, .shape = one});
}

static void write_masked_array(npk_writer *w)
{
    static const double number = 1;
    npk_array data = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = &number, .ndim = 1, .shape = one};
    npk_write_masked(w, &data, NULL, NULL);
}

static void write_matrix(npk_writer *w)
{
    static const int64_t shape[2] = {1, 1};
    static const double number = 1;
    npk_array data = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = &number, .ndim = 2, .shape = shape};
    npk_write_subclass(w, "numpy", "matrix", &data);
}

static void write_array_of_python(npk_writer *w)
{
    static const double number = 1;
    npk_array data = {.dtype = npk_dtype_native(NPK_FLOAT64), .data = &number, .ndim = 1, .shape = one};
    npk_write_pyarray(w, 'd', NPK_PYARRAY_DEFAULT, &data);
}

static void write_tuple_of_list(npk_writer *w)
{
    npk_write_begin_tuple(w, 2);
    npk_write_int(w, 1);
    write_list(w);
    npk_write_end(w);
}

static void write_tuple(npk_writer *w)
{
    npk_write_begin_tuple(w, 2);
    npk_write_int(w, 1);
    npk_write_str(w, "a");
    npk_write_end(w);
}

static void write_frozenset(npk_writer *w)
{
    npk_write_begin_frozenset(w, 1);
    npk_write_int(w, 1);
    npk_write_end(w);
}

static void write_scalar(npk_writer *w)
{
    static const double number = 1;
    npk_write_scalar(w, &(npk_array){.dtype = npk_dtype_native(NPK_FLOAT64), .data = &number});
}

static void write_instance(npk_writer *w) /* whose class may have a __hash__, whatever its parts are */
{
    npk_write_begin_call(w);
    npk_write_global(w, "m", "C");
    write_tuple_of_list(w);
    write_dict(w);
    npk_write_end(w);
}

static void write_complex(npk_writer *w)
{
    npk_write_complex(w, 1, 2);
}

static const struct {
    const char *name;
    void (*write)(npk_writer *w);
    bool hashable;
} keys[] = {
    {"list", write_list, false},
    {"dict", write_dict, false},
    {"set", write_set, false},
    {"bytearray", write_some_bytearray, false},
    {"array", write_number_array, false},
    {"masked array", write_masked_array, false},
    {"matrix", write_matrix, false},
    {"array.array", write_array_of_python, false},
    {"tuple of a list", write_tuple_of_list, false},
    {"tuple", write_tuple, true},
    {"frozenset", write_frozenset, true},
    {"scalar", write_scalar, true},
    {"instance", write_instance, true},
    {"complex", write_complex, true},
};

#define KEYS (sizeof keys / sizeof *keys)

/* The value as a key of a dict, an item of a set and of a frozenset; again: the second time, by its number. */
static void write_as_key(npk_writer *w, size_t key, int where, bool again)
{
    int64_t number = NPK_UNKNOWN;
    npk_write_begin_list(w, NPK_UNKNOWN);
    if (again) {
        keys[key].write(w);
        number = npk_writer_last(w);
    }
    if (where == 0)
        npk_write_begin_dict(w, 1);
    else if (where == 1)
        npk_write_begin_set(w, 1);
    else
        npk_write_begin_frozenset(w, 1);
    if (number != NPK_UNKNOWN)
        npk_write_again(w, number);
    else
        keys[key].write(w);
    if (where == 0)
        keys[0].write(w); /* a value may be anything */
    npk_write_end(w);
    npk_write_end(w);
}

Test(writer, unhashable_keys_are_refused_as_the_reader_does)
{
    for (int protocol = -1; protocol <= 5; protocol++) /* -1: a document */
        for (size_t i = 0; i < KEYS * 6; i++) {
            size_t key = i / 6;
            npk_writer *w = NULL;
            npk_doc *doc = NULL;
            npk_error error = {.status = NPK_OK};
            uint8_t *bytes = NULL;
            size_t size = 0;
            if (protocol < 0)
                cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
            else
                w = writer(protocol, NPK_DIALECT_DEFAULT);
            write_as_key(w, key, (int)(i % 3), i % 6 >= 3);
            npk_status status = protocol < 0 ? npk_writer_finish_doc(w, &doc, &error)
                                             : npk_writer_finish_memory(w, &bytes, &size, &error);
            cr_expect_eq(status, keys[key].hashable ? NPK_OK : NPK_ERR_TYPE, "%s at protocol %d: %s", keys[key].name,
                         protocol, error.message);
            if (bytes != NULL)
                cr_expect_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
            npk_doc_free(doc);
            npk_bytes_free(NULL, bytes, size);
        }
}

/* What a reader of such bytes says: {[]: None}, {[]}, frozenset([[]]) with the opcodes of protocol 4, and set([[]]) as a
 * call. */
/* Below protocol 4 each class around another is one more call of getattr(). */
Test(writer, classes_in_one_another)
{
    char name[2 * 66];
    for (int deep = 64; deep <= 65; deep++)
        for (int protocol = 2; protocol <= 4; protocol += 2) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            npk_writer *w = NULL;
            uint8_t *bytes = NULL;
            size_t size = 0;
            for (int i = 0; i <= deep; i++)
                memcpy(name + 2 * i, i < deep ? "C." : "C", 2);
            cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
            npk_write_global(w, "m", name);
            cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, NULL),
                         deep == 64 || protocol == 4 ? NPK_OK : NPK_ERR_LIMIT, "%d deep, protocol %d", deep, protocol);
            npk_bytes_free(NULL, bytes, size);
        }
}

Test(writer, the_reader_refuses_them_so)
{
    static const struct {
        const char *bytes;
        size_t size;
    } pickles[] = {
        {"}]Ns.", 5},
        {"\x80\4\x8f(]\x90.", 7},
        {"\x80\4(]\x91.", 6},
        {"\x80\2c__builtin__\nset\n](]e\x85R.", 26},
    };
    for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
        npk_doc *doc = NULL;
        npk_error error;
        cr_expect_eq(npk_doc_load_memory(pickles[i].bytes, pickles[i].size, NULL, &doc, &error), NPK_ERR_TYPE, "%zu: %s",
                     i, error.message);
    }
}
