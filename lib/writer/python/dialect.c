/* The dialects: a row for each Python and each NumPy that writes in a way of its own. What the columns mean stands at
 * npki_python_row and npki_numpy_row in core/dialect.h. */
#include "writer/python/dialect.h"

#include "base/error.h"
#include "text/number.h"

#include <inttypes.h>
#include <string.h>

#define USUAL_PYTHON NPK_CPYTHON(3, 10)
#define USUAL_NUMPY NPK_NUMPY(1, 26)

/* CPython: Modules/_pickle.c, Lib/pickle.py; Python 2: Modules/cPickle.c. */
const npki_python_row npki_pythons[] = {
    {
        .since = NPK_CPYTHON(2, 7), /* and before */
        .numpy = NPK_NUMPY(1, 16),
        .python2 = true,
        .int_bits = 64,
        .hash_order = true,
        .numbers = NPKI_NUMBERS_HELD,
        .chars = NPKI_CHARS_UNNUMBERED,
        .from1 = true,
        .batch = 1000,
        .lone_item = true,
        .escapes = NPKI_ESCAPES_OLD,
        .floats = NPKI_FLOAT_17G,
        .text_bytearray = true,
    },
    {
        .since = NPK_CPYTHON(3, 4),
        .batch = 1000,
        .long_text = true,
        .escapes = NPKI_ESCAPES_OLD,
        .framed_whole = true,
        .text_bytearray = true,
    },
    {.since = NPK_CPYTHON(3, 7), .batch = 1000, .text_bytearray = true},
    {.since = NPK_CPYTHON(3, 8), .batch = 1000, .short_setter = true},
    {.since = NPK_CPYTHON(3, 10), .batch = 1000, .short_setter = true, .own_array_name = true},
    {.since = NPK_CPYTHON(3, 11),
     .batch = 1000,
     .short_setter = true,
     .own_array_name = true,
     .literal_b = true}, /* and 3.12 */
    {.since = NPK_CPYTHON(3, 13), .batch = 1000, .short_setter = true, .own_array_name = true, .bare_getattr = true},
    {
        .since = NPK_CPYTHON(3, 15), /* from its source, not run: gh-135573 */
        .batch = 1000,
        .short_setter = true,
        .lone_item = true,
        .lone_pair = true,
        .bare_getattr = true,
        .own_array_name = true,
    },
    {
        .since = NPK_PICKLE_PY(2, 7), /* and before */
        .state_again = true,
        .numpy = NPK_NUMPY(1, 16),
        .python2 = true,
        .int_bits = 64,
        .hash_order = true,
        .keeps_alive = true,
        .batch = 1000,
        .lone_item = true,
        .lone_pair = true,
        .escapes = NPKI_ESCAPES_OLD,
        .text_bytearray = true,
    },
    {
        .since = NPK_PICKLE_PY(3, 4),
        .state_again = true,
        .batch = 1000,
        .lone_item = true,
        .lone_pair = true,
        .long_text = true,
        .escapes = NPKI_ESCAPES_OLD,
        .framed_whole = true,
        .text_bytearray = true,
    },
    {
        .since = NPK_PICKLE_PY(3, 7),
        .state_again = true,
        .batch = 1000,
        .lone_item = true,
        .lone_pair = true,
        .text_bytearray = true,
    },
    {
        .since = NPK_PICKLE_PY(3, 8),
        .state_again = true,
        .batch = 1000,
        .short_setter = true,
        .lone_item = true,
        .lone_pair = true,
        .lost_buffers = true,
    },
    {.since = NPK_PICKLE_PY(3, 10),
     .state_again = true,
     .batch = 1000,
     .short_setter = true,
     .lone_item = true,
     .lone_pair = true,
     .own_array_name = true},
    {
        .since = NPK_PICKLE_PY(3, 11),
        .state_again = true,
        .batch = 1000,
        .short_setter = true,
        .lone_item = true,
        .lone_pair = true,
        .own_array_name = true,
        .literal_b = true,
    },
    {
        .since = NPK_PICKLE_PY(3, 13),
        .state_again = true,
        .batch = 1000,
        .short_setter = true,
        .lone_item = true,
        .lone_pair = true,
        .bare_getattr = true,
        .own_array_name = true,
    },
    {
        .since = NPK_JYTHON(2, 7), /* modules/cPickle.java; and before, as far as known */
        .no_numpy = true,
        .python2 = true,
        .int_bits = 32,
        .chars = NPKI_CHARS_NEW,
        .from1 = true,
        .empty_tuples = true,
        .batch = 1024,
        .lone_pair = true,
        .marked_item = true,
        .escapes = NPKI_ESCAPES_UPPER,
        .text_bytearray = true,
        .one_latin_1 = true,
        .java_arrays = true,
    },
};

