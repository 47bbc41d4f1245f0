/* Who may have written a pickle: of each golden, among others, who did. */
#include "counted.h"
#include "writers.h"

#include <npickle.h>

static npk_doc *load(const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

static npk_identity identify(const void *bytes, size_t size)
{
    npk_identity who;
    npk_doc *doc = load(bytes, size);
    memset(&who, 0xa5, sizeof who);
    cr_assert_eq(npk_identify(doc, NULL, &who, NULL), NPK_OK);
    npk_doc_free(doc);
    return who;
}

#define IDENTIFY(literal) identify("" literal, sizeof(literal) - 1)

/* --- goldens --- */

static void expect_writer(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    char text[64];
    npk_identity who = identify(pickle.bytes, pickle.size);
    npk_dialect_str(dialect, text, sizeof text);
    cr_expect(npk_identity_includes(&who, dialect), "%s, protocol %d: %s wrote it, found %s", name, protocol, text, who.text);
    if (protocol > 2)
        cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(2, 7)), "%s, protocol %d: %s", name, protocol, who.text);
    if (protocol == 5)
        cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(3, 7)), "%s: %s", name, who.text);
}

Test(identify, true_writer_is_among_them)
{
    size_t visits = 0;
    for (size_t i = 0; i < GOLDEN_WRITERS; i++)
        visits += golden_each_writer(&golden_writers[i], expect_writer);
    cr_expect_gt(visits, 15000, "only %zu pickles were found", visits);
}

/* What is not one of theirs: numpy.core or numpy._core, a dtype's flags and its key give an array away. */
static void expect_numpy1(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    npk_identity who = identify(pickle.bytes, pickle.size);
    (void)dialect;
    cr_expect_not(npk_identity_includes(&who, NPK_NUMPY(2, 0)), "%s, protocol %d: %s", name, protocol, who.text);
    cr_expect_not(npk_identity_includes(&who, NPK_NUMPY(1, 18)), "%s, protocol %d: %s", name, protocol, who.text);
    cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(2, 7)), "%s, protocol %d: %s", name, protocol, who.text);
}

static void expect_numpy2(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    npk_identity who = identify(pickle.bytes, pickle.size);
    (void)dialect;
    cr_expect_not(npk_identity_includes(&who, NPK_NUMPY(1, 26)), "%s, protocol %d: %s", name, protocol, who.text);
}

static void expect_python2(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    npk_identity who = identify(pickle.bytes, pickle.size);
    (void)dialect;
    cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(3, 8)), "%s, protocol %d: %s", name, protocol, who.text);
    cr_expect_not(npk_identity_includes(&who, NPK_JYTHON(2, 7)), "%s, protocol %d: %s", name, protocol, who.text);
    cr_expect_not(npk_identity_includes(&who, NPK_NUMPY(1, 19)), "%s, protocol %d: %s", name, protocol, who.text);
}

Test(identify, others_are_ruled_out)
{
    const struct golden_writer numpy1 = {"plain-numpy1.golden", NPK_NUMPY(1, 26)};
    const struct golden_writer numpy2 = {"plain-numpy2.golden", NPK_NUMPY(2, 5)};
    const struct golden_writer python2 = {"plain-python2.golden", NPK_NUMPY(1, 16)};
    cr_expect_gt(golden_each_writer(&numpy1, expect_numpy1), 100);
    cr_expect_gt(golden_each_writer(&numpy2, expect_numpy2), 100);
    cr_expect_gt(golden_each_writer(&python2, expect_python2), 100);
}

/* --- ranges and words --- */

/* [1] at protocol 4; pickletools.dis: PROTO 4, FRAME, EMPTY_LIST, MEMOIZE, BININT1, APPEND, STOP. */
#define LIST4 "\x80\4\x95\6\0\0\0\0\0\0\0]\x94K\1a."

Test(identify, ranges)
{
    npk_identity who = IDENTIFY(LIST4);
    cr_expect_eq(who.python_count, 2); /* protocol 4 came with Python 3.4 */
    cr_expect_eq(who.pythons[0].first, NPK_CPYTHON(3, 4));
    cr_expect_eq(who.pythons[0].last, 0);
    cr_expect_eq(who.pythons[1].first, NPK_PICKLE_PY(3, 4));
    cr_expect_eq(who.pythons[1].last, 0);
    cr_expect_eq(who.numpy_count, 1); /* nothing of NumPy rules none out */
    cr_expect_eq(who.numpys[0].first, 0);
    cr_expect_eq(who.numpys[0].last, 0);
    cr_expect_str_eq(who.text, "Python 3.4 and later");
    static const npk_dialect in[] = {NPK_CPYTHON(3, 4), NPK_CPYTHON(3, 200), NPK_PICKLE_PY(3, 9), NPK_NUMPY(1, 0),
                                     NPK_NUMPY(2, 9), NPK_CPYTHON(3, 9) | NPK_NUMPY(1, 20)};
    static const npk_dialect out[] = {0, NPK_CPYTHON(3, 3), NPK_CPYTHON(2, 7), NPK_CPYTHON(4, 0), NPK_JYTHON(2, 7),
                                      NPK_PICKLE_PY(2, 7), NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 16)};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        cr_expect(npk_identity_includes(&who, in[i]), "%zu", i);
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        cr_expect_not(npk_identity_includes(&who, out[i]), "%zu", i);
    for (size_t i = 0; i < sizeof who.reserved / sizeof *who.reserved; i++)
        cr_expect_eq(who.reserved[i], 0);
}

