/* npickle dis: what python3 -m pickletools prints. */
#define _POSIX_C_SOURCE 200809L

#include "common.h"

#include <string.h>
#include <unistd.h>

#define OUTPUT_BUFFER (1u << 16)

enum { OPTION_ALL, OPTION_ANNOTATE, OPTION_LATIN1, OPTIONS };

static const tool_option options[OPTIONS] = {
    [OPTION_ALL] = {"all", 0, NULL, "go on with the pickles that follow the first"},
    [OPTION_ANNOTATE] = {"annotate", 'a', NULL, "say after each opcode what it does"},
    [OPTION_LATIN1] = {"latin1", 0, NULL, "show strings of Python 2 beyond ASCII, as \\xNN"},
};

static npk_status disassemble(npk_instructions *in, const npk_instruction_options *how, bool all, npk_error *error)
{
    npk_status status;
    bool more = true;
    do {
        status = npk_print_instructions(in, how, npk_sink_file, stdout, error);
        if (status == NPK_OK && all)
            status = npk_instructions_more(in, &more, error);
    } while (status == NPK_OK && all && more);
    return status;
}

static npk_status open_instructions(const char *path, npk_file **file, npk_instructions **in, npk_error *error)
{
    static int input = STDIN_FILENO;
    size_t size;
    if (strcmp(path, "-") == 0)
        return npk_instructions_callback(npk_source_fd, &input, NULL, in, error);
    npk_status status = npk_file_open(path, NPK_INPUT_AUTO, NULL, file, error);
    if (status != NPK_OK)
        return status;
    const void *bytes = npk_file_bytes(*file, &size);
    return npk_instructions_memory(bytes, size, NULL, in, error);
}

static int dis(const tool_arguments *arguments)
{
    const npk_instruction_options how = {
        .annotate = arguments->values[OPTION_ANNOTATE] != NULL,
        .latin1 = arguments->values[OPTION_LATIN1] != NULL,
    };
    const char *path = arguments->operands[0];
    npk_error error;
    npk_file *file = NULL;
    npk_instructions *in = NULL;
    setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
    npk_status status = open_instructions(path, &file, &in, &error);
    if (status == NPK_OK)
        status = disassemble(in, &how, arguments->values[OPTION_ALL] != NULL, &error);
    int result = tool_exit_of(status);
    if (status != NPK_OK && !ferror(stdout)) /* else tool_finish_output says what failed */
        result = tool_report(path, &error);
    npk_instructions_free(in);
    npk_file_close(file);
    return tool_finish_output(result);
}

const tool_command tool_dis = {
    .name = "dis",
    .operands = "FILE",
    .summary = "Disassemble a pickle, as python3 -m pickletools does",
    .options = options,
    .option_count = OPTIONS,
    .least = 1,
    .most = 1,
    .run = dis,
};
