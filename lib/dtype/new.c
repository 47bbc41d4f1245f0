#include "dtype/struct.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/reserved.h"
#include "text/unicode.h"

#include <inttypes.h>

static bool is_order(char byteorder)
{
    return byteorder != '\0' && memchr("<>=|", byteorder, 4) != NULL;
}

static npk_status check_field(const npk_field *field, size_t index, npk_error *error)
{
    npk_status status = NPKI_CHECK_RESERVED(field, "npk_field", error);
    if (status != NPK_OK)
        return status;
    if (field->name == NULL || field->dtype == NULL || field->offset < NPK_AUTO)
        return npki_fail(error, NPK_ERR_USAGE, "field %zu needs a name, a dtype and an offset from 0 up or NPK_AUTO",
                         index);
    if (npki_utf8_check((const uint8_t *)field->name, field->name_size) != field->name_size ||
        (field->title != NULL &&
         npki_utf8_check((const uint8_t *)field->title, field->title_size) != field->title_size))
        return npki_fail(error, NPK_ERR_USAGE, "expected the name and title of field %zu in UTF-8, found other bytes",
                         index);
    return NPK_OK;
}

/* `own`: the caller's fields, to be given their offsets. */
static npk_status make_struct(npk_field *own, size_t count, int64_t itemsize, bool aligned,
                              const npk_allocator *allocator, const npk_dtype **out, npk_error *error)
{
    npk_limits limits = npki_limits(NULL);
    npk_dtype made = npki_dtype_void();
    npk_status status = npki_struct_lay_out(&made, own, count, itemsize, aligned, error);
    if (status == NPK_OK)
        status = npki_struct_check(&made, &limits, allocator, error);
    return status == NPK_OK ? npki_dtype_copy(&made, '\0', allocator, out, error) : status;
}

npk_status npk_dtype_new_struct(const npk_field *fields, size_t count, int64_t itemsize, bool aligned,
                                const npk_allocator *allocator, const npk_dtype **out, npk_error *error)
{
    npk_allocator memory = npki_allocator(allocator);
    npk_status status = NPK_OK;
    uint64_t most = npki_limits(NULL).fields;
    if (out == NULL || (fields == NULL && count > 0) || itemsize < NPK_AUTO)
        return npki_fail(error, NPK_ERR_USAGE,
                         "npk_dtype_new_struct needs fields, an itemsize and a place for the dtype");
    if (count > most)
        return npki_fail(error, NPK_ERR_LIMIT, "a dtype of %zu fields, the limit is %" PRIu64, count, most);
    for (size_t i = 0; i < count && status == NPK_OK; i++)
        status = check_field(&fields[i], i, error);
    if (status != NPK_OK || count == 0)
        return status != NPK_OK ? status : make_struct(NULL, 0, itemsize, aligned, &memory, out, error);
    npk_field *own = npki_allocate(&memory, count * sizeof *own);
    if (own == NULL)
        return npki_no_memory(error);
    memcpy(own, fields, count * sizeof *own);
    status = make_struct(own, count, itemsize, aligned, &memory, out, error);
    npki_free(&memory, own, count * sizeof *own);
    return status;
}

npk_status npk_dtype_new_subarray(const npk_dtype *base, int ndim, const int64_t *shape, const npk_allocator *allocator,
                                  const npk_dtype **out, npk_error *error)
{
    npk_limits limits = npki_limits(NULL);
    npk_dtype made = npki_dtype_void();
    if (base == NULL || out == NULL || ndim < 0 || (shape == NULL && ndim > 0))
        return npki_fail(error, NPK_ERR_USAGE,
                         "npk_dtype_new_subarray needs a dtype, a shape and a place for the dtype");
    if (ndim == 0)
        return npki_dtype_copy(base, '\0', allocator, out, error);
    npk_status status = npki_subarray_set(&made, base, ndim, shape, &limits, error);
    return status == NPK_OK ? npki_dtype_copy(&made, '\0', allocator, out, error) : status;
}

