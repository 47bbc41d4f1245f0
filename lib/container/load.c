/* An array out of a file, in memory of its own. */
#include <npickle/load.h>

#include "array/layout.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/reserved.h"
#include "container/format.h"
#include "reader/options.h"

#include <string.h>

#define ALIGNMENT ((size_t)64) /* of the elements */

/* What an npk_array of npk_array_load is the start of: one block, with the elements at its end. */
typedef struct own_array {
    npk_array array;
    npk_allocator allocator;
    size_t size; /* of the block */
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
} own_array;

/* A block for such elements; the dtype becomes the block's. */
static npk_status new_own(const npk_array *from, const npk_dtype *dtype, const npk_allocator *allocator,
                          npk_array **own, npk_error *error)
{
    npk_array wanted = *from;
    wanted.dtype = dtype;
    wanted.order = 'C';
    int64_t nbytes = npk_array_nbytes(&wanted);
    size_t size;
    if (nbytes < 0 || (uint64_t)nbytes > SIZE_MAX ||
        !npki_add_size((size_t)nbytes, sizeof(own_array) + ALIGNMENT, &size))
        return npki_no_memory(error);
    own_array *block = npki_allocate(allocator, size);
    if (block == NULL)
        return npki_no_memory(error);
    memset(block, 0, sizeof *block);
    block->allocator = *allocator;
    block->size = size;
    uint8_t *data = (uint8_t *)(block + 1);
    data += (ALIGNMENT - (uintptr_t)data % ALIGNMENT) % ALIGNMENT;
    block->array = (npk_array){.dtype = dtype,
                               .data = data,
                               .ndim = from->ndim,
                               .shape = block->shape,
                               .strides = block->strides,
                               .order = 'C'};
    if (from->ndim > 0)
        memcpy(block->shape, from->shape, (size_t)from->ndim * sizeof *block->shape);
    if (!npki_contiguous_strides(from->ndim, block->shape, npk_dtype_itemsize(dtype), 'C', block->strides)) {
        npki_free(allocator, block, size);
        return npki_no_memory(error);
    }
    *own = &block->array;
    return NPK_OK;
}

static npk_status copy(const npk_array *array, const npk_dtype *dtype, const npk_load_options *options, npk_array **own,
                       npk_error *error)
{
    npk_allocator allocator = npki_allocator(options->read.allocator);
    const npk_dtype *kept;
    npk_array *made = NULL;
    npk_status status = npk_dtype_has_object(array->dtype)
                            ? npki_fail(error, NPK_ERR_UNSUPPORTED,
                                        "expected numbers, texts or times, found an array of Python objects")
                            : npk_dtype_copy(dtype != NULL ? dtype : array->dtype, &allocator, &kept, error);
    if (status != NPK_OK)
        return status;
    status = new_own(array, kept, &allocator, &made, error);
    if (status != NPK_OK) {
        npk_dtype_free(kept);
        return status;
    }
    void *out = (void *)(uintptr_t)made->data;
    status = dtype == NULL
                 ? npk_array_copy(array, 'C', out, (size_t)npk_array_nbytes(made), error)
                 : npk_array_read_as(array, kept, options->casting, out, (size_t)npk_array_count(made), error);
    if (status != NPK_OK)
        npk_array_free(made);
    else
        *own = made;
    return status;
}

static npk_status check(const void *from, npk_array **own, const npk_load_options *options, npk_error *error)
{
    if (from == NULL || own == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a file and a place for the array, found NULL");
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_load_options", error);
    if (status == NPK_OK)
        status = npki_read_options_check(&options->read, error);
    if (status == NPK_OK && (unsigned)options->casting > NPK_CAST_UNSAFE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_casting, found %d", (int)options->casting);
    return status;
}

static npk_status load(const void *bytes, size_t size, const char *where, const npk_dtype *dtype,
                       const npk_load_options *options, npk_array **own, npk_error *error)
{
    const npki_format *format = npki_format_of_bytes(bytes, size);
    void *held = NULL;
    npk_array view;
    npk_status status = format->open(bytes, size, &options->read, &held, error);
    if (status != NPK_OK)
        return status;
    status = format->find(held, where != NULL ? where : "", &view, error);
    if (status == NPK_OK)
        status = copy(&view, dtype, options, own, error);
    format->close(held);
    return status;
}

static const npk_load_options plain;

npk_status npk_array_load_memory(const void *bytes, size_t size, const char *where, const npk_dtype *dtype,
                                 const npk_load_options *options, npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    npk_status status = check(bytes, own, o, error);
    return status == NPK_OK ? load(bytes, size, where, dtype, o, own, error) : status;
}

npk_status npk_array_load(const char *path, const char *where, const npk_dtype *dtype, const npk_load_options *options,
                          npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    npki_input input;
    npk_status status = check(path, own, o, error);
    if (status == NPK_OK)
        status = npki_input_open(&input, path, o->read.allocator, npki_map_from(o->read.input), error);
    if (status != NPK_OK)
        return status;
    status = load(input.bytes, input.size, where, dtype, o, own, error);
    npki_input_close(&input);
    return status;
}

void npk_array_free(npk_array *own)
{
    if (own == NULL)
        return;
    own_array *block = (own_array *)(void *)own;
    npk_allocator allocator = block->allocator;
    npk_dtype_free(own->dtype);
    npki_free(&allocator, block, block->size);
}
