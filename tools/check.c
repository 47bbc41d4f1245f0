/* npickle check: pickles read and written again, byte for byte. */
#include "buffers.h"
#include "common.h"
#include "input.h"
#include "json.h"
#include "lines.h"
#include "option.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_DIALECT,
    OPTION_PROTOCOL,
    OPTION_STRICT,
    OPTION_JSON,
    OPTIONS
};

static const tool_option options[OPTIONS] = {
    [OPTION_DIALECT] = {"dialect", 0, "NAME", "write in this dialect; else in the one that the bytes show"},
    [OPTION_PROTOCOL] = {"protocol", 'p', "N", "write at this protocol; else at the pickle's own"},
    [OPTION_STRICT] = {"strict", 's', NULL, "with the names and memo numbers of that dialect, not the pickle's own"},
    [OPTION_JSON] = {"json", 'j', NULL, "one JSON document for all files"},
};

#define TINY                                                                                                           \
    16 /* bytes of a pickle: there are not many so small ones, and a stream of them has the same again and again */
#define KEPT 512

/* What was found of a tiny pickle, for the next one like it. */
typedef struct check_kept {
    size_t size; /* 0: of none */
    uint8_t bytes[TINY];
    npk_check_result result;
} check_kept;

typedef struct check_run {
    const char *file;
    const char *title; /* of its format */
    const uint8_t *bytes;
    const tool_arguments *arguments;
    npk_read_options reading;
    tool_opening opening;
    npk_check_options options;
    bool json;
    tool_json_buffer body; /* the pickles of one file, as JSON: its status comes before them */
    uint64_t charged;      /* bytes of it */
    tool_lines lines;      /* the same as text */
    npk_budget *budget;    /* the smallest pickles are shorter than a line */
    tool_pickle last;      /* of which this is to be said, if it is identical: */
    npk_check_result result;
    check_kept *kept_results; /* KEPT of them, by their hash; NULL: there are none yet */
    bool differs;
    int kept; /* exit status for malformed objects that were kept */
} check_run;

/* --- one pickle --------------------------------------------------------------------------------------------------- */

/* `base`: of the bytes that its offset counts from. */
static void print_place(FILE *out, uint64_t base, const npk_check_place *place)
{
    if (place->offset == NPK_NO_OFFSET)
        fputs("the end", out);
    else
        fprintf(out, "byte %" PRIu64 " (opcode %s)", base + place->offset, place->opcode);
}

/* `base`: of the pickle in its file. Offsets of what was written count from its own start. */
static void print_result(FILE *out, uint64_t base, const npk_check_result *result)
{
    char dialect[TOOL_DIALECT];
    npk_dialect_str(result->dialect, dialect, sizeof dialect);
    if (result->verdict == NPK_VERDICT_IDENTICAL) {
        fprintf(out, ": identical (%s, protocol %d): %s", dialect, result->protocol, result->writer.text);
        return;
    }
    fputs(": differs", out);
    if (result->read.opcode != NULL || result->written.opcode != NULL) {
        fputs(" at ", out);
        print_place(out, base, &result->read);
        fputs(" / ", out);
        print_place(out, 0, &result->written);
    }
    if (result->path != NULL) {
        fputs(", at ", out);
        tool_print_string(out, tool_shown_path(result->path));
    }
    fputs(": ", out);
    tool_print_string(out, result->reason);
    fprintf(out, " (%s, protocol %d)", dialect, result->protocol);
}

static void json_place(tool_json *json, const char *offset_key, const char *opcode_key, uint64_t base,
                       const npk_check_place *place)
{
    tool_json_key(json, offset_key);
    if (place->offset == NPK_NO_OFFSET)
        tool_json_null(json);
    else
        tool_json_uint(json, base + place->offset);
    tool_json_key(json, opcode_key);
    if (place->opcode == NULL)
        tool_json_null(json);
    else
        tool_json_string(json, place->opcode);
}

