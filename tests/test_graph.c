/* Graphs written again: every golden, read and written in the dialect that made it, is the same to the byte; and a graph that goes to
 * another protocol says the same there. */
#include "full.h"
#include "golden.h"

#include <npickle.h>

static npk_status rewrite(const npk_value *root, int protocol, npk_dialect dialect, golden_bytes *out, npk_error *error)
{
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
    npk_status status = npk_writer_memory(&options, &w, error);
    if (status != NPK_OK)
        return status;
    npk_write_value(w, root);
    return npk_writer_finish_memory(w, &out->bytes, &out->size, error);
}

static bool same(golden_bytes pickle, int protocol, npk_dialect dialect, npk_error *error)
{
    npk_doc *doc = NULL;
    golden_bytes again = {NULL, 0};
    npk_status status = npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, error);
    if (status == NPK_OK)
        status = rewrite(npk_doc_root(doc), protocol, dialect, &again, error);
    bool equal = status == NPK_OK && again.size == pickle.size && memcmp(again.bytes, pickle.bytes, again.size) == 0;
    if (status == NPK_OK)
        npk_bytes_free(NULL, again.bytes, again.size);
    if (doc != NULL)
        npk_doc_free(doc);
    return equal;
}

static void rewrite_all(const char *file, npk_dialect dialect, int expected)
{
    golden g;
    int equal = 0, protocol;
    golden_bytes pickle;
    golden_open(&g, file);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_error error = {.message = "other bytes"};
            bool good = same(pickle, protocol, dialect, &error);
            equal += good;
            cr_expect(good, "%s %s at protocol %d: %s", file, g.name, protocol, error.message);
        }
    golden_close(&g);
    cr_expect_eq(equal, expected, "%s: %d, expected %d", file, equal, expected);
}

Test(graph, arrays_of_numpy1)
{
    rewrite_all("plain-numpy1.golden", NPK_DIALECT_DEFAULT, 3246);
}

Test(graph, arrays_of_numpy2)
{
    rewrite_all("plain-numpy2.golden", NPK_DIALECT_NUMPY2, 3246);
}

Test(graph, arrays_of_python2)
{
    rewrite_all("plain-python2.golden", NPK_DIALECT_PYTHON2, 1623);
}

Test(graph, values)
{
    rewrite_all("values.golden", NPK_DIALECT_DEFAULT, 1266);
}

Test(graph, values_with_arrays)
{
    rewrite_all("mixed-numpy1.golden", NPK_DIALECT_DEFAULT, 162);
    rewrite_all("mixed-numpy2.golden", NPK_DIALECT_NUMPY2, 162);
}

/* --- what picklers write of more than that; the bytes are CPython's --- */

#define PICKLE(dialect_, protocol_, text) {#dialect_ " " text, dialect_, protocol_, (const uint8_t *)(text), sizeof(text) - 1}

