#define _POSIX_C_SOURCE 200809L

#include "base/file.h"

#include "base/bytes.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One call of read() or write() moves at most this: more than 2 GiB at once is cut short by Linux anyway. */
#define LARGEST_STEP ((size_t)1 << 30)

/* Names that a temporary file may find taken before npki_output_open gives up. */
#define TEMPORARY_TRIES 100u
#define TEMPORARY_PREFIX ".npickle-"
#define TEMPORARY_DIGITS 32 /* "-" and the NUL, a pid and a count in hexadecimal */

static const char *name_of_mode(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a named pipe";
    if (S_ISCHR(mode))
        return "a character device";
    if (S_ISBLK(mode))
        return "a block device";
    return S_ISSOCK(mode) ? "a socket" : "no regular file";
}

/* Up to `size` bytes; fewer only at the end of the file. False: errno says why. */
static bool read_fully(int fd, uint8_t *bytes, size_t size, size_t *done)
{
    *done = 0;
    while (*done < size) {
        size_t left = size - *done;
        ssize_t count = read(fd, bytes + *done, left < LARGEST_STEP ? left : LARGEST_STEP);
        if (count == 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0)
            *done += (size_t)count;
    }
    return true;
}

/* Bytes to allocate: an empty file has an address too, so that nobody need ask. */
static size_t room_for(size_t size)
{
    return size == 0 ? 1 : size;
}

static npk_status read_whole(npki_input *input, int fd, size_t size, npk_error *error)
{
    uint8_t *bytes = npki_allocate(&input->allocator, room_for(size));
    if (bytes == NULL)
        return npki_no_memory(error);
    npk_status status = NPK_OK;
    uint8_t extra;
    size_t done = 0, more = 0;
    if (!read_fully(fd, bytes, size, &done) || (done == size && !read_fully(fd, &extra, 1, &more)))
        status = npki_fail_system(error, errno, "reading the file");
    else if (done < size)
        status = npki_fail(error, NPK_ERR_IO,
                           "the file became shorter while it was read: expected %zu bytes, found %zu", size, done);
    else if (more != 0)
        status = npki_fail(error, NPK_ERR_IO,
                           "the file has more bytes than its size of %zu: it grew, or is no file on a disk", size);
    if (status != NPK_OK) {
        npki_free(&input->allocator, bytes, room_for(size));
        return status;
    }
    input->bytes = bytes;
    input->size = size;
    return NPK_OK;
}

static npk_status take_descriptor(npki_input *input, int fd, size_t map_from, npk_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return npki_fail_system(error, errno, "asking for the size of the file");
    if (!S_ISREG(info.st_mode))
        return npki_fail(error, NPK_ERR_IO, "expected a regular file, found %s", name_of_mode(info.st_mode));
    if (info.st_size < 0 || (uint64_t)info.st_size > SIZE_MAX)
        return npki_fail(error, NPK_ERR_IO, "the file is larger than the memory a program can address");
    size_t size = (size_t)info.st_size;
    if (size != 0 && size >= map_from && map_from != SIZE_MAX) {
        void *mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapped != MAP_FAILED) { /* a file system that cannot map can still be read */
            input->bytes = mapped;
            input->size = size;
            input->mapped = true;
            return NPK_OK;
        }
    }
    return read_whole(input, fd, size, error);
}

npk_status npki_input_open(npki_input *input, const char *path, const npk_allocator *allocator, size_t map_from,
                           npk_error *error)
{
    const int errno_before = errno;
    *input = (npki_input){.allocator = npki_allocator(allocator)};
    /* O_NONBLOCK: opening a named pipe that nobody writes to must not hang. It means nothing to a regular file. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    npk_status status;
    if (fd < 0) {
        status = npki_fail_system(error, errno, "opening the file");
    } else {
        status = take_descriptor(input, fd, map_from, error);
        close(fd);
    }
    errno = errno_before;
    return status;
}

void npki_input_close(npki_input *input)
{
    if (input->mapped) {
        const int errno_before = errno;
        munmap(input->bytes, input->size);
        errno = errno_before;
    } else {
        npki_free(&input->allocator, input->bytes, room_for(input->size));
    }
    input->bytes = NULL;
    input->size = 0;
    input->mapped = false;
}

/* The part of a path up to its last slash, that one included: 0 for a file in the current directory. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

static char *put_hexadecimal(char *out, unsigned long number)
{
    int shift = 0;
    while (shift + 4 < (int)(8 * sizeof number) && number >> (shift + 4) != 0)
        shift += 4;
    for (; shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[number >> shift & 15];
    return out;
}

/* Opens a new file beside the wanted one. An existing name (a link too) is never opened: O_EXCL. */
static npk_status open_temporary(npki_output *output, size_t directory, npk_error *error)
{
    char *tail = output->temporary + directory + sizeof TEMPORARY_PREFIX - 1;
    for (unsigned count = 0; count < TEMPORARY_TRIES; count++) {
        char *end = put_hexadecimal(tail, (unsigned long)getpid());
        *end++ = '-';
        end = put_hexadecimal(end, count);
        *end = '\0';
        output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0666);
        if (output->fd >= 0)
            return NPK_OK;
        if (errno != EEXIST)
            break;
    }
    return npki_fail_system(error, errno, "creating a file in the directory of the output");
}

