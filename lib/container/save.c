/* Arrays and documents into files, each of which appears whole or not at all, and into memory. */
#include <npickle/load.h>

#include "base/error.h"
#include "container/format.h"

npk_status npk_array_save(const char *path, const npk_array *array, const npk_write_options *options, npk_error *error)
{
    if (path == NULL || array == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and an array, found NULL");
    const npk_output_options own = {.allocator = options != NULL ? options->allocator : NULL};
    npk_output *output;
    npk_status status = npk_output_open(path, &own, &output, error);
    if (status != NPK_OK)
        return status;
    status = npki_format_of_path(path)->save(npk_sink_output, output, array, options, error);
    if (status == NPK_OK)
        return npk_output_commit(output, error);
    npk_output_abandon(output);
    if (status == NPK_ERR_IO)
        npki_add_path(error, path);
    return status;
}

npk_status npk_array_save_memory(const npk_array *array, const npk_write_options *options, uint8_t **bytes,
                                 size_t *size, npk_error *error)
{
    if (array == NULL || bytes == NULL || size == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected an array and a place for its bytes, found NULL");
    npk_writer *writer;
    npk_status status = npk_writer_memory(options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_array(writer, array); /* errors are sticky */
    return npk_writer_finish_memory(writer, bytes, size, error);
}

/* At the document's protocol, unless the caller has one. */
static npk_write_options options_of(const npk_doc *doc, const npk_write_options *options)
{
    npk_write_options own = options != NULL ? *options : (npk_write_options){.allocator = NULL};
    npk_doc_info info;
    if (!own.protocol_given && own.protocol == 0 && npk_doc_info_of(doc, &info)) {
        own.protocol_given = true;
        own.protocol = info.protocol;
    }
    return own;
}

npk_status npk_doc_save(const char *path, const npk_doc *doc, const npk_write_options *options, npk_error *error)
{
    if (path == NULL || doc == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a document, found NULL");
    const npk_write_options own = options_of(doc, options);
    npk_writer *writer;
    npk_status status = npk_writer_open(path, &own, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_value(writer, npk_doc_root(doc));
    return npk_writer_finish(writer, error);
}

npk_status npk_doc_save_memory(const npk_doc *doc, const npk_write_options *options, uint8_t **bytes, size_t *size,
                               npk_error *error)
{
    if (doc == NULL || bytes == NULL || size == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a document and a place for its bytes, found NULL");
    const npk_write_options own = options_of(doc, options);
    npk_writer *writer;
    npk_status status = npk_writer_memory(&own, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_value(writer, npk_doc_root(doc));
    return npk_writer_finish_memory(writer, bytes, size, error);
}
