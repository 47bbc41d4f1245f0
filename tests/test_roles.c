/* Strings of Python 2 go to Python 3 as what they are where they stand: a name is text, elements are bytes, and the program's own are what the caller
 * says. One string may stand in several such places, by any spelling of the call. Whatever is written reads as the same. */
#include "fuzz/fuzz.h"
#include "full.h"

#include <criterion/criterion.h>
#include <npickle.h>

#define ATTRIBUTES "}(@K\1u"
#define U1 "cnumpy\ndtype\n(@K\0K\1tR"
#define RECONSTRUCT "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85@tR(K\1)" U1 "\x89@tb"

/* What is called with what, '@' being the string; what becomes of each argument: 't' text, 'b' bytes, '.' what is asked for, or no string. */
static const struct {
    const char *name, *module, *args;
    size_t args_size;
    const char *state;
    size_t state_size;
    const char *string, *becomes;
} calls[] = {
#define CALL(name, module, args, state, string, becomes)                                                               \
    {                                                                                                                  \
        name, module, args, sizeof args - 1, state, sizeof state - 1, string, becomes                                  \
    }
    CALL("array", "array", "@@", "", "b", ""),
    CALL("array", "array", "@@", ATTRIBUTES "b", "B", ""),
    CALL("array", "array", "@](K\1K\2e", "", "i", ""),
    CALL("getattr", "__builtin__", "@@", "", "name", ".t"),
    CALL("getattr", "__builtin__", "cm\nC\n@", ATTRIBUTES "b", "name", ".t"),
    CALL("getattr", "__builtin__", "@\x85@", "", "name", ".t"),
    CALL("UnicodeDecodeError", "exceptions", "@@K\0K\1@", "", "utf8", "tb..t"),
    CALL("date", "datetime", "@", "", "abcd", "b"),
    CALL("time", "datetime", "@@", "", "abcdef", "bb"),
    CALL("Decimal", "decimal", "@", "", "1", "t"),
    CALL("Decimal", "decimal", "@@", ATTRIBUTES "b", "1", "tt"),
    CALL("Fraction", "fractions", "@@", "", "1", "tt"),
    CALL("encode", "_codecs", "@@", "", "ascii", ""),
    CALL("bytearray", "__builtin__", "@@", "", "latin1", ""),
    CALL("dtype", "numpy", "@K\0K\1", "", "u1", ""),
    CALL("scalar", "numpy.core.multiarray", U1 "@", "", "S2", ""),
    CALL("_reconstruct", "numpy.core.multiarray", "cnumpy\nndarray\nK\0\x85@", "(K\1)" U1 "\x89@tb", "S2", ""),
    CALL("BytesIO", "io", "", "(@K\0}(@@utb", "a", ""),
    CALL("StringIO", "StringIO", "", ATTRIBUTES "b", "buf", ""),
    CALL("_unpickle", "_ctypes", "cm\nC\n}(@@u@\x86", "", "a", ""),
    CALL("_reconstructor", "copy_reg", "cm\nC\nc__builtin__\nobject\nN", "}(@@ub", "a", ""),
    CALL("f", "m", "@@", "}(@@ub", "a", ".."),
    CALL("C", "m", "@@",
         "N}(@@u\x86"
         "b",
         "a", ".."),
    CALL("C", "m", "@@", "h\6b", "a", ".."), /* one tuple is arguments and state, one dict an argument and state */
    CALL("C", "m", "}q\7(@K\1u@", "h\7b", "a", ".."),
    CALL("BytesIO", "io", "@K\0N", "h\6b", "a", "..."),
    CALL("array", "array", "@@", "h\6b", "B", ""),
    CALL("C", "m", "@@", "(K\1)" U1 "\x89@tb", "S2", ".."), /* in which an array is found */
    CALL("C", "m", "@@", "}(@(K\1)" U1 "\x89@tX\1\0\0\0a@ub", "S2", ".."),
    CALL("C", "m", "(K\1)" U1 "\x89@t@", "", "S2", ".."),
    CALL("__RandomState_ctor", "numpy.random", "@", "(@@@tb", "MT19937", "t"),
};
enum { CALLS = sizeof calls / sizeof *calls };

typedef enum spelling { BY_REDUCE, BY_OVER, BY_NEW, BY_OBJ, BY_INST, SPELLINGS } spelling;

typedef struct text {
    char bytes[600];
    size_t size;
    const char *string;
    bool by_memo, has;
} text;

static void add(text *t, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '@') {
            t->bytes[t->size++] = bytes[i];
            continue;
        }
        const size_t length = strlen(t->string);
        if (t->has && t->by_memo) {
            memcpy(t->bytes + t->size, "h\5", 2);
            t->size += 2;
            continue;
        }
        if (t->has && t->bytes[t->size - 1] == t->string[length - 1]) { /* DUP, right behind it */
            t->bytes[t->size++] = '2';
            continue;
        }
        t->bytes[t->size++] = 'U';
        t->bytes[t->size++] = (char)length;
        memcpy(t->bytes + t->size, t->string, length);
        t->size += length;
        t->has = true;
        if (t->by_memo) {
            memcpy(t->bytes + t->size, "q\5", 2);
            t->size += 2;
        }
    }
}

#define ADD(t, literal) add(t, literal, sizeof(literal) - 1)

static void add_words(text *t, const char *words)
{
    add(t, words, strlen(words));
}

static void add_name(text *t, size_t i)
{
    add_words(t, calls[i].module);
    ADD(t, "\n");
    add_words(t, calls[i].name);
    ADD(t, "\n");
}

