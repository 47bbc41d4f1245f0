/* What is taken stays as it is: lists, dicts and sets of which arrays, dtypes, sets and calls were made, and which grow before or
 * after. lib/known/known.c, npki_freeze(). */
#include "frozen.h"

#include <npickle.h>

/* Written at every protocol, what was read reads as the same. */
static void write_and_read(const char *name, const npk_doc *doc)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        npk_writer *w = NULL;
        npk_doc *again = NULL;
        npk_error error = {.status = NPK_OK};
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
        npk_write_value(w, npk_doc_root(doc)); /* its error is sticky */
        npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
        if (status == NPK_ERR_UNSUPPORTED && frozen_is_joblib(name))
            continue;
        if (status == NPK_ERR_UNSUPPORTED && (strstr(error.message, "calls would come in another order") != NULL || strstr(error.message, "may have been seen without") != NULL))
            continue; /* what a call was given changes later, elsewhere */
        cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
        status = npk_doc_load_memory(bytes, size, NULL, &again, &error);
        cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
        frozen_expect_same(name, protocol, doc, again);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(frozen, all_that_take_and_all_that_add)
{
    golden g;
    frozen_row row = {.name = NULL};
    int good = 0, refused = 0;
    golden_open(&g, "frozen.golden");
    while (frozen_next(&g, &row)) {
        npk_doc *doc = NULL;
        npk_error error = {.offset = NPK_NO_OFFSET};
        npk_status status = npk_doc_load_memory(row.bytes.bytes, row.bytes.size, NULL, &doc, &error);
        cr_expect_str_eq(npk_status_name(status), row.expected, "%s: %s, expected %s (%s)", row.name, npk_status_name(status),
                         row.expected, status == NPK_OK ? "" : error.message);
        if (status != NPK_OK) {
            cr_expect_eq(error.offset, row.offset, "%s: at byte %llu, expected %llu", row.name, (unsigned long long)error.offset,
                         (unsigned long long)row.offset);
            refused++;
        } else {
            write_and_read(row.name, doc);
            good++;
        }
        npk_doc_free(doc);
    }
    golden_close(&g);
    cr_expect(good >= 831 && refused >= 53, "%d good, %d refused", good, refused);
}

/* What numpy.dtype() takes, and npickle does not make a dtype of. */
Test(frozen, notations_of_dtypes)
{
    golden g;
    int count = 0;
    golden_open(&g, "hostile.golden");
    for (char *line; (line = golden_line(&g)) != NULL;) {
        const char *name = golden_word(&line);
        npk_doc *doc = NULL;
        npk_error error = {.message = ""};
        golden_word(&line);
        golden_word(&line);
        golden_bytes bytes = golden_unquote(golden_word(&line));
        if (strncmp(name, "notation/", 9) == 0) {
            cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, &error), NPK_OK, "%s: %s", name,
                         error.message);
            cr_expect_not(npk_value_is_array(npk_doc_root(doc)) || npk_value_dtype(npk_doc_root(doc)) != NULL, "%s",
                          name);
            write_and_read(name, doc);
            npk_doc_free(doc);
            count++;
        }
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect(count >= 200, "%d", count);
}

/* --- edits --- */

static npk_doc *load(const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert(npk_doc_load_memory(bytes, size, NULL, &doc, &error) == NPK_OK, "%s", error.message);
    return doc;
}

#define LOAD(text) load(text, sizeof(text) - 1)

#define DTYPE_O "cnumpy\ndtype\n(U\2O8\x89\x88tR(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\077tb"
#define RECONSTRUCT "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\1btR"

/* The list of an array's items is the array's alone: an item may be set, if nothing else refers to the list, and the list is
 * placed nowhere. */
