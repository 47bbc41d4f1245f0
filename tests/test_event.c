/* What happened to a value after it was made: in order, walked, compared, edited, written at every protocol. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <string.h>

#define LOAD(text) load(text, sizeof(text) - 1)

static npk_doc *load(const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {.status = NPK_OK};
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    return doc;
}

/* "items 0+1, state, call, return" */
static void spell(const npk_value *value, char *out, size_t size)
{
    static const char *const names[] = {"nothing", "items", "keys", "state", "call", "before", "return"};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < npk_value_events(value); i++) {
        npk_event event;
        cr_assert(npk_value_event(value, i, &event));
        used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", names[event.kind]);
        if (event.kind == NPK_EVENT_ITEMS || event.kind == NPK_EVENT_KEYS)
            used += (size_t)snprintf(out + used, size - used, " %zu+%zu", event.first, event.count);
        if (event.kind == NPK_EVENT_CALL && npk_value_kind(value) != NPK_KIND_OBJECT)
            used += (size_t)snprintf(out + used, size - used, " after %zu", event.first);
        cr_expect_eq(event.value == NULL, event.kind == NPK_EVENT_RETURN || event.kind == NPK_EVENT_NOTHING);
    }
    npk_event none;
    cr_expect_not(npk_value_event(value, npk_value_events(value), &none));
}

static void expect_events(const npk_value *value, const char *expected)
{
    char found[400];
    spell(value, found, sizeof found);
    cr_expect_str_eq(found, expected);
}

/* What Python does with each is in the comment. */
#define OBJECT "\x80\2cm\nC\nq\0)\x81q\1"
#define CALL "cm\nf\nh\1\x85R0" /* f(the object), dropped */
static const struct {
    const char *name, *bytes;
    size_t size;
    const char *events;
} cases[] = {
#define CASE(name, bytes, events) {name, bytes, sizeof(bytes) - 1, events}
    CASE("nothing", OBJECT ".", ""),
    CASE("as a pickler does it", OBJECT "(K\1K\2e(K\3K\4ucm\nf\n)Rb.", "items 0+2, keys 0+1, state"),
    CASE("two batches are one", OBJECT "(K\1K\2e(K\3K\4eK\5a.", "items 0+5"),
    CASE("states", OBJECT "K\1bK\2bK\3b.", "state, state, state"),
    CASE("a state first", OBJECT "K\1bK\2aK\3K\4sK\5aK\6a.", "state, items 0+1, keys 0+1, items 1+2"),
    CASE("keys first", OBJECT "K\1K\2sK\3a.", "keys 0+1, items 0+1"),
    CASE("a state setter", OBJECT CALL ".", "call"),
    CASE("calls between", OBJECT CALL "K\1a" CALL "K\2bK\3a" CALL ".", "call, items 0+1, call, state, items 1+1, call"),
    CASE("of a list", "\x80\2]q\1" CALL "(K\1K\2e" CALL ".", "call after 0, items 0+2, call after 2"),
    CASE("of a dict", "\x80\2}q\1" CALL "(K\1K\2K\3K\4u" CALL ".", "call after 0, keys 0+2, call after 2"),
    CASE("of nothing", "\x80\2cm\nf\n)R0cm\nf\n)R0K\1.", "before, before"),
    CASE("of nothing, before a tuple", "\x80\2cm\nf\n)R0K\1\x85q\1.", "before"),
    CASE("above a mark and a text", "\x80\2]q\1(U\1acm\nf\nh\1\x85R0e.", "call after 0, items 0+1"),
    CASE("a persistent id before a frozenset of another",
         "\x80\2cbuiltins\nfrozenset\n]U\5an idQa\x85Rq\1"
         "0](U\2idQ0h\1e.",
         "call after 0, before"),
    CASE("by POP_MARK", OBJECT "(cm\nf\n)Rcm\ng\n)R1.", "call, call"),
    CASE("by POP_MARK, of nothing",
         "\x80\2(cm\nf\n)Rcm\ng\n)RK\1"
         "1]K\1a.",
         "before, before"),
    CASE("values without parts do nothing",
         OBJECT "K\1"
                "0U\1a0N0)0]0.",
         ""),
    CASE("made before the tuple that keeps it",
         OBJECT "cm\nf\n)Rq\2"
                "0K\1h\2\x86q\3b.",
         "call, state"),
    CASE("over what is fetched before all calls", "\x80\2}q\1]h\1cm\nf\n)R000.", "call after 0"),
    CASE("of what a call was given that was dropped before it", "\x80\5\x96\2\0\0\0\0\0\0\0abq\1cm\nf\nh\1\x85R0.",
         "before"),
    CASE("kept by nothing",
         OBJECT "cm\nf\n)Rq\2"
                "0.",
         "call"),
    /* pickle.dumps(o, 2) of o = f([o]) and a state, which is set in either making */
    CASE("made inside its arguments", "\x80\2cm\nf\nq\0]q\1h\0h\1\x85q\2Rq\3K\1ba\x85q\4R0h\3K\2b.",
         "state, return, state"),
    CASE("dropped for itself, and a PUT", "\x80\2]q\6cm\nf\nq\0]q\1h\0h\1\x85q\2Rq\3a\x85R0q\5h\3a.", "call after 0"),
    /* f is called twice for what it does: what was made inside the second is at hand then, but not as what that made */
    CASE("dropped for itself, before what was made inside it", "\x80\2]q\6(cm\nf\n]q\1cm\nf\nh\1\x85Rq\3a\x85R0N0h\3e.",
         "call after 0"),
    CASE("dropped for itself, with a number", "\x80\2]q\6cm\nf\n]q\1cm\nf\nh\1\x85Rq\3a\x85Rq\5" "0h\3a.", "call after 0"),
    CASE("dropped for itself, and a mark", "\x80\2cm\nf\n]q\1cm\nf\nh\1\x85Rq\3a\x85R0(h\3t.", "before"),
    CASE("dropped for itself, and a mark with it", "\x80\2(cm\nf\n]q\1cm\nf\nh\1\x85Rq\3a\x85R00h\3\x85.", "before"),
    CASE("an item that gets a state late, and its tuple",
         "\x80\2cm\nf\n)Rq\0\x85q\1"
         "0cm\ng\n)R0h\0Nb0h\1.",
         "before, before, before"),
    CASE("another call than the inner", "\x80\2cm\nf\nq\0]q\1h\0h\1K\1\x86q\2Rq\3a\x85q\4R0h\3.", "before"),
};

