/* array.array, as CPython 2.7, CPython 3 and Jython have it: read, written byte for byte, told apart, and turned into one another. */
#include "golden.h"

#include <npickle.h>

#include <limits.h>

/* --- the goldens of tests/gen/pyarray.py -------------------------------------------------------------------------------- */

typedef struct source {
    const char *file;
    npk_dialect dialect;        /* in which its documents are written again */
    npk_pyarray_form below3, from3;
    npk_array_producer producer;
    bool assumed;               /* where something had to be */
} source;

static const source sources[] = {
    {"pyarray-python2.golden", NPK_DIALECT_PYTHON2, NPK_PYARRAY_LIST, NPK_PYARRAY_LIST, NPK_ARRAY_GUESS, false},
    {"pyarray-python38.golden", NPK_CPYTHON(3, 8), NPK_PYARRAY_LIST, NPK_PYARRAY_MACHINE, NPK_ARRAY_GUESS, false},
    {"pyarray-python3.golden", NPK_DIALECT_DEFAULT, NPK_PYARRAY_LIST, NPK_PYARRAY_MACHINE, NPK_ARRAY_GUESS, false},
    {"pyarray-jython.golden", NPK_JYTHON(2, 7), NPK_PYARRAY_JYTHON, NPK_PYARRAY_JYTHON, NPK_ARRAY_JYTHON, false},
    {"pyarray-jython-py.golden", NPK_PICKLE_PY(2, 7), NPK_PYARRAY_JYTHON, NPK_PYARRAY_JYTHON, NPK_ARRAY_JYTHON, true},
};

#define SOURCES (sizeof sources / sizeof *sources)
#define ARRAYS 8

/* What a case says of its arrays. */
typedef struct expected {
    char typecode;
    const char *dtype;
    golden_bytes elements; /* least significant byte first */
} expected;

typedef struct expected_case {
    bool list;
    size_t count;
    expected arrays[ARRAYS];
    int same[ARRAYS]; /* the array that it is again; -1 */
} expected_case;

static void read_words(golden *g, expected_case *out)
{
    char *word, *words = g->words;
    *out = (expected_case){.list = strncmp(g->name, "list/", 5) == 0};
    while ((word = golden_word(&words)) != NULL) {
        size_t i = out->count++;
        cr_assert(i < ARRAYS);
        out->same[i] = word[0] == '=' ? atoi(word + 1) : -1;
        if (word[0] == '=') {
            out->arrays[i] = out->arrays[out->same[i]];
            continue;
        }
        out->arrays[i].typecode = word[0];
        out->arrays[i].dtype = golden_word(&words);
        out->arrays[i].elements = golden_unquote(golden_word(&words));
    }
}

static void free_words(expected_case *it)
{
    for (size_t i = 0; i < it->count; i++)
        if (it->same[i] < 0)
            free(it->arrays[i].elements.bytes);
}

/* The elements, least significant byte first. The caller frees them. */
static uint8_t *elements_of(const npk_array *array)
{
    size_t size = (size_t)npk_array_nbytes(array), width = (size_t)npk_dtype_itemsize(array->dtype);
    uint8_t *bytes = malloc(size + 1);
    npk_error error;
    cr_assert(npk_array_copy(array, 'C', bytes, size, &error) == NPK_OK, "%s", error.message);
    for (size_t i = 0; npk_dtype_byteorder(array->dtype) == '>' && i < size; i += width)
        for (size_t k = 0; k < width / 2; k++) {
            uint8_t byte = bytes[i + k];
            bytes[i + k] = bytes[i + width - 1 - k];
            bytes[i + width - 1 - k] = byte;
        }
    return bytes;
}

static void check_elements(const char *name, const npk_array *array, const expected *want)
{
    char dtype[16];
    npk_dtype_str(array->dtype, dtype, sizeof dtype);
    cr_expect_str_eq(dtype + 1, want->dtype + 1, "%s: %s", name, dtype);
    cr_assert_eq(array->ndim, 1);
    cr_assert_eq((size_t)npk_array_nbytes(array), want->elements.size, "%s: %d bytes", name,
                 (int)npk_array_nbytes(array));
    uint8_t *bytes = elements_of(array);
    cr_expect(memcmp(bytes, want->elements.bytes, want->elements.size) == 0, "%s: other elements", name);
    free(bytes);
}

static void check_array(const char *name, const npk_value *value, const expected *want, npk_pyarray *is)
{
    npk_array array;
    npk_error error;
    cr_assert(npk_pyarray_of(value, is), "%s is no array.array", name);
    cr_assert(npk_array_of(value, &array, &error) == NPK_OK, "%s: %s", name, error.message);
    cr_expect_str_eq(npk_array_class(value), "array.array");
    cr_expect_eq(is->typecode, want->typecode, "%s: typecode %c", name, is->typecode);
    check_elements(name, &array, want);
}

