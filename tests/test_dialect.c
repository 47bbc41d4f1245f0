/* Dialects: their names, and the bytes of each Python: tests/data/pythons.golden, byte for byte, from calls and from what was read. */
#include "calls.h"

#include "writer/python/dialect.h"

/* --- names --- */

static const struct {
    const char *name;
    npk_dialect dialect;
} named[] = {
    {"default", NPK_DIALECT_DEFAULT},
    {"numpy2", NPK_NUMPY(2, 4)},
    {"python2", NPK_CPYTHON(2, 7)},
    {"cpython3.6", NPK_CPYTHON(3, 6)},
    {"cpython3.255", NPK_CPYTHON(3, 255)},
    {"pickle.py3.10", NPK_PICKLE_PY(3, 10)},
    {"jython2.7", NPK_JYTHON(2, 7)},
    {"numpy1.18", NPK_NUMPY(1, 18)},
    {"cpython3.11+numpy1.26", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)},
    {"pickle.py2.7+numpy1.8", NPK_PICKLE_PY(2, 7) | NPK_NUMPY(1, 8)},
};

Test(dialect, names)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        npk_dialect dialect = 1;
        char name[64];
        npk_error error = {.message = ""};
        cr_expect_eq(npk_dialect_parse(named[i].name, &dialect, &error), NPK_OK, "%s: %s", named[i].name, error.message);
        cr_expect_eq(dialect, named[i].dialect, "%s", named[i].name);
        cr_expect_eq(npk_dialect_str(dialect, name, sizeof name), strlen(named[i].name));
        cr_expect_str_eq(name, named[i].name);
        cr_expect_eq(npk_dialect_str(dialect, name, 4), strlen(named[i].name)); /* cut, and counted */
        cr_expect(strlen(name) == 3 && strncmp(name, named[i].name, 3) == 0);
    }
}

Test(dialect, python2)
{
    static const npk_dialect yes[] = {NPK_DIALECT_PYTHON2, NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 8), NPK_PICKLE_PY(2, 7),
                                      NPK_JYTHON(2, 7)};
    static const npk_dialect no[] = {
        NPK_DIALECT_DEFAULT,  NPK_DIALECT_NUMPY2, NPK_NUMPY(1, 8),        NPK_CPYTHON(3, 4),
        NPK_PICKLE_PY(3, 14), NPK_CPYTHON(4, 0),  NPK_CPYTHON(2, 7) << 4, UINT32_MAX};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        cr_expect(npk_dialect_is_python2(yes[i]), "row %zu", i);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        cr_expect_not(npk_dialect_is_python2(no[i]), "row %zu", i);
}

