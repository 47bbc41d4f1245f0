/* Pickles read and written again: the goldens come out as they went in, in the dialect that wrote them and without being
 * told which that is; of what no pickler writes the verdict says why. */
#include "counted.h"
#include "full.h"
#include "writers.h"

#include <npickle.h>

#include <unistd.h>

static npk_check_result check(const void *bytes, size_t size, const npk_check_options *options)
{
    npk_check_result result;
    npk_error error = {.message = ""};
    memset(&result, 0xa5, sizeof result);
    cr_assert_eq(npk_check_memory(bytes, size, options, &result, &error), NPK_OK, "%s", error.message);
    return result;
}

#define CHECK(literal, options) check("" literal, sizeof(literal) - 1, options)

/* [1] at protocol 4 as pickle.dumps writes it, and with a number in a longer opcode than it chooses */
#define LIST4 "\x80\4\x95\6\0\0\0\0\0\0\0]\x94K\1a."
#define LONG4 "\x80\4\x95\11\0\0\0\0\0\0\0]\x94J\1\0\0\0a."

/* --- goldens --- */

/* "make check" takes every fourth pickle, "make check-full" all. */
static bool is_taken(void)
{
    static size_t visited;
    return visited++ % full_tests(4, 1) == 0;
}

static void expect_identical(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    if (!is_taken())
        return;
    char text[64];
    npk_dialect_str(dialect, text, sizeof text);
    npk_check_options options = {.flags = NPK_CHECK_DIALECT, .dialect = dialect};
    npk_check_result result = check(pickle.bytes, pickle.size, &options);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d, in %s: %s", name, protocol, text, result.reason);
    cr_expect_eq(result.dialect, dialect);
    cr_expect(npk_identity_includes(&result.writer, dialect), "%s, protocol %d: %s wrote it, found %s", name, protocol,
              text, result.writer.text);
    npk_check_result_free(&result);
    if (npk_identity_includes(&(npk_identity){.python_count = 1, .pythons = {{NPK_CPYTHON(2, 7), NPK_CPYTHON(2, 7)}}}, dialect & 0xffff0000u))
        return; /* numbers by reference counts, which only Python 2 knows */
    options.flags |= NPK_CHECK_STRICT;
    result = check(pickle.bytes, pickle.size, &options);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d, in %s, strict: %s", name, protocol, text,
                 result.reason);
    npk_check_result_free(&result);
}

Test(check, goldens_in_their_dialect)
{
    size_t visits = 0;
    for (size_t i = 0; i < GOLDEN_WRITERS; i++)
        visits += golden_each_writer(&golden_writers[i], expect_identical);
    cr_expect_gt(visits, 15000, "only %zu pickles were found", visits);
}

static void expect_found(const char *name, npk_dialect dialect, int protocol, golden_bytes pickle)
{
    if (!is_taken())
        return;
    npk_check_result result = check(pickle.bytes, pickle.size, NULL);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s, protocol %d: %s", name, protocol, result.reason);
    cr_expect(npk_identity_includes(&result.writer, dialect), "%s, protocol %d: found %s", name, protocol,
              result.writer.text);
    cr_expect_eq(result.read.offset, 0);
    cr_expect_null(result.read.opcode);
    cr_expect_null(result.path);
    cr_expect_str_eq(result.reason, "");
    npk_check_result_free(&result);
}

Test(check, goldens_without_being_told)
{
    for (size_t i = 0; i < GOLDEN_WRITERS; i++)
        if (golden_writers[i].dialect != 0)
            golden_each_writer(&golden_writers[i], expect_found);
}

/* --- verdicts --- */

static const struct {
    const char *name;
    const char *bytes;
    size_t size;
    npk_check_options options;
    npk_verdict verdict;
    int protocol;
    npk_check_place read, written;
    const char *path; /* NULL: none */
    const char *reason;
} rows[] = {
#define BYTES(literal) literal, sizeof(literal) - 1
    {"identical", BYTES(LIST4), {.flags = 0}, NPK_VERDICT_IDENTICAL, 4, {0, NULL}, {0, NULL}, NULL, ""},
    {"a longer opcode",
     BYTES(LONG4),
     {.flags = 0},
     NPK_VERDICT_SPELLING,
     4,
     {13, "BININT"},
     {13, "BININT1"},
     "[0]",
     "spelling: the values are equal"},
    {"no frame",
     BYTES("\x80\4]\x94K\1a."),
     {.flags = 0},
     NPK_VERDICT_FRAMES,
     4,
     {NPK_NO_OFFSET, NULL},
     {NPK_NO_OFFSET, NULL},
     NULL,
     "other frames"},
    {"another protocol",
     BYTES(LIST4),
     {.flags = NPK_CHECK_PROTOCOL, .protocol = 0},
     NPK_VERDICT_SPELLING,
     0,
     {0, "PROTO"},
     {0, "MARK"},
     "",
     "spelling: the values are equal"},
    {"nothing between",
     BYTES("K\1N0."),
     {.flags = 0},
     NPK_VERDICT_SPELLING,
     1,
     {2, "NONE"},
     {2, "STOP"},
     "",
     "spelling: the values are equal"},
    {"TUPLE2 at protocol 0",
     BYTES("cm\nf\np0\nNN\x86p1\nRp2\n."),
     {.flags = 0},
     NPK_VERDICT_SPELLING,
     0,
     {8, "NONE"},
     {8, "MARK"},
     ".<args>",
     "spelling: the values are equal"},
    {"bytes at protocol 0 of Python 2",
     BYTES("C\1\xff."),
     {.flags = NPK_CHECK_PROTOCOL | NPK_CHECK_DIALECT, .protocol = 0, .dialect = NPK_DIALECT_PYTHON2},
     NPK_VERDICT_VALUE,
     0,
     {0, "SHORT_BINBYTES"},
     {0, "STRING"},
     "",
     "another value: bytes b'\\xff' / str of Python 2 b'\\xff'"},
#undef BYTES
};

