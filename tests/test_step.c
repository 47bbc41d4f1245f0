/* lib/value/step.c, lib/value/walk.c: the children of values, and paths to them */
#include "golden.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <string.h>

static npk_doc *load(const char *name, const void *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error = {0};
    cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%s: %s", name, error.message);
    return doc;
}

/* Object of a class m.T. Its attributes are named like the parts of its construction and like what follows them. */
#define T "cm\nT\n"
#define ATTRIBUTES "(Vargs\nK\1Vstate\nK\2Vcallable\nK\3Vkeys\nK\4Vvalues\nK\5Vkwargs\nK\6Vlater\nK\7Vid\nK\10Va b\nK\11u"

static const struct {
    const char *name, *pickle;
    size_t size;
    const char *path;
    int64_t number; /* what is there, an int; -1: nothing is; -2: something else */
} paths[] = {
#define AT(name, pickle, path, number) {name, pickle, sizeof(pickle) - 1, path, number}
#define OF_T T "(K\12K\13t\x81}" ATTRIBUTES "b."
    /* As Python has it: an attribute is what is in the object's state, whatever it is called. */
    AT("an attribute", OF_T, ".args", 1),
    AT("an attribute", OF_T, ".state", 2),
    AT("an attribute", OF_T, ".callable", 3),
    AT("an attribute", OF_T, ".keys", 4),
    AT("an attribute", OF_T, ".values", 5),
    AT("an attribute", OF_T, ".kwargs", 6),
    AT("an attribute", OF_T, ".later", 7),
    AT("an attribute", OF_T, ".id", 8),
    AT("by no name", OF_T, ".<state>['a b']", 9),
    AT("by its key", OF_T, ".<state>['args']", 1),
    AT("arguments", OF_T, ".<args>[0]", 10),
    AT("arguments", OF_T, ".<args>[1]", 11),
    AT("no third argument", OF_T, ".<args>[2]", -1),
    AT("the class", OF_T, ".<callable>", -2),
    AT("no keywords", OF_T, ".<kwargs>", -1),
    AT("an index of no list", OF_T, ".args[0]", -1),
    AT("keywords", "\x80\4" T ")}Vx\nK\5s\x92.", ".<kwargs>['x']", 5),
    AT("no dict",
       T ")\x81K\1\x85"
         "b.",
       ".<state>[0]", 1),
    AT("a second state", T ")\x81}Va\nK\1sbK\2bK\3b.", ".<state 2>", 2),
    AT("a third state", T ")\x81}Va\nK\1sbK\2bK\3b.", ".<state 3>", 3),
    AT("no fourth state", T ")\x81}Va\nK\1sbK\2bK\3b.", ".<state 4>", -1),
    AT("into a second state", T ")\x81}Va\nK\1sb}Va\nK\7sb.", ".<state 2>['a']", 7),
    AT("the first state", T ")\x81}Va\nK\1sb}Va\nK\7sb.", ".a", 1),
    AT("items", T ")\x81K\1aVa\nK\2s.", "[0]", 1),
    AT("keys", T ")\x81K\1aVa\nK\2s.", "['a']", 2),
    AT("an item", T ")\x81K\1aK\0K\2s.", "[0]", 1),
    AT("a key beside items", T ")\x81K\1aK\0K\2s.", ".<values>[0]", 2),
    AT("a key of no spelling", "}G?\xf0\0\0\0\0\0\0K\1s.", ".<values>[0]", 1),
    AT("a key itself", "}K\7NsK\1Ns.", ".<keys>[1]", 1),
    AT("a str of Python 2", "\x80\2}(U\1\xffK\1V\\udcff\nK\2u.", "[b'\\xff']", 1),
    AT("beside the text that it escapes to", "\x80\2}(U\1\xffK\1V\\udcff\nK\2u.", "['\\udcff']", 2),
    AT("a str of Python 2 that is UTF-8", "\x80\2}(U\2\303\251K\1V\\xff\nK\2u.", "['\303\251']", 1),
    AT("and the bytes of Python 3", "\x80\4}(U\1\xffK\1C\1\xffK\2u.", "[b'\\xff']", 2),
    AT("a set", "\x80\4\x8f(K\5\x90.", ".<values>[0]", 5),
    /* copyreg: (None, slots), (dict, slots). What has a slot is found there, whatever the dict has. */
    AT("a slot",
       T ")\x81N}Vs\nK\1s\x86"
         "b.",
       ".s", 1),
    AT("a slot in its dict",
       T ")\x81N}Vs\nK\1s\x86"
         "b.",
       ".<state>[1]['s']", 1),
    AT("no dict",
       T ")\x81N}Vs\nK\1s\x86"
         "b.",
       ".<state>[0]", -2),
    AT("an attribute beside slots",
       T ")\x81}Va\nK\1s}Vs\nK\2s\x86"
         "b.",
       ".a", 1),
    AT("a slot beside attributes",
       T ")\x81}Va\nK\1s}Vs\nK\2s\x86"
         "b.",
       ".s", 2),
    AT("a slot before an attribute",
       T ")\x81}Va\nK\1s}Va\nK\2s\x86"
         "b.",
       ".a", 2),
    AT("an attribute below a slot",
       T ")\x81}Va\nK\1s}Va\nK\2s\x86"
         "b.",
       ".<state>[0]['a']", 1),
    AT("no slots",
       T ")\x81K\1}Vs\nK\2s\x86"
         "b.",
       ".s", -1),
    /* The last of two values under one key is the value. */
    AT("a key set twice", "}(Va\nK\1Va\nK\2u.", "['a']", 2),
    AT("what it was before", "}(Va\nK\1Va\nK\2u.", ".<values>[0]", 1),
    AT("an attribute set twice", T ")\x81}(Va\nK\1Va\nK\2ub.", ".a", 2),
    AT("what it was before", T ")\x81}(Va\nK\1Va\nK\2ub.", ".<state>.<values>[0]", 1),
    AT("a persistent id", "K\1Q.", ".<id>", 1),
    AT("a word that is no part", OF_T, ".<state", -1),
    AT("a word that is no part", OF_T, ".<later>", -1),
#undef AT
};

