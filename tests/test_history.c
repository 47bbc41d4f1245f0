/* Documents in which more happens than in a pickler's, changed at random: what is written of one, or of a part of it, reads as the same, or is refused
 * with a status that says so; and npk_compare tells as much from both sides. */
#include "full.h"
#include "fuzz/edits.h"
#include "golden.h"
#include "history.h"

#include <criterion/criterion.h>

static uint64_t seed;

typedef struct told {
    long loaded, written, refused, changed;
} told;

/* False: it was too much work. */
static bool count(const npk_value *a, const npk_value *b, uint64_t *differences)
{
    const npk_compare_options options = {.most = NPK_UNLIMITED, .work = (uint64_t)1 << 18};
    const npk_status status = npk_compare(a, b, &options, differences, NULL);
    cr_assert(status == NPK_OK || status == NPK_ERR_LIMIT);
    return status == NPK_OK;
}

/* Of two that should be the same the library says so from both sides; arrays that only the reader of one finds are left out. */
static void want_same(const npk_value *a, const npk_value *b, int protocol)
{
    cr_expect(fuzz_is_same_edited(a, b, NPK_PYTHON2_STR_KEEP), "seed %llu, protocol %d", (unsigned long long)seed,
              protocol);
    cr_expect(fuzz_is_same_edited(b, a, NPK_PYTHON2_STR_KEEP), "seed %llu, protocol %d, back", (unsigned long long)seed,
              protocol);
}

static void write_and_read(const npk_doc *doc, const npk_value *value, int protocol, told *t)
{
    const npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_doc_info info = {.protocol = 0};
    npk_writer *w = NULL;
    npk_doc *again = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
    npk_write_value(w, value);
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    if (status != NPK_OK) {
        const bool keys = status == NPK_ERR_TYPE && npki_is_added(value); /* any, which a dict alone can't have */
        cr_expect(keys || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_LIMIT || status == NPK_ERR_TOO_LARGE,
                  "seed %llu, protocol %d: %s", (unsigned long long)seed, protocol, error.message);
        t->refused++;
        return;
    }
    t->written++;
    status = npk_doc_load_memory(bytes, size, NULL, &again, &error);
    cr_expect_eq(status, NPK_OK, "seed %llu, protocol %d: %s", (unsigned long long)seed, protocol, error.message);
    const bool same_names = npk_doc_info_of(doc, &info) && (info.protocol < 3) == (protocol < 3);
    if (again != NULL && same_names && fuzz_keeps_spellings(value, &options))
        want_same(value, npk_doc_root(again), protocol);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

static const npk_value *any_of(const npk_doc *doc, const npk_value *values[MOST_VALUES])
{
    return values[next_random() % gather(npk_doc_root(doc), values)];
}

static const npk_value *new_int(npk_doc *doc, int64_t number)
{
    const npk_value *made = NULL;
    npk_writer *w = NULL;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_int(w, number);
    cr_assert_eq(npk_edit_finish(w, &made, NULL), NPK_OK);
    return made;
}

/* Half of the time by a change that suits the value. */
static void change_it(npk_doc *doc, told *t)
{
    static const unsigned of_list[] = {1, 2, 3, 9}, of_dict[] = {4, 5, 10, 11}, of_object[] = {6, 12, 13, 12};
    const npk_value *values[MOST_VALUES];
    const npk_value *a = any_of(doc, values), *b = one_in(3) ? new_int(doc, 7) : any_of(doc, values);
    const npk_kind kind = npk_value_kind(a);
    const unsigned *suits = kind == NPK_KIND_LIST ? of_list : kind == NPK_KIND_DICT ? of_dict : of_object;
    npk_error error;
    const unsigned how = one_in(2) ? suits[next_random() % 4] : (unsigned)(next_random() % 14);
    t->changed += change(doc, how, a, b, &error) == NPK_OK;
}

/* Part of one document in the place of a value of the other. */
static void put_part(npk_doc *doc, const npk_doc *from, told *t)
{
    const npk_value *values[MOST_VALUES];
    const npk_value *part = any_of(from, values), *old = any_of(doc, values), *made = NULL;
    npk_writer *w = NULL;
    npk_error error;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, &error), NPK_OK);
    npk_write_value(w, part);
    if (npk_edit_finish(w, &made, &error) == NPK_OK)
        t->changed += npk_edit_replace(doc, old, made, &error) == NPK_OK;
}

