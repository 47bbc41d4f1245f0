#define _POSIX_C_SOURCE 200809L

#include "output.h"

#include <string.h>
#include <unistd.h>

npk_status tool_output_open(tool_output *output, const char *path, npk_error *error)
{
    static int standard_output = STDOUT_FILENO;
    *output = (tool_output){.write = npk_sink_fd, .context = &standard_output};
    if (strcmp(path, "-") == 0)
        return NPK_OK;
    npk_status status = npk_output_open(path, NULL, &output->file, error);
    output->write = npk_sink_output;
    output->context = output->file;
    return status;
}

npk_status tool_output_close(tool_output *output, npk_status status, npk_error *error)
{
    if (output->file == NULL)
        return status;
    if (status == NPK_OK)
        return npk_output_commit(output->file, error);
    npk_output_abandon(output->file);
    return status;
}

npk_status tool_write_array(const char *path, const tool_format *format, const npk_array *array,
                            const npk_write_options *options, npk_error *error)
{
    tool_output output;
    npk_status status = tool_output_open(&output, path, error);
    if (status != NPK_OK)
        return status;
    status = format->write(output.write, output.context, array, options, error);
    return tool_output_close(&output, status, error);
}