/* Python 2 is one: what 2.7 writes 2.6 wrote too. */
Test(identify, python2_is_one)
{
    npk_identity who = IDENTIFY("\x80\2]q\1U\1aa."); /* by cPickle, which counts from 1 */
    cr_expect(npk_identity_includes(&who, NPK_CPYTHON(2, 7)));
    cr_expect(npk_identity_includes(&who, NPK_CPYTHON(2, 5)));
    cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(3, 0)));
    cr_expect_not(npk_identity_includes(&who, NPK_PICKLE_PY(2, 7)));
    cr_expect_str_eq(who.text, "CPython 2.7 or Jython 2.7");
}

static const struct {
    const char *bytes;
    size_t size;
    const char *text;
} words[] = {
#define ROW(literal, text) {literal, sizeof(literal) - 1, text}
    ROW("I1\n.", "unknown"),
    ROW("\x80\3K\1.", "Python 3.4 and later"),
    ROW("\x80\5K\1.", "Python 3.8 and later"),
    ROW("\x80\2cscipy.base\nndarray\nq\1.", "CPython 2.7, scipy_core"),
    ROW("\x80\2cnumpy.core._internal\n_reconstruct\nq\1.", "CPython 2.7, NumPy before 1.0"),
    ROW("\x80\3cnumpy._core.multiarray\n_reconstruct\nq\0.", "Python 3.4 and later, NumPy 2.0 and later"),
#undef ROW
};

Test(identify, words)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_str_eq(identify(words[i].bytes, words[i].size).text, words[i].text, "%zu: %s", i,
                         identify(words[i].bytes, words[i].size).text);
}

Test(identify, older_than_numpy1)
{
    npk_identity who = IDENTIFY("\x80\2cscipy.base\nndarray\nq\1.");
    cr_expect(npk_identity_includes(&who, NPK_NUMPY(0, 9)));
    cr_expect_not(npk_identity_includes(&who, NPK_NUMPY(1, 0)));
}

/* Opcodes of Python 2 and of Python 3 in one pickle: nobody. */
Test(identify, nobody)
{
    npk_identity who = IDENTIFY("\x80\3]q\0U\1aa.");
    cr_expect_eq(who.python_count, 0);
    cr_expect_not(npk_identity_includes(&who, NPK_CPYTHON(3, 8)));
    cr_expect_str_eq(who.text, "no pickler that npickle knows");
}

/* --- whoever writes the same bytes --- */

/* What Pythons write in different ways: batches and their last entry, frames and what is too large for them, ints, texts, floats, tuples, and
 * numbers in the memo. */
enum { LIST, DICT, SET, TUPLES, LISTS, PAYLOAD, ATOMS, KINDS };

static void write_kind(npk_writer *w, size_t kind, size_t count)
{
    static const char payload[1 << 16];
    if (kind == SET)
        npk_write_begin_set(w, (int64_t)count);
    else if (kind == DICT)
        npk_write_begin_dict(w, (int64_t)count);
    else
        npk_write_begin_list(w, kind == PAYLOAD || kind == ATOMS ? NPK_UNKNOWN : (int64_t)count);
    for (size_t i = 0; kind < PAYLOAD && i < count; i++) {
        if (kind == TUPLES)
            npk_write_begin_tuple(w, 0);
        if (kind == LISTS)
            npk_write_begin_list(w, 1);
        if (kind != TUPLES)
            npk_write_int(w, (int64_t)i);
        if (kind == DICT)
            npk_write_none(w);
        if (kind == TUPLES || kind == LISTS)
            npk_write_end(w);
    }
    if (kind == PAYLOAD)
        npk_write_bytes(w, payload, sizeof payload - 2 + count % 4);
    for (size_t i = 0; kind == ATOMS && i < 7; i++) {
        if ((count >> i & 1) == 0)
            continue;
        if (i == 0)
            npk_write_str(w, "\xc4\x80\\\n");
        else if (i == 1)
            npk_write_float(w, 0.1);
        else if (i < 4)
            npk_write_int(w, i == 2 ? INT64_C(1) << 40 : 5);
        else if (i == 4)
            npk_write_bytearray(w, "abc", 3);
        else
            npk_write_str(w, i == 5 ? "a" : "text");
    }
    npk_write_end(w);
}

static bool write_as(npk_dialect dialect, int protocol, size_t kind, size_t count, uint8_t **bytes, size_t *size)
{
    npk_write_options options = {.dialect = dialect, .protocol_given = true, .protocol = protocol};
    npk_writer *writer;
    if (npk_writer_memory(&options, &writer, NULL) != NPK_OK)
        return false;
    write_kind(writer, kind, count);
    return npk_writer_finish_memory(writer, bytes, size, NULL) == NPK_OK;
}

