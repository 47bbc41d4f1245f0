#include "container/own.h"

#include "array/layout.h"
#include "base/allocator.h"
#include "base/bytes.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/reserved.h"
#include "reader/options.h"

#include <inttypes.h>
#include <string.h>

#define ALIGNMENT ((size_t)64)      /* of the elements */
#define AT_ONCE ((uint64_t)1 << 20) /* bytes of elements that nothing has paid for yet */

void npki_room_init(npki_room *place, const npk_load_options *options, uint64_t paid)
{
    *place = (npki_room){.allocator = npki_allocator(options->read.allocator),
                         .into = options->into,
                         .into_size = options->into_size,
                         .paid = paid};
}

static uint8_t *elements_of(npki_own *block)
{
    uint8_t *data = (uint8_t *)(block + 1);
    return data + (ALIGNMENT - (uintptr_t)data % ALIGNMENT) % ALIGNMENT;
}

/* The block with `room` for elements. */
static bool resize(npki_room *place, size_t room)
{
    size_t size, lay = place->block != NULL ? (size_t)(elements_of(place->block) - (uint8_t *)place->block) : 0;
    if (!npki_add_size(room, sizeof(npki_own) + ALIGNMENT, &size))
        return false;
    npki_own *block = npki_resize(&place->allocator, place->block, place->block != NULL ? place->block->size : 0, size);
    if (block == NULL)
        return false;
    uint8_t *data = elements_of(block);
    if (place->room > 0 && data != (uint8_t *)block + lay)
        memmove(data, (uint8_t *)block + lay, place->room < room ? place->room : room);
    block->size = size;
    place->block = block;
    place->room = room;
    return true;
}

uint8_t *npki_room_take(npki_room *place, uint64_t nbytes, uint64_t size)
{
    if (place->into != NULL)
        return nbytes <= place->into_size ? place->into : NULL;
    if (place->block == NULL || size > place->room) {
        uint64_t room = place->room > AT_ONCE / 2 ? 2 * (uint64_t)place->room : AT_ONCE;
        room = room < size ? size : room;
        room = room < place->paid ? place->paid : room;
        room = room > nbytes ? nbytes : room;
        if (room > SIZE_MAX || !resize(place, (size_t)room))
            return NULL;
    }
    return elements_of(place->block);
}

bool npki_room_finish(npki_room *place, const npk_array *from, const npk_dtype *dtype, npk_array **own)
{
    if (place->block == NULL && !resize(place, 0))
        return false;
    npki_own *block = place->block;
    size_t size = block->size;
    memset(block, 0, sizeof *block);
    block->allocator = place->allocator;
    block->size = size;
    if (from->ndim > 0)
        memcpy(block->shape, from->shape, (size_t)from->ndim * sizeof *block->shape);
    if (!npki_contiguous_strides(from->ndim, block->shape, npk_dtype_itemsize(dtype), 'C', block->strides))
        return false;
    block->array = (npk_array){.dtype = dtype,
                               .data = place->into != NULL ? place->into : elements_of(block),
                               .ndim = from->ndim,
                               .shape = block->shape,
                               .strides = block->strides,
                               .order = 'C'};
    place->block = NULL;
    place->room = 0;
    *own = &block->array;
    return true;
}

bool npki_room_give(npki_room *place, const npk_array *from, const npk_dtype *dtype, npk_array **own)
{
    const npk_dtype *kept;
    if (npk_dtype_copy(dtype, &place->allocator, &kept, NULL) != NPK_OK)
        return false;
    const bool good = npki_room_finish(place, from, kept, own);
    if (!good)
        npk_dtype_free(kept);
    return good;
}

void npki_room_drop(npki_room *place)
{
    if (place->block != NULL)
        npki_free(&place->allocator, place->block, place->block->size);
    place->block = NULL;
    place->room = 0;
}

/* --- of a view --- */

/* `dtype`: what it is cast to, or NULL; `kept`: that of *own. */
static npk_status make_own(const npk_array *array, const npk_dtype *dtype, const npk_dtype *kept,
                           const npk_load_options *options, npk_array **own, npk_error *error)
{
    npki_room place;
    npk_array wanted = *array;
    wanted.dtype = kept;
    int64_t nbytes = npk_array_nbytes(&wanted);
    npki_room_init(&place, options, 0);
    if (nbytes < 0 || (uint64_t)nbytes > SIZE_MAX)
        return npki_no_memory(error);
    if (options->into != NULL && (size_t)nbytes > options->into_size)
        return npki_fail(error, NPK_ERR_USAGE, "expected room for %" PRId64 " bytes, found %zu", nbytes,
                         options->into_size);
    uint8_t *out = npki_room_take(&place, (uint64_t)nbytes, (uint64_t)nbytes);
    if (out == NULL)
        return npki_no_memory(error);
    npk_status status =
        dtype == NULL ? npk_array_copy(array, 'C', out, (size_t)nbytes, error)
                      : npk_array_read_as(array, kept, options->casting, out, (size_t)npk_array_count(array), error);
    if (status == NPK_OK && !npki_room_finish(&place, array, kept, own))
        status = npki_no_memory(error);
    npki_room_drop(&place);
    return status;
}

npk_status npki_copy_own(const npk_array *array, const npk_dtype *dtype, const npk_load_options *options,
                         npk_array **own, npk_error *error)
{
    npk_allocator allocator = npki_allocator(options->read.allocator);
    const npk_dtype *kept;
    npk_status status = npk_dtype_has_object(array->dtype)
                            ? npki_fail(error, NPK_ERR_UNSUPPORTED,
                                        "expected numbers, texts or times, found an array of Python objects")
                            : npk_dtype_copy(dtype != NULL ? dtype : array->dtype, &allocator, &kept, error);
    if (status != NPK_OK)
        return status;
    status = make_own(array, dtype, kept, options, own, error);
    if (status != NPK_OK)
        npk_dtype_free(kept);
    return status;
}

/* --- options --- */

npk_status npki_load_check(npk_array **own, const npk_load_options *options, npk_error *error)
{
    if (own == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the array, found NULL");
    npk_status status = NPKI_CHECK_RESERVED(options, "npk_load_options", error);
    if (status == NPK_OK)
        status = npki_read_options_check(&options->read, error);
    if (status == NPK_OK && options->into == NULL && options->into_size > 0)
        status = npki_fail(error, NPK_ERR_USAGE, "expected memory for %zu bytes, found NULL", options->into_size);
    if (status == NPK_OK && (unsigned)options->casting > NPK_CAST_UNSAFE)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_casting, found %d", (int)options->casting);
    return status;
}

bool npki_load_is_simple(const npk_load_options *options, const char *where)
{
    static const npk_limits defaults;
    const npk_read_options *read = &options->read;
    return npki_cpu_level() > NPKI_CPU_PLAIN && (where == NULL || *where == '\0') && read->buffer_count == 0 &&
           read->array_producer == NPK_ARRAY_GUESS && read->memo_scope == 0 && read->malformed == 0 &&
           memcmp(&read->limits, &defaults, sizeof defaults) == 0;
}
