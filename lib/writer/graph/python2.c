/* What becomes of Python 2's strings when a graph goes to Python 3. */
#include "writer/graph/walk.h"

#include "text/unicode.h"
#include "value/step.h"

#include <string.h>

/* The states of generators name their algorithm. */
static bool is_of_numpy_random(const npk_value *callable)
{
    static const char module[] = "numpy.random";
    size_t size = sizeof module - 1;
    return callable != NULL && callable->kind == NPK_KIND_GLOBAL && callable->u.global->module_size >= size &&
           memcmp(callable->u.global->module, module, size) == 0;
}

/* What the strings are that these are made of, or that are their state, whatever the program's own are. */
static const struct {
    const char *module, *name; /* NULL: all names */
    bool state;
    npki_role role;
} made_of[] = {
    {"datetime", NULL, false, NPKI_ROLE_BYTES}, /* Python 3.6 takes no text */
    {"_ctypes", NULL, false, NPKI_ROLE_BYTES}, /* (class, (attributes, memory)) */
    {"decimal", NULL, false, NPKI_ROLE_TEXT},
    {"fractions", NULL, false, NPKI_ROLE_TEXT},
    {"builtins", "getattr", false, NPKI_ROLE_OWNED},
    {"builtins", "UnicodeDecodeError", false, NPKI_ROLE_UNDECODED},
    {"_io", "BytesIO", true, NPKI_ROLE_BYTES},
    {"io", "BytesIO", true, NPKI_ROLE_BYTES},
};

static npki_role role_by_name(const npk_value *callable, bool state)
{
    const npki_role usual = state ? NPKI_ROLE_ATTRIBUTES : NPKI_ROLE_OWN;
    if (callable->kind != NPK_KIND_GLOBAL)
        return usual;
    const npki_global_name name = npki_newest_name(callable->u.global);
    for (size_t i = 0; i < sizeof made_of / sizeof *made_of; i++)
        if (made_of[i].state == state && npki_is_spelled(name.module, name.module_size, made_of[i].module) &&
            (made_of[i].name == NULL || npki_is_spelled(name.name, name.name_size, made_of[i].name)))
            return made_of[i].role;
    return usual;
}

/* Of a part of a call. */
static npki_role role_of_part(const npki_object *call, size_t part, const npk_value *value)
{
    const npki_array_state *array = call->array;
    if (part != NPKI_SLOT_ARGS && part != NPKI_SLOT_STATE)
        return NPKI_ROLE_OWN;
    if (call->meaning == NPKI_DTYPE || call->meaning == NPKI_JOBLIB_ARRAY || is_of_numpy_random(call->callable))
        return NPKI_ROLE_TEXT;
    if (call->meaning == NPKI_CODECS_ENCODE || call->meaning == NPKI_BYTEARRAY) /* (text, encoding), or (bytes,) */
        return npki_is_tuple_of(value, 2) ? NPKI_ROLE_TEXT : NPKI_ROLE_BYTES;
    if (array != NULL && array->typecode != 0)
        return part == NPKI_SLOT_ARGS ? NPKI_ROLE_PYARRAY : NPKI_ROLE_ATTRIBUTES;
    if (array != NULL && array->holders != NULL && value == array->holders[0])
        return NPKI_ROLE_HOLDER;
    if (array != NULL && !array->of_unknown)
        return NPKI_ROLE_BYTES;
    return role_by_name(call->callable, part == NPKI_SLOT_STATE);
}

/* In what holds an array's state: that itself, NumPy's arguments (class, shape, code) beside it, and the program's. */
static npki_role role_beside(const npki_array_state *array, const npk_value *parent, size_t index,
                             const npk_value *value)
{
    for (size_t i = 0; i + 1 < array->holder_count; i++)
        if (array->holders[i + 1] == value)
            return NPKI_ROLE_HOLDER;
    if (parent == array->holders[array->holder_count - 1] && index >= array->start && index < array->end)
        return value->kind == NPK_KIND_LIST ? NPKI_ROLE_OWN /* of objects, whose strings are the program's */
                                            : NPKI_ROLE_BYTES;
    bool numpys = npki_is_tuple_of(value, 3) && npki_item_of(value, 0)->kind == NPK_KIND_GLOBAL;
    return array->in_arguments && numpys ? NPKI_ROLE_BYTES : NPKI_ROLE_ATTRIBUTES;
}