static void release(npki_output *output)
{
    npki_free(&output->allocator, output->temporary, output->temporary_size);
    output->temporary = NULL;
    output->fd = -1;
}

static npk_status start_output(npki_output *output, npk_error *error)
{
    struct stat info;
    /* A rename would put the file in the place of a device such as /dev/null. */
    if (stat(output->path, &info) == 0 && !S_ISREG(info.st_mode))
        return npki_fail(error, NPK_ERR_IO, "expected a regular file to write to, found %s",
                         name_of_mode(info.st_mode));
    size_t directory = directory_length(output->path);
    size_t size;
    if (!npki_add_size(directory, sizeof TEMPORARY_PREFIX + TEMPORARY_DIGITS, &size))
        return npki_no_memory(error);
    output->temporary = npki_allocate(&output->allocator, size);
    if (output->temporary == NULL)
        return npki_no_memory(error);
    output->temporary_size = size;
    memcpy(output->temporary, output->path, directory);
    memcpy(output->temporary + directory, TEMPORARY_PREFIX, sizeof TEMPORARY_PREFIX);
    npk_status status = open_temporary(output, directory, error);
    if (status != NPK_OK)
        release(output);
    return status;
}

npk_status npki_output_open(npki_output *output, const char *path, const npk_allocator *allocator, npk_error *error)
{
    const int errno_before = errno;
    *output = (npki_output){.allocator = npki_allocator(allocator), .path = path, .fd = -1};
    npk_status status = start_output(output, error);
    errno = errno_before;
    return status;
}

/* 0 or an errno. */
static int sync_descriptor(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

/* Makes the rename last. Where a directory may not be read, or the file system can't sync one, that is no failure.
 * The path of the directory goes where the temporary's was. */
static int sync_directory(npki_output *output)
{
    size_t directory = directory_length(output->path);
    memcpy(output->temporary + directory, ".", sizeof ".");
    int fd = open(output->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int system = sync_descriptor(fd);
    close(fd);
    return system == EINVAL ? 0 : system;
}

static npk_status finish_output(npki_output *output, npk_error *error)
{
    int system = sync_descriptor(output->fd);
    /* Linux has closed the descriptor even where it says EINTR. */
    if (close(output->fd) != 0 && system == 0 && errno != EINTR)
        system = errno;
    output->fd = -1;
    if (system != 0) {
        unlink(output->temporary);
        return npki_fail_system(error, system, "writing the file to its disk");
    }
    if (rename(output->temporary, output->path) != 0) {
        system = errno;
        unlink(output->temporary);
        return npki_fail_system(error, system, "giving the output its name");
    }
    system = sync_directory(output);
    return system == 0 ? NPK_OK : npki_fail_system(error, system, "writing the directory to its disk");
}

npk_status npki_output_commit(npki_output *output, npk_error *error)
{
    const int errno_before = errno;
    npk_status status = finish_output(output, error);
    release(output);
    errno = errno_before;
    return status;
}

void npki_output_abandon(npki_output *output)
{
    const int errno_before = errno;
    if (output->fd >= 0)
        close(output->fd);
    if (output->temporary != NULL)
        unlink(output->temporary);
    release(output);
    errno = errno_before;
}

int npki_write_all(int fd, const void *bytes, size_t size)
{
    const int errno_before = errno;
    const uint8_t *at = bytes;
    int system = 0;
    while (size > 0 && system == 0) {
        ssize_t count = write(fd, at, size < LARGEST_STEP ? size : LARGEST_STEP);
        if (count > 0) {
            at += count;
            size -= (size_t)count;
        } else if (count == 0) {
            system = EIO; /* a device that takes nothing and says nothing would be asked forever */
        } else if (errno != EINTR) {
            system = errno;
        }
    }
    errno = errno_before;
    return system;
}