/* numpy: core/src/multiarray/descriptor.c arraydescr_reduce(), methods.c array_reduce(), array_reduce_ex(). */
const npki_numpy_row npki_numpys[] = {
    {
        .since = NPK_NUMPY(1, 8),
        .names = NPKI_WRITES_NUMPY1,
        .strict_order = true,
        .old_text = true,
        .int_flags = true,
        .signed_flags = true,
    },
    {.since = NPK_NUMPY(1, 9),
     .names = NPKI_WRITES_NUMPY1,
     .strict_order = true,
     .int_flags = true,
     .signed_flags = true},
    {.since = NPK_NUMPY(1, 12), .names = NPKI_WRITES_NUMPY1, .int_flags = true, .signed_flags = true},
    {.since = NPK_NUMPY(1, 19), .names = NPKI_WRITES_NUMPY1, .signed_flags = true},
    {.since = NPK_NUMPY(1, 21),
     .last = NPK_NUMPY(1, 26),
     .names = NPKI_WRITES_NUMPY1,
     .made_order = true,
     .signed_flags = true},
    {.since = NPK_NUMPY(2, 0), .names = NPKI_WRITES_NUMPY2, .is_numpy2 = true, .made_order = true},
    {.since = NPK_NUMPY(2, 3),
     .names = NPKI_WRITES_NUMPY2,
     .is_numpy2 = true,
     .made_order = true,
     .axis_order = true},
    {.since = NPK_NUMPY(2, 4),
     .names = NPKI_WRITES_NUMPY2,
     .is_numpy2 = true,
     .made_order = true,
     .axis_order = true,
     .no_metadata = true},
};

const npki_python_row npki_python_of_documents = {
    .int_bits = 64, .chars = NPKI_CHARS_NEW, .batch = 1000, .document = true};
const npki_numpy_row npki_numpy_of_documents = {
    .names = NPKI_WRITES_NUMPY1, .made_order = true, .axis_order = true};

_Static_assert(sizeof npki_numpys / sizeof *npki_numpys < (1u << NPKI_NUMPY_BITS) - 1, "the number of a NumPy");

const size_t npki_python_count = sizeof npki_pythons / sizeof *npki_pythons;
const size_t npki_numpy_count = sizeof npki_numpys / sizeof *npki_numpys;

/* --- look-ups ----------------------------------------------------------------------------------------------------- */

const npki_python_row *npki_python_of(npk_dialect dialect)
{
    const npki_python_row *found = NULL;
    if (dialect >> 16 == 0)
        dialect = USUAL_PYTHON;
    for (size_t i = 0; i < npki_python_count; i++) { /* those of a pickler stand together, in the order of releases */
        const npk_dialect since = npki_pythons[i].since;
        const bool fits = (since ^ dialect) >> 24 == 0; /* one pickler, and one major version */
        if (fits && NPKI_PYTHON_IN(since) <= NPKI_PYTHON_IN(dialect))
            found = &npki_pythons[i];
        else if (found != NULL)
            break;
    }
    return found;
}

int npki_highest_protocol(const npki_python_row *python)
{
    static const npk_dialect since[] = {
#define PROTOCOL(protocol, major, minor, names) [protocol] = NPK_CPYTHON(major, minor),
        NPK_PROTOCOL_ROWS(PROTOCOL)
#undef PROTOCOL
    };
    int protocol = NPK_PROTOCOL_MAX;
    while (python->since != 0 && NPKI_PYTHON_IN(since[protocol]) > NPKI_PYTHON_IN(python->since))
        protocol--;
    return protocol;
}

/* `python`: of the dialect; or NULL. */
static const npki_numpy_row *numpy_for(const npki_python_row *python, npk_dialect dialect)
{
    const npki_numpy_row *found = NULL;
    if (NPKI_NUMPY_IN(dialect) == 0)
        dialect = python != NULL && python->numpy != 0 ? python->numpy : USUAL_NUMPY;
    for (size_t i = 0; i < npki_numpy_count; i++) {
        npk_dialect since = npki_numpys[i].since;
        if (NPKI_MAJOR(NPKI_NUMPY_IN(since)) == NPKI_MAJOR(NPKI_NUMPY_IN(dialect)) && since <= NPKI_NUMPY_IN(dialect))
            found = &npki_numpys[i];
    }
    return found;
}

