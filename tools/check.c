/* npickle check: pickles read and written again, byte for byte. */
#define _POSIX_C_SOURCE 200809L

#include "common.h"
#include "input.h"
#include "compare/identify.h"
#include "json.h"
#include "option.h"
#include "compare/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_DIALECT, OPTION_PROTOCOL, OPTION_JSON, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_DIALECT] = {"dialect", 0, "NAME", "write in this dialect; else in the one that the bytes show"},
    [OPTION_PROTOCOL] = {"protocol", 'p', "N", "write at this protocol; else at the pickle's own"},
    [OPTION_JSON] = {"json", 'j', NULL, "one JSON document for all files"},
};

typedef struct check_run {
    const char *file;
    const char *title; /* of its format */
    const uint8_t *bytes;
    npki_check_wish wish;
    bool json;
    tool_json body; /* of the pickles of one file */
    FILE *out;      /* where they go: a buffer for JSON, for the file's status comes before them */
    bool differs;
} check_run;

/* --- one pickle --------------------------------------------------------------------------------------------------- */

static void print_place(FILE *out, uint64_t base, uint64_t offset, const char *opcode)
{
    if (offset == NPKI_CHECK_NOWHERE)
        fputs("the end", out);
    else
        fprintf(out, "byte %" PRIu64 " (opcode %s)", base + offset, opcode);
}

/* `base`: of the pickle in its file. Offsets of what was written count from its own start. */
static void print_result(const check_run *run, uint64_t base, const npki_check_result *result, const char *writer)
{
    tool_print_text(run->out, run->file, strlen(run->file));
    if (base > 0)
        fprintf(run->out, " at byte %" PRIu64, base);
    char dialect[TOOL_DIALECT];
    npk_dialect_str(result->dialect, dialect, sizeof dialect);
    if (result->identical) {
        fprintf(run->out, ": identical (%s, protocol %d): %s\n", dialect, result->protocol, writer);
        return;
    }
    fputs(": differs", run->out);
    if (result->opcode != NULL || result->written_opcode != NULL) {
        fputs(" at ", run->out);
        print_place(run->out, base, result->offset, result->opcode);
        fputs(" / ", run->out);
        print_place(run->out, 0, result->written_offset, result->written_opcode);
    }
    if (result->path != NULL) {
        const char *path = *result->path == '\0' ? "(root)" : result->path;
        fputs(", at ", run->out);
        tool_print_text(run->out, path, strlen(path));
    }
    fputs(": ", run->out);
    tool_print_text(run->out, result->reason, strlen(result->reason));
    fprintf(run->out, " (%s, protocol %d)\n", dialect, result->protocol);
}

static void json_place(tool_json *json, const char *offset_key, const char *opcode_key, uint64_t base, uint64_t offset,
                       const char *opcode)
{
    tool_json_key(json, offset_key);
    if (offset == NPKI_CHECK_NOWHERE)
        tool_json_null(json);
    else
        tool_json_uint(json, base + offset);
    tool_json_key(json, opcode_key);
    if (opcode == NULL)
        tool_json_null(json);
    else
        tool_json_string(json, opcode);
}

static void json_result(tool_json *json, uint64_t base, size_t size, const npki_check_result *result,
                        const char *writer)
{
    tool_json_begin(json, '{');
    tool_json_key(json, "offset");
    tool_json_uint(json, base);
    tool_json_key(json, "size");
    tool_json_uint(json, size);
    tool_json_key(json, "protocol");
    tool_json_int(json, result->protocol);
    char dialect[TOOL_DIALECT];
    npk_dialect_str(result->dialect, dialect, sizeof dialect);
    tool_json_key(json, "dialect");
    tool_json_string(json, dialect);
    tool_json_key(json, "writer");
    tool_json_string(json, writer);
    tool_json_key(json, "identical");
    tool_json_bool(json, result->identical);
    tool_json_key(json, "difference");
    if (result->identical) {
        tool_json_null(json);
    } else {
        tool_json_begin(json, '{');
        json_place(json, "offset", "opcode", base, result->offset, result->opcode);
        json_place(json, "written_offset", "written_opcode", 0, result->written_offset, result->written_opcode);
        tool_json_key(json, "path");
        if (result->path == NULL)
            tool_json_null(json);
        else
            tool_json_string(json, result->path);
        tool_json_key(json, "reason");
        tool_json_string(json, result->reason);
        tool_json_end(json, '}');
    }
    tool_json_end(json, '}');
}