Test(event, in_order)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        npk_doc *doc = load(cases[i].bytes, cases[i].size);
        char found[400];
        spell(npk_doc_root(doc), found, sizeof found);
        cr_expect_str_eq(found, cases[i].events, "%s: %s", cases[i].name, found);
        npk_doc_free(doc);
    }
}

static uint8_t *bytes; /* that the document borrows */
static size_t size;

static npk_doc *rewritten(const npk_value *root, int protocol)
{
    npk_writer *w = NULL;
    npk_error error = {.status = NPK_OK};
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    cr_assert_eq(npk_writer_memory(&options, &w, &error), NPK_OK);
    npk_write_value(w, root);
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_OK, "%s", error.message);
    return load((const char *)bytes, size);
}

static uint64_t differences(const npk_value *a, const npk_value *b)
{
    uint64_t count = 0;
    npk_compare_options options = {.python2_str = NPK_PYTHON2_STR_TEXT};
    cr_assert_eq(npk_compare(a, b, &options, &count, NULL), NPK_OK);
    return count;
}

Test(event, at_every_protocol)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
            npk_doc *doc = load(cases[i].bytes, cases[i].size), *again = rewritten(npk_doc_root(doc), protocol);
            char found[400];
            spell(npk_doc_root(again), found, sizeof found);
            cr_expect_str_eq(found, cases[i].events, "%s at protocol %d: %s", cases[i].name, protocol, found);
            cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(again)), 0, "%s at %d", cases[i].name, protocol);
            npk_doc_free(again);
            npk_bytes_free(NULL, bytes, size);
            npk_doc_free(doc);
        }
}

Test(event, are_compared)
{
    npk_doc *one = LOAD("\x80\2cm\nC\nq\0)\x81q\1K\1bK\2a."), *other = LOAD("\x80\2cm\nC\nq\0)\x81q\1K\2aK\1b.");
    npk_doc *none = LOAD("\x80\2]q\1."), *call = LOAD("\x80\2]q\1cm\nf\nh\1\x85R0."),
            *more = LOAD("\x80\2]q\1cm\nf\nh\1K\1\x86R0.");
    cr_expect_eq(differences(npk_doc_root(one), npk_doc_root(one)), 0);
    cr_expect_gt(differences(npk_doc_root(one), npk_doc_root(other)), 0);
    cr_expect_gt(differences(npk_doc_root(none), npk_doc_root(call)), 0);
    cr_expect_gt(differences(npk_doc_root(call), npk_doc_root(none)), 0);
    cr_expect_gt(differences(npk_doc_root(call), npk_doc_root(more)), 0);
    npk_doc_free(one);
    npk_doc_free(other);
    npk_doc_free(none);
    npk_doc_free(call);
    npk_doc_free(more);
}

/* f() is called, called again and dropped, and the first one comes out of the memo: it was not made inside the second. */
Test(event, the_same_call_twice)
{
    npk_doc *doc = LOAD("\x80\2]q\1(cm\nf\nq\2)Rq\3h\2)R0h\3e.");
    const npk_value *list = npk_doc_root(doc);
    cr_expect_eq(npk_value_item(list, 0), npk_value_item(list, 1));
    expect_events(npk_value_item(list, 0), "call");
    npk_doc_free(doc);
}

/* What is changed where it comes out of the memo is not what was made anew without one. */
Test(event, later_without_a_memo)
{
    npk_doc *doc = LOAD("\x80\2]q\2(cm\nf\n)Rq\1cm\nf\n)Rh\1}b0e.");
    npk_error error = {.status = NPK_OK};
    npk_write_options options = {.memo = NPK_MEMO_NONE};
    cr_expect_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_expect(strstr(error.message, "without a memo") != NULL, "%s", error.message);
    npk_doc_free(doc);
}

