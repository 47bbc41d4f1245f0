/* What the bytes of a pickle show of who wrote it. */
#include "check/seen.h"

#include "array/layout.h"
#include "check/release.h"
#include "globals/global.h"
#include "reader/build.h"
#include "value/value.h"

#include <stddef.h>
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
    SEEN_DICT = 1 << 14,       /* a unit beside an empty dict */
    SEEN_INTERNAL = 1 << 15,   /* numpy.core._internal._reconstruct */
    SEEN_SCIPY_BASE = 1 << 16, /* scipy.base */
    SEEN_STRICT = 1 << 17,     /* an array in Fortran's order that is in C's, too, but for the axes of length 1 or 0 */
    SEEN_MADE_ORDER = 1 << 18  /* npki_is_fortran_as_made */
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
    PYTHON_FACT(SEEN_DTYPE | SEEN_CORE1 | SEEN_CORE2 | SEEN_SCIPY_BASE, no_numpy, false),
    PYTHON_FACT(SEEN_PUT0, from1, false),
    PYTHON_FACT(SEEN_PUT1, from1, true),
    PYTHON_FACT(SEEN_TEXT_ARRAY, text_bytearray, true),
    PYTHON_FACT(SEEN_BYTES_ARRAY, text_bytearray, false),
};

static const fact_row numpy_facts[] = {
    NUMPY_FACT(SEEN_INTS, int_flags, true),    NUMPY_FACT(SEEN_BOOLS, int_flags, false),
    NUMPY_FACT(SEEN_CORE1, is_numpy2, false),  NUMPY_FACT(SEEN_CORE2, is_numpy2, true),
    NUMPY_FACT(SEEN_AXES, axis_order, true),   NUMPY_FACT(SEEN_NO_DICT, no_metadata, true),
    NUMPY_FACT(SEEN_DICT, no_metadata, false), NUMPY_FACT(SEEN_STRICT, strict_order, true),
    NUMPY_FACT(SEEN_MADE_ORDER, made_order, true),
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
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (npki_is_in_module(module, module_size, modules[i].module))
            seen |= modules[i].seen;
    const npki_global_row *row = npki_global_find(module, module_size, name, name_size);
    if (row == NULL)
        return seen;
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
    unsigned seen = SEEN_DTYPE;
    if (align != NULL)
        seen |= npk_value_kind(align) == NPK_KIND_BOOL  ? SEEN_BOOLS
                : npk_value_kind(align) == NPK_KIND_INT ? SEEN_INTS
                                                        : 0;
    if (beside != NULL)
        seen |= npk_value_kind(beside) == NPK_KIND_NONE                                  ? SEEN_NO_DICT
                : npk_value_kind(beside) == NPK_KIND_DICT && npk_value_size(beside) == 0 ? SEEN_DICT
                                                                                         : 0;
    return seen;
}

/* Bytes or a bytearray that a call made, below protocol 3 as Python 2 and 3 spell them. */
static unsigned see_bytes(const npk_value *value, int protocol)
{
    const npk_kind kind = npk_value_kind(value);
    const bool is_one = kind == NPK_KIND_BYTES || kind == NPK_KIND_BYTEARRAY;
    const npki_object *call = is_one && protocol < 3 ? npki_call_of(value) : NULL;
    if (call != NULL && kind == NPK_KIND_BYTES)
        return npki_is_global(call->callable, "_codecs", "encode") ? SEEN_ENCODE : 0u;
    const npk_value *from = call == NULL || call->args == NULL ? NULL : npk_value_item(call->args, 0);
    if (from == NULL)
        return 0;
    return npk_value_kind(from) == NPK_KIND_STR ? SEEN_TEXT_ARRAY : SEEN_BYTES_ARRAY;
}

#define MOST_ITEMS 16 /* of what NumPy gives a call or a state */

