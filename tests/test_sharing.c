/* Dtypes that hold another one twice, again and again: 2^levels parts in a pickle whose size is levels. Whatever is done
 * with one costs as much as the pickle is long, counted in allocations (and is over: a walk over 2^60 parts never is). */
#include "counted.h"
#include "golden.h"

#include <npickle.h>

#include <criterion/parameterized.h>

/* --- a pickle, protocol 4 --- */

typedef struct pickle {
    char bytes[32768];
    size_t size;
} pickle;

static void put(pickle *out, const char *bytes, size_t size)
{
    cr_assert(size <= sizeof out->bytes - out->size);
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

#define PUT(out, literal) put((out), (literal), sizeof(literal) - 1)

static void put_int(pickle *out, int value)
{
    const char bytes[] = {'J', (char)value, (char)(value >> 8), (char)(value >> 16), (char)(value >> 24)};
    put(out, bytes, sizeof bytes);
}

static void put_get(pickle *out, int number)
{
    const char bytes[] = {'h', (char)number};
    put(out, bytes, sizeof bytes);
}

static void put_text(pickle *out, const char *text)
{
    const char head[] = {'\x8c', (char)strlen(text)};
    put(out, head, sizeof head);
    put(out, text, strlen(text));
}

/* numpy.dtype(code), and what comes before size and alignment in its state but for the fields. */
static void begin_dtype(pickle *out, const char *code)
{
    PUT(out, "cnumpy\ndtype\n");
    put_text(out, code);
    PUT(out, "\x89\x88\x87R(K\3");
    put_text(out, "|");
}

/* Size, alignment, flags; then it is number `number` of the memo, and not on the stack any more. */
static void end_dtype(pickle *out, int size, int flags, int number)
{
    put_int(out, size);
    PUT(out, "K\1");
    put_int(out, flags);
    const char end[] = {'t', 'b', 'q', (char)number, '0'};
    put(out, end, sizeof end);
}

/* --- how a level holds the one below --- */

typedef struct shape {
    const char *name;
    const char *base; /* its code */
    int base_size;
    enum { SAME_PLACE, SIDE_BY_SIDE, SUBARRAYS, TITLED } holds;
    int levels; /* at most: all have the size of the base, or twice that of the level below */
    const char *payload;
    size_t payload_size;
    int items;
} shape;

static const shape shapes[] = {
    {"twice in one place", "u1", 1, SAME_PLACE, 60, "\0", 1, 1},
    {"twice in one place, padded", "V3", 3, SAME_PLACE, 60, "abc", 3, 1},
    {"with titles", "u1", 1, TITLED, 60, "\0", 1, 1},
    {"no bytes, side by side", "S0", 0, SIDE_BY_SIDE, 60, "", 0, 3},
    {"no bytes, no items", "V0", 0, SIDE_BY_SIDE, 60, "", 0, 0},
    {"side by side", "u1", 1, SIDE_BY_SIDE, 26, "", 0, 0},
    {"subarrays", "u1", 1, SUBARRAYS, 9, "", 0, 0},
    {"subarrays of no bytes", "U0", 0, SUBARRAYS, 60, "", 0, 7},
    {"objects", "O", 8, SIDE_BY_SIDE, 24, "", 0, 0},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void put_base(pickle *out, const shape *of)
{
    bool sized = strchr("SUV", of->base[0]) != NULL;
    begin_dtype(out, of->base);
    PUT(out, "NNN");
    if (of->base[0] == 'U')
        out->bytes[out->size - 4] = '<'; /* a U has a byte order */
    end_dtype(out, sized ? of->base_size : -1, of->base[0] == 'O' ? 63 : of->base[0] == 'U' ? 8 : 0, 10);
}

static void put_field(pickle *out, const char *name, int inner, int offset, const char *title)
{
    put_text(out, name);
    put_get(out, inner);
    put_int(out, offset);
    if (title != NULL)
        put_text(out, title);
    put(out, title != NULL ? "\x87" : "\x86", 1);
    if (title == NULL)
        return;
    PUT(out, "q\1"); /* the same tuple under its title */
    put_text(out, title);
    PUT(out, "h\1");
}

static int put_struct(pickle *out, const shape *of, int size, int number)
{
    char code[16];
    bool apart = of->holds == SIDE_BY_SIDE;
    int whole = apart ? 2 * size : size;
    snprintf(code, sizeof code, "V%d", whole);
    begin_dtype(out, code);
    PUT(out, "N\x8c\1a\x8c\1b\x86}(");
    put_field(out, "a", number - 1, 0, of->holds == TITLED ? "A" : NULL);
    put_field(out, "b", number - 1, apart ? size : 0, of->holds == TITLED ? "B" : NULL);
    PUT(out, "u");
    end_dtype(out, whole, of->base[0] == 'O' ? 27 : of->base[0] == 'U' ? 24 : 0, number);
    return whole;
}

static int put_subarray(pickle *out, int size, int number)
{
    char code[16];
    snprintf(code, sizeof code, "V%d", 2 * size);
    begin_dtype(out, code);
    put_get(out, number - 1);
    PUT(out, "K\2\x85\x86NN");
    end_dtype(out, 2 * size, 0, number);
    return 2 * size;
}

/* An array of the dtype of so many levels, in a list, twice. */
static void make(pickle *out, const shape *of, int levels)
{
    int size = of->base_size, number = 10;
    out->size = 0;
    PUT(out, "\x80\4");
    put_base(out, of);
    for (int i = 0; i < levels; i++)
        size = of->holds == SUBARRAYS && i % 2 == 0 ? put_subarray(out, size, ++number)
                                                    : put_struct(out, of, size, ++number);
    PUT(out, "](");
    for (int i = 0; i < 2; i++) {
        PUT(out, "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85"
                 "C\1b\x87R(K\1");
        put_int(out, of->items);
        PUT(out, "\x85");
        put_get(out, number);
        PUT(out, "\x89");
        const char head[] = {of->base[0] == 'O' ? ']' : 'C', (char)of->payload_size};
        put(out, head, of->base[0] == 'O' ? 1 : 2);
        put(out, of->payload, of->payload_size);
        PUT(out, "tb");
    }
    PUT(out, "e.");
}

/* --- what is done with it --- */

static int take(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

/* Good, or refused with a reason that is not the pickle's fault. */
static bool is_said(npk_status status)
{
    return status == NPK_OK || status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_TYPE;
}

#define SAID(name, call)                                                                                               \
    do {                                                                                                               \
        npk_status said = (call);                                                                                      \
        cr_expect(is_said(said), "%s: %s: %s", name, #call, npk_status_name(said));                                    \
    } while (0)

static void print(const char *name, const npk_value *value, const npk_allocator *allocator)
{
    const npk_print_options options = {.allocator = allocator},
                            whole = {.allocator = allocator, .threshold = NPK_UNLIMITED};
    size_t size = 0;
    SAID(name, npk_print_value(value, &options, take, &size, NULL));
    SAID(name, npk_print_value(value, &whole, take, &size, NULL));
    SAID(name, npk_print_json(value, &options, take, &size, NULL));
    SAID(name, npk_print_csv(value, &options, take, &size, NULL));
}

static void copy_dtype(const npk_dtype *dtype, const npk_allocator *allocator)
{
    static const char orders[] = "<>|";
    const npk_dtype *copy;
    for (size_t i = 0; i < sizeof orders - 1; i++) {
        cr_assert_eq(npk_dtype_with_byteorder(dtype, orders[i], allocator, &copy, NULL), NPK_OK);
        cr_expect(orders[i] != '|' || npk_dtype_equal(dtype, copy));
        cr_expect(orders[i] != '|' || npk_dtype_hash(dtype) == npk_dtype_hash(copy));
        npk_dtype_free(copy);
    }
    cr_expect(npk_dtype_repr(dtype, NULL, 0) > 0);
    cr_expect(npk_dtype_descr(dtype, false, NULL, 0) > 0);
}

static void write_all(const npk_doc *doc, const npk_allocator *allocator)
{
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++)
        for (int translate = 0; translate < 2; translate++) {
            const npk_write_options options = {.allocator = allocator,
                                               .protocol_given = true,
                                               .protocol = protocol,
                                               .translate_names = translate != 0};
            npk_error error = {.message = ""};
            uint8_t *bytes;
            size_t size;
            npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
            cr_expect(is_said(status), "protocol %d: %s", protocol, error.message);
            if (status == NPK_OK)
                npk_bytes_free(allocator, bytes, size);
        }
}

/* Of subarrays NumPy has no arrays. */
static void write_array(const npk_array *array, const npk_allocator *allocator, npk_memo_policy memo)
{
    if (npk_dtype_subarray(array->dtype, NULL, NULL) != NULL)
        return;
    const npk_write_options options = {.allocator = allocator, .memo = memo};
    npk_writer *writer;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_array(writer, array);
    npk_status status = npk_writer_finish_memory(writer, &bytes, &size, NULL);
    cr_expect(is_said(status), "%s", npk_status_name(status));
    if (status == NPK_OK)
        npk_bytes_free(allocator, bytes, size);
}

/* It ends: what it says goes by the dtype. */
static void note(npk_status status)
{
    cr_expect_neq(status, NPK_ERR_MEMORY);
}

/* Copies, conversions and texts of the elements, as far as a program has room for them. */
static void read_elements(const npk_array *array, const npk_allocator *allocator)
{
    static uint8_t room[4096];
    size_t needed;
    const npk_fields_options options = {.allocator = allocator};
    npk_view view;
    uint8_t *bytes = NULL;
    size_t size;
    npk_status status = npk_array_save_memory(array, NULL, &bytes, &size, NULL);
    note(status);
    if (status == NPK_OK)
        npk_bytes_free(NULL, bytes, size);
    note(npk_array_copy(array, 'F', room, sizeof room, NULL));
    note(npk_array_read_as(array, array->dtype, NPK_CAST_UNSAFE, room, 64, NULL));
    note(npk_array_read_fields(array, array->dtype, &options, room, 64, NULL));
    note(npk_array_read_texts(array, NULL, 0, NULL, &needed, NULL));
    note(npk_array_read_texts(array, (char *)room, sizeof room, NULL, &needed, NULL));
    if (npk_view_of(array, &view, NULL) == NPK_OK)
        note(npk_array_copy(&view.array, 'C', room, sizeof room, NULL));
}

static void each_array(const npk_doc *doc, const npk_allocator *allocator)
{
    npk_walk *walk;
    const npk_value *value;
    npk_array array;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), allocator, &walk, NULL), NPK_OK);
    for (int i = 0; i < 3 && npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL; i++) {
        copy_dtype(array.dtype, allocator);
        write_array(&array, allocator, NPK_MEMO_PYTHON);
        write_array(&array, allocator, NPK_MEMO_NONE);
        read_elements(&array, allocator);
    }
    npk_walk_free(walk);
}

