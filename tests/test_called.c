/* Every name that npickle knows, called with some arguments of every kind, and given a state: refused where it is read, or written and read again as the
 * same, or refused by the writer. lib/known. */
#include "full.h"
#include "fuzz/fuzz.h"
#include "golden.h"
#include "globals/global.h"

#include <npickle.h>

static uint64_t random_state;

static size_t chance(size_t of)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 33) % of;
}

typedef struct piece {
    const char *bytes;
    size_t size;
} piece;

#define PIECE(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof text - 1                                                                                          \
    }

/* What may be an argument: numbers 1 to 4 of the memo are a list, a dict, an object and a dtype. */
static const piece kinds[] = {
    PIECE("N"),
    PIECE("\x88"),
    PIECE("K\1"),
    PIECE("G\0\0\0\0\0\0\0\0"),
    PIECE("X\1\0\0\0a"),
    PIECE("X\2\0\0\0u1"),
    PIECE("X\6\0\0\0latin1"),
    PIECE("U\1a"),
    PIECE("C\2ab"),
    PIECE(")"),
    PIECE("K\1\x85"),
    PIECE("(K\1X\1\0\0\0at"),
    PIECE("]K\1a"),
    PIECE("]]a"),
    PIECE("}"),
    PIECE("}X\1\0\0\0aK\1s"),
    PIECE("\x8f"),
    PIECE("(K\1\x91"),
    PIECE("cm\nC\n"),
    PIECE("cnumpy\nndarray\n"),
    PIECE("cbuiltins\nobject\n"),
    PIECE("cm\nC\n)R"),
    PIECE("Pid\n"),
    PIECE("\x97"),
    PIECE("(K\1K\1\x85h\4\x89U\1at"),
    PIECE("(K\3X\1\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t"),
    PIECE("h\1"),
    PIECE("h\2"),
    PIECE("h\3"),
    PIECE("h\4"),
    PIECE("h\1\x85"),
};

/* What is between: it is called, or comes, before what follows, and some of it is in the list or the dict then. */
static const piece between[] = {
    PIECE(""),
    PIECE("cm\nf\n)R0"),
    PIECE("h\1cm\nf\n)R0a"),
    PIECE("h\1K\5a0"),
    PIECE("h\2K\5K\6s0"),
    PIECE("h\1cm\nf\n)R00"),
    PIECE("h\1\x85q\5"
          "0h\1h\5a0"),
    PIECE("h\3Nb0"),
};

#define ADD(out, text) golden_add(out, text, sizeof(text) - 1)
#define ADD_ONE(out, table) add_one(out, table, sizeof(table) / sizeof *(table))

static void add_one(golden_bytes *out, const piece *table, size_t count)
{
    const piece *one = &table[chance(count)];
    golden_add(out, one->bytes, one->size);
}

/* At times; it may be about what lies below. */
static void add_between(golden_bytes *out)
{
    if (chance(4) == 0)
        ADD_ONE(out, between);
}

/* The arguments above a mark. */
static void add_arguments(golden_bytes *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ADD_ONE(out, kinds);
        add_between(out);
    }
}

/* [list, dict, object, dtype, the call, what comes later]. The caller frees it. */
static golden_bytes make(npki_meaning meaning, size_t count)
{
    const npki_global_row *row = npki_global_canonical(meaning);
    golden_bytes p = {NULL, 0};
    ADD(&p, "\x80\5](]q\1}q\2cm\nD\n)Rq\3cnumpy\ndtype\n(U\2u1K\0K\1tRq\4");
    if (chance(4) == 0) /* dropped for now, and in the list or a place of its own later */
        ADD(&p, "h\1\x85q\6"
                "0");
    add_between(&p);
    const size_t how = chance(6);
    if (how == 0)
        ADD(&p, "(");
    ADD(&p, "c");
    golden_add(&p, row->module, row->module_size);
    ADD(&p, "\n");
    golden_add(&p, row->name, row->name_size);
    ADD(&p, "\n");
    if (how != 0)
        ADD(&p, "(");
    add_arguments(&p, count);
    if (how != 0)
        ADD(&p, "t");
    if (how != 0)
        add_between(&p);
    if (how == 0)
        ADD(&p, "o");
    else if (how == 1)
        ADD(&p, "\x81");
    else
        ADD(&p, "R");
    add_between(&p);
    if (chance(3) == 0) {
        ADD_ONE(&p, kinds);
        add_between(&p);
        ADD(&p, "b");
    }
    add_between(&p);
    ADD(&p, "e");
    if (chance(4) == 0) /* if it is there */
        ADD(&p, "h\6a");
    if (chance(4) == 0)
        ADD(&p, "h\1h\6a0");
    ADD(&p, ".");
    return p;
}