static npk_doc *load(const char *name, golden_bytes bytes)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error) == NPK_OK, "%s: %s", name,
              error.message);
    return doc;
}

static const npk_value *array_at(const npk_doc *doc, const expected_case *it, size_t i)
{
    return it->list ? npk_value_item(npk_doc_root(doc), i) : npk_doc_root(doc);
}

static void read_source(const source *s)
{
    golden g;
    golden_bytes bytes;
    expected_case it;
    npk_pyarray is;
    int protocol, pickles = 0;
    golden_open(&g, s->file);
    while (golden_case(&g)) {
        read_words(&g, &it);
        for (; golden_pickle(&g, &protocol, &bytes); pickles++) {
            npk_doc *doc = load(g.name, bytes);
            for (size_t i = 0; i < it.count; i++) {
                check_array(g.name, array_at(doc, &it, i), &it.arrays[i], &is);
                cr_expect_eq(is.form, protocol < 3 ? s->below3 : s->from3, "%s: form %d", g.name, is.form);
                cr_expect_eq(is.producer, s->producer, "%s: producer %d", g.name, is.producer);
                bool told = it.arrays[i].elements.size == 0 || it.arrays[i].dtype[2] == '1' || strchr("u", it.arrays[i].typecode);
                if (!told)
                    cr_expect_eq(is.assumed, s->assumed, "%s: assumed", g.name);
                if (it.same[i] >= 0)
                    cr_expect_eq(array_at(doc, &it, i), array_at(doc, &it, (size_t)it.same[i]));
            }
            npk_doc_free(doc);
        }
        free_words(&it);
    }
    golden_close(&g);
    cr_expect_gt(pickles, 100);
}

Test(pyarray, is_read)
{
    for (size_t i = 0; i < SOURCES; i++)
        read_source(&sources[i]);
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static npk_write_options options_for(npk_dialect dialect, int protocol)
{
    return (npk_write_options){.protocol_given = true, .protocol = protocol, .dialect = dialect};
}

static void compare(const char *what, const char *name, int protocol, golden_bytes want, npk_writer *writer)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_error error;
    cr_assert(npk_writer_finish_memory(writer, &bytes, &size, &error) == NPK_OK, "%s %s: %s", what, name, error.message);
    cr_expect(size == want.size && memcmp(bytes, want.bytes, size) == 0, "%s %s, protocol %d: other bytes", what, name, protocol);
    npk_bytes_free(NULL, bytes, size);
}

/* The elements lie as the machine has them. */
static void write_array(npk_writer *w, const expected *want, npk_pyarray_form form)
{
    const npk_dtype *dtype;
    npk_error error;
    cr_assert(npk_dtype_parse(want->dtype, NULL, &dtype, &error) == NPK_OK);
    int64_t count = (int64_t)want->elements.size / npk_dtype_itemsize(dtype);
    npk_array array = {.dtype = dtype, .data = want->elements.bytes, .ndim = 1, .shape = &count};
    npk_write_pyarray(w, want->typecode, form, &array);
    npk_dtype_free(dtype);
}

static void write_source(const char *file, npk_dialect dialect, npk_pyarray_form form, int from)
{
    golden g;
    golden_bytes bytes;
    expected_case it;
    npk_error error;
    int protocol, pickles = 0;
    golden_open(&g, file);
    while (golden_case(&g)) {
        read_words(&g, &it);
        while (golden_pickle(&g, &protocol, &bytes)) {
            npk_write_options options = options_for(dialect, protocol);
            npk_writer *w;
            int64_t written[ARRAYS];
            if (protocol < from)
                continue;
            cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
            if (it.list)
                npk_write_begin_list(w, (int64_t)it.count);
            for (size_t i = 0; i < it.count; i++) {
                if (it.same[i] >= 0)
                    npk_write_again(w, written[it.same[i]]);
                else
                    write_array(w, &it.arrays[i], form);
                written[i] = npk_writer_last(w);
            }
            if (it.list)
                npk_write_end(w);
            compare(file, g.name, protocol, bytes, w);
            pickles++;
        }
        free_words(&it);
    }
    golden_close(&g);
    cr_expect_gt(pickles, 100);
}

Test(pyarray, is_written_as_python2_does)
{
    write_source("pyarray-python2.golden", NPK_DIALECT_PYTHON2, NPK_PYARRAY_DEFAULT, 0);
    write_source("pyarray-python2.golden", NPK_DIALECT_PYTHON2, NPK_PYARRAY_LIST, 0);
}

