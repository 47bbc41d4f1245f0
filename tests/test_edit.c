#define _GNU_SOURCE /* memmem */
/* Documents that are changed: what was not touched comes out as it was, and what can't be is refused and changes nothing. */
#include "counted.h"
#include "golden.h"

#include <npickle.h>

static npk_doc *load(const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert(npk_doc_load_memory(bytes, size, NULL, &doc, &error) == NPK_OK, "%s", error.message);
    return doc;
}

static npk_status write_doc(const npk_doc *doc, int protocol, npk_dialect dialect, golden_bytes *out, npk_error *error)
{
    npk_writer *w = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = protocol, .dialect = dialect};
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    return npk_writer_finish_memory(w, &out->bytes, &out->size, error);
}

/* The document, written at protocol 2 in the default dialect, is these bytes. */
static void expect_bytes(const npk_doc *doc, const void *bytes, size_t size, const char *what)
{
    golden_bytes out = {NULL, 0};
    npk_error error = {.message = ""};
    cr_assert(write_doc(doc, 2, NPK_DIALECT_DEFAULT, &out, &error) == NPK_OK, "%s: %s", what, error.message);
    cr_expect(out.size == size && memcmp(out.bytes, bytes, size) == 0, "%s: %.*s", what, (int)out.size, (char *)out.bytes);
    npk_bytes_free(NULL, out.bytes, out.size);
}

#define LOAD(text) load(text, sizeof(text) - 1)
#define EXPECT_BYTES(doc, text) expect_bytes(doc, text, sizeof(text) - 1, #text)

typedef void program(npk_writer *w, const npk_value *value);

static const npk_value *make(npk_doc *doc, program *send, const npk_value *value)
{
    npk_writer *w;
    const npk_value *made = NULL;
    npk_error error;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    send(w, value);
    cr_assert(npk_edit_finish(w, &made, &error) == NPK_OK, "%s", error.message);
    return made;
}

static void send_five(npk_writer *w, const npk_value *value)
{
    (void)value;
    npk_write_int(w, 5);
}

static void send_text(npk_writer *w, const npk_value *value)
{
    (void)value;
    npk_write_str(w, "new");
}

static void send_list(npk_writer *w, const npk_value *value)
{
    npk_write_begin_list(w, value != NULL);
    if (value != NULL)
        npk_write_value(w, value);
    npk_write_end(w);
}

static void send_tuple(npk_writer *w, const npk_value *value)
{
    npk_write_begin_tuple(w, value != NULL);
    if (value != NULL)
        npk_write_value(w, value);
    npk_write_end(w);
}

/* --- by place; the bytes are those of pickle.dumps(..., 2) of CPython 3.11 --- */

