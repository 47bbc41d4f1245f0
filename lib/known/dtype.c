/* dtype objects: numpy.dtype(code, align, copy) and the state that __setstate__ takes.
 * numpy: core/src/multiarray/descriptor.c, arraydescr_reduce() and arraydescr_setstate(). */
#include "known/dtype_fields.h"
#include "known/known.h"

#include "base/bytes.h"
#include "dtype/parse_literal.h"
#include "dtype/struct.h"
#include "dtype/unit.h"

#include <inttypes.h>
#include <string.h>

/* A V whose items are of a class. */
static void make_void(npk_dtype *dtype, const char *module, size_t module_size, const char *name, size_t name_size)
{
    npki_dtype_of_key("V", 1, dtype);
    dtype->class_module = module;
    dtype->class_module_size = module_size;
    dtype->class_name = name;
    dtype->class_name_size = name_size;
}

/* A key of up to 7 bytes, and how many these are; 0 for another. */
static uint64_t short_key(const npk_value *key)
{
    const char *text;
    size_t size;
    return npki_text_of(key, &text, &size) && size < 8
               ? npki_load_le((const uint8_t *)text, size) | (uint64_t)(size + 1) << 56
               : 0;
}

/* What numpy.dtype() takes too, of which no pickler makes one. */
static npk_status refuse_notation(const npki_site *site, const npk_value *key)
{
    return npki_site_fail(site, NPK_ERR_UNSUPPORTED, "a dtype made of another notation than its code: %s",
                          npk_kind_name(npk_value_kind(key)));
}

/* A class of numbers, texts or objects: Python's own, or NumPy's, but for that of the items of a record array. */
static bool is_class_of_code(const npk_value *class_)
{
    const npki_global *global = class_->u.global;
    const bool numpy = npki_is_in_module(global->module, global->module_size, "numpy") && global->module_size == 5;
    return npki_is_in_module(global->module, global->module_size, "builtins") ||
           npki_is_in_module(global->module, global->module_size, "__builtin__") ||
           (numpy && !npki_is_global(class_, "numpy", "record"));
}

/* Whether a key that is neither a text nor a class is a notation. */
static bool is_notation(const npk_value *key)
{
    switch (npk_value_kind(key)) {
    case NPK_KIND_NONE:
    case NPK_KIND_TUPLE:
    case NPK_KIND_LIST:
    case NPK_KIND_DICT:
    case NPK_KIND_OBJECT: /* another dtype, what has one */
    case NPK_KIND_EXTENSION:
        return true;
    default:
        return false;
    }
}

/* A void of its own class, as numpy.record, or a type that somebody added. */
static npk_status take_class(const npki_site *site, const npk_value *key, npk_dtype *dtype)
{
    const char *module, *name;
    size_t module_size, name_size;
    if (is_class_of_code(key))
        return refuse_notation(site, key);
    npk_value_as_global(key, &module, &module_size, &name, &name_size);
    if (!npki_dtype_of_class(dtype, module, module_size, name, name_size))
        make_void(dtype, module, module_size, name, name_size);
    return NPK_OK;
}

static npk_status take_code(npki_site *site, const npk_value *key, npk_dtype *dtype)
{
    const char *text;
    size_t size;
    npk_status status = npki_take_text(site, key, &text, &size);
    if (status != NPK_OK)
        return status;
    if (text == NULL)
        return npki_site_fail(site, NPK_ERR_CALL, "the code of a dtype is a str or a class, found %s",
                              npk_kind_name(npk_value_kind(key)));
    if (npki_is_comma_string(text, size))
        return refuse_notation(site, key);
    if (!npki_dtype_of_key(text, size, dtype))
        return npki_site_fail(site, NPK_ERR_DTYPE, "expected the code of a dtype, found '%.*s'",
                              (int)(size < 32 ? size : 32), text);
    return NPK_OK;
}

