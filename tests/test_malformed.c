/* Malformed objects that a reader keeps: what is around them, why they were kept, and how they are written again. */
#include "full.h"
#include "golden.h"
#include "program.h"

#include <npickle.h>

static const npk_read_options keeping = {.malformed = NPK_MALFORMED_KEEP};

static size_t faults_of(const npk_doc *doc)
{
    size_t count = 0;
    while (npk_doc_fault(doc, count) != NULL)
        count++;
    return count;
}

/* How many of the values that a walk finds are malformed. */
static size_t faults_found(const npk_value *root)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    size_t count = 0;
    cr_assert_eq(npk_walk_start(root, NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        count += npk_value_fault(value, NULL);
    npk_walk_free(walk);
    return count;
}

static void expect_text(const npk_value *value, const char *expected)
{
    char text[2048];
    npk_fixed_buffer out = {.bytes = text, .size = sizeof text - 1};
    cr_assert_eq(npk_print_value(value, NULL, npk_sink_fixed, &out, NULL), NPK_OK);
    text[out.used] = '\0';
    cr_expect(strstr(text, expected) != NULL, "expected '%s' in '%s'", expected, text);
}

/* Written as it was read, and read again: the same value, as malformed as before. */
static void expect_kept(const char *name, const npk_doc *doc)
{
    uint8_t *bytes = NULL;
    size_t size;
    npk_error error = {.message = ""};
    npk_doc *again = NULL;
    uint64_t differences = 1;
    npk_status status = npk_doc_save_memory(doc, NULL, &bytes, &size, &error);
    if (status == NPK_ERR_UNSUPPORTED) /* joblib, buffers outside */
        return;
    cr_assert_eq(status, NPK_OK, "%s: %s", name, error.message);
    cr_assert_eq(npk_doc_load_memory(bytes, size, &keeping, &again, &error), NPK_OK, "%s: %s", name, error.message);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error), NPK_OK);
    cr_expect_eq(differences, 0, "%s", name);
    cr_expect_eq(faults_found(npk_doc_root(doc)), faults_found(npk_doc_root(again)), "%s", name);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

/* An array of objects as NumPy 1.11 pickles a masked one: the payload is the addresses of the objects. */
Test(malformed, masked_array_of_objects)
{
    char *bytes = golden_read("malformed-masked-objects.pkl");
    const size_t size = 176;
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_ERR_ARRAY);
    npk_error kept = {.system = 77};
    cr_assert_eq(npk_doc_load_memory(bytes, size, &keeping, &doc, &kept), NPK_OK);
    cr_expect_eq(kept.system, 77, "a call that succeeds leaves the error alone");
    const npk_value *root = npk_doc_root(doc);
    npk_object object;
    cr_assert(npk_value_as_object(root, &object));
    cr_expect(npk_value_is_global(object.callable, "numpy.ma.core", "_mareconstruct"));
    cr_expect_eq(npk_value_size(object.state), 7);
    cr_expect_not(npk_value_is_array(root));
    cr_expect_not(npk_value_is_masked(root));
    cr_expect_eq(npk_doc_fault(doc, 0), root);
    cr_expect_null(npk_doc_fault(doc, 1));
    cr_assert(npk_value_fault(root, &kept));
    cr_expect_eq(kept.status, error.status);
    cr_expect_eq(kept.offset, 174);
    cr_expect_eq(kept.opcode, 'b');
    cr_expect_str_eq(kept.message, error.message);
    expect_text(root, " malformed='");
    expect_kept("masked", doc);
    npk_doc_free(doc);
    free(bytes);
}

/* [a malformed dtype, 7, an array of that dtype, a good array]: what is good is read. */
Test(malformed, what_is_around_is_read)
{
    static const char pickle[] = "\200\2]q\0("
                                 "cnumpy\ndtype\nX\2\0\0\0f8K\0K\1\207R(K\3X\1\0\0\0xNNNJ\377\377\377\377J\377\377\377\377K\0tbq\1"
                                 "K\7"
                                 "cnumpy\ndtype\nX\2\0\0\0i4K\0K\1\207R(K\3X\1\0\0\0<NNNJ\377\377\377\377J\377\377\377\377K\0tbq\3"
                                 "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\205U\1b\207R(K\1K\1\205h\3\211U\4\5\0\0\0tb"
                                 "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\205U\1b\207R(K\1K\1\205h\1\211U\4\5\0\0\0tb"
                                 "e.";
    npk_doc *doc = NULL;
    npk_error error;
    npk_array array;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, &error), NPK_ERR_DTYPE, "%s", error.message);
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, &keeping, &doc, &error), NPK_OK, "%s", error.message);
    const npk_value *root = npk_doc_root(doc);
    cr_assert_eq(npk_value_size(root), 5);
    cr_expect(npk_value_fault(npk_value_item(root, 0), &error) && error.status == NPK_ERR_DTYPE);
    cr_expect_null(npk_value_dtype(npk_value_item(root, 0)));
    cr_expect_not(npk_value_fault(npk_value_item(root, 1), &error));
    cr_assert_eq(npk_array_of(npk_value_item(root, 3), &array, NULL), NPK_OK);
    cr_expect_eq(*(const uint8_t *)array.data, 5);
    cr_expect(npk_value_fault(npk_value_item(root, 4), &error) && error.status == NPK_ERR_ARRAY);
    cr_expect_eq(faults_of(doc), 2);
    cr_expect_eq(faults_found(root), 2);
    expect_kept("list", doc);
    npk_doc_free(doc);
}