Test(edit, lists)
{
    npk_doc *doc = LOAD("\x80\2]q\0(K\1K\2K\3e."); /* [1, 2, 3] */
    const npk_value *root = npk_doc_root(doc), *five = make(doc, send_five, NULL), *text = make(doc, send_text, NULL);
    cr_expect_eq(npk_edit_list_set(doc, root, 1, five, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_insert(doc, root, 0, text, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, root, text, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_remove(doc, root, 3, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2]q\0(X\3\0\0\0newq\1K\1K\5h\1e."); /* [s, 1, 5, s] */
    cr_expect_eq(npk_edit_list_set(doc, root, 4, five, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_edit_list_insert(doc, root, 5, five, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_edit_list_remove(doc, root, 4, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_edit_list_append(doc, five, five, NULL), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_list_append(doc, root, root, NULL), NPK_OK); /* in itself */
    for (int i = 0; i < 4; i++)
        cr_expect_eq(npk_edit_list_remove(doc, root, 0, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2]q\0h\0a.");
    npk_doc_free(doc);
}

Test(edit, dicts)
{
    npk_doc *doc = LOAD("\x80\2}q\0(X\1\0\0\0aq\1K\1K\1K\2u."); /* {'a': 1, 1: 2} */
    const npk_value *root = npk_doc_root(doc), *five = make(doc, send_five, NULL), *text = make(doc, send_text, NULL);
    const npk_value *list = make(doc, send_list, NULL);
    cr_expect_eq(npk_edit_dict_set(doc, root, "a", text, NULL), NPK_OK);
    cr_expect_eq(npk_edit_dict_set(doc, root, "b", five, NULL), NPK_OK);
    cr_expect_eq(npk_edit_dict_set_value(doc, root, npk_dict_key(root, 1), five, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2}q\0(X\1\0\0\0aq\1X\3\0\0\0newq\2K\1K\5X\1\0\0\0bq\3K\5u.");
    cr_expect_eq(npk_edit_dict_set_value(doc, root, list, five, NULL), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_dict_remove(doc, root, "c", NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_edit_dict_remove(doc, root, "a", NULL), NPK_OK);
    cr_expect_eq(npk_edit_dict_remove_value(doc, root, npk_dict_key(root, 0), NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2}q\0X\1\0\0\0bq\1K\5s.");
    cr_expect_eq(npk_edit_dict_set_value(doc, root, text, root, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2}q\0(X\1\0\0\0bq\1K\5X\3\0\0\0newq\2h\0u.");
    npk_doc_free(doc);
}

/* What comes to an object after its state, all of it taken out: that there was some once is no other order. */
Test(edit, taken_out_after_the_state)
{
    static const golden_bytes objects[] = {
        {(uint8_t *)"\x80\2cm\nA\n)\x81}q\0K\1K\2sb]K\3aa.", 25},
        {(uint8_t *)"\x80\2cm\nA\n)\x81}q\0K\1K\2sbK\3K\4s.", 24},
    };
    for (size_t i = 0; i < 2; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            npk_doc *doc = load(objects[i].bytes, objects[i].size);
            npk_object object;
            golden_bytes out = {NULL, 0};
            npk_error error = {.message = ""};
            uint64_t differences = 0;
            cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
            npk_status status =
                i == 0 ? npk_edit_list_remove(doc, object.listitems, 0, &error)
                       : npk_edit_dict_remove_value(doc, object.dictitems, npk_dict_key(object.dictitems, 0), &error);
            cr_assert(status == NPK_OK, "%s", error.message);
            cr_assert(write_doc(doc, protocol, NPK_DIALECT_DEFAULT, &out, &error) == NPK_OK, "%s", error.message);
            npk_doc *again = load(out.bytes, out.size);
            cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
            cr_expect_eq(differences, 0, "%zu at protocol %d", i, protocol);
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
}

/* The last pair counts, and all of them go; numbers are one key if Python says so. */
Test(edit, keys)
{
    npk_doc *doc = LOAD("\x80\2}q\0(K\1K\1G\x3f\xf0\0\0\0\0\0\0K\2\x88K\3K\2K\4u."); /* {1: 1, 1.0: 2, True: 3, 2: 4} as opcodes */
    const npk_value *root = npk_doc_root(doc), *five = make(doc, send_five, NULL);
    cr_expect_eq(npk_edit_dict_set_value(doc, root, npk_dict_key(root, 0), five, NULL), NPK_OK);
    int64_t number = 0;
    cr_expect(npk_value_as_int64(npk_dict_value(root, 2), &number) && number == 5);
    cr_expect_eq(npk_edit_dict_remove_value(doc, root, npk_dict_key(root, 1), NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2}q\0K\2K\4s.");
    npk_doc_free(doc);
    doc = LOAD("(dp1\nS'a'\nI1\ns."); /* of Python 2: keys stay its str */
    five = make(doc, send_five, NULL);
    cr_expect(npk_edit_dict_set(doc, npk_doc_root(doc), "a", five, NULL) == NPK_OK &&
              npk_edit_dict_set(doc, npk_doc_root(doc), "b", five, NULL) == NPK_OK);
    cr_expect_eq(npk_value_size(npk_doc_root(doc)), 2);
    cr_expect_eq(npk_value_kind(npk_dict_key(npk_doc_root(doc), 1)), NPK_KIND_PYTHON2_STR);
    npk_doc_free(doc);
}

Test(edit, objects)
{
    static const char bytes[] = "\x80\2c__main__\nC\nq\0)\x81q\1}q\2X\1\0\0\0aq\3K\1sb."; /* an object with a = 1 */
    npk_doc *doc = LOAD(bytes);
    const npk_value *root = npk_doc_root(doc), *five = make(doc, send_five, NULL), *text = make(doc, send_text, NULL);
    cr_expect_eq(npk_edit_attribute(doc, root, "a", five, NULL), NPK_OK);
    cr_expect_eq(npk_edit_attribute(doc, root, "b", text, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2c__main__\nC\nq\0)\x81q\1}q\2(X\1\0\0\0aq\3K\5X\1\0\0\0bq\4X\3\0\0\0newq\5ub.");
    cr_expect_eq(npk_edit_object_state(doc, root, text, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2c__main__\nC\nq\0)\x81q\1X\3\0\0\0newq\2b.");
    cr_expect_eq(npk_edit_attribute(doc, root, "a", five, NULL), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_attribute(doc, text, "a", five, NULL), NPK_ERR_TYPE);
    npk_doc_free(doc);
    doc = LOAD("\x80\2c__main__\nC\nq\0)\x81q\1."); /* without a state */
    cr_expect_eq(npk_edit_attribute(doc, npk_doc_root(doc), "a", make(doc, send_five, NULL), NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2c__main__\nC\nq\0)\x81q\1}q\2X\1\0\0\0aq\3K\5sb.");
    npk_doc_free(doc);
    doc = LOAD("\x80\2c__main__\nC\nq\0)\x81q\1N}q\2X\1\0\0\0aq\3K\1s\x86q\4b."); /* with slots */
    cr_expect_eq(npk_edit_attribute(doc, npk_doc_root(doc), "a", make(doc, send_five, NULL), NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2c__main__\nC\nq\0)\x81q\1N}q\2X\1\0\0\0aq\3K\5s\x86q\4b.");
    npk_doc_free(doc);
}

/* --- wherever the graph refers to it --- */

Test(edit, replacing)
{
    npk_doc *doc = LOAD("\x80\2]q\0(]q\1h\1h\1\x85q\2}q\3K\1h\1se."); /* x = []; [x, x, (x,), {1: x}] */
    const npk_value *x = npk_value_item(npk_doc_root(doc), 0), *text = make(doc, send_text, NULL);
    cr_expect_eq(npk_edit_replace(doc, x, text, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2]q\0(X\3\0\0\0newq\1h\1h\1\x85q\2}q\3K\1h\1se.");
    cr_expect_eq(npk_edit_replace(doc, x, text, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_edit_replace(doc, npk_dict_key(npk_value_item(npk_doc_root(doc), 3), 0), text, NULL),
                 NPK_ERR_USAGE); /* a small int */
    cr_expect_eq(npk_edit_replace(doc, npk_doc_root(doc), text, NULL), NPK_OK);
    cr_expect_eq(npk_doc_root(doc), text);
    EXPECT_BYTES(doc, "\x80\2X\3\0\0\0newq\0.");
    npk_doc_free(doc);
}

/* What an edit made is not looked into: so a value can be put into something that takes its place. */
Test(edit, wrapping)
{
    npk_doc *doc = LOAD("\x80\2]q\0(]q\1h\1e.");
    const npk_value *x = npk_value_item(npk_doc_root(doc), 0), *list = make(doc, send_list, x);
    cr_expect_eq(npk_edit_replace(doc, x, list, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2]q\0(]q\1]q\2ah\1e.");
    npk_doc_free(doc);
}

Test(edit, keys_stay_hashable)
{
    static const char bytes[] = "\x80\2}q\0X\1\0\0\0aq\1\x85q\2\x85q\3K\1s."; /* {(('a',),): 1} */
    npk_doc *doc = LOAD(bytes);
    const npk_value *key = npk_dict_key(npk_doc_root(doc), 0), *a = npk_value_item(npk_value_item(key, 0), 0);
    const npk_value *list = make(doc, send_list, NULL), *text = make(doc, send_text, NULL), *tuple = make(doc, send_tuple, list);
    npk_error error;
    cr_expect_eq(npk_edit_replace(doc, a, list, &error), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_replace(doc, a, tuple, &error), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_replace(doc, key, list, &error), NPK_ERR_TYPE);
    EXPECT_BYTES(doc, bytes);
    cr_expect_eq(npk_edit_replace(doc, a, text, &error), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2}q\0X\3\0\0\0newq\1\x85q\2\x85q\3K\1s.");
    cr_expect_eq(npk_edit_dict_set_value(doc, npk_doc_root(doc), tuple, text, &error), NPK_ERR_TYPE);
    npk_doc_free(doc);
    doc = LOAD("\x80\2]q\0]q\1\x85q\2a."); /* [([],)]: hashable once the list has gone */
    tuple = npk_value_item(npk_doc_root(doc), 0);
    cr_expect_eq(npk_edit_replace(doc, npk_value_item(tuple, 0), make(doc, send_text, NULL), NULL), NPK_OK);
    const npk_value *dict = npk_doc_root(doc);
    npk_writer *w;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_begin_dict(w, 0);
    npk_write_end(w);
    cr_assert_eq(npk_edit_finish(w, &dict, NULL), NPK_OK);
    cr_expect_eq(npk_edit_dict_set_value(doc, dict, tuple, tuple, NULL), NPK_OK);
    npk_doc_free(doc);
}

Test(edit, cycles)
{
    npk_doc *doc = LOAD("\x80\2]q\0X\1\0\0\0aq\1\x85q\2\x85q\3a."); /* [(('a',),)] */
    const npk_value *outer = npk_value_item(npk_doc_root(doc), 0), *a = npk_value_item(npk_value_item(outer, 0), 0);
    cr_expect_eq(npk_edit_replace(doc, a, outer, NULL), NPK_ERR_USAGE); /* a tuple in itself */
    EXPECT_BYTES(doc, "\x80\2]q\0X\1\0\0\0aq\1\x85q\2\x85q\3a.");
    cr_expect_eq(npk_edit_replace(doc, a, npk_doc_root(doc), NULL), NPK_OK); /* with a list between */
    EXPECT_BYTES(doc, "\x80\2]q\0h\0\x85q\1\x85q\2a.");
    npk_doc_free(doc);
}

/* A set that a call made is made of its new items. */
Test(edit, sets_by_call)
{
    npk_doc *doc = LOAD("\x80\2c__builtin__\nset\nq\0]q\1(X\1\0\0\0aq\2X\1\0\0\0bq\3e\x85q\4Rq\5.");
    npk_error error;
    cr_expect(npk_edit_replace(doc, npk_value_item(npk_doc_root(doc), 0), make(doc, send_text, NULL), &error) == NPK_OK,
              "%s", error.message);
    EXPECT_BYTES(doc, "\x80\2c__builtin__\nset\nq\0]q\1(X\3\0\0\0newq\2X\1\0\0\0bq\3e\x85q\4Rq\5.");
    cr_expect_eq(npk_edit_replace(doc, npk_value_item(npk_doc_root(doc), 1), make(doc, send_list, NULL), &error),
                 NPK_ERR_TYPE);
    npk_doc_free(doc);
}

Test(edit, parts_of_objects)
{
    npk_doc *doc = LOAD("\x80\2cmodule\nC\nq\0X\1\0\0\0aq\1\x85q\2Rq\3."); /* C('a') */
    npk_object object;
    cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
    const npk_value *text = make(doc, send_text, NULL), *tuple = make(doc, send_tuple, text);
    cr_expect_eq(npk_edit_replace(doc, object.args, text, NULL), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_replace(doc, object.callable, text, NULL), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_replace(doc, object.args, tuple, NULL), NPK_OK);
    EXPECT_BYTES(doc, "\x80\2cmodule\nC\nq\0X\3\0\0\0newq\1\x85q\2Rq\3.");
    npk_doc_free(doc);
}

/* --- what is refused --- */

Test(edit, depth)
{
    npk_read_options options = {.limits.depth = 3};
    npk_doc *doc;
    cr_assert_eq(npk_doc_load_memory("\x80\2]q\0]q\1a.", 10, &options, &doc, NULL), NPK_OK);
    const npk_value *inner = npk_value_item(npk_doc_root(doc), 0), *one = make(doc, send_list, NULL),
                    *two = make(doc, send_list, one);
    cr_expect_eq(npk_edit_list_append(doc, inner, two, NULL), NPK_ERR_LIMIT);
    EXPECT_BYTES(doc, "\x80\2]q\0]q\1a.");
    cr_expect_eq(npk_edit_list_append(doc, inner, make(doc, send_five, NULL), NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_set(doc, inner, 0, one, NULL), NPK_OK); /* 3 deep */
    cr_expect_eq(npk_edit_replace(doc, one, two, NULL), NPK_ERR_LIMIT);
    EXPECT_BYTES(doc, "\x80\2]q\0]q\1]q\2aa.");
    for (int i = 0; i < 10; i++)
        cr_expect_eq(npk_edit_list_append(doc, npk_doc_root(doc), npk_doc_root(doc), NULL),
                     NPK_OK); /* no deeper for that */
    cr_expect_eq(npk_edit_list_append(doc, one, two, NULL), NPK_ERR_LIMIT); /* what was refused before has left nothing behind */
    npk_doc_free(doc);
}

Test(edit, memory_limit)
{
    npk_read_options options = {.limits.memory = 20000};
    npk_doc *doc;
    cr_assert_eq(npk_doc_load_memory("\x80\2]q\0.", 6, &options, &doc, NULL), NPK_OK);
    const npk_value *five = make(doc, send_five, NULL);
    npk_status status = NPK_OK;
    size_t count = 0;
    npk_error error;
    for (; status == NPK_OK && count < 5000; count++)
        status = npk_edit_list_append(doc, npk_doc_root(doc), five, &error);
    cr_expect(status == NPK_ERR_LIMIT && count > 100, "%s after %zu", npk_status_name(status), count);
    cr_expect_eq(npk_value_size(npk_doc_root(doc)), count - 1);
    npk_doc_free(doc);
}

Test(edit, values_of_other_documents)
{
    npk_doc *doc = LOAD("\x80\2]q\0."), *other = LOAD("\x80\2]q\0.");
    cr_expect_eq(npk_edit_list_append(doc, npk_doc_root(doc), npk_doc_root(other), NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_edit_list_append(doc, npk_doc_root(other), npk_doc_root(doc), NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_edit_root(doc, npk_doc_root(other), NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_edit_replace(doc, npk_doc_root(other), npk_doc_root(doc), NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_edit_list_append(doc, npk_doc_root(doc), NULL, NULL), NPK_ERR_USAGE);
    EXPECT_BYTES(doc, "\x80\2]q\0.");
    npk_doc_free(other);
    npk_doc_free(doc);
}

/* --- arrays --- */

static bool is_plain(const npk_array *array)
{
    return !npk_dtype_has_object(array->dtype);
}

/* Each array of the document becomes what `change` makes of it; returns how many. */
static int each_array(npk_doc *doc, npk_status (*change)(npk_doc *, const npk_value *, const npk_array *, npk_error *))
{
    const npk_value *arrays[64], *value;
    size_t count = 0;
    npk_walk *walk;
    npk_array a;
    npk_error error;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        if (count < 64 && npk_array_of(value, &a, NULL) == NPK_OK && is_plain(&a))
            arrays[count++] = value;
    npk_walk_free(walk);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(npk_array_of(arrays[i], &a, NULL), NPK_OK);
        cr_assert(change(doc, arrays[i], &a, &error) == NPK_OK, "%s", error.message);
    }
    return (int)count;
}

/* The view itself, as it is encoded. */
static npk_status set_itself(npk_doc *doc, const npk_value *value, const npk_array *a, npk_error *error)
{
    return npk_edit_array(doc, value, a, error);
}

/* Other elements, then a copy of the old ones, which lies in C order: every part but the bytes of none or one is made anew. */
static npk_status set_twice(npk_doc *doc, const npk_value *value, const npk_array *a, npk_error *error)
{
    size_t size = (size_t)npk_array_nbytes(a);
    uint8_t *old = malloc(size + 1), *other = malloc(size + 1);
    cr_assert(npk_array_copy(a, 'C', old, size, NULL) == NPK_OK);
    for (size_t i = 0; i < size; i++)
        other[i] = (uint8_t)~old[i];
    npk_array now = {.dtype = a->dtype, .data = other, .ndim = a->ndim, .shape = a->shape};
    npk_status status = size > 1 ? npk_edit_array(doc, value, &now, error) : NPK_OK;
    npk_array found;
    if (status == NPK_OK && size > 1) {
        cr_assert_eq(npk_array_of(value, &found, NULL), NPK_OK);
        uint8_t *read = malloc(size);
        npk_type type = npk_dtype_type(a->dtype);
        bool padded = type == NPK_FLOAT96 || type == NPK_FLOAT128 || type == NPK_COMPLEX192 || type == NPK_COMPLEX256;
        cr_expect(npk_array_copy(&found, 'C', read, size, NULL) == NPK_OK &&
                  (padded || memcmp(read, other, size) == 0));
        free(read);
    }
    now.data = old;
    if (status == NPK_OK)
        status = npk_edit_array(doc, value, &now, error);
    free(old);
    free(other);
    return status;
}

static void change_all(const char *file, npk_dialect dialect, int expected_arrays)
{
    golden g;
    int arrays = 0, protocol;
    golden_bytes pickle;
    golden_open(&g, file);
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle))
            for (int way = 0; way < 2; way++) {
                npk_doc *doc = load(pickle.bytes, pickle.size);
                golden_bytes out = {NULL, 0};
                npk_error error = {.message = ""};
                arrays += each_array(doc, way == 0 ? set_itself : set_twice);
                cr_assert(write_doc(doc, protocol, dialect, &out, &error) == NPK_OK, "%s: %s", g.name, error.message);
                cr_expect(out.size == pickle.size && memcmp(out.bytes, pickle.bytes, out.size) == 0, "%s %s at %d, way %d", file,
                          g.name, protocol, way);
                npk_bytes_free(NULL, out.bytes, out.size);
                npk_doc_free(doc);
            }
    golden_close(&g);
    cr_expect_eq(arrays, 2 * expected_arrays, "%s: %d", file, arrays);
}

/* An equal array gives the bytes that there were. */
Test(edit, equal_arrays_of_numpy1)
{
    change_all("plain-numpy1.golden", NPK_DIALECT_DEFAULT, 3246);
}

Test(edit, equal_arrays_of_numpy2)
{
    change_all("plain-numpy2.golden", NPK_DIALECT_NUMPY2, 3246);
}

Test(edit, equal_arrays_of_python2)
{
    change_all("plain-python2.golden", NPK_DIALECT_PYTHON2, 1623);
}

Test(edit, equal_arrays_among_values)
{
    change_all("mixed-numpy1.golden", NPK_DIALECT_DEFAULT, 654);
    change_all("mixed-numpy2.golden", NPK_DIALECT_NUMPY2, 654);
}

/* How something was done is not changed by itself: the states of an object, what was dropped over it, the name that INST has. */
Test(edit, what_pickles_did)
{
    npk_doc *doc = LOAD("((itr\nA\nctr\nf\n(tRt.");
    const npk_value *object = npk_value_item(npk_doc_root(doc), 1);
    npk_object of;
    cr_assert(npk_value_as_object(npk_value_item(npk_doc_root(doc), 0), &of));
    cr_expect_eq(npk_edit_replace(doc, of.callable, object, NULL), NPK_ERR_TYPE);
    npk_doc_free(doc);
    doc = LOAD("\x80\2ctr\nB\n)\x81]bK\1bctr\nf\n)R0.");
    cr_assert(npk_value_as_object(npk_doc_root(doc), &of));
    cr_expect_eq(npk_edit_list_remove(doc, of.later, 0, NULL), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, of.later, of.state, NULL), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_insert(doc, npk_value_calls(npk_doc_root(doc)), 0, of.state, NULL), NPK_ERR_UNSUPPORTED);
    EXPECT_BYTES(doc, "\x80\2ctr\nB\n)\x81]bK\1bctr\nf\n)R0.");
    npk_doc_free(doc);
}

/* What was made and dropped stands nowhere: [f()], and before it g([]), dropped over the list. Its parts may change. */
Test(edit, calls_that_were_dropped)
{
    static const char pickle[] = "](cm\ng\n(]tR0cm\nf\n)Re.";
    npk_doc *doc;
    npk_writer *w;
    const npk_value *made;
    npk_object call;
    npk_error error;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, NULL), NPK_OK);
    const npk_value *root = npk_doc_root(doc), *dropped = npk_value_item(npk_value_calls(root), 0);
    cr_assert(npk_value_as_object(dropped, &call));
    cr_expect_eq(npk_edit_list_append(doc, root, dropped, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_root(doc, dropped, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_begin_list(w, 1);
    npk_write_value(w, dropped);
    npk_write_end(w);
    cr_expect_eq(npk_edit_finish(w, &made, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_append(doc, npk_value_item(call.args, 0), npk_value_item(call.args, 0), &error), NPK_OK);
    cr_expect_eq(npk_value_events(root), 1);
    made = make(doc, send_list, root); /* in the place of g([]): then it was dropped too */
    cr_expect_eq(npk_edit_replace(doc, dropped, made, &error), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, root, made, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, made, npk_value_item(root, 0), &error), NPK_OK); /* f(), which is made anyway */
    cr_expect_eq(npk_value_events(root), 0);
    npk_doc_free(doc);
}

/* What was dropped before the root was begun is the document's: with another root it happens all the same. */
Test(edit, calls_before_another_root)
{
    static const char pickle[] = "cm\ng\n)R0K\1.";
    static const char *const others[] = {"a list", "an int", "the root in a list"};
    for (size_t i = 0; i < 3; i++) {
        npk_doc *doc;
        npk_writer *w;
        const npk_value *other;
        uint8_t *bytes;
        size_t size;
        const npk_write_options options = {.memo = NPK_MEMO_MINIMAL};
        cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
        if (i == 1)
            npk_write_int(w, 5);
        else
            npk_write_begin_list(w, NPK_UNKNOWN);
        if (i == 2)
            npk_write_value(w, npk_doc_root(doc));
        if (i != 1)
            npk_write_end(w);
        cr_assert_eq(npk_edit_finish(w, &other, NULL), NPK_OK);
        cr_assert_eq(npk_edit_root(doc, other, NULL), NPK_OK);
        cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(doc))), 1, "%s", others[i]);
        cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, NULL), NPK_OK);
        cr_expect(memmem(bytes, size, "cm\ng\n)R0", 8) != NULL, "%s", others[i]);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

/* The root goes into what was dropped before it: g(root), [root] dropped. There it stands without what belongs to the document. */
Test(edit, the_root_in_a_call_before_it)
{
    static const struct {
        const char *pickle;
        size_t size;
        bool refused; /* it would hold itself through the call */
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1, false}
        ROW("cm\ng\n)R0K\1."),
        ROW("cm\ng\n)R0N."),
        ROW("cm\ng\n)R0F0.5\n."),
        ROW("cm\ng\n)R0\x82\5."),
        ROW("cm\ng\n)R0cm\nh\n."),
        ROW("cm\ng\n)R0X\3\0\0\0abc."),
        ROW("X\3\0\0\0abcq\0000cm\ng\nh\0\x85R0h\0."),
        ROW("cm\ng\n)R0]."),
        {"cm\ng\n)R0).", 10, true},
        ROW("cm\ng\n)R0cm\nh\n)R."),
#undef ROW
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        const size_t row = i / 2;
        npk_doc *doc = NULL, *again = NULL;
        npk_object call;
        npk_error error = {.message = ""};
        golden_bytes out;
        uint64_t differences;
        cr_assert_eq(npk_doc_load_memory(rows[row].pickle, rows[row].size, NULL, &doc, &error), NPK_OK, "%zu: %s", row,
                     error.message);
        const npk_value *dropped = npk_value_item(npk_value_calls(npk_doc_root(doc)), 0);
        cr_assert(npk_value_as_object(dropped, &call));
        const npk_value *old = i % 2 == 0 ? call.args : dropped,
                        *new = make(doc, i % 2 == 0 ? send_tuple : send_list, npk_doc_root(doc));
        npk_status status = npk_edit_replace(doc, old, new, &error);
        cr_expect_eq(status, rows[row].refused && i % 2 == 0 ? NPK_ERR_USAGE : NPK_OK, "%zu: %s", i, error.message);
        cr_assert_eq(write_doc(doc, 2, NPK_DIALECT_DEFAULT, &out, &error), NPK_OK, "%zu: %s", i, error.message);
        cr_assert_eq(npk_doc_load_memory(out.bytes, out.size, NULL, &again, &error), NPK_OK, "%zu: %s", i,
                     error.message);
        cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0, "%zu", i);
        cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(again))), 1, "%zu", i);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(again);
        npk_doc_free(doc);
    }
}

/* Two objects of a class that gives NumPy's state as its own. In another object, or in what that is made of, an array would be found by
 * the same state; an array itself may stand anywhere. */
Test(edit, the_state_of_an_array_stays_with_it)
{
#define STATE                                                                                                          \
    "(K\1(K\1tcnumpy\ndtype\n(X\2\0\0\0"                                                                               \
    "f8K\0K\1tR(K\3X\1\0\0\0<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89"                                           \
    "C\010"                                                                                                            \
    "00000000tX\4\0\0\0here\206b"
    npk_doc *doc = LOAD("](cm\nKept\n)R" STATE "cm\nKept\n(K\5tR" STATE "e.");
#undef STATE
    npk_object first, second;
    npk_error error;
    npk_writer *w;
    const npk_value *root = npk_doc_root(doc), *made;
    cr_assert(npk_value_as_object(npk_value_item(root, 0), &first) &&
              npk_value_as_object(npk_value_item(root, 1), &second));
    cr_assert(npk_value_is_array(npk_value_item(root, 0)) && npk_value_is_array(npk_value_item(root, 1)));
    const npk_value *state = npk_value_item(first.state, 0);
    cr_expect_eq(npk_edit_replace(doc, second.args, state, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, second.args, first.state, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_str_eq(error.message, "the state of an array that a class has made its own is part of that alone");
    cr_expect_eq(npk_edit_list_append(doc, root, state, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    send_list(w, state);
    cr_expect_eq(npk_edit_finish(w, &made, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_append(doc, root, npk_value_item(root, 0), &error), NPK_OK);
    npk_doc_free(doc);
}

/* --- other arrays: tests/gen/edit.py --- */

static void change_as_python(const char *file, npk_dialect dialect, int expected)
{
    golden g;
    int equal = 0, protocol;
    golden_bytes pickle, before[GOLDEN_PROTOCOLS] = {{NULL, 0}};
    golden_open(&g, file);
    while (golden_case(&g)) {
        bool first = strstr(g.name, "/before") != NULL;
        while (golden_pickle(&g, &protocol, &pickle)) {
            if (first) {
                before[protocol].size = 0;
                golden_add(&before[protocol], pickle.bytes, pickle.size);
                continue;
            }
            npk_doc *doc = load(before[protocol].bytes, before[protocol].size), *after = load(pickle.bytes, pickle.size);
            npk_array array;
            golden_bytes out = {NULL, 0};
            npk_error error = {.message = ""};
            const npk_value *a = npk_dict_get(npk_doc_root(doc), "a");
            cr_assert_eq(npk_array_of(npk_dict_get(npk_doc_root(after), "a"), &array, NULL), NPK_OK);
            cr_assert(npk_edit_array(doc, a, &array, &error) == NPK_OK, "%s at %d: %s", g.name, protocol,
                      error.message);
            npk_doc_free(after);
            cr_assert(write_doc(doc, protocol, dialect, &out, &error) == NPK_OK, "%s at %d: %s", g.name, protocol, error.message);
            /* Where there were no bytes there was no call of _codecs.encode: the new one does not share its name. */
            bool same = out.size == pickle.size && memcmp(out.bytes, pickle.bytes, out.size) == 0;
            cr_expect(same || (strcmp(g.name, "from-none/after") == 0 && protocol < 3), "%s %s at %d", file, g.name, protocol);
            equal += same;
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
    }
    for (int i = 0; i < GOLDEN_PROTOCOLS; i++)
        free(before[i].bytes);
    golden_close(&g);
    cr_expect_eq(equal, expected, "%s: %d", file, equal);
}

Test(edit, arrays_as_python_changes_them)
{
    change_as_python("edit-numpy1.golden", NPK_DIALECT_DEFAULT, 18 * 6 - 3);
    change_as_python("edit-numpy2.golden", NPK_DIALECT_NUMPY2, 18 * 6 - 3);
}

/* --- arrays that become what Python had no occasion for --- */

/* [array, array] of numpy.matrix, the same one: NumPy 1.26, protocol 2. */
#define MATRIX_HEAD "\x80\2]q\0(cnumpy.core.multiarray\n_reconstruct\nq\1cnumpy\nmatrix\nq\2K\0\x85q\3c_codecs\nencode\nq\4" \
    "X\1\0\0\0bq\5X\6\0\0\0latin1q\6\x86q\7Rq\x08\x87q\tRq\n(K\1K\1K\2\x86q\x0b"                                \
    "cnumpy\ndtype\nq\x0cX\2\0\0\0i1q\r\x89\x88\x87q\x0eRq\x0f(K\3X\1\0\0\0|q\x10NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x11" "b"
#define MATRIX MATRIX_HEAD "\x89h\4X\2\0\0\0\1\2q\x12h\6\x86q\x13Rq\x14tq\x15" "bh\ne."

Test(edit, another_dtype)
{
    static const double numbers[2][2] = {{1.5, 2}, {3, 4}};
    npk_doc *doc = LOAD(MATRIX);
    const npk_value *first = npk_value_item(npk_doc_root(doc), 0);
    npk_array a, before;
    npk_error error;
    cr_assert_eq(npk_array_of(first, &before, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        for (int numpy2 = 0; numpy2 < 2; numpy2++) {
            golden_bytes out;
            cr_assert(npk_edit_array(doc, first, &NPK_ARRAY(&numbers[0][0], 2, 2), &error) == NPK_OK, "%s",
                      error.message);
            cr_assert_eq(write_doc(doc, protocol, numpy2 ? NPK_DIALECT_NUMPY2 : NPK_DIALECT_DEFAULT, &out, &error), NPK_OK);
            npk_doc *again = load(out.bytes, out.size);
            const npk_value *found = npk_value_item(npk_doc_root(again), 0);
            cr_assert_eq(npk_array_of(found, &a, NULL), NPK_OK);
            double read[4];
            cr_expect(npk_value_item(npk_doc_root(again), 1) == found &&
                      strcmp(npk_array_class(found), "numpy.matrix") == 0);
            cr_expect(npk_dtype_type(a.dtype) == NPK_FLOAT64 && a.ndim == 2 && a.shape[0] == 2 && a.shape[1] == 2);
            cr_expect(npk_array_copy(&a, 'C', read, sizeof read, NULL) == NPK_OK &&
                      memcmp(read, numbers, sizeof read) == 0);
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
    cr_expect(npk_dtype_type(before.dtype) == NPK_INT8 && ((const uint8_t *)before.data)[1] == 2); /* a view shows what it showed */
    npk_doc_free(doc);
}

/* [numpy.array([1, 'a'], dtype=object)], NumPy 1.26, protocol 4; pickletools.optimize */
#define OBJECTS                                                                                                                    \
    "\x80\4\x95\x7d\0\0\0\0\0\0\0]\x8c\x15numpy.core.multiarray\x8c\x0c_reconstruct\x93\x8c\5numpy\x94\x8c\7ndarray\x93K\0\x85" "C\1b\x87R" \
    "(K\1K\2\x85h\0\x8c\5dtype\x93\x8c\2O8\x89\x88\x87R(K\3\x8c\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89](K\1\x8c\1aetba."

Test(edit, arrays_of_objects)
{
    npk_doc *doc = LOAD(OBJECTS);
    const npk_value *array = npk_value_item(npk_doc_root(doc), 0), *text = make(doc, send_text, NULL),
                    *list = make(doc, send_list, NULL);
    npk_array a;
    npk_object object;
    npk_error error;
    static const double numbers[2] = {1, 2};
    cr_assert_eq(npk_array_of(array, &a, NULL), NPK_OK);
    cr_assert(npk_value_as_object(array, &object));
    cr_expect_eq(npk_edit_list_append(doc, a.objects, text, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_remove(doc, a.objects, 0, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_array(doc, array, &NPK_ARRAY(numbers, 2), &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_object_state(doc, array, text, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_list_set(doc, a.objects, 0, list, &error), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, npk_value_item(a.objects, 1), text, &error), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, npk_value_item(object.state, 1), text, &error),
                 NPK_ERR_NOT_FOUND); /* its shape is no place */
    golden_bytes out;
    cr_assert_eq(write_doc(doc, 4, NPK_DIALECT_DEFAULT, &out, &error), NPK_OK);
    npk_doc *again = load(out.bytes, out.size);
    cr_assert_eq(npk_array_of(npk_value_item(npk_doc_root(again), 0), &a, NULL), NPK_OK);
    size_t size;
    cr_expect(npk_value_kind(npk_value_item(a.objects, 0)) == NPK_KIND_LIST &&
              strncmp(npk_value_as_str(npk_value_item(a.objects, 1), &size), "new", 3) == 0);
    npk_doc_free(again);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
}

Test(edit, arrays_refused)
{
    static const double numbers[3] = {1, 2, 3};
    npk_doc *doc = LOAD(MATRIX);
    npk_error error;
    const npk_dtype *dtype;
    npk_array bad = NPK_ARRAY(numbers, 3);
    bad.data = NULL;
    cr_expect_eq(npk_edit_array(doc, npk_doc_root(doc), &NPK_ARRAY(numbers, 3), &error), NPK_ERR_TYPE);
    cr_expect_eq(npk_edit_array(doc, npk_value_item(npk_doc_root(doc), 0), &bad, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_dtype_parse("O", NULL, &dtype, NULL), NPK_OK);
    cr_expect_eq(npk_edit_array(doc, npk_value_item(npk_doc_root(doc), 0),
                                &(npk_array){.dtype = dtype, .data = numbers}, &error),
                 NPK_ERR_UNSUPPORTED);
    npk_dtype_free(dtype);
    EXPECT_BYTES(doc, MATRIX);
    npk_doc_free(doc);
}

/* [array.array('h', [1, 2])] of Python 2: another array.array takes its place. */
Test(edit, pyarrays)
{
    static const int16_t numbers[] = {3, -4, 5};
    static const char before[] = "\x80\2](carray\narray\nq\1U\1h](K\1K\2e\x86Re.", after[] = "\x80\2](carray\narray\nq\1U\1h](K\3J\xfc\xff\xff\xffK\5e\x86Re.";
    npk_doc *doc = LOAD(before);
    npk_writer *w;
    npk_error error;
    const npk_value *made, *old = npk_value_item(npk_doc_root(doc), 0);
    cr_expect_eq(npk_edit_array(doc, old, &NPK_ARRAY(numbers, 3), &error), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_pyarray(w, 'h', NPK_PYARRAY_LIST, &NPK_ARRAY(numbers, 3));
    cr_assert_eq(npk_edit_finish(w, &made, NULL), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, old, made, &error), NPK_OK);
    golden_bytes out;
    cr_assert_eq(write_doc(doc, 2, NPK_DIALECT_PYTHON2, &out, &error), NPK_OK);
    npk_doc *again = load(out.bytes, out.size), *wanted = LOAD(after);
    npk_array a, b;
    int16_t left[3], right[3];
    cr_assert_eq(npk_array_of(npk_value_item(npk_doc_root(again), 0), &a, NULL), NPK_OK);
    cr_assert_eq(npk_array_of(npk_value_item(npk_doc_root(wanted), 0), &b, NULL), NPK_OK);
    cr_assert(npk_array_count(&a) == 3 && npk_array_count(&b) == 3);
    cr_assert_eq(NPK_ARRAY_READ_AS(&a, NPK_CAST_SAFE, left, 3, NULL), NPK_OK);
    cr_assert_eq(NPK_ARRAY_READ_AS(&b, NPK_CAST_SAFE, right, 3, NULL), NPK_OK);
    cr_expect_eq(memcmp(left, right, sizeof left), 0);
    npk_doc_free(again);
    npk_doc_free(wanted);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
}

/* A mask fits its array, before and after. */
Test(edit, masks)
{
    golden g;
    int protocol;
    golden_bytes pickle;
    static const double numbers[4] = {1, 2, 3, 4};
    golden_open(&g, "edit-numpy1.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle))
            if (strcmp(g.name, "masked/before") == 0) {
                npk_doc *doc = load(pickle.bytes, pickle.size);
                golden_bytes out;
                npk_error error;
                cr_expect_eq(npk_edit_array(doc, npk_dict_get(npk_doc_root(doc), "a"), &NPK_ARRAY(numbers, 4), &error),
                             NPK_ERR_ARRAY);
                cr_assert_eq(write_doc(doc, protocol, NPK_DIALECT_DEFAULT, &out, &error), NPK_OK);
                cr_expect(out.size == pickle.size && memcmp(out.bytes, pickle.bytes, out.size) == 0);
                npk_bytes_free(NULL, out.bytes, out.size);
                npk_doc_free(doc);
            }
    golden_close(&g);
}

/* The fill value 'N' is no number: NumPy's array would not load. */
Test(edit, fill_values)
{
    static const char pickle[] =
        "cnumpy.ma.core\n_mareconstruct\n(cnumpy.ma.core\nMaskedArray\ncnumpy\nndarray\np0\n(I0\ntVb\ntR(I1\n(I2\ntcnumpy\n"
        "dtype\n(VU1\nI00\nI01\ntRp1\n(I3\nV<\nNNNI4\nI4\nI8\ntbI00\nc_codecs\nencode\np2\n(Va\\u0000\\u0000\\u0000b\\u0000\\u0000"
        "\\u0000\nVlatin1\np3\ntRg2\n(V\\u0000\001\ng3\ntRcnumpy.core.multiarray\n_reconstruct\n(g0\n(I0\ntg2\n(Vb\ng3\ntRtR("
        "I1\n(tg1\nI00\ng2\n(VN\\u0000\\u0000\\u0000\ng3\ntRtbtb.";
    static const double numbers[2] = {1, 2};
    static const char letters[3] = "xy";
    static const int64_t two[1] = {2};
    npk_doc *doc = LOAD(pickle);
    const npk_dtype *s1 = NULL;
    npk_error error = {.message = ""};
    golden_bytes out = {NULL, 0};
    cr_assert_eq(npk_dtype_parse("S1", NULL, &s1, NULL), NPK_OK);
    const npk_array texts = {.dtype = s1, .data = (void *)(uintptr_t)letters, .ndim = 1, .shape = two};
    cr_expect_eq(npk_edit_array(doc, npk_doc_root(doc), &NPK_ARRAY(numbers, 2), &error), NPK_ERR_UNSUPPORTED);
    cr_expect(strstr(error.message, "kind 'U' is none of kind 'f'") != NULL, "%s", error.message);
    cr_expect_eq(npk_edit_array(doc, npk_doc_root(doc), &texts, &error), NPK_OK, "%s", error.message);
    cr_expect_eq(write_doc(doc, 2, NPK_DIALECT_DEFAULT, &out, &error), NPK_OK);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_dtype_free(s1);
    npk_doc_free(doc);
}

/* A call that npickle knows and that stays one for what is dropped over its arguments: put into an argument before these, what was dropped is only fetched
 * there. */
Test(edit, what_was_dropped_comes_before)
{
    npk_doc *doc = LOAD("\x80\2](c__builtin__\nset\nX\1\0\0\0x](K\1cm\nC\n)Rq\4"
                        "0K\2e\x86R]h\4ae.");
    const npk_value *root = npk_doc_root(doc), *set = npk_value_item(root, 0), *holder = npk_value_item(root, 1);
    npk_object object;
    npk_error error = {.status = NPK_OK};
    cr_assert(npk_value_as_object(set, &object) && npk_value_events(npk_value_item(object.args, 1)) > 0);
    for (int protocol = 0; protocol <= 5; protocol++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%s", error.message);
        npk_bytes_free(NULL, bytes, size);
    }
    cr_assert_eq(npk_edit_replace(doc, npk_value_item(object.args, 0), holder, &error), NPK_OK, "%s", error.message);
    for (int protocol = 0; protocol <= 5; protocol++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        const npk_write_options options = {.protocol_given = true, .protocol = protocol};
        cr_expect_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_ERR_UNSUPPORTED, "protocol %d",
                     protocol);
        cr_expect(strstr(error.message, "that is there no more") != NULL, "%s", error.message);
    }
    npk_doc_free(doc);
}

static void send_part(npk_writer *w, const npk_value *value)
{
    npk_write_value(w, value);
}

/* The names of a document as it is written at a protocol. */
static void names_at(const npk_doc *doc, int protocol, char *out, size_t room)
{
    golden_bytes bytes = {NULL, 0};
    npk_error error = {.message = ""};
    npk_name name;
    const npk_value *global;
    size_t used = 0;
    const npk_status status = write_doc(doc, protocol, NPK_DIALECT_DEFAULT, &bytes, &error);
    if (status == NPK_ERR_UNSUPPORTED) {
        snprintf(out, room, "taken for another");
        cr_expect(protocol < 3 && strstr(error.message, "Python 3 takes Queue.Queue for ") != NULL, "%s",
                  error.message);
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s", error.message);
    npk_doc *again = load(bytes.bytes, bytes.size);
    for (size_t i = 0; (global = npk_doc_global(again, i)) != NULL; i++) {
        cr_assert(npk_value_as_global(global, &name.module, &name.module_size, &name.name, &name.name_size));
        used += (size_t)snprintf(out + used, room - used, "%.*s.%.*s ", (int)name.module_size, name.module, (int)name.name_size,
                                 name.name);
    }
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes.bytes, bytes.size);
}

/* What a name means is what it meant in the pickle that a part comes from, whatever the protocols are. */
Test(edit, names_of_parts_of_other_documents)
{
    static const char *const parts[] = {"c__builtin__\nmap\n.",
                                        "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.",
                                        "c__builtin__\nslice\n(NI1\nNtR.",
                                        "(iUserList\nUserList\np0\n(dVa\nI1\nsb.",
                                        "(cUserDict\nUserDict\no.",
                                        "(cQueue\nQueue\np0\ng0\nl.",
                                        "\x80\4\x8c\10builtins\x8c\3map\x93.",
                                        "\x80\4\x8c\5Queue\x8c\5Queue\x93."};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (int into = 0; into < 2; into++)
            for (int protocol = 2; protocol <= 4; protocol++) {
                char expected[300] = "", found[300] = "";
                npk_doc *part = load(parts[i], strlen(parts[i])), *doc = into == 0 ? LOAD("(Nl.") : LOAD("\x80\4]Na.");
                names_at(part, protocol, expected, sizeof expected);
                cr_assert_eq(npk_edit_list_set(doc, npk_doc_root(doc), 0, make(doc, send_part, npk_doc_root(part)), NULL),
                             NPK_OK);
                names_at(doc, protocol, found, sizeof found);
                cr_expect_str_eq(found, expected, "%s into %d at protocol %d: %s, not %s", parts[i], into, protocol, found,
                                 expected);
                npk_doc_free(doc);
                npk_doc_free(part);
            }
}

/* The bools of a mask lie as the elements do: in Fortran order another shape would give them to other elements. */
Test(edit, mask_in_fortran_order)
{
    double numbers[6] = {0, 1, 2, 3, 4, 5};
    uint8_t bools[6] = {1, 0, 0, 0, 1, 0};
    const int64_t shapes[4][2] = {{2, 3}, {3, 2}, {6, 1}, {1, 6}};
    for (int fortran = 0; fortran < 2; fortran++)
        for (int i = 0; i < 4; i++) {
            npk_array data, mask, new, now;
            npk_writer *w = NULL;
            uint8_t *bytes;
            size_t size;
            npk_doc *doc = NULL;
            npk_error error = {.message = ""};
            cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
            data = (npk_array){.dtype = npk_dtype_native(NPK_FLOAT64), .ndim = 2, .shape = shapes[0], .data = numbers};
            mask = (npk_array){.dtype = npk_dtype_native(NPK_BOOL), .ndim = 2, .shape = shapes[0], .data = bools};
            data.order = mask.order = fortran != 0 ? 'F' : 'C';
            npk_write_masked(w, &data, &mask, NULL);
            cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_OK, "%s", error.message);
            cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
            new = (npk_array){.dtype = npk_dtype_native(NPK_FLOAT64), .ndim = 2, .shape = shapes[i], .data = numbers};
            npk_status status = npk_edit_array(doc, npk_doc_root(doc), &new, &error);
            cr_expect_eq(status, fortran != 0 && i > 0 ? NPK_ERR_ARRAY : NPK_OK, "order %d, shape %d: %s", fortran, i,
                         error.message);
            cr_assert_eq(npk_array_of(npk_doc_root(doc), &now, NULL), NPK_OK);
            cr_expect_eq(now.shape[0], shapes[status == NPK_OK ? i : 0][0]);
            npk_doc_free(doc);
            npk_bytes_free(NULL, bytes, size);
        }
}