/* A list that a call was given, and that changes when it comes out of the memo after the call: a writer, which writes all of it before the
 * call, refuses that. While it is being made its items may stand round the call, and what is dropped again is changed where it was. */
Test(event, after_a_call)
{
    static const struct {
        const char *bytes;
        size_t size;
        npk_status status;
    } rows[] = {
#define ROW(bytes, status) {bytes, sizeof(bytes) - 1, NPK_##status}
        ROW("\x80\2(cm\nf\n]q\0\x85Rh\0K\3al.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nf\n}q\0\x85Rh\0K\3K\4sl.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nf\ncm\nC\n)\x81q\0\x85Rh\0K\3bl.", ERR_UNSUPPORTED),
        ROW("\x80\2(cdill._dill\n_create_function\n}q\0\x85Rh\0K\3K\4s0l.", OK), /* the globals of a function */
        ROW("\x80\2(cm\nf\n]q\0\x85Rh\0l.", OK),
        ROW("\x80\2]q\0(cm\nf\nh\0\x85Rh\0K\3e.", OK),
        ROW("\x80\2(cfunctools\npartial\n]q\0\x85Rh\0K\3a0l.", OK),
        ROW("\x80\2(cm\nf\ncm\nC\n)\x81q\0\x85Rh\0K\3b0l.", OK),
        /* what lies deeper in what it was given: in a list, a dict, a state, a keyword */
        ROW("\x80\2(cm\nf\n]]q\0a\x85Rh\0K\3al.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nf\n}K\1]q\0\x85s\x85Rh\0K\3al.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nf\ncm\nC\n)\x81]q\0b\x85Rh\0K\3al.", ERR_UNSUPPORTED),
        ROW("\x80\4(cm\nf\n)}Vk\n]q\0s\x92h\0K\3al.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nf\n]]q\0a\x85Rh\0l.", OK),
        /* a list that comes into another one after the call, and with one more call before it changes */
        ROW("\x80\2]q\0cm\nf\nh\0\x85Ra]q\1ah\1K\3a0.", OK),
        ROW("\x80\2]q\0cm\nf\nh\0\x85Ra]q\1acm\ng\nh\0\x85Rah\1K\3a0.", OK),
        ROW("\x80\2cm\nC\n)\x81q\0cm\nf\nh\0\x85RbK\3b.", OK),
        /* what an object was given as a state or an item, and a key, that changes afterwards */
        ROW("\x80\2(cm\nC\n)\x81}q\0bh\0X\1\0\0\0aK\1sl.", ERR_UNSUPPORTED),
        ROW("\x80\2(cm\nC\n)\x81]q\0ah\0K\1al.", ERR_UNSUPPORTED),
        ROW("\x80\2(}cm\nC\n)\x81q\0K\2sh\0}bl.", ERR_UNSUPPORTED),
        /* fetched before and after a call, twice at a time, over itself */
        ROW("\x80\2(]q\0h\0K\1a0cm\nf\n)Rh\0K\2a0l.", OK),
        ROW("\x80\2cm\nf\n)R0]q\0h\0K\6a0.", OK),
        ROW("\x80\2(im\nC\nq\0000h\0h\0b0(h\0t.", OK),
        ROW("\x80\2cm\nC\n)\x81q\0000h\0K\1b0h\0.", OK),
        ROW("\x80\2cm\nf\n)R0]q\0h\0K\3ah\0K\4aK\5a00.", OK),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].bytes, rows[i].size);
        npk_error error = {.message = ""};
        npk_write_options options = {.protocol_given = true, .protocol = 4};
        npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
        cr_expect_eq(status, rows[i].status, "row %zu: %s", i, error.message);
        if (status == NPK_OK) {
            npk_doc *again = load((const char *)bytes, size);
            cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(again)), 0, "row %zu", i);
            npk_doc_free(again);
            npk_bytes_free(NULL, bytes, size);
        } else
            cr_expect(strstr(error.message, "calls would come in another order") != NULL || strstr(error.message, "before all of its items") != NULL ||
                          strstr(error.message, "may have been seen without") != NULL,
                      "row %zu: %s", i, error.message);
        npk_doc_free(doc);
    }
}

/* What is dropped over the parts of a call for which protocol 4 has an opcode, a value or a name: then it stays a call. */
Test(event, over_the_parts_of_a_call)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
#define F "cm\nf\n)R0"
#define ROW(bytes) {bytes, sizeof(bytes) - 1}
        ROW("\x80\2c_codecs\nencode\nX\1\0\0\0aX\6\0\0\0latin1\x86" F "R."),
        ROW("\x80\2c__builtin__\nset\n](K\1e\x85" F "R."),
        ROW("\x80\2c__builtin__\nfrozenset\n](K\1" F "e\x85R."),
        ROW("\x80\2c__builtin__\nbytearray\nc_codecs\nencode\nX\1\0\0\0aX\6\0\0\0latin1\x86" F "R\x85R."),
        ROW("\x80\2c__builtin__\ngetattr\ncm\nC\nX\1\0\0\0D\x86" F "R."),
        ROW("\x80\2c__builtin__\ngetattr\ncm\nC\nX\1\0\0\0D\x86R" F "."),
