/* lib/known/search.c, found.c: arrays inside what a class or a program has made of their state */
#include "golden.h"

#include <npickle.h>

static npk_doc *load(const char *name, golden_bytes pickle)
{
    npk_doc *doc = NULL;
    npk_error error = {0};
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, &error), NPK_OK, "%s: %s", name,
                 error.message);
    return doc;
}

static golden_bytes written(const char *name, const npk_doc *doc, int protocol, npk_dialect dialect)
{
    npk_writer *w = NULL;
    golden_bytes out = {NULL, 0};
    npk_error error = {0};
    npk_write_options options = {
        .protocol_given = true, .protocol = protocol, .dialect = dialect, .translate_names = true};
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    cr_assert_eq(npk_writer_finish_memory(w, &out.bytes, &out.size, &error), NPK_OK, "%s: %s", name, error.message);
    return out;
}

/* Who wrote them. */
static const struct {
    const char *file;
    npk_dialect dialect;
    int protocols;
} files[] = {{"found.golden", NPK_CPYTHON(3, 12) | NPK_NUMPY(2, 5), 6},
             {"numeric.golden", NPK_CPYTHON(2, 7) | NPK_NUMPY(1, 16), 3}};

/* What a case says of its array. */
typedef struct found {
    const char *path, *class_name;
    golden_bytes descr, elements;
    npk_dialect dialect;
    int protocols;
    int ndim;
    int64_t shape[4];
    char beside[400]; /* its words: golden_word ends each with a NUL */
} found;

static void take_words(golden *g, found *out)
{
    *out = (found){.path = golden_word(&g->words)};
    out->descr = golden_unquote(golden_word(&g->words));
    out->ndim = golden_numbers(golden_word(&g->words), out->shape);
    out->class_name = golden_word(&g->words);
    out->elements = golden_unquote(golden_word(&g->words));
    snprintf(out->beside, sizeof out->beside, "%s", g->words);
    if (strcmp(out->path, "-") == 0)
        out->path = "";
}

static void expect_array(const char *name, const npk_value *root, const found *expected)
{
    const npk_value *value = NULL;
    npk_array array;
    char descr[200];
    uint8_t bytes[200];
    cr_assert_eq(npk_value_find(root, expected->path, &value, NULL), NPK_OK, "%s", name);
    cr_assert_eq(npk_array_of(value, &array, NULL), NPK_OK, "%s is no array", name);
    cr_expect_str_eq(npk_array_class(value), expected->class_name, "%s", name);
    npk_dtype_descr(array.dtype, false, descr, sizeof descr);
    cr_expect(strlen(descr) == expected->descr.size && memcmp(descr, expected->descr.bytes, expected->descr.size) == 0,
              "%s: dtype %s", name, descr);
    cr_assert_eq(array.ndim, expected->ndim, "%s", name);
    for (int i = 0; i < array.ndim; i++)
        cr_expect_eq(array.shape[i], expected->shape[i], "%s", name);
    if (npk_dtype_has_object(array.dtype))
        return;
    cr_assert_eq((size_t)npk_array_nbytes(&array), expected->elements.size, "%s", name);
    cr_assert_eq(npk_array_copy(&array, 'C', bytes, sizeof bytes, NULL), NPK_OK);
    cr_expect_arr_eq(bytes, expected->elements.bytes, expected->elements.size, "%s: elements", name);
}

/* npk_write_function */
static int add(void *context, const void *bytes, size_t size)
{
    golden_add(context, bytes, size);
    return 0;
}

