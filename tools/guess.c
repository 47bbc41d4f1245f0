#include "guess.h"

#include "tables/global.h"

#include <string.h>

/* What is seen in a pickle. */
enum {
    SEEN_PROTOCOL3 = 1 << 0,  /* or a higher one */
    SEEN_PROTOCOL4 = 1 << 1,
    SEEN_PROTOCOL5 = 1 << 2,
    SEEN_PYTHON2 = 1 << 3,    /* an opcode that only Python 2 writes */
    SEEN_PUT0 = 1 << 4,       /* the memo begins at 0 */
    SEEN_PUT1 = 1 << 5,       /* the memo begins at 1 */
    SEEN_ENCODE = 1 << 6,     /* bytes spelled as _codecs.encode */
    SEEN_DTYPE = 1 << 7,      /* a dtype */
    SEEN_INTS = 1 << 8,       /* the call of a dtype has ints, dtype('f8', 0, 1) */
    SEEN_BOOLS = 1 << 9,      /* it has bools */
    SEEN_CORE1 = 1 << 10,     /* numpy.core */
    SEEN_CORE2 = 1 << 11,     /* numpy._core */
    SEEN_INTERNAL = 1 << 12,  /* numpy.core._internal._reconstruct */
    SEEN_SCIPY_BASE = 1 << 13 /* scipy.base */
};

typedef struct guess_row {
    unsigned all;  /* all of these must be seen */
    unsigned none; /* and none of these */
    const char *text;
} guess_row;

/* The first row that fits counts. CPython: Modules/_pickle.c; Python 2: Modules/cPickle.c, whose memo begins at 1,
 * and Lib/pickle.py. A Python 2 spells the key of a dtype with an opcode of its own, so a dtype without one is
 * Python 3's. */
static const guess_row pythons[] = {
    {SEEN_PROTOCOL5, 0, "Python >= 3.8"},
    {SEEN_PROTOCOL4, 0, "Python >= 3.4"},
    {SEEN_PROTOCOL3, 0, "Python 3"},
    {SEEN_PYTHON2 | SEEN_PUT1, 0, "Python 2 cPickle"},
    {SEEN_PYTHON2 | SEEN_PUT0, 0, "Python 2 pickle"},
    {SEEN_PYTHON2, 0, "Python 2"},
    {SEEN_ENCODE, 0, "Python 3"},
    {SEEN_DTYPE, SEEN_PUT1, "Python 3"},
    {SEEN_PUT1, 0, "Python 2 cPickle"},
    {0, 0, NULL},
};

/* NumPy: descriptor.c, arraydescr_reduce() has had bools since 1.19; numpy.core became numpy._core in 2.0;
 * _reconstruct lay in _internal until 0.9.8; before there was scipy_core. */
static const guess_row numpys[] = {
    {SEEN_CORE2, 0, "NumPy 2"},
    {SEEN_SCIPY_BASE, 0, "scipy_core"},
    {SEEN_INTERNAL, 0, "NumPy < 1.0"},
    {SEEN_CORE1 | SEEN_BOOLS, 0, "NumPy 1.19 to 1.26"},
    {SEEN_INTS, 0, "NumPy < 1.19"},
    {SEEN_CORE1, 0, "NumPy < 2"},
    {SEEN_BOOLS, 0, "NumPy >= 1.19"},
    {0, 0, NULL},
};

static const char *first_fit(const guess_row *row, unsigned seen)
{
    while ((row->all & seen) != row->all || (row->none & seen) != 0)
        row++;
    return row->text;
}

static unsigned see_info(const npk_doc *doc)
{
    npk_doc_info info = npk_info(doc);
    unsigned seen = 0;
    if (info.protocol >= 3)
        seen |= SEEN_PROTOCOL3;
    if (info.protocol >= 4)
        seen |= SEEN_PROTOCOL4;
    if (info.protocol >= 5)
        seen |= SEEN_PROTOCOL5;
    if (info.python2)
        seen |= SEEN_PYTHON2;
    if (info.first_put == 0)
        seen |= SEEN_PUT0;
    if (info.first_put == 1)
        seen |= SEEN_PUT1;
    return seen;
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
    if (!npk_as_global(global, &module, &module_size, &name, &name_size))
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

/* The second argument of a dtype's call. */
static unsigned see_dtype(const npk_value *value)
{
    npk_object object;
    if (value == NULL || npk_as_dtype(value) == NULL || !npk_as_object(value, &object) || object.args == NULL)
        return 0;
    const npk_value *align = npk_item(object.args, 1);
    if (align == NULL)
        return 0;
    npk_kind kind = npk_kind_of(align);
    return kind == NPK_KIND_BOOL ? SEEN_BOOLS : kind == NPK_KIND_INT ? SEEN_INTS : 0;
}

static unsigned see_items(const npk_value *tuple)
{
    unsigned seen = 0;
    for (size_t i = 0; tuple != NULL && npk_kind_of(tuple) == NPK_KIND_TUPLE && i < npk_size(tuple); i++)
        seen |= see_dtype(npk_item(tuple, i));
    return seen;
}

/* A value that is a dtype, or an object that was given one: arrays and scalars are. */
static unsigned see_value(const npk_value *value)
{
    npk_object object;
    if (!npk_as_object(value, &object))
        return 0;
    return see_dtype(value) | see_items(object.args) | see_items(object.state);
}

static npk_status see_first_dtype(const npk_value *root, unsigned *seen, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    unsigned found = 0;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while (found == 0 && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL)
        found = see_value(value);
    npk_walk_free(walk);
    *seen |= found;
    return status;
}

npk_status tool_guess_writer(const npk_doc *doc, char text[GUESS_ROOM], npk_error *error)
{
    unsigned seen = see_info(doc);
    const npk_value *global;
    for (size_t i = 0; (global = npk_doc_global(doc, i)) != NULL; i++)
        seen |= see_global(global);
    npk_status status = NPK_OK;
    if ((seen & SEEN_DTYPE) != 0)
        status = see_first_dtype(npk_root(doc), &seen, error);
    const char *python = first_fit(pythons, seen), *numpy = first_fit(numpys, seen);
    if (python == NULL && numpy == NULL)
        python = "unknown";
    snprintf(text, GUESS_ROOM, "%s%s%s", python == NULL ? "" : python, python != NULL && numpy != NULL ? ", " : "",
             numpy == NULL ? "" : numpy);
    return status;
}
