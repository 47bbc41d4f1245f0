/* npickle convert: a pickle to .npy, .npy to a pickle, either to TIFF, a pickle to another protocol or dialect, or one
 * array of it alone. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "mask.h"
#include "option.h"
#include "output.h"
#include "plain.h"
#include "python2.h"
#include "rename.h"

#include <inttypes.h>
#include <string.h>

enum {
    OPTION_TO,
    OPTION_ARRAY,
    OPTION_STR,
    OPTION_RENAME,
    OPTION_FORCE,
    OPTION_MASK,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_TO] = TOOL_OPTION_TO('t', ""),
    [OPTION_ARRAY] = {"array", 'a', "PATH", "the array to convert, if there is more"},
    [OPTION_STR] = TOOL_OPTION_PY2_STR,
    [OPTION_RENAME] = TOOL_OPTION_RENAME,
    [OPTION_FORCE] = {"force", 'f', NULL, "write also what the dialect's Python or NumPy can't load"},
    [OPTION_MASK] = {"mask", 0, "FILE.npy", "where the mask of a masked array goes"},
};

#define LISTED 20 /* paths, where a choice is missing */

typedef struct convert_run {
    const char *command;
    const char *in;
    const char *out;
    const char *path; /* --array */
    const char *mask; /* --mask */
    const tool_format *format;
    npk_write_options options;
    npk_read_options reading;
    tool_opening opening;
    const tool_arguments *arguments;
    tool_buffers_out *buffers_out; /* --buffers-out; or NULL */
    tool_python2 python2;
    tool_left_out left;
} convert_run;

/* --- the output --- */

/* Whether what stands outside of it is whole, and all that was given for the input was wanted. */
static npk_status check_rest(const convert_run *run, const tool_input *input, npk_status status, npk_error *error)
{
    if (status == NPK_OK && run->buffers_out != NULL && run->buffers_out->error.status != NPK_OK) {
        *error = run->buffers_out->error;
        status = error->status;
    }
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    if (status == NPK_OK)
        status = tool_check_python2(&run->python2, error);
    return status == NPK_OK ? tool_check_given_buffers(run->arguments, error) : status;
}

/* If so, the file appears. `error` says why it does not. */
static npk_status close_output(const convert_run *run, tool_output *output, const tool_input *input, npk_status status,
                               npk_error *error)
{
    status = check_rest(run, input, status, error);
    return tool_output_close(output, status, error);
}

/* Why nothing was written; what a str of Python 2 becomes is for the user to say. */
static int report_unwritten(const convert_run *run, const npk_error *error)
{
    if (error->status == NPK_ERR_CAST)
        return tool_usage(
            run->command,
            "%s: %s: say with --py2-str=text, utf8 or bytes what it becomes, or write with --dialect=python2", run->in,
            error->message);
    return tool_report_written(run->in, run->out, error);
}

/* --- which array --- */

typedef enum walk_output { QUIETLY, PRINT_PATHS } walk_output;

/* An array, and the value that it is. */
typedef struct chosen_array {
    npk_array array;
    const npk_value *value;
} chosen_array;

/* Counts the arrays of a graph; *first is the first one. */
static npk_status count_arrays(const npk_value *root, walk_output printing, uint64_t *count, chosen_array *first,
                               npk_error *error)
{
    npk_walk *walk;
    npk_array array;
    const npk_value *value;
    *count = 0;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next_array(walk, &value, &array, error)) == NPK_OK && value != NULL) {
        if ((*count)++ == 0)
            *first = (chosen_array){array, value};
        if (printing == PRINT_PATHS && *count <= LISTED) {
            fputs("  ", stderr);
            tool_print_string(stderr, tool_shown_path(npk_walk_path(walk)));
            fputc('\n', stderr);
        }
    }
    npk_walk_free(walk);
    return status;
}