/* A second state, and items, of an array: Python would set the one, and fail at the other. */
Test(malformed, array_that_is_given_more)
{
    static const char states[] = "\200\2cnumpy\ndtype\nX\2\0\0\0i4K\0K\1\207Rq\0030cnumpy.core.multiarray\n_reconstruct\n"
                                 "cnumpy\nndarray\nK\0\205U\1b\207R(K\1K\1\205h\3\211U\4\5\0\0\0tq\4bh\4b.";
    static const char items[] = "\200\2carray\narray\n(U\1i]K\1atRK\2a.";
    const golden_bytes pickles[] = {{(uint8_t *)(uintptr_t)states, sizeof states - 1},
                                    {(uint8_t *)(uintptr_t)items, sizeof items - 1}};
    for (size_t i = 0; i < 2; i++) {
        npk_doc *doc = NULL;
        npk_error error;
        npk_object object;
        cr_assert_neq(npk_doc_load_memory(pickles[i].bytes, pickles[i].size, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_doc_load_memory(pickles[i].bytes, pickles[i].size, &keeping, &doc, &error), NPK_OK, "%s", error.message);
        cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
        cr_expect_eq(npk_value_size(object.state), i == 0 ? 5 : 0);
        cr_expect_eq(npk_value_size(i == 0 ? object.later : object.listitems), 1);
        cr_expect_eq(faults_of(doc), 1);
        expect_kept(i == 0 ? "two states" : "items", doc);
        npk_doc_free(doc);
    }
}

/* Every pickle that lies: kept or refused as before, never otherwise, and what is kept comes back. */
Test(malformed, hostile)
{
    golden g;
    int kept = 0;
    above_broken = true;
    golden_open(&g, "hostile.golden");
    for (char *line; (line = golden_line(&g)) != NULL;) {
        const char *name = golden_word(&line);
        golden_word(&line);
        golden_word(&line);
        golden_bytes bytes = golden_unquote(golden_word(&line));
        npk_doc *doc = NULL;
        npk_error error = {.message = ""}, other = error;
        npk_status status = npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error);
        npk_doc_free(doc);
        doc = NULL;
        npk_status keeping_status = npk_doc_load_memory(bytes.bytes, bytes.size, &keeping, &doc, &other);
        if (keeping_status == NPK_OK) {
            npk_error fault;
            size_t faults = faults_of(doc);
            cr_expect_eq(faults > 0, status != NPK_OK, "%s", name);
            if (faults > 0)
                cr_expect(npk_value_fault(npk_doc_fault(doc, 0), &fault) && fault.status == status &&
                              fault.offset == error.offset &&
                              (strncmp(fault.message, error.message, strlen(error.message)) == 0 ||
                               strncmp(name, "buffer/", 7) == 0), /* how many are missing is not counted there */
                          "%s", name);
            if (faults > 0)
                expect_kept(name, doc);
            kept += faults > 0;
        } else {
            cr_expect_neq(status, NPK_OK, "%s", name);
        }
        npk_doc_free(doc);
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(kept >= 250, "%d were kept", kept);
}

/* --- what can't be made at all --- */

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (uint8_t *)(uintptr_t)(text), sizeof(text) - 1                                                                 \
    }

