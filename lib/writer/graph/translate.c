/* What becomes of names when a graph goes to another Python or NumPy. */
#include "writer/graph/graph.h"

#include "value/event.h"

#include <string.h>

static bool same_name(npki_global_name a, npki_global_name b)
{
    return a.module_size == b.module_size && a.name_size == b.name_size &&
           memcmp(a.module, b.module, a.module_size) == 0 && memcmp(a.name, b.name, a.name_size) == 0;
}

static npki_global_name python3_name(const npk_writer *w, npki_global_name name)
{
    if (w->protocol_names == NPKI_WRITES_BELOW3)
        npki_rename_python(NPKI_TO_NEWER, &name);
    return name;
}

static void refuse_other_name(npk_writer *w, const char *asked, npki_global_name name, npki_global_name taken)
{
    npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%sbelow protocol 3 Python 3 takes %.*s.%.*s for %.*s.%.*s", asked,
                     (int)name.module_size, name.module, (int)name.name_size, name.name, (int)taken.module_size,
                     taken.module, (int)taken.name_size, taken.name);
}

/* Parts with dots between them, none of them empty or with white space in it; what was there before may be anything. */
static bool is_new_name(const char *to, size_t size, const char *from, size_t from_size)
{
    if (size == from_size && memcmp(to, from, size) == 0)
        return true;
    bool between = true;
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)to[i] <= ' ' || to[i] == 0x7f || (between && to[i] == '.'))
            return false;
        between = to[i] == '.';
    }
    return !between && npki_is_name(to, size);
}

/* Asks the caller. */
static bool rename_as_asked(npk_writer *w, npki_global_name *name)
{
    const npk_name from = {name->module, name->module_size, name->name, name->name_size};
    npk_name to = from;
    if (w->rename == NULL || !w->rename(w->rename_context, &from, &to))
        return false;
    if (!is_new_name(to.module, to.module_size, from.module, from.module_size) ||
        !is_new_name(to.name, to.name_size, from.name, from.name_size))
        npki_writer_fail(w, NPK_ERR_USAGE,
                         "expected the name of a module and one in it for a class that is renamed, found another text");
    *name = (npki_global_name){to.module, to.module_size, to.name, to.name_size};
    npki_global_name taken = python3_name(w, *name);
    if (w->error.status == NPK_OK && !w->python->python2 && !same_name(taken, *name))
        refuse_other_name(w, "the new name does not hold: ", *name, taken);
    return true;
}

/* Whether Python 3 reads the older name as that thing again: OSError stands for what it has several classes for. */
static bool comes_back(npki_global_name newer, npki_global_name older)
{
    npki_rename_python(NPKI_TO_NEWER, &older);
    return older.name_size == newer.name_size && memcmp(older.name, newer.name, newer.name_size) == 0;
}

/* Python 2's names stand in pickles of Python 2's protocols, in those that Python 3 wrote too. */
static void rename_python(const npk_writer *w, const npki_global *global, npki_global_name *out)
{
    bool from_older = global->protocol < NPKI_FIRST_WITH_NEWER_NAMES;
    bool to_older = w->protocol_names == NPKI_WRITES_BELOW3;
    npki_global_name from = *out;
    if (from_older != to_older)
        npki_rename_python(to_older ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
    if (!from_older && to_older && !w->python->python2 && !comes_back(from, *out))
        *out = from;
}

/* In modules that no Python 2 can have by these names. */
static bool is_of_python3(const npki_global_name *name)
{
    return (name->module_size == 8 && memcmp(name->module, "builtins", 8) == 0) ||
           (name->module_size == 7 && memcmp(name->module, "copyreg", 7) == 0);
}

/* What Python 3 called as it calls it by mistake, as if all of the module had another name, and Python 2 does not; or
 * without fix_imports. */
static void correct_python2(const npk_writer *w, npki_global_name *out)
{
    npki_global_name newer = *out, older;
    if (!w->python->python2 || w->protocol_names != NPKI_WRITES_BELOW3)
        return;
    npki_rename_python(NPKI_TO_NEWER, &newer);
    older = newer;
    npki_rename_python(NPKI_TO_OLDER, &older);
    if (npki_rename_missed(&newer) || (same_name(newer, *out) && is_of_python3(out)))
        *out = older;
}

/* What stands for the name in the pickle: of a class inside another the outermost one, where those are calls. */
static npki_global_name spelled_name(const npk_writer *w, npki_global_name name)
{
    const char *dot = npki_is_nested(w, name) ? memchr(name.name, '.', name.name_size) : NULL;
    name.name_size = dot != NULL ? (size_t)(dot - name.name) : name.name_size;
    return name;
}

static bool has_same_row(const npki_global *global, npki_global_name name)
{
    const npki_global_row *row = npki_global_find(name.module, name.module_size, name.name, name.name_size);
    return global->row != NULL && row != NULL && row->meaning == global->row->meaning;
}

/* A name that Python 2 had, perhaps that of somebody's own module: from a protocol at which it is kept to one at which
 * Python 3 takes it for another. What npickle knows by both names is the same to it. */
static void refuse_taken_for_another(npk_writer *w, const npk_value *value, npki_global_name name)
{
    const npki_global *global = value->u.global;
    npki_global_name own = {global->module, global->module_size, global->name, global->name_size};
    if (w->python->python2 || global->protocol < NPKI_FIRST_WITH_NEWER_NAMES || !same_name(own, name))
        return;
    name = spelled_name(w, name);
    own = python3_name(w, name);
    if (same_name(own, name) || has_same_row(global, own))
        return;
    w->refused = value;
    refuse_other_name(w, "", name, own);
}

#define NUMBERS(release) (int)((release) >> 8), (int)((release)&0xff)

void npki_refuse(npk_writer *w, const npk_value *value, npki_global_name name, const npki_lack *why)
{
    const char *project = why->project == NPKI_OF_PYTHON ? "Python" : "NumPy";
    w->refused = value;
    if (why->since == NPKI_PRIVATE)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%s %d.%d may have no %.*s.%.*s, which is a private name", project,
                         NUMBERS(why->target), (int)name.module_size, name.module, (int)name.name_size, name.name);
    else if (why->since != NPKI_EVER)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%s %d.%d has no %.*s.%.*s, which came with %d.%d", project,
                         NUMBERS(why->target), (int)name.module_size, name.module, (int)name.name_size, name.name,
                         NUMBERS(why->since));
    else
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%s after %d.%d has no %.*s.%.*s", project, NUMBERS(why->until),
                         (int)name.module_size, name.module, (int)name.name_size, name.name);
}

