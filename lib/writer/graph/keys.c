/* Keys that differ where they come from and are one where they go: in Python 3 text, and a str of Python 2 that becomes
 * that text; in Python 2 'a' and b'a'; classes and functions that get one name. Of the entries of a dict, or the items
 * of a set, the target would keep one. */
#include "writer/graph/walk.h"

#include "text/unicode.h"
#include "value/key.h"

#include <npickle/element.h>

enum { MOST_DEEP = 8 }; /* tuples in one another: what lies deeper is equal to itself alone */

/* What a key is equal to, here and there, by hashes: no two are one by chance. */
typedef struct npki_identity {
    uint64_t here, there;
} npki_identity;

enum { IS_TEXT = 1, IS_BYTES, IS_OLD_BYTES, IS_EITHER, IS_TUPLE, IS_FROZENSET, IS_NAME };

void npki_start_keys(npki_walk *k)
{
    const npk_writer *w = k->w;
    /* names are text in any case */
    const bool told = w->python2_str != NPK_PYTHON2_STR_KEEP || w->python2_str_of != NULL;
    const bool refuses = w->translate_names && w->unloadable == NPK_UNLOADABLE_REFUSE;
    k->keys.of_strings = refuses && (w->python->python2 || told);
    k->keys.asked = refuses || w->rename != NULL;
    if (k->keys.asked)
        k->keys.by = npki_hash_key_new(k);
    npki_map_init(&k->keys.here, &w->allocator);
    npki_map_init(&k->keys.there, &w->allocator);
}

void npki_end_keys(npki_walk *k)
{
    npki_map_free(&k->keys.here);
    npki_map_free(&k->keys.there);
}

static void fail_memory(npki_walk *k)
{
    npki_writer_fail(k->w, NPK_ERR_MEMORY, "an allocation failed");
}

/* --- strings --- */

