/* lib/globals/library.c and has.c: which Python has which name of its library; lib/compare/global.c: all names of a thing are one */
#include "globals/library.h"
#include "globals/written.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

static const char *const names[] = {
#define LIBRARY(name, since, until) name,
#define MOVED(name, since, until, module, other) name,
#include "globals/library.def"
#undef LIBRARY
#undef MOVED
};

#define COUNT (sizeof names / sizeof *names)

/* The two parts of "module name". */
static npki_global_name parts(const char *text)
{
    size_t module = strcspn(text, " ");
    return (npki_global_name){text, module, text + module + 1, strlen(text + module + 1)};
}

Test(library, the_rows_stand_in_order_and_each_is_found)
{
    npki_lack why;
    for (size_t i = 0; i < COUNT; i++) {
        npki_global_name name = parts(names[i]), other;
        cr_expect(i == 0 || strcmp(names[i - 1], names[i]) <= 0, "%s", names[i]);
        bool all = npki_library_has(&name, RELEASE(2, 7), RELEASE(3, 255), &why, &other);
        cr_expect_not(all, "%s is one that not all have", names[i]);
        cr_expect(why.since != NPKI_EVER || why.until != NPKI_EVER, "%s", names[i]);
    }
}

static npki_target from_to(npki_release first, npki_release last)
{
    return (npki_target){.first = {first, RELEASE(1, 26)}, .last = {last, RELEASE(1, 26)}};
}

/* Asked of the Pythons themselves. */
static const struct {
    const char *name;
    npki_release first, last;
    const char *is; /* the name there; NULL: none */
    npki_release since, until;
} rows[] = {
    {"os PathLike", RELEASE(2, 7), RELEASE(2, 7), NULL, RELEASE(3, 0), NPKI_EVER},
    {"typing Protocol", RELEASE(3, 6), RELEASE(3, 6), NULL, RELEASE(3, 8), NPKI_EVER},
    {"typing Protocol", RELEASE(3, 8), RELEASE(3, 8), "typing Protocol", 0, 0},
    {"typing Protocol.register", RELEASE(3, 7), RELEASE(3, 7), NULL, RELEASE(3, 8), NPKI_EVER},
    {"asyncore dispatcher", RELEASE(3, 11), RELEASE(3, 11), "asyncore dispatcher", 0, 0},
    {"asyncore dispatcher", RELEASE(3, 10), RELEASE(3, 255), NULL, NPKI_EVER, RELEASE(3, 11)},
    {"asyncore Mine", RELEASE(3, 12), RELEASE(3, 12), "asyncore Mine", 0, 0}, /* nobody else's */
    {"builtins str.removeprefix", RELEASE(3, 8), RELEASE(3, 8), NULL, RELEASE(3, 9), NPKI_EVER},
    {"builtins str.join", RELEASE(3, 8), RELEASE(3, 8), "builtins str.join", 0, 0},
    {"_queue Empty", RELEASE(3, 6), RELEASE(3, 6), "queue Empty", 0, 0},
    {"_collections_abc Sized", RELEASE(2, 7), RELEASE(2, 7), "collections.abc Sized", 0, 0},
    {"pathlib._local PosixPath", RELEASE(3, 10), RELEASE(3, 255), "pathlib PosixPath", 0, 0},
    {"_hashlib openssl_sha256", RELEASE(2, 7), RELEASE(2, 7), "hashlib sha256", 0, 0},
    {"_sha2 sha512", RELEASE(3, 11), RELEASE(3, 11), "hashlib sha512", 0, 0},
    {"subprocess Popen", RELEASE(2, 7), RELEASE(2, 7), "subprocess Popen", 0, 0},
    {"subprocess CompletedProcess", RELEASE(2, 7), RELEASE(2, 7), NULL, RELEASE(3, 0), NPKI_EVER},
    {"graphlib TopologicalSorter", RELEASE(3, 14), RELEASE(3, 14), "graphlib TopologicalSorter", 0, 0},
    {"winreg HKEYType", RELEASE(2, 7), RELEASE(3, 255), "winreg HKEYType", 0, 0}, /* not on every machine */
    {"os \377", RELEASE(2, 7), RELEASE(3, 255), "os \377", 0, 0},
};

Test(library, what_a_python_has)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npki_lack why = {.since = NPKI_EVER};
        npki_target target = from_to(rows[i].first, rows[i].last);
        npki_global_name name = parts(rows[i].name), is = parts(rows[i].is != NULL ? rows[i].is : rows[i].name);
        cr_expect_eq(npki_target_has(&target, &name, &why), rows[i].is != NULL, "%s", rows[i].name);
        if (rows[i].is == NULL) {
            cr_expect_eq(why.since, rows[i].since, "%s", rows[i].name);
            cr_expect_eq(why.until, rows[i].until, "%s", rows[i].name);
        }
        cr_expect(name.module_size == is.module_size && memcmp(name.module, is.module, is.module_size) == 0 &&
                      name.name_size == is.name_size && memcmp(name.name, is.name, is.name_size) == 0,
                  "%s", rows[i].name);
    }
}

