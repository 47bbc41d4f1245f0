/* A file that appears whole or not at all: what npickle/sink.h promises is kept here. */
#define _GNU_SOURCE /* syncfs */

#include "base/file.h"

#include "base/bytes.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names that a temporary file may find taken before npki_output_open gives up. */
#define TEMPORARY_TRIES 100u
#define TEMPORARY_PREFIX ".npickle-"
#define TEMPORARY_DIGITS 32 /* "-" and the NUL, a pid and a count in hexadecimal */

#define LONGEST_TARGET 4096 /* bytes of the path that a link leads to, its NUL included: Linux's PATH_MAX */
#define MOST_LINKS 40       /* one after another, as Linux has it */

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

/* --- what stands there --- */

/* Where one link leads to, in the place of its own path. 0; EINVAL where `target` is not a link. */
static int follow_link(char *target, char *scratch)
{
    ssize_t size = readlink(target, scratch, LONGEST_TARGET);
    if (size < 0)
        return errno;
    size_t directory = scratch[0] == '/' ? 0 : directory_length(target);
    if ((size_t)size >= LONGEST_TARGET - directory)
        return ENAMETOOLONG;
    memcpy(target + directory, scratch, (size_t)size);
    target[directory + (size_t)size] = '\0';
    return 0;
}

/* output->path becomes the path of the file that the links end at, which need not exist. */
static npk_status follow_links(npki_output *output, npk_error *error)
{
    char byte;
    if (readlink(output->path, &byte, sizeof byte) < 0)
        return NPK_OK;
    char *target = npki_allocate(&output->allocator, (size_t)2 * LONGEST_TARGET);
    if (target == NULL)
        return npki_no_memory(error);
    output->target = target;
    size_t length = strlen(output->path);
    int system = length < LONGEST_TARGET ? 0 : ENAMETOOLONG;
    if (system == 0)
        memcpy(target, output->path, length + 1);
    int links = 0;
    while (system == 0 && links++ <= MOST_LINKS)
        system = follow_link(target, target + LONGEST_TARGET);
    if (system == 0)
        system = ELOOP;
    if (system != EINVAL && system != ENOENT)
        return npki_fail_system(error, system, "follow the link");
    output->path = target;
    return NPK_OK;
}

/* What is not a file on a disk can't be replaced: the bytes go straight to it. */
static npk_status open_straight(npki_output *output, const char *path, npk_error *error)
{
    output->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    return output->fd < 0 ? npki_fail_system(error, errno, "open") : NPK_OK;
}

/* --- the file that takes its place --- */

/* ".npickle-PID-NUMBER", for the file with this number. */
static void put_name(const npki_output *output, unsigned long number)
{
    char *end = output->temporary + directory_length(output->path) + sizeof TEMPORARY_PREFIX - 1;
    end = put_hexadecimal(end, (unsigned long)getpid());
    *end++ = '-';
    end = put_hexadecimal(end, number);
    *end = '\0';
}

/* A new file beside the wanted one. An existing name (a link too) is never opened: O_EXCL. */
static npk_status create(npki_output *output, mode_t mode, npk_error *error)
{
    for (unsigned count = 0; count < TEMPORARY_TRIES; count++) {
        put_name(output, count);
        output->fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, mode);
        output->waits = output->fd >= 0;
        if (output->waits)
            return NPK_OK;
        if (errno != EEXIST)
            break;
    }
    return npki_fail_system(error, errno, "create a file in its directory");
}

/* The same without a name. The one that it may have for a moment is no other's of this process. */
static bool create_nameless(npki_output *output, mode_t mode)
{
    size_t directory = directory_length(output->path);
    char byte = output->temporary[directory];
    output->temporary[directory] = '\0';
    output->fd = npki_nameless_open(directory == 0 ? "." : output->temporary, mode);
    output->temporary[directory] = byte;
    output->nameless = output->fd >= 0;
    if (output->nameless)
        put_name(output, (unsigned long)(uintptr_t)output->temporary);
    return output->nameless;
}

/* `old`: what it will replace, or NULL. A file that is given to somebody else may be one that the system lets nobody
 * but him give a name. */