static void expect_place(const char *name, npk_check_place found, npk_check_place expected)
{
    cr_expect_eq(found.offset, expected.offset, "%s: %d", name, (int)found.offset);
    cr_expect((found.opcode == NULL) == (expected.opcode == NULL), "%s: %s", name, found.opcode != NULL ? found.opcode : "-");
    if (found.opcode != NULL && expected.opcode != NULL)
        cr_expect_str_eq(found.opcode, expected.opcode, "%s: %s", name, found.opcode);
}

Test(check, verdicts)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_check_result result = check(rows[i].bytes, rows[i].size, &rows[i].options);
        cr_expect_eq(result.verdict, rows[i].verdict, "%s: %d", rows[i].name, (int)result.verdict);
        cr_expect_eq(result.protocol, rows[i].protocol, "%s: %d", rows[i].name, result.protocol);
        expect_place(rows[i].name, result.read, rows[i].read);
        expect_place(rows[i].name, result.written, rows[i].written);
        cr_expect((result.path == NULL) == (rows[i].path == NULL), "%s: %s", rows[i].name, result.path);
        if (result.path != NULL && rows[i].path != NULL)
            cr_expect_str_eq(result.path, rows[i].path, "%s: %s", rows[i].name, result.path);
        cr_expect_str_eq(result.reason, rows[i].reason, "%s: %s", rows[i].name, result.reason);
        for (size_t k = 0; k < sizeof result.reserved / sizeof *result.reserved; k++)
            cr_expect_eq(result.reserved[k], 0);
        npk_check_result_free(&result);
    }
}

/* A persistent id of a list in which stands what it is the id of. */
#define LATE_ITEM "\x80\2(cm\nf\n]q\0\x85Rh\0K\3al." /* of a list that a call was given before */

/* More than what is held: each dialect is first compared as it comes, and then the one is looked for that comes nearest. A list as no pickler makes
 * it; a str of Python 2, which has no protocol 4. */
Test(check, large)
{
    static const struct {
        const char *head;
        size_t size;
        npk_dialect dialect;
    } heads[] = {{"\x80\2(", 3, NPK_DIALECT_DEFAULT}, {"\x80\4(U\1a", 6, NPK_CPYTHON(3, 4)}};
    const size_t room = (size_t)1 << 21;
    char *bytes = malloc(room);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        memset(bytes, 'N', room);
        memcpy(bytes, heads[i].head, heads[i].size);
        memcpy(bytes + room - 2, "l.", 2);
        npk_check_result result = check(bytes, room, NULL);
        cr_expect_eq(result.verdict, NPK_VERDICT_SPELLING, "%s", result.reason);
        cr_expect_eq(result.dialect, heads[i].dialect, "%08x", (unsigned)result.dialect);
        cr_expect_eq(result.read.offset, 2);
        cr_expect_str_eq(result.path, "");
        npk_check_result_free(&result);
    }
    free(bytes);
}

