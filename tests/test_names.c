/* lib/known/number.c and lib/value/names.c: numbers of any kind, texts and globals of any Python */
#include <npickle.h>

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static npk_doc *load(const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {.status = NPK_OK};
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s: %s", bytes, error.message);
    return doc;
}

static npk_doc *load_text(const char *text)
{
    return load(text, strlen(text));
}

/* float(n) of Python 3.11; 0: OverflowError */
Test(numbers, an_int_of_any_size_is_the_double_next_to_it)
{
    static const struct {
        const char *pickle;
        double expected;
    } rows[] = {
        {"I0\n.", 0},
        {"I-7\n.", -7},
        {"L9007199254740993L\n.", 0x1.0000000000000p+53},
        {"L9007199254740995L\n.", 0x1.0000000000002p+53},
        {"L-9007199254740995L\n.", -0x1.0000000000002p+53},
        {"L9223372036854775807L\n.", 0x1p+63},
        {"L-9223372036854775808L\n.", -0x1p+63},
        {"L18446744073709553664L\n.", 0x1.0000000000000p+64},
        {"L18446744073709553665L\n.", 0x1.0000000000001p+64},
        {"L-18446744073709553665L\n.", -0x1.0000000000001p+64},
        {"L-10000000000000000000001L\n.", -0x1.0f0cf064dd592p+73},
        {"L170141183460469231731687303715884105727L\n.", 0x1p+127},
        {"L-170141183460469231731687303715884105728L\n.", -0x1p+127},
        {"L-170141183460469231731687303715884105729L\n.", -0x1p+127},
        {"L2361183241434822868992L\n.", 0x1.0000000000000p+71},
        {"L2361183241434822868993L\n.", 0x1.0000000000001p+71},
        {"L85968058272638546350644L\n.", 0x1.234567890abcep+76},
        {"L-85968058272638546350644L\n.", -0x1.234567890abcep+76},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].pickle);
        double number = 99;
        cr_assert(npk_value_to_double(npk_doc_root(doc), &number), "%s", rows[i].pickle);
        cr_assert(number == rows[i].expected, "%s: %a", rows[i].pickle, number);
        npk_doc_free(doc);
    }
}

/* The greatest double is 2**1024 - 2**971; from half a step beyond it, 2**1024 - 2**970, float() gives up. */
Test(numbers, an_int_beyond_the_greatest_double_is_none)
{
    /* LONG4 and 129 bytes, the lowest first: first 2**1024 - 2**970 */
    char pickle[5 + 129 + 1] = "\x8b\x81";
    char *digits = pickle + 5;
    double number = 99;
    pickle[sizeof pickle - 1] = '.';
    memset(digits + 122, 0xff, 6);
    digits[121] = (char)0xfc;
    npk_doc *doc = load(pickle, sizeof pickle);
    cr_assert_not(npk_value_to_double(npk_doc_root(doc), &number));
    cr_assert_eq(number, 99);
    npk_doc_free(doc);
    digits[121] = (char)0xfb; /* one less */
    memset(digits, 0xff, 121);
    doc = load(pickle, sizeof pickle);
    cr_assert(npk_value_to_double(npk_doc_root(doc), &number));
    cr_assert_eq(number, 0x1.fffffffffffffp+1023);
    npk_doc_free(doc);
}

/* A NumPy scalar, or an array without dimensions, of an element that is given. */
static npk_doc *element(const char *dtype, const void *data, int ndim, bool scalar)
{
    const int64_t one = 1;
    npk_array array = {.data = data, .ndim = ndim, .shape = &one};
    npk_writer *w;
    npk_doc *doc;
    cr_assert_eq(npk_dtype_parse(dtype, NULL, &array.dtype, NULL), NPK_OK);
    cr_assert_eq(npk_writer_doc(NULL, &w, NULL), NPK_OK);
    if (scalar)
        npk_write_scalar(w, &array);
    else
        npk_write_array(w, &array);
    cr_assert_eq(npk_writer_finish_doc(w, &doc, NULL), NPK_OK);
    npk_dtype_free(array.dtype);
    return doc;
}