Test(pyarray, is_written_as_python3_does)
{
    write_source("pyarray-python3.golden", NPK_DIALECT_DEFAULT, NPK_PYARRAY_DEFAULT, 0);
    write_source("pyarray-python3.golden", NPK_DIALECT_NUMPY2, NPK_PYARRAY_DEFAULT, 0);
    write_source("pyarray-python3.golden", NPK_CPYTHON(3, 13), NPK_PYARRAY_DEFAULT, 0);
    write_source("pyarray-python3.golden", NPK_CPYTHON(3, 10), NPK_PYARRAY_MACHINE, 3);
    write_source("pyarray-python38.golden", NPK_CPYTHON(3, 8), NPK_PYARRAY_DEFAULT, 0);
}

Test(pyarray, is_written_as_jython_does)
{
    write_source("pyarray-jython.golden", NPK_JYTHON(2, 7), NPK_PYARRAY_DEFAULT, 0);
    write_source("pyarray-jython-py.golden", NPK_PICKLE_PY(2, 7), NPK_PYARRAY_JYTHON, 0);
    write_source("pyarray-jython-py.golden", NPK_DIALECT_DEFAULT, NPK_PYARRAY_JYTHON, 0);
}

/* --- of a document ------------------------------------------------------------------------------------------------------ */

static void rewrite_source(const source *s)
{
    golden g;
    golden_bytes bytes;
    npk_error error;
    int protocol;
    golden_open(&g, s->file);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &bytes)) {
            npk_write_options options = options_for(s->dialect, protocol);
            npk_doc *doc = load(g.name, bytes);
            npk_writer *w;
            cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            compare(s->file, g.name, protocol, bytes, w);
            npk_doc_free(doc);
        }
    golden_close(&g);
}

Test(pyarray, of_a_document_comes_out_as_it_went_in)
{
    for (size_t i = 0; i < SOURCES; i++)
        rewrite_source(&sources[i]);
}

/* Where it goes, the forms it has there, and the typecodes that are missing there: pairs. */
typedef struct target {
    npk_dialect dialect;
    int protocol;
    npk_pyarray_form form;
    const char *instead;
} target;

static const target targets[] = {
    {NPK_DIALECT_DEFAULT, 0, NPK_PYARRAY_LIST, "cBzB"},    {NPK_DIALECT_DEFAULT, 2, NPK_PYARRAY_LIST, "cBzB"},
    {NPK_DIALECT_DEFAULT, 3, NPK_PYARRAY_MACHINE, "cBzB"}, {NPK_DIALECT_NUMPY2, 5, NPK_PYARRAY_MACHINE, "cBzB"},
    {NPK_DIALECT_PYTHON2, 0, NPK_PYARRAY_LIST, "qlQLwuzB"},  {NPK_DIALECT_PYTHON2, 2, NPK_PYARRAY_LIST, "qlQLwuzB"},
    {NPK_JYTHON(2, 7), 0, NPK_PYARRAY_JYTHON, "qlQLwu"},     {NPK_JYTHON(2, 7), 2, NPK_PYARRAY_JYTHON, "qlQLwu"},
};

#define TARGETS (sizeof targets / sizeof *targets)

static char typecode_there(const target *t, char typecode)
{
    for (const char *p = t->instead; *p != '\0'; p += 2)
        if (*p == typecode)
            return p[1];
    return typecode;
}

static npk_doc *convert(const char *name, const npk_doc *doc, const target *t, npk_python2_str strings, uint8_t **bytes,
                        size_t *size)
{
    npk_write_options options = options_for(t->dialect, t->protocol);
    npk_writer *w;
    npk_error error;
    options.translate_names = strings == NPK_PYTHON2_STR_KEEP || strings == NPK_PYTHON2_STR_REFUSE;
    options.python2_str = strings;
    if (typecode_there(t, 'w') != 'w') /* what stands for it loads; the default dialect has neither for all of its Pythons */
        options.unloadable = NPK_UNLOADABLE_REFUSE;
    cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    cr_assert(npk_writer_finish_memory(w, bytes, size, &error) == NPK_OK, "%s: %s", name, error.message);
    return load(name, (golden_bytes){*bytes, *size});
}

static void check_converted(const char *name, const npk_doc *doc, const expected_case *it, const target *t)
{
    for (size_t i = 0; i < it->count; i++) {
        npk_pyarray is;
        npk_array array;
        npk_error error;
        const npk_value *value = array_at(doc, it, i);
        cr_assert(npk_pyarray_of(value, &is) && npk_array_of(value, &array, &error) == NPK_OK, "%s", name);
        cr_expect_eq(is.form, t->form, "%s: form %d", name, is.form);
        cr_expect_eq(is.typecode, typecode_there(t, it->arrays[i].typecode), "%s: typecode %c", name, is.typecode);
        uint8_t *elements = elements_of(&array);
        cr_expect((size_t)npk_array_nbytes(&array) == it->arrays[i].elements.size &&
                      memcmp(elements, it->arrays[i].elements.bytes, it->arrays[i].elements.size) == 0,
                  "%s: other elements", name);
        free(elements);
        if (it->same[i] >= 0)
            cr_expect_eq(value, array_at(doc, it, (size_t)it->same[i]), "%s: no longer shared", name);
    }
}

