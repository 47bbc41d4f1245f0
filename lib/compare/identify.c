#include "compare/identify.h"

#include "globals/global.h"
#include "value/value.h"
#include "writer/python/dialect.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What is seen in a pickle. */
enum {
    SEEN_PYTHON2 = 1 << 0,     /* an opcode that only Python 2 writes */
    SEEN_PYTHON3 = 1 << 1,     /* what only Python 3 writes */
    SEEN_PUT0 = 1 << 2,        /* the memo begins at 0 */
    SEEN_PUT1 = 1 << 3,        /* the memo begins at 1 */
    SEEN_TEXT_ARRAY = 1 << 4,  /* a bytearray made of text */
    SEEN_BYTES_ARRAY = 1 << 5, /* one made of bytes, where there was the choice */
    SEEN_ENCODE = 1 << 6,      /* bytes spelled as _codecs.encode */
    SEEN_DTYPE = 1 << 7,       /* a dtype */
    SEEN_INTS = 1 << 8,        /* the call of a dtype has ints, dtype('f8', 0, 1) */
    SEEN_BOOLS = 1 << 9,       /* it has bools */
    SEEN_CORE1 = 1 << 10,      /* numpy.core */
    SEEN_CORE2 = 1 << 11,      /* numpy._core */
    SEEN_AXES = 1 << 12,       /* the order of an array's axes */
    SEEN_NO_DICT = 1 << 13,    /* a unit beside None */
    SEEN_DICT = 1 << 14,       /* a unit beside a dict */
    SEEN_INTERNAL = 1 << 15,   /* numpy.core._internal._reconstruct */
    SEEN_SCIPY_BASE = 1 << 16  /* scipy.base */
};

/* What was seen, and what a column must say then. */
typedef struct fact_row {
    unsigned seen;
    size_t column; /* a bool */
    bool value;
} fact_row;

#define PYTHON_FACT(seen, column, value)                                                                               \
    {                                                                                                                  \
        seen, offsetof(npki_python_row, column), value                                                                 \
    }
#define NUMPY_FACT(seen, column, value)                                                                                \
    {                                                                                                                  \
        seen, offsetof(npki_numpy_row, column), value                                                                  \
    }

static const fact_row python_facts[] = {
    PYTHON_FACT(SEEN_PYTHON2, python2, true),
    PYTHON_FACT(SEEN_PYTHON3, python2, false),
    PYTHON_FACT(SEEN_DTYPE | SEEN_CORE1 | SEEN_CORE2, no_numpy, false),
    PYTHON_FACT(SEEN_PUT0, from1, false),
    PYTHON_FACT(SEEN_PUT1, from1, true),
    PYTHON_FACT(SEEN_TEXT_ARRAY, text_bytearray, true),
    PYTHON_FACT(SEEN_BYTES_ARRAY, text_bytearray, false),
};

static const fact_row numpy_facts[] = {
    NUMPY_FACT(SEEN_INTS, int_flags, true),    NUMPY_FACT(SEEN_BOOLS, int_flags, false),
    NUMPY_FACT(SEEN_CORE1, is_numpy2, false),  NUMPY_FACT(SEEN_CORE2, is_numpy2, true),
    NUMPY_FACT(SEEN_AXES, axis_order, true),   NUMPY_FACT(SEEN_NO_DICT, no_metadata, true),
    NUMPY_FACT(SEEN_DICT, no_metadata, false),
};

#define PYTHON_FACTS (sizeof python_facts / sizeof *python_facts)
#define NUMPY_FACTS (sizeof numpy_facts / sizeof *numpy_facts)

static bool agrees(const void *row, const fact_row *facts, size_t count, unsigned seen)
{
    for (size_t i = 0; i < count; i++) {
        bool value;
        memcpy(&value, (const char *)row + facts[i].column, sizeof value);
        if ((facts[i].seen & seen) != 0 && value != facts[i].value)
            return false;
    }
    return true;
}

/* --- what is seen ------------------------------------------------------------------------------------------------- */

static unsigned see_info(const npk_doc *doc)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    return (info.python2 ? SEEN_PYTHON2 : 0u) | (info.protocol >= 3 ? SEEN_PYTHON3 : 0u) |
           (info.first_put == 0 ? SEEN_PUT0 : 0u) | (info.first_put == 1 ? SEEN_PUT1 : 0u);
}

typedef struct module_row {
    const char *module;
    unsigned seen;
} module_row;

static const module_row modules[] = {
    {"numpy.core", SEEN_CORE1},
    {"numpy._core", SEEN_CORE2},
    {"scipy.base", SEEN_SCIPY_BASE},
};