/* A document and bytes that are not its own: the values are not said to be equal. */
Test(check, bytes_of_another)
{
    static const char one[] = "\x80\2K\1.", other[] = "\x80\2K\2.", none[] = "no pickle";
    npk_doc *doc = NULL;
    npk_check_result result;
    cr_assert_eq(npk_doc_load_memory(one, sizeof one - 1, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_check_doc(doc, other, sizeof other - 1, NULL, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_VALUE, "%s", result.reason);
    npk_check_result_free(&result);
    cr_assert_eq(npk_check_doc(doc, none, sizeof none - 1, NULL, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_VALUE, "%s", result.reason);
    npk_check_result_free(&result);
    npk_doc_free(doc);
}

/* Two pickles that differ in a PUT or a name are not both one pickler's. */
Test(check, writers_and_strict)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *writer;
        npk_verdict strict;
    } rows[] = {
#define ROW(bytes, writer, strict) {bytes, sizeof(bytes) - 1, writer, NPK_VERDICT_##strict}
        ROW("\x80\2]q\0(X\1\0\0\0aq\1X\1\0\0\0bq\2e.", "Python 3.4 and later or pickle.py 2.7", IDENTICAL),
        ROW("\x80\2]q\0(X\1\0\0\0aq\1X\1\0\0\0be.", "no pickler that npickle knows", SPELLING),
        /* pickle.dumps(R6(), 2), whose __reduce_ex__ gives a state setter: neither its call nor the arguments have a number */
        ROW("\x80\2c__main__\nR6\nq\0)Rq\1c__main__\nsetst\nq\2h\1K\1\x86R0.", "Python 3.8 and later", IDENTICAL),
        /* shapes.Point of doc/format.md at protocols 1 and 0, as CPython 3.11's C and Python picklers write them, and as npickle does */
        ROW("cshapes\nPoint\nq\0)Rq\1cshapes\nmove\nq\2h\1K\1\x86R0.", "Python 3.8 and later", IDENTICAL),
        ROW("cshapes\nPoint\np0\n(tRp1\ncshapes\nmove\np2\ng1\nI1\n\x86R0.", "Python 3.8 and later", IDENTICAL),
        ROW("cshapes\nPoint\nq\0)Rq\1cshapes\nmove\nq\2(h\1K\1tR0.", "no pickler that npickle knows", SPELLING),
        /* the arguments of a call that is dropped, and no state setter, have a number; of a state setter they have none */
        ROW("\x80\2c__main__\nR6\nq\0)Rq\1c__main__\nsetst\nq\2h\1K\1\x86q\3R0.", "no pickler that npickle knows",
            SPELLING),
        ROW("\x80\2J\1\0\0\0.", "no pickler that npickle knows", SPELLING),
        /* no pickler puts a number into its memo */
        ROW("\x80\3M\0\1q\0.", "no pickler that npickle knows", UNWRITABLE),
        ROW("\x80\2G\0\0\0\0\0\0\0\0q\0.", "no pickler that npickle knows", UNWRITABLE),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_check_options strict = {.flags = NPK_CHECK_STRICT | NPK_CHECK_DIALECT};
        npk_check_result result = check(rows[i].bytes, rows[i].size, NULL);
        npk_identity writer;
        npk_doc *doc = NULL;
        cr_expect_str_eq(result.writer.text, rows[i].writer, "row %zu: %s", i, result.writer.text);
        cr_assert_eq(npk_doc_load_memory(rows[i].bytes, rows[i].size, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_identify_bytes(doc, rows[i].bytes, rows[i].size, NULL, &writer, NULL), NPK_OK);
        cr_expect_str_eq(writer.text, result.writer.text);
        npk_doc_free(doc);
        npk_check_result_free(&result);
        result = check(rows[i].bytes, rows[i].size, &strict);
        cr_expect_eq(result.verdict, rows[i].strict, "row %zu: %s", i, result.reason);
        npk_check_result_free(&result);
    }
}

/* Bytes by _codecs.encode are of Python 3, and LONG for 1 is of Python 2: each would write its part of it so. */
/* Old-style instances of classes with __getinitargs__ and __getstate__, as pickle.py of Python 2.7 writes them: the first one takes a
 * number that nothing has, for what is kept alive. And a tuple in itself through its arguments, which gets its state twice there. */
Test(check, what_pickle_py_does)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *writer;
    } rows[] = {
#define WRITTEN(bytes, writer) {bytes, sizeof(bytes) - 1, writer}
#define NOBODY "no pickler that npickle knows"
        WRITTEN("(lp0\n(I1\nim\nI\np2\n(dp3\nbaVx\np4\na(I1\nim\nI\np5\n(dp6\nba.", "pickle.py 2.7"),
        WRITTEN("\x80\2]q\0((cm\nI\nq\2K\1oq\3}q\4bX\1\0\0\0xq\5(h\2K\1oq\6}q\7be.", "pickle.py 2.7"),
        WRITTEN("\x80\2]q\0((cm\nI\nq\2K\1oq\3}q\4bX\1\0\0\0xq\5(h\2K\1oq\6}q\10be.", NOBODY),
        WRITTEN("\x80\2]q\0((cm\nI\nq\1K\1oq\2}q\3bX\1\0\0\0xq\4(h\1K\1oq\5}q\6be.", NOBODY),
        WRITTEN("(lp0\n(im\nS\np1\nNbaVx\np3\na.", "pickle.py 2.7"),
        WRITTEN("\x80\2]q\0((cm\nS\nq\1oq\2NbX\1\0\0\0xq\4e.", "pickle.py 2.7"),
        WRITTEN("\x80\2]q\0((cm\nS\nq\1oq\3NbX\1\0\0\0xq\4e.", NOBODY),
        WRITTEN("\x80\2]q\0((cm\nS\nq\2oq\4NbX\1\0\0\0xq\5e.", NOBODY),
        WRITTEN("\x80\2]q\0((cm\nI\nq\2oq\3}q\4U\2_aq\5)sbX\1\0\0\0xq\6e.", "pickle.py 2.7"),
        WRITTEN("\x80\2cm\nT\nq\0]q\1h\0h\1\x85q\2Rq\3}q\4X\1\0\0\0xq\5K\1sba\x85q\6R0h\3}q\7h\5K\1sb.",
           "pickle.py 3.4 and later or pickle.py 2.7"),
        WRITTEN("\x80\2cm\nT\nq\0)Rq\1}q\2b}q\3b.", NOBODY), /* not inside its arguments */
        WRITTEN("\x80\2cm\nC\nq\0)\x81q\1Nb.", NOBODY),       /* None is given to an old-style instance alone */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_check_options strict = {.flags = NPK_CHECK_STRICT};
        npk_check_result result = check(rows[i].bytes, rows[i].size, &strict);
        const bool identical = strcmp(rows[i].writer, NOBODY) != 0;
        cr_expect_eq(result.verdict == NPK_VERDICT_IDENTICAL, identical, "row %zu: %s", i, result.reason);
        cr_expect(!identical || strcmp(result.writer.text, rows[i].writer) == 0, "row %zu: %s", i, result.writer.text);
        npk_check_result_free(&result);
    }
}