static void compare(golden_bytes in, const npk_doc *doc, const npk_read_options *reading)
{
    npk_doc *other;
    uint64_t differences;
    npk_compare_options options = {.allocator = reading->allocator};
    npk_check_options checking = {.allocator = reading->allocator, .reading = reading};
    npk_check_result result;
    cr_assert_eq(npk_doc_load_memory(in.bytes, in.size, reading, &other, NULL), NPK_OK);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(other), &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(other);
    cr_expect_eq(npk_check_doc(doc, in.bytes, in.size, &checking, &result, NULL), NPK_OK);
    npk_check_result_free(&result);
}

/* What all of it takes. */
static counted work_on(const char *name, golden_bytes in, const char *expected)
{
    counted counter = {.fail = 0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_read_options reading = {.allocator = &allocator};
    npk_error error = {.message = ""};
    npk_identity writer;
    npk_doc *doc;
    npk_status status = npk_doc_load_memory(in.bytes, in.size, &reading, &doc, &error);
    cr_expect_str_eq(npk_status_name(status), expected, "%s: %s %s", name, npk_status_name(status), error.message);
    if (status == NPK_OK) {
        cr_expect_eq(npk_identify(doc, &allocator, &writer, NULL), NPK_OK);
        print(name, npk_doc_root(doc), &allocator);
        if (npk_value_item(npk_doc_root(doc), 0) != NULL)
            print(name, npk_value_item(npk_doc_root(doc), 0), &allocator);
        each_array(doc, &allocator);
        write_all(doc, &allocator);
        compare(in, doc, &reading);
        npk_doc_free(doc);
    }
    cr_expect_eq(counter.held, 0, "%s", name);
    return counter;
}

static size_t work_of(const shape *of, int levels)
{
    static pickle in;
    make(&in, of, levels);
    return work_on(of->name, (golden_bytes){(uint8_t *)in.bytes, in.size}, "OK").calls;
}

ParameterizedTestParameters(sharing, levels)
{
    static int indices[SHAPES];
    for (int i = 0; i < SHAPES; i++)
        indices[i] = i;
    return cr_make_param_array(int, indices, SHAPES);
}

ParameterizedTest(int *index, sharing, levels)
{
    const shape *of = &shapes[*index];
    size_t few = work_of(of, 6), many = work_of(of, of->levels);
    cr_expect(many <= few * (size_t)of->levels / 2, "%s: %zu allocations for 6 levels, %zu for %d", of->name, few, many,
              of->levels);
}

/* --- dtypes of the same fields --- */

/* `times` dtypes out of one dict, which has a key of `size` bytes that is not a name: the dict of a dtype with a title
 * that is None may. `vary`: each has a tuple of names of its own. */
static golden_bytes shared_fields(size_t size, int fields, int times, bool vary)
{
    golden_bytes out = {malloc(size + (size_t)fields * 40 + (size_t)times * 64 + 1000), 0};
    pickle *piece = calloc(1, sizeof *piece);
    uint8_t length[4] = {(uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24)};
    char name[16];
#define FLUSH() (memcpy(out.bytes + out.size, piece->bytes, piece->size), out.size += piece->size, piece->size = 0)
    PUT(piece, "\x80\4");
    begin_dtype(piece, "u1");
    PUT(piece, "NNN");
    end_dtype(piece, -1, 0, 10);
    PUT(piece, "(");
    for (int i = 0; i < fields; i++) {
        snprintf(name, sizeof name, "f%d", i);
        put_text(piece, name);
        FLUSH();
    }
    PUT(piece, "tq\2"
               "0}(");
    for (int i = 0; i < fields; i++) {
        snprintf(name, sizeof name, "f%d", i);
        put_text(piece, name);
        PUT(piece, "h\nK\0N\x87"); /* (dtype, 0, None) */
        FLUSH();
    }
    PUT(piece, "T");
    put(piece, (const char *)length, sizeof length);
    FLUSH();
    memset(out.bytes + out.size, 'k', size);
    out.size += size;
    PUT(piece, "Nuq\3"
               "0cnumpy\ndtype\nq\4"
               "0\x8c\2V1\x89\x88\x87q\5"
               "0(K\3\x8c\1|Nh\2h\3K\1K\1K\0tq\6"
               "0](");
    for (int i = 0; i < times; i++) {
        PUT(piece, "h\4h\5R");
        if (vary)
            PUT(piece, "(K\3\x8c\1|N(\x8c\2f0th\3K\1K\1K\0tb");
        else
            PUT(piece, "h\6b");
        FLUSH();
    }
    PUT(piece, "e.");
    FLUSH();
    free(piece);
    return out;
}

Test(sharing, fields)
{
    golden_bytes few = shared_fields(1000, 500, 10, false), many = shared_fields(1000, 500, 3000, false);
    counted one = work_on("few", few, "OK"), all = work_on("many", many, "OK");
    cr_expect(all.peak <= one.peak + 256 * (many.size - few.size), "%zu bytes, %zu", one.peak, all.peak);
    free(few.bytes);
    free(many.bytes);
}

Test(sharing, a_long_key)
{
    golden_bytes one = shared_fields(1000000, 1, 1, false), many = shared_fields(1000000, 1, 2000, false);
    counted few = work_on("one", one, "OK"), all = work_on("many", many, "OK");
    cr_expect(all.peak <= few.peak + 256 * (many.size - one.size), "%zu bytes, %zu", few.peak, all.peak);
    free(one.bytes);
    free(many.bytes);
}

/* One dict of many fields and as many tuples of names: what they look at again counts, and has an end. */
Test(sharing, fields_under_other_names)
{
    golden_bytes in = shared_fields(1000, 1, 5000, true);
    work_on("few fields", in, "OK");
    free(in.bytes);
    in = shared_fields(10, 2000, 2000, true);
    work_on("many fields", in, "DTYPE"); /* a dict with other keys than names */
    free(in.bytes);
}

/* --- elements without bytes --- */

Test(sharing, no_bytes)
{
    golden g;
    int rows = 0;
    golden_open(&g, "nobytes.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        char *name = golden_word(&line), *expected = golden_word(&line);
        golden_bytes in = golden_unquote(golden_word(&line));
        counted counter = work_on(name, in, expected);
        cr_expect(counter.calls < 3000 && counter.peak < (size_t)1 << 20, "%s: %zu allocations, %zu bytes", name,
                  counter.calls, counter.peak);
        free(in.bytes);
    }
    golden_close(&g);
    cr_expect(rows > 400, "%d rows", rows);
}

/* Made by hand or by a fuzzer: each took hours, or all memory, in one call or another. */
Test(sharing, found)
{
    static const struct {
        const char *name, *expected;
    } files[] = {
        {"shared-dtype.pkl", "OK"},       {"shared-dtype-masked.pkl", "ARRAY"},
        {"shared-dtype-many.pkl", "OK"},  {"no-items-masked.pkl", "OK"},
        {"no-bytes.pkl", "OK"},           {"no-bytes-subarray.pkl", "OK"},
        {"no-bytes-subarrays.pkl", "OK"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden_bytes in = golden_file(files[i].name);
        counted counter = work_on(files[i].name, in, files[i].expected);
        cr_expect(counter.calls < 6000 + 4 * in.size, "%s: %zu allocations", files[i].name, counter.calls);
        free(in.bytes);
    }
}