/* What stands beside the array is found, and is what Python has. */
static void expect_beside(const char *name, const npk_value *root, const found *expected)
{
    char beside[sizeof expected->beside], *words = beside, *word;
    memcpy(beside, expected->beside, sizeof beside);
    while ((word = golden_word(&words)) != NULL) {
        golden_bytes path = golden_unquote(word), text = golden_unquote(golden_word(&words)), printed = {NULL, 0};
        const npk_value *value = NULL;
        golden_add(&path, "", 1);
        npk_status status = npk_value_find(root, (char *)path.bytes, &value, NULL);
        cr_expect_eq(status, text.size == 0 ? NPK_ERR_NOT_FOUND : NPK_OK, "%s: %s", name, (char *)path.bytes);
        if (status == NPK_OK) {
            cr_assert_eq(npk_print_value(value, NULL, add, &printed, NULL), NPK_OK);
            cr_expect(printed.size == text.size && memcmp(printed.bytes, text.bytes, text.size) == 0,
                      "%s%s: found %.*s", name, (char *)path.bytes, (int)printed.size, (char *)printed.bytes);
        }
        free(path.bytes);
        free(text.bytes);
        free(printed.bytes);
    }
}

/* One array at the path, as the walk has it, and each value only once. */
static void expect_walk(const char *name, const npk_value *root, const found *expected)
{
    npk_walk *walk;
    npk_array array;
    const npk_value *value, *at;
    bool met = false;
    cr_assert_eq(npk_walk_start(root, NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL) {
        const char *path = npk_walk_path(walk);
        cr_expect(npk_value_find(root, path, &at, NULL) == NPK_OK && at == value, "%s: %s", name, path);
        cr_expect(!met || strcmp(path, expected->path) != 0, "%s: twice", name);
        met = met || strcmp(path, expected->path) == 0;
    }
    cr_expect(met, "%s: the walk does not come to it", name);
    npk_walk_free(walk);
}

static void for_each(void (*test)(const char *name, int protocol, golden_bytes pickle, const found *expected))
{
    golden g;
    golden_bytes pickle;
    found expected;
    int protocol;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden_open(&g, files[i].file);
        while (golden_case(&g)) {
            take_words(&g, &expected);
            expected.dialect = files[i].dialect;
            expected.protocols = files[i].protocols;
            while (golden_pickle(&g, &protocol, &pickle))
                test(g.name, protocol, pickle, &expected);
            free(expected.descr.bytes);
            free(expected.elements.bytes);
        }
        golden_close(&g);
    }
}

static void expect_found(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    (void)protocol;
    npk_doc *doc = load(name, pickle);
    expect_array(name, npk_doc_root(doc), expected);
    expect_beside(name, npk_doc_root(doc), expected);
    expect_walk(name, npk_doc_root(doc), expected);
    npk_doc_free(doc);
}

Test(found, arrays_and_what_is_beside_them)
{
    for_each(expect_found);
}

