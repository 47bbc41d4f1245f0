/* npickle set: another array in the place of one inside a pickle; all else stays as it is. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "option.h"
#include "output.h"

#include <string.h>

enum { OPTION_BUFFER, OPTIONS };

static const tool_option set_options[OPTIONS] = {
    [OPTION_BUFFER] = TOOL_OPTION_BUFFER,
};

typedef struct set_run {
    const tool_arguments *arguments;
    const char *command;
    const char *in;
    const char *path;
    const char *array; /* the file with it */
    const char *out;
    const uint8_t *header; /* of a .npy file, whose array of objects the pickle is; or none */
    size_t header_size;
} set_run;

/* npk_buffer_function: what was given stays outside. */
static bool keep_outside(void *context, const npk_buffer *buffer)
{
    const set_run *run = context;
    return tool_keep_buffer(run->arguments, buffer);
}

static int write_doc(const set_run *run, const npk_doc *doc, const npk_write_options *options)
{
    npk_error error;
    npk_writer *writer;
    tool_output output;
    npk_status status = tool_output_open(&output, run->out, &error);
    if (status == NPK_OK) {
        int failed = run->header_size > 0 ? output.write(output.context, run->header, run->header_size) : 0;
        if (failed != 0)
            status = tool_fail_system(&error, failed, "write");
        if (status == NPK_OK)
            status = npk_writer_callback(output.write, output.context, options, &writer, &error);
        if (status == NPK_OK) {
            npk_write_value(writer, npk_doc_root(doc)); /* its error is sticky */
            status = npk_writer_finish(writer, &error);
        }
        status = tool_output_close(&output, status, &error);
    }
    if (status != NPK_OK)
        return tool_report(tool_output_name(run->out), &error);
    tool_note_dropped_buffers(run->arguments, tool_output_name(run->out));
    return TOOL_GOOD;
}

static int set_array(const set_run *run, npk_doc *doc, const npk_array *array, const npk_write_options *options)
{
    npk_error error;
    const npk_value *value;
    if (npk_value_find(npk_doc_root(doc), run->path, &value, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (!npk_value_is_array(value))
        return tool_usage(run->command, "no array at '%s'", run->path);
    if (npk_edit_array(doc, value, array, &error) != NPK_OK)
        return tool_report(run->in, &error);
    return write_doc(run, doc, options);
}

/* In the dialect that gives the bytes that there were. */
static int set_in_doc(const set_run *run, npk_doc *doc, const uint8_t *bytes, const npk_array *array)
{
    npk_error error;
    npk_check_result found;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    if (npk_check_doc(doc, bytes + info.offset, (size_t)info.size, NULL, &found, &error) != NPK_OK)
        return tool_report(run->in, &error);
    const npk_write_options writing = {.protocol_given = true,
                                       .protocol = found.protocol,
                                       .dialect = found.dialect,
                                       .buffer = keep_outside,
                                       .buffer_context = (void *)(uintptr_t)run};
    npk_check_result_free(&found);
    return set_array(run, doc, array, &writing);
}

/* Inside the pickle of an array of objects, behind the header of its file, which stays. */
static int set_in_objects(set_run *run, const tool_item *item, const uint8_t *bytes, size_t size,
                          const npk_array *array)
{
    npk_error error;
    npk_doc *doc = NULL;
    npk_reader *reader;
    run->header = bytes;
    run->header_size = (size_t)item->base;
    if (*run->path == '\0')
        return tool_usage(run->command, "the array itself is all of '%s': see 'npickle convert'", run->in);
    npk_status status = npk_reader_memory(bytes + item->base, size - (size_t)item->base, NULL, &reader, &error);
    if (status != NPK_OK)
        return tool_report(run->in, &error);
    status = npk_reader_next(reader, &doc, &error);
    npk_reader_close(reader);
    int result = status == NPK_OK ? set_in_doc(run, doc, bytes + item->base, array) : tool_report(run->in, &error);
    npk_doc_free(doc);
    return result;
}

/* The only pickle of the input. */
static int set_in_input(set_run *run, tool_input *input, const npk_array *array)
{
    npk_error error;
    tool_item item;
    bool several;
    size_t size;
    const tool_format *format = tool_input_format(input);
    bool objects = !format->any_value && tool_only(input, &item, &several, &error) == NPK_OK && item.doc != NULL;
    if (objects && item.base > 0 && !several) {
        const uint8_t *bytes = tool_input_bytes(input, &size);
        return set_in_objects(run, &item, bytes, size, array);
    }
    if (!format->any_value)
        return tool_usage(run->command, "'%s' is a %s: there is nothing around its array", run->in, format->title);
    if (tool_only(input, &item, &several, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (several)
        return tool_usage(run->command, "there are several pickles in '%s'", run->in);
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    if (tool_check_given_buffers(run->arguments, &error) != NPK_OK)
        return tool_report(run->in, &error);
    return set_in_doc(run, item.own, tool_input_bytes(input, &size) + item.base, array);
}

static int set_in_file(set_run *run, const npk_array *array)
{
    npk_error error;
    tool_input *input;
    npk_read_options reading;
    int result = tool_parse_reader(run->arguments, &reading);
    if (result != TOOL_GO_ON)
        return result;
    if (tool_open_whole(run->in, &reading, &input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    result = set_in_input(run, input, array);
    tool_close(input);
    return result;
}

/* The array of a file that holds one, and no Python objects. */
static int take_array(const set_run *run, tool_input *input, const npk_array **out)
{
    npk_error error;
    tool_item item = {.array = NULL};
    bool several = false;
    if (!tool_input_format(input)->any_value && tool_only(input, &item, &several, &error) != NPK_OK)
        return tool_report(run->array, &error);
    if (item.array == NULL || item.doc != NULL || several)
        return tool_usage(run->command, "expected a .npy file of numbers or text, found '%s'", run->array);
    *out = item.array;
    return TOOL_GO_ON;
}

static int set(const tool_arguments *arguments)
{
    const char *const *given = (const char *const *)arguments->operands;
    set_run run = {.arguments = arguments,
                   .command = arguments->command,
                   .in = given[0],
                   .path = given[1],
                   .array = given[2],
                   .out = given[3]};
    npk_error error;
    tool_input *input;
    const npk_array *array = NULL;
    if (strcmp(run.in, "-") == 0 && strcmp(run.array, "-") == 0)
        return tool_usage(run.command, "standard input can be only one of the two");
    if (tool_open(run.array, NULL, &input, &error) != NPK_OK)
        return tool_report(run.array, &error);
    int result = take_array(&run, input, &array);
    if (result == TOOL_GO_ON)
        result = set_in_file(&run, array);
    tool_close(input);
    return result;
}

const tool_command tool_set = {
    .name = "set",
    .operands = "FILE PATH ARRAY.npy OUT",
    .summary = "Put another array in the place of one inside a pickle",
    .options = set_options,
    .option_count = OPTIONS,
    .least = 4,
    .most = 4,
    .run = set,
};