static npk_doc *load(const program *p)
{
    npk_doc *doc = NULL;
    return npk_doc_load_memory(p->bytes, p->size, NULL, &doc, NULL) == NPK_OK ? doc : NULL;
}

static void look_at(told *t)
{
    static program p, q; /* documents borrow their bytes */
    const npk_value *values[MOST_VALUES];
    uint64_t there, back;
    start_random(seed);
    make_history(&p);
    make_history(&q);
    const bool python3 = p.protocol > 2 && q.protocol > 2; /* below 3 Python takes some names for others */
    npk_doc *doc = load(&p), *as_it_was = load(&p), *other = load(&q);
    for (size_t i = next_random() % 4; doc != NULL && i > 0; i--)
        if (other != NULL && python3 && one_in(4))
            put_part(doc, other, t);
        else
            change_it(doc, t);
    for (int protocol = 0; doc != NULL && protocol <= NPK_PROTOCOL_MAX; protocol++)
        write_and_read(doc, npk_doc_root(doc), protocol, t);
    for (size_t i = 0; doc != NULL && i < 2; i++)
        write_and_read(doc, any_of(doc, values), (int)(next_random() % 6), t);
    if (doc != NULL && count(npk_doc_root(doc), npk_doc_root(as_it_was), &there) &&
        count(npk_doc_root(as_it_was), npk_doc_root(doc), &back))
        cr_expect_eq(there, back, "seed %llu", (unsigned long long)seed);
    t->loaded += doc != NULL;
    npk_doc_free(doc);
    npk_doc_free(as_it_was);
    npk_doc_free(other);
}

Test(history, is_kept_or_refused)
{
    const size_t seeds = full_tests(400, 20000);
    told t = {.loaded = 0};
    for (seed = 0; seed < seeds; seed++)
        look_at(&t);
    cr_expect(t.loaded > (long)seeds * 9 / 10, "%ld of %zu loaded", t.loaded, seeds);
    cr_expect(t.changed > (long)seeds / 3, "%ld changes", t.changed);
    cr_expect(t.written > 6 * t.refused, "%ld written, %ld refused", t.written, t.refused);
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

/* An object gets a key where something else is called: a state that an edit gives it comes where the one was that it had, or is refused. */
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
        cr_assert_eq(npk_edit_object_state(doc, npk_value_item(root, 0), npk_value_item(root, 3), NULL),
                     i == 0 ? NPK_ERR_UNSUPPORTED : NPK_OK);
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

/* f is called over a list, and again once it has more: when an item came that an edit has put in, nothing says. */
Test(history, of_an_item_that_came_by_an_edit)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2]q\1K\1acm\nf\nh\1\x85R0."),
        ROW("\x80\2]q\1cm\nf\nh\1\x85R0K\1a."),
        ROW("\x80\2]q\1K\1acm\nf\nh\1\x85R0K\2acm\nf\nh\1\x85R0."),
        ROW("\x80\2]q\1K\1acm\nf\nh\1\x85Ra."),
        ROW("\x80\2]q\1(K\1cm\nf\nh\1\x85RK\2e."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t at = 0; at < 2; at++) {
            npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
            cr_assert_eq(npk_edit_list_insert(doc, npk_doc_root(doc), at, new_int(doc, 7), NULL), NPK_OK);
            expect_kept(npk_doc_root(doc));
            npk_doc_free(doc);
        }
}

/* g takes [1] and is dropped over that once it has got 2, for which another list is fetched: what g saw are not all items that were there then. */
Test(history, what_a_call_saw_that_is_dropped_later)
{
    npk_doc *doc = LOAD("\x80\2(]q\0K\1acm\ng\nh\0\x85R]q\1h\0K\2a000h\1t.");
    expect_kept(npk_doc_root(doc));
    npk_doc_free(doc);
}

