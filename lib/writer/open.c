/* The writers of bytes: to memory, to a file, to a function; and how they end. */
#include "writer/open.h"

#include "writer/core/core.h"

#include "base/bytes.h"
#include "base/error.h"
#include "writer/options.h"
#include "writer/python/dialect.h"

static const npki_writer_hooks hooks = {.write_value = npk_write_value};

#include <errno.h>

/* What a writer is made with, looked at. */
typedef struct making {
    const npk_write_options *options;
    int protocol;
    const npki_python_row *python;
    const npki_numpy_row *numpy;
} making;

static npk_status check_making(const npk_write_options *options, making *out, npk_error *error)
{
    static const npk_write_options plain;
    const npk_write_options *o = options != NULL ? options : &plain;
    *out = (making){.options = o, .protocol = o->protocol_given || o->protocol != 0 ? o->protocol : 2};
    npk_status status = npki_write_options_check(options, error);
    if (status != NPK_OK)
        return status;
    if (npki_dialect_rows(o->dialect, &out->python, &out->numpy, error) != NPK_OK)
        return NPK_ERR_USAGE;
    if (out->protocol < 0 || out->protocol > npki_highest_protocol(out->python))
        return npki_fail(error, NPK_ERR_USAGE, "protocol %d; this Python has 0 to %d", out->protocol,
                         npki_highest_protocol(out->python));
    return NPK_OK;
}

static npk_status new_writer(npk_write_function *write, void *context, const npk_write_options *options,
                             npk_writer **out, npk_error *error)
{
    making with;
    npk_status status = check_making(options, &with, error);
    if (status == NPK_OK)
        status = npki_writer_new(with.python, with.numpy, with.protocol, with.options, &hooks, out, error);
    if (status == NPK_OK) {
        (*out)->target = npki_target_of(with.options->dialect);
        (*out)->write = write;
        (*out)->context = context;
    }
    return status;
}

npk_status npki_writer_memory_again(npk_writer **writer, const npk_write_options *options, npk_error *error)
{
    making with;
    if (*writer == NULL)
        return new_writer(NULL, NULL, options, writer, error);
    npk_status status = check_making(options, &with, error);
    if (status != NPK_OK)
        return status;
    npki_writer_renew(*writer, with.python, with.numpy, with.protocol, with.options);
    (*writer)->target = npki_target_of(with.options->dialect);
    return NPK_OK;
}

npk_status npk_writer_memory(const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the writer, found NULL");
    npk_writer *writer;
    npk_status status = new_writer(NULL, NULL, options, &writer, error);
    if (status != NPK_OK)
        return status;
    size_t hint = options != NULL ? options->size_hint : 0, room;
    /* A frame that is open has its header in any case, and each piece asks for one more. */
    if (hint > 0 && (!npki_add_size(hint, 2 * NPKI_FRAME_HEADER, &room) || !npki_dynbuf_reserve(&writer->out, room))) {
        npk_writer_abandon(writer);
        return npki_no_memory(error);
    }
    *out = writer;
    return NPK_OK;
}

npk_status npk_writer_callback(npk_write_function *write, void *context, const npk_write_options *options,
                               npk_writer **out, npk_error *error)
{
    if (write == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE,
                         "expected a function to write with and a place for the writer, found NULL");
    return new_writer(write, context, options, out, error);
}

/* The bytes that are still in its buffer. */
static npk_status close_file(void *context, npki_sink_has has, npk_error *error)
{
    const int errno_before = errno;
    npk_status status = NPK_OK;
    errno = 0;
    if (has == NPKI_SINK_HAS_ALL && fflush(context) != 0)
        status = npki_fail_system(error, errno != 0 ? errno : EIO, "write");
    errno = errno_before;
    return status;
}

npk_status npk_writer_file(FILE *file, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (file == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a file and a place for the writer, found NULL");
    npk_status status = new_writer(npk_sink_file, file, options, out, error);
    if (status == NPK_OK)
        (*out)->close = close_file;
    return status;
}

npk_status npk_writer_fd(int fd, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a place for the writer, found NULL");
    npk_status status = new_writer(npk_sink_fd, NULL, options, out, error);
    if (status == NPK_OK) {
        (*out)->fd = fd;
        (*out)->context = &(*out)->fd;
    }
    return status;
}

/* --- the end --- */

npk_status npk_writer_next(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (w->hooks != &hooks)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected the writer of a stream, found one of a document");
    npki_writer_more(w);
    return w->error.status;
}

npk_status npk_writer_begins_at(npk_writer *w, uint64_t offset)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    w->base = offset;
    return NPK_OK;
}

npk_status npk_writer_finish(npk_writer *w, npk_error *error)
{
    if (w == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a writer, found NULL");
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && w->hooks != &hooks)
        status = npki_fail(error, NPK_ERR_USAGE,
                           "what this writer was given is for a document: npk_writer_finish_doc, npk_edit_finish");
    if (w->close != NULL) {
        npk_status closed = w->close(w->context, status == NPK_OK ? NPKI_SINK_HAS_ALL : NPKI_SINK_HAS_PART, error);
        w->close = NULL;
        status = status == NPK_OK ? closed : status;
    }
    npk_writer_abandon(w);
    return status;
}

/* The bytes of one that has ended and has them in memory: the caller's, who frees them with its allocator. Errors:
 * NPK_ERR_MEMORY. */
static npk_status take(npk_writer *w, uint8_t **bytes, size_t *size, npk_error *error)
{
    uint8_t *exact = npki_resize(&w->allocator, w->out.bytes, w->out.room, w->out.size);
    if (exact == NULL)
        return npki_no_memory(error);
    *bytes = exact;
    *size = w->out.size;
    w->out.bytes = NULL;
    w->out.room = 0;
    return NPK_OK;
}

npk_status npk_writer_finish_memory(npk_writer *w, uint8_t **bytes, size_t *size, npk_error *error)
{
    if (w != NULL && (bytes == NULL || size == NULL)) {
        npk_writer_abandon(w);
        w = NULL;
    }
    if (w == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a writer and a place for its bytes, found NULL");
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && (w->write != NULL || w->hooks != &hooks))
        status = npki_fail(error, NPK_ERR_USAGE, "the bytes of this writer are not in memory");
    if (status == NPK_OK)
        status = take(w, bytes, size, error);
    npk_writer_abandon(w);
    return status;
}

void npk_bytes_free(const npk_allocator *allocator, uint8_t *bytes, size_t size)
{
    npk_allocator given = npki_allocator(allocator);
    npki_free(&given, bytes, size);
}

npk_status npk_writer_status(const npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return w->error.status;
}