static npk_status open_temporary(npki_output *output, const struct stat *old, npk_error *error)
{
    size_t directory = directory_length(output->path);
    mode_t mode = old != NULL ? 0600 : 0666;
    size_t size;
    if (!npki_add_size(directory, sizeof TEMPORARY_PREFIX + TEMPORARY_DIGITS, &size))
        return npki_no_memory(error);
    output->temporary = npki_allocate(&output->allocator, size);
    if (output->temporary == NULL)
        return npki_no_memory(error);
    output->temporary_size = size;
    output->replaces = old != NULL;
    memcpy(output->temporary, output->path, directory);
    memcpy(output->temporary + directory, TEMPORARY_PREFIX, sizeof TEMPORARY_PREFIX);
    if ((old == NULL || old->st_uid == geteuid()) && create_nameless(output, mode))
        return NPK_OK;
    return create(output, mode, error);
}

/* Owner, group and mode of the file that will be replaced. Only root gives files away: that it has another owner then
 * is not an error; and if it can't have the group, the group it has may do no more than everybody. */
static npk_status take_mode(const npki_output *output, const struct stat *old, npk_error *error)
{
    struct stat own;
    mode_t mode = old->st_mode & 0777;
    if (fstat(output->fd, &own) != 0)
        return npki_fail_system(error, errno, "find the mode");
    if ((own.st_uid != old->st_uid || own.st_gid != old->st_gid) && fchown(output->fd, old->st_uid, old->st_gid) != 0 &&
        own.st_gid != old->st_gid && fchown(output->fd, (uid_t)-1, old->st_gid) != 0)
        mode &= ~(mode_t)070 | (mode & 07) << 3;
    if (fchmod(output->fd, mode) != 0)
        return npki_fail_system(error, errno, "keep the mode");
    return NPK_OK;
}

static npk_status start_output(npki_output *output, npk_error *error)
{
    struct stat old, target;
    const char *given = output->path;
    bool exists = stat(given, &old) == 0;
    if (*given == '\0' || (!exists && errno != ENOENT))
        return npki_fail_system(error, *given == '\0' ? ENOENT : errno, "open");
    if (exists && S_ISDIR(old.st_mode))
        return npki_fail_system(error, EISDIR, "write");
    if (exists && !S_ISREG(old.st_mode))
        return open_straight(output, given, error);
    /* A rename asks for no right to the file that goes; whoever took that right away meant it to stay. */
    if (exists && faccessat(AT_FDCWD, given, W_OK, AT_EACCESS) != 0)
        return npki_fail_system(error, errno, "write");
    npk_status status = follow_links(output, error);
    if (status != NPK_OK)
        return status;
    /* A link of /proc to a file that is not under its name any more. */
    if (exists && (stat(output->path, &target) != 0 || target.st_dev != old.st_dev || target.st_ino != old.st_ino))
        return npki_fail_system(error, ENOENT, "follow the link");
    status = open_temporary(output, exists ? &old : NULL, error);
    return status == NPK_OK && exists ? take_mode(output, &old, error) : status;
}

npk_status npki_output_open(npki_output *output, const char *path, const npk_allocator *allocator, npk_error *error)
{
    const int errno_before = errno;
    *output = (npki_output){.allocator = npki_allocator(allocator), .path = path, .fd = -1};
    npk_status status = start_output(output, error);
    if (status == NPK_ERR_IO)
        npki_add_path(error, path);
    if (status != NPK_OK)
        npki_output_abandon(output);
    errno = errno_before;
    return status;
}

/* --- the end --- */