/* Each leaves one value in any place. What Python says of it is an exception. */
static const struct {
    const char *name;
    golden_bytes bytes;
    npk_status status;
    const char *printed;
    bool written; /* again as it was, where the protocol has the opcode */
} damages[] = {
    {"str", BYTES("X\3\0\0\0a\377b"), NPK_ERR_ARGUMENT,
     "<BINUNICODE args=b'a\\xffb' malformed='byte 1 of a str is malformed'>", true},
    {"short str", BYTES("\214\1\377"), NPK_ERR_ARGUMENT, "<SHORT_BINUNICODE args=b'\\xff' malformed=", true},
    {"escape", BYTES("V\\u12\n"), NPK_ERR_ARGUMENT, "<UNICODE args=b'\\\\u12' malformed=", true},
    {"quotes", BYTES("Sabc\n"), NPK_ERR_ARGUMENT, "<STRING args=b'abc' malformed='expected quotes around", true},
    {"escape of Python 2", BYTES("S'\\x4'\n"), NPK_ERR_ARGUMENT, "<STRING args=b\"'\\\\x4'\" malformed=", true},
    {"int", BYTES("I12x\n"), NPK_ERR_ARGUMENT, "<INT args=b'12x' malformed=\"expected a decimal number, found '12x'\">",
     true},
    {"long", BYTES("L--1L\n"), NPK_ERR_ARGUMENT, "<LONG args=b'--1L' malformed=", true},
    {"float", BYTES("F1.2.3\n"), NPK_ERR_ARGUMENT, "<FLOAT args=b'1.2.3' malformed=", true},
    {"name", BYTES("c\377\nx\n"), NPK_ERR_ARGUMENT, "<GLOBAL args=b'\\xff\\nx' malformed='expected a name in UTF-8",
     true},
    {"no name", BYTES("c\nx\n"), NPK_ERR_ARGUMENT, "<GLOBAL args=b'\\nx' malformed=", true},
    {"names", BYTES("K\5K\6\223"), NPK_ERR_TYPE, "<STACK_GLOBAL args=(5, 6) malformed=", true},
    {"persistent id", BYTES("P\377\n"), NPK_ERR_ARGUMENT, "<PERSID args=b'\\xff' malformed=", true},
    {"extension", BYTES("\202\0"), NPK_ERR_ARGUMENT, "<EXT1 args=b'\\x00' malformed=", true},
    {"number", BYTES("h\310"), NPK_ERR_MEMO, "<BINGET args=b'\\xc8' malformed='nothing was stored under number 200'>",
     false},
    {"line of a number", BYTES("g1x\n"), NPK_ERR_ARGUMENT, "<GET args=b'1x' malformed=", false},
    {"odd dict", BYTES("(K\1K\2K\3d"), NPK_ERR_STACK, "<DICT args=(1, 2, 3) malformed=", true},
    {"odd keys", BYTES("}(K\1u"), NPK_ERR_STACK, "<SETITEMS args=({}, 1) malformed=", true},
    {"key", BYTES("}K\1K\2s(]K\3u"), NPK_ERR_TYPE, "<SETITEMS args=({1: 2}, [], 3) malformed=\"list is unhashable",
     true},
    {"keys in batches", BYTES("}(]K\3u(K\4K\5u(]K\6u"), NPK_ERR_TYPE,
     "<SETITEMS args=({}, [], 3, 4, 5, [], 6) malformed=", true},
    {"item of a set", BYTES("\217(K\1]\220"), NPK_ERR_TYPE, "<ADDITEMS args=(set(), 1, []) malformed=", true},
    {"item of a frozenset", BYTES("(K\1]\221"), NPK_ERR_TYPE, "<FROZENSET args=(1, []) malformed=", true},
    {"appended to a dict", BYTES("}K\1a"), NPK_ERR_TYPE, "<APPEND args=({}, 1) malformed=", true},
    {"call", BYTES("K\5)R"), NPK_ERR_TYPE, "<REDUCE args=(5, ()) malformed=\"int can't be called\">", true},
    {"arguments", BYTES("cm\nC\n]\201"), NPK_ERR_TYPE, "<NEWOBJ args=(<m.C>, []) malformed=", true},
    {"state", BYTES("K\5Nb"), NPK_ERR_TYPE, "<BUILD args=(5, None) malformed=", true},
    {"instance", BYTES("(K\1i\377\nb\n"), NPK_ERR_ARGUMENT, "<INST args=(b'\\xff\\nb', 1) malformed=", true},
    {"instance of nothing", BYTES("(i\377\nb\n"), NPK_ERR_ARGUMENT, "<INST args=b'\\xff\\nb' malformed=", true},
    {"items of a set for an object", BYTES("cm\nC\n)R(K\1\220"), NPK_ERR_UNSUPPORTED,
     "<ADDITEMS args=(<m.C args=()>, 1) malformed=", true},
    {"class above the mark", BYTES("(K\5K\1o"), NPK_ERR_TYPE, "<OBJ args=(5, 1) malformed=", true},
    {"no class above the mark", BYTES("(o"), NPK_ERR_STACK, "<OBJ args=() malformed=", true},
    {"buffer", BYTES("K\5\230"), NPK_ERR_TYPE, "<READONLY_BUFFER args=(5,) malformed=", true},
};

/* Places for a value, with others round it. */
static const struct {
    const char *path;
    golden_bytes before, after;
} places[] = {
    {"", BYTES(""), BYTES(".")},
    {"[1]", BYTES("](K\1"), BYTES("K\2e.")},
    {"[0][1]", BYTES("((K\1"), BYTES("K\2tK\3t.")},
    {"['b']", BYTES("}(X\1\0\0\0aK\1X\1\0\0\0b"), BYTES("X\1\0\0\0cK\3u.")},
    {".<args>[0]", BYTES("cm\nC\n("), BYTES("K\1tRX\1\0\0\0sb.")},
    {".<state>", BYTES("cm\nC\n)R"), BYTES("b.")},
    {"[1]['x']", BYTES("(K\1}X\1\0\0\0x"), BYTES("sq\1h\1t.")},
};

static golden_bytes join(golden_bytes before, golden_bytes value, golden_bytes after)
{
    golden_bytes out = {malloc(before.size + value.size + after.size), 0};
    const golden_bytes parts[3] = {before, value, after};
    cr_assert_not_null(out.bytes);
    for (int i = 0; i < 3; i++) {
        memcpy(out.bytes + out.size, parts[i].bytes, parts[i].size);
        out.size += parts[i].size;
    }
    return out;
}

/* All of it as in the pickle that is whole, but for the one place. */
static void expect_only(const npk_doc *whole, const npk_doc *doc, const char *path, const char *name)
{
    const npk_value *value = NULL;
    uint64_t differences = 0;
    npk_error error;
    cr_assert_eq(npk_value_find(npk_doc_root(doc), path, &value, &error), NPK_OK, "%s: %s", name, error.message);
    cr_expect_eq(npk_value_kind(value), NPK_KIND_MALFORMED, "%s at %s", name, path);
    cr_expect_eq(npk_doc_fault(doc, 0), value, "%s at %s", name, path);
    cr_assert_eq(npk_compare(npk_doc_root(whole), npk_doc_root(doc), NULL, &differences, &error), NPK_OK);
    cr_expect_eq(differences, 1, "%s at %s: %d differences", name, path, (int)differences);
}