npk_status npki_call_dtype(npki_site *site, npk_value *object)
{
    const npk_value *key = npki_call_item(object, 0);
    size_t count = npki_call_size(object);
    if (count < 1 || count > 4)
        return npki_site_fail(site, NPK_ERR_CALL, "numpy.dtype takes 1 to 4 arguments, found %zu", count);
    if (count == 4 && npki_call_item(object, 3)->kind != NPK_KIND_DICT)
        return npki_site_fail(site, NPK_ERR_CALL, "the metadata of a dtype is a dict");
    if (count == 4 || is_notation(key))
        return refuse_notation(site, key);
    const uint64_t short_one = short_key(key);
    if (short_one != 0 && site->last_dtype != NULL && site->last_key == short_one) {
        site->last_dtype->is_of_many = true;
        object->u.object->dtype = site->last_dtype;
        return NPK_OK;
    }
    npk_dtype *dtype = npki_arena_take(site->arena, sizeof *dtype);
    if (dtype == NULL)
        return npki_site_full(site);
    memset(dtype, 0, sizeof *dtype);
    npk_status status = key->kind == NPK_KIND_GLOBAL ? take_class(site, key, dtype) : take_code(site, key, dtype);
    if (status != NPK_OK)
        return status;
    dtype->storage = NPKI_STORED_INSIDE;
    object->u.object->dtype = dtype;
    if (short_one != 0) {
        site->last_dtype = dtype;
        site->last_key = short_one;
    }
    return NPK_OK;
}

/* The object's dtype, to be changed by its state: no other has it. NULL where the arena ends. */
static npk_dtype *own_dtype(npki_site *site, npki_object *object)
{
    npk_dtype *dtype = object->dtype;
    if (dtype->is_of_many) {
        npk_dtype *own = npki_arena_take(site->arena, sizeof *own);
        if (own == NULL)
            return NULL;
        *own = *dtype;
        own->is_of_many = false;
        object->dtype = own;
        return own;
    }
    if (dtype == site->last_dtype)
        site->last_dtype = NULL;
    return dtype;
}

/* _convert_to_stringdtype_kwargs(coerce[, na_object]): StringDType, which has no state. numpy/_core/_internal.py */
npk_status npki_call_stringdtype(npki_site *site, npk_value *object)
{
    size_t count = npki_call_size(object);
    int64_t coerce;
    bool flag;
    if (count < 1 || count > 2)
        return npki_site_fail(site, NPK_ERR_CALL, "a StringDType takes 1 or 2 arguments, found %zu", count);
    if (npk_value_as_bool(npki_call_item(object, 0), &flag))
        coerce = flag;
    else if (!npki_take_int(npki_call_item(object, 0), &coerce))
        return npki_site_fail(site, NPK_ERR_CALL, "whether a StringDType coerces is an int, found %s",
                              npk_kind_name(npk_value_kind(npki_call_item(object, 0))));
    npk_dtype *dtype = npki_arena_take(site->arena, sizeof *dtype);
    if (dtype == NULL)
        return npki_site_full(site);
    npki_dtype_of_key("T", 1, dtype);
    dtype->storage = NPKI_STORED_INSIDE;
    dtype->multiple = coerce != 0;
    dtype->metadata = npki_call_item(object, 1);
    object->u.object->dtype = dtype;
    npki_freeze(object, NPKI_FREEZE_ALL);
    return NPK_OK;
}

npk_status npki_build_stringdtype(npki_site *site, npk_value *object)
{
    return npki_site_fail(site, NPK_ERR_DTYPE, "expected no state of a StringDType, found %s",
                          npk_kind_name(npk_value_kind(object->u.object->state)));
}

/* --- the state --- */

typedef enum part { VERSION, ENDIAN, SUBARRAY, NAMES, FIELDS, ELSIZE, ALIGNMENT, FLAGS, METADATA, PARTS } part;

#define SHORTEST_STATE 5
#define ABSENT (-1)

/* Where a part stands in a state of 5 to 9 items, and which versions such a state may have. */
static const struct {
    int8_t place[PARTS];
    int8_t version, or_version;
} layouts[] = {
    {{ABSENT, 0, 1, ABSENT, 2, 3, 4, ABSENT, ABSENT}, ABSENT, ABSENT}, /* NumPy 0.8 and 0.9 */
    {{0, 1, 2, ABSENT, 3, 4, 5, ABSENT, ABSENT}, 0, 1},
    {{0, 1, 2, 3, 4, 5, 6, ABSENT, ABSENT}, 2, 2},                     /* 1.0 */
    {{0, 1, 2, 3, 4, 5, 6, 7, ABSENT}, 3, 4},                          /* 1.0.1; 4 with no metadata is read too */
    {{0, 1, 2, 3, 4, 5, 6, 7, 8}, 4, 4},                               /* 1.4: datetimes and metadata */
};

