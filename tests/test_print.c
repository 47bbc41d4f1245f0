/* npickle/print.h: what NumPy prints with other options and what values are as JSON against tests/data/print.golden,
 * made by tests/gen/print.py; sinks, limits and allocations that fail, for every call. */
#include <npickle.h>

#include "counted.h"
#include "kept.h"

#include <criterion/criterion.h>
#include <stdio.h>

static npk_doc *load(const void *pickle, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {.status = NPK_OK};
    npk_read_options options = {.allocator = NULL};
    cr_assert_eq(npk_doc_load_memory(pickle, size, &options, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

/* The life cycle that npickle/print.h begins with, printing to a file of our own. */
Test(print, life_cycle)
{
    FILE *file = tmpfile();
    char text[100] = "";
    cr_assert_not_null(file);
    {
        npk_doc *doc;
        npk_error error;
        npk_print_options options = {.width = 120, .precision = 3};
        if (npk_doc_load_memory("](G?\xf8\0\0\0\0\0\0e.", 13, NULL, &doc, &error) == NPK_OK) {
            if (npk_print_value(npk_doc_root(doc), &options, npk_sink_file, file, &error) != NPK_OK)
                fprintf(stderr, "%s\n", error.message);
            npk_doc_free(doc);
        }
    }
    rewind(file);
    cr_expect_not_null(fgets(text, sizeof text, file));
    cr_expect_str_eq(text, "[1.5]");
    fclose(file);
}

/* --- every call, by number --- */

typedef enum form { VALUE, JSON, CSV, ARRAY, ARRAY_JSON, ARRAY_CSV, FORMS } form;

/* What each prints: the value, or the array that the value is. */
static npk_status print(form form, const npk_value *value, const npk_print_options *options, npk_write_function *write,
                        void *context, npk_error *error)
{
    npk_array array = {.dtype = NULL};
    if (form >= ARRAY && npk_array_of(value, &array, error) != NPK_OK)
        return NPK_ERR_TYPE;
    switch (form) {
    case VALUE:
        return npk_print_value(value, options, write, context, error);
    case JSON:
        return npk_print_json(value, options, write, context, error);
    case CSV:
        return npk_print_csv(value, options, write, context, error);
    case ARRAY:
        return npk_print_array(&array, options, write, context, error);
    case ARRAY_JSON:
        return npk_print_array_json(&array, options, write, context, error);
    default:
        return npk_print_array_csv(&array, options, write, context, error);
    }
}

/* An array of structs, [(0, 'a', 0.5), (1, 'b', 1.5), ...], made here. */
static npk_doc *records(void)
{
    npk_writer *writer;
    npk_doc *doc;
    npk_error error;
    const npk_dtype *dtype;
    char data[40 * 16];
    cr_assert_eq(npk_dtype_parse("[('n', 'i4'), ('s', 'S4'), ('x', 'f8')]", NULL, &dtype, &error), NPK_OK);
    for (int32_t i = 0; i < 40; i++) {
        double x = i + 0.5;
        memset(data + 16 * i, 0, 16);
        memcpy(data + 16 * i, &i, 4);
        data[16 * i + 4] = (char)('a' + i % 26);
        memcpy(data + 16 * i + 8, &x, 8);
    }
    const int64_t shape[] = {40};
    npk_array array = {.dtype = dtype, .data = data, .ndim = 1, .shape = shape};
    cr_assert_eq(npk_writer_doc(NULL, &writer, &error), NPK_OK);
    cr_assert_eq(npk_write_array(writer, &array), NPK_OK);
    cr_assert_eq(npk_writer_finish_doc(writer, &doc, &error), NPK_OK, "%s", error.message);
    npk_dtype_free(dtype);
    return doc;
}

/* [{'w': <array>, 'o': object array}, (b'..', 1.5, 'text'), big int, masked ...]: from the golden file's own pickles
 * would be the same each time; this one is np.array([[1, 'a'], [None, (2.5,)]], object) in a dict, protocol 2, by NumPy
 * 1.24. */
static const char graph[] = "\x80\x02}q\x00(X\x01\x00\x00\x00oq\x01"
                            "cnumpy.core.multiarray\n_reconstruct\nq\x02"
                            "cnumpy\nndarray\nq\x03K\x00\x85q\x04"
                            "c_codecs\nencode\nq\x05X\x01\x00\x00\x00"
                            "bq\x06X\x06\x00\x00\x00latin1q\x07\x86q\x08Rq\x09\x87q\nRq\x0b(K\x01K\x02K\x02\x86q\x0c"
                            "cnumpy\ndtype\nq\rX\x02\x00\x00\x00O8q\x0e\x89\x88\x87q\x0fRq\x10(K\x03X\x01\x00\x00\x00|"
                            "q\x11NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
                            "K?tq\x12"
                            "b\x89]q\x13(K\x01X\x01\x00\x00\x00"
                            "aq\x14NG@\x04\x00\x00\x00\x00\x00\x00\x85q\x15"
                            "etq\x16"
                            "bK\x01\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01u.";

/* --- goldens --- */

static FILE *open_golden(void)
{
    const char *directory = getenv("NPICKLE_TEST_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/print.golden", directory == NULL ? "tests/data" : directory);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    return file;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

typedef struct golden_case {
    char name[100], form[10];
    unsigned long width, precision, threshold, edge_items;
    kept found;
} golden_case;

static void print_case(golden_case *now, const char *hex)
{
    size_t size = strlen(hex) / 2;
    char *bytes = malloc(size + 1);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    npk_doc *doc = load(bytes, size);
    npk_print_options options = {.width = now->width,
                                 .precision = now->precision == 0 ? NPK_PRINT_ZERO : now->precision,
                                 .threshold = now->threshold == 0 ? NPK_PRINT_ZERO : now->threshold,
                                 .edge_items = now->edge_items,
                                 .json_nan = now->form[0] == 'p' ? NPK_JSON_NAN_PYTHON : NPK_JSON_NAN_NULL};
    npk_error error = {.status = NPK_OK};
    now->found = (kept){.most = SIZE_MAX};
    npk_status status =
        print(now->form[0] == 'r' ? VALUE : JSON, npk_doc_root(doc), &options, keep, &now->found, &error);
    cr_expect_eq(status, NPK_OK, "%s: %s", now->name, error.message);
    npk_doc_free(doc);
    free(bytes);
}

Test(print, golden)
{
    FILE *file = open_golden();
    char *line = NULL;
    size_t room = 0, cases = 0;
    golden_case now = {.name = ""};
    char *at = NULL;
    bool good = true;
    for (ssize_t size; (size = getline(&line, &room, file)) > 0;) {
        line[size - 1] = '\0';
        if (strncmp(line, "case ", 5) == 0) {
            cr_expect(at == NULL || *at == '\0', "%s: more than was expected: %s", now.name, at);
            free(now.found.text);
            now.found.text = at = NULL;
            good = true;
            cases++;
            cr_assert_eq(sscanf(line, "case %99s %9s %lu %lu %lu %lu", now.name, now.form, &now.width, &now.precision,
                                &now.threshold, &now.edge_items),
                         6);
        } else if (line[0] == '|' && good) {
            cr_assert_not_null(at, "%s", now.name);
            size_t length = strcspn(at, "\n");
            good = length == strlen(line + 1) && memcmp(at, line + 1, length) == 0;
            cr_expect(good, "%s: expected\n%s\nfound\n%.*s", now.name, line + 1, (int)length, at);
            at += good ? length + (at[length] == '\n') : strlen(at);
        } else if (line[0] != '#' && line[0] != '|') {
            print_case(&now, line);
            at = now.found.text;
        }
    }
    cr_expect(at == NULL || *at == '\0', "%s: more than was expected: %s", now.name, at);
    cr_expect_geq(cases, 350);
    free(now.found.text);
    free(line);
    fclose(file);
}

/* --- what every call does with what it is given --- */

Test(print, null_is_an_error_of_use)
{
    npk_doc *doc = records();
    const npk_value *root = npk_doc_root(doc);
    npk_array array, none = {.dtype = NULL};
    npk_instruction instruction = {.opcode = NULL};
    npk_error error;
    uint64_t size = 0;
    cr_assert_eq(npk_array_of(root, &array, NULL), NPK_OK);
    cr_expect_eq(npk_print_value(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_value(root, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_json(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_json(root, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_csv(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_csv(root, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array(&none, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array(&array, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_json(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_json(&none, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_json(&array, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_csv(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_csv(&none, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_array_csv(&array, NULL, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_text(NULL, 1, NPK_TEXT_STR, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_text("a", 1, NPK_TEXT_STR, NULL, &size, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_text("a", 1, (npk_text_form)10, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_text("a", 1, (npk_text_form)-1, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_instruction(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_instruction(&instruction, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_print_instructions(NULL, NULL, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(size, 0);
    cr_expect_eq(npk_print_text(NULL, 0, NPK_TEXT_STR, npk_sink_count, &size, NULL), NPK_OK);
    cr_expect_eq(size, 2);
    npk_doc_free(doc);
}

Test(print, options_end_in_zeros)
{
    npk_doc *doc = records();
    npk_error error;
    uint64_t size = 0;
    for (size_t i = 0; i < sizeof((npk_print_options *)NULL)->reserved / sizeof(uintptr_t); i++)
        for (form form = 0; form < FORMS; form++) {
            npk_print_options options = {.width = 0};
            options.reserved[i] = 1;
            cr_expect_eq(print(form, npk_doc_root(doc), &options, npk_sink_count, &size, &error), NPK_ERR_USAGE);
        }
    npk_print_options options = {.json_nan = (npk_json_nan)3};
    cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_count, &size, &error), NPK_ERR_USAGE);
    cr_expect_eq(size, 0);
    npk_doc_free(doc);
}

/* Numbers as large as there are do no harm, and mean "all". */
Test(print, options_of_any_size)
{
    npk_doc *doc = records();
    static const uint64_t numbers[] = {1, NPK_PRINT_ZERO, NPK_UNLIMITED, INT64_MAX, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (form form = 0; form < FORMS; form++) {
            uint64_t n = numbers[i], size = 0;
            npk_print_options options = {.width = n, .precision = n, .threshold = n, .edge_items = n, .depth = n};
            cr_expect_eq(print(form, npk_doc_root(doc), &options, npk_sink_count, &size, NULL), NPK_OK);
            cr_expect_gt(size, 0);
        }
    npk_doc_free(doc);
}

Test(print, a_sink_may_fail_at_any_byte)
{
    npk_doc *doc = records();
    for (form form = 0; form < FORMS; form++) {
        kept all = {.most = SIZE_MAX};
        npk_error error;
        cr_assert_eq(print(form, npk_doc_root(doc), NULL, keep, &all, &error), NPK_OK);
        for (size_t most = 0; most < all.size; most++) {
            kept some = {.most = most};
            cr_expect_eq(print(form, npk_doc_root(doc), NULL, keep, &some, &error), NPK_ERR_IO);
            cr_expect_eq(error.status, NPK_ERR_IO);
            cr_expect_eq(error.system, ENOSPC);
            cr_expect_eq(some.calls_after, 1, "the sink is not called again");
            free(some.text);
        }
        kept enough = {.most = all.size};
        cr_expect_eq(print(form, npk_doc_root(doc), NULL, keep, &enough, &error), NPK_OK);
        free(enough.text);
        free(all.text);
    }
    npk_doc_free(doc);
}

Test(print, the_limit_is_exact)
{
    npk_doc *doc = load("](K\001K\002K\003e.", 10);
    for (form form = VALUE; form <= JSON; form++) {
        kept all = {.most = SIZE_MAX};
        npk_error error;
        npk_print_options options = {.most = 9};
        cr_expect_eq(print(form, npk_doc_root(doc), &options, keep, &all, &error), NPK_OK);
        cr_expect_str_eq(all.text, "[1, 2, 3]");
        options.most = 8;
        cr_expect_eq(print(form, npk_doc_root(doc), &options, keep, &all, &error), NPK_ERR_LIMIT);
        cr_expect_eq(error.status, NPK_ERR_LIMIT);
        cr_expect_not_null(strstr(error.message, "expected at most 8 bytes of text"), "%s", error.message);
        free(all.text);
    }
    npk_doc_free(doc);
}

/* Without a limit of the caller's, text is in proportion to what is printed: the lists of 2^60 items that are 60 lists
 * twice end, and 300000 lists come out. */
Test(print, the_default_limit_is_proportional, .timeout = 60)
{
    char bomb[1000], *large = malloc(4000000);
    size_t size = 0;
    cr_assert_not_null(large);
    bomb[size++] = ']';
    for (char i = 0; i < 60; i++) {
        const char level[] = {'q', i, '0', ']', '(', 'h', i, 'h', i, 'e'};
        memcpy(bomb + size, level, sizeof level);
        size += sizeof level;
    }
    bomb[size++] = '.';
    npk_doc *doc = load(bomb, size);
    uint64_t count = 0;
    cr_expect_eq(npk_print_value(npk_doc_root(doc), NULL, npk_sink_count, &count, NULL), NPK_ERR_LIMIT);
    cr_expect_eq(npk_print_json(npk_doc_root(doc), NULL, npk_sink_count, &count, NULL), NPK_ERR_LIMIT);
    cr_expect_leq(count, 32u << 20);
    npk_doc_free(doc);
    size = 0;
    large[size++] = ']';
    large[size++] = '(';
    for (int i = 0; i < 300000; i++) { /* a text of 10 characters that are escaped: 42 bytes and more each */
        static const char item[] = {'U', 10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        memcpy(large + size, item, sizeof item);
        size += sizeof item;
    }
    memcpy(large + size, "e.", 2);
    doc = load(large, size + 2);
    count = 0;
    cr_expect_eq(npk_print_value(npk_doc_root(doc), NULL, npk_sink_count, &count, NULL), NPK_OK);
    cr_expect_eq(count, 300000 * (43 + 2), "b'\\x01...', and a comma or a bracket");
    npk_doc_free(doc);
    free(large);
}

/* Of a U any four bytes may be there: what is not a character is escaped, and JSON, which has none, gets U+FFFD. */
Test(print, numbers_that_are_not_characters)
{
    static const uint32_t text[] = {'a', 0x4f601000, 0x110000, 0xd800};
    const npk_dtype *dtype;
    cr_assert_eq(npk_dtype_new_sized(NPK_STR, sizeof text, '=', NULL, &dtype, NULL), NPK_OK);
    npk_array array = {.dtype = dtype, .data = text};
    kept all = {.most = SIZE_MAX};
    cr_expect_eq(npk_print_array_json(&array, NULL, keep, &all, NULL), NPK_OK);
    cr_expect_str_eq(all.text, "\"a\\ufffd\\ufffd\\ud800\"");
    all.size = 0;
    cr_expect_eq(npk_print_array_csv(&array, NULL, keep, &all, NULL), NPK_OK);
    cr_expect_str_eq(all.text, "a\\U4f601000\\U00110000\\ud800\n");
    free(all.text);
    npk_dtype_free(dtype);
}

/* json.dumps([float(x) for x in np.array([...], ml_dtypes.bfloat16)]) */
Test(print, numbers_of_ml_dtypes_are_numbers)
{
    static const uint16_t numbers[] = {0x3fc0, 0xc000, 0x7fc0, 0x3e80, 0x7f80};
    const int64_t shape[] = {5};
    npk_array array = {.dtype = npk_dtype_native(NPK_BFLOAT16), .data = numbers, .ndim = 1, .shape = shape};
    kept all = {.most = SIZE_MAX};
    npk_print_options options = {.json_nan = NPK_JSON_NAN_PYTHON};
    cr_expect_eq(npk_print_array_json(&array, &options, keep, &all, NULL), NPK_OK);
    cr_expect_str_eq(all.text, "[1.5, -2, NaN, 0.25, Infinity]");
    free(all.text);
}

/* --- what is shared --- */

static void expect_shared(const char *name, const void *pickle, size_t size, npk_print_shared shared, const char *text)
{
    npk_doc *doc = NULL;
    char room[500];
    npk_fixed_buffer out = {room, sizeof room - 1, 0};
    npk_print_options options = {.shared = shared};
    cr_assert_eq(npk_doc_load_memory(pickle, size, NULL, &doc, NULL), NPK_OK, "%s", name);
    cr_expect_eq(npk_print_value(npk_doc_root(doc), &options, npk_sink_fixed, &out, NULL), NPK_OK, "%s", name);
    room[out.used] = '\0';
    cr_expect_str_eq(room, text, "%s", name);
    npk_doc_free(doc);
}

#define SHARED(name, pickle, repeated, referred)                                                                       \
    do {                                                                                                               \
        expect_shared(name, pickle, sizeof(pickle) - 1, NPK_SHARED_REPEAT, repeated);                                  \
        expect_shared(name, pickle, sizeof(pickle) - 1, NPK_SHARED_REFER, referred);                                   \
    } while (0)

Test(print, shared)
{
    SHARED("a list", "]q\0(]q\1K\1ah\1e.", "[[1], [1]]", "[[1], <same as [0]>]");
    SHARED("of a dict", "(}X\1\0\0\0wK\1\x85q\0sh\0t.", "({'w': (1,)}, (1,))", "({'w': (1,)}, <same as [0]['w']>)");
    SHARED("an empty list", "(]q\0h\0t.", "([], [])", "([], [])");
    SHARED("names that are values", "\x80\2(c__builtin__\nEllipsis\nc__builtin__\nNotImplemented\ncm\nEllipsis\nt.",
           "(Ellipsis, NotImplemented, <m.Ellipsis>)", "(Ellipsis, NotImplemented, <m.Ellipsis>)");
    SHARED("an empty object", "(cm\nC\n)\x81q\0h\0t.", "(<m.C object>, <m.C object>)", "(<m.C object>, <same as [0]>)");
    SHARED("a persistent id", "(K\1Qq\0h\0t.", "(<persistent id 1>, <persistent id 1>)",
           "(<persistent id 1>, <same as [0]>)");
    SHARED("a short text", "(X\1\0\0\0aq\0h\0t.", "('a', 'a')", "('a', 'a')");
    SHARED("itself", "]q\0h\0a.", "[[...]]", "[[...]]");
    SHARED("itself, and later again", "(]q\0(h\0K\1eh\0t.", "([[...], 1], [[...], 1])", "([[...], 1], <same as [0]>)");
    SHARED("a key", "(K\1\x85q\0}h\0K\2st.", "((1,), {(1,): 2})", "((1,), {<same as [0]>: 2})");
}

static void expect_json(const char *name, const void *pickle, size_t size, npk_print_shared shared, const char *text)
{
    npk_doc *doc = load(pickle, size);
    char room[500] = "";
    npk_fixed_buffer out = {room, sizeof room - 1, 0};
    npk_print_options options = {.shared = shared};
    npk_status status = npk_print_json(npk_doc_root(doc), &options, npk_sink_fixed, &out, NULL);
    room[out.used] = '\0';
    if (text == NULL)
        cr_expect_eq(status, NPK_ERR_UNSUPPORTED, "%s", name);
    else
        cr_expect(status == NPK_OK && strcmp(room, text) == 0, "%s: %s", name, room);
    npk_doc_free(doc);
}

/* `repeated` NULL: JSON has no way to say it. */
#define SHARED_JSON(name, pickle, repeated, referred)                                                                  \
    do {                                                                                                               \
        expect_json(name, pickle, sizeof(pickle) - 1, NPK_SHARED_REPEAT, repeated);                                    \
        expect_json(name, pickle, sizeof(pickle) - 1, NPK_SHARED_REFER, referred);                                     \
    } while (0)

Test(print, shared_in_json)
{
    SHARED_JSON("a list", "]q\0(]q\1K\1ah\1e.", "[[1], [1]]", "[[1], {\"same_as\": \"[0]\"}]");
    SHARED_JSON("of a dict", "(}X\1\0\0\0wK\1\x85q\0sh\0t.", "[{\"w\": [1]}, [1]]",
                "[{\"w\": [1]}, {\"same_as\": \"[0]['w']\"}]");
    SHARED_JSON("an empty dict", "(}q\0h\0t.", "[{}, {}]", "[{}, {}]");
    SHARED_JSON("an object", "(cm\nC\n)\x81q\0h\0t.", "[{\"class\": \"m.C\"}, {\"class\": \"m.C\"}]",
                "[{\"class\": \"m.C\"}, {\"same_as\": \"[0]\"}]");
    SHARED_JSON("a persistent id", "(K\1Qq\0h\0t.", "[{\"persistent_id\": 1}, {\"persistent_id\": 1}]",
                "[{\"persistent_id\": 1}, {\"same_as\": \"[0]\"}]");
    SHARED_JSON("a short text", "(X\1\0\0\0aq\0h\0t.", "[\"a\", \"a\"]", "[\"a\", \"a\"]");
    SHARED_JSON("itself", "]q\0h\0a.", NULL, "[{\"same_as\": \"\"}]");
    SHARED_JSON("itself inside, and later again", "(]q\0(h\0K\1eh\0t.", NULL,
                "[[{\"same_as\": \"[0]\"}, 1], {\"same_as\": \"[0]\"}]");
    SHARED_JSON("a key", "(K\1\x85q\0}h\0K\2st.", "[[1], {\"(1,)\": 2}]", "[[1], {\"(1,)\": 2}]");
    SHARED_JSON("a call dropped", "(]q\0cm\nf\nh\0\x85R0h\0t.",
                "[{\"value\": [], \"calls\": [{\"call\": \"m.f\", \"args\": [\"...\"]}]}, "
                "{\"value\": [], \"calls\": [{\"call\": \"m.f\", \"args\": [\"...\"]}]}]",
                "[{\"value\": [], \"calls\": [{\"call\": \"m.f\", \"args\": [{\"same_as\": \"[0]\"}]}]}, "
                "{\"same_as\": \"[0]\"}]");
}

static size_t put_long_text(char *pickle, size_t size)
{
    memcpy(pickle, "(T\0\0\0\0", 6);
    pickle[2] = (char)size;
    memset(pickle + 6, 'x', size);
    memcpy(pickle + 6 + size, "q\0h\0t.", 6);
    return size + 12;
}

/* A text of 100 bytes is printed again, a longer one referred to. */
Test(print, shared_texts)
{
    for (size_t size = 100; size <= 101; size++) {
        char pickle[200], text[500];
        size_t length = put_long_text(pickle, size);
        char x[102] = "";
        memset(x, 'x', size);
        snprintf(text, sizeof text, size == 100 ? "(b'%s', b'%s')" : "(b'%s', <same as [0]>)", x, x);
        expect_shared("a long text", pickle, length, NPK_SHARED_REFER, text);
        snprintf(text, sizeof text, size == 100 ? "[\"%s\", \"%s\"]" : "[\"%s\", {\"same_as\": \"[0]\"}]", x, x);
        expect_json("a long text", pickle, length, NPK_SHARED_REFER, text);
    }
}

/* --- depth --- */

static char *text_of(form form, const void *pickle, size_t size, uint64_t depth, npk_status expected)
{
    npk_doc *doc = load(pickle, size);
    kept all = {.most = SIZE_MAX};
    npk_print_options options = {.depth = depth};
    npk_error error = {.status = NPK_OK};
    cr_expect_eq(print(form, npk_doc_root(doc), &options, keep, &all, &error), expected, "%s", error.message);
    if (expected != NPK_OK) {
        free(all.text);
        all.text = strdup(error.message);
    }
    npk_doc_free(doc);
    return all.text;
}

#define EXPECT_TEXT(form, pickle, depth, text)                                                                         \
    do {                                                                                                               \
        char *found = text_of(form, pickle, sizeof(pickle) - 1, depth, NPK_OK);                                        \
        cr_expect_str_eq(found, text);                                                                                 \
        free(found);                                                                                                   \
    } while (0)

Test(print, depth)
{
    static const char nested[] = "](K\001](K\002](K\003ee}(U\001aK\004ue."; /* [1, [2, [3]], {b'a': 4}] */
    EXPECT_TEXT(VALUE, nested, 0, "[1, [2, [3]], {b'a': 4}]");
    EXPECT_TEXT(VALUE, nested, 3, "[1, [2, [3]], {b'a': 4}]");
    EXPECT_TEXT(VALUE, nested, 2, "[1, [2, ...], {b'a': 4}]");
    EXPECT_TEXT(VALUE, nested, 1, "[1, ..., ...]");
    EXPECT_TEXT(VALUE, nested, NPK_PRINT_ZERO, "...");
    EXPECT_TEXT(JSON, nested, 0, "[1, [2, [3]], {\"a\": 4}]");
    EXPECT_TEXT(JSON, nested, 2, "[1, [2, \"...\"], {\"a\": 4}]");
    EXPECT_TEXT(JSON, nested, 1, "[1, \"...\", \"...\"]");
    EXPECT_TEXT(JSON, nested, NPK_PRINT_ZERO, "\"...\"");
    EXPECT_TEXT(VALUE, graph, 1, "{'o': array(..., dtype=object), 1: 18446744073709551616}");
    EXPECT_TEXT(VALUE, graph, 2,
                "{'o': array([[1, 'a'],\n       [None, ...]], dtype=object), 1: 18446744073709551616}");
    EXPECT_TEXT(JSON, graph, 0, "{\"o\": [[1, \"a\"], [null, [2.5]]], \"1\": 18446744073709551616}");
}

Test(print, what_holds_itself)
{
    static const char list[] = "]q\000(K\001h\000e.", inner[] = "](K\001}q\000U\001ah\000se.";
    EXPECT_TEXT(VALUE, list, 0, "[1, [...]]");
    EXPECT_TEXT(JSON, list, 5, "[1, \"...\"]");
    char *message = text_of(JSON, list, sizeof list - 1, 0, NPK_ERR_UNSUPPORTED);
    cr_expect_str_eq(message, "JSON has no way to write a container that holds itself: value");
    free(message);
    message = text_of(JSON, inner, sizeof inner - 1, 0, NPK_ERR_UNSUPPORTED);
    cr_expect_str_eq(message, "JSON has no way to write a container that holds itself: value[1]");
    free(message);
}

Test(print, what_is_not_finite_can_be_refused)
{
    static const char pickle[] = "](K\001G\x7f\xf8\0\0\0\0\0\0e.", whole[] = "](G?\xf8\0\0\0\0\0\0e.";
    npk_doc *doc = load(pickle, sizeof pickle - 1), *good = load(whole, sizeof whole - 1);
    npk_print_options options = {.json_nan = NPK_JSON_NAN_REFUSE};
    uint64_t size = 0;
    npk_error error;
    cr_expect_eq(npk_print_json(npk_doc_root(doc), &options, npk_sink_count, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_not_null(strstr(error.message, "value[1]"), "%s", error.message);
    cr_expect_eq(npk_print_json(npk_doc_root(good), &options, npk_sink_count, &size, &error), NPK_OK);
    double numbers[] = {1, 0};
    numbers[1] = numbers[0] / numbers[1];
    npk_array array = NPK_ARRAY(numbers, 2);
    cr_expect_eq(npk_print_array_json(&array, &options, npk_sink_count, &size, &error), NPK_ERR_UNSUPPORTED);
    npk_doc_free(doc);
    npk_doc_free(good);
}

/* As deep as a document may be, and deeper than what a call of the library would have a stack for. */
Test(print, deep)
{
    enum { DEEP = 3900, DEEPER = 100000 };
    char *pickle = malloc(2 * DEEPER + 2);
    cr_assert_not_null(pickle);
    memset(pickle, ']', DEEPER);
    memset(pickle + DEEPER, 'a', DEEPER - 1);
    pickle[2 * DEEPER - 1] = '.';
    npk_read_options reading = {.limits = {.depth = DEEPER + 1}};
    npk_doc *doc;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(pickle, 2 * DEEPER, &reading, &doc, &error), NPK_OK, "%s", error.message);
    for (form form = VALUE; form <= JSON; form++) {
        uint64_t size = 0;
        npk_print_options options = {.depth = DEEP};
        cr_expect_eq(print(form, npk_doc_root(doc), &options, npk_sink_count, &size, &error), NPK_OK);
        cr_expect_eq(size, 2 * DEEP + (form == VALUE ? 3 : 5));
        cr_expect_eq(print(form, npk_doc_root(doc), NULL, npk_sink_count, &size, &error), NPK_ERR_LIMIT);
    }
    npk_doc_free(doc);
    free(pickle);
}

/* --- allocations that fail --- */

static void fail_each(const npk_value *value, form form)
{
    size_t last = 0;
    for (size_t fail = 1; last == 0; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_print_options options = {.allocator = &allocator};
        npk_error error = {.status = NPK_OK};
        uint64_t size = 0;
        npk_status status = print(form, value, &options, npk_sink_count, &size, &error);
        cr_expect_eq(counter.held, 0);
        cr_expect_not(counter.wrong);
        if (counter.calls < fail) {
            cr_expect_eq(status, NPK_OK, "%s", error.message);
            last = fail;
        } else {
            cr_expect_eq(status, NPK_ERR_MEMORY);
            cr_expect_eq(error.status, NPK_ERR_MEMORY);
        }
    }
    cr_expect_gt(last, 1);
}

Test(print, every_allocation_may_fail)
{
    npk_doc *doc = records(), *other = load(graph, sizeof graph - 1);
    for (form form = 0; form < FORMS; form++)
        fail_each(npk_doc_root(doc), form);
    fail_each(npk_doc_root(other), VALUE);
    fail_each(npk_doc_root(other), JSON);
    npk_doc_free(doc);
    npk_doc_free(other);
}

/* --- CSV --- */

Test(print, csv)
{
    npk_doc *doc = records();
    kept all = {.most = SIZE_MAX};
    cr_expect_eq(npk_print_csv(npk_doc_root(doc), NULL, keep, &all, NULL), NPK_OK);
    cr_expect(strncmp(all.text, "n,s,x\n0,a,0.5\n1,b,1.5\n", 21) == 0, "%s", all.text);
    npk_doc_free(doc);
    free(all.text);
    doc = load("](K\001e.", 6);
    npk_error error;
    cr_expect_eq(npk_print_csv(npk_doc_root(doc), NULL, keep, &all, &error), NPK_ERR_TYPE);
    cr_expect_not_null(strstr(error.message, "list"));
    npk_doc_free(doc);
    double cube[8] = {0};
    npk_array array = NPK_ARRAY(cube, 2, 2, 2);
    cr_expect_eq(npk_print_array_csv(&array, NULL, keep, &all, &error), NPK_ERR_UNSUPPORTED);
}