/* Written again it is as it was; and at each other protocol all of it is there. */
static void expect_written(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    npk_doc *doc = load(name, pickle);
    for (int other = 0; other < expected->protocols; other++) {
        golden_bytes out = written(name, doc, other, expected->dialect);
        npk_doc *again = load(name, out);
        if (other == protocol)
            cr_expect(out.size == pickle.size && memcmp(out.bytes, pickle.bytes, pickle.size) == 0, "%s, protocol %d",
                      name, protocol);
        expect_array(name, npk_doc_root(again), expected);
        expect_beside(name, npk_doc_root(again), expected);
        npk_doc_free(again);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
    npk_doc_free(doc);
}

Test(found, written_at_every_protocol)
{
    for_each(expect_written);
}

/* Other elements, and nothing else: one difference; the old ones back: the pickle that there was. */
static void expect_replaced(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    npk_doc *doc = load(name, pickle), *old = load(name, pickle);
    npk_array array, former;
    npk_error error = {0};
    const npk_value *value, *unchanged;
    uint8_t zeros[200] = {0};
    uint64_t differences = 0;
    cr_assert_eq(npk_value_find(npk_doc_root(doc), expected->path, &value, NULL), NPK_OK);
    cr_assert_eq(npk_value_find(npk_doc_root(old), expected->path, &unchanged, NULL), NPK_OK);
    cr_assert(npk_array_of(value, &array, NULL) == NPK_OK && npk_array_of(unchanged, &former, NULL) == NPK_OK);
    bool objects = npk_dtype_has_object(array.dtype);
    npk_array other = {.dtype = array.dtype, .data = zeros, .ndim = array.ndim, .shape = former.shape};
    memset(zeros, 1, (size_t)npk_array_nbytes(&array));
    cr_expect_eq(npk_edit_array(doc, value, &other, &error), objects ? NPK_ERR_UNSUPPORTED : NPK_OK, "%s: %s", name,
                 error.message);
    if (!objects) {
        cr_assert_eq(npk_compare(npk_doc_root(old), npk_doc_root(doc), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, (uint64_t)(npk_array_nbytes(&array) > 0), "%s: %d", name, (int)differences);
        cr_expect_eq(npk_edit_array(doc, value, &former, &error), NPK_OK, "%s: %s", name, error.message);
    }
    golden_bytes out = written(name, doc, protocol, expected->dialect);
    cr_expect(out.size == pickle.size && memcmp(out.bytes, pickle.bytes, pickle.size) == 0,
              "%s, protocol %d: changed and back", name, protocol);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
    npk_doc_free(old);
}

Test(found, another_in_its_place)
{
    for_each(expect_replaced);
}

/* What is beside an array's state may change; what the array is made of may not. */
static const struct {
    const char *name, *attribute, *path; /* an attribute, or what stands at a path */
} beside[] = {{"longer-dict", "unit", ".unit"},
              {"before", "unit", ".unit"},
              {"dill-subclass", "unit", ".unit"},
              {"longer", NULL, ".<state>[5]"}};

static const npk_value *five_of(npk_doc *doc)
{
    const npk_value *five;
    npk_writer *w;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_int(w, 5);
    cr_assert_eq(npk_edit_finish(w, &five, NULL), NPK_OK);
    return five;
}

static void expect_five(const char *name, const npk_doc *doc, const char *path)
{
    const npk_value *at = NULL;
    int64_t number = 0;
    cr_assert_eq(npk_value_find(npk_doc_root(doc), path, &at, NULL), NPK_OK, "%s", name);
    cr_expect(npk_value_as_int64(at, &number) && number == 5, "%s", name);
}

static void expect_edited(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    npk_doc *doc = load(name, pickle);
    const npk_value *root = npk_doc_root(doc), *at = NULL;
    if (strcmp(name, "holder") == 0)
        cr_expect_eq(npk_edit_object_state(doc, root, five_of(doc), NULL), NPK_ERR_UNSUPPORTED);
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        if (strcmp(name, beside[i].name) != 0)
            continue;
        cr_assert_eq(npk_value_find(root, beside[i].path, &at, NULL), NPK_OK, "%s", name);
        cr_expect_eq(beside[i].attribute != NULL
                         ? npk_edit_attribute(doc, root, beside[i].attribute, five_of(doc), NULL)
                         : npk_edit_replace(doc, at, five_of(doc), NULL),
                     NPK_OK, "%s", name);
        golden_bytes out = written(name, doc, protocol, expected->dialect);
        npk_doc *again = load(name, out);
        expect_array(name, npk_doc_root(again), expected);
        expect_five(name, again, beside[i].path);
        npk_doc_free(again);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
    if (strcmp(name, "longer") == 0) {
        cr_assert_eq(npk_value_find(root, ".<state>", &at, NULL), NPK_OK);
        cr_expect_eq(npk_edit_replace(doc, npk_value_item(at, 1), five_of(doc), NULL), NPK_ERR_UNSUPPORTED,
                     "its shape");
        cr_expect_eq(npk_edit_replace(doc, at, five_of(doc), NULL), NPK_ERR_UNSUPPORTED, "its state");
    }
    npk_doc_free(doc);
}

Test(found, what_is_beside_them_changes)
{
    for_each(expect_edited);
}

/* An object of another class, made by another call: what the array says of itself is what it says when it is read again. */
static void expect_renamed(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    (void)expected;
    npk_object object;
    npk_writer *w;
    const npk_value *other;
    npk_doc *doc = load(name, pickle), *again;
    golden_bytes out;
    if (!npk_value_as_object(npk_doc_root(doc), &object) || npk_value_kind(object.callable) != NPK_KIND_GLOBAL)
        goto done;
    const npk_value *first = npk_value_item(object.args, 0), *parts[2] = {object.callable, first};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
        npk_write_global(w, "own.place", "Other");
        cr_assert_eq(npk_edit_finish(w, &other, NULL), NPK_OK);
        bool named = parts[i] != NULL && npk_value_kind(parts[i]) == NPK_KIND_GLOBAL;
        if (!named || npk_edit_replace(doc, parts[i], other, NULL) != NPK_OK)
            continue;
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        cr_assert_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL), NPK_OK);
        again = load(name, out);
        const char *class_name = npk_array_class(npk_doc_root(doc)), *read = npk_array_class(npk_doc_root(again));
        cr_assert((class_name == NULL) == (read == NULL), "%s: %s, read %s", name, class_name, read);
        cr_expect(read == NULL || strcmp(class_name, read) == 0, "%s: %s, read %s", name, class_name, read);
        npk_doc_free(again);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
done:
    npk_doc_free(doc);
}

