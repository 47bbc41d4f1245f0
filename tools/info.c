/* npickle info: the pickles of each file, and the arrays in them. */
#define _POSIX_C_SOURCE 200809L

#include "buffers.h"
#include "common.h"
#include "input.h"
#include "json.h"
#include "lines.h"
#include "option.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_JSON] = {"json", 'j', NULL, "one JSON document for all files"},
};

/* The writer of a pickle of so many bytes, all of which are at hand, is told by writing it again, as check does it; of
 * others by what they hold. */
#define WRITER_MOST (64u << 20)

#define LINE 64 /* bytes of an array's, or of a malformed object's, but for what the pickle has a say in */

typedef struct info_run {
    const char *file;
    npk_read_options *reading;
    tool_opening opening;
    const uint8_t *bytes; /* of the file, or NULL */
    const tool_arguments *arguments;
    bool json;
    tool_json_buffer pickles; /* items of the list of pickles; for JSON is made in another order than it is read */
    tool_json_buffer arrays;  /* of the arrays that do not lie in a pickle */
    uint64_t charged;         /* bytes of the two */
    tool_pickle last;         /* whose writer is: */
    npk_identity writer;
    tool_lines lines;         /* of the pickles, as text */
    bool pending;             /* that of the pickle at hand is still to come */
    uint64_t offset;          /* it begins there */
    tool_dtype_text dtype;    /* of the array that was listed last */
    /* paths and dtypes repeat what a pickle says once, and the smallest pickles are shorter than a line */
    npk_budget *budget;
} info_run;

/* --- one array ---------------------------------------------------------------------------------------------------- */

/* The class of an array; `value` is NULL for one that does not lie in a pickle. */
static const char *class_of(const npk_value *value)
{
    const char *name = value == NULL ? NULL : npk_array_class(value);
    return name == NULL ? "numpy.ndarray" : name;
}

static void print_shape(const npk_array *array)
{
    char text[NPK_MAXDIMS * 22 + 4];
    size_t used = 0;
    text[used++] = '(';
    for (int i = 0; i < array->ndim && used + 24 < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRId64, i == 0 ? "" : ", ", array->shape[i]);
    if (array->ndim == 1)
        text[used++] = ',';
    text[used++] = ')';
    text[used] = '\0';
    printf("%-14s", text);
}

/* "array.array 'i', raw bytes of cpython (assumed)" */
static void print_pyarray(const npk_pyarray *is)
{
    printf(" '%c', ", is->typecode);
    if (is->producer == NPK_ARRAY_GUESS)
        printf("%s form", npk_pyarray_form_name(is->form));
    else
        printf("raw bytes of %s%s", npk_array_producer_name(is->producer), is->assumed ? " (assumed)" : "");
}

static void print_padded(const char *text, size_t size, int width)
{
    size_t shown = size < (size_t)width ? tool_text_width(text, size) : size; /* it only grows */
    tool_print_text(stdout, text, size);
    printf("%*s  ", shown < (size_t)width ? width - (int)shown : 0, "");
}

static void print_array(const char *path, const npk_value *value, const npk_array *array, const tool_dtype_text *dtype)
{
    npk_pyarray is;
    path = tool_shown_path(path);
    fputs("  ", stdout);
    print_padded(path, strlen(path), 20);
    print_padded(dtype->text, dtype->size, 17);
    print_shape(array);
    printf("  %c  %10" PRId64 " bytes  ", npk_array_order(array), npk_array_nbytes(array));
    tool_print_string(stdout, class_of(value));
    if (value != NULL && npk_pyarray_of(value, &is))
        print_pyarray(&is);
    if (npk_value_is_outside(value))
        fputs(", outside", stdout);
    putchar('\n');
}

