/* npickle dis: what python3 -m pickletools prints. */
#define _POSIX_C_SOURCE 200809L

#include "common.h"
#include "input.h"
#include "option.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT_BUFFER (1u << 16)

enum { OPTION_ALL, OPTION_ANNOTATE, OPTION_LATIN1, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_ALL] = {"all", 0, NULL, "go on with the pickles that follow the first"},
    [OPTION_ANNOTATE] = {"annotate", 'a', NULL, "say after each opcode what it does"},
    [OPTION_LATIN1] = {"latin1", 0, NULL, "show strings of Python 2 beyond ASCII, as \\xNN"},
};

/* What is read, and what it is held in. */
typedef struct dis_input {
    npk_file *file;
    int stream;   /* a descriptor, or -1 */
    uint8_t *all; /* of the stream */
    uint8_t *mended;
    size_t mended_size;
    const void *bytes; /* all of them; NULL where they come as they are needed */
    size_t size;
    npk_instructions *instructions;
} dis_input;

static npk_status disassemble(npk_instructions *in, const npk_instruction_options *how, bool all, npk_error *error)
{
    npk_status status;
    bool more = true;
    do {
        status = npk_print_instructions(in, how, tool_sink_file, stdout, error);
        if (status == NPK_OK && all)
            status = npk_instructions_more(in, &more, error);
    } while (status == NPK_OK && all && more);
    return status;
}

static npk_status open_input(dis_input *in, const char *path, tool_opening how, const npk_read_options *reading,
                             npk_error *error)
{
    const void *bytes = NULL;
    size_t size = 0;
    bool stream = tool_is_stream(path);
    npk_status status = stream ? tool_open_stream(path, &in->stream, error) : NPK_OK;
    if (status == NPK_OK && stream && how != TOOL_REPAIRED)
        return npk_instructions_callback(npk_source_fd, &in->stream, NULL, &in->instructions, error);
    if (status == NPK_OK)
        status = stream ? tool_read_stream(in->stream, SIZE_MAX, &in->all, &size, error)
                        : npk_file_open(path, NPK_INPUT_AUTO, NULL, &in->file, error);
    if (status == NPK_OK)
        bytes = stream ? in->all : npk_file_bytes(in->file, &size);
    if (status == NPK_OK && how == TOOL_REPAIRED)
        status = npk_undo_crlf(bytes, size, reading, &in->mended, &in->mended_size, error);
    if (status != NPK_OK)
        return status;
    in->bytes = bytes;
    in->size = size;
    if (how == TOOL_REPAIRED)
        tool_note_repair(path, in->mended == NULL ? 0 : size - in->mended_size);
    if (in->mended == NULL)
        return npk_instructions_memory(bytes, size, NULL, &in->instructions, error);
    return npk_instructions_memory(in->mended, in->mended_size, NULL, &in->instructions, error);
}

/* Where the first byte is none of a pickle's: what the reader says of the file, which knows other formats. */
static void name_format(const void *bytes, size_t size, const npk_read_options *reading, npk_error *error)
{
    npk_doc *doc = NULL;
    npk_error why;
    const tool_format *format = tool_format_of_bytes(bytes, size);
    if (bytes == NULL || error->offset != 0)
        return;
    if (npk_doc_load_memory(bytes, size, reading, &doc, &why) == NPK_ERR_NOT_A_PICKLE)
        *error = why;
    else if (!format->any_value)
        tool_fail(error, NPK_ERR_NOT_A_PICKLE, 0, "expected a pickle, found a %s", format->title);
    npk_doc_free(doc);
}

static void close_input(dis_input *in)
{
    npk_instructions_free(in->instructions);
    npk_bytes_free(NULL, in->mended, in->mended_size);
    npk_file_close(in->file);
    tool_close_stream(in->stream);
    free(in->all);
}

static int dis(const tool_arguments *arguments)
{
    const char *path = arguments->operands[0];
    npk_error error;
    npk_read_options reading;
    dis_input in = {.stream = -1};
    setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
    int result = tool_parse_reader(arguments, &reading);
    if (result != TOOL_GO_ON)
        return result;
    const npk_instruction_options how = {
        .annotate = arguments->values[OPTION_ANNOTATE] != NULL,
        .latin1 = arguments->values[OPTION_LATIN1] != NULL,
        .memo_scope = reading.memo_scope,
    };
    bool all = arguments->values[OPTION_ALL] != NULL || how.memo_scope == NPK_MEMO_OF_STREAM;
    npk_status status = open_input(&in, path, tool_parse_opening(arguments, TOOL_AS_IT_COMES), &reading, &error);
    if (status == NPK_OK)
        status = disassemble(in.instructions, &how, all, &error);
    result = tool_exit_of(status);
    if (npk_status_band(status) == NPK_BAND_MALFORMED)
        name_format(in.bytes, in.size, &reading, &error);
    if (status != NPK_OK)
        result = tool_report(path, &error);
    close_input(&in);
    return tool_finish_output(result);
}

const tool_command tool_dis = {
    .name = "dis",
    .operands = "FILE",
    .summary = "Disassemble a pickle, as python3 -m pickletools does",
    .options = options,
    .option_count = OPTIONS,
    .shared = TOOL_TAKES_KEEP_MEMO | TOOL_TAKES_REPAIR,
    .least = 1,
    .most = 1,
    .run = dis,
};
