/* Arrays and documents into files, each of which appears whole or not at all. */
#include "base/error.h"
#include "base/file.h"
#include "value/value.h"

#include <npickle/writer.h>

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
    if (status == NPK_ERR_IO)
        npki_add_path(error, path);
    return status;
}

npk_status npk_array_save(const char *path, const npk_array *array, const npk_write_options *options, npk_error *error)
{
    if (path == NULL || array == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and an array, found NULL");
    return save(path, array, NULL, options, error);
}

npk_status npk_doc_save(const char *path, const npk_doc *doc, const npk_write_options *options, npk_error *error)
{
    if (path == NULL || doc == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a document, found NULL");
    npk_write_options own = options != NULL ? *options : (npk_write_options){.allocator = NULL};
    npk_doc_info info;
    if (!own.protocol_given && own.protocol == 0 && npk_doc_info_of(doc, &info)) {
        own.protocol_given = true;
        own.protocol = info.protocol;
    }
    return save(path, NULL, npk_doc_root(doc), &own, error);
}