Test(found, of_another_class)
{
    for_each(expect_renamed);
}

/* What is printed: the elements as NumPy has them, what is beside them, and "..." where the array's own state is. */
static const struct {
    const char *name, *text, *json;
} prints[] = {
    {"longer", "<__main__.Longer data=array([[0, 1, 2],\n       [3, 4, 5]]) state=(..., 'a name')>",
     "{\"class\": \"__main__.Longer\", \"array\": [[0, 1, 2], [3, 4, 5]], \"state\": [\"...\", \"a name\"]}"},
    {"longer-dict", "<__main__.LongerDict data=array([ 1.5, -2.5]) state=(..., {'unit': 'm', 'scale': [2]})>",
     "{\"class\": \"__main__.LongerDict\", \"array\": [1.5, -2.5], \"state\": [\"...\", {\"unit\": \"m\", \"scale\": "
     "[2]}]}"},
    {"before", "<__main__.Before data=array([ 1.5, -2.5]) state=({'unit': 'm'}, ...)>",
     "{\"class\": \"__main__.Before\", \"array\": [1.5, -2.5], \"state\": [{\"unit\": \"m\"}, \"...\"]}"},
    {"keyed", "<__main__.Keyed data=array([ 1.5, -2.5]) state={'unit': 'm', 'data': ...}>",
     "{\"class\": \"__main__.Keyed\", \"array\": [1.5, -2.5], \"state\": {\"unit\": \"m\", \"data\": \"...\"}}"},
    {"longer-masked",
     "<__main__.LongerMasked data=array([1, 2, 3]) mask=array([False,  True, False]) fill_value=array(9) state=(..., "
     "'more')>",
     "{\"class\": \"__main__.LongerMasked\", \"array\": [1, null, 3], \"state\": [\"...\", \"more\"]}"},
    {"holder", "<__main__.Holder object data=array([ 1.5, -2.5]) state={'array': ..., 'name': 'it'}>",
     "{\"class\": \"__main__.Holder\", \"array\": [1.5, -2.5], \"state\": {\"array\": \"...\", \"name\": \"it\"}}"},
    {"jax",
     "<jax._src.array._reconstruct_array data=array([0., 1., 2.], dtype=float32) "
     "args=(<numpy._core.multiarray._reconstruct>, (<numpy.ndarray>, (0,), b'b'), ..., {'weak_type': False})>",
     "{\"call\": \"jax._src.array._reconstruct_array\", \"array\": [0.0, 1.0, 2.0], "
     "\"args\": [{\"global\": \"numpy._core.multiarray._reconstruct\"}, [{\"global\": \"numpy.ndarray\"}, [0], \"b\"], "
     "\"...\", {\"weak_type\": false}]}"},
};

