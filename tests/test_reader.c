/* Reading: odd and hostile bytes from every kind of input, the goldens read back, sharing, streams of several pickles. */
#include "drip.h"
#include "golden.h"

#include <npickle.h>

#define AT_ONCE 0

/* One pickle and nothing after it, from memory or in small steps. */
static npk_status read_in_steps(golden_bytes bytes, size_t step, npk_doc **doc, npk_error *error)
{
    if (step == AT_ONCE)
        return npk_doc_load_memory(bytes.bytes, bytes.size, NULL, doc, error);
    drip d = {bytes.bytes, bytes.bytes + bytes.size, step};
    npk_reader *reader = NULL;
    npk_doc *second = NULL;
    npk_status status = npk_reader_callback(read_drip, &d, NULL, &reader, error);
    if (status == NPK_OK)
        status = npk_reader_next(reader, doc, error);
    if (status == NPK_OK && *doc == NULL) {
        status = NPK_ERR_TRUNCATED; /* as npk_doc_load says it of an empty input */
        error->offset = 0;
    } else if (status == NPK_OK) {
        status = npk_reader_next(reader, &second, error);
        if (status != NPK_OK || second != NULL) {
            status = NPK_ERR_TRAILING;
            npk_doc_free(second);
            npk_doc_free(*doc);
        }
    }
    npk_reader_close(reader);
    return status;
}

static bool walk_all(const npk_value *root, size_t *values)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_status status = npk_walk_start(root, NULL, &walk, NULL);
    *values = 0;
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, NULL)) == NPK_OK && value != NULL) {
        cr_expect(npk_walk_path(walk) != NULL);
        ++*values;
    }
    npk_walk_free(walk);
    return status == NPK_OK;
}

/* Whether `name` is one of the words in "THIS|OR|THAT". */
static bool is_one_of(const char *words, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = words; at != NULL; at = strchr(at, '|'), at += at != NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    return false;
}

static void check_row(const char *name, const char *expected, const char *offset, golden_bytes bytes, size_t step)
{
    npk_doc *doc = NULL;
    npk_error error = {.offset = NPK_NO_OFFSET};
    npk_status status = read_in_steps(bytes, step, &doc, &error);
    bool good = is_one_of(expected, npk_status_name(status));
    cr_expect(good, "%s in steps of %zu: %s, expected %s (%s)", name, step, npk_status_name(status), expected,
              status == NPK_OK ? "" : error.message);
    if (good && status != NPK_OK && offset[0] != '-' && status != NPK_ERR_TRAILING)
        cr_expect(error.offset == strtoull(offset, NULL, 10), "%s in steps of %zu: at byte %llu, expected %s (%s)", name,
                  step, (unsigned long long)error.offset, offset, error.message);
    if (status == NPK_OK) {
        size_t values;
        cr_expect(walk_all(npk_doc_root(doc), &values) && values > 0);
        npk_doc_free(doc);
    }
}