#define LAYOUTS (sizeof layouts / sizeof *layouts)

static npk_value *part_of(const npk_value *state, part which)
{
    size_t row = npki_count_of(state) - SHORTEST_STATE; /* check_version() has seen to it */
    int8_t place = row < LAYOUTS ? layouts[row].place[which] : ABSENT;
    return place == ABSENT ? NULL : npki_item_of(state, (size_t)place);
}

static bool is_none(const npk_value *value)
{
    return value == NULL || value->kind == NPK_KIND_NONE;
}

static npk_status check_version(npki_site *site, const npk_value *state)
{
    size_t count = state->kind == NPK_KIND_TUPLE ? npki_count_of(state) : 0;
    if (count < SHORTEST_STATE || count >= SHORTEST_STATE + LAYOUTS)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the state of a dtype is a tuple of 5 to 9 items, found %s of %zu",
                              npk_kind_name(npk_value_kind(state)), count);
    const npk_value *version = part_of(state, VERSION);
    int64_t number;
    if (version == NULL)
        return NPK_OK;
    if (!npki_take_int(version, &number) || (number != layouts[count - SHORTEST_STATE].version &&
                                             number != layouts[count - SHORTEST_STATE].or_version))
        return npki_site_fail(site, NPK_ERR_DTYPE, "a dtype's state of %zu items does not fit its version", count);
    return NPK_OK;
}

static char order_of(char order)
{
    return order == '=' ? npki_native_order() : order;
}

static npk_status take_endian(npki_site *site, const npk_value *value, npk_dtype *dtype)
{
    const char *text;
    size_t size;
    if (!npki_text_of(value, &text, &size) || size != 1 || memchr("<>=|", text[0], 4) == NULL)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the byte order of a dtype is one of < > = |");
    if (dtype->byteorder == '|' || npki_dtype_is_user(dtype)) /* has none; or any: take_user() */
        return NPK_OK;
    if (text[0] == '|')
        return npki_site_fail(site, NPK_ERR_DTYPE, "a %s of %" PRId64 " bytes has a byte order, found '|'",
                              npki_dtype_rows[dtype->type].name, dtype->itemsize);
    dtype->byteorder = order_of(text[0]);
    return NPK_OK;
}

/* S, U, V and types that somebody added have a size and an alignment of their own; others say -1 or what is so
 * anyway. */
static npk_status take_size(npki_site *site, const npk_value *state, npk_dtype *dtype)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    int64_t size, alignment;
    if (!npki_take_int(part_of(state, ELSIZE), &size) || !npki_take_int(part_of(state, ALIGNMENT), &alignment))
        return npki_site_fail(site, NPK_ERR_DTYPE, "itemsize and alignment of a dtype are ints");
    const bool empty = size == 0 || npki_is_tuple_of(part_of(state, NAMES), 0);
    if (alignment == 0 && empty) /* NumPy 1.21 and 1.26, of an aligned struct without fields */
        alignment = 1;
    if (alignment != -1 && (alignment < 1 || alignment > 1 << 16 || (alignment & (alignment - 1)) != 0))
        return npki_site_fail(site, NPK_ERR_DTYPE, "expected a power of two as alignment, found %" PRId64, alignment);
    if (row->itemsize != 0) {
        if (size != -1 && size != dtype->itemsize)
            return npki_site_fail(site, NPK_ERR_DTYPE, "a %s has %" PRId64 " bytes, the state says %" PRId64, row->name,
                                  dtype->itemsize, size);
        return NPK_OK;
    }
    if (size < 0 || size > INT32_MAX || alignment == -1)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a %s of %" PRId64 " bytes", row->name, size);
    if (dtype->itemsize != 0 && dtype->itemsize != size)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the code says %" PRId64 " bytes, the state %" PRId64,
                              dtype->itemsize, size);
    if (dtype->type == NPK_STR && size % 4 != 0)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a U of %" PRId64 " bytes: each character has 4", size);
    dtype->itemsize = size;
    dtype->alignment = alignment;
    return NPK_OK;
}

