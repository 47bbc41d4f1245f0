/* An array out of a file, in memory of its own. */
#include <npickle/load.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "container/format.h"
#include "container/stream.h"
#include "reader/array_scan.h"
#include "text/encoding.h"

static npk_status check(const void *from, npk_array **own, const npk_load_options *options, npk_error *error)
{
    return from != NULL ? npki_load_check(own, options, error)
                        : npki_fail(error, NPK_ERR_USAGE, "expected a file and a place for the array, found NULL");
}

/* Elements that nobody has looked at: they are as they are decoded. */
static bool decode_own(const npk_array *array, const npk_load_options *options, npk_array **own)
{
    npki_room place;
    const size_t nbytes = (size_t)npk_array_nbytes(array);
    npki_room_init(&place, options, nbytes);
    uint8_t *out = npki_room_take(&place, nbytes, nbytes);
    const bool good =
        out != NULL &&
        npki_encoding_decode_whole(array->encoding, array->payload, array->payload_size, out, nbytes) &&
        npki_room_give(&place, array, array->dtype, own);
    npki_room_drop(&place);
    return good;
}

/* What NumPy writes of plain numbers needs no document. False: it is something else, or has a fault that the document
 * tells, and nothing is done. */
static bool load_known(const void *bytes, size_t size, const char *where, const npk_dtype *dtype,
                       const npk_load_options *options, npk_array **own, npk_status *status, npk_error *error)
{
    npk_array_view view;
    if (!npki_load_is_simple(options, where) || !npki_array_view_scan(bytes, size, dtype == NULL, &view))
        return false;
    if (dtype == NULL && npki_scan_is_later(&view.array)) {
        *status = NPK_OK;
        return decode_own(&view.array, options, own);
    }
    *status = npki_copy_own(&view.array, dtype, options, own, error);
    return true;
}

static npk_status load(const void *bytes, size_t size, const char *where, const npk_dtype *dtype,
                       const npk_load_options *options, npk_array **own, npk_error *error)
{
    const npki_format *format = npki_format_of_bytes(bytes, size);
    void *held = NULL;
    npk_array view;
    npk_status status;
    if (load_known(bytes, size, where, dtype, options, own, &status, error))
        return status;
    status = format->open(bytes, size, &options->read, &held, error);
    if (status != NPK_OK)
        return status;
    status = format->find(held, where != NULL ? where : "", &view, error);
    if (status == NPK_OK)
        status = npki_copy_own(&view, dtype, options, own, error);
    format->close(held);
    return status;
}

static const npk_load_options plain;

npk_status npk_array_load_memory(const void *bytes, size_t size, const char *where, const npk_dtype *dtype,
                                 const npk_load_options *options, npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    bytes = npki_given(bytes, size);
    npk_status status = check(bytes, own, o, error);
    return status == NPK_OK ? load(bytes, size, where, dtype, o, own, error) : status;
}

npk_status npk_array_load(const char *path, const char *where, const npk_dtype *dtype, const npk_load_options *options,
                          npk_array **own, npk_error *error)
{
    const npk_load_options *o = options != NULL ? options : &plain;
    npki_input input;
    npk_status status = check(path, own, o, error);
    if (status == NPK_OK && npki_stream_path(path, where, dtype, o, own))
        return NPK_OK;
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
    npki_own *block = (npki_own *)(void *)own;
    npk_allocator allocator = block->allocator;
    npk_dtype_free(own->dtype);
    npki_free(&allocator, block, block->size);
}
