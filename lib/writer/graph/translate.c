/* What becomes of names when a graph goes to another Python or NumPy. */
#include "writer/graph/graph.h"

#include <string.h>

static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* Asks the caller. */
static bool rename_as_asked(npk_writer *w, npki_global_name *name)
{
    const npk_name from = {name->module, name->module_size, name->name, name->name_size};
    npk_name to = from;
    if (w->rename == NULL || !w->rename(w->rename_context, &from, &to))
        return false;
    if (!npki_is_name(to.module, to.module_size) || !npki_is_name(to.name, to.name_size))
        npki_writer_fail(w, NPK_ERR_USAGE, "expected a name for a class that is renamed, found none");
    *name = (npki_global_name){to.module, to.module_size, to.name, to.name_size};
    return true;
}

/* Python 2's names stand in pickles of Python 2's protocols, in those that Python 3 wrote too. */
static void rename_python(const npk_writer *w, const npki_global *global, npki_global_name *out)
{
    bool from_older = global->protocol < NPKI_FIRST_WITH_NEWER_NAMES;
    bool to_older = w->protocol_names == NPKI_WRITES_BELOW3;
    if (from_older != to_older)
        npki_rename_python(to_older ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
}

bool npki_translate(npk_writer *w, const npki_global *global, npki_global_name *out)
{
    const npki_global_row *row = global->row;
    *out = (npki_global_name){global->module, global->module_size, global->name, global->name_size};
    if (rename_as_asked(w, out))
        return true;
    if (!w->translate_names)
        return false;
    if (row != NULL && (row->writes & (w->numpy->names | w->protocol_names)) == 0)
        row = npki_global_spelling(row->meaning, w->numpy->names, w->protocol_names);
    if (row != NULL) {
        *out = (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    } else {
        rename_python(w, global, out);
        npki_rename_numpy(w->numpy->names == NPKI_WRITES_NUMPY1 ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
    }
    return !same(out->module, out->module_size, global->module, global->module_size) ||
           !same(out->name, out->name_size, global->name, global->name_size);
}

/* --- getattr(getattr(A, "B"), "C"): a class inside another below protocol 4 --- */

#define MOST_NESTED 16
#define LONGEST_NESTED ((size_t)1024)

static const npki_object *getattr_of(const npk_value *value)
{
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    bool one = call != NULL && call->callable->kind == NPK_KIND_GLOBAL && npki_is_tuple_of(call->args, 2) &&
               npk_value_is_global(call->callable, "builtins", "getattr");
    return one ? call : NULL;
}

/* The parts of such a name from the last one on, and the class that all are in; 0: it is none. */
static size_t parts_of(const npk_value *value, const npk_value *parts[MOST_NESTED], const npk_value **outer)
{
    size_t count = 0;
    const npki_object *call;
    for (; (call = getattr_of(value)) != NULL && count < MOST_NESTED; count++) {
        value = npki_item_of(call->args, 0);
        parts[count] = npki_item_of(call->args, 1);
    }
    *outer = value;
    return value->kind == NPK_KIND_GLOBAL ? count : 0;
}

bool npki_renames_nested(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    const npk_value *parts[MOST_NESTED], *outer;
    char dotted[LONGEST_NESTED];
    size_t count = w->rename == NULL ? 0 : parts_of(value, parts, &outer);
    if (count == 0 || outer->u.global->name_size > sizeof dotted)
        return false;
    size_t size = outer->u.global->name_size;
    memcpy(dotted, outer->u.global->name, size);
    while (count-- > 0) {
        const char *text;
        size_t length;
        if (!npki_text_of(parts[count], &text, &length) || length >= sizeof dotted - size)
            return false;
        dotted[size++] = '.';
        memcpy(dotted + size, text, length);
        size += length;
    }
    *out = (npki_global_name){outer->u.global->module, outer->u.global->module_size, dotted, size};
    return rename_as_asked(w, out);
}