Test(numbers, numpys_are_numbers_too)
{
    static const struct {
        const char *dtype;
        const char *data;
        bool is_double, is_int;
        double expected;
        int64_t whole;
    } rows[] = {
        {"?", "\1", true, true, 1, 1},
        {"i1", "\xfe", true, true, -2, -2},
        {"<i2", "\xfe\xff", true, true, -2, -2},
        {">i2", "\xff\xfe", true, true, -2, -2},
        {"<u8", "\xff\xff\xff\xff\xff\xff\xff\xff", true, false, 0x1p64, 0},
        {"<u8", "\xff\xff\xff\xff\xff\xff\xff\x7f", true, true, 0x1p63, INT64_MAX},
        {"<f4", "\0\0\x40\x40", true, true, 3, 3},
        {"<f4", "\0\0\x60\x40", true, false, 3.5, 0},
        {"<f2", "\0\x42", true, true, 3, 3},
        {"<f8", "\0\0\0\0\0\0\xe0\x43", true, false, 0x1p63, 0},
        {"<f8", "\0\0\0\0\0\0\xe0\xc3", true, true, -0x1p63, INT64_MIN},
        {"<f8", "\0\0\0\0\0\0\xf0\x7f", true, false, INFINITY, 0},
        {"<f16", "\0\0\0\0\0\0\0\xc0\0\x40\0\0\0\0\0", true, false, 3, 0},
        {"<c8", "\0\0\x40\x40\0\0\0", false, false, 0, 0},
        {"<m8[s]", "\1\0\0\0\0\0\0", false, false, 0, 0},
        {"<M8[s]", "\1\0\0\0\0\0\0", false, false, 0, 0},
        {"S3", "123", false, false, 0, 0},
        {"<U1", "1\0\0", false, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int scalar = 0; scalar < 2; scalar++) {
            npk_doc *doc = element(rows[i].dtype, rows[i].data, 0, scalar == 1);
            double number = 99;
            int64_t whole = 99;
            cr_assert_eq(npk_value_to_double(npk_doc_root(doc), &number), rows[i].is_double, "%s", rows[i].dtype);
            cr_assert_eq(npk_value_to_int64(npk_doc_root(doc), &whole), rows[i].is_int, "%s", rows[i].dtype);
            cr_assert_eq(number, rows[i].is_double ? rows[i].expected : 99, "%s", rows[i].dtype);
            cr_assert_eq(whole, rows[i].is_int ? rows[i].whole : 99, "%s", rows[i].dtype);
            npk_doc_free(doc);
        }
    npk_doc *doc = element("i1", "\1", 1, false); /* one element, one dimension */
    double number;
    cr_assert_not(npk_value_to_double(npk_doc_root(doc), &number));
    npk_doc_free(doc);
}

Test(numbers, pythons_floats_bools_and_the_rest)
{
    static const struct {
        const char *pickle;
        bool is_double, is_int;
        double expected;
        int64_t whole;
    } rows[] = {
        {"F3.0\n.", true, true, 3, 3},    {"F-0.0\n.", true, true, 0, 0},
        {"F3.5\n.", true, false, 3.5, 0}, {"F1e300\n.", true, false, 1e300, 0},
        {"Fnan\n.", true, false, NAN, 0}, {"I01\n.", true, true, 1, 1},
        {"I00\n.", true, true, 0, 0},     {"L9223372036854775808L\n.", true, false, 0x1p63, 0},
        {"N.", false, false, 0, 0},       {"S'7'\n.", false, false, 0, 0},
        {"(l.", false, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].pickle);
        double number = 99;
        int64_t whole = 99;
        cr_assert_eq(npk_value_to_double(npk_doc_root(doc), &number), rows[i].is_double, "%s", rows[i].pickle);
        cr_assert_eq(npk_value_to_int64(npk_doc_root(doc), &whole), rows[i].is_int, "%s", rows[i].pickle);
        if (rows[i].is_double)
            cr_assert(number == rows[i].expected || (isnan(number) && isnan(rows[i].expected)), "%s", rows[i].pickle);
        cr_assert_eq(whole, rows[i].is_int ? rows[i].whole : 99, "%s", rows[i].pickle);
        npk_doc_free(doc);
    }
}

Test(names, null_is_nothing)
{
    double number;
    int64_t whole;
    size_t size;
    npk_doc *doc = load_text("I1\n.");
    cr_assert_not(npk_value_to_double(NULL, &number));
    cr_assert_not(npk_value_to_double(npk_doc_root(doc), NULL));
    cr_assert_not(npk_value_to_int64(NULL, &whole));
    cr_assert_not(npk_value_to_int64(npk_doc_root(doc), NULL));
    cr_assert_null(npk_value_text(NULL, &size));
    cr_assert_not(npk_value_is_text(NULL, "a"));
    cr_assert_not(npk_value_is_text(npk_doc_root(doc), NULL));
    cr_assert_not(npk_value_is_global(NULL, "a", "b"));
    cr_assert_not(npk_value_is_global(npk_doc_root(doc), NULL, "b"));
    cr_assert_not(npk_value_is_global(npk_doc_root(doc), "a", NULL));
    npk_doc_free(doc);
}

