/* What is described here is the behaviour of numpy/_core/src/multiarray/descriptor.c. */
#include "dtype/struct.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/map.h"
#include "dtype/facts.h"

#include <npickle/array.h>

#include <inttypes.h>
#include <stdlib.h>

#define LARGEST_ITEM ((int64_t)INT32_MAX)

npk_dtype npki_dtype_void(void)
{
    return (npk_dtype){.type = NPK_VOID,
                       .byteorder = '|',
                       .storage = NPKI_STORED_INSIDE,
                       .unit = NPK_UNIT_GENERIC,
                       .multiple = 1,
                       .alignment = 1};
}

/* `value`, at most LARGEST_ITEM, up to the next multiple of `alignment`. */
static int64_t round_up(int64_t value, int64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

static npk_status place(npk_field *field, int64_t end, bool aligned, npk_error *error)
{
    int64_t alignment = aligned ? field->dtype->alignment : 1;
    if (field->offset == NPK_AUTO)
        field->offset = round_up(end, alignment);
    if (field->offset < 0)
        return npki_fail(error, NPK_ERR_DTYPE, "a field at offset %" PRId64, field->offset);
    if (field->offset % alignment != 0)
        return npki_fail(error, NPK_ERR_DTYPE,
                         "an aligned struct has a field of alignment %" PRId64 " at offset %" PRId64, alignment,
                         field->offset);
    if (field->offset > LARGEST_ITEM || field->dtype->itemsize > LARGEST_ITEM - field->offset)
        return npki_fail(error, NPK_ERR_DTYPE, "a struct of more than %" PRId64 " bytes", LARGEST_ITEM);
    return NPK_OK;
}

npk_status npki_struct_lay_out(npk_dtype *dtype, npk_field *fields, size_t count, int64_t itemsize, bool aligned,
                               npk_error *error)
{
    int64_t end = 0, widest = 1;
    for (size_t i = 0; i < count; i++) {
        npk_status status = place(&fields[i], end, aligned, error);
        if (status != NPK_OK)
            return status;
        int64_t field_end = fields[i].offset + fields[i].dtype->itemsize;
        end = field_end > end ? field_end : end;
        if (aligned && fields[i].dtype->alignment > widest)
            widest = fields[i].dtype->alignment;
    }
    end = round_up(end, widest);
    if (itemsize != NPK_AUTO && itemsize < end)
        return npki_fail(error, NPK_ERR_DTYPE, "fields of %" PRId64 " bytes in an item of %" PRId64, end, itemsize);
    if (itemsize != NPK_AUTO && itemsize % widest != 0)
        return npki_fail(error, NPK_ERR_DTYPE, "an item of %" PRId64 " bytes with an alignment of %" PRId64, itemsize,
                         widest);
    dtype->itemsize = itemsize == NPK_AUTO ? end : itemsize;
    if (dtype->itemsize > LARGEST_ITEM)
        return npki_fail(error, NPK_ERR_DTYPE, "a struct of more than %" PRId64 " bytes", LARGEST_ITEM);
    dtype->is_struct = true;
    dtype->aligned = aligned;
    dtype->alignment = widest;
    dtype->fields = fields;
    dtype->field_count = count;
    return NPK_OK;
}

/* --- what may not be --- */

static bool is_name(const npk_dtype *dtype, const npk_field *field, bool title, const char *text, size_t size)
{
    const char *own = title ? field->title : field->name;
    size_t own_size = title ? field->title_size : field->name_size;
    if (dtype->interned)
        return own == text;
    return own_size == size && (size == 0 || memcmp(own, text, size) == 0);
}

/* A name or a title: 2 x the index of its field, and 1 more for a title. */
static npk_status add_name(npki_map *names, const npk_dtype *dtype, uint64_t which, npk_error *error)
{
    const npk_field *field = &dtype->fields[which / 2];
    const char *text = which % 2 != 0 ? field->title : field->name;
    size_t size = which % 2 != 0 ? field->title_size : field->name_size;
    bool added = false;
    uint64_t first = dtype->interned ? (uintptr_t)text : npki_hash_bytes(names->seed, text, size);
    for (uint64_t hash = first; !added; hash++) { /* the next, should two share one */
        uint64_t *place = npki_map_put(names, hash, &added);
        if (place == NULL)
            return npki_no_memory(error);
        if (added)
            *place = which;
        else if (is_name(dtype, &dtype->fields[*place / 2], *place % 2 != 0, text, size))
            return npki_fail(error, NPK_ERR_DTYPE, "the name or title '%.*s' of a field comes twice",
                             (int)(size < 64 ? size : 64), text);
    }
    return NPK_OK;
}

static npk_status check_names(const npk_dtype *dtype, const npk_allocator *allocator, npk_error *error)
{
    npki_map names;
    npk_status status = NPK_OK;
    npki_map_init(&names, allocator);
    for (uint64_t i = 0; i < dtype->field_count && status == NPK_OK; i++) {
        status = add_name(&names, dtype, 2 * i, error);
        if (status == NPK_OK && dtype->fields[i].title != NULL)
            status = add_name(&names, dtype, 2 * i + 1, error);
    }
    npki_map_free(&names);
    return status;
}

static int64_t end_of(const npk_field *field)
{
    return field->offset + field->dtype->itemsize;
}

/* By offset, and those without bytes first: they share none with what starts there. */
static int by_place(const void *a, const void *b)
{
    const npk_field *left = *(const npk_field *const *)a, *right = *(const npk_field *const *)b;
    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    return (end_of(left) > end_of(right)) - (end_of(left) < end_of(right));
}

static npk_status check_sorted(const npk_field *const *sorted, size_t count, npk_error *error)
{
    int64_t end = 0, object_end = 0;
    for (size_t i = 0; i < count; i++) {
        bool object = sorted[i]->dtype->has_object;
        if (sorted[i]->offset < (object ? end : object_end))
            return npki_fail(error, NPK_ERR_DTYPE, "a field overlaps one of Python objects at %" PRId64,
                             sorted[i]->offset);
        int64_t field_end = end_of(sorted[i]);
        end = field_end > end ? field_end : end;
        if (object && field_end > object_end)
            object_end = field_end;
    }
    return NPK_OK;
}

/* Two fields may share bytes, but none may share those of a Python object. */
static npk_status check_overlap(const npk_dtype *dtype, const npk_allocator *allocator, npk_error *error)
{
    size_t size = dtype->field_count * sizeof(npk_field *); /* less than the fields themselves take */
    const npk_field **sorted = npki_allocate(allocator, size);
    if (sorted == NULL)
        return npki_no_memory(error);
    for (size_t i = 0; i < dtype->field_count; i++)
        sorted[i] = &dtype->fields[i];
    qsort(sorted, dtype->field_count, sizeof *sorted, by_place);
    npk_status status = check_sorted(sorted, dtype->field_count, error);
    npki_free(allocator, sorted, size);
    return status;
}

static npk_status set_depth(npk_dtype *dtype, uint32_t inner, const npk_limits *limits, npk_error *error)
{
    if (dtype->depth <= inner)
        dtype->depth = inner + 1;
    if (dtype->depth > limits->dtype_depth)
        return npki_fail(error, NPK_ERR_LIMIT, "a dtype of more than %" PRIu64 " levels", limits->dtype_depth);
    return NPK_OK;
}

npk_status npki_struct_check(npk_dtype *dtype, const npk_limits *limits, const npk_allocator *allocator,
                             npk_error *error)
{
    npk_status status = NPK_OK;
    if (dtype->field_count > limits->fields)
        return npki_fail(error, NPK_ERR_LIMIT, "a dtype of %zu fields, the limit is %" PRIu64, dtype->field_count,
                         limits->fields);
    dtype->is_struct = true;
    dtype->depth = 1;
    for (size_t i = 0; i < dtype->field_count && status == NPK_OK; i++) {
        const npk_field *field = &dtype->fields[i];
        if (field->offset < 0 || field->offset > dtype->itemsize ||
            field->dtype->itemsize > dtype->itemsize - field->offset)
            return npki_fail(error, NPK_ERR_DTYPE, "a field of %" PRId64 " bytes at %" PRId64 " of an item of %" PRId64,
                             field->dtype->itemsize, field->offset, dtype->itemsize);
        if (field->dtype->type == NPK_VSTRING)
            return npki_fail(error, NPK_ERR_DTYPE, "expected a dtype that a field can have, found StringDType");
        dtype->has_object = dtype->has_object || field->dtype->has_object;
        status = set_depth(dtype, field->dtype->depth, limits, error);
    }
    if (status == NPK_OK)
        status = check_names(dtype, allocator, error);
    if (status == NPK_OK && dtype->has_object)
        status = check_overlap(dtype, allocator, error);
    if (status == NPK_OK)
        npki_dtype_learn(dtype);
    return status;
}

npk_status npki_subarray_set(npk_dtype *dtype, const npk_dtype *base, int ndim, const int64_t *shape,
                             const npk_limits *limits, npk_error *error)
{
    int64_t count = 1, nbytes = 0;
    if (base->type == NPK_VSTRING)
        return npki_fail(error, NPK_ERR_DTYPE, "expected a dtype that a subarray can have, found StringDType");
    if (ndim < 0 || ndim > NPK_MAXDIMS || (uint64_t)ndim > limits->ndim)
        return npki_fail(error, NPK_ERR_LIMIT, "a subarray of %d dimensions, the limit is %" PRIu64, ndim,
                         limits->ndim);
    for (int i = 0; i < ndim; i++)
        if (shape[i] < 0)
            return npki_fail(error, NPK_ERR_DTYPE, "a subarray with a length of %" PRId64, shape[i]);
        else if (shape[i] > LARGEST_ITEM || !npki_mul_int64(count, shape[i], &count) || count > LARGEST_ITEM)
            return npki_fail(error, NPK_ERR_DTYPE, "a subarray of more than %" PRId64 " items", LARGEST_ITEM);
    if (!npki_mul_int64(count, base->itemsize, &nbytes) || nbytes > LARGEST_ITEM)
        return npki_fail(error, NPK_ERR_DTYPE, "a subarray of more than %" PRId64 " bytes", LARGEST_ITEM);
    dtype->itemsize = nbytes;
    dtype->alignment = base->alignment;
    dtype->base = base;
    dtype->base_ndim = ndim;
    dtype->base_shape = shape;
    dtype->has_object = base->has_object;
    dtype->aligned = base->aligned;
    npki_dtype_learn(dtype);
    return set_depth(dtype, base->depth, limits, error);
}