#undef ROW
#undef F
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].bytes, rows[i].size);
        npk_error error = {.message = ""};
        npk_write_options options = {.protocol_given = true, .protocol = 4};
        uint8_t *bytes = NULL;
        size_t size = 0;
        bool called = false;
        cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "row %zu: %s", i,
                     error.message);
        for (size_t at = 0; at + 3 <= size; at++)
            called = called || memcmp(bytes + at, "\x8c\1f", 3) == 0;
        cr_expect(called, "row %zu", i);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

/* A persistent id is looked up where its pickle did it, and as often, before and after what is called. */
Test(event, persistent_ids)
{
#define OUTSIDE "X\1\0\0\0aQ"
#define FIRST "cm\nf\n)R0"
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
#define ROW(bytes) {bytes, sizeof(bytes) - 1}
        ROW("\x80\2" OUTSIDE FIRST "."),
        ROW("\x80\2" FIRST OUTSIDE "."),
        ROW("\x80\2" OUTSIDE "q\0"
            "0" FIRST "h\0."),
        ROW("\x80\2" OUTSIDE "0" FIRST "N."),
        ROW("\x80\2" FIRST OUTSIDE "0N."),
        ROW("\x80\2](" OUTSIDE "q\0" FIRST "h\0e."),
        ROW("\x80\2](" OUTSIDE FIRST OUTSIDE "e."),
        ROW("\x80\2](" OUTSIDE "q\0cm\nf\nh\0\x85R0h\0e."),
        ROW("\x80\2" OUTSIDE "]q\0" OUTSIDE "h\0\x86q\1a00h\1."), /* a tuple that holds itself is begun twice */
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].bytes, rows[i].size);
        npk_error error = {.message = ""};
        cr_assert_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_OK, "row %zu: %s", i, error.message);
        cr_expect(size == rows[i].size && memcmp(bytes, rows[i].bytes, size) == 0, "row %zu", i);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
    npk_doc *pairs[][2] = {
        {LOAD("\x80\2](cm\nf\n)R" OUTSIDE "q\1h\1e."), LOAD("\x80\2" OUTSIDE "q\1"
                                                            "0](cm\nf\n)Rh\1h\1e.")},
        {LOAD("\x80\2" OUTSIDE "0N."), LOAD("\x80\2N.")},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        cr_expect_gt(differences(npk_doc_root(pairs[i][0]), npk_doc_root(pairs[i][1])), 0, "pair %zu", i);
        npk_doc_free(pairs[i][0]);
        npk_doc_free(pairs[i][1]);
    }
#undef FIRST
#undef OUTSIDE
}

/* A set that holds itself through a call is made by two calls below protocol 4, in one of which the other is called once more: so it is from
 * protocol 4 on. */
Test(event, a_call_in_a_set_by_a_call)
{
    static const char pickle[] = "\200\002c__builtin__\012set\012q\000]q\001cm\012f\012q\002]q\003h\000]"
                                 "q\004h\002h\003\205q\005Rq\006a\205q\007Rq\010a0h\005R0h\006a\205q\011R0h\010.";
    npk_doc *doc = load(pickle, sizeof pickle - 1);
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {.protocol_given = true, .protocol = protocol};
        npk_error error = {.message = ""};
        npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
        cr_assert_eq(status, NPK_OK, "protocol %d: %s", protocol, error.message);
        npk_doc *other = load((const char *)bytes, size);
        cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(other)), 0, "protocol %d", protocol);
        npk_doc_free(other);
        npk_bytes_free(NULL, bytes, size);
    }
    npk_doc_free(doc);
}

/* A walk comes by what was dropped, under a path that leads there. */
Test(event, are_walked)
{
    npk_doc *doc = LOAD("\x80\2cm\nC\nq\0)\x81q\1cm\nf\nh\1U\1w\x86R0cm\ng\n)R0.");
    const npk_value *value, *found;
    npk_walk *walk = NULL;
    bool met = false;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
        cr_expect_eq(npk_value_find(npk_doc_root(doc), npk_walk_path(walk), &found, NULL), NPK_OK);
        met = met || (npk_value_is_text(value, "w") && strcmp(npk_walk_path(walk), ".<call 1>.<args>[1]") == 0);
    }
    npk_walk_free(walk);
    cr_expect(met);
    const npk_value *calls = npk_value_calls(npk_doc_root(doc));
    cr_assert_eq(npk_value_size(calls), 2);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), ".<call 2>", &found, NULL), NPK_OK);
    cr_expect_eq(npk_value_item(calls, 1), found);
    npk_doc_free(doc);
}

