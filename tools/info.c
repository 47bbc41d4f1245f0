/* npickle info: the pickles of each file, and the arrays in them. */
#define _POSIX_C_SOURCE 200809L

#include "arrays.h"
#include "json_file.h"
#include "option.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON, OPTION_PRODUCER, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_JSON] = {"json", 'j', NULL, "one JSON document for all files"},
    [OPTION_PRODUCER] = TOOL_OPTION_PRODUCER,
};

/* Paths repeat what a pickle says once: a listing that grows faster than this is refused. */
#define OUTPUT_FREE (8u << 20)
#define OUTPUT_PER_BYTE 100u

typedef struct info_run {
    bool json;
    npk_read_options reading;
    npki_json body; /* of the pickles of one file */
    FILE *out;      /* where they go: a buffer for JSON, for the file's status comes before them */
    const char *file;
    uint64_t printed; /* bytes of one pickle's arrays, roughly */
    uint64_t paid;
} info_run;

/* --- one array ---------------------------------------------------------------------------------------------------- */

static void npki_print_shape(FILE *out, const npk_array *array)
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
    fprintf(out, "%-14s", text);
}

/* "array.array 'i', raw bytes of cpython (assumed)" */
static void npki_print_pyarray(FILE *out, const npk_pyarray *is)
{
    fprintf(out, " '%c', ", is->typecode);
    if (is->producer == NPK_ARRAY_GUESS)
        fprintf(out, "%s form", npk_pyarray_form_name(is->form));
    else
        fprintf(out, "raw bytes of %s%s", npk_array_producer_name(is->producer), is->assumed ? " (assumed)" : "");
}

static void json_pyarray(npki_json *json, const npk_pyarray *is)
{
    npki_json_key(json, "typecode");
    npki_json_text(json, &is->typecode, 1);
    npki_json_key(json, "form");
    npki_json_string(json, npk_pyarray_form_name(is->form));
    if (is->producer == NPK_ARRAY_GUESS)
        return;
    npki_json_key(json, "producer");
    npki_json_string(json, npk_array_producer_name(is->producer));
    npki_json_key(json, "assumed");
    npki_json_bool(json, is->assumed);
}

/* `value`: NULL for the array of a .npy file. */
static void print_array(const info_run *run, const char *path, const npk_value *value, const npk_array *array,
                        const char *dtype, size_t dtype_size)
{
    npk_pyarray is;
    const char *class_name = tool_class(value);
    const char *shown = *path == '\0' ? "(root)" : path;
    size_t width = tool_text_width(shown, strlen(shown));
    fputs("  ", run->out);
    tool_print_text(run->out, shown, strlen(shown));
    fprintf(run->out, "%*s  ", width < 20 ? (int)(20 - width) : 0, "");
    tool_print_text(run->out, dtype, dtype_size);
    fprintf(run->out, "%*s  ", dtype_size < 17 ? (int)(17 - dtype_size) : 0, "");
    npki_print_shape(run->out, array);
    fprintf(run->out, "  %s  %10" PRId64 " bytes  ", tool_order(array), npk_array_nbytes(array));
    tool_print_text(run->out, class_name, strlen(class_name));
    if (value != NULL && npk_pyarray_of(value, &is))
        npki_print_pyarray(run->out, &is);
    fputc('\n', run->out);
}

static void json_array(npki_json *json, const char *path, const npk_value *value, const npk_array *array,
                       const char *descr, size_t descr_size)
{
    npk_pyarray is;
    npki_json_begin(json, '{');
    npki_json_key(json, "path");
    npki_json_string(json, path);
    npki_json_key(json, "class");
    npki_json_string(json, tool_class(value));
    npki_json_key(json, "dtype");
    npki_json_literal(json, descr, descr_size);
    npki_json_key(json, "shape");
    tool_json_shape(json, array);
    npki_json_key(json, "order");
    npki_json_string(json, tool_order(array));
    npki_json_key(json, "nbytes");
    npki_json_int(json, npk_array_nbytes(array));
    if (value != NULL && npk_pyarray_of(value, &is))
        json_pyarray(json, &is);
    npki_json_end(json, '}');
}