Test(reader, hostile)
{
    golden g;
    int rows = 0;
    golden_open(&g, "hostile.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        const char *name = golden_word(&line), *status = golden_word(&line), *offset = golden_word(&line);
        golden_bytes bytes = golden_unquote(golden_word(&line));
        check_row(name, status, offset, bytes, AT_ONCE);
        check_row(name, status, offset, bytes, 1);
        check_row(name, status, offset, bytes, 7);
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(rows >= 715, "%d rows", rows);
}

/* Padding after a pickle, as files and records have it, is no part of it. pickle.load() of Python reads the pickles of
 * each of these and leaves what stands between to be read by others. */
typedef struct padded {
    const char *bytes;
    size_t size;
    int pickles;
    uint64_t padding; /* all in all */
    uint64_t first;   /* after the first */
    uint64_t wrong;   /* offset of what is an error, or 0 */
} padded;

static const padded paddings[] = {
    {"K\1.", 3, 1, 0, 0, 0},
    {"K\1.\n", 4, 1, 1, 1, 0},
    {"K\1.\r\n", 5, 1, 2, 2, 0},
    {"K\1. \t\n\0\0", 8, 1, 5, 5, 0},
    {"K\1.\nK\2.\n\n", 9, 2, 3, 1, 0},
    {"K\1.\0\0K\2.", 8, 2, 2, 2, 0},
    {"K\1.\n\x99", 5, 1, 0, 0, 3},
    {"K\1.\nK", 5, 1, 0, 1, 4},
};

static void check_padding(const padded *row, npk_reader *reader, uint64_t first)
{
    npk_error error;
    npk_doc *doc = NULL;
    npk_doc_info info = {.offset = 0};
    npk_status status;
    int pickles = 0;
    while ((status = npk_reader_next(reader, &doc, &error)) == NPK_OK && doc != NULL) {
        npk_doc_info_of(doc, &info);
        if (pickles++ == 0)
            cr_expect_eq(info.padding, first);
        cr_expect_eq(npk_reader_offset(reader), info.offset + info.size, "padding is passed over by the next call");
        npk_doc_free(doc);
    }
    cr_expect_eq(pickles, row->pickles);
    cr_expect_eq(status == NPK_OK, row->wrong == 0);
    if (status != NPK_OK)
        cr_expect_eq(error.offset, row->wrong);
    else
        cr_expect_eq(npk_reader_padding(reader), row->padding);
    npk_reader_close(reader);
}

Test(reader, padding)
{
    for (size_t i = 0; i < sizeof paddings / sizeof *paddings; i++) {
        const padded *row = &paddings[i];
        npk_reader *reader;
        drip d = {(const uint8_t *)row->bytes, (const uint8_t *)row->bytes + row->size, 1};
        cr_assert_eq(npk_reader_memory(row->bytes, row->size, NULL, &reader, NULL), NPK_OK);
        check_padding(row, reader, row->first);
        cr_assert_eq(npk_reader_callback(read_drip, &d, NULL, &reader, NULL), NPK_OK);
        check_padding(row, reader, 0);
        npk_doc *doc = NULL;
        npk_error error;
        npk_status status = npk_doc_load_memory(row->bytes, row->size, NULL, &doc, &error);
        cr_expect_eq(status, row->pickles == 1 && row->wrong == 0 ? NPK_OK : NPK_ERR_TRAILING);
        npk_doc_info info;
        if (status != NPK_OK)
            cr_expect_eq(error.offset, 3);
        else
            cr_expect(npk_doc_info_of(doc, &info) && info.padding == row->padding && info.size == 3);
        npk_doc_free(doc);
    }
}

/* The first bytes of other formats, and what the message calls them. */
Test(reader, names_other_formats)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
    } rows[] = {
        {"PK\3\4\24\0\0\0\10\0\0\0!\0aaaabbbbcccc\20\0\0\0archive/data.pkl\200\2", 48, "PyTorch"},
        {"PK\3\4\24\0\0\0\10\0\0\0!\0aaaabbbbcccc\11\0\0\0arr_0.npy\223NUMPY", 45, ".npz"},
        {"PK\3\4\24\0\0\0\10\0", 10, "zip archive"},
        {"\3\363\r\n\0\0\0\0", 8, "compiled Python"},
        {"\247\r\r\n\0\0\0\0", 8, "compiled Python"},
        {"]\0\0\20\0\377", 6, "lzma"},
        {"\0\0\0\0\0", 5, "zeros"},
        {"\357\273\277I1\n.", 7, "byte order mark"},
        {"gASVBAAAAAAAAABLAS4=", 20, "base64"},
        {"FS21abcd", 8, "ZODB"},
        {"\377\6\0\0sNaPpY", 10, "snappy"},
        {"\357\277\275\3K\1.", 7, "decoded as UTF-8"},
        {"SQLite format 3\0", 16, "SQLite"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 0; step < 2; step++) {
            npk_doc *doc = NULL;
            npk_error error = {.message = ""};
            golden_bytes bytes = {(uint8_t *)(uintptr_t)rows[i].bytes, rows[i].size};
            cr_expect_eq(read_in_steps(bytes, step, &doc, &error), NPK_ERR_NOT_A_PICKLE, "%s", rows[i].name);
            cr_expect(strstr(error.message, rows[i].name) != NULL, "%s: %s", rows[i].name, error.message);
        }
}