static void expect_text(const char *name, const golden_bytes *printed, const char *text)
{
    cr_expect(printed->size == strlen(text) && memcmp(printed->bytes, text, printed->size) == 0, "%s: %.*s", name,
              (int)printed->size, (char *)printed->bytes);
}

static void expect_printed(const char *name, int protocol, golden_bytes pickle, const found *expected)
{
    (void)expected;
    for (size_t i = 0; i < sizeof prints / sizeof *prints && protocol == 4; i++) {
        golden_bytes text = {NULL, 0}, json = {NULL, 0};
        if (strcmp(prints[i].name, name) != 0)
            continue;
        npk_doc *doc = load(name, pickle);
        cr_assert_eq(npk_print_value(npk_doc_root(doc), NULL, add, &text, NULL), NPK_OK);
        cr_assert_eq(npk_print_json(npk_doc_root(doc), NULL, add, &json, NULL), NPK_OK);
        expect_text(name, &text, prints[i].text);
        expect_text(name, &json, prints[i].json);
        free(text.bytes);
        free(json.bytes);
        npk_doc_free(doc);
    }
}

Test(found, printed_with_what_is_beside_them)
{
    for_each(expect_printed);
}

/* What is nearly a state is none: its object stays one, and nothing is refused. */
Test(found, what_is_no_state)
{
#define FLOAT "cnumpy\ndtype\n(Vf8\nI00\nI01\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb"
    static const struct {
        const char *what, *state;
        bool is_array;
    } rows[] = {
        {"an array's", "(I1\n(I1\nt" FLOAT "I00\nS'12345678'\nVmore\nt", true},
        {"elements in a bytearray", "(I1\n(I1\nt" FLOAT "I00\nc__builtin__\nbytearray\n(S'12345678'\ntRt", false},
        {"the same beside attributes", "((I1\n(I1\nt" FLOAT "I00\nc__builtin__\nbytearray\n(S'12345678'\ntRt(dt",
         false},
        {"too few bytes", "(I1\n(I1\nt" FLOAT "I00\nS'1234567'\nVmore\nt", false},
        {"a negative length", "(I1\n(I-1\nt" FLOAT "I00\nS'12345678'\nVmore\nt", false},
        {"a third version", "(I2\n(I1\nt" FLOAT "I00\nS'12345678'\nVmore\nt", false},
        {"a list of lengths", "(I1\n(I1\nl" FLOAT "I00\nS'12345678'\nVmore\nt", false},
        {"the code of a dtype", "(I1\n(I1\ntVf8\nI00\nS'12345678'\nVmore\nt", false},
        {"a flag of 2", "(I1\n(I1\nt" FLOAT "I2\nS'12345678'\nVmore\nt", false},
        {"a list of elements", "(I1\n(I1\nt" FLOAT "I00\n(I1\nlVmore\nt", false},
        {"lengths that overflow", "(I1\n(L4294967296L\nL4294967296L\nt" FLOAT "I00\nS''\nVmore\nt", false},
        {"no tuple", "Vstate\n", false},
        {"deep", "((((I1\n(I1\nt" FLOAT "I00\nS'12345678'\ntttt", true},
        {"too deep", "(((((I1\n(I1\nt" FLOAT "I00\nS'12345678'\nttttt", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[600];
        int size = snprintf(bytes, sizeof bytes, "cnumpy.core.multiarray\n_reconstruct\n(cm\nC\n(I0\ntVb\ntR%sb.",
                            rows[i].state);
        npk_doc *doc = load(rows[i].what, (golden_bytes){(uint8_t *)bytes, (size_t)size});
        cr_expect_eq(npk_value_is_array(npk_doc_root(doc)), rows[i].is_array, "%s", rows[i].what);
        npk_doc_free(doc);
    }
}

/* What is found may be no array's all the same: items that are no str, or no tuple with each field. The call of a function, an object and an array's
 * subclass stay objects then, and the list may get more. */
Test(found, what_has_items_of_another_kind)
{
#define TEXTS "cnumpy._core._internal\n_convert_to_stringdtype_kwargs\n\x88\x85R"
#define STRUCT                                                                                                         \
    "cnumpy\ndtype\n(X\2\0\0\0V8K\0K\1tR(K\3X\1\0\0\0|NX\1\0\0\0a\x85}X\1\0\0\0acnumpy\ndtype\n("                      \
    "X\1\0\0\0OK\0K\1tRK\0\x86sK\10K\1"                                                                                \
    "K\77tb"
#define STATE_OF(dtype, item) "(K\1K\1\x85" dtype "\x89]" item "aq\1t"
    static const struct {
        const char *state;
        size_t size;
        bool is_array;
    } states[] = {
#define ROW(dtype, item, array) {STATE_OF(dtype, item), sizeof(STATE_OF(dtype, item)) - 1, array}
        ROW(TEXTS, "X\1\0\0\0a", true), ROW(TEXTS, "K\1", false),  ROW(TEXTS, "cm\nC\n", false),
        ROW(STRUCT, "K\1\x85", true),   ROW(STRUCT, "K\1", false), ROW(STRUCT, ")", false),
#undef ROW
    };
    static const struct {
        const char *before, *after;
        size_t before_size, after_size;
    } calls[] = {
#define CALL(before, after) {before, after, sizeof before - 1, sizeof after - 1}
        CALL("cm\nf\n", "\x85R"),
        CALL("cm\nC\n", "\x85\x81"),
        CALL("cm\nC\n)\x81", "b"),
        CALL("cnumpy.core.multiarray\n_reconstruct\ncm\nC\nK\0\205C\1b\207R", "b"),
#undef CALL
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
            golden_bytes p = {NULL, 0};
            char what[40];
            snprintf(what, sizeof what, "state %zu, call %zu", i, k);
            golden_add(&p, "\x80\3(", 3);
            golden_add(&p, calls[k].before, calls[k].before_size);
            golden_add(&p, states[i].state, states[i].size);
            golden_add(&p, calls[k].after, calls[k].after_size);
            if (!states[i].is_array)
                golden_add(&p, "h\1K\7a0", 6);
            golden_add(&p, "l.", 2);
            npk_doc *doc = load(what, p);
            cr_expect_eq(npk_value_is_array(npk_value_item(npk_doc_root(doc), 0)), states[i].is_array, "%s", what);
            npk_doc_free(doc);
            free(p.bytes);
        }
}

/* A state without a version, as old NumPys had it, is one item shorter: nothing behind it is printed, or changed. */
Test(found, without_a_version)
{
    static const char pickle[] = "cnumpy.core.multiarray\n_reconstruct\n(cm\nC\n(I0\ntVb\ntR(((I1\nt" FLOAT
                                 "I00\nS'\\x00\\x00\\x00\\x00\\x00\\x00\\xf8?'\nt(dVunit\nVm\nstb.";
    golden_bytes text = {NULL, 0}, changed = {NULL, 0};
    npk_doc *doc = load("no version", (golden_bytes){(uint8_t *)pickle, sizeof pickle - 1});
    cr_assert_eq(npk_print_value(npk_doc_root(doc), NULL, add, &text, NULL), NPK_OK);
    expect_text("no version", &text, "<m.C data=array([1.5]) state=(..., {'unit': 'm'})>");
    npk_array array;
    const int64_t shape[1] = {2};
    static const char values[] = "\0\0\0\0\0\0\4@\0\0\0\0\0\0\14@"; /* 2.5, 3.5 */
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, NULL), NPK_OK);
    const npk_array other = {.dtype = array.dtype, .data = values, .ndim = 1, .shape = shape};
    cr_assert_eq(npk_edit_array(doc, npk_doc_root(doc), &other, NULL), NPK_OK);
    const golden_bytes out = written("no version", doc, 0, 0);
    npk_doc *again = load("changed", out);
    cr_assert_eq(npk_print_value(npk_doc_root(again), NULL, add, &changed, NULL), NPK_OK);
    expect_text("changed", &changed, "<m.C data=array([2.5, 3.5]) state=(..., {'unit': 'm'})>");
    free(text.bytes);
    free(changed.bytes);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(again);
    npk_doc_free(doc);
}