static void json_pyarray(tool_json *json, const npk_pyarray *is)
{
    tool_json_key(json, "typecode");
    tool_json_text(json, &is->typecode, 1);
    tool_json_key(json, "form");
    tool_json_string(json, npk_pyarray_form_name(is->form));
    if (is->producer == NPK_ARRAY_GUESS)
        return;
    tool_json_key(json, "producer");
    tool_json_string(json, npk_array_producer_name(is->producer));
    tool_json_key(json, "assumed");
    tool_json_bool(json, is->assumed);
}

static void json_array(tool_json *json, const char *path, const npk_value *value, const npk_array *array,
                       const tool_dtype_text *dtype)
{
    npk_pyarray is;
    const char order = npk_array_order(array);
    tool_json_begin(json, '{');
    tool_json_key(json, "path");
    tool_json_string(json, path);
    tool_json_key(json, "class");
    tool_json_string(json, class_of(value));
    tool_json_key(json, "dtype");
    tool_json_raw(json, dtype->text, dtype->size);
    tool_json_key(json, "shape");
    tool_json_shape(json, array);
    tool_json_key(json, "order");
    tool_json_text(json, &order, 1);
    tool_json_key(json, "nbytes");
    tool_json_int(json, npk_array_nbytes(array));
    if (value != NULL && npk_pyarray_of(value, &is))
        json_pyarray(json, &is);
    if (npk_value_is_outside(value)) {
        tool_json_key(json, "outside");
        tool_json_bool(json, true);
    }
    tool_json_end(json, '}');
}

/* What was added to the JSON. */
static npk_status charge_json(info_run *run, npk_error *error)
{
    if (fflush(run->pickles.json.out) != 0 || fflush(run->arrays.json.out) != 0)
        return tool_fail_memory(error);
    uint64_t size = (uint64_t)run->pickles.size + run->arrays.size;
    npk_status status = npk_budget_spend(run->budget, size - run->charged, error);
    run->charged = size;
    if (status != NPK_OK)
        error->offset = run->offset;
    return status;
}

/* Before so many bytes are printed. */
static npk_status afford(const info_run *run, size_t size, npk_error *error)
{
    return npk_budget_left(run->budget) < size ? npk_budget_spend(run->budget, size, error) : NPK_OK;
}

/* A line of about so many bytes under that of the pickle. */
static npk_status begin_line(info_run *run, size_t size, npk_error *error)
{
    npk_status status = npk_budget_spend(run->budget, LINE + size, error);
    if (status == NPK_OK && run->pending)
        status = tool_lines_end_alone(&run->lines, run->offset, error);
    run->pending = false;
    return status;
}

/* `json`: NULL for text. */
static npk_status list_array(info_run *run, tool_json *json, const char *path, const npk_value *value,
                             const npk_array *array, npk_error *error)
{
    tool_dtype_text *dtype = &run->dtype;
    npk_status status =
        tool_dtype_text_take(dtype, array->dtype, json != NULL ? tool_dtype_json : npk_dtype_repr, error);
    if (status != NPK_OK)
        return status;
    const size_t size = strlen(path) + dtype->size;
    status = json == NULL ? begin_line(run, size, error) : afford(run, size, error);
    if (status == NPK_OK && json != NULL)
        json_array(json, path, value, array, dtype);
    else if (status == NPK_OK)
        print_array(path, value, array, dtype);
    return status == NPK_OK && json != NULL ? charge_json(run, error) : status;
}

/* --- one pickle --------------------------------------------------------------------------------------------------- */

static npk_status list_arrays(info_run *run, tool_json *json, const npk_value *root, npk_error *error)
{
    npk_walk *walk;
    npk_array array;
    const npk_value *value;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while ((status = npk_walk_next_array(walk, &value, &array, error)) == NPK_OK && value != NULL) {
        status = list_array(run, json, npk_walk_path(walk), value, &array, error);
        if (status != NPK_OK)
            break;
    }
    npk_walk_free(walk);
    return status;
}

