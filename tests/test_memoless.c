/* Pickles without a memo (NPK_MEMO_NONE): what is shared comes each time anew, and what holds itself can't come at all. Whatever is written is read as the same;
 * all else is refused, with a message that says so. */
#include "full.h"
#include "fuzz/fuzz.h"
#include "golden.h"
#include "program.h"

#include <npickle.h>

typedef struct told {
    long written, refused;
} told;

/* Names of Python 2 become others at protocol 3. */
static bool are_names_kept(const npk_doc *doc, const npk_doc *again)
{
    npk_doc_info before = {.protocol = 0}, after = {.protocol = 0};
    npk_doc_info_of(doc, &before);
    npk_doc_info_of(again, &after);
    return (before.protocol < 3) == (after.protocol < 3);
}

static void write_and_read(const char *name, const npk_doc *doc, const npk_write_options *options, told *t,
                           npk_error *error)
{
    const npk_value *root = npk_doc_root(doc);
    npk_doc *again = NULL;
    npk_read_options reading = {.allocator = NULL};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const bool one = fuzz_producer(root, &reading.array_producer);
    *error = (npk_error){.status = NPK_OK};
    const npk_status status = npk_doc_save_memory(doc, options, &bytes, &size, error);
    if (status != NPK_OK) {
        t->refused++;
        cr_expect(status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED, "%s at protocol %d: %s", name,
                  options->protocol, error->message);
        return;
    }
    t->written++;
    cr_expect_eq(npk_doc_load_memory(bytes, size, &reading, &again, error), NPK_OK, "%s at protocol %d: %s", name,
                 options->protocol, error->message);
    if (one && again != NULL && are_names_kept(doc, again) && fuzz_keeps_spellings(root, options))
        cr_expect(fuzz_is_same(root, npk_doc_root(again), NPK_PYTHON2_STR_KEEP), "%s at protocol %d", name,
                  options->protocol);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

static npk_write_options options_of(int protocol, npk_memo_policy memo)
{
    return (npk_write_options){
        .protocol_given = true, .protocol = protocol, .memo = memo, .limits = {.memory = 1 << 22}};
}

static void at_each_protocol(const char *name, const uint8_t *bytes, size_t size, told *t)
{
    npk_doc *doc = NULL;
    npk_error error;
    if (npk_doc_load_memory(bytes, size, NULL, &doc, NULL) != NPK_OK)
        return;
    for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
        const npk_write_options options = options_of(protocol, NPK_MEMO_NONE);
        write_and_read(name, doc, &options, t, &error);
    }
    npk_doc_free(doc);
}

static const char *const files[] = {
    "edit-numpy1.golden",     "edit-numpy2.golden",   "effects.golden",        "family-cpython311.golden",
    "family-numpy1.golden",   "family-numpy2.golden", "family-python2.golden", "found.golden",
    "joblibs.golden",         "memo.golden",          "mixed-numpy1.golden",   "mixed-numpy2.golden",
    "mldtypes.golden",        "newobj.golden",        "numeric.golden",        "objects.golden",
    "plain-numpy2.golden",    "plain-python2.golden", "pyarray-jython.golden", "pyarray-python3.golden",
    "values.golden",          "targets.golden",       "pythons.golden",        "outside.golden",
    "streams-python3.golden",
};

Test(memoless, goldens)
{
    golden g;
    golden_bytes pickle;
    int protocol;
    told t = {0};
    const size_t step = full_tests(12, 1);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden_open(&g, files[i]);
        for (size_t cases = 0; golden_case(&g); cases++)
            while (golden_pickle(&g, &protocol, &pickle))
                if (cases % step == 0)
                    at_each_protocol(g.name, pickle.bytes, pickle.size, &t);
        golden_close(&g);
    }
    cr_expect(t.written > 20 * t.refused && t.refused > 0, "%ld written, %ld refused", t.written, t.refused);
}

