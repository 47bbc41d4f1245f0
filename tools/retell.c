#define _POSIX_C_SOURCE 200809L

#include "retell.h"

#include "base/error.h"
#include "base/file.h"

#include <string.h>
#include <unistd.h>

/* An array without anything that npk_write_array would leave out. */
static bool is_plain(const npk_value *value, npk_array *array)
{
    int ndim;
    const int64_t *shape;
    if (!npk_value_is_array(value) || strcmp(npk_array_class(value), "numpy.ndarray") != 0 ||
        npk_array_of(value, array, NULL) != NPK_OK)
        return false;
    return !npk_dtype_is_struct(array->dtype) && !npk_dtype_has_object(array->dtype) &&
           npk_dtype_subarray(array->dtype, &ndim, &shape) == NULL;
}

static npk_status write_doc(int fd, const npk_doc *doc, const npk_write_options *options, npk_error *error)
{
    npk_array array;
    npk_writer *writer;
    npk_status status = npk_writer_fd(fd, options, &writer, error);
    if (status != NPK_OK)
        return status;
    if (is_plain(npk_doc_root(doc), &array)) /* errors are sticky */
        npk_write_array(writer, &array);
    else
        npk_write_value(writer, npk_doc_root(doc));
    return npk_writer_finish(writer, error);
}

static npk_status write_all(int fd, tool_input *input, const npk_write_options *options, retell_place *place,
                            npk_error *error)
{
    npk_doc *doc;
    npk_status status;
    bool none = true;
    *place = RETELL_READING;
    while ((status = tool_next(input, &doc, error)) == NPK_OK && doc != NULL) {
        none = false;
        status = write_doc(fd, doc, options, error);
        npk_doc_free(doc);
        if (status != NPK_OK) {
            *place = RETELL_WRITING;
            return status;
        }
    }
    if (status == NPK_OK && none)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
    return status;
}

npk_status retell(tool_input *input, const char *path, const npk_write_options *options, retell_place *place,
                  npk_error *error)
{
    npki_output output;
    npk_allocator allocator = npki_allocator(NULL);
    if (strcmp(path, "-") == 0)
        return write_all(STDOUT_FILENO, input, options, place, error);
    *place = RETELL_WRITING;
    npk_status status = npki_output_open(&output, path, &allocator, error);
    if (status != NPK_OK)
        return status;
    status = write_all(output.fd, input, options, place, error);
    if (status == NPK_OK) {
        *place = RETELL_WRITING;
        return npki_output_commit(&output, error);
    }
    npki_output_abandon(&output);
    return status;
}