static const struct {
    const char *name;
    npk_dialect dialect;
    int protocol;
    const uint8_t *bytes;
    size_t size;
} pickles[] = {
    /* tuples that hold themselves, of one item and of four: pickle.dumps(t) with t = ([],), t[0].append(t) */
    PICKLE(NPK_DIALECT_DEFAULT, 0, "((lp0\n(g0\ntp1\na00g1\n."),
    PICKLE(NPK_DIALECT_DEFAULT, 1, "(]q\0(h\0tq\1a1h\1."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2]q\0h\0\x85q\1a0h\1."),
    PICKLE(NPK_DIALECT_DEFAULT, 4, "\x80\4\x95\x0b\0\0\0\0\0\0\0]\x94h\0\x85\x94" "a0h\1."),
    /* a text whose escapes take as many bytes more as its characters take less */
    PICKLE(NPK_DIALECT_DEFAULT, 0, "V\xa0\xa0\xa0\xa0\xa0\\u000a\np0\n."),
    /* sets at either protocol */
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2c__builtin__\nset\nq\0]q\1K\1a\x85q\2Rq\3."),
    PICKLE(NPK_DIALECT_DEFAULT, 4, "\x80\4\x95\x07\0\0\0\0\0\0\0\x8f\x94(K\1\x90."),
    PICKLE(NPK_DIALECT_DEFAULT, 4, "\x80\4\x95\x06\0\0\0\0\0\0\0(K\1\x91\x94."),
    /* collections.OrderedDict([(1, 2)]) and a list of its own class */
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2ccollections\nOrderedDict\nq\0)Rq\1K\1K\2s."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2c__main__\nL\nq\0)\x81q\1(K\1K\2e}q\2X\1\0\0\0aq\3K\5sb."),
    /* instances of old classes, by INST and by OBJ; longs and ints of Python 2 */
    PICKLE(NPK_DIALECT_PYTHON2, 0, "(i__main__\nC\np1\n(dp2\nS'a'\nI1\nsb."),
    PICKLE(NPK_DIALECT_PYTHON2, 1, "(c__main__\nC\nq\1oq\2}q\3U\1aK\1sb."),
    PICKLE(NPK_DIALECT_PYTHON2, 2, "\x80\2(I4294967296\n\x8a\5\0\0\0\0\1\x8a\1\1K\1t."),
    /* persistent ids, extension codes, buffers */
    PICKLE(NPK_DIALECT_DEFAULT, 0, "(Pid one\nPid two\ntp0\n."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2X\3\0\0\0oneq\0Q."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2\x82\xf0\x83\xff\xff\x86q\0."),
    /* objects that hold themselves through the arguments of a call, of NEWOBJ, of frozenset, of a functools.partial: made inside
     * them, then once more and dropped */
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\x02" "cm\nG\nq\x00" "cm\nS\nq\x01)\x81q\x02}q\x03X\x01\x00\x00\x00gq\x04h\x00h\x02\x85q\x05Rq\x06sb\x85q\x07R0h\x06."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\x02" "cm2\nP\nq\x00]q\x01h\x00h\x01K\x01\x86q\x02\x81q\x03" "aK\x01\x86q\x04\x81" "0h\x03."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\x02" "c__builtin__\nfrozenset\nq\x00]q\x01" "cm2\nC\nq\x02)\x81q\x03}q\x04X\x01\x00\x00\x00" "fq\x05h\x00]q\x06h\x03" "a\x85q\x07Rq\x08sba\x85q\x09R0h\x08."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\x02" "cfunctools\npartial\nq\x00" "c__builtin__\ngetattr\nq\x01" "cm2\nK\nX\x07\x00\x00\x00__new__q\x02\x86Rq\x03\x85q\x04Rq\x05(h\x03" "cm2\nK\nq\x06\x85q\x07}q\x08X\x01\x00\x00\x00lq\x09]q\nh\x00h\x03\x85q\x0bRq\x0c(h\x03h\x06\x85q\x0d}q\x0eh\x09h\nsNtq\x0f" "b)Rq\x10" "asNtq\x11" "b)R0h\x10."),
    /* calls whose result is dropped: over a list before and after its first item, over an object, between its states, under a
     * tuple, and with nothing below; what a memo of it still has is no such call */
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2]q\0cm\nf\nq\1h\0\x85q\2R0K\1ah\1h\0K\2\x86q\3R0."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2cm\nC\nq\0)\x81q\1cm\nset\nq\2h\1K\1\x86q\3R0K\2bK\3b."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2cm\nC\nq\0)\x81q\1K\1bK\2aK\3K\4sK\5a."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2cm\nf\nq\0)R0h\0)R0K\1."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2cm\nf\nq\0)R0K\1K\2\x86q\1."),
    PICKLE(NPK_DIALECT_DEFAULT, 4, "\x80\4\x95\x14\0\0\0\0\0\0\0K\1\x8f\x94\x8c\1m\x94\x8c\1f\x94\x93\x94)R0\x86\x94."),
    /* by hand: persistent ids and a long int that were put in the memo */
    PICKLE(NPK_DIALECT_DEFAULT, 0, "(Pid one\np0\ng0\ntp1\n."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2X\3\0\0\0oneq\0Qq\1h\1\x86q\2."),
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2\x8a\5\1\2\3\4\5q\0h\0\x86q\1."),
    /* without any memo, as Pickler.fast or pickletools.optimize leave it */
    PICKLE(NPK_DIALECT_DEFAULT, 2, "\x80\2](]}X\1\0\0\0aK\1se."),
    PICKLE(NPK_DIALECT_DEFAULT, 4, "\x80\4\x95\x0c\0\0\0\0\0\0\0](]\x94\x8c\1a\x85h\0e."),
    /* 3.6 and before: longs and raw control characters in text, every frame with its header */
    PICKLE(NPK_CPYTHON(3, 6), 0, "(L5L\nVa\rb\np0\ntp1\n."),
    PICKLE(NPK_CPYTHON(3, 6), 4, "\x80\4\x95\3\0\0\0\0\0\0\0K\1."),
    PICKLE(NPK_PICKLE_PY(2, 7), 0, "F0.1\n."),
    PICKLE(NPK_DIALECT_PYTHON2, 0, "F0.10000000000000001\n."),
};

Test(graph, constructions)
{
    for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
        golden_bytes pickle = {(uint8_t *)pickles[i].bytes, pickles[i].size};
        npk_error error = {.message = "other bytes"};
        cr_expect(same(pickle, pickles[i].protocol, pickles[i].dialect, &error), "pickle %zu: %s", i, error.message);
    }
}

/* --- the memo: tests/gen/memo.py --- */

Test(graph, memo_policies)
{
    golden g;
    int protocol, equal = 0;
    golden_bytes pickle, plain[GOLDEN_PROTOCOLS] = {{NULL, 0}};
    golden_open(&g, "memo.golden");
    while (golden_case(&g)) {
        const char *way = strchr(g.name, '/') + 1;
        npk_memo_policy memo = way[0] == 'p' ? NPK_MEMO_PYTHON : way[0] == 'm' ? NPK_MEMO_MINIMAL : NPK_MEMO_NONE;
        while (golden_pickle(&g, &protocol, &pickle)) {
            if (memo == NPK_MEMO_PYTHON) {
                plain[protocol].size = 0;
                golden_add(&plain[protocol], pickle.bytes, pickle.size);
            }
            npk_doc *doc = NULL;
            npk_writer *w = NULL;
            golden_bytes out;
            npk_error error;
            npk_write_options options = {.protocol_given = true, .protocol = protocol, .memo = memo};
            cr_assert_eq(npk_doc_load_memory(plain[protocol].bytes, plain[protocol].size, NULL, &doc, NULL), NPK_OK);
            cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            npk_status status = npk_writer_finish_memory(w, &out.bytes, &out.size, &error);
            cr_assert(status == NPK_OK, "%s at protocol %d: %s", g.name, protocol, error.message);
            bool good = out.size == pickle.size && memcmp(out.bytes, pickle.bytes, out.size) == 0;
            equal += good;
            cr_expect(good, "%s at protocol %d", g.name, protocol);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
    }
    for (int i = 0; i < GOLDEN_PROTOCOLS; i++)
        free(plain[i].bytes);
    golden_close(&g);
    cr_expect_eq(equal, 90);
}

/* A number that is there once comes once: NaN is in a set by that alone. */
Test(graph, shared_numbers)
{
    static const char *const rows[] = {
        "(Fnan\np0\ng0\nt.",   "(Fnan\n2t.",           "(F1.5\nFinf\n2t.",    "(I70000\np0\ng0\nt.",
        "(L-5000000000L\n2t.", "(N(Fnan\n2tFnan\n2t.", "(NF-0.0\np1\ng1\nt.",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            npk_doc *doc = NULL, *again = NULL;
            golden_bytes out;
            cr_assert_eq(npk_doc_load_memory(rows[i], strlen(rows[i]), NULL, &doc, NULL), NPK_OK);
            cr_assert_eq(rewrite(npk_doc_root(doc), protocol, NPK_DIALECT_DEFAULT, &out, NULL), NPK_OK);
            cr_assert_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &again, NULL), NPK_OK);
            const npk_value *root = npk_doc_root(again);
            const size_t last = npk_value_size(root) - 1;
            cr_expect_eq(npk_value_item(root, last), npk_value_item(root, last - 1), "row %zu, protocol %d", i,
                         protocol);
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
}

