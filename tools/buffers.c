#define _POSIX_C_SOURCE 200809L

#include "buffers.h"

#include "common.h"
#include "option.h"
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- read --------------------------------------------------------------------------------------------------------- */

static bool make_room(tool_buffers *out, size_t count)
{
    out->files = calloc(count + 1, sizeof(npk_file *));
    out->names = calloc(count + 1, sizeof(char *));
    out->items = calloc(count + 1, sizeof *out->items);
    out->kept = calloc(count + 1, sizeof *out->kept);
    return out->files != NULL && out->names != NULL && out->items != NULL && out->kept != NULL;
}

static npk_status open_buffer(tool_buffers *out, const char *path, npk_error *error)
{
    npk_buffer *item = &out->items[out->count];
    npk_status status = npk_file_open(path, NPK_INPUT_AUTO, NULL, &out->files[out->count], error);
    if (status != NPK_OK)
        return status;
    item->bytes = npk_file_bytes(out->files[out->count], &item->size);
    if (item->size == 0)
        item->bytes = &out->names[out->count]; /* an address of its own */
    out->names[out->count++] = path;
    return NPK_OK;
}

static int open_option(const tool_arguments *arguments, const char *option, tool_buffers *out)
{
    npk_error error;
    if (!make_room(out, arguments->given_count))
        return tool_no_memory();
    for (size_t i = 0; i < arguments->given_count; i++) {
        const tool_given *given = &arguments->given[i];
        if (strcmp(arguments->options[given->row].name, option) != 0)
            continue;
        if (strcmp(given->value, "-") == 0) /* the pickle's place */
            return tool_usage(arguments->command, "--%s: expected a file, found '-'", option);
        if (open_buffer(out, given->value, &error) != NPK_OK)
            return tool_report(given->value, &error);
    }
    return TOOL_GO_ON;
}

int tool_open_buffers(const tool_arguments *arguments)
{
    static const tool_option names[TOOL_BUFFERS] = {TOOL_OPTION_BUFFER, TOOL_OPTION_BUFFER_B};
    int result = TOOL_GO_ON;
    for (int i = 0; result == TOOL_GO_ON && i < TOOL_BUFFERS; i++)
        result = open_option(arguments, names[i].name, &arguments->buffers[i]);
    return result;
}

void tool_close_buffers(const tool_arguments *arguments)
{
    for (int i = 0; i < TOOL_BUFFERS; i++) {
        tool_buffers *buffers = &arguments->buffers[i];
        for (size_t k = 0; k < buffers->count; k++)
            npk_file_close(buffers->files[k]);
        free(buffers->files);
        free(buffers->names);
        free(buffers->items);
        free(buffers->kept);
        *buffers = (tool_buffers){.count = 0};
    }
}

bool tool_keep_buffer(const tool_arguments *arguments, const npk_buffer *buffer)
{
    const tool_buffers *buffers = arguments->buffers == NULL ? NULL : &arguments->buffers[TOOL_BUFFERS_OF_FIRST];
    for (size_t i = 0; buffer->outside && buffers != NULL && i < buffers->count; i++)
        if (buffers->items[i].bytes == buffer->bytes)
            return buffers->kept[i] = true;
    return false;
}

void tool_keep_other_buffers(const tool_arguments *arguments, uint64_t from, uint64_t to)
{
    const tool_buffers *buffers = arguments->buffers == NULL ? NULL : &arguments->buffers[TOOL_BUFFERS_OF_FIRST];
    for (size_t i = 0; buffers != NULL && i < buffers->count; i++)
        buffers->kept[i] = buffers->kept[i] || i < from || i >= to;
}

void tool_note_dropped_buffers(const tool_arguments *arguments, const char *file)
{
    const tool_buffers *buffers = arguments->buffers == NULL ? NULL : &arguments->buffers[TOOL_BUFFERS_OF_FIRST];
    for (size_t i = 0; buffers != NULL && i < buffers->count; i++)
        if (!buffers->kept[i])
            tool_note(file, "'%s' is not wanted any more: the new array is in the pickle", buffers->names[i]);
}

void tool_give_buffers(const tool_arguments *arguments, enum tool_buffers_of of, npk_read_options *out)
{
    const tool_buffers *buffers = arguments->buffers == NULL ? NULL : &arguments->buffers[of];
    out->buffers = buffers == NULL ? NULL : buffers->items + buffers->used;
    out->buffer_count = buffers == NULL ? 0 : buffers->count - buffers->used;
}

