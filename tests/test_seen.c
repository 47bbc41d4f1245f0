/* What calls see of a list, a dict or an object that is edited: the items that came to it before them, in the pickle, and those that an edit has put
 * among these. Programs and edits are made at random, beside a model of what each call is to see. lib/edit/change.c, npki_events_moved(). */
#include "full.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <string.h>

enum { STEPS = 60 };

static uint64_t random_state;

static size_t chance(size_t of)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 33) % of;
}

/* --- the model --- */

/* Items, which are numbers, and calls, which have a number too, as they come. */
typedef struct step {
    bool call;
    uint8_t number;
} step;

typedef struct model {
    npk_kind kind; /* LIST, DICT; OBJECT, to which items are appended */
    step at[STEPS];
    size_t count;
    uint8_t numbers;
    char pickle[2000];
    size_t size;
} model;

static void put(model *m, const char *text, size_t size)
{
    memcpy(m->pickle + m->size, text, size);
    m->size += size;
}

#define PUT(m, text) put(m, text, sizeof(text) - 1)

static size_t items_of(const model *m)
{
    size_t items = 0;
    for (size_t i = 0; i < m->count; i++)
        items += !m->at[i].call;
    return items;
}

/* The place of an item; of none that is there: the end. */
static size_t place_of(const model *m, size_t item)
{
    size_t at = 0;
    for (; at < m->count; at++)
        if (!m->at[at].call && item-- == 0)
            break;
    return at;
}

static void insert(model *m, size_t at, step what)
{
    memmove(&m->at[at + 1], &m->at[at], (m->count - at) * sizeof what);
    m->at[at] = what;
    m->count++;
}

static void put_item(model *m)
{
    const char number[2] = {'K', (char)++m->numbers};
    put(m, number, 2);
    if (m->kind == NPK_KIND_DICT)
        PUT(m, "N");
    m->at[m->count++] = (step){.number = m->numbers};
}

static void make(model *m, uint64_t seed)
{
    static const npk_kind kinds[] = {NPK_KIND_LIST, NPK_KIND_DICT, NPK_KIND_OBJECT};
    random_state = seed;
    chance(1);
    *m = (model){.kind = kinds[chance(3)]};
    PUT(m, "\x80\2");
    if (m->kind == NPK_KIND_OBJECT)
        PUT(m, "cm\nC\n)\x81q\0");
    else
        put(m, m->kind == NPK_KIND_LIST ? "]q\0" : "}q\0", 3);
    for (size_t i = 1 + chance(8); i > 0; i--) {
        if (chance(2) == 0) {
            const char number[2] = {'K', (char)++m->numbers};
            PUT(m, "cm\nf\nh\0");
            put(m, number, 2);
            PUT(m, "\x86R0");
            m->at[m->count++] = (step){.call = true, .number = m->numbers};
        } else if (chance(2) == 0) {
            put_item(m);
            put(m, m->kind == NPK_KIND_DICT ? "s" : "a", 1);
        } else {
            PUT(m, "(");
            for (size_t k = 1 + chance(3); k > 0; k--)
                put_item(m);
            put(m, m->kind == NPK_KIND_DICT ? "u" : "e", 1);
        }
    }
    PUT(m, ".");
}

/* --- edits, of both --- */

static const npk_value *number_of(npk_doc *doc, uint8_t number)
{
    npk_writer *w = NULL;
    const npk_value *made = NULL;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_int(w, number);
    cr_assert_eq(npk_edit_finish(w, &made, NULL), NPK_OK);
    return made;
}

/* The list or dict that has the items; NULL: there are none. */
static const npk_value *container_of(const npk_doc *doc)
{
    npk_object object;
    return npk_value_as_object(npk_doc_root(doc), &object) ? object.listitems : npk_doc_root(doc);
}

/* An item comes to an object with its last items, to a list or dict behind all that was called. */
static void append(model *m, npk_doc *doc, size_t items)
{
    const step what = {.number = ++m->numbers};
    const npk_value *number = number_of(doc, what.number), *to = container_of(doc);
    cr_assert_eq(m->kind == NPK_KIND_DICT ? npk_edit_dict_set_value(doc, to, number, number, NULL)
                                          : npk_edit_list_append(doc, to, number, NULL),
                 NPK_OK);
    insert(m, m->kind == NPK_KIND_OBJECT ? place_of(m, items - 1) + 1 : m->count, what);
}

static void edit(model *m, npk_doc *doc)
{
    const size_t items = items_of(m), item = items == 0 ? 0 : chance(items);
    const npk_value *to = container_of(doc);
    const size_t how = chance(4);
    if (to == NULL || (items == 0 && m->kind == NPK_KIND_OBJECT))
        return;
    if (how == 0 || items == 0) {
        append(m, doc, items);
    } else if (how == 1 && !(m->kind == NPK_KIND_OBJECT && item + 1 == items)) {
        const uint8_t number = m->at[place_of(m, item)].number;
        cr_assert_eq(m->kind == NPK_KIND_DICT ? npk_edit_dict_remove_value(doc, to, number_of(doc, number), NULL)
                                              : npk_edit_list_remove(doc, to, item, NULL),
                     NPK_OK);
        const size_t at = place_of(m, item);
        memmove(&m->at[at], &m->at[at + 1], (--m->count - at) * sizeof m->at[0]);
    } else if (how == 2 && m->kind != NPK_KIND_DICT) {
        m->at[place_of(m, item)].number = ++m->numbers;
        cr_assert_eq(npk_edit_list_set(doc, to, item, number_of(doc, m->numbers), NULL), NPK_OK);
    } else if (how == 3 && m->kind != NPK_KIND_DICT) {
        const step what = {.number = ++m->numbers};
        cr_assert_eq(npk_edit_list_insert(doc, to, item, number_of(doc, what.number), NULL), NPK_OK);
        insert(m, place_of(m, item), what);
    }
}