/* A walk does not go into the calls of arrays and scalars, which were given a dtype. Many may share a tuple. */
static unsigned see_dtypes(const npk_value *tuple)
{
    unsigned seen = 0;
    npk_object object;
    size_t size = tuple != NULL && npk_value_kind(tuple) == NPK_KIND_TUPLE ? npk_value_size(tuple) : 0;
    for (size_t i = 0; i < size && i < MOST_ITEMS; i++)
        if (npk_value_dtype(npk_value_item(tuple, i)) != NULL && npk_value_as_object(npk_value_item(tuple, i), &object))
            seen |= see_dtype(&object);
    return seen;
}

static unsigned see_order(const npk_value *value)
{
    npk_array array;
    if (npk_array_of(value, &array, NULL) != NPK_OK || array.order != 'F')
        return 0;
    return npki_is_fortran_as_made(&array) ? SEEN_MADE_ORDER : npki_memory_order(&array) != 'F' ? SEEN_STRICT : 0u;
}

static unsigned see_value(const npk_value *value, int protocol)
{
    npk_object object;
    if (!npk_value_as_object(value, &object))
        return see_bytes(value, protocol);
    unsigned seen =
        see_dtypes(object.args) | see_dtypes(object.state) | (npk_value_dtype(value) != NULL ? see_dtype(&object) : 0);
    if (npk_value_is_array(value))
        seen |= see_order(value) | (object.args != NULL && npk_value_size(object.args) == 5 ? SEEN_AXES : 0u);
    return seen;
}

static npk_status see_values(const npk_doc *doc, const npk_allocator *allocator, unsigned *seen, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    npk_status status = npk_walk_start(npk_doc_root(doc), allocator, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        *seen |= see_value(value, info.protocol);
    npk_walk_free(walk);
    return status;
}

/* --- which rows agree --------------------------------------------------------------------------------------------- */

static npk_status see(const npk_doc *doc, const npk_allocator *allocator, unsigned *out, npk_error *error)
{
    const npk_value *global;
    unsigned seen = see_info(doc);
    /* something that npickle knows; else there are no dtypes, arrays and bytearrays made by a call */
    bool calls = doc->earlier_count > 0;
    for (size_t i = 0; (global = npki_name_at(doc, i)) != NULL; i++) {
        seen |= see_global(global);
        calls = calls || global->kind != NPK_KIND_GLOBAL || global->u.global->row != NULL;
    }
    npk_status status = calls ? see_values(doc, allocator, &seen, error) : NPK_OK;
    /* Python 2 spells the key of a dtype with an opcode of its own, so a dtype without one is Python 3's. */
    if ((seen & SEEN_ENCODE) != 0 || ((seen & SEEN_DTYPE) != 0 && (seen & (SEEN_PYTHON2 | SEEN_PUT1)) == 0))
        seen |= (seen & SEEN_PYTHON2) != 0 ? 0u : SEEN_PYTHON3;
    *out = seen;
    return status;
}

npk_status npki_see(const npk_doc *doc, const npk_allocator *allocator, npki_seen *out, npk_error *error)
{
    unsigned seen;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    *out = (npki_seen){.old = NPKI_OLD_NONE};
    npk_status status = see(doc, allocator, &seen, error);
    if (status != NPK_OK)
        return status;
    for (size_t i = 0; i < npki_python_count; i++)
        if (npki_highest_protocol(&npki_pythons[i]) >= info.protocol &&
            agrees(&npki_pythons[i], python_facts, PYTHON_FACTS, seen))
            out->pythons |= (uint64_t)1 << i;
    if ((seen & SEEN_SCIPY_BASE) != 0)
        out->old = NPKI_OLD_SCIPY_CORE;
    else if ((seen & SEEN_INTERNAL) != 0) /* where _reconstruct lay until 0.9.8 */
        out->old = NPKI_OLD_NUMPY;
    for (size_t i = 0; i < npki_numpy_count && out->old == NPKI_OLD_NONE; i++)
        out->numpys |= (uint64_t)agrees(&npki_numpys[i], numpy_facts, NUMPY_FACTS, seen) << i;
    return NPK_OK;
}