/* Of the text that the bytes are as latin-1. */
static uint64_t hash_latin1(npki_walk *k, const uint8_t *bytes, size_t size)
{
    size_t room = size <= SIZE_MAX / 2 ? 2 * size : 0, used = 0;
    uint8_t *text = room == 0 ? NULL : npki_allocate(&k->w->allocator, room);
    if (text == NULL) {
        fail_memory(k);
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        used += npki_utf8_put(bytes[i], text + used);
    uint64_t hash = npki_hash_bytes(IS_TEXT, text, used);
    npki_free(&k->w->allocator, text, room);
    return hash;
}

/* `kind`: of text, bytes or a str of Python 2; the value itself, or a scalar of NumPy that is equal to such. */
static uint64_t hash_there(npki_walk *k, const npk_value *value, npk_kind kind, npki_role role, const uint8_t *bytes,
                           size_t size)
{
    const bool ascii = npki_is_ascii(bytes, size);
    if (k->w->python->python2)
        return npki_hash_bytes(ascii ? IS_EITHER : kind == NPK_KIND_STR ? IS_TEXT : IS_BYTES, bytes, size);
    if (kind != NPK_KIND_PYTHON2_STR)
        return npki_hash_bytes(kind == NPK_KIND_STR ? IS_TEXT : IS_BYTES, bytes, size);
    npki_newer_string is = npki_newer_string_of(k->w, role, value, bytes, size);
    if (is.kind == NPK_KIND_STR && !is.utf8 && !ascii)
        return hash_latin1(k, bytes, size);
    return npki_hash_bytes(is.kind == NPK_KIND_STR ? IS_TEXT : IS_BYTES, bytes, size);
}

/* A number, or what is equal to itself alone. */
static npki_identity other_identity(const npki_walk *k, const npk_value *value)
{
    uint64_t hash = npki_key_hash(&k->keys.by, value);
    return (npki_identity){hash, hash};
}

/* A str of Python 2 is equal to the text of the same ASCII. */
static npki_identity text_identity(npki_walk *k, const npk_value *value, npk_kind kind, npki_role role,
                                   const uint8_t *bytes, size_t size)
{
    const bool is_text = kind == NPK_KIND_STR || (kind == NPK_KIND_PYTHON2_STR && npki_is_ascii(bytes, size));
    return (npki_identity){
        .here = npki_hash_bytes(is_text ? IS_TEXT : kind == NPK_KIND_BYTES ? IS_BYTES : IS_OLD_BYTES, bytes, size),
        .there = hash_there(k, value, kind, role, bytes, size),
    };
}

static npki_identity string_identity(npki_walk *k, const npk_value *value, npki_role role)
{
    const char *text;
    size_t size;
    if (!npki_text_of(value, &text, &size))
        return other_identity(k, value);
    return text_identity(k, value, npk_value_kind(value), role, (const uint8_t *)text, size);
}

/* NumPy's str_ and bytes_ are strings of Python. */
static npki_identity scalar_identity(npki_walk *k, const npk_value *value)
{
    npk_array scalar;
    size_t size = 0;
    if (npk_scalar_of(value, &scalar, NULL) != NPK_OK ||
        npk_array_get_text(&scalar, NULL, NULL, 0, &size, NULL) != NPK_OK)
        return other_identity(k, value);
    npki_identity identity = {0, 0};
    char *text = npki_allocate(&k->w->allocator, size + 1);
    if (text == NULL || npk_array_get_text(&scalar, NULL, text, size + 1, &size, NULL) != NPK_OK)
        fail_memory(k);
    else
        identity = text_identity(k, value, npk_dtype_type(scalar.dtype) == NPK_STR ? NPK_KIND_STR : NPK_KIND_BYTES,
                                 NPKI_ROLE_OWN, (const uint8_t *)text, size);
    npki_free(&k->w->allocator, text, size + 1);
    return identity;
}

/* --- names --- */

static uint64_t hash_name(npki_global_name name)
{
    return npki_hash_bytes(npki_hash_bytes(IS_NAME, name.module, name.module_size), name.name, name.name_size);
}

/* Of a class or function, or of a call that becomes the name of one. */
static npki_identity name_identity(npki_walk *k, const npk_value *value)
{
    const npki_global *global = value->kind == NPK_KIND_GLOBAL ? value->u.global : NULL;
    char room[NPKI_LONGEST_NESTED];
    npki_global_name name;
    npki_identity identity = other_identity(k, value);
    if (global != NULL) {
        identity.here =
            hash_name((npki_global_name){global->module, global->module_size, global->name, global->name_size});
        npki_translate(k->w, value, &name);
        identity.there = hash_name(name);
    } else if (npki_is_named(k->w, value, room, &name)) {
        identity.there = hash_name(name);
    }
    return identity;
}

/* --- keys --- */

static bool is_name(const npk_value *value)
{
    return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_OBJECT;
}

/* What is shared may be part of any number of keys, and is hashed once for each role. */
static bool recall(const npki_walk *k, const npk_value *value, npki_role role, npki_identity *out)
{
    const uint64_t key = npki_key((int)role, (uint64_t)(uintptr_t)value), *here = npki_map_get(&k->keys.here, key);
    if (here != NULL)
        *out = (npki_identity){*here, *npki_map_get(&k->keys.there, key)};
    return here != NULL;
}

static void keep(npki_walk *k, const npk_value *value, npki_role role, npki_identity identity)
{
    bool added;
    const uint64_t key = npki_key((int)role, (uint64_t)(uintptr_t)value);
    if ((value->flags & NPKI_IS_SHARED) == 0 || k->w->error.status != NPK_OK)
        return;
    uint64_t *there = npki_map_put(&k->keys.there, key, &added);
    uint64_t *here = there == NULL ? NULL : npki_map_put(&k->keys.here, key, &added);
    if (here == NULL) {
        fail_memory(k);
        return;
    }
    *here = identity.here;
    *there = identity.there;
}

static bool has_items(const npk_value *value)
{
    return value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_FROZENSET;
}

/* Of what is not looked into. */
static npki_identity plain_identity(npki_walk *k, const npk_value *value, npki_role role)
{
    npki_identity identity;
    if (recall(k, value, role, &identity))
        return identity;
    identity = k->keys.of_strings && npk_value_is_scalar(value) ? scalar_identity(k, value)
               : is_name(value)                                 ? name_identity(k, value)
               : has_items(value) || !k->keys.of_strings        ? other_identity(k, value)
                                                                : string_identity(k, value, role);
    keep(k, value, role, identity);
    return identity;
}

typedef struct level {
    const npk_value *value;
    size_t next;
    npki_identity identity; /* so far */
} level;

static level level_of(const npk_value *value)
{
    uint64_t count = npki_count_of(value);
    uint64_t hash = npki_hash_bytes(value->kind == NPK_KIND_TUPLE ? IS_TUPLE : IS_FROZENSET, &count, sizeof count);
    return (level){.value = value, .identity = {hash, hash}};
}

/* The items of a frozenset are in any order. */
static void add_part(level *to, npki_identity part)
{
    npki_identity *all = &to->identity;
    bool ordered = to->value->kind == NPK_KIND_TUPLE;
    uint64_t here = npki_hash_bytes(ordered ? all->here : 0, &part.here, sizeof part.here);
    uint64_t there = npki_hash_bytes(ordered ? all->there : 0, &part.there, sizeof part.there);
    *all = ordered ? (npki_identity){here, there} : (npki_identity){all->here + here, all->there + there};
}

static npki_identity identity_of(npki_walk *k, const npk_value *key, npki_role role)
{
    level levels[MOST_DEEP];
    npki_identity done;
    size_t depth = 0;
    if (!has_items(key))
        return plain_identity(k, key, role);
    if (recall(k, key, role, &done))
        return done;
    levels[depth++] = level_of(key);
    while (depth > 0) {
        level *top = &levels[depth - 1];
        if (top->next == npki_count_of(top->value)) {
            done = top->identity;
            keep(k, top->value, role, done);
            if (--depth > 0)
                add_part(&levels[depth - 1], done);
            continue;
        }
        const npk_value *part = npki_item_of(top->value, top->next++);
        if (has_items(part) && depth < MOST_DEEP && !recall(k, part, role, &done))
            levels[depth++] = level_of(part);
        else
            add_part(top, plain_identity(k, part, role));
    }
    return done;
}

/* --- all keys of a value --- */

/* Every `step`th item from the first; or the first of each of those, which are pairs. */
typedef struct key_list {
    const npk_value *items; /* NULL: it has none */
    size_t step;
    bool of_pairs;
    npki_role role; /* of strings that are keys, and of those in tuples */
    npki_role inner;
} key_list;

static bool is_ordered_dict(const npki_object *object)
{
    const npk_value *args = object->args;
    return npki_is_tuple_of(args, 1) && npki_item_of(args, 0)->kind == NPK_KIND_LIST &&
           npki_is_global(object->callable, "collections", "OrderedDict");
}

static key_list keys_of(const npki_walk *k, const npk_value *value)
{
    const npki_object *object = value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    if (value->kind == NPK_KIND_SET || value->kind == NPK_KIND_FROZENSET)
        return (key_list){value, 1, false, NPKI_ROLE_OWN, NPKI_ROLE_OWN};
    if (object != NULL && object->dictitems != NULL)
        return (key_list){object->dictitems, 2, false, NPKI_ROLE_OWN, NPKI_ROLE_OWN};
    if (object != NULL && is_ordered_dict(object)) /* as Python 2 pickles one */
        return (key_list){npki_item_of(object->args, 0), 1, true, NPKI_ROLE_OWN, NPKI_ROLE_OWN};
    if (value->kind != NPK_KIND_DICT)
        return (key_list){.items = NULL};
    npki_role role = npki_role_at(k, value);
    bool attributes = role == NPKI_ROLE_ATTRIBUTES || role == NPKI_ROLE_HOLDER;
    npki_role inner = role == NPKI_ROLE_TEXT ? NPKI_ROLE_TEXT : NPKI_ROLE_OWN;
    return (key_list){value, 2, false, attributes ? NPKI_ROLE_TEXT : inner, inner};
}

static const npk_value *key_at(const key_list *keys, size_t index)
{
    const npk_value *item = npki_item_of(keys->items, index * keys->step);
    if (!keys->of_pairs)
        return item;
    bool pair = (item->kind == NPK_KIND_LIST || item->kind == NPK_KIND_TUPLE) && npki_count_of(item) == 2;
    return pair ? npki_item_of(item, 0) : item;
}

/* Whether one of them may be another key there. */
static bool may_change(const npki_walk *k, const key_list *keys, size_t count)
{
    npk_kind changing = k->w->python->python2 ? NPK_KIND_BYTES : NPK_KIND_PYTHON2_STR;
    for (size_t i = 0; i < count; i++) {
        const npk_value *key = key_at(keys, i);
        if ((key->kind == changing && k->keys.of_strings) || has_items(key) || is_name(key))
            return true;
    }
    return false;
}

static void refuse_key(npki_walk *k, const npk_value *key)
{
    k->w->refused = key;
    if (is_name(key))
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED,
                         "two names that differ become one, both of them keys: an entry would be lost");
    else
        npki_writer_fail(k->w, NPK_ERR_UNSUPPORTED, "two keys that differ are one in Python %d: an entry would be lost",
                         k->w->python->python2 ? 2 : 3);
}

static size_t count_keys(const key_list *keys)
{
    return keys->items == NULL ? 0 : npki_count_of(keys->items) / keys->step;
}

bool npki_has_keys_to_check(const npki_walk *k, const npk_value *value)
{
    const key_list keys = keys_of(k, value);
    const size_t count = k->keys.asked ? count_keys(&keys) : 0;
    return count > 1 && may_change(k, &keys, count);
}

void npki_check_keys(npki_walk *k, const npk_value *value)
{
    const key_list keys = keys_of(k, value);
    const size_t count = count_keys(&keys);
    npki_map seen;
    npki_map_init(&seen, &k->w->allocator);
    for (size_t i = 0; i < count && k->w->error.status == NPK_OK; i++) {
        bool added;
        const npk_value *key = key_at(&keys, i);
        npki_identity identity = identity_of(k, key, has_items(key) ? keys.inner : keys.role);
        uint64_t *here = npki_map_put(&seen, identity.there, &added);
        if (here == NULL)
            fail_memory(k);
        else if (added)
            *here = identity.here;
        else if (*here != identity.here)
            refuse_key(k, key);
    }
    npki_map_free(&seen);
}
