/* Graphs that go to another protocol, another Python or another NumPy: calls without their opcode, names, and what the
 * target can't load. */
#include "golden.h"

#include <npickle.h>

/* --- calls whose opcode the protocol does not have: tests/gen/newobj.py --- */

static golden_bytes written(const npk_doc *doc, int protocol, npk_status expected)
{
    golden_bytes out = {NULL, 0};
    npk_error error = {.message = ""};
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_status status = npk_doc_save_memory(doc, &options, &out.bytes, &out.size, &error);
    cr_assert_eq(status, expected, "protocol %d: %s", protocol, error.message);
    return out;
}

Test(translate, new_objects_at_every_protocol)
{
    golden g;
    int protocol, cases = 0;
    golden_bytes pickle, of[GOLDEN_PROTOCOLS];
    golden_open(&g, "newobj.golden");
    for (; golden_case(&g); cases++) {
        while (golden_pickle(&g, &protocol, &pickle))
            of[protocol] = pickle;
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(of[5].bytes, of[5].size, NULL, &doc, NULL), NPK_OK);
        for (protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
            golden_bytes out = written(doc, protocol, NPK_OK);
            cr_expect(out.size == of[protocol].size && memcmp(out.bytes, of[protocol].bytes, out.size) == 0,
                      "%s at protocol %d: other bytes", g.name, protocol);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
    golden_close(&g);
    cr_assert_eq(cases, 6);
}

/* What has no spelling at a protocol is refused there: by CPython no such pickle is written either. */
static const struct {
    const char *pickle;
    size_t size;
    int lowest; /* protocol that can hold it */
} unspelled[] = {
#define PICKLE(text, lowest)                                                                                           \
    {                                                                                                                  \
        text, sizeof text - 1, lowest                                                                                  \
    }
    PICKLE("\x80\2\x82\xf0.", 2),                                        /* an extension */
    PICKLE("\x80\2X\3\0\0\0a\nbQ.", 1),                                  /* a persistent id that is no line */
    PICKLE("\x80\2K\1Q.", 1),                                            /* one that is no text */
    PICKLE("(cm\nC\nq\0o.", 0),                                          /* OBJ of a class is INST */
    PICKLE("\x80\2(c__builtin__\ngetattr\ncm\nA\nX\1\0\0\0B\x86Ro.", 1), /* OBJ of what has no names */
#undef PICKLE
};

Test(translate, calls_that_a_protocol_has_no_opcode_for)
{
    for (size_t i = 0; i < sizeof unspelled / sizeof *unspelled; i++) {
        npk_doc *doc;
        npk_error error;
        cr_assert_eq(npk_doc_load_memory(unspelled[i].pickle, unspelled[i].size, NULL, &doc, &error), NPK_OK, "%zu: %s",
                     i, error.message);
        for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
            golden_bytes out = written(doc, protocol, protocol < unspelled[i].lowest ? NPK_ERR_UNSUPPORTED : NPK_OK);
            if (out.bytes != NULL)
                npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
}

/* --- names --- */

typedef struct move {
    const char *what;
    golden_bytes from;
    int protocol;
    golden_bytes to;
} move;

#define PICKLE(text)                                                                                                   \
    {                                                                                                                  \
        (uint8_t *)(text), sizeof(text) - 1                                                                            \
    }

static void expect_moved(const move *row, npk_write_options options)
{
    npk_doc *doc;
    npk_error error = {.message = ""};
    golden_bytes out;
    cr_assert_eq(npk_doc_load_memory(row->from.bytes, row->from.size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    options.protocol_given = true;
    options.protocol = row->protocol;
    cr_assert_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, &error), NPK_OK, "%s: %s", row->what,
                 error.message);
    cr_expect(out.size == row->to.size && memcmp(out.bytes, row->to.bytes, out.size) == 0, "%s: other bytes",
              row->what);
    npk_bytes_free(NULL, out.bytes, out.size);
    npk_doc_free(doc);
}

/* As CPython's picklers and unpicklers have fix_imports: below protocol 3 the names are those of Python 2, whoever wrote
 * them. What Python 3 calls Queue from there on is a module of somebody's own. */
static const move pythons[] = {
    {"own module", PICKLE("\x80\4\x8c\5Queue\x94\x8c\3Job\x94\x93\x94."), 5,
     PICKLE("\x80\5\x95\x11\0\0\0\0\0\0\0\x8c\5Queue\x94\x8c\3Job\x94\x93\x94.")},
    {"module of Python 2", PICKLE("cQueue\nQueue\n."), 3, PICKLE("\x80\3cqueue\nQueue\n.")},
    {"module of Python 3, down", PICKLE("\x80\3cqueue\nQueue\n."), 2, PICKLE("\x80\2cQueue\nQueue\n.")},
    {"one of several that OSError stands for", PICKLE("\200\3cbuiltins\nConnectionError\n."), 2,
     PICKLE("\200\2cbuiltins\nConnectionError\n.")},
    {"among the old", PICKLE("cqueue\nQueue\n."), 2, PICKLE("\x80\2cqueue\nQueue\n.")},
    {"among the new", PICKLE("\x80\3c__builtin__\nrange\n."), 3, PICKLE("\x80\3c__builtin__\nrange\n.")},
    {"dill's own", PICKLE("\x80\4\x8c\13__builtin__\x8c\10__main__\x93."), 5,
     PICKLE("\x80\5\x95\x19\0\0\0\0\0\0\0\x8c\13__builtin__\x8c\10__main__\x93.")},
    {"dill's own, from below", PICKLE("\x80\2c__builtin__\n__main__\n."), 4,
     PICKLE("\x80\4\x95\x1b\0\0\0\0\0\0\0\x8c\13__builtin__\x94\x8c\10__main__\x94\x93.")},
    {"main", PICKLE("c__main__\nA\n."), 3, PICKLE("\x80\3c__main__\nA\n.")},
    {"a class inside another, down", PICKLE("\x80\4\x8c\1m\x8c\3A.B\x93."), 3,
     PICKLE("\x80\3"
            "cbuiltins\ngetattr\nq\0cm\nA\nq\1X\1\0\0\0Bq\2\x86q\3Rq\4.")},
    {"a name with a dot", PICKLE("\x80\3cm\nA.B\n."), 2, PICKLE("\x80\2cm\nA.B\n.")},
};

Test(translate, names_of_another_python)
{
    for (size_t i = 0; i < sizeof pythons / sizeof *pythons; i++)
        expect_moved(&pythons[i], (npk_write_options){.translate_names = true});
}

/* Python 3 calls all of a module by one older name, where some of it was in another: a Python 2 finds it there alone. */
Test(translate, names_that_python3_misses)
{
    static const move rows[] = {
        {"of CGIHTTPServer", PICKLE("\x80\2cBaseHTTPServer\nexecutable\n."), 2,
         PICKLE("\x80\2cCGIHTTPServer\nexecutable\n.")},
        {"private", PICKLE("\x80\2cBaseHTTPServer\n_url_collapse_path\n."), 0,
         PICKLE("cCGIHTTPServer\n_url_collapse_path\n.")},
        {"of subprocess", PICKLE("\x80\2ccommands\nPopen\n."), 2, PICKLE("\x80\2csubprocess\nPopen\n.")},
        {"as it is", PICKLE("\x80\2cBaseHTTPServer\nHTTPServer\n."), 2,
         PICKLE("\x80\2cBaseHTTPServer\nHTTPServer\n.")},
        {"in two modules", PICKLE("\x80\2ccPickle\nPickler\n."), 2, PICKLE("\x80\2ccPickle\nPickler\n.")},
        {"by another name elsewhere", PICKLE("\x80\2c__builtin__\nfilter\n."), 2,
         PICKLE("\x80\2c__builtin__\nfilter\n.")},
        {"by another name there", PICKLE("\x80\2c__builtin__\nstr\n."), 2, PICKLE("\x80\2c__builtin__\nstr\n.")},
        {"in two modules of one name", PICKLE("\x80\2cfunctools\nreduce\n."), 2,
         PICKLE("\x80\2cfunctools\nreduce\n.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_moved(&rows[i], (npk_write_options){.translate_names = true, .dialect = NPK_DIALECT_PYTHON2});
}

static npk_doc *document(const char *text, size_t size)
{
    npk_doc *doc;
    cr_assert_eq(npk_doc_load_memory(text, size, NULL, &doc, NULL), NPK_OK);
    return doc;
}

/* From protocol 3 on nobody translates what a pickle says: without any option a name of Python 2 becomes what Python 3 takes
 * it for, and one of protocol 3 stays, at every protocol. */
Test(translate, names_of_python2_mean_the_same_at_every_protocol)
{
    npk_doc *older = document("\200\2cQueue\nQueue\n.", 16), *newer = document("\200\3cQueue\nQueue\n.", 16);
    for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
        npk_doc *docs[2] = {older, newer};
        for (size_t i = 0; i < 2; i++) {
            const bool moved = i == 0 && protocol >= 3, taken = i == 1 && protocol < 3;
            golden_bytes out = written(docs[i], protocol, taken ? NPK_ERR_UNSUPPORTED : NPK_OK);
            if (taken)
                continue;
            npk_doc *again = document((const char *)out.bytes, out.size);
            size_t size, name_size;
            const char *module, *name;
            cr_assert(npk_value_as_global(npk_doc_root(again), &module, &size, &name, &name_size));
            cr_expect(size == 5 && memcmp(module, moved ? "queue" : "Queue", 5) == 0, "%zu at protocol %d", i, protocol);
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
    }
    npk_doc_free(older);
    npk_doc_free(newer);
}

Test(translate, a_global_is_looked_for_by_the_names_of_its_protocol)
{
    npk_doc *old = document("cQueue\nQueue\n.", 14), *own = document("\x80\3"
                                                                     "cQueue\nQueue\n.",
                                                                     16);
    cr_expect(npk_value_is_global(npk_doc_root(old), "queue", "Queue"));
    cr_expect(npk_value_is_global(npk_doc_root(old), "Queue", "Queue"));
    cr_expect_not(npk_value_is_global(npk_doc_root(own), "queue", "Queue"));
    cr_expect(npk_value_is_global(npk_doc_root(own), "Queue", "Queue"));
    npk_doc_free(old);
    npk_doc_free(own);
}

/* --- names that the caller gives --- */

static bool moved(void *context, const npk_name *from, npk_name *to)
{
    ++*(int *)context;
    if (from->module_size != 1 || from->module[0] != 'm')
        return false;
    *to = (npk_name){"new", 3, from->name, from->name_size};
    if (from->name_size == 3 && memcmp(from->name, "A.B", 3) == 0)
        *to = (npk_name){"new", 3, "C", 1};
    return true;
}

static const move renamed[] = {
    {"GLOBAL", PICKLE("cm\nA\n."), 0, PICKLE("cnew\nA\n.")},
    {"another module", PICKLE("cmm\nA\n."), 0, PICKLE("cmm\nA\n.")},
    {"twice", PICKLE("(cm\nA\nq\0h\0t."), 1, PICKLE("(cnew\nA\nq\0h\0t.")},
    {"STACK_GLOBAL", PICKLE("\x80\4\x8c\1m\x8c\1A\x93."), 3, PICKLE("\x80\3cnew\nA\n.")},
    {"GLOBAL for STACK_GLOBAL", PICKLE("cm\nA\n."), 4,
     PICKLE("\x80\4\x95\x0c\0\0\0\0\0\0\0\x8c\3new\x94\x8c\1A\x94\x93.")},
    {"INST", PICKLE("(im\nA\n."), 2, PICKLE("\x80\2(inew\nA\n.")},
    {"OBJ", PICKLE("(cm\nA\no."), 1, PICKLE("(cnew\nA\no.")},
    {"OBJ as INST", PICKLE("(cm\nA\nK\1o."), 0, PICKLE("(I1\ninew\nA\n.")},
    {"NEWOBJ", PICKLE("\x80\2cm\nA\n)\x81."), 2, PICKLE("\x80\2cnew\nA\n)\x81.")},
    {"getattr", PICKLE("\x80\2c__builtin__\ngetattr\ncm\nA\nX\1\0\0\0B\x86R."), 2, PICKLE("\x80\2cnew\nC\n.")},
    {"getattr of another", PICKLE("\x80\2c__builtin__\ngetattr\ncmm\nA\nX\1\0\0\0B\x86R."), 2,
     PICKLE("\x80\2c__builtin__\ngetattr\ncmm\nA\nX\1\0\0\0B\x86R.")},
    {"dots", PICKLE("\x80\4\x8c\1m\x8c\3A.B\x93."), 2, PICKLE("\x80\2cnew\nC\n.")},
    {"no name but a text", PICKLE("\x80\2X\1\0\0\0mQ."), 2, PICKLE("\x80\2X\1\0\0\0mQ.")},
};

Test(translate, names_that_the_caller_gives)
{
    int asked = 0;
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        expect_moved(&renamed[i], (npk_write_options){.rename = moved, .rename_context = &asked});
    cr_expect_eq(asked, 14); /* of the getattr of another: for it, for getattr and for A */
}

/* What would be one key there was two here: names by the callback, and by what Python 2 and 3 call a thing. */
Test(translate, names_that_become_one)
{
    static const char text[] = "two names that differ become one, both of them keys: an entry would be lost";
    static const struct {
        const char *name;
        golden_bytes pickle;
        bool by_caller;
        int protocol;
        npk_status status;
    } rows[] = {
        {"dict", PICKLE("}(cm\nA\nK\1cnew\nA\nK\2u."), true, 2, NPK_ERR_UNSUPPORTED},
        {"the same key twice", PICKLE("}(cm\nA\nK\1cm\nA\nK\2u."), true, 2, NPK_OK},
        {"others", PICKLE("}(cm\nA\nK\1cnew\nB\nK\2u."), true, 2, NPK_OK},
        {"values", PICKLE("}(K\1cm\nA\nK\2cnew\nA\nu."), true, 2, NPK_OK},
        {"one key", PICKLE("}(cm\nA\nK\1K\2cnew\nA\nu."), true, 2, NPK_OK},
        {"text that reads so", PICKLE("}(cm\nA\nK\1X\5\0\0\0new.AK\2u."), true, 2, NPK_OK},
        {"str of both Pythons", PICKLE("}(cm\nA\nK\1U\1\xffK\2C\1\xffK\3u."), true, 3, NPK_OK},
        {"in a run", PICKLE("](K\1}(K\1K\2K\3K\4u}(cm\nA\nK\1cnew\nA\nK\2ue."), true, 2, NPK_ERR_UNSUPPORTED},
        {"in tuples", PICKLE("}(K\1cm\nA\n\x86K\1K\1cnew\nA\n\x86K\2u."), true, 2, NPK_ERR_UNSUPPORTED},
        {"set", PICKLE("\x80\4\x8f(cm\nA\ncnew\nA\n\x90."), true, 4, NPK_ERR_UNSUPPORTED},
        {"set of protocol 2", PICKLE("\x80\2c__builtin__\nset\n](cm\nA\ncnew\nA\ne\x85R."), true, 2,
         NPK_ERR_UNSUPPORTED},
        {"frozenset", PICKLE("\x80\4(cm\nA\ncnew\nA\n\x91."), true, 4, NPK_ERR_UNSUPPORTED},
        {"keys of an object", PICKLE("cm\nD\n)R(cm\nA\nK\1cnew\nA\nK\2u."), true, 2, NPK_ERR_UNSUPPORTED},
        {"a class in another", PICKLE("}(cnew\nC\nK\1c__builtin__\ngetattr\ncm\nA\nX\1\0\0\0B\x86RK\2u."), true, 2,
         NPK_ERR_UNSUPPORTED},
        {"module of Python 2", PICKLE("\x80\2}(cQueue\nQueue\nK\1cqueue\nQueue\nK\2u."), false, 3, NPK_ERR_UNSUPPORTED},
        {"function of Python 2", PICKLE("\x80\2}(citertools\nizip\nK\1c__builtin__\nzip\nK\2u."), false, 4,
         NPK_ERR_UNSUPPORTED},
        {"as they were", PICKLE("\x80\2}(citertools\nizip\nK\1c__builtin__\nzip\nK\2u."), false, 2, NPK_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int asked = 0;
        golden_bytes out = {.bytes = NULL};
        npk_error error = {.message = ""};
        npk_doc *doc = document((const char *)rows[i].pickle.bytes, rows[i].pickle.size);
        const npk_write_options options = {.protocol_given = true,
                                           .protocol = rows[i].protocol,
                                           .rename = rows[i].by_caller ? moved : NULL,
                                           .rename_context = &asked,
                                           .translate_names = !rows[i].by_caller,
                                           .unloadable =
                                               rows[i].by_caller ? NPK_UNLOADABLE_WRITE : NPK_UNLOADABLE_REFUSE};
        cr_expect_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, &error), rows[i].status, "%s: %s",
                     rows[i].name, error.message);
        cr_expect(rows[i].status == NPK_OK || strstr(error.message, "an entry would be lost") != NULL, "%s: %s",
                  rows[i].name, error.message);
        cr_expect(i > 0 || strstr(error.message, text) != NULL);
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

static bool to_no_name(void *context, const npk_name *from, npk_name *to)
{
    *to = *from;
    to->name = context;
    to->name_size = strlen(context);
    return true;
}

Test(translate, a_name_that_is_none)
{
    static const char *const names[] = {"", "a\nb", "\xff", ".", "a.", ".a", "a..b", "a b", "a\t"};
    npk_doc *doc = document("cm\nA\n.", 6);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        golden_bytes out;
        npk_write_options options = {.rename = to_no_name, .rename_context = (void *)names[i]};
        cr_expect_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL), NPK_ERR_USAGE);
    }
    npk_doc_free(doc);
}

static bool to_queue(void *context, const npk_name *from, npk_name *to)
{
    (void)context;
    *to = (npk_name){"Queue", 5, from->name, from->name_size};
    return true;
}

/* CPython: _compat_pickle.py, NAME_MAPPING and IMPORT_MAPPING */
Test(translate, a_name_that_python3_takes_for_another)
{
    static const struct {
        int protocol;
        npk_dialect dialect;
        npk_status status;
    } rows[] = {{0, NPK_DIALECT_DEFAULT, NPK_ERR_UNSUPPORTED}, {2, NPK_DIALECT_DEFAULT, NPK_ERR_UNSUPPORTED},
                {2, NPK_DIALECT_NUMPY2, NPK_ERR_UNSUPPORTED},  {2, NPK_DIALECT_PYTHON2, NPK_OK},
                {3, NPK_DIALECT_DEFAULT, NPK_OK},              {4, NPK_DIALECT_DEFAULT, NPK_OK}};
    npk_doc *doc = document("cm\nA\n.", 6);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes out = {.bytes = NULL};
        npk_write_options options = {.protocol_given = true,
                                     .protocol = rows[i].protocol,
                                     .dialect = rows[i].dialect,
                                     .rename = to_queue};
        cr_expect_eq(npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL), rows[i].status, "row %zu", i);
        npk_bytes_free(NULL, out.bytes, out.size);
    }
    npk_doc_free(doc);
}

/* --- str of Python 2 as text where it is UTF-8; one string rather than another --- */

/* npk_python2_str_function: what begins with 'x' is bytes */
static npk_python2_str x_is_bytes(void *context, const npk_value *str)
{
    size_t size = 0;
    const uint8_t *bytes = npk_value_as_bytes(str, &size);
    ++*(int *)context;
    return size > 0 && bytes[0] == 'x' ? NPK_PYTHON2_STR_BYTES : NPK_PYTHON2_STR_KEEP;
}

/* b.decode('utf-8') of CPython takes the first two, not the lone byte nor half of a surrogate pair. */
Test(translate, utf8_of_python2)
{
    static const char pickle[] = "\x80\2]q\1(U\3abcU\4gr\xc3\xbcU\1\xffU\3\xed\xa0\x80U\1xe.";
    static const npk_kind kinds[] = {NPK_KIND_STR, NPK_KIND_STR, NPK_KIND_BYTES, NPK_KIND_BYTES, NPK_KIND_BYTES};
    int asked = 0;
    npk_write_options options = {.protocol_given = true,
                                 .protocol = 4,
                                 .python2_str = NPK_PYTHON2_STR_UTF8,
                                 .python2_str_of = x_is_bytes,
                                 .python2_str_context = &asked};
    npk_doc *doc = NULL, *again = NULL;
    npk_writer *w = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    cr_assert_eq(npk_writer_finish_memory(w, &bytes, &size, NULL), NPK_OK);
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(npk_value_kind(npk_value_item(npk_doc_root(again), i)), kinds[i], "item %zu", i);
    cr_expect(npk_value_is_text(npk_value_item(npk_doc_root(again), 1), "gr\xc3\xbc"));
    cr_expect_geq(asked, 5);
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
}

/* What Python 3.6 makes them of: bytes a datetime, text a Decimal, whatever is asked for the program's own strings. */
Test(translate, strings_that_python_itself_is_made_of)
{
    static const move rows[] = {
        {"time", PICKLE("cdatetime\ntime\n(S'abcdef'\ntR."), 3, PICKLE("\x80\3cdatetime\ntime\nC\6abcdefq\0\x85R.")},
        {"decimal", PICKLE("cdecimal\nDecimal\n(S'1.5'\ntR."), 3,
         PICKLE("\x80\3"
                "cdecimal\nDecimal\nX\3\0\0\0"
                "1.5\x85R.")},
        {"attribute", PICKLE("c__builtin__\ngetattr\n(cm\nC\nS'run'\ntR."), 3,
         PICKLE("\x80\3cbuiltins\ngetattr\ncm\nC\nX\3\0\0\0run\x86R.")},
        {"memory", PICKLE("c_ctypes\n_unpickle\n(cctypes\nc_short\n((dS'ab'\nttR."), 3,
         PICKLE("\x80\3c_ctypes\n_unpickle\ncctypes\nc_short\n}C\2abq\0\x86\x86R.")},
    };
    for (int how = NPK_PYTHON2_STR_TEXT; how <= NPK_PYTHON2_STR_BYTES; how++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            expect_moved(&rows[i],
                         (npk_write_options){.translate_names = true, .python2_str = (npk_python2_str)how});
}

/* --- what the target has: tests/gen/targets.py --- */

#define RELEASES 5
#define OBJECTS 20

/* In the order of releases; `same`: what goes back to it is what it pickles itself. */
static const struct {
    const char *dialect;
    bool same;
} releases[RELEASES] = {{"python2", true},
                        {"cpython3.6+numpy1.19", true},
                        {"cpython3.9+numpy1.21", true},
                        {"cpython3.11+numpy1.26", false}, /* generators are made as in 1.21, which it reads too */
                        {"cpython3.13+numpy2.5", true}};

typedef struct object {
    char name[32];
    npk_doc *docs[RELEASES]; /* NULL: the release has no such thing */
    golden_bytes bytes[RELEASES];
} object;

static int release_of(const char *dialect)
{
    for (int i = 0; i < RELEASES; i++)
        if (strcmp(dialect, releases[i].dialect) == 0)
            return i;
    cr_assert_fail("%s", dialect);
    return 0;
}

static void read_objects(object objects[OBJECTS])
{
    golden g;
    golden_bytes pickle;
    int protocol, count = 0;
    golden_open(&g, "targets.golden");
    while (golden_case(&g)) {
        object *at = objects;
        while (at < objects + count && strcmp(at->name, g.name) != 0)
            at++;
        cr_assert(at < objects + OBJECTS && golden_pickle(&g, &protocol, &pickle));
        count += at == objects + count;
        snprintf(at->name, sizeof at->name, "%s", g.name);
        int release = release_of(g.words);
        golden_add(&at->bytes[release], pickle.bytes, pickle.size);
        cr_assert_eq(npk_doc_load_memory(at->bytes[release].bytes, pickle.size, NULL, &at->docs[release], NULL),
                     NPK_OK);
    }
    golden_close(&g);
    cr_assert_eq(count, OBJECTS);
}

static void free_objects(object objects[OBJECTS])
{
    for (int i = 0; i < OBJECTS; i++)
        for (int release = 0; release < RELEASES; release++) {
            npk_doc_free(objects[i].docs[release]);
            free(objects[i].bytes[release].bytes);
        }
}

static npk_status convert(const npk_doc *doc, npk_write_options options, golden_bytes *out, npk_error *error)
{
    options.protocol_given = true;
    options.protocol = 2;
    options.translate_names = true;
    options.python2_str = npk_dialect_is_python2(options.dialect) ? NPK_PYTHON2_STR_KEEP : NPK_PYTHON2_STR_TEXT;
    return npk_doc_save_memory(doc, &options, &out->bytes, &out->size, error);
}

static bool is_same_value(golden_bytes pickle, const npk_doc *expected)
{
    npk_doc *doc;
    uint64_t differences;
    npk_compare_options options = {.python2_str = NPK_PYTHON2_STR_TEXT};
    cr_assert_eq(npk_doc_load_memory(pickle.bytes, pickle.size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(expected), &options, &differences, NULL), NPK_OK);
    npk_doc_free(doc);
    return differences == 0;
}

/* Of which all bytes are known: those of the target itself. */
static bool is_known(const char *name, int from)
{
    return strcmp(name, "aligned-struct") == 0 || (strcmp(name, "unit") == 0 && from == RELEASES - 1);
}

/* From each release to each: refused where the target has no such thing, and there alone; as the target pickles it itself,
 * where it goes back. (ufuncs go by name, which all releases read.) */
Test(translate, to_every_release_from_every_other)
{
    object objects[OBJECTS] = {{.name = ""}};
    int converted = 0, refused = 0, compared = 0;
    read_objects(objects);
    for (int i = 0; i < OBJECTS; i++)
        for (int from = 0; from < RELEASES; from++)
            for (int to = 0; to < RELEASES && objects[i].docs[from] != NULL; to++) {
                golden_bytes out;
                npk_error error = {.message = ""};
                npk_write_options options = {.unloadable = NPK_UNLOADABLE_REFUSE};
                bool path = strcmp(objects[i].name, "path") == 0; /* for Python 2 it is a package of its own */
                bool has = objects[i].docs[to] != NULL && !(path && to == 0);
                cr_assert_eq(npk_dialect_parse(releases[to].dialect, &options.dialect, NULL), NPK_OK);
                npk_status status = convert(objects[i].docs[from], options, &out, &error);
                cr_expect_eq(status, has ? NPK_OK : NPK_ERR_UNSUPPORTED, "%s from %s to %s: %s", objects[i].name,
                             releases[from].dialect, releases[to].dialect, error.message);
                cr_expect(has || strstr(error.message, "has no") != NULL, "%s", error.message);
                converted += status == NPK_OK;
                refused += status != NPK_OK;
                if (status == NPK_OK && to <= from && releases[to].same && strncmp(objects[i].name, "ufunc", 5) != 0) {
                    cr_expect(is_same_value(out, objects[i].docs[to]), "%s from %s to %s", objects[i].name,
                              releases[from].dialect, releases[to].dialect);
                    compared++;
                }
                if (status == NPK_OK && from > 0 && to > 0 && is_known(objects[i].name, from)) {
                    golden_bytes own = objects[i].bytes[to];
                    cr_expect(out.size == own.size && memcmp(out.bytes, own.bytes, own.size) == 0, "%s from %s to %s",
                              objects[i].name, releases[from].dialect, releases[to].dialect);
                }
                if (status == NPK_OK)
                    npk_bytes_free(NULL, out.bytes, out.size);
                options.unloadable = NPK_UNLOADABLE_WRITE;
                cr_expect_eq(convert(objects[i].docs[from], options, &out, NULL), NPK_OK, "--force");
                npk_bytes_free(NULL, out.bytes, out.size);
            }
    free_objects(objects);
    cr_expect_eq(converted, 349);
    cr_expect_eq(refused, 51);
    cr_expect_eq(compared, 150);
}

/* --- what is left out --- */

/* What NumPy says of the two after it has loaded what the target's own NumPy pickles: tests/gen/targets.py. "default" is for NumPy 1 and 2. */
static const struct {
    const char *name, *text;
    bool to_numpy1,
        to_both; /* lost there, if it comes from NumPy 2; what has no numpy.random of the new kind gets it as it is */
} left_out[] = {
    {"state-of-pcg", "SeedSequence", true, true},  {"generator", "SeedSequence", true, true},
    {"bit-generator", "SeedSequence", true, true}, {"newer-bit-generator", "SeedSequence", true, true},
    {"aligned-struct", "align=True", false, true},
};

/* What a writer says of one value. */
static void expect_left_out(const object *from, const npk_doc *doc, const char *dialect, const char *text)
{
    npk_writer *writer = NULL;
    npk_write_options options = {.protocol_given = true, .protocol = 2, .translate_names = true};
    options.python2_str = NPK_PYTHON2_STR_TEXT;
    cr_assert_eq(npk_dialect_parse(dialect, &options.dialect, NULL), NPK_OK);
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    cr_expect_null(npk_writer_left_out(writer));
    if (npk_write_value(writer, npk_doc_root(doc)) == NPK_OK) {
        const char *said = npk_writer_left_out(writer);
        cr_expect((said != NULL) == (text != NULL), "%s to %s: %s", from->name, dialect, said);
        cr_expect(text == NULL || said == NULL || strstr(said, text) != NULL, "%s to %s: %s", from->name, dialect,
                  said);
        cr_expect(said == NULL || strncmp(said, "at ", 3) != 0, "the root has no path: %s", said);
    }
    npk_writer_abandon(writer);
}

Test(translate, what_is_left_out_is_said)
{
    object objects[OBJECTS] = {{.name = ""}};
    int losses = 0;
    read_objects(objects);
    for (int i = 0; i < OBJECTS; i++)
        for (int from = 0; from < RELEASES; from++)
            for (int to = 0; to <= RELEASES && objects[i].docs[from] != NULL; to++) {
                const char *text = NULL;
                for (size_t row = 0; row < sizeof left_out / sizeof *left_out; row++)
                    if (strcmp(left_out[row].name, objects[i].name) == 0 &&
                        (to == RELEASES ? left_out[row].to_both
                                        : left_out[row].to_numpy1 && to > 0 && to < RELEASES - 1) &&
                        (from == RELEASES - 1 || !left_out[row].to_numpy1))
                        text = left_out[row].text;
                losses += text != NULL;
                expect_left_out(&objects[i], objects[i].docs[from], to == RELEASES ? "default" : releases[to].dialect,
                                text);
            }
    free_objects(objects);
    cr_expect_eq(losses, 21);
}

/* In containers, by its path; the first of two; and what comes before a value has none. */
Test(translate, what_is_left_out_has_a_path)
{
    object objects[OBJECTS] = {{.name = ""}};
    const npk_dtype *aligned;
    npk_error error = {.message = ""};
    npk_write_options options = {.protocol_given = true, .protocol = 4, .translate_names = true};
    read_objects(objects);
    const npk_doc *generator = NULL;
    for (int i = 0; i < OBJECTS; i++)
        if (strcmp(objects[i].name, "generator") == 0)
            generator = objects[i].docs[RELEASES - 1];
    cr_assert_eq(
        npk_dtype_parse("{'names': ['a', 'b'], 'formats': ['i1', 'f8'], 'aligned': True}", NULL, &aligned, &error),
        NPK_OK, "%s", error.message);
    npk_writer *writer = NULL;
    npk_doc *doc = NULL;
    cr_assert_eq(npk_writer_doc(NULL, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, 3);
    npk_write_int(writer, 7);
    npk_write_begin_dict(writer, 1);
    npk_write_str(writer, "k");
    npk_write_value(writer, npk_doc_root(generator));
    npk_write_end(writer);
    npk_write_dtype(writer, aligned);
    npk_write_end(writer);
    cr_expect_null(npk_writer_left_out(writer), "a document loses nothing");
    cr_assert_eq(npk_writer_finish_doc(writer, &doc, &error), NPK_OK, "%s", error.message);

    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    cr_assert_eq(npk_write_value(writer, npk_doc_root(doc)), NPK_OK);
    const char *said = npk_writer_left_out(writer);
    cr_expect(said != NULL && strncmp(said, "at [1]['k']: the SeedSequence", 29) == 0, "%s", said);
    npk_writer_abandon(writer);

    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, 2);
    npk_write_dtype(writer, aligned);
    npk_write_value(writer, npk_doc_root(doc));
    said = npk_writer_left_out(writer);
    cr_expect(said != NULL && strncmp(said, "the dtype's align=True", 22) == 0, "%s", said);
    npk_writer_abandon(writer);
    cr_expect_null(npk_writer_left_out(NULL));
    npk_dtype_free(aligned);
    npk_doc_free(doc);
    free_objects(objects);
}

/* A tuple is an array's state and the program's own: one string in it can't be bytes and text. */
Test(translate, strings_in_two_roles)
{
#define STATE "(I1\n(I2\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'ab'\ntp0\n"
#define ARRAY "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    static const char *const pickles[] = {"(" ARRAY STATE "bg0\nl.", "(" STATE ARRAY "g0\nbl."};
    for (int how = NPK_PYTHON2_STR_TEXT; how <= NPK_PYTHON2_STR_BYTES; how++)
        for (int i = 0; i < 2; i++) {
            npk_write_options options = {.protocol_given = true, .protocol = 4, .python2_str = (npk_python2_str)how};
            npk_doc *doc = NULL;
            golden_bytes out = {NULL, 0};
            cr_assert_eq(npk_doc_load_memory(pickles[i], strlen(pickles[i]), NULL, &doc, NULL), NPK_OK);
            npk_status status = npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL);
            cr_expect_eq(status, how == NPK_PYTHON2_STR_BYTES ? NPK_OK : NPK_ERR_UNSUPPORTED, "%d: %d", how, i);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
}

/* What a state that is no dict of attributes, nor a pair of these, holds is the program's: nobody has said what it is. */
Test(translate, keys_in_states)
{
    static const struct {
        const char *state;
        npk_status status;
    } rows[] = {
        {"(dS'k'\nI1\ns", NPK_OK},
        {"((dS'k'\nI1\nsNt", NPK_OK},
        {"(N(dS'k'\nI1\nst", NPK_OK},
        {"((dS'k'\nI1\ns(dS'k'\nI1\nst", NPK_OK},
        {"((dS'k'\nI1\nst", NPK_ERR_CAST},
        {"((dS'k'\nI1\nsI1\nt", NPK_ERR_CAST},
        {"(I1\n(dS'k'\nI1\nst", NPK_ERR_CAST},
        {"((l(dS'k'\nI1\nst", NPK_ERR_CAST},
        {"((dS'k'\nI1\nsNNt", NPK_ERR_CAST},
        {"(l(dS'k'\nI1\nsa", NPK_ERR_CAST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_write_options options = {
            .protocol_given = true, .protocol = 4, .python2_str = NPK_PYTHON2_STR_REFUSE};
        char pickle[100];
        npk_doc *doc = NULL;
        golden_bytes out = {NULL, 0};
        int size = snprintf(pickle, sizeof pickle, "(im\nC\n%sb.", rows[i].state);
        cr_assert_eq(npk_doc_load_memory(pickle, (size_t)size, NULL, &doc, NULL), NPK_OK, "%s", rows[i].state);
        npk_status status = npk_doc_save_memory(doc, &options, &out.bytes, &out.size, NULL);
        cr_expect_eq(status, rows[i].status, "%s: %s", rows[i].state, npk_status_name(status));
        npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

static const struct {
    const char *pickle;
    size_t size;
    npk_dialect dialect;
    const char *message; /* NULL: written */
} targets[] = {
#define TARGET(text, dialect, message)                                                                                 \
    {                                                                                                                  \
        text, sizeof text - 1, dialect, message                                                                        \
    }
    TARGET("\x80\4]}\x8c\1a(\x8c\10zoneinfo\x8c\10ZoneInfo\x93tsa.", NPK_CPYTHON(3, 6),
           "at [0]['a'][0]: Python 3.6 has no zoneinfo.ZoneInfo, which came with 3.9"),
    TARGET("\x80\4\x8c\10zoneinfo\x8c\10ZoneInfo\x93.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\x80\3cbuiltins\nExceptionGroup\n.", NPK_DIALECT_DEFAULT,
           "Python 3.10 has no builtins.ExceptionGroup, which came with 3.11"),
    TARGET("c__builtin__\ncmp\n.", NPK_CPYTHON(3, 6), "Python after 2.7 has no builtins.cmp"),
    TARGET("cnumpy\nalen\n.", NPK_DIALECT_DEFAULT, "NumPy after 1.22 has no numpy.alen"),
    TARGET("cnumpy\nalen\n.", NPK_NUMPY(1, 19), NULL),
    TARGET("\200\4\214\14http.cookies\214\6Morsel\223)\201(\214\10samesite\214\0u.", NPK_CPYTHON(3, 6),
           "Python 3.6 has no http.cookies.Morsel with a 'samesite', which came with 3.8"),
    TARGET("\200\3cdatetime\ndatetime\nC\n\7\344\205\21\1\2\0\0\0\0\205R.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no datetime.datetime with a fold, which came with 3.6"),
    TARGET("\200\3cdatetime\ndatetime\nC\n\7\344\5\21\1\2\0\0\0\0\205R.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("\200\3cdatetime\ndatetime\nC\n\7\344\205\21\1\2\0\0\0\0\205R.", NPK_DIALECT_DEFAULT, NULL),
    TARGET("\200\3c_operator\nor_\ncbuiltins\nint\ncbuiltins\nstr\n\206R.", NPK_CPYTHON(3, 9),
           "Python 3.9 has no _operator.or_ of classes, which came with 3.10"),
    TARGET("\200\3carray\n_array_reconstructor\n(carray\narray\nX\1\0\0\0wK\022C\4a\0\0\0tR.", NPK_DIALECT_DEFAULT,
           "Python 3.10 has no array._array_reconstructor of 'w', which came with 3.13"),
    TARGET("\200\3citertools\ncycle\n]K\1a\205R]K\0\206b.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no itertools.cycle that takes such a state, which came with 3.0"),
    TARGET("\200\2ccopy_reg\n_reconstructor\ncdis\nFormatter\nc__builtin__\nobject\nN\207R.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no dis.Formatter, which came with 3.13"),
    TARGET("\200\2cdis\nFormatter\n)\201}b.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no dis.Formatter, which came with 3.13"),
    TARGET("\200\2ctarfile\nTarInfo\n)\201}U\4nameU\1asb.", NPK_CPYTHON(3, 9),
           "Python after 2.7 has no tarfile.TarInfo that takes a dict as its state"),
    TARGET("\200\3cstatistics\nNormalDist\n)\201G\0\0\0\0\0\0\0\0G\0\0\0\0\0\0\0\0\206b.", NPK_CPYTHON(3, 9),
           "Python 3.9 has no statistics.NormalDist that takes such a state, which came with 3.10"),
    TARGET("\200\3cstatistics\nNormalDist\n)\201N}\206b.", NPK_CPYTHON(3, 10),
           "Python after 3.9 has no statistics.NormalDist that takes a dict of slots as its state"),
    TARGET("\200\3cstatistics\nNormalDist\n)\201N}\206b.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\200\2ccopy_reg\n_reconstructor\ncnumpy\nfinfo\nc__builtin__\nobject\nN\207R}X\4\0\0\0bitsK\100sb.",
           NPK_DIALECT_DEFAULT, "NumPy 1.26 has no numpy.finfo that works out its resolution, which came with 2.4"),
    TARGET("\200\2ccopy_reg\n_reconstructor\ncnumpy\nfinfo\nc__builtin__\nobject\nN\207R"
           "}X\12\0\0\0resolutionK\1sb.",
           NPK_DIALECT_DEFAULT, NULL),
#define ERRSTATE(state) "\200\2cnumpy\nerrstate\n)\201" state "b."
    TARGET(ERRSTATE("}"), NPK_DIALECT_DEFAULT, "NumPy after 1.26 has no numpy.errstate with a dict as its state"),
    TARGET(ERRSTATE("}X\4\0\0\0callcnumpy.core._ufunc_config\n_unspecified\n)\201s"), NPK_NUMPY(1, 26), NULL),
    TARGET(ERRSTATE("N}\206"), NPK_NUMPY(1, 26),
           "NumPy 1.26 has no numpy.errstate that takes a dict of slots as its state, which came with 2.0"),
    TARGET(ERRSTATE("N}\206"), NPK_NUMPY(2, 4), NULL),
    TARGET("\200\2cnumpy\nndindex\n)\201}b.", NPK_NUMPY(2, 3),
           "NumPy 2.3 has no numpy.ndindex that goes on as a product, which came with 2.4"),
    TARGET("cnumpy.core\n_DType_reconstruct\n(cnumpy\nfloat64\ntR.", NPK_NUMPY(1, 21), NULL),
    TARGET("cnumpy.core\n_DType_reconstruct\n(cnumpy\nfloat64\ntR.", NPK_NUMPY(1, 19),
           "at .<callable>: NumPy 1.19 has no numpy.core._DType_reconstruct, which came with 1.20"),
    TARGET("ccopy_reg\n_reconstructor\n(cdecimal\nContext\nc__builtin__\nobject\nNtR.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("cdecimal\nContext\n(I28\ntR.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no decimal.Context with arguments in this order, which came with 3.3"),
    TARGET("cexceptions\nUnicodeTranslateError\n(Vab\nI0\nI1\nS'r'\ntR.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("cexceptions\nUnicodeTranslateError\n(Vab\nI0\nI1\nVr\ntR.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no builtins.UnicodeTranslateError of such texts, which came with 3.0"),
    TARGET("\200\3cbuiltins\nSyntaxError\nX\1\0\0\0m(NK\1K\1NK\1K\2t\206R.", NPK_CPYTHON(3, 9),
           "Python 3.9 has no builtins.SyntaxError with the end of the error, which came with 3.10"),
    TARGET("\200\3cbuiltins\nSyntaxError\nX\1\0\0\0m(NK\1K\1Nt\206R.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\200\3cbuiltins\nbytes\n]K\1a\205R.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no builtins.bytes of other values than bytes, which came with 3.0"),
    TARGET("\200\3cbuiltins\nbytes\nC\1a\205R.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("\200\3cbuiltins\nbytes\n]K\1a\205R.", NPK_DIALECT_DEFAULT, NULL),
#define OVER(first) first "cnumpy.core.numeric\n_frombuffer\n(h\0h\1K\2\205\214\1CtR"
#define MEMORY(bytes)                                                                                                  \
    bytes "q\0"                                                                                                        \
          "0cnumpy\ndtype\n(\214\2u1\211\210tR(K\3\214\1|NNNJ\377\377\377\377J\377\377\377\377K\0tbq\1"                \
          "0("
    TARGET("\200\5" OVER(OVER(MEMORY("\226\2\0\0\0\0\0\0\0ab"))) "t.", NPK_DIALECT_DEFAULT,
           "at [0]: an array in memory that something else has, too: the target's own would be a copy"),
    TARGET("\200\5" OVER(OVER(MEMORY("\226\2\0\0\0\0\0\0\0ab"))) "t.", NPK_CPYTHON(3, 11) | NPK_NUMPY(1, 26), NULL),
    TARGET("\200\5" OVER(OVER(MEMORY("C\2ab"))) "t.", NPK_DIALECT_DEFAULT, NULL),
    TARGET("\x80\3]cQueue\nJob\na.", NPK_DIALECT_DEFAULT,
           "at [0]: below protocol 3 Python 3 takes Queue.Job for queue.Job"),
    TARGET("\x80\3]cQueue\nJob\na.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("cnumpy.core._methods\n_sum\n.", NPK_NUMPY(1, 26),
           "NumPy 1.26 may have no numpy.core._methods._sum, which is a private name"),
    TARGET("cnumpy.linalg.linalg\nEigResult\n.", NPK_DIALECT_DEFAULT,
           "NumPy after 1.26 has no numpy.linalg.linalg.EigResult"),
    TARGET("cnumpy.linalg._linalg\nEigResult\n.", NPK_NUMPY(1, 26), NULL),
    TARGET("cnumpy\nin1d\n.", NPK_NUMPY(2, 4), "NumPy after 2.3 has no numpy.in1d"),
    TARGET("cnumpy.core.records\nrecord\n.", NPK_DIALECT_DEFAULT, NULL),
    TARGET("cnumpy.core.numeric\nextend_all\n.", NPK_DIALECT_DEFAULT,
           "NumPy after 1.26 has no numpy.core.numeric.extend_all"),
    TARGET("cnumpy.core\n_ufunc_reconstruct\n(S'numpy.linalg._umath_linalg'\nS'inv'\ntR.", NPK_NUMPY(2, 4),
           "at .<callable>: NumPy 2.4 may have no numpy.linalg._umath_linalg.inv, which is a private name"),
    /* getattr() of a class, of an object, of a value and of what a function makes */
    TARGET("c__builtin__\ngetattr\n(crandom\nRandom\n(tRX\11\0\0\0randbytestR.", NPK_CPYTHON(3, 8),
           "Python 3.8 has no random.Random with the attribute randbytes, which came with 3.9"),
    TARGET("c__builtin__\ngetattr\n(crandom\nRandom\n(tRX\11\0\0\0randbytestR.", NPK_CPYTHON(3, 9), NULL),
    TARGET("cbuiltins\ngetattr\n(citertools\ncount\n(I1\ntRX\10\0\0\0__next__tR.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no itertools.count with the attribute __next__, which came with 3.0"),
    TARGET("\200\3cbuiltins\ngetattr\nX\1\0\0\0aX\7\0\0\0isascii\206R.", NPK_CPYTHON(3, 6),
           "Python 3.6 has no builtins.str with the attribute isascii, which came with 3.7"),
    TARGET("\200\3cbuiltins\ngetattr\ncre\n_compile\nX\1\0\0\0aK\0\206RX\11\0\0\0fullmatch\206R.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no builtins.getattr of a pattern's fullmatch, which came with 3.4"),
    TARGET("cbuiltins\ngetattr\n(cnumpy.random._pickle\n__randomstate_ctor\n(VMT19937\ntRVrandom\ntR.",
           NPK_DIALECT_PYTHON2,
           "NumPy 1.16 has no numpy.random.mtrand.RandomState with the attribute random, which came with 1.17"),
    TARGET("cbuiltins\ngetattr\n(cnumpy.random._pickle\n__randomstate_ctor\n(VMT19937\ntRVbeta\ntR.",
           NPK_DIALECT_PYTHON2,
           "at .<args>[0].<callable>: NumPy 1.16 has no numpy.random._pickle.__randomstate_ctor, which came with 1.17"),
    TARGET("cbuiltins\ngetattr\n(I01\nV__eq__\ntR.", NPK_DIALECT_PYTHON2,
           "Python 2.7 has no builtins.bool with the attribute __eq__, which came with 3.0"),
    TARGET("c__builtin__\nxrange\n(I0\nL9223372036854775808L\nI1\ntR.", NPK_DIALECT_PYTHON2,
           "at .<callable>: a range of ints of more than 64 bits, which Python 2 does not have"),
    TARGET("\200\3cbuiltins\nrange\nK\0\212\11\0\0\0\0\0\0\0\200\0K\1\207R.", NPK_DIALECT_PYTHON2,
           "at .<callable>: a range of ints of more than 64 bits, which Python 2 does not have"),
    TARGET("\200\3cbuiltins\nrange\nK\0\212\10\377\377\377\377\377\377\377\177K\1\207R.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("\200\3chttp\nHTTPStatus\nM\242\1\205R.", NPK_CPYTHON(3, 6),
           "Python 3.6 has no http.HTTPStatus of the number 418, which came with 3.9"),
    TARGET("\200\3chttp\nHTTPStatus\nM\242\1\205R.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\200\3cplatform\nuname_result\n(NNNNNt\201.", NPK_CPYTHON(3, 8),
           "Python 3.8 has no platform.uname_result of five parts, which came with 3.9"),
    /* abstract, of as many fields, without a dict, of what is no type */
    TARGET("ccopyreg\n_reconstructor\n(ctyping\nIO\ncbuiltins\nobject\nNtR.", NPK_CPYTHON(3, 6),
           "Python 3.6 has no typing.IO made without arguments, which came with 3.7"),
    TARGET("ccopyreg\n_reconstructor\n(ctyping\nIO\ncbuiltins\nobject\nNtR.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\200\3ctraceback\n_Anchors\n(K\1K\2X\1\0\0\0~X\1\0\0\0^t\201.", NPK_CPYTHON(3, 13),
           "Python after 3.12 has no traceback._Anchors of 4 fields"),
    TARGET("\200\3ctraceback\n_Anchors\n(K\1K\2X\1\0\0\0~X\1\0\0\0^t\201.", NPK_CPYTHON(3, 12), NULL),
    TARGET("ccopyreg\n_reconstructor\n(ctraceback\n_Anchors\ncbuiltins\ntuple\n(I1\nI2\nI3\nI4\nV~\nV^\nttR.",
           NPK_CPYTHON(3, 12), "Python 3.12 has no traceback._Anchors of 6 fields, which came with 3.13"),
    TARGET("\200\2cplistlib\n_InternalDict\n)\201}b.", NPK_CPYTHON(3, 6),
           "Python after 2.7 has no plistlib._InternalDict that takes a dict as its state"),
    TARGET("\200\2cplistlib\n_InternalDict\n)\201.", NPK_CPYTHON(3, 6), NULL),
    TARGET("\200\3c_operator\ngetitem\nctyping\nCallable\n]K\1\206\206R.", NPK_CPYTHON(3, 10),
           "Python 3.10 has no _operator.getitem of a Callable of what is not a type, which came with 3.11"),
    TARGET("\200\3c_operator\ngetitem\nctyping\nCallable\n]K\1acbuiltins\nint\n\206\206R.", NPK_CPYTHON(3, 8),
           "Python 3.8 has no _operator.getitem of a Callable of what is not a type, which came with 3.9"),
    TARGET("\200\3c_operator\ngetitem\nctyping\nCallable\n]K\1acbuiltins\nint\n\206\206R.", NPK_CPYTHON(3, 9), NULL),
    TARGET("\200\3c_operator\ngetitem\nctyping\nCallable\n]cbuiltins\nint\n\206\206R.", NPK_CPYTHON(3, 6), NULL),
    TARGET("cConfigParser\nParsingError\n(Va\ntR(Vfilename\nVa\ndb.", NPK_CPYTHON(3, 6),
           "Python after 2.7 has no configparser.ParsingError with a 'filename'"),
    TARGET("\200\3cre\nPatternError\n.", NPK_CPYTHON(3, 12), NULL),
    TARGET("cnumpy.core.numeric\n_frombuffer\n.", NPK_DIALECT_DEFAULT,
           "NumPy after 1.26 has no numpy.core.numeric._frombuffer"),
    TARGET("cnumpy._typing._array_like\n_ScalarType_co\n.", NPK_NUMPY(2, 3),
           "NumPy after 2.2 has no numpy._typing._array_like._ScalarType_co"),
    /* typing.T, as Python 3.6 has it, is made of a name since 3.12 */
    TARGET("\200\2ctyping\nTypeVar\n)\201.", NPK_CPYTHON(3, 12),
           "Python after 3.11 has no typing.TypeVar made without arguments"),
    TARGET("\200\2ctyping\nTypeVar\n)\201.", NPK_CPYTHON(3, 11), NULL),
    /* modules of Python 2 that are one in Python 3 */
    TARGET("cUserDict\nDictMixin\n.", NPK_CPYTHON(3, 6), "Python after 2.7 has no collections.DictMixin"),
    TARGET("cUserDict\nDictMixin\n.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("cnumpy.core\n_ufunc_reconstruct\n(S'numpy.core.multiarray'\nS'clip'\ntR.", NPK_NUMPY(2, 4),
           "at .<callable>: NumPy after 1.26 has no numpy.core.multiarray.clip"),
#define FIELD(names)                                                                                                   \
    "cnumpy\ndtype\nq\0X\2\0\0\0V4q\1\211\210\207q\2Rq\3(K\3X\1\0\0\0|q\4N" names                               \
    "q\6}q\7h\5h\0X\2\0\0\0i4q\10\211\210\207q\11Rq\12(K\3X\1\0\0\0<q\13NNNJ\377\377\377\377J\377"            \
    "\377\377\377K\0tq\14bK\0\206q\15sK\4K\1K\20tq\16b"
#define NAMED(size, name) "\200\2" FIELD("X" size "\0\0\0" name "q\5\205") "."
    TARGET(NAMED("\2", "\303\251"), NPK_DIALECT_PYTHON2,
           "the name of a field that is not ASCII, which Python 2 does not take"),
    TARGET(NAMED("\2", "\303\251"), NPK_DIALECT_DEFAULT, NULL),
    TARGET(NAMED("\1", "e"), NPK_DIALECT_PYTHON2, NULL),
    /* likewise where it, or the tuple of names, has been a value of its own before */
    TARGET("\200\2X\2\0\0\0\303\251q\5" FIELD("h\5\205") "\206.", NPK_DIALECT_PYTHON2,
           "at [1]: the name of a field that is not ASCII, which Python 2 does not take"),
    TARGET("\200\2X\1\0\0\0eq\5" FIELD("h\5\205") "\206.", NPK_DIALECT_PYTHON2, NULL),
    TARGET("\200\2X\2\0\0\0\303\251q\5\205q\20" FIELD("h\20") "\206.", NPK_DIALECT_PYTHON2,
           "at [1]: the name of a field that is not ASCII, which Python 2 does not take"),
    TARGET("\200\2X\1\0\0\0eq\5\205q\20" FIELD("h\20") "\206.", NPK_DIALECT_PYTHON2, NULL),
#undef FIELD
#undef NAMED
    TARGET("cnumpy\nrow_stack\n.", NPK_DIALECT_NUMPY2, NULL),
    TARGET("cnumpy.core\n_ufunc_reconstruct\n(S'numpy.core._multiarray_umath'\nS'divide'\ntR.", NPK_NUMPY(2, 4),
           "at .<callable>: Python after 2.7 has no numpy.divide that rounds ints down"),
    TARGET("cnumpy.core\n_ufunc_reconstruct\n(S'numpy.core._multiarray_umath'\nS'divide'\ntR.", NPK_DIALECT_PYTHON2,
           NULL),
#undef TARGET
};

Test(translate, what_is_refused_has_a_path_and_a_reason)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        golden_bytes out;
        npk_error error = {.message = ""};
        npk_doc *doc = document(targets[i].pickle, targets[i].size);
        npk_write_options options = {.unloadable = NPK_UNLOADABLE_REFUSE, .dialect = targets[i].dialect};
        npk_status status = convert(doc, options, &out, &error);
        cr_expect_eq(status, targets[i].message != NULL ? NPK_ERR_UNSUPPORTED : NPK_OK, "%zu: %s", i, error.message);
        cr_expect_str_eq(error.message, targets[i].message != NULL ? targets[i].message : "");
        if (status == NPK_OK)
            npk_bytes_free(NULL, out.bytes, out.size);
        npk_doc_free(doc);
    }
}

/* A DataFrame of Python 2, whose BlockManager is no longer a class of Python. */
Test(translate, classes_that_are_made_anew)
{
    static const move rows[] = {
        {"NEWOBJ",
         PICKLE("ccopy_reg\n_reconstructor\n(cpandas.core.internals.managers\nBlockManager\n"
                "c__builtin__\nobject\nNtR."),
         2, PICKLE("\x80\2cpandas.core.internals.managers\nBlockManager\n)\x81q\0.")},
        {"a call",
         PICKLE("ccopy_reg\n_reconstructor\n(cpandas.core.internals.managers\nBlockManager\n"
                "c__builtin__\nobject\nNtR."),
         1, PICKLE("ccopy_reg\n__newobj__\nq\0(cpandas.core.internals.managers\nBlockManager\ntq\1Rq\2.")},
        {"as it was: what loads would be another offset",
         PICKLE("ccopy_reg\n_reconstructor\n(cpandas.tseries.offsets\nDay\nc__builtin__\nobject\nNtR."), 2,
         PICKLE("\x80\2"
                "ccopy_reg\n_reconstructor\ncpandas.tseries.offsets\nDay\nc__builtin__\nobject\nN\x87R.")},
        {"an offset with such a state",
         PICKLE("ccopy_reg\n_reconstructor\n(cpandas.tseries.offsets\nDay\nc__builtin__\nobject\nNtR(Vn\nI1\ndb."), 2,
         PICKLE("\x80\2cpandas.tseries.offsets\nDay\n)\x81q\0}X\1\0\0\0nK\1sb.")},
        {"as it was: an older state",
         PICKLE("ccopy_reg\n_reconstructor\n(cpandas.tseries.offsets\nDay\nc__builtin__\nobject\nNtR(Vn\nI1\nVkwds\n("
                "ddb."),
         2,
         PICKLE("\x80\2"
                "ccopy_reg\n_reconstructor\ncpandas.tseries.offsets\nDay\nc__builtin__\nobject\nN\x87R}("
                "X\1\0\0\0nK\1X\4\0\0\0kwds}ub.")},
        {"a node of a syntax tree", PICKLE("\200\3c_ast\nAdd\n)R}X\1\0\0\0aNsb."), 2,
         PICKLE("\200\2c_ast\nAdd\n)\201q\0}X\1\0\0\0aNsb.")},
        {"as it was", PICKLE("ccopy_reg\n_reconstructor\n(cm\nBlockManager\nc__builtin__\nobject\nNtR."), 2,
         PICKLE("\x80\2"
                "ccopy_reg\n_reconstructor\ncm\nBlockManager\nc__builtin__\nobject\nN\x87R.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_moved(&rows[i], (npk_write_options){.translate_names = true});
}

/* A bit generator, and behind it something that holds itself: the POP of that is no event of the generator. */
Test(translate, what_stands_before_a_tuple_in_itself_is_made_anew)
{
    static const char pickle[] = "\x80\2](cnumpy.random._pickle\n__bit_generator_ctor\ncnumpy.random._pcg64\nPCG64\n\x85R"
                                 "(}U\15bit_generatorU\5PCG64sNtb"
                                 "]q\3h\3\x85q\4a0h\4e.";
    const npk_write_options options = {.protocol_given = true,
                                       .protocol = 2,
                                       .dialect = NPK_NUMPY(1, 26),
                                       .translate_names = true,
                                       .unloadable = NPK_UNLOADABLE_REFUSE};
    npk_doc *doc = NULL;
    npk_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(npk_doc_load_memory(pickle, sizeof pickle - 1, NULL, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%s", error.message);
    cr_expect_not_null(memmem(bytes, size, "PCG64", 5));
    cr_expect_null(memmem(bytes, size, "_pcg64", 6), "the class is there still");
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(doc);
}

/* Python 2 can't make an object of an old-style class by a __new__: as its own picklers have it. */
Test(translate, old_style_classes_of_python2)
{
    static const move rows[] = {
        {"OBJ", PICKLE("\200\3ccollections\nUserDict\n)\201}X\4\0\0\0data}sb."), 2,
         PICKLE("\x80\2(cUserDict\nIterableUserDict\no}X\4\0\0\0data}sb.")},
        {"INST", PICKLE("\200\3ctextwrap\nTextWrapper\n)\201}X\1\0\0\0aNsb."), 0,
         PICKLE("(itextwrap\nTextWrapper\n(dVa\nNsb.")},
        {"copyreg",
         PICKLE("ccopy_reg\n_reconstructor\n(cUserDict\nIterableUserDict\nc__builtin__\nobject\nNtR(dVdata\n(dsb."), 2,
         PICKLE("\x80\2(cUserDict\nIterableUserDict\no}X\4\0\0\0data}sb.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_moved(&rows[i], (npk_write_options){
                                   .translate_names = true, .dialect = NPK_DIALECT_PYTHON2, .memo = NPK_MEMO_MINIMAL});
}

/* What all NumPys have, although no name of a module of all leads to it. */
Test(translate, names_by_way_of_their_package)
{
    static const move rows[] = {
        {"chararray", PICKLE("cnumpy\nchararray\n."), 4,
         PICKLE("\x80\4\x95\x1b\0\0\0\0\0\0\0\x8c\5numpy\x94\x8c\016char.chararray\x94\x93.")},
        {"one of NumPy 2", PICKLE("cnumpy.rec\nfromarrays\n."), 2,
         PICKLE("\x80\2"
                "c__builtin__\ngetattr\nq\0cnumpy\nrec\nq\1X\12\0\0\0fromarraysq\2\x86q\3Rq\4.")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_moved(&rows[i],
                     (npk_write_options){.translate_names = true, .unloadable = NPK_UNLOADABLE_REFUSE});
}

/* --- protocol 5 of the default dialect: NumPy 2 warns of numpy.core.numeric._frombuffer --- */

static bool has_text(golden_bytes bytes, const char *text)
{
    for (size_t i = 0; i + strlen(text) <= bytes.size; i++)
        if (memcmp(bytes.bytes + i, text, strlen(text)) == 0)
            return true;
    return false;
}

/* As CPython writes what has no buffers: the opcodes of protocol 4. */
Test(translate, the_default_dialect_has_no_buffers_that_numpy2_warns_of)
{
    static const double numbers[2][2] = {{1, 2}, {3, 4}};
    const npk_array array = NPK_ARRAY(&numbers[0][0], 2, 2);
    golden_bytes out[3];
    const npk_dialect dialects[3] = {NPK_DIALECT_DEFAULT, NPK_DIALECT_DEFAULT, NPK_NUMPY(1, 26)};
    for (int i = 0; i < 3; i++) {
        npk_writer *w;
        npk_write_options options = {.protocol_given = true, .protocol = i == 0 ? 4 : 5, .dialect = dialects[i]};
        cr_assert_eq(npk_writer_memory(&options, &w, NULL), NPK_OK);
        npk_write_array(w, &array);
        cr_assert_eq(npk_writer_finish_memory(w, &out[i].bytes, &out[i].size, NULL), NPK_OK);
    }
    cr_expect(out[0].size == out[1].size && memcmp(out[0].bytes + 2, out[1].bytes + 2, out[0].size - 2) == 0);
    cr_expect(has_text(out[2], "_frombuffer"));
    npk_doc *doc;
    golden_bytes again;
    npk_write_options options = {.protocol_given = true, .protocol = 5, .translate_names = true};
    cr_assert_eq(npk_doc_load_memory(out[2].bytes, out[2].size, NULL, &doc, NULL), NPK_OK);
    cr_assert_eq(npk_doc_save_memory(doc, &options, &again.bytes, &again.size, NULL), NPK_OK);
    cr_expect(again.size == out[1].size && memcmp(again.bytes, out[1].bytes, again.size) == 0, "a graph");
    npk_bytes_free(NULL, again.bytes, again.size);
    npk_doc_free(doc);
    for (int i = 0; i < 3; i++)
        npk_bytes_free(NULL, out[i].bytes, out[i].size);
}

static npk_doc *reread(const npk_doc *doc, npk_write_options options, golden_bytes *out)
{
    npk_doc *again;
    npk_error error = {.message = ""};
    options.protocol_given = true;
    options.protocol = 5;
    cr_assert_eq(npk_doc_save_memory(doc, &options, &out->bytes, &out->size, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_doc_load_memory(out->bytes, out->size, NULL, &again, &error), NPK_OK, "%s", error.message);
    return again;
}

/* Arrays that are written anew share their dtype with each other, whatever is written between them. */
Test(translate, arrays_that_are_written_anew_share_their_dtype)
{
    golden g;
    int protocol, compared = 0;
    golden_bytes pickle;
    golden_open(&g, "mixed-numpy2.golden");
    while (golden_case(&g))
        while (golden_pickle(&g, &protocol, &pickle)) {
            golden_bytes out;
            uint64_t differences;
            npk_doc *doc = document((const char *)pickle.bytes, pickle.size);
            npk_doc *again = reread(doc, (npk_write_options){.translate_names = true}, &out);
            cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
            cr_expect_eq(differences, 0, "%s at protocol %d", g.name, protocol);
            compared++;
            npk_doc_free(again);
            npk_bytes_free(NULL, out.bytes, out.size);
            npk_doc_free(doc);
        }
    golden_close(&g);
    cr_expect_eq(compared, 162);
}

/* What the target makes in another way may come before what its parts call: a RandomState by dill, at every protocol and for both NumPys. */
Test(translate, a_call_among_the_parts_of_what_is_made_otherwise)
{
    golden_bytes pickle = golden_file("randomstate-dill.pkl");
    npk_doc *doc = document((const char *)pickle.bytes, pickle.size);
    static const npk_dialect dialects[] = {NPK_DIALECT_DEFAULT, NPK_DIALECT_NUMPY2};
    for (int i = 0; i < 12; i++) {
        npk_write_options options = {
            .protocol_given = true, .protocol = i / 2, .dialect = dialects[i % 2], .translate_names = true};
        npk_error error = {.message = ""};
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_expect_eq(npk_doc_save_memory(doc, &options, &bytes, &size, &error), NPK_OK, "%d: %s", i, error.message);
        npk_bytes_free(NULL, bytes, size);
    }
    npk_doc_free(doc);
    free(pickle.bytes);
}

/* The same of a .npy file, whose pickle has a writer of its own. */
Test(translate, what_is_left_out_of_a_npy_file)
{
    static const struct {
        const char *dialect, *text;
    } rows[] = {{"numpy1.26", "at [0]: the SeedSequence"},
                {"cpython3.6+numpy1.19", "at [0]: the SeedSequence"},
                {"numpy2", ""}};
    static const int64_t one[1] = {1};
    object objects[OBJECTS] = {{.name = ""}};
    const npk_doc *generator = NULL;
    npk_error error = {.message = ""};
    npk_writer *writer = NULL;
    npk_doc *doc = NULL;
    npk_array array = {.dtype = npk_dtype_native(NPK_OBJECT), .ndim = 1, .shape = one};
    read_objects(objects);
    for (int i = 0; i < OBJECTS; i++)
        if (strcmp(objects[i].name, "generator") == 0)
            generator = objects[i].docs[RELEASES - 1];
    cr_assert_eq(npk_writer_doc(NULL, &writer, NULL), NPK_OK);
    npk_write_begin_objects(writer, &array);
    npk_write_value(writer, npk_doc_root(generator));
    npk_write_end(writer);
    cr_assert_eq(npk_writer_finish_doc(writer, &doc, &error), NPK_OK, "%s", error.message);
    cr_assert_eq(npk_array_of(npk_doc_root(doc), &array, &error), NPK_OK, "%s", error.message);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        golden_bytes out = {NULL, 0};
        npk_write_options options = {.python2_str = NPK_PYTHON2_STR_TEXT};
        npk_error lost = {.status = NPK_ERR_IO, .message = "none"};
        cr_assert_eq(npk_dialect_parse(rows[i].dialect, &options.dialect, NULL), NPK_OK);
        cr_assert_eq(npk_npy_write_noting(golden_collect, &out, &array, &options, &lost, &error), NPK_OK, "%s",
                     error.message);
        cr_expect_eq(lost.status, NPK_OK);
        cr_expect(strncmp(lost.message, rows[i].text, strlen(rows[i].text)) == 0 &&
                      (lost.message[0] == '\0') == (rows[i].text[0] == '\0'),
                  "%s: %s", rows[i].dialect, lost.message);
        free(out.bytes);
    }
    npk_doc_free(doc);
    free_objects(objects);
}

/* --- each name that Python 2 and Python 3 have in different modules --- */

typedef struct two_names {
    const char *module2, *name2, *module3, *name3;
    int ways; /* 1: that of Python 3 becomes that of Python 2; 2: the other way */
} two_names;

enum { TO2 = 1, TO3 = 2, BOTH = 3, MISSED = 5 };
static const two_names renamed_rows[] = {
#define RENAME(module2, name2, module3, name3, ways) {module2, name2, module3, name3, ways},
#include "globals/rename.def"
#undef RENAME
};

typedef struct dotted {
    char module[80], name[80];
} dotted;

/* What Python 3 finds by a name in a pickle. CPython: Modules/_pickle.c _pickle_Unpickler_find_class_impl() */
static dotted found_by_python3(dotted name, int protocol)
{
    const size_t count = protocol < 3 ? sizeof renamed_rows / sizeof *renamed_rows : 0;
    for (int whole = 0; whole < 2; whole++)
        for (size_t i = 0; i < count; i++) {
            const two_names *row = &renamed_rows[i];
            if ((row->ways & TO3) == 0 || strcmp(row->module2, name.module) != 0 || (*row->name2 == '\0') != whole ||
                (!whole && strcmp(row->name2, name.name) != 0))
                continue;
            snprintf(name.module, sizeof name.module, "%s", row->module3);
            if (!whole)
                snprintf(name.name, sizeof name.name, "%s", row->name3);
            return name;
        }
    return name;
}

static bool is_equal(dotted a, dotted b)
{
    return strcmp(a.module, b.module) == 0 && strcmp(a.name, b.name) == 0;
}

/* The name that the pickle has, which is nothing else. */
static dotted name_in(const npk_doc *doc)
{
    dotted out = {.module = ""};
    const char *module, *name;
    size_t module_size, name_size;
    cr_assert(npk_value_as_global(npk_doc_root(doc), &module, &module_size, &name, &name_size));
    snprintf(out.module, sizeof out.module, "%.*s", (int)module_size, module);
    snprintf(out.name, sizeof out.name, "%.*s", (int)name_size, name);
    return out;
}

/* One name of a pickle of one protocol at another: what Python 3 finds by it stays, or all is refused, by both names. */
static void move_name(dotted name, int from, npk_write_options options, long counts[2])
{
    const dotted means = found_by_python3(name, from), stays = found_by_python3(name, options.protocol);
    const bool taken = from >= 3 && options.protocol < 3 && !is_equal(stays, name);
    npk_doc *doc = NULL, *again = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    char pickle[200], text[200]; /* documents borrow their bytes */
    size_t size = (size_t)snprintf(pickle, sizeof pickle, "\x80%cc%s\n%s\n.", from, name.module, name.name);
    uint64_t differences = 0;
    cr_assert_eq(npk_doc_load_memory(pickle, size, NULL, &doc, &error), NPK_OK, "%s", error.message);
    const npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
    counts[status == NPK_OK]++;
    snprintf(text, sizeof text, "%s.%s, %d to %d%s", name.module, name.name, from, options.protocol,
             options.translate_names ? ", translated" : "");
    if (status == NPK_ERR_UNSUPPORTED) {
        cr_expect(taken, "%s: %s", text, error.message);
        cr_expect(strstr(error.message, name.module) != NULL && strstr(error.message, stays.module) != NULL, "%s: %s",
                  text, error.message);
        npk_doc_free(doc);
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s: %s", text, error.message);
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, &error), NPK_OK, "%s: %s", text, error.message);
    cr_expect_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
    cr_expect_eq(differences, 0, "%s is %s.%s", text, name_in(again).module, name_in(again).name);
    if (!options.translate_names && strcmp(means.module, "builtins") != 0 && strcmp(means.module, "copyreg") != 0)
        cr_expect(is_equal(found_by_python3(name_in(again), options.protocol), means), "%s is %s.%s", text,
                  name_in(again).module, name_in(again).name);
    npk_bytes_free(NULL, bytes, size);
    npk_doc_free(again);
    npk_doc_free(doc);
}

Test(translate, every_name_of_both_pythons)
{
    static const int protocols[] = {2, 3, 5};
    long counts[2] = {0, 0};
    for (size_t i = 0; i < 2 * sizeof renamed_rows / sizeof *renamed_rows; i++) {
        const two_names *row = &renamed_rows[i / 2];
        const char *module = i % 2 == 0 ? row->module2 : row->module3, *own = i % 2 == 0 ? row->name2 : row->name3;
        dotted name;
        snprintf(name.module, sizeof name.module, "%s", module);
        snprintf(name.name, sizeof name.name, "%s", *own == '\0' ? "anything" : own);
        for (size_t k = 0; k < 3 * 6 * 4; k++)
            move_name(name, protocols[k % 3],
                      (npk_write_options){.protocol_given = true,
                                          .protocol = (int)(k / 3 % 6),
                                          .unloadable = (npk_unloadable)(k / 36),
                                          .translate_names = k / 18 % 2 == 1},
                      counts);
    }
    cr_expect(counts[0] > 1000 && counts[1] > 10000, "%ld refused, %ld written", counts[0], counts[1]);
}
