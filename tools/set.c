/* npickle set: another array in the place of one inside a pickle; all else stays as it is. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "option.h"
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_PICKLE, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_PICKLE] = {"pickle", 'n', "N", "which of several pickles, from 0, as info lists them"},
};

#define ANY_PICKLE (-1)

typedef struct set_run {
    const tool_arguments *arguments;
    const char *command;
    const char *in;
    const char *path;
    const char *array; /* the file with it */
    const uint8_t *array_bytes; /* of that file */
    size_t array_size;
    const char *out;
    npk_read_options reading;
    int64_t pickle;   /* --pickle, or ANY_PICKLE */
    uint64_t pickles; /* in the input */
    const tool_format *format;
    const uint8_t *bytes; /* of the input */
    size_t size;

    /* What is written again: the pickle, and those that share its memo; all else of the input is copied. */
    npk_doc **docs;
    size_t doc_count, target;
    size_t room;
    bool found;         /* docs[target] is the one */
    uint64_t base;      /* that its offsets count from */
    uint64_t start, end; /* in the input */
    uint64_t first_buffer, end_buffer; /* that they have outside */
    size_t header;      /* before `start`, of a record whose length it says */
    tool_buffers_out buffers_out;
    npk_budget *budget; /* of both files */
    tool_left_out left;
} set_run;

/* --- the output --------------------------------------------------------------------------------------------------- */

/* npk_buffer_function: what was given stays outside. */
static bool keep_outside(void *context, const npk_buffer *buffer)
{
    const set_run *run = context;
    return tool_keep_buffer(run->arguments, buffer);
}

static npk_status copy(const set_run *run, tool_output *output, uint64_t from, uint64_t to, npk_error *error)
{
    int failed = from == to ? 0 : output->write(output->context, run->bytes + from, (size_t)(to - from));
    return failed == 0 ? NPK_OK : tool_fail_system(error, failed, "write");
}

static npk_status write_docs(const set_run *run, npk_writer *writer)
{
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && i < run->doc_count; i++) {
        if (i > 0)
            status = npk_writer_next(writer);
        if (status == NPK_OK)
            status = npk_write_value(writer, npk_doc_root(run->docs[i]));
    }
    return status;
}

/* In a record whose length stands before it, which must be known first. */
static npk_status write_record(set_run *run, tool_output *output, const npk_write_options *writing, npk_error *error)
{
    npk_writer *writer;
    uint8_t *bytes, header[TOOL_RECORD_HEADER];
    size_t size;
    npk_status status = npk_writer_memory(writing, &writer, error);
    if (status != NPK_OK)
        return status;
    status = write_docs(run, writer); /* its error is sticky */
    tool_take_left_out(&run->left, npk_writer_left_out(writer));
    status = npk_writer_finish_memory(writer, &bytes, &size, error);
    if (status != NPK_OK)
        return status;
    memcpy(header, run->bytes + run->start - run->header, run->header);
    run->format->put_size(header, size);
    int failed = output->write(output->context, header, run->header);
    if (failed == 0 && size > 0)
        failed = output->write(output->context, bytes, size);
    npk_bytes_free(NULL, bytes, size);
    return failed == 0 ? NPK_OK : tool_fail_system(error, failed, "write");
}

static npk_status write_span(set_run *run, tool_output *output, const npk_write_options *writing, npk_error *error)
{
    npk_writer *writer;
    if (run->header > 0)
        return write_record(run, output, writing, error);
    npk_status status = npk_writer_callback(output->write, output->context, writing, &writer, error);
    if (status != NPK_OK)
        return status;
    status = npk_writer_begins_at(writer, run->start);
    if (status == NPK_OK)
        status = write_docs(run, writer); /* its error is sticky */
    tool_take_left_out(&run->left, npk_writer_left_out(writer));
    return npk_writer_finish(writer, error);
}