typedef struct told {
    long read, written, refused;
} told;

static void write_and_read(const char *name, const npk_doc *doc, int protocol, npk_memo_policy memo, told *t)
{
    const npk_write_options options = {.protocol_given = true, .protocol = protocol, .memo = memo};
    npk_read_options reading = {.allocator = NULL};
    npk_doc *again = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const npk_value *root = npk_doc_root(doc);
    const bool one = fuzz_producer(root, &reading.array_producer);
    npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
    if (status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_LIMIT) {
        t->refused++;
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s, protocol %d, memo %d: %s", name, protocol, (int)memo, error.message);
    status = npk_doc_load_memory(bytes, size, &reading, &again, &error);
    cr_expect_eq(status, NPK_OK, "%s, protocol %d, memo %d: %s", name, protocol, (int)memo, error.message);
    if (status == NPK_OK && one && fuzz_keeps_spellings(root, &options))
        cr_expect(fuzz_is_same(root, npk_doc_root(again), NPK_PYTHON2_STR_KEEP), "%s, protocol %d, memo %d", name,
                  protocol, (int)memo);
    t->written++;
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

static void call(npki_meaning meaning, size_t count, uint64_t seed, told *t, told *without_memo)
{
    npk_doc *doc = NULL;
    npk_error error = {.status = NPK_OK};
    char name[100];
    random_state = seed;
    chance(1);
    const golden_bytes p = make(meaning, count);
    snprintf(name, sizeof name, "%s of %zu (%llu)", npki_global_canonical(meaning)->name, count,
             (unsigned long long)seed);
    if (npk_doc_load_memory(p.bytes, p.size, NULL, &doc, &error) == NPK_OK) {
        t->read++;
        for (int i = 0; i < 6 * 2; i++)
            write_and_read(name, doc, i % 6, i < 6 ? NPK_MEMO_PYTHON : NPK_MEMO_MINIMAL, t);
        write_and_read(name, doc, (int)(seed / 1000 % 6), NPK_MEMO_NONE, without_memo);
    } else {
        cr_expect(error.offset < p.size, "%s is refused without a place: %s", name, error.message);
    }
    npk_doc_free(doc);
    free(p.bytes);
}

Test(called, every_name_with_arguments_of_every_kind)
{
    const char *from = getenv("CALLED_FROM"); /* others than those of each run */
    const uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 0;
    told t = {0}, without_memo = {0};
    for (int meaning = NPKI_UNKNOWN + 1; meaning < NPKI_MEANINGS; meaning++)
        for (size_t count = 0; count <= 4; count++)
            for (uint64_t i = first; i < first + full_tests(40, 2000); i++)
                call((npki_meaning)meaning, count, i * 1000 + 10 * (uint64_t)meaning + count, &t, &without_memo);
    fprintf(stderr, "%ld read, %ld written, %ld refused\n", t.read, t.written, t.refused);
    cr_expect(t.read > 2000 && t.refused < t.written / 4, "%ld read, %ld written, %ld refused", t.read, t.written,
              t.refused);
    cr_expect(without_memo.written > 1000, "%ld written, %ld refused without a memo", without_memo.written,
              without_memo.refused);
}

/* Calls that no reader takes by themselves, kept for what is not there any more when they are written, or not yet: a tuple that was dropped over a list and
 * is in it later, a dtype on the stack that might have got a state, and with that an array that is no elements of another. */
Test(called, what_keeps_a_call_is_there_when_it_is_written)
{
    static const struct {
        piece pickle;
        int from; /* the protocol from which on it can be written */
    } rows[] = {
        {PIECE("\x80\2]q\4h\4\x85q\5"
               "0h\4cbuiltins\nset\nh\5h\4\x86R0"
               "0h\4h\5a0."),
         6},
        {PIECE("\x80\2]q\4h\4\x85q\5"
               "0h\4cbuiltins\nset\nh\4h\4\x86R0"
               "0h\4h\5a0."),
         6},
        {PIECE("\x80\2](cnumpy\ndtype\n(U\2u1K\0K\1tRq\4cbuiltins\ncomplex\n(h\4h\4h\4tRe."), 1},
        {PIECE("\x80\3cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R"
               "(K\1)cnumpy\ndtype\n(X\2\0\0\0V1\x89\x88tRq\1\x89"
               "cnumpy\nndarray\nK\0\x85)c_codecs\nencode\nX\1\0\0\0bX\6\0\0\0latin1\x86"
               "cm\nf\n)R0R\x87R(K\1)h\1\x89"
               "C\1atbtb."),
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        npk_error error;
        char name[40];
        snprintf(name, sizeof name, "row %zu", i);
        cr_assert_eq(npk_doc_load_memory(rows[i].pickle.bytes, rows[i].pickle.size, NULL, &doc, &error), NPK_OK,
                     "%s: %s", name, error.message);
        for (int k = 0; k < 18; k++) {
            const npk_memo_policy memos[] = {NPK_MEMO_PYTHON, NPK_MEMO_MINIMAL, NPK_MEMO_NONE}, memo = memos[k / 6];
            const int from = memo == NPK_MEMO_NONE ? 6 : rows[i].from; /* there the dtype is written as another */
            told t = {0};
            write_and_read(name, doc, k % 6, memo, &t);
            cr_expect_eq(t.written, k % 6 >= from, "%s, protocol %d, memo %d", name, k % 6, (int)memo);
        }
        npk_doc_free(doc);
    }
}

#define ADD_MANY(out, text, count)                                                                                     \
    for (int i_ = 0; i_ < (count); i_++)                                                                               \
    ADD(out, text)

/* Calls that take a dtype which has no state yet: whether it waits on the stack is not looked for in all of that for
 * each of them, when it is read or written, however deep it is; but it is found there. */
Test(called, whether_a_dtype_waits_is_known, .timeout = 60)
{
#define F8 "cnumpy\ndtype\nX\2\0\0\0f8\x89\x88\x87R"
    static const struct {
        piece start, rest; /* before and behind the numbers */
        int numbers, depth;
        bool waits;
    } rows[] = {
        {PIECE("q\1""0" F8 "q\2""0C\10\0\0\0\0\0\0\0\0q\3""0("), PIECE(""), 100000, 0, false},
        {PIECE("q\1""0C\10\0\0\0\0\0\0\0\0q\3""0("), PIECE(F8 "q\2"), 100000, 0, true},
        {PIECE("q\1""0C\10\0\0\0\0\0\0\0\0q\3""0(" F8 "q\2"), PIECE(""), 0, 1, true},
        {PIECE("q\1""0C\10\0\0\0\0\0\0\0\0q\3""0(" F8 "q\2"), PIECE(""), 0, 900, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes p = {NULL, 0};
        char name[40];
        npk_doc *doc = NULL;
        npk_error error = {.status = NPK_OK};
        told t = {0};
        snprintf(name, sizeof name, "row %zu", i);
        ADD(&p, "\x80\4cnumpy.core.multiarray\nscalar\n");
        golden_add(&p, rows[i].start.bytes, rows[i].start.size);
        ADD_MANY(&p, "K\1", rows[i].numbers);
        golden_add(&p, rows[i].rest.bytes, rows[i].rest.size);
        ADD_MANY(&p, "(", rows[i].depth);
        ADD_MANY(&p, "h\1h\2h\3\x86R", 50000);
        ADD_MANY(&p, "t", rows[i].depth);
        ADD(&p, "t.");
        cr_assert_eq(npk_doc_load_memory(p.bytes, p.size, NULL, &doc, &error), NPK_OK, "%s: %s", name, error.message);
        const npk_value *call = npk_doc_root(doc);
        while (npk_value_kind(call) == NPK_KIND_TUPLE)
            call = npk_value_item(call, npk_value_size(call) - 1);
        cr_expect_eq(!npk_value_is_scalar(call), rows[i].waits, "%s", name);
        write_and_read(name, doc, 2, NPK_MEMO_PYTHON, &t);
        write_and_read(name, doc, 4, NPK_MEMO_MINIMAL, &t);
        cr_expect_eq(t.written, 2, "%s", name);
        npk_doc_free(doc);
        free(p.bytes);
    }
#undef F8
}

/* What a key may hold: names, and calls by each spelling; some have something dropped over them, for which those stay
 * calls that npickle knows. The last ones are values that several keys share. */
static const piece in_keys[] = {
    PIECE("N"),
    PIECE("K\1"),
    PIECE("X\1\0\0\0a"),
    PIECE("C\2ab"),
    PIECE(")"),
    PIECE("Pid\n"),
    PIECE("cm\nf\n)RQ"),
    PIECE("cm\nC\n"),
    PIECE("cm\nC\n)R"),
    PIECE("cm\nC\n)R}X\1\0\0\0aK\1sb"),
    PIECE("cm\nC\n)\x81"),
    PIECE("cm\nC\n)}\x92"),
    PIECE("cm\nC\n)}X\1\0\0\0aK\1s\x92"),
    PIECE("(im\nC\n"),
    PIECE("(cm\nC\nK\1o"),
    PIECE("ccopyreg\n_reconstructor\n(cm\nC\ncbuiltins\nobject\nNtR"),
    PIECE("ccopyreg\n__newobj__\n(cm\nC\nK\1tR"),
    PIECE("ccopyreg\n__newobj_ex__\n(cm\nC\n)}tR"),
    PIECE("cbuiltins\ngetattr\ncm\nA\nX\1\0\0\0B\x86R"),
    PIECE("X\1\0\0\0mX\3\0\0\0A.B\x93"),
    PIECE("cbuiltins\ncomplex\nG\0\0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0\x86R"),
    PIECE("cbuiltins\ncomplex\nG\0\0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0\x86)\x85"
          "0R"),
    PIECE("c_codecs\nencode\nX\1\0\0\0aX\6\0\0\0latin1\x86R"),
    PIECE("c_codecs\nencode\nX\1\0\0\0aX\6\0\0\0latin1\x86)\x85"
          "0R"),
    PIECE("cbuiltins\nfrozenset\n](K\1K\2e\x85R"),
    PIECE("cbuiltins\nfrozenset\n](K\1K\2e)\x85"
          "0\x85R"),
    PIECE("cnumpy\ndtype\n(U\2i2\x89\x88tR"),
    PIECE("cnumpy\ndtype\n(U\2i2\x89\x88t)\x85"
          "0R"),
    PIECE("cnumpy\ndtype\n(U\2i2\x89\x88tR(K\3U\1>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"),
    PIECE("cnumpy\ndtype\n(U\2i2\x89\x88tR(K\3U\1>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t)\x85"
          "0b"),
    PIECE("cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n(U\2i2\x89\x88tRC\2ab\x86R"),
    PIECE("cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n(U\2i2\x89\x88tRC\2ab\x86)\x85"
          "0R"),
    PIECE("cdecimal\nDecimal\nX\1\0\0\0001\x85R"),
    PIECE("h\1"),
    PIECE("h\1"),
    PIECE("h\2"),
    PIECE("h\2"),
};

#define SHARED 4 /* of these */

static void add_key(golden_bytes *p, size_t depth)
{
    static const char *const ends[] = {"t",
                                       "t",
                                       "\x91",
                                       "tcm\nf\n)R0",
                                       "tR",
                                       "t)\x85"
                                       "0R"};
    const size_t how = chance(sizeof ends / sizeof *ends);
    if (depth == 0 || chance(3) == 0) {
        ADD_ONE(p, in_keys);
        return;
    }
    if (how >= 4)
        ADD(p, "cm\nC\n");
    ADD(p, "(");
    for (size_t i = 0, count = chance(4); i < count; i++)
        add_key(p, depth - 1);
    golden_add(p, ends[how], strlen(ends[how]));
    if (chance(8) == 0)
        ADD(p, "q\2");
}

/* [shared, shared, a dict, a set, a frozenset] The caller frees it. */
static golden_bytes make_keys(void)
{
    golden_bytes p = {NULL, 0};
    ADD(&p, "\x80\5](");
    add_one(&p, in_keys, sizeof in_keys / sizeof *in_keys - SHARED);
    ADD(&p, "q\1q\2");
    add_key(&p, 2);
    ADD(&p, "q\2}(");
    for (size_t i = 0, count = 1 + chance(8); i < count; i++) {
        const char value[] = {'K', (char)i};
        add_key(&p, 3);
        golden_add(&p, value, sizeof value);
    }
    ADD(&p, "u\x8f(");
    for (size_t i = 0, count = chance(6); i < count; i++)
        add_key(&p, 3);
    ADD(&p, "\x90(");
    for (size_t i = 0, count = chance(6); i < count; i++)
        add_key(&p, 3);
    ADD(&p, "\x91");
    ADD(&p, "e.");
    return p;
}

/* A dict and sets whose keys hold calls: each key is found again by another that is written otherwise, and was made of
 * other parts. */
Test(called, keys_of_every_kind)
{
    const char *from = getenv("CALLED_FROM");
    const uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 0;
    told t = {0};
    for (uint64_t i = first; i < first + full_tests(3000, 100000); i++) {
        npk_doc *doc = NULL;
        char name[40];
        random_state = i;
        chance(1);
        const golden_bytes p = make_keys();
        snprintf(name, sizeof name, "keys %llu", (unsigned long long)i);
        if (npk_doc_load_memory(p.bytes, p.size, NULL, &doc, NULL) == NPK_OK) {
            t.read++;
            for (int protocol = 0; protocol <= 5; protocol++)
                write_and_read(name, doc, protocol, NPK_MEMO_PYTHON, &t);
        }
        npk_doc_free(doc);
        free(p.bytes);
    }
    fprintf(stderr, "keys: %ld read, %ld written, %ld refused\n", t.read, t.written, t.refused);
    cr_expect(t.read > 2000 && t.refused < t.written / 4, "%ld read, %ld written, %ld refused", t.read, t.written,
              t.refused);
}
