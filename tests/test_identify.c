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
        "\x80\3](cm\nA\ne."; /* where there is no name, nothing was called, and nothing is walked */
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