static int write_out(set_run *run, const npk_write_options *writing)
{
    npk_error error;
    tool_output output;
    if (tool_output_open(&output, run->out, &error) != NPK_OK)
        return tool_report(tool_output_name(run->out), &error);
    npk_status status = copy(run, &output, 0, run->start - run->header, &error);
    if (status == NPK_OK)
        status = write_span(run, &output, writing, &error);
    if (status == NPK_OK)
        status = copy(run, &output, run->end, run->size, &error);
    if (status == NPK_OK && run->buffers_out.error.status != NPK_OK) {
        error = run->buffers_out.error;
        status = error.status;
    }
    status = tool_output_close(&output, status, &error);
    if (status != NPK_OK)
        return tool_report_written(run->in, run->out, &error);
    tool_note_left_out(run->in, &run->left);
    if (run->buffers_out.directory == NULL)
        tool_note_dropped_buffers(run->arguments, tool_output_name(run->out));
    return TOOL_GOOD;
}

/* --- the pickle --------------------------------------------------------------------------------------------------- */

/* The file with the array, as far as something else has turned out to be the same. */
typedef struct agreement {
    const uint8_t *bytes;
    size_t size, at;
} agreement;

/* npk_write_function */
static int agree(void *context, const void *bytes, size_t size)
{
    agreement *a = context;
    if (size > a->size - a->at || memcmp(a->bytes + a->at, bytes, size) != 0)
        return ECANCELED;
    a->at += size;
    return 0;
}

/* The dtype of the new array. A .npy file has the bytes of a type that a package added to NumPy, and not its name:
 * where that of the old array would be the same file, it stays. */
static const npk_dtype *dtype_of_new(const set_run *run, const npk_value *value, const npk_array *array)
{
    npk_array old, like = *array;
    agreement found = {.bytes = run->array_bytes, .size = run->array_size};
    if (npk_array_of(value, &old, NULL) != NPK_OK || npk_dtype_equal(old.dtype, array->dtype) ||
        npk_dtype_itemsize(old.dtype) != npk_dtype_itemsize(array->dtype))
        return array->dtype;
    like.dtype = old.dtype;
    return npk_npy_write(agree, &found, &like, NULL, NULL) == NPK_OK && found.at == found.size ? old.dtype
                                                                                              : array->dtype;
}