static void convert_source(const source *s, const target *t, npk_python2_str strings)
{
    golden g;
    golden_bytes bytes;
    expected_case it;
    int protocol;
    golden_open(&g, s->file);
    while (golden_case(&g)) {
        read_words(&g, &it);
        while (golden_pickle(&g, &protocol, &bytes)) {
            uint8_t *made = NULL;
            size_t size = 0;
            npk_doc *doc = load(g.name, bytes), *other = convert(g.name, doc, t, strings, &made, &size);
            check_converted(g.name, other, &it, t);
            npk_doc_free(other);
            npk_bytes_free(NULL, made, size);
            npk_doc_free(doc);
        }
        free_words(&it);
    }
    golden_close(&g);
}

Test(pyarray, goes_from_every_python_to_every_other)
{
    for (size_t i = 0; i < SOURCES; i++)
        for (size_t k = 0; k < TARGETS; k++)
            convert_source(&sources[i], &targets[k],
                           npk_dialect_is_python2(targets[k].dialect) ? NPK_PYTHON2_STR_KEEP : NPK_PYTHON2_STR_REFUSE);
}

/* The bytes of one would be text or bytes there, of which Python 3 makes another array or none: so the form goes with the strings, also
 * where names stay. */
Test(pyarray, goes_with_the_strings_of_python2)
{
    for (size_t i = 0; i < SOURCES; i++)
        for (size_t k = 0; k < TARGETS; k++)
            if (npk_dialect_is_python2(sources[i].dialect) && !npk_dialect_is_python2(targets[k].dialect)) {
                convert_source(&sources[i], &targets[k], NPK_PYTHON2_STR_TEXT);
                convert_source(&sources[i], &targets[k], NPK_PYTHON2_STR_BYTES);
            }
}

/* --- raw bytes: whose they are ------------------------------------------------------------------------------------------ */

#define TEXT(literal) (literal), sizeof(literal) - 1

typedef struct raw_row {
    const char *name;
    const char *bytes;
    size_t size;
    npk_array_producer given;
    npk_array_producer producer;
    bool assumed;
    const char *dtype;
    int64_t count;
    double first; /* element: a number, or the code of a character */
} raw_row;

#define GUESS NPK_ARRAY_GUESS
#define CPYTHON NPK_ARRAY_CPYTHON
#define CPYTHON32 NPK_ARRAY_CPYTHON32
#define JYTHON NPK_ARRAY_JYTHON
#define ARRAY "carray\narray\n"

