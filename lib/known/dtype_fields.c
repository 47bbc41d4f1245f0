#include "known/dtype_fields.h"

#include "base/bytes.h"
#include "base/map.h"
#include "dtype/struct.h"
#include "text/unicode.h"

#include <inttypes.h>

/* One call's work: the dict's entries by name. */
typedef struct table {
    npki_site *site;
    const npk_value *fields;
    npki_map places; /* hash of a key -> 1 + the index of its pair */
    bool *used;      /* pairs that a name or a title has spoken for */
    size_t unnamed;  /* pairs whose key no name finds: titles that are no text */
} table;

static bool same_text(const npk_value *a, const npk_value *b)
{
    const char *left, *right;
    size_t left_size, right_size;
    return a == b || (npki_text_of(a, &left, &left_size) && npki_text_of(b, &right, &right_size) &&
                      left_size == right_size && memcmp(left, right, left_size) == 0);
}

static npk_status start(table *t)
{
    size_t pairs = npk_value_size(t->fields);
    t->used = npki_arena_take(t->site->arena, pairs);
    if (t->used == NULL)
        return npki_site_full(t->site);
    memset(t->used, 0, pairs);
    for (size_t i = 0; i < pairs; i++) {
        const char *text;
        size_t size;
        if (!npki_text_of(npk_dict_key(t->fields, i), &text, &size))
            continue;
        uint64_t hash = npki_hash_bytes(t->places.seed, text, size);
        bool added = false;
        for (uint64_t *place; !added; hash++) { /* the next free one, should two keys share a hash */
            place = npki_map_put(&t->places, hash, &added);
            if (place == NULL)
                return npki_site_fail(t->site, NPK_ERR_MEMORY, "an allocation failed");
            if (added)
                *place = i + 1;
            else if (same_text(npk_dict_key(t->fields, *place - 1), npk_dict_key(t->fields, i)))
                return npki_site_fail(t->site, NPK_ERR_DTYPE, "the dict of fields has a key twice");
        }
    }
    return NPK_OK;
}

/* The index of the pair with this key; SIZE_MAX without one. */
static size_t find(const table *t, const npk_value *key)
{
    const char *text;
    size_t size;
    if (!npki_text_of(key, &text, &size))
        return SIZE_MAX;
    for (uint64_t hash = npki_hash_bytes(t->places.seed, text, size);; hash++) {
        const uint64_t *place = npki_map_get(&t->places, hash);
        if (place == NULL)
            return SIZE_MAX;
        if (same_text(npk_dict_key(t->fields, *place - 1), key))
            return *place - 1;
    }
}

/* A name, with a NUL after it, as UTF-8: Python 2's bytes that are none count as latin-1. */
static npk_status copy_name(npki_site *site, const npk_value *value, const char **out, size_t *out_size)
{
    const char *text;
    size_t size;
    if (!npki_text_of(value, &text, &size))
        return npki_site_fail(site, NPK_ERR_DTYPE, "the name of a field is a str, found %s",
                              npk_kind_name(npk_value_kind(value)));
    if (size > site->limits->text)
        return npki_site_fail(site, NPK_ERR_LIMIT, "the name of a field has %zu bytes, the limit is %" PRIu64, size,
                              site->limits->text);
    bool utf8 = npki_utf8_check((const uint8_t *)text, size) == size;
    char *copy = npki_arena_take(site->arena, (utf8 ? size : 2 * size) + 1);
    if (copy == NULL)
        return npki_site_full(site);
    size_t length = 0;
    if (utf8) {
        memcpy(copy, text, size);
        length = size;
    } else {
        for (size_t i = 0; i < size; i++)
            length += npki_utf8_put((uint8_t)text[i], (uint8_t *)copy + length);
    }
    copy[length] = '\0';
    *out = copy;
    *out_size = length;
    return NPK_OK;
}