static void release(npki_output *output)
{
    npki_free(&output->allocator, output->temporary, output->temporary_size);
    npki_free(&output->allocator, output->target, (size_t)2 * LONGEST_TARGET);
    output->temporary = NULL;
    output->target = NULL;
    output->fd = -1;
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

static void remove_temporary(npki_output *output)
{
    if (output->waits)
        unlink(output->temporary);
    output->waits = false;
}

/* To the disk, and closed; a nameless file stays open, or it would be gone, but what a close says of it is known. */
static npk_status write_down(npki_output *output, bool synced, npk_error *error)
{
    int system = output->temporary == NULL || synced ? 0 : sync_descriptor(output->fd);
    int fd = output->nameless ? dup(output->fd) : output->fd;
    /* Linux has closed the descriptor even where it says EINTR. */
    if (fd >= 0 && close(fd) != 0 && system == 0 && errno != EINTR)
        system = errno;
    if (!output->nameless)
        output->fd = -1;
    if (system == 0)
        return NPK_OK;
    remove_temporary(output);
    return npki_fail_system(error, system, "write");
}

/* A path for a nameless file: its own where nothing is there, else one beside it. No link takes the place of another
 * file. */
static int link_somewhere(npki_output *output)
{
    int system = output->replaces ? EEXIST : npki_nameless_link(output->fd, output->path);
    if (system != EEXIST)
        return system;
    system = npki_nameless_link(output->fd, output->temporary);
    for (unsigned count = 0; system == EEXIST && count < TEMPORARY_TRIES; count++) {
        put_name(output, count);
        system = npki_nameless_link(output->fd, output->temporary);
    }
    output->waits = system == 0;
    return system;
}

static npk_status give_name(npki_output *output, npk_error *error)
{
    int system = 0;
    if (output->temporary == NULL)
        return NPK_OK;
    if (output->nameless) {
        system = link_somewhere(output);
        close(output->fd);
        output->fd = -1;
        output->nameless = false;
    }
    if (system == 0 && output->waits && rename(output->temporary, output->path) != 0)
        system = errno;
    if (system != 0) {
        remove_temporary(output);
        return npki_fail_system(error, system, "replace");
    }
    output->waits = false;
    return NPK_OK;
}

static npk_status write_directory_down(npki_output *output, npk_error *error)
{
    int system = output->temporary == NULL ? 0 : sync_directory(output);
    return system == 0 ? NPK_OK : npki_fail_system(error, system, "write the directory");
}

/* --- several at once --- */

#define FEW 4

/* All files of one file system at once, where there are several, and the system can. */
static bool sync_together(npki_output *const *outputs, size_t count)
{
#ifdef __linux__
    struct stat first, other;
    if (count < FEW || fstat(outputs[0]->fd, &first) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (outputs[i]->temporary == NULL || fstat(outputs[i]->fd, &other) != 0 || other.st_dev != first.st_dev)
            return false;
    return syncfs(outputs[0]->fd) == 0;
#else
    (void)outputs;
    (void)count;
    return false;
#endif
}

static bool in_one_directory(const npki_output *a, const npki_output *b)
{
    size_t size = directory_length(a->path);
    return directory_length(b->path) == size && memcmp(a->path, b->path, size) == 0;
}

/* The last of those with names in one directory, one after another? */
static bool is_last_there(npki_output *const *outputs, size_t count, size_t i)
{
    return i + 1 == count || outputs[i + 1]->temporary == NULL || !in_one_directory(outputs[i], outputs[i + 1]);
}

/* *failed: the one that did. */
static npk_status finish_outputs(npki_output *const *outputs, size_t count, const npki_output **failed,
                                 npk_error *error)
{
    npk_status status = NPK_OK;
    bool synced = sync_together(outputs, count);
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        *failed = outputs[i];
        status = write_down(outputs[i], synced, error);
    }
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        *failed = outputs[i];
        status = give_name(outputs[i], error);
    }
    for (size_t i = 0; status == NPK_OK && i < count; i++) {
        *failed = outputs[i];
        if (is_last_there(outputs, count, i))
            status = write_directory_down(outputs[i], error);
    }
    return status;
}

npk_status npki_outputs_commit(npki_output *const *outputs, size_t count, npk_error *error)
{
    const int errno_before = errno;
    const npki_output *failed = NULL;
    npk_status status = finish_outputs(outputs, count, &failed, error);
    if (status != NPK_OK)
        npki_add_path(error, failed->path);
    for (size_t i = 0; i < count; i++)
        npki_output_abandon(outputs[i]); /* those that have no name yet */
    errno = errno_before;
    return status;
}

npk_status npki_output_commit(npki_output *output, npk_error *error)
{
    return npki_outputs_commit(&output, 1, error);
}

void npki_output_abandon(npki_output *output)
{
    const int errno_before = errno;
    if (output->fd >= 0)
        close(output->fd);
    remove_temporary(output);
    release(output);
    errno = errno_before;
}