static void expect_written(const npk_doc *doc, bool written, const char *name)
{
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        uint8_t *bytes = NULL;
        size_t size;
        uint64_t differences = 1;
        npk_error error = {.message = ""};
        npk_doc *again = NULL;
        npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
        cr_expect(status == NPK_OK ? written : status == NPK_ERR_UNSUPPORTED, "%s at %d: %s", name, protocol,
                  error.message);
        if (status != NPK_OK) {
            cr_expect(!written || protocol < NPK_PROTOCOL_MAX, "%s: %s", name, error.message);
            continue;
        }
        cr_assert_eq(npk_doc_load_memory(bytes, size, &keeping, &again, &error), NPK_OK, "%s: %s", name, error.message);
        cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, &error), NPK_OK);
        cr_expect_eq(differences, 0, "%s at %d", name, protocol);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(malformed, instructions)
{
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            golden_bytes bytes = join(places[j].before, damages[i].bytes, places[j].after);
            golden_bytes good = join(places[j].before, (golden_bytes)BYTES("K\7"), places[j].after);
            npk_doc *doc = NULL, *whole = NULL;
            npk_error error = {.message = ""}, fault = error;
            const char *name = damages[i].name;
            cr_assert_eq(npk_doc_load_memory(good.bytes, good.size, NULL, &whole, &error), NPK_OK, "%s", error.message);
            cr_expect_eq(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error), damages[i].status, "%s: %s",
                         name, error.message);
            cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, &keeping, &doc, &fault), NPK_OK, "%s at %s: %s",
                         name, places[j].path, fault.message);
            cr_assert(npk_value_fault(npk_doc_fault(doc, 0), &fault), "%s", name);
            cr_expect(fault.status == error.status && fault.offset == error.offset && fault.opcode == error.opcode &&
                          strcmp(fault.message, error.message) == 0,
                      "%s", name);
            expect_only(whole, doc, places[j].path, name);
            expect_text(npk_doc_root(doc), damages[i].printed);
            expect_written(doc, damages[i].written, name);
            npk_doc_free(doc);
            npk_doc_free(whole);
            free(bytes.bytes);
            free(good.bytes);
        }
}

/* A value that a call was given is not what is dropped last for its own sake. */
Test(malformed, given_and_dropped)
{
    static const char bytes[] = "\x80\2cm\nC\n)RF1c\nq\0cm\nf\nh\0\x85R00.";
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, &keeping, &doc, NULL), NPK_OK);
    cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(doc))), 1);
    expect_written(doc, true, "a float");
    npk_doc_free(doc);
}

static bool is_same(const npk_value *a, const npk_value *b)
{
    uint64_t differences = 1;
    return npk_compare(a, b, NULL, &differences, NULL) == NPK_OK && differences == 0;
}

/* Too little on the stack, no end, or no opcode. */
Test(malformed, what_is_not_there)
{
    static const struct {
        golden_bytes bytes;
        const char *printed;
        size_t faults;
        bool written;
    } rows[] = {
        {BYTES("](K\1e"), "<STOP args=([1],) malformed='the input ends where an opcode should be'>", 1, true},
        {BYTES("](K\1X\5\0\0\0ab"), "<STOP args=(b'X\\x05\\x00\\x00\\x00ab', [], 1) malformed='the input ends inside",
         1, true},
        {BYTES("](K\1\377e."),
         "<STOP args=([], 1) malformed='expected an opcode, found the byte 0xff; nothing behind it is read, as nothing "
         "says where the "
         "pickle ends'>",
         1, false},
        {BYTES("N0\377e."), "<STOP args=() malformed=", 1, false},
        {BYTES("\x80\4"), "<STOP args=() malformed='the input ends where an opcode should be'>", 1, true},
        {BYTES("\x80\4("), "<STOP args=() malformed='the input ends where an opcode should be'>", 1, true},
        {BYTES("K\1T\377\377\377\377e."), "<STOP args=(1,) malformed=", 1, false},
        {BYTES("K\1a."), "<APPEND args=(1,) malformed='needs 2 values, the stack has 1'>", 1, false},
        {BYTES("K\1R."), "<REDUCE args=(1,) malformed=", 1, false},
        {BYTES("((K\1RK\2tt."), "((<REDUCE args=(1,) malformed='needs 2 values, the stack has 1 above the mark'>, 2),)",
         1, false},
        {BYTES("(K\1K\2et."), "<TUPLE args=(<APPENDS args=(1, 2) malformed=", 2, false},
        {BYTES("((K\1K\2et."), "(<APPENDS args=(1, 2) malformed=", 1, false},
        {BYTES("K\1K\2t."), "<TUPLE args=(1, 2) malformed='expected a mark on the stack, found none'>", 1, false},
        {BYTES("t."), "<TUPLE args=() malformed='expected a mark on the stack, found none'>", 1, false},
        {BYTES("2."), "<DUP args=() malformed='needs 1 value, the stack has 0'>", 1, false},
        {BYTES("b."), "<BUILD args=() malformed='needs 2 values, the stack has 0'>", 1, false},
        {BYTES("."), "<STOP args=() malformed='needs 1 value, the stack has 0'>", 1, true},
        {BYTES("(."), "<STOP args=() malformed='STOP with a mark left on the stack'>", 1, true},
        {BYTES("0K\1."), "1", 1, true},
        {BYTES("1K\1."), "1", 1, true},
        {BYTES("p1\n](K\1g1\ne."), "[1, <PUT args=b'1' malformed='needs 1 value, the stack has 0'>]", 1, false},
        {BYTES("\200\4\224](K\1h\0e."), "[1, <MEMOIZE args=() malformed='needs 1 value, the stack has 0'>]", 1, false},
        {BYTES("\200\2Npx\n."), "None", 1, true},
        {BYTES("]\200\4."), "[]", 1, true},
        {BYTES("\200\6K\1."), "1", 1, true},
        {BYTES("\200\5]\227a."),
         "[<NEXT_BUFFER args=() malformed='expected at least 1 buffer from outside the pickle, found 0", 1, true},
        {BYTES("\200\5\227\230."), "<READONLY_BUFFER args=(<NEXT_BUFFER args=() malformed=", 2, true},
        {BYTES("\200\2cjoblib.numpy_pickle\nNumpyArrayWrapper\n]\201."),
         "<STOP args=(<joblib.numpy_pickle.NumpyArrayWrapper>, []) malformed=", 1, false},
        {BYTES("\200\2K\5cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\201}bK\1."),
         "<STOP args=(5, <joblib.numpy_pickle.NumpyArrayWrapper object state={} malformed='a joblib array has ", 2,
         false},
    };
    above_broken = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        npk_error first = {.message = ""}, fault = first;
        uint8_t *bytes = NULL;
        size_t size;
        cr_expect_neq(npk_doc_load_memory(rows[i].bytes.bytes, rows[i].bytes.size, NULL, &doc, &first), NPK_OK, "%zu",
                      i);
        cr_assert_eq(npk_doc_load_memory(rows[i].bytes.bytes, rows[i].bytes.size, &keeping, &doc, &fault), NPK_OK,
                     "%zu: %s", i, fault.message);
        cr_expect(npk_value_fault(npk_doc_fault(doc, 0), &fault) && fault.status == first.status &&
                      fault.offset == first.offset && fault.opcode == first.opcode,
                  "%zu", i);
        cr_expect_eq(faults_of(doc), rows[i].faults, "%zu: %zu", i, faults_of(doc));
        expect_text(npk_doc_root(doc), rows[i].printed);
        cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, NULL),
                     rows[i].written ? NPK_OK : NPK_ERR_UNSUPPORTED, "%zu", i);
        npk_bytes_free(NULL, bytes, size);
        if (rows[i].written)
            expect_kept(rows[i].printed, doc);
        npk_doc_free(doc);
    }
}

