#include "value/value.h"

#include "base/bytes.h"
#include "base/error.h"
#include "text/encoding.h"
#include "text/unicode.h"
#include "value/lookup.h"

/* --- the values that are always the same --- */

#define ATOM(kind_) .kind = NPK_KIND_##kind_, .flags = NPKI_IS_SHARED_ATOM
#define INT1(n)                                                                                                        \
    {                                                                                                                  \
        ATOM(INT), .u.integer = (n)                                                                                    \
    }
#define INT4(n) INT1(n), INT1((n) + 1), INT1((n) + 2), INT1((n) + 3)
#define INT16(n) INT4(n), INT4((n) + 4), INT4((n) + 8), INT4((n) + 12)
#define INT64(n) INT16(n), INT16((n) + 16), INT16((n) + 32), INT16((n) + 48)

static const npk_value none = {ATOM(NONE)};
static const npk_value bools[2] = {{ATOM(BOOL), .u.boolean = false}, {ATOM(BOOL), .u.boolean = true}};
const npk_value npki_small_ints[256] = {INT64(0), INT64(64), INT64(128), INT64(192)};

npk_value *npki_value_none(void)
{
    return npki_unchanging(&none);
}

npk_value *npki_value_bool(bool value)
{
    return npki_unchanging(&bools[value]);
}

npk_value *npki_value_new(npki_arena *arena, npk_kind kind)
{
    npk_value *value = npki_arena_take(arena, sizeof *value);
    if (value != NULL) {
        memset(value, 0, sizeof *value);
        value->kind = (uint8_t)kind;
    }
    return value;
}

npk_value *npki_value_int(npki_arena *arena, int64_t number)
{
    if (number >= 0 && number < 256)
        return npki_value_small((uint8_t)number);
    npk_value *value = npki_value_new(arena, NPK_KIND_INT);
    if (value != NULL)
        value->u.integer = number;
    return value;
}

/* Bytes of items with what lies behind them; 0: more than there are. */
static size_t size_of(uint64_t room, bool has_events, bool has_index)
{
    const npki_items *items = NULL;
    size_t size;
    if (room >= SIZE_MAX / sizeof items->at[0] - 8 || !npki_add_size(((size_t)room + has_events) * sizeof items->at[0],
                                                                     sizeof *items + sizeof(npki_index_place), &size))
        return 0;
    return has_index ? size : size - sizeof(npki_index_place);
}

/* The items at a place with more room; the old place is gone. NULL where the arena ends. */
static npki_items *moved(npki_arena *arena, npki_items *old, uint64_t room, bool has_events, bool has_index)
{
    npk_value *const events = (npk_value *)(void *)npki_items_events(old);
    npki_index *const index = npki_index_of(old);
    const size_t size = size_of(room, has_events, has_index),
                 old_size = old == NULL ? 0 : size_of(old->room, old->has_events, old->has_index);
    npki_items *items = size == 0 ? NULL : npki_arena_grow(arena, old, old_size, size);
    if (items == NULL)
        return NULL;
    if (old == NULL)
        *items = (npki_items){.count = 0};
    items->room = room & NPKI_MOST_ITEMS;
    items->has_events = has_events;
    items->has_index = has_index;
    if (has_events)
        items->at[room] = events;
    if (has_index)
        npki_index_place_new(items, arena, index);
    return items;
}

static inline bool add(npki_arena *arena, npki_items **items, npk_value *const *values, size_t count, bool keys)
{
    uint64_t old = *items == NULL ? 0 : (*items)->count;
    if (count == 0)
        return true;
    bool has_index = *items != NULL && (*items)->has_index;
    keys = keys && !has_index && old + count > 2 * (size_t)NPKI_FEW_KEYS;
    if (*items == NULL || count > (*items)->room - old || keys) {
        uint64_t room =
            old + count > 2 * old ? old + count : 2 * old; /* both far below 2^60: each item has its memory */
        npki_items *longer = moved(arena, *items, room, *items != NULL && (*items)->has_events, has_index || keys);
        if (longer == NULL)
            return false;
        *items = longer;
    }
    memcpy((*items)->at + old, values, count * sizeof *values);
    (*items)->count = old + count;
    return true;
}