/* Read to the end, at once and by one and by two bytes, and kept where a rule refuses it: the last error. A stream is told by
 * what has come of it, so that it may say less. */
static void expect_named(const char *bytes, size_t size, const char *named)
{
    for (size_t i = 0; i < 6; i++) {
        const npk_read_options options = {.malformed = i < 3 ? NPK_MALFORMED_REFUSE : NPK_MALFORMED_KEEP};
        const size_t step = i % 3;
        npk_reader *reader;
        npk_doc *doc = NULL;
        npk_error error = {.message = ""};
        drip d = {(const uint8_t *)bytes, (const uint8_t *)bytes + size, step};
        cr_assert_eq(step == 0 ? npk_reader_memory(bytes, size, &options, &reader, NULL)
                               : npk_reader_callback(read_drip, &d, &options, &reader, NULL),
                     NPK_OK);
        while (npk_reader_next(reader, &doc, &error) == NPK_OK && doc != NULL)
            npk_doc_free(doc);
        npk_reader_close(reader);
        const bool told = strcmp(error.message, "expected a pickle, found text") == 0 ||
                          strcmp(error.message, "bytes that are not a pickle follow the last one") == 0;
        if (named == NULL)
            cr_expect_not(told, "%s: %s", bytes, error.message);
        else if (step == 0)
            cr_expect_str_eq(error.message, named, "%s", bytes);
    }
}

