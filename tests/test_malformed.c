/* Malformed objects that a reader keeps: what is around them, why they were kept, and how they are written again. */
#include "golden.h"

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
                              fault.offset == error.offset && strcmp(fault.message, error.message) == 0,
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

Test(malformed, option_is_checked)
{
    npk_doc *doc = NULL;
    const npk_read_options wrong = {.malformed = 2};
    cr_expect_eq(npk_doc_load_memory("N.", 2, &wrong, &doc, NULL), NPK_ERR_USAGE);
    cr_expect_not(npk_value_fault(NULL, NULL));
    cr_expect_null(npk_doc_fault(NULL, 0));
}