/* A name that holds a newline is two lines to a protocol that has names in lines: os\nsystem. */
Test(graph, names_with_newlines)
{
    static const char bytes[] = "\x80\4\x8c\4math\x8c\7x\ncos\nR\x93.";
    npk_doc *doc;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, NULL, &doc, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++) {
        golden_bytes out;
        npk_status status = rewrite(npk_doc_root(doc), protocol, NPK_DIALECT_DEFAULT, &out, NULL);
        cr_expect_eq(status, protocol < 4 ? NPK_ERR_UNSUPPORTED : NPK_OK);
        if (status == NPK_OK)
            npk_bytes_free(NULL, out.bytes, out.size);
    }
    npk_doc_free(doc);
}

/* At protocol 0 a persistent id is a line of ASCII, and comes back as a str: any other has no spelling there. */
Test(graph, persistent_ids_that_are_no_lines)
{
    static const struct {
        const char *bytes;
        size_t size;
        npk_status status;
    } ids[] = {
#define ID(text, status) {"\x80\2" text "Q.", sizeof("\x80\2" text "Q.") - 1, status}
        ID("X\3\0\0\0a N", NPK_OK),
        ID("U\3a N", NPK_OK), /* a str of Python 2 */
        ID("X\4\0\0\0a\nN.", NPK_ERR_UNSUPPORTED),
        ID("X\2\0\0\0\xc3\xa9", NPK_ERR_UNSUPPORTED),
        ID("C\1a", NPK_ERR_UNSUPPORTED), /* bytes would come back as a str */
        ID("K\1", NPK_ERR_UNSUPPORTED),
        ID("K\1\x85", NPK_ERR_UNSUPPORTED),
#undef ID
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        npk_doc *doc;
        golden_bytes out;
        cr_assert_eq(npk_doc_load_memory(ids[i].bytes, ids[i].size, NULL, &doc, NULL), NPK_OK);
        npk_status status = rewrite(npk_doc_root(doc), 0, NPK_DIALECT_DEFAULT, &out, NULL);
        cr_expect_eq(status, ids[i].status, "id %zu: %s", i, npk_status_name(status));
        if (status == NPK_OK) {
            cr_expect(out.size == 6 && memcmp(out.bytes, "Pa N\n.", 6) == 0, "id %zu", i);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
        /* of the two that can be written that of Python 2 may become bytes */
        const npk_write_options options = {.protocol_given = true, .python2_str = NPK_PYTHON2_STR_BYTES};
        npk_writer *w;
        cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
        npk_write_value(w, npk_doc_root(doc));
        out.bytes = NULL;
        status = npk_writer_finish_memory(w, &out.bytes, &out.size, NULL);
        cr_expect_eq(status, i == 0 ? NPK_OK : NPK_ERR_UNSUPPORTED, "id %zu as bytes", i);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

/* A persistent id is looked up when its opcode is met, and what it stands for may come into the id afterwards. Where an edit has brought it there, it
 * can't be written from its own side without a second look-up, which nobody asked for. */
Test(graph, persistent_ids_that_hold_what_they_stand_for)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool edited;
    } ids[] = {
        {"]q\0h\0Qq\1a0h\1.", 13, false}, /* id; its id is [id] */
        {"]q\0h\0Qq\1a.", 10, false},     /* [id] */
        {"]q\0h\0\x85Qq\1a0h\1.", 14, false},
        {"]q\0Q.", 5, true},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (int protocol = 1; protocol <= 5; protocol++) {
            npk_doc *doc;
            golden_bytes out;
            cr_assert_eq(npk_doc_load_memory(ids[i].bytes, ids[i].size, NULL, &doc, NULL), NPK_OK);
            const npk_value *root = npk_doc_root(doc);
            if (ids[i].edited)
                cr_assert_eq(npk_edit_list_append(doc, npk_value_id(root), root, NULL), NPK_OK);
            npk_status status = rewrite(root, protocol, NPK_DIALECT_DEFAULT, &out, NULL);
            cr_expect_eq(status, ids[i].edited ? NPK_ERR_UNSUPPORTED : NPK_OK, "%zu at protocol %d: %s", i, protocol,
                         npk_status_name(status));
            if (status == NPK_OK)
                npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
}

/* What a persistent id stands for, and a long int, once each where the memo had them, at every protocol. Forty of them inside one
 * another, each with the one before twice, would come to 2^40. */
Test(graph, shared_values_are_written_once)
{
    static uint8_t nested[1000] = "\x80\2Nq\0000";
    size_t size = 6;
    for (int i = 1; i <= 40; i++) {
        uint8_t level[] = {'h', (uint8_t)(i - 1), 'h', (uint8_t)(i - 1), '\x86', 'Q', 'q', (uint8_t)i, '0'};
        memcpy(nested + size, level, sizeof level);
        size += sizeof level;
    }
    memcpy(nested + size, "h\x28.", 3);
    size += 3;
    const struct {
        const void *bytes;
        size_t size, most;
    } shared[] = {
        {nested, size, 400},
        {"\x80\2\x8a\5\1\2\3\4\5q\0h\0\x86.", 15, 27},
        {"(Pone line\np0\ng0\ng0\nt.", 22, 26},
    };
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(shared[i].bytes, shared[i].size, NULL, &doc, NULL), NPK_OK);
        for (int protocol = i == 0 ? 1 : 0; protocol <= 5; protocol++) {
            golden_bytes out;
            cr_assert_eq(rewrite(npk_doc_root(doc), protocol, NPK_DIALECT_DEFAULT, &out, NULL), NPK_OK);
            cr_expect(out.size <= shared[i].most + (protocol >= 4 ? 10 : 0), "%zu at %d: %zu bytes", i, protocol, out.size);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
}

/* What a set is made of and something else has too, is one: persistent ids, numbers and texts that no pickler puts in the memo. */
Test(graph, what_a_set_is_made_of_stays_shared)
{
    static const struct {
        const char *bytes;
        size_t size;
        int set, list; /* where they are in the tuple */
    } cases[] = {
#define BYTES(text) text, sizeof(text) - 1
#define ID "X\1\0\0\0pQ"
        {BYTES("\x80\2(c__builtin__\nset\n]q\1(" ID "J\1\0\0\1e\x85Rh\1t."), 0, 1},
        {BYTES("\x80\4(cbuiltins\nset\n]q\1(" ID "J\1\0\0\1e\x85Rh\1t."), 0, 1},
        {BYTES("\x80\4(]q\1(" ID "J\1\0\0\1e"
               "cbuiltins\nset\nh\1\x85Rt."),
         1, 0},
        {BYTES("\x80\4(cbuiltins\nfrozenset\n]q\1(" ID "J\1\0\0\1e\x85Rh\1t."), 0, 1},
        {BYTES("\x80\4(cbuiltins\nfrozenset\n(" ID "J\1\0\0\1tq\1\x85Rh\1t."), 0, 1},
        {BYTES("\x80\4(cbuiltins\nset\n]q\1(" ID "J\1\0\0\1e\x85Rcbuiltins\nset\nh\1\x85Rt."), 0, 1},
#undef ID
#undef BYTES
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(cases[i].bytes, cases[i].size, NULL, &doc, NULL), NPK_OK);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            golden_bytes out;
            npk_doc *again;
            cr_assert_eq(rewrite(npk_doc_root(doc), protocol, NPK_DIALECT_DEFAULT, &out, NULL), NPK_OK);
            cr_assert_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &again, NULL), NPK_OK);
            const npk_value *set = npk_value_item(npk_doc_root(again), (size_t)cases[i].set),
                            *list = npk_value_item(npk_doc_root(again), (size_t)cases[i].list);
            cr_expect_eq(npk_value_size(set), 2, "case %zu, protocol %d", i, protocol);
            for (size_t k = 0; k < 2; k++)
                cr_expect_eq(npk_value_item(set, k), npk_value_item(list, k), "case %zu, protocol %d: item %zu", i,
                             protocol, k);
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
}

/* What holds itself needs a memo. */
Test(graph, cycles_without_a_memo)
{
    npk_doc *doc;
    npk_writer *w;
    npk_write_options options = {.memo = NPK_MEMO_NONE};
    cr_assert_eq(npk_doc_load_memory("]q\0h\0a.", 7, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    cr_expect_eq(npk_write_value(w, npk_doc_root(doc)), NPK_ERR_LIMIT);
    npk_writer_abandon(w);
    npk_doc_free(doc);
}

/* Python: N = types.SimpleNamespace; p = N(); c = N(parent=p); p.child = c; the pickle of p, and that of c. */
static const struct {
    const char *whole, *part;
    int protocol;
} parts[] = {
    {"\200\2ctypes\nSimpleNamespace\nq\0)Rq\1}q\2X\5\0\0\0childq\3h\0)Rq\4}q\5X\6\0\0\0parentq\6h\1sbsb.",
     "\200\2ctypes\nSimpleNamespace\nq\0)Rq\1}q\2X\6\0\0\0parentq\3h\0)Rq\4}q\5X\5\0\0\0childq\6h\1sbsb.", 2},
    {"\200\4\225@\0\0\0\0\0\0\0\214\5types\224\214\17SimpleNamespace\224\223\224)R\224}\224\214\5child\224h\2)R\224}\224\214"
     "\6parent\224h\3sbsb.",
     "\200\4\225@\0\0\0\0\0\0\0\214\5types\224\214\17SimpleNamespace\224\223\224)R\224}\224\214\6parent\224h\2)R\224}\224\214"
     "\5child\224h\3sbsb.",
     4},
};

/* A part is pickled as Python does it: calls come in its order, of which the pickle of the whole had another. */
Test(graph, a_part_of_a_document)
{
    const size_t size = 75; /* of each */
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        npk_doc *doc;
        const npk_value *child;
        golden_bytes out = {NULL, 0};
        npk_error error = {.message = ""};
        cr_assert_eq(npk_doc_load_memory(parts[i].whole, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
        cr_assert_eq(npk_value_find(npk_doc_root(doc), ".child", &child, &error), NPK_OK, "%s", error.message);
        cr_assert_eq(rewrite(child, parts[i].protocol, NPK_DIALECT_NUMPY2, &out, &error), NPK_OK, "%s", error.message);
        cr_expect(out.size == size && memcmp(out.bytes, parts[i].part, out.size) == 0, "protocol %d",
                  parts[i].protocol);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

/* --- to another protocol --- */

/* Two graphs hold the same values. (The goldens have no cycles beyond lists and dicts that hold themselves.) */
static bool equal_values(const npk_value *a, const npk_value *b)
{
    npk_walk *left = NULL, *right = NULL;
    const npk_value *x, *y;
    bool equal = true;
    cr_assert(npk_walk_start(a, NULL, &left, NULL) == NPK_OK && npk_walk_start(b, NULL, &right, NULL) == NPK_OK);
    do {
        size_t x_size = 0, y_size = 0;
        uint8_t x_room[8], y_room[8];
        cr_assert(npk_walk_next(left, &x, NULL) == NPK_OK && npk_walk_next(right, &y, NULL) == NPK_OK);
        if (x == NULL || y == NULL) {
            equal = x == y;
            break;
        }
        equal = npk_value_kind(x) == npk_value_kind(y) && npk_value_size(x) == npk_value_size(y) &&
                strcmp(npk_walk_path(left), npk_walk_path(right)) == 0;
        const uint8_t *p = npk_value_as_long(x, x_room, &x_size), *q = npk_value_as_long(y, y_room, &y_size);
        if (equal && npk_value_kind(x) == NPK_KIND_STR) {
            p = (const uint8_t *)npk_value_as_str(x, &x_size);
            q = (const uint8_t *)npk_value_as_str(y, &y_size);
        } else if (equal && p == NULL) {
            p = npk_value_as_bytes(x, &x_size);
            q = npk_value_as_bytes(y, &y_size);
        }
        equal = equal && x_size == y_size && (x_size == 0 || memcmp(p, q, x_size) == 0);
    } while (equal);
    npk_walk_free(left);
    npk_walk_free(right);
    return equal;
}

/* To every other one, or to the next. */
Test(graph, every_protocol_to_every_other)
{
    golden g;
    int from;
    const int others = (int)full_tests(1, 6);
    golden_bytes pickle;
    golden_open(&g, "values.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &from, &pickle))
            for (int i = 1; i <= others; i++) {
                const int to = (from + i) % 6;
                npk_doc *doc = NULL, *other = NULL;
                golden_bytes again;
                npk_error error = {.message = "other values"};
                cr_assert(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error) == NPK_OK);
                npk_status status = rewrite(npk_doc_root(doc), to, NPK_DIALECT_DEFAULT, &again, &error);
                if (status == NPK_OK) {
                    status = npk_doc_load_memory(again.bytes, again.size, NULL, &other, &error);
                    cr_expect(status == NPK_OK && equal_values(npk_doc_root(doc), npk_doc_root(other)),
                              "%s from %d to %d: %s", g.name, from, to, error.message);
                    npk_bytes_free(NULL, again.bytes, again.size);
                }
                cr_expect(status == NPK_OK, "%s from %d to %d: %s", g.name, from, to, error.message);
                npk_doc_free(other);
                npk_doc_free(doc);
            }
    golden_close(&g);
}

/* --- to another Python --- */

#define BYTES_OF(text) (const uint8_t *)(text), sizeof(text) - 1
#define TEXT NPK_PYTHON2_STR_TEXT
#define BYTES NPK_PYTHON2_STR_BYTES
#define KEEP NPK_PYTHON2_STR_KEEP
#define REFUSE NPK_PYTHON2_STR_REFUSE

static const struct {
    const char *what;
    const uint8_t *from;
    size_t from_size;
    npk_python2_str strings;
    int protocol;
    npk_dialect dialect;
    const uint8_t *to; /* NULL: refused */
    size_t to_size;
} moves[] = {
    {"text", BYTES_OF("U\2v\xe9q\1."), TEXT, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3X\3\0\0\0v\xc3\xa9q\0.")},
    {"bytes", BYTES_OF("U\2v\xe9q\1."), BYTES, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3C\2v\xe9q\0.")},
    {"quoted text", BYTES_OF("S'v\\xe9'\np0\n."), TEXT, 0, NPK_DIALECT_DEFAULT, BYTES_OF("Vv\xe9\np0\n.")},
    {"as it was", BYTES_OF("U\2v\xe9q\1."), KEEP, 1, NPK_DIALECT_PYTHON2, BYTES_OF("U\2v\xe9q\1.")},
    {"neither", BYTES_OF("]U\1aa."), REFUSE, 3, NPK_DIALECT_DEFAULT, NULL, 0},
    {"no string", BYTES_OF("]K\1a."), REFUSE, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3]K\1a.")},
    /* names of attributes are text in either case; a string that is shared stays shared */
    {"attributes", BYTES_OF("cm\nC\n)\x81}U\1aU\1bsb."), BYTES, 3, NPK_DIALECT_DEFAULT,
     BYTES_OF("\x80\3cm\nC\n)\x81}X\1\0\0\0aC\1bq\0sb.")},
    {"shared", BYTES_OF("(U\2abq\0h\0t."), TEXT, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3X\2\0\0\0abq\0h\0\x86.")},
    {"shared by two roles", BYTES_OF("cm\nC\n)\x81}U\2abq\0h\0sb."), BYTES, 3, NPK_DIALECT_DEFAULT,
     BYTES_OF("\x80\3cm\nC\n)\x81}X\2\0\0\0abq\0C\2abq\1sb.")},
    /* classes and functions */
    {"xrange", BYTES_OF("c__builtin__\nxrange\n."), KEEP, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3cbuiltins\nrange\n.")},
    {"range", BYTES_OF("\x80\3cbuiltins\nrange\n."), KEEP, 2, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\2c__builtin__\nxrange\n.")},
    {"a module", BYTES_OF("ccopy_reg\n_reconstructor\n."), KEEP, 3, NPK_DIALECT_DEFAULT,
     BYTES_OF("\x80\3ccopyreg\n_reconstructor\n.")},
    {"on the stack", BYTES_OF("\x80\4\x8c\10builtins\x8c\5range\x93."), KEEP, 1, NPK_DIALECT_DEFAULT,
     BYTES_OF("c__builtin__\nxrange\n.")},
    {"INST", BYTES_OF("(icopy_reg\nC\n."), KEEP, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3(icopyreg\nC\n.")},
    {"NumPy 2", BYTES_OF("cnumpy.core.multiarray\nscalar\n."), KEEP, 0, NPK_DIALECT_NUMPY2,
     BYTES_OF("cnumpy._core.multiarray\nscalar\n.")},
    {"scipy", BYTES_OF("cscipy.base\nndarray\n."), KEEP, 0, NPK_DIALECT_DEFAULT, BYTES_OF("cnumpy\nndarray\n.")},
    {"unknown", BYTES_OF("cm\nrange\n."), KEEP, 3, NPK_DIALECT_DEFAULT, BYTES_OF("\x80\3cm\nrange\n.")},
};

static npk_status move(const npk_value *root, const npk_write_options *options, golden_bytes *out, npk_error *error)
{
    npk_writer *w = NULL;
    npk_status status = npk_writer_memory(options, &w, error);
    if (status != NPK_OK)
        return status;
    npk_write_value(w, root);
    return npk_writer_finish_memory(w, &out->bytes, &out->size, error);
}

Test(graph, names_and_strings_of_another_python)
{
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        npk_doc *doc = NULL;
        golden_bytes found = {NULL, 0};
        npk_error error = {.message = ""};
        npk_write_options options = {
            .protocol_given = true,
            .protocol = moves[i].protocol,
            .dialect = moves[i].dialect,
            .translate_names = true,
            .python2_str = moves[i].strings,
        };
        cr_assert_eq(npk_doc_load_memory(moves[i].from, moves[i].from_size, NULL, &doc, &error), NPK_OK, "%s",
                     moves[i].what);
        npk_status status = move(npk_doc_root(doc), &options, &found, &error);
        cr_expect_eq(status, moves[i].to == NULL ? NPK_ERR_CAST : NPK_OK, "%s: %s", moves[i].what, error.message);
        bool same_bytes = found.size == moves[i].to_size &&
                          (found.size == 0 || memcmp(found.bytes, moves[i].to, found.size) == 0);
        cr_expect(same_bytes, "%s: other bytes", moves[i].what);
        if (status == NPK_OK)
            npk_bytes_free(NULL, found.bytes, found.size);
        npk_doc_free(doc);
    }
}

/* Arrays of Python 2 have strings for elements, for codes and for names: all of them are known, so none is refused. */
Test(graph, arrays_of_python2_for_python3)
{
    golden g;
    int protocol;
    golden_bytes pickle, found;
    golden_open(&g, "plain-python2.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            npk_doc *doc = NULL, *other = NULL;
            npk_array a, b;
            npk_error error = {.message = ""};
            npk_write_options options = {.protocol_given = true, .protocol = 4, .python2_str = REFUSE};
            cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error), NPK_OK);
            cr_assert_eq(move(npk_doc_root(doc), &options, &found, &error), NPK_OK, "%s: %s", g.name, error.message);
            cr_assert_eq(npk_doc_load_memory(found.bytes, found.size, NULL, &other, &error), NPK_OK, "%s",
                         error.message);
            npk_doc_info info;
            cr_expect(npk_doc_info_of(other, &info) && !info.python2, "%s", g.name);
            if (npk_array_of(npk_doc_root(doc), &a, NULL) == NPK_OK) {
                cr_assert_eq(npk_array_of(npk_doc_root(other), &b, NULL), NPK_OK);
                size_t size = (size_t)npk_array_nbytes(&a);
                uint8_t *x = malloc(size + 1), *y = malloc(size + 1);
                cr_assert(npk_array_copy(&a, 'C', x, size, NULL) == NPK_OK &&
                          npk_array_copy(&b, 'C', y, size, NULL) == NPK_OK);
                cr_expect(npk_dtype_equal(a.dtype, b.dtype) && memcmp(x, y, size) == 0, "%s", g.name);
                free(x);
                free(y);
            }
            npk_bytes_free(NULL, found.bytes, found.size);
            npk_doc_free(other);
            npk_doc_free(doc);
        }
    golden_close(&g);
}

/* APPENDS and SETITEMS of nothing leave an object as it was. */
Test(graph, objects_given_nothing)
{
    static const char bytes[] = "\x80\2ca\nB\n)\x81(e(u.";
    npk_doc *doc;
    golden_bytes out;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, NULL, &doc, NULL), NPK_OK);
    for (int protocol = 2; protocol <= 5; protocol++) {
        npk_status status = rewrite(npk_doc_root(doc), protocol, NPK_DIALECT_DEFAULT, &out, &error);
        cr_assert_eq(status, NPK_OK, "protocol %d: %s", protocol, error.message);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
    npk_doc_free(doc);
}

/* 40 tuples, each with the one before in it twice: a tebibyte without a memo. */
Test(graph, doubling_without_a_memo)
{
    char bytes[90] = "N";
    for (size_t i = 0; i < 40; i++)
        memcpy(bytes + 1 + 2 * i, "2\x86", 2);
    bytes[81] = '.';
    npk_doc *doc;
    npk_writer *w = NULL;
    npk_write_options options = {.memo = NPK_MEMO_NONE};
    cr_assert_eq(npk_doc_load_memory(bytes, 82, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    cr_expect_eq(npk_write_value(w, npk_doc_root(doc)), NPK_ERR_LIMIT);
    cr_expect_eq(npk_writer_finish(w, NULL), NPK_ERR_LIMIT);
    npk_doc_free(doc);
}

/* Below protocol 4 a class that takes keywords stands twice in the call that makes its objects; it is made once, or looked up once. */
Test(graph, a_class_that_is_made_and_takes_keywords)
{
    static const char *const classes[] = {"cm\nmake\n)R", "cm\nmake\n)\x81", "Pclass\n"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            char bytes[60];
            const int size = snprintf(bytes, sizeof bytes, "\x80\4%s)}U\1kNs\x92.", classes[i]);
            npk_doc *doc, *again;
            golden_bytes out = {NULL, 0};
            npk_error error;
            uint64_t differences = 1;
            int made = 0;
            cr_assert_eq(npk_doc_load_memory(bytes, (size_t)size, NULL, &doc, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, &error), NPK_OK, "%s",
                         error.message);
            cr_assert_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &again, &error), NPK_OK, "%s", error.message);
            for (size_t at = 0; at + 4 <= out.size; at++)
                made += memcmp(out.bytes + at, "make", 4) == 0 || memcmp(out.bytes + at, "clas", 4) == 0;
            cr_expect_eq(made, 1, "%zu at protocol %d: %d", i, protocol, made);
            cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
            cr_expect(differences == 0 || protocol < 4, "%zu at protocol %d", i, protocol);
            npk_doc_free(again);
            npk_doc_free(doc);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
}

/* The arguments of NEWOBJ and NEWOBJ_EX, which older protocols have one by one: where something else has the tuple too, and came first, what is in it has
 * a number all the same. */
static const struct {
    const char *what;
    const uint8_t *from;
    size_t from_size;
    int protocol;
    const uint8_t *to;
    size_t to_size;
} becomes[] = {
    {"NEWOBJ", BYTES_OF("\x80\2]\x85q\0" "cm\nA\nh\0\x81\x86."), 1,
     BYTES_OF("((]q\0tq\1ccopy_reg\n__newobj__\nq\2(cm\nA\nq\3h\0tq\4Rq\5t.")},
    {"NEWOBJ, and the protocol has it", BYTES_OF("\x80\2]\x85q\0" "cm\nA\nh\0\x81\x86."), 2,
     BYTES_OF("\x80\2]\x85q\0" "cm\nA\nh\0\x81\x86.")},
    {"a call in it", BYTES_OF("\x80\2" "cm\nI\n)\x81\x85q\0" "cm\nA\nh\0\x81\x86."), 1,
     BYTES_OF("((ccopy_reg\n__newobj__\nq\0(cm\nI\ntq\1Rq\2tq\3h\0(cm\nA\nq\4h\2tq\5Rq\6t.")},
    {"NEWOBJ_EX without keywords", BYTES_OF("\x80\4]\x85\x94" "cm\nA\nh\0}\x92\x86."), 1,
     BYTES_OF("((]q\0tq\1ccopy_reg\n__newobj__\nq\2(cm\nA\nq\3h\0tq\4Rq\5t.")},
    {"nobody else has it", BYTES_OF("\x80\2]cm\nA\n]\x85\x81\x86."), 1,
     BYTES_OF("(]ccopy_reg\n__newobj__\nq\0(cm\nA\n]tq\1Rq\2t.")},
    /* an OrderedDict takes what is in a dict when that becomes its state: nothing, or one key */
    {"a state that is empty yet",
     BYTES_OF("\x80\2}q\0(X\1\0\0\0zK\1X\1\0\0\0mccollections\nOrderedDict\n)Rh\0bu."), 0,
     BYTES_OF("(dp0\nccollections\nOrderedDict\n(tRp1\ng0\nb0Vz\nI1\nsVm\ng1\ns.")},
    {"a state with one key by then", BYTES_OF("(dp0\nVz\nI1\nsVm\nccollections\nOrderedDict\n(tRg0\nbs."), 2,
     BYTES_OF("\x80\2}q\0(X\1\0\0\0zK\1uX\1\0\0\0mccollections\nOrderedDict\n)Rh\0bs.")},
};

Test(graph, what_comes_at_another_protocol)
{
    for (size_t i = 0; i < sizeof becomes / sizeof *becomes; i++) {
        npk_doc *doc = NULL;
        golden_bytes found = {NULL, 0};
        npk_error error = {.message = ""};
        const npk_write_options options = {.protocol_given = true, .protocol = becomes[i].protocol};
        cr_assert_eq(npk_doc_load_memory(becomes[i].from, becomes[i].from_size, NULL, &doc, &error), NPK_OK, "%s: %s",
                     becomes[i].what, error.message);
        cr_expect_eq(move(npk_doc_root(doc), &options, &found, &error), NPK_OK, "%s: %s", becomes[i].what, error.message);
        cr_expect(found.size == becomes[i].to_size && memcmp(found.bytes, becomes[i].to, found.size) == 0, "%s: other bytes",
                  becomes[i].what);
        npk_bytes_free(NULL, found.bytes, found.size);
        npk_doc_free(doc);
    }
}

/* What pickletools.optimize leaves at protocol 2 of an object with keywords that lead back to it: two partials, neither with a number. */
Test(graph, makings_have_parts_of_their_own)
{
    static const char text[] =
        "\x80\2cfunctools\npartial\nq\0c__builtin__\ngetattr\ncm\nC\nq\1X\7\0\0\0__new__\x86Rq\2\x85R("
        "h\2h\1\x85}X\1\0\0\0xq\3]q\4h\0h\2\x85R(h\2h\1\x85}h\3h\4sNtb)Rq\5asNtb)R0h\5.";
    npk_error error = {.message = "other bytes"};
    cr_expect(same((golden_bytes){(uint8_t *)(uintptr_t)text, sizeof text - 1}, 2, NPK_DIALECT_DEFAULT, &error), "%s",
              error.message);
}

/* What keys an object takes its class knows: m[[1]] = 2, and the same key twice. A dict takes no list. */
Test(graph, an_object_takes_any_keys)
{
    static const char of_object[] = "cm\nM\n)R(]K\1aK\2]K\1aK\3}K\4u.", of_dict[] = "}]K\1s.";
    npk_doc *doc = NULL, *again = NULL;
    npk_error error = {.message = ""};
    const npk_value *key = NULL;
    cr_expect_eq(npk_doc_load_memory(of_dict, sizeof of_dict - 1, NULL, &doc, &error), NPK_ERR_TYPE);
    cr_assert_eq(npk_doc_load_memory(of_object, sizeof of_object - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_value_find(npk_doc_root(doc), ".<keys>[1]", &key, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(npk_value_kind(key), NPK_KIND_LIST);
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        golden_bytes found = {NULL, 0};
        uint64_t differences = 1;
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        cr_assert_eq(move(npk_doc_root(doc), &options, &found, &error), NPK_OK, "%d: %s", protocol, error.message);
        cr_assert_eq(npk_doc_load_memory(found.bytes, found.size, NULL, &again, &error), NPK_OK, "%d: %s", protocol,
                     error.message);
        cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error), NPK_OK);
        cr_expect_eq(differences, 0, "protocol %d", protocol);
        npk_doc_free(again);
        npk_bytes_free(NULL, found.bytes, found.size);
    }
    npk_doc_free(doc);
}

/* list() has what was in the list then, also where nothing had that before. */
Test(graph, a_list_grows_after_a_call_that_made_it_in_its_arguments)
{
    static const char read[] = "c__builtin__\nlist\n(]q\0tRq\1h\0K\1a0.",
                      written[] = "\x80\2c__builtin__\nlist\n]q\1\x85Rq\2h\1K\1a0.";
    npk_doc *doc = NULL;
    golden_bytes found = {NULL, 0};
    npk_error error = {.message = ""};
    const npk_write_options options = {.protocol_given = true, .protocol = 2, .dialect = NPK_DIALECT_PYTHON2};
    cr_assert_eq(npk_doc_load_memory(read, sizeof read - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(move(npk_doc_root(doc), &options, &found, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(found.size, sizeof written - 1);
    cr_expect_arr_eq(found.bytes, written, found.size);
    npk_bytes_free(NULL, found.bytes, found.size);
    npk_doc_free(doc);
}

/* What NumPy 1 has otherwise, and something else has, too: a bit generator in shared arguments, the flags in a shared state. And a
 * list that grew by what tuple() had made of it would be taken whole, or before it is whole. */
Test(graph, what_would_be_another_thing_in_the_target)
{
    static const char grows_by_it[] = "(]c__builtin__\ntuple\n(]q\1K\1atRq\2" "0h\1(h\2et.";
    /* the attributes of an OrderedDict are copied when they are none */
    static const char state[] = "\x80\2(ccollections\nOrderedDict\n)R}q\0bh\0X\1\0\0\0mK\2st.";
    static const char generator[] =
        "\x80\x04\x95\xe8\x01\x00\x00\x00\x00\x00\x00]\x94(\x8c\x14numpy.random._pickle\x94\x8c\x10__generator_"
        "ctor\x94\x93\x94h\x01\x8c\x14__bit_generator_ctor\x94\x93\x94\x8c\x13numpy.ra"
        "ndom._pcg64\x94\x8c\x05PCG64\x94\x93\x94\x85\x94R\x94}\x94(\x8c\x0d"
        "bit_generator\x94\x8c\x05PCG64\x94\x8c\x05state\x94}\x94(h\x0e\x8a\x11\x97X`\xefz&"
        "\xf7\xa7\x8d\x0fk\xd1\xfdh\x8b\xf3\x00\x8c\x03inc\x94\x8a\x11\x1f"
        "\xbej\xc6\x8b\x8b\xd8.Zsw\x02\x16<\x04\xa7\x00u\x8c\nhas_"
        "uint32\x94K\x00\x8c\x08uinteger\x94K\x00u\x8c\x1anumpy.random.bit_generator\x94\x8c\x1b__pyx_unpickle_See"
        "dSequence\x94\x93\x94h\x13\x8c\x0cSeedSequence\x94\x93\x94J\"\xa2\xea\x03N\x87\x94R\x94("
        "K\x03K\x00\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy"
        "\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94"
        "C\x01"
        "b\x94\x87\x94R\x94(K\x01K\x04\x85\x94h\x1d\x8c\x05"
        "dtype\x94\x93\x94\x8c\x02u4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<"
        "\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t\x94"
        "b\x89"
        "C\x10\x0b\x80\xd7\xb2\xec\x17\x0b"
        "]\xefl\x83\x1dL$%\x92\x94t\x94"
        "bK\x04)t\x94"
        "b\x86\x94"
        "b\x85\x94R\x94h0e.";
    static const char dtype[] =
        "\x80\x02]q\x00((K\x03X\x01\x00\x00\x00|q\x01NX\x01\x00\x00\x00"
        "aq\x02X\x01\x00\x00\x00"
        "bq\x03\x86q\x04}q\x05(h\x02"
        "cnumpy\ndtype\nq\x06X\x02\x00\x00\x00i1q\x07\x89\x88\x87q\x08Rq\x09("
        "K\x03h\x01NNNJ\xff\xff\xff\xffJ\xff\xff\xff"
        "\xffK\x00tq\nbK\x00\x86q\x0bh\x03h\x06X\x02\x00\x00\x00"
        "f8q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\x00\x00\x00<q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x10"
        "bK\x08\x86q\x11uK\x10K\x08K\x90tq\x12h\x06X\x03\x00\x00\x00V16q\x13\x89\x88\x87"
        "q\x14Rq\x15h\x12"
        "be.";
    static const struct {
        const char *bytes;
        size_t size;
        const char *why;
    } shared[] = {{generator, sizeof generator - 1, "something else has these, too"},
                  {dtype, sizeof dtype - 1, "something else has this one, too"},
                  {grows_by_it, sizeof grows_by_it - 1, "gets more in its pickle"},
                  {state, sizeof state - 1, "gets more in its pickle"}};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        npk_doc *doc = NULL;
        golden_bytes found = {NULL, 0};
        npk_error error = {.message = ""};
        const npk_write_options options = {.protocol_given = true,
                                           .protocol = 2,
                                           .dialect =
                                               i < 2 ? NPK_CPYTHON(3, 6) | NPK_NUMPY(1, 19) : NPK_DIALECT_PYTHON2,
                                           .translate_names = true};
        cr_assert_eq(npk_doc_load_memory(shared[i].bytes, shared[i].size, NULL, &doc, &error), NPK_OK, "%s",
                     error.message);
        cr_expect_eq(move(npk_doc_root(doc), &options, &found, &error), NPK_ERR_UNSUPPORTED, "%zu", i);
        cr_expect(strstr(error.message, shared[i].why) != NULL, "%s", error.message);
        npk_doc_free(doc);
    }
}
