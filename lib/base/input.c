/* Where bytes come from, for the caller's use: descriptors, and files as a whole. */
#define _POSIX_C_SOURCE 200809L

#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define MAP_FROM (1u << 20) /* bytes; smaller files are read */

struct npk_file {
    npki_input input;
};

size_t npki_map_from(npk_input input)
{
    static const size_t map_from[] = {[NPK_INPUT_AUTO] = MAP_FROM, [NPK_INPUT_READ] = SIZE_MAX, [NPK_INPUT_MAP] = 1};
    return (size_t)input < sizeof map_from / sizeof *map_from ? map_from[input] : SIZE_MAX;
}

int64_t npk_source_fd(void *context, void *out, size_t size, int *system)
{
    const int errno_before = errno;
    const int *fd = context;
    ssize_t got;
    if (fd == NULL || (out == NULL && size > 0)) {
        if (system != NULL)
            *system = EINVAL;
        return -1;
    }
    do
        got = read(*fd, out, size < SSIZE_MAX ? size : SSIZE_MAX);
    while (got < 0 && errno == EINTR);
    if (got < 0 && system != NULL)
        *system = errno;
    errno = errno_before;
    return got;
}

int64_t npk_source_file(void *context, void *out, size_t size, int *system)
{
    const int errno_before = errno;
    if (context == NULL || (out == NULL && size > 0)) {
        if (system != NULL)
            *system = EINVAL;
        return -1;
    }
    errno = 0;
    size_t got = size == 0 ? 0 : fread(out, 1, size < SSIZE_MAX ? size : SSIZE_MAX, context);
    bool failed = got == 0 && size > 0 && ferror((FILE *)context) != 0;
    if (failed && system != NULL)
        *system = errno != 0 ? errno : EIO;
    errno = errno_before;
    return failed ? -1 : (int64_t)got;
}

npk_status npk_file_open(const char *path, npk_input input, const npk_allocator *allocator, npk_file **out,
                         npk_error *error)
{
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the file, found NULL");
    npk_allocator given = npki_allocator(allocator);
    npk_file *file = npki_allocate(&given, sizeof *file);
    if (file == NULL)
        return npki_no_memory(error);
    npk_status status = npki_input_open(&file->input, path, &given, npki_map_from(input), error);
    if (status != NPK_OK)
        npki_free(&given, file, sizeof *file);
    else
        *out = file;
    return status;
}

const void *npk_file_bytes(const npk_file *file, size_t *size)
{
    if (size != NULL)
        *size = file == NULL ? 0 : file->input.size;
    return file == NULL ? NULL : file->input.bytes;
}

void npk_file_close(npk_file *file)
{
    if (file == NULL)
        return;
    npk_allocator allocator = file->input.allocator;
    npki_input_close(&file->input);
    npki_free(&allocator, file, sizeof *file);
}