/* What the target calls it; an error where it has no such thing, and the caller wants to know. */
static void fit_target(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    npki_lack why;
    npki_global_name name = python3_name(w, *out), had = name;
    bool has = npki_target_has(&w->target, &name, &why);
    if (!has || !same_name(name, had))
        w->came_to |= NPKI_CAME_TO_PYTHON;
    refuse_taken_for_another(w, value, *out);
    if (!has && w->unloadable == NPK_UNLOADABLE_REFUSE && w->error.status == NPK_OK)
        npki_refuse(w, value, name, &why);
    if (has && !same_name(name, had)) {
        *out = name;
        if (w->protocol_names == NPKI_WRITES_BELOW3)
            npki_rename_python(NPKI_TO_OLDER, out);
    }
}

npki_global_name npki_newer_name(const npk_value *value)
{
    const npki_global *global = value->u.global;
    npki_global_name name = {global->module, global->module_size, global->name, global->name_size};
    if (global->protocol < NPKI_FIRST_WITH_NEWER_NAMES)
        npki_rename_python(NPKI_TO_NEWER, &name);
    return name;
}

/* In the tables. */
static bool look_up(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    const npki_global *global = value->u.global;
    const npki_global_row *row = global->row;
    if (npki_is_in_module(global->module, global->module_size, "numpy"))
        w->came_to |= NPKI_CAME_TO_NUMPY;
    const bool private_ = row != NULL && row->writes == NPKI_WRITES_NONE;
    const bool as_it_is = private_ && npki_is_as_written(w);
    if (private_) /* one release writes it, and a dialect of several another */
        w->came_to |= NPKI_CAME_TO_PYTHON;
    if (row != NULL && !as_it_is && (row->writes & (w->numpy->names | w->protocol_names)) == 0)
        row = npki_global_spelling(row->meaning, w->numpy->names, w->protocol_names);
    if (row != NULL) {
        *out = (npki_global_name){row->module, row->module_size, row->name, row->name_size};
    } else {
        rename_python(w, global, out);
        correct_python2(w, out);
        npki_rename_numpy(w->numpy->names == NPKI_WRITES_NUMPY1 ? NPKI_TO_OLDER : NPKI_TO_NEWER, out);
    }
    if (w->error.status == NPK_OK)
        fit_target(w, value, out);
    return !same_name(*out, (npki_global_name){global->module, global->module_size, global->name, global->name_size});
}

/* A pickle may name one thing as often as it likes: what stays as it is is looked for in the tables once. */
static uint64_t key_of_kept(const npk_writer *w, const npki_global *global)
{
    bool older = global->protocol < NPKI_FIRST_WITH_NEWER_NAMES;
    if (global->names[0] != NULL) /* both out of the memo, perhaps, and long */
        return npki_key(NPKI_IS_KEPT_NAMES, npki_hash_bytes(w->memo.seed + older, global->names, sizeof global->names));
    uint64_t hash = npki_hash_bytes(w->memo.seed + older, global->module, global->module_size);
    return npki_key(NPKI_IS_KEPT_NAME, npki_hash_bytes(hash, global->name, global->name_size));
}