Test(memoless, programs)
{
    static program p;
    char name[40];
    told t = {0};
    const size_t count = full_tests(500, 20000);
    for (size_t i = 0; i < count; i++) {
        start_random(i);
        make_program(&p, 3 + i % 90);
        snprintf(name, sizeof name, "program %zu", i);
        at_each_protocol(name, p.bytes, p.size, &t);
    }
    cr_expect(t.written > 20 * t.refused && t.refused > 0, "%ld written, %ld refused", t.written, t.refused);
}

/* --- what holds itself --- */

typedef struct part {
    const char *name;
    const char *bytes;
    size_t size;
    const char *rest;
    size_t rest_size;
} part;

#define PART(name, bytes, rest)                                                                                        \
    {                                                                                                                  \
        name, bytes, sizeof(bytes) - 1, rest, sizeof(rest) - 1                                                         \
    }
#define OBJECT "cm\nC\n)\x81q\1"
#define ARRAY "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87Rq\1"
#define DTYPE(code) "cnumpy\ndtype\n(U\2" code "K\0K\1tR"
#define SIZES "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3f"

/* What is there before what it holds: number 1 of the memo. */
static const part wholes[] = {
    PART("a list", "]q\1", "a"),
    PART("items of a list", "]q\1(K\0", "e"),
    PART("a dict", "}q\1K\0", "s"),
    PART("items of a dict", "}q\1(K\0K\1K\2", "u"),
    PART("a state", OBJECT, "b"),
    PART("an attribute", OBJECT "}U\1a", "sb"),
    PART("slots", OBJECT "N}U\1a",
         "s\x86"
         "b"),
    PART("a state of what a call made", "cm\nf\n)Rq\1", "b"),
    PART("an item", OBJECT, "a"),
    PART("a key's value", OBJECT "K\0", "s"),
    PART("a state setter", OBJECT "cm\nset\nh\1", "\x86R0"),
    PART("what is dropped", OBJECT "cm\ng\n", "\x85R0"),
    PART("what is dropped over a list", "]q\1cm\ng\n", "\x85R0"),
    PART("OrderedDict", "ccollections\nOrderedDict\n)Rq\1K\0", "s"),
    PART("defaultdict", "ccollections\ndefaultdict\n)Rq\1K\0", "s"),
    PART("deque", "ccollections\ndeque\n)Rq\1", "a"),
    PART("partial", "cfunctools\npartial\ncm\nf\n\x85Rq\1(cm\nf\n", "\x85}Ntb"),
    PART("objects", ARRAY "(K\1K\1\x85" DTYPE("O8") "(K\3U\1|NNN" SIZES "tb\x89]", "atb"),
    PART("a class of its own",
         "cnumpy.core.multiarray\n_reconstruct\ncm\nA\nK\0\x85U\1b\x87Rq\1((K\1K\1\x85" DTYPE("u1") "\x89U\1at", "tb"),
    PART("metadata", DTYPE("u1") "q\1(K\4U\1|NNN" SIZES "}U\1a", "stb"),
    PART("a dtype", DTYPE("V1") "q\1(K\3U\1|NU\1a\x85}U\1a", "K\0\x86sK\1K\1K\0tb"),
    PART("a malformed dtype", DTYPE("V1") "q\1(K\3U\1|N", "NK\1K\1K\0tb"),
    PART("a malformed array", ARRAY "(K\1K\1\x85", "tb"),
    PART("a set", "\x8fq\1(", "\x90"),
    PART("a set called", "c__builtin__\nset\n]\x85Rq\1(", "\x90"),
    PART("a bytearray's state", "c__builtin__\nbytearray\n)Rq\1", "b"),
    PART("an exception", "cexceptions\nValueError\n)Rq\1}U\1a", "sb"),
};