/* [5, 7, x], of which 5 comes while 7 waits, for the sake of x: where each comes by its own opcode x is there before 7. */
Test(history, what_comes_late_among_items_that_wait)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2cm\nf\n)R0]q\0]q\1h\0K\5a00(K\7h\1e."),
        ROW("\x80\2cm\nf\n)R0}q\0]q\1h\0K\5K\6s00(K\7NK\3h\1u."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
        expect_kept(npk_doc_root(doc));
        npk_doc_free(doc);
    }
}

/* C([x], l), dropped over l, which gets 1 for the sake of its first item and 2 for that of [x]: alone the object is made inside its arguments, where l
 * would get 2 twice. */
Test(history, what_comes_late_but_once)
{
    npk_doc *doc = LOAD("(]q\0cm\nr\n(tRh\0(K\1e0a(]h\0(K\2e0im\nC\n0l.");
    const npk_value *list = npk_value_item(npk_doc_root(doc), 0), *part = npk_value_item(npk_value_calls(list), 0);
    npk_writer *w = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_value_kind(part), NPK_KIND_OBJECT);
    cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
    npk_write_value(w, part);
    cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_ERR_UNSUPPORTED);
    npk_doc_free(doc);
}

/* l = [l, C()], where C() is there before either is added to l: so it is where they are added one by one, too. */
Test(history, what_was_made_before_items_were_added)
{
    npk_doc *doc = LOAD("(]q\0(im\nC\nq\1h\0(h\0h\1el.");
    expect_kept(npk_doc_root(doc));
    npk_doc_free(doc);
}

/* Over an OrderedDict f is called, and a dict gets a key, which is then added to the first. */
Test(history, what_is_added_to_a_container_of_the_library)
{
    npk_doc *doc = LOAD("(im\nC\n(ccollections\nOrderedDict\n)Rq\1(}q\2"
                        "1((cm\nf\noh\2Nh\1s1h\2ae.");
    expect_kept(npk_doc_root(doc));
    npk_doc_free(doc);
}

/* A dtype is made, and C called, over nothing; then a list is made of a tuple of the dtype, and dropped. */
Test(history, what_is_known_and_has_no_parts)
{
    npk_doc *doc = LOAD("](cnumpy\ndtype\nU\2i4NN\x87Rq\2(h\2tq\3(im\nC\n1(c__builtin__\nlist\nh\3Re0(t.");
    expect_kept(npk_doc_root(doc));
    npk_doc_free(doc);
}

/* An edit puts a value in a second place, where something comes to a list elsewhere: calls between may have seen that without, so that the order
 * stays, and what it does not allow is refused. */
Test(history, what_comes_elsewhere_keeps_the_order)
{
    static const struct {
        const char *text;
        size_t size;
        const char *list, *value; /* which is appended to that */
        const char *message; /* "": it is written */
    } rows[] = {
#define ROW(text, list, value, message) {text, sizeof(text) - 1, list, value, message}
#define SEEN "at [0][0][1]: this gets more in its pickle after others have it, and may have been seen without"
        ROW("((](cm\nk\n)R]q\1etq\2h\1(h\2cm\ng\n)Ret.", "[0][0]", "[1][1]", SEEN),
        ROW("((](NQ]q\1etq\2h\1(h\2cm\ng\n)Ret.", "[0][0]", "[1][1]", SEEN),
        ROW("((tq\0]q\1\x85(c__builtin__\ngetattr\n(cm\nD\nX\4\0\0\0nametRh\1h\0a01t.", "[1][0]", "[0]", ""),
        ROW("((tq\0]q\1\x85"
            "c__builtin__\ngetattr\n(cm\nD\nX\4\0\0\0nametRh\1h\0a00t.",
            "[1][0]", "[0]", ""),
#undef SEEN
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_value *list, *value;
        npk_error error = {.message = ""};
        uint8_t *bytes = NULL;
        size_t size = 0;
        npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
        cr_assert_eq(npk_value_find(npk_doc_root(doc), rows[i].list, &list, NULL), NPK_OK);
        cr_assert_eq(npk_value_find(npk_doc_root(doc), rows[i].value, &value, NULL), NPK_OK);
        cr_assert_eq(npk_edit_list_append(doc, list, value, NULL), NPK_OK, "row %zu", i);
        npk_status status = npk_doc_save_memory(doc, NULL, &bytes, &size, &error);
        cr_expect_eq(status, rows[i].message[0] == 0 ? NPK_OK : NPK_ERR_UNSUPPORTED, "row %zu", i);
        cr_expect_str_eq(error.message, rows[i].message, "row %zu", i);
        npk_bytes_free(NULL, bytes, size);
        if (status == NPK_OK)
            expect_kept(npk_doc_root(doc));
        npk_doc_free(doc);
    }
}

