#define _GNU_SOURCE /* memmem */
/* Pickles that do things (tests/gen/effects.py), at every protocol and back: the same graph, with all the objects that Python made,
 * and no opcode above the protocol. What each call does in which order tests/check-trace.sh compares, with a Python. */
#include "golden.h"

#include <npickle.h>

/* Objects that calls made, each once, what was dropped as well. */
static long count_objects(const npk_doc *doc)
{
    npk_walk *walk;
    const npk_value *value;
    long count = 0;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        count += npk_value_kind(value) == NPK_KIND_OBJECT;
    npk_walk_free(walk);
    return count;
}

static npk_doc *loaded(const golden *g, const golden_bytes *pickle)
{
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_doc_load_memory(pickle->bytes, pickle->size, NULL, &doc, &error), NPK_OK, "%s: %s", g->name,
                 error.message);
    return doc;
}

static npk_status write_at(const npk_doc *doc, int protocol, golden_bytes *out, npk_error *error)
{
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .translate_names = true};
    return npk_doc_save_memory(doc, &options, &out->bytes, &out->size, error);
}

static void expect_protocol(const golden *g, const golden_bytes *pickle, int protocol)
{
    npk_instruction in = {.end = 0};
    while (in.end < pickle->size) {
        cr_assert_eq(npk_instruction_at(pickle->bytes, pickle->size, in.end, &in, NULL), NPK_OK);
        cr_assert_leq(in.opcode->protocol, protocol, "%s at protocol %d: %s", g->name, protocol, in.opcode->name);
    }
}

static void expect_same(const golden *g, const npk_doc *doc, const npk_doc *other, int protocol, long calls)
{
    uint64_t differences = 1;
    long count = count_objects(other);
    if (calls >= 0) /* functools.partial is several calls below protocol 4 */
        cr_expect_eq(count, calls, "%s at protocol %d: %ld objects, Python makes %ld", g->name, protocol, count, calls);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(other), NULL, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0, "%s at protocol %d is another graph", g->name, protocol);
}

static int refused; /* programs, as no pickler writes them, whose calls the writer can't keep in their order: times */

/* To a protocol, and back to its own. */
static void there_and_back(const golden *g, const npk_doc *doc, int protocol, int own, long calls)
{
    golden_bytes there = {NULL, 0}, back = {NULL, 0};
    npk_error error = {.message = ""};
    npk_status status = write_at(doc, protocol, &there, &error);
    if (strncmp(g->name, "program", 7) == 0 && status == NPK_ERR_UNSUPPORTED && (strstr(error.message, "in another order") != NULL || strstr(error.message, "not part of what is written") != NULL ||
                                            strstr(error.message, "may have been seen without") != NULL)) {
        refused++;
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s to protocol %d: %s", g->name, protocol, error.message);
    npk_doc *other = loaded(g, &there);
    expect_protocol(g, &there, protocol);
    expect_same(g, doc, other, protocol, calls);
    cr_assert_eq(write_at(other, own, &back, &error), NPK_OK, "%s back from protocol %d: %s", g->name, protocol,
                 error.message);
    npk_doc *again = loaded(g, &back);
    expect_protocol(g, &back, own);
    expect_same(g, doc, again, protocol, calls);
    npk_doc_free(again);
    npk_doc_free(other);
    npk_bytes_free(NULL, back.bytes, back.size);
    npk_bytes_free(NULL, there.bytes, there.size);
}

/* What dill makes the classes of bytes, sets and complex numbers by is one more spelling of their names. */
Test(effects, classes_that_dill_makes)
{
    golden g;
    int own, cases = 0;
    golden_bytes pickle, again = {NULL, 0};
    golden_bytes kept[GOLDEN_PROTOCOLS] = {{NULL, 0}}; /* the plain ones: a document has its bytes from there */
    golden_open(&g, "dilled.golden");
    for (; golden_case(&g); cases++) {
        while (golden_pickle(&g, &own, &pickle)) {
            npk_doc *doc = loaded(&g, &pickle);
            for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++)
                there_and_back(&g, doc, protocol, own, -1);
            cr_assert_eq(npk_doc_save_memory(doc, NULL, &again.bytes, &again.size, NULL), NPK_OK);
            cr_expect(again.size == pickle.size && memcmp(again.bytes, pickle.bytes, pickle.size) == 0,
                      "%s at protocol %d: other bytes", g.name, own);
            npk_bytes_free(NULL, again.bytes, again.size);
            if (strstr(g.name, "/plain") != NULL) {
                free(kept[own].bytes);
                kept[own] = (golden_bytes){malloc(pickle.size), pickle.size};
                memcpy(kept[own].bytes, pickle.bytes, pickle.size);
            }
            npk_doc *plain = loaded(&g, &kept[own]);
            expect_same(&g, plain, doc, own, -1);
            npk_doc_free(plain);
            npk_doc_free(doc);
        }
    }
    for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++)
        free(kept[protocol].bytes);
    golden_close(&g);
    cr_assert_eq(cases, 44);
}