/* Dropped by one POP_MARK, they are no deeper than one of them, over whatever they lie. */
Test(event, many_by_one_pop_mark, .timeout = 60)
{
    enum { MANY = 100000 };
    static const struct {
        const char *before, *after;
        npk_event_kind kind;
    } rows[] = {{"(", "1N.", NPK_EVENT_CALL_BEFORE},
                {"(", "1].", NPK_EVENT_CALL_BEFORE},
                {"](", "1.", NPK_EVENT_CALL},
                {"(im\nC\n(", "1.", NPK_EVENT_CALL},
                {"(", "1(im\nC\nNb.", NPK_EVENT_CALL_BEFORE}};
    static const char call[] = "cm\nC\n)R";
    static char pickle[MANY * (sizeof call - 1) + 32];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t end = strlen(rows[i].before);
        memcpy(pickle, rows[i].before, end);
        for (int n = 0; n < MANY; n++, end += sizeof call - 1)
            memcpy(pickle + end, call, sizeof call - 1);
        memcpy(pickle + end, rows[i].after, strlen(rows[i].after));
        npk_doc *doc = load(pickle, end + strlen(rows[i].after));
        const npk_value *calls = npk_value_calls(npk_doc_root(doc));
        npk_event event;
        cr_assert_eq(npk_value_size(calls), MANY, "row %zu", i);
        cr_expect_null(npk_value_calls(npk_value_item(calls, MANY - 1)));
        cr_expect(npk_value_event(npk_doc_root(doc), MANY - 1, &event) && event.kind == rows[i].kind, "row %zu", i);
        npk_doc *again = rewritten(npk_doc_root(doc), 2);
        uint64_t differences = 1;
        cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(again))), MANY);
        cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0, "row %zu", i);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

static const npk_value *new_int(npk_doc *doc, int64_t number)
{
    npk_writer *w = NULL;
    const npk_value *value = NULL;
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_int(w, number);
    cr_assert_eq(npk_edit_finish(w, &value, NULL), NPK_OK);
    return value;
}

Test(event, are_edited)
{
    npk_doc *doc = LOAD(OBJECT CALL "K\1bK\2aK\7b" CALL "K\3aK\4a.");
    const npk_value *root = npk_doc_root(doc), *one, *ten;
    npk_object object;
    expect_events(root, "call, state, items 0+1, state, call, items 1+2");
    cr_assert(npk_value_as_object(root, &object));
    ten = new_int(doc, 10);
    cr_expect_eq(npk_edit_object_state(doc, root, ten, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, object.listitems, ten, NULL), NPK_OK);
    cr_expect_eq(npk_edit_list_append(doc, object.listitems, ten, NULL), NPK_OK);
    expect_events(root, "call, state, items 0+1, nothing, call, items 1+4");
    cr_assert_eq(npk_value_find(root, ".<call 2>", &one, NULL), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, one, ten, NULL), NPK_OK);
    npk_doc *again = rewritten(root, 4);
    expect_events(npk_doc_root(again), "call, state, items 0+5");
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
}

/* What an object that is made twice was given is replaced in both calls. */
Test(event, made_twice_of_what_is_replaced)
{
    npk_doc *doc = LOAD("\x80\2cm\nf\nq\0]q\1h\0h\1]q\5\x86q\2Rq\3ah\5\x86R0h\3.");
    const npk_value *given;
    expect_events(npk_doc_root(doc), "return");
    cr_assert_eq(npk_value_find(npk_doc_root(doc), ".<args>[1]", &given, NULL), NPK_OK);
    cr_expect_eq(npk_edit_replace(doc, given, new_int(doc, 300), NULL), NPK_OK);
    for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol++) {
        npk_doc *again = rewritten(npk_doc_root(doc), protocol);
        expect_events(npk_doc_root(again), "return");
        cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(again)), 0);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
    }
    npk_doc_free(doc);
}

/* What was dropped before a list was begun is not after some of its items, or before its state. */
Test(event, before_a_list_that_is_edited)
{
    npk_doc *docs[2] = {LOAD("\x80\2cm\nf\n)R0]K\1a."), LOAD("\x80\2cm\nf\n)R0cm\ng\n)R.")};
    cr_expect_eq(npk_edit_list_append(docs[0], npk_doc_root(docs[0]), new_int(docs[0], 2), NULL), NPK_OK);
    cr_expect_eq(npk_edit_attribute(docs[1], npk_doc_root(docs[1]), "name", new_int(docs[1], 2), NULL), NPK_OK);
    for (int i = 0; i < 2; i++) {
        npk_doc *again = rewritten(npk_doc_root(docs[i]), 4);
        cr_expect_eq(differences(npk_doc_root(docs[i]), npk_doc_root(again)), 0, "%d", i);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(docs[i]);
    }
}

/* Calls that are dropped, in numbers: each looks for what it belongs to, below 50,000 texts. */
Test(event, cost_what_they_are_long, .timeout = 60)
{
    enum { MANY = 50000 };
    static const char start[] = "\x80\2cm\nf\nq\0""0(", call[] = "h\0)R0";
    static char pickle[MANY * 8 + 100];
    size_t end = sizeof start - 1;
    memcpy(pickle, start, end);
    for (int i = 0; i < MANY; i++, end += 3)
        memcpy(pickle + end, "U\1a", 3);
    for (int i = 0; i < MANY; i++, end += sizeof call - 1)
        memcpy(pickle + end, call, sizeof call - 1);
    memcpy(pickle + end, "t.", 2);
    npk_doc *doc = load(pickle, end + 2);
    cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(doc))), MANY);
    npk_doc_free(doc);
}

