/* npickle pack: raw bytes to the pickle of an array. */
#include "common.h"
#include "input.h"
#include "option.h"
#include "output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_DTYPE,
    OPTION_SHAPE,
    OPTION_ORDER,
    OPTION_TO,
    OPTION_TYPECODE,
    OPTION_FORM,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_DTYPE] = {"dtype", 't', "DTYPE",
                      "NumPy's name of the elements: '<f4', 'M8[ns]', 'i4,f8', \"[('x', 'f4')]\""},
    [OPTION_SHAPE] = {"shape", 's', "N,N...", "lengths, the slowest first; '' for a single element"},
    [OPTION_ORDER] = {"order", 'o', "C|F", "how they lie: C (the last index runs fastest) or F"},
    [OPTION_TO] = TOOL_OPTION_TO(0, ", else pkl"),
    [OPTION_TYPECODE] = {"typecode", 0, "LETTER", "as array.array of this typecode, not as NumPy's array"},
    [OPTION_FORM] = {"array-form", 0, "FORM", "of the array.array: list, machine, raw or jython; else the dialect's"},
};

typedef struct pack_run {
    const char *command;
    const char *raw;
    const char *out;
    const tool_format *format;
    npk_write_options options;
    tool_left_out left;
    int64_t shape[NPK_MAXDIMS];
    npk_array array;
    char typecode; /* 0: none was given */
    npk_pyarray_form form;
} pack_run;

/* "480,640", "(480, 640)", "3,", "" or "()". */
static bool parse_shape(pack_run *run, const char *text)
{
    size_t size = strlen(text);
    if (size >= 2 && text[0] == '(' && text[size - 1] == ')') {
        text++;
        size -= 2;
    }
    const char *end = text + size;
    int ndim = 0;
    while (text < end) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma == NULL ? end : comma;
        while (text < stop && *text == ' ')
            text++;
        if (ndim == NPK_MAXDIMS || !tool_parse_digits(text, (size_t)(stop - text), INT64_MAX, &run->shape[ndim++]))
            return false;
        text = comma == NULL ? end : comma + 1;
    }
    run->array.ndim = ndim;
    run->array.shape = run->shape;
    return true;
}

/* An array of subarrays is an array of more dimensions, as in NumPy. False: too many of them. */
static bool join_shapes(pack_run *run)
{
    int ndim;
    const int64_t *shape;
    const npk_dtype *base;
    while ((base = npk_dtype_subarray(run->array.dtype, &ndim, &shape)) != NULL) {
        if (ndim > NPK_MAXDIMS - run->array.ndim)
            return false;
        memcpy(run->shape + run->array.ndim, shape, (size_t)ndim * sizeof *shape);
        run->array.ndim += ndim;
        run->array.dtype = base;
    }
    return true;
}

/* As the pickle of an array.array. */
static npk_status write_pyarray(const pack_run *run, npk_error *error)
{
    tool_output output;
    npk_writer *writer;
    npk_status status = tool_output_open(&output, run->out, error);
    if (status != NPK_OK)
        return status;
    status = npk_writer_callback(output.write, output.context, &run->options, &writer, error);
    if (status == NPK_OK) {
        npk_write_pyarray(writer, run->typecode, run->form, &run->array); /* its error is sticky */
        status = npk_writer_finish(writer, error);
    }
    return tool_output_close(&output, status, error);
}

/* `size` is one more than wanted where there are more bytes than that. */
static int write_raw(pack_run *run, const void *bytes, size_t size, bool more)
{
    npk_error error;
    int64_t wanted = npk_array_nbytes(&run->array);
    if (more || (uint64_t)wanted != size)
        return tool_usage(run->command, "expected %" PRId64 " byte%s for this dtype and shape, found %s%zu", wanted,
                          TOOL_S(wanted), more ? "more than " : "", more ? size - 1 : size);
    run->array.data = bytes;
    npk_status status = run->typecode != 0
                            ? write_pyarray(run, &error)
                            : tool_write_array(run->out, run->format, &run->array, &run->options, &run->left, &error);
    if (status == NPK_OK)
        tool_note_left_out(tool_output_name(run->out), &run->left);
    return status == NPK_OK ? TOOL_GOOD : tool_report(tool_output_name(run->out), &error);
}

