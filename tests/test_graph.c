/* Graphs written again: every golden, read and written in the dialect that made it, is the same to the byte; and a graph that goes to
 * another protocol says the same there. */
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
    npk_status status = npk_load_memory(pickle.bytes, pickle.size, NULL, &doc, error);
    if (status == NPK_OK)
        status = rewrite(npk_root(doc), protocol, dialect, &again, error);
    bool equal = status == NPK_OK && again.size == pickle.size && memcmp(again.bytes, pickle.bytes, again.size) == 0;
    if (status == NPK_OK)
        npk_bytes_free(NULL, again.bytes, again.size);
    if (doc != NULL)
        npk_free(doc);
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

#define PICKLE(dialect_, protocol_, text) {#dialect_ " " text, NPK_DIALECT_##dialect_, protocol_, (const uint8_t *)(text), sizeof(text) - 1}

static const struct {
    const char *name;
    npk_dialect dialect;
    int protocol;
    const uint8_t *bytes;
    size_t size;
} pickles[] = {
    /* tuples that hold themselves, of one item and of four: pickle.dumps(t) with t = ([],), t[0].append(t) */
    PICKLE(DEFAULT, 0, "((lp0\n(g0\ntp1\na00g1\n."),
    PICKLE(DEFAULT, 1, "(]q\0(h\0tq\1a1h\1."),
    PICKLE(DEFAULT, 2, "\x80\2]q\0h\0\x85q\1a0h\1."),
    PICKLE(DEFAULT, 4, "\x80\4\x95\x0b\0\0\0\0\0\0\0]\x94h\0\x85\x94" "a0h\1."),
    /* a text whose escapes take as many bytes more as its characters take less */
    PICKLE(DEFAULT, 0, "V\xa0\xa0\xa0\xa0\xa0\\u000a\np0\n."),
    /* sets at either protocol */
    PICKLE(DEFAULT, 2, "\x80\2c__builtin__\nset\nq\0]q\1K\1a\x85q\2Rq\3."),
    PICKLE(DEFAULT, 4, "\x80\4\x95\x07\0\0\0\0\0\0\0\x8f\x94(K\1\x90."),
    PICKLE(DEFAULT, 4, "\x80\4\x95\x06\0\0\0\0\0\0\0(K\1\x91\x94."),
    /* collections.OrderedDict([(1, 2)]) and a list of its own class */
    PICKLE(DEFAULT, 2, "\x80\2ccollections\nOrderedDict\nq\0)Rq\1K\1K\2s."),
    PICKLE(DEFAULT, 2, "\x80\2c__main__\nL\nq\0)\x81q\1(K\1K\2e}q\2X\1\0\0\0aq\3K\5sb."),
    /* instances of old classes, by INST and by OBJ; longs and ints of Python 2 */
    PICKLE(PYTHON2, 0, "(i__main__\nC\np1\n(dp2\nS'a'\nI1\nsb."),
    PICKLE(PYTHON2, 1, "(c__main__\nC\nq\1oq\2}q\3U\1aK\1sb."),
    PICKLE(PYTHON2, 2, "\x80\2(I4294967296\n\x8a\5\0\0\0\0\1\x8a\1\1K\1t."),
    /* persistent ids, extension codes, buffers */
    PICKLE(DEFAULT, 0, "(Pid one\nPid two\ntp0\n."),
    PICKLE(DEFAULT, 2, "\x80\2X\3\0\0\0oneq\0Q."),
    PICKLE(DEFAULT, 2, "\x80\2\x82\xf0\x83\xff\xff\x86q\0."),
    /* without any memo, as Pickler.fast or pickletools.optimize leave it */
    PICKLE(DEFAULT, 2, "\x80\2](]}X\1\0\0\0aK\1se."),
    PICKLE(DEFAULT, 4, "\x80\4\x95\x0c\0\0\0\0\0\0\0](]\x94\x8c\1a\x85h\0e."),
    /* 3.6 and before: longs and raw control characters in text, every frame with its header */
    PICKLE(CPYTHON36, 0, "(L5L\nVa\rb\np0\ntp1\n."),
    PICKLE(CPYTHON36, 4, "\x80\4\x95\3\0\0\0\0\0\0\0K\1."),
    PICKLE(PICKLE_PY2, 0, "F0.1\n."),
    PICKLE(PYTHON2, 0, "F0.10000000000000001\n."),
};

Test(graph, constructions)
{
    for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
        golden_bytes pickle = {(uint8_t *)pickles[i].bytes, pickles[i].size};
        npk_error error = {.message = "other bytes"};
        cr_expect(same(pickle, pickles[i].protocol, pickles[i].dialect, &error), "pickle %zu: %s", i, error.message);
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
        equal = npk_kind_of(x) == npk_kind_of(y) && npk_size(x) == npk_size(y) &&
                strcmp(npk_walk_path(left), npk_walk_path(right)) == 0;
        const uint8_t *p = npk_as_long(x, x_room, &x_size), *q = npk_as_long(y, y_room, &y_size);
        if (equal && npk_kind_of(x) == NPK_KIND_STR) {
            p = (const uint8_t *)npk_as_str(x, &x_size);
            q = (const uint8_t *)npk_as_str(y, &y_size);
        } else if (equal && p == NULL) {
            p = npk_as_bytes(x, &x_size);
            q = npk_as_bytes(y, &y_size);
        }
        equal = equal && x_size == y_size && (x_size == 0 || memcmp(p, q, x_size) == 0);
    } while (equal);
    npk_walk_free(left);
    npk_walk_free(right);
    return equal;
}

Test(graph, every_protocol_to_every_other)
{
    golden g;
    int from;
    golden_bytes pickle;
    golden_open(&g, "values.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &from, &pickle))
            for (int to = 0; to <= 5; to++) {
                npk_doc *doc = NULL, *other = NULL;
                golden_bytes again;
                npk_error error = {.message = "other values"};
                cr_assert(npk_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error) == NPK_OK);
                npk_status status = rewrite(npk_root(doc), to, NPK_DIALECT_DEFAULT, &again, &error);
                if (status == NPK_OK) {
                    status = npk_load_memory(again.bytes, again.size, NULL, &other, &error);
                    cr_expect(status == NPK_OK && equal_values(npk_root(doc), npk_root(other)), "%s from %d to %d: %s", g.name,
                              from, to, error.message);
                    npk_bytes_free(NULL, again.bytes, again.size);
                }
                cr_expect(status == NPK_OK, "%s from %d to %d: %s", g.name, from, to, error.message);
                npk_free(other);
                npk_free(doc);
            }
    golden_close(&g);
}