/* Behind a pickle without STOP another one may be written only where a frame tells them apart. */
Test(malformed, written_in_a_stream)
{
    static const struct {
        golden_bytes bytes;
        int protocol;
        bool alone, followed;
    } rows[] = {
        {BYTES("](K\1"), 2, true, false},
        {BYTES("\x80\2"), 0, false, false},
        {BYTES("\x80\2"), 2, true, false},
        {BYTES("](K\1"), 4, true, true},
        {BYTES("\x80\4\x95\6\0\0\0\0\0\0\0](\377K\1e.\x80\2N."), 4, true, true},
        {BYTES("\x80\4\x95\6\0\0\0\0\0\0\0](\377K\1e.\x80\2N."), 3, false, false},
        {BYTES("\x80\4\x95\5\0\0\0\0\0\0\0N0\377K.\x80\2N."), 5, false,
         false}, /* what is left is too little for a frame */
        {BYTES("K\1K\2."), 2, true, true},
    };
    above_broken = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_write_options options = {.protocol_given = true, .protocol = rows[i].protocol};
        npk_reader *reader = NULL;
        npk_doc *doc = NULL;
        npk_writer *w = NULL;
        uint8_t *bytes = NULL;
        size_t size;
        cr_assert_eq(npk_reader_memory(rows[i].bytes.bytes, rows[i].bytes.size, &keeping, &reader, NULL), NPK_OK);
        cr_assert_eq(npk_reader_next(reader, &doc, NULL), NPK_OK);
        npk_reader_close(reader);
        cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
        npk_write_value(w, npk_doc_root(doc));
        npk_writer_next(w); /* says nothing yet of what is to come */
        npk_status status = npk_write_none(w);
        cr_expect_eq(status, rows[i].followed ? NPK_OK : NPK_ERR_UNSUPPORTED, "%zu", i);
        cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), status, "%zu", i);
        if (status == NPK_OK) {
            npk_doc *first = NULL, *second = NULL;
            cr_assert_eq(npk_reader_memory(bytes, size, &keeping, &reader, NULL), NPK_OK);
            cr_assert_eq(npk_reader_next(reader, &first, NULL), NPK_OK);
            cr_assert_eq(npk_reader_next(reader, &second, NULL), NPK_OK);
            cr_expect(is_same(npk_doc_root(doc), npk_doc_root(first)), "%zu", i);
            cr_expect_eq(npk_value_kind(npk_doc_root(second)), NPK_KIND_NONE, "%zu", i);
            npk_doc_free(first);
            npk_doc_free(second);
            npk_reader_close(reader);
        }
        npk_bytes_free(NULL, bytes, size);
        status = npk_doc_save_memory(doc, &options, &bytes, &size, NULL);
        cr_expect_eq(status, rows[i].alone ? NPK_OK : NPK_ERR_UNSUPPORTED, "%zu", i);
        npk_bytes_free(NULL, status == NPK_OK ? bytes : NULL, size);
        npk_doc_free(doc);
    }
}