/* tool_visit */
static npk_status list_array(void *context, const char *path, const npk_value *value, const npk_array *array,
                             npk_error *error)
{
    info_run *run = context;
    size_t size;
    char *dtype = run->json ? tool_descr(array->dtype, true, &size) : tool_repr(array->dtype, &size);
    if (dtype == NULL)
        return npki_no_memory(error);
    run->printed += strlen(path) + size;
    bool fits = run->printed <= run->paid;
    if (fits && run->json)
        json_array(&run->body, path, value, array, dtype, size);
    else if (fits)
        print_array(run, path, value, array, dtype, size);
    free(dtype);
    if (fits)
        return NPK_OK;
    return npki_fail(error, NPK_ERR_LIMIT, "expected paths and dtypes of at most %" PRIu64 " bytes, found more",
                     run->paid);
}

/* --- one pickle --------------------------------------------------------------------------------------------------- */

static void json_globals(npki_json *json, const npk_doc *doc, npk_status *status, npk_error *error)
{
    const npk_value *global;
    npki_json_key(json, "globals");
    npki_json_begin(json, '[');
    for (size_t i = 0; *status == NPK_OK && (global = npk_doc_global(doc, i)) != NULL; i++) {
        const char *module, *name;
        size_t module_size, name_size;
        if (!npk_value_as_global(global, &module, &module_size, &name, &name_size))
            continue;
        char *text = malloc(module_size + 1 + name_size);
        if (text == NULL) {
            *status = npki_no_memory(error);
            break;
        }
        memcpy(text, module, module_size);
        text[module_size] = '.';
        memcpy(text + module_size + 1, name, name_size);
        npki_json_text(json, text, module_size + 1 + name_size);
        free(text);
    }
    npki_json_end(json, ']');
}

static void json_header(npki_json *json, const npk_doc_info *info, const char *writer)
{
    npki_json_key(json, "offset");
    npki_json_uint(json, info->offset);
    npki_json_key(json, "size");
    npki_json_uint(json, info->size);
    npki_json_key(json, "protocol");
    npki_json_int(json, info->protocol);
    npki_json_key(json, "opcodes");
    npki_json_uint(json, info->opcodes);
    npki_json_key(json, "writer");
    npki_json_string(json, writer);
}

static void print_header(const info_run *run, const npk_doc_info *info, const char *writer)
{
    tool_print_text(run->out, run->file, strlen(run->file));
    if (info->offset > 0)
        fprintf(run->out, " at byte %" PRIu64, info->offset);
    fprintf(run->out, ": protocol %d, %" PRIu64 " bytes, %" PRIu64 " opcodes, %s\n", info->protocol, info->size,
            info->opcodes, writer);
}

/* `base`: where the bytes that the document was read from begin in the file. */
static npk_status list_pickle(info_run *run, const npk_doc *doc, uint64_t base, npk_error *error)
{
    npk_identity writer;
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    npk_status status = npk_identify(doc, NULL, &writer, error);
    info.offset += base;
    run->printed = 0;
    run->paid = info.size > OUTPUT_FREE / OUTPUT_PER_BYTE ? OUTPUT_PER_BYTE * info.size : OUTPUT_FREE;
    if (!run->json) {
        print_header(run, &info, writer.text);
        return status == NPK_OK ? tool_each_array(npk_doc_root(doc), list_array, run, error) : status;
    }
    npki_json_begin(&run->body, '{');
    json_header(&run->body, &info, writer.text);
    json_globals(&run->body, doc, &status, error);
    npki_json_key(&run->body, "arrays");
    npki_json_begin(&run->body, '[');
    if (status == NPK_OK)
        status = tool_each_array(npk_doc_root(doc), list_array, run, error);
    npki_json_end(&run->body, ']');
    npki_json_end(&run->body, '}');
    return status;
}