static const raw_row raws[] = {
    /* Jython's cPickle: the memo from 1, the typecode in it. CPython's: the typecode not in it. */
    {"jython", TEXT(ARRAY "q\1(U\1iq\2U\4\0\0\0\1q\3tq\4Rq\5."), GUESS, JYTHON, false, ">i4", 1, 1},
    {"cpython 2.6", TEXT(ARRAY "q\1(U\1iU\4\1\0\0\0tRq\2."), GUESS, CPYTHON, true, "<i4", 1, 1},
    {"either's pickle.py", TEXT(ARRAY "q\0(U\1iq\1U\4\0\0\0\1q\2tq\3Rq\4."), GUESS, JYTHON, true, ">i4", 1, 1},
    {"optimized", TEXT(ARRAY "(U\1iU\4\0\0\0\1tR."), GUESS, JYTHON, true, ">i4", 1, 1},
    {"python 3", TEXT("\x80\3" ARRAY "q\0X\1\0\0\0iq\1C\4\1\0\0\0q\2\x86q\3Rq\4."), GUESS, CPYTHON, true, "<i4", 1, 1},
    /* What the caller says counts more. */
    {"jython as cpython", TEXT(ARRAY "q\1(U\1iq\2U\4\0\0\0\1q\3tq\4Rq\5."), CPYTHON, CPYTHON, false, "<i4", 1, 0x1000000},
    {"cpython as jython", TEXT(ARRAY "q\1(U\1iU\4\1\0\0\0tRq\2."), JYTHON, JYTHON, false, ">i4", 1, 0x1000000},
    {"as cpython32", TEXT(ARRAY "q\1(U\1lU\10\1\0\0\0\2\0\0\0tRq\2."), CPYTHON32, CPYTHON32, false, "<i4", 2, 1},
    /* Widths: a long of 4 bytes was written where it has 4. */
    {"a long", TEXT(ARRAY "q\1(U\1lU\10\1\0\0\0\0\0\0\0tRq\2."), GUESS, CPYTHON, true, "<i8", 1, 1},
    {"half a long", TEXT(ARRAY "q\1(U\1lU\4\1\0\0\0tRq\2."), GUESS, CPYTHON32, false, "<i4", 1, 1},
    {"half a long, the memo from 0", TEXT(ARRAY "q\0(U\1Lq\1U\4\1\0\0\0q\2tq\3Rq\4."), GUESS, CPYTHON32, false, "<u4", 1, 1},
    /* Bytes are in no order. */
    {"bytes", TEXT(ARRAY "(U\1bU\1\xfftR."), GUESS, JYTHON, false, "|i1", 1, -1},
    {"bools", TEXT(ARRAY "q\1(U\1zU\2\1\0tRq\2."), GUESS, JYTHON, false, "|b1", 2, 1},
    /* Characters end at U+10FFFF: most are good in one order only. */
    {"characters, big", TEXT(ARRAY "(U\1uU\4\0\1\xf6\0tR."), GUESS, JYTHON, true, "<U1", 1, 0x1f600},
    {"characters, little", TEXT(ARRAY "(U\1uU\4\0\xf6\1\0tR."), GUESS, CPYTHON, true, "<U1", 1, 0x1f600},
    {"units of UTF-16", TEXT(ARRAY "q\1(U\1uU\6a\0\x3d\xd8\0\xde" "tRq\2."), GUESS, CPYTHON32, false, "<U1", 2, 'a'},
    {"characters as UTF-16", TEXT(ARRAY "(U\1uU\4\x3d\xd8\0\xde" "tR."), CPYTHON32, CPYTHON32, false, "<U1", 1, 0x1f600},
    {"half a pair", TEXT(ARRAY "(U\1uU\2\0\xde" "tR."), CPYTHON32, CPYTHON32, false, "<U1", 1, 0xde00},
    /* Nothing is in no order either. */
    {"empty", TEXT(ARRAY "q\1(U\1itRq\2."), GUESS, CPYTHON, false, "<i4", 0, 0},
    {"empty, of jython", TEXT(ARRAY "q\1(U\1dq\2tq\3Rq\4."), GUESS, JYTHON, false, ">f8", 0, 0},
    {"empty bytes", TEXT(ARRAY "(U\1iU\0tR."), GUESS, JYTHON, false, ">i4", 0, 0},
    /* Python 2 at protocol 0, as it is encoded. */
    {"encoding", TEXT(ARRAY "p1\n(S'i'\np2\nS'\\x00\\x00\\x00\\x01'\np3\ntp4\nRp5\n."), GUESS, JYTHON, false, ">i4", 1, 1},
    {"encoding of characters", TEXT(ARRAY "p1\n(S'u'\np2\nS'\\x00\\x00\\x00a'\np3\ntp4\nRp5\n."), GUESS, JYTHON, false, "<U1", 1, 'a'},
    {"OBJ", TEXT("(" ARRAY "U\1iU\4\0\0\0\1o."), GUESS, JYTHON, true, ">i4", 1, 1},
    {"INST", TEXT("(U\1iU\4\0\0\0\1iarray\narray\n."), GUESS, JYTHON, true, ">i4", 1, 1},
};

static double first_of(const npk_array *array)
{
    double number = 0;
    uint8_t bytes[8];
    if (npk_array_count(array) == 0)
        return 0;
    npk_array one = *array;
    const int64_t length = 1;
    one.shape = &length;
    if (npk_dtype_kind(array->dtype) == 'U') {
        cr_assert(npk_array_copy(&one, 'C', bytes, sizeof bytes, NULL) == NPK_OK);
        for (int i = 0; i < 4; i++)
            number = 256 * number + bytes[npk_dtype_byteorder(array->dtype) == '>' ? i : 3 - i];
        return number;
    }
    cr_assert(NPK_ARRAY_READ_AS(&one, NPK_CAST_UNSAFE, &number, 1, NULL) == NPK_OK);
    return number;
}

Test(pyarray, raw_bytes_are_somebodys)
{
    for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
        const raw_row *r = &raws[i];
        npk_read_options options = {.array_producer = r->given};
        npk_doc *doc = NULL;
        npk_error error;
        npk_pyarray is;
        npk_array array;
        char dtype[16];
        cr_assert(npk_doc_load_memory(r->bytes, r->size, &options, &doc, &error) == NPK_OK, "%s: %s", r->name,
                  error.message);
        cr_assert(npk_pyarray_of(npk_doc_root(doc), &is) && npk_array_of(npk_doc_root(doc), &array, NULL) == NPK_OK,
                  "%s", r->name);
        npk_dtype_str(array.dtype, dtype, sizeof dtype);
        cr_expect_eq(is.producer, r->producer, "%s: producer %d", r->name, is.producer);
        cr_expect_eq(is.form, r->producer == JYTHON ? NPK_PYARRAY_JYTHON : NPK_PYARRAY_RAW, "%s: form %d", r->name, is.form);
        cr_expect_eq(is.assumed, r->assumed, "%s: assumed", r->name);
        if (r->dtype[1] != 'U')
            cr_expect_str_eq(dtype, r->dtype, "%s: %s", r->name, dtype);
        cr_expect_eq(npk_array_count(&array), r->count, "%s: %d", r->name, (int)npk_array_count(&array));
        cr_expect_eq(first_of(&array), r->first, "%s: %f", r->name, first_of(&array));
        npk_doc_free(doc);
    }
}

