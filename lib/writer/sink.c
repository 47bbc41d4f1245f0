/* A writer's life: options, sink, end. */
#include "writer/writer.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "writer/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

npk_status npki_writer_new(const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                           const npk_write_options *o, npk_writer **out, npk_error *error)
{
    npk_allocator allocator = npki_allocator(o->allocator);
    npk_writer *w = npki_allocate(&allocator, sizeof *w);
    if (w == NULL)
        return npki_no_memory(error);
    memset(w, 0, sizeof *w);
    w->allocator = allocator;
    w->limits = npki_limits(&o->limits);
    w->protocol = protocol;
    w->python = python;
    w->numpy = numpy;
    w->protocol_names = protocol < 3 ? NPKI_WRITES_BELOW3 : NPKI_WRITES_FROM3;
    w->buffer = o->buffer;
    w->memo_policy = o->memo;
    w->buffer_context = o->buffer_context;
    w->last = NPK_UNKNOWN;
    w->keep_padding = o->keep_padding;
    w->unnumbered = UINT64_MAX;
    w->next_memo = python->from1;
    w->puts = npki_puts_of(w);
    w->translate_names = o->translate_names;
    w->python2_str = o->python2_str;
    npki_dynbuf_init(&w->out, &allocator, SIZE_MAX / 2);
    npki_map_init(&w->memo, &allocator);
    npki_emit_init(w);
    if (protocol >= npki_opcodes[NPKI_ROW_PROTO].protocol)
        npki_op_number(w, NPKI_ROW_PROTO, (uint64_t)protocol);
    w->framing = protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol;
    *out = w;
    return NPK_OK;
}

static npk_status new_writer(npk_write_function *write, void *context, const npk_write_options *options,
                             npk_writer **out, npk_error *error)
{
    static const npk_write_options plain;
    const npk_write_options *o = options != NULL ? options : &plain;
    int protocol = o->protocol_given || o->protocol != 0 ? o->protocol : 2;
    npk_status status = npki_write_options_check(options, error);
    if (status != NPK_OK)
        return status;
    if (npki_dialect_check(o->dialect, error) != NPK_OK)
        return NPK_ERR_USAGE;
    const npki_python_row *python = npki_python_of(o->dialect);
    if (protocol < 0 || protocol > python->highest_protocol)
        return npki_fail(error, NPK_ERR_USAGE, "protocol %d; this Python has 0 to %d", protocol,
                         python->highest_protocol);
    status = npki_writer_new(python, npki_numpy_of(o->dialect), protocol, o, out, error);
    if (status == NPK_OK) {
        (*out)->write = write;
        (*out)->context = context;
    }
    return status;
}

void npk_writer_abandon(npk_writer *w)
{
    if (w == NULL)
        return;
    npk_allocator allocator = w->allocator;
    npki_dynbuf_free(&w->out);
    npki_map_free(&w->memo);
    npki_free(&allocator, w->levels, w->room * sizeof *w->levels);
    npki_free_parts(w, w->parts);
    npki_values_free(w);
    npki_free(&allocator, w, sizeof *w);
}

npk_status npki_writer_end(npk_writer *w, npk_error *error)
{
    if (w->error.status == NPK_OK && (w->depth > 0 || w->roots == 0 || w->parts != NULL))
        npki_writer_fail(w, NPK_ERR_USAGE, w->depth > 0 ? "%zu containers are still open" : "nothing was written",
                         w->depth);
    if (w->error.status == NPK_OK) {
        npki_op(w, NPKI_ROW_STOP);
        npki_flush(w, true);
    }
    if (w->error.status != NPK_OK && error != NULL)
        *error = w->error;
    return w->error.status;
}

npk_status npk_writer_finish(npk_writer *w, npk_error *error)
{
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && w->values != NULL)
        status = npki_fail(error, NPK_ERR_USAGE,
                           "what this writer was given is for a document: npk_writer_finish_doc, npk_edit_finish");
    npk_writer_abandon(w);
    return status;
}

npk_status npk_writer_finish_memory(npk_writer *w, uint8_t **bytes, size_t *size, npk_error *error)
{
    npk_status status = npki_writer_end(w, error);
    if (status == NPK_OK && (w->write != NULL || w->values != NULL))
        status = npki_fail(error, NPK_ERR_USAGE, "the bytes of this writer are not in memory");
    if (status == NPK_OK) {
        uint8_t *exact = npki_resize(&w->allocator, w->out.bytes, w->out.room, w->out.size);
        if (exact == NULL) {
            status = npki_no_memory(error);
        } else {
            *bytes = exact;
            *size = w->out.size;
            w->out.bytes = NULL;
            w->out.room = 0;
        }
    }
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
    return w->error.status;
}

/* --- the sinks --- */

npk_status npk_writer_memory(const npk_write_options *options, npk_writer **out, npk_error *error)
{
    return new_writer(NULL, NULL, options, out, error);
}

npk_status npk_writer_callback(npk_write_function *write, void *context, const npk_write_options *options,
                               npk_writer **out, npk_error *error)
{
    if (write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "a writer to no function");
    return new_writer(write, context, options, out, error);
}

npk_status npk_writer_file(FILE *file, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    if (file == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "a writer to no file");
    return new_writer(npk_sink_file, file, options, out, error);
}

npk_status npk_writer_fd(int fd, const npk_write_options *options, npk_writer **out, npk_error *error)
{
    npk_status status = new_writer(npk_sink_fd, NULL, options, out, error);
    if (status == NPK_OK) {
        (*out)->fd = fd;
        (*out)->context = &(*out)->fd;
    }
    return status;
}

/* What a file is to hold: an array, or all of a document. */
static npk_status save(const char *path, const npk_array *array, const npk_value *root,
                       const npk_write_options *options, npk_error *error)
{
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    npki_output output;
    npk_writer *w = NULL;
    npk_status status = npki_output_open(&output, path, &allocator, error);
    if (status != NPK_OK)
        return status;
    status = npk_writer_fd(output.fd, options, &w, error);
    if (status == NPK_OK) {
        if (root != NULL)
            npk_write_value(w, root);
        else
            npk_write_array(w, array);
        status = npk_writer_finish(w, error);
    }
    if (status == NPK_OK)
        return npki_output_commit(&output, error);
    npki_output_abandon(&output);
    return status;
}

npk_status npk_array_save(const char *path, const npk_array *array, const npk_write_options *options, npk_error *error)
{
    return save(path, array, NULL, options, error);
}

npk_status npk_doc_save(const char *path, const npk_doc *doc, const npk_write_options *options, npk_error *error)
{
    npk_write_options own = options != NULL ? *options : (npk_write_options){.allocator = NULL};
    npk_doc_info info;
    if (!own.protocol_given && own.protocol == 0 && npk_doc_info_of(doc, &info)) {
        own.protocol_given = true;
        own.protocol = info.protocol;
    }
    return save(path, NULL, npk_doc_root(doc), &own, error);
}
