/* Opening what a subcommand reads. */
#define _POSIX_C_SOURCE 200809L

#include "common.h"

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_BYTES 8         /* enough to tell a .npy file */
#define MAP_FROM (1u << 20)   /* bytes; smaller files are read */
#define READ_CHUNK (1u << 16) /* bytes of memory before the first byte of a stream is known */

struct tool_input {
    bool is_file;
    npki_input file;
    uint8_t first[FIRST_BYTES]; /* of a stream: read to see what it is */
    size_t first_size;
    size_t first_given; /* of them to the reader */
    uint8_t *bytes;     /* of a stream that is read whole: all of it */
    size_t size;
    npk_npy *npy;
    npk_reader *reader;
};

int64_t tool_read_some(int fd, void *out, size_t size)
{
    ssize_t got;
    do
        got = read(fd, out, size);
    while (got < 0 && errno == EINTR);
    return got;
}

npk_status tool_read_all(int fd, size_t most, uint8_t **bytes, size_t *size, npk_error *error)
{
    size_t room = 0, used = 0;
    uint8_t *all = NULL;
    for (;;) {
        if (used == room) {
            room = room == 0 ? READ_CHUNK : 2 * room;
            uint8_t *more = room < used ? NULL : realloc(all, room);
            if (more == NULL) {
                free(all);
                return npki_no_memory(error);
            }
            all = more;
        }
        size_t wanted = room - used;
        if (most < SIZE_MAX && wanted > most + 1 - used)
            wanted = most + 1 - used;
        int64_t got = wanted == 0 ? 0 : tool_read_some(fd, all + used, wanted);
        if (got < 0) {
            free(all);
            return npki_fail_system(error, errno, "read");
        }
        used += (size_t)got;
        if (got == 0)
            break;
    }
    *bytes = all;
    *size = used;
    return NPK_OK;
}

/* npk_read_function: the bytes looked at come first. */
static int64_t read_stream(void *context, void *out, size_t size, int *system)
{
    tool_input *input = context;
    size_t left = input->first_size - input->first_given;
    if (left > 0) {
        size_t give = size < left ? size : left;
        memcpy(out, input->first + input->first_given, give);
        input->first_given += give;
        return (int64_t)give;
    }
    int64_t got = tool_read_some(STDIN_FILENO, out, size);
    if (got < 0)
        *system = errno;
    return got;
}

static npk_status read_stream_whole(tool_input *input, npk_error *error)
{
    uint8_t *rest;
    size_t rest_size;
    npk_status status = tool_read_all(STDIN_FILENO, SIZE_MAX, &rest, &rest_size, error);
    if (status != NPK_OK)
        return status;
    uint8_t *bytes = realloc(rest, input->first_size + rest_size + 1);
    if (bytes == NULL) {
        free(rest);
        return npki_no_memory(error);
    }
    memmove(bytes + input->first_size, bytes, rest_size);
    memcpy(bytes, input->first, input->first_size);
    input->bytes = bytes;
    input->size = input->first_size + rest_size;
    return NPK_OK;
}

static npk_status open_stream(tool_input *input, const npk_read_options *options, bool whole, npk_error *error)
{
    while (input->first_size < FIRST_BYTES) {
        int64_t got = tool_read_some(STDIN_FILENO, input->first + input->first_size, FIRST_BYTES - input->first_size);
        if (got < 0)
            return npki_fail_system(error, errno, "read");
        if (got == 0)
            break;
        input->first_size += (size_t)got;
    }
    bool is_npy = npk_npy_is(input->first, input->first_size);
    if (!is_npy && !whole)
        return npk_reader_callback(read_stream, input, options, &input->reader, error);
    npk_status status = read_stream_whole(input, error);
    if (status != NPK_OK)
        return status;
    return is_npy ? npk_npy_load_memory(input->bytes, input->size, options, &input->npy, error)
                  : npk_reader_memory(input->bytes, input->size, options, &input->reader, error);
}

static npk_status open_file(tool_input *input, const char *path, const npk_read_options *options, npk_error *error)
{
    npk_allocator allocator = npki_allocator(NULL);
    npk_status status = npki_input_open(&input->file, path, &allocator, MAP_FROM, error);
    if (status != NPK_OK)
        return status;
    input->is_file = true;
    if (npk_npy_is(input->file.bytes, input->file.size))
        return npk_npy_load_memory(input->file.bytes, input->file.size, options, &input->npy, error);
    return npk_reader_memory(input->file.bytes, input->file.size, options, &input->reader, error);
}

static npk_status open_input(const char *path, const npk_read_options *options, bool whole, tool_input **out,
                             npk_error *error)
{
    tool_input *input = calloc(1, sizeof *input);
    if (input == NULL)
        return npki_no_memory(error);
    npk_status status =
        strcmp(path, "-") == 0 ? open_stream(input, options, whole, error) : open_file(input, path, options, error);
    if (status != NPK_OK) {
        tool_close(input);
        return status;
    }
    *out = input;
    return NPK_OK;
}

npk_status tool_open(const char *path, const npk_read_options *options, tool_input **out, npk_error *error)
{
    return open_input(path, options, false, out, error);
}

npk_status tool_open_whole(const char *path, const npk_read_options *options, tool_input **out, npk_error *error)
{
    return open_input(path, options, true, out, error);
}

const uint8_t *tool_input_bytes(const tool_input *input, size_t *size)
{
    *size = input->is_file ? input->file.size : input->size;
    return input->is_file ? input->file.bytes : input->bytes;
}

const npk_npy *tool_input_npy(const tool_input *input)
{
    return input->npy;
}

npk_status tool_next(tool_input *input, npk_doc **out, npk_error *error)
{
    return npk_reader_next(input->reader, out, error);
}

void tool_close(tool_input *input)
{
    if (input == NULL)
        return;
    npk_reader_close(input->reader);
    npk_npy_free(input->npy);
    free(input->bytes);
    if (input->is_file)
        npki_input_close(&input->file);
    free(input);
}