static unsigned see_global(const npk_value *global)
{
    const char *module, *name;
    size_t module_size, name_size;
    unsigned seen = 0;
    if (!npk_value_as_global(global, &module, &module_size, &name, &name_size))
        return 0;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        size_t size = strlen(modules[i].module);
        bool same = module_size >= size && memcmp(module, modules[i].module, size) == 0;
        if (same && (module_size == size || module[size] == '.'))
            seen |= modules[i].seen;
    }
    const npki_global_row *row = npki_global_find(module, module_size, name, name_size);
    if (row == NULL)
        return seen;
    if (row->meaning == NPKI_DTYPE)
        seen |= SEEN_DTYPE;
    if (row->meaning == NPKI_CODECS_ENCODE)
        seen |= SEEN_ENCODE;
    if (row->meaning == NPKI_RECONSTRUCT && strcmp(row->module, "numpy.core._internal") == 0)
        seen |= SEEN_INTERNAL;
    return seen;
}

/* A dtype: the second argument of its call, and what stands beside its unit. */
static unsigned see_dtype(const npk_object *dtype)
{
    const npk_value *align = dtype->args == NULL ? NULL : npk_value_item(dtype->args, 1);
    const npk_value *last = dtype->state == NULL ? NULL : npk_value_item(dtype->state, 8),
                    *beside = last == NULL ? NULL : npk_value_item(last, 0);
    unsigned seen = 0;
    if (align != NULL)
        seen |= npk_value_kind(align) == NPK_KIND_BOOL  ? SEEN_BOOLS
                : npk_value_kind(align) == NPK_KIND_INT ? SEEN_INTS
                                                        : 0;
    if (beside != NULL)
        seen |= npk_value_kind(beside) == NPK_KIND_NONE   ? SEEN_NO_DICT
                : npk_value_kind(beside) == NPK_KIND_DICT ? SEEN_DICT
                                                          : 0;
    return seen;
}

/* A bytearray that a call made, below protocol 3 as Python 2 and 3 spell it. */
static unsigned see_bytearray(const npk_value *value, int protocol)
{
    const npki_object *call = npk_value_kind(value) == NPK_KIND_BYTEARRAY && protocol < 3 ? npki_call_of(value) : NULL;
    const npk_value *from = call == NULL || call->args == NULL ? NULL : npk_value_item(call->args, 0);
    if (from == NULL)
        return 0;
    return npk_value_kind(from) == NPK_KIND_STR ? SEEN_TEXT_ARRAY : SEEN_BYTES_ARRAY;
}

/* A walk does not go into the calls of arrays and scalars, which were given a dtype. */
static unsigned see_dtypes(const npk_value *tuple)
{
    unsigned seen = 0;
    npk_object object;
    for (size_t i = 0; tuple != NULL && npk_value_kind(tuple) == NPK_KIND_TUPLE && i < npk_value_size(tuple); i++)
        if (npk_value_dtype(npk_value_item(tuple, i)) != NULL && npk_value_as_object(npk_value_item(tuple, i), &object))
            seen |= see_dtype(&object);
    return seen;
}

static unsigned see_value(const npk_value *value, int protocol)
{
    npk_object object;
    if (!npk_value_as_object(value, &object))
        return see_bytearray(value, protocol);
    unsigned seen =
        see_dtypes(object.args) | see_dtypes(object.state) | (npk_value_dtype(value) != NULL ? see_dtype(&object) : 0);
    if (npk_value_is_array(value) && object.args != NULL && npk_value_size(object.args) == 5)
        seen |= SEEN_AXES;
    return seen;
}

