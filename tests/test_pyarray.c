/* array.array, as CPython 2.7, CPython 3 and Jython have it: read, written byte for byte, told apart, and turned into one another. */
#include "golden.h"

#include <npickle.h>

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
static uint8_t *elements_of(const npk_ndarray *array)
{
    size_t size = (size_t)npk_nbytes(array), width = (size_t)npk_dtype_itemsize(array->dtype);
    uint8_t *bytes = malloc(size + 1);
    npk_error error;
    cr_assert(npk_copy(array, 'C', bytes, size, &error) == NPK_OK, "%s", error.message);
    for (size_t i = 0; npk_dtype_byteorder(array->dtype) == '>' && i < size; i += width)
        for (size_t k = 0; k < width / 2; k++) {
            uint8_t byte = bytes[i + k];
            bytes[i + k] = bytes[i + width - 1 - k];
            bytes[i + width - 1 - k] = byte;
        }
    return bytes;
}

static void check_elements(const char *name, const npk_ndarray *array, const expected *want)
{
    char dtype[16];
    npk_dtype_str(array->dtype, dtype, sizeof dtype);
    cr_expect_str_eq(dtype + 1, want->dtype + 1, "%s: %s", name, dtype);
    cr_assert_eq(array->ndim, 1);
    cr_assert_eq((size_t)npk_nbytes(array), want->elements.size, "%s: %d bytes", name, (int)npk_nbytes(array));
    uint8_t *bytes = elements_of(array);
    cr_expect(memcmp(bytes, want->elements.bytes, want->elements.size) == 0, "%s: other elements", name);
    free(bytes);
}

static void check_array(const char *name, const npk_value *value, const expected *want, npk_pyarray *is)
{
    npk_ndarray array;
    npk_error error;
    cr_assert(npk_as_pyarray(value, is), "%s is no array.array", name);
    cr_assert(npk_as_ndarray(value, &array, &error) == NPK_OK, "%s: %s", name, error.message);
    cr_expect_str_eq(npk_ndarray_class(value), "array.array");
    cr_expect_eq(is->typecode, want->typecode, "%s: typecode %c", name, is->typecode);
    check_elements(name, &array, want);
}

static npk_doc *load(const char *name, golden_bytes bytes)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert(npk_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error) == NPK_OK, "%s: %s", name, error.message);
    return doc;
}

static const npk_value *array_at(const npk_doc *doc, const expected_case *it, size_t i)
{
    return it->list ? npk_item(npk_root(doc), i) : npk_root(doc);
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
            npk_free(doc);
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
    npk_ndarray array = {.dtype = dtype, .data = want->elements.bytes, .ndim = 1, .shape = &count};
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
                npk_begin_list(w, (int64_t)it.count);
            for (size_t i = 0; i < it.count; i++) {
                if (it.same[i] >= 0)
                    npk_again(w, written[it.same[i]]);
                else
                    write_array(w, &it.arrays[i], form);
                written[i] = npk_last(w);
            }
            if (it.list)
                npk_end(w);
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
            npk_write_value(w, npk_root(doc));
            compare(s->file, g.name, protocol, bytes, w);
            npk_free(doc);
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
    {NPK_DIALECT_PYTHON2, 0, NPK_PYARRAY_LIST, "qlQLwu"},  {NPK_DIALECT_PYTHON2, 2, NPK_PYARRAY_LIST, "qlQLwu"},
    {NPK_JYTHON(2, 7), 0, NPK_PYARRAY_JYTHON, "qlQLwu"},   {NPK_JYTHON(2, 7), 2, NPK_PYARRAY_JYTHON, "qlQLwu"},
};

#define TARGETS (sizeof targets / sizeof *targets)

static char typecode_there(const target *t, char typecode)
{
    for (const char *p = t->instead; *p != '\0'; p += 2)
        if (*p == typecode)
            return p[1];
    return typecode;
}

static npk_doc *convert(const char *name, const npk_doc *doc, const target *t, uint8_t **bytes, size_t *size)
{
    npk_write_options options = options_for(t->dialect, t->protocol);
    npk_writer *w;
    npk_error error;
    options.translate_names = true;
    options.python2_str = t->dialect == NPK_DIALECT_PYTHON2 || t->dialect == NPK_JYTHON(2, 7) ? NPK_PYTHON2_STR_KEEP : NPK_PYTHON2_STR_REFUSE;
    cr_assert(npk_writer_memory(&options, &w, &error) == NPK_OK);
    npk_write_value(w, npk_root(doc));
    cr_assert(npk_writer_finish_memory(w, bytes, size, &error) == NPK_OK, "%s: %s", name, error.message);
    return load(name, (golden_bytes){*bytes, *size});
}

static void check_converted(const char *name, const npk_doc *doc, const expected_case *it, const target *t)
{
    for (size_t i = 0; i < it->count; i++) {
        npk_pyarray is;
        npk_ndarray array;
        npk_error error;
        const npk_value *value = array_at(doc, it, i);
        cr_assert(npk_as_pyarray(value, &is) && npk_as_ndarray(value, &array, &error) == NPK_OK, "%s", name);
        cr_expect_eq(is.form, t->form, "%s: form %d", name, is.form);
        cr_expect_eq(is.typecode, typecode_there(t, it->arrays[i].typecode), "%s: typecode %c", name, is.typecode);
        uint8_t *elements = elements_of(&array);
        cr_expect((size_t)npk_nbytes(&array) == it->arrays[i].elements.size &&
                      memcmp(elements, it->arrays[i].elements.bytes, it->arrays[i].elements.size) == 0,
                  "%s: other elements", name);
        free(elements);
        if (it->same[i] >= 0)
            cr_expect_eq(value, array_at(doc, it, (size_t)it->same[i]), "%s: no longer shared", name);
    }
}

static void convert_source(const source *s, const target *t)
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
            npk_doc *doc = load(g.name, bytes), *other = convert(g.name, doc, t, &made, &size);
            check_converted(g.name, other, &it, t);
            npk_free(other);
            npk_bytes_free(NULL, made, size);
            npk_free(doc);
        }
        free_words(&it);
    }
    golden_close(&g);
}

Test(pyarray, goes_from_every_python_to_every_other)
{
    for (size_t i = 0; i < SOURCES; i++)
        for (size_t k = 0; k < TARGETS; k++)
            convert_source(&sources[i], &targets[k]);
}