/* What stands between it and itself. */
static const part ways[] = {
    PART("itself", "", ""),
    PART("a list", "]", "a"),
    PART("a dict", "}K\0", "s"),
    PART("a tuple", "", "\x85"),
    PART("a long tuple", "(K\0K\1K\2", "t"),
    PART("a frozenset", "(", "\x91"),
    PART("a frozenset called", "c__builtin__\nfrozenset\n]", "a\x85R"),
    PART("a set called", "c__builtin__\nset\n]", "a\x85R"),
    PART("a set", "\x8f(", "\x90"),
    PART("a key", "}", "Ns"),
    PART("an argument", "cm\nf\n", "\x85R"),
    PART("arguments", "cm\nf\n", "R"),
    PART("an argument of a class", "cm\nC\n", "\x85\x81"),
    PART("a keyword", "cm\nC\n)}U\1k", "s\x92"),
    PART("an argument of INST", "(", "im\nC\n"),
    PART("an argument of OBJ", "(cm\nC\n", "o"),
    PART("a callable", "", ")R"),
    PART("a class", "", ")\x81"),
    PART("an id", "", "Q"),
    PART("what is dropped", "cm\nf\n)Rcm\ng\n", "\x85R0"),
    PART("what is dropped over a tuple",
         "K\0\x85"
         "cm\ng\n",
         "\x85R0"),
    PART("what is dropped over arguments", "cm\nf\n)cm\ng\n", "\x85R0R"),
    PART("a state", "cm\nf\n)R", "b"),
    PART("a tuple out of a list", "c__builtin__\ntuple\n", "\x85R"),
    PART("a list out of it", "c__builtin__\nlist\n", "\x85R"),
    PART("a dict out of it", "c__builtin__\ndict\n", "\x85R"),
    PART("an attribute of it", "c__builtin__\ngetattr\n", "U\1a\x86R"),
    PART("partial", "cfunctools\npartial\n", "\x85R"),
    PART("OrderedDict", "ccollections\nOrderedDict\n]",
         "K\0\x86"
         "a\x85R"),
    PART("its id", "C\1a", "\x86Q"),
    PART("an extension", "\x82\1", "\x85R"),
};

/* Some of these are not read: what is unhashable as a key, what is not called. All that are can't be written without a memo, and with one are the same. */
static void hold_itself(const part *whole, const part *outer, const part *inner, told *read, told *bare, told *kept)
{
    golden_bytes p = {NULL, 0};
    npk_doc *doc = NULL;
    npk_error error;
    char name[200];
    golden_add(&p, "\x80\2", 2);
    golden_add(&p, whole->bytes, whole->size);
    golden_add(&p, outer->bytes, outer->size);
    golden_add(&p, inner->bytes, inner->size);
    golden_add(&p, "h\1", 2);
    golden_add(&p, inner->rest, inner->rest_size);
    golden_add(&p, outer->rest, outer->rest_size);
    golden_add(&p, whole->rest, whole->rest_size);
    golden_add(&p, ".", 1);
    snprintf(name, sizeof name, "%s, %s, %s", whole->name, outer->name, inner->name);
    const npk_status status = npk_doc_load_memory(p.bytes, p.size, NULL, &doc, &error);
    read->refused += status != NPK_OK;
    read->written += status == NPK_OK;
    for (int protocol = 0; protocol < GOLDEN_PROTOCOLS && status == NPK_OK; protocol++) {
        const npk_write_options without = options_of(protocol, NPK_MEMO_NONE),
                                with = options_of(protocol, NPK_MEMO_PYTHON);
        const long before = bare->written;
        write_and_read(name, doc, &without, bare, &error);
        cr_expect_eq(bare->written, before, "%s at protocol %d", name, protocol);
        if (protocol >= 2) /* below it may be a persistent id that is refused */
            cr_expect(strstr(error.message, "memo") != NULL, "%s at protocol %d: %s", name, protocol, error.message);
        write_and_read(name, doc, &with, kept, &error);
    }
    npk_doc_free(doc);
    free(p.bytes);
}

Test(memoless, what_holds_itself)
{
    told read = {0}, without = {0}, with = {0};
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        for (size_t k = 0; k < full_tests(2, sizeof ways / sizeof *ways); k++)
            for (size_t l = 0; l < sizeof ways / sizeof *ways; l++)
                hold_itself(&wholes[i], &ways[k], &ways[l], &read, &without, &with);
    cr_expect(read.written > read.refused, "%ld read, %ld refused", read.written, read.refused);
    cr_expect(with.written > 10 * with.refused && with.refused > 0, "%ld written, %ld refused", with.written,
              with.refused);
}