/* --- the first row that fits --- */

typedef struct table_row {
    const char *module, *name, *other_module, *other;
    npki_release since, until; /* has.def */
    bool told;
    int ways; /* the others: bit 0: to the first names, bit 1: to the second */
} table_row;

enum { TO2 = 1, TO3 = 2, BOTH = 3, MISSED = 5, TO_NUMPY2 = 2 };

static const table_row numpys_have[] = {
#define PYTHON(...)
#define INSTEAD(...)
#define WARNED(...)
#define NUMPY(module, name, since, until, ...) {module, name, "", "", since, until, false, 0},
#define TOLD(module, name, since, until, ...) {module, name, "", "", since, until, true, 0},
#define NOTHING "", ""
#include "globals/has.def"
#undef NOTHING
#undef TOLD
#undef NUMPY
#undef WARNED
#undef INSTEAD
#undef PYTHON
};

static const table_row python_names[] = {
#define RENAME(module2, name2, module3, name3, ways) {module2, name2, module3, name3, 0, 0, false, ways},
#include "globals/rename.def"
#undef RENAME
};

static const table_row numpy_names[] = {
#define NUMPY(module1, name1, module2, name2, ways) {module1, name1, module2, name2, 0, 0, false, ways},
#define UFUNC(name) NUMPY("numpy.core._multiarray_umath", name, "numpy", name, BOTH)
#include "globals/numpy.def"
#undef UFUNC
#undef NUMPY
};

static size_t parts_in(const char *module)
{
    size_t parts = 1;
    for (; *module != '\0'; module++)
        parts += *module == '.';
    return parts;
}

/* By has.def: whether all of a module, all that begins with "_" in it, or one name. */
static bool is_of(const table_row *row, const char *module, const char *name)
{
    const size_t size = strlen(row->module);
    const bool whole = row->name[0] == '\0' || strcmp(row->name, "_") == 0;
    if (!whole)
        return strcmp(row->module, module) == 0 && strcmp(row->name, name) == 0;
    return strncmp(module, row->module, size) == 0 && (module[size] == '\0' || module[size] == '.') &&
           (row->name[0] == '\0' || name[0] == '_');
}

typedef struct written_row {
    const char *name;
    npki_release since, until;
} written_row;

static const written_row pythons_write[] = {
#define PYTHON(name, since, until) {name, since, until},
#include "globals/written.def"
#undef PYTHON
};

static const written_row numpys_write[] = {
#define NUMPY(name, since, until) {name, since, until},
#include "globals/written.def"
#undef NUMPY
};

/* By written.def: by one row after the other. */
static bool is_written(const written_row *rows, size_t count, const char *module, const char *name,
                       npki_release release)
{
    char both[256];
    bool has_row = false, written = false;
    snprintf(both, sizeof both, "%s %s", module, name);
    for (size_t i = 0; i < count; i++) {
        const bool of = strcmp(rows[i].name, both) == 0;
        has_row = has_row || of;
        written = written || (of && rows[i].since <= release && (rows[i].until == NPKI_EVER || release <= rows[i].until));
    }
    return !has_row || written;
}

static bool numpy_writes(const char *module, const char *name, npki_release release)
{
    return is_written(numpys_write, sizeof numpys_write / sizeof *numpys_write, module, name, release);
}

static void expect_writes(const char *module, const char *name, npki_release release)
{
    const size_t count = sizeof numpys_have / sizeof *numpys_have;
    const npki_target target = {{release, release}, {release, release}};
    const npki_global_name both = {module, strlen(module), name, strlen(name)};
    size_t i = 0;
    while (i < count && !is_of(&numpys_have[i], module, name))
        i++;
    const table_row *row = &numpys_have[i];
    const bool late = i < count && row->until != NPKI_EVER && release > row->until;
    const bool may = i == count || row->since == NPKI_PRIVATE || (release >= row->since && (!late || row->told));
    const bool writes = may && numpy_writes(module, name, release);
    cr_expect_eq(npki_may_write(NPKI_OF_NUMPY, &target, &both), writes, "%s %s %x", module, name, (unsigned)release);
}

