/* Values of a document without parts, and the numbers of all. */
#include "writer/graph/graph.h"

#include "known/known.h"
#include "value/event.h"

/* Where the document is all of the pickle, what nothing else refers to is met once; but a class, which an older
 * spelling of its call has twice, and what something is called over, which may lead back to it once an edit has given
 * up the order. */
uint64_t npki_value_key(const npk_writer *w, const npk_value *value)
{
    bool once = w->alone && !npki_is_referred_to(w, value) && (value->history & NPKI_WAS_WRITTEN) == 0 &&
                value->kind < NPK_KIND_GLOBAL && value->kind != NPK_KIND_BUFFER && !npki_events_are_moved(value);
    return npki_key(once ? NPKI_KEYS_NOBODY_ASKS_FOR : NPKI_IS_VALUE, (uint64_t)(uintptr_t)npki_self_of(value));
}

/* The memo gets what it had, and what something refers to all the same. Which that was is not to be told from the
 * values: Python 2 went by reference counts, and a pickle may have been optimized. */
npki_number_when npki_value_number(const npk_writer *w, const npk_value *value)
{
    bool had = (value->history & NPKI_WAS_PUT) != 0 && w->memo_policy != NPK_MEMO_MINIMAL;
    if ((value->history & NPKI_WAS_WRITTEN) != 0 && had && npki_numbered_of(w) == NPKI_NUMBERED_HELD)
        had = (value->history & NPKI_WAS_NUMBERED) != 0 || npki_number_replayed(value) == NPKI_NUMBER_ALWAYS;
    return npki_number_always_if(had || npki_is_referred_to(w, value) || npki_events_are_moved(value));
}

void npki_put_value(npk_writer *w, const npk_value *value)
{
    if (value->kind == NPK_KIND_BYTEARRAY)
        w->came_to |= NPKI_CAME_TO_BUFFER;
    bool lost = value->kind == NPK_KIND_BYTEARRAY && w->python->lost_buffers &&
                npki_value_number(w, value) != NPKI_NUMBER_ALWAYS;
    if (lost && w->protocol >= npki_opcodes[NPKI_ROW_BYTEARRAY8].protocol) {
        w->last = NPK_UNKNOWN;
        w->last_unhashable = true;
        return;
    }
    w->last_unhashable = (value->flags & NPKI_UNHASHABLE) != 0;
    npki_put(w, npki_value_key(w, value), npki_value_number(w, value));
}

/* --- values without parts --- */

static void write_int(npk_writer *w, const npk_value *value)
{
    uint8_t room[8];
    size_t size;
    const uint8_t *bytes = npk_value_as_long(value, room, &size);
    npki_int_type type = NPKI_INT_EITHER;
    if (w->python->python2 || w->python->document)
        type = (value->history & NPKI_WAS_LONG) != 0 || 8 * (int)size > w->python->int_bits ? NPKI_INT_LONG
                                                                                            : NPKI_INT_SHORT;
    npki_op_int(w, type, bytes, size);
}

/* --- what the document has, and writes of this writer have too ---
 *
 * Python has each class and function once, the name of its module, and bytes of one. So where an array of the document
 * is made in another way here, of things that are none of the document's values, each of the two refers to what the
 * other has put; but never one value of the document to another, which its pickle wrote twice. Documents that are
 * written as they are have nothing of the writer's. */

static uint64_t key_of_global(const npk_writer *w, const npki_global *global, const npki_global_name *name)
{
    if (global->row == NULL || w->python->document)
        return 0;
    const npki_global_row *row = npki_global_spelling(global->row->meaning, w->numpy->names, w->protocol_names);
    const bool same = row->module_size == name->module_size && row->name_size == name->name_size &&
                      memcmp(row->module, name->module, name->module_size) == 0 &&
                      memcmp(row->name, name->name, name->name_size) == 0;
    return same ? npki_key(NPKI_IS_GLOBAL, (uint64_t)row->meaning) : 0;
}

static uint64_t key_of_module(const npk_writer *w, const npk_value *value)
{
    size_t size;
    const char *module = value->kind == NPK_KIND_STR && !w->python->document ? npk_value_as_str(value, &size) : NULL;
    return module != NULL ? npki_module_key(module, size) : 0;
}

static uint64_t key_of_bytes(const npk_writer *w, const npk_value *value)
{
    size_t size;
    const uint8_t *bytes =
        value->kind == NPK_KIND_BYTES && !w->python->document ? npk_value_as_bytes(value, &size) : NULL;
    return bytes != NULL && size <= 1 ? npki_singleton(w, NPK_KIND_BYTES, bytes, size) : 0;
}

/* The document's value is what was written last, if that has a number. */
static void is_read(npk_writer *w, uint64_t key)
{
    int64_t number;
    if (key != 0 && w->last != NPK_UNKNOWN && !npki_known(w, npki_as_read(key), &number))
        npki_remember(w, npki_as_read(key));
}

/* The two names are objects of their own, but no items of the container at hand. `once`: the name of a module. */
static void write_name(npk_writer *w, const npk_value *name, uint64_t once)
{
    const char *text;
    size_t size;
    bool as_text = name->kind == NPK_KIND_PYTHON2_STR && npki_changes_python2_str(w, name);
    uint64_t key = npki_value_key(w, name) + (as_text ? NPK_KIND_STR : 0); /* as npki_write_python2_str has it */
    npki_boundary(w);
    if (npki_get_known(w, key))
        return;
    if (npki_get_known(w, once)) {
        npki_remember(w, key);
        return;
    }
    if (as_text && npki_text_of(name, &text, &size)) /* ASCII, as it was read */
        npki_write_utf8(w, (const uint8_t *)text, size);
    else
        npki_write_text_value(w, name);
    w->last_unhashable = false;
    npki_put(w, key, npki_value_number(w, name));
    is_read(w, once);
}

