/* The names of classes and functions, whatever Python and NumPy they are those of. */
#include "compare/state.h"

#include "value/event.h"

#include "globals/has.h"
#include "known/known.h"
#include "value/value.h"

#include <string.h>

#define MOST_NESTED 12 /* classes in one another */

typedef struct names {
    npki_global_name outer;              /* of a module */
    npki_global_name inner[MOST_NESTED]; /* only names: the innermost first */
    size_t nested;
    bool ufunc; /* of NumPy: which of its modules it is found in has changed */
} names;

/* As Python 3 reads what below protocol 3 stands for the name: _functools.reduce is functools.reduce, and both are
 * reduce of Python 2. */
static npki_global_name name_there_and_back(npki_global_name name)
{
    npki_global_name back = name;
    npki_rename_python(NPKI_TO_OLDER, &back);
    if (back.module == name.module && back.name == name.name)
        return name;
    npki_rename_python(NPKI_TO_NEWER, &back);
    const bool same = back.name_size == name.name_size && memcmp(back.name, name.name, name.name_size) == 0;
    return same ? back : name; /* else one class of Python 2 stands for several */
}

/* By the tables: a writer may give a thing any of the names that it has there. */
static npki_global_name name_of(const npk_value *value)
{
    const npki_global *global = value->u.global;
    npki_global_name name = npki_newest_name(global);
    if (global->row != NULL) { /* NumPy has spelled these in many ways */
        const npki_global_row *row = npki_global_canonical(global->row->meaning);
        name = (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    }
    name = name_there_and_back(name);
    npki_rename_numpy(NPKI_TO_OLDER, &name);
    npki_one_name(&name);
    return name;
}

/* The two arguments of a call of this function, the second a text. */
static const npk_value *args_of(const npk_value *value, const char *module, const char *name)
{
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    const char *text;
    size_t size;
    bool good = call != NULL && call->construction == NPK_BY_CALL && npki_is_bare(call) &&
                npki_is_tuple_of(call->args, 2) && npki_text_of(npki_item_of(call->args, 1), &text, &size) &&
                npk_value_is_global(call->callable, module, name) && !npki_is_dropped_over(value) &&
                !npki_is_dropped_over(call->args);
    return good ? call->args : NULL;
}

/* The next one out of a class inside another, and its own name, which is of no module; NULL: it is inside none. */
static const npk_value *outer_of(const npk_value *value, npki_global_name *name)
{
    const npk_value *args = args_of(value, "builtins", "getattr");
    *name = (npki_global_name){.module = NULL};
    if (args != NULL)
        (void)npki_text_of(npki_item_of(args, 1), &name->name, &name->name_size);
    return args == NULL ? NULL : npki_item_of(args, 0);
}

/* Of a builtin class, as dill makes it. */
static bool find_loaded(const npk_value *value, npki_global_name *name)
{
    const npk_value *given = npki_name_of_loaded(value);
    *name = (npki_global_name){.module = "builtins", .module_size = 8};
    return given != NULL && npki_text_of(given, &name->name, &name->name_size);
}

/* A class inside another is getattr(outer, name) below protocol 4; a ufunc was made by a call before NumPy 1.18. */
static bool find_names(const npk_value *value, names *out)
{
    const npk_value *args;
    npki_global_name loaded;
    out->outer = (npki_global_name){.module = NULL};
    for (out->nested = 0; out->nested < MOST_NESTED; out->nested++) {
        const npk_value *outer = outer_of(value, &out->inner[out->nested]);
        if (outer == NULL)
            break;
        value = outer;
    }
    args = out->nested == 0 ? args_of(value, "numpy.core", "_ufunc_reconstruct") : NULL;
    out->ufunc = args != NULL;
    if (value->kind == NPK_KIND_GLOBAL)
        out->outer = name_of(value);
    else if (out->ufunc)
        (void)npki_text_of(npki_item_of(args, 1), &out->outer.name, &out->outer.name_size);
    const bool is_loaded = find_loaded(value, &loaded);
    if (is_loaded)
        out->outer = loaded;
    return value->kind == NPK_KIND_GLOBAL || out->ufunc || is_loaded;
}

/* The byte at a place of the dotted name; NUL past its end. Places go up: *part and *start are where the last one
 * lay. */
static char char_at(const names *of, size_t at, size_t *part, size_t *start)
{
    for (;;) {
        const npki_global_name *name = *part == 0 ? &of->outer : &of->inner[of->nested - *part];
        if (at - *start < name->name_size)
            return name->name[at - *start];
        if (*part == of->nested)
            return '\0';
        if (at - *start == name->name_size)
            return '.';
        *start += name->name_size + 1;
        ++*part;
    }
}

static bool is_of_numpy(const npki_global_name *name)
{
    static const char numpy[] = "numpy";
    size_t size = sizeof numpy - 1;
    return name->module_size >= size && memcmp(name->module, numpy, size) == 0 &&
           (name->module_size == size || name->module[size] == '.');
}

/* As char_at, of the module and the names as one dotted text, in which numpy.core is numpy._core. */
static char whole_at(const names *of, size_t at, size_t *part, size_t *start)
{
    static const char core[] = "numpy.core";
    const size_t size = sizeof core - 1, before = size - strlen("core");
    const npki_global_name *name = &of->outer;
    bool old = name->module_size >= size && memcmp(name->module, core, size) == 0 &&
               (name->module_size == size || name->module[size] == '.');
    if (old && at == before)
        return '_';
    at -= old && at > before;
    if (at <= name->module_size)
        return at < name->module_size ? name->module[at] : '.';
    return char_at(of, at - name->module_size - 1, part, start);
}

static bool same_texts(const names *left, const names *right,
                       char (*at_of)(const names *of, size_t at, size_t *part, size_t *start))
{
    size_t parts[2] = {0, 0}, starts[2] = {0, 0};
    for (size_t at = 0;; at++) {
        char a = at_of(left, at, &parts[0], &starts[0]), b = at_of(right, at, &parts[1], &starts[1]);
        if (a != b)
            return false;
        if (a == '\0')
            return true;
    }
}

static bool is_spelled_alike(const npki_global *a, const npki_global *b)
{
    return (a->protocol < NPKI_FIRST_WITH_NEWER_NAMES) == (b->protocol < NPKI_FIRST_WITH_NEWER_NAMES) &&
           a->module_size == b->module_size && a->name_size == b->name_size &&
           memcmp(a->module, b->module, a->module_size) == 0 && memcmp(a->name, b->name, a->name_size) == 0;
}

/* Of NumPy a name may lead to a thing by way of its package: _core.umath.add of numpy, add of numpy._core.umath. */
bool npki_compare_same_global(const npk_value *a, const npk_value *b)
{
    names left, right;
    if (a->kind == NPK_KIND_GLOBAL && b->kind == NPK_KIND_GLOBAL && is_spelled_alike(a->u.global, b->u.global))
        return true;
    if (!find_names(a, &left) || !find_names(b, &right))
        return false;
    const bool numpys = is_of_numpy(&left.outer) && is_of_numpy(&right.outer);
    if (left.ufunc || right.ufunc)
        return same_texts(&left, &right, char_at) && (left.ufunc || is_of_numpy(&left.outer)) &&
               (right.ufunc || is_of_numpy(&right.outer));
    if (numpys)
        return same_texts(&left, &right, whole_at);
    return left.outer.module_size == right.outer.module_size &&
           memcmp(left.outer.module, right.outer.module, left.outer.module_size) == 0 &&
           same_texts(&left, &right, char_at);
}

bool npki_compare_is_name_of(const npk_value *value)
{
    npki_global_name name;
    const npk_value *outer;
    size_t nested = 0;
    for (; nested < MOST_NESTED && (outer = outer_of(value, &name)) != NULL; nested++)
        value = outer;
    return value->kind == NPK_KIND_GLOBAL || find_loaded(value, &name) ||
           (nested == 0 && args_of(value, "numpy.core", "_ufunc_reconstruct") != NULL);
}

/* Of NumPy by the innermost name alone: the modules and packages that lead to it differ. */
static uint64_t hash_innermost(const names *of)
{
    const npki_global_name *last = of->nested > 0 ? &of->inner[0] : &of->outer;
    size_t start = last->name_size;
    while (start > 0 && last->name[start - 1] != '.')
        start--;
    return npki_hash_bytes(9, last->name + start, last->name_size - start);
}

/* What npki_compare_same_global tells apart has another hash: two that differ in the module alone are not taken for
 * each other where values are matched by their hashes. */
uint64_t npki_compare_hash_global(const npk_value *value)
{
    names found;
    char letter;
    if (!find_names(value, &found))
        return 9;
    if (found.ufunc || is_of_numpy(&found.outer))
        return hash_innermost(&found);
    uint64_t hash = npki_hash_bytes(9, found.outer.module, found.outer.module_size);
    for (size_t at = 0, part = 0, start = 0; (letter = char_at(&found, at, &part, &start)) != '\0'; at++)
        hash = npki_hash_bytes(hash, &letter, sizeof letter);
    return hash;
}