static void json_result(tool_json *json, uint64_t base, size_t size, const npk_check_result *result)
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
    tool_json_string(json, result->writer.text);
    tool_json_key(json, "identical");
    tool_json_bool(json, result->verdict == NPK_VERDICT_IDENTICAL);
    tool_json_key(json, "difference");
    if (result->verdict == NPK_VERDICT_IDENTICAL) {
        tool_json_null(json);
    } else {
        tool_json_begin(json, '{');
        json_place(json, "offset", "opcode", base, &result->read);
        json_place(json, "written_offset", "written_opcode", 0, &result->written);
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

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* What was added to the JSON. */
static npk_status charge_json(check_run *run, uint64_t base, npk_error *error)
{
    if (fflush(run->body.json.out) != 0)
        return tool_fail_memory(error);
    npk_status status = npk_budget_spend(run->budget, run->body.size - run->charged, error);
    run->charged = run->body.size;
    if (status != NPK_OK)
        error->offset = base;
    return status;
}

static check_kept *place_of(check_run *run, const uint8_t *bytes, size_t size)
{
    uint32_t hash = (uint32_t)size;
    if (run->kept_results == NULL)
        run->kept_results = calloc(KEPT, sizeof *run->kept_results);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT32_C(0x9e3779b1);
    return run->kept_results == NULL ? NULL : &run->kept_results[(hash >> 16) % KEPT];
}

/* *out: what is to be said, until the next call. */
static npk_status check_pickle(check_run *run, const tool_item *item, const npk_doc_info *info, const uint8_t *bytes,
                               const npk_check_result **out, npk_error *error)
{
    const size_t size = (size_t)info->size;
    const bool alone = info->earlier == 0 && info->buffers == 0 && npk_doc_fault(item->doc, 0) == NULL;
    check_kept *kept = alone && size <= TINY ? place_of(run, bytes, size) : NULL;
    const bool same = kept != NULL
                          ? kept->size == size && memcmp(kept->bytes, bytes, size) == 0
                          : tool_same_pickle(&run->last, info, bytes) && run->result.verdict == NPK_VERDICT_IDENTICAL;
    npk_check_result *result = kept != NULL ? &kept->result : &run->result;
    *out = result;
    if (same)
        return NPK_OK;
    npk_check_result_free(result);
    npk_status status = npk_check_doc(item->doc, bytes, size, &run->options, result, error);
    if (kept != NULL && status == NPK_OK)
        memcpy(kept->bytes, bytes, size);
    if (kept != NULL)
        kept->size = status == NPK_OK ? size : 0;
    return status;
}

static void forget(check_run *run)
{
    npk_check_result_free(&run->result);
    for (size_t i = 0; run->kept_results != NULL && i < KEPT; i++)
        npk_check_result_free(&run->kept_results[i].result);
    free(run->kept_results);
    run->kept_results = NULL;
}

/* tool_use */
static npk_status check_item(void *context, const tool_item *item, npk_error *error)
{
    check_run *run = context;
    npk_doc_info info;
    const npk_check_result *result = NULL;
    if (!npk_doc_info_of(item->doc, &info))
        return tool_fail(error, NPK_ERR_UNSUPPORTED, NPK_NO_OFFSET, "a %s of numbers holds no pickle", run->title);
    uint64_t base = item->base + info.offset;
    npk_status status = check_pickle(run, item, &info, run->bytes + base, &result, error);
    if (status != NPK_OK)
        return status;
    if (run->json) {
        json_result(&run->body.json, base, (size_t)info.size, result);
        status = charge_json(run, base, error);
    } else {
        print_result(run->lines.out, base, result);
        status = tool_lines_end(&run->lines, base, error);
    }
    run->differs = run->differs || result->verdict != NPK_VERDICT_IDENTICAL;
    return status;
}

static npk_status check_file(check_run *run, npk_error *error)
{
    tool_input *input = NULL;
    npk_error unused;
    size_t size;
    npk_status status = tool_open_as(run->file, &run->reading, run->opening, &input, error);
    if (status != NPK_OK)
        return status;
    run->bytes = tool_input_bytes(input, &size);
    run->title = tool_input_format(input)->title;
    run->last.bytes = NULL;
    run->budget = run->lines.budget = tool_input_budget(input);
    status = tool_each(input, check_item, run, error);
    npk_status flushed = run->json ? NPK_OK : tool_lines_flush(&run->lines, status == NPK_OK ? error : &unused);
    status = status == NPK_OK ? flushed : status;
    forget(run);
    run->kept = tool_worse(run->kept, tool_input_exit(input));
    tool_count_buffers(run->arguments, TOOL_BUFFERS_OF_FIRST, input);
    tool_close(input);
    return status;
}

static int check_text(check_run *run)
{
    npk_error error = TOOL_NO_ERROR;
    if (!tool_lines_start(&run->lines, run->file, NULL))
        return tool_no_memory();
    npk_status status = check_file(run, &error);
    tool_lines_free(&run->lines);
    return status == NPK_OK ? TOOL_GOOD : tool_report(run->file, &error);
}

static int check_json(check_run *run, tool_json *document)
{
    npk_error error = TOOL_NO_ERROR;
    tool_json *json = &run->body.json;
    run->charged = 0;
    if (!tool_json_buffer_start(&run->body))
        return tool_no_memory();
    tool_json_key(json, "pickles");
    tool_json_begin(json, '[');
    npk_status status = check_file(run, &error);
    int result = status == NPK_OK ? TOOL_GOOD : tool_report(run->file, &error);
    tool_json_end(json, ']');
    if (!tool_json_buffer_finish(&run->body)) {
        result = tool_worse(result, tool_no_memory());
    } else {
        tool_json_begin_file(document, run->file, status, &error);
        tool_json_raw(document, run->body.text, run->body.size);
        tool_json_end(document, '}');
    }
    tool_json_buffer_free(&run->body);
    return result;
}

static int check(const tool_arguments *arguments)
{
    const char *const *values = arguments->values;
    npk_write_options asked;
    tool_json document;
    int result = tool_parse_writer(arguments, &asked);
    if (result != TOOL_GO_ON)
        return result;
    check_run run = {.json = values[OPTION_JSON] != NULL,
                     .opening = tool_parse_opening(arguments, TOOL_WHOLE),
                     .arguments = arguments};
    result = tool_parse_reader(arguments, &run.reading);
    if (result != TOOL_GO_ON)
        return result;
    run.options = (npk_check_options){.protocol = asked.protocol, .dialect = asked.dialect, .reading = &run.reading};
    run.options.flags = (values[OPTION_PROTOCOL] != NULL ? NPK_CHECK_PROTOCOL : 0u) |
                        (values[OPTION_DIALECT] != NULL ? NPK_CHECK_DIALECT : 0u) |
                        (values[OPTION_STRICT] != NULL ? NPK_CHECK_STRICT : 0u);
    result = TOOL_GOOD;
    if (run.json)
        tool_json_open_files(&document);
    for (int i = 0; i < arguments->operand_count; i++) {
        run.file = arguments->operands[i];
        tool_give_buffers(arguments, TOOL_BUFFERS_OF_FIRST, &run.reading);
        result = tool_worse(result, run.json ? check_json(&run, &document) : check_text(&run));
    }
    result = tool_worse(result, run.kept);
    if (run.differs)
        result = tool_worse(result, TOOL_FINDING);
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
    .shared = TOOL_READS,
    .least = 1,
    .most = TOOL_ANY_NUMBER,
    .run = check,
};