Test(library, first_row_of_numpy_that_fits)
{
    for (size_t i = 0; i < sizeof numpys_have / sizeof *numpys_have; i++) {
        const table_row *row = &numpys_have[i];
        const char *const names[] = {row->name[0] == '\0' ? "thing" : row->name, "thing", "_thing"};
        char inside[128];
        snprintf(inside, sizeof inside, "%s.in.side.of.it", row->module);
        const npki_release releases[] = {
            RELEASE(1, 8), row->since - (row->since != 0), row->since, row->until, row->until + 1, RELEASE(2, 4)};
        cr_expect_leq(parts_in(row->module), NPKI_MOST_PARTS, "%s", row->module);
        for (size_t k = 0; k < sizeof releases / sizeof *releases; k++)
            for (size_t n = 0; n < 3 && releases[k] >= RELEASE(1, 0) && releases[k] < NPKI_PRIVATE - 1; n++) {
                expect_writes(row->module, names[n], releases[k]);
                expect_writes(inside, names[n], releases[k]);
            }
    }
}

typedef void rename_function(npki_rename_to to, npki_global_name *spelling);

static void expect_renamed(const table_row *rows, size_t count, rename_function *rename, npki_rename_to to,
                           const char *module, const char *name)
{
    const bool newer = to == NPKI_TO_NEWER;
    npki_global_name is = {module, strlen(module), name, strlen(name)};
    const char *to_module = module, *to_name = name;
    for (size_t i = 0; i < count; i++) {
        const char *from = newer ? rows[i].name : rows[i].other;
        if ((rows[i].ways & (newer ? 2 : 1)) == 0 ||
            strcmp(newer ? rows[i].module : rows[i].other_module, module) != 0 ||
            (from[0] != '\0' && strcmp(from, name) != 0))
            continue;
        to_module = newer ? rows[i].other_module : rows[i].module;
        to_name = from[0] == '\0' ? name : newer ? rows[i].other : rows[i].name;
        break;
    }
    rename(to, &is);
    cr_expect(is.module_size == strlen(to_module) && memcmp(is.module, to_module, is.module_size) == 0 &&
                  is.name_size == strlen(to_name) && memcmp(is.name, to_name, is.name_size) == 0,
              "%s %s is %s %s, and was made %.*s %.*s", module, name, to_module, to_name, (int)is.module_size,
              is.module, (int)is.name_size, is.name);
}

static void expect_all_renamed(const table_row *rows, size_t count, rename_function *rename)
{
    for (size_t i = 0; i < count; i++)
        for (int to = 0; to < 2; to++)
            for (int second = 0; second < 2; second++) {
                const char *module = second ? rows[i].other_module : rows[i].module;
                const char *name = second ? rows[i].other : rows[i].name;
                const npki_rename_to way = to == 0 ? NPKI_TO_OLDER : NPKI_TO_NEWER;
                expect_renamed(rows, count, rename, way, module, name);
                expect_renamed(rows, count, rename, way, module, "thing");
            }
}

Test(library, first_row_that_renames)
{
    expect_all_renamed(python_names, sizeof python_names / sizeof *python_names, npki_rename_python);
    expect_all_renamed(numpy_names, sizeof numpy_names / sizeof *numpy_names, npki_rename_numpy);
}

/* --- all names of a thing --- */

/* A name in a table, and another of the same thing; "": none, or any. */
typedef struct two_names {
    const char *name[4];
    bool of_python2; /* the first, and only the first */
} two_names;

#define NOTHING "", ""
#define TWO(...) {{__VA_ARGS__}, false},
#define LIBRARY(name, since, until)
#define MOVED(name, since, until, module, other)
#define PYTHON(module, name, since, until, ...) TWO(module, name, __VA_ARGS__)
#define INSTEAD(module, name, since, until, ...)
#define WARNED(module, name, since, until, ...)
#define RENAME(module2, name2, module3, name3, ways) {{module2, name2, module3, name3}, true},
#define UFUNC(name) TWO("numpy.core._multiarray_umath", name, "numpy", name)
static const two_names twice[] = {
#define NUMPY PYTHON
#define TOLD PYTHON
#include "globals/has.def"
#undef TOLD
#undef NUMPY
#define NUMPY(module1, name1, module2, name2, ways) TWO(module1, name1, module2, name2)
#include "globals/numpy.def"
#include "globals/rename.def"
#undef MOVED
#define MOVED(name, since, until, module, other) TWO(name, "", module, other)
#include "globals/library.def"
#define MEANING(meaning)
#define GLOBAL(meaning, module, name, writes) TWO(module, name, "", "")
#include "globals/global.def"
};