Test(check, strict_of_what_nobody_makes)
{
    static const char bytes[] =
        "]q\0(c_codecs\nencode\nq\1(X\3\0\0\0yyyq\2X\6\0\0\0latin1q\3tq\4Rq\5L1L\ne.";
    const npk_check_options strict = {.flags = NPK_CHECK_STRICT};
    npk_check_result result = check(bytes, sizeof bytes - 1, NULL);
    cr_expect_str_eq(result.writer.text, "no pickler that npickle knows");
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL);
    npk_check_result_free(&result);
    result = check(bytes, sizeof bytes - 1, &strict);
    cr_expect_eq(result.verdict, NPK_VERDICT_SPELLING, "%s", result.reason);
    cr_expect_str_eq(result.writer.text, "no pickler that npickle knows");
    npk_check_result_free(&result);
}

/* What means the same and no NumPy writes: the flags of a dtype, its code and byte order, the order of an array. */
Test(check, strict_of_what_no_numpy_makes)
{
#define OF(code, flags, order, more, length, fortran)                                                                  \
    "\200\2cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K" length                                      \
    "\205q\2U\1bq\3\207q\4Rq\5(K\1K\0\205q\6cnumpy\ndtype\nq\7U\2" code "q\10" flags "\207q\11Rq\12(K\3U\1" order      \
    "q\13NNNJ\377\377\377\377J\377\377\377\377K" more "tq\14b" fortran "U\0q\15tq\16b."
#define MADE(verdict, ...)                                                                                             \
    {                                                                                                                  \
        OF(__VA_ARGS__), sizeof(OF(__VA_ARGS__)) - 1, NPK_VERDICT_##verdict                                            \
    }
    static const struct {
        const char *bytes;
        size_t size;
        npk_verdict verdict;
    } rows[] = {
        MADE(IDENTICAL, "f8", "K\0K\1", "<", "\0", "\0", "\211"),
        MADE(IDENTICAL, "i2", "\211\210", ">", "\0", "\0", "\210"),
        MADE(IDENTICAL, "u1", "K\0K\1", "|", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211\211", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\210\210", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211K\1", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211K\7", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "N\210", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "<d", "\211\210", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "u1", "\211\210", "<", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211\210", "=", "\0", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211\210", "<", "\20", "\0", "\211"),
        MADE(UNWRITABLE, "f8", "\211\210", "<", "\0", "\1", "\211"),
        MADE(UNWRITABLE, "i4", "\211\210", "<", "\0", "\0", "K\210"),
    };
    const npk_check_options strict = {.flags = NPK_CHECK_STRICT};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_check_result result = check(rows[i].bytes, rows[i].size, &strict);
        cr_expect_eq(result.verdict, rows[i].verdict, "row %zu: %s", i, result.reason);
        npk_check_result_free(&result);
    }
#undef MADE
#undef OF
}

/* What Python gives its pickler, changed at one place: another value in the same bytes, of which Python pickles another. */
Test(check, strict_of_what_python_writes_otherwise)
{
    static const npk_check_options strict = {.flags = NPK_CHECK_STRICT | NPK_CHECK_DIALECT,
                                             .dialect = NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26)};
    golden g;
    int protocol, counts[2] = {0, 0};
    golden_bytes pickle;
    golden_open(&g, "forms.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            const bool same = g.name[0] == 's';
            npk_check_result result;
            counts[same]++;
            if (npk_check_memory(pickle.bytes, pickle.size, &strict, &result, NULL) == NPK_OK)
                cr_expect_eq(result.verdict == NPK_VERDICT_IDENTICAL, same, "%s: %s", g.name, result.reason);
            else
                cr_expect(!same, "%s", g.name);
            npk_check_result_free(&result);
        }
    golden_close(&g);
    cr_expect_eq(counts[true], 329);
    cr_expect_eq(counts[false], 500);
}