bool npki_items_add(npki_arena *arena, npki_items **items, npk_value *const *values, size_t count)
{
    return add(arena, items, values, count, false);
}

bool npki_container_add(npki_arena *arena, npk_value *container, npk_value *const *values, size_t count)
{
    return add(arena, &container->u.items, values, count, container->kind == NPK_KIND_DICT);
}

bool npki_items_set_events(npki_arena *arena, npki_items **items, npki_events *events)
{
    if (*items == NULL || !(*items)->has_events) {
        npki_items *longer =
            moved(arena, *items, *items == NULL ? 0 : (*items)->room, true, *items != NULL && (*items)->has_index);
        if (longer == NULL)
            return false;
        *items = longer;
    }
    (*items)->at[(*items)->room] = (npk_value *)(void *)events;
    return true;
}

bool npki_can_have_events(const npk_value *value)
{
    return npki_is_container(value) || value->kind == NPK_KIND_OBJECT || value->kind == NPK_KIND_PERSID ||
           (value->history & NPKI_WAS_CALLED) != 0;
}

npk_value *npki_with_events(npki_arena *arena, const npk_value *value)
{
    const npk_value *self = npki_self_of(value);
    bool everywhere = (self->flags & NPKI_IS_SHARED_ATOM) != 0;
    npki_called *copy = npki_arena_take(arena, sizeof *copy);
    npki_object *call = npki_arena_take(arena, sizeof *call);
    npk_value *own = everywhere ? npki_arena_take(arena, sizeof *own) : NULL;
    if (copy == NULL || call == NULL || (everywhere && own == NULL))
        return NULL;
    memset(call, 0, sizeof *call);
    copy->value = *self;
    copy->value.flags &= (uint8_t)~NPKI_IS_SHARED_ATOM;
    if (own != NULL)
        *own = copy->value;
    call->state = own != NULL ? own : (npk_value *)(uintptr_t)self; /* which it is: npki_self_of */
    copy->value.history |= NPKI_WAS_CALLED;
    copy->call = call;
    return &copy->value;
}

bool npki_is_bytes(const npk_value *value)
{
    return value != NULL && (value->kind == NPK_KIND_BYTES || value->kind == NPK_KIND_BYTEARRAY ||
                             value->kind == NPK_KIND_PYTHON2_STR || value->kind == NPK_KIND_BUFFER);
}

static bool is_text(const npk_value *value)
{
    return value->kind == NPK_KIND_STR || npki_is_bytes(value);
}

/* What `encoded` says, into `out`, which has room for it. */
static void decode(npk_encoding encoding, const npki_encoded *encoded, uint8_t *out, size_t size)
{
    npki_stream stream = {encoded->bytes, encoded->bytes + encoded->size, out, out + size, false};
    npki_encoding_decode(encoding, &stream);
}

/* A str: checked, and in UTF-8. */
static npk_status decode_str(npki_arena *arena, npk_value *value, npk_error *error)
{
    const npki_encoded *encoded = value->u.encoded;
    const uint8_t *utf8 = encoded->bytes;
    uint64_t size = encoded->size;
    bool escaped = value->encoding == NPK_ENCODING_RAW_UNICODE_ESCAPE;
    size_t wrong = escaped ? npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, NULL, &size)
                           : npki_utf8_check(encoded->bytes, (size_t)encoded->size);
    if (wrong != encoded->size)
        return npki_fail_at(error, NPK_ERR_ARGUMENT, encoded->offset, NPKI_NO_OPCODE, "byte %zu of a str is malformed",
                            wrong);
    if (escaped) {
        uint8_t *out = npki_arena_take(arena, (size_t)size);
        if (out == NULL)
            return npki_arena_failed(arena, error);
        npki_unicode_unescape(encoded->bytes, (size_t)encoded->size, out, &size);
        utf8 = out;
    }
    value->encoding = NPK_ENCODING_RAW;
    value->u.text.bytes = utf8;
    value->u.text.size = size;
    return NPK_OK;
}