/* An object that comes out of the memo for each item, and each state: to write it back looks for no call inside its arguments each time it comes. */
Test(event, an_object_fetched_over_and_over, .timeout = 60)
{
    enum { MANY = 200000 };
    static const char start[] = "\x80\2]q\0""0cm\nf\n)Rq\1""0(", *const steps[] = {"h\1h\0""a0", "h\1h\0""b0"};
    static char pickle[MANY * 6 + 100];
    for (size_t k = 0; k < 2; k++) {
        size_t end = sizeof start - 1;
        memcpy(pickle, start, end);
        memcpy(pickle + end, "h\1", 2);
        end += 2;
        for (int i = 0; i < MANY; i++, end += 6)
            memcpy(pickle + end, steps[k], 6);
        memcpy(pickle + end, "t.", 2);
        npk_doc *doc = load(pickle, end + 2), *again = rewritten(npk_doc_root(doc), 4);
        cr_expect_eq(npk_value_events(npk_value_item(npk_doc_root(again), 0)),
                     npk_value_events(npk_value_item(npk_doc_root(doc), 0)));
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

/* An object that is fetched as often as it gets an item, and then dropped as often: of the events that are late none is looked at for each drop. */
Test(event, an_object_dropped_over_and_over, .timeout = 60)
{
    enum { MANY = 200000 };
    static const char start[] = "\x80\4(]cm\nC\n)Rq\0""(";
    static char pickle[MANY * 5 + 100];
    for (int mark = 0; mark < 2; mark++) {
        size_t end = sizeof start - 1 - (size_t)!mark;
        memcpy(pickle, start, end);
        for (int i = 0; i < MANY; i++, end += 4)
            memcpy(pickle + end, "h\0Na", 4);
        memset(pickle + end, mark ? '1' : '0', mark ? 1 : MANY);
        end += mark ? 1 : MANY;
        memcpy(pickle + end, "K\0t.", 4);
        npk_doc *doc = load(pickle, end + 4);
        pickle[end + 1] = 1;
        npk_doc *other = load(pickle, end + 4);
        cr_expect_gt(npk_value_events(npk_value_item(npk_doc_root(doc), 1)), 0);
        cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(other)), 1);
        npk_doc_free(other);
        npk_doc_free(doc);
    }
}

/* One inside the other: each gets a state, then another one above it has all of its own, and it gets one more before it
 * is dropped, with which comes what is its own. Those inside it are passed over, not gone through. */
Test(event, an_object_dropped_inside_itself_over_and_over, .timeout = 60)
{
    enum { MANY = 150000 };
    static const char start[] = "\x80\4(]cm\nC\n)Rq\0";
    static char pickle[MANY * 14 + 100];
    for (int beside = 0; beside < 2; beside++) {
        size_t end = sizeof start - 1;
        memcpy(pickle, start, end);
        for (int i = 0; i < MANY; i++, end += 4)
            memcpy(pickle + end, "h\0Nb", 4);
        for (int i = 0; i < MANY; i++, end += beside ? 10 : 3)
            memcpy(pickle + end, beside ? "Nbh\0Nb0Nb0" : "Nb0", beside ? 10 : 3);
        memcpy(pickle + end, "K\0t.", 4);
        npk_doc *doc = load(pickle, end + 4);
        pickle[end + 1] = 1;
        npk_doc *other = load(pickle, end + 4);
        cr_expect_gt(npk_value_events(npk_value_item(npk_doc_root(doc), 1)), MANY - 1);
        cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(other)), 1);
        npk_doc_free(other);
        npk_doc_free(doc);
    }
}

