/* A part of what npickle knows, which is something else at first and which an edit puts in its place, or takes out of it: refused, by the edit or by the
 * writer, or read as the same. Edits find no arrays, and lose none: such documents are compared by what their objects are made of. lib/edit. */
#include "full.h"
#include "fuzz/fuzz.h"
#include "golden.h"

#include <npickle.h>

/* A piece of a pickle. */
typedef struct piece {
    const char *bytes;
    size_t size;
    bool part; /* a value, in the place of which another may be */
} piece;

#define PIECE(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof text - 1, false                                                                                   \
    }
#define PART(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof text - 1, true                                                                                    \
    }
#define DTYPE PIECE("cnumpy\ndtype\n("), PART("U\2u1"), PART("K\0"), PART("K\1"), PIECE("tR")
#define STATE                                                                                                          \
    PIECE("("), PART("K\1"), PART("K\2\x85"), PART("cnumpy\ndtype\n(U\2u1K\0K\1tR"), PART("\x89"), PART("U\2ab")
#define MOST_PIECES 24

/* Of calls that stay calls: a dtype that is made of more than a code, or has such a one in it, and what is made of these; what something was dropped over. */
#define LEFT "cnumpy\ndtype\n(]K\0K\1tR"
#define NAMED_DTYPE(code) PART("cnumpy\ndtype\n"), PIECE("("), PART(code), PIECE("K\0K\1tR")
#define DROP "cm\nf\n)R0"