static npk_status list_pickles(info_run *run, tool_input *input, npk_error *error)
{
    npk_doc *doc;
    npk_status status;
    bool none = true;
    while ((status = tool_next(input, &doc, error)) == NPK_OK && doc != NULL) {
        none = false;
        status = list_pickle(run, doc, 0, error);
        npk_doc_free(doc);
        if (status != NPK_OK)
            return status;
    }
    if (status == NPK_OK && none)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
    return status;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

static npk_status list_npy(info_run *run, const npk_npy *npy, npk_error *error)
{
    const npk_doc *doc = npk_npy_doc(npy);
    uint64_t header = npk_npy_header_size(npy);
    npk_status status = NPK_OK;
    if (!run->json) {
        tool_print_text(run->out, run->file, strlen(run->file));
        fprintf(run->out, ": .npy version %d, header of %" PRIu64 " bytes\n", npk_npy_version(npy), header);
    } else {
        npki_json_key(&run->body, "pickles");
        npki_json_begin(&run->body, '[');
        if (doc != NULL)
            status = list_pickle(run, doc, header, error);
        npki_json_end(&run->body, ']');
        npki_json_key(&run->body, "format");
        npki_json_string(&run->body, "npy");
        npki_json_key(&run->body, "version");
        npki_json_int(&run->body, npk_npy_version(npy));
        npki_json_key(&run->body, "arrays");
        npki_json_begin(&run->body, '[');
    }
    run->printed = 0;
    run->paid = UINT64_MAX;
    if (status == NPK_OK)
        status = list_array(run, "", NULL, npk_npy_array(npy), error);
    if (run->json)
        npki_json_end(&run->body, ']');
    else if (status == NPK_OK && doc != NULL)
        status = list_pickle(run, doc, header, error);
    return status;
}

static npk_status list_file(info_run *run, npk_error *error)
{
    tool_input *input = NULL;
    npk_status status = tool_open(run->file, &run->reading, &input, error);
    if (status == NPK_OK && tool_input_npy(input) != NULL) {
        status = list_npy(run, tool_input_npy(input), error);
        tool_close(input);
        return status;
    }
    if (run->json) {
        npki_json_key(&run->body, "pickles");
        npki_json_begin(&run->body, '[');
    }
    if (status == NPK_OK)
        status = list_pickles(run, input, error);
    if (run->json) {
        npki_json_end(&run->body, ']');
        if (input != NULL) {
            npki_json_key(&run->body, "format");
            npki_json_string(&run->body, "pickle");
        }
    }
    tool_close(input);
    return status;
}

static int run_file(npki_json *document, bool json, const npk_read_options *reading, const char *file)
{
    npk_error error = {.status = NPK_OK, .opcode = NPKI_NO_OPCODE, .offset = NPK_NO_OFFSET};
    info_run run = {.json = json, .reading = *reading, .out = stdout, .file = file};
    char *body = NULL;
    size_t size = 0;
    if (json) {
        run.out = open_memstream(&body, &size);
        if (run.out == NULL)
            return tool_no_memory();
        npki_json_start(&run.body, run.out);
    }
    npk_status status = list_file(&run, &error);
    int result = status == NPK_OK ? TOOL_GOOD : tool_report(file, &error);
    if (!json)
        return result;
    bool failed = ferror(run.out) != 0;
    if (fclose(run.out) != 0 || failed) {
        free(body);
        return tool_worse(result, tool_no_memory());
    }
    tool_json_file(document, file, status, &error, body, size);
    free(body);
    return result;
}

int tool_info(int argc, char **argv)
{
    tool_arguments arguments;
    npk_read_options reading;
    int result = tool_parse_options(options, OPTIONS, argc, argv, 1, TOOL_ANY_NUMBER, &arguments);
    if (result == TOOL_GO_ON)
        result = tool_parse_reader(argv[0], arguments.values[OPTION_PRODUCER], &reading);
    if (result != TOOL_GO_ON)
        return result;
    bool json = arguments.values[OPTION_JSON] != NULL;
    npki_json document;
    if (json)
        tool_json_open(&document, "files");
    result = TOOL_GOOD;
    for (int i = 0; i < arguments.operand_count; i++)
        result = tool_worse(result, run_file(&document, json, &reading, arguments.operands[i]));
    if (json)
        tool_json_close(&document);
    return tool_finish_output(result);
}