static int pack_stream(pack_run *run)
{
    npk_error error;
    uint8_t *bytes;
    size_t size, wanted = (size_t)npk_array_nbytes(&run->array);
    int fd;
    npk_status status = tool_open_stream(run->raw, &fd, &error);
    if (status == NPK_OK)
        status = tool_read_stream(fd, wanted, &bytes, &size, &error);
    tool_close_stream(fd);
    if (status != NPK_OK)
        return tool_report(run->raw, &error);
    int result = write_raw(run, bytes, size, size > wanted);
    free(bytes);
    return result;
}

static int pack_file(pack_run *run)
{
    npk_error error;
    npk_file *file;
    size_t size;
    if (npk_file_open(run->raw, NPK_INPUT_AUTO, NULL, &file, &error) != NPK_OK)
        return tool_report(run->raw, &error);
    const void *bytes = npk_file_bytes(file, &size);
    int result = write_raw(run, bytes, size, false);
    npk_file_close(file);
    return result;
}

static int pack_array(pack_run *run)
{
    if (!join_shapes(run))
        return tool_usage(run->command, "an array of more than %d dimensions", NPK_MAXDIMS);
    if (npk_dtype_has_object(run->array.dtype))
        return tool_usage(run->command, "Python objects can't be made from bytes");
    if (npk_array_nbytes(&run->array) < 0)
        return tool_usage(run->command, "an array of this shape has too many bytes");
    return tool_is_stream(run->raw) ? pack_stream(run) : pack_file(run);
}

/* --typecode and --array-form. */
static int parse_pyarray(pack_run *run, const char *typecode, const char *form)
{
    const char *name;
    if (form != NULL && typecode == NULL)
        return tool_usage(run->command, "--array-form goes with --typecode");
    if (typecode == NULL)
        return TOOL_GO_ON;
    if (strlen(typecode) != 1)
        return tool_usage(run->command, "--typecode: expected one letter, found '%s'", typecode);
    if (!run->format->any_value)
        return tool_usage(run->command, "a %s holds no array.array", run->format->title);
    run->typecode = *typecode;
    for (int i = 0; form != NULL && (name = npk_pyarray_form_name((npk_pyarray_form)i)) != NULL; i++)
        if (strcmp(form, name) == 0) {
            run->form = (npk_pyarray_form)i;
            return TOOL_GO_ON;
        }
    return form == NULL
               ? TOOL_GO_ON
               : tool_usage(run->command, "--array-form: expected list, machine, raw or jython, found '%s'", form);
}

static int check_options(pack_run *run, const tool_arguments *arguments)
{
    const char *const *values = arguments->values;
    const char *order = values[OPTION_ORDER], *shape = values[OPTION_SHAPE];
    if (values[OPTION_DTYPE] == NULL || shape == NULL)
        return tool_usage(run->command, "--dtype and --shape are both needed");
    if (order != NULL && strcmp(order, "C") != 0 && strcmp(order, "F") != 0)
        return tool_usage(run->command, "--order: expected C or F, found '%s'", order);
    run->array.order = order == NULL ? 'C' : *order;
    if (!parse_shape(run, shape))
        return tool_usage(run->command, "--shape: expected lengths as in 480,640, found '%s'", shape);
    int result = tool_parse_format(run->command, values[OPTION_TO], run->out, &run->format);
    if (run->format == NULL)
        run->format = tool_format_of_bytes("", 0); /* a pickle */
    if (result == TOOL_GO_ON)
        result = parse_pyarray(run, values[OPTION_TYPECODE], values[OPTION_FORM]);
    if (result == TOOL_GO_ON)
        result = tool_parse_writer(arguments, &run->options);
    return result;
}

static int pack(const tool_arguments *arguments)
{
    npk_error error;
    pack_run run = {.command = arguments->command, .raw = arguments->operands[0], .out = arguments->operands[1]};
    int result = check_options(&run, arguments);
    if (result != TOOL_GO_ON)
        return result;
    const npk_dtype *dtype;
    if (npk_dtype_parse(arguments->values[OPTION_DTYPE], NULL, &dtype, &error) != NPK_OK) {
        if (error.status != NPK_ERR_MEMORY) /* a wrong option, not malformed input */
            error.status = NPK_ERR_USAGE;
        return tool_report("--dtype", &error);
    }
    run.array.dtype = dtype;
    result = pack_array(&run);
    npk_dtype_free(dtype);
    return result;
}

const tool_command tool_pack = {
    .name = "pack",
    .operands = "--dtype=DTYPE --shape=N,N... RAW OUT",
    .summary = "Write raw bytes as the pickle of an array",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_TAKES_PROTOCOL | TOOL_TAKES_DIALECT,
    .least = 2,
    .most = 2,
    .run = pack,
};