npk_status npki_value_decode(npki_arena *arena, npk_value *value, npk_error *error)
{
    if (!is_text(value) || value->encoding == NPK_ENCODING_RAW)
        return NPK_OK;
    if (value->kind == NPK_KIND_STR)
        return decode_str(arena, value, error);
    const npki_encoded *encoded = value->u.encoded;
    uint64_t size = encoded->decoded;
    uint8_t *out = npki_arena_take(arena, (size_t)size);
    if (out == NULL)
        return npki_arena_failed(arena, error);
    decode((npk_encoding)value->encoding, encoded, out, (size_t)size);
    value->encoding = NPK_ENCODING_RAW;
    value->u.text.bytes = out;
    value->u.text.size = size;
    return NPK_OK;
}

bool npki_text_of(const npk_value *value, const char **text, size_t *size)
{
    if (value == NULL || !is_text(value) || value->encoding != NPK_ENCODING_RAW)
        return false;
    *text = (const char *)value->u.text.bytes;
    *size = (size_t)value->u.text.size;
    return true;
}

bool npki_text_is(const npk_value *value, const char *text)
{
    const char *found;
    size_t size;
    return npki_text_of(value, &found, &size) && size == strlen(text) && memcmp(found, text, size) == 0;
}

/* --- the public getters --- */

static const char *const kind_names[NPKI_KINDS] = {
#define NAME(kind, value, name) [NPK_KIND_##kind] = name,
    NPK_KIND_ROWS(NAME)
#undef NAME
};

npk_kind npk_value_kind(const npk_value *value)
{
    return value != NULL ? (npk_kind)value->kind : NPK_KIND_NOTHING;
}

const char *npk_kind_name(npk_kind kind)
{
    return (size_t)kind < NPKI_KINDS ? kind_names[kind] : "?";
}

bool npk_value_as_bool(const npk_value *value, bool *out)
{
    if (npk_value_kind(value) != NPK_KIND_BOOL || out == NULL)
        return false;
    *out = value->u.boolean;
    return true;
}

bool npk_value_as_int64(const npk_value *value, int64_t *out)
{
    if (npk_value_kind(value) != NPK_KIND_INT || out == NULL)
        return false;
    if ((value->flags & NPKI_IS_LONG) == 0) {
        *out = value->u.integer;
        return true;
    }
    return false; /* the shortest form of a long has more than 8 bytes */
}

bool npk_value_as_uint64(const npk_value *value, uint64_t *out)
{
    if (npk_value_kind(value) != NPK_KIND_INT || out == NULL)
        return false;
    if ((value->flags & NPKI_IS_LONG) == 0) {
        if (value->u.integer < 0)
            return false;
        *out = (uint64_t)value->u.integer;
        return true;
    }
    if (value->u.text.size != 9 || value->u.text.bytes[8] != 0)
        return false;
    *out = npki_load_le(value->u.text.bytes, 8);
    return true;
}

bool npk_value_as_double(const npk_value *value, double *out)
{
    if (npk_value_kind(value) != NPK_KIND_FLOAT || out == NULL)
        return false;
    *out = value->u.real;
    return true;
}

bool npk_value_as_complex(const npk_value *value, double out[2])
{
    if (npk_value_kind(value) != NPK_KIND_COMPLEX || out == NULL)
        return false;
    out[0] = value->u.complex[0];
    out[1] = value->u.complex[1];
    return true;
}