/* --- machine-format codes ----------------------------------------------------------------------------------------------- */

typedef struct machine_row {
    char typecode;
    uint8_t code;
    const char *bytes;
    size_t size;
    char becomes; /* what CPython 3.13 on x86-64 makes of it */
    int64_t count;
    double first;
} machine_row;

static const machine_row machines[] = {
    {'B', 0, TEXT("\377"), 'B', 1, 255},
    {'b', 1, TEXT("\377"), 'b', 1, -1},
    {'B', 1, TEXT("\377"), 'b', 1, -1},
    {'H', 2, TEXT("\1\2"), 'H', 1, 0x201},
    {'H', 3, TEXT("\1\2"), 'H', 1, 0x102},
    {'h', 4, TEXT("\376\377"), 'h', 1, -2},
    {'h', 5, TEXT("\377\376"), 'h', 1, -2},
    {'I', 6, TEXT("\1\0\0\200"), 'I', 1, 2147483649.},
    {'I', 7, TEXT("\200\0\0\1"), 'I', 1, 2147483649.},
    {'i', 8, TEXT("\376\377\377\377"), 'i', 1, -2},
    {'i', 9, TEXT("\377\377\377\376"), 'i', 1, -2},
    {'L', 10, TEXT("\1\0\0\0\0\0\0\0"), 'L', 1, 1},
    {'Q', 11, TEXT("\0\0\0\0\0\0\0\1"), 'Q', 1, 1},
    {'l', 12, TEXT("\376\377\377\377\377\377\377\377"), 'l', 1, -2},
    {'q', 13, TEXT("\377\377\377\377\377\377\377\376"), 'q', 1, -2},
    {'i', 12, TEXT("\1\0\0\0\0\0\0\0"), 'q', 1, 1},
    {'b', 8, TEXT("\0\1\0\0"), 'i', 1, 256},
    {'d', 8, TEXT("\0\1\0\0"), 'i', 1, 256},
    {'u', 8, TEXT("a\0\0\0"), 'i', 1, 97},
    {'f', 14, TEXT("\0\0\300?"), 'f', 1, 1.5},
    {'f', 15, TEXT("?\300\0\0"), 'f', 1, 1.5},
    {'d', 16, TEXT("\0\0\0\0\0\0\370?"), 'd', 1, 1.5},
    {'d', 17, TEXT("?\370\0\0\0\0\0\0"), 'd', 1, 1.5},
    {'f', 16, TEXT("\0\0\0\0\0\0\370?"), 'f', 1, 1.5},
    {'d', 15, TEXT("?\300\0\0"), 'd', 1, 1.5},
    {'u', 18, TEXT("a\0b\0"), 'u', 2, 'a'},
    {'u', 18, TEXT("=\330\0\336"), 'u', 1, 0x1f600},
    {'w', 19, TEXT("\330=\336\0"), 'w', 1, 0x1f600},
    {'u', 20, TEXT("\0\366\1\0"), 'u', 1, 0x1f600},
    {'u', 21, TEXT("\0\1\366\0"), 'u', 1, 0x1f600},
    {'l', 8, TEXT("\376\377\377\377"), 'l', 1, -2}, /* of Windows: there it is an 'l', CPython elsewhere makes an 'i' of it */
};

/* `opcode`: SHORT_BINBYTES, or SHORT_BINSTRING, which is bytes to Python 3 with encoding='bytes'. */
static size_t machine_pickle(const machine_row *r, char opcode, uint8_t *out)
{
    static const char head[] = "\x80\3carray\n_array_reconstructor\n(carray\narray\nX\1\0\0\0";
    size_t size = sizeof head - 1;
    memcpy(out, head, size);
    out[size++] = (uint8_t)r->typecode;
    out[size++] = 'K';
    out[size++] = r->code;
    out[size++] = (uint8_t)opcode;
    out[size++] = (uint8_t)r->size;
    memcpy(out + size, r->bytes, r->size);
    memcpy(out + size + r->size, "tR.", 3);
    return size + r->size + 3;
}