Test(reader, names_text)
{
    static const char *const texts[] = {
        "hello world\n",
        "a,b,c\n1,2,3\n",
        "import os\nprint(1)\n",
        "I am text\n",
        "The end.\n",
        "[section]\nx = 1\n",
        "[1, 2, 3]\n",
        "(1, 2, 3)\n",
        "# a comment\n",
        "Subject: none\n\n",
        "\303\244\303\266 \342\202\254 and more\n",
        "-----BEGIN X-----\n",
        "---\nkey: 1\n",
        "hello\n",
        "@relation x\n",
        "/* C */\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_named(texts[i], strlen(texts[i]), "expected a pickle, found text");
    expect_named("hello\0world", 11, NULL);
    expect_named("hello \377 world", 13, NULL);
}

Test(reader, names_text_behind_a_pickle)
{
    static const char behind[] = "bytes that are not a pickle follow the last one";
    expect_named("\200\4K\1.junk", 9, behind);
    expect_named("\200\4K\1.hello, this is text\n", 25, behind);
    expect_named("I1\n.\nhello\n", 11, behind);
    expect_named("\200\2]q\0.\200\2h\0.", 11, NULL); /* of an earlier pickle */
    expect_named("\200\4K\1.\200\4K", 8, NULL);
    expect_named("I1\n.I2", 6, NULL); /* cut */
}

/* A pickle of protocol 0 is text too. Cut, or with another byte behind its first lines, it is not called so. */
Test(reader, names_no_pickle_text)
{
    static const char whole[] =
        "(dp0\nVname\np1\n(lp2\nI1\naF2.5\naS'text'\np3\nasVcls\np4\nccollections\nOrderedDict\np5\ns.";
    char bytes[sizeof whole];
    for (size_t size = 1; size < sizeof whole - 1; size++)
        expect_named(whole, size, NULL);
    for (size_t at = 16; at < sizeof whole - 1; at++)
        for (int to = ' '; to < 0x7f; to++) {
            memcpy(bytes, whole, sizeof whole);
            bytes[at] = (char)to;
            npk_doc *doc = NULL;
            npk_error error = {.message = ""};
            if (npk_doc_load_memory(bytes, sizeof whole - 1, NULL, &doc, &error) != NPK_OK)
                cr_expect_str_neq(error.message, "expected a pickle, found text", "%s", bytes);
            npk_doc_free(doc);
        }
}

/* Python 3 takes a str of Python 2 for text where it is ASCII, also as a name: pickle.loads() gives OrderedDict. */
Test(reader, names_of_python2)
{
    static const char good[] = "\200\4U\13collectionsU\13OrderedDict\223.";
    static const char bad[] = "\200\4U\13collectionsU\1\377\223.";
    npk_doc *doc = NULL;
    uint8_t *again;
    size_t size;
    cr_assert_eq(npk_doc_load_memory(good, sizeof good - 1, NULL, &doc, NULL), NPK_OK);
    cr_expect(npk_value_is_global(npk_doc_root(doc), "collections", "OrderedDict"));
    const npk_write_options as_it_was = {.protocol_given = true, .protocol = 4};
    cr_assert_eq(npk_doc_save_memory(doc, &as_it_was, &again, &size, NULL), NPK_OK);
    cr_assert_eq(size, sizeof good - 1 + 9, "a frame, and the same");
    cr_expect_arr_eq(again + 11, good + 2, size - 11);
    npk_bytes_free(NULL, again, size);
    const npk_write_options text = {
        .protocol_given = true, .protocol = 4, .python2_str = NPK_PYTHON2_STR_REFUSE};
    cr_assert_eq(npk_doc_save_memory(doc, &text, &again, &size, NULL), NPK_OK, "a name is text");
    cr_expect_arr_eq(again + 11, "\214\13collections\214\13OrderedDict\223.", size - 11);
    npk_bytes_free(NULL, again, size);
    npk_doc_free(doc);
    cr_expect_eq(npk_doc_load_memory(bad, sizeof bad - 1, NULL, &doc, NULL), NPK_ERR_TYPE);
}

/* Every prefix of a good pickle is too short, and says so at its end or at the opcode it cuts. */
Test(reader, truncation)
{
    char *text = golden_read("good-numpy-1.24-f8.pkl");
    size_t size = 231;
    for (size_t cut = 0; cut < size; cut++) {
        npk_doc *doc = NULL;
        npk_error error;
        npk_status status = npk_doc_load_memory(text, cut, NULL, &doc, &error);
        cr_expect(status == NPK_ERR_TRUNCATED, "%zu bytes: %s", cut, npk_status_name(status));
        cr_expect(error.offset <= cut);
        if (status == NPK_OK)
            npk_doc_free(doc);
    }
    free(text);
}

/* --- the goldens, read back --- */

/* dtype, shape and every element of the pickle's array are those of the case. */
static bool same_array(golden_bytes pickle, const npk_array *expected)
{
    npk_doc *doc = NULL;
    npk_array array;
    npk_error error;
    static uint8_t ours[1 << 16], theirs[1 << 16];
    if (npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error) != NPK_OK)
        return false;
    bool same =
        npk_array_of(npk_doc_root(doc), &array, &error) == NPK_OK && npk_dtype_equal(array.dtype, expected->dtype) &&
        array.ndim == expected->ndim &&
        (array.ndim == 0 || memcmp(array.shape, expected->shape, (size_t)array.ndim * sizeof *array.shape) == 0) &&
        npk_array_copy(&array, 'C', ours, sizeof ours, &error) == NPK_OK &&
        npk_array_copy(expected, 'C', theirs, sizeof theirs, &error) == NPK_OK &&
        memcmp(ours, theirs, (size_t)npk_array_nbytes(expected)) == 0;
    npk_doc_free(doc);
    return same;
}

