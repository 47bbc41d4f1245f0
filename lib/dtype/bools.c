/* The dtype of a mask. numpy: ma/core.py make_mask_descr(). */
#include "dtype/struct.h"

#include "base/error.h"
#include "base/limits.h"
#include "dtype/parts.h"

#include <string.h>

/* Every part, and what it is in the mask. */
typedef struct bools {
    npki_dtype_parts parts; /* each with the first of its fields */
    npk_allocator allocator;
    npk_dtype *made; /* of a part that is a struct or a subarray */
    npk_field *fields;
    size_t count, field_count;
} bools;

static const npk_dtype *bool_of(const bools *b, const npk_dtype *dtype)
{
    const npki_dtype_part *part = npki_dtype_parts_get(&b->parts, dtype);
    return dtype->is_struct || dtype->base != NULL ? &b->made[part - npki_dtype_parts_at(&b->parts, 0)]
                                                   : npk_dtype_native(NPK_BOOL);
}

static bool make_room(bools *b, const npk_dtype *dtype)
{
    if (!npki_dtype_parts_find(&b->parts, dtype, &b->allocator))
        return false;
    b->count = npki_dtype_parts_count(&b->parts);
    for (size_t i = 0; i < b->count; i++) {
        npki_dtype_parts_at(&b->parts, i)->own = b->field_count;
        b->field_count += npki_dtype_parts_at(&b->parts, i)->dtype->field_count;
    }
    b->made = npki_allocate(&b->allocator, b->count * sizeof *b->made);
    b->fields = npki_allocate(&b->allocator, (b->field_count + 1) * sizeof *b->fields);
    return b->made != NULL && b->fields != NULL;
}

static void free_room(bools *b)
{
    npki_free(&b->allocator, b->made, b->count * sizeof *b->made);
    npki_free(&b->allocator, b->fields, (b->field_count + 1) * sizeof *b->fields);
    npki_dtype_parts_free(&b->parts);
}

/* After what is inside it. */
static npk_status make(bools *b, const npki_dtype_part *part, npk_dtype *made, npk_error *error)
{
    const npk_dtype *dtype = part->dtype;
    npk_limits limits = npki_limits(NULL);
    npk_field *fields = b->fields + part->own;
    *made = npki_dtype_void();
    if (dtype->base != NULL)
        return npki_subarray_set(made, bool_of(b, dtype->base), dtype->base_ndim, dtype->base_shape, &limits, error);
    if (!dtype->is_struct)
        return NPK_OK;
    for (size_t i = 0; i < dtype->field_count; i++) {
        fields[i] = dtype->fields[i];
        fields[i].dtype = bool_of(b, dtype->fields[i].dtype);
        fields[i].offset = NPK_AUTO;
    }
    npk_status status = npki_struct_lay_out(made, fields, dtype->field_count, NPK_AUTO, false, error);
    return status == NPK_OK ? npki_struct_check(made, &limits, &b->allocator, error) : status;
}

npk_status npk_dtype_of_mask(const npk_dtype *dtype, const npk_allocator *allocator, const npk_dtype **out,
                             npk_error *error)
{
    bools b = {.allocator = npki_allocator(allocator)};
    if (dtype == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "npk_dtype_of_mask needs a dtype and a place for that of its mask");
    npk_status status = make_room(&b, dtype) ? NPK_OK : npki_no_memory(error);
    for (size_t i = b.count; i-- > 0 && status == NPK_OK;)
        status = make(&b, npki_dtype_parts_at(&b.parts, i), &b.made[i], error);
    if (status == NPK_OK)
        status = npki_dtype_copy(bool_of(&b, dtype), '\0', &b.allocator, out, error);
    free_room(&b);
    return status;
}