const uint8_t *npk_value_as_long(const npk_value *value, uint8_t room[8], size_t *size)
{
    size_t unasked;
    if (npk_value_kind(value) != NPK_KIND_INT)
        return NULL;
    if (size == NULL)
        size = &unasked;
    if ((value->flags & NPKI_IS_LONG) != 0) {
        *size = (size_t)value->u.text.size;
        return value->u.text.bytes;
    }
    if (room == NULL)
        return NULL;
    npki_store_le(room, (uint64_t)value->u.integer, 8);
    size_t n = 8;
    while (n > 1 && room[n - 1] == (room[n - 2] & 0x80 ? 0xff : 0))
        n--;
    *size = n;
    return room;
}

/* `size` may be NULL. */
static const char *text_in(const npk_value *value, size_t *size)
{
    const char *text;
    size_t found;
    if (!npki_text_of(value, &text, &found))
        return NULL;
    if (size != NULL)
        *size = found;
    return text;
}

const char *npk_value_as_str(const npk_value *value, size_t *size)
{
    return npk_value_kind(value) == NPK_KIND_STR ? text_in(value, size) : NULL;
}

const uint8_t *npk_value_as_bytes(const npk_value *value, size_t *size)
{
    return npki_is_bytes(value) ? (const uint8_t *)text_in(value, size) : NULL;
}

int64_t npk_value_bytes_size(const npk_value *value)
{
    if (!npki_is_bytes(value))
        return -1;
    return (int64_t)(value->encoding == NPK_ENCODING_RAW ? value->u.text.size : value->u.encoded->decoded);
}

int64_t npk_value_bytes_copy(const npk_value *value, void *out, size_t size)
{
    int64_t needed = npk_value_bytes_size(value);
    if (needed < 0 || (uint64_t)needed > size || (out == NULL && needed > 0))
        return -1;
    if (needed > 0) {
        if (value->encoding == NPK_ENCODING_RAW)
            memcpy(out, value->u.text.bytes, (size_t)needed);
        else
            decode((npk_encoding)value->encoding, value->u.encoded, out, (size_t)needed);
    }
    return needed;
}

size_t npk_value_size(const npk_value *value)
{
    if (!npki_is_container(value))
        return 0;
    return npki_count_of(value) / (value->kind == NPK_KIND_DICT ? 2 : 1);
}

const npk_value *npk_value_item(const npk_value *value, size_t index)
{
    return npki_is_container(value) && index < npki_count_of(value) ? npki_item_of(value, index) : NULL;
}

const npk_value *npk_dict_key(const npk_value *dict, size_t index)
{
    return npk_value_kind(dict) == NPK_KIND_DICT && index < npk_value_size(dict) ? npki_item_of(dict, 2 * index) : NULL;
}

const npk_value *npk_dict_value(const npk_value *dict, size_t index)
{
    return npk_value_kind(dict) == NPK_KIND_DICT && index < npk_value_size(dict) ? npki_item_of(dict, 2 * index + 1)
                                                                                 : NULL;
}

bool npk_value_as_global(const npk_value *value, const char **module, size_t *module_size, const char **name,
                         size_t *name_size)
{
    if (npk_value_kind(value) != NPK_KIND_GLOBAL)
        return false;
    const npki_global *global = value->u.global;
    if (module != NULL)
        *module = global->module;
    if (module_size != NULL)
        *module_size = global->module_size;
    if (name != NULL)
        *name = global->name;
    if (name_size != NULL)
        *name_size = global->name_size;
    return true;
}

bool npk_value_as_object(const npk_value *value, npk_object *out)
{
    if (npk_value_kind(value) != NPK_KIND_OBJECT || out == NULL)
        return false;
    const npki_object *object = value->u.object;
    *out = (npk_object){
        .construction = object->construction,
        .callable = object->callable,
        .args = object->args,
        .kwargs = object->kwargs,
        .state = object->state,
        .later = object->later,
        .listitems = object->listitems,
        .dictitems = object->dictitems,
        .offset = object->offset,
    };
    return true;
}

const npk_value *npk_value_id(const npk_value *value)
{
    return npk_value_kind(value) == NPK_KIND_PERSID || npk_value_kind(value) == NPK_KIND_EXTENSION ? value->u.id : NULL;
}