npki_role npki_role_below(const npki_object *call, npki_role role, const npk_value *parent, size_t index,
                          const npk_value *value)
{
    if (parent == NULL)
        return role_of_part(call, index, value);
    switch (role) {
    case NPKI_ROLE_TEXT:
        return NPKI_ROLE_TEXT;
    case NPKI_ROLE_HOLDER:
        return role_beside(call->array, parent, index, value);
    case NPKI_ROLE_PYARRAY:
        return value->kind == NPK_KIND_PYTHON2_STR && index == 0 ? NPKI_ROLE_TEXT : NPKI_ROLE_BYTES;
    case NPKI_ROLE_OWNED:
        return index == 1 ? NPKI_ROLE_TEXT : NPKI_ROLE_OWN;
    case NPKI_ROLE_UNDECODED:
        return value->kind != NPK_KIND_PYTHON2_STR ? NPKI_ROLE_OWN : index == 1 ? NPKI_ROLE_BYTES : NPKI_ROLE_TEXT;
    case NPKI_ROLE_BYTES:
        return value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_PYTHON2_STR ? NPKI_ROLE_BYTES : NPKI_ROLE_OWN;
    case NPKI_ROLE_ATTRIBUTES:
        return npki_is_pair_of_attributes(parent) && value->kind == NPK_KIND_DICT ? NPKI_ROLE_ATTRIBUTES
                                                                                  : NPKI_ROLE_OWN;
    default:
        return NPKI_ROLE_OWN;
    }
}

/* Of a part of a call that is being written, or, where it has its arguments one by one, of one of those. */
static npki_role role_in_call(const npki_stop *way, const npk_value *value)
{
    const npki_object *call = way->call;
    size_t item = SIZE_MAX;
    const size_t part = way->items != NULL     ? NPKI_SLOT_LISTITEMS
                        : way->next == 0       ? npki_part_at(call, &way->spelled, &item)
                        : value == call->state ? NPKI_SLOT_STATE
                                               : NPKI_SLOT_LATER;
    if (item == SIZE_MAX)
        return npki_role_below(call, NPKI_ROLE_OWN, NULL, part, value);
    return npki_role_below(call, role_of_part(call, part, call->args), call->args, item, value);
}

npki_role npki_role_at(const npki_walk *k, const npk_value *value)
{
    const npki_stop *top = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    if (top == NULL)
        return NPKI_ROLE_OWN;
    if (top->called_over && top->value == value)
        return top->role;
    if (top->call != NULL)
        return role_in_call(top, value);
    const npki_stop *outer = top; /* few containers hold an array's state */
    while (top->role == NPKI_ROLE_HOLDER && outer > k->ways && outer->call == NULL)
        outer--;
    return npki_role_below(outer->call, top->role, top->value, top->next_item - 1, value);
}

/* --- what becomes of them --- */

npk_python2_str npki_wanted_python2_str(const npk_writer *w, const npk_value *value)
{
    npk_python2_str special = w->python2_str_of == NULL ? NPK_PYTHON2_STR_KEEP
                                                        : w->python2_str_of(w->python2_str_context, value);
    return special == NPK_PYTHON2_STR_KEEP ? w->python2_str : special;
}

bool npki_changes_python2_str(const npk_writer *w, const npk_value *value)
{
    return npki_wanted_python2_str(w, value) != NPK_PYTHON2_STR_KEEP;
}

/* What Python decodes: no character that is half of a pair. */
static bool is_utf8(const uint8_t *bytes, size_t size)
{
    if (npki_utf8_check(bytes, size) != size)
        return false;
    for (const uint8_t *at = bytes; at < bytes + size;) {
        uint32_t character = npki_utf8_next(&at);
        if (character >= 0xd800 && character < 0xe000)
            return false;
    }
    return true;
}