Test(pyarray, machine_format_codes)
{
    bool seen[22] = {false};
    for (size_t i = 0; i < 2 * sizeof machines / sizeof *machines; i++) {
        const machine_row *r = &machines[i / 2];
        uint8_t bytes[128];
        npk_doc *doc = load("machine", (golden_bytes){bytes, machine_pickle(r, "CU"[i % 2], bytes)});
        npk_pyarray is;
        npk_array array;
        cr_assert(npk_pyarray_of(npk_doc_root(doc), &is) && npk_array_of(npk_doc_root(doc), &array, NULL) == NPK_OK);
        cr_expect_eq(is.typecode, r->becomes, "%c by code %d: %c", r->typecode, r->code, is.typecode);
        cr_expect_eq(is.form, NPK_PYARRAY_MACHINE);
        cr_expect_eq(is.producer, GUESS);
        cr_expect_not(is.assumed);
        cr_expect_eq(npk_array_count(&array), r->count, "%c by code %d", r->typecode, r->code);
        cr_expect_eq(first_of(&array), r->first, "%c by code %d: %f", r->typecode, r->code, first_of(&array));
        seen[r->code] = true;
        npk_doc_free(doc);
    }
    for (int code = 0; code < 22; code++)
        cr_expect(seen[code], "code %d", code);
}

/* --- what is no array ----------------------------------------------------------------------------------------------------- */

/* Calls that Python would take, but that nobody writes: they stay objects. */
Test(pyarray, unusual_calls_stay_objects)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {TEXT(ARRAY "(U\1uX\2\0\0\0abtR.")},
        {TEXT(ARRAY "(U\1i" ARRAY "(U\1itRtR.")},
        {TEXT("\x80\2" ARRAY "U\1i]\x86\x81.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        npk_error error;
        npk_pyarray is;
        npk_object object;
        cr_assert(npk_doc_load_memory(rows[i].bytes, rows[i].size, NULL, &doc, &error) == NPK_OK, "%zu: %s", i,
                  error.message);
        cr_expect_not(npk_pyarray_of(npk_doc_root(doc), &is), "%zu", i);
        cr_expect_not(npk_value_is_array(npk_doc_root(doc)), "%zu", i);
        cr_expect(npk_value_as_object(npk_doc_root(doc), &object), "%zu", i);
        npk_doc_free(doc);
    }
}

/* A subclass keeps its name, and its attributes are there. */
Test(pyarray, subclass)
{
    static const char bytes[] = "\x80\3carray\n_array_reconstructor\n(cm\nC\nX\1\0\0\0bK\1C\1\377tR}X\1\0\0\0xK\5sb.";
    npk_doc *doc = load("subclass", (golden_bytes){(uint8_t *)bytes, sizeof bytes - 1});
    const npk_value *value;
    npk_pyarray is;
    int64_t number = 0;
    cr_assert(npk_pyarray_of(npk_doc_root(doc), &is));
    cr_expect_str_eq(npk_array_class(npk_doc_root(doc)), "m.C");
    cr_assert_eq(npk_value_find(npk_doc_root(doc), ".<state>['x']", &value, NULL), NPK_OK);
    cr_expect(npk_value_as_int64(value, &number) && number == 5);
    npk_doc_free(doc);
}

Test(pyarray, names)
{
    static const char *const forms[] = {"default", "list", "machine", "raw", "jython", NULL};
    static const char *const producers[] = {"guess", "cpython", "cpython32", "jython", NULL};
    for (int i = 0; i < 6; i++)
        cr_expect(forms[i] == NULL ? npk_pyarray_form_name(i) == NULL : strcmp(npk_pyarray_form_name(i), forms[i]) == 0);
    for (int i = 0; i < 5; i++)
        cr_expect(producers[i] == NULL ? npk_array_producer_name(i) == NULL
                                       : strcmp(npk_array_producer_name(i), producers[i]) == 0);
    static const int none[] = {-1, INT_MIN, INT_MAX, 1000};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_expect_null(npk_array_producer_name((npk_array_producer)none[i]));
        cr_expect_null(npk_pyarray_form_name((npk_pyarray_form)none[i]));
        cr_expect_str_eq(npk_kind_name((npk_kind)none[i]), "?");
    }
}

/* --- what can't be written ------------------------------------------------------------------------------------------------ */

typedef struct refusal {
    npk_dialect dialect;
    int protocol;
    char typecode;
    npk_pyarray_form form;
    const char *dtype;
    int ndim;
    npk_status status;
} refusal;