/* A call of many arguments that is met as often as it has any, and calls that share them: what is dropped over one of them is not looked for each time. */
Test(event, a_call_of_many_arguments, .timeout = 60)
{
    enum { MANY = 200000 };
    static const char *const starts[] = {"\x80\4(cm\nC\n(", "\x80\4cm\nC\nq\1""0("}, *const ends[] = {"tRq\0", "tq\0""0("},
        *const steps[] = {"h\0", "h\1h\0R"};
    static char pickle[MANY * 7 + 100];
    for (size_t k = 0; k < 2; k++) {
        size_t end = strlen(starts[k]);
        memcpy(pickle, starts[k], end);
        for (int i = 0; i < MANY; i++, end += 2)
            memcpy(pickle + end, "K\1", 2);
        for (const char *at = ends[k]; at < ends[k] + (k == 0 ? 4 : 5); at++)
            pickle[end++] = *at;
        for (int i = 0; i < MANY; i++, end += k == 0 ? 2 : 5)
            memcpy(pickle + end, steps[k], k == 0 ? 2 : 5);
        memcpy(pickle + end, "t.", 2);
        npk_doc *doc = load(pickle, end + 2), *again = rewritten(npk_doc_root(doc), 2);
        cr_expect_eq(npk_value_size(npk_doc_root(again)), MANY + (k == 0));
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

/* What a set gets once something else may have it, or something was called: from protocol 4 on by ADDITEMS, below by operator.ior, which is read as the
 * same. The bytes were run by CPython: what is called sees as much of the set in both. */
Test(event, sets_that_grow)
{
#define SET2 "c__builtin__\nset\n"
#define IOR "coperator\nior\n"
    static const struct {
        const char *pickle;
        size_t size;
        const char *at_2; /* NULL: as it is */
        size_t size_at_2;
    } rows[] = {
#define ROW(pickle, at_2) {(pickle), sizeof(pickle) - 1, (at_2), sizeof(at_2) - 1}
        ROW("\x80\4\x8f\x94(cm\nf\nh\0\x85R\x90.", "\x80\2" SET2 "q\0]q\1\x85q\2Rq\3" IOR "q\4h\3h\0]q\5cm\nf\nh\3\x85Ra\x85q\6Rq\7\x86R0."),
        ROW("\x80\4\x8f\x94(cm\nC\n)\x81h\0" "bK\1\x90.",
            "\x80\2" SET2 "q\0]q\1\x85q\2Rq\3" IOR "q\4h\3h\0]q\5(cm\nC\n)\x81h\3bK\1e\x85q\6Rq\7\x86R0."),
        ROW("\x80\4\x8f\x94(K\1\x90(cm\nf\nh\0\x85R\x90(K\2\x90.",
            "\x80\2" SET2 "q\0]q\1K\1a\x85q\2Rq\3" IOR "q\4h\3h\0]q\5(cm\nf\nh\3\x85RK\2e\x85q\6Rq\7\x86R0."),
        ROW("\x80\4\x8f(K\1\x90" "cm\nf\n)R0(K\2\x90.",
            "\x80\2" SET2 "q\0]q\1K\1a\x85q\2Rq\3cm\nf\n)R0" IOR "q\4h\3h\0]q\5K\2a\x85q\6Rq\7\x86R0."),
        ROW("\x80\4]\x94(\x8f\x94h\1(cm\nf\nh\1\x85R\x90" "0h\1e.",
            "\x80\2]q\0(" SET2 "q\1]q\2\x85q\3Rq\4h\4" IOR "q\5h\4h\1]q\6cm\nf\nh\4\x85Ra\x85q\7Rq\x08\x86R00h\4e."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].pickle, rows[i].size);
        for (int protocol = 0; protocol <= 5; protocol++) {
            npk_write_options options = {.protocol_given = true, .protocol = protocol};
            npk_error error = {.message = ""};
            cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "row %zu: %s", i, error.message);
            cr_expect(protocol != 2 || (size == rows[i].size_at_2 && memcmp(bytes, rows[i].at_2, size) == 0), "row %zu", i);
            npk_doc *other = load((const char *)bytes, size);
            cr_expect_eq(differences(npk_doc_root(doc), npk_doc_root(other)), 0, "row %zu at %d", i, protocol);
            npk_doc_free(other);
            npk_bytes_free(NULL, bytes, size);
        }
        npk_doc_free(doc);
    }
    /* What a call sees is not the same in these. */
    npk_doc *one = LOAD("\x80\4\x8f\x94(cm\nC\n)\x81h\0" "b\x90."), *other = LOAD("\x80\2" SET2 "]cm\nC\n)\x81q\1" SET2 "]h\1a\x85Rq\2ba\x85R0h\2.");
    cr_expect_gt(differences(npk_doc_root(one), npk_doc_root(other)), 0);
    npk_doc_free(one);
    npk_doc_free(other);
    /* A set that others have is added as often as it is asked for, and paid for once: a call that npickle does not know. */
    one = LOAD("\x80\2" SET2 "]\x85Rq\0" IOR "h\0" SET2 "](K\1K\2e\x85Rq\1\x86R0" IOR "h\0h\1\x86R0.");
    cr_expect_eq(npk_value_size(npk_doc_root(one)), 2);
    cr_expect_eq(npk_value_size(npk_value_calls(npk_doc_root(one))), 1);
    npk_doc_free(one);
#undef SET2
#undef IOR
}

/* Dropped by as many POPs, which no pickler writes, they lie so too. */
Test(event, many_by_as_many_pops, .timeout = 60)
{
    enum { MANY = 20000 };
    static const struct {
        const char *before, *after;
        npk_event_kind kind;
        uint64_t opcodes; /* of before and after */
    } rows[] = {{"", "N.", NPK_EVENT_CALL_BEFORE, 2},
                {"]", ".", NPK_EVENT_CALL, 2},
                {"](", "0.", NPK_EVENT_CALL, 4},
                {"(im\nC\n", ".", NPK_EVENT_CALL, 3}};
    static const char call[] = "cm\nC\n)R";
    static char pickle[MANY * sizeof call + 32];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t end = strlen(rows[i].before);
        memcpy(pickle, rows[i].before, end);
        for (int n = 0; n < MANY; n++, end += sizeof call - 1)
            memcpy(pickle + end, call, sizeof call - 1);
        memset(pickle + end, '0', MANY);
        end += MANY;
        memcpy(pickle + end, rows[i].after, strlen(rows[i].after));
        npk_doc *doc = load(pickle, end + strlen(rows[i].after));
        const npk_value *calls = npk_value_calls(npk_doc_root(doc));
        npk_event event;
        npk_doc_info info;
        cr_assert_eq(npk_value_size(calls), MANY, "row %zu", i);
        cr_expect_null(npk_value_calls(npk_value_item(calls, MANY - 1)));
        cr_expect(npk_value_event(npk_doc_root(doc), MANY - 1, &event) && event.kind == rows[i].kind, "row %zu", i);
        cr_assert(npk_doc_info_of(doc, &info));
        cr_expect_eq(info.opcodes, 4 * MANY + rows[i].opcodes, "row %zu", i);
        npk_doc *again = rewritten(npk_doc_root(doc), 2);
        uint64_t differences = 1;
        cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0, "row %zu", i);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