Test(names, text_of_either_python)
{
    static const struct {
        const char *pickle;
        const char *text; /* NULL: not text */
    } rows[] = {
        {"S'abc'\n.", "abc"},
        {"Vabc\n.", "abc"},
        {"V\\u00e9\n.", "\xc3\xa9"},
        {"S'\\xc3\\xa9'\n.", "\xc3\xa9"}, /* UTF-8 of a program of Python 2 */
        {"S'\\xe9'\n.", NULL},            /* latin-1 of another */
        {"S''\n.", ""},
        {"C\3abc.", NULL}, /* bytes */
        {"I7\n.", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].pickle);
        size_t size = 99;
        const char *text = npk_value_text(npk_doc_root(doc), &size);
        cr_assert_eq(text != NULL, rows[i].text != NULL, "%s", rows[i].pickle);
        cr_assert_eq(size, text != NULL ? strlen(rows[i].text) : 99);
        cr_assert(text == NULL || memcmp(text, rows[i].text, size) == 0, "%s", rows[i].pickle);
        cr_assert_eq(npk_value_is_text(npk_doc_root(doc), rows[i].text != NULL ? rows[i].text : "abc"), text != NULL);
        cr_assert_not(npk_value_is_text(npk_doc_root(doc), "abcd"));
        npk_doc_free(doc);
    }
}

/* Lib/_compat_pickle.py of CPython; numpy/core/__init__.py of NumPy 2 */
Test(names, a_global_by_the_names_of_any_python_or_numpy)
{
    static const struct {
        const char *pickle, *module, *name;
        bool same;
    } rows[] = {
        {"ccollections\nOrderedDict\n.", "collections", "OrderedDict", true},
        {"ccollections\nOrderedDict\n.", "collections", "Ordered", false},
        {"ccollections\nOrderedDict\n.", "collection", "OrderedDict", false},
        {"c__builtin__\nset\n.", "builtins", "set", true},
        {"cbuiltins\nset\n.", "__builtin__", "set", true},
        {"c__builtin__\nset\n.", "__builtin__", "set", true},
        {"c__builtin__\nset\n.", "builtins", "frozenset", false},
        {"c__builtin__\nxrange\n.", "builtins", "range", true},
        {"ccopy_reg\n_reconstructor\n.", "copyreg", "_reconstructor", true},
        {"cnumpy.core.multiarray\n_reconstruct\n.", "numpy._core.multiarray", "_reconstruct", true},
        {"cnumpy._core.multiarray\n_reconstruct\n.", "numpy.core.multiarray", "_reconstruct", true},
        {"cnumpy._core.multiarray\nscalar\n.", "numpy.core.multiarray", "_reconstruct", false},
        {"cnumpy.random._pickle\n__randomstate_ctor\n.", "numpy.random._pickle", "__randomstate_ctor", true},
        {"cmine\nThing\n.", "mine", "Thing", true},
        {"N.", "mine", "Thing", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].pickle);
        cr_assert_eq(npk_value_is_global(npk_doc_root(doc), rows[i].module, rows[i].name), rows[i].same, "%s is %s.%s",
                     rows[i].pickle, rows[i].module, rows[i].name);
        npk_doc_free(doc);
    }
}

/* Names out of the memo, again and again: each global has its own two, and the list has each once. */
Test(names, long_names_out_of_the_memo)
{
    enum { LONG = 300, TIMES = 50 };
    static uint8_t bytes[4096];
    uint8_t *at = bytes;
    npk_error error;
    npk_doc *doc = NULL;
    memcpy(at, "\x80\4](", 4);
    at += 4;
    for (int i = 0; i < 2; i++) { /* X 300 "aaa" MEMOIZE POP, X 300 "bbb" MEMOIZE POP */
        memcpy(at, "X\x2c\1\0\0", 5);
        memset(at + 5, 'a' + i, LONG);
        memcpy(at + 5 + LONG, "\x94\x30", 2);
        at += 5 + LONG + 2;
    }
    for (int i = 0; i < TIMES; i++) { /* aaa.bbb, bbb.aaa, aaa.aaa, and aaa.b by a name that is not in the memo */
        static const char four[] = "h\0h\1\x93"
                                   "h\1h\0\x93"
                                   "h\0h\0\x93"
                                   "h\0\x8c\1b\x93";
        memcpy(at, four, sizeof four - 1);
        at += sizeof four - 1;
    }
    memcpy(at, "e.", 2);
    cr_assert_eq(npk_doc_load_memory(bytes, (size_t)(at + 2 - bytes), NULL, &doc, &error), NPK_OK, "%s", error.message);
    const npk_value *root = npk_doc_root(doc);
    cr_assert_eq(npk_value_size(root), 4 * TIMES);
    for (size_t i = 0; i < 4 * TIMES; i++) {
        const char *module, *name;
        size_t module_size, name_size;
        cr_assert(npk_value_as_global(npk_value_item(root, i), &module, &module_size, &name, &name_size));
        cr_expect_eq(module_size, LONG);
        cr_expect_eq(name_size, i % 4 == 3 ? 1 : LONG);
        cr_expect_eq(module[0], i % 4 == 1 ? 'b' : 'a', "%zu", i);
        cr_expect_eq(name[name_size - 1], i % 4 == 0 || i % 4 == 3 ? 'b' : 'a', "%zu", i);
    }
    cr_expect_not_null(npk_doc_global(doc, 3));
    cr_expect_null(npk_doc_global(doc, 4));
    npk_doc_free(doc);
}