static npk_status see_values(const npk_doc *doc, unsigned *seen, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    int protocol = info.protocol;
    npk_status status = npk_walk_start(npk_doc_root(doc), NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        *seen |= see_value(value, protocol);
    npk_walk_free(walk);
    return status;
}

/* --- in words ----------------------------------------------------------------------------------------------------- */

/* Rows that may be it, of one pickler or of NumPy, from the first to the last. */
typedef struct range {
    npk_dialect first, until; /* until: 0 if nothing newer is known */
    bool any;                 /* there is one */
    bool all;                 /* nothing is left out: that tells nothing */
} range;

#define MAJOR(release) ((release) >> 8)
#define MINOR(release) ((release)&0xff)

/* Of Python 2 no release comes any more. */
static range python_range(npk_dialect pickler, uint32_t major, uint64_t rows)
{
    range out = {.all = true};
    for (size_t i = 0; i < npki_python_count; i++) {
        npk_dialect since = npki_pythons[i].since, release = since >> 16 & 0xfff;
        if (since >> 28 != pickler || MAJOR(release) != major)
            continue;
        bool may = (rows >> i & 1) != 0;
        if (may && !out.any)
            out.first = release;
        if (!may && out.any && out.until == 0)
            out.until = release - 1;
        out.any = out.any || may;
        out.all = out.all && may;
    }
    if (major == 2)
        out.until = out.first;
    return out;
}

static range numpy_range(unsigned seen)
{
    range out = {.all = true};
    for (size_t i = 0; i < npki_numpy_count; i++) {
        bool may = agrees(&npki_numpys[i], numpy_facts, NUMPY_FACTS, seen);
        if (may && !out.any)
            out.first = i == 0 ? 0 : npki_numpys[i].since;
        if (!may && out.any && out.until == 0)
            out.until = npki_numpys[i - 1].last != 0 ? npki_numpys[i - 1].last : npki_numpys[i].since - 1;
        out.any = out.any || may;
        out.all = out.all && may;
    }
    return out;
}

/* "3.8 to 3.14", "2.3 and later", "before 1.19". */
static void print_range(const range *r, char text[NPKI_IDENTIFY_ROOM])
{
    if (r->first == 0)
        snprintf(text, NPKI_IDENTIFY_ROOM, "before %u.%u", MAJOR(r->until), MINOR(r->until) + 1);
    else if (r->until == r->first)
        snprintf(text, NPKI_IDENTIFY_ROOM, "%u.%u", MAJOR(r->first), MINOR(r->first));
    else if (r->until != 0)
        snprintf(text, NPKI_IDENTIFY_ROOM, "%u.%u to %u.%u", MAJOR(r->first), MINOR(r->first), MAJOR(r->until),
                 MINOR(r->until));
    else
        snprintf(text, NPKI_IDENTIFY_ROOM, "%u.%u and later", MAJOR(r->first), MINOR(r->first));
}

/* The pickler in C and that in Python are "Python" where they say the same. */
static void print_pythons(uint64_t rows, char text[NPKI_IDENTIFY_ROOM])
{
    enum { PICKLERS = 5 };
    static const struct {
        npk_dialect pickler;
        uint32_t major;
        const char *name;
    } picklers[PICKLERS] = {
        {1, 3, "CPython"}, {2, 3, "pickle.py"}, {1, 2, "CPython"}, {2, 2, "pickle.py"}, {3, 2, "Jython"}};
    char ranges[PICKLERS][NPKI_IDENTIFY_ROOM] = {"", "", "", "", ""};
    size_t used = 0;
    bool all = true;
    for (size_t i = 0; i < PICKLERS; i++) {
        range r = python_range(picklers[i].pickler, picklers[i].major, rows);
        all = all && r.all;
        if (r.any)
            print_range(&r, ranges[i]);
    }
    bool same = ranges[0][0] != '\0' && strcmp(ranges[0], ranges[1]) == 0;
    text[0] = '\0';
    for (size_t i = 0; i < PICKLERS && !all && used < NPKI_IDENTIFY_ROOM; i++)
        if (ranges[i][0] != '\0' && !(same && i == 1))
            used += (size_t)snprintf(text + used, NPKI_IDENTIFY_ROOM - used, "%s%s %s", used > 0 ? " or " : "",
                                     same && i == 0 ? "Python" : picklers[i].name, ranges[i]);
}

static void print_numpy(unsigned seen, char text[NPKI_IDENTIFY_ROOM])
{
    char words[NPKI_IDENTIFY_ROOM];
    range r = numpy_range(seen);
    text[0] = '\0';
    if ((seen & SEEN_SCIPY_BASE) != 0) {
        snprintf(text, NPKI_IDENTIFY_ROOM, "scipy_core");
    } else if ((seen & SEEN_INTERNAL) != 0) { /* where _reconstruct lay until 0.9.8 */
        snprintf(text, NPKI_IDENTIFY_ROOM, "NumPy before 1.0");
    } else if (r.any && !r.all) {
        print_range(&r, words);
        snprintf(text, NPKI_IDENTIFY_ROOM, "NumPy %.100s", words);
    }
}

npk_status npki_identify(const npk_doc *doc, uint64_t pythons, char text[NPKI_IDENTIFY_ROOM], npk_error *error)
{
    char python[NPKI_IDENTIFY_ROOM], numpy[NPKI_IDENTIFY_ROOM];
    unsigned seen = see_info(doc);
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    const npk_value *global;
    for (size_t i = 0; (global = npk_doc_global(doc, i)) != NULL; i++)
        seen |= see_global(global);
    npk_status status = see_values(doc, &seen, error);
    /* Python 2 spells the key of a dtype with an opcode of its own, so a dtype without one is Python 3's. */
    if ((seen & SEEN_ENCODE) != 0 || ((seen & SEEN_DTYPE) != 0 && (seen & (SEEN_PYTHON2 | SEEN_PUT1)) == 0))
        seen |= (seen & SEEN_PYTHON2) != 0 ? 0u : SEEN_PYTHON3;
    for (size_t i = 0; i < npki_python_count; i++) {
        bool may = npki_pythons[i].highest_protocol >= info.protocol &&
                   agrees(&npki_pythons[i], python_facts, PYTHON_FACTS, seen);
        pythons &= ~((uint64_t)!may << i);
    }
    print_pythons(pythons, python);
    print_numpy(seen, numpy);
    snprintf(text, NPKI_IDENTIFY_ROOM, "%.100s%s%.100s", python, python[0] != '\0' && numpy[0] != '\0' ? ", " : "",
             numpy);
    if (text[0] == '\0')
        snprintf(text, NPKI_IDENTIFY_ROOM, "unknown");
    return status;
}