static const struct {
    const char *name;
    const piece pieces[MOST_PIECES];
} kinds[] = {
    {"state", {PIECE("cm\nf\n)R"), STATE, PIECE("tb")}},
    {"state of an object", {PIECE("cm\nC\n)\x81"), STATE, PIECE("tb")}},
    {"state in another", {PIECE("cm\nf\n)R("), STATE, PIECE("t"), PART("}"), PIECE("tb")}},
    {"state in a dict", {PIECE("cm\nf\n)R}(U\1d"), STATE, PIECE("tub")}},
    {"state in a list", {PIECE("cm\nf\n)R](K\5"), STATE, PIECE("teb")}},
    {"longer state", {PIECE("cm\nf\n)R"), STATE, PIECE("}tb")}},
    {"two states", {PIECE("cm\nf\n)R("), STATE, PIECE("t"), STATE, PIECE("ttb")}},
    {"arguments", {PIECE("cm\nf\n"), STATE, PIECE("tR")}},
    {"arguments and a state", {PIECE("cm\nf\n"), STATE, PIECE("tR"), STATE, PIECE("tb")}},
    {"arguments of an object", {PIECE("cm\nC\n"), STATE, PIECE("t\x81")}},
    {"objects",
     {PIECE("cm\nf\n)R(K\1K\1\x85"), PART("cnumpy\ndtype\n(U\1OK\0K\1tR"), PIECE("\x89]"), PART("K\7"), PIECE("atb")}},
    {"own state",
     {PIECE("cnumpy.core.multiarray\n_reconstruct\n("), PART("cm\nA\n"), PIECE("K\0\x85U\1btR"), STATE, PIECE("tb")}},
    {"own state in another",
     {PIECE("cnumpy.core.multiarray\n_reconstruct\n("), PART("cm\nA\n"), PIECE("K\0\x85U\1btR("), STATE,
      PIECE("t}tb")}},
    {"array",
     {PIECE("cnumpy.core.multiarray\n_reconstruct\n"), PART("cnumpy\nndarray\nK\0\x85U\1b\x87"), PIECE("R"), STATE,
      PIECE("tb")}},
    {"masked",
     {PIECE("cnumpy.ma.core\n_mareconstruct\n("), PART("cm\nA\n"), PART("cnumpy\nndarray\n"), PIECE("K\0\x85U\1btR"),
      STATE, PART("U\2\0\0"), PART("N"), PIECE("tb")}},
    {"dtype", {DTYPE, PIECE("("), PART("K\3"), PART("U\1|"), PIECE("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb")}},
    {"scalar", {PIECE("cnumpy.core.multiarray\nscalar\n"), DTYPE, PART("U\1a"), PIECE("\x86R")}},
    {"bytes", {PIECE("c_codecs\nencode\n"), PART("X\2\0\0\0\xc3\xa9"), PART("X\6\0\0\0latin1"), PIECE("\x86R")}},
    {"set", {PIECE("c__builtin__\nset\n"), PART("]K\1a"), PIECE("\x85R")}},
    {"complex", {PIECE("c__builtin__\ncomplex\n"), PART("G@\0\0\0\0\0\0\0"), PART("G@\0\0\0\0\0\0\0"), PIECE("\x86R")}},
    {"bytearray", {PIECE("c__builtin__\nbytearray\n"), PART("X\1\0\0\0a"), PART("U\7latin-1"), PIECE("\x86R")}},
    {"array.array", {PIECE("carray\narray\n"), PART("U\1i"), PART("]K\1a"), PIECE("\x86R")}},
    {"array.array over whose state something is dropped",
     {PIECE("carray\narray\n"), PART("U\1i"), PART("]K\1a"), PIECE("\x86R"), PART("]"), PIECE(DROP "b")}},
    {"scalar over whose state something is dropped",
     {PIECE("cnumpy.core.multiarray\nscalar\n"), DTYPE, PART("U\1a"), PIECE("\x86R"), PART("]"), PIECE(DROP "b")}},
    {"ndarray", {PIECE("cnumpy\nndarray\n("), PART("K\2\x85"), DTYPE, PART("U\2ab"), PIECE("tR")}},
    {"joblib",
     {PIECE("ccopy_reg\n_reconstructor\n("), PART("cjoblib.numpy_pickle\nNumpyArrayWrapper\n"),
      PART("c__builtin__\nobject\n"), PART("N"), PIECE("tR")}},
    {"left dtype", {PART("cnumpy\ndtype\n"), PIECE("("), PART("]U\2u1a"), PART("K\0"), PART("K\1"), PIECE("tR")}},
    {"left dtype with a state", {NAMED_DTYPE("]U\2u1a"), PART("(K\3K\4t"), PIECE("b")}},
    {"struct of a left dtype",
     {NAMED_DTYPE("U\2V1"), PIECE("("), PART("K\3"), PART("U\1|"), PART("N"), PART("U\1a\x85"), PIECE("}"),
      PART("U\1a"), PART(LEFT), PART("K\0"), PIECE("\x86s"), PART("K\1"), PIECE("K\1K\x10tb")}},
    {"struct of a left dtype, its state",
     {NAMED_DTYPE("U\2V1"), PART("(K\3U\1|NU\1a\x85}U\1a" LEFT "K\0\x86sK\1K\1K\x10t"), PIECE("b")}},
    {"struct of a left dtype, its fields",
     {NAMED_DTYPE("U\2V1"), PIECE("(K\3U\1|NU\1a\x85"), PART("}U\1a" LEFT "K\0\x86s"), PIECE("K\1K\1K\x10tb")}},
    {"struct of a left dtype, one of its fields",
     {NAMED_DTYPE("U\2V2"), PIECE("(K\3U\1|NU\1aU\1b\x86}(U\1a"), PART(LEFT "K\0\x86"), PIECE("U\1b"),
      PART("cnumpy\ndtype\n(U\2u1K\0K\1tRK\1\x86"), PIECE("uK\2K\1K\x10tb")}},
    {"subarray of a left dtype",
     {NAMED_DTYPE("U\2V1"), PIECE("(K\3U\1|"), PART(LEFT), PART("K\1\x85"), PIECE("\x86NNK\1K\1K\0tb")}},
    {"subarray of a left dtype, whole",
     {NAMED_DTYPE("U\2V1"), PIECE("(K\3U\1|"), PART(LEFT "K\1\x85\x86"), PIECE("NNK\1K\1K\0tb")}},
    {"fields on a number",
     {NAMED_DTYPE("U\2u1"), PIECE("("), PART("K\3"), PART("U\1|"), PIECE("N"), PART("U\1a\x85"),
      PART("}U\1acnumpy\ndtype\n(U\2u1K\0K\1tRK\0\x86s"), PIECE("J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb")}},
    {"array of a left dtype",
     {PART("cnumpy.core.multiarray\n_reconstruct\n"), PART("cnumpy\nndarray\n"), PART("K\0\x85"), PART("U\1b"),
      PIECE("\x87R("), PART("K\1"), PART("K\1\x85"), PART(LEFT), PART("\x89"), PART("U\1a"), PIECE("tb")}},
    {"array of a struct of a left dtype",
     {PART("cnumpy.core.multiarray\n_reconstruct\n"), PIECE("cnumpy\nndarray\nK\0\x85U\1b\x87R(K\1"), PART("K\1\x85"),
      NAMED_DTYPE("U\2V1"), PART("(K\3U\1|NU\1a\x85}U\1a" LEFT "K\0\x86sK\1K\1K\x10t"), PIECE("b\x89U\1atb")}},
    {"array of a dtype over which something is dropped",
     {PART("cnumpy.core.multiarray\n_reconstruct\n"), PIECE("cnumpy\nndarray\nK\0\x85U\1b\x87R(K\1"), PART("K\1\x85"),
      NAMED_DTYPE("U\2u1"), PIECE("("), PART("K\3"), PART("U\1|"),
      PIECE(DROP "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89U\1atb")}},
    {"array over whose state something is dropped",
     {PART("cnumpy.core.multiarray\n_reconstruct\n"), PIECE("cnumpy\nndarray\nK\0\x85U\1b\x87R("), PART("K\1"),
      PART("K\1\x85"), PIECE(DROP), PART("cnumpy\ndtype\n(U\2u1K\0K\1tR"), PIECE("\x89"), PART("U\1a"), PIECE("tb")}},
    {"array in the metadata of its dtype",
     {NAMED_DTYPE("U\2u1"), PIECE("q\6(K\4U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0}U\1a"),
      PART("cnumpy.core.multiarray\nscalar\n"), PIECE("h\6"), PART("U\1a"), PIECE("\x86Rstb")}},
    {"set over which something is dropped", {PART("cbuiltins\nset\n"), PART("]K\1a"), PIECE(DROP), PIECE("\x85R")}},
    {"date", {PIECE("cdatetime\ndate\n"), PART("U\4\x07\xe8\2\x1d"), PIECE("\x85R")}},
    {"sum of sets",
     {PIECE("c__builtin__\nset\n]\x85Rq\1"), PIECE("coperator\nior\nh\1"), PART("c__builtin__\nset\n]K\1a\x85R"),
      PIECE("\x86R0")}},
};