/* No pickle, or nothing of one. */
Test(malformed, refused_all_the_same)
{
    static const golden_bytes pickles[] = {
        BYTES(""),     BYTES("\377K\1."),   BYTES("X\5\0\0\0a"),
        BYTES("\200"), BYTES("PK\3\4K\1."), BYTES("GIF89a\1\2\3\4\5"),
    };
    for (size_t i = 0; i < sizeof pickles / sizeof *pickles; i++) {
        npk_doc *doc = NULL;
        npk_error first = {.message = ""}, second = first;
        cr_expect_neq(npk_doc_load_memory(pickles[i].bytes, pickles[i].size, NULL, &doc, &first), NPK_OK, "%zu", i);
        cr_expect_eq(npk_doc_load_memory(pickles[i].bytes, pickles[i].size, &keeping, &doc, &second), first.status,
                     "%zu", i);
        cr_expect_str_eq(first.message, second.message);
        cr_expect_null(doc);
    }
}

/* An array is made of a dtype, which then gets a state that it can't have: with both states at once there would be no array. */
Test(malformed, state_of_what_was_used)
{
    static const char bytes[] = "\x80\2](cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\1btR(K\1K\1\x85"
                                "cnumpy\ndtype\n(U\2u1K\0K\1tRq\1(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
                                "\x89U\1atbh\1K\5be.";
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    uint8_t *out = NULL;
    size_t size;
    cr_assert_eq(npk_doc_load_memory(bytes, sizeof bytes - 1, &keeping, &doc, &error), NPK_OK, "%s", error.message);
    cr_expect(npk_value_is_array(npk_value_item(npk_doc_root(doc), 0)));
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &out, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_expect(strstr(error.message, "gets more in its pickle after others have it") != NULL, "%s", error.message);
    npk_doc_free(doc);
}