/* What is dropped over the attributes has its place among them: it is an array all the same, at each protocol. */
Test(found, with_a_dropped_call_over_its_attributes)
{
    static const char pickle[] = "cnumpy.core.multiarray\n_reconstruct\n(cm\nC\n(I0\ntVb\ntR((I1\n(I1\nt" FLOAT
                                 "I00\nS'12345678'\nt(dp1\ncm\nf\n(g1\ntR0tb.";
    npk_doc *doc = load("dropped", (golden_bytes){(uint8_t *)pickle, sizeof pickle - 1});
    cr_expect(npk_value_is_array(npk_doc_root(doc)));
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        uint64_t differences = 1;
        const golden_bytes out = written("dropped", doc, protocol, 0);
        npk_doc *again = load("dropped, written", out);
        cr_expect(npk_value_is_array(npk_doc_root(again)));
        cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0u);
        npk_doc_free(again);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
    npk_doc_free(doc);
}

/* Of a call that npickle does not know only one state makes an array: of two it can't be told whose it is. */
Test(found, two_states_in_a_call)
{
#define STATE "(I1\n(I1\nt" FLOAT "I00\nS'12345678'\nt"
    static const char *const pickles[] = {"cm\nf\n(" STATE "tR.", "cm\nf\n(" STATE STATE "tR."};
    for (int i = 0; i < 2; i++) {
        npk_doc *doc = load("call", (golden_bytes){(uint8_t *)pickles[i], strlen(pickles[i])});
        cr_expect_eq(npk_value_is_array(npk_doc_root(doc)), i == 0);
        npk_doc_free(doc);
    }
}