/* An object that was kept though it is malformed. `json`: NULL for text. */
static npk_status list_fault(info_run *run, tool_json *json, const char *path, const npk_error *fault, npk_error *error)
{
    const size_t size = strlen(path) + strlen(fault->message);
    npk_status status = json == NULL ? begin_line(run, size, error) : afford(run, size, error);
    if (status != NPK_OK)
        return status;
    if (json == NULL) {
        path = tool_shown_path(path);
        fputs("  ", stdout);
        print_padded(path, strlen(path), 20);
        printf("malformed, %s at byte %" PRIu64 ": ", npk_status_name(fault->status), fault->offset);
        tool_print_string(stdout, fault->message);
        putchar('\n');
        return NPK_OK;
    }
    tool_json_begin(json, '{');
    tool_json_key(json, "path");
    tool_json_string(json, path);
    tool_json_key(json, "status");
    tool_json_string(json, npk_status_name(fault->status));
    tool_json_key(json, "offset");
    tool_json_uint(json, fault->offset);
    tool_json_key(json, "message");
    tool_json_string(json, fault->message);
    tool_json_end(json, '}');
    return charge_json(run, error);
}

static npk_status list_malformed(info_run *run, tool_json *json, const npk_doc *doc, uint64_t base, npk_error *error)
{
    npk_walk *walk;
    npk_error fault;
    const npk_value *value;
    if (npk_doc_fault(doc, 0) == NULL)
        return NPK_OK;
    npk_status status = NPK_OK;
    for (size_t i = 0; status == NPK_OK && (value = npk_doc_fault(doc, i)) != NULL; i++) {
        if (!npk_value_fault(value, &fault) || fault.status != NPK_ERR_FRAME) /* a frame is part of no value */
            continue;
        fault.offset += base;
        status = list_fault(run, json, "", &fault, error);
    }
    if (status == NPK_OK)
        status = npk_walk_start(npk_doc_root(doc), NULL, &walk, error);
    if (status != NPK_OK)
        return status;
    while (status == NPK_OK && (status = npk_walk_next(walk, &value, error)) == NPK_OK && value != NULL) {
        if (!npk_value_fault(value, &fault))
            continue;
        fault.offset += base;
        status = list_fault(run, json, npk_walk_path(walk), &fault, error);
    }
    npk_walk_free(walk);
    return status;
}

static npk_status json_globals(tool_json *json, const npk_doc *doc, npk_error *error)
{
    const npk_value *global;
    npk_status status = NPK_OK;
    tool_json_key(json, "globals");
    tool_json_begin(json, '[');
    for (size_t i = 0; status == NPK_OK && (global = npk_doc_global(doc, i)) != NULL; i++) {
        const char *module, *name;
        size_t module_size, name_size;
        if (!npk_value_as_global(global, &module, &module_size, &name, &name_size))
            continue;
        char *text = malloc(module_size + 1 + name_size);
        if (text == NULL) {
            status = tool_fail_memory(error);
            break;
        }
        memcpy(text, module, module_size);
        text[module_size] = '.';
        memcpy(text + module_size + 1, name, name_size);
        tool_json_text(json, text, module_size + 1 + name_size);
        free(text);
    }
    tool_json_end(json, ']');
    return status;
}

static void json_header(tool_json *json, const npk_doc_info *info, const char *writer)
{
    tool_json_key(json, "offset");
    tool_json_uint(json, info->offset);
    tool_json_key(json, "size");
    tool_json_uint(json, info->size);
    tool_json_key(json, "protocol");
    tool_json_int(json, info->protocol);
    tool_json_key(json, "opcodes");
    tool_json_uint(json, info->opcodes);
    tool_json_key(json, "writer");
    tool_json_string(json, writer);
}

/* Nothing stood under its line, or what would have failed. */
static npk_status end_pickle(info_run *run, npk_status status, npk_error *error)
{
    npk_error other;
    npk_status ended = NPK_OK;
    if (run->pending)
        ended = tool_lines_end(&run->lines, run->offset, status == NPK_OK ? error : &other);
    run->pending = false;
    return status == NPK_OK ? ended : status;
}