/* What a name means is said by the protocol of its pickle, also in another document: Python 2's below 3, and one with dots below 4. */
Test(history, a_copy_keeps_what_its_names_mean)
{
    static const struct {
        const char *from, *to;
        size_t from_size, to_size;
    } rows[] = {
#define ROW(from, to) {from, to, sizeof(from) - 1, sizeof(to) - 1}
        ROW("\x80\2ccopy_reg\nf\n.", "\x80\4]."),
        ROW("\x80\2ccopy_reg\nf\n.", "\x80\2]."),
        ROW("\x80\2](ccopy_reg\nf\ncm\nC.D\ne.", "\x80\4]."),
        ROW("\x80\3cm\nC.D\n.", "\x80\4]."),
        ROW("\x80\4\x8c\1m\x8c\3C.D\x93.", "\x80\2]."),
        ROW("\x80\2cCookie\nf\n)R.", "\x80\4]."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *from = load_text(rows[i].from, rows[i].from_size, NPK_MALFORMED_REFUSE);
        npk_doc *to = load_text(rows[i].to, rows[i].to_size, NPK_MALFORMED_REFUSE);
        const npk_value *copy = NULL;
        npk_writer *w = NULL;
        cr_assert_eq(npk_edit_begin(to, NULL, &w, NULL), NPK_OK);
        npk_write_value(w, npk_doc_root(from));
        cr_assert_eq(npk_edit_finish(w, &copy, NULL), NPK_OK);
        cr_assert_eq(npk_edit_list_append(to, npk_doc_root(to), copy, NULL), NPK_OK);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_doc *again = written(npk_doc_root(to), protocol);
            uint64_t differences = 1;
            cr_expect(count(npk_doc_root(from), npk_value_item(npk_doc_root(again), 0), &differences) &&
                          differences == 0,
                      "row %zu, protocol %d", i, protocol);
            npk_doc_free(again);
        }
        npk_doc_free(to);
        npk_doc_free(from);
    }
}

/* Each of their values alone does what it does in the pickle: what the memo does not have is not called twice, and what is dropped does not go with what
 * it is like. */