/* Another array in the place of the value; of an array.array one of the same typecode and form. */
static npk_status put_in(npk_doc *doc, const npk_value *value, const npk_array *array, npk_error *error)
{
    npk_pyarray old;
    npk_writer *writer;
    const npk_value *new;
    if (!npk_pyarray_of(value, &old))
        return npk_edit_array(doc, value, array, error);
    npk_status status = npk_edit_begin(doc, NULL, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_pyarray(writer, old.typecode, old.form, array); /* its error is sticky */
    status = npk_edit_finish(writer, &new, error);
    return status == NPK_OK ? npk_edit_replace(doc, value, new, error) : status;
}

static int find_array(const set_run *run, const npk_doc *doc, const npk_value **out)
{
    npk_error error;
    if (npk_value_find(npk_doc_root(doc), run->path, out, &error) != NPK_OK)
        return tool_report(run->in, &error);
    return npk_value_is_array(*out) ? TOOL_GO_ON : tool_usage(run->command, "no array at '%s'", run->path);
}

static int put_array(const set_run *run, const npk_value *value, const npk_array *given)
{
    npk_error error;
    npk_array array = *given;
    array.dtype = dtype_of_new(run, value, given);
    npk_status status = put_in(run->docs[run->target], value, &array, &error);
    /* of an earlier pickle, whose memo is shared? */
    for (size_t i = run->target; status == NPK_ERR_USAGE && i-- > 0;) {
        status = put_in(run->docs[i], value, &array, NULL);
        if (status != NPK_OK && status != NPK_ERR_USAGE)
            status = put_in(run->docs[i], value, &array, &error);
    }
    return status == NPK_OK ? TOOL_GO_ON : tool_report_at(run->in, run->path, &error);
}

static int start_buffers_out(set_run *run, npk_write_options *writing)
{
    const char *directory = tool_option_value(run->arguments, "buffers-out");
    if (directory == NULL)
        return TOOL_GO_ON;
    if (run->pickles > 1)
        return tool_usage(run->command, "--buffers-out: the other pickles in '%s' have buffers of their own", run->in);
    run->buffers_out.budget = run->budget;
    return tool_start_buffers_out(run->command, directory, writing, &run->buffers_out);
}

/* In the dialect that gives the bytes that there were. */
static int set_in_span(set_run *run, const npk_array *array)
{
    npk_error error;
    npk_check_result found;
    npk_doc_info info;
    const npk_value *value;
    npk_doc *doc = run->docs[run->target];
    npk_check_options checking = {.reading = &run->reading};
    int result = find_array(run, doc, &value);
    if (result != TOOL_GO_ON)
        return result;
    npk_doc_info_of(doc, &info);
    if (npk_check_doc(doc, run->bytes + run->base + info.offset, (size_t)info.size, &checking, &found, &error) !=
        NPK_OK)
        return tool_report(run->in, &error);
    npk_write_options writing = {.protocol_given = true,
                                 .protocol = found.protocol,
                                 .dialect = found.dialect,
                                 .memo_scope = run->doc_count > 1 ? NPK_MEMO_OF_STREAM : NPK_MEMO_OF_PICKLE,
                                 .keep_padding = true, /* it was read */
                                 .budget = run->budget,
                                 .buffer = keep_outside,
                                 .buffer_context = run};
    npk_check_result_free(&found);
    result = put_array(run, value, array);
    if (result == TOOL_GO_ON)
        result = start_buffers_out(run, &writing);
    if (result == TOOL_GO_ON)
        result = write_out(run, &writing);
    tool_close_buffers_out(&run->buffers_out);
    return result;
}

static void drop_docs(set_run *run)
{
    for (size_t i = 0; i < run->doc_count; i++)
        npk_doc_free(run->docs[i]);
    run->doc_count = 0;
}

static npk_status keep_doc(set_run *run, npk_doc *doc, npk_error *error)
{
    if (run->doc_count == run->room) {
        size_t room = run->room == 0 ? 4 : 2 * run->room;
        npk_doc **docs = realloc(run->docs, room * sizeof(npk_doc *));
        if (docs == NULL)
            return tool_fail_memory(error);
        run->docs = docs;
        run->room = room;
    }
    run->docs[run->doc_count++] = doc;
    return NPK_OK;
}

/* --- the input ---------------------------------------------------------------------------------------------------- */

/* One more pickle: what it shares a memo with is written again together with it. */
static npk_status take_item(set_run *run, tool_input *input, const tool_item *item, npk_error *error)
{
    npk_doc_info info;
    bool wanted = run->pickle == ANY_PICKLE ? run->pickles == 0 : (uint64_t)run->pickle == run->pickles;
    bool record = run->format->put_size != NULL, shares = record || run->reading.memo_scope == NPK_MEMO_OF_STREAM;
    run->pickles++;
    if (!shares && !wanted)
        return NPK_OK;
    if (record && run->doc_count > 0 && item->base != run->base) {
        if (run->found)
            return NPK_OK; /* of a later record */
        drop_docs(run);
    }
    npk_doc_info_of(item->doc, &info);
    if (run->doc_count == 0) {
        run->base = item->base;
        run->start = item->base + (record ? 0 : info.offset);
        run->header = record ? TOOL_RECORD_HEADER : 0;
        run->first_buffer = tool_input_buffers(input) - info.buffers;
    }
    run->end_buffer = tool_input_buffers(input);
    run->end = record ? item->end : item->base + info.offset + info.size;
    if (wanted) {
        run->target = run->doc_count;
        run->found = true;
    }
    npk_status status = keep_doc(run, item->own, error);
    if (status == NPK_OK)
        tool_keep_last(input);
    return status;
}

/* The pickle of an array of objects, behind the header of its file, which stays. */
static npk_status take_objects(set_run *run, const tool_item *item, npk_error *error)
{
    npk_doc *doc = NULL;
    npk_reader *reader;
    size_t size = run->size - (size_t)item->base;
    npk_status status = npk_reader_memory(run->bytes + item->base, size, &run->reading, &reader, error);
    if (status != NPK_OK)
        return status;
    status = npk_reader_next(reader, &doc, error);
    if (status == NPK_OK)
        status = keep_doc(run, doc, error);
    run->start = run->base = item->base;
    run->end = item->base + npk_reader_offset(reader);
    run->end_buffer = UINT64_MAX;
    run->pickles = 1;
    run->found = true;
    npk_reader_close(reader);
    if (status != NPK_OK)
        npk_doc_free(doc);
    return status;
}

static npk_status take_all(set_run *run, tool_input *input, npk_error *error)
{
    tool_item item;
    bool found, first = true;
    npk_status status;
    for (; (status = tool_next(input, &item, &found, error)) == NPK_OK && found; first = false) {
        status = item.own != NULL ? take_item(run, input, &item, error)
                 : item.doc != NULL && run->pickle <= 0 ? take_objects(run, &item, error) : NPK_OK;
        if (status != NPK_OK)
            return status;
    }
    return status == NPK_OK && first ? tool_fail_empty(error) : status;
}

static int set_in_input(set_run *run, tool_input *input, const npk_array *array)
{
    npk_error error;
    run->format = tool_input_format(input);
    run->bytes = tool_input_bytes(input, &run->size);
    if (!run->format->rewritten)
        return tool_usage(run->command, "'%s' is a %s: %s", run->in, run->format->title, run->format->not_rewritten);
    if (take_all(run, input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    if (!run->format->any_value && run->format->put_size == NULL && (run->pickles == 0 || *run->path == '\0'))
        return tool_usage(run->command, "the array is all that '%s' holds: see 'npickle convert'", run->in);
    if (run->pickle == ANY_PICKLE && run->pickles > 1)
        return tool_usage(run->command, "there are several pickles in '%s': choose one with --pickle=N", run->in);
    if (!run->found)
        return tool_usage(run->command, "--pickle=%" PRId64 ": '%s' has %" PRIu64 ", counted from 0", run->pickle,
                          run->in, run->pickles);
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    if (tool_check_given_buffers(run->arguments, &error) != NPK_OK)
        return tool_report(run->in, &error);
    tool_keep_other_buffers(run->arguments, run->first_buffer, run->end_buffer);
    return set_in_span(run, array);
}

static int set_in_file(set_run *run, const npk_array *array)
{
    npk_error error;
    tool_input *input;
    const char *pickle = run->arguments->values[OPTION_PICKLE];
    int result = tool_parse_reader(run->arguments, &run->reading);
    if (result == TOOL_GO_ON && pickle != NULL && !tool_parse_digits(pickle, strlen(pickle), INT64_MAX, &run->pickle))
        result = tool_usage(run->command, "--pickle: expected a number, found '%s'", pickle);
    if (result != TOOL_GO_ON)
        return result;
    if (tool_open_as(run->in, &run->reading, tool_parse_opening(run->arguments, TOOL_WHOLE), &input, &error) != NPK_OK)
        return tool_report(run->in, &error);
    run->budget = tool_input_budget(input);
    run->budget->input += (uint64_t)npk_array_nbytes(array);
    result = set_in_input(run, input, array);
    result = tool_worse(result, tool_input_exit(input));
    drop_docs(run);
    free(run->docs);
    tool_close(input);
    return result;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

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
                   .out = given[3],
                   .pickle = ANY_PICKLE};
    npk_error error;
    tool_input *input;
    const npk_array *array = NULL;
    if (strcmp(run.in, "-") == 0 && strcmp(run.array, "-") == 0)
        return tool_usage(run.command, "standard input can be only one of the two");
    if (tool_open(run.array, NULL, &input, &error) != NPK_OK)
        return tool_report(run.array, &error);
    int result = take_array(&run, input, &array);
    run.array_bytes = tool_input_bytes(input, &run.array_size);
    if (result == TOOL_GO_ON)
        result = set_in_file(&run, array);
    tool_close(input);
    return result;
}

const tool_command tool_set = {
    .name = "set",
    .operands = "FILE PATH ARRAY.npy OUT",
    .summary = "Put another array in the place of one inside a pickle",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS | TOOL_TAKES_BUFFERS_OUT,
    .least = 4,
    .most = 4,
    .run = set,
};