const npki_numpy_row *npki_numpy_of(npk_dialect dialect)
{
    return numpy_for(npki_python_of(dialect), dialect);
}

/* The last NumPy that a Python can have, by what each release of NumPy asks for. */
static const struct {
    npki_release python, numpy;
} last_numpys[] = {{0x207, 0x110}, {0x303, 0x10b}, {0x304, 0x110}, {0x305, 0x112}, {0x306, 0x113},
                   {0x307, 0x115}, {0x308, 0x118}, {0x309, 0x200}, {0x30a, 0x202}, {0x30b, 0x204}};

npki_release npki_last_numpy_of(npk_dialect dialect)
{
    npki_release last = NPKI_EVER;
    for (size_t i = sizeof last_numpys / sizeof *last_numpys; NPKI_PYTHON_IN(dialect) != 0 && i-- > 0;)
        if (NPKI_PYTHON_IN(dialect) <= last_numpys[i].python)
            last = last_numpys[i].numpy;
    return last;
}

npk_status npki_dialect_exists(npk_dialect dialect, const npki_python_row *python, npk_status refused, npk_error *error)
{
    const npki_release most = npki_last_numpy_of(dialect);
    if (python->no_numpy && NPKI_NUMPY_IN(dialect) != 0)
        return npki_fail(error, refused, "Jython has no NumPy");
    if (most == NPKI_EVER || NPKI_NUMPY_IN(dialect) <= most)
        return NPK_OK;
    return npki_fail(error, refused, "the last NumPy for Python %d.%d is %d.%d",
                     (int)NPKI_MAJOR(NPKI_PYTHON_IN(dialect)), (int)NPKI_MINOR(NPKI_PYTHON_IN(dialect)),
                     (int)NPKI_MAJOR(most), (int)NPKI_MINOR(most));
}

#define NEWEST(major) ((major) << 8 | 0xff)

npki_target npki_target_of(npk_dialect dialect)
{
    npki_release python = NPKI_PYTHON_IN(dialect), numpy = NPKI_NUMPY_IN(dialect);
    npki_target target = {.first = {python, numpy}, .last = {python, numpy}};
    if (python == 0) {
        target.first[NPKI_OF_PYTHON] = NPKI_PYTHON_IN(USUAL_PYTHON);
        target.last[NPKI_OF_PYTHON] = NEWEST(3);
    }
    if (numpy == 0) {
        const npki_release last_of_python = npki_last_numpy_of(dialect);
        const npki_release usual = NPKI_NUMPY_IN(USUAL_NUMPY); /* of a Python that can have a later one, too */
        target.first[NPKI_OF_NUMPY] = last_of_python != NPKI_EVER && last_of_python < usual ? last_of_python : usual;
        target.last[NPKI_OF_NUMPY] = python == 0 ? NEWEST(2) : target.first[NPKI_OF_NUMPY];
    } else if (python == 0 && dialect == NPK_DIALECT_NUMPY2) {
        target.last[NPKI_OF_NUMPY] = NEWEST(2);
    }
    return target;
}