/* pickle.dumps(t, 0) of t = ([t], 1, 1, ...): its items are dropped as they come, however many there are, and are no events. */
Test(event, items_of_a_long_tuple_in_itself)
{
    enum { INTS = 100 };
    char pickle[1024] = "((lp0\n(g0\n";
    for (int i = 0; i < INTS; i++)
        strcat(pickle, "I1\n");
    strcat(pickle, "tp1\na");
    for (int i = 0; i < INTS; i++)
        strcat(pickle, "I1\n");
    for (int i = 0; i < INTS + 2; i++)
        strcat(pickle, "0");
    strcat(pickle, "g1\n.");
    npk_doc *doc = load(pickle, strlen(pickle));
    cr_expect_null(npk_value_calls(npk_doc_root(doc)));
    cr_expect_eq(npk_value_size(npk_doc_root(doc)), INTS + 1);
    cr_expect_eq(npk_value_item(npk_value_item(npk_doc_root(doc), 0), 0), npk_doc_root(doc));
    npk_doc_free(doc);
}

/* What picklers write of a container and what a call, one that npickle knows, makes of it while it is being filled: written again in the same place. */
Test(event, taken_while_it_grows)
{
#define ROW(bytes)                                                                                                     \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1                                                                                       \
    }
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        ROW("\x80\2]q\0(K\1c__builtin__\ntuple\nq\1h\0\x85q\2Rq\3e."),
        ROW("\x80\2]q\0c__builtin__\nlist\nq\1h\0\x85q\2Rq\3a."),
        ROW("\x80\2}q\0(K\1K\2K\3c__builtin__\ndict\nq\1h\0\x85q\2Rq\3u."),
        ROW("\x80\2]q\0(c__builtin__\nbytearray\nq\1h\0\x85q\2Rq\3K\1e."),
        ROW("\x80\2]q\0(c__builtin__\ncomplex\nq\1h\0\x85q\2Rq\3K\1e."),
        ROW("\x80\2ccollections\nOrderedDict\nq\0)Rq\1(K\1h\0h\1\x85q\2Rq\3K\2K\3u."),
        ROW("\x80\2ccollections\ndeque\nq\0)Rq\1(K\1ccollections\nCounter\nq\2h\1\x85q\3Rq\4e."),
        ROW("\x80\2ccollections\nOrderedDict\nq\0)Rq\1K\1c__builtin__\nfrozenset\nq\2h\1\x85q\3Rq\4s."),
        ROW("\x80\2cm\nC\nq\0)\x81q\1K\1ccollections\ndefaultdict\nq\2Nh\1\x86q\3Rq\4s."),
    };
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int protocol = 0; protocol <= 5; protocol++) {
            const npk_write_options there = {.protocol_given = true, .protocol = protocol},
                                    back = {.protocol_given = true, .protocol = 2};
            npk_error error = {.status = NPK_OK};
            uint8_t *bytes[2] = {NULL, NULL};
            size_t size[2] = {0, 0};
            npk_doc *doc = load(rows[i].bytes, rows[i].size);
            cr_assert_eq(npk_doc_save_memory(doc, &there, &bytes[0], &size[0], &error), NPK_OK, "%zu, protocol %d: %s",
                         i, protocol, error.message);
            npk_doc *other = load((const char *)bytes[0], size[0]);
            cr_assert_eq(npk_doc_save_memory(other, &back, &bytes[1], &size[1], &error), NPK_OK, "%zu, protocol %d: %s",
                         i, protocol, error.message);
            if (protocol == 2)
                cr_expect(size[0] == rows[i].size && memcmp(bytes[0], rows[i].bytes, size[0]) == 0, "%zu", i);
            npk_doc *again = load((const char *)bytes[1], size[1]);
            uint64_t differences = 1;
            cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
            cr_expect_eq(differences, 0, "%zu, protocol %d", i, protocol);
            npk_doc_free(again);
            npk_doc_free(other);
            npk_doc_free(doc);
            for (size_t k = 0; k < 2; k++)
                npk_bytes_free(NULL, bytes[k], size[k]);
        }
}

/* In another place it would take more: refused, and not when it is read. */
Test(event, taken_before_it_grew)
{
    npk_doc *doc = LOAD("\x80\2]q\1K\1a0c__builtin__\ntuple\nh\1\x85Rh\1K\2a\x86.");
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_expect_eq(npk_value_size(npk_value_item(npk_doc_root(doc), 1)), 2);
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_expect(strstr(error.message, "may have been seen without") != NULL, "%s", error.message);
    npk_doc_free(doc);
}
