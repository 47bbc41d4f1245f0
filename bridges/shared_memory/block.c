#include "block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static bool block_error(struct peer *peer, const char *name, const char *what)
{
    return peer_fail(peer, "the block %s: %s: %s", name, what, strerror(errno));
}

static void remove_name(const char *name)
{
    char path[BLOCK_NAME + 1];
    snprintf(path, sizeof path, "/%s", name);
    shm_unlink(path);
}

/* --- the guard ---
 *
 * A process that outlives this one, and removes the name that it was told last. Python's resource_tracker is one,
 * too. */

static int to_guard = -1;

static void guard(int from)
{
    char name[BLOCK_NAME] = "", next[sizeof name];
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    setsid();
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_IGN);
    for (int fd = 0; fd < 1024; fd++)
        if (fd != from)
            close(fd); /* what the other process listens on, too */
    for (ssize_t size = 1; size != 0;) {
        size = read(from, next, sizeof next);
        if (size == sizeof next)
            memcpy(name, next, sizeof name);
        else if (size < 0 && errno != EINTR)
            break;
    }
    if (name[0] != '\0')
        remove_name(name);
    _exit(0);
}

static bool start_guard(void)
{
    int ends[2];
    if (to_guard >= 0)
        close(to_guard);
    to_guard = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        guard(ends[0]);
    }
    close(ends[0]);
    if (child > 0)
        to_guard = ends[1];
    else
        close(ends[1]);
    return to_guard >= 0;
}

static bool send_name(const char name[BLOCK_NAME])
{
    return to_guard >= 0 && send(to_guard, name, BLOCK_NAME, MSG_NOSIGNAL) == BLOCK_NAME;
}

/* "": no block any more. Where somebody has killed the guard there is another one. */
static bool tell_guard(struct peer *peer, const char name[BLOCK_NAME])
{
    return send_name(name) || (start_guard() && send_name(name)) ||
           peer_fail(peer, "the process that removes blocks: %s", strerror(errno));
}

/* --- blocks --- */

static bool map(struct peer *peer, struct block *block, int fd, int protection)
{
    void *bytes = mmap(NULL, block->size, protection, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return block_error(peer, block->name, "map it");
    block->bytes = bytes;
    return true;
}

static int make_name(struct block *block)
{
    static unsigned count;
    char path[BLOCK_NAME + 1];
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < 100; tries++) {
        memset(block->name, 0, BLOCK_NAME);
        snprintf(block->name, BLOCK_NAME, "npk_%ld_%u", (long)getpid(), count++);
        snprintf(path, sizeof path, "/%s", block->name);
        fd = shm_open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

bool block_make(struct peer *peer, struct block *block, size_t size)
{
    if (block->is_ours && block->size >= size)
        return true;
    block_close(block);
    const int fd = make_name(block);
    if (fd < 0)
        return block_error(peer, block->name, "make it");
    block->is_ours = true;
    block->size = size > 0 ? size : 1;
    bool good = tell_guard(peer, block->name);
    errno =
        good ? posix_fallocate(fd, 0, (off_t)block->size) : 0; /* or the first byte that finds no room is a SIGBUS */
    if (good && errno != 0)
        good = block_error(peer, block->name, "give it its size");
    good = good && map(peer, block, fd, PROT_READ | PROT_WRITE);
    close(fd);
    if (!good)
        block_close(block);
    return good;
}

static bool is_name(const char *name, size_t length)
{
    return length > 0 && length < BLOCK_NAME && memchr(name, '/', length) == NULL && memchr(name, '\0', length) == NULL;
}

bool block_open(struct peer *peer, struct block *block, const char *name, size_t length, uint64_t size)
{
    char path[BLOCK_NAME + 1] = "/";
    struct stat status = {0};
    if (!is_name(name, length))
        return peer_fail(peer, "the name of a block has 1 to %d characters, and no slash", BLOCK_NAME - 1);
    memcpy(path + 1, name, length);
    const int fd = shm_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0); /* a FIFO may have the name */
    if (fd < 0)
        return block_error(peer, path + 1, "open it");
    bool good = fstat(fd, &status) == 0 || block_error(peer, path + 1, "its size");
    if (good && !S_ISREG(status.st_mode))
        good = peer_fail(peer, "%s is no block of shared memory", path + 1);
    if (good && (status.st_size <= 0 || (uint64_t)status.st_size < size))
        good = peer_fail(peer, "the block %s has %" PRId64 " bytes, and should have %" PRIu64, path + 1,
                         (int64_t)status.st_size, size);
    if (good && (block->bytes == NULL || block->inode != status.st_ino || block->device != status.st_dev ||
                 block->size != (size_t)status.st_size)) {
        block_close(block);
        memcpy(block->name, path + 1, length);
        block->size = (size_t)status.st_size;
        block->device = status.st_dev;
        block->inode = status.st_ino;
        good = map(peer, block, fd, PROT_READ);
    }
    close(fd);
    return good;
}

void block_close(struct block *block)
{
    struct peer nobody;
    static const char none[BLOCK_NAME];
    if (block->bytes != NULL)
        munmap(block->bytes, block->size);
    if (block->is_ours) {
        remove_name(block->name);
        (void)tell_guard(&nobody, none);
    }
    *block = (struct block){.size = 0};
}
