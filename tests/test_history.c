/* What happens in documents besides what a pickler does: written and read, of one that was edited, and of a part, it is the same. */
#include <criterion/criterion.h>
#include <npickle.h>
#include <string.h>

/* False: it was too much work. */
static bool count(const npk_value *a, const npk_value *b, uint64_t *differences)
{
    const npk_compare_options options = {.most = NPK_UNLIMITED, .work = (uint64_t)1 << 18};
    const npk_status status = npk_compare(a, b, &options, differences, NULL);
    cr_assert(status == NPK_OK || status == NPK_ERR_LIMIT);
    return status == NPK_OK;
}

/* --- one by one --- */

#define LOAD(text) load_text(text, sizeof(text) - 1, NPK_MALFORMED_REFUSE)

static npk_doc *load_text(const char *text, size_t size, npk_malformed malformed)
{
    const npk_read_options options = {.malformed = malformed};
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert_eq(npk_doc_load_memory(text, size, &options, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

/* The document that comes of a value at a protocol, until another does at the same one. */
static npk_doc *written(const npk_value *value, int protocol)
{
    static uint8_t kept[NPK_PROTOCOL_MAX + 1][200]; /* documents borrow their bytes */
    const npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_writer *w = NULL;
    npk_error error = {.message = ""};
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
    npk_write_value(w, value);
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_OK, "%s", error.message);
    cr_assert(size <= sizeof kept[0]);
    memcpy(kept[protocol], bytes, size);
    npk_bytes_free(NULL, bytes, size);
    return load_text((const char *)kept[protocol], size, NPK_MALFORMED_KEEP);
}

static void expect_kept(const npk_value *value)
{
    uint64_t there = 1, back = 1;
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        npk_doc *again = written(value, protocol);
        cr_expect(count(value, npk_doc_root(again), &there) && there == 0, "protocol %d", protocol);
        cr_expect(count(npk_doc_root(again), value, &back) && back == 0, "protocol %d, back", protocol);
        npk_doc_free(again);
    }
}

/* [C() with [1], [2]]: the list with 1 is no value of its own, and the other one, over which something is called, can't be that. */
Test(history, what_was_added_to_an_object_is_part_of_that)
{
    npk_doc *doc = LOAD("\x80\2](cm\nC\n)\x81K\1a]cm\nf\n)R0K\2ae.");
    const npk_value *root = npk_doc_root(doc), *made = NULL;
    npk_writer *w = NULL;
    npk_object object;
    npk_error error;
    cr_assert(npk_value_as_object(npk_value_item(root, 0), &object));
    cr_expect_eq(npk_edit_root(doc, object.listitems, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_append(doc, root, object.listitems, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, object.listitems, npk_value_item(root, 1), &error), NPK_ERR_UNSUPPORTED);
    expect_kept(root);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, &error), NPK_OK);
    npk_write_begin_list(w, 1);
    npk_write_value(w, npk_value_item(root, 1));
    npk_write_end(w);
    cr_assert_eq(npk_edit_finish(w, &made, &error), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, object.listitems, made, &error), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, root, made, &error), NPK_ERR_UNSUPPORTED);
    expect_kept(root);
    npk_doc_free(doc);
}

/* An object gets a key where something else is called: a state that an edit gives it comes after that, or where the one was that it had. */
Test(history, a_new_state_comes_after_what_is_late)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2](cm\nC\n)\x81q\0cm\nf\n)R]h\0K\1K\2s0K\5e."),
        ROW("\x80\2](cm\nC\n)\x81q\0cm\nf\n)R]h\0K\1K\2sK\3b0K\5e."),
        ROW("\x80\2](cm\nC\n)\x81q\0cm\nf\n)R]h\0K\3bK\1K\2s0K\5e."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
        const npk_value *root = npk_doc_root(doc);
        cr_assert_eq(npk_edit_object_state(doc, npk_value_item(root, 0), npk_value_item(root, 3), NULL), NPK_OK);
        expect_kept(root);
        npk_doc_free(doc);
    }
}

/* While two items wait for their list, it gets another one: they come behind it, also where a protocol adds them one by one. */
Test(history, what_grows_while_its_items_wait)
{
    npk_doc *doc = LOAD("\x80\2cm\nf\n)R0]q\0(K\7h\0\x86}h\0K\6a0e.");
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        npk_doc *again = written(npk_doc_root(doc), protocol);
        cr_expect_eq(npk_value_kind(npk_value_item(npk_doc_root(again), 0)), NPK_KIND_INT, "protocol %d", protocol);
        npk_doc_free(again);
    }
    expect_kept(npk_doc_root(doc));
    npk_doc_free(doc);
}

/* [[itself]], of which the inner list has no number: written alone it is in the outer one all the same, and not a list like it. */
Test(history, a_part_that_comes_again_in_itself)
{
    npk_doc *doc = LOAD("\x80\2]q\0]h\0aa.");
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        npk_doc *again = written(npk_value_item(npk_doc_root(doc), 0), protocol);
        const npk_value *part = npk_doc_root(again);
        cr_expect_eq(npk_value_item(npk_value_item(part, 0), 0), part, "protocol %d", protocol);
        npk_doc_free(again);
    }
    npk_doc_free(doc);
}

/* (f(), g(), [g(), f()]): the list alone calls g first, and npk_compare compares it as a pickle that does so. */
Test(history, a_part_calls_in_its_own_order)
{
    npk_doc *doc = LOAD("\x80\2cm\nf\n)Rq\1cm\ng\n)Rq\2](h\2h\1e\x87.");
    expect_kept(npk_value_item(npk_doc_root(doc), 2));
    npk_doc_free(doc);
}

/* What was added to an object holds the object: alone it can't be written, as it would be in it a second time. */
Test(history, what_was_added_and_holds_its_object)
{
    npk_doc *doc = LOAD("\x80\2cm\nC\n)\x81q\1h\1a.");
    npk_writer *w = NULL;
    npk_object object;
    npk_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
    cr_assert_eq(npk_writer_memory(NULL, &w, &error), NPK_OK);
    npk_write_value(w, object.listitems);
    cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    npk_doc_free(doc);
}

/* None.__new__, malformed, and a state for that, malformed too, in which a tuple of the first is: that is what is dropped, and no item of the tuple. */
Test(history, what_is_malformed_is_no_other_item)
{
    static const char text[] = "\x80\4]N)\x81q\0}U\1b(h\0tq\1sb0h\1a.";
    npk_doc *doc = load_text(text, sizeof text - 1, NPK_MALFORMED_KEEP);
    cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(doc))), 1);
    npk_doc *again = written(npk_doc_root(doc), 4);
    uint64_t differences = 1;
    cr_expect(count(npk_doc_root(doc), npk_doc_root(again), &differences) && differences == 0);
    npk_doc_free(again);
    npk_doc_free(doc);
}