#define LONG_STRING ((size_t)64) /* bytes: a longer one that is shared is looked at once, however often it comes */

static bool is_known_utf8(npk_writer *w, const npk_value *value, const uint8_t *bytes, size_t size)
{
    bool added;
    if (size <= LONG_STRING || (value->flags & NPKI_IS_SHARED) == 0 || w->error.status != NPK_OK)
        return is_utf8(bytes, size);
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_UTF8, (uint64_t)(uintptr_t)value), &added);
    if (known == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return false;
    }
    if (added)
        *known = is_utf8(bytes, size);
    return *known != 0;
}

npki_newer_string npki_newer_string_of(npk_writer *w, npki_role role, const npk_value *value, const uint8_t *bytes,
                                       size_t size)
{
    npk_python2_str how = npki_wanted_python2_str(w, value);
    bool utf8 = how == NPK_PYTHON2_STR_UTF8 && is_known_utf8(w, value, bytes, size);
    bool text = role == NPKI_ROLE_TEXT || (role != NPKI_ROLE_BYTES && (how == NPK_PYTHON2_STR_TEXT || utf8));
    return (npki_newer_string){text ? NPK_KIND_STR : NPK_KIND_BYTES, utf8};
}

static npki_newer_string becomes(npk_writer *w, npki_role role, const npk_value *value, const uint8_t *bytes,
                                 size_t size)
{
    const bool told = role == NPKI_ROLE_TEXT || role == NPKI_ROLE_BYTES;
    if (!told && npki_wanted_python2_str(w, value) == NPK_PYTHON2_STR_REFUSE)
        npki_writer_fail(w, NPK_ERR_CAST, "a str of Python 2 is text or bytes in Python 3: the caller must say which");
    return npki_newer_string_of(w, role, value, bytes, size);
}