/* Which release it was shows in names and in how objects are made: bytes of CPython's picklers with these NumPys. */
Test(check, releases)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *dialect, *writer; /* NULL: no release of any Python and NumPy */
        const char *other;            /* a dialect that does not write it */
        const char *reason;           /* why that can't; NULL: it writes something else */
    } rows[] = {
#define MADE(bytes, ...) {bytes, sizeof(bytes) - 1, __VA_ARGS__}
#define NODE "\x80\2cast\nAdd\nq\0)Rq\1}q\2b."
#define PATH "cpathlib._local\nPosixPath\np0\n."
#define MATLIB "\x80\2cnumpy.matlib\nempty\nq\0."
#define UFUNC "\x80\2cnumpy.core\n_ufunc_reconstruct\nq\0X\5\0\0\0numpyq\1X\3\0\0\0addq\2\x86q\3Rq\4."
#define NUMPY2_UFUNC "\x80\2cnumpy\nadd\nq\0."
#define PCG64 "X\5\0\0\0PCG64q\1"
#define MAKE(arguments) "\x80\2cnumpy.random._pickle\n__bit_generator_ctor\nq\0" arguments "\x85q\2Rq\3."
#define SEEDS(sum)                                                                                                     \
    "\x80\2cnumpy.random.bit_generator\n__pyx_unpickle_SeedlessSeedSequence\nq\0cnumpy.random.bit_generator\n"         \
    "SeedlessSeedSequence\nq\1J" sum "N\x87q\2Rq\3."
#define HELD(end)                                                                                                      \
    "\x80\2]q\0(cm\nT\nq\1]q\2cm\nH\nq\3)\x81q\4}q\5X\1\0\0\0xq\6h\1]q\7h\4a\x85q\x8Rq\x9}q\nX\1\0\0\0yq\x0bh\4sbsba\x85q\x0c" \
    "R0h\x9" end "h\4e."
#define BOTH "\x80\2cnumpy.core.overrides\nset_module\nq\0cnumpy._core.numeric\n_frombuffer\nq\1\x86q\2."
        MADE(PATH, "cpython3.13", "Python 3.13", "cpython3.12", NULL),
        MADE(NODE, "pickle.py3.10", "Python 3.9 and later", "jython2.7", "Python 2.7 writes another name for ast.Add"),
        MADE("\x80\2c_operator\nior\nq\0.", "pickle.py3.10", "Python 3.4 and later", "jython2.7", NULL),
        MADE("\x80\2cCGIHTTPServer\nexecutable\nq\1.", "python2", "CPython 2.7 or Jython 2.7", "cpython3.6", NULL),
        MADE("\x80\2csubprocess\n_cleanup\nq\1.", "python2", "CPython 2.7 or Jython 2.7", "cpython3.6", NULL),
        /* cPickle gives no number to what nothing else has, the others do */
        MADE("(I1\nI2\nt.", "python2", "CPython 2.7", "cpython3.6", NULL),
        MADE("]K\1a.", "python2", "CPython 2.7", "jython2.7", NULL),
        MADE("X\3\0\0\0abc.", "python2", "CPython 2.7", "cpython3.6", NULL),
        MADE("cnumpy\ndtype\nq\0.", "default", "Python 3.4 and later or pickle.py 2.7", "cpython2.7", NULL),
        MADE("c__builtin__\ngetattr\n(cm\nA\nVB\ntR(I1\ntR.", "python2", "Python 3.13 and later or CPython 2.7",
             "cpython3.6", NULL),
        MADE("\x80\2cast\nEllipsis\nq\0.", "default", "Python 3.8 and later", "jython2.7",
             "Python 2.7 writes another name for ast.Ellipsis"),
        MADE(MATLIB, "default", "Python 3.4 and later or pickle.py 2.7", "jython2.7", NULL),
        MADE(UFUNC, "cpython3.6+numpy1.19", "Python 3.4 and later or pickle.py 2.7, NumPy before 1.20",
             "cpython3.9+numpy1.21", "no such NumPy makes (root) as it is made here"),
        MADE(NUMPY2_UFUNC, "cpython3.10+numpy2.2", "Python 3.10 and later, NumPy 2.2 and later", "cpython3.9+numpy1.21",
             "NumPy 1.21 writes another name for numpy.add"),
        MADE(MAKE(PCG64), "default", "Python 3.4 and later, NumPy 1.17 to 1.26", "cpython3.13+numpy2.5",
             "no such NumPy makes (root) as it is made here"),
        MADE(SEEDS("\x44\x01\x3b\x0e"), "pickle.py3.10", "Python 3.4 and later, NumPy 1.26 and later", "cpython3.9+numpy1.21",
             "no such NumPy makes (root) as it is made here"),
        MADE(SEEDS("\xcd\xd8\x41\x0d"), "default", "Python 3.4 and later, NumPy 1.17 to 1.25", "cpython3.11+numpy1.26",
             "no such NumPy makes (root) as it is made here"),
        /* an object that holds itself through its arguments gets its state once more by pickle.py */
        MADE(HELD(""), "default", "CPython 3.4 and later", "pickle.py3.11", "made as no Python or NumPy makes it"),
        MADE(HELD("h\nb"), "pickle.py3.10", "pickle.py 3.4 and later or pickle.py 2.7", "cpython3.11", "made as no Python or NumPy makes it"),
        MADE(BOTH, NULL, NULL, "cpython3.13+numpy2.5", "NumPy 2.5 has no numpy.core.overrides.set_module"),
#undef MADE
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char dialect[64];
        npk_check_options strict = {.flags = NPK_CHECK_STRICT};
        npk_check_result result = check(rows[i].bytes, rows[i].size, &strict);
        npk_dialect_str(result.dialect, dialect, sizeof dialect);
        if (rows[i].dialect == NULL) {
            cr_expect_eq(result.verdict, NPK_VERDICT_UNWRITABLE, "row %zu: %s", i, result.reason);
        } else {
            cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "row %zu: %s", i, result.reason);
            cr_expect_str_eq(dialect, rows[i].dialect, "row %zu: %s", i, dialect);
            cr_expect_str_eq(result.writer.text, rows[i].writer, "row %zu: %s", i, result.writer.text);
        }
        npk_check_result_free(&result);
        strict.flags |= NPK_CHECK_DIALECT;
        cr_assert_eq(npk_dialect_parse(rows[i].other, &strict.dialect, NULL), NPK_OK);
        result = check(rows[i].bytes, rows[i].size, &strict);
        cr_expect_eq(result.verdict, rows[i].reason != NULL ? NPK_VERDICT_UNWRITABLE : NPK_VERDICT_SPELLING,
                     "row %zu: %s", i, result.reason);
        cr_expect(rows[i].reason == NULL || strstr(result.reason, rows[i].reason) != NULL, "row %zu: %s", i,
                  result.reason);
        npk_check_result_free(&result);
    }
}