Test(effects, at_every_protocol_and_back)
{
    golden g;
    int own, cases = 0;
    golden_bytes pickle;
    golden_open(&g, "effects.golden");
    for (; golden_case(&g); cases++) {
        long calls = strtol(golden_word(&g.words), NULL, 10);
        int lowest = atoi(golden_word(&g.words));
        cr_assert(golden_pickle(&g, &own, &pickle));
        npk_doc *doc = NULL;
        doc = loaded(&g, &pickle);
        if (calls >= 0)
            cr_expect_eq(count_objects(doc), calls, "%s: %ld objects, Python makes %ld", g.name, count_objects(doc),
                         calls);
        for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
            golden_bytes none = {NULL, 0};
            if (protocol >= lowest)
                there_and_back(&g, doc, protocol, own, calls);
            else
                cr_expect_eq(write_at(doc, protocol, &none, NULL), NPK_ERR_UNSUPPORTED, "%s at protocol %d", g.name,
                             protocol);
        }
        npk_doc_free(doc);
    }
    golden_close(&g);
    cr_assert_eq(cases, 54);
    cr_expect_eq(refused, 13, "%d", refused);
}

/* What CPython writes of one value at each protocol is the same for npk_compare, whichever two are compared. */
static void compare_protocols(const char *file, int expected)
{
    golden g;
    int cases = 0;
    golden_open(&g, file);
    for (; golden_case(&g); cases++) {
        npk_doc *docs[GOLDEN_PROTOCOLS] = {NULL};
        int protocol, count = 0;
        golden_bytes pickle;
        while (golden_pickle(&g, &protocol, &pickle))
            docs[count++] = loaded(&g, &pickle);
        for (int i = 0; i < count; i++)
            for (int k = 0; k < count; k++) {
                uint64_t differences = 1;
                cr_expect_eq(npk_compare(npk_doc_root(docs[i]), npk_doc_root(docs[k]), NULL, &differences, NULL),
                             NPK_OK);
                cr_expect_eq(differences, 0, "%s of %s: %d and %d differ", g.name, file, i, k);
            }
        for (int i = 0; i < count; i++)
            npk_doc_free(docs[i]);
    }
    golden_close(&g);
    cr_assert_eq(cases, expected);
}

Test(effects, every_protocol_says_the_same)
{
    compare_protocols("newobj.golden", 6);
}