/* The last NumPy for each Python, by what its releases on PyPI ask for, and the next. */
Test(dialect, last_numpy)
{
    static const struct {
        const char *last, *next;
    } rows[] = {
        {"cpython2.7+numpy1.16", "cpython2.7+numpy1.17"},   {"cpython3.4+numpy1.16", "cpython3.4+numpy1.17"},
        {"cpython3.5+numpy1.18", "cpython3.5+numpy1.19"},   {"cpython3.6+numpy1.19", "cpython3.6+numpy1.20"},
        {"cpython3.7+numpy1.21", "cpython3.7+numpy1.22"},   {"cpython3.8+numpy1.24", "cpython3.8+numpy1.25"},
        {"pickle.py3.9+numpy2.0", "pickle.py3.9+numpy2.1"}, {"cpython3.10+numpy2.2", "cpython3.10+numpy2.3"},
        {"cpython3.11+numpy2.4", "cpython3.11+numpy2.5"},   {"cpython3.12+numpy2.9", "jython2.7+numpy1.8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_dialect dialect = 1;
        npk_error error = {.message = ""};
        cr_expect_eq(npk_dialect_parse(rows[i].last, &dialect, &error), NPK_OK, "%s: %s", rows[i].last, error.message);
        cr_expect_eq(npk_dialect_parse(rows[i].next, &dialect, &error), NPK_ERR_USAGE, "%s", rows[i].next);
        cr_expect(strstr(error.message, "NumPy") != NULL, "%s", error.message);
    }
}

/* What a program asks for by numbers is told where it is looked at. */
Test(dialect, too_new_a_numpy)
{
    const npk_dialect wrong = NPK_CPYTHON(3, 9) | NPK_NUMPY(2, 1);
    const npki_python_row *python = npki_python_of(wrong);
    npk_error error = {.message = ""};
    cr_expect_eq(npki_dialect_exists(wrong, python, NPK_ERR_UNSUPPORTED, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_str_eq(error.message, "the last NumPy for Python 3.9 is 2.0");
    cr_expect_eq(npki_dialect_exists(NPK_CPYTHON(3, 9), python, NPK_ERR_UNSUPPORTED, &error), NPK_OK);
}

Test(dialect, no_names)
{
    static const char *const wrong[] = {
        "",           "python3",   "cpython",         "cpython3",          "cpython3.",          "cpython3.3",          "cpython3.256",
        "cpython4.0", "numpy1.7",  "numpy3.0",        "numpy2",            "cpython2.7+",        "cpython3.8+numpy",    "+numpy1.26",
        "numpy1.26+cpython3.8",    "cpython3.8numpy1.26", "cpython3.8+numpy1.26+", "jython3.0", "cpython99999999999.1", "default+numpy1.26",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        npk_dialect dialect = 1;
        if (strcmp(wrong[i], "numpy2") == 0) /* a name of its own */
            continue;
        cr_expect_eq(npk_dialect_parse(wrong[i], &dialect, NULL), NPK_ERR_USAGE, "%s", wrong[i]);
        cr_expect_eq(dialect, 1, "%s", wrong[i]);
    }
}

Test(dialect, no_dialects)
{
    static const npk_dialect wrong[] = {1, NPK_CPYTHON(3, 3), NPK_CPYTHON(1, 5), UINT32_C(0x43080000), UINT32_C(0x03080000), NPK_NUMPY(1, 7)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        npk_writer *w;
        char name[8] = "x";
        cr_expect_eq(npk_writer_memory(&(npk_write_options){.dialect = wrong[i]}, &w, NULL), NPK_ERR_USAGE, "%zu", i);
        cr_expect_eq(npk_dialect_str(wrong[i], name, sizeof name), 0);
        cr_expect_str_eq(name, "");
    }
}

/* What npk_dialect_at gives can be named and written with, and each row is there once. */
Test(dialect, all)
{
    size_t count = 0;
    npk_dialect dialect, again;
    for (; npk_dialect_at(count, &dialect); count++) {
        char name[64];
        npk_writer *w;
        npk_dialect_str(dialect, name, sizeof name);
        cr_expect_eq(npk_dialect_parse(name, &again, NULL), NPK_OK, "%s", name);
        cr_expect_eq(again, dialect, "%s", name);
        cr_assert_eq(npk_writer_memory(&(npk_write_options){.dialect = dialect}, &w, NULL), NPK_OK, "%s", name);
        npk_writer_abandon(w);
    }
    cr_expect_eq(count, 3 + npki_python_count + npki_numpy_count);
}

/* A row holds from its release to the next of its pickler. */
Test(dialect, releases)
{
    cr_expect_eq(npki_python_of(NPK_CPYTHON(3, 9)), npki_python_of(NPK_CPYTHON(3, 8)));
    cr_expect_neq(npki_python_of(NPK_CPYTHON(3, 10)), npki_python_of(NPK_CPYTHON(3, 8)));
    cr_expect_eq(npki_python_of(NPK_CPYTHON(2, 5)), NULL);
    cr_expect_eq(npki_python_of(NPK_DIALECT_DEFAULT), npki_python_of(NPK_CPYTHON(3, 10)));
    cr_expect_eq(npki_numpy_of(NPK_DIALECT_DEFAULT), npki_numpy_of(NPK_NUMPY(1, 21)));
    cr_expect_eq(npki_numpy_of(NPK_DIALECT_PYTHON2), npki_numpy_of(NPK_NUMPY(1, 16)));
    cr_expect_eq(npki_numpy_of(NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 8)), npki_numpy_of(NPK_NUMPY(1, 8)));
    cr_expect_eq(npki_numpy_of(NPK_NUMPY(2, 9)), npki_numpy_of(NPK_NUMPY(2, 4)));
}

/* --- bytes --- */

typedef struct counts {
    int written, other;
} counts;

static void check_bytes(const golden *g, const char *dialect, int protocol, golden_bytes expected, npk_writer *w, counts *c)
{
    golden_bytes out = {NULL, 0};
    npk_error error;
    npk_status status = npk_writer_finish_memory(w, &out.bytes, &out.size, &error);
    bool equal = status == NPK_OK && out.size == expected.size && memcmp(out.bytes, expected.bytes, out.size) == 0;
    size_t at = 0;
    while (status == NPK_OK && !equal && at < out.size && at < expected.size && out.bytes[at] == expected.bytes[at])
        at++;
    ++*(equal ? &c->written : &c->other);
    cr_expect(equal, "%s: %s at protocol %d: %s; first difference at byte %zu of %zu, expected %zu", dialect, g->name, protocol,
              status == NPK_OK ? "other bytes" : error.message, at, out.size, expected.size);
    if (status == NPK_OK)
        npk_bytes_free(NULL, out.bytes, out.size);
}

static npk_writer *open_writer(const char *name, int protocol)
{
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    cr_assert_eq(npk_dialect_parse(name, &options.dialect, NULL), NPK_OK, "%s", name);
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK, "%s", name);
    return w;
}

/* Every pickle of every case in each of its dialects. */
static void each_pickle(void (*check)(const golden *, const char *, int, golden_bytes, const char *, counts *), int expected)
{
    golden g;
    counts c = {0, 0};
    int protocol;
    golden_bytes pickle;
    golden_open(&g, "pythons.golden");
    while (golden_case(&g)) {
        char *words = g.words, *dialects = golden_word(&words);
        while (golden_pickle(&g, &protocol, &pickle)) {
            char *copy = strdup(dialects), *rest = copy;
            for (char *name; (name = strsep(&rest, ",")) != NULL;)
                check(&g, name, protocol, pickle, words, &c);
            free(copy);
        }
    }
    golden_close(&g);
    cr_log_info("%d pickles the same, %d not\n", c.written, c.other);
    cr_expect_eq(c.written, expected, "%d the same, %d expected", c.written, expected);
}

static void check_calls(const golden *g, const char *dialect, int protocol, golden_bytes pickle, const char *words, counts *c)
{
    npk_writer *w = open_writer(dialect, protocol);
    calls_run(w, words);
    check_bytes(g, dialect, protocol, pickle, w, c);
}

Test(dialect, calls)
{
    each_pickle(check_calls, 21124);
}

static void check_graph(const golden *g, const char *dialect, int protocol, golden_bytes pickle, const char *words, counts *c)
{
    npk_doc *doc = NULL;
    npk_error error;
    (void)words;
    cr_assert(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error) == NPK_OK, "%s: %s", g->name,
              error.message);
    npk_writer *w = open_writer(dialect, protocol);
    npk_write_value(w, npk_doc_root(doc));
    check_bytes(g, dialect, protocol, pickle, w, c);
    npk_doc_free(doc);
}

