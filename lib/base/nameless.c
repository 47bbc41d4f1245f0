/* Files that have no name until they are whole, and go with the process that dies before: Linux's O_TMPFILE. */
#define _GNU_SOURCE /* O_TMPFILE */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#ifdef O_TMPFILE

#define DESCRIPTORS "/proc/self/fd/"
#define DECIMAL_DIGITS 3 /* at most, of each byte of an int */

typedef struct descriptor_path {
    char text[sizeof DESCRIPTORS + sizeof(int) * DECIMAL_DIGITS];
} descriptor_path;

/* A name that leads to the file: open(2) says how one without a name gets one. */
static descriptor_path path_of(int fd)
{
    descriptor_path path = {DESCRIPTORS};
    char *end = path.text + sizeof path.text - 1, *digit = end;
    for (unsigned rest = (unsigned)fd; digit == end || rest > 0; rest /= 10)
        *--digit = (char)('0' + rest % 10);
    memmove(path.text + sizeof DESCRIPTORS - 1, digit, (size_t)(end - digit) + 1);
    return path;
}

int npki_nameless_open(const char *directory, mode_t mode)
{
    int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    descriptor_path path = path_of(fd);
    if (faccessat(AT_FDCWD, path.text, F_OK, 0) == 0)
        return fd;
    close(fd); /* there is no /proc */
    return -1;
}

int npki_nameless_link(int fd, const char *path)
{
    descriptor_path own = path_of(fd);
    return linkat(AT_FDCWD, own.text, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

#else

int npki_nameless_open(const char *directory, mode_t mode)
{
    (void)directory;
    (void)mode;
    return -1;
}

int npki_nameless_link(int fd, const char *path)
{
    (void)fd;
    (void)path;
    return ENOTSUP;
}

#endif
