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
    {"subarrays", "u1", 1, SUBARRAYS, 26, "", 0, 0},
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

static bool is_refused(npk_status status)
{
    return status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED;
}

static void print(const npk_value *value, const npk_allocator *allocator)
{
    const npk_print_options options = {.allocator = allocator};
    size_t size = 0;
    npk_status status = npk_print_value(value, &options, take, &size, NULL);
    cr_expect(status == NPK_OK || is_refused(status), "%s", npk_status_name(status));
    status = npk_print_json(value, &options, take, &size, NULL);
    cr_expect(status == NPK_OK || is_refused(status), "%s", npk_status_name(status));
    status = npk_print_csv(npk_value_item(value, 0), &options, take, &size, NULL);
    cr_expect(status == NPK_OK || is_refused(status), "%s", npk_status_name(status));
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
            uint8_t *bytes;
            size_t size;
            cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, NULL), NPK_OK);
            npk_bytes_free(allocator, bytes, size);
        }
}

static void write_array(const npk_array *array, const npk_allocator *allocator, npk_memo_policy memo)
{
    const npk_write_options options = {.allocator = allocator, .memo = memo};
    npk_writer *writer;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_array(writer, array);
    npk_status status = npk_writer_finish_memory(writer, &bytes, &size, NULL);
    cr_expect(status == NPK_OK || is_refused(status), "%s", npk_status_name(status));
    if (status == NPK_OK)
        npk_bytes_free(allocator, bytes, size);
}

static void compare(const pickle *in, const npk_doc *doc, const npk_read_options *reading)
{
    npk_doc *other;
    uint64_t differences;
    npk_compare_options options = {.allocator = reading->allocator};
    npk_check_options checking = {.allocator = reading->allocator, .reading = reading};
    npk_check_result result;
    cr_assert_eq(npk_doc_load_memory(in->bytes, in->size, reading, &other, NULL), NPK_OK);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(other), &options, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(other);
    cr_expect_eq(npk_check_doc(doc, in->bytes, in->size, &checking, &result, NULL), NPK_OK);
    npk_check_result_free(&result);
}

/* The allocations that all of it takes. */
static size_t work_of(const shape *of, int levels)
{
    static pickle in;
    counted counter = {.fail = 0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_read_options reading = {.allocator = &allocator};
    npk_error error = {.message = ""};
    npk_doc *doc;
    npk_array array;
    npk_identity writer;
    make(&in, of, levels);
    cr_assert_eq(npk_doc_load_memory(in.bytes, in.size, &reading, &doc, &error), NPK_OK, "%s, %d levels: %s", of->name,
                 levels, error.message);
    cr_assert_eq(npk_array_of(npk_value_item(npk_doc_root(doc), 0), &array, NULL), NPK_OK);
    cr_expect_eq(npk_identify(doc, &allocator, &writer, NULL), NPK_OK);
    print(npk_doc_root(doc), &allocator);
    copy_dtype(array.dtype, &allocator);
    write_all(doc, &allocator);
    compare(&in, doc, &reading);
    write_array(&array, &allocator, NPK_MEMO_PYTHON);
    write_array(&array, &allocator, NPK_MEMO_NONE);
    npk_doc_free(doc);
    cr_expect_eq(counter.held, 0);
    return counter.calls;
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