Test(history, each_part)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\4(]q\1(ta(h\1]cm\nf\n(tRatat."), /* ([(), (itself, [f()])],) */
        ROW("\x80\2]q\1(((cm\ng\noh\1tq\3ta."),
        ROW("\x80\2(]q\0((h\0tNQtat."),
        ROW("\x80\2]q\1c__builtin__\ngetattr\n(((cm\ng\noh\1t(NQ1tRa."),
        ROW("\x80\4c__builtin__\nlist\n(tRq\2(NQc__builtin__\ngetattr\n(]h\2Na0tRe."),
        ROW("\x80\4NQq\0(\x8c\1m\x8c\3C.D\x93(\x88tq\5](h\0e0R1."), /* made once more inside what is dropped over its arguments */
        ROW("\x80\4(c__builtin__\nlist\n(\x8fq\4tRq\5NQh\4(N\x90"
            "0h\5Rt."), /* the last alone: list() would take what comes late */
        ROW("\x80\2]q\0(c__builtin__\nlist\n((im\nC\nq\1h\1h\0stR1."), /* the part C(): list() had its key by then */
        ROW("\x80\4((K\1Qtq\0\x88Q0h\0t0(l."),                         /* True is another id than 1 */
        ROW("\x80\2((K\1Qtq\1K\1Q1h\1."), /* (id,), and an id like its own dropped before it comes again */
        ROW("\x80\2c__builtin__\ngetattr\n(cm\nD\nX\4\0\0\0nametRq\0(cm\nf\n(tRh\0(te0(t."), /* more than a name */
        ROW("]q\0NQ}q\1h\0(h\0h\1e000h\1NNs0."), /* items that come late, over which nothing was dropped until then */
        ROW("\x80\4cm\ng\n)}q\1\x92q\2h\2)s0h\1."), /* keywords that are the root */
        ROW("\x80\2(Ntq\0(\x8f(h\0\x90"
            "1."),                                                           /* a set in itself */
        ROW("\x80\4]q\1cbuiltins\nlist\n(cm\ng\n)RC\1ch\1s(h\1K\1eq\3tRa."), /* list() had all of what it is in */
        ROW("\x80\2NQ(c__builtin__\nset\n(]q\1(th\1Na0tR1."), /* set() of two: its list grew behind a look-up */
        ROW("\x80\4(NQcbuiltins\nfrozenset\n(]q\1h\1]a0tRt."),
        ROW("\x80\4(cm\ng\n(tR]q\3h\3Na0cbuiltins\nfrozenset\n(h\3tR0Nal."), /* it is dropped over its list itself */
        ROW("\x80\2}q\2NQh\2NNs0Nsc__builtin__\nset\n(h\2tR0."),             /* set() had the key that comes late */
        ROW("\x80\2(]q\0(]q\1(h\0ec__builtin__\ntuple\n(h\1tRe((tth\1)a0t."),
#undef ROW
    };
    for (seed = 0; seed < sizeof rows / sizeof *rows; seed++) {
        const npk_value *values[MOST_VALUES];
        told t = {.loaded = 0};
        npk_doc *doc = load_text(rows[seed].text, rows[seed].size, NPK_MALFORMED_REFUSE);
        const size_t count = gather(npk_doc_root(doc), values);
        for (size_t i = 0; i < count; i++)
            for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++)
                write_and_read(doc, values[i], protocol, &t);
        cr_expect(2 * t.written >= t.refused, "row %d: %ld written, %ld refused", (int)seed, t.written, t.refused);
        npk_doc_free(doc);
    }
}

/* A key that an object gets inside its own state, where something may have seen it without; of the arrays, the state of which
 * has a dtype that stays a call, so do these. */
Test(history, keys_set_inside_a_state)
{
#define ARRAY "\x80\2cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0C\1b\x87Rq\3"
#define DTYPE(parts) "cnumpy\ndtype\nX\3\0\0\0V25K\0K\1\x87R(" parts "tb"
#define SET "h\3K\7K\1s"
#define SET_LATE "}(h\3K\7cm\ng\n)Rs0" SET "t" /* the same key: over what is dropped there, and behind it */
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2cm\nC\n)\x81q\3(" SET_LATE "tb."),
        ROW("\x80\2cm\nC\n)\x81q\3(cm\nf\nh\3\x85R" SET "tb."),
        ROW(ARRAY "(" DTYPE(SET_LATE) "tb."),
        ROW(ARRAY "(" DTYPE("}cm\nx\n)R0K\1") "cm\nf\nh\3\x85R" SET "tb."),
        ROW(ARRAY "(cm\nf\nh\3\x85R" SET DTYPE("}cm\nx\n)R0K\1") "tb."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        told t = {.loaded = 0};
        npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++)
            write_and_read(doc, npk_doc_root(doc), protocol, &t);
        cr_expect_eq(t.refused, NPK_PROTOCOL_MAX + 1, "%zu: %ld written", i, t.written);
        npk_doc_free(doc);
    }
}