npk_status npk_dtype_new_sized(npk_type type, int64_t itemsize, char byteorder, const npk_allocator *allocator,
                               const npk_dtype **out, npk_error *error)
{
    npk_dtype made = npki_dtype_void();
    if ((unsigned)type >= NPKI_TYPES || npki_dtype_rows[type].itemsize != 0 || !is_order(byteorder) || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE,
                         "npk_dtype_new_sized makes an S, a U or a V in the order '<', '>', '=' or '|'");
    if (itemsize < 0 || itemsize > INT32_MAX || itemsize % npki_dtype_rows[type].swap != 0)
        return npki_fail(error, NPK_ERR_DTYPE, "a %s of %" PRId64 " bytes", npki_dtype_rows[type].name, itemsize);
    npki_dtype_fill(&made, type, byteorder, itemsize);
    return npki_dtype_copy(&made, '\0', allocator, out, error);
}

npk_status npk_dtype_new_time(npk_type type, npk_unit unit, int32_t multiple, char byteorder,
                              const npk_allocator *allocator, const npk_dtype **out, npk_error *error)
{
    npk_dtype made = npki_dtype_void();
    if ((unsigned)type >= NPKI_TYPES || npki_dtype_rows[type].number != NPKI_NUMBER_TIME || !is_order(byteorder) ||
        out == NULL)
        return npki_fail(error, NPK_ERR_USAGE,
                         "npk_dtype_new_time makes an M or an m in the order '<', '>', '=' or '|'");
    if ((unsigned)unit >= NPKI_UNITS || multiple < 1)
        return npki_fail(error, NPK_ERR_DTYPE, "a time of %" PRId32 " x unit %d", multiple, (int)unit);
    npki_dtype_fill(&made, type, byteorder, 0);
    made.unit = unit;
    made.multiple = unit == NPK_UNIT_GENERIC ? 1 : multiple;
    return npki_dtype_copy(&made, '\0', allocator, out, error);
}

npk_status npk_dtype_with_byteorder(const npk_dtype *dtype, char byteorder, const npk_allocator *allocator,
                                    const npk_dtype **out, npk_error *error)
{
    if (dtype == NULL || out == NULL || !is_order(byteorder))
        return npki_fail(error, NPK_ERR_USAGE,
                         "npk_dtype_with_byteorder needs a dtype and an order: '<', '>', '=' or '|'");
    if (byteorder == '=')
        byteorder = npki_native_order();
    return npki_dtype_copy(dtype, byteorder == '|' ? '\0' : byteorder, allocator, out, error);
}

npk_status npk_dtype_copy(const npk_dtype *dtype, const npk_allocator *allocator, const npk_dtype **out,
                          npk_error *error)
{
    if (dtype == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_dtype_copy needs a dtype and a place for the copy");
    return npki_dtype_copy(dtype, '\0', allocator, out, error);
}

npk_status npk_dtype_with_class(const npk_dtype *dtype, const char *module, const char *name,
                                const npk_allocator *allocator, const npk_dtype **out, npk_error *error)
{
    if (dtype == NULL || module == NULL || name == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_dtype_with_class needs a dtype, a class and a place for the dtype");
    if ((dtype->type != NPK_VOID && !npki_dtype_is_user(dtype)) || dtype->base != NULL)
        return npki_fail(error, NPK_ERR_DTYPE,
                         "expected a void dtype that is not a subarray: only its items can have a class");
    npk_dtype made = *dtype, known = made;
    if (!made.is_struct && npki_dtype_of_class(&known, module, strlen(module), name, strlen(name)) &&
        known.itemsize == made.itemsize) {
        *out = npki_dtype_intern(&known);
        return NPK_OK;
    }
    made.type = NPK_VOID;
    made.storage = NPKI_STORED_INSIDE;
    made.class_module = module;
    made.class_module_size = strlen(module);
    made.class_name = name;
    made.class_name_size = strlen(name);
    made.byteorder = npki_dtype_is_user(&made) ? npki_native_order() : '|';
    if (npki_dtype_is_user(&made)) {
        made.class_flags = NPKI_FLAGS_OF_CLASS;
        while (made.alignment < 16 && made.itemsize > 0 && made.itemsize % (2 * made.alignment) == 0)
            made.alignment *= 2;
    }
    return npki_dtype_copy(&made, '\0', allocator, out, error);
}
