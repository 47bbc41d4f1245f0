/* lib/globals/library.c and has.c: which Python has which name of its library */
#include "globals/library.h"

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