static npk_status take_subarray(npki_site *site, npk_value *value, npk_dtype *dtype)
{
    npki_freeze(value, NPKI_FREEZE_ALL);
    if (npki_is_tuple_of(value, 2) && npki_is_left_dtype(npki_item_of(value, 0)))
        return npki_site_fail(site, NPK_ERR_UNSUPPORTED, "a subarray of a dtype that stays a call");
    const npk_dtype *base = npki_is_tuple_of(value, 2) ? npki_take_dtype(npki_item_of(value, 0)) : NULL;
    if (base == NULL || dtype->type != NPK_VOID)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a subarray is a V with (dtype, shape)");
    if (base == dtype)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a dtype inside itself");
    int64_t itemsize = dtype->itemsize, alignment = dtype->alignment;
    int ndim;
    const int64_t *shape;
    npk_status status = npki_take_shape(site, npki_item_of(value, 1), true, &ndim, &shape);
    if (status == NPK_OK)
        status = npki_site_place(site, npki_subarray_set(dtype, base, ndim, shape, site->limits, site->error));
    if (status == NPK_OK && dtype->itemsize != itemsize)
        return npki_site_fail(site, NPK_ERR_DTYPE, "a subarray of %" PRId64 " bytes in a dtype of %" PRId64,
                              dtype->itemsize, itemsize);
    dtype->alignment = alignment; /* as the state has it: NumPy 1.6 says 1 */
    return status;
}

/* Bit 0 of the flags says that items are references. NumPy 1.24 believes it, and takes bytes for addresses. */
static npk_status check_flags(npki_site *site, const npk_value *value, const npk_dtype *dtype)
{
    int64_t flags;
    if (value == NULL)
        return NPK_OK;
    if (!npki_take_int(value, &flags) || flags < -128 || flags > 255)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the flags of a dtype are an int from -128 to 255");
    if (((flags & 1) != 0) != dtype->has_object)
        return npki_site_fail(site, NPK_ERR_DTYPE, "flags %" PRId64 " on a dtype %s Python objects", flags,
                              dtype->has_object ? "with" : "without");
    return NPK_OK;
}

/* Version 4: (metadata dict, (unit, multiple[, denominator], event)), or (unit, multiple), or None. Events were of
 * NumPy 1.6; since then they are written as 1 and passed over. numpy:
 * convert_datetime_metadata_tuple_to_datetime_metadata() */
static npk_status take_datetime(npki_site *site, npk_value *value, npk_dtype *dtype)
{
    if (is_none(value)) /* 8 items: no unit was kept */
        return NPK_OK;
    npk_value *unit = npki_is_tuple_of(value, 2) ? npki_item_of(value, 1) : NULL;
    size_t count = unit != NULL && unit->kind == NPK_KIND_TUPLE ? npki_count_of(unit) : 0;
    const char *code;
    size_t size;
    int64_t multiple, divisor = 1;
    if (count < 2 || count > 4 || !npki_text_of(npki_item_of(unit, 0), &code, &size))
        return npki_site_fail(site, NPK_ERR_DTYPE, "a datetime's metadata is (dict, (unit, multiple, 1, 1))");
    if (!npki_take_int(npki_item_of(unit, 1), &multiple) || multiple < 1 || multiple > INT32_MAX ||
        (count == 4 && (!npki_take_int(npki_item_of(unit, 2), &divisor) || divisor < 1 || divisor > INT32_MAX)))
        return npki_site_fail(site, NPK_ERR_DTYPE, "multiple and denominator of a datetime are ints from 1 up");
    npki_freeze(value, NPKI_FREEZE_ALL);
    npki_freeze(unit, NPKI_FREEZE_ALL);
    npk_value *metadata = npki_item_of(value, 0);
    if (metadata->kind == NPK_KIND_DICT && npki_count_of(metadata) > 0)
        dtype->metadata = metadata;
    dtype->unit = npki_unit_of(code, size);
    if (dtype->unit == NPKI_UNITS)
        return npki_site_fail(site, NPK_ERR_DTYPE, "expected a unit of a datetime, found '%.*s'",
                              (int)(size < 16 ? size : 16), code);
    dtype->multiple = (int32_t)multiple;
    if (!npki_unit_divide(&dtype->unit, &dtype->multiple, (int32_t)divisor))
        return npki_site_fail(site, NPK_ERR_DTYPE, "1/%" PRId64 " of a %.*s is not a whole number of a smaller unit",
                              divisor, (int)size, code);
    return NPK_OK;
}