static void read_plain_arrays(const char *file, int at_least)
{
    golden g;
    int same = 0, protocol;
    int64_t lengths[NPK_MAXDIMS], steps[NPK_MAXDIMS];
    golden_open(&g, file);
    while (golden_case(&g)) {
        const npk_dtype *dtype = NULL;
        char *words = g.words;
        cr_assert(npk_dtype_parse(golden_word(&words), NULL, &dtype, NULL) == NPK_OK);
        npk_array array = {.dtype = dtype, .shape = lengths, .strides = steps};
        array.ndim = golden_numbers(golden_word(&words), lengths);
        golden_numbers(golden_word(&words), steps);
        long offset = strtol(golden_word(&words), NULL, 10);
        golden_word(&words);
        golden_bytes memory = golden_unquote(golden_word(&words)), pickle;
        array.data = memory.bytes + offset;
        while (golden_pickle(&g, &protocol, &pickle)) {
            bool good = same_array(pickle, &array);
            same += good;
            cr_expect(good, "%s %s at protocol %d", file, g.name, protocol);
        }
        free(memory.bytes);
        npk_dtype_free(dtype);
    }
    golden_close(&g);
    cr_expect(same >= at_least, "%s: %d", file, same);
}

Test(reader, arrays_of_numpy1)
{
    read_plain_arrays("plain-numpy1.golden", 3246);
}

Test(reader, arrays_of_numpy2)
{
    read_plain_arrays("plain-numpy2.golden", 3246);
}

Test(reader, arrays_of_python2)
{
    read_plain_arrays("plain-python2.golden", 1623);
}

/* --- the graph --- */

static const npk_value *load(npk_doc **doc, const char *bytes, size_t size)
{
    npk_error error;
    cr_assert(npk_doc_load_memory(bytes, size, NULL, doc, &error) == NPK_OK, "%s", error.message);
    return npk_doc_root(*doc);
}

#define LOAD(doc, text) load(&(doc), (text), sizeof(text) - 1)