/* From protocol 3 on Python takes each name as it stands, and only Python 3 reads it: a name of Python 2 is what that
 * takes it for in the pickle that it came from. The other way some names can't be kept. */
static bool keep_meaning(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    const npki_global_name was = *out;
    const bool of_document = w->hooks->reference != NULL; /* which is written later, at any protocol */
    if (of_document)
        return false;
    if (w->protocol < NPKI_FIRST_WITH_NEWER_NAMES) {
        refuse_taken_for_another(w, value, was);
        return false;
    }
    *out = npki_newer_name(value);
    return !same_name(*out, was);
}

bool npki_translate(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    const npki_global *global = value->u.global;
    *out = (npki_global_name){global->module, global->module_size, global->name, global->name_size};
    if (rename_as_asked(w, out))
        return true;
    if (!w->translate_names)
        return keep_meaning(w, value, out);
    const uint64_t kept = key_of_kept(w, global);
    if (npki_map_get(&w->memo, kept) != NULL)
        return false;
    bool changed = look_up(w, value, out), added;
    if (!changed && w->error.status == NPK_OK && npki_map_put(&w->memo, kept, &added) == NULL)
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    return changed;
}
/* --- getattr(getattr(A, "B"), "C"): a class inside another below protocol 4 --- */

#define MOST_NESTED 16

static const npki_object *getattr_of(const npk_value *value)
{
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    bool one = call != NULL && npki_is_bare(call) && call->callable->kind == NPK_KIND_GLOBAL &&
               npki_is_tuple_of(call->args, 2) && npki_is_global(call->callable, "builtins", "getattr");
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

static bool renames_nested(npk_writer *w, const npk_value *value, char dotted[NPKI_LONGEST_NESTED],
                           npki_global_name *out)
{
    const npk_value *parts[MOST_NESTED], *outer;
    size_t count = w->rename == NULL ? 0 : parts_of(value, parts, &outer);
    if (count == 0 || outer->u.global->name_size > NPKI_LONGEST_NESTED)
        return false;
    size_t size = outer->u.global->name_size;
    memcpy(dotted, outer->u.global->name, size);
    while (count-- > 0) {
        const char *text;
        size_t length;
        if (!npki_text_of(parts[count], &text, &length) || length >= NPKI_LONGEST_NESTED - size)
            return false;
        dotted[size++] = '.';
        memcpy(dotted + size, text, length);
        size += length;
    }
    *out = (npki_global_name){outer->u.global->module, outer->u.global->module_size, dotted, size};
    return rename_as_asked(w, out);
}

/* --- ufuncs, which NumPy makes by a call before 1.20 and has by name since --- */

/* numpy.core._ufunc_reconstruct(module, name), where `module` is any that has it: NumPy's own go by name, since that
 * module may be gone, and Python 2 takes no text of Python 3 there. scipy.special has some of its own. */
static bool is_ufunc_of_numpy(npk_writer *w, const npk_value *value, npki_global_name *out)
{
    const char *module, *name;
    size_t module_size, name_size;
    const npki_object *call = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    if (!w->translate_names || call == NULL || !npki_is_bare(call) || !npki_is_tuple_of(call->args, 2) ||
        !npki_text_of(npki_item_of(call->args, 0), &module, &module_size) ||
        !npki_text_of(npki_item_of(call->args, 1), &name, &name_size) ||
        !npki_is_global(call->callable, "numpy.core", "_ufunc_reconstruct"))
        return false;
    w->came_to |= NPKI_CAME_TO_NUMPY;
    if (npki_is_as_written(w) || npki_is_divide_of_python2(name, name_size))
        return false;
    bool numpy = npki_is_in_module(module, module_size, "numpy"),
         scipy = npki_is_in_module(module, module_size, "scipy");
    if (!numpy && (!scipy || npki_is_in_module(module, module_size, "scipy.special")))
        return false;
    static const char umath[] = "numpy.core._multiarray_umath";
    npki_global_name older = {umath, sizeof umath - 1, name, name_size}, newer = older;
    npki_rename_numpy(NPKI_TO_NEWER, &newer);
    *out = w->numpy->names == NPKI_WRITES_NUMPY1 ? older : newer;
    return newer.module_size == 5; /* one that NumPy 2 has in "numpy" */
}

bool npki_is_named(npk_writer *w, const npk_value *value, char room[NPKI_LONGEST_NESTED], npki_global_name *out)
{
    if (npki_events_of(value) != NULL)
        return false;
    return renames_nested(w, value, room, out) || is_ufunc_of_numpy(w, value, out);
}
