/* Classes and functions: their names as opcodes, or as calls. CPython: Modules/_pickle.c save_global(). */
#include "writer/python/python.h"

#include "text/unicode.h"

#include <string.h>

bool npki_is_line_of_ascii(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((uint8_t)text[i] >= 0x80 || text[i] == '\n')
            return false;
    return true;
}

static bool is_array(const char *module, size_t module_size, const char *name, size_t name_size)
{
    return module_size == 5 && memcmp(module, "array", 5) == 0 && name_size == 5 && memcmp(name, "array", 5) == 0;
}

uint64_t npki_module_key(const char *module, size_t size)
{
    return npki_key(NPKI_IS_MODULE, npki_hash_bytes(0, module, size));
}

void npki_write_names(npk_writer *w, const char *module, size_t module_size, const char *name, size_t name_size)
{
    bool lines = w->protocol < npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol;
    bool newlines = memchr(module, '\n', module_size) != NULL || memchr(name, '\n', name_size) != NULL;
    if (lines && newlines) {
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a name with a newline in it: protocol %d can hold it",
                         npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol);
    } else if (lines || (w->python->document && !newlines)) {
        npki_op_lines(w, NPKI_ROW_GLOBAL, module, module_size, name, name_size);
    } else { /* a module's name is one str for all that comes from it, a name is a new one each time */
        const bool own = w->python->own_array_name && is_array(module, module_size, name, name_size);
        const uint64_t key = own ? 0 : npki_own_or_read(w, npki_module_key(module, module_size));
        npki_put_str(w, (const uint8_t *)module, module_size, key, NPKI_NUMBER_ALWAYS);
        npki_put_str(w, (const uint8_t *)name, name_size, 0, NPKI_NUMBER_ALWAYS);
        npki_op(w, NPKI_ROW_STACK_GLOBAL);
        w->spending.steps += NPKI_STEPS_OF_NAMES;
    }
}

npk_status npki_write_meaning(npk_writer *w, npki_meaning meaning)
{
    const npki_global_row *row = npki_global_spelling(meaning, w->numpy->names, w->protocol_names);
    uint64_t key = npki_key(NPKI_IS_GLOBAL, (uint64_t)meaning);
    if (npki_write_known(w, npki_own_or_read(w, key)) || !npki_before(w))
        return w->error.status;
    npki_write_names(w, row->module, row->module_size, row->name, row->name_size);
    npki_put(w, key, NPKI_NUMBER_ALWAYS);
    npki_after(w);
    return w->error.status;
}

/* --- names that no row has --- */

static uint64_t name_key(const npk_writer *w, npki_global_name of)
{
    return npki_key(NPKI_IS_NAMED,
                    npki_hash_bytes(npki_hash_bytes(w->memo.seed, of.module, of.module_size), of.name, of.name_size));
}

/* BARE: neither looked for in the memo nor put there. */
typedef enum memo_use { IN_MEMO, BARE } memo_use;

/* One without dots in its name. */
static void write_simple(npk_writer *w, npki_global_name of, memo_use use)
{
    uint64_t key = use == BARE ? 0 : name_key(w, of);
    if ((key != 0 && npki_write_known(w, key)) || !npki_before(w))
        return;
    if (w->protocol_names == NPKI_WRITES_BELOW3)
        npki_rename_python(NPKI_TO_OLDER, &of);
    npki_write_names(w, of.module, of.module_size, of.name, of.name_size);
    if (use != BARE)
        npki_put(w, key, NPKI_NUMBER_ALWAYS);
    npki_after(w);
}

/* The size of "A.B" in "A.B.C", of nothing in "A". */
static size_t outer_size(const char *name, size_t size)
{
    while (size > 0 && name[size - 1] != '.')
        size--;
    return size > 0 ? size - 1 : 0;
}

/* The calls of getattr(getattr(A, "B"), "C"), begun from the last one, as far in as nothing is known. Returns the
 * size of the name that is to be written in them. */
static size_t begin_nested(npk_writer *w, const npki_global_name *of)
{
    static const npki_global_name getattr = {"builtins", 8, "getattr", 7};
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    bool bare = w->python->bare_getattr;
    npki_global_name at = *of;
    for (size_t outer, depth = 0; (outer = outer_size(at.name, at.name_size)) > 0; at.name_size = outer) {
        if (depth++ == NPKI_MOST_NESTED) /* each of them is looked for by the whole of its name */
            npki_writer_fail(w, NPK_ERR_LIMIT, "a class more than %d classes deep, as calls of getattr()",
                             NPKI_MOST_NESTED);
        if (w->error.status != NPK_OK)
            break;
        uint64_t key = bare && at.name_size < of->name_size ? 0 : name_key(w, at);
        if (key != 0 && npki_map_get(&w->memo, key) != NULL)
            break;
        npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                           .count = 2,
                                           .number = npki_number_always_if(key != 0),
                                           .key = key,
                                           .call = call,
                                           .parts = 2});
        write_simple(w, getattr, IN_MEMO);
        npki_begin(w, NPK_KIND_TUPLE, 2, NPKI_NUMBER_IF_HELD);
    }
    return at.name_size;
}

bool npki_is_nested(const npk_writer *w, npki_global_name of)
{
    return outer_size(of.name, of.name_size) > 0 && w->protocol < npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol;
}

void npki_write_nested(npk_writer *w, npki_global_name nested)
{
    const npki_global_name *of = &nested;
    npki_numbered numbered = w->numbered;
    if (npki_write_known(w, name_key(w, *of)))
        return;
    if (w->python->bare_getattr)
        w->numbered = NPKI_NUMBERED_ALWAYS;
    npki_global_name outer = *of;
    outer.name_size = begin_nested(w, of);
    write_simple(w, outer, w->python->bare_getattr ? BARE : IN_MEMO);
    for (size_t at = outer.name_size; at < of->name_size && w->error.status == NPK_OK;) {
        const char *name = of->name + at + 1, *dot = memchr(name, '.', of->name_size - at - 1);
        size_t size = dot != NULL ? (size_t)(dot - name) : of->name_size - at - 1;
        npki_write_keyed_str(w, name, size, 0, NPKI_NUMBER_ALWAYS);
        npki_end(w);
        npki_end(w);
        at += 1 + size;
    }
    w->numbered = numbered;
}

bool npki_is_name(const char *name, size_t size)
{
    return size > 0 && memchr(name, '\n', size) == NULL && npki_utf8_check((const uint8_t *)name, size) == size;
}

npk_status npki_write_global_size(npk_writer *w, const char *module, size_t module_size, const char *name,
                                  size_t name_size)
{
    if (!npki_is_name(module, module_size) || !npki_is_name(name, name_size))
        return npki_writer_fail(w, NPK_ERR_USAGE, "a name is UTF-8, not empty, and in one line");
    npki_global_name of = {module, module_size, name, name_size};
    const npki_global_row *row = npki_global_find(module, module_size, name, name_size);
    npki_rename_numpy(w->numpy->names == NPKI_WRITES_NUMPY1 ? NPKI_TO_OLDER : NPKI_TO_NEWER, &of);
    if (row != NULL)
        npki_write_meaning(w, row->meaning);
    else if (!npki_is_nested(w, of))
        write_simple(w, of, IN_MEMO);
    else if (w->python->python2)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "Python 2 has no name for a class inside another");
    else
        npki_write_nested(w, of);
    return w->error.status;
}