/* The opcodes that push a name, of one of these protocols. */
static size_t pickle_of(const char *module, const char *name, int protocol, char out[256])
{
    const npki_global_name both =
        strchr(module, ' ') != NULL ? parts(module) : (npki_global_name){module, strlen(module), name, strlen(name)};
    const int size = both.name_size == 0 ? 5 : (int)both.name_size;
    const char *text = both.name_size == 0 ? "thing" : both.name;
    if (protocol < 4)
        return (size_t)snprintf(out, 256, "\x80%cc%.*s\n%.*s\n.", protocol, (int)both.module_size, both.module, size,
                                text);
    return (size_t)snprintf(out, 256, "\x80%c\x8c%c%.*s\x8c%c%.*s\x93.", protocol, (int)both.module_size,
                            (int)both.module_size, both.module, size, size, text);
}

/* What Python 2, or one of Python 3, has a wider class for, which is not the same. */
static bool has_wider_one(const char *const name[2])
{
    return strcmp(name[0], "_socket") == 0 || (strcmp(name[0], "builtins") == 0 && strstr(name[1], "Error") != NULL);
}

/* How many there were to compare. */
static int compare_with_written(const npk_doc *doc, npk_dialect dialect, const char *const name[2])
{
    int compared = 0;
    for (int protocol = 2; protocol < 5 && !has_wider_one(name); protocol += 2) {
        npk_write_options options = {.protocol_given = true,
                                     .protocol = protocol,
                                     .dialect = dialect,
                                     .translate_names = true,
                                     .unloadable = NPK_UNLOADABLE_REFUSE};
        uint8_t *bytes;
        size_t size;
        npk_doc *again = NULL;
        uint64_t differences = 0;
        if (npk_doc_save_memory(doc, &options, &bytes, &size, NULL) != NPK_OK)
            continue;
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
        cr_assert_eq(npk_compare(npk_doc_root(doc), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0, "%s %s to 0x%08x at protocol %d", name[0], name[1], (unsigned)dialect, protocol);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        compared++;
    }
    return compared;
}

/* Whatever a target calls it, what is written is what was read. */
Test(library, all_names_of_a_thing_are_one)
{
    int compared = 0;
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++)
        for (int one = 0; one < 4; one += 2)
            for (int protocol = 2; protocol <= 4 && twice[i].name[one][0] != '\0'; protocol += 2) {
                char pickle[256];
                npk_doc *doc = NULL;
                npk_dialect dialect;
                if (twice[i].of_python2 && (protocol < 3) != (one == 0))
                    continue;
                size_t size = pickle_of(twice[i].name[one], twice[i].name[one + 1], protocol, pickle);
                cr_assert_eq(npk_doc_load_memory(pickle, size, NULL, &doc, NULL), NPK_OK, "%s", pickle);
                for (size_t k = 0; npk_dialect_at(k, &dialect); k++)
                    compared += compare_with_written(doc, dialect, &twice[i].name[one]);
                npk_doc_free(doc);
            }
    cr_expect_gt(compared, 10000, "%d", compared);
}

/* --- by which name something is pickled --- */

static void expect_written(npki_project project, const written_row *rows, size_t count, npki_release release)
{
    for (size_t i = 0; i < count; i++) {
        const char *space = strchr(rows[i].name, ' ');
        char module[256], inner[256];
        snprintf(module, sizeof module, "%.*s", (int)(space - rows[i].name), rows[i].name);
        snprintf(inner, sizeof inner, "%s.Inner", space + 1);
        const bool written = is_written(rows, count, module, space + 1, release);
        const npki_global_name name = {module, strlen(module), space + 1, strlen(space + 1)},
                               nested = {module, strlen(module), inner, strlen(inner)};
        cr_expect_eq(npki_is_written(project, &name, release, release), written, "%s %x", rows[i].name, release);
        cr_expect_eq(npki_is_written(project, &nested, release, release), written, "%s in %x", inner, release);
        cr_expect(i == 0 || strcmp(rows[i - 1].name, rows[i].name) <= 0, "%s: out of order", rows[i].name);
    }
}

Test(library, name_that_a_release_writes)
{
    static const npki_release pythons[] = {RELEASE(2, 7), RELEASE(3, 4), RELEASE(3, 12), RELEASE(3, 13), RELEASE(3, 14)},
                              numpys[] = {RELEASE(1, 16), RELEASE(1, 26), RELEASE(2, 0), RELEASE(2, 5)};
    for (size_t i = 0; i < sizeof pythons / sizeof *pythons; i++)
        expect_written(NPKI_OF_PYTHON, pythons_write, sizeof pythons_write / sizeof *pythons_write, pythons[i]);
    for (size_t i = 0; i < sizeof numpys / sizeof *numpys; i++)
        expect_written(NPKI_OF_NUMPY, numpys_write, sizeof numpys_write / sizeof *numpys_write, numpys[i]);
}
