/* The sinks that are ready-made. */
#include <npickle/sink.h>

#include "base/error.h"
#include "base/file.h"
#include "base/reserved.h"

#include <errno.h>
#include <string.h>

int npk_sink_file(void *context, const void *bytes, size_t size)
{
    const int errno_before = errno;
    if (context == NULL || (bytes == NULL && size > 0))
        return EINVAL;
    errno = 0;
    bool good = size == 0 || fwrite(bytes, 1, size, context) == size;
    int system = good ? 0 : errno != 0 ? errno : EIO;
    errno = errno_before;
    return system;
}

int npk_sink_fd(void *context, const void *bytes, size_t size)
{
    if (context == NULL || (bytes == NULL && size > 0))
        return EINVAL;
    return npki_write_all(*(const int *)context, bytes, size);
}

int npk_sink_count(void *context, const void *bytes, size_t size)
{
    (void)bytes;
    uint64_t *count = context;
    if (count == NULL)
        return EINVAL;
    if (size > UINT64_MAX - *count)
        return EOVERFLOW;
    *count += size;
    return 0;
}

int npk_sink_fixed(void *context, const void *bytes, size_t size)
{
    npk_fixed_buffer *buffer = context;
    if (buffer == NULL || (bytes == NULL && size > 0))
        return EINVAL;
    if (buffer->used > buffer->size || size > buffer->size - buffer->used)
        return ENOBUFS;
    if (size > 0 && buffer->bytes == NULL)
        return EINVAL;
    if (size > 0)
        memcpy((uint8_t *)buffer->bytes + buffer->used, bytes, size);
    buffer->used += size;
    return 0;
}

/* --- a file that appears whole or not at all --- */

struct npk_output {
    npki_output file;
    npk_allocator allocator;
    size_t size; /* bytes of this struct, its path included */
    char path[];
};

npk_status npk_output_open(const char *path, const npk_output_options *options, npk_output **out, npk_error *error)
{
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the output, found NULL");
    if (options != NULL && NPKI_CHECK_RESERVED(options, "npk_output_options", error) != NPK_OK)
        return NPK_ERR_USAGE;
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    size_t length = strlen(path) + 1, size = sizeof(npk_output) + length;
    npk_output *output = npki_allocate(&allocator, size);
    if (output == NULL)
        return npki_no_memory(error);
    memset(output, 0, sizeof *output);
    output->allocator = allocator;
    output->size = size;
    memcpy(output->path, path, length);
    npk_status status = npki_output_open(&output->file, output->path, &allocator, error);
    if (status == NPK_OK)
        *out = output;
    else
        npki_free(&allocator, output, size);
    return status;
}

const char *npki_output_path(const npk_output *output)
{
    return output->path;
}

const char *npk_output_temporary(const npk_output *output)
{
    return output != NULL ? output->file.temporary : NULL;
}

static void free_output(npk_output *output)
{
    npk_allocator allocator = output->allocator;
    npki_free(&allocator, output, output->size);
}

int npk_sink_output(void *context, const void *bytes, size_t size)
{
    npk_output *output = context;
    return output == NULL ? EINVAL : npk_sink_fd(&output->file.fd, bytes, size);
}

npk_status npk_output_commit(npk_output *output, npk_error *error)
{
    if (output == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected an output, found NULL");
    npk_status status = npki_output_commit(&output->file, error);
    free_output(output);
    return status;
}

npk_status npk_outputs_commit(npk_output *const *outputs, size_t count, npk_error *error)
{
    bool whole = outputs != NULL;
    for (size_t i = 0; whole && i < count; i++)
        whole = outputs[i] != NULL;
    npki_output *files[NPK_OUTPUTS_MOST] = {NULL};
    if (!whole || count > NPK_OUTPUTS_MOST) {
        for (size_t i = 0; outputs != NULL && i < count; i++)
            npk_output_abandon(outputs[i]);
        return npki_fail(error, NPK_ERR_USAGE, "expected at most %d outputs, and none of them NULL", NPK_OUTPUTS_MOST);
    }
    for (size_t i = 0; i < count; i++)
        files[i] = &outputs[i]->file;
    npk_status status = npki_outputs_commit(files, count, error);
    for (size_t i = 0; i < count; i++)
        free_output(outputs[i]);
    return status;
}

void npk_output_abandon(npk_output *output)
{
    if (output == NULL)
        return;
    npki_output_abandon(&output->file);
    free_output(output);
}
