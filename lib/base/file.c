#define _POSIX_C_SOURCE 200809L

#include "base/file.h"

#include "base/bytes.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* One call of read() or write() moves at most this: more than 2 GiB at once is cut short by Linux anyway. */
#define LARGEST_STEP ((size_t)1 << 30)

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
        status = npki_fail_system(error, errno, "read");
    else if (done < size)
        status = npki_fail(error, NPK_ERR_IO,
                           "the file became shorter while it was read: expected %zu bytes, found %zu", size, done);
    else if (more != 0)
        status = npki_fail(error, NPK_ERR_IO,
                           "the file has more bytes than its size of %zu: it grew, or is not a regular file", size);
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
        return npki_fail_system(error, errno, "find the size");
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

/* O_NONBLOCK: opening a named pipe that nobody writes to must not hang. It means nothing to a regular file. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

npk_status npki_input_open(npki_input *input, const char *path, const npk_allocator *allocator, size_t map_from,
                           npk_error *error)
{
    const int errno_before = errno;
    *input = (npki_input){.allocator = npki_allocator(allocator)};
    int fd = open_file(path);
    npk_status status;
    if (fd < 0) {
        status = npki_fail_system(error, errno, "open");
    } else {
        status = take_descriptor(input, fd, map_from, error);
        close(fd);
    }
    if (status == NPK_ERR_IO)
        npki_add_path(error, path);
    errno = errno_before;
    return status;
}

void npki_close(int fd)
{
    const int errno_before = errno;
    close(fd);
    errno = errno_before;
}

uint64_t npki_left_of(int fd)
{
    const int errno_before = errno;
    struct stat info;
    off_t at = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    errno = errno_before;
    return at >= 0 && at < info.st_size ? (uint64_t)info.st_size - (uint64_t)at : 0;
}

int npki_regular_open(const char *path, uint64_t *size)
{
    const int errno_before = errno;
    int fd = open_file(path);
    *size = fd >= 0 ? npki_left_of(fd) : 0;
    if (fd >= 0 && *size == 0) { /* nothing in it, or no file */
        close(fd);
        fd = -1;
    }
    errno = errno_before;
    return fd;
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