/* run->writer, of the pickle that `info` is of. */
static npk_status find_writer(info_run *run, const npk_doc *doc, const npk_doc_info *info, npk_error *error)
{
    const uint8_t *bytes = run->bytes == NULL || info->size > WRITER_MOST ? NULL : run->bytes + info->offset;
    if (tool_same_pickle(&run->last, info, bytes))
        return NPK_OK;
    npk_status status = bytes != NULL ? npk_identify_bytes(doc, bytes, (size_t)info->size, NULL, &run->writer, error)
                                      : npk_identify(doc, NULL, &run->writer, error);
    if (status != NPK_OK)
        run->last.bytes = NULL;
    return status;
}

/* `base`: where the bytes that the document was read from begin in the file. */
static npk_status list_pickle(info_run *run, const npk_doc *doc, uint64_t base, npk_error *error)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    run->offset = info.offset += base;
    npk_status status = find_writer(run, doc, &info, error);
    if (!run->json) {
        fprintf(run->lines.out, ": protocol %d, %" PRIu64 " byte%s, %" PRIu64 " opcode%s, %s", info.protocol, info.size,
                TOOL_S(info.size), info.opcodes, TOOL_S(info.opcodes), run->writer.text);
        run->pending = true;
        if (status == NPK_OK)
            status = list_arrays(run, NULL, npk_doc_root(doc), error);
        if (status == NPK_OK)
            status = list_malformed(run, NULL, doc, base, error);
        return end_pickle(run, status, error);
    }
    tool_json *json = &run->pickles.json;
    tool_json_begin(json, '{');
    json_header(json, &info, run->writer.text);
    if (status == NPK_OK)
        status = json_globals(json, doc, error);
    tool_json_key(json, "malformed");
    tool_json_begin(json, '[');
    if (status == NPK_OK)
        status = list_malformed(run, json, doc, base, error);
    tool_json_end(json, ']');
    tool_json_key(json, "arrays");
    tool_json_begin(json, '[');
    if (status == NPK_OK)
        status = list_arrays(run, json, npk_doc_root(doc), error);
    tool_json_end(json, ']');
    tool_json_end(json, '}');
    return status == NPK_OK ? charge_json(run, error) : status;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* tool_use */
static npk_status list_item(void *context, const tool_item *item, npk_error *error)
{
    info_run *run = context;
    npk_status status = NPK_OK;
    run->dtype.of = NULL;
    if (item->array != NULL)
        status = list_array(run, run->json ? &run->arrays.json : NULL, "", NULL, item->array, error);
    if (status == NPK_OK && item->doc != NULL)
        status = list_pickle(run, item->doc, item->base, error);
    return status;
}

/* Whole, so that the bytes are at hand; but a stream as it comes. */
static npk_status open_input(info_run *run, tool_input **out, npk_error *error)
{
    size_t size;
    bool as_it_comes = run->opening == TOOL_AS_IT_COMES && tool_is_stream(run->file);
    tool_opening opening = run->opening == TOOL_AS_IT_COMES && !as_it_comes ? TOOL_WHOLE : run->opening;
    npk_status status = tool_open_as(run->file, run->reading, opening, out, error);
    run->last.bytes = NULL;
    run->bytes = status == NPK_OK && !as_it_comes ? tool_input_bytes(*out, &size) : NULL;
    run->budget = status == NPK_OK ? tool_input_budget(*out) : NULL;
    return status;
}