void tool_count_buffers(const tool_arguments *arguments, enum tool_buffers_of of, const tool_input *input)
{
    if (arguments->buffers != NULL)
        arguments->buffers[of].used += (size_t)tool_input_buffers(input);
}

npk_status tool_check_given_buffers(const tool_arguments *arguments, npk_error *error)
{
    for (int i = 0; i < TOOL_BUFFERS && arguments->buffers != NULL; i++) {
        const tool_buffers *buffers = &arguments->buffers[i];
        if (buffers->used < buffers->count)
            return tool_fail(error, NPK_ERR_USAGE, NPK_NO_OFFSET,
                             "%zu buffer%s given, the input refers to %zu: '%s' is not wanted", buffers->count,
                             buffers->count == 1 ? " was" : "s were", buffers->used, buffers->names[buffers->used]);
    }
    return NPK_OK;
}

int tool_check_buffers(const tool_arguments *arguments, int result)
{
    npk_error error;
    if (result != TOOL_GOOD || tool_check_given_buffers(arguments, &error) == NPK_OK)
        return result;
    return tool_usage(arguments->command, "%s", error.message);
}

/* --- write -------------------------------------------------------------------------------------------------------- */

#define FILE_NAME 32 /* "/", digits of any number, ".buf" */

static const char *name_of(tool_buffers_out *out, uint64_t number)
{
    size_t length = strlen(out->directory);
    snprintf(out->path + length, FILE_NAME, "/%06" PRIu64 ".buf", number);
    return out->path;
}

static bool is_buffer_file(const char *name)
{
    size_t length = strlen(name);
    return length >= 4 && strcmp(name + length - 4, ".buf") == 0;
}

/* An older .buf file would stand among the new ones as if it were one of them. */
static npk_status refuse_older(const char *directory, npk_error *error)
{
    npk_status status = NPK_OK;
    DIR *entries = opendir(directory);
    if (entries == NULL)
        return tool_fail_system(error, errno, "list the directory");
    for (struct dirent *entry; status == NPK_OK && (entry = readdir(entries)) != NULL;)
        if (is_buffer_file(entry->d_name))
            status = tool_fail(error, NPK_ERR_USAGE, NPK_NO_OFFSET,
                               "expected a directory without .buf files, found '%s'", entry->d_name);
    closedir(entries);
    return status;
}

npk_status tool_open_buffers_out(tool_buffers_out *out, npk_error *error)
{
    size_t length = strlen(out->directory);
    out->error = (npk_error){.status = NPK_OK};
    out->path = malloc(length + FILE_NAME);
    if (out->path == NULL)
        return tool_fail_memory(error);
    memcpy(out->path, out->directory, length + 1);
    npk_status status = tool_part_directory(out->directory, error);
    return status == NPK_OK ? refuse_older(out->directory, error) : status;
}

int tool_start_buffers_out(const char *command, const char *directory, npk_write_options *options,
                           tool_buffers_out *out)
{
    npk_error error;
    if (options->protocol_given && options->protocol < 5)
        return tool_usage(command, "--buffers-out: protocol %d has nothing outside, 5 has", options->protocol);
    options->protocol_given = true;
    options->protocol = 5;
    options->buffer = tool_write_buffer;
    options->buffer_context = out;
    out->directory = directory;
    return tool_open_buffers_out(out, &error) == NPK_OK ? TOOL_GO_ON : tool_report(directory, &error);
}

static npk_status write_file(const tool_buffers_out *out, const char *path, const npk_buffer *buffer, npk_error *error)
{
    tool_output file;
    npk_status status = npk_budget_spend(out->budget, buffer->size, error);
    if (status == NPK_OK)
        status = tool_output_open_part(&file, path, error);
    if (status != NPK_OK)
        return status;
    int failed = buffer->size > 0 ? file.write(file.context, buffer->bytes, buffer->size) : 0;
    if (failed != 0)
        status = tool_fail_system(error, failed, "write");
    return tool_output_close(&file, status, error);
}

bool tool_write_buffer(void *context, const npk_buffer *buffer)
{
    tool_buffers_out *out = context;
    if (out->error.status != NPK_OK || write_file(out, name_of(out, out->count), buffer, &out->error) != NPK_OK)
        return false;
    out->count++;
    return true;
}

void tool_close_buffers_out(tool_buffers_out *out)
{
    tool_parts_drop();
    free(out->path);
    out->path = NULL;
}