/* The characters of latin-1 that the bytes are. */
static void write_latin1_text(npk_writer *w, const uint8_t *bytes, size_t size, uint64_t key, npki_number_when number)
{
    size_t room = size <= SIZE_MAX / 2 ? 2 * size : 0, used = 0;
    uint8_t *text = size > 0 && room == 0 ? NULL : npki_allocate(&w->allocator, room + 1);
    if (text == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    for (size_t i = 0; i < size; i++)
        used += npki_utf8_put(bytes[i], text + used);
    npki_write_text(w, NPK_KIND_STR, text, used, key, number);
    npki_free(&w->allocator, text, room + 1);
}

static void write_newer(npk_writer *w, npki_newer_string is, const uint8_t *bytes, size_t size, uint64_t key,
                        npki_number_when number)
{
    if (is.kind == NPK_KIND_STR && is.utf8) {
        npki_write_text(w, NPK_KIND_STR, bytes, size, key, number);
    } else if (is.kind == NPK_KIND_STR) {
        write_latin1_text(w, bytes, size, key, number);
    } else { /* the parts of a call are new: as a pickler puts them */
        w->numbered = npki_numbered_of(w);
        npki_write_text(w, NPK_KIND_BYTES, bytes, size, 0, number);
        w->numbered = w->graph_numbered;
        npki_remember(w, key);
    }
}

void npki_write_python2_str(npk_writer *w, const npk_value *value, npki_role role, uint64_t key,
                            npki_number_when number)
{
    int64_t needed = npk_value_bytes_size(value);
    size_t size = needed < 0 ? 0 : (size_t)needed;
    const uint8_t *bytes = npk_value_as_bytes(value, &size);
    uint8_t *copy = NULL;
    if (bytes == NULL) { /* encoded */
        copy = npki_allocate(&w->allocator, size + 1);
        if (copy == NULL) {
            npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
            return;
        }
        npk_value_bytes_copy(value, copy, size);
        bytes = copy;
    }
    npki_newer_string is = becomes(w, role, value, bytes, size);
    key += is.kind; /* the same string may be text in one place and bytes in another */
    if (w->error.status == NPK_OK && !npki_write_known(w, key) && w->error.status == NPK_OK)
        write_newer(w, is, bytes, size, key, number);
    npki_free(&w->allocator, copy, size + 1);
}

/* --- a container in two roles --- */

static bool has_strings(const npk_value *value)
{
    const size_t count = npki_is_container(value) ? npki_count_of(value) : 0;
    bool found = value->kind == NPK_KIND_PYTHON2_STR;
    for (size_t i = 0; i < count && !found; i++) /* what lies deeper may have some */
        found = npki_item_of(value, i)->kind == NPK_KIND_PYTHON2_STR || npki_is_container(npki_item_of(value, i));
    return found;
}

/* Whether an item is, or has in it, another string in one role than in another. */
static bool is_other(npk_writer *w, const npk_value *item, npki_role one, npki_role other)
{
    size_t size = 0;
    const uint8_t *bytes = item->kind == NPK_KIND_PYTHON2_STR ? npk_value_as_bytes(item, &size) : NULL;
    if (one == other || bytes == NULL) /* encoded: elements of an array, which are long */
        return one != other && has_strings(item);
    const npki_newer_string as = npki_newer_string_of(w, one, item, bytes, size),
                            is = npki_newer_string_of(w, other, item, bytes, size);
    return as.kind != is.kind || as.utf8 != is.utf8;
}

/* The role of an item where its container has one: keys of attributes are text. */
static npki_role role_of_item(const npk_value *container, size_t index, npki_role role)
{
    if (container->kind == NPK_KIND_DICT && role == NPKI_ROLE_ATTRIBUTES && index % 2 == 0)
        return NPKI_ROLE_TEXT;
    return npki_role_below(NULL, role, container, index, npki_item_of(container, index));
}

/* Whether the strings in it become others in one of two roles. HOLDER: what they are there says the call. */
static bool differ(npk_writer *w, const npk_value *container, npki_role one, npki_role other)
{
    const bool held = one == NPKI_ROLE_HOLDER || other == NPKI_ROLE_HOLDER;
    bool found = false;
    for (size_t i = 0; i < npki_count_of(container) && !found; i++) {
        const npk_value *item = npki_item_of(container, i);
        found = held ? item->kind == NPK_KIND_PYTHON2_STR
                     : is_other(w, item, role_of_item(container, i, one), role_of_item(container, i, other));
    }
    return found;
}

/* The roles in which a container was written, a bit for each; NULL: its strings do not change, or it comes once. */
static uint64_t *roles_of(npk_writer *w, const npk_value *value)
{
    const bool asked = w->python2_str != NPK_PYTHON2_STR_KEEP || w->python2_str_of != NULL;
    bool added;
    if (!asked || (value->flags & NPKI_IS_SHARED) == 0 || !npki_is_container(value) || w->error.status != NPK_OK)
        return NULL;
    uint64_t *roles = npki_map_put(&w->memo, npki_key(NPKI_IS_IN_ROLE, (uint64_t)(uintptr_t)value), &added);
    if (roles == NULL)
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
    else if (added)
        *roles = 0;
    return roles;
}

void npki_keep_role(npki_walk *k, const npk_value *value, npki_role role)
{
    uint64_t *roles = roles_of(k->w, value);
    if (roles != NULL)
        *roles = UINT64_C(1) << role;
}

void npki_check_role(npki_walk *k, const npk_value *value)
{
    uint64_t *roles = roles_of(k->w, value);
    const uint64_t before = roles == NULL ? 0 : *roles, now = UINT64_C(1) << npki_role_at(k, value);
    npki_role one = NPKI_ROLE_OWN;
    if (before == 0 || (before & now) != 0)
        return;
    *roles |= now; /* one look for each role: they are alike in all of them */
    while ((before >> one & 1) == 0)
        one++;
    if (!differ(k->w, value, one, npki_role_at(k, value)))
        return;
    npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                     "its strings of Python 2 are one thing here and another where it was before: text and bytes");
    k->w->refused = value;
}