static int info_text(info_run *run)
{
    npk_error error, unused;
    tool_input *input;
    npk_status status = open_input(run, &input, &error);
    if (status != NPK_OK)
        return tool_report(run->file, &error);
    if (!tool_lines_start(&run->lines, run->file, run->budget)) {
        tool_close(input);
        return tool_no_memory();
    }
    const tool_format *format = tool_input_format(input);
    if (format->describe != NULL) {
        tool_print_string(stdout, run->file);
        fputs(": ", stdout);
        format->describe(tool_input_state(input), stdout);
        putchar('\n');
    }
    status = tool_each(input, list_item, run, &error);
    npk_status flushed = tool_lines_flush(&run->lines, status == NPK_OK ? &error : &unused);
    status = status == NPK_OK ? flushed : status;
    int result = tool_worse(status == NPK_OK ? TOOL_GOOD : tool_report(run->file, &error), tool_input_exit(input));
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    tool_lines_free(&run->lines);
    tool_close(input);
    return result;
}

static void put_list(tool_json *json, const char *key, const tool_json_buffer *items)
{
    tool_json_key(json, key);
    tool_json_begin(json, '[');
    if (items->size > 0)
        tool_json_raw(json, items->text, items->size);
    tool_json_end(json, ']');
}

static void put_file(const info_run *run, tool_json *document, const tool_input *input, npk_status status,
                     const npk_error *error)
{
    const tool_format *format = input == NULL ? NULL : tool_input_format(input);
    tool_json_begin_file(document, run->file, status, error);
    put_list(document, "pickles", &run->pickles);
    if (format != NULL) {
        tool_json_key(document, "format");
        tool_json_string(document, format->name);
        tool_json_key(document, "padding");
        tool_json_uint(document, tool_input_padding(input));
        if (format->describe_json != NULL)
            format->describe_json(tool_input_state(input), document);
        if (!format->any_value)
            put_list(document, "arrays", &run->arrays);
    }
    tool_json_end(document, '}');
}

static int info_json(info_run *run, tool_json *document)
{
    npk_error error = TOOL_NO_ERROR;
    tool_input *input = NULL;
    int result = TOOL_GOOD;
    run->charged = 0;
    if (!tool_json_buffer_start(&run->pickles))
        return tool_no_memory();
    if (!tool_json_buffer_start(&run->arrays)) {
        tool_json_buffer_free(&run->pickles);
        return tool_no_memory();
    }
    npk_status status = open_input(run, &input, &error);
    if (status == NPK_OK)
        status = tool_each(input, list_item, run, &error);
    if (status != NPK_OK)
        result = tool_report(run->file, &error);
    bool good = tool_json_buffer_finish(&run->pickles);
    good = tool_json_buffer_finish(&run->arrays) && good;
    if (good)
        put_file(run, document, input, status, &error);
    result = tool_worse(result, good ? TOOL_GOOD : tool_no_memory());
    result = tool_worse(result, tool_input_exit(input));
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    tool_close(input);
    tool_json_buffer_free(&run->pickles);
    tool_json_buffer_free(&run->arrays);
    return result;
}

static int info(const tool_arguments *arguments)
{
    npk_read_options reading;
    tool_json document;
    int result = tool_parse_reader(arguments, &reading);
    if (result != TOOL_GO_ON)
        return result;
    info_run run = {.json = arguments->values[OPTION_JSON] != NULL,
                    .reading = &reading,
                    .opening = tool_parse_opening(arguments, TOOL_AS_IT_COMES),
                    .arguments = arguments};
    if (run.json)
        tool_json_open_files(&document);
    result = TOOL_GOOD;
    for (int i = 0; i < arguments->operand_count; i++) {
        run.file = arguments->operands[i];
        tool_give_buffers(arguments, TOOL_BUFFERS_OF_FIRST, &reading);
        result = tool_worse(result, run.json ? info_json(&run, &document) : info_text(&run));
    }
    if (run.json)
        tool_json_close_files(&document);
    tool_dtype_text_free(&run.dtype);
    return tool_finish_output(result);
}

const tool_command tool_info = {
    .name = "info",
    .operands = "FILE...",
    .summary = "List the pickles of each file and the arrays in them",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_READS,
    .least = 1,
    .most = TOOL_ANY_NUMBER,
    .run = info,
};