/* Numbers that are no dialect, and the last release that a number can say. */
Test(check, strict_dialects)
{
    static const npk_dialect wrong[] = {NPK_NUMPY(3, 0),      NPK_NUMPY(200, 1), NPK_NUMPY(255, 255),
                                        NPK_CPYTHON(15, 255), UINT32_MAX,        NPK_CPYTHON(2, 7) | NPK_NUMPY(4, 63),
                                        NPK_CPYTHON(3, 3)};
    static const npk_dialect last[] = {NPK_NUMPY(1, 255), NPK_NUMPY(2, 255), NPK_NUMPY(2, 64), NPK_CPYTHON(3, 255),
                                       NPK_CPYTHON(3, 13) | NPK_NUMPY(2, 255)};
    const char bytes[] = MAKE(PCG64);
    npk_check_options strict = {.flags = NPK_CHECK_STRICT | NPK_CHECK_DIALECT};
    npk_check_result result;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        strict.dialect = wrong[i];
        cr_expect_eq(npk_check_memory(bytes, sizeof bytes - 1, &strict, &result, NULL), NPK_ERR_USAGE, "0x%08x",
                     (unsigned)wrong[i]);
    }
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        strict.dialect = last[i];
        cr_expect_eq(npk_check_memory(bytes, sizeof bytes - 1, &strict, &result, NULL), NPK_OK, "0x%08x",
                     (unsigned)last[i]);
        npk_check_result_free(&result);
    }
}

Test(check, unwritable)
{
    npk_check_result result = CHECK(LATE_ITEM, NULL);
    cr_expect_eq(result.verdict, NPK_VERDICT_UNWRITABLE);
    cr_expect_eq(result.read.offset, NPK_NO_OFFSET);
    cr_expect_eq(result.written.offset, NPK_NO_OFFSET);
    cr_expect_null(result.read.opcode);
    cr_expect_null(result.path);
    cr_expect_eq(strcmp(result.reason, "it can't be written: at [0].<args>[0]: this gets more in its pickle after "
                                       "others have it, and may have been seen without"),
                 0, "%s", result.reason);
    npk_check_result_free(&result);
}

Test(check, texts_of_verdicts)
{
    cr_expect_str_eq(npk_verdict_text(NPK_VERDICT_IDENTICAL), "the same bytes");
    cr_expect_not_null(npk_verdict_text((npk_verdict)-1));
    cr_expect_not_null(npk_verdict_text((npk_verdict)7));
}

/* --- documents and files --- */