/* The strings in an array of objects are the program's own, wherever its class keeps NumPy's state: here a pandas Index of Python 2. */
Test(effects, strings_of_objects_in_a_state_of_its_own)
{
    static const char index[] = "cnumpy.core.multiarray\n_reconstruct\n(cpandas.core.index\nIndex\n(I0\ntS'b'\ntR((("
                                "I1\n(I1\ntcnumpy\ndtype\n(S'O8'\n"
                                "I0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntbI00\n(lS'a'\natNttb.";
    golden_bytes out = {NULL, 0};
    npk_doc *doc;
    npk_write_options options = {
        .protocol_given = true, .protocol = 4, .translate_names = true, .python2_str = NPK_PYTHON2_STR_TEXT};
    cr_assert_eq(npk_doc_load_memory(index, sizeof index - 1, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL), NPK_OK);
    cr_expect(memmem(out.bytes, out.size, "\x8c\1a", 3) != NULL, "'a' is no text");
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
}

/* bytes beside a str of Python 2: no Python writes both, so that a pickle like it is written as a document, and stays what it is. */
Test(effects, bytes_beside_a_str_of_python2)
{
    static const char pickle[] = "}(C\3dq\7J\1\2\3\4U\1nNu.", alone[] = "}U\1nNs.";
    npk_doc *doc = NULL, *other = NULL;
    npk_write_options options;
    golden_bytes out = {NULL, 0};
    uint64_t differences = 1;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, NULL), NPK_OK);
    cr_assert(npk_write_options_for(doc, &options));
    cr_expect_neq(options.dialect, NPK_DIALECT_PYTHON2);
    cr_assert_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &other, NULL), NPK_OK);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(other), NULL, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0);
    npk_doc_free(other);
    npk_doc_free(doc);
    npk_bytes_free(NULL, out.bytes, out.size);
    cr_assert_eq(npk_doc_load_memory(alone, sizeof alone - 1, NULL, &doc, NULL), NPK_OK);
    cr_assert(npk_write_options_for(doc, &options));
    cr_expect_eq(options.dialect, NPK_DIALECT_PYTHON2);
    npk_doc_free(doc);
}