/* A set of the items of a tuple, which was dropped before, gets another one, so that no call makes it: an id is looked up once all the same. */
Test(history, a_set_of_what_others_have_grows)
{
    static const char *const texts[] = {"\x80\2(X\2@@@idQtq\1"
                                        "0c__builtin__\nset\n(h\1tR(N\x90.",
                                        "\x80\4(]cbuiltins\nset\n(((X\2@@@idQtq\4"
                                        "1h\4tR()\x90l."};
    for (size_t i = 0; i < 2; i++) {
        char text[100];
        const size_t size = strlen(texts[i]);
        for (size_t k = 0; k < size; k++)
            text[k] = texts[i][k] == '@' ? '\0' : texts[i][k];
        npk_doc *doc = load_text(text, size, NPK_MALFORMED_REFUSE);
        expect_kept(npk_doc_root(doc));
        npk_doc_free(doc);
    }
}

/* (m.D, 'name') are the arguments of getattr(), and then in a new value too, that comes to a list: that got its item late, over the call, and gets it at once
 * from there on, so that nothing is fetched. */
Test(history, a_new_value_of_what_a_call_has)
{
    npk_doc *doc = LOAD("\x80\2((]q\3(tt1((c__builtin__\ngetattr\n(cm\nD\nX\4\0\0\0nametRh\3()e1NN(tt.");
    const npk_value *calls = npk_value_calls(npk_doc_root(doc)), *made = NULL;
    const npk_value *list = npk_value_item(npk_value_item(calls, 0), 0);
    npk_writer *w = NULL;
    npk_object object;
    cr_assert(npk_value_as_object(npk_value_item(calls, 1), &object));
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_begin_tuple(w, 1);
    npk_write_value(w, object.args);
    npk_write_end(w);
    cr_assert_eq(npk_edit_finish(w, &made, NULL), NPK_OK);
    cr_assert_eq(npk_edit_replace(doc, npk_value_item(list, 0), made, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 2; protocol++) {
        npk_doc *again = written(npk_doc_root(doc), protocol);
        uint64_t there = 1, back = 1;
        cr_expect(count(npk_doc_root(doc), npk_doc_root(again), &there) && there == 0, "protocol %d", protocol);
        cr_expect(count(npk_doc_root(again), npk_doc_root(doc), &back) && back == 0, "protocol %d", protocol);
        npk_doc_free(again);
    }
    npk_doc_free(doc);
}

/* An object, called with its arguments one by one, is to have a tuple of them over which something is called: no opcode has both. */
Test(history, what_is_called_over_arguments_that_come_one_by_one)
{
    static const struct {
        const char *text;
        size_t size;
        npk_status status;
    } rows[] = {
#define ROW(text, status) {text, sizeof(text) - 1, status}
        ROW("\x80\2]((cm\nC\nK\1o(K\2tcm\ng\n)R0e.", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2]((K\1im\nC\n(K\2tcm\ng\n)R0e.", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2](cm\nC\nK\1\x85\x81(K\2tcm\ng\n)R0e.", NPK_OK),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load_text(rows[i].text, rows[i].size, NPK_MALFORMED_REFUSE);
        const npk_value *root = npk_doc_root(doc);
        const npk_write_options options = {.protocol_given = true, .protocol = 2};
        npk_object object;
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_assert(npk_value_as_object(npk_value_item(root, 0), &object));
        cr_assert_eq(npk_edit_replace(doc, object.args, npk_value_item(root, 1), NULL), NPK_OK, "row %zu", i);
        cr_expect_eq(npk_doc_save_memory(doc, &options, &bytes, &size, NULL), rows[i].status, "row %zu", i);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

static bool rename_nested(void *context, const npk_name *from, npk_name *to)
{
    (void)context;
    (void)from;
    *to = (npk_name){"m", 1, "E", 1};
    return true;
}

/* An id is looked up twice, for two things: a tuple that comes again behind the second does not hold itself. */
Test(history, a_tuple_that_comes_again_behind_an_id)
{
    static const char *const texts[] = {"\x80\2(K\1Qtq\1K\1Q0h\1\x86.", "\x80\2(K\1Qtq\1\x88Q0h\1\x86."};
    for (size_t i = 0; i < 2; i++) {
        npk_doc *doc = load_text(texts[i], strlen(texts[i]), NPK_MALFORMED_REFUSE);
        const npk_value *root = npk_doc_root(doc), *tuple = npk_value_item(root, 0);
        cr_expect_eq(npk_value_item(root, 1), tuple);
        cr_expect_eq(npk_value_size(npk_value_calls(tuple)), 1, "row %zu", i);
        npk_doc_free(doc);
    }
}

/* A state for a class inside another: a name for the class would not have it. */
Test(history, a_name_has_no_state)
{
    npk_doc *doc = LOAD("\x80\2c__builtin__\ngetattr\ncm\nC\nX\1\0\0\0D\x86R}X\1\0\0\0aK\1sb.");
    const npk_write_options options = {.rename = rename_nested};
    npk_doc *again = NULL;
    npk_object object = {.state = NULL};
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
    cr_expect(npk_value_as_object(npk_doc_root(again), &object) && npk_value_size(object.state) == 1);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
}

/* An edit gives the arguments of an object, which OBJ has one by one, a second place: an id among them is looked up once. */
Test(history, arguments_that_come_one_by_one)
{
    static const char *const texts[] = {"\x80\2(](cm\nC\ncm\nD\nQol.", "\x80\2((cm\nC\ncm\nD\nQo]l."};
    for (size_t i = 0; i < 2; i++) {
        npk_doc *doc = load_text(texts[i], strlen(texts[i]), NPK_MALFORMED_REFUSE);
        const npk_value *root = npk_doc_root(doc);
        npk_object object;
        cr_assert(npk_value_as_object(npk_value_item(root, 1 - i), &object));
        cr_assert_eq(npk_edit_list_append(doc, npk_value_item(root, i), object.args, NULL), NPK_OK);
        for (int protocol = 1; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_doc *again = written(root, protocol);
            const npk_value *tuple = npk_value_item(npk_value_item(npk_doc_root(again), (int64_t)i), 0);
            cr_assert(npk_value_as_object(npk_value_item(npk_doc_root(again), (int64_t)(1 - i)), &object));
            cr_expect_eq(npk_value_item(tuple, 0), npk_value_item(object.args, 0), "row %zu, protocol %d", i, protocol);
            npk_doc_free(again);
        }
        npk_doc_free(doc);
    }
}

/* f is called before the list that it was given gets more, which is refused: also where the root, which has nothing to do with it, is another one. */
Test(history, the_order_goes_on_with_another_root)
{
    npk_doc *doc = LOAD("\x80\2(cm\nf\n]q\1\x85Rh\1K\3al0K\1.");
    npk_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_edit_root(doc, new_int(doc, 7), NULL), NPK_OK);
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_assert_eq(npk_edit_replace(doc, npk_doc_root(doc), new_int(doc, 8), NULL), NPK_OK);
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    npk_doc_free(doc);
}

/* Without a proof each of these was written so that it read as something else, or was refused. */
Test(history, of_what_was_made_on_purpose_is_proved)
{
    golden g;
    size_t rows = 0;
    golden_open(&g, "edited.golden");
    for (char *line; (line = golden_line(&g)) != NULL; rows++) {
        const char *name = golden_word(&line);
        golden_bytes input = golden_unquote(golden_word(&line));
        npk_reader *reader = NULL;
        npk_doc *doc = NULL;
        npk_error error = {.status = NPK_OK};
        told t = {.loaded = 0};
        cr_assert_eq(npk_reader_memory(input.bytes, input.size, NULL, &reader, &error), NPK_OK);
        cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_OK, "%s: %s", name, error.message);
        change_by(doc, input.bytes, input.size, npk_reader_offset(reader));
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            uint8_t *bytes = NULL;
            size_t size = 0;
            const npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
            const char proved[] = "after the edit this would be ";
            t.refused += status == NPK_ERR_UNSUPPORTED && strncmp(error.message, proved, sizeof proved - 1) == 0;
            npk_bytes_free(NULL, bytes, size);
            write_and_read(doc, npk_doc_root(doc), protocol, &t);
        }
        cr_expect_gt(t.refused, 0, "%s: the proof refuses nothing", name);
        npk_doc_free(doc);
        npk_reader_close(reader);
        free(input.bytes);
    }
    cr_expect_eq(rows, 3);
    golden_close(&g);
}