/* What dill's function makes is NumPy's array only where it calls NumPy's function. */
Test(found, call_of_another_function_by_dill)
{
#define DILL(module) "cdill._dill\n_create_array\n(c" module "\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\nt" STATE "tR."
    static const char *const pickles[] = {DILL("numpy.core.multiarray"), DILL("numpy._core.multiarray"),
                                          DILL("numpy._aore.multiarray")};
    for (int i = 0; i < 3; i++) {
        npk_doc *doc = load("dill", (golden_bytes){(uint8_t *)pickles[i], strlen(pickles[i])});
        const char *class_name = npk_array_class(npk_doc_root(doc));
        cr_assert_not_null(class_name);
        cr_expect_eq(strcmp(class_name, "numpy.ndarray") == 0, i < 2, "row %d: %s", i, class_name);
        npk_doc_free(doc);
    }
}

/* A class inside another has one name, however it is spelled. */
Test(found, class_inside_a_class)
{
#define OF_CLASS(class) "cnumpy.core.multiarray\n_reconstruct\n(" class "(I0\ntVb\ntR(I1\n(I1\nt" FLOAT "I00\nS'12345678'\ntb."
#define INSIDE(module, outer, inner) "c__builtin__\ngetattr\n(c" module "\n" outer "\nV" inner "\ntR"
    static const struct {
        const char *pickle, *name;
    } rows[] = {{OF_CLASS(INSIDE("numpy", "char", "chararray")), "numpy.chararray"},
                {"\x80\4" OF_CLASS("cnumpy\nchar.chararray\n"), "numpy.chararray"},
                {OF_CLASS("cnumpy.char\nchararray\n"), "numpy.chararray"},
                {OF_CLASS(INSIDE("m", "A", "B")), "m.A.B"},
                {"\x80\4" OF_CLASS("cm\nA.B\n"), "m.A.B"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load("class", (golden_bytes){(uint8_t *)rows[i].pickle, strlen(rows[i].pickle)});
        cr_expect_str_eq(npk_array_class(npk_doc_root(doc)), rows[i].name, "row %zu", i);
        npk_doc_free(doc);
    }
}