/* What is malformed and was dropped is compared, too. */
Test(malformed, dropped_is_compared)
{
    static const char *const pickles[] = {"]K\1K\2a0K\3a.", "]K\1K\4a0K\3a.", "]K\3a."};
    const size_t count = sizeof pickles / sizeof *pickles;
    for (size_t i = 0; i < count * count; i++) {
        npk_doc *docs[2] = {NULL, NULL};
        uint64_t differences = 0;
        for (size_t side = 0; side < 2; side++) {
            const char *bytes = pickles[side == 0 ? i / count : i % count];
            cr_assert_eq(npk_doc_load_memory(bytes, strlen(bytes), &keeping, &docs[side], NULL), NPK_OK);
        }
        cr_expect_eq(npk_compare(npk_doc_root(docs[0]), npk_doc_root(docs[1]), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences > 0, i / count != i % count, "%zu", i);
        npk_doc_free(docs[0]);
        npk_doc_free(docs[1]);
    }
}

/* What STOP finds where it should find one value. */
Test(malformed, stop)
{
    static const struct {
        golden_bytes bytes;
        const char *printed;
    } rows[] = {
        {BYTES("K\1K\2."), "<STOP args=(1, 2) malformed='STOP leaves 1 value on the stack'>"},
        {BYTES("](K\1K\2."), "<STOP args=([], 1, 2) malformed='STOP with a mark left on the stack'>"},
        {BYTES("(K\1."), "<STOP args=(1,) malformed='STOP with a mark left on the stack'>"},
        {BYTES("K\1."), "1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = NULL;
        npk_error error = {.message = ""}, fault = error;
        npk_status status = npk_doc_load_memory(rows[i].bytes.bytes, rows[i].bytes.size, NULL, &doc, &error);
        npk_doc_free(doc);
        doc = NULL;
        cr_assert_eq(npk_doc_load_memory(rows[i].bytes.bytes, rows[i].bytes.size, &keeping, &doc, NULL), NPK_OK);
        cr_expect_eq(npk_value_fault(npk_doc_fault(doc, 0), &fault), status != NPK_OK);
        cr_expect(fault.status == error.status && fault.offset == error.offset && fault.opcode == error.opcode);
        expect_text(npk_doc_root(doc), rows[i].printed);
        expect_written(doc, true, rows[i].printed);
        npk_doc_free(doc);
    }
}

/* --- frames --- */

static npk_doc *load_framed(uint8_t *bytes, size_t size, uint64_t length, const npk_read_options *options, npk_error *error)
{
    npk_doc *doc = NULL;
    for (int i = 0; i < 8; i++)
        bytes[3 + i] = (uint8_t)(length >> 8 * i);
    npk_status status = npk_doc_load_memory(bytes, size, options, &doc, error);
    cr_assert_eq(status == NPK_OK, doc != NULL);
    return doc;
}

/* Whatever a frame says of its length, all that is in the pickle is read, and the frame is told of, once. Python: pickle.loads reads those that are too short. */
Test(malformed, lengths_of_frames)
{
    static uint8_t bytes[] = "\200\4\225\17\0\0\0\0\0\0\0](\214\3abcK\1M\2\3he.";
    bytes[25] = '\0';
    const size_t size = 11 + 15;
    memcpy(bytes + 11, "](\214\3abcK\1M\2\3Ne.", 15);
    npk_error error;
    npk_doc *whole = load_framed(bytes, size, 15, NULL, &error);
    cr_assert_not_null(whole, "%s", error.message);
    static const uint64_t lengths[] = {0, 1, 2, 3, 4, 7, 9, 10, 12, 14, 16, 17, 255, 1 << 20, UINT64_MAX - 3, UINT64_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        npk_error fault = {.message = ""};
        npk_doc *refused = load_framed(bytes, size, lengths[i], NULL, &error);
        const bool good = refused != NULL; /* where an opcode ends at its end */
        npk_doc *doc = load_framed(bytes, size, lengths[i], &keeping, NULL);
        cr_assert_not_null(doc, "%zu", i);
        cr_expect(is_same(npk_doc_root(whole), npk_doc_root(doc)), "%zu", i);
        cr_expect_eq(npk_value_fault(npk_doc_fault(doc, 0), &fault), !good, "%zu", i);
        cr_expect(good || (fault.status == NPK_ERR_FRAME && fault.offset == error.offset &&
                           strcmp(fault.message, error.message) == 0), "%zu", i);
        cr_expect_null(npk_doc_fault(doc, 1), "%zu", i);
        expect_written(doc, true, "a frame");
        npk_doc_free(refused);
        npk_doc_free(doc);
    }
    npk_doc_free(whole);
}

/* --- the pickle inside an array of joblib --- */

/* [an array of objects, [1, 2]], of the inner pickle each byte in turn another: what is behind it is read where the machine can go on. */
Test(malformed, joblib_inside)
{
    golden g;
    size_t kept = 0, refused = 0;
    above_broken = true;
    golden_open(&g, "joblibs.golden");
    while (golden_case(&g)) {
        int protocol;
        for (golden_bytes bytes; golden_pickle(&g, &protocol, &bytes);) {
            uint8_t *damaged = malloc(bytes.size);
            for (size_t i = 2; strcmp(g.name, "objects") == 0 && i < bytes.size; i++) {
                npk_doc *doc = NULL;
                npk_error error;
                memcpy(damaged, bytes.bytes, bytes.size);
                damaged[i] ^= 1;
                if (npk_doc_load_memory(damaged, bytes.size, &keeping, &doc, &error) == NPK_OK) {
                    kept += npk_doc_fault(doc, 0) != NULL;
                    expect_kept("joblib", doc);
                } else {
                    refused++;
                }
                npk_doc_free(doc);
            }
            free(damaged);
        }
    }
    golden_close(&g);
    cr_expect(kept > 1, "%zu kept, %zu refused", kept, refused);
}

/* Where the last of these bytes are. */
static uint8_t *last_of(golden_bytes bytes, const char *sought, size_t size)
{
    size_t at = bytes.size - size;
    while (at > 0 && memcmp(bytes.bytes + at, sought, size) != 0)
        at--;
    cr_assert_gt(at, 0);
    return bytes.bytes + at;
}

/* [an array of objects, one of numbers]: its inner frame is wrong; then its inner shape. */
Test(malformed, joblib_inside_is_found)
{
    golden g;
    golden_bytes bytes;
    golden_open(&g, "joblibs.golden");
    for (int protocol = 0; golden_case(&g);)
        while (golden_pickle(&g, &protocol, &bytes)) {
            npk_doc *whole = NULL, *doc = NULL;
            npk_error fault;
            npk_array array;
            if (strcmp(g.name, "objects") != 0 || protocol < 2)
                continue;
            cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &whole, NULL), NPK_OK);
            last_of(bytes, "\x80\5\x95", 3)[3]++;
            cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, &keeping, &doc, NULL), NPK_OK);
            cr_expect(is_same(npk_doc_root(whole), npk_doc_root(doc)));
            cr_expect(npk_value_fault(npk_doc_fault(doc, 0), &fault) && fault.status == NPK_ERR_FRAME);
            npk_doc_free(doc);
            last_of(bytes, "\x80\5\x95", 3)[3]--;
            last_of(bytes, "K\1K\4", 4)[3] = 5;
            cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, &keeping, &doc, NULL), NPK_OK);
            const npk_value *root = npk_doc_root(doc), *inner = NULL;
            cr_assert(npk_value_fault(npk_value_item(root, 0), &fault));
            cr_expect_eq(fault.opcode, '.');
            cr_assert_eq(npk_value_find(root, "[0].<args>[1].<state>[4]", &inner, NULL), NPK_OK);
            expect_text(inner, "['a', 1, None, [1, 2]]");
            cr_assert_eq(npk_array_of(npk_value_item(root, 1), &array, NULL), NPK_OK);
            cr_expect_eq(((const uint8_t *)array.data)[1], 1);
            expect_written(doc, false, "joblib");
            npk_doc_free(doc);
            npk_doc_free(whole);
        }
    golden_close(&g);
}

static void look_at_wrapper(void *context, const npk_difference *difference)
{
    cr_expect(difference->b != NULL && faults_found(difference->b) > 0, "%s: %s: %s", (const char *)context, difference->path,
              difference->message);
}

/* A state without its order, or its class: the elements behind it have their size by shape and dtype, and all around them is read. Without one of
 * these nobody knows where they end. */