/* A document that was edited: the value that the edit put there. */
Test(check, edited)
{
    npk_doc *doc = NULL;
    npk_check_result result;
    cr_assert_eq(npk_doc_load_memory(LIST4, sizeof LIST4 - 1, NULL, &doc, NULL), NPK_OK);
    cr_expect_eq(npk_check_doc(doc, LIST4, sizeof LIST4 - 1, NULL, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL);
    npk_check_result_free(&result);
    cr_expect_eq(npk_check_doc(doc, LIST4, sizeof LIST4 - 2, NULL, &result, NULL), NPK_OK); /* one byte short: no pickle */
    cr_expect_eq(result.verdict, NPK_VERDICT_VALUE);
    cr_expect_null(result.read.opcode);
    cr_expect_str_eq(result.written.opcode, "STOP");
    npk_check_result_free(&result);
    npk_doc_free(doc);
}

Test(check, file)
{
    char path[] = "/tmp/npickle-check-XXXXXX";
    int fd = mkstemp(path);
    npk_check_result result;
    cr_assert(fd >= 0 && write(fd, LIST4, sizeof LIST4 - 1) == sizeof LIST4 - 1);
    cr_expect_eq(npk_check(path, NULL, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL);
    cr_expect_str_eq(result.writer.text, "Python 3.4 and later");
    npk_check_result_free(&result);
    cr_assert_eq(write(fd, "\n\0", 2), 2);
    cr_expect_eq(npk_check(path, NULL, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "padding is no part of the pickle");
    npk_check_result_free(&result);
    cr_assert_eq(write(fd, "N", 1), 1);
    cr_expect_eq(npk_check(path, NULL, &result, NULL), NPK_ERR_TRAILING);
    cr_expect_eq(result.verdict, NPK_VERDICT_NONE);
    cr_assert_eq(ftruncate(fd, 0), 0);
    cr_expect_eq(npk_check(path, NULL, &result, NULL), NPK_ERR_TRUNCATED);
    close(fd);
    unlink(path);
    cr_expect_eq(npk_check(path, NULL, &result, NULL), NPK_ERR_IO);
    cr_expect_eq(result.verdict, NPK_VERDICT_NONE);
}

/* Payloads out of band (protocol 5) are given for reading, and refer to the same buffers when they are written. */
Test(check, buffers)
{
    static const char pickle[] = "\x80\5\x97.";
    const npk_buffer buffer = {.bytes = "abc", .size = 3};
    const npk_read_options reading = {.buffers = &buffer, .buffer_count = 1};
    const npk_check_options options = {.reading = &reading};
    npk_check_result result = check(pickle, sizeof pickle - 1, &options);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s", result.reason);
    npk_check_result_free(&result);
}

/* The limits of the caller hold for what is read, and no others for what is written and read again. */
Test(check, limits)
{
    enum { DEEP = 1500 }; /* more than the 1000 of the default */
    char pickle[2 * DEEP];
    npk_check_result result;
    memset(pickle, ']', DEEP);
    memset(pickle + DEEP, 'a', DEEP - 1);
    pickle[2 * DEEP - 1] = '.';
    npk_read_options reading = {.limits = {.depth = DEEP}};
    const npk_check_options options = {.reading = &reading};
    cr_expect_eq(npk_check_memory(pickle, sizeof pickle, NULL, &result, NULL), NPK_ERR_LIMIT);
    cr_expect_eq(npk_check_memory(pickle, sizeof pickle, &options, &result, NULL), NPK_OK);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s", result.reason);
    npk_check_result_free(&result);
    reading.limits.depth = DEEP - 1;
    cr_expect_eq(npk_check_memory(pickle, sizeof pickle, &options, &result, NULL), NPK_ERR_LIMIT);
}

/* A pickle with large payloads, in frames as this Python has them: in those of 3.4 to 3.6 they stand whole. */
static uint8_t *large_payloads(npk_dialect dialect, size_t *size)
{
    enum { MIB = 1 << 20 };
    static char payload[MIB];
    const npk_write_options options = {.protocol_given = true, .protocol = 4, .dialect = dialect};
    npk_writer *writer = NULL;
    uint8_t *pickle = NULL;
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    for (int64_t i = 0; i < 4; i++) {
        npk_write_bytes(writer, payload, MIB - (size_t)i);
        npk_write_int(writer, i);
    }
    npk_write_end(writer);
    cr_assert_eq(npk_writer_finish_memory(writer, &pickle, size, NULL), NPK_OK);
    return pickle;
}

/* Nothing of a payload is held while it is written again, also in a frame that is longer than it; the frames have lengths all the same. */
Test(check, memory)
{
    const npk_dialect dialects[] = {NPK_CPYTHON(3, 4), NPK_DIALECT_DEFAULT};
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        uint8_t *pickle = large_payloads(dialects[i], &size);
        counted counter = {0};
        const npk_allocator allocator = {resize_counted, &counter};
        const npk_read_options reading = {.allocator = &allocator};
        const npk_check_options options = {.reading = &reading};
        npk_check_result result = check(pickle, size, &options);
        cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s", result.reason);
        cr_expect_eq(result.dialect, dialects[i]);
        cr_expect(counter.peak < (1 << 18), "%zu bytes were held", counter.peak);
        npk_check_result_free(&result);
        pickle[3] ^= 1; /* the first frame is one byte shorter or longer than it should be */
        if (npk_check_memory(pickle, size, &options, &result, NULL) == NPK_OK)
            cr_expect_neq(result.verdict, NPK_VERDICT_IDENTICAL);
        npk_check_result_free(&result);
        npk_bytes_free(NULL, pickle, size);
    }
}

/* --- what is absent or wrong --- */

static void expect_usage(npk_status status, const npk_check_result *result)
{
    static const npk_check_result none;
    cr_expect_eq(status, NPK_ERR_USAGE);
    cr_expect_eq(memcmp(result, &none, sizeof none), 0);
}

Test(check, null)
{
    npk_doc *doc = NULL;
    npk_check_result result;
    cr_assert_eq(npk_doc_load_memory(LIST4, sizeof LIST4 - 1, NULL, &doc, NULL), NPK_OK);
    memset(&result, 0xa5, sizeof result);
    expect_usage(npk_check(NULL, NULL, &result, NULL), &result);
    memset(&result, 0xa5, sizeof result);
    expect_usage(npk_check_memory(NULL, 1, NULL, &result, NULL), &result);
    memset(&result, 0xa5, sizeof result);
    expect_usage(npk_check_doc(NULL, LIST4, 1, NULL, &result, NULL), &result);
    memset(&result, 0xa5, sizeof result);
    expect_usage(npk_check_doc(doc, NULL, 1, NULL, &result, NULL), &result);
    cr_expect_eq(npk_check("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_check_memory(LIST4, sizeof LIST4 - 1, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_check_doc(doc, LIST4, sizeof LIST4 - 1, NULL, NULL, NULL), NPK_ERR_USAGE);
    npk_check_result_free(NULL);
    memset(&result, 0, sizeof result);
    npk_check_result_free(&result);
    npk_doc_free(doc);
}

Test(check, options_that_are_none)
{
    static const npk_check_options wrong[] = {
        {.flags = 8},
        {.flags = NPK_CHECK_PROTOCOL, .protocol = 6},
        {.flags = NPK_CHECK_PROTOCOL, .protocol = -1},
        {.flags = NPK_CHECK_DIALECT, .dialect = 0xf0000000},
        {.flags = NPK_CHECK_DIALECT, .dialect = NPK_DIALECT_PYTHON2}, /* which has no protocol 4 */
        {.reserved = {1}},
        {.reserved = {[7] = 1}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        npk_check_result result;
        npk_error error = {.message = ""};
        memset(&result, 0xa5, sizeof result);
        cr_expect_eq(npk_check_memory(LIST4, sizeof LIST4 - 1, &wrong[i], &result, &error), NPK_ERR_USAGE, "%zu", i);
        cr_expect_str_neq(error.message, "", "%zu", i);
        expect_usage(NPK_ERR_USAGE, &result);
    }
    const npk_read_options reading = {.reserved = {1}};
    npk_check_result result;
    expect_usage(npk_check_memory(LIST4, sizeof LIST4 - 1, &(npk_check_options){.reading = &reading}, &result, NULL), &result);
}

/* --- memory --- */

static void expect_no_leak(const void *bytes, size_t size, const char *path)
{
    npk_status status = NPK_ERR_MEMORY;
    for (size_t fail = 1; status != NPK_OK; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_check_options options = {.allocator = &allocator};
        npk_check_result result;
        status = npk_check_memory(bytes, size, &options, &result, NULL);
        cr_expect(status == NPK_OK || status == NPK_ERR_MEMORY, "%d", (int)status);
        if (status != NPK_OK)
            cr_expect_eq(counter.held, 0, "%zu: %zu bytes", fail, counter.held);
        else
            cr_expect(path == NULL ? result.path == NULL : strcmp(result.path, path) == 0);
        npk_check_result_free(&result);
        cr_expect_eq(counter.held, 0);
        cr_expect_not(counter.wrong);
    }
}

Test(check, no_memory)
{
    expect_no_leak(LIST4, sizeof LIST4 - 1, NULL);
    expect_no_leak(LONG4, sizeof LONG4 - 1, "[0]");
}

/* An old-style instance of cPickle that was made once more inside its own arguments has a number in the memo twice, and the second is
 * given to the next one, too: cPickle goes by how much its memo has. */
Test(check, number_given_twice)
{
#define TWICE(between) "(lp1\n((lp2\n(im\nI\np3\n(dp4\nS'l'\ng2\nsba" between "S'xyxy'\np5\nag5\na(lp6\nI1\naa."
    static const char twice[] = TWICE("im\nI\np5\ng4\nba"), list[] = TWICE("lp5\na");
#undef TWICE
    const npk_check_options strict = {.flags = NPK_CHECK_STRICT};
    npk_check_result result = check(twice, sizeof twice - 1, &strict);
    cr_expect_eq(result.verdict, NPK_VERDICT_IDENTICAL, "%s", result.reason);
    cr_expect_str_eq(result.writer.text, "CPython 2.7");
    npk_check_result_free(&result);
    result = check(list, sizeof list - 1, &strict);
    cr_expect_neq(result.verdict, NPK_VERDICT_IDENTICAL);
    npk_check_result_free(&result);
}

/* Items without bytes have one place in either order; NumPy since 1.21 tells the order in which their array was made. */
Test(check, order_of_items_without_bytes)
{
#define V0(shape, fortran)                                                                                             \
    "\x80\2cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\1K\0\x85q\2c_codecs\nencode\nq\3X\1\0\0\0bq\4X\6\0\0\0latin1q\5"   \
    "\x86q\6Rq\7\x87q\x08Rq\t(K\1" shape "cnumpy\ndtype\nq\x0bX\2\0\0\0V0q\x0c\x89\x88\x87q\rRq\x0e(K\3X\1\0\0\0|q\x0fNNNK\0K\1K\0"   \
    "tq\x10" "b" fortran "c__builtin__\nbytes\nq\x11)Rq\x12tq\x13" "b."
    static const struct {
        const char bytes[400];
        size_t size;
        const char *dialect;
        bool is_made_so;
    } rows[] = {
#define V0_ROW(shape, fortran, dialect, made) {V0(shape "q\n", fortran), sizeof V0(shape "q\n", fortran) - 1, dialect, made}
        V0_ROW("K\2K\3\x86", "\x88", "cpython3.9+numpy1.21", true),  V0_ROW("K\2K\3\x86", "\x88", "cpython3.11+numpy1.26", true),
        V0_ROW("K\2K\3\x86", "\x88", "cpython3.6+numpy1.19", false), V0_ROW("K\2K\3\x86", "\x89", "cpython3.6+numpy1.19", true),
        V0_ROW("K\2K\3\x86", "\x89", "cpython3.11+numpy1.26", true), V0_ROW("K\1K\3\x86", "\x88", "cpython3.11+numpy1.26", false),
        V0_ROW("K\0K\3\x86", "\x88", "cpython3.11+numpy1.26", false),
    };
#undef V0_ROW
#undef V0
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_check_options options = {.flags = NPK_CHECK_STRICT | NPK_CHECK_DIALECT};
        npk_check_result result;
        cr_assert_eq(npk_dialect_parse(rows[i].dialect, &options.dialect, NULL), NPK_OK);
        cr_assert_eq(npk_check_memory(rows[i].bytes, rows[i].size, &options, &result, NULL), NPK_OK);
        cr_expect_eq(result.verdict == NPK_VERDICT_IDENTICAL, rows[i].is_made_so, "row %zu: %s", i, result.reason);
        npk_check_result_free(&result);
    }
}

/* A dtype M8[s] as each NumPy has it: beside its unit NumPy 2.4 has None, those before it have {}. */
Test(check, beside_a_unit)
{
#define M8(beside)                                                                                                     \
    "\x80\2cnumpy\ndtype\nq\0X\2\0\0\0M8q\1\x89\x88\x87q\2Rq\3(K\4X\1\0\0\0<"                                          \
    "q\4NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0" beside                                                               \
    "(c_codecs\nencode\nq\6X\1\0\0\0sq\7X\6\0\0\0latin1q\x08\x86q\tRq\nK\1K\1K\1tq\x0b\x86q\x0ctq\rb."
    static const char dict[] = M8("}q\5");
#undef M8
    static const struct {
        const char *dialect;
        bool dict;
    } rows[] = {{"cpython3.11+numpy1.26", true}, {"cpython3.11+numpy2.3", true}, {"cpython3.11+numpy2.4", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_check_options options = {.flags = NPK_CHECK_STRICT | NPK_CHECK_DIALECT};
        npk_check_result result;
        cr_assert_eq(npk_dialect_parse(rows[i].dialect, &options.dialect, NULL), NPK_OK);
        cr_assert_eq(npk_check_memory(dict, sizeof dict - 1, &options, &result, NULL), NPK_OK);
        cr_expect_eq(result.verdict == NPK_VERDICT_IDENTICAL, rows[i].dict, "%s", rows[i].dialect);
        npk_check_result_free(&result);
    }
}
