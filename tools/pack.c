/* npickle pack: raw bytes to the pickle of an array. */
#define _POSIX_C_SOURCE 200809L

#include "arrays.h"
#include "option.h"

#include "base/error.h"
#include "base/file.h"
#include "text/number.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_DTYPE,
    OPTION_SHAPE,
    OPTION_ORDER,
    OPTION_TO,
    OPTION_PROTOCOL,
    OPTION_DIALECT,
    OPTION_TYPECODE,
    OPTION_FORM,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_DTYPE] = {"dtype", 't', "DTYPE",
                      "NumPy's name of the elements: '<f4', 'M8[ns]', 'i4,f8', \"[('x', 'f4')]\""},
    [OPTION_SHAPE] = {"shape", 's', "N,N...", "lengths, the slowest first; '' for a single element"},
    [OPTION_ORDER] = {"order", 'o', "C|F", "how they lie: C (the last index runs fastest) or F"},
    [OPTION_TO] = {"to", 0, "FORMAT", "npy or pkl; else the ending of OUT tells, else pkl"},
    [OPTION_PROTOCOL] = {"protocol", 'p', "N", "of the pickle, 0 to 5; else 2"},
    [OPTION_DIALECT] = {"dialect", 0, "NAME", "of the pickle: default, numpy2, python2 ..."},
    [OPTION_TYPECODE] = {"typecode", 0, "LETTER", "as array.array of this typecode, not as NumPy's array"},
    [OPTION_FORM] = {"array-form", 0, "FORM", "of the array.array: list, machine, raw or jython; else the dialect's"},
};

#define MAP_FROM (1u << 20)

typedef struct pack_run {
    const char *command;
    const char *raw;
    const char *out;
    tool_format format;
    npk_write_options options;
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
        if (ndim == NPK_MAXDIMS || text == stop || *text < '0' || *text > '9')
            return false;
        if (!npki_parse_int64((const uint8_t *)text, (size_t)(stop - text), &run->shape[ndim++]))
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

static int write_raw(pack_run *run, const uint8_t *bytes, size_t size, bool more)
{
    npk_error error;
    int64_t wanted = npk_array_nbytes(&run->array);
    if (more || (uint64_t)wanted != size)
        return tool_usage(run->command, "expected %" PRId64 " bytes for this dtype and shape, found %s%zu", wanted,
                          more ? "more than " : "", more ? size - 1 : size);
    run->array.data = bytes;
    npk_status status =
        run->typecode == 0 ? tool_write_array(run->out, run->format, &run->array, &run->options, &error)
                           : tool_write_pyarray(run->out, run->typecode, run->form, &run->array, &run->options, &error);
    if (status == NPK_OK)
        return TOOL_GOOD;
    return tool_report(strcmp(run->out, "-") == 0 ? "standard output" : run->out, &error);
}

static int pack_stream(pack_run *run)
{
    npk_error error;
    uint8_t *bytes;
    size_t size, wanted = (size_t)npk_array_nbytes(&run->array);
    if (tool_read_all(STDIN_FILENO, wanted, &bytes, &size, &error) != NPK_OK)
        return tool_report("-", &error);
    int result = write_raw(run, bytes, size, size > wanted);
    free(bytes);
    return result;
}

static int pack_file(pack_run *run)
{
    npk_error error;
    npki_input input;
    npk_allocator allocator = npki_allocator(NULL);
    if (npki_input_open(&input, run->raw, &allocator, MAP_FROM, &error) != NPK_OK)
        return tool_report(run->raw, &error);
    int result = write_raw(run, input.bytes, input.size, false);
    npki_input_close(&input);
    return result;
}

static int pack(pack_run *run)
{
    if (!join_shapes(run))
        return tool_usage(run->command, "an array of more than %d dimensions", NPK_MAXDIMS);
    if (npk_dtype_has_object(run->array.dtype))
        return tool_usage(run->command, "Python objects can't be made from bytes");
    if (npk_array_nbytes(&run->array) < 0)
        return tool_usage(run->command, "an array of this shape has too many bytes");
    return strcmp(run->raw, "-") == 0 ? pack_stream(run) : pack_file(run);
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
    if (run->format != TOOL_PICKLE)
        return tool_usage(run->command, "a .npy file holds no array.array");
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
    const char *order = arguments->values[OPTION_ORDER], *to = arguments->values[OPTION_TO];
    if (arguments->values[OPTION_DTYPE] == NULL || arguments->values[OPTION_SHAPE] == NULL)
        return tool_usage(run->command, "--dtype and --shape are both needed");
    if (order != NULL && strcmp(order, "C") != 0 && strcmp(order, "F") != 0)
        return tool_usage(run->command, "--order: expected C or F, found '%s'", order);
    run->array.order = order == NULL ? 'C' : *order;
    if (!parse_shape(run, arguments->values[OPTION_SHAPE]))
        return tool_usage(run->command, "--shape: expected lengths as in 480,640, found '%s'",
                          arguments->values[OPTION_SHAPE]);
    run->format = to == NULL ? tool_format_of_path(run->out) : tool_format_of_name(to);
    if (run->format == TOOL_UNKNOWN_FORMAT && to != NULL)
        return tool_usage(run->command, "--to: expected npy or pkl, found '%s'", to);
    if (run->format == TOOL_UNKNOWN_FORMAT)
        run->format = TOOL_PICKLE;
    int result = parse_pyarray(run, arguments->values[OPTION_TYPECODE], arguments->values[OPTION_FORM]);
    if (result != TOOL_GO_ON)
        return result;
    return tool_parse_writer(run->command, arguments->values[OPTION_PROTOCOL], arguments->values[OPTION_DIALECT],
                             &run->options);
}

int tool_pack(int argc, char **argv)
{
    tool_arguments arguments;
    npk_error error;
    int result = tool_parse_options(options, OPTIONS, argc, argv, 2, 2, &arguments);
    if (result != TOOL_GO_ON)
        return result;
    pack_run run = {.command = argv[0], .raw = arguments.operands[0], .out = arguments.operands[1]};
    result = check_options(&run, &arguments);
    if (result != TOOL_GO_ON)
        return result;
    const npk_dtype *dtype;
    if (npk_dtype_parse(arguments.values[OPTION_DTYPE], NULL, &dtype, &error) != NPK_OK) {
        error.status =
            error.status == NPK_ERR_MEMORY ? NPK_ERR_MEMORY : NPK_ERR_USAGE; /* a wrong option, no malformed input */
        return tool_report("--dtype", &error);
    }
    run.array.dtype = dtype;
    result = pack(&run);
    npk_dtype_free(dtype);
    return result;
}