static const refusal refusals[] = {
    {NPK_DIALECT_DEFAULT, 2, 'x', NPK_PYARRAY_DEFAULT, "<i4", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', (npk_pyarray_form)5, "<i4", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', NPK_PYARRAY_DEFAULT, "<i8", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', NPK_PYARRAY_DEFAULT, "<u4", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', NPK_PYARRAY_DEFAULT, "<f4", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'q', NPK_PYARRAY_DEFAULT, "<i4", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'u', NPK_PYARRAY_DEFAULT, "<U2", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'b', NPK_PYARRAY_DEFAULT, "|u1", 1, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', NPK_PYARRAY_DEFAULT, "<i4", 2, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'i', NPK_PYARRAY_DEFAULT, "<i4", 0, NPK_ERR_USAGE},
    {NPK_DIALECT_DEFAULT, 2, 'c', NPK_PYARRAY_DEFAULT, "|S1", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_DEFAULT, 4, 'z', NPK_PYARRAY_DEFAULT, "|b1", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_DEFAULT, 3, 'i', NPK_PYARRAY_JYTHON, "<i4", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_DEFAULT, 2, 'q', NPK_PYARRAY_JYTHON, "<i8", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_PYTHON2, 2, 'i', NPK_PYARRAY_MACHINE, "<i4", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_PYTHON2, 2, 'q', NPK_PYARRAY_DEFAULT, "<i8", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_PYTHON2, 2, 'z', NPK_PYARRAY_DEFAULT, "|b1", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_PYTHON2, 2, 'w', NPK_PYARRAY_DEFAULT, "<U1", 1, NPK_ERR_UNSUPPORTED},
    {NPK_DIALECT_PYTHON2, 2, 'z', NPK_PYARRAY_RAW, "|b1", 1, NPK_ERR_UNSUPPORTED},
};

Test(pyarray, what_no_python_has_is_refused)
{
    static const uint8_t data[64];
    static const int64_t shape[2] = {1, 1};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        npk_write_options options = options_for(r->dialect, r->protocol);
        const npk_dtype *dtype;
        npk_writer *w;
        npk_error error;
        cr_assert(npk_dtype_parse(r->dtype, NULL, &dtype, &error) == NPK_OK);
        cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
        npk_array array = {.dtype = dtype, .data = data, .ndim = r->ndim, .shape = shape};
        npk_status status = npk_write_pyarray(w, r->typecode, r->form, &array);
        cr_expect_eq(status, r->status, "row %zu: %s", i, npk_status_name(status));
        cr_expect_eq(npk_writer_finish(w, &error), r->status);
        npk_dtype_free(dtype);
    }
}

/* The last character there is, and one past it, in every form: of the second no Python could make a str. */
Test(pyarray, what_is_no_character_is_refused)
{
    static const uint32_t numbers[] = {0x10ffff, 0x110000, UINT32_MAX};
    static const int64_t shape[1] = {1};
    const npk_dtype *dtype;
    cr_assert(npk_dtype_parse("U1", NULL, &dtype, NULL) == NPK_OK);
    for (size_t i = 0; i < 3; i++)
        for (int form = NPK_PYARRAY_DEFAULT; form <= NPK_PYARRAY_JYTHON; form++) {
            npk_write_options options = options_for(NPK_DIALECT_DEFAULT, 2);
            npk_array array = {.dtype = dtype, .data = &numbers[i], .ndim = 1, .shape = shape};
            npk_writer *w;
            npk_error error;
            uint8_t *bytes = NULL;
            size_t size;
            cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
            cr_expect_eq(npk_write_pyarray(w, 'u', (npk_pyarray_form)form, &array), i == 0 ? NPK_OK : NPK_ERR_USAGE);
            cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, &error), i == 0 ? NPK_OK : NPK_ERR_USAGE);
            if (bytes != NULL)
                npk_bytes_free(NULL, bytes, size);
        }
    npk_dtype_free(dtype);
}

/* Any strides and order of bytes go in; Java's long has 8 bytes. */
Test(pyarray, is_written_from_any_layout)
{
    static const uint8_t data[] = {0, 0, 0, 1, 9, 9, 9, 9, 255, 255, 255, 254, 9, 9, 9, 9};
    static const int64_t shape[] = {2}, strides[] = {8};
    static const char want[] = ARRAY "q\1(U\1lU\20\0\0\0\0\0\0\0\1\377\377\377\377\377\377\377\376tRq\2.";
    npk_array array = {
        .dtype = npk_dtype_ordered(NPK_INT32, '>'), .data = data, .ndim = 1, .shape = shape, .strides = strides};
    npk_write_options options = options_for(NPK_DIALECT_PYTHON2, 1);
    npk_writer *w;
    npk_error error;
    cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
    npk_write_pyarray(w, 'l', NPK_PYARRAY_JYTHON, &array);
    compare("layout", "strided", 1, (golden_bytes){(uint8_t *)want, sizeof want - 1}, w);
}

/* array.array reads no state: what is dropped over one leaves it what it is. */
Test(pyarray, a_state_over_which_something_is_dropped)
{
    static const char pickle[] = "\x80\2]q\1" ARRAY "(U\1B]K\1atR]cm\nf\n)R0ba.";
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_expect(npk_value_is_array(npk_value_item(npk_doc_root(doc), 0)));
    npk_doc_free(doc);
}