npk_status npki_dialect_rows(npk_dialect dialect, const npki_python_row **python, const npki_numpy_row **numpy,
                             npk_error *error)
{
    *python = npki_python_of(dialect);
    *numpy = numpy_for(*python, dialect);
    if (*python == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a dialect, found an unknown Python in 0x%08" PRIx32, dialect);
    if (*numpy == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a dialect, found an unknown NumPy in 0x%08" PRIx32, dialect);
    return NPK_OK;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    npk_dialect dialect;
} common[] = {
    {"default", NPK_DIALECT_DEFAULT},
    {"numpy2", NPK_DIALECT_NUMPY2},
    {"python2", NPK_DIALECT_PYTHON2},
};

/* By the number of the pickler. */
static const char *const picklers[] = {NULL, "cpython", "pickle.py", "jython"};
static const char numpy_name[] = "numpy";

#define COMMON (sizeof common / sizeof *common)
#define PICKLERS (sizeof picklers / sizeof *picklers)

bool npk_dialect_at(size_t index, npk_dialect *out)
{
    size_t pythons = COMMON, numpys = COMMON + npki_python_count;
    if (out == NULL || index >= numpys + npki_numpy_count)
        return false;
    *out = index < pythons  ? common[index].dialect
           : index < numpys ? npki_pythons[index - pythons].since
                            : npki_numpys[index - numpys].since;
    return true;
}

bool npk_dialect_is_python2(npk_dialect dialect)
{
    const npki_python_row *python = npki_python_of(dialect);
    return python != NULL && python->python2;
}

#define LONGEST ((size_t)40) /* "pickle.py15.255+numpy255.255" */

/* A name and its release, at `text`; the bytes written. */
static size_t put_release(char *text, const char *name, uint32_t release)
{
    size_t used = strlen(name);
    memcpy(text, name, used);
    used += npki_print_int64(NPKI_MAJOR(release), text + used);
    text[used++] = '.';
    return used + npki_print_int64(release & 0xff, text + used);
}

size_t npk_dialect_str(npk_dialect dialect, char *text, size_t size)
{
    char name[LONGEST];
    size_t used = 0;
    for (size_t i = 0; i < COMMON && used == 0; i++)
        if (common[i].dialect == dialect) {
            used = strlen(common[i].name);
            memcpy(name, common[i].name, used);
        }
    if (used == 0 && npki_python_of(dialect) != NULL && npki_numpy_of(dialect) != NULL) {
        if (NPKI_PICKLER_IN(dialect) != 0)
            used = put_release(name, picklers[NPKI_PICKLER_IN(dialect)], NPKI_PYTHON_IN(dialect));
        if (used > 0 && NPKI_NUMPY_IN(dialect) != 0)
            name[used++] = '+';
        if (NPKI_NUMPY_IN(dialect) != 0)
            used += put_release(name + used, numpy_name, NPKI_NUMPY_IN(dialect));
    }
    if (text != NULL && size > 0) {
        size_t fits = used < size ? used : size - 1;
        memcpy(text, name, fits);
        text[fits] = '\0';
    }
    return used;
}

/* A number of a release; false where there is none, or one beyond `most`. */
static bool take_number(const char **at, uint32_t most, uint32_t *out)
{
    uint32_t number = 0;
    const char *from = *at;
    for (; **at >= '0' && **at <= '9' && number <= most; ++*at)
        number = 10 * number + (uint32_t)(**at - '0');
    *out = number;
    return *at > from && number <= most;
}

/* "NAMEmajor.minor" at *at. */
static bool take_release(const char **at, const char *name, uint32_t most, uint32_t *release)
{
    uint32_t major, minor;
    size_t size = strlen(name);
    const char *from = *at;
    if (strncmp(from, name, size) != 0)
        return false;
    from += size;
    if (!take_number(&from, most, &major) || *from++ != '.' || !take_number(&from, 255, &minor))
        return false;
    *at = from;
    *release = major << 8 | minor;
    return true;
}

npk_status npk_dialect_parse(const char *text, npk_dialect *out, npk_error *error)
{
    if (text == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected the name of a dialect and a place for it, found NULL");
    const char *at = text;
    uint32_t release;
    npk_dialect dialect = 0;
    for (size_t i = 0; i < COMMON; i++)
        if (strcmp(text, common[i].name) == 0) {
            *out = common[i].dialect;
            return NPK_OK;
        }
    for (uint32_t i = 1; i < PICKLERS && dialect == 0; i++)
        if (take_release(&at, picklers[i], 15, &release))
            dialect = i << 28 | release << 16;
    bool both = dialect != 0 && *at == '+';
    at += both;
    bool numpy = (both || dialect == 0) && take_release(&at, numpy_name, 255, &release);
    if (numpy)
        dialect |= release;
    if (*at != '\0' || dialect == 0 || (both && !numpy))
        return npki_fail(error, NPK_ERR_USAGE,
                         "expected a dialect such as python2, cpython3.8 or cpython3.10+numpy1.26, found '%.80s'",
                         text);
    const npki_python_row *python;
    const npki_numpy_row *numpys;
    npk_status status = npki_dialect_rows(dialect, &python, &numpys, error);
    if (status == NPK_OK && both)
        status = npki_dialect_exists(dialect, python, NPK_ERR_USAGE, error);
    if (status == NPK_OK)
        *out = dialect;
    return status;
}
