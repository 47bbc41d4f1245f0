#include "known/dtype_fields.h"

#include "base/map.h"
#include "dtype/struct.h"
#include "known/names.h"

#include <inttypes.h>
#include <string.h>

/* One call's work: the dict's entries by name. */
typedef struct table {
    npki_site *site;
    const npk_value *fields;
    npki_map places; /* address of a name -> 1 + the index of its pair */
    bool *used;      /* pairs that a name or a title has spoken for */
    size_t unnamed;  /* pairs whose key no name finds: titles that are no text */
} table;

static npk_status start(table *t)
{
    size_t pairs = npk_value_size(t->fields);
    t->used = npki_arena_take(t->site->arena, pairs);
    if (t->used == NULL)
        return npki_site_full(t->site);
    memset(t->used, 0, pairs);
    for (size_t i = 0; i < pairs; i++) {
        const npki_name *name;
        bool added;
        npk_status status = npki_take_name(t->site, npk_dict_key(t->fields, i), &name);
        if (status != NPK_OK)
            return status;
        if (name == NULL)
            continue;
        uint64_t *place = npki_map_put(&t->places, (uintptr_t)name, &added);
        if (place == NULL)
            return npki_site_fail(t->site, NPK_ERR_MEMORY, "an allocation failed");
        if (!added)
            return npki_site_fail(t->site, NPK_ERR_DTYPE, "the dict of fields has a key twice");
        *place = i + 1;
    }
    return NPK_OK;
}

/* The index of the pair with this key; SIZE_MAX without one. */
static size_t find(const table *t, const npki_name *key)
{
    const uint64_t *place = key != NULL ? npki_map_get(&t->places, (uintptr_t)key) : NULL;
    return place != NULL ? (size_t)*place - 1 : SIZE_MAX;
}

/* (dtype, offset) or (dtype, offset, title) */
static npk_status take_field(table *t, size_t pair, const npki_name *name, npk_dtype *dtype, npk_field *out)
{
    npk_value *value = npki_item_of(t->fields, 2 * pair + 1);
    size_t count = value->kind == NPK_KIND_TUPLE ? npki_count_of(value) : 0;
    npki_freeze(value, NPKI_FREEZE_ALL);
    if (count != 2 && count != 3)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "a field is a tuple (dtype, offset) or (dtype, offset, title)");
    if (npki_is_left_dtype(npki_item_of(value, 0)))
        return npki_site_fail(t->site, NPK_ERR_UNSUPPORTED, "a field of a dtype that stays a call");
    *out = (npk_field){.dtype = npki_take_dtype(npki_item_of(value, 0))};
    if (out->dtype == NULL)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "expected a dtype as the type of a field");
    if (out->dtype == dtype)
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "a dtype inside itself");
    if (out->dtype->type == NPK_VSTRING)
        return npki_site_fail(t->site, NPK_ERR_UNSUPPORTED, "a field of StringDType");
    if (!npki_take_int(npki_item_of(value, 1), &out->offset))
        return npki_site_fail(t->site, NPK_ERR_DTYPE, "expected an int as the offset of a field");
    const npki_name *title = NULL;
    npk_status status = npki_name_text(t->site, name, &out->name, &out->name_size);
    if (status == NPK_OK && count == 3)
        status = npki_take_name(t->site, npki_item_of(value, 2), &title);
    if (status != NPK_OK || count == 2)
        return status;
    if (title == NULL) { /* any object may be a title */
        t->unnamed++;
        return NPK_OK;
    }
    size_t place = find(t, title);
    if (place != SIZE_MAX)
        t->used[place] = true;
    return npki_name_text(t->site, title, &out->title, &out->title_size);
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
        const npki_name *name;
        npk_status status = npki_take_name(t->site, npki_item_of(names, i), &name);
        if (status != NPK_OK)
            return status;
        size_t pair = find(t, name);
        if (pair == SIZE_MAX)
            return npki_site_fail(t->site, NPK_ERR_DTYPE,
                                  "expected a field for each name of a dtype, found none for name %zu", i);
        t->used[pair] = true;
        fields[i] = (npk_field){.offset = 0};
        status = take_field(t, pair, name, dtype, &fields[i]);
        if (status != NPK_OK)
            return status;
    }
    dtype->fields = fields;
    dtype->field_count = count;
    return NPK_OK;
}

/* Fields out of a dict that no dtype was made of before, or that has changed since. */
static npk_status take_anew(npki_site *site, const npk_value *names, const npk_value *fields, size_t own_keys,
                            npk_dtype *dtype)
{
    table t = {.site = site, .fields = fields};
    npki_map_init(&t.places, &site->arena->allocator);
    dtype->interned = true;
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
    if (strangers > t.unnamed + own_keys)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the dict of fields has a key that is neither a name nor a title");
    return NPK_OK;
}

/* *dtype gets the fields of one that was made of the same dict and the same names. */
static void share(const npki_known_fields *known, npk_dtype *dtype)
{
    dtype->is_struct = dtype->interned = true;
    dtype->has_object = known->dtype.has_object;
    dtype->fields = known->dtype.fields;
    dtype->field_count = known->dtype.field_count;
    dtype->depth = known->dtype.depth;
    dtype->facts = known->dtype.facts;
}

static void keep(npki_known_fields *known, const npk_value *names, const npk_value *fields, const npk_dtype *dtype)
{
    *known = (npki_known_fields){.seen = true,
                                 .names = names,
                                 .name_count = npk_value_size(names),
                                 .pair_count = npk_value_size(fields),
                                 .dtype = *dtype};
    for (size_t i = 0; i < dtype->field_count; i++) {
        int64_t end = dtype->fields[i].offset + dtype->fields[i].dtype->itemsize;
        known->end = end > known->end ? end : known->end;
    }
}

#define WORK_OF_PAIR 64 /* bytes that a look at one is worth */

static npk_status take_struct(npki_site *site, const npk_value *names, const npk_value *fields, size_t own_keys,
                              npk_dtype *dtype)
{
    npki_known_fields *known;
    npk_status status = npki_known_fields_of(site, fields, &known);
    if (status != NPK_OK)
        return status;
    if (known->names == names && known->name_count == npk_value_size(names) &&
        known->pair_count == npk_value_size(fields) && known->end <= dtype->itemsize) {
        share(known, dtype);
        return NPK_OK;
    }
    if (known->seen)
        status = npki_repeat(site, WORK_OF_PAIR * (uint64_t)npk_value_size(fields));
    known->seen = true;
    if (status == NPK_OK)
        status = take_anew(site, names, fields, own_keys, dtype);
    if (status == NPK_OK)
        keep(known, names, fields, dtype);
    return status;
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
    if (dtype->base != NULL)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a subarray has no fields");
    npki_freeze(names, NPKI_FREEZE_ALL);
    npki_freeze(fields, NPKI_FREEZE_ALL);
    if (dtype->type != NPK_VOID) /* numpy.dtype(('i4', {'low': ('i2', 0)})) */
        return npki_site_fail(site, NPK_ERR_UNSUPPORTED, "fields on a type other than V");
    if (npk_value_size(names) > site->limits->fields)
        return npki_site_fail(site, NPK_ERR_LIMIT, "a dtype of %zu fields, the limit is %" PRIu64,
                              npk_value_size(names), site->limits->fields);
    return take_struct(site, names, fields, inside ? 1 : 0, dtype);
}
