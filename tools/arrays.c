#define _POSIX_C_SOURCE 200809L

#include "arrays.h"

#include "option.h"

#include "base/file.h"
#include "array/layout.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

npk_status tool_each_array(const npk_value *root, tool_visit *visit, void *context, npk_error *error)
{
    npk_walk *walk;
    const npk_value *value;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL) {
        npk_array array;
        if (!npk_value_is_array(value))
            continue;
        status = npk_array_of(value, &array, error);
        if (status == NPK_OK)
            status = visit(context, npk_walk_path(walk), value, &array, error);
        if (status != NPK_OK)
            break;
    }
    npk_walk_free(walk);
    return status;
}

char *tool_repr(const npk_dtype *dtype, size_t *size)
{
    size_t needed = npk_dtype_repr(dtype, NULL, 0);
    char *text = malloc(needed + 1);
    if (text != NULL)
        *size = npk_dtype_repr(dtype, text, needed + 1);
    return text;
}

char *tool_descr(const npk_dtype *dtype, bool json, size_t *size)
{
    size_t needed = npk_dtype_descr(dtype, json, NULL, 0);
    char *text = malloc(needed + 1);
    if (text != NULL)
        *size = npk_dtype_descr(dtype, json, text, needed + 1);
    return text;
}

const char *tool_order(const npk_array *array)
{
    if (npki_is_c_contiguous(array))
        return "C";
    return npki_is_f_contiguous(array) ? "F" : "K";
}

void tool_json_shape(npki_json *json, const npk_array *array)
{
    npki_json_begin(json, '[');
    for (int i = 0; i < array->ndim; i++)
        npki_json_int(json, array->shape[i]);
    npki_json_end(json, ']');
}

const char *tool_class(const npk_value *value)
{
    const char *name = value == NULL ? NULL : npk_array_class(value);
    return name == NULL ? "numpy.ndarray" : name;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

int tool_parse_reader(const char *command, const char *producer, npk_read_options *out)
{
    *out = (npk_read_options){.array_producer = NPK_ARRAY_GUESS};
    const char *name;
    for (int i = 0; producer != NULL && (name = npk_array_producer_name((npk_array_producer)i)) != NULL; i++)
        if (strcmp(producer, name) == 0) {
            out->array_producer = (npk_array_producer)i;
            return TOOL_GO_ON;
        }
    return producer == NULL
               ? TOOL_GO_ON
               : tool_usage(command, "--array-producer: expected guess, cpython, cpython32 or jython, found '%s'",
                            producer);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

typedef struct format_row {
    const char *name;
    tool_format format;
} format_row;

/* The names of --to, which are endings of files too. */
static const format_row formats[] = {
    {"npy", TOOL_NPY},
    {"pkl", TOOL_PICKLE},
    {"pickle", TOOL_PICKLE},
    {"p", TOOL_PICKLE},
};

tool_format tool_format_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].format;
    return TOOL_UNKNOWN_FORMAT;
}

tool_format tool_format_of_path(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL ? TOOL_UNKNOWN_FORMAT : tool_format_of_name(dot + 1);
}

int tool_parse_writer(const char *command, const char *protocol, const char *dialect, npk_write_options *out)
{
    npk_error error;
    *out = (npk_write_options){.protocol_given = protocol != NULL};
    if (protocol != NULL && !tool_parse_number(protocol, 0, NPK_PROTOCOL_MAX, &out->protocol))
        return tool_usage(command, "--protocol: expected 0 to %d, found '%s'", NPK_PROTOCOL_MAX, protocol);
    if (dialect != NULL && npk_dialect_parse(dialect, &out->dialect, &error) != NPK_OK)
        return tool_usage(command, "--dialect: %s", error.message);
    return TOOL_GO_ON;
}

/* npk_write_function */
static int write_stdout(void *context, const void *bytes, size_t size)
{
    (void)context;
    return npki_write_all(STDOUT_FILENO, bytes, size);
}

static npk_status pickle_to_stdout(const npk_array *array, const npk_write_options *options, npk_error *error)
{
    npk_writer *writer;
    npk_status status = npk_writer_fd(STDOUT_FILENO, options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_array(writer, array); /* its error is sticky */
    return npk_writer_finish(writer, error);
}

static npk_status pyarray_to_fd(int fd, char typecode, npk_pyarray_form form, const npk_array *array,
                                const npk_write_options *options, npk_error *error)
{
    npk_writer *writer;
    npk_status status = npk_writer_fd(fd, options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_pyarray(writer, typecode, form, array); /* its error is sticky */
    return npk_writer_finish(writer, error);
}

npk_status tool_write_pyarray(const char *path, char typecode, npk_pyarray_form form, const npk_array *array,
                              const npk_write_options *options, npk_error *error)
{
    npki_output output;
    npk_allocator allocator = npki_allocator(NULL);
    if (strcmp(path, "-") == 0)
        return pyarray_to_fd(STDOUT_FILENO, typecode, form, array, options, error);
    npk_status status = npki_output_open(&output, path, &allocator, error);
    if (status != NPK_OK)
        return status;
    status = pyarray_to_fd(output.fd, typecode, form, array, options, error);
    if (status == NPK_OK)
        return npki_output_commit(&output, error);
    npki_output_abandon(&output);
    return status;
}

npk_status tool_write_array(const char *path, tool_format format, const npk_array *array,
                            const npk_write_options *options, npk_error *error)
{
    bool to_stdout = strcmp(path, "-") == 0;
    if (format == TOOL_NPY)
        return to_stdout ? npk_npy_write(write_stdout, NULL, array, NULL, error)
                         : npk_npy_save(path, array, NULL, error);
    return to_stdout ? pickle_to_stdout(array, options, error) : npk_array_save(path, array, options, error);
}