static npk_status take_metadata(npki_site *site, npk_value *value, npk_dtype *dtype)
{
    if (npki_dtype_rows[dtype->type].number == NPKI_NUMBER_TIME)
        return take_datetime(site, value, dtype);
    if (is_none(value))
        return NPK_OK;
    if (value->kind != NPK_KIND_DICT)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the metadata of a dtype is a dict, found %s",
                              npk_kind_name(npk_value_kind(value)));
    dtype->metadata = value;
    return NPK_OK;
}

/* Of a type that somebody added: what only its class understands. */
static void take_user(const npk_value *state, npk_dtype *dtype)
{
    const npk_value *flags = part_of(state, FLAGS);
    const char *text;
    size_t size;
    if (npki_text_of(part_of(state, ENDIAN), &text, &size)) /* take_endian() has seen to it */
        dtype->byteorder = order_of(text[0]);
    if (flags != NULL)
        dtype->class_flags = (uint8_t)flags->u.integer;
}

/* Whether the state is that of the type by whose class it is called. If not, its items are raw bytes. */
static bool is_of_row(const npk_value *state, const npk_dtype *dtype)
{
    int64_t size, alignment;
    return npki_take_int(part_of(state, ELSIZE), &size) && npki_take_int(part_of(state, ALIGNMENT), &alignment) &&
           size == dtype->itemsize && alignment == dtype->alignment && is_none(part_of(state, SUBARRAY)) &&
           is_none(part_of(state, NAMES));
}

npk_status npki_build_dtype(npki_site *site, npk_value *object)
{
    npk_value *state = object->u.object->state;
    npk_dtype *dtype = NULL;
    if ((object->flags & NPKI_IS_FROZEN) != 0)
        return npki_site_fail(site, NPK_ERR_DTYPE, "the state of a dtype comes after something has used it");
    npk_status status = check_version(site, state);
    if (status == NPK_OK && (dtype = own_dtype(site, object->u.object)) == NULL)
        status = npki_site_full(site);
    if (status == NPK_OK && npki_dtype_rows[dtype->type].module != NULL && !is_of_row(state, dtype))
        make_void(dtype, dtype->class_module, dtype->class_module_size, dtype->class_name, dtype->class_name_size);
    if (status == NPK_OK)
        status = take_endian(site, part_of(state, ENDIAN), dtype);
    if (status == NPK_OK)
        status = take_size(site, state, dtype);
    if (status == NPK_OK && !is_none(part_of(state, SUBARRAY)))
        status = take_subarray(site, part_of(state, SUBARRAY), dtype);
    if (status == NPK_OK)
        status = npki_take_fields(site, part_of(state, NAMES), part_of(state, FIELDS), dtype);
    if (status == NPK_OK)
        status = check_flags(site, part_of(state, FLAGS), dtype);
    if (status == NPK_OK)
        status = take_metadata(site, part_of(state, METADATA), dtype);
    if (status != NPK_OK)
        return status;
    const npk_value *flags = part_of(state, FLAGS);
    if (npki_dtype_is_user(dtype))
        take_user(state, dtype);
    dtype->aligned = flags != NULL && flags->kind == NPK_KIND_INT && (dtype->is_struct || dtype->base != NULL) &&
                     (flags->u.integer & 0x80) != 0;
    npki_freeze(state, NPKI_FREEZE_ALL);
    npki_freeze(object, NPKI_FREEZE_ALL);
    return NPK_OK;
}