/* Python takes a name of any length for STACK_GLOBAL, items for a bytearray, and a second state for an array. */
Test(effects, what_python_does_and_npickle_may_refuse)
{
    static char name[7 + 5000 + 9] = "\x80\4X\x88\x13\0\0";
    static const char tail[] = "\x8c\1n\x93N\x86.", more[] = "\x80\5\x96\2\0\0\0\0\0\0\0abK\7a.";
    const char *module;
    size_t size;
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    memset(name + 7, 'm', 5000);
    memcpy(name + 5007, tail, sizeof tail - 1);
    cr_assert_eq(npk_doc_load_memory(name, 5007 + sizeof tail - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert(npk_value_as_global(npk_value_item(npk_doc_root(doc), 0), &module, &size, NULL, NULL));
    cr_expect_eq(size, 5000);
    cr_expect(module[0] == 'm' && module[4999] == 'm');
    npk_doc_free(doc);
    cr_expect_eq(npk_doc_load_memory(more, sizeof more - 1, NULL, &doc, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(error.offset, 15);
}

/* What NumPy and collections know is no exception: what a call saw of a container is kept, or refused, and an argument that a target does not
 * take is. */
Test(effects, what_npickle_knows_is_kept_or_refused)
{
#define ROW_BYTES(text) text, sizeof(text) - 1
    static const struct {
        const char *name, *bytes;
        size_t size;
        npk_dialect dialect;
        npk_status status;
    } rows[] = {
        {"an OrderedDict", ROW_BYTES("\x80\2(ccollections\nOrderedDict\n)Rq\0cm\nf\nh\0\x85Rh\0K\1K\2st."), 0,
         NPK_ERR_UNSUPPORTED},
        {"a defaultdict", ROW_BYTES("(ccollections\ndefaultdict\n(tRp0\ncm\nf\n(g0\ntRg0\nNNst."), 0,
         NPK_ERR_UNSUPPORTED},
        {"a Counter", ROW_BYTES("(ccollections\nCounter\n(tRp0\ncm\nf\n(g0\ntRg0\nNI1\nst."), 0, NPK_ERR_UNSUPPORTED},
        {"a deque", ROW_BYTES("(ccollections\ndeque\n(tRp0\ncm\nf\n(g0\ntRg0\nNat."), 0, NPK_ERR_UNSUPPORTED},
        {"a deque, all of which was seen", ROW_BYTES("(ccollections\ndeque\n(tRp0\nNacm\nf\n(g0\ntRg0\nt."), 0, NPK_OK},
#define ARRAY "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntRp0\n"
#define ARRAY_STATE "(I1\n(I1\ntcnumpy\ndtype\n(Vu1\nI0\nI1\ntRI00\nVa\ntb"
#define DTYPE "cnumpy\ndtype\n(Vi4\nI0\nI1\ntRp0\n"
#define DTYPE_STATE "(I3\nV>\nNNNI-1\nI-1\nI0\ntb"
        {"an array", ROW_BYTES("(" ARRAY "cm\nf\n(g0\ntRg0\n" ARRAY_STATE "t."), 0, NPK_ERR_UNSUPPORTED},
        {"an array over which something is dropped", ROW_BYTES("(" ARRAY "cm\nf\n(g0\ntR0" ARRAY_STATE "t."), 0,
         NPK_OK},
        {"an array with something dropped over its state",
         ROW_BYTES("(" ARRAY "(I1\n(I1\ntcm\nf\n(tR0cnumpy\ndtype\n(Vu1\nI0\nI1\ntRI00\nVa\ntbt."), 0, NPK_OK},
        {"a dtype with something dropped over its arguments",
         ROW_BYTES("(cnumpy\ndtype\n(Vu1\nI0\nI1\ntcm\nf\n(tR0Rt."), 0, NPK_OK},
        {"an array, all of which was seen", ROW_BYTES("(" ARRAY ARRAY_STATE "cm\nf\n(g0\ntRg0\nt."), 0, NPK_OK},
        {"a dtype", ROW_BYTES("(" DTYPE "cm\nf\n(g0\ntRg0\n" DTYPE_STATE "t."), 0, NPK_ERR_UNSUPPORTED},
        {"a dtype of which something was made, and its next state, which is malformed",
         ROW_BYTES("(" DTYPE DTYPE_STATE "cnumpy.core.multiarray\nscalar\n(g0\nVaaaa\ntRg0\n(I9\ntbt."), 0,
         NPK_ERR_UNSUPPORTED},
        {"a dtype, all of which was seen", ROW_BYTES("(" DTYPE DTYPE_STATE "cm\nf\n(g0\ntRg0\nt."), 0, NPK_OK},
        {"one's own generator", ROW_BYTES("cnumpy.random._pickle\n__generator_ctor\n(VPCG64\ncm\nctor\ntR."),
         NPK_NUMPY(1, 19), NPK_ERR_UNSUPPORTED},
        {"an id", ROW_BYTES("cnumpy.random._pickle\n__randomstate_ctor\n(VPCG64\nPid\ntR."), NPK_NUMPY(1, 19),
         NPK_ERR_UNSUPPORTED},
        {"one's own where it is taken", ROW_BYTES("cnumpy.random._pickle\n__generator_ctor\n(VPCG64\ncm\nctor\ntR."), 0,
         NPK_OK},
    };
    const npk_read_options keep = {.malformed = NPK_MALFORMED_KEEP};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            const npk_write_options options = {.protocol_given = true,
                                               .protocol = protocol,
                                               .dialect = rows[i].dialect,
                                               .translate_names = true,
                                               .unloadable = NPK_UNLOADABLE_REFUSE};
            npk_doc *doc = NULL, *again = NULL;
            npk_writer *writer = NULL;
            uint8_t *bytes = NULL;
            size_t size = 0;
            uint64_t different = 1;
            cr_assert_eq(npk_doc_load_memory(rows[i].bytes, rows[i].size, &keep, &doc, NULL), NPK_OK, "%s",
                         rows[i].name);
            cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
            npk_write_value(writer, npk_doc_root(doc));
            cr_expect_eq(npk_writer_finish_memory(writer, &bytes, &size, NULL), rows[i].status, "%s: protocol %d",
                         rows[i].name, protocol);
            if (bytes != NULL) {
                cr_assert_eq(npk_doc_load_memory(bytes, size, &keep, &again, NULL), NPK_OK);
                cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &different, NULL), NPK_OK);
                cr_expect_eq(different, 0, "%s: protocol %d", rows[i].name, protocol);
            }
            npk_bytes_free(NULL, bytes, size);
            npk_doc_free(again);
            npk_doc_free(doc);
        }
}

/* What stands in two places is made where the first is, though all that comes to a list or dict at once has to be there at protocol 0 before the first is
 * added; and it was not made inside its own arguments, where a way leads from these to what it was dropped over. */
Test(effects, made_once_in_two_places)
{
    static const struct {
        const char *pickle;
        size_t size;
        size_t pops; /* at protocol 0 */
    } rows[] = {
#define ROW(pickle, pops) {(pickle), sizeof(pickle) - 1, (pops)}
#define P "cm\nP\nh\0\x85R"
        ROW("\x80\4]\x94(\x8f\x94(" P "\x94" "cm\nf\nh\2\x85R0\x90h\1K\1e.", 1),
        ROW("\x80\4]\x94(" P "\x94h\1K\1e.", 0),
        ROW("\x80\4}\x94(K\1" P "\x94K\2h\1u.", 0),
        ROW("\x80\4]\x94(" P "\x94" P "\x94h\1e.", 2),
        ROW("\x80\4]\x94(K\1" P "\x94h\1e.", 1),
        ROW("\x80\4cm\nC\n)R\x94(" P "\x94h\1K\1e.", 0),
        ROW("\x80\4cm\nC\n)R\x94(K\1" P "\x94h\1e.", 1),
        ROW("V0\np0\n0(lp0\nc__builtin__\nset\n((lcm\nP\n(g0\ntRatRp1\n0g1\nag1\na.", 1),
#undef P
#undef ROW
    };
    char name[] = "in two places";
    const golden g = {.name = name};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const golden_bytes pickle = {(uint8_t *)(uintptr_t)rows[i].pickle, rows[i].size};
        golden_bytes out = {NULL, 0};
        npk_doc *doc = loaded(&g, &pickle);
        size_t pops = 0;
        for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++)
            there_and_back(&g, doc, protocol, 4, -1);
        cr_assert_eq(write_at(doc, 0, &out, NULL), NPK_OK);
        for (npk_instruction in = {.end = 0}; in.end < out.size;) {
            cr_assert_eq(npk_instruction_at(out.bytes, out.size, in.end, &in, NULL), NPK_OK);
            pops += strcmp(in.opcode->name, "POP") == 0;
        }
        cr_expect_eq(pops, rows[i].pops, "row %zu: %zu", i, pops);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

/* A persistent id of protocol 0 is a line, which is read as a str: what is none is refused. Beside a str: bytes and a bytearray. */
Test(effects, persistent_ids_at_protocol_0)
{
    static const struct {
        const char *pickle;
        size_t size;
        npk_status status;
    } rows[] = {
        {"\x80\5\x8c\2abQ.", 8, NPK_OK},
        {"\x80\5C\2abQ.", 8, NPK_ERR_UNSUPPORTED},
        {"\x80\5\x96\2\0\0\0\0\0\0\0abQ.", 15, NPK_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes out = {NULL, 0};
        npk_error error = {.message = ""};
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(rows[i].pickle, rows[i].size, NULL, &doc, &error), NPK_OK, "%zu: %s", i,
                     error.message);
        cr_expect_eq(write_at(doc, 0, &out, &error), rows[i].status, "%zu: %s", i, error.message);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}