Test(dialect, graphs)
{
    each_pickle(check_graph, 21124);
}

/* --- the memo beyond its short opcodes --- */

/* How many opcodes of a name a pickle has. */
static size_t count_opcodes(golden_bytes pickle, const char *name)
{
    size_t count = 0;
    npk_instruction in;
    for (uint64_t at = 0; at < pickle.size; at = in.end) {
        cr_assert_eq(npk_instruction_at(pickle.bytes, pickle.size, at, &in, NULL), NPK_OK);
        count += strcmp(in.opcode->name, name) == 0;
    }
    return count;
}

static golden_bytes write_lists(const char *dialect, int protocol, int64_t count, bool again)
{
    golden_bytes out;
    npk_writer *w = open_writer(dialect, protocol);
    npk_write_begin_list(w, count + again);
    int64_t last = NPK_UNKNOWN;
    for (int64_t i = 0; i < count; i++) {
        npk_write_begin_list(w, 0);
        npk_write_end(w);
        last = npk_writer_last(w);
    }
    if (again)
        npk_write_again(w, last);
    npk_write_end(w);
    cr_assert_eq(npk_writer_finish_memory(w, &out.bytes, &out.size, NULL), NPK_OK);
    return out;
}

/* Up to 255 a number takes a byte, beyond it four; cPickle and Jython count from 1. */
Test(dialect, memo_numbers)
{
    static const struct {
        const char *dialect;
        size_t shorts;
    } rows[] = {{"default", 256}, {"pickle.py3.8", 256}, {"pickle.py2.7", 256}, {"python2", 255}, {"jython2.7", 255}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int protocol = 1; protocol <= 2; protocol++) {
            golden_bytes out = write_lists(rows[i].dialect, protocol, 65600, true);
            cr_expect_eq(count_opcodes(out, "BINPUT"), rows[i].shorts, "%s", rows[i].dialect);
            cr_expect_eq(count_opcodes(out, "LONG_BINPUT"), 65601 - rows[i].shorts, "%s", rows[i].dialect);
            cr_expect_eq(count_opcodes(out, "LONG_BINGET"), 1, "%s", rows[i].dialect);
            npk_bytes_free(NULL, out.bytes, out.size);
            out = write_lists(rows[i].dialect, protocol, 255, true); /* the last has number 255 or 256 */
            cr_expect_eq(count_opcodes(out, "BINGET"), rows[i].shorts == 256, "%s", rows[i].dialect);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
}

/* --- NumPy --- */

/* flags.fnc of np.zeros(shape, 'u1', order='F') in NumPy 1.8 to 1.11, and since 1.12 */
static const struct {
    int ndim;
    int64_t shape[3];
    bool old, now;
} fortran[] = {
    {1, {3}, false, false},     {2, {1, 1}, false, false},    {2, {2, 3}, true, true},  {2, {1, 5}, true, false},
    {2, {5, 1}, true, false},     {3, {1, 3, 1}, true, false},  {2, {0, 3}, true, false}, {2, {3, 0}, true, false},
};

static bool writes_fortran(const char *dialect, size_t row)
{
    static const uint8_t items[8];
    npk_array array = {.dtype = npk_dtype_native(NPK_UINT8),
                       .data = items,
                       .ndim = fortran[row].ndim,
                       .shape = fortran[row].shape,
                       .order = 'F'};
    npk_writer *w = open_writer(dialect, 2);
    golden_bytes out;
    npk_write_array(w, &array);
    cr_assert_eq(npk_writer_finish_memory(w, &out.bytes, &out.size, NULL), NPK_OK);
    /* the first bool of the state; the others of the pickle are ints in these dialects */
    bool found = count_opcodes(out, "NEWTRUE") == 1;
    cr_expect_eq(count_opcodes(out, "NEWTRUE") + count_opcodes(out, "NEWFALSE"), 1);
    npk_bytes_free(NULL, out.bytes, out.size);
    return found;
}

Test(dialect, fortran_order)
{
    for (size_t i = 0; i < sizeof fortran / sizeof *fortran; i++) {
        cr_expect_eq(writes_fortran("cpython2.7+numpy1.8", i), fortran[i].old, "row %zu", i);
        cr_expect_eq(writes_fortran("cpython3.6+numpy1.11", i), fortran[i].old, "row %zu", i);
        cr_expect_eq(writes_fortran("cpython3.6+numpy1.12", i), fortran[i].now, "row %zu", i);
    }
}
