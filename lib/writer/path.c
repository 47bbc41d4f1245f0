/* Writers to a path: a new file in the place of an old one, or more at the end of it. */
#include "writer/core/core.h"

#include "base/error.h"
#include "base/file.h"

#include <string.h>

static npk_status close_output(void *sink, npki_sink_has has, npk_error *error)
{
    npk_output *output = sink;
    if (has == NPKI_SINK_HAS_ALL)
        return npk_output_commit(output, error);
    if (error != NULL && error->status == NPK_ERR_IO)
        npki_add_path(error, npki_output_path(output));
    npk_output_abandon(output);
    return NPK_OK;
}

npk_status npk_writer_open(const char *path, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the writer, found NULL");
    const npk_output_options own = {.allocator = options != NULL ? options->allocator : NULL};
    npk_output *output;
    npk_status status = npk_output_open(path, &own, &output, error);
    if (status != NPK_OK)
        return status;
    status = npk_writer_callback(npk_sink_output, output, options, out, error);
    if (status != NPK_OK) {
        npk_output_abandon(output);
        return status;
    }
    (*out)->close = close_output;
    return NPK_OK;
}

/* --- at the end of a file --- */

typedef struct append_sink {
    npki_append file;
    npk_allocator allocator;
    size_t size; /* bytes of this struct, its path included */
    char path[];
} append_sink;

static int write_append(void *context, const void *bytes, size_t size)
{
    append_sink *sink = context;
    return npki_write_all(sink->file.fd, bytes, size);
}

static npk_status close_append(void *context, npki_sink_has has, npk_error *error)
{
    append_sink *sink = context;
    npk_allocator allocator = sink->allocator;
    npk_status status = npki_append_close(&sink->file, has == NPKI_SINK_HAS_ALL, error);
    if (error != NULL && (status != NPK_OK || (has == NPKI_SINK_HAS_PART && error->status == NPK_ERR_IO)))
        npki_add_path(error, sink->path);
    npki_free(&allocator, sink, sink->size);
    return status;
}

npk_status npk_writer_append(const char *path, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the writer, found NULL");
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    size_t length = strlen(path) + 1, size = sizeof(append_sink) + length;
    append_sink *sink = npki_allocate(&allocator, size);
    if (sink == NULL)
        return npki_no_memory(error);
    sink->allocator = allocator;
    sink->size = size;
    memcpy(sink->path, path, length);
    npk_writer *writer;
    npk_status status = npk_writer_callback(write_append, sink, options, &writer, error);
    if (status != NPK_OK) {
        npki_free(&allocator, sink, size);
        return status;
    }
    status = npki_append_open(&sink->file, path, error);
    if (status != NPK_OK) {
        npk_writer_abandon(writer);
        npki_free(&allocator, sink, size);
        return status;
    }
    writer->close = close_append;
    writer->base = (uint64_t)sink->file.start;
    *out = writer;
    return NPK_OK;
}
