/* npickle check: pickles read and written again, byte for byte. */
#define _POSIX_C_SOURCE 200809L

#include "arrays.h"
#include "compare/identify.h"
#include "json_file.h"
#include "option.h"
#include "compare/check.h"

#include "base/error.h"

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
    npki_check_wish wish;
    bool json;
    npki_json body; /* of the pickles of one file */
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

static void json_place(npki_json *json, const char *offset_key, const char *opcode_key, uint64_t base, uint64_t offset,
                       const char *opcode)
{
    npki_json_key(json, offset_key);
    if (offset == NPKI_CHECK_NOWHERE)
        npki_json_null(json);
    else
        npki_json_uint(json, base + offset);
    npki_json_key(json, opcode_key);
    if (opcode == NULL)
        npki_json_null(json);
    else
        npki_json_string(json, opcode);
}

static void json_result(npki_json *json, uint64_t base, size_t size, const npki_check_result *result,
                        const char *writer)
{
    npki_json_begin(json, '{');
    npki_json_key(json, "offset");
    npki_json_uint(json, base);
    npki_json_key(json, "size");
    npki_json_uint(json, size);
    npki_json_key(json, "protocol");
    npki_json_int(json, result->protocol);
    char dialect[TOOL_DIALECT];
    npk_dialect_str(result->dialect, dialect, sizeof dialect);
    npki_json_key(json, "dialect");
    npki_json_string(json, dialect);
    npki_json_key(json, "writer");
    npki_json_string(json, writer);
    npki_json_key(json, "identical");
    npki_json_bool(json, result->identical);
    npki_json_key(json, "difference");
    if (result->identical) {
        npki_json_null(json);
    } else {
        npki_json_begin(json, '{');
        json_place(json, "offset", "opcode", base, result->offset, result->opcode);
        json_place(json, "written_offset", "written_opcode", 0, result->written_offset, result->written_opcode);
        npki_json_key(json, "path");
        if (result->path == NULL)
            npki_json_null(json);
        else
            npki_json_string(json, result->path);
        npki_json_key(json, "reason");
        npki_json_string(json, result->reason);
        npki_json_end(json, '}');
    }
    npki_json_end(json, '}');
}

/* `start`: where the bytes that the document was read from begin in the file. */
static npk_status check_pickle(check_run *run, const npk_doc *doc, const uint8_t *bytes, uint64_t start,
                               npk_error *error)
{
    npk_doc_info info;
    npk_doc_info_of(doc, &info);
    npki_check_result result;
    npk_identity writer = {.text = ""};
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

static npk_status check_pickles(check_run *run, tool_input *input, npk_error *error)
{
    npk_doc *doc;
    size_t size;
    npk_status status;
    bool none = true;
    const uint8_t *bytes = tool_input_bytes(input, &size);
    while ((status = tool_next(input, &doc, error)) == NPK_OK && doc != NULL) {
        none = false;
        status = check_pickle(run, doc, bytes, 0, error);
        npk_doc_free(doc);
        if (status != NPK_OK)
            return status;
    }
    if (status == NPK_OK && none)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, 0, NPKI_NO_OPCODE, "expected a pickle, found no bytes");
    return status;
}

static npk_status check_file(check_run *run, npk_error *error)
{
    tool_input *input = NULL;
    size_t size;
    npk_status status = tool_open_whole(run->file, NULL, &input, error);
    if (status != NPK_OK)
        return status;
    const npk_npy *npy = tool_input_npy(input);
    if (npy == NULL)
        status = check_pickles(run, input, error);
    else if (npk_npy_doc(npy) != NULL)
        status = check_pickle(run, npk_npy_doc(npy), tool_input_bytes(input, &size), npk_npy_header_size(npy), error);
    else
        status = npki_fail(error, NPK_ERR_UNSUPPORTED, "a .npy file of numbers holds no pickle");
    tool_close(input);
    return status;
}

static int run_file(check_run *run, npki_json *document)
{
    npk_error error = {.status = NPK_OK, .opcode = NPKI_NO_OPCODE, .offset = NPK_NO_OFFSET};
    char *body = NULL;
    size_t size = 0;
    run->differs = false;
    run->out = stdout;
    if (run->json) {
        run->out = open_memstream(&body, &size);
        if (run->out == NULL)
            return tool_no_memory();
        npki_json_start(&run->body, run->out);
        npki_json_key(&run->body, "pickles");
        npki_json_begin(&run->body, '[');
    }
    npk_status status = check_file(run, &error);
    int result = tool_worse(status == NPK_OK ? TOOL_GOOD : tool_report(run->file, &error),
                            run->differs ? TOOL_FINDING : TOOL_GOOD);
    if (!run->json)
        return result;
    npki_json_end(&run->body, ']');
    bool failed = ferror(run->out) != 0;
    if (fclose(run->out) != 0 || failed)
        result = tool_worse(result, tool_no_memory());
    else
        tool_json_file(document, run->file, status, &error, body, size);
    free(body);
    return result;
}

int tool_check(int argc, char **argv)
{
    tool_arguments arguments;
    npk_write_options asked;
    npki_json document;
    int result = tool_parse_options(options, OPTIONS, argc, argv, 1, TOOL_ANY_NUMBER, &arguments);
    if (result == TOOL_GO_ON)
        result =
            tool_parse_writer(argv[0], arguments.values[OPTION_PROTOCOL], arguments.values[OPTION_DIALECT], &asked);
    if (result != TOOL_GO_ON)
        return result;
    check_run run = {.json = arguments.values[OPTION_JSON] != NULL};
    run.wish = (npki_check_wish){
        .protocol_given = asked.protocol_given,
        .protocol = asked.protocol,
        .dialect_given = arguments.values[OPTION_DIALECT] != NULL,
        .dialect = asked.dialect,
    };
    result = TOOL_GOOD;
    if (run.json)
        tool_json_open(&document, "files");
    for (int i = 0; i < arguments.operand_count; i++) {
        run.file = arguments.operands[i];
        result = tool_worse(result, run_file(&run, &document));
    }
    if (run.json)
        tool_json_close(&document);
    return tool_finish_output(result);
}