static npk_status check_pickle(check_run *run, const npk_doc *doc, const uint8_t *bytes, uint64_t start,
                               npk_error *error)
{
    npk_doc_info info;
    npki_check_result result;
    npk_identity writer = {.text = ""};
    npk_doc_info_of(doc, &info);
    npk_status status = npki_check(doc, bytes + start + info.offset, (size_t)info.size, &run->wish, &result, error);
    if (status == NPK_OK)
        status = npki_identify(doc, NULL, result.pythons, &writer, error);
    if (status == NPK_OK && run->json)
        json_result(&run->body, start + info.offset, (size_t)info.size, &result, writer.text);
    else if (status == NPK_OK)
        print_result(run, start + info.offset, &result, writer.text);
    run->differs = run->differs || (status == NPK_OK && !result.identical);
    free(result.path);
    return status;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* tool_use */
static npk_status check_item(void *context, const tool_item *item, npk_error *error)
{
    check_run *run = context;
    if (item->doc == NULL)
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET, "a %s of numbers holds no pickle", run->title);
    return check_pickle(run, item->doc, run->bytes, item->base, error);
}

static npk_status check_file(check_run *run, npk_error *error)
{
    tool_input *input = NULL;
    size_t size;
    npk_status status = tool_open_whole(run->file, NULL, &input, error);
    if (status != NPK_OK)
        return status;
    run->bytes = tool_input_bytes(input, &size);
    run->title = tool_input_format(input)->title;
    status = tool_each(input, check_item, run, error);
    tool_close(input);
    return status;
}

static int run_file(check_run *run, tool_json *document)
{
    npk_error error = TOOL_NO_ERROR;
    char *body = NULL;
    size_t size = 0;
    run->differs = false;
    run->out = stdout;
    if (run->json) {
        run->out = open_memstream(&body, &size);
        if (run->out == NULL)
            return tool_no_memory();
        tool_json_start(&run->body, run->out);
        tool_json_key(&run->body, "pickles");
        tool_json_begin(&run->body, '[');
    }
    npk_status status = check_file(run, &error);
    int result = tool_worse(status == NPK_OK ? TOOL_GOOD : tool_report(run->file, &error),
                            run->differs ? TOOL_FINDING : TOOL_GOOD);
    if (!run->json)
        return result;
    tool_json_end(&run->body, ']');
    bool failed = ferror(run->out) != 0;
    if (fclose(run->out) != 0 || failed)
        result = tool_worse(result, tool_no_memory());
    else
        tool_json_file(document, run->file, status, &error, body, size);
    free(body);
    return result;
}

static int check(const tool_arguments *arguments)
{
    const char *const *values = arguments->values;
    npk_write_options asked;
    tool_json document;
    int result = tool_parse_writer(arguments->command, values[OPTION_PROTOCOL], values[OPTION_DIALECT], &asked);
    if (result != TOOL_GO_ON)
        return result;
    check_run run = {.json = values[OPTION_JSON] != NULL};
    run.wish = (npki_check_wish){
        .protocol_given = asked.protocol_given,
        .protocol = asked.protocol,
        .dialect_given = values[OPTION_DIALECT] != NULL,
        .dialect = asked.dialect,
    };
    result = TOOL_GOOD;
    if (run.json)
        tool_json_open_files(&document);
    for (int i = 0; i < arguments->operand_count; i++) {
        run.file = arguments->operands[i];
        result = tool_worse(result, run_file(&run, &document));
    }
    if (run.json)
        tool_json_close_files(&document);
    return tool_finish_output(result);
}

const tool_command tool_check = {
    .name = "check",
    .operands = "FILE...",
    .summary = "Read pickles, write them again, and compare the bytes",
    .options = options,
    .option_count = OPTIONS,
    .least = 1,
    .most = TOOL_ANY_NUMBER,
    .run = check,
};