/* [1, a, {'k': b}, a, 'x'] */
Test(reader, arrays_of_a_graph)
{
    static const int16_t a[] = {1, 2, 3};
    static const double b[] = {0.5};
    const npk_array first = NPK_ARRAY(a, 3), second = NPK_ARRAY(b, 1);
    npk_writer *writer;
    npk_walk *walk;
    npk_doc *doc;
    npk_array found;
    const npk_value *value;
    uint8_t *bytes;
    size_t size;
    cr_assert_eq(npk_writer_memory(NULL, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    npk_write_int(writer, 1);
    npk_write_array(writer, &first);
    int64_t reference = npk_writer_last(writer);
    npk_write_begin_dict(writer, 1);
    npk_write_str(writer, "k");
    npk_write_array(writer, &second);
    npk_write_end(writer);
    npk_write_again(writer, reference);
    npk_write_str(writer, "x");
    npk_write_end(writer);
    cr_assert_eq(npk_writer_finish_memory(writer, &bytes, &size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    cr_assert_eq(npk_walk_next_array(walk, &value, &found, NULL), NPK_OK);
    cr_assert_eq(value, npk_value_item(npk_doc_root(doc), 1));
    cr_assert_str_eq(npk_walk_path(walk), "[1]");
    cr_assert_eq(found.shape[0], 3);
    cr_assert_eq(npk_walk_next_array(walk, &value, &found, NULL), NPK_OK);
    cr_assert_str_eq(npk_walk_path(walk), "[2]['k']");
    cr_assert_eq(npk_dtype_type(found.dtype), NPK_FLOAT64);
    cr_assert_eq(npk_walk_next_array(walk, &value, &found, NULL), NPK_OK);
    cr_assert_null(value);
    cr_assert_eq(npk_walk_next_array(walk, &value, &found, NULL), NPK_OK);
    cr_assert_null(value);
    cr_assert_eq(npk_walk_next_array(NULL, &value, &found, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_walk_next_array(walk, NULL, &found, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_walk_next_array(walk, &value, NULL, NULL), NPK_ERR_USAGE);
    npk_walk_free(walk);
    npk_doc_free(doc);
    npk_bytes_free(NULL, bytes, size);
}

Test(reader, sharing_and_cycles)
{
    npk_doc *doc;
    const npk_value *list = LOAD(doc, "]q\0(]q\1h\1h\0e."); /* a = []; [a, a, itself] */
    cr_assert_eq(npk_value_size(list), 3);
    cr_assert_eq(npk_value_item(list, 0), npk_value_item(list, 1));
    cr_assert_eq(npk_value_item(list, 2), list);
    size_t values;
    cr_assert(walk_all(list, &values));
    cr_assert_eq(values, 2);
    npk_doc_free(doc);
}

/* Numbers that nobody counted up to come back, also after the count has come near some of them. */
Test(reader, memo_numbers_far_ahead)
{
    enum { FAR = 500, COUNT = 64, COUNTED = 300 };
    uint8_t bytes[COUNT * 14 + COUNTED * 4 + 8] = {0x80, 4, ']'};
    size_t size = 3;
    for (uint8_t i = 0; i < COUNT; i++) /* BININT1, LONG_BINPUT, APPEND */
        size += (size_t)snprintf((char *)bytes + size, 9, "K%cr%c%c%c%ca", i, (FAR + i) & 0xff, (FAR + i) >> 8, 0, 0);
    for (size_t i = 0; i < COUNTED; i++, size += 4) /* BININT1, MEMOIZE, APPEND */
        memcpy(bytes + size, "Kd\x94" "a", 4);
    for (uint8_t i = 0; i < COUNT; i++) /* LONG_BINGET, APPEND */
        size += (size_t)snprintf((char *)bytes + size, 7, "j%c%c%c%ca", (FAR + i) & 0xff, (FAR + i) >> 8, 0, 0);
    bytes[size++] = '.';
    npk_doc *doc;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    for (size_t i = 0; i < COUNT; i++) {
        int64_t number = -1;
        const npk_value *item = npk_value_item(npk_doc_root(doc), COUNT + COUNTED + i);
        cr_expect(npk_value_as_int64(item, &number) && number == (int64_t)i, "%zu", i);
    }
    npk_doc_free(doc);
}

Test(reader, unknown_classes_stay_names)
{
    npk_doc *doc;
    const npk_value *value = LOAD(doc, "\x80\x02" "cos\nsystem\nX\2\0\0\0ls\x85R}X\1\0\0\0aK\1sb.");
    npk_object object;
    const char *module, *name;
    size_t module_size, name_size;
    cr_assert(npk_value_as_object(value, &object));
    cr_assert(npk_value_as_global(object.callable, &module, &module_size, &name, &name_size));
    cr_assert(module_size == 2 && memcmp(module, "os", 2) == 0 && name_size == 6 && memcmp(name, "system", 6) == 0);
    cr_assert_eq(npk_value_size(object.args), 1);
    cr_assert_not_null(npk_dict_get(object.state, "a"));
    cr_assert_eq(object.offset, 21);
    npk_doc_free(doc);
}

Test(reader, several_pickles)
{
    static const char bytes[] = "K\1.\x80\x02K\2.N.";
    static const uint64_t offsets[] = {0, 3, 8};
    for (size_t step = 1; step <= sizeof bytes; step++) {
        drip d = {(const uint8_t *)bytes, (const uint8_t *)bytes + sizeof bytes - 1, step};
        npk_reader *reader;
        npk_doc *doc;
        cr_assert(npk_reader_callback(read_drip, &d, NULL, &reader, NULL) == NPK_OK);
        for (int i = 0; i < 3; i++) {
            cr_assert(npk_reader_next(reader, &doc, NULL) == NPK_OK);
            cr_assert_not_null(doc);
            npk_doc_info info;
            cr_expect(npk_doc_info_of(doc, &info) && info.offset == offsets[i]);
            npk_doc_free(doc);
        }
        cr_assert(npk_reader_next(reader, &doc, NULL) == NPK_OK);
        cr_assert_null(doc);
        npk_reader_close(reader);
    }
}

/* Documents outlive their reader, and hold on to the input they borrow from. */
Test(reader, documents_outlive_the_reader)
{
    static const char bytes[] = "U\5firstU\6second\x86.U\5third.";
    drip d = {(const uint8_t *)bytes, (const uint8_t *)bytes + sizeof bytes - 1, 3};
    npk_reader *reader;
    npk_doc *one, *two;
    size_t size;
    cr_assert(npk_reader_callback(read_drip, &d, NULL, &reader, NULL) == NPK_OK);
    cr_assert(npk_reader_next(reader, &one, NULL) == NPK_OK);
    cr_assert(npk_reader_next(reader, &two, NULL) == NPK_OK);
    npk_reader_close(reader);
    cr_expect(memcmp(npk_value_as_bytes(npk_value_item(npk_doc_root(one), 1), &size), "second", 6) == 0);
    npk_doc_free(one);
    cr_expect(memcmp(npk_value_as_bytes(npk_doc_root(two), &size), "third", 5) == 0);
    npk_doc_free(two);
}

Test(reader, buffers_from_outside)
{
    static const double numbers_[2] = {1.5, -2.0};
    static const char bytes[] = "\x80\x05\x8c\x12numpy.core.numeric\x8c\x0b_frombuffer\x93(\x97\x98\x8c\5numpy\x8c\5dtype\x93"
                                "\x8c\2f8\x89\x88\x87R(K\3\x8c\1<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbK\2\x85\x8c\1CtR.";
    const npk_buffer buffer = {numbers_, sizeof numbers_, false};
    npk_read_options options = {.buffers = &buffer, .buffer_count = 1};
    npk_doc *doc;
    npk_array array;
    npk_error error;
    npk_status status = npk_doc_load_memory(bytes, sizeof bytes - 1, &options, &doc, &error);
    cr_assert(status == NPK_OK, "%s", error.message);
    cr_assert(npk_array_of(npk_doc_root(doc), &array, NULL) == NPK_OK);
    cr_assert_eq(array.data, numbers_); /* nothing was copied */
    cr_assert(array.readonly);
    npk_doc_free(doc);
}

/* --- limits: one test on each and one past it --- */

static npk_status with_limits(npk_limits limits, const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_read_options options = {.limits = limits};
    npk_status status = npk_doc_load_memory(bytes, size, &options, &doc, NULL);
    if (status == NPK_OK)
        npk_doc_free(doc);
    return status;
}

Test(reader, limit_of_depth)
{
    char bytes[64];
    for (size_t depth = 4; depth <= 6; depth++) { /* tuples inside one another, then lists */
        memset(bytes, '\x85', sizeof bytes);
        bytes[0] = ')';
        bytes[depth] = '.';
        cr_expect_eq(with_limits((npk_limits){.depth = 5}, bytes, depth + 1), depth <= 5 ? NPK_OK : NPK_ERR_LIMIT);
        memset(bytes, ']', depth);
        memset(bytes + depth, 'a', depth - 1);
        bytes[2 * depth - 1] = '.';
        cr_expect_eq(with_limits((npk_limits){.depth = 5}, bytes, 2 * depth), depth <= 5 ? NPK_OK : NPK_ERR_LIMIT);
    }
}

/* Lists that are put into one another before they are filled: a = [], b = [a], a += [c], c += [d] ... */
Test(reader, limit_of_depth_of_what_grows_later)
{
    for (size_t depth = 4; depth <= 6; depth++) {
        char bytes[64] = "]q";
        size_t at = 2;
        bytes[at++] = 0;
        for (size_t i = 1; i < depth; i++) {
            bytes[at++] = ']';
            bytes[at++] = 'q';
            bytes[at++] = (char)i;
        }
        for (size_t i = 1; i < depth; i++) /* the outermost pair first */
            memcpy(bytes + at, (char[]){'h', (char)(i - 1), 'h', (char)i, 'a', '0'}, 6), at += 6;
        for (size_t i = 1; i < depth; i++)
            bytes[at++] = '0';
        bytes[at++] = '.';
        cr_expect_eq(with_limits((npk_limits){.depth = 5}, bytes, at), depth <= 5 ? NPK_OK : NPK_ERR_LIMIT);
    }
}

/* Lists that lie in the root, the innermost first, before they are put into one another: the shortest way to each is 2
 * long, the longest as long as there are lists. */
Test(reader, limit_of_depth_is_that_of_the_longest_way)
{
    for (size_t depth = 4; depth <= 6; depth++) {
        char bytes[128] = "]";
        size_t at = 1;
        for (size_t i = 0; i + 1 < depth; i++) /* root.append(list i) */
            memcpy(bytes + at, (char[]){']', 'q', (char)i, 'a'}, 4), at += 4;
        for (size_t i = 0; i + 2 < depth; i++) /* list i + 1 holds list i */
            memcpy(bytes + at, (char[]){'h', (char)(i + 1), 'h', (char)i, 'a', '0'}, 6), at += 6;
        bytes[at++] = '.';
        cr_expect_eq(with_limits((npk_limits){.depth = 5}, bytes, at), depth <= 5 ? NPK_OK : NPK_ERR_LIMIT);
    }
}

/* a = []; a.append([a]) five times over: 2 deep. */
Test(reader, limit_of_depth_with_cycles)
{
    static const char bytes[] = "]q\0]h\0aa]h\0aa]h\0aa]h\0aa]h\0aa.";
    cr_expect_eq(with_limits((npk_limits){.depth = 2}, bytes, sizeof bytes - 1), NPK_OK);
    cr_expect_eq(with_limits((npk_limits){.depth = 1}, bytes, sizeof bytes - 1), NPK_ERR_LIMIT);
}

/* [[[]], dtype('f8', metadata={1: [[]]})], the innermost list of the first being added when that is in its place: object, state,
 * dict and two lists under the root. */
Test(reader, limit_of_depth_in_metadata)
{
    static const char bytes[] = "]]q\0ah\0]a0cnumpy\ndtype\n(X\2\0\0\0f8K\0K\1tR(K\4X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK"
                                "\0}K\1]]astba.";
    cr_expect_eq(with_limits((npk_limits){.depth = 6}, bytes, sizeof bytes - 1), NPK_OK);
    cr_expect_eq(with_limits((npk_limits){.depth = 5}, bytes, sizeof bytes - 1), NPK_ERR_LIMIT);
}

Test(reader, limit_of_digits)
{
    cr_expect_eq(with_limits((npk_limits){.digits = 5}, "L12345L\n.", 9), NPK_OK);
    cr_expect_eq(with_limits((npk_limits){.digits = 5}, "L123456L\n.", 10), NPK_ERR_LIMIT);
    cr_expect_eq(with_limits((npk_limits){.digits = 5}, "I123456\n.", 9), NPK_ERR_LIMIT);
}

Test(reader, limit_of_names)
{
    cr_expect_eq(with_limits((npk_limits){.text = 5}, "cabcde\nx\n.", 10), NPK_OK);
    cr_expect_eq(with_limits((npk_limits){.text = 5}, "cabcdef\nx\n.", 11), NPK_ERR_LIMIT);
    cr_expect_eq(with_limits((npk_limits){.text = 5}, "cx\nabcdef\n.", 11), NPK_ERR_LIMIT);
}

Test(reader, limit_of_items)
{
    cr_expect_eq(with_limits((npk_limits){.items = 5}, "NNNt.", 5), NPK_ERR_STACK);
    cr_expect_eq(with_limits((npk_limits){.items = 5}, "(NNt.", 5), NPK_OK);
    cr_expect_eq(with_limits((npk_limits){.items = 5}, "(NNNt.", 6), NPK_ERR_LIMIT);
}

Test(reader, limit_of_memory)
{
    static char bytes[100001];
    memset(bytes, 'N', sizeof bytes);
    bytes[0] = '(';
    bytes[sizeof bytes - 2] = 't';
    bytes[sizeof bytes - 1] = '.';
    cr_expect_eq(with_limits((npk_limits){.memory = 1}, bytes, sizeof bytes), NPK_OK); /* 64 bytes for each of input */
    static char empty[50001];
    memset(empty, ']', sizeof empty); /* a list for each byte */
    empty[sizeof empty - 1] = '.';
    cr_expect_eq(with_limits((npk_limits){.memory = 1}, empty, sizeof empty), NPK_ERR_STACK);
}