/* [the string, the call, the string], or the call alone. */
static void spell(text *t, size_t i, spelling how, bool by_memo, bool beside)
{
    *t = (text){.string = calls[i].string, .by_memo = by_memo};
    ADD(t, "\x80\2(");
    if (beside)
        ADD(t, "@");
    if (how == BY_OBJ || how == BY_INST)
        ADD(t, "(");
    if (how != BY_INST) {
        ADD(t, "c");
        add_name(t, i);
    }
    if (how != BY_OBJ && how != BY_INST)
        ADD(t, "(");
    add(t, calls[i].args, calls[i].args_size);
    if (how == BY_INST) {
        ADD(t, "i");
        add_name(t, i);
    } else if (how == BY_OBJ) {
        ADD(t, "o");
    } else {
        add_words(t, how == BY_OVER ? "tq\6cm\ng\n)R0" : "tq\6"); /* something is called over the arguments */
        add_words(t, how == BY_NEW ? "\x81" : "R");
    }
    add(t, calls[i].state, calls[i].state_size);
    if (beside)
        ADD(t, "@");
    ADD(t, "l.");
}

typedef struct told {
    long loaded, written, refused;
} told;

static void expect_kinds(size_t i, const npk_value *value, npk_python2_str asked, const char *what)
{
    const char *becomes = calls[i].becomes;
    npk_object object;
    if (!npk_value_as_object(value, &object) || npk_value_size(object.args) != strlen(becomes))
        return;
    for (size_t k = 0; becomes[k] != '\0'; k++) {
        const npk_kind kind = npk_value_kind(npk_value_item(object.args, (int64_t)k));
        if (kind != NPK_KIND_STR && kind != NPK_KIND_BYTES)
            continue;
        const bool is_text = becomes[k] == 't' || (becomes[k] == '.' && asked != NPK_PYTHON2_STR_BYTES);
        cr_expect_eq(kind, is_text ? NPK_KIND_STR : NPK_KIND_BYTES, "%s, argument %zu", what, k);
    }
}

static void write_and_read(size_t i, const npk_doc *doc, const npk_write_options *options, bool beside,
                           const char *what, told *t)
{
    npk_doc *again = NULL;
    npk_error error = {.message = ""};
    npk_read_options reading = {.allocator = NULL};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const npk_status status = npk_doc_save_memory(doc, options, &bytes, &size, &error);
    const bool good = status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_CAST;
    cr_expect(status == NPK_OK || good, "%s: %s", what, error.message);
    t->refused += good;
    if (status != NPK_OK)
        return;
    t->written++;
    (void)fuzz_producer(npk_doc_root(doc), &reading.array_producer);
    cr_expect_eq(npk_doc_load_memory(bytes, size, &reading, &again, &error), NPK_OK, "%s: %s", what, error.message);
    if (again != NULL && fuzz_keeps_spellings(npk_doc_root(doc), options))
        cr_expect(
            fuzz_is_same(npk_doc_root(doc), npk_doc_root(again),
                         options->python2_str == NPK_PYTHON2_STR_UTF8 ? NPK_PYTHON2_STR_TEXT : options->python2_str),
            "%s", what);
    if (again != NULL)
        expect_kinds(i, npk_value_item(npk_doc_root(again), beside), options->python2_str, what);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

static void go(size_t i, spelling how, bool by_memo, bool beside, told *t)
{
    static const npk_memo_policy memos[] = {NPK_MEMO_PYTHON, NPK_MEMO_MINIMAL, NPK_MEMO_NONE};
    const npk_read_options reading = {.malformed = NPK_MALFORMED_REFUSE};
    char what[200];
    text pickle;
    npk_doc *doc = NULL;
    spell(&pickle, i, how, by_memo, beside);
    if (npk_doc_load_memory(pickle.bytes, pickle.size, &reading, &doc, NULL) != NPK_OK)
        return;
    t->loaded++;
    for (int strings = NPK_PYTHON2_STR_TEXT; strings <= NPK_PYTHON2_STR_UTF8; strings++)
        for (int k = 0; strings != NPK_PYTHON2_STR_REFUSE && k < 6 * 3 * 2; k += (int)full_tests(11, 1)) {
            const npk_write_options options = {.protocol_given = true,
                                               .protocol = k % 6,
                                               .memo = memos[k / 6 % 3],
                                               .translate_names = k / 18 == 1,
                                               .python2_str = (npk_python2_str)strings};
            snprintf(what, sizeof what, "%zu %s %s%s, spelling %d, protocol %d, strings %d, memo %d%s", i,
                     calls[i].name, by_memo ? "by memo" : "by DUP", beside ? " beside" : "", (int)how, options.protocol,
                     strings, (int)options.memo, options.translate_names ? ", translated" : "");
            write_and_read(i, doc, &options, beside, what, t);
        }
    npk_doc_free(doc);
}

Test(roles, one_string_in_any)
{
    told t = {.loaded = 0};
    for (size_t i = 0; i < CALLS; i++) {
        const long before = t.loaded;
        for (int k = 0; k < SPELLINGS * 4; k++)
            go(i, (spelling)(k / 4), k % 2 == 1, k / 2 % 2 == 1, &t);
        cr_expect(t.loaded >= before + 4, "row %zu: %ld loaded", i, t.loaded - before);
    }
    cr_expect(t.written > 4 * t.refused, "%ld loaded, %ld written, %ld refused", t.loaded, t.written, t.refused);
}