/* A class inside another, as calls, whose parts are new. */
static void write_nested(npk_writer *w, npki_global_name name, const npk_value *value)
{
    w->numbered = npki_numbered_of(w);
    npki_write_nested(w, name);
    w->numbered = w->graph_numbered;
    npki_remember(w, npki_value_key(w, value));
}

/* By a name that is not that of the document. */
void npki_write_named(npk_writer *w, const npk_value *value, npki_global_name name)
{
    if (npki_is_nested(w, name)) {
        write_nested(w, name, value);
    } else if (npki_before(w)) {
        npki_write_names(w, name.module, name.module_size, name.name, name.name_size);
        npki_put_value(w, value);
        npki_after(w);
    }
}

#define LONG_NAMES ((size_t)256) /* bytes of both, longer than those of any program */

/* Names out of the memo, which a pickle may have as often as it likes, are lines below protocol 4: long ones are
 * written once. 0: these are not such. */
static uint64_t key_of_names(const npk_writer *w, const npki_global *global)
{
    bool lines = w->protocol < npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol && w->memo_policy != NPK_MEMO_NONE;
    if (!lines || global->names[0] == NULL || global->module_size + global->name_size < LONG_NAMES)
        return 0;
    return npki_key(NPKI_IS_LONG_NAME, npki_hash_bytes(w->memo.seed, global->names, sizeof global->names));
}

static bool is_written(npk_writer *w, const npk_value *value, uint64_t names)
{
    if (names == 0 || !npki_write_known(w, names))
        return false;
    npki_remember(w, npki_value_key(w, value));
    return true;
}

void npki_write_global_value(npk_writer *w, const npk_value *value)
{
    const int stack_global = npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol;
    const npki_global *global = value->u.global;
    const uint64_t names = key_of_names(w, global);
    npki_global_name name;
    const bool translated = npki_translate(w, value, &name);
    const uint64_t key = key_of_global(w, global, &name);
    if (npki_write_known(w, key)) {
        npki_remember(w, npki_value_key(w, value));
        return;
    }
    if (translated || (npki_is_nested(w, name) && global->protocol >= stack_global)) {
        npki_write_named(w, value, name);
    } else if (!is_written(w, value, names) && npki_before(w)) {
        if (w->protocol < stack_global || global->names[0] == NULL) {
            npki_write_names(w, name.module, name.module_size, name.name, name.name_size);
        } else {
            write_name(w, global->names[0], key_of_module(w, global->names[0]));
            write_name(w, global->names[1], 0);
            npki_op(w, NPKI_ROW_STACK_GLOBAL);
        }
        w->last_unhashable = false;
        if (names != 0)
            npki_put(w, npki_value_key(w, value), NPKI_NUMBER_ALWAYS);
        else
            npki_put_global(w, npki_value_key(w, value), npki_value_number(w, value), global->protocol);
        if (names != 0)
            npki_remember(w, names);
        npki_after(w);
    }
    is_read(w, key);
}

static void write_extension(npk_writer *w, const npk_value *value)
{
    int64_t code = value->u.id->u.integer;
    npki_op_number(w, code < 256 ? NPKI_ROW_EXT1 : code < 65536 ? NPKI_ROW_EXT2 : NPKI_ROW_EXT4, (uint64_t)code);
}

/* A number that a pickle has in its memo: no pickler puts one there, but a long int may be referred to as often as one
 * likes, and a float that is not equal to itself is found in a set only as the one that it is. */
static void write_number(npk_writer *w, const npk_value *value)
{
    const bool numbered = npki_value_number(w, value) == NPKI_NUMBER_ALWAYS;
    if (value->kind == NPK_KIND_INT)
        write_int(w, value);
    else
        npki_op_float(w, value->u.real);
    w->came_to |= numbered ? NPKI_CAME_TO_NO_PYTHON : 0u;
    if (numbered)
        npki_put_value(w, value);
}

/* Everything that has no parts. True if it was one of these. */
bool npki_write_atom(npk_writer *w, const npk_value *value)
{
    switch ((npk_kind)value->kind) {
    case NPK_KIND_NONE:
        npk_write_none(w);
        return true;
    case NPK_KIND_BOOL:
        npk_write_bool(w, value->u.boolean);
        return true;
    case NPK_KIND_FLOAT:
        if (npki_value_number(w, value) == NPKI_NUMBER_ALWAYS)
            break;
        npk_write_float(w, value->u.real);
        return true;
    case NPK_KIND_INT:
    case NPK_KIND_STR:
    case NPK_KIND_BYTES:
    case NPK_KIND_BYTEARRAY:
    case NPK_KIND_PYTHON2_STR:
    case NPK_KIND_EXTENSION:
        break;
    default:
        return false;
    }
    const uint64_t once = key_of_bytes(w, value);
    if (npki_write_known(w, once)) {
        npki_remember(w, npki_value_key(w, value));
        return true;
    }
    if (!npki_before(w))
        return true;
    if (value->kind == NPK_KIND_INT || value->kind == NPK_KIND_FLOAT) {
        write_number(w, value);
    } else if (value->kind == NPK_KIND_EXTENSION) {
        write_extension(w, value);
    } else {
        npki_write_text_value(w, value);
        npki_put_value(w, value);
        is_read(w, once);
    }
    npki_after(w);
    return true;
}