/* The only array of a graph, for a file that can't have the rest; what could is not left out unasked. */
static int find_only(const convert_run *run, const npk_value *root, chosen_array *out)
{
    npk_error error;
    uint64_t count;
    if (count_arrays(root, QUIETLY, &count, out, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (count == 1 && !run->format->any_value)
        return TOOL_GO_ON;
    if (count == 0)
        return tool_usage(run->command, "no array in it");
    tool_usage(run->command, count == 1 ? "there is more than an array in it: choose that with --array"
                                        : "there are several arrays in it: choose one with --array");
    if (count_arrays(root, PRINT_PATHS, &count, out, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (count > LISTED)
        fputs("  ...\n", stderr);
    return TOOL_USAGE;
}

/* The value at --array, an array or a scalar as an array without dimensions; else the only one. */
static int choose_array(const convert_run *run, const npk_value *root, chosen_array *out)
{
    npk_error error;
    const npk_value *value = root;
    if (run->path != NULL && npk_value_find(root, run->path, &value, &error) != NPK_OK)
        return tool_report(run->in, &error);
    out->value = value;
    if (npk_array_of(value, &out->array, NULL) == NPK_OK || npk_scalar_of(value, &out->array, NULL) == NPK_OK)
        return TOOL_GO_ON;
    if (run->path != NULL)
        return tool_usage(run->command, "no array at '%s'", run->path);
    return find_only(run, root, out);
}

/* --- one array --- */

/* The mask of the array, for --mask; *mask is left alone where it needs none: that of objects is in their pickle. */
static int take_mask(const convert_run *run, const chosen_array *chosen, tool_mask *mask)
{
    npk_error error;
    bool masked = npk_value_is_masked(chosen->value);
    bool in_pickle = npk_dtype_has_object(chosen->array.dtype) && !run->format->any_value;
    if (masked && run->mask == NULL && !in_pickle)
        return tool_usage(run->command, "the array is a masked one: give its mask a file with --mask");
    if (!masked && run->mask != NULL)
        return tool_usage(run->command, "--mask: expected a masked array, found one without a mask");
    if (masked && run->mask != NULL && tool_is_one_file(run->mask, run->out))
        return tool_usage(run->command, "--mask: '%s' is the file of the data", run->mask);
    if (masked && run->mask != NULL && tool_take_mask(chosen->value, mask, &error) != NPK_OK)
        return tool_report(run->in, &error);
    return TOOL_GO_ON;
}

/* The array, and its mask unless it is NULL, each to its output. */
static npk_status write_parts(convert_run *run, const npk_array *array, const npk_array *mask, tool_output outputs[2],
                              npk_error *error)
{
    npk_status status =
        run->format->write(outputs[0].write, outputs[0].context, array, &run->options, &run->left, error);
    return status == NPK_OK && mask != NULL ? npk_npy_write(outputs[1].write, outputs[1].context, mask, NULL, error)
                                            : status;
}

/* Both files or none. */
static npk_status close_parts(const convert_run *run, tool_input *input, tool_output *outputs, size_t count,
                              npk_status status, npk_error *error)
{
    status = check_rest(run, input, status, error);
    if (status == NPK_OK && count > 1)
        return tool_outputs_close(outputs, count, error);
    for (size_t i = 0; i < count; i++)
        status = tool_output_close(&outputs[i], status, error);
    return status;
}

static int write_array(convert_run *run, tool_input *input, const npk_array *array, const npk_array *mask)
{
    npk_error error;
    tool_output outputs[2];
    const char *const names[2] = {run->out, run->mask};
    size_t wanted = mask != NULL ? 2 : 1, opened = 0;
    npk_status status = NPK_OK;
    while (status == NPK_OK && opened < wanted) {
        status = tool_output_open(&outputs[opened], names[opened], &error);
        if (status == NPK_OK)
            outputs[opened++].budget = tool_input_budget(input);
    }
    const char *failed = tool_output_name(names[opened < wanted ? opened : 0]);
    if (status == NPK_OK)
        status = write_parts(run, array, mask, outputs, &error);
    status = close_parts(run, input, outputs, opened, status, &error);
    if (opened < wanted)
        return tool_report(failed, &error);
    if (status == NPK_OK && !run->format->any_value)
        tool_note_npy(run->in, array);
    if (status == NPK_OK)
        tool_note_left_out(run->in, &run->left);
    return status == NPK_OK ? TOOL_GOOD : report_unwritten(run, &error);
}

/* What the options say of strings and names is about Python objects. */
static int check_objects(const convert_run *run, const npk_array *array)
{
    bool objects = run->format->any_value || npk_dtype_has_object(array->dtype);
    for (size_t i = 0; !objects && i < run->arguments->given_count; i++)
        if (run->arguments->given[i].row == OPTION_STR || run->arguments->given[i].row == OPTION_RENAME)
            return tool_usage(run->command, "a %s without Python objects takes neither --py2-str nor --rename",
                              run->format->title);
    return TOOL_GO_ON;
}

static int convert_item(convert_run *run, tool_input *input, const tool_item *item)
{
    npk_error error;
    tool_mask mask = {.dtype = NULL};
    chosen_array chosen;
    const npk_array *array = item->array;
    int result = TOOL_GO_ON;
    if (item->doc != NULL) {
        result = choose_array(run, npk_doc_root(item->doc), &chosen);
        array = &chosen.array;
    }
    if (result == TOOL_GO_ON && item->doc != NULL)
        result = take_mask(run, &chosen, &mask);
    else if (result == TOOL_GO_ON && run->mask != NULL)
        result = tool_usage(run->command, "--mask: expected a masked array, found one without a mask");
    if (result == TOOL_GO_ON)
        result = check_objects(run, array);
    if (result == TOOL_GO_ON && item->doc != NULL &&
        tool_find_python2(&run->python2, npk_doc_root(item->doc), &error) != NPK_OK)
        result = tool_report(run->in, &error);
    if (result == TOOL_GO_ON)
        result = write_array(run, input, array, mask.dtype == NULL ? NULL : &mask.array);
    tool_free_mask(&mask);
    return result;
}

/* One array, of the only thing in the input. */
static int convert_array(convert_run *run, tool_input *input)
{
    npk_error error;
    tool_item item;
    bool several;
    if (tool_only(input, &item, &several, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (several)
        return tool_usage(run->command, "there are several pickles in it: see 'npickle extract'");
    if (item.doc == NULL && run->path != NULL && *run->path != '\0')
        return tool_usage(run->command, "no array at '%s': a %s holds one", run->path,
                          tool_input_format(input)->title);
    return convert_item(run, input, &item);
}

/* --- all pickles, one after another, for another Python or NumPy --- */

typedef struct rewrite {
    const npk_write_options *options;
    tool_python2 *python2;
    tool_output output;
    npk_writer *writer; /* from the first pickle on */
    bool writing;       /* that is where it failed */
    tool_left_out *left;

    /* Of a format with records: */
    const tool_format *records; /* or NULL */
    const uint8_t *bytes;       /* of the input */
    size_t size;
    uint64_t copied;            /* of them, or written anew */
    uint64_t base, end;         /* of the record at hand */
} rewrite;

/* --- records whose lengths stand before them: a writer of its own for each --- */

static npk_status put(const rewrite *to, const void *bytes, size_t size, npk_error *error)
{
    int failed = size == 0 ? 0 : to->output.write(to->output.context, bytes, size);
    return failed == 0 ? NPK_OK : tool_fail_system(error, failed, "write");
}

/* What lies between the records is copied. */
static npk_status finish_record(rewrite *to, npk_error *error)
{
    uint8_t *bytes, header[TOOL_RECORD_HEADER];
    size_t size;
    if (to->writer == NULL)
        return NPK_OK;
    tool_take_left_out(to->left, npk_writer_left_out(to->writer));
    npk_status status = npk_writer_finish_memory(to->writer, &bytes, &size, error);
    to->writer = NULL;
    if (status != NPK_OK)
        return status;
    uint64_t start = to->base - sizeof header;
    memcpy(header, to->bytes + start, sizeof header);
    to->records->put_size(header, size);
    status = put(to, to->bytes + to->copied, (size_t)(start - to->copied), error);
    if (status == NPK_OK)
        status = put(to, header, sizeof header, error);
    if (status == NPK_OK)
        status = put(to, bytes, size, error);
    npk_bytes_free(NULL, bytes, size);
    to->copied = to->end;
    return status;
}

/* The writer of the pickle that comes next. */
static npk_status begin_pickle(rewrite *to, const tool_item *item, npk_error *error)
{
    npk_status status = NPK_OK;
    if (to->writer != NULL && to->records != NULL && item->base != to->base)
        status = finish_record(to, error);
    if (status != NPK_OK)
        return status;
    to->base = item->base;
    to->end = item->end;
    if (to->writer != NULL)
        return to->records == NULL ? NPK_OK : npk_writer_next(to->writer);
    if (to->records != NULL)
        return npk_writer_memory(to->options, &to->writer, error);
    return npk_writer_callback(to->output.write, to->output.context, to->options, &to->writer, error);
}

/* All of it is written before the next one is waited for; a record ends where another one begins. */
static npk_status end_pickle(const rewrite *to)
{
    return to->records == NULL ? npk_writer_next(to->writer) : NPK_OK;
}

/* tool_use. A pickle that is a plain array gets the bytes that pickle.dumps gives, unless others may refer to what is
 * in it; all others stay what they are, as the options say. */
static npk_status rewrite_item(void *context, const tool_item *item, npk_error *error)
{
    rewrite *to = context;
    npk_array array;
    const npk_value *root = npk_doc_root(item->doc);
    const bool plain = to->options->memo_scope == NPK_MEMO_OF_PICKLE && tool_is_plain_array(root, &array);
    npk_status status = tool_find_python2(to->python2, root, error);
    if (status != NPK_OK)
        return status;
    to->writing = true;
    status = begin_pickle(to, item, error);
    if (status == NPK_OK && plain)
        status = npk_write_array(to->writer, &array);
    else if (status == NPK_OK)
        status = npk_write_value(to->writer, root);
    if (status == NPK_OK)
        status = end_pickle(to);
    to->writing = status != NPK_OK;
    return status;
}

/* Ends the last record, or tells what went wrong in one of the pickles. */
static npk_status finish_writer(rewrite *to, npk_status status, npk_error *error)
{
    bool good = status == NPK_OK;
    tool_take_left_out(to->left, npk_writer_left_out(to->writer));
    if (to->records != NULL && (good || (to->writing && to->writer != NULL))) {
        status = finish_record(to, error);
        return status == NPK_OK ? put(to, to->bytes + to->copied, (size_t)(to->size - to->copied), error) : status;
    }
    if (to->writing && !good && to->writer != NULL)
        return npk_writer_finish(to->writer, error); /* errors are sticky */
    npk_writer_abandon(to->writer);
    return status;
}

static int convert_whole(convert_run *run, tool_input *input)
{
    npk_error error;
    rewrite to = {.options = &run->options, .python2 = &run->python2, .left = &run->left};
    if (run->format->put_size != NULL) {
        to.records = run->format;
        to.bytes = tool_input_bytes(input, &to.size);
        run->options.memo_scope = NPK_MEMO_OF_STREAM;
    }
    run->options.budget = tool_input_budget(input);
    if (tool_output_open(&to.output, run->out, &error) != NPK_OK)
        return tool_report(run->out, &error);
    tool_output_hold(&to.output);
    if (run->options.memo_scope == NPK_MEMO_OF_STREAM)
        tool_copies_only(input);
    npk_status status = tool_each(input, rewrite_item, &to, &error);
    to.writing = to.writing || status == NPK_OK;
    status = finish_writer(&to, status, &error);
    status = close_output(run, &to.output, input, status, &error);
    if (status == NPK_OK)
        tool_note_left_out(run->in, &run->left);
    if (status == NPK_OK)
        return TOOL_GOOD;
    return to.writing ? report_unwritten(run, &error) : tool_report(run->in, &error);
}

/* --- the command --- */

static int convert(convert_run *run)
{
    npk_error error;
    tool_input *input;
    if (tool_open_as(run->in, &run->reading, run->opening, &input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (run->buffers_out != NULL)
        run->buffers_out->budget = tool_input_budget(input);
    const tool_format *in = tool_input_format(input);
    bool records = run->format->put_size != NULL;
    if (records && (run->format != in || run->path != NULL)) {
        tool_close(input);
        return tool_usage(run->command, "a %s is written from a %s alone, all of it", run->format->title,
                          run->format->title);
    }
    bool whole = records || (run->path == NULL && run->format->any_value && in->any_value);
    if (whole && run->mask != NULL) {
        tool_close(input);
        return tool_usage(run->command, "--mask: whole pickles keep their masks");
    }
    int result = whole ? convert_whole(run, input) : convert_array(run, input);
    result = tool_worse(result, tool_input_exit(input));
    tool_close(input);
    return result;
}

static int parse_format(convert_run *run, const char *to)
{
    char endings[TOOL_ENDINGS_ROOM];
    int result = tool_parse_format(run->command, to, run->out, &run->format);
    if (result != TOOL_GO_ON || run->format != NULL)
        return result;
    tool_format_endings(endings, ".", " nor ");
    return tool_usage(run->command, "'%s' ends in neither %s: tell with --to", run->out, endings);
}

/* With --buffers-out the pickle has protocol 5, which alone has payloads outside. */
static int parse_buffers_out(convert_run *run, tool_buffers_out *out)
{
    const char *directory = tool_option_value(run->arguments, "buffers-out");
    if (directory == NULL)
        return TOOL_GO_ON;
    if (!run->format->any_value && run->format->put_size == NULL)
        return tool_usage(run->command, "--buffers-out: a %s has nothing outside", run->format->title);
    run->buffers_out = out;
    return tool_start_buffers_out(run->command, directory, &run->options, out);
}

static int convert_renamed(convert_run *run, const tool_arguments *arguments)
{
    tool_renames renames = {.room = NULL};
    tool_buffers_out buffers_out = {.directory = NULL};
    int result = tool_parse_renames(arguments, OPTION_RENAME, &renames, &run->options);
    if (result == TOOL_GO_ON)
        result = parse_buffers_out(run, &buffers_out);
    if (result == TOOL_GO_ON)
        result = convert(run);
    tool_close_buffers_out(&buffers_out);
    if (result == TOOL_GOOD)
        tool_note_unused_renames(&renames, run->in);
    tool_free_renames(&renames);
    return result;
}

static int run_convert(const tool_arguments *arguments)
{
    const char *const *values = arguments->values;
    convert_run run = {
        .opening = tool_parse_opening(arguments, TOOL_AS_IT_COMES),
        .command = arguments->command,
        .arguments = arguments,
        .in = arguments->operands[0],
        .out = arguments->operands[1],
        .path = values[OPTION_ARRAY],
        .mask = values[OPTION_MASK],
    };
    int result = parse_format(&run, values[OPTION_TO]);
    if (result == TOOL_GO_ON)
        result = tool_parse_writer(arguments, &run.options);
    /* For Python 3 a str of Python 2 is text or bytes, and which of them is the user's to say. */
    run.options.translate_names = true;
    run.options.python2_str =
        npk_dialect_is_python2(run.options.dialect) ? NPK_PYTHON2_STR_KEEP : NPK_PYTHON2_STR_REFUSE;
    if (result == TOOL_GO_ON)
        result = tool_parse_python2(arguments, OPTION_STR, &run.python2, &run.options);
    if (result == TOOL_GO_ON)
        result = tool_parse_reader(arguments, &run.reading);
    run.options.memo_scope = (npk_memo_scope)run.reading.memo_scope;
    run.options.unloadable = values[OPTION_FORCE] != NULL ? NPK_UNLOADABLE_WRITE : NPK_UNLOADABLE_REFUSE;
    if (result == TOOL_GO_ON)
        result = convert_renamed(&run, arguments);
    tool_free_python2(&run.python2);
    return result;
}

const tool_command tool_convert = {
    .name = "convert",
    .operands = "IN OUT",
    .summary = "Turn a pickle into a .npy file or another pickle, .npy into a pickle, either into a TIFF file",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS | TOOL_TAKES_PROTOCOL | TOOL_TAKES_DIALECT | TOOL_TAKES_BUFFERS_OUT,
    .least = 2,
    .most = 2,
    .run = run_convert,
};