static const piece others[] = {PART("cm\nP\n"), PART("Pid\n"),      PART("cm\nP\n)R"),
                               PART("]"),       PART("X\1\0\0\0x"), PART("K\0"),
                               PART("K\5\x85"), PART("}"),          PART("cnumpy\ndtype\n(U\2u1K\0K\1tR")};

/* [the kind with one piece for its part, the other piece], where the first is also the third. The caller frees the bytes. */
static golden_bytes make(size_t kind, size_t part, const piece *in_place, const piece *spare)
{
    golden_bytes p = {NULL, 0};
    golden_add(&p, "\x80\2]", 3);
    for (size_t i = 0; i < MOST_PIECES && kinds[kind].pieces[i].bytes != NULL; i++) {
        const piece *one = i == part ? in_place : &kinds[kind].pieces[i];
        golden_add(&p, one->bytes, one->size);
        if (i == part)
            golden_add(&p, "q\7", 2);
    }
    golden_add(&p, "a", 1);
    golden_add(&p, spare->bytes, spare->size);
    golden_add(&p, "ah\7a.", 5);
    return p;
}

typedef struct told {
    long written, refused, edits;
} told;

static void write_and_read(const char *name, const npk_doc *doc, int protocol, told *t)
{
    const npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_doc *again = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
    if (status == NPK_ERR_UNSUPPORTED) {
        t->refused++;
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
    status = npk_doc_load_memory(bytes, size, NULL, &again, &error);
    cr_expect_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
    if (status == NPK_OK && fuzz_keeps_spellings(npk_doc_root(doc), &options))
        cr_expect(fuzz_is_same_edited(npk_doc_root(doc), npk_doc_root(again), NPK_PYTHON2_STR_KEEP), "%s, protocol %d",
                  name, protocol);
    t->written++;
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

static void put(size_t kind, size_t part, const piece *in_place, const piece *spare, told *t)
{
    const golden_bytes p = make(kind, part, in_place, spare);
    npk_doc *doc = NULL;
    if (npk_doc_load_memory(p.bytes, p.size, NULL, &doc, NULL) != NPK_OK) {
        free(p.bytes);
        return;
    }
    const npk_value *root = npk_doc_root(doc), *from = npk_value_item(root, 2), *to = npk_value_item(root, 1);
    char name[100];
    snprintf(name, sizeof name, "%s, piece %zu", kinds[kind].name, part);
    npk_error error;
    const npk_status status = npk_edit_replace(doc, from, to, &error);
    if (status == NPK_OK) {
        t->edits++;
        cr_expect_eq(npk_edit_list_remove(doc, root, 2, NULL), NPK_OK);
    } else {
        cr_expect(status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_TYPE || status == NPK_ERR_USAGE, "%s: %s", name,
                  error.message);
        t->refused += 6;
    }
    for (int protocol = 0; protocol <= 5 && status == NPK_OK; protocol++)
        write_and_read(name, doc, protocol, t);
    npk_doc_free(doc);
    free(p.bytes);
}

Test(placed, every_part_of_what_is_known)
{
    told t = {0};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t part = 0; part < MOST_PIECES && kinds[kind].pieces[part].bytes != NULL; part++)
            for (size_t i = 0; kinds[kind].pieces[part].part && i < sizeof others / sizeof *others; i++) {
                put(kind, part, &others[i], &kinds[kind].pieces[part], &t);
                put(kind, part, &kinds[kind].pieces[part], &others[i], &t);
            }
    fprintf(stderr, "%ld edits, %ld written, %ld refused\n", t.edits, t.written, t.refused);
    cr_expect(t.edits > 200 && t.written > 1000 && t.refused > 500, "%ld edits, %ld written, %ld refused", t.edits,
              t.written, t.refused);
}

/* --- any edit of any value of these --- */

#define MOST_VALUES 60

/* What a walk meets, each once. */
static size_t gather(const npk_doc *doc, const npk_value *out[MOST_VALUES])
{
    npk_walk *walk = NULL;
    const npk_value *value;
    size_t count = 0;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (count < MOST_VALUES && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        out[count++] = value;
    npk_walk_free(walk);
    return count;
}

/* b, copied: as it is in another document. */
static const npk_value *copy_of(npk_doc *doc, const npk_value *b)
{
    npk_writer *w = NULL;
    const npk_value *copy = NULL;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_value(w, b);
    return npk_edit_finish(w, &copy, NULL) == NPK_OK ? copy : NULL;
}

enum { EDITS = 12 };

static npk_status edit(npk_doc *doc, size_t how, const npk_value *a, const npk_value *b)
{
    npk_object object;
    const npk_value *copy = how >= 9 ? copy_of(doc, b) : NULL;
    if (how >= 9 && copy == NULL)
        return NPK_ERR_UNSUPPORTED;
    switch (how) {
    case 0:
        return npk_edit_replace(doc, a, b, NULL);
    case 1:
        return npk_edit_list_set(doc, a, 0, b, NULL);
    case 2:
        return npk_edit_list_append(doc, a, b, NULL);
    case 3:
        return npk_edit_list_remove(doc, a, 0, NULL);
    case 4:
        return npk_edit_dict_set_value(doc, a, b, b, NULL);
    case 5:
        return npk_edit_dict_set(doc, a, "a", b, NULL);
    case 6:
        return npk_edit_dict_remove(doc, a, "a", NULL);
    case 7:
        return npk_edit_attribute(doc, a, "a", b, NULL);
    case 8:
        return npk_edit_object_state(doc, a, b, NULL);
    case 9:
        return npk_edit_replace(doc, a, copy, NULL);
    case 10:
        return npk_edit_object_state(doc, a, copy, NULL);
    default:
        return npk_value_as_object(a, &object) ? npk_edit_replace(doc, object.args, copy, NULL) : NPK_ERR_UNSUPPORTED;
    }
}

/* [the kind, one that may be put elsewhere ...]. The caller frees the bytes. */
static golden_bytes make_all(size_t kind)
{
    golden_bytes p = {NULL, 0};
    golden_add(&p, "\x80\2]", 3);
    for (size_t i = 0; i < MOST_PIECES && kinds[kind].pieces[i].bytes != NULL; i++)
        golden_add(&p, kinds[kind].pieces[i].bytes, kinds[kind].pieces[i].size);
    golden_add(&p, "a", 1);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        golden_add(&p, others[i].bytes, others[i].size);
        golden_add(&p, "a", 1);
    }
    golden_add(&p, ".", 1);
    return p;
}

Test(placed, every_edit_of_what_is_known)
{
    told t = {0};
    const npk_value *values[MOST_VALUES];
    const size_t step = full_tests(97, 1); /* one in so many */
    size_t number = 0;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        const golden_bytes p = make_all(kind);
        size_t count = 1;
        for (size_t i = 0; i < count * count * EDITS; i++) {
            npk_doc *doc = NULL;
            char name[120];
            if (i > 0 && number++ % step != 0)
                continue;
            cr_assert_eq(npk_doc_load_memory(p.bytes, p.size, NULL, &doc, NULL), NPK_OK, "%s", kinds[kind].name);
            count = gather(doc, values);
            const size_t how = i % EDITS, a = i / EDITS % count, b = i / EDITS / count;
            snprintf(name, sizeof name, "%s, edit %zu of %zu by %zu", kinds[kind].name, how, a, b);
            const npk_status status = edit(doc, how, values[a], values[b]);
            t.edits += status == NPK_OK;
            for (int protocol = 0; protocol <= 5 && status == NPK_OK; protocol++)
                write_and_read(name, doc, protocol, &t);
            npk_doc_free(doc);
        }
        free(p.bytes);
    }
    fprintf(stderr, "%ld edits, %ld written, %ld refused\n", t.edits, t.written, t.refused);
    cr_expect(t.edits > 200 && t.written > 1000, "%ld edits, %ld written, %ld refused", t.edits, t.written, t.refused);
}