/* (dtype, offset) or (dtype, offset, title) */
static npk_status take_field(table *t, size_t pair, const npk_value *name, npk_dtype *dtype, npk_field *out)
{
    npk_value *value = npki_item_of(t->fields, 2 * pair + 1);
    size_t count = value->kind == NPK_KIND_TUPLE ? npki_count_of(value) : 0;
    npki_freeze(value, NPKI_FREEZE_ALL);
    if (count != 2 && count != 3)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "a field is a tuple (dtype, offset) or (dtype, offset, title)");
    *out = (npk_field){.dtype = npki_take_dtype(npki_item_of(value, 0))};
    if (out->dtype == NULL)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "expected a dtype as the type of a field");
    if (out->dtype == dtype)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "a dtype inside itself");
    if (!npki_take_int(npki_item_of(value, 1), &out->offset))
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "expected an int as the offset of a field");
    npk_status status = copy_name(t->site, name, &out->name, &out->name_size);
    if (status != NPK_OK || count == 2)
        return status;
    const npk_value *title = npki_item_of(value, 2);
    const char *text;
    size_t size;
    if (!npki_text_of(title, &text, &size)) { /* any object may be a title */
        t->unnamed++;
        return NPK_OK;
    }
    size_t place = find(t, title);
    if (place != SIZE_MAX)
        t->used[place] = true;
    return copy_name(t->site, title, &out->title, &out->title_size);
}

/* The tuple of names that stood in the dict before NumPy 1.0. */
static npk_value *names_in(const npk_value *fields)
{
    for (size_t i = 0; i < npk_value_size(fields); i++) {
        int64_t key;
        if (npki_take_int(npk_dict_key(fields, i), &key) && key == -1)
            return npki_item_of(fields, 2 * i + 1);
    }
    return NULL;
}

static npk_status take_all(table *t, const npk_value *names, npk_dtype *dtype)
{
    size_t count = npki_count_of(names);
    npk_field *fields = npki_arena_take(t->site->arena, count * sizeof *fields);
    if (fields == NULL)
        return npki_site_full(t->site);
    for (size_t i = 0; i < count; i++) {
        const npk_value *name = npki_item_of(names, i);
        size_t pair = find(t, name);
        if (pair == SIZE_MAX)
            return npki_site_fail(t->site, NPK_ERR_DTYPE, "expected a field for each name of a dtype, found none for name %zu", i);
        t->used[pair] = true;
        fields[i] = (npk_field){.offset = 0};
        npk_status status = take_field(t, pair, name, dtype, &fields[i]);
        if (status != NPK_OK)
            return status;
    }
    dtype->fields = fields;
    dtype->field_count = count;
    return NPK_OK;
}

npk_status npki_take_fields(npki_site *site, npk_value *names, npk_value *fields, npk_dtype *dtype)
{
    bool no_fields = fields == NULL || fields->kind == NPK_KIND_NONE;
    bool inside = names == NULL && !no_fields && fields->kind == NPK_KIND_DICT;
    if (inside)
        names = names_in(fields);
    bool no_names = names == NULL || names->kind == NPK_KIND_NONE;
    if (no_names && no_fields)
        return NPK_OK;
    if (no_names || no_fields || fields->kind != NPK_KIND_DICT ||
        (names->kind != NPK_KIND_TUPLE && !(inside && names->kind == NPK_KIND_LIST)))
        return npki_site_fail(site, NPK_ERR_DTYPE, "a struct has a tuple of names and a dict of fields");
    if (dtype->type != NPK_VOID || dtype->base != NULL)
        return npki_site_fail(site, NPK_ERR_DTYPE, "only a V has fields, and a subarray has none");
    if (npk_value_size(names) > site->limits->fields)
        return npki_site_fail(site, NPK_ERR_LIMIT, "a dtype of %zu fields, the limit is %" PRIu64,
                              npk_value_size(names), site->limits->fields);
    npki_freeze(names, NPKI_FREEZE_ALL);
    npki_freeze(fields, NPKI_FREEZE_ALL);
    table t = {.site = site, .fields = fields};
    npki_map_init(&t.places, &site->arena->allocator);
    npk_status status = start(&t);
    if (status == NPK_OK)
        status = take_all(&t, names, dtype);
    npki_map_free(&t.places);
    if (status == NPK_OK)
        status = npki_site_place(site, npki_struct_check(dtype, site->limits, &site->arena->allocator, site->error));
    if (status != NPK_OK)
        return status;
    size_t strangers = npk_value_size(fields);
    for (size_t i = 0; i < npk_value_size(fields); i++)
        strangers -= t.used[i];
    if (strangers > t.unnamed + (inside ? 1 : 0))
        return npki_site_fail(site, NPK_ERR_DTYPE, "the dict of fields has a key that is neither a name nor a title");
    return NPK_OK;
}