/* --- names of fields, as long as those may be --- */

#define LONGEST ((size_t)65536) /* npk_limits.text */

/* A character of a name as it stands in the pickle, and as it is in UTF-8. */
typedef struct spelled {
    const char *head, *character, *tail, *utf8;
} spelled;

static size_t put(char *out, const char *bytes, size_t size)
{
    memcpy(out, bytes, size);
    return size;
}

static size_t put_text(char *out, const char *text)
{
    return put(out, text, strlen(text));
}

static size_t put_name(char *out, const spelled *how, size_t characters)
{
    size_t size = put_text(out, how->head);
    if (how->head[0] == 'X')
        for (size_t i = 0; i < 4; i++)
            out[size++] = (char)(characters * strlen(how->character) >> 8 * i);
    for (size_t i = 0; i < characters; i++)
        size += put_text(out + size, how->character);
    return size + put_text(out + size, how->tail);
}

#define STATE(text) put(out + size, text, sizeof text - 1)

/* numpy.array([(7,)], [(name, 'u1')]); the name is spelled twice, so that none is the other. */
static size_t put_array(char *out, const spelled *how, size_t characters)
{
    size_t size = 0;
    size += STATE("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\1btR(I1\n(I1\nt");
    size += STATE("cnumpy\ndtype\n(U\2V1I0\nI1\ntR(I3\nU\1|N(");
    size += put_name(out + size, how, characters);
    size += STATE("t}");
    size += put_name(out + size, how, characters);
    size += STATE("(cnumpy\ndtype\n(U\2u1I0\nI1\ntR(I3\nU\1|NNNI-1\nI-1\nI0\ntbI0\ntsI1\nI1\nI0\ntbI00\nU\1\7tb.");
    return size;
}

static void expect_field(const npk_doc *doc, const spelled *how, size_t characters)
{
    npk_array array;
    const size_t unit = strlen(how->utf8);
    const npk_field *fields;
    npk_view view;
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
    cr_assert_eq(npk_dtype_fields(array.dtype, &fields), 1);
    cr_assert_eq(fields->name_size, characters * unit);
    for (size_t i = 0; i < characters; i++)
        cr_assert_eq(memcmp(fields->name + i * unit, how->utf8, unit), 0);
    cr_assert_eq(npk_view_field(&array, fields->name, &view, NULL), NPK_OK);
    cr_assert_eq(*(const uint8_t *)view.array.data, 7);
}

static void expect_written(const npk_doc *doc, const spelled *how, size_t characters)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        npk_doc *again = NULL;
        uint64_t differences = 1;
        uint8_t *bytes;
        size_t size;
        cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, NULL), NPK_OK);
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
        expect_field(again, how, characters);
        cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_assert_eq(differences, 0);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(names, of_fields_up_to_their_limit)
{
    static const spelled ways[] = {
        {"X", "a", "", "a"},
        {"X", "\xc4\x81", "", "\xc4\x81"},
        {"V", "\\u0101", "\n", "\xc4\x81"},
        {"S'", "\\xc4\\x81", "'\n", "\xc4\x81"}, /* UTF-8 in a str of Python 2 */
    };
    static const size_t sizes[] = {4094, 4096, 4098, LONGEST, LONGEST + 2};
    static char pickle[2 * (LONGEST + 2) * 4 + 1000];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            const size_t characters = sizes[j] / strlen(ways[i].utf8);
            npk_doc *doc = NULL;
            npk_error error = {.message = ""};
            const size_t size = put_array(pickle, &ways[i], characters);
            npk_status status = npk_doc_load_memory(pickle, size, NULL, &doc, &error);
            cr_assert_eq(status, sizes[j] > LONGEST ? NPK_ERR_LIMIT : NPK_OK, "%zu, %zu: %s", i, j, error.message);
            if (status == NPK_OK) {
                expect_field(doc, &ways[i], characters);
                expect_written(doc, &ways[i], characters);
            }
            npk_doc_free(doc);
        }
}