/* --- what is written --- */

static int64_t int_of(const npk_value *value)
{
    int64_t number = -1;
    cr_assert(npk_value_as_int64(value, &number));
    return number;
}

/* How many items had come to the value when the event, a call, came. `before`: those that events before it have added to an object. */
static size_t seen_by(const model *m, const npk_event *event, size_t before)
{
    return m->kind == NPK_KIND_OBJECT ? before : event->first;
}

static void expect_seen(const model *m, const npk_doc *doc, uint64_t seed, int protocol)
{
    const npk_value *value = npk_doc_root(doc), *items = container_of(doc);
    size_t calls = 0, number = 0, event = 0, added = 0;
    const size_t events = npk_value_events(value);
    for (size_t i = 0; i < m->count; i++) {
        npk_event e;
        npk_object object;
        if (!m->at[i].call) {
            const npk_value *item = m->kind == NPK_KIND_DICT ? npk_dict_key(items, number) : npk_value_item(items, number);
            cr_assert_eq(int_of(item), m->at[i].number, "%llu, protocol %d: item %zu", (unsigned long long)seed, protocol, number);
            number++;
            continue;
        }
        for (; event < events && npk_value_event(value, event, &e) && e.kind != NPK_EVENT_CALL; event++)
            added += e.kind == NPK_EVENT_ITEMS ? e.count : 0;
        cr_assert_lt(event++, events, "%llu, protocol %d: call %zu is not there", (unsigned long long)seed, protocol, calls);
        cr_assert(npk_value_as_object(e.value, &object));
        cr_assert_eq(int_of(npk_value_item(object.args, 1)), m->at[i].number);
        cr_expect_eq(seen_by(m, &e, added), number, "%llu, protocol %d: call %zu sees %zu items, not %zu", (unsigned long long)seed,
                     protocol, calls, seen_by(m, &e, added), number);
        calls++;
    }
    cr_expect_eq(number, items == NULL ? 0 : npk_value_size(items));
}

Test(seen, after_edits)
{
    static model m;
    for (uint64_t seed = 0; seed < full_tests(3000, 60000); seed++) {
        npk_doc *doc = NULL;
        make(&m, seed);
        cr_assert_eq(npk_doc_load_memory(m.pickle, m.size, NULL, &doc, NULL), NPK_OK);
        expect_seen(&m, doc, seed, -1);
        for (size_t i = chance(6); i > 0; i--)
            edit(&m, doc);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            const npk_write_options options = {.protocol_given = true, .protocol = protocol};
            npk_doc *again = NULL;
            uint8_t *bytes = NULL;
            uint64_t differences = 1;
            size_t size = 0;
            npk_error error = {.message = ""};
            cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%llu, protocol %d: %s", (unsigned long long)seed,
                         protocol, error.message);
            cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
            expect_seen(&m, again, seed, protocol);
            cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
            cr_expect_eq(differences, 0, "%llu, protocol %d", (unsigned long long)seed, protocol);
            npk_doc_free(again);
            npk_bytes_free(NULL, bytes, size);
        }
        npk_doc_free(doc);
    }
}

/* What a subclass of ndarray has beside its elements, as an object has it. */
Test(seen, items_of_an_array)
{
    static const char pickle[] = "\x80\2cnumpy.core.multiarray\n_reconstruct\n(cm\nA\nK\0\x85U\1btRq\0(K\1K\2eVk\ncm\nf\n)Rs(K\1K\1\x85"
                                 "cnumpy\ndtype\n(U\2O8K\0K\1tR(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\077tb\x89]h\0atb.";
    static const char *const paths[] = {"[0]", ".<listitems>[1]", ".<dictitems>['k']"};
    npk_doc *doc = NULL;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, NULL), NPK_OK);
    const npk_value *root = npk_doc_root(doc), *value, *found;
    cr_assert(npk_value_is_array(root));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        npk_walk *walk = NULL;
        cr_assert_eq(npk_value_find(root, paths[i], &found, NULL), NPK_OK, "%s", paths[i]);
        cr_expect((found == root) == (i == 0), "%s", paths[i]);
        cr_assert_eq(npk_walk_start(root, NULL, &walk, NULL), NPK_OK);
        while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL && value != found)
            ;
        cr_expect(value == found && (i == 0 || strcmp(npk_walk_path(walk), paths[i]) == 0), "%s: %s", paths[i], npk_walk_path(walk));
        npk_walk_free(walk);
    }
    npk_doc_free(doc);
}