/* Whether a pickle is this dialect's, to its last byte. */
static bool is_of(const npk_doc *doc, const uint8_t *bytes, size_t size, npk_dialect dialect, uint32_t flags)
{
    const npk_check_options options = {.flags = NPK_CHECK_DIALECT | flags, .dialect = dialect};
    npk_check_result result;
    npk_status status = npk_check_doc(doc, bytes, size, &options, &result, NULL);
    const bool is = status == NPK_OK && result.verdict == NPK_VERDICT_IDENTICAL;
    npk_check_result_free(&result);
    return is;
}

/* Who is told to have written it would write it so, and whoever writes it by itself is told, unless what is seen in it rules them out. */
static void expect_told(const uint8_t *bytes, size_t size, const char *what)
{
    npk_dialect dialect;
    char name[64];
    npk_doc *doc = load(bytes, size);
    npk_check_result result;
    npk_identity seen;
    cr_assert_eq(npk_identify(doc, NULL, &seen, NULL), NPK_OK);
    cr_assert_eq(npk_check_doc(doc, bytes, size, NULL, &result, NULL), NPK_OK);
    for (size_t i = 0; npk_dialect_at(i, &dialect); i++) {
        if (dialect >> 28 == 0) /* no Python by itself */
            continue;
        const bool told = npk_identity_includes(&result.writer, dialect);
        npk_dialect_str(dialect, name, sizeof name);
        cr_expect(!told || is_of(doc, bytes, size, dialect, 0), "%s: %s, found %s", what, name, result.writer.text);
        cr_expect(told || !npk_identity_includes(&seen, dialect) || !is_of(doc, bytes, size, dialect, NPK_CHECK_STRICT),
                  "%s: not %s, found %s", what, name, result.writer.text);
    }
    npk_check_result_free(&result);
    npk_doc_free(doc);
}

Test(identify, all_who_write_the_same_are_told)
{
    static const size_t counts[] = {0, 1, 2, 3, 9, 16, 37, 64, 127, 1000, 1001, 1024, 1025};
    static const int protocols[] = {0, 1, 2, 4, 5};
    char what[120], name[64];
    for (size_t at = 0; at < KINDS * (sizeof counts / sizeof *counts) * 5; at++) {
        const size_t kind = at % KINDS, count = counts[at / KINDS % (sizeof counts / sizeof *counts)];
        const int protocol = protocols[at / KINDS / (sizeof counts / sizeof *counts)];
        npk_dialect dialect;
        uint8_t *before = NULL, *bytes;
        size_t size_before = 0, size;
        for (size_t i = 0; npk_dialect_at(i, &dialect); i++) {
            if (dialect >> 28 == 0 || !write_as(dialect, protocol, kind, count, &bytes, &size))
                continue;
            npk_dialect_str(dialect, name, sizeof name);
            snprintf(what, sizeof what, "kind %zu, %zu, protocol %d by %s", kind, count, protocol, name);
            if (size != size_before || memcmp(bytes, before, size) != 0)
                expect_told(bytes, size, what);
            npk_bytes_free(NULL, before, size_before);
            before = bytes;
            size_before = size;
        }
        npk_bytes_free(NULL, before, size_before);
    }
}

/* --- what is absent --- */

Test(identify, null)
{
    npk_identity who;
    npk_error error;
    npk_doc *doc = load(LIST4, sizeof LIST4 - 1);
    static const npk_identity none;
    memset(&who, 0xa5, sizeof who);
    cr_expect_eq(npk_identify(NULL, NULL, &who, &error), NPK_ERR_USAGE);
    cr_expect_eq(memcmp(&who, &none, sizeof none), 0);
    cr_expect_eq(npk_identify(doc, NULL, NULL, &error), NPK_ERR_USAGE);
    cr_expect_eq(npk_identify(NULL, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_expect_not(npk_identity_includes(NULL, NPK_CPYTHON(3, 8)));
    npk_doc_free(doc);
}

Test(identify, no_memory)
{
    static const char called[] =
        "\x80\3](c_codecs\nencode\ne."; /* without a name that npickle knows nothing is walked */
    npk_doc *doc = load(called, sizeof called - 1);
    npk_status status = NPK_ERR_MEMORY;
    static const npk_identity none;
    for (size_t fail = 1; status != NPK_OK; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_identity who;
        memset(&who, 0xa5, sizeof who);
        status = npk_identify(doc, &allocator, &who, NULL);
        cr_expect_eq(counter.held, 0);
        cr_expect_not(counter.wrong);
        if (status != NPK_OK) {
            cr_expect_eq(status, NPK_ERR_MEMORY);
            cr_expect_eq(memcmp(&who, &none, sizeof none), 0);
        } else {
            cr_expect_gt(fail, 1, "nothing was allocated");
        }
    }
    npk_doc_free(doc);
}
