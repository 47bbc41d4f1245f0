/* A file that grows at its end, or stays as it was. */
#define _POSIX_C_SOURCE 200809L

#include "base/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

npk_status npki_append_open(npki_append *append, const char *path, npk_error *error)
{
    const int errno_before = errno;
    struct stat info;
    npk_status status = NPK_OK;
    *append = (npki_append){.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666)};
    if (append->fd < 0) {
        status = npki_fail_system(error, errno, "open");
    } else if (fstat(append->fd, &info) != 0) {
        status = npki_fail_system(error, errno, "find the size");
        close(append->fd);
    } else {
        append->is_file = S_ISREG(info.st_mode);
        append->start = append->is_file ? (int64_t)info.st_size : 0;
    }
    if (status != NPK_OK)
        npki_add_path(error, path);
    errno = errno_before;
    return status;
}

npk_status npki_append_close(npki_append *append, bool keep, npk_error *error)
{
    const int errno_before = errno;
    npk_status status = NPK_OK;
    if (!keep && append->is_file && ftruncate(append->fd, (off_t)append->start) != 0)
        status = npki_fail_system(error, errno, "take back what was written");
    /* Linux has closed the descriptor even where it says EINTR. */
    if (close(append->fd) != 0 && keep && errno != EINTR)
        status = npki_fail_system(error, errno, "write");
    append->fd = -1;
    errno = errno_before;
    return status;
}