Test(step, paths)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        npk_doc *doc = load(paths[i].name, paths[i].pickle, paths[i].size);
        const npk_value *value = NULL;
        int64_t number = -2;
        npk_status status = npk_value_find(npk_doc_root(doc), paths[i].path, &value, NULL);
        cr_expect_eq(status, paths[i].number == -1 ? NPK_ERR_NOT_FOUND : NPK_OK, "%s, %s: %s", paths[i].name,
                     paths[i].path, npk_status_name(status));
        if (status == NPK_OK && paths[i].number >= 0)
            cr_expect(npk_value_as_int64(value, &number) && number == paths[i].number, "%s, %s: found %d",
                      paths[i].name, paths[i].path, (int)number);
        npk_doc_free(doc);
    }
}

/* Each value that a walk comes to is found by the path that the walk gives; but for the list and the dict of what an
 * object was given with APPEND and SETITEM, which are no values of their own. */
static void expect_all_found(const char *name, const npk_value *root)
{
    npk_walk *walk;
    const npk_value *value, *found;
    cr_assert_eq(npk_walk_start(root, NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
        const char *path = npk_walk_path(walk);
        if (path[0] == '\0' && value != root)
            continue;
        npk_status status = npk_value_find(root, path, &found, NULL);
        cr_expect(status == NPK_OK && found == value, "%s: nothing or another value at %s", name, path);
    }
    npk_walk_free(walk);
}

Test(step, what_is_walked_is_found)
{
    static const char *const files[] = {"family-numpy2.golden", "family-python2.golden", "mixed-numpy1.golden",
                                        "objects.golden",       "pythons.golden",        "pyarray-python2.golden"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        npk_doc *doc = load(paths[i].name, paths[i].pickle, paths[i].size);
        expect_all_found(paths[i].name, npk_doc_root(doc));
        npk_doc_free(doc);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden g;
        golden_bytes pickle;
        int protocol;
        golden_open(&g, files[i]);
        while (golden_case(&g))
            while (golden_pickle(&g, &protocol, &pickle)) {
                npk_doc *doc = load(g.name, pickle.bytes, pickle.size);
                if (pickle.size < 1000) /* finding takes as long as there are children */
                    expect_all_found(g.name, npk_doc_root(doc));
                npk_doc_free(doc);
            }
        golden_close(&g);
    }
}

/* What a long key leads to is given by its place, since one key may stand in the paths of all that a pickle holds; and found by the
 * key in full too. 200 bytes are not long yet. */
Test(step, long_keys)
{
    enum { LONGEST = 200 };
    for (size_t size = LONGEST; size <= LONGEST + 1; size++) {
        static const char *const forms[] = {"}T", "cm\nT\n)\x81}T"}; /* a dict; an attribute */
        for (size_t form = 0; form < 2; form++) {
            char pickle[LONGEST + 100], full[LONGEST + 100], *at = pickle;
            at += sprintf(at, "%s%c%c%c%c", forms[form], '\0', '\0', '\0', '\0');
            at[-4] = (char)size;
            memset(at, 'k', size);
            memcpy(at + size, "K\5sb.", 6);
            if (form == 0)
                memcpy(at + size, "K\5s.", 4);
            npk_doc *doc = load("a long key", pickle, (size_t)(at - pickle) + size + (form == 0 ? 4 : 5));
            npk_walk *walk;
            const npk_value *value, *number = NULL, *found = NULL;
            char path[LONGEST + 100] = "";
            cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
            while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
                if (npk_value_kind(value) == NPK_KIND_INT) {
                    number = value;
                    snprintf(path, sizeof path, "%s", npk_walk_path(walk));
                }
            npk_walk_free(walk);
            snprintf(full, sizeof full, form == 0 ? "['%.*s']" : ".%.*s", (int)size, at);
            cr_expect_str_eq(path, size <= LONGEST ? full : form == 0 ? ".<values>[0]" : ".<state>.<values>[0]");
            cr_expect(number != NULL && npk_value_find(npk_doc_root(doc), path, &found, NULL) == NPK_OK && found == number);
            found = NULL;
            cr_expect(npk_value_find(npk_doc_root(doc), full, &found, NULL) == NPK_OK && found == number);
            npk_doc_free(doc);
        }
    }
}

/* A path of more than 500 bytes is the number of the value: 250 lists inside one another, and a tuple of the innermost. */
Test(step, long_paths)
{
    enum { DEEP = 250 };
    char pickle[DEEP * 2 + 20];
    size_t size = 0, count = 0;
    pickle[size++] = 'K';
    pickle[size++] = '\5';
    for (int i = 0; i < DEEP; i++)
        pickle[size++] = '\x85';
    pickle[size++] = '.';
    npk_doc *doc = load("a long path", pickle, size);
    npk_walk *walk;
    const npk_value *value, *found;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    for (; npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL; count++) {
        char number[20];
        const char *path = npk_walk_path(walk);
        snprintf(number, sizeof number, "#%zu", count);
        cr_expect(3 * count <= 500 ? strlen(path) == 3 * count : strcmp(path, number) == 0, "%zu: %s", count, path);
        cr_expect(npk_value_find(npk_doc_root(doc), path, &found, NULL) == NPK_OK && found == value, "%s", path);
        cr_expect(npk_value_find(npk_doc_root(doc), number, &found, NULL) == NPK_OK && found == value, "%s", number);
    }
    cr_expect_eq(count, DEEP + 1);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#251", &found, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#18446744073709551616", &found, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#249[0]", &found, NULL), NPK_OK);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#249[1]", &found, NULL), NPK_ERR_NOT_FOUND);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#", &found, NULL), NPK_ERR_USAGE);
    cr_expect_eq(npk_value_find(npk_doc_root(doc), "#1#2", &found, NULL), NPK_ERR_USAGE);
    npk_walk_free(walk);
    npk_doc_free(doc);
}