Test(malformed, joblib_states)
{
    static const char *const keys[] = {"order", "subclass", "shape", "dtype"};
    golden g;
    golden_bytes bytes;
    size_t kept = 0;
    char name[128];
    above_broken = true;
    golden_open(&g, "joblibs.golden");
    for (int protocol; golden_case(&g);)
        while (golden_pickle(&g, &protocol, &bytes))
            for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
                npk_doc *whole = NULL, *doc = NULL;
                npk_error error = {.message = ""};
                uint64_t differences = 0;
                const npk_compare_options options = {.report = look_at_wrapper, .context = g.name};
                golden_bytes copy = {NULL, 0};
                golden_add(&copy, bytes.bytes, bytes.size);
                cr_assert_eq(npk_doc_load_memory(copy.bytes, copy.size, NULL, &whole, NULL), NPK_OK);
                uint8_t *key = memmem(bytes.bytes, bytes.size, keys[k], strlen(keys[k]));
                cr_assert_not_null(key);
                key[0] ^= 1;
                cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, &keeping, &doc, &error), NPK_OK, "%s, %d, %s: %s",
                             g.name, protocol, keys[k], error.message);
                cr_assert(npk_value_fault(npk_doc_fault(doc, 0), &error) && error.status == NPK_ERR_ARRAY, "%s, %s", g.name, keys[k]);
                cr_expect_eq(npk_value_kind(npk_doc_fault(doc, 0)), NPK_KIND_OBJECT, "the wrapper");
                const npk_value *last = npk_doc_fault(doc, faults_of(doc) - 1);
                npk_value_fault(last, &error);
                const bool broken = strstr(error.message, "nothing behind it is read") != NULL;
                cr_expect_eq(broken, k >= 2, "%s, %d, %s: %s", g.name, protocol, keys[k], error.message);
                cr_expect(!broken || last == npk_doc_root(doc));
                if (!broken) {
                    cr_expect_eq(npk_compare(npk_doc_root(whole), npk_doc_root(doc), &options, &differences, NULL), NPK_OK);
                    cr_expect_gt(differences, 0);
                }
                snprintf(name, sizeof name, "%s, protocol %d, %s", g.name, protocol, keys[k]);
                expect_kept(name, doc);
                kept += !broken;
                npk_doc_free(whole);
                npk_doc_free(doc);
                key[0] ^= 1; /* it borrows that */
                free(copy.bytes);
            }
    golden_close(&g);
    cr_expect_gt(kept, 80, "%zu", kept);
}

/* --- programs, one of whose arguments is damaged --- */

/* False where the instruction has nothing that can be damaged without its length. */
static bool damage(uint8_t *bytes, const npk_instruction *in)
{
    static const char *const lines[] = {"INT", "LONG", "FLOAT", "GLOBAL"};
    uint8_t *argument = bytes + (in->argument - bytes);
    bool line = false;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        line = line || strcmp(in->opcode->name, lines[i]) == 0;
    if (in->size == 0 || !(line || (in->opcode->kind == NPK_KIND_STR && strcmp(in->opcode->name, "UNICODE") != 0)))
        return false;
    argument[0] = 0xff;
    return true;
}

/* Whatever differs from the whole document holds something malformed, or is in a dict or set that has a key less, or as often less, or was dropped, where
 * one malformed is one less too. */
static void look_at_difference(void *context, const npk_difference *difference)
{
    if (difference->a != NULL && difference->b != NULL && strstr(difference->path, ".<values>[") == NULL &&
        strstr(difference->path, ".<call ") == NULL)
        cr_expect(faults_found(difference->b) > 0, "seed %d: %s: %s", *(const int *)context, difference->path,
                  difference->message);
}

/* Whether a dict has a key twice: then a damaged one leaves the other, and a path leads to that. */
static bool has_a_key_twice(const npk_doc *doc)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    bool found = false;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (!found && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        for (size_t i = 0; npk_value_kind(value) == NPK_KIND_DICT && i < npk_value_size(value); i++)
            for (size_t k = 0; k < i; k++)
                found = found || is_same(npk_dict_key(value, i), npk_dict_key(value, k));
    npk_walk_free(walk);
    return found;
}

Test(malformed, programs)
{
    static program p;
    static uint8_t damaged[PROGRAM];
    size_t kept = 0;
    for (int seed = 0; seed < (int)full_tests(300, 6000); seed++) {
        npk_doc *whole = NULL, *doc = NULL;
        npk_instructions *in = NULL;
        npk_instruction one;
        bool more;
        start_random((uint64_t)seed);
        make_program(&p, 5 + next_random() % 60);
        if (npk_doc_load_memory(p.bytes, p.size, NULL, &whole, NULL) != NPK_OK)
            continue;
        const bool twice = has_a_key_twice(whole);
        cr_assert_eq(npk_instructions_memory(damaged, p.size, NULL, &in, NULL), NPK_OK);
        memcpy(damaged, p.bytes, p.size);
        while (npk_instructions_more(in, &more, NULL) == NPK_OK && more &&
               npk_instructions_next(in, &one, NULL) == NPK_OK) {
            npk_compare_options options = {.report = twice ? NULL : look_at_difference, .context = &seed};
            uint64_t differences;
            npk_error error = {.message = ""};
            if (!damage(damaged, &one))
                continue;
            npk_status status = npk_doc_load_memory(damaged, p.size, &keeping, &doc, &error);
            cr_expect_eq(status, NPK_OK, "seed %d: %s at %d: %s", seed, one.opcode->name, (int)one.offset,
                         error.message);
            if (status == NPK_OK) {
                cr_expect_gt(faults_of(doc), 0);
                cr_expect_eq(npk_compare(npk_doc_root(whole), npk_doc_root(doc), &options, &differences, NULL), NPK_OK);
                kept++;
            }
            npk_doc_free(doc);
            doc = NULL;
            memcpy(damaged, p.bytes, p.size);
        }
        npk_instructions_free(in);
        npk_doc_free(whole);
    }
    cr_expect_gt(kept, 1000, "%zu were kept", kept);
}

Test(malformed, option_is_checked)
{
    npk_doc *doc = NULL;
    const npk_read_options wrong = {.malformed = 2};
    cr_expect_eq(npk_doc_load_memory("N.", 2, &wrong, &doc, NULL), NPK_ERR_USAGE);
    cr_expect_not(npk_value_fault(NULL, NULL));
    cr_expect_null(npk_doc_fault(NULL, 0));
}