Test(frozen, items_of_an_array)
{
    npk_doc *doc = LOAD("\x80\2" RECONSTRUCT "(K\1K\1\x85" DTYPE_O "\x89]Natb.");
    npk_doc *shared = LOAD("\x80\2]Naq\0" "0(h\0" RECONSTRUCT "(K\1K\1\x85" DTYPE_O "\x89h\0tbt.");
    const npk_value *array = npk_doc_root(doc), *other = npk_value_item(npk_doc_root(shared), 1);
    npk_array view;
    npk_error error;
    cr_assert_eq(npk_array_of(array, &view, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_set(doc, view.objects, 0, array, &error), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, view.objects, array, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_remove(doc, view.objects, 0, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_root(doc, view.objects, &error), NPK_ERR_UNSUPPORTED);
    write_and_read("an array in itself", doc);
    cr_assert_eq(npk_array_of(other, &view, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_set(shared, view.objects, 0, other, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(shared, npk_value_item(view.objects, 0), other, &error), NPK_ERR_USAGE); /* None */
    write_and_read("a list with two holders", shared);
    npk_doc_free(doc);
    npk_doc_free(shared);
}

/* The list of an array's items, which holds the array and is used elsewhere: where the walk comes to the list first the array would take it empty. */
Test(frozen, items_that_hold_their_array)
{
#define ARRAY                                                                                                          \
    RECONSTRUCT "q\1(K\1K\2\x85" DTYPE_O "\x89]q\2(Nh\1"                                                               \
                "e"                                                                                                    \
                "tb"
    static const struct {
        const char *bytes;
        size_t size;
        bool written;
    } rows[] = {
#define ROW(end, written) {"\x80\2" end, sizeof("\x80\2" end) - 1, written}
        ROW(ARRAY "0h\2.", false),
        ROW(ARRAY "0h\2\x85.", false),
        ROW(ARRAY "0](h\2e.", false),
        ROW("(" ARRAY "h\2t.", true),
        ROW(ARRAY "0(h\2h\1t.", false),
        ROW("(N" ARRAY "0h\2t.", false),
        ROW(ARRAY "0(h\2t0N.", false),
        ROW(ARRAY "0(](h\2\x85"
                  "e0Nt.",
            false),
        ROW(ARRAY ".", true),
        ROW(ARRAY "0}K\1h\2s.", false),
        ROW("}(K\1" ARRAY "K\2h\2u.", true),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].bytes, rows[i].size);
        for (int protocol = 0; protocol <= 5; protocol++) {
            npk_writer *w = NULL;
            npk_error error = {.status = NPK_OK};
            uint8_t *bytes = NULL;
            size_t size;
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
            cr_expect_eq(status, rows[i].written ? NPK_OK : NPK_ERR_UNSUPPORTED, "row %zu, protocol %d: %s", i,
                         protocol, error.message);
            cr_expect(rows[i].written || strstr(error.message, "before all of its items are in it") != NULL, "%s",
                      error.message);
            if (status == NPK_OK)
                npk_bytes_free(NULL, bytes, size);
        }
        if (rows[i].written)
            write_and_read("an array in its items", doc);
        npk_doc_free(doc);
    }
#undef ARRAY
}

/* Where the dtype says what an item is, one becomes another of its kind. */
Test(frozen, items_with_a_form)
{
    npk_doc *doc = LOAD("\x80\2(" RECONSTRUCT "(K\1K\1\x85"
                        "cnumpy._core._internal\n_convert_to_stringdtype_kwargs\nK\1\x85R\x89]X\1\0\0\0aatbK\5X\1\0\0\0bt.");
    npk_array view;
    const npk_value *root = npk_doc_root(doc), *five = npk_value_item(root, 1), *text = npk_value_item(root, 2);
    npk_error error;
    cr_assert_eq(npk_array_of(npk_value_item(root, 0), &view, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_set(doc, view.objects, 0, five, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, npk_value_item(view.objects, 0), five, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_set(doc, view.objects, 0, text, &error), NPK_OK);
    write_and_read("texts", doc);
    npk_doc_free(doc);
}

/* A call that npickle keeps has taken the list too, but the edited one may be given to it. */
Test(frozen, arguments_of_a_call)
{
    npk_doc *doc = LOAD("\x80\2ccollections\ndeque\n]q\0K\1a\x85Rh\0\x86.");
    const npk_value *root = npk_doc_root(doc), *list = npk_value_item(root, 1);
    cr_expect_eq(npk_edit_list_append(doc, list, npk_value_item(list, 0), NULL), NPK_OK);
    write_and_read("a longer list", doc);
    npk_doc_free(doc);
}

/* What nothing refers to is found nowhere, also if it is to be replaced by itself. */
Test(frozen, replaced_by_itself)
{
    npk_doc *doc = LOAD("\x80\2]X\1\0\0\0aa.");
    const npk_value *list = npk_doc_root(doc), *text = npk_value_item(list, 0);
    npk_error error;
    cr_expect_eq(npk_edit_replace(doc, text, text, &error), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, list, list, &error), NPK_OK);
    cr_assert_eq(npk_edit_list_remove(doc, list, 0, NULL), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, text, text, &error), NPK_ERR_NOT_FOUND);
    npk_doc_free(doc);
}

/* One element, 2^57 times. */
Test(frozen, broadcast_array)
{
    char *text = golden_read("good-numpy-1.24-f8.pkl");
    npk_doc *doc = load(text, 231);
    static const double number = 1;
    static const int64_t shape[] = {(int64_t)1 << 28, (int64_t)1 << 29}, few[] = {3, 2}, strides[] = {0, 0};
    npk_array broadcast = NPK_ARRAY(&number, 1);
    npk_error error;
    broadcast.ndim = 2;
    broadcast.shape = shape;
    broadcast.strides = strides;
    cr_expect_eq(npk_edit_array(doc, npk_doc_root(doc), &broadcast, &error), NPK_ERR_LIMIT);
    write_and_read("as it was", doc);
    broadcast.shape = few;
    cr_expect_eq(npk_edit_array(doc, npk_doc_root(doc), &broadcast, &error), NPK_OK);
    write_and_read("six", doc);
    npk_doc_free(doc);
    free(text);
}

/* --- writers --- */

/* A persistent id, what it is, and that again: the numbers of the two are not mixed up. */
Test(frozen, persistent_id_is_shared)
{
    npk_writer *w = NULL;
    npk_doc *doc = LOAD("\x80\2]U\2idQa.");
    const npk_value *root = npk_doc_root(doc), *text = NULL;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_str(w, "text");
    cr_assert_eq(npk_edit_finish(w, &text, NULL), NPK_OK);
    cr_assert_eq(npk_edit_replace(doc, npk_value_id(npk_value_item(root, 0)), text, NULL), NPK_OK);
    cr_assert_eq(npk_edit_list_append(doc, root, npk_value_item(root, 0), NULL), NPK_OK);
    cr_assert_eq(npk_edit_list_append(doc, root, text, NULL), NPK_OK);
    write_and_read("an id", doc);
    npk_doc_free(doc);
}

/* What can't be called. */
static npk_status call_of(npk_status (*begin)(npk_writer *), int what)
{
    static const double number = 1;
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = 2};
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t reference;
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    npk_write_begin_list(w, NPK_UNKNOWN);
    npk_write_global(w, "m", "C");
    reference = npk_writer_last(w);
    begin(w);
    switch (what) {
    case 0:
        npk_write_int(w, 5);
        break;
    case 1:
        npk_write_str(w, "m.C");
        break;
    case 2:
        npk_write_begin_tuple(w, 0);
        npk_write_end(w);
        break;
    case 3:
        npk_write_bytes(w, "abc", 3); /* a call at protocol 2, but of no function */
        break;
    case 4:
        npk_write_array(w, &NPK_ARRAY(&number, 1));
        break;
    case 5:
        npk_write_again(w, reference);
        break;
    default:
        npk_write_global(w, "m", "D");
    }
    npk_write_begin_tuple(w, 0);
    npk_write_end(w);
    npk_write_end(w);
    npk_write_end(w);
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, NULL);
    npk_bytes_free(NULL, bytes, status == NPK_OK ? size : 0);
    return status;
}

Test(frozen, what_can_be_called)
{
    for (int what = 0; what < 7; what++) {
        cr_expect_eq(call_of(npk_write_begin_call, what), what < 5 ? NPK_ERR_USAGE : NPK_OK, "%d", what);
        cr_expect_eq(call_of(npk_write_begin_new, what), what < 5 ? NPK_ERR_USAGE : NPK_OK, "%d", what);
    }
}
